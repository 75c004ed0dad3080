"""Instants: whatever aware datetime comes in, UTC at whole seconds goes out."""

from __future__ import annotations

import re
import time as clock
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, Never
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatim_plans import (
    InvalidTypeError,
    InvalidValueError,
)
from chatim_plans import utc as said_instant
from chatim_plans.foundation.instants import days_after, instant, seconds_between, unix_seconds
from tests.instants import OddZone, utc
from tests.refused import error_of, said_of

PARIS = ZoneInfo("Europe/Paris")
HALF_A_SECOND = timedelta(microseconds=500_000)
EPOCH_DAY = date(1970, 1, 1).toordinal()

OFFSETS = st.timedeltas(
    timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59)
) | st.sampled_from([timedelta(0), timedelta(hours=14), timedelta(seconds=-1)])
"""Width: every offset Python allows, to the microsecond, and the ones that matter."""

NAIVE = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)) | st.sampled_from([
    datetime(2024, 2, 29, 23, 59, 59, 999_999),
    datetime(2025, 12, 31, 23, 59, 59, 1),
    datetime(2026, 3, 1),
])
"""Width: the years 1 to 9999 less two days at either end, and the last second of month and year."""


class _Silent(tzinfo):
    """A zone that does not know its offset: Python calls its datetimes naive."""

    def utcoffset(self, _at: datetime | None) -> None:
        return None

    def tzname(self, _at: datetime | None) -> str:
        return "?"

    def dst(self, _at: datetime | None) -> None:
        return None


class _Broken(_Silent):
    """A zone that fails to tell its offset."""

    def utcoffset(self, _at: datetime | None) -> None:
        raise LookupError("no such zone")


class _NotATime(datetime):
    """A datetime that is none, as pandas' NaT."""

    def utcoffset(self) -> None:
        raise ValueError("NaTType does not support utcoffset")


class _Unconverted(datetime):
    """A datetime that cannot be told in another zone."""

    def astimezone(self, tz: tzinfo | None = None) -> Never:
        raise TypeError(tz)


class _Hostile(_NotATime):
    """The same, and it has no year either."""

    @property
    def year(self) -> Never:
        raise RuntimeError


class _Empty(datetime):
    """A datetime that says it is nothing, in whichever zone."""

    def __bool__(self) -> bool:
        return False


class _Stamp(datetime):
    """A datetime with a family, as pandas and freezegun make them."""


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 by integers alone, from a datetime's own fields and offset."""
    offset = at.utcoffset()
    assert offset is not None
    days = at.toordinal() - EPOCH_DAY
    seconds = ((days * 24 + at.hour) * 60 + at.minute) * 60 + at.second
    return (seconds * 1_000_000 + at.microsecond) - offset // timedelta(microseconds=1)


@given(NAIVE, OFFSETS)
@example(datetime(2026, 1, 15, 10, 0, 0, 999_999), timedelta(hours=1))
def test_instant_is_the_same_moment_in_utc_at_whole_seconds(
    naive: datetime, offset: timedelta
) -> None:
    """T1: the microseconds since 1970 are floored to whole seconds, in UTC."""
    given_ = naive.replace(tzinfo=timezone(offset))
    at = instant(given_)
    assert microseconds(at) == microseconds(given_) // 1_000_000 * 1_000_000
    assert at.tzinfo == UTC
    assert at.microsecond == 0
    assert at.fold == 0


@given(NAIVE)
def test_instant_of_an_instant_is_itself(naive: datetime) -> None:
    """Converting twice changes nothing, and makes no new object."""
    at = instant(naive.replace(tzinfo=UTC))
    assert instant(at) is at


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (datetime(2026, 1, 15, 9, tzinfo=UTC), "2026-01-15T09:00:00+00:00"),
        (datetime(2026, 1, 15, 9, 0, 0, 1, tzinfo=UTC), "2026-01-15T09:00:00+00:00"),
        (datetime(2026, 1, 15, 9, fold=1, tzinfo=UTC), "2026-01-15T09:00:00+00:00"),
        (datetime(2026, 1, 15, 9, tzinfo=ZoneInfo("UTC")), "2026-01-15T09:00:00+00:00"),
        (datetime(2026, 1, 15, 9, tzinfo=timezone(timedelta(0), "Z")), "2026-01-15T09:00:00+00:00"),
        (datetime(2026, 7, 15, 9, tzinfo=PARIS), "2026-07-15T07:00:00+00:00"),
        # The hour that happens twice in Paris: `fold` tells which one is meant.
        (datetime(2026, 10, 25, 2, 30, tzinfo=PARIS), "2026-10-25T00:30:00+00:00"),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=PARIS), "2026-10-25T01:30:00+00:00"),
        # The hour that never happens.
        (datetime(2026, 3, 29, 2, 30, tzinfo=PARIS), "2026-03-29T01:30:00+00:00"),
        # Half a second before midnight in UTC is the day before.
        (datetime(2026, 1, 1, tzinfo=timezone(HALF_A_SECOND)), "2025-12-31T23:59:59+00:00"),
        (_Stamp(2026, 1, 15, 9, tzinfo=UTC), "2026-01-15T09:00:00+00:00"),
        (_Empty(2026, 1, 15, 9, tzinfo=UTC), "2026-01-15T09:00:00+00:00"),
        (datetime.max.replace(tzinfo=UTC), "9999-12-31T23:59:59+00:00"),
        (datetime.min.replace(tzinfo=UTC), "0001-01-01T00:00:00+00:00"),
    ],
)
def test_instant_by_example(given_: datetime, expected: str) -> None:
    """T1: zones, folds, gaps, subclasses and the ends of time."""
    at = instant(given_)
    assert (at.isoformat(), at.tzinfo, at.fold, type(at)) == (expected, UTC, 0, datetime)


