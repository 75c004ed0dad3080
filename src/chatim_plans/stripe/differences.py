"""What differs between two invoices, by cause and in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from attrs import Factory, frozen

from chatim_plans.billing.invoices import Invoice, Line, LineKind
from chatim_plans.foundation.money import Currency, Money
from chatim_plans.stripe.fields import InvalidStripeError
from chatim_plans.stripe.invoices import StripeLine


class Cause(StrEnum):
    """Why Stripe's figure is another one than ours: recomputed, or as Stripe states.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import Cause, reconcile_account
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> rows = reconcile_account(paid, [])
    >>> [str(row.ours.total) for row in rows if row.differences[0].cause is Cause.not_at_stripe]
    ['57.00 USD']

    Source: rules B3–B12; Stripe's invoices.
    """

    rounding = "rounding"
    net_rounded = "net_rounded"
    days = "days"
    billing_mode = "billing_mode"
    seat_delta = "seat_delta"
    instant = "instant"
    period = "period"
    quantity = "quantity"
    price = "price"
    swept = "swept"
    discount = "discount"
    tax = "tax"
    balance = "balance"
    minimum_charge = "minimum_charge"
    currency = "currency"
    not_here = "not_here"
    not_at_stripe = "not_at_stripe"
    voided = "voided"
    unread = "unread"
    unknown = "unknown"


_WORDS: Mapping[Cause, str] = MappingProxyType({
    Cause.rounding: "another rounding rule",
    Cause.net_rounded: "the net of the two lines was rounded, not each line",
    Cause.days: "days were counted, not seconds",
    Cause.billing_mode: (
        "the other billing mode: flexible credits a share of what was debited, classic one of the "
        "price"
    ),
    Cause.seat_delta: "only the seats added or removed were prorated",
    Cause.instant: "another instant of the change",
    Cause.period: "another period",
    Cause.quantity: "another quantity",
    Cause.price: "another price",
    Cause.swept: "a line swept in from elsewhere",
    Cause.discount: "a discount that Stripe took off the lines",
    Cause.tax: "tax that Stripe put on top of the lines",
    Cause.balance: "another balance",
    Cause.minimum_charge: "another minimum charge, below which an amount is carried over",
    Cause.currency: "another currency",
    Cause.not_here: "an invoice that only Stripe has",
    Cause.not_at_stripe: "an invoice that Stripe does not have",
    Cause.voided: "an invoice that Stripe voided",
    Cause.unread: "an invoice that cannot be read",
    Cause.unknown: "no cause that recomputing shows",
})
"""What is likely to be behind a difference."""

_KINDS: Mapping[LineKind, str] = MappingProxyType({
    LineKind.subscription: "the period",
    LineKind.unused_time: "unused time",
    LineKind.remaining_time: "remaining time",
})


class Figure(StrEnum):
    """A figure of a whole invoice, by its name on ours.

    >>> from chatim_plans import USD, Money
    >>> from chatim_plans.stripe import AmountDifference, Cause, Figure
    >>> print(AmountDifference(Cause.tax, Figure.tax, Money(0, USD), Money(12_03, USD)))
    The tax: here 0.00 USD; at Stripe 12.03 USD. Likely tax that Stripe put on top of the lines.

    Source: rules B7, B10; Stripe's invoices.
    """

    discount = "discount"
    tax = "tax"
    total = "total"
    credit_before = "credit_before"
    amount_due = "amount_due"
    credit_after = "credit_after"


@frozen(order=False)
class LineDifference:
    """A line that differs; the side that does not have it is None.

    `amount` is what Stripe's line comes to beyond ours: over all differences of lines it sums to
    what the lines differ by. `detail` says what exactly, such as which rounding rule, and what else
    Stripe states otherwise.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import reconcile
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> line = {"amount": 7600, "quantity": 4, "period": {"start": 1768467600, "end": 1771146000}}
    >>> theirs = {"object": "invoice", "currency": "usd", "lines": [line | {"proration": False}],
    ...           "total": 7600, "amount_due": 7600, "starting_balance": 0}
    >>> (difference,) = reconcile(replay(paid).invoices[0], theirs)
    >>> difference.ours.seats, difference.theirs.quantity, str(difference.amount)
    (3, 4, '19.00 USD')

    Source: rules B3–B6, B12; the lines of Stripe's invoices.
    """

    cause: Cause
    ours: Line | None
    theirs: StripeLine | None
    amount: Money
    detail: str

    def __str__(self) -> str:
        """The two lines, and the cause."""
        ours = "no such line" if self.ours is None else _said(self.ours)
        theirs = "no such line" if self.theirs is None else _stated(self.theirs)
        return f"Here {ours}; at Stripe {theirs}. {_cause(self.cause, self.detail)}"


def _ours(difference: AmountDifference) -> Money:
    return difference.ours


@frozen(order=False)
class AmountDifference:
    """A figure of the whole invoice that differs, balances in this library's sign.

    `ours` is what Stripe's lines and the differences before this one lead to; where there are
    none, it is our figure. `stated` is the figure as our own invoice states it, which is `ours`
    unless another one is given. `theirs` is Stripe's own; `has_lines` is false where its invoice
    has none.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import reconcile
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> line = {"amount": 5700, "quantity": 3, "period": {"start": 1768467600, "end": 1771146000}}
    >>> theirs = {"object": "invoice", "currency": "usd", "lines": [line | {"proration": False}],
    ...           "total": 5700, "amount_due": 5000, "starting_balance": -700}
    >>> (difference,) = reconcile(replay(paid).invoices[0], theirs)
    >>> difference.figure.value, str(difference.ours), str(difference.theirs)
    ('credit_before', '0.00 USD', '7.00 USD')

    Source: rules B7, B10; Stripe's invoices.
    """

    cause: Cause
    figure: Figure
    ours: Money
    theirs: Money
    stated: Money = Factory(_ours, takes_self=True)
    has_lines: bool = True

    def __str__(self) -> str:
        """The two figures as the invoices state them, what Stripe's own lead to, and the cause."""
        name = self.figure.value.replace("_", " ")
        sums = f", where its other figures come to {self.ours}" if self.ours != self.stated else ""
        at_stripe = f"{self.theirs}{sums if self.has_lines else ' without lines'}"
        return f"The {name}: here {self.stated}; at Stripe {at_stripe}. {_cause(self.cause)}"


