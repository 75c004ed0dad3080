"""A log that always reads: the account, its actions, and where it departs from what is modelled."""

from __future__ import annotations

import contextlib
import copy
import json
import re
from pathlib import Path
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
    Action,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    InvalidTypeError,
    Money,
    OnPaid,
    PaymentSucceeded,
    Period,
    Plan,
    StartFree,
    Subscription,
    advance,
    entitlements,
    open_account,
    replay,
)
from chatim_plans.stripe import (
    InvalidStripeError,
    StripeHistory,
    actions_from_events,
    history_from_events,
    subscription_of_customer,
)
from tests.accounts import repriced
from tests.stripe.refusals import refused_at
from tests.stripe.spoiling import WRONG_TYPES, at_path, paths, spoil
from tests.stripe.stories import (
    BEGUN,
    BOUGHT,
    CREATED,
    DAY,
    FEBRUARY,
    JANUARY,
    LATER,
    PAID,
    SECOND,
    START,
    TRIAL,
    TRIED,
    Said,
    actions,
    attached,
    canceled,
    converted,
    created,
    deleted,
    failed,
    log,
    paid,
    trial,
    trial_object,
    updated,
)
from tests.stripe.test_events import NO_ACTION
from tests.stripe.wild_stripe import GIVE_ACCESS, WildStripe
from tests.stripe.written_events import EventWriter, lived, prices_of, told
from tests.stripe.written_objects import (
    PRICES,
    Json,
    event,
    from_unix,
    month_from,
    subscription_object,
    unix,
    utc,
)


def history(*said: Said) -> StripeHistory:
    """What a log of these events tells."""
    return history_from_events(log(*said), PRICES)


@given(told())
def test_a_log_of_what_is_modelled_departs_from_nothing(
    case: tuple[Catalog, EventWriter, Any, list[Json]],
) -> None:
    """The actions are those of the strict reader, and the invoices those that were issued."""
    catalog, _writer, _until, log_ = case
    read = history_from_events(log_, prices_of(catalog), catalog=catalog)
    assert read.departures == ()
    assert read.actions == actions_from_events(log_, prices_of(catalog), catalog=catalog)
    assert read.not_predicted == ()
    if read.account is not None:
        at = read.account.subscription.as_of
        known = replay(read.actions, at, catalog)
        assert (read.account, read.invoices) == (known.account, known.invoices)


# What holds after each: seats, plan, status; and the rule it departs from.
AFTER: dict[str, tuple[str, str | None]] = {
    "an end before the beginning": ("3 x free 0.00 USD, free", None),
    "a status of nobody's": ("1 x free 0.00 USD, free", None),
    "another customer": ("3 x free 0.00 USD, free", None),
    "unpaid to the end of its period, and paid then": ("3 x pro 19.00 USD, active", "D3"),
    "a test clock": ("3 x pro 19.00 USD, active", None),
    "a status that is a list": ("1 x free 0.00 USD, free", None),
    "a log that lacks its beginning": ("3 x ultimate 39.00 USD, active", None),
    "a creation that was told a period late": ("3 x pro 19.00 USD, active", "P2"),
    "a trial of another plan": ("3 x ultimate 39.00 USD, trialing", "R1"),
    "bought anew where what was not paid has not ended": ("3 x pro 19.00 USD, active", "D2"),
    "a start before the end of what was paid": ("3 x pro 19.00 USD, active", "P2"),
    "a second trial, after one that lapsed": ("3 x pro 19.00 USD, trialing", "P7"),
    "a trial after what was paid": ("3 x pro 19.00 USD, trialing", "R2"),
    "a second trial": ("3 x pro 19.00 USD, trialing", "P7"),
    "a downgrade inside a period": ("3 x pro 19.00 USD, active", "P3"),
    "a payment of nobody knows how much": ("1 x free 0.00 USD, free", None),
    "two at a time": ("3 x pro 19.00 USD, active", "P7"),
    "another anchor": ("3 x pro 19.00 USD, active", "T3"),
    "another anchor, with a higher plan": ("3 x ultimate 39.00 USD, active", "T3"),
    "a cancellation for a later period": (
        "3 x pro 19.00 USD, active",
        "P4",
    ),
    "a lower plan at a later boundary": (
        "3 x ultimate 39.00 USD, active",
        "P4",
    ),
    "an end of a schedule at a later boundary": ("3 x ultimate 39.00 USD, active", "P4"),
    "a higher plan that waits": (
        "3 x pro 19.00 USD, active",
        "P1",
    ),
    "a higher plan that waited": ("3 x ultimate 39.00 USD, active", "P1"),
    "a cancellation inside a period": ("3 x pro 19.00 USD, active", "P4"),
    "a pause of what was paid": ("3 x free 0.00 USD, free", "P7"),
}


