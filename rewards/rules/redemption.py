"""What may be bought with points, and how a redemption is delivered (R20-R25). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rewards.rules.teeth import PER_TOOTH, teeth_from
from scheme.rules import Item, Rules
from staff.exceptions import Refusal
from staff.rules import identifier

MOST_PIECES = 999

ProofKind = Literal["card", "document", "his"]


@dataclass(frozen=True, slots=True)
class NewRedemption:
    """What a member wants for points, as delivered.

    `idempotency_key` names the wish, so that the same one again is not bought twice. `teeth` are
    in FDI notation, empty while they are open; `beneficiary_file_number` is whom it is meant for,
    "" while that is open.
    """

    membership_number: str
    item: str
    quantity: int
    teeth: tuple[str, ...] = ()
    beneficiary_file_number: str = ""
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the member showed (R25): the card, a document, or its word by the HIS."""

    proof: ProofKind
    card_number: str = ""
    document: str = ""


BY_HIS = Shown("his")


def redemption_from(given: Mapping[str, object]) -> NewRedemption:
    """A redemption as a program delivers it. Raises Refusal 422 at the field."""
    beneficiary = given.get("beneficiary_file_number")
    return NewRedemption(
        idempotency_key=identifier(
            given.get("idempotency_key"), field="idempotency_key", label="请求编号"
        ),
        membership_number=identifier(
            given.get("membership_number"), field="membership_number", label="会员号"
        ),
        item=identifier(given.get("item"), field="item", label="项目"),
        quantity=quantity_from(given.get("quantity")),
        teeth=teeth_from(given.get("teeth")),
        beneficiary_file_number=""
        if beneficiary is None
        else identifier(beneficiary, field="beneficiary_file_number", label="受益人档案号"),
    )


def quantity_from(value: object) -> int:
    """How many pieces. Raises Refusal 422."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_PIECES:
        message = f"数量应为 1 至 {MOST_PIECES} 的整数"
        raise Refusal("bad_quantity", 422, message, "quantity")
    return value


def check_teeth(new: NewRedemption, item: Item) -> None:
    """Refuse teeth for what isn't sold by the tooth, or another number of them (R23)."""
    if not new.teeth:
        return
    if item.unit != PER_TOOTH:
        raise Refusal("no_teeth_wanted", 422, f"{item.name}不按牙计价，不用填写牙位", "teeth")
    if len(new.teeth) != new.quantity:
        message = f"选了 {len(new.teeth)} 颗牙，数量却是 {new.quantity}，两者应相同"
        raise Refusal("teeth_not_as_many", 422, message, "teeth")


def price_of(rules: Rules, item: str) -> int | None:
    """The points for one piece; None where the version does not sell it."""
    return next((line.points for line in rules.catalogue if line.item == item), None)


def is_unlocked(rules: Rules, *, one_time: int, cumulative: int) -> bool:
    """Whether 兑换点 is reached (R20, C4): by one visit, or by the cumulative total."""
    return one_time >= rules.redemption_one_time or cumulative >= rules.redemption_cumulative
