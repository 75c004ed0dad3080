"""Compare an invoice with the one that Stripe wrote: what differs, and the likely cause by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chatim_plans.billing.invoices import Invoice
from chatim_plans.errors import CurrencyMismatchError
from chatim_plans.foundation import shapes
from chatim_plans.integrations.stripe_causes import Books, Cause, causes
from chatim_plans.integrations.stripe_differences import (
    AmountDifference,
    CurrencyDifference,
    Figure,
    InvoiceDifference,
    LineDifference,
)
from chatim_plans.integrations.stripe_fields import unwrapped
from chatim_plans.integrations.stripe_lines import (
    StripeInvoice,
    StripeLine,
    currency_of,
    stripe_invoice_of,
)
from chatim_plans.integrations.stripe_matching import Pair, paired
from chatim_plans.integrations.stripe_prices import Prices, checked_prices
from chatim_plans.integrations.stripe_recomputing import nets

__all__ = [
    "AmountDifference",
    "Cause",
    "CurrencyDifference",
    "Figure",
    "InvoiceDifference",
    "LineDifference",
    "StripeLine",
    "reconcile",
]


def reconcile(
    invoice: Invoice,
    stripe_invoice: object,
    prices: Prices | None = None,
    *,
    earlier: Iterable[Invoice] = (),
) -> tuple[InvoiceDifference, ...]:
    """What `stripe_invoice` says otherwise than `invoice`: nothing, if all is as predicted.

    `stripe_invoice` is a plain dict, an object of stripe-python, or an event about one, with all
    its lines. `prices` tells which plan a price of Stripe's sells; without it, another price shows
    where the line states one, or in the amount. `earlier` are the invoices of the account issued
    before: flexible billing mode credits what they debited.

    Lines are compared whatever their order. A figure of the whole invoice is named only where it
    does not follow from what is named before it.

    >>> from datetime import UTC, datetime
    >>> from chatim_plans import CHATIM, AddPaymentMethod, ChoosePlan, StartFree, replay
    >>> at = datetime(2026, 1, 15, 9, tzinfo=UTC)
    >>> actions = [StartFree(at=at), AddPaymentMethod(at=at)]
    >>> choice = ChoosePlan(CHATIM.plan("pro"), seats=3, at=at)
    >>> invoice = replay([*actions, choice]).invoices[0]
    >>> line = {
    ...     "amount": 5700,
    ...     "period": {"start": 1768467600, "end": 1771146000},
    ...     "proration": False,
    ...     "quantity": 3,
    ... }
    >>> stripe_invoice = {
    ...     "object": "invoice",
    ...     "currency": "usd",
    ...     "lines": [line],
    ...     "total": 5700,
    ...     "starting_balance": -700,
    ...     "amount_due": 5000,
    ... }
    >>> for difference in reconcile(invoice, stripe_invoice):
    ...     print(difference)
    The credit before: here 0.00 USD; at Stripe 7.00 USD. Likely another balance.

    Raises:
        InvalidStripeError: no invoice, or a field that cannot be read, named by its path.
        InvalidTypeError: no invoice of ours, or no mapping of price ids to plans.
        CurrencyMismatchError: earlier invoices of another currency.

    Source: rules B3–B7, B10; Stripe's invoices of the API versions 2018 to 2026.
    """
    currency = shapes.instance(invoice, Invoice, "invoice").total.currency
    issued = tuple(
        shapes.instance(each, Invoice, "earlier") for each in shapes.row(earlier, "earlier")
    )
    for each in issued:
        if each.total.currency != currency:
            raise CurrencyMismatchError(currency, each.total.currency)
    known = checked_prices({} if prices is None else prices)
    top = unwrapped(stripe_invoice, "invoice")
    if currency_of(top) != currency.code:
        return (CurrencyDifference(Cause.currency, currency, currency_of(top)),)
    theirs = stripe_invoice_of(top, currency, known)
    books = Books.of(invoice, issued, known)
    pairs = paired(invoice.lines, theirs.lines)
    return (*_in_lines(pairs, books), *_in_figures(invoice, theirs))


def _in_lines(pairs: Sequence[Pair], books: Books) -> Iterator[LineDifference]:
    nothing = books.invoice.total * 0
    for number, (cause, detail) in causes(pairs, books).items():
        pair = pairs[number]
        here = nothing if pair.ours is None else pair.ours.amount
        there = nothing if pair.theirs is None else pair.theirs.amount
        yield LineDifference(cause, pair.ours, pair.theirs, there - here, detail)


def _in_figures(ours: Invoice, theirs: StripeInvoice) -> Iterator[AmountDifference]:
    lines = sum((line.amount for line in theirs.lines), theirs.total * 0)
    if theirs.total != lines:
        is_net = ours.total == lines and theirs.total.amount in nets(ours.lines)
        cause = Cause.net_rounded if is_net else Cause.unknown
        yield AmountDifference(cause, Figure.total, lines, theirs.total)
    if theirs.credit_before != ours.credit_before:
        before = (ours.credit_before, theirs.credit_before)
        yield AmountDifference(Cause.balance, Figure.credit_before, *before)
    yield from _in_amount_due(ours, theirs)
    after = theirs.credit_before + theirs.amount_due - theirs.total
    if theirs.credit_after is not None and theirs.credit_after != after:
        yield AmountDifference(Cause.balance, Figure.credit_after, after, theirs.credit_after)


def _in_amount_due(ours: Invoice, theirs: StripeInvoice) -> Iterator[AmountDifference]:
    """What is due is all that is owed, or nothing where too little is owed, as on our invoice."""
    nothing = theirs.total * 0
    we_owe = ours.total - ours.credit_before
    owed, due = max(theirs.total - theirs.credit_before, nothing), theirs.amount_due
    is_carried = not due and theirs.credit_after == -owed
    if due != owed and not is_carried:
        yield AmountDifference(Cause.unknown, Figure.amount_due, owed, due)
    elif due and owed <= we_owe and not ours.amount_due:
        yield AmountDifference(Cause.minimum_charge, Figure.amount_due, nothing, due)
    elif due != owed and owed >= we_owe and ours.amount_due:
        yield AmountDifference(Cause.minimum_charge, Figure.amount_due, owed, due)
