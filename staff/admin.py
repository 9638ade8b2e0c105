"""The back office, for 系统管理员 alone: colleagues, departments, doctors, API tokens."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from staff import roles
from staff.exceptions import Refusal
from staff.models import ApiToken, Department, Doctor, User
from staff.operations.people import revoke_api_token
from staff.permissions import public, requires
from staff.queries import colleagues

# 会员管理员 comes by designation, HIS接口 with a token.
_NOT_GIVEN_BY_HAND = (roles.MEMBER_ADMIN, roles.HIS)


class BackOffice(admin.AdminSite):
    """Django's admin behind our own log-in page and our own permission."""

    site_header = f"{settings.HOSPITAL_NAME} 后台管理"
    site_title = f"{settings.HOSPITAL_NAME}会员系统"
    index_title = "后台管理"

    def get_urls(self) -> list[Any]:
        """Without the look-ups that no form of ours uses."""
        unused = ("autocomplete", "view_on_site")
        return [url for url in super().get_urls() if getattr(url, "name", "") not in unused]

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("staff.use_admin")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = requires("staff.use_admin")(super().admin_view(view, cacheable))
        return require_http_methods(["GET", "HEAD", "POST"])(guarded)

    @public
    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect_to_login(wanted)


class ColleagueForm(UserChangeForm):  # type: ignore[type-arg]
    groups = ModelMultipleChoiceField(
        Group.objects.exclude(name__in=_NOT_GIVEN_BY_HAND),
        label="角色",
        required=False,
        widget=CheckboxSelectMultiple,
        help_text="会员管理员不在此设置，由负责人在“会员管理员”页面按日期指定。",
    )


class NewColleagueForm(BaseUserCreationForm):  # type: ignore[type-arg]
    groups = ModelMultipleChoiceField(
        Group.objects.exclude(name__in=_NOT_GIVEN_BY_HAND),
        label="角色",
        required=False,
        widget=CheckboxSelectMultiple,
    )

    class Meta:
        model = User
        fields = ("username", "name", "department", "groups")


class ColleagueAdmin(UserAdmin):  # type: ignore[type-arg]
    form = ColleagueForm
    add_form = NewColleagueForm
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "department")}),
        ("权限", {"fields": ("is_active", "groups")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "name", "department", "password1", "password2", "groups"),
            },
        ),
    )
    list_display = ("username", "name", "department", "role_names", "is_active", "last_login")
    list_filter = ("is_active", "groups", "department")
    search_fields = ("username", "name")
    ordering = ("username",)
    filter_horizontal = ()
    # Django's own sentence above the form has no Chinese.
    add_form_template = "admin/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return colleagues().select_related("department").prefetch_related("groups")

    @admin.display(description="角色")
    def role_names(self, user: User) -> str:
        return "、".join(group.name for group in user.groups.all())


class DepartmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    search_fields = ("name",)
    ordering = ("name",)


class DoctorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("staff_number", "name", "department", "user", "is_active")
    list_filter = ("is_active", "department")
    list_select_related = ("department", "user")
    search_fields = ("staff_number", "name")
    ordering = ("staff_number",)


class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tokens are made by `create_api_token` and shown there once; here they are only stopped."""

    list_display = ("name", "user", "created_at", "revoked_at")
    fields = ("name", "user", "created_at", "revoked_at")
    readonly_fields = fields
    list_select_related = ("user",)
    ordering = ("name",)
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        title = "接口令牌（新令牌用命令 create_api_token 创建，此处只能停用）"
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def response_action(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> Any:
        """As Django does, but keys that are no numbers are refused instead of crashing."""
        if not all(key.isdecimal() for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise Refusal("unknown_token", 422, "请在列表中勾选要停用的接口令牌")
        return super().response_action(request, queryset)

    @admin.action(description="停用所选的接口令牌", permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        for token in chosen:
            revoke_api_token(token_id=token.pk, now=timezone.now())
            self.log_change(request, token, "停用")
        self.message_user(request, "已停用所选的接口令牌，立即生效", messages.SUCCESS)


back_office = BackOffice(name="admin")
back_office.register(User, ColleagueAdmin)
back_office.register(Department, DepartmentAdmin)
back_office.register(Doctor, DoctorAdmin)
back_office.register(ApiToken, ApiTokenAdmin)
