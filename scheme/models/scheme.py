from datetime import date
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from scheme.models.checks import at_least_one, known
from staff.models import Approval

ONE_TIME_SCOPES = [("day", "同一天的收费合计"), ("receipt", "单张收据")]
ENROL_RULES = [("threshold", "达到普通会员的积分"), ("everyone", "所有就诊患者")]
CHILD_ITEM_SCOPES = [("per_child", "每个孩子一份"), ("per_household", "每个家庭一份")]
COST_BEARERS = [("marketing", "市场活动"), ("doctor", "医生个人")]
PRICE_BASES = [("list", "价目表价格"), ("cost", "成本")]
REDEMPTION_STARTS = [("zero", "从零开始"), ("cumulative", "从累计积分开始")]
CARD_RULES = [("none", "不发放"), ("from_vip", "VIP及以上会员"), ("all", "所有会员")]
SERVICE_DELIVERIES = [("electronic", "电子登记"), ("card", "服务项目卡片")]


class SchemeQuerySet(models.QuerySet["Scheme"]):
    def published(self) -> "SchemeQuerySet":
        return self.filter(published_at__isnull=False)

    def drafts(self) -> "SchemeQuerySet":
        return self.filter(published_at=None)

    def in_force_on(self, day: date) -> "SchemeQuerySet":
        """At most one row: the latest published version that had begun by `day`."""
        return self.published().filter(effective_from__lte=day).order_by("-effective_from")[:1]


