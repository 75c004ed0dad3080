"""Stripe's pending invoice items read as the lines that wait for the next invoice."""

from __future__ import annotations

from chatim_plans.billing.lines import Line, LineKind
from chatim_plans.errors import InvalidStripeError, PlansError
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.periods import Period
from chatim_plans.integrations.stripe_fields import Field
from chatim_plans.integrations.stripe_lines import CREDIT
from chatim_plans.integrations.stripe_prices import Prices, check_currency, rate_of
from chatim_plans.subscriptions.subscription import OnPaid, Subscription


def pending_lines(
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
    lines = [_line(row, phase.period, subscription_id, prices) for row in reversed(rows)]
    return tuple(sorted(lines, key=lambda line: line.period.start))


def check_no_coupon(discounted: Field) -> None:
    """Refuse what is discounted: no coupon is known here, and the amounts would differ."""
    for name in ("discount", "discounts"):
        given = discounted[name]
        if not given.is_null and given.value != []:
            raise given.fault("none: this library knows no coupons")


def _line(item: Field, whole: Period, subscription_id: str, prices: Prices) -> Line:
    if not item["invoice"].is_null:
        raise item["invoice"].fault("null: an item that waits for an invoice")
    if item["proration"].value is not True:
        raise item["proration"].fault("true: nothing else than prorations waits")
    parent = item["parent"]
    owner = item if parent.is_null else parent["subscription_details"]
    if owner["subscription"].id() != subscription_id:
        raise owner["subscription"].fault(f"{subscription_id}, the subscription read")
    check_no_coupon(item)
    rate = rate_of(item, prices)
    currency = rate.plan.price.currency
    check_currency(item, currency, repr(rate.plan.key))
    amount = item["amount"].whole()
    part = item["period"]
    start, end = part["start"].instant(), part["end"].instant()
    try:
        money = Money(amount, currency)
        return Line(_kind(item, amount), rate.plan, rate.seats, Period(start, end), whole, money)
    except PlansError as error:
        expected = "a proration of the period that the account is in"
        raise InvalidStripeError(item.path, expected, str(error)) from error


def _kind(item: Field, amount: int) -> LineKind:
    """A credit or a charge; where rounding left nothing, Stripe's own words tell."""
    words = item["description"]
    credit = amount < 0 if amount else words.text().startswith(CREDIT)
    return LineKind.unused_time if credit else LineKind.remaining_time
