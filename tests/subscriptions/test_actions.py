"""Actions: frozen values, each with its instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from chatim_plans import (
    PRO,
    Action,
    AddPaymentMethod,
    AdjustCredit,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    InvalidTypeError,
    InvalidValueError,
    MoveToEdition,
    MoveTrialEnd,
    PaymentFailed,
    PaymentSucceeded,
    Refunded,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
)
from tests.accounts import ACTIONS, usd
from tests.instants import JUNE
from tests.refused import values_of

each_action = pytest.mark.parametrize("make", ACTIONS.values(), ids=ACTIONS)


@each_action
def test_an_action_is_an_action(make: Callable[[datetime], Action]) -> None:
    """What is done to an account has one type for all."""
    assert isinstance(make(JUNE), Action)


@each_action
def test_the_instant_is_held_in_utc_at_whole_seconds(make: Callable[[datetime], Action]) -> None:
    """T1: any zone will do, and the fraction of a second is dropped."""
    paris = timezone(timedelta(hours=2))
    action = make(datetime(2026, 6, 1, 2, 0, 0, 999_999, tzinfo=paris))
    assert action.at.isoformat() == "2026-06-01T00:00:00+00:00"


@each_action
def test_a_naive_instant_is_refused(make: Callable[[datetime], Action]) -> None:
    """T1: without a zone nobody knows when."""
    assert values_of(InvalidValueError, make, datetime(2026, 6, 1)) == (
        "instant",
        datetime(2026, 6, 1),
        "an aware datetime (pass tzinfo, for example UTC)",
    )


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (StartTrial, ["at", "seats"]),
        (StartFree, ["at"]),
        (ChoosePlan, ["at", "plan", "seats"]),
        (ChangeSeats, ["at", "seats"]),
        (Cancel, ["at", "at_once"]),
        (Resume, ["at"]),
        (AddPaymentMethod, ["at"]),
        (RemovePaymentMethod, ["at"]),
        (PaymentFailed, ["at", "final", "invoice"]),
        (PaymentSucceeded, ["at", "invoice"]),
        (MoveToEdition, ["at", "catalog"]),
        (MoveTrialEnd, ["at", "to"]),
        (AdjustCredit, ["at", "amount"]),
        (Refunded, ["at", "invoice", "amount"]),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_an_action_says_what_was_done_and_no_more(kind: type[Action], names: list[str]) -> None:
    """Each has its own few facts, and its instant by keyword only."""
    fields = attrs.fields(kind)
    assert [(field.name, field.kw_only) for field in fields] == [
        (name, name == "at") for name in names
    ]


def test_what_is_not_said_is_the_usual() -> None:
    """One seat in a trial, the seats as they are with a choice, a failure that is retried, of no
    invoice in particular, and a cancellation at the end of what is paid.
    """
    assert StartTrial(at=JUNE).seats == 1
    assert ChoosePlan(PRO, at=JUNE).seats is None
    assert PaymentFailed(at=JUNE).final is False
    assert PaymentFailed(at=JUNE).invoice is None
    assert PaymentSucceeded(at=JUNE).invoice is None
    assert Cancel(at=JUNE).at_once is False


SEATS: dict[str, Callable[[Any], Action]] = {
    "StartTrial": lambda seats: StartTrial(seats, at=JUNE),
    "ChoosePlan": lambda seats: ChoosePlan(PRO, seats, at=JUNE),
    "ChangeSeats": lambda seats: ChangeSeats(seats, at=JUNE),
}

each_count = pytest.mark.parametrize("make", SEATS.values(), ids=SEATS)


@each_count
@pytest.mark.parametrize("seats", [0, -1])
def test_fewer_than_one_seat_is_refused(make: Callable[[Any], Action], seats: int) -> None:
    """S3: no fewer than 1."""
    values = values_of(InvalidValueError, make, seats)
    assert values == ("seats", seats, "a whole number of at least 1")


@each_count
@pytest.mark.parametrize("seats", [True, False, 1.0, "1"])
def test_seats_are_a_whole_number(make: Callable[[Any], Action], seats: Any) -> None:
    """S3: a bool, a float and a text are none."""
    assert values_of(InvalidTypeError, make, seats) == ("seats", seats, "a whole number (int)")


@each_count
def test_one_seat_is_enough(make: Callable[[Any], Any]) -> None:
    """S3: one is the least."""
    assert make(1).seats == 1


@pytest.mark.parametrize(
    ("make", "name", "expected"),
    [
        (lambda v: ChoosePlan(v, at=JUNE), "plan", "a Plan"),
        (lambda v: PaymentFailed(v, at=JUNE), "final", "a bool"),
        (lambda v: MoveToEdition(v, at=JUNE), "catalog", "a Catalog"),
        (lambda v: Cancel(v, at=JUNE), "at_once", "a bool"),
        (lambda v: AdjustCredit(v, at=JUNE), "amount", "a Money"),
        (lambda v: Refunded(1, v, at=JUNE), "amount", "a Money"),
    ],
    ids=["ChoosePlan", "PaymentFailed", "MoveToEdition", "Cancel", "AdjustCredit", "Refunded"],
)
@pytest.mark.parametrize("value", ["pro", 1, None])
def test_a_fact_of_the_wrong_type_is_refused(
    make: Callable[[Any], Action], name: str, expected: str, value: Any
) -> None:
    """A plan's key is no plan, a number no bool, an edition's name no catalogue."""
    assert values_of(InvalidTypeError, make, value) == (name, value, expected)


NUMBERED: dict[str, Callable[[Any], Action]] = {
    "PaymentFailed": lambda number: PaymentFailed(invoice=number, at=JUNE),
    "PaymentSucceeded": lambda number: PaymentSucceeded(invoice=number, at=JUNE),
    "Refunded": lambda number: Refunded(number, usd(1), at=JUNE),
}

each_number = pytest.mark.parametrize("make", NUMBERED.values(), ids=NUMBERED)


@each_number
@pytest.mark.parametrize("number", [0, -1])
def test_invoices_are_numbered_from_one(make: Callable[[Any], Action], number: int) -> None:
    """B14: there is no invoice before the first."""
    values = values_of(InvalidValueError, make, number)
    assert values == ("invoice", number, "a whole number of at least 1")


@each_number
@pytest.mark.parametrize("number", [True, 1.0, "1"])
def test_the_number_of_an_invoice_is_a_whole_one(
    make: Callable[[Any], Action], number: Any
) -> None:
    """B14: a bool, a float and a text are none."""
    assert values_of(InvalidTypeError, make, number) == (
        "invoice",
        number,
        "a whole number (int)",
    )


@each_number
def test_the_first_invoice_can_be_named(make: Callable[[Any], Any]) -> None:
    """B14: 1, 2, 3 …"""
    assert make(1).invoice == 1


def test_an_adjustment_is_of_something() -> None:
    """B13: either side of nothing, but not nothing."""
    assert values_of(InvalidValueError, AdjustCredit, usd(0), at=JUNE) == (
        "amount",
        usd(0),
        "more or less than nothing",
    )
    amounts = [AdjustCredit(usd(cents), at=JUNE).amount for cents in (-1, 1)]
    assert amounts == [usd(-1), usd(1)]


@pytest.mark.parametrize("cents", [0, -1])
def test_a_refund_is_of_something(cents: int) -> None:
    """F2: what was given back is more than nothing."""
    values = values_of(InvalidValueError, Refunded, 1, usd(cents), at=JUNE)
    assert values == ("amount", usd(cents), "more than nothing")
    assert Refunded(1, usd(1), at=JUNE).amount == usd(1)


def test_the_end_that_a_trial_moves_to_is_held_in_utc_at_whole_seconds() -> None:
    """T1, R8: any zone will do, a naive one will not."""
    paris = timezone(timedelta(hours=2))
    moved = MoveTrialEnd(datetime(2026, 6, 1, 2, 0, 0, 999_999, tzinfo=paris), at=JUNE)
    assert moved.to.isoformat() == "2026-06-01T00:00:00+00:00"
    error = values_of(InvalidValueError, MoveTrialEnd, datetime(2026, 6, 1), at=JUNE)
    assert error[1] == datetime(2026, 6, 1)
