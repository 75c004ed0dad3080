"""Prices of Stripe's: where they stand, and what is refused because Stripe charges it otherwise."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from chatim_plans import FREE, PRO, USD, Currency, InvalidTypeError, Money
from chatim_plans.stripe import InvalidStripeError
from chatim_plans.stripe.fields import Field
from chatim_plans.stripe.prices import (
    check_currency,
    checked_prices,
    currency_of,
    exact_amount,
    own_item,
    price_in,
    rate_of,
    unit_amounts,
)
from tests.stripe.refusals import refused_at
from tests.stripe.written_objects import PRICES, Json, price_object

SHAPES = ("2018 plan", "2020 price")


def price_of(shape: str, **fields: Any) -> Json:
    """Pro's price in a shape, with some of its fields replaced, those of `recurring` too."""
    made = price_object(PRO, shape)
    inner = {"usage_type", "interval", "interval_count"}
    if "recurring" in made:
        made["recurring"] |= {name: fields.pop(name) for name in inner & fields.keys()}
    return made | fields


@pytest.mark.parametrize("shape", SHAPES)
def test_a_price_as_it_is_sold_here(shape: str) -> None:
    """Per unit and licensed, or silent about both."""
    silent = {"billing_scheme": None, "usage_type": None}
    for facts in ({}, silent, {"billing_scheme": "per_unit", "usage_type": "licensed"}):
        rate = rate_of(Field({"price": price_of(shape, **facts), "quantity": 3}, "item"), PRICES)
        assert (rate.plan, rate.seats) == (PRO, 3)


PLAN, PRICE = SHAPES
PER_UNIT = '"per_unit": each seat costs the same'
LICENSED = '"licensed": seats are counted, not metered'
AMOUNT = "1900, the price of 'pro' in minor units"
IN_DOLLARS = "\"usd\", the currency of 'pro'"
SIZED = "a number of a size that Stripe knows"
PACKS = {"transform_quantity": {"divide_by": 5}}
BELOW_ZERO = {"unit_amount": None, "unit_amount_decimal": "-1900"}
SOLD_OTHERWISE: dict[str, tuple[str, Json, str, str]] = {
    "tiers": (PRICE, {"billing_scheme": "tiered"}, "billing_scheme", PER_UNIT),
    "tiers of a plan": (PLAN, {"billing_scheme": "tiered"}, "billing_scheme", PER_UNIT),
    "metered": (PRICE, {"usage_type": "metered"}, "recurring.usage_type", LICENSED),
    "a metered plan": (PLAN, {"usage_type": "metered"}, "usage_type", LICENSED),
    "parts of a cent": (PRICE, {"unit_amount_decimal": "1900.5"}, "unit_amount_decimal", AMOUNT),
    "two amounts in a plan": (PLAN, {"amount_decimal": "1800"}, "amount_decimal", AMOUNT),
    "a decimal below zero": (PRICE, BELOW_ZERO, "unit_amount_decimal", AMOUNT),
    "a number of no size": (PRICE, {"unit_amount": 2**70}, "unit_amount", SIZED),
    "packs of seats": (PRICE, PACKS, "transform_quantity", "null: a seat counts as one"),
    "another currency": (PRICE, {"currency": "eur"}, "currency", IN_DOLLARS),
}


@pytest.mark.parametrize("sold", SOLD_OTHERWISE)
def test_what_stripe_would_charge_otherwise_is_refused(sold: str) -> None:
    """By the path of the field that says so, with what was expected there."""
    shape, facts, path, expected = SOLD_OTHERWISE[sold]
    item = Field({"price": price_of(shape, **facts), "quantity": 3}, "item")
    with refused_at(f"item.price.{path}", expected):
        rate_of(item, PRICES)


STANDS: dict[str, tuple[Json, object, str]] = {
    "price": ({"price": "price_1", "plan": "price_2"}, "price_1", "row.price"),
    "plan": ({"price": None, "plan": "price_2"}, "price_2", "row.plan"),
    "pricing": (
        {"pricing": {"price_details": {"price": "price_3"}}},
        "price_3",
        "row.pricing.price_details.price",
    ),
    "price beside pricing": ({"price": "price_1", "pricing": {}}, "price_1", "row.price"),
    "no details": ({"pricing": {"price_details": None}}, None, "row.pricing.price_details"),
    "nowhere": ({}, None, "row.price"),
}


@pytest.mark.parametrize("stands", STANDS)
def test_where_a_price_stands(stands: str) -> None:
    """In `price`, in `plan` before it, in `pricing` after it."""
    row, value, path = STANDS[stands]
    assert price_in(Field(row, "row")) == Field(value, path)


def test_a_price_that_stands_nowhere_is_asked_for_by_its_path() -> None:
    """An item without a price has no rate."""
    with refused_at("item.price"):
        rate_of(Field({"quantity": 3}, "item"), PRICES)


@pytest.mark.parametrize("quantity", [0, -1])
def test_no_seat_is_no_rate(quantity: int) -> None:
    """At least one seat is billed."""
    with refused_at("item.quantity"):
        rate_of(Field({"price": "price_pro", "quantity": quantity}, "item"), PRICES)


