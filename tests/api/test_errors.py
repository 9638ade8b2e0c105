"""What the API answers to what it can't use: always JSON, always a Chinese sentence, never 500."""

import json
from io import BytesIO
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from members.models import Membership, Patient
from points.models import PointsEntry
from tests.api.client import Answer, Caller, payment, refund
from tests.factories.points import enrolment

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "unreadable"),
        (b"{", "unreadable"),
        (b'{"amount": NaN}', "unreadable"),
        (b'{"amount": -Infinity}', "unreadable"),
        (b'{"amount": "1"} x', "unreadable"),
        (b'{"amount": ' + b"9" * 5000 + b"}", "unreadable"),
        (b'{"a":' * 100_000, "unreadable"),
        (b"[" * 100_000 + b"]" * 100_000, "unreadable"),
        ('{"note": "备注"}'.encode("gb18030"), "unreadable"),
        (b'{"note": "\xff"}', "unreadable"),
    ],
    ids=range(10),
)
def test_what_is_not_json_is_unreadable(his: Caller, raw: bytes, code: str) -> None:
    for method, path in (("POST", "/payments"), ("PUT", "/patients/1")):
        assert his.call(method, path, raw=raw).refusal == (400, code, None)


@pytest.mark.parametrize("body", [[], [{}], "text", 1, True, None])
def test_what_is_no_object_is_refused(his: Caller, body: object) -> None:
    raw = json.dumps(body).encode()
    assert his.call("POST", "/payments", raw=raw).refusal == (422, "not_an_object", None)


def test_a_byte_order_mark_does_no_harm(his: Caller) -> None:
    raw = json.dumps(payment(his.patient(), "1")).encode("utf-8-sig")
    assert his.call("POST", "/payments", raw=raw).status == 201


def test_a_body_that_is_too_large_is_refused(his: Caller) -> None:
    size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    for raw in (b" " * (size + 1), json.dumps({"name": "张" * 10_000_000}).encode()):
        for method, path in (("POST", "/members"), ("PUT", "/patients/1")):
            assert his.call(method, path, raw=raw).refusal == (413, "too_large", None)


def test_the_body_is_read_whatever_its_declared_type(his: Caller) -> None:
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/json; charset=gbk"):
        response = Client().put(
            "/api/v1/patients/1",
            json.dumps({"name": "张三"}),
            content_type=kind,
            headers={"authorization": f"Bearer {his.token}"},
        )
        assert response.status_code in (200, 201)


@pytest.mark.parametrize(("size", "status"), [(0, 201), (1_000_000, 413)])
def test_a_body_may_come_in_chunks(his: Caller, size: int, status: int) -> None:
    raw = json.dumps(payment(his.patient(), "1")).encode() + b" " * size
    chunked: dict[str, Any] = {"wsgi.input": BytesIO(raw), "wsgi.input_terminated": True}
    token = {"authorization": f"Bearer {his.token}"}
    response = Client().generic("POST", "/api/v1/payments", headers=token, **chunked)
    assert response.status_code == status


def test_chunks_that_break_off_are_unreadable(his: Caller) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise RuntimeError("no such chunk")

    chunked: dict[str, Any] = {"wsgi.input": Broken(), "wsgi.input_terminated": True}
    token = {"authorization": f"Bearer {his.token}"}
    response = Client().generic("POST", "/api/v1/payments", headers=token, **chunked)
    answer = Answer(response.status_code, response.json())
    assert answer.refusal == (400, "unreadable", None)


def test_without_a_token_that_we_know_nothing_opens(his: Caller, as_cashier: Client) -> None:
    headers = ["", "Bearer", "Bearer ", "Bearer wrong", f"Token {his.token}", "Bearer 张", "\x80"]
    for header in headers:
        response = as_cashier.post("/api/v1/payments", headers={"authorization": header})
        answer = Answer(response.status_code, response.json())
        assert answer.refusal == (401, "unauthenticated", None)
        assert response["WWW-Authenticate"] == "Bearer"


