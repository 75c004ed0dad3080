"""Where an account is in Stripe: ids as a value, what is refused, and ids read from an object."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

pytest.importorskip("stripe", reason="needs stripe-python")

import stripe
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    PRO,
    ULTIMATE,
    USD,
    InvalidTypeError,
    InvalidValueError,
    Money,
    PlansError,
    UnknownKeyError,
)
from chatim_plans.stripe import SCHEDULE, StripeIds, ids_from_stripe, portal_configuration
from tests.stripe.refusals import refused_at
from tests.stripe.written_objects import (
    ANCHOR,
    PERIOD,
    PRICES,
    SHAPES,
    month_from,
    on_trial,
    subscription_object,
    unix,
)


def in_force() -> StripeIds:
    """The ids of a subscription in force."""
    return StripeIds("cus_1", PRICES, "sub_1", "si_1")


# --- a value ---
def test_ids_are_a_value() -> None:
    """Equal by value, hashable, and the same after a pickle; the mapping given is not kept."""
    prices = {"price_pro": PRO}
    one = StripeIds("cus_1", prices, "sub_1", "si_1", "sub_sched_1", ANCHOR)
    prices["price_ultimate"] = ULTIMATE
    twin = pickle.loads(pickle.dumps(one))
    assert (twin, hash(twin), one.prices) == (one, hash(one), (("price_pro", PRO),))


def test_the_first_price_of_a_plan_is_the_one_to_use() -> None:
    """An older price that still sells the plan is understood by its place after the new one."""
    named = StripeIds("cus_1", {"price_new": PRO, "price_old": PRO})
    assert named.price(PRO) == "price_new"


def test_features_have_no_place_in_a_price() -> None:
    """C5: an edition that changes what a plan grants, and not what it costs, keeps the price."""
    named = StripeIds("cus_1", {"price_pro": PRO})
    assert named.price(evolve(PRO, features=ULTIMATE.features)) == "price_pro"


@pytest.mark.parametrize(
    "other", [{"key": "pro_2"}, {"price": Money(1901, USD)}, {"interval_months": 12}]
)
def test_what_costs_otherwise_has_another_price(other: dict[str, Any]) -> None:
    """C1, C6: key, price and interval make a price."""
    with pytest.raises(UnknownKeyError):
        StripeIds("cus_1", {"price_pro": PRO}).price(evolve(PRO, **other))


@pytest.mark.parametrize(
    ("given_ids", "error"),
    [
        ({"customer": ""}, InvalidValueError),
        ({"customer": None}, InvalidTypeError),
        ({"customer": "cus_1/../sub_2"}, InvalidValueError),
        ({"customer": "cus 1"}, InvalidValueError),
        ({"subscription": "sub_1?expand"}, InvalidValueError),
        ({"subscription": "sub_1\n"}, InvalidValueError),
        ({"subscription": 7}, InvalidTypeError),
        ({"subscription": None}, InvalidValueError),
        ({"item": None}, InvalidValueError),
        ({"item": ""}, InvalidValueError),
        ({"schedule": SCHEDULE}, InvalidValueError),
        ({"subscription": None, "item": None, "schedule": "sub_sched_1"}, InvalidValueError),
        ({"subscription": None, "item": None, "phase_start": True}, InvalidTypeError),
        ({"phase_start": datetime(2026, 10, 15, 9)}, InvalidValueError),
        ({"schedule_is_done": 1}, InvalidTypeError),
        ({"pending_invoice": "in 1"}, InvalidValueError),
        ({"pending_invoice": 7}, InvalidTypeError),
        ({"to_cancel": ""}, InvalidValueError),
        ({"prices": None}, InvalidTypeError),
        ({"prices": [("price_pro", "pro")]}, InvalidTypeError),
        ({"prices": {"price_pro": "pro"}}, InvalidTypeError),
        ({"prices": {" ": "pro"}}, InvalidValueError),
        ({"prices": {7: "pro"}}, InvalidTypeError),
        ({"prices": "price_pro"}, InvalidTypeError),
    ],
)
def test_ids_that_are_none_are_refused(given_ids: dict[str, Any], error: type[PlansError]) -> None:
    """A fault of the ids shows when they are gathered, not at Stripe."""
    with pytest.raises(error):
        evolve(in_force(), **given_ids)


def test_a_start_needs_a_subscription() -> None:
    """On Free there is no period in Stripe."""
    with pytest.raises(InvalidValueError, match="phase_start: expected None where no subscription"):
        StripeIds("cus_1", PRICES, phase_start=ANCHOR)


CONTRADICTIONS: dict[str, tuple[Callable[[], StripeIds], str]] = {
    "a payment of nothing": (
        lambda: StripeIds("cus_1", PRICES, pending_invoice="in_1"),
        "pending_invoice: expected None where no subscription is in force, got 'in_1'",
    ),
    "one in force beside one that must end": (
        lambda: evolve(in_force(), to_cancel="sub_2"),
        "to_cancel: expected None beside a subscription in force, got 'sub_2'",
    ),
    "no schedule that is done": (
        lambda: evolve(in_force(), schedule_is_done=True),
        "schedule_is_done: expected False where no schedule is named, got True",
    ),
}


@pytest.mark.parametrize(("build", "sentence"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_ids_that_contradict_one_another_are_refused(
    build: Callable[[], StripeIds], sentence: str
) -> None:
    """P3, P8: what only a subscription in force has stands with one alone."""
    with pytest.raises(InvalidValueError) as caught:
        build()
    assert str(caught.value) == sentence


HOSTILE_PRICES: dict[str, Callable[[], Any]] = {
    "three of a row": lambda: ((1, 2, 3),),
    "nothing of a row": lambda: ((),),
    "a text for a row": lambda: ("a",),
    "two letters for a row": lambda: ("ab",),
    "numbers for rows": lambda: (1, 2),
    "a list for an id": lambda: ((["x"], PRO),),
    "a mapping for a row": lambda: ({"price_pro": PRO},),
    "a list for a plan": lambda: (("price_pro", [PRO]),),
    "a number": lambda: 7,
    "bytes": lambda: b"ab",
    "two plans for an id": lambda: (("price_pro", PRO), ("price_pro", ULTIMATE)),
    "a blank id": lambda: ((" ", PRO),),
}


@pytest.mark.parametrize("prices", HOSTILE_PRICES.values(), ids=HOSTILE_PRICES)
def test_prices_that_are_none_are_refused(prices: Callable[[], Any]) -> None:
    """Rows of anything else than an id and a plan, wherever prices are given."""
    products = {"pro": "prod_1", "ultimate": "prod_2"}
    asked: tuple[Callable[[], object], ...] = (
        lambda: StripeIds("cus_1", prices()),
        lambda: portal_configuration(CHATIM, prices(), products),
        lambda: ids_from_stripe(subscription_object(), prices()),
    )
    for ask in asked:
        with pytest.raises((InvalidTypeError, InvalidValueError)):
            ask()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just(PRO),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(_JSON)
def test_any_prices_are_read_or_refused(prices: Any) -> None:
    """Whatever is given, no other error than ours."""
    try:
        named = StripeIds("cus_1", prices)
    except PlansError:
        return
    assert all(named.price(plan) for _, plan in named.prices)


@pytest.mark.parametrize("plan", [None, "pro", 7, [PRO]])
def test_a_price_is_a_plans(plan: Any) -> None:
    """Nothing is guessed from a value that does not belong."""
    with pytest.raises(InvalidTypeError):
        in_force().price(plan)


# --- read from an object ---
FORMS: dict[str, Callable[[Any], Any]] = {
    "dict": lambda obj: obj,
    "object": lambda obj: stripe.Subscription.construct_from(obj, None),
    "event": lambda obj: {"object": "event", "data": {"object": obj}},
    "event of stripe-python": lambda obj: stripe.Event.construct_from(
        {"object": "event", "data": {"object": obj}}, None
    ),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_ids_are_read_from_every_shape(form: Callable[[Any], Any], shape: str) -> None:
    """Every API shape, as a dict, as stripe-python's object, and in an event about it."""
    read = ids_from_stripe(form(subscription_object(shape=shape)), PRICES)
    assert read == evolve(in_force(), phase_start=ANCHOR)


