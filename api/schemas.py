"""What the API takes and gives, for its answers and its page.

Requests are read by the parsers of the apps, not by these schemas: one parser per kind of row.
"""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

Identifier = Annotated[str, Field(min_length=1, max_length=64, examples=["00001"])]
Yuan = Annotated[
    str, Field(pattern=r"^\d{1,8}(\.\d{1,2})?$", examples=["128.50"], description="元，大于 0")
]
Time = Annotated[
    str,
    Field(examples=["2026-01-31T09:30:00+08:00"], json_schema_extra={"format": "date-time"}),
]
Day = Annotated[str, Field(examples=["2026-01-31"], json_schema_extra={"format": "date"})]
Sex = Literal["male", "female"]
Tier = Annotated[str, Field(examples=["vip"], description="ordinary, senior, vip, diamond")]
Document = Literal[
    "resident_id",
    "passport",
    "hk_macau_permit",
    "taiwan_permit",
    "foreigner_id",
    "military_id",
    "birth_certificate",
    "other",
]


class PatientFile(Schema):
    """A patient file; an omitted field stays as it is, null clears it."""

    name: str
    sex: Sex | None = None
    birth_date: Day | None = None
    phone: str | None = None
    document_type: Document | None = None
    id_number: str | None = None
    address: str | None = None


class NewPayment(Schema):
    """A receipt; `amount` is what the patient paid."""

    receipt_number: Identifier
    file_number: Identifier
    amount: Yuan
    paid_at: Time
    department: str | None = None
    doctor: str | None = None
    note: str | None = None


class NewRefund(Schema):
    """Yuan given back on a receipt, in whole or in part."""

    refund_number: Identifier
    receipt_number: Identifier
    amount: Yuan
    refunded_at: Time
    reason: str


class NewCorrection(Schema):
    """How a receipt should have been: an omitted field, or null, stays as it is.

    `void` takes it back and enters nothing instead, `reenter` enters again what was taken back;
    `revision` is the one to be corrected.
    """

    reason: str
    revision: int | None = None
    void: bool = False
    reenter: bool = False
    file_number: Identifier | None = None
    amount: Yuan | None = None
    paid_at: Time | None = None
    department: str | None = None
    doctor: str | None = None
    note: str | None = None


class NewMember(Schema):
    """The registration form, with a guardian for someone under 18."""

    file_number: Identifier
    name: str
    sex: Sex
    phone: str
    birth_date: Day | None = None
    document_type: Document | None = None
    id_number: str
    address: str
    accepts_follow_up: bool
    accepts_post: bool
    accepts_activities: bool
    explained: Literal[True]
    signed_on: Day
    guardian_name: str | None = None
    guardian_relation: str | None = None
    guardian_phone: str | None = None


class NewRedemption(Schema):
    """Points spent on an item of the catalogue; the same key again buys nothing more.

    `teeth` in FDI notation, as many as pieces, where the item is sold by the tooth.
    """

    idempotency_key: Identifier
    membership_number: Identifier
    item: Identifier
    quantity: Annotated[int, Field(ge=1, le=999)]
    teeth: list[str] | None = None
    beneficiary_file_number: Identifier | None = None


class NewRedemptionCancel(Schema):
    """Why a redemption is taken back; the body may be missing."""

    reason: str | None = None


class Due(Schema):
    """What the levels bring and is not yet issued or used."""

    code: str
    kind: Literal["gift", "service"]
    quantity: int
    expires_on: Day | None


class Patient(Schema):
    file_number: str
    name: str
    membership_number: str | None
    tier: Tier | None
    cumulative_points: int
    available_points: int
    can_enrol: bool
    due: list[Due] = []


class Entry(Schema):
    """One line of the points ledger."""

    seq: int
    kind: str
    cumulative_delta: int
    available_delta: int
    cumulative_after: int
    available_after: int
    occurred_at: Time
    recorded_at: Time
    reference: str


class Ledger(Schema):
    entries: list[Entry]


class Payment(Schema):
    receipt_number: str
    points: int
    cumulative_points: int
    available_points: int
    tier: Tier | None
    tier_reached: Tier | None
    can_enrol: bool
    due: list[Due] = []


class TakenFrom(Schema):
    """The patient from whom a receipt was taken, as of now."""

    file_number: str
    cumulative_points: int
    available_points: int
    tier: Tier | None


class Correction(Schema):
    """The patient to whom the receipt belongs now, and the one from whom it was taken.

    A receipt that was only taken back has no revision and 0 points: it belongs to nobody, and
    the figures are those of the patient from whom it was taken.
    """

    receipt_number: str
    revision: int | None
    points: int
    cumulative_points: int
    available_points: int
    tier: Tier | None
    tier_reached: Tier | None
    can_enrol: bool
    due: list[Due] = []
    corrected: TakenFrom


class Refund(Schema):
    refund_number: str
    points: int
    cumulative_points: int
    available_points: int
    tier: Tier | None
    review_opened: bool


class Member(Schema):
    membership_number: str
    file_number: str
    tier: Tier | None
    due: list[Due] = []


class Redemption(Schema):
    """A redemption: `points` in all, and what was available right after it."""

    redemption_number: str
    membership_number: str
    item: str
    quantity: int
    points: int
    available_points: int
    teeth: list[str]
    expires_on: Day | None
    cancelled: bool


class RedemptionCancel(Schema):
    """A redemption taken back: the points that returned, and what was available right after."""

    redemption_number: str
    points: int
    available_points: int


class Entitlement(Schema):
    """One gift or service of a member; `period` is a year, `once:LEVEL` or `redemption:NUMBER`."""

    code: str
    kind: Literal["gift", "service"]
    period: str
    ordinal: int
    state: Literal["open", "claimed", "used", "lapsed", "superseded", "held"]
    expires_on: Day | None


class Entitlements(Schema):
    entitlements: list[Entitlement]


class Error(Schema):
    code: str
    message: str
    field: str | None


class Refused(Schema):
    error: Error


def answers(*statuses: int, schema: type[Schema]) -> dict[int, type[Schema]]:
    """What an endpoint gives: `schema` on success, a refusal otherwise."""
    refusals = (400, 401, 403, 404, 409, 413, 422, 500, 503)
    return dict.fromkeys(statuses, schema) | dict.fromkeys(refusals, Refused)


def body(schema: type[Schema]) -> dict[str, Any]:
    """The body that an endpoint takes, for the API's page only."""
    content = {"application/json": {"schema": schema.json_schema()}}
    return {"requestBody": {"required": True, "content": content}}
