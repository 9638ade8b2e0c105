"""Statements that the guards of corrections, legacy points and moved points stop.

In the books receipt K1 was moved from K to L with its refund TK, K2 reversed, TM entered again;
legacy points of N are confirmed, of O waiting, of Q rejected; F is merged into E.
"""

from tests.points.attacks import (
    NOT_POSTED,
    Attack,
    by_constraint,
    entry,
    given_back,
    paid,
)
from tests.points.attacks_on_merging import done

MENDED = "更正记录不能修改或删除"
DECIDED = "已决定的事项不能修改或删除"
NOW = "; SET CONSTRAINTS ALL IMMEDIATE"
ANY = "(SELECT min(id) FROM points_correction)"
FITS = "只能冲正有效的收据，只能重录已冲正的收据"
FITS_REFUND = "这笔退费已经冲正，或它的收据已经冲正"


def reversed_by_hand(
    number: str, voids: str = "true", refund: str = "", revision: int = 1, reason: str = "x"
) -> str:
    """SQL that stores a correction by hand; `refund` is the number of the one it takes back."""
    taken = f"(SELECT min(id) FROM points_refund WHERE number = '{refund}')" if refund else "NULL"
    return (
        "INSERT INTO points_correction (receipt_id, refund_id, voids, reason, corrected_at, by_id)"
        f" SELECT id, {taken}, {voids}, '{reason}', now(), by_id FROM points_receipt"
        f" WHERE number = '{number}' AND revision = {revision}"
    )


def brought(file: str, points: int, until: str) -> str:
    """SQL that stores legacy points by hand."""
    return (
        "INSERT INTO points_legacybalance (patient_id, points, until, imported_in_id, by_id)"
        f" SELECT p.id, {points}, {until}, i.id, i.by_id FROM members_patient p, staff_import i"
        f" WHERE p.file_number = '{file}' LIMIT 1"
    )


def moved(kind: str, points: int, file: str, way: str) -> str:
    """SQL that posts one side of the last merge by hand."""
    reference = f"(SELECT 'merge:' || max(id) || ':{way}' FROM members_filemerge)"
    return entry(kind, points, 0, "HERE", file).replace("'HERE'", reference)


ON_CORRECTIONS = [
    *(
        Attack(f"points_correction_{guard}", "points_correction_append_only", MENDED, sql)
        for guard, sql in [
            ("append_only", "UPDATE points_correction SET reason = 'y'"),
            ("append_only", "DELETE FROM points_correction"),
            ("no_truncate", "TRUNCATE points_correction CASCADE"),
        ]
    ),
    *(
        Attack("points_correction_post", "correction_fits_receipt", FITS, sql)
        for sql in [reversed_by_hand("K2"), reversed_by_hand("B1", "false")]
    ),
    *(
        Attack("points_correction_post", "correction_fits_refund", FITS_REFUND, sql)
        for sql in [
            reversed_by_hand("B1", "false", "T1"),
            reversed_by_hand("K3", "false", "TM"),
            reversed_by_hand("K1", "false", "TK"),
        ]
    ),
    Attack(
        "points_correction_must_be_posted",
        "points_must_be_posted",
        NOT_POSTED,
        reversed_by_hand("B1") + NOW,
    ),
    Attack(
        "points_receipt_start",
        "receipt_follows_reversal",
        "收据的上一版冲正后才能重录",
        paid("B1", revision=2, more=", correction_id", values=f", {ANY}"),
    ),
    Attack(
        "points_receipt_start",
        "receipt_follows_reversal",
        "收据的上一版冲正后才能重录",
        paid("K2", revision=2, more=", correction_id", values=f", {ANY}"),
    ),
    Attack(
        "points_refund_post",
        "refund_follows_reversal",
        "退费的上一版冲正后才能重录",
        given_back("T1", "1", ", correction_id", f", {ANY}", revision=2),
    ),
    Attack(
        "points_refund_post",
        "refund_of_live_receipt",
        "该收据已冲正，不能退费",
        given_back("T9", "1", of="K2"),
    ),
    *(
        Attack(
            "points_entry_post",
            "points_entry_matches_correction",
            "冲正积分与更正不符",
            f"{reversed_by_hand('B1')}; "
            + entry("reversal", points, 0, "reversal:receipt:B1#1", file),
        )
        for points, file in [(-999, "B"), (-1000, "A")]
    ),
    by_constraint(
        "correction_voids_once",
        "这张收据已经冲正",
        reversed_by_hand("K2"),
        triggers_off=True,
    ),
    by_constraint(
        "correction_of_one_thing",
        "一次更正只能冲正一张收据或一笔退费",
        reversed_by_hand("A1", "true", "T1"),
    ),
    by_constraint("correction_has_reason", "请填写更正原因", reversed_by_hand("B1", reason="")),
    by_constraint(
        "receipt_later_revision_has_cause",
        "收据的新版次须有更正依据",
        paid("A9", more=", correction_id", values=f", {ANY}"),
    ),
    by_constraint(
        "receipt_later_revision_has_cause",
        "收据的新版次须有更正依据",
        paid("A9", revision=2),
        triggers_off=True,
    ),
    by_constraint(
        "refund_later_revision_has_cause",
        "退费的新版次须有更正依据",
        given_back("T9", "1", ", correction_id", f", {ANY}"),
    ),
]

