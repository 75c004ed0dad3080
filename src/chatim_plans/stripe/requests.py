"""The requests that change an account in Stripe: each endpoint's name with its parameters.

Every value is fit for JSON; instants are Unix seconds. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, TypeAlias, TypedDict

from attrs import frozen

from chatim_plans.catalog.catalogs import BillingMode
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import unix_seconds
from chatim_plans.foundation.money import Money
from chatim_plans.stripe.ids import StripeIds
from chatim_plans.stripe.versions import PARAMETERS_SINCE, takes
from chatim_plans.subscriptions.occurrences import Rate

Params: TypeAlias = dict[str, Any]
"""The parameters of a call, fit for JSON: amounts in minor units, instants in Unix seconds.

>>> from chatim_plans import CHATIM
>>> from chatim_plans.stripe import Params, entitlement_features
>>> params: Params = entitlement_features(CHATIM)[0]["params"]
>>> params
{'lookup_key': 'javascript_sdk', 'name': 'JavaScript SDK'}

Source: Stripe's typed parameters.
"""

CREATION: Final = "POST /v1/subscriptions"

SCHEDULE: Final = "{schedule}"
"""Stands in an endpoint for the id of the schedule that the call before it created.

>>> from chatim_plans import *
>>> from chatim_plans.stripe import SCHEDULE, StripeIds, calls
>>> at = utc("2026-10-15 09:00")
>>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(ULTIMATE, 5, at=at)]
>>> ids = StripeIds("cus_1", {"price_pro": PRO, "price_ultimate": ULTIMATE}, "sub_1", "si_1")
>>> downgrade = ChoosePlan(PRO, at=utc("2026-10-27 17:30"))
>>> created, phased = calls(downgrade, replay(paid).account.subscription, ids)
>>> created["endpoint"], phased["endpoint"].replace(SCHEDULE, "sub_sched_1")
('POST /v1/subscription_schedules', 'POST /v1/subscription_schedules/sub_sched_1')
"""

_OF_A_PAYMENT = {
    *("customer", "customer_account"),
    *("payment_behavior", "payment_settings", "trial_settings"),
}


class Call(TypedDict):
    """One call of Stripe's API: the method and path, and the parameters to send.

    >>> from chatim_plans.stripe import Call, StripeIds, portal_session
    >>> ids = StripeIds("cus_1", {})
    >>> call: Call = portal_session(ids, return_url="https://chatim.example/team")
    >>> method, path = call["endpoint"].split()
    >>> method, path, call["params"]["customer"]
    ('POST', '/v1/billing_portal/sessions', 'cus_1')

    Source: Stripe's typed parameters.
    """

    endpoint: str
    params: Params


@frozen(order=False)
class SchedulePhase:
    """A part of a schedule: what is charged from `start` to `end`; of a trial, nothing."""

    rate: Rate
    start: datetime
    end: datetime
    is_trial: bool = False


def creation(ids: StripeIds, rate: Rate, mode: Params, terms: Params) -> Call:
    """A new subscription, in the billing mode `mode`."""
    params = {**ids.payer, "items": [_charged(ids, rate)], **mode, **terms}
    return {"endpoint": CREATION, "params": params}


def billing_mode(mode: BillingMode, api_version: str) -> Params:
    """The billing mode of what starts, whatever Stripe's default is (rule B12).

    Raises:
        InvalidValueError: a version older than flexible billing, which was all classic.
    """
    if takes(api_version, "billing_mode"):
        return {"billing_mode": {"type": mode.value}}
    if mode is not BillingMode.classic:
        expected = f"{PARAMETERS_SINCE['billing_mode']} or later, for {mode} billing"
        raise InvalidValueError("api_version", api_version, expected)
    return {}


def trial_terms(trial_end: datetime) -> Params:
    """Free until the instant stored, then cancelled unless a payment method is there (R1, R4)."""
    return {
        "trial_end": unix_seconds(trial_end),
        "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
    }


def first_payment_terms(*, on_file: bool) -> Params:
    """Incomplete until the first payment is in (rule P8).

    What is on file is charged at once. Without, whoever is present pays, and that is kept on the
    subscription for the renewals.
    """
    return {
        "payment_behavior": "allow_incomplete" if on_file else "default_incomplete",
        "payment_settings": {"save_default_payment_method": "on_subscription"},
    }


def proration(at: datetime, *, at_once: bool) -> Params:
    """Prorated at `at` whenever the call arrives, and invoiced at once or with the next invoice."""
    behavior = "always_invoice" if at_once else "create_prorations"
    return {"proration_behavior": behavior, "proration_date": unix_seconds(at)}


def end_of_trial() -> Params:
    """The trial ends: that instant is the new anchor, and a full period is invoiced (rule R6)."""
    return {"proration_behavior": "none", "trial_end": "now"}


def new_cycle(at: datetime, api_version: str) -> Params:
    """Another interval: the rest is credited from `at` on, and a full period begins (rule P9)."""
    is_object = takes(api_version, "billing_cycle_anchor.type")
    anchor = {"type": "now"} if is_object else "now"
    return {"billing_cycle_anchor": anchor, **proration(at, at_once=True)}


def nothing_to_prorate() -> Params:
    """In a trial nothing is charged, and it goes on."""
    return {"proration_behavior": "none"}


def change(ids: StripeIds, before: Rate, after: Rate, terms: Params, *, paid_first: bool) -> Call:
    """The subscription's one item at another rate, where asked only once it is paid (rule P8).

    With `pending_if_incomplete` Stripe takes no parameters but those used here. A price that
    stays is not named again.
    """
    subscription, item = ids.in_force()
    charged = _charged(ids, after)
    if after.plan == before.plan:
        del charged["price"]
    params = {"items": [{"id": item, **charged}], **terms}
    if paid_first:
        params["payment_behavior"] = "pending_if_incomplete"
    return _update(subscription, params)


def move_of_trial_end(subscription: str, end: datetime) -> Call:
    """The trial ends at another instant, and nothing is charged before it (rule R8)."""
    return _update(subscription, {"trial_end": unix_seconds(end), **nothing_to_prorate()})


def adjustment(ids: StripeIds, amount: Money) -> Call:
    """Balance in the customer's favour, for which Stripe writes the opposite sign (rule B13)."""
    return {
        "endpoint": f"POST /v1/customers/{ids.customer}/balance_transactions",
        "params": {"amount": -amount.amount, "currency": amount.currency.code.lower()},
    }