def test_amounts_in_minor_units() -> None:
    """Whole, or decimals of them; the first stated stands first."""
    price = {"amount_decimal": "19.5", "unit_amount": 19, "unit_amount_decimal": None}
    found = list(unit_amounts(Field(price, "price")))
    assert [amount.path for amount in found] == ["price.unit_amount", "price.amount_decimal"]
    assert [exact_amount(amount) for amount in found] == [19, Fraction(39, 2)]
    assert Field(2**63 - 1, "amount").whole() == 2**63 - 1
    for odd in (2**63, -(2**63), True, 1.5, "1"):
        with pytest.raises(InvalidStripeError):
            Field(odd, "amount").whole()
    for odd in ("", "1e3", "1.2.3", "1" * 19, "0." + "1" * 13, " 1"):
        with pytest.raises(InvalidStripeError):
            exact_amount(Field(odd, "amount"))


def test_currencies() -> None:
    """In small or capital letters; another one is refused with its owner."""
    assert currency_of(Field({"currency": "usd"}, "row")) == "USD"
    check_currency(Field({"currency": "Usd"}, "row"), USD, "the invoice")
    with refused_at("row.currency", '"eur", the currency of the invoice'):
        check_currency(Field({"currency": "usd"}, "row"), Currency("EUR", 2), "the invoice")
    for odd in (None, "", "us", "dollars", 840):
        with pytest.raises(InvalidStripeError):
            currency_of(Field({"currency": odd}, "row"))


def test_prices_may_hold_free() -> None:
    """A mapping of all plans is one; only an item at Free's price is refused."""
    prices = {**PRICES, "price_free": FREE}
    assert checked_prices(prices) is prices
    assert rate_of(Field({"price": "price_pro", "quantity": 1}, "item"), prices).plan == PRO
    with pytest.raises(InvalidStripeError):
        rate_of(Field({"price": "price_free", "quantity": 1}, "item"), prices)
    odd: Any
    for odd in (["price_pro"], {"price_pro": "pro"}, None):
        with pytest.raises(InvalidTypeError):
            checked_prices(odd)


# --- What is billed beside the seats ---
METERED: Json = {"price": {"id": "price_tokens", "recurring": {"usage_type": "metered"}}}
SEATS: Json = {"price": "price_pro", "quantity": 3}


@pytest.mark.parametrize("other", [METERED, {"plan": "price_addon"}, {"price": None}, {}])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_item_whose_price_is_known_is_ours(shape: str, other: Json) -> None:
    """A metered item or an add-on may stand beside it, before or after."""
    seats = {"plan" if shape == "2018 plan" else "price": price_object(PRO, shape), "quantity": 3}
    for rows, path in (([seats, other], "items.data[0]"), ([other, seats], "items.data[1]")):
        assert own_item(Field({"data": rows}, "items"), PRICES) == Field(seats, path)


@pytest.mark.parametrize(
    ("rows", "count"),
    [([SEATS, SEATS], 2), ([SEATS, {"price": "price_ultimate"}, METERED], 2), ([METERED, {}], 0)],
    ids=["twice", "two plans", "none"],
)
def test_an_account_has_one_plan(rows: list[Json], count: int) -> None:
    """No item of several known ones is taken for the seats, nor any of unknown ones."""
    known = "a price that sells a paid plan (price_pro, price_ultimate)"
    expected = f"one item, at the id of {known}: an account has one plan, and not {count}"
    with refused_at("items", expected):
        own_item(Field({"data": rows}, "items"), PRICES)


def test_a_price_of_free_is_not_ours() -> None:
    """Free is no subscription, also beside an item of a plan."""
    rows = [{"price": "price_free"}, SEATS]
    found = own_item(Field(rows, "items"), {**PRICES, "price_free": FREE})
    assert found == Field(SEATS, "items[1]")


def test_an_item_that_stands_alone_says_itself_what_is_wrong() -> None:
    """Its price is named, not the list."""
    assert own_item(Field([METERED], "items"), PRICES) == Field(METERED, "items[0]")


# --- A price of several currencies ---
EURO_PRO = evolve(PRO, price=Money(17_00, Currency("EUR", 2)))
IN_EURO = {"price_pro": EURO_PRO}


def euro_price(**eur: Any) -> Json:
    """Pro's price in dollars, which has an amount in euros too."""
    option = {"unit_amount": 1700, "unit_amount_decimal": "1700", "tax_behavior": "unspecified"}
    return price_of(PRICE, currency_options={"usd": {"unit_amount": 1900}, "eur": option | eur})


@pytest.mark.parametrize("price", [euro_price(), price_of(PRICE), price_of(PLAN)])
def test_a_price_reads_in_the_currency_charged(price: Json) -> None:
    """Its own currency is dollars; in webhooks the others are not expanded."""
    item = Field({"price": price, "quantity": 3}, "item")
    assert rate_of(item, IN_EURO, "EUR").plan == EURO_PRO
    with refused_at("item.price.currency", "\"eur\", the currency of 'pro'"):
        rate_of(item, IN_EURO)
    with refused_at("item.price.currency", "\"eur\", the currency of 'pro'"):
        rate_of(item, IN_EURO, "USD")


@pytest.mark.parametrize(
    ("price", "path", "expected"),
    [
        (
            euro_price(unit_amount=1800),
            "eur.unit_amount",
            "1700, the price of 'pro' in minor units",
        ),
        (
            euro_price(unit_amount=None, unit_amount_decimal=None),
            "eur.unit_amount",
            "the price of a seat in minor units",
        ),
        (price_of(PRICE, currency_options={}), "eur", "an object"),
    ],
    ids=["another amount", "no amount", "not in euros"],
)
def test_another_price_in_the_currency_charged_is_refused(
    price: Json, path: str, expected: str
) -> None:
    """By its place among the currencies."""
    with refused_at(f"item.price.currency_options.{path}", expected):
        rate_of(Field({"price": price, "quantity": 3}, "item"), IN_EURO, "EUR")
