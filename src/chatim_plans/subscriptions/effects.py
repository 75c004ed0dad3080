"""What each event does to an account, one function an effect; the lifecycle's table picks one.

Every effect takes the account and the move, and returns the account after it with what happened
that has a price, or raises and has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Never, TypeAlias

from attrs import evolve

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import days_after
from chatim_plans.foundation.periods import Cycle
from chatim_plans.subscriptions import refusals
from chatim_plans.subscriptions.moves import Move
from chatim_plans.subscriptions.occurrences import (
    BillingStopped,
    PeriodStarted,
    Rate,
    RateChanged,
    Step,
)
from chatim_plans.subscriptions.refusals import (
    AccountRestrictedError,
    ActionRefusedError,
)
from chatim_plans.subscriptions.subscription import (
    OnFree,
    OnPaid,
    OnTrial,
    ScheduledChange,
    Standing,
    Subscription,
)

Effect: TypeAlias = Callable[[Subscription, Move], Step]


def stay(subscription: Subscription, move: Move) -> Step:
    """Nothing changes but the instant the account stands at (rule P7)."""
    return Step(evolve(subscription, as_of=move.at))


def withdraw_change(subscription: Subscription, move: Move) -> Step:
    """Whatever change of plan waits is withdrawn (rules P5, R6)."""
    return Step(evolve(subscription, as_of=move.at, scheduled_change=None))


def schedule_change(subscription: Subscription, move: Move) -> Step:
    """The plan waits for the end of the trial or period, in the place of another (rules P3–P5)."""
    refusals.check_interval(subscription, move.rate.plan)
    end = shapes.instance(subscription.phase.end, datetime, "end of the phase")
    return Step(
        evolve(subscription, as_of=move.at, scheduled_change=ScheduledChange(move.rate.plan, end))
    )


def clear_mark(subscription: Subscription, move: Move) -> Step:
    """Free was chosen: the account is no longer marked "trial ended" (rule R4)."""
    return Step(evolve(subscription, as_of=move.at, phase=OnFree()))


def start_trial(subscription: Subscription, move: Move) -> Step:
    """The trial starts and its end is stored (rules R1, R2)."""
    refusals.check_new(subscription)
    plan, days = move.rate.plan, subscription.catalog.terms.trial_days
    return Step(
        evolve(
            subscription,
            as_of=move.at,
            plan=plan,
            seats=move.rate.seats,
            phase=OnTrial(days_after(move.at, days)),
            tried_plan=plan.key,
        )
    )


def start_paid(subscription: Subscription, move: Move) -> Step:
    """A paid plan is chosen and starts; nothing waits any more (rules P2, P5, R6)."""
    return convert_trial(evolve(subscription, scheduled_change=None), move)


def convert_trial(subscription: Subscription, move: Move) -> Step:
    """A paid plan starts: a new anchor and a full first period (rules P2, R3, R4)."""
    refusals.check_room(subscription, move.rate)
    subscription = at_boundary(subscription)
    cycle = shapes.instance(cycle_after(subscription, move), Cycle, "cycle")
    return _period_started(subscription, move, OnPaid(cycle, cycle.period_holding(move.at)))


def renew(subscription: Subscription, move: Move) -> Step:
    """The next period starts, with the plan that was waiting for it (rules T3, P3)."""
    phase = _paid(subscription)
    period = phase.cycle.period_holding(move.at)
    return _period_started(subscription, move, evolve(phase, period=period))


def upgrade(subscription: Subscription, move: Move) -> Step:
    """The higher plan holds at once, prorated and invoiced at once (rules P1, P5)."""
    refusals.check_interval(subscription, move.rate.plan)
    return _rate_changed(subscription, move, waiting=None, at_once=True)


def change_paid_seats(subscription: Subscription, move: Move) -> Step:
    """The team changes at once, prorated; a yearly plan is invoiced at once (rules S1, S2)."""
    at_once = subscription.catalog.terms.seat_lines_at_once or _paid(subscription).cycle.months != 1
    return _rate_changed(subscription, move, waiting=subscription.scheduled_change, at_once=at_once)


def change_seats(subscription: Subscription, move: Move) -> Step:
    """The team changes where nothing is charged: on Free or in the trial (rules S3, S5)."""
    refusals.check_room(subscription, move.rate)
    return Step(evolve(subscription, as_of=move.at, seats=move.rate.seats))


def add_payment_method(subscription: Subscription, move: Move) -> Step:
    """A payment method is on file; it starts nothing by itself (rule R4)."""
    return Step(evolve(subscription, as_of=move.at, payment_method=True))


def remove_payment_method(subscription: Subscription, move: Move) -> Step:
    """No payment method is on file any more (rule D5)."""
    return Step(evolve(subscription, as_of=move.at, payment_method=False))


def become_good(subscription: Subscription, move: Move) -> Step:
    """A payment succeeded: everything is restored at once (rule D2)."""
    return _standing(subscription, move, Standing.good)


def become_past_due(subscription: Subscription, move: Move) -> Step:
    """A payment failed and is retried: features stay (rule D1)."""
    return _standing(subscription, move, Standing.past_due)


def become_restricted(subscription: Subscription, move: Move) -> Step:
    """The last retry failed: Free's features until a payment succeeds (rules D1, D2)."""
    return _standing(subscription, move, Standing.restricted)


