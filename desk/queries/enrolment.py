"""What is said to somebody who joins, and what is signed then (R28)."""

from collections.abc import Mapping

from django.conf import settings

from desk.queries.patients import Offer
from members.models import Patient
from members.rules.signing import signing_text
from scheme.queries import Bringing
from scheme.rules import Rules
from staff import rules as values

FORM_TITLE = f"{settings.HOSPITAL_NAME}会员登记表"


def told(offer: Offer | None) -> tuple[str, ...]:
    """The benefits to explain, from the rules in force, one sentence each; () without rules."""
    if offer is None:
        return ()
    level = [f"入会后为{offer.tier.name}"] if offer.tier else []
    brings = [_bringing(line, offer.rules) for line in offer.brings]
    reception = offer.tier.reception if offer.tier else ()
    return (*level, *brings, *reception, *offer.rules.general_benefits)


def _bringing(line: Bringing, rules: Rules) -> str:
    limit = rules.child_age_limit
    child = (
        f"未满 {limit} 周岁" if rules.child_birthday_ends else f" {limit} 岁以下（含 {limit} 岁）"
    )
    whose = f"家中{child}的儿童，" if line.for_child else ""
    often = "每年：" if line.yearly else ""
    return f"{whose}{often}{line.item.name} {line.quantity} {line.item.unit}"


def text_to_sign(patient: Patient, given: Mapping[str, object], benefits: tuple[str, ...]) -> str:
    """What the screen shows to be signed: what was typed in full, what the file keeps masked."""
    kept = {
        "phone": patient.masked_phone,
        "id_number": patient.masked_document,
        "address": patient.masked_address,
    }
    shown = {**given, **{field: given.get(field) or masked for field, masked in kept.items()}}
    day = values.day(given.get("signed_on"), field="signed_on", label="签字日期")
    return signing_text(shown, title=FORM_TITLE, benefits=benefits, day=day)
