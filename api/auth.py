from django.http import HttpRequest
from ninja.security import HttpBearer

from staff.exceptions import Refusal
from staff.models import User
from staff.queries import user_of_token


class Token(HttpBearer):
    """`Authorization: Bearer TOKEN`, whose user must hold all of `permissions`.

    Session cookies open nothing here, so no foreign page can use a colleague's log-in.
    """

    def __init__(self, *permissions: str) -> None:
        super().__init__()
        self.permissions = permissions

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = user_of_token(token)
        if user is None:
            return None
        if not user.has_perms(self.permissions):
            raise Refusal("forbidden", 403, "这个接口令牌没有使用此功能的权限")
        request.user = user
        return user


def caller(request: HttpRequest) -> User:
    """The user that the request's token acts as."""
    assert isinstance(request.user, User)
    return request.user
