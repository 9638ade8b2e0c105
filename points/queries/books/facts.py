"""Receipts, refunds, corrections, legacy points against their entries: as in `ledger`."""

# All points of a payment can be spent while 方案B is on, and those from before once they were
# carried over (C3).
_SPENDABLE = """
(version.plan_b
 OR (SELECT bool_or(points_changes_over(later)) FROM scheme_scheme later)
    AND points_is_carried_over(entry, entry.recorded_at))
"""

# A version may be published for the day that has begun: what was recorded before, or in the
# minute around it, keeps the version that it found.
_RECEIPTS = (
    """
WITH refunded AS (
    SELECT receipt_id, sum(amount) AS amount FROM points_refund WHERE NOT voided GROUP BY 1),
judged AS (
    SELECT paid.number, paid.revision, array_remove(ARRAY[
        CASE WHEN entry.id IS NULL THEN '没有记入积分流水' END,
        CASE WHEN entry.account_id <> paid.patient_id AND NOT EXISTS (
             SELECT FROM members_filemerge
              WHERE absorbed_id = paid.patient_id AND merged_at IS NOT NULL)
             THEN '记入了另一位病人的积分' END,
        CASE WHEN entry.cumulative_delta <> floor(paid.amount * paid.rate)
               OR entry.available_delta <> CASE WHEN"""
    + _SPENDABLE
    + """THEN entry.cumulative_delta ELSE 0 END
             THEN '积分与金额不符' END,
        CASE WHEN (entry.occurred_at, entry.scheme_id, entry.by_id)
               <> (paid.paid_at, paid.scheme_id, paid.by_id)
             THEN '时间、规则版本或经手人与流水不同' END,
        CASE WHEN paid.refunded_amount <> coalesce(refunded.amount, 0)
             THEN '已退金额不等于退费合计' END,
        CASE WHEN paid.voided <> EXISTS (
             SELECT FROM points_correction WHERE receipt_id = paid.id AND voids)
             THEN '是否已冲正与更正记录不同' END,
        CASE WHEN paid.revision > 1 AND NOT EXISTS (
             SELECT FROM points_correction cause
               JOIN points_receipt before ON before.id = receipt_id
              WHERE cause.id = paid.correction_id AND before.number = paid.number
                AND before.revision = paid.revision - 1 AND before.voided)
             THEN '没有冲正上一版的更正记录' END,
        CASE WHEN paid.rate IS DISTINCT FROM version.points_per_yuan
             THEN '每元积分与规则版本不符' END,
        CASE WHEN version.published_at IS NULL OR version.effective_from > paid.day OR EXISTS (
             SELECT FROM scheme_scheme newer
              WHERE newer.effective_from <= paid.day
                AND newer.effective_from > version.effective_from
                AND newer.published_at < paid.recorded_at - interval '1 minute')
             THEN '规则版本不是当日有效的版本' END], NULL) AS wrong
      FROM points_receipt paid
      LEFT JOIN points_pointsentry entry ON entry.reference = paid.reference
      LEFT JOIN refunded ON refunded.receipt_id = paid.id
      LEFT JOIN scheme_scheme version ON version.id = paid.scheme_id)
SELECT format('收据 %s（第 %s 版）', number, revision), array_to_string(wrong, '；')
  FROM judged WHERE cardinality(wrong) > 0 ORDER BY number, revision
"""
)

# Refunds of one receipt and their reversals follow each other as their entries do: what each
# moves is the difference of two floors.
_MOVED = """
WITH moved AS (
    SELECT receipt_id, reference, amount, id AS refund_id, NULL::bigint AS correction_id
      FROM points_refund
    UNION ALL
    SELECT correction.receipt_id, correction.reference, -refund.amount, NULL, correction.id
      FROM points_correction correction JOIN points_refund refund ON refund.id = refund_id),
ordered AS (
    SELECT moved.*, sum(amount) OVER (
           PARTITION BY receipt_id ORDER BY entry.recorded_at, entry.id) AS so_far
      FROM moved LEFT JOIN points_pointsentry entry USING (reference)),
expected AS (
    SELECT ordered.*, paid.patient_id, paid.scheme_id,
           floor((paid.amount - so_far) * paid.rate)
         - floor((paid.amount - so_far + ordered.amount) * paid.rate) AS points,
           so_far > paid.amount OR so_far < 0 AS beyond
      FROM ordered LEFT JOIN points_receipt paid ON paid.id = receipt_id)
"""

