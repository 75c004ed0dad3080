"""The facts about one account: which values can exist, and what they say when asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Account,
    Catalog,
    Cycle,
    InvalidTypeError,
    InvalidValueError,
    Money,
    OnFree,
    OnPaid,
    OnTrial,
    Period,
    Plan,
    ScheduledChange,
    Standing,
    Status,
    Subscription,
    UnknownKeyError,
    advance,
    entitlements,
    status,
    upcoming_invoice,
)
from tests.accounts import (
    a_catalog,
    a_plan,
    after,
    dues,
    on_free,
    on_plan,
    on_trial,
    repriced,
    waiting_plan,
    with_enterprise,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, OCTOBER, SEPTEMBER, utc
from tests.refused import error_of, values_of

MAY = utc(2026, 5, 1)

Facts = Callable[[], Any]


def free() -> Subscription:
    """On Free from June, never had a trial."""
    return on_free(JUNE).subscription


def trial() -> Subscription:
    """In the trial of Pro, from 1 June to 1 July."""
    return on_trial(JUNE).subscription


def paid() -> Subscription:
    """On Pro from June."""
    return on_plan(PRO, JUNE).subscription


def june() -> Period:
    """The month of June."""
    return Period(JUNE, JULY)


def other_pro() -> Plan:
    """A plan that has Pro's key and another price."""
    return evolve(PRO, price=Money(2100, USD))


def without_pro() -> Catalog:
    """An edition that has no Pro."""
    return evolve(
        CHATIM,
        edition="poor",
        plans=(FREE, ULTIMATE),
        terms=evolve(CHATIM.terms, trial_plan="ultimate"),
    )


