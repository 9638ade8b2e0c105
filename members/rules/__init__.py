"""What a patient file and a membership may say. Pure."""

from members.rules.details import PatientDetails, details_from
from members.rules.documents import (
    DOCUMENT_TYPES,
    FAMILY_DOCUMENTS,
    RESIDENT_ID,
    born_on,
    document_number,
    document_type,
    resident_id_check_digit,
    sex_of,
)
from members.rules.enrolment import EnrolmentForm, Guardian, check_membership, enrolment_form
from members.rules.masks import masked_address, masked_document, masked_phone
from members.rules.names import search_key, search_keys
from members.rules.numbers import (
    card_number,
    is_card_number,
    is_membership_number,
    is_service_card_number,
    membership_number,
    service_card_number,
)
from members.rules.person import SEXES, age_on
from members.rules.searching import Asked, asked

__all__ = [
    "DOCUMENT_TYPES",
    "FAMILY_DOCUMENTS",
    "RESIDENT_ID",
    "SEXES",
    "Asked",
    "EnrolmentForm",
    "Guardian",
    "PatientDetails",
    "age_on",
    "asked",
    "born_on",
    "card_number",
    "check_membership",
    "details_from",
    "document_number",
    "document_type",
    "enrolment_form",
    "is_card_number",
    "is_membership_number",
    "is_service_card_number",
    "masked_address",
    "masked_document",
    "masked_phone",
    "membership_number",
    "resident_id_check_digit",
    "search_key",
    "search_keys",
    "service_card_number",
    "sex_of",
]
