"""How a cent came about: the page of words has every case; here what each step is for."""

from __future__ import annotations

from datetime import UTC
from fractions import Fraction

import pytest
from attrs import evolve

from chatim_plans import PRO, USD, Invoice, Line, LineKind, Money, Period
from chatim_plans.words import explain, say
from chatim_plans.words.explaining import _unit
from chatim_plans.words.phrases import Writer
from tests.instants import JULY, JUNE, LAST_SECOND
from tests.words_page import bills


def test_a_line_is_explained_a_step_a_row() -> None:
    """B3, B4, B6: the price, the part, the exact amount, the rule, and what rounding took."""
    line = bills()["a half"].lines[1]
    assert explain(line, "en").splitlines() == [
        "1 seat of the eighteen plan at $18.00: $18.00 for the period from June 1, 2026 at 12:00\u202fAM UTC to July 1, 2026 at 12:00\u202fAM UTC.",
        "The remaining time, from June 30, 2026 at 10:12\u202fPM UTC on, is 1 hour and 48 minutes of 30 days, which is the fraction 1/400 (rule B3).",
        "$18.00 × 1/400 = $0.045, exactly 9/2 cents.",
        "That is exactly a half, rounded once in the customer's favour: $0.04 (rule B4).",
        "Rounding gives the customer 1/2 cent.",
    ]


def test_a_credit_of_a_credit_names_the_debit_it_is_a_part_of() -> None:
    """B12: of what was debited, over the period of that debit."""
    _, _, credit, _ = bills()["an upgrade after a change of seats"].lines
    assert explain(credit, "fr").splitlines()[0] == (
        "5 places du plan Pro\xa0: le crédit est une part de ce qui a été débité pour ce temps,"
        " 66,50\xa0$US pour la période du 10 juin 2026 à 00:00 UTC au 1er juillet 2026 à 00:00 UTC"
        " (règle B12)."
    )


def test_a_balance_that_was_owed_is_collected_with_nothing_new() -> None:
    """B10: a total of nothing, and what was carried until here."""
    june = Period(JUNE, JULY)
    second = Line(LineKind.remaining_time, PRO, 1, Period(LAST_SECOND, JULY), june, Money(0, USD))
    owed = Money(60, USD)
    invoice = Invoice(JULY, (second,), -owed, owed, JULY)
    sums = [row.split("  ") for row in say(invoice, "en").splitlines()[-2:]]
    assert [(what, amount.strip()) for _, what, *_, amount in sums] == [
        ("Carried over from earlier", "$0.60"),
        ("Due", "$0.60"),
    ]
    assert (
        say(evolve(invoice, credit_before=Money(0, USD), amount_due=Money(0, USD)), "en").count(
            "\n"
        )
        == 2
    )


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        ("0", "cent", "cent"),
        ("-1/2", "cent", "cent"),
        ("1", "cent", "cent"),
        ("-3/2", "cent", "cents"),
        ("2", "cents", "cents"),
        ("-5/2", "cents", "cents"),
    ],
)
def test_less_than_two_is_singular_in_french(amount: str, french: str, english: str) -> None:
    """And up to one in English."""
    line = bills()["a half"].lines[0]
    units = [_unit(line, Fraction(amount), Writer.of(tag, UTC)) for tag in ("fr", "en")]
    assert units == [french, english]
