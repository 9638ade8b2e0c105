from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from members.models import Patient
from rewards.models.checks import keys_of
from rewards.models.entitled import Entitled
from scheme.models import Scheme
from staff.models import Doctor, Import, User


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Claim(Entitled):
    """A service collected but not yet used (R39): on a printed card, or noted in the e-file.

    A card is scanned by its `code` when it is used; a lost one is stopped by a counter-entry and
    the service is open again. `expires_on` is the last day, None without end (C11).
    """

    class Delivery(models.TextChoices):
        CARD = "card", "服务卡"
        ELECTRONIC = "electronic", "电子登记"

    delivery = models.CharField("领取方式", max_length=10, choices=Delivery)
    code = models.CharField("服务卡号", max_length=12, unique=True, null=True, blank=True)
    expires_on = models.DateField("有效期至", null=True, blank=True)
    claimed_at = models.DateTimeField("领取时间")
    recorded_at = models.DateTimeField("登记时间", db_default=Now())

    class Meta:
        verbose_name = "服务领取"
        verbose_name_plural = "服务领取"
        indexes: ClassVar = [models.Index(fields=["membership"], name="claim_membership")]
        constraints: ClassVar = [
            *keys_of("claim", "已经领取"),
            models.CheckConstraint(
                name="claim_has_proof",
                condition=Q(signature__isnull=False) | ~Q(slip_number=""),
                violation_error_message="领取服务须有会员签名或纸质凭证号",
            ),
            # A check that comes to NULL passes: what must be there is said.
            models.CheckConstraint(
                name="claim_card_has_code",
                condition=Q(delivery="card", code__isnull=False, code__regex=r"^7[0-9]{11}$")
                | Q(delivery="electronic", code=None),
                violation_error_message="服务卡须有以 7 开头的 12 位卡号，电子登记没有卡号",
            ),
        ]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Settlement(models.Model):
    """What the cashier settled after services were used (R52): the uses on one printed slip.

    Nothing is paid and no points are given; each use has its price, what was waived, the bearer.
    """

    beneficiary = models.ForeignKey(
        Patient, models.PROTECT, related_name="+", verbose_name="受益人"
    )
    settled_at = models.DateTimeField("结算时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="结算人")

    class Meta:
        verbose_name = "服务结算"
        verbose_name_plural = "服务结算"

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number on the slip (结算单号)."""
        return f"JS{self.pk:08d}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Use(Entitled):
    """A service used up (R18, R25, R52): by whom, with which doctor, at what cost to whom.

    `list_price`, `waived` and `cost` in yuan; a use from before the system (`imported_in`) has
    none. `fee_waived`: the beneficiary was new and paid no registration fee; `as_vip`: a guest
    of a VIP, to be received as one (R35). A row gains its settlement, then nothing more.
    """

    class Kind(models.TextChoices):
        OWN = "own", "会员本人"
        CHILD = "child", "家庭儿童"
        TRANSFER = "transfer", "转赠"

    class Bearer(models.TextChoices):
        MARKETING = "marketing", "市场活动"
        DOCTOR = "doctor", "会员的医生"

    claim = models.ForeignKey(
        Claim, models.PROTECT, related_name="uses", verbose_name="领取记录", null=True, blank=True
    )
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name="方案版本")
    kind = models.CharField("使用人", max_length=10, choices=Kind)
    beneficiary = models.ForeignKey(
        Patient, models.PROTECT, related_name="+", verbose_name="受益人"
    )
    tooth = models.CharField("牙位", max_length=2, blank=True)
    doctor = models.ForeignKey(
        Doctor, models.PROTECT, related_name="+", verbose_name="医生", null=True, blank=True
    )
    list_price = models.DecimalField("价目表价格", max_digits=10, decimal_places=2, null=True)
    waived = models.DecimalField("减免金额", max_digits=10, decimal_places=2, null=True)
    cost = models.DecimalField("计入费用", max_digits=10, decimal_places=2, null=True)
    bearer = models.CharField("费用承担", max_length=10, choices=Bearer)
    bearer_doctor = models.ForeignKey(
        Doctor, models.PROTECT, related_name="+", verbose_name="承担医生", null=True, blank=True
    )
    fee_waived = models.BooleanField("免挂号费")
    as_vip = models.BooleanField("按VIP接待")
    used_at = models.DateTimeField("使用时间")
    recorded_at = models.DateTimeField("登记时间", db_default=Now())
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="uses", verbose_name="结算", null=True, blank=True
    )
    imported_in = models.ForeignKey(
        Import, models.PROTECT, related_name="+", verbose_name="导入批次", null=True, blank=True
    )

    class Meta:
        verbose_name = "服务使用"
        verbose_name_plural = "服务使用"
        indexes: ClassVar = [
            models.Index(fields=["membership"], name="use_membership"),
            models.Index(fields=["used_at"], name="use_used_at"),
            models.Index(
                fields=["beneficiary"],
                name="use_to_settle",
                condition=Q(settlement=None, voided=False, imported_in=None),
            ),
        ]
        constraints: ClassVar = [
            *keys_of("use", "已经使用"),
            models.UniqueConstraint(
                name="use_of_claim_once",
                fields=["claim"],
                condition=Q(voided=False),
                violation_error_message="这张服务卡（登记）已经使用过",
            ),
            # Points bought a set of teeth; what a level brings may come back to a tooth.
            models.UniqueConstraint(
                name="use_tooth_once",
                fields=["period", "tooth"],
                condition=Q(voided=False, period__startswith="redemption:") & ~Q(tooth=""),
                violation_error_message="这颗牙已经登记过，兑换的项目一颗牙一次",
            ),
            models.CheckConstraint(
                name="use_has_proof",
                condition=Q(signature__isnull=False)
                | ~Q(slip_number="")
                | Q(claim__isnull=False)
                | Q(imported_in__isnull=False),
                violation_error_message="使用服务须有签名、凭证号或服务卡",
            ),
            models.CheckConstraint(
                name="use_priced",
                condition=Q(imported_in__isnull=False, list_price=None, waived=None, cost=None)
                | Q(
                    list_price__isnull=False,
                    list_price__gt=0,
                    waived__isnull=False,
                    waived__gte=0,
                    waived__lte=F("list_price"),
                    cost__isnull=False,
                    cost__gte=0,
                    doctor__isnull=False,
                ),
                violation_error_message="使用服务须有医生、价目表价格、减免金额和计入费用",
            ),
            models.CheckConstraint(
                name="use_borne",
                condition=Q(bearer="marketing", bearer_doctor=None)
                | Q(bearer="doctor", bearer_doctor__isnull=False),
                violation_error_message="由医生承担的费用须写明医生，其他的由市场活动承担",
            ),
            models.CheckConstraint(
                name="use_by_right_person",
                condition=Q(kind="child", child__isnull=False, beneficiary=F("child"))
                | Q(kind__in=["own", "transfer"], child=None),
                violation_error_message="儿童项目只能由登记的儿童本人使用",
            ),
            models.CheckConstraint(
                name="use_guest_only_by_transfer",
                condition=Q(kind="transfer") | Q(fee_waived=False, as_vip=False),
                violation_error_message="只有转赠的受益人免挂号费、按VIP接待",
            ),
        ]
