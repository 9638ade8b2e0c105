from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Patient
from points.models import Correction, PointsEntry, Receipt, Refund
from staff.models import User
from tests.desk.words import squeezed, words
from tests.factories.members import patient
from tests.factories.points import member, receipt, refund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]


@pytest.fixture
def someone(scheme: object) -> Patient:
    return patient("T1", name="周芷若")


@pytest.fixture
def other(scheme: object) -> Patient:
    return patient("T2", name="赵敏")


def page_of(name: str, number: str = "S1", revision: int = 1) -> str:
    paper = Receipt.objects.get(number=number, revision=revision)
    return reverse(name, args=[paper.pk])


def typed(client: Client, **given: str) -> dict[str, str]:
    """What the form of S1's newest revision holds, with what the cashier changed."""
    newest = Receipt.objects.filter(number="S1").order_by("-revision")[0]
    form = client.get(reverse("correct_receipt", args=[newest.pk])).context["form"]
    held = {field.name: str(field.value()) for field in form if field.value() is not None}
    return {**held, "reason": "录错了病人", **given}


def correct(client: Client, **given: str) -> str:
    """Correct S1 in both steps; what the result says."""
    newest = Receipt.objects.filter(number="S1").order_by("-revision")[0]
    fields = {**typed(client, **given), "confirmed": "1"}
    address = reverse("correct_receipt", args=[newest.pk])
    return squeezed(client.post(address, fields, follow=True))


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


def test_a_late_receipt_has_its_own_day_and_says_so(as_cashier: Client, someone: Patient) -> None:
    fields = {"amount": "1000", "receipt_number": "S1", "paid_at": "2026年3月2日"}
    address = reverse("take_payment", args=[someone.pk])
    page = squeezed(as_cashier.post(address, fields, follow=True))
    assert "补录：计入2026年3月2日的收费" in page and "+1,000分" in page
    assert str(Receipt.objects.get().day) == "2026-03-02"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"paid_at": "2099-01-01"}, "收费时间不能晚于现在"),
        ({"paid_at": "昨天"}, "收费时间应写作"),
        ({"paid_at": "1999-01-01"}, "会员方案尚未开始"),
        ({"paid_at": "2026-03-02", "paid_time": "上午"}, "收费时间应写作"),
    ],
)
def test_a_wrong_day_is_said_at_its_field(
    as_cashier: Client, someone: Patient, given: dict[str, str], sentence: str
) -> None:
    fields = {"amount": "1000", "receipt_number": "S1", **given}
    response = as_cashier.post(reverse("take_payment", args=[someone.pk]), fields)
    assert sentence in words(response) and response.context["form"].errors["paid_at"]
    assert response.content.decode().count('<details class="more" open>') == 1
    assert not Receipt.objects.exists()


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
    for name, at_most in (("receipt", 14), ("correct_receipt", 14), ("void_receipt", 14)):
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
