from scheme.queries.books import broken_rows
from scheme.queries.page import Bringing, Level, Price, SchemePage, scheme_page
from scheme.queries.versions import (
    SETTINGS,
    first_day,
    items_of,
    published_rules,
    read_rules,
    rules_of,
    rules_on,
)

__all__ = [
    "SETTINGS",
    "Bringing",
    "Level",
    "Price",
    "SchemePage",
    "broken_rows",
    "first_day",
    "items_of",
    "published_rules",
    "read_rules",
    "rules_of",
    "rules_on",
    "scheme_page",
]
