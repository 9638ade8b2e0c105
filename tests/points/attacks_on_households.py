"""Statements that the guards of households stop; run by `test_attacks`."""

from tests.points.attacks import Attack, by_constraint

KEPT = "家庭的登记不能修改或删除，只能移出"
NEVER_EMPTIED = "家庭的登记不能整表清空"
HOME = (
    "INSERT INTO members_household (made_at, made_by_id)"
    " SELECT now(), id FROM staff_user WHERE username = 'system'; "
)


def person(file: str, relation: str = "子女", seen: str = "birth_certificate") -> str:
    """SQL that stores a person of the last household by hand."""
    return (
        "INSERT INTO members_householdperson (household_id, patient_id, is_child, relation,"
        f" document_seen, joined_at, by_id, left_reason) SELECT max(h.id), p.id, true,"
        f" '{relation}', '{seen}', now(), h.made_by_id, ''"
        f" FROM members_household h, members_patient p WHERE p.file_number = '{file}'"
        " GROUP BY p.id, h.made_by_id; "
    )


LEAVE = (
    "UPDATE members_householdperson SET left_at = now(), left_reason = '分户', left_by_id = by_id"
)
ONE_PERSON = HOME + person("C")
ON_HOUSEHOLDS = [
    *(
        Attack("members_household_guard", "household_kept", KEPT, HOME + sql)
        for sql in (
            "DELETE FROM members_household",
            "UPDATE members_household SET made_at = made_at - interval '1 day'",
        )
    ),
    *(
        Attack("members_householdperson_guard", "household_kept", KEPT, ONE_PERSON + sql)
        for sql in (
            "DELETE FROM members_householdperson",
            "UPDATE members_householdperson SET relation = '外甥'",
            "UPDATE members_householdperson SET patient_id ="
            " (SELECT id FROM members_patient WHERE file_number = 'B')",
            f"{LEAVE}; UPDATE members_householdperson SET left_at = NULL, left_reason = '',"
            " left_by_id = NULL",
            f"{LEAVE}; UPDATE members_householdperson SET left_reason = '误登'",
        )
    ),
    *(
        Attack(f"members_{table}_no_truncate", "household_kept", NEVER_EMPTIED, sql)
        for table, sql in (
            ("household", "TRUNCATE members_household CASCADE"),
            ("householdperson", "TRUNCATE members_householdperson CASCADE"),
        )
    ),
    by_constraint(
        "household_person_one_at_a_time",
        "此人已登记在一个家庭中，请先从那里移出",
        ONE_PERSON + HOME + person("C"),
    ),
    *(
        by_constraint("household_person_whole", "请填写与会员的关系和查验的证件", HOME + sql)
        for sql in (person("C", relation=""), person("C", seen=""), person("C", seen="x"))
    ),
    *(
        by_constraint(
            "household_person_left_whole",
            "移出家庭须有时间、经手人和原因",
            f"{ONE_PERSON} UPDATE members_householdperson SET {sql}",
        )
        for sql in (
            "left_at = now()",
            "left_at = now(), left_reason = '分户'",
            "left_at = now(), left_by_id = by_id",
            "left_reason = '分户'",
        )
    ),
]
