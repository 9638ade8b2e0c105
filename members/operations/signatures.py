from datetime import datetime

from members.models import Patient, Signature, signature_digest
from members.rules.signing import Signed
from staff.models import User
from staff.refusals import operation


@operation
def keep_signature(*, patient: Patient, signed: Signed, by: User, now: datetime) -> Signature:
    """Put on record what a patient signed on the screen, with a digest over text and drawing.

    Raises Refusal 422 where one of the two is missing.
    """
    return Signature.objects.create(
        patient=patient,
        text=signed.text,
        image=signed.image,
        digest=signature_digest(signed.text, signed.image),
        signed_at=now,
        taken_by=by,
    )
