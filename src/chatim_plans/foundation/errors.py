"""The base of every error, and the errors about the shape of a value.

Every other error stands where it is raised. All derive from `PlansError` and from the built-in
error that fits. Each carries the values it is about as attributes, pickles, and reads as a
sentence for people: what was given, what was expected, what to do.
"""

from __future__ import annotations

from datetime import datetime

from attrs import define


class PlansError(Exception):
    """Base of every error raised by chatim_plans."""


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
    """A value of the right type that cannot be meant."""

    name: str
    value: object
    expected: str

    def __str__(self) -> str:
        return f"{self.name}: expected {self.expected}, got {shortened(self.value)}"


@define
class InvalidTypeError(PlansError, TypeError):
    """A value of the wrong type: a float for cents, a date for an instant."""

    name: str
    value: object
    expected: str

    def __str__(self) -> str:
        given = type(self.value).__name__
        return f"{self.name}: expected {self.expected}, got {given} {shortened(self.value)}"


@define
class UnknownKeyError(PlansError, LookupError):
    """A feature, quota, plan, role or language that nobody has heard of."""

    kind: str
    key: object
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"unknown {self.kind} {shortened(self.key)}: use one of {', '.join(self.known)}"


@define
class OutOfOrderError(PlansError, ValueError):
    """An instant before the one that the facts stand at (rules T4, A2)."""

    given: datetime
    earliest: datetime

    def __str__(self) -> str:
        return (
            f"{self.given.isoformat()} is before {self.earliest.isoformat()}, the earliest known: "
            "give an instant from there on"
        )
