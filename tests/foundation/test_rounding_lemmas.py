"""What holds for all integers, proved by z3: every rounding rule stays within its bound.

The formulas are written out once more below, for z3. `test_formula_is_the_librarys` ties them to
`rounded`; the lemmas then hold for every numerator and every positive denominator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

pytest.importorskip("z3", reason="lemmas need z3, a prover")

import z3  # type: ignore[import-untyped]  # no stubs exist

from chatim_plans import Rounding
from chatim_plans.foundation.rounding import rounded

# z3's expressions have no types of their own.
Expr = Any

n, d, q, r, n2, q2, r2 = z3.Ints("n d q r n2 q2 r2")

FORMULAS: dict[str, Callable[[Expr, Expr, Expr], Expr]] = {
    "ties_to_customer": lambda q, r, d: z3.If(2 * r > d, q + 1, q),
    "ties_to_even": lambda q, r, d: z3.If(
        z3.Or(2 * r > d, z3.And(2 * r == d, q % 2 == 1)), q + 1, q
    ),
    "ties_away_from_zero": lambda q, r, d: z3.If(
        z3.Or(2 * r > d, z3.And(2 * r == d, q >= 0)), q + 1, q
    ),
    "down": lambda q, _r, _d: q,
}
NEAREST = ["ties_to_customer", "ties_to_even", "ties_away_from_zero"]

DIVISION = [d > 0, n == q * d + r, r >= 0, r < d]
"""What Python's divmod promises for a positive denominator."""


def refutation(assumptions: Sequence[Expr], claim: Expr) -> str:
    """`unsat` if the claim follows; `sat` if there is a counterexample; vacuous is an error."""
    solver = z3.Solver()
    solver.set("timeout", 60_000)
    solver.add(*assumptions)
    assert str(solver.check()) == "sat"  # the assumptions can be met: the lemma is not vacuous
    solver.add(z3.Not(claim))
    return str(solver.check())


@pytest.mark.parametrize("rule", FORMULAS)
def test_formula_is_the_librarys(rule: str) -> None:
    """The formula that z3 judges gives what `rounded` gives, for small fractions of every kind."""
    grid = [(num, den) for num in range(-18, 19) for den in range(1, 8)]
    formula = [
        z3.simplify(
            FORMULAS[rule](*(z3.IntVal(part) for part in (*divmod(num, den), den)))
        ).as_long()
        for num, den in grid
    ]
    assert [rounded(num, den, Rounding(rule)) for num, den in grid] == formula


def test_every_rule_has_a_formula() -> None:
    """No rule of the library is left without its lemmas."""
    assert list(FORMULAS) == [rule.value for rule in Rounding]


@pytest.mark.parametrize("rule", NEAREST)
def test_nearest_rule_is_never_more_than_a_half_away(rule: str) -> None:
    """B4: for all integers, the rounded amount is at most half a minor unit from the exact one."""
    twice_off = 2 * (FORMULAS[rule](q, r, d) * d - n)
    assert refutation(DIVISION, z3.And(twice_off <= d, -twice_off <= d)) == "unsat"


def test_down_takes_less_than_one_and_never_adds() -> None:
    """For all integers, `down` is at most the exact amount and less than one below it."""
    taken = n - FORMULAS["down"](q, r, d) * d
    assert refutation(DIVISION, z3.And(taken >= 0, taken < d)) == "unsat"


@pytest.mark.parametrize("rule", FORMULAS)
def test_whole_amount_stays(rule: str) -> None:
    """For all integers, an amount that is whole already is not touched."""
    assert refutation([*DIVISION, r == 0], FORMULAS[rule](q, r, d) * d == n) == "unsat"


@pytest.mark.parametrize(
    ("rule", "goes"),
    [
        ("ties_to_customer", lambda to: 2 * (to * d - n) == -d),
        ("ties_to_even", lambda to: to % 2 == 0),
        ("ties_away_from_zero", lambda to: 2 * (to * d - n) == z3.If(n > 0, d, -d)),
        ("down", lambda to: 2 * (to * d - n) == -d),
    ],
)
def test_tie_goes_where_it_is_named(rule: str, goes: Callable[[Expr], Expr]) -> None:
    """B4: for all integers, an exact half goes where the rule's name says."""
    assert refutation([*DIVISION, 2 * r == d], goes(FORMULAS[rule](q, r, d))) == "unsat"


@pytest.mark.parametrize("rule", FORMULAS)
def test_rounding_is_monotone(rule: str) -> None:
    """For all integers, a larger share of the same period never costs less."""
    larger = [n2 >= n, n2 == q2 * d + r2, r2 >= 0, r2 < d]
    ordered = FORMULAS[rule](q, r, d) <= FORMULAS[rule](q2, r2, d)
    assert refutation([*DIVISION, *larger, z3.Or(q2 > q, z3.And(q2 == q, r2 >= r))], ordered) == (
        "unsat"
    )


def test_larger_numerator_has_no_smaller_quotient() -> None:
    """The order of quotient and remainder that the lemma above assumes follows from n2 >= n."""
    larger = [n2 >= n, n2 == q2 * d + r2, r2 >= 0, r2 < d]
    claim = z3.Or(q2 > q, z3.And(q2 == q, r2 >= r))
    assert refutation([*DIVISION, *larger], claim) == "unsat"


def test_share_of_a_charge_lies_between_nothing_and_the_charge() -> None:
    """B3: for all prices and parts of a period, every rule's share is within 0 and the price."""
    price, part = z3.Ints("price part")
    proration = [price >= 0, part >= 0, part <= d, n == price * part]
    shares = [formula(q, r, d) for formula in FORMULAS.values()]
    claim = z3.And(*(z3.And(share >= 0, share <= price) for share in shares))
    assert refutation([*DIVISION, *proration], claim) == "unsat"


def test_broken_rule_is_refuted() -> None:
    """A rule that sends ties up is not in the customer's favour: z3 finds the counterexample."""
    broken = z3.If(2 * r >= d, q + 1, q)
    claim = 2 * (broken * d - n) == -d
    assert refutation([*DIVISION, 2 * r == d], claim) == "sat"


def test_claim_that_is_too_strong_is_refuted() -> None:
    """Rounding to the nearest is not always less than a half away: the bound is tight."""
    twice_off = 2 * (FORMULAS["ties_to_even"](q, r, d) * d - n)
    assert refutation(DIVISION, z3.And(twice_off < d, -twice_off < d)) == "sat"


def test_contradictory_assumptions_are_noticed() -> None:
    """The vacuity check fails where nothing can meet the assumptions."""
    with pytest.raises(AssertionError):
        refutation([*DIVISION, r > d], z3.BoolVal(False))