# --- What cannot be ---
IMPOSSIBLE: dict[str, tuple[Facts, str, Facts, str]] = {
    "a period that is none of the cycle's": (
        lambda: OnPaid(Cycle(JUNE), Period(JUNE, HALF)),
        "period",
        lambda: Period(JUNE, HALF),
        "a whole period of the cycle",
    ),
    "a period before the anchor": (
        lambda: OnPaid(Cycle(HALF), Period(JUNE, JULY)),
        "period",
        lambda: Period(JUNE, JULY),
        "a whole period of the cycle",
    ),
    "two periods of the cycle in one": (
        lambda: OnPaid(Cycle(JUNE), Period(JUNE, AUGUST)),
        "period",
        lambda: Period(JUNE, AUGUST),
        "a whole period of the cycle",
    ),
    "the plan of another edition": (
        lambda: evolve(paid(), plan=other_pro()),
        "plan",
        other_pro,
        "a plan of the catalogue held",
    ),
    "an edition to which no account can move": (
        lambda: evolve(paid(), next_catalog=without_pro()),
        "next_catalog",
        without_pro,
        "an edition to move to, but it has no plan 'pro'",
    ),
    "a trial of Free": (
        lambda: evolve(free(), tried_plan="free"),
        "tried_plan",
        lambda: "free",
        "the key of a paid plan",
    ),
    "Pro on the free phase": (
        lambda: evolve(free(), plan=PRO),
        "phase",
        OnFree,
        "OnTrial or OnPaid on a paid plan",
    ),
    "a change that waits on Free": (
        lambda: evolve(free(), scheduled_change=ScheduledChange(PRO, JULY)),
        "phase",
        OnFree,
        "nothing waiting on the free plan",
    ),
    "an edition that waits on Free": (
        lambda: evolve(free(), next_catalog=repriced()),
        "phase",
        OnFree,
        "nothing waiting on the free plan",
    ),
    "the end of a trial that never was": (
        lambda: evolve(free(), phase=OnFree(trial_ended=True)),
        "tried_plan",
        lambda: None,
        "the plan of the trial that ended",
    ),
    "Free in a trial": (
        lambda: evolve(trial(), plan=FREE),
        "phase",
        lambda: OnTrial(JULY),
        "OnFree on the free plan",
    ),
    "a trial of another plan than the one held": (
        lambda: evolve(trial(), tried_plan="ultimate"),
        "tried_plan",
        lambda: "ultimate",
        "the plan held, in a trial",
    ),
    "a trial of no plan": (
        lambda: evolve(trial(), tried_plan=None),
        "tried_plan",
        lambda: None,
        "the plan held, in a trial",
    ),
    "a trial that is over": (
        lambda: evolve(trial(), as_of=JULY),
        "as_of",
        lambda: JULY,
        "an instant before the trial's end",
    ),
    "a month's cycle for a year's plan": (
        lambda: evolve(
            paid(), catalog=with_enterprise(), plan=with_enterprise().plan("enterprise")
        ),
        "phase",
        lambda: OnPaid(Cycle(JUNE), june()),
        "a cycle of the plan's own interval",
    ),
    "a year's cycle for a month's plan": (
        lambda: evolve(paid(), phase=OnPaid(Cycle(JUNE, 12), Period(JUNE, utc(2027, 6, 1)))),
        "phase",
        lambda: OnPaid(Cycle(JUNE, 12), Period(JUNE, utc(2027, 6, 1))),
        "a cycle of the plan's own interval",
    ),
    "a paid plan that was never invoiced": (
        lambda: evolve(paid(), was_invoiced=False),
        "was_invoiced",
        lambda: False,
        "True on a paid plan",
    ),
    "a period that is over": (
        lambda: evolve(paid(), as_of=JULY),
        "as_of",
        lambda: JULY,
        "an instant in the paid period",
    ),
    "a period that is still to come": (
        lambda: evolve(paid(), as_of=JUNE - timedelta(seconds=1)),
        "as_of",
        lambda: utc(2026, 5, 31, 23, 59, 59),
        "an instant in the paid period",
    ),
    "a plan that the catalogue does not have": (
        lambda: evolve(free(), plan=a_plan("gold", 0)),
        "plan",
        lambda: a_plan("gold", 0),
        "a plan of the catalogue held",
    ),
    "a change to a plan that the catalogue does not have": (
        lambda: evolve(paid(), scheduled_change=ScheduledChange(a_plan("gold", 900), JULY)),
        "scheduled_change",
        lambda: ScheduledChange(a_plan("gold", 900), JULY),
        "a plan of the catalogue held",
    ),
    "Free in a paid period": (
        lambda: evolve(paid(), plan=FREE),
        "phase",
        lambda: OnPaid(Cycle(JUNE), june()),
        "a cycle of the plan's own interval",
    ),
    "a change to the plan of another edition": (
        lambda: evolve(
            on_plan(ULTIMATE, JUNE).subscription,
            scheduled_change=ScheduledChange(other_pro(), JULY),
        ),
        "scheduled_change",
        lambda: ScheduledChange(other_pro(), JULY),
        "a plan of the catalogue held",
    ),
    "a change that is already due": (
        lambda: evolve(paid(), as_of=HALF, scheduled_change=ScheduledChange(FREE, HALF)),
        "scheduled_change",
        lambda: ScheduledChange(FREE, HALF),
        "an instant after as_of",
    ),
    "a paid change inside the period": (
        lambda: evolve(
            on_plan(ULTIMATE, JUNE).subscription, scheduled_change=ScheduledChange(PRO, HALF)
        ),
        "scheduled_change",
        lambda: ScheduledChange(PRO, HALF),
        "an instant at which it can happen",
    ),
    "a change before the end of the trial": (
        lambda: evolve(trial(), scheduled_change=ScheduledChange(FREE, HALF)),
        "scheduled_change",
        lambda: ScheduledChange(FREE, HALF),
        "an instant at which it can happen",
    ),
    "another paid plan after the end of the trial": (
        lambda: evolve(trial(), scheduled_change=ScheduledChange(ULTIMATE, AUGUST)),
        "scheduled_change",
        lambda: ScheduledChange(ULTIMATE, AUGUST),
        "an instant at which it can happen",
    ),
    "no seats": (
        lambda: evolve(paid(), seats=0),
        "seats",
        lambda: 0,
        "a whole number of at least 1",
    ),
}


@pytest.mark.parametrize(
    ("build", "name", "value", "expected"), IMPOSSIBLE.values(), ids=IMPOSSIBLE
)
def test_facts_that_contradict_one_another_are_refused(
    build: Facts, name: str, value: Facts, expected: str
) -> None:
    """The error names the fact, holds its value, and says what was expected."""
    assert values_of(InvalidValueError, build) == (name, value(), expected)


