"""What proves that a member was handed something: a signature, or the number of a paper slip."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from members.rules.signing import Signed
from staff.exceptions import Refusal
from staff.rules import identifier


@dataclass(frozen=True, slots=True)
class Proof:
    """A signature on the screen, the number of a paper slip (凭证号), or both (R38)."""

    signed: Signed | None = None
    slip_number: str = ""


def proof_from(*, signed: Signed | None, slip_number: str) -> Proof:
    """The proof of something handed over. Raises Refusal 422 at `slip_number`."""
    if slip_number.strip():
        return Proof(signed, identifier(slip_number, field="slip_number", label="凭证号"))
    if signed is None:
        message = "请会员在屏幕上签字，或填写纸质凭证号"
        raise Refusal("proof_missing", 422, message, "slip_number")
    return Proof(signed)


def words_to_sign(*, title: str, member: str, number: str, lines: Sequence[str], day: date) -> str:
    """What a member reads and signs: who it is, what is handed over, one line each, and the day."""
    received = (f"· {line}" for line in lines)
    return "\n".join([title, f"会员：{member}", f"会员号：{number}", *received, f"签字日期：{day}"])
