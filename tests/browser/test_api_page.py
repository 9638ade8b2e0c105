import pytest

from staff import roles as names
from tests.browser.conftest import PASSWORD, Desk
from tests.factories.staff import user

pytestmark = pytest.mark.browser


def test_the_page_of_the_interface_shows_what_a_payment_takes(desk: Desk) -> None:
    desk.log_in(user(names.SYSTEM_ADMIN, password=PASSWORD), at="/api/v1/docs")
    desk.page.get_by_text("/api/v1/payments", exact=True).click()
    desk.page.get_by_text("receipt_number").first.wait_for()
    assert "记录收费" in desk.words()
    assert desk.complaints == []
