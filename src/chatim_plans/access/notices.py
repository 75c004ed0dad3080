"""What people are told about an account: badges, banners and warnings, as typed values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias

from attrs import evolve, frozen

from chatim_plans.access.entitlements import entitlements
from chatim_plans.catalog.features import Limit, Quota, seats_over
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.instants import instant
from chatim_plans.subscriptions.subscription import (
    OnPaid,
    OnTrial,
    ScheduledChange,
    Status,
    Subscription,
)
from chatim_plans.subscriptions.timing import at_instant
from chatim_plans.subscriptions.trials import trial_days_left


@frozen(order=False)
class AccountRestrictedNotice:
    """Free's features hold instead of `held_plan`'s until a payment succeeds. D2."""

    held_plan: Plan


@frozen(order=False)
class PaymentRequiredNotice:
    """The page's "Paiement requis": pay, choose a plan or add a payment method. D5."""


@frozen(order=False)
class TrialEndedNotice:
    """The trial ended and no plan was chosen. R4."""


@frozen(order=False)
class SeatsOverLimitNotice:
    """The team has `seats` members, `over` more than the `limit` that holds. S4."""

    seats: int
    limit: Limit
    over: int


@frozen(order=False)
class ChangeScheduledNotice:
    """The account will hold `plan` from the instant `at`. P3, P4, D3."""

    plan: Plan
    at: datetime


@frozen(order=False)
class TrialRunningNotice:
    """The yellow badge: `days_left` of the trial of `plan`, which ends at `trial_end`. R7."""

    plan: Plan
    days_left: int
    trial_end: datetime


Notice: TypeAlias = (
    AccountRestrictedNotice
    | PaymentRequiredNotice
    | TrialEndedNotice
    | SeatsOverLimitNotice
    | ChangeScheduledNotice
    | TrialRunningNotice
)


_PAYMENT_REQUIRED = frozenset({Status.past_due, Status.restricted, Status.trial_ended})


def notices(subscription: Subscription, at: datetime) -> tuple[Notice, ...]:
    """What to tell about the account at the instant `at`, the most urgent first.

    >>> from datetime import UTC
    >>> from chatim_plans import StartTrial, open_account
    >>> start = datetime(2026, 3, 1, tzinfo=UTC)
    >>> subscription = open_account(StartTrial(at=start)).account.subscription
    >>> [notice.days_left for notice in notices(subscription, start)]
    [30]

    Raises:
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, or no instant.

    Source: rules R4, R7, D2, D3, D5, S4, P3, P4.
    """
    at = instant(at)
    return tuple(_notices(at_instant(subscription, at), at))


def _notices(subscription: Subscription, at: datetime) -> Iterator[Notice]:
    may = entitlements(subscription, at)
    change = _change_ahead(subscription)
    limit = may.limit(Quota.seats)
    over = seats_over(subscription.seats, limit)
    if may.status is Status.restricted:
        yield AccountRestrictedNotice(subscription.plan)
    if may.status in _PAYMENT_REQUIRED or _renews_without_payment_method(subscription, change):
        yield PaymentRequiredNotice()
    if may.status is Status.trial_ended:
        yield TrialEndedNotice()
    if over:
        yield SeatsOverLimitNotice(subscription.seats, limit, over)
    if change is not None:
        yield ChangeScheduledNotice(change.plan, change.at)
    if isinstance(subscription.phase, OnTrial):
        days = trial_days_left(subscription.phase, at)
        yield TrialRunningNotice(subscription.plan, days, subscription.phase.trial_end)


def _change_ahead(subscription: Subscription) -> ScheduledChange | None:
    """The change of plan to announce: a restricted account falls to Free (rule D3)."""
    edition, change = subscription.upcoming_catalog, subscription.scheduled_change
    boundary = subscription.next_boundary
    if subscription.present_status is Status.restricted and boundary is not None:
        return ScheduledChange(edition.free_plan, boundary)
    return change and evolve(change, plan=edition.plan(change.plan.key))


def _renews_without_payment_method(
    subscription: Subscription, change: ScheduledChange | None
) -> bool:
    if subscription.payment_method or not isinstance(subscription.phase, OnPaid):
        return False
    return change is None or change.at > subscription.phase.end or not change.plan.is_free
