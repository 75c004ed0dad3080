"""What is asked of Stripe for an action: each case call by call, what is refused, and previews."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from inspect import isfunction
from types import MappingProxyType
from typing import Any, TypeAlias

import pytest

pytest.importorskip("stripe", reason="needs stripe-python")

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    AccountRestrictedError,
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    AdjustCredit,
    BillingMode,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Currency,
    CurrencyMismatchError,
    Feature,
    InvalidTypeError,
    InvalidValueError,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    OnFree,
    OnTrial,
    OutOfOrderError,
    PaymentFailed,
    PaymentOverdueError,
    PaymentSucceeded,
    Plan,
    PlanNotOfferedError,
    PlansError,
    Refunded,
    RemovePaymentMethod,
    Resume,
    ScheduledChange,
    SeatLimitError,
    StartFree,
    StartTrial,
    Subscription,
    TrialRefusedError,
    UnknownKeyError,
    advance,
    open_account,
    preview,
    replay,
)
from chatim_plans.strategies import accounts, actions, editions_after
from chatim_plans.stripe import SCHEDULE, Call, StripeIds, calls, preview_call, release_call
from tests.accounts import repriced, with_plans, yearly
from tests.stripe.typed_params import faults_of_call
from tests.stripe.written_objects import dearer_pro, unix, utc

Story: TypeAlias = Callable[[], Subscription]
Ask: TypeAlias = Callable[[], Action]


# --- the accounts asked about; functions, so that nothing is built at import ---
START, NOW = "2026-10-15 09:00", "2026-10-27 17:30"
PERIOD = (1_792_054_800, 1_794_733_200, 1_797_325_200)  # 15 October, November, December, 09:00
TRIAL = (1_792_054_800, 1_794_646_800, 1_797_238_800)  # 15 October, 14 November, December, 09:00


def now(kind: Callable[..., Action], *facts: Any, at: str = NOW, **more: Any) -> Ask:
    """An action now; it is built when it is asked about, and so are facts that are functions."""
    return lambda: kind(
        *(each() if isfunction(each) else each for each in facts), **more, at=utc(at)
    )


first = partial(now, at=START)
then = partial(now, at="2026-10-20 09:00")
CARD = first(AddPaymentMethod)


def lived(*asks: Ask, catalog: Callable[[], Catalog]) -> Story:
    """The facts of a history, which is lived when it is asked about."""
    return lambda: replay([ask() for ask in asks], catalog=catalog()).account.subscription


def chatim(**terms: Any) -> Callable[[], Catalog]:
    """Chatim's catalogue, on other terms."""
    return lambda: evolve(CHATIM, terms=evolve(CHATIM.terms, **terms))


def on_free(*after_it: Ask) -> Story:
    """On Free from 15 October."""
    return lived(first(StartFree), *after_it, catalog=chatim())


def trying(*after_it: Ask, **terms: Any) -> Story:
    """In a trial from 15 October."""
    return lived(first(StartTrial), *after_it, catalog=chatim(**terms))


def bought(plan: Any, *after_it: Ask, catalog: Callable[[], Catalog]) -> Story:
    """Five seats of a paid plan from 15 October, with a card on file."""
    choice = first(ChoosePlan, plan, seats=5)
    return lived(first(StartFree), CARD, choice, *after_it, catalog=catalog)


def paying(plan: Plan, *after_it: Ask, **terms: Any) -> Story:
    """On a paid plan of Chatim's."""
    return bought(plan, *after_it, catalog=chatim(**terms))


def by_the_year(*after_it: Ask) -> Story:
    """On the plan by the year."""
    return bought(yearly, *after_it, catalog=large)


def with_team(*after_it: Ask) -> Story:
    """On the plan between Pro and Ultimate."""
    return bought(team, *after_it, catalog=wider)


CANCELLED = paying(PRO, then(Cancel))
DOWNGRADING = paying(ULTIMATE, then(ChoosePlan, PRO))
RESTRICTED = paying(PRO, then(PaymentFailed, True))


def yearly_more() -> Plan:
    """Another by the year, for more."""
    return yearly(490_00, key="yearly_more")


def large() -> Catalog:
    """The published plans, and two by the year."""
    return with_plans(yearly(), yearly_more())


def dearer() -> Catalog:
    """The next edition, in which Pro and Ultimate cost more."""
    return repriced(pro=21_00, ultimate=41_00)


def team() -> Plan:
    """A plan between Pro and Ultimate."""
    return evolve(PRO, key="team", price=Money(2900, USD))


def wider() -> Catalog:
    """The published plans, and the one between."""
    return Catalog("team", (FREE, PRO, team(), ULTIMATE), CHATIM.terms)


def richer() -> Catalog:
    """An edition in which Pro grants more, at the same price."""
    pro = evolve(PRO, features=PRO.features | {Feature.white_label})
    return Catalog("2027", (FREE, pro, ULTIMATE), CHATIM.terms)


def unpriced() -> Catalog:
    """An edition whose prices Stripe does not have yet."""
    plans = [evolve(plan, price=Money(plan.price.amount * 2, USD)) for plan in CHATIM.plans]
    return Catalog("2028", tuple(plans), CHATIM.terms)


def ids(*in_force: str) -> StripeIds:
    """Where the account is: `sub` of a subscription in force, `sched` of its schedule or `done` of one
    that is, `pending` of a payment that it waits for, `left` of one that must end.
    """
    prices = {
        "price_pro": PRO,
        "price_ultimate": ULTIMATE,
        "price_team": team(),
        "price_yearly": yearly(),
        "price_more": yearly_more(),
        "price_pro_2027": dearer().plan("pro"),
        "price_ultimate_2027": dearer().plan("ultimate"),
    }
    subscription, item = ("sub_1", "si_1") if "sub" in in_force else (None, None)
    schedule = "sub_sched_1" if {"sched", "done"} & {*in_force} else None
    return StripeIds(
        "cus_1",
        prices,
        subscription,
        item,
        schedule,
        schedule_is_done="done" in in_force,
        pending_invoice="in_1" if "pending" in in_force else None,
        to_cancel="sub_0" if "left" in in_force else None,
    )


def ending_on(text: str, *after_it: Ask) -> Story:
    """On Pro with an end at an instant of its own, as a support desk may set it in Stripe."""
    held = paying(PRO, *after_it)
    return lambda: evolve(held(), scheduled_change=ScheduledChange(FREE, utc(text)))


def downgrading_on(text: str) -> Story:
    """On Ultimate with Pro waiting for an instant after the next boundary."""
    held = paying(ULTIMATE)
    return lambda: evolve(held(), scheduled_change=ScheduledChange(PRO, utc(text)))


# --- calls written out ---
UPDATE, CREATE = "POST /v1/subscriptions/sub_1", "POST /v1/subscriptions"
SCHEDULES = "POST /v1/subscription_schedules"


def call(endpoint: str, **params: Any) -> Call:
    """A call."""
    return {"endpoint": endpoint, "params": params}


def phases(schedule: str, *rows: dict[str, Any]) -> Call:
    """The call that gives a schedule its phases."""
    return call(
        f"{SCHEDULES}/{schedule}",
        end_behavior="release",
        proration_behavior="none",
        phases=list(rows),
    )


def phase(price: str, seats: int, bounds: tuple[int, int], **more: Any) -> dict[str, Any]:
    """A phase of a schedule."""
    items = [{"price": price, "quantity": seats}]
    return {"items": items, "start_date": bounds[0], "end_date": bounds[1], **more}


def later(price: str, seats: int, bounds: tuple[int, int], **more: Any) -> dict[str, Any]:
    """A phase to come."""
    return phase(price, seats, bounds, proration_behavior="none", **more)


RELEASE = call(f"{SCHEDULES}/sub_sched_1/release")
VOID = call("POST /v1/invoices/in_1/void")
END_LEFT = call("DELETE /v1/subscriptions/sub_0", invoice_now=False, prorate=False)
MAKE_SCHEDULE = call(SCHEDULES, from_subscription="sub_1")
CANCEL = call(UPDATE, cancel_at_period_end=True)
# An end stands in either of two fields, and both are taken back.
KEEP = call(UPDATE, cancel_at_period_end=False), call(UPDATE, cancel_at="")


def to_ultimate(count: int, **terms: Any) -> Call:
    """The call that changes the plan to Ultimate once that is paid."""
    items = [{"id": "si_1", "price": "price_ultimate", "quantity": count}]
    return call(UPDATE, items=items, payment_behavior="pending_if_incomplete", **terms)


