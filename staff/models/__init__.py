from staff.models.approval import Approval
from staff.models.designation import Designation
from staff.models.encrypted import EncryptedTextField, keyed_hash
from staff.models.exports import Export
from staff.models.imports import Import, ImportChunk
from staff.models.token import ApiToken
from staff.models.user import Department, Doctor, User

__all__ = [
    "ApiToken",
    "Approval",
    "Department",
    "Designation",
    "Doctor",
    "EncryptedTextField",
    "Export",
    "Import",
    "ImportChunk",
    "User",
    "keyed_hash",
]
