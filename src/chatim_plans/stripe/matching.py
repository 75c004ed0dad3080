"""Which line of an invoice of Stripe's stands for which of ours, whatever their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from chatim_plans.billing.invoices import Line, LineKind
from chatim_plans.stripe.differences import Cause
from chatim_plans.stripe.invoices import StripeLine


@frozen(order=False)
class Pair:
    """A line of ours and the one of Stripe's that stands for it; one of them may be missing."""

    ours: Line | None
    theirs: StripeLine | None

    @property
    def agrees(self) -> bool:
        """Whether the two say the same in all that both say."""
        return self.ours is not None and self.theirs is not None and _agree(self.ours, self.theirs)


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
    match = _maximum_matching([
        [n for n, other in enumerate(theirs) if _agree(line, other)] for line in ours
    ])
    left = [number for number in range(len(ours)) if number not in match]
    free = [number for number in range(len(theirs)) if number not in match.values()]
    match |= _closest({n: ours[n] for n in left}, {n: theirs[n] for n in free})
    taken = set(match.values())
    return [
        *(Pair(line, theirs[match[n]] if n in match else None) for n, line in enumerate(ours)),
        *(Pair(None, line) for n, line in enumerate(theirs) if n not in taken),
    ]


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


def _closest(ours: dict[int, Line], theirs: dict[int, StripeLine]) -> dict[int, int]:
    """The pairs that may be meant for one another, the closest first."""
    costs = sorted(
        (len(differing(line, other)), abs(line.amount.amount - other.amount.amount), mine, number)
        for mine, line in ours.items()
        for number, other in theirs.items()
        if _same_kind(line, other) and _may_be_meant(line, other)
    )
    close: dict[int, int] = {}
    for *_, mine, number in costs:
        if mine not in close and number not in close.values():
            close[mine] = number
    return close


def _same_kind(line: Line, theirs: StripeLine) -> bool:
    if theirs.elsewhere:
        return False
    if line.kind is LineKind.subscription:
        return not theirs.is_proration
    is_credit = line.kind is LineKind.unused_time
    return theirs.is_proration and theirs.is_credit in (None, is_credit)


def _may_be_meant(line: Line, theirs: StripeLine) -> bool:
    """A proration must at least touch the period; a whole period may be another one."""
    touches = theirs.start < line.whole.end and line.whole.start < theirs.end
    return touches or line.kind is LineKind.subscription
