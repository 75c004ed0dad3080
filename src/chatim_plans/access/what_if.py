"""What an account would gain and lose by another plan."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from chatim_plans.access.entitlements import Entitlements, entitlements
from chatim_plans.catalog.matrix import Difference
from chatim_plans.catalog.matrix import difference as difference_of_plans
from chatim_plans.catalog.plans import Plan
from chatim_plans.errors import InvalidTypeError
from chatim_plans.subscriptions.subscription import Subscription
from chatim_plans.subscriptions.timing import once_chosen


def entitlements_after(subscription: Subscription, plan: Plan, at: datetime) -> Entitlements:
    """What the account would be allowed to do had it chosen `plan` at `at`, once the choice holds.

    That is from the instant `change_takes_effect` tells, and supposes a payment method, as a
    preview does. `difference` of this and of today's entitlements is what a page shows.

    >>> from datetime import UTC
    >>> from chatim_plans import FREE, Feature, StartTrial, open_account
    >>> start = datetime(2026, 3, 1, tzinfo=UTC)
    >>> subscription = open_account(StartTrial(at=start)).account.subscription
    >>> after = entitlements_after(subscription, FREE, start)
    >>> lost = difference(entitlements(subscription, start), after).features_lost
    >>> Feature.visitor_export in lost
    True

    Raises:
        ActionRefusedError: the plan cannot be chosen; its subclasses say why.
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, plan or instant.

    Source: rules P1–P6, R6, B8.
    """
    after, takes_effect = once_chosen(subscription, plan, at)
    return entitlements(evolve(after, payment_method=True), takes_effect)


def difference(before: Plan | Entitlements, after: Plan | Entitlements) -> Difference:
    """What a move from `before` to `after` gains and loses: two plans, or two entitlements.

    >>> from chatim_plans import FREE, PRO
    >>> difference(PRO, FREE).limits_lowered[0].after
    1

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
