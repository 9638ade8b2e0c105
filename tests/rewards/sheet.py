"""What a careful clerk keeps on paper about one member: points, level, and what is left of it.

The clerk shares no code with the product: a level is looked up in the table, what is left of a
year is the level's number less the ticks of that year.
"""

from collections import Counter
from dataclasses import dataclass, field

LEVELS = [("ordinary", 1000, 2000), ("senior", 5000, 8000), ("vip", 10000, 15000)]
LEVELS.append(("diamond", 20000, 25000))
ONCE = [
    ["gift_10"],
    ["gift_50", "facial_care"],
    ["gift_100", "facial_care", "herbal_therapy"],
    ["gift_200"],
]
A_YEAR: list[dict[str, int]] = [
    {},
    {"ultrasonic_scaling": 1},
    {"ultrasonic_scaling": 2},
    {"air_polishing": 2, "facial_care": 1, "herbal_therapy": 1},
]
PRICES = {"facial_care": 3000, "air_polishing": 6000, "gift_10": 1000}
Line = tuple[str, str]


@dataclass
class Bought:
    """An item bought with points: taken or given up, or neither yet."""

    price: int
    over: bool = False


@dataclass
class Sheet:
    """One member; `levels` names those reached and whether they brought what comes once."""

    paid: dict[str, tuple[int, int]] = field(default_factory=dict)
    available: int = 0
    levels: dict[int, bool] = field(default_factory=dict)
    asked: int | None = None
    kept: tuple[int, int] | None = None
    once_taken: Counter[Line] = field(default_factory=Counter)
    ticks: Counter[tuple[str, int]] = field(default_factory=Counter)
    bought: dict[int, Bought] = field(default_factory=dict)

    @property
    def level(self) -> int:
        """1 for the lowest."""
        return max(self.levels, default=0)

    def total(self) -> int:
        return sum(yuan for yuan, _ in self.paid.values())

    def days(self) -> Counter[int]:
        sums: Counter[int] = Counter()
        for yuan, day in self.paid.values():
            sums[day] += yuan
        return sums

    def supported(self, day: int | None = None) -> int:
        sums = self.days()
        best = sums[day] if day is not None else max(sums.values(), default=0)
        return sum(best >= once or self.total() >= sum_ for _, once, sum_ in LEVELS)

    def pay(self, number: str, yuan: int, day: int) -> None:
        self.paid[number] = (yuan, day)
        self.available += yuan
        if self.supported(day) > self.level:
            self.levels[self.supported(day)] = True

    def refund(self, number: str) -> None:
        yuan, day = self.paid[number]
        self.paid[number] = (0, day)
        self.available -= yuan
        left = self.supported()
        if left < self.level and self.asked is None and self.kept != (self.level, left):
            self.asked = left

    def decide(self, word: str) -> None:
        assert self.asked is not None
        if word == "keep":
            self.kept = (self.level, self.asked)
        else:
            left = max(self.supported(), 1)
            if left < self.level:
                self.levels = {one: once for one, once in self.levels.items() if one <= left}
                self.levels.setdefault(left, word == "recover")
            self.kept = None
        self.asked = None

    def may_buy(self, item: str) -> bool:
        best = max(self.days().values(), default=0)
        unlocked = best >= 1000 or self.total() >= 2000
        return unlocked and self.available >= PRICES[item]

    def held(self, level: int) -> bool:
        """Under review, what the levels above the supported one bring waits."""
        return self.asked is not None and level > self.asked

    def left(self, year: int) -> dict[Line, int]:
        """What is left by item and period, held or not."""
        lines: Counter[Line] = Counter()
        for level, brings in self.levels.items():
            for item in ONCE[level - 1] if brings else ():
                line = (item, f"once:{LEVELS[level - 1][0]}")
                lines[line] = 1 - self.once_taken[line]
        for item, number in A_YEAR[self.level - 1].items() if self.level else ():
            lines[item, str(year)] = number - self.ticks[item, year]
        return {line: number for line, number in lines.items() if number > 0}

    def may_take(self, line: Line, year: int) -> bool:
        names = [name for name, _, _ in LEVELS]
        once = line[1].startswith("once:")
        level = names.index(line[1].removeprefix("once:")) + 1 if once else self.level
        return line in self.left(year) and not self.held(level)

    def tick(self, line: Line, by: int = 1) -> None:
        if line[1].startswith("once:"):
            self.once_taken[line] += by
        else:
            self.ticks[line[0], int(line[1])] += by
