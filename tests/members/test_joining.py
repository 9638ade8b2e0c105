from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import JoinTalk, Patient
from members.operations.joining import record_talk
from members.queries.joining import newest_talks, talks_of
from members.rules.joining import talk_from
from staff.exceptions import Refusal
from staff.models import User
from tests.factories.members import patient
from tests.factories.merging import linked
from tests.factories.points import member
from tests.factories.staff import user

TODAY = timezone.localdate()


def talk(
    file: Patient, outcome: str = "agreed", *, seen: int | None = None, by: User | None = None
) -> JoinTalk:
    again = (timezone.localdate() + timedelta(days=30)).isoformat() if outcome == "later" else ""
    given = {"outcome": outcome, "ask_again_on": again, "note": "在电话里说的"}
    return record_talk(
        patient_id=file.pk, given=given, seen=seen, by=by or user(), now=timezone.now()
    )


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({}, "outcome", "请选择病人的答复"),
        ({"outcome": "perhaps"}, "outcome", "请选择病人的答复"),
        ({"outcome": "later"}, "ask_again_on", "请填写再问日期"),
        ({"outcome": "later", "ask_again_on": "明天"}, "ask_again_on", "再问日期"),
        ({"outcome": "later", "ask_again_on": f"{TODAY}"}, "ask_again_on", "应在明天到"),
        ({"outcome": "later", "ask_again_on": "2206-01-01"}, "ask_again_on", "应在明天到"),
        (
            {"outcome": "agreed", "ask_again_on": "2206-01-01"},
            "ask_again_on",
            "只有“以后再问”才写再问日期",
        ),
        ({"outcome": "agreed", "note": "说" * 201}, "note", "说明最多 200 个字"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_at_its_field(
    given: dict[str, object], field: str, sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence) as caught:
        talk_from(given, today=TODAY)
    assert (caught.value.status, caught.value.field) == (422, field)


@pytest.mark.django_db
def test_the_newest_answer_counts_and_all_are_kept() -> None:
    file, by = patient(), user(name="周敏")
    first = talk(file, "later", by=by)
    second = talk(file, "agreed", seen=first.pk)
    assert list(talks_of(file.pk)) == [second, first]
    assert newest_talks([file.pk]) == {file.pk: second}
    assert first.ask_again_on and second.ask_again_on is None and first.by == by


@pytest.mark.django_db
def test_an_answer_that_came_meanwhile_is_shown_instead_of_buried() -> None:
    file = patient()
    talk(file, "declined", by=user(name="周敏"))
    with pytest.raises(Refusal, match="周敏已于 .* 记下“不同意”，没有再记一次") as caught:
        talk(file, "agreed")
    assert caught.value.code == "talk_is_newer" and JoinTalk.objects.count() == 1


@pytest.mark.django_db
def test_members_are_not_asked(scheme: object) -> None:
    membership = member(patient())
    with pytest.raises(Refusal, match=f"已是会员，会员号 {membership.number}，不用再征询"):
        talk(membership.patient)


@pytest.mark.django_db
def test_c40_a_merged_file_is_asked_at_the_file_that_is_left() -> None:
    kept, absorbed = patient(), patient()
    said = talk(absorbed, "later")
    linked(kept, absorbed)
    with pytest.raises(Refusal, match="这份档案已并入档案"):
        talk(absorbed, "agreed", seen=said.pk)
    assert list(talks_of(kept.pk)) == [said]
    assert talk(kept, "agreed", seen=said.pk).patient == kept


@pytest.mark.django_db
def test_an_unknown_file_is_told_so() -> None:
    with pytest.raises(Refusal, match="没有这份档案"):
        record_talk(
            patient_id=0, given={"outcome": "agreed"}, seen=None, by=user(), now=timezone.now()
        )
