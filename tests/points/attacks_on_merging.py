"""Statements that the guards of merged files stop; run by `test_attacks`.

In the books F is merged into E, the merge of G into E is asked for, and E and H are two people.
"""

from tests.points.attacks import Attack, by_constraint

HISTORY = "合并记录不能修改或删除"
APPROVED = "合并和撤销须先经审批同意"
FOLLOWS = "档案并入哪一份，只能由批准的合并决定"
DISTINCT = "“不是同一人”的登记不能修改或删除"
NOW = "; SET CONSTRAINTS ALL IMMEDIATE"
LIVE = " WHERE merged_at IS NOT NULL"
WAITING = " WHERE merged_at IS NULL"


def file(number: str) -> str:
    return f"(SELECT id FROM members_patient WHERE file_number = '{number}')"


def approval(kind: str) -> str:
    """A statement's part that approves a new request, as `said`."""
    return (
        "WITH who AS (SELECT min(id) AS asks, max(id) AS decides FROM staff_user), said AS ("
        " INSERT INTO staff_approval (kind, summary, requested_by_id, requested_at,"
        " decided_by_id, decided_at, decision, sentence, withdrawn_reason)"
        f" SELECT '{kind}', 'x', asks, now(), decides, now(), 'approve', '', '' FROM who"
        " RETURNING id) "
    )


def asked(kept: str, absorbed: str, merged_at: str = "NULL") -> str:
    return (
        approval("merge") + "INSERT INTO members_filemerge"
        " (kept_id, absorbed_id, reason, approval_id, merged_at, undo_reason)"
        f" SELECT {file(kept)}, {file(absorbed)}, 'x', said.id, {merged_at}, '' FROM said"
    )


def done(kept: str, absorbed: str) -> str:
    """The approved merge of two files, which no file has followed yet."""
    which = f" AND kept_id = {file(kept)} AND absorbed_id = {file(absorbed)}"
    return (
        f"{asked(kept, absorbed)}; UPDATE members_filemerge SET merged_at = now(){WAITING}{which}"
    )


def distinct(first: str, second: str) -> str:
    return (
        "INSERT INTO members_distinctfiles (first_id, second_id, reason, by_id)"
        f" SELECT {file(first)}, {file(second)}, 'x', min(id) FROM staff_user"
    )


ON_MERGING = [
    Attack("members_filemerge_asked", "file_merge_by_approval", APPROVED, asked("G", "H", "now()")),
    Attack(
        "members_filemerge_asked",
        "file_merge_asked_once",
        "这两份档案的合并申请正在等待审批",
        asked("G", "E"),
    ),
    *(
        Attack("members_filemerge_guard", "file_merge_is_history", HISTORY, sql)
        for sql in [
            "DELETE FROM members_filemerge",
            "UPDATE members_filemerge SET reason = 'x'",
            "UPDATE members_filemerge SET kept_id = absorbed_id, absorbed_id = kept_id" + WAITING,
            "UPDATE members_filemerge SET merged_at = NULL" + LIVE,
            "UPDATE members_filemerge SET merged_at = now() - interval '1 day'" + LIVE,
            "UPDATE members_filemerge SET undo_reason = 'x'" + LIVE,
        ]
    ),
    *(
        Attack("members_filemerge_guard", "file_merge_by_approval", APPROVED, sql)
        for sql in [
            "UPDATE members_filemerge SET merged_at = now()" + WAITING,
            "UPDATE members_filemerge SET undone_at = now()" + LIVE,
            "UPDATE members_filemerge SET undone_at = now(), undo_reason = 'x',"
            " undo_approval_id = (SELECT min(id) FROM staff_approval)" + LIVE,
        ]
    ),
    Attack(
        "members_filemerge_guard",
        "file_merge_kept_is_root",
        "保留的档案已并入另一份档案，请先撤销之后的合并",
        done("F", "H"),
    ),
    Attack(
        "members_filemerge_no_truncate",
        "file_merge_is_history",
        HISTORY,
        "TRUNCATE members_filemerge CASCADE",
    ),
    Attack("members_filemerge_followed", "patient_follows_merges", FOLLOWS, done("G", "H") + NOW),
    Attack(
        "members_patient_opened_unmerged",
        "patient_follows_merges",
        FOLLOWS,
        "INSERT INTO members_patient (file_number, name, sex, phone, phone_index, phone_last4,"
        " document_type, document_number, document_index, document_last4, address, updated_at,"
        f" updated_by_id, merged_into_id) SELECT 'X', 'x', '', '', '', '', '', '', '', '', '',"
        f" now(), min(id), {file('E')} FROM staff_user" + NOW,
    ),
    *(
        Attack(
            "members_patient_follows_merges",
            "patient_follows_merges",
            FOLLOWS,
            f"UPDATE members_patient SET merged_into_id = {into}"
            f" WHERE file_number = '{number}'" + NOW,
        )
        for number, into in [
            ("F", "NULL"),
            ("F", file("H")),
            ("G", file("E")),
            ("G", file("F")),
            ("E", file("G")),
        ]
    ),
    Attack(
        "members_distinct_guard",
        "distinct_files_is_history",
        DISTINCT,
        "UPDATE members_distinctfiles SET reason = 'x'",
    ),
    Attack(
        "members_distinct_guard",
        "distinct_files_is_history",
        DISTINCT,
        "DELETE FROM members_distinctfiles",
    ),
    Attack(
        "members_distinct_no_truncate",
        "distinct_files_is_history",
        DISTINCT,
        "TRUNCATE members_distinctfiles CASCADE",
    ),
    by_constraint("file_merge_two_files", "合并的须为两份不同的档案", asked("G", "G")),
    by_constraint("file_merge_absorbed_once", "该档案已并入另一份档案", done("H", "F")),
    by_constraint(
        "file_merge_undo_whole",
        "撤销合并须有原因和审批，并且合并已完成",
        "UPDATE members_filemerge SET undo_approval_id = (SELECT min(id) FROM staff_approval)"
        + LIVE,
    ),
    by_constraint("distinct_files_once", "这两份档案已登记为不是同一人", distinct("E", "H")),
    by_constraint(
        "distinct_files_in_order", "登记的须为两份不同的档案，先建的在前", distinct("H", "E")
    ),
    by_constraint(
        "patient_not_into_itself",
        "档案不能并入自己",
        "UPDATE members_patient SET merged_into_id = id",
    ),
    by_constraint(
        "membership_joined_as_signed",
        "入会日期即签字日期，只有导入的老会员可以不同",
        "UPDATE members_membership SET signed_on = signed_on - 1",
    ),
    Attack(
        "members_membership_guard",
        "membership_is_for_life",
        "会员资格为实名终生制，不能删除、换号或转移",
        "UPDATE members_membership SET joined_on = joined_on - 1",
    ),
]
