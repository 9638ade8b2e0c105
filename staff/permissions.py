"""Each view declares who may call it; the test of rights walks these declarations."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.apps import apps
from django.contrib.auth.decorators import login_required, permission_required

from staff import roles

View = TypeVar("View", bound=Callable[..., Any])

_ACTIONS = {"view": "查看", "add": "新增", "change": "修改", "delete": "删除"}
_KEEPS_THE_FORM = 307
_NOT_LOGGED_IN = 401


def requires(*permissions: str) -> Callable[[View], View]:
    """Only colleagues who hold all `permissions` reach the view.

    Others get 403, nobody logged in the log-in page, with the form that was sent. No permission:
    any colleague logged in.
    """

    def declare(view: View) -> View:
        guarded = permission_required(permissions, raise_exception=True)(view)
        declared: Any = _logged_in(guarded)
        declared.required_permissions = permissions
        return declared  # type: ignore[no-any-return]

    return declare


def public(view: View) -> View:
    """Anybody may call the view, without logging in."""
    declared: Any = view
    declared.is_public = True
    return view


def name_of_right(permission: str) -> str:
    """What a permission such as "points.view_receipt" is called: 查看收据."""
    app, _, codename = permission.partition(".")
    action, _, about = codename.partition("_")
    for model in apps.get_app_config(app).get_models():
        if called := dict(model._meta.permissions).get(codename):
            return str(called)
        if model._meta.model_name == about and action in _ACTIONS:
            name = f"{model._meta.verbose_name}"
            return name if name.startswith(_ACTIONS[action]) else _ACTIONS[action] + name
    return permission


def holders_of(permission: str) -> list[str]:
    """The roles of people that hold the permission."""
    return [role for role in roles.PERMISSIONS.get(permission, ()) if role != roles.HIS]


def _logged_in(view: View) -> View:
    """To the log-in page and back; the browser brings along there what was typed in a form."""
    asked = login_required(view)

    @wraps(view)
    def entrance(request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = asked(request, *args, **kwargs)
        if request.user.is_authenticated:
            return answer
        if _asked_by_a_script(request):
            # It would put the log-in page into the middle of another.
            del answer["Location"]
            answer.status_code = _NOT_LOGGED_IN
        elif _can_be_kept(request):
            answer.status_code = _KEEPS_THE_FORM
        return answer

    declared: Any = entrance
    return declared  # type: ignore[no-any-return]


def _asked_by_a_script(request: Any) -> bool:
    """Whether a piece of a page was fetched: htmx says so, and browsers do under https."""
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    return "HX-Request" in request.headers or mode not in ("navigate", "no-cors")


def _can_be_kept(request: Any) -> bool:
    """Whether the form may go on to another page: no files, no password."""
    secret = any("password" in name for name in request.POST)
    return bool(request.POST) and not request.FILES and not secret
