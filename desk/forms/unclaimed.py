from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from rewards.queries.lists import Choice
from scheme.models import Item
from scheme.rules import ItemKind, TierRule
from staff.forms import StaffForm

TABS: dict[str, tuple[str, ItemKind]] = {
    "gifts": ("未领的礼品", "gift"),
    "services": ("未用的服务", "service"),
}
BOUGHT = "bought"
_WITHIN = {"year": "今年年底前", "30": "30 天内", "60": "60 天内", "90": "90 天内", "all": "不限"}
_PUT_OFF = {"": "不限", "yes": "推迟过的", "no": "没有推迟过的"}


class UnclaimedForm(StaffForm):
    """Which part of the list: by the last day, the level, the item, and whether it was put off.

    What can't be chosen is as if it were not asked for.
    """

    within = forms.ChoiceField(label="到期", required=False, choices=list(_WITHIN.items()))
    tier = forms.ChoiceField(label="来自", required=False)
    item = forms.ChoiceField(label="项目", required=False)
    put_off = forms.ChoiceField(label="推迟", required=False, choices=list(_PUT_OFF.items()))

    def __init__(self, given: Mapping[str, str], tiers: Sequence[TierRule]) -> None:
        self.tab = given.get("tab", "") if given.get("tab") in TABS else "gifts"
        usual = "year" if self.kind == "service" else "all"
        super().__init__({"within": usual, **given})
        names = {tier.code: tier.name for tier in tiers} | {BOUGHT: "积分兑换"}
        items = Item.objects.filter(kind=self.kind).order_by("pk").values_list("pk", "name")
        self._offer("tier", {"": "不限", **names})
        self._offer("item", {"": "不限", **{str(pk): name for pk, name in items}})
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"
        self.is_valid()
        self.data = {name: self._chosen(name) or "" for name in self.fields}

    @property
    def kind(self) -> ItemKind:
        return TABS[self.tab][1]

    def choice(self, *, today: date) -> Choice:
        """What is asked for."""
        tier, item, put_off = (self._chosen(name) for name in ("tier", "item", "put_off"))
        return Choice(
            kind=self.kind,
            until=self._until(today),
            tier="" if tier == BOUGHT else tier or None,
            item_id=int(item) if item else None,
            put_off={"yes": True, "no": False}.get(put_off or ""),
        )

    def address(self) -> str:
        """This part of the list, as an address to which a page number is added."""
        chosen = "".join(f"{name}={self._chosen(name) or ''}&" for name in self.fields)
        return f"?tab={self.tab}&{chosen}"

    def _until(self, today: date) -> date | None:
        within = self._chosen("within") or "all"
        if within == "all":
            return None
        if within == "year":
            return today.replace(month=12, day=31)
        return today + timedelta(days=int(within))

    def _chosen(self, name: str) -> Any:
        return self.cleaned_data.get(name)

    def _offer(self, name: str, choices: Mapping[str, str]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices.items())
