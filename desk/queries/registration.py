"""The paper form 会员登记表 (S2:173-194), blank or filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from desk.queries.enrolment import FORM_TITLE
from members.models import Membership, Patient, Signature
from members.queries.changes import last_change
from members.rules import DOCUMENT_TYPES, RESIDENT_ID
from members.rules.enrolment import CONSENTS


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the form; `answer` is None while nobody has answered."""

    label: str
    answer: bool | None


@dataclass(frozen=True, slots=True)
class PaperForm:
    """What stands on the sheet, in full."""

    title: str
    document_label: str
    questions: Sequence[Question]
    patient: Patient | None = None
    membership: Membership | None = None
    signed_on: date | None = None
    signature: Signature | None = None
    changed_after_signing: bool = False


def blank_form() -> PaperForm:
    """The sheet for a pen."""
    questions = [Question(label, None) for label in CONSENTS.values()]
    return PaperForm(FORM_TITLE, "身份证号", questions)


def filled_form(patient: Patient) -> PaperForm:
    """The sheet with what is stored now; of who is no member yet, without answers."""
    member = Membership.objects.filter(patient=patient).select_related("signature").first()
    signature = member.signature if member else None
    last = last_change(patient)
    return PaperForm(
        title=FORM_TITLE,
        document_label=_document_label(patient),
        questions=[
            Question(label, getattr(member, field) if member else None)
            for field, label in CONSENTS.items()
        ],
        patient=patient,
        membership=member,
        signed_on=member.signed_on if member else None,
        signature=signature if signature and signature.is_whole else None,
        changed_after_signing=bool(signature and last and last.changed_at > signature.signed_at),
    )


def _document_label(patient: Patient) -> str:
    kind = patient.document_type or RESIDENT_ID
    return "身份证号" if kind == RESIDENT_ID else f"{DOCUMENT_TYPES[kind]}号码"
