"""What each event does to an account, one function an effect; the lifecycle's table picks one.

Every effect takes the account and the move, and returns the account after it with what happened
that has a price, or raises and has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Never, TypeAlias, TypeVar

from attrs import evolve

from chatim_plans.catalog.catalogs import BillingMode, Catalog
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import days_after
from chatim_plans.foundation.periods import Cycle
from chatim_plans.subscriptions import refusals
from chatim_plans.subscriptions.actions import Action, AdjustCredit, MoveTrialEnd, Refunded
from chatim_plans.subscriptions.moves import Move, Step
from chatim_plans.subscriptions.occurrences import (
    BillingStopped,
    CreditAdjusted,
    IntervalChanged,
    PeriodStarted,
    Rate,
    RateChanged,
    RefundGiven,
)
from chatim_plans.subscriptions.subscription import (
    OnFree,
    OnPaid,
    OnTrial,
    ScheduledChange,
    Standing,
    Subscription,
)

A = TypeVar("A", bound=Action)

Effect: TypeAlias = Callable[[Subscription, Move], Step]


# --- Nothing but a fact ---
def stay(subscription: Subscription, move: Move) -> Step:
    """Nothing changes but the instant the account stands at (rule P7)."""
    return Step(move, evolve(subscription, as_of=move.at))


def add_payment_method(subscription: Subscription, move: Move) -> Step:
    """A payment method is on file; it starts nothing by itself (rule R4)."""
    return Step(move, evolve(subscription, as_of=move.at, payment_method=True))


def remove_payment_method(subscription: Subscription, move: Move) -> Step:
    """No payment method is on file any more (rule D5)."""
    return Step(move, evolve(subscription, as_of=move.at, payment_method=False))


def adjust_credit(subscription: Subscription, move: Move) -> Step:
    """The credit balance is more or less by what Chatim decided (rule B13)."""
    adjusted = _action(move, AdjustCredit)
    return Step(move, evolve(subscription, as_of=move.at), CreditAdjusted(adjusted.amount))


def refund(subscription: Subscription, move: Move) -> Step:
    """Money was given back, which changes no access and no balance (rule F2)."""
    refunded = _action(move, Refunded)
    given = RefundGiven(refunded.invoice, refunded.amount)
    return Step(move, evolve(subscription, as_of=move.at), given)


# --- What waits ---
def withdraw_change(subscription: Subscription, move: Move) -> Step:
    """Whatever change of plan waits is withdrawn (rules P5, R6)."""
    return Step(move, evolve(subscription, as_of=move.at, scheduled_change=None))


def schedule_change(subscription: Subscription, move: Move) -> Step:
    """The plan waits for the end of the trial or period, in the place of another (rules P3–P5)."""
    end = shapes.instance(subscription.phase.end, datetime, "end of the phase")
    waiting = ScheduledChange(move.rate.plan, end)
    return Step(move, evolve(subscription, as_of=move.at, scheduled_change=waiting))


def change_edition_now(subscription: Subscription, move: Move) -> Step:
    """On Free the new edition holds at once (rule C5)."""
    refusals.check_edition(subscription.catalog, move.catalog)
    return Step(move, _in_edition(evolve(subscription, as_of=move.at), move.catalog))


def change_edition_at_boundary(subscription: Subscription, move: Move) -> Step:
    """The new edition waits for the next boundary; the edition held withdraws one (rule C5)."""
    refusals.check_edition(subscription.catalog, move.catalog)
    waiting = None if move.catalog == subscription.catalog else move.catalog
    return Step(move, evolve(subscription, as_of=move.at, next_catalog=waiting))


# --- Trials ---
def start_trial(subscription: Subscription, move: Move) -> Step:
    """The trial starts and its end is stored (rules R1, R2)."""
    refusals.check_new(subscription)
    plan, days = move.rate.plan, subscription.catalog.terms.trial_days
    return Step(
        move,
        evolve(
            subscription,
            as_of=move.at,
            plan=plan,
            seats=move.rate.seats,
            phase=OnTrial(days_after(move.at, days)),
            tried_plan=plan.key,
        ),
    )


def move_trial_end(subscription: Subscription, move: Move) -> Step:
    """The trial ends later or earlier, and so does what waits for its end (rule R8)."""
    to = _action(move, MoveTrialEnd).to
    refusals.check_trial_end(move.at, to)
    end = shapes.instance(subscription.phase, OnTrial, "phase").trial_end
    change = subscription.scheduled_change
    if change is not None and change.at <= max(end, to):
        change = evolve(change, at=to)
    return Step(
        move, evolve(subscription, as_of=move.at, phase=OnTrial(to), scheduled_change=change)
    )


def convert_trial(subscription: Subscription, move: Move) -> Step:
    """A paid plan starts: a new anchor and a full first period (rules P2, R3, R4)."""
    subscription = at_boundary(subscription)
    plan = subscription.catalog.plan(move.rate.plan.key)
    refusals.check_room(subscription, Rate(plan, move.rate.seats))
    return _period_started(subscription, move, plan, _first_phase(subscription, move, plan))


def end_trial(subscription: Subscription, move: Move) -> Step:
    """No payment method at the trial's end: on Free, marked "trial ended" (rule R4)."""
    return _on_free(subscription, move, OnFree(trial_ended=True))