LIBRARY = ": what this library has an action for, got "
EXPECTED = {
    "a trial of another plan": "'pro' to the trial's end" + LIBRARY,
    "a trial after what was paid": "no trial after 3 x pro 19.00 USD, active" + LIBRARY,
    "a second trial, after one that lapsed": LIBRARY[2:] + "refused: ",
    "unpaid to the end of its period, and paid then": (
        "Free, because its period ended unpaid" + LIBRARY
    ),
    "a creation that was told a period late": (
        f"{FEBRUARY.start.isoformat()}: what was before ended" + LIBRARY
    ),
    "a downgrade inside a period": "'ultimate' to the period's end" + LIBRARY,
    "two at a time": "no other subscription than sub_1, which runs" + LIBRARY,
    "a cancellation inside a period": f"the end of the period, {JANUARY.end}" + LIBRARY,
    "a pause of what was paid": "no pause of a paid plan" + LIBRARY,
    "a higher plan that waits": "no higher plan that waits: it holds at once" + LIBRARY,
    "a higher plan that waited": "'pro', as no higher plan waits" + LIBRARY,
    "bought anew where what was not paid has not ended": (
        "no start before sub_1 was paid" + LIBRARY
    ),
    "a start before the end of what was paid": (
        "an instant after the end of what was paid before" + LIBRARY
    ),
    "a test clock": "null: events of a test clock do not bear its time, got ",
    "another customer": "cus_1: a log is of one customer, got ",
    "a log that lacks its beginning": "one whose creation the log holds, too, got ",
}


@pytest.mark.parametrize("name", NO_ACTION)
def test_what_no_action_says_is_a_departure(name: str) -> None:
    """It is named, and the account is what Stripe's own object says it is."""
    (said, path), (holds, rule) = NO_ACTION[name], AFTER[name]
    read = history(*said)
    (departure,) = read.departures
    assert (departure.path, departure.rule) == (f"events{path}", rule)
    assert departure.reason.startswith(f"expected {EXPECTED.get(name, '')}")
    assert read.account is not None
    assert str(read.account.subscription) == holds


# --- Editions ---
LATER_EDITION = lived(repriced(pro=21_00, ultimate=45_00))
BOTH = {**PRICES, **prices_of(LATER_EDITION)}


@given(told(LATER_EDITION))
def test_a_log_is_followed_from_edition_to_edition(
    case: tuple[Catalog, EventWriter, Any, list[Json]],
) -> None:
    """C5: as the calls of a move write it, and however the account was moved."""
    catalog, writer, _, log_ = case
    read = history_from_events(log_, BOTH, catalog=catalog, editions=[LATER_EDITION])
    assert read.departures == ()
    assert [*read.invoices, *read.not_predicted] == writer.invoices or read.account is None


# --- Access ---
RANKS = ("free", "pro", "ultimate")


@given(st.data())
def test_access_is_right_after_every_event(data: st.DataObject) -> None:
    """A1: what Stripe's objects grant then, in a life that follows no rule; told in any order."""
    stripe = WildStripe(data.draw)
    for _ in range(data.draw(st.integers(1, 10))):
        stripe.live(1)
        if not stripe.events:
            continue
        read = history_from_events(data.draw(st.permutations(stripe.events)), PRICES)
        assert read.account is not None
        fetched = subscription_of_customer(list(stripe.objects.values()), PRICES, at=stripe.now)
        for facts in (read.account.subscription, fetched):
            assert entitlements(facts, stripe.now).plan.key == stripe.granted()


@given(st.data())
def test_a_spoilt_log_grants_no_more_than_it_states(data: st.DataObject) -> None:
    """Whatever was dropped or put in another's place: departures, or a typed error."""
    stripe = WildStripe(data.draw)
    stripe.live(data.draw(st.integers(1, 10)))
    spoilt = copy.deepcopy(stripe.events)
    for _ in range(data.draw(st.integers(1, 3)) if spoilt else 0):
        chosen = data.draw(st.sampled_from(spoilt))
        way = data.draw(st.sampled_from(list(paths(chosen)) or [("data",)]))
        spoil(data.draw, chosen, way, st.sampled_from([*WRONG_TYPES, *ODD]).map(copy.deepcopy))
    granting = [each for each in spoilt if at_path(each, STATUS) in tuple(GIVE_ACCESS)]
    words = [at_path(each, way) for each in granting for way in paths(each)]
    stated = [key for key in RANKS[1:] if f"price_{key}" in words]
    with contextlib.suppress(InvalidStripeError):
        actions_from_events(spoilt, PRICES)
    path, read = "", StripeHistory(None, (), (), (), ())
    try:
        read = history_from_events(spoilt, PRICES)
    except InvalidStripeError as error:
        path = error.path
    assert not path or NO_EVENT.fullmatch(path)
    if read.account is not None:
        facts = read.account.subscription
        held = entitlements(facts, facts.as_of).plan.key
        assert RANKS.index(held) <= max(map(RANKS.index, stated), default=0)


NO_EVENT = re.compile(r"events\[\d+\](\.(object|id|type|created|data|data\.object))?")