NEXT = unix(PERIOD.end)
LAST = unix(month_from(ANCHOR, 1).end)


def phase(start: int, price: str = "price_pro") -> Any:
    """A phase of a schedule, by its start and price."""
    return {"start_date": start, "end_date": LAST, "items": [{"price": price, "quantity": 3}]}


def schedule_object(status: str = "active", **fields: Any) -> Any:
    """A schedule that stands whole: a downgrade to Pro has come, in its last phase."""
    made = {
        "object": "subscription_schedule",
        "id": "sub_sched_1",
        "subscription": "sub_1",
        "status": status,
        "end_behavior": "release",
        "current_phase": {"start_date": NEXT, "end_date": LAST},
        "phases": [phase(unix(ANCHOR), "price_ultimate"), phase(NEXT)],
    }
    return made | fields


WAITS: dict[str, Any] = {"current_phase": {"start_date": unix(ANCHOR), "end_date": NEXT}}


@pytest.mark.parametrize("schedule", ["sub_sched_1", schedule_object()])
def test_a_schedule_is_read_by_its_id_or_expanded(schedule: Any) -> None:
    """P3: whether or not it stands expanded."""
    read = ids_from_stripe(subscription_object(schedule=schedule), PRICES)
    assert read.schedule == "sub_sched_1"


