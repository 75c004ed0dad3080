"""The actions that lead from an account to a subscription as Stripe tells it."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import assert_never

from attrs import evolve, frozen

from chatim_plans.catalog.plans import Plan
from chatim_plans.stripe.calls import falls_unpaid
from chatim_plans.stripe.fields import Field, second_before
from chatim_plans.stripe.log_state import LogState, departs
from chatim_plans.stripe.prices import price_in
from chatim_plans.stripe.subscriptions import NOT_YET, Snapshot, facts_of, is_over, why_it_ended
from chatim_plans.subscriptions.actions import (
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    MoveToEdition,
    MoveTrialEnd,
    PaymentFailed,
    PaymentSucceeded,
    Resume,
    StartFree,
    StartTrial,
)
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.subscription import (
    OnFree,
    OnPaid,
    OnTrial,
    ScheduledChange,
    Standing,
    Subscription,
)

# A failure that is not final never lifts a restriction (rule D1).
_WORSE = MappingProxyType({
    Standing.good: frozenset({Standing.past_due, Standing.restricted}),
    Standing.past_due: frozenset({Standing.restricted}),
    Standing.restricted: frozenset(),
})


_APART = timedelta(days=3)
"""How far an event may be from the period that its subscription speaks of, as at a late renewal."""


@frozen(order=False)
class Told:
    """A subscription as Stripe tells it, and the facts that it states."""

    snapshot: Snapshot
    facts: Subscription

    @property
    def top(self) -> Field:
        """Stripe's subscription itself."""
        return self.snapshot.top

    @property
    def at(self) -> datetime:
        """The instant of the facts."""
        return self.facts.as_of


def told_of(state: LogState, top: Field, at: datetime) -> LogState:
    """What leads to the subscription `top` as it is at the instant `at`."""
    if top["status"].text() in NOT_YET:
        return _opened_free(state, top)
    told = stated(state, top.of_kind("subscription"), at)
    if abs(told.at - at) > _APART:
        end = told.snapshot.bound("current_period_end")
        raise departs(end, f"the end of a period that holds {at.isoformat()}", "T2")
    for fault in told.snapshot.not_modelled:
        raise fault
    match told.facts.phase:
        case OnFree():
            state = _over(state, told)
        case OnTrial() as phase:
            state = _on_trial(state, told, phase)
        case OnPaid() as phase:
            state = _on_paid(state, told, phase)
        case _ as never:
            assert_never(never)
    return evolve(state, held_facts=told.facts) if top["id"].text() == state.held else state


def stated(state: LogState, top: Field, at: datetime) -> Told:
    """What Stripe's subscription states at the instant `at`, with the schedule known for it."""
    schedule = None if top["schedule"].is_null else state.schedules.get(top["schedule"].id())
    snapshot = Snapshot.of(top, at, state.prices).nearest
    known = state.account_at(snapshot.at)
    editions = state.editions if known is None else (known.catalog, *state.editions)
    sells = [edition for edition in editions if snapshot.rate.plan in edition.plans]
    if not sells:
        named = ", ".join(repr(edition.edition) for edition in state.editions)
        raise price_in(snapshot.item).own_id.fault(f"a price of the edition {named}")
    facts = facts_of(snapshot, schedule, state.prices, sells[0], editions)
    return Told(snapshot, facts)


def _opened_free(state: LogState, top: Field) -> LogState:
    if state.account is not None:
        return state
    since = [top["created"], top["billing_cycle_anchor"]]
    at = min(each.instant() for each in since if not each.is_null)
    return state.opened(StartFree(at=at))


# --- a subscription that runs ---
def _on_trial(state: LogState, told: Told, phase: OnTrial) -> LogState:
    top = told.top
    start = StartTrial(told.facts.seats, at=top["trial_start"].instant())
    is_first = told.facts.catalog == state.catalog
    state = _taken_over(state.opened(start if is_first else StartFree(at=start.at)), told)
    state = _in_edition(state, told, start.at)
    at = _while_on_trial(state, told)
    if isinstance(state.ours(at).phase, OnFree):
        state = state.recorded(start)
    ours = state.ours(at)
    if not isinstance(ours.phase, OnTrial):
        raise departs(top["trial_end"], f"no trial after {ours}", "R2")
    if ours.phase != phase:
        state = state.recorded(MoveTrialEnd(phase.trial_end, at=at))
    if ours.plan != told.facts.plan:
        raise departs(top["items"], f"{ours.plan.key!r} to the trial's end", "R1")
    state = _with_method_of(state, told)
    state = _with_seats(state, told)
    return _with_what_waits(state, told)


