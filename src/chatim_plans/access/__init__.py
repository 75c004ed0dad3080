"""Owns what an account may do at an instant, why, until when, and what people are told.

Does not own money owed: access reads a `Subscription` and never meets billing. Authenticating
people and finding their account are the application's.
"""

from chatim_plans.access.entitlements import Decision, Entitlements, Reason, entitlements
from chatim_plans.access.notices import (
    AccountRestrictedNotice,
    ChangeScheduledNotice,
    Notice,
    PaymentRequiredBecause,
    PaymentRequiredNotice,
    PriceChangeNotice,
    SeatsOverLimitNotice,
    TrialEndedNotice,
    TrialRunningNotice,
    notices,
)
from chatim_plans.access.roles import Role, can_manage_billing
from chatim_plans.access.what_if import (
    DowngradeReport,
    difference,
    downgrade_report,
    entitlements_after,
)

__all__ = [
    "Entitlements",
    "entitlements",
    "entitlements_after",
    "difference",
    "Decision",
    "Reason",
    "DowngradeReport",
    "downgrade_report",
    "Notice",
    "AccountRestrictedNotice",
    "PaymentRequiredBecause",
    "PaymentRequiredNotice",
    "TrialEndedNotice",
    "SeatsOverLimitNotice",
    "ChangeScheduledNotice",
    "PriceChangeNotice",
    "TrialRunningNotice",
    "notices",
    "Role",
    "can_manage_billing",
]