STATUS = ("data", "object", "status")
ODD: list[Any] = [
    *(-62_135_596_800, -62_135_596_801, 253_370_764_800, 253_402_300_799, 253_402_300_800, 2**62),
    *("canceled", "unpaid", "trialing", "price_pro", "price_ultimate", "sub_1", "sub_9"),
]


# --- From what was stored ---
@given(told(), st.data())
def test_a_log_goes_on_from_an_account_that_was_stored(
    case: tuple[Catalog, EventWriter, Any, list[Json]], data: st.DataObject
) -> None:
    """Cut between any two seconds, and with the last of before told again, it leads to the same.

    Those of the very second that the account stands at are read again: an event of it may be new.
    """
    catalog, writer, _, _ = case
    prices, seconds = prices_of(catalog), sorted({event["created"] for event in writer.events})
    if len(seconds) < 2:
        return
    cut = data.draw(st.sampled_from(seconds[:-1]))
    before = [event for event in writer.events if event["created"] <= cut]
    after = [event for event in writer.events if event["created"] > cut]
    since = data.draw(st.sampled_from([*seconds[: seconds.index(cut) + 1], cut + 1]))
    again = [event for event in before if event["created"] >= since]
    whole = history_from_events(writer.events, prices, catalog=catalog)
    stored = history_from_events(before, prices, catalog=catalog).account
    if stored is None:
        return
    read = history_from_events([*again, *after], prices, catalog=catalog, since=stored)
    assert read.account is not None
    assert whole.account is not None
    begins = {from_unix(second) for second in (cut, after[0]["created"])}
    assert {each.at for each in read.departures} <= begins
    if None in {each.rule for each in read.departures}:
        return  # what was before the first second is not known, and so not the order in it
    assert access(read.account.subscription) == access(whole.account.subscription)


def access(facts: Subscription) -> tuple[Any, ...]:
    """What is held, for how many, and since or until when."""
    return facts.plan, facts.seats, facts.phase.status, facts.phase.end


def test_a_stored_account_must_be_one() -> None:
    """And the editions must be catalogues."""
    with pytest.raises(InvalidTypeError, match="since: expected an Account"):
        history_from_events([], PRICES, since=7)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="catalog: expected a Catalog"):
        history_from_events([], PRICES, editions=[7])  # type: ignore[list-item]
    with pytest.raises(InvalidTypeError, match="price id"):
        history_from_events([], {7: PRO})  # type: ignore[dict-item]


def test_nothing_told_of_a_stored_account_leaves_it_as_it_was() -> None:
    """Events of before are known."""
    stored = open_account(StartFree(at=LATER)).account
    read = history_from_events(log(CREATED, PAID), PRICES, since=stored)
    assert read == StripeHistory(stored, (), (), (), ())


# --- What is not predicted ---
def test_what_a_departure_touches_is_not_predicted() -> None:
    """What Stripe credited for a lower plan is not known, and so no later amount due is."""
    months = [month_from(START, n) for n in range(4)]
    renewed = [updated(m.start, period=m, anchor=START, plan=PRO) for m in months[2:]]
    higher = updated(START + DAY, plan=ULTIMATE)
    on_ultimate = updated(months[1].start, period=months[1], anchor=START, plan=ULTIMATE)
    lower = updated(months[1].start + DAY, period=months[1], anchor=START, plan=PRO)
    read = history(CREATED, PAID, higher, on_ultimate, lower, *renewed)
    (departure,) = read.departures
    assert departure.rule == "P3"
    issued = [invoice.issued_at for invoice in read.invoices]
    assert issued == [START, START + DAY, months[1].start]
    not_predicted = [invoice.issued_at for invoice in read.not_predicted]
    assert not_predicted == [months[2].start, months[3].start]
    assert read.actions[:4] == (*BOUGHT, ChoosePlan(ULTIMATE, at=START + DAY))


def test_what_changes_nothing_held_touches_its_period_alone() -> None:
    """An item beside the seats, once: what was told since the event before it, to the period's end."""
    months = [month_from(START, n) for n in range(4)]
    renewals = [updated(m.start, period=m, anchor=START) for m in months[1:]]
    renewals[1] = (UPDATED, beside(renewals[1][1]), renewals[1][2])
    read = history(CREATED, PAID, *renewals)
    (departure,) = read.departures
    assert departure.event == "evt_3"
    assert [invoice.issued_at for invoice in read.invoices] == [START, months[1].start]
    assert [invoice.issued_at for invoice in read.not_predicted] == [m.start for m in months[2:]]


CHARGED: dict[str, Json] = {
    "discounts": {"discounts": ["di_1"]},
    "pause_collection": {"pause_collection": {"behavior": "void", "resumes_at": None}},
    "automatic_tax.enabled": {"automatic_tax": {"enabled": True}},
    "billing_thresholds": {"billing_thresholds": {"amount_gte": 500}},
}


