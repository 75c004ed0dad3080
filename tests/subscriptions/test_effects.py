"""Effects: the account after each event, fact by fact, and what has a price."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from attrs import evolve

from chatim_plans import (
    ActionRefusedError,
    Catalog,
    Cycle,
    IntervalMismatchError,
    InvalidTypeError,
    OnFree,
    OnPaid,
    OnTrial,
    Period,
    ScheduledChange,
    SeatLimitError,
    Standing,
    Status,
    Subscription,
    TrialRefusedError,
)
from chatim_plans.subscriptions import effects
from chatim_plans.subscriptions.moves import Event, Move
from chatim_plans.subscriptions.occurrences import (
    BillingStopped,
    PeriodStarted,
    Rate,
    RateChanged,
    Step,
)
from tests.accounts import a_plan, on_free, on_plan
from tests.instants import AUGUST, HALF, JULY, JUNE, SEPTEMBER, TENTH, utc
from tests.refused import error_of
from tests.subscriptions.accounts import cancelled, invoiced, ladder, plan, standing_at


def move(key: str = "pro", seats: int = 3, *, event: str = "resume", at: datetime = HALF) -> Move:
    """A move to a plan of the ladder; the effects do not read its event."""
    return Move(Event(event), at, ladder(), Rate(plan(key), seats))


def active() -> Subscription:
    """On Pro with three seats from June, standing at 10 June."""
    return standing_at(Status.active)


def trialing() -> Subscription:
    """In the trial of Pro with three seats from June, standing at 10 June."""
    return standing_at(Status.trialing)


def ended() -> Subscription:
    """On Free after a trial, marked."""
    return standing_at(Status.trial_ended)


def waiting(account: Subscription, key: str = "solo", at: datetime = JULY) -> Subscription:
    """The account with a change that waits."""
    return evolve(account, scheduled_change=ScheduledChange(plan(key), at))


def paid_from(start: datetime, end: datetime, months: int = 1) -> OnPaid:
    """A first paid period."""
    return OnPaid(Cycle(start, months), Period(start, end))


Facts = Callable[[], dict[str, Any]]
Case = tuple[effects.Effect, Callable[[], Subscription], Callable[[], Move], Facts, Any]


def nothing() -> None:
    """Nothing that has a price."""


def from_july() -> OnPaid:
    """The second period of an account from June."""
    return OnPaid(Cycle(JUNE), Period(JULY, AUGUST))


CASES: dict[str, Case] = {
    "stay": (effects.stay, active, move, dict, nothing),
    "stay, with a change": (effects.stay, lambda: waiting(active()), move, dict, nothing),
    "withdraw a change": (
        effects.withdraw_change,
        lambda: waiting(active()),
        move,
        lambda: {"scheduled_change": None},
        nothing,
    ),
    "withdraw nothing": (effects.withdraw_change, active, move, dict, nothing),
    "withdraw a change, not an edition": (
        effects.withdraw_change,
        lambda: evolve(waiting(active()), next_catalog=ladder("next")),
        move,
        lambda: {"scheduled_change": None},
        nothing,
    ),
    "schedule at the period's end": (
        effects.schedule_change,
        active,
        lambda: move("solo"),
        lambda: {"scheduled_change": ScheduledChange(plan("solo"), JULY)},
        nothing,
    ),
    "schedule at the trial's end": (
        effects.schedule_change,
        trialing,
        lambda: move("free"),
        lambda: {"scheduled_change": ScheduledChange(plan("free"), JULY)},
        nothing,
    ),
    "schedule in the place of another": (
        effects.schedule_change,
        lambda: waiting(active(), "free", AUGUST),
        lambda: move("solo"),
        lambda: {"scheduled_change": ScheduledChange(plan("solo"), JULY)},
        nothing,
    ),
    "clear the mark": (
        effects.clear_mark,
        ended,
        lambda: move("free"),
        lambda: {"phase": OnFree(trial_ended=False)},
        nothing,
    ),
    "start a trial": (
        effects.start_trial,
        lambda: standing_at(Status.free),
        lambda: move("pro", 5),
        lambda: {
            "plan": plan("pro"),
            "seats": 5,
            "phase": OnTrial(utc(2026, 7, 16)),
            "tried_plan": "pro",
        },
        nothing,
    ),
    "start a paid plan from Free": (
        effects.start_paid,
        ended,
        lambda: move("solo", 4),
        lambda: {
            "plan": plan("solo"),
            "seats": 4,
            "phase": paid_from(HALF, utc(2026, 7, 16)),
            "was_invoiced": True,
        },
        lambda: PeriodStarted(Rate(plan("solo"), 4), Period(HALF, utc(2026, 7, 16))),
    ),
    "start a paid plan from the trial, a cancellation waiting": (
        effects.start_paid,
        lambda: cancelled(trialing()),
        lambda: move("top"),
        lambda: {
            "plan": plan("top"),
            "phase": paid_from(HALF, utc(2026, 7, 16)),
            "scheduled_change": None,
            "was_invoiced": True,
        },
        lambda: PeriodStarted(Rate(plan("top"), 3), Period(HALF, utc(2026, 7, 16))),
    ),
    "go on after the trial, with the plan that waited": (
        effects.convert_trial,
        lambda: waiting(trialing(), "solo"),
        lambda: move("solo", at=JULY),
        lambda: {
            "plan": plan("solo"),
            "phase": paid_from(JULY, AUGUST),
            "scheduled_change": None,
            "was_invoiced": True,
        },
        lambda: PeriodStarted(Rate(plan("solo"), 3), Period(JULY, AUGUST)),
    ),
    "go on after the trial, to end later": (
        effects.convert_trial,
        lambda: waiting(trialing(), "free", utc(2026, 8, 16)),
        lambda: move(at=JULY),
        lambda: {"phase": paid_from(JULY, AUGUST), "was_invoiced": True},
        lambda: PeriodStarted(Rate(plan("pro"), 3), Period(JULY, AUGUST)),
    ),
    "start a paid plan in the edition that waited": (
        effects.start_paid,
        lambda: evolve(trialing(), next_catalog=ladder("next")),
        lambda: move("top"),
        lambda: {
            "catalog": ladder("next"),
            "next_catalog": None,
            "plan": plan("top"),
            "phase": paid_from(HALF, utc(2026, 7, 16)),
            "was_invoiced": True,
        },
        lambda: PeriodStarted(Rate(plan("top"), 3), Period(HALF, utc(2026, 7, 16))),
    ),
    "renew": (
        effects.renew,
        active,
        lambda: move(at=JULY),
        lambda: {"phase": from_july()},
        lambda: PeriodStarted(Rate(plan("pro"), 3), Period(JULY, AUGUST)),
    ),
    "renew, past due": (
        effects.renew,
        lambda: standing_at(Status.past_due),
        lambda: move(at=JULY),
        lambda: {"phase": evolve(from_july(), standing=Standing.past_due)},
        lambda: PeriodStarted(Rate(plan("pro"), 3), Period(JULY, AUGUST)),
    ),
    "renew with the plan that waited": (
        effects.renew,
        lambda: waiting(active()),
        lambda: move("solo", at=JULY),
        lambda: {"plan": plan("solo"), "scheduled_change": None, "phase": from_july()},
        lambda: PeriodStarted(Rate(plan("solo"), 3), Period(JULY, AUGUST)),
    ),
    "renew before the change that waits": (
        effects.renew,
        lambda: waiting(active(), at=AUGUST),
        lambda: move(at=JULY),
        lambda: {"phase": from_july()},
        lambda: PeriodStarted(Rate(plan("pro"), 3), Period(JULY, AUGUST)),
    ),
    "upgrade": (
        effects.upgrade,
        active,
        lambda: move("top", 5),
        lambda: {"plan": plan("top"), "seats": 5},
        lambda: RateChanged(
            at=HALF,
            period=Period(JUNE, JULY),
            before=Rate(plan("pro"), 3),
            after=Rate(plan("top"), 5),
            at_once=True,
        ),
    ),
    "upgrade, a change waiting": (
        effects.upgrade,
        lambda: waiting(active()),
        lambda: move("top"),
        lambda: {"plan": plan("top"), "scheduled_change": None},
        lambda: RateChanged(
            at=HALF,
            period=Period(JUNE, JULY),
            before=Rate(plan("pro"), 3),
            after=Rate(plan("top"), 3),
            at_once=True,
        ),
    ),
    "change the seats of a month's plan, a change waiting": (
        effects.change_paid_seats,
        lambda: waiting(active()),
        lambda: move("pro", 2),
        lambda: {"seats": 2},
        lambda: RateChanged(
            at=HALF,
            period=Period(JUNE, JULY),
            before=Rate(plan("pro"), 3),
            after=Rate(plan("pro"), 2),
            at_once=False,
        ),
    ),
    "change seats on Free": (
        effects.change_seats,
        ended,
        lambda: move("free", 4),
        lambda: {"seats": 4},
        nothing,
    ),
    "change seats in the trial, a change waiting": (
        effects.change_seats,
        lambda: waiting(trialing()),
        lambda: move("pro", 12),
        lambda: {"seats": 12},
        nothing,
    ),
    "add a payment method": (
        effects.add_payment_method,
        trialing,
        move,
        lambda: {"payment_method": True},
        nothing,
    ),
    "remove the payment method": (
        effects.remove_payment_method,
        active,
        move,
        lambda: {"payment_method": False},
        nothing,
    ),
    "become good": (
        effects.become_good,
        lambda: waiting(standing_at(Status.restricted)),
        move,
        lambda: {"phase": paid_from(JUNE, JULY)},
        nothing,
    ),
    "become past due": (
        effects.become_past_due,
        active,
        move,
        lambda: {"phase": evolve(paid_from(JUNE, JULY), standing=Standing.past_due)},
        nothing,
    ),
    "become restricted": (
        effects.become_restricted,
        active,
        move,
        lambda: {"phase": evolve(paid_from(JUNE, JULY), standing=Standing.restricted)},
        nothing,
    ),
    "note a late report": (
        effects.note_late_report,
        lambda: invoiced(ended()),
        lambda: move("free"),
        dict,
        nothing,
    ),
    "end the trial": (
        effects.end_trial,
        trialing,
        lambda: move("free", at=JULY),
        lambda: {"plan": plan("free"), "phase": OnFree(trial_ended=True)},
        nothing,
    ),
    "end the trial, a change waiting": (
        effects.end_trial,
        lambda: waiting(trialing()),
        lambda: move("free", at=JULY),
        lambda: {"plan": plan("free"), "phase": OnFree(trial_ended=True), "scheduled_change": None},
        nothing,
    ),
    "fall to Free": (
        effects.fall_to_free,
        lambda: cancelled(active()),
        lambda: move("free", at=JULY),
        lambda: {"plan": plan("free"), "phase": OnFree(), "scheduled_change": None},
        lambda: BillingStopped(lines_dropped=False),
    ),
    "fall unpaid": (
        effects.fall_unpaid,
        lambda: waiting(standing_at(Status.restricted)),
        lambda: move("free", at=JULY),
        lambda: {"plan": plan("free"), "phase": OnFree(), "scheduled_change": None},
        lambda: BillingStopped(lines_dropped=True),
    ),
    "move at once to another edition": (
        effects.change_edition_now,
        ended,
        lambda: evolve(move("free"), catalog=ladder("next")),
        lambda: {"catalog": ladder("next")},
        nothing,
    ),
    "move at the boundary": (
        effects.change_edition_at_boundary,
        active,
        lambda: evolve(move(), catalog=ladder("next")),
        lambda: {"next_catalog": ladder("next")},
        nothing,
    ),
    "move to the edition held": (
        effects.change_edition_at_boundary,
        lambda: evolve(active(), next_catalog=ladder("next")),
        move,
        lambda: {"next_catalog": None},
        nothing,
    ),
    "move to another than the one that waits": (
        effects.change_edition_at_boundary,
        lambda: evolve(active(), next_catalog=ladder("next")),
        lambda: evolve(move(), catalog=ladder("last")),
        lambda: {"next_catalog": ladder("last")},
        nothing,
    ),
}


@pytest.mark.parametrize(
    ("effect", "account", "made", "changes", "occurrence"), CASES.values(), ids=CASES
)
def test_an_effect_changes_these_facts_and_no_other(
    effect: effects.Effect,
    account: Callable[[], Subscription],
    made: Callable[[], Move],
    changes: Facts,
    occurrence: Callable[[], Any],
) -> None:
    """The facts that change, the instant among them, and what has a price."""
    step = effect(account(), made())
    expected = evolve(account(), **{"as_of": made().at, **changes()})
    assert step == Step(expected, occurrence())


def test_a_year_starts_on_its_own_cycle() -> None:
    """C6: the cycle of a plan by the year is twelve months."""
    year = a_plan("year", 100_00, months=12)
    catalog = evolve(ladder(), plans=(*ladder().plans, year), edition="years")
    account = on_free(JUNE, catalog=catalog).subscription
    to_year = Move(Event.choose_higher, HALF, catalog, Rate(year, 1))
    step = effects.start_paid(account, to_year)
    assert step.subscription.phase == OnPaid(Cycle(HALF, 12), Period(HALF, utc(2027, 6, 16)))


@pytest.mark.parametrize(
    ("months", "term", "at_once"), [(1, False, False), (1, True, True), (12, False, True)]
)
def test_when_a_change_of_seats_is_invoiced(months: int, term: bool, at_once: bool) -> None:
    """S2: at once on a year's plan, or where the terms say so; else with the next invoice."""
    year = a_plan("year", 100_00, months=12)
    terms = evolve(ladder().terms, seat_lines_at_once=term)
    catalog = evolve(ladder(), plans=(*ladder().plans, year), edition="years", terms=terms)
    held = catalog.plan("pro") if months == 1 else year
    account = on_plan(held, JUNE, seats=2, catalog=catalog).subscription
    step = effects.change_paid_seats(account, Move(Event.grow, HALF, catalog, Rate(held, 3)))
    assert isinstance(step.occurrence, RateChanged)
    assert step.occurrence.at_once is at_once


