from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from desk.forms.fields import ChosenField, DayField, NumberField, ScannedField, Written, YesNoField
from desk.queries.enrolment import text_to_sign
from members.models import Patient
from members.rules import DOCUMENT_TYPES, RESIDENT_ID, SEXES, PatientDetails
from members.rules.details import read_details
from members.rules.enrolment import GUARDIAN_FIELDS, enrolment_faults
from members.rules.faults import tried
from members.rules.signing import Signed, signature_image
from staff.exceptions import Refusal
from staff.forms import StaffForm
from staff.rules import identifier

SCREEN, PAPER = "screen", "paper"
_SIGNING = ("signing", "signature", "signed_text")


def _hint(text: str, **attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"placeholder": text, **attrs})


class DetailsForm(StaffForm):
    """A form about a person, which tells all its faults at once."""

    def tell(self, faults: Iterable[Refusal]) -> None:
        """Show each fault at its field, unless that has one already."""
        for fault in faults:
            field = fault.field if fault.field in self.fields else None
            if field is None or field not in self.errors:
                self.add_error(field, fault.message)

    @property
    def guardian_is_open(self) -> bool:
        """Whether the guardian's fields hold something or are wrong."""
        return any(self[name].value() or self[name].errors for name in GUARDIAN_FIELDS)


class PatientForm(DetailsForm):
    """A new patient file (档案号)."""

    first_field = "file_number"

    file_number = ScannedField(label="档案号", help_text="病历本或医院系统里的档案号，可以扫码")
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

    def clean(self) -> None:
        faults: list[Refusal] = []
        if "file_number" in self.cleaned_data:
            tried(faults, self.number)
        _, more = read_details(self.given(), PatientDetails(), today=timezone.localdate())
        self.tell(faults + more)

    def number(self) -> str:
        """The file number. Raises Refusal."""
        return identifier(self.cleaned_data["file_number"], field="file_number", label="档案号")

    def given(self) -> dict[str, object]:
        """The fields for the patient file; an empty one is given as not known."""
        given = {name: value or None for name, value in self.cleaned_data.items()}
        given.pop("file_number", None)
        return given


class EnrolmentForm(DetailsForm):
    """The paper form 会员登记表 (S2:173-194), in its order.

    What the file already holds of phone, document and address is shown masked only; a field
    left empty keeps it. So does one that was shown and not touched, also when a colleague has
    changed it meanwhile.
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
    signing = ChosenField(
        label="会员签字",
        choices={SCREEN: "屏幕签字", PAPER: "纸质签字"},
        help_text="纸质签字：办完后在病人页打印登记表，请会员签字存档。",
    )
    signature = Written(label="签名", required=False, widget=forms.HiddenInput)
    signed_text = Written(label="签署的内容", required=False, widget=forms.HiddenInput)
    signed_on = DayField(label="日期", widget=_hint("", inputmode="numeric"))

    def __init__(
        self, *args: Any, patient: Patient, benefits: tuple[str, ...] = (), **kwargs: Any
    ) -> None:
        """`benefits`: what is explained to the patient, as it is signed."""
        super().__init__(*args, **kwargs)
        self.patient = patient
        self.benefits = benefits
        self.fields["signing"].error_messages["required"] = "请选择在屏幕上签字，还是在纸上签字"
        for name in _shown(patient):
            self.fields[name].show_hidden_initial = True
        for name, masked in _masked(patient).items():
            self.fields[name].required = not masked
            if masked:
                self.fields[name].widget.attrs["placeholder"] = masked
                self.fields[name].help_text = "留空则沿用档案中的内容"

    def clean(self) -> None:
        today = timezone.localdate()
        faults = enrolment_faults(self.given(), self.patient.details(), today=today)
        self.tell(faults)
        self.tell(self._signing_faults(today))

    def given(self) -> dict[str, object]:
        """The registration form for the operation; what was left empty keeps what is stored."""
        kept = {
            "phone": self.patient.phone,
            "id_number": self.patient.document_number,
            "address": self.patient.address,
        }
        typed = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in _SIGNING and (value != "" or not kept.get(name))
        }
        stored = _shown(self.patient).items()
        return typed | {name: value for name, value in stored if self._is_untouched(name)}

    def _is_untouched(self, name: str) -> bool:
        shown = self[name].html_initial_name in self.data
        return shown and name in self.cleaned_data and name not in self.changed_data

    def text_to_sign(self) -> str:
        """What the screen shows to be signed, once nothing but the signature is missing."""
        return text_to_sign(self.patient, self.given(), self.benefits)

    def faults_before_signing(self) -> list[str]:
        """What is still wrong with the form apart from its signature."""
        others = {name: said for name, said in self.errors.items() if name not in _SIGNING}
        return [str(sentence) for said in others.values() for sentence in said]

    def signed(self) -> Signed | None:
        """What was signed on the screen; None on paper. Raises Refusal."""
        if self.cleaned_data.get("signing") != SCREEN:
            return None
        image = signature_image(self.cleaned_data["signature"])
        return Signed(self.text_to_sign(), image)

    def _signing_faults(self, today: date) -> Iterator[Refusal]:
        if self.cleaned_data.get("signing") != SCREEN or self.faults_before_signing():
            return
        if self.cleaned_data["signed_on"] != today.isoformat():
            yield Refusal("signed_today", 422, "屏幕签字的日期只能是今天", "signed_on")
        elif not self.cleaned_data["signature"]:
            yield Refusal("not_signed", 422, "请会员在屏幕上签字，或选择纸质签字", "signing")
        elif self.cleaned_data["signed_text"].split() != self.text_to_sign().split():
            yield Refusal("signed_another", 422, "签字后登记表又改过，请会员重新签字", "signing")
            self._forget_signature()

    def _forget_signature(self) -> None:
        typed = {name: self.data.get(name) for name in self.data}
        self.data = {**typed, "signature": "", "signed_text": ""}


def initial_for(patient: Patient, *, signed_on: str) -> dict[str, object]:
    """What the form starts with: the file's own fields, without those that are masked."""
    return {
        **_shown(patient),
        "document_type": patient.document_type or RESIDENT_ID,
        "signed_on": signed_on,
    }


def _shown(patient: Patient) -> dict[str, str]:
    return {
        "name": patient.name,
        "sex": patient.sex,
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else "",
    }


def _masked(patient: Patient) -> dict[str, str]:
    return {
        "phone": patient.masked_phone,
        "id_number": patient.masked_document,
        "address": patient.masked_address,
    }
