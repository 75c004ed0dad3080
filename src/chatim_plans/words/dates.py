"""Days, instants and periods as people read them, in the time zone of the reader.

The forms are those of the Unicode Consortium's locale data (CLDR) for French and English. What is
said in UTC says so; in any other zone it is the reader's own time, and says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType

from attrs import frozen

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError, InvalidValueError
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.languages import Language, language_of
from chatim_plans.foundation.periods import Period


@frozen
class _Calendar:
    """How a language writes days: `{d}` is the day, `{m}` the month, `{y}` the year."""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    date: str
    short_date: str
    clock: str
    instant: str
    # From one day to another: `{D}`, `{M}` and `{Y}` are those of the later.
    two_days: str
    two_months: str
    two_years: str


_CALENDARS: Mapping[Language, _Calendar] = MappingProxyType({
    Language.fr: _Calendar(
        months=(
            *("janvier", "février", "mars", "avril", "mai", "juin"),
            *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        ),
        short_months=(
            *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
            *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
        ),
        date="{d} {m} {y}",
        short_date="{d} {m} {y}",
        clock="{hours:02}:{minutes:02}{seconds}",
        instant="{date} à {clock}",
        two_days="{d}\N{EN DASH}{D} {M} {Y}",
        two_months="{d} {m}\N{THIN SPACE}\N{EN DASH}\N{THIN SPACE}{D} {M} {Y}",
        two_years="{d} {m} {y}\N{THIN SPACE}\N{EN DASH}\N{THIN SPACE}{D} {M} {Y}",
    ),
    Language.en: _Calendar(
        months=(
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
        short_months=(
            *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
            *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        ),
        date="{m} {d}, {y}",
        short_date="{m} {d}, {y}",
        clock="{half_day}:{minutes:02}{seconds}\N{NARROW NO-BREAK SPACE}{noon}",
        instant="{date} at {clock}",
        two_days="{m} {d}\N{THIN SPACE}\N{EN DASH}\N{THIN SPACE}{D}, {Y}",
        two_months="{m} {d}\N{THIN SPACE}\N{EN DASH}\N{THIN SPACE}{M} {D}, {Y}",
        two_years="{m} {d}, {y}\N{THIN SPACE}\N{EN DASH}\N{THIN SPACE}{M} {D}, {Y}",
    ),
})


def date_text(at: datetime, language: str, zone: tzinfo = UTC) -> str:
    """The day of an instant.

    >>> from chatim_plans.words import date_text
    >>> from chatim_plans import utc
    >>> date_text(utc("2026-10-27 17:30"), "fr"), date_text(utc("2026-10-27 17:30"), "en")
    ('27 octobre 2026', 'October 27, 2026')

    Raises:
        InvalidTypeError, InvalidValueError: no instant, or no zone that tells its time.
        UnknownKeyError: a language other than French and English.

    Source: CLDR, as Babel writes a long date.
    """
    calendar, local = _CALENDARS[language_of(language)], _local(at, zone)
    return calendar.date.format(d=local.day, m=calendar.months[local.month - 1], y=local.year)


def short_date_text(at: datetime, language: str, zone: tzinfo = UTC) -> str:
    """The day of an instant with its month cut short: `27 oct. 2026`, `Oct 27, 2026`."""
    calendar, local = _CALENDARS[language_of(language)], _local(at, zone)
    month = calendar.short_months[local.month - 1]
    return calendar.short_date.format(d=local.day, m=month, y=local.year)


def instant_text(at: datetime, language: str, zone: tzinfo = UTC) -> str:
    """The day and the time of an instant, its seconds where there are any.

    >>> from chatim_plans.words import instant_text
    >>> from chatim_plans import utc
    >>> instant_text(utc("2026-10-27 17:30"), "fr")
    '27 octobre 2026 à 17:30 UTC'

    Raises:
        InvalidTypeError, InvalidValueError: no instant, or no zone that tells its time.
        UnknownKeyError: a language other than French and English.

    Source: CLDR, as Babel writes a long date and a short time.
    """
    calendar, local = _CALENDARS[language_of(language)], _local(at, zone)
    clock = calendar.clock.format(
        hours=local.hour,
        half_day=local.hour % 12 or 12,
        minutes=local.minute,
        seconds=f":{local.second:02}" if local.second else "",
        noon="AM" if local.hour < 12 else "PM",  # noqa: PLR2004 — noon
    )
    said = calendar.instant.format(date=date_text(at, language, zone), clock=clock)
    return f"{said} UTC" if local.tzname() == "UTC" else said


def period_text(period: Period, language: str, zone: tzinfo = UTC) -> str:
    """The days that a period runs from and to: the day it ends on is the day of its end.

    >>> from chatim_plans.words import period_text
    >>> from chatim_plans import Period, utc
    >>> period = Period(utc("2026-10-15 09:00"), utc("2026-11-15 09:00"))
    >>> period_text(period, "fr") == "15 oct.\N{THIN SPACE}\N{EN DASH}\N{THIN SPACE}15 nov. 2026"
    True

    Raises:
        InvalidTypeError, InvalidValueError: no period, or no zone that tells its time.
        UnknownKeyError: a language other than French and English.

    Source: rule T2; CLDR, as Babel writes an interval of days.
    """
    calendar = _CALENDARS[language_of(language)]
    shapes.instance(period, Period, "period")
    start, end = _local(period.start, zone), _local(period.end, zone)
    if start.date() == end.date():
        form = calendar.short_date
    elif start.year != end.year:
        form = calendar.two_years
    elif start.month != end.month:
        form = calendar.two_months
    else:
        form = calendar.two_days
    months = calendar.short_months
    return form.format(
        d=start.day,
        m=months[start.month - 1],
        y=start.year,
        D=end.day,
        M=months[end.month - 1],
        Y=end.year,
    )


def zone_of(zone: tzinfo) -> tzinfo:
    """`zone`, which must be one: `UTC`, or a `ZoneInfo`."""
    if not isinstance(zone, tzinfo):
        raise InvalidTypeError("zone", zone, "a tzinfo, such as UTC or ZoneInfo('Europe/Paris')")
    return zone


def _local(at: datetime, zone: tzinfo) -> datetime:
    at = instant(at)
    zone_of(zone)
    try:
        there = at.astimezone(zone)
        # Built anew, as in `instant`: a zone may give a datetime of a class of its own.
        clock = (there.hour, there.minute, there.second)
        local = datetime(there.year, there.month, there.day, *clock, tzinfo=zone)
        local.tzname()
    except Exception as error:  # a zone fails in its own way
        expected = "a zone that tells its time at any instant"
        raise InvalidValueError("zone", zone, expected) from error
    return local
