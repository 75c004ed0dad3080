"""Objects that Stripe really wrote, read where they are kept; and the same with a field gone wrong.

They are third-party material and stay outside the project; a clone alone skips these tests, and
`test_subscriptions.py` proves the same with objects of our own making.
"""

from __future__ import annotations

import copy
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    Catalog,
    Currency,
    Feature,
    Money,
    Plan,
    PlansError,
    Quota,
    Subscription,
    entitlements,
)
from chatim_plans.stripe import subscription_from_stripe
from tests.stripe.refusals import refused_at
from tests.stripe.spoiling import WRONG_TYPES, Way, at_path, paths, spoil
from tests.stripe.written_objects import Json, from_unix

SHARED = Path(__file__).parents[3] / "shared" / "data" / "stripe_objects"
LACKING = "30 recorded objects of Stripe's are not beside this clone; CI has them"


@frozen
class Stated:
    """What Stripe's own words in a file say of the account."""

    status: str
    price: str
    end: str = ""
    """Of the period or the trial."""
    seats: int = 1
    waits: str = ""
    on_file: bool = False
    tried: bool = False
    invoiced: bool = True


EXPECTED: dict[str, Stated] = {
    "01": Stated("trialing", "25.00 USD", "2020-09-16T00:49:50", tried=True, invoiced=False),
    "02": Stated("trialing", "25.00 USD", "2021-08-19T04:08:40", tried=True, invoiced=False),
    "03": Stated(
        "trialing",
        "10.00 USD",
        "2021-03-23T00:25:22",
        waits="2021-03-23T00:25:22",
        tried=True,
        invoiced=False,
    ),
    "06": Stated("active", "25.00 USD", "2021-05-09T17:40:35", seats=10),
    "07": Stated("active", "25.00 USD", "2020-10-01T00:49:45", seats=10),
    "08": Stated("active", "25.00 USD", "2023-05-21T18:26:31"),
    "09": Stated("active", "10.00 USD", "2022-01-07T20:57:29", waits="2022-01-07T20:57:29"),
    "12": Stated("active", "4.99 CAD", "2026-06-25T21:10:28", on_file=True),
    "13": Stated(
        "active", "4.99 CAD", "2026-06-25T21:10:28", waits="2026-06-25T21:10:28", on_file=True
    ),
    "15": Stated("active", "15.00 USD", "2022-04-26T18:41:50"),
    "16": Stated(
        "active", "94.66 USD", "2021-11-15T08:54:48", waits="2022-10-15T08:54:45", on_file=True
    ),
    "17": Stated("active", "60.00 USD", "2020-04-11T08:19:43", seats=10),
    "18": Stated("free", "94.66 USD", on_file=True, invoiced=False),
    "19": Stated("free", "9.99 USD", invoiced=False),
    "20": Stated("free", "3.00 USD", seats=2, tried=True),
    "22": Stated("free", "9.99 USD", on_file=True),
    "24": Stated("free", "9.99 USD", invoiced=False),
    "25": Stated(
        "active", "4.99 CAD", "2026-06-25T21:10:28", waits="2026-06-25T21:10:28", on_file=True
    ),
    "26": Stated("active", "4.99 CAD", "2026-06-25T21:10:28", on_file=True),
    "29": Stated("free", "9.99 USD", on_file=True),
    "52": Stated("active", "18.00 USD", "2026-10-21T20:08:24"),
    "53": Stated("trial_ended", "20.00 CAD", tried=True, invoiced=False),
    "54": Stated("trial_ended", "20.00 CAD", tried=True, invoiced=False),
    "56": Stated("past_due", "9.99 USD", "2020-03-03T17:12:57"),
}
GIVE_ACCESS = {"trialing", "active", "past_due"}


def recorded(number: str) -> Json:
    """The recorded object of this number, or a skip that says what is not there."""
    if not SHARED.is_dir():
        pytest.skip(LACKING)
    (file,) = SHARED.glob(f"{number}_*.json")
    made: Json = json.loads(file.read_text("utf-8"))
    return made


