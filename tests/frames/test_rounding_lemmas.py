"""The columns' share is the core's rounding: proved by z3 for all integers, on the code itself.

`share` runs on terms of z3 in the place of numbers. Each `//` in it becomes a quotient and a
remainder that are defined by what a division is; so the proof is about the text that runs, and
`tests.foundation.test_rounding_lemmas` ties the formulas of the core to `rounded`.
"""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("narwhals", reason="frames need the extra dataframes")
pytest.importorskip("z3", reason="lemmas need z3, a prover")

import z3  # type: ignore[import-untyped]  # no stubs exist

from chatim_plans import Rounding
from chatim_plans.foundation.rounding import rounded
from chatim_plans.frames.arithmetic import DAY, share
from tests.foundation.test_rounding_lemmas import FORMULAS, refutation

# z3's expressions have no types of their own.
Expr = Any

total, left, whole = z3.Ints("total left whole")

STATED = [total >= 0, left >= 0, left <= whole, whole >= 1]
"""What `share` asks for; that `whole` is at most 366 days is needed for the bound alone."""


class Term:
    """A whole number of which z3 knows a term; the divisions that made it are in `divided`."""

    def __init__(self, term: Expr, divided: list[tuple[Expr, Expr, Expr, Expr]]) -> None:
        self.term, self.divided = term, divided

    def _made(self, term: Expr) -> Term:
        return Term(term, self.divided)

    def __add__(self, other: Term | int) -> Term:
        return self._made(self.term + term_of(other))

    def __sub__(self, other: Term | int) -> Term:
        return self._made(self.term - term_of(other))

    def __mul__(self, other: Term | int) -> Term:
        return self._made(self.term * term_of(other))

    def __floordiv__(self, other: Term | int) -> Term:
        quotient, remainder = z3.FreshInt("quotient"), z3.FreshInt("remainder")
        self.divided.append((self.term, term_of(other), quotient, remainder))
        return self._made(quotient)

    __radd__, __rmul__ = __add__, __mul__


def term_of(value: Term | int) -> Expr:
    """The term of a number, or the number."""
    return value.term if isinstance(value, Term) else value


def division(dividend: Expr, divisor: Expr, quotient: Expr, remainder: Expr) -> list[Expr]:
    """What a division of a number by a positive one is."""
    return [dividend == quotient * divisor + remainder, remainder >= 0, remainder < divisor]


def shared(credit: int) -> tuple[Expr, list[tuple[Expr, Expr, Expr, Expr]]]:
    """The share as a term, and the divisions in it."""
    divided: list[tuple[Expr, Expr, Expr, Expr]] = []
    parts = (Term(part, divided) for part in (total, left, whole))
    return share(*parts, credit=credit).term, divided


def core(rule: str, sign: int) -> tuple[Expr, list[Expr]]:
    """What the core rounds the exact share to, and the division that it begins with."""
    below, rest = z3.Ints("below rest")
    defined = division(sign * total * left, whole, below, rest)
    return FORMULAS[rule](below, rest, whole), defined


def judged(rule: str, credit: int, sign: int | None = None) -> str:
    """`unsat` if the share is the core's by `rule`, charge or credit; `sat` if some is not."""
    sign = sign or (-1 if credit else 1)
    term, divided = shared(credit)
    expected, defined = core(rule, sign)
    facts = [fact for one in divided for fact in division(*one)]
    return refutation([*STATED, *defined, *facts], sign * term == expected)


@pytest.mark.parametrize("credit", [0, 1])
def test_the_share_is_what_the_core_rounds_to(credit: int) -> None:
    """B4: for all totals and parts of a period, charge and credit."""
    assert judged("ties_to_customer", credit) == "unsat"


@pytest.mark.parametrize("rule", [rule for rule in Rounding if rule != "ties_to_customer"])
def test_no_other_rounding_of_the_core_is_the_shares(rule: Rounding) -> None:
    """Charge and credit together, which is why frames refuse terms that round by another."""
    assert "sat" in {judged(rule.value, 0), judged(rule.value, 1)}


@pytest.mark.parametrize("credit", [0, 1])
def test_a_share_whose_halves_go_the_other_way_is_refuted(credit: int) -> None:
    """A charge rounded as a credit is, and the reverse: z3 finds the half."""
    assert judged("ties_to_customer", credit, sign=1 if credit else -1) == "sat"


@pytest.mark.parametrize("credit", [0, 1])
def test_no_division_of_the_share_is_of_a_negative_or_forms_the_product(credit: int) -> None:
    """Floor and truncation agree, and no dividend passes the total or 2 · whole² by more."""
    _, divided = shared(credit)
    facts = list(STATED)
    for dividend, divisor, quotient, remainder in divided:
        within = z3.Or(dividend <= total, dividend <= 2 * whole * whole)
        assert refutation(facts, z3.And(dividend >= 0, divisor > 0, within)) == "unsat"
        facts += division(dividend, divisor, quotient, remainder)
    assert 2 * (366 * DAY) ** 2 < 2**53


@pytest.mark.parametrize("credit", [0, 1])
def test_the_share_of_numbers_is_the_rounded_one(credit: int) -> None:
    """The code that z3 judged, on small numbers of every kind."""
    for whole_ in range(1, 8):
        for left_ in range(whole_ + 1):
            for total_ in range(25):
                sign = -1 if credit else 1
                exact = rounded(sign * total_ * left_, whole_, Rounding.ties_to_customer)
                assert sign * share(total_, left_, whole_, credit=credit) == exact
