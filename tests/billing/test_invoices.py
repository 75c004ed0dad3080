"""Invoices and their lines: what is due and carried over, what each line keeps, which cannot be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    PRO,
    ULTIMATE,
    USD,
    Currency,
    CurrencyMismatchError,
    Cycle,
    InvalidTypeError,
    InvalidValueError,
    Invoice,
    InvoiceCause,
    Line,
    LineKind,
    Money,
    Period,
    Rounding,
)
from chatim_plans.billing.invoices import (
    invoice_for,
    period_line,
    remaining_line,
    unused_debit,
    unused_line,
)
from chatim_plans.subscriptions.occurrences import Rate
from tests.accounts import a_plan, usd
from tests.instants import JULY, JUNE, june, utc
from tests.refused import error_of, values_of

FIFTEENTH = utc(2026, 6, 15)
BEFORE_JUNE = utc(2026, 5, 31, 23, 59, 59)
UNMET = "all that the balance does not meet"


def line(cents: int) -> Line:
    """A line of so many cents for June, a credit where they are negative."""
    kind = LineKind.remaining_time if cents >= 0 else LineKind.unused_time
    return line_of(kind, cents)


def line_of(kind: LineKind, cents: int) -> Line:
    """A line of a kind, for June."""
    return Line(kind, a_plan("any", abs(cents)), 1, june(), june(), usd(cents))


def invoice(*cents: int, balance: int = 0, smallest: int = 50, refund_days: int = 14) -> Invoice:
    """The invoice for lines of so many cents."""
    terms = evolve(CHATIM.terms, smallest_charge=usd(smallest), refund_days=refund_days)
    lines, cause = tuple(line(each) for each in cents), InvoiceCause.billing_stopped
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
        (lambda: {"number": 0}, "number", 0, "a whole number of at least 1"),
        (lambda: {"number": None}, "number", None, "a number and a cause, or neither"),
        (lambda: {"cause": None}, "cause", None, "a number and a cause, or neither"),
    ],
)
def test_an_invoice_that_contradicts_itself_is_refused(
    facts: Callable[[], dict[str, Any]], name: str, value: Any, expected: str
) -> None:
    """B7, B10, F1: the error names the fact, holds its value, and says what was expected."""
    assert values_of(InvalidValueError, evolve, invoice(100), **facts()) == (name, value, expected)


# What ends the invoice of each cause: a whole period, the rest of one, or a credit.
LAST_LINES = {
    InvoiceCause.plan_started: "w",
    InvoiceCause.trial_converted: "w",
    InvoiceCause.period_renewed: "w",
    InvoiceCause.upgraded: "r",
    InvoiceCause.interval_changed: "w",
    InvoiceCause.seats_changed: "r",
    InvoiceCause.billing_stopped: "ru",
}
KINDS = {"w": LineKind.subscription, "r": LineKind.remaining_time, "u": LineKind.unused_time}


def told(cause: InvoiceCause, *kinds: LineKind) -> Invoice:
    """An invoice of such lines."""
    lines = tuple(line_of(kind, -100 if kind == "unused_time" else 100) for kind in kinds)
    return Invoice(JUNE, lines, usd(0), usd(0), JUNE, 1, cause)


@pytest.mark.parametrize("last", KINDS)
@pytest.mark.parametrize("cause", InvoiceCause)
def test_what_an_invoice_was_issued_for_is_its_last_line(cause: InvoiceCause, last: str) -> None:
    """B14: an upgrade charges the rest of a period, a renewal a whole one."""
    changes = LineKind.unused_time, LineKind.remaining_time
    if last in LAST_LINES[cause]:
        assert told(cause, *changes, KINDS[last]).cause is cause
        return
    error = error_of(InvalidValueError, told, cause, *changes, KINDS[last])
    ends = " or ".join(KINDS[each] for each in LAST_LINES[cause])
    assert (error.name, error.expected) == ("lines", f"what waited, then {ends}: {cause}")
    assert isinstance(error.value, tuple)
    assert [line.kind for line in error.value] == [*changes, KINDS[last]]


@pytest.mark.parametrize("cause", InvoiceCause)
def test_a_whole_period_is_charged_last(cause: InvoiceCause) -> None:
    """S2, B14: what waited comes before it, and is no whole period."""
    last = KINDS[LAST_LINES[cause][0]]
    error = error_of(InvalidValueError, told, cause, LineKind.subscription, last)
    assert error.name == "lines"


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
    assert "from the credit balance" not in str(invoice(1900, balance=0))
    assert "from the credit balance" not in str(invoice(0, balance=500))


def test_an_invoice_prints_as_a_table() -> None:
    """B7: when and in which currency, its lines, what the balance met, and what is due."""
    made = invoice(1900, balance=500)
    first, *lines, met, due = str(made).splitlines()
    assert first.split() == ["2026-06-01", "00:00Z", "USD"]
    assert lines == [str(line) for line in made.lines]
    assert (met[:26], met[26:].strip()) == ("  from the credit balance ", "-5.00")
    assert (due[:6], due[6:].strip()) == ("  due ", "14.00")


def test_an_invoice_reads_in_a_line() -> None:
    """B14: with its number and what it is for."""
    assert repr(invoice(1900)) == (
        "Invoice(number=1, 2026-06-01T00:00Z, billing_stopped, 1 line, amount_due=19.00 USD, "
        "total=19.00 USD, credit_before=0.00 USD, refundable_until=2026-06-15T00:00Z)"
    )


@pytest.mark.parametrize("cause", ["upgraded", 1, PRO])
def test_a_cause_is_one_of_those_there_are(cause: Any) -> None:
    """B14: its name alone is none."""
    values = values_of(InvalidTypeError, evolve, invoice(1900), cause=cause)
    assert values == ("cause", cause, "an InvoiceCause")


# --- Lines ---
MARCH = utc(2026, 3, 1)
ELEVENTH = utc(2026, 3, 11)
APRIL = utc(2026, 4, 1)


def march() -> Period:
    """The month of March: 31 days."""
    return Period(MARCH, APRIL)


def rest() -> Period:
    """From the eleventh on: 21 days of 31."""
    return Period(ELEVENTH, APRIL)


def too_early() -> Period:
    """A part that begins before March."""
    return Period(utc(2026, 2, 28), APRIL)


def too_late() -> Period:
    """A part that ends after March."""
    return Period(ELEVENTH, utc(2026, 4, 1, 0, 0, 1))


def charge() -> Line:
    """A charge for one seat on Pro for the rest of March: 39900/31 cents."""
    return Line(LineKind.remaining_time, PRO, 1, rest(), march(), usd(1287))


def credit() -> Line:
    """A credit for the same."""
    return Line(LineKind.unused_time, PRO, 1, rest(), march(), usd(-1287))


def month() -> Line:
    """A whole month of three seats on Pro."""
    return Line(LineKind.subscription, PRO, 3, march(), march(), usd(5700))


def written(
    before: Rate, after: Rate, rounding: Rounding, at: datetime = ELEVENTH
) -> tuple[Line, Line]:
    """The two lines of a rate that changes in March, in classic billing."""
    part = Period(at, APRIL)
    return (
        unused_line(before, part, march(), rounding),
        remaining_line(after, part, march(), rounding),
    )


@pytest.mark.parametrize(
    ("line", "fraction", "exact", "difference"),
    [
        (month, Fraction(1), Fraction(5700), Fraction(0)),
        (charge, Fraction(21, 31), Fraction(39_900, 31), Fraction(-3, 31)),
        (credit, Fraction(21, 31), Fraction(-39_900, 31), Fraction(3, 31)),
        (
            lambda: evolve(charge(), seats=3, amount=usd(3861), base=usd(5700)),
            Fraction(21, 31),
            Fraction(119_700, 31),
            Fraction(-9, 31),
        ),
    ],
    ids=["a month", "a charge", "a credit", "a charge for three"],
)
def test_a_line_keeps_how_it_was_reached(
    line: Callable[[], Line], fraction: Fraction, exact: Fraction, difference: Fraction
) -> None:
    """B3, B6: the share, the exact amount with its sign, and what rounding gave or took."""
    made = line()
    assert made.fraction == fraction
    assert made.exact == exact
    assert made.rounding_difference == difference
    assert made.unit_price == usd(1900)


def test_kinds() -> None:
    """The three kinds, as they are stored."""
    assert [str(kind) for kind in LineKind] == ["subscription", "unused_time", "remaining_time"]


# --- Lines that cannot be ---
IN_MARCH = "a period from 2026-03-01T00:00:00+00:00 to 2026-04-01T00:00:00+00:00"
WHOLE_MARCH = "the whole period 2026-03-01T00:00Z/2026-04-01T00:00Z"


@pytest.mark.parametrize(
    ("line", "facts", "name", "value", "expected"),
    [
        (charge, lambda: {"period": too_early()}, "part", too_early, IN_MARCH),
        (charge, lambda: {"period": too_late()}, "part", too_late, IN_MARCH),
        (charge, lambda: {"kind": LineKind.subscription}, "period", rest, WHOLE_MARCH),
        (charge, lambda: {"amount": usd(1289)}, "amount", 1289, "3447360000/2678400, rounded"),
        (charge, lambda: {"amount": usd(1286)}, "amount", 1286, "3447360000/2678400, rounded"),
        (credit, lambda: {"amount": usd(1287)}, "amount", 1287, "-3447360000/2678400, rounded"),
        (month, lambda: {"amount": usd(5701)}, "amount", 5701, "15266880000/2678400, rounded"),
        (month, lambda: {"amount": usd(5699)}, "amount", 5699, "15266880000/2678400, rounded"),
        (charge, lambda: {"seats": 0}, "seats", 0, "a whole number of at least 1"),
    ],
    ids=[
        "begins before",
        "ends after",
        "a part as a subscription",
        "above the exact amount",
        "below it",
        "a credit that charges",
        "above a whole",
        "below a whole",
        "no seats",
    ],
)
def test_a_line_that_contradicts_itself_is_refused(
    line: Callable[[], Line],
    facts: Callable[[], dict[str, Any]],
    name: str,
    value: Any,
    expected: str,
) -> None:
    """B3, B4: the error names the fact, holds its value, and says what was expected."""
    held = value() if callable(value) else value
    assert values_of(InvalidValueError, evolve, line(), **facts()) == (name, held, expected)


@pytest.mark.parametrize("cents", [1287, 1288])
def test_a_line_may_be_rounded_up_or_down(cents: int) -> None:
    """B4: 1287.1 cents are 1287 or 1288 by one rule or another."""
    assert evolve(charge(), amount=usd(cents)).amount.amount == cents


@pytest.mark.parametrize(
    ("name", "shown", "expected"),
    [
        ("kind", "kind", "a LineKind"),
        ("plan", "plan", "a Plan"),
        ("seats", "seats", "a whole number (int)"),
        ("period", "part", "a Period"),
        ("whole", "whole", "a Period"),
        ("amount", "amount", "a Money"),
        ("base", "base", "a Money"),
    ],
)
@pytest.mark.parametrize("value", ["unused_time", 1.5, None])
def test_a_fact_of_a_line_of_the_wrong_type_is_refused(
    name: str, shown: str, expected: str, value: Any
) -> None:
    """A kind's string is no kind, and nothing is a period but a period."""
    values = values_of(InvalidTypeError, evolve, charge(), **{name: value})
    assert values == (shown, value, expected)


