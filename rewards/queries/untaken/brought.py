"""What levels bring members, and what they bought, as SQL: parts of one WITH."""

# The levels that members hold, and which of them bring what comes once.
HELD = """
merged AS MATERIALIZED (
    SELECT file.id AS file_id, file.merged_into_id AS root_file, member.id AS membership_id,
           root.id AS member_id
      FROM members_patient file
      LEFT JOIN members_membership member ON member.patient_id = file.id
      LEFT JOIN members_membership root ON root.patient_id = file.merged_into_id
     WHERE file.merged_into_id IS NOT NULL),
version AS MATERIALIZED (
    SELECT id, effective_from, plan_a, grant_skipped, once_only_valid_months AS months,
           child_age_limit + CASE WHEN child_birthday_ends THEN 0 ELSE 1 END AS child_age,
           child_item_scope = 'per_household' AS per_household
      FROM scheme_scheme WHERE published_at IS NOT NULL),
piece AS MATERIALIZED (
    SELECT rule.scheme_id, rule.code, rule.rank, item.id AS item_id, benefit.cycle,
           benefit.for_whom, ordinal,
           CASE benefit.cycle WHEN 'once' THEN 'once:' || rule.code ELSE %(year)s END AS period
      FROM scheme_tierrule rule
      JOIN scheme_tierbenefit benefit ON benefit.tier_id = rule.id
      JOIN scheme_item item ON item.id = benefit.item_id AND item.kind = %(kind)s
     CROSS JOIN generate_series(1, benefit.quantity) ordinal),
held AS NOT MATERIALIZED (
    SELECT membership_id AS member_id, tier, rank, reached_on AS since, scheme_id, path, entry_id
      FROM points_tierreached
     WHERE withdrawn_by_id IS NULL AND restated_by_id IS NULL AND reached_on <= %(day)s
       AND membership_id NOT IN (SELECT membership_id FROM merged WHERE membership_id IS NOT NULL)),
bringing AS NOT MATERIALIZED (
    SELECT held.*, version.grant_skipped,
           (held.since + make_interval(months => version.months))::date AS expires_on
      FROM held JOIN version ON version.id = held.scheme_id AND version.plan_a
     WHERE path <> 'legacy'
       AND (path <> 'review' OR entry_id IN (
            SELECT entry_id FROM points_tierreview
             WHERE restated_by_id IS NULL AND decision = 'recover'))),
"""

# What comes once, of the levels reached and of those jumped over; where both bring it, the
# latter came first.
ONCE = """
skipped AS MATERIALIZED (
    SELECT bringing.member_id, piece.item_id, piece.code AS tier, piece.period, piece.ordinal,
           bringing.expires_on
      FROM bringing
     CROSS JOIN LATERAL (
           SELECT coalesce(max(earlier.rank), 0) AS rank FROM held earlier
            WHERE earlier.member_id = bringing.member_id
              AND (earlier.since, earlier.rank) < (bringing.since, bringing.rank)) highest
      JOIN piece ON piece.scheme_id = bringing.scheme_id AND piece.cycle = 'once'
                AND piece.rank < bringing.rank AND piece.rank > highest.rank
     WHERE bringing.grant_skipped),
once AS (
    SELECT * FROM skipped
    UNION ALL
    SELECT bringing.member_id, piece.item_id, piece.code, piece.period, piece.ordinal,
           bringing.expires_on
      FROM bringing
      JOIN piece ON piece.scheme_id = bringing.scheme_id AND piece.cycle = 'once'
                AND piece.code = bringing.tier
     WHERE NOT EXISTS (
           SELECT FROM skipped
            WHERE (skipped.member_id, skipped.item_id, skipped.tier, skipped.ordinal)
                  = (bringing.member_id, piece.item_id, piece.code, piece.ordinal))),
"""

# What comes anew this year, by the version of 1 January or of the day the level was reached;
# where 方案A was off then, by the first one since that has it on.
YEARLY = """
of_year AS NOT MATERIALIZED (
    SELECT held.member_id, held.tier, held.rank, held.since, version.child_age,
           version.per_household, version.id AS scheme_id
      FROM held
     CROSS JOIN LATERAL (
           SELECT greatest(held.since, %(new_year)s) AS begins,
                  CASE WHEN held.since >= %(new_year)s THEN held.scheme_id
                       ELSE coalesce(%(at_new_year)s, held.scheme_id) END AS scheme_id) first
      JOIN version AS base ON base.id = first.scheme_id
      JOIN version ON version.id = CASE WHEN base.plan_a THEN base.id ELSE (
           SELECT later.id FROM version later
            WHERE later.effective_from > first.begins AND later.effective_from <= %(day)s
              AND later.plan_a ORDER BY later.effective_from LIMIT 1) END),
top AS (
    SELECT * FROM of_year
     WHERE NOT EXISTS (
           SELECT FROM held higher
            WHERE higher.member_id = of_year.member_id AND higher.rank > of_year.rank)),
yearly AS (
    SELECT top.member_id, piece.item_id, top.tier, piece.period, piece.ordinal
      FROM top JOIN piece ON piece.scheme_id = top.scheme_id AND piece.code = top.tier
     WHERE piece.cycle = 'yearly' AND piece.for_whom = 'member'),
home AS (
    SELECT DISTINCT coalesce(merged.member_id, member.id) AS member_id, person.household_id
      FROM members_householdperson person
      JOIN members_membership member ON member.patient_id = person.patient_id
      LEFT JOIN merged ON merged.file_id = person.patient_id
     WHERE person.left_at IS NULL AND NOT person.is_child),
child AS (
    SELECT DISTINCT ON (home.member_id, coalesce(file.merged_into_id, file.id))
           home.member_id, coalesce(file.merged_into_id, file.id) AS child_id, file.birth_date,
           (person.joined_at AT TIME ZONE 'Asia/Shanghai')::date AS since
      FROM home
      JOIN members_householdperson person USING (household_id)
      JOIN members_patient file ON file.id = person.patient_id
     WHERE person.is_child AND person.left_at IS NULL AND file.birth_date IS NOT NULL
     ORDER BY home.member_id, coalesce(file.merged_into_id, file.id), person.id),
childs AS (
    SELECT member_id, item_id, tier, ordinal, child_id, per_household,
           least(%(year_end)s, until) AS expires_on
      FROM (SELECT top.member_id, piece.item_id, top.tier, piece.ordinal, child.child_id,
                   top.per_household, greatest(child.since, top.since) AS since,
                   CASE WHEN extract(day FROM child.birth_date) = extract(day FROM birthday)
                        THEN birthday - 1 ELSE birthday END AS until
              FROM top
              JOIN piece ON piece.scheme_id = top.scheme_id AND piece.code = top.tier
                        AND piece.cycle = 'yearly' AND piece.for_whom = 'household_child'
              JOIN child USING (member_id)
             CROSS JOIN LATERAL (
                   SELECT (child.birth_date + make_interval(years => top.child_age))::date
                          AS birthday) turning) of_children
     WHERE since <= %(year_end)s AND until >= greatest(since, %(new_year)s)),
"""
