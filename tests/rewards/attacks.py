"""Statements that the guards of issues, claims, uses and counter-entries stop.

In the books (`ground.filled`) V is a VIP and M a diamond member with the child K.
"""

from django.db import models

from rewards.models import Claim, Issue, Undoing, Use
from tests.points.attacks import Attack, by_constraint

KEPT = "发放、领取、使用和兑换的记录不能修改或删除，有误请撤销"
UNDONE = "撤销的记录不能修改或删除"
WORD = "换发礼品的决定不能修改或删除"
V = "(SELECT m.id FROM members_membership m JOIN members_patient p ON p.id = patient_id" + (
    " WHERE file_number = 'V')"
)
M, ORDINARY = V.replace("'V'", "'M'"), V.replace("'V'", "'O'")
K = "(SELECT id FROM members_patient WHERE file_number = 'K')"
G = K.replace("'K'", "'G'")
HOME = "(SELECT min(id) FROM members_household)"


def item(code: str) -> str:
    return f"(SELECT id FROM scheme_item WHERE code = '{code}')"


def again(model: type[models.Model], where: str, **changed: str) -> str:
    """SQL that stores a row like the first one that fits, with other values in some columns."""
    skipped = {"id", "recorded_at"}
    fields = model._meta.local_concrete_fields
    columns = [field.column for field in fields if field.column not in skipped]
    values = ", ".join(changed.get(column, column) for column in columns)
    table = model._meta.db_table
    return (
        f"INSERT INTO {table} ({', '.join(columns)})"
        f" SELECT {values} FROM {table} WHERE {where} ORDER BY {table}.id LIMIT 1"
    )


LIVE: dict[type[models.Model], str] = {
    Issue: "NOT voided AND change_id IS NULL AND period = 'once:ordinary'",
    Claim: "NOT voided AND code IS NOT NULL",
    Use: "NOT voided AND claim_id IS NULL AND child_id IS NULL AND period ~ '^2'",
}
FREE: dict[type[models.Model], dict[str, str]] = {
    Issue: {},
    Claim: {"code": "'700000000099'"},
    Use: {},
}
DONE: dict[type[models.Model], str] = {Issue: "发放", Claim: "领取", Use: "使用"}
CHILDS: dict[type[models.Model], dict[str, str]] = {
    Issue: {},
    Claim: {},
    Use: {"kind": "'child'", "beneficiary_id": K, "fee_waived": "false", "as_vip": "false"},
}


def on_key(model: type[models.Model]) -> list[Attack]:
    """Attacks on what keeps each entitlement single in one kind of fact."""
    name, where, done = model.__name__.lower(), LIVE[model], DONE[model]
    childs = {"period": "'once:a_child'", "child_id": K, **CHILDS[model]}
    at_home = {**childs, "household_id": HOME}
    sibling = {"child_id": G, **({"beneficiary_id": G} if model is Use else {})}
    one, two = ({"code": f"'70000000010{n}'"} if model is Claim else {} for n in (1, 2))
    return [
        by_constraint(
            f"{name}_once", f"这一项已经{done}，不能重复登记", again(model, where, **FREE[model])
        ),
        by_constraint(
            f"{name}_once_a_child",
            f"这名儿童今年的这一项已经{done}，全院每年一次",
            f"{again(model, where, **childs, **one)};"
            f" {again(model, where, **childs, **two, membership_id=M)}",
        ),
        by_constraint(
            f"{name}_once_a_household",
            f"这个家庭今年的这一项已经{done}，每个家庭每年一次",
            f"{again(model, where, **at_home, **one)};"
            f" {again(model, where, **at_home | sibling, **two, membership_id=M)}",
        ),
        *(
            by_constraint(
                f"{name}_period_known",
                "期间应为年份、级别或兑换，次数从 1 起",
                again(model, where, **FREE[model], **wrong),
            )
            for wrong in ({"period": "''"}, {"period": "'26'"}, {"ordinal": "0"})
        ),
        by_constraint(
            f"{name}_household_of_child",
            "只有儿童项目按家庭计",
            again(model, where, **FREE[model], period="'2032'", household_id=HOME),
        ),
        *(
            Attack(f"rewards_{name}_guard", "reward_kept", KEPT, sql.format(f"rewards_{name}"))
            for sql in [
                "DELETE FROM {}",
                "UPDATE {} SET ordinal = ordinal + 1",
                "UPDATE {} SET voided = true WHERE NOT voided",
                "UPDATE {} SET voided = false WHERE voided",
                "UPDATE {} SET by_id = (SELECT max(id) FROM staff_user)",
            ]
        ),
        Attack(
            f"rewards_{name}_no_truncate",
            "reward_kept",
            "发放、领取、使用和兑换的记录不能整表清空",
            f"TRUNCATE rewards_{name} CASCADE",
        ),
        Attack(
            f"rewards_{name}_taken",
            "taken_of_its_kind",
            "礼品登记发放，院内服务登记领取和使用",
            again(
                model,
                where,
                **FREE[model],
                item_id=item("facial_care" if model is Issue else "gift_10"),
            ),
        ),
        *(
            Attack(
                f"rewards_{name}_taken",
                "taken_was_bought",
                "没有这项有效的兑换，可能已经取消或到期",
                again(model, where, **FREE[model], **wrong),
            )
            for wrong in on_what_was_not_bought(model)
        ),
        Attack(
            f"rewards_{name}_year",
            "taken_in_its_year",
            "每年的礼遇只能在当年领取和使用",
            again(model, where, **FREE[model], period="'2035'"),
        ),
    ]