def subscription_in(obj: Json) -> Json:
    """The subscription that an object is, or that an event is about."""
    made: Json = obj["data"]["object"] if obj["object"] == "event" else obj
    return made


def shop(obj: Json) -> tuple[Catalog, dict[str, Plan]]:
    """A catalogue that sells what the object's first item bills, and the price of it."""
    first = subscription_in(obj)["items"]["data"][0]
    price = first.get("price") or first["plan"]
    currency = Currency(price["currency"].upper(), 2)
    amount = Money(price.get("unit_amount", price.get("amount")), currency)
    free = evolve(FREE, price=Money(0, currency))
    terms = evolve(CHATIM.terms, smallest_charge=Money(50, currency))
    catalog = Catalog("recorded", (free, evolve(PRO, price=amount)), terms)
    return catalog, {price["id"]: catalog.plan("pro")}


def moment(obj: Json) -> datetime:
    """A minute into the period that the object is in."""
    made = subscription_in(obj)
    start = made["items"]["data"][0].get("current_period_start")
    started = start if start is not None else made["current_period_start"]
    return from_unix(started) + timedelta(minutes=1)


def read(obj: Json, original: Json | None = None) -> Subscription:
    """The facts; what reads it is what reads the original."""
    catalog, prices = shop(original or obj)
    return subscription_from_stripe(obj, prices, at=moment(original or obj), catalogs=[catalog])


def test_every_recorded_subscription_is_expected_or_refused() -> None:
    """None of them is passed over."""
    if not SHARED.is_dir():
        pytest.skip(LACKING)
    files = sorted(SHARED.glob("*.json"))
    assert len(files) == 30
    kinds = {file.name[:2]: json.loads(file.read_text("utf-8")) for file in files}
    of_subscriptions = {
        number
        for number, obj in kinds.items()
        if obj.get("data", {"object": obj})["object"]["object"] == "subscription"
    }
    assert of_subscriptions == EXPECTED.keys()


@pytest.mark.parametrize("number", EXPECTED)
def test_a_recorded_subscription_is_read_as_stripe_states_it(number: str) -> None:
    """Status, seats, price, period, what waits, payment method, trial, and the access it gives."""
    obj = recorded(number)
    facts = read(obj)
    change, expected = facts.scheduled_change, EXPECTED[number]
    _, prices = shop(obj)
    stated = Stated(
        facts.present_status.value,
        str(next(iter(prices.values())).price),
        "" if facts.phase.end is None else facts.phase.end.isoformat()[:19],
        facts.seats,
        "" if change is None else change.at.isoformat()[:19],
        facts.payment_method,
        facts.tried_plan is not None,
        facts.was_invoiced,
    )
    assert stated == expected
    assert change is None or change.plan.is_free
    may = entitlements(facts, facts.as_of)
    assert may.allows(Feature.visitor_export) is (expected.status in GIVE_ACCESS)


def test_a_recorded_subscription_of_four_items_is_read_by_the_one_that_is_known() -> None:
    """Usage is billed beside the seats; where two are plans sold here, an account has one."""
    obj = recorded("17")
    catalog, prices = shop(obj)
    second = obj["items"]["data"][1]["plan"]["id"]
    with refused_at("subscription.items"):
        subscription_from_stripe(
            obj, prices | {second: catalog.plan("pro")}, at=moment(obj), catalogs=[catalog]
        )


def test_a_recorded_schedule_waits_with_its_subscription() -> None:
    """Two seats from the next month on, of the same plan: no change of plan."""
    obj, told = recorded("15"), recorded("41")
    catalog, prices = shop(obj)
    facts = subscription_from_stripe(
        obj, prices, at=moment(obj), schedule=_of(told, obj), catalogs=[catalog]
    )
    assert facts == read(obj)


