"""The base of every error, and the errors about the shape of a value.

Every other error stands where it is raised. All derive from `PlansError` and from the built-in
error that fits. Each carries the values it is about as attributes, pickles, and reads as a
sentence for people: what was given, what was expected, what to do.
"""

from __future__ import annotations

from datetime import datetime

from attrs import define


class PlansError(Exception):
    """Base of every error raised by chatim_plans.

    >>> from chatim_plans import CHATIM
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

    >>> from chatim_plans import StartTrial, utc
    >>> try:
    ...     StartTrial(seats=0, at=utc("2026-03-01"))
    ... except InvalidValueError as error:
    ...     print(error.name, error.value)
    seats 0
    """

    name: str
    value: object
    expected: str

    def __str__(self) -> str:
        return f"{self.name}: expected {self.expected}, got {shortened(self.value)}"


@define
class InvalidTypeError(PlansError, TypeError):
    """A value of the wrong type: a float for cents, a date for an instant.

    >>> from chatim_plans import USD, Money
    >>> try:
    ...     Money(19.00, USD)
    ... except InvalidTypeError as error:
    ...     print(error)
    amount: expected a whole number of minor units (int), got float 19.0
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

    >>> from chatim_plans import PRO
    >>> try:
    ...     PRO.allows("teleport")
    ... except UnknownKeyError as error:
    ...     print(error.kind, error.key, error.known[0])
    feature teleport javascript_sdk
    """

    kind: str
    key: object
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"unknown {self.kind} {shortened(self.key)}: use one of {', '.join(self.known)}"


@define
class OutOfOrderError(PlansError, ValueError):
    """An instant before the one that the facts stand at (rules T4, A2).

    >>> from chatim_plans import StartFree, entitlements, open_account, utc
    >>> subscription = open_account(StartFree(at=utc("2026-03-01"))).account.subscription
    >>> try:
    ...     entitlements(subscription, utc("2026-02-28"))
    ... except OutOfOrderError as error:
    ...     print(error.earliest.date())
    2026-03-01
    """

    given: datetime
    earliest: datetime

    def __str__(self) -> str:
        return (
            f"{self.given.isoformat()} is before {self.earliest.isoformat()}, the earliest known: "
            "give an instant from there on"
        )