REFUSED: dict[str, tuple[effects.Effect, Callable[[], Subscription], Callable[[], Move], Any]] = {
    "a trial of an account that had one": (effects.start_trial, ended, move, TrialRefusedError),
    "a start with too many seats": (
        effects.start_paid,
        lambda: on_free(JUNE, catalog=ladder()).subscription,
        lambda: move("free", 10),
        SeatLimitError,
    ),
    "a change of seats with too many": (
        effects.change_seats,
        ended,
        lambda: move("free", 10),
        SeatLimitError,
    ),
    "a report on an account never invoiced": (
        effects.note_late_report,
        ended,
        lambda: move("free"),
        ActionRefusedError,
    ),
    "a late upgrade to a plan of another interval": (
        effects.upgrade,
        active,
        lambda: evolve(move(), rate=Rate(a_plan("year", 100_00, months=12), 3)),
        IntervalMismatchError,
    ),
    "a lower plan of another interval": (
        effects.schedule_change,
        active,
        lambda: evolve(move(), rate=Rate(a_plan("year", 100_00, months=12), 3)),
        IntervalMismatchError,
    ),
    "an edition that lacks a plan, on Free": (
        effects.change_edition_now,
        ended,
        lambda: evolve(move(), catalog=_poor()),
        ActionRefusedError,
    ),
    "an edition that lacks a plan, at the boundary": (
        effects.change_edition_at_boundary,
        active,
        lambda: evolve(move(), catalog=_poor()),
        ActionRefusedError,
    ),
}


