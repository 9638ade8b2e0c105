from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from axes.helpers import get_client_username, get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from staff.forms import ChangePasswordForm, DesignationForm, LogInForm
from staff.models import User
from staff.operations.people import designate_member_admin, set_password
from staff.permissions import public, requires
from staff.queries import current_designation, designations

_KEPT = "kept-"
_TOKEN = "csrfmiddlewaretoken"


class _LogIn(LoginView):
    """The log-in page; a form that was sent without being logged in is kept in the page itself.

    Nothing of it is in a cookie or the session: it may hold an ID number.
    """

    form_class = LogInForm
    template_name = "staff/login.html"
    redirect_authenticated_user = True
    _kept: Sequence[tuple[str, list[str]]] = ()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._kept = _kept(request)
        if "username" not in request.POST:
            return self.render_to_response(self.get_context_data(form=LogInForm(request)))
        # Who counts failed log-ins writes down what was sent: of the kept form it sees nothing.
        request.POST = _without_kept(request.POST)  # type: ignore[assignment]
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(kept=self._kept, prefix=_KEPT, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        if not self._kept:
            return answer
        context = {"kept": self._kept, "address": self.get_success_url()}
        return render(self.request, "staff/again.html", context)


def _kept(request: HttpRequest) -> list[tuple[str, list[str]]]:
    """The fields to be sent again: as the browser brought them here, or as the page holds them."""
    fields = [(name, values) for name, values in request.POST.lists() if name != _TOKEN]
    if "username" not in request.POST:
        return fields
    return [(name.removeprefix(_KEPT), held) for name, held in fields if name.startswith(_KEPT)]


def _without_kept(sent: QueryDict) -> QueryDict:
    fields = sent.copy()
    for name in [name for name in fields if name.startswith(_KEPT)]:
        del fields[name]
    return fields


log_in = require_http_methods(["GET", "HEAD", "POST"])(public(_LogIn.as_view()))
log_out = require_http_methods(["POST"])(public(LogoutView.as_view()))


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
def change_password(request: HttpRequest) -> HttpResponse:
    """A colleague's own password; other machines where he is logged in are logged out."""
    assert isinstance(request.user, User)
    form = ChangePasswordForm(request.user, request.POST or None)
    if form.is_valid():
        set_password(user=request.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码已修改，下次请用新密码登录")
        return redirect("home")
    return render(request, "staff/change_password.html", {"form": form})


@require_safe
@requires("staff.view_designation")
def member_admins(request: HttpRequest) -> HttpResponse:
    """Who is 会员管理员 and who was (R58)."""
    today = timezone.localdate()
    context = {
        "current": current_designation(today),
        "designations": designations(),
        "today": today,
        "may_designate": request.user.has_perm("staff.add_designation"),
    }
    return render(request, "staff/designations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("staff.add_designation")
def designate(request: HttpRequest) -> HttpResponse:
    """Name the next 会员管理员 and the substitute (R58)."""
    assert isinstance(request.user, User)
    form = DesignationForm(request.POST or None, today=timezone.localdate())
    if form.is_valid():
        with form.refusals():
            named = designate_member_admin(**form.cleaned_data, by=request.user)
            told = f"已指定 {named.user} 为会员管理员，自 {named.starts_on} 起"
            messages.success(request, told)
            return redirect("designations")
    return render(request, "staff/designate.html", {"form": form})


def locked_out(
    request: HttpRequest, response: HttpResponse, credentials: Mapping[str, str] | None
) -> HttpResponse:
    """Too many wrong passwords: says when to try again; no password is looked at until then."""
    last = AccessAttempt.objects.filter(
        username=get_client_username(request, credentials),
        ip_address=request.axes_ip_address,  # type: ignore[attr-defined]
    ).aggregate(Max("attempt_time"))["attempt_time__max"]
    opens_at = (last or timezone.now()) + get_cool_off(request)
    # A minute later than the second: the page shows minutes only.
    context = {"opens_at": opens_at + timedelta(minutes=1), "failures": settings.AXES_FAILURE_LIMIT}
    return render(request, "staff/locked_out.html", context, status=429)


def machine_of(request: HttpRequest) -> str:
    """The address of the visitor's machine; behind TLS our own proxy writes it down."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_TLS else ""
    return forwarded or request.META.get("REMOTE_ADDR", "")