def test_an_unknown_address_is_unknown_whatever_the_method(his: Caller) -> None:
    for path in ("", "/", "/payment", "/payments/", "/patients/", "/patients/a%0Ab"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = his.call(method, path)
            assert answer.refusal == (404, "unknown_address", None)
    response = Client(enforce_csrf_checks=True).post("/api/v9/payments")
    assert Answer(response.status_code, response.json()).refusal[1] == "unknown_address"


@pytest.mark.parametrize(
    ("path", "wrong", "right"),
    [
        ("/payments", "GET", "POST"),
        ("/refunds", "PUT", "POST"),
        ("/members", "DELETE", "POST"),
        ("/patients/1", "POST", "GET, PUT"),
        ("/patients/1/ledger", "PUT", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_one(
    his: Caller, path: str, wrong: str, right: str
) -> None:
    answer = his.call(wrong, path)
    assert answer.refusal == (405, "wrong_method", None)
    for method in right.split(", "):
        assert method in answer.error["message"]


def test_a_mistake_of_ours_keeps_its_details_to_itself(
    his: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("api.payments.record_receipt", fail)
    answer = his.pay("1", "1")
    assert answer.refusal == (500, "internal", None)
    assert "secret detail" not in json.dumps(answer.content)
    assert "secret detail" in caplog.text


# One of each kind that a field may be given; which of them it takes, the field decides.
ODD: list[Any] = [
    None,
    True,
    0,
    1.5,
    10**400,
    "",
    [],
    ["male"],
    {},
    "\x00",
    "a\x00b",
    "a\ud800b",
    "a\nb",
    "R1\n",
    "a\x85b",
    "长" * 5_000,
    "x" * 20_000,
    "-1",
    "123456789012",
    "=1+1",
    "9999-12-31",
    "٣",
    "💉",
]


def attack(his: Caller, method: str, path: str, form: dict[str, object]) -> None:
    """Put every odd value into every field, and leave the field out."""
    for field in form:
        for odd in ODD:
            answer = his.call(method, path, {**form, field: odd})
            check(answer, field, odd)
        check(his.call(method, path, {k: v for k, v in form.items() if k != field}), field, "")


def check(answer: Answer, field: str, odd: object) -> None:
    assert answer.status in (200, 201, 404, 409, 422), (field, odd, answer)
    if answer.status >= 400:
        assert answer.refusal[2] == field, (field, odd, answer)
    if isinstance(odd, str) and any(character in odd for character in "\x00\ud800\n\x85"):
        assert answer.status == 422, (field, odd, answer)
    if isinstance(odd, bool | int | float | list | dict) and not field.startswith("accepts_"):
        assert answer.status == 422, (field, odd, answer)


def test_no_field_of_a_payment_takes_what_it_is_not(his: Caller) -> None:
    form = {**payment(his.patient(), "1"), "department": "正畸科", "doctor": "D1", "note": "备注"}
    attack(his, "POST", "/payments", form)


def test_no_field_of_a_refund_takes_what_it_is_not(his: Caller) -> None:
    receipt = his.pay(his.patient(), "1000")["receipt_number"]
    attack(his, "POST", "/refunds", refund(receipt, "1"))


def test_no_field_of_a_patient_file_takes_what_it_is_not(his: Caller) -> None:
    form: dict[str, object] = {
        "name": "张三",
        "sex": "male",
        "birth_date": "1985-03-12",
        "phone": "13987451234",
        "document_type": "passport",
        "id_number": "G12345678",
        "address": "曲靖",
    }
    attack(his, "PUT", "/patients/1", form)
    assert Patient.objects.count() == 1


def test_no_field_of_an_enrolment_takes_what_it_is_not(his: Caller) -> None:
    file_number = his.patient()
    form: dict[str, object] = {
        "file_number": file_number,
        **enrolment(document_type="passport", id_number="G12345678", birth_date="1985-03-12"),
        "guardian_name": "张翠山",
        "guardian_relation": "父亲",
        "guardian_phone": "13987451234",
    }
    blamed = {field: {field} for field in form}
    # Without a type the number is read as that of a resident ID.
    blamed["document_type"].add("id_number")
    for field in form:
        for odd in ODD:
            answer = his.call("POST", "/members", {**form, field: odd})
            assert answer.status in (404, 409, 422), (field, odd, answer)
            if answer.error["code"] != "not_eligible":
                assert answer.refusal[2] in blamed[field], (field, odd, answer)
    assert not Membership.objects.exists() and not PointsEntry.objects.exists()
    assert Patient.objects.get().sex == ""


def test_a_member_sent_again_is_read_as_strictly(his: Caller) -> None:
    file_number = his.patient()
    his.pay(file_number, "1000")
    his.join(file_number)
    for field in ("id_number", "document_type"):
        for odd in ODD:
            answer = his.join(file_number, **{field: odd})
            assert answer.status in (409, 422), (field, odd, answer)


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (psycopg.OperationalError("connection to 10.1.2.3 failed"), "database_unavailable"),
        (psycopg.errors.DiskFull(), "disk_full"),
    ],
)
def test_a_database_that_is_away_is_told_apart_and_asks_for_another_try(
    his: Caller, monkeypatch: pytest.MonkeyPatch, cause: Exception, code: str
) -> None:
    def fail(**_: object) -> None:
        raise OperationalError("secret detail") from cause

    monkeypatch.setattr("api.payments.record_receipt", fail)
    response = Client().post(
        "/api/v1/payments",
        payment("1", "1"),
        content_type="application/json",
        headers={"authorization": f"Bearer {his.token}"},
    )
    assert Answer(response.status_code, response.json()).refusal == (503, code, None)
    assert response["Retry-After"] == "5"
    assert "detail" not in response.content.decode()
