"""What waits for an account in Stripe: a cancellation, or the next phase of a schedule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import evolve

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.plans import Plan
from chatim_plans.errors import InvalidStripeError, InvalidValueError, UnknownKeyError
from chatim_plans.integrations.stripe_fields import Field
from chatim_plans.integrations.stripe_prices import Prices, edition_of, plan_of, price_in
from chatim_plans.subscriptions.subscription import ScheduledChange, Subscription

_IN_FORCE = {
    "not_started": True,
    "active": True,
    "completed": False,
    "released": False,
    "canceled": False,
}


def with_what_waits(
    facts: Subscription,
    end: datetime | None,
    schedule: Field,
    prices: Prices,
    editions: tuple[Catalog, ...],
) -> Subscription:
    """The facts with the one change that waits: the cancellation at `end`, or the schedule's.

    A phase at the price of another of `editions` is a move there (rule C5).

    Raises:
        InvalidStripeError: more than one change waits, or one that cannot happen.
    """
    change = _change_in(schedule, facts, prices)
    if end is not None:
        if change is not None and change.at < end:
            raise schedule.fault("no change before the cancellation: one change waits at most")
        change = ScheduledChange(facts.catalog.free_plan, end)
    if change is None:
        return facts
    try:
        if change.plan in facts.catalog.plans:
            return evolve(facts, scheduled_change=change)
        return _moving(facts, change, editions)
    except (InvalidValueError, UnknownKeyError) as error:
        given = f"{change.plan.key!r} from {change.at.isoformat()}"
        raise InvalidStripeError(schedule.path, f"what can wait here ({error})", given) from error


def _moving(
    facts: Subscription, change: ScheduledChange, editions: tuple[Catalog, ...]
) -> Subscription:
    """The facts before a move to the edition that sells the changed plan, at the next boundary."""
    if change.at != facts.phase.end:
        raise InvalidValueError("move to another edition", change.at, f"{facts.phase.end}")
    own = evolve(change, plan=facts.catalog.plan(change.plan.key))
    waits = None if own.plan == facts.plan else own
    edition = edition_of(change.plan, editions)
    return evolve(facts, scheduled_change=waits, next_catalog=edition)


def _change_in(schedule: Field, facts: Subscription, prices: Prices) -> ScheduledChange | None:
    """The change to another plan than the one held that waits; None if none does.

    A schedule that stands by its id says nothing of its phases. One that ends in a cancellation
    waits for Free. Seats of a later phase are no change of plan.
    """
    if schedule.is_null or isinstance(schedule.value, str):
        return None
    in_force = _IN_FORCE.get(schedule["status"].text())
    if in_force is None:
        raise schedule["status"].fault(f"one of {', '.join(_IN_FORCE)}")
    if not in_force:
        return None
    phases = list(schedule["phases"].rows())
    changes = list(_changes(phases, facts, prices))
    if phases and _ending(schedule) == "cancel":
        end = max(phase["end_date"].instant() for phase in phases)
        changes.append(ScheduledChange(facts.catalog.free_plan, end))
    if len(changes) > 1:
        raise schedule["phases"].fault("one change of plan at most: no more can wait")
    return changes[0] if changes else None


def _changes(phases: list[Field], facts: Subscription, prices: Prices) -> Iterator[ScheduledChange]:
    """The changes to another plan after the instant of the facts, one after the other."""
    starts = {phase["start_date"].instant(): phase for phase in phases}
    plan = facts.plan
    for start in sorted(start for start in starts if start > facts.as_of):
        before, plan = plan, _plan_of_phase(starts[start], prices)
        if plan != before:
            yield ScheduledChange(plan, start)


def _ending(schedule: Field) -> str:
    """What becomes of the subscription after the last phase; until 2019 it had another name."""
    before = schedule["renewal_behavior"]
    ending = schedule["end_behavior"]
    return before.text() if ending.is_null and not before.is_null else ending.text()


def _plan_of_phase(phase: Field, prices: Prices) -> Plan:
    items = phase["plans"] if phase["items"].is_null else phase["items"]
    return plan_of(price_in(items.only_row()), prices)
