from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings

from desk.forms.fields import ChosenField, Written
from desk.forms.proof import ProofForm
from desk.forms.undoing import UndoForm
from desk.queries.due import Gift
from members.models import Membership
from rewards.models import Undoing
from rewards.rules import Key
from rewards.rules.proof import words_to_sign
from scheme.models import Item
from staff.forms import StaffForm

_TITLE = f"{settings.HOSPITAL_NAME}会员礼品签收单"
_OTHER = "other"
REASONS = {"later": "下次来再领", "out": "礼品暂缺", "away": "本人没有来", _OTHER: "其他原因"}
_CHANGED = "其中有一项刚刚有变化，可能已由同事发放；请返回病人页，核对现在可发的礼品"


class GiftsField(forms.MultipleChoiceField):
    """Some of a member's open gifts, named as they stood on the page."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, label: str) -> None:
        messages = {"required": "请至少选择一件礼品", "invalid_choice": _CHANGED}
        super().__init__(label=label, error_messages=messages)

    def offer(self, gifts: Sequence[Gift]) -> None:
        """The gifts to choose from, all of them ticked."""
        self.choices = [(gift.value, _described(gift)) for gift in gifts]
        self.initial = [gift.value for gift in gifts]


def _described(gift: Gift) -> str:
    instead = f"（批准换发，原为{gift.item}）" if gift.change_id else ""
    return f"{gift.given} 1 {gift.given.unit}{instead} · {gift.of}"


class ChosenGifts(StaffForm):
    """A form on which gifts are ticked."""

    def __init__(self, *args: Any, gifts: Sequence[Gift], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = gifts
        field = self.fields["gifts"]
        assert isinstance(field, GiftsField)
        field.offer(gifts)

    def chosen(self) -> list[Gift]:
        """The ticked gifts, in the order of the page."""
        ticked = self.cleaned_data.get("gifts", ())
        return [gift for gift in self.offered if gift.value in ticked]

    def keys(self) -> list[Key]:
        """Their keys."""
        return [gift.entitlement.key for gift in self.chosen()]


class IssueForm(ChosenGifts, ProofForm):
    """Gifts that are handed over, with the member's signature or a slip number (R38)."""

    gifts = GiftsField(label="发放的礼品")

    def __init__(self, *args: Any, membership: Membership, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.membership = membership
        self.day = day

    def changes(self) -> list[int]:
        """The agreed exchanges among them."""
        return [gift.change_id for gift in self.chosen() if gift.change_id]

    def text_to_sign(self) -> str:
        lines = [f"{gift.given} 1 {gift.given.unit}（{gift.of}）" for gift in self.chosen()]
        return words_to_sign(
            title=_TITLE,
            member=self.membership.patient.name,
            number=self.membership.number,
            lines=lines,
            day=self.day,
        )


class PutOffForm(ChosenGifts):
    """Gifts that the member doesn't take today, and why."""

    first_field = "why"

    gifts = GiftsField(label="今天不领的礼品")
    why = ChosenField(label="原因", choices=REASONS)
    note = Written(label="说明", required=False, help_text="选“其他原因”时填写。")

    def clean(self) -> None:
        if self.cleaned_data.get("why") == _OTHER and not self.cleaned_data["note"]:
            self.add_error("note", "请写明推迟领取的原因")

    def reason(self) -> str:
        """The sentence that stays with it."""
        why, note = self.cleaned_data["why"], self.cleaned_data["note"]
        said = "" if why == _OTHER else REASONS[why]
        return "：".join(part for part in (said, note) if part)


class UndoIssueForm(UndoForm):
    """Why a gift is due again, or that it was brought back."""

    kind = ChosenField(
        label="类别",
        choices={
            Undoing.Kind.MISTAKE.value: "登记有误，撤销发放",
            Undoing.Kind.RETURNED.value: "会员已交回（追回）",
        },
        initial=Undoing.Kind.MISTAKE.value,
    )
    field_order = ("kind", "reason")


class GiftChangeForm(StaffForm):
    """Another gift than the one that is due, which a manager decides (R66)."""

    first_field = "gift"

    gift = ChosenField(label="应领的礼品", choices={})
    other = ChosenField(label="换成", choices={}, widget=forms.Select)
    reason = Written(label="换发原因", help_text="由主管或总经理审批，批准后再发放。")

    def __init__(
        self, *args: Any, gifts: Sequence[Gift], others: Sequence[Item], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.due = {f"{gift.entitlement.key}": gift for gift in gifts}
        names = [(key, f"{gift.item} · {gift.of}") for key, gift in self.due.items()]
        gift, other = self.fields["gift"], self.fields["other"]
        assert isinstance(gift, ChosenField) and isinstance(other, ChosenField)
        gift.choices = names
        gift.initial = names[0][0] if len(names) == 1 else None
        other.choices = [("", "请选择"), *((item.code, item.name) for item in others)]
        other.error_messages["required"] = "请选择要换发的礼品"

    def key(self) -> Key:
        """The gift that is due."""
        return self.due[self.cleaned_data["gift"]].entitlement.key