_REFUNDS = (
    _MOVED
    + """
, judged AS (
    SELECT refund.number, array_remove(ARRAY[
        CASE WHEN entry.id IS NULL THEN '没有记入积分流水' END,
        CASE WHEN expected.beyond THEN '退费合计超过收据金额' END,
        CASE WHEN refund.points <> expected.points THEN '扣回积分与退费金额不符' END,
        CASE WHEN entry.cumulative_delta <> refund.points
               OR entry.available_delta <> CASE WHEN"""
    + _SPENDABLE
    + """THEN refund.points ELSE 0 END
             THEN '扣回积分与流水不同' END,
        CASE WHEN refund.voided <> EXISTS (
             SELECT FROM points_correction WHERE refund_id = refund.id)
             THEN '是否已冲正与更正记录不同' END,
        CASE WHEN refund.revision > 1 AND NOT EXISTS (
             SELECT FROM points_refund before
               JOIN points_correction cause ON cause.id = refund.correction_id
                AND (cause.refund_id = before.id OR cause.receipt_id = before.receipt_id)
              WHERE before.number = refund.number AND before.revision = refund.revision - 1)
             THEN '没有冲正上一版的更正记录' END,
        CASE WHEN (occurred_at, entry.scheme_id, entry.by_id)
               <> (refunded_at, expected.scheme_id, refund.by_id)
               OR entry.account_id <> expected.patient_id AND NOT EXISTS (
                  SELECT FROM members_filemerge
                   WHERE absorbed_id = expected.patient_id AND merged_at IS NOT NULL)
             THEN '病人、时间、规则版本或经手人与流水不同' END], NULL) AS wrong
      FROM points_refund refund LEFT JOIN expected ON expected.refund_id = refund.id
      LEFT JOIN scheme_scheme version ON version.id = expected.scheme_id
      LEFT JOIN points_pointsentry entry ON entry.reference = refund.reference)
SELECT format('退费 %s', number), array_to_string(wrong, '；')
  FROM judged WHERE cardinality(wrong) > 0 ORDER BY number
"""
)

_CORRECTIONS = (
    _MOVED
    + """
, back AS (
    SELECT receipt_id, sum(amount) AS amount FROM points_refund WHERE NOT voided GROUP BY 1),
judged AS (
    SELECT correction.id, paid.number, array_remove(ARRAY[
        CASE WHEN correction.reference <> CASE
                  WHEN correction.refund_id IS NOT NULL THEN 'reversal:' || refund.reference
                  WHEN voids THEN 'reversal:' || paid.reference ELSE '' END
             THEN '与被更正的收据或退费不符' END,
        CASE WHEN (correction.reference <> '') <> (entry.id IS NOT NULL)
             THEN '没有记入积分流水' END,
        CASE WHEN correction.points <> CASE
                  WHEN correction.refund_id IS NOT NULL THEN expected.points
                  WHEN voids THEN -floor((paid.amount - coalesce(back.amount, 0)) * paid.rate)
                  ELSE 0 END
             THEN '冲正积分与收据或退费不符' END,
        CASE WHEN entry.cumulative_delta <> correction.points
               OR entry.available_delta <> CASE WHEN"""
    + _SPENDABLE
    + """THEN correction.points ELSE 0 END
             THEN '冲正积分与流水不同' END,
        CASE WHEN (entry.occurred_at, entry.scheme_id, entry.by_id)
               <> (corrected_at, paid.scheme_id, correction.by_id)
             THEN '时间、规则版本或经手人与流水不同' END,
        CASE WHEN NOT voids AND correction.refund_id IS NULL AND NOT EXISTS (
             SELECT FROM points_receipt later WHERE later.correction_id = correction.id)
             THEN '没有重录的收据' END], NULL) AS wrong
      FROM points_correction correction
      LEFT JOIN points_receipt paid ON paid.id = correction.receipt_id
      LEFT JOIN points_refund refund ON refund.id = correction.refund_id
      LEFT JOIN back ON back.receipt_id = paid.id
      LEFT JOIN scheme_scheme version ON version.id = paid.scheme_id
      LEFT JOIN expected ON expected.correction_id = correction.id
      LEFT JOIN points_pointsentry entry
             ON correction.reference <> '' AND entry.reference = correction.reference)
SELECT format('更正 %s（收据 %s）', id, number), array_to_string(wrong, '；')
  FROM judged WHERE cardinality(wrong) > 0 ORDER BY id
"""
)

