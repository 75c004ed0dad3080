"""Every error: its bases, the values it carries, the sentence it says, and its copies."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime

import pytest

import chatim_plans
from chatim_plans import (
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    AccountRestrictedError,
    ActionRefusedError,
    Currency,
    CurrencyMismatchError,
    IntervalMismatchError,
    InvalidCatalogError,
    InvalidTypeError,
    InvalidValueError,
    OutOfOrderError,
    PaymentMethodRequiredError,
    PlanNotOfferedError,
    PlansError,
    SeatLimitError,
    TrialRefusal,
    TrialRefusedError,
    UnknownKeyError,
)
from tests.error_contract import ErrorContract, MadeError

LATE = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
EARLY = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)

BASES: dict[type[PlansError], tuple[type[Exception], ...]] = {
    PlansError: (Exception,),
    InvalidValueError: (PlansError, ValueError),
    InvalidTypeError: (PlansError, TypeError),
    CurrencyMismatchError: (PlansError, ValueError),
    UnknownKeyError: (PlansError, LookupError),
    InvalidCatalogError: (PlansError, ValueError),
    OutOfOrderError: (PlansError, ValueError),
    ActionRefusedError: (PlansError, ValueError),
    SeatLimitError: (ActionRefusedError,),
    PaymentMethodRequiredError: (ActionRefusedError,),
    AccountRestrictedError: (ActionRefusedError,),
    TrialRefusedError: (ActionRefusedError,),
    PlanNotOfferedError: (ActionRefusedError,),
    IntervalMismatchError: (ActionRefusedError,),
}

# One error of each class: how it is made, the values it carries, and its whole sentence.
ERRORS: dict[str, MadeError] = {
    "InvalidValueError": (
        lambda: InvalidValueError("seats", 0, "a whole number of at least 1"),
        lambda: {"name": "seats", "value": 0, "expected": "a whole number of at least 1"},
        "seats: expected a whole number of at least 1, got 0",
    ),
    "InvalidTypeError": (
        lambda: InvalidTypeError("amount", 19.0, "a whole number of minor units (int)"),
        lambda: {
            "name": "amount",
            "value": 19.0,
            "expected": "a whole number of minor units (int)",
        },
        "amount: expected a whole number of minor units (int), got float 19.0",
    ),
    "CurrencyMismatchError": (
        lambda: CurrencyMismatchError(USD, Currency("EUR", 2)),
        lambda: {"left": USD, "right": Currency("EUR", 2)},
        "USD and EUR do not mix: convert one amount before, with a rate of your own",
    ),
    "UnknownKeyError": (
        lambda: UnknownKeyError("role", "owner", ("admin", "manager")),
        lambda: {"kind": "role", "key": "owner", "known": ("admin", "manager")},
        "unknown role 'owner': use one of admin, manager",
    ),
    "UnknownKeyError, of a long key": (
        lambda: UnknownKeyError("role", "x" * 999, ("admin", "manager")),
        lambda: {"kind": "role", "key": "x" * 999, "known": ("admin", "manager")},
        f"unknown role '{'x' * 199}…: use one of admin, manager",
    ),
    "InvalidCatalogError": (
        lambda: InvalidCatalogError("2027", "two plans are free"),
        lambda: {"edition": "2027", "fault": "two plans are free"},
        "catalogue '2027' cannot be built: two plans are free",
    ),
    "OutOfOrderError": (
        lambda: OutOfOrderError(EARLY, LATE),
        lambda: {"given": EARLY, "earliest": LATE},
        (
            "2026-01-31T09:30:00+00:00 is before 2026-02-01T09:30:00+00:00, the earliest known: "
            "give an instant from there on, or replay the history up to the earlier one"
        ),
    ),
    "ActionRefusedError": (
        lambda: ActionRefusedError("the account is closed", "open another"),
        lambda: {"because": "the account is closed", "instead": "open another"},
        "refused: the account is closed; open another",
    ),
    "SeatLimitError": (
        lambda: SeatLimitError("3 seats are too many", "choose 'pro'", 3, 1, ULTIMATE, PRO),
        lambda: {
            "because": "3 seats are too many",
            "instead": "choose 'pro'",
            "seats": 3,
            "limit": 1,
            "plan": ULTIMATE,
            "cheapest_plan": PRO,
        },
        "refused: 3 seats are too many; choose 'pro'",
    ),
    "SeatLimitError, no plan": (
        lambda: SeatLimitError("too many", "no plan allows that many", 9, UNLIMITED, PRO, None),
        lambda: {
            "because": "too many",
            "instead": "no plan allows that many",
            "seats": 9,
            "limit": UNLIMITED,
            "plan": PRO,
            "cheapest_plan": None,
        },
        "refused: too many; no plan allows that many",
    ),
    "PaymentMethodRequiredError": (
        lambda: PaymentMethodRequiredError("no card", "add one", PRO, 3),
        lambda: {"because": "no card", "instead": "add one", "plan": PRO, "seats": 3},
        "refused: no card; add one",
    ),
    "AccountRestrictedError": (
        lambda: AccountRestrictedError("a payment failed", "pay", PRO),
        lambda: {"because": "a payment failed", "instead": "pay", "held_plan": PRO},
        "refused: a payment failed; pay",
    ),
    "TrialRefusedError": (
        lambda: TrialRefusedError("it is not new", "choose a plan", TrialRefusal.had_trial),
        lambda: {
            "because": "it is not new",
            "instead": "choose a plan",
            "reason": TrialRefusal.had_trial,
        },
        "refused: it is not new; choose a plan",
    ),
    "PlanNotOfferedError": (
        lambda: PlanNotOfferedError("not on offer", "choose another", PRO, "2026"),
        lambda: {
            "because": "not on offer",
            "instead": "choose another",
            "plan": PRO,
            "edition": "2026",
        },
        "refused: not on offer; choose another",
    ),
    "IntervalMismatchError": (
        lambda: IntervalMismatchError("billed yearly", "cancel first", PRO, 1),
        lambda: {
            "because": "billed yearly",
            "instead": "cancel first",
            "plan": PRO,
            "expected_months": 1,
        },
        "refused: billed yearly; cancel first",
    ),
}


@pytest.mark.parametrize("kind", BASES, ids=lambda kind: kind.__name__)
def test_error_has_the_bases_that_fit(kind: type[PlansError]) -> None:
    """Each error derives from PlansError and from the built-in error that fits."""
    assert kind.__bases__ == BASES[kind]


def test_table_knows_every_error_of_the_core() -> None:
    """No public error is missing from the tables of this module."""
    public = {
        value
        for value in vars(chatim_plans).values()
        if inspect.isclass(value) and issubclass(value, Exception)
    }
    assert (public, {name.split(",")[0] for name in ERRORS}) == (
        set(BASES),
        {kind.__name__ for kind in public} - {"PlansError"},
    )


@pytest.mark.parametrize(("make", "values", "sentence"), ERRORS.values(), ids=ERRORS)
class TestErrorsOfTheCore(ErrorContract):
    """Each error of the core is what every error of the library is."""


def test_plain_plans_error_is_a_plain_exception() -> None:
    """The base says what it was given."""
    assert str(PlansError("anything")) == "anything"


def test_a_long_value_is_cut_in_the_message_and_kept_whole_in_the_error() -> None:
    """A message does not drown in a value; the value itself stays at hand."""
    value = "x" * 300
    error = InvalidTypeError("plan", value, "a Plan")
    assert str(error) == f"plan: expected a Plan, got str '{'x' * 199}…"
    assert error.value == value
    assert str(InvalidValueError("plan", "x" * 198, "shorter")).endswith("x'")
