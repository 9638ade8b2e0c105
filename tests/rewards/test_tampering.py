"""One value changed in the books of rewards, past every guard, and `check_books` names the row."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from points.queries import broken_rows as broken_points
from rewards.queries import broken_rows
from tests.points.conftest import run
from tests.rewards.attacks import G, V, item

pytestmark = pytest.mark.django_db

HERBAL = item("herbal_therapy")
OF_V = f"(SELECT patient_id FROM members_membership WHERE id = {V})"
SIGNED = (
    "WITH signed AS (INSERT INTO members_signature (patient_id, text, image, digest, signed_at,"
    " taken_by_id) SELECT {file}, 'x', 'x', repeat('0', 64), now(), id FROM staff_user LIMIT 1"
    " RETURNING id) UPDATE rewards_issue SET signature_id = signed.id FROM signed"
    " WHERE NOT voided AND change_id IS NULL AND period = 'once:ordinary'"
)
FIRST_ISSUE = "NOT voided AND period = 'once:ordinary'"
LIVE_CARD = "NOT voided AND code IS NOT NULL"
EXCHANGED = "change_id IS NOT NULL"
NOTED = "NOT voided AND code IS NULL"
GIVEN = "kind = 'transfer'"
CHILDS = "child_id IS NOT NULL"
BY_CLAIM = "claim_id IS NOT NULL"
SEALED = "quantity = 2"


def changed(table: str, what: str, where: str) -> str:
    return f"UPDATE rewards_{table} SET {what} WHERE {where}"


@pytest.fixture(autouse=True)
def undone(reward_books: None) -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def said_after(sql: str) -> list[str]:
    run(f"SET LOCAL session_replication_role = replica; {sql}")
    run("SET LOCAL session_replication_role = origin")
    return [*broken_rows(), *broken_points()]


FACTS = [
    (changed("issue", "voided = true", FIRST_ISSUE), "礼品发放", "是否已撤销"),
    (changed("claim", "voided = false", "voided"), "服务领取", "是否已撤销"),
    (changed("use", "voided = true", GIVEN), "服务使用", "是否已撤销"),
    ("DELETE FROM rewards_undoing WHERE issue_id IS NOT NULL", "礼品发放", "是否已撤销"),
    (changed("undoing", "undone_at = '2020-01-01'", "true"), "礼品发放", "是否已撤销"),
    (
        changed("issue", f"item_id = {HERBAL}, given_item_id = {HERBAL}", FIRST_ISSUE),
        "礼品发放",
        "礼品与服务登记错了",
    ),
    (SIGNED.format(file=G), "礼品发放", "签名是另一个人的"),
    (changed("use", "used_at = used_at - interval '1 year'", GIVEN), "服务使用", "年份"),
    (changed("use", "period = '2020'", GIVEN), "服务使用", "年份"),
    (changed("issue", "period = 'once:diamond'", FIRST_ISSUE), "礼品发放", "没有级别带来"),
    (changed("use", "ordinal = 3", GIVEN), "服务使用", "没有级别带来"),
    (changed("claim", "period = 'once:senior'", LIVE_CARD), "服务领取", "没有级别带来"),
    ("DELETE FROM points_tierreached WHERE tier = 'vip'", "服务使用", "没有级别带来"),
    (changed("use", "ordinal = 3", "tooth <> ''"), "服务使用", "没有兑换过"),
    (changed("redemption", "voided = true", SEALED), "服务使用", "没有兑换过"),
    (
        "UPDATE members_householdperson SET joined_at = now() + interval '1 day' WHERE is_child",
        "服务使用",
        "不在会员的家庭中",
    ),
    (
        changed("issue", f"given_item_id = {HERBAL}", EXCHANGED),
        "礼品发放",
        "不是礼品",
    ),
    (
        changed("issue", f"given_item_id = {item('gift_200')}", EXCHANGED),
        "礼品发放",
        "与批准的不符",
    ),
    (changed("giftchange", "decision = 'refuse'", "true"), "换发礼品申请", "与其审批不符"),
    (changed("giftchange", "reason = 'x'", "true"), "换发礼品申请", "修改记录"),
]
USES = [
    (changed("use", f"beneficiary_id = {G}", "kind = 'own'"), "服务使用", "不是会员本人"),
    (
        "UPDATE members_patientevent SET birth_date = '2000-01-01' WHERE pgh_obj_id ="
        " (SELECT child_id FROM rewards_use WHERE child_id IS NOT NULL)",
        "服务使用",
        "已超过年龄",
    ),
    (
        changed("use", "as_vip = true, kind = 'transfer', child_id = NULL", CHILDS)
        + "; UPDATE points_tierreached SET reached_on = '2100-01-01' WHERE tier = 'diamond'",
        "服务使用",
        "当时不是VIP",
    ),
    (changed("claim", "period = 'once:senior'", NOTED), "服务使用", "领取"),
    (
        changed("claim", "voided = true", NOTED),
        "服务使用",
        "与领取记录不符",
    ),
    (
        changed("claim", "expires_on = '2020-01-01'", NOTED),
        "服务使用",
        "已过期",
    ),
    (changed("use", "cost = cost - 1", GIVEN), "服务使用", "计入费用"),
    (changed("use", "bearer = 'doctor', bearer_doctor_id = doctor_id", GIVEN), "服务使用", "承担"),
    (changed("use", "tooth = '16'", GIVEN), "服务使用", "牙位与项目不符"),
    (changed("use", "tooth = ''", "tooth <> ''"), "服务使用", "牙位与项目不符"),
    (
        changed(
            "use", "scheme_id = (SELECT id FROM scheme_scheme WHERE published_at IS NULL)", GIVEN
        ),
        "服务使用",
        "不是当日有效",
    ),
    (changed("settlement", "settled_at = '2020-01-01'", "true"), "服务使用", "与结算单不符"),
    (changed("settlement", f"beneficiary_id = {G}", "true"), "服务使用", "与结算单不符"),
    (changed("use", "settlement_id = NULL", BY_CLAIM), "结算单", "没有结算的服务"),
]
REDEMPTIONS = [
    (changed("redemption", "points_each = 1, points = 2", SEALED), "兑换 DH", "单价与规则版本"),
    (changed("redemption", "points_each = 1, points = 2", SEALED), "积分流水", "校验值"),
    (changed("redemption", "teeth = '{17,27}'", SEALED), "积分流水", "校验值"),
    (changed("redemption", f"item_id = {HERBAL}", SEALED), "兑换 DH", "牙位与项目不符"),
    (changed("redemption", "number = 'DH1'", SEALED), "兑换 DH", "兑换单号"),
    (changed("redemption", "expires_on = '2100-01-01'", SEALED), "兑换 DH", "有效期"),
    (changed("redemption", "voided = false", "voided"), "兑换 DH", "是否已取消"),
    ("DELETE FROM rewards_redemptioncancel", "兑换 DH", "是否已取消"),
    ("DELETE FROM rewards_redemptioncancel", "积分流水", "没有对应的兑换或取消"),
    (
        changed("redemption", "redeemed_at = '2020-01-01'", SEALED),
        "兑换 DH",
        "流水",
    ),
    ("DELETE FROM points_pointsentry WHERE kind = 'redeem'", "兑换 DH", "没有记入积分流水"),
    ("DELETE FROM points_pointsentry WHERE kind = 'redeem_cancel'", "取消兑换 DH", "没有记入"),
    (changed("redemptioncancel", "reference = 'x'", "true"), "取消兑换 DH", "流水来源不符"),
    (changed("redemptioncancel", "cancelled_at = '2020-01-01'", "true"), "取消兑换 DH", "早于兑换"),
    (
        changed(
            "redemption",
            "proof = 'card', document_shown = '', card_id = (SELECT max(card.id) FROM members_card"
            f" card WHERE membership_id <> {V})",
            SEALED,
        ),
        "兑换 DH",
        "是另一个人的",
    ),
]
GUARDS = [
    (
        "DROP TRIGGER rewards_use_z_fits ON rewards_use",
        "触发器 rewards_use_z_fits 缺失",
        "",
    ),
    (
        "ALTER TABLE rewards_use DISABLE TRIGGER rewards_use_taken",
        "触发器 rewards_use_taken 被停用",
        "",
    ),
    ("DROP INDEX use_once", "约束 use_once 缺失", ""),
    (
        "CREATE OR REPLACE FUNCTION rewards_check_bought(taken jsonb) RETURNS void"
        " LANGUAGE plpgsql AS $$ BEGIN END $$",
        "数据库函数 rewards_check_bought 与发布的版本不符",
        "",
    ),
    (
        changed("use", "doctor_id = 999999", GIVEN),
        "doctor_id 指向不存在的 999999",
        "",
    ),
]


@pytest.mark.parametrize(
    ("sql", "named", "wrong"), [*FACTS, *USES, *REDEMPTIONS, *GUARDS], ids=lambda text: text[:60]
)
def test_what_was_tampered_with_is_named(sql: str, named: str, wrong: str) -> None:
    said = said_after(sql)
    assert any(named in sentence and wrong in sentence for sentence in said), said


def test_books_that_nobody_touched_are_in_order() -> None:
    assert said_after("SELECT 1") == []
