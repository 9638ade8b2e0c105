"""Statements that the guards of claims, uses, requests and reports stop."""

from rewards.models import Claim, Deferral, GiftChange, SimulatedMove, Simulation, Use
from tests.points.attacks import Attack, by_constraint
from tests.rewards.attacks import FREE, KEPT, LIVE, G, V, again, item

OWN = {"kind": "'own'", "fee_waived": "false", "as_vip": "false"}
PERSON = "儿童项目只能由登记的儿童本人使用"
PRICED = "使用服务须有医生、价目表价格、减免金额和计入费用"
BORNE = "由医生承担的费用须写明医生，其他的由市场活动承担"
PROVEN = "使用服务须有签名、凭证号或服务卡"
WHOLE = "完成的模拟须有结果"
WITH_CARD = "这一项已经领取，请凭领取的服务卡或登记使用；卡遗失请先挂失"
LATER = {"period": "'2034'"}
USED = LIVE[Use]
WITH_CLAIM = "NOT voided AND claim_id IS NOT NULL"


def with_card(**changed: str) -> str:
    """SQL that uses the service card that `again` stores."""
    card = f"FROM rewards_claim WHERE code = {FREE[Claim]['code']}"
    key = {field: f"(SELECT {field} {card})" for field in ("item_id", "period", "ordinal")}
    return again(Use, USED, claim_id=f"(SELECT id {card})", **key, **changed)


