"""Statements that the guards of redemptions and of the points they cost stop."""

from rewards.models import Redemption
from tests.points.attacks import Attack, by_constraint, entry
from tests.rewards.attacks import KEPT, again, item

NOW = "; SET CONSTRAINTS ALL IMMEDIATE"
ADDS_UP = "兑换的积分应为数量乘以单价"
SHOWN = "兑换须刷会员卡或出示有效证件"
AS_MANY = "牙位的个数应与数量相同"
BOUGHT = "NOT voided AND quantity = 2"
CANCEL = (
    "INSERT INTO rewards_redemptioncancel (redemption_id, reason, cancelled_at, by_id)"
    " SELECT id, '{reason}', now(), by_id FROM rewards_redemption WHERE {where} LIMIT 1"
)
UNTOUCHED = "NOT voided AND item_id = " + item("herbal_therapy")
NOT_POSTED = "兑换没有记入积分流水"
DIFFERS = "积分与兑换不符"
ON_REDEMPTIONS = [
    *(
        by_constraint("redemption_adds_up", ADDS_UP, again(Redemption, BOUGHT, **wrong))
        for wrong in (
            {"points": "points + 1"},
            {"quantity": "3", "teeth": "'{}'"},
            {"quantity": "0", "points": "0"},
            {"points_each": "0", "points": "0"},
        )
    ),
    *(
        by_constraint(
            "redemption_has_proof",
            SHOWN,
            again(Redemption, BOUGHT, **wrong),
        )
        for wrong in (
            {"document_shown": "''"},
            {"document_shown": "'library_card'"},
            {"proof": "'card'"},
            {"proof": "'his'"},
            {"card_id": "(SELECT min(id) FROM members_card)"},
        )
    ),
    by_constraint(
        "redemption_teeth_as_many",
        AS_MANY,
        again(Redemption, BOUGHT, teeth="'{16}'"),
    ),
    by_constraint(
        "redemption_cancel_has_reason",
        "请填写取消兑换的原因",
        CANCEL.format(reason="", where=UNTOUCHED),
    ),
    *(
        Attack("rewards_redemption_guard", "reward_kept", KEPT, sql)
        for sql in (
            "DELETE FROM rewards_redemption",
            "UPDATE rewards_redemption SET points_each = 1, points = 1 * quantity",
            "UPDATE rewards_redemption SET voided = true WHERE NOT voided",
            "UPDATE rewards_redemption SET voided = false WHERE voided",
            "UPDATE rewards_redemption SET teeth = '{11,12}' WHERE quantity = 2",
        )
    ),
    Attack(
        "rewards_redemption_no_truncate",
        "reward_kept",
        "发放、领取、使用和兑换的记录不能整表清空",
        "TRUNCATE rewards_redemption CASCADE",
    ),
    Attack(
        "rewards_redemption_cancelled",
        "redemption_cancelled_once",
        "这次兑换已经取消",
        CANCEL.format(reason="x", where="voided"),
    ),
    *(
        Attack(
            "rewards_redemption_cancelled",
            "redemption_cancelled_before_use",
            "兑换的项目已经领取或使用，不能取消",
            CANCEL.format(reason="x", where=where),
        )
        for where in (BOUGHT, "NOT voided AND item_id = " + item("gift_10"))
    ),
    Attack(
        "rewards_redemption_posts",
        "redemption_posts",
        NOT_POSTED,
        again(Redemption, BOUGHT, idempotency_key="NULL") + NOW,
    ),
    Attack(
        "rewards_redemptioncancel_posts",
        "redemption_posts",
        NOT_POSTED,
        CANCEL.format(reason="x", where=UNTOUCHED) + NOW,
    ),
]
FORGED = "redemption:' || (SELECT max(id) FROM rewards_redemption) || '"
STORED = again(Redemption, BOUGHT, idempotency_key="NULL") + "; "
# Held by the ledger, whose triggers have their attacks elsewhere.
ON_SPENT_POINTS = [
    Attack("points_entry_post", "points_entry_matches_redemption", DIFFERS, sql)
    for sql in (
        entry("redeem", 0, -4000, "redemption:999999", "V"),
        STORED + entry("redeem", 0, -3999, FORGED, "V"),
        STORED + entry("redeem", 0, -4000, FORGED, "M"),
        entry("redeem_cancel", 0, 4000, "redemption_cancel:999999", "V"),
        entry("redeem_cancel", 0, 5000, FORGED.replace("redemption:", "redemption_cancel:"), "M"),
    )
]
