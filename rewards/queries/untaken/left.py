"""What was taken, and what is left of all that was brought, as SQL: parts of one WITH."""

# All of it, less what was issued or used: a child's by anybody, a household's by any child. `done`
# is what more must be known of than that it was taken; what was taken by its own member and for
# nobody else is read from the table itself.
OFFERED = """
claimed AS MATERIALIZED (
    SELECT DISTINCT ON (1, item_id, period, ordinal, 5)
           coalesce(merged.member_id, fact.membership_id) AS member_id, item_id, period, ordinal,
           coalesce(child.root_file, fact.child_id) AS child_id, fact.expires_on, true AS found
      FROM rewards_claim fact
      LEFT JOIN merged ON merged.membership_id = fact.membership_id
      LEFT JOIN merged child ON child.file_id = fact.child_id
     WHERE NOT fact.voided AND (period = %(year)s OR length(period) > 4)
     ORDER BY 1, item_id, period, ordinal, 5, fact.claimed_at DESC, fact.id DESC),
offered AS (
    SELECT member_id, item_id, tier, period, ordinal, expires_on FROM once
     WHERE %(until)s::date IS NULL OR expires_on IS NOT NULL
        OR (member_id, item_id, period, ordinal) IN (
           SELECT member_id, item_id, period, ordinal FROM claimed WHERE expires_on IS NOT NULL)
    UNION ALL
    SELECT member_id, item_id, tier, period, ordinal, %(year_end)s FROM yearly
    UNION ALL
    SELECT coalesce(merged.member_id, bought.membership_id), bought.item_id, '',
           'redemption:' || bought.id, ordinal, bought.expires_on
      FROM rewards_redemption bought
      JOIN scheme_item item ON item.id = bought.item_id AND item.kind = %(kind)s
      LEFT JOIN merged ON merged.membership_id = bought.membership_id
     CROSS JOIN generate_series(1, bought.quantity) ordinal
     WHERE NOT bought.voided),
done AS MATERIALIZED (
    SELECT coalesce(merged.member_id, fact.membership_id) AS member_id, item_id, period, ordinal,
           coalesce(child.root_file, fact.child_id) AS child_id
      FROM {done} fact
      LEFT JOIN merged ON merged.membership_id = fact.membership_id
      LEFT JOIN merged child ON child.file_id = fact.child_id
     WHERE NOT fact.voided AND (period = %(year)s OR length(period) > 4)
       AND (fact.child_id IS NOT NULL OR ordinal > 1 OR merged.file_id IS NOT NULL
            OR fact.membership_id IN (SELECT member_id FROM merged WHERE member_id IS NOT NULL))),
review AS MATERIALIZED (
    SELECT membership_id AS member_id,
           coalesce(array_position(%(tiers)s, supported_tier::text), 0) AS rank
      FROM points_tierreview WHERE decision = '' AND restated_by_id IS NULL),
"""

# What is used up: as many were used this year under a number that nothing brings any more, by a
# level that was taken back or on a file that was merged (C9, C40); cards give way last.
SPENT = """
stray AS MATERIALIZED (
    SELECT member_id, item_id, child_id, ordinal FROM done
     WHERE period = %(year)s AND ordinal > 1 AND %(kind)s = 'service'
       AND NOT EXISTS (
           SELECT FROM yearly WHERE (yearly.member_id, yearly.item_id, yearly.ordinal)
                                  = (done.member_id, done.item_id, done.ordinal))
       AND NOT EXISTS (
           SELECT FROM childs WHERE (childs.member_id, childs.item_id, childs.ordinal)
                                  = (done.member_id, done.item_id, done.ordinal))),
surplus AS MATERIALIZED (
    SELECT member_id, item_id, child_id, sum(uses) AS uses
      FROM (SELECT member_id, item_id, child_id, 1 AS uses FROM stray
             WHERE NOT EXISTS (
                   SELECT FROM of_year lower
                     JOIN top ON top.member_id = lower.member_id AND top.rank > lower.rank
                             AND top.since > lower.since AND top.since >= %(new_year)s
                     JOIN piece ON piece.scheme_id = lower.scheme_id AND piece.code = lower.tier
                               AND piece.cycle = 'yearly'
                    WHERE (lower.member_id, piece.item_id, piece.ordinal)
                          = (stray.member_id, stray.item_id, stray.ordinal))
             UNION ALL
            SELECT member_id, item_id, child_id, count(*) - 1 FROM done
             WHERE period = %(year)s AND %(kind)s = 'service'
               AND member_id IN (SELECT member_id FROM merged)
             GROUP BY member_id, item_id, child_id, ordinal HAVING count(*) > 1) more
     GROUP BY member_id, item_id, child_id),
spent AS MATERIALIZED (
    SELECT member_id, item_id, ordinal, child_id
      FROM (SELECT brought.*, surplus.uses,
                   row_number() OVER (
                       PARTITION BY brought.member_id, brought.item_id, brought.child_id
                       ORDER BY card.found IS NOT NULL, brought.ordinal DESC) AS place
              FROM (SELECT member_id, item_id, ordinal, NULL::bigint AS child_id,
                           %(year_end)s::date AS expires_on FROM yearly
                     UNION ALL
                    SELECT member_id, item_id, ordinal, child_id, expires_on FROM childs) brought
              JOIN surplus ON surplus.member_id = brought.member_id
                          AND surplus.item_id = brought.item_id
                          AND surplus.child_id IS NOT DISTINCT FROM brought.child_id
              LEFT JOIN claimed card
                     ON card.period = %(year)s AND card.member_id = brought.member_id
                    AND card.item_id = brought.item_id AND card.ordinal = brought.ordinal
                    AND card.child_id IS NOT DISTINCT FROM brought.child_id
             WHERE coalesce(card.expires_on, brought.expires_on) >= %(day)s
               AND NOT EXISTS (
                   SELECT FROM {done} fact
                    WHERE NOT voided AND period = %(year)s
                      AND (fact.membership_id, fact.item_id, fact.ordinal)
                          = (brought.member_id, brought.item_id, brought.ordinal)
                      AND fact.child_id IS NOT DISTINCT FROM brought.child_id)
               AND NOT EXISTS (
                   SELECT FROM done
                    WHERE done.period = %(year)s AND (done.item_id, done.ordinal)
                          = (brought.item_id, brought.ordinal)
                      AND (done.child_id = brought.child_id
                           OR done.child_id IS NULL AND brought.child_id IS NULL
                              AND done.member_id = brought.member_id))
               AND NOT EXISTS (
                   SELECT FROM claimed colleague
                    WHERE colleague.period = %(year)s AND colleague.child_id = brought.child_id
                      AND (colleague.item_id, colleague.ordinal)
                          = (brought.item_id, brought.ordinal)
                      AND colleague.member_id <> brought.member_id AND card.found IS NULL)
           ) left_over
     WHERE place <= uses),
"""

