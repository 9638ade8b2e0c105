from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import ProtectedError

from scheme.models import Scheme
from scheme.operations.consistency import refuse_faults
from scheme.operations.publishing import locked_draft, refuse_past, refuse_waiting
from scheme.operations.storing import store_draft
from scheme.queries import items_of, published_rules, read_rules
from scheme.rules import Rules
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation


@operation
def new_draft(*, base_id: int, title: str, effective_from: date, by: User, now: datetime) -> Scheme:
    """A draft that is a copy of a published version, to be edited and to begin on a later day.

    Refuses with 409 a day before today, or one from which another version is in force.
    """
    refuse_past(effective_from, now)
    _refuse_taken(effective_from)
    rules = replace(
        published_rules(base_id), version_id=None, title=title, effective_from=effective_from
    )
    return store_draft(rules, instead_of=None, by=by, now=now)


@operation
def change_draft(
    *, draft_id: int, changes: Mapping[str, Any], seen: str, by: User, now: datetime
) -> Scheme:
    """Put other values into fields of a draft's Rules; `seen` is the digest of what was edited.

    Refuses with 404 or 409 as `request_publication` does, with 409 when somebody else changed the
    draft meanwhile, with 422 when it would contradict itself (all faults in `extra`).
    """
    draft = locked_draft(draft_id)
    refuse_waiting(draft)
    if draft.content_digest != seen:
        raise _changed_meanwhile(draft)
    rules = replace(read_rules(draft), **changes)
    rules = replace(rules, items=items_of(_codes(rules)))
    if rules.effective_from != draft.effective_from:
        refuse_past(rules.effective_from, now)
        _refuse_taken(rules.effective_from)
    refuse_faults(rules)
    return store_draft(rules, instead_of=draft, by=by, now=now)


@operation
def delete_draft(*, draft_id: int) -> None:
    """Delete a draft with its rows.

    Refuses with 404 or 409 as `request_publication` does, with 409 when simulations of it are
    kept.
    """
    draft = locked_draft(draft_id)
    refuse_waiting(draft)
    try:
        draft.delete()
    except ProtectedError as error:
        sentence = f"“{draft}”做过 {len(error.protected_objects)} 次模拟，报告要留存，不能删除"
        raise Refusal("scheme_simulated", 409, sentence) from error


def _refuse_taken(effective_from: date) -> None:
    other = Scheme.objects.filter(effective_from=effective_from).first()
    if other:
        kind = "规则版本" if other.published_at else "草稿"
        sentence = f"{effective_from} 起已有{kind}“{other.title}”，请换一个日期"
        raise Refusal("scheme_effective_from_unique", 409, sentence, "effective_from")


def _codes(rules: Rules) -> set[str]:
    benefits = (benefit.item for tier in rules.tiers for benefit in tier.benefits)
    catalogue = (line.item for line in rules.catalogue)
    return {*benefits, *catalogue, *(band.item for band in rules.gift_bands)}


def _changed_meanwhile(draft: Scheme) -> Refusal:
    who = f"{draft.changed_by} 刚才修改了这份草稿" if draft.changed_by else "这份草稿刚才有改动"
    sentence = f"{who}，您的改动没有保存；请重新打开这一页，再改一次"
    return Refusal("changed_meanwhile", 409, sentence)
