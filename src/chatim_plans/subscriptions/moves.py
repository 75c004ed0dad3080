"""How an action, or time itself, reads for one account: the event, and the rate it aims at.

`ChoosePlan(PRO)` is an upgrade to one account, a downgrade to another and nothing new to a third.
Reading it here leaves the lifecycle a plain table of states and events.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.errors import InvalidTypeError
from chatim_plans.subscriptions.actions import (
    Action,
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    MoveToEdition,
    PaymentFailed,
    PaymentSucceeded,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
)
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.refusals import PlanNotOfferedError
from chatim_plans.subscriptions.subscription import OnTrial, Status, Subscription


class Event(StrEnum):
    """What an action, or time, means to the account it meets."""

    start_trial = "start_trial"
    start_free = "start_free"
    keep_plan = "keep_plan"
    choose_higher = "choose_higher"
    choose_lower = "choose_lower"
    choose_free = "choose_free"
    resume = "resume"
    grow = "grow"
    shrink = "shrink"
    keep_seats = "keep_seats"
    add_payment_method = "add_payment_method"
    remove_payment_method = "remove_payment_method"
    payment_failed = "payment_failed"
    payment_failed_finally = "payment_failed_finally"
    payment_succeeded = "payment_succeeded"
    move_to_edition = "move_to_edition"
    # What time does.
    trial_converts = "trial_converts"
    trial_lapses = "trial_lapses"
    period_renews = "period_renews"
    change_to_free_is_due = "change_to_free_is_due"
    restriction_lapses = "restriction_lapses"


@frozen(order=False)
class Move:
    """An event at an instant, and the edition and rate that hold if it goes through."""

    event: Event
    at: datetime
    catalog: Catalog
    rate: Rate


def move_of(subscription: Subscription, action: Action) -> Move:
    """What `action` means to the account.

    Raises:
        InvalidTypeError: an action that this library does not know.
        PlanNotOfferedError: a choice that its edition does not offer (rules C5, C8).
    """
    catalog, rate = subscription.catalog, Rate(subscription.plan, subscription.seats)
    match action:
        case ChoosePlan():
            event, rate = _choice(subscription, action)
        case ChangeSeats(seats=seats):
            event, rate = _seat_event(rate.seats, seats), Rate(rate.plan, seats)
        case StartTrial(seats=seats):
            event, rate = Event.start_trial, Rate(catalog.trial_plan, seats)
        case Cancel():
            event, rate = Event.choose_free, Rate(catalog.free_plan, rate.seats)
        case MoveToEdition(catalog=edition):
            event, catalog = Event.move_to_edition, edition
        case PaymentFailed(final=final):
            event = Event.payment_failed_finally if final else Event.payment_failed
        case _ if type(action) in _PLAIN:
            event = _PLAIN[type(action)]
        case _:
            raise InvalidTypeError("action", action, "an action of this library")
    return Move(event, action.at, catalog, rate)


_PLAIN: Mapping[type[Action], Event] = MappingProxyType({
    StartFree: Event.start_free,
    Resume: Event.resume,
    AddPaymentMethod: Event.add_payment_method,
    RemovePaymentMethod: Event.remove_payment_method,
    PaymentSucceeded: Event.payment_succeeded,
})


def _seat_event(before: int, after: int) -> Event:
    if after > before:
        return Event.grow
    return Event.shrink if after < before else Event.keep_seats


def move_of_time(subscription: Subscription, at: datetime) -> Move:
    """What time does to the account at `at`, its next boundary.

    Source: rules R4, R5, P3, P4, D3.
    """
    change = subscription.scheduled_change
    plan = subscription.plan if change is None or change.at > at else change.plan
    event = _event_of_time(subscription, plan)
    goes_on = event in (Event.trial_converts, Event.period_renews)
    rate = Rate(plan if goes_on else subscription.catalog.free_plan, subscription.seats)
    return Move(event, at, subscription.catalog, rate)


def _event_of_time(subscription: Subscription, plan: Plan) -> Event:
    if subscription.present_status is Status.restricted:
        return Event.restriction_lapses
    if plan.is_free:
        return Event.change_to_free_is_due
    if not isinstance(subscription.phase, OnTrial):
        return Event.period_renews
    return Event.trial_converts if subscription.payment_method else Event.trial_lapses


def _choice(subscription: Subscription, action: ChoosePlan) -> tuple[Event, Rate]:
    held, catalog, chosen = subscription.plan, subscription.catalog, action.plan
    seats = subscription.seats if action.seats is None else action.seats
    if chosen.key == held.key:
        return Event.keep_plan, Rate(held, seats)
    _check_offered(chosen, catalog, "choose one of its own plans")
    if chosen.is_free:
        return Event.choose_free, Rate(chosen, seats)
    waits = "choose once the account has moved there, or move it back first (MoveToEdition)"
    _check_offered(chosen, subscription.upcoming_catalog, waits)
    higher = catalog.is_upgrade(held, chosen)
    return Event.choose_higher if higher else Event.choose_lower, Rate(chosen, seats)


def _check_offered(plan: Plan, edition: Catalog, instead: str) -> None:
    """A choice is on offer in the edition held, and in the one that waits (rules C5, C8)."""
    if plan not in edition.plans:
        because = f"edition {edition.edition!r} does not offer this plan {plan.key!r}, {plan.price}"
        raise PlanNotOfferedError(because, instead, plan, edition.edition)
