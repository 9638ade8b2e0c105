from collections.abc import Sequence
from typing import Any

from django import forms

from desk.forms.fields import ScannedField
from members.models import Patient
from staff.forms import ReadableField, StaffForm

ASK = {"required": "请写明原因"}


class TwoFilesForm(StaffForm):
    """Two file numbers to compare."""

    one = ScannedField(label="档案号一")
    other = ScannedField(label="档案号二")


class ReasonForm(StaffForm):
    """Why something about two files is asked for or said."""

    first_field = "reason"

    reason = ReadableField(
        label="原因", max_length=200, help_text="一句话写明，今后可以查到。", error_messages=ASK
    )


class MergeForm(ReasonForm):
    """Which of two files is kept, and why they are one person's (C40)."""

    kept = forms.TypedChoiceField(
        label="保留的档案",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": "请选择保留的档案",
            "invalid_choice": "请从列出的档案中选择保留的档案",
        },
    )
    field_order = ("kept", "reason")

    def __init__(self, *args: Any, keepable: Sequence[Patient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.fields["kept"]
        assert isinstance(kept, forms.TypedChoiceField)
        kept.choices = [(file.pk, file.file_number) for file in keepable]
        kept.initial = keepable[0].pk
        if len(keepable) == 1:
            kept.help_text = "会员的档案须保留，另一份并入它。"
