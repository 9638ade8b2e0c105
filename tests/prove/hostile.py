"""What attackers and accidents write, and what an honest colleague would have written."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any
from urllib.parse import quote_from_bytes

from django.utils import timezone

from staff.rules import SHANGHAI
from tests.factories.members import resident_id

TEXTS = (
    "",
    " ",
    "\0",
    "张\0三",
    "\ud800",
    "张\udfff三",
    "\ufeff",
    "\u202e三张",
    "\u200b",
    "\r\n",
    "\x1b[31m",
    "\x7f",
    "𠮷" * 70,
    "张" * 65,
    "x" * 5_000,
    "９９９",
    "٣٤",
    "²",
    "Ⅷ",
    "0",
    "-0",
    "-1",
    "+1",
    "1e5",
    "1E+999999999",
    "1e-999999999",
    "1e400",
    "9" * 400,
    "0." + "0" * 400 + "1",
    "NaN",
    "sNaN",
    "Infinity",
    "1_000",
    "1,000.50",
    "0x10",
    "1.2.3",
    "99999999.99",
    "99999999999",
    str(2**31),
    str(2**63),
    str(-(2**63) - 1),
    "2026-02-30",
    "0001-01-01",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+14:00",
    "2026-01-01T00:00:00+99:99",
    "2026-01-01T24:00:00",
    "2026-01-01T00:00:60Z",
    "2026-W01-1",
    "None",
    "null",
    "true",
    "on",
    "[]",
    "{}",
    "=1+1",
    "@SUM(A1)",
    "'; DROP TABLE staff_user; --",
    "%",
    "_",
    "\\",
    "%00",
    "%s%n",
    "{{ 7|add:7 }}",
    "${7*7}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "//example.invalid/",
    "javascript:alert(1)",
    "http://[::1",
    "(?:(?:(?:a+)+)+)$",
)
VALUES: tuple[object, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    1e308,
    0.1 + 0.2,
    2**63,
    10**400,
    -(10**400),
    [],
    {},
    [[]],
    ["1"],
    {"a": 1},
    {"": {"": [None]}},
)


def text(random: Random, sound: str = "") -> str:
    """Something that does not belong there; sometimes only nearly what does."""
    match random.randrange(6):
        case 0:
            return "".join(_character(random) for _ in range(random.randint(1, 80)))
        case 1 if sound:
            place = random.randrange(len(sound))
            return sound[:place] + _character(random) + sound[place + 1 :]
        case 2 if sound:
            return sound * random.choice((2, 50))
        case _:
            return random.choice(TEXTS)


def value(random: Random, sound: str = "") -> object:
    """The same for a program, which has more kinds of values."""
    return random.choice(VALUES) if random.random() < 0.4 else text(random, sound)


def _character(random: Random) -> str:
    ranges = ((0, 0x20), (0x20, 0x7F), (0x80, 0x300), (0x4E00, 0x9FFF), (0xD800, 0xE000))
    return chr(random.randrange(*random.choice((*ranges, (0x10000, 0x110000)))))


def quoted(written: str) -> str:
    """For an address or a form; lone surrogates go as the bytes that a broken program sends."""
    return quote_from_bytes(written.encode("utf-8", "surrogatepass"), safe="")


def encoded(fields: Mapping[str, str]) -> bytes:
    """The fields of a form as a browser sends them."""
    return "&".join(f"{quoted(name)}={quoted(given)}" for name, given in fields.items()).encode()


def sound(name: str, shown: str = "") -> str:
    """What belongs into a field of this name, where the page itself does not show it."""
    now = timezone.now().astimezone(SHANGHAI)
    known = {
        "amount": "128.50",
        "name": "张三丰",
        "sex": "male",
        "phone": "13900001111",
        "document_type": "resident_id",
        "birth_date": "1985-03-12",
        "address": "曲靖市麒麟区",
        "reason": "治疗未做",
        "sentence": "同意",
        "decision": "keep",
        "department": "修复科",
        "action": "delete_selected",
    }
    if "document" in name and "type" not in name or name == "id_number":
        return resident_id("19850312")
    if name.endswith(("_at", "time")):
        return now.isoformat(timespec="minutes")
    if name.endswith(("_on", "day")):
        return now.date().isoformat()
    if name in ("number", "receipt_number", "refund_number"):
        return f"H{now:%H%M%S%f}"
    return shown or known.get(name, "1")


def form_body(random: Random) -> tuple[bytes, str]:
    """A body that is not what its kind says, or is too much of it."""
    boundary = b"--x\r\nContent-Disposition: form-data; name="
    bodies: tuple[tuple[bytes, str], ...] = (
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"name=%ff%fe&amount=%", "application/x-www-form-urlencoded; charset=latin-5000"),
        (b"name=\xc3\x28", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"a=1&" * 2_000, "application/x-www-form-urlencoded"),
        (b"name=" + b"x" * 1_100_000, "application/x-www-form-urlencoded"),
        (b"--x", "multipart/form-data"),
        (b"--x", "multipart/form-data; boundary="),
        (b"--x", "multipart/form-data; boundary=x"),
        (boundary + b'"name"\r\n\r\nx', "multipart/form-data; boundary=x"),
        (boundary + b'"a\x00"\r\n\r\n\x00\r\n--x--', "multipart/form-data; boundary=x"),
        (boundary + b'"f"; filename="\x00"\r\n\r\nx\r\n--x--', "multipart/form-data; boundary=x"),
        (boundary + b"f; filename=../a\r\n\r\nx\r\n--x--", "multipart/form-data; boundary=x"),
        (b'{"name": "x"}', "application/json"),
        (b"", ""),
        (b"<x/>", "text/xml"),
    )
    return random.choice(bodies)


def json_body(given: dict[str, Any], random: Random) -> tuple[bytes, str]:
    """A body for an endpoint that is nearly what it takes, and its kind."""
    if random.random() < 0.15:
        return random.choice(JSON_BODIES), random.choice(("application/json", "text/plain", ""))
    names = list(given) or ["x"]
    for name in random.sample(names, min(len(names), random.choice((1, 1, 1, 2, 4)))):
        given[name] = value(random, str(given.get(name, "")))
    if random.random() < 0.1:
        given.pop(random.choice(list(given)))
    return json.dumps(given, ensure_ascii=random.random() < 0.7).encode(
        "utf-8", "surrogatepass"
    ), "application/json"


JSON_BODIES = (
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"1",
    b"{",
    b'{"amount": NaN}',
    b'{"amount": 1e999999}',
    b'{"amount": ' + b"9" * 5_000 + b"}",
    b'{"name": "\\ud800"}',
    b'{"name": "\\u0000"}',
    b'{"name": "a", "name": "b"}',
    b'{"name": "\xff"}',
    b"\xef\xbb\xbf{}",
    '{"name": "张三"}'.encode("utf-16"),
    '{"name": "张三"}'.encode("gb18030"),
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"amount": ' + b"[" * 3_000 + b"]" * 3_000 + b"}",
    b'{"name": "' + b"x" * 900_000 + b'"}',
    b'{"name": "' + b"x" * 1_100_000 + b'"}',
    b"--x\r\n",
)
