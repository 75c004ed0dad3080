"""Compare an invoice with the one that Stripe wrote: what differs, and the likely cause by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from chatim_plans.billing.invoices import Invoice, Line
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.money import Currency, CurrencyMismatchError, Money
from chatim_plans.stripe.differences import (
    AmountDifference,
    Cause,
    CurrencyDifference,
    Figure,
    InvoiceDifference,
    LineDifference,
)
from chatim_plans.stripe.explaining import Evidence, explained
from chatim_plans.stripe.fields import argument
from chatim_plans.stripe.invoices import StripeInvoice, stripe_invoice_of
from chatim_plans.stripe.matching import Pair, paired
from chatim_plans.stripe.prices import Prices, checked_prices, currency_of
from chatim_plans.stripe.rounding_rules import ROUNDING_RULES, rules_fitting


def reconcile(
    invoice: Invoice,
    stripe_invoice: object,
    prices: Prices | None = None,
    *,
    earlier: Iterable[Invoice] = (),
    smallest_charge: Money | None = None,
) -> tuple[InvoiceDifference, ...]:
    """What `stripe_invoice` says otherwise than `invoice`: nothing, if all is as predicted.

    `stripe_invoice` is a plain dict, an object of stripe-python, or an event about one, with all
    its lines: a page of them, which says `has_more`, is refused. `prices` tells which plan a price
    of Stripe's sells; without it, another price shows where the line states one, or in the amount.
    `earlier` are the invoices of the account issued before: flexible billing mode credits what
    they debited. `smallest_charge` is what Stripe collects at least, Chatim's 0.50 USD unless
    given: an amount from there on that is carried over has another cause.

    Lines are compared whatever their order, before discount and tax. A figure of the whole invoice
    is named only where it does not follow from what is named before it.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import reconcile
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> line = {"amount": 5700, "quantity": 3, "period": {"start": 1768467600, "end": 1771146000}}
    >>> theirs = {"object": "invoice", "currency": "usd", "lines": [line | {"proration": False}],
    ...           "total": 5700, "amount_due": 5000, "starting_balance": -700}
    >>> for difference in reconcile(replay(paid).invoices[0], theirs):
    ...     print(difference)
    The credit before: here 0.00 USD; at Stripe 7.00 USD. Likely another balance.

    Raises:
        InvalidStripeError: no invoice, or a field that cannot be read, named by its path.
        InvalidTypeError: no invoice of ours, no mapping of price ids to plans, or no amount.
        CurrencyMismatchError: earlier invoices or a smallest charge of another currency.

    Source: rules B3–B7, B10; Stripe's invoices of the API versions 2018 to 2026.
    """
    currency = shapes.instance(invoice, Invoice, "invoice").total.currency
    issued = tuple(
        shapes.instance(each, Invoice, "earlier") for each in shapes.row(earlier, "earlier")
    )
    smallest = _smallest(smallest_charge, currency)
    for amount in (smallest, *(each.total for each in issued)):
        if amount.currency != currency:
            raise CurrencyMismatchError(currency, amount.currency)
    known = checked_prices({} if prices is None else prices)
    top = argument(stripe_invoice, "invoice")
    if currency_of(top) != currency.code:
        return (CurrencyDifference(Cause.currency, currency, currency_of(top)),)
    theirs = stripe_invoice_of(top, currency, known)
    return differences(Evidence(invoice, issued, known), theirs, smallest)


def differences(
    evidence: Evidence, theirs: StripeInvoice, smallest: Money
) -> tuple[InvoiceDifference, ...]:
    """What `theirs` says otherwise than the invoice of `evidence`, in one currency."""
    pairs = paired(evidence.invoice.lines, theirs.lines)
    in_figures = _in_figures(evidence.invoice, theirs, smallest)
    return (*_in_lines(pairs, evidence), *in_figures)


def _smallest(given: Money | None, currency: Currency) -> Money:
    """The smallest charge given, or Chatim's; of another currency's nothing is known."""
    if given is not None:
        return shapes.instance(given, Money, "smallest_charge")
    smallest = CHATIM.terms.smallest_charge
    return smallest if smallest.currency == currency else Money(0, currency)


def _in_lines(pairs: Sequence[Pair], evidence: Evidence) -> Iterator[LineDifference]:
    nothing = evidence.invoice.total * 0
    for number, why in explained(pairs, evidence).items():
        pair = pairs[number]
        here = nothing if pair.ours is None else pair.ours.amount
        there = nothing if pair.theirs is None else pair.theirs.amount
        yield LineDifference(why.cause, pair.ours, pair.theirs, there - here, why.detail)


def _in_figures(
    ours: Invoice, theirs: StripeInvoice, smallest: Money
) -> Iterator[AmountDifference]:
    nothing = theirs.total * 0
    for cause, figure, amount in (
        (Cause.discount, Figure.discount, theirs.discount),
        (Cause.tax, Figure.tax, theirs.tax),
    ):
        if amount:
            yield AmountDifference(cause, figure, nothing, amount)
    lines = sum((line.amount for line in theirs.lines), nothing)
    to_pay = lines - theirs.discount + theirs.tax
    if theirs.total != to_pay:
        net = lines + theirs.total - to_pay
        is_net = ours.total == lines and net.amount in _nets(ours.lines)
        cause = Cause.net_rounded if is_net else Cause.unknown
        has_lines = bool(theirs.lines)
        yield AmountDifference(
            cause, Figure.total, to_pay, theirs.total, ours.total, has_lines=has_lines
        )
    if theirs.credit_before != ours.credit_before:
        before = (ours.credit_before, theirs.credit_before)
        yield AmountDifference(Cause.balance, Figure.credit_before, *before)
    yield from _in_amount_due(ours, theirs, smallest)
    after = theirs.credit_before + theirs.amount_due - theirs.total
    if theirs.credit_after is not None and theirs.credit_after != after:
        left = (after, theirs.credit_after, ours.credit_after)
        yield AmountDifference(Cause.balance, Figure.credit_after, *left)


def _nets(lines: Sequence[Line]) -> set[int]:
    """What the exact amounts of `lines` come to together, rounded once by their rules."""
    exact = sum((line.exact for line in lines), Fraction(0))
    return {ROUNDING_RULES[rule](exact) for rule in rules_fitting(lines)}


def _in_amount_due(
    ours: Invoice, theirs: StripeInvoice, smallest: Money
) -> Iterator[AmountDifference]:
    """What is due is all that is owed, or nothing where too little is owed, as on our invoice.

    Too little is what is below the smallest charge, and what our own invoice carries over. That
    Stripe carries it over is believed only of a balance that says so.
    """
    nothing = theirs.total * 0
    owed, due = max(theirs.total - theirs.credit_before, nothing), theirs.amount_due
    we_carry = owed <= -ours.credit_after
    is_carried = not due and theirs.credit_after == -owed and (we_carry or owed < smallest)
    if due != owed and not is_carried:
        yield AmountDifference(Cause.unknown, Figure.amount_due, owed, due, ours.amount_due)
    elif due and we_carry:
        yield AmountDifference(Cause.minimum_charge, Figure.amount_due, nothing, due)
    elif due != owed and ours.amount_due and owed >= ours.amount_due:
        minimum = (owed, due, ours.amount_due)
        yield AmountDifference(Cause.minimum_charge, Figure.amount_due, *minimum)
