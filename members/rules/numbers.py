"""Member numbers and their check digit."""


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


def _mod_11_10(digits: str) -> int:
    carry = 10
    for digit in digits:
        carry = (carry + int(digit)) % 10 or 10
        carry = carry * 2 % 11
    return (11 - carry) % 10
