from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from desk.forms.fields import ChosenField, DayField, day_to_list
from scheme.models import Scheme
from staff.forms import StaffForm

ALWAYS, EACH_TIME = "always", "each_time"
BESIDE = {
    ALWAYS: "现行版本：整个期间都按它计算",
    EACH_TIME: "实际经过：每一天按当天有效的版本",
}


class SimulationForm(StaffForm):
    """Which draft is worked through the receipts of which days, and beside what."""

    first_field = "draft"

    draft = forms.ChoiceField(
        label="草稿",
        error_messages={"required": "请选择草稿", "invalid_choice": "请从列出的草稿中选择"},
    )
    since = DayField(label="起始日期")
    until = DayField(
        label="截止日期", help_text="只计算这段时间内的收据；已填好的是全部收据的起止日期。"
    )
    beside = ChosenField(
        label="与什么对照",
        choices=BESIDE,
        initial=ALWAYS,
        help_text="草稿按整个期间都有效计算，所以通常与现行版本对照。",
    )

    def __init__(self, *args: Any, drafts: Sequence[Scheme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drafts = {str(draft.pk): draft for draft in drafts}
        chosen = self.fields["draft"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [(key, str(draft)) for key, draft in self.drafts.items()]

    def chosen_draft(self) -> Scheme:
        """The draft to be worked through."""
        return self.drafts[self.cleaned_data["draft"]]

    def days(self) -> tuple[date, date]:
        """The first and the last day. Raises Refusal."""
        since, until = (
            day_to_list(self.cleaned_data[name], field=name, label=str(self.fields[name].label))
            for name in ("since", "until")
        )
        return since, until

    @property
    def compares_with_one(self) -> bool:
        """Whether one version is compared with, not those of each time."""
        return bool(self.cleaned_data["beside"] == ALWAYS)
