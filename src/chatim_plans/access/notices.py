"""What people are told about an account: badges, banners and warnings, as typed values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from attrs import evolve, field, frozen

from chatim_plans.access.entitlements import entitlements
from chatim_plans.catalog.features import Limit, Quota, check_limit, seats_over
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.values import Value
from chatim_plans.subscriptions.effects import at_boundary
from chatim_plans.subscriptions.moves import move_of_time
from chatim_plans.subscriptions.subscription import (
    OnPaid,
    OnTrial,
    ScheduledChange,
    Status,
    Subscription,
)
from chatim_plans.subscriptions.timing import at_instant, without_grace
from chatim_plans.subscriptions.trials import trial_days_left


class PaymentRequiredBecause(StrEnum):
    """What makes "payment required" show; of several, the first here. Source: rules D5, D8.

    >>> from chatim_plans import PaymentRequiredBecause, StartTrial, notices, open_account, utc
    >>> facts = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account.subscription
    >>> required, *_ = notices(facts, utc("2026-04-01"))
    >>> required.because is PaymentRequiredBecause.trial_ended
    True
    """

    standing = "standing"
    trial_ended = "trial_ended"
    no_payment_method = "no_payment_method"


@frozen(order=False)
class AccountRestrictedNotice(Value):
    """Free's features hold instead of `held_plan`'s until a payment succeeds.

    >>> from chatim_plans import *
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> account = replay([*paid, PaymentFailed(final=True, at=utc("2026-02-28"))]).account
    >>> notices(account.subscription, utc("2026-03-01"))[0]
    AccountRestrictedNotice(held_plan=pro 19.00 USD)

    Raises:
        InvalidTypeError, InvalidValueError: no plan, or Free.

    Source: rule D2.
    """

    held_plan: Plan

    def __attrs_post_init__(self) -> None:
        _check_paid(self.held_plan, "held_plan")


@frozen(order=False)
class PaymentRequiredNotice(Value):
    """The page's "Paiement requis": pay, choose a plan or add a payment method.

    `because` is None where it was not kept: in a document of version 1.

    >>> from chatim_plans import *
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> account = replay([*paid, PaymentFailed(at=utc("2026-02-15 09:00"))]).account
    >>> notices(account.subscription, utc("2026-02-16"))
    (PaymentRequiredNotice(because=standing),)

    Raises:
        InvalidTypeError: no reason.

    Source: rules D5, D8.
    """

    because: PaymentRequiredBecause | None = None

    def __attrs_post_init__(self) -> None:
        if self.because is not None:
            shapes.instance(self.because, PaymentRequiredBecause, "because")


@frozen(order=False)
class TrialEndedNotice(Value):
    """The trial ended and no plan was chosen. Source: rule R4.

    >>> from chatim_plans import StartTrial, TrialEndedNotice, notices, open_account, utc
    >>> facts = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account.subscription
    >>> TrialEndedNotice() in notices(facts, utc("2026-04-01"))
    True
    """


@frozen(order=False)
class SeatsOverLimitNotice(Value):
    """The team has `seats` members, `over` more than the `limit` that holds.

    >>> from chatim_plans import StartTrial, notices, open_account, utc
    >>> facts = open_account(StartTrial(4, at=utc("2026-03-01 12:00"))).account.subscription
    >>> notices(facts, utc("2026-04-01"))[-1]
    SeatsOverLimitNotice(seats=4, limit=1, over=3)

    Raises:
        InvalidTypeError, InvalidValueError: seats that are not over the limit by that many.

    Source: rule S4.
    """

    seats: int
    limit: Limit
    over: int

    def __attrs_post_init__(self) -> None:
        seats = shapes.whole_number(self.seats, "seats", at_least=1)
        over = seats_over(seats, check_limit(Quota.seats, self.limit, "limit"))
        if shapes.whole_number(self.over, "over", at_least=1) != over:
            raise InvalidValueError("over", self.over, f"{over}, the seats over the limit")


@frozen(order=False)
class ChangeScheduledNotice(Value):
    """The account will hold `plan` from the instant `at`.

    >>> from chatim_plans import *
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 5, at=at)]
    >>> account = replay([*paid, Cancel(at=utc("2026-10-27 17:30"))]).account
    >>> notices(account.subscription, utc("2026-11-01"))
    (ChangeScheduledNotice(plan=free 0.00 USD, at=2026-11-15T09:00Z),)

    Raises:
        InvalidTypeError, InvalidValueError: no plan, or no instant.

    Source: rules P3, P4, D3.
    """

    plan: Plan
    at: datetime = field(converter=instant)

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.plan, Plan, "plan")


@frozen(order=False)
class PriceChangeNotice(Value):
    """From the instant `at` on, a seat of `plan` costs `after`, not `before`.

    >>> from attrs import evolve
    >>> from chatim_plans import *
    >>> dearer = evolve(PRO, price=Money(24_00, USD))
    >>> edition = evolve(CHATIM, edition="2027", plans=(FREE, dearer, ULTIMATE))
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> told = utc("2026-11-01")
    >>> account = replay([*paid, MoveToEdition(edition, at=told)]).account
    >>> [f"{notice.before} -> {notice.after}" for notice in notices(account.subscription, told)]
    ['19.00 USD -> 24.00 USD']

    Raises:
        InvalidTypeError, InvalidValueError: no paid plan, or no two prices of it in one currency.

    Source: rules C5, D5.
    """

    plan: Plan
    before: Money
    after: Money
    at: datetime = field(converter=instant)

    def __attrs_post_init__(self) -> None:
        price = _check_paid(self.plan, "plan").price
        if shapes.instance(self.after, Money, "after") != price:
            raise InvalidValueError("after", self.after, f"{price}, the plan's price")
        before = shapes.instance(self.before, Money, "before")
        if before == price or before.amount <= 0 or before.currency != price.currency:
            raise InvalidValueError("before", before, f"another price than {price}")


@frozen(order=False)
class TrialRunningNotice(Value):
    """The yellow badge: `days_left` of the trial of `plan`, which ends at `trial_end`.

    >>> from chatim_plans import StartTrial, notices, open_account, utc
    >>> facts = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account.subscription
    >>> [badge] = notices(facts, utc("2026-03-20"))
    >>> badge.days_left, badge.plan.key, f"{badge.trial_end:%d %b}"
    (12, 'pro', '31 Mar')

    Raises:
        InvalidTypeError, InvalidValueError: no paid plan, or days below 1.

    Source: rule R7.
    """

    plan: Plan
    days_left: int
    trial_end: datetime = field(converter=instant)

    def __attrs_post_init__(self) -> None:
        _check_paid(self.plan, "plan")
        shapes.whole_number(self.days_left, "days_left", at_least=1)


def _check_paid(plan: Plan, name: str) -> Plan:
    if shapes.instance(plan, Plan, name).is_free:
        raise InvalidValueError(name, plan, "a paid plan")
    return plan


Notice: TypeAlias = (
    AccountRestrictedNotice
    | PaymentRequiredNotice
    | TrialEndedNotice
    | SeatsOverLimitNotice
    | ChangeScheduledNotice
    | PriceChangeNotice
    | TrialRunningNotice
)
"""One of the seven things that people are told, as `notices` gives them.

