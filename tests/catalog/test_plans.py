"""A plan: its shape, its price, and what it grants."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    UNLIMITED,
    USD,
    Currency,
    Feature,
    InvalidTypeError,
    InvalidValueError,
    Limit,
    Limits,
    Money,
    Plan,
    Quota,
    UnknownKeyError,
)
from chatim_plans.strategies import plans
from tests.refused import Small, error_of, said_of, values_of

LIMITS: dict[str, Limit] = {"seats": 5, "chats": 100, "chatbot_flows": UNLIMITED}


def plan(**facts: Any) -> Plan:
    """A plan of $9 a month, unless other facts are given."""
    usual: dict[str, Any] = {
        "key": "small",
        "price": Money(900, USD),
        "interval_months": 1,
        "features": {Feature.visitor_export, Feature.javascript_sdk},
        "limits": LIMITS,
    }
    return Plan(**{**usual, **facts})


def test_plan_keeps_its_facts() -> None:
    """A plan holds what it was built from, features and limits as immutable values."""
    held = plan()
    assert held.key == "small"
    assert held.price == Money(900, USD)
    assert held.interval_months == 1
    assert held.features == frozenset({Feature.visitor_export, Feature.javascript_sdk})
    assert held.limits == Limits(LIMITS)


def test_features_can_be_named_by_strings() -> None:
    """A2: string values work as features, and become features."""
    held = plan(features=["visitor_export"])
    assert {(type(feature), feature) for feature in held.features} == {
        (Feature, Feature.visitor_export)
    }


def test_plans_of_the_same_facts_are_equal_and_hash_alike() -> None:
    """A plan is a value."""
    assert {plan(), plan(), plan(key="other")} == {plan(key="other"), plan()}


def test_what_a_plan_allows_follows_from_its_features() -> None:
    """It can be neither given nor changed, and is no part of what a plan is or shows."""
    held = plan(features=["visitor_export"])
    assert [feature for feature in Feature if held.allows(feature)] == [Feature.visitor_export]
    assert held.grants == {feature: held.allows(feature) for feature in Feature}
    for name in ("grants", "_grants"):
        with pytest.raises(TypeError):
            plan(**{name: {Feature.api_access: True}})
    with pytest.raises(TypeError):
        cast("dict[str, bool]", held.grants)[Feature.api_access] = True
    assert repr(held).endswith(
        "features={visitor_export}, seats=5, chats=100, chatbot_flows=unlimited)"
    )


def test_plan_is_built_anew_from_its_facts_when_unpickled() -> None:
    """A pickle holds the facts alone, and what it gives back answers alike."""
    held = plan()
    again = pickle.loads(pickle.dumps(held))
    assert (again, hash(again), type(again)) == (held, hash(held), Plan)
    assert [again.allows(feature) for feature in Feature] == [
        held.allows(feature) for feature in Feature
    ]


@pytest.mark.parametrize("key", ["", "  ", "\n"])
def test_blank_key_is_refused(key: str) -> None:
    """A plan has a key."""
    error = error_of(InvalidValueError, plan, key=key)
    assert str(error) == f"plan key: expected a text that is not blank, got {key!r}"


def test_a_key_is_a_hundred_characters_at_most() -> None:
    """Every message and every repr says it."""
    error = error_of(InvalidValueError, plan, key="k" * 101)
    assert (error.name, error.expected) == ("plan key", "a text of at most 100 characters")
    assert len(str(error)) < 200
    assert plan(key="k" * 100).key == "k" * 100


@pytest.mark.parametrize("key", [None, 7, b"small"])
def test_key_is_a_str(key: Any) -> None:
    """A key of another type is refused."""
    error = error_of(InvalidTypeError, plan, key=key)
    assert str(error) == f"plan key: expected a str, got {said_of(key)}"


@pytest.mark.parametrize("price", [None, 900, 9.0, "9.00 USD", (900, USD)])
def test_price_is_a_money(price: Any) -> None:
    """A number alone is no price."""
    error = error_of(InvalidTypeError, plan, price=price)
    assert str(error) == (f"price: expected a Money, got {said_of(price)}")


def test_negative_price_is_refused() -> None:
    """Nobody is paid for a seat."""
    error = error_of(InvalidValueError, plan, price=Money(-1, USD))
    assert str(error) == "price: expected a price of at least 0, got -1"


@pytest.mark.parametrize("months", [1, 12])
def test_paid_plan_is_billed_by_month_or_year(months: int) -> None:
    """C6: a paid plan's interval is 1 or 12 months."""
    assert plan(interval_months=months).interval_months == months


@pytest.mark.parametrize(
    ("price", "months"),
    [(900, None), (900, 0), (900, 2), (900, 3), (900, 6), (900, 24), (900, -1), (0, 1), (0, 12)],
)
def test_other_interval_is_refused(price: int, months: int | None) -> None:
    """C6: no other interval on a paid plan, and none on a free one."""
    error = error_of(InvalidValueError, plan, price=Money(price, USD), interval_months=months)
    assert str(error) == (
        "interval_months: expected 1 or 12 months for a paid plan, None for a free one, "
        f"got {months}"
    )


