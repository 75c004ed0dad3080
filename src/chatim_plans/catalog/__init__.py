"""Owns what is on offer: features, quotas, plans, their matrix, catalogues and their wording.

Does not own customers, instants or invoices: nothing here knows who bought what, or when.
`chatim` is the published price list.
"""

from chatim_plans.catalog.catalogs import BillingMode, Catalog, InvalidCatalogError, Terms
from chatim_plans.catalog.chatim import CHATIM, FREE, PRO, ULTIMATE
from chatim_plans.catalog.features import UNLIMITED, Feature, Limit, Limits, Quota
from chatim_plans.catalog.labels import comparison_table, label, price_table
from chatim_plans.catalog.matrix import Difference, FeatureMatrix, LimitChange
from chatim_plans.catalog.plans import Plan

__all__ = [
    "Feature",
    "Quota",
    "UNLIMITED",
    "Limit",
    "Limits",
    "Plan",
    "FeatureMatrix",
    "Difference",
    "LimitChange",
    "BillingMode",
    "Terms",
    "Catalog",
    "FREE",
    "PRO",
    "ULTIMATE",
    "CHATIM",
    "price_table",
    "comparison_table",
    "label",
    "InvalidCatalogError",
]
