"""Money: whole minor units of one currency; they add, compare and multiply, and never divide."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    USD,
    Currency,
    CurrencyMismatchError,
    InvalidTypeError,
    InvalidValueError,
    Money,
)
from chatim_plans.foundation.money import told_apart
from chatim_plans.strategies import amounts_of_money
from tests.refused import Small, error_of, said_of, values_of


class Index:
    """A whole number as numpy spells it: no int, but it has `__index__`."""

    def __index__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return "Index()"


NO_INTS: list[Any] = [1.0, 1.5, True, "1", Decimal(1), Fraction(1), None, Index(), Small.one, 1j]


each_operator = pytest.mark.parametrize(
    "op", [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge]
)


def in_dollars() -> st.SearchStrategy[Money]:
    """Amounts that add."""
    return amounts_of_money(USD)


@pytest.fixture
def yen() -> Currency:
    """A currency without a minor unit."""
    return Currency("JPY", 0)


def test_currency_keeps_code_and_digits(yen: Currency) -> None:
    """A currency is its code and its digits."""
    assert (yen.code, yen.digits) == ("JPY", 0)


def test_us_dollar_has_two_digits() -> None:
    """C1: prices are in US dollars, counted in cents."""
    assert (USD.code, USD.digits) == ("USD", 2)


@pytest.mark.parametrize(
    "code", ["", "US", "USDX", "usd", "Usd", "US1", "U D", " USD", "USD ", "ÜSD", "ＵＳＤ", "$$$"]
)
def test_currency_code_is_three_capital_letters(code: str) -> None:
    """Any other code is refused, with the code in the message."""
    error = error_of(InvalidValueError, Currency, code, 2)
    assert str(error) == (f"currency code: expected three capital letters (ISO 4217), got {code!r}")


@pytest.mark.parametrize("code", [None, 840, b"USD", ["U", "S", "D"]])
def test_currency_code_is_a_str(code: Any) -> None:
    """A code of another type is refused."""
    error = error_of(InvalidTypeError, Currency, code, 2)
    assert str(error) == (f"currency code: expected a str, got {said_of(code)}")


def test_currency_digits_are_not_negative() -> None:
    """A minor unit cannot be larger than the currency."""
    error = error_of(InvalidValueError, Currency, "USD", -1)
    assert str(error) == ("currency digits: expected a whole number of at least 0, got -1")


@pytest.mark.parametrize("digits", [5, 10**9])
def test_currency_has_no_more_digits_than_any_of_iso_4217(digits: int) -> None:
    """Four are the most, and keep what an amount reads as short."""
    assert Currency("CLF", 4).digits == 4
    error = error_of(InvalidValueError, Currency, "CLF", digits)
    assert str(error) == (f"currency digits: expected at most 4, as in ISO 4217, got {digits}")


@pytest.mark.parametrize("digits", NO_INTS)
def test_currency_digits_are_an_int(digits: Any) -> None:
    """Digits of another type, a bool too, are refused."""
    error = error_of(InvalidTypeError, Currency, "USD", digits)
    assert str(error) == (f"currency digits: expected a whole number (int), got {said_of(digits)}")


@pytest.mark.parametrize("amount", NO_INTS)
def test_amount_is_an_int(amount: Any) -> None:
    """Floats, bools, Decimals, strings and relatives of int are no minor units."""
    error = error_of(InvalidTypeError, Money, amount, USD)
    assert str(error) == (
        f"amount: expected a whole number of minor units (int), got {said_of(amount)}"
    )


@pytest.mark.parametrize("currency", [None, "USD", 2, Currency])
def test_amount_has_a_currency(currency: Any) -> None:
    """There is no default currency, and a code alone is none."""
    error = error_of(InvalidTypeError, Money, 1, currency)
    assert str(error) == (f"currency: expected a Currency, got {said_of(currency)}")


@pytest.mark.parametrize(
    ("code", "digits", "amount", "expected"),
    [
        ("USD", 2, 0, "0.00 USD"),
        ("USD", 2, 1, "0.01 USD"),
        ("USD", 2, -1, "-0.01 USD"),
        ("USD", 2, 9, "0.09 USD"),
        ("USD", 2, 10, "0.10 USD"),
        ("USD", 2, 99, "0.99 USD"),
        ("USD", 2, 100, "1.00 USD"),
        ("USD", 2, -100, "-1.00 USD"),
        ("USD", 2, 5700, "57.00 USD"),
        ("USD", 2, 123456789, "1234567.89 USD"),
        ("JPY", 0, 0, "0 JPY"),
        ("JPY", 0, 7, "7 JPY"),
        ("JPY", 0, -1900, "-1900 JPY"),
        ("KWD", 3, 0, "0.000 KWD"),
        ("KWD", 3, -5, "-0.005 KWD"),
        ("KWD", 3, 1999, "1.999 KWD"),
    ],
)
def test_money_reads_in_major_units(code: str, digits: int, amount: int, expected: str) -> None:
    """An amount reads with all its digits, without a point where there are none, then the code."""
    assert str(Money(amount, Currency(code, digits))) == expected


@given(amounts_of_money())
def test_money_reads_as_decimal_says(money: Money) -> None:
    """The text is the amount scaled by `decimal`, exactly, in any currency."""
    exact = Decimal(money.amount).scaleb(-money.currency.digits)
    assert str(money) == f"{exact:f} {money.currency.code}"


def test_money_reads_as_on_an_invoice() -> None:
    """The repr shows the amount in major units; a currency's shows its digits, too."""
    assert repr(Money(1900, USD)) == "Money(19.00 USD)"
    assert repr(Currency("JPY", 0)) == "Currency(JPY, digits=0)"