WRONG_TYPES: dict[str, tuple[Callable[[Any], object], str, str]] = {
    "OnFree(trial_ended)": (OnFree, "trial_ended", "a bool"),
    "OnPaid(cycle)": (lambda v: OnPaid(v, june()), "cycle", "a Cycle"),
    "OnPaid(period)": (lambda v: OnPaid(Cycle(JUNE), v), "period", "a Period"),
    "OnPaid(standing)": (lambda v: OnPaid(Cycle(JUNE), june(), v), "standing", "a Standing"),
    "ScheduledChange(plan)": (lambda v: ScheduledChange(v, JULY), "plan", "a Plan"),
    "Subscription(catalog)": (lambda v: evolve(free(), catalog=v), "catalog", "a Catalog"),
    "Subscription(plan)": (lambda v: evolve(free(), plan=v), "plan", "a Plan"),
    "Subscription(seats)": (lambda v: evolve(free(), seats=v), "seats", "a whole number (int)"),
    "Subscription(phase)": (
        lambda v: evolve(free(), phase=v),
        "phase",
        "OnFree, OnTrial or OnPaid",
    ),
    "Subscription(scheduled_change)": (
        lambda v: evolve(paid(), scheduled_change=v),
        "scheduled_change",
        "a ScheduledChange",
    ),
    "Subscription(next_catalog)": (
        lambda v: evolve(paid(), next_catalog=v),
        "next_catalog",
        "a Catalog",
    ),
    "Subscription(tried_plan)": (lambda v: evolve(paid(), tried_plan=v), "tried_plan", "a str"),
    "Subscription(payment_method)": (
        lambda v: evolve(paid(), payment_method=v),
        "payment_method",
        "a bool",
    ),
    "Subscription(was_invoiced)": (
        lambda v: evolve(paid(), was_invoiced=v),
        "was_invoiced",
        "a bool",
    ),
}


@pytest.mark.parametrize(("build", "name", "expected"), WRONG_TYPES.values(), ids=WRONG_TYPES)
@pytest.mark.parametrize("value", [0.5, b"good", ()], ids=["float", "bytes", "tuple"])
def test_a_fact_of_the_wrong_type_is_refused(
    build: Callable[[Any], object], name: str, expected: str, value: Any
) -> None:
    """The error names the fact, holds its value, and says which type was expected."""
    assert values_of(InvalidTypeError, build, value) == (name, value, expected)


@pytest.mark.parametrize("falsy", [0, "", False], ids=["0", "empty", "False"])
@pytest.mark.parametrize("name", ["scheduled_change", "next_catalog"])
def test_only_none_means_that_nothing_waits(name: str, falsy: Any) -> None:
    """A falsy value is no change and no edition, and is refused as one."""
    error = error_of(InvalidTypeError, evolve, paid(), **{name: falsy})
    assert (error.name, error.value) == (name, falsy)


def test_a_trial_of_a_plan_that_the_catalogue_does_not_have_is_refused() -> None:
    """C8: the error holds the key, and the keys that are known."""
    values = values_of(UnknownKeyError, evolve, free(), tried_plan="gold")
    assert values == ("plan", "gold", ("free", "pro", "ultimate"))


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing.good, Status.active),
        (Standing.past_due, Status.past_due),
        (Standing.restricted, Status.restricted),
    ],
)
def test_a_paid_account_reads_as_its_standing(standing: Standing, expected: Status) -> None:
    """D1, D2: the status on a paid plan is what the latest payment report made of it."""
    account = evolve(paid(), phase=OnPaid(Cycle(JUNE), june(), standing))
    assert account.present_status == expected


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (free, Status.free),
        (trial, Status.trialing),
        (
            lambda: evolve(free(), tried_plan="pro", phase=OnFree(trial_ended=True)),
            Status.trial_ended,
        ),
        (lambda: evolve(free(), tried_plan="pro"), Status.free),
        (paid, Status.active),
    ],
    ids=["free", "trial", "trial ended", "mark cleared", "paid"],
)
def test_present_status(account: Callable[[], Subscription], expected: Status) -> None:
    """R4: each phase reads as one status."""
    assert account().present_status == expected


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (OnFree, None),
        (lambda: OnFree(trial_ended=True), None),
        (lambda: OnTrial(JULY), JULY),
        (lambda: OnPaid(Cycle(JUNE), Period(JUNE, JULY)), JULY),
        (lambda: OnPaid(Cycle(JUNE), Period(JULY, AUGUST)), AUGUST),
    ],
    ids=["free", "trial ended", "trial", "first period", "second period"],
)
def test_a_phase_knows_when_time_ends_it(
    phase: Callable[[], OnFree | OnTrial | OnPaid], expected: datetime | None
) -> None:
    """The trial's end, the period's end, and never on Free."""
    assert phase().end == expected


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 7, 1, 2, 0, 0, 750_000, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 7, 1, 0, 0, 0, 1, tzinfo=timezone(timedelta(0))),
    ],
)
def test_the_instants_of_facts_are_utc_whole_seconds(at: datetime) -> None:
    """T1: a trial's end, a change's instant and `as_of` are held in UTC at whole seconds."""
    held = (OnTrial(at).trial_end, ScheduledChange(FREE, at).at, evolve(free(), as_of=at).as_of)
    assert [instant.isoformat() for instant in held] == ["2026-07-01T00:00:00+00:00"] * 3


