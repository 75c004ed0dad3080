"""A start on Stripe's Checkout page: every parameter of its session, and what starts nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("stripe", reason="needs stripe-python")

from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    AdjustCredit,
    BillingMode,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    InvalidTypeError,
    InvalidValueError,
    Money,
    PlansError,
    StartFree,
    StartTrial,
    Subscription,
    TrialRefusedError,
    replay,
)
from chatim_plans.stripe import API_VERSION, Call, StripeIds, checkout_calls
from tests.stripe.typed_params import faults_of_call
from tests.stripe.written_objects import PRICES, utc

NOW = utc("2026-10-15 09:00")
PAID, LEFT = "https://chatim.example/paid", "https://chatim.example/plans"
ENDED = {
    "endpoint": "DELETE /v1/subscriptions/sub_0",
    "params": {"invoice_now": False, "prorate": False},
}


def on_free(*after_it: Action, **terms: Any) -> Subscription:
    """A new customer on Free."""
    catalog = evolve(CHATIM, terms=evolve(CHATIM.terms, **terms))
    return replay([StartFree(at=NOW), *after_it], catalog=catalog).account.subscription


def ids(customer: str = "cus_1", **more: Any) -> StripeIds:
    """Where the customer is in Stripe."""
    return StripeIds(customer, PRICES, **more)


def session(**params: Any) -> Call:
    """The call that creates a session."""
    return {
        "endpoint": "POST /v1/checkout/sessions",
        "params": {"mode": "subscription", "success_url": PAID, **params},
    }


def seats(count: int) -> list[dict[str, Any]]:
    """One price with its quantity."""
    return [{"price": "price_pro", "quantity": count}]


def asked(
    action: Action, before: Subscription | None = None, named: StripeIds | None = None, **more: Any
) -> tuple[Call, ...]:
    """The calls, each as Stripe defines it and fit for JSON."""
    made = checkout_calls(action, before or on_free(), named or ids(), success_url=PAID, **more)
    assert [fault for one in made for fault in faults_of_call(dict(one))] == []
    assert tuple(json.loads(json.dumps(made))) == made
    return made


@pytest.mark.parametrize("mode", BillingMode)
def test_a_paid_plan_is_started_in_its_billing_mode(mode: BillingMode) -> None:
    """P2, B12: Checkout's own default is flexible, whatever the terms say."""
    made = asked(ChoosePlan(PRO, seats=3, at=NOW), on_free(billing_mode=mode))
    about = {"billing_mode": {"type": mode.value}}
    expected = session(customer="cus_1", line_items=seats(3), subscription_data=about)
    assert made == (expected,)


def test_a_card_on_file_changes_nothing() -> None:
    """P8: whoever is there pays on the page."""
    choice = ChoosePlan(PRO, at=NOW)
    assert asked(choice, on_free(AddPaymentMethod(at=NOW))) == asked(choice)


def test_a_trial_lasts_whole_days_from_when_the_customer_is_done() -> None:
    """R1, R4: no card is asked for, and without one it ends in Free."""
    about = {
        "billing_mode": {"type": "flexible"},
        "trial_period_days": 14,
        "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
    }
    expected = session(
        customer="cus_1",
        line_items=seats(4),
        subscription_data=about,
        payment_method_collection="if_required",
    )
    assert asked(StartTrial(4, at=NOW), on_free(trial_days=14)) == (expected,)


def test_who_changes_their_mind_is_led_back() -> None:
    """Where the page has a way back."""
    (made,) = asked(ChoosePlan(PRO, at=NOW), cancel_url=LEFT)
    assert made["params"]["cancel_url"] == LEFT
    assert "cancel_url" not in asked(ChoosePlan(PRO, at=NOW))[0]["params"]


def test_an_account_pays_by_its_own_name() -> None:
    """Accounts v2: in the place of a customer."""
    (made,) = asked(ChoosePlan(PRO, at=NOW), named=ids("acct_1"))
    assert made["params"]["customer_account"] == "acct_1"
    assert "customer" not in made["params"]


def test_what_was_never_paid_ends_first() -> None:
    """P8: nobody is charged for two."""
    ended, made = asked(ChoosePlan(PRO, at=NOW), named=ids(to_cancel="sub_0"))
    assert (ended, made["endpoint"]) == (ENDED, "POST /v1/checkout/sessions")


def test_an_older_version_is_asked_in_its_words() -> None:
    """B12: before flexible billing there was no mode to name."""
    classic = on_free(billing_mode=BillingMode.classic)
    (made,) = asked(ChoosePlan(PRO, at=NOW), classic, api_version="2024-06-20")
    assert made["params"]["subscription_data"] == {}
    assert asked(ChoosePlan(PRO, at=NOW), api_version=API_VERSION) == asked(ChoosePlan(PRO, at=NOW))


STARTS_NOTHING: dict[str, tuple[Callable[[], Action], dict[str, str], str]] = {
    "Free": (lambda: ChoosePlan(FREE, at=NOW), {}, "ChoosePlan"),
    "Free in the place of what was never paid": (
        lambda: Cancel(at=NOW),
        {"to_cancel": "sub_0"},
        "Cancel",
    ),
    "seats": (lambda: ChangeSeats(1, at=NOW), {}, "ChangeSeats"),
    "credit": (lambda: AdjustCredit(Money(1, PRO.price.currency), at=NOW), {}, "AdjustCredit"),
}


@pytest.mark.parametrize(("action", "named", "kind"), STARTS_NOTHING.values(), ids=STARTS_NOTHING)
def test_what_starts_nothing_has_no_page(
    action: Callable[[], Action], named: dict[str, str], kind: str
) -> None:
    """P7: the refusal says where to turn."""
    with pytest.raises(ActionRefusedError) as caught:
        asked(action(), named=ids(**named))
    assert str(caught.value) == (
        f"refused: Checkout starts a trial or a paid plan, and {kind} does not;"
        " make the calls of `calls`"
    )


REFUSED: dict[str, tuple[Callable[[], Any], type[PlansError], str]] = {
    "a second trial": (
        lambda: asked(
            StartTrial(at=NOW),
            replay([StartTrial(at=utc("2026-01-15 09:00"))], until=NOW).account.subscription,
        ),
        TrialRefusedError,
        "trial",
    ),
    "no address": (
        lambda: checkout_calls(ChoosePlan(PRO, at=NOW), on_free(), ids(), success_url=" "),
        InvalidValueError,
        "^success_url: ",
    ),
    "an address that is none": (
        lambda: asked(ChoosePlan(PRO, at=NOW), cancel_url=7),
        InvalidTypeError,
        "^cancel_url: ",
    ),
    "no version": (
        lambda: asked(ChoosePlan(PRO, at=NOW), api_version="endive"),
        InvalidValueError,
        "^api_version: ",
    ),
}


@pytest.mark.parametrize(("ask", "error", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_asked_for_is_refused(
    ask: Callable[[], Any], error: type[PlansError], said: str
) -> None:
    """P7, R2: as `calls` refuse it, or by the name of the parameter."""
    with pytest.raises(error, match=said):
        ask()
