from members.queries.books import broken_rows
from members.queries.merging import (
    absorbed_numbers,
    distinct_mark,
    live_below,
    live_merges_into,
    suspects,
    waiting_merge,
)
from members.queries.search import FOUND_AT_MOST, find_patients, patient_by_file_number

__all__ = [
    "FOUND_AT_MOST",
    "absorbed_numbers",
    "broken_rows",
    "distinct_mark",
    "find_patients",
    "live_below",
    "live_merges_into",
    "patient_by_file_number",
    "suspects",
    "waiting_merge",
]
