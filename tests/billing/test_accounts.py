"""An account with its money, and what one step of the lifecycle bills to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from chatim_plans import (
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Account,
    Currency,
    CurrencyMismatchError,
    InvalidTypeError,
    InvalidValueError,
    Invoice,
    Line,
    LineKind,
    Money,
    OnFree,
    Period,
    Statement,
)
from chatim_plans.billing.accounts import billed
from chatim_plans.subscriptions.occurrences import (
    BillingStopped,
    PeriodStarted,
    Rate,
    RateChanged,
    Step,
)
from tests.accounts import a_plan, on_free, on_plan, on_trial, usd
from tests.instants import AUGUST, HALF, JULY, JUNE, june, utc
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


def step(occurrence: Any = None) -> Step:
    """A step of the account on Pro to the half of June."""
    return Step(evolve(on_plan(PRO, JUNE).subscription, as_of=HALF), occurrence)


def upgrade(*, at_once: bool) -> RateChanged:
    """From Pro to Ultimate at half of June."""
    return RateChanged(HALF, june(), Rate(PRO, 1), Rate(ULTIMATE, 1), at_once)


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
def invoice(*lines: Line, balance: int, due: int) -> Invoice:
    """An invoice of half of June."""
    return Invoice(HALF, lines, usd(balance), usd(due), utc(2026, 6, 30))


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


# --- What a step bills ---
def test_what_has_no_price_bills_nothing() -> None:
    """P7: the account is the step's, its lines wait on, its balance stays."""
    statement = billed(account(70, waiting_line()), step())
    assert statement == Statement(Account(step().subscription, (waiting_line(),), usd(70)), ())


def test_a_period_that_starts_is_invoiced_after_the_lines_that_waited() -> None:
    """B2, S2: the oldest first, the balance taken off."""
    july = Period(JULY, AUGUST)
    renewed = Step(step().subscription, PeriodStarted(Rate(PRO, 2), july))
    statement = billed(account(100, waiting_line()), renewed)
    lines = (waiting_line(), Line(LineKind.subscription, PRO, 2, july, july, usd(3800)))
    assert statement == Statement(
        Account(step().subscription, (), usd(0)), (invoice(*lines, balance=100, due=4650),)
    )


def upgrade_lines() -> tuple[Line, ...]:
    """The line that waited, the credit, the charge."""
    return (
        waiting_line(),
        Line(LineKind.unused_time, PRO, 1, rest(), june(), usd(-950)),
        Line(LineKind.remaining_time, ULTIMATE, 1, rest(), june(), usd(1950)),
    )


def test_a_change_at_once_is_invoiced_with_the_lines_that_waited() -> None:
    """P1, S2: the lines that waited, the credit, the charge."""
    statement = billed(account(0, waiting_line()), step(upgrade(at_once=True)))
    issued = invoice(*upgrade_lines(), balance=0, due=1950)
    assert statement == Statement(Account(step().subscription, (), usd(0)), (issued,))


def test_a_change_that_waits_adds_its_lines_to_those_that_wait() -> None:
    """S2: no invoice, the balance stays."""
    statement = billed(account(70, waiting_line()), step(upgrade(at_once=False)))
    assert statement == Statement(Account(step().subscription, upgrade_lines(), usd(70)), ())


def test_lines_that_wait_are_invoiced_when_billing_stops() -> None:
    """P4: the members of the last month are paid for."""
    stopped = step(BillingStopped(lines_dropped=False))
    statement = billed(account(-30, waiting_line()), stopped)
    assert statement == Statement(
        Account(step().subscription, (), usd(0)), (invoice(waiting_line(), balance=-30, due=980),)
    )


@pytest.mark.parametrize(("waiting", "dropped"), [(0, True), (1, True), (0, False)])
def test_without_lines_there_is_no_invoice(waiting: int, dropped: bool) -> None:
    """D3, P4: lines that are dropped are gone, nothing is invoiced, the balance stays."""
    held = account(70, *[waiting_line()] * waiting)
    statement = billed(held, step(BillingStopped(lines_dropped=dropped)))
    assert statement == Statement(Account(step().subscription, (), usd(70)), ())


def test_a_credit_is_added_to_the_balance() -> None:
    """B7: Ultimate for Pro at once leaves credit, and nothing is due."""
    change = RateChanged(HALF, june(), Rate(ULTIMATE, 1), Rate(PRO, 1), at_once=True)
    statement = billed(account(70), step(change))
    assert statement.account.credit_balance == usd(1070)
    assert statement.invoices[0].amount_due == usd(0)


@pytest.mark.parametrize(
    ("rounding", "cents"), [("ties_to_customer", [-3, 4]), ("ties_away_from_zero", [-3, 5])]
)
def test_lines_are_rounded_by_the_terms_of_the_account(rounding: str, cents: list[int]) -> None:
    """B4: by the terms of the edition that the step is in."""
    terms = evolve(step().subscription.catalog.terms, rounding=rounding)
    catalog = evolve(step().subscription.catalog, terms=terms)
    change = RateChanged(
        HALF, june(), Rate(a_plan("five", 5), 1), Rate(a_plan("nine", 9), 1), at_once=False
    )
    statement = billed(account(), Step(evolve(step().subscription, catalog=catalog), change))
    assert [line.amount.amount for line in statement.account.pending_lines] == cents


def test_the_smallest_charge_is_of_the_terms_of_the_account() -> None:
    """B10: by the terms of the edition that the step is in."""
    catalog = step().subscription.catalog
    dear = evolve(catalog, terms=evolve(catalog.terms, smallest_charge=usd(1951)))
    change = upgrade(at_once=True)
    statement = billed(
        account(0, waiting_line()), Step(evolve(step().subscription, catalog=dear), change)
    )
    assert statement.invoices[0].amount_due == usd(0)
    assert statement.account.credit_balance == usd(-1950)


def test_an_account_that_fell_keeps_its_balance() -> None:
    """B7: credit left on Free stays."""
    fallen = evolve(on_plan(PRO, JUNE).subscription, plan=FREE, phase=OnFree(), as_of=JULY)
    statement = billed(account(70), Step(fallen, BillingStopped(lines_dropped=False)))
    assert statement == Statement(Account(fallen, (), usd(70)), ())
