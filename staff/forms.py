from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from staff.exceptions import Refusal
from staff.models import User
from staff.queries import front_desk_users
from staff.rules import text


class StaffForm(forms.Form):
    """A form that keeps what was typed and says each fault in our words at its field."""

    # The browser's own bubbles speak its language, one at a time; ours are on the page.
    use_required_attribute = False
    first_field: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal: Refusal | None = None
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")
        if not self.is_bound and self.first_field:
            self.fields[self.first_field].widget.attrs["autofocus"] = True

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Show a Refusal raised inside at its field, or above the form when it has none."""
        try:
            yield
        except Refusal as refusal:
            self.refusal = refusal
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


_NOT_LET_IN = (
    f"登录名或密码不对，请检查大小写后再试。连续输错 {settings.AXES_FAILURE_LIMIT} 次"
    f"将暂停登录 {settings.AXES_COOLOFF_TIME * 60:.0f} 分钟。"
)


class LogInForm(AuthenticationForm):
    """Name and password of a colleague; what is wrong comes as one sentence."""

    use_required_attribute = False
    error_messages = {
        "invalid_login": _NOT_LET_IN,
        "inactive": _NOT_LET_IN,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = ReadableField(label="登录名", max_length=50)
        self.fields["username"].widget.attrs |= {"autofocus": True, "autocomplete": "username"}
        self.fields["password"].label = "密码"
        for field in self.fields.values():
            field.error_messages["required"] = f"请填写{field.label}"


class ChangePasswordForm(PasswordChangeForm):
    """A colleague's old password and the new one, twice; what a new one must be, said once."""

    # The browser's own bubbles speak its language; ours are on the page.
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.help_text = ""
            field.error_messages["required"] = f"请填写{field.label}"


class ReadableField(forms.CharField):
    """Text that a person can have typed: no NUL, surrogates or control characters."""

    def to_python(self, value: object) -> str:
        try:
            return text(
                value,
                field="",
                label=str(self.label),
                longest=self.max_length or 200,
                required=False,
            )
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from refusal


class DesignationForm(StaffForm):
    """Who becomes 会员管理员, who stands in, and from which day on (R58)."""

    user = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label="会员管理员",
        error_messages={"required": "请选择会员管理员"},
    )
    substitute = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label="替补",
        error_messages={"required": "请选择替补"},
    )
    starts_on = forms.DateField(
        label="开始日期",
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        error_messages={"required": "请填写开始日期"},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = today
        for name in ("user", "substitute"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = front_desk_users()
            field.empty_label = "请选择"
