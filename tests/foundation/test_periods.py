"""Periods and cycles, against `calendar.monthrange` and plain field arithmetic."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chatim_plans import Cycle, InvalidTypeError, InvalidValueError, OutOfOrderError, Period
from chatim_plans.strategies import instants
from tests.instants import utc
from tests.refused import error_of, values_of

SECOND = timedelta(seconds=1)
LAST = utc(9999, 12, 31, 23, 59, 59)

INTERVALS = st.sampled_from([1, 12]) | st.integers(1, 30)
"""Width: the two intervals that are sold, and any other up to 30 months."""


def months_later(anchor: datetime, months: int) -> datetime | None:
    """The oracle: the anchor's day and time, in a shorter month the last day; None after 9999."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    if year > 9999:
        return None
    day = min(anchor.day, calendar.monthrange(year, month + 1)[1])
    return anchor.replace(year=year, month=month + 1, day=day)


@pytest.fixture
def january() -> Period:
    """January 2026."""
    return Period(utc(2026, 1, 1), utc(2026, 2, 1))


def test_period_holds_utc_whole_seconds() -> None:
    """T1: both ends are instants, whatever zone and fraction they came with."""
    paris = timezone(timedelta(hours=1))
    period = Period(
        datetime(2026, 1, 1, 1, 0, 0, 5, tzinfo=paris), datetime(2026, 2, 1, 1, tzinfo=paris)
    )
    assert period.start.isoformat() == "2026-01-01T00:00:00+00:00"
    assert period.end.isoformat() == "2026-02-01T00:00:00+00:00"


def test_period_reads_as_an_interval(january: Period) -> None:
    """ISO 8601: its start, a slash, its end."""
    assert str(january) == "2026-01-01T00:00Z/2026-02-01T00:00Z"
    assert repr(january) == "Period(2026-01-01T00:00Z/2026-02-01T00:00Z)"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (utc(2025, 12, 31, 23, 59, 59), False),
        (utc(2026, 1, 1), True),
        (utc(2026, 1, 31, 23, 59, 59), True),
        (datetime(2026, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC), True),
        (utc(2026, 2, 1), False),
        (datetime(2026, 2, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), True),
    ],
)
def test_period_is_half_open(january: Period, at: datetime, expected: bool) -> None:
    """T2: the start is in, the end is not."""
    assert (at in january) is expected


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (utc(2026, 1, 1), utc(2026, 1, 1)),
        (utc(2026, 1, 2), utc(2026, 1, 1)),
        (utc(2026, 1, 1), datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC)),
    ],
)
def test_empty_or_reversed_period_is_refused(start: datetime, end: datetime) -> None:
    """T2: a period is never empty, also when only a fraction of a second lies between."""
    error = error_of(InvalidValueError, Period, start, end)
    at = end.replace(microsecond=0)
    assert str(error) == (
        f"period end: expected an instant after the start, {start.isoformat()}, got {at!r}"
    )


