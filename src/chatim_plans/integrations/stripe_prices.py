"""Which plan a price of Stripe's is, and what a subscription item is billed at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.plans import Plan
from chatim_plans.errors import InvalidTypeError, InvalidValueError
from chatim_plans.foundation import shapes
from chatim_plans.integrations.stripe_fields import Field, listed
from chatim_plans.subscriptions.occurrences import Rate

Prices: TypeAlias = Mapping[str, Plan]
"""By the id of a price in Stripe (or of a plan, in its older words): the plan it sells."""

_MONTHS = {"month": 1, "year": 12}


def checked_prices(prices: Prices) -> Prices:
    """`prices`, which must be a mapping to paid plans."""
    if not isinstance(prices, Mapping):
        raise InvalidTypeError("prices", prices, "a mapping of price ids to plans")
    for plan in prices.values():
        shapes.instance(plan, Plan, "prices")
    return prices


def edition_of(plan: Plan, catalogs: Iterable[Catalog]) -> Catalog:
    """The first of `catalogs` that sells `plan`, by value."""
    editions = shapes.row(catalogs, "catalogs")
    for catalog in editions:
        if plan in shapes.instance(catalog, Catalog, "catalogs").plans:
            return catalog
    known = ", ".join(catalog.edition for catalog in editions)
    expected = f"catalogues of which one sells {plan.key!r} at {plan.price}"
    raise InvalidValueError("catalogs", known, expected)


def rate_of(item: Field, prices: Prices) -> Rate:
    """The plan and the seats of a subscription item, a schedule's item or an invoice item."""
    price = item["plan"] if item["price"].is_null else item["price"]
    plan = plan_of(price, prices)
    seats = item["quantity"].whole()
    if seats < 1:
        raise item["quantity"].fault("a whole number of at least 1")
    return Rate(plan, seats)


def plan_of(price: Field, prices: Prices) -> Plan:
    """The plan that `price` sells; where it stands expanded, it must be at the plan's price."""
    key = price.id()
    plan = prices.get(key)
    if plan is None or plan.is_free:
        known = listed(tuple(key for key, plan in prices.items() if not plan.is_free))
        where = price if isinstance(price.value, str) else price["id"]
        raise where.fault(f"the id of a price that sells a paid plan ({known})")
    if not isinstance(price.value, str):
        _check_price(price, plan)
    return plan


def check_currency(given: Field, plan: Plan) -> None:
    """Refuse a currency that is not the plan's."""
    code = plan.price.currency.code
    if given.text().upper() != code:
        raise given.fault(f'"{code.lower()}", the currency of {plan.key!r}')


def _check_price(price: Field, plan: Plan) -> None:
    check_currency(price["currency"], plan)
    if not price["transform_quantity"].is_null:
        raise price["transform_quantity"].fault("null: a seat counts as one")
    amount = _unit_amount(price)
    if _exact(amount) != plan.price.amount:
        raise amount.fault(f"{plan.price.amount}, the price of {plan.key!r} in minor units")
    recurring = price if price["recurring"].is_null else price["recurring"]
    months = _MONTHS.get(recurring["interval"].text())
    count = recurring["interval_count"]
    if months is None or months * count.whole() != plan.interval_months:
        where = recurring["interval"] if months is None else count
        raise where.fault(f"an interval of {plan.interval_months} months, as of {plan.key!r}")


def _unit_amount(price: Field) -> Field:
    """The price of one seat: in whole minor units, or else as a decimal of them."""
    for name in ("unit_amount", "amount", "unit_amount_decimal", "amount_decimal"):
        if not price[name].is_null:
            return price[name]
    raise price["unit_amount"].fault("the price of a seat in minor units")


def _exact(amount: Field) -> int:
    if isinstance(amount.value, str | Decimal):
        whole = re.fullmatch(r"([0-9]{1,18})([.]0*)?", str(amount.value))
        if whole is None:
            raise amount.fault("a whole number of minor units")
        return int(whole[1])
    return amount.whole()
