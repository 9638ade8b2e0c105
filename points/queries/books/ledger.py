"""Entries and accounts: each statement gives rows of (what it is called, what is wrong)."""

_ENTRIES = """
WITH line AS (
    SELECT entry, entry.*,
           CASE entry.kind
                WHEN 'earn' THEN points_receipt_text(paid)
                WHEN 'refund' THEN points_refund_text(refund)
                WHEN 'reversal' THEN points_correction_text(correction)
                WHEN 'opening' THEN points_balance_text(balance)
                WHEN 'merge_out' THEN points_merge_text(merge)
                WHEN 'merge_in' THEN points_merge_text(merge)
                WHEN 'redeem' THEN rewards_entry_text(entry)
                WHEN 'redeem_cancel' THEN rewards_entry_text(entry)
                WHEN 'changeover' THEN entry.reference END AS source,
           coalesce(paid.id, refund.id, correction.id, balance.id, merge.id) AS source_id,
           lag(entry.seq, 1, 0) OVER account AS before_seq,
           lag(cumulative_after, 1, 0::bigint) OVER account AS before_cumulative,
           lag(available_after, 1, 0::bigint) OVER account AS before_available,
           lag(hash, 1, ''::bytea) OVER account AS before_hash
      FROM points_pointsentry entry
      LEFT JOIN points_receipt paid ON entry.kind = 'earn' AND paid.reference = entry.reference
      LEFT JOIN points_refund refund
             ON entry.kind = 'refund' AND refund.reference = entry.reference
      LEFT JOIN points_correction correction
             ON entry.kind = 'reversal' AND correction.reference = entry.reference
      LEFT JOIN points_legacybalance balance
             ON entry.kind = 'opening' AND balance.reference = entry.reference
            AND NOT balance.rejected
      LEFT JOIN members_filemerge merge
             ON entry.kind IN ('merge_out', 'merge_in')
            AND entry.reference IN (format('merge:%s:%s', merge.id, substr(entry.kind, 7)),
                                    format('unmerge:%s:%s', merge.id, substr(entry.kind, 7)))
    WINDOW account AS (PARTITION BY account_id ORDER BY entry.seq)),
judged AS (
    SELECT account_id, seq, reference, array_remove(ARRAY[
        CASE WHEN seq <> before_seq + 1 THEN '序号不连续' END,
        CASE WHEN cumulative_after <> before_cumulative + cumulative_delta
             THEN '累计积分不等于上一行加变动' END,
        CASE WHEN available_after <> before_available + available_delta
             THEN '可用积分不等于上一行加变动' END,
        CASE WHEN prev_hash <> before_hash THEN '前一行校验值不符' END,
        CASE WHEN source_id IS NULL AND (
             source IS NULL OR kind NOT IN ('redeem', 'redeem_cancel', 'changeover'))
             THEN '没有对应的业务' END,
        CASE WHEN hash <> points_entry_hash(entry, source)
             THEN '校验值不符，本行或它所依据的业务被改动' END], NULL) AS wrong
      FROM line)
SELECT format('积分流水 档案 %s 第 %s 行（%s）', coalesce(file_number, '#' || account_id), seq,
              reference),
       array_to_string(wrong, '；')
  FROM judged LEFT JOIN members_patient patient ON patient.id = account_id
 WHERE cardinality(wrong) > 0 ORDER BY account_id, seq
"""

_ACCOUNTS = """
WITH summed AS (
    SELECT account_id, count(*) AS entries, sum(cumulative_delta) AS cumulative,
           sum(available_delta) AS available
      FROM points_pointsentry GROUP BY account_id),
judged AS (
    SELECT patient_id, array_remove(ARRAY[
        CASE WHEN last_seq IS DISTINCT FROM entries THEN '最后序号不等于流水行数' END,
        CASE WHEN account.cumulative IS DISTINCT FROM summed.cumulative
             THEN '累计积分不等于流水合计' END,
        CASE WHEN account.available IS DISTINCT FROM summed.available
             THEN '可用积分不等于流水合计' END,
        CASE WHEN closed <> EXISTS (
             SELECT FROM members_filemerge merge
              WHERE absorbed_id = patient_id AND merged_at IS NOT NULL AND undone_at IS NULL)
             THEN '是否已并入与档案的合并不同' END], NULL) AS wrong
      FROM points_pointsaccount account LEFT JOIN summed ON account_id = patient_id)
SELECT format('积分账户 档案 %s', coalesce(file_number, '#' || patient_id)),
       array_to_string(wrong, '；')
  FROM judged LEFT JOIN members_patient patient ON patient.id = patient_id
 WHERE cardinality(wrong) > 0 ORDER BY patient_id
"""

LEDGER = (_ENTRIES, _ACCOUNTS)
