"""Anything that can stand in the tables of members and rewards, written past the triggers."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db import connection
from django.utils import timezone

from members.models import Household, HouseholdPerson, Membership, Patient
from points.models import TierReached, TierReview
from rewards.models import Claim, Deferral, Issue, Redemption, Use
from scheme.models import Item, Scheme
from scheme.rules import TIER_CODES
from staff.models import User
from staff.rules import SHANGHAI

DAY = date(2026, 6, 15)
MEMBERS = 100


class World:
    """Anything that can stand in the tables, in no order and past the triggers."""

    def __init__(self, random: Random, schemes: Collection[Scheme]) -> None:
        self.random, self.by = random, User.objects.system()
        self.schemes = list(schemes)
        self.items = list(Item.objects.all())

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def moment(self, since: date, until: date = DAY) -> datetime:
        day = since + timedelta(days=self.random.randint(0, (until - since).days))
        return datetime.combine(day, time(10), SHANGHAI)

    def fill(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            self._files()
            self._levels()
            self._households()
            self._bought()
            self._taken()
            cursor.execute("SET LOCAL session_replication_role = origin")

    def _files(self) -> None:
        born = [date(2012, 1, 1) + timedelta(days=61 * place) for place in range(80)]
        self.children = Patient.objects.bulk_create(
            Patient(**self._file(f"C{place}"), birth_date=self.random.choice(born))
            for place in range(60)
        )
        leap = self.children[0]
        leap.birth_date = date(2012, 2, 29)
        leap.save()
        self.patients = Patient.objects.bulk_create(
            Patient(**self._file(f"M{place}")) for place in range(MEMBERS)
        )
        for one, other in zip(self.patients[::9], self.patients[1::9], strict=False):
            Patient.objects.filter(pk=other.pk).update(merged_into=one)
        Patient.objects.filter(pk=self.children[2].pk).update(merged_into=self.children[1])
        self.members = Membership.objects.bulk_create(
            Membership(
                patient=patient,
                number=f"N{patient.pk}",
                document_type="resident_id",
                document_index=str(patient.pk),
                accepts_follow_up=True,
                accepts_post=True,
                accepts_activities=True,
                signed_on=DAY,
                joined_on=DAY,
                enrolled_by=self.by,
            )
            for patient in self.patients
        )

    def _file(self, number: str) -> dict[str, object]:
        return {
            "file_number": number,
            "name": number,
            "updated_at": timezone.now(),
            "updated_by": self.by,
        }

    def _levels(self) -> None:
        rows: list[TierReached] = []
        reviews: list[TierReview] = []
        for member in self.members:
            day = self.moment(date(2024, 1, 1)).date()
            for rank, tier in enumerate(TIER_CODES, 1):
                if self.chance(0.55):
                    rows.append(self._level(member, tier, rank, day, len(rows)))
                    if rows[-1].path == "review":
                        decision = self.random.choice(("recover", "waive"))
                        reviews.append(self._review(rows[-1], decision))
                    day = min(DAY, day + timedelta(days=self.random.choice((0, 1, 40, 200))))
            if self.chance(0.15):
                reviews.append(self._review(rows[-1], "", member, 10_000 + member.pk))
        TierReached.objects.bulk_create(rows)
        TierReview.objects.bulk_create(reviews, ignore_conflicts=True)

    def _level(
        self, member: Membership, tier: str, rank: int, day: date, entry: int
    ) -> TierReached:
        paths = ("one_time", "cumulative", "cumulative", "legacy", "review")
        begun = [scheme for scheme in self.schemes if scheme.effective_from <= day]
        return TierReached(
            membership=member,
            tier=tier,
            rank=rank,
            path=self.random.choice(paths),
            entry_id=entry,
            scheme=begun[-1],
            day=day,
            points=0,
            reached_on=day,
            at_enrolment=False,
            withdrawn_by_id=1 if self.chance(0.1) else None,
        )

    def _review(
        self, level: TierReached, decision: str, member: Membership | None = None, entry: int = 0
    ) -> TierReview:
        return TierReview(
            approval_id=entry or level.entry_id + 1,
            membership=member or level.membership,
            entry_id=entry or level.entry_id,
            tier=level.tier,
            supported_tier=self.random.choice(("", *TIER_CODES)),
            decision=decision,
        )

    def _households(self) -> None:
        homes = Household.objects.bulk_create(
            Household(made_at=timezone.now(), made_by=self.by) for _ in range(35)
        )
        adults = self.random.sample(self.patients, 60)
        persons = [(person, False) for person in adults] + [(c, True) for c in self.children]
        HouseholdPerson.objects.bulk_create(
            HouseholdPerson(
                household=self.random.choice(homes),
                patient=person,
                is_child=is_child,
                relation="子女",
                document_seen="household_register",
                joined_at=self.moment(date(2025, 1, 1)),
                by=self.by,
                **self._left(),
            )
            for person, is_child in persons
        )

    def _left(self) -> dict[str, object]:
        if not self.chance(0.1):
            return {}
        return {"left_at": timezone.now(), "left_reason": "搬走", "left_by": self.by}

    def _bought(self) -> None:
        self.redemptions = Redemption.objects.bulk_create(
            Redemption(
                id=place,
                number=f"DH{place}",
                reference=f"redemption:{place}",
                membership=self.random.choice(self.members),
                item=self.random.choice(self.items),
                quantity=2,
                points_each=1,
                points=2,
                scheme=self.schemes[-1],
                proof="his",
                redeemed_at=self.moment(date(2026, 1, 1)),
                expires_on=self.random.choice((None, DAY - timedelta(days=1), DAY)),
                by=self.by,
                voided=self.chance(0.2),
            )
            for place in range(1, 61)
        )

    def _taken(self) -> None:
        issues, claims, uses, put_off = [], [], [], []
        for place in range(12 * MEMBERS):
            member, item = self.random.choice(self.members), self.random.choice(self.items)
            key: dict[str, Any] = {
                "membership": member,
                "item": item,
                "period": self._period(),
                "ordinal": self.random.randint(1, 3),
                "by": self.by,
                "slip_number": "Z1",
                "voided": self.chance(0.1),
            }
            if place % 12 == 0:
                bought = self.random.choice(self.redemptions)
                member, item = bought.membership, bought.item
                key |= {"membership": member, "item": item, "period": bought.reference}
            at = self.moment(date(2025, 1, 1))
            if item.kind == "gift":
                issues.append(Issue(**key, given_item=item, issued_at=at))
                put_off.append(
                    Deferral(
                        membership=member,
                        item=item,
                        period=key["period"],
                        reason="下次再领",
                        put_off_at=at,
                        by=self.by,
                    )
                )
                continue
            if item.code == "child_anti_caries" and ":" not in str(key["period"]):
                key["child"] = self.random.choice(self.children)
            if self.chance(0.4):
                until = self.random.choice((None, None, DAY, DAY - timedelta(days=1)))
                last = None if key["period"] == "2025" else until
                claims.append(Claim(**key, delivery="electronic", claimed_at=at, expires_on=last))
            else:
                uses.append(self._use(key, at))
        Issue.objects.bulk_create(issues, ignore_conflicts=True)
        Claim.objects.bulk_create(claims, ignore_conflicts=True)
        Use.objects.bulk_create(uses, ignore_conflicts=True)
        Deferral.objects.bulk_create(put_off[::5])

    def _use(self, key: dict[str, Any], at: datetime) -> Use:
        child = key.get("child")
        return Use(
            **key,
            scheme=self.schemes[-1],
            kind="child" if child else "own",
            beneficiary=child or self.patients[0],
            bearer="marketing",
            fee_waived=False,
            as_vip=False,
            used_at=at,
            imported_in_id=1,
        )

    def _period(self) -> str:
        periods = ["2026", "2026", "2025", *(f"once:{tier}" for tier in TIER_CODES)]
        return self.random.choice(periods)
