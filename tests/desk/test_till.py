from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Patient
from points.models import PointsEntry, Receipt, Refund
from staff.models import User
from tests.desk.words import squeezed, words
from tests.factories.members import patient
from tests.factories.points import member, receipt, refund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

TILL = reverse("till")
DAY = reverse("receipts")


@pytest.fixture
def someone(scheme: object) -> Patient:
    return patient("T1", name="周芷若")


def pay_page(someone: Patient) -> str:
    return reverse("take_payment", args=[someone.pk])


def pay(client: Client, someone: Patient, amount: str, number: str = "S001", **given: str) -> str:
    typed = {"amount": amount, "receipt_number": number, **given}
    return squeezed(client.post(pay_page(someone), typed, follow=True))


def test_the_till_begins_with_the_search_and_ones_own_receipts(
    as_cashier: Client, cashier: User, someone: Patient
) -> None:
    assert "今天还没有收费" in words(as_cashier.get(TILL))
    receipt(someone, "120.50", number="S1", by=cashier)
    receipt(someone, "80", number="S2", by=cashier)
    receipt(someone, "999", number="S3")
    refund("S2", "30", by=cashier)
    page = words(as_cashier.get(TILL))
    assert "共 2 笔，收费 200.50 元，退费 1 笔 30.00 元，净收 170.50 元" in page
    assert "S1" in page and "S2" in page and "S3" not in page


def test_the_tills_search_leads_to_the_payment(as_cashier: Client, someone: Patient) -> None:
    found = as_cashier.get(reverse("patients"), {"q": "T1", "for": "pay"})
    assert found.headers["Location"] == pay_page(someone)


def test_a_payment_below_the_threshold_says_what_is_missing(
    as_cashier: Client, someone: Patient
) -> None:
    page = pay(as_cashier, someone, "999.99")
    assert "+999分" in page and "累计999分" in page and "还差1分可以入会" in page
    assert "办理入会" not in page


def test_a_payment_that_allows_joining_offers_it(as_cashier: Client, someone: Patient) -> None:
    page = pay(as_cashier, someone, "1000")
    assert "+1,000分" in page and "可以入会" in page and "办理入会" in page


def test_a_member_who_reaches_a_level_is_told_so(as_cashier: Client, someone: Patient) -> None:
    member(someone, "1000")
    page = pay(as_cashier, someone, "9240")
    assert "达到VIP会员" in page
    assert f"{timezone.localdate()}一次性消费10,240元，直接升级为VIP会员" in page


def test_a_member_without_a_new_level_hears_what_is_missing(
    as_cashier: Client, someone: Patient
) -> None:
    member(someone, "1000")
    page = pay(as_cashier, someone, "100")
    assert "现为普通会员" in page
    assert "距高级会员：一次性消费再满3,900分，或累计再满6,900分" in page


@pytest.mark.parametrize(
    "typed", ["１２００", "1,200", "1，200元", "￥1200", " 1200.00 元", "1200。00"]
)
def test_amounts_are_understood_as_people_type_them(
    as_cashier: Client, someone: Patient, typed: str
) -> None:
    assert "+1,200分" in pay(as_cashier, someone, typed)
    assert Receipt.objects.get().amount == Decimal(1200)


def test_the_same_receipt_twice_shows_the_first(as_cashier: Client, someone: Patient) -> None:
    pay(as_cashier, someone, "500")
    page = pay(as_cashier, someone, "500")
    assert "这张收据已经入过账，没有重复计分" in page and "+500分" in page and "累计500分" in page
    assert PointsEntry.objects.count() == 1


