"""What the rules derive against a clerk with a sheet of paper, who shares no code with them.

The clerk goes through the days: writes lines when a level is reached and on 1 January, crosses
out, and makes a tick for each use. The rules know only levels and uses.
"""

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.rules import Taken
from scheme.rules import TIER_CODES
from tests.rewards.given import ONCE, YEARLY, counted, found, held, took, with_settings

EXAMPLES = 20000 if os.environ.get("PROVE") else 150
START = date(2025, 11, 1)
SERVICES = ["ultrasonic_scaling", "air_polishing", "facial_care", "herbal_therapy"]

steps = st.lists(
    st.tuples(
        st.integers(0, 250),
        st.one_of(
            st.tuples(st.just("reach"), st.integers(0, 3)),
            st.tuples(st.just("use"), st.sampled_from([*SERVICES, "gift_10", "gift_100"])),
        ),
    ),
    min_size=1,
    max_size=12,
)


@dataclass
class Clerk:
    """What is left of each item: that of this year, and what came once, by level."""

    generous: bool
    level: int = -1
    year: int = START.year
    yearly: Counter[str] = field(default_factory=Counter)
    used: Counter[str] = field(default_factory=Counter)
    once: Counter[tuple[str, str]] = field(default_factory=Counter)

    def turn(self, day: date) -> None:
        """New Year: the sheet of the old year is thrown away."""
        if day.year != self.year:
            self.year, self.used = day.year, Counter()
            self.yearly = Counter(YEARLY[TIER_CODES[self.level]] if self.level >= 0 else {})

    def reach(self, level: int) -> bool:
        if level <= self.level:
            return False
        for code in TIER_CODES[self.level + 1 if self.generous else level : level + 1]:
            self.once.update({(item, code): n for item, n in ONCE[code].items()})
        new = Counter(YEARLY[TIER_CODES[level]])
        self.level, self.yearly = level, new - self.used
        return True

    def use(self, item: str) -> tuple[str, int] | None:
        """The period and number of a piece, that of this year first."""
        if self.yearly[item]:
            self.yearly[item] -= 1
            self.used[item] += 1
            return str(self.year), self.used[item]
        for (which, code), left in self.once.items():
            if which == item and left:
                self.once[which, code] -= 1
                return f"once:{code}", 1
        return None

    def left(self) -> dict[tuple[str, str], int]:
        lines = {(item, str(self.year)): number for item, number in self.yearly.items()}
        lines |= {(item, f"once:{code}"): number for (item, code), number in self.once.items()}
        return {key: number for key, number in lines.items() if number}


@given(steps, st.booleans())
@settings(max_examples=EXAMPLES, deadline=None)
def test_what_is_open_is_what_stands_on_the_clerks_sheet(
    steps: list[tuple[int, tuple[str, int | str]]], generous: bool
) -> None:
    rules = with_settings(grant_skipped=generous)
    clerk, day = Clerk(generous), START
    levels = []
    taken: list[Taken] = []
    for later, (what, which) in steps:
        day += timedelta(days=later)
        clerk.turn(day)
        if what == "reach" and clerk.reach(int(which)):
            levels.append(held(TIER_CODES[int(which)], day, rules))
        if what == "use" and (piece := clerk.use(str(which))):
            period, ordinal = piece
            taking = "issued" if str(which).startswith("gift") else "used"
            taken.append(took(str(which), period, ordinal, taking, on=day))  # type: ignore[arg-type]
        some = found(day, *levels, taken=taken)
        assert counted(some) == clerk.left()
        assert sum(counted(some, "used").values()) == len(taken)
