"""The lifecycle: which event does what in which status. One table for actions and for time.

The diagram and the table in `docs/architecture.md` are generated from `LIFECYCLE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from attrs import evolve, frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.foundation import shapes
from chatim_plans.subscriptions import effects, refusals
from chatim_plans.subscriptions.actions import (
    Action,
    ChoosePlan,
    MoveTrialEnd,
    StartFree,
    StartTrial,
)
from chatim_plans.subscriptions.moves import (
    EventKind,
    Move,
    Step,
    move_of,
    move_of_time,
    move_of_trial_ended,
)
from chatim_plans.subscriptions.occurrences import (
    IntervalChanged,
    PeriodStarted,
    Rate,
    RateChanged,
)
from chatim_plans.subscriptions.refusals import ActionRefusedError, Refusal
from chatim_plans.subscriptions.subscription import (
    OnFree,
    OnPaid,
    OnTrial,
    Status,
    Subscription,
)


@frozen(order=False)
class Transition:
    """What an event does, and the status it leads to; `to` is None where the status stays."""

    effect: effects.Effect
    to: Status | None = None


_EVERYWHERE = {
    EventKind.start_free: Transition(effects.refuse_restart),
    EventKind.resume: Transition(effects.withdraw_change),
    EventKind.keep_seats: Transition(effects.stay),
    EventKind.add_payment_method: Transition(effects.add_payment_method),
    EventKind.remove_payment_method: Transition(effects.remove_payment_method),
    EventKind.move_trial_end: Transition(effects.refuse_outside_trial),
    EventKind.adjust_credit: Transition(effects.adjust_credit),
    EventKind.refund: Transition(effects.refund),
}

_UNBILLED = _EVERYWHERE | {
    EventKind.choose_higher: Transition(effects.start_paid, Status.active),
    EventKind.grow: Transition(effects.change_seats),
    EventKind.shrink: Transition(effects.change_seats),
}

_FREE = _UNBILLED | {
    EventKind.start_trial: Transition(effects.start_trial, Status.trialing),
    EventKind.keep_plan: Transition(effects.clear_mark, Status.free),
    EventKind.choose_free: Transition(effects.clear_mark, Status.free),
    EventKind.cancel_at_once: Transition(effects.clear_mark, Status.free),
    EventKind.move_to_edition: Transition(effects.change_edition_now),
    EventKind.payment_failed: Transition(effects.owe),
    EventKind.payment_failed_finally: Transition(effects.owe),
    EventKind.payment_succeeded: Transition(effects.settle),
}

# What a trial and a paid period share: they end, so a choice can wait for the end.
_ENDING = {
    EventKind.start_trial: Transition(effects.refuse_trial),
    EventKind.keep_plan: Transition(effects.withdraw_change),
    EventKind.choose_free: Transition(effects.schedule_change),
    EventKind.choose_lower: Transition(effects.schedule_change),
    EventKind.cancel_at_once: Transition(effects.cancel_at_once, Status.free),
    EventKind.move_to_edition: Transition(effects.change_edition_at_boundary),
}

_TRIAL = (
    _UNBILLED
    | _ENDING
    | {
        EventKind.payment_failed: Transition(effects.note_late_report),
        EventKind.payment_failed_finally: Transition(effects.note_late_report),
        EventKind.payment_succeeded: Transition(effects.note_late_report),
        EventKind.move_trial_end: Transition(effects.move_trial_end),
        EventKind.trial_converts: Transition(effects.convert_trial, Status.active),
        EventKind.trial_lapses: Transition(effects.end_trial, Status.trial_ended),
        EventKind.change_to_free_is_due: Transition(effects.fall_to_free, Status.free),
    }
)

_PAID = (
    _EVERYWHERE
    | _ENDING
    | {
        EventKind.change_interval_later: Transition(effects.schedule_change),
        EventKind.payment_failed: Transition(effects.become_past_due, Status.past_due),
        EventKind.payment_failed_finally: Transition(effects.become_restricted, Status.restricted),
        EventKind.payment_succeeded: Transition(effects.become_good, Status.active),
    }
)

_RENEWING = _PAID | {
    EventKind.period_renews: Transition(effects.renew),
    EventKind.change_to_free_is_due: Transition(effects.fall_to_free, Status.free),
}

_ACTIVE = _RENEWING | {
    EventKind.choose_higher: Transition(effects.upgrade),
    EventKind.change_interval: Transition(effects.change_interval),
    EventKind.grow: Transition(effects.change_paid_seats),
    EventKind.shrink: Transition(effects.change_paid_seats),
}

_PAST_DUE = _RENEWING | {
    EventKind.choose_higher: Transition(effects.refuse_overdue),
    EventKind.change_interval: Transition(effects.refuse_overdue),
    EventKind.change_interval_later: Transition(effects.refuse_overdue),
    EventKind.grow: Transition(effects.refuse_overdue),
    EventKind.shrink: Transition(effects.change_seats),
    EventKind.grace_lapses: Transition(effects.end_grace, Status.restricted),
}

_RESTRICTED = _PAID | {
    EventKind.choose_higher: Transition(effects.refuse_restricted),
    EventKind.choose_lower: Transition(effects.refuse_restricted),
    EventKind.change_interval: Transition(effects.refuse_restricted),
    EventKind.change_interval_later: Transition(effects.refuse_restricted),
    EventKind.grow: Transition(effects.refuse_restricted),
    EventKind.shrink: Transition(effects.change_seats),
    EventKind.payment_failed: Transition(effects.stay),
    EventKind.change_to_free_is_due: Transition(effects.fall_to_free, Status.free),
    EventKind.restriction_lapses: Transition(effects.fall_unpaid, Status.free),
}

LIFECYCLE: Mapping[Status, Mapping[EventKind, Transition]] = MappingProxyType({
    Status.free: _FREE,
    Status.trial_ended: _FREE | {EventKind.start_trial: Transition(effects.refuse_trial)},
    Status.trialing: _TRIAL,
    Status.active: _ACTIVE,
    Status.past_due: _PAST_DUE,
    Status.restricted: _RESTRICTED,
})

_OPENINGS = {
    EventKind.start_free: Transition(effects.stay, Status.free),
    EventKind.start_trial: LIFECYCLE[Status.free][EventKind.start_trial],
}


def transition_of(kind: EventKind, status: Status | None) -> Transition | None:
    """What an event does in a status, or where it opens an account; None where it cannot happen."""
    transition = (_OPENINGS if status is None else LIFECYCLE[status]).get(kind)
    refused = transition is not None and transition.effect in effects.REFUSALS
    return None if refused else transition


def opened(action: Action, catalog: Catalog) -> Step:
    """The account that `action` opens, sold from `catalog`.

    Raises:
        ActionRefusedError: anything but StartTrial or StartFree.

    Source: rules P7, R1, C5.
    """
    shapes.instance(catalog, Catalog, "catalog")
    if not isinstance(action, StartTrial | StartFree):
        because = f"a history starts with StartTrial or StartFree, not {type(action).__name__}"
        raise ActionRefusedError(because, "open the account first", refusal=Refusal.not_open)
    free = Subscription(catalog, catalog.free_plan, 1, action.at, OnFree())
    return (
        Step(move_of(free, action), free) if isinstance(action, StartFree) else taken(free, action)
    )


def taken(subscription: Subscription, action: Action, *, ask_payment_method: bool = True) -> Step:
    """The step that `action` takes; time must have been let go by up to its instant before.

    Raises:
        ActionRefusedError: the action cannot apply (rule P7); its subclasses say why.

    Source: `LIFECYCLE`; rules P7, B8.
    """
    if isinstance(action, MoveTrialEnd) and action.to == action.at:
        return _trial_ended(subscription, action)
    move = move_of(subscription, action)
    step = _led_to(subscription, move)
    if isinstance(action, ChoosePlan) and step.occurrence is None:
        refusals.check_seat_count(subscription, action)
    if ask_payment_method and not subscription.payment_method and _charges_at_once(step):
        after = step.subscription
        refusals.refuse_without_payment_method(Rate(after.plan, after.seats))
    return step


def crossed(subscription: Subscription, boundary: datetime) -> Step:
    """The step that time takes at `boundary`, the account's next one.

    Source: `LIFECYCLE`; rules T5, C5, D6.
    """
    phase = subscription.phase
    if not (isinstance(phase, OnPaid) and phase.grace_end == boundary):
        subscription = effects.at_boundary(subscription)
    return _led_to(subscription, move_of_time(subscription, boundary))


def _trial_ended(subscription: Subscription, action: MoveTrialEnd) -> Step:
    """The trial ends now, exactly as its end would (rule R8)."""
    if not isinstance(subscription.phase, OnTrial):
        refusals.refuse_outside_trial()
    entered = effects.at_boundary(subscription)
    move = move_of_trial_ended(entered, action)
    waits_longer = entered.change_after(subscription.phase.end)
    return _led_to(evolve(entered, scheduled_change=waits_longer), move)


def _led_to(subscription: Subscription, move: Move) -> Step:
    return LIFECYCLE[subscription.present_status][move.event].effect(subscription, move)


def _charges_at_once(step: Step) -> bool:
    occurrence = step.occurrence
    if isinstance(occurrence, RateChanged):
        return occurrence.at_once and step.move.event is not EventKind.shrink
    return isinstance(occurrence, PeriodStarted | IntervalChanged)
