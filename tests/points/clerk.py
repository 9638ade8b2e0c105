"""A careful clerk with a pencil: points, level and question of each person, from a list of events.

It shares no code with the product. Whatever is put right later, the clerk rubs out and writes
anew, and then counts once more from the first line.
"""

from dataclasses import dataclass, field

LEVELS = [("ordinary", 1000, 2000), ("senior", 5000, 8000), ("vip", 10000, 15000)]
LEVELS.append(("diamond", 20000, 25000))


@dataclass
class Paper:
    """A receipt: whose file it names, cents, the day; struck out while it is void."""

    file: int
    cents: int
    day: int
    void: bool = False


@dataclass
class Slip:
    """A refund on a receipt."""

    receipt: int
    cents: int
    void: bool = False


@dataclass
class Person:
    """What the clerk finds for one person."""

    total: int = 0
    legacy: int = 0
    level: int = 0
    member: bool = False
    paid: dict[int, tuple[int, int]] = field(default_factory=dict)
    asked: list[tuple[int, int, int, str]] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        return bool(self.asked) and self.asked[-1][3] == ""

    def supported(self, day: int | None = None) -> int:
        """How many levels the points support; only `day` counts as 一次性消费, or the best day."""
        days: dict[int, int] = {}
        for cents, on in self.paid.values():
            days[on] = days.get(on, 0) + cents // 100
        best = days.get(day, 0) if day is not None else max(days.values(), default=0)
        return sum(best >= once or self.total >= sum_ for _, once, sum_ in LEVELS)

    def count(self) -> None:
        self.total = self.legacy + sum(cents // 100 for cents, _ in self.paid.values())


class Clerk:
    """The list of events and what is true of them now."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []
        self.papers: list[Paper] = []
        self.slips: list[Slip] = []
        self.legacy: dict[int, int] = {}
        self.into: dict[int, int] = {}
        self.words: list[tuple[int, int, int, str]] = []

    def root(self, file: int) -> int:
        while file in self.into:
            file = self.into[file]
        return file

    def left(self, receipt: int) -> int:
        """Cents of a receipt that have not gone back."""
        gone = sum(s.cents for s in self.slips if s.receipt == receipt and not s.void)
        return self.papers[receipt].cents - gone

    def person(self, file: int) -> Person:
        """Everything once more, from the first line."""
        person, root = Person(), self.root(file)
        for what, which in self.events:
            getattr(self, f"_{what}")(person, root, which)
        return person

    def _paid(self, person: Person, root: int, which: int) -> None:
        paper = self.papers[which]
        if paper.void or self.root(paper.file) != root:
            return
        person.paid[which] = (paper.cents, paper.day)
        person.count()
        self._rise(person, person.supported(paper.day))

    def _legacy(self, person: Person, root: int, file: int) -> None:
        if self.root(file) == root:
            person.legacy += self.legacy[file]
            person.count()
            self._rise(person, person.supported(-1))

    def _rise(self, person: Person, rank: int) -> None:
        if person.member:
            person.level = max(person.level, rank)

    def _joined(self, person: Person, root: int, file: int) -> None:
        if self.root(file) == root and not person.member:
            person.member, person.level = True, person.supported()

    def _back(self, person: Person, root: int, which: int) -> None:
        slip = self.slips[which]
        if slip.void or slip.receipt not in person.paid:
            return
        cents, day = person.paid[slip.receipt]
        person.paid[slip.receipt] = (cents - slip.cents, day)
        person.count()
        now = person.supported()
        if not person.level or now >= person.level or person.waits:
            return
        if person.asked and person.asked[-1][1:] == (person.level, now, "keep"):
            return
        person.asked.append((which, person.level, now, ""))

    def _decided(self, person: Person, root: int, which: int) -> None:
        *question, word = self.words[which]
        # An answer is for the question that was asked: this refund, from this level to that.
        if not person.waits or list(person.asked[-1][:3]) != question:
            return
        person.asked[-1] = (*person.asked[-1][:3], word)
        if word != "keep":
            person.level = min(person.level, max(person.supported(), 1))
