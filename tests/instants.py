"""Instants in UTC, and those of the summer in which most accounts of the tests live."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

from chatim_plans import Period


def utc(year: int, month: int, day: int, *clock: int) -> datetime:
    """An instant in UTC; `clock` is the hour, the minute and the second, as far as needed."""
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def from_unix(seconds: int) -> datetime:
    """The instant of a Unix second."""
    return datetime.fromtimestamp(seconds, UTC)


JUNE = utc(2026, 6, 1)
TENTH = utc(2026, 6, 10)
HALF = utc(2026, 6, 16)
TIE = utc(2026, 6, 30, 22, 12)
LAST_SECOND = utc(2026, 6, 30, 23, 59, 59)
JULY = utc(2026, 7, 1)
AUGUST = utc(2026, 8, 1)
SEPTEMBER = utc(2026, 9, 1)
OCTOBER = utc(2026, 10, 1)


def june() -> Period:
    """The month of June."""
    return Period(JUNE, JULY)


class OddZone(tzinfo):
    """A zone that tells nonsense, or raises."""

    def __init__(self, told: Any) -> None:
        self.told = told

    def utcoffset(self, at: datetime | None) -> Any:
        """What it was made to tell."""
        del at
        if isinstance(self.told, type):
            raise self.told
        return self.told

    dst = tzname = utcoffset
