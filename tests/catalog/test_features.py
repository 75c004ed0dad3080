"""Features, quotas and limits: what a plan can grant."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    UNLIMITED,
    Feature,
    InvalidTypeError,
    InvalidValueError,
    Limit,
    Limits,
    Quota,
    UnknownKeyError,
)
from chatim_plans.catalog.features import features_in_order, seats_over, within
from chatim_plans.strategies import limits as drawn_limits
from tests.refused import Small, error_of, said_of, values_of


@pytest.fixture
def limits() -> Limits:
    """One seat, no chats, and flows without limit."""
    given_: dict[str, Limit] = {"chatbot_flows": UNLIMITED, "seats": 1, "chats": 0}
    return Limits(given_)


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (
            Feature,
            (
                "javascript_sdk visitor_export custom_branding contact_buttons advanced_analytics "
                "standard_support white_label api_access ai_chatbot priority_support"
            ),
        ),
        (Quota, "seats chats chatbot_flows"),
    ],
)
def test_features_and_quotas_are_those_of_the_rule_book(kind: type[StrEnum], keys: str) -> None:
    """C2: nine published switches and standard support, and three quotas, in the table's order."""
    assert [(each.name, each.value) for each in kind] == [(key, key) for key in keys.split()]


def test_unlimited_is_no_number() -> None:
    """UNLIMITED cannot be mistaken for a count, by equality, order or arithmetic."""
    with pytest.raises(TypeError):
        UNLIMITED > 5  # type: ignore[operator]  # noqa: B015 — what is tested
    assert isinstance(UNLIMITED, int | float) is False
    assert UNLIMITED.value == "unlimited"
    assert repr(UNLIMITED) == "<Unlimited.UNLIMITED: 'unlimited'>"


@pytest.mark.parametrize(
    ("count", "limit", "expected"),
    [
        (0, 0, True),
        (1, 0, False),
        (1, 1, True),
        (2, 1, False),
        (0, UNLIMITED, True),
        (10**30, UNLIMITED, True),
        (10**30, 10**30 - 1, False),
    ],
)
def test_limit_allows_counts_up_to_itself(count: int, limit: Any, expected: bool) -> None:
    """A limit is the highest count that is allowed."""
    assert within(count, limit) is expected


def test_limits_are_a_mapping_in_the_order_of_quota(limits: Limits) -> None:
    """Whatever order the limits came in, they read in the order of Quota."""
    assert list(limits.items()) == [
        (Quota.seats, 1),
        (Quota.chats, 0),
        (Quota.chatbot_flows, UNLIMITED),
    ]


@pytest.mark.parametrize("quota", [Quota.chatbot_flows, "chatbot_flows"])
def test_limit_is_found_by_quota_or_its_string(limits: Limits, quota: Quota) -> None:
    """A2: a quota's string value works as the quota."""
    assert (limits[quota], limits.get(quota), quota in limits) == (UNLIMITED, UNLIMITED, True)


def test_limits_have_a_length(limits: Limits) -> None:
    """There is a limit for each quota."""
    assert len(limits) == 3


def test_limits_read_as_they_are_built(limits: Limits) -> None:
    """The repr names each quota with its limit."""
    assert repr(limits) == "Limits(seats=1, chats=0, chatbot_flows=unlimited)"


def test_limits_equal_a_dict_of_the_same(limits: Limits) -> None:
    """Limits compare by content, with dicts too."""
    assert limits == {"seats": 1, "chats": 0, "chatbot_flows": UNLIMITED}


@pytest.mark.parametrize(
    "other",
    [
        {"seats": 2, "chats": 0, "chatbot_flows": UNLIMITED},
        {"seats": 1, "chats": 0, "chatbot_flows": 10**30},
        {"seats": 1, "chats": 0},
        {},
        None,
        (1, 0, UNLIMITED),
    ],
)
def test_limits_differ_from_anything_else(limits: Limits, other: object) -> None:
    """Another limit, a missing one or another type makes them unequal."""
    assert limits != other


def test_equal_limits_hash_alike(limits: Limits) -> None:
    """Limits may be members of a set."""
    more: dict[str, Limit] = {"seats": 2, "chats": 0, "chatbot_flows": UNLIMITED}
    assert {limits, Limits(dict(limits)), Limits({**limits, Quota.seats: 2})} == {
        limits,
        Limits(more),
    }


def test_other_limits_hash_otherwise(limits: Limits) -> None:
    """The hash is of the limits: sets of plans stay fast."""
    assert len({hash(Limits({**limits, Quota.seats: count})) for count in range(1, 101)}) == 100


def test_limits_can_be_built_from_limits(limits: Limits) -> None:
    """Any mapping will do: limits themselves, and a read-only view."""
    assert (Limits(limits), Limits(MappingProxyType({**limits}))) == (limits, limits)


