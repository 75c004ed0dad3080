"""Customers of Stripe's with several subscriptions: access follows the one that entitles most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    Cycle,
    InvalidTypeError,
    InvalidValueError,
    OnFree,
    OnPaid,
    OutOfOrderError,
    Plan,
    Standing,
    Status,
    Subscription,
    entitlements,
    trial_eligibility,
)
from chatim_plans.stripe import (
    InvalidStripeError,
    subscription_from_stripe,
    subscription_of_customer,
)
from tests.stripe.refusals import refused_at
from tests.stripe.written_objects import (
    ANCHOR,
    AT,
    PERIOD,
    PRICES,
    Json,
    dearer_pro,
    event,
    item_object,
    month_from,
    on_trial,
    price_object,
    subscription_object,
    trial_from,
    unix,
    utc,
)

TRIAL = trial_from(ANCHOR)


def sub(name: str, status: str = "active", **fields: Any) -> Json:
    """A subscription of the customer, by its name."""
    return subscription_object(status, **fields) | {"id": f"sub_{name}"}


def facts_of(*objs: Json, **options: Any) -> Subscription:
    """The customer's facts; the order in which the objects are given says nothing."""
    of_orders = [
        subscription_of_customer(list(order), PRICES, **{"at": AT, **options})
        for order in permutations(objs)
    ]
    assert all(facts == of_orders[0] for facts in of_orders)
    return of_orders[0]


def alone(obj: Json, **options: Any) -> Subscription:
    """The facts of one subscription."""
    return subscription_from_stripe(obj, PRICES, **{"at": AT, **options})


def told(kind: str, obj: Json, at: Any) -> Json:
    """An event about a subscription."""
    return event(f"customer.subscription.{kind}", obj, at)


def test_a_start_that_is_never_paid_takes_nothing_away() -> None:
    """P8: one is abandoned, a second paid ten minutes later; the first expires after 23 hours."""
    begun, paid, expired = ANCHOR, ANCHOR + timedelta(minutes=10), ANCHOR + timedelta(hours=23)
    period = month_from(paid)
    sub_b = sub("b", period=period, seats=2)
    first = told("created", sub("a", "incomplete"), begun)
    second = told("created", sub_b, paid)
    third = told("updated", sub("a", "incomplete_expired"), expired)
    assert facts_of(first, at=begun).plan == FREE
    log: list[Json] = [first, second]
    known = subscription_of_customer(log, PRICES, at=paid)
    for events in (log, [*log, third]):
        for before in (None, known):
            facts = subscription_of_customer(events, PRICES, at=expired, before=before)
            assert facts == alone(sub_b, at=expired)
    assert facts_of(*log, third, at=period.start + timedelta(days=90)).plan == PRO


@pytest.mark.parametrize(
    "other",
    [
        sub("other", "canceled", plan=ULTIMATE, seats=9),
        sub("other", "incomplete", plan=ULTIMATE, seats=9),
        sub("other", "incomplete_expired", plan=ULTIMATE, seats=9),
        sub("other", "paused", plan=ULTIMATE, seats=9),
        sub("other", "unpaid", plan=ULTIMATE, seats=9),
    ],
    ids=lambda obj: obj["status"],
)
def test_what_entitles_to_nothing_takes_nothing_away(other: Json) -> None:
    """A1, D2: whatever its plan and seats."""
    running = sub("running")
    facts = facts_of(running, other)
    assert (facts.plan, facts.seats, facts.present_status) == (PRO, 3, Status.active)


CANCELLED: Json = {"cancel_at_period_end": True}
LATER: Json = {"period": month_from(AT - timedelta(days=1))}
RUNNING: dict[str, tuple[Json, Json]] = {
    "the higher plan": (sub("x", plan=ULTIMATE, seats=1), sub("y", seats=9)),
    "the higher plan, past due": (sub("x", "past_due", plan=ULTIMATE), sub("y", seats=9)),
    "more seats": (sub("x", seats=4), sub("y", **LATER)),
    "the later end": (sub("x", **LATER), sub("y")),
    "the one that goes on": (sub("x"), sub("y", **LATER, **CANCELLED)),
    "the later cancellation": (sub("x", **LATER, **CANCELLED), sub("y", **CANCELLED)),
    "a plan before a trial of a lower one": (
        sub("x", plan=ULTIMATE),
        on_trial(TRIAL, seats=9) | {"id": "sub_y"},
    ),
    "past due before restricted": (sub("x", "past_due"), sub("y", "unpaid", plan=ULTIMATE)),
    "restricted before Free": (sub("x", "unpaid"), sub("y", "canceled", seats=9)),
    "at last the id": (sub("x"), sub("w")),
}