def _poor() -> Catalog:
    return evolve(ladder("poor"), plans=ladder().plans[:3])


@pytest.mark.parametrize(("effect", "account", "made", "error"), REFUSED.values(), ids=REFUSED)
def test_an_effect_that_checks_refuses(
    effect: effects.Effect,
    account: Callable[[], Subscription],
    made: Callable[[], Move],
    error: type[ActionRefusedError],
) -> None:
    """Each check stands in the effect that needs it."""
    with pytest.raises(error) as caught:
        effect(account(), made())
    assert type(caught.value) is error


def test_a_change_that_waits_moves_along_to_the_new_edition() -> None:
    """C5: the plan held and the plan that waits are matched by key."""
    account = evolve(waiting(active()), next_catalog=_dearer())
    moved = effects.at_boundary(account)
    assert moved == evolve(
        account,
        catalog=_dearer(),
        plan=a_plan("pro", 21_00),
        scheduled_change=ScheduledChange(a_plan("solo", 8_00), JULY),
        next_catalog=None,
    )


def test_a_boundary_without_an_edition_that_waits_changes_nothing() -> None:
    """C5: the account stays in its edition, the same value."""
    account = active()
    assert effects.at_boundary(account) is account


def _dearer() -> Catalog:
    return evolve(
        ladder("next"),
        plans=(
            a_plan("free", 0, seats=9),
            a_plan("solo", 8_00),
            a_plan("pro", 21_00),
            a_plan("top", 39_00),
        ),
    )


