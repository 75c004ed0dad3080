"""Every error: its bases, the values it carries, the sentence it says, and its copies."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from datetime import UTC, datetime

import attrs
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
    InvalidFrameError,
    InvalidStripeError,
    InvalidTypeError,
    InvalidValueError,
    InvalidWireError,
    OutOfOrderError,
    PaymentMethodRequiredError,
    PlanNotOfferedError,
    PlansError,
    SeatLimitError,
    TrialRefusal,
    TrialRefusedError,
    UnknownKeyError,
)
from chatim_plans.errors import FrameFault

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
    InvalidWireError: (PlansError, ValueError),
    InvalidStripeError: (PlansError, ValueError),
    InvalidFrameError: (PlansError, ValueError),
}

NAIVE = FrameFault("anchor", "timestamps with a time zone")
NEGATIVE = FrameFault(
    "seats", "a whole number from 1 to 9", 1200, ({"id": 7, "seats": -1}, {"id": 8, "seats": 0})
)

# One error of each class: how it is made, the values it carries, and its whole sentence.
Made = tuple[Callable[[], PlansError], Callable[[], dict[str, object]], str]
ERRORS: dict[str, Made] = {
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
    "InvalidWireError": (
        lambda: InvalidWireError("$.value.seats", "a whole number", '"3"'),
        lambda: {"path": "$.value.seats", "expected": "a whole number", "given": '"3"'},
        '$.value.seats: expected a whole number, got "3"',
    ),
    "InvalidStripeError": (
        lambda: InvalidStripeError("subscription.status", "a status of Stripe's", '"asleep"'),
        lambda: {
            "path": "subscription.status",
            "expected": "a status of Stripe's",
            "given": '"asleep"',
        },
        'subscription.status: expected a status of Stripe\'s, got "asleep"',
    ),
    "InvalidFrameError": (
        lambda: InvalidFrameError((NAIVE, NEGATIVE)),
        lambda: {"faults": (NAIVE, NEGATIVE)},
        (
            "anchor: expected timestamps with a time zone\n"
            "seats: expected a whole number from 1 to 9; not so in 1,200 rows, the first: "
            "{'seats': -1, 'id': 7}, {'seats': 0, 'id': 8}"
        ),
    ),
}

each_error = pytest.mark.parametrize(("make", "values", "sentence"), ERRORS.values(), ids=ERRORS)
each_class = pytest.mark.parametrize("kind", BASES, ids=lambda kind: kind.__name__)


def _values(error: PlansError) -> dict[str, object]:
    fields = attrs.fields(type(error))  # type: ignore[arg-type]  # every error below PlansError
    return {field.name: getattr(error, field.name) for field in fields}


@each_class
def test_error_has_the_bases_that_fit(kind: type[PlansError]) -> None:
    """Each error derives from PlansError and from the built-in error that fits."""
    assert kind.__bases__ == BASES[kind]


def test_table_knows_every_error_of_the_package() -> None:
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


@each_error
def test_error_carries_its_values(
    make: Callable[[], PlansError], values: Callable[[], dict[str, object]], sentence: str
) -> None:
    """Each error has the values it is about as attributes."""
    assert _values(make()) == values(), sentence


@each_error
def test_error_reads_as_a_sentence(
    make: Callable[[], PlansError], values: Callable[[], dict[str, object]], sentence: str
) -> None:
    """Each error's message, in full, says what was given and what to do."""
    assert str(make()) == sentence, values()


@each_error
@pytest.mark.parametrize(
    "again",
    [
        copy.copy,
        copy.deepcopy,
        *(lambda e, p=p: pickle.loads(pickle.dumps(e, p)) for p in range(6)),
    ],
)
def test_error_survives_pickle_and_copy(
    make: Callable[[], PlansError],
    values: Callable[[], dict[str, object]],
    sentence: str,
    again: Callable[[PlansError], PlansError],
) -> None:
    """A pickled or copied error is of the same class, with the same values and sentence."""
    error = make()
    twin = again(error)
    assert (type(twin), _values(twin), str(twin)) == (type(error), values(), sentence)


@each_error
def test_error_can_be_raised_chained_and_noted(
    make: Callable[[], PlansError], values: Callable[[], dict[str, object]], sentence: str
) -> None:
    """Python can set an error's cause, traceback and notes: the errors are not frozen."""
    cause = KeyError("inner")
    with pytest.raises(PlansError) as caught:
        raise make() from cause
    caught.value.add_note("of account 7")
    assert (caught.value.__cause__, caught.value.__notes__, str(caught.value)) == (
        cause,
        ["of account 7"],
        sentence,
    ), values()


@each_error
def test_error_is_equal_only_to_itself(
    make: Callable[[], PlansError], values: Callable[[], dict[str, object]], sentence: str
) -> None:
    """Errors compare and hash by identity, as every exception does."""
    error = make()
    assert (error == make(), len({error, error, make()})) == (False, 2), (values(), sentence)


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


def test_a_fault_of_a_frame_without_rows_is_about_the_column() -> None:
    """Where no count and no rows are given, there are none."""
    assert (NAIVE.count, NAIVE.rows) == (0, ())


@pytest.mark.parametrize(("count", "told"), [(1, "1 row,"), (2, "2 rows,")])
def test_a_fault_counts_its_rows(count: int, told: str) -> None:
    """One row, or several."""
    fault = FrameFault("seats", "more", count, ({"seats": 0},))
    assert str(fault) == f"seats: expected more; not so in {told} the first: {{'seats': 0}}"


def test_a_long_row_is_cut_in_the_message_and_kept_whole_in_the_fault() -> None:
    """A wide table does not drown the message."""
    fault = FrameFault("seats", "more", 1, ({"note": "x" * 1_000, "seats": 0},))
    assert str(fault).startswith(
        "seats: expected more; not so in 1 row, the first: {'seats': 0, 'n"
    )
    assert (len(str(fault)) < 300, fault.rows[0]["note"]) == (True, "x" * 1_000)