PRORATED = {"proration_behavior": "always_invoice", "proration_date": unix(utc(NOW))}
TO_ULTIMATE = to_ultimate(5, **PRORATED)
ULTIMATE_NOW = to_ultimate(1, proration_behavior="none", trial_end="now")


def seats(count: int, behavior: str, **more: Any) -> Call:
    """The call that changes the seats in a paid period."""
    items = [{"id": "si_1", "quantity": count}]
    date = unix(utc(NOW))
    return call(UPDATE, items=items, proration_behavior=behavior, proration_date=date, **more)


FEWER_UNPRORATED = call(UPDATE, items=[{"id": "si_1", "quantity": 2}], proration_behavior="none")
FROM, TO = (PERIOD[0], PERIOD[1]), (PERIOD[1], PERIOD[2])
AFTER_TO = (PERIOD[2], unix(utc("2027-01-15 09:00")))
LATER_END = call(UPDATE, cancel_at=unix(utc("2026-12-02 09:00")), proration_behavior="none")
TO_PRO = (phase("price_ultimate", 5, FROM), later("price_pro", 5, TO))
PLAN_PRO = MAKE_SCHEDULE, phases(SCHEDULE, *TO_PRO)
IN_TRIAL, PAID = (TRIAL[0], TRIAL[1]), (TRIAL[1], TRIAL[2])


def adjusted(amount: int) -> Call:
    """The call that adjusts the balance, in Stripe's sign."""
    return call("POST /v1/customers/cus_1/balance_transactions", amount=amount, currency="usd")


END = call("DELETE /v1/subscriptions/sub_1", invoice_now=False, prorate=False)
TRIAL_END, LATER_TRIAL_END = "2026-11-14 09:00", "2026-12-01 09:00"
TO_LATER = TRIAL[0], unix(utc(LATER_TRIAL_END))
FROM_LATER = TO_LATER[1], unix(utc("2027-01-01 09:00"))
YEAR_END = unix(utc("2027-10-15 09:00"))
AFTER_YEAR = YEAR_END, unix(utc("2027-11-15 09:00"))


def LATER() -> Any:  # noqa: N802 — a value, which is built when it is asked about
    """A later end of the trial."""
    return utc(LATER_TRIAL_END)


def moved(to: str) -> Call:
    """The call that moves the end of a trial."""
    return call(UPDATE, trial_end=unix(utc(to)), proration_behavior="none")


MOVED = moved(LATER_TRIAL_END)


def trial_over(**item: Any) -> Call:
    """The call that ends a trial now, whether or not it is paid."""
    return call(UPDATE, items=[item], proration_behavior="none", trial_end="now")


def to_yearly(count: int, anchor: Any = MappingProxyType({"type": "now"})) -> Call:
    """The call that changes to the plan by the year once that is paid."""
    return call(
        UPDATE,
        items=[{"id": "si_1", "price": "price_yearly", "quantity": count}],
        billing_cycle_anchor=anchor if isinstance(anchor, str) else dict(anchor),
        payment_behavior="pending_if_incomplete",
        **PRORATED,
    )


TO_YEARLY = to_yearly(5)


def first_payment(price: str, count: int, behavior: str) -> Call:
    """The call that starts a paid plan."""
    return call(
        CREATE,
        customer="cus_1",
        items=[{"price": price, "quantity": count}],
        billing_mode={"type": "flexible"},
        payment_behavior=behavior,
        payment_settings={"save_default_payment_method": "on_subscription"},
    )


SUB = ("sub",)
Case: TypeAlias = tuple[Story, Ask, tuple[str, ...], tuple[Call, ...]]


def unnamed(story: Story, ask: Ask, *expected: Call) -> Case:
    """What is asked of Stripe where no subscription is named."""
    return story, ask, (), expected


def subscribed(story: Story, ask: Ask, *expected: Call) -> Case:
    """What is asked of Stripe where a subscription is named."""
    return story, ask, SUB, expected


def scheduled(story: Story, ask: Ask, *expected: Call) -> Case:
    """What is asked of Stripe where a schedule is named beside its subscription."""
    return story, ask, ("sub", "sched"), expected


def in_the_way(names: str, story: Story, ask: Ask, *expected: Call) -> Case:
    """What is asked of Stripe where something stands in the way."""
    return story, ask, tuple(names.split()), expected