@pytest.mark.parametrize(("path", "fields"), CHARGED.items(), ids=CHARGED)
def test_what_is_charged_otherwise_is_named_once_while_it_lasts(path: str, fields: Json) -> None:
    """The actions are all read; the amounts of its time are not predicted, and others are."""
    months = [month_from(START, n) for n in range(5)]
    renewals = [
        updated(m.start, seats=4, period=m, anchor=START, **(fields if n < 2 else {}))
        for n, m in enumerate(months[1:])
    ]
    read = history(CREATED, PAID, updated(LATER, seats=4, **fields), *renewals)
    (departure,) = read.departures
    assert (departure.event, departure.rule) == ("evt_2", None)
    assert departure.path == f"events[2].data.object.{path}"
    assert read.actions == (*BOUGHT, ChangeSeats(4, at=LATER))
    assert [invoice.issued_at for invoice in read.invoices] == [START, months[4].start]
    assert [each.issued_at for each in read.not_predicted] == [m.start for m in months[1:4]]
    assert actions(CREATED, PAID, updated(LATER, seats=4, **fields)) == read.actions


def test_a_choice_whose_payment_is_to_come_changes_no_charge_yet() -> None:
    """P8: it has not happened."""
    read = history(CREATED, PAID, updated(LATER, pending_update={"expires_at": 0}))
    assert read.departures == ()


def test_a_cancellation_of_a_later_period_touches_all_up_to_it() -> None:
    """Stripe shortens the last period, and bills the part."""
    ends = utc("2026-04-01")
    read = history(CREATED, PAID, updated(LATER, cancel_at=unix(ends)))
    assert read.account is not None
    later = advance(read.account, ends)
    assert len(later.invoices) == 2
    (departure,) = read.departures
    assert departure.rule == "P4"
    months = [month_from(START, n) for n in (1, 2)]
    told_ = [updated(m.start, period=m, anchor=START, cancel_at=unix(ends)) for m in months]
    read = history(CREATED, PAID, updated(LATER, cancel_at=unix(ends)), *told_)
    assert [each.issued_at for each in read.not_predicted] == [m.start for m in months]


def test_what_a_log_tells_is_shown_in_a_line() -> None:
    """And what departs."""
    read = history(CREATED, PAID, updated(LATER, plan=ULTIMATE), updated(LATER + DAY))
    assert str(read) == (
        "StripeHistory(3 x pro 19.00 USD, active, 4 actions, 1 departure, 2 invoices)"
    )
    assert str(history()) == "StripeHistory(0 actions, 0 departures, 0 invoices)"
    assert str(read.departures[0]).startswith(
        "Departure(evt_3, 2026-01-26T09:00Z, events[3].data.object.items, expected 'ultimate'"
    )
    assert str(read.departures[0]).endswith("rule=P3)")


# --- Known to have broken ---
def beside(obj: Json) -> Json:
    """The subscription with an item beside its seats."""
    item = {"id": "si_9", "price": "price_addon", "quantity": 1}
    return obj | {"items": obj["items"] | {"data": [*obj["items"]["data"], item]}}


UPDATED = "customer.subscription.updated"
BROKE: dict[str, tuple[list[Said], str, str, str | None]] = {
    "a first period up to an anchor that was set": (
        [created(START, period=Period(START, LATER), anchor=LATER)],
        "3 x pro 19.00 USD, active",
        "[0].data.object.billing_cycle_anchor",
        None,
    ),
    "an item beside the seats": (
        [CREATED, PAID, (UPDATED, beside(subscription_object()), LATER)],
        "3 x pro 19.00 USD, active",
        "[2].data.object.items.data[1]",
        None,
    ),
    "an upgrade rolled back because it was not paid": (
        [CREATED, PAID, updated(LATER, plan=ULTIMATE), updated(LATER + 5 * SECOND)],
        "3 x pro 19.00 USD, active",
        "[3].data.object.items",
        "P3",
    ),
}


@pytest.mark.parametrize(("said", "holds", "path", "rule"), BROKE.values(), ids=BROKE)
def test_what_stripe_does_and_no_action_says_departs(
    said: list[Said], holds: str, path: str, rule: str | None
) -> None:
    """The account is what its object says it is, and strictness is there for whoever wants it."""
    (departure,) = (read := history(*said)).departures
    assert (departure.path, departure.rule) == (f"events{path}", rule)
    assert read.account is not None
    assert str(read.account.subscription) == holds
    with refused_at(f"events{path}"):
        actions(*said)


def of_one_second(*seats: tuple[int, int]) -> list[Json]:
    """Changes from so many seats to so many, all in one second."""
    return [
        event(
            UPDATED,
            subscription_object(seats=after),
            LATER,
            number,
            items={"data": [{"quantity": before}]},
        )
        for number, (before, after) in enumerate(seats, start=10)
    ]


