"""The worklist of people who can join, and one of them to talk to (R26, R28, R58)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator

from desk.queries.positions import Position, positions
from members.models import JoinTalk, Patient
from members.queries.joining import newest_talks
from members.rules import age_on
from points.queries.joining import (
    AGREED,
    DECLINED,
    JOINABLE_A_PAGE,
    LATER,
    TABS,
    WAITING,
    joinable,
)
from points.rules import Chance, chance_sentence, first_chance
from scheme.queries import rules_on
from scheme.rules import TierRule

TITLES = {WAITING: "待征询", AGREED: "待办理", LATER: "以后再问", DECLINED: "不同意"}
# Of a page number; longer ones are past the last page anyway.
_DIGITS = 6
_ALL_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class JoinTab:
    """A part of the list, by what was answered last."""

    code: str
    title: str
    count: int
    current: bool

    @property
    def url(self) -> str:
        """The address of its first page."""
        return f"?tab={self.code}"


@dataclass(frozen=True, slots=True)
class JoinRow:
    """Somebody who can join: since when, by which path, with which level; the newest talk."""

    patient: Patient
    age: int | None
    position: Position
    chance: Chance | None
    talk: JoinTalk | None

    @property
    def since(self) -> date | None:
        """The first day that allowed it; None where points of before did, or everybody may."""
        return self.chance.day if self.chance else None

    @property
    def path(self) -> str:
        return chance_sentence(self.chance)

    @property
    def tier(self) -> TierRule | None:
        """The level that follows."""
        rules = self.position.rules
        return self.position.stand.supported_tier(rules) if rules else None


@dataclass(frozen=True, slots=True)
class JoiningPage:
    """A page of one tab; no rows while no rules are in force."""

    tab: str
    tabs: Sequence[JoinTab]
    rows: Page[JoinRow]

    @property
    def address(self) -> str:
        """The tab's own address, to which a page number is added."""
        return f"?tab={self.tab}&"

    @property
    def title(self) -> str:
        return TITLES[self.tab]


def joining_page(tab: str, number: str, *, today: date) -> JoiningPage:
    """One page of a tab, an unknown tab being the first; a wrong page number is the nearest."""
    tab = tab if tab in TABS else WAITING
    written = number[:_DIGITS] if number.isascii() and number.isdecimal() else "1"
    page = max(int(written), 1)
    keys, counts = _keys(tab, page, JOINABLE_A_PAGE, today)
    rows: Page[Any] = Paginator(range(counts[tab]), JOINABLE_A_PAGE).get_page(page)
    rows.object_list = join_rows(keys, today=today)
    tabs = [JoinTab(code, TITLES[code], counts[code], code == tab) for code in TABS]
    return JoiningPage(tab, tabs, rows)


def everybody_who_can_join(tab: str, *, today: date) -> list[JoinRow]:
    """A whole tab, for a file; at most 100,000."""
    keys, _ = _keys(tab, 1, _ALL_AT_ONCE, today)
    return join_rows(keys, today=today)


def _keys(tab: str, page: int, size: int, today: date) -> tuple[Sequence[int], Mapping[str, int]]:
    rules = rules_on(today)
    if rules is None:
        return (), dict.fromkeys(TABS, 0)
    found = joinable(rules, tab=tab, page=page, size=size, today=today)
    return found.patient_ids, found.counts


def join_rows(patient_ids: Sequence[int], *, today: date) -> list[JoinRow]:
    """These files, in this order; three statements for any number of them."""
    patients = Patient.objects.in_bulk(patient_ids)
    places = positions(patient_ids, today=today)
    talks = newest_talks(patient_ids)
    return [_row(patients[key], places[key], talks.get(key), today) for key in patient_ids]


def _row(patient: Patient, place: Position, talk: JoinTalk | None, today: date) -> JoinRow:
    stand = place.stand
    chance = None
    if place.rules:
        chance = first_chance(place.rules, stand.visits, before=stand.before_visits)
    age = age_on(today, patient.birth_date) if patient.birth_date else None
    return JoinRow(patient, age, place, chance, talk)