CASES: dict[str, Case] = {
    # --- on Free ---
    "a trial": unnamed(
        on_free(),
        now(StartTrial, 4),
        call(
            CREATE,
            customer="cus_1",
            items=[{"price": "price_pro", "quantity": 4}],
            billing_mode={"type": "flexible"},
            trial_end=unix(utc("2026-11-26 17:30")),
            trial_settings={"end_behavior": {"missing_payment_method": "cancel"}},
        ),
    ),
    "a paid plan, with a card on file": unnamed(
        on_free(CARD),
        now(ChoosePlan, PRO, seats=3),
        first_payment("price_pro", 3, "allow_incomplete"),
    ),
    "a paid plan, to be paid by whoever is there": unnamed(
        on_free(),
        now(ChoosePlan, ULTIMATE),
        first_payment("price_ultimate", 1, "default_incomplete"),
    ),
    "a paid plan after the trial ended": unnamed(
        trying(),
        now(ChoosePlan, PRO, seats=2, at="2026-12-01 09:00"),
        first_payment("price_pro", 2, "default_incomplete"),
    ),
    "a plan by the year": unnamed(
        lived(first(StartFree), CARD, catalog=large),
        now(ChoosePlan, yearly, seats=9),
        first_payment("price_yearly", 9, "allow_incomplete"),
    ),
    "Free on Free": unnamed(on_free(), now(ChoosePlan, FREE)),
    "a cancellation on Free": unnamed(on_free(), now(Cancel)),
    "seats on Free": unnamed(on_free(), now(ChangeSeats, 1)),
    "another edition on Free": unnamed(on_free(), now(MoveToEdition, dearer)),
    # --- in a trial ---
    "seats in a trial": subscribed(
        trying(),
        now(ChangeSeats, 4),
        call(UPDATE, items=[{"id": "si_1", "quantity": 4}], proration_behavior="none"),
    ),
    "the trial's own plan": subscribed(trying(), now(ChoosePlan, PRO)),
    "the trial's own plan, once cancelled": subscribed(
        trying(then(Cancel)), now(ChoosePlan, PRO), *KEEP
    ),
    "a cancellation in a trial": subscribed(trying(), now(Cancel), CANCEL),
    "a higher plan in a trial": subscribed(trying(CARD), now(ChoosePlan, ULTIMATE), ULTIMATE_NOW),
    "a higher plan in a trial, with seats and no card": subscribed(
        trying(),
        now(ChoosePlan, ULTIMATE, seats=7),
        to_ultimate(7, proration_behavior="none", trial_end="now"),
    ),
    "a higher plan in a trial, once cancelled": subscribed(
        trying(CARD, then(Cancel)), now(ChoosePlan, ULTIMATE), *KEEP, ULTIMATE_NOW
    ),
    "a lower plan in a trial": subscribed(
        trying(trial_plan="ultimate"),
        now(ChoosePlan, PRO),
        MAKE_SCHEDULE,
        phases(
            SCHEDULE,
            phase("price_ultimate", 1, IN_TRIAL, trial_end=TRIAL[1]),
            later("price_pro", 1, PAID),
        ),
    ),
    "seats in a trial, with a lower plan waiting": scheduled(
        trying(then(ChoosePlan, PRO), trial_plan="ultimate"),
        now(ChangeSeats, 3),
        RELEASE,
        call(UPDATE, items=[{"id": "si_1", "quantity": 3}], proration_behavior="none"),
        MAKE_SCHEDULE,
        phases(
            SCHEDULE,
            phase("price_ultimate", 3, IN_TRIAL, trial_end=TRIAL[1]),
            later("price_pro", 3, PAID),
        ),
    ),
    # --- on a paid plan ---
    "an upgrade": subscribed(paying(PRO), now(ChoosePlan, ULTIMATE), TO_ULTIMATE),
    "an upgrade with seats": subscribed(
        paying(PRO), now(ChoosePlan, ULTIMATE, seats=8), to_ultimate(8, **PRORATED)
    ),
    "an upgrade with fewer seats": subscribed(
        paying(PRO), now(ChoosePlan, ULTIMATE, seats=2), to_ultimate(2, **PRORATED)
    ),
    "an upgrade without a card on file": subscribed(
        paying(PRO, then(RemovePaymentMethod)), now(ChoosePlan, ULTIMATE), TO_ULTIMATE
    ),
    "an upgrade once cancelled": subscribed(
        CANCELLED, now(ChoosePlan, ULTIMATE), TO_ULTIMATE, *KEEP
    ),
    "an upgrade with a downgrade waiting": scheduled(
        with_team(then(ChoosePlan, PRO)), now(ChoosePlan, ULTIMATE), RELEASE, TO_ULTIMATE
    ),
    "an upgrade with another edition waiting": scheduled(
        paying(PRO, then(MoveToEdition, dearer_pro)),
        now(ChoosePlan, ULTIMATE),
        RELEASE,
        TO_ULTIMATE,
    ),
    "an upgrade in a schedule's last phase": scheduled(
        paying(PRO), now(ChoosePlan, ULTIMATE), RELEASE, TO_ULTIMATE
    ),
    "a downgrade": subscribed(paying(ULTIMATE), now(ChoosePlan, PRO), *PLAN_PRO),
    "a downgrade by the year": subscribed(
        by_the_year(then(ChoosePlan, yearly_more)),
        now(ChoosePlan, yearly),
        MAKE_SCHEDULE,
        phases(
            SCHEDULE,
            phase("price_more", 5, (PERIOD[0], unix(utc("2027-10-15 09:00")))),
            later(
                "price_yearly", 5, (unix(utc("2027-10-15 09:00")), unix(utc("2028-10-15 09:00")))
            ),
        ),
    ),
    "another downgrade with a downgrade waiting": scheduled(
        with_team(then(ChoosePlan, ULTIMATE), then(ChoosePlan, team)),
        now(ChoosePlan, PRO),
        phases("sub_sched_1", *TO_PRO),
    ),
    "the same downgrade again": scheduled(
        DOWNGRADING, now(ChoosePlan, PRO), phases("sub_sched_1", *TO_PRO)
    ),
    "the same downgrade again, its schedule lost": subscribed(
        DOWNGRADING, now(ChoosePlan, PRO), *PLAN_PRO
    ),
    "a downgrade once cancelled": subscribed(
        paying(ULTIMATE, then(Cancel)), now(ChoosePlan, PRO), *KEEP, *PLAN_PRO
    ),
    "a cancellation": subscribed(paying(PRO), now(Cancel), CANCEL),
    "a choice of Free": subscribed(paying(PRO), now(ChoosePlan, FREE), CANCEL),
    "a cancellation again": subscribed(CANCELLED, now(Cancel), CANCEL),
    "a cancellation with a downgrade waiting": scheduled(DOWNGRADING, now(Cancel), RELEASE, CANCEL),
    "a cancellation withdrawn": subscribed(CANCELLED, now(Resume), *KEEP),
    "a downgrade withdrawn": scheduled(DOWNGRADING, now(Resume), RELEASE),
    "a downgrade withdrawn by choosing the plan held": scheduled(
        DOWNGRADING, now(ChoosePlan, ULTIMATE), RELEASE
    ),
    "nothing to withdraw": subscribed(paying(PRO), now(Resume), *KEEP),
    "nothing to withdraw in a trial": subscribed(trying(), now(Resume), *KEEP),
    "nothing to withdraw while restricted": subscribed(RESTRICTED, now(Resume), CANCEL),
    "nothing to withdraw, and another edition waits": scheduled(
        paying(PRO, then(MoveToEdition, dearer)),
        now(Resume),
        phases("sub_sched_1", phase("price_pro", 5, FROM), later("price_pro_2027", 5, TO)),
    ),
    "a downgrade withdrawn, its schedule lost": subscribed(DOWNGRADING, now(Resume), *KEEP),
    # --- a schedule of which the facts know nothing ---
    "whatever waits is withdrawn": scheduled(paying(ULTIMATE), now(Resume), RELEASE),
    "whatever waits is withdrawn by choosing the plan held": scheduled(
        paying(ULTIMATE), now(ChoosePlan, ULTIMATE), RELEASE
    ),
    "whatever waits, with a cancellation": scheduled(
        paying(ULTIMATE), now(Cancel), RELEASE, CANCEL
    ),
    "whatever waits, with a downgrade": scheduled(
        paying(ULTIMATE), now(ChoosePlan, PRO), RELEASE, *PLAN_PRO
    ),
    "whatever waits, with a payment that failed for good": scheduled(
        paying(ULTIMATE), now(PaymentFailed, final=True), RELEASE, CANCEL
    ),
    "whatever waits stays with a payment that is retried": scheduled(
        paying(ULTIMATE), now(PaymentFailed)
    ),
    # --- a schedule that is done, as Stripe says or as the facts knew ---
    "seats under a schedule that is done": in_the_way(
        "sub done", paying(PRO), now(ChangeSeats, 6), RELEASE, seats(6, "create_prorations")
    ),
    "seats in the last phase of one that was not released": scheduled(
        DOWNGRADING,
        now(ChangeSeats, 6, at="2026-11-20 09:00"),
        RELEASE,
        call(
            UPDATE,
            items=[{"id": "si_1", "quantity": 6}],
            proration_behavior="create_prorations",
            proration_date=unix(utc("2026-11-20 09:00")),
        ),
    ),
    "another edition under a schedule that is done": in_the_way(
        "sub done",
        paying(PRO),
        now(MoveToEdition, dearer),
        RELEASE,
        MAKE_SCHEDULE,
        phases(SCHEDULE, phase("price_pro", 5, FROM), later("price_pro_2027", 5, TO)),
    ),
    "a downgrade again, of which another schedule that is done says nothing": in_the_way(
        "sub done", DOWNGRADING, now(ChoosePlan, PRO), RELEASE, *PLAN_PRO
    ),
    "the edition held, under a schedule that is done": in_the_way(
        "sub done", paying(PRO), now(MoveToEdition, CHATIM), RELEASE
    ),
    "a payment that lifts a restriction under a schedule that is done": in_the_way(
        "sub done", RESTRICTED, now(PaymentSucceeded), RELEASE, *KEEP
    ),
    "a report under a schedule that is done": in_the_way(
        "sub done", paying(PRO), now(PaymentSucceeded)
    ),
    # --- a choice that waits for its payment ---
    "an upgrade asked for once more": in_the_way(
        "sub pending", paying(PRO), now(ChoosePlan, ULTIMATE), VOID, TO_ULTIMATE
    ),
    "an upgrade asked for once more, with a downgrade waiting": in_the_way(
        "sub sched pending",
        with_team(then(ChoosePlan, PRO)),
        now(ChoosePlan, ULTIMATE),
        VOID,
        RELEASE,
        TO_ULTIMATE,
    ),
    "the plan held in the place of an upgrade": in_the_way(
        "sub pending", paying(PRO), now(ChoosePlan, PRO), VOID
    ),
    "an upgrade given up": in_the_way("sub pending", paying(PRO), now(Resume), VOID, *KEEP),
    "a cancellation in the place of an upgrade": in_the_way(
        "sub pending", paying(PRO), now(Cancel), VOID, CANCEL
    ),
    "seats in the place of an upgrade": in_the_way(
        "sub pending", paying(PRO), now(ChangeSeats, 6), VOID, seats(6, "create_prorations")
    ),
    "a last failure in the place of an upgrade": in_the_way(
        "sub pending", paying(PRO), now(PaymentFailed, final=True), VOID, CANCEL
    ),
    "a report beside an upgrade": in_the_way("sub pending", paying(PRO), now(PaymentFailed)),
    "another edition beside an upgrade": in_the_way(
        "sub pending",
        paying(PRO),
        now(MoveToEdition, dearer),
        MAKE_SCHEDULE,
        phases(SCHEDULE, phase("price_pro", 5, FROM), later("price_pro_2027", 5, TO)),
    ),
    # --- one that was never paid ---
    "a paid plan in the place of one that was not paid": in_the_way(
        "left",
        on_free(CARD),
        now(ChoosePlan, PRO, seats=3),
        END_LEFT,
        first_payment("price_pro", 3, "allow_incomplete"),
    ),
    "a trial in the place of one that was not paid": in_the_way(
        "left",
        on_free(),
        now(StartTrial, 2),
        END_LEFT,
        call(
            CREATE,
            customer="cus_1",
            items=[{"price": "price_pro", "quantity": 2}],
            billing_mode={"type": "flexible"},
            trial_end=unix(utc("2026-11-26 17:30")),
            trial_settings={"end_behavior": {"missing_payment_method": "cancel"}},
        ),
    ),
    "Free in the place of one that was not paid": in_the_way(
        "left", on_free(), now(ChoosePlan, FREE), END_LEFT
    ),
    "a report beside one that was not paid": in_the_way("left", on_free(), now(AddPaymentMethod)),
    # --- a schedule that is to end it all, as it may be read from Stripe ---
    "seats under a schedule that ends in a cancellation": scheduled(
        CANCELLED, now(ChangeSeats, 6), RELEASE, seats(6, "create_prorations"), CANCEL
    ),
    "a downgrade under a schedule that ends in a cancellation": scheduled(
        paying(ULTIMATE, then(Cancel)), now(ChoosePlan, PRO), RELEASE, *KEEP, *PLAN_PRO
    ),
    "the plan held": subscribed(paying(PRO), now(ChoosePlan, PRO)),
    # --- seats of a paid plan ---
    "seats": subscribed(paying(PRO), now(ChangeSeats, 6), seats(6, "create_prorations")),
    "fewer seats": subscribed(paying(PRO), now(ChangeSeats, 2), seats(2, "create_prorations")),
    "as many seats": subscribed(paying(PRO), now(ChangeSeats, 5)),
    "seats at once": subscribed(
        paying(PRO, seat_lines_at_once=True),
        now(ChangeSeats, 6),
        seats(6, "always_invoice", payment_behavior="pending_if_incomplete"),
    ),
    "fewer seats at once": subscribed(
        paying(PRO, seat_lines_at_once=True), now(ChangeSeats, 2), seats(2, "always_invoice")
    ),
    "seats by the year": subscribed(
        by_the_year(),
        now(ChangeSeats, 6),
        seats(6, "always_invoice", payment_behavior="pending_if_incomplete"),
    ),
    "seats once cancelled": subscribed(
        CANCELLED, now(ChangeSeats, 6), seats(6, "create_prorations")
    ),
    "seats with a downgrade waiting": scheduled(
        DOWNGRADING,
        now(ChangeSeats, 6),
        RELEASE,
        seats(6, "create_prorations"),
        MAKE_SCHEDULE,
        phases(SCHEDULE, phase("price_ultimate", 6, FROM), later("price_pro", 6, TO)),
    ),
    "seats with a downgrade waiting, its schedule released by an upgrade that was declined": subscribed(
        DOWNGRADING,
        now(ChangeSeats, 6),
        seats(6, "create_prorations"),
        MAKE_SCHEDULE,
        phases(SCHEDULE, phase("price_ultimate", 6, FROM), later("price_pro", 6, TO)),
    ),
    "seats at once with another edition waiting": scheduled(
        paying(PRO, then(MoveToEdition, dearer), seat_lines_at_once=True),
        now(ChangeSeats, 6),
        RELEASE,
        seats(6, "always_invoice", payment_behavior="pending_if_incomplete"),
        MAKE_SCHEDULE,
        phases(SCHEDULE, phase("price_pro", 6, FROM), later("price_pro_2027", 6, TO)),
    ),
    "seats after the downgrade came, and its schedule was released": subscribed(
        DOWNGRADING,
        now(ChangeSeats, 6, at="2026-11-20 09:00"),
        call(
            UPDATE,
            items=[{"id": "si_1", "quantity": 6}],
            proration_behavior="create_prorations",
            proration_date=unix(utc("2026-11-20 09:00")),
        ),
    ),
    # --- trouble ---
    "a payment that failed for good": subscribed(
        paying(PRO), now(PaymentFailed, final=True), CANCEL
    ),
    "a payment that failed for good, with a downgrade waiting": scheduled(
        DOWNGRADING, now(PaymentFailed, final=True), RELEASE, CANCEL
    ),
    "a payment that failed for good, once cancelled": subscribed(
        CANCELLED, now(PaymentFailed, final=True), CANCEL
    ),
    "a payment that failed for good, as read from an unpaid subscription": subscribed(
        RESTRICTED, now(PaymentFailed, final=True), CANCEL
    ),
    "a payment that failed for good, as read with a schedule in force": scheduled(
        paying(ULTIMATE, then(ChoosePlan, PRO), then(PaymentFailed, True)),
        now(PaymentFailed, final=True),
        RELEASE,
        CANCEL,
    ),
    "a payment after that": subscribed(RESTRICTED, now(PaymentSucceeded), *KEEP),
    "a payment after that, with a downgrade waiting": subscribed(
        paying(ULTIMATE, then(ChoosePlan, PRO), then(PaymentFailed, True)),
        now(PaymentSucceeded),
        *KEEP,
        *PLAN_PRO,
    ),
    "a payment after that, with a schedule in force": scheduled(
        paying(ULTIMATE, then(ChoosePlan, PRO), then(PaymentFailed, True)),
        now(PaymentSucceeded),
        RELEASE,
        *KEEP,
        *PLAN_PRO,
    ),
    "a payment after that, once cancelled": subscribed(
        paying(PRO, then(PaymentFailed, True), then(Cancel)), now(PaymentSucceeded)
    ),
    "a payment that is retried while restricted": subscribed(
        RESTRICTED, now(PaymentFailed), CANCEL
    ),
    # D6, D3: nobody acts when a grace lapses, so its end is told with the failure.
    "a payment that is retried, with a grace": subscribed(
        paying(PRO, grace_days=7), now(PaymentFailed), CANCEL
    ),
    "a payment that is retried, with a grace that ends with the period": subscribed(
        paying(PRO, grace_days=26), then(PaymentFailed), CANCEL
    ),
    # A period is paid or reported before the next one: nothing is told two ends beforehand.
    "a payment that is retried, with a grace that outlasts the period": subscribed(
        paying(PRO, grace_days=27), then(PaymentFailed)
    ),
    "the renewal's payment, which failed in that grace": subscribed(
        paying(PRO, then(PaymentFailed), grace_days=27),
        now(PaymentFailed, at="2026-11-15 09:00"),
        CANCEL,
    ),
    "a payment that is retried once more, in a grace": subscribed(
        paying(PRO, then(PaymentFailed), grace_days=14), now(PaymentFailed), CANCEL
    ),
    "a payment that is retried, with a grace and a downgrade waiting": scheduled(
        paying(ULTIMATE, then(ChoosePlan, PRO), grace_days=7), now(PaymentFailed), RELEASE, CANCEL
    ),
    "a payment in a grace": subscribed(
        paying(PRO, then(PaymentFailed), grace_days=14), now(PaymentSucceeded), *KEEP
    ),
    "a payment in a grace, with a downgrade waiting": subscribed(
        paying(ULTIMATE, then(ChoosePlan, PRO), then(PaymentFailed), grace_days=14),
        now(PaymentSucceeded),
        *KEEP,
        *PLAN_PRO,
    ),
    "a payment in a grace that outlasts the period, with a downgrade waiting": scheduled(
        paying(ULTIMATE, then(ChoosePlan, PRO), then(PaymentFailed), grace_days=27),
        now(PaymentSucceeded),
    ),
    "the last failure in a grace": subscribed(
        paying(PRO, then(PaymentFailed), grace_days=14), now(PaymentFailed, final=True), CANCEL
    ),
    "fewer seats in a grace": subscribed(
        paying(PRO, then(PaymentFailed), grace_days=14), now(ChangeSeats, 2), FEWER_UNPRORATED
    ),
    "a downgrade in a grace": subscribed(
        paying(ULTIMATE, then(PaymentFailed), grace_days=14), now(ChoosePlan, PRO), CANCEL
    ),
    "fewer seats while restricted": subscribed(RESTRICTED, now(ChangeSeats, 2), FEWER_UNPRORATED),
    "fewer seats while a payment is retried": subscribed(
        paying(PRO, then(PaymentFailed)), now(ChangeSeats, 2), FEWER_UNPRORATED
    ),
    "a cancellation while restricted": subscribed(RESTRICTED, now(Cancel), CANCEL),
    "the plan held while restricted": subscribed(RESTRICTED, now(ChoosePlan, PRO)),
    # --- reports ---
    "a payment that is retried": subscribed(paying(PRO), now(PaymentFailed)),
    "a payment": subscribed(paying(PRO), now(PaymentSucceeded)),
    "a card": subscribed(trying(), now(AddPaymentMethod)),
    "no card": subscribed(paying(PRO), now(RemovePaymentMethod)),
    # B13: what is in the customer's favour is below zero at Stripe.
    "credit granted": subscribed(
        paying(PRO), now(AdjustCredit, lambda: Money(500, USD)), adjusted(-500)
    ),
    "credit taken from a customer on Free": unnamed(
        on_free(), now(AdjustCredit, lambda: Money(-120, USD)), adjusted(120)
    ),
    "credit granted beside whatever waits": in_the_way(
        "sub sched pending",
        paying(PRO),
        now(AdjustCredit, lambda: Money(1, USD)),
        adjusted(-1),
    ),
    # --- the end of a trial moved (R8) ---
    "a longer trial": subscribed(trying(), now(MoveTrialEnd, LATER), MOVED),
    "a shorter trial": subscribed(
        trying(),
        now(MoveTrialEnd, lambda: utc("2026-10-28 09:00")),
        moved("2026-10-28 09:00"),
    ),
    "the trial's end as it is": subscribed(trying(), now(MoveTrialEnd, lambda: utc(TRIAL_END))),
    "a longer trial, once cancelled": subscribed(
        trying(then(Cancel)), now(MoveTrialEnd, LATER), *KEEP, MOVED, CANCEL
    ),
    "a longer trial, with a lower plan waiting": scheduled(
        trying(then(ChoosePlan, PRO), trial_plan="ultimate"),
        now(MoveTrialEnd, LATER),
        phases(
            "sub_sched_1",
            phase("price_ultimate", 1, TO_LATER, trial_end=TO_LATER[1]),
            later("price_pro", 1, FROM_LATER),
        ),
    ),
    "a longer trial, with a lower plan waiting whose schedule was lost": subscribed(
        trying(then(ChoosePlan, PRO), trial_plan="ultimate"),
        now(MoveTrialEnd, LATER),
        MOVED,
        MAKE_SCHEDULE,
        phases(
            SCHEDULE,
            phase("price_ultimate", 1, TO_LATER, trial_end=TO_LATER[1]),
            later("price_pro", 1, FROM_LATER),
        ),
    ),
    "a longer trial, under a schedule that is done": in_the_way(
        "sub done", trying(), now(MoveTrialEnd, LATER), RELEASE, MOVED
    ),
    "a longer trial in the place of a higher plan": in_the_way(
        "sub pending", trying(), now(MoveTrialEnd, LATER), VOID, MOVED
    ),
    "a longer trial, to end where it was to end later": subscribed(
        lambda: evolve(trying()(), scheduled_change=ScheduledChange(FREE, utc("2027-01-01"))),
        now(MoveTrialEnd, LATER),
        MOVED,
    ),
    # --- the end of a trial now (R8, R4, R5) ---
    "a trial ends now, with a card on file": subscribed(
        trying(CARD), now(MoveTrialEnd, lambda: utc(NOW)), trial_over(id="si_1", quantity=1)
    ),
    "a trial ends now, without a card": subscribed(
        trying(), now(MoveTrialEnd, lambda: utc(NOW)), END
    ),
    "a trial ends now, once cancelled": subscribed(
        trying(CARD, then(Cancel)), now(MoveTrialEnd, lambda: utc(NOW)), END
    ),
    "a trial ends now, without a card, beside whatever waits": in_the_way(
        "sub sched pending", trying(), now(MoveTrialEnd, lambda: utc(NOW)), VOID, RELEASE, END
    ),
    "a trial ends now, with a lower plan waiting": scheduled(
        trying(CARD, then(ChoosePlan, PRO), trial_plan="ultimate"),
        now(MoveTrialEnd, lambda: utc(NOW)),
        RELEASE,
        trial_over(id="si_1", price="price_pro", quantity=1),
    ),
    "a trial ends now, with another edition waiting": scheduled(
        trying(CARD, then(MoveToEdition, dearer)),
        now(MoveTrialEnd, lambda: utc(NOW)),
        RELEASE,
        trial_over(id="si_1", price="price_pro_2027", quantity=1),
    ),
    # --- an end at once (P10) ---
    "a cancellation at once": subscribed(paying(PRO), now(Cancel, True), END),
    "a cancellation at once in a trial": subscribed(trying(), now(Cancel, True), END),
    "a cancellation at once while restricted": subscribed(RESTRICTED, now(Cancel, True), END),
    "a cancellation at once, with a downgrade waiting": scheduled(
        DOWNGRADING, now(Cancel, True), RELEASE, END
    ),
    "a cancellation at once, whatever waits": in_the_way(
        "sub sched pending", paying(PRO), now(Cancel, True), VOID, RELEASE, END
    ),
    "a cancellation at once on Free": unnamed(on_free(), now(Cancel, True)),
    # --- another interval (P9) ---
    "a higher plan of another interval": subscribed(
        bought(PRO, catalog=large), now(ChoosePlan, yearly), TO_YEARLY
    ),
    "a higher plan of another interval with seats, once cancelled": subscribed(
        bought(PRO, then(Cancel), catalog=large),
        now(ChoosePlan, yearly, seats=7),
        to_yearly(7),
        *KEEP,
    ),
    "a higher plan of another interval, with a downgrade waiting": scheduled(
        bought(ULTIMATE, then(ChoosePlan, PRO), catalog=large),
        now(ChoosePlan, yearly),
        RELEASE,
        TO_YEARLY,
    ),
    "a lower plan of another interval": subscribed(
        by_the_year(),
        now(ChoosePlan, PRO),
        MAKE_SCHEDULE,
        phases(
            SCHEDULE,
            phase("price_yearly", 5, (PERIOD[0], YEAR_END)),
            later("price_pro", 5, AFTER_YEAR, billing_cycle_anchor="phase_start"),
        ),
    ),
    "a plan of another interval in a trial": subscribed(
        lived(first(StartTrial), CARD, catalog=large),
        now(ChoosePlan, yearly),
        call(
            UPDATE,
            items=[{"id": "si_1", "price": "price_yearly", "quantity": 1}],
            proration_behavior="none",
            trial_end="now",
            payment_behavior="pending_if_incomplete",
        ),
    ),
    "a refund": subscribed(paying(PRO), now(Refunded, 1, lambda: Money(500, USD))),
    "a report with a downgrade waiting": unnamed(DOWNGRADING, now(PaymentFailed)),
    # --- editions ---
    "another edition": subscribed(
        paying(PRO),
        now(MoveToEdition, dearer),
        MAKE_SCHEDULE,
        phases(SCHEDULE, phase("price_pro", 5, FROM), later("price_pro_2027", 5, TO)),
    ),
    "the edition held again": scheduled(
        paying(PRO, then(MoveToEdition, dearer)), now(MoveToEdition, CHATIM), RELEASE
    ),
    "the edition held, with a downgrade waiting": scheduled(
        DOWNGRADING, now(MoveToEdition, CHATIM), phases("sub_sched_1", *TO_PRO)
    ),
    "another edition at the same prices": subscribed(
        paying(PRO), now(MoveToEdition, lambda: evolve(CHATIM, edition="2027"))
    ),
    "another edition that changes only features": subscribed(
        paying(PRO), now(MoveToEdition, richer)
    ),
    "another edition that changes only features, with a downgrade waiting": scheduled(
        DOWNGRADING, now(MoveToEdition, richer), phases("sub_sched_1", *TO_PRO)
    ),
    "another edition with a downgrade waiting": scheduled(
        DOWNGRADING,
        now(MoveToEdition, dearer),
        phases("sub_sched_1", phase("price_ultimate", 5, FROM), later("price_pro_2027", 5, TO)),
    ),
    "another edition once cancelled": subscribed(CANCELLED, now(MoveToEdition, dearer), CANCEL),
    "a cancellation withdrawn, and another edition waits": subscribed(
        paying(PRO, then(MoveToEdition, dearer), then(Cancel)),
        now(Resume),
        *KEEP,
        MAKE_SCHEDULE,
        phases(SCHEDULE, phase("price_pro", 5, FROM), later("price_pro_2027", 5, TO)),
    ),
    "another edition in a trial": subscribed(
        trying(),
        now(MoveToEdition, dearer),
        MAKE_SCHEDULE,
        phases(
            SCHEDULE,
            phase("price_pro", 1, IN_TRIAL, trial_end=TRIAL[1]),
            later("price_pro_2027", 1, PAID),
        ),
    ),
    # --- ends and starts that no action leads to ---
    # P5: Stripe keeps an end of its own apart from the end of the period.
    "an end that is not the period's, withdrawn": subscribed(
        ending_on("2026-11-02 09:00"), now(Resume), call(UPDATE, cancel_at="")
    ),
    # P5, P8: until the upgrade is paid the account ends where it was to end.
    "an end that is not the period's, and an upgrade": subscribed(
        ending_on("2026-11-02 09:00"),
        now(ChoosePlan, ULTIMATE),
        TO_ULTIMATE,
        call(UPDATE, cancel_at=""),
    ),
    # P4, D2: restricted, it would have ended with the period; a payment puts the end back.
    "an end that is not the period's, set again": subscribed(
        ending_on("2026-12-02 09:00", then(PaymentFailed, True)), now(PaymentSucceeded), LATER_END
    ),
    # C5: only a change of price needs a schedule; the end is told again.
    "a later end and the same price": subscribed(
        ending_on("2026-12-02 09:00"),
        now(MoveToEdition, lambda: evolve(CHATIM, edition="x")),
        LATER_END,
    ),
    # P3, C5: what a boundary before it leaves as it is makes no phase of its own.
    "seats, and a change that waits for a later period": scheduled(
        downgrading_on("2026-12-15 09:00"),
        now(ChangeSeats, 6),
        RELEASE,
        seats(6, "create_prorations"),
        MAKE_SCHEDULE,
        phases(
            SCHEDULE,
            phase("price_ultimate", 6, (PERIOD[0], PERIOD[2])),
            later("price_pro", 6, AFTER_TO),
        ),
    ),
    # P3, C5: the new price from the next boundary on, the other plan from its own.
    "an edition and a later change": scheduled(
        downgrading_on("2026-12-15 09:00"),
        now(MoveToEdition, dearer),
        phases(
            "sub_sched_1",
            phase("price_ultimate", 5, FROM),
            later("price_ultimate_2027", 5, TO),
            later("price_pro_2027", 5, AFTER_TO),
        ),
    ),
}


