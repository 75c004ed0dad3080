"""How an action, or time itself, reads for one account: the event, and the rate it aims at.

`ChoosePlan(PRO)` is an upgrade to one account, a downgrade to another and nothing new to a third.
Reading it here leaves the lifecycle a plain table of states and events.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from attrs import evolve, frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.errors import InvalidTypeError
from chatim_plans.subscriptions.actions import (
    Action,
    AddPaymentMethod,
    AdjustCredit,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    MoveToEdition,
    MoveTrialEnd,
    PaymentFailed,
    PaymentSucceeded,
    Refunded,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
)
from chatim_plans.subscriptions.occurrences import Occurrence, Rate
from chatim_plans.subscriptions.refusals import PlanNotOfferedError
from chatim_plans.subscriptions.subscription import (
    OnPaid,
    OnTrial,
    ScheduledChange,
    Standing,
    Subscription,
)


class EventKind(StrEnum):
    """What an action, or time, means to the account it meets: the lifecycle's own words.

    >>> from chatim_plans import AddPaymentMethod, EventKind, StartTrial, replay, utc
    >>> start = utc("2026-03-01 12:00")
    >>> story = replay([StartTrial(at=start), AddPaymentMethod(at=start)], until=utc("2026-05-01"))
    >>> [event.kind.value for event in story.events]
    ['start_trial', 'add_payment_method', 'trial_converts', 'period_renews']
    >>> [str(event.at.date()) for event in story.events if event.kind is EventKind.trial_converts]
    ['2026-03-31']

    Source: rule B14; `docs/architecture.md` has the table of them all.
    """

    start_trial = "start_trial"
    start_free = "start_free"
    keep_plan = "keep_plan"
    choose_higher = "choose_higher"
    choose_lower = "choose_lower"
    choose_free = "choose_free"
    change_interval = "change_interval"
    change_interval_later = "change_interval_later"
    cancel_at_once = "cancel_at_once"
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
    move_trial_end = "move_trial_end"
    adjust_credit = "adjust_credit"
    refund = "refund"
    # What time does.
    trial_converts = "trial_converts"
    trial_lapses = "trial_lapses"
    period_renews = "period_renews"
    change_to_free_is_due = "change_to_free_is_due"
    grace_lapses = "grace_lapses"
    restriction_lapses = "restriction_lapses"


@frozen(order=False)
class Move:
    """An event at an instant, and the edition and rate that hold if it goes through.

    `action` is what brought it; None where time did.
    """

    event: EventKind
    at: datetime
    catalog: Catalog
    rate: Rate
    action: Action | None = None


@frozen(order=False)
class Step:
    """What a move led to: the account after it, and what happened that has a price."""

    move: Move
    subscription: Subscription
    occurrence: Occurrence | None = None


def move_of(subscription: Subscription, action: Action) -> Move:
    """What `action` means to the account.

    Raises:
        InvalidTypeError: an action that this library does not know.
        PlanNotOfferedError: a choice that its edition does not offer (rules C5, C8).
    """
    catalog, held = subscription.catalog, Rate(subscription.plan, subscription.seats)
    event, *if_lower = kinds_of(action, held, billed=isinstance(subscription.phase, OnPaid))
    rate = held
    match action:
        case ChoosePlan(plan=plan, seats=seats):
            chosen = held.plan if plan.key == held.plan.key else _offered(subscription, plan)
            if if_lower and not catalog.is_upgrade(held.plan, chosen):
                (event,) = if_lower
            rate = Rate(chosen, held.seats if seats is None else seats)
        case ChangeSeats(seats=seats):
            rate = Rate(held.plan, seats)
        case StartTrial(seats=seats):
            rate = Rate(catalog.trial_plan, seats)
        case Cancel():
            rate = Rate(catalog.free_plan, held.seats)
        case MoveToEdition(catalog=edition):
            catalog = edition
        case _:
            pass
    return Move(event, action.at, catalog, rate, action)


def kinds_of(action: Action | None, held: Rate, *, billed: bool) -> tuple[EventKind, ...]:
    """What `action` can be to an account that holds that, in a paid period or not; None is time.

    A choice has two: one where the plan ranks higher, then one where it ranks lower.

    Raises:
        InvalidTypeError: an action that this library does not know.
    """
    match action:
        case None:
            kinds = _OF_TIME
        case ChoosePlan(plan=plan):
            kinds = _kinds_of_choice(plan, held.plan, billed=billed)
        case ChangeSeats(seats=seats):
            kinds = (_seat_event(held.seats, seats),)
        case StartTrial():
            kinds = (EventKind.start_trial,)
        case Cancel(at_once=at_once):
            kinds = (EventKind.cancel_at_once if at_once else EventKind.choose_free,)
        case MoveToEdition():
            kinds = (EventKind.move_to_edition,)
        case PaymentFailed(final=final):
            kinds = (EventKind.payment_failed_finally if final else EventKind.payment_failed,)
        case MoveTrialEnd(at=at, to=to) if to == at and not billed:
            kinds = _ENDS_OF_TRIAL
        case _ if type(action) in _PLAIN:
            kinds = (_PLAIN[type(action)],)
        case _:
            raise InvalidTypeError("action", action, "an action of this library")
    return kinds


_ENDS_OF_TRIAL = (
    EventKind.trial_converts,
    EventKind.trial_lapses,
    EventKind.change_to_free_is_due,
)
_OF_TIME: tuple[EventKind, ...] = (
    *_ENDS_OF_TRIAL,
    EventKind.period_renews,
    EventKind.grace_lapses,
    EventKind.restriction_lapses,
)
_PLAIN: Mapping[type[Action], EventKind] = MappingProxyType({
    StartFree: EventKind.start_free,
    Resume: EventKind.resume,
    AddPaymentMethod: EventKind.add_payment_method,
    RemovePaymentMethod: EventKind.remove_payment_method,
    PaymentSucceeded: EventKind.payment_succeeded,
    MoveTrialEnd: EventKind.move_trial_end,
    AdjustCredit: EventKind.adjust_credit,
    Refunded: EventKind.refund,
})


def _seat_event(before: int, after: int) -> EventKind:
    if after > before:
        return EventKind.grow
    return EventKind.shrink if after < before else EventKind.keep_seats


def move_of_time(subscription: Subscription, at: datetime) -> Move:
    """What time does to the account at `at`, its next boundary.

    Source: rules R4, R5, P3, P4, D3, D6.
    """
    change = subscription.scheduled_change
    return _move_of_time(subscription, at, change if change and change.at <= at else None)


def move_of_trial_ended(subscription: Subscription, action: MoveTrialEnd) -> Move:
    """What ending the trial now does: what its end would, at the instant of the action (R8)."""
    change = subscription.scheduled_change
    due = change if change and change.at == subscription.phase.end else None
    return evolve(_move_of_time(subscription, action.at, due), action=action)


def _move_of_time(subscription: Subscription, at: datetime, due: ScheduledChange | None) -> Move:
    plan = subscription.plan if due is None else due.plan
    event = _event_of_time(subscription, at, plan)
    goes_on = event not in _TO_FREE
    rate = Rate(plan if goes_on else subscription.catalog.free_plan, subscription.seats)
    return Move(event, at, subscription.catalog, rate)


_TO_FREE = frozenset({
    EventKind.trial_lapses,
    EventKind.change_to_free_is_due,
    EventKind.restriction_lapses,
})


def _event_of_time(subscription: Subscription, at: datetime, plan: Plan) -> EventKind:
    phase = subscription.phase
    if isinstance(phase, OnPaid):
        if phase.grace_end == at:
            return EventKind.grace_lapses
        if phase.standing is Standing.restricted and phase.end == at:
            return EventKind.restriction_lapses
    if plan.is_free:
        return EventKind.change_to_free_is_due
    if not isinstance(phase, OnTrial):
        return EventKind.period_renews
    return EventKind.trial_converts if subscription.payment_method else EventKind.trial_lapses


def _kinds_of_choice(chosen: Plan, held: Plan, *, billed: bool) -> tuple[EventKind, ...]:
    if chosen.key == held.key:
        return (EventKind.keep_plan,)
    if chosen.is_free:
        return (EventKind.choose_free,)
    if billed and chosen.interval_months != held.interval_months:
        return EventKind.change_interval, EventKind.change_interval_later
    return EventKind.choose_higher, EventKind.choose_lower


def _offered(subscription: Subscription, named: Plan) -> Plan:
    """The plan of the edition held that `named` is: its own value, or the one of what waits.

    Raises:
        PlanNotOfferedError: neither edition has it so, or one of them has retired it (C5, C8, C9).
    """
    held = subscription.catalog
    editions = [held, subscription.upcoming_catalog]
    edition = next((edition for edition in editions if named.key in edition.retired), None)
    if edition is not None:
        because = f"edition {edition.edition!r} has retired the plan {named.key!r}"
        on_offer = (plan.key for plan in held.plans if plan.key not in subscription.retired)
        instead = f"choose one of {', '.join(on_offer)}"
        raise PlanNotOfferedError(because, instead, named, edition.edition)
    here = next((plan for plan in held.plans if plan.key == named.key), None)
    if here is None or not any(named in edition.plans for edition in editions):
        because = f"edition {held.edition!r} does not offer this plan {named.key!r}, {named.price}"
        raise PlanNotOfferedError(because, "choose one of its own plans", named, held.edition)
    return here