@pytest.mark.parametrize(("best", "other"), RUNNING.values(), ids=RUNNING)
def test_of_two_the_one_that_entitles_most_counts(best: Json, other: Json) -> None:
    """The plan, then the seats, then the end."""
    wanted, facts = alone(best), facts_of(best, other)
    tried = facts.tried_plan
    assert evolve(facts, tried_plan=wanted.tried_plan) == wanted
    assert (tried is not None) is (other["trial_start"] is not None)


def test_a_plan_of_another_edition_is_weighed_by_what_it_grants() -> None:
    """C5: ranks are an edition's own."""
    starter = evolve(PRO, key="starter", features=FREE.features)
    edition = evolve(dearer_pro(), plans=(FREE, starter, dearer_pro().plan("pro"), ULTIMATE))
    dear = price_object(edition.plan("pro")) | {"id": "price_new"}
    item = item_object(PRO, 9, PERIOD) | {"price": dear}
    objs = [sub("x", plan=ULTIMATE), sub("y", items={"data": [item]})]
    prices: dict[str, Plan] = {**PRICES, "price_new": edition.plan("pro")}
    facts = subscription_of_customer(objs, prices, at=AT, catalogs=[CHATIM, edition])
    assert facts.plan == ULTIMATE


def test_a_trial_and_invoices_of_any_of_them_were_had() -> None:
    """R2: no second trial, whichever counts."""
    lapsed = {"canceled_at": unix(ANCHOR), "ended_at": unix(ANCHOR), "created": unix(ANCHOR) - 9}
    trial = trial_from(ANCHOR - timedelta(days=30))
    tried = on_trial(trial, status="canceled", plan=ULTIMATE) | lapsed | {"id": "sub_tried"}
    paid = sub("paid", "canceled", created=unix(ANCHOR))
    unpaid = sub("unpaid", "incomplete", seats=7)
    facts = facts_of(tried, paid, unpaid)
    assert facts == Subscription(
        CHATIM, FREE, 3, AT, OnFree(), tried_plan="ultimate", was_invoiced=True
    )
    only_tried = facts_of(tried, unpaid)
    assert only_tried.phase == OnFree(trial_ended=True)
    assert trial_eligibility(only_tried).reason == "had_trial"
    running = facts_of(tried, sub("running"))
    assert running == evolve(alone(sub("running")), tried_plan="ultimate")


def test_what_was_known_goes_in() -> None:
    """R2, D6, P8: as for one subscription."""
    phase = OnPaid(Cycle(ANCHOR), PERIOD, Standing.past_due, standing_since=ANCHOR)
    before = Subscription(CHATIM, PRO, 3, ANCHOR, phase, tried_plan="ultimate", was_invoiced=True)
    over = sub("over", "incomplete_expired")
    assert facts_of(sub("x", "past_due"), over, before=before) == evolve(before, as_of=AT)
    assert facts_of(over, before=before) == evolve(before, as_of=AT)
    assert facts_of(before=before) == evolve(before, as_of=AT)
    with pytest.raises(OutOfOrderError):
        facts_of(sub("x"), before=evolve(before, as_of=AT + timedelta(seconds=1)))


PAID = Subscription(CHATIM, PRO, 3, ANCHOR, OnPaid(Cycle(ANCHOR), PERIOD), was_invoiced=True)


@pytest.mark.parametrize(
    "gone", [{"items": {"data": []}}, {"items": {"data": [{"price": "price_9", "quantity": 1}]}}]
)
def test_what_is_over_ends_what_was_known_though_it_cannot_be_read(gone: Json) -> None:
    """Its status says so; one whose first payment never came says nothing."""
    over = sub("a", "canceled", **gone)
    facts = facts_of(over, before=PAID, at=AT + timedelta(days=400))
    assert (facts.plan, facts.seats, facts.was_invoiced) == (FREE, 3, True)
    assert (facts.phase, facts.as_of) == (OnFree(), AT + timedelta(days=400))
    never = sub("a", "incomplete_expired", **gone)
    assert facts_of(never, before=PAID) == evolve(PAID, as_of=AT)
    on_free = evolve(PAID, plan=FREE, phase=OnFree(trial_ended=True), tried_plan="pro")
    assert facts_of(over, before=on_free) == evolve(on_free, as_of=AT)


