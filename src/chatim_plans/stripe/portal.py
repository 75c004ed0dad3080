"""A catalogue in Stripe's words: what the customer portal may do, and which features are held.

Calls to make once an edition, not once an account. Nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.features import Feature
from chatim_plans.catalog.labels import label
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError, InvalidValueError, UnknownKeyError
from chatim_plans.stripe.ids import StripeIds, stripe_id
from chatim_plans.stripe.prices import price_rows, price_that_sells
from chatim_plans.stripe.requests import Call, Params
from chatim_plans.stripe.versions import API_VERSION, PARAMETERS_SINCE, day_of, takes

_MOST_PRODUCTS = 10


def portal_configuration(  # noqa: PLR0913 — all that a configuration is made from
    catalog: Catalog,
    prices: Mapping[str, Plan],
    products: Mapping[str, str],
    *,
    interval_months: int = 1,
    plan_changes: bool = True,
    api_version: str = API_VERSION,
) -> Call:
    """The call that creates a configuration of the customer portal for accounts of `catalog`.

    `prices` says by price id which plan it sells, and `products` by plan key of which product the
    prices are. The portal can show invoices, change the billing address and the payment method,
    cancel at the period's end, and change the plan: upwards at once, downwards at the period's
    end, and without ending a trial. It never changes seats: those are counted, not chosen, and
    the portal would keep a smaller team waiting until the period's end.

    Plans that the catalogue has retired are not offered. Among plans of one interval the portal
    changes as this library does, so each interval has a configuration of its own. Without
    `plan_changes` it is one for trials, where the portal cannot start a higher plan at once: it
    either goes on free of charge, or ends the trial for a lower plan too.

    `api_version` is the version of Stripe's API that you talk to. What an older one does not take
    is left out (`PARAMETERS_SINCE`), where the rules hold without it.

    >>> from chatim_plans import CHATIM, PRO, ULTIMATE
    >>> from chatim_plans.stripe import portal_configuration
    >>> prices = {"price_pro": PRO, "price_ultimate": ULTIMATE}
    >>> call = portal_configuration(CHATIM, prices, {"pro": "prod_pro", "ultimate": "prod_top"})
    >>> call["endpoint"], call["params"]["features"]["subscription_cancel"]["mode"]
    ('POST /v1/billing_portal/configurations', 'at_period_end')

    Raises:
        InvalidTypeError, InvalidValueError: no catalogue, prices or products; an interval that no
            plan on offer has; more products than a portal takes, or one for two plans; prices that
            do not rise with the rank, from which the portal could not tell an upgrade; a version
            whose portal cannot let a lower plan wait.
        UnknownKeyError: a plan without its price or product.

    Source: rules P1, P3, P4, R6, S1, B1, C6, C9; Stripe's portal configuration.
    """
    shapes.instance(catalog, Catalog, "catalog")
    shapes.instance(plan_changes, bool, "plan_changes")
    day_of(api_version)
    plans = _ranked_by_price(catalog, interval_months)
    rows, sold_as = price_rows(prices), _products(plans, products)
    offered: list[Params] = [
        {
            "product": sold_as[plan.key],
            "prices": [price_that_sells(plan, rows)],
            "adjustable_quantity": {"enabled": False},
        }
        for plan in plans
    ]
    features: Params = {
        "customer_update": {"enabled": True, "allowed_updates": ["address"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {
            "enabled": True,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_update": _plan_changes(offered, api_version)
        if plan_changes
        else {"enabled": False},
    }
    return {"endpoint": "POST /v1/billing_portal/configurations", "params": {"features": features}}


def portal_session(ids: StripeIds, *, return_url: str, configuration: str | None = None) -> Call:
    """The call that opens the customer portal for one customer; its answer has the page's `url`.

    `configuration` is the id of one that `portal_configuration` made: without it the page is as the
    Dashboard says, which may break the rules. Only an admin may be led there.

    >>> from chatim_plans.stripe import StripeIds, portal_session
    >>> call = portal_session(StripeIds("cus_1", {}), return_url="https://chatim.example/team")
    >>> call["endpoint"]
    'POST /v1/billing_portal/sessions'
    >>> call["params"]
    {'customer': 'cus_1', 'return_url': 'https://chatim.example/team'}

    Raises:
        InvalidTypeError, InvalidValueError: no ids, no address, or a configuration that is no id.

    Source: rules A4, D5; Stripe's portal sessions.
    """
    payer = shapes.instance(ids, StripeIds, "ids").payer
    params: Params = {**payer, "return_url": shapes.text(return_url, "return_url")}
    if configuration is not None:
        params["configuration"] = stripe_id(configuration, "configuration")
    return {"endpoint": "POST /v1/billing_portal/sessions", "params": params}


def entitlement_features(catalog: Catalog) -> tuple[Call, ...]:
    """The calls that create each feature of `catalog` in Stripe, its key as the lookup key.

    Quotas have no place there: Stripe's entitlements are yes or no.

    >>> from chatim_plans import CHATIM
    >>> from chatim_plans.stripe import entitlement_features
    >>> entitlement_features(CHATIM)[0]["params"]
    {'lookup_key': 'javascript_sdk', 'name': 'JavaScript SDK'}

    Raises:
        InvalidTypeError: no catalogue.

    Source: rule C2; Stripe's Entitlements.
    """
    plans = shapes.instance(catalog, Catalog, "catalog").plans
    granted = [feature for feature in Feature if any(plan.allows(feature) for plan in plans)]
    return tuple(
        {
            "endpoint": "POST /v1/entitlements/features",
            "params": {"lookup_key": feature.value, "name": label(feature, "en")},
        }
        for feature in granted
    )


def product_features(
    catalog: Catalog, products: Mapping[str, str], features: Mapping[str, str]
) -> tuple[Call, ...]:
    """The calls that attach to the product of each paid plan the features that the plan has.

    `products` says by plan key which product, `features` by lookup key which feature of Stripe's.
    Free has no subscription in Stripe, so what it grants is this library's alone to say.

    >>> from chatim_plans import CHATIM, Feature
    >>> from chatim_plans.stripe import product_features
    >>> at_stripe = {feature.value: f"feat_{feature}" for feature in Feature}
    >>> made = product_features(CHATIM, {"pro": "prod_pro", "ultimate": "prod_top"}, at_stripe)
    >>> len(made), made[0]["endpoint"], made[0]["params"]
    (16, 'POST /v1/products/prod_pro/features', {'entitlement_feature': 'feat_javascript_sdk'})

    Raises:
        InvalidTypeError, InvalidValueError: no catalogue, or ids that are none; one product for
            two plans, of which each would have the features of both.
        UnknownKeyError: a plan without its product, or a feature without its id.

    Source: rule C2; Stripe's Entitlements.
    """
    shapes.instance(catalog, Catalog, "catalog")
    paid = tuple(plan for plan in catalog.plans if not plan.is_free)
    sold_as = _products(paid, products)
    return tuple(
        {
            "endpoint": f"POST /v1/products/{sold_as[plan.key]}/features",
            "params": {"entitlement_feature": _named(features, feature, "Stripe feature")},
        }
        for plan in paid
        for feature in Feature
        if plan.allows(feature)
    )


def _plan_changes(offered: list[Params], api_version: str) -> Params:
    waits = "subscription_update.schedule_at_period_end"
    if not takes(api_version, waits):
        needed = f"{PARAMETERS_SINCE[waits]} or later, or no `plan_changes`"
        expected = f"{needed}: a lower plan would hold at once"
        raise InvalidValueError("api_version", api_version, expected)
    changes: Params = {
        "enabled": True,
        "default_allowed_updates": ["price"],
        "products": offered,
        "proration_behavior": "always_invoice",
        "billing_cycle_anchor": "unchanged",
        "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]},
        "trial_update_behavior": "continue_trial",
    }
    taken = (name for name in changes if takes(api_version, f"subscription_update.{name}"))
    return {name: changes[name] for name in taken}


def _ranked_by_price(catalog: Catalog, interval_months: int) -> tuple[Plan, ...]:
    """The paid plans on offer of the interval; the portal knows an upgrade by its price alone."""
    plans = tuple(
        plan
        for plan in catalog.plans_on_offer
        if plan.interval_months == interval_months and plan.price
    )
    shapes.whole_number(interval_months, "interval_months")
    if not plans:
        raise InvalidValueError("interval_months", interval_months, "an interval of a paid plan")
    if len(plans) > _MOST_PRODUCTS:
        raise InvalidValueError("catalog", len(plans), f"at most {_MOST_PRODUCTS} plans to offer")
    for below, above in pairwise(plans):
        if above.price <= below.price:
            expected = f"a price above that of {below.key!r}, or the portal misreads the change"
            raise InvalidValueError(f"price of {above.key!r}", str(above.price), expected)
    return plans


def _products(plans: tuple[Plan, ...], products: Mapping[str, str]) -> dict[str, str]:
    """The product of each plan, by its key; features are a product's, so no two plans share one."""
    sold_as = {plan.key: _named(products, plan.key, "product of plan") for plan in plans}
    if len(set(sold_as.values())) < len(sold_as):
        raise InvalidValueError("products", sold_as, "a product of its own for each plan")
    return sold_as


def _named(ids: Mapping[str, str], key: str, kind: str) -> str:
    if not isinstance(ids, Mapping):
        raise InvalidTypeError(kind, ids, "a mapping to Stripe's ids")
    if key not in ids:
        raise UnknownKeyError(kind, str(key), tuple(ids))
    return stripe_id(ids[key], kind)