def _while_on_trial(state: LogState, told: Told) -> datetime:
    """The instant at which it is told; before the trial's end as told last, if that was moved."""
    known = state.held_facts
    if known is None or not isinstance(known.phase, OnTrial):
        return told.at
    return min(told.at, second_before(known.phase.trial_end))


def _on_paid(state: LogState, told: Told, phase: OnPaid) -> LogState:
    state = _taken_over(state.opened(StartFree(at=phase.cycle.anchor)), told)
    restricted = phase.standing is Standing.restricted
    if restricted and isinstance(state.ours(told.at).phase, OnFree):
        return state  # its period ended unpaid: nothing of it is used or owed any more (rule D3)
    state = _with_method_of(state, told)
    state = _in_edition(state, told, phase.period.start)
    state = _entered(state, told, phase)
    present = state.ours(told.at).phase
    if not isinstance(present, OnPaid):
        where = told.top["billing_cycle_anchor"]
        raise departs(where, "an instant after the end of what was paid before", "P2")
    if phase.standing is Standing.good:
        state = state.with_payment(PaymentSucceeded(at=told.at))
    state = _with_plan(state, told, phase)
    state = _with_seats(state, told)
    state = _with_what_waits(state, told)
    if phase.standing in _WORSE[present.standing]:
        state = state.recorded(PaymentFailed(restricted, at=told.at))
    return state


def _taken_over(state: LogState, told: Told) -> LogState:
    """The account stands on this subscription: its first, or one after another ended."""
    subscription = told.top["id"]
    if subscription.text() == state.held:
        return state
    known = state.account_at(told.at)
    is_first = not state.held and state.stored_at is None
    is_free = known is None or isinstance(known.phase, OnFree)
    if is_first or is_free or may_be_stored(state, told.top, told.at):
        return evolve(state, held=subscription.text())
    held = state.subscriptions.get(state.held)
    if held is not None and is_over(held):
        raise departs(subscription, f"no start before {state.held} was paid", "D2")
    raise departs(subscription, f"{state.held or 'that of the stored account'}, which runs", "P7")


def may_be_stored(state: LogState, top: Field, at: datetime) -> bool:
    """Whether a stored account may stand on this subscription, of which its log has not told yet.

    It was there when the account was stored, or is billed as the account is.
    """
    if state.held or state.stored_at is None:
        return False
    created = top["created"].instant_or_none()
    anchor, phase = top["billing_cycle_anchor"].instant_or_none(), state.ours(at).phase
    bills_alike = isinstance(phase, OnPaid) and phase.cycle.anchor == anchor
    return bills_alike or (created is not None and created <= state.stored_at)


def _with_method_of(state: LogState, told: Told) -> LogState:
    if not told.facts.payment_method:
        return state
    return state.with_payment_method(told.at, on_file=True)


def _in_edition(state: LogState, told: Told, since: datetime) -> LogState:
    """In the edition that sells the plan: moved there at the boundary `since` at the latest.

    Source: rule C5.
    """
    edition, ours = told.facts.catalog, state.ours(told.at)
    if ours.catalog == edition:
        return state
    if state.held_facts is not None and state.held_facts.phase.end == told.facts.phase.end:
        price = price_in(told.snapshot.item).own_id
        raise departs(price, f"the price of the edition {ours.catalog.edition!r}", "C5")
    before = state.account_at(second_before(since))
    is_due = before is not None and before.phase.end == since
    return state.recorded(MoveToEdition(edition, at=second_before(since) if is_due else since))


def _entered(state: LogState, told: Told, phase: OnPaid) -> LogState:
    """What is paid from the anchor on was started: a trial went on, or a plan was chosen."""
    present = state.ours(told.at).phase
    if isinstance(present, OnPaid) and present.period == phase.period:
        return state
    anchor, where = phase.cycle.anchor, told.top["billing_cycle_anchor"]
    before, ours = state.account_at(second_before(anchor)), state.ours(anchor)
    lapsed = ours.phase == OnFree(trial_ended=True)
    if isinstance(ours.phase, OnPaid):
        if isinstance(present, OnFree):
            raise departs(where, "Free, because its period ended unpaid", "D3")
        return _with_interval(state, told, ours, ours.phase)
    if lapsed and before is not None and before.phase.end == anchor:
        # The trial went on at its end, so there was a payment method in time (rule R4).
        return state.recorded(AddPaymentMethod(at=second_before(anchor)))
    if isinstance(ours.phase, OnTrial) and not _is_higher(told.facts.plan, ours):
        return _with_trial_ended(state, told, anchor)
    if phase.period.start != anchor:
        begun = phase.period.start.isoformat()
        raise departs(where, f"{begun}: what was before ended", "P2")
    return state.recorded(ChoosePlan(told.facts.plan, told.facts.seats, at=anchor))


