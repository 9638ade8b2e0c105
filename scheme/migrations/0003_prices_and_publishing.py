from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# As they were then; what holds now is in scheme/sql.
_NEW = Path(__file__).with_name("0003_frozen.sql")
_OLD = Path(__file__).with_name("0002_frozen.sql")
# Dropping the function takes its triggers along.
_DROP = "DROP FUNCTION scheme_frozen() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("scheme", "0002_published_schemes_are_frozen"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="scheme",
            options={
                "permissions": [("publish_scheme", "批准发布规则版本")],
                "verbose_name": "规则版本",
                "verbose_name_plural": "规则版本",
            },
        ),
        migrations.AddField(
            model_name="item",
            name="cost_price",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="成本（元）"
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(("cost_price", None), ("cost_price__gte", 0), _connector="OR"),
                name="scheme_item_cost_not_negative",
                violation_error_message="成本不能小于0元",
            ),
        ),
        migrations.AddField(
            model_name="scheme",
            name="changed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="最后修改时间"),
        ),
        migrations.AddField(
            model_name="scheme",
            name="changed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="最后修改人",
            ),
        ),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("changed_at", None), ("changed_by", None)),
                    models.Q(("changed_at__isnull", False), ("changed_by__isnull", False)),
                    _connector="OR",
                ),
                name="scheme_changed_whole",
                violation_error_message="修改人和修改时间须一并填写",
            ),
        ),
        migrations.CreateModel(
            name="PriceChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "list_price_was",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="原价目表价格（元）",
                    ),
                ),
                (
                    "list_price",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, null=True, verbose_name="价目表价格（元）"
                    ),
                ),
                (
                    "cost_price_was",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, null=True, verbose_name="原成本（元）"
                    ),
                ),
                (
                    "cost_price",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, null=True, verbose_name="成本（元）"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经手人",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="price_changes",
                        to="scheme.item",
                        verbose_name="项目",
                    ),
                ),
            ],
            options={
                "verbose_name": "价格改动",
                "verbose_name_plural": "价格改动",
            },
        ),
        migrations.RunSQL(
            _DROP + _NEW.read_text(encoding="utf-8"), _DROP + _OLD.read_text(encoding="utf-8")
        ),
    ]
