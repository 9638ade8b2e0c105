from datetime import date

import pytest

from members import rules
from staff.exceptions import Refusal
from tests.factories.members import resident_id

TODAY = date(2026, 3, 2)
FORM = {
    "explained": True,
    "signed_on": "2026-03-02",
    "accepts_follow_up": True,
    "accepts_post": False,
    "accepts_activities": True,
}
GUARDIAN = {
    "guardian_name": "张翠山",
    "guardian_relation": "父亲",
    "guardian_phone": "13887430101",
}


@pytest.mark.parametrize(
    ("day", "age"), [((2026, 2, 27), 17), ((2026, 2, 28), 17), ((2026, 3, 1), 18)]
)
def test_who_was_born_on_29_february_turns_older_on_1_march(
    day: tuple[int, int, int], age: int
) -> None:
    assert rules.age_on(date(*day), date(2008, 2, 29)) == age


@pytest.mark.parametrize("written", ["100000016", "1000000", "10000001x", "１００００００１６", ""])
def test_a_member_number_carries_its_check_digit(written: str) -> None:
    number = rules.membership_number(1)
    assert rules.is_membership_number(number)
    assert written == number or not rules.is_membership_number(written)


def test_two_digits_changed_places_are_no_member_number() -> None:
    number = rules.membership_number(2345)
    assert not rules.is_membership_number(number[:5] + number[6] + number[5] + number[7:])


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [("guardian_name", "请填写监护人姓名"), ("guardian_relation", "请填写与会员的关系")],
)
def test_half_a_guardian_is_not_dropped_in_silence(left_out: str, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence) as refused:
        rules.enrolment_form({**FORM, **GUARDIAN, left_out: ""}, today=TODAY)
    assert refused.value.field == left_out


def test_an_adult_needs_no_guardian() -> None:
    assert rules.enrolment_form(FORM, today=TODAY).guardian is None


@pytest.mark.parametrize(
    ("born", "why"), [("2026-03-03", "在今天之后"), ("1895-12-31", "在 130 年以前")]
)
def test_nobody_is_born_tomorrow_or_130_years_ago(born: str, why: str) -> None:
    with pytest.raises(Refusal, match=f"出生日期 {born} {why}"):
        rules.details_from(
            {"name": "张三", "birth_date": born}, rules.PatientDetails(), today=TODAY
        )


def test_a_mask_shows_no_more_than_the_last_four() -> None:
    assert rules.masked_phone("0101") == "•••••••0101"
    assert rules.masked_document("002X").endswith("••002X")
    assert rules.masked_address("麒麟区南宁西路9号") == "麒麟区南宁西……"
    assert rules.masked_address("翠峰路3号") == "翠峰……" and rules.masked_address("城南") == "……"
    assert rules.masked_phone("") == rules.masked_document("") == rules.masked_address("") == ""


def test_another_kind_of_document_needs_its_own_number() -> None:
    known = rules.PatientDetails(
        name="张三", document_type=rules.RESIDENT_ID, document_number=resident_id()
    )
    with pytest.raises(Refusal, match="更换证件类型时，请填写新证件的号码") as refused:
        rules.details_from({"name": "张三", "document_type": "passport"}, known, today=TODAY)
    assert refused.value.field == "id_number"


@pytest.mark.parametrize("number", ["-----", "()()()", "E--(())", "12-34"])
def test_signs_alone_are_no_document_number(number: str) -> None:
    with pytest.raises(Refusal, match="5 至 30 位字母或数字"):
        rules.document_number("passport", number)


def test_a_document_number_keeps_its_brackets() -> None:
    assert rules.document_number("hk_macau_permit", "h1234567(8)") == "H1234567(8)"


@pytest.mark.parametrize("name", ["\u200b", "张\u200b三", "\u202e张三"])
def test_a_name_with_what_cannot_be_seen_is_refused(name: str) -> None:
    with pytest.raises(Refusal, match="姓名含有无法识别的字符"):
        rules.details_from({"name": name}, rules.PatientDetails(), today=TODAY)


def test_a_day_that_no_calendar_has_is_said_to_be_none() -> None:
    with pytest.raises(Refusal, match="1990-02-31 不存在") as refused:
        given = {"name": "张三", "birth_date": "1990-02-31"}
        rules.details_from(given, rules.PatientDetails(), today=TODAY)
    assert (refused.value.code, refused.value.field) == ("no_such_day", "birth_date")
