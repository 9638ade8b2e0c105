from members.models.access import AccessLog
from members.models.card import Card
from members.models.change import DetailsChange
from members.models.household import Household, HouseholdPerson
from members.models.joining import JoinTalk
from members.models.membership import Membership
from members.models.merging import DistinctFiles, FileMerge
from members.models.patient import Patient
from members.models.search import SearchKey
from members.models.signature import Signature, signature_digest
from staff.models.encrypted import EncryptedTextField, keyed_hash

__all__ = [
    "AccessLog",
    "Card",
    "DetailsChange",
    "DistinctFiles",
    "EncryptedTextField",
    "FileMerge",
    "Household",
    "HouseholdPerson",
    "JoinTalk",
    "Membership",
    "Patient",
    "SearchKey",
    "Signature",
    "keyed_hash",
    "signature_digest",
]