@given(in_dollars(), in_dollars())
def test_money_adds_and_subtracts_as_integers_do(left: Money, right: Money) -> None:
    """Sum, difference and negation are those of the integers, in the same currency."""
    a, b = left.amount, right.amount
    assert left + right == Money(a + b, USD)
    assert left - right == Money(a - b, USD)
    assert -left == Money(-a, USD)


@given(amounts_of_money(), st.integers(-(10**6), 10**6))
def test_money_multiplies_by_integers_from_both_sides(money: Money, factor: int) -> None:
    """B1: seats times price is price times seats. Width: factors of ±10**6."""
    product = Money(money.amount * factor, money.currency)
    assert (money * factor, factor * money) == (product, product)


@given(in_dollars(), in_dollars(), st.booleans())
def test_money_compares_as_integers_do(left: Money, other: Money, same: bool) -> None:
    """All six comparisons are those of the integers; half of the pairs are equal."""
    right = Money(left.amount, USD) if same else other
    a, b = left.amount, right.amount
    actual = (left < right, left <= right, left > right, left >= right, left == right)
    assert (*actual, left != right) == (a < b, a <= b, a > b, a >= b, a == b, a != b)


def test_amounts_sum_from_a_start() -> None:
    """`sum` works when it is told where to start."""
    amounts = [Money(1, USD), Money(2, USD)]
    assert sum(amounts, Money(0, USD)) == Money(3, USD)


def test_sum_without_a_start_says_how() -> None:
    """`sum` starts from 0, which has no currency: the refusal says what to write."""
    with pytest.raises(InvalidTypeError) as caught:
        sum([Money(1, USD)])  # type: ignore[list-item]  # what a caller without mypy writes
    assert str(caught.value) == (
        "operand: expected a Money (start a sum with Money(0, currency)), got int 0"
    )


@pytest.mark.parametrize(("amount", "expected"), [(0, False), (1, True), (-1, True)])
def test_nothing_is_falsy(amount: int, expected: bool) -> None:
    """An amount of zero is falsy, any other is truthy."""
    assert bool(Money(amount, USD)) is expected


def test_same_amount_of_another_currency_is_not_equal(yen: Currency) -> None:
    """Equality looks at the currency, and is no error."""
    assert Money(5, USD) != Money(5, yen)


def test_same_code_with_other_digits_is_another_currency() -> None:
    """Dollars counted in thousandths do not mix with dollars counted in cents."""
    mills = Money(5, Currency("USD", 3))
    error = error_of(CurrencyMismatchError, lambda: mills + Money(5, USD))
    assert str(error).startswith("USD with 3 digits and USD with 2 digits do not mix: ")


def test_currencies_of_the_same_code_and_digits_mix() -> None:
    """What they are counts, and not which object says it."""
    assert Money(1, USD) + Money(2, Currency("USD", 2)) == Money(3, USD)


def test_currencies_are_told_apart_by_their_codes_where_those_differ() -> None:
    """A code stands alone but where it stands twice."""
    yen = [Currency("JPY", digits) for digits in (0, 1)]
    assert told_apart([USD]) == ["USD"]
    assert told_apart([yen[1], USD, yen[0]]) == ["JPY with 1 digit", "USD", "JPY with 0 digits"]


@pytest.mark.parametrize("nothing", [0, 0.0, None, "0.00 USD", False])
def test_money_is_not_equal_to_what_is_no_money(nothing: object) -> None:
    """Zero dollars are not the number zero."""
    assert Money(0, USD) != nothing


def test_equal_amounts_hash_alike() -> None:
    """Equal amounts are one member of a set."""
    assert len({Money(5, USD), Money(5, Currency("USD", 2)), Money(6, USD)}) == 2


@each_operator
def test_currencies_do_not_mix(op: Callable[[Any, Any], object], yen: Currency) -> None:
    """Two currencies in one sum or comparison are refused, and the error holds both."""
    error = error_of(CurrencyMismatchError, op, Money(1, USD), Money(1, yen))
    assert (error.left, error.right, str(error)) == (
        USD,
        yen,
        "USD and JPY do not mix: convert one amount before, with a rate of your own",
    )


