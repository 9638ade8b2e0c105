"""One member's levels and reviews once more, from the ledger in its order."""

from points.queries.replay.rows import Decision, Level, Line, Review
from points.queries.replay.versions import Versions
from points.queries.replay.walk import Replay

__all__ = ["Decision", "Level", "Line", "Replay", "Review", "Versions"]
