"""How an exact amount may become a whole one, by the name of the rule: ours, and others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from chatim_plans.billing.invoices import Line
from chatim_plans.foundation.rounding import Rounding, rounded

_Rule: TypeAlias = Callable[[Fraction], int]


def _by(rule: Rounding) -> _Rule:
    return lambda exact: rounded(exact.numerator, exact.denominator, rule)


def _upside_down(rule: _Rule) -> _Rule:
    return lambda exact: -rule(-exact)


def _by_size(rule: _Rule) -> _Rule:
    """A rule that treats amounts below zero as those above it."""
    return lambda exact: rule(exact) if exact > 0 else -rule(-exact)


_HALVES_DOWN, _DOWN = _by(Rounding.ties_to_customer), _by(Rounding.down)
_OF_TERMS: Mapping[str, _Rule] = MappingProxyType({
    "halves towards minus infinity": _HALVES_DOWN,
    "halves to the even neighbour": _by(Rounding.ties_to_even),
    "halves away from zero": _by(Rounding.ties_away_from_zero),
    "down": _DOWN,
})
ROUNDING_RULES: Mapping[str, _Rule] = MappingProxyType({
    **_OF_TERMS,
    "halves up": _upside_down(_HALVES_DOWN),
    "halves towards zero": _by_size(_HALVES_DOWN),
    "cut towards zero": _by_size(_DOWN),
    "up": _upside_down(_DOWN),
    "away from zero": _by_size(_upside_down(_DOWN)),
})
"""How an exact amount becomes a whole one: first what a catalogue's terms may say, Stripe's first
of all (rule B4)."""


def rules_fitting(lines: Iterable[Line]) -> tuple[str, ...]:
    """The rules of terms that give every amount of `lines`; Stripe's, if no single one does."""
    stated = [(line.exact, line.amount.amount) for line in lines]
    fitting = (
        name
        for name, rule in _OF_TERMS.items()
        if all(rule(exact) == amount for exact, amount in stated)
    )
    return tuple(fitting) or (next(iter(_OF_TERMS)),)
