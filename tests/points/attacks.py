"""Statements that the guards of the ledger stop; run by `test_attacks`."""

from dataclasses import dataclass

WHO = "members_patient p, scheme_scheme s, staff_user u WHERE u.username = 'system' AND "


def entry(kind: str, cumulative: int, available: int, reference: str, file: str = "A") -> str:
    """SQL that posts an entry by hand."""
    return (
        "INSERT INTO points_pointsentry (account_id, kind, cumulative_delta, available_delta,"
        " occurred_at, reference, scheme_id, by_id)"
        f" SELECT p.id, '{kind}', {cumulative}, {available}, now(), '{reference}', s.id, u.id"
        f" FROM {WHO} p.file_number = '{file}'"
    )


def paid(
    number: str,
    amount: str = "100",
    rate: int = 1,
    more: str = "",
    values: str = "",
    file: str = "A",
    revision: int = 1,
    at: str = "now()",
) -> str:
    """SQL that stores a receipt by hand."""
    return (
        "INSERT INTO points_receipt (number, revision, patient_id, amount, rate, paid_at,"
        f" department, doctor_number, note, scheme_id, by_id{more})"
        f" SELECT '{number}', {revision}, p.id, {amount}, {rate}, {at}, '', '', '', s.id,"
        f" u.id{values} FROM {WHO} p.file_number = '{file}'"
    )


def given_back(
    number: str,
    amount: str,
    more: str = "",
    values: str = "",
    of: str = "A1",
    revision: int = 1,
) -> str:
    """SQL that stores a refund by hand, on receipt A1 unless `of` says another."""
    return (
        "INSERT INTO points_refund"
        f" (number, revision, receipt_id, amount, refunded_at, reason, by_id{more})"
        f" SELECT '{number}', {revision}, r.id, {amount}, now(), '', r.by_id{values}"
        f" FROM points_receipt r WHERE r.number = '{of}'"
    )


TIER = (
    "INSERT INTO points_tierreached (membership_id, tier, rank, path, entry_id, scheme_id, day,"
    " points, reached_on, at_enrolment) SELECT membership_id, '{}', 9, 'grant', entry_id,"
    " scheme_id, day, 0, day, false FROM points_tierreached WHERE at_enrolment LIMIT 1"
)


def asked_about(file: str, entry: str, approval: str = "(SELECT id FROM asked)") -> str:
    """SQL that opens a review of a member's level by hand."""
    return (
        "WITH asked AS (INSERT INTO staff_approval (kind, summary, requested_by_id, requested_at,"
        " decision, sentence, withdrawn_reason)"
        " SELECT 'tier_review', '', id, now(), '', '', '' FROM staff_user LIMIT 1 RETURNING id)"
        " INSERT INTO points_tierreview (approval_id, membership_id, entry_id, tier,"
        f" supported_tier, decision) SELECT {approval}, m.id, e.id, 'vip', '', ''"
        " FROM members_membership m JOIN members_patient p ON p.id = m.patient_id,"
        f" points_pointsentry e WHERE p.file_number = '{file}' AND e.reference = '{entry}'"
    )


LEDGER = "积分流水只能新增，不能修改或删除"
ACCOUNT = "积分账户只能由流水改变"
RECEIPT = "收据不能修改或删除，请退费或冲正"
REFUND = "退费记录不能修改或删除，请冲正"
LEVEL = "已决定的事项不能修改或删除"
NOT_RECEIPT = "积分与收据不符"
NOT_REFUND = "扣回积分与退费不符"
EARN, ONCE = "points_entry_matches_receipt", "points_entry_once"
NOT_POSTED = "收据、退费或冲正没有记入积分流水"
BY_TRIGGER = "account_by_trigger_only"


@dataclass(frozen=True)
class Attack:
    """A statement, the guard that stops it, the name it raises and the sentence it says."""

    guard: str
    code: str
    sentence: str
    sql: str
    triggers_off: bool = False


def by_constraint(name: str, sentence: str, sql: str, triggers_off: bool = False) -> Attack:
    return Attack(name, name, sentence, sql, triggers_off)