def test_where_two_orders_are_possible_that_is_said() -> None:
    """And where there is one, it is found, whichever way they are listed."""
    known = log(CREATED, PAID)
    for told_ in (of_one_second((3, 50), (50, 3), (3, 4)), of_one_second((3, 4), (50, 3), (3, 50))):
        read = history_from_events([*known, *told_], PRICES)
        assert read.departures == ()
        assert read.actions[3:] == tuple(ChangeSeats(seats, at=LATER) for seats in (50, 3, 4))
    either = of_one_second((3, 5), (5, 3), (3, 4), (4, 3))
    (departure,) = history_from_events([*known, *either], PRICES).departures
    assert departure.reason.startswith("expected events of one second in the one order that links")
    assert departure.rule is None
    assert departure.event in {"evt_11", "evt_13"}


# --- Instants that cannot be ---
FAR = utc("9990-06-01")


def renewed(until: int) -> list[Said]:
    """A purchase, and the event of each renewal."""
    months = [month_from(START, number) for number in range(1, until)]
    return [CREATED, PAID, *(updated(m.start, period=m, anchor=START) for m in months)]


FAR_DATED: dict[str, Said] = {
    "a subscription": updated(FAR, seats=4),
    "a card": attached(FAR),
    "a payment": paid(FAR),
}


@pytest.mark.parametrize("said", FAR_DATED.values(), ids=FAR_DATED)
def test_an_instant_that_no_renewal_leads_to_is_passed_over(said: Said) -> None:
    """It costs no more than another event, and moves no account into another century."""
    read = history(*renewed(4), said)
    (departure,) = read.departures
    assert (departure.path, departure.rule, departure.at) == ("events[5].created", "T3", FAR)
    assert departure.reason == (
        "expected an event of every renewal since 2026-04-15T09:00:00+00:00: "
        f"what this library has an action for, got {unix(FAR)}"
    )
    assert read.account == history(*renewed(4)).account
    with refused_at("events[5].created"):
        actions(*renewed(4), said)


EARLY = {"period": FEBRUARY, "anchor": START}
APART: dict[str, tuple[Said, bool]] = {
    "three days late": (updated(JANUARY.end + 3 * DAY - SECOND), False),
    "a second later": (updated(JANUARY.end + 3 * DAY), True),
    "three days early": (updated(FEBRUARY.start - 3 * DAY, **EARLY), False),
    "a second earlier": (updated(FEBRUARY.start - 3 * DAY - SECOND, **EARLY), True),
    "of another century": (updated(LATER, period=month_from(FAR), anchor=FAR), True),
}


@pytest.mark.parametrize(("said", "departs"), APART.values(), ids=APART)
def test_a_period_that_the_event_is_not_in_departs(said: Said, *, departs: bool) -> None:
    """T2: no account stands in the future, and nothing is invoiced that nobody told of."""
    read = history(CREATED, PAID, said)
    assert [each.rule for each in read.departures] == ["T2"] * departs
    for departure in read.departures:
        assert departure.path.endswith("[2].data.object.items.data[0].current_period_end")
        expected = f"expected the end of a period that holds {said[2].isoformat()}: "
        assert departure.reason.startswith(expected)
    assert read.account is not None
    assert read.account.subscription.as_of <= max(said[2], FEBRUARY.start)


def test_an_account_that_nobody_heard_of_for_years_is_what_its_object_says() -> None:
    """Stored long ago: nothing is invoiced for the time between, and the object is of now."""
    stored = history(CREATED, PAID).account
    years_on = month_from(START, 60)
    told_ = updated(years_on.start + DAY, seats=9, period=years_on, anchor=START)
    read = history_from_events(log(told_), PRICES, since=stored)
    (departure,) = read.departures
    assert (departure.path, departure.rule) == ("events[0].created", "T3")
    assert read.account is not None
    assert str(read.account.subscription) == "9 x pro 19.00 USD, active"
    assert read.account.subscription.as_of == years_on.start + DAY
    assert read.invoices == read.not_predicted == ()


def test_on_free_nothing_need_be_told_for_years() -> None:
    """A customer comes back after four."""
    years_on = START.replace(year=2030)
    back = created(years_on, id="sub_2", period=month_from(years_on))
    read = history(CREATED, PAID, deleted(LATER), back)
    assert read.departures == ()
    assert [type(action) for action in read.actions[3:]] == [Cancel, ChoosePlan]


def test_three_years_and_a_day_are_the_longest_that_nothing_is_told() -> None:
    """The longest interval that Stripe has, and a leap year more."""
    for days, departs in ((3 * 366, False), (3 * 366 + 1, True)):
        read = history(CREATED, PAID, attached(PAID[2] + days * DAY))
        assert bool(read.departures) is departs


# --- Small inputs that were answered wrongly ---
CASES = Path(__file__).parents[3] / "shared" / "data" / "cases"


def case(name: str) -> Any:
    """A small input, or a skip that says it is not there."""
    if not CASES.is_dir():
        pytest.skip(f"the case {name} is not beside this clone; CI has it")
    return json.loads((CASES / f"{name}.json").read_text("utf-8"))