@pytest.fixture
def machine_in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose own clock is nine hours ahead."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        clock.tzset()
        yield
    clock.tzset()


@pytest.mark.usefixtures("machine_in_tokyo")
def test_instant_does_not_depend_on_the_machines_zone() -> None:
    """T1: nothing ambient; the same datetime is the same instant on every machine."""
    for given_ in (datetime(2026, 1, 15, 10, tzinfo=PARIS), datetime(2026, 1, 15, 9, 0, 0, 1, UTC)):
        assert instant(given_) == utc(2026, 1, 15, 9)


@pytest.mark.parametrize(
    "naive",
    [
        datetime(2026, 1, 15, 9),
        datetime(2026, 1, 15, 9, tzinfo=_Silent()),
        datetime.max,
        datetime.min,
    ],
)
def test_naive_datetime_is_refused(naive: datetime) -> None:
    """T1: a datetime that does not know its offset is no instant, and the machine's is not tried."""
    error = error_of(InvalidValueError, instant, naive)
    assert (error.value, str(error)) == (
        naive,
        "instant: expected an aware datetime (pass tzinfo, for example UTC), got " + repr(naive),
    )
    assert error.__cause__ is None


@pytest.mark.parametrize(
    "odd",
    [
        datetime(2026, 1, 15, 9, tzinfo=_Broken()),
        _NotATime(2026, 1, 15, 9),
        _Unconverted(2026, 1, 15, 9, tzinfo=UTC),
        _Hostile(2026, 1, 15, 9, tzinfo=UTC),
        _NotATime(1, 1, 1),
        _NotATime(9999, 12, 31),
    ],
)
def test_datetime_that_fails_to_tell_its_time_is_refused(odd: datetime) -> None:
    """T1: what is a datetime by its type alone is no instant; the reason is kept as the cause."""
    with pytest.raises(InvalidValueError, match=r"^instant: expected an aware datetime") as caught:
        instant(odd)
    assert caught.value.value is odd
    assert isinstance(caught.value.__cause__, LookupError | ValueError | TypeError)


@pytest.mark.parametrize(
    "far",
    [
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
        datetime.min.replace(tzinfo=timezone(timedelta(seconds=1))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime.max.replace(tzinfo=timezone(timedelta(seconds=-1))),
    ],
)
def test_instant_outside_the_calendar_is_refused(far: datetime) -> None:
    """T1: a moment that lies outside the years 1 to 9999 in UTC is refused."""
    error = error_of(InvalidValueError, instant, far)
    assert error.value == far
    assert error.__cause__ is None
    assert str(error) == "instant: expected an instant of the years 1 to 9999, got " + repr(far)


@pytest.mark.parametrize(
    "value", [None, 0, 1.5, True, "2026-01-15T09:00:00Z", date(2026, 1, 15), time(9), datetime]
)
def test_what_is_no_datetime_is_refused(value: Any) -> None:
    """T1: dates, numbers, strings and None are no instants."""
    error = error_of(InvalidTypeError, instant, value)
    assert str(error) == (f"instant: expected a datetime, got {said_of(value)}")


@given(st.datetimes(datetime(1, 1, 1), datetime(9000, 1, 1)), st.integers(0, 300_000))
def test_days_after_are_24_hours_each(naive: datetime, days: int) -> None:
    """R1, F1: days are 24 h each. Width: up to 300,000 days from the years 1 to 9000."""
    start = naive.replace(tzinfo=UTC)
    assert microseconds(days_after(start, days)) - microseconds(start) == days * 86_400 * 1_000_000


def test_thirty_days_after_15_january_is_14_february() -> None:
    """R3: a trial from 15 January ends on 14 February."""
    start = datetime(2026, 1, 15, 9, tzinfo=UTC)
    assert days_after(start, 30) == datetime(2026, 2, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize("days", [1, 10**8, 10**30])
def test_days_after_the_end_of_time_are_refused(days: int) -> None:
    """A result after the year 9999 is refused, whatever overflows on the way."""
    error = error_of(InvalidValueError, days_after, datetime(9999, 12, 31, tzinfo=UTC), days)
    assert str(error) == (
        f"days: expected an end before the year 10000 from 9999-12-31 00:00:00+00:00, got {days}"
    )


def test_last_day_of_time_can_be_reached() -> None:
    """The last second of the year 9999 is still an instant."""
    at = days_after(datetime(9999, 12, 30, 23, 59, 59, tzinfo=UTC), 1)
    assert at == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@given(NAIVE, NAIVE)
def test_seconds_between_is_a_difference_of_whole_seconds(a: datetime, b: datetime) -> None:
    """B3: the seconds between two instants, negative when the second is earlier."""
    start, end = (at.replace(tzinfo=UTC, microsecond=0) for at in (a, b))
    expected = (microseconds(end) - microseconds(start)) // 1_000_000
    assert seconds_between(start, end) == expected


def test_seconds_from_first_to_last_instant() -> None:
    """The whole of time is counted exactly, where a float of seconds would still do."""
    first, last = datetime.min.replace(tzinfo=UTC), instant(datetime.max.replace(tzinfo=UTC))
    assert seconds_between(first, last) == 3_652_059 * 86_400 - 1
    assert seconds_between(last, first) == 1 - 3_652_059 * 86_400


@pytest.mark.parametrize(
    ("at", "seconds"),
    [
        (datetime(1969, 12, 31, 23, 59, 58, tzinfo=UTC), -2),
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2026, 1, 15, 9, tzinfo=UTC), 1_768_467_600),
    ],
)
def test_unix_seconds_count_from_1970(at: datetime, seconds: int) -> None:
    """Whole seconds, negative before; the last is an anchor as Stripe states it."""
    assert unix_seconds(at) == seconds


