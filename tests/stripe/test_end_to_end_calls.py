"""The whole way round: what this library asks of Stripe, sent by Stripe's own client to a fake
Stripe, and what that then holds, read back.

An action becomes calls, the calls are made, and the subscription read must be the one that the
action leads to here. Instants are the server's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

pytest.importorskip("stripe", reason="needs stripe")
pytest.importorskip("localstripe", reason="needs localstripe, a fake Stripe server")

import stripe
from attrs import evolve

from chatim_plans import (
    PRO,
    ULTIMATE,
    Action,
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    OnFree,
    OnTrial,
    Resume,
    StartFree,
    StartTrial,
    Subscription,
    preview,
    replay,
)
from chatim_plans.stripe import (
    StripeIds,
    calls,
    ids_from_stripe,
    preview_call,
    subscription_from_stripe,
)
from tests.stripe.local_stripe import (
    DECLINED_WHEN_CHARGED,
    GOOD,
    TAKEN_BACK,
    LocalStripe,
    Reading,
    local_stripe,
)
from tests.stripe.written_objects import PRICES, from_unix


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStripe]:
    """One server for the module; its customers know nothing of one another."""
    with local_stripe(tmp_path_factory.mktemp("localstripe")) as started:
        yield started


def came(customer: stripe.Customer) -> tuple[Action, ...]:
    """The story of a customer before anything was chosen; a card was given where there is one."""
    at = from_unix(customer.created)
    settings = customer.invoice_settings
    has_card = settings is not None and settings.default_payment_method is not None
    return StartFree(at=at), *((AddPaymentMethod(at=at),) if has_card else ())


def begin(server: LocalStripe, customer: stripe.Customer, action: Action) -> Reading:
    """The subscription that the action's one call creates."""
    before = replay(came(customer)).account.subscription
    (call,) = calls(action, before, StripeIds(customer.id, PRICES))
    return server.read(server.send(**call)["id"])


def do(server: LocalStripe, held: Reading, story: Sequence[Action], action: Action) -> Reading:
    """The subscription after the action's calls."""
    before = replay(story, until=action.at).account.subscription
    for call in calls(action, before, ids_of(held)):
        server.send(**call)
    return server.read(held.obj.id)


def ids_of(held: Reading) -> StripeIds:
    """The ids that the subscription states."""
    return ids_from_stripe(held.obj, PRICES)


def assert_agree(reading: Reading, story: Sequence[Action]) -> Subscription:
    """What is read must be what the story says."""
    read = subscription_from_stripe(reading.obj, PRICES, at=reading.at)
    assert read == replay(story, until=reading.at).account.subscription
    return read


@pytest.fixture
def bought(server: LocalStripe) -> tuple[Reading, tuple[Action, ...]]:
    """Three seats on Pro, and the story: the choice happened where Stripe's first period starts."""
    customer = server.customer(GOOD)
    held = begin(server, customer, ChoosePlan(PRO, 3, at=from_unix(customer.created)))
    return held, (*came(customer), ChoosePlan(PRO, 3, at=held.start))


def test_a_choice_becomes_a_subscription(bought: tuple[Reading, tuple[Action, ...]]) -> None:
    """Rule P2: paid at once, and held from the server's instant on."""
    held, story = bought
    assert (assert_agree(held, story).plan, held.plain["quantity"]) == (PRO, 3)


def test_a_choice_not_paid_has_not_happened(server: LocalStripe) -> None:
    """Rule P8: the subscription is incomplete, and the account where it was."""
    customer = server.customer(DECLINED_WHEN_CHARGED)
    held = begin(server, customer, ChoosePlan(PRO, 3, at=from_unix(customer.created)))
    read = subscription_from_stripe(held.obj, PRICES, at=held.at)
    told = replay(came(customer), until=held.at).account.subscription
    assert held.plain["status"] == "incomplete"
    assert read == evolve(told, seats=3)
    assert isinstance(read.phase, OnFree)


STEPS: Mapping[str, Callable[[datetime], Action]] = {
    "seats": lambda at: ChangeSeats(5, at=at),
    "upgrade": lambda at: ChoosePlan(ULTIMATE, at=at),
    "cancel": lambda at: Cancel(at=at),
    "resume": lambda at: Resume(at=at),
}


@pytest.mark.parametrize("order", [*permutations(STEPS)], ids=" ".join)
def test_actions_lead_where_their_calls_lead(
    server: LocalStripe, bought: tuple[Reading, tuple[Action, ...]], order: Sequence[str]
) -> None:
    """Rules S1, P1, P4, P5: each action in any order, with whatever its calls take back."""
    held, story = bought
    for name in order:
        action = STEPS[name](held.at)
        held, story = do(server, held, story, action), (*story, action)
        assert_agree(held, story)


@pytest.mark.parametrize("order", [*permutations(("seats", "cancel", "resume"))], ids=" ".join)
def test_actions_in_the_trial_lead_where_their_calls_lead(
    server: LocalStripe, order: Sequence[str]
) -> None:
    """Rules R1, R5, S5: the trial's end is the one stored, whatever happens in it."""
    customer = server.customer()
    start = StartTrial(3, at=from_unix(customer.created))
    held, story = begin(server, customer, start), (*came(customer), start)
    end = assert_agree(held, story).phase.end
    for name in order:
        action = STEPS[name](held.at)
        held, story = do(server, held, story, action), (*story, action)
        assert assert_agree(held, story).phase == OnTrial(from_unix(held.plain["trial_end"]))
    assert from_unix(held.plain["trial_end"]) == end


def test_an_upgrade_is_previewed_at_what_it_costs(
    server: LocalStripe, bought: tuple[Reading, tuple[Action, ...]]
) -> None:
    """Rule B8: at the first second no time has gone by, so localstripe's amounts are prorations."""
    held, story = bought
    account = replay(story).account
    upgrade = ChoosePlan(ULTIMATE, at=held.start)
    theirs = server.send(**preview_call(upgrade, account.subscription, ids_of(held)))
    (ours,) = preview(account, upgrade).invoices
    lines = Counter(line["amount"] for line in theirs["lines"]["data"])
    assert lines == Counter(line.amount.amount for line in ours.lines)
    assert theirs["total"] == ours.amount_due.amount == 60_00


@pytest.mark.parametrize(
    "asked", [{name: value} for name, value in TAKEN_BACK.items()] + [{}], ids=str
)
def test_what_takes_an_end_back_is_not_sent(
    server: LocalStripe, bought: tuple[Reading, tuple[Action, ...]], asked: dict[str, Any]
) -> None:
    """The server refuses an empty text, and a change of nothing; with anything else it would do."""
    path = f"/v1/subscriptions/{bought[0].obj.id}"
    good = {"cancel_at_period_end": False}
    assert server.client.raw_request("post", path, **good).code == 200
    with pytest.raises(stripe.StripeError):
        server.client.raw_request("post", path, **(good | asked if asked else {}))
    assert server.send(f"POST {path}", asked)["id"] == bought[0].obj.id
