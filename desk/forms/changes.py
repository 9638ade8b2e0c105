from collections.abc import Mapping
from typing import Any, Self

from django import forms
from django.utils import timezone

from desk.forms.fields import NO, YES, ChosenField, DayField, NumberField, Written, YesNoField
from desk.forms.patients import DetailsForm
from members.models import Membership, Patient
from members.queries.changes import record_of, seen_of
from members.rules import DOCUMENT_TYPES, RESIDENT_ID, SEXES
from members.rules.changes import changed_record
from members.rules.enrolment import CONSENTS, GUARDIAN_FIELDS
from members.rules.masks import masked_phone
from staff.forms import ReadableField

KEPT = "留空则不改"
_OF_MEMBERS = (*CONSENTS, *GUARDIAN_FIELDS, "document_shown")
# Shown masked: empty until somebody types another value.
_MASKED = ("phone", "id_number", "address", "guardian_phone")


class ChangeForm(DetailsForm):
    """What a file and its membership hold, to be changed; each field knows what it showed.

    Only what differs from what was shown is given on: what a colleague changed meanwhile in
    other fields stays.
    """

    first_field = "name"

    name = Written(label="姓名")
    sex = ChosenField(label="性别", choices=SEXES, required=False)
    phone = NumberField(label="电话", required=False)
    birth_date = DayField(label="出生年月", required=False)
    document_type = ChosenField(label="证件类型", choices=DOCUMENT_TYPES, widget=forms.Select)
    id_number = NumberField(label="身份证号（或其他证件号）", required=False)
    address = Written(label="家庭住址", required=False)
    accepts_follow_up = YesNoField(label=CONSENTS["accepts_follow_up"])
    accepts_post = YesNoField(label=CONSENTS["accepts_post"])
    accepts_activities = YesNoField(label=CONSENTS["accepts_activities"])
    guardian_name = Written(label="监护人姓名", required=False)
    guardian_relation = Written(label="与会员的关系", required=False)
    guardian_phone = NumberField(label="监护人电话", required=False)
    document_shown = ChosenField(
        label="出示的证件", choices={"": "请选择", **DOCUMENT_TYPES}, widget=forms.Select
    )
    note = ReadableField(label="说明", required=False, max_length=200)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, patient: Patient, membership: Membership | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.patient, self.membership = patient, membership
        if membership is None:
            for name in _OF_MEMBERS:
                del self.fields[name]
        for name, masked in _masked(patient, membership).items():
            if name in self.fields and masked:
                self.fields[name].widget.attrs["placeholder"] = masked
                self.fields[name].help_text = KEPT
        for name, field in self.fields.items():
            field.show_hidden_initial = name in self.initial and name not in ("seen", *_MASKED)

    @classmethod
    def of(cls, patient: Patient, membership: Membership | None, typed: Any = None) -> Self:
        """The form with what is stored, or with what was typed."""
        stored = stored_values(patient, membership)
        return cls(typed, patient=patient, membership=membership, initial=stored)

    @classmethod
    def again(cls, before: "ChangeForm", patient: Patient, membership: Membership | None) -> Self:
        """What was typed over what a colleague has stored meanwhile; nothing of either is lost."""
        stored = stored_values(patient, membership)
        changed = {name: before.data.get(name) for name in before.changed_data if name != "seen"}
        data = {**stored, "document_shown": before.data.get("document_shown"), **changed}
        data |= {f"initial-{name}": value for name, value in stored.items()}
        form = cls.of(patient, membership, data)
        if before.refusal:
            form.refusal = before.refusal
            form.add_error(None, before.refusal.message)
        return form

    def clean(self) -> None:
        record = record_of(self.patient, self.membership)
        _, faults = changed_record(self.given(), record, today=timezone.localdate())
        self.tell(faults)

    def given(self) -> dict[str, object]:
        """The fields that somebody changed; a document comes with its kind."""
        touched = {name for name in self.changed_data if name not in ("note", "seen")}
        touched -= {"document_shown"}
        if "id_number" in touched:
            touched.add("document_type")
        if "guardian_phone" not in touched and self._guardian_is_gone():
            touched |= {*GUARDIAN_FIELDS}
        return {name: value for name, value in self.cleaned_data.items() if name in touched}

    def _guardian_is_gone(self) -> bool:
        emptied = {"guardian_name", "guardian_relation"} & set(self.changed_data)
        said = (self.cleaned_data.get(name) for name in ("guardian_name", "guardian_relation"))
        return bool(emptied) and not any(said)


def stored_values(patient: Patient, membership: Membership | None) -> dict[str, object]:
    """What the form shows: everything but what is masked."""
    values: dict[str, object] = {
        "name": patient.name,
        "sex": patient.sex,
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else "",
        "document_type": patient.document_type or RESIDENT_ID,
        "seen": seen_of(record_of(patient, membership)),
    }
    if membership:
        values |= {name: YES if getattr(membership, name) else NO for name in CONSENTS}
        values["guardian_name"] = membership.guardian_name
        values["guardian_relation"] = membership.guardian_relation
    return values


def _masked(patient: Patient, membership: Membership | None) -> Mapping[str, str]:
    guardian = membership.guardian_phone[-4:] if membership else ""
    return {
        "phone": patient.masked_phone,
        "id_number": patient.masked_document,
        "address": patient.masked_address,
        "guardian_phone": masked_phone(guardian),
    }