@given(st.integers(0, 3_652_058), st.integers(0, 86_399), st.integers(1, 10**9))
def test_seconds_are_the_length(day: int, second: int, length: int) -> None:
    """B3: a period's seconds are its length. Width: any start, up to 31 years."""
    start = utc(1, 1, 1) + timedelta(days=day, seconds=second)
    assume(length <= (LAST - start) // SECOND)
    assert Period(start, start + timedelta(seconds=length)).seconds == length


def test_shortest_and_longest_period() -> None:
    """T2: one second is a period, and so is the whole of time."""
    first = utc(1, 1, 1)
    assert Period(first, first + SECOND).seconds == 1
    assert Period(first, LAST).seconds == 3_652_059 * 86_400 - 1


HOURS = st.sets(st.integers(0, 8), min_size=2, max_size=2).map(sorted)
"""Width: every pair of nine instants, in order."""


@given(HOURS, HOURS)
def test_encloses_is_both_ends_inside(outer: list[int], inner: list[int]) -> None:
    """B3: a part lies inside when neither end sticks out."""
    whole = Period(*(utc(2026, 1, 1, hour) for hour in outer))
    part = Period(*(utc(2026, 1, 1, hour) for hour in inner))
    assert whole.encloses(part) is (set(range(*inner)) <= set(range(*outer)))


@pytest.mark.parametrize("value", [None, 5, "2026-01-01", date(2026, 1, 1)])
def test_membership_asks_for_an_instant(january: Period, value: Any) -> None:
    """A2: what is no instant is neither in nor out."""
    with pytest.raises(InvalidTypeError):
        value in january  # noqa: B015 — the question is the test


def test_membership_refuses_a_naive_datetime(january: Period) -> None:
    """T1: a naive datetime is neither in nor out."""
    with pytest.raises(InvalidValueError):
        datetime(2026, 1, 2) in january  # noqa: B015 — the question is the test


@given(
    instants(1, 9999) | instants(2019, 2033),
    INTERVALS,
    st.integers(0, 40) | st.integers(0, 130_000),
)
@example(utc(2026, 1, 31, 9), 1, 1)
@example(utc(2026, 1, 31, 9), 1, 2)
@example(utc(2024, 1, 31), 1, 1)
@example(utc(2024, 2, 29), 12, 3)
@example(utc(2024, 2, 29), 12, 4)
@example(utc(2096, 2, 29), 12, 4)
@example(utc(2096, 2, 29), 12, 304)
@example(utc(9999, 12, 31), 1, 1)
@example(utc(9998, 12, 31), 12, 1)
def test_boundary_is_the_clamped_month(anchor: datetime, months: int, n: int) -> None:
    """T3: boundary n is n × months after the anchor, by the calendar; after 9999 it is refused.

    Width: up to 130,000 periods, more than any monthly cycle can have.
    """
    expected = months_later(anchor, n * months)
    cycle = Cycle(anchor, months)
    if expected is None:
        error = error_of(InvalidValueError, cycle.boundary, n)
        assert str(error) == (
            "boundary number: expected a boundary before the year 10000, "
            f"from {anchor.isoformat()}, got {n}"
        )
    else:
        assert cycle.boundary(n) == expected


@st.composite
def moments_of_a_cycle(draw: st.DrawFn) -> tuple[datetime, int, int, datetime]:
    """An anchor, an interval, a period's number, and an instant in that period.

    Width: anchors of the years 1 to 9900, up to 400 periods on; the instant is the start, the
    second after it, the last second, or any other.
    """
    anchor, months = draw(instants(1, 9900) | instants(2019, 2033)), draw(INTERVALS)
    n = draw(st.integers(0, 400).filter(lambda n: months_later(anchor, (n + 1) * months)))
    start, end = months_later(anchor, n * months), months_later(anchor, (n + 1) * months)
    assert start is not None
    assert end is not None
    seconds = (end - start) // SECOND
    after = draw(st.sampled_from([0, 1, seconds - 1]) | st.integers(0, seconds - 1))
    return anchor, months, n, start + timedelta(seconds=after)


@given(moments_of_a_cycle())
@example((utc(2026, 1, 31), 1, 1, utc(2026, 3, 30, 23, 59, 59)))
@example((utc(2024, 2, 29), 12, 1, utc(2026, 2, 27, 23, 59, 59)))
def test_period_holding_is_the_one_between_two_boundaries(
    moment: tuple[datetime, int, int, datetime],
) -> None:
    """T2, T3: the instant's period is the clamped one that holds it, and no neighbour."""
    anchor, months, n, at = moment
    expected = (months_later(anchor, n * months), months_later(anchor, (n + 1) * months))
    period = Cycle(anchor, months).period_holding(at)
    assert (period.start, period.end) == expected


@given(moments_of_a_cycle())
@example((utc(2026, 1, 31), 1, 1, utc(2026, 2, 28)))
def test_boundary_after_is_the_end_of_the_period(
    moment: tuple[datetime, int, int, datetime],
) -> None:
    """T2, T3: the first boundary later than an instant ends the period that holds it."""
    anchor, months, n, at = moment
    expected = months_later(anchor, (n + 1) * months)
    assert Cycle(anchor, months).boundary_after(at) == expected


@given(moments_of_a_cycle())
def test_periods_tile_time(moment: tuple[datetime, int, int, datetime]) -> None:
    """T2: the end of a period is the start of the next."""
    anchor, months, _, at = moment
    cycle = Cycle(anchor, months)
    here = cycle.period_holding(at)
    assume(here.end.year < 9900)
    assert cycle.period_holding(here.end).start == here.end


@given(moments_of_a_cycle(), st.integers(1, 10**9))
def test_period_before_the_anchor_is_refused(
    moment: tuple[datetime, int, int, datetime], seconds: int
) -> None:
    """A2: nothing is billed before the anchor. Width: a second to 31 years before it."""
    anchor = moment[0]
    assume(seconds <= (anchor - utc(1, 1, 1)) // SECOND)
    at = anchor - timedelta(seconds=seconds)
    cycle = Cycle(anchor, moment[1])
    for ask in (cycle.period_holding, cycle.boundary_after):
        assert values_of(OutOfOrderError, ask, at) == (at, anchor)


def test_period_of_a_far_instant_is_exact() -> None:
    """T3: a hundred years on, the boundaries are still the anchor's."""
    period = Cycle(utc(2026, 1, 31)).period_holding(utc(2126, 2, 28))
    assert (period.start, period.end) == (utc(2126, 2, 28), utc(2126, 3, 31))


def test_last_period_of_time_has_no_end() -> None:
    """A period that would end after the year 9999 is refused, not cut."""
    cycle = Cycle(utc(2026, 1, 15))
    for asked in (cycle.period_holding, cycle.boundary_after):
        error = error_of(InvalidValueError, asked, LAST)
        assert (error.name, error.value) == ("instant", LAST)
        assert error.expected == "one whose period ends before the year 10000"
    with pytest.raises(InvalidValueError, match=r"boundary number: .* from 2026-01-15T00:00:00"):
        cycle.boundary(95688)


def test_last_whole_period_of_time_is_found() -> None:
    """The period that ends in December 9999 is the last that can be asked for."""
    period = Cycle(utc(2026, 1, 15)).period_holding(utc(9999, 12, 14))
    assert (period.start, period.end) == (utc(9999, 11, 15), utc(9999, 12, 15))


@pytest.mark.parametrize("n", [10**12, 10**30, 10**400])
def test_boundary_of_any_size_of_number_is_refused_alike(n: int) -> None:
    """However large the number, the answer is the same refusal."""
    error = error_of(InvalidValueError, Cycle(utc(2026, 1, 15)).boundary, n)
    assert (error.name, error.value) == ("boundary number", n)


COUNTS: dict[str, tuple[Callable[[Any], object], int]] = {
    "boundary number": (lambda n: Cycle(utc(2026, 1, 15)).boundary(n), 0),
    "months": (lambda months: Cycle(utc(2026, 1, 15), months), 1),
}


@pytest.mark.parametrize("name", COUNTS)
def test_numbers_of_a_cycle_are_whole_and_have_a_least(name: str) -> None:
    """A cycle has at least one month, and no period before the first."""
    make, least = COUNTS[name]
    values = values_of(InvalidValueError, make, least - 1)
    assert values == (name, least - 1, f"a whole number of at least {least}")
    for value in (1.0, True, "1", None):
        assert values_of(InvalidTypeError, make, value) == (name, value, "a whole number (int)")


def test_cycle_is_monthly_unless_said() -> None:
    """C6: the public catalogue bills monthly."""
    assert Cycle(utc(2026, 1, 15)) == Cycle(utc(2026, 1, 15), 1)


def test_only_a_period_can_be_enclosed(january: Period) -> None:
    """B3: the error names the part."""
    assert values_of(InvalidTypeError, january.encloses, None) == ("part", None, "a Period")
