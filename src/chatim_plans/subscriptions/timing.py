"""When things happen: the account as time alone leaves it, at any instant from its facts on."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import evolve

from chatim_plans.catalog.plans import Plan
from chatim_plans.errors import OutOfOrderError
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.periods import Cycle
from chatim_plans.subscriptions.actions import ChoosePlan
from chatim_plans.subscriptions.lifecycle import crossed, taken
from chatim_plans.subscriptions.subscription import (
    OnPaid,
    OnTrial,
    Status,
    Subscription,
)
from chatim_plans.subscriptions.trials import trial_days_left


def at_instant(subscription: Subscription, at: datetime) -> Subscription:
    """The subscription with every boundary up to `at` crossed; `as_of` is the last one crossed.

    Boundaries at which a plan merely renews are passed in one stride, however many they are.

    Raises:
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, or no instant.

    Source: rules A1, A2, T5.
    """
    held, _ = held_at(subscription, at)
    return _in_period_holding(held, instant(at))


def held_at(subscription: Subscription, at: datetime) -> tuple[Subscription, datetime | None]:
    """What is held at `at`, and the next boundary after `at`.

    The subscription has every boundary up to `at` crossed but those at which its plan merely
    renews, which change nothing but its period: reading access needs no more, and stays cheap.

    Raises:
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, or no instant.

    Source: rules A1–A3, T5.
    """
    shapes.instance(subscription, Subscription, "subscription")
    at = instant(at)
    if at < subscription.as_of:
        raise OutOfOrderError(at, subscription.as_of)
    while (boundary := subscription.next_boundary) is not None and boundary <= at:
        if (cycle := _renewing_cycle(subscription)) is None:
            subscription = crossed(subscription, boundary).subscription
            continue
        change = subscription.scheduled_change
        if change is None:
            return subscription, cycle.boundary_after(at)
        if change.at > at:
            return subscription, min(cycle.boundary_after(at), change.at)
        subscription = _in_period_holding(subscription, change.at - timedelta.resolution)
    return subscription, boundary


def status(subscription: Subscription, at: datetime) -> Status:
    """How the account stands at the instant `at`.

    >>> from datetime import UTC
    >>> from chatim_plans import StartTrial, open_account
    >>> account = open_account(StartTrial(at=datetime(2026, 3, 1, tzinfo=UTC))).account
    >>> status(account.subscription, datetime(2026, 4, 1, tzinfo=UTC)).value
    'trial_ended'

    Raises:
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, or no instant.

    Source: rules A1, R4, D1–D3.
    """
    return at_instant(subscription, at).present_status


def days_left(subscription: Subscription, at: datetime) -> int | None:
    """The days left of the trial at the instant `at`, counted up; None outside a trial.

    >>> from datetime import UTC
    >>> from chatim_plans import StartTrial, open_account
    >>> account = open_account(StartTrial(at=datetime(2026, 3, 1, tzinfo=UTC))).account
    >>> days_left(account.subscription, datetime(2026, 3, 30, 23, 59, 59, tzinfo=UTC))
    1

    Raises:
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, or no instant.

    Source: rule R7.
    """
    phase = at_instant(subscription, at).phase
    if not isinstance(phase, OnTrial):
        return None
    return trial_days_left(phase, instant(at))


def change_takes_effect(subscription: Subscription, plan: Plan, at: datetime) -> datetime:
    """The instant from which `plan` would be held if it were chosen at the instant `at`.

    That is `at` for an upgrade, a start or the plan held, and the end of the trial or period for a
    downgrade.

    >>> from datetime import UTC
    >>> from chatim_plans import FREE, StartTrial, open_account
    >>> account = open_account(StartTrial(at=datetime(2026, 3, 1, tzinfo=UTC))).account
    >>> change_takes_effect(account.subscription, FREE, datetime(2026, 3, 9, tzinfo=UTC)).day
    31

    Raises:
        ActionRefusedError: the plan cannot be chosen; its subclasses say why. A missing payment
            method is no reason (rule B8).
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, plan or instant.

    Source: rules P1–P5, R6.
    """
    _, takes_effect = once_chosen(subscription, plan, at)
    return takes_effect


def once_chosen(
    subscription: Subscription, plan: Plan, at: datetime
) -> tuple[Subscription, datetime]:
    """The account after `plan` was chosen at `at`, and the instant from which it will be held.

    Raises and source: as `change_takes_effect`.
    """
    choice = ChoosePlan(plan, at=at)
    after = taken(at_instant(subscription, at), choice, ask_payment_method=False).subscription
    change = after.scheduled_change
    return after, choice.at if change is None else change.at


_RESTRICTED = Status.restricted  # bound once: a look-up through its enum class is slow on 3.11


def _renewing_cycle(subscription: Subscription) -> Cycle | None:
    """The cycle of a subscription whose next boundary is a mere renewal; None if it is more."""
    phase, change = subscription.phase, subscription.scheduled_change
    if not isinstance(phase, OnPaid) or phase.status is _RESTRICTED:
        return None
    if subscription.next_catalog is not None or (change is not None and change.at <= phase.end):
        return None
    return phase.cycle


def _in_period_holding(subscription: Subscription, at: datetime) -> Subscription:
    """The subscription in the period that holds `at`, up to which it merely renews."""
    phase = subscription.phase
    if not isinstance(phase, OnPaid) or at < phase.end:
        return subscription
    period = phase.cycle.period_holding(at)
    return evolve(subscription, as_of=period.start, phase=evolve(phase, period=period))
