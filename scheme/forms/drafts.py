"""A new draft, and what all forms that edit one have in common."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django import forms

from scheme.forms.fields import DayField, LineField
from scheme.models import Scheme
from scheme.rules import Rules
from staff.exceptions import Refusal
from staff.forms import StaffForm


class NewDraftForm(StaffForm):
    """From which version a draft is copied, what it is called and when it is to begin."""

    first_field = "effective_from"

    base = forms.ChoiceField(label="以哪个版本为底稿")
    title = LineField(label="名称", longest=100)
    effective_from = DayField(
        label="生效日期", help_text="从这一天起按新规则办理；不能早于今天，发布以前可以再改。"
    )

    def __init__(self, *args: Any, bases: Sequence[Scheme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        base = self.fields["base"]
        assert isinstance(base, forms.ChoiceField)
        base.choices = [(version.pk, str(version)) for version in bases]
        self.fields["title"].initial = bases[0].title


class DraftForm(StaffForm):
    """A part of a draft's rules. `seen` is the digest of the draft as the form showed it."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def begin_at(self, name: str) -> None:
        """Where one types first, for forms whose fields come with the rules."""
        if not self.is_bound:
            self.fields[name].widget.attrs["autofocus"] = True

    def changes(self) -> Mapping[str, Any]:
        """The fields of Rules that the form sets, once it is valid."""
        raise NotImplementedError

    def field_of(self, key: str) -> str | None:
        """The field at which a fault of the rules is to be said; None: above the form."""
        return key

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Show all that a Refusal raised inside says, each at its field."""
        try:
            yield
        except Refusal as refusal:
            self.refusal = refusal
            alone = [(refusal.field or "", refusal.message)]
            faults: Any = refusal.extra.get("faults", alone)
            for key, sentence in faults:
                field = self.field_of(key)
                self.add_error(field if field in self.fields else None, sentence)


def first_of(form: type[DraftForm], rules: Rules, seen: str) -> dict[str, Any]:
    """What a form whose fields are called like those of Rules shows at first."""
    names = (name for name in form.base_fields if name != "seen")
    return {"seen": seen, **{name: getattr(rules, name) for name in names}}
