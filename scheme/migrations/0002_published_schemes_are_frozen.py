from pathlib import Path

from django.db import migrations

# As it was then; what holds now is in scheme/sql.
SQL = Path(__file__).with_name("0002_frozen.sql")


class Migration(migrations.Migration):
    dependencies = [("scheme", "0001_initial")]

    operations = [
        migrations.RunSQL(
            SQL.read_text(encoding="utf-8"),
            "DROP FUNCTION scheme_frozen() CASCADE",
        )
    ]
