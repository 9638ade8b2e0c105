"""Service cards as the desk asks for them."""

from rewards.models import Claim, Undoing, Use

_ABOUT = ("membership__patient__merged_into", "item", "child__merged_into", "by")


def service_card(code: str) -> Claim | None:
    """The claim whose card carries this number, stopped and used ones too."""
    return Claim.objects.select_related(*_ABOUT).filter(code=code).first()


def claim_numbered(pk: int) -> Claim:
    """A claim with its people. Raises Claim.DoesNotExist."""
    return Claim.objects.select_related(*_ABOUT).get(pk=pk)


def use_of(claim: Claim) -> Use | None:
    """The use that this claim went into; None while it waits."""
    uses = Use.objects.select_related("beneficiary", "by").filter(claim=claim, voided=False)
    return uses.first()


def undoing_of(claim: Claim) -> Undoing | None:
    """Why and by whom the claim was stopped; None for a live one."""
    return Undoing.objects.select_related("by").filter(claim=claim).first()
