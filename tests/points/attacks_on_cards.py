"""Statements that the guards of cards and of talks about joining stop; run by `test_attacks`."""

from tests.points.attacks import Attack, by_constraint

GAINS = "会员卡只能发放和停用一次，不能改回或删除"
KEPT = "入会征询记录不能修改或删除，请新记一次"
ONE_LIVE = "每位会员都须有一张有效的卡"
NOW = "; SET CONSTRAINTS ALL IMMEDIATE"
GIVEN = "UPDATE members_card SET given_at = clock_timestamp(), given_by_id = made_by_id"
STOPPED = (
    "UPDATE members_card SET stopped_at = clock_timestamp(), stopped_by_id = made_by_id,"
    " stopped_reason = 'lost', document_shown = 'passport'"
)
CARD = (
    "INSERT INTO members_card (membership_id, serial, number, made_at, made_by_id,"
    " stopped_reason, document_shown) SELECT membership_id, {}, '{}', clock_timestamp(),"
    " made_by_id, '', '' FROM members_card LIMIT 1"
)
SAID = (
    "INSERT INTO members_jointalk (patient_id, outcome, ask_again_on, note, talked_at, by_id)"
    " SELECT min(p.id), '{}', {}, '', now(), min(u.id) FROM members_patient p, staff_user u"
)


ON_CARDS = [
    *(
        Attack("members_card_guard", "card_only_gains", GAINS, sql)
        for sql in [
            "DELETE FROM members_card",
            "UPDATE members_card SET number = '812345678903'",
            "UPDATE members_card SET serial = 7",
            "UPDATE members_card SET made_at = clock_timestamp() - interval '1 day'",
            "UPDATE members_card SET made_by_id = (SELECT max(id) FROM staff_user)",
            "UPDATE members_card SET membership_id = (SELECT max(id) FROM members_membership)"
            " WHERE membership_id <> (SELECT max(id) FROM members_membership)",
            f"{GIVEN}; UPDATE members_card SET given_at = NULL, given_by_id = NULL",
            f"{GIVEN}; UPDATE members_card SET given_at = clock_timestamp() + interval '1 day'",
            f"{STOPPED}; UPDATE members_card SET stopped_at = NULL, stopped_by_id = NULL,"
            " stopped_reason = '', document_shown = ''",
            f"{STOPPED}; {GIVEN}",
            f"{STOPPED}; UPDATE members_card SET stopped_reason = 'damaged'",
        ]
    ),
    Attack("members_card_no_truncate", "card_only_gains", GAINS, "TRUNCATE members_card CASCADE"),
    Attack("members_card_stopped", "member_has_live_card", ONE_LIVE, STOPPED + NOW),
    Attack(
        "members_membership_has_card",
        "member_has_live_card",
        ONE_LIVE,
        "INSERT INTO members_membership (patient_id, number, document_type, document_index,"
        " accepts_follow_up, accepts_post, accepts_activities, guardian_name, guardian_relation,"
        " guardian_phone, signed_on, joined_on, enrolled_by_id) SELECT p.id, 'X', document_type,"
        " document_index, true, true, true, '', '', '', '2026-01-01', '2026-01-01', updated_by_id"
        " FROM members_patient p WHERE file_number = 'B'" + NOW,
    ),
    by_constraint(
        "card_one_live",
        "一位会员只能有一张有效的卡，请先挂失原卡",
        CARD.format(2, "812345678903"),
    ),
    by_constraint(
        "card_serial_once",
        "同一位会员的卡不能有两张序号相同",
        f"{STOPPED}; {CARD.format(1, '812345678903')}",
    ),
    *(
        by_constraint(
            "card_number_shape",
            "卡号应为以 8 开头的 12 位数字",
            f"{STOPPED}; {CARD.format(2, number)}",
        )
        for number in ("712345678903", "81234567890", "81234567890X")
    ),
    by_constraint(
        "card_given_whole",
        "发卡时间和发卡人须一并填写",
        "UPDATE members_card SET given_at = clock_timestamp()",
    ),
    *(
        by_constraint(
            "card_stopped_whole", "停用会员卡须有时间、经手人、原因和出示的证件", statement
        )
        for statement in (
            "UPDATE members_card SET stopped_at = clock_timestamp()",
            STOPPED.replace("'passport'", "''"),
            STOPPED.replace("'lost'", "''"),
            STOPPED.replace("'passport'", "'library_card'"),
            STOPPED.replace("'lost'", "'stolen'"),
            "UPDATE members_card SET document_shown = 'passport'",
        )
    ),
    *(
        by_constraint("card_in_order", "会员卡应先制卡，再发卡，最后停用", statement)
        for statement in (
            GIVEN.replace("clock_timestamp()", "made_at - interval '1 second'"),
            STOPPED.replace("clock_timestamp()", "made_at - interval '1 second'"),
            f"{GIVEN}; {STOPPED.replace('clock_timestamp()', 'made_at')}",
        )
    ),
]

ON_TALKS = [
    *(
        Attack("members_jointalk_kept", "join_talk_kept", KEPT, sql)
        for sql in (
            "DELETE FROM members_jointalk",
            "UPDATE members_jointalk SET outcome = 'agreed', ask_again_on = NULL",
            "UPDATE members_jointalk SET note = 'x'",
        )
    ),
    Attack("members_jointalk_no_truncate", "join_talk_kept", KEPT, "TRUNCATE members_jointalk"),
    by_constraint("join_talk_outcome_known", "不认识这种答复", SAID.format("perhaps", "NULL")),
    *(
        by_constraint(
            "join_talk_ask_again_when_later",
            "“以后再问”须写明哪一天再问，其他答复不写",
            SAID.format(outcome, day),
        )
        for outcome, day in (("later", "NULL"), ("agreed", "'2026-12-01'"))
    ),
]
