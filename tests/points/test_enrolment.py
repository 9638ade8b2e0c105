"""Becoming a member: each way out (R5, R26, R69, C1)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Membership, Patient
from points.models import TierReached
from points.operations.enrolment import Enrolled, enrol
from points.queries import broken_rows
from scheme.models import Scheme
from staff.exceptions import Refusal
from staff.models import User
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.points import enrolment, receipt, refund
from tests.factories.scheme import published

pytestmark = pytest.mark.django_db


def join(someone: Patient | str, **given: object) -> Enrolled:
    file_number = someone if isinstance(someone, str) else someone.file_number
    form = enrolment(**given)
    by, now = User.objects.system(), timezone.now()
    return enrol(file_number=file_number, given=form, by=by, now=now)


def day(ago: int) -> str:
    return (business_day(timezone.now()) - timedelta(days=ago)).isoformat()


def paid(someone: Patient, amount: str, ago: int = 0) -> str:
    return receipt(someone, amount, at=timezone.now() - timedelta(days=ago)).receipt_number


def test_r26_a_thousand_at_once_or_two_thousand_in_all_allow_joining(scheme: Scheme) -> None:
    at_once, in_all = patient(), patient()
    paid(at_once, "1000")
    for ago in (3, 2, 1):
        paid(in_all, "667", ago)
    assert (join(at_once).tier, join(in_all).tier) == ("ordinary", "ordinary")
    assert sorted(TierReached.objects.values_list("path", flat=True)) == ["cumulative", "one_time"]
    assert list(broken_rows()) == []


def test_the_level_follows_from_the_whole_history(scheme: Scheme) -> None:
    someone = patient()
    paid(someone, "12000", 300)
    paid(someone, "10", 100)
    assert join(someone).tier == "vip"
    level = TierReached.objects.get()
    assert (level.at_enrolment, level.points) == (True, 12000)
    assert level.day.isoformat() == day(300)
    assert list(broken_rows()) == []


def test_what_was_refunded_does_not_count(scheme: Scheme) -> None:
    someone = patient()
    refund(paid(someone, "1000"), "0.01")
    with pytest.raises(Refusal, match="积分未达入会标准，还差 1 分") as refused:
        join(someone)
    assert (refused.value.status, refused.value.extra) == (409, {"missing_points": 1})
    assert not Membership.objects.exists()


def test_the_same_file_and_document_again_is_the_same_membership(scheme: Scheme) -> None:
    someone = patient()
    paid(someone, "1000")
    form = enrolment()
    first, again = join(someone, **form), join(someone, **form)
    assert (first.repeated, again.repeated) == (False, True)
    assert first.membership == again.membership


def test_a_member_with_another_document_is_refused(scheme: Scheme) -> None:
    someone = patient()
    paid(someone, "1000")
    number = join(someone).membership.number
    with pytest.raises(Refusal, match=f"该病人已是会员，会员号 {number}") as refused:
        join(someone)
    assert refused.value.status == 409


def test_a_document_that_is_a_member_s_is_refused(scheme: Scheme) -> None:
    form = enrolment()
    for someone in (patient("A"), patient("B")):
        paid(someone, "1000")
    join("A", **form)
    with pytest.raises(Refusal, match="该证件已办理过会员，一人只能有一个会员") as refused:
        join("B", **form)
    assert refused.value.status == 409


def test_an_unknown_file_is_refused(scheme: Scheme) -> None:
    with pytest.raises(Refusal, match="没有档案号为 Z 的病人") as refused:
        join("Z")
    assert refused.value.status == 404


def test_a_signature_before_eligibility_is_refused(scheme: Scheme) -> None:
    someone = patient()
    paid(someone, "1000", 1)
    with pytest.raises(Refusal, match="签字日期不能早于达到入会标准的日期") as refused:
        join(someone, signed_on=day(2))
    assert refused.value.status == 422
    assert join(someone, signed_on=day(1)).tier == "ordinary"


def test_a_signature_before_the_first_scheme_is_refused(scheme: Scheme) -> None:
    someone = patient()
    paid(someone, "1000")
    with pytest.raises(Refusal, match="签字日期早于会员方案开始的日期"):
        join(someone, signed_on="2013-09-30")


def test_where_everyone_may_join_a_member_may_have_no_level() -> None:
    published(enrol_rule='"everyone"')
    someone = patient()
    assert join(someone).tier is None
    assert receipt(someone, "1000").tier_reached == "ordinary"
    assert list(broken_rows()) == []
