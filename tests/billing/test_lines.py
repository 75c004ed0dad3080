"""Lines: what each keeps of how it was reached, which cannot be, and which a change writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from chatim_plans import (
    PRO,
    ULTIMATE,
    USD,
    Currency,
    CurrencyMismatchError,
    InvalidTypeError,
    InvalidValueError,
    Line,
    LineKind,
    Money,
    Period,
    Rounding,
)
from chatim_plans.billing.invoices import period_line, proration_lines
from chatim_plans.subscriptions.occurrences import PeriodStarted, Rate, RateChanged
from tests.accounts import a_plan
from tests.instants import utc
from tests.refused import error_of, values_of

MARCH = utc(2026, 3, 1)
ELEVENTH = utc(2026, 3, 11)
APRIL = utc(2026, 4, 1)


def march() -> Period:
    """The month of March: 31 days."""
    return Period(MARCH, APRIL)


def rest() -> Period:
    """From the eleventh on: 21 days of 31."""
    return Period(ELEVENTH, APRIL)


def charge() -> Line:
    """A charge for one seat on Pro for the rest of March: 39900/31 cents."""
    return Line(LineKind.remaining_time, PRO, 1, rest(), march(), Money(1287, USD))


def credit() -> Line:
    """A credit for the same."""
    return Line(LineKind.unused_time, PRO, 1, rest(), march(), Money(-1287, USD))


def month() -> Line:
    """A whole month of three seats on Pro."""
    return Line(LineKind.subscription, PRO, 3, march(), march(), Money(5700, USD))


def changed(before: Rate, after: Rate, at: datetime = ELEVENTH) -> RateChanged:
    """A rate that changes in March."""
    return RateChanged(at, march(), before, after, at_once=True)


@pytest.mark.parametrize(
    ("line", "fraction", "exact", "difference"),
    [
        (month, Fraction(1), Fraction(5700), Fraction(0)),
        (charge, Fraction(21, 31), Fraction(39_900, 31), Fraction(-3, 31)),
        (credit, Fraction(21, 31), Fraction(-39_900, 31), Fraction(3, 31)),
        (
            lambda: evolve(charge(), seats=3, amount=Money(3861, USD)),
            Fraction(21, 31),
            Fraction(119_700, 31),
            Fraction(-9, 31),
        ),
    ],
    ids=["a month", "a charge", "a credit", "a charge for three"],
)
def test_a_line_keeps_how_it_was_reached(
    line: Callable[[], Line], fraction: Fraction, exact: Fraction, difference: Fraction
) -> None:
    """B3, B6: the share, the exact amount with its sign, and what rounding gave or took."""
    made = line()
    assert made.fraction == fraction
    assert made.exact == exact
    assert made.rounding_difference == difference
    assert made.unit_price == Money(1900, USD)


def test_kinds() -> None:
    """The three kinds, as they are stored."""
    assert [str(kind) for kind in LineKind] == ["subscription", "unused_time", "remaining_time"]


# --- What cannot be ---
IMPOSSIBLE: dict[str, tuple[Callable[[], object], str, Callable[[], object], str]] = {
    "a part that begins before": (
        lambda: evolve(charge(), period=Period(utc(2026, 2, 28), APRIL)),
        "part",
        lambda: Period(utc(2026, 2, 28), APRIL),
        "a period from 2026-03-01T00:00:00+00:00 to 2026-04-01T00:00:00+00:00",
    ),
    "a part that ends after": (
        lambda: evolve(charge(), period=Period(ELEVENTH, utc(2026, 4, 1, 0, 0, 1))),
        "part",
        lambda: Period(ELEVENTH, utc(2026, 4, 1, 0, 0, 1)),
        "a period from 2026-03-01T00:00:00+00:00 to 2026-04-01T00:00:00+00:00",
    ),
    "a subscription line for a part": (
        lambda: evolve(charge(), kind=LineKind.subscription),
        "period",
        rest,
        (
            "the whole period Period(start=datetime.datetime(2026, 3, 1, 0, 0, "
            "tzinfo=datetime.timezone.utc), end=datetime.datetime(2026, 4, 1, 0, 0, "
            "tzinfo=datetime.timezone.utc))"
        ),
    ),
    "more than a cent above the exact amount": (
        lambda: evolve(charge(), amount=Money(1289, USD)),
        "amount",
        lambda: 1289,
        "3447360000/2678400, rounded",
    ),
    "more than a cent below the exact amount": (
        lambda: evolve(charge(), amount=Money(1286, USD)),
        "amount",
        lambda: 1286,
        "3447360000/2678400, rounded",
    ),
    "a credit that charges": (
        lambda: evolve(credit(), amount=Money(1287, USD)),
        "amount",
        lambda: 1287,
        "-3447360000/2678400, rounded",
    ),
    "a cent above an amount that is whole": (
        lambda: evolve(month(), amount=Money(5701, USD)),
        "amount",
        lambda: 5701,
        "15266880000/2678400, rounded",
    ),
    "a cent below an amount that is whole": (
        lambda: evolve(month(), amount=Money(5699, USD)),
        "amount",
        lambda: 5699,
        "15266880000/2678400, rounded",
    ),
    "no seats": (
        lambda: evolve(charge(), seats=0),
        "seats",
        lambda: 0,
        "a whole number of at least 1",
    ),
}


@pytest.mark.parametrize(
    ("build", "name", "value", "expected"), IMPOSSIBLE.values(), ids=IMPOSSIBLE
)
def test_a_line_that_contradicts_itself_is_refused(
    build: Callable[[], object], name: str, value: Callable[[], object], expected: str
) -> None:
    """B3, B4: the error names the fact, holds its value, and says what was expected."""
    assert values_of(InvalidValueError, build) == (name, value(), expected)


@pytest.mark.parametrize("cents", [1287, 1288])
def test_a_line_may_be_rounded_up_or_down(cents: int) -> None:
    """B4: 1287.1 cents are 1287 or 1288 by one rule or another."""
    assert evolve(charge(), amount=Money(cents, USD)).amount.amount == cents


@pytest.mark.parametrize(
    ("name", "shown", "expected"),
    [
        ("kind", "kind", "a LineKind"),
        ("plan", "plan", "a Plan"),
        ("seats", "seats", "a whole number (int)"),
        ("period", "part", "a Period"),
        ("whole", "whole", "a Period"),
        ("amount", "amount", "a Money"),
    ],
)
@pytest.mark.parametrize("value", ["unused_time", 1.5, None])
def test_a_fact_of_the_wrong_type_is_refused(
    name: str, shown: str, expected: str, value: Any
) -> None:
    """A kind's string is no kind, and nothing is a period but a period."""
    values = values_of(InvalidTypeError, evolve, charge(), **{name: value})
    assert values == (shown, value, expected)


