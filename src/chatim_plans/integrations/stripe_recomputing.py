"""What a line would exactly come to under another rule, or at the facts that Stripe states.

Each function yields exact amounts, several where Stripe leaves room, none where it cannot apply.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from chatim_plans.billing.lines import Line, LineKind
from chatim_plans.foundation.instants import seconds_between
from chatim_plans.foundation.rounding import Rounding, rounded
from chatim_plans.integrations.stripe_causes import Cause
from chatim_plans.integrations.stripe_lines import StripeLine
from chatim_plans.integrations.stripe_matching import differing

Exact: TypeAlias = Callable[[Line, StripeLine], Iterator[Fraction]]
Rule: TypeAlias = Callable[[Fraction], int]

_TIMES = frozenset({Cause.instant, Cause.period})


def _by(rule: Rounding) -> Rule:
    return lambda exact: rounded(exact.numerator, exact.denominator, rule)


def _upside_down(rule: Rule) -> Rule:
    return lambda exact: -rule(-exact)


def _by_size(rule: Rule) -> Rule:
    """A rule that treats amounts below zero as those above it."""
    return lambda exact: rule(exact) if exact > 0 else -rule(-exact)


_HALVES_DOWN, _DOWN = _by(Rounding.ties_to_customer), _by(Rounding.down)
_OURS: Mapping[str, Rule] = MappingProxyType({
    "halves towards minus infinity": _HALVES_DOWN,
    "halves to the even neighbour": _by(Rounding.ties_to_even),
    "halves away from zero": _by(Rounding.ties_away_from_zero),
    "down": _DOWN,
})
RULES: Mapping[str, Rule] = MappingProxyType({
    **_OURS,
    "halves up": _upside_down(_HALVES_DOWN),
    "halves towards zero": _by_size(_HALVES_DOWN),
    "cut towards zero": _by_size(_DOWN),
    "up": _upside_down(_DOWN),
    "away from zero": _by_size(_upside_down(_DOWN)),
})
"""How an exact amount becomes a whole one: first what a catalogue's terms may say, Stripe's first
of all (rule B4)."""


def rules_of(lines: Iterable[Line]) -> tuple[str, ...]:
    """The rules of ours that give every amount of `lines`; Stripe's, if no single one does."""
    stated = [(line.exact, line.amount.amount) for line in lines]
    fitting = (
        name
        for name, rule in _OURS.items()
        if all(rule(exact) == amount for exact, amount in stated)
    )
    return tuple(fitting) or (next(iter(_OURS)),)


def nets(lines: Sequence[Line]) -> set[int]:
    """What the exact amounts of `lines` come to together, rounded once by their rules."""
    exact = sum((line.exact for line in lines), Fraction(0))
    return {RULES[rule](exact) for rule in rules_of(lines)}


# --- at what Stripe states ---
def credited(debits: Iterable[Line], line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The unused share of an amount that was debited, as flexible billing mode credits it."""
    if line.kind is LineKind.unused_time and not differing(line, theirs) & _TIMES:
        for debit in debits:
            earlier = debit.period.start < theirs.start and debit.period.end == theirs.end
            if earlier and differing(debit, theirs) <= _TIMES:
                yield Fraction(-debit.amount.amount * _length(theirs), debit.period.seconds)


def restated(fact: Cause, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at the facts that Stripe states, where it states `fact` otherwise."""
    if fact in differing(line, theirs):
        yield from as_stated(line, theirs)


def as_stated(line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at the facts that Stripe states, and ours where it states none.

    Where its period ends elsewhere, the whole may be ours, ours with that end, or of any length.
    """
    found = differing(line, theirs)
    price = _price(line, theirs)
    if not theirs.is_proration:
        yield price
    yield price * Fraction(_length(theirs), line.whole.seconds)
    if Cause.period in found:
        if theirs.end > line.whole.start:
            yield price * Fraction(_length(theirs), seconds_between(line.whole.start, theirs.end))
        for days in WHOLES:
            yield from _of_whole(days, line, theirs)


# --- at the same facts ---
def cut(line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at the share of the period cut to four decimals."""
    if not differing(line, theirs):
        yield _price(line, theirs) * Fraction(math.floor(line.fraction * 10_000), 10_000)


def by_seat(rules: Iterable[str], line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount where each seat is rounded, and their sum is what is charged."""
    if not differing(line, theirs):
        yield from (Fraction(RULES[rule](line.exact / line.seats)) * line.seats for rule in rules)


def at_price(amount: int, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at a price of `amount`, where Stripe states none."""
    if theirs.unit_amount is None and not differing(line, theirs):
        yield line.fraction * line.seats * amount * _side(line)


WHOLES = MappingProxyType({None: None, 28: 1, 29: 1, 30: 1, 31: 1, 365: 12, 366: 12})
"""The days that a whole period may have, with the months of its interval; None: as many as the
line itself, which then is no part."""


def of_whole(days: int | None, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount where the whole period has so many days."""
    if theirs.is_proration and not differing(line, theirs):
        yield from _of_whole(days, line, theirs)


def _of_whole(days: int | None, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    if days is None:
        yield _price(line, theirs)
    elif WHOLES[days] == line.plan.interval_months:
        yield _price(line, theirs) * Fraction(_length(theirs), days * 86_400)


# --- by days ---
COUNTS: Mapping[str, Callable[[int, int, int], Fraction]] = MappingProxyType({
    "the day of the change included": lambda used, left, _: Fraction(left, used + left),
    "the day of the change left out": lambda used, left, _: Fraction(left - 1, used + left),
    "first and last day included": lambda used, left, _: Fraction(left + 1, used + left + 1),
    "days used, of months of 30": lambda used, _, month: Fraction(month - used, month),
    "days left, of months of 30": lambda _, left, month: Fraction(left, month),
})
"""The share by calendar days in UTC: of those used, those left, and 30 for each month."""


def by_days(count: str, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at a share of `COUNTS`; the period may start or end at another time of day."""
    used = (theirs.start.date() - line.whole.start.date()).days
    left = (line.whole.end.date() - theirs.start.date()).days
    is_part = theirs.is_proration and used >= 0 and used + left > 0
    if is_part and differing(line, theirs) <= _TIMES:
        share = COUNTS[count](used, left, 30 * (line.plan.interval_months or 1))
        yield _price(line, theirs) * share


def _price(line: Line, theirs: StripeLine) -> Fraction:
    """The signed price of a whole period, at the price and quantity that Stripe states."""
    unit = line.plan.price.amount if theirs.unit_amount is None else theirs.unit_amount
    seats = line.seats if theirs.quantity is None else theirs.quantity
    return Fraction(unit) * seats * _side(line)


def _side(line: Line) -> int:
    return -1 if line.kind is LineKind.unused_time else 1


def _length(theirs: StripeLine) -> int:
    return seconds_between(theirs.start, theirs.end)