IMPOSSIBLE: dict[str, tuple[Callable[[], Step], str, str]] = {
    "a change cannot wait on Free": (
        lambda: effects.schedule_change(ended(), move("free")),
        "end of the phase",
        "a datetime",
    ),
    "Free cannot be started as a paid plan": (
        lambda: effects.start_paid(ended(), move("free")),
        "cycle",
        "a Cycle",
    ),
    "a trial cannot renew": (lambda: effects.renew(trialing(), move()), "phase", "an OnPaid"),
    "a trial cannot be past due": (
        lambda: effects.become_past_due(trialing(), move()),
        "phase",
        "an OnPaid",
    ),
}


@pytest.mark.parametrize(("call", "name", "expected"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_an_effect_out_of_place_is_an_error(
    call: Callable[[], Step], name: str, expected: str
) -> None:
    """What the table keeps apart is not guessed at when it meets."""
    error = error_of(InvalidTypeError, call)
    assert (error.name, error.expected) == (name, expected)


def test_a_trial_is_as_long_as_the_terms_say() -> None:
    """R1: seven days, where the catalogue says so."""
    catalog = evolve(ladder(), terms=evolve(ladder().terms, trial_days=7))
    account = on_free(TENTH, catalog=catalog).subscription
    step = effects.start_trial(account, move(at=HALF))
    assert step.subscription.phase == OnTrial(utc(2026, 6, 23))


def test_a_renewal_far_from_the_anchor_is_its_own_period() -> None:
    """T3: the period is the cycle's, whichever was before."""
    account = evolve(active(), as_of=AUGUST, phase=OnPaid(Cycle(JUNE), Period(AUGUST, SEPTEMBER)))
    step = effects.renew(account, move(at=SEPTEMBER))
    assert isinstance(step.occurrence, PeriodStarted)
    assert step.occurrence.period == Period(SEPTEMBER, utc(2026, 10, 1))
