"""Whether published versions are still what was published, and prices what was written down."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scheme.models import PriceChange, Scheme
from scheme.queries.versions import read_rules
from scheme.rules import canonical_text
from staff.guards import broken_guards
from staff.models import Approval
from staff.rules import digest_of

_FROZEN_SQL = Path(__file__).parents[1] / "sql" / "frozen.sql"


def broken_rows() -> Iterator[str]:
    """A Chinese sentence per published version, or guard on it, that is not as published."""
    yield from broken_guards("scheme", _FROZEN_SQL)
    for scheme in Scheme.objects.published().order_by("effective_from"):
        for what in _broken(scheme):
            yield f"规则版本 {scheme.pk}（{scheme}）：{what}"
    yield from _broken_prices()


def _broken(scheme: Scheme) -> Iterator[str]:
    word = Approval.objects.filter(pk=scheme.approval_id or 0).first()
    if word and (scheme.published_by_id, scheme.published_at) != (
        word.decided_by_id,
        word.decided_at,
    ):
        yield "发布人或发布时间与审批不同"
    if word and word.decision != Scheme.Decision.PUBLISH:
        yield "审批没有同意发布"
    if digest_of(scheme.content) != scheme.content_digest:
        yield "发布时的全文与摘要不符"
    published = dict(_leaves("", _content(scheme.content)))
    rows = {_row_of(key) for key in published}
    found = dict(_leaves("", json.loads(canonical_text(read_rules(scheme)))))
    for key in sorted({*published, *found}):
        # A setting that a later release added to a row is no change to what was published.
        added_since = key not in published and _row_of(key) in rows
        if published.get(key) != found.get(key) and not added_since:
            yield f"{key} 发布时为 {published.get(key)}，现在为 {found.get(key)}"


def _broken_prices() -> Iterator[str]:
    latest = PriceChange.objects.order_by("item", "-at", "-pk").distinct("item")
    for change in latest.select_related("item"):
        written = change.list_price, change.cost_price
        if written != (change.item.list_price, change.item.cost_price):
            yield f"项目 {change.item.code}（{change.item}）的价格与最后一次改动记录不同"


def _content(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _row_of(key: str) -> str:
    return key.rpartition(".")[0]


def _leaves(key: str, value: Any) -> Iterator[tuple[str, object]]:
    """Every single value of a canonical text under its key, such as tiers.vip.one_time."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{key}.{name}".lstrip("."), inner)
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for inner in value:
            yield from _leaves(f"{key}.{inner.get('code') or inner['item']}", inner)
    else:
        yield key, value
