import secrets
from datetime import date, datetime, timedelta

from django.contrib.auth.models import Group

from staff import roles
from staff import rules as values
from staff.exceptions import Refusal
from staff.models import ApiToken, Department, Designation, User
from staff.refusals import operation
from staff.rules import digest_of


@operation
def designate_member_admin(
    *, user: User, substitute: User, starts_on: date, by: User
) -> Designation:
    """Name one front-desk colleague 会员管理员 from a day on; ends the one before (R58).

    Raises Refusal 422 for somebody of another role, for one person as both, and for a day that
    is not after the beginning of the newest designation.
    """
    for field, colleague in (("user", user), ("substitute", substitute)):
        if not colleague.groups.filter(name=roles.FRONT_DESK).exists():
            message = f"{colleague} 不是前台人员，请选择前台人员"
            raise Refusal("not_front_desk", 422, message, field)
    if user == substitute:
        raise Refusal("designation_two_people", 422, "会员管理员与替补须为两个人", "substitute")
    newest = Designation.objects.order_by("starts_on").last()
    if newest and starts_on <= newest.starts_on:
        message = f"开始日期须晚于上一次指定的开始日期 {newest.starts_on}"
        raise Refusal("designation_one_at_a_time", 422, message, "starts_on")
    running = Designation.objects.filter(ends_on=None, starts_on__lt=starts_on)
    running.update(ends_on=starts_on - timedelta(days=1))
    return Designation.objects.create(
        user=user, substitute=substitute, starts_on=starts_on, designated_by=by
    )


@operation
def create_user(
    *, username: str, name: str, role: str, password: str, department: Department | None = None
) -> User:
    """A colleague who can log in and holds `role`; refuses with 409 a login name in use."""
    username = values.text(username, field="username", label="登录名", longest=50)
    name = values.text(name, field="name", label="姓名", longest=50)
    if User.objects.filter(username=username).exists():
        raise Refusal("username_taken", 409, f"登录名 {username} 已被使用，请换一个", "username")
    user = User(username=username, name=name, department=department)
    user.set_password(password)
    user.save()
    user.groups.add(Group.objects.get(name=role))
    return user


@operation
def set_password(*, user: User, password: str) -> None:
    """Give `user` a new password; every session of the old one ends at its next request."""
    user.set_password(password)
    user.save(update_fields=["password"])


@operation
def create_api_token(*, name: str, role: str, now: datetime) -> str:
    """A new token for a program that acts with `role`; the token itself is shown only here."""
    if ApiToken.objects.filter(name=name).exists():
        raise Refusal("token_exists", 409, f"已有名为 {name} 的令牌，请换一个名称", "name")
    token = secrets.token_urlsafe(32)
    user = User.objects.create(username=f"api:{name}"[:50], name=name, password="!")
    user.groups.add(Group.objects.get(name=role))
    ApiToken.objects.create(name=name, digest=digest_of(token), user=user, created_at=now)
    return token


@operation
def revoke_api_token(*, token_id: int, now: datetime) -> ApiToken:
    """Stop a token at once and for good; one stopped before keeps its time."""
    token = ApiToken.objects.select_for_update(of=("self",)).get(pk=token_id)
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
    return token
