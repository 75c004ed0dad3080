"""The judge of parameters: what it lets pass, and every way in which it refuses."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("stripe", reason="needs stripe-python")

from tests.stripe.typed_params import PARAMS, faults, faults_of_call

SUBSCRIPTION = "POST /v1/subscriptions/sub_1"

WELL_FORMED: dict[str, tuple[str, dict[str, Any]]] = {
    "nothing": (SUBSCRIPTION, {}),
    "a listed value": (SUBSCRIPTION, {"proration_behavior": "always_invoice"}),
    "an open text": (SUBSCRIPTION, {"description": "for a team of 3"}),
    "a text or nothing": (SUBSCRIPTION, {"on_behalf_of": ""}),
    "a listed value among instants": (SUBSCRIPTION, {"cancel_at": "max_period_end"}),
    "an empty text among instants": (SUBSCRIPTION, {"cancel_at": ""}),
    "an instant": (SUBSCRIPTION, {"cancel_at": 1_793_122_200}),
    "a word among instants": (SUBSCRIPTION, {"trial_end": "now"}),
    "rows": (SUBSCRIPTION, {"items": [{"id": "si_1", "quantity": 4}]}),
    "a dict of texts": (SUBSCRIPTION, {"metadata": {"team": "3"}}),
    "a number for a fraction": (SUBSCRIPTION, {"application_fee_percent": 3}),
    "an object": (SUBSCRIPTION, {"billing_cycle_anchor": {"type": "unchanged"}}),
}

MISTAKEN_UPDATES: dict[str, tuple[dict[str, Any], str]] = {
    "a misspelt key": ({"proration_behaviour": "none"}, "proration_behaviour"),
    "a misspelt key inside": ({"items": [{"id": "si_1", "quantitiy": 4}]}, "items[0].quantitiy"),
    "a misspelt key of an object that may be empty": (
        {"billing_thresholds": {"amount": 1}},
        "billing_thresholds.amount",
    ),
    "a value that is not listed": ({"proration_behavior": "always_invoic"}, "proration_behavior"),
    "a value that is not listed, inside": (
        {"billing_cycle_anchor": {"type": "then"}},
        "billing_cycle_anchor.type",
    ),
    "a word that is not listed among instants": ({"cancel_at": "period_end"}, "cancel_at"),
    "a text for a number": ({"items": [{"id": "si_1", "quantity": "4"}]}, "items[0].quantity"),
    "a bool for a number": ({"proration_date": True}, "proration_date"),
    "a number for a bool": ({"cancel_at_period_end": 1}, "cancel_at_period_end"),
    "a float for an instant": ({"proration_date": 1.0}, "proration_date"),
    "nothing for a text": ({"description": None}, "description"),
    "an object for a list": ({"items": {"0": {"id": "si_1"}}}, "items"),
    "a row that is no object": ({"items": ["si_1"]}, "items[0]"),
    "a number in a dict of texts": ({"metadata": {"team": 3}}, "metadata"),
}
MISTAKEN: dict[str, tuple[str, dict[str, Any], str]] = {
    "a decimal in a text": (
        "POST /v1/subscriptions",
        {"items": [{"price_data": {"unit_amount_decimal": "1"}}]},
        "items[0].price_data.currency",
    ),
    "a required key that is missing": (
        "POST /v1/entitlements/features",
        {"lookup_key": "api_access"},
        "name",
    ),
    "a required key that is missing inside": (
        "POST /v1/subscription_schedules/sub_sched_1",
        {"phases": [{"end_date": 1}]},
        "phases[0].items",
    ),
    "iterations of a phase": (
        "POST /v1/subscription_schedules/{schedule}",
        {"phases": [{"items": [], "iterations": 1}]},
        "phases[0].iterations",
    ),
    "how a request is sent": ("POST /v1/subscriptions", {"api_key": "sk_1"}, "api_key"),
    **{name: (SUBSCRIPTION, *mistaken) for name, mistaken in MISTAKEN_UPDATES.items()},
}


@pytest.mark.parametrize(("endpoint", "params"), WELL_FORMED.values(), ids=WELL_FORMED)
def test_what_stripe_takes_is_no_fault(endpoint: str, params: dict[str, Any]) -> None:
    """Each kind of value passes where it belongs."""
    assert faults_of_call({"endpoint": endpoint, "params": params}) == []


@pytest.mark.parametrize(("endpoint", "params", "path"), MISTAKEN.values(), ids=MISTAKEN)
def test_what_stripe_does_not_take_is_found(
    endpoint: str, params: dict[str, Any], path: str
) -> None:
    """Each mistake is found, and said by the path that leads to it."""
    found = faults_of_call({"endpoint": endpoint, "params": params})
    assert f"params.{path}" in [fault.split(":")[0] for fault in found]


@pytest.mark.parametrize(
    "call",
    [
        {},
        {"endpoint": SUBSCRIPTION},
        {"endpoint": SUBSCRIPTION, "params": {}, "method": "POST"},
        {"endpoint": "DELETE /v1/customers/cus_1", "params": {}},
        {"endpoint": "POST /v1/subscription_schedules/sub_sched_1/cancel", "params": {}},
        {"endpoint": "POST /v1/subscriptions/sub_1?expand=all", "params": {}},
        {"endpoint": "POST /v1/subscriptions/{schedule}", "params": {}},
        {"endpoint": SUBSCRIPTION, "params": []},
    ],
)
def test_what_is_no_call_is_found(call: dict[str, Any]) -> None:
    """Neither a call of another form nor one of another endpoint passes."""
    assert len(faults_of_call(call)) == 1


@pytest.mark.parametrize("kind", PARAMS.values(), ids=lambda kind: kind.__name__)
def test_every_definition_can_be_read(kind: Any) -> None:
    """Each of them names what it takes, and refuses what it does not."""
    assert list(faults({"nonsense": 1}, kind, "params"))[-1] == "params.nonsense: unknown"


def test_a_definition_of_a_new_form_is_not_passed_over() -> None:
    """A kind that the judge does not know is an error of the judge, and no silent yes."""
    with pytest.raises(NotImplementedError):
        list(faults(1, complex, "params"))
