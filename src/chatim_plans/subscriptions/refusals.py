"""What an account may not do now: each refusal says why, and what to do instead (rule P7)."""

from __future__ import annotations

from typing import Never

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.features import Quota, within
from chatim_plans.errors import (
    AccountRestrictedError,
    ActionRefusedError,
    IntervalMismatchError,
    PaymentMethodRequiredError,
    SeatLimitError,
    TrialRefusedError,
)
from chatim_plans.subscriptions.moves import Move
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.subscription import OnPaid, Subscription
from chatim_plans.subscriptions.trials import TrialEligibility, trial_eligibility


def refuse_trial(subscription: Subscription, _move: Move) -> Never:
    """A trial is for new accounts, which one on a trial or a paid plan is not (rule R2)."""
    raise _no_trial(trial_eligibility(subscription))


def refuse_restart(_subscription: Subscription, _move: Move) -> Never:
    """StartFree opens a history and stands nowhere else in one (rule P7)."""
    because = "StartFree opens a history, and this account has one"
    raise ActionRefusedError(because, "use Cancel to go back to Free")


def refuse_restricted(subscription: Subscription, _move: Move) -> Never:
    """A restricted account can pay, shrink or cancel (rule D2)."""
    because = "the account is restricted until a payment succeeds"
    instead = "settle the open invoice first (PaymentSucceeded); shrinking and cancelling work"
    raise AccountRestrictedError(because, instead, subscription.plan)


def refuse_without_payment_method(rate: Rate) -> Never:
    """What charges at once needs a payment method on file (rules P1, P2, R6, S2)."""
    plan, seats = rate.plan, rate.seats
    because = f"{plan.key!r} with {seats} seats charges at once, and no payment method is on file"
    raise PaymentMethodRequiredError(because, "add one first (AddPaymentMethod)", plan, seats)


def refuse_seat_count() -> Never:
    """A seat count comes only with a choice that takes effect at once (rule P7)."""
    because = "a seat count can come only with a choice that starts a plan or upgrades it"
    raise ActionRefusedError(because, "choose the plan without seats, and use ChangeSeats")


def check_new(subscription: Subscription) -> None:
    """A trial is for new accounts: no trial and no invoice ever (rule R2)."""
    eligibility = trial_eligibility(subscription)
    if not eligibility.eligible:
        raise _no_trial(eligibility)


def check_room(subscription: Subscription, move: Move) -> None:
    """Growing past the plan's seat limit is refused; a team already over it is not (S3, S4)."""
    plan, seats = move.rate.plan, move.rate.seats
    limit = plan.limits[Quota.seats]
    if seats <= subscription.seats or within(seats, limit):
        return
    cheapest = subscription.catalog.cheapest_within(Quota.seats, seats)
    instead = "no plan allows that many" if cheapest is None else f"choose {cheapest.key!r} first"
    because = f"{seats} seats are more than the {limit} of {plan.key!r}"
    raise SeatLimitError(because, instead, seats, limit, plan, cheapest)


def check_interval(subscription: Subscription, move: Move) -> None:
    """Inside a paid period no paid plan of another interval can be chosen (rule C6)."""
    plan, phase = move.rate.plan, subscription.phase
    if isinstance(phase, OnPaid) and plan.interval_months not in (None, phase.cycle.months):
        because = (
            f"{plan.key!r} is not billed by the interval that runs, {phase.cycle.months} months"
        )
        instead = "cancel, and choose it when the account is on Free"
        raise IntervalMismatchError(because, instead, plan, phase.cycle.months)


def check_invoiced(subscription: Subscription) -> None:
    """There is no payment to report on an account that was never invoiced (rule D4)."""
    if not subscription.was_invoiced:
        because = "a payment was reported on an account that was never invoiced"
        raise ActionRefusedError(because, "check which account the report belongs to")


def check_edition(held: Catalog, new: Catalog) -> None:
    """A new edition has every plan of the old one, its currency, free plan and intervals (C5)."""
    fault = held.fault_of_successor(new)
    if fault is not None:
        because = f"an account of edition {held.edition!r} cannot move to {new.edition!r}: {fault}"
        raise ActionRefusedError(because, "keep every plan key, its interval and the currency")


def _no_trial(eligibility: TrialEligibility) -> TrialRefusedError:
    because = f"a trial is for new accounts, and this one is not ({eligibility.reason})"
    return TrialRefusedError(because, "choose a plan with ChoosePlan", eligibility.reason)
