"""Points of the system before come in, and count once a second person has confirmed them (C2)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from members.exceptions import name_differs
from members.models import Patient
from members.operations.patients import save_patients
from points.models import LegacyBalance, LegacyConfirmation, PointsEntry, Receipt
from points.operations import ledger
from points.operations.levels import lock_accounts
from points.operations.restating import restate
from points.rules import NewLegacy, available_for
from scheme.queries import rules_on
from scheme.rules import Rules
from staff.exceptions import Refusal
from staff.models import Approval, Import, User
from staff.operations.approvals import decide, request_approval
from staff.refusals import operation
from staff.rules import NEW, SAME, business_day


@operation
def save_balances(
    *, rows: Sequence[NewLegacy], by: User, now: datetime, batch: Import
) -> list[str | Refusal]:
    """Put down legacy points, each row judged by itself: new, the same, or refused.

    A file that isn't there is opened with the name. Nothing counts yet.
    """
    rules = _rules(now)
    enough = [row for row in rows if row.points >= rules.legacy_min_points]
    files = _files(enough, by, now)
    first_days = _first_days(files.values())
    known = {balance.patient_id: balance for balance in _standing(files.values())}
    fresh = {}
    results: list[str | Refusal] = []
    for row in rows:
        if row.points < rules.legacy_min_points:
            results.append(_too_few(row, rules))
            continue
        file = files[row.file_number]
        result = _judged(row, file, known.get(file.pk), first_days.get(file.pk))
        if result == NEW:
            balance = LegacyBalance(
                patient=file, points=row.points, until=row.until, imported_in=batch, by=by
            )
            fresh[file.pk] = known[file.pk] = balance
        results.append(result)
    LegacyBalance.objects.bulk_create(fresh.values())
    return results


def _rules(now: datetime) -> Rules:
    rules = rules_on(business_day(now))
    if rules is None:
        raise Refusal("no_scheme", 409, "会员方案尚未开始，还不能转入原积分")
    return rules


def _files(rows: Sequence[NewLegacy], by: User, now: datetime) -> dict[str, Patient]:
    """The files on the rows, opened where they are not there, and locked."""
    names = {row.file_number: row.name for row in rows}
    found = Patient.objects.filter(file_number__in=names)
    there = set(found.values_list("file_number", flat=True))
    unknown = [(number, {"name": name}) for number, name in names.items() if number not in there]
    if unknown:
        save_patients(rows=unknown, by=by, now=now)
    return {file.file_number: file for file in found.order_by("pk").select_for_update(of=("self",))}


def _first_days(files: Collection[Patient]) -> dict[int, date]:
    paid = Receipt.objects.filter(patient__in=files, voided=False)
    return dict(paid.values_list("patient").annotate(Min("day")).order_by())


def _standing(files: Collection[Patient]) -> list[LegacyBalance]:
    return list(LegacyBalance.objects.filter(patient__in=files, rejected=False))


def _too_few(row: NewLegacy, rules: Rules) -> Refusal:
    least = rules.legacy_min_points
    message = f"原积分 {row.points:,} 分，未达到 {least:,} 分，按方案不转入"
    return Refusal("below_legacy_minimum", 422, message, "points")


def _judged(
    row: NewLegacy, file: Patient, known: LegacyBalance | None, first_day: date | None
) -> str | Refusal:
    if row.name != file.name:
        return name_differs(row.file_number)
    if known and (known.points, known.until) == (row.points, row.until):
        return SAME
    if known:
        message = f"该病人已转入原积分 {known.points:,} 分，截至 {known.until}，与这一行不同"
        return Refusal("legacy_balance_once", 409, message, "points")
    if first_day and first_day <= row.until:
        message = f"该病人在截止日期及以前（{first_day}）已有收费入账，会重复计算"
        return Refusal("balance_before_receipts", 409, message, "until")
    return NEW


@operation
def request_confirmation(*, batch: Import, by: User, now: datetime) -> LegacyConfirmation | None:
    """Ask a second person to confirm the points that came in with a file; None if none did.

    The same file again is the same request.
    """
    points = list(LegacyBalance.objects.filter(imported_in=batch).values_list("points", flat=True))
    if not points:
        return None
    if asked := LegacyConfirmation.objects.filter(imported_in=batch).first():
        return asked
    approval = request_approval(
        kind=Approval.Kind.LEGACY_POINTS,
        summary=f"转入原积分：{len(points):,} 人，合计 {sum(points):,} 分（{batch.file_name}）"[
            :200
        ],
        by=by,
        now=now,
    )
    return LegacyConfirmation.objects.create(imported_in=batch, approval=approval)


@operation
def decide_confirmation(
    *, confirmation_id: int, confirm: bool, sentence: str, by: User, now: datetime
) -> LegacyConfirmation:
    """The second person's word: the points of the file count from now on, or never.

    Raises Refusal 409 when decided already or for the requester, 422 without a sentence.
    """
    kinds = LegacyConfirmation.Decision
    decision = kinds.CONFIRM if confirm else kinds.REJECT
    confirmation = LegacyConfirmation.objects.select_related("imported_in").get(pk=confirmation_id)
    decide(
        approval_id=confirmation.approval_id,
        decision=decision.value,
        sentence=sentence,
        by=by,
        now=now,
    )
    confirmation.decision = decision
    confirmation.save(update_fields=["decision"])
    if confirm:
        _count(LegacyBalance.objects.filter(imported_in=confirmation.imported_in), by, now)
    else:
        LegacyBalance.objects.filter(imported_in=confirmation.imported_in).update(rejected=True)
    return confirmation


@operation
def confirm_at_once(*, batch: Import, by: User, now: datetime) -> None:
    """Count the points that a command put down: who has shell access is the second person.

    Those of earlier commands that were killed before they came to this count, too.
    """
    killed = Q(by=by, rejected=False, imported_in__legacyconfirmation=None)
    _count(LegacyBalance.objects.filter(Q(imported_in=batch) | killed), by, now)


def _count(found: QuerySet[LegacyBalance], by: User, now: datetime) -> None:
    posted = PointsEntry.objects.filter(reference=OuterRef("reference"))
    waiting = found.filter(~Exists(posted))
    files = Patient.objects.filter(pk__in=list(waiting.values_list("patient", flat=True)))
    # Where a file's points stand is read once no merge can change it any more.
    list(files.order_by("pk").select_for_update(of=("self",), no_key=True))
    balances = list(waiting.select_related("patient"))
    if not balances:
        return
    rules = _rules(now)
    lock_accounts([balance.patient.root_id for balance in balances])
    entries = [_opening(balance, rules, now) for balance in balances]
    ledger.post(entries=entries, by=by)
    restate(causes={entry.account_id: None for entry in entries}, by=by, now=now)


def _opening(balance: LegacyBalance, rules: Rules, now: datetime) -> ledger.NewEntry:
    spendable = available_for(balance.points, rules) if rules.legacy_counts_as_available else 0
    return ledger.NewEntry(
        account_id=balance.patient.root_id,
        kind=PointsEntry.Kind.OPENING,
        cumulative_delta=balance.points,
        available_delta=spendable,
        occurred_at=now,
        reference=balance.reference,
        scheme_id=rules.stored_id,
    )