def note_late_report(subscription: Subscription, move: Move) -> Step:
    """Off a paid plan a payment report changes nothing, if there ever was an invoice (rule D4)."""
    refusals.check_invoiced(subscription)
    return stay(subscription, move)


def change_edition_now(subscription: Subscription, move: Move) -> Step:
    """On Free the new edition holds at once (rule C5)."""
    refusals.check_edition(subscription.catalog, move.catalog)
    return Step(_in_edition(evolve(subscription, as_of=move.at), move.catalog))


def change_edition_at_boundary(subscription: Subscription, move: Move) -> Step:
    """The new edition waits for the next boundary; the edition held withdraws one (rule C5)."""
    refusals.check_edition(subscription.catalog, move.catalog)
    waiting = None if move.catalog == subscription.catalog else move.catalog
    return Step(evolve(subscription, as_of=move.at, next_catalog=waiting))


def end_trial(subscription: Subscription, move: Move) -> Step:
    """No payment method at the trial's end: on Free, marked "trial ended" (rule R4)."""
    return _on_free(subscription, move, OnFree(trial_ended=True))


def fall_to_free(subscription: Subscription, move: Move) -> Step:
    """The change to Free that waited is due; lines that wait are invoiced (rules P4, R5)."""
    return _on_free(subscription, move, OnFree(), BillingStopped(lines_dropped=False))


def fall_unpaid(subscription: Subscription, move: Move) -> Step:
    """Still restricted at the period's end: on Free, waiting lines dropped (rule D3)."""
    return _on_free(subscription, move, OnFree(), BillingStopped(lines_dropped=True))


def cycle_after(subscription: Subscription, move: Move) -> Cycle | None:
    """The cycle that bills what `move` leads to: the one it is in, or a new one from its instant.

    Source: rules T3, P2, R3; None on Free.
    """
    months = move.rate.plan.interval_months
    if months is None:
        return None
    phase = subscription.phase
    return phase.cycle if isinstance(phase, OnPaid) else Cycle(move.at, months)


def at_boundary(subscription: Subscription) -> Subscription:
    """The account as it enters a new period: in the edition that waited for it (rule C5)."""
    waiting = subscription.next_catalog
    return subscription if waiting is None else _in_edition(subscription, waiting)


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


def _standing(subscription: Subscription, move: Move, standing: Standing) -> Step:
    phase = evolve(_paid(subscription), standing=standing)
    return Step(evolve(subscription, as_of=move.at, phase=phase))


def _period_started(subscription: Subscription, move: Move, phase: OnPaid) -> Step:
    after = evolve(
        subscription,
        as_of=move.at,
        plan=move.rate.plan,
        seats=move.rate.seats,
        phase=phase,
        scheduled_change=subscription.change_after(move.at),
        was_invoiced=True,
    )
    return Step(after, PeriodStarted(move.rate, phase.period))


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
    return Step(after, RateChanged(move.at, period, before, move.rate, at_once))


def _on_free(
    subscription: Subscription, move: Move, phase: OnFree, occurrence: BillingStopped | None = None
) -> Step:
    after = evolve(
        subscription, as_of=move.at, plan=move.rate.plan, phase=phase, scheduled_change=None
    )
    return Step(after, occurrence)


def refuse_trial(subscription: Subscription, _move: Move) -> Never:
    """A trial is for new accounts, which one on a trial or a paid plan is not (rule R2)."""
    refusals.refuse_trial(subscription)


def refuse_restart(_subscription: Subscription, _move: Move) -> Never:
    """StartFree opens a history and stands nowhere else in one (rule P7)."""
    because = "StartFree opens a history, and this account has one"
    raise ActionRefusedError(because, "use Cancel to go back to Free")


def refuse_restricted(subscription: Subscription, _move: Move) -> Never:
    """A restricted account can pay, shrink or cancel (rule D2)."""
    because = "the account is restricted until a payment succeeds"
    instead = "settle the open invoice first (PaymentSucceeded); shrinking and cancelling work"
    raise AccountRestrictedError(because, instead, subscription.plan)
