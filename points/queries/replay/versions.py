from datetime import date, datetime

from scheme.models import Scheme
from scheme.queries import rules_of
from scheme.rules import Rules


class Versions:
    """Which published version was in force on a day, as far as was known at a moment."""

    def __init__(self) -> None:
        published = Scheme.objects.published().order_by("-effective_from")
        self._published = list(published.values_list("effective_from", "published_at", "pk"))

    def of(self, scheme_id: int) -> Rules | None:
        """The rules of a published version; None where a row names one that is none."""
        known = any(pk == scheme_id for _, _, pk in self._published)
        return _whole(scheme_id) if known else None

    def rules(self, day: date, known_at: datetime) -> Rules | None:
        for effective_from, published_at, pk in self._published:
            if effective_from <= day and published_at and published_at <= known_at:
                return _whole(pk)
        return None


def _whole(scheme_id: int) -> Rules | None:
    """A version without levels is broken itself, which the books of `scheme` say."""
    rules = rules_of(scheme_id)
    return rules if rules.tiers else None
