"""An account as Stripe keeps it: the subscription, the balance and the invoice items that wait."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve

from chatim_plans.billing.accounts import Account
from chatim_plans.billing.invoices import Line, LineKind
from chatim_plans.catalog.catalogs import BillingMode, Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation.errors import InvalidValueError, PlansError
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.periods import Period
from chatim_plans.stripe.fields import Field, InvalidStripeError, argument
from chatim_plans.stripe.invoices import CREDIT
from chatim_plans.stripe.prices import Prices, check_currency, rate_of
from chatim_plans.stripe.subscriptions import has_payment_method, subscription_from_stripe
from chatim_plans.subscriptions.subscription import OnPaid, Subscription


def account_from_stripe(  # noqa: PLR0913 — Stripe keeps an account in three objects
    subscription: object,
    customer: object,
    pending_items: object,
    prices: Prices,
    *,
    at: datetime,
    schedule: object = None,
    catalogs: Iterable[Catalog] = (CHATIM,),
) -> Account:
    """The account of Stripe's `customer`: its subscription, balance and pending invoice items.

    A `preview` on it equals what Stripe charges, before taxes. `pending_items` are the invoice
    items that wait, in a list or a list object, newest first as Stripe lists them. Stripe's
    balance has the opposite sign: there, below zero is in the customer's favour.

    Raises:
        InvalidStripeError: what cannot be read or held; `path` leads to it. Coupons, and waiting
            items that are no prorations, are such things.
        OutOfOrderError: `at` is before the period that the subscription speaks of.
        InvalidTypeError, InvalidValueError: no prices, catalogues or instant.

    Source: rules B7, S2, B8; Stripe's `customer.balance`.
    """
    facts = subscription_from_stripe(
        subscription, prices, at=at, schedule=schedule, catalogs=catalogs
    )
    top, owner = argument(subscription, "subscription"), argument(customer, "customer")
    if owner["id"].text() != top["customer"].id():
        raise owner["id"].fault(f"{top['customer'].id()}, the subscription's customer")
    for discounted in (top, top["items"].only_row(), owner):
        _check_no_coupon(discounted)
    if not owner["currency"].is_null:
        check_currency(owner, facts.plan.price.currency, repr(facts.plan.key))
    balances = [owner["balance"], owner["account_balance"]]  # its name until 2019
    balance = next((given for given in balances if not given.is_null), balances[0])
    held = evolve(facts, payment_method=facts.payment_method or has_payment_method(owner))
    waiting = Field(pending_items, "pending_items")
    lines = _pending_lines(waiting, facts, top["id"].text(), prices)
    credit = Money(-balance.whole(), facts.plan.price.currency)
    try:
        return Account(held, lines, credit, _latest_debit(lines, facts))
    except InvalidValueError as error:
        expected = "what changes of this account's seats left waiting"
        raise InvalidStripeError(waiting.path, expected, str(error)) from error


def _pending_lines(
    items: Field, subscription: Subscription, subscription_id: str, prices: Prices
) -> tuple[Line, ...]:
    """The prorations among `items` that wait for the subscription, oldest first (rule S2).

    Stripe lists the newest first. Anything else than a proration of this subscription that waits
    would be on its next invoice too, and is refused: this library cannot say it.
    """
    rows = list(items.rows())
    phase = subscription.phase
    if not isinstance(phase, OnPaid):
        if rows:
            raise items.fault("an empty list: lines wait on a paid plan only")
        return ()
    rows.reverse()
    oldest_first = sorted(rows, key=lambda row: row["period"]["start"].instant())
    lines: tuple[Line, ...] = ()
    for row in oldest_first:
        _check_waits(row, subscription_id)
        debit = _latest_debit(lines, subscription)
        lines = (*lines, _line(row, phase.period, debit, prices))
    return lines


def _latest_debit(lines: tuple[Line, ...], subscription: Subscription) -> Line | None:
    """The latest charge that waits, of which a flexible credit is a part; None if none does.

    Then a debit earlier in the period is not known, as Stripe's objects do not say it (B12).
    """
    phase = subscription.phase
    if not isinstance(phase, OnPaid) or phase.billing_mode is BillingMode.classic:
        return None
    charges = (line for line in reversed(lines) if line.kind is LineKind.remaining_time)
    return next(charges, None)


def _check_no_coupon(discounted: Field) -> None:
    """Refuse what is discounted: no coupon is known here, and the amounts would differ."""
    for name in ("discount", "discounts"):
        given = discounted[name]
        if not given.is_null and given.value != []:
            raise given.fault("none: this library knows no coupons")


def _check_waits(item: Field, subscription_id: str) -> None:
    """Refuse what is no proration of the subscription that waits for an invoice."""
    if not item["invoice"].is_null:
        raise item["invoice"].fault("null: an item that waits for an invoice")
    if item["proration"].value is not True:
        raise item["proration"].fault("true: nothing else than prorations waits")
    parent = item["parent"]
    owner = item if parent.is_null else parent["subscription_details"]
    if owner["subscription"].id() != subscription_id:
        raise owner["subscription"].fault(f"{subscription_id}, the subscription read")
    _check_no_coupon(item)


def _line(item: Field, whole: Period, debit: Line | None, prices: Prices) -> Line:
    rate = rate_of(item, prices)
    currency = rate.plan.price.currency
    check_currency(item, currency, repr(rate.plan.key))
    amount = item["amount"].whole()
    part = item["period"]
    start, end = part["start"].instant(), part["end"].instant()
    try:
        kind, money, time = _kind(item, amount), Money(amount, currency), Period(start, end)
        if kind is LineKind.remaining_time or debit is None:
            return Line(kind, rate.plan, rate.seats, time, whole, money)
        return Line(kind, rate.plan, rate.seats, time, debit.period, money, debit.amount)
    except PlansError as error:
        expected = "a proration of the period that the account is in"
        raise InvalidStripeError(item.path, expected, str(error)) from error


def _kind(item: Field, amount: int) -> LineKind:
    """A credit or a charge; where rounding left nothing, Stripe's own words tell."""
    words = item["description"]
    credit = amount < 0 if amount else words.text().startswith(CREDIT)
    return LineKind.unused_time if credit else LineKind.remaining_time
