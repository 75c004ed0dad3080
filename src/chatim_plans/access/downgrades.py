"""What a downgrade costs, known before it is made."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from chatim_plans.access.what_if import difference, entitlements_after
from chatim_plans.catalog.features import Feature, Quota, seats_over
from chatim_plans.catalog.matrix import LimitChange
from chatim_plans.catalog.plans import Plan
from chatim_plans.errors import ActionRefusedError
from chatim_plans.foundation.money import Money
from chatim_plans.subscriptions.subscription import Subscription
from chatim_plans.subscriptions.timing import at_instant, change_takes_effect


@frozen(order=False)
class DowngradeReport:
    """What a move to a lower plan takes away, from the instant `takes_effect`.

    `seats_over` members are over the lower plan's seat limit; nobody is deleted (rule S4).
    `charge` is what each interval costs from then on.
    """

    takes_effect: datetime
    features_lost: frozenset[Feature]
    limits_lowered: tuple[LimitChange, ...]
    seats_over: int
    charge: Money


def downgrade_report(subscription: Subscription, plan: Plan, at: datetime) -> DowngradeReport:
    """What choosing the lower `plan` at the instant `at` would take away, and when.

    >>> from datetime import UTC
    >>> from chatim_plans import FREE, StartTrial, open_account
    >>> start = datetime(2026, 3, 1, tzinfo=UTC)
    >>> subscription = open_account(StartTrial(4, at=start)).account.subscription
    >>> report = downgrade_report(subscription, FREE, start)
    >>> report.takes_effect.day, report.seats_over, str(report.charge)
    (31, 3, '0.00 USD')

    Raises:
        ActionRefusedError: the plan cannot be chosen, or ranks no lower than the one held.
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, plan or instant.

    Source: rules P3, P6, S4; D3 (a restricted account can only fall to Free).
    """
    takes_effect = change_takes_effect(subscription, plan, at)
    then = at_instant(subscription, at)
    if not then.catalog.is_upgrade(plan, then.plan):
        because = f"{plan.key!r} does not rank below {then.plan.key!r}, which is held"
        raise ActionRefusedError(because, "report on a lower plan; preview shows an upgrade")
    after = entitlements_after(subscription, plan, at)
    lost = difference(then.plan, after)
    return DowngradeReport(
        takes_effect=takes_effect,
        features_lost=lost.features_lost,
        limits_lowered=lost.limits_lowered,
        seats_over=seats_over(then.seats, after.limit(Quota.seats)),
        charge=after.plan.charge(then.seats),
    )
