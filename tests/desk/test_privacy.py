"""Numbers in full need a right and a reason, are on record, and go away again (R41)."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import AccessLog, Patient
from members.operations.access import record_access
from staff.exceptions import Refusal
from staff.models import User
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories.members import patient, resident_id
from tests.factories.merging import merged
from tests.factories.points import member, receipt
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

PHONE = "13987450123"
NUMBER = resident_id("19850312", serial=17)
ADDRESS = "曲靖市麒麟区翠峰街道3号"


@pytest.fixture
def someone() -> Patient:
    return patient("WJ-7", phone=PHONE, id_number=NUMBER, address=ADDRESS)


def reveal(someone: Patient) -> str:
    return reverse("reveal", args=[someone.pk])


def test_no_page_stays_in_the_browsers_cache(as_cashier: Client) -> None:
    assert "no-store" in as_cashier.get("/")["Cache-Control"]


def test_a_reason_shows_what_was_asked_for_and_leaves_a_record(
    as_front_desk: Client, someone: Patient
) -> None:
    asked = as_front_desk.get(reveal(someone), {"what": "phone"})
    assert PHONE not in words(asked) and AccessLog.objects.count() == 0
    answer = as_front_desk.post(reveal(someone), {"what": "phone", "reason": "回访"})
    page = words(answer)
    assert PHONE in page and NUMBER not in page and ADDRESS not in page
    seen = AccessLog.objects.get()
    assert (seen.patient, seen.what, seen.reason) == (someone, ["phone"], "回访")
    assert seen.by.groups.get().name == "前台" and (timezone.now() - seen.at).seconds < 60
    assert "no-store" in answer["Cache-Control"]


def test_it_goes_back_by_itself_after_half_a_minute(
    as_front_desk: Client, someone: Patient
) -> None:
    given = {"what": ["phone", "document", "address"], "reason": "核对是否同一人"}
    answer = as_front_desk.post(reveal(someone), given)
    assert {PHONE, NUMBER, ADDRESS} <= set(words(answer).split())
    assert answer["Refresh"] == f"30; url={reverse('patient', args=[someone.pk])}"
    answer = as_front_desk.post(reveal(someone), {**given, "back": "/joining/?tab=open"})
    assert answer["Refresh"] == "30; url=/joining/?tab=open"
    assert AccessLog.objects.count() == 2


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\r\nX: y"])
def test_the_way_back_leads_nowhere_else(
    as_front_desk: Client, someone: Patient, elsewhere: str
) -> None:
    given = {"what": "phone", "reason": "回访", "back": elsewhere}
    answer = as_front_desk.post(reveal(someone), given)
    assert answer["Refresh"] == f"30; url={reverse('patient', args=[someone.pk])}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"what": "phone", "reason": " "}, "请填写原因"),
        ({"what": "phone", "reason": "x" * 201}, "原因最多 200 个字"),
        ({"reason": "回访"}, "请选择要查看的内容"),
        ({"what": "registration_form", "reason": "回访"}, "这位病人没有登记这一项"),
        ({"what": "guardian_phone", "reason": "回访"}, "这位病人没有登记这一项"),
    ],
)
def test_without_a_reason_nothing_is_shown(
    as_front_desk: Client, someone: Patient, given: dict[str, str], said: str
) -> None:
    answer = as_front_desk.post(reveal(someone), given)
    assert said in words(answer) and PHONE not in words(answer)
    assert AccessLog.objects.count() == 0


def test_a_task_shows_the_number_in_its_own_list(as_front_desk: Client, someone: Patient) -> None:
    given = {"what": "phone", "reason": "入会征询"}
    answer = as_front_desk.post(reveal(someone), given, headers={"X-In-Place": "1"})
    assert words(answer).strip() == PHONE and "<html" not in answer.content.decode()
    assert AccessLog.objects.get().reason == "入会征询"


def test_a_guardians_phone_is_shown_likewise(as_front_desk: Client, scheme: object) -> None:
    child = patient("WJ-8", id_number=resident_id("20200312"))
    guardian = {"guardian_name": "张翠山", "guardian_relation": "父亲", "guardian_phone": PHONE}
    member(child, "1200", id_number=child.document_number, birth_date=None, **guardian)
    page = as_front_desk.get(reverse("patient", args=[child.pk]))
    assert f"{reveal(child)}?what=guardian_phone" in page.content.decode()
    given = {"what": "guardian_phone", "reason": "联系本人"}
    assert PHONE in words(as_front_desk.post(reveal(child), given))


def test_who_may_not_see_numbers_is_offered_none(as_cashier: Client, someone: Patient) -> None:
    page = as_cashier.get(reverse("patient", args=[someone.pk]))
    assert "•••••••0123" in words(page) and reveal(someone) not in page.content.decode()
    assert as_cashier.post(reveal(someone), {"what": "phone", "reason": "回访"}).status_code == 403


def test_who_looked_is_on_the_member_page_for_those_who_may_see_it(
    as_manager: Client, as_front_desk: Client, someone: Patient, scheme: object
) -> None:
    other = patient("WJ-9", phone="13987450009")
    as_front_desk.post(reveal(other), {"what": "phone", "reason": "回访丁"})
    merged(someone, other)
    page = reverse("patient", args=[someone.pk])
    assert "谁看过完整资料" in words(as_manager.get(page)) and "回访丁" in words(
        as_manager.get(page)
    )
    assert "谁看过完整资料" not in words(as_front_desk.get(page))
    assert "回访丁" in words(as_manager.get(reverse("accesses"), {"patient": other.pk}))


def test_the_log_lists_days_in_a_bounded_number_of_statements(
    as_manager: Client, someone: Patient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = reverse("accesses")

    def look(count: int) -> None:
        for _ in range(count):
            now = timezone.now()
            record_access(patient=someone, what=["phone"], reason="回访", by=user(), now=now)

    look(1)
    as_manager.get(address)
    with django_assert_num_queries(6):
        as_manager.get(address)
    look(9)
    with django_assert_num_queries(6):
        page = as_manager.get(address)
    assert words(page).count("回访") == 10
    assert "没有人看过" in words(
        as_manager.get(address, {"since": "2020-01-01", "until": "2020-01-02"})
    )
    assert "不存在" in words(as_manager.get(address, {"since": "2020-02-30"}))
    reversed_days = {"since": "2020-01-02", "until": "2020-01-01"}
    assert "结束日期不能早于开始日期" in words(as_manager.get(address, reversed_days))
    for wrong in ("x", "999999", "9" * 30, "9" * 5000):
        assert as_manager.get(address, {"patient": wrong}).status_code == 404


def test_a_look_without_a_reason_is_refused(someone: Patient) -> None:
    with pytest.raises(Refusal) as refused:
        record_access(
            patient=someone,
            what=["phone"],
            reason=" ",
            by=User.objects.system(),
            now=timezone.now(),
        )
    assert (refused.value.field, refused.value.status) == ("reason", 422)


# Pages that name patients because somebody searched or has a list of work; all others name nobody.
WORKLISTS = {
    "till",  # one's own receipts of today
    "receipts",
    "suspects",
    "joining",
    "oversight",
    "approvals",
    "imports",
    "accesses",
    "exports",
    "card",
}


@pytest.mark.parametrize("role", ["前台", "收费", "医生"])
def test_no_page_lists_patients_without_a_search_or_a_list_of_work(
    db: None, scheme: object, role: str
) -> None:
    """Every page that is a click away from home, and the search with nothing to search for."""
    named = [patient(name=name) for name in ("欧阳修文", "司马相如", "诸葛孔明")]
    member(named[0], "1000")
    receipt(named[1], "5000")
    browser = browser_of(user(role))
    pages = re.findall(r'href="(/[^"?#]*)', browser.get("/").content.decode())
    pages = [page for page in pages if page.strip("/").split("/")[0] not in WORKLISTS]
    searches = [f"/patients/?q={typed}" for typed in ("", "%20", "%25", "_")]
    for address in dict.fromkeys([*pages, *searches, "/patients/new/"]):
        page = words(browser.get(address, follow=True))
        assert not [one.name for one in named if one.name in page], (role, address)


def test_an_empty_search_lists_nobody(as_front_desk: Client) -> None:
    someone = patient(name="欧阳修文")
    for typed in ("", " ", "%", "*", "_", "."):
        for address in (reverse("search"), reverse("search_live")):
            page = as_front_desk.post(address, {"q": typed}, follow=True)
            assert someone.name not in page.content.decode(), (address, typed)
