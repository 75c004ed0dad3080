"""Which line of an invoice of Stripe's stands for which of ours, whatever their order.

An invoice may have thousands of lines, so lines meet only where they have something in common.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import chain, pairwise, product
from typing import TypeVar

from attrs import frozen

from chatim_plans.billing.invoices import Line, LineKind
from chatim_plans.stripe.differences import Cause
from chatim_plans.stripe.invoices import StripeLine


@frozen(order=False)
class Pair:
    """A line of ours and the one of Stripe's that stands for it; one of them may be missing.

    They agree if the two say the same in all that both say.
    """

    ours: Line | None
    theirs: StripeLine | None
    agrees: bool


def differing(line: Line, theirs: StripeLine) -> frozenset[Cause]:
    """The facts that Stripe states otherwise; what it does not state does not differ.

    A price that sells none of the plans known is another one, whatever it comes to.
    """
    return frozenset(_differing(line, theirs))


def _differing(line: Line, theirs: StripeLine) -> Iterator[Cause]:
    starts, ends = line.period.start == theirs.start, line.period.end == theirs.end
    if ends and not starts and theirs.is_proration and line.whole.start <= theirs.start:
        yield Cause.instant
    elif not (starts and ends):
        yield Cause.period
    if theirs.quantity not in (None, line.seats):
        yield Cause.quantity
    other_plan = theirs.plan is not None and theirs.plan.key != line.plan.key
    if other_plan or theirs.is_unlisted or theirs.unit_amount not in (None, line.plan.price.amount):
        yield Cause.price


def _agree(line: Line, theirs: StripeLine) -> bool:
    alike = _same_kind(line, theirs) and line.amount == theirs.amount
    return alike and not differing(line, theirs)


def paired(ours: Sequence[Line], theirs: Sequence[StripeLine]) -> list[Pair]:
    """Each line of ours in its place, then what only Stripe has.

    First as many agree as can, whatever the order: a line that says less agrees with more lines,
    so first come may not be first served. Of the rest, the closest stand together.
    """
    agreeing = _agreeing(ours, theirs)
    match = agreeing | _closest(
        {number: line for number, line in enumerate(ours) if number not in agreeing},
        _without(theirs, agreeing.values()),
    )
    return [
        *(
            Pair(line, theirs[match[n]] if n in match else None, n in agreeing)
            for n, line in enumerate(ours)
        ),
        *(Pair(None, line, agrees=False) for line in _without(theirs, match.values()).values()),
    ]


def _without(theirs: Sequence[StripeLine], taken: Iterable[int]) -> dict[int, StripeLine]:
    gone = set(taken)
    return {number: line for number, line in enumerate(theirs) if number not in gone}


_T = TypeVar("_T")


def _grouped(
    numbered: Iterable[tuple[int, _T]], key: Callable[[_T], Hashable]
) -> dict[Hashable, dict[int, _T]]:
    """What has the same key, by its number."""
    groups: dict[Hashable, dict[int, _T]] = {}
    for number, each in numbered:
        groups.setdefault(key(each), {})[number] = each
    return groups


# --- lines that agree ---
def _agreeing(ours: Sequence[Line], theirs: Sequence[StripeLine]) -> dict[int, int]:
    """As many pairs that agree as there can be: by the number of ours, that of Stripe's."""
    of_stripe = _grouped(enumerate(theirs), lambda each: (each.amount, each.start, each.end))
    match: dict[int, int] = {}
    for facts, lines in _grouped(enumerate(ours), _amount_and_time).items():
        match |= _agreeing_among(lines, of_stripe.get(facts, {}))
    return match


def _amount_and_time(line: Line) -> Hashable:
    return line.amount, line.period.start, line.period.end


def _sort(line: Line) -> Hashable:
    return line.kind, line.plan.key, line.plan.price, line.seats


def _agreeing_among(ours: Mapping[int, Line], theirs: Mapping[int, StripeLine]) -> dict[int, int]:
    """The same for lines of one amount and one time.

    Of ours, those of one sort agree with the same ones of Stripe's. So one of Stripe's that agrees
    with one sort only takes any of it, and no more than the others have to be matched with care.
    """
    sorts = [deque(lines) for lines in _grouped(ours.items(), _sort).values()]
    firsts = [ours[numbers[0]] for numbers in sorts]
    match: dict[int, int] = {}
    of_several: dict[int, list[deque[int]]] = {}
    for number, line in theirs.items():
        agreeing = [sorts[n] for n, first in enumerate(firsts) if _agree(first, line)]
        if len(agreeing) > 1:
            of_several[number] = agreeing
        elif agreeing and agreeing[0]:
            match[agreeing[0].popleft()] = number
    numbers = list(of_several)
    neighbours = [list(chain.from_iterable(of_several[number])) for number in numbers]
    matched = _maximum_matching(neighbours)
    return match | {mine: numbers[vertex] for vertex, mine in matched.items()}


def _maximum_matching(neighbours: Sequence[Sequence[int]]) -> dict[int, int]:
    """The neighbour of as many vertices as can have one each, by Kuhn's algorithm.

    The neighbours of a vertex of the one side are vertices of the other. Each vertex in turn is
    matched along the shortest augmenting path, on which those before it change their neighbour.
    """
    match: dict[int, int] = {}
    owner: dict[int, int] = {}
    for vertex in range(len(neighbours)):
        reached_from: dict[int, int] = {}
        queue = [vertex]
        for asking in queue:
            new = [other for other in neighbours[asking] if other not in reached_from]
            reached_from |= dict.fromkeys(new, asking)
            free = next((other for other in new if other not in owner), None)
            if free is not None:
                _augment(free, reached_from, match, owner)
                break
            queue += [owner[other] for other in new]
    return match


