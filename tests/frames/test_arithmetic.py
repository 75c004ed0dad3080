"""The rules in whole numbers: each against exact arithmetic and the calendar, on every number."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatim_plans import Cycle

pytest.importorskip("narwhals", reason="frames need the extra dataframes")

import numpy as np

from chatim_plans.frames.arithmetic import (
    DAY,
    PLAIN,
    amount_due,
    boundary,
    calendar_place,
    change_lines,
    chosen,
    first_day,
    period_holding,
    share,
)
from tests.instants import utc

EPOCH = utc(1970, 1, 1)
MARCH_OF_YEAR_0 = 719_468  # days before 1970; Python's calendar begins in the year 1

wholes = st.integers(1, 366 * DAY)
totals = st.integers(0, 10**14)


def nearest(exact: Fraction) -> int:
    """The nearest whole number, an exact half towards minus infinity: ⌈x − 1/2⌉."""
    return ceil(exact - Fraction(1, 2))


@given(totals, wholes, st.data())
def test_a_share_is_the_exact_one_rounded_once(total: int, whole: int, data: st.DataObject) -> None:
    """For every total and part, charge and credit: rule B4 against fractions."""
    left = data.draw(st.integers(0, whole))
    exact = Fraction(total * left, whole)
    assert share(total, left, whole, credit=0) == nearest(exact)
    assert -share(total, left, whole, credit=1) == nearest(-exact)


@given(st.integers(0, 10**8), st.integers(1, 183 * DAY))
def test_a_half_goes_to_the_customer(total: int, half: int) -> None:
    """Half of an odd total is a tie: less to pay, more credit (rule B4)."""
    whole, odd = 2 * half, 2 * total + 1
    assert share(odd, half, whole, credit=0) == total
    assert share(odd, half, whole, credit=1) == total + 1


@given(st.integers(10**14, 2**62), st.integers(1, 366 * DAY), st.data())
@example(2**62, 366 * DAY, None)
def test_a_share_never_forms_the_product(
    total: int, whole: int, data: st.DataObject | None
) -> None:
    """Where total times seconds passes 64 bits many times over, NumPy's share is still exact."""
    left = whole - 1 if data is None else data.draw(st.integers(0, whole))
    exact = Fraction(total * left, whole)
    columns = (np.array([value]) for value in (total, left, whole))
    assert share(*columns, credit=0).tolist() == [nearest(exact)]


@given(st.integers(-(2**50), 2**50), st.integers(-(2**50), 2**50))
def test_reached_is_an_order(value: int, mark: int) -> None:
    """1 from the mark on, 0 before it, for any two numbers of the range."""
    assert PLAIN.at_least(value, mark) == (1 if value >= mark else 0)
    assert PLAIN.smaller(value, mark) == min(value, mark)


def test_chosen_is_one_of_two() -> None:
    """A condition of 1 or 0 picks."""
    assert (chosen(1, 19, 39), chosen(0, 19, 39)) == (19, 39)


def test_every_day_has_its_place_in_the_calendar() -> None:
    """Every day from 1970 to 9999 is in the month and on the day that Python's calendar says."""
    day, last = date(1970, 1, 1), date(9999, 12, 31)
    count = (last - day).days + 1
    month, place, second = calendar_place(np.arange(count) * DAY + 86_399)
    days = [day + timedelta(number) for number in range(count)]
    expected = [(d.year * 12 + d.month - 3, d.day - 1) for d in days]
    assert list(zip(month.tolist(), place.tolist(), strict=True)) == expected
    assert set(second.tolist()) == {86_399}


def test_every_month_begins_where_the_calendar_says() -> None:
    """From March of the year 1 to December of 9999, February's length included."""
    months = range(12, 9999 * 12 + 10)
    expected = [date((n + 2) // 12, (n + 2) % 12 + 1, 1).toordinal() for n in months]
    offset = date(1970, 1, 1).toordinal() - MARCH_OF_YEAR_0
    assert [first_day(month) + offset for month in months] == expected


@given(st.integers(0, 30), st.integers(0, DAY - 1), st.integers(1970 * 12, 9998 * 12))
def test_a_boundary_is_on_its_day_or_the_months_last(day: int, second: int, month: int) -> None:
    """Rule T3 for each day, month and second."""
    year, index = divmod(month + 2, 12)
    first = utc(year, index + 1, 1)
    last = utc(year + (index == 11), (index + 1) % 12 + 1, 1) - timedelta(days=1)
    expected = min(first + timedelta(days=day), last) + timedelta(seconds=second)
    assert boundary(month, day, second) == (expected - EPOCH) // timedelta(seconds=1)


instants = st.datetimes(datetime(1970, 1, 1), datetime(9990, 1, 1)).map(
    lambda at: utc(at.year, at.month, at.day, at.hour, at.minute, at.second)
)


@given(instants, st.sampled_from([1, 2, 3, 6, 12, 13, 24, 120]), st.data())
def test_a_period_is_the_one_that_the_cycle_has(
    anchor: datetime, months: int, data: st.DataObject
) -> None:
    """Any anchor, any interval, any instant after: on it, a second off a boundary, or anywhere."""
    cycle = Cycle(anchor, months)
    number = data.draw(st.integers(0, 40))
    try:
        near = cycle.boundary(number)
        at = data.draw(
            st.sampled_from([-1, 0, 1]).map(lambda second: near + timedelta(seconds=second))
            | st.datetimes(anchor.replace(tzinfo=None), near.replace(tzinfo=None)).map(
                lambda other: other.replace(microsecond=0, tzinfo=anchor.tzinfo)
            )
        )
        expected = cycle.period_holding(max(at, anchor))
    except ValueError:  # after the year 9999
        return
    seconds = [
        (instant - EPOCH) // timedelta(seconds=1)
        for instant in (anchor, max(at, anchor), expected.start, expected.end)
    ]
    assert period_holding(seconds[0], months, seconds[1]) == (seconds[2], seconds[3])


@pytest.mark.parametrize(
    ("total", "credit", "due"),
    [
        (5700, 0, 5700),
        (5700, 700, 5000),
        (5700, 5700, 0),
        (5700, 9000, 0),
        (-500, 0, 0),
        (49, 0, 0),
        (50, 0, 50),
        (20, -30, 50),
        (20, -29, 0),
    ],
)
def test_due_is_what_the_balance_does_not_meet(total: int, credit: int, due: int) -> None:
    """Rules B7 and B10 by hand."""
    assert amount_due(total, credit, 50) == due


def test_the_worked_example_e3() -> None:
    """Pro for 5 to Ultimate on 27 October 17:30: −5714 and +11729."""
    anchor, change, end = utc(2026, 10, 15, 9), utc(2026, 10, 27, 17, 30), utc(2026, 11, 15, 9)
    left, whole = (int((end - at).total_seconds()) for at in (change, anchor))
    assert change_lines(5 * 1900, 5 * 3900, left, whole) == (-5714, 11729)


def test_the_worked_example_e5() -> None:
    """1/400 of a period at $10 and $18: −3 and +4."""
    assert change_lines(1000, 1800, 1, 400) == (-3, 4)
