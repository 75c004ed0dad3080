"""What each event does to an account, one function an effect; the lifecycle's table picks one.

Every effect takes the account and the move, and returns the account after it with what happened
that has a price, or raises and has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from attrs import evolve

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import days_after
from chatim_plans.foundation.periods import Cycle
from chatim_plans.subscriptions.moves import Move
from chatim_plans.subscriptions.occurrences import (
    BillingStopped,
    PeriodStarted,
    Rate,
    RateChanged,
    Step,
)
from chatim_plans.subscriptions.refusals import (
    check_edition,
    check_interval,
    check_invoiced,
    check_room,
    refuse_trial,
)
from chatim_plans.subscriptions.subscription import (
    OnFree,
    OnPaid,
    OnTrial,
    ScheduledChange,
    Standing,
    Subscription,
)
from chatim_plans.subscriptions.trials import trial_eligibility

Effect: TypeAlias = Callable[[Subscription, Move], Step]


def stay(account: Subscription, move: Move) -> Step:
    """Nothing changes but the instant the account stands at (rule P7)."""
    return Step(evolve(account, as_of=move.at))


def withdraw_change(account: Subscription, move: Move) -> Step:
    """Whatever change of plan waits is withdrawn (rules P5, R6)."""
    return Step(evolve(account, as_of=move.at, scheduled_change=None))


def schedule_change(account: Subscription, move: Move) -> Step:
    """The plan waits for the end of the trial or period, in the place of another (rules P3–P5)."""
    check_interval(account, move)
    end = shapes.instance(account.phase.end, datetime, "end of the phase")
    return Step(
        evolve(account, as_of=move.at, scheduled_change=ScheduledChange(move.rate.plan, end))
    )


def clear_mark(account: Subscription, move: Move) -> Step:
    """Free was chosen: the account is no longer marked "trial ended" (rule R4)."""
    return Step(evolve(account, as_of=move.at, phase=OnFree()))


def start_trial(account: Subscription, move: Move) -> Step:
    """The trial starts and its end is stored (rules R1, R2)."""
    if not trial_eligibility(account).eligible:
        refuse_trial(account, move)
    plan, days = move.rate.plan, account.catalog.terms.trial_days
    return Step(
        evolve(
            account,
            as_of=move.at,
            plan=plan,
            seats=move.rate.seats,
            phase=OnTrial(days_after(move.at, days)),
            tried_plan=plan.key,
        )
    )


def start_paid(account: Subscription, move: Move) -> Step:
    """A paid plan starts: a new anchor and a full first period (rules P2, R3, R6)."""
    check_room(account, move)
    account = at_boundary(account)
    cycle = Cycle(move.at, shapes.instance(move.rate.plan.interval_months, int, "interval_months"))
    phase = OnPaid(cycle, cycle.period_holding(move.at))
    return _period_started(account, move, phase, waiting=None)


def renew(account: Subscription, move: Move) -> Step:
    """The next period starts, with the plan that was waiting for it (rules T3, P3)."""
    phase, change = _paid(account), account.scheduled_change
    waiting = None if change is None or change.at <= move.at else change
    next_phase = evolve(phase, period=phase.cycle.period_holding(move.at))
    return _period_started(account, move, next_phase, waiting)


def upgrade(account: Subscription, move: Move) -> Step:
    """The higher plan holds at once, prorated and invoiced at once (rules P1, P5)."""
    check_interval(account, move)
    return _rate_changed(account, move, waiting=None, at_once=True)


def change_paid_seats(account: Subscription, move: Move) -> Step:
    """The team changes at once, prorated; a yearly plan is invoiced at once (rules S1, S2)."""
    at_once = account.catalog.terms.seat_lines_at_once or _paid(account).cycle.months > 1
    return _rate_changed(account, move, waiting=account.scheduled_change, at_once=at_once)


def change_seats(account: Subscription, move: Move) -> Step:
    """The team changes where nothing is charged: on Free or in the trial (rules S3, S5)."""
    check_room(account, move)
    return Step(evolve(account, as_of=move.at, seats=move.rate.seats))


def add_payment_method(account: Subscription, move: Move) -> Step:
    """A payment method is on file; it starts nothing by itself (rule R4)."""
    return Step(evolve(account, as_of=move.at, payment_method=True))


def remove_payment_method(account: Subscription, move: Move) -> Step:
    """No payment method is on file any more (rule D5)."""
    return Step(evolve(account, as_of=move.at, payment_method=False))


def become_good(account: Subscription, move: Move) -> Step:
    """A payment succeeded: everything is restored at once (rule D2)."""
    return _standing(account, move, Standing.good)


def become_past_due(account: Subscription, move: Move) -> Step:
    """A payment failed and is retried: features stay (rule D1)."""
    return _standing(account, move, Standing.past_due)


def become_restricted(account: Subscription, move: Move) -> Step:
    """The last retry failed: Free's features until a payment succeeds (rules D1, D2)."""
    return _standing(account, move, Standing.restricted)


