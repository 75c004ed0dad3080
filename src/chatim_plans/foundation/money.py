"""Amounts of money: a whole number of minor units and its currency."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from gc import get_referents
from typing import Never

from attrs import define, field, frozen

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError, InvalidValueError, PlansError
from chatim_plans.foundation.values import Value, built_already, counted, named


@define
class CurrencyMismatchError(PlansError, ValueError):
    """Two amounts of different currencies, `left` and `right`, met in one sum or comparison.

    >>> from chatim_plans import USD, Currency, CurrencyMismatchError, Money
    >>> try:
    ...     Money(1900, USD) + Money(1900, Currency("EUR", 2))
    ... except CurrencyMismatchError as refusal:
    ...     print(refusal.left.code, refusal.right.code)
    USD EUR

    Source: rule C1.
    """

    left: Currency
    right: Currency

    def __str__(self) -> str:
        left, right = told_apart((self.left, self.right))
        return f"{left} and {right} do not mix: convert one amount before, with a rate of your own"


_LEAST, _MOST = shapes.LEAST, shapes.MOST
_MOST_DIGITS = 4  # the most that any currency of ISO 4217 has


def _code(code: str) -> str:
    given = shapes.plain(code, "currency code")
    if re.fullmatch("[A-Z]{3}", given) is None:
        raise InvalidValueError("currency code", code, "three capital letters (ISO 4217)")
    return given


@frozen(order=False)
class Currency(Value):
    """A currency by its `code` of ISO 4217, and how many decimal `digits` its minor unit has.

    >>> from chatim_plans import Currency, Money
    >>> str(Money(1900, Currency("JPY", 0))), str(Money(1900, Currency("EUR", 2)))
    ('1900 JPY', '19.00 EUR')

    Raises:
        InvalidTypeError, InvalidValueError: not three capital letters, or digits outside 0 to 4.

    Source: ISO 4217; rule C1.
    """

    code: str = field(converter=_code)
    digits: int

    def __attrs_post_init__(self) -> None:
        if shapes.whole_number(self.digits, "currency digits", at_least=0) > _MOST_DIGITS:
            expected = f"at most {_MOST_DIGITS}, as in ISO 4217"
            raise InvalidValueError("currency digits", self.digits, expected)

    def _shown(self) -> Iterator[str]:
        yield self.code
        yield named("digits", self.digits)


def told_apart(currencies: Collection[Currency]) -> list[str]:
    """The codes of currencies, with their digits where a code stands twice.

    >>> told_apart([Currency("USD", 2), Currency("USD", 3), Currency("EUR", 2)])
    ['USD with 2 digits', 'USD with 3 digits', 'EUR']
    """
    codes = [currency.code for currency in currencies]
    return [
        each.code
        if codes.count(each.code) == 1
        else f"{each.code} with {counted(each.digits, 'digit')}"
        for each in currencies
    ]


USD = Currency("USD", 2)
"""The US dollar, in which Chatim sells; its minor unit is the cent. Source: rule C1.

>>> from chatim_plans import USD, Money
>>> str(Money(57_00, USD))
'57.00 USD'
"""

_FORMAT = re.compile(r"(.?[<>^])?([-+ ])?([1-9][0-9]{0,2})?([,_])?", re.DOTALL)


@frozen(order=False, init=False)
class Money(Value):
    """A signed amount in minor units (cents for US dollars) of one currency.

    Amounts add, subtract, compare and multiply by whole numbers. They are never divided: a share
    of an amount is `prorate`'s business, which names how it rounds. An amount of zero is falsy.

    >>> from chatim_plans import USD, Money
    >>> Money(1900, USD) * 3
    Money(57.00 USD)
    >>> str(Money(1900, USD) * 3)
    '57.00 USD'

    Raises:
        InvalidTypeError: an amount or factor that is no int (floats, bools, Decimals and strings
            are refused), or an operand that is no Money.
        InvalidValueError: an amount of more than 100 digits, which nobody means.
        CurrencyMismatchError: two currencies in one sum or comparison.

    Source: rule book, "Money is in minor units"; rule B1.
    """

    amount: int
    currency: Currency

    def __init__(self, amount: int, currency: Currency) -> None:
        # Written out, because all that is billed is counted in these: attrs' own would call two
        # functions more, of which one is `_check_new`.
        try:
            (_,) = get_referents(self)
        except ValueError:
            raise built_already(self) from None
        if type(amount) is not int:
            raise InvalidTypeError("amount", amount, "a whole number of minor units (int)")
        if not _LEAST <= amount <= _MOST:
            raise InvalidValueError("amount", amount, shapes.WITHIN_BOUNDS)
        if type(currency) is not Currency:
            raise InvalidTypeError("currency", currency, "a Currency")
        _set_amount(self, amount)
        _set_currency(self, currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same_currency(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same_currency(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: int) -> Money:
        if type(factor) is not int:
            raise InvalidTypeError("factor", factor, "a whole number (int)")
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __radd__(self, other: Never) -> Never:
        """`sum` starts from the int 0: give it a start, `sum(amounts, Money(0, USD))`."""
        raise InvalidTypeError("operand", other, "a Money (start a sum with Money(0, currency))")

    __rsub__ = __radd__

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same_currency(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same_currency(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same_currency(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same_currency(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        """The amount in major units with all its digits, then the code: `-0.05 USD`."""
        return f"{self.figure} {self.currency.code}"

    @property
    def figure(self) -> str:
        """The amount in major units with all its digits, without the code: `-0.05`."""
        digits = self.currency.digits
        sign = "-" if self.amount < 0 else ""
        figures = str(abs(self.amount)).rjust(digits + 1, "0")
        whole, minor = figures[: len(figures) - digits], figures[len(figures) - digits :]
        return f"{sign}{whole}{'.' if digits else ''}{minor}"

    def __format__(self, spec: str) -> str:
        """The text of `str`, as a format specification asks: `f"{total:>+16,}"`.

        In this order: an alignment `<`, `>` or `^`, perhaps after a character to fill with; a sign,
        `+`, `-` or a space; a width; `,` or `_` between thousands. An amount stands to the right.

        >>> f"{Money(123456, USD):>+16,}"
        '   +1,234.56 USD'

        Raises:
            InvalidValueError: anything else, such as a number of decimals.
        """
        if not spec:
            return str(self)
        asked = _FORMAT.fullmatch(spec)
        if asked is None:
            expected = "an alignment, a sign, a width, ',' or '_', such as '>+12,'"
            raise InvalidValueError("format", spec, expected)
        align, sign, width, thousands = asked.groups()
        whole, point, minor = self.figure.removeprefix("-").partition(".")
        plus = "-" if self.amount < 0 else (sign or "").replace("-", "")
        text = f"{plus}{int(whole):{thousands or ''}}{point}{minor} {self.currency.code}"
        return f"{text:{align or '>'}{width or ''}}"

    def _shown(self) -> Iterator[str]:
        yield str(self)

    def _same_currency(self, other: Money) -> int:
        shapes.instance(other, Money, "operand")
        # Nearly always it is the same object, and to compare two costs more than to add.
        if other.currency is not self.currency and other.currency != self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return other.amount


_set_amount, _set_currency = (vars(Money)[fact].__set__ for fact in ("amount", "currency"))
