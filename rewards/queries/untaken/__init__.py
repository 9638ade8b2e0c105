"""The statement that finds what members have and did not take, for all of them at once.

It says in SQL what `rules.entitlements` says of one member; a test holds the two together.
"""

from rewards.queries.untaken.brought import HELD, ONCE, YEARLY
from rewards.queries.untaken.left import OFFERED, OPEN, SPENT

__all__ = ["SETTINGS", "page_statement"]

# One page of members, who must take something soonest first, then the highest level.
_LISTED = """,
chosen AS MATERIALIZED (
    SELECT untaken.*, put_off.id AS put_off_id
      FROM untaken LEFT JOIN put_off USING (member_id, item_id, period)
     WHERE (%(until)s::date IS NULL OR expires_on <= %(until)s)
       AND (%(tier)s::text IS NULL OR tier = %(tier)s)
       AND (%(item)s::bigint IS NULL OR item_id = %(item)s)
       AND (%(put_off)s::boolean IS NULL OR (put_off.id IS NOT NULL) = %(put_off)s)),
listed AS MATERIALIZED (
    SELECT member_id, min(expires_on) AS first_day, max(tier_rank) AS tier_rank
      FROM chosen GROUP BY member_id)
"""
_PAGE = """,
page AS (
    SELECT *, row_number() OVER () AS place
      FROM (SELECT * FROM listed
             ORDER BY first_day NULLS LAST, tier_rank DESC NULLS LAST, member_id
             LIMIT %(size)s OFFSET (
                   SELECT least(%(page)s - 1, greatest(count(*) - 1, 0) / %(size)s) * %(size)s
                     FROM listed)) sorted)
SELECT (SELECT count(*) FROM listed), chosen.member_id, item_id, tier, period, child_id,
       expires_on, claimed, put_off_id, count(*)
  FROM page JOIN chosen USING (member_id)
 GROUP BY page.place, chosen.member_id, item_id, tier, period, child_id, expires_on, claimed,
          put_off_id
 ORDER BY page.place, expires_on NULLS LAST, period, item_id, child_id, claimed
"""

# The planner can't know how many rows these steps have; nested loops over them would never end.
SETTINGS = """
SET LOCAL enable_nestloop = off; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'
"""
_ALL = f"WITH {HELD}{ONCE}{YEARLY}{OFFERED}{SPENT}{OPEN}{_LISTED}"
_DONE = {"gift": "rewards_issue", "service": "rewards_use"}


def page_statement(kind: str) -> str:
    """Selects one page: how many members there are in all, then what each on it has."""
    return _ALL.replace("{done}", _DONE[kind]) + _PAGE