def test_the_same_number_with_another_amount_is_refused(
    as_cashier: Client, someone: Patient
) -> None:
    pay(as_cashier, someone, "500")
    typed = {"amount": "600", "receipt_number": "S001", "note": "第二次"}
    response = as_cashier.post(pay_page(someone), typed)
    assert "的一笔 500 元收费，与这次填写的不同" in words(response)
    assert response.context["form"]["note"].value() == "第二次"
    assert '<details class="more" open>' in response.content.decode()
    assert Receipt.objects.get().amount == 500


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"amount": ""}, "请填写金额"),
        ({"receipt_number": " "}, "请填写收据号"),
        ({"amount": "0"}, "金额必须大于 0 元"),
        ({"amount": "-5"}, "金额必须大于 0 元"),
        ({"amount": "123456789012"}, "金额应为不超过 8 位的元数"),
        ({"amount": "=1+1"}, "金额应为不超过 8 位的元数"),
        ({"amount": "1e3"}, "金额应为不超过 8 位的元数"),
        ({"amount": "1,20"}, "金额应为不超过 8 位的元数"),
        ({"amount": "1,2,00"}, "金额应为不超过 8 位的元数"),
        ({"amount": "1\x00"}, "金额应为不超过 8 位的元数"),
        ({"receipt_number": "S\x001"}, "收据号含有无法识别的字符"),
        ({"receipt_number": "9" * 65}, "收据号最多 64 个字"),
        ({"note": "x" * 900_000}, "备注最多 200 个字"),
    ],
)
def test_a_wrong_payment_is_refused_in_a_sentence(
    as_cashier: Client, someone: Patient, given: dict[str, str], sentence: str
) -> None:
    typed = {"amount": "100", "receipt_number": "S9", **given}
    assert sentence in words(as_cashier.post(pay_page(someone), typed))
    assert not Receipt.objects.exists()


def test_all_that_is_wrong_is_said_at_once(as_cashier: Client, someone: Patient) -> None:
    page = words(as_cashier.post(pay_page(someone), {"amount": "abc", "receipt_number": ""}))
    assert "金额应为不超过 8 位的元数" in page and "请填写收据号" in page


def test_ten_megabytes_are_refused_without_an_error(as_cashier: Client, someone: Patient) -> None:
    typed = {"amount": "100", "receipt_number": "S9", "note": "x" * 10_000_000}
    assert as_cashier.post(pay_page(someone), typed).status_code in (400, 413)
    assert not Receipt.objects.exists()


def test_a_surrogate_is_refused_or_replaced_but_never_an_error(
    as_cashier: Client, someone: Patient
) -> None:
    body = b"amount=100&receipt_number=S%ED%A0%80"
    kind = "application/x-www-form-urlencoded"
    response = as_cashier.post(pay_page(someone), body, content_type=kind)
    assert response.status_code in (200, 302)


def refund_page(number: str) -> str:
    return reverse("refund", args=[Receipt.objects.get(number=number).pk])


def give_back(client: Client, number: str, amount: str, **given: str) -> str:
    typed = {"amount": amount, "refund_number": "T001", "reason": "治疗未做", **given}
    return squeezed(client.post(refund_page(number), typed, follow=True))


def test_a_refund_starts_with_what_is_left(as_cashier: Client, someone: Patient) -> None:
    receipt(someone, "500", number="S1")
    refund("S1", "120.50")
    form = as_cashier.get(refund_page("S1")).context["form"]
    assert str(form["amount"].value()) == "379.50"


def test_a_refund_takes_its_points_back(as_cashier: Client, someone: Patient) -> None:
    receipt(someone, "500", number="S1")
    page = give_back(as_cashier, "S1", "200")
    assert "退费200元" in page and "-200分" in page and "现累计300分" in page
    assert "这张收据还可退300元" in page and "治疗未做" in page


def test_a_refund_that_takes_the_ground_from_a_level_says_so(
    as_cashier: Client, someone: Patient
) -> None:
    member(someone, "5000")
    number = Receipt.objects.get().number
    page = give_back(as_cashier, number, "4500")
    assert "级别复核待定" in page and "在决定之前级别不变" in page


def test_a_refund_within_the_level_says_that_it_stays(as_cashier: Client, someone: Patient) -> None:
    member(someone, "6000")
    page = give_back(as_cashier, Receipt.objects.get().number, "500")
    assert "级别不变：高级会员" in page and "复核" not in page


def test_the_same_refund_twice_happens_once(as_cashier: Client, someone: Patient) -> None:
    receipt(someone, "500", number="S1")
    once, twice = (give_back(as_cashier, "S1", "200") for _ in range(2))
    assert "-200分" in once and "这笔退费已经入过账" not in once
    assert "-200分" in twice and "这笔退费已经入过账，没有重复退费" in twice
    assert Refund.objects.count() == 1


