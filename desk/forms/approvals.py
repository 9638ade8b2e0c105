from django import forms

from points.models import TierReview
from staff.forms import ReadableField, StaffForm


class ReviewDecisionForm(StaffForm):
    """A manager's word on a level review (C18)."""

    decision = forms.ChoiceField(
        label="决定",
        choices=TierReview.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择决定"},
    )
    sentence = ReadableField(
        label="审批意见",
        max_length=200,
        help_text="一句话写明理由，今后可以查到。",
        error_messages={"required": "请写明审批意见"},
    )
