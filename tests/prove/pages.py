"""What can be filled in: the forms, fields and query settings found by walking the pages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from typing import TypeAlias
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from django.conf import settings
from django.test import Client

from tests.doors import Door, doors

_READ_IN_VIEWS = re.compile(r"GET(?:\.get|\.getlist)?[(\[]\s*\"(\w+)\"")
# A link with a key leads to a row; the rows beside those of the doors are walked, too.
NEIGHBOURS = 1
STATIC = ("/static/", "/logout/", "/admin/logout/")
FormKey: TypeAlias = tuple[str, str, frozenset[str]]
_APPS = ("staff", "scheme", "members", "points", "desk", "api")


@dataclass
class Form:
    """A form of a page: where it goes, how, and what it held when it was shown."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> FormKey:
        return self.action, self.method, frozenset({*self.fields, *self.files})


class Reader(HTMLParser):
    """The forms and links of a page, and what its alerts say."""

    ALERTS = frozenset({"field-error", "alert-danger", "errorlist", "errornote"})

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.links: set[str] = set()
        self.alerts: list[str] = []
        self._select = ""
        self._alert = ""

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in given}
        if tag == "form":
            action = urljoin(self.address, attributes.get("action") or self.address)
            self.forms.append(Form(action, attributes.get("method", "get").upper()))
        elif tag == "a" and "href" in attributes:
            self.links.add(urljoin(self.address, attributes["href"]))
        elif self.forms and tag in ("input", "textarea", "select", "option", "button"):
            self._field(tag, attributes)
        if self.ALERTS & set(attributes.get("class", "").split()):
            self._alert = tag
            self.alerts.append("")

    def _field(self, tag: str, attributes: Mapping[str, str]) -> None:
        form, name = self.forms[-1], attributes.get("name", "")
        if tag == "select":
            self._select = name
        if tag == "option" and self._select and attributes.get("value"):
            form.fields[self._select] = form.fields.get(self._select) or attributes["value"]
        elif name and attributes.get("type") == "file":
            form.files.add(name)
        elif name:
            form.fields[name] = form.fields.get(name) or attributes.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._alert and self.alerts:
            self.alerts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == self._alert:
            self._alert = ""


def read(address: str, html: str) -> Reader:
    """A page taken apart."""
    reader = Reader(address)
    reader.feed(html)
    return reader


@dataclass
class Site:
    """All that pages take: forms that post, and addresses with the settings of their queries."""

    forms: list[Form]
    queries: dict[str, set[str]]


def walk(client: Client, keys: Mapping[str, int]) -> Site:
    """Every page that this browser may open from a door or a link, and what it asks for."""
    forms: dict[FormKey, Form] = {}
    queries: dict[str, set[str]] = {}
    waiting = sorted({address for door in doors() for address in _addresses(door, keys)})
    while waiting:
        address = waiting.pop(0)
        for link in _links(client, address, forms):
            if link.path not in queries:
                queries[link.path] = set()
                waiting.append(link.path)
            queries[link.path].update(dict(parse_qsl(link.query)))
    for form in forms.values():
        if form.method == "GET":
            queries.setdefault(form.action, set()).update(form.fields)
    for names in queries.values():
        names.update(names_in_views())
    return Site([form for form in forms.values() if form.method == "POST"], queries)


def forms_on(client: Client, address: str) -> list[Form]:
    """The forms of one page that post."""
    forms: dict[FormKey, Form] = {}
    _links(client, address, forms)
    return [form for form in forms.values() if form.method == "POST"]


def _addresses(door: Door, keys: Mapping[str, int]) -> Iterator[str]:
    """The address of a door, and the same for the rows before and after where it has a key."""
    for other in range(-NEIGHBOURS, NEIGHBOURS + 1):
        yield door.address({prefix: max(key + other, 1) for prefix, key in keys.items()})


def _links(client: Client, address: str, forms: dict[FormKey, Form]) -> list[SplitResult]:
    """Where the page leads, itself first; its forms go to `forms`. None for what is no page."""
    response = client.get(address)
    if response.status_code != 200 or "html" not in response.headers.get("Content-Type", ""):
        return []
    reader = read(address, response.content.decode())
    for form in reader.forms:
        forms.setdefault(form.key, form)
    links = [urlsplit(link) for link in (address, *sorted(reader.links))]
    return [link for link in links if not link.netloc and not link.path.startswith(STATIC)]


@cache
def names_in_views() -> frozenset[str]:
    """Every setting of a query that our code asks for by name."""
    sources = (path for app in _APPS for path in (settings.BASE_DIR / app).rglob("*.py"))
    found = (_READ_IN_VIEWS.findall(path.read_text(encoding="utf-8")) for path in sources)
    return frozenset(name for names in found for name in names)
