"""The only way from an exact amount to a payable one: name the rule, get an integer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from chatim_plans.foundation import shapes


class Rounding(StrEnum):
    """How an exact amount becomes whole minor units; all but `down` go to the nearest one.

    They differ in where an exact half goes. `ties_to_customer`: towards minus infinity, that is
    less to pay and more credit. `down`: every fraction goes towards minus infinity.

    >>> from chatim_plans import USD, Money, Period, Rounding, prorate, utc
    >>> whole = Period(utc("2026-10-15 09:00:00"), utc("2026-10-15 09:06:40"))
    >>> part = Period(utc("2026-10-15 09:06:39"), whole.end)  # a 400th, of $18.00: 4.5 cents
    >>> for rule in (Rounding.ties_to_customer, Rounding.ties_away_from_zero):
    ...     print(prorate(Money(18_00, USD), part=part, whole=whole, rounding=rule))
    0.04 USD
    0.05 USD

    Source: rule B4. `ties_to_customer` is what Stripe's recorded lines do.
    """

    ties_to_customer = "ties_to_customer"
    ties_to_even = "ties_to_even"
    ties_away_from_zero = "ties_away_from_zero"
    down = "down"


# What an exact half adds to the whole number below it, by that number.
_TIE: Mapping[Rounding, Callable[[int], int]] = MappingProxyType({
    Rounding.ties_to_customer: lambda _below: 0,
    Rounding.ties_to_even: lambda below: below % 2,
    Rounding.ties_away_from_zero: lambda below: below >= 0,
})


def rounded(numerator: int, denominator: int, rule: Rounding) -> int:
    """`numerator / denominator` as whole minor units by `rule`; `denominator` is positive.

    >>> rounded(9, 2, Rounding.ties_to_customer), rounded(-5, 2, Rounding.ties_to_customer)
    (4, -3)

    Source: rule B4.
    """
    rule = shapes.member(rule, Rounding, "rounding")
    below, rest = divmod(numerator, denominator)
    if 2 * rest < denominator or rule is Rounding.down:
        return below
    if 2 * rest > denominator:
        return below + 1
    return below + _TIE[rule](below)