def test_a_recorded_schedule_brings_another_plan() -> None:
    """The same with another price in its second phase: it waits for the period's end."""
    obj, told = recorded("15"), recorded("41")
    catalog, prices = shop(obj)
    low = evolve(
        catalog.plan("pro"), key="low", price=Money(900, catalog.plan("pro").price.currency)
    )
    wider = evolve(catalog, plans=(catalog.free_plan, low, catalog.plan("pro")))
    schedule = _of(told, obj)
    schedule["phases"][1]["items"][0]["price"] = "price_low"
    facts = subscription_from_stripe(
        obj, prices | {"price_low": low}, at=moment(obj), schedule=schedule, catalogs=[wider]
    )
    change = facts.scheduled_change
    assert change is not None
    assert (change.plan, change.at) == (low, facts.phase.end)


def _of(told: Json, obj: Json) -> Json:
    """The schedule of an event, as of this subscription, whose period it was recorded beside."""
    schedule: Json = copy.deepcopy(told["data"]["object"])
    schedule["subscription"] = obj["id"]
    first, second = schedule["phases"]
    first["start_date"], first["end_date"] = obj["current_period_start"], obj["current_period_end"]
    second["start_date"] = obj["current_period_end"]
    return schedule


# --- The same with a field gone wrong ---
_NEEDED = {
    "status", "items", "data", "price", "plan", "quantity", "current_period_start",
    "current_period_end", "trial_end", "trial_start", "billing_cycle_anchor", "cancel_at",
    "cancel_at_period_end", "ended_at", "id", "object", "schedule", "canceled_at", "currency",
    "unit_amount", "amount", "recurring", "interval", "interval_count", "customer", "has_more",
}  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[Json, Json, Way]:
    """A recorded object before and after one of its fields was dropped, nulled, retyped or given
    the value of another recorded object; half of them among the fields that are read.
    """
    obj = recorded(draw(st.sampled_from(sorted(EXPECTED))))
    ways = list(paths(obj))
    read_ones = [way for way in ways if way[-1] in _NEEDED]
    way = draw(st.sampled_from(read_ones) | st.sampled_from(ways))
    after = copy.deepcopy(obj)
    other = recorded(draw(st.sampled_from(sorted(EXPECTED))))
    values = (
        st.sampled_from(WRONG_TYPES)
        | st.just(at_path(other, way))
        | st.just(_unwrapped(other, way))
    )
    spoil(draw, after, way, values)
    return obj, after, way


def _unwrapped(other: Json, way: Way) -> Any:
    """What stands at the same place of a subscription, whether an event holds it or not."""
    return at_path(subscription_in(other), way[2:] if way[:2] == ("data", "object") else way)


def states_access(obj: Any, at: datetime, price: str) -> bool:
    """Whether an object states, in its own words, that its plan may be used at this instant."""
    made = at_path(obj, ("data", "object")) if at_path(obj, ("object",)) == "event" else obj
    first = at_path(made, ("items", "data", 0))
    bounds = []
    for name in ("current_period_start", "current_period_end"):
        inside = at_path(first, (name,))
        bounds.append(at_path(made, (name,)) if inside is None else inside)
    if not all(type(bound) is int for bound in bounds):
        return False
    sold = at_path(first, ("price",)) or at_path(first, ("plan",))
    return (
        at_path(made, ("status",)) in GIVE_ACCESS
        and bounds[0] <= at.timestamp() < bounds[1]
        and at_path(made, ("ended_at",)) is None
        and price in (sold, at_path(sold, ("id",)))
        and type(at_path(first, ("quantity",))) is int
        and type(at_path(made, ("cancel_at_period_end",))) is bool
    )


@given(spoilt())
def test_a_spoilt_object_ends_in_a_value_or_a_typed_error(case: tuple[Json, Json, Way]) -> None:
    """Never another exception; and what is granted at that instant, the object itself states."""
    obj, after, _ = case
    catalog, prices = shop(obj)
    at = moment(obj)
    may, said = None, "a value"
    try:
        may = entitlements(subscription_from_stripe(after, prices, at=at, catalogs=[catalog]), at)
    except PlansError as error:
        said = str(error)
    assert said
    if may is not None and not states_access(after, at, next(iter(prices))):
        assert {feature for feature in Feature if may.allows(feature)} == FREE.features
        assert may.limit(Quota.seats) == FREE.limits[Quota.seats]
