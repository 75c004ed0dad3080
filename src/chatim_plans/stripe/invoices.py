"""An invoice of Stripe's and its lines, read alike in every API shape since 2018."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from attrs import frozen

from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.money import Currency, Money
from chatim_plans.stripe.fields import Field
from chatim_plans.stripe.prices import (
    Prices,
    check_currency,
    currency_of,
    exact_amount,
    price_in,
    unit_amounts,
)

CREDIT, CHARGE = "Unused time", "Remaining time"
"""How Stripe begins the description of a proration."""


@frozen(order=False)
class StripeLine:
    """A line of an invoice of Stripe's.

    `start` and `end` are the period it is for, which may be empty; `is_proration` says that it is
    for a part of one. `is_credit` is None where nothing tells: on whole periods, and on a proration
    over nothing. `quantity`, `price` (an id), `plan` (the one that the price sells) and
    `unit_amount` are None where Stripe does not say, or the price is not known; `is_unlisted` if
    prices are known, and this one is none of them. `elsewhere` says where the line was swept from;
    it is empty for the invoice's own subscription. `discounts` are the ids of those that `amount`
    is net of already.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import reconcile
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> line = {"amount": 7600, "quantity": 4, "period": {"start": 1768467600, "end": 1771146000}}
    >>> theirs = {"object": "invoice", "currency": "usd", "lines": [line | {"proration": False}],
    ...           "total": 7600, "amount_due": 7600, "starting_balance": 0}
    >>> (difference,) = reconcile(replay(paid).invoices[0], theirs)
    >>> line = difference.theirs
    >>> str(line.amount), line.quantity, line.is_proration, line.price
    ('76.00 USD', 4, False, None)

    Source: the lines of Stripe's invoices of the API versions 2018 to 2026.
    """

    id: str | None
    amount: Money
    start: datetime
    end: datetime
    is_proration: bool
    is_credit: bool | None
    quantity: int | None
    price: str | None
    plan: Plan | None
    is_unlisted: bool
    unit_amount: Fraction | None
    elsewhere: str
    discounts: tuple[str, ...] = ()


@frozen(order=False)
class StripeInvoice:
    """The figures of an invoice of Stripe's; a credit balance is positive, as in this library.

    `total` has the discounts taken off the lines, and the tax put on top of them; a tax that the
    prices include changes nothing, and is left out.
    """

    lines: tuple[StripeLine, ...]
    discount: Money
    tax: Money
    total: Money
    credit_before: Money
    amount_due: Money
    credit_after: Money | None


def stripe_invoice_of(invoice: Field, currency: Currency, prices: Prices) -> StripeInvoice:
    """The figures of `invoice`, whose amounts are of `currency`.

    The lines stand in an order of their own, so that Stripe's order makes no difference.

    Raises:
        InvalidStripeError: a field that cannot be read, named by its path.
    """
    ending = invoice["ending_balance"]
    read = _Reader(subscription_of(invoice), currency, prices)
    return StripeInvoice(
        tuple(sorted((read.line(row) for row in invoice["lines"].rows()), key=_order)),
        Money(_discount(invoice), currency),
        Money(_tax_on_top(invoice), currency),
        _money(invoice["total"], currency),
        -_money(invoice["starting_balance"], currency),
        _money(invoice["amount_due"], currency),
        None if ending.is_null else -_money(ending, currency),
    )


@frozen(order=False)
class _Reader:
    """What the lines of one invoice are read with; `own` is the subscription it is for."""

    own: str | None
    currency: Currency
    prices: Prices

    def line(self, row: Field) -> StripeLine:
        """The line that stands at `row`."""
        if not row["currency"].is_null:
            check_currency(row, self.currency, "the invoice")
        details = _details(row)
        amount = _money(row["amount"], self.currency)
        period = row["period"]
        start, end = period["start"].instant(), period["end"].instant()
        if end < start:
            raise period["end"].fault("an instant from the start on")
        is_proration = _is_proration(row, details)
        price = price_in(row)
        key = None if price.is_null else price.id()
        plan = None if key is None else self.prices.get(key)
        return StripeLine(
            None if row["id"].is_null else row["id"].text(),
            amount,
            start,
            end,
            is_proration,
            _is_credit(row, details, amount) if is_proration else None,
            None if row["quantity"].is_null else row["quantity"].whole(),
            key,
            plan,
            key is not None and plan is None and bool(self.prices),
            self._unit_amount(row, price, plan),
            self._elsewhere(row, details, is_proration=is_proration),
            _taken_off(row),
        )

    def _unit_amount(self, row: Field, price: Field, plan: Plan | None) -> Fraction | None:
        """The price of one seat in minor units; newer prorations leave it to the price's id."""
        stated = next(self._stated(row, price), None)
        if stated is not None:
            return exact_amount(stated)
        if plan is None or plan.price.currency != self.currency:
            return None
        return Fraction(plan.price.amount)

    def _stated(self, row: Field, price: Field) -> Iterator[Field]:
        """Where an amount may stand; a price that is sold in several currencies tells only one."""
        is_whole = not price.is_null and not isinstance(price.value, str)
        if is_whole and (price["currency"].is_null or currency_of(price) == self.currency.code):
            yield from unit_amounts(price)
        if not row["pricing"].is_null:
            yield from unit_amounts(row["pricing"])

    def _elsewhere(self, row: Field, details: Field | None, *, is_proration: bool) -> str:
        subscription = row["subscription"]
        if subscription.is_null and details is not None:
            subscription = details["subscription"]
        if not subscription.is_null and self.own not in (None, subscription.id()):
            return f"the subscription {subscription.id()}"
        return "" if is_proration or _is_of_a_subscription(row) else "an invoice item of its own"


