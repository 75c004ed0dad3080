"""Amounts and numbers as people read them: `1 234,50 $US`, `$1,234.50`.

The forms are those of the Unicode Consortium's locale data (CLDR) for French and English, in which
French groups thousands by a narrow no-break space and writes `$US` for the US dollar.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from attrs import frozen

from chatim_plans.foundation import shapes
from chatim_plans.foundation.languages import Language, language_of
from chatim_plans.foundation.money import Currency, Money


@frozen
class _Numerals:
    """How a language writes numbers and amounts; `{symbol}` and `{figures}` stand for theirs."""

    thousands: str
    decimal_mark: str
    amount: str
    symbols: Mapping[str, str]


_NUMERALS: Mapping[Language, _Numerals] = MappingProxyType({
    Language.fr: _Numerals(
        thousands="\N{NARROW NO-BREAK SPACE}",
        decimal_mark=",",
        amount="{figures}\N{NO-BREAK SPACE}{symbol}",
        symbols=MappingProxyType({
            "ARS": "$AR",
            "AUD": "$AU",
            "BEF": "FB",
            "BMD": "$BM",
            "BND": "$BN",
            "BRL": "R$",
            "BZD": "$BZ",
            "CAD": "$CA",
            "CLP": "$CL",
            "COP": "$CO",
            "CYP": "£CY",
            "EUR": "€",
            "FJD": "$FJ",
            "FKP": "£FK",
            "FRF": "F",
            "GBP": "£GB",
            "GIP": "£GI",
            "IEP": "£IE",
            "ILP": "£IL",
            "ILS": "₪",
            "INR": "₹",
            "ITL": "₤IT",
            "KRW": "₩",
            "LBP": "£LB",
            "MTP": "£MT",
            "MXN": "$MX",
            "NAD": "$NA",
            "NZD": "$NZ",
            "RHD": "$RH",
            "SBD": "$SB",
            "SGD": "$SG",
            "SRD": "$SR",
            "TTD": "$TT",
            "USD": "$US",
            "UYU": "$UY",
            "VND": "₫",
            "WST": "$WS",
            "XAF": "FCFA",
            "XCG": "Cg.",
            "XOF": "F\N{NARROW NO-BREAK SPACE}CFA",
            "XPF": "FCFP",
        }),
    ),
    Language.en: _Numerals(
        thousands=",",
        decimal_mark=".",
        amount="{symbol}{figures}",
        symbols=MappingProxyType({
            "AUD": "A$",
            "BRL": "R$",
            "CAD": "CA$",
            "CNY": "CN¥",
            "EUR": "€",
            "GBP": "£",
            "HKD": "HK$",
            "ILS": "₪",
            "INR": "₹",
            "JPY": "¥",
            "KRW": "₩",
            "MXN": "MX$",
            "NZD": "NZ$",
            "PHP": "₱",
            "TWD": "NT$",
            "USD": "$",
            "VND": "₫",
            "XAF": "FCFA",
            "XCD": "EC$",
            "XCG": "Cg.",
            "XOF": "F\N{NARROW NO-BREAK SPACE}CFA",
            "XPF": "CFPF",
        }),
    ),
})


def money_text(amount: Money, language: str) -> str:
    """An amount in major units with all its digits, and its currency's symbol, or else its code.

    >>> from chatim_plans.words import money_text
    >>> from chatim_plans import USD, Money
    >>> money_text(Money(123450, USD), "en"), money_text(Money(-5, USD), "en")
    ('$1,234.50', '-$0.05')
    >>> money_text(Money(1900, USD), "fr") == "19,00\N{NO-BREAK SPACE}$US"
    True

    Raises:
        InvalidTypeError: no Money.
        UnknownKeyError: a language other than French and English.

    Source: CLDR, as Babel writes amounts.
    """
    spoken = language_of(language)
    code = shapes.instance(amount, Money, "amount").currency.code
    numerals = _NUMERALS[spoken]
    sign, figures = _figures(amount.figure, numerals)
    symbol = numerals.symbols.get(code, code)
    written = numerals.amount.format(figures=figures, symbol=symbol)
    return f"{sign}{written}"


def number_text(number: int, language: str) -> str:
    """A whole number with its thousands apart.

    >>> from chatim_plans.words import number_text
    >>> number_text(12345, "en")
    '12,345'

    Raises:
        InvalidTypeError: no whole number.
        UnknownKeyError: a language other than French and English.

    Source: CLDR, as Babel writes numbers.
    """
    spoken = language_of(language)
    return "".join(_figures(str(shapes.whole_number(number, "number")), _NUMERALS[spoken]))


def fraction_text(fraction: Fraction, language: str) -> str:
    """An exact number: whole, or as a fraction in its lowest terms.

    >>> fraction_text(Fraction(895, 1488), "en"), fraction_text(Fraction(-5700), "en")
    ('895/1488', '-5,700')
    """
    if fraction.denominator == 1:
        return number_text(fraction.numerator, language)
    return str(fraction)


_DECIMALS = 6


def decimal_text(exact: Fraction, currency: Currency, language: str) -> str:
    """An exact amount of minor units as a decimal, cut after six places: `57,140456… $US`."""
    numerals = _NUMERALS[language_of(language)]
    shown = exact.numerator * 10**_DECIMALS
    places, rest = divmod(abs(shown), exact.denominator * 10**currency.digits)
    whole, minor = divmod(places, 10**_DECIMALS)
    digits = f"{minor:0{_DECIMALS}}"
    if not rest:
        digits = digits[: currency.digits] + digits[currency.digits :].rstrip("0")
    sign, figures = _figures(
        f"{'-' if exact < 0 else ''}{whole}{'.' if digits else ''}{digits}", numerals
    )
    symbol = numerals.symbols.get(currency.code, currency.code)
    written = numerals.amount.format(figures=f"{figures}{'…' if rest else ''}", symbol=symbol)
    return f"{sign}{written}"


def _figures(plain: str, numerals: _Numerals) -> tuple[str, str]:
    """The sign of a plain figure such as `-1234.50`, and its digits as a language writes them."""
    whole, point, minor = plain.removeprefix("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", numerals.thousands)
    sign = "-" if plain.startswith("-") else ""
    return sign, f"{grouped}{numerals.decimal_mark if point else ''}{minor}"
