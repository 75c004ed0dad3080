"""The prorations that wait at Stripe for the next invoice, as lines in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import chain

from chatim_plans.billing.invoices import Line, LineKind
from chatim_plans.catalog.catalogs import BillingMode
from chatim_plans.foundation.errors import PlansError
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.periods import Period
from chatim_plans.stripe.fields import Field, InvalidStripeError
from chatim_plans.stripe.invoices import CREDIT
from chatim_plans.stripe.prices import (
    Prices,
    check_currency,
    currency_of,
    price_in,
    rate_of,
)
from chatim_plans.subscriptions.subscription import OnPaid, Subscription


def pending_lines(items: Field, subscription: Subscription, prices: Prices) -> tuple[Line, ...]:
    """The prorations among `items`, oldest first (rule S2); Stripe lists the newest first."""
    phase = subscription.phase
    if not isinstance(phase, OnPaid):
        return ()
    lines: tuple[Line, ...] = ()
    for row in _oldest_first(items.rows(), subscription.seats):
        debit = latest_debit(lines, subscription)
        lines = (*lines, _line(row, phase.period, debit, prices))
    return lines


def _oldest_first(rows: Iterable[Field], seats: int) -> Iterator[Field]:
    """Stripe lists the newest change first; the lines of one `date` stand in any order there.

    Those are of the changes that lead from one to the next, and at last to the `seats` held.
    Where that leaves a choice, and where nothing leads on, they keep Stripe's order.
    """
    of_one_date: dict[tuple[datetime, datetime], list[Field]] = {}
    for row in rows:
        start = row["period"]["start"].instant()
        of_one_date.setdefault((start, row["date"].instant_or_none() or start), []).append(row)
    newest_first: list[list[Field]] = []
    led_to: object = seats
    for date in sorted(of_one_date, reverse=True):
        changes = max(_orders(of_one_date[date]), key=partial(_leads_on, led_to))
        newest_first.append(changes)
        led_to = changes[0]["quantity"].value
    return chain.from_iterable(reversed(newest_first))


def _orders(listed: list[Field]) -> Iterator[list[Field]]:
    """As Stripe lists the lines of one date; turned round; or turned round change by change."""
    yield listed
    yield listed[::-1]
    yield [row for change in reversed(range(0, len(listed), 2)) for row in listed[change:][:2]]


def _leads_on(seats: object, order: list[Field]) -> tuple[bool, bool]:
    """Whether lines are changes, each from where the one before it led; and end at `seats`."""
    if len(order) == 1:
        return True, True
    kinds = [_kind(row, row["amount"].whole()) for row in order]
    of_changes = kinds == [LineKind.unused_time, LineKind.remaining_time] * (len(order) // 2)
    rates = [(row["quantity"].value, price_in(row).value) for row in order]
    return of_changes and rates[1:-1:2] == rates[2::2], rates[-1][0] == seats


def latest_debit(lines: tuple[Line, ...], subscription: Subscription) -> Line | None:
    """The latest charge that waits, of which a flexible credit is a part; None if none does.

    Then a debit earlier in the period is not known, as Stripe's objects do not say it (B12).
    """
    phase = subscription.phase
    if not isinstance(phase, OnPaid) or phase.billing_mode is BillingMode.classic:
        return None
    charges = (line for line in reversed(lines) if line.kind is LineKind.remaining_time)
    return next(charges, None)


def _line(item: Field, whole: Period, debit: Line | None, prices: Prices) -> Line:
    rate = rate_of(item, prices, currency_of(item))
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