def test_limits_keep_nothing_of_the_dict_they_came_from() -> None:
    """Changing the dict afterwards changes no limit."""
    given_: dict[str, Any] = {"seats": 1, "chats": 2, "chatbot_flows": 3}
    limits = Limits(given_)
    given_["seats"] = 99
    assert limits["seats"] == 1


@given(st.lists(drawn_limits(at_least=1), min_size=3, max_size=3))
def test_limits_give_back_what_they_were_given(values: list[Any]) -> None:
    """Any three limits come back as given. Width: 1 to 10**9, and UNLIMITED."""
    given_ = dict(zip(Quota, values, strict=True))
    assert dict(Limits(given_)) == given_


@pytest.mark.parametrize(
    ("given_", "missing"),
    [
        ({}, "seats, chats, chatbot_flows"),
        ({"seats": 1}, "chats, chatbot_flows"),
        ({"seats": 1, "chatbot_flows": 1}, "chats"),
    ],
)
def test_quota_without_a_limit_is_refused(given_: dict[str, Any], missing: str) -> None:
    """C2: a plan says something of every quota."""
    error = error_of(InvalidValueError, Limits, given_)
    assert str(error) == f"limits: expected a limit for {missing} too, got {given_!r}"


@pytest.mark.parametrize("given_", [None, 7, "seats", [("seats", 1)], {"seats"}])
def test_limits_are_a_mapping(given_: Any) -> None:
    """What is no mapping is refused."""
    error = error_of(InvalidTypeError, Limits, given_)
    assert str(error) == (f"limits: expected a mapping of quotas to limits, got {said_of(given_)}")


def test_unknown_quota_is_refused_when_built() -> None:
    """A2: a quota nobody knows is refused."""
    error = error_of(
        UnknownKeyError, Limits, {"seats": 1, "chats": 1, "chatbot_flows": 1, "operators": 1}
    )
    assert str(error) == "unknown quota 'operators': use one of seats, chats, chatbot_flows"


@pytest.mark.parametrize("ask", [Limits.__getitem__, Limits.get, Limits.__contains__])
def test_unknown_quota_is_refused_when_asked(limits: Limits, ask: Any) -> None:
    """A2: asking for a quota nobody knows is an error, never a None or a no."""
    error = error_of(UnknownKeyError, ask, limits, "operators")
    assert (error.kind, error.key) == ("quota", "operators")


@pytest.mark.parametrize("limit", [True, 1.0, "1", None, Small.one, float("inf")])
def test_limit_is_an_int_or_unlimited(limit: Any) -> None:
    """Infinity, None and bools are no limits; the refusal names the quota."""
    error = error_of(InvalidTypeError, Limits, {"seats": 1, "chats": limit, "chatbot_flows": 1})
    assert str(error) == (f"chats: expected a whole number (int), got {said_of(limit)}")


@pytest.mark.parametrize(("quota", "least"), [("seats", 1), ("chats", 0), ("chatbot_flows", 0)])
def test_a_limit_below_the_least_is_refused(quota: str, least: int) -> None:
    """A team has at least one seat (S3); no other limit is below zero."""
    roomy: dict[str, Limit] = {"seats": 1, "chats": 1, "chatbot_flows": 1}
    assert Limits({**roomy, quota: least})[quota] == least
    error = error_of(InvalidValueError, Limits, {**roomy, quota: least - 1})
    assert str(error) == (f"{quota}: expected a whole number of at least {least}, got {least - 1}")


@pytest.mark.parametrize(
    ("seats", "limit", "over"),
    [(3, 1, 2), (1, 1, 0), (1, 5, 0), (6, 5, 1), (3, UNLIMITED, 0), (10**9, UNLIMITED, 0)],
)
def test_seats_over_a_limit(seats: int, limit: Limit, over: int) -> None:
    """S4: how many members are over the limit; never fewer than none."""
    assert seats_over(seats, limit) == over


@pytest.mark.parametrize(
    ("features", "kind", "values"),
    [
        ("api", InvalidTypeError, ("features", "api", "a collection, such as a tuple")),
        ([7], InvalidTypeError, ("feature", 7, "a str")),
        (["teleport"], UnknownKeyError, ("feature", "teleport", tuple(map(str, Feature)))),
        (
            ["api_access", Feature.api_access],
            InvalidValueError,
            ("features", ("api_access", "api_access"), "each feature once"),
        ),
    ],
)
def test_features_that_cannot_be_put_in_order_are_refused(
    features: Any, kind: Any, values: tuple[object, ...]
) -> None:
    """C2: known features, each once."""
    assert values_of(kind, features_in_order, features) == values
