"""Each page of something gone wrong has a number, and the log has the same."""

import logging
import re
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from desk.middleware import RefusalMiddleware
from desk.views.errors import failed
from staff.exceptions import Refusal
from staff.permissions import holders_of, name_of_right
from staff.roles import PERMISSIONS
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories.staff import user

pytestmark = pytest.mark.django_db


def number_on(page: Any) -> str:
    found = re.search(r"错误编号 (\w{6})", words(page))
    assert found
    return found[1]


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """The one line that the log got."""
    (record,) = caplog.records
    return record.getMessage()


def test_a_refused_page_names_the_right_and_who_has_it(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = user("仓库")
    page = browser_of(keeper).get("/approvals/?q=13987451234")
    assert "查看审批，主管、总经理有这项权限" in words(page)
    assert "您的角色：仓库" in words(page)
    what = f"403 GET /approvals/ user={keeper.username} staff.view_approval"
    assert logged(caplog) == f"{number_on(page)}: {what}"


def test_a_right_is_called_by_its_name() -> None:
    assert name_of_right("members.view_personal") == "查看完整的电话、证件号码和住址"
    assert name_of_right("points.add_receipt") == "新增收据"
    assert "HIS接口" not in holders_of("points.add_receipt")
    assert not [name for name in PERMISSIONS if name_of_right(name) == name]


def test_a_long_number_in_an_address_is_not_logged(
    as_manager: Client, caplog: pytest.LogCaptureFixture
) -> None:
    page = as_manager.get("/patients/53030219850312002X/")
    assert number_on(page) in logged(caplog)
    assert "404 GET /patients/…/" in logged(caplog)
    assert "没有这个页面" in words(page)


def test_a_patient_who_is_not_there_is_told_apart_from_a_wrong_address(
    as_manager: Client,
) -> None:
    assert "没有找到要看的内容" in words(as_manager.get("/patients/4711/"))


def test_a_mistake_of_ours_is_logged_with_its_traceback(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        page = failed(rf.post("/till/", {"phone": "13987451234"}))
    (record,) = caplog.records
    assert number_on(page) in record.getMessage() and record.levelno == logging.ERROR
    assert record.exc_info and record.exc_info[0] is ValueError
    assert "13987451234" not in record.getMessage()


def test_a_refusal_that_no_form_caught_has_its_number_too(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture
) -> None:
    def get_response(request: HttpRequest) -> HttpResponse:
        raise NotImplementedError

    middleware = RefusalMiddleware(get_response)
    request = rf.get("/receipts/1/")
    page = middleware.process_exception(request, Refusal("too_late", 409, "已过了办理时间"))
    assert page is not None
    assert logged(caplog) == f"{number_on(page)}: 409 GET /receipts/1/ user=- too_late"


def test_a_form_from_before_another_log_in_is_offered_again(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/login/", {"note": "a<b"}, headers={"origin": "http://testserver"})
    assert page.status_code == 403 and "重新提交" in words(page)
    assert '<input type="hidden" name="note" value="a&lt;b">' in page.content.decode()
    assert 'name="csrfmiddlewaretoken"' in page.content.decode()


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null"])
def test_what_another_site_sends_is_not_offered_again(db: None, origin: str) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/login/", {"note": "a"}, headers={"origin": origin})
    assert page.status_code == 403 and "重新提交" not in words(page)


def test_the_answer_to_a_form_loaded_again_says_what_to_do(
    as_cashier: Client, caplog: pytest.LogCaptureFixture
) -> None:
    page = as_cashier.get("/search/live/")
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "这一页不能直接打开" in words(page) and "重新查找" in words(page)
    assert number_on(page) in caplog.records[-1].getMessage()
