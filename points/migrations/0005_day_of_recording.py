import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_merging_and_old_members"),
        ("points", "0004_kept_histories"),
        ("scheme", "0002_published_schemes_are_frozen"),
        ("staff", "0004_kept_histories"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="correction",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["recorded_at"], name="correction_recorded"
            ),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["recorded_at"], name="receipt_recorded"
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["recorded_at"], name="refund_recorded"
            ),
        ),
    ]