def test_another_interval_with_the_anchor_kept_is_a_departure() -> None:
    """P9: named by the anchor, and the account is on the yearly plan."""
    month = Plan("month", PRO.price, 1, PRO.features, PRO.limits)
    year = evolve(month, key="year", price=Money(190_00, USD), interval_months=12)
    shop = Catalog("two", (FREE, month, year), evolve(CHATIM.terms, trial_plan="month"))
    told_ = case("fail_1_interval_change_flexible")
    read = history_from_events(told_, {"price_month": month, "price_year": year}, catalog=shop)
    (departure,) = read.departures
    assert (departure.path, departure.rule) == (
        "events[1].data.object.billing_cycle_anchor",
        "P9",
    )
    assert read.account is not None
    assert read.account.subscription.plan == year


def test_a_payment_of_the_year_2018_reads() -> None:
    """It has no `amount_paid`."""
    told_ = case("fail_6_payment_event_2018_01_23")
    assert actions_from_events(told_, PRICES) == ()
    assert history_from_events(told_, PRICES) == StripeHistory(None, (), (), (), ())


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"paid": True, "amount_due": 5700}, [PaymentSucceeded]),
        ({"paid": True, "amount_due": 0}, []),
    ],
)
def test_a_payment_without_its_amount_is_what_was_due(
    fields: Json, found: list[type[Action]]
) -> None:
    """As Stripe said it until 2018."""
    success = paid(LATER + DAY, amount_paid=None, **fields)
    read = history(CREATED, PAID, failed(LATER), success)
    assert [type(action) for action in read.actions[4:]] == found


# --- What is known goes on ---
ADDON = (UPDATED, beside(subscription_object()), LATER)
"""A departure that leaves the account as it was."""


def stands(*said: Said, since: Account | None = None) -> Account:
    """The account that a log of these events leads to, through a departure."""
    read = history_from_events(log(*said), PRICES, since=since)
    assert read.departures
    assert read.account is not None
    return read.account


def test_a_departure_forgets_no_trial_and_no_invoice() -> None:
    """R2: nobody has a second trial because something else was not modelled."""
    went_on = converted()
    facts = stands(
        TRIED,
        (UPDATED, went_on, TRIAL.end + SECOND),
        (UPDATED, beside(went_on | {"trial_start": None, "trial_end": None}), TRIAL.end + DAY),
    ).subscription
    assert (facts.tried_plan, facts.was_invoiced) == ("pro", True)


@pytest.mark.parametrize(
    ("said", "has_one"),
    [
        ([attached(START - DAY), CREATED, PAID, ADDON], True),
        ([CREATED, (UPDATED, subscription_object(default_payment_method="pm_1"), START)], True),
        ([TRIED, (UPDATED, beside(trial_object()), LATER)], False),
    ],
)
def test_a_departure_forgets_no_payment_method(said: list[Said], *, has_one: bool) -> None:
    """Whether a log told of it, or the subscription has its own."""
    if len(said) == 2 and has_one:
        said = [*said, (UPDATED, beside(said[-1][1]), LATER)]
    assert stands(*said).subscription.payment_method is has_one


def test_a_departure_forgets_no_money() -> None:
    """B7, S2: the balance, the numbers of invoices, and the lines that wait and still can."""
    bought = history(CREATED, PAID).account
    assert bought is not None
    stored = evolve(bought, credit_balance=Money(5_00, USD))
    more = updated(START + DAY, seats=5)
    with_addon = (UPDATED, beside(subscription_object(seats=5)), LATER)
    waiting = stands(more, with_addon, since=stored)
    assert (waiting.credit_balance, waiting.issued) == (Money(5_00, USD), bought.issued)
    assert [line.seats for line in waiting.pending_lines] == [3, 5]
    assert waiting.standing_debit == waiting.pending_lines[-1]
    lower = stands(
        more,
        updated(START + 2 * DAY, plan=ULTIMATE, seats=5),
        updated(START + 3 * DAY, plan=ULTIMATE, seats=7),
        updated(LATER, seats=7),
        since=stored,
    )
    assert lower.credit_balance == Money(0, USD)  # the upgrade was paid with it
    assert (lower.pending_lines, lower.standing_debit) == ((), None)
    assert str(lower.subscription) == "7 x pro 19.00 USD, active"


def test_an_account_that_begins_with_a_departure_has_no_money_yet() -> None:
    """It was never told of before."""
    read = stands(created(START, period=Period(START, LATER), anchor=LATER))
    assert (read.credit_balance, read.pending_lines, read.issued) == (Money(0, USD), (), ())


UNREADABLE = subscription_object(items={"data": [{"price": "price_other", "quantity": 1}]})