@pytest.mark.parametrize("other", [*NO_INTS, 0, 7, object(), [1], "a"])
@each_operator
def test_operand_is_a_money(op: Callable[[Any, Any], object], other: Any) -> None:
    """Money and anything else do not add or compare, whichever stands on the left."""
    for left, right in ((Money(1, USD), other), (other, Money(1, USD))):
        error = error_of(InvalidTypeError, op, left, right)
        assert error.name == "operand"
        assert str(error).endswith(f"got {said_of(other)}")


@pytest.mark.parametrize("factor", [*NO_INTS, "a", [1], (1,)])
def test_factor_is_an_int(factor: Any) -> None:
    """Money multiplies by whole numbers only, from either side."""
    for left, right in ((Money(1, USD), factor), (factor, Money(1, USD))):
        error = error_of(InvalidTypeError, operator.mul, left, right)
        assert str(error) == f"factor: expected a whole number (int), got {said_of(factor)}"


def test_money_times_money_is_refused() -> None:
    """There are no square dollars."""
    with pytest.raises(InvalidTypeError):
        Money(1, USD) * Money(1, USD)  # type: ignore[operator]  # what is tested


@pytest.mark.parametrize(
    "convert",
    [
        lambda money: money / 2,
        lambda money: money // 2,
        lambda money: money % 2,
        lambda money: divmod(money, 2),
        lambda money: 2 / money,
        lambda money: money**2,
        round,
        abs,
        int,
        float,
        operator.index,
    ],
)
def test_money_is_never_divided_nor_made_a_number(convert: Callable[[Any], object]) -> None:
    """Nothing that divides an amount or drops its currency exists."""
    with pytest.raises(TypeError):
        convert(Money(5, USD))


# --- As text ---
@pytest.mark.parametrize(
    ("cents", "spec", "expected"),
    [
        (123_456, "", "1234.56 USD"),
        (123_456, ",", "1,234.56 USD"),
        (123_456, "_", "1_234.56 USD"),
        (-123_456, ",", "-1,234.56 USD"),
        (5, "+", "+0.05 USD"),
        (-5, "+", "-0.05 USD"),
        (0, "+", "+0.00 USD"),
        (5, " ", " 0.05 USD"),
        (5, "-", "0.05 USD"),
        (5, "12", "    0.05 USD"),
        (5, "<12", "0.05 USD    "),
        (5, "^12", "  0.05 USD  "),
        (5, "*>12", "****0.05 USD"),
        (5, "<<12", "0.05 USD<<<<"),
        (123_456_789, ">+20,", "   +1,234,567.89 USD"),
        (5, "3", "0.05 USD"),
    ],
)
def test_money_formats_as_asked(cents: int, spec: str, expected: str) -> None:
    """Alignment, sign, width and thousands, in this order; an amount stands to the right."""
    assert format(Money(cents, USD), spec) == expected


def test_money_without_decimals_formats_too() -> None:
    """The yen has no minor unit."""
    assert f"{Money(1234567, Currency('JPY', 0)):,}" == "1,234,567 JPY"


@pytest.mark.parametrize(
    "spec", [".2f", "012", "=12", "d", "n", "%", ",d", "12.2", "1000", "x12", ",,", "e", "#", "z"]
)
def test_another_format_is_refused(spec: str) -> None:
    """Nothing rounds on the way to a text; the error says what can be asked."""
    assert values_of(InvalidValueError, format, Money(5, USD), spec) == (
        "format",
        spec,
        "an alignment, a sign, a width, ',' or '_', such as '>+12,'",
    )


def test_the_figure_is_the_amount_without_its_code() -> None:
    """For a table whose head has the currency."""
    assert (Money(-5, USD).figure, Money(7, Currency("JPY", 0)).figure) == ("-0.05", "7")


@pytest.mark.parametrize(
    ("make", "amount"),
    [
        (lambda: Money(10**100, USD), 10**100),
        (lambda: Money(-(10**5_000), USD), -(10**5_000)),
        (lambda: Money(10**99, USD) * 10, 10**100),
        (lambda: Money(1, USD) * 10**5_000, 10**5_000),
        (lambda: Money(10**100 - 1, USD) + Money(1, USD), 10**100),
        (lambda: Money(1 - 10**100, USD) - Money(1, USD), -(10**100)),
    ],
    ids=["over", "below", "tenfold", "far", "one more", "one less"],
)
def test_an_amount_beyond_all_use_is_refused(make: Callable[[], object], amount: int) -> None:
    """A hundred digits are enough, and every message and text can be printed."""
    error = error_of(InvalidValueError, make)
    assert (error.name, error.value) == ("amount", amount)
    assert error.expected == "a whole number of at most 100 digits"
    assert len(str(error)) < 300
    assert [len(str(Money(most, USD))) for most in (10**100 - 1, 1 - 10**100)] == [105, 106]


def test_currencies_are_compared_as_plain_texts() -> None:
    """A code that says it equals every other adds no euros to dollars."""

    class Boastful(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return hash("USD")

    euro = Currency(Boastful("EUR"), 2)
    error_of(CurrencyMismatchError, lambda: Money(1, USD) + Money(1, euro))
    assert (euro == USD, type(euro.code), hash(euro)) == (False, str, hash(Currency("EUR", 2)))
