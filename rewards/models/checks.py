from django.db import models
from django.db.models import Q

PERIOD = r"^([0-9]{4}|once:[a-z_]{1,20}|redemption:[0-9]{1,18})$"
_LIVE = Q(voided=False)


def keys_of(name: str, taken: str) -> list[models.BaseConstraint]:
    """What keeps every entitlement single in one kind of fact; `taken` says what happened to it."""
    return [
        models.UniqueConstraint(
            name=f"{name}_once",
            fields=["membership", "item", "period", "ordinal"],
            condition=_LIVE & Q(child=None),
            violation_error_message=f"这一项{taken}，不能重复登记",
        ),
        models.UniqueConstraint(
            name=f"{name}_once_a_child",
            fields=["child", "item", "period", "ordinal"],
            condition=_LIVE & Q(child__isnull=False),
            violation_error_message=f"这名儿童今年的这一项{taken}，全院每年一次",
        ),
        models.UniqueConstraint(
            name=f"{name}_once_a_household",
            fields=["household", "item", "period", "ordinal"],
            condition=_LIVE & Q(household__isnull=False),
            violation_error_message=f"这个家庭今年的这一项{taken}，每个家庭每年一次",
        ),
        models.CheckConstraint(
            name=f"{name}_period_known",
            condition=Q(period__regex=PERIOD) & Q(ordinal__gte=1),
            violation_error_message="期间应为年份、级别或兑换，次数从 1 起",
        ),
        models.CheckConstraint(
            name=f"{name}_household_of_child",
            condition=Q(household=None) | Q(child__isnull=False),
            violation_error_message="只有儿童项目按家庭计",
        ),
    ]