@pytest.mark.parametrize("months", [1.0, True, "1", Small.one])
@pytest.mark.parametrize("price", [0, 900])
def test_interval_is_an_int(price: int, months: Any) -> None:
    """An interval of another type, a bool too, is refused on any plan."""
    error = error_of(InvalidTypeError, plan, price=Money(price, USD), interval_months=months)
    assert str(error) == (f"interval_months: expected a whole number (int), got {said_of(months)}")


@pytest.mark.parametrize("features", ["visitor_export", None, 7])
def test_features_are_a_collection(features: Any) -> None:
    """One string is no collection of features."""
    error = error_of(InvalidTypeError, plan, features=features)
    assert str(error) == (
        f"features: expected a collection, such as a tuple, got {said_of(features)}"
    )


def test_unknown_feature_is_refused_when_built() -> None:
    """A2: a plan cannot grant what nobody knows."""
    values = values_of(UnknownKeyError, plan, features=["visitor_export", "teleport"])
    assert values == ("feature", "teleport", tuple(feature.value for feature in Feature))


@pytest.mark.parametrize(
    ("price", "months", "free", "per_year"),
    [(0, None, True, 0), (900, 1, False, 10_800), (9000, 12, False, 9000), (1, 1, False, 12)],
)
def test_price_per_year_compares_plans_of_unlike_intervals(
    price: int, months: int | None, free: bool, per_year: int
) -> None:
    """A3: a monthly price counts twelve times, a yearly one once, Free nothing."""
    held = plan(price=Money(price, USD), interval_months=months)
    assert (held.is_free, held.price_per_year) == (free, per_year)


@pytest.mark.parametrize("wrap", [str, Feature])
def test_plan_allows_its_features_and_no_others(wrap: Callable[[str], str]) -> None:
    """A2: by feature or by its string, a plan allows exactly what it grants."""
    held = plan()
    assert {feature for feature in Feature if held.allows(wrap(feature.value))} == {
        Feature.javascript_sdk,
        Feature.visitor_export,
    }


@pytest.mark.parametrize("wrap", [str, Quota])
def test_plan_tells_its_limits(wrap: Callable[[str], str]) -> None:
    """A2: by quota or by its string, a plan tells the limit."""
    held = plan()
    assert [held.limit(wrap(quota.value)) for quota in Quota] == [5, 100, UNLIMITED]


@pytest.mark.parametrize("ask", [Plan.allows, Plan.limit])
@pytest.mark.parametrize("key", ["teleport", "", "Seats", "VISITOR_EXPORT", " seats"])
def test_unknown_name_is_an_error_and_never_a_no(ask: Any, key: str) -> None:
    """A2: it fails closed."""
    error = error_of(UnknownKeyError, ask, plan(), key)
    assert error.key == key


@pytest.mark.parametrize("ask", [Plan.allows, Plan.limit])
@pytest.mark.parametrize("key", [None, 7, True, [], b"seats"])
def test_name_of_another_type_is_an_error(ask: Any, key: Any) -> None:
    """A2: a name is a string."""
    error = error_of(InvalidTypeError, ask, plan(), key)
    assert (error.value, error.expected) == (key, "a str")


def test_feature_is_no_quota_and_quota_no_feature() -> None:
    """A2: the two kinds of grants do not mix."""
    assert error_of(UnknownKeyError, plan().allows, Quota.seats).kind == "feature"
    assert error_of(UnknownKeyError, plan().limit, Feature.ai_chatbot).kind == "quota"


@given(plans(), st.integers(1, 10**9))
def test_charge_is_price_times_seats(held: Plan, seats: int) -> None:
    """B1: the charge of an interval. Width: up to 10**9 seats."""
    assert held.charge(seats) == Money(held.price.amount * seats, held.price.currency)


def test_charge_is_in_the_plans_currency() -> None:
    """B1: the charge has the price's currency, and a yearly plan charges a year."""
    yen = Currency("JPY", 0)
    assert plan(price=Money(90, yen), interval_months=12).charge(2) == Money(180, yen)


@pytest.mark.parametrize("seats", [0, -1])
def test_charge_of_no_seats_is_refused(seats: int) -> None:
    """S3: a team has at least one seat."""
    error = error_of(InvalidValueError, plan().charge, seats)
    assert str(error) == f"seats: expected a whole number of at least 1, got {seats}"


@pytest.mark.parametrize("seats", [1.0, True, "1", None, Small.one])
def test_charged_seats_are_an_int(seats: Any) -> None:
    """Seats of another type are refused."""
    error = error_of(InvalidTypeError, plan().charge, seats)
    assert str(error) == (f"seats: expected a whole number (int), got {said_of(seats)}")


@pytest.mark.parametrize(
    ("interval", "price", "yearly"), [(None, 0, "0"), (1, 1900, "22800"), (12, 36_001, "36001")]
)
def test_plans_compare_by_the_year_in_whole_minor_units(
    interval: int | None, price: int, yearly: str
) -> None:
    """A3: a price per seat, whatever its interval, for twelve months."""
    limits: dict[str, Limit] = dict.fromkeys(Quota, UNLIMITED)
    held = Plan("x", Money(price, USD), interval, [], limits)
    assert repr(held.price_per_year) == yearly
