"""Issues, claims and uses against levels, households, proofs and counter-entries.

What a level brought is looked for among all that was ever reached: a level that was taken back or
put right since brought what was taken while it stood.
"""

# Files that are, or were for a time, one person's: what was taken then stays on record (C40).
KIN = """
WITH RECURSIVE link (one, other) AS (
    SELECT kept_id, absorbed_id FROM members_filemerge WHERE merged_at IS NOT NULL
    UNION
    SELECT absorbed_id, kept_id FROM members_filemerge WHERE merged_at IS NOT NULL),
kin (one, other) AS (
    SELECT one, other FROM link
    UNION
    SELECT kin.one, link.other FROM kin JOIN link ON link.one = kin.other)
"""


def same(one: str, other: str) -> str:
    """SQL: whether two files are, or were, one person's."""
    return (
        f"({one} = {other} OR EXISTS"
        f" (SELECT FROM kin WHERE kin.one = {one} AND kin.other = {other}))"
    )


def files_of(file: str) -> str:
    """SQL: the file and those that are, or were, the same person's; found by their index."""
    return f"(SELECT {file} AS id UNION ALL SELECT kin.other FROM kin WHERE kin.one = {file})"


FACT = (
    KIN
    + """,
fact AS (
    SELECT id, '礼品发放' AS called, 'gift' AS kind, membership_id, item_id, period, ordinal,
           child_id, household_id, signature_id, voided, issued_at AS at,
           imported_in_id IS NOT NULL AS imported,
           EXISTS (SELECT FROM rewards_undoing WHERE issue_id = taken.id
                      AND undone_at >= issued_at) AS undone
      FROM rewards_issue taken
    UNION ALL
    SELECT id, '服务领取', 'service', membership_id, item_id, period, ordinal, child_id,
           household_id, signature_id, voided, claimed_at, false,
           EXISTS (SELECT FROM rewards_undoing WHERE claim_id = taken.id
                      AND undone_at >= claimed_at)
      FROM rewards_claim taken
    UNION ALL
    SELECT id, '服务使用', 'service', membership_id, item_id, period, ordinal, child_id,
           household_id, signature_id, voided, used_at, imported_in_id IS NOT NULL,
           EXISTS (SELECT FROM rewards_undoing WHERE use_id = taken.id AND undone_at >= used_at)
      FROM rewards_use taken),
dated AS (
    SELECT fact.*, (at AT TIME ZONE 'Asia/Shanghai')::date AS day, member.patient_id,
           member.number
      FROM fact LEFT JOIN members_membership member ON member.id = membership_id)
"""
)

_NAMED = "format('会员号 %s 的%s %s', dated.number, called, dated.id)"

_STATES = (
    FACT
    + f""",
judged AS (
    SELECT {_NAMED} AS named, array_remove(ARRAY[
        CASE WHEN voided <> undone THEN '是否已撤销与撤销记录不同' END,
        CASE WHEN dated.kind <> item.kind THEN '礼品与服务登记错了' END,
        CASE WHEN NOT {same("signed.patient_id", "dated.patient_id")}
             THEN '签名是另一个人的' END,
        CASE WHEN period ~ '^[0-9]' AND period <> to_char(day, 'YYYY')
             THEN '不在所属的年份' END], NULL) AS wrong
      FROM dated JOIN scheme_item item ON item.id = dated.item_id
      LEFT JOIN members_signature signed ON signed.id = signature_id)
SELECT named, array_to_string(wrong, '；') FROM judged WHERE cardinality(wrong) > 0 ORDER BY named
"""
)

# By a version of its time (C8, C10).
_BROUGHT = (
    FACT
    + f"""
SELECT {_NAMED}, '没有级别带来这一项'
  FROM dated
 WHERE period !~ '^redemption:' AND NOT EXISTS (
       SELECT FROM {files_of("dated.patient_id")} own
         JOIN members_membership holder ON holder.patient_id = own.id
         JOIN points_tierreached reached ON reached.membership_id = holder.id
         JOIN scheme_scheme version ON version.published_at IS NOT NULL AND version.plan_a
         JOIN scheme_tierrule tier ON tier.scheme_id = version.id
         JOIN scheme_tierbenefit benefit ON benefit.tier_id = tier.id
        WHERE (reached.reached_on <= dated.day OR dated.imported)
          AND benefit.item_id = dated.item_id AND benefit.quantity >= dated.ordinal
          AND (benefit.for_whom = 'household_child') = (dated.child_id IS NOT NULL)
          AND CASE WHEN period ~ '^once:'
                   THEN benefit.cycle = 'once' AND period = 'once:' || tier.code
                        AND version.id = reached.scheme_id AND reached.path <> 'legacy'
                        AND (tier.code = reached.tier
                             OR version.grant_skipped AND tier.rank < reached.rank)
                   ELSE benefit.cycle = 'yearly' AND tier.code = reached.tier
                        AND version.effective_from <= dated.day END)
 ORDER BY called, id
"""
)

