from django import forms

from desk.forms.fields import ChosenField
from members.models import Card
from members.rules import DOCUMENT_TYPES
from staff.forms import StaffForm


class ReplaceCardForm(StaffForm):
    """Why a card is put out of use, and what the member showed (R70)."""

    first_field = "reason"

    reason = ChosenField(label="原因", choices=dict(Card.StoppedReason.choices))
    document_shown = ChosenField(
        label="会员出示的证件", choices={"": "请选择", **DOCUMENT_TYPES}, widget=forms.Select
    )

    def given(self) -> dict[str, str]:
        """What the operation takes."""
        return {name: self.cleaned_data[name] for name in ("reason", "document_shown")}
