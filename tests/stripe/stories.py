"""Stories told by hand: logs of a few events, and what they say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeAlias

from chatim_plans import (
    PRO,
    Action,
    AddPaymentMethod,
    ChoosePlan,
    Period,
    Plan,
    StartFree,
    StartTrial,
)
from chatim_plans.stripe import actions_from_events
from tests.stripe.written_objects import (
    PRICES,
    Json,
    event,
    month_from,
    on_trial,
    subscription_object,
    trial_from,
    unix,
    utc,
)

START = utc("2026-01-15T09:00")
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
JANUARY, FEBRUARY, MARCH = (month_from(START, n) for n in range(3))
TRIAL = trial_from(START)
LATER = START + 10 * DAY


Said: TypeAlias = tuple[str, Json, Any]
"""What an event says: its type, the object and the instant."""


def log(*said: Said) -> list[Json]:
    """A log of events: type, object, instant."""
    return [event(kind, about, at, n) for n, (kind, about, at) in enumerate(said)]


def updated(at: Any, **fields: Any) -> Said:
    """An event about the subscription as it is then."""
    return "customer.subscription.updated", subscription_object(**fields), at


def created(at: Any, **fields: Any) -> Said:
    """An event about a subscription that is new."""
    return "customer.subscription.created", subscription_object(**fields), at


def deleted(at: Any, **fields: Any) -> Said:
    """An event about the subscription that ended."""
    return "customer.subscription.deleted", subscription_object(**canceled(at) | fields), at


def trial_object(**fields: Any) -> Json:
    """The subscription in its trial."""
    return on_trial(TRIAL, **fields)


def converted(**fields: Any) -> Json:
    """The subscription that went on at its trial's end."""
    dates: Json = {"trial_start": unix(TRIAL.start), "trial_end": unix(TRIAL.end)}
    return subscription_object(**{
        "period": month_from(TRIAL.end),
        "anchor": TRIAL.end,
        **dates,
        **fields,
    })


def trial(kind: str, at: Any, **fields: Any) -> Said:
    """An event about the subscription in its trial."""
    return f"customer.subscription.{kind}", trial_object(**fields), at


def canceled(at: Any) -> Json:
    """What a subscription says that has ended."""
    return {"status": "canceled", "ended_at": unix(at), "canceled_at": unix(at)}


def card(number: int = 1, **fields: Any) -> Json:
    """A payment method."""
    return {"id": f"pm_{number}", "object": "payment_method", "customer": "cus_1", **fields}


def attached(at: Any, number: int = 1) -> Said:
    """An event about a payment method that was attached."""
    return "payment_method.attached", card(number), at


def detached(at: Any, number: int = 1) -> Said:
    """An event about a payment method that was detached: it is nobody's now."""
    return "payment_method.detached", card(number, customer=None), at


def bill(**fields: Any) -> Json:
    """An invoice of the subscription, without lines."""
    made: Json = {"id": "in_1", "object": "invoice", "customer": "cus_1", "currency": "usd"}
    made |= {"subscription": "sub_1", "billing_reason": "subscription_cycle", "lines": {"data": []}}
    return made | {"amount_paid": 5700, "total": 0, "starting_balance": 0, "amount_due": 0} | fields


def failed(at: Any, **fields: Any) -> Said:
    """An event about an invoice that could not be paid."""
    return "invoice.payment_failed", bill(**fields), at


def paid(at: Any, **fields: Any) -> Said:
    """An event about an invoice that was paid."""
    return "invoice.paid", bill(**fields), at


def scheduled(price: str, start: Any, **fields: Any) -> Json:
    """A schedule whose next phase has this price."""
    phase = {"start_date": unix(start), "items": [{"price": price, "quantity": 3}]}
    made: Json = {"id": "sub_sched_1", "object": "subscription_schedule", "customer": "cus_1"}
    made |= {"subscription": "sub_1", "status": "active", "end_behavior": "release"}
    return made | {"phases": [phase]} | fields


def schedule_updated(at: Any, price: str, start: Any, **fields: Any) -> Said:
    """An event about a schedule."""
    return "subscription_schedule.updated", scheduled(price, start, **fields), at


def actions(*said: Said) -> tuple[Action, ...]:
    """The actions of a log, at the catalogue's prices."""
    return actions_from_events(log(*said), PRICES)


CREATED = ("customer.subscription.created", subscription_object("incomplete"), START)
PAID = updated(START + 5 * SECOND)
BOUGHT = (StartFree(at=START), AddPaymentMethod(at=START), ChoosePlan(PRO, 3, at=START))
TRIED = trial("created", START)
BEGUN = StartTrial(3, at=START)


def proration(plan: Plan, seats: int, at: Any, period: Period = JANUARY, **fields: Any) -> Json:
    """The charge for remaining time on an invoice."""
    made: Json = {"id": f"il_{seats}", "object": "line_item", "amount": 100, "currency": "usd"}
    made |= {"period": {"start": unix(at), "end": unix(period.end)}, "quantity": seats}
    made |= {"proration": True, "price": f"price_{plan.key}", "subscription": "sub_1"}
    return made | fields