def on_what_was_not_bought(model: type[models.Model]) -> list[dict[str, str]]:
    code = "gift_10" if model is Issue else "facial_care"
    sealed = "(SELECT 'redemption:' || id FROM rewards_redemption WHERE quantity = 2)"
    voided = "(SELECT 'redemption:' || id FROM rewards_redemption WHERE voided)"
    bought = {"item_id": item(code), "membership_id": V}
    wrong = [
        {"period": "'redemption:999999'"},
        bought | {"period": voided},
        {"period": sealed},
    ]
    if model is not Issue:
        own = {"item_id": item("fissure_sealant"), "period": sealed}
        wrong += [
            own | {"membership_id": V, "ordinal": "3"},
            own | {"membership_id": M, "ordinal": "2"},
        ]
    return wrong


ON_TAKEN = [attack for model in (Issue, Claim, Use) for attack in on_key(model)]

ON_ISSUES = [
    by_constraint(
        "issue_has_proof",
        "发放礼品须有会员签名或纸质凭证号",
        again(Issue, LIVE[Issue], period="'2033'", slip_number="''"),
    ),
    by_constraint(
        "issue_other_gift_has_word",
        "换发其他礼品须经负责人同意",
        again(Issue, LIVE[Issue], period="'2033'", given_item_id=item("gift_200")),
    ),
    *(
        Attack(
            "rewards_issue_z_agreed",
            "issue_as_agreed",
            "换发其他礼品须经负责人同意，并与批准的一致",
            again(Issue, "change_id IS NOT NULL", **wrong),
        )
        for wrong in (
            {"given_item_id": item("gift_200"), "period": "'2033'"},
            {"membership_id": ORDINARY},
        )
    ),
    *(
        Attack("rewards_giftchange_guard", "gift_change_final", WORD, sql)
        for sql in [
            "UPDATE rewards_giftchange SET decision = 'refuse'",
            "UPDATE rewards_giftchange SET reason = 'x'",
            "DELETE FROM rewards_giftchange",
        ]
    ),
    Attack(
        "rewards_giftchange_no_truncate",
        "gift_change_final",
        WORD,
        "TRUNCATE rewards_giftchange CASCADE",
    ),
]

UNDO = (
    "INSERT INTO rewards_undoing (kind, issue_id, claim_id, use_id, reason, undone_at, by_id)"
    " SELECT '{kind}', {issue}, {claim}, {use}, '{reason}', now(), id FROM staff_user LIMIT 1"
)


def undo(kind: str = "mistake", reason: str = "x", **fact: str) -> str:
    """SQL that stores a counter-entry by hand."""
    none = {"issue": "NULL", "claim": "NULL", "use": "NULL"}
    return UNDO.format(kind=kind, reason=reason, **none | fact)


ISSUE = "(SELECT min(id) FROM rewards_issue WHERE NOT voided)"
CLAIM = "(SELECT min(id) FROM rewards_claim WHERE NOT voided AND code IS NOT NULL)"
USE = "(SELECT min(id) FROM rewards_use WHERE NOT voided)"
ON_UNDOINGS = [
    *(
        by_constraint("undoing_of_one_thing", "一次只能撤销一项发放、领取或使用", sql, True)
        for sql in (undo(), undo(issue=ISSUE, claim=CLAIM), undo(claim=CLAIM, use=USE))
    ),
    by_constraint("undoing_has_reason", "请填写撤销的原因", undo(issue=ISSUE, reason="")),
    *(
        by_constraint("undoing_kind_fits", "只有服务卡会遗失，只有礼品能追回", sql)
        for sql in (undo("lost", issue=ISSUE), undo("returned", claim=CLAIM))
    ),
    *(
        Attack("rewards_undoing_post", "undoing_of_live_fact", "这一项已经撤销", sql)
        for sql in (
            undo(issue="(SELECT id FROM rewards_issue WHERE voided)"),
            undo(claim="(SELECT id FROM rewards_claim WHERE voided)"),
            undo(),
            undo(issue=ISSUE, use=USE),
        )
    ),
    Attack(
        "rewards_undoing_post",
        "undoing_before_use",
        "已经使用的服务，须先撤销使用",
        undo(claim="(SELECT claim_id FROM rewards_use WHERE claim_id IS NOT NULL)"),
    ),
    *(
        Attack("rewards_undoing_kept", "undoing_kept", UNDONE, sql)
        for sql in (
            "UPDATE rewards_undoing SET reason = 'y'",
            "DELETE FROM rewards_undoing",
        )
    ),
    Attack(
        "rewards_undoing_no_truncate", "undoing_kept", UNDONE, f"TRUNCATE {Undoing._meta.db_table}"
    ),
]
