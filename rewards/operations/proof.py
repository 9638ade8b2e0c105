from datetime import datetime
from typing import TypedDict

from members.models import Patient, Signature
from members.operations.signatures import keep_signature
from rewards.rules.proof import Proof
from staff.models import User
from staff.refusals import operation


class Proven(TypedDict):
    """The fields of an issue, a claim or a use that hold its proof."""

    signature: Signature | None
    slip_number: str


@operation
def keep_proof(*, patient: Patient, proof: Proof, by: User, now: datetime) -> Proven:
    """Put a signature on record and return what goes with each thing that it proves.

    Raises Refusal 422 where text or drawing is missing.
    """
    signature = None
    if proof.signed:
        signature = keep_signature(patient=patient, signed=proof.signed, by=by, now=now)
    return {"signature": signature, "slip_number": proof.slip_number}
