"""What entitlements are refused for, in the words that page, API and file share."""

from rewards.rules import Entitlement
from staff.exceptions import Refusal


def no_such_entitlement() -> Refusal:
    """An item that nothing brings this member."""
    message = "该会员没有这一项礼遇，请刷新页面后核对"
    return Refusal("no_such_entitlement", 409, message, "item")


def not_open(found: Entitlement) -> Refusal:
    """An entitlement that can't be taken now: taken already, lapsed, held, superseded."""
    if found.state in ("used", "claimed") and found.taken:
        done = {"issued": "发放", "claimed": "领取", "used": "使用"}[found.taken.taking]
        message = f"这一项已于 {found.taken.on} {done}，不能重复登记"
        return Refusal("entitlement_taken", 409, message, "item")
    message = f"这一项现在不能办理：{found.reason}"
    return Refusal(f"entitlement_{found.state}", 409, message, "item")


def no_rules() -> Refusal:
    """A day on which no version of the rules is in force."""
    return Refusal("no_rules", 409, "今天没有生效的会员规则，请联系负责人发布")


def nothing_chosen() -> Refusal:
    """A form on which nothing is ticked."""
    return Refusal("nothing_chosen", 422, "请至少选择一项", "gifts")


def not_a_gift() -> Refusal:
    """A service where a gift is handed over."""
    message = "院内服务不在这里发放，请在会员页的礼遇中领取或使用"
    return Refusal("not_a_gift", 409, message, "gifts")


def unknown_membership(number: str) -> Refusal:
    """A membership number that nobody has."""
    message = f"没有会员号为 {number} 的会员，请核对"
    return Refusal("unknown_membership", 404, message, "membership_number")


def redemption_closed() -> Refusal:
    """Points can't be spent while 方案B is off (C3)."""
    message = "现行方案没有开通积分兑换，积分不能兑换"
    return Refusal("redemption_closed", 409, message, "item")


def unknown_item(code: str) -> Refusal:
    """An item that does not exist."""
    return Refusal("unknown_item", 422, f"没有代码为 {code} 的项目，请核对", "item")


def not_for_sale(name: str) -> Refusal:
    """An item that the version in force does not sell."""
    return Refusal("not_for_sale", 409, f"{name}不在现行的兑换目录中", "item")


def locked(*, one_time: int, cumulative: int) -> Refusal:
    """兑换点 is not reached (R20)."""
    message = f"一次性消费满 {one_time:,} 分或累计满 {cumulative:,} 分后才能兑换"
    return Refusal("redemption_locked", 409, message, "item")


def in_debt(available: int) -> Refusal:
    """Refunds took more points than were left; nothing is bought until that is made good."""
    message = f"可用积分为 {available:,} 分，补足欠分之前不能兑换"
    extra = {"available_points": available}
    return Refusal("points_in_debt", 409, message, "item", extra)


def too_few_points(*, available: int, price: int) -> Refusal:
    """Fewer points than it costs."""
    message = f"需要 {price:,} 分，可用积分 {available:,} 分，还差 {price - available:,} 分"
    extra = {"available_points": available, "missing_points": price - available}
    return Refusal("too_few_points", 409, message, "quantity", extra)


def days_in_wrong_order() -> Refusal:
    """A period that ends before it begins."""
    return Refusal("days_in_wrong_order", 422, "截止日期不能早于起始日期，请核对", "until")


def days_to_come() -> Refusal:
    """A period that is not over yet."""
    return Refusal("days_to_come", 422, "截止日期最晚是今天，以后的收据还没有", "until")
