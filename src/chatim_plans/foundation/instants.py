"""Instants: aware datetimes, held in UTC at whole seconds."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError


def instant(value: datetime) -> datetime:
    """`value` in UTC at whole seconds; a fraction of a second is dropped.

    >>> from datetime import timezone
    >>> paris_in_winter = timezone(timedelta(hours=1))
    >>> instant(datetime(2026, 1, 15, 10, 0, 0, 999_999, tzinfo=paris_in_winter))
    datetime.datetime(2026, 1, 15, 9, 0, tzinfo=datetime.timezone.utc)

    Raises:
        InvalidTypeError: no datetime (a date, a number, a string).
        InvalidValueError: a naive datetime, one whose zone fails to tell its offset (pandas' NaT),
            or one outside the years 1 to 9999 in UTC.

    Source: rule T1.
    """
    if type(value) is datetime and value.tzinfo is UTC and not (value.microsecond or value.fold):
        return value
    shapes.instance(value, datetime, "instant")
    try:
        is_aware = value.utcoffset() is not None
        utc = value.astimezone(UTC) if is_aware else value
        # Built anew: a subclass of datetime would keep its own arithmetic, and its fold.
        exact = datetime(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, tzinfo=UTC)
    except OverflowError:
        raise InvalidValueError("instant", value, _YEARS) from None
    except Exception as error:
        # A zone fails in its own way; so does NaT, pandas' datetime of none.
        expected = _YEARS if _is_of_no_year(value) else _AWARE
        raise InvalidValueError("instant", value, expected) from error
    if not is_aware:
        raise InvalidValueError("instant", value, _AWARE)
    return exact


def utc(text: str) -> datetime:
    """The instant that `text` says in ISO 8601; what names no zone is in UTC.

    For examples, notebooks and scripts, where an instant is written by hand.

    >>> from chatim_plans import utc
    >>> utc("2026-10-15 09:00"), utc("2026-10-15T11:00+02:00") == utc("2026-10-15 09:00")
    (datetime.datetime(2026, 10, 15, 9, 0, tzinfo=datetime.timezone.utc), True)

    Raises:
        InvalidTypeError: no text.
        InvalidValueError: a text that says no instant of the years 1 to 9999.

    Source: rule T1.
    """
    said = shapes.plain(text, "instant")
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        raise InvalidValueError("instant", said, _ISO) from None
    return instant(found if found.tzinfo else found.replace(tzinfo=UTC))


def _is_of_no_year(value: datetime) -> bool:
    """Whether it tells a year outside 1 to 9999, as those of pandas can."""
    try:
        return value.year < MINYEAR or value.year > MAXYEAR
    except Exception:  # noqa: BLE001 — a subclass may fail to tell any
        return False


_AWARE = "an aware datetime (pass tzinfo, for example UTC)"
_ISO = "a day and a time in ISO 8601, such as '2026-10-15 09:00'"
_YEARS = "an instant of the years 1 to 9999"


def days_after(at: datetime, days: int) -> datetime:
    """The instant `days` × 24 h after `at`.

    >>> days_after(datetime(2026, 1, 15, 9, tzinfo=UTC), 30)
    datetime.datetime(2026, 2, 14, 9, 0, tzinfo=datetime.timezone.utc)

    Raises:
        InvalidValueError: the result lies after the year 9999.

    Source: rules R1, F1.
    """
    try:
        return at + timedelta(days=days)
    except OverflowError:
        raise InvalidValueError("days", days, f"an end before the year 10000 from {at}") from None


def iso(at: datetime) -> str:
    """The instant `at` in ISO 8601, seconds left out where there are none.

    >>> iso(datetime(2026, 1, 15, 9, tzinfo=UTC)), iso(datetime(2026, 1, 15, 9, 0, 1, tzinfo=UTC))
    ('2026-01-15T09:00Z', '2026-01-15T09:00:01Z')
    """
    return f"{at.replace(tzinfo=None).isoformat(timespec='seconds' if at.second else 'minutes')}Z"


UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The instant that Unix seconds count from."""


def unix_seconds(at: datetime) -> int:
    """The whole seconds from `UNIX_EPOCH` to the instant `at`; negative before it.

    >>> unix_seconds(datetime(2026, 1, 15, 9, tzinfo=UTC))
    1768467600
    """
    return seconds_between(UNIX_EPOCH, at)


def seconds_between(start: datetime, end: datetime) -> int:
    """The whole seconds from `start` to `end`, both instants; negative if `end` is earlier."""
    elapsed = end - start
    return elapsed.days * 86_400 + elapsed.seconds
