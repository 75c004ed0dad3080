"""An invoice: lines, met first from the credit balance, then collected or carried over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from attrs import Factory, field, frozen

from chatim_plans.billing.charges import check_part, prorate
from chatim_plans.catalog.catalogs import Terms
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import days_after, instant, iso
from chatim_plans.foundation.money import CurrencyMismatchError, Money
from chatim_plans.foundation.periods import Period
from chatim_plans.foundation.rounding import Rounding
from chatim_plans.foundation.values import Value, counted, in_a_line, named, without_checks
from chatim_plans.subscriptions.occurrences import Rate

if TYPE_CHECKING:
    from fractions import Fraction  # it loads decimal, which nobody needs for an invoice


class LineKind(StrEnum):
    """What a line is for. Source: rules B2, B5; Stripe's line descriptions.

    >>> from chatim_plans import *
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 5, at=at)]
    >>> upgrade = ChoosePlan(ULTIMATE, at=utc("2026-10-27 17:30"))
    >>> for line in apply(replay(paid).account, upgrade).invoices[0].lines:
    ...     print(line.kind, line.amount)
    unused_time -57.14 USD
    remaining_time 117.29 USD
    """

    subscription = "subscription"
    unused_time = "unused_time"
    remaining_time = "remaining_time"


_WHAT: Mapping[LineKind, str] = MappingProxyType({
    LineKind.subscription: "",
    LineKind.unused_time: "unused ",
    LineKind.remaining_time: "remaining ",
})


class InvoiceCause(StrEnum):
    """What an invoice was issued for: what its last line charges or credits. Source: rule B14.

    >>> from chatim_plans import *
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 5, at=at)]
    >>> upgraded = [*paid, ChoosePlan(ULTIMATE, at=utc("2026-10-27 17:30"))]
    >>> for invoice in replay(upgraded, until=utc("2026-11-15 09:00")).invoices:
    ...     print(invoice.number, invoice.cause, invoice.amount_due)
    1 plan_started 95.00 USD
    2 upgraded 60.15 USD
    3 period_renewed 195.00 USD
    """

    plan_started = "plan_started"
    trial_converted = "trial_converted"
    period_renewed = "period_renewed"
    upgraded = "upgraded"
    interval_changed = "interval_changed"
    seats_changed = "seats_changed"
    billing_stopped = "billing_stopped"


# What the last line of an invoice is for; a whole period is charged nowhere but there.
_ENDS_WITH: Mapping[InvoiceCause, tuple[LineKind, ...]] = MappingProxyType({
    InvoiceCause.plan_started: (LineKind.subscription,),
    InvoiceCause.trial_converted: (LineKind.subscription,),
    InvoiceCause.period_renewed: (LineKind.subscription,),
    InvoiceCause.interval_changed: (LineKind.subscription,),
    InvoiceCause.upgraded: (LineKind.remaining_time,),
    InvoiceCause.seats_changed: (LineKind.remaining_time,),
    InvoiceCause.billing_stopped: (LineKind.remaining_time, LineKind.unused_time),
})


def _whole_price(line: Line) -> Money:
    return shapes.instance(line.plan, Plan, "plan").charge(line.seats)


@frozen(order=False)
class Line(Value):
    """`seats` of `plan` for `period`: a part of `base`, which is the price of the period `whole`.

    `kind` says whether it pays for a period, credits what is left of one or charges for it.
    `base` is `seats` × `plan.price`, over the billing period. Only a credit in flexible billing is
    a part of something else: of what was debited for that time, over the period of that debit.
    `amount` is the exact part, rounded once to whole minor units; a credit for unused time is
    negative. A `subscription` line pays for the whole period.

    >>> from chatim_plans import *
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 5, at=at)]
    >>> upgrade = ChoosePlan(ULTIMATE, at=utc("2026-10-27 17:30"))
    >>> credit, charge = preview(replay(paid).account, upgrade).invoices[0].lines
    >>> str(credit.amount), credit.fraction, credit.exact, credit.rounding_difference
    ('-57.14 USD', Fraction(895, 1488), Fraction(-2125625, 372), Fraction(17, 372))

    Raises:
        InvalidTypeError, InvalidValueError, CurrencyMismatchError: a part outside its whole, or
            an amount that is not the exact one rounded.

    Source: rules B3–B6, B12.
    """

    kind: LineKind
    plan: Plan
    seats: int
    period: Period
    whole: Period
    amount: Money
    base: Money = Factory(_whole_price, takes_self=True)

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.kind, LineKind, "kind")
        shapes.instance(self.plan, Plan, "plan")
        shapes.whole_number(self.seats, "seats", at_least=1)
        amount = shapes.instance(self.amount, Money, "amount")
        check_part(self.period, self.whole)
        if self.kind is LineKind.subscription and self.period != self.whole:
            raise InvalidValueError("period", self.period, f"the whole period {self.whole}")
        base = shapes.instance(self.base, Money, "base")
        price = self.plan.price
        for given in (amount, base):
            if given.currency is not price.currency and given.currency != price.currency:
                raise CurrencyMismatchError(price.currency, given.currency)
        shapes.whole_number(base.amount, "base", at_least=0)
        is_credit = self.kind is LineKind.unused_time
        if not is_credit and base.amount != price.amount * self.seats:
            raise InvalidValueError("base", base.amount, "the price of the seats for the period")
        if abs(amount.amount * self.whole.seconds - self._seconds_price) >= self.whole.seconds:
            expected = f"{self._seconds_price}/{self.whole.seconds}, rounded"
            raise InvalidValueError("amount", amount.amount, expected)

    def __str__(self) -> str:
        """The line as a reader would check it: what, at which price, for which part; then how much.

        It is the row of the invoice's table. Its days have their year where one is not enough.
        """
        rate = f"{in_a_line(self.plan.key)} {self.seats} x {self.plan.price.figure}"
        start, end = self.period.start, self.period.end
        two_years = start.year != end.year
        which_year = two_years or self.plan.interval_months == _MONTHS_OF_A_YEAR
        days = f"{_day(start, year=two_years)} to {_day(end, year=which_year)}"
        of = "the period" if self.base == self.plan.charge(self.seats) else self.base.figure
        part = "" if self.period == self.whole else f", {self.fraction} of {of}"
        return _row(f"  {_WHAT[self.kind]}{rate}, {days}{part}", self.amount.figure)

    def _shown(self) -> Iterator[str]:
        # A part of what was debited is told by its share of that: the price has no part in it, and
        # with a third instant it would not fit the line of a log.
        of_price = self.base == self.plan.charge(self.seats) and self.period.end == self.whole.end
        yield self.kind
        yield f"{self.seats} x {self.plan if of_price else in_a_line(self.plan.key)}"
        yield str(self.amount)
        if of_price and self.period != self.whole:
            yield f"from {iso(self.period.start)} of {self.whole}"
        else:
            yield str(self.period)
        if not of_price:
            yield f"{self.fraction} of {self.base}"

    @property
    def unit_price(self) -> Money:
        """The price of one seat for a whole billing period."""
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
        return _sign(self.kind) * self.base.amount * self.period.seconds


def period_line(rate: Rate, period: Period) -> Line:
    """The line that pays for a whole period, at its price. Source: rule B2."""
    price = rate.plan.charge(rate.seats)
    return _written(LineKind.subscription, rate, period, period, price, price)


def remaining_line(rate: Rate, part: Period, whole: Period, rounding: Rounding) -> Line:
    """The charge for the rest of a period, at the rate that now holds. Source: rules B3, B5."""
    price = rate.plan.charge(rate.seats)
    amount = prorate(price, part=part, whole=whole, rounding=rounding)
    return _written(LineKind.remaining_time, rate, part, whole, amount, price)


def unused_line(rate: Rate, part: Period, whole: Period, rounding: Rounding) -> Line:
    """The credit for the rest of a period, a part of its price. Source: rules B5, B12, classic."""
    return _credit(rate, part, whole, rate.plan.charge(rate.seats), rounding)


def unused_debit(debit: Line, part: Period, rounding: Rounding) -> Line:
    """The credit for the rest of what `debit` paid for. Source: rule B12, flexible."""
    return _credit(Rate(debit.plan, debit.seats), part, debit.period, debit.amount, rounding)


def _credit(rate: Rate, part: Period, whole: Period, base: Money, rounding: Rounding) -> Line:
    amount = prorate(-base, part=part, whole=whole, rounding=rounding)
    return _written(LineKind.unused_time, rate, part, whole, amount, base)


def _written(  # noqa: PLR0913, PLR0917 — as many facts as a line has
    kind: LineKind, rate: Rate, part: Period, whole: Period, amount: Money, base: Money
) -> Line:
    # Past the checks, which compute the line once more. What comes through here would pass, which
    # `test_what_a_history_writes_passes_its_own_checks` proves.
    return without_checks(Line, kind, rate.plan, rate.seats, part, whole, amount, base)


def _sign(kind: LineKind) -> int:
    return -1 if kind is LineKind.unused_time else 1


def _fraction(numerator: int, denominator: int) -> Fraction:
    # Imported on use: fractions loads decimal, which a gate that bills nothing should not pay for.
    from fractions import Fraction  # noqa: PLC0415 — see above

    return Fraction(numerator, denominator)


@frozen(order=False)
class Invoice(Value):
    """What was charged at the instant `issued_at`, line by line: those that waited come first.

    `number` counts from 1 within the account, and `cause` says what it was issued for; both are
    None on one that was written before there were numbers.
    `credit_before` is the account's credit balance when it was issued (positive: in the customer's
    favour), `amount_due` what is collected, never negative. A refund may be asked for up to and
    including `refundable_until`. `total` and `credit_after` follow from the rest.

    >>> from chatim_plans import *
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 5, at=at)]
    >>> upgrade = ChoosePlan(ULTIMATE, at=utc("2026-10-27 17:30"))
    >>> print(apply(replay(paid).account, upgrade).invoices[-1])
    2026-10-27 17:30Z                                                                USD
      unused pro 5 x 19.00, 27 Oct to 15 Nov, 895/1488 of the period              -57.14
      remaining ultimate 5 x 39.00, 27 Oct to 15 Nov, 895/1488 of the period      117.29
      due                                                                          60.15

    Raises:
        InvalidTypeError, InvalidValueError: no lines, or an amount due that is neither nothing
            nor all that the balance does not meet.
        CurrencyMismatchError: amounts of several currencies.

    Source: rules B6, B7, B10, B14, F1.
    """

    issued_at: datetime = field(converter=instant)
    lines: tuple[Line, ...]
    credit_before: Money
    amount_due: Money
    refundable_until: datetime = field(converter=instant)
    number: int | None = None
    cause: InvoiceCause | None = None

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.lines, tuple, "lines")
        for line in self.lines:
            shapes.instance(line, Line, "line")
        if not self.lines:
            raise InvalidValueError("lines", self.lines, "at least one line")
        self._check_cause()
        shapes.instance(self.credit_before, Money, "credit_before")
        due = shapes.instance(self.amount_due, Money, "amount_due")
        shapes.whole_number(due.amount, "amount_due", at_least=0)
        total = self.total
        for given in (self.credit_before, due):
            if given.currency != total.currency:
                raise CurrencyMismatchError(total.currency, given.currency)
        if due and self.credit_before.amount + due.amount != total.amount:
            raise InvalidValueError("amount_due", due.amount, "all that the balance does not meet")
        if self.refundable_until < self.issued_at:
            expected = f"an instant from {self.issued_at.isoformat()} on"
            raise InvalidValueError("refundable_until", self.refundable_until, expected)

    def _check_cause(self) -> None:
        """It has a number beside it, and its own line at the end, after those that waited."""
        number, cause = self.number, self.cause
        if number is not None:
            shapes.whole_number(number, "number", at_least=1)
        if cause is not None:
            shapes.instance(cause, InvoiceCause, "cause")
        if (number is None) is not (cause is None):
            missing = "number" if number is None else "cause"
            raise InvalidValueError(missing, None, "a number and a cause, or neither")
        if cause is not None:
            *waited, last = (line.kind for line in self.lines)
            ends = _ENDS_WITH[cause]
            if last not in ends or LineKind.subscription in waited:
                expected = f"what waited, then {' or '.join(ends)}: {cause}"
                raise InvalidValueError("lines", self.lines, expected)

    def __str__(self) -> str:
        """The invoice as a table: when and in which currency, line by line, down to what is due."""
        rows = [_row(f"{self.issued_at:%Y-%m-%d %H:%M}Z", self.amount_due.currency.code)]
        rows += map(str, self.lines)
        met = self.credit_before - self.credit_after
        if met:
            rows.append(_row("  from the credit balance", (-met).figure))
        return "\n".join([*rows, _row("  due", self.amount_due.figure)])

    def _shown(self) -> Iterator[str]:
        if self.number is not None:
            yield named("number", self.number)
        yield iso(self.issued_at)
        if self.cause is not None:
            yield self.cause
        yield counted(len(self.lines), "line")
        yield named("amount_due", self.amount_due)
        yield named("total", self.total)
        yield named("credit_before", self.credit_before)
        yield named("refundable_until", self.refundable_until)

    @property
    def total(self) -> Money:
        """The sum of the lines; below zero it is not paid out but added to the balance (B7)."""
        return _total(self.lines)

    @property
    def credit_after(self) -> Money:
        """The balance the invoice leaves: so Σ totals = Σ amounts due − final balance (B7)."""
        return self.credit_before + self.amount_due - self.total


def invoice_for(  # noqa: PLR0913 — as many facts as an invoice has
    issued_at: datetime,
    lines: tuple[Line, ...],
    credit_balance: Money,
    terms: Terms,
    *,
    number: int,
    cause: InvoiceCause,
) -> Invoice:
    """The invoice for `lines`: what the balance does not meet is due, unless it is too small.

    Source: rules B7, B10, F1.
    """
    # Past the checks, as for lines.
    owed = _total(lines) - credit_balance
    nothing = Money(0, owed.currency)
    due = owed if owed >= terms.smallest_charge else nothing
    deadline = days_after(issued_at, terms.refund_days)
    facts = (issued_at, lines, credit_balance, due, deadline, number, cause)
    return without_checks(Invoice, *facts)


def _row(text: str, figure: str) -> str:
    return f"{text:<73} {figure:>10}"


_MONTHS_OF_A_YEAR = 12
# In English on every machine; what `strftime` says of a month is in the language of the process.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _day(at: datetime, *, year: bool) -> str:
    return f"{at:%d} {_MONTHS[at.month - 1]}{f' {at.year}' if year else ''}"


def _total(lines: tuple[Line, ...]) -> Money:
    first, *rest = (line.amount for line in lines)
    return sum(rest, start=first)