def clear_mark(subscription: Subscription, move: Move) -> Step:
    """Free was chosen: the account is no longer marked "trial ended" (rule R4)."""
    phase = OnFree(owes=subscription.is_overdue)
    return Step(move, evolve(subscription, as_of=move.at, phase=phase))


# --- Paid plans ---
def start_paid(subscription: Subscription, move: Move) -> Step:
    """A paid plan is chosen and starts; nothing waits any more (rules P2, P5, R6, D8)."""
    refusals.check_settled(subscription)
    return convert_trial(evolve(subscription, scheduled_change=None), move)


def renew(subscription: Subscription, move: Move) -> Step:
    """The next period starts, with the plan that was waiting for it (rules T3, P3, P9)."""
    phase, cycle = _paid(subscription), _cycle(subscription, move, move.rate.plan)
    phase = evolve(phase, cycle=cycle, period=cycle.period_holding(move.at))
    return _period_started(subscription, move, move.rate.plan, phase)


def upgrade(subscription: Subscription, move: Move) -> Step:
    """The higher plan holds at once, prorated and invoiced at once (rules P1, P5)."""
    return _rate_changed(subscription, move, waiting=None, at_once=True)


def change_interval(subscription: Subscription, move: Move) -> Step:
    """A higher plan of another interval starts at once, with a full first period (rule P9)."""
    before, ended = Rate(subscription.plan, subscription.seats), _paid(subscription)
    entered = at_boundary(evolve(subscription, scheduled_change=None))
    plan = entered.catalog.plan(move.rate.plan.key)
    refusals.check_room(entered, Rate(plan, move.rate.seats))
    phase = _first_phase(entered, move, plan)
    if subscription.next_catalog is None:
        phase = evolve(phase, billing_mode=ended.billing_mode)
    step = _period_started(entered, move, plan, phase)
    after = Rate(plan, move.rate.seats)
    return evolve(
        step, occurrence=IntervalChanged(move.at, ended.period, before, after, phase.period)
    )


# --- Seats ---
def change_paid_seats(subscription: Subscription, move: Move) -> Step:
    """The team changes at once, prorated; a yearly plan is invoiced at once (rules S1, S2)."""
    at_once = subscription.catalog.terms.seat_lines_at_once or _paid(subscription).cycle.months != 1
    return _rate_changed(subscription, move, waiting=subscription.scheduled_change, at_once=at_once)


def change_seats(subscription: Subscription, move: Move) -> Step:
    """The team changes where nothing is charged: on Free, in the trial, or while a payment is
    overdue, when the lower count is charged from the next period on (rules S3, S5, B11).
    """
    refusals.check_room(subscription, move.rate)
    return Step(move, evolve(subscription, as_of=move.at, seats=move.rate.seats))


