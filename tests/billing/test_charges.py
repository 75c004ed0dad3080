"""What seats cost each month, and the share that falls to a part of a period."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatim_plans import (
    CHATIM,
    PRO,
    Currency,
    IntervalMismatchError,
    InvalidTypeError,
    InvalidValueError,
    Money,
    Period,
    UnknownKeyError,
    monthly_charge,
    prorate,
)
from tests.accounts import a_plan, usd
from tests.instants import utc
from tests.refused import error_of, values_of


@pytest.mark.parametrize(
    ("key", "seats", "cents"),
    [("free", 1, 0), ("free", 9, 0), ("pro", 1, 1900), ("pro", 3, 5700), ("ultimate", 7, 27_300)],
)
def test_monthly_charge(key: str, seats: int, cents: int) -> None:
    """B1: seat price times active seats; nothing on Free, however many."""
    assert monthly_charge(CHATIM.plan(key), seats) == usd(cents)


def test_a_plan_by_the_year_has_no_monthly_charge() -> None:
    """B1: the error says how it is billed, and what to use."""
    year = a_plan("year", 100_00, months=12)
    error = error_of(IntervalMismatchError, monthly_charge, year, 1)
    assert error.because == "'year' is billed every 12 months, not monthly"
    assert error.instead == "use plan.charge(seats)"
    assert error.plan == year
    assert error.expected_months == 1


@pytest.mark.parametrize(
    ("plan", "seats", "name", "expected"),
    [
        ("pro", 2, "plan", "a Plan"),
        (None, 2, "plan", "a Plan"),
        (PRO, 2.0, "seats", "a whole number (int)"),
        (PRO, True, "seats", "a whole number (int)"),
    ],
    ids=["a key", "nothing", "a float", "a bool"],
)
def test_what_is_no_plan_and_no_count_is_refused(
    plan: Any, seats: Any, name: str, expected: str
) -> None:
    """The error names the argument, and says what was expected."""
    error = error_of(InvalidTypeError, monthly_charge, plan, seats)
    assert (error.name, error.expected) == (name, expected)


def test_no_seats_cost_nothing_and_are_refused() -> None:
    """B1: at least one seat is active."""
    values = values_of(InvalidValueError, monthly_charge, PRO, 0)
    assert values == ("seats", 0, "a whole number of at least 1")


# --- The share of an amount that falls to a part of a period ---
MARCH = utc(2026, 3, 1)
ELEVENTH = utc(2026, 3, 11)
APRIL = utc(2026, 4, 1)


def march() -> Period:
    """The month of March: 31 days."""
    return Period(MARCH, APRIL)


@pytest.mark.parametrize(
    ("amount", "cents"),
    [(1900, 1287), (-1900, -1287), (0, 0), (1, 1), (-1, -1), (31, 21), (-31, -21)],
)
def test_prorate(amount: int, cents: int) -> None:
    """B3: 21 days of 31, of a charge and of a credit."""
    share = prorate(usd(amount), part=Period(ELEVENTH, APRIL), whole=march())
    assert share == usd(cents)


@pytest.mark.parametrize(
    ("part", "cents"),
    [
        (march, 3100),
        (lambda: Period(MARCH, ELEVENTH), 1000),
        (lambda: Period(ELEVENTH, APRIL), 2100),
        (lambda: Period(ELEVENTH, utc(2026, 3, 12)), 100),
    ],
    ids=["the whole", "its begin", "its rest", "a day of it"],
)
def test_a_part_may_touch_both_ends(part: Callable[[], Period], cents: int) -> None:
    """B3: a part lies inside its whole, and may be all of it."""
    assert prorate(usd(3100), part=part(), whole=march()) == usd(cents)


@pytest.mark.parametrize(
    ("rounding", "cents"),
    [
        (None, [4, -5]),
        ("ties_to_customer", [4, -5]),
        ("ties_to_even", [4, -4]),
        ("ties_away_from_zero", [5, -5]),
        ("down", [4, -5]),
    ],
)
def test_a_half_goes_by_the_rule(rounding: str | None, cents: list[int]) -> None:
    """B4: towards minus infinity unless another rule is named; its string will do."""
    half = Period(MARCH, utc(2026, 3, 16, 12))
    rule: dict[str, Any] = {} if rounding is None else {"rounding": rounding}
    shares = [prorate(usd(nine), part=half, whole=march(), **rule) for nine in (9, -9)]
    assert [share.amount for share in shares] == cents


def test_a_share_is_of_the_amounts_currency() -> None:
    """C1: euros stay euros."""
    euro = Currency("EUR", 2)
    assert prorate(Money(9, euro), part=march(), whole=march()) == Money(9, euro)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (utc(2026, 2, 28, 23, 59, 59), APRIL),
        (MARCH, utc(2026, 4, 1, 0, 0, 1)),
        (utc(2026, 2, 1), MARCH),
        (APRIL, utc(2026, 5, 1)),
    ],
    ids=["begins before", "ends after", "the month before", "the month after"],
)
def test_a_part_outside_its_whole_is_refused(begin: Any, end: Any) -> None:
    """B3: the error holds the part, and says between which instants it must lie."""
    assert values_of(
        InvalidValueError, prorate, usd(1), part=Period(begin, end), whole=march()
    ) == (
        "part",
        Period(begin, end),
        "a period from 2026-03-01T00:00:00+00:00 to 2026-04-01T00:00:00+00:00",
    )


@pytest.mark.parametrize(
    ("facts", "name", "expected"),
    [
        (lambda: {"amount": 1900}, "amount", "a Money"),
        (lambda: {"part": MARCH}, "part", "a Period"),
        (lambda: {"whole": MARCH}, "whole", "a Period"),
        (lambda: {"rounding": 0.5}, "rounding", "a str"),
    ],
    ids=["a bare number", "an instant for a part", "an instant for a whole", "no rule"],
)
def test_what_cannot_be_prorated_is_refused(
    facts: Callable[[], dict[str, Any]], name: str, expected: str
) -> None:
    """The error names the argument, and says what was expected."""
    usual: dict[str, Any] = {"amount": usd(1), "part": march(), "whole": march()}
    error = error_of(InvalidTypeError, prorate, **{**usual, **facts()})
    assert (error.name, error.expected) == (name, expected)


def test_a_rounding_that_nobody_knows_is_refused() -> None:
    """A2: an unknown key is an error, never a guess."""
    rule: Any = "up"
    assert values_of(
        UnknownKeyError, prorate, usd(9), part=march(), whole=march(), rounding=rule
    ) == ("rounding", "up", ("ties_to_customer", "ties_to_even", "ties_away_from_zero", "down"))
