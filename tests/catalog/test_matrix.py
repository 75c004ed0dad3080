"""The feature matrix: by cell, by row, by column, and as a difference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    Difference,
    Feature,
    FeatureMatrix,
    InvalidTypeError,
    LimitChange,
    Money,
    Plan,
    Quota,
    UnknownKeyError,
)
from chatim_plans.catalog.features import allows_all
from chatim_plans.catalog.matrix import difference_of_plans as difference
from chatim_plans.strategies import limits, plans


@pytest.fixture
def matrix() -> FeatureMatrix:
    """The published matrix."""
    return CHATIM.matrix


def test_cells_are_what_the_plans_grant(matrix: FeatureMatrix) -> None:
    """C2: every cell, asked by plan and by key."""
    actual = {
        (feature.value, key): (matrix.allows(feature, key), matrix.allows(feature, plan))
        for feature in Feature
        for key, plan in {"free": FREE, "pro": PRO, "ultimate": ULTIMATE}.items()
    }
    lowest = {
        "javascript_sdk": 0,
        "visitor_export": 1,
        "custom_branding": 1,
        "contact_buttons": 1,
        "advanced_analytics": 1,
        "standard_support": 1,
        "white_label": 2,
        "api_access": 2,
        "ai_chatbot": 2,
        "priority_support": 2,
    }
    assert actual == {
        (feature, key): (rank >= lowest[feature], rank >= lowest[feature])
        for feature in lowest
        for rank, key in enumerate(("free", "pro", "ultimate"))
    }


def test_limits_are_what_the_plans_set(matrix: FeatureMatrix) -> None:
    """C2: team seats 1, unlimited, unlimited; the rest unlimited everywhere."""
    actual = {
        quota.value: [matrix.limit(quota, key) for key in ("free", "pro", "ultimate")]
        for quota in Quota
    }
    assert actual == {
        "seats": [1, UNLIMITED, UNLIMITED],
        "chats": [UNLIMITED, UNLIMITED, UNLIMITED],
        "chatbot_flows": [UNLIMITED, UNLIMITED, UNLIMITED],
    }


@pytest.mark.parametrize("grant", [Feature.white_label, "white_label"])
def test_row_of_a_feature(matrix: FeatureMatrix, grant: str) -> None:
    """A feature's row says yes or no by plan key, in rank order."""
    assert list(matrix.row(grant).items()) == [("free", False), ("pro", False), ("ultimate", True)]


@pytest.mark.parametrize("grant", [Quota.seats, "seats"])
def test_row_of_a_quota(matrix: FeatureMatrix, grant: str) -> None:
    """A quota's row tells the limits by plan key, in rank order."""
    assert list(matrix.row(grant).items()) == [
        ("free", 1),
        ("pro", UNLIMITED),
        ("ultimate", UNLIMITED),
    ]


@pytest.mark.parametrize("named", ["free", lambda: FREE])
def test_column_of_a_plan(matrix: FeatureMatrix, named: Any) -> None:
    """A plan's column tells every quota, then every feature."""
    assert list(matrix.column(named() if callable(named) else named).items()) == [
        (Quota.seats, 1),
        (Quota.chats, UNLIMITED),
        (Quota.chatbot_flows, UNLIMITED),
        *((feature, feature is Feature.javascript_sdk) for feature in Feature),
    ]


def test_plans_are_told_apart_by_key(matrix: FeatureMatrix) -> None:
    """C8: a plan of an old price is asked by its key, and the matrix's own plan answers."""
    old = Plan("pro", Money(1, USD), 1, [], {"seats": 7, "chats": 7, "chatbot_flows": 7})
    assert (matrix.allows("visitor_export", old), matrix.limit("seats", old)) == (True, UNLIMITED)