@pytest.mark.parametrize(("story", "ask", "in_force", "expected"), CASES.values(), ids=CASES)
def test_each_case_call_by_call(
    story: Story, ask: Ask, in_force: tuple[str, ...], expected: tuple[Call, ...]
) -> None:
    """P1-P8, R1-R6, S1, S2, D3, D6, C5, B5: exactly these calls, in this order, and as Stripe defines
    them: every parameter is one of stripe-python's own definitions, and fit for JSON.
    """
    made = calls(ask(), story(), ids(*in_force))
    assert made == expected
    assert [fault for one in made for fault in faults_of_call(dict(one))] == []
    assert tuple(json.loads(json.dumps(made))) == expected


# --- starts that no action leads to ---
def test_the_phase_starts_where_stripe_started_it() -> None:
    """P3: Stripe refuses another start of the current phase than its own."""
    started = evolve(ids("sub"), phase_start=utc("2026-10-15 09:00:02"))
    facts = trying(trial_plan="ultimate")()
    (_, made) = calls(ChoosePlan(PRO, at=utc(NOW)), facts, started)
    assert made["params"]["phases"][0]["start_date"] == TRIAL[0] + 2


@pytest.mark.parametrize("ask", [now(ChoosePlan, PRO), now(ChangeSeats, 6), now(Cancel)])
@pytest.mark.parametrize(
    "start", ["2026-10-15 09:00:02", "2026-10-15 08:59:59", "2026-11-15 09:00"]
)
def test_a_period_starts_in_stripe_where_it_starts_here(ask: Ask, start: str) -> None:
    """B3: two starts are two periods, in which the same change has other cents."""
    expected = "expected 2026-10-15T09:00:00+00:00, as in the facts: take the anchor from Stripe"
    with pytest.raises(InvalidValueError, match=re.escape(f"phase_start: {expected}")):
        calls(ask(), paying(ULTIMATE)(), evolve(ids("sub"), phase_start=utc(start)))
    calls(ask(), paying(ULTIMATE)(), evolve(ids("sub"), phase_start=utc(START)))


