"""Amounts, numbers, days and periods are written as Babel writes them, from the same CLDR."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from chatim_plans import USD, Currency, Money, Period
from chatim_plans.words import date_text, instant_text, money_text, number_text, period_text

babel = pytest.importorskip("babel", reason="Babel judges how words are written")
babel_dates = pytest.importorskip("babel.dates")
babel_numbers = pytest.importorskip("babel.numbers")

LANGUAGES = ("fr", "en")
ZONES = (UTC, ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu"))
DRAWN = 12_500
"""So many of each of four, in two languages: 100,000 comparisons."""


def draws() -> Iterator[random.Random]:
    """The same dice on every run."""
    dice = random.Random(13)
    for _ in range(DRAWN):
        yield dice


def amount(dice: random.Random) -> Money:
    """Cents of any size, small ones often, below zero as often as above."""
    return Money(dice.choice((-1, 1)) * dice.randrange(10 ** dice.randrange(1, 16)), USD)


def instant(dice: random.Random) -> datetime:
    """Any second of the years 1900 to 2100, midnight and noon often."""
    day = datetime(1900, 1, 1, tzinfo=UTC) + timedelta(days=dice.randrange(73_000))
    return day + timedelta(seconds=dice.choice((0, 43_200, dice.randrange(86_400))))


def in_cldr(at: datetime, language: str, zone: tzinfo) -> str:
    """The day and the time as Babel writes them, joined as a sentence does."""
    local = at.astimezone(zone)
    day = babel_dates.format_date(local, "long", locale=language)
    length = "medium" if local.second else "short"
    clock = babel_dates.format_time(at, length, tzinfo=zone, locale=language)
    return f"{day} {'à' if language == 'fr' else 'at'} {clock}{' UTC' if zone is UTC else ''}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_dollars_are_written_as_babel_writes_them(language: str) -> None:
    """With its symbol, its spaces that do not break, and the thousands apart."""
    for dice in draws():
        drawn = amount(dice)
        expected = babel_numbers.format_currency(Decimal(drawn.figure), "USD", locale=language)
        assert money_text(drawn, language) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_written_as_babel_writes_them(language: str) -> None:
    """Whole numbers of any size."""
    for dice in draws():
        drawn = amount(dice).amount
        assert number_text(drawn, language) == babel_numbers.format_decimal(drawn, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_and_times_are_written_as_babel_writes_them(language: str) -> None:
    """In UTC and in zones of whole and broken hours, with summer time and without."""
    for dice in draws():
        at, zone = instant(dice), dice.choice(ZONES)
        day = babel_dates.format_date(at.astimezone(zone), "long", locale=language)
        assert date_text(at, language, zone) == day
        assert instant_text(at, language, zone) == in_cldr(at, language, zone)


@pytest.mark.parametrize("language", LANGUAGES)
def test_periods_are_written_as_babel_writes_intervals(language: str) -> None:
    """Within a day, a month, a year, and beyond."""
    lengths: tuple[Callable[[random.Random], int], ...] = (
        lambda dice: dice.randrange(1, 86_400),
        lambda dice: dice.randrange(1, 40) * 86_400,
        lambda dice: dice.randrange(1, 800) * 86_400,
    )
    for dice in draws():
        start = instant(dice)
        end = start + timedelta(seconds=dice.choice(lengths)(dice))
        written = babel_dates.format_interval(start, end, "yMMMd", tzinfo=UTC, locale=language)
        assert period_text(Period(start, end), language) == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_currency_has_the_symbol_that_babel_has(language: str) -> None:
    """Or its code, where there is none."""
    for code in sorted(babel_numbers.list_currencies() - {"XXX"}):
        digits = babel_numbers.get_currency_precision(code)
        drawn = Money(-123_456_789, Currency(code, digits))
        expected = babel_numbers.format_currency(Decimal(drawn.figure), code, locale=language)
        assert money_text(drawn, language) == expected
