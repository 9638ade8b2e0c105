"""A receipt that was entered wrongly is put right: shown first, then done, then told."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Patient
from points.models import Correction, PointsEntry, Receipt, Refund
from staff.models import User
from tests.desk.correcting import correct, page_of, typed
from tests.desk.words import squeezed, words
from tests.factories.points import member, receipt, refund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]


def test_the_form_holds_what_is_stored(as_cashier: Client, someone: Patient) -> None:
    receipt(someone, "128.50", number="S1")
    form = typed(as_cashier)
    assert (form["file_number"], form["amount"], form["seen"]) == ("T1", "128.50", "1")
    assert form["paid_at"] == timezone.localdate().isoformat()


def test_the_first_step_shows_what_will_change_and_changes_nothing(
    as_cashier: Client, someone: Patient, other: Patient
) -> None:
    member(someone, "1000", name=someone.name)
    receipt(someone, "5000", number="S1")
    fields = typed(as_cashier, file_number="T2", amount="4800")
    page = squeezed(as_cashier.post(page_of("correct_receipt"), fields))
    assert "请核对：收据S1" in page and "确认更正" in page
    assert "周芷若（档案号T1）赵敏（档案号T2）" in page and "5,000.00元4,800.00元" in page
    assert "周芷若（T1）：累计6,000分→1,000分；高级会员→普通会员" in page
    assert "赵敏（T2）：累计0分→4,800分；还差1,000分入会→可入会" in page
    assert not Correction.objects.exists() and PointsEntry.objects.count() == 2


def test_one_can_go_back_from_the_preview_with_everything_typed(
    as_cashier: Client, someone: Patient
) -> None:
    receipt(someone, "500", number="S1")
    fields = typed(as_cashier, amount="400", note="第二次")
    response = as_cashier.post(page_of("correct_receipt"), {**fields, "back": "1"})
    form = response.context["form"]
    assert (form["amount"].value(), form["note"].value()) == ("400", "第二次")
    assert "请核对" not in words(response)


def test_a_receipt_moves_to_another_patient(
    as_cashier: Client, cashier: User, someone: Patient, other: Patient
) -> None:
    receipt(someone, "1500", number="S1")
    page = correct(as_cashier, file_number="T2")
    assert "收据S1已更正为第2版" in page
    assert "原病人周芷若（T1）：现累计0分" in page and "现病人赵敏（T2）：现累计1,500分" in page
    assert f"{cashier.name}于" in page and "原因：录错了病人" in page
    newest = Receipt.objects.get(voided=False)
    assert (newest.patient_id, newest.revision, str(newest.amount)) == (other.pk, 2, "1500.00")


def test_an_untouched_time_keeps_its_seconds_and_a_typed_one_is_taken(
    as_cashier: Client, someone: Patient
) -> None:
    paid = receipt(someone, "500", number="S1")
    before = Receipt.objects.get(pk=paid.receipt_id).paid_at
    correct(as_cashier, amount="400")
    assert Receipt.objects.get(voided=False).paid_at == before
    correct(as_cashier, paid_at="2026-03-02", paid_time="9点30分")
    again = timezone.localtime(Receipt.objects.get(voided=False).paid_at)
    assert f"{again:%Y-%m-%d %H:%M}" == "2026-03-02 09:30"


def test_the_same_correction_twice_happens_once(as_cashier: Client, someone: Patient) -> None:
    receipt(someone, "500", number="S1")
    fields = {**typed(as_cashier, amount="400"), "confirmed": "1"}
    address = page_of("correct_receipt")
    once, twice = (squeezed(as_cashier.post(address, fields, follow=True)) for _ in range(2))
    assert "没有重复更正" not in once and "这次更正已经入过账，没有重复更正" in twice
    assert Correction.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({}, None, "更正的内容与原收据完全相同"),
        ({"amount": "400", "reason": " "}, "reason", "请填写更正原因"),
        ({"amount": "400", "reason": "\x01"}, "reason", "更正原因含有无法识别的字符"),
        ({"amount": "0"}, "amount", "金额必须大于 0 元"),
        ({"amount": ""}, "amount", "请填写金额"),
        ({"file_number": "T9"}, "file_number", "没有档案号为 T9 的病人"),
        ({"file_number": ""}, "file_number", "请填写档案号"),
        ({"paid_at": "2099-01-01"}, "paid_at", "收费时间不能晚于现在"),
        ({"paid_at": "1999-01-01"}, "paid_at", "会员方案尚未开始"),
        ({"paid_at": ""}, "paid_at", "请填写收费日期"),
        ({"paid_time": "25:00"}, "paid_at", "收费时间应写作"),
        ({"amount": "99"}, "amount", "这张收据已退 100.00 元，更正后的金额不能更小"),
        ({"note": "x" * 201}, "note", "备注最多 200 个字"),
        ({"amount": "400", "seen": "7"}, None, "收据 S1 已被更正为第 1 版"),
        ({"amount": "400", "seen": "x"}, "seen", "输入整数"),
    ],
)
def test_a_wrong_correction_is_refused_and_nothing_typed_is_lost(
    as_cashier: Client, someone: Patient, given: dict[str, str], field: str | None, sentence: str
) -> None:
    receipt(someone, "500", number="S1")
    refund("S1", "100")
    fields = typed(as_cashier, **{"department": "口腔修复科", **given})
    if not given:
        del fields["department"]
    for step in ({}, {"confirmed": "1"}):
        response = as_cashier.post(page_of("correct_receipt"), {**fields, **step})
        assert sentence in words(response)
        form = response.context["form"]
        assert field is None or field == "amount" or form.errors[field]
        assert form["department"].value() == fields.get("department")
    assert not Correction.objects.exists()


def test_who_looked_at_an_older_revision_is_led_to_the_newest(
    as_cashier: Client, someone: Patient
) -> None:
    receipt(someone, "500", number="S1")
    stale = typed(as_cashier, amount="300", note="别人先改了")
    address = page_of("correct_receipt")
    correct(as_cashier, amount="400")
    assert "这张收据已经更正过" in words(as_cashier.get(address))
    response = as_cashier.post(address, {**stale, "confirmed": "1"})
    assert "收据 S1 已被更正为第 2 版，请核对后再更正" in words(response)
    assert response.context["form"]["note"].value() == "别人先改了"
    assert page_of("receipt", revision=2) in response.content.decode()


def test_an_older_revision_says_what_became_of_it(
    as_cashier: Client, someone: Patient, other: Patient
) -> None:
    receipt(someone, "500", number="S1")
    correct(as_cashier, file_number="T2")
    response = as_cashier.get(page_of("receipt"))
    page = squeezed(response)
    assert "收据S1第1版已冲正，不再计分" in page and "第2版，病人赵敏（T2），500元" in page
    assert "退费" not in page and "重录" not in page
    assert "更正记录" in squeezed(as_cashier.get(page_of("receipt", revision=2)))


def test_only_the_till_corrects(
    as_manager: Client, as_front_desk: Client, someone: Patient
) -> None:
    receipt(someone, "500", number="S1")
    refund("S1", "100")
    addresses = [page_of(name) for name in ("correct_receipt", "void_receipt")]
    addresses.append(reverse("void_refund", args=[Refund.objects.get().pk]))
    for browser in (as_manager, as_front_desk):
        for address in addresses:
            assert browser.get(address).status_code == 403
            assert browser.post(address, {}).status_code == 403
    page = words(as_manager.get(page_of("receipt")))
    assert "更正" not in page and "冲正" not in page


def test_an_unknown_receipt_is_not_found(as_cashier: Client) -> None:
    for name in ("correct_receipt", "void_receipt", "void_refund"):
        assert as_cashier.get(reverse(name, args=[10**30])).status_code == 404


def test_a_corrected_receipts_pages_take_few_queries(
    as_cashier: Client,
    someone: Patient,
    other: Patient,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    member(someone, "1000")
    receipt(someone, "500", number="S1")
    for number in range(5):
        refund("S1", "10", number=f"B{number}")
        correct(as_cashier, file_number="T2" if number % 2 else "T1", amount=f"{400 + number}")
    for name, at_most in (("receipt", 24), ("correct_receipt", 14), ("void_receipt", 14)):
        with django_assert_max_num_queries(at_most):
            assert as_cashier.get(page_of(name, revision=6)).status_code == 200
    assert Receipt.objects.get(number="S1", voided=False).amount == Decimal(404)


def test_both_histories_say_what_happened(
    as_cashier: Client, someone: Patient, other: Patient
) -> None:
    receipt(someone, "500", number="S1")
    refund("S1", "100", number="B1")
    correct(as_cashier, file_number="T2")
    old = squeezed(as_cashier.get(reverse("patient", args=[someone.pk])))
    assert "冲正S1冲正，已更正到档案T2：录错了病人-400.00-4000" in old
    new = squeezed(as_cashier.get(reverse("patient", args=[other.pk])))
    assert "消费S1第2版，更正自档案T1：录错了病人500.00+500500" in new
    assert "退费B1（收据S1）随更正的收据转入：治疗未做-100.00-100400" in new


def test_a_level_that_a_correction_took_back_is_history(
    as_cashier: Client, someone: Patient, other: Patient
) -> None:
    member(someone, "1000")
    receipt(someone, "9240", number="S1")
    correct(as_cashier, file_number="T2")
    response = as_cashier.get(reverse("patient", args=[someone.pk]))
    page = squeezed(response)
    assert f"{timezone.localdate()}因更正取消" in page
    assert response.context["page"].level.name == "普通会员"
    assert "复核" not in page