@pytest.mark.parametrize(
    ("start", "fits"),
    [
        ("2024-11-13 08:59:59", False),  # 731 days before the end, and a second
        ("2024-11-13 09:00", True),
        (NOW, True),
        ("2026-10-27 17:30:01", False),
        ("2026-11-14 09:00", False),
    ],
)
@pytest.mark.parametrize("ask", [now(ChangeSeats, 6), now(Cancel)])
def test_a_trial_has_begun_and_not_ages_ago(ask: Ask, start: str, fits: bool) -> None:
    """R1: a start of something else is refused, whatever is asked for."""
    named = evolve(ids("sub"), phase_start=utc(start))
    if fits:
        assert calls(ask(), trying()(), named)
        return
    with pytest.raises(InvalidValueError, match="phase_start: expected the start of the trial"):
        calls(ask(), trying()(), named)


def test_the_start_of_a_trial_that_was_prolonged_must_be_told() -> None:
    """R1: it cannot be reckoned from the end, and Stripe refuses another than its own."""
    facts = trying(trial_plan="ultimate")()
    longer = evolve(facts, phase=OnTrial(utc("2026-12-24 09:00")))
    at = utc("2026-10-20 09:00")
    with pytest.raises(InvalidValueError, match="phase_start: expected the trial's start, from"):
        calls(ChoosePlan(PRO, at=at), longer, ids("sub"))
    assert calls(Cancel(at=at), longer, ids("sub")) == (CANCEL,)
    _, made = calls(ChoosePlan(PRO, at=at), longer, evolve(ids("sub"), phase_start=utc(START)))
    assert made["params"]["phases"][0]["start_date"] == unix(utc(START))


