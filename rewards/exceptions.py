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
    message = f"这一项现在不能领取：{found.reason}"
    return Refusal(f"entitlement_{found.state}", 409, message, "item")


def nothing_chosen() -> Refusal:
    """A form on which nothing is ticked."""
    return Refusal("nothing_chosen", 422, "请至少选择一项", "gifts")


def not_a_gift() -> Refusal:
    """A service where a gift is handed over."""
    message = "院内服务不在这里发放，请在会员页的礼遇中领取或使用"
    return Refusal("not_a_gift", 409, message, "gifts")
