"""Every error of the library.

All derive from `PlansError` and from the built-in error that fits. Each carries the values it is
about as attributes, pickles, and reads as a sentence for people: what was given, what was
expected, what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import define, frozen

if TYPE_CHECKING:
    from chatim_plans.catalog.features import Limit
    from chatim_plans.catalog.plans import Plan
    from chatim_plans.foundation.money import Currency
    from chatim_plans.subscriptions.trials import TrialRefusal


class PlansError(Exception):
    """Base of every error raised by chatim_plans."""


def shortened(value: object) -> str:
    """The `repr` of a value, cut where a message would drown in it."""
    shown = repr(value)
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
class CurrencyMismatchError(PlansError, ValueError):
    """Two amounts of different currencies met in one sum or comparison."""

    left: Currency
    right: Currency

    def __str__(self) -> str:
        return (
            f"{self.left.code} and {self.right.code} do not mix: convert one amount before, "
            "with a rate of your own"
        )


@define
class UnknownKeyError(PlansError, LookupError):
    """A feature, quota, plan, role or language that nobody has heard of."""

    kind: str
    key: object
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"unknown {self.kind} {shortened(self.key)}: use one of {', '.join(self.known)}"


@define
class InvalidCatalogError(PlansError, ValueError):
    """A catalogue whose plans or terms contradict one another (rules C3, C5, C6)."""

    edition: str
    fault: str

    def __str__(self) -> str:
        return f"catalogue {self.edition!r} cannot be built: {self.fault}"


@define
class OutOfOrderError(PlansError, ValueError):
    """An instant before the one that the facts stand at (rules T4, A2)."""

    given: datetime
    earliest: datetime

    def __str__(self) -> str:
        return (
            f"{self.given.isoformat()} is before {self.earliest.isoformat()}, the earliest known: "
            "give an instant from there on, or replay the history up to the earlier one"
        )


@define
class ActionRefusedError(PlansError, ValueError):
    """An action that cannot apply to this account now; the account stays as it was (rule P7)."""

    because: str
    instead: str

    def __str__(self) -> str:
        return f"refused: {self.because}; {self.instead}"


@define
class SeatLimitError(ActionRefusedError):
    """More seats than the plan has (rule S3)."""

    seats: int
    limit: Limit
    plan: Plan
    cheapest_plan: Plan | None


@define
class PaymentMethodRequiredError(ActionRefusedError):
    """A choice that charges at once, and no payment method on file (rules P1, P2, R6, S2)."""

    plan: Plan
    seats: int


@define
class AccountRestrictedError(ActionRefusedError):
    """A restricted account can pay, shrink or cancel, and nothing more (rule D2)."""

    held_plan: Plan


@define
class TrialRefusedError(ActionRefusedError):
    """A trial for an account that is not new (rule R2); `reason` is the eligibility's."""

    reason: TrialRefusal | None


@define
class PlanNotOfferedError(ActionRefusedError):
    """A plan that the account's edition of the catalogue does not sell (rules C5, C8)."""

    plan: Plan
    edition: str


@define
class IntervalMismatchError(ActionRefusedError):
    """A plan of another interval than the one asked for or running (rules B1, C6)."""

    plan: Plan
    expected_months: int


@frozen
class FrameFault:
    """What is wrong with a column of a frame: what it should be, in how many rows it is not, and
    the first of these; no row where the column itself is missing or of the wrong type.
    """

    column: str
    expected: str
    count: int = 0
    rows: tuple[Mapping[str, object], ...] = ()

    def __str__(self) -> str:
        """The column at fault comes first in the rows shown, where a long row is cut."""
        told = f"{self.column}: expected {self.expected}"
        if not self.count:
            return told
        rows = (sorted(row.items(), key=lambda cell: cell[0] != self.column) for row in self.rows)
        shown = ", ".join(shortened(dict(row)) for row in rows)
        return f"{told}; not so in {self.count:,} row{'s' * (self.count > 1)}, the first: {shown}"


@define
class InvalidFrameError(PlansError, ValueError):
    """A frame that cannot be computed with: every fault, with its count and first rows."""

    faults: tuple[FrameFault, ...]

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


@define
class InvalidWireError(PlansError, ValueError):
    """A document that cannot be read, or a value that cannot be written as one.

    `path` leads to the fault from the document's top, `$`; `given` says in words what stands
    there, because the thing itself may be of any size and depth.
    """

    path: str
    expected: str
    given: str

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, got {self.given}"


@define
class InvalidStripeError(PlansError, ValueError):
    """An object of Stripe's that cannot be read, or says what this library cannot hold.

    `path` leads to the fault from the object's own name; `given` says in words what stands there.
    """

    path: str
    expected: str
    given: str

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, got {self.given}"
