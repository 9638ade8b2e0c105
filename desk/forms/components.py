from typing import Any

from django import forms

from desk.forms.fields import AmountField, DayField, Written
from staff.forms import StaffForm


class SampleForm(StaffForm):
    """A field of every kind, for the page that shows all pieces; nothing is sent."""

    amount = AmountField(label="金额（元）", max_length=15)
    name = Written(label="姓名", max_length=50)
    day = DayField(label="出生日期", required=False, help_text="例如 1985-03-12，也可写 19850312。")
    department = forms.ChoiceField(
        label="科室", required=False, choices=[("", "请选择"), ("1", "口腔内科"), ("2", "正畸科")]
    )
    sex = forms.ChoiceField(
        label="性别",
        choices=[("male", "男"), ("female", "女")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择性别"},
    )
    note = Written(label="备注", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    agreed = forms.BooleanField(
        label="病人已阅读并同意入会章程", error_messages={"required": "请先请病人阅读并同意"}
    )


def sample_forms(theme: str) -> dict[str, Any]:
    """The form as it opens and as it is refused, with ids of its theme's own."""
    refused = SampleForm({"amount": "12.345", "name": ""}, auto_id=f"{theme}-refused-%s")
    refused.add_error(None, "这张收据已经录入过，请核对收据号")
    return {"empty": SampleForm(auto_id=f"{theme}-empty-%s"), "refused": refused}
