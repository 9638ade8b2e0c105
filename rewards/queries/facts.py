"""The facts of members that entitlements follow from, in a few statements for any number."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db import connection

from rewards.rules import Bought, Child, HeldTier, Member, Taken, Version
from scheme.models import Scheme
from scheme.queries import rules_of
from scheme.rules import TIER_CODES

# Each member's own file with those merged into it, whose facts count here as well (C40).
_FAMILY = """
WITH family AS (
    SELECT own.id AS root_id, member.id AS membership_id, member.patient_id
      FROM members_membership own
      JOIN members_patient file ON file.id = own.patient_id OR file.merged_into_id = own.patient_id
      JOIN members_membership member ON member.patient_id = file.id
     WHERE own.id = ANY(%(members)s))
"""

# Each level held, beside it the level that the points still support while a review waits. Legacy
# points bring no gift (C2). A level that a review left brings what comes once only where what the
# level above gave is recovered (C18).
_TIERS = """
SELECT reached.membership_id, waiting.supported_tier,
       reached.tier, reached.rank, reached.reached_on, reached.scheme_id,
       CASE reached.path WHEN 'legacy' THEN false
                         WHEN 'review' THEN EXISTS (
                              SELECT FROM points_tierreview review
                               WHERE review.entry_id = reached.entry_id
                                 AND review.restated_by_id IS NULL
                                 AND review.decision = 'recover')
                         ELSE true END
  FROM points_tierreached reached
  LEFT JOIN points_tierreview waiting
         ON waiting.membership_id = reached.membership_id
        AND waiting.decision = '' AND waiting.restated_by_id IS NULL
 WHERE reached.membership_id = ANY(%(members)s)
   AND reached.withdrawn_by_id IS NULL AND reached.restated_by_id IS NULL
"""

_CHILDREN = (
    _FAMILY
    + """,
home AS (
    SELECT DISTINCT own.id AS root_id, person.household_id
      FROM members_membership own
      JOIN members_patient file ON file.id = own.patient_id OR file.merged_into_id = own.patient_id
      JOIN members_householdperson person ON person.patient_id = file.id
     WHERE own.id = ANY(%(members)s) AND person.left_at IS NULL AND NOT person.is_child)
SELECT DISTINCT ON (home.root_id, coalesce(file.merged_into_id, file.id))
       home.root_id, coalesce(file.merged_into_id, file.id), file.name, file.birth_date,
       (person.joined_at AT TIME ZONE 'Asia/Shanghai')::date
  FROM home
  JOIN members_householdperson person USING (household_id)
  JOIN members_patient file ON file.id = person.patient_id
 WHERE person.is_child AND person.left_at IS NULL AND file.birth_date IS NOT NULL
 ORDER BY home.root_id, coalesce(file.merged_into_id, file.id), person.id
"""
)

_TAKEN = (
    _FAMILY
    + """,
fact AS (
    SELECT id, membership_id, item_id, period, ordinal, child_id, voided, 'issued' AS taking,
           issued_at AS at, NULL::date AS expires_on FROM rewards_issue
    UNION ALL
    SELECT id, membership_id, item_id, period, ordinal, child_id, voided, 'claimed', claimed_at,
           expires_on FROM rewards_claim
    UNION ALL
    SELECT id, membership_id, item_id, period, ordinal, child_id, voided, 'used', used_at, NULL
      FROM rewards_use)
SELECT family.root_id, item.code, fact.period, fact.ordinal,
       coalesce(child.merged_into_id, child.id), fact.taking,
       (fact.at AT TIME ZONE 'Asia/Shanghai')::date, fact.id, true, fact.expires_on
  FROM family JOIN fact USING (membership_id) JOIN scheme_item item ON item.id = fact.item_id
  LEFT JOIN members_patient child ON child.id = fact.child_id
 WHERE NOT fact.voided
 ORDER BY fact.at, fact.id
