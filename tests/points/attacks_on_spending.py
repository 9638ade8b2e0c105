"""Points spent past the application, and points that nobody carried over to 方案B."""

from tests.points.attacks import Attack, entry

REDEEMED = (
    "INSERT INTO rewards_redemption (membership_id, item_id, quantity, points_each, points,"
    " scheme_id, teeth, proof, document_shown, redeemed_at, by_id)"
    " SELECT m.id, i.id, 1, 1, 1, s.id, '{}', 'his', '', now(), m.enrolled_by_id"
    " FROM members_membership m JOIN members_patient p ON p.id = m.patient_id,"
    " scheme_item i, scheme_scheme s WHERE p.file_number = 'A' AND i.code = 'gift_10'; "
)
# A reference that is looked up: the redemption of the statement before.
OF_IT = "' || (SELECT max(reference) FROM rewards_redemption) || '"
NOT_REDEEMED, NOT_CARRIED = "积分与兑换不符", "转入的可用积分与启用方案B以前的积分不符"

ON_SPENDING = [
    Attack(
        "points_entry_post",
        "points_available_not_overdrawn",
        "可用积分不足",
        REDEEMED + entry("redeem", 0, -1, OF_IT),
    ),
    *(
        Attack("points_entry_post", "points_entry_matches_redemption", NOT_REDEEMED, sql)
        for sql in (
            entry("redeem", 0, -1, "redemption:999999"),
            entry("redeem_cancel", 0, 1, "redemption_cancel:999999"),
            REDEEMED + entry("redeem", 0, -2, OF_IT),
            REDEEMED + entry("redeem", 0, -1, OF_IT, file="B"),
        )
    ),
    *(
        Attack("points_entry_post", "points_entry_matches_changeover", NOT_CARRIED, sql)
        for sql in (
            entry("changeover", 0, 5000, "changeover:1:1"),
            entry("changeover", 0, 5000, "' || format('changeover:%s:%s', s.id, p.id) || '"),
        )
    ),
]
