"""An account with its money, and what one step of the lifecycle bills to it."""

from __future__ import annotations

from typing import assert_never

from attrs import evolve, frozen

from chatim_plans.billing.invoices import Invoice, Line, invoice_for, period_line, proration_lines
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.money import CurrencyMismatchError, Money
from chatim_plans.subscriptions.occurrences import BillingStopped, PeriodStarted, RateChanged, Step
from chatim_plans.subscriptions.subscription import OnPaid, Subscription


@frozen(order=False)
class Account:
    """A subscription with its money: the lines that wait for the next invoice, oldest first, and
    the credit balance (positive: in the customer's favour; Stripe writes the opposite sign).

    Raises:
        InvalidTypeError, InvalidValueError: lines that wait off a paid plan.
        CurrencyMismatchError: a balance of another currency than the plan's.

    Source: rules S2, B7.
    """

    subscription: Subscription
    pending_lines: tuple[Line, ...]
    credit_balance: Money

    def __attrs_post_init__(self) -> None:
        subscription = shapes.instance(self.subscription, Subscription, "subscription")
        shapes.instance(self.pending_lines, tuple, "pending_lines")
        for line in self.pending_lines:
            shapes.instance(line, Line, "pending line")
        if self.pending_lines and not isinstance(subscription.phase, OnPaid):
            raise InvalidValueError("pending_lines", self.pending_lines, "none off a paid plan")
        shapes.instance(self.credit_balance, Money, "credit_balance")
        currency = subscription.plan.price.currency
        for amount in (self.credit_balance, *(line.amount for line in self.pending_lines)):
            if amount.currency != currency:
                raise CurrencyMismatchError(currency, amount.currency)


@frozen(order=False)
class Statement:
    """An account, and the invoices issued to bring it where it is, oldest first."""

    account: Account
    invoices: tuple[Invoice, ...]

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.account, Account, "account")
        shapes.instance(self.invoices, tuple, "invoices")
        for invoice in self.invoices:
            shapes.instance(invoice, Invoice, "invoice")


def billed(account: Account, step: Step) -> Statement:
    """The account after `step`, and the invoice for what happened in it, if it makes one."""
    waiting = account.pending_lines
    rounding = step.subscription.catalog.terms.rounding
    match step.occurrence:
        case None:
            return _waiting(account, step, waiting)
        case PeriodStarted() as started:
            return _invoiced(account, step, (*waiting, period_line(started, rounding)))
        case RateChanged() as change:
            lines = (*waiting, *proration_lines(change, rounding))
            return (_invoiced if change.at_once else _waiting)(account, step, lines)
        case BillingStopped(lines_dropped=dropped):
            return _invoiced(account, step, () if dropped else waiting)
        case _ as never:
            assert_never(never)


def _waiting(account: Account, step: Step, lines: tuple[Line, ...]) -> Statement:
    return Statement(evolve(account, subscription=step.subscription, pending_lines=lines), ())


def _invoiced(account: Account, step: Step, lines: tuple[Line, ...]) -> Statement:
    if not lines:
        return Statement(Account(step.subscription, (), account.credit_balance), ())
    at, terms = step.subscription.as_of, step.subscription.catalog.terms
    invoice = invoice_for(at, lines, account.credit_balance, terms)
    return Statement(Account(step.subscription, (), invoice.credit_after), (invoice,))
