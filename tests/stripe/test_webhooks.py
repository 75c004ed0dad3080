"""Which events to subscribe to, and whose each is."""

from __future__ import annotations

from typing import Any

import pytest

from chatim_plans.stripe import EVENT_TYPES, customer_of
from tests.stripe.refusals import refused_at
from tests.stripe.written_objects import Json

WHOSE: dict[str, tuple[Json, str | None]] = {
    "an object of a customer's": ({"object": "subscription", "customer": "cus_1"}, "cus_1"),
    "an expanded customer": ({"object": "invoice", "customer": {"id": "cus_1"}}, "cus_1"),
    "a customer": ({"object": "customer", "id": "cus_1"}, "cus_1"),
    "an account of the second version": (
        {"object": "subscription", "customer": None, "customer_account": "acct_1"},
        "acct_1",
    ),
    "nobody's": ({"object": "product", "id": "prod_1"}, None),
}


def about(obj: Json, **data: Any) -> Json:
    """An event about an object."""
    return {"object": "event", "type": "a.b", "data": {"object": obj, **data}}


@pytest.mark.parametrize(("obj", "customer"), WHOSE.values(), ids=WHOSE)
def test_an_event_says_whose_it_is(obj: Json, customer: str | None) -> None:
    """By the customer of what it is about."""
    assert customer_of(about(obj)) == customer


def test_a_payment_method_that_was_detached_says_whose_it_was() -> None:
    """It is nobody's any more."""
    method = {"object": "payment_method", "id": "pm_1", "customer": None}
    assert customer_of(about(method, previous_attributes={"customer": "cus_1"})) == "cus_1"
    assert customer_of(about(method, previous_attributes={"livemode": True})) is None


def test_an_event_of_another_api_is_about_none() -> None:
    """As a log passes it over."""
    assert customer_of({"id": "evt_9", "object": "v2.core.event"}) is None


FAULTS: dict[str, tuple[object, str, str]] = {
    "no object": (3, "event", "an object"),
    "no event": ({"object": "subscription"}, "event.object", '"event"'),
    "about nothing": ({"object": "event", "data": {}}, "event.data.object", "an object"),
    "no data": ({"object": "event"}, "event.data", "an object"),
    "a customer by a number": (about({"customer": 3}), "event.data.object.customer", "an object"),
    "a customer without an id": (
        about({"object": "customer"}),
        "event.data.object.id",
        "a text",
    ),
    "a customer that was a list": (
        about({"customer": None}, previous_attributes={"customer": []}),
        "event.data.previous_attributes.customer",
        "an object",
    ),
}


@pytest.mark.parametrize(("event", "path", "expected"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_read_is_said_with_its_path(event: object, path: str, expected: str) -> None:
    """Never another exception."""
    with refused_at(path, expected):
        customer_of(event)


def test_stripe_knows_every_type_of_event() -> None:
    """As its own definition of the parameter lists them."""
    pytest.importorskip("stripe", reason="needs stripe-python")
    from tests.stripe.typed_params import faults_of_call

    params = {"enabled_events": list(EVENT_TYPES), "url": "https://chatim.example/stripe"}
    call = {"endpoint": "POST /v1/webhook_endpoints", "params": params}
    assert faults_of_call(call) == []
    assert len(set(EVENT_TYPES)) == len(EVENT_TYPES)