@pytest.mark.parametrize(
    "told", ["+01:00", 3600, timedelta(days=2), NotImplementedError, RuntimeError, RecursionError]
)
def test_a_zone_that_tells_nonsense_is_refused(told: Any) -> None:
    """T1: whatever it returns or raises, the error is ours, and keeps the zone's own as its cause."""
    odd = datetime(2026, 1, 15, 9, tzinfo=OddZone(told))
    error = error_of(InvalidValueError, instant, odd)
    assert (error.value, error.expected) == (
        odd,
        "an aware datetime (pass tzinfo, for example UTC)",
    )
    assert error.__cause__ is not None
    assert str(error)


@pytest.mark.parametrize("year", ["12000", "-0500"])
def test_a_year_that_only_pandas_knows_is_refused(year: str) -> None:
    """T1: a timestamp of pandas may lie outside the years that are."""
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    numpy = pytest.importorskip("numpy", reason="needs numpy")
    far = pandas.Timestamp(numpy.datetime64(f"{year}-01-01", "s")).tz_localize("UTC")
    error = error_of(InvalidValueError, instant, far)
    assert error.expected == "an instant of the years 1 to 9999"
    assert str(error).startswith("instant: expected an instant of the years 1 to 9999")


def test_what_pandas_has_for_no_time_is_refused() -> None:
    """T1: NaT is a datetime by its type alone."""
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    error = error_of(InvalidValueError, instant, pandas.NaT)
    assert str(error).endswith("(pass tzinfo, for example UTC), got NaT")
    stamp = pandas.Timestamp("2026-01-15T10:00", tz="Europe/Paris")
    assert (instant(stamp), type(instant(stamp))) == (utc(2026, 1, 15, 9), datetime)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-10-15", "2026-10-15T00:00:00+00:00"),
        ("2026-10-15 09:00", "2026-10-15T09:00:00+00:00"),
        ("2026-10-15T09:00:01.9Z", "2026-10-15T09:00:01+00:00"),
        ("2026-10-15 11:00+02:00", "2026-10-15T09:00:00+00:00"),
        ("0001-01-01 00:00", "0001-01-01T00:00:00+00:00"),
    ],
)
def test_a_text_says_an_instant_of_utc_unless_it_names_a_zone(text: str, instant: str) -> None:
    """`utc` reads ISO 8601, and drops what is less than a second as every instant does."""
    assert (said_instant(text).isoformat(), said_instant(text).tzinfo) == (instant, UTC)


@pytest.mark.parametrize("text", ["", "tomorrow", "15.10.2026", "2026-13-01", "2026-02-29 09:00"])
def test_a_text_that_says_no_instant_is_refused(text: str) -> None:
    """The error says how an instant is written."""
    said = (
        f"instant: expected a day and a time in ISO 8601, such as '2026-10-15 09:00', got {text!r}"
    )
    with pytest.raises(InvalidValueError, match=f"^{re.escape(said)}$"):
        said_instant(text)


def test_an_instant_said_outside_the_years_is_refused() -> None:
    """A zone can lead out of them."""
    with pytest.raises(InvalidValueError, match="an instant of the years 1 to 9999"):
        said_instant("0001-01-01T00:00+02:00")


@pytest.mark.parametrize("text", [None, 2026, datetime(2026, 10, 15, tzinfo=UTC)])
def test_what_is_no_text_says_no_instant(text: Any) -> None:
    """Also an instant itself, which needs no reading."""
    with pytest.raises(InvalidTypeError, match=r"^instant: expected a str, got "):
        said_instant(text)
