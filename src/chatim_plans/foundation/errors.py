"""The base of every error, and the errors about the shape of a value.

Every other error stands where it is raised. All derive from `PlansError` and from the built-in
error that fits. Each carries the values it is about as attributes, pickles, and reads as a
sentence for people: what was given, what was expected, what to do.
"""

from __future__ import annotations

from datetime import datetime

from attrs import define


class PlansError(Exception):
    """Base of every error raised by chatim_plans: one `except` for all of them. Source: rule P7.

    >>> from chatim_plans import CHATIM, PlansError
    >>> try:
    ...     CHATIM.plan("gold")
    ... except PlansError as error:
    ...     print(error)
    unknown plan 'gold': use one of free, pro, ultimate
    """


def shortened(value: object) -> str:
    """The `repr` of a value, cut where a message would drown in it; a message never fails."""
    try:
        shown = repr(value)
    except Exception:  # noqa: BLE001 — a number of too many digits, or whatever a repr raises
        return "a value that cannot be printed"
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


_LONGEST = 200


@define
class InvalidValueError(PlansError, ValueError):
    """A value of the right type that cannot be meant.

    `name` is the fact or argument, `value` what was given, `expected` says in words what fits.

    >>> from chatim_plans import ChangeSeats, InvalidValueError, utc
    >>> try:
    ...     ChangeSeats(0, at=utc("2026-10-15 09:00"))
    ... except InvalidValueError as error:
    ...     print(error.name, error.value, "->", error.expected)
    seats 0 -> a whole number of at least 1
    """

    name: str
    value: object
    expected: str

    def __str__(self) -> str:
        return f"{self.name}: expected {self.expected}, got {shortened(self.value)}"


@define
class InvalidTypeError(PlansError, TypeError):
    """A value of the wrong type: a float for cents, a date for an instant.

    `name` is the fact or argument, `value` what was given, `expected` says in words what fits.

    >>> from chatim_plans import USD, InvalidTypeError, Money
    >>> try:
    ...     Money(19.0, USD)
    ... except InvalidTypeError as error:
    ...     print(error.name, error.value, "->", error.expected)
    amount 19.0 -> a whole number of minor units (int)
    """

    name: str
    value: object
    expected: str

    def __str__(self) -> str:
        given = type(self.value).__name__
        return f"{self.name}: expected {self.expected}, got {given} {shortened(self.value)}"


@define
class UnknownKeyError(PlansError, LookupError):
    """A feature, quota, plan, role or language that nobody has heard of.

    `kind` says which of these, `key` is what was given, `known` are the keys that there are.

    >>> from chatim_plans import CHATIM, UnknownKeyError, price_table
    >>> try:
    ...     price_table(CHATIM, "de")
    ... except UnknownKeyError as error:
    ...     print(error.kind, error.key, error.known)
    language de ('fr', 'en')
    """

    kind: str
    key: object
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"unknown {self.kind} {shortened(self.key)}: use one of {', '.join(self.known)}"


@define
class OutOfOrderError(PlansError, ValueError):
    """An instant before the one that the facts stand at (rules T4, A2).

    `given` is that instant, `earliest` the first one that would do.

    >>> from chatim_plans import OutOfOrderError, StartFree, advance, open_account, utc
    >>> account = open_account(StartFree(at=utc("2026-10-15 09:00"))).account
    >>> try:
    ...     advance(account, utc("2026-10-14 09:00"))
    ... except OutOfOrderError as error:
    ...     print(f"{error.given:%d %b} is before {error.earliest:%d %b}")
    14 Oct is before 15 Oct
    """

    given: datetime
    earliest: datetime

    def __str__(self) -> str:
        return (
            f"{self.given.isoformat()} is before {self.earliest.isoformat()}, the earliest known: "
            "give an instant from there on"
        )