def _with_trial_ended(state: LogState, told: Told, at: datetime) -> LogState:
    """A trial that was ended, and paid: so there was a payment method (rules R8, R4).

    A lower plan than the trial's was chosen by then, for its end (rule R6).
    """
    state = state.with_payment_method(at, on_file=True)
    ours = state.ours(at)
    change = ours.scheduled_change
    upcoming = ours.plan if change is None else change.plan
    if upcoming.key != told.facts.plan.key:
        state = state.recorded(ChoosePlan(told.facts.plan, at=at))
    return state.recorded(MoveTrialEnd(at, at=at))


def _with_interval(state: LogState, told: Told, ours: Subscription, before: OnPaid) -> LogState:
    """Billing begins anew with a plan of another interval: higher at once, lower from a boundary.

    Source: rule P9.
    """
    facts, where = told.facts, told.top["billing_cycle_anchor"]
    anchor, kept = where.instant(), before.cycle.anchor
    if facts.plan.interval_months == ours.plan.interval_months:
        raise departs(where, f"the anchor of {ours}, {kept.isoformat()}", "T3")
    if anchor == kept:
        raise departs(where, "another anchor with another interval", "P9")
    if _is_higher(facts.plan, ours):
        seats = None if facts.seats == ours.seats else facts.seats
        return state.recorded(ChoosePlan(facts.plan, seats, at=anchor))
    return state.recorded(ChoosePlan(facts.plan, at=second_before(anchor)))


def _is_higher(plan: Plan, ours: Subscription) -> bool:
    """Whether a choice of the plan is an upgrade of the account."""
    return ours.catalog.is_upgrade(ours.plan, ours.catalog.plan(plan.key))


def _with_plan(state: LogState, told: Told, phase: OnPaid) -> LogState:
    facts, ours, boundary = told.facts, state.ours(told.at), phase.period.start
    if ours.plan == facts.plan:
        return state
    came_with_boundary = state.held_facts is not None and state.held_facts.as_of < boundary
    if _is_higher(facts.plan, ours):
        prorated_at = _prorated_at(state, told)
        if came_with_boundary and prorated_at is None:
            raise departs(told.top["items"], f"{ours.plan.key!r}, as no higher plan waits", "P1")
        seats = None if facts.seats == ours.seats else facts.seats
        choice = ChoosePlan(facts.plan, seats, at=prorated_at or told.at)
        state = state.recorded(choice)
    elif came_with_boundary:
        # A lower plan starts at a boundary, so it was chosen before it (rules P3, T5).
        state = state.recorded(ChoosePlan(facts.plan, at=second_before(boundary)))
    if state.ours(told.at).plan != facts.plan:
        raise departs(told.top["items"], f"{ours.plan.key!r} to the period's end", "P3")
    return state


def _with_seats(state: LogState, told: Told) -> LogState:
    seats = told.facts.seats
    if state.ours(told.at).seats == seats:
        return state
    at = _prorated_at(state, told) or told.at
    return state.recorded(ChangeSeats(seats, at=at))


def _with_what_waits(state: LogState, told: Told) -> LogState:
    """The choice that waits for the end of the trial or period, or that none does."""
    change = told.facts.scheduled_change
    if change is None and not _is_known(told.top["schedule"], state):
        return state
    state, ours = _with_waiting_edition(state, told), state.ours(told.at)
    if change == ours.scheduled_change:
        return state
    if change is None:
        return state.recorded(Resume(at=told.at))
    end, said_by = ours.phase.end, _said_by(change, told.top, state)
    if change.at != end:
        raise departs(said_by, f"the end of the period, {end}", "P4")
    if change.plan.is_free:
        return _with_end(state, told, ours)
    if _is_higher(change.plan, ours):
        raise departs(said_by, "no higher plan that waits: it holds at once", "P1")
    return state.recorded(ChoosePlan(change.plan, at=told.at))


