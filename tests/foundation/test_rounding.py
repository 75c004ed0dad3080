"""Rounding: each rule against `fractions` and `decimal`, which share nothing with the library."""

from __future__ import annotations

import math
from decimal import ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatim_plans import InvalidTypeError, Rounding, UnknownKeyError
from chatim_plans.foundation.rounding import rounded
from tests.refused import values_of

HALF = Fraction(1, 2)


@st.composite
def fractions_near_ties(draw: st.DrawFn) -> tuple[int, int]:
    """A numerator and denominator around an exact half: one third are ties.

    Width: quotients of ±10**12 (ten milliards of dollars in cents), even denominators up to
    2 × 10**8 (a period of twelve months has 31,622,400 seconds), a numerator less than two away
    from the tie.
    """
    denominator = 2 * draw(st.integers(1, 10**8))
    quotient = draw(st.integers(-(10**12), 10**12) | st.integers(-3, 3))
    return quotient * denominator + denominator // 2 + draw(st.integers(-1, 1)), denominator


ANY_FRACTIONS = st.tuples(st.integers(-(10**30), 10**30), st.integers(1, 10**12))
"""Width: numerators of ±10**30, denominators from 1 to 10**12, no seam in particular."""

FRACTIONS = fractions_near_ties() | ANY_FRACTIONS


def oracle(exact: Fraction, rule: str) -> int:
    """What the rule's name says, by `fractions` alone."""
    match rule:
        case "ties_to_customer":
            return math.ceil(exact - HALF)
        case "ties_to_even":
            return round(exact)
        case "ties_away_from_zero":
            return math.floor(exact + HALF) if exact > 0 else math.ceil(exact - HALF)
        case _:
            return math.floor(exact)


def decimal_oracle(exact: Decimal, rule: str) -> int:
    """The same by `decimal`'s own modes; towards minus infinity is down above 0 and up below."""
    towards_minus = ROUND_HALF_DOWN if exact > 0 else ROUND_HALF_UP
    mode = {
        "ties_to_customer": towards_minus,
        "ties_to_even": ROUND_HALF_EVEN,
        "ties_away_from_zero": ROUND_HALF_UP,
        "down": ROUND_FLOOR,
    }[rule]
    return int(exact.to_integral_value(rounding=mode, context=Context(prec=60)))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ties_to_customer", [-4, -4, -3, -2, -1, -1, 0, 0, 0, 1, 1, 2, 3, 4]),
        ("ties_to_even", [-4, -4, -2, -2, -1, 0, 0, 0, 0, 1, 2, 2, 4, 4]),
        ("ties_away_from_zero", [-4, -4, -3, -2, -1, -1, 0, 0, 1, 1, 2, 3, 4, 4]),
        ("down", [-4, -4, -3, -2, -1, -1, -1, 0, 0, 0, 1, 2, 3, 4]),
    ],
)
def test_quarters_and_halves_by_each_rule(rule: str, expected: list[int]) -> None:
    """B4: every half from −3.5 to 3.5, the quarters beside zero, and whole numbers."""
    quarters = [-16, -14, -10, -8, -4, -2, -1, 0, 2, 3, 6, 10, 14, 16]
    actual = [rounded(quarter, 4, Rounding(rule)) for quarter in quarters]
    assert actual == expected


def test_rules_are_the_four_of_the_rule_book() -> None:
    """B4: the names are part of stored catalogues, so they are pinned here."""
    assert [(rule.name, rule.value) for rule in Rounding] == [
        ("ties_to_customer", "ties_to_customer"),
        ("ties_to_even", "ties_to_even"),
        ("ties_away_from_zero", "ties_away_from_zero"),
        ("down", "down"),
    ]


def test_rule_can_be_named_by_its_string() -> None:
    """A rule's string value works as the rule."""
    assert rounded(5, 2, "ties_away_from_zero") == 3  # type: ignore[arg-type]  # a caller without mypy


def test_what_is_no_rule_is_refused() -> None:
    """A rule nobody knows is refused, and the known ones are named; a rule is a text."""
    known = ("ties_to_customer", "ties_to_even", "ties_away_from_zero", "down")
    assert values_of(UnknownKeyError, rounded, 5, 2, "half_up") == ("rounding", "half_up", known)
    assert values_of(InvalidTypeError, rounded, 5, 2, None) == ("rounding", None, "a str")


def test_result_is_a_plain_int() -> None:
    """No bool or Fraction leaks out of the arithmetic."""
    assert {type(rounded(n, 2, rule)) for n in range(-3, 4) for rule in Rounding} == {int}


def test_small_fractions_all_match_the_oracle() -> None:
    """Every fraction of a numerator of at most 60 and a denominator of at most 20, by each rule."""
    grid = [(n, d, r) for n in range(-60, 61) for d in range(1, 21) for r in Rounding]
    actual = [rounded(n, d, rule) for n, d, rule in grid]
    assert actual == [oracle(Fraction(n, d), rule.value) for n, d, rule in grid]


@given(FRACTIONS, st.sampled_from(Rounding))
@example((9, 2), Rounding.ties_to_customer)
@example((-5, 2), Rounding.ties_to_customer)
def test_rounded_is_what_fractions_say(fraction: tuple[int, int], rule: Rounding) -> None:
    """B4: each rule gives what its name says of the exact fraction."""
    assert rounded(*fraction, rule) == oracle(Fraction(*fraction), rule.value)


@given(
    st.integers(-(10**20), 10**20),
    st.sampled_from([1, 2, 4, 5, 8, 10, 20]),
    st.sampled_from(Rounding),
)
def test_rounded_is_what_decimal_says(numerator: int, denominator: int, rule: Rounding) -> None:
    """B4: the same as `decimal`'s rounding modes, where a decimal is exact.

    Width: numerators of ±10**20 over the denominators 1 to 20 that have only twos and fives.
    """
    exact = Context(prec=60).divide(Decimal(numerator), Decimal(denominator))
    assert rounded(numerator, denominator, rule) == decimal_oracle(exact, rule.value)


@given(FRACTIONS, st.integers(1, 10**6), st.sampled_from(Rounding))
def test_rounded_does_not_depend_on_how_the_fraction_is_written(
    fraction: tuple[int, int], factor: int, rule: Rounding
) -> None:
    """A fraction not in lowest terms rounds the same. Width: factors up to 10**6."""
    numerator, denominator = fraction
    assert rounded(numerator * factor, denominator * factor, rule) == rounded(
        numerator, denominator, rule
    )


@given(FRACTIONS)
def test_customer_rule_never_costs_more_than_another_nearest_rule(
    fraction: tuple[int, int],
) -> None:
    """B4: ties to the customer is never above the two other rules that round to the nearest."""
    customer, even, away, down = (rounded(*fraction, rule) for rule in Rounding)
    assert (customer <= even, customer <= away, down <= customer) == (True, True, True)
