"""A draft is simulated by page: begun, worked off step by step, read and printed."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from rewards.models import Simulation
from rewards.queries import simulation as queries
from scheme.models import Item, Scheme
from staff.rules import business_day
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories.members import patient
from tests.factories.points import member
from tests.factories.rewards import simulated
from tests.factories.scheme import draft
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(db: None) -> Client:
    return browser_of(user("市场部"))


@pytest.fixture
def cheaper(scheme: Scheme) -> Scheme:
    """A draft that gives four points for a yuan."""
    return draft("qujing_dental", effective_from="2026-01-01", points_per_yuan="4")


def begun(browser: Client, scheme: Scheme, **given: str) -> Simulation:
    today = business_day(timezone.now()).isoformat()
    form = {"draft": str(scheme.pk), "since": "2020-01-01", "until": today, "beside": "always"}
    answer = browser.post("/simulations/new/", {**form, **given})
    found = Simulation.objects.latest("pk")
    assert answer["Location"] == f"/simulations/{found.pk}/"
    return found


def test_a_draft_is_simulated_step_by_step_and_read(
    browser: Client, cheaper: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "ENTRIES_AT_ONCE", 1)
    for _ in range(2):
        member(patient(), "1500")
    found = begun(browser, cheaper)
    page = browser.get(f"/simulations/{found.pk}/").content.decode()
    assert "正在模拟" in page and "htmx" in page
    step = browser.post(f"/simulations/{found.pk}/next/", headers=HTMX)
    assert "1 / 2 位会员（50%）" in step.content.decode()
    browser.post(f"/simulations/{found.pk}/next/", headers=HTMX)
    last = browser.post(f"/simulations/{found.pk}/next/", headers=HTMX)
    assert (last.status_code, last.headers["HX-Redirect"]) == (204, f"/simulations/{found.pk}/")
    said = words(browser.get(f"/simulations/{found.pk}/"))
    assert "级别会升高 2位" in said and "普通会员 → 高级会员" in said


def test_without_scripts_a_button_goes_on(browser: Client, cheaper: Scheme) -> None:
    found = begun(browser, cheaper)
    answer = browser.post(f"/simulations/{found.pk}/next/")
    assert answer["Location"] == f"/simulations/{found.pk}/"


def test_the_form_offers_all_receipts_and_the_draft_one_came_from(
    browser: Client, cheaper: Scheme
) -> None:
    member(patient(), "1500")
    page = browser.get(f"/simulations/new/?draft={cheaper.pk}")
    today = business_day(timezone.now())
    assert page.context["form"].initial["since"] == page.context["form"].initial["until"] == today
    assert f'value="{cheaper.pk}" selected' in page.content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"draft": "0"}, "请从列出的草稿中选择"),
        ({"since": ""}, "请填写起始日期"),
        ({"since": "明天"}, "起始日期"),
        ({"until": "2019-01-01"}, "截止日期不能早于起始日期"),
        ({"until": "2100-01-01"}, "截止日期最晚是今天"),
        ({"beside": "x"}, "请从列出的选项中选择与什么对照"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    browser: Client, cheaper: Scheme, given: dict[str, str], sentence: str
) -> None:
    form = {"draft": str(cheaper.pk), "since": "2020-01-01", "until": "2026-01-01"}
    answer = browser.post("/simulations/new/", {**form, "beside": "always", **given})
    assert sentence in answer.content.decode() and not Simulation.objects.exists()


def test_without_a_draft_the_page_says_what_to_do(browser: Client) -> None:
    assert "没有可以模拟的草稿" in words(browser.get("/simulations/new/"))


def test_the_report_names_members_amounts_and_what_has_no_price(
    browser: Client, cheaper: Scheme
) -> None:
    Item.objects.filter(code="ultrasonic_scaling").update(list_price="280")
    up = member(patient(), "1500", name="周芷若")
    member(patient(), "80000", name="赵敏")
    page = browser.get(f"/simulations/{simulated(cheaper).pk}/")
    said = words(page)
    assert up.number in said and "周芷若" in said and "赵敏" not in said
    assert "没有价格、未计入金额" in said and "面部护理" in said
    assert "实际经过" in said


def test_only_one_kind_of_move_is_shown_where_asked(browser: Client, cheaper: Scheme) -> None:
    member(patient(), "1500", name="周芷若")
    member(patient(), "5000", name="赵敏")
    address = f"/simulations/{simulated(cheaper).pk}/"
    said = words(browser.get(address + "?move=ordinary-senior"))
    assert "周芷若" in said and "赵敏" not in said
    assert "赵敏" in words(browser.get(address + "?move=nonsense&page=x"))


def test_a_report_says_that_its_draft_changed_since(browser: Client, cheaper: Scheme) -> None:
    found = simulated(cheaper)
    assert "改过" not in words(browser.get(f"/simulations/{found.pk}/"))
    Scheme.objects.filter(pk=cheaper.pk).update(content="{}")
    assert "草稿在这次模拟之后改过" in words(browser.get(f"/simulations/{found.pk}/"))


def test_finance_reads_reports_but_begins_none(cheaper: Scheme) -> None:
    found, browser = simulated(cheaper), browser_of(user("财务"))
    assert "新的模拟" not in words(browser.get("/simulations/"))
    assert browser.get(f"/simulations/{found.pk}/").status_code == 200
    assert browser.post(f"/simulations/{found.pk}/next/").status_code == 403


def test_a_report_takes_the_same_statements_for_many_members(
    browser: Client, cheaper: Scheme, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(6):
        member(patient(), "1500")
    address = f"/simulations/{simulated(cheaper).pk}/"
    browser.get(address)
    with django_assert_max_num_queries(12):
        browser.get(address)
