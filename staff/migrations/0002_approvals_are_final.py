from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql" / "approval.sql"


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial")]

    operations = [
        migrations.RunSQL(
            SQL.read_text(encoding="utf-8"),
            "DROP FUNCTION staff_approval_guard() CASCADE",
        )
    ]
