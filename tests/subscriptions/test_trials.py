"""Who may have the free trial, and how much of it is left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from chatim_plans import (
    InvalidTypeError,
    InvalidValueError,
    OnTrial,
    PlansError,
    TrialEligibility,
    TrialRefusal,
    trial_eligibility,
)
from chatim_plans.subscriptions.trials import trial_days_left
from tests.accounts import named, on_free
from tests.instants import JULY, JUNE, utc
from tests.refused import error_of, values_of


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("free", None),
        ("free, card", None),
        ("trial", TrialRefusal.had_trial),
        ("trial ended", TrialRefusal.had_trial),
        ("trial, cancelled, over", TrialRefusal.had_trial),
        ("trial, converted", TrialRefusal.had_trial),
        ("pro", TrialRefusal.was_invoiced),
        ("pro, left", TrialRefusal.was_invoiced),
    ],
)
def test_a_trial_is_for_new_accounts(who: str, reason: TrialRefusal | None) -> None:
    """R2: the answer says why not, the trial before the invoices; no reason is a yes."""
    answer = trial_eligibility(named(who).subscription)
    assert answer == TrialEligibility(reason is None, reason)


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
        (utc(2026, 6, 2), 29),
        (utc(2026, 6, 2, 0, 0, 1), 29),
        (utc(2026, 6, 30, 23, 59, 59), 1),
        (JULY, 0),
    ],
)
def test_days_left_are_counted_up(at: datetime, days: int) -> None:
    """R7: a day that has begun counts whole, the last second too."""
    assert trial_days_left(OnTrial(JULY), at) == days


@pytest.mark.parametrize(
    ("eligible", "reason", "error", "told"),
    [
        (
            True,
            TrialRefusal.had_trial,
            InvalidValueError,
            ("reason", TrialRefusal.had_trial, "None for a yes"),
        ),
        (False, None, InvalidValueError, ("reason", None, "why not, for a no")),
        (1, None, InvalidTypeError, ("eligible", 1, "a bool")),
        (False, "had_trial", InvalidTypeError, ("reason", "had_trial", "a TrialRefusal")),
    ],
)
def test_an_eligibility_that_contradicts_itself_is_refused(
    eligible: Any, reason: Any, error: type[PlansError], told: tuple[str, object, str]
) -> None:
    """R2: a no says why, a yes has nothing to say."""
    assert values_of(error, TrialEligibility, eligible, reason) == told


def test_an_eligibility_is_true_where_a_trial_may_start() -> None:
    """No yes by truthiness: `if trial_eligibility(…)` asks what it seems to ask."""
    assert bool(TrialEligibility(eligible=True, reason=None))
    assert not TrialEligibility(eligible=False, reason=TrialRefusal.had_trial)
