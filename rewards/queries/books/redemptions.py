"""Redemptions against the catalogue of their version and the ledger."""

from rewards.queries.books.facts import KIN, same

_REDEMPTIONS = (
    KIN
    + f""",
bought AS (
    SELECT bought.*, (redeemed_at AT TIME ZONE 'Asia/Shanghai')::date AS day, member.patient_id
      FROM rewards_redemption bought JOIN members_membership member ON member.id = membership_id),
judged AS (
    SELECT bought.id, array_remove(ARRAY[
        CASE WHEN bought.number <> 'DH' || lpad(bought.id::text, 8, '0')
               OR bought.reference <> 'redemption:' || bought.id
             THEN '兑换单号或流水来源不符' END,
        CASE WHEN entry.id IS NULL THEN '没有记入积分流水' END,
        CASE WHEN (entry.kind, entry.available_delta, entry.cumulative_delta, entry.scheme_id,
                   entry.by_id, entry.occurred_at)
               <> ('redeem', -bought.points, 0, bought.scheme_id, bought.by_id, bought.redeemed_at)
               OR NOT {same("entry.account_id", "bought.patient_id")}
             THEN '与积分流水不同' END,
        CASE WHEN NOT EXISTS (
             SELECT FROM scheme_catalogueitem line
              WHERE (line.scheme_id, line.item_id, line.points)
                    = (bought.scheme_id, bought.item_id, bought.points_each))
             THEN '单价与规则版本的目录不符' END,
        CASE WHEN NOT version.plan_b THEN '规则版本没有开通积分兑换' END,
        CASE WHEN version.published_at IS NULL OR version.effective_from > bought.day OR EXISTS (
             SELECT FROM scheme_scheme newer
              WHERE newer.effective_from <= bought.day
                AND newer.effective_from > version.effective_from
                AND newer.published_at < bought.recorded_at - interval '1 minute')
             THEN '规则版本不是当日有效的版本' END,
        CASE WHEN bought.expires_on IS DISTINCT FROM
                  (bought.day + make_interval(months => version.redeemed_valid_months))::date
             THEN '有效期与规则版本不符' END,
        CASE WHEN bought.voided <> (cancelled.id IS NOT NULL)
             THEN '是否已取消与取消记录不同' END,
        CASE WHEN card.id IS NOT NULL AND NOT {same("holder.patient_id", "bought.patient_id")}
             THEN '出示的会员卡是另一个人的' END,
        CASE WHEN bought.teeth <> '{{}}' AND item.unit <> '颗' THEN '牙位与项目不符' END
        ], NULL) AS wrong
      FROM bought
      JOIN scheme_scheme version ON version.id = bought.scheme_id
      JOIN scheme_item item ON item.id = bought.item_id
      LEFT JOIN rewards_redemptioncancel cancelled ON cancelled.redemption_id = bought.id
      LEFT JOIN members_card card ON card.id = bought.card_id
      LEFT JOIN members_membership holder ON holder.id = card.membership_id
      LEFT JOIN points_pointsentry entry ON entry.reference = 'redemption:' || bought.id)
SELECT format('兑换 %s', 'DH' || lpad(id::text, 8, '0')), array_to_string(wrong, '；')
  FROM judged WHERE cardinality(wrong) > 0 ORDER BY id
"""
)

_CANCELLED = (
    KIN
    + f""",
judged AS (
    SELECT bought.id, array_remove(ARRAY[
        CASE WHEN cancelled.reference <> 'redemption_cancel:' || bought.id
             THEN '流水来源不符' END,
        CASE WHEN cancelled.cancelled_at < bought.redeemed_at - interval '1 minute'
             THEN '取消早于兑换' END,
        CASE WHEN entry.id IS NULL THEN '没有记入积分流水' END,
        CASE WHEN (entry.kind, entry.available_delta, entry.cumulative_delta, entry.by_id,
                   entry.occurred_at)
               <> ('redeem_cancel', bought.points, 0, cancelled.by_id, cancelled.cancelled_at)
               OR NOT {same("entry.account_id", "member.patient_id")}
             THEN '与积分流水不同' END], NULL) AS wrong
      FROM rewards_redemptioncancel cancelled
      JOIN rewards_redemption bought ON bought.id = cancelled.redemption_id
      JOIN members_membership member ON member.id = bought.membership_id
      LEFT JOIN points_pointsentry entry ON entry.reference = 'redemption_cancel:' || bought.id)
SELECT format('取消兑换 %s', 'DH' || lpad(id::text, 8, '0')), array_to_string(wrong, '；')
  FROM judged WHERE cardinality(wrong) > 0 ORDER BY id
"""
)

_SPENT = """
SELECT format('积分流水 %s', entry.reference), '没有对应的兑换或取消'
  FROM points_pointsentry entry
 WHERE entry.kind = 'redeem'
       AND NOT EXISTS (SELECT FROM rewards_redemption WHERE reference = entry.reference)
    OR entry.kind = 'redeem_cancel'
       AND NOT EXISTS (SELECT FROM rewards_redemptioncancel WHERE reference = entry.reference)
 ORDER BY entry.id
"""

REDEMPTIONS = (_REDEMPTIONS, _CANCELLED, _SPENT)