def note_late_report(account: Subscription, move: Move) -> Step:
    """Off a paid plan a payment report changes nothing, if there ever was an invoice (rule D4)."""
    check_invoiced(account)
    return stay(account, move)


def move_at_once(account: Subscription, move: Move) -> Step:
    """On Free the new edition holds at once (rule C5)."""
    check_edition(account.catalog, move.catalog)
    return Step(_in_edition(evolve(account, as_of=move.at), move.catalog))


def move_at_boundary(account: Subscription, move: Move) -> Step:
    """The new edition waits for the next boundary; the edition held withdraws one (rule C5)."""
    check_edition(account.catalog, move.catalog)
    waiting = None if move.catalog == account.catalog else move.catalog
    return Step(evolve(account, as_of=move.at, next_catalog=waiting))


def end_trial(account: Subscription, move: Move) -> Step:
    """No payment method at the trial's end: on Free, marked "trial ended" (rule R4)."""
    return _on_free(account, move, OnFree(trial_ended=True))


def fall_to_free(account: Subscription, move: Move) -> Step:
    """The change to Free that waited is due; lines that wait are invoiced (rules P4, R5)."""
    return _on_free(account, move, OnFree(), BillingStopped(move.at, lines_dropped=False))


def fall_unpaid(account: Subscription, move: Move) -> Step:
    """Still restricted at the period's end: on Free, waiting lines dropped (rule D3)."""
    return _on_free(account, move, OnFree(), BillingStopped(move.at, lines_dropped=True))


def at_boundary(account: Subscription) -> Subscription:
    """The account as it enters a new period: in the edition that waited for it (rule C5)."""
    return account if account.next_catalog is None else _in_edition(account, account.next_catalog)


def _in_edition(account: Subscription, catalog: Catalog) -> Subscription:
    change = account.scheduled_change
    return evolve(
        account,
        catalog=catalog,
        plan=catalog.plan(account.plan.key),
        scheduled_change=change and evolve(change, plan=catalog.plan(change.plan.key)),
        next_catalog=None,
    )


def _paid(account: Subscription) -> OnPaid:
    return shapes.instance(account.phase, OnPaid, "phase")


def _standing(account: Subscription, move: Move, standing: Standing) -> Step:
    phase = evolve(_paid(account), standing=standing)
    return Step(evolve(account, as_of=move.at, phase=phase))


def _period_started(
    account: Subscription, move: Move, phase: OnPaid, waiting: ScheduledChange | None
) -> Step:
    after = evolve(
        account,
        as_of=move.at,
        plan=move.rate.plan,
        seats=move.rate.seats,
        phase=phase,
        scheduled_change=waiting,
        was_invoiced=True,
    )
    return Step(after, PeriodStarted(move.rate, phase.period))


def _rate_changed(
    account: Subscription, move: Move, waiting: ScheduledChange | None, *, at_once: bool
) -> Step:
    check_room(account, move)
    before = Rate(account.plan, account.seats)
    after = evolve(
        account,
        as_of=move.at,
        plan=move.rate.plan,
        seats=move.rate.seats,
        scheduled_change=waiting,
    )
    period = _paid(account).period
    return Step(after, RateChanged(move.at, period, before, move.rate, at_once))


def _on_free(
    account: Subscription, move: Move, phase: OnFree, occurrence: BillingStopped | None = None
) -> Step:
    after = evolve(account, as_of=move.at, plan=move.rate.plan, phase=phase, scheduled_change=None)
    return Step(after, occurrence)