def cancellation(subscription: str, end: datetime, end_of_phase: datetime | None) -> Call:
    """The subscription ends at `end`; the end of a period or trial Stripe knows by itself."""
    if end == end_of_phase:
        return _update(subscription, {"cancel_at_period_end": True})
    return _update(subscription, {"cancel_at": unix_seconds(end), "proration_behavior": "none"})


def resumption(
    subscription: str, end: datetime | None, end_of_phase: datetime | None
) -> tuple[Call, ...]:
    """The subscription no longer ends at `end`, nor, where that is None, at any instant.

    The end of a period may stand in either of two fields, which one call must not both name.
    """
    instant = _update(subscription, {"cancel_at": ""})
    if end is not None and end != end_of_phase:
        return (instant,)
    return (_update(subscription, {"cancel_at_period_end": False}), instant)


def release(schedule: str) -> Call:
    """The schedule lets go of the subscription; to cancel it would cancel the subscription."""
    return {"endpoint": f"POST /v1/subscription_schedules/{schedule}/release", "params": {}}


def void(invoice: str) -> Call:
    """Nobody pays the invoice any more, and the change that waited for it is given up."""
    return {"endpoint": f"POST /v1/invoices/{invoice}/void", "params": {}}


def ending(subscription: str) -> Call:
    """The subscription is over at once: nothing is credited, and what waits is dropped (P10)."""
    params = {"invoice_now": False, "prorate": False}
    return {"endpoint": f"DELETE /v1/subscriptions/{subscription}", "params": params}


def scheduling(
    ids: StripeIds, schedule: str | None, phases: Sequence[SchedulePhase]
) -> tuple[Call, ...]:
    """The schedule with these phases, the present one first; one is created where none is.

    A schedule made from a subscription takes no phases, so they come in a call of their own.
    """
    subscription, _ = ids.in_force()
    rows = [_phase(ids, phases[0])]
    rows += (_later_phase(ids, before, phase) for before, phase in pairwise(phases))
    # The present phase states what holds already: nothing to prorate.
    params = {"end_behavior": "release", "proration_behavior": "none", "phases": rows}
    endpoint = f"POST /v1/subscription_schedules/{schedule or SCHEDULE}"
    phased: Call = {"endpoint": endpoint, "params": params}
    if schedule is not None:
        return (phased,)
    created: Call = {
        "endpoint": "POST /v1/subscription_schedules",
        "params": {"from_subscription": subscription},
    }
    return (created, phased)


def preview(call: Call, ids: StripeIds) -> Call:
    """The preview of the invoice that a creation or a change makes: the same parameters.

    How the invoice is paid has no place in one.
    """
    details = {name: value for name, value in call["params"].items() if name not in _OF_A_PAYMENT}
    new = ids.subscription is None
    held = ids.payer if new else {"subscription": ids.subscription}
    params = {**held, "subscription_details": details}
    return {"endpoint": "POST /v1/invoices/create_preview", "params": params}


def _update(subscription: str, params: Params) -> Call:
    return {"endpoint": f"POST /v1/subscriptions/{subscription}", "params": params}


def _charged(ids: StripeIds, rate: Rate) -> Params:
    return {"price": ids.price(rate.plan), "quantity": rate.seats}


def _phase(ids: StripeIds, phase: SchedulePhase) -> Params:
    row = {
        "items": [_charged(ids, phase.rate)],
        "start_date": unix_seconds(phase.start),
        "end_date": unix_seconds(phase.end),
    }
    # A phase of a trial that does not say so would end the trial, and charge.
    return row | {"trial_end": unix_seconds(phase.end)} if phase.is_trial else row


def _later_phase(ids: StripeIds, before: SchedulePhase, phase: SchedulePhase) -> Params:
    row = {**_phase(ids, phase), "proration_behavior": "none"}
    if phase.rate.plan.interval_months != before.rate.plan.interval_months:
        # In flexible billing another interval would keep the anchor (rule P9).
        row["billing_cycle_anchor"] = "phase_start"
    return row