def _augment(
    free: int, reached_from: dict[int, int], match: dict[int, int], owner: dict[int, int]
) -> None:
    """Match along the path that ends at `free`; what each vertex had goes to the one before it."""
    given: int | None = free
    while given is not None:
        vertex = owner[given] = reached_from[given]
        before = match.get(vertex)
        match[vertex] = given
        given = before


# --- lines that do not ---
@frozen(order=False)
class _Facts:
    """What a line states, and `kinds` of which it can be; None is stated nowhere, or of no plan."""

    kinds: tuple[LineKind, ...]
    time: tuple[datetime, datetime]
    seats: int | None
    price: Fraction | int | None
    amount: int

    @classmethod
    def of(cls, line: Line) -> _Facts:
        """What a line of ours states."""
        time = (line.period.start, line.period.end)
        return cls((line.kind,), time, line.seats, line.plan.price.amount, line.amount.amount)

    @classmethod
    def at_stripe(cls, line: StripeLine) -> _Facts:
        """What a line of Stripe's states."""
        price = None if line.is_unlisted else line.unit_amount
        return cls(_kinds(line), (line.start, line.end), line.quantity, price, line.amount.amount)

    def common(self, names: tuple[str, ...]) -> Hashable:
        """The facts of these names; None where one is not stated."""
        facts = tuple(getattr(self, name) for name in names)
        return None if None in facts else facts


def _kinds(line: StripeLine) -> tuple[LineKind, ...]:
    if not line.is_proration:
        return (LineKind.subscription,)
    if line.is_credit is None:
        return LineKind.unused_time, LineKind.remaining_time
    return (LineKind.unused_time if line.is_credit else LineKind.remaining_time,)


# What lines that may be meant for one another have in common: the most facts first, time above all.
_IN_COMMON = (
    ("time", "seats", "price"),
    ("time", "seats"),
    ("time", "price"),
    ("seats", "price"),
    ("time",),
    ("seats",),
    ("price",),
    (),
)


def _closest(ours: Mapping[int, Line], theirs: Mapping[int, StripeLine]) -> dict[int, int]:
    """The pairs that may be meant for one another, the closest first."""
    left = {number: _Facts.of(line) for number, line in ours.items()}
    meant = _meant_for(ours.values(), theirs)
    free = {number: _Facts.at_stripe(line) for number, line in meant.items()}
    close: dict[int, int] = {}
    for names, kind in product(_IN_COMMON, LineKind):
        mine = _with(names, kind, left)
        for common, others in _with(names, kind, free).items():
            for number, other in _nearest(mine.get(common, {}), others):
                close[number] = other
                del left[number], free[other]
    return close


def _with(
    names: tuple[str, ...], kind: LineKind, lines: Mapping[int, _Facts]
) -> dict[Hashable, dict[int, _Facts]]:
    """The lines of a kind, by their facts of these names where they state all of them."""
    of_kind = ((number, facts) for number, facts in lines.items() if kind in facts.kinds)
    groups = _grouped(of_kind, lambda facts: facts.common(names))
    groups.pop(None, None)
    return groups


def _meant_for(ours: Iterable[Line], theirs: Mapping[int, StripeLine]) -> dict[int, StripeLine]:
    """The lines of Stripe's that may stand for one of ours: of the same subscription.

    A proration must at least touch the periods; a whole period may be another one.
    """
    wholes = [line.whole for line in ours if line.kind is not LineKind.subscription]
    first = min((whole.start for whole in wholes), default=None)
    last = max((whole.end for whole in wholes), default=None)

    def touches(line: StripeLine) -> bool:
        is_beside = first is None or last is None or line.end <= first or last <= line.start
        return not (line.is_proration and is_beside)

    return {number: line for number, line in theirs.items() if not line.elsewhere and touches(line)}


def _nearest(ours: Mapping[int, _Facts], theirs: Mapping[int, _Facts]) -> Iterator[tuple[int, int]]:
    """Pairs of the nearest amounts: the nearest of all first, then the nearest of the rest.

    In the order of their amounts, the nearest two stand beside one another: so only neighbours are
    looked at, and who becomes neighbours when those between them are gone.
    """
    row = sorted(
        (facts.amount, number, is_ours)
        for is_ours, lines in ((True, ours), (False, theirs))
        for number, facts in lines.items()
    )
    below, above = [*range(-1, len(row) - 1)], [*range(1, len(row) + 1)]
    gone: set[int] = set()
    gaps = [
        (row[high][0] - row[low][0], low, high)
        for low, high in pairwise(range(len(row)))
        if row[low][2] != row[high][2]
    ]
    heapify(gaps)
    while gaps:
        _, low, high = heappop(gaps)
        if low in gone or high in gone:
            continue
        gone |= {low, high}
        mine, other = (low, high) if row[low][2] else (high, low)
        yield row[mine][1], row[other][1]
        low, high = below[low], above[high]
        if low >= 0:
            above[low] = high
        if high < len(row):
            below[high] = low
        if low >= 0 and high < len(row) and row[low][2] != row[high][2]:
            heappush(gaps, (row[high][0] - row[low][0], low, high))


def _same_kind(line: Line, theirs: StripeLine) -> bool:
    return not theirs.elsewhere and line.kind in _kinds(theirs)
