"""A start that whoever is there pays on Stripe's own page: a Checkout Session."""

from __future__ import annotations

from chatim_plans.foundation import shapes
from chatim_plans.stripe.calls import calls
from chatim_plans.stripe.ids import StripeIds
from chatim_plans.stripe.requests import CREATION, Call, Params
from chatim_plans.stripe.versions import API_VERSION
from chatim_plans.subscriptions.actions import Action, StartTrial
from chatim_plans.subscriptions.refusals import ActionRefusedError
from chatim_plans.subscriptions.subscription import Subscription


def checkout_calls(  # noqa: PLR0913 — what `calls` asks for, and where the page leads to
    action: Action,
    before: Subscription,
    ids: StripeIds,
    *,
    success_url: str,
    cancel_url: str | None = None,
    api_version: str = API_VERSION,
) -> tuple[Call, ...]:
    """The calls that let a customer start a trial or a paid plan on Stripe's Checkout page.

    The last of them creates the Checkout Session, whose answer has the `url` of the page; one
    before it ends a subscription that was never paid. The session states the billing mode, one
    price with its quantity, and of a trial its length: it begins when the customer is done. So
    record the start at the instant that Stripe's subscription then states.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import StripeIds, checkout_calls
    >>> now = utc("2026-10-15 09:00")
    >>> free = open_account(StartFree(at=now)).account.subscription
    >>> ids = StripeIds("cus_1", {"price_pro": PRO, "price_ultimate": ULTIMATE})
    >>> choice = ChoosePlan(PRO, seats=3, at=now)
    >>> (call,) = checkout_calls(choice, free, ids, success_url="https://chatim.example/paid")
    >>> call["endpoint"], call["params"]["line_items"]
    ('POST /v1/checkout/sessions', [{'price': 'price_pro', 'quantity': 3}])

    Raises:
        ActionRefusedError: no start of a trial or a paid plan; and as `calls`.
        OutOfOrderError, InvalidValueError, UnknownKeyError, InvalidTypeError: as `calls`.

    Source: rules P2, P8, R1, R4, B12; Stripe's Checkout Sessions.
    """
    made = calls(action, before, ids, api_version=api_version)
    if not made or made[-1]["endpoint"] != CREATION:
        because = f"Checkout starts a trial or a paid plan, and {type(action).__name__} does not"
        raise ActionRefusedError(because, "make the calls of `calls`")
    *before_it, creation = made
    session = _session(creation["params"], shapes.text(success_url, "success_url"))
    if cancel_url is not None:
        session["cancel_url"] = shapes.text(cancel_url, "cancel_url")
    if isinstance(action, StartTrial):
        session["subscription_data"]["trial_period_days"] = before.catalog.terms.trial_days
        session["payment_method_collection"] = "if_required"
    return (*before_it, {"endpoint": "POST /v1/checkout/sessions", "params": session})


def _session(creation: Params, success_url: str) -> Params:
    """The session that leads to the subscription that `creation` would create."""
    kept = {name: creation[name] for name in _OF_BOTH if name in creation}
    return {
        **{name: creation[name] for name in _PAYERS if name in creation},
        "mode": "subscription",
        "line_items": creation["items"],
        "subscription_data": kept,
        "success_url": success_url,
    }


_OF_BOTH = ("billing_mode", "trial_settings")
_PAYERS = ("customer", "customer_account")
