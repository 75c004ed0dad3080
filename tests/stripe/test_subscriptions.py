"""Stripe's objects read as facts: every status, every shape, every trap seen in the field."""

from __future__ import annotations

import pickle
import types
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Account,
    AddPaymentMethod,
    BillingMode,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Currency,
    Cycle,
    Feature,
    InvalidTypeError,
    InvalidValueError,
    Line,
    LineKind,
    Money,
    OnFree,
    OnPaid,
    OnTrial,
    OutOfOrderError,
    PaymentRequiredNotice,
    Period,
    Plan,
    ScheduledChange,
    Standing,
    StartFree,
    StartTrial,
    Statement,
    Status,
    Subscription,
    advance,
    apply,
    entitlements,
    notices,
    open_account,
    preview,
    status,
    trial_eligibility,
    upcoming_invoice,
)
from chatim_plans.strategies import statements
from chatim_plans.stripe import (
    InvalidStripeError,
    NotPredictedError,
    account_from_stripe,
    actions_from_events,
    subscription_from_stripe,
)
from tests.stripe.refusals import refused_at
from tests.stripe.written_events import EventWriter
from tests.stripe.written_objects import (
    ANCHOR,
    AT,
    PERIOD,
    PRICES,
    SHAPES,
    Json,
    dearer_pro,
    event,
    item_object,
    month_from,
    on_trial,
    price_id,
    price_object,
    subscription_object,
    trial_from,
    unix,
    utc,
)

TRIAL = trial_from(ANCHOR)
MIDDLE = utc("2026-02-01T00:00")


def read(obj: object, **options: Any) -> Subscription:
    """The facts, read with the prices of the catalogue on 20 January."""
    return subscription_from_stripe(obj, PRICES, **{"at": AT, **options})


def paid(standing: Standing = Standing.good, **facts: Any) -> Subscription:
    """Pro with three seats, paid from 15 January, as of the 20th."""
    phase = OnPaid(Cycle(ANCHOR), PERIOD, standing)
    return evolve(Subscription(CHATIM, PRO, 3, AT, phase, was_invoiced=True), **facts)


def free(**facts: Any) -> Subscription:
    """Free with three seats, as of 20 January."""
    return evolve(Subscription(CHATIM, FREE, 3, AT, OnFree()), **facts)


def trialing(**facts: Any) -> Subscription:
    """In the trial of Pro from 15 January, as of the 20th."""
    trial: Json = {"phase": OnTrial(TRIAL.end), "tried_plan": "pro"}
    return Subscription(CHATIM, PRO, 3, AT, **trial | facts)


# --- The eight statuses ---
STATUSES: dict[str, Callable[[], Subscription]] = {
    "active": paid,
    "past_due": lambda: paid(Standing.past_due),
    "unpaid": lambda: paid(Standing.restricted),
    "paused": lambda: free(was_invoiced=True),
    "canceled": lambda: free(was_invoiced=True),
    "incomplete": free,
    "incomplete_expired": free,
}
GIVING_ACCESS = {"active", "past_due"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("status", STATUSES)
def test_each_status_in_each_shape(status: str, shape: str) -> None:
    """A1, D1, D2, P8: one table for all, whatever the year the object is of."""
    facts = read(subscription_object(status, shape=shape))
    assert facts == STATUSES[status]()
    may = entitlements(facts, AT)
    assert may.allows(Feature.visitor_export) is (status in GIVING_ACCESS)


def test_a_trial() -> None:
    """R1: `trialing` gives the plan, up to the trial's end."""
    facts = read(on_trial(TRIAL))
    assert facts == trialing()
    assert entitlements(facts, AT).allows(Feature.visitor_export)


def test_any_other_status_is_an_error() -> None:
    """A2: a status that nobody has heard of never reads as one that gives access."""
    with refused_at("subscription.status") as caught:
        read(subscription_object("thriving"))
    assert caught.value.expected.split(", ")[0] == "one of trialing"
    assert len(caught.value.expected.split(", ")) == 8


@pytest.mark.parametrize("wrap", [dict, types.MappingProxyType, lambda obj: event("x", obj, AT)])
def test_an_object_may_come_in_any_mapping_or_in_an_event(wrap: Callable[[Json], object]) -> None:
    """A webhook's event holds the whole object."""
    assert read(wrap(subscription_object())) == paid()


def test_an_object_of_stripe_python() -> None:
    """Since its version 13 it is no dict, and says itself what it is as one."""
    stripe = pytest.importorskip("stripe", reason="needs stripe, to make its objects")
    made = stripe.Subscription.construct_from(subscription_object(), "key")
    told = stripe.Event.construct_from(event("x", subscription_object(), AT), "key")
    assert read(made) == read(told) == read({"object": "event", "data": {"object": made}}) == paid()


# --- Trials ---
def test_the_end_of_a_trial_outlives_it() -> None:
    """R2: the status decides; that there was a trial is kept."""
    dates: Json = {"trial_start": unix(ANCHOR - timedelta(days=30)), "trial_end": unix(ANCHOR)}
    assert read(subscription_object(**dates)) == paid(tried_plan="pro")


@pytest.mark.parametrize("seconds", [0, 1, 86_400])
def test_a_trial_that_lapsed_is_marked(seconds: int) -> None:
    """R4: cancelled by Stripe at the trial's end, or a little later, and asked for by nobody."""
    over = TRIAL.end + timedelta(seconds=seconds)
    obj = on_trial(TRIAL, status="canceled", canceled_at=unix(over), ended_at=unix(over))
    facts = read(obj, at=over)
    assert (facts.phase, facts.was_invoiced) == (OnFree(trial_ended=True), False)


@pytest.mark.parametrize(
    ("asked", "ended"),
    [(AT, TRIAL.end), (AT, AT), (None, TRIAL.end)],
    ids=["during the trial, for its end", "at once", "nobody knows when"],
)
def test_a_trial_that_was_cancelled_is_not_marked(asked: Any, ended: Any) -> None:
    """R5: Free, and nothing was ever invoiced."""
    dates: Json = {"canceled_at": asked and unix(asked), "ended_at": unix(ended)}
    facts = read(on_trial(TRIAL, status="canceled", **dates), at=ended)
    assert (facts.phase, facts.was_invoiced, facts.tried_plan) == (OnFree(), False, "pro")


def test_a_trial_that_paused_is_marked() -> None:
    """R4: the other end that Stripe knows for a trial without a card."""
    cut = Period(TRIAL.start, TRIAL.end + timedelta(seconds=1))
    obj = on_trial(cut, status="paused", trial_end=unix(TRIAL.end))
    facts = read(obj, at=cut.end)
    assert (facts.phase, facts.was_invoiced) == (OnFree(trial_ended=True), False)


def test_a_trial_that_is_to_end_before_its_end() -> None:
    """Stripe's flexible mode: a cancellation cuts the trial short."""
    facts = read(on_trial(TRIAL, cancel_at=unix(MIDDLE)))
    assert (facts.phase, facts.scheduled_change) == (OnTrial(MIDDLE), ScheduledChange(FREE, MIDDLE))


def test_a_trial_that_goes_on_and_is_to_end_later() -> None:
    """P5: with an instant of its own."""
    later = utc("2026-12-24T00:00")
    facts = read(on_trial(TRIAL, cancel_at=unix(later), default_payment_method="pm_1"))
    assert facts.scheduled_change == ScheduledChange(FREE, later)
    assert entitlements(facts, later - timedelta(seconds=1)).status is Status.active
    assert entitlements(facts, later).status is Status.free


def test_a_trial_whose_period_ends_elsewhere_is_refused() -> None:
    """R3: in a trial the period is the trial."""
    with refused_at("subscription.trial_end"):
        read(on_trial(TRIAL, trial_end=unix(TRIAL.end) + 1))


# --- What waits ---
CANCELLED = {"cancel_at_period_end": True, "canceled_at": unix(AT) - 60}


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        (CANCELLED | {"cancel_at": unix(PERIOD.end)}, PERIOD.end),
        (CANCELLED, PERIOD.end),
        ({"cancel_at": unix(PERIOD.end)}, PERIOD.end),
        ({"cancel_at": unix(MIDDLE)}, MIDDLE),
        ({"cancel_at": unix(utc("2026-12-24T00:00"))}, utc("2026-12-24T00:00")),
        (CANCELLED | {"cancel_at": unix(MIDDLE)}, MIDDLE),
    ],
)
def test_a_cancellation_waits(fields: Json, end: Any) -> None:
    """P4: for the period's end or an instant of its own; of two, the earlier one."""
    facts = read(subscription_object(**fields))
    assert facts == paid(scheduled_change=ScheduledChange(FREE, end))
    assert entitlements(facts, end).plan == FREE


