"""What somebody edits past the application, the check of the books names."""

import pytest
from django.db import connection
from django.utils import timezone

from members.models import Card, Signature, keyed_hash
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


def test_a_signature_that_is_not_what_was_signed_is_named(card: Card) -> None:
    file, text, image = card.membership.patient, "我自愿加入", "iVBORw0KGgo="
    signed = Signature.objects.create(
        patient=file,
        text=text,
        image=image,
        digest=keyed_hash("signature", text + image),
        signed_at=timezone.now(),
        taken_by=user(),
    )
    assert list(broken_rows()) == []
    other = Signature._meta.get_field("text").get_prep_value("我不加入")
    change = "UPDATE members_signature SET text = %s WHERE id = %s"
    assert edited(change, other, signed.pk) == ["档案 K1 的电子签名与签署的内容不符"]
    assert edited(change, "gAAAA", signed.pk) == ["档案 K1 的电子签名的密文无法解密"]
