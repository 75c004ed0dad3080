"""A log of Stripe's events read as actions, whose replay gives the invoices that Stripe issued."""

from __future__ import annotations

from datetime import timedelta
from itertools import takewhile
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    Catalog,
    MoveToEdition,
    OnFree,
    Subscription,
    replay,
)
from chatim_plans.integrations.hypothesis_strategies import catalogs, histories
from chatim_plans.integrations.stripe_events import actions_from_events
from tests.integrations.stripe_made import Json
from tests.integrations.stripe_teller import Teller


def prices_of(catalog: Catalog) -> dict[str, Any]:
    """The prices of a catalogue's paid plans, as the teller names them."""
    return {f"price_{plan.key}": plan for plan in catalog.plans if not plan.is_free}


def known_to_stripe(subscription: Subscription) -> Any:
    """What Stripe knows of an account: on Free there is no subscription."""
    if isinstance(subscription.phase, OnFree):
        return subscription.plan
    facts = (subscription.plan, subscription.seats, subscription.phase)
    return (*facts, subscription.scheduled_change)


@st.composite
def told(draw: st.DrawFn) -> tuple[Catalog, Teller, Any, list[Json]]:
    """A catalogue, a history of it as told up to an instant, and its log in any order, in part
    twice.
    """
    catalog = draw(st.just(CHATIM) | catalogs())
    # An edition that waits is no word of Stripe's.
    history = list(
        takewhile(lambda act: not isinstance(act, MoveToEdition), draw(histories(catalog)))
    )
    until = history[-1].at + timedelta(days=draw(st.integers(0, 70)))
    teller = Teller(
        catalog,
        shape=draw(st.sampled_from(["2020 price", "2025 basil"])),
        delay=draw(st.sampled_from([0, 1, 40])),
    )
    teller.live(history, until)
    log = draw(st.permutations(teller.events))
    again = draw(st.lists(st.sampled_from(log), max_size=3)) if log else []
    return catalog, teller, until, [*log, *again]


@given(told())
def test_the_replay_of_a_log_gives_the_invoices_issued(
    case: tuple[Catalog, Teller, Any, list[Json]],
) -> None:
    """B9: whatever order the events came in; and what is held is what Stripe holds."""
    catalog, teller, until, log = case
    actions = actions_from_events(log, prices_of(catalog), catalog=catalog)
    if not actions:
        assert teller.invoices == []
        return
    statement = replay(actions, until, catalog)
    assert list(statement.invoices) == teller.invoices
    assert teller.account is not None
    theirs = replay([*actions], until, catalog).account.subscription
    assert known_to_stripe(theirs) == known_to_stripe(teller.account.subscription)
