from staff.models.encrypted import EncryptedTextField, keyed_hash
from members.models.membership import Membership
from members.models.patient import Patient

__all__ = ["EncryptedTextField", "Membership", "Patient", "keyed_hash"]
