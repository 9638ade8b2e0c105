"""Statements that the guards of import records and withdrawn requests stop."""

from tests.points.attacks import Attack, by_constraint

RECORD = "导入记录不能删除，结束后不能修改"


def brought_in(**values: str) -> str:
    """SQL that stores an import by hand, not finished unless `values` says otherwise."""
    columns = {
        "kind": "'payments'",
        "state": "'checked'",
        "is_staged": "true",
        "file_name": "'x'",
        "digest": f"'{'0' * 64}'",
        "sheet": "''",
        "header": "'[]'",
        "ignored": "'[]'",
        "by_id": "min(id)",
        "created_at": "now()",
        "row_count": "2",
        "new": "1",
        "changed": "0",
        "same": "0",
        "refused": "0",
        "total": "0",
        **values,
    }
    names, given = ", ".join(columns), ", ".join(columns.values())
    return f"INSERT INTO staff_import ({names}) SELECT {given} FROM staff_user"


def part(number: int, more: str = "", values: str = "") -> str:
    return (
        f"INSERT INTO staff_importchunk (batch_id, number, rows, judged, refused{more})"
        f" SELECT min(id), {number}, '', '', 0{values} FROM staff_import"
    )


ON_IMPORTS = [
    *(
        Attack(f"staff_import_{guard}", "import_is_on_record", RECORD, sql)
        for guard, sql in [
            ("guard", "UPDATE staff_import SET total = total + 1"),
            ("guard", f"{brought_in()}; UPDATE staff_import SET digest = '{'1' * 64}'"),
            ("guard", "DELETE FROM staff_import"),
            ("no_truncate", "TRUNCATE staff_import CASCADE"),
        ]
    ),
    by_constraint("import_digest_is_sha256", "导入记录须有文件的摘要", brought_in(digest="'x'")),
    by_constraint("import_rows_add_up", "处理的行数不能多于文件的行数", brought_in(refused="2")),
    by_constraint(
        "import_done_whole",
        "已完成的导入须处理了文件的每一行",
        brought_in(state="'done'", finished_at="now()", saved_by_id="min(id)"),
    ),
    by_constraint(
        "import_finished_at_the_end",
        "导入结束时须记下时间，未结束的没有结束时间",
        brought_in(finished_at="now()"),
    ),
    by_constraint(
        "import_saved_by_somebody",
        "写入数据的导入须记下是谁导入的",
        brought_in(state="'saving'"),
    ),
    by_constraint(
        "import_chunk_numbered_once",
        "同一导入的分段序号不能重复",
        f"{part(7)}; {part(7)}",
    ),
    by_constraint(
        "import_chunk_checked_first",
        "分段须先检查再导入",
        part(7, ", saved_at", ", now()"),
    ),
]

ON_REQUESTS = [
    by_constraint(
        "approval_withdrawn_whole",
        "撤回人、撤回时间和撤回原因须一并填写",
        "UPDATE staff_approval SET withdrawn_reason = 'x' WHERE decided_at IS NULL",
    ),
    by_constraint(
        "approval_decided_or_withdrawn",
        "已决定的申请不能撤回，已撤回的不能再决定",
        "UPDATE staff_approval SET withdrawn_reason = 'x', withdrawn_by_id = requested_by_id,"
        " withdrawn_at = now(), decided_at = now(), decision = 'keep',"
        " decided_by_id = (SELECT max(id) FROM staff_user WHERE id <> requested_by_id)"
        " WHERE decided_at IS NULL",
    ),
]

ON_STAFF = ON_IMPORTS + ON_REQUESTS