def test_the_end_of_a_trial_begins_a_period_of_its_own() -> None:
    """R6: the start that Stripe names is the trial's, and the period's is not there yet."""
    named = evolve(ids("sub"), phase_start=utc(START))
    made = calls(ChoosePlan(ULTIMATE, at=utc(NOW)), trying(CARD)(), named)
    assert made == (ULTIMATE_NOW,)


def test_time_goes_by_first() -> None:
    """T5: the downgrade came on 15 November, so an upgrade is from Pro, in that period."""
    facts = DOWNGRADING()
    at = utc("2026-11-20 09:00")
    released, made = calls(ChoosePlan(ULTIMATE, at=at), facts, ids("sub", "sched"))
    assert (released, made["params"]["items"]) == (RELEASE, TO_ULTIMATE["params"]["items"])


# --- what is refused ---
HIDDEN: dict[str, tuple[Story, Ask]] = {
    "a payment that is retried, with a grace": (paying(ULTIMATE, grace_days=7), now(PaymentFailed)),
    "seats": (paying(ULTIMATE), now(ChangeSeats, 6)),
    "seats with an edition of other features waiting": (
        paying(ULTIMATE, then(MoveToEdition, richer)),
        now(ChangeSeats, 6),
    ),
    "seats in a trial": (trying(), now(ChangeSeats, 4)),
    "another edition": (paying(ULTIMATE), now(MoveToEdition, dearer)),
    "the edition held": (paying(ULTIMATE), now(MoveToEdition, CHATIM)),
    "a payment that lifts a restriction": (
        paying(ULTIMATE, then(PaymentFailed, True)),
        now(PaymentSucceeded),
    ),
}
"""What a schedule of which the facts know nothing may hide, and so stands in the way of."""
REFUSED: dict[str, tuple[Story, Ask, tuple[str, ...], type[PlansError]]] = {
    "a trial of an account that had one": (trying(), now(StartTrial), SUB, TrialRefusedError),
    "a second start": (on_free(), now(StartFree), (), ActionRefusedError),
    "an upgrade of a restricted account": (
        RESTRICTED,
        now(ChoosePlan, ULTIMATE),
        SUB,
        AccountRestrictedError,
    ),
    "an upgrade while a payment is retried": (
        paying(PRO, then(PaymentFailed)),
        now(ChoosePlan, ULTIMATE),
        SUB,
        PaymentOverdueError,
    ),
    "more seats while a payment is retried": (
        paying(PRO, then(PaymentFailed)),
        now(ChangeSeats, 9),
        SUB,
        PaymentOverdueError,
    ),
    "a new start of one that owes": (
        paying(PRO, then(PaymentFailed), then(Cancel, True)),
        now(ChoosePlan, PRO),
        (),
        PaymentOverdueError,
    ),
    "the end of a trial on a paid plan": (
        paying(PRO),
        now(MoveTrialEnd, lambda: utc("2026-11-20 09:00")),
        SUB,
        ActionRefusedError,
    ),
    "another interval while a payment is retried": (
        bought(PRO, then(PaymentFailed), catalog=large),
        now(ChoosePlan, yearly),
        SUB,
        PaymentOverdueError,
    ),
    "a trial's end before the action": (
        trying(),
        now(MoveTrialEnd, lambda: utc(START)),
        SUB,
        ActionRefusedError,
    ),
    "credit in another currency": (
        paying(PRO),
        now(AdjustCredit, lambda: Money(5, Currency("EUR", 2))),
        SUB,
        CurrencyMismatchError,
    ),
    "a cancellation at once of nothing": (paying(PRO), now(Cancel, True), (), InvalidValueError),
    "a plan that is not sold": (paying(PRO), now(ChoosePlan, yearly), SUB, PlanNotOfferedError),
    "more seats than Free has": (on_free(), now(ChangeSeats, 2), (), SeatLimitError),
    "seats with a choice that waits": (
        paying(ULTIMATE),
        now(ChoosePlan, PRO, seats=2),
        SUB,
        ActionRefusedError,
    ),
    "an instant before the facts": (
        paying(PRO),
        now(Cancel, at="2026-10-01 09:00"),
        SUB,
        OutOfOrderError,
    ),
    "no subscription named": (paying(PRO), now(Cancel), (), InvalidValueError),
    "a subscription on Free": (on_free(CARD), now(ChoosePlan, PRO), SUB, InvalidValueError),
    "a plan without a price": (paying(PRO), now(MoveToEdition, unpriced), SUB, UnknownKeyError),
    **{name: (*asked, ("sub", "sched"), InvalidValueError) for name, asked in HIDDEN.items()},
}


