from scheme.models.catalogue import CatalogueItem, GiftBand
from scheme.models.item import Item, PriceChange
from scheme.models.scheme import Scheme
from scheme.models.tier import TierBenefit, TierRule

__all__ = ["CatalogueItem", "GiftBand", "Item", "PriceChange", "Scheme", "TierBenefit", "TierRule"]
