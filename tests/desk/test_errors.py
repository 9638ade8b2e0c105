import pytest
from django.test import Client, RequestFactory

from desk.middleware import RefusalMiddleware
from desk.views.errors import failed
from scheme.models import Scheme
from staff.exceptions import Refusal
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories.staff import user

pytestmark = pytest.mark.django_db


def test_who_lacks_the_right_is_told_whom_to_ask(db: None) -> None:
    response = browser_of(user("仓库")).get("/approvals/")
    assert response.status_code == 403
    assert "您没有权限使用这个页面" in words(response) and "请联系系统管理员" in words(response)


def test_an_unknown_address_is_told_in_chinese(as_manager: Client) -> None:
    response = as_manager.get("/no-such-page/")
    assert response.status_code == 404
    assert "没有这个页面" in words(response) and "回到首页" in words(response)


def test_an_unknown_address_is_told_before_logging_in_too(client: Client) -> None:
    assert "没有这个页面" in words(client.get("/no-such-page/"))


def test_more_than_a_form_can_hold_is_told_in_chinese(client: Client) -> None:
    response = client.post("/login/", {"username": "x" * 1_100_000, "password": "x"})
    assert response.status_code == 400
    assert "请求无法识别" in words(response) and "没有保存任何数据" in words(response)


def test_a_form_without_its_token_is_told_in_chinese(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/login/", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert "页面已过期" in words(response)


def test_a_mistake_of_ours_is_told_without_asking_the_database(
    rf: RequestFactory, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        response = failed(rf.get("/"))
    assert response.status_code == 500
    assert "系统出错了" in words(response) and "曲靖口腔医院" in words(response)


def test_a_refusal_that_no_form_caught_is_a_page_with_its_sentence(
    rf: RequestFactory, scheme: Scheme
) -> None:
    middleware = RefusalMiddleware(lambda request: failed(request))
    refusal = Refusal("too_late", 409, "已过了办理时间")
    response = middleware.process_exception(rf.get("/"), refusal)
    assert response is not None and response.status_code == 409
    assert "已过了办理时间" in words(response) and "没有保存任何数据" in words(response)
    assert middleware.process_exception(rf.get("/"), ValueError()) is None
