from pathlib import Path

from django.db import migrations, models

# As they were then; what holds now is in points/sql.
_NEW = [Path(__file__).with_name(name) for name in ("0006_ledger.sql", "0006_changeover.sql")]
_OLD = [Path(__file__).with_name("0003_ledger.sql")]
# Dropping the functions takes their triggers along.
_DROP_OLD = """
DROP FUNCTION points_merge_arrives() CASCADE;
DROP FUNCTION points_entry_post() CASCADE;
DROP FUNCTION points_is_confirmed(text);
DROP FUNCTION points_entry_source(points_pointsentry);
DROP FUNCTION points_expect_merge(points_pointsentry, members_filemerge);
DROP FUNCTION points_expect(points_pointsentry, bigint, bigint, text, text);
DROP FUNCTION points_refuse(text, text);
DROP FUNCTION points_entry_hash(points_pointsentry, text);
DROP FUNCTION points_merge_text(members_filemerge);
DROP FUNCTION points_balance_text(points_legacybalance);
DROP FUNCTION points_refund_text(points_refund);
DROP FUNCTION points_receipt_text(points_receipt);
DROP FUNCTION points_origin_text(bigint, bigint);
DROP FUNCTION points_correction_text(points_correction);
DROP FUNCTION points_micros(timestamptz);
"""
_DROP_NEW = (
    """
DROP FUNCTION points_expect_changeover(points_pointsentry);
DROP FUNCTION points_is_carried_over(points_pointsentry, timestamptz);
DROP FUNCTION points_carried_over(bigint, scheme_scheme);
DROP FUNCTION points_changes_over(scheme_scheme);
"""
    + _DROP_OLD
)


def _text(files: list[Path]) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


class Migration(migrations.Migration):
    dependencies = [
        ("points", "0005_day_of_recording"),
        ("rewards", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="pointsentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opening", "期初积分"),
                    ("earn", "消费"),
                    ("refund", "退费"),
                    ("reversal", "冲正"),
                    ("redeem", "兑换"),
                    ("redeem_cancel", "取消兑换"),
                    ("late_earn", "补记积分"),
                    ("goodwill", "赠送积分"),
                    ("changeover", "累计转可用"),
                    ("merge_out", "并出"),
                    ("merge_in", "并入"),
                ],
                max_length=20,
                verbose_name="类别",
            ),
        ),
        migrations.RemoveConstraint(model_name="pointsentry", name="points_entry_delta_fits_kind"),
        migrations.AddConstraint(
            model_name="pointsentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("available_delta__gte", 0),
                        ("cumulative_delta__gt", 0),
                        ("kind", "opening"),
                    ),
                    models.Q(
                        ("available_delta__gte", 0),
                        ("cumulative_delta__gte", 0),
                        ("kind__in", ["earn", "late_earn"]),
                    ),
                    models.Q(
                        ("available_delta__lte", 0),
                        ("cumulative_delta__lte", 0),
                        ("kind", "refund"),
                    ),
                    models.Q(
                        ("available_delta__lt", 0), ("cumulative_delta", 0), ("kind", "redeem")
                    ),
                    models.Q(
                        ("available_delta__gt", 0),
                        ("cumulative_delta", 0),
                        ("kind", "redeem_cancel"),
                    ),
                    models.Q(
                        ("available_delta__gt", 0), ("cumulative_delta", 0), ("kind", "goodwill")
                    ),
                    models.Q(
                        ("available_delta__gte", 0),
                        ("cumulative_delta", 0),
                        ("kind", "changeover"),
                    ),
                    ("kind__in", ["reversal", "merge_out", "merge_in"]),
                    _connector="OR",
                ),
                name="points_entry_delta_fits_kind",
                violation_error_message="积分的增减与流水类别不符",
            ),
        ),
        migrations.RunSQL(_DROP_OLD + _text(_NEW), _DROP_NEW + _text(_OLD)),
    ]
