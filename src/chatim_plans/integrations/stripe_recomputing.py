"""What a line would exactly come to under another rule, or at the facts that Stripe states.

Each function yields exact amounts, several where Stripe leaves room, none where it cannot apply.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from chatim_plans.billing.lines import Line, LineKind
from chatim_plans.integrations.stripe_lines import StripeLine
from chatim_plans.integrations.stripe_matching import Fact, differing

Exact: TypeAlias = Callable[[Line, StripeLine], Iterator[Fraction]]
Rule: TypeAlias = Callable[[Fraction], int]

_HALF = Fraction(1, 2)
_DAY = 86_400
_TIMES = frozenset({Fact.instant, Fact.period})


def _sign(exact: Fraction) -> int:
    return -1 if exact < 0 else 1


RULES: Mapping[str, Rule] = MappingProxyType({
    "halves towards minus infinity": lambda x: math.ceil(x - _HALF),
    "halves to the even neighbour": round,
    "halves away from zero": lambda x: _sign(x) * math.floor(abs(x) + _HALF),
    "halves up": lambda x: math.floor(x + _HALF),
    "halves towards zero": lambda x: _sign(x) * math.ceil(abs(x) - _HALF),
    "down": math.floor,
    "cut towards zero": math.trunc,
    "up": math.ceil,
    "away from zero": lambda x: _sign(x) * math.ceil(abs(x)),
})
"""How an exact amount becomes a whole one, best known first; the first is Stripe's (rule B4)."""


def rules_of(lines: Iterable[Line]) -> tuple[str, ...]:
    """The rules that give every amount of `lines`; Stripe's, if no single one does."""
    stated = [(line.exact, line.amount.amount) for line in lines]
    fitting = (
        name
        for name, rule in RULES.items()
        if all(rule(exact) == amount for exact, amount in stated)
    )
    return tuple(fitting) or (next(iter(RULES)),)


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


def restated(fact: Fact, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at the facts that Stripe states, `fact` among them.

    Where its period ends elsewhere, the whole may be ours, ours with that end, or of any length.
    """
    found = differing(line, theirs)
    if fact not in found:
        return
    price = _price(line, theirs)
    if not theirs.is_proration:
        yield price
    yield price * Fraction(_length(theirs), line.whole.seconds)
    if Fact.period in found:
        if theirs.end > line.whole.start:
            yield price * Fraction(_length(theirs), _seconds(line.whole.start, theirs.end))
        for days in WHOLES:
            yield from _of_whole(days, line, theirs)


# --- at the same facts ---
def same(line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The very amount, where all facts are the same."""
    if not differing(line, theirs):
        yield line.exact


def cut(line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at the share of the period cut to four decimals."""
    if not differing(line, theirs):
        yield _price(line, theirs) * Fraction(math.floor(line.fraction * 10_000), 10_000)


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
        yield _price(line, theirs) * Fraction(_length(theirs), days * _DAY)


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
    is_part = theirs.is_proration and used >= 0 and left >= 0
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
    return _seconds(theirs.start, theirs.end)


def _seconds(start: datetime, end: datetime) -> int:
    elapsed = end - start
    return elapsed.days * _DAY + elapsed.seconds