@pytest.mark.parametrize(("story", "ask", "in_force", "error"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_said_is_refused(
    story: Story, ask: Ask, in_force: tuple[str, ...], error: type[PlansError]
) -> None:
    """P7: the library's own refusal, or what is missing; for the calls and for the preview."""
    for asked in (calls, preview_call):
        with pytest.raises(error) as caught:
            asked(ask(), story(), ids(*in_force))
        assert type(caught.value) is error


IN_TRIAL_OF_ULTIMATE = trying(trial_plan="ultimate")
SENTENCES: list[tuple[Story, Callable[[], Any], dict[str, Any], type[PlansError], str]] = [
    (
        IN_TRIAL_OF_ULTIMATE,
        now(Cancel),
        {"phase_start": utc("2026-11-14 09:00")},
        InvalidValueError,
        (
            "phase_start: expected the start of the trial: two years before 2026-11-14T09:00:00+00:00"
            " at most, and begun, got"
            " datetime.datetime(2026, 11, 14, 9, 0, tzinfo=datetime.timezone.utc)"
        ),
    ),
    (
        lambda: evolve(IN_TRIAL_OF_ULTIMATE(), phase=OnTrial(utc("2026-12-28 17:30"))),
        now(ChoosePlan, PRO),
        {},
        InvalidValueError,
        (
            "phase_start: expected the trial's start, from Stripe:"
            " it is no trial of the terms' length, got None"
        ),
    ),
    (
        ending_on("2026-12-02 09:00"),
        now(MoveToEdition, dearer),
        {},
        ActionRefusedError,
        (
            "refused: the price changes at 2026-11-15 09:00:00+00:00, and the account ends at"
            " 2026-12-02 09:00:00+00:00; resume it, and cancel in the period that is to be last"
        ),
    ),
    (
        on_free(CARD),
        now(ChoosePlan, PRO),
        {},
        InvalidValueError,
        (
            "subscription: expected None on Free: what has ended cannot be used again,"
            " and what has not must end, got 'sub_1'"
        ),
    ),
    (
        on_free(CARD),
        lambda: "pro",
        {},
        InvalidTypeError,
        "action: expected an Action, got str 'pro'",
    ),
]


@pytest.mark.parametrize(("story", "ask", "facts", "error", "sentence"), SENTENCES)
def test_a_refusal_says_what_to_do(
    story: Story,
    ask: Callable[[], Any],
    facts: dict[str, Any],
    error: type[PlansError],
    sentence: str,
) -> None:
    """P7, C5, R1: whole, for the calls and for the preview alike."""
    for asked in (calls, preview_call):
        with pytest.raises(error) as caught:
            asked(ask(), story(), evolve(ids("sub"), **facts))
        assert str(caught.value) == sentence


def test_credit_in_another_currency_names_both() -> None:
    """B13: the plan's own, and the one given."""
    granted = AdjustCredit(Money(5, Currency("EUR", 2)), at=utc(NOW))
    with pytest.raises(CurrencyMismatchError) as caught:
        calls(granted, paying(PRO)(), ids("sub"))
    assert (caught.value.left, caught.value.right) == (USD, Currency("EUR", 2))


@pytest.mark.parametrize("story", [paying(ULTIMATE), IN_TRIAL_OF_ULTIMATE])
def test_a_phase_may_begin_at_the_very_instant(story: Story) -> None:
    """P3: a lower plan, chosen as the period or the trial begins, waits for its end."""
    (_, made) = calls(ChoosePlan(PRO, at=utc(START)), story(), ids("sub"))
    assert made["params"]["phases"][0]["start_date"] == unix(utc(START))


@pytest.mark.parametrize("asked", [calls, preview_call])
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("value", [None, 7, "pro", {}, Cancel])
def test_what_is_no_argument_is_refused(asked: Any, place: int, value: object) -> None:
    """Nothing is guessed from a value that does not belong."""
    arguments: list[object] = [Cancel(at=utc(NOW)), paying(PRO)(), ids("sub")]
    arguments[place] = value
    with pytest.raises(InvalidTypeError):
        asked(*arguments)


def test_what_is_not_known_of_a_schedule_is_asked_for() -> None:
    """P3: the message says how to know."""
    with pytest.raises(InvalidValueError) as caught:
        calls(ChangeSeats(6, at=utc(NOW)), paying(ULTIMATE)(), ids("sub", "sched"))
    expected = "ids and facts that know what waits in it: read both with `schedule=`"
    assert str(caught.value) == f"schedule: expected {expected}, got 'sub_sched_1'"


def test_a_schedule_that_is_done_is_released() -> None:
    """P3: `release_call` is for the application, once the last phase has begun."""
    made = release_call(ids("sub", "sched"))
    assert (made, faults_of_call(dict(made))) == (RELEASE, [])
    with pytest.raises(InvalidValueError, match="schedule: expected the id of the schedule"):
        release_call(ids("sub"))


@pytest.mark.parametrize(
    "asked", [calls, preview_call, lambda _action, _facts, ids: release_call(ids)]
)
def test_what_is_no_ids_is_said(asked: Callable[..., object]) -> None:
    """Wherever ids are asked for."""
    with pytest.raises(InvalidTypeError) as caught:
        asked(Cancel(at=utc(NOW)), paying(ULTIMATE)(), "sub_1")
    assert str(caught.value) == "ids: expected a StripeIds, got str 'sub_1'"
    with pytest.raises(InvalidTypeError):
        asked(Cancel(at=utc(NOW)), paying(ULTIMATE)(), None)


def test_the_missing_price_is_named() -> None:
    """The message says which plan has no price, and which prices are known."""
    few = StripeIds("cus_1", {"price_pro": PRO}, "sub_1", "si_1")
    with pytest.raises(UnknownKeyError) as caught:
        calls(ChoosePlan(ULTIMATE, at=utc(NOW)), paying(PRO)(), few)
    said = "unknown price of plan 'ultimate, 39.00 USD': use one of price_pro (pro, 19.00 USD)"
    assert str(caught.value) == said


# --- versions of Stripe's API ---
@pytest.mark.parametrize(
    ("version", "anchor"),
    [
        ("2026-08-26.dahlia", "now"),
        ("2026-09-29", "now"),
        ("2026-09-30.endive", {"type": "now"}),
        ("2027-01-01", {"type": "now"}),
    ],
)
def test_the_anchor_is_said_in_the_words_of_the_version(version: str, anchor: Any) -> None:
    """P9: a word until endive made it an object; the call and its preview alike."""
    asked = ChoosePlan(yearly(), at=utc(NOW)), bought(PRO, catalog=large)(), ids("sub")
    assert calls(*asked, api_version=version) == (to_yearly(5, anchor),)
    shown = details(preview_call(*asked, api_version=version))
    assert shown["billing_cycle_anchor"] == anchor


@pytest.mark.parametrize("kind", ["flexible", "classic"])
@pytest.mark.parametrize("version", ["2025-06-29", "2025-06-30.basil"])
def test_the_billing_mode_is_said_where_stripe_knows_it(kind: str, version: str) -> None:
    """B12: what is older was all classic, so there flexible billing cannot be asked for."""
    facts = on_free(CARD)()
    facts = evolve(facts, catalog=chatim(billing_mode=BillingMode(kind))())
    asked = ChoosePlan(PRO, seats=3, at=utc(NOW)), facts, ids()
    made = first_payment("price_pro", 3, "allow_incomplete")
    made["params"]["billing_mode"] = {"type": kind}
    if version == "2025-06-30.basil":
        assert calls(*asked, api_version=version) == (made,)
        return
    if kind == "classic":
        del made["params"]["billing_mode"]
        assert calls(*asked, api_version=version) == (made,)
        return
    with pytest.raises(InvalidValueError) as caught:
        calls(*asked, api_version=version)
    expected = "2025-06-30.basil or later, for flexible billing"
    assert str(caught.value) == f"api_version: expected {expected}, got '2025-06-29'"


def test_the_balance_of_an_account_is_adjusted_at_stripe() -> None:
    """B13, Accounts v2: no call is known, and the refusal says what to do."""
    granted = AdjustCredit(Money(5, USD), at=utc(NOW))
    with pytest.raises(ActionRefusedError) as caught:
        calls(granted, paying(PRO)(), evolve(ids("sub"), customer="acct_1"))
    assert str(caught.value) == (
        "refused: no call is known that adjusts the balance of the account acct_1;"
        " adjust it at Stripe, and read the balance anew"
    )


def test_an_account_pays_by_its_own_name() -> None:
    """Accounts v2: what starts, and its preview, are an account's."""
    asked = (
        ChoosePlan(PRO, seats=3, at=utc(NOW)),
        on_free(CARD)(),
        StripeIds("acct_1", ids().prices),
    )
    (made,), shown = calls(*asked), preview_call(*asked)
    expected = first_payment("price_pro", 3, "allow_incomplete")
    expected["params"]["customer_account"] = (
        expected["params"].pop("customer").replace("cus", "acct")
    )
    assert (made, shown["params"]["customer_account"]) == (expected, "acct_1")
    assert details(shown).keys() == {"items", "billing_mode"}
    assert [fault for one in (made, shown) for fault in faults_of_call(dict(one))] == []


@pytest.mark.parametrize("version", ["endive", "2026", "2026-10-28endive", "2026-10-28.", 20261028])
def test_what_is_no_version_is_refused(version: Any) -> None:
    """Nothing is guessed from a value that does not belong; for the calls and for the preview."""
    for asked in (calls, preview_call):
        with pytest.raises(
            (InvalidValueError, InvalidTypeError), match=r"^api_version: expected a"
        ):
            asked(ChoosePlan(PRO, at=utc(NOW)), on_free(CARD)(), ids(), api_version=version)


# --- previews ---
def details(made: Call) -> dict[str, Any]:
    """What a preview says of the subscription."""
    found = made["params"]["subscription_details"]
    assert isinstance(found, dict)
    return found


PREVIEWED = [
    "a longer trial",
    "a trial ends now, with a card on file",
    "a higher plan of another interval",
    "a paid plan in the place of one that was not paid",
    "a trial",
    "a paid plan, with a card on file",
    "a paid plan after the trial ended",
    "seats in a trial",
    "a higher plan in a trial, once cancelled",
    "an upgrade",
    "an upgrade once cancelled",
    "an upgrade with a downgrade waiting",
    "an upgrade with another edition waiting",
    "seats",
    "seats at once",
    "fewer seats at once",
    "seats with a downgrade waiting",
]
_HOW_IT_IS_PAID = {"customer", "payment_behavior", "payment_settings", "trial_settings"}


@pytest.mark.parametrize("case", PREVIEWED)
def test_a_preview_has_the_parameters_of_the_change(case: str) -> None:
    """B8: the same items, proration and date, in Stripe's own definition of a preview."""
    story, ask, in_force, expected = CASES[case]
    (main,) = (one for one in expected if {"items", "trial_end"} & one["params"].keys())
    made = preview_call(ask(), story(), ids(*in_force))
    said = {key: value for key, value in main["params"].items() if key not in _HOW_IT_IS_PAID}
    assert (details(made), faults_of_call(dict(made))) == (said, [])


def test_a_preview_names_what_it_previews() -> None:
    """Of a change the subscription, of a start the customer."""
    change = preview_call(ChoosePlan(ULTIMATE, at=utc(NOW)), paying(PRO)(), ids("sub"))
    start = preview_call(ChoosePlan(ULTIMATE, at=utc(NOW)), on_free(CARD)(), ids())
    named = [{**made["params"], "subscription_details": None} for made in (change, start)]
    assert named == [
        {"subscription": "sub_1", "subscription_details": None},
        {"customer": "cus_1", "subscription_details": None},
    ]


@pytest.mark.parametrize(
    "case",
    ["a downgrade", "a cancellation", "a cancellation at once", "a card", "nothing to withdraw"],
)
def test_what_makes_no_invoice_has_no_preview(case: str) -> None:
    """B8: there is nothing to preview, and the refusal says where to look instead."""
    story, ask, in_force, _ = CASES[case]
    with pytest.raises(ActionRefusedError, match="show `upcoming_invoice` of the account after it"):
        preview_call(ask(), story(), ids(*in_force))


def test_what_has_no_invoice_is_named() -> None:
    """B8: by its action."""
    with pytest.raises(ActionRefusedError) as caught:
        preview_call(Cancel(at=utc(NOW)), paying(ULTIMATE)(), ids("sub"))
    assert str(caught.value) == (
        "refused: Stripe makes no invoice for Cancel on this account;"
        " show `upcoming_invoice` of the account after it"
    )


# --- any account, any action ---
def priced(*catalogs: Catalog) -> dict[str, Plan]:
    """A price for every plan of the editions."""
    plans = [plan for catalog in catalogs for plan in catalog.plans]
    return {f"price_{number}": plan for number, plan in enumerate(plans)}


@given(st.data())
def test_calls_are_refused_as_the_preview_is_or_are_well_formed(data: st.DataObject) -> None:
    """B8, P7: the core's own answer, parameters that Stripe has, and facts left as they were."""
    account = data.draw(accounts())
    facts = account.subscription
    at = facts.as_of + timedelta(seconds=data.draw(st.sampled_from([0, 1, 86_400, 40 * 86_400])))
    edition = data.draw(editions_after(facts.catalog))
    action = evolve(data.draw(actions()), at=at)
    if isinstance(action, ChoosePlan):
        offered = data.draw(st.sampled_from((*facts.catalog.plans, *edition.plans)))
        action = evolve(action, plan=offered)
    if isinstance(action, MoveToEdition):
        action = MoveToEdition(edition, at=at)
    if isinstance(action, PaymentFailed | PaymentSucceeded):
        action = evolve(action, invoice=None)  # which invoices there are, facts do not know
    prices = priced(facts.catalog, facts.upcoming_catalog, edition)
    then = advance(account, at).account.subscription
    here, before = StripeIds("cus_1", prices), copy.deepcopy(facts)
    if not isinstance(then.phase, OnFree):
        schedule = None if then.scheduled_change is None else "sub_sched_1"
        here = StripeIds("cus_1", prices, "sub_1", "si_1", schedule)
    if isinstance(action, Refunded):
        assert calls(action, facts, here) == ()  # for the books, whose invoices facts do not know
        return
    try:
        after = preview(account, action).account.subscription
    except PlansError as refusal:
        with pytest.raises(type(refusal), match=f"^{re.escape(str(refusal))}$"):
            calls(action, facts, here)
        return
    made = calls(action, facts, here)
    assert [fault for one in made for fault in faults_of_call(dict(one))] == []
    assert json.loads(json.dumps(made)) == list(made)
    assert facts == before
    charged = [one["params"]["items"][0] for one in made if "items" in one["params"]]
    assert [item["quantity"] for item in charged] == [after.seats] * len(charged)


def test_a_new_account_is_told_as_one_on_free() -> None:
    """R1: who opens an account with a trial asks from Free, where everybody begins."""
    new = open_account(StartFree(at=utc(START))).account.subscription
    (made,) = calls(StartTrial(2, at=utc(START)), new, ids())
    assert made["params"]["trial_end"] == TRIAL[1]
