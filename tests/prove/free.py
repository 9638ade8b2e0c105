"""What may change in the books without a word, each with its reason.

Whatever is not in this list is edited by `test_edits`, new tables and columns included. Next to
columns, DELETED and COPIED stand for whole rows.
"""

from dataclasses import dataclass

from django.db import models
from pghistory.models import Event

EVERYTHING = frozenset({"*"})
DELETED, COPIED = "a row deleted", "a row copied"


@dataclass(frozen=True)
class Free:
    """Columns of a table that the books can't know better, and why they can't."""

    why: str
    columns: frozenset[str] = EVERYTHING


_ADMINISTRATION = "kept by the administrators from day to day; no second source to compare with"
_NOTHING_REFERS = "a key that nothing refers to and nobody has seen says nothing"

_WORDS = "who asked what, when and why stands nowhere else; final, but for those who stop triggers"

HISTORY = Free("what a row said before; only its newest line is compared with the row")
FREE: dict[str, Free] = {
    "staff.User": Free(_ADMINISTRATION),
    "staff.User_groups": Free(_ADMINISTRATION),
    "staff.Department": Free(_ADMINISTRATION),
    "staff.Doctor": Free(_ADMINISTRATION),
    "staff.ApiToken": Free(_ADMINISTRATION),
    "staff.Designation": Free(_ADMINISTRATION),
    "staff.Approval": Free(
        _WORDS,
        frozenset({"summary", "sentence", "requested_by_id", "requested_at"})
        | {"decided_by_id", "decided_at", "decision", "kind"},
    ),
    "staff.Import": Free(
        "a file's name, digest and counts; rows that came in by it hold on to its key alone",
        frozenset({"kind", "state", "file_name", "digest", "sheet", "header", "ignored", "by_id"})
        | {"saved_by_id", "created_at", "finished_at", "row_count", "new", "changed", "same"}
        | {"refused", "total", "is_staged", "seen_at", COPIED},
    ),
    "scheme.Item": Free(
        "an item of no published version may come, and a price list changes",
        frozenset({"list_price", COPIED}),
    ),
    "scheme.Scheme": Free(
        "the first version has no approval to compare with",
        frozenset({"published_at", "published_by_id", "approval_id"}),
    ),
    "scheme.TierBenefit": Free(_NOTHING_REFERS, frozenset({"id"})),
    "scheme.CatalogueItem": Free(_NOTHING_REFERS, frozenset({"id"})),
    "scheme.GiftBand": Free(_NOTHING_REFERS, frozenset({"id"})),
    "members.Patient": Free("a file that nothing refers to leaves no gap", frozenset({DELETED})),
    "points.TierReached": Free(_NOTHING_REFERS, frozenset({"id"})),
    "points.TierReview": Free(_NOTHING_REFERS, frozenset({"id"})),
    "points.LegacyConfirmation": Free(_NOTHING_REFERS, frozenset({"id"})),
}


def free_columns(model: type[models.Model]) -> frozenset[str]:
    """The columns of a table that are not tried."""
    if issubclass(model, Event):
        return HISTORY.columns
    return FREE[model._meta.label].columns if model._meta.label in FREE else frozenset()


def is_free(model: type[models.Model]) -> bool:
    """Whether no column of the table is tried, nor its rows."""
    return free_columns(model) == EVERYTHING
