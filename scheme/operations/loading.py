from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection

from scheme.models import Scheme
from scheme.operations.document import rules_in
from scheme.operations.publishing import refuse_past, seal
from scheme.operations.storing import store_draft
from scheme.queries import read_rules
from scheme.rules import Rules, canonical_text
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a scheme file led to."""

    scheme: Scheme
    outcome: Literal["published", "draft", "draft_replaced", "unchanged"]


@operation
def load_scheme(*, document: bytes | str, by: User, now: datetime) -> LoadResult:
    """Take in a scheme file (TOML): the first is published by `by`, later ones become drafts.

    The same rules again change nothing. Refuses with 422 what is wrong in the file, with 409
    other rules for a published version, and a later version that begins before today.
    """
    rules = rules_in(document)
    _one_load_at_a_time()
    existing = Scheme.objects.filter(effective_from=rules.effective_from).first()
    if existing and canonical_text(read_rules(existing)) == canonical_text(rules):
        return LoadResult(existing, "unchanged")
    if existing and existing.published_at:
        raise _published(existing)
    return _stored(rules, existing, by, now)


def _stored(rules: Rules, existing: Scheme | None, by: User, now: datetime) -> LoadResult:
    first = not Scheme.objects.exists()
    refuse_past(rules.effective_from, now)
    draft = store_draft(rules, instead_of=existing, by=by, now=now)
    if first:
        return LoadResult(seal(draft, by=by, now=now), "published")
    return LoadResult(draft, "draft_replaced" if existing else "draft")


def _one_load_at_a_time() -> None:
    """Two first loads at once would both find an empty table."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE scheme_scheme IN SHARE ROW EXCLUSIVE MODE")


def _published(existing: Scheme) -> Refusal:
    sentence = (
        f"{existing.effective_from} 起生效的规则版本已发布，内容与文件不同；"
        "要修改规则，请在文件中写一个新的生效日期"
    )
    return Refusal("scheme_published", 409, sentence, "effective_from")