def test_an_amount_of_another_currency_is_refused() -> None:
    """C1: the error holds the plan's currency, then the amount's."""
    error = error_of(
        CurrencyMismatchError, evolve, charge(), amount=Money(1287, Currency("EUR", 2))
    )
    assert (error.left, error.right) == (USD, Currency("EUR", 2))


# --- What is written ---
def test_a_period_is_paid_in_full() -> None:
    """B2: one line for the whole, seat price times seats."""
    line = period_line(PeriodStarted(Rate(PRO, 3), march()), Rounding.ties_to_customer)
    assert line == month()


@pytest.mark.parametrize("rounding", Rounding)
def test_a_whole_period_is_rounded_to_itself(rounding: Rounding) -> None:
    """B4: a whole needs no rounding, by any rule."""
    line = period_line(PeriodStarted(Rate(PRO, 3), march()), rounding)
    assert line.amount == Money(5700, USD)


def test_a_change_credits_all_old_seats_and_charges_all_new_ones() -> None:
    """B5: two lines for the time that is left, the credit first."""
    lines = proration_lines(changed(Rate(PRO, 3), Rate(ULTIMATE, 4)), Rounding.ties_to_customer)
    assert lines == (
        Line(LineKind.unused_time, PRO, 3, rest(), march(), Money(-3861, USD)),
        Line(LineKind.remaining_time, ULTIMATE, 4, rest(), march(), Money(10_568, USD)),
    )


@pytest.mark.parametrize(
    ("at", "cents"),
    [
        (MARCH, [-1900, 3900]),
        (utc(2026, 3, 16, 12), [-950, 1950]),
        (utc(2026, 3, 31, 23, 59, 59), [0, 0]),
    ],
)
def test_the_part_is_from_the_change_to_the_periods_end(at: datetime, cents: list[int]) -> None:
    """B3: from the whole of it to its last second."""
    change = changed(Rate(PRO, 1), Rate(ULTIMATE, 1), at)
    lines = proration_lines(change, Rounding.ties_to_customer)
    assert [line.amount.amount for line in lines] == cents


@pytest.mark.parametrize(
    ("rounding", "cents"),
    [
        ("ties_to_customer", [-3, 4]),
        ("ties_to_even", [-2, 4]),
        ("ties_away_from_zero", [-3, 5]),
        ("down", [-3, 4]),
    ],
)
def test_both_lines_are_rounded_by_the_rule(rounding: str, cents: list[int]) -> None:
    """B4: half of five cents given back, half of nine charged."""
    change = changed(Rate(a_plan("five", 5), 1), Rate(a_plan("nine", 9), 1), utc(2026, 3, 16, 12))
    lines = proration_lines(change, Rounding(rounding))
    assert [line.amount.amount for line in lines] == cents
