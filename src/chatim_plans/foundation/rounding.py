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

    Source: rule B4. `ties_to_customer` is what Stripe's recorded lines do.
    """

    ties_to_customer = "ties_to_customer"
    ties_to_even = "ties_to_even"
    ties_away_from_zero = "ties_away_from_zero"
    down = "down"


# Does floor(exact) = q go up by one, given twice the remainder r and the denominator d?
_GOES_UP: Mapping[Rounding, Callable[[int, int, int], bool]] = MappingProxyType({
    Rounding.ties_to_customer: lambda _q, r, d: r > d,
    Rounding.ties_to_even: lambda q, r, d: r > d or (r == d and q % 2 == 1),
    Rounding.ties_away_from_zero: lambda q, r, d: r > d or (r == d and q >= 0),
    Rounding.down: lambda _q, _r, _d: False,
})


def rounded(numerator: int, denominator: int, rule: Rounding) -> int:
    """`numerator / denominator` as whole minor units by `rule`; `denominator` is positive.

    >>> rounded(9, 2, Rounding.ties_to_customer), rounded(-5, 2, Rounding.ties_to_customer)
    (4, -3)

    Source: rule B4.
    """
    quotient, remainder = divmod(numerator, denominator)
    goes_up = _GOES_UP[shapes.member(rule, Rounding, "rounding")]
    return quotient + goes_up(quotient, 2 * remainder, denominator)