>>> from chatim_plans import Notice, PaymentRequiredNotice, TrialEndedNotice
>>> def asks_for_money(notice: Notice) -> bool:
...     return isinstance(notice, PaymentRequiredNotice)
>>> asks_for_money(PaymentRequiredNotice()), asks_for_money(TrialEndedNotice())
(True, False)

Source: rules R4, R7, D2, D5, S4, P3, C5.
"""


def notices(subscription: Subscription, at: datetime) -> tuple[Notice, ...]:
    """What to tell about the account at the instant `at`, the most urgent first.

    >>> from chatim_plans import StartTrial, notices, open_account, utc
    >>> facts = open_account(StartTrial(4, at=utc("2026-03-01 12:00"))).account.subscription
    >>> [type(notice).__name__ for notice in notices(facts, utc("2026-04-01"))]
    ['PaymentRequiredNotice', 'TrialEndedNotice', 'SeatsOverLimitNotice']

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
    because = _payment_required_because(subscription, change)
    if because is not None:
        yield PaymentRequiredNotice(because)
    if may.status is Status.trial_ended:
        yield TrialEndedNotice()
    if over:
        yield SeatsOverLimitNotice(subscription.seats, limit, over)
    if change is not None:
        yield ChangeScheduledNotice(change.plan, change.at)
    price_change = _price_change(subscription)
    if price_change is not None:
        yield price_change
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


def _payment_required_because(
    subscription: Subscription, change: ScheduledChange | None
) -> PaymentRequiredBecause | None:
    if subscription.is_overdue:
        return PaymentRequiredBecause.standing
    if subscription.present_status is Status.trial_ended:
        return PaymentRequiredBecause.trial_ended
    if _renews_without_payment_method(subscription, change):
        return PaymentRequiredBecause.no_payment_method
    return None


def _price_change(subscription: Subscription) -> PriceChangeNotice | None:
    """The price of the paid plan that will be held, where the edition that waits has another."""
    end = subscription.phase.end
    if subscription.next_catalog is None or end is None:
        return None
    # A change before the end is one to Free, and is read so at the end, too.
    plan = move_of_time(at_boundary(without_grace(subscription)), end).rate.plan
    before = subscription.catalog.plan(plan.key).price
    return (
        None
        if plan.is_free or before == plan.price
        else PriceChangeNotice(plan, before, plan.price, end)
    )


def _renews_without_payment_method(
    subscription: Subscription, change: ScheduledChange | None
) -> bool:
    if subscription.payment_method or not isinstance(subscription.phase, OnPaid):
        return False
    return change is None or change.at > subscription.phase.end or not change.plan.is_free
