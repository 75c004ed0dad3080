"""Changes of one second put in order by what each led from and to.

A state is a place and a change a way between two, so the order is a walk that takes every way once,
from what was known before. It is found, and whether another would do as well, in a time that grows
with the changes, whatever order they come in.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TypeAlias

from attrs import frozen

Change: TypeAlias = tuple[Hashable, Hashable]
"""The state before it, and after it."""


@frozen(order=False)
class Order:
    """Changes in order, by their numbers, and whether it is the only one that links them."""

    numbers: tuple[int, ...]
    is_told: bool


def in_order(changes: Sequence[Change], known: Hashable | None) -> Order:
    """The order in which the changes lead from one to the next, from the state `known` on.

    Where that is not known (None), they begin where more ways lead out than in. Where no order
    leads through all of them, those that are linked stand together.
    """
    numbers = tuple(_walk(changes, known))
    walk = [changes[number] for number in numbers]
    return Order(numbers, _is_linked(walk, known) and _is_only_one(walk))


def _is_linked(walk: Sequence[Change], known: Hashable | None) -> bool:
    """Whether each begins where the one before it ended, and the first at what is known.

    Of a circle of which nothing is known, any state may be the first.
    """
    if not walk:
        return True
    befores, afters = [before for before, _ in walk], [after for _, after in walk]
    begins = befores[0] == known if known is not None else befores[0] != afters[-1]
    return befores[1:] == afters[:-1] and (begins or (len(set(walk)) == 1 and known is None))


def _walk(changes: Sequence[Change], known: Hashable | None) -> Iterator[int]:
    """Every change once, in walks that go as far as they can (Hierholzer's algorithm)."""
    ways: dict[Hashable, list[int]] = {}
    for number in reversed(range(len(changes))):  # the last of a list is taken first
        ways.setdefault(changes[number][0], []).append(number)
    for start in _starts(changes, known):
        yield from _walk_from(start, changes, ways)


def _walk_from(
    start: Hashable, changes: Sequence[Change], ways: dict[Hashable, list[int]]
) -> Iterator[int]:
    """The walk from a state on whatever ways are left, with the loops along it taken in."""
    going: list[tuple[Hashable, int | None]] = [(start, None)]
    backwards: list[int | None] = []
    while going:
        state, taken = going[-1]
        if left := ways.get(state):
            number = left.pop()
            going.append((changes[number][1], number))
        else:
            going.pop()
            backwards.append(taken)
    return (number for number in reversed(backwards) if number is not None)


def _starts(changes: Sequence[Change], known: Hashable | None) -> Iterator[Hashable]:
    """Where walks begin: at what is known, then where more ways lead out than in, then anywhere."""
    surplus: dict[Hashable, int] = {}
    for before, after in changes:
        surplus[before] = surplus.get(before, 0) + 1
        surplus[after] = surplus.get(after, 0) - 1
    if known is not None:
        yield known
    for state, more in surplus.items():
        yield from [state] * more
    yield from surplus


def _is_only_one(walk: Sequence[Change]) -> bool:
    """Whether no other walk takes the same ways.

    The last exits from all states lead, as a tree, to the end; all other exits may be taken in any
    order, and another tree is another walk. So at a state that is left for several others, none
    but the last exit may differ; and it cannot go elsewhere only if elsewhere leads back to it.
    """
    exits: dict[Hashable, list[Hashable]] = {}
    for before, after in walk:
        exits.setdefault(before, []).append(after)
    end = walk[-1][1] if walk else None
    leads_to = {state: afters[-1] for state, afters in exits.items() if state != end}
    spans = _spans(leads_to, end)
    for state, afters in exits.items():
        if len(set(afters)) == 1:
            continue
        *others, _ = afters
        if state == end or len(set(others)) > 1:
            return False
        first, until = spans[state]
        if not first <= spans[others[0]][0] < until:
            return False
    return True


def _spans(leads_to: dict[Hashable, Hashable], root: Hashable) -> dict[Hashable, tuple[int, int]]:
    """By state of a tree, its number and where those that lead to it end, counted from the root."""
    led: dict[Hashable, list[Hashable]] = {}
    for state, after in leads_to.items():
        led.setdefault(after, []).append(state)
    first: dict[Hashable, int] = {}
    spans: dict[Hashable, tuple[int, int]] = {}
    going = [root]
    while going:
        state = going[-1]
        if state in first:
            going.pop()
            spans[state] = (first[state], len(first))
        else:
            first[state] = len(first)
            going += led.get(state, ())
    return spans
