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
from tests.refused import error_of, said_of, values_of


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


def raised() -> LimitChange:
    """Chats, from one to two."""
    return LimitChange(Quota.chats, 1, 2)


MOVES = "another limit than before"
SEATS = "a whole number of at least 1"
ONCE = "at least one plan, each key once"
API = Feature.api_access
CONTRADICTIONS: dict[str, tuple[Callable[[], object], Callable[[], tuple[object, ...]]]] = {
    "one limit twice": (lambda: LimitChange(Quota.seats, 1, 1), lambda: ("after", 1, MOVES)),
    "no limit twice": (
        lambda: LimitChange(Quota.chats, UNLIMITED, UNLIMITED),
        lambda: ("after", UNLIMITED, MOVES),
    ),
    "to no seat": (lambda: LimitChange(Quota.seats, 1, 0), lambda: ("after", 0, SEATS)),
    "from no seat": (lambda: LimitChange(Quota.seats, 0, 1), lambda: ("before", 0, SEATS)),
    "from less than nothing": (
        lambda: LimitChange(Quota.chats, -1, 1),
        lambda: ("before", -1, "a whole number of at least 0"),
    ),
    "gained and lost": (
        lambda: Difference([API], [API], (), ()),
        lambda: ("features_lost", (API,), "features that are not gained, too"),
    ),
    "gained twice": (
        lambda: Difference([API] * 2, [], (), ()),
        lambda: ("features", (API, API), "each feature once"),
    ),
    "raised, and lower": (
        lambda: Difference([], [], (lowered(),), ()),
        lambda: ("limits_raised", lowered(), "limits that were raised"),
    ),
    "lowered, and higher": (
        lambda: Difference([], [], (), (raised(),)),
        lambda: ("limits_lowered", raised(), "limits that were lowered"),
    ),
    "raised and lowered": (
        lambda: Difference([], [], (LimitChange(Quota.seats, 1, 2),), (lowered(),)),
        lambda: ("limits_lowered", (lowered(),), "each quota once"),
    ),
    "no plan": (lambda: FeatureMatrix(()), lambda: ("plans", (), ONCE)),
    "a plan twice": (lambda: FeatureMatrix((PRO, PRO)), lambda: ("plans", (PRO, PRO), ONCE)),
}


@pytest.mark.parametrize(("make", "values"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_contradicts_itself_is_refused(
    make: Callable[[], object], values: Callable[[], tuple[object, ...]]
) -> None:
    """C2, P6: nothing moves that stays, nothing is both lost and gained, no plan stands twice."""
    assert values_of(InvalidValueError, make) == values()


def test_a_matrix_of_one_plan_is_enough() -> None:
    """C2: none is too few."""
    assert FeatureMatrix((PRO,)).row("seats") == {"pro": UNLIMITED}


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (lambda: LimitChange("seats", 1, 2), ("quota", "seats", "a Quota")),  # type: ignore[arg-type]
        (
            lambda: LimitChange(Quota.seats, None, 2),  # type: ignore[arg-type]
            ("before", None, "a whole number (int)"),
        ),
        (
            lambda: Difference("api_access", [], (), ()),
            ("features", "api_access", "a collection, such as a tuple"),
        ),
        (lambda: Difference([], [], [], ()), ("limits_raised", [], "a tuple")),  # type: ignore[arg-type]
        (lambda: Difference([], [], (), (1,)), ("limit change", 1, "a LimitChange")),  # type: ignore[arg-type]
        (lambda: FeatureMatrix((PRO,)).row(7), ("feature or quota", 7, "a str")),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_the_wrong_shape_is_refused(
    make: Callable[[], object], values: tuple[object, ...]
) -> None:
    """C2: the error names the fact."""
    assert values_of(InvalidTypeError, make) == values


def test_an_unknown_feature_is_neither_lost_nor_gained() -> None:
    """A2: by text or by member, a feature is one of the page's."""
    error_of(UnknownKeyError, Difference, ["teleport"], [], (), ())


def test_features_stand_in_the_pages_order_whatever_order_they_are_given_in() -> None:
    """P6: documents of version 1 have them by the alphabet."""
    names = ["ai_chatbot", "white_label", "visitor_export"]
    lost = (Feature.visitor_export, Feature.white_label, Feature.ai_chatbot)
    assert Difference([], names, (), ()).features_lost == lost
