from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from scheme.models import Scheme
from scheme.queries import rules_of
from scheme.rules import Rules


class InForce(Protocol):
    """Which rules a history is walked by."""

    def of(self, scheme_id: int) -> Rules | None:
        """The rules of an entry that names this version; None where it is none."""
        ...

    def rules(self, day: date, known_at: datetime) -> Rules | None:
        """The rules in force on a day, as far as was known at a moment."""
        ...

    def rate(self, recorded: int) -> int:
        """The points that a yuan brings, of a receipt that was recorded with this many."""
        ...


class Versions:
    """Which published version was in force on a day, as far as was known at a moment."""

    def __init__(self) -> None:
        published = Scheme.objects.published().order_by("-effective_from")
        self._published = list(published.values_list("effective_from", "published_at", "pk"))
        self._whole: dict[int, Rules | None] = {}

    def of(self, scheme_id: int) -> Rules | None:
        """The rules of a published version; None where a row names one that is none."""
        if scheme_id not in self._whole:
            known = any(pk == scheme_id for _, _, pk in self._published)
            self._whole[scheme_id] = _whole(scheme_id) if known else None
        return self._whole[scheme_id]

    def rules(self, day: date, known_at: datetime) -> Rules | None:
        for effective_from, published_at, pk in self._published:
            if effective_from <= day and published_at and published_at <= known_at:
                return self.of(pk)
        return None

    def rate(self, recorded: int) -> int:
        return recorded


@dataclass(frozen=True)
class OneVersion:
    """One version, published or not, as if it were in force on all days."""

    always: Rules

    def of(self, scheme_id: int) -> Rules | None:
        return self.always

    def rules(self, day: date, known_at: datetime) -> Rules | None:
        return self.always

    def rate(self, recorded: int) -> int:
        return self.always.points_per_yuan


def _whole(scheme_id: int) -> Rules | None:
    """A version without levels is broken itself, which the books of `scheme` say."""
    rules = rules_of(scheme_id)
    return rules if rules.tiers else None
