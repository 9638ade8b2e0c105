from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql" / "frozen.sql"


class Migration(migrations.Migration):
    dependencies = [("scheme", "0001_initial")]

    operations = [
        migrations.RunSQL(
            SQL.read_text(encoding="utf-8"),
            "DROP FUNCTION scheme_frozen() CASCADE",
        )
    ]