# A child's card that another member of the household collected is not this member's.
OPEN = """
own AS (
    SELECT offered.member_id, item_id, offered.tier, period, ordinal, NULL::bigint AS child_id,
           claimed.found IS NOT NULL AS claimed,
           coalesce(claimed.expires_on, offered.expires_on) AS expires_on
      FROM offered
      LEFT JOIN (SELECT * FROM claimed WHERE child_id IS NULL) claimed
                USING (member_id, item_id, period, ordinal)
     WHERE NOT EXISTS (
           SELECT FROM {done} fact
            WHERE NOT voided AND child_id IS NULL
              AND (fact.membership_id, fact.item_id, fact.period, fact.ordinal)
                  = (offered.member_id, offered.item_id, offered.period, offered.ordinal))
       AND NOT EXISTS (
           SELECT FROM done
            WHERE child_id IS NULL AND (done.member_id, done.item_id, done.period, done.ordinal)
                  = (offered.member_id, offered.item_id, offered.period, offered.ordinal))
       AND NOT EXISTS (
           SELECT FROM spent
            WHERE child_id IS NULL AND offered.period = %(year)s
              AND (spent.member_id, spent.item_id, spent.ordinal)
                  = (offered.member_id, offered.item_id, offered.ordinal))),
of_child AS (
    SELECT childs.member_id, childs.item_id, tier, childs.ordinal, childs.child_id,
           childs.per_household, claim.found IS NOT NULL AS claimed,
           coalesce(claim.expires_on, childs.expires_on) AS expires_on,
           row_number() OVER (PARTITION BY childs.member_id, childs.item_id, childs.ordinal
                              ORDER BY childs.child_id) AS place
      FROM childs
      LEFT JOIN LATERAL (
           SELECT found, claimed.expires_on, claimed.member_id, claimed.child_id FROM claimed
            WHERE period = %(year)s
              AND (claimed.item_id, claimed.ordinal) = (childs.item_id, childs.ordinal)
              AND (claimed.child_id = childs.child_id
                   OR childs.per_household AND claimed.child_id IS NOT NULL
                      AND (claimed.member_id = childs.member_id OR EXISTS (
                           SELECT FROM child WHERE (child.member_id, child.child_id)
                                  = (childs.member_id, claimed.child_id))))
            ORDER BY claimed.member_id <> childs.member_id LIMIT 1) claim ON true
     WHERE coalesce(claim.expires_on, childs.expires_on) >= %(day)s
       AND (claim.found IS NULL
            OR (claim.member_id, claim.child_id) = (childs.member_id, childs.child_id))
       AND NOT EXISTS (
           SELECT FROM spent
            WHERE (spent.member_id, spent.item_id, spent.ordinal, spent.child_id)
                  = (childs.member_id, childs.item_id, childs.ordinal, childs.child_id))
       AND NOT EXISTS (
           SELECT FROM done
            WHERE period = %(year)s AND (done.item_id, done.ordinal)
                  = (childs.item_id, childs.ordinal)
              AND (done.child_id = childs.child_id
                   OR childs.per_household AND done.child_id IS NOT NULL
                      AND (done.member_id = childs.member_id OR EXISTS (
                           SELECT FROM child WHERE (child.member_id, child.child_id)
                                  = (childs.member_id, done.child_id)))))),
untaken AS (
    SELECT every.*, array_position(%(tiers)s, every.tier) AS tier_rank
      FROM (SELECT member_id, item_id, tier, period, ordinal, child_id, claimed, expires_on
              FROM own
             UNION ALL
            SELECT member_id, item_id, tier, %(year)s, ordinal, child_id, claimed, expires_on
              FROM of_child WHERE place = 1 OR NOT per_household) every
      LEFT JOIN review ON review.member_id = every.member_id
     WHERE (expires_on IS NULL OR expires_on >= %(day)s)
       AND (tier = '' OR (review.rank IS NULL
                          OR array_position(%(tiers)s, tier) <= review.rank)
                     AND (claimed OR %(plan_a)s))),
put_off AS MATERIALIZED (
    SELECT DISTINCT ON (1, item_id, period)
           coalesce(merged.member_id, said.membership_id) AS member_id, item_id, period,
           said.id
      FROM rewards_deferral said
      LEFT JOIN merged ON merged.membership_id = said.membership_id
     ORDER BY 1, item_id, period, said.put_off_at DESC, said.id DESC)
"""
