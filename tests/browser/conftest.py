import os
import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from staff.models import User
from tests.factories.scheme import published
from tests.factories.staff import user

# Playwright's event loop runs in this thread, where the tests also speak to the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PASSWORD = "niu-lan-shan-2013"
ASK_AXE = """async ({theme, rules}) => {
    const page = document.documentElement.dataset; // the back office has a theme of its own
    while ("bsTheme" in page && page.bsTheme !== theme)
        await new Promise(requestAnimationFrame);
    return axe.run({runOnly: rules, resultTypes: ["violations"]});
}"""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this folder."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("没有 Chromium，浏览器测试没有运行")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def hospital(committing: None) -> None:
    """The rules, committed, so that the server's own connections see them."""
    published()


class Desk:
    """A colleague's browser window, which remembers what its console complained about."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.context = context
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self._hear("error", str(error)))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {text}")

    def open(self, path: str) -> None:
        """Go to a page of the product."""
        self.page.goto(self.address + path)

    def log_in(self, colleague: User, at: str = "/") -> None:
        """On this page, logged in already."""
        client = Client()
        client.force_login(colleague, backend="staff.backends.RoleBackend")
        name = settings.SESSION_COOKIE_NAME
        session = client.cookies[name].value
        self.context.add_cookies([{"name": name, "value": session, "url": self.address}])
        self.open(at)

    def log_in_by_hand(self, colleague: User) -> None:
        """Log in as people do: name, Tab, password, Enter."""
        self.open("/login/")
        self.type(colleague.username, "Tab", PASSWORD, "Enter")
        self.page.wait_for_url(f"{self.address}/")

    def type(self, *typed: str) -> None:
        """Type text and press keys, with nothing but the keyboard."""
        for part in typed:
            if part in KEYS:
                self.page.keyboard.press(KEYS[part])
            else:
                self.page.keyboard.type(part)

    def words(self) -> str:
        """What the page says, single-spaced."""
        return " ".join(self.page.inner_text("body").split())


KEYS = {key: key for key in ("Tab", "Enter", "Space", "Escape", "F1", "F2", "F3", "F4", "F8")}
KEYS |= {f"Arrow{way}": f"Arrow{way}" for way in ("Up", "Down", "Right")}
KEYS |= {"Ctrl+Enter": "Control+Enter"}


@pytest.fixture
def desk(chromium: Browser, live_server: LiveServer, hospital: None) -> Iterator[Desk]:
    """A window at the size of the hospital's screens, logged in nowhere."""
    context = chromium.new_context(
        viewport={"width": 1366, "height": 768}, locale="zh-CN", reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    yield Desk(context, live_server.url)
    context.close()


@pytest.fixture
def at_the_till(hospital: None) -> User:
    return user("收费", password=PASSWORD)


@pytest.fixture
def axe(desk: Desk) -> str:
    """axe-core on every page that the window opens from now on, and the script that asks it."""
    source = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
    desk.context.add_init_script(path=source)
    return ASK_AXE
