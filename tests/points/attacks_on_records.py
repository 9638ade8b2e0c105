"""Statements that the guards of what the front desk puts on record stop; run by `test_attacks`."""

from tests.points.attacks import Attack, by_constraint

SEEN_KEPT = "查看记录只能新增，不能修改或删除"
CHANGE_KEPT = "资料修改记录不能修改或删除"
SIGNED_KEPT = "电子签名不能修改或删除"
EXPORT_KEPT = "导出记录不能修改或删除"
DIGEST = "0" * 64
ON_A = "FROM members_patient p, staff_user u WHERE p.file_number = 'A' AND u.username = 'system'"

SEEN = (
    "INSERT INTO members_accesslog (patient_id, what, reason, by_id, at)"
    " SELECT p.id, {what}, '{reason}', u.id, now() " + ON_A
)
CHANGED = (
    "INSERT INTO members_detailschange (patient_id, membership_id, document_shown, fields, note,"
    " changed_at, by_id) SELECT p.id, (SELECT id FROM members_membership WHERE patient_id = p.id),"
    " '{shown}', {fields}, '', now(), u.id " + ON_A
)
SIGNED = (
    "INSERT INTO members_signature (patient_id, text, image, digest, signed_at, taken_by_id)"
    " SELECT p.id, '{text}', 'x', '{digest}', now(), u.id " + ON_A
)
EXPORTED = (
    "INSERT INTO staff_export (what, title, filters, row_count, reason, by_id, at)"
    " SELECT 'receipts', '今日收费', '', 1, '{reason}', id, now()"
    " FROM staff_user WHERE username = 'system'"
)
A_LOOK = SEEN.format(what="'{phone}'", reason="回访") + "; "
A_CHANGE = CHANGED.format(shown="passport", fields="'{address}'") + "; "
A_SIGNATURE = SIGNED.format(text="x", digest=DIGEST) + "; "
AN_EXPORT = EXPORTED.format(reason="核对") + "; "

ON_LOOKS = [
    *(
        Attack("members_accesslog_kept", "access_log_kept", SEEN_KEPT, A_LOOK + sql)
        for sql in [
            "DELETE FROM members_accesslog",
            "UPDATE members_accesslog SET reason = '病人要求'",
            "UPDATE members_accesslog SET by_id = (SELECT max(id) FROM staff_user)",
        ]
    ),
    Attack(
        "members_accesslog_no_truncate",
        "access_log_kept",
        SEEN_KEPT,
        "TRUNCATE members_accesslog",
    ),
    *(
        by_constraint(
            "access_log_names_what", "查看记录须写明看了什么", SEEN.format(what=what, reason="回访")
        )
        for what in ("'{}'", "'{phone,wages}'")
    ),
    by_constraint(
        "access_log_reason",
        "查看完整资料须填写原因",
        SEEN.format(what="'{phone}'", reason=""),
    ),
]
ON_CHANGES = [
    *(
        Attack("members_detailschange_kept", "details_change_kept", CHANGE_KEPT, A_CHANGE + sql)
        for sql in [
            "DELETE FROM members_detailschange",
            "UPDATE members_detailschange SET document_shown = 'resident_id'",
            "UPDATE members_detailschange SET fields = '{name}'",
        ]
    ),
    Attack(
        "members_detailschange_no_truncate",
        "details_change_kept",
        CHANGE_KEPT,
        "TRUNCATE members_detailschange",
    ),
    by_constraint(
        "details_change_names_fields",
        "资料修改须写明修改了哪些内容",
        CHANGED.format(shown="passport", fields="'{}'"),
    ),
    *(
        by_constraint(
            "details_change_document_shown",
            "修改会员资料须记录会员出示的证件",
            CHANGED.format(shown=shown, fields="'{address}'"),
        )
        for shown in ("", "library_card")
    ),
]
ON_SIGNATURES = [
    *(
        Attack("members_signature_guard", "signature_kept", SIGNED_KEPT, A_SIGNATURE + sql)
        for sql in [
            "DELETE FROM members_signature",
            f"UPDATE members_signature SET digest = '{'1' * 64}'",
            "UPDATE members_signature SET signed_at = signed_at - interval '1 day'",
            "UPDATE members_signature SET patient_id = (SELECT max(id) FROM members_patient)",
        ]
    ),
    Attack(
        "members_signature_no_truncate",
        "signature_kept",
        SIGNED_KEPT,
        "TRUNCATE members_signature CASCADE",
    ),
    Attack(
        "members_membership_signature_kept",
        "membership_signature_kept",
        "入会时的签名不能更换",
        A_SIGNATURE + "UPDATE members_membership SET signature_id = (SELECT max(id)"
        " FROM members_signature) WHERE id = (SELECT min(id) FROM members_membership)",
    ),
    by_constraint(
        "signature_whole", "电子签名须有签署的内容和签名", SIGNED.format(text="", digest=DIGEST)
    ),
    by_constraint(
        "signature_digest_is_keyed_hash",
        "电子签名缺少签署内容的摘要",
        SIGNED.format(text="x", digest="signed"),
    ),
]
ON_EXPORTS = [
    *(
        Attack("staff_export_guard", "export_is_on_record", EXPORT_KEPT, AN_EXPORT + sql)
        for sql in [
            "DELETE FROM staff_export",
            "UPDATE staff_export SET row_count = 0",
            "UPDATE staff_export SET reason = 'x'",
        ]
    ),
    Attack("staff_export_no_truncate", "export_is_on_record", EXPORT_KEPT, "TRUNCATE staff_export"),
    by_constraint("export_whole", "导出须写明内容和用途", EXPORTED.format(reason="")),
]
ON_SEARCH_KEYS = [
    by_constraint(
        "search_key_once",
        "同一份档案的检索码不能重复",
        "INSERT INTO members_searchkey (patient_id, key)"
        " SELECT patient_id, key FROM members_searchkey",
    ),
]
ON_RECORDS = [*ON_LOOKS, *ON_CHANGES, *ON_SIGNATURES, *ON_EXPORTS, *ON_SEARCH_KEYS]