def _order(line: StripeLine) -> tuple[object, ...]:
    stated = (line.price, line.unit_amount, line.is_proration, line.is_credit, line.id)
    facts = (line.quantity or 0, *map(str, stated), line.elsewhere)
    return (line.start, line.end, line.amount.amount, *facts)


def subscription_of(invoice: Field) -> str | None:
    """The id of the subscription that an invoice is for; None where it is for none."""
    subscription = invoice["subscription"]
    if subscription.is_null and not invoice["parent"].is_null:
        details = invoice["parent"]["subscription_details"]
        subscription = subscription if details.is_null else details["subscription"]
    return None if subscription.is_null else subscription.id()


def _details(row: Field) -> Field | None:
    """What a line of 2025 and later says of its parent, if it is one of the two that we know."""
    if row["parent"].is_null:
        return None
    both = (row["parent"][f"{kind}_item_details"] for kind in ("subscription", "invoice"))
    return next((details for details in both if not details.is_null), None)


def _is_proration(row: Field, details: Field | None) -> bool:
    if row["proration"].is_null and details is not None:
        return details["proration"].flag()
    # A parent of another sort is no proration; without any parent, the line must say.
    return (row["parent"].is_null or not row["proration"].is_null) and row["proration"].flag()


def _is_of_a_subscription(row: Field) -> bool:
    if row["parent"].is_null:
        return row["type"].value != "invoiceitem"
    return not row["parent"]["subscription_item_details"].is_null


def _is_credit(row: Field, details: Field | None, amount: Money) -> bool | None:
    """By its sign; a line over nothing by its English description, else by what it credits."""
    said = row["description"].value
    if amount:
        return amount.amount < 0
    if isinstance(said, str) and said.startswith((CREDIT, CHARGE)):
        return said.startswith(CREDIT)
    for place in (row, details):
        if place is not None and not place["proration_details"].is_null:
            return not place["proration_details"]["credited_items"].is_null
    return None


def _taken_off(row: Field) -> tuple[str, ...]:
    """The discounts that a line lists and that nothing is left to take off for.

    So are prorations with `proration_discounts: included`; with `itemized`, a line is gross, and
    says what each discount takes off.
    """
    if row["discounts"].is_null or any(_amounts(row["discount_amounts"])):
        return ()
    return tuple(sorted(discount.id() for discount in row["discounts"].rows()))


def _discount(invoice: Field) -> int:
    """What is taken off all lines: by the invoice's totals, or else as the lines list it."""
    totals = list(_amounts(invoice["total_discount_amounts"]))
    rows = () if totals else invoice["lines"].rows()
    return sum(totals) + sum(sum(_amounts(row["discount_amounts"])) for row in rows)


def _tax_on_top(invoice: Field) -> int:
    """All tax, by the totals or else as it is listed, less what the prices include."""
    names = ("total_taxes", "total_tax_amounts")  # the second until 2025
    taxes = next((invoice[name] for name in names if not invoice[name].is_null), invoice[names[0]])
    if not invoice["total_excluding_tax"].is_null:
        tax = invoice["total"].whole() - invoice["total_excluding_tax"].whole()
    elif not taxes.is_null:
        tax = sum(_amounts(taxes))
    else:
        tax = 0 if invoice["tax"].is_null else invoice["tax"].whole()
    return tax - sum(_amounts(taxes, included=True))


def _amounts(rows: Field, *, included: bool = False) -> Iterator[int]:
    """The amounts in a list, which may be absent; or only those of taxes that prices include."""
    for row in () if rows.is_null else rows.rows():
        is_included = row["inclusive"].value is True or row["tax_behavior"].value == "inclusive"
        if is_included or not included:
            yield row["amount"].whole()


def _money(amount: Field, currency: Currency) -> Money:
    return Money(amount.whole(), currency)
