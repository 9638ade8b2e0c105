"""Uses and claims: who used it, with which card, at what cost to whom; and what was settled."""

from rewards.queries.books.facts import KIN, files_of, same

# As the file said it when the service was used: a birth date may be put right afterwards.
_BORN = """
(SELECT event.birth_date FROM members_patientevent event
  WHERE event.pgh_obj_id = used.beneficiary_id
  ORDER BY event.pgh_created_at > used.recorded_at,
           CASE WHEN event.pgh_created_at > used.recorded_at THEN event.pgh_id END,
           event.pgh_id DESC LIMIT 1)
"""

# Someone born on 29 February turns older on 1 March where there is none (C14).
_OLD_FROM = """
(turned + CASE WHEN extract(day FROM turned) <> extract(day FROM born) THEN 1 ELSE 0 END)
"""

_YOUNG = f"""
EXISTS (
    SELECT FROM scheme_scheme version, LATERAL (
           SELECT (born + make_interval(years => version.child_age_limit
                  + CASE WHEN version.child_birthday_ends THEN 0 ELSE 1 END))::date AS turned) aged
     WHERE version.published_at IS NOT NULL AND version.effective_from <= used.day
       AND used.day < {_OLD_FROM})
"""

_VIP = f"""
EXISTS (
    SELECT FROM {files_of("used.patient_id")} own
      JOIN members_membership holder ON holder.patient_id = own.id
      JOIN points_tierreached reached ON reached.membership_id = holder.id
     WHERE reached.reached_on <= used.day AND reached.tier IN ('vip', 'diamond'))
"""

_USES = (
    KIN
    + f""",
used AS (
    SELECT used.*, (used_at AT TIME ZONE 'Asia/Shanghai')::date AS day, member.patient_id,
           member.number, CASE WHEN child_id IS NOT NULL THEN {_BORN} END AS born
      FROM rewards_use used JOIN members_membership member ON member.id = membership_id),
judged AS (
    SELECT used.id, used.number, array_remove(ARRAY[
        CASE WHEN used.kind = 'own' AND NOT {same("used.beneficiary_id", "used.patient_id")}
             THEN '使用人不是会员本人' END,
        CASE WHEN used.child_id IS NOT NULL AND used.imported_in_id IS NULL AND NOT {_YOUNG}
             THEN '儿童当时已超过年龄' END,
        CASE WHEN used.as_vip AND NOT {_VIP} THEN '转赠的会员当时不是VIP' END,
        CASE WHEN claim.id IS NOT NULL AND (
             (claim.membership_id, claim.item_id, claim.period, claim.ordinal)
             <> (used.membership_id, used.item_id, used.period, used.ordinal)
             OR claim.child_id IS DISTINCT FROM used.child_id
             OR claim.claimed_at > used.used_at + interval '1 minute'
             OR claim.voided AND NOT used.voided)
             THEN '与领取记录不符' END,
        CASE WHEN claim.expires_on < used.day THEN '服务卡当时已过期' END,
        CASE WHEN used.imported_in_id IS NULL AND used.cost <> used.list_price
              AND version.price_basis = 'list'
             THEN '计入费用与方案不符' END,
        CASE WHEN used.bearer = 'doctor' AND version.cost_bearer <> 'doctor'
             THEN '费用承担与方案不符' END,
        CASE WHEN used.imported_in_id IS NULL AND (item.unit = '颗') <> (used.tooth <> '')
             THEN '牙位与项目不符' END,
        CASE WHEN version.published_at IS NULL OR version.effective_from > used.day OR EXISTS (
             SELECT FROM scheme_scheme newer
              WHERE newer.effective_from <= used.day
                AND newer.effective_from > version.effective_from
                AND newer.published_at < used.recorded_at - interval '1 minute')
             AND used.imported_in_id IS NULL
             THEN '规则版本不是当日有效的版本' END,
        CASE WHEN slip.id IS NOT NULL AND (
             slip.settled_at < used.used_at - interval '1 minute'
             OR NOT {same("slip.beneficiary_id", "used.beneficiary_id")})
             THEN '与结算单不符' END], NULL) AS wrong
      FROM used
      JOIN scheme_scheme version ON version.id = used.scheme_id
      JOIN scheme_item item ON item.id = used.item_id
      LEFT JOIN rewards_claim claim ON claim.id = used.claim_id
      LEFT JOIN rewards_settlement slip ON slip.id = used.settlement_id)
SELECT format('会员号 %s 的服务使用 %s', number, id), array_to_string(wrong, '；')
  FROM judged WHERE cardinality(wrong) > 0 ORDER BY id
"""
)

_SETTLEMENTS = """
SELECT format('结算单 %s', 'JS' || lpad(slip.id::text, 8, '0')), '没有结算的服务'
  FROM rewards_settlement slip
 WHERE NOT EXISTS (SELECT FROM rewards_use WHERE settlement_id = slip.id)
 ORDER BY slip.id
"""

USES = (_USES, _SETTLEMENTS)
