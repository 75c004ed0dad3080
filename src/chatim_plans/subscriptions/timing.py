"""When things happen: the account as time alone leaves it, at any instant from its facts on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeAlias

from attrs import evolve

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import OutOfOrderError
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.periods import Cycle
from chatim_plans.subscriptions.actions import ChoosePlan
from chatim_plans.subscriptions.effects import at_boundary, cycle_after
from chatim_plans.subscriptions.lifecycle import LIFECYCLE, crossed, taken
from chatim_plans.subscriptions.moves import move_of_time
from chatim_plans.subscriptions.subscription import (
    OnPaid,
    OnTrial,
    Standing,
    Status,
    Subscription,
)
from chatim_plans.subscriptions.trials import trial_days_left

_Held: TypeAlias = tuple[Catalog, Plan, Status, frozenset[str]]
"""The edition, the plan of it that is held, how the account stands, and what nobody can choose."""


def at_instant(subscription: Subscription, at: datetime) -> Subscription:
    """The subscription with every boundary up to `at` crossed; `as_of` is the last one crossed.

    Boundaries at which a plan merely renews are passed in one stride, however many they are.

    Raises:
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, or no instant.

    Source: rules A1, A2, T5.
    """
    at = _from_its_facts_on(subscription, at)
    while (boundary := subscription.next_boundary) is not None and boundary <= at:
        renewed = _renewed_until(subscription, at)
        subscription = renewed or crossed(subscription, boundary).subscription
    return subscription


def held_at(subscription: Subscription, at: datetime) -> tuple[_Held, datetime, datetime | None]:
    """What is held, from the instant `at` on, and until which boundary: all that access reads.

    It tells what `at_instant` leads to, and is the one place that tells time a second way: a gate
    asks on every request, and building and checking the facts of each step costs ten times what
    is read of them. Between two boundaries at most one thing can happen that matters to access,
    and the lifecycle's table says what it leads to; whatever is further off is left to
    `at_instant`. Over any history and instant both say the same, which
    `test_what_is_held_is_what_the_facts_lead_to` proves.

    Raises and source: as `at_instant`.
    """
    at = _from_its_facts_on(subscription, at)
    boundary, change = subscription.next_boundary, subscription.scheduled_change
    phase = subscription.phase
    held = subscription.catalog, subscription.plan, phase.status, subscription.retired
    if boundary is None or at < boundary:
        return held, at, boundary
    grace_runs = isinstance(phase, OnPaid) and phase.grace_end is not None
    if grace_runs or (change is not None and change.at > boundary):
        return held_at(at_instant(subscription, at), at)
    if (renewing := merely_renews(subscription)) is not None:
        return held, at, renewing.cycle.boundary_after(at)
    held, cycle = _held_after(subscription, boundary)
    return held, at, None if cycle is None else cycle.boundary_after(at)


def _held_after(subscription: Subscription, boundary: datetime) -> tuple[_Held, Cycle | None]:
    """What is held after `boundary`, the account's next one, and the cycle it is billed in then."""
    subscription = at_boundary(subscription)
    move = move_of_time(subscription, boundary)
    status = subscription.phase.status
    led_to = LIFECYCLE[status][move.event].to or status
    held = move.catalog, move.rate.plan, led_to, subscription.retired
    return held, cycle_after(subscription, move)


def status(subscription: Subscription, at: datetime) -> Status:
    """How the account stands at the instant `at`.

    >>> from chatim_plans import StartTrial, open_account, status, utc
    >>> account = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account
    >>> [status(account.subscription, utc(at)).value for at in ("2026-03-31", "2026-04-01")]
    ['trialing', 'trial_ended']

    Raises:
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, or no instant.

    Source: rules A1, R4, D1–D3.
    """
    return at_instant(subscription, at).present_status


def days_left(subscription: Subscription, at: datetime) -> int | None:
    """The days left of the trial at the instant `at`, counted up; None outside a trial.

    >>> from chatim_plans import StartTrial, days_left, open_account, utc
    >>> account = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account
    >>> last = utc("2026-03-31 11:59:59")
    >>> [days_left(account.subscription, at) for at in (account.subscription.as_of, last)]
    [30, 1]

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

    >>> from chatim_plans import FREE, ULTIMATE, StartTrial, change_takes_effect, open_account, utc
    >>> account = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account
    >>> at = utc("2026-03-09 12:00")
    >>> [f"{change_takes_effect(account.subscription, to, at):%d %b}" for to in (FREE, ULTIMATE)]
    ['31 Mar', '09 Mar']

    Raises:
        ActionRefusedError: the plan cannot be chosen; its subclasses say why. A missing payment
            method is no reason (rule B8).
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, plan or instant.

    Source: rules P1–P5, R6.
    """
    _, _, takes_effect = once_chosen(subscription, plan, at)
    return takes_effect


def once_chosen(
    subscription: Subscription, plan: Plan, at: datetime
) -> tuple[Subscription, Subscription, datetime]:
    """The account before and after `plan` is chosen at `at`, and from when it will be held.

    Raises and source: as `change_takes_effect`.
    """
    choice = ChoosePlan(plan, at=at)
    before = at_instant(subscription, at)
    after = taken(before, choice, ask_payment_method=False).subscription
    change = after.scheduled_change
    return before, after, choice.at if change is None else change.at


def without_grace(subscription: Subscription) -> Subscription:
    """The account as it goes on if somebody pays before its grace lapses.

    Reports and notices look ahead so: they show Free only once the account is restricted.

    Source: rule D6.
    """
    phase = subscription.phase
    if not isinstance(phase, OnPaid) or phase.grace_end is None:
        return subscription
    return evolve(subscription, phase=evolve(phase, grace_end=None))


def _from_its_facts_on(subscription: Subscription, at: datetime) -> datetime:
    shapes.instance(subscription, Subscription, "subscription")
    at = instant(at)
    if at < subscription.as_of:
        raise OutOfOrderError(at, subscription.as_of)
    return at


def merely_renews(subscription: Subscription) -> OnPaid | None:
    """The phase of a subscription whose next boundary is a mere renewal; None if it is more."""
    phase, change = subscription.phase, subscription.scheduled_change
    if not isinstance(phase, OnPaid) or phase.standing is Standing.restricted:
        return None
    if phase.grace_end is not None:
        return None
    if subscription.next_catalog is not None or (change is not None and change.at <= phase.end):
        return None
    return phase


def _renewed_until(subscription: Subscription, at: datetime) -> Subscription | None:
    """The subscription in the last period up to `at` that mere renewals lead to, if any do."""
    phase, change = merely_renews(subscription), subscription.scheduled_change
    if phase is None:
        return None
    last = at if change is None else min(at, change.at - timedelta.resolution)
    period = phase.cycle.period_holding(last)
    return evolve(subscription, as_of=period.start, phase=evolve(phase, period=period))
