"""Points of the system before: each way in, and what they count for (R3, C2)."""

from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from members.models import Membership, Patient
from points.models import LegacyBalance, PointsEntry, TierReached
from points.operations.enrolment import enrol
from points.operations.legacy import (
    confirm_at_once,
    decide_confirmation,
    request_confirmation,
    save_balances,
)
from points.queries import standing
from points.rules import NewLegacy
from scheme.queries import rules_on
from scheme.rules import Rules
from staff.exceptions import Refusal
from staff.models import Approval, User
from staff.rules import business_day
from tests.factories.imports import import_record
from tests.factories.members import patient
from tests.factories.points import confirmed, corrected, enrolment, legacy, member, receipt
from tests.factories.scheme import draft, published_by_two
from tests.factories.spreadsheets import csv_file
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stay_in_order")]

UNTIL = date(2025, 12, 31)
LAST_SECOND = datetime(2025, 12, 31, 23, 59, 59, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def someone() -> Patient:
    return patient("A")


def brought(*rows: NewLegacy) -> list[str]:
    """How rows are judged: new, same, or the code of the refusal."""
    by, now = user(), timezone.now()
    batch = import_record("legacy_points", by=by, rows=len(rows))
    results = save_balances(rows=rows, by=by, now=now, batch=batch)
    request_confirmation(batch=batch, by=by, now=now)
    return [result.code if isinstance(result, Refusal) else result for result in results]


def row(points: int, number: str = "A", name: str = "张三丰", until: date = UNTIL) -> NewLegacy:
    return NewLegacy(number, name, points, until)


def rules() -> Rules:
    found = rules_on(business_day(timezone.now()))
    assert found
    return found


def joined(file: Patient) -> Membership:
    enrolled = enrol(
        file_number=file.file_number,
        given=enrolment(),
        by=User.objects.system(),
        now=timezone.now(),
    )
    return enrolled.membership


def levels(file: Patient) -> list[tuple[str, str, bool]]:
    rows = TierReached.objects.filter(membership__patient=file, restated_by=None)
    return list(rows.order_by("pk").values_list("tier", "path", "at_enrolment"))


def test_s2_12_from_twenty_thousand_points_they_come_over(someone: Patient) -> None:
    assert brought(row(19_999)) == ["below_legacy_minimum"]
    assert not LegacyBalance.objects.exists()
    assert brought(row(20_000)) == ["new"]


def test_what_waits_counts_for_nothing(someone: Patient) -> None:
    legacy((someone, 20_000))
    stand = standing(someone.pk)
    assert (stand.cumulative, stand.available, stand.can_enrol(rules())) == (0, 0, False)
    assert not PointsEntry.objects.exists()


def test_confirmed_they_count_but_cannot_be_spent(someone: Patient) -> None:
    asked = legacy((someone, 20_000))
    assert asked.approval.summary == "转入原积分：1 人，合计 20,000 分（legacy_points.xlsx）"
    confirmed(asked)
    stand = standing(someone.pk)
    assert (stand.cumulative, stand.available, stand.can_enrol(rules())) == (20_000, 0, True)
    assert (stand.visits, stand.before_visits) == ((), 20_000)


@pytest.mark.parametrize(("setting", "spendable"), [("true", 20_000), ("false", 0)])
def test_c2_whether_they_can_be_spent_is_the_version_s_setting(
    someone: Patient, setting: str, spendable: int
) -> None:
    published_by_two(draft("qujing_dental_both", legacy_counts_as_available=setting))
    confirmed(legacy((someone, 20_000)))
    assert standing(someone.pk).available == spendable


@pytest.mark.parametrize(
    ("points", "tier"), [(20_000, "vip"), (24_999, "vip"), (25_000, "diamond")]
)
def test_r12_a_member_has_the_level_of_the_points(someone: Patient, points: int, tier: str) -> None:
    confirmed(legacy((someone, points)))
    joined(someone)
    assert levels(someone) == [(tier, "legacy", True)]


def test_who_is_a_member_already_rises_when_they_are_confirmed(someone: Patient) -> None:
    member(someone)
    asked = legacy((someone, 24_000))
    assert standing(someone.pk).tier == "ordinary"
    confirmed(asked)
    assert levels(someone) == [("ordinary", "one_time", True), ("diamond", "legacy", False)]


def test_payments_after_them_add_to_them(someone: Patient) -> None:
    confirmed(legacy((someone, 24_000)))
    joined(someone)
    receipt(someone, "999")
    assert receipt(someone, "1").tier_reached == "diamond"
    assert levels(someone)[-1] == ("diamond", "cumulative", False)


def test_the_last_day_of_the_old_points_is_paid_with_them(someone: Patient) -> None:
    asked = legacy((someone, 20_000))
    for _ in range(2):
        with pytest.raises(Refusal, match="原积分已包括 2025-12-31 及以前的消费") as refused:
            receipt(someone, "100", at=LAST_SECOND)
        assert (refused.value.status, refused.value.code) == (422, "counted_as_legacy")
        if not asked.decision:
            asked = confirmed(asked)
    assert receipt(someone, "100", at=LAST_SECOND + timedelta(seconds=1)).cumulative == 20_100


def test_payments_of_those_days_come_first_or_not_at_all(someone: Patient) -> None:
    receipt(someone, "100", at=LAST_SECOND, number="R1")
    assert brought(row(20_000)) == ["balance_before_receipts"]
    assert brought(row(20_000, until=UNTIL - timedelta(days=1))) == ["new"]


def test_a_payment_that_was_none_is_not_in_the_way(someone: Patient) -> None:
    receipt(someone, "100", at=LAST_SECOND, number="R1")
    corrected("R1", void=True)
    assert brought(row(20_000)) == ["new"]
    with pytest.raises(Refusal) as refused:
        corrected("R1", reason="原来是对的", reenter=True)
    assert refused.value.code == "counted_as_legacy"


def test_the_same_again_changes_nothing_and_other_points_are_refused(someone: Patient) -> None:
    assert brought(row(20_000), row(20_000), row(20_001)) == ["new", "same", "legacy_balance_once"]
    assert brought(row(20_000), row(21_000)) == ["same", "legacy_balance_once"]
    assert brought(row(20_000, until=date(2025, 6, 30))) == ["legacy_balance_once"]
    assert LegacyBalance.objects.get().points == 20_000


def test_another_name_is_refused(someone: Patient) -> None:
    assert brought(row(20_000, name="张无忌")) == ["name_differs"]


def test_a_file_that_is_not_there_is_opened_with_the_name(scheme: object) -> None:
    results = brought(row(20_000, "N", "周芷若"), row(100, "M", "赵敏"))
    assert results == ["new", "below_legacy_minimum"]
    assert list(Patient.objects.values_list("file_number", "name")) == [("N", "周芷若")]


def test_who_asked_does_not_confirm(someone: Patient) -> None:
    by = user("总经理")
    asked = legacy((someone, 20_000), by=by)
    with pytest.raises(Refusal, match="申请人不能审批自己的申请"):
        decide_confirmation(
            confirmation_id=asked.pk, confirm=True, sentence="同意", by=by, now=timezone.now()
        )
    assert standing(someone.pk).cumulative == 0


def test_a_word_needs_its_sentence_and_is_given_once(someone: Patient, manager: User) -> None:
    asked = legacy((someone, 20_000))

    def say(sentence: str) -> None:
        decide_confirmation(
            confirmation_id=asked.pk,
            confirm=False,
            sentence=sentence,
            by=manager,
            now=timezone.now(),
        )

    with pytest.raises(Refusal, match="请写明审批意见"):
        say(" ")
    confirmed(asked)
    with pytest.raises(Refusal, match="已作出决定，不能再改"):
        say("改")
    assert standing(someone.pk).cumulative == 20_000


def test_rejected_they_never_count_and_can_be_brought_right(someone: Patient) -> None:
    confirmed(legacy((someone, 21_000), (patient("B"), 30_000)), confirm=False)
    assert receipt(someone, "1", at=LAST_SECOND, number="R1").cumulative == 1
    assert brought(row(20_000)) == ["balance_before_receipts"]
    corrected("R1", void=True)
    confirmed(legacy((someone, 20_000)))
    assert standing(someone.pk).cumulative == 20_000
    assert LegacyBalance.objects.filter(patient=someone).count() == 2


def test_a_file_without_points_asks_nobody(someone: Patient) -> None:
    by = User.objects.system()
    batch = import_record("legacy_points", by=by)
    assert request_confirmation(batch=batch, by=by, now=timezone.now()) is None
    assert not Approval.objects.exists()


def test_asked_twice_it_is_one_request(someone: Patient) -> None:
    asked = legacy((someone, 20_000))
    again = request_confirmation(batch=asked.imported_in, by=user(), now=timezone.now())
    assert again == asked
    assert Approval.objects.count() == 1


def test_who_has_the_shell_is_the_second_person_and_counts_them_once(someone: Patient) -> None:
    by, now = User.objects.system(), timezone.now()
    batch = import_record("legacy_points", by=by)
    save_balances(rows=[row(20_000)], by=by, now=now, batch=batch)
    for _ in range(2):
        confirm_at_once(batch=batch, by=by, now=now)
    assert standing(someone.pk).cumulative == 20_000


def test_a_command_counts_what_one_that_was_killed_put_down(
    someone: Patient, tmp_path: Path
) -> None:
    by, now = User.objects.system(), timezone.now()
    batch = import_record("legacy_points", by=by)
    assert save_balances(rows=[row(20_000)], by=by, now=now, batch=batch) == ["new"]
    path = csv_file(tmp_path, "档案号,姓名,积分,截止日期\nA,张三丰,20000,2025-12-31\n")
    call_command("import_legacy_points", str(path), stdout=StringIO())
    assert standing(someone.pk).cumulative == 20_000


def test_nobody_else_counts_them_at_once(someone: Patient) -> None:
    asked = legacy((someone, 20_000))
    with pytest.raises(Refusal, match="原积分须经另一人确认后才能计入"):
        confirm_at_once(batch=asked.imported_in, by=user(), now=timezone.now())
    assert standing(someone.pk).cumulative == 0
