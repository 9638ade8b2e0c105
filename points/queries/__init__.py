from points.queries.books import broken_rows, count_entries
from points.queries.standings import Standing, standing, standings

__all__ = ["Standing", "broken_rows", "count_entries", "standing", "standings"]