def test_a_line_without_a_base_is_of_a_plan_all_the_same() -> None:
    """B5: the base follows from the plan, so the plan is looked at before it."""
    key: Any = "pro"
    facts = LineKind.remaining_time, key, 1, march(), march(), usd(1900)
    assert values_of(InvalidTypeError, Line, *facts) == ("plan", "pro", "a Plan")


def test_an_amount_of_another_currency_is_refused() -> None:
    """C1: the error holds the plan's currency, then the amount's."""
    error = error_of(
        CurrencyMismatchError, evolve, charge(), amount=Money(1287, Currency("EUR", 2))
    )
    assert (error.left, error.right) == (USD, Currency("EUR", 2))


def test_an_amount_of_the_same_currency_may_be_another_object() -> None:
    """C1: currencies are compared by value, as documents are read."""
    dollars = Currency("USD", 2)
    again = evolve(charge(), amount=Money(1287, dollars), base=Money(1900, dollars))
    assert again == charge()


# --- Lines that are written ---
def test_a_period_is_paid_in_full() -> None:
    """B2: one line for the whole, seat price times seats."""
    line = period_line(Rate(PRO, 3), march())
    assert line == month()


def test_a_change_credits_all_old_seats_and_charges_all_new_ones() -> None:
    """B5: two lines for the time that is left, the credit first."""
    lines = written(Rate(PRO, 3), Rate(ULTIMATE, 4), Rounding.ties_to_customer)
    assert lines == (
        Line(LineKind.unused_time, PRO, 3, rest(), march(), usd(-3861)),
        Line(LineKind.remaining_time, ULTIMATE, 4, rest(), march(), usd(10_568)),
    )


