"""Objects of Stripe's of our own making, in every API shape that the project must read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from chatim_plans import CHATIM, PRO, ULTIMATE, Catalog, Cycle, Period, Plan
from tests.accounts import repriced

Json = dict[str, Any]

PRICES: Mapping[str, Plan] = MappingProxyType({"price_pro": PRO, "price_ultimate": ULTIMATE})
SHAPES = ("2018 plan", "2020 price", "2025 basil", "expanded")


def utc(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def unix(at: datetime) -> int:
    """An instant as Stripe writes it."""
    return round(at.timestamp())


def from_unix(seconds: int) -> datetime:
    """The instant that Stripe writes so."""
    return datetime.fromtimestamp(seconds, UTC)


ANCHOR = utc("2026-01-15T09:00")
PERIOD = Period(ANCHOR, utc("2026-02-15T09:00"))
AT = utc("2026-01-20T12:00")


def price_id(plan: Plan) -> str:
    """The id of a plan's price: a price never changes, so another edition's is another."""
    is_published = PRICES.get(f"price_{plan.key}", plan).price == plan.price
    return f"price_{plan.key}" if is_published else f"price_{plan.key}_{plan.price.amount}"


def price_object(plan: Plan, shape: str = "2025 basil") -> Json:
    """A price, or a plan as it was before prices."""
    months = plan.interval_months
    interval = {"interval": "month", "interval_count": months}
    if months == 12:
        interval = {"interval": "year", "interval_count": 1}
    made = {
        "id": price_id(plan),
        "currency": plan.price.currency.code.lower(),
        "billing_scheme": "per_unit",
        "product": f"prod_{plan.key}",
    }
    amount = plan.price.amount
    if shape == "2018 plan":
        return {**made, "object": "plan", "amount": amount, "usage_type": "licensed", **interval}
    recurring = {**interval, "usage_type": "licensed", "meter": None}
    unit = {"unit_amount": amount, "unit_amount_decimal": str(amount), "transform_quantity": None}
    return {**made, "object": "price", "type": "recurring", "recurring": recurring, **unit}


def item_object(plan: Plan, seats: int, period: Period | None, shape: str = "2025 basil") -> Json:
    """A subscription item."""
    made: Json = {"id": "si_1", "object": "subscription_item", "quantity": seats}
    made["plan"] = price_object(plan, "2018 plan")
    if shape != "2018 plan":
        made["price"] = price_object(plan, shape)
    if shape in ("2025 basil", "expanded") and period is not None:
        made["current_period_start"] = unix(period.start)
        made["current_period_end"] = unix(period.end)
    return made


def subscription_object(
    status: str = "active",
    *,
    shape: str = "2025 basil",
    plan: Plan = PRO,
    seats: int = 3,
    period: Period = PERIOD,
    anchor: datetime | None = None,
    **fields: Any,
) -> Json:
    """A subscription; `fields` say what differs from one that was never cancelled or on trial."""
    customer: Any = "cus_1"
    if shape == "expanded":
        settings = {"default_payment_method": None}
        customer = {"id": "cus_1", "object": "customer", "invoice_settings": settings}
    made: Json = {
        "id": "sub_1",
        "object": "subscription",
        "status": status,
        "created": unix(anchor or period.start),
        "billing_cycle_anchor": unix(anchor or period.start),
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "collection_method": "charge_automatically",
        "customer": customer,
        "default_payment_method": None,
        "default_source": None,
        "ended_at": None,
        "items": {
            "object": "list",
            "has_more": False,
            "data": [item_object(plan, seats, period, shape)],
        },
        "latest_invoice": "in_1",
        "pending_update": None,
        "schedule": None,
        "trial_start": None,
        "trial_end": None,
    }
    if shape in ("2018 plan", "2020 price"):
        made["current_period_start"] = unix(period.start)
        made["current_period_end"] = unix(period.end)
    else:
        made["billing_mode"] = {"type": "flexible", "flexible": {"proration_discounts": "itemized"}}
        made["discounts"] = []
    if shape == "2018 plan":
        made["plan"], made["quantity"] = price_object(plan, shape), seats
    return made | fields


def on_trial(trial: Period, *, plan: Plan = PRO, seats: int = 3, **fields: Any) -> Json:
    """A subscription in its trial: its period, and its anchor is the trial's end."""
    facts: Json = {"status": "trialing", "anchor": trial.end, "created": unix(trial.start)}
    facts |= {"trial_start": unix(trial.start), "trial_end": unix(trial.end)}
    return subscription_object(**facts | {"period": trial, "plan": plan, "seats": seats} | fields)


def event(kind: str, about: Json, at: datetime, number: int = 1, **previous: Any) -> Json:
    """An event about an object, with what it changed there."""
    data: Json = {"object": about}
    if previous:
        data["previous_attributes"] = previous
    return {
        "id": f"evt_{number}",
        "object": "event",
        "api_version": "2026-08-26.dahlia",
        "created": unix(at),
        "type": kind,
        "data": data,
    }


def dearer_pro() -> Catalog:
    """The next edition, in which Pro costs $21."""
    return repriced(pro=21_00)


def trial_from(start: datetime) -> Period:
    """The trial of a new customer."""
    return Period(start, from_unix(unix(start) + 86_400 * CHATIM.terms.trial_days))


def month_from(anchor: datetime, n: int = 0) -> Period:
    """The period `n` of the months from an anchor."""
    return Cycle(anchor).period_holding(Cycle(anchor).boundary(n))
