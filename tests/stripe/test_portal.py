"""A catalogue told to Stripe: the portal's configurations, the features, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("stripe", reason="needs stripe-python")

from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Catalog,
    Feature,
    InvalidTypeError,
    InvalidValueError,
    Money,
    Plan,
    PlansError,
    UnknownKeyError,
)
from chatim_plans.stripe import (
    API_VERSION,
    PARAMETERS_SINCE,
    StripeIds,
    entitlement_features,
    portal_configuration,
    portal_session,
    product_features,
)
from tests.accounts import with_plans, yearly
from tests.stripe.typed_params import faults_of_call


def prices() -> dict[str, Plan]:
    """The prices of the published plans, and of one by the year."""
    return {"price_pro": PRO, "price_ultimate": ULTIMATE, "price_yearly": yearly()}


def products() -> dict[str, str]:
    """Their products."""
    return {"pro": "prod_pro", "ultimate": "prod_ultimate", "yearly": "prod_yearly"}


def offered(plan: str) -> dict[str, Any]:
    """A plan as the portal offers it."""
    return {
        "product": f"prod_{plan}",
        "prices": [f"price_{plan}"],
        "adjustable_quantity": {"enabled": False},
    }


def test_the_portal_keeps_the_rules() -> None:
    """P1, P3, P4, R6, S1: every parameter of the configuration."""
    made = portal_configuration(CHATIM, prices(), products())
    assert made == {
        "endpoint": "POST /v1/billing_portal/configurations",
        "params": {
            "features": {
                "customer_update": {"enabled": True, "allowed_updates": ["address"]},
                "invoice_history": {"enabled": True},
                "payment_method_update": {"enabled": True},
                "subscription_cancel": {
                    "enabled": True,
                    "mode": "at_period_end",
                    "proration_behavior": "none",
                },
                "subscription_update": {
                    "enabled": True,
                    "default_allowed_updates": ["price"],
                    "products": [offered("pro"), offered("ultimate")],
                    "proration_behavior": "always_invoice",
                    "billing_cycle_anchor": "unchanged",
                    "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]},
                    "trial_update_behavior": "continue_trial",
                },
            }
        },
    }


def changes_of_plan(**asked: Any) -> dict[str, Any]:
    """What a configuration says of changes of plan."""
    made = portal_configuration(with_plans(yearly()), prices(), products(), **asked)
    found = made["params"]["features"]["subscription_update"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("interval", "plans"), [(1, ["prod_pro", "prod_ultimate"]), (12, ["prod_yearly"])]
)
def test_the_portal_offers_plans_of_one_interval(interval: int, plans: list[str]) -> None:
    """C6: inside a paid period nobody moves to another interval."""
    found = changes_of_plan(interval_months=interval)
    assert [product["product"] for product in found["products"]] == plans


def test_a_retired_plan_is_not_offered() -> None:
    """C9: nobody can move to it, and who holds it still cancels there."""
    call = portal_configuration(evolve(CHATIM, retired=["ultimate"]), prices(), products())
    changes = call["params"]["features"]["subscription_update"]
    assert changes["products"] == [offered("pro")]


def test_a_trial_has_a_portal_without_changes_of_plan() -> None:
    """R6: a higher plan starts at once, which the portal cannot do and keep the trial."""
    assert changes_of_plan(plan_changes=False) == {"enabled": False}


def test_each_configuration_is_as_stripe_defines_it() -> None:
    """Every parameter is one of stripe-python's own definitions, and fit for JSON."""
    for changes in (True, False):
        made = portal_configuration(CHATIM, prices(), products(), plan_changes=changes)
        assert (faults_of_call(dict(made)), json.loads(json.dumps(made))) == ([], made)


def test_each_feature_is_told_by_its_key() -> None:
    """C2: the ten features, in the order of their names here, with the wording's labels."""
    made = entitlement_features(CHATIM)
    assert [one["params"] for one in made] == [
        {"lookup_key": "javascript_sdk", "name": "JavaScript SDK"},
        {"lookup_key": "visitor_export", "name": "Export Visitors"},
        {"lookup_key": "custom_branding", "name": "Custom Branding"},
        {"lookup_key": "contact_buttons", "name": "Contact Buttons"},
        {"lookup_key": "advanced_analytics", "name": "Advanced Analytics"},
        {"lookup_key": "standard_support", "name": "Standard Support"},
        {"lookup_key": "white_label", "name": "White Label"},
        {"lookup_key": "api_access", "name": "API Access"},
        {"lookup_key": "ai_chatbot", "name": "AI Chatbot"},
        {"lookup_key": "priority_support", "name": "Priority Support"},
    ]


def test_a_feature_that_no_plan_has_is_not_told() -> None:
    """C2: the features are those of the catalogue."""
    made = entitlement_features(Catalog("small", (FREE, PRO), CHATIM.terms))
    assert "api_access" not in [one["params"]["lookup_key"] for one in made]