SCHEDULES: dict[str, tuple[Any, bool]] = {
    "in its last phase": (schedule_object(), True),
    "in a phase before another price": (schedule_object(**WAITS), False),
    "in a phase before other seats alone": (
        schedule_object(**WAITS, phases=[phase(unix(ANCHOR)), phase(NEXT)]),
        True,
    ),
    "that is to end it all": (schedule_object(end_behavior="cancel"), False),
    "that has not begun": (schedule_object("not_started", current_phase=None), False),
}


@pytest.mark.parametrize(("schedule", "is_done"), SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule_says_whether_anything_waits_in_it(schedule: Any, is_done: bool) -> None:
    """P3: by the phase that Stripe says it is in; given beside the subscription, or expanded in it."""
    expected = StripeIds(
        "cus_1", PRICES, "sub_1", "si_1", "sub_sched_1", ANCHOR, schedule_is_done=is_done
    )
    whole = subscription_object(schedule=schedule)
    assert ids_from_stripe(whole, PRICES) == expected
    named = subscription_object(schedule="sub_sched_1")
    assert ids_from_stripe(named, PRICES, schedule=schedule) == expected


@pytest.mark.parametrize("status", ["completed", "released", "canceled"])
def test_a_schedule_that_let_go_is_none(status: str) -> None:
    """P3: nothing is to be released."""
    gone = schedule_object(status, subscription=None, released_subscription="sub_1")
    obj = subscription_object(schedule="sub_sched_1")
    assert ids_from_stripe(obj, PRICES, schedule=gone).schedule is None
    assert ids_from_stripe({**obj, "schedule": gone}, PRICES).schedule is None


def test_a_schedule_is_the_subscriptions_own() -> None:
    """P3: what waits for another says nothing of this one."""
    with refused_at("subscription_schedule.subscription", "the subscription read"):
        ids_from_stripe(
            subscription_object(schedule="sub_sched_1"),
            PRICES,
            schedule=schedule_object(subscription="sub_2"),
        )


@pytest.mark.parametrize("invoice", ["in_1", {"id": "in_1", "object": "invoice"}])
def test_the_invoice_that_a_change_waits_for_is_read(invoice: Any) -> None:
    """P8: of a pending update it is the latest."""
    obj = subscription_object(latest_invoice=invoice, pending_update={"expires_at": NEXT})
    assert ids_from_stripe(obj, PRICES).pending_invoice == "in_1"
    assert ids_from_stripe({**obj, "pending_update": None}, PRICES).pending_invoice is None


def test_the_start_of_a_trial_is_read() -> None:
    """R1: in a trial the present period is the trial."""
    assert ids_from_stripe(on_trial(PERIOD), PRICES).phase_start == PERIOD.start


def test_a_start_that_is_nowhere_is_none() -> None:
    """The library then takes its own."""
    obj = subscription_object()
    del obj["items"]["data"][0]["current_period_start"]
    assert ids_from_stripe(obj, PRICES) == in_force()


def test_a_start_in_both_places_is_one() -> None:
    """The objects of 2025 have both."""
    obj = subscription_object(current_period_start=unix(ANCHOR))
    assert ids_from_stripe(obj, PRICES).phase_start == ANCHOR


@pytest.mark.parametrize("status", ["trialing", "active", "past_due", "unpaid"])
def test_what_is_there_is_named(status: str) -> None:
    """P8: whoever calls speaks of it."""
    assert ids_from_stripe(subscription_object(status), PRICES).subscription == "sub_1"


@pytest.mark.parametrize("status", ["incomplete", "paused"])
def test_what_must_end_before_another_starts_is_named(status: str) -> None:
    """P8, R4: the account is on Free, and nobody creates a second one beside it."""
    obj = subscription_object(status, items=None, schedule="sub_sched_1")
    assert ids_from_stripe(obj, PRICES) == StripeIds("cus_1", PRICES, to_cancel="sub_1")


@pytest.mark.parametrize("status", ["canceled", "incomplete_expired"])
def test_of_what_is_over_the_customer_remains(status: str) -> None:
    """Nothing of it can be used again; its items may be gone, too."""
    over = subscription_object(status, schedule="sub_sched_1", items=None)
    assert ids_from_stripe(over, PRICES) == StripeIds("cus_1", PRICES)


def test_prices_are_kept_in_their_order() -> None:
    """Of two prices for one plan the first is used."""
    prices = {"price_new": PRO, "price_old": PRO}
    assert ids_from_stripe(subscription_object(), prices).prices == tuple(prices.items())


def faulty() -> Iterator[tuple[str, Any]]:
    """Objects that cannot be read, by the path that leads to the fault."""
    yield "subscription", None
    yield "subscription", "sub_1"
    yield "subscription.object", {}
    yield "subscription.object", {"object": "customer"}
    yield "event.data.object.object", {"object": "event", "data": {"object": {"object": "charge"}}}
    yield "subscription.status", subscription_object("ended")
    yield "subscription.status", subscription_object(status="")
    yield "subscription.customer", subscription_object(customer="cus_1/x")
    yield "subscription.customer.id", subscription_object(customer={"id": "cus 1"})
    yield "subscription.customer.id", subscription_object(customer={})
    yield "subscription.customer", subscription_object("canceled", customer=None)
    yield "subscription.id", subscription_object(id="sub_1?expand")
    yield "subscription.id", subscription_object(id=None)
    yield "subscription.schedule", subscription_object(schedule="{schedule}")
    yield "subscription.schedule", subscription_object(schedule=7)
    yield "subscription.schedule.status", subscription_object(schedule={"id": "sub_sched_1"})
    yield "subscription.schedule.status", subscription_object(schedule=schedule_object("over"))
    yield (
        "subscription.schedule.end_behavior",
        subscription_object(schedule=schedule_object(end_behavior=None)),
    )
    yield "subscription.latest_invoice", subscription_object(pending_update={}, latest_invoice=None)
    yield "subscription.id", subscription_object("incomplete", id="sub 1")
    yield "subscription.items", subscription_object(items={"data": []})
    yield (
        "subscription.items",
        subscription_object(items={"data": [{"id": "si_1"}, {"id": "si_2"}]}),
    )
    yield "subscription.items.data[0].id", subscription_object(items={"data": [{}]})
    yield "subscription.items.data[0].id", subscription_object(items={"data": [{"id": "si/1"}]})
    yield "subscription.items.has_more", subscription_object(items={"data": [], "has_more": True})
    yield "subscription.current_period_start", subscription_object(current_period_start=1)
    yield "subscription.current_period_start", subscription_object(current_period_start=True)
    yield (
        "subscription.items.data[0].current_period_start",
        subscription_object(items={"data": [{"id": "si_1", "current_period_start": 10**20}]}),
    )


@pytest.mark.parametrize(("path", "obj"), [*faulty()])
def test_a_fault_is_said_by_its_path(path: str, obj: Any) -> None:
    """Nothing is guessed of an object that cannot be read."""
    with refused_at(path):
        ids_from_stripe(obj, PRICES)


@given(_JSON, st.sampled_from(["id", "customer", "status", "items", "schedule", "object"]))
def test_any_object_is_read_or_refused(value: Any, field: str) -> None:
    """Whatever stands in a field, no other error than ours."""
    try:
        read = ids_from_stripe(subscription_object(**{field: value}), PRICES)
    except PlansError:
        return
    assert isinstance(read, StripeIds)


# --- Accounts v2 ---
@pytest.mark.parametrize("account", ["acct_1", {"id": "acct_1", "object": "v2.core.account"}])
def test_an_account_pays_in_the_place_of_a_customer(account: Any) -> None:
    """Accounts v2: the payer stands in `customer_account`, and is named so in what is asked."""
    read = ids_from_stripe(subscription_object(customer=None, customer_account=account), PRICES)
    assert (read.customer, read.payer) == ("acct_1", {"customer_account": "acct_1"})


def test_a_customer_that_has_an_account_is_a_customer() -> None:
    """Where both stand there, either would do."""
    read = ids_from_stripe(subscription_object(customer_account="acct_1"), PRICES)
    assert read.payer == {"customer": "cus_1"}


# --- kept as JSON ---
KEPT: dict[str, Callable[[], StripeIds]] = {
    "on Free": lambda: StripeIds("cus_1", PRICES),
    "what must end": lambda: StripeIds("cus_1", PRICES, to_cancel="sub_0"),
    "in force": in_force,
    "all of it": lambda: evolve(
        in_force(),
        schedule="sub_sched_1",
        phase_start=ANCHOR,
        schedule_is_done=True,
        pending_invoice="in_1",
    ),
}


@pytest.mark.parametrize("build", KEPT.values(), ids=KEPT)
def test_ids_can_be_kept_as_json(build: Callable[[], StripeIds]) -> None:
    """With the prices of the application they are what they were."""
    document = json.loads(json.dumps(build().as_json()))
    assert StripeIds.from_json(document, PRICES) == build()
    assert StripeIds.from_json(document, {"price_new": PRO}).prices == (("price_new", PRO),)


def test_ids_in_json_are_told_by_name() -> None:
    """Instants in Unix seconds, as Stripe has them; no price and no plan."""
    assert KEPT["all of it"]().as_json() == {
        "customer": "cus_1",
        "subscription": "sub_1",
        "item": "si_1",
        "schedule": "sub_sched_1",
        "pending_invoice": "in_1",
        "to_cancel": None,
        "phase_start": 1768467600,
        "schedule_is_done": True,
    }
    assert StripeIds.from_json({"customer": "cus_1"}, PRICES) == StripeIds("cus_1", PRICES)


SPOILT: dict[str, Any] = {
    "ids": None,
    "ids.customer": {},
    "ids.prices": {"customer": "cus_1", "prices": {}},
    "ids.subscription": {"customer": "cus_1", "subscription": 7},
    "ids.phase_start": {"customer": "cus_1", "phase_start": "2026"},
    "ids.schedule_is_done": {"customer": "cus_1", "schedule_is_done": 1},
}


@pytest.mark.parametrize(("path", "document"), SPOILT.items(), ids=SPOILT)
def test_spoilt_json_is_refused_by_its_path(path: str, document: Any) -> None:
    """Nothing is guessed of a document that cannot be read."""
    with refused_at(path):
        StripeIds.from_json(document, PRICES)


def test_json_that_contradicts_itself_is_refused() -> None:
    """As the ids themselves refuse it."""
    with pytest.raises(InvalidValueError, match=r"^item: "):
        StripeIds.from_json({"customer": "cus_1", "item": "si_1"}, PRICES)


@given(_JSON, st.sampled_from(["customer", "item", "phase_start", "schedule_is_done", "more"]))
def test_any_json_is_read_or_refused(value: Any, field: str) -> None:
    """Whatever stands in a field, no other error than ours."""
    document = in_force().as_json() | {field: value}
    try:
        read = StripeIds.from_json(document, PRICES)
    except PlansError:
        return
    assert isinstance(read, StripeIds)
