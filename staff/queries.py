from datetime import date

from staff.models import ApiToken, Approval, Designation, User
from staff.rules import digest_of


def user_of_token(token: str) -> User | None:
    """The user that a bearer token acts as; None when unknown, stopped or inactive."""
    held = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of(token), revoked_at=None, user__is_active=True)
        .first()
    )
    return held.user if held else None


def waiting_approvals() -> list[Approval]:
    """The inbox, oldest first."""
    waiting = Approval.objects.waiting().select_related("requested_by")
    return list(waiting.order_by("requested_at", "pk"))


def current_designation(day: date) -> Designation | None:
    """Who is 会员管理员 on `day`, with the substitute."""
    return Designation.objects.on(day).select_related("user", "substitute").first()
