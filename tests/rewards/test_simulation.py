"""A draft worked through the receipts that there are, beside the version in force."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from desk.demo.seeding import seed
from members.models import Membership, Patient
from points.models import TierReached, TierReview
from points.operations.merging import decide_merge
from points.operations.reviews import decide_review
from points.queries import standings
from points.queries.replay import Level, Review, facts_of
from rewards.models import Simulation
from rewards.operations.simulation import advance_simulation, begin_simulation
from rewards.queries import simulation as queries
from rewards.queries.simulation import columns_of, outcomes_of
from rewards.rules import Child, HeldTier, Member, Version, entitlements
from rewards.rules.simulation import Bringing, price_of
from scheme.models import Item, Scheme
from scheme.rules import canonical_text, rules_from
from staff.exceptions import Refusal
from staff.models import User
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.merging import asked_merge
from tests.factories.points import (
    confirmed,
    corrected,
    legacy,
    member,
    receipt,
    refund,
    taken_back,
)
from tests.factories.rewards import simulated
from tests.factories.scheme import draft, rules

pytestmark = pytest.mark.django_db

LONG_AGO = date(2000, 1, 1)
YEAR = business_day(timezone.now()).year


def planned(**changes: str) -> Scheme:
    """The rules in force with these changes, as a draft."""
    return draft("qujing_dental", effective_from="2026-01-01", **changes)


def report(found: Simulation) -> dict[str, Any]:
    assert found.result
    return dict(found.result)


def levels(found: Simulation, side: str) -> dict[str, int]:
    return {row["name"]: row[side] for row in report(found)["levels"] if row[side]}


def pieces(found: Simulation, side: str) -> dict[tuple[str, int], int]:
    return {
        (row["code"], int(year)): number
        for row in report(found)["items"]
        for year, number in row[side].items()
    }


def refuse_differences() -> None:
    """Levels and reviews that the versions in force give are those stored, to the row."""
    now = timezone.now()
    found = Simulation(
        draft=Scheme.objects.published().latest("effective_from"),
        draft_content=canonical_text(rules()),
        from_on=LONG_AGO,
        to_on=business_day(now),
    )
    members = Membership.objects.filter(patient__merged_into=None)
    files = dict(members.values_list("patient", "pk"))
    within = facts_of(files).within(found.from_on, found.to_on)
    real, _ = columns_of(found)
    for file_id, pk in files.items():
        (outcome,) = outcomes_of(within, file_id, found.to_on, [real])
        for model, shape, rows in (
            (TierReached, Level, outcome.levels),
            (TierReview, Review, outcome.reviews),
        ):
            live = model.objects.filter(membership=pk, restated_by=None)
            assert Counter(map(tuple, rows)) == Counter(live.values_list(*shape._fields))


@pytest.fixture
def decided(manager: User) -> Any:
    def decide(word: str) -> None:
        decide_review(
            review_id=TierReview.objects.waiting().get().pk,
            decision=TierReview.Decision(word),
            sentence="同意",
            by=manager,
            now=timezone.now(),
        )

    return decide


@pytest.fixture
def history(scheme: Scheme, manager: User, decided: Any) -> dict[str, Patient]:
    """Members as a hospital has them: legacy, refunds, corrections, merged files, reviews."""
    now = timezone.now()
    old, back, wrong, twin, kept = (patient(name) for name in ("old", "back", "wrong", "twin", "k"))
    confirmed(legacy((old, 21000)))
    member(old, "12")
    receipt(old, "9000")
    member(back, "4000")
    top = receipt(back, "20000", at=now - timedelta(days=400))
    refund(top.receipt_number, "11000")
    decided("recover")
    receipt(back, "14000")
    member(wrong, "1500")
    typo = receipt(wrong, "80000")
    corrected(typo.receipt_number, amount=Decimal(8000))
    member(twin, "3000")
    member(kept, "6000")
    undone = refund(receipt(kept, "15000").receipt_number, "14000")
    taken_back(undone.refund_number)
    asked = asked_merge(kept, twin)
    decide_merge(merge_id=asked.pk, approve=True, sentence="同", by=manager, now=timezone.now())
    return {"old": old, "back": back, "wrong": wrong, "kept": kept}


def test_the_versions_in_force_give_every_level_and_review_to_the_row(
    history: dict[str, Patient],
) -> None:
    refuse_differences()


def test_the_left_column_counts_the_levels_that_members_really_hold(
    history: dict[str, Patient],
) -> None:
    found = simulated(draft())
    held = Counter(
        stand.tier or "" for stand in standings([p.pk for p in history.values()]).values()
    )
    assert {row["code"]: row["was"] for row in report(found)["levels"] if row["was"]} == held
    assert report(found)["members"] == found.done == found.total == len(history)


def test_the_demonstration_is_reproduced_to_the_row(db: None) -> None:
    seed(seed=1, now=timezone.now(), patients=60)
    refuse_differences()


def test_the_same_rules_move_nobody(history: dict[str, Patient], scheme: Scheme) -> None:
    found = simulated(planned(), beside=scheme)
    assert not found.moves.exists() and report(found)["moves"] == []
    assert pieces(found, "was") == pieces(found, "becomes") != {}


def test_lower_thresholds_move_members_up(scheme: Scheme) -> None:
    one = member(patient(), "1500")
    member(patient(), "400000")
    found = simulated(planned(points_per_yuan="4"))
    (move,) = found.moves.all()
    assert (move.membership, move.was, move.becomes) == (one, "ordinary", "senior")
    assert report(found)["moves"] == [{"was": "ordinary", "becomes": "senior", "count": 1}]
    assert levels(found, "was") == {"普通会员": 1, "钻石VIP会员": 1}
    assert levels(found, "becomes") == {"高级会员": 1, "钻石VIP会员": 1}


def test_what_levels_bring_is_counted_by_item_and_year_and_priced(scheme: Scheme) -> None:
    Item.objects.filter(code="ultrasonic_scaling").update(list_price="280")
    member(patient(), "5000")
    found = simulated(planned(points_per_yuan="2"))
    senior = {"gift_50": 1, "ultrasonic_scaling": 1, "facial_care": 1}
    assert pieces(found, "was") == {(item, YEAR): number for item, number in senior.items()}
    vip = pieces(found, "becomes")
    assert vip["gift_100", YEAR] == 1 and ("gift_50", YEAR) not in vip
    prices = {row["code"]: row["prices"]["becomes"] for row in report(found)["items"]}
    assert prices["gift_100"] == "100" and prices["ultrasonic_scaling"] == "280.00"
    assert prices["facial_care"] is None


def test_only_receipts_of_the_period_count_and_what_was_refunded_in_it(scheme: Scheme) -> None:
    now = timezone.now()
    one = patient()
    early = receipt(one, "12000", at=now - timedelta(days=10))
    member(one, "1000")
    days = [business_day(now - timedelta(days=days)) for days in (20, 5)]
    later = simulated(draft(), since=days[1])
    assert levels(later, "was") == {"普通会员": 1}
    refund(early.receipt_number, "11500")
    assert levels(simulated(draft(), since=days[0], until=days[1]), "was") == {}


def test_who_joined_after_the_period_is_not_counted(scheme: Scheme) -> None:
    member(patient(), "1000")
    found = simulated(draft(), until=business_day(timezone.now()) - timedelta(days=1))
    assert report(found)["members"] == 0 and found.done == 1


def test_the_draft_stays_what_it_was_when_the_simulation_began(scheme: Scheme) -> None:
    member(patient(), "1500")
    changed, now = planned(points_per_yuan="4"), timezone.now()
    found = begin_simulation(
        draft=changed,
        beside=None,
        from_on=LONG_AGO,
        to_on=business_day(now),
        by=User.objects.system(),
        now=now,
    )
    Scheme.objects.filter(pk=changed.pk).update(points_per_yuan=1)
    advance_simulation(simulation_id=found.pk, now=now)
    found = advance_simulation(simulation_id=found.pk, now=now)
    assert levels(found, "becomes") == {"高级会员": 1}


def test_steps_count_every_member_once(scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "ENTRIES_AT_ONCE", 1)
    for _ in range(3):
        member(patient(), "1500")
    now = timezone.now()
    found = begin_simulation(
        draft=draft(),
        beside=None,
        from_on=LONG_AGO,
        to_on=business_day(now),
        by=User.objects.system(),
        now=now,
    )
    seen = [advance_simulation(simulation_id=found.pk, now=now).done for _ in range(5)]
    assert seen == [1, 2, 3, 3, 3]
    assert report(Simulation.objects.get())["members"] == 3


@pytest.mark.parametrize(
    ("since", "until", "code"), [(2, 3, "days_in_wrong_order"), (1, -1, "days_to_come")]
)
def test_days_in_the_wrong_order_or_to_come_are_refused(
    scheme: Scheme, since: int, until: int, code: str
) -> None:
    today = business_day(timezone.now())
    with pytest.raises(Refusal) as refused:
        simulated(draft(), since=today - timedelta(since), until=today - timedelta(until))
    assert (refused.value.code, refused.value.field) == (code, "until")


def test_rules_come_back_from_their_text_as_they_were() -> None:
    shipped = rules()
    assert rules_from(canonical_text(shipped), shipped.version_id) == shipped


def random_tiers(chance: Random, versions: list[Version]) -> list[HeldTier]:
    codes = ["ordinary", "senior", "vip", "diamond"]
    day, held = date(2024, chance.randint(1, 12), 28), []
    for rank in sorted(chance.sample(range(4), chance.randint(1, 4))):
        in_force = [version.rules for version in versions if version.since <= day]
        held.append(HeldTier(codes[rank], rank + 1, day, in_force[-1], chance.random() < 0.8))
        day += timedelta(days=chance.choice([0, 1, 30, 200]))
    return held


def test_levels_that_are_alike_bring_what_each_brings_by_itself() -> None:
    chance = Random(1)
    versions = [
        Version(date(2013, 10, 1), rules(version_id=1)),
        Version(date(2024, 12, 30), rules(version_id=2, plan_a=False)),
        Version(date(2025, 3, 1), rules(version_id=3, grant_skipped=True)),
    ]
    until = date(2026, 5, 1)
    bringing = Bringing(versions, until)
    for _ in range(300):
        held = random_tiers(chance, versions)
        alone = entitlements(Member(tiers=held), versions, until)
        expected = Counter(each.item for each in alone if each.state != "superseded")
        found: Counter[str] = Counter()
        for (item, _), number in bringing.of(held).items():
            found[item] += number
        assert found == expected


def test_a_childs_item_is_named_so_that_two_parents_count_it_once() -> None:
    versions = [Version(date.min, rules(version_id=1))]
    held = [HeldTier("diamond", 4, date(2026, 2, 1), versions[0].rules, True)]
    child = Child(7, "小明", date(2020, 1, 1), date(2026, 1, 1))
    (brought, *_) = Bringing(versions, date(2026, 5, 1)).for_children(held, [child])
    assert (brought[0], brought[2]) == (7, 2026)


def test_a_service_counts_by_cost_where_the_scheme_says_so() -> None:
    by_cost = rules(price_basis="cost")
    assert price_of("scaling", by_cost, list_price=Decimal(9), cost_price=Decimal(4)) == 4
    assert price_of("scaling", by_cost, list_price=Decimal(9), cost_price=None) == 9
    assert price_of("gift_10", by_cost, list_price=None, cost_price=None) == 10
