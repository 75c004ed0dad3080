"""Prices of Stripe's: where they stand, in which currency, what they come to, what they sell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError, InvalidValueError, UnknownKeyError
from chatim_plans.foundation.json_words import LONGEST
from chatim_plans.foundation.money import Currency
from chatim_plans.stripe.fields import Field, InvalidStripeError, is_mapping, is_row
from chatim_plans.subscriptions.occurrences import Rate

Prices: TypeAlias = Mapping[str, Plan]
"""By the id of a price in Stripe (or of a plan, in its older words): the plan it sells.

>>> from chatim_plans import PRO, ULTIMATE
>>> from chatim_plans.stripe import Prices, StripeIds
>>> prices: Prices = {"price_pro": PRO, "price_ultimate": ULTIMATE}
>>> StripeIds("cus_1", prices).price(ULTIMATE)
'price_ultimate'
"""

PriceRows: TypeAlias = tuple[tuple[str, Plan], ...]
"""The same as rows: a value that can be hashed, and has an order."""

_MOST_WORDS = 12
_MONTHS = {"month": 1, "year": 12}
_AMOUNTS = ("unit_amount", "amount", "unit_amount_decimal", "amount_decimal")


def checked_prices(prices: Prices) -> Prices:
    """`prices`, which must be a mapping to plans; a price of Free is refused where it is met."""
    if not isinstance(prices, Mapping):
        raise InvalidTypeError("prices", prices, "a mapping of price ids to plans")
    for price, plan in prices.items():
        shapes.text(price, "price id")
        shapes.instance(plan, Plan, "prices")
    return prices


def currency_of(obj: Field) -> str:
    """The currency's code in capital letters."""
    code = obj["currency"].text().upper()
    if re.fullmatch("[A-Z]{3}", code) is None:
        raise obj["currency"].fault("a currency's code")
    return code


def check_currency(obj: Field, currency: Currency, owner: str) -> None:
    """Refuse amounts of another currency than `currency`, which is that of `owner`."""
    if currency_of(obj) != currency.code:
        raise obj["currency"].fault(f'"{currency.code.lower()}", the currency of {owner}')


def price_in(row: Field) -> Field:
    """Where the price of a line or an item stands, by its id or whole; null if nowhere.

    It is `price`; `plan` before there were prices; in `pricing` since 2025.
    """
    price = next((row[name] for name in ("price", "plan") if not row[name].is_null), row["price"])
    if not price.is_null or row["pricing"].is_null:
        return price
    details = row["pricing"]["price_details"]
    return details if details.is_null else details["price"]


def unit_amounts(price: Field) -> Iterator[Field]:
    """The price of one seat in minor units, wherever an expanded price states it."""
    return (price[name] for name in _AMOUNTS if not price[name].is_null)


def exact_amount(amount: Field) -> Fraction:
    """An amount in minor units, which may have decimals."""
    if not isinstance(amount.value, str | Decimal):
        return Fraction(amount.whole())
    if re.fullmatch("-?[0-9]{1,18}([.][0-9]{0,12})?", str(amount.value)) is None:
        raise amount.fault("an amount in minor units")
    return Fraction(str(amount.value))


def own_item(items: Field, prices: Prices) -> Field:
    """The one item at a price that sells a plan; others may be billed beside it.

    An item that stands alone is ours: what is wrong with its price is said where that stands.
    """
    rows = list(items.rows())
    ours = rows if len(rows) == 1 else [row for row in rows if _sells_a_plan(row, prices)]
    if len(ours) != 1:
        expected = f"one item, at the id of {_known(prices)}: an account has one plan"
        raise items.fault(f"{expected}, and not {len(ours)}")
    return ours[0]


def is_of_another_product(items: Field, prices: Prices) -> bool:
    """Whether nothing is billed but at prices that are given as those of a free plan."""
    try:
        sold = [prices.get(price_in(row).id()) for row in items.rows()]
    except InvalidStripeError:
        return False
    return bool(sold) and all(plan is not None and plan.is_free for plan in sold)


def _sells_a_plan(item: Field, prices: Prices) -> bool:
    price = price_in(item)
    key = None if price.is_null else price.own_id.value
    plan = prices.get(key) if isinstance(key, str) else None
    return plan is not None and not plan.is_free


def rate_of(item: Field, prices: Prices, charged: str | None = None) -> Rate:
    """The plan and the seats of a subscription item, a schedule's item or an invoice item.

    `charged` is the code of the currency that it is charged in; None where nothing says so.
    """
    plan = plan_of(price_in(item), prices, charged)
    seats = item["quantity"].whole()
    if seats < 1:
        raise item["quantity"].fault("a whole number of at least 1")
    return Rate(plan, seats)


