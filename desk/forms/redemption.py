from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms

from desk.forms.fields import ChosenField, NumberField, ScannedField, Written
from members.models import Patient
from members.rules import DOCUMENT_TYPES
from rewards.models import Redemption
from rewards.rules.redemption import NewRedemption, Shown, quantity_from
from rewards.rules.teeth import PER_TOOTH, teeth_from
from scheme.rules import Item
from staff.exceptions import Refusal
from staff.forms import StaffForm
from staff.rules import identifier

_CARD, _DOCUMENT = Redemption.Proof.CARD.value, Redemption.Proof.DOCUMENT.value
_OPEN = "使用时再定"


class TeethField(forms.MultipleChoiceField):
    """Teeth ticked on the chart; what is a tooth is for the rules to say."""

    def valid_value(self, value: object) -> bool:
        return True


class RedeemForm(StaffForm):
    """How many pieces of one item, for whom, and what the member showed (R25).

    `key` was drawn when the page was opened: sent twice, it is bought once.
    """

    first_field = "quantity"

    key = Written(label="请求编号", widget=forms.HiddenInput)
    quantity = NumberField(label="数量", initial="1")
    teeth = TeethField(label="牙位", required=False)
    meant_for = ChosenField(label="给谁用", choices={}, required=False)
    shown = ChosenField(
        label="会员出示", choices={_CARD: "会员卡", _DOCUMENT: "有效证件"}, initial=_CARD
    )
    card_number = ScannedField(label="卡号", required=False, help_text="扫卡，或输入卡面号码")
    document_shown = ChosenField(
        label="证件",
        choices={"": "请选择", **DOCUMENT_TYPES},
        required=False,
        widget=forms.Select,
    )

    def __init__(self, *args: Any, item: Item, people: Iterable[Patient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        self.fields["key"].initial = uuid4().hex
        meant_for = self.fields["meant_for"]
        assert isinstance(meant_for, ChosenField)
        names = [(person.file_number, person.name) for person in people]
        meant_for.choices = [("", _OPEN), *names]
        self.fields["quantity"].widget.attrs |= {"inputmode": "numeric", "data-redeem-quantity": ""}
        if item.unit != PER_TOOTH:
            del self.fields["teeth"]

    @property
    def chosen_teeth(self) -> list[str]:
        """What was ticked, right or wrong."""
        return list(self["teeth"].value() or []) if "teeth" in self.fields else []

    def clean(self) -> None:
        with self.refusals():
            self.cleaned_data["teeth"] = teeth_from(self.chosen_teeth)
        shown = self.cleaned_data.get("shown")
        if shown == _CARD and not self.cleaned_data.get("card_number"):
            self.add_error("card_number", "请扫描会员卡，或改为出示有效证件")
        if shown == _DOCUMENT and not self.cleaned_data.get("document_shown"):
            self.add_error("document_shown", "请选择会员出示的证件")

    def new(self, *, membership_number: str) -> NewRedemption:
        """What the operation takes. Raises Refusal 422 at `quantity`."""
        return NewRedemption(
            membership_number=membership_number,
            item=self.item.code,
            quantity=quantity_from(_number(self.cleaned_data["quantity"])),
            teeth=self.cleaned_data.get("teeth", ()),
            beneficiary_file_number=self.cleaned_data["meant_for"],
            idempotency_key=f"desk:{self.cleaned_data['key']}"[:64],
        )

    def proof(self) -> Shown:
        """Card or document. Raises Refusal 422 at `card_number`."""
        if self.cleaned_data["shown"] == _CARD:
            typed = self.cleaned_data["card_number"]
            return Shown("card", card_number=identifier(typed, field="card_number", label="卡号"))
        return Shown("document", document=self.cleaned_data["document_shown"])


class CancelRedemptionForm(StaffForm):
    """Why points are given back."""

    first_field = "reason"

    reason = Written(label="取消原因", help_text="一句话写明，今后可以查到。")


def _number(written: str) -> int:
    if not written.isascii() or not written.isdigit() or len(written) > 6:
        raise Refusal("bad_quantity", 422, "数量应为整数，例如 2", "quantity")
    return int(written)