def schedule(*phases: tuple[Any, Any, Any, int], **fields: Any) -> Json:
    """A schedule of phases: start, end, price, quantity."""
    rows = [
        {
            "start_date": unix(start),
            "end_date": unix(end),
            "items": [{"price": price, "quantity": seats}],
        }
        for start, end, price, seats in phases
    ]
    made = {"id": "sub_sched_1", "object": "subscription_schedule", "subscription": "sub_1"}
    return {**made, "status": "active", "end_behavior": "release", "phases": rows, **fields}


NEXT = month_from(ANCHOR, 1)


def downgrade(price: object = "price_pro", **fields: Any) -> Json:
    """Ultimate to the end of the period, then another price."""
    now = (PERIOD.start, PERIOD.end, "price_ultimate", 3)
    return schedule(now, (NEXT.start, NEXT.end, price, 3), **fields)


@pytest.mark.parametrize("price", ["price_pro", price_object(PRO), price_object(PRO, "2018 plan")])
def test_the_next_phase_of_a_schedule_waits(price: object) -> None:
    """P3: expanded in the subscription, or given beside it."""
    waiting = ScheduledChange(PRO, PERIOD.end)
    held: Json = {"plan": ULTIMATE}
    inside = read(subscription_object(schedule=downgrade(price), **held))
    beside = read(
        subscription_object(schedule="sub_sched_1", **held),
        schedule=event("subscription_schedule.updated", downgrade(price), AT),
    )
    assert inside == beside == paid(plan=ULTIMATE, scheduled_change=waiting)


def test_a_schedule_in_the_words_of_2019() -> None:
    """Its phases had plans."""
    obj = downgrade()
    for phase in obj["phases"]:
        phase["plans"] = [{"plan": row["price"], "quantity": 3} for row in phase.pop("items")]
    facts = read(subscription_object(plan=ULTIMATE, schedule=obj))
    assert facts.scheduled_change == ScheduledChange(PRO, PERIOD.end)


def test_a_schedule_known_by_its_id_says_nothing() -> None:
    """Give it, or let Stripe expand it."""
    assert read(subscription_object(schedule="sub_sched_1")) == paid()


@pytest.mark.parametrize("status", ["completed", "released", "canceled"])
def test_nothing_waits_in_a_schedule_that_is_over(status: str) -> None:
    """P5: it is not in force."""
    obj = subscription_object(plan=ULTIMATE, schedule=downgrade(status=status))
    assert read(obj) == paid(plan=ULTIMATE)


def test_a_later_phase_with_other_seats_is_no_change_of_plan() -> None:
    """S5: seats change when they do."""
    obj = schedule(
        (PERIOD.start, PERIOD.end, "price_pro", 3), (NEXT.start, NEXT.end, "price_pro", 2)
    )
    assert read(subscription_object(schedule=obj)) == paid()


def test_a_schedule_that_ends_in_a_cancellation_waits_for_free() -> None:
    """P4: at the end of its last phase."""
    obj = schedule((PERIOD.start, NEXT.end, "price_pro", 3), end_behavior="cancel")
    facts = read(subscription_object(schedule=obj))
    assert facts == paid(scheduled_change=ScheduledChange(FREE, NEXT.end))


def test_a_cancellation_at_the_change_comes_first() -> None:
    """Nothing is read as more access: at one instant, Free."""
    obj = subscription_object(plan=ULTIMATE, schedule=downgrade(), cancel_at=unix(PERIOD.end))
    assert read(obj).scheduled_change == ScheduledChange(FREE, PERIOD.end)


# --- Payment methods ---
@pytest.mark.parametrize(
    ("fields", "on_file"),
    [
        ({"default_payment_method": "pm_1"}, True),
        ({"default_payment_method": {"id": "pm_1"}}, True),
        ({"default_source": "card_1"}, True),
        ({"customer": {"id": "cus_1", "default_source": "card_1"}}, True),
        (
            {"customer": {"id": "cus_1", "invoice_settings": {"default_payment_method": "pm_1"}}},
            True,
        ),
        ({"customer": {"id": "cus_1", "invoice_settings": {}}}, False),
        ({"customer": None}, False),
        ({}, False),
    ],
)
def test_whether_a_payment_method_is_on_file(fields: Json, *, on_file: bool) -> None:
    """D5: the subscription's own, or the customer's where it stands expanded."""
    assert read(subscription_object(**fields)).payment_method is on_file


# --- Traps ---
def test_a_collection_that_pauses_is_no_pause() -> None:
    """`pause_collection` leaves the status, and so the access, as they are."""
    obj = subscription_object(pause_collection={"behavior": "void", "resumes_at": None})
    assert read(obj) == paid()


@pytest.mark.parametrize("term", ["flexible", "classic"])
@pytest.mark.parametrize(
    ("stated", "mode"),
    [({"type": "flexible"}, "flexible"), ({"type": "classic"}, "classic"), (None, None)],
)
def test_the_billing_mode_is_stripes_own(stated: Json | None, mode: str | None, term: str) -> None:
    """B12: the catalogue's, where an older API version does not say it."""
    catalog = evolve(CHATIM, terms=evolve(CHATIM.terms, billing_mode=term))
    facts = read(subscription_object(billing_mode=stated), catalogs=[catalog])
    assert isinstance(facts.phase, OnPaid)
    assert facts.phase.billing_mode == (mode or term)


def test_an_unknown_billing_mode_is_refused() -> None:
    """A2: the error says which there are, and where it stood."""
    with refused_at("subscription.billing_mode.type", "one of flexible, classic"):
        read(subscription_object(billing_mode={"type": "elastic"}))


@pytest.mark.parametrize(
    ("method", "on_file"),
    [("send_invoice", True), ("charge_automatically", False), (None, False)],
)
def test_who_pays_by_invoice_has_a_way_of_paying_on_file(method: str | None, on_file: bool) -> None:
    """D7: without any default, in a paid plan and in a trial, which then goes on."""
    on_plan, tried = (
        read(obj)
        for obj in (
            subscription_object(collection_method=method),
            on_trial(TRIAL, collection_method=method),
        )
    )
    assert (on_plan.payment_method, tried.payment_method) == (on_file, on_file)
    assert status(tried, TRIAL.end) == ("active" if on_file else "trial_ended")
    required = any(isinstance(each, PaymentRequiredNotice) for each in notices(on_plan, AT))
    assert required is not on_file


@pytest.mark.parametrize("name", ["past_due", "unpaid"])
def test_since_when_an_account_is_overdue_is_not_known(name: str) -> None:
    """D6: no object says it, and no grace runs that nobody knows the end of."""
    catalog = evolve(CHATIM, terms=evolve(CHATIM.terms, grace_days=7))
    phase = read(subscription_object(name), catalogs=[catalog]).phase
    assert isinstance(phase, OnPaid)
    assert (phase.standing_since, phase.grace_end) == (None, None)


def test_a_past_due_period_has_moved_on() -> None:
    """D1: the new period has started, though nobody paid for it yet."""
    period = month_from(ANCHOR, 1)
    facts = read(
        subscription_object("past_due", period=period, anchor=ANCHOR), at=utc("2026-02-16T00:00")
    )
    assert facts.phase == OnPaid(Cycle(ANCHOR), period, Standing.past_due)


def test_the_bounds_may_stand_in_both_places() -> None:
    """Objects between two API versions carry both."""
    both: Json = {
        "current_period_start": unix(PERIOD.start),
        "current_period_end": unix(PERIOD.end),
    }
    assert read(subscription_object(**both)) == paid()


def item(**fields: Any) -> Json:
    """A list of one item that differs in some fields."""
    return {"data": [item_object(PRO, 3, PERIOD) | fields]}


def price(**fields: Any) -> Json:
    """A list of one item whose price differs in some fields."""
    return item(price=price_object(PRO) | fields)