def test_a_receipt_given_back_later_no_longer_announces_its_level(
    as_cashier: Client, someone: Patient
) -> None:
    member(someone, "1000")
    upgrade = receipt(someone, "10500")
    refund(upgrade.receipt_number, "10500")
    page = squeezed(as_cashier.get(reverse("receipt", args=[upgrade.receipt_id])))
    assert "请主动告知" not in page and "级别复核待定" in page
    assert "后来退费10,500元，这张收据净记0分；现累计1,000分" in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"amount": "500.01"}, "退费合计不能超过收据金额，这张收据还可退 500.00 元"),
        ({"amount": "0"}, "退费金额必须大于 0 元"),
        ({"refund_number": ""}, "请填写退费单号"),
        ({"reason": ""}, "请填写退费原因"),
        ({"reason": "\x01"}, "退费原因含有无法识别的字符"),
    ],
)
def test_a_wrong_refund_is_refused_in_a_sentence(
    as_cashier: Client, someone: Patient, given: dict[str, str], sentence: str
) -> None:
    receipt(someone, "500", number="S1")
    typed = {"amount": "1", "refund_number": "T1", "reason": "治疗未做", **given}
    assert sentence in words(as_cashier.post(refund_page("S1"), typed))
    assert not Refund.objects.exists()


def test_a_receipt_that_was_given_back_whole_has_nothing_left(
    as_cashier: Client, someone: Patient
) -> None:
    receipt(someone, "500", number="S1")
    refund("S1", "500")
    assert "这张收据已全部退完" in words(as_cashier.get(refund_page("S1")))


def test_the_day_adds_up_per_cashier(as_manager: Client, cashier: User, someone: Patient) -> None:
    receipt(someone, "120.50", number="S1", by=cashier)
    receipt(someone, "80", number="S2")
    refund("S1", "20.50", number="T9")
    page = squeezed(as_manager.get(DAY))
    assert f"{cashier.name}1120.5000.00120.50" in page
    assert "系统180.00120.5059.50" in page
    assert "全部2200.50120.50180.00" in page
    assert "T9" in page and "治疗未做" in page
    assert "退费S" not in page


def test_another_day_can_be_looked_at(as_manager: Client, someone: Patient) -> None:
    receipt(someone, "80", number="S2")
    assert "这一天没有收费和退费" in words(as_manager.get(DAY, {"day": "2020年2月3日"}))
    assert "2020年2月3日 收费" in words(as_manager.get(DAY, {"day": "20200203"}))


@pytest.mark.parametrize("day", ["x\x00", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_wrong_day_is_said_and_today_is_shown(as_manager: Client, day: str) -> None:
    page = words(as_manager.get(DAY, {"day": day}))
    assert "日期" in page and "下面是今天的收费" in page


def test_pages_of_the_till_take_few_queries(
    as_cashier: Client,
    cashier: User,
    someone: Patient,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    member(someone, "1000")
    for number in range(15):
        receipt(someone, "10", number=f"S{number}", by=cashier)
        refund(f"S{number}", "1", by=cashier)
    for address, at_most in (
        (TILL, 9),
        (DAY, 12),
        (pay_page(someone), 13),
        (reverse("receipt", args=[Receipt.objects.get(number="S1").pk]), 21),
        (refund_page("S1"), 13),
    ):
        with django_assert_max_num_queries(at_most):
            assert as_cashier.get(address).status_code == 200


def test_only_the_till_takes_money(as_front_desk: Client, someone: Patient) -> None:
    receipt(someone, "10", number="S1")
    for address in (TILL, DAY, pay_page(someone), refund_page("S1")):
        assert as_front_desk.get(address).status_code == 403
    assert as_front_desk.post(pay_page(someone), {}).status_code == 403


@pytest.mark.parametrize("pk", [0, 10**30])
def test_an_unknown_receipt_is_not_found(as_cashier: Client, pk: int) -> None:
    for name in ("receipt", "refund"):
        assert as_cashier.get(reverse(name, args=[pk])).status_code == 404
