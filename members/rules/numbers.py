"""Member numbers and card numbers, each with its check digit."""


def membership_number(sequence: int) -> str:
    """The member number of the n-th member: eight digits and an ISO 7064 MOD 11,10 check digit."""
    body = f"{10_000_000 + sequence}"
    return body + str(_mod_11_10(body))


def is_membership_number(written: str) -> bool:
    """Whether `written` carries the right check digit."""
    return (
        written.isascii()
        and written.isdigit()
        and len(written) >= 9
        and written[-1] == str(_mod_11_10(written[:-1]))
    )


def card_number(drawn: int) -> str:
    """The card number for a number drawn by lot below 10 ** 10: 8, ten digits, a check digit.

    Drawn, not counted: nobody can guess another member's card.
    """
    return _drawn_number("8", drawn)


def is_card_number(written: str) -> bool:
    """Whether `written` has the shape of a card number and the right check digit."""
    return _is_drawn_number("8", written)


def service_card_number(drawn: int) -> str:
    """The number of a service card (R39), drawn by lot below 10 ** 10 like that of a card: 7."""
    return _drawn_number("7", drawn)


def is_service_card_number(written: str) -> bool:
    """Whether `written` has the shape of a service card's number and the right check digit."""
    return _is_drawn_number("7", written)


def _drawn_number(kind: str, drawn: int) -> str:
    body = f"{kind}{drawn:010}"
    return body + str(_mod_11_10(body))


def _is_drawn_number(kind: str, written: str) -> bool:
    return len(written) == 12 and written[0] == kind and is_membership_number(written)


def _mod_11_10(digits: str) -> int:
    carry = 10
    for digit in digits:
        carry = (carry + int(digit)) % 10 or 10
        carry = carry * 2 % 11
    return (11 - carry) % 10
