"""The numbers that a text prints, and those that a value has: found apart from one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from enum import Enum
from fractions import Fraction
from typing import Any

import attrs

from chatim_plans import Invoice, Line, Money, Period, Plan

RULE = re.compile(r"\b[A-Z]\d+\b")
NUMBERS = {
    "fr": re.compile(r"\d{1,3}(?:\u202f\d{3})+(?:,\d+)?|\d+(?:,\d+)?"),
    "en": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"),
}


def printed(text: str, language: str) -> set[str]:
    """The numbers of a text, thousands joined and with a point: rules' numbers are none."""
    found = NUMBERS[language].findall(RULE.sub("", text))
    if language == "fr":
        return {number.replace("\u202f", "").replace(",", ".") for number in found}
    return {number.replace(",", "") for number in found}


def held(value: Any, zone: tzinfo) -> set[str]:
    """The numbers that a value has, and that follow from it by its own properties."""
    return set(_held(value, zone))


def _held(value: Any, zone: tzinfo) -> Iterator[str]:
    match value:
        case None | str() | bool() | Enum():
            return
        case int():
            yield str(abs(value))
        case Fraction():
            yield from (str(abs(value.numerator)), str(value.denominator))
        case datetime():
            yield from _of_instant(value.astimezone(zone))
        case Money():
            yield value.figure.removeprefix("-")
        case Period():
            yield from _held(value.start, zone)
            yield from _held(value.end, zone)
            yield from _of_length(value.seconds)
        case Plan():
            yield from _held(value.price, zone)
            yield from (str(limit) for limit in value.limits.values() if type(limit) is int)
        case tuple():
            for each in value:
                yield from _held(each, zone)
        case _ if attrs.has(type(value)):
            for field in attrs.fields(type(value)):
                yield from _held(getattr(value, field.name), zone)
            yield from _of_properties(value, zone)
        case _:
            return


def _of_properties(value: Any, zone: tzinfo) -> Iterator[str]:
    match value:
        case Line():
            yield from _held(value.plan.charge(value.seats), zone)
            for number in (value.fraction, value.exact, value.rounding_difference):
                yield from _held(number, zone)
            yield from _decimal(value.exact, value.amount.currency.digits)
        case Invoice():
            met = value.credit_before - value.credit_after
            for amount in (value.total, value.credit_after, met):
                yield from _held(amount, zone)
            yield from (str(number) for number in range(1, len(value.lines) + 1))
        case _:
            return


def _of_instant(local: datetime) -> Iterator[str]:
    """Day, year and time; the hour also as a clock of twelve shows it."""
    yield from (str(local.day), str(local.year), f"{local.hour:02}", str(local.hour % 12 or 12))
    yield from (f"{local.minute:02}", f"{local.second:02}")


def _of_length(seconds: int) -> Iterator[str]:
    days, rest = divmod(seconds, 86_400)
    yield from (str(days), str(rest // 3_600), str(rest // 60 % 60), str(rest % 60))


def _decimal(exact: Fraction, digits: int) -> Iterator[str]:
    """Six decimals of the amount in major units, and what is left of them without zeros."""
    cut = f"{abs(exact.numerator) * 10**6 // (exact.denominator * 10**digits):07}"
    whole, minor = cut[:-6], cut[-6:]
    yield from {f"{whole}.{minor[:n]}" if n else whole for n in range(7)}
