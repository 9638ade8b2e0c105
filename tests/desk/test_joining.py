from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import AccessLog, JoinTalk, Patient
from staff.models import User
from tests.desk.words import squeezed, words
from tests.factories.members import patient
from tests.factories.points import member, receipt

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

LIST = reverse("joining")


@pytest.fixture
def someone(scheme: object) -> Patient:
    made = patient("J1", name="林平", phone="13887430201")
    receipt(made, "1240", at=timezone.now() - timedelta(days=3))
    return made


def talk_page(someone: Patient) -> str:
    return reverse("join_talk", args=[someone.pk])


def answer(browser: Client, someone: Patient, **typed: object) -> object:
    typed = {"outcome": "agreed", "ask_again_on": "", "note": "", "seen": "", **typed}
    return browser.post(talk_page(someone), typed, follow=True)


def test_the_list_says_since_when_by_which_path_and_what_follows(
    as_front_desk: Client, someone: Patient
) -> None:
    page = words(as_front_desk.get(LIST))
    since = timezone.localdate() - timedelta(days=3)
    assert f"{since} 起 一次性消费 1,240 元 1,240 普通会员" in page
    assert "林平" in page and "还没有问过" in page
    assert "•••••••0201" in page and "13887430201" not in page


def test_whoever_agreed_is_enrolled_next(as_front_desk: Client, someone: Patient) -> None:
    response = answer(as_front_desk, someone, note="下次来办")
    assert "已记下林平的答复：同意入会，请办理入会" in words(response)
    assert "办理入会" in words(response)
    assert "林平" not in words(as_front_desk.get(LIST))
    agreed = as_front_desk.get(LIST, {"tab": "agreed"})
    assert "下次来办" in words(agreed)
    assert reverse("enrol", args=[someone.pk]) in agreed.content.decode()


def test_whoever_wants_to_be_asked_later_comes_back_on_that_day(
    as_front_desk: Client, someone: Patient
) -> None:
    again = timezone.localdate() + timedelta(days=30)
    response = answer(as_front_desk, someone, outcome="later", ask_again_on=f"{again:%Y%m%d}")
    assert "已记下林平的答复：以后再问" in words(response)
    assert f"{again} 再问" in words(as_front_desk.get(LIST, {"tab": "later"}))
    past = timezone.now() - timedelta(days=60)
    JoinTalk.objects.create(
        patient=patient_due(),
        outcome="later",
        ask_again_on=timezone.localdate(),
        talked_at=past,
        by=User.objects.system(),
    )
    assert "令狐冲" in words(as_front_desk.get(LIST))


def patient_due() -> Patient:
    made = patient("J2", name="令狐冲")
    receipt(made, "3000")
    return made


def test_the_page_to_talk_from_tells_what_joining_brings(
    as_front_desk: Client, someone: Patient
) -> None:
    page = squeezed(as_front_desk.get(talk_page(someone)))
    assert "请先讲解" in page and "入会即为普通会员" in page and "口腔保健礼品" in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"outcome": ""}, "请选择病人的答复"),
        ({"outcome": "later"}, "请填写再问日期"),
        ({"outcome": "later", "ask_again_on": "2020-01-01"}, "再问日期应在明天到"),
        ({"outcome": "declined", "ask_again_on": "2999-01-01"}, "只有“以后再问”才写再问日期"),
        ({"note": "x" * 201}, "说明最多 200 个字"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    as_front_desk: Client, someone: Patient, typed: dict[str, str], sentence: str
) -> None:
    assert sentence in words(answer(as_front_desk, someone, **typed))
    assert not JoinTalk.objects.exists()


def test_an_answer_from_another_window_is_not_buried(
    as_front_desk: Client, as_cashier: Client, someone: Patient
) -> None:
    answer(as_front_desk, someone, outcome="declined")
    page = words(answer(as_cashier, someone))
    assert "记下“不同意”，没有再记一次" in page and "历次征询" in page
    answer(as_cashier, someone, seen=JoinTalk.objects.get().pk)
    assert JoinTalk.objects.count() == 2


def test_a_phone_is_shown_in_the_list_with_the_task_as_its_reason(
    as_front_desk: Client, someone: Patient
) -> None:
    source = as_front_desk.get(LIST).content.decode()
    assert 'value="征询入会"' in source
    typed = {"what": "phone", "reason": "征询入会", "back": LIST}
    shown = as_front_desk.post(reverse("reveal", args=[someone.pk]), typed)
    assert "13887430201" in shown.content.decode()
    assert AccessLog.objects.get().reason == "征询入会"


def test_cashiers_see_no_phone_and_record_an_answer(as_cashier: Client, someone: Patient) -> None:
    page = as_cashier.get(LIST)
    assert "显示电话" not in words(page) and "征询" in words(page)
    assert "已记下" in words(answer(as_cashier, someone))


def test_member_page_and_receipt_lead_to_it(as_cashier: Client, someone: Patient) -> None:
    paid = someone.receipt_set.get()
    for name, key in (("patient", someone.pk), ("receipt", paid.pk)):
        shown = as_cashier.get(reverse(name, args=[key]))
        assert "记录征询" in words(shown) and talk_page(someone) in shown.content.decode()


def test_managers_look_and_do_not_ask(as_manager: Client, someone: Patient) -> None:
    page = as_manager.get(LIST)
    assert "林平" in words(page) and talk_page(someone) not in page.content.decode()
    assert as_manager.get(talk_page(someone)).status_code == 403


def test_doctors_do_not_browse(as_doctor: Client, someone: Patient) -> None:
    assert as_doctor.get(LIST).status_code == 403


def test_members_are_not_asked_any_more(as_front_desk: Client, someone: Patient) -> None:
    member(someone)
    assert as_front_desk.get(talk_page(someone)).status_code == 302
    assert "已是会员" in words(answer(as_front_desk, someone))
    assert "没有待征询的病人" in words(as_front_desk.get(LIST))


@pytest.mark.parametrize("query", ["tab=x", "page=x", "page=0", "page=" + "9" * 5000, "page=-1"])
def test_a_wrong_address_shows_the_nearest_page(
    as_front_desk: Client, someone: Patient, query: str
) -> None:
    assert "林平" in words(as_front_desk.get(f"{LIST}?{query}"))


def test_the_list_takes_few_queries(
    as_front_desk: Client, scheme: object, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        receipt(patient(), "1000")
    with django_assert_max_num_queries(11):
        as_front_desk.get(LIST)