# What waits for confirmation has no entry yet: its history says whether it was changed.
_BALANCES = """
WITH judged AS (
    SELECT file_number, array_remove(ARRAY[
        CASE WHEN NOT coalesce((
             SELECT to_jsonb(event) @> to_jsonb(balance) FROM points_legacybalanceevent event
              WHERE event.pgh_obj_id = balance.id ORDER BY event.pgh_id DESC LIMIT 1), false)
             THEN '与其修改记录的最后一条不同' END,
        CASE WHEN rejected <> coalesce(word.decision = 'reject', false)
             THEN '是否予以确认与审批不同' END,
        CASE WHEN (entry.id IS NOT NULL AND NOT rejected) <> (
             coalesce(word.decision = 'confirm', word.id IS NULL AND username = 'system'))
             THEN '是否计入积分与审批不同' END,
        CASE WHEN NOT rejected AND entry.cumulative_delta <> points
             THEN '积分与流水不同' END], NULL) AS wrong
      FROM points_legacybalance balance
      LEFT JOIN members_patient patient ON patient.id = patient_id
      LEFT JOIN staff_user colleague ON colleague.id = by_id
      LEFT JOIN points_legacyconfirmation word USING (imported_in_id)
      LEFT JOIN points_pointsentry entry ON entry.reference = balance.reference)
SELECT format('原积分 档案 %s', file_number), array_to_string(wrong, '；')
  FROM judged WHERE cardinality(wrong) > 0 ORDER BY file_number
"""

_GONE_BALANCES = """
SELECT DISTINCT format('原积分 #%s', pgh_obj_id), '修改记录还在，本行已不在'
  FROM points_legacybalanceevent
 WHERE NOT EXISTS (SELECT FROM points_legacybalance balance WHERE balance.id = pgh_obj_id)
 ORDER BY 1
"""

# What came later is spendable by itself: what was carried over is what is still missing of it.
_CHANGEOVERS = """
WITH carried AS (
    SELECT entry.*, version, patient.id AS file_id, file_number
      FROM points_pointsentry entry
      LEFT JOIN scheme_scheme version ON version.id = scheme_id
      LEFT JOIN members_patient patient ON patient.id::text = split_part(reference, ':', 3)
     WHERE kind = 'changeover'),
judged AS (
    SELECT reference, file_number, array_remove(ARRAY[
        CASE WHEN NOT coalesce(points_changes_over(version), false)
             THEN '规则版本没有从累计积分启用方案B' END,
        CASE WHEN file_id IS NULL
               OR reference <> format('changeover:%s:%s', scheme_id, file_id)
               OR account_id <> file_id AND NOT EXISTS (
                  SELECT FROM members_filemerge
                   WHERE absorbed_id = file_id AND merged_at IS NOT NULL)
             THEN '记入了另一位病人的积分' END,
        CASE WHEN occurred_at
               <> (version).effective_from::timestamp AT TIME ZONE 'Asia/Shanghai'
             THEN '时间与规则版本不同' END,
        CASE WHEN available_delta <> points_carried_over(file_id, version)
             THEN '转入的可用积分与启用方案B以前的积分不符' END], NULL) AS wrong
      FROM carried)
SELECT format('累计转可用 档案 %s（%s）', coalesce(file_number, '?'), reference),
       array_to_string(wrong, '；')
  FROM judged WHERE cardinality(wrong) > 0 ORDER BY reference
"""

FACTS = (_RECEIPTS, _REFUNDS, _CORRECTIONS, _BALANCES, _GONE_BALANCES, _CHANGEOVERS)
