"""The order that links changes, against trying every order there is."""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans.stripe.linking import Change, in_order

Walk: TypeAlias = tuple[Change, ...]


def walks(changes: list[Change], known: int | None) -> set[Walk]:
    """Every order in which each change begins where the one before it ended."""
    found: set[Walk] = set()
    for order in permutations(changes):
        befores, afters = [before for before, _ in order], [after for _, after in order]
        begins = known is None or befores[:1] in ([], [known])
        if begins and befores[1:] == afters[:-1]:
            found.add(order)
    return found


@st.composite
def linked(draw: st.DrawFn) -> tuple[list[Change], int | None]:
    """Changes that link in some order, in any order, and the state before them if it is known."""
    states = draw(st.lists(st.integers(0, 4), min_size=2, max_size=7))
    changes: list[Change] = list(pairwise(states))
    return draw(st.permutations(changes)), draw(st.sampled_from([None, states[0]]))


@given(linked())
def test_the_order_is_one_that_links_and_is_told_where_no_other_does(
    case: tuple[list[Change], int | None],
) -> None:
    """Whatever order they come in."""
    changes, known = case
    order = in_order(changes, known)
    assert sorted(order.numbers) == list(range(len(changes)))
    possible = walks(changes, known)
    assert tuple(changes[number] for number in order.numbers) in possible
    assert order.is_told is (len(possible) == 1)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6), st.integers(0, 4))
def test_changes_of_any_kind_are_each_told_once(changes: list[Change], known: int) -> None:
    """Where no order links them all, none is told."""
    order = in_order(changes, known)
    assert sorted(order.numbers) == list(range(len(changes)))
    possible = walks(changes, known)
    assert order.is_told is (len(possible) == 1)


def test_of_two_orders_none_is_the_greater() -> None:
    """They are told apart, and not compared."""
    orders: Any = [in_order([], None), in_order([(1, 2)], None)]
    with pytest.raises(TypeError):
        orders.sort()


def test_a_loop_that_leads_back_only_to_a_neighbour_may_be_taken_first() -> None:
    """Two ways out of the state 3, and both orders lead to the end."""
    changes: list[Change] = [(3, 2), (2, 4), (4, 3), (3, 0), (0, 4)]
    assert len(walks(changes, 3)) == 2
    assert not in_order(changes, 3).is_told


@pytest.mark.parametrize("turned", [False, True])
def test_seats_that_come_and_go_in_a_second_end_where_they_ended(*, turned: bool) -> None:
    """Three seats, fifty, three, four: newest first, as Stripe lists them, or oldest first."""
    changes: list[Change] = [(3, 50), (50, 3), (3, 4)]
    told = changes[::-1] if turned else changes
    order = in_order(told, 3)
    assert [told[number] for number in order.numbers] == changes
    assert order.is_told
