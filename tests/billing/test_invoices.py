"""Invoices: what is due, what is carried over, and which cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    Currency,
    CurrencyMismatchError,
    InvalidTypeError,
    InvalidValueError,
    Invoice,
    InvoiceCause,
    Line,
    LineKind,
    Money,
    Period,
)
from chatim_plans.billing.invoices import invoice_for
from tests.accounts import a_plan, usd
from tests.instants import JULY, JUNE, utc
from tests.refused import error_of, values_of

FIFTEENTH = utc(2026, 6, 15)
BEFORE_JUNE = utc(2026, 5, 31, 23, 59, 59)
UNMET = "all that the balance does not meet"


def line(cents: int) -> Line:
    """A line of so many cents for June, a credit where they are negative."""
    june = Period(JUNE, JULY)
    kind = LineKind.remaining_time if cents >= 0 else LineKind.unused_time
    return Line(kind, a_plan("any", abs(cents)), 1, june, june, usd(cents))


def invoice(*cents: int, balance: int = 0, smallest: int = 50, refund_days: int = 14) -> Invoice:
    """The invoice for lines of so many cents."""
    terms = evolve(CHATIM.terms, smallest_charge=usd(smallest), refund_days=refund_days)
    lines, cause = tuple(line(each) for each in cents), InvoiceCause.period_renewed
    return invoice_for(JUNE, lines, usd(balance), terms, number=1, cause=cause)


@pytest.mark.parametrize(
    ("lines", "balance", "total", "due", "after"),
    [
        ([5700], 0, 5700, 5700, 0),
        ([-1900, 3900], 0, 2000, 2000, 0),
        ([-3900, 1900], 0, -2000, 0, 2000),
        ([5700], 700, 5700, 5000, 0),
        ([5700], 5700, 5700, 0, 0),
        ([5700], 6000, 5700, 0, 300),
        ([5700], -30, 5700, 5730, 0),
        ([-100], -30, -100, 0, 70),
        ([-10], -30, -10, 0, -20),
        ([0], 0, 0, 0, 0),
    ],
)
def test_what_the_balance_does_not_meet_is_due(
    lines: list[int], balance: int, total: int, due: int, after: int
) -> None:
    """B7: the total is first met from the balance, below zero it is added to it."""
    made = invoice(*lines, balance=balance)
    assert made.total == usd(total)
    assert made.credit_before == usd(balance)
    assert made.amount_due == usd(due)
    assert made.credit_after == usd(after)


@pytest.mark.parametrize(
    ("smallest", "total", "balance", "due", "after"),
    [
        (50, 1, 0, 0, -1),
        (50, 49, 0, 0, -49),
        (50, 50, 0, 50, 0),
        (50, 51, 0, 51, 0),
        (50, 149, 100, 0, -49),
        (50, 150, 100, 50, 0),
        (50, 151, 100, 51, 0),
        (50, 1, -48, 0, -49),
        (50, 1, -49, 50, 0),
        (50, 1, -50, 51, 0),
        (50, -1, -49, 0, -48),
        (0, 1, 0, 1, 0),
        (0, 0, 0, 0, 0),
        (0, -1, 0, 0, 1),
    ],
)
def test_the_smallest_charge_is_of_what_the_balance_leaves(
    smallest: int, total: int, balance: int, due: int, after: int
) -> None:
    """B10, B7: what is owed already joins, credit is taken first, and is never paid out."""
    made = invoice(total, balance=balance, smallest=smallest)
    assert (made.amount_due, made.credit_after) == (usd(due), usd(after))


@pytest.mark.parametrize(("days", "expected"), [(14, FIFTEENTH), (0, JUNE), (30, JULY)])
def test_the_last_instant_of_a_refund(days: int, expected: Any) -> None:
    """F1: so many times 24 hours after the invoice was issued."""
    made = invoice(100, refund_days=days)
    assert (made.issued_at, made.refundable_until) == (JUNE, expected)


def test_the_lines_are_kept_in_their_order() -> None:
    """S2, B5: oldest first, a credit before its charge."""
    made = invoice(-1900, 3900, 500)
    assert made.lines == (line(-1900), line(3900), line(500))


# --- What cannot be ---
@pytest.mark.parametrize(
    ("facts", "name", "value", "expected"),
    [
        (lambda: {"lines": ()}, "lines", (), "at least one line"),
        (lambda: {"amount_due": usd(-1)}, "amount_due", -1, "a whole number of at least 0"),
        (lambda: {"amount_due": usd(99)}, "amount_due", 99, UNMET),
        (lambda: {"amount_due": usd(101)}, "amount_due", 101, UNMET),
        (lambda: {"credit_before": usd(100)}, "amount_due", 100, UNMET),
        (
            lambda: {"refundable_until": BEFORE_JUNE},
            "refundable_until",
            BEFORE_JUNE,
            "an instant from 2026-06-01T00:00:00+00:00 on",
        ),
    ],
)
def test_an_invoice_that_contradicts_itself_is_refused(
    facts: Callable[[], dict[str, Any]], name: str, value: Any, expected: str
) -> None:
    """B7, B10, F1: the error names the fact, holds its value, and says what was expected."""
    assert values_of(InvalidValueError, evolve, invoice(100), **facts()) == (name, value, expected)


@pytest.mark.parametrize("until", [JUNE, JULY])
def test_a_refund_may_end_with_the_invoice_or_later(until: Any) -> None:
    """F1: no days of refund are days too."""
    assert evolve(invoice(100), refundable_until=until).refundable_until == until


def test_nothing_may_be_due_whatever_is_owed() -> None:
    """B10: how small is too small is the terms' to say, not the invoice's."""
    assert evolve(invoice(100), amount_due=usd(0)).credit_after == usd(-100)


@pytest.mark.parametrize(
    ("facts", "name", "expected"),
    [
        (lambda: {"lines": [line(100)]}, "lines", "a tuple"),
        (lambda: {"lines": (usd(100),)}, "line", "a Line"),
        (lambda: {"lines": (line(100), None)}, "line", "a Line"),
        (lambda: {"credit_before": 0}, "credit_before", "a Money"),
        (lambda: {"amount_due": 100}, "amount_due", "a Money"),
        (lambda: {"issued_at": "2026-06-01"}, "instant", "a datetime"),
        (lambda: {"refundable_until": None}, "instant", "a datetime"),
    ],
)
def test_a_fact_of_the_wrong_type_is_refused(
    facts: Callable[[], dict[str, Any]], name: str, expected: str
) -> None:
    """The error names the fact, and says which type was expected."""
    error = error_of(InvalidTypeError, evolve, invoice(100), **facts())
    assert (error.name, error.expected) == (name, expected)


@pytest.mark.parametrize("name", ["credit_before", "amount_due"])
def test_amounts_of_two_currencies_are_refused(name: str) -> None:
    """C1: the balance and what is due are of the lines' currency."""
    euro: dict[str, Any] = {name: Money(100, Currency("EUR", 2))}
    error = error_of(CurrencyMismatchError, evolve, invoice(100), **euro)
    assert {error.left.code, error.right.code} == {"USD", "EUR"}


def test_an_invoice_without_a_number_reads_without_it() -> None:
    """B14: one that was written before there were numbers."""
    old = evolve(invoice(1900), number=None, cause=None)
    assert repr(old) == (
        "Invoice(2026-06-01T00:00Z, 1 line, amount_due=19.00 USD, total=19.00 USD, "
        "credit_before=0.00 USD, refundable_until=2026-06-15T00:00Z)"
    )


def test_the_balance_has_a_row_only_where_it_met_something() -> None:
    """B7: a balance that stays as it was is no row of the table."""
    assert "from the credit balance" not in str(invoice(1900))
    assert str(invoice(1900, balance=500)).splitlines()[2].split()[-1] == "-5.00"
