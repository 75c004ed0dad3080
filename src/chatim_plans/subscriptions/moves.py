"""How an action, or time itself, reads for one account: the event, and the rate it aims at.

`ChoosePlan(PRO)` is an upgrade to one account, a downgrade to another and nothing new to a third.
Reading it here leaves the lifecycle a plain table of states and events.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from attrs import evolve, frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.plans import Plan
from chatim_plans.errors import InvalidTypeError, PlanNotOfferedError
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


_PLAIN = MappingProxyType(
    {
        StartFree: Event.start_free,
        Resume: Event.resume,
        AddPaymentMethod: Event.add_payment_method,
        RemovePaymentMethod: Event.remove_payment_method,
        PaymentSucceeded: Event.payment_succeeded,
    }
)


def move_of(subscription: Subscription, action: Action) -> Move:
    """What `action` means to the account.

    Raises:
        InvalidTypeError: no action.
        PlanNotOfferedError, ActionRefusedError: a choice that cannot be meant (rules C5, C8, P7).
    """
    held = Rate(subscription.plan, subscription.seats)
    still = Move(Event.keep_plan, action.at, subscription.catalog, held)
    match action:
        case StartTrial(seats=seats):
            rate = Rate(subscription.catalog.trial_plan, seats)
            return evolve(still, event=Event.start_trial, rate=rate)
        case ChoosePlan():
            return _choice(subscription, action, still)
        case Cancel():
            rate = evolve(held, plan=subscription.catalog.free_plan)
            return evolve(still, event=Event.choose_free, rate=rate)
        case ChangeSeats(seats=seats):
            grown = seats - held.seats
            event = Event.grow if grown > 0 else Event.shrink if grown else Event.keep_seats
            return evolve(still, event=event, rate=evolve(held, seats=seats))
        case PaymentFailed(final=final):
            event = Event.payment_failed_finally if final else Event.payment_failed
            return evolve(still, event=event)
        case MoveToEdition(catalog=catalog):
            return evolve(still, event=Event.move_to_edition, catalog=catalog)
        case _ if type(action) in _PLAIN:
            return evolve(still, event=_PLAIN[type(action)])
        case _:
            raise InvalidTypeError("action", action, "an action, such as ChoosePlan")


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


def _choice(subscription: Subscription, action: ChoosePlan, still: Move) -> Move:
    held, catalog = subscription.plan, subscription.catalog
    seats = subscription.seats if action.seats is None else action.seats
    if action.plan.key == held.key:
        return evolve(still, event=Event.keep_plan, rate=Rate(held, seats))
    for edition in (catalog, subscription.next_catalog):
        if edition is not None and action.plan not in edition.plans:
            raise PlanNotOfferedError(
                f"{action.plan.key!r} at {action.plan.price} is not on offer in edition "
                f"{edition.edition!r}",
                f"choose one of its plans: {', '.join(plan.key for plan in edition.plans)}",
                plan=action.plan,
                edition=edition.edition,
            )
    if action.plan.is_free:
        event = Event.choose_free
    else:
        event = Event.choose_higher if catalog.is_upgrade(held, action.plan) else Event.choose_lower
    return evolve(still, event=event, rate=Rate(action.plan, seats))
