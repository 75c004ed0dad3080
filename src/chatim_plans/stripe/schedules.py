"""What waits for a subscription of Stripe's: a cancellation, or a later phase of its schedule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import evolve, frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.foundation.errors import InvalidValueError, UnknownKeyError
from chatim_plans.stripe.fields import Field, InvalidStripeError
from chatim_plans.stripe.prices import Prices, edition_of, own_item, plan_of, price_in
from chatim_plans.subscriptions.subscription import ScheduledChange, Subscription


def schedule_of(top: Field, given: Field) -> Field:
    """The schedule given, which must be that of the subscription `top`."""
    schedule = given.of_kind("subscription_schedule")
    owners = [schedule["subscription"], schedule["released_subscription"]]
    owner = next((each for each in owners if not each.is_null), owners[0])
    if owner.id() != top["id"].text():
        raise owner.fault("the subscription read")
    return schedule


@frozen(order=False)
class _Waiting:
    """A change that waits, and what says so: the price of its phase, or the schedule."""

    change: ScheduledChange
    said_by: Field


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
        InvalidStripeError: more than one change waits, or one that cannot happen, by its price.
    """
    waiting = _change_in(schedule, facts, prices)
    if end is not None:
        if waiting is not None and waiting.change.at < end:
            raise schedule.fault("no change before the cancellation: one change waits at most")
        waiting = _Waiting(ScheduledChange(facts.catalog.free_plan, end), schedule)
    if waiting is None:
        return facts
    change = waiting.change
    try:
        if change.plan in facts.catalog.plans:
            return evolve(facts, scheduled_change=change)
        return _moving(facts, change, editions)
    except (InvalidValueError, UnknownKeyError) as error:
        given = f"{change.plan.key!r} from {change.at.isoformat()}"
        path = waiting.said_by.path
        raise InvalidStripeError(path, f"what can wait here ({error})", given) from error


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


def _change_in(schedule: Field, facts: Subscription, prices: Prices) -> _Waiting | None:
    """The change to another plan than the one held that waits; None if none does.

    A schedule that stands by its id says nothing of its phases. One that ends in a cancellation
    waits for Free. Seats of a later phase are no change of plan.
    """
    phases = _phases(schedule)
    changes = list(_changes(schedule, facts, prices))
    if phases and _ending(schedule) == "cancel":
        end = max(phase["end_date"].instant() for phase in phases)
        changes.append(_Waiting(ScheduledChange(facts.catalog.free_plan, end), schedule))
    if len(changes) > 1:
        raise schedule["phases"].fault("one change of plan at most: no more can wait")
    return changes[0] if changes else None


def _phases(schedule: Field) -> list[Field]:
    """The phases of a schedule in force; none of another, nor of one that stands by its id."""
    if schedule.is_null or isinstance(schedule.value, str) or not is_in_force(schedule):
        return []
    return list(schedule["phases"].rows())


def is_in_force(schedule: Field) -> bool:
    """Whether a schedule that stands whole still rules over its subscription."""
    in_force = _IN_FORCE.get(schedule["status"].text())
    if in_force is None:
        raise schedule["status"].fault(f"one of {', '.join(_IN_FORCE)}")
    return in_force


def is_done(schedule: Field, prices: Prices) -> bool:
    """Whether nothing waits any more in a schedule that stands whole.

    Its last price has begun, as Stripe itself says, and its end lets go of the subscription.
    """
    current = schedule["current_phase"]
    if current.is_null or _ending(schedule) != "release":
        return False
    since, phases = current["start_date"].instant(), schedule["phases"].rows()
    begun = (phase for phase in phases if phase["start_date"].instant() >= since)
    return len({_price_of_phase(phase, prices).id() for phase in begun}) <= 1


def later_phases(schedule: Field, at: datetime) -> list[Field]:
    """The phases of a schedule in force that start after the instant `at`, in order."""
    starts = {phase["start_date"].instant(): phase for phase in _phases(schedule)}
    return [starts[start] for start in sorted(starts) if start > at]


def _changes(schedule: Field, facts: Subscription, prices: Prices) -> Iterator[_Waiting]:
    """The changes to another plan after the instant of the facts, one after the other."""
    plan, currency = facts.plan, facts.plan.price.currency.code
    for phase in later_phases(schedule, facts.as_of):
        price = _price_of_phase(phase, prices)
        before, plan = plan, plan_of(price, prices, currency)
        if plan != before:
            change = ScheduledChange(plan, phase["start_date"].instant())
            yield _Waiting(change, price.own_id)


def _ending(schedule: Field) -> str:
    """What becomes of the subscription after the last phase; until 2019 it had another name."""
    before = schedule["renewal_behavior"]
    ending = schedule["end_behavior"]
    return before.text() if ending.is_null and not before.is_null else ending.text()


def _price_of_phase(phase: Field, prices: Prices) -> Field:
    return price_in(own_item(items_of_phase(phase), prices))


def items_of_phase(phase: Field) -> Field:
    """What a schedule's phase bills; its items were its plans until 2019."""
    return phase["plans"] if phase["items"].is_null else phase["items"]


_IN_FORCE = {
    "not_started": True,
    "active": True,
    "completed": False,
    "released": False,
    "canceled": False,
}
