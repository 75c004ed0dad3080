"""Who may have the free trial, and how much of it is left."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import seconds_between
from chatim_plans.foundation.values import Value
from chatim_plans.subscriptions.subscription import OnTrial, Subscription

_DAY = 86_400


class TrialRefusal(StrEnum):
    """Why an account cannot have a trial. Source: rule R2.

    >>> from chatim_plans import StartTrial, TrialRefusal, open_account, trial_eligibility, utc
    >>> account = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account
    >>> trial_eligibility(account.subscription).reason is TrialRefusal.had_trial
    True
    """

    had_trial = "had_trial"
    was_invoiced = "was_invoiced"


@frozen(order=False)
class TrialEligibility(Value):
    """Whether an account may start a trial, and why not: `reason` is None when it may.

    It is true where the account may.

    >>> from chatim_plans import StartFree, open_account, trial_eligibility, utc
    >>> account = open_account(StartFree(at=utc("2026-03-01 12:00"))).account
    >>> trial_eligibility(account.subscription)
    TrialEligibility(eligible=True, reason=None)
    >>> "try Pro for 30 days" if trial_eligibility(account.subscription) else "choose a plan"
    'try Pro for 30 days'

    Raises:
        InvalidTypeError, InvalidValueError: a reason with a yes, or a no without one.

    Source: rule R2.
    """

    eligible: bool
    reason: TrialRefusal | None

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.eligible, bool, "eligible")
        if self.reason is not None:
            shapes.instance(self.reason, TrialRefusal, "reason")
        if self.eligible is not (self.reason is None):
            expected = "None for a yes" if self.eligible else "why not, for a no"
            raise InvalidValueError("reason", self.reason, expected)

    def __bool__(self) -> bool:
        return self.eligible


def trial_eligibility(subscription: Subscription) -> TrialEligibility:
    """Whether the account is new: it never had a trial and was never invoiced.

    >>> from chatim_plans import StartTrial, open_account, trial_eligibility, utc
    >>> account = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account
    >>> trial_eligibility(account.subscription).reason
    <TrialRefusal.had_trial: 'had_trial'>

    Raises:
        InvalidTypeError: no subscription.

    Source: rule R2.
    """
    facts = shapes.instance(subscription, Subscription, "subscription")
    if facts.tried_plan is not None:
        return TrialEligibility(eligible=False, reason=TrialRefusal.had_trial)
    if facts.was_invoiced:
        return TrialEligibility(eligible=False, reason=TrialRefusal.was_invoiced)
    return TrialEligibility(eligible=True, reason=None)


def trial_days_left(trial: OnTrial, at: datetime) -> int:
    """The days of `trial` left at `at`, counted up: its last second counts as a day. Rule R7."""
    return -(seconds_between(trial.trial_end, at) // _DAY)
