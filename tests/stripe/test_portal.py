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
from chatim_plans.stripe import entitlement_features, portal_configuration, product_features
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
