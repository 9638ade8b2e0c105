from django import forms

from desk.forms.fields import ChosenField, DayField, Written
from members.rules.joining import OUTCOMES
from staff.forms import StaffForm


class JoinTalkForm(StaffForm):
    """What somebody answered; `seen` is the newest talk that stood on the page."""

    first_field = "outcome"

    outcome = ChosenField(label="病人的答复", choices=OUTCOMES)
    ask_again_on = DayField(
        label="再问日期",
        required=False,
        help_text="选“以后再问”时填写，例如 2026-03-02；到那一天会重新列入“待征询”。",
    )
    note = Written(label="说明", required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def given(self) -> dict[str, object]:
        """What the operation takes."""
        return {name: self.cleaned_data[name] for name in ("outcome", "ask_again_on", "note")}