APPEND_ONLY = [
    ("entry_append_only", "entry_append_only", LEDGER, "UPDATE {entry} SET hash = hash"),
    ("entry_append_only", "entry_append_only", LEDGER, "UPDATE {entry} SET seq = seq + 1"),
    ("entry_append_only", "entry_append_only", LEDGER, "DELETE FROM {entry} WHERE seq = 1"),
    ("entry_no_truncate", "entry_append_only", LEDGER, "TRUNCATE {entry} CASCADE"),
    ("account_by_trigger_only", BY_TRIGGER, ACCOUNT, "UPDATE {account} SET cumulative = 99"),
    ("account_by_trigger_only", BY_TRIGGER, ACCOUNT, "UPDATE {account} SET available = 99"),
    (
        "account_by_trigger_only",
        BY_TRIGGER,
        ACCOUNT,
        "INSERT INTO {account} SELECT id, 9, 9, 0 FROM members_patient WHERE file_number = 'C'",
    ),
    ("account_no_delete", BY_TRIGGER, ACCOUNT, "DELETE FROM {account}"),
    ("account_no_truncate", BY_TRIGGER, ACCOUNT, "TRUNCATE {account} CASCADE"),
    ("receipt_append_only", "receipt_append_only", RECEIPT, "UPDATE {receipt} SET amount = 9"),
    (
        "receipt_append_only",
        "receipt_append_only",
        RECEIPT,
        "UPDATE {receipt} SET refunded_amount = 0",
    ),
    ("receipt_no_delete", "receipt_append_only", RECEIPT, "DELETE FROM {receipt}"),
    ("receipt_no_truncate", "receipt_append_only", RECEIPT, "TRUNCATE {receipt} CASCADE"),
    ("refund_append_only", "refund_append_only", REFUND, "UPDATE {refund} SET amount = 1"),
    ("refund_no_delete", "refund_append_only", REFUND, "DELETE FROM {refund}"),
    ("refund_no_truncate", "refund_append_only", REFUND, "TRUNCATE {refund} CASCADE"),
    ("tierreached_decided_once", "decided_once", LEVEL, "UPDATE {reached} SET rank = rank + 1"),
    ("tierreached_decided_once", "decided_once", LEVEL, "DELETE FROM {reached}"),
    (
        "tierreached_decided_once",
        "decided_once",
        LEVEL,
        "UPDATE {reached} SET restated_by_id = NULL",
    ),
    (
        "tierreached_decided_once",
        "decided_once",
        LEVEL,
        "UPDATE {reached} SET withdrawn_by_id = NULL",
    ),
    ("tierreached_no_truncate", "decided_once", LEVEL, "TRUNCATE {reached} CASCADE"),
    (
        "tierreview_decided_once",
        "decided_once",
        LEVEL,
        "UPDATE {review} SET decision = 'keep'; UPDATE {review} SET decision = 'waive'",
    ),
    ("tierreview_decided_once", "decided_once", LEVEL, "UPDATE {review} SET tier = 'senior'"),
    ("tierreview_decided_once", "decided_once", LEVEL, "DELETE FROM {review}"),
    ("tierreview_no_truncate", "decided_once", LEVEL, "TRUNCATE {review} CASCADE"),
]
TABLES = {
    "entry": "points_pointsentry",
    "account": "points_pointsaccount",
    "receipt": "points_receipt",
    "refund": "points_refund",
    "reached": "points_tierreached",
    "review": "points_tierreview",
}

