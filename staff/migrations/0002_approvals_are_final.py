from pathlib import Path

from django.db import migrations

# As it was then; what holds now is in staff/sql.
SQL = Path(__file__).with_name("0002_approval.sql")


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial")]

    operations = [
        migrations.RunSQL(
            SQL.read_text(encoding="utf-8"),
            "DROP FUNCTION staff_approval_guard() CASCADE",
        )
    ]