class Scheme(models.Model):
    """One version of all rules; once published it and its rows never change again.

    `approval` is the latest request to publish it: while that waits, the draft does not change.
    """

    class Decision(models.TextChoices):
        PUBLISH = "publish", "同意发布"
        DECLINE = "decline", "不同意"

    title = models.CharField("名称", max_length=100)
    effective_from = models.DateField("生效日期")
    plan_a = models.BooleanField("方案A（会员待遇）")
    plan_b = models.BooleanField("方案B（积分兑换）")
    start_on = models.DateField("积分起始日期")
    points_per_yuan = models.PositiveIntegerField("每元积分")
    one_time_scope = models.CharField("一次性消费的范围", max_length=10, choices=ONE_TIME_SCOPES)
    enrol_rule = models.CharField("入会条件", max_length=10, choices=ENROL_RULES)
    legacy_min_points = models.PositiveIntegerField("原积分最低分数")
    legacy_counts_as_available = models.BooleanField("原积分可兑换")
    grant_skipped = models.BooleanField("补发越过级别的礼品")
    cleaning_cycle_months = models.PositiveSmallIntegerField(
        "洁牙周期（月）", null=True, blank=True, help_text="空：12个月除以每年次数"
    )
    once_only_valid_months = models.PositiveSmallIntegerField(
        "一次性项目有效期（月）", null=True, blank=True, help_text="空：长期有效"
    )
    redeemed_valid_months = models.PositiveSmallIntegerField(
        "兑换项目有效期（月）", null=True, blank=True, help_text="空：长期有效"
    )
    child_age_limit = models.PositiveSmallIntegerField("儿童年龄上限（周岁）")
    child_birthday_ends = models.BooleanField("满上限年龄当天起不再享受")
    child_item_scope = models.CharField("儿童项目", max_length=15, choices=CHILD_ITEM_SCOPES)
    cost_bearer = models.CharField("服务费用承担", max_length=10, choices=COST_BEARERS)
    price_basis = models.CharField("费用核算依据", max_length=5, choices=PRICE_BASES)
    redemption_start = models.CharField("可用积分起点", max_length=10, choices=REDEMPTION_STARTS)
    redemption_one_time = models.PositiveIntegerField("兑换点：一次性消费积分")
    redemption_cumulative = models.PositiveIntegerField("兑换点：累计积分")
    card_rule = models.CharField("实体会员卡", max_length=10, choices=CARD_RULES)
    service_delivery = models.CharField("服务领取方式", max_length=10, choices=SERVICE_DELIVERIES)
    general_benefits = ArrayField(models.CharField(max_length=200), verbose_name="会员待遇")

    changed_at = models.DateTimeField("最后修改时间", null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="最后修改人",
        null=True,
        blank=True,
    )

    content = models.TextField("规则全文")
    content_digest = models.CharField("规则全文的摘要", max_length=64)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="发布人",
        null=True,
        blank=True,
    )
    approval = models.OneToOneField(
        Approval, models.PROTECT, verbose_name="审批", null=True, blank=True
    )

    objects = SchemeQuerySet.as_manager()

    class Meta:
        verbose_name = "规则版本"
        verbose_name_plural = "规则版本"
        permissions: ClassVar = [("publish_scheme", "批准发布规则版本")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="scheme_effective_from_unique",
                fields=["effective_from"],
                violation_error_message="已有同一天生效的规则版本",
            ),
            models.UniqueConstraint(
                name="scheme_only_first_without_approval",
                fields=["approval"],
                condition=Q(published_at__isnull=False),
                nulls_distinct=False,
                violation_error_message="只有第一个规则版本可以不经审批发布",
            ),
            models.CheckConstraint(
                name="scheme_some_plan",
                condition=Q(plan_a=True) | Q(plan_b=True),
                violation_error_message="方案A和方案B至少启用一个",
            ),
            models.CheckConstraint(
                name="scheme_published_whole",
                condition=Q(published_at=None, published_by=None)
                | Q(published_at__isnull=False, published_by__isnull=False),
                violation_error_message="发布人和发布时间须一并填写",
            ),
            models.CheckConstraint(
                name="scheme_changed_whole",
                condition=Q(changed_at=None, changed_by=None)
                | Q(changed_at__isnull=False, changed_by__isnull=False),
                violation_error_message="修改人和修改时间须一并填写",
            ),
            models.CheckConstraint(
                name="scheme_digest_is_sha256",
                condition=Q(content_digest__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="规则版本缺少全文摘要",
            ),
            models.CheckConstraint(
                name="scheme_child_age_limit_possible",
                condition=Q(child_age_limit__gte=1, child_age_limit__lte=17),
                violation_error_message="儿童年龄上限须在1至17周岁之间",
            ),
            models.CheckConstraint(
                name="scheme_redemption_paths_ordered",
                condition=Q(redemption_one_time__lte=F("redemption_cumulative")),
                violation_error_message="兑换点的一次性消费积分不能高于累计积分",
            ),
            at_least_one(
                "scheme_points_positive",
                "每元积分、原积分最低分数和兑换点须为正整数",
                "points_per_yuan",
                "legacy_min_points",
                "redemption_one_time",
            ),
            at_least_one(
                "scheme_months_positive",
                "周期和有效期至少1个月",
                "cleaning_cycle_months",
                "once_only_valid_months",
                "redeemed_valid_months",
            ),
            known("scheme_one_time_scope_known", "one_time_scope", ONE_TIME_SCOPES),
            known("scheme_enrol_rule_known", "enrol_rule", ENROL_RULES),
            known("scheme_child_item_scope_known", "child_item_scope", CHILD_ITEM_SCOPES),
            known("scheme_cost_bearer_known", "cost_bearer", COST_BEARERS),
            known("scheme_price_basis_known", "price_basis", PRICE_BASES),
            known("scheme_redemption_start_known", "redemption_start", REDEMPTION_STARTS),
            known("scheme_card_rule_known", "card_rule", CARD_RULES),
            known("scheme_service_delivery_known", "service_delivery", SERVICE_DELIVERIES),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.effective_from} 起）"

    @property
    def is_waiting(self) -> bool:
        """Whether a second person is asked to publish it; needs `approval` selected."""
        return self.approval is not None and self.approval.is_waiting