ON_LEGACY = [
    *(
        Attack(f"points_{guard}", "points_decided_once", DECIDED, sql)
        for guard, sql in [
            ("legacybalance_decided_once", "UPDATE points_legacybalance SET points = points + 1"),
            ("legacybalance_decided_once", "UPDATE points_legacybalance SET rejected = false"),
            ("legacybalance_decided_once", "DELETE FROM points_legacybalance"),
            ("legacybalance_no_truncate", "TRUNCATE points_legacybalance CASCADE"),
            (
                "legacyconfirmation_decided_once",
                "UPDATE points_legacyconfirmation SET decision = 'confirm'",
            ),
            ("legacyconfirmation_decided_once", "DELETE FROM points_legacyconfirmation"),
            ("legacyconfirmation_no_truncate", "TRUNCATE points_legacyconfirmation CASCADE"),
        ]
    ),
    *(
        Attack(
            "points_receipt_start",
            "receipt_counted_as_legacy",
            "这一天的消费已计入该病人转入的原积分",
            paid("O1", file=file, at="'2025-12-31 23:59:59+08'"),
        )
        for file in "NO"
    ),
    Attack(
        "points_balance_start",
        "balance_before_receipts",
        "该病人在截止日期及以前已有收费入账",
        brought("B", 20000, "current_date + 2"),
    ),
    *(
        Attack(
            "points_entry_post",
            "points_entry_matches_balance",
            "期初积分与确认的原积分不符",
            entry("opening", points, 0, "opening:' || p.id || '", file),
        )
        for points, file in [(20999, "O"), (22000, "Q"), (20000, "C")]
    ),
    Attack(
        "points_entry_post",
        "points_opening_confirmed",
        "原积分须经另一人确认后才能计入",
        entry("opening", 21000, 0, "opening:' || p.id || '", "O"),
    ),
    by_constraint(
        "legacy_balance_once",
        "该病人的原积分已经转入或正等待确认",
        brought("O", 20000, "'2020-01-01'"),
    ),
    by_constraint(
        "legacy_balance_positive", "原积分必须大于 0 分", brought("C", 0, "'2020-01-01'")
    ),
]

NOT_MERGE = "积分与档案的合并不符"
CLOSED = "该档案已并入另一份档案，积分记在那份档案上"

ON_MOVED_POINTS = [
    *(
        Attack("points_entry_post", "points_entry_matches_merge", NOT_MERGE, sql)
        for sql in [
            entry("merge_out", -9, 0, "merge:0:out", "B"),
            entry("merge_out", -9, 0, "merge", "B"),
            moved("merge_out", -1000, "B", "out"),
            f"{done('G', 'B')}; {moved('merge_out', -1000, 'A', 'out')}",
            f"{done('G', 'B')}; {moved('merge_in', 1000, 'G', 'in')}",
            f"{done('G', 'B')}; {moved('merge_out', -1000, 'B', 'out')};"
            f" {moved('merge_in', 1001, 'G', 'in')}",
        ]
    ),
    Attack(
        "points_merge_arrives",
        "points_merge_arrives",
        "并出的积分没有并入另一份档案",
        f"{done('G', 'B')}; {moved('merge_out', -1000, 'B', 'out')};"
        " SET CONSTRAINTS points_merge_arrives IMMEDIATE",
    ),
    *(
        Attack("points_entry_post", "points_account_closed", CLOSED, sql)
        for sql in [
            f"{done('G', 'B')}; {moved('merge_out', -999, 'B', 'out')}",
            f"{paid('F9', file='F')}; {entry('earn', 100, 0, 'receipt:F9#1', 'F')}",
            entry("goodwill", 0, 5, "goodwill:1", "F"),
        ]
    ),
]
