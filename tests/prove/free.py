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
_ONLY_HERE = "written once, held by its trigger, and told nowhere else in the books"
_NOTHING_REFERS = "a key that nothing refers to and nobody has seen says nothing"

HISTORY = Free("what a row said before; only its newest line is compared with the row")
FREE: dict[str, Free] = {
    "staff.User": Free(_ADMINISTRATION),
    "staff.User_groups": Free(_ADMINISTRATION),
    "staff.Department": Free(_ADMINISTRATION),
    "staff.Doctor": Free(_ADMINISTRATION),
    "staff.Export": Free(_ONLY_HERE),
    "members.AccessLog": Free(_ONLY_HERE),
    "members.JoinTalk": Free(_ONLY_HERE),
    "members.DetailsChange": Free(_ONLY_HERE),
    "members.Card": Free(
        _ONLY_HERE,
        frozenset(
            {
                *("id", "made_at", "made_by_id", "given_at", "given_by_id"),
                *("stopped_at", "stopped_by_id", "stopped_reason", "document_shown"),
            }
        ),
    ),
    "members.Signature": Free(
        "its digest holds what was signed, not who took it for whom and when",
        frozenset({"id", "patient_id", "signed_at", "taken_by_id", DELETED, COPIED}),
    ),
    "members.SearchKey": Free(_NOTHING_REFERS, frozenset({"id"})),
    "members.Household": Free(_ONLY_HERE, frozenset({"id", "made_at", "made_by_id"})),
    "rewards.Deferral": Free(_ONLY_HERE),
    "rewards.Simulation": Free("a report that nothing follows from"),
    "rewards.SimulatedMove": Free("a report that nothing follows from"),
    "rewards.GiftChange": Free(_NOTHING_REFERS, frozenset({"id", "approval_id"})),
    "rewards.Redemption": Free(
        "a key of the caller's that only his own repetition meets",
        frozenset({"idempotency_key"}),
    ),
    "scheme.PriceChange": Free(_ONLY_HERE),
    "scheme.Item": Free(
        "an item of no published version may come, and a price list changes",
        frozenset({"list_price", "cost_price", COPIED}),
    ),
    "scheme.Scheme": Free(
        "the first version has no approval to compare with",
        frozenset({"published_at", "published_by_id", "approval_id"}),
    ),
    "scheme.TierBenefit": Free(_NOTHING_REFERS, frozenset({"id"})),
    "scheme.CatalogueItem": Free(_NOTHING_REFERS, frozenset({"id"})),
    "scheme.GiftBand": Free(_NOTHING_REFERS, frozenset({"id"})),
}


def free_columns(model: type[models.Model]) -> frozenset[str]:
    """The columns of a table that are not tried."""
    if issubclass(model, Event):
        return HISTORY.columns
    return FREE[model._meta.label].columns if model._meta.label in FREE else frozenset()


def is_free(model: type[models.Model]) -> bool:
    """Whether no column of the table is tried, nor its rows."""
    return free_columns(model) == EVERYTHING