@frozen(order=False)
class CurrencyDifference:
    """The currencies differ, and so nothing else is compared; `theirs` is Stripe's, by its code.

    `ours` is that of our invoice; `cause` is always `Cause.currency`.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import reconcile
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> theirs = {"object": "invoice", "currency": "eur"}
    >>> print(*reconcile(replay(paid).invoices[0], theirs))
    Here USD; at Stripe EUR. Likely another currency.

    Source: rule C1; Stripe's invoices.
    """

    cause: Cause
    ours: Currency
    theirs: str

    def __str__(self) -> str:
        """The two currencies, and the cause."""
        return f"Here {self.ours.code}; at Stripe {self.theirs}. {_cause(self.cause)}"


@frozen(order=False)
class LoneInvoice:
    """An invoice that stands for none on the other side: ours, or the id of Stripe's.

    `cause` says which side does not have it; that one of `ours` and `theirs` is None.
    `amount_due` and the instant `at` are what it says itself.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import reconcile_account
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> (row,) = reconcile_account(paid, [])
    >>> print(*row.differences)
    Here 57.00 USD due, issued 2026-01-15 09:00:00 UTC; at Stripe no such invoice.

    Source: rule B14; Stripe's invoices.
    """

    cause: Cause
    ours: Invoice | None
    theirs: str | None
    at: datetime
    amount_due: Money

    def __str__(self) -> str:
        """The invoice, and the side that does not have it."""
        said = f"{self.amount_due} due, issued {self.at:%Y-%m-%d %H:%M:%S} UTC"
        if self.ours is None:
            return f"Here no such invoice; at Stripe {said} ({self.theirs})."
        return f"Here {said}; at Stripe no such invoice."


@frozen(order=False)
class UnreadInvoice:
    """An invoice of Stripe's that cannot be read; the error says where and why.

    >>> from chatim_plans import StartFree, utc
    >>> from chatim_plans.stripe import reconcile_account
    >>> (row,) = reconcile_account([StartFree(at=utc("2026-01-15 09:00"))], [{"object": "invoice"}])
    >>> print(*row.differences)
    An invoice of Stripe's cannot be read: invoices[0].lines: expected an object, got null.

    Source: Stripe's invoices of the API versions 2018 to 2026.
    """

    cause: Cause
    error: InvalidStripeError

    def __str__(self) -> str:
        """Where it cannot be read, and why."""
        return f"An invoice of Stripe's cannot be read: {self.error}."


InvoiceDifference: TypeAlias = LineDifference | AmountDifference | CurrencyDifference
"""What `reconcile` finds: a line, a figure of the whole invoice, or the currency.

>>> from chatim_plans import *
>>> from chatim_plans.stripe import InvoiceDifference, reconcile
>>> at = utc("2026-01-15 09:00")
>>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
>>> theirs = {"object": "invoice", "currency": "eur"}
>>> found: tuple[InvoiceDifference, ...] = reconcile(replay(paid).invoices[0], theirs)
>>> [difference.cause.value for difference in found]
['currency']

Source: rules B3–B7, B10.
"""


def _cause(cause: Cause, detail: str = "") -> str:
    likely = "" if cause is Cause.unknown else "Likely "
    words = f"{likely}{_WORDS[cause]}{f' ({detail})' if detail else ''}."
    return words[0].upper() + words[1:]


def _said(line: Line) -> str:
    time = _time(line.period.start, line.period.end)
    return f"{line.amount} for {_KINDS[line.kind]}, {line.plan.key} × {line.seats}, {time}"


def _stated(line: StripeLine) -> str:
    kind = "time prorated" if line.is_proration else "the period"
    plan = line.price or "no price" if line.plan is None else line.plan.key
    seats = "" if line.quantity is None else f" × {line.quantity}"
    return f"{line.amount} for {kind}, {plan}{seats}, {_time(line.start, line.end)}"


def _time(start: datetime, end: datetime) -> str:
    return f"{start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC"
