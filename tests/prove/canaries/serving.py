"""The product served from the tests' own database, and browsers and programs that use it."""

import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path

from django.db import connection

from config.embedded_postgres import BASE_DIR
from tests.prove.crashes.installation import free_port, wait_until

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
_BOUNDARY = "----canary"


@dataclass(frozen=True)
class Answer:
    """What came back: status, the address that was asked for, headers, body."""

    status: int
    address: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


@dataclass
class Site:
    """A product served on loopback; everything that it writes lies below `folder`."""

    folder: Path
    port: int = field(default_factory=free_port)
    answers: list[Answer] = field(default_factory=list)

    @property
    def key_file(self) -> Path:
        return self.folder.parent / "field_keys"

    @property
    def environment(self) -> dict[str, str]:
        given = connection.settings_dict
        where = {"host": given["HOST"], "port": given["PORT"], **given.get("OPTIONS", {})}
        query = urllib.parse.urlencode({name: value for name, value in where.items() if value})
        user, password = (urllib.parse.quote(given[name]) for name in ("USER", "PASSWORD"))
        kept = {name: value for name, value in os.environ.items() if name != "FIELD_KEYS"}
        return kept | {
            "DATABASE_URL": f"postgres://{user}:{password}@/{given['NAME']}?{query}",
            "DJANGO_SETTINGS_MODULE": "tests.prove.served",
            "FIELD_KEYS_FILE": str(self.key_file),
            "FILES_DIR": str(self.folder / "files"),
            "UPLOADS_DIR": str(self.folder / "uploads"),
            "TMPDIR": str(self.folder),
            "PORT": str(self.port),
        }

    def manage(self, *command: str) -> "subprocess.Popen[str]":
        """A command of the product beside the server."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py"]
        command += ["config.wsgi:application"]
        with (
            (self.folder / "log").open("ab") as log,
            subprocess.Popen(
                command, cwd=BASE_DIR, env=self.environment, stdout=log, stderr=log
            ) as running,
        ):
            try:
                wait_until(self._answers)
                yield
            finally:
                running.terminate()
                running.wait(20)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            return self.ask(urllib.request.build_opener(), "/healthz").status == 200
        return False

    def ask(
        self,
        opener: urllib.request.OpenerDirector,
        path: str,
        body: bytes | None = None,
        method: str | None = None,
        **headers: str,
    ) -> Answer:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, headers, method=method
        )
        try:
            with opener.open(request, timeout=30) as came:
                answer = Answer(came.status, came.url, dict(came.headers), came.read())
        except urllib.error.HTTPError as refused:
            with refused:
                answer = Answer(refused.code, refused.url, dict(refused.headers), refused.read())
        self.answers.append(answer)
        return answer


class _StaysHere(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer: the page that it leads to is not asked for."""

    def redirect_request(self, *_: object) -> None:
        return None


class Browser:
    """A colleague at the site, who logs in by its page."""

    def __init__(self, site: Site) -> None:
        self._site = site
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies, _StaysHere())
        self._held = ""

    def log_in(self, name: str, password: str, **more: str) -> Answer:
        """By the page; the token for forms is another one after that."""
        self._hold_a_token("/login/")
        answer = self.post("/login/", username=name, password=password, **more)
        if answer.status == 302:
            self._hold_a_token("/")
        return answer

    def get(self, path: str, **given: str) -> Answer:
        query = f"?{urllib.parse.urlencode(given)}" if given else ""
        return self._site.ask(self._opener, path + query)

    def post(self, path: str, **given: str) -> Answer:
        fields = {"csrfmiddlewaretoken": self._held, **given}
        return self._site.ask(self._opener, path, urllib.parse.urlencode(fields).encode())

    def upload(self, path: str, name: str, content: str) -> Answer:
        parts = [
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            f"{self._held}\r\n",
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: text/csv\r\n\r\n{content}\r\n--{_BOUNDARY}--\r\n",
        ]
        kind = f"multipart/form-data; boundary={_BOUNDARY}"
        return self._site.ask(self._opener, path, "".join(parts).encode(), **{"Content-Type": kind})

    def _hold_a_token(self, path: str) -> None:
        found = _TOKEN.search(self.get(path).text)
        assert found, f"no form on {path}"
        self._held = found[1]


@dataclass
class Program:
    """The hospital's system, which speaks to the API."""

    site: Site
    token: str

    def send(self, method: str, path: str, given: object = None) -> Answer:
        body = None if given is None else json.dumps(given).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        opener = urllib.request.build_opener()
        return self.site.ask(opener, f"/api/v1{path}", body, method, **headers)
