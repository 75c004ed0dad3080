"""A plan change: what it costs, before the click; then the calls, and what is held after them."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeAlias

import stripe

from chatim_plans import (
    USD,
    ActionRefusedError,
    ChoosePlan,
    Money,
    Subscription,
    change_takes_effect,
    preview,
)
from chatim_plans.stripe import (
    SCHEDULE,
    Call,
    NotPredictedError,
    StripeIds,
    account_from_stripe,
    calls,
    checkout_calls,
    ids_from_stripe,
    preview_call,
    subscription_of_customer,
)

from .customers import PRICES, Customers

_SHOWN_FOR = timedelta(hours=1)

Held: TypeAlias = tuple[stripe.Subscription | None, Subscription, StripeIds]
"""Stripe's subscription in force, None on Free; the customer's facts; the ids of where it is."""


def shown(customers: Customers, customer: str, choice: ChoosePlan) -> dict[str, str]:
    """What is due now, and from when the plan is had.

    The page's form sends the choice's instant back: with it the charge is the one shown.
    """
    held = _held(customers, customer, choice.at)
    starts = change_takes_effect(held[1], choice.plan, choice.at)
    due = _due(customers, held, choice) if starts <= choice.at else Money(0, USD)
    return {"due": str(due), "from": starts.isoformat(), "at": choice.at.isoformat()}


def choose(
    customers: Customers, customer: str, choice: ChoosePlan, done_url: str
) -> dict[str, str]:
    """Have Stripe do it: the plan that is held then, and the page to pay on where one is needed."""
    now = customers.clock()
    if not now - _SHOWN_FOR <= choice.at <= now:
        # A form is not to be trusted: near the period's end an upgrade costs next to nothing.
        raise ActionRefusedError("the page that was sent is not of this hour", "show it anew")
    in_force, facts, ids = _held(customers, customer, choice.at)
    if in_force is not None:
        _change(customers, choice, facts, ids)
        return {"plan": customers.keep(customer).plan.key}
    version = stripe.api_version
    page: dict[str, Any] = {}
    for call in checkout_calls(choice, facts, ids, success_url=done_url, api_version=version):
        page = _send(customers, call, choice.at)
    return {"plan": customers.keep(customer).plan.key, "page": page["url"]}


def go_on(customers: Customers, customer: str) -> None:
    """Make the calls after a payment that came late: the same choice again asks for the rest."""
    plan = customers.store.choice(customer)
    if plan is None:
        return
    now = customers.clock()
    in_force, facts, ids = _held(customers, customer, now)
    if in_force is not None:
        _change(customers, ChoosePlan(facts.catalog.plan(plan), at=now), facts, ids)


def _change(customers: Customers, choice: ChoosePlan, facts: Subscription, ids: StripeIds) -> None:
    """Make the calls of a choice, up to one whose payment is not taken: then the choice waits."""
    answer: dict[str, Any] = {}
    for call in calls(choice, facts, ids, api_version=stripe.api_version):
        answer = _send(customers, call, choice.at, answer.get("id", ""))
        if answer.get("pending_update"):
            break
    waits = choice.plan.key if answer.get("pending_update") else None
    customers.store.set_choice(ids.customer, waits)


def _held(customers: Customers, customer: str, at: datetime) -> Held:
    found = customers.subscriptions(customer)
    facts = subscription_of_customer(found, PRICES, at=at)
    named = [(each, ids_from_stripe(each, PRICES)) for each in found]
    in_force = [(each, facts, ids) for each, ids in named if ids.subscription is not None]
    if len(in_force) > 1:
        raise ActionRefusedError(f"two subscriptions of {customer} are in force", "end one first")
    if in_force:
        return in_force[0]
    to_cancel = (ids for _, ids in named if ids.to_cancel is not None)
    return None, facts, next(to_cancel, StripeIds(customer, PRICES))


def _due(customers: Customers, held: Held, choice: ChoosePlan) -> Money:
    """The library's figure; Stripe's own where a coupon, a tax or such makes it another one."""
    in_force, facts, ids = held
    if in_force is None:
        return choice.plan.charge(choice.seats or facts.seats)
    asked: Any = {**ids.payer, "pending": True, "limit": 100}
    waiting = list(customers.client.v1.invoice_items.list(asked).auto_paging_iter())
    try:
        account = account_from_stripe(in_force, in_force.customer, waiting, PRICES, at=choice.at)
    except NotPredictedError as error:
        asks = preview_call(choice, error.subscription, ids, api_version=stripe.api_version)
        return Money(_send(customers, asks, choice.at)["amount_due"], USD)
    invoices = preview(account, choice).invoices
    return sum((invoice.amount_due for invoice in invoices), Money(0, USD))


def _send(customers: Customers, call: Call, at: datetime, made_before: str = "") -> dict[str, Any]:
    """Make one call, once: the form of one page may come twice."""
    method, path = call["endpoint"].split()
    once = sha256(json.dumps([call, at.isoformat()], sort_keys=True).encode()).hexdigest()
    path = path.replace(SCHEDULE, made_before)
    response = customers.client.raw_request(
        method.lower(), path, idempotency_key=once, **call["params"]
    )
    answer: dict[str, Any] = json.loads(response.body)
    return answer
