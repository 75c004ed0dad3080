"""Stripe's objects read as this library's facts: a subscription, and an account with its money.

Pure translation, of plain dicts or stripe-python's objects, in every API shape since 2018. What
this library cannot hold is refused by its path, and nothing reads as more access than Stripe
states.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import evolve

from chatim_plans.billing.accounts import Account
from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.errors import InvalidStripeError
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.money import Money
from chatim_plans.integrations.stripe_fields import Field, unwrapped
from chatim_plans.integrations.stripe_items import check_no_coupon, pending_lines
from chatim_plans.integrations.stripe_prices import (
    Prices,
    check_currency,
    checked_prices,
    edition_of,
    rate_of,
)
from chatim_plans.integrations.stripe_schedules import with_what_waits
from chatim_plans.integrations.stripe_statuses import Snapshot, bounds_of, phase_of
from chatim_plans.subscriptions.subscription import OnFree, Subscription


def subscription_from_stripe(
    obj: object,
    prices: Prices,
    *,
    at: datetime,
    schedule: object = None,
    catalogs: Iterable[Catalog] = (CHATIM,),
) -> Subscription:
    """The facts that Stripe's subscription `obj`, or an event about one, states at `at`.

    `prices` maps the ids of Stripe's prices to plans, and `catalogs` are the editions that sell
    them: the first that has a plan is the one it was sold from. Read an object when it comes,
    with the instant it is from: it speaks of the period it is in, and no later. Later instants
    are for `entitlements` and the rest of the library to answer, from the facts read.

    `schedule` is the subscription's schedule, where it does not stand expanded in `obj`: without
    it, a change of plan that waits there is not known. A payment method is known of where it is
    the subscription's own, or where the customer stands expanded.

    >>> from datetime import UTC
    >>> from chatim_plans import PRO
    >>> price = {"id": "price_pro", "currency": "usd", "unit_amount": 1900,
    ...          "recurring": {"interval": "month", "interval_count": 1}}
    >>> item = {"price": price, "quantity": 3,
    ...         "current_period_start": 1768467600, "current_period_end": 1771146000}
    >>> obj = {"object": "subscription", "status": "past_due", "items": {"data": [item]},
    ...        "billing_cycle_anchor": 1768467600, "cancel_at_period_end": False}
    >>> at = datetime(2026, 1, 20, tzinfo=UTC)
    >>> read = subscription_from_stripe(obj, {"price_pro": PRO}, at=at)
    >>> read.plan.key, read.seats, read.present_status.value, read.phase.end.isoformat()
    ('pro', 3, 'past_due', '2026-02-15T09:00:00+00:00')

    Raises:
        InvalidStripeError: what cannot be read or held; `path` leads to it.
        OutOfOrderError: `at` is before the period that the object speaks of.
        InvalidTypeError, InvalidValueError: no prices, catalogues or instant.

    Source: Stripe's eight statuses; rules A1, D1, D2, P4, P5, P8, R4, R5.
    """
    editions = shapes.row(catalogs, "catalogs")
    top = unwrapped(obj, "subscription")
    item = top["items"].only_row()
    rate = rate_of(item, checked_prices(prices))
    if not top["currency"].is_null:
        check_currency(top, rate.plan.price.currency, repr(rate.plan.key))
    snapshot = Snapshot(top, item, rate, instant(at))
    catalog = edition_of(rate.plan, editions)
    phase, was_invoiced = phase_of(snapshot)
    facts = Subscription(
        catalog,
        catalog.free_plan if isinstance(phase, OnFree) else rate.plan,
        rate.seats,
        snapshot.at,
        phase,
        payment_method=_has_payment_method(top) or _has_payment_method(_expanded(top["customer"])),
        tried_plan=rate.plan.key if snapshot.had_trial else None,
        was_invoiced=was_invoiced,
    )
    if isinstance(phase, OnFree):
        return facts
    return with_what_waits(
        facts, snapshot.scheduled_end, _schedule(top, schedule), prices, editions
    )


def facts_near(
    top: Field, at: datetime, schedule: Field | None, prices: Prices, catalog: Catalog
) -> Subscription:
    """The facts that `top` states at the instant nearest to `at` of which it speaks.

    Around a boundary Stripe's clock and its subscriptions are some seconds apart.

    Raises:
        InvalidStripeError: as `subscription_from_stripe`; the path goes on from that of `top`.
    """
    start, end = bounds_of(top)
    before_end = at if end is None else min(at, end - timedelta(seconds=1))
    given = None if schedule is None else schedule.value
    try:
        return subscription_from_stripe(
            top.value,
            prices,
            at=before_end if start is None else max(before_end, start),
            schedule=given,
            catalogs=[catalog],
        )
    except InvalidStripeError as fault:
        part, dot, rest = fault.path.partition(".")
        where = top if part == "subscription" or schedule is None else schedule
        raise InvalidStripeError(where.path + dot + rest, fault.expected, fault.given) from fault


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
    top, owner = unwrapped(subscription, "subscription"), unwrapped(customer, "customer")
    if owner["id"].text() != top["customer"].id():
        raise owner["id"].fault(f"{top['customer'].id()}, the subscription's customer")
    for discounted in (top, top["items"].only_row(), owner):
        check_no_coupon(discounted)
    if not owner["currency"].is_null:
        check_currency(owner, facts.plan.price.currency, repr(facts.plan.key))
    balances = [owner["balance"], owner["account_balance"]]  # its name until 2019
    balance = next((given for given in balances if not given.is_null), balances[0])
    return Account(
        evolve(facts, payment_method=facts.payment_method or _has_payment_method(owner)),
        pending_lines(Field(pending_items, "pending_items"), facts, top["id"].text(), prices),
        Money(-balance.whole(), facts.plan.price.currency),
    )


def _expanded(customer: Field) -> Field:
    """The customer where it stands expanded; else one of which nothing is known."""
    return Field({}, customer.path) if isinstance(customer.value, str | None) else customer


def _has_payment_method(owner: Field) -> bool:
    settings = owner["invoice_settings"]
    owners = [owner] if settings.is_null else [owner, settings]
    names = ("default_payment_method", "default_source")
    return any(bool(own[name].id()) for own in owners for name in names if not own[name].is_null)


def _schedule(top: Field, given: object) -> Field:
    """The schedule: the one given, which must be the subscription's, or what stands there."""
    if given is None:
        return top["schedule"]
    where = unwrapped(given, "subscription_schedule")
    owners = [where["subscription"], where["released_subscription"]]
    owner = next((each for each in owners if not each.is_null), owners[0])
    if owner.id() != top["id"].text():
        raise owner.fault("the subscription read")
    return where
