"""The page of all pieces shows every one of them, in both themes."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.desk.conftest import browser_of
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

PIECES = {
    f"components/{path.name}"
    for path in (Path(settings.BASE_DIR) / "templates" / "components").glob("*.html")
}


def test_every_piece_is_on_the_page(as_cashier: Client) -> None:
    page = as_cashier.get("/components/")
    shown = {template.name for template in page.templates}
    assert PIECES - shown == set()


def test_each_theme_has_its_side(as_cashier: Client) -> None:
    text = as_cashier.get("/components/").content.decode()
    assert [text.count(f'data-bs-theme="{theme}"') for theme in ("light", "dark")] == [2, 1]


def test_any_colleague_may_look_and_the_system_administrator_is_led_there(db: None) -> None:
    assert browser_of(user("仓库")).get("/components/").status_code == 200
    assert "/components/" in browser_of(user("系统管理员")).get("/").content.decode()
