from pathlib import Path

from django.db import migrations

# As it was then; what holds now is in points/sql.
SQL = Path(__file__).with_name("0002_ledger.sql")

# Dropping the functions takes their triggers along.
UNDO = """
DROP FUNCTION points_decided_once() CASCADE;
DROP FUNCTION points_append_only() CASCADE;
DROP FUNCTION points_must_be_posted() CASCADE;
DROP FUNCTION points_receipt_start() CASCADE;
DROP FUNCTION points_refund_post() CASCADE;
DROP FUNCTION points_entry_post() CASCADE;
DROP FUNCTION points_refuse(text, text);
DROP FUNCTION points_entry_hash(points_pointsentry, text);
DROP FUNCTION points_refund_text(points_refund);
DROP FUNCTION points_receipt_text(points_receipt);
DROP FUNCTION points_micros(timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("points", "0001_initial")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNDO)]