def _said_by(change: ScheduledChange, top: Field, state: LogState) -> Field:
    """Where a change that waits is told: as an end of the subscription, or in its schedule."""
    if change.plan.is_free and not top["cancel_at"].is_null:
        return top["cancel_at"]
    schedule = top["schedule"]
    is_id = isinstance(schedule.value, str)
    return state.schedules.get(schedule.id(), schedule) if is_id else schedule


def _is_known(schedule: Field, state: LogState) -> bool:
    """Whether the log has told what waits in the schedule, if there is one."""
    return schedule.is_null or schedule.is_object or schedule.id() in state.schedules


def _with_waiting_edition(state: LogState, told: Told) -> LogState:
    ours, edition = state.ours(told.at), told.facts.next_catalog
    if edition == ours.next_catalog:
        return state
    return state.recorded(MoveToEdition(edition or ours.catalog, at=told.at))


def _with_end(state: LogState, told: Told, ours: Subscription) -> LogState:
    """A cancellation, if it was asked for: who is not paid falls to Free by itself (rules D3, D6).

    That end stands at Stripe, too, because this library's calls tell it.
    """
    top, at, phase = told.top, told.at, told.facts.phase
    if falls_unpaid(ours) or (isinstance(phase, OnPaid) and phase.standing is Standing.restricted):
        return state
    asked, since = top["canceled_at"].instant_or_none() or at, state.last() or at
    return state.recorded(Cancel(at=asked if since <= asked <= at else at))


def _prorated_at(state: LogState, told: Told) -> datetime | None:
    """When a change to the rate was made, as an invoice prorates it; None where none does."""
    start = told.snapshot.bound("current_period_start").instant()
    since = max(state.last(ChangeSeats) or start, start)
    instants = state.instants.get((told.top["id"].text(), told.snapshot.rate), ())
    known = bisect_right(instants, told.at)
    return instants[known - 1] if known and since <= instants[known - 1] else None


# --- a subscription that is over ---
def _over(state: LogState, told: Told) -> LogState:
    top, state = told.top, _opened_free(state, told.top)
    ends = [top["ended_at"].instant_or_none(), top["cancel_at"].instant_or_none()]
    ended = min([told.at, *(at for at in ends if at is not None)])
    ours = state.ours(ended)
    if isinstance(ours.phase, OnFree) or not _stands_on(state, told, ours):
        return state
    lapsed = told.facts.phase == OnFree(trial_ended=True)
    if lapsed and top["trial_end"].instant() <= told.at:
        return _lapsed(state, top)
    if top["status"].value == "paused":
        raise departs(top["status"], "no pause of a paid plan", "P7")
    return _stopped(state, top, ended)


def _stands_on(state: LogState, told: Told, ours: Subscription) -> bool:
    """Whether the account stands on this subscription; of one that was stored, by what it held."""
    if state.held:
        return state.held == told.top["id"].text()
    end = told.snapshot.bound("current_period_end").instant_or_none()
    return (Rate(ours.plan, ours.seats), ours.phase.end) == (told.snapshot.rate, end)


def _lapsed(state: LogState, top: Field) -> LogState:
    """A trial that ended, and that nobody paid for, though a card was on file or its end moved."""
    lapse = top["trial_end"].instant()
    before = second_before(lapse)
    at = lapse if state.account_at(before) is None else before
    # Whatever had been attached, it was no payment method for Stripe (rule R4).
    state = state.with_payment_method(at, on_file=False)
    if isinstance(state.ours(lapse).phase, OnTrial):
        return state.recorded(MoveTrialEnd(lapse, at=lapse))
    return state


def _stopped(state: LogState, top: Field, ended: datetime) -> LogState:
    """It ended although it would have gone on: it was cancelled, or it was not paid."""
    phase = (state.account_at(second_before(ended)) or state.ours(ended)).phase
    boundary = (phase if state.held_facts is None else state.held_facts.phase).end
    inside = boundary is None or ended < boundary
    at = ended if inside else second_before(ended)
    why = why_it_ended(top)
    if isinstance(phase, OnPaid) and phase.standing is not Standing.good and why is None:
        why = "payment_failed"
    if isinstance(phase, OnPaid) and why == "payment_failed":
        return state.recorded(PaymentFailed(final=True, at=at))
    return state.recorded(Cancel(at_once=inside, at=at))
