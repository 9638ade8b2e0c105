"""Each view declares who may call it; the test of rights walks these declarations."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required, permission_required

View = TypeVar("View", bound=Callable[..., Any])


def requires(*permissions: str) -> Callable[[View], View]:
    """Only colleagues who hold all `permissions` reach the view.

    Others get 403, nobody logged in the log-in page. No permission: any colleague logged in.
    """

    def declare(view: View) -> View:
        guarded = permission_required(permissions, raise_exception=True)(view)
        declared: Any = login_required(guarded)
        declared.required_permissions = permissions
        return declared  # type: ignore[no-any-return]

    return declare


def public(view: View) -> View:
    """Anybody may call the view, without logging in."""
    declared: Any = view
    declared.is_public = True
    return view
