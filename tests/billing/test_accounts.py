"""An account with its money, and the statement of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from chatim_plans import (
    PRO,
    USD,
    Account,
    Currency,
    CurrencyMismatchError,
    InvalidTypeError,
    InvalidValueError,
    Line,
    LineKind,
    Money,
    Period,
    Statement,
)
from tests.accounts import a_plan, on_free, on_plan, on_trial, usd
from tests.instants import HALF, JULY, JUNE, june
from tests.refused import error_of, values_of


def rest() -> Period:
    """The second half of June."""
    return Period(HALF, JULY)


def waiting_line() -> Line:
    """A charge for a seat that was added at half of June."""
    return Line(LineKind.remaining_time, PRO, 1, rest(), june(), usd(950))


def account(balance: int = 0, *lines: Line) -> Account:
    """On Pro, with lines that wait and a balance."""
    return evolve(on_plan(PRO, JUNE), pending_lines=lines, credit_balance=usd(balance))


# --- The account ---
def test_a_new_account_has_no_lines_and_no_balance() -> None:
    """B7: nothing waits and nothing is owed, in dollars."""
    new = on_free(JUNE)
    assert (new.pending_lines, new.credit_balance) == ((), usd(0))


@pytest.mark.parametrize("balance", [-49, 0, 16_150])
def test_the_balance_may_be_on_either_side(balance: int) -> None:
    """B7, B10: in the customer's favour, or owed because it was too small to collect."""
    assert account(balance).credit_balance == usd(balance)


@pytest.mark.parametrize("who", ["free", "trial"])
def test_no_lines_wait_off_a_paid_plan(who: str) -> None:
    """S2: on Free and in the trial nothing is charged."""
    held = on_free(JUNE) if who == "free" else on_trial(JUNE)
    values = values_of(InvalidValueError, evolve, held, pending_lines=(waiting_line(),))
    assert values == ("pending_lines", (waiting_line(),), "none off a paid plan")


@pytest.mark.parametrize(
    ("facts", "name", "expected"),
    [
        (lambda: {"subscription": on_plan(PRO, JUNE)}, "subscription", "a Subscription"),
        (lambda: {"pending_lines": []}, "pending_lines", "a tuple"),
        (lambda: {"pending_lines": (usd(950),)}, "pending line", "a Line"),
        (lambda: {"credit_balance": 0}, "credit_balance", "a Money"),
    ],
    ids=["an account", "a list", "an amount for a line", "a number"],
)
def test_a_fact_of_the_wrong_type_is_refused(
    facts: Callable[[], dict[str, Any]], name: str, expected: str
) -> None:
    """The error names the fact, and says which type was expected."""
    error = error_of(InvalidTypeError, evolve, account(), **facts())
    assert (error.name, error.expected) == (name, expected)


def test_a_balance_of_another_currency_is_refused() -> None:
    """C1: the error holds the plan's currency, then the balance's."""
    error = error_of(
        CurrencyMismatchError, evolve, account(), credit_balance=Money(0, Currency("EUR", 2))
    )
    assert (error.left, error.right) == (USD, Currency("EUR", 2))


def test_a_line_of_another_currency_is_refused() -> None:
    """C1: the error holds the plan's currency, then the line's."""
    euro = Currency("EUR", 2)
    plan = a_plan("pro", 19_00, currency=euro)
    line = Line(LineKind.remaining_time, plan, 1, rest(), june(), Money(950, euro))
    error = error_of(CurrencyMismatchError, account, 0, waiting_line(), line)
    assert (error.left, error.right) == (USD, euro)


# --- The statement ---
@pytest.mark.parametrize(
    ("account", "invoices", "name", "expected"),
    [
        (lambda: on_free(JUNE).subscription, (), "account", "an Account"),
        (lambda: on_free(JUNE), [], "invoices", "a tuple"),
        (lambda: on_free(JUNE), (7,), "invoice", "an Invoice"),
    ],
)
def test_a_statement_is_an_account_and_its_invoices(
    account: Callable[[], Any], invoices: Any, name: str, expected: str
) -> None:
    """The error names the fact, and says which type was expected."""
    error = error_of(InvalidTypeError, Statement, account(), invoices)
    assert (error.name, error.expected) == (name, expected)
