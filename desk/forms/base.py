from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django import forms

from staff.exceptions import Refusal


class DeskForm(forms.Form):
    """A form that keeps what was typed and says each fault in our words at its field."""

    # The browser's own bubbles speak its language, one at a time; ours are on the page.
    use_required_attribute = False
    first_field: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal: Refusal | None = None
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")
        if not self.is_bound and self.first_field:
            self.fields[self.first_field].widget.attrs["autofocus"] = True

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Show a Refusal raised inside at its field, or above the form when it has none."""
        try:
            yield
        except Refusal as refusal:
            self.refusal = refusal
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
