from scheme.models.catalogue import CatalogueItem, GiftBand
from scheme.models.item import Item
from scheme.models.scheme import Scheme
from scheme.models.tier import TierBenefit, TierRule

__all__ = ["CatalogueItem", "GiftBand", "Item", "Scheme", "TierBenefit", "TierRule"]