def test_difference_of_two_plans(matrix: FeatureMatrix) -> None:
    """P6: what a downgrade from Pro to Free loses."""
    assert matrix.difference("pro", FREE) == Difference(
        features_gained=frozenset(),
        features_lost=frozenset({
            Feature.visitor_export,
            Feature.custom_branding,
            Feature.contact_buttons,
            Feature.advanced_analytics,
            Feature.standard_support,
        }),
        limits_raised=(),
        limits_lowered=(LimitChange(Quota.seats, UNLIMITED, 1),),
    )


def test_difference_the_other_way_gains(matrix: FeatureMatrix) -> None:
    """P6: what an upgrade from Free to Ultimate gains."""
    gained = matrix.difference(FREE, "ultimate")
    assert (gained.features_gained, gained.features_lost, gained.limits_raised) == (
        frozenset(Feature) - {Feature.javascript_sdk},
        frozenset(),
        (LimitChange(Quota.seats, 1, UNLIMITED),),
    )


def _as_number(limit: Any) -> float:
    return float("inf") if limit is UNLIMITED else limit


@given(limits(), limits())
def test_a_limit_allows_all_that_a_lower_one_does(limit: Any, other: Any) -> None:
    """A limit grants another when no count passes the other and not it."""
    assert allows_all(limit, other) is (_as_number(limit) >= _as_number(other))


@given(plans(), plans())
def test_difference_is_set_and_number_difference(a: Plan, b: Plan) -> None:
    """P6: by sets and plain numbers, in the order of Quota."""
    moved = [(quota, _as_number(a.limits[quota]), _as_number(b.limits[quota])) for quota in Quota]
    change = difference(a, b)
    actual = (
        change.features_gained,
        change.features_lost,
        [(c.quota, _as_number(c.before), _as_number(c.after)) for c in change.limits_raised],
        [(c.quota, _as_number(c.before), _as_number(c.after)) for c in change.limits_lowered],
    )
    assert actual == (
        frozenset(feature for feature in b.features if feature not in a.features),
        frozenset(feature for feature in a.features if feature not in b.features),
        [move for move in moved if move[1] < move[2]],
        [move for move in moved if move[1] > move[2]],
    )


@pytest.mark.parametrize(
    "ask",
    [
        lambda m, p: m.allows("white_label", p),
        lambda m, p: m.limit("seats", p),
        lambda m, p: m.column(p),
        lambda m, p: m.difference(p, "pro"),
        lambda m, p: m.difference("pro", p),
    ],
)
class TestUnknownPlan:
    """A2: a plan that the matrix does not have."""

    def test_unknown_key_is_refused(self, matrix: FeatureMatrix, ask: Any) -> None:
        """A key nobody knows is an error that names the known ones."""
        with pytest.raises(UnknownKeyError) as caught:
            ask(matrix, "gold")
        assert str(caught.value) == "unknown plan 'gold': use one of free, pro, ultimate"

    def test_foreign_plan_is_refused(self, matrix: FeatureMatrix, ask: Any) -> None:
        """A plan of another catalogue is an error too."""
        gold = Plan("gold", Money(1, USD), 1, [], PRO.limits)
        with pytest.raises(UnknownKeyError) as caught:
            ask(matrix, gold)
        assert caught.value.key == "gold"

    @pytest.mark.parametrize("named", [None, 7, b"pro", ["pro"]])
    def test_what_is_no_plan_is_refused(self, matrix: FeatureMatrix, ask: Any, named: Any) -> None:
        """Neither a plan nor a key."""
        with pytest.raises(InvalidTypeError) as caught:
            ask(matrix, named)
        assert str(caught.value) == (f"plan: expected a Plan, got {type(named).__name__} {named!r}")


def test_row_of_neither_feature_nor_quota_is_refused(matrix: FeatureMatrix) -> None:
    """A2: an unknown row is an error."""
    with pytest.raises(UnknownKeyError) as caught:
        matrix.row("teleport")
    assert (caught.value.kind, caught.value.key) == ("feature", "teleport")
