"""A line of an invoice, which keeps how it was reached."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import frozen

from chatim_plans.billing.proration import check_part, prorate
from chatim_plans.catalog.plans import Plan
from chatim_plans.errors import CurrencyMismatchError, InvalidValueError
from chatim_plans.foundation import shapes
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.periods import Period
from chatim_plans.foundation.rounding import Rounding
from chatim_plans.subscriptions.occurrences import PeriodStarted, Rate, RateChanged

if TYPE_CHECKING:
    from fractions import Fraction


class LineKind(StrEnum):
    """What a line is for. Source: rules B2, B5; Stripe's line descriptions."""

    subscription = "subscription"
    unused_time = "unused_time"
    remaining_time = "remaining_time"


@frozen(order=False)
class Line:
    """`seats` × `plan.price` for `period`, a part of the period `whole` that is billed as one.

    `amount` is the exact price of the part, rounded once to whole minor units; a credit for
    unused time is negative. A `subscription` line pays for the whole period.

    >>> from datetime import UTC, datetime
    >>> from chatim_plans import PRO
    >>> march = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    >>> rest = Period(datetime(2026, 3, 11, tzinfo=UTC), march.end)
    >>> line = Line(LineKind.unused_time, PRO, 1, rest, march, Money(-1287, PRO.price.currency))
    >>> str(line.amount), line.exact, line.rounding_difference
    ('-12.87 USD', Fraction(-39900, 31), Fraction(3, 31))

    Raises:
        InvalidTypeError, InvalidValueError, CurrencyMismatchError: a part outside its whole, or
            an amount that is not the exact one rounded.

    Source: rules B3–B6.
    """

    kind: LineKind
    plan: Plan
    seats: int
    period: Period
    whole: Period
    amount: Money

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.kind, LineKind, "kind")
        shapes.instance(self.plan, Plan, "plan")
        shapes.whole_number(self.seats, "seats", at_least=1)
        amount = shapes.instance(self.amount, Money, "amount")
        check_part(self.period, self.whole)
        if self.kind is LineKind.subscription and self.period != self.whole:
            raise InvalidValueError("period", self.period, f"the whole period {self.whole}")
        if amount.currency != self.plan.price.currency:
            raise CurrencyMismatchError(self.plan.price.currency, amount.currency)
        if abs(amount.amount * self.whole.seconds - self._seconds_price) >= self.whole.seconds:
            expected = f"{self._seconds_price}/{self.whole.seconds}, rounded"
            raise InvalidValueError("amount", amount.amount, expected)

    @property
    def unit_price(self) -> Money:
        """The price of one seat for the whole period."""
        return self.plan.price

    @property
    def fraction(self) -> Fraction:
        """The share of the whole period that the line is for: seconds over seconds (rule B3)."""
        return _fraction(self.period.seconds, self.whole.seconds)

    @property
    def exact(self) -> Fraction:
        """The amount before rounding, in minor units, with its sign (rules B3, B6)."""
        return _fraction(self._seconds_price, self.whole.seconds)

    @property
    def rounding_difference(self) -> Fraction:
        """`amount` less `exact`: what rounding took (negative: gave), in minor units (rule B6)."""
        return self.amount.amount - self.exact

    @property
    def _seconds_price(self) -> int:
        """The exact amount times the seconds of the whole period: a whole number."""
        return _sign(self.kind) * self.plan.price.amount * self.seats * self.period.seconds


def period_line(started: PeriodStarted, rounding: Rounding) -> Line:
    """The line that pays for a whole period. Source: rule B2."""
    period = started.period
    return _line(LineKind.subscription, started.rate, period, period, rounding)


def proration_lines(change: RateChanged, rounding: Rounding) -> tuple[Line, Line]:
    """A credit for the unused time of all old seats, then a charge for all new ones.

    Source: rules B3–B5; Stripe's classic billing mode.
    """
    whole = change.period
    part = Period(change.at, whole.end)
    return (
        _line(LineKind.unused_time, change.before, part, whole, rounding),
        _line(LineKind.remaining_time, change.after, part, whole, rounding),
    )


def _line(kind: LineKind, rate: Rate, part: Period, whole: Period, rounding: Rounding) -> Line:
    price = rate.plan.charge(rate.seats) * _sign(kind)
    amount = prorate(price, part=part, whole=whole, rounding=rounding)
    return Line(kind, rate.plan, rate.seats, part, whole, amount)


def _sign(kind: LineKind) -> int:
    return -1 if kind is LineKind.unused_time else 1


def _fraction(numerator: int, denominator: int) -> Fraction:
    # Imported on use: fractions loads decimal, which a gate that bills nothing should not pay for.
    from fractions import Fraction  # noqa: PLC0415 — see above

    return Fraction(numerator, denominator)