def test_a_subscription_to_other_things_is_passed_over() -> None:
    """Where its price is given as one of the free plan; at any other it could be a plan."""
    item: Json = {"price": "price_other", "quantity": 1}
    other = sub("other", items={"data": [item]})
    sold = {**PRICES, "price_other": FREE}
    cancelled = sub("a", "canceled", ended_at=unix(AT), canceled_at=unix(AT))

    def read(*objs: Json) -> Subscription:
        return subscription_of_customer(list(objs), sold, at=AT, before=PAID)

    assert read(cancelled, other).plan == FREE
    assert read(other) == evolve(PAID, as_of=AT)
    assert subscription_of_customer([other], sold, at=AT).plan == FREE
    expanded = sub("other", items={"data": [{**item, "price": {"id": "price_other"}}]})
    assert read(cancelled, expanded).plan == FREE
    beside = sub("x", items={"data": [*sub("x")["items"]["data"], item]})
    assert read(cancelled, beside).plan == PRO
    for prices, obj in ((PRICES, other), (sold, sub("other", items={"data": [{"price": 7}]}))):
        with pytest.raises(InvalidStripeError):
            subscription_of_customer([cancelled, obj], prices, at=AT, before=PAID)


OVERDUE = OnPaid(Cycle(ANCHOR), PERIOD, Standing.past_due, standing_since=ANCHOR)
LEFT = (
    (OVERDUE, "cancellation_requested", True),
    (OVERDUE, None, True),
    (OVERDUE, "payment_failed", False),  # nobody asked for that end (rule D3)
    (evolve(OVERDUE, standing=Standing.restricted), "cancellation_requested", True),
    (OnPaid(Cycle(ANCHOR), PERIOD), "cancellation_requested", False),
)


@pytest.mark.parametrize(("phase", "reason", "owes"), LEFT)
def test_who_leaves_a_bill_behind_owes_it(phase: OnPaid, reason: str | None, *, owes: bool) -> None:
    """D8: which no object says; and what is owed goes on being owed."""
    before = evolve(PAID, phase=phase)
    fields: Json = {"ended_at": unix(AT), "canceled_at": unix(AT)}
    gone = sub("a", "canceled", cancellation_details={"reason": reason}, **fields)
    facts = facts_of(gone, before=before)
    assert facts == alone(gone, before=before)
    assert facts.phase == OnFree(owes=owes)
    assert facts_of(gone, before=facts).phase == OnFree(owes=owes)


def test_without_a_subscription_the_account_is_on_free() -> None:
    """A1: with the first edition, and nothing more is known."""
    assert facts_of() == Subscription(CHATIM, FREE, 1, AT, OnFree())
    assert facts_of(catalogs=[dearer_pro(), CHATIM]).catalog == dearer_pro()
    with pytest.raises(InvalidValueError) as caught:
        facts_of(catalogs=[])
    assert caught.value.name == "catalogs"
    odd: Any = {"plan": "pro"}
    with pytest.raises(InvalidTypeError):
        facts_of(before=odd)
    with pytest.raises(InvalidTypeError):
        facts_of(catalogs=["2026"])


# --- Events, and what they are of ---
def test_an_event_is_read_at_its_own_instant() -> None:
    """A1: its period is over, and it renewed since; an object of that period is out of date."""
    now = PERIOD.end + timedelta(days=1)
    facts = facts_of(told("updated", sub("x"), AT), at=now)
    assert facts == evolve(
        alone(sub("x")), as_of=now, phase=OnPaid(Cycle(ANCHOR), month_from(ANCHOR, 1))
    )
    with refused_at("subscriptions[0].items.data[0].current_period_end"):
        facts_of(sub("x"), at=now)
    ended = facts_of(told("updated", sub("x", **CANCELLED), AT), at=now)
    assert (ended.plan, ended.was_invoiced) == (FREE, True)


def test_the_newest_event_of_a_subscription_counts() -> None:
    """Whatever order they came in; an object counts as it is now."""
    paid = told("created", sub("x"), AT - timedelta(hours=1))
    over = told("deleted", sub("x", "canceled"), AT)
    assert facts_of(paid, over).plan == FREE
    assert facts_of(told("updated", sub("x", seats=5), AT + timedelta(hours=1)), paid).seats == 5
    assert facts_of(paid, sub("x", "canceled")).plan == FREE


