from typing import Any

from django import forms

from members.models import FileMerge
from points.models import LegacyConfirmation, TierReview
from rewards.models import GiftChange
from scheme.models import Scheme
from staff.forms import ReadableField, StaffForm


class DecisionForm(StaffForm):
    """A manager's word on a request, and the sentence that stays with it."""

    choices: Any = ()

    decision = forms.ChoiceField(
        label="决定", widget=forms.RadioSelect, error_messages={"required": "请选择决定"}
    )
    sentence = ReadableField(
        label="审批意见",
        max_length=200,
        help_text="一句话写明理由，今后可以查到。",
        error_messages={"required": "请写明审批意见"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decision = self.fields["decision"]
        assert isinstance(decision, forms.ChoiceField)
        decision.choices = self.choices


class ReviewDecisionForm(DecisionForm):
    """On a level that lost its ground (C18)."""

    choices = TierReview.Decision.choices


class MergeDecisionForm(DecisionForm):
    """On merging two files, or parting them again (C40)."""

    choices = FileMerge.Decision.choices


class LegacyDecisionForm(DecisionForm):
    """On a file of points of the system before (R3)."""

    choices = LegacyConfirmation.Decision.choices


class GiftChangeDecisionForm(DecisionForm):
    """On another gift than the one that is due (R66)."""

    choices = GiftChange.Decision.choices


class PublicationDecisionForm(DecisionForm):
    """On putting a version of the rules in force from its day on."""

    choices = Scheme.Decision.choices
