"""Every error: its bases, the values it carries, the sentence it says, and its copies."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

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
    PaymentOverdueError,
    PlanNotOfferedError,
    PlansError,
    SeatLimitError,
    TrialRefusal,
    TrialRefusedError,
    UnknownKeyError,
)
from tests.error_contract import ErrorContract, MadeError
from tests.instants import utc

LATE = utc(2026, 2, 1, 9, 30)
EARLY = utc(2026, 1, 31, 9, 30)

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
    PaymentOverdueError: (ActionRefusedError,),
    TrialRefusedError: (ActionRefusedError,),
    PlanNotOfferedError: (ActionRefusedError,),
    IntervalMismatchError: (ActionRefusedError,),
}


def made(
    kind: type[PlansError], names: str, values: Callable[[], tuple[object, ...]], sentence: str
) -> MadeError:
    """An error made of its values in order, the names they have, and its whole sentence."""
    make: Callable[..., PlansError] = kind
    return (
        lambda: make(*values()),
        lambda: dict(zip(names.split(), values(), strict=True)),
        sentence,
    )


REFUSAL = "because instead"
ERRORS: dict[str, MadeError] = {
    "InvalidValueError": made(
        InvalidValueError,
        "name value expected",
        lambda: ("seats", 0, "a whole number of at least 1"),
        "seats: expected a whole number of at least 1, got 0",
    ),
    "InvalidTypeError": made(
        InvalidTypeError,
        "name value expected",
        lambda: ("amount", 19.0, "a whole number of minor units (int)"),
        "amount: expected a whole number of minor units (int), got float 19.0",
    ),
    "CurrencyMismatchError": made(
        CurrencyMismatchError,
        "left right",
        lambda: (USD, Currency("EUR", 2)),
        "USD and EUR do not mix: convert one amount before, with a rate of your own",
    ),
    "UnknownKeyError": made(
        UnknownKeyError,
        "kind key known",
        lambda: ("role", "owner", ("admin", "manager")),
        "unknown role 'owner': use one of admin, manager",
    ),
    "UnknownKeyError, of a long key": made(
        UnknownKeyError,
        "kind key known",
        lambda: ("role", "x" * 999, ("admin", "manager")),
        f"unknown role '{'x' * 199}…: use one of admin, manager",
    ),
    "InvalidCatalogError": made(
        InvalidCatalogError,
        "edition fault",
        lambda: ("2027", "two plans are free"),
        "catalogue '2027' cannot be built: two plans are free",
    ),
    "OutOfOrderError": made(
        OutOfOrderError,
        "given earliest",
        lambda: (EARLY, LATE),
        "2026-01-31T09:30:00+00:00 is before 2026-02-01T09:30:00+00:00, the earliest known: "
        "give an instant from there on",
    ),
    "ActionRefusedError": made(
        ActionRefusedError,
        REFUSAL,
        lambda: ("the account is closed", "open another"),
        "refused: the account is closed; open another",
    ),
    "SeatLimitError": made(
        SeatLimitError,
        f"{REFUSAL} seats limit plan cheapest_plan",
        lambda: ("3 seats are too many", "choose 'pro'", 3, 1, ULTIMATE, PRO),
        "refused: 3 seats are too many; choose 'pro'",
    ),
    "SeatLimitError, no plan": made(
        SeatLimitError,
        f"{REFUSAL} seats limit plan cheapest_plan",
        lambda: ("too many", "no plan allows that many", 9, UNLIMITED, PRO, None),
        "refused: too many; no plan allows that many",
    ),
    "PaymentMethodRequiredError": made(
        PaymentMethodRequiredError,
        f"{REFUSAL} plan seats",
        lambda: ("no card", "add one", PRO, 3),
        "refused: no card; add one",
    ),
    "AccountRestrictedError": made(
        AccountRestrictedError,
        f"{REFUSAL} held_plan",
        lambda: ("a payment failed", "pay", PRO),
        "refused: a payment failed; pay",
    ),
    "PaymentOverdueError": made(
        PaymentOverdueError,
        f"{REFUSAL} held_plan",
        lambda: ("a payment failed", "settle it", PRO),
        "refused: a payment failed; settle it",
    ),
    "TrialRefusedError": made(
        TrialRefusedError,
        f"{REFUSAL} reason",
        lambda: ("it is not new", "choose a plan", TrialRefusal.had_trial),
        "refused: it is not new; choose a plan",
    ),
    "PlanNotOfferedError": made(
        PlanNotOfferedError,
        f"{REFUSAL} plan edition",
        lambda: ("not on offer", "choose another", PRO, "2026"),
        "refused: not on offer; choose another",
    ),
    "IntervalMismatchError": made(
        IntervalMismatchError,
        f"{REFUSAL} plan expected_months",
        lambda: ("billed yearly", "cancel first", PRO, 1),
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


class Unprintable:
    """What has no repr."""

    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "value", [10**5_000, [10**5_000], Unprintable()], ids=["number", "list", "none"]
)
def test_a_message_never_fails(value: object) -> None:
    """What cannot be printed is named so, in every error that holds it."""
    for error in (
        InvalidValueError("seats", value, "one"),
        InvalidTypeError("seats", value, "one"),
        UnknownKeyError("plan", value, ("pro",)),
    ):
        assert re.search(r"\ba value that cannot be printed\b", str(error))
