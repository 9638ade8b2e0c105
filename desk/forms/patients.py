from typing import Any

from django import forms

from desk.forms.fields import ChosenField, DayField, NumberField, Written, YesNoField
from members.models import Patient
from members.rules import DOCUMENT_TYPES, RESIDENT_ID, SEXES
from staff.forms import StaffForm
from staff.rules import identifier


def _hint(text: str, **attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"placeholder": text, **attrs})


class PatientForm(StaffForm):
    """A new patient file (档案号)."""

    first_field = "file_number"

    file_number = NumberField(label="档案号")
    name = Written(label="姓名")
    sex = ChosenField(label="性别", choices=SEXES, required=False)
    birth_date = DayField(
        label="出生日期", required=False, widget=_hint("如 19850312", inputmode="numeric")
    )
    phone = NumberField(label="电话", required=False, widget=_hint("", inputmode="tel"))
    document_type = ChosenField(
        label="证件类型", choices=DOCUMENT_TYPES, widget=forms.Select, initial=RESIDENT_ID
    )
    id_number = NumberField(label="证件号", required=False)
    address = Written(label="家庭住址", required=False)

    def number(self) -> str:
        """The file number. Raises Refusal."""
        return identifier(self.cleaned_data["file_number"], field="file_number", label="档案号")

    def given(self) -> dict[str, object]:
        """The fields for the patient file; an empty one is given as not known."""
        given = {name: value or None for name, value in self.cleaned_data.items()}
        del given["file_number"]
        return given


class EnrolmentForm(StaffForm):
    """The paper form 会员登记表 (S2:173-194), in its order.

    What the file already holds of phone, document and address is shown masked only; a field
    left empty keeps it.
    """

    first_field = "name"

    name = Written(label="姓名")
    sex = ChosenField(label="性别", choices=SEXES)
    phone = NumberField(label="电话", widget=_hint("", inputmode="tel"))
    birth_date = DayField(
        label="出生年月", required=False, widget=_hint("如 19850312", inputmode="numeric")
    )
    document_type = ChosenField(
        label="证件类型", choices=DOCUMENT_TYPES, widget=forms.Select, initial=RESIDENT_ID
    )
    id_number = NumberField(label="身份证号（或其他证件号）")
    address = Written(label="家庭住址")
    accepts_follow_up = YesNoField(label="是否愿意接受回访")
    accepts_post = YesNoField(label="是否愿意接受精美杂志的邮寄投递")
    accepts_activities = YesNoField(label="是否愿意接受会员回馈活动的邀请")
    guardian_name = Written(label="监护人姓名", required=False)
    guardian_relation = Written(label="与会员的关系", required=False, widget=_hint("如 母亲"))
    guardian_phone = NumberField(
        label="监护人电话", required=False, widget=_hint("", inputmode="tel")
    )
    explained = forms.BooleanField(
        label="已向病人讲解会员待遇",
        error_messages={"required": "请先向病人讲解会员待遇，再办理入会"},
    )
    signed_on = DayField(label="会员签字日期", widget=_hint("", inputmode="numeric"))

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        for name, masked in _masked(patient).items():
            self.fields[name].required = not masked
            if masked:
                self.fields[name].widget.attrs["placeholder"] = masked
                self.fields[name].help_text = "留空则沿用档案中的内容"

    def given(self) -> dict[str, object]:
        """The registration form for the operation; what was left empty keeps what is stored."""
        kept = {
            "phone": self.patient.phone,
            "id_number": self.patient.document_number,
            "address": self.patient.address,
        }
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value != "" or not kept.get(name)
        }

    @property
    def guardian_is_open(self) -> bool:
        """Whether the guardian's fields hold something or are wrong."""
        names = ("guardian_name", "guardian_relation", "guardian_phone")
        return any(self[name].value() or self[name].errors for name in names)


def initial_for(patient: Patient, *, signed_on: str) -> dict[str, object]:
    """What the form starts with: the file's own fields, without those that are masked."""
    return {
        "name": patient.name,
        "sex": patient.sex,
        "birth_date": patient.birth_date,
        "document_type": patient.document_type or RESIDENT_ID,
        "signed_on": signed_on,
    }


def _masked(patient: Patient) -> dict[str, str]:
    return {
        "phone": patient.masked_phone,
        "id_number": patient.masked_document,
        "address": patient.masked_address,
    }
