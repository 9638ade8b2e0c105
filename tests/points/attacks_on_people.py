"""Statements that the guards of staff and members stop; run by `test_attacks`."""

from tests.points.attacks import Attack, by_constraint

DESIGNATED = (
    "INSERT INTO staff_designation (user_id, substitute_id, designated_by_id, starts_on, ends_on)"
    " SELECT a.id, {}.id, a.id, {} FROM staff_user a, staff_user b"
    " WHERE a.username = 'system' AND b.username <> 'system' LIMIT 1"
)
SECOND_MEMBER = (
    "INSERT INTO members_membership (patient_id, number, document_type, document_index,"
    " accepts_follow_up, accepts_post, accepts_activities, guardian_name, guardian_relation,"
    " guardian_phone, signed_on, joined_on, enrolled_by_id) SELECT p.id, 'X', p.document_type,"
    " p.document_index, true, true, true, '', '', '', m.signed_on, m.joined_on, m.enrolled_by_id"
    " FROM members_membership m, members_patient p WHERE p.file_number = '{}'"
)
FOR_LIFE = "会员资格为实名终生制，不能删除、换号或转移"
FINAL = "审批记录不能修改或删除"

ON_PEOPLE = [
    *(
        Attack("members_membership_guard", "membership_is_for_life", FOR_LIFE, sql)
        for sql in [
            "DELETE FROM members_membership",
            "UPDATE members_membership SET patient_id ="
            " (SELECT id FROM members_patient WHERE file_number = 'B')",
            "UPDATE members_membership SET number = 'X'",
            "UPDATE members_membership SET enrolled_at = now()",
        ]
    ),
    Attack(
        "members_membership_no_truncate",
        "membership_is_for_life",
        FOR_LIFE,
        "TRUNCATE members_membership CASCADE",
    ),
    by_constraint(
        "membership_one_person_one_member",
        "该证件已办理过会员，一人只能有一个会员",
        "UPDATE members_patient b SET document_type = a.document_type, document_number ="
        " a.document_number, document_index = a.document_index, document_last4 = a.document_last4"
        " FROM members_patient a WHERE a.file_number = 'A' AND b.file_number = 'B'; "
        + SECOND_MEMBER.format("B"),
    ),
    by_constraint(
        "membership_has_document", "会员必须留有证件类型和证件号码", SECOND_MEMBER.format("C")
    ),
    by_constraint(
        "membership_guardian_whole",
        "监护人的姓名、关系和电话须一并填写",
        "UPDATE members_membership SET guardian_name = '张父'",
    ),
    by_constraint(
        "patient_phone_whole",
        "电话的密文、索引和末四位须一并保存",
        "UPDATE members_patient SET phone_last4 = ''WHERE phone_last4 <> ''",
    ),
    by_constraint(
        "patient_document_whole",
        "证件的类型、密文、索引和末四位须一并保存",
        "UPDATE members_patient SET document_number = '' WHERE file_number = 'B'",
    ),
    *(
        Attack("staff_approval_guard", "approval_is_final", FINAL, sql)
        for sql in [
            "UPDATE staff_approval SET requested_by_id ="
            " (SELECT id FROM staff_user WHERE username <> 'system' LIMIT 1)",
            "UPDATE staff_approval SET summary = 'x'",
            "DELETE FROM staff_approval",
            "WITH who AS (SELECT id FROM staff_user WHERE username <> 'system' LIMIT 1)"
            " UPDATE staff_approval SET decided_by_id = who.id, decided_at = now(),"
            " decision = 'keep' FROM who; UPDATE staff_approval SET decision = 'waive'",
        ]
    ),
    Attack(
        "staff_approval_no_truncate", "approval_is_final", FINAL, "TRUNCATE staff_approval CASCADE"
    ),
    by_constraint(
        "approval_four_eyes",
        "申请人不能审批自己的申请，请由另一位负责人审批",
        "UPDATE staff_approval SET decided_by_id = requested_by_id, decided_at = now(),"
        " decision = 'keep'",
    ),
    by_constraint(
        "approval_decided_whole",
        "审批人、审批时间和决定须一并填写",
        "UPDATE staff_approval SET decision = 'keep'",
    ),
    by_constraint(
        "designation_two_people",
        "会员管理员与替补须为两个人",
        DESIGNATED.format("a", "'2026-01-01', NULL"),
    ),
    by_constraint(
        "designation_ends_after_start",
        "结束日期不能早于开始日期",
        DESIGNATED.format("b", "'2026-01-02', '2026-01-01'"),
    ),
    by_constraint(
        "designation_one_at_a_time",
        "这段时间已指定了会员管理员，请先结束原来的指定",
        DESIGNATED.format("b", "'2026-01-01', NULL")
        + "; "
        + DESIGNATED.format("b", "'2026-06-01', NULL"),
    ),
    by_constraint(
        "api_token_digest_is_sha256",
        "令牌只保存摘要",
        "INSERT INTO staff_apitoken (name, digest, user_id, created_at)"
        " SELECT 'HIS', 'secret', id, now() FROM staff_user LIMIT 1",
    ),
]
