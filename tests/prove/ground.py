"""Small books that hold every kind of row, made by the real operations.

A new kind of row is tried by the proofs as soon as a builder here makes some: add the builder to
`BUILDERS`. Builders share no patient, so that their order does not matter.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from members.models import Card, JoinTalk, Membership, Patient
from members.operations.access import record_access
from members.operations.cards import give_card, replace_card
from members.operations.changes import change_details
from members.operations.joining import record_talk
from members.operations.merging import mark_distinct
from members.operations.patients import save_patient
from members.operations.signatures import keep_signature
from members.queries.changes import record_of, seen_of
from members.rules.signing import Signed
from points.models import TierReview
from points.operations.reviews import decide_review
from scheme.models import Item, PriceChange
from staff.models import ApiToken, User
from staff.operations.directory import add_department, add_doctor
from staff.operations.exports import record_export
from staff.operations.people import (
    create_api_token,
    designate_member_admin,
    revoke_api_token,
)
from staff.operations.roles import sync_roles
from tests.factories.members import patient, resident_id
from tests.factories.merging import asked_merge, merged, unmerged
from tests.factories.points import confirmed, corrected, legacy, member, receipt, refund, taken_back
from tests.factories.scheme import draft, published, published_by_two
from tests.factories.staff import user
from tests.rewards.ground import fill

UNDER_THE_FIRST_VERSION = datetime(2025, 11, 3, 2, 30, tzinfo=UTC)
UNDER_THE_SECOND = datetime(2026, 1, 12, 3, 45, tzinfo=UTC)


def colleagues() -> None:
    """A department, a doctor, two programs and two designations."""
    add_doctor(staff_number="YS001", name="郑医生", department=add_department(name="口腔科"))
    sync_roles()
    now = timezone.now()
    for name in ("医院系统", "旧系统"):
        create_api_token(name=name, role="HIS接口", now=now)
    by, *front = user("总经理"), user("前台"), user("前台")
    for starts_on in (date(2025, 12, 1), date(2026, 3, 1)):
        designate_member_admin(user=front[0], substitute=front[1], starts_on=starts_on, by=by)
        front.reverse()
    revoke_api_token(token_id=ApiToken.objects.latest("pk").pk, now=now)


def patients() -> None:
    """Files with much and with little in them, two of them changed since."""
    now = timezone.now()
    patient("WJ-full", sex="female", phone="13987450001", address="曲靖市麒麟区")
    patient("WJ-document", id_number=resident_id(), phone="13987450002")
    patient("WJ-name")
    for number, name in (("WJ-full", "李四光"), ("WJ-name", "王五")):
        save_patient(file_number=number, given={"name": name}, by=user(), now=now)


def receipts() -> None:
    """Somebody who is no member, under both versions, paid and given back in parts."""
    someone = patient("WJ-payer", id_number=resident_id())
    by = user()
    receipt(someone, "350.50", at=UNDER_THE_FIRST_VERSION, number="SJ-first", by=by)
    receipt(someone, "128.80", at=UNDER_THE_SECOND, number="SJ-second", by=by)
    receipt(someone, "99.99", at=UNDER_THE_SECOND + timedelta(hours=2), number="SJ-third")
    for number, amount in (("TF-first", "0.70"), ("TF-second", "28.10")):
        refund("SJ-second", amount, number=number, by=by)
    refund("SJ-third", "99.99", number="TF-whole")
    receipt(patient("WJ-other"), "800", number="SJ-other")


def members() -> None:
    """Levels by one day, by the sum, at enrolment and after it; and a child with a guardian."""
    one, other = patient("WJ-one"), patient("WJ-sum")
    receipt(one, "5200", at=UNDER_THE_FIRST_VERSION, number="SJ-one-day")
    member(one, "10")
    for day in range(5):
        at = UNDER_THE_FIRST_VERSION + timedelta(days=day)
        receipt(other, "900", at=at, number=f"SJ-sum-{day}")
    member(other, "10")
    receipt(other, "10400", number="SJ-rise")
    guardian = {
        "guardian_name": "张翠山",
        "guardian_relation": "父亲",
        "guardian_phone": "13987451235",
    }
    child = patient("WJ-child")
    born = f"{timezone.now().year - 8}0312"
    member(child, "1200", id_number=resident_id(born), birth_date=None, **guardian)


def reviews() -> None:
    """One review decided in each way, and one that waits."""
    manager = user("总经理")
    for decision in (*TierReview.Decision, None):
        name = decision or "open"
        membership = _vip(patient(f"WJ-{name}"), name)
        refund(f"SJ-{name}", "11000", number=f"TF-{name}")
        if decision:
            _decide(membership, decision, manager)
    receipt(membership.patient, "21000", number="SJ-again")


def _vip(someone: Patient, name: str) -> Membership:
    membership = member(someone, "1000")
    receipt(someone, "12000", number=f"SJ-{name}")
    return membership


def _decide(membership: Membership, decision: TierReview.Decision, by: User) -> None:
    decide_review(
        review_id=TierReview.objects.get(membership=membership).pk,
        decision=decision,
        sentence="同意",
        by=by,
        now=timezone.now(),
    )


def corrections() -> None:
    """A receipt moved to another file, one with another amount, one reversed, a refund undone."""
    one, other = patient("WJ-wrong"), patient("WJ-right")
    member(other, "1000")
    for number, amount in (("SJ-moved", "4200"), ("SJ-less", "900"), ("SJ-void", "70.70")):
        receipt(one, amount, number=number)
    refund("SJ-moved", "100", number="TF-moved")
    corrected("SJ-moved", file_number="WJ-right", by=user("收费"))
    corrected("SJ-less", amount=Decimal("90"))
    corrected("SJ-void", void=True)
    receipt(other, "600", number="SJ-kept")
    refund("SJ-kept", "50", number="TF-undone")
    taken_back("TF-undone", by=user("收费"))


def legacy_points() -> None:
    """Points of an older system: confirmed, waiting for the second person, rejected."""
    for name, points, confirm in (
        ("yes", 21000, True),
        ("no", 22000, False),
        ("wait", 23000, None),
    ):
        asked = legacy((patient(f"WJ-legacy-{name}"), points), until=date(2025, 6, 30))
        if confirm is not None:
            confirmed(asked, confirm)


def merges() -> None:
    """Two files made one, two parted again, two that wait, and two that are two people's."""
    files = {name: patient(f"WJ-file-{name}") for name in "abcdefgh"}
    for name in "abcd":
        receipt(files[name], "600", number=f"SJ-file-{name}")
    merged(files["a"], files["b"])
    unmerged(merged(files["c"], files["d"]))
    asked_merge(files["e"], files["f"])
    numbers = ("WJ-file-g", "WJ-file-h")
    mark_distinct(file_numbers=numbers, reason="姐妹二人", by=user())


