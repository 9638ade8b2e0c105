"""What is written down when somebody was asked to join (R26, R58)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from staff import rules as values
from staff.exceptions import Refusal

LATER = "later"
OUTCOMES = {"agreed": "同意入会", LATER: "以后再问", "declined": "不同意"}
_LONGEST_WAIT = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True)
class NewTalk:
    """The answer; `ask_again_on` is a later day with LATER and None otherwise."""

    outcome: str
    ask_again_on: date | None
    note: str


def talk_from(given: Mapping[str, object], *, today: date) -> NewTalk:
    """The answer as it was typed. Raises Refusal 422 naming the field."""
    outcome = given.get("outcome")
    if not isinstance(outcome, str) or outcome not in OUTCOMES:
        raise Refusal("required", 422, "请选择病人的答复", "outcome")
    return NewTalk(
        outcome=outcome,
        ask_again_on=_ask_again(given.get("ask_again_on"), outcome, today),
        note=values.text(
            given.get("note"), field="note", label="说明", longest=200, required=False
        ),
    )


def _ask_again(value: object, outcome: str, today: date) -> date | None:
    field = "ask_again_on"
    if outcome != LATER:
        if value in (None, ""):
            return None
        message = "只有“以后再问”才写再问日期，请清空日期，或改选“以后再问”"
        raise Refusal("join_talk_ask_again_when_later", 422, message, field)
    day = values.day(value, field=field, label="再问日期")
    if not today < day <= today + _LONGEST_WAIT:
        message = f"再问日期应在明天到 {today + _LONGEST_WAIT} 之间"
        raise Refusal("ask_again_out_of_range", 422, message, field)
    return day