ON_CLAIMS_AND_USES = [
    by_constraint(
        "claim_has_proof",
        "领取服务须有会员签名或纸质凭证号",
        again(Claim, LIVE[Claim], **FREE[Claim], **LATER, slip_number="''"),
    ),
    *(
        by_constraint(
            "claim_card_has_code",
            "服务卡须有以 7 开头的 12 位卡号，电子登记没有卡号",
            again(Claim, LIVE[Claim], **LATER, **wrong),
        )
        for wrong in (
            {"code": "NULL"},
            {"code": "'800000000022'"},
            {"code": "'70000000002'"},
            {"delivery": "'electronic'", "code": "'700000000033'"},
        )
    ),
    Attack(
        "rewards_claim_z_fits",
        "claim_before_use",
        "这一项已经使用，不能再领取",
        again(
            Claim,
            LIVE[Claim],
            **FREE[Claim],
            item_id=item("ultrasonic_scaling"),
            period="to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY')",
        ),
    ),
    Attack(
        "rewards_claim_z_fits",
        "claim_before_its_end",
        "这一项已经到期，不能再领取",
        again(Claim, LIVE[Claim], **FREE[Claim], ordinal="2", expires_on="'2020-12-31'"),
    ),
    Attack(
        "rewards_use_z_fits",
        "use_before_its_end",
        "领取的服务已经到期，不能再使用",
        f"{again(Claim, LIVE[Claim], **FREE[Claim], ordinal='2', expires_on='current_date + 1')};"
        f" {with_card(used_at='current_date + 3')}",
    ),
    *(
        Attack("rewards_use_z_fits", "use_with_its_claim", WITH_CARD, again(Use, USED, **wrong))
        for wrong in (
            {"item_id": item("herbal_therapy"), "period": "'once:vip'"},
            {**LATER, "claim_id": "(SELECT min(id) FROM rewards_claim WHERE NOT voided)"},
            {"ordinal": "2", "claim_id": "(SELECT min(id) FROM rewards_claim WHERE voided)"},
        )
    ),
    by_constraint(
        "use_of_claim_once",
        "这张服务卡（登记）已经使用过",
        again(Use, WITH_CLAIM, **LATER),
        triggers_off=True,
    ),
    by_constraint(
        "use_tooth_once",
        "这颗牙已经登记过，兑换的项目一颗牙一次",
        again(Use, "NOT voided AND tooth <> ''", ordinal="2"),
    ),
    by_constraint(
        "use_has_proof",
        PROVEN,
        again(Use, USED, **LATER, slip_number="''"),
    ),
    *(
        by_constraint("use_priced", PRICED, again(Use, USED, **LATER, **wrong))
        for wrong in (
            {"list_price": "NULL"},
            {"list_price": "0", "waived": "0"},
            {"waived": "list_price + 0.01"},
            {"waived": "-1"},
            {"cost": "NULL"},
            {"doctor_id": "NULL"},
        )
    ),
    *(
        by_constraint("use_borne", BORNE, again(Use, USED, **LATER, **wrong))
        for wrong in (
            {"bearer": "'doctor'", "bearer_doctor_id": "NULL"},
            {"bearer": "'marketing'", "bearer_doctor_id": "doctor_id"},
            {"bearer": "'nobody'"},
        )
    ),
    *(
        by_constraint("use_by_right_person", PERSON, again(Use, where, **LATER, **wrong))
        for where, wrong in (
            (USED, {**OWN, "kind": "'child'"}),
            ("child_id IS NOT NULL", {"kind": "'transfer'"}),
            (
                "child_id IS NOT NULL",
                {"beneficiary_id": f"(SELECT patient_id FROM members_membership WHERE id = {V})"},
            ),
        )
    ),
    *(
        by_constraint(
            "use_guest_only_by_transfer",
            "只有转赠的受益人免挂号费、按VIP接待",
            again(Use, USED, **LATER, **OWN | wrong),
        )
        for wrong in ({"fee_waived": "true"}, {"as_vip": "true"})
    ),
    *(
        Attack("rewards_use_guard", "reward_kept", KEPT, sql)
        for sql in (
            "UPDATE rewards_use SET settlement_id = NULL WHERE settlement_id IS NOT NULL",
            "UPDATE rewards_use SET settlement_id = (SELECT min(id) FROM rewards_settlement)"
            " WHERE voided",
            "UPDATE rewards_use SET cost = 0",
        )
    ),
    Attack(
        "rewards_use_guard",
        "use_on_slip_of_beneficiary",
        "结算单是另一个人的，请按使用服务的人分别结算",
        "UPDATE rewards_use SET settlement_id = (SELECT min(id) FROM rewards_settlement)"
        f" WHERE beneficiary_id = {G}",
    ),
    Attack(
        "rewards_use_taken",
        "use_before_settlement",
        "服务先登记使用，再结算",
        again(Use, USED, settlement_id="(SELECT min(id) FROM rewards_settlement)"),
    ),
    *(
        Attack(f"rewards_{table}_{guard}", code, sentence, sql.format(f"rewards_{table}"))
        for table, code, sentence in (
            ("deferral", "deferral_kept", "推迟领取的记录不能修改或删除"),
            ("settlement", "settlement_kept", "结算单不能修改或删除"),
            ("simulatedmove", "simulation_kept", "模拟报告不能修改或删除"),
            ("redemptioncancel", "redemption_cancel_kept", "取消兑换的记录不能修改或删除"),
        )
        for guard, sql in (
            ("kept", "DELETE FROM {}"),
            ("kept", "UPDATE {} SET id = id + 1000"),
            ("no_truncate", "TRUNCATE {} CASCADE"),
        )
    ),
]
REPORT = "模拟报告不能修改或删除"
ON_REQUESTS_AND_REPORTS = [
    by_constraint(
        "deferral_has_reason", "请填写推迟领取的原因", again(Deferral, "true", reason="''")
    ),
    by_constraint(
        "deferral_has_reason", "请填写推迟领取的原因", again(Deferral, "true", period="''")
    ),
    *(
        by_constraint(
            "gift_change_another_gift",
            "换发的须是另一种礼品，并写明原因",
            again(GiftChange, "true", **wrong),
        )
        for wrong in ({"other_item_id": "item_id"}, {"reason": "''"})
    ),
    by_constraint(
        "gift_change_period_known",
        "期间应为年份、级别或兑换，次数从 1 起",
        again(GiftChange, "true", period="'vip'"),
    ),
    by_constraint(
        "simulation_period_in_order",
        "起始日期不能晚于截止日期",
        again(Simulation, "true", from_on="to_on + 1"),
    ),
    *(
        by_constraint("simulation_done_whole", WHOLE, again(Simulation, where, **wrong))
        for where, wrong in (
            ("finished_at IS NULL", {"finished_at": "now()"}),
            ("finished_at IS NOT NULL", {"finished_at": "NULL"}),
        )
    ),
    by_constraint(
        "simulated_move_once", "一次模拟中每位会员只列一次", again(SimulatedMove, "true")
    ),
    *(
        Attack("rewards_simulation_guard", "simulation_kept", REPORT, sql)
        for sql in (
            "DELETE FROM rewards_simulation",
            "UPDATE rewards_simulation SET draft_content = ''",
            "UPDATE rewards_simulation SET done = 1 WHERE finished_at IS NOT NULL",
            "UPDATE rewards_simulation SET finished_at = NULL, result = NULL"
            " WHERE finished_at IS NOT NULL",
        )
    ),
    Attack(
        "rewards_simulation_no_truncate",
        "simulation_kept",
        REPORT,
        "TRUNCATE rewards_simulation CASCADE",
    ),
]
