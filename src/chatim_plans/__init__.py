"""What a Chatim customer may do, what they owe, and what happens next.

Values in, values out: no I/O, no clock. Amounts are whole minor units, instants are UTC at whole
seconds, periods are half-open.
"""

from chatim_plans.access.downgrades import DowngradeReport, downgrade_report
from chatim_plans.access.entitlements import (
    Decision,
    Entitlements,
    Reason,
    entitlements,
)
from chatim_plans.access.notices import (
    AccountRestrictedNotice,
    ChangeScheduledNotice,
    Notice,
    PaymentRequiredNotice,
    SeatsOverLimitNotice,
    TrialEndedNotice,
    TrialRunningNotice,
    notices,
)
from chatim_plans.access.roles import Role, can_manage_billing
from chatim_plans.access.what_if import difference, entitlements_after
from chatim_plans.billing.accounts import Account, Statement
from chatim_plans.billing.charges import monthly_charge
from chatim_plans.billing.histories import (
    advance,
    apply,
    open_account,
    preview,
    replay,
    upcoming_invoice,
)
from chatim_plans.billing.invoices import Invoice
from chatim_plans.billing.lines import Line, LineKind
from chatim_plans.billing.proration import prorate
from chatim_plans.catalog.catalogs import Catalog, Terms
from chatim_plans.catalog.chatim import CHATIM, FREE, PRO, ULTIMATE
from chatim_plans.catalog.features import UNLIMITED, Feature, Limit, Limits, Quota
from chatim_plans.catalog.matrix import Difference, FeatureMatrix, LimitChange
from chatim_plans.catalog.plans import Plan
from chatim_plans.catalog.wording import comparison_table, label, price_table
from chatim_plans.errors import (
    AccountRestrictedError,
    ActionRefusedError,
    CurrencyMismatchError,
    IntervalMismatchError,
    InvalidCatalogError,
    InvalidFrameError,
    InvalidStripeError,
    InvalidTypeError,
    InvalidValueError,
    InvalidWireError,
    OutOfOrderError,
    PaymentMethodRequiredError,
    PlanNotOfferedError,
    PlansError,
    SeatLimitError,
    TrialRefusedError,
    UnknownKeyError,
)
from chatim_plans.foundation.money import USD, Currency, Money
from chatim_plans.foundation.periods import Cycle, Period
from chatim_plans.foundation.rounding import Rounding
from chatim_plans.subscriptions.actions import (
    Action,
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    MoveToEdition,
    PaymentFailed,
    PaymentSucceeded,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
)
from chatim_plans.subscriptions.subscription import (
    OnFree,
    OnPaid,
    OnTrial,
    Phase,
    ScheduledChange,
    Standing,
    Status,
    Subscription,
)
from chatim_plans.subscriptions.timing import change_takes_effect, days_left, status
from chatim_plans.subscriptions.trials import (
    TrialEligibility,
    TrialRefusal,
    trial_eligibility,
)

__all__ = [
    # foundation
    "Currency",
    "USD",
    "Money",
    "Rounding",
    "Period",
    "Cycle",
    # catalog
    "Feature",
    "Quota",
    "UNLIMITED",
    "Limit",
    "Limits",
    "Plan",
    "FeatureMatrix",
    "Difference",
    "LimitChange",
    "Terms",
    "Catalog",
    "FREE",
    "PRO",
    "ULTIMATE",
    "CHATIM",
    "price_table",
    "comparison_table",
    "label",
    # subscriptions
    "Action",
    "StartTrial",
    "StartFree",
    "ChoosePlan",
    "ChangeSeats",
    "Cancel",
    "Resume",
    "AddPaymentMethod",
    "RemovePaymentMethod",
    "PaymentFailed",
    "PaymentSucceeded",
    "MoveToEdition",
    "Subscription",
    "Phase",
    "OnFree",
    "OnTrial",
    "OnPaid",
    "Standing",
    "ScheduledChange",
    "Status",
    "status",
    "TrialEligibility",
    "TrialRefusal",
    "trial_eligibility",
    "days_left",
    "change_takes_effect",
    # billing
    "monthly_charge",
    "prorate",
    "Line",
    "LineKind",
    "Invoice",
    "Account",
    "Statement",
    "open_account",
    "apply",
    "advance",
    "preview",
    "replay",
    "upcoming_invoice",
    # access
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
    "PaymentRequiredNotice",
    "TrialEndedNotice",
    "SeatsOverLimitNotice",
    "ChangeScheduledNotice",
    "TrialRunningNotice",
    "notices",
    "Role",
    "can_manage_billing",
    # errors
    "PlansError",
    "InvalidValueError",
    "InvalidTypeError",
    "CurrencyMismatchError",
    "UnknownKeyError",
    "InvalidCatalogError",
    "OutOfOrderError",
    "ActionRefusedError",
    "SeatLimitError",
    "PaymentMethodRequiredError",
    "AccountRestrictedError",
    "TrialRefusedError",
    "PlanNotOfferedError",
    "IntervalMismatchError",
    "InvalidWireError",
    "InvalidStripeError",
    "InvalidFrameError",
]
