from members.models.membership import Membership
from members.models.merging import DistinctFiles, FileMerge
from members.models.patient import Patient
from staff.models.encrypted import EncryptedTextField, keyed_hash

__all__ = [
    "DistinctFiles",
    "EncryptedTextField",
    "FileMerge",
    "Membership",
    "Patient",
    "keyed_hash",
]