@pytest.mark.parametrize(
    ("at", "cents"),
    [
        (MARCH, [-1900, 3900]),
        (utc(2026, 3, 16, 12), [-950, 1950]),
        (utc(2026, 3, 31, 23, 59, 59), [0, 0]),
    ],
)
def test_the_part_is_from_the_change_to_the_periods_end(at: datetime, cents: list[int]) -> None:
    """B3: from the whole of it to its last second."""
    lines = written(Rate(PRO, 1), Rate(ULTIMATE, 1), Rounding.ties_to_customer, at)
    assert [line.amount.amount for line in lines] == cents


@pytest.mark.parametrize(
    ("rounding", "cents"),
    [
        ("ties_to_customer", [-3, 4]),
        ("ties_to_even", [-2, 4]),
        ("ties_away_from_zero", [-3, 5]),
        ("down", [-3, 4]),
    ],
)
def test_both_lines_are_rounded_by_the_rule(rounding: str, cents: list[int]) -> None:
    """B4: half of five cents given back, half of nine charged."""
    five, nine = Rate(a_plan("five", 5), 1), Rate(a_plan("nine", 9), 1)
    lines = written(five, nine, Rounding(rounding), utc(2026, 3, 16, 12))
    assert [line.amount.amount for line in lines] == cents