def test_a_new_subscription_has_no_more_facts_than_it_is_given() -> None:
    """Nothing waits, no payment method, no trial, no invoice, and not marked "trial ended"."""
    account = Subscription(CHATIM, FREE, 1, JUNE, OnFree())
    assert account.scheduled_change is None
    assert account.next_catalog is None
    assert account.payment_method is False
    assert account.tried_plan is None
    assert account.was_invoiced is False
    assert account.present_status == Status.free


def test_a_new_paid_phase_is_in_good_standing() -> None:
    """D4: standing is good unless a report says otherwise."""
    assert OnPaid(Cycle(JUNE), june()).standing is Standing.good


def test_the_upcoming_catalogue_is_the_one_held_unless_another_waits() -> None:
    """C5: the edition from the next boundary on."""
    waiting = evolve(paid(), next_catalog=repriced("2027"))
    assert [account.upcoming_catalog.edition for account in (paid(), waiting)] == ["2026", "2027"]


# --- Changes that wait for other instants than the period's end ---
def test_a_last_second_is_still_in_the_trial() -> None:
    """R1: the trial is half-open, up to its end."""
    account = evolve(trial(), as_of=utc(2026, 6, 30, 23, 59, 59))
    assert account.present_status is Status.trialing


def test_a_change_may_wait_for_the_next_second() -> None:
    """A change lies after the facts, by a second at least."""
    account = evolve(paid(), scheduled_change=ScheduledChange(FREE, utc(2026, 6, 1, 0, 0, 1)))
    assert account.next_boundary == utc(2026, 6, 1, 0, 0, 1)


@pytest.mark.parametrize(
    ("at", "expected"),
    [(HALF, HALF), (JULY, JULY), (utc(2026, 8, 20), JULY)],
    ids=["inside the period", "at its end", "periods ahead"],
)
def test_next_boundary_is_the_earlier_of_the_change_and_the_periods_end(
    at: datetime, expected: datetime
) -> None:
    """A3: time does something at whichever comes first."""
    account = evolve(paid(), scheduled_change=ScheduledChange(FREE, at))
    assert account.next_boundary == expected


@pytest.mark.parametrize(
    ("account", "expected"),
    [(free, None), (trial, JULY), (paid, JULY)],
    ids=["free", "trial", "paid"],
)
def test_next_boundary_without_a_change(
    account: Callable[[], Subscription], expected: datetime | None
) -> None:
    """A3: the trial's end, the period's end, none on Free."""
    assert account().next_boundary == expected


def to_free(at: datetime) -> Account:
    """An account on Pro whose change to Free waits for `at`."""
    account = on_plan(PRO, JUNE, seats=3)
    change = ScheduledChange(FREE, at)
    return evolve(account, subscription=evolve(account.subscription, scheduled_change=change))


def test_a_change_to_free_inside_the_period_takes_effect_there() -> None:
    """Pro to the second before, Free at it, and nothing is charged or given back."""
    account = to_free(HALF)
    second_before = utc(2026, 6, 15, 23, 59, 59)
    assert status(account.subscription, second_before) == Status.active
    assert entitlements(account.subscription, second_before).valid_until == HALF
    assert status(account.subscription, HALF) == Status.free
    assert entitlements(account.subscription, HALF).plan.key == "free"
    assert advance(account, OCTOBER).invoices == ()
    assert advance(account, OCTOBER).account.subscription.present_status == Status.free


