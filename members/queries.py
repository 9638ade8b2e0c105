from collections.abc import Iterator
from pathlib import Path

from cryptography.fernet import InvalidToken
from django.db import connection
from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast

from members import rules
from members.models import Membership, Patient, keyed_hash
from staff.guards import broken_guards
from staff.models.encrypted import decrypted
from staff.rules import plain

_SQL = Path(__file__).parent / "sql"
FOUND_AT_MOST = 20

# Every change of a row leaves its new content in the history, unless the triggers were off.
_HISTORIES = (
    (
        """
        SELECT file_number FROM members_patient patient
         WHERE NOT coalesce((
               SELECT to_jsonb(event) @> to_jsonb(patient) FROM members_patientevent event
                WHERE event.pgh_obj_id = patient.id ORDER BY event.pgh_id DESC LIMIT 1), false)
         ORDER BY file_number
        """,
        "档案 {} 与其修改记录的最后一条不同",
    ),
    (
        """
        SELECT number FROM members_membership member
         WHERE NOT coalesce((
               SELECT to_jsonb(event) @> to_jsonb(member) FROM members_membershipevent event
                WHERE event.pgh_obj_id = member.id ORDER BY event.pgh_id DESC LIMIT 1), false)
         ORDER BY number
        """,
        "会员号 {} 与其修改记录的最后一条不同",
    ),
)


def patient_by_file_number(file_number: str) -> Patient | None:
    """The patient file with exactly this number."""
    return Patient.objects.filter(file_number=file_number).first()


def find_patients(written: str) -> list[Patient]:
    """Patients by file number, member number, whole phone or its last four, or name's beginning.

    At most 20, the exact number first. The shape of what was written chooses the column.
    """
    wanted = plain(written)
    if not wanted.isascii():
        wanted = "".join(wanted.split())
    if not wanted or not wanted.isprintable():
        return []
    exact = Q(file_number=wanted) | Q(membership__number=wanted)
    found = list(_with_membership().filter(exact).order_by("pk")[:FOUND_AT_MOST])
    others = _with_membership().filter(_by_shape(wanted)).exclude(exact)
    return found + list(others.order_by("name", "pk")[: FOUND_AT_MOST - len(found)])


def _with_membership() -> QuerySet[Patient]:
    return Patient.objects.select_related("membership")


def _by_shape(wanted: str) -> Q:
    digits = wanted.replace("-", "").replace(" ", "")
    if digits.isascii() and digits.isdigit() and len(digits) >= 10:
        return Q(phone_index=keyed_hash("phone", digits))
    if digits.isascii() and digits.isdigit() and len(digits) == 4:
        return Q(phone_last4=digits)
    return Q(name__startswith=wanted)


def broken_rows() -> Iterator[str]:
    """Members and patients whose stored parts disagree, one Chinese sentence each."""
    yield from broken_guards("members", _SQL / "membership.sql", _SQL / "merging.sql")
    for statement, sentence in _HISTORIES:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            for (number,) in cursor.fetchall():
                yield sentence.format(number)
    stored = Patient.objects.values_list(
        "file_number",
        *(Cast(field, TextField()) for field in ("phone", "document_number")),
        "phone_index",
        "phone_last4",
        "document_type",
        "document_index",
        "document_last4",
    )
    for row in stored.iterator(chunk_size=2000):
        yield from _broken_patient(*row)
    for number in Membership.objects.values_list("number", flat=True).iterator():
        if not rules.is_membership_number(number):
            yield f"会员号 {number} 的校验位不对"
    same = Q(document_type=F("patient__document_type"), document_index=F("patient__document_index"))
    for number in Membership.objects.exclude(same).values_list("number", flat=True):
        yield f"会员号 {number} 的证件与病人档案不同"


def _broken_patient(
    file_number: str,
    phone_cipher: str,
    document_cipher: str,
    phone_index: str,
    phone_last4: str,
    document_type: str,
    document_index: str,
    document_last4: str,
) -> Iterator[str]:
    try:
        phone, document = decrypted(phone_cipher), decrypted(document_cipher)
    except InvalidToken:
        yield f"档案 {file_number} 的电话或证件号码的密文无法解密"
        return
    if phone_index != keyed_hash("phone", phone):
        yield f"档案 {file_number} 的电话与其索引不符"
    if phone_last4 != phone[-4:]:
        yield f"档案 {file_number} 的电话末四位不符"
    if document_index != keyed_hash(document_type, document):
        yield f"档案 {file_number} 的证件与其索引不符"
    if document_last4 != document[-4:]:
        yield f"档案 {file_number} 的证件末四位不符"
