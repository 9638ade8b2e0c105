"""The hospital's information system as it talks to us."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone

from staff.rules import SHANGHAI
from tests.factories.points import enrolment

_numbers = count(1)


@dataclass(frozen=True)
class Answer:
    """The status and the JSON of an answer."""

    status: int
    content: Any

    def __getitem__(self, key: str) -> Any:
        return self.content[key]

    @property
    def error(self) -> Any:
        return self.content["error"]

    @property
    def refusal(self) -> tuple[int, str, str | None]:
        """Status, code and field; the sentence is checked to be Chinese."""
        error = self.error
        assert any("\u4e00" <= character <= "\u9fff" for character in error["message"]), error
        return self.status, error["code"], error["field"]


class Caller:
    """Calls the API with one token."""

    def __init__(self, token: str) -> None:
        self.token = token

    def call(self, method: str, path: str, body: object = None, raw: bytes | None = None) -> Answer:
        content = json.dumps(body).encode() if raw is None else raw
        response = Client(raise_request_exception=False).generic(
            method,
            f"/api/v1{path}",
            content,
            content_type="application/json",
            headers={"authorization": f"Bearer {self.token}"},
        )
        return Answer(response.status_code, response.json())

    def patient(self, file_number: str = "", **given: object) -> str:
        """Opens a patient file; its number."""
        file_number = file_number or f"P{next(_numbers):06d}"
        answer = self.call("PUT", f"/patients/{file_number}", {"name": "张三丰", **given})
        assert answer.status == 201, answer
        return file_number

    def see(self, file_number: str) -> Answer:
        return self.call("GET", f"/patients/{file_number}")

    def ledger(self, file_number: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.call("GET", f"/patients/{file_number}/ledger")[
            "entries"
        ]
        return entries

    def pay(self, file_number: str, amount: object, **given: object) -> Answer:
        return self.call("POST", "/payments", payment(file_number, amount, **given))

    def refund(self, receipt_number: str, amount: object, **given: object) -> Answer:
        return self.call("POST", "/refunds", refund(receipt_number, amount, **given))

    def join(self, file_number: str, **given: object) -> Answer:
        return self.call("POST", "/members", {"file_number": file_number, **enrolment(**given)})


def payment(file_number: str, amount: object, **given: object) -> dict[str, object]:
    """A receipt of just now with a number of its own."""
    return {
        "receipt_number": f"R{next(_numbers):06d}",
        "file_number": file_number,
        "amount": amount,
        "paid_at": ago(),
        **given,
    }


def refund(receipt_number: str, amount: object, **given: object) -> dict[str, object]:
    """A refund of just now with a number of its own."""
    return {
        "refund_number": f"T{next(_numbers):06d}",
        "receipt_number": receipt_number,
        "amount": amount,
        "refunded_at": ago(),
        "reason": "治疗未做",
        **given,
    }


def ago(days: int = 0) -> str:
    """The time now, so many days back, with Shanghai's zone."""
    return moment(timezone.now() - timedelta(days=days))


def moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat()
