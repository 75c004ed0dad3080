"""What Stripe would charge otherwise than this library computes, each by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from attrs import define

from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.periods import Cycle
from chatim_plans.stripe.fields import Field, InvalidStripeError
from chatim_plans.stripe.prices import (
    Prices,
    own_item,
)
from chatim_plans.stripe.schedules import items_of_phase, later_phases
from chatim_plans.stripe.subscriptions import (
    Snapshot,
    has_begun,
)
from chatim_plans.subscriptions.subscription import OnFree, OnPaid, Subscription


@define
class NotPredictedError(InvalidStripeError):
    """An account that reads, but whose next charge at Stripe is not what this library computes.

    `subscription` are its facts, and with them what it may do. `causes` are all that change the
    charge, each with its path; the error's own `path`, `expected` and `given` are the first one's.

    >>> from chatim_plans import PRO, utc
    >>> from chatim_plans.stripe import NotPredictedError, account_from_stripe
    >>> period = {"current_period_start": 1768467600, "current_period_end": 1771146000}
    >>> items = {"data": [{"id": "si_1", "price": "price_pro", "quantity": 3, **period}]}
    >>> obj = {"object": "subscription", "id": "sub_1", "customer": "cus_1", "status": "active",
    ...        "items": items, "billing_cycle_anchor": 1768467600, "cancel_at_period_end": False}
    >>> owner = {"object": "customer", "id": "cus_1", "balance": 0, "discount": {"id": "di_1"}}
    >>> try:
    ...     account_from_stripe(obj, owner, [], {"price_pro": PRO}, at=utc("2026-01-20"))
    ... except NotPredictedError as fault:
    ...     print(fault.subscription, [cause.path for cause in fault.causes], sep="; ")
    3 x pro 19.00 USD, active; ['customer.discount']

    Source: rule B8.
    """

    subscription: Subscription
    causes: tuple[InvalidStripeError, ...]

    @classmethod
    def of(cls, facts: Subscription, causes: tuple[InvalidStripeError, ...]) -> NotPredictedError:
        """The error that names `causes`."""
        first = causes[0]
        return cls(first.path, first.expected, first.given, facts, causes)

    def __str__(self) -> str:
        return "not predicted: " + "; ".join(str(cause) for cause in self.causes)


_NO_COUPONS = "none: this library knows no coupons"
_NO_TAXES = "none: amounts here are before taxes"
_CHANGES_A_CHARGE: Mapping[str, str] = MappingProxyType({
    "pause_collection": "null: while it is set, invoices are not collected",
    "pending_update": "null: a change waits there for its payment",
    "billing_thresholds": "null: an amount that is reached would be invoiced at once",
    "billing_schedules": "none: time would be billed in advance",
    "pending_invoice_item_interval": "null: lines wait for the next invoice",
    "add_invoice_items": "none: nothing but the plan is invoiced",
    "coupon": _NO_COUPONS,
    "discount": _NO_COUPONS,
    "discounts": _NO_COUPONS,
    "automatic_tax": _NO_TAXES,
    "managed_payments": _NO_TAXES,
    "default_tax_rates": _NO_TAXES,
    "tax_rates": _NO_TAXES,
    "tax_percent": _NO_TAXES,
})
"""By the name of a field, wherever it stands: what is expected there, and why."""


def in_charge(holder: Field) -> Iterator[InvalidStripeError]:
    """What is set in `holder` that changes a charge."""
    for name, expected in _CHANGES_A_CHARGE.items():
        given = holder[name]
        if given.is_object and "enabled" in given.object():
            given = given["enabled"]
        if given.value not in (None, False, 0, [], ()):
            yield given.fault(expected)


def causes_in(  # noqa: PLR0913, PLR0917 — as many parts as an account has
    top: Field,
    owner: Field,
    waiting: Field,
    schedule: Field,
    facts: Subscription,
    prices: Prices,
) -> Iterator[InvalidStripeError]:
    """All for which the next charge is not what this library computes."""
    if has_begun(top) and not isinstance(facts.phase, OnFree):
        snapshot = Snapshot.of(top, facts.as_of, prices)
        yield from snapshot.not_modelled
        yield from in_charge(top)
        yield from in_charge(snapshot.item)
        yield from _in_last_period(top, schedule, facts)
        yield from _in_schedule(schedule, facts, prices)
    yield from in_charge(owner)
    yield from _in_waiting(waiting, facts, top["id"].text())


def _in_last_period(
    top: Field, schedule: Field, facts: Subscription
) -> Iterator[InvalidStripeError]:
    """A cancellation inside a period, which Stripe shortens and bills in part."""
    phase, change = facts.phase, facts.scheduled_change
    if change is None or not change.plan.is_free or change.at == phase.end:
        return
    months = facts.plan.interval_months or 1
    cycle = phase.cycle if isinstance(phase, OnPaid) else Cycle(phase.end or change.at, months)
    if not _is_boundary(change.at, cycle):
        own = top["cancel_at"]
        said_by = schedule if own.is_null or own.instant() != change.at else own
        yield said_by.fault("the end of a period: Stripe bills the part of one up to there")


def _is_boundary(at: datetime, cycle: Cycle) -> bool:
    try:
        return cycle.period_holding(at).start == at
    except InvalidValueError:  # in the last period before the year 10000
        return False


def _in_schedule(
    schedule: Field, facts: Subscription, prices: Prices
) -> Iterator[InvalidStripeError]:
    """What later phases bring but a change of plan; by its id a schedule says none of it."""
    if isinstance(schedule.value, str):
        yield schedule.fault("the schedule itself: expand it, or give it as schedule=")
        return
    for phase in later_phases(schedule, facts.as_of):
        yield from in_charge(phase)
        items = items_of_phase(phase)
        own = own_item(items, prices)
        yield from in_charge(own)
        for item in items.rows():
            if item.path != own.path:
                yield item.fault("no item beside that of the seats")
        if own["quantity"].value != facts.seats:
            yield own["quantity"].fault(f"{facts.seats}, the seats held: seats change at once")


def _in_waiting(
    items: Field, facts: Subscription, subscription_id: str
) -> Iterator[InvalidStripeError]:
    """What waits for an invoice, and is no proration of the subscription."""
    rows = list(items.rows())
    if rows and not isinstance(facts.phase, OnPaid):
        yield items.fault("an empty list: lines wait on a paid plan only")
        return
    for item in rows:
        if not item["invoice"].is_null:
            yield item["invoice"].fault("null: an item that waits for an invoice")
        if item["proration"].value is not True:
            yield item["proration"].fault("true: nothing else than prorations waits")
        parent = item["parent"]
        owner = item if parent.is_null else parent["subscription_details"]
        subscription = owner["subscription"]
        if subscription.is_null or subscription.id() != subscription_id:
            yield subscription.fault(f"{subscription_id}, the subscription read")
        yield from in_charge(item)
