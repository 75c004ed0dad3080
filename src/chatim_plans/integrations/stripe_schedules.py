"""The change that waits in one of Stripe's subscription schedules."""

from __future__ import annotations

from datetime import datetime

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.plans import Plan
from chatim_plans.integrations.stripe_fields import Field
from chatim_plans.integrations.stripe_prices import Prices, plan_of
from chatim_plans.subscriptions.subscription import ScheduledChange

_IN_FORCE = {
    "not_started": True,
    "active": True,
    "completed": False,
    "released": False,
    "canceled": False,
}


def change_in_schedule(
    schedule: Field, held: Plan, catalog: Catalog, prices: Prices, at: datetime
) -> ScheduledChange | None:
    """The first change to another plan than `held` after the instant `at`; None if none waits.

    A schedule that stands by its id says nothing of its phases. One that ends in a cancellation
    waits for Free. Seats of a later phase are no change of plan.
    """
    if schedule.is_null or isinstance(schedule.value, str):
        return None
    in_force = _IN_FORCE.get(schedule["status"].text())
    if in_force is None:
        raise schedule["status"].fault(f"one of {', '.join(_IN_FORCE)}")
    phases = list(schedule["phases"].rows()) if in_force else []
    starts = {start: phase for phase in phases if (start := phase["start_date"].instant()) > at}
    for start in sorted(starts):
        plan = _plan_of_phase(starts[start], prices)
        if plan != held:
            return ScheduledChange(plan, start)
    if not phases or schedule["end_behavior"].text() != "cancel":
        return None
    end = max(phase["end_date"].instant() for phase in phases)
    return ScheduledChange(catalog.free_plan, end)


def _plan_of_phase(phase: Field, prices: Prices) -> Plan:
    items = phase["plans"] if phase["items"].is_null else phase["items"]
    rows = list(items.rows())
    if len(rows) != 1:
        raise items.fault("one item: an account has one plan")
    price = rows[0]["plan"] if rows[0]["price"].is_null else rows[0]["price"]
    return plan_of(price, prices)