def front_desk() -> None:
    """Cards given and lost, signatures, changed data, talks, looks and lists that left."""
    by, now = user("会员管理员"), timezone.now()
    for number in ("WJ-signs", "WJ-signs-too"):
        someone = patient(number)
        membership = member(someone, "1000")
        card = give_card(card_id=Card.objects.get(membership=membership).pk, by=by, now=now)
        replace_card(card_id=card.pk, reason="lost", document_shown="passport", by=by, now=now)
        keep_signature(patient=someone, signed=Signed("入会", "iVBORw0KGgo="), by=by, now=now)
        record_access(patient=someone, what=["phone"], reason="回访", by=by, now=now)
        record_export(
            what="joining",
            title="可入会名单",
            filters="",
            row_count=2,
            reason="电话征询",
            by=by,
            now=now,
        )
        asked = patient(f"{number}-not")
        talk = {"outcome": JoinTalk.Outcome.DECLINED}
        record_talk(patient_id=asked.pk, given=talk, seen=None, by=by, now=now)
        change_details(
            patient_id=asked.pk,
            given={"address": "曲靖市沾益区"},
            seen=seen_of(record_of(asked, None)),
            by=by,
            now=now,
        )


def rewards() -> None:
    """Gifts, services and points of a VIP and of a diamond member's household; prices changed."""
    fill()
    now, by = timezone.now(), user("财务")
    item = Item.objects.get(code="facial_care")
    PriceChange.objects.create(item=item, list_price=300, cost_price=100, by=by, at=now)


BUILDERS: tuple[Callable[[], None], ...] = (
    colleagues,
    patients,
    receipts,
    members,
    reviews,
    corrections,
    legacy_points,
    merges,
    front_desk,
    rewards,
)

# Tables that no builder fills; a table leaves this list with its builder.
EMPTY = frozenset({"staff.ImportChunk"})


def build() -> None:
    """Both versions of the rules, and everything that the builders make."""
    published()
    published_by_two(draft())
    for builder in BUILDERS:
        builder()