def test_every_key_fits_a_lookup_key() -> None:
    """Stripe takes 80 characters."""
    assert [feature for feature in Feature if len(feature) > 80] == []


def test_each_product_has_its_plans_features() -> None:
    """C3: seven for Pro, all ten for Ultimate; Free has no product."""
    features = {feature.value: f"feat_{feature}" for feature in Feature}
    made = product_features(CHATIM, products(), features)
    held: dict[str, set[str]] = {
        plan: {
            one["params"]["entitlement_feature"].removeprefix("feat_")
            for one in made
            if one["endpoint"] == f"POST /v1/products/prod_{plan}/features"
        }
        for plan in ("pro", "ultimate")
    }
    granted = {plan.key: {str(feature) for feature in plan.features} for plan in (PRO, ULTIMATE)}
    assert (held, len(made)) == (granted, 16)


def test_each_call_is_as_stripe_defines_it() -> None:
    """The features and what attaches them, too."""
    features = {feature.value: f"feat_{feature}" for feature in Feature}
    made = (*entitlement_features(CHATIM), *product_features(CHATIM, products(), features))
    assert [fault for one in made for fault in faults_of_call(dict(one))] == []


def many() -> Catalog:
    """More plans than a portal takes."""
    plans = [evolve(PRO, key=f"pro_{n}", price=Money(1900 + n, USD)) for n in range(11)]
    return Catalog("many", (FREE, *plans), evolve(CHATIM.terms, trial_plan="pro_0"))


def cheaper_ultimate(amount: int) -> Catalog:
    """A catalogue whose highest plan is no dearer than the one below."""
    return evolve(CHATIM, plans=(FREE, PRO, evolve(ULTIMATE, price=Money(amount, USD))))


REFUSED: dict[str, tuple[Any, dict[str, Any], type[PlansError]]] = {
    "no catalogue": (lambda: None, {}, InvalidTypeError),
    "no prices": (lambda: CHATIM, {"prices": None}, InvalidTypeError),
    "no products": (lambda: CHATIM, {"products": None}, InvalidTypeError),
    "a plan without a price": (lambda: CHATIM, {"prices": {"price_pro": PRO}}, UnknownKeyError),
    "a plan without a product": (lambda: CHATIM, {"products": {"pro": "prod_1"}}, UnknownKeyError),
    "a product that is no id": (
        lambda: CHATIM,
        {"products": {"pro": "prod/1", "ultimate": "prod_2"}},
        InvalidValueError,
    ),
    "one product for two plans": (
        lambda: CHATIM,
        {"products": {"pro": "prod_1", "ultimate": "prod_1"}},
        InvalidValueError,
    ),
    "an interval that no plan has": (lambda: CHATIM, {"interval_months": 12}, InvalidValueError),
    "no interval": (lambda: CHATIM, {"interval_months": None}, InvalidTypeError),
    "a bool for an interval": (lambda: CHATIM, {"interval_months": True}, InvalidTypeError),
    "a number for a yes": (lambda: CHATIM, {"plan_changes": 1}, InvalidTypeError),
    "too many plans": (many, {}, InvalidValueError),
    "a higher plan that is cheaper": (lambda: cheaper_ultimate(1899), {}, InvalidValueError),
    "a higher plan at the same price": (lambda: cheaper_ultimate(1900), {}, InvalidValueError),
}


@pytest.mark.parametrize(("catalog", "facts", "error"), REFUSED.values(), ids=REFUSED)
def test_what_the_portal_would_misread_is_refused(
    catalog: Any, facts: dict[str, Any], error: type[PlansError]
) -> None:
    """P1, P3: a portal that could not keep the rules is not configured."""
    asked = {"prices": prices(), "products": products(), **facts}
    with pytest.raises(error) as caught:
        portal_configuration(catalog(), asked.pop("prices"), asked.pop("products"), **asked)
    assert type(caught.value) is error


def test_ten_plans_are_not_too_many() -> None:
    """Stripe takes ten products."""
    ten = evolve(many(), plans=many().plans[:11])
    sold = {f"price_{plan.key}": plan for plan in ten.plans}
    made = portal_configuration(ten, sold, {plan.key: f"prod_{plan.key}" for plan in ten.plans})
    assert len(made["params"]["features"]["subscription_update"]["products"]) == 10


def test_a_feature_without_its_id_is_refused() -> None:
    """The message names the feature."""
    with pytest.raises(UnknownKeyError, match="unknown Stripe feature 'javascript_sdk'"):
        product_features(CHATIM, products(), {})


def test_two_plans_of_one_product_are_refused() -> None:
    """C2: features are a product's, so Pro would have all of Ultimate's."""
    features = {feature.value: f"feat_{feature}" for feature in Feature}
    with pytest.raises(InvalidValueError, match="products: expected a product of its own"):
        product_features(CHATIM, {"pro": "prod_1", "ultimate": "prod_1"}, features)


