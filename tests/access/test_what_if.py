"""What an account would gain and lose by another plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    AccountRestrictedError,
    AddPaymentMethod,
    Cancel,
    Catalog,
    Difference,
    Feature,
    InvalidTypeError,
    InvalidValueError,
    LimitChange,
    Money,
    MoveToEdition,
    OutOfOrderError,
    Plan,
    PlanNotOfferedError,
    PlansError,
    Quota,
    change_takes_effect,
    difference,
    downgrade_report,
    entitlements,
    entitlements_after,
)
from tests.accounts import (
    PRO_ADDS,
    ULTIMATE_ADDS,
    a_plan,
    after,
    named,
    on_plan,
    on_trial,
    repriced,
    restricted,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, utc
from tests.refused import error_of, values_of


@pytest.mark.parametrize(
    ("who", "key", "expected"),
    [
        ("pro", "ultimate", ["ultimate", "ultimate", "active", JULY]),
        ("free", "pro", ["pro", "pro", "active", utc(2026, 7, 16)]),  # no payment method yet
        ("ultimate", "pro", ["pro", "pro", "active", AUGUST]),
        ("pro", "free", ["free", "free", "free", None]),
        ("trial", "free", ["free", "free", "free", None]),  # without the mark of a trial
        ("trial", "ultimate", ["ultimate", "ultimate", "active", utc(2026, 7, 16)]),
        ("trial", "pro", ["pro", "pro", "trialing", JULY]),
        ("ultimate, restricted", "free", ["free", "free", "free", None]),
    ],
)
def test_entitlements_after_a_choice(who: str, key: str, expected: list[Any]) -> None:
    """P1-P4, R6: what holds once the choice does."""
    then = entitlements_after(named(who).subscription, CHATIM.plan(key), HALF)
    assert [then.plan.key, then.held_plan.key, then.status.value, then.valid_until] == expected


def three_plans() -> Catalog:
    """An edition whose trial gives Ultimate, so that a trial can choose a lower paid plan."""
    return evolve(CHATIM, edition="trial", terms=evolve(CHATIM.terms, trial_plan="ultimate"))


def test_a_lower_plan_in_the_trial_supposes_a_payment_method() -> None:
    """B8: the question is what the plan would give, not whether it is paid for already."""
    subscription = on_trial(JUNE, catalog=three_plans()).subscription
    then = entitlements_after(subscription, PRO, HALF)
    assert (then.held_plan, then.status.value) == (PRO, "active")


def test_a_waiting_edition_holds_after_the_boundary() -> None:
    """C5: a downgrade is answered by the edition that holds by then."""
    dearer = repriced("2027", ultimate=99_00)
    account = after(on_plan(ULTIMATE, JUNE), MoveToEdition(dearer, at=JUNE))
    then = entitlements_after(account.subscription, PRO, HALF)
    assert (then.catalog, then.plan) == (dearer, PRO)


def test_it_begins_when_the_change_takes_effect() -> None:
    """P3: the entitlements after a choice are those that hold at that instant."""
    subscription = on_plan(ULTIMATE, JUNE).subscription
    starts = change_takes_effect(subscription, PRO, HALF)
    chosen = after(on_plan(ULTIMATE, JUNE), AddPaymentMethod(at=JUNE), Cancel(at=HALF))
    then = entitlements_after(subscription, FREE, HALF)
    assert then == entitlements(chosen.subscription, starts)


def test_asking_changes_nothing() -> None:
    """The subscription given stays as it was."""
    subscription = on_plan(ULTIMATE, JUNE).subscription
    entitlements_after(subscription, FREE, HALF)
    assert subscription == on_plan(ULTIMATE, JUNE).subscription


@pytest.mark.parametrize(
    ("who", "plan", "at", "error"),
    [
        ("ultimate, restricted", lambda: PRO, HALF, AccountRestrictedError),
        ("ultimate", lambda: a_plan("pro", 1), HALF, PlanNotOfferedError),
        ("pro", lambda: FREE, utc(2026, 5, 31), OutOfOrderError),
        ("pro", lambda: "free", HALF, InvalidTypeError),
    ],
    ids=["while restricted", "at a price of one's own", "before the facts", "a key for a plan"],
)
def test_what_cannot_be_chosen_is_refused(
    who: str, plan: Callable[[], Any], at: datetime, error: type[PlansError]
) -> None:
    """P7: the error is the one that the choice itself would meet."""
    error_of(error, entitlements_after, named(who).subscription, plan(), at)


def test_difference_of_two_entitlements() -> None:
    """P6: what today's account would lose by Free."""
    subscription = on_plan(ULTIMATE, JUNE).subscription
    today = entitlements(subscription, HALF)
    lost = difference(today, entitlements_after(subscription, FREE, HALF))
    assert lost == Difference(
        features_gained=(),
        features_lost=tuple(PRO_ADDS | ULTIMATE_ADDS),
        limits_raised=(),
        limits_lowered=(LimitChange(Quota.seats, UNLIMITED, 1),),
    )


