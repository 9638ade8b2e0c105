import pytest

from members.models import Patient
from tests.api.client import Caller, ago
from tests.factories.members import resident_id

pytestmark = pytest.mark.django_db


def test_a_new_file_is_created_and_an_old_one_updated(his: Caller) -> None:
    created = his.call("PUT", "/patients/00001", {"name": "张三"})
    assert created.status == 201
    assert created.content == {
        "file_number": "00001",
        "name": "张三",
        "membership_number": None,
        "tier": None,
        "cumulative_points": 0,
        "available_points": 0,
        "can_enrol": False,
        "due": [],
    }
    updated = his.call("PUT", "/patients/00001", {"name": "张三丰"})
    assert (updated.status, updated["name"]) == (200, "张三丰")
    assert his.call("PUT", "/patients/00001", {"name": "张三丰"}).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_number_in_another_encoding_is_refused(his: Caller, method: str) -> None:
    gb = his.call(method, "/patients/%D5%C51", {"name": "张三"} if method == "PUT" else None)
    assert (gb.status, gb.error["code"]) == (400, "unreadable_address")
    assert "UTF-8" in gb.error["message"]
    assert not Patient.objects.exists()


def test_what_is_left_out_stays_and_null_clears(his: Caller) -> None:
    number = resident_id(serial=11)
    file_number = his.patient(phone="13987451234", address="曲靖", id_number=number)
    his.call("PUT", f"/patients/{file_number}", {"name": "张三丰", "phone": None})
    patient = Patient.objects.get(file_number=file_number)
    assert (patient.phone, patient.address, patient.document_number) == ("", "曲靖", number)
    his.call("PUT", f"/patients/{file_number}", {"name": "张三丰", "id_number": None})
    patient.refresh_from_db()
    assert (patient.document_number, patient.document_type) == ("", "")


def test_a_contradiction_to_the_document_names_both_values(his: Caller) -> None:
    given = {"name": "张三", "id_number": resident_id("19850312"), "birth_date": "1985-03-13"}
    answer = his.call("PUT", "/patients/1", given)
    assert answer.refusal == (422, "birth_date_contradicts_id", "birth_date")
    assert "1985-03-12" in answer.error["message"] and "1985-03-13" in answer.error["message"]
    assert his.see("1").status == 404


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("A%2F1", "A/1"),
        ("%E5%BC%A0-1", "张-1"),
        ("a%20b", "a b"),
        ("100%25", "100%"),
        ("x" * 64,) * 2,
    ],
)
def test_a_file_number_may_hold_any_printable_character(
    his: Caller, address: str, number: str
) -> None:
    his.patient(address)
    assert his.see(address)["file_number"] == number
    assert his.pay(number, "1").status == 201
    assert len(his.ledger(address)) == 1


@pytest.mark.parametrize("address", ["x" * 65, "a%00b", "a%09b", "a%C2%85b", "%20"])
def test_a_file_number_that_is_none_is_refused(his: Caller, address: str) -> None:
    for answer in (his.see(address), his.call("PUT", f"/patients/{address}", {"name": "张三"})):
        status, _, field = answer.refusal
        assert (status, field) == (422, "file_number")


def test_an_unknown_file_is_unknown(his: Caller) -> None:
    assert his.see("1").refusal == (404, "unknown_patient", "file_number")
    answer = his.call("GET", "/patients/1/ledger")
    assert answer.refusal == (404, "unknown_patient", "file_number")


def test_a_patient_can_enrol_until_being_a_member(his: Caller) -> None:
    file_number = his.patient()
    his.pay(file_number, "10240")
    before = his.see(file_number)
    assert (before["tier"], before["can_enrol"]) == (None, True)
    number = his.join(file_number)["membership_number"]
    after = his.see(file_number)
    assert (after["membership_number"], after["tier"]) == (number, "vip")
    assert after["can_enrol"] is False


def test_the_document_of_another_member_is_a_conflict(his: Caller) -> None:
    document = resident_id()
    one, other = his.patient(), his.patient()
    for file_number in (one, other):
        his.pay(file_number, "1000")
    his.join(one, id_number=document)
    his.join(other)
    answer = his.call("PUT", f"/patients/{other}", {"name": "张三丰", "id_number": document})
    assert answer.refusal == (409, "membership_one_person_one_member", "id_number")


def test_the_ledger_goes_from_old_to_new_and_says_when(his: Caller) -> None:
    file_number = his.patient()
    late = his.pay(file_number, "200.50", receipt_number="B", paid_at="2026-03-01T09:30:00Z")
    his.pay(file_number, "100", receipt_number="A", paid_at="2026-02-01T09:30:00+08:00")
    his.refund(late["receipt_number"], "100", refund_number="T")
    entries = his.ledger(file_number)
    recorded = [entry.pop("recorded_at") for entry in entries]
    assert recorded == sorted(recorded) and recorded[0].endswith("+08:00")
    assert entries[0] == {
        "seq": 1,
        "kind": "earn",
        "cumulative_delta": 200,
        "available_delta": 0,
        "cumulative_after": 200,
        "available_after": 0,
        "occurred_at": "2026-03-01T17:30:00+08:00",
        "reference": "receipt:B#1",
    }
    assert [entry["reference"] for entry in entries[1:]] == ["receipt:A#1", "refund:T"]
    assert [entry["cumulative_after"] for entry in entries] == [200, 300, 200]


def test_the_ledger_of_an_earlier_time_ends_with_what_was_recorded_by_then(his: Caller) -> None:
    file_number = his.patient()
    for _ in range(3):
        his.pay(file_number, "1")
    at = his.ledger(file_number)[1]["recorded_at"]
    for written in (at, at.replace("+", "%2B")):
        answer = his.call("GET", f"/patients/{file_number}/ledger?as_of={written}")
        assert [entry["seq"] for entry in answer["entries"]] == [1, 2]
    answer = his.call("GET", f"/patients/{file_number}/ledger?as_of=2013-10-01T00:00:00Z")
    assert answer.content == {"entries": []}


@pytest.mark.parametrize(
    "as_of", ["", "昨天", "2026-01-01", "2026-01-01T00:00:00", "2999-01-01T00:00:00Z", "%00"]
)
def test_a_time_that_is_none_is_refused(his: Caller, as_of: str) -> None:
    answer = his.call("GET", f"/patients/{his.patient()}/ledger?as_of={as_of}")
    status, _, field = answer.refusal
    assert (status, field) == (422, "as_of")


def test_the_time_of_asking_is_no_time_to_come(his: Caller) -> None:
    file_number = his.patient()
    his.pay(file_number, "1")
    now = ago().replace("+", "%2B")
    answer = his.call("GET", f"/patients/{file_number}/ledger?as_of={now}")
    assert len(answer["entries"]) == 1
