"""Owns who holds what, since when, and what is agreed to change: facts, actions, the lifecycle.

Does not own prices of what happens (billing) nor answers to "may I?" (access): it hands billing
the occurrences that have a price, and access the facts as time leaves them.
"""

from chatim_plans.subscriptions.actions import (
    Action,
    AddPaymentMethod,
    AdjustCredit,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    MoveToEdition,
    MoveTrialEnd,
    PaymentFailed,
    PaymentSucceeded,
    Refunded,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
)
from chatim_plans.subscriptions.moves import EventKind
from chatim_plans.subscriptions.refusals import (
    AccountRestrictedError,
    ActionRefusedError,
    IntervalMismatchError,
    PaymentMethodRequiredError,
    PaymentOverdueError,
    PlanNotOfferedError,
    Refusal,
    SeatLimitError,
    TrialRefusedError,
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
from chatim_plans.subscriptions.trials import TrialEligibility, TrialRefusal, trial_eligibility

__all__ = [
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
    "MoveTrialEnd",
    "AdjustCredit",
    "Refunded",
    "EventKind",
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
    "Refusal",
    "ActionRefusedError",
    "SeatLimitError",
    "PaymentMethodRequiredError",
    "PaymentOverdueError",
    "AccountRestrictedError",
    "TrialRefusedError",
    "PlanNotOfferedError",
    "IntervalMismatchError",
]