ON_LEDGER = [
    *(
        Attack(f"points_{guard}", f"points_{code}", sentence, sql.format(**TABLES))
        for guard, code, sentence, sql in APPEND_ONLY
    ),
    # What may be posted.
    Attack("points_entry_post", EARN, NOT_RECEIPT, entry("earn", 5, 0, "receipt:none#1")),
    Attack("points_entry_post", EARN, NOT_RECEIPT, entry("earn", 1000, 0, "receipt:B1#1")),
    Attack(
        "points_entry_post",
        EARN,
        NOT_RECEIPT,
        f"{paid('A9')}; {entry('earn', 101, 0, 'receipt:A9#1')}",
    ),
    Attack(
        "points_entry_post",
        EARN,
        NOT_RECEIPT,
        f"{paid('A9')}; {entry('earn', 100, 99, 'receipt:A9#1')}",
    ),
    Attack(
        "points_entry_post",
        EARN,
        NOT_RECEIPT,
        f"{paid('A9')}; {entry('earn', 100, 0, 'receipt:A9#1', 'B')}",
    ),
    Attack(
        "points_entry_post",
        "points_entry_matches_refund",
        NOT_REFUND,
        f"{given_back('T9', '2')}; {entry('refund', -1, 0, 'refund:T9')}",
    ),
    Attack(
        "points_entry_post",
        "points_entry_matches_refund",
        NOT_REFUND,
        entry("refund", -1, 0, "refund:none"),
    ),
    Attack(
        "points_entry_post", ONCE, "这笔业务已记入积分流水", entry("earn", 12000, 0, "receipt:A1#1")
    ),
    Attack(
        "points_entry_post",
        ONCE,
        "这笔业务已记入积分流水",
        entry("earn", 12000, 0, "receipt:A1#1") + " ON CONFLICT DO NOTHING",
    ),
    Attack(
        "points_refund_post",
        "refund_at_most_paid",
        "退费合计不能超过收据金额",
        given_back("T9", "99999"),
    ),
    Attack("points_refund_post", "refund_counts_once", "该退费单号已入账", given_back("T1", "1")),
    Attack(
        "points_receipt_must_be_posted",
        "points_must_be_posted",
        NOT_POSTED,
        f"{paid('A9')}; SET CONSTRAINTS ALL IMMEDIATE",
    ),
    Attack(
        "points_refund_must_be_posted",
        "points_must_be_posted",
        NOT_POSTED,
        f"{given_back('T9', '1')}; SET CONSTRAINTS ALL IMMEDIATE",
    ),
    by_constraint(
        "points_account_cumulative_not_negative",
        "累计积分不能小于 0",
        "UPDATE points_pointsaccount SET cumulative = -1",
        triggers_off=True,
    ),
    by_constraint(
        "points_entry_delta_fits_kind",
        "积分的增减与流水类别不符",
        entry("goodwill", 500, 500, "goodwill:1"),
    ),
    by_constraint(
        "points_entry_no_gaps",
        "",
        "INSERT INTO points_pointsentry (account_id, seq, kind, cumulative_delta, available_delta,"
        " cumulative_after, available_after, occurred_at, recorded_at, reference, scheme_id, by_id,"
        " prev_hash, hash) SELECT account_id, seq, kind, cumulative_delta, available_delta,"
        " cumulative_after, available_after, occurred_at, recorded_at, 'again', scheme_id, by_id,"
        " prev_hash, hash FROM points_pointsentry",
        triggers_off=True,
    ),
    by_constraint("receipt_counts_once", "该收据号已入账", paid("A1")),
    by_constraint("receipt_amount_positive", "金额必须大于 0 元", paid("A9", "0")),
    by_constraint("receipt_rate_positive", "每元积分必须大于 0", paid("A9", "1", 0)),
    by_constraint(
        "receipt_refunded_at_most_paid",
        "退费合计不能超过收据金额",
        "UPDATE points_receipt SET refunded_amount = amount + 1",
        triggers_off=True,
    ),
    by_constraint("refund_amount_positive", "退费金额必须大于 0 元", given_back("T9", "-1")),
    by_constraint("refund_counts_once", "该退费单号已入账", given_back("T1", "1"), True),
    by_constraint(
        "refund_takes_points",
        "退费不能增加积分",
        given_back("T9", "1", ", points", ", 5"),
        triggers_off=True,
    ),
    by_constraint("tier_reached_once", "该会员已达到过这一级别", TIER.format("senior")),
    by_constraint(
        "tier_review_one_open_a_member",
        "该会员已有一项待定的级别复核",
        asked_about("A", "receipt:A1#1"),
    ),
    by_constraint(
        "tier_review_once_an_entry",
        "这笔流水已引起一项级别复核",
        asked_about("L", "refund:T1"),
    ),
    by_constraint(
        "tier_review_one_an_approval",
        "这项审批已属于另一项级别复核",
        asked_about(
            "L",
            "receipt:A1#1",
            "(SELECT approval_id FROM points_tierreview WHERE decision = '')",
        ),
    ),
]
