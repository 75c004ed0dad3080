"""An invoice: lines, met first from the credit balance, then collected or carried over."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from chatim_plans.billing.lines import Line
from chatim_plans.catalog.catalogs import Terms
from chatim_plans.errors import InvalidValueError
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import days_after, instant
from chatim_plans.foundation.money import Money


@frozen(order=False)
class Invoice:
    """What was charged at the instant `issued_at`, line by line.

    `credit_before` is the account's credit balance when it was issued (positive: in the customer's
    favour), `amount_due` what is collected, never negative. A refund may be asked for up to and
    including `refundable_until`. `total` and `credit_after` follow from the rest.

    >>> from datetime import UTC
    >>> from chatim_plans import *
    >>> account = open_account(StartFree(at=datetime(2026, 1, 15, tzinfo=UTC))).account
    >>> choice = ChoosePlan(PRO, seats=3, at=datetime(2026, 1, 15, 9, tzinfo=UTC))
    >>> invoice = preview(account, choice).invoices[0]
    >>> str(invoice.total), str(invoice.amount_due), invoice.refundable_until.day
    ('57.00 USD', '57.00 USD', 29)

    Raises:
        InvalidTypeError, InvalidValueError: no lines, or an amount due that is neither nothing
            nor all that the balance does not meet.
        CurrencyMismatchError: amounts of several currencies.

    Source: rules B6, B7, B10, F1.
    """

    issued_at: datetime = field(converter=instant)
    lines: tuple[Line, ...]
    credit_before: Money
    amount_due: Money
    refundable_until: datetime = field(converter=instant)

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.lines, tuple, "lines")
        for line in self.lines:
            shapes.instance(line, Line, "line")
        if not self.lines:
            raise InvalidValueError("lines", self.lines, "at least one line")
        shapes.instance(self.credit_before, Money, "credit_before")
        due = shapes.instance(self.amount_due, Money, "amount_due")
        shapes.whole_number(due.amount, "amount_due", at_least=0)
        if due and self.credit_after:
            raise InvalidValueError("amount_due", due.amount, "all that the balance does not meet")
        if self.refundable_until < self.issued_at:
            expected = f"an instant from {self.issued_at.isoformat()} on"
            raise InvalidValueError("refundable_until", self.refundable_until, expected)

    @property
    def total(self) -> Money:
        """The sum of the lines; below zero it is not paid out but added to the balance (B7)."""
        return _total(self.lines)

    @property
    def credit_after(self) -> Money:
        """The balance the invoice leaves: so Σ totals = Σ amounts due − final balance (B7)."""
        return self.credit_before + self.amount_due - self.total


def invoice_for(
    issued_at: datetime, lines: tuple[Line, ...], credit_balance: Money, terms: Terms
) -> Invoice:
    """The invoice for `lines`: what the balance does not meet is due, unless it is too small.

    Source: rules B7, B10, F1.
    """
    owed = _total(lines) - credit_balance
    nothing = Money(0, owed.currency)
    due = owed if owed >= terms.smallest_charge else nothing
    deadline = days_after(issued_at, terms.refund_days)
    return Invoice(issued_at, lines, credit_balance, due, deadline)


def _total(lines: tuple[Line, ...]) -> Money:
    first, *rest = (line.amount for line in lines)
    return sum(rest, start=first)
