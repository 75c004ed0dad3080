"""Effects: the account after each event, fact by fact, and what has a price."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from attrs import evolve

from chatim_plans import (
    Action,
    ActionRefusedError,
    AdjustCredit,
    BillingMode,
    Cancel,
    Catalog,
    Cycle,
    InvalidTypeError,
    MoveTrialEnd,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentOverdueError,
    Period,
    PlansError,
    Refunded,
    ScheduledChange,
    SeatLimitError,
    Standing,
    Status,
    Subscription,
    TrialRefusedError,
)
from chatim_plans.subscriptions import effects
from chatim_plans.subscriptions.moves import EventKind, Move, Step
from chatim_plans.subscriptions.occurrences import (
    BillingStopped,
    CreditAdjusted,
    IntervalChanged,
    PeriodStarted,
    Rate,
    RateChanged,
    RefundGiven,
)
from tests.accounts import a_plan, on_free, on_plan, usd, waiting
from tests.instants import AUGUST, HALF, JULY, JUNE, LAST_SECOND, SEPTEMBER, TENTH, june, utc
from tests.refused import error_of
from tests.subscriptions.accounts import (
    cancelled,
    invoiced,
    ladder,
    plan,
    standing_at,
    with_grace,
)


def move(
    key: str = "pro", seats: int = 3, *, at: datetime = HALF, action: Action | None = None
) -> Move:
    """A move to a plan of the ladder; the effects do not read its event."""
    return Move(EventKind.resume, at, ladder(), Rate(plan(key), seats), action)


def active() -> Subscription:
    """On Pro with three seats from June, standing at 10 June."""
    return standing_at(Status.active)


def trialing() -> Subscription:
    """In the trial of Pro with three seats from June, standing at 10 June."""
    return standing_at(Status.trialing)


def ended() -> Subscription:
    """On Free after a trial, marked."""
    return standing_at(Status.trial_ended)


def restricted() -> Subscription:
    """On Pro after the last retry failed, a lower plan waiting."""
    return waiting(standing_at(Status.restricted), "solo", JULY)


def lower_waits() -> Subscription:
    """On Pro, a lower plan waiting for the end of the period."""
    return waiting(active(), "solo", JULY)


def edition_waits(account: Callable[[], Subscription]) -> Callable[[], Subscription]:
    """The account with another edition that waits."""
    return lambda: evolve(account(), next_catalog=ladder("next"))


# --- What changes, and what has a price; made in the test, not when the table is read ---
def paid(
    start: datetime,
    end: datetime,
    *,
    anchor: datetime = JUNE,
    standing: str = "good",
    since: datetime | None = None,
    grace_end: datetime | None = None,
    mode: str = "flexible",
) -> Callable[[], OnPaid]:
    """The phase of a paid plan in a period of the cycle from the anchor."""
    return lambda: OnPaid(
        Cycle(anchor),
        Period(start, end),
        Standing(standing),
        BillingMode(mode),
        standing_since=since,
        grace_end=grace_end,
    )


def owing() -> Subscription:
    """On Free, once invoiced, and a payment of it failed."""
    return evolve(invoiced(standing_at(Status.free)), phase=OnFree(owes=True))


def past_due() -> Subscription:
    """On Pro, a payment of which failed on the tenth."""
    return standing_at(Status.past_due)


def with_grace_of_seven_days(account: Callable[[], Subscription]) -> Callable[[], Subscription]:
    """The account, sold in an edition whose terms give a grace."""
    return lambda: evolve(account(), catalog=ladder(grace_days=7))


def in_classic(account: Callable[[], Subscription]) -> Callable[[], Subscription]:
    """The account on a paid plan, if it were billed in the classic mode."""

    def classic() -> Subscription:
        facts = account()
        assert isinstance(facts.phase, OnPaid)
        return evolve(facts, phase=evolve(facts.phase, billing_mode=BillingMode.classic))

    return classic


def change(key: str) -> Callable[[], ScheduledChange]:
    """A change to the plan with this key that waits for July."""
    return lambda: ScheduledChange(plan(key), JULY)


def nothing(_rate: Rate) -> None:
    """Nothing that has a price."""


def starts(start: datetime, end: datetime) -> Callable[[Rate], PeriodStarted]:
    """A period that starts at the rate moved to."""
    return lambda rate: PeriodStarted(rate, Period(start, end))


def prorated(*, at_once: bool) -> Callable[[Rate], RateChanged]:
    """Three seats of Pro until half of June, and from there the rate moved to."""
    return lambda rate: RateChanged(HALF, Period(JUNE, JULY), Rate(plan("pro"), 3), rate, at_once)


def stops(*, lines_dropped: bool) -> Callable[[Rate], BillingStopped]:
    """The end of billing."""
    return lambda _rate: BillingStopped(lines_dropped)


class Case(NamedTuple):
    """An effect on an account that moves to a rate, the facts it changes, and what has a price.

    A plan goes by its key, an edition by its name; what is made of values is made when called.
    """

    effect: effects.Effect
    account: Callable[[], Subscription]
    changes: dict[str, Any]
    to: tuple[str, int] = ("pro", 3)
    at: datetime = HALF
    edition: str = "ladder"
    occurs: Callable[[Rate], Any] = nothing
    action: Callable[[], Action] | None = None


MID_JULY = utc(2026, 7, 16)
UNWAITING = {"scheduled_change": None}
ON_FREE = {"plan": "free", "phase": OnFree, **UNWAITING}
MARKED = {"plan": "free", "phase": lambda: OnFree(trial_ended=True)}
FROM_HALF = {"phase": paid(HALF, MID_JULY, anchor=HALF), "was_invoiced": True}
FROM_JULY = {"phase": paid(JULY, AUGUST, anchor=JULY), "was_invoiced": True}
RENEWED = {"phase": paid(JULY, AUGUST)}
IN_JULY = starts(JULY, AUGUST)
IN_HALF = starts(HALF, MID_JULY)


def year_from_half(mode: str = "flexible") -> Callable[[], OnPaid]:
    """The first year of a plan that starts at half of June."""
    year = utc(2027, 6, 16)
    return lambda: OnPaid(Cycle(HALF, 12), Period(HALF, year), billing_mode=BillingMode(mode))


def year_in_the_place_of(key: str) -> Callable[[Rate], IntervalChanged]:
    """Three seats of a plan until half of June, and from there the year of the rate moved to."""
    return lambda rate: IntervalChanged(
        HALF, june(), Rate(plan(key), 3), rate, Period(HALF, utc(2027, 6, 16))
    )


def classic_ladder() -> Catalog:
    """The ladder, whose plans start in the classic mode."""
    return evolve(ladder(), terms=evolve(ladder().terms, billing_mode=BillingMode.classic))


CASES: dict[str, Case] = {
    "stay": Case(effects.stay, active, {}),
    "stay, with a change": Case(effects.stay, lower_waits, {}),
    "withdraw a change": Case(effects.withdraw_change, lower_waits, UNWAITING),
    "withdraw nothing": Case(effects.withdraw_change, active, {}),
    "withdraw a change, not an edition": Case(
        effects.withdraw_change, edition_waits(lower_waits), UNWAITING
    ),
    "schedule at the period's end": Case(
        effects.schedule_change, active, {"scheduled_change": change("solo")}, ("solo", 3)
    ),
    "schedule at the trial's end": Case(
        effects.schedule_change, trialing, {"scheduled_change": change("free")}, ("free", 3)
    ),
    "schedule in the place of another": Case(
        effects.schedule_change,
        lambda: waiting(active(), "free", AUGUST),
        {"scheduled_change": change("solo")},
        ("solo", 3),
    ),
    "clear the mark": Case(effects.clear_mark, ended, {"phase": OnFree}, ("free", 3)),
    "start a trial": Case(
        effects.start_trial,
        lambda: standing_at(Status.free),
        {"plan": "pro", "seats": 5, "phase": lambda: OnTrial(MID_JULY), "tried_plan": "pro"},
        ("pro", 5),
    ),
    "start a paid plan from Free": Case(
        effects.start_paid,
        ended,
        {"plan": "solo", "seats": 4, **FROM_HALF},
        ("solo", 4),
        occurs=IN_HALF,
    ),
    "start a paid plan from the trial, a cancellation waiting": Case(
        effects.start_paid,
        lambda: cancelled(trialing()),
        {"plan": "top", **FROM_HALF, **UNWAITING},
        ("top", 3),
        occurs=IN_HALF,
    ),
    "go on after the trial, with the plan that waited": Case(
        effects.convert_trial,
        lambda: waiting(trialing(), "solo", JULY),
        {"plan": "solo", **FROM_JULY, **UNWAITING},
        ("solo", 3),
        JULY,
        occurs=IN_JULY,
    ),
    "go on after the trial, to end later": Case(
        effects.convert_trial,
        lambda: waiting(trialing(), "free", utc(2026, 8, 16)),
        FROM_JULY,
        at=JULY,
        occurs=IN_JULY,
    ),
    "start a paid plan in the edition that waited": Case(
        effects.start_paid,
        edition_waits(trialing),
        {"catalog": "next", "next_catalog": None, "plan": "top", **FROM_HALF},
        ("top", 3),
        occurs=IN_HALF,
    ),
    "renew": Case(effects.renew, active, RENEWED, at=JULY, occurs=IN_JULY),
    "renew, past due": Case(
        effects.renew,
        past_due,
        {"phase": paid(JULY, AUGUST, standing="past_due", since=TENTH)},
        at=JULY,
        occurs=IN_JULY,
    ),
    "renew with the plan that waited": Case(
        effects.renew,
        lower_waits,
        {"plan": "solo", **RENEWED, **UNWAITING},
        ("solo", 3),
        JULY,
        occurs=IN_JULY,
    ),
    "renew before the change that waits": Case(
        effects.renew, lambda: waiting(active(), "solo", AUGUST), RENEWED, at=JULY, occurs=IN_JULY
    ),
    "upgrade": Case(
        effects.upgrade,
        active,
        {"plan": "top", "seats": 5},
        ("top", 5),
        occurs=prorated(at_once=True),
    ),
    "upgrade, a change waiting": Case(
        effects.upgrade,
        lower_waits,
        {"plan": "top", **UNWAITING},
        ("top", 3),
        occurs=prorated(at_once=True),
    ),
    "change the seats of a month's plan, a change waiting": Case(
        effects.change_paid_seats,
        lower_waits,
        {"seats": 2},
        ("pro", 2),
        occurs=prorated(at_once=False),
    ),
    "change seats on Free": Case(effects.change_seats, ended, {"seats": 4}, ("free", 4)),
    "change seats in the trial, a change waiting": Case(
        effects.change_seats, lambda: waiting(trialing(), "solo", JULY), {"seats": 12}, ("pro", 12)
    ),
    "add a payment method": Case(effects.add_payment_method, trialing, {"payment_method": True}),
    "remove the payment method": Case(
        effects.remove_payment_method, active, {"payment_method": False}
    ),
    "become good": Case(effects.become_good, restricted, {"phase": paid(JUNE, JULY)}),
    "become good within the grace": Case(
        effects.become_good, lambda: with_grace(past_due(), JULY), {"phase": paid(JUNE, JULY)}
    ),
    "become past due": Case(
        effects.become_past_due,
        active,
        {"phase": paid(JUNE, JULY, standing="past_due", since=HALF)},
    ),
    "become past due, with a grace": Case(
        effects.become_past_due,
        with_grace_of_seven_days(active),
        {"phase": paid(JUNE, JULY, standing="past_due", since=HALF, grace_end=utc(2026, 6, 23))},
    ),
    "stay past due since the first failure, with its grace": Case(
        effects.become_past_due,
        with_grace_of_seven_days(lambda: with_grace(past_due(), JULY)),
        {},
    ),
    "become restricted": Case(
        effects.become_restricted,
        active,
        {"phase": paid(JUNE, JULY, standing="restricted", since=HALF)},
    ),
    "become restricted within the grace": Case(
        effects.become_restricted,
        lambda: with_grace(past_due(), JULY),
        {"phase": paid(JUNE, JULY, standing="restricted", since=HALF)},
    ),
    "stay restricted since the first time": Case(effects.become_restricted, restricted, {}),
    "a grace ends": Case(
        effects.end_grace,
        lambda: with_grace(past_due(), HALF),
        {"phase": paid(JUNE, JULY, standing="restricted", since=HALF)},
    ),
    "a grace ends with the period": Case(
        effects.end_grace,
        lambda: with_grace(past_due(), JULY),
        {"as_of": LAST_SECOND, "phase": paid(JUNE, JULY, standing="restricted", since=LAST_SECOND)},
        at=JULY,
    ),
    "owe on Free": Case(
        effects.owe, lambda: invoiced(ended()), {"phase": lambda: OnFree(True, owes=True)}
    ),
    "settle on Free": Case(effects.settle, owing, {"phase": OnFree}),
    "clear the mark of one that owes": Case(
        effects.clear_mark,
        lambda: evolve(invoiced(ended()), phase=OnFree(trial_ended=True, owes=True)),
        {"phase": lambda: OnFree(owes=True)},
        ("free", 3),
    ),
    "shrink while a payment is overdue": Case(
        effects.change_seats, past_due, {"seats": 2}, ("pro", 2)
    ),
    "adjust the credit": Case(
        effects.adjust_credit,
        active,
        {},
        occurs=lambda _rate: CreditAdjusted(usd(-70)),
        action=lambda: AdjustCredit(usd(-70), at=HALF),
    ),
    "refund": Case(
        effects.refund,
        ended,
        {},
        occurs=lambda _rate: RefundGiven(2, usd(70)),
        action=lambda: Refunded(2, usd(70), at=HALF),
    ),
    "move the trial's end": Case(
        effects.move_trial_end,
        trialing,
        {"phase": lambda: OnTrial(AUGUST)},
        action=lambda: MoveTrialEnd(AUGUST, at=HALF),
    ),
    "move the trial's end, and what waits for it": Case(
        effects.move_trial_end,
        lambda: waiting(trialing(), "solo", JULY),
        {
            "phase": lambda: OnTrial(AUGUST),
            "scheduled_change": lambda: ScheduledChange(plan("solo"), AUGUST),
        },
        action=lambda: MoveTrialEnd(AUGUST, at=HALF),
    ),
    "shorten the trial, and what waits for its end": Case(
        effects.move_trial_end,
        lambda: waiting(trialing(), "solo", JULY),
        {
            "phase": lambda: OnTrial(LAST_SECOND),
            "scheduled_change": lambda: ScheduledChange(plan("solo"), LAST_SECOND),
        },
        action=lambda: MoveTrialEnd(LAST_SECOND, at=HALF),
    ),
    "move the trial's end, an end for later waiting": Case(
        effects.move_trial_end,
        lambda: waiting(trialing(), "free", AUGUST),
        {"phase": lambda: OnTrial(MID_JULY)},
        action=lambda: MoveTrialEnd(MID_JULY, at=HALF),
    ),
    "move the trial's end past an end for later": Case(
        effects.move_trial_end,
        lambda: waiting(trialing(), "free", MID_JULY),
        {
            "phase": lambda: OnTrial(AUGUST),
            "scheduled_change": lambda: ScheduledChange(plan("free"), AUGUST),
        },
        action=lambda: MoveTrialEnd(AUGUST, at=HALF),
    ),
    "change the interval": Case(
        effects.change_interval,
        lower_waits,
        {"plan": "top_year", "seats": 5, "phase": year_from_half(), **UNWAITING},
        ("top_year", 5),
        occurs=year_in_the_place_of("pro"),
    ),
    "change the interval in the mode that is kept": Case(
        effects.change_interval,
        in_classic(active),
        {"plan": "top_year", "phase": year_from_half("classic")},
        ("top_year", 3),
        occurs=year_in_the_place_of("pro"),
    ),
    "change the interval into the edition that waits, and its mode": Case(
        effects.change_interval,
        edition_waits(in_classic(active)),
        {
            "catalog": "next",
            "next_catalog": None,
            "plan": "top_year",
            "phase": year_from_half(),
        },
        ("top_year", 3),
        occurs=year_in_the_place_of("pro"),
    ),
    "renew on another interval, in the mode that is kept": Case(
        effects.renew,
        lambda: waiting(in_classic(active)(), "solo_year", JULY),
        {
            "plan": "solo_year",
            "phase": lambda: OnPaid(
                Cycle(JULY, 12), Period(JULY, utc(2027, 7, 1)), billing_mode=BillingMode.classic
            ),
            **UNWAITING,
        },
        ("solo_year", 3),
        JULY,
        occurs=starts(JULY, utc(2027, 7, 1)),
    ),
    "start a paid plan in the mode of the terms": Case(
        effects.start_paid,
        lambda: evolve(ended(), catalog=classic_ladder()),
        {
            "plan": "solo",
            "phase": paid(HALF, MID_JULY, anchor=HALF, mode="classic"),
            "was_invoiced": True,
        },
        ("solo", 3),
        occurs=IN_HALF,
    ),
    "cancel at once": Case(
        effects.cancel_at_once,
        lower_waits,
        {**ON_FREE},
        ("free", 3),
        occurs=stops(lines_dropped=True),
    ),
    "cancel at once, the edition that waited holds": Case(
        effects.cancel_at_once,
        edition_waits(active),
        {**ON_FREE, "catalog": "next", "next_catalog": None},
        ("free", 3),
        occurs=stops(lines_dropped=True),
    ),
    "cancel at once, and owe": Case(
        effects.cancel_at_once,
        past_due,
        {**ON_FREE, "phase": lambda: OnFree(owes=True)},
        ("free", 3),
        occurs=stops(lines_dropped=True),
    ),
    "cancel the trial at once": Case(
        effects.cancel_at_once,
        trialing,
        ON_FREE,
        ("free", 3),
        occurs=stops(lines_dropped=True),
    ),
    "fall to Free, and owe": Case(
        effects.fall_to_free,
        lambda: cancelled(past_due()),
        {**ON_FREE, "phase": lambda: OnFree(owes=True)},
        ("free", 3),
        JULY,
        occurs=stops(lines_dropped=False),
    ),
    "note a late report": Case(
        effects.note_late_report, lambda: invoiced(ended()), {}, ("free", 3)
    ),
    "end the trial": Case(effects.end_trial, trialing, MARKED, ("free", 3), JULY),
    "end the trial, a change waiting": Case(
        effects.end_trial,
        lambda: waiting(trialing(), "solo", JULY),
        {**MARKED, **UNWAITING},
        ("free", 3),
        JULY,
    ),
    "fall to Free": Case(
        effects.fall_to_free,
        lambda: cancelled(active()),
        ON_FREE,
        ("free", 3),
        JULY,
        occurs=stops(lines_dropped=False),
    ),
    "fall unpaid": Case(
        effects.fall_unpaid,
        restricted,
        ON_FREE,
        ("free", 3),
        JULY,
        occurs=stops(lines_dropped=True),
    ),
    "move at once to another edition": Case(
        effects.change_edition_now, ended, {"catalog": "next"}, ("free", 3), edition="next"
    ),
    "move at the boundary": Case(
        effects.change_edition_at_boundary, active, {"next_catalog": "next"}, edition="next"
    ),
    "move to the edition held": Case(
        effects.change_edition_at_boundary, edition_waits(active), {"next_catalog": None}
    ),
    "move to another than the one that waits": Case(
        effects.change_edition_at_boundary,
        edition_waits(active),
        {"next_catalog": "last"},
        edition="last",
    ),
}


def value_of(name: str, fact: Any) -> Any:
    """The value of a fact that the table names by its key, or by how it is made."""
    if callable(fact):
        return fact()
    if isinstance(fact, str) and name != "tried_plan":
        return plan(fact) if name == "plan" else ladder(fact)
    return fact


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_effect_changes_these_facts_and_no_other(case: Case) -> None:
    """The facts that change, the instant among them, and what has a price."""
    rate = Rate(plan(case.to[0]), case.to[1])
    action = None if case.action is None else case.action()
    made = Move(EventKind.resume, case.at, ladder(case.edition), rate, action)
    changes = {name: value_of(name, fact) for name, fact in case.changes.items()}
    expected = evolve(case.account(), **{"as_of": case.at, **changes})
    assert case.effect(case.account(), made) == Step(made, expected, case.occurs(rate))


def test_a_year_starts_on_its_own_cycle() -> None:
    """C6: the cycle of a plan by the year is twelve months."""
    year = a_plan("year", 100_00, months=12)
    catalog = evolve(ladder(), plans=(*ladder().plans, year), edition="years")
    account = on_free(JUNE, catalog=catalog).subscription
    to_year = Move(EventKind.choose_higher, HALF, catalog, Rate(year, 1))
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
    step = effects.change_paid_seats(account, Move(EventKind.grow, HALF, catalog, Rate(held, 3)))
    assert isinstance(step.occurrence, RateChanged)
    assert step.occurrence.at_once is at_once


def to_year() -> Move:
    """A move to a plan by the year."""
    return move("top_year")


def crowded() -> Catalog:
    """The ladder, whose plans all have room for nine and no more."""
    limits = ladder().free_plan.limits
    return evolve(ladder(), plans=[evolve(each, limits=limits) for each in ladder().plans])


def to_poor() -> Move:
    """A move to an edition that lacks a plan."""
    return evolve(move(), catalog=evolve(ladder("poor"), plans=ladder().plans[:4]))


REFUSED: dict[
    str, tuple[effects.Effect, Callable[[], Subscription], Callable[[], Move], type[PlansError]]
] = {
    "a trial of an account that had one": (effects.start_trial, ended, move, TrialRefusedError),
    "a start with too many seats": (
        effects.start_paid,
        lambda: on_free(JUNE, catalog=ladder()).subscription,
        lambda: move("free", 10),
        SeatLimitError,
    ),
    "too many seats": (effects.change_seats, ended, lambda: move("free", 10), SeatLimitError),
    "a report, never invoiced": (effects.note_late_report, ended, move, ActionRefusedError),
    "a start by one that owes": (effects.start_paid, owing, move, PaymentOverdueError),
    "a failure on Free, never invoiced": (effects.owe, ended, move, ActionRefusedError),
    "a success on Free, never invoiced": (effects.settle, ended, move, ActionRefusedError),
    "a trial's end before the action": (
        effects.move_trial_end,
        trialing,
        lambda: move(action=MoveTrialEnd(TENTH, at=HALF)),
        ActionRefusedError,
    ),
    "a change of interval with too many seats": (
        effects.change_interval,
        lambda: evolve(active(), catalog=crowded(), plan=crowded().plan("pro")),
        lambda: evolve(move("top_year", 10), catalog=crowded()),
        SeatLimitError,
    ),
    "whatever is more, while a payment is overdue": (
        effects.refuse_overdue,
        past_due,
        to_year,
        PaymentOverdueError,
    ),
    "an edition that lacks a plan": (
        effects.change_edition_now,
        ended,
        to_poor,
        ActionRefusedError,
    ),
    "an edition that lacks a plan, at the boundary": (
        effects.change_edition_at_boundary,
        active,
        to_poor,
        ActionRefusedError,
    ),
}


@pytest.mark.parametrize(("effect", "account", "made", "error"), REFUSED.values(), ids=REFUSED)
def test_an_effect_that_checks_refuses(
    effect: effects.Effect,
    account: Callable[[], Subscription],
    made: Callable[[], Move],
    error: type[PlansError],
) -> None:
    """Each check stands in the effect that needs it."""
    error_of(error, effect, account(), made())


def test_a_change_that_waits_moves_along_to_the_new_edition() -> None:
    """C5: the plan held and the plan that waits are matched by key."""
    account = evolve(lower_waits(), next_catalog=_dearer())
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
            a_plan("solo_year", 120_00, months=12),
            a_plan("pro", 21_00),
            a_plan("top", 39_00),
            a_plan("top_year", 480_00, months=12),
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
        "interval_months",
        "a whole number (int)",
    ),
    "Free cannot renew": (
        lambda: effects.renew(active(), move("free")),
        "interval_months",
        "a whole number (int)",
    ),
    "a trial cannot renew": (lambda: effects.renew(trialing(), move()), "phase", "an OnPaid"),
    "a trial has no interval to change": (
        lambda: effects.change_interval(trialing(), move("top_year")),
        "phase",
        "an OnPaid",
    ),
    "a paid plan has no end of a trial to move": (
        lambda: effects.move_trial_end(active(), move(action=Cancel(at=HALF))),
        "action",
        "a MoveTrialEnd",
    ),
    "nor does it have one for whoever means it": (
        lambda: effects.move_trial_end(active(), move(action=MoveTrialEnd(AUGUST, at=HALF))),
        "phase",
        "an OnTrial",
    ),
    "a paid plan owes by its standing": (
        lambda: effects.owe(active(), move()),
        "phase",
        "an OnFree",
    ),
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