def test_difference_is_of_what_is_allowed_now() -> None:
    """D2: a restricted account has Free's features to lose, and its own to win back."""
    now = entitlements(restricted(ULTIMATE).subscription, HALF)
    assert difference(now, FREE).features_lost == ()
    assert set(difference(now, ULTIMATE).features_gained) == PRO_ADDS | ULTIMATE_ADDS


@pytest.mark.parametrize(
    ("before", "after_", "gained", "lost"),
    [
        (PRO, ULTIMATE, ULTIMATE_ADDS, set()),
        (ULTIMATE, PRO, set(), ULTIMATE_ADDS),
        (PRO, PRO, set(), set()),
    ],
)
def test_difference_of_two_plans(
    before: Plan, after_: Plan, gained: set[Feature], lost: set[Feature]
) -> None:
    """C2: plans are compared as entitlements are."""
    moved = difference(before, after_)
    assert (set(moved.features_gained), set(moved.features_lost)) == (gained, lost)


@pytest.mark.parametrize("name", ["before", "after"])
@pytest.mark.parametrize("value", [None, "pro", CHATIM, CHATIM.matrix])
def test_difference_of_anything_else_is_refused(name: str, value: Any) -> None:
    """A2: a key or a catalogue grants nothing by itself."""
    given = {"before": PRO, "after": FREE, name: value}
    assert values_of(
        InvalidTypeError, difference, cast("Plan", given["before"]), cast("Plan", given["after"])
    ) == (name, value, "a Plan or Entitlements")


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        (lambda: {"features_lost": ["visitor_export", "visitor_export"]}, "features"),
        (
            lambda: {"limits_lowered": (LimitChange(Quota.seats, 1, UNLIMITED),)},
            "limits_lowered",
        ),
        (
            lambda: {"limits_lowered": (LimitChange(Quota.seats, UNLIMITED, 1),) * 2},
            "limits_lowered",
        ),
        (lambda: {"seats_over": -1}, "seats_over"),
        (lambda: {"charge": Money(-1, USD)}, "charge"),
    ],
)
def test_a_report_that_contradicts_itself_is_refused(
    facts: Callable[[], dict[str, Any]], name: str
) -> None:
    """P6: nothing is lost twice, and no limit is lowered that rises."""
    report = downgrade_report(on_plan(ULTIMATE, JUNE).subscription, FREE, HALF)
    assert error_of(InvalidValueError, evolve, report, **facts()).name == name


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"takes_effect": "July"}, "instant"),
        ({"features_lost": "visitor_export"}, "features"),
        ({"limits_lowered": [1]}, "limits_lowered"),
        ({"limits_lowered": (1,)}, "limit change"),
        ({"seats_over": 1.0}, "seats_over"),
        ({"charge": 0}, "charge"),
    ],
)
def test_a_report_of_the_wrong_shape_is_refused(facts: dict[str, Any], name: str) -> None:
    """P6: the error names the fact."""
    report = downgrade_report(on_plan(ULTIMATE, JUNE).subscription, FREE, HALF)
    assert error_of(InvalidTypeError, evolve, report, **facts).name == name


def test_a_report_lists_features_in_the_pages_order() -> None:
    """Whatever order they are given in."""
    report = downgrade_report(on_plan(ULTIMATE, JUNE).subscription, FREE, HALF)
    assert report.features_lost == tuple(Feature)[1:]
    assert evolve(report, features_lost=report.features_lost[::-1]) == report
