"""What somebody edits past the application, the check of the books names."""

import pytest
from django.db import connection
from django.utils import timezone

from members.models import Card, Signature, signature_digest
from members.operations.cards import replace_card
from members.queries import broken_rows
from tests.factories.members import patient
from tests.factories.points import member
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]


@pytest.fixture
def card() -> Card:
    """A lost card that another one replaced, in books that are in order."""
    lost = member(patient("K1")).cards.get()
    replace_card(
        card_id=lost.pk, reason="lost", document_shown="passport", by=user(), now=timezone.now()
    )
    lost.refresh_from_db()
    assert list(broken_rows()) == []
    return lost


def edited(sql: str, *given: str | int) -> list[str]:
    """What the check says once the owner of the tables has changed them, triggers off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL session_replication_role = replica"
        )
        cursor.execute(sql, given)
        cursor.execute("SET LOCAL session_replication_role = origin")
    return list(broken_rows())


def test_a_wrong_check_digit_is_named(card: Card) -> None:
    wrong = card.number[:-1] + str((int(card.number[-1]) + 1) % 10)
    said = edited("UPDATE members_card SET number = %s WHERE id = %s", wrong, card.pk)
    assert said == [f"卡号 {wrong} 的校验位不对"]


@pytest.mark.parametrize(
    "change",
    ["stopped_at = stopped_at + interval '1 second'", "serial = 3"],
)
def test_a_card_that_does_not_follow_the_one_before_is_named(card: Card, change: str) -> None:
    said = edited(f"UPDATE members_card SET {change} WHERE id = %s", card.pk)
    assert said and all("接不上" in sentence for sentence in said)


def test_a_member_without_a_live_card_is_named(card: Card) -> None:
    said = edited("DELETE FROM members_card WHERE stopped_at IS NULL")
    assert f"会员号 {card.membership.number} 没有有效的会员卡" in said


@pytest.fixture
def signed(card: Card) -> Signature:
    """A signature on the screen, as it was made."""
    text, image = "我自愿加入", "iVBORw0KGgo="
    made = Signature.objects.create(
        patient=card.membership.patient,
        text=text,
        image=image,
        digest=signature_digest(text, image),
        signed_at=timezone.now(),
        taken_by=user(),
    )
    assert list(broken_rows()) == []
    return made


@pytest.mark.parametrize(
    ("text", "image"), [("我不加入", "iVBORw0KGgo="), ("我自愿加入i", "VBORw0KGgo=")]
)
def test_a_signature_that_is_not_what_was_signed_is_named(
    signed: Signature, text: str, image: str
) -> None:
    ciphers = [Signature._meta.get_field("text").get_prep_value(said) for said in (text, image)]
    change = "UPDATE members_signature SET text = %s, image = %s WHERE id = %s"
    assert edited(change, *ciphers, signed.pk) == ["档案 K1 的电子签名与签署的内容不符"]


def test_a_signature_that_no_key_opens_is_named(signed: Signature) -> None:
    said = edited("UPDATE members_signature SET text = 'gAAAA' WHERE id = %s", signed.pk)
    assert said == ["档案 K1 的电子签名的密文无法解密"]
