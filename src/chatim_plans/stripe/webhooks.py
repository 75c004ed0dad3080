"""Stripe's webhooks: which events to ask for, and whose each one is."""

from __future__ import annotations

from chatim_plans.stripe.fields import Field
from chatim_plans.stripe.subscriptions import payer_of

EVENT_TYPES: tuple[str, ...] = (
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
    "customer.subscription.trial_will_end",
    "subscription_schedule.created",
    "subscription_schedule.updated",
    "subscription_schedule.completed",
    "subscription_schedule.released",
    "subscription_schedule.canceled",
    "invoice.created",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.voided",
    "payment_method.attached",
    "payment_method.detached",
    "customer.updated",
    "customer.deleted",
)
"""The types of events to subscribe to: a webhook endpoint's `enabled_events`.

>>> from chatim_plans.stripe import EVENT_TYPES
>>> endpoint = {"url": "https://chatim.example/stripe", "enabled_events": list(EVENT_TYPES)}
>>> "invoice.paid" in endpoint["enabled_events"]
True
"""


def customer_of(event: object) -> str | None:
    """The id of the customer that Stripe's `event` is about; None where it is about none.

    An event of the second version of Stripe's API is about none. A payment method that was
    detached is nobody's, and its event says whose it was. Where a customer is an account of
    Stripe's second version, it is that account's id.

    >>> from chatim_plans.stripe import customer_of
    >>> customer_of({"object": "event", "type": "invoice.paid",
    ...              "data": {"object": {"object": "invoice", "customer": "cus_1"}}})
    'cus_1'

    Raises:
        InvalidStripeError: no event, or a customer that is no id; `path` leads to it.

    Source: Stripe's event object.
    """
    top = Field(Field(event, "event").object(), "event")
    if top["object"].value == "v2.core.event":
        return None
    if top["object"].value != "event":
        raise top["object"].fault('"event"')
    data = top["data"]
    about, previous = data["object"], data["previous_attributes"]
    if about["object"].value == "customer":
        return about["id"].text()
    holders = [about] if previous.is_null else [about, previous]
    payers = (payer_of(holder) for holder in holders)
    return next((payer.id() for payer in payers if not payer.is_null), None)
