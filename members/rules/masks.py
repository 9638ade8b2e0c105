"""What a screen shows of what it does not show (R41)."""


def masked_phone(last4: str) -> str:
    """What a screen shows of a phone: its last four digits."""
    return f"•••••••{last4}" if last4 else ""


def masked_document(last4: str) -> str:
    """What a screen shows of a document number: its last four characters."""
    return f"••••••••••••••{last4}" if last4 else ""


def masked_address(address: str) -> str:
    """What a screen shows of an address: six characters at most, never the last three."""
    return f"{address[:-3][:6]}……" if address else ""
