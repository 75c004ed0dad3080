"""Exact amounts as decimals; the forms of CLDR are in `test_locale`."""

from __future__ import annotations

from fractions import Fraction

import pytest

from chatim_plans import PRO, USD, Currency, InvalidTypeError
from chatim_plans.words import money_text, number_text
from chatim_plans.words.amounts import decimal_text, fraction_text
from tests.refused import error_of

YEN = Currency("JPY", 0)
DINAR = Currency("KWD", 3)


@pytest.mark.parametrize(
    ("exact", "currency", "text"),
    [
        (Fraction(0), USD, "$0.00"),
        (Fraction(1, 2), USD, "$0.005"),
        (Fraction(-1, 3), USD, "-$0.003333…"),
        (Fraction(2125625, 372), USD, "$57.140456…"),
        (Fraction(123_456_789), USD, "$1,234,567.89"),
        (Fraction(100), USD, "$1.00"),
        (Fraction(7), YEN, "¥7"),
        (Fraction(70), YEN, "¥70"),
        (Fraction(15, 2), YEN, "¥7.5"),
        (Fraction(-1), DINAR, "-KWD0.001"),
        (Fraction(1, 10**6), USD, "$0.000000…"),
    ],
)
def test_an_exact_amount_is_a_decimal_of_six_places(
    exact: Fraction, currency: Currency, text: str
) -> None:
    """Whole where it is whole, cut with a mark where it goes on."""
    assert decimal_text(exact, currency, "en") == text


def test_a_decimal_is_written_as_amounts_are() -> None:
    """With the comma, the thousands and the symbol of the language."""
    assert decimal_text(Fraction(-123_456_701, 3), USD, "fr") == "-411\u202f522,336666…\xa0$US"


def test_a_fraction_is_in_its_lowest_terms() -> None:
    """Or whole."""
    assert [fraction_text(Fraction(n, 4), "en") for n in (-3, 2, 8_000)] == ["-3/4", "1/2", "2,000"]


def test_what_is_no_amount_is_said_by_name() -> None:
    """A plan is no amount, and no number."""
    assert error_of(InvalidTypeError, money_text, PRO, "en").name == "amount"
    assert error_of(InvalidTypeError, number_text, "1", "en").name == "number"