def plan_of(price: Field, prices: Prices, charged: str | None = None) -> Plan:
    """The plan that `price` sells; where it stands expanded, it must be sold as here."""
    key = price.id()
    plan = prices.get(key)
    if plan is None or plan.is_free:
        raise price.own_id.fault(f"the id of {_known(prices)}")
    if not isinstance(price.value, str):
        _check_price(price, plan, charged)
    return plan


def _known(prices: Prices) -> str:
    keys = _listed(tuple(key for key, plan in prices.items() if not plan.is_free))
    return f"a price that sells a paid plan ({keys})"


def _listed(words: tuple[str, ...]) -> str:
    """Some words in a row, cut where a message would drown in them."""
    cut = [word[:LONGEST] for word in words]
    return ", ".join(cut if len(cut) <= _MOST_WORDS else [*cut[:_MOST_WORDS], "…"])


def _check_price(price: Field, plan: Plan, charged: str | None) -> None:
    """Refuse a price that Stripe would charge otherwise than this library charges the plan."""
    recurring = price if price["recurring"].is_null else price["recurring"]
    if price["billing_scheme"].value not in (None, "per_unit"):
        raise price["billing_scheme"].fault('"per_unit": each seat costs the same')
    if recurring["usage_type"].value not in (None, "licensed"):
        raise recurring["usage_type"].fault('"licensed": seats are counted, not metered')
    if not price["transform_quantity"].is_null:
        raise price["transform_quantity"].fault("null: a seat counts as one")
    for amount in _amounts_of_a_seat(price, plan, charged):
        if exact_amount(amount) != plan.price.amount:
            raise amount.fault(f"{plan.price.amount}, the price of {plan.key!r} in minor units")
    _check_interval(recurring, plan)


def _amounts_of_a_seat(price: Field, plan: Plan, charged: str | None) -> list[Field]:
    """What `price` says that a seat costs in the plan's currency.

    A price may have further currencies, which stand there only if Stripe was asked to expand them.
    """
    currency = plan.price.currency
    if currency_of(price) == currency.code or charged != currency.code:
        check_currency(price, currency, repr(plan.key))
        stated_in = price
    elif price["currency_options"].is_null:
        return []
    else:
        stated_in = price["currency_options"][currency.code.lower()]
    amounts = list(unit_amounts(stated_in))
    if not amounts:
        raise stated_in["unit_amount"].fault("the price of a seat in minor units")
    return amounts


def _check_interval(recurring: Field, plan: Plan) -> None:
    months = _MONTHS.get(recurring["interval"].text())
    count = recurring["interval_count"]
    if months is None or months * count.whole() != plan.interval_months:
        where = recurring["interval"] if months is None else count
        raise where.fault(f"an interval of {plan.interval_months} months, as of {plan.key!r}")


def edition_of(plan: Plan, editions: tuple[Catalog, ...]) -> Catalog:
    """The first of `editions` that sells `plan`, by value."""
    for catalog in editions:
        if plan in shapes.instance(catalog, Catalog, "catalogs").plans:
            return catalog
    known = ", ".join(catalog.edition for catalog in editions)
    expected = f"catalogues of which one sells {plan.key!r} at {plan.price}"
    raise InvalidValueError("catalogs", known, expected)


def price_rows(prices: Prices | Iterable[object]) -> PriceRows:
    """The rows of a mapping of price ids to plans, checked.

    Raises:
        InvalidTypeError, InvalidValueError: no mapping, a blank id, no plan, or two for one id.
    """
    given: Iterable[object] = prices.items() if is_mapping(prices) else prices
    rows = tuple(_price_row(row) for row in shapes.row(given, "prices"))
    if len(dict(rows)) < len(rows):
        raise InvalidValueError("prices", rows, "one plan for each price id")
    return rows


def _price_row(row: object) -> tuple[str, Plan]:
    match row if is_row(row) else ():
        case (price, plan):
            return shapes.text(price, "price id"), shapes.instance(plan, Plan, "plan of a price")
        case _:
            raise InvalidTypeError("prices", row, "a price id and the plan it sells")


def price_that_sells(plan: Plan, prices: PriceRows) -> str:
    """The id of the first of `prices` that sells `plan`; features have no place in a price.

    Raises:
        UnknownKeyError: no price sells it.
    """
    wanted = _sold_as(shapes.instance(plan, Plan, "plan"))
    for price, sold in prices:
        if _sold_as(sold) == wanted:
            return price
    known = tuple(f"{price} ({sold.key}, {sold.price})" for price, sold in prices)
    raise UnknownKeyError("price of plan", f"{plan.key}, {plan.price}", known)


def _sold_as(plan: Plan) -> tuple[object, ...]:
    return plan.key, plan.price, plan.interval_months
