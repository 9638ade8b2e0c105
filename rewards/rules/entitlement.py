"""One entitlement: which gift or service of a member it is, and how it stands. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from rewards.rules.held import Taken
from scheme.rules import ItemKind

State = Literal["open", "claimed", "used", "lapsed", "superseded", "held"]
Key = tuple[str, str, int, int | None]


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One gift or one service of a member, with the key that facts about it carry.

    `tier` is the level that brings it, "" for what points bought. `expires_on` is the last day,
    None without end; `reason` says in Chinese why it is not open. `taken` is the fact behind
    claimed and used ones. `per_household`: one of the household's children has it (C14).
    """

    item: str
    kind: ItemKind
    period: str
    ordinal: int
    tier: str
    state: State
    expires_on: date | None
    reason: str = ""
    child_id: int | None = None
    taken: Taken | None = None
    per_household: bool = False

    @property
    def key(self) -> Key:
        """What is single: item, period, ordinal, child."""
        return (self.item, self.period, self.ordinal, self.child_id)

    @property
    def is_redeemed(self) -> bool:
        """Whether points bought it (方案B)."""
        return self.period.startswith("redemption:")

    @property
    def is_yearly(self) -> bool:
        """Whether it comes anew each calendar year."""
        return self.period.isdigit()

    @property
    def is_due(self) -> bool:
        """Whether the level brings it and it is not yet issued or used (API `due`)."""
        return self.state in ("open", "claimed") and not self.is_redeemed
