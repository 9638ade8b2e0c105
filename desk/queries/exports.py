"""The rows of the lists that can leave the system as a file: phones masked, no ID numbers (R41)."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any, TypeAlias

from django.db.models import OuterRef, Subquery

from desk.queries.joining import TITLES, everybody_who_can_join
from desk.queries.oversight import Mended, oversight_page
from desk.queries.takings import receipts_of, refunds_of
from desk.queries.unclaimed import UnclaimedLine, UnclaimedRow, everything_unclaimed
from members.models import JoinTalk, Membership
from members.queries.access import accesses_between
from members.rules import SEXES, masked_phone
from points.models import PointsAccount, Receipt, Refund, TierReached
from points.queries.changeover import changeovers, waiting
from rewards.queries.lists import Choice
from scheme.queries import rules_on
from staff.rules import business_day
from staff.spreadsheets import Cell

Rows: TypeAlias = Iterator[tuple[Cell, ...]]

_AT_ONCE = 2_000
_OF_A_MEMBER = (
    "number",
    "patient",
    "patient__file_number",
    "patient__name",
    "patient__sex",
    "patient__phone_last4",
    "joined_on",
    "tier",
    "cumulative",
    "available",
    "accepts_follow_up",
    "accepts_post",
    "accepts_activities",
)


def receipt_rows(day: date) -> Rows:
    """The receipts of a business day, then its refunds with their yuan below zero."""
    receipts = receipts_of(day).select_related("patient", "by").order_by("pk")
    for receipt in receipts.iterator(chunk_size=_AT_ONCE):
        yield (
            "收费",
            receipt.number,
            *_whose(receipt),
            receipt.paid_at,
            receipt.amount,
            receipt.net_points,
            receipt.by.name,
            "已冲正" if receipt.voided else "",
        )
    refunds = refunds_of(day).select_related("receipt__patient", "by").order_by("pk")
    for refund in refunds.iterator(chunk_size=_AT_ONCE):
        yield _refund(refund)


def _whose(receipt: Receipt) -> tuple[str, str]:
    return receipt.patient.file_number, receipt.patient.name


def _refund(refund: Refund) -> tuple[Cell, ...]:
    undone = refund.voided or refund.receipt.voided
    return (
        "退费",
        refund.number,
        *_whose(refund.receipt),
        refund.refunded_at,
        -refund.amount,
        None,
        refund.by.name,
        "已冲正" if undone else "",
    )


def oversight_rows(day: date) -> Rows:
    """What the daily list shows of a business day, in the order of the page."""
    page = oversight_page(day)
    for refund in page.own_refunds.rows:
        whose = _whose(refund.receipt)
        yield (
            "自己退自己收的费",
            refund.number,
            *whose,
            refund.amount,
            refund.by.name,
            refund.reason,
        )
    for mended in page.corrections:
        yield _mended(mended)
    for late in page.late.rows:
        why = f"{late.day} 收费"
        yield "补录", late.number, *_whose(late), late.amount, late.by.name, why
    for row in page.undone:
        file, why = row.patient, f"{row.item}：{row.made.reason}"
        yield row.what, "", file.file_number, file.name, None, row.made.by.name, why
    for batch in page.imports:
        by = batch.saved_by or batch.by
        yield "导入", batch.file_name, "", "", None, by.name, batch.get_kind_display()


def _mended(mended: Mended) -> tuple[Cell, ...]:
    made = mended.made
    return (
        mended.what,
        mended.number,
        *_whose(mended.receipt),
        mended.yuan,
        made.by.name,
        made.reason,
    )


def access_rows(since: date, until: date) -> Rows:
    """Who saw whose details in full, the latest first."""
    for access in accesses_between(since, until).iterator(chunk_size=_AT_ONCE):
        patient = access.patient
        yield (
            access.at,
            access.by.name,
            patient.file_number,
            patient.name,
            access.seen,
            access.reason,
        )


def joining_rows(today: date) -> Rows:
    """Everybody who can join, by what was answered last."""
    for tab, title in TITLES.items():
        for row in everybody_who_can_join(tab, today=today):
            yield (
                title,
                row.patient.file_number,
                row.patient.name,
                SEXES.get(row.patient.sex, ""),
                row.patient.masked_phone,
                row.since,
                row.path,
                row.position.stand.cumulative,
                row.tier.name if row.tier else "",
                *_talk(row.talk),
            )


def _talk(talk: JoinTalk | None) -> tuple[Cell, ...]:
    if talk is None:
        return "", "", ""
    return talk.talked_at, talk.by.name, talk.ask_again_on


def unclaimed_rows(today: date) -> Rows:
    """Gifts that were not collected, then services that lapse this year; a line for each item."""
    year_end = today.replace(month=12, day=31)
    for title, choice in (
        ("礼品", Choice("gift")),
        ("服务", Choice("service", until=year_end)),
    ):
        for row in everything_unclaimed(choice, today=today):
            for line in row.lines:
                yield (title, *_of_member_row(row), *_of_line(line))


def _of_member_row(row: UnclaimedRow) -> tuple[Cell, ...]:
    patient = row.member.patient
    return (
        row.member.number,
        patient.file_number,
        patient.name,
        SEXES.get(patient.sex, ""),
        patient.masked_phone,
        row.tier.name if row.tier else "",
    )


def _of_line(line: UnclaimedLine) -> tuple[Cell, ...]:
    said = line.put_off
    return (
        line.item.name,
        line.child,
        line.quantity,
        line.expires_on,
        "已领取，未使用" if line.claimed else "",
        business_day(said.put_off_at) if said else None,
        said.reason if said else "",
    )


def member_rows(today: date) -> Rows:
    """Every member by number, with level, points and consents; nothing that is encrypted.

    One line a person: a merged file's membership is left out (C40).
    """
    rules = rules_on(today)
    names = {tier.code: tier.name for tier in rules.tiers} if rules else {}
    for member, carried_over in _members(today):
        yield (
            member.number,
            member.patient__file_number,
            member.patient__name,
            SEXES.get(member.patient__sex, ""),
            masked_phone(member.patient__phone_last4),
            member.joined_on,
            names.get(member.tier, member.tier or ""),
            member.cumulative or 0,
            (member.available or 0) + carried_over,
            _yes(member.accepts_follow_up),
            _yes(member.accepts_post),
            _yes(member.accepts_activities),
        )


def _members(today: date) -> Iterator[tuple[Any, int]]:
    """The members, with the points that are available and not carried over yet (C3)."""
    held = TierReached.objects.filter(
        membership=OuterRef("pk"), withdrawn_by=None, restated_by=None
    ).order_by("-rank")
    account = PointsAccount.objects.filter(patient=OuterRef("patient"))
    found = Membership.objects.filter(patient__merged_into=None).annotate(
        tier=Subquery(held.values("tier")[:1]),
        cumulative=Subquery(account.values("cumulative")[:1]),
        available=Subquery(account.values("available")[:1]),
    )
    listed = found.order_by("number").values_list(*_OF_A_MEMBER, named=True)
    rows, begun = listed.iterator(chunk_size=_AT_ONCE), changeovers(today)
    while members := list(islice(rows, _AT_ONCE)):
        files = [member.patient for member in members]
        points = waiting(begun[-1].scheme_id, files) if begun else Counter[int]()
        yield from ((member, points[member.patient]) for member in members)


def _yes(agreed: bool) -> str:
    return "是" if agreed else "否"