# --- Payment trouble ---
def become_good(subscription: Subscription, move: Move) -> Step:
    """A payment succeeded: everything is restored at once (rule D2)."""
    return _standing(subscription, move, Standing.good, since=None)


def become_past_due(subscription: Subscription, move: Move) -> Step:
    """A payment failed and is retried: features stay, and a grace begins (rules D1, D6)."""
    days = subscription.catalog.terms.grace_days
    grace_end = None if days is None else days_after(move.at, days)
    return _standing(subscription, move, Standing.past_due, since=move.at, grace_end=grace_end)


def become_restricted(subscription: Subscription, move: Move) -> Step:
    """The last retry failed: Free's features until a payment succeeds (rules D1, D2)."""
    return _standing(subscription, move, Standing.restricted, since=move.at)


def end_grace(subscription: Subscription, move: Move) -> Step:
    """Nobody paid in the days of grace: restricted by time alone (rule D6)."""
    phase, change = _paid(subscription), subscription.scheduled_change
    # Where something else is due at that instant, such as the period's end and with it D3, the
    # account stands a second before, and that follows at once.
    due = phase.end if change is None else min(phase.end, change.at)
    at = min(move.at, due - timedelta(seconds=1))
    restricted = evolve(phase, standing=Standing.restricted, standing_since=at, grace_end=None)
    return Step(move, evolve(subscription, as_of=at, phase=restricted))


def note_late_report(subscription: Subscription, move: Move) -> Step:
    """In a trial a payment report changes nothing, if there ever was an invoice (rule D4)."""
    refusals.check_invoiced(subscription)
    return stay(subscription, move)


def owe(subscription: Subscription, move: Move) -> Step:
    """A payment failed that was asked for before the account was on Free (rule D8)."""
    return _owing(subscription, move, owes=True)


def settle(subscription: Subscription, move: Move) -> Step:
    """A payment succeeded: nothing is owed any more (rule D8)."""
    return _owing(subscription, move, owes=False)


# --- The end of what is paid ---
def fall_to_free(subscription: Subscription, move: Move) -> Step:
    """The change to Free that waited is due; lines that wait are invoiced (rules P4, R5, D8)."""
    phase = OnFree(owes=subscription.is_overdue)
    return _on_free(subscription, move, phase, BillingStopped(lines_dropped=False))


def fall_unpaid(subscription: Subscription, move: Move) -> Step:
    """Still restricted at the period's end: on Free, waiting lines dropped (rule D3)."""
    return _on_free(subscription, move, OnFree(), BillingStopped(lines_dropped=True))


def cancel_at_once(subscription: Subscription, move: Move) -> Step:
    """On Free at once, with no credit, waiting lines dropped, nothing waiting (rules P10, D8)."""
    phase = OnFree(owes=subscription.is_overdue)
    stopped = BillingStopped(lines_dropped=True)
    return _on_free(at_boundary(subscription), move, phase, stopped)


# --- Refusals ---
def refuse_trial(subscription: Subscription, _move: Move) -> Never:
    """A trial is for new accounts, which one on a trial or a paid plan is not (rule R2)."""
    refusals.refuse_trial(subscription)


def refuse_outside_trial(_subscription: Subscription, _move: Move) -> Never:
    """Only a trial that runs has an end to move (rule R8)."""
    refusals.refuse_outside_trial()


def refuse_restart(_subscription: Subscription, _move: Move) -> Never:
    """StartFree opens a history and stands nowhere else in one (rule P7)."""
    refusals.refuse_restart()


def refuse_overdue(subscription: Subscription, _move: Move) -> Never:
    """Until a payment succeeds a team can shrink, lower its plan or cancel (rules B11, P9)."""
    refusals.refuse_overdue(subscription)


def refuse_restricted(subscription: Subscription, _move: Move) -> Never:
    """A restricted account can pay, shrink or cancel (rule D2)."""
    refusals.refuse_restricted(subscription)


REFUSALS: frozenset[Effect] = frozenset({
    refuse_trial,
    refuse_outside_trial,
    refuse_restart,
    refuse_overdue,
    refuse_restricted,
})
"""The effects that only ever refuse."""


