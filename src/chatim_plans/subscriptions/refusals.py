"""What an account may not do now: each refusal says why, and what to do instead (rule P7)."""

from __future__ import annotations

from datetime import datetime
from typing import Never

from attrs import define

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.features import Limit, Quota, within
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.errors import PlansError
from chatim_plans.foundation.values import counted
from chatim_plans.subscriptions.actions import ChoosePlan
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.subscription import Subscription
from chatim_plans.subscriptions.trials import TrialRefusal, trial_eligibility


@define
class ActionRefusedError(PlansError, ValueError):
    """An action that cannot apply to this account now; the account stays as it was (rule P7)."""

    because: str
    instead: str

    def __str__(self) -> str:
        return f"refused: {self.because}; {self.instead}"


@define
class SeatLimitError(ActionRefusedError):
    """More seats than the plan has (rule S3)."""

    seats: int
    limit: Limit
    plan: Plan
    cheapest_plan: Plan | None


@define
class PaymentMethodRequiredError(ActionRefusedError):
    """A choice that charges at once, and no payment method on file (rules P1, P2, R6, S2)."""

    plan: Plan
    seats: int


@define
class AccountRestrictedError(ActionRefusedError):
    """A restricted account can pay, shrink or cancel, and nothing more (rule D2)."""

    held_plan: Plan


@define
class PaymentOverdueError(ActionRefusedError):
    """An account that has not paid can start, raise or lengthen nothing (rules B11, D8)."""

    held_plan: Plan


@define
class TrialRefusedError(ActionRefusedError):
    """A trial for an account that is not new (rule R2); `reason` is the eligibility's."""

    reason: TrialRefusal | None


@define
class PlanNotOfferedError(ActionRefusedError):
    """A plan that the account's edition does not sell, or has retired (rules C5, C8, C9)."""

    plan: Plan
    edition: str


@define
class IntervalMismatchError(ActionRefusedError):
    """A plan of another interval than the one asked for (rule B1)."""

    plan: Plan
    expected_months: int


def refuse_without_payment_method(rate: Rate) -> Never:
    """What charges at once needs a payment method on file (rules P1, P2, R6, S2)."""
    plan, seats = rate.plan, rate.seats
    team = counted(seats, "seat")
    because = f"{plan.key!r} with {team} charges at once, and no payment method is on file"
    raise PaymentMethodRequiredError(because, "add one first (AddPaymentMethod)", plan, seats)


def check_seat_count(subscription: Subscription, choice: ChoosePlan) -> None:
    """A seat count comes only with a choice that takes effect at once; the plan and the count that
    already hold are no choice (rule P7).
    """
    holds = choice.plan.key == subscription.plan.key and choice.seats == subscription.seats
    if choice.seats is not None and not holds:
        because = "a seat count can come only with a choice that starts a plan or upgrades it"
        raise ActionRefusedError(because, "choose the plan without seats, and use ChangeSeats")


def check_new(subscription: Subscription) -> None:
    """A trial is for new accounts: no trial and no invoice ever (rule R2)."""
    if not trial_eligibility(subscription).eligible:
        refuse_trial(subscription)


def refuse_trial(subscription: Subscription) -> Never:
    """The account is not new: it had a trial, or was invoiced, or is on a paid plan (rule R2)."""
    reason = trial_eligibility(subscription).reason
    because = f"a trial is for new accounts, and this one is not ({reason})"
    raise TrialRefusedError(because, "choose a plan with ChoosePlan", reason)


def check_room(subscription: Subscription, rate: Rate) -> None:
    """Growing past the plan's seat limit is refused; a team already over it is not (S3, S4)."""
    plan, seats = rate.plan, rate.seats
    limit = plan.limits[Quota.seats]
    if seats <= subscription.seats or within(seats, limit):
        return
    cheapest = subscription.catalog.cheapest_within(Quota.seats, seats, subscription.retired)
    instead = "no plan allows that many" if cheapest is None else f"choose {cheapest.key!r} first"
    because = f"{seats} seats are more than the {limit} of {plan.key!r}"
    raise SeatLimitError(because, instead, seats, limit, plan, cheapest)


def refuse_restart() -> Never:
    """StartFree opens a history and stands nowhere else in one (rule P7)."""
    because = "StartFree opens a history, and this account has one"
    raise ActionRefusedError(because, "use Cancel to go back to Free")


def refuse_restricted(subscription: Subscription) -> Never:
    """A restricted account can pay, shrink or cancel (rule D2)."""
    because = "the account is restricted until a payment succeeds"
    raise AccountRestrictedError(because, _pay_first(subscription), subscription.plan)


def refuse_overdue(subscription: Subscription) -> Never:
    """What an account owes comes first (rules B11, D8)."""
    because = "a payment failed, and none has succeeded since"
    raise PaymentOverdueError(because, _pay_first(subscription), subscription.plan)


def _pay_first(subscription: Subscription) -> str:
    paying = "settle the open invoice first (PaymentSucceeded)"
    return paying if subscription.plan.is_free else f"{paying}; shrinking and cancelling work"


def check_settled(subscription: Subscription) -> None:
    """Nobody leaves a bill behind and begins anew (rule D8)."""
    if subscription.is_overdue:
        refuse_overdue(subscription)


def refuse_outside_trial() -> Never:
    """There is no trial whose end could be moved (rule R8)."""
    because = "the end of a trial was moved, and no trial runs"
    raise ActionRefusedError(because, "check which account it was meant for")


def check_trial_end(at: datetime, to: datetime) -> None:
    """A trial's end does not move into the past (rule R8)."""
    if to < at:
        because = f"the trial's end, {to.isoformat()}, would be before the action, {at.isoformat()}"
        raise ActionRefusedError(because, "move it to the action's instant to end the trial now")


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
