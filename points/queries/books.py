from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from points.models import PointsEntry
from points.queries.levels import broken_levels
from staff.guards import broken_guards

_LEDGER_SQL = Path(__file__).parents[1] / "sql" / "ledger.sql"

# Each statement gives rows of (what the row is called, what is wrong with it).
_ENTRIES = """
WITH line AS (
    SELECT entry, entry.*, paid.id IS NOT NULL OR refund.id IS NOT NULL AS has_source,
           CASE WHEN paid.id IS NOT NULL THEN points_receipt_text(paid)
                WHEN refund.id IS NOT NULL THEN points_refund_text(refund) END AS source,
           lag(entry.seq, 1, 0) OVER account AS before_seq,
           lag(cumulative_after, 1, 0::bigint) OVER account AS before_cumulative,
           lag(available_after, 1, 0::bigint) OVER account AS before_available,
           lag(hash, 1, ''::bytea) OVER account AS before_hash
      FROM points_pointsentry entry
      LEFT JOIN points_receipt paid ON entry.kind = 'earn' AND paid.reference = entry.reference
      LEFT JOIN points_refund refund
             ON entry.kind = 'refund' AND refund.reference = entry.reference
    WINDOW account AS (PARTITION BY account_id ORDER BY entry.seq)),
judged AS (
    SELECT account_id, seq, reference, array_remove(ARRAY[
        CASE WHEN seq <> before_seq + 1 THEN '序号不连续' END,
        CASE WHEN cumulative_after <> before_cumulative + cumulative_delta
             THEN '累计积分不等于上一行加变动' END,
        CASE WHEN available_after <> before_available + available_delta
             THEN '可用积分不等于上一行加变动' END,
        CASE WHEN prev_hash <> before_hash THEN '前一行校验值不符' END,
        CASE WHEN NOT has_source THEN '没有对应的业务' END,
        CASE WHEN hash <> points_entry_hash(entry, source)
             THEN '校验值不符，本行或其收据、退费被改动' END], NULL) AS wrong
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
             THEN '可用积分不等于流水合计' END], NULL) AS wrong
      FROM points_pointsaccount account LEFT JOIN summed ON account_id = patient_id)
SELECT format('积分账户 档案 %s', coalesce(file_number, '#' || patient_id)),
       array_to_string(wrong, '；')
  FROM judged LEFT JOIN members_patient patient ON patient.id = patient_id
 WHERE cardinality(wrong) > 0 ORDER BY patient_id
"""

# A version may be published for the day that has begun: what was recorded before, or in the
# minute around it, keeps the version that it found.
_RECEIPTS = """
WITH refunded AS (SELECT receipt_id, sum(amount) AS amount FROM points_refund GROUP BY 1),
judged AS (
    SELECT paid.number, paid.revision, array_remove(ARRAY[
        CASE WHEN entry.id IS NULL THEN '没有记入积分流水' END,
        CASE WHEN entry.account_id <> paid.patient_id THEN '记入了另一位病人的积分' END,
        CASE WHEN entry.cumulative_delta <> floor(paid.amount * paid.rate)
               OR entry.available_delta <> CASE WHEN version.plan_b
                                                THEN entry.cumulative_delta ELSE 0 END
             THEN '积分与金额不符' END,
        CASE WHEN (entry.occurred_at, entry.scheme_id, entry.by_id)
               <> (paid.paid_at, paid.scheme_id, paid.by_id)
             THEN '时间、规则版本或经手人与流水不同' END,
        CASE WHEN paid.refunded_amount <> coalesce(refunded.amount, 0)
             THEN '已退金额不等于退费合计' END,
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

# Refunds of one receipt follow each other as their entries do.
_REFUNDS = """
WITH part AS (
    SELECT refund.*, entry.id AS entry_id, entry.account_id, entry.cumulative_delta,
           entry.available_delta, entry.occurred_at, entry.scheme_id, entry.by_id AS entry_by,
           sum(refund.amount) OVER (PARTITION BY receipt_id ORDER BY entry.seq) AS so_far
      FROM points_refund refund
      LEFT JOIN points_pointsentry entry ON entry.reference = refund.reference),
judged AS (
    SELECT part.number, array_remove(ARRAY[
        CASE WHEN part.entry_id IS NULL THEN '没有记入积分流水' END,
        CASE WHEN so_far > paid.amount THEN '退费合计超过收据金额' END,
        CASE WHEN part.points <> floor((paid.amount - so_far) * paid.rate)
                               - floor((paid.amount - so_far + part.amount) * paid.rate)
             THEN '扣回积分与退费金额不符' END,
        CASE WHEN part.cumulative_delta <> part.points
               OR part.available_delta <> CASE WHEN version.plan_b THEN part.points ELSE 0 END
             THEN '扣回积分与流水不同' END,
        CASE WHEN (account_id, occurred_at, part.scheme_id, entry_by)
               <> (paid.patient_id, refunded_at, paid.scheme_id, part.by_id)
             THEN '病人、时间、规则版本或经手人与流水不同' END], NULL) AS wrong
      FROM part LEFT JOIN points_receipt paid ON paid.id = receipt_id
      LEFT JOIN scheme_scheme version ON version.id = paid.scheme_id)
SELECT format('退费 %s', number), array_to_string(wrong, '；')
  FROM judged WHERE cardinality(wrong) > 0 ORDER BY number
"""


def broken_rows() -> Iterator[str]:
    """A Chinese sentence per row of ledger or levels that does not follow from the facts."""
    yield from broken_guards("points", _LEDGER_SQL)
    for statement in (_ENTRIES, _ACCOUNTS, _RECEIPTS, _REFUNDS):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            for name, wrong in cursor.fetchall():
                yield f"{name}：{wrong}"
    yield from broken_levels()


def count_entries() -> int:
    """Lines in the points ledger."""
    return PointsEntry.objects.count()