def test_a_change_to_free_several_periods_ahead_lets_the_periods_before_renew() -> None:
    """Pro is invoiced in July and August, and is Free in the middle of August."""
    account = to_free(utc(2026, 8, 20))
    statement = advance(account, OCTOBER)
    assert dues(statement.invoices) == [(JULY, 5700), (AUGUST, 5700)]
    assert status(account.subscription, utc(2026, 8, 19, 23, 59, 59)) == Status.active
    assert status(account.subscription, utc(2026, 8, 20)) == Status.free
    assert statement.account.subscription.scheduled_change is None


def test_a_change_to_free_that_waits_is_kept_through_a_renewal() -> None:
    """In July it still waits for 20 August."""
    renewed = advance(to_free(utc(2026, 8, 20)), JULY).account
    assert waiting_plan(renewed) == ("free", utc(2026, 8, 20))


def pro_in_september() -> Account:
    """An account on Ultimate whose change to Pro waits for the third boundary."""
    account = on_plan(ULTIMATE, JUNE)
    change = ScheduledChange(PRO, SEPTEMBER)
    return evolve(account, subscription=evolve(account.subscription, scheduled_change=change))


def test_a_paid_change_may_wait_for_a_later_boundary() -> None:
    """Ultimate in July and August, Pro from September on."""
    assert dues(advance(pro_in_september(), OCTOBER).invoices) == [
        (JULY, 3900),
        (AUGUST, 3900),
        (SEPTEMBER, 1900),
        (OCTOBER, 1900),
    ]


@pytest.mark.parametrize(
    ("at", "plan", "expires"),
    [
        (JUNE, "ultimate", JULY),
        (utc(2026, 8, 31, 23, 59, 59), "ultimate", SEPTEMBER),
        (SEPTEMBER, "pro", OCTOBER),
    ],
)
def test_access_sees_a_paid_change_several_boundaries_ahead(
    at: datetime, plan: str, expires: datetime
) -> None:
    """A1: what holds at an instant is the same as if time had been recorded."""
    may = entitlements(pro_in_september().subscription, at)
    assert (may.plan.key, may.valid_until) == (plan, expires)


def test_the_next_invoice_is_of_the_plan_held_while_a_change_is_far() -> None:
    """July is billed for Ultimate."""
    invoice = upcoming_invoice(pro_in_september())
    assert invoice is not None
    assert (invoice.issued_at, invoice.total.amount) == (JULY, 3900)


def test_a_paid_change_waits_for_a_boundary_of_the_cycle_only() -> None:
    """A paid plan in the middle of a later period is refused like one in this period."""
    error = error_of(
        InvalidValueError,
        evolve,
        on_plan(ULTIMATE, JUNE).subscription,
        scheduled_change=ScheduledChange(PRO, utc(2026, 8, 2)),
    )
    assert error.name == "scheduled_change"


def test_a_paid_change_keeps_the_interval() -> None:
    """C6: a year's plan cannot wait at the end of a month's period."""
    catalog = with_enterprise()
    error = error_of(
        InvalidValueError,
        evolve,
        on_plan(PRO, JUNE, catalog=catalog).subscription,
        scheduled_change=ScheduledChange(catalog.plan("enterprise"), JULY),
    )
    assert error.name == "scheduled_change"
    assert error.value == ScheduledChange(catalog.plan("enterprise"), JULY)


def test_a_trial_may_be_followed_by_a_plan_of_another_interval() -> None:
    """C6: what waits at a trial's end may be billed by the year."""
    catalog = a_catalog(
        a_plan("free", 0, seats=1), a_plan("year", 100_00, months=12), a_plan("pro", 19_00)
    )
    account = on_trial(JUNE, card=True, catalog=catalog)
    change = ScheduledChange(catalog.plan("year"), JULY)
    waiting = evolve(account, subscription=evolve(account.subscription, scheduled_change=change))
    assert dues(advance(waiting, utc(2027, 7, 1)).invoices) == [
        (JULY, 10_000),
        (utc(2027, 7, 1), 10_000),
    ]


def test_an_account_is_told_apart_by_its_facts() -> None:
    """Two values of the same facts are equal; a seat more makes another."""
    assert (paid() == paid(), paid() == evolve(paid(), seats=2)) == (True, False)


def test_a_story_leaves_the_facts_it_started_from() -> None:
    """Applying nothing gives the very same account."""
    account = on_plan(PRO, JUNE)
    assert after(account) is account
