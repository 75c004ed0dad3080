"""What seats cost each month."""

from __future__ import annotations

from typing import Any

import pytest

from chatim_plans import (
    CHATIM,
    PRO,
    IntervalMismatchError,
    InvalidTypeError,
    InvalidValueError,
    monthly_charge,
)
from tests.accounts import a_plan, usd
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