def test_one_that_cannot_be_read_leaves_the_account_as_it_was() -> None:
    """D8: since when it is overdue is known, too. On Free, what may grant something grants none."""
    unpaid = updated(START + DAY, status="past_due")
    facts = stands(CREATED, PAID, unpaid, (UPDATED, UNREADABLE, LATER)).subscription
    assert str(facts) == "3 x pro 19.00 USD, past_due"
    assert facts.as_of == LATER
    assert isinstance(facts.phase, OnPaid)
    assert facts.phase.standing_since == START + DAY
    never = ("customer.subscription.created", UNREADABLE, LATER)
    assert str(stands(never).subscription) == "1 x free 0.00 USD, free"


def test_one_that_cannot_be_read_and_is_over_grants_nothing() -> None:
    """Its status says so, whatever else it says; whoever left a bill behind still owes it."""
    gone = UNREADABLE | {"status": "canceled"}
    facts = stands(CREATED, PAID, ("customer.subscription.deleted", gone, LATER)).subscription
    assert str(facts) == "3 x free 0.00 USD, free"
    assert (facts.as_of, facts.was_invoiced) == (LATER, True)


def test_one_that_cannot_be_read_hides_none_that_can() -> None:
    """Nor does it grant anything, where the account does not stand on it."""
    other = ("customer.subscription.created", UNREADABLE | {"id": "sub_2"}, LATER)
    assert str(stands(CREATED, PAID, other).subscription) == "3 x pro 19.00 USD, active"
    over = deleted(LATER + DAY)
    assert str(stands(CREATED, PAID, other, over).subscription) == "3 x free 0.00 USD, free"


def test_the_log_goes_on_from_where_it_departed() -> None:
    """What comes after is read as actions again, from the subscription that Stripe's object is."""
    read = history(CREATED, PAID, ADDON, updated(LATER + DAY, seats=4), deleted(LATER + 2 * DAY))
    assert [type(action) for action in read.actions[3:]] == [ChangeSeats, Cancel]
    (departure,) = read.departures
    assert departure.event == "evt_2"
    assert read.account is not None
    assert str(read.account.subscription) == "4 x free 0.00 USD, free"


# --- Another subscription than the one of a stored account ---
TEN = [("customer.subscription.created", subscription_object(plan=ULTIMATE, seats=10), START)]
SUB_2 = {"id": "sub_2", "period": month_from(LATER)}


def kept(*said: Said) -> str:
    """What the account of ten seats holds after events of a log that knows of no subscription."""
    stored = history(*TEN).account
    read = history_from_events(log(*said), PRICES, since=stored)
    assert read.account is not None
    return str(read.account.subscription)


BESIDE_WHAT_WAS_STORED: dict[str, tuple[list[Said], str]] = {
    "one that is lower": ([created(LATER, **SUB_2)], "10 x ultimate 39.00 USD, active"),
    "one that is lower, and ends": (
        [created(LATER, **SUB_2), deleted(LATER + DAY, **SUB_2)],
        "10 x ultimate 39.00 USD, active",
    ),
    "one that is not paid": (
        [created(LATER, **SUB_2), updated(LATER + DAY, status="unpaid", **SUB_2)],
        "10 x ultimate 39.00 USD, active",
    ),
    "one of the same period that is over": (
        [deleted(LATER, id="sub_2", plan=ULTIMATE)],
        "10 x ultimate 39.00 USD, active",
    ),
    "one that is higher": (
        [created(LATER, plan=ULTIMATE, seats=11, **SUB_2)],
        "11 x ultimate 39.00 USD, active",
    ),
    "its own, changed": (
        [updated(LATER, plan=ULTIMATE, seats=9)],
        "9 x ultimate 39.00 USD, active",
    ),
    "its own, ended": ([deleted(LATER, plan=ULTIMATE, seats=10)], "10 x free 0.00 USD, free"),
    "its own, of which nothing else is left": (
        [updated(LATER, seats=9, created=None)],
        "9 x pro 19.00 USD, active",
    ),
}


@pytest.mark.parametrize(
    ("said", "holds"), BESIDE_WHAT_WAS_STORED.values(), ids=BESIDE_WHAT_WAS_STORED
)
def test_a_stored_account_stays_on_the_subscription_it_was_read_from(
    said: list[Said], holds: str
) -> None:
    """Its id is not in the account: it is the one that was there, or that bills as it is billed."""
    assert kept(*said) == holds


# --- An end that is told before it comes ---
def test_what_stripe_says_is_over_is_over_now() -> None:
    """Whatever instant of later it gives: nothing is granted or invoiced up to there."""
    for ended in (utc("2030-01-01"), FAR):
        read = history(CREATED, PAID, deleted(LATER, ended_at=unix(ended)))
        assert read.account is not None
        assert str(read.account.subscription) == "3 x free 0.00 USD, free"
        assert read.account.subscription.as_of == LATER
        assert len(read.invoices) == 1
    in_trial = trial("deleted", LATER, **canceled(TRIAL.end))
    assert history(TRIED, in_trial).actions == (BEGUN, Cancel(at_once=True, at=LATER))