# --- What the effects share ---
def cycle_after(subscription: Subscription, move: Move) -> Cycle | None:
    """The cycle that bills what `move` leads to: the one it is in, or a new one from its instant.

    Source: rules T3, P2, P9, R3; None on Free.
    """
    plan = move.rate.plan
    return None if plan.is_free else _cycle(subscription, move, plan)


def at_boundary(subscription: Subscription) -> Subscription:
    """The account as it enters a new period: in the edition that waited for it (rule C5)."""
    waiting = subscription.next_catalog
    return subscription if waiting is None else _in_edition(subscription, waiting)


def _action(move: Move, kind: type[A]) -> A:
    return shapes.instance(move.action, kind, "action")


def _cycle(subscription: Subscription, move: Move, plan: Plan) -> Cycle:
    months = shapes.whole_number(plan.interval_months, "interval_months")
    phase = subscription.phase
    if isinstance(phase, OnPaid) and phase.cycle.months == months:
        return phase.cycle
    return Cycle(move.at, months)


def _first_phase(subscription: Subscription, move: Move, plan: Plan) -> OnPaid:
    """The first period of a plan that starts now, in its catalogue's billing mode (rule B12)."""
    months = shapes.whole_number(plan.interval_months, "interval_months")
    cycle = Cycle(move.at, months)
    mode: BillingMode = subscription.catalog.terms.billing_mode
    return OnPaid(cycle, cycle.period_holding(move.at), billing_mode=mode)


def _in_edition(subscription: Subscription, catalog: Catalog) -> Subscription:
    change = subscription.scheduled_change
    return evolve(
        subscription,
        catalog=catalog,
        plan=catalog.plan(subscription.plan.key),
        scheduled_change=change and evolve(change, plan=catalog.plan(change.plan.key)),
        next_catalog=None,
    )


def _paid(subscription: Subscription) -> OnPaid:
    return shapes.instance(subscription.phase, OnPaid, "phase")


def _standing(
    subscription: Subscription,
    move: Move,
    standing: Standing,
    *,
    since: datetime | None,
    grace_end: datetime | None = None,
) -> Step:
    """The account in a standing; one that stands so already keeps since when."""
    phase = _paid(subscription)
    if phase.standing is not standing:
        phase = evolve(phase, standing=standing, standing_since=since, grace_end=grace_end)
    return Step(move, evolve(subscription, as_of=move.at, phase=phase))


def _owing(subscription: Subscription, move: Move, *, owes: bool) -> Step:
    refusals.check_invoiced(subscription)
    phase = evolve(shapes.instance(subscription.phase, OnFree, "phase"), owes=owes)
    return Step(move, evolve(subscription, as_of=move.at, phase=phase))


def _period_started(subscription: Subscription, move: Move, plan: Plan, phase: OnPaid) -> Step:
    after = evolve(
        subscription,
        as_of=move.at,
        plan=plan,
        seats=move.rate.seats,
        phase=phase,
        scheduled_change=subscription.change_after(move.at),
        was_invoiced=True,
    )
    return Step(move, after, PeriodStarted(Rate(plan, move.rate.seats), phase.period))


def _rate_changed(
    subscription: Subscription, move: Move, waiting: ScheduledChange | None, *, at_once: bool
) -> Step:
    refusals.check_room(subscription, move.rate)
    before = Rate(subscription.plan, subscription.seats)
    after = evolve(
        subscription,
        as_of=move.at,
        plan=move.rate.plan,
        seats=move.rate.seats,
        scheduled_change=waiting,
    )
    period = _paid(subscription).period
    return Step(move, after, RateChanged(move.at, period, before, move.rate, at_once))


def _on_free(
    subscription: Subscription, move: Move, phase: OnFree, occurrence: BillingStopped | None = None
) -> Step:
    plan = subscription.catalog.free_plan
    after = evolve(subscription, as_of=move.at, plan=plan, phase=phase, scheduled_change=None)
    return Step(move, after, occurrence)
