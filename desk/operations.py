"""Writes that compose what several apps offer, in one transaction."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from desk.queries.corrections import Preview, Side
from desk.queries.positions import positions
from members.models import HouseholdPerson, Membership, Patient
from members.operations.households import add_person
from members.operations.patients import save_patient
from members.queries import patient_by_file_number
from members.rules import PatientDetails, details_from
from points.models import Receipt
from points.operations.corrections import Corrected, correct_receipt
from points.rules import NewCorrection
from rewards.models import Use
from rewards.operations.uses import NewUse, use_services
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import CHANGED, business_day


@operation
def open_patient_file(
    *, file_number: str, given: Mapping[str, object], by: User, now: datetime
) -> Patient:
    """Open a new patient file; the same file with the same content again is that file.

    Raises Refusal 422 naming the field; 409 with `patient_id` when the number stands for
    another patient file, which is left as it is.
    """
    wanted = details_from(given, PatientDetails(), today=business_day(now))
    known = patient_by_file_number(file_number)
    if known:
        return _same(known, wanted)
    saved = save_patient(file_number=file_number, given=given, by=by, now=now)
    if saved.outcome == CHANGED:  # somebody opened it meanwhile; the change is rolled back
        raise _exists(saved.patient)
    return saved.patient


@operation
def add_new_person(
    *,
    membership: Membership,
    file_number: str,
    given: Mapping[str, object],
    is_child: bool,
    relation: str,
    document_seen: str,
    by: User,
    now: datetime,
) -> HouseholdPerson:
    """Open a patient file for a relative of the member and add it to the household (R15).

    Both or nothing. Raises what `open_patient_file` and `add_person` refuse.
    """
    return add_person(
        membership=membership,
        patient=open_patient_file(file_number=file_number, given=given, by=by, now=now),
        is_child=is_child,
        relation=relation,
        document_seen=document_seen,
        by=by,
        now=now,
    )


@operation
def give_service(
    *,
    membership: Membership,
    file_number: str,
    given: Mapping[str, object],
    new: NewUse,
    by: User,
    now: datetime,
) -> list[Use]:
    """Open a patient file for somebody whom a member gives a service, and record its use (R18).

    Both or nothing. Raises what `open_patient_file` and `use_services` refuse.
    """
    guest = open_patient_file(file_number=file_number, given=given, by=by, now=now)
    return use_services(membership=membership, beneficiary=guest, new=new, by=by, now=now)


def try_correction(*, new: NewCorrection, by: User, now: datetime) -> Preview:
    """What a correction would change: it is made and rolled back, so nothing is guessed.

    Raises the Refusal that making it would raise.
    """
    with transaction.atomic():
        made = correct_receipt(new=new, by=by, now=now)
        files = _concerned(made)
        after = positions(files, today=business_day(now))
        revisions = Receipt.objects.filter(number=made.receipt_number).select_related("patient")
        was, will_be = revisions.order_by("-revision")[1], revisions.get(pk=made.receipt_id)
        patients = Patient.objects.in_bulk(files)
        # What is checked at the end of a transaction is checked here, before it is taken back.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
    before = positions(files, today=business_day(now))
    sides = tuple(Side(patients[pk], before[pk], after[pk]) for pk in files)
    return Preview(was, will_be, sides, made.repeated)


def _concerned(made: Corrected) -> list[int]:
    """The file that the receipt is taken from, then the one that gets it, if it is another."""
    files = [made.old.patient_id]
    if made.new and made.new.patient_id not in files:
        files.append(made.new.patient_id)
    return files


def _same(known: Patient, wanted: PatientDetails) -> Patient:
    if known.details() != wanted:
        raise _exists(known)
    return known


def _exists(known: Patient) -> Refusal:
    return Refusal(
        "file_exists",
        409,
        f"档案号 {known.file_number} 已经有档案，没有改动它；请核对档案号，或打开已有的档案",
        "file_number",
        {"patient_id": known.pk},
    )