ROW = "items.data[0]"
OF_THE_ITEM: dict[str, tuple[Json, str]] = {
    "no seats": ({"quantity": 0}, "quantity"),
    "seats unknown": ({"quantity": None}, "quantity"),
    "seats that are true": ({"quantity": True}, "quantity"),
    "seats beyond all numbers of Stripe's": ({"quantity": 10**5_000}, "quantity"),
    "an unknown price, by its id": ({"price": "price_x"}, "price"),
    "a period of five weeks": ({"current_period_end": unix(PERIOD.end) + 1}, "current_period_end"),
    "a period of the year 1": (
        {
            "current_period_start": unix(utc("0001-01-01")),
            "current_period_end": 1 - 62135596800 + 60,
        },
        "current_period_end",
    ),
    "a period turned round": ({"current_period_end": unix(PERIOD.start)}, "current_period_end"),
    "a period after the year 9999": ({"current_period_end": 10**20}, "current_period_end"),
    "a period a little after the year 9999": ({"current_period_end": 10**12}, "current_period_end"),
}
OF_THE_PRICE: dict[str, tuple[Json, str]] = {
    "an unknown price": ({"id": "price_x"}, "id"),
    "a price without an id": ({"id": None}, "id"),
    "another amount": ({"unit_amount": 1800}, "unit_amount"),
    "an amount that is true": ({"unit_amount": True}, "unit_amount"),
    "no amount": ({"unit_amount": None, "unit_amount_decimal": None}, "unit_amount"),
    "a part of a cent": (
        {"unit_amount": None, "unit_amount_decimal": "1900.5"},
        "unit_amount_decimal",
    ),
    "another currency": ({"currency": "eur"}, "currency"),
    "seats by the dozen": ({"transform_quantity": {"divide_by": 12}}, "transform_quantity"),
    "another interval": (
        {"recurring": {"interval": "year", "interval_count": 1}},
        "recurring.interval_count",
    ),
    "a week": ({"recurring": {"interval": "week", "interval_count": 1}}, "recurring.interval"),
    "a price for once": ({"recurring": None}, "interval"),
}
OF_THE_SCHEDULE: dict[str, tuple[Json, str]] = {
    "a schedule of an unknown status": (downgrade(status="asleep"), ".status"),
    "a phase of several items": (
        schedule() | {"phases": [{"start_date": unix(PERIOD.end), "items": [{}, {}]}]},
        ".phases[0].items",
    ),
    "a phase of an unknown price": (downgrade("price_x"), ".phases[1].items[0].price"),
    "a change and a cancellation in one schedule": (downgrade(end_behavior="cancel"), ".phases"),
}
REFUSED: dict[str, tuple[Json, str]] = {
    "no items": ({"items": {"data": []}}, "items"),
    "several items": ({"items": {"data": [{}, {}]}}, "items"),
    "items left out": ({"items": {"data": [], "has_more": True}}, "items.has_more"),
    "items that are none": ({"items": {"data": 3}}, "items.data"),
    "items that are a text": ({"items": "si_1"}, "items"),
    "a running one that ended": ({"ended_at": unix(AT)}, "ended_at"),
    "no anchor": ({"billing_cycle_anchor": None}, "billing_cycle_anchor"),
    "two periods": ({"current_period_end": unix(MIDDLE)}, "current_period_end"),
    "another currency of the subscription": ({"currency": "eur"}, "currency"),
    "two periods, beyond all numbers of Stripe's": (
        {"current_period_end": 1, "items": item(current_period_end=10**5_000)},
        f"{ROW}.current_period_end",
    ),
    "a cancellation that says nothing": ({"cancel_at_period_end": None}, "cancel_at_period_end"),
    "a cancellation in words": ({"cancel_at_period_end": "false"}, "cancel_at_period_end"),
    "a cancellation that is over": ({"cancel_at": unix(AT)}, "cancel_at"),
    "a cancellation in words, in a part period": (
        {
            "cancel_at_period_end": "false",
            "items": item(current_period_end=unix(PERIOD.end) - 1),
        },
        "cancel_at_period_end",
    ),
    "a payment method without an id": ({"default_payment_method": {}}, "default_payment_method.id"),
    "a change inside a period": (
        {"schedule": schedule((MIDDLE, NEXT.end, "price_ultimate", 3))},
        "schedule.phases[0].items[0].price",
    ),
    "a change before a cancellation": (
        {
            "schedule": schedule((PERIOD.end, NEXT.end, "price_ultimate", 3)),
            "cancel_at": unix(NEXT.end),
        },
        "schedule",
    ),
    **{
        name: ({"items": item(**fields)}, f"{ROW}.{path}")
        for name, (fields, path) in OF_THE_ITEM.items()
    },
    **{
        name: ({"items": price(**fields)}, f"{ROW}.price.{path}")
        for name, (fields, path) in OF_THE_PRICE.items()
    },
    **{
        name: ({"plan": ULTIMATE, "schedule": made}, f"schedule{path}")
        for name, (made, path) in OF_THE_SCHEDULE.items()
    },
}


