from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings

from desk.forms.fields import ChosenField
from desk.forms.proof import ProofForm
from desk.forms.undoing import UndoForm
from desk.queries.claims import Wanted
from members.models import Membership
from rewards.models import Undoing
from rewards.rules import Key
from rewards.rules.proof import words_to_sign

_TITLE = f"{settings.HOSPITAL_NAME}会员服务领取单"
_CHANGED = "其中有一项刚刚有变化，下面是现在可领取的服务，请核对"


class ClaimForm(ProofForm):
    """Services that are collected before they are used, with signature or slip number (R39)."""

    services = forms.MultipleChoiceField(
        label="领取的服务",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择要领取的服务", "invalid_choice": _CHANGED},
    )
    field_order = ("services",)

    def __init__(
        self,
        *args: Any,
        wanted: Sequence[Wanted],
        membership: Membership,
        day: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.wanted, self.membership, self.day = wanted, membership, day
        services = self.fields["services"]
        assert isinstance(services, forms.MultipleChoiceField)
        services.choices = [(each.value, each.words) for each in wanted]

    def chosen(self) -> list[Wanted]:
        """The ticked services, in the order of the page."""
        ticked = self.cleaned_data.get("services", ())
        return [each for each in self.wanted if each.value in ticked]

    def keys(self) -> list[Key]:
        """Their keys."""
        return [each.entitlement.key for each in self.chosen()]

    def text_to_sign(self) -> str:
        return words_to_sign(
            title=_TITLE,
            member=self.membership.patient.name,
            number=self.membership.number,
            lines=[each.words for each in self.chosen()],
            day=self.day,
        )


class StopClaimForm(UndoForm):
    """Why what was collected is open again: the card is lost, or it was a mistake."""

    first_field = "kind"

    kind = ChosenField(
        label="类别",
        choices={
            Undoing.Kind.LOST.value: "服务卡遗失，挂失",
            Undoing.Kind.MISTAKE.value: "登记有误，撤销领取",
        },
    )
    field_order = ("kind", "reason")

    def __init__(self, *args: Any, on_card: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not on_card:
            del self.fields["kind"]
            self.fields["reason"].widget.attrs["autofocus"] = True

    def undoing_kind(self) -> Undoing.Kind:
        """The kind of the counter-entry."""
        return Undoing.Kind(self.cleaned_data.get("kind", Undoing.Kind.MISTAKE))
