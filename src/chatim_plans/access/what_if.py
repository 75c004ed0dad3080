"""What an account would gain and lose by another plan."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, field, frozen

from chatim_plans.access.entitlements import Entitlements, entitlements
from chatim_plans.catalog.features import Feature, Quota, features_in_order, seats_over
from chatim_plans.catalog.matrix import (
    Difference,
    LimitChange,
    check_limit_changes,
    difference_of_plans,
)
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError, InvalidValueError
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.values import Value
from chatim_plans.subscriptions.refusals import ActionRefusedError, Refusal
from chatim_plans.subscriptions.subscription import Subscription
from chatim_plans.subscriptions.timing import once_chosen, without_grace


def entitlements_after(subscription: Subscription, plan: Plan, at: datetime) -> Entitlements:
    """What the account would be allowed to do had it chosen `plan` at `at`, once the choice holds.

    That is from the instant `change_takes_effect` tells, and supposes a payment method, as a
    preview does. `difference` of this and of today's entitlements is what a page shows.

    >>> from chatim_plans import FREE, StartTrial, entitlements_after, open_account, utc
    >>> facts = open_account(StartTrial(4, at=utc("2026-03-01 12:00"))).account.subscription
    >>> after = entitlements_after(facts, FREE, at=utc("2026-03-09"))
    >>> after.plan.key, after.limit("seats"), f"{after.valid_from:%d %b}"
    ('free', 1, '31 Mar')

    Raises:
        ActionRefusedError: the plan cannot be chosen; its subclasses say why.
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, plan or instant.

    Source: rules P1–P6, R6, B8.
    """
    _, chosen, takes_effect = once_chosen(subscription, plan, at)
    return _once_it_holds(chosen, takes_effect)


def _once_it_holds(chosen: Subscription, takes_effect: datetime) -> Entitlements:
    """What the account after a choice may do from the instant the choice holds, if it pays."""
    paying = without_grace(evolve(chosen, payment_method=True))
    return entitlements(paying, takes_effect)


def difference(before: Plan | Entitlements, after: Plan | Entitlements) -> Difference:
    """What a move from `before` to `after` gains and loses: two plans, or two entitlements.

    >>> from chatim_plans import FREE, PRO, difference
    >>> [str(change) for change in difference(PRO, FREE).limits_lowered]
    ['seats unlimited -> 1']

    Raises:
        InvalidTypeError: neither a plan nor entitlements.

    Source: rules C2, P6.
    """
    return difference_of_plans(_plan_of(before, "before"), _plan_of(after, "after"))


def _plan_of(granting: Plan | Entitlements, name: str) -> Plan:
    if isinstance(granting, Entitlements):
        return granting.plan
    if not isinstance(granting, Plan):
        raise InvalidTypeError(name, granting, "a Plan or Entitlements")
    return granting


@frozen(order=False)
class DowngradeReport(Value):
    """What a move to a lower plan takes away, from the instant `takes_effect`.

    `seats_over` members are over the lower plan's seat limit; nobody is deleted (rule S4).
    `charge` is what each interval costs from then on. `features_lost` stand in the page's order;
    `limits_lowered` has a `LimitChange` for each quota that shrinks.

    >>> from chatim_plans import FREE, StartTrial, downgrade_report, open_account, utc
    >>> facts = open_account(StartTrial(4, at=utc("2026-03-01 12:00"))).account.subscription
    >>> report = downgrade_report(facts, FREE, at=utc("2026-03-09"))
    >>> [feature.value for feature in report.features_lost][:2], report.limits_lowered
    (['visitor_export', 'custom_branding'], (LimitChange(seats unlimited -> 1),))

    Raises:
        InvalidTypeError, InvalidValueError, UnknownKeyError: facts of the wrong shape, a limit
            that is not lowered, or fewer seats over, or less to pay, than nothing.

    Source: rules P6, S4.
    """

    takes_effect: datetime = field(converter=instant)
    features_lost: tuple[Feature, ...] = field(converter=features_in_order)
    limits_lowered: tuple[LimitChange, ...]
    seats_over: int
    charge: Money

    def __attrs_post_init__(self) -> None:
        check_limit_changes(self.limits_lowered, "limits_lowered", raised=False)
        lowered = [change.quota for change in self.limits_lowered]
        if len(set(lowered)) != len(lowered):
            raise InvalidValueError("limits_lowered", self.limits_lowered, "each quota once")
        shapes.whole_number(self.seats_over, "seats_over", at_least=0)
        charge = shapes.instance(self.charge, Money, "charge")
        shapes.whole_number(charge.amount, "charge", at_least=0)


def downgrade_report(subscription: Subscription, plan: Plan, at: datetime) -> DowngradeReport:
    """What choosing the lower `plan` at the instant `at` would take away, and when.

    >>> from chatim_plans import FREE, StartTrial, downgrade_report, open_account, utc
    >>> facts = open_account(StartTrial(4, at=utc("2026-03-01 12:00"))).account.subscription
    >>> report = downgrade_report(facts, FREE, at=utc("2026-03-09"))
    >>> f"{report.takes_effect:%d %b}", report.seats_over, str(report.charge)
    ('31 Mar', 3, '0.00 USD')

    Raises:
        ActionRefusedError: the plan cannot be chosen, or ranks no lower than the one held.
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, plan or instant.

    Source: rules P3, P6, S4; D3 (a restricted account can only fall to Free).
    """
    then, chosen, takes_effect = once_chosen(subscription, plan, at)
    if not then.catalog.is_upgrade(plan, then.plan):
        because = f"{plan.key!r} does not rank below {then.plan.key!r}, which is held"
        raise ActionRefusedError(
            because, "report on a lower plan; preview shows an upgrade", refusal=Refusal.not_lower
        )
    after = _once_it_holds(chosen, takes_effect)
    lost = difference(then.plan, after)
    return DowngradeReport(
        takes_effect=takes_effect,
        features_lost=lost.features_lost,
        limits_lowered=lost.limits_lowered,
        seats_over=seats_over(then.seats, after.limit(Quota.seats)),
        charge=after.plan.charge(then.seats),
    )
