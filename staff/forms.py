from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from staff.exceptions import Refusal
from staff.models import User
from staff.queries import front_desk_users
from staff.rules import text


class LogInForm(AuthenticationForm):
    """Name and password of a colleague; what is wrong comes as one sentence."""

    error_messages = {
        "invalid_login": "登录名或密码不对，请检查大小写后再试。连续输错 5 次将暂停登录 15 分钟。",
        "inactive": "登录名或密码不对，请检查大小写后再试。连续输错 5 次将暂停登录 15 分钟。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = ReadableField(label="登录名", max_length=50)
        self.fields["username"].widget.attrs |= {"autofocus": True, "autocomplete": "username"}
        self.fields["password"].label = "密码"


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


class DesignationForm(forms.Form):
    """Who becomes 会员管理员, who stands in, and from which day on (R58)."""

    user = forms.ModelChoiceField(queryset=User.objects.none(), label="会员管理员")
    substitute = forms.ModelChoiceField(queryset=User.objects.none(), label="替补")
    starts_on = forms.DateField(
        label="开始日期", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = today
        for name in ("user", "substitute"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = front_desk_users()
            field.empty_label = "请选择"
