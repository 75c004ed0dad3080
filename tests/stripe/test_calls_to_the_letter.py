"""What the refusals of calls to Stripe say, whole, and what stands at the seams of their rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("stripe", reason="needs stripe-python")

from attrs import evolve

from chatim_plans import (
    CHATIM,
    PRO,
    ULTIMATE,
    USD,
    ActionRefusedError,
    AddPaymentMethod,
    Cancel,
    Catalog,
    ChoosePlan,
    InvalidTypeError,
    InvalidValueError,
    Money,
    MoveToEdition,
    OnTrial,
    Plan,
    PlansError,
    StartFree,
    StartTrial,
    Subscription,
    replay,
)
from chatim_plans.stripe import StripeIds, calls, preview_call, release_call

START = datetime(2026, 10, 15, 9, tzinfo=UTC)
NOW = datetime(2026, 10, 27, 17, 30, tzinfo=UTC)
END_OF_TRIAL = datetime(2026, 11, 14, 9, tzinfo=UTC)
MONTH = timedelta(days=31)


def free() -> Subscription:
    """On Free with a card since the start."""
    return replay([StartFree(at=START), AddPaymentMethod(at=START)]).account.subscription


def paid() -> Subscription:
    """On Ultimate for five since the start."""
    story = (StartFree(at=START), AddPaymentMethod(at=START), ChoosePlan(ULTIMATE, 5, at=START))
    return replay(story).account.subscription


def in_trial() -> Subscription:
    """In a trial of Ultimate since the start."""
    terms = evolve(CHATIM.terms, trial_plan="ultimate")
    return replay([StartTrial(at=START)], catalog=evolve(CHATIM, terms=terms)).account.subscription


def dearer() -> Catalog:
    """An edition in which all prices are higher."""
    return Catalog("2027", tuple(map(at_twice, CHATIM.plans)), CHATIM.terms)


def at_twice(plan: Plan) -> Plan:
    """A plan at twice its price."""
    return evolve(plan, price=Money(2 * plan.price.amount, USD))


def ids(subscription: str | None = "sub_1", **more: Any) -> StripeIds:
    """A customer's ids, with a price for every plan."""
    paid_plans = [plan for catalog in (CHATIM, dearer()) for plan in catalog.plans if plan.price]
    prices = {f"price_{number}": plan for number, plan in enumerate(paid_plans)}
    item = None if subscription is None else "si_1"
    return StripeIds("cus_1", prices, subscription, item, **more)


def ends_later() -> Subscription:
    """On Ultimate, cancelled for an instant after the next boundary."""
    facts = replay([
        *(StartFree(at=START), AddPaymentMethod(at=START), ChoosePlan(ULTIMATE, 5, at=START)),
        Cancel(at=NOW),
    ]).account.subscription
    assert facts.scheduled_change is not None
    return evolve(facts, scheduled_change=evolve(facts.scheduled_change, at=START + 2 * MONTH))


@pytest.mark.parametrize(
    ("ask", "story", "named", "error", "sentence"),
    [
        (
            lambda: Cancel(at=NOW),
            in_trial,
            lambda: ids(phase_start=END_OF_TRIAL),
            InvalidValueError,
            (
                "phase_start: expected the start of the trial: two years before"
                " 2026-11-14T09:00:00+00:00 at most, and begun, got"
                " datetime.datetime(2026, 11, 14, 9, 0, tzinfo=datetime.timezone.utc)"
            ),
        ),
        (
            lambda: ChoosePlan(PRO, at=NOW),
            lambda: evolve(in_trial(), phase=OnTrial(NOW + 2 * MONTH)),
            ids,
            InvalidValueError,
            (
                "phase_start: expected the trial's start, from Stripe:"
                " it is no trial of the terms' length, got None"
            ),
        ),
        (
            lambda: MoveToEdition(dearer(), at=NOW),
            ends_later,
            ids,
            ActionRefusedError,
            (
                "refused: the price changes at 2026-11-15 09:00:00+00:00, and the account ends at"
                " 2026-12-16 09:00:00+00:00; resume it, and cancel in the period that is to be last"
            ),
        ),
        (
            lambda: ChoosePlan(PRO, at=NOW),
            free,
            ids,
            InvalidValueError,
            (
                "subscription: expected None on Free: what has ended cannot be used again,"
                " and what has not must end, got 'sub_1'"
            ),
        ),
        (
            lambda: "pro",
            free,
            ids,
            InvalidTypeError,
            "action: expected an Action, got str 'pro'",
        ),
        (
            lambda: Cancel(at=NOW),
            paid,
            lambda: "sub_1",
            InvalidTypeError,
            "ids: expected a StripeIds, got str 'sub_1'",
        ),
    ],
)
def test_a_refusal_says_what_to_do(
    ask: Callable[[], Any],
    story: Callable[[], Subscription],
    named: Callable[[], Any],
    error: type[PlansError],
    sentence: str,
) -> None:
    """For the calls and for the preview alike."""
    for asked in (calls, preview_call):
        with pytest.raises(error) as caught:
            asked(ask(), story(), named())
        assert str(caught.value) == sentence


def test_what_has_no_invoice_is_named() -> None:
    """B8: by its action."""
    with pytest.raises(ActionRefusedError) as caught:
        preview_call(Cancel(at=NOW), paid(), ids())
    assert str(caught.value) == (
        "refused: Stripe makes no invoice for Cancel on this account;"
        " show `upcoming_invoice` of the account after it"
    )


def test_what_is_no_ids_has_no_schedule() -> None:
    """A call that releases is asked for with the ids."""
    wrong: Any = "sub_sched_1"
    with pytest.raises(InvalidTypeError) as caught:
        release_call(wrong)
    assert str(caught.value) == "ids: expected a StripeIds, got str 'sub_sched_1'"


@pytest.mark.parametrize("story", [paid, in_trial])
def test_a_phase_may_begin_at_the_very_instant(story: Callable[[], Subscription]) -> None:
    """P3: a lower plan, chosen as the period or the trial begins, waits for its end."""
    (_, made) = calls(ChoosePlan(PRO, at=START), story(), ids())
    assert made["params"]["phases"][0]["start_date"] == START.timestamp()
