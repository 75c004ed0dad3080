"""Who may have the free trial, and how much of it is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from attrs import evolve

from chatim_plans import (
    PRO,
    Cancel,
    InvalidTypeError,
    OnFree,
    OnTrial,
    Subscription,
    TrialEligibility,
    TrialRefusal,
    advance,
    trial_eligibility,
)
from chatim_plans.subscriptions.trials import trial_days_left
from tests.accounts import after, on_free, on_plan, on_trial
from tests.instants import JULY, JUNE, utc
from tests.refused import error_of


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (lambda: on_free(JUNE).subscription, None),
        (lambda: on_free(JUNE, card=True).subscription, None),
        (lambda: on_trial(JUNE).subscription, TrialRefusal.had_trial),
        (lambda: advance(on_trial(JUNE), JULY).account.subscription, TrialRefusal.had_trial),
        (
            lambda: advance(after(on_trial(JUNE), Cancel(at=JUNE)), JULY).account.subscription,
            TrialRefusal.had_trial,
        ),
        (
            lambda: advance(on_trial(JUNE, card=True), JULY).account.subscription,
            TrialRefusal.had_trial,
        ),
        (lambda: on_plan(PRO, JUNE).subscription, TrialRefusal.was_invoiced),
        (
            lambda: advance(after(on_plan(PRO, JUNE), Cancel(at=JUNE)), JULY).account.subscription,
            TrialRefusal.was_invoiced,
        ),
        (
            lambda: evolve(on_free(JUNE).subscription, was_invoiced=True, phase=OnFree()),
            TrialRefusal.was_invoiced,
        ),
    ],
    ids=[
        "on Free",
        "on Free with a card",
        "in its trial",
        "after its trial",
        "after a trial that was cancelled",
        "converted",
        "bought at once",
        "bought and cancelled",
        "invoiced, on Free",
    ],
)
def test_a_trial_is_for_new_accounts(
    account: Callable[[], Subscription], reason: TrialRefusal | None
) -> None:
    """R2: the answer says why not, the trial before the invoices; no reason is a yes."""
    assert trial_eligibility(account()) == TrialEligibility(reason is None, reason)


def test_the_reasons_are_strings() -> None:
    """The two reasons, as they are stored and shown."""
    assert [str(reason) for reason in TrialRefusal] == ["had_trial", "was_invoiced"]


def test_only_a_subscription_is_asked_about() -> None:
    """An account with its money is none."""
    error = error_of(InvalidTypeError, trial_eligibility, on_free(JUNE))
    assert (error.name, error.expected) == ("subscription", "a Subscription")


@pytest.mark.parametrize(
    ("at", "days"),
    [
        (JUNE, 30),
        (utc(2026, 6, 1, 0, 0, 1), 30),
        (utc(2026, 6, 1, 23, 59, 59), 30),
        (utc(2026, 6, 2), 29),
        (utc(2026, 6, 2, 0, 0, 1), 29),
        (utc(2026, 6, 29, 23, 59, 59), 2),
        (utc(2026, 6, 30), 1),
        (utc(2026, 6, 30, 23, 59, 59), 1),
        (JULY, 0),
    ],
)
def test_days_left_are_counted_up(at: datetime, days: int) -> None:
    """R7: a day that has begun counts whole, the last second too."""
    assert trial_days_left(OnTrial(JULY), at) == days