@pytest.mark.parametrize(("fields", "path"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_by_its_path(fields: Json, path: str) -> None:
    """A2, P7: an error that names the field, and never more access than Stripe states."""
    with refused_at(f"subscription.{path}"):
        read(subscription_object(**fields))


def test_a_price_of_parts_of_a_cent_that_are_none() -> None:
    """Where `unit_amount` is null, its decimal tells the same."""
    for decimal in ("1900", "1900.", "1900.000"):
        obj = subscription_object(items=price(unit_amount=None, unit_amount_decimal=decimal))
        assert read(obj) == paid()


@pytest.mark.parametrize(
    ("obj", "path"),
    [
        (None, "subscription"),
        ("sub_1", "subscription"),
        ([], "subscription"),
        ({}, "subscription.object"),
        ({"object": "customer"}, "subscription.object"),
        ({"object": "event"}, "event.data"),
        ({"object": "event", "data": {"object": None}}, "event.data.object"),
        ({"object": "event", "data": {"object": {"object": "x"}}}, "event.data.object.object"),
        ({"object": "subscription"}, "subscription.items"),
    ],
)
def test_what_is_no_subscription_is_refused(obj: object, path: str) -> None:
    """Also inside an event."""
    with refused_at(path):
        read(obj)


def test_a_period_at_the_end_of_time_is_refused() -> None:
    """T3: the next boundary would lie after the year 9999."""
    last = utc("9999-12-01T00:00")
    bounds = {"current_period_start": unix(last), "current_period_end": unix(last) + 60}
    with refused_at(f"subscription.{ROW}.current_period_end"):
        read(subscription_object(billing_cycle_anchor=unix(last), items=item(**bounds)), at=last)


def test_an_instant_before_the_object_is_refused() -> None:
    """A2: of the time before its period it says nothing."""
    with pytest.raises(OutOfOrderError) as caught:
        read(subscription_object(), at=ANCHOR - timedelta(seconds=1))
    assert caught.value.earliest == ANCHOR


def test_an_object_that_is_too_old_is_refused() -> None:
    """Nor of the time after it: fetch it anew."""
    with refused_at(f"subscription.{ROW}.current_period_end"):
        read(subscription_object(), at=PERIOD.end)


def test_a_released_schedule_says_that_nothing_waits() -> None:
    """P5: it names the subscription that it was released from."""
    released = {"subscription": None, "released_subscription": "sub_1", "status": "released"}
    facts = read(subscription_object(plan=ULTIMATE), schedule=downgrade(**released))
    assert facts == paid(plan=ULTIMATE)


def test_a_schedule_of_before_2019() -> None:
    """What becomes of the subscription after it had another name."""
    old = schedule((PERIOD.start, NEXT.end, "price_pro", 3), end_behavior=None)
    for word, waits in [("release", None), ("cancel", ScheduledChange(FREE, NEXT.end))]:
        facts = read(subscription_object(schedule=old | {"renewal_behavior": word}))
        assert facts == paid(scheduled_change=waits)


def test_a_pause_without_a_trial() -> None:
    """A trial that never ended was none."""
    obj = subscription_object("paused", trial_start=unix(PERIOD.start))
    assert read(obj) == free(was_invoiced=True)


def test_a_schedule_of_another_subscription_is_refused() -> None:
    """A change that waits elsewhere is none of this account."""
    with refused_at("subscription_schedule.subscription"):
        read(subscription_object(plan=ULTIMATE), schedule=downgrade(subscription="sub_2"))


def test_prices_that_are_none_are_refused() -> None:
    """The caller's own mistake has the library's own errors."""
    unreadable: Any = [("price_pro", PRO)]
    with pytest.raises(InvalidTypeError):
        subscription_from_stripe(subscription_object(), unreadable, at=AT)
    words: Any = {"price_pro": "pro"}
    with pytest.raises(InvalidTypeError):
        subscription_from_stripe(subscription_object(), words, at=AT)


def test_a_price_of_free_is_no_price() -> None:
    """Free is no subscription."""
    with refused_at(f"subscription.{ROW}.price.id"):
        subscription_from_stripe(subscription_object(), {"price_pro": FREE}, at=AT)


def test_many_prices_are_not_all_said() -> None:
    """An error that lists a thousand prices is read by nobody."""
    prices = {f"price_{n}": PRO for n in range(1000)}
    with pytest.raises(InvalidStripeError) as caught:
        subscription_from_stripe(subscription_object(), prices, at=AT)
    assert caught.value.expected.endswith("price_11, …)")


# --- What costs something else takes no access away ---
def beside(*others: Json, **fields: Any) -> Json:
    """A subscription with other items beside that of the seats."""
    rows = [item_object(PRO, 3, PERIOD), *others]
    return subscription_object(**{"items": {"data": rows}, **fields})


USAGE: Json = {
    "id": "si_2",
    "price": {"id": "price_tokens", "recurring": {"usage_type": "metered"}},
}
ADD_ON: Json = {"id": "si_3", "price": {"id": "price_sms", "unit_amount": 500}, "quantity": 1}
OF_MONEY: dict[str, Json] = {
    "a coupon": {"discounts": ["di_1"]},
    "an old coupon": {"discount": {"id": "di_1"}},
    "taxes": {"automatic_tax": {"enabled": True}},
    "tax rates": {"default_tax_rates": [{"id": "txr_1"}]},
    "a threshold": {"billing_thresholds": {"amount_gte": 10_000}},
    "time billed in advance": {"billing_schedules": [{"key": "k"}]},
    "a change that waits for its payment": {"pending_update": {"expires_at": unix(MIDDLE)}},
    "a collection that pauses": {"pause_collection": {"behavior": "void", "resumes_at": None}},
    "lines invoiced each week": {"pending_invoice_item_interval": {"interval": "week"}},
}


@pytest.mark.parametrize("obj", [beside(USAGE), beside(ADD_ON), beside(USAGE, ADD_ON)])
def test_an_item_beside_the_seats_takes_no_access_away(obj: Json) -> None:
    """A1: the seats' own item says what is held."""
    assert read(obj) == paid()


@pytest.mark.parametrize("fields", OF_MONEY.values(), ids=OF_MONEY)
def test_what_changes_a_charge_takes_no_access_away(fields: Json) -> None:
    """A1: the facts are those without it."""
    assert read(subscription_object(**fields)) == paid()


def part_period(start: str, end: str, anchor: str, **fields: Any) -> Json:
    """A subscription in a period that is no whole month from its anchor."""
    period = Period(utc(start), utc(end))
    return subscription_object(period=period, anchor=utc(anchor), **fields)


FIRST = part_period("2026-01-15T09:00", "2026-02-01T00:00", "2026-02-01T00:00")
PARTS: dict[str, tuple[Json, str, str]] = {
    "up to the first of the month": (FIRST, "2026-02-01T00:00", "2026-03-01T00:00"),
    "up to the 31st": (
        part_period("2026-01-19", "2026-01-31", "2026-01-31"),
        "2026-01-31T00:00",
        "2026-02-28T00:00",
    ),
    "an anchor in the period": (
        subscription_object(billing_cycle_anchor=unix(MIDDLE)),
        "2026-02-15T09:00",
        "2026-03-15T09:00",
    ),
    "a second short": (
        subscription_object(items=item(current_period_end=unix(PERIOD.end) - 1)),
        "2026-02-15T08:59:59",
        "2026-03-15T08:59:59",
    ),
    "started later than its boundary": (
        part_period("2026-01-18", "2026-02-15T09:00", "2026-01-15T09:00"),
        "2026-02-15T09:00",
        "2026-03-15T09:00",
    ),
}


@pytest.mark.parametrize(("obj", "end", "next_end"), PARTS.values(), ids=PARTS)
def test_a_part_period_gives_its_plan_up_to_its_end_and_renews_there(
    obj: Json, end: str, next_end: str
) -> None:
    """A1, T3: the boundary is Stripe's, and the next ones fall on its day."""
    facts = read(obj)
    assert (facts.plan, facts.seats, facts.phase.end) == (PRO, 3, utc(end))
    assert entitlements(facts, utc(end) - timedelta(seconds=1)).valid_until == utc(end)
    after = entitlements(facts, utc(end))
    assert (after.plan, after.valid_until) == (PRO, utc(next_end))


@pytest.mark.parametrize("year", [2028, 2104])
@pytest.mark.parametrize("months", [1, 12])
def test_a_part_period_up_to_the_29th_of_february(year: int, months: int) -> None:
    """T3: that day comes again in a leap year only."""
    plan = evolve(PRO, interval_months=months)
    catalog = Catalog("intervals", (FREE, plan), CHATIM.terms)
    start, end = f"{year}-02-10", f"{year}-02-29"
    facts = subscription_from_stripe(
        part_period(start, end, end, plan=plan),
        {"price_pro": plan},
        at=utc(start),
        catalogs=[catalog],
    )
    assert facts.phase.end == utc(end)
    later = entitlements(facts, utc(end)).valid_until
    assert later == (utc(f"{year}-03-29") if months == 1 else utc(f"{year + 1}-02-28"))


def test_the_last_period_before_a_cancellation_is_a_part_of_a_whole_one() -> None:
    """P4: Stripe ends it with the cancellation; read before it and in it, the same waits."""
    end = utc("2026-04-01T00:00")
    before = subscription_object(cancel_at=unix(end))
    obj = part_period("2026-03-15T09:00", "2026-04-01", "2026-01-15T09:00", cancel_at=unix(end))
    inside = read(obj, at=utc("2026-03-20"))
    whole = month_from(ANCHOR, 2)
    assert inside.phase == OnPaid(Cycle(ANCHOR), whole)
    assert inside.scheduled_change == read(before).scheduled_change == ScheduledChange(FREE, end)
    assert entitlements(inside, end).plan == FREE


def test_a_phase_with_an_item_beside_the_seats_is_read() -> None:
    """P3: its own item says what waits."""
    made = downgrade()
    for phase in made["phases"]:
        phase["items"].insert(0, {"price": "price_tokens"})
    facts = read(subscription_object(plan=ULTIMATE, schedule=made))
    assert facts.scheduled_change == ScheduledChange(PRO, PERIOD.end)


def test_a_price_of_several_currencies_is_read_in_that_of_the_subscription() -> None:
    """C1: an edition in euros; Stripe's price itself is in dollars, as is that of what waits."""
    euro = Currency("EUR", 2)
    terms = evolve(CHATIM.terms, smallest_charge=Money(50, euro))
    plans = tuple(evolve(plan, price=Money(plan.price.amount, euro)) for plan in CHATIM.plans)
    catalog = Catalog("euro", plans, terms)
    prices = {f"price_{plan.key}": plan for plan in plans if not plan.is_free}
    obj = subscription_object(plan=ULTIMATE, currency="eur", schedule=downgrade(price_object(PRO)))
    facts = subscription_from_stripe(obj, prices, at=AT, catalogs=[catalog])
    assert (facts.plan, facts.scheduled_change) == (plans[2], ScheduledChange(plans[1], PERIOD.end))


@pytest.mark.parametrize(
    ("obj", "path"),
    [
        (beside(USAGE, created=unix(ANCHOR)), "items.data[1]"),
        (FIRST, "billing_cycle_anchor"),
        (PARTS["a second short"][0], f"{ROW}.current_period_end"),
    ],
)
def test_a_log_says_what_it_has_no_action_for(obj: Json, path: str) -> None:
    """Its invoices would be others than Stripe's, so reading over it is no way out there."""
    with refused_at(f"events[0].data.object.{path}"):
        actions_from_events([event("customer.subscription.created", obj, AT)], PRICES)


# --- What was known before ---
TRIED = free(tried_plan="pro", phase=OnFree(trial_ended=True), as_of=ANCHOR)


@pytest.mark.parametrize("status", ["incomplete", "incomplete_expired"])
def test_an_unpaid_start_grants_no_second_trial(status: str) -> None:
    """P8, R2: nothing has happened, so what was known goes on, with the team's seats."""
    facts = read(subscription_object(status, seats=5), before=TRIED)
    assert facts == evolve(TRIED, as_of=AT, seats=5)
    assert trial_eligibility(facts).reason == "had_trial"
    assert trial_eligibility(read(subscription_object(status))).eligible


@pytest.mark.parametrize("status", ["incomplete", "incomplete_expired"])
def test_an_unpaid_start_takes_nothing_away(status: str) -> None:
    """P8: who runs on another subscription goes on there, as time left it."""
    known = paid(as_of=ANCHOR, scheduled_change=ScheduledChange(FREE, MIDDLE), plan=ULTIMATE)
    obj = subscription_object(status, seats=5)
    assert read(obj, before=known) == evolve(known, as_of=AT)
    over = read(obj, before=known, at=MIDDLE)
    assert (over.plan, over.seats, over.as_of) == (FREE, 5, MIDDLE)


def test_a_trial_and_invoices_before_are_not_forgotten() -> None:
    """R2: an object knows of its own subscription alone."""
    before = free(tried_plan="ultimate", was_invoiced=True, as_of=ANCHOR)
    assert read(subscription_object(), before=before) == paid(tried_plan="ultimate")
    ended = on_trial(TRIAL, status="canceled", ended_at=unix(AT), canceled_at=unix(AT))
    assert read(ended, before=before) == free(tried_plan="pro", was_invoiced=True)
    assert read(ended) == free(tried_plan="pro")


def test_who_owes_still_owes() -> None:
    """D8: no object says so."""
    before = free(was_invoiced=True, as_of=ANCHOR, phase=OnFree(owes=True))
    over = read(subscription_object("canceled"), before=before)
    assert over == free(was_invoiced=True, phase=OnFree(owes=True))
    assert read(subscription_object(), before=before) == paid()


def overdue(standing: Standing, **dates: Any) -> Subscription:
    """Overdue on 15 January, in a period that was known."""
    return paid(as_of=ANCHOR, phase=OnPaid(Cycle(ANCHOR), PERIOD, standing, **dates))


@pytest.mark.parametrize(
    ("status", "before", "phase"),
    [
        (
            "past_due",
            {"standing": Standing.past_due, "standing_since": ANCHOR, "grace_end": MIDDLE},
            {"standing": Standing.past_due, "standing_since": ANCHOR, "grace_end": MIDDLE},
        ),
        (
            "past_due",
            {"standing": Standing.past_due, "standing_since": ANCHOR},
            {"standing": Standing.past_due, "standing_since": ANCHOR},
        ),
        (
            "past_due",
            {"standing": Standing.past_due, "standing_since": ANCHOR, "grace_end": AT},
            {"standing": Standing.restricted, "standing_since": AT},
        ),
        (
            "unpaid",
            {"standing": Standing.restricted, "standing_since": ANCHOR},
            {"standing": Standing.restricted, "standing_since": ANCHOR},
        ),
        (
            "unpaid",
            {"standing": Standing.past_due, "standing_since": ANCHOR, "grace_end": MIDDLE},
            {"standing": Standing.restricted},
        ),
        (
            "active",
            {"standing": Standing.past_due, "standing_since": ANCHOR, "grace_end": AT},
            {"standing": Standing.good},
        ),
    ],
    ids=["a grace runs", "no grace", "a grace ended", "restricted", "just restricted", "paid"],
)
def test_since_when_a_payment_is_overdue_is_not_forgotten(
    status: str, before: Json, phase: Json
) -> None:
    """D6: while Stripe says the same; a grace that ended has restricted."""
    facts = read(subscription_object(status), before=overdue(**before))
    assert facts == paid(phase=OnPaid(Cycle(ANCHOR), PERIOD, **phase))


@pytest.mark.parametrize("status", ["active", "incomplete", "canceled"])
def test_facts_of_a_later_time_are_not_taken_back(status: str) -> None:
    """T4: the object came late."""
    with pytest.raises(OutOfOrderError) as caught:
        read(subscription_object(status), before=paid(as_of=MIDDLE))
    assert caught.value.earliest == MIDDLE


def test_what_is_known_must_be_facts() -> None:
    """The caller's own mistake has the library's own error."""
    unreadable: Any = {"plan": "pro"}
    with pytest.raises(InvalidTypeError) as caught:
        read(subscription_object(), before=unreadable)
    assert caught.value.name == "before"


# --- Editions ---
def test_the_edition_is_the_first_that_sells_the_plan() -> None:
    """C5: an account keeps the edition that it was sold from."""
    old, new = CHATIM, dearer_pro()
    prices = {"price_pro": PRO, "price_pro_2027": new.plan("pro")}
    dear = price_object(new.plan("pro")) | {"id": "price_pro_2027"}
    cases: list[tuple[Json, Catalog]] = [({}, old), ({"items": item(price=dear)}, new)]
    for items, edition in cases:
        obj = subscription_object(**items)
        facts = subscription_from_stripe(obj, prices, at=AT, catalogs=[new, old])
        assert facts.catalog == edition


@pytest.mark.parametrize(
    ("held", "price_", "waits"),
    [(PRO, "price_pro_2027", None), (ULTIMATE, "price_pro_2027", ScheduledChange(PRO, PERIOD.end))],
)
def test_a_phase_at_the_price_of_another_edition_is_a_move_there(
    held: Plan, price_: str, waits: ScheduledChange | None
) -> None:
    """C5: from the next boundary on; a lower plan is matched by its key."""
    prices = {**PRICES, "price_pro_2027": dearer_pro().plan("pro")}
    obj = subscription_object(plan=held, schedule=downgrade(price_))
    facts = subscription_from_stripe(obj, prices, at=AT, catalogs=[CHATIM, dearer_pro()])
    assert facts == paid(plan=held, next_catalog=dearer_pro(), scheduled_change=waits)
    later = advance(Account(facts, (), Money(0, USD)), PERIOD.end).account.subscription
    assert (later.catalog, later.plan) == (dearer_pro(), dearer_pro().plan("pro"))


PHASE_PRICE = "subscription.schedule.phases[0].items[0].price"


@pytest.mark.parametrize(
    ("start", "key"), [(NEXT.end, "pro"), (PERIOD.end, "other")], ids=["later", "a new plan"]
)
@pytest.mark.parametrize("path", [PHASE_PRICE, f"{PHASE_PRICE}.id"], ids=["by its id", "expanded"])
def test_a_move_that_cannot_happen_is_refused(start: Any, key: str, path: str) -> None:
    """C5: at the next boundary only, and to a plan that both editions have; the price is named."""
    plan = evolve(PRO, key=key, price=Money(21_00, USD))
    edition = Catalog("2027", (FREE, plan, ULTIMATE), evolve(CHATIM.terms, trial_plan=key))
    given = "price_new" if path == PHASE_PRICE else price_object(plan) | {"id": "price_new"}
    obj = subscription_object(schedule=schedule((start, start + timedelta(days=30), given, 3)))
    with refused_at(path):
        subscription_from_stripe(
            obj, {**PRICES, "price_new": plan}, at=AT, catalogs=[CHATIM, edition]
        )


def test_a_phase_at_a_price_of_no_edition_is_refused() -> None:
    """C5: the price that waits is named, as one that is held would be."""
    prices = {**PRICES, "price_pro_2027": dearer_pro().plan("pro")}
    obj = subscription_object(plan=ULTIMATE, schedule=downgrade("price_pro_2027"))
    with refused_at("subscription.schedule.phases[1].items[0].price") as caught:
        subscription_from_stripe(obj, prices, at=AT)
    assert caught.value.given == "'pro' from 2026-02-15T09:00:00+00:00"


def test_a_plan_that_no_edition_sells_is_refused() -> None:
    """Give every catalogue ever sold."""
    prices = {"price_pro": dearer_pro().plan("pro")}
    dear = price(unit_amount=2100, unit_amount_decimal="2100")
    with pytest.raises(InvalidValueError) as caught:
        subscription_from_stripe(subscription_object(items=dear), prices, at=AT)
    assert caught.value.name == "catalogs"


def test_a_plan_by_the_year() -> None:
    """C6: twelve months, as twelve months or a year."""
    yearly = Plan("pro", Money(190_00, USD), 12, PRO.features, PRO.limits)
    catalog = Catalog("yearly", (FREE, yearly), CHATIM.terms)
    period = Period(ANCHOR, utc("2027-01-15T09:00"))
    months = {"interval": "month", "interval_count": 12}
    made = item_object(yearly, 3, period)
    for row in (made, made | {"price": price_object(yearly) | {"recurring": months}}):
        obj = subscription_object(plan=yearly, period=period, items={"data": [row]})
        facts = subscription_from_stripe(obj, {price_id(yearly): yearly}, at=AT, catalogs=[catalog])
        assert facts.phase == OnPaid(Cycle(ANCHOR, 12), period)


# --- An account with its money ---
def customer(**fields: Any) -> Json:
    """A customer who owes nothing."""
    made = {"id": "cus_1", "object": "customer", "balance": 0, "currency": "usd", "discount": None}
    return {**made, "invoice_settings": {"default_payment_method": "pm_1"}, **fields}


def pending(line: Line, shape: str = "2025 basil", **fields: Any) -> Json:
    """An invoice item that waits, for a line that waits."""
    words = {LineKind.unused_time: "Unused time on", LineKind.remaining_time: "Remaining time on"}
    made: Json = {
        "object": "invoiceitem",
        "amount": line.amount.amount,
        "currency": "usd",
        "date": unix(line.period.start),
        "description": f"{words[line.kind]} {line.seats} × Chatim",
        "invoice": None,
        "period": {"start": unix(line.period.start), "end": unix(line.period.end)},
        "proration": True,
        "quantity": line.seats,
    }
    key = f"price_{line.plan.key}"
    if shape == "2025 basil":
        made["pricing"] = {"price_details": {"price": key}, "unit_amount_decimal": None}
        made["parent"] = {"subscription_details": {"subscription": "sub_1"}}
    else:
        made["price"], made["subscription"] = price_object(line.plan), "sub_1"
    return made | fields


def waiting() -> Account:
    """Pro for three, then four, then two seats; a payment method and $5 to its credit."""
    account = Account(paid(payment_method=True), (), Money(5_00, USD))
    account = apply(account, ChangeSeats(4, at=AT + timedelta(hours=1))).account
    account = apply(account, ChangeSeats(2, at=AT + timedelta(hours=1))).account
    return apply(account, ChangeSeats(1, at=MIDDLE)).account


@pytest.mark.parametrize("shape", ["2020 price", "2025 basil"])
@pytest.mark.parametrize("wrap", [list, tuple, lambda rows: {"object": "list", "data": list(rows)}])
def test_an_account_is_read_with_its_money(
    shape: str, wrap: Callable[[list[Json]], object]
) -> None:
    """B7, S2: lines oldest first, the balance with the opposite sign."""
    account = waiting()
    newest_first = [pending(line, shape) for line in reversed(account.pending_lines)]
    obj = subscription_object(seats=1)
    read_ = account_from_stripe(obj, customer(balance=-500), wrap(newest_first), PRICES, at=MIDDLE)
    assert read_ == account


def test_a_preview_on_it_equals_the_charge() -> None:
    """B8: what is shown is what the account itself would be charged."""
    account = waiting()
    items = [pending(line) for line in reversed(account.pending_lines)]
    told = event("x", subscription_object(seats=1), MIDDLE)
    owner = event("customer.updated", customer(balance=-500), MIDDLE)
    upgrade = ChoosePlan(ULTIMATE, at=utc("2026-02-10T00:00"))
    seen = preview(account_from_stripe(told, owner, items, PRICES, at=MIDDLE), upgrade)
    assert seen == apply(account, upgrade)
    assert len(seen.invoices[0].lines) == 8


def test_a_credit_that_waits_is_a_part_of_the_charge_before_it() -> None:
    """B12: the first of the price of the seats; each later one of the latest charge that waits."""
    account = waiting()
    items = [pending(line) for line in reversed(account.pending_lines)]
    read_ = account_from_stripe(subscription_object(seats=1), customer(), items, PRICES, at=MIDDLE)
    credited = read_.pending_lines[::2]
    charges = read_.pending_lines[1::2]
    assert [(line.base, line.whole) for line in credited] == [
        (Money(57_00, USD), PERIOD),
        *((line.amount, line.period) for line in charges[:-1]),
    ]
    assert read_.standing_debit == charges[-1]


def pending_of(*counts: int) -> tuple[Account, list[Json]]:
    """Seats changed in one second, and the items of the lines that wait, the oldest first."""
    account = Account(paid(payment_method=True), (), Money(0, USD))
    for count in counts:
        account = apply(account, ChangeSeats(count, at=MIDDLE)).account
    return account, [pending(line) for line in account.pending_lines]


ORDERS: dict[str, list[int]] = {
    "as they were made": [0, 1, 2, 3],
    "the newest line first": [3, 2, 1, 0],
    "the newest change first": [2, 3, 0, 1],
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("counts", [(4, 2), (4, 3), (2, 4)])
@pytest.mark.parametrize("date", [{}, {"date": None}, {"date": unix(MIDDLE) + 1}])
def test_lines_of_one_date_are_of_changes_that_lead_to_the_seats_held(
    order: list[int], counts: tuple[int, ...], date: Json
) -> None:
    """S2, B5: a credit before its charge, a change before the one it led to, however listed."""
    account, items = pending_of(*counts)
    listed = [items[number] | date for number in order]
    obj = subscription_object(seats=counts[-1])
    assert account_from_stripe(obj, customer(), listed, PRICES, at=MIDDLE) == account


def test_a_pair_keeps_the_order_of_stripe_within_one_date() -> None:
    """A credit, then its charge: one that was listed so came back turned round, and was refused."""
    account, items = pending_of(4)
    read_ = account_from_stripe(subscription_object(seats=4), customer(), items, PRICES, at=MIDDLE)
    assert [line.kind for line in read_.pending_lines] == [
        LineKind.unused_time,
        LineKind.remaining_time,
    ]
    assert read_ == account


def test_changes_are_put_in_order_by_their_dates() -> None:
    """Of one proration date, as it can be pinned: the one that was made first comes first."""
    account, items = pending_of(4, 3)
    dated = [item | {"date": unix(MIDDLE) + n // 2} for n, item in enumerate(items)]
    for listed in (dated, dated[2:] + dated[:2], dated[::-1]):
        obj = subscription_object(seats=3)
        assert account_from_stripe(obj, customer(), listed, PRICES, at=MIDDLE) == account


def test_what_leads_nowhere_keeps_the_order_of_stripe() -> None:
    """Two credits of one date are refused, at the first that Stripe lists."""
    _, (credit, *_) = pending_of(4)
    with pytest.raises(InvalidStripeError, match="a credit before each charge"):
        account_from_stripe(subscription_object(), customer(), [credit, credit], PRICES, at=MIDDLE)


@pytest.mark.parametrize("mode", ["flexible", "classic"])
def test_without_a_charge_that_waits_no_debit_is_known(mode: str) -> None:
    """B12: what was debited earlier in the period stands in none of the three objects."""
    obj = subscription_object(billing_mode={"type": mode})
    assert account_from_stripe(obj, customer(), [], PRICES, at=AT).standing_debit is None


def test_credits_in_the_classic_mode_are_parts_of_the_price() -> None:
    """B12: whatever was charged before them in the period, and no debit stands."""
    phase = OnPaid(Cycle(ANCHOR), PERIOD, billing_mode=BillingMode.classic)
    account = Account(paid(payment_method=True, phase=phase), (), Money(0, USD))
    for count, hours in ((4, 1), (2, 2)):
        account = apply(account, ChangeSeats(count, at=AT + timedelta(hours=hours))).account
    items = [pending(line) for line in reversed(account.pending_lines)]
    obj = subscription_object(seats=2, billing_mode={"type": "classic"})
    at = account.subscription.as_of
    read_ = account_from_stripe(obj, customer(), items, PRICES, at=at)
    assert read_ == account
    assert read_.standing_debit is None
    assert [line.base.amount for line in read_.pending_lines[::2]] == [57_00, 76_00]


def test_a_line_over_nothing_is_told_by_its_words() -> None:
    """A change a second before the period's end: both lines round to nothing."""
    account = Account(paid(payment_method=True), (), Money(0, USD))
    account = apply(account, ChangeSeats(4, at=PERIOD.end - timedelta(seconds=1))).account
    items = [pending(line) for line in reversed(account.pending_lines)]
    at = account.subscription.as_of
    read_ = account_from_stripe(subscription_object(seats=4), customer(), items, PRICES, at=at)
    assert [line.amount.amount for line in read_.pending_lines] == [0, 0]
    assert read_ == account


def test_the_customer_of_before_2019() -> None:
    """Its balance was the account balance, and its card a source."""
    owner = customer(account_balance=500, default_source="card_1", invoice_settings=None)
    del owner["balance"]
    account = account_from_stripe(subscription_object(), owner, [], PRICES, at=AT)
    assert account == Account(paid(payment_method=True), (), Money(-5_00, USD))


def test_a_customer_that_was_never_charged_has_no_currency() -> None:
    """R1: in a trial, and nothing waits."""
    account = account_from_stripe(
        on_trial(TRIAL), customer(currency=None), {"data": []}, PRICES, at=AT
    )
    assert account == Account(trialing(payment_method=True), (), Money(0, USD))


def test_a_schedule_and_catalogues_are_passed_on() -> None:
    """The same arguments as for the subscription alone."""
    obj = subscription_object(plan=ULTIMATE, schedule="sub_sched_1")
    prices = {"price_ultimate": ULTIMATE, "price_pro": dearer_pro().plan("pro")}
    account = account_from_stripe(
        obj, customer(), [], prices, at=AT, schedule=downgrade(), catalogs=[dearer_pro(), CHATIM]
    )
    waits = ScheduledChange(dearer_pro().plan("pro"), PERIOD.end)
    assert account.subscription == paid(
        catalog=dearer_pro(), plan=ULTIMATE, payment_method=True, scheduled_change=waits
    )


def test_time_may_go_by_from_there() -> None:
    """B9: what was read is an account like any other."""
    account = waiting()
    items = [pending(line) for line in reversed(account.pending_lines)]
    read_ = account_from_stripe(
        subscription_object(seats=1), customer(balance=-500), items, PRICES, at=MIDDLE
    )
    assert advance(read_, NEXT.end) == advance(account, NEXT.end)


@given(statements(CHATIM), st.sampled_from(["2020 price", "2025 basil"]))
def test_any_account_reads_as_the_library_left_it(statement: Statement, shape: str) -> None:
    """B8: so a preview on what was read is the charge, and the next invoice is the next invoice."""
    account = statement.account
    facts = account.subscription
    if isinstance(facts.phase, OnFree) or facts.catalog != CHATIM or facts.next_catalog:
        return
    writer = EventWriter(CHATIM, shape, account=account)
    obj, waits = writer.stated(facts)
    owner = customer(balance=-account.credit_balance.amount, invoice_settings=None)
    if facts.payment_method:
        owner["invoice_settings"] = {"default_payment_method": "pm_1"}
    items = [pending(line, shape, subscription=obj["id"]) for line in account.pending_lines]
    for each in items:
        each["parent"] = None if shape == "2020 price" else {"subscription_details": each}
    newest_first = items[::-1]
    read_ = account_from_stripe(
        obj, owner, newest_first, PRICES, at=facts.as_of, schedule=waits, catalogs=[CHATIM]
    )
    assert read_ == as_stripe_tells_it(account, read_.subscription.tried_plan)
    assert next_charge(read_) == next_charge(account)
    again = account_from_stripe(
        obj, owner, newest_first, PRICES, at=facts.as_of, schedule=waits, before=account
    )
    assert again == account


def as_stripe_tells_it(account: Account, tried_plan: str | None) -> Account:
    """What of an account stands in Stripe's three objects.

    Not since when it is overdue, nor what was billed and debited before: of the debits only one
    that waits, so that the first credit reads as a part of the period (B12).
    """
    facts, lines = evolve(account.subscription, tried_plan=tried_plan), account.pending_lines
    if isinstance(facts.phase, OnPaid):
        whole = facts.phase.period
        facts = evolve(facts, phase=evolve(facts.phase, standing_since=None))
        first = [evolve(each, whole=whole, base=each.plan.charge(each.seats)) for each in lines[:1]]
        lines = (*first, *lines[1:])
    charges = [line for line in lines if line.kind is LineKind.remaining_time]
    debit = charges[-1] if charges else None
    return evolve(account, subscription=facts, pending_lines=lines, issued=(), standing_debit=debit)


def next_charge(account: Account) -> tuple[object, ...] | None:
    """What the next invoice charges; its number and what a credit is a part of stand nowhere."""
    upcoming = upcoming_invoice(account)
    if upcoming is None:
        return None
    lines = [
        (each.kind, each.plan, each.seats, each.period, each.amount) for each in upcoming.lines
    ]
    balance = (upcoming.credit_before, upcoming.amount_due, upcoming.credit_after)
    return upcoming.issued_at, upcoming.cause, lines, balance


def one_line(**fields: Any) -> list[Json]:
    """One item that waits."""
    return [pending(waiting().pending_lines[0], "2020 price", **fields)]


OF_THE_CUSTOMER: dict[str, tuple[Json, str]] = {
    "another customer": ({"id": "cus_2"}, "id"),
    "a customer that is none": ({"object": "account"}, "object"),
    "another currency": ({"currency": "eur"}, "currency"),
    "a balance beyond all numbers of Stripe's": ({"balance": -(10**5_000)}, "balance"),
    "a balance in words": ({"balance": "5"}, "balance"),
    "a coupon": ({"discount": {"id": "di_1"}}, "discount"),
}
OF_WHAT_WAITS: dict[str, tuple[Json, str]] = {
    "an item beyond all numbers of Stripe's": ({"amount": 10**5_000}, ".amount"),
    "a coupon on what waits": ({"discounts": ["di_1"]}, ".discounts"),
    "an item that is invoiced": ({"invoice": "in_1"}, ".invoice"),
    "an item of its own": ({"proration": False}, ".proration"),
    "an item of another subscription": ({"subscription": "sub_2"}, ".subscription"),
    "an item of no subscription": ({"subscription": None}, ".subscription"),
    "an item in another currency": ({"currency": "eur"}, ".currency"),
    "an item of another amount": ({"amount": -1}, ""),
    "an item of another period": ({"period": {"start": unix(AT), "end": unix(NEXT.end)}}, ""),
}
NOT_AN_ACCOUNT: dict[str, tuple[dict[str, Any], str]] = {
    "a customer that was deleted": (
        {"customer": {"id": "cus_1", "object": "customer", "deleted": True}},
        "customer.balance",
    ),
    "a coupon on the item": (
        {"subscription": subscription_object(items=item(discounts=["di_1"]))},
        "subscription.items.data[0].discounts",
    ),
    "a coupon on the subscription": (
        {"subscription": subscription_object(discounts=["di_1"])},
        "subscription.discounts",
    ),
    "items that are none": ({"items": None}, "pending_items"),
    "items left out": ({"items": {"data": [], "has_more": True}}, "pending_items.has_more"),
    "a charge without its credit": (
        {"items": [pending(waiting().pending_lines[1])]},
        "pending_items",
    ),
    "an item off a paid plan": (
        {"subscription": subscription_object("canceled"), "items": one_line()},
        "pending_items",
    ),
    **{
        name: ({"customer": customer(**fields)}, f"customer.{path}")
        for name, (fields, path) in OF_THE_CUSTOMER.items()
    },
    **{
        name: ({"items": one_line(**fields)}, f"pending_items[0]{path}")
        for name, (fields, path) in OF_WHAT_WAITS.items()
    },
}


NOT_THIS_CUSTOMER = {"another customer", "a customer that is none"}


@pytest.mark.parametrize("name", NOT_AN_ACCOUNT)
def test_what_is_no_account_of_this_library_is_refused(name: str) -> None:
    """B8: a preview that would differ from the charge is not made; the facts are there, unless
    the objects are of two customers.
    """
    given, path = NOT_AN_ACCOUNT[name]
    parts = {"subscription": subscription_object(), "customer": customer(), "items": []} | given
    kind = InvalidStripeError if name in NOT_THIS_CUSTOMER else NotPredictedError
    with refused_at(path) as caught:
        account_from_stripe(parts["subscription"], parts["customer"], parts["items"], PRICES, at=AT)
    assert type(caught.value) is kind
    if isinstance(caught.value, NotPredictedError):
        held = read(parts["subscription"])
        on_file = held.payment_method or "invoice_settings" in parts["customer"]
        assert caught.value.subscription == evolve(held, payment_method=on_file)


# --- What is not predicted ---
def causes(obj: Json, owner: Json | None = None, items: object = (), **options: Any) -> list[str]:
    """The paths of all for which an account is not predicted."""
    with pytest.raises(NotPredictedError) as caught:
        account_from_stripe(obj, owner or customer(), items, PRICES, **{"at": AT, **options})
    error = caught.value
    first = error.causes[0]
    assert (error.path, error.expected, error.given) == (first.path, first.expected, first.given)
    assert error.subscription.as_of == options.get("at", AT)
    return [cause.path for cause in error.causes]


NOT_PREDICTED: dict[str, tuple[Json, str]] = {
    **{
        name: (subscription_object(**fields), next(iter(fields)))
        for name, fields in OF_MONEY.items()
        if name != "taxes"
    },
    "taxes": (subscription_object(**OF_MONEY["taxes"]), "automatic_tax.enabled"),
    "Stripe as the seller": (
        subscription_object(managed_payments={"enabled": True}),
        "managed_payments.enabled",
    ),
    "a tax in percent": (subscription_object(tax_percent=20.0), "tax_percent"),
    "a coupon on the item": (beside(items=item(discounts=["di_1"])), f"{ROW}.discounts"),
    "tax rates of the item": (beside(items=item(tax_rates=["txr_1"])), f"{ROW}.tax_rates"),
    "a threshold of the item": (
        beside(items=item(billing_thresholds={"usage_gte": 5})),
        f"{ROW}.billing_thresholds",
    ),
    "usage": (beside(USAGE), "items.data[1]"),
    "an add-on in a trial": (
        on_trial(TRIAL, items={"data": [ADD_ON, item_object(PRO, 3, TRIAL)]}),
        "items.data[0]",
    ),
    "a first period up to an anchor": (FIRST, "billing_cycle_anchor"),
    "a period that began late": (
        PARTS["started later than its boundary"][0],
        f"{ROW}.current_period_end",
    ),
    "a cancellation inside the period": (subscription_object(cancel_at=unix(MIDDLE)), "cancel_at"),
    "a cancellation inside a later period": (
        subscription_object(cancel_at=unix(utc("2026-04-01"))),
        "cancel_at",
    ),
    "a cancellation inside a period after the trial": (
        on_trial(TRIAL, cancel_at=unix(utc("2026-04-01"))),
        "cancel_at",
    ),
    "a cancellation in the last days there are": (
        on_trial(TRIAL, cancel_at=unix(utc("9999-12-31"))),
        "cancel_at",
    ),
    "a schedule that ends inside a period": (
        subscription_object(
            schedule=schedule(
                (PERIOD.start, utc("2026-04-01"), "price_pro", 3), end_behavior="cancel"
            )
        ),
        "schedule",
    ),
    "a schedule by its id": (subscription_object(schedule="sub_sched_1"), "schedule"),
    "other seats from a later phase on": (
        subscription_object(
            schedule=schedule(
                (PERIOD.start, PERIOD.end, "price_pro", 3), (NEXT.start, NEXT.end, "price_pro", 2)
            )
        ),
        "schedule.phases[1].items[0].quantity",
    ),
}


@pytest.mark.parametrize(("obj", "path"), NOT_PREDICTED.values(), ids=NOT_PREDICTED)
def test_what_stripe_charges_otherwise_is_named(obj: Json, path: str) -> None:
    """B8: by its path, and alone, with the facts that give access."""
    assert causes(obj) == [f"subscription.{path}"]


def test_what_is_switched_off_changes_no_charge() -> None:
    """Objects state most of these fields, with nothing in them."""
    off: Json = dict.fromkeys([
        "pause_collection",
        "pending_update",
        "billing_thresholds",
        "discount",
    ])
    off |= {"discounts": [], "default_tax_rates": [], "billing_schedules": []}
    off |= {"automatic_tax": {"enabled": False, "liability": None}, "tax_percent": 0.0}
    account = account_from_stripe(subscription_object(**off), customer(), [], PRICES, at=AT)
    assert account.subscription == paid(payment_method=True)


def test_all_causes_are_named() -> None:
    """B8: of the subscription, its items, the schedule, the customer and what waits, in order."""
    later = downgrade()
    later["phases"][1] |= {"discounts": [{"coupon": "co_1"}], "add_invoice_items": [{"price": "x"}]}
    later["phases"][1]["items"][0]["tax_rates"] = ["txr_1"]
    later["phases"][1]["items"].append({"price": "price_tokens"})
    obj = beside(
        USAGE,
        automatic_tax={"enabled": True},
        items={"data": [item_object(ULTIMATE, 3, PERIOD) | {"discounts": ["di_1"]}, USAGE]},
        discounts=["di_2"],
        schedule=later,
    )
    owner = customer(discount={"id": "di_3"})
    items = one_line(discounts=["di_4"], proration=False)
    assert causes(obj, owner, items) == [
        "subscription.items.data[1]",
        "subscription.discounts",
        "subscription.automatic_tax.enabled",
        "subscription.items.data[0].discounts",
        "subscription.schedule.phases[1].add_invoice_items",
        "subscription.schedule.phases[1].discounts",
        "subscription.schedule.phases[1].items[0].tax_rates",
        "subscription.schedule.phases[1].items[1]",
        "customer.discount",
        "pending_items[0].proration",
        "pending_items[0].discounts",
    ]


def test_a_sentence_names_every_cause() -> None:
    """Each says what was expected, where, and why."""
    obj = subscription_object(discounts=["di_1"], pause_collection={"behavior": "void"})
    with pytest.raises(NotPredictedError) as caught:
        account_from_stripe(obj, customer(), [], PRICES, at=AT)
    assert str(caught.value) == (
        "not predicted: subscription.pause_collection: expected null: while it is set, invoices"
        " are not collected, got an object; subscription.discounts: expected none: this library"
        " knows no coupons, got a list"
    )
    twin = pickle.loads(pickle.dumps(caught.value))
    assert (type(twin), str(twin)) == (NotPredictedError, str(caught.value))
    assert twin.subscription == caught.value.subscription


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_cancellation_at_a_later_boundary_is_predicted(n: int) -> None:
    """P4: two whole periods on, there are two more invoices and no other."""
    end = Cycle(ANCHOR).boundary(n)
    obj = subscription_object(cancel_at=unix(end))
    account = account_from_stripe(obj, customer(), [], PRICES, at=AT)
    issued = advance(account, utc("2026-12-01")).invoices
    assert [invoice.amount_due.amount for invoice in issued] == [57_00] * (n - 1)


@pytest.mark.parametrize("status", ["canceled", "paused", "incomplete"])
def test_what_a_subscription_had_that_bills_no_more_changes_no_charge(status: str) -> None:
    """B8: on Free the next charge is of a new subscription."""
    obj = subscription_object(status, discounts=["di_1"], schedule="sub_sched_1", cancel_at=1)
    assert account_from_stripe(obj, customer(), [], PRICES, at=AT).subscription.plan == FREE
    assert causes(obj, customer(discount={"id": "di_1"})) == ["customer.discount"]


# --- Whose account it is ---
@pytest.mark.parametrize("stated", [{}, {"customer_account": None}, {"customer_account": "acct_1"}])
def test_a_customer_of_the_second_version_of_accounts(stated: Json) -> None:
    """The payer is an account there, which the customer names if the version knows it."""
    obj = subscription_object(customer=None, customer_account="acct_1")
    account = account_from_stripe(obj, customer(**stated), [], PRICES, at=AT)
    assert account.subscription == paid(payment_method=True)
    with refused_at("customer.customer_account", "acct_1, the subscription's customer"):
        account_from_stripe(obj, customer(customer_account="acct_2"), [], PRICES, at=AT)


def test_a_subscription_of_nobody_is_refused() -> None:
    """Neither a customer nor an account."""
    with refused_at("subscription.customer"):
        account_from_stripe(subscription_object(customer=None), customer(), [], PRICES, at=AT)


# --- The account as known before ---
def known_account() -> Account:
    """Pro for three, paid on 15 January, then five and four seats, with a renewal to come."""
    account = open_account(StartFree(at=ANCHOR)).account
    account = apply(account, AddPaymentMethod(at=ANCHOR)).account
    account = apply(account, ChoosePlan(PRO, 3, at=ANCHOR)).account
    account = apply(account, ChangeSeats(5, at=AT)).account
    account = apply(account, ChoosePlan(ULTIMATE, at=AT + timedelta(days=1))).account
    return apply(account, ChangeSeats(4, at=AT + timedelta(days=2))).account


def test_what_was_known_of_the_money_is_kept() -> None:
    """B12, B14: the invoices by number, and that the credit is a part of what was debited."""
    account = known_account()
    items = [pending(line) for line in reversed(account.pending_lines)]
    obj = subscription_object(plan=ULTIMATE, seats=4)
    at = account.subscription.as_of
    plain = account_from_stripe(obj, customer(), items, PRICES, at=at)
    assert (plain.issued, plain == account) == ((), False)
    assert account_from_stripe(obj, customer(), items, PRICES, at=at, before=account) == account


def test_time_goes_by_for_what_was_known() -> None:
    """B9, B14: a renewal between counts; then nothing waits and the new period's debit is known."""
    account, at = known_account(), NEXT.start + timedelta(days=1)
    obj = subscription_object(plan=ULTIMATE, seats=4, period=NEXT, anchor=ANCHOR)
    read_ = account_from_stripe(obj, customer(), [], PRICES, at=at, before=account)
    later = advance(account, at).account
    assert read_ == later
    assert len(read_.issued) == 3
    assert read_.standing_debit is not None


@pytest.mark.parametrize(
    "fields", [{"seats": 6}, {"plan": PRO}, {"period": NEXT, "anchor": NEXT.start}]
)
def test_what_changed_since_is_not_taken_for_known(fields: Json) -> None:
    """B12: the debit is another one, and what was invoiced stays invoiced."""
    account = evolve(known_account(), pending_lines=(), standing_debit=None)
    account = advance(account, PERIOD.end).account
    at = NEXT.start + timedelta(days=1)
    facts: Json = {"plan": ULTIMATE, "seats": 4, "period": NEXT, "anchor": ANCHOR} | fields
    if facts["anchor"] != ANCHOR:
        facts["period"] = Period(NEXT.start - timedelta(days=1), NEXT.end - timedelta(days=1))
        facts["anchor"] = facts["period"].start
        at = facts["period"].end - timedelta(days=2)
    obj = subscription_object(**facts)
    read_ = account_from_stripe(obj, customer(), [], PRICES, at=at, before=account)
    assert (read_.issued, read_.standing_debit) == (account.issued, None)
    assert account.standing_debit is not None


def test_while_a_start_is_unpaid_the_account_goes_on() -> None:
    """P8: with the balance that Stripe has."""
    account = open_account(StartTrial(3, at=ANCHOR - timedelta(days=60))).account
    obj = subscription_object("incomplete", seats=5)
    read_ = account_from_stripe(obj, customer(balance=-500), [], PRICES, at=AT, before=account)
    expected = advance(account, AT).account
    facts = evolve(expected.subscription, seats=5, payment_method=True, as_of=AT)
    assert read_ == evolve(expected, subscription=facts, credit_balance=Money(5_00, USD))


def test_an_account_known_later_or_none_at_all_is_refused() -> None:
    """T4; and the caller's own mistake has the library's own error."""
    account = known_account()
    with pytest.raises(OutOfOrderError):
        account_from_stripe(subscription_object(), customer(), [], PRICES, at=AT, before=account)
    facts: Any = paid()
    with pytest.raises(InvalidTypeError) as caught:
        account_from_stripe(subscription_object(), customer(), [], PRICES, at=AT, before=facts)
    assert caught.value.name == "before"