def test_of_one_second_the_event_given_last_counts() -> None:
    """Stripe promises no order there."""
    three, five = told("updated", sub("x"), AT), told("updated", sub("x", seats=5), AT)
    for events, seats in (([three, five], 5), ([five, three], 3)):
        assert subscription_of_customer(events, PRICES, at=AT).seats == seats


# --- What cannot be read ---
def elsewhere(status: str = "active", **fields: Any) -> Json:
    """A subscription to something that is not sold here."""
    return sub("elsewhere", status, **{"items": {"data": [{"price": "price_x"}]}, **fields})


@pytest.mark.parametrize("status", ["active", "past_due", "canceled", "incomplete_expired"])
def test_what_cannot_be_read_takes_nothing_away(status: str) -> None:
    """A customer may buy other things, at other prices."""
    assert facts_of(elsewhere(status), sub("x")) == alone(sub("x"))


@pytest.mark.parametrize("status", ["canceled", "incomplete_expired", "incomplete"])
def test_what_is_over_and_cannot_be_read_is_passed_over(status: str) -> None:
    """It entitles to nothing."""
    assert facts_of(elsewhere(status)) == facts_of()
    assert facts_of(elsewhere(status), sub("x", "canceled")) == alone(sub("x", "canceled"))


@pytest.mark.parametrize("others", [[], [sub("x", "canceled")]])
def test_what_runs_and_cannot_be_read_is_an_error_where_nothing_else_is_granted(
    others: Sequence[Json],
) -> None:
    """A2: a price that nobody mapped is no reason to take a plan away in silence."""
    with refused_at("subscriptions[0].items.data[0].price"):
        subscription_of_customer([elsewhere(), *others], PRICES, at=AT)
    with pytest.raises(OutOfOrderError):
        subscription_of_customer([sub("y"), *others], PRICES, at=ANCHOR - timedelta(seconds=1))
    dear = {"price_pro": dearer_pro().plan("pro")}
    obj = sub("y", items={"data": [{**item_object(PRO, 3, PERIOD), "price": "price_pro"}]})
    with pytest.raises(InvalidValueError):
        subscription_of_customer([obj], dear, at=AT)


@pytest.mark.parametrize(
    ("objs", "path"),
    [
        (None, "subscriptions"),
        ([None], "subscriptions[0]"),
        ([sub("x"), {"object": "customer"}], "subscriptions[1].object"),
        ({"object": "list", "data": [sub("x")], "has_more": True}, "subscriptions.has_more"),
        ([sub("x"), sub("y", customer="cus_2")], "subscriptions[1].customer"),
        ([sub("x", customer=None)], "subscriptions[0].customer"),
        ([sub("x") | {"id": None}], "subscriptions[0].id"),
        ([sub("x", "asleep")], "subscriptions[0].status"),
        ([told("created", sub("x"), AT) | {"created": None}], "subscriptions[0].created"),
        ([sub("x", "canceled", created="x")], "subscriptions[0].created"),
    ],
)
def test_what_are_no_subscriptions_of_one_customer_is_refused(objs: object, path: str) -> None:
    """By its path, from the collection on."""
    with refused_at(path):
        subscription_of_customer(objs, PRICES, at=AT)


def test_a_customer_may_be_an_account() -> None:
    """The second version of Stripe's accounts."""
    payer: Json = {"customer": None, "customer_account": "acct_1"}
    objs = {"object": "list", "data": [sub("x", **payer), sub("y", "canceled", **payer)]}
    assert subscription_of_customer(objs, PRICES, at=AT) == alone(sub("x"))
    with refused_at("subscriptions[1].customer_account", "acct_1: all are of one customer"):
        second = sub("z", **payer | {"customer_account": "acct_2"})
        subscription_of_customer([sub("x", **payer), second], PRICES, at=AT)


def test_an_object_that_does_not_say_when_it_was_created_is_the_oldest() -> None:
    """Of two that are over, the younger one tells the seats."""
    old, young = sub("old", "canceled", created=None, seats=9), sub("young", "canceled")
    assert facts_of(old, young).seats == 3
    assert entitlements(facts_of(old), utc("2026-05-01")).seats == 9
