"""What an account may not do now: each refusal says why, and what to do instead (rule P7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Never

from attrs import define, field, fields

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.features import Limit, Quota, within
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.errors import PlansError
from chatim_plans.foundation.values import counted
from chatim_plans.subscriptions.actions import ChoosePlan
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.subscription import Subscription
from chatim_plans.subscriptions.trials import TrialRefusal, trial_eligibility


class Refusal(StrEnum):
    """What is refused, in one word: a code for logs, interfaces and sentences.

    >>> from chatim_plans import (
    ...     ActionRefusedError, ChangeSeats, StartFree, apply, open_account, utc
    ... )
    >>> account = open_account(StartFree(at=utc("2026-01-15"))).account
    >>> try:
    ...     apply(account, ChangeSeats(3, at=utc("2026-01-16")))
    ... except ActionRefusedError as error:
    ...     print(error.refusal)
    seat_limit

    Source: rule P7.
    """

    account_restricted = "account_restricted"
    already_open = "already_open"
    edition_mismatch = "edition_mismatch"
    interval_mismatch = "interval_mismatch"
    never_invoiced = "never_invoiced"
    no_trial = "no_trial"
    not_lower = "not_lower"
    not_open = "not_open"
    payment_method_required = "payment_method_required"
    payment_overdue = "payment_overdue"
    plan_not_offered = "plan_not_offered"
    refund_too_large = "refund_too_large"
    seat_limit = "seat_limit"
    seats_with_choice = "seats_with_choice"
    trial_end_past = "trial_end_past"
    trial_refused = "trial_refused"
    unknown_invoice = "unknown_invoice"


@define
class ActionRefusedError(PlansError, ValueError):
    """An action that cannot apply to this account now; the account stays as it was (rule P7).

    `because` and `instead` are sentences for developers, `refusal` says the same in one word; None
    where a package refuses, or an application.

    >>> from chatim_plans import ActionRefusedError, StartFree, apply, open_account, utc
    >>> start = StartFree(at=utc("2026-01-15"))
    >>> try:
    ...     apply(open_account(start).account, start)
    ... except ActionRefusedError as error:
    ...     print(error.instead)
    use Cancel to go back to Free
    """

    because: str
    instead: str
    refusal: Refusal | None = field(default=None, kw_only=True)

    def __str__(self) -> str:
        return f"refused: {self.because}; {self.instead}"

    def __reduce__(self) -> tuple[Callable[[], ActionRefusedError], tuple[()]]:
        # An exception is copied by its arguments, in which attrs counts what is keyword-only.
        facts = {each.name: getattr(self, each.name) for each in fields(type(self)) if each.init}
        return partial(type(self), **facts), ()


@define
class SeatLimitError(ActionRefusedError):
    """More seats than the plan has (rule S3).

    >>> from chatim_plans import ChangeSeats, SeatLimitError, StartFree, apply, open_account, utc
    >>> account = open_account(StartFree(at=utc("2026-01-15"))).account
    >>> try:
    ...     apply(account, ChangeSeats(3, at=utc("2026-01-16")))
    ... except SeatLimitError as error:
    ...     print(error.seats, error.limit, error.cheapest_plan.key)
    3 1 pro
    """

    refusal: Refusal | None = field(default=Refusal.seat_limit, init=False)
    seats: int
    limit: Limit
    plan: Plan
    cheapest_plan: Plan | None


@define
class PaymentMethodRequiredError(ActionRefusedError):
    """A choice that charges at once, and no payment method on file (rules P1, P2, R6, S2).

    >>> from chatim_plans import PRO, ChoosePlan, PaymentMethodRequiredError
    >>> from chatim_plans import StartFree, apply, open_account, utc
    >>> account = open_account(StartFree(at=utc("2026-01-15"))).account
    >>> try:
    ...     apply(account, ChoosePlan(PRO, seats=3, at=utc("2026-01-16")))
    ... except PaymentMethodRequiredError as error:
    ...     print(error.plan.charge(error.seats))
    57.00 USD
    """

    refusal: Refusal | None = field(default=Refusal.payment_method_required, init=False)
    plan: Plan
    seats: int


@define
class AccountRestrictedError(ActionRefusedError):
    """A restricted account can pay, shrink or cancel, and nothing more (rule D2).

    >>> from chatim_plans import *
    >>> start = utc("2026-01-15")
    >>> account = replay([
    ...     StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, at=start),
    ...     PaymentFailed(final=True, at=utc("2026-01-20")),
    ... ]).account
    >>> try:
    ...     apply(account, ChangeSeats(2, at=utc("2026-01-21")))
    ... except AccountRestrictedError as error:
    ...     print(error.held_plan.key, "until a payment succeeds")
    pro until a payment succeeds
    """

    refusal: Refusal | None = field(default=Refusal.account_restricted, init=False)
    held_plan: Plan


@define
class PaymentOverdueError(ActionRefusedError):
    """An account that has not paid can start, raise or lengthen nothing (rules B11, D8).

    >>> from chatim_plans import *
    >>> start = utc("2026-01-15")
    >>> account = replay([
    ...     StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, at=start),
    ...     PaymentFailed(at=utc("2026-01-20")),
    ... ]).account
    >>> try:
    ...     apply(account, ChoosePlan(ULTIMATE, at=utc("2026-01-21")))
    ... except PaymentOverdueError as error:
    ...     print(error.held_plan.key)
    pro
    """

    refusal: Refusal | None = field(default=Refusal.payment_overdue, init=False)
    held_plan: Plan


@define
class TrialRefusedError(ActionRefusedError):
    """A trial for an account that is not new (rule R2); `reason` is the eligibility's.

    >>> from chatim_plans import StartTrial, TrialRefusedError, apply, open_account, utc
    >>> account = open_account(StartTrial(at=utc("2026-03-01"))).account
    >>> try:
    ...     apply(account, StartTrial(at=utc("2026-05-01")))
    ... except TrialRefusedError as error:
    ...     print(error.reason)
    had_trial
    """

    refusal: Refusal | None = field(default=Refusal.trial_refused, init=False)
    reason: TrialRefusal | None


@define
class PlanNotOfferedError(ActionRefusedError):
    """A plan that the account's edition does not sell, or has retired (rules C5, C8, C9).

    >>> from attrs import evolve
    >>> from chatim_plans import PRO, USD, ChoosePlan, Money
    >>> from chatim_plans import PlanNotOfferedError, StartFree, apply, open_account, utc
    >>> account = open_account(StartFree(at=utc("2026-01-15"))).account
    >>> cheaper = evolve(PRO, price=Money(9_00, USD))
    >>> try:
    ...     apply(account, ChoosePlan(cheaper, at=utc("2026-01-16")))
    ... except PlanNotOfferedError as error:
    ...     print(error.plan, "is not in edition", error.edition)
    pro 9.00 USD is not in edition 2026
    """

    refusal: Refusal | None = field(default=Refusal.plan_not_offered, init=False)
    plan: Plan
    edition: str


@define
class IntervalMismatchError(ActionRefusedError):
    """A plan of another interval than the one asked for (rule B1).

    >>> from attrs import evolve
    >>> from chatim_plans import PRO, IntervalMismatchError, monthly_charge
    >>> try:
    ...     monthly_charge(evolve(PRO, interval_months=12), 3)
    ... except IntervalMismatchError as error:
    ...     print(error.plan.interval_months, error.expected_months)
    12 1
    """

    refusal: Refusal | None = field(default=Refusal.interval_mismatch, init=False)
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
        raise ActionRefusedError(
            because,
            "choose the plan without seats, and use ChangeSeats",
            refusal=Refusal.seats_with_choice,
        )


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
    raise ActionRefusedError(because, "use Cancel to go back to Free", refusal=Refusal.already_open)


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
    raise ActionRefusedError(
        because, "check which account it was meant for", refusal=Refusal.no_trial
    )


def check_trial_end(at: datetime, to: datetime) -> None:
    """A trial's end does not move into the past (rule R8)."""
    if to < at:
        because = f"the trial's end, {to.isoformat()}, would be before the action, {at.isoformat()}"
        raise ActionRefusedError(
            because,
            "move it to the action's instant to end the trial now",
            refusal=Refusal.trial_end_past,
        )


def check_invoiced(subscription: Subscription) -> None:
    """There is no payment to report on an account that was never invoiced (rule D4)."""
    if not subscription.was_invoiced:
        because = "a payment was reported on an account that was never invoiced"
        raise ActionRefusedError(
            because, "check which account the report belongs to", refusal=Refusal.never_invoiced
        )


def check_edition(held: Catalog, new: Catalog) -> None:
    """A new edition has every plan of the old one, its currency, free plan and intervals (C5)."""
    fault = held.fault_of_successor(new)
    if fault is not None:
        because = f"an account of edition {held.edition!r} cannot move to {new.edition!r}: {fault}"
        raise ActionRefusedError(
            because,
            "keep every plan key, its interval and the currency",
            refusal=Refusal.edition_mismatch,
        )