# --- Other things that are sold ---
def test_a_subscription_to_other_things_tells_nothing() -> None:
    """Its price is given as one of the free plan."""
    other = subscription_object(
        id="sub_9", items={"data": [{"price": "price_other", "quantity": 1}]}
    )
    told_ = log(CREATED, PAID, ("customer.subscription.created", other, LATER))
    read = history_from_events(told_, {**PRICES, "price_other": FREE})
    assert read.departures == ()
    assert read.actions == BOUGHT
    assert len(history_from_events(told_, PRICES).departures) == 1
    stored = open_account(StartFree(at=LATER + DAY)).account
    read = history_from_events(told_, {**PRICES, "price_other": FREE}, since=stored)
    assert read == StripeHistory(stored, (), (), (), ())


# --- After a first period up to an anchor ---
def test_from_the_anchor_on_a_log_is_read_again() -> None:
    """One departure, for the first period; the renewal at the anchor is as any other."""
    stub = created(START, period=Period(START, LATER), anchor=LATER)
    renewed_ = updated(LATER + SECOND, period=month_from(LATER), anchor=LATER)
    read = history(stub, renewed_, updated(LATER + DAY, seats=4, period=month_from(LATER)))
    assert [each.event for each in read.departures] == ["evt_0"]
    assert read.actions == (ChangeSeats(4, at=LATER + DAY),)


def test_a_stored_account_stays_on_its_own_subscription_though_its_anchor_moved() -> None:
    """It was there when the account was stored; so what departs is the anchor."""
    stored = history(*TEN).account
    moved = updated(LATER, plan=ULTIMATE, seats=10, period=month_from(LATER), created=unix(START))
    read = history_from_events(log(moved), PRICES, since=stored)
    assert [each.rule for each in read.departures] == ["T3"]


def test_a_stored_payment_method_goes_through_a_departure() -> None:
    """Nothing told of it but the account."""
    stored = history(attached(START - DAY), CREATED, PAID).account
    assert stands(ADDON, since=stored).subscription.payment_method


def test_what_is_not_predicted_and_departs_from_no_rule_is_shown() -> None:
    """Each where it is."""
    renewed_ = (UPDATED, beside(subscription_object(period=FEBRUARY, anchor=START)), FEBRUARY.start)
    read = history(CREATED, PAID, renewed_)
    assert str(read).endswith("1 departure, 1 invoice, 1 not predicted)")
    assert str(read.departures[0]).endswith("got an object)")


def test_another_customers_subscription_is_nobodys_here() -> None:
    """Whatever it grants, it is named and passed over; and so is what names nobody."""
    for whose in ("cus_2", ["cus_1"]):
        other = subscription_object(id="sub_2", plan=ULTIMATE, customer=whose)
        read = history(CREATED, PAID, ("customer.subscription.created", other, LATER))
        (departure,) = read.departures
        assert departure.path == "events[2].data.object.customer"
        assert read.account is not None
        assert str(read.account.subscription) == "3 x pro 19.00 USD, active"


def test_a_customer_is_told_apart_by_its_account_too() -> None:
    """Since the second version of Stripe's accounts that may be all an object names."""
    mine: Json = {"customer": None, "customer_account": "acct_1"}
    other = subscription_object(id="sub_2", plan=ULTIMATE, **{**mine, "customer_account": "acct_2"})
    told_ = ("customer.subscription.created", other, LATER)
    read = history(created(START, **mine), updated(START + DAY, seats=4, **mine), told_)
    (departure,) = read.departures
    assert departure.path == "events[2].data.object.customer_account"
    assert departure.reason.startswith("expected acct_1: a log is of one customer, got ")
    assert read.actions == (*BOUGHT, ChangeSeats(4, at=START + DAY))
    assert read.account is not None
    assert str(read.account.subscription) == "4 x pro 19.00 USD, active"


def test_a_payment_method_that_is_none_spoils_no_log() -> None:
    """It is named, and the account is what the rest of the object says."""
    odd = updated(LATER, default_payment_method=[])
    (departure,) = history(CREATED, PAID, odd).departures
    assert departure.path == "events[2].data.object.default_payment_method"


def test_the_customer_is_known_from_an_event_that_departs() -> None:
    """The first subscription told of is whose the log is."""
    stub = created(START, period=Period(START, LATER), anchor=LATER)
    other = subscription_object(id="sub_2", plan=ULTIMATE, customer="cus_2")
    read = history(stub, ("customer.subscription.created", other, START + DAY))
    assert [each.path for each in read.departures][1:] == ["events[1].data.object.customer"]
    assert read.account is not None
    assert str(read.account.subscription) == "3 x pro 19.00 USD, active"


def test_another_subscription_than_a_stored_accounts_is_named() -> None:
    """P7: of the stored one nobody knows the id."""
    read = history_from_events(log(created(LATER, **SUB_2)), PRICES, since=history(*TEN).account)
    (departure,) = read.departures
    assert (departure.path, departure.rule) == ("events[0].data.object.id", "P7")
    assert departure.reason == f'expected that of the stored account, which runs{LIBRARY}"sub_2"'
