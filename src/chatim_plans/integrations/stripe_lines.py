"""An invoice of Stripe's and its lines, read alike in every API shape since 2018."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.money import Currency, Money
from chatim_plans.integrations.stripe_fields import Field
from chatim_plans.integrations.stripe_prices import Prices

_AMOUNTS = ("unit_amount", "amount", "unit_amount_decimal", "amount_decimal")
_CREDIT, _CHARGE = "Unused time", "Remaining time"
_BITS = 63  # an amount of Stripe's has at most twelve digits


@frozen(order=False)
class StripeLine:
    """A line of an invoice of Stripe's.

    `start` and `end` are the period it is for, which may be empty. `is_credit` is None where
    nothing tells: on whole periods, and on a proration over nothing. `quantity`, `price` (an id),
    `plan` (the one that the price sells) and `unit_amount` are None where Stripe does not say, or
    the price is not known. `elsewhere` says where the line was swept from; it is empty for the
    invoice's own subscription.
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
    unit_amount: Fraction | None
    elsewhere: str


@frozen(order=False)
class StripeInvoice:
    """The figures of an invoice of Stripe's; a credit balance is positive, as in this library."""

    lines: tuple[StripeLine, ...]
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
        if not row["currency"].is_null and currency_of(row) != self.currency.code:
            raise row["currency"].fault(f'"{self.currency.code.lower()}", as of the invoice')
        details = _details(row)
        amount = _money(row["amount"], self.currency)
        period = row["period"]
        start, end = period["start"].instant(), period["end"].instant()
        if end < start:
            raise period["end"].fault("an instant from the start on")
        is_proration = _is_proration(row, details)
        price = _price(row)
        key = None if price.is_null else price.id()
        plan = None if key is None else self.prices.get(key)
        return StripeLine(
            None if row["id"].is_null else row["id"].text(),
            amount,
            start,
            end,
            is_proration,
            _is_credit(row, details, amount) if is_proration else None,
            None if row["quantity"].is_null else _whole(row["quantity"]),
            key,
            plan,
            self._unit_amount(row, price, plan),
            self._elsewhere(row, details, is_proration=is_proration),
        )

    def _unit_amount(self, row: Field, price: Field, plan: Plan | None) -> Fraction | None:
        """The price of one seat in minor units; newer prorations leave it to the price's id."""
        stated = next((amount for amount in self._stated(row, price) if not amount.is_null), None)
        if stated is not None:
            return _exact(stated)
        if plan is None or plan.price.currency != self.currency:
            return None
        return Fraction(plan.price.amount)

    def _stated(self, row: Field, price: Field) -> Iterator[Field]:
        """Where an amount may stand; a price that is sold in several currencies tells only one."""
        is_whole = not price.is_null and not isinstance(price.value, str)
        if is_whole and (price["currency"].is_null or currency_of(price) == self.currency.code):
            yield from (price[name] for name in _AMOUNTS)
        if not row["pricing"].is_null:
            yield row["pricing"]["unit_amount_decimal"]

    def _elsewhere(self, row: Field, details: Field | None, *, is_proration: bool) -> str:
        subscription = row["subscription"]
        if subscription.is_null and details is not None:
            subscription = details["subscription"]
        if not subscription.is_null and self.own not in (None, subscription.id()):
            return f"the subscription {subscription.id()}"
        return "" if is_proration or _is_of_a_subscription(row) else "an invoice item of its own"


def currency_of(obj: Field) -> str:
    """The currency's code in capital letters."""
    code = obj["currency"].text().upper()
    if re.fullmatch("[A-Z]{3}", code) is None:
        raise obj["currency"].fault("a currency's code")
    return code


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
    if isinstance(said, str) and said.startswith((_CREDIT, _CHARGE)):
        return said.startswith(_CREDIT)
    for place in (row, details):
        if place is not None and not place["proration_details"].is_null:
            return not place["proration_details"]["credited_items"].is_null
    return None


def _price(row: Field) -> Field:
    """The price of a line, by its id or whole: `price`, `plan` before it, `pricing` after it."""
    for name in ("price", "plan"):
        if not row[name].is_null:
            return row[name]
    pricing = row["pricing"]
    if pricing.is_null or pricing["price_details"].is_null:
        return Field(None, pricing.path)
    return pricing["price_details"]["price"]


def _exact(amount: Field) -> Fraction:
    if not isinstance(amount.value, str | Decimal):
        return Fraction(_whole(amount))
    if re.fullmatch("-?[0-9]{1,18}([.][0-9]{1,12})?", str(amount.value)) is None:
        raise amount.fault("an amount in minor units")
    return Fraction(str(amount.value))


def _money(amount: Field, currency: Currency) -> Money:
    return Money(_whole(amount), currency)


def _whole(amount: Field) -> int:
    if amount.whole().bit_length() > _BITS:
        raise amount.fault("a number of a size that Stripe knows")
    return amount.whole()
