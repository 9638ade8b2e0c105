import secrets
from collections.abc import Sequence
from datetime import datetime

from members import rules
from members.models import Card, Membership
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import SHANGHAI


def make_first_cards(*, memberships: Sequence[Membership], by: User, now: datetime) -> None:
    """The electronic cards of new members, in the caller's transaction (C21)."""
    numbers = _fresh_numbers(len(memberships))
    Card.objects.bulk_create(
        Card(membership=member, serial=1, number=number, made_at=now, made_by=by)
        for member, number in zip(memberships, numbers, strict=True)
    )


@operation
def give_card(*, card_id: int, by: User, now: datetime) -> Card:
    """Record that the physical card was handed over, by whom and when (R29).

    Raises Refusal 409 for a card that was handed over before or is stopped.
    """
    card = _locked(card_id)
    _check_live(card)
    if card.given_at and card.given_by:
        message = f"卡 {card.number} 已由{card.given_by}于 {_moment(card.given_at)} 发给会员"
        raise Refusal("card_given", 409, message)
    card.given_at, card.given_by = max(now, card.made_at), by
    card.save(update_fields=["given_at", "given_by"])
    return card


@operation
def replace_card(
    *, card_id: int, reason: str, document_shown: str, by: User, now: datetime
) -> Card:
    """Stop a lost or damaged card at once and make its successor with another number (R70).

    `document_shown` is the type of document that the member showed. Raises Refusal 422 naming
    the field, 409 for a card that is stopped already.
    """
    if reason not in Card.StoppedReason.values:
        raise Refusal("required", 422, "请选择原因：遗失或损坏", "reason")
    if document_shown not in rules.DOCUMENT_TYPES:
        raise Refusal("required", 422, "请选择会员出示的证件", "document_shown")
    card = _locked(card_id)
    _check_live(card)
    # It may have been handed over while we waited for it, a moment after our `now`.
    now = max(now, card.given_at or card.made_at)
    card.stopped_at, card.stopped_by = now, by
    card.stopped_reason, card.document_shown = reason, document_shown
    card.save(update_fields=["stopped_at", "stopped_by", "stopped_reason", "document_shown"])
    (number,) = _fresh_numbers(1)
    return Card.objects.create(
        membership_id=card.membership_id,
        serial=card.serial + 1,
        number=number,
        made_at=now,
        made_by=by,
    )


def _locked(card_id: int) -> Card:
    # Without its people: a row that changed while we waited would come with those of before.
    if card := Card.objects.select_for_update().filter(pk=card_id).first():
        return card
    raise Refusal("unknown_card", 404, "没有这张会员卡")


def _check_live(card: Card) -> None:
    """Refuse a stopped card, naming who stopped it and the one that took its place."""
    if card.stopped_at is None:
        return
    live = Card.objects.live().get(membership=card.membership_id)
    message = (
        f"卡 {card.number} 已由{card.stopped_by}于 {_moment(card.stopped_at)} 停用"
        f"（{card.get_stopped_reason_display()}），现在有效的卡号是 {live.number}"
    )
    raise Refusal("card_stopped", 409, message)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _fresh_numbers(count: int) -> list[str]:
    """Numbers that no card carries: drawn by lot, and drawn again where one is taken."""
    fresh: set[str] = set()
    while len(fresh) < count:
        missing = count - len(fresh)
        drawn = {rules.card_number(secrets.randbelow(10**10)) for _ in range(missing)}
        taken = Card.objects.filter(number__in=drawn).values_list("number", flat=True)
        fresh |= drawn - set(taken)
    return list(fresh)
