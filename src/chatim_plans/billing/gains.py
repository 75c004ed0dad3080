"""What rounding gives away to somebody who chooses the second: a check for finance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from chatim_plans.billing.accounts import Statement
from chatim_plans.billing.invoices import Line, LineKind
from chatim_plans.foundation import shapes
from chatim_plans.foundation.periods import Period

if TYPE_CHECKING:
    from fractions import Fraction  # it loads decimal, which nobody needs for an invoice


def unlikely_rounding_gains(statement: Statement) -> dict[Period, Fraction]:
    """What rounding gave the customer in each billing period where chance does not give so much.

    By period, in exact minor units: the price of the time less what its lines come to. Give the
    statement of a whole history. Changes at instants that nobody chose gain nothing on the whole;
    n of them stray from it by the root of n/6, as each writes two lines, rounded by half a unit at
    most either way. What is more than four times that was sought: seats changed again and again at
    the second of a half.

    >>> from chatim_plans import *
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 5, at=at)]
    >>> upgrade = ChoosePlan(ULTIMATE, at=utc("2026-10-27 17:30"))
    >>> unlikely_rounding_gains(replay([*paid, upgrade]))
    {}

    Raises:
        InvalidTypeError: no statement.

    Source: rules B3, B4, B12.
    """
    from fractions import Fraction  # noqa: PLC0415 — as in `Line.exact`

    shapes.instance(statement, Statement, "statement")
    wholes: dict[datetime, Period] = {}
    found: dict[Period, tuple[int, Fraction]] = {}
    for line in _lines(statement):
        is_credit = line.kind is LineKind.unused_time
        if not is_credit:
            wholes[line.whole.end] = line.whole
        # A flexible credit is a part of a debit; the period it is in is that of the charges.
        whole = wholes.get(line.period.end, line.whole)
        price = line.plan.charge(line.seats).amount * (-1 if is_credit else 1)
        changes, gained = found.get(whole, (0, Fraction(0)))
        gained += Fraction(price * line.period.seconds, whole.seconds) - line.amount.amount
        found[whole] = changes + is_credit, gained
    return {
        period: gained
        for period, (changes, gained) in found.items()
        if gained * abs(gained) > _MOST_DEVIATIONS**2 * Fraction(changes, 6)
    }


_MOST_DEVIATIONS = 4


def _lines(statement: Statement) -> Iterator[Line]:
    """Every line of the statement, in the order in which they were written."""
    for invoice in statement.invoices:
        yield from invoice.lines
    yield from statement.account.pending_lines