def test_a_credit_in_flexible_billing_is_a_part_of_what_was_debited() -> None:
    """B12: of the charge as it was rounded, over the charge's own time."""
    part = Period(utc(2026, 3, 21), APRIL)
    line = unused_debit(charge(), part, Rounding.ties_to_customer)
    assert line == Line(LineKind.unused_time, PRO, 1, part, rest(), usd(-674), usd(1287))
    assert (line.fraction, line.exact) == (Fraction(11, 21), Fraction(-14_157, 21))


@pytest.mark.parametrize(
    ("line", "base", "expected"),
    [
        (charge, 1901, "the price of the seats for the period"),
        (month, 5699, "the price of the seats for the period"),
        (credit, -1, "a whole number of at least 0"),
    ],
)
def test_only_a_credit_is_a_part_of_something_else(
    line: Callable[[], Line], base: int, expected: str
) -> None:
    """B5, B12: charges are parts of the price, and nothing is a part of less than nothing."""
    values = values_of(InvalidValueError, evolve, line(), base=usd(base))
    assert values == ("base", base, expected)


def of_a_year(line: Line) -> Line:
    """The same line, of a plan that is billed by the year."""
    return evolve(line, plan=evolve(line.plan, interval_months=12))


def a_period(start: datetime, months: int = 1) -> Line:
    """A seat on Pro for a whole period from `start` on, of one month or of twelve."""
    return period_line(
        Rate(evolve(PRO, interval_months=months), 1), Cycle(start, months).period_holding(start)
    )


@pytest.mark.parametrize("month", range(1, 13))
def test_months_are_named_in_english_whatever_the_machine_speaks(month: int) -> None:
    """The text of an invoice is the same on every run."""
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    made = a_period(utc(2025, month, 5))
    assert f"05 {names[month - 1]}" in str(made)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            month,
            "  pro 3 x 19.00, 01 Mar to 01 Apr         ",
        ),
        (charge, "  remaining pro 1 x 19.00, 11 Mar to 01 Apr, 21/31 of the period"),
        (credit, "  unused pro 1 x 19.00, 11 Mar to 01 Apr, 21/31 of the period"),
        (lambda: a_period(utc(2026, 12, 15)), "  pro 1 x 19.00, 15 Dec 2026 to 15 Jan 2027   "),
        (lambda: a_period(JUNE, 12), "  pro 1 x 19.00, 01 Jun 2026 to 01 Jun 2027   "),
        (
            lambda: of_a_year(credit()),
            "  unused pro 1 x 19.00, 11 Mar to 01 Apr 2026, 21/31 of the period",
        ),
    ],
)
def test_a_line_prints_as_a_row_of_the_invoice(line: Callable[[], Line], expected: str) -> None:
    """What, at which price, for which time, for which part of the period; then how much."""
    assert str(line()).startswith(expected)
    assert str(line())[74:].strip() == line().amount.figure


def of_a_debit() -> Line:
    """The credit for the last ten days of a debit that paid for 21."""
    rest = Period(utc(2026, 3, 22), APRIL)
    return unused_debit(charge(), rest, Rounding.ties_to_customer)


def test_a_part_of_a_debit_says_of_how_much() -> None:
    """B12: 10/21 of the 12.87 that were debited."""
    row = "  unused pro 1 x 19.00, 22 Mar to 01 Apr, 10/21 of 12.87"
    assert str(of_a_debit()).startswith(row)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (month, "subscription, 3 x pro 19.00 USD, 57.00 USD, 2026-03-01T00:00Z/2026-04-01T00:00Z"),
        (
            charge,
            (
                "remaining_time, 1 x pro 19.00 USD, 12.87 USD, "
                "from 2026-03-11T00:00Z of 2026-03-01T00:00Z/2026-04-01T00:00Z"
            ),
        ),
        (
            of_a_debit,
            "unused_time, 1 x pro, -6.13 USD, 2026-03-22T00:00Z/2026-04-01T00:00Z, 10/21 of 12.87 USD",
        ),
    ],
    ids=["a period", "a part of it", "a part of a debit"],
)
def test_a_line_reads_in_a_line(line: Callable[[], Line], expected: str) -> None:
    """B6, B12: what was billed, how much, and of what it is a part."""
    assert repr(line()) == f"Line({expected})"


def test_a_part_that_ends_before_its_whole_reads_as_a_share() -> None:
    """Nothing that the library writes is such a line; one built by hand can be."""
    line = evolve(charge(), period=Period(MARCH, ELEVENTH), amount=usd(612))
    assert repr(line) == (
        "Line(remaining_time, 1 x pro, 6.12 USD, 2026-03-01T00:00Z/2026-03-11T00:00Z, "
        "10/31 of 19.00 USD)"
    )
