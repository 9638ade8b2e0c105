"""Receipts and refunds that never were: taken back, and entered again."""

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Patient
from points.models import Correction, Receipt, Refund
from staff.models import User
from tests.desk.correcting import correct, page_of
from tests.desk.words import squeezed, words
from tests.factories.points import receipt, refund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]


def void(client: Client, reason: str = "病人没有付款", seen: str = "1") -> str:
    fields = {"reason": reason, "seen": seen}
    return squeezed(client.post(page_of("void_receipt"), fields, follow=True))


def test_taken_back_after_it_moved_only_its_last_patient_is_told(
    as_cashier: Client, someone: Patient, other: Patient
) -> None:
    receipt(someone, "500", number="S1")
    correct(as_cashier, file_number="T2")
    fields = {"reason": "病人没有付款", "seen": "2"}
    page = squeezed(as_cashier.post(page_of("void_receipt", revision=2), fields, follow=True))
    assert "赵敏（T2）：现累计0分" in page and "原病人" not in page


def test_taking_back_alone_says_what_it_does_and_offers_to_enter_again(
    as_cashier: Client, someone: Patient
) -> None:
    receipt(someone, "500", number="S1")
    assert "扣回 500 分" in words(as_cashier.get(page_of("void_receipt")))
    page = void(as_cashier)
    assert "收据S1已冲正-500分" in page and "周芷若（T1）：现累计0分" in page
    assert "重录" in page and "退费" not in page
    later = squeezed(as_cashier.get(page_of("receipt")))
    assert "已冲正，不再计分" in later and "病人没有付款" in later
    assert "这张收据已经冲正" in words(as_cashier.get(page_of("void_receipt")))
    assert "没有可退的金额" in words(as_cashier.get(page_of("refund")))


def test_a_receipt_that_was_taken_back_is_entered_again(
    as_cashier: Client, someone: Patient
) -> None:
    receipt(someone, "500", number="S1")
    void(as_cashier)
    assert "重录收据" in words(as_cashier.get(page_of("correct_receipt")))
    page = correct(as_cashier, reason="其实付了")
    assert "收据S1已重录，为第2版" in page and "现累计500分" in page
    assert "重录原因：其实付了" in page


@pytest.mark.parametrize(
    ("reason", "seen", "sentence"),
    [("", "1", "请填写冲正原因"), ("错", "2", "收据S1已被更正为第1版"), ("错", "x", "输入整数")],
)
def test_a_wrong_taking_back_is_refused(
    as_cashier: Client, someone: Patient, reason: str, seen: str, sentence: str
) -> None:
    receipt(someone, "500", number="S1")
    assert sentence in void(as_cashier, reason, seen)
    assert not Correction.objects.exists()


def test_taking_back_twice_happens_once(as_cashier: Client, someone: Patient) -> None:
    receipt(someone, "500", number="S1")
    void(as_cashier)
    assert "这次更正已经入过账，没有重复更正" in void(as_cashier)
    assert "已冲正，不再计分" in void(as_cashier, "另一个原因")
    assert Correction.objects.count() == 1


def test_a_refund_entered_by_mistake_gives_its_points_back(
    as_cashier: Client, someone: Patient
) -> None:
    receipt(someone, "500", number="S1")
    refund("S1", "200", number="B1")
    assert "冲正退费" in words(as_cashier.get(page_of("receipt")))
    address = reverse("void_refund", args=[Refund.objects.get().pk])
    assert "请填写冲正原因" in words(as_cashier.post(address, {"reason": ""}))
    page = squeezed(as_cashier.post(address, {"reason": "退错了"}, follow=True))
    assert "退费单B1已冲正+200分" in page and "现累计500分" in page and "退错了" in page
    assert "这笔退费已经冲正" in words(as_cashier.get(address))
    assert "这笔退费已经冲正" in words(as_cashier.post(address, {"reason": "再一次"}))
    assert as_cashier.get(reverse("void_refund", args=[0])).status_code == 404


def test_the_day_counts_what_holds(
    as_manager: Client, as_cashier: Client, cashier: User, someone: Patient
) -> None:
    receipt(someone, "500", number="S1", by=User.objects.system())
    refund("S1", "100", number="B1")
    receipt(someone, "80", number="S2", by=cashier)
    refund("S2", "30", number="B2", by=cashier)
    correct(as_cashier, amount="450")
    as_cashier.post(
        reverse("void_refund", args=[Refund.objects.get(number="B2").pk]), {"reason": "退错了"}
    )
    response = as_manager.get(reverse("receipts"))
    page = squeezed(response)
    assert f"{cashier.name}2530.001100.00430.00" in page
    assert "全部2530.001100.00430.00" in page
    assert "已冲正500.00" in page and "已随收据冲正" in page and "退错了" in page
    assert "<s>500.00</s>" in response.content.decode()
    assert "共2笔，收费530.00元" in squeezed(as_cashier.get(reverse("till")))


def test_other_corrections_are_told_in_the_ledger(as_cashier: Client, someone: Patient) -> None:
    receipt(someone, "500", number="S1")
    back = refund("S1", "100", number="B1")
    as_cashier.post(reverse("void_refund", args=[back.refund_id]), {"reason": "退错了"})
    correct(as_cashier, amount="450", reason="金额录错")
    as_cashier.post(
        reverse("void_receipt", args=[Receipt.objects.get(voided=False).pk]),
        {"reason": "没有付款", "seen": "2"},
    )
    correct(as_cashier, reason="其实付了")
    page = squeezed(as_cashier.get(reverse("patient", args=[someone.pk])))
    assert "冲正B1（收据S1）退费冲正：退错了100.00+100500" in page
    assert "冲正S1冲正，已更正为第2版：金额录错-500.00-5000" in page
    assert "消费S1第2版，更正：金额录错450.00+450450" in page
    assert "冲正S1冲正，没有重录：没有付款-450.00-4500" in page
    assert "消费S1冲正后重录，第3版：其实付了450.00+450450" in page
