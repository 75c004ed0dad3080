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
    Account,
    ActionRefusedError,
    AddPaymentMethod,
    Cancel,
    Catalog,
    Difference,
    Feature,
    InvalidTypeError,
    LimitChange,
    MoveToEdition,
    OutOfOrderError,
    PaymentFailed,
    Plan,
    PlanNotOfferedError,
    Quota,
    change_takes_effect,
    difference,
    entitlements,
    entitlements_after,
)
from tests.rules.stories import after, on_free, on_plan, on_trial, repriced, utc

JUNE = utc(2026, 6, 1)
HALF = utc(2026, 6, 16)
JULY = utc(2026, 7, 1)
AUGUST = utc(2026, 8, 1)

PRO_ONLY = {
    Feature.visitor_export,
    Feature.custom_branding,
    Feature.contact_buttons,
    Feature.advanced_analytics,
    Feature.standard_support,
}
ULTIMATE_ONLY = {
    Feature.white_label,
    Feature.api_access,
    Feature.ai_chatbot,
    Feature.priority_support,
}


def restricted() -> Account:
    """On Ultimate, after the last retry failed."""
    return after(on_plan(ULTIMATE, JUNE), PaymentFailed(final=True, at=JUNE))


AFTER: dict[str, tuple[Callable[[], Account], str, list[Any]]] = {
    "an upgrade holds at once": (
        lambda: on_plan(PRO, JUNE),
        "ultimate",
        ["ultimate", "ultimate", "active", JULY],
    ),
    "an upgrade from Free, with no payment method yet": (
        lambda: on_free(JUNE),
        "pro",
        ["pro", "pro", "active", utc(2026, 7, 16)],
    ),
    "a downgrade holds from the period's end": (
        lambda: on_plan(ULTIMATE, JUNE),
        "pro",
        ["pro", "pro", "active", AUGUST],
    ),
    "Free holds from the period's end": (
        lambda: on_plan(PRO, JUNE),
        "free",
        ["free", "free", "free", None],
    ),
    "Free holds from the trial's end, without its mark": (
        lambda: on_trial(JUNE),
        "free",
        ["free", "free", "free", None],
    ),
    "Ultimate in the trial ends the trial": (
        lambda: on_trial(JUNE),
        "ultimate",
        ["ultimate", "ultimate", "active", utc(2026, 7, 16)],
    ),
    "the plan held changes nothing": (
        lambda: on_trial(JUNE),
        "pro",
        ["pro", "pro", "trialing", JULY],
    ),
    "a restricted account falls to Free": (
        restricted,
        "free",
        ["free", "free", "free", None],
    ),
}


@pytest.mark.parametrize(("account", "key", "expected"), AFTER.values(), ids=AFTER)
def test_entitlements_after_a_choice(
    account: Callable[[], Account], key: str, expected: list[Any]
) -> None:
    """P1-P4, R6: what holds once the choice does."""
    then = entitlements_after(account().subscription, CHATIM.plan(key), HALF)
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


REFUSED: dict[str, tuple[Callable[[], Account], Any, datetime, type[Exception]]] = {
    "a restricted account chooses": (restricted, PRO, HALF, ActionRefusedError),
    "a plan of another edition": (
        lambda: on_plan(ULTIMATE, JUNE),
        repriced("2027", pro=1).plan("pro"),
        HALF,
        PlanNotOfferedError,
    ),
    "before the facts": (lambda: on_plan(PRO, JUNE), FREE, utc(2026, 5, 31), OutOfOrderError),
    "a key for a plan": (lambda: on_plan(PRO, JUNE), "free", HALF, InvalidTypeError),
}


@pytest.mark.parametrize(("account", "plan", "at", "error"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_chosen_is_refused(
    account: Callable[[], Account], plan: Any, at: datetime, error: type[Exception]
) -> None:
    """P7: the error is the one that the choice itself would meet."""
    with pytest.raises(error):
        entitlements_after(account().subscription, plan, at)


def test_difference_of_two_entitlements() -> None:
    """P6: what today's account would lose by Free."""
    subscription = on_plan(ULTIMATE, JUNE).subscription
    today = entitlements(subscription, HALF)
    lost = difference(today, entitlements_after(subscription, FREE, HALF))
    assert lost == Difference(
        features_gained=frozenset(),
        features_lost=frozenset(PRO_ONLY | ULTIMATE_ONLY),
        limits_raised=(),
        limits_lowered=(LimitChange(Quota.seats, UNLIMITED, 1),),
    )


def test_difference_is_of_what_is_allowed_now() -> None:
    """D2: a restricted account has Free's features to lose, and its own to win back."""
    now = entitlements(restricted().subscription, HALF)
    assert difference(now, FREE).features_lost == frozenset()
    assert difference(now, ULTIMATE).features_gained == PRO_ONLY | ULTIMATE_ONLY


@pytest.mark.parametrize(
    ("before", "after_", "gained", "lost"),
    [
        (PRO, ULTIMATE, ULTIMATE_ONLY, set()),
        (ULTIMATE, PRO, set(), ULTIMATE_ONLY),
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
    with pytest.raises(InvalidTypeError) as caught:
        difference(cast("Plan", given["before"]), cast("Plan", given["after"]))
    assert (caught.value.name, caught.value.value, caught.value.expected) == (
        name,
        value,
        "a Plan or Entitlements",
    )