# Times are those of the desks, which wait for each other a moment.
_BOUGHT = (
    FACT
    + f"""
SELECT {_NAMED}, '没有兑换过这一项，或兑换已取消、已过期'
  FROM dated
  LEFT JOIN rewards_redemption bought ON bought.reference = period
  LEFT JOIN members_membership holder ON holder.id = bought.membership_id
 WHERE period ~ '^redemption:' AND (
       bought.id IS NULL OR bought.item_id <> dated.item_id OR dated.ordinal > bought.quantity
       OR dated.child_id IS NOT NULL OR bought.voided AND NOT dated.voided
       OR bought.redeemed_at > dated.at + interval '1 minute' OR dated.day > bought.expires_on
       OR NOT {same("holder.patient_id", "dated.patient_id")})
 ORDER BY called, dated.id
"""
)

_AT_HOME = (
    FACT
    + f"""
SELECT {_NAMED}, '儿童当时不在会员的家庭中'
  FROM dated
 WHERE child_id IS NOT NULL AND NOT imported AND NOT EXISTS (
       SELECT FROM {files_of("dated.child_id")} own
         JOIN members_householdperson small ON small.patient_id = own.id AND small.is_child
         JOIN members_householdperson adult ON adult.household_id = small.household_id
        WHERE NOT adult.is_child AND {same("adult.patient_id", "dated.patient_id")}
          AND greatest(small.joined_at, adult.joined_at) <= dated.at
          AND coalesce(least(small.left_at, adult.left_at), dated.at) >= dated.at
          AND small.household_id = coalesce(dated.household_id, small.household_id))
 ORDER BY called, id
"""
)

_TWICE = (
    FACT
    + """
SELECT format('会员号 %s 的%s %s', max(number), called, max(id)), '同一项登记了两次'
  FROM dated
 WHERE NOT voided
 GROUP BY called, item_id, period, ordinal, child_id,
          CASE WHEN child_id IS NULL THEN membership_id END
HAVING count(*) > 1
"""
)

_ISSUES = """
WITH judged AS (
    SELECT issue.id, member.number, array_remove(ARRAY[
        CASE WHEN given.kind <> 'gift' THEN '发的不是礼品' END,
        CASE WHEN change.id IS NOT NULL AND (
             change.decision <> 'approve' OR change.other_item_id <> issue.given_item_id
             OR (change.membership_id, change.item_id, change.period, change.ordinal)
                <> (issue.membership_id, issue.item_id, issue.period, issue.ordinal)
             OR asked.decided_at > issue.issued_at + interval '1 minute')
             THEN '换发的礼品与批准的不符' END], NULL) AS wrong
      FROM rewards_issue issue
      JOIN members_membership member ON member.id = issue.membership_id
      JOIN scheme_item given ON given.id = given_item_id
      LEFT JOIN rewards_giftchange change ON change.id = issue.change_id
      LEFT JOIN staff_approval asked ON asked.id = change.approval_id)
SELECT format('会员号 %s 的礼品发放 %s', number, id), array_to_string(wrong, '；')
  FROM judged WHERE cardinality(wrong) > 0 ORDER BY id
"""

_CHANGES = """
SELECT format('换发礼品申请 %s', change.id), '与其审批不符'
  FROM rewards_giftchange change JOIN staff_approval asked ON asked.id = change.approval_id
 WHERE asked.kind <> 'gift_change' OR change.decision <> asked.decision
 ORDER BY change.id
"""

FACTS = (_STATES, _BROUGHT, _BOUGHT, _AT_HOME, _TWICE, _ISSUES, _CHANGES)
