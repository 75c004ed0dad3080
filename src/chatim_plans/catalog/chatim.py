"""The published price list of Chatim: the one place where $19 is written. Source: rules C1, C2."""

from __future__ import annotations

from chatim_plans.catalog.catalogs import Catalog, Terms
from chatim_plans.catalog.features import UNLIMITED, Feature, Limit, Quota
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.money import USD, Money

_UNLIMITED_USE: dict[str, Limit] = {Quota.chats: UNLIMITED, Quota.chatbot_flows: UNLIMITED}

FREE = Plan(
    key="free",
    price=Money(0, USD),
    interval_months=None,
    features={Feature.javascript_sdk},
    limits={Quota.seats: 1, **_UNLIMITED_USE},
)
"""The free plan: one seat, nothing to pay. Source: rules C1, C2.

>>> from chatim_plans import FREE
>>> str(FREE.price), FREE.interval_months, FREE.limit("seats")
('0.00 USD', None, 1)
"""

PRO = Plan(
    key="pro",
    price=Money(19_00, USD),
    interval_months=1,
    features=FREE.features
    | {
        Feature.visitor_export,
        Feature.custom_branding,
        Feature.contact_buttons,
        Feature.advanced_analytics,
        Feature.standard_support,
    },
    limits={Quota.seats: UNLIMITED, **_UNLIMITED_USE},
)
"""Pro: 19.00 USD per seat and month, any number of seats. Source: rules C1, C2.

>>> from chatim_plans import PRO
>>> str(PRO.charge(3)), PRO.allows("visitor_export"), PRO.allows("api_access")
('57.00 USD', True, False)
"""

ULTIMATE = Plan(
    key="ultimate",
    price=Money(39_00, USD),
    interval_months=1,
    features=PRO.features
    | {
        Feature.white_label,
        Feature.api_access,
        Feature.ai_chatbot,
        Feature.priority_support,
    },
    limits=PRO.limits,
)
"""Ultimate: 39.00 USD per seat and month, every feature. Source: rules C1, C2.

>>> from chatim_plans import ULTIMATE, Feature
>>> str(ULTIMATE.charge(5)), all(ULTIMATE.allows(feature) for feature in Feature)
('195.00 USD', True)
"""

CHATIM = Catalog(
    edition="2026",
    plans=(FREE, PRO, ULTIMATE),
    terms=Terms(
        trial_plan=PRO.key,
        trial_days=30,
        refund_days=14,
        smallest_charge=Money(50, USD),
        seat_lines_at_once=False,
        accepted_cards=("visa", "mastercard", "amex", "discover", "debit", "regional"),
    ),
)
"""What is on sale: Free, Pro and Ultimate, in US dollars, and on which terms. Source: rule C1.

>>> from chatim_plans import CHATIM
>>> CHATIM.edition, [str(plan) for plan in CHATIM.plans]
('2026', ['free 0.00 USD', 'pro 19.00 USD', 'ultimate 39.00 USD'])
"""
