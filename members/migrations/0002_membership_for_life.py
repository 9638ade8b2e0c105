from pathlib import Path

from django.db import migrations

# As it was then; what holds now is in members/sql.
SQL = Path(__file__).with_name("0002_membership.sql")

UNDO = """
DROP FUNCTION members_membership_guard() CASCADE;
DROP SEQUENCE members_membership_number;
ALTER TABLE members_membership DROP CONSTRAINT membership_document_follows_patient;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNDO)]
