"""Two versions of the rules beside each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from scheme.queries.words import Statement, statements
from scheme.rules import Rules


@dataclass(frozen=True, slots=True)
class Line:
    """What two versions say about one thing; "" where a version says nothing about it."""

    chapter: str
    label: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after

    @property
    def word(self) -> str:
        """What happened to it, in a word; "" when it stays as it is."""
        if not self.differs:
            return ""
        return "有改动" if self.before and self.after else ("新增" if self.after else "取消")


@dataclass(frozen=True, slots=True)
class Chapter:
    """What two versions say under one heading."""

    title: str
    lines: tuple[Line, ...]

    @property
    def differences(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.differs)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions, chapter by chapter."""

    chapters: tuple[Chapter, ...]

    @property
    def count(self) -> int:
        """In how many things they differ."""
        return sum(len(chapter.differences) for chapter in self.chapters)

    @property
    def changed(self) -> tuple[Chapter, ...]:
        """The chapters in which they differ."""
        return tuple(chapter for chapter in self.chapters if chapter.differences)


def compare(before: Rules, after: Rules) -> Comparison:
    """What the later version says beside what the earlier one says, in the later one's order."""
    old = {(said.chapter, said.key): said for said in statements(before)}
    new = {(said.chapter, said.key): said for said in statements(after)}
    lines = [_line(key, old, new) for key in _in_order(list(old), list(new))]
    titles = dict.fromkeys(line.chapter for line in lines)
    return Comparison(
        tuple(
            Chapter(title, tuple(line for line in lines if line.chapter == title))
            for title in titles
        )
    )


Key = tuple[str, str]


def _in_order(old: list[Key], new: list[Key]) -> list[Key]:
    """All keys: the new version's, each key that only the old one has after its neighbour."""
    keys = list(new)
    for place, key in enumerate(old):
        if key not in keys:
            keys.insert(keys.index(old[place - 1]) + 1 if place else 0, key)
    return keys


def _line(key: Key, old: Mapping[Key, Statement], new: Mapping[Key, Statement]) -> Line:
    before, after = old.get(key), new.get(key)
    said = after or before
    assert said is not None
    return Line(
        chapter=said.chapter,
        label=said.label,
        before=before.text if before else "",
        after=after.text if after else "",
    )