"""
)

# What was taken for a child counts for everyone in whose household the child is (C14).
_TAKEN_FOR = """
SELECT coalesce(file.merged_into_id, file.id), item.code, fact.period, fact.ordinal, fact.taking,
       (fact.at AT TIME ZONE 'Asia/Shanghai')::date, fact.id, fact.expires_on
  FROM (SELECT id, item_id, period, ordinal, child_id, voided, 'claimed' AS taking,
               claimed_at AS at, expires_on FROM rewards_claim
        UNION ALL
        SELECT id, item_id, period, ordinal, child_id, voided, 'used', used_at, NULL
          FROM rewards_use) fact
  JOIN members_patient file ON file.id = fact.child_id
  JOIN scheme_item item ON item.id = fact.item_id
 WHERE coalesce(file.merged_into_id, file.id) = ANY(%(children)s) AND NOT fact.voided
"""

_BOUGHT = (
    _FAMILY
    + """
SELECT family.root_id, bought.id, item.code, item.kind, bought.quantity,
       (bought.redeemed_at AT TIME ZONE 'Asia/Shanghai')::date, bought.expires_on
  FROM family JOIN rewards_redemption bought USING (membership_id)
  JOIN scheme_item item ON item.id = bought.item_id
 WHERE NOT bought.voided
 ORDER BY bought.id
"""
)


def versions() -> list[Version]:
    """The published versions, the oldest first."""
    rows = Scheme.objects.published().order_by("effective_from")
    return [Version(since, rules_of(pk)) for since, pk in rows.values_list("effective_from", "pk")]


def members(membership_ids: Collection[int]) -> dict[int, Member]:
    """The facts about these members, by membership; four statements for any number of them.

    A fifth where there are children. The memberships are those of files that stand for
    themselves, not of merged ones.
    """
    given = {"members": list(membership_ids)}
    tiers = _by_member(_TIERS, given)
    taken, bought = _by_member(_TAKEN, given), _by_member(_BOUGHT, given)
    children = children_of(membership_ids)
    for_child = _taken_for({child.patient_id for row in children.values() for child in row})
    return {
        pk: Member(
            tiers=[_tier(*row) for _, *row in tiers[pk]],
            taken=[
                *(row for child in children.get(pk, ()) for row in for_child[child.patient_id]),
                *(Taken(*row) for row in taken[pk]),
            ],
            children=children.get(pk, ()),
            bought=[Bought(*row) for row in bought[pk]],
            held_above=_supported_rank(supported for supported, *_ in tiers[pk]),
        )
        for pk in membership_ids
    }


def children_of(membership_ids: Collection[int]) -> dict[int, list[Child]]:
    """The children in the households of these members, by membership; one statement."""
    rows = _by_member(_CHILDREN, {"members": list(membership_ids)})
    return {pk: [Child(*row) for row in children] for pk, children in rows.items()}


def _tier(code: str, rank: int, since: date, scheme_id: int, brings_once: bool) -> HeldTier:
    return HeldTier(code, rank, since, rules_of(scheme_id), brings_once)


def _supported_rank(waiting: Iterable[str | None]) -> int | None:
    """The rank that the points still support while a review waits; None without a review."""
    ranks = (TIER_CODES.index(code) + 1 if code else 0 for code in waiting if code is not None)
    return next(ranks, None)


def _taken_for(children: Collection[int]) -> dict[int, list[Taken]]:
    """What anyone took for these children, by child."""
    found: defaultdict[int, list[Taken]] = defaultdict(list)
    if not children:
        return found
    for child_id, item, period, ordinal, taking, on, fact_id, expires_on in _rows(
        _TAKEN_FOR, {"children": list(children)}
    ):
        found[child_id].append(
            Taken(item, period, ordinal, child_id, taking, on, fact_id, False, expires_on)
        )
    return found


def _by_member(sql: str, given: dict[str, Any]) -> dict[int, list[Any]]:
    found = defaultdict(list)
    for pk, *row in _rows(sql, given):
        found[pk].append(tuple(row))
    return found


def _rows(sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
