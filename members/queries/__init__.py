from members.queries.books import broken_rows
from members.queries.merging import (
    absorbed_numbers,
    distinct_mark,
    live_below,
    live_merges_into,
    suspects,
    waiting_merge,
)
from members.queries.search import (
    files_named,
    files_numbered,
    files_with,
    patient_by_file_number,
    stopped_card,
)

__all__ = [
    "absorbed_numbers",
    "broken_rows",
    "distinct_mark",
    "files_named",
    "files_numbered",
    "files_with",
    "live_below",
    "live_merges_into",
    "patient_by_file_number",
    "stopped_card",
    "suspects",
    "waiting_merge",
]
