"""The feature matrix: by cell, by row, by column, and as a difference."""

from __future__ import annotations

from collections.abc import Callable
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
    InvalidValueError,
    LimitChange,
    Money,
    Plan,
    Quota,
    UnknownKeyError,
)
from chatim_plans.catalog.features import allows_all
from chatim_plans.catalog.matrix import difference_of_plans as difference
from chatim_plans.strategies import limits, plans
from tests.accounts import PRO_ADDS, ULTIMATE_ADDS
from tests.refused import error_of, said_of


@pytest.fixture
def matrix() -> FeatureMatrix:
    """The published matrix."""
    return CHATIM.matrix


def test_cells_are_what_the_plans_grant(matrix: FeatureMatrix) -> None:
    """C2: every cell, asked by plan and by key."""
    named = {"free": FREE, "pro": PRO, "ultimate": ULTIMATE}
    basic = {Feature.javascript_sdk}
    granted = {"free": basic, "pro": basic | PRO_ADDS, "ultimate": basic | PRO_ADDS | ULTIMATE_ADDS}
    for key, plan in named.items():
        for asked in (key, plan):
            assert {each for each in Feature if matrix.allows(each, asked)} == granted[key]


def test_limits_are_what_the_plans_set(matrix: FeatureMatrix) -> None:
    """C2: team seats 1, unlimited, unlimited; the rest unlimited everywhere."""
    rows = [[matrix.limit(quota, key) for key in ("free", "pro", "ultimate")] for quota in Quota]
    assert rows == [[1, UNLIMITED, UNLIMITED], [UNLIMITED] * 3, [UNLIMITED] * 3]


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
        features_gained=(),
        features_lost=(
            Feature.visitor_export,
            Feature.custom_branding,
            Feature.contact_buttons,
            Feature.advanced_analytics,
            Feature.standard_support,
        ),
        limits_raised=(),
        limits_lowered=(LimitChange(Quota.seats, UNLIMITED, 1),),
    )


def test_difference_the_other_way_gains(matrix: FeatureMatrix) -> None:
    """P6: what an upgrade from Free to Ultimate gains."""
    gained = matrix.difference(FREE, "ultimate")
    assert gained.features_gained == tuple(Feature)[1:]
    assert gained.features_lost == ()
    assert gained.limits_raised == (LimitChange(Quota.seats, 1, UNLIMITED),)


def _as_number(limit: Any) -> float:
    return float("inf") if limit is UNLIMITED else limit


@given(limits(), limits())
def test_a_limit_allows_all_that_a_lower_one_does(limit: Any, other: Any) -> None:
    """A limit grants another when no count passes the other and not it."""
    assert allows_all(limit, other) is (_as_number(limit) >= _as_number(other))


@given(plans(), plans())
def test_difference_is_set_and_number_difference(a: Plan, b: Plan) -> None:
    """P6: by sets and plain numbers, in the order of Feature and of Quota."""
    moved = [(quota, _as_number(a.limits[quota]), _as_number(b.limits[quota])) for quota in Quota]
    change = difference(a, b)
    actual = (
        change.features_gained,
        change.features_lost,
        [(c.quota, _as_number(c.before), _as_number(c.after)) for c in change.limits_raised],
        [(c.quota, _as_number(c.before), _as_number(c.after)) for c in change.limits_lowered],
    )
    assert actual == (
        tuple(feature for feature in Feature if feature in b.features - a.features),
        tuple(feature for feature in Feature if feature in a.features - b.features),
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
        error = error_of(UnknownKeyError, ask, matrix, "gold")
        assert str(error) == "unknown plan 'gold': use one of free, pro, ultimate"

    def test_foreign_plan_is_refused(self, matrix: FeatureMatrix, ask: Any) -> None:
        """A plan of another catalogue is an error too."""
        gold = Plan("gold", Money(1, USD), 1, [], PRO.limits)
        error = error_of(UnknownKeyError, ask, matrix, gold)
        assert error.key == "gold"

    @pytest.mark.parametrize("named", [None, 7, b"pro", ["pro"]])
    def test_what_is_no_plan_is_refused(self, matrix: FeatureMatrix, ask: Any, named: Any) -> None:
        """Neither a plan nor a key."""
        error = error_of(InvalidTypeError, ask, matrix, named)
        assert str(error) == (f"plan: expected a Plan, got {said_of(named)}")


def test_row_of_neither_feature_nor_quota_is_refused(matrix: FeatureMatrix) -> None:
    """A2: an unknown row is an error."""
    error = error_of(UnknownKeyError, matrix.row, "teleport")
    assert (error.kind, error.key) == ("feature", "teleport")


# --- What contradicts itself ---
def lowered() -> LimitChange:
    """Seats, from any number to one."""
    return LimitChange(Quota.seats, UNLIMITED, 1)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: LimitChange(Quota.seats, 1, 1), "after"),
        (lambda: LimitChange(Quota.chats, UNLIMITED, UNLIMITED), "after"),
        (lambda: LimitChange(Quota.seats, 1, 0), "after"),
        (lambda: LimitChange(Quota.chats, -1, 1), "before"),
        (lambda: Difference(["api_access"], ["api_access"], (), ()), "features_lost"),
        (lambda: Difference(["api_access"] * 2, [], (), ()), "features"),
        (lambda: Difference([], [], (lowered(),), ()), "limits_raised"),
        (lambda: Difference([], [], (), (LimitChange(Quota.chats, 1, 2),)), "limits_lowered"),
        (
            lambda: Difference([], [], (LimitChange(Quota.seats, 1, 2),), (lowered(),)),
            "limits_lowered",
        ),
        (lambda: FeatureMatrix(()), "plans"),
        (lambda: FeatureMatrix((PRO, PRO)), "plans"),
    ],
)
def test_what_contradicts_itself_is_refused(make: Callable[[], object], name: str) -> None:
    """C2, P6: nothing moves that stays, nothing is both lost and gained, no plan stands twice."""
    assert error_of(InvalidValueError, make).name == name


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: LimitChange("seats", 1, 2), "quota"),  # type: ignore[arg-type]
        (lambda: LimitChange(Quota.seats, None, 2), "before"),  # type: ignore[arg-type]
        (lambda: Difference("api_access", [], (), ()), "features"),
        (lambda: Difference([], [], [], ()), "limits_raised"),  # type: ignore[arg-type]
        (lambda: Difference([], [], (), (1,)), "limit change"),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_the_wrong_shape_is_refused(make: Callable[[], object], name: str) -> None:
    """C2: the error names the fact."""
    assert error_of(InvalidTypeError, make).name == name


def test_an_unknown_feature_is_neither_lost_nor_gained() -> None:
    """A2: by text or by member, a feature is one of the page's."""
    error_of(UnknownKeyError, Difference, ["teleport"], [], (), ())


def test_features_stand_in_the_pages_order_whatever_order_they_are_given_in() -> None:
    """P6: documents of version 1 have them by the alphabet."""
    names = ["ai_chatbot", "white_label", "visitor_export"]
    lost = (Feature.visitor_export, Feature.white_label, Feature.ai_chatbot)
    assert Difference([], names, (), ()).features_lost == lost
