from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from desk.forms.fields import AmountField, ChosenField, ScannedField, Written
from desk.forms.patients import PatientForm
from desk.forms.payments import amount_input
from desk.forms.proof import ProofForm
from desk.queries.services import Service
from rewards.operations.uses import NewUse, Piece
from rewards.rules.proof import words_to_sign
from rewards.rules.teeth import teeth_from
from staff.exceptions import Refusal
from staff.forms import StaffForm
from staff.models import Doctor

_OF_THE_FILE = ("file_number", "name", "sex", "phone")


class UseForm(ProofForm):
    """A member's service used up: teeth, doctor, price where the list has none, proof (R52).

    Fields that this service has no use for are left out. `guest_name` is whom the member signs
    for, "" for the member.
    """

    teeth = Written(label="牙位", help_text="FDI 两位数，如 16、55；几颗之间空一格，一颗算一次")
    doctor = ChosenField(label="医生", choices={}, widget=forms.Select)
    list_price = AmountField(
        label="价目表价格（元）",
        widget=amount_input(),
        help_text="价目表里还没有这一项的价格，请按收费标准填写",
    )
    card_code = ScannedField(label="服务卡号", help_text="请扫服务卡上的二维码或条码")

    def __init__(
        self,
        *args: Any,
        service: Service,
        doctors: Sequence[Doctor],
        guest_name: str = "",
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.service, self.guest_name, self.today = service, guest_name, today
        self.doctors = {str(doctor.pk): doctor for doctor in doctors}
        self.needs_proof = service.claim is None
        chosen = self.fields["doctor"]
        assert isinstance(chosen, ChosenField)
        names = [(key, f"{one.name}（{one.department}）") for key, one in self.doctors.items()]
        chosen.choices = [("", "请选择"), *names]
        for name in self._needless():
            del self.fields[name]
        if not self.is_bound and not self.first_field:
            self._first_empty().widget.attrs["autofocus"] = True

    def _first_empty(self) -> forms.Field:
        names = [name for name in ("card_code", "teeth") if name in self.fields]
        empty = (name for name in names if not self.initial.get(name))
        return self.fields[next(empty, "doctor")]

    def _needless(self) -> list[str]:
        service = self.service
        used = {
            "teeth": service.by_teeth,
            "list_price": service.item.list_price is None,
            "card_code": service.needs_card,
            "slip_number": service.claim is None,
            "signature": service.claim is None,
            "signed_text": service.claim is None,
        }
        return [name for name, is_used in used.items() if not is_used]

    def clean(self) -> None:
        if "teeth" in self.cleaned_data:
            with self.refusals():
                self._check_teeth()
        super().clean()

    def _check_teeth(self) -> None:
        many, left = len(self._teeth()), len(self.service.pieces)
        if not many:
            raise Refusal("tooth_missing", 422, "请填写牙位", "teeth")
        if many > left:
            message = f"填了 {many} 颗，这一项只剩 {left} 颗"
            raise Refusal("too_many_teeth", 422, message, "teeth")

    def _teeth(self) -> tuple[str, ...]:
        return teeth_from(self.cleaned_data["teeth"])

    def value(self) -> NewUse:
        """What was used. Raises Refusal."""
        given = self.cleaned_data
        return NewUse(
            pieces=self._pieces(),
            doctor=self.doctors[given["doctor"]],
            list_price=Decimal(given["list_price"]) if "list_price" in given else None,
            proof=self.proof() if self.needs_proof else None,
            card_code=given.get("card_code", ""),
        )

    def _pieces(self) -> list[Piece]:
        if not self.service.by_teeth:
            return [Piece(self.service.entitlement.key)]
        teeth = self._teeth()
        pieces = self.service.pieces[: len(teeth)]
        return [Piece(one.key, tooth) for one, tooth in zip(pieces, teeth, strict=True)]

    def text_to_sign(self) -> str:
        """Who used what, with whom, and that nothing is paid."""
        service = self.service
        member = service.membership
        return words_to_sign(
            title="会员服务使用确认",
            member=member.patient.name,
            number=member.number,
            lines=[
                f"{service.item.name} {self._many()}",
                f"使用人：{self._whom()}",
                f"医生：{self.doctors[self.cleaned_data['doctor']].name}",
                "价目表价格全部减免，应付 0 元",
            ],
            day=self.today,
        )

    def _many(self) -> str:
        if not self.service.by_teeth:
            return f"1 {self.service.item.unit}"
        teeth = self._teeth()
        return f"{len(teeth)} {self.service.item.unit}（牙位 {'、'.join(teeth)}）"

    def _whom(self) -> str:
        if self.service.child:
            return f"{self.service.child.name}（家庭儿童）"
        return f"{self.guest_name}（转赠）" if self.guest_name else "会员本人"


class NewGuestForm(UseForm, PatientForm):
    """The same for somebody without a patient file, which is opened with it (R18)."""

    first_field = "file_number"
    field_order = (*_OF_THE_FILE, "teeth", "doctor")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("birth_date", "document_type", "id_number", "address"):
            del self.fields[name]

    def clean(self) -> None:
        PatientForm.clean(self)
        self.guest_name = self.cleaned_data.get("name", "")
        UseForm.clean(self)

    def given(self) -> dict[str, object]:
        """The fields for the patient file; an empty one is given as not known."""
        return {name: self.cleaned_data.get(name) or None for name in _OF_THE_FILE[1:]}


class SettleForm(StaffForm):
    """Which of the services that wait are put on the slip."""

    uses = forms.TypedMultipleChoiceField(
        label="结算的服务",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请至少选择一项服务结算",
            "invalid_choice": "其中有服务已经结算或撤销，请核对后再结算",
        },
    )

    def __init__(self, *args: Any, waiting: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["uses"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(pk, str(pk)) for pk in waiting]
        field.initial = list(waiting)
