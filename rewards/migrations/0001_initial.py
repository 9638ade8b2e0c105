from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# As they were then; what holds now is in rewards/sql.
_SQL = [
    Path(__file__).with_name(name)
    for name in ("0001_taken.sql", "0001_redemption.sql", "0001_kept.sql")
]
_DROP = """
DROP FUNCTION rewards_only_once() CASCADE;
DROP FUNCTION rewards_no_truncate() CASCADE;
DROP FUNCTION rewards_fact_guard() CASCADE;
DROP FUNCTION rewards_settles(bigint, bigint);
DROP FUNCTION rewards_kept() CASCADE;
DROP FUNCTION rewards_redemption_posts() CASCADE;
DROP FUNCTION rewards_entry_source(points_pointsentry);
DROP FUNCTION rewards_entry_text(points_pointsentry);
DROP FUNCTION rewards_redemption_cancelled() CASCADE;
DROP FUNCTION rewards_redemption_start() CASCADE;
DROP FUNCTION rewards_undo() CASCADE;
DROP FUNCTION rewards_claim_fits_use() CASCADE;
DROP FUNCTION rewards_issue_as_agreed() CASCADE;
DROP FUNCTION rewards_in_its_year() CASCADE;
DROP FUNCTION rewards_taken() CASCADE;
DROP FUNCTION rewards_check_bought(jsonb);
DROP FUNCTION rewards_taken_already(text, jsonb, boolean);
DROP FUNCTION rewards_family(bigint);
DROP FUNCTION rewards_day_taken(jsonb);
DROP FUNCTION rewards_refuse(text, text);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("members", "0007_households"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("points", "0005_day_of_recording"),
        ("scheme", "0003_prices_and_publishing"),
        ("staff", "0006_issues_and_gift_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.CharField(max_length=40, verbose_name="期间")),
                ("ordinal", models.PositiveSmallIntegerField(verbose_name="第几次")),
                ("slip_number", models.CharField(blank=True, max_length=64, verbose_name="凭证号")),
                ("voided", models.BooleanField(db_default=False, verbose_name="已撤销")),
                (
                    "delivery",
                    models.CharField(
                        choices=[("card", "服务卡"), ("electronic", "电子登记")],
                        max_length=10,
                        verbose_name="领取方式",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True, max_length=12, null=True, unique=True, verbose_name="服务卡号"
                    ),
                ),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                ("claimed_at", models.DateTimeField(verbose_name="领取时间")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="登记时间",
                    ),
                ),
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
                    "child",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.patient",
                        verbose_name="儿童",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.household",
                        verbose_name="家庭",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.item",
                        verbose_name="项目",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.membership",
                        verbose_name="会员",
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.signature",
                        verbose_name="电子签名",
                    ),
                ),
            ],
            options={
                "verbose_name": "服务领取",
                "verbose_name_plural": "服务领取",
            },
        ),
        migrations.CreateModel(
            name="Deferral",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.CharField(max_length=40, verbose_name="期间")),
                ("reason", models.CharField(max_length=200, verbose_name="推迟原因")),
                ("put_off_at", models.DateTimeField(verbose_name="登记时间")),
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
                        related_name="+",
                        to="scheme.item",
                        verbose_name="项目",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deferrals",
                        to="members.membership",
                        verbose_name="会员",
                    ),
                ),
            ],
            options={
                "verbose_name": "推迟领取",
                "verbose_name_plural": "推迟领取",
            },
        ),
        migrations.CreateModel(
            name="GiftChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.CharField(max_length=40, verbose_name="期间")),
                ("ordinal", models.PositiveSmallIntegerField(verbose_name="第几次")),
                ("reason", models.CharField(max_length=200, verbose_name="换发原因")),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("approve", "同意换发"), ("refuse", "不同意")],
                        max_length=20,
                        verbose_name="决定",
                    ),
                ),
                (
                    "approval",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="staff.approval",
                        verbose_name="审批",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.item",
                        verbose_name="应领礼品",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.membership",
                        verbose_name="会员",
                    ),
                ),
                (
                    "other_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.item",
                        verbose_name="换发礼品",
                    ),
                ),
            ],
            options={
                "verbose_name": "换发礼品",
                "verbose_name_plural": "换发礼品",
            },
        ),
        migrations.CreateModel(
            name="GiftChangeEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("period", models.CharField(max_length=40, verbose_name="期间")),
                ("ordinal", models.PositiveSmallIntegerField(verbose_name="第几次")),
                ("reason", models.CharField(max_length=200, verbose_name="换发原因")),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("approve", "同意换发"), ("refuse", "不同意")],
                        max_length=20,
                        verbose_name="决定",
                    ),
                ),
                (
                    "approval",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="staff.approval",
                        verbose_name="审批",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheme.item",
                        verbose_name="应领礼品",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="members.membership",
                        verbose_name="会员",
                    ),
                ),
                (
                    "other_item",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheme.item",
                        verbose_name="换发礼品",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="rewards.giftchange",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Issue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.CharField(max_length=40, verbose_name="期间")),
                ("ordinal", models.PositiveSmallIntegerField(verbose_name="第几次")),
                ("slip_number", models.CharField(blank=True, max_length=64, verbose_name="凭证号")),
                ("voided", models.BooleanField(db_default=False, verbose_name="已撤销")),
                ("issued_at", models.DateTimeField(verbose_name="发放时间")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="登记时间",
                    ),
                ),
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
                    "change",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="rewards.giftchange",
                        verbose_name="换发依据",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.patient",
                        verbose_name="儿童",
                    ),
                ),
                (
                    "given_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.item",
                        verbose_name="实发礼品",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.household",
                        verbose_name="家庭",
                    ),
                ),
                (
                    "imported_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.import",
                        verbose_name="导入批次",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.item",
                        verbose_name="项目",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.membership",
                        verbose_name="会员",
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.signature",
                        verbose_name="电子签名",
                    ),
                ),
            ],
            options={
                "verbose_name": "礼品发放",
                "verbose_name_plural": "礼品发放",
            },
        ),
        migrations.CreateModel(
            name="Redemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        db_default="", max_length=20, unique=True, verbose_name="兑换单号"
                    ),
                ),
                (
                    "idempotency_key",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        null=True,
                        unique=True,
                        verbose_name="重发编号",
                    ),
                ),
                ("quantity", models.PositiveSmallIntegerField(verbose_name="数量")),
                ("points_each", models.PositiveIntegerField(verbose_name="单价（分）")),
                ("points", models.PositiveBigIntegerField(verbose_name="积分")),
                (
                    "teeth",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        default=list,
                        size=None,
                        verbose_name="牙位",
                    ),
                ),
                (
                    "proof",
                    models.CharField(
                        choices=[
                            ("card", "会员卡"),
                            ("document", "有效证件"),
                            ("his", "医院信息系统"),
                        ],
                        max_length=10,
                        verbose_name="凭据",
                    ),
                ),
                (
                    "document_shown",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("resident_id", "居民身份证"),
                            ("passport", "护照"),
                            ("hk_macau_permit", "港澳居民来往内地通行证"),
                            ("taiwan_permit", "台湾居民来往大陆通行证"),
                            ("foreigner_id", "外国人永久居留身份证"),
                            ("military_id", "军官证或士兵证"),
                            ("birth_certificate", "出生医学证明"),
                            ("other", "其他证件"),
                        ],
                        max_length=20,
                        verbose_name="出示的证件",
                    ),
                ),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                ("redeemed_at", models.DateTimeField(verbose_name="兑换时间")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="登记时间",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        db_default="", max_length=100, unique=True, verbose_name="流水来源"
                    ),
                ),
                ("voided", models.BooleanField(db_default=False, verbose_name="已取消")),
                (
                    "beneficiary",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.patient",
                        verbose_name="受益人",
                    ),
                ),
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
                    "card",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.card",
                        verbose_name="会员卡",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.item",
                        verbose_name="项目",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemptions",
                        to="members.membership",
                        verbose_name="会员",
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.scheme",
                        verbose_name="方案版本",
                    ),
                ),
            ],
            options={
                "verbose_name": "积分兑换",
                "verbose_name_plural": "积分兑换",
            },
        ),
        migrations.CreateModel(
            name="RedemptionCancel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="取消原因")),
                ("cancelled_at", models.DateTimeField(verbose_name="取消时间")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="登记时间",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        db_default="", max_length=100, unique=True, verbose_name="流水来源"
                    ),
                ),
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
                    "redemption",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cancel",
                        to="rewards.redemption",
                        verbose_name="兑换",
                    ),
                ),
            ],
            options={
                "verbose_name": "取消兑换",
                "verbose_name_plural": "取消兑换",
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("settled_at", models.DateTimeField(verbose_name="结算时间")),
                (
                    "beneficiary",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.patient",
                        verbose_name="受益人",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="结算人",
                    ),
                ),
            ],
            options={
                "verbose_name": "服务结算",
                "verbose_name_plural": "服务结算",
            },
        ),
        migrations.CreateModel(
            name="Simulation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("draft_content", models.TextField(verbose_name="草稿内容")),
                ("from_on", models.DateField(verbose_name="起始日期")),
                ("to_on", models.DateField(verbose_name="截止日期")),
                ("total", models.PositiveIntegerField(verbose_name="会员人数")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="已计算")),
                ("last_file", models.BigIntegerField(default=0, verbose_name="最后一份档案")),
                ("counts", models.JSONField(default=dict, verbose_name="累计结果")),
                ("result", models.JSONField(null=True, verbose_name="结果")),
                ("requested_at", models.DateTimeField(verbose_name="开始时间")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                (
                    "beside",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.scheme",
                        verbose_name="对照的版本",
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="simulations",
                        to="scheme.scheme",
                        verbose_name="草稿",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经手人",
                    ),
                ),
            ],
            options={
                "verbose_name": "方案模拟",
                "verbose_name_plural": "方案模拟",
            },
        ),
        migrations.CreateModel(
            name="SimulatedMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("was", models.CharField(blank=True, max_length=20, verbose_name="现行版本")),
                ("becomes", models.CharField(blank=True, max_length=20, verbose_name="草稿")),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.membership",
                        verbose_name="会员",
                    ),
                ),
                (
                    "simulation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="rewards.simulation",
                        verbose_name="模拟",
                    ),
                ),
            ],
            options={
                "verbose_name": "模拟的变动",
                "verbose_name_plural": "模拟的变动",
            },
        ),
        migrations.CreateModel(
            name="Use",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.CharField(max_length=40, verbose_name="期间")),
                ("ordinal", models.PositiveSmallIntegerField(verbose_name="第几次")),
                ("slip_number", models.CharField(blank=True, max_length=64, verbose_name="凭证号")),
                ("voided", models.BooleanField(db_default=False, verbose_name="已撤销")),
                (
                    "kind",
                    models.CharField(
                        choices=[("own", "会员本人"), ("child", "家庭儿童"), ("transfer", "转赠")],
                        max_length=10,
                        verbose_name="使用人",
                    ),
                ),
                ("tooth", models.CharField(blank=True, max_length=2, verbose_name="牙位")),
                (
                    "list_price",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, null=True, verbose_name="价目表价格"
                    ),
                ),
                (
                    "waived",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, null=True, verbose_name="减免金额"
                    ),
                ),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=2, max_digits=10, null=True, verbose_name="计入费用"
                    ),
                ),
                (
                    "bearer",
                    models.CharField(
                        choices=[("marketing", "市场活动"), ("doctor", "会员的医生")],
                        max_length=10,
                        verbose_name="费用承担",
                    ),
                ),
                ("fee_waived", models.BooleanField(verbose_name="免挂号费")),
                ("as_vip", models.BooleanField(verbose_name="按VIP接待")),
                ("used_at", models.DateTimeField(verbose_name="使用时间")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="登记时间",
                    ),
                ),
                (
                    "bearer_doctor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.doctor",
                        verbose_name="承担医生",
                    ),
                ),
                (
                    "beneficiary",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.patient",
                        verbose_name="受益人",
                    ),
                ),
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
                    "child",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.patient",
                        verbose_name="儿童",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="rewards.claim",
                        verbose_name="领取记录",
                    ),
                ),
                (
                    "doctor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.doctor",
                        verbose_name="医生",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.household",
                        verbose_name="家庭",
                    ),
                ),
                (
                    "imported_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.import",
                        verbose_name="导入批次",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.item",
                        verbose_name="项目",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.membership",
                        verbose_name="会员",
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheme.scheme",
                        verbose_name="方案版本",
                    ),
                ),
                (
                    "settlement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="rewards.settlement",
                        verbose_name="结算",
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.signature",
                        verbose_name="电子签名",
                    ),
                ),
            ],
            options={
                "verbose_name": "服务使用",
                "verbose_name_plural": "服务使用",
            },
        ),
        migrations.CreateModel(
            name="Undoing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("mistake", "登记有误"),
                            ("lost", "服务卡遗失"),
                            ("returned", "已追回"),
                        ],
                        max_length=10,
                        verbose_name="原因类别",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="原因")),
                ("undone_at", models.DateTimeField(verbose_name="撤销时间")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="登记时间",
                    ),
                ),
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
                    "claim",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undoing",
                        to="rewards.claim",
                        verbose_name="领取",
                    ),
                ),
                (
                    "issue",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undoing",
                        to="rewards.issue",
                        verbose_name="发放",
                    ),
                ),
                (
                    "use",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undoing",
                        to="rewards.use",
                        verbose_name="使用",
                    ),
                ),
            ],
            options={
                "verbose_name": "撤销",
                "verbose_name_plural": "撤销",
            },
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["membership"], name="claim_membership"),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False), ("child", None)),
                fields=("membership", "item", "period", "ordinal"),
                name="claim_once",
                violation_error_message="这一项已经领取，不能重复登记",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False), ("child__isnull", False)),
                fields=("child", "item", "period", "ordinal"),
                name="claim_once_a_child",
                violation_error_message="这名儿童今年的这一项已经领取，全院每年一次",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False), ("household__isnull", False)),
                fields=("household", "item", "period", "ordinal"),
                name="claim_once_a_household",
                violation_error_message="这个家庭今年的这一项已经领取，每个家庭每年一次",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("period__regex", "^([0-9]{4}|once:[a-z_]{1,20}|redemption:[0-9]{1,18})$"),
                    ("ordinal__gte", 1),
                ),
                name="claim_period_known",
                violation_error_message="期间应为年份、级别或兑换，次数从 1 起",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("household", None), ("child__isnull", False), _connector="OR"),
                name="claim_household_of_child",
                violation_error_message="只有儿童项目按家庭计",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signature__isnull", False),
                    models.Q(("slip_number", ""), _negated=True),
                    _connector="OR",
                ),
                name="claim_has_proof",
                violation_error_message="领取服务须有会员签名或纸质凭证号",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("code__isnull", False),
                        ("code__regex", "^7[0-9]{11}$"),
                        ("delivery", "card"),
                    ),
                    models.Q(("code", None), ("delivery", "electronic")),
                    _connector="OR",
                ),
                name="claim_card_has_code",
                violation_error_message="服务卡须有以 7 开头的 12 位卡号，电子登记没有卡号",
            ),
        ),
        migrations.AddConstraint(
            model_name="deferral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), _negated=True),
                    ("period__regex", "^([0-9]{4}|once:[a-z_]{1,20}|redemption:[0-9]{1,18})$"),
                ),
                name="deferral_has_reason",
                violation_error_message="请填写推迟领取的原因",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("item", models.F("other_item")), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                ),
                name="gift_change_another_gift",
                violation_error_message="换发的须是另一种礼品，并写明原因",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("period__regex", "^([0-9]{4}|once:[a-z_]{1,20}|redemption:[0-9]{1,18})$"),
                    ("ordinal__gte", 1),
                ),
                name="gift_change_period_known",
                violation_error_message="期间应为年份、级别或兑换，次数从 1 起",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="giftchange",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "rewards_giftchangeevent" ("approval_id", "decision", "id", "item_id", "membership_id", "ordinal", "other_item_id", "period", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") VALUES (NEW."approval_id", NEW."decision", NEW."id", NEW."item_id", NEW."membership_id", NEW."ordinal", NEW."other_item_id", NEW."period", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason"); RETURN NULL;',
                    hash="187f22d64c880eab360439d875d48b4166ce1b0a",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_76af6",
                    table="rewards_giftchange",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="giftchange",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "rewards_giftchangeevent" ("approval_id", "decision", "id", "item_id", "membership_id", "ordinal", "other_item_id", "period", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") VALUES (NEW."approval_id", NEW."decision", NEW."id", NEW."item_id", NEW."membership_id", NEW."ordinal", NEW."other_item_id", NEW."period", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason"); RETURN NULL;',
                    hash="49b56763b7f6ce1925203b4530aaa17cf9596d20",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2bbcb",
                    table="rewards_giftchange",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["membership"], name="issue_membership"),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["issued_at"], name="issue_issued_at"),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False), ("child", None)),
                fields=("membership", "item", "period", "ordinal"),
                name="issue_once",
                violation_error_message="这一项已经发放，不能重复登记",
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False), ("child__isnull", False)),
                fields=("child", "item", "period", "ordinal"),
                name="issue_once_a_child",
                violation_error_message="这名儿童今年的这一项已经发放，全院每年一次",
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False), ("household__isnull", False)),
                fields=("household", "item", "period", "ordinal"),
                name="issue_once_a_household",
                violation_error_message="这个家庭今年的这一项已经发放，每个家庭每年一次",
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("period__regex", "^([0-9]{4}|once:[a-z_]{1,20}|redemption:[0-9]{1,18})$"),
                    ("ordinal__gte", 1),
                ),
                name="issue_period_known",
                violation_error_message="期间应为年份、级别或兑换，次数从 1 起",
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.CheckConstraint(
                condition=models.Q(("household", None), ("child__isnull", False), _connector="OR"),
                name="issue_household_of_child",
                violation_error_message="只有儿童项目按家庭计",
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signature__isnull", False),
                    models.Q(("slip_number", ""), _negated=True),
                    ("imported_in__isnull", False),
                    _connector="OR",
                ),
                name="issue_has_proof",
                violation_error_message="发放礼品须有会员签名或纸质凭证号",
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("change", None), ("given_item", models.F("item"))),
                    ("change__isnull", False),
                    _connector="OR",
                ),
                name="issue_other_gift_has_word",
                violation_error_message="换发其他礼品须经负责人同意",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("points_each__gte", 1),
                    ("quantity__gte", 1),
                    (
                        "points",
                        django.db.models.expressions.CombinedExpression(
                            models.F("quantity"), "*", models.F("points_each")
                        ),
                    ),
                ),
                name="redemption_adds_up",
                violation_error_message="兑换的积分应为数量乘以单价",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("card__isnull", False), ("document_shown", ""), ("proof", "card")),
                    models.Q(
                        ("card", None),
                        (
                            "document_shown__in",
                            [
                                "resident_id",
                                "passport",
                                "hk_macau_permit",
                                "taiwan_permit",
                                "foreigner_id",
                                "military_id",
                                "birth_certificate",
                                "other",
                            ],
                        ),
                        ("proof", "document"),
                    ),
                    models.Q(("card", None), ("document_shown", ""), ("proof", "his")),
                    _connector="OR",
                ),
                name="redemption_has_proof",
                violation_error_message="兑换须刷会员卡或出示有效证件",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("teeth", []), ("teeth__len", models.F("quantity")), _connector="OR"
                ),
                name="redemption_teeth_as_many",
                violation_error_message="牙位的个数应与数量相同",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemptioncancel",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="redemption_cancel_has_reason",
                violation_error_message="请填写取消兑换的原因",
            ),
        ),
        migrations.AddConstraint(
            model_name="simulation",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_on__lte", models.F("to_on"))),
                name="simulation_period_in_order",
                violation_error_message="起始日期不能晚于截止日期",
            ),
        ),
        migrations.AddConstraint(
            model_name="simulation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at", None), ("result", None)),
                    models.Q(("finished_at__isnull", False), ("result__isnull", False)),
                    _connector="OR",
                ),
                name="simulation_done_whole",
                violation_error_message="完成的模拟须有结果",
            ),
        ),
        migrations.AddConstraint(
            model_name="simulatedmove",
            constraint=models.UniqueConstraint(
                fields=("simulation", "membership"),
                name="simulated_move_once",
                violation_error_message="一次模拟中每位会员只列一次",
            ),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(fields=["membership"], name="use_membership"),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(fields=["used_at"], name="use_used_at"),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(
                condition=models.Q(("imported_in", None), ("settlement", None), ("voided", False)),
                fields=["beneficiary"],
                name="use_to_settle",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False), ("child", None)),
                fields=("membership", "item", "period", "ordinal"),
                name="use_once",
                violation_error_message="这一项已经使用，不能重复登记",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False), ("child__isnull", False)),
                fields=("child", "item", "period", "ordinal"),
                name="use_once_a_child",
                violation_error_message="这名儿童今年的这一项已经使用，全院每年一次",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False), ("household__isnull", False)),
                fields=("household", "item", "period", "ordinal"),
                name="use_once_a_household",
                violation_error_message="这个家庭今年的这一项已经使用，每个家庭每年一次",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("period__regex", "^([0-9]{4}|once:[a-z_]{1,20}|redemption:[0-9]{1,18})$"),
                    ("ordinal__gte", 1),
                ),
                name="use_period_known",
                violation_error_message="期间应为年份、级别或兑换，次数从 1 起",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.CheckConstraint(
                condition=models.Q(("household", None), ("child__isnull", False), _connector="OR"),
                name="use_household_of_child",
                violation_error_message="只有儿童项目按家庭计",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided", False)),
                fields=("claim",),
                name="use_of_claim_once",
                violation_error_message="这张服务卡（登记）已经使用过",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("period__startswith", "redemption:"),
                    ("voided", False),
                    models.Q(("tooth", ""), _negated=True),
                ),
                fields=("period", "tooth"),
                name="use_tooth_once",
                violation_error_message="这颗牙已经登记过，兑换的项目一颗牙一次",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signature__isnull", False),
                    models.Q(("slip_number", ""), _negated=True),
                    ("claim__isnull", False),
                    ("imported_in__isnull", False),
                    _connector="OR",
                ),
                name="use_has_proof",
                violation_error_message="使用服务须有签名、凭证号或服务卡",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cost", None),
                        ("imported_in__isnull", False),
                        ("list_price", None),
                        ("waived", None),
                    ),
                    models.Q(
                        ("cost__gte", 0),
                        ("cost__isnull", False),
                        ("doctor__isnull", False),
                        ("list_price__gt", 0),
                        ("list_price__isnull", False),
                        ("waived__gte", 0),
                        ("waived__isnull", False),
                        ("waived__lte", models.F("list_price")),
                    ),
                    _connector="OR",
                ),
                name="use_priced",
                violation_error_message="使用服务须有医生、价目表价格、减免金额和计入费用",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bearer", "marketing"), ("bearer_doctor", None)),
                    models.Q(("bearer", "doctor"), ("bearer_doctor__isnull", False)),
                    _connector="OR",
                ),
                name="use_borne",
                violation_error_message="由医生承担的费用须写明医生，其他的由市场活动承担",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("beneficiary", models.F("child")),
                        ("child__isnull", False),
                        ("kind", "child"),
                    ),
                    models.Q(("child", None), ("kind__in", ["own", "transfer"])),
                    _connector="OR",
                ),
                name="use_by_right_person",
                violation_error_message="儿童项目只能由登记的儿童本人使用",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "transfer"),
                    models.Q(("as_vip", False), ("fee_waived", False)),
                    _connector="OR",
                ),
                name="use_guest_only_by_transfer",
                violation_error_message="只有转赠的受益人免挂号费、按VIP接待",
            ),
        ),
        migrations.AddConstraint(
            model_name="undoing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("claim", None), ("issue__isnull", False), ("use", None)),
                    models.Q(("claim__isnull", False), ("issue", None), ("use", None)),
                    models.Q(("claim", None), ("issue", None), ("use__isnull", False)),
                    _connector="OR",
                ),
                name="undoing_of_one_thing",
                violation_error_message="一次只能撤销一项发放、领取或使用",
            ),
        ),
        migrations.AddConstraint(
            model_name="undoing",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="undoing_has_reason",
                violation_error_message="请填写撤销的原因",
            ),
        ),
        migrations.AddConstraint(
            model_name="undoing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "mistake"),
                    models.Q(("claim__isnull", False), ("kind", "lost")),
                    models.Q(("issue__isnull", False), ("kind", "returned")),
                    _connector="OR",
                ),
                name="undoing_kind_fits",
                violation_error_message="只有服务卡会遗失，只有礼品能追回",
            ),
        ),
        migrations.RunSQL("".join(sql.read_text(encoding="utf-8") for sql in _SQL), _DROP),
    ]
