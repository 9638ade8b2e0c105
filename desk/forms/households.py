from datetime import date
from typing import Any

from django import forms

from desk.forms.fields import ChosenField, Written
from desk.forms.patients import PatientForm
from desk.queries.households import last_child_day
from members.models import Patient
from members.rules import FAMILY_DOCUMENTS
from scheme.rules import Rules
from staff.forms import ReadableField, StaffForm

CHILD, ADULT = "child", "adult"
_PLACE = ("who", "relation", "document_seen")


class FamilyForm(StaffForm):
    """Who somebody is to the member, and which document showed it (R15)."""

    who = ChosenField(
        label="儿童还是成人",
        choices={CHILD: "儿童", ADULT: "成人"},
        help_text="儿童须有出生日期。",
    )
    relation = Written(
        label="与会员的关系", widget=forms.TextInput(attrs={"placeholder": "如 儿子、丈夫"})
    )
    document_seen = ChosenField(
        label="查验的证件", choices={"": "请选择", **FAMILY_DOCUMENTS}, widget=forms.Select
    )

    def place(self) -> dict[str, Any]:
        """What the operation takes about the person's place in the household."""
        return {
            "is_child": self.cleaned_data["who"] == CHILD,
            "relation": self.cleaned_data["relation"],
            "document_seen": self.cleaned_data["document_seen"],
        }


class KnownPersonForm(FamilyForm):
    """Somebody with a patient file."""

    first_field = "relation"


class NewPersonForm(FamilyForm, PatientForm):
    """Somebody without one: the file is opened with it."""

    field_order = ("file_number", "name", "sex", "birth_date", *_PLACE)

    def given(self) -> dict[str, object]:
        """The fields for the patient file."""
        return {name: value for name, value in super().given().items() if name not in _PLACE}


class LeaveForm(StaffForm):
    """Why somebody is taken out of a household."""

    first_field = "reason"

    reason = ReadableField(
        label="移出原因", max_length=200, error_messages={"required": "请填写移出原因"}
    )


def probably(patient: Patient, rules: Rules | None, *, today: date) -> str:
    """Whether a known person is a child under the rules, to begin the form with; "" unknown."""
    until = last_child_day(patient, rules)
    if until is None:
        return ""
    return CHILD if until >= today else ADULT
