"""Whether what is stored of patients and members agrees with itself."""

from collections.abc import Iterator
from pathlib import Path

from cryptography.fernet import InvalidToken
from django.db import connection
from django.db.models import F, Q, TextField
from django.db.models.functions import Cast

from members import rules
from members.models import Membership, Patient, keyed_hash
from members.queries.kept import broken_cards, broken_signatures
from members.queries.names import broken_search_keys
from staff.guards import broken_guards, broken_history
from staff.models.encrypted import decrypted

_SQL = Path(__file__).parents[1] / "sql"

_GUARDS = ("membership", "merging", "kept", "households")
_TRACKED = {
    "members_patient": ("file_number", "档案 {}"),
    "members_membership": ("number", "会员号 {}"),
    "members_filemerge": ("id", "档案合并 {}"),
    "members_distinctfiles": ("id", "“不是同一人”的登记 {}"),
    "members_householdperson": ("id", "家庭成员的登记 {}"),
}
_STATEMENTS = (
    (
        """
        SELECT number FROM members_membership member
         WHERE NOT EXISTS (SELECT FROM members_card
                            WHERE membership_id = member.id AND stopped_at IS NULL)
         ORDER BY id
        """,
        "会员号 {} 没有有效的会员卡",
    ),
    (
        """
        SELECT patient.file_number FROM members_patient patient
         WHERE (merged_into_id IS NOT NULL
                OR EXISTS (SELECT FROM members_filemerge WHERE absorbed_id = patient.id))
           AND coalesce(merged_into_id, id) IS DISTINCT FROM members_root(id)
         ORDER BY patient.id
        """,
        "档案 {} 并入的档案与批准的合并不符",
    ),
    (
        """
        SELECT merge.id FROM members_filemerge merge
          JOIN staff_approval asked ON asked.id = approval_id
          LEFT JOIN staff_approval undo ON undo.id = undo_approval_id
         WHERE (merged_at IS NOT NULL) <> (asked.decision = 'approve')
            OR (undone_at IS NOT NULL) <> coalesce(undo.decision = 'approve', false)
            OR asked.kind <> 'merge' OR undo.kind <> 'unmerge'
            OR merged_at < asked.decided_at OR undone_at < merged_at
         ORDER BY merge.id
        """,
        "档案合并 {} 与其审批不符",
    ),
    (
        """
        SELECT id FROM members_household home
         WHERE NOT EXISTS (SELECT FROM members_householdperson WHERE household_id = home.id)
         ORDER BY id
        """,
        "家庭 {} 没有任何成员",
    ),
    (
        """
        SELECT person.id FROM members_householdperson person
          JOIN members_household home ON home.id = household_id
         WHERE joined_at < made_at OR left_at < joined_at
         ORDER BY person.id
        """,
        "家庭成员的登记 {} 的时间前后不符",
    ),
)


def broken_rows() -> Iterator[str]:
    """Members and patients whose stored parts disagree, one Chinese sentence each."""
    yield from broken_guards("members", *(_SQL / f"{name}.sql" for name in _GUARDS))
    for table, (name, called) in _TRACKED.items():
        yield from broken_history(table, called, name=name)
    for statement, sentence in _STATEMENTS:
        yield from _named(statement, sentence)
    yield from _broken_patients()
    yield from broken_search_keys()
    yield from _broken_members()
    yield from broken_cards()
    yield from broken_signatures()


def _named(statement: str, sentence: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        for (name,) in cursor.fetchall():
            yield sentence.format(name)


def _broken_members() -> Iterator[str]:
    ours = Membership.objects.filter(imported_in=None)
    for number in ours.values_list("number", flat=True).iterator():
        if not rules.is_membership_number(number):
            yield f"会员号 {number} 的校验位不对"
    same = Q(document_type=F("patient__document_type"), document_index=F("patient__document_index"))
    for number in Membership.objects.exclude(same).values_list("number", flat=True):
        yield f"会员号 {number} 的证件与病人档案不同"


def _broken_patients() -> Iterator[str]:
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
