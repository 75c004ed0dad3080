"""The lifecycle: which event does what in which status. One table for actions and for time.

The diagram and the table in `docs/architecture.md` are generated from `LIFECYCLE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from attrs import frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.foundation import shapes
from chatim_plans.subscriptions import effects, refusals
from chatim_plans.subscriptions.actions import Action, ChoosePlan, StartFree, StartTrial
from chatim_plans.subscriptions.moves import Event, Move, move_of, move_of_time
from chatim_plans.subscriptions.occurrences import PeriodStarted, RateChanged, Step
from chatim_plans.subscriptions.refusals import ActionRefusedError
from chatim_plans.subscriptions.subscription import OnFree, Status, Subscription


@frozen(order=False)
class Transition:
    """What an event does, and the status it leads to; `to` is None where the status stays."""

    effect: effects.Effect
    to: Status | None = None


_EVERYWHERE = {
    Event.start_free: Transition(effects.refuse_restart),
    Event.resume: Transition(effects.withdraw_change),
    Event.keep_seats: Transition(effects.stay),
    Event.add_payment_method: Transition(effects.add_payment_method),
    Event.remove_payment_method: Transition(effects.remove_payment_method),
}

_UNBILLED = _EVERYWHERE | {
    Event.choose_higher: Transition(effects.start_paid, Status.active),
    Event.grow: Transition(effects.change_seats),
    Event.shrink: Transition(effects.change_seats),
    Event.payment_failed: Transition(effects.note_late_report),
    Event.payment_failed_finally: Transition(effects.note_late_report),
    Event.payment_succeeded: Transition(effects.note_late_report),
}

_FREE = _UNBILLED | {
    Event.start_trial: Transition(effects.start_trial, Status.trialing),
    Event.keep_plan: Transition(effects.clear_mark, Status.free),
    Event.choose_free: Transition(effects.clear_mark, Status.free),
    Event.move_to_edition: Transition(effects.change_edition_now),
}

# What a trial and a paid period share: they end, so a choice can wait for the end.
_ENDING = {
    Event.start_trial: Transition(effects.refuse_trial),
    Event.keep_plan: Transition(effects.withdraw_change),
    Event.choose_free: Transition(effects.schedule_change),
    Event.choose_lower: Transition(effects.schedule_change),
    Event.move_to_edition: Transition(effects.change_edition_at_boundary),
}

_TRIAL = (
    _UNBILLED
    | _ENDING
    | {
        Event.trial_converts: Transition(effects.convert_trial, Status.active),
        Event.trial_lapses: Transition(effects.end_trial, Status.trial_ended),
        Event.change_to_free_is_due: Transition(effects.fall_to_free, Status.free),
    }
)

_PAID = (
    _EVERYWHERE
    | _ENDING
    | {
        Event.choose_higher: Transition(effects.upgrade),
        Event.grow: Transition(effects.change_paid_seats),
        Event.shrink: Transition(effects.change_paid_seats),
        Event.payment_failed: Transition(effects.become_past_due, Status.past_due),
        Event.payment_failed_finally: Transition(effects.become_restricted, Status.restricted),
        Event.payment_succeeded: Transition(effects.become_good, Status.active),
    }
)

_RENEWING = _PAID | {
    Event.period_renews: Transition(effects.renew),
    Event.change_to_free_is_due: Transition(effects.fall_to_free, Status.free),
}

_RESTRICTED = _PAID | {
    Event.choose_higher: Transition(effects.refuse_restricted),
    Event.choose_lower: Transition(effects.refuse_restricted),
    Event.grow: Transition(effects.refuse_restricted),
    Event.payment_failed: Transition(effects.stay),
    Event.restriction_lapses: Transition(effects.fall_unpaid, Status.free),
}

LIFECYCLE: Mapping[Status, Mapping[Event, Transition]] = MappingProxyType({
    Status.free: _FREE,
    Status.trial_ended: _FREE | {Event.start_trial: Transition(effects.refuse_trial)},
    Status.trialing: _TRIAL,
    Status.active: _RENEWING,
    Status.past_due: _RENEWING,
    Status.restricted: _RESTRICTED,
})


def opened(action: Action, catalog: Catalog) -> Subscription:
    """The account that `action` opens, sold from `catalog`.

    Raises:
        ActionRefusedError: anything but StartTrial or StartFree.

    Source: rules P7, R1, C5.
    """
    shapes.instance(catalog, Catalog, "catalog")
    if not isinstance(action, StartTrial | StartFree):
        because = f"a history starts with StartTrial or StartFree, not {type(action).__name__}"
        raise ActionRefusedError(because, "open the account first")
    free = Subscription(catalog, catalog.free_plan, 1, action.at, OnFree())
    return free if isinstance(action, StartFree) else taken(free, action).subscription


def taken(subscription: Subscription, action: Action, *, ask_payment_method: bool = True) -> Step:
    """The step that `action` takes; time must have been let go by up to its instant before.

    Raises:
        ActionRefusedError: the action cannot apply (rule P7); its subclasses say why.

    Source: `LIFECYCLE`; rules P7, B8.
    """
    move = move_of(subscription, action)
    step = LIFECYCLE[subscription.present_status][move.event].effect(subscription, move)
    if isinstance(action, ChoosePlan) and action.seats is not None and step.occurrence is None:
        refusals.refuse_seat_count()
    if ask_payment_method and not subscription.payment_method and _charges_at_once(move, step):
        refusals.refuse_without_payment_method(move.rate)
    return step


def crossed(subscription: Subscription, boundary: datetime) -> Step:
    """The step that time takes at `boundary`, the account's next one.

    Source: `LIFECYCLE`; rules T5, C5.
    """
    subscription = effects.at_boundary(subscription)
    move = move_of_time(subscription, boundary)
    return LIFECYCLE[subscription.present_status][move.event].effect(subscription, move)


def _charges_at_once(move: Move, step: Step) -> bool:
    occurrence = step.occurrence
    if isinstance(occurrence, RateChanged):
        return occurrence.at_once and move.event is not Event.shrink
    return isinstance(occurrence, PeriodStarted)
