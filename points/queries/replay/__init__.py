"""The levels and reviews of members once more, from the facts in the order in which they belong.

A corrected receipt counts as if it had been right from the start, merged files as if they had
always been one; what was known at any earlier moment can still be told.
"""

from points.queries.replay.facts import MOMENT, NOW, Facts, entries_at, events_of, facts_of
from points.queries.replay.rows import Event, Level, Member, Outcome, Review, level_of
from points.queries.replay.versions import InForce, OneVersion, Versions

__all__ = [
    "MOMENT",
    "NOW",
    "Event",
    "Facts",
    "InForce",
    "Level",
    "Member",
    "OneVersion",
    "Outcome",
    "Review",
    "Versions",
    "entries_at",
    "events_of",
    "facts_of",
    "level_of",
]
