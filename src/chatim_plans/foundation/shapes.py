"""The shape a value must have before anything is computed with it.

Each returns the value in the shape asked for, or raises a typed error that names it. They are
called from converters and `__attrs_post_init__`, never from attrs validators, which
`attrs.validators.disabled()` switches off.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from chatim_plans.foundation.errors import InvalidTypeError, InvalidValueError, UnknownKeyError

T = TypeVar("T")
K = TypeVar("K", bound=StrEnum)


def instance(value: object, kind: type[T], name: str) -> T:
    """`value`, which must be a `kind`."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise InvalidTypeError(name, value, f"{article} {kind.__name__}")
    return value


MOST = 10**100 - 1
"""The most that an amount in minor units, or a count, may be: far above any use, and still a number
that every message can print.
"""

LEAST = -MOST
"""The least that an amount in minor units may be."""


def whole_number(value: object, name: str, *, at_least: int | None = None) -> int:
    """`value`, which must be an int and no bool (True would count as 1 seat or 1 cent)."""
    if type(value) is not int:
        raise InvalidTypeError(name, value, "a whole number (int)")
    if at_least is not None and value < at_least:
        raise InvalidValueError(name, value, f"a whole number of at least {at_least}")
    if not LEAST <= value <= MOST:
        raise InvalidValueError(name, value, WITHIN_BOUNDS)
    return value


WITHIN_BOUNDS = "a whole number of at most 100 digits"


def row(values: Iterable[T], name: str) -> tuple[T, ...]:
    """`values` as a tuple; a str is refused, which would fall apart into letters."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InvalidTypeError(name, values, "a collection, such as a tuple")
    return tuple(values)


def plain(value: object, name: str) -> str:
    """`value`, which must be a str, as plain text: a subclass may compare and hash as it likes."""
    try:
        # Not by `isinstance`, which believes what a value says of its class.
        return str.__str__(value)  # pyright: ignore[reportArgumentType]
    except TypeError:
        raise InvalidTypeError(name, value, "a str") from None


def text(value: object, name: str) -> str:
    """`value`, which must be a str with something in it, as plain text."""
    given = plain(value, name)
    if not given.strip():
        raise InvalidValueError(name, value, "a text that is not blank")
    return given


LONGEST_KEY = 100
"""The most characters of a plan's key or an edition's name, which messages repeat."""


def key(value: object, name: str) -> str:
    """`value`, which must be a text of at most 100 characters, not blank, as plain text."""
    given = text(value, name)
    if len(given) > LONGEST_KEY:
        raise InvalidValueError(name, value, f"a text of at most {LONGEST_KEY} characters")
    return given


def member(value: object, keys: type[K], kind: str) -> K:
    """The member of `keys` that `value` is, or is the string value of (rule A2)."""
    if type(value) is keys:
        return value
    try:
        return keys(plain(value, kind))
    except ValueError:
        raise UnknownKeyError(kind, value, tuple(keys)) from None