def test_a_product_of_plans_of_another_catalogue_is_no_matter() -> None:
    """Only the plans asked about are looked at."""
    more = products() | {"team": "prod_pro"}
    assert portal_configuration(CHATIM, prices(), more) == portal_configuration(
        CHATIM, prices(), products()
    )


@pytest.mark.parametrize("catalog", [None, "chatim", CHATIM.plans])
def test_features_are_those_of_a_catalogue(catalog: Any) -> None:
    """Nothing is guessed from a value that does not belong."""
    with pytest.raises(InvalidTypeError):
        entitlement_features(catalog)
    with pytest.raises(InvalidTypeError):
        product_features(catalog, {}, {})


# --- versions of Stripe's API ---
TAKEN: dict[str, frozenset[str]] = {
    "2024-10-28.acacia": frozenset(),
    "2025-09-29": frozenset(),
    "2025-09-30.clover": frozenset({"trial_update_behavior"}),
    "2025-12-14": frozenset({"trial_update_behavior"}),
    "2025-12-15.clover": frozenset({"trial_update_behavior", "billing_cycle_anchor"}),
    API_VERSION: frozenset({"trial_update_behavior", "billing_cycle_anchor"}),
}


@pytest.mark.parametrize(("version", "taken"), TAKEN.items(), ids=TAKEN)
def test_an_older_portal_is_told_what_it_takes(version: str, taken: frozenset[str]) -> None:
    """P1, P3: the anchor stays by itself, and in a trial plans are not changed there (R6)."""
    newest = changes_of_plan()
    left_out = {"trial_update_behavior", "billing_cycle_anchor"} - taken
    expected = {name: value for name, value in newest.items() if name not in left_out}
    assert changes_of_plan(api_version=version) == expected


def test_a_portal_in_which_nothing_waits_changes_no_plan() -> None:
    """P3: before acacia a lower plan would hold at once, and the rest be credited."""
    with pytest.raises(InvalidValueError) as caught:
        changes_of_plan(api_version="2024-10-27")
    assert str(caught.value) == (
        "api_version: expected 2024-10-28.acacia or later, or no `plan_changes`:"
        " a lower plan would hold at once, got '2024-10-27'"
    )
    assert changes_of_plan(api_version="2024-10-27", plan_changes=False) == {"enabled": False}


@pytest.mark.parametrize("changes", [True, False])
def test_a_portal_is_of_a_version(changes: bool) -> None:
    """Nothing is guessed from a value that does not belong."""
    with pytest.raises(InvalidValueError) as caught:
        changes_of_plan(api_version="clover", plan_changes=changes)
    expected = f"expected a version of Stripe's API, such as {API_VERSION}"
    assert str(caught.value) == f"api_version: {expected}, got 'clover'"


def test_each_parameter_says_since_when_it_is_there() -> None:
    """Every name is one that calls are written with."""
    assert dict(PARAMETERS_SINCE) == {
        "billing_mode": "2025-06-30.basil",
        "billing_cycle_anchor.type": "2026-09-30.endive",
        "subscription_update.billing_cycle_anchor": "2025-12-15.clover",
        "subscription_update.schedule_at_period_end": "2024-10-28.acacia",
        "subscription_update.trial_update_behavior": "2025-09-30.clover",
    }


# --- the way in ---
BACK = "https://chatim.example/team"


@pytest.mark.parametrize(
    ("customer", "more", "expected"),
    [
        ("cus_1", {}, {"customer": "cus_1"}),
        ("acct_1", {}, {"customer_account": "acct_1"}),
        (
            "cus_1",
            {"configuration": "bpc_1"},
            {"customer": "cus_1", "configuration": "bpc_1"},
        ),
    ],
)
def test_the_portal_is_opened_for_one_customer(
    customer: str, more: dict[str, Any], expected: dict[str, Any]
) -> None:
    """A4, D5: with the configuration that keeps the rules, and the way back."""
    made = portal_session(StripeIds(customer, {}), return_url=BACK, **more)
    endpoint = "POST /v1/billing_portal/sessions"
    assert made == {"endpoint": endpoint, "params": {"return_url": BACK, **expected}}
    assert (faults_of_call(dict(made)), json.loads(json.dumps(made))) == ([], made)


@pytest.mark.parametrize(
    ("named", "more", "error", "said"),
    [
        ("cus_1", {}, InvalidTypeError, "ids: expected a StripeIds, got str 'cus_1'"),
        (None, {"return_url": " "}, InvalidValueError, "return_url: "),
        (None, {"return_url": None}, InvalidTypeError, "return_url: "),
        (None, {"configuration": "bpc 1"}, InvalidValueError, "configuration: "),
    ],
)
def test_a_way_in_that_is_none_is_refused(
    named: Any, more: dict[str, Any], error: type[PlansError], said: str
) -> None:
    """By the name of what does not belong."""
    asked = {"return_url": BACK} | more
    with pytest.raises(error, match=f"^{said}"):
        portal_session(named or StripeIds("cus_1", {}), **asked)
