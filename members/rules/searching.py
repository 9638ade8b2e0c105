"""What a search asks for, judged by the shape of what was typed. Pure."""

import re
from dataclasses import dataclass

from members.rules.names import search_key
from members.rules.numbers import (
    is_card_number,
    is_membership_number,
    is_service_card_number,
)
from staff.rules import plain

_TAIL = re.compile(r"\d{3}[\dX]", re.ASCII)
_DOCUMENT = re.compile(r"[A-Z0-9()-]{5,30}", re.ASCII)
_PHONE_FROM = 10
_NUMBER_OF_A_PERSON_FROM = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as the columns know it; a field is "" where nothing typed so can be that.

    `number` stands on paper or on a card, `phone` and `document` are whole, `tail` ends one of
    the two, `name` begins a search key.
    """

    number: str = ""
    phone: str = ""
    document: str = ""
    tail: str = ""
    name: str = ""

    @property
    def is_surname(self) -> bool:
        """Whether one character was typed, which stands for a surname."""
        return len(self.name) == 1 and not self.name.isascii()

    @property
    def may_tell_a_person(self) -> bool:
        """Whether it may be somebody's phone or document, which belongs in no address (R41)."""
        digits = sum(sign.isdigit() for sign in self.number)
        ours = _is_on_a_card(self.number) or len(self.number) == 9
        return digits >= _NUMBER_OF_A_PERSON_FROM and not (
            ours and is_membership_number(self.number)
        )


def asked(typed: str) -> Asked:
    """What was typed, full-width digits understood; nothing for what can't be printed."""
    written = plain(typed)
    if not written or not written.isprintable():
        return Asked()
    has_digits = any(map(str.isdigit, written))
    if not written.isascii() or not has_digits:
        number = written if written.isascii() or has_digits else ""
        return Asked(number=number, name=search_key(written))
    closed = re.sub(r"[\s-]", "", written).upper()
    # A hyphen may be part of a document's number, and only parts a phone's.
    document = re.sub(r"\s", "", written).upper()
    return Asked(
        # A card shows its number in groups of four, and so do people type it.
        number=closed if _is_on_a_card(closed) else written,
        phone=closed if closed.isdigit() and len(closed) >= _PHONE_FROM else "",
        document=document if _DOCUMENT.fullmatch(document) else "",
        tail=closed if _TAIL.fullmatch(closed) else "",
    )


def _is_on_a_card(number: str) -> bool:
    return is_card_number(number) or is_service_card_number(number)
