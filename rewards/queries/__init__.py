from rewards.queries.books import broken_rows
from rewards.queries.entitlements import entitlements_of, entitlements_of_member

__all__ = ["broken_rows", "entitlements_of", "entitlements_of_member"]
