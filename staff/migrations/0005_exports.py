from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

EXPORT = Path(__file__).with_name("0005_export.sql")
UNDO = "DROP FUNCTION staff_export_guard() CASCADE"


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0004_kept_histories"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=40, verbose_name="导出内容")),
                ("title", models.CharField(max_length=100, verbose_name="标题")),
                ("filters", models.CharField(blank=True, max_length=200, verbose_name="筛选条件")),
                ("row_count", models.PositiveIntegerField(verbose_name="行数")),
                ("reason", models.CharField(max_length=200, verbose_name="用途")),
                ("at", models.DateTimeField(db_index=True, verbose_name="导出时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="导出人",
                    ),
                ),
            ],
            options={
                "verbose_name": "导出记录",
                "verbose_name_plural": "导出记录",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("what", ""), _negated=True),
                            models.Q(("title", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                        ),
                        name="export_whole",
                        violation_error_message="导出须写明内容和用途",
                    )
                ],
            },
        ),
        migrations.RunSQL(EXPORT.read_text(encoding="utf-8"), UNDO),
    ]
