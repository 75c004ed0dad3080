"""A log of Stripe's events read as actions, whose replay gives the invoices that Stripe issued."""

from __future__ import annotations

import contextlib
import copy
from itertools import permutations
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
    Action,
    AddPaymentMethod,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    InvalidTypeError,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    OnFree,
    OnPaid,
    PaymentFailed,
    PaymentSucceeded,
    Period,
    RemovePaymentMethod,
    Resume,
    Standing,
    StartFree,
    Subscription,
    open_account,
    replay,
)
from chatim_plans.stripe import (
    InvalidStripeError,
    StripeHistory,
    actions_from_events,
    history_from_events,
)
from chatim_plans.stripe.events import log_of
from chatim_plans.stripe.inference import Told
from tests.accounts import repriced, with_plans, yearly
from tests.stripe.refusals import refused_at
from tests.stripe.spoiling import WRONG_TYPES, paths, spoil
from tests.stripe.stories import (
    BEGUN,
    BOUGHT,
    CREATED,
    DAY,
    FEBRUARY,
    JANUARY,
    LATER,
    MARCH,
    MINUTE,
    PAID,
    SECOND,
    START,
    TRIAL,
    TRIED,
    Said,
    actions,
    attached,
    bill,
    canceled,
    converted,
    created,
    deleted,
    detached,
    failed,
    log,
    paid,
    proration,
    schedule_updated,
    scheduled,
    trial,
    trial_object,
    updated,
)
from tests.stripe.written_events import EventWriter, lived, prices_of, told
from tests.stripe.written_objects import (
    PRICES,
    Json,
    dearer_pro,
    event,
    month_from,
    on_trial,
    price_id,
    subscription_object,
    trial_from,
    unix,
)


def known_to_stripe(subscription: Subscription) -> Any:
    """What Stripe knows of an account: on Free there is no subscription, and since when one is
    overdue is nowhere; nor is whether an end of what is not paid was asked for, or comes anyway.
    """
    phase, change = subscription.phase, subscription.scheduled_change
    if isinstance(phase, OnFree):
        return subscription.plan.key, phase.owes
    if isinstance(phase, OnPaid):
        change = None if phase.standing is Standing.restricted else change
        phase = evolve(phase, standing_since=None)
    return subscription.plan, subscription.seats, phase, change


@given(told())
def test_the_replay_of_a_log_gives_the_invoices_issued(
    case: tuple[Catalog, EventWriter, Any, list[Json]],
) -> None:
    """B9: whatever order the events came in; and what is held is what Stripe holds."""
    catalog, writer, until, log = case
    actions = actions_from_events(log, prices_of(catalog), catalog=catalog)
    if not actions:
        assert writer.invoices == []
        return
    statement = replay(actions, until, catalog)
    assert list(statement.invoices) == writer.invoices
    assert writer.account is not None
    theirs = replay([*actions], until, catalog).account.subscription
    assert known_to_stripe(theirs) == known_to_stripe(writer.account.subscription)


@given(told(), st.data())
def test_a_spoilt_log_ends_in_actions_or_a_typed_error(
    case: tuple[Catalog, EventWriter, Any, list[Json]], data: st.DataObject
) -> None:
    """Never another exception, wherever a field was dropped or given another value."""
    catalog, _, until, log_ = case
    if not log_:
        return
    spoilt = copy.deepcopy(log_)
    chosen = spoilt[data.draw(st.integers(0, len(spoilt) - 1))]
    way = data.draw(st.sampled_from(list(paths(chosen))))
    spoil(data.draw, chosen, way, st.sampled_from(WRONG_TYPES))
    with contextlib.suppress(InvalidStripeError):
        found = actions_from_events(spoilt, prices_of(catalog), catalog=catalog)
        replay(found or [StartFree(at=until)], catalog=catalog)


# --- Stories told by hand ---
UPDATED = "customer.subscription.updated"
AFTER_A_PURCHASE: dict[str, tuple[list[Said], list[Action]]] = {
    "an upgrade whose payment is still to come": (
        [updated(LATER, pending_update={"expires_at": 0})],
        [],
    ),
    "an upgrade, by its event": ([updated(LATER, plan=ULTIMATE)], [ChoosePlan(ULTIMATE, at=LATER)]),
    "an upgrade with more seats": (
        [updated(LATER, plan=ULTIMATE, seats=5)],
        [ChoosePlan(ULTIMATE, 5, at=LATER)],
    ),
    "seats": ([updated(LATER, seats=4)], [ChangeSeats(4, at=LATER)]),
    "a cancellation, at the instant it was asked for": (
        [updated(LATER + MINUTE, cancel_at_period_end=True, canceled_at=unix(LATER))],
        [Cancel(at=LATER)],
    ),
    "a cancellation that was asked for in the second of another change": (
        [
            updated(LATER, seats=4),
            updated(LATER + MINUTE, seats=4, cancel_at_period_end=True, canceled_at=unix(LATER)),
        ],
        [ChangeSeats(4, at=LATER), Cancel(at=LATER)],
    ),
    "a cancellation that does not say when it was asked for": (
        [updated(LATER, cancel_at_period_end=True)],
        [Cancel(at=LATER)],
    ),
    "a cancellation taken back": (
        [updated(LATER, cancel_at_period_end=True), updated(LATER + DAY)],
        [Cancel(at=LATER), Resume(at=LATER + DAY)],
    ),
    "a cancellation whose last period has come": (
        [
            updated(
                FEBRUARY.start + SECOND,
                cancel_at=unix(FEBRUARY.end),
                canceled_at=unix(START + MINUTE),
                period=FEBRUARY,
                anchor=START,
            )
        ],
        [Cancel(at=START + MINUTE)],
    ),
    "an end that was due": (
        [updated(LATER, cancel_at_period_end=True), deleted(JANUARY.end, canceled_at=unix(LATER))],
        [Cancel(at=LATER)],
    ),
    "an end at the boundary that nobody announced": (
        [deleted(JANUARY.end)],
        [Cancel(at=JANUARY.end - SECOND)],
    ),
    "an end at once": ([deleted(LATER)], [Cancel(at_once=True, at=LATER)]),
    "coming back after an end at once": (
        [deleted(START + DAY), created(LATER, id="sub_2", period=month_from(LATER))],
        [Cancel(at_once=True, at=START + DAY), ChoosePlan(PRO, 3, at=LATER)],
    ),
    "an end for want of payment": (
        [deleted(LATER, cancellation_details={"reason": "payment_failed"})],
        [PaymentFailed(final=True, at=LATER)],
    ),
    "an end while past due": (
        [updated(LATER, status="past_due"), deleted(LATER + DAY)],
        [PaymentFailed(at=LATER), PaymentFailed(final=True, at=LATER + DAY)],
    ),
    "an end at once while past due, because somebody asked for it": (
        [
            updated(LATER, status="past_due"),
            deleted(LATER + DAY, cancellation_details={"reason": "cancellation_requested"}),
        ],
        [PaymentFailed(at=LATER), Cancel(at_once=True, at=LATER + DAY)],
    ),
    "an end at once while past due, for no reason that is told": (
        [
            updated(LATER, status="past_due"),
            deleted(LATER + DAY, cancellation_details={"reason": None}),
        ],
        [PaymentFailed(at=LATER), PaymentFailed(final=True, at=LATER + DAY)],
    ),
    "an end in the very second of a renewal": (
        [
            updated(FEBRUARY.start, period=FEBRUARY, anchor=START),
            deleted(FEBRUARY.start, period=FEBRUARY, anchor=START),
        ],
        [Cancel(at_once=True, at=FEBRUARY.start)],
    ),
    "an end that is set because nobody paid": (
        [updated(LATER, status="unpaid", cancel_at_period_end=True, cancel_at=unix(JANUARY.end))],
        [PaymentFailed(final=True, at=LATER)],
    ),
    "an end that was set because nobody paid, and is taken back": (
        [
            updated(LATER, status="unpaid", cancel_at=unix(JANUARY.end)),
            updated(LATER + DAY, cancel_at=unix(JANUARY.end), canceled_at=unix(LATER)),
            updated(LATER + 2 * DAY),
        ],
        [
            PaymentFailed(final=True, at=LATER),
            PaymentSucceeded(at=LATER + DAY),
            Cancel(at=LATER + DAY),
            Resume(at=LATER + 2 * DAY),
        ],
    ),
    "a failure that is reported after the end, and a payment": (
        [deleted(LATER), failed(LATER + DAY), failed(LATER + 2 * DAY), paid(LATER + 3 * DAY)],
        [
            Cancel(at_once=True, at=LATER),
            PaymentFailed(at=LATER + DAY),
            PaymentSucceeded(at=LATER + 3 * DAY),
        ],
    ),
    "a higher plan in the second after a renewal, as its invoice prorates it": (
        [
            updated(FEBRUARY.start + MINUTE, plan=ULTIMATE, period=FEBRUARY, anchor=START),
            (
                "invoice.finalized",
                bill(
                    billing_reason="subscription_update",
                    lines={"data": [proration(ULTIMATE, 3, FEBRUARY.start + SECOND, FEBRUARY)]},
                ),
                FEBRUARY.start + MINUTE,
            ),
        ],
        [ChoosePlan(ULTIMATE, at=FEBRUARY.start + SECOND)],
    ),
    "an end a little after the boundary that it was set for": (
        [
            deleted(
                JANUARY.end + MINUTE,
                cancel_at_period_end=True,
                cancel_at=unix(JANUARY.end),
                canceled_at=unix(LATER),
            )
        ],
        [Cancel(at=JANUARY.end - SECOND)],
    ),
    "a change between the boundary and the renewal at Stripe": (
        [
            updated(JANUARY.end + 20 * SECOND, metadata={"a": "b"}),
            updated(JANUARY.end + MINUTE, period=FEBRUARY, anchor=START),
        ],
        [],
    ),
    "unpaid, period after period": (
        [
            updated(LATER, status="unpaid"),
            updated(FEBRUARY.start + SECOND, status="unpaid", period=FEBRUARY, anchor=START),
        ],
        [PaymentFailed(final=True, at=LATER)],
    ),
    "paid after all": (
        [updated(LATER, status="unpaid"), updated(LATER + DAY)],
        [PaymentFailed(final=True, at=LATER), PaymentSucceeded(at=LATER + DAY)],
    ),
    "a failure that is not final lifts no restriction": (
        [updated(LATER, status="unpaid"), updated(LATER + DAY, status="past_due")],
        [PaymentFailed(final=True, at=LATER)],
    ),
    "payments as invoices tell them": (
        [
            failed(LATER),
            failed(LATER + MINUTE, id="in_1", attempt_count=2),
            paid(LATER + DAY, amount_paid=0),
            paid(LATER + 2 * DAY),
        ],
        [PaymentFailed(at=LATER), PaymentSucceeded(at=LATER + 2 * DAY)],
    ),
    "a payment of another invoice than the latest": (
        [updated(LATER, status="unpaid"), paid(LATER + DAY, id="in_0")],
        [PaymentFailed(final=True, at=LATER)],
    ),
    "a failure of another invoice than the latest": ([failed(LATER, id="in_0")], []),
    "one card of two is gone": (
        [attached(START + MINUTE, 1), attached(START + 2 * MINUTE, 2), detached(LATER, 1)],
        [],
    ),
    "the last card is gone": (
        [attached(START + MINUTE, 1), detached(LATER, 1)],
        [RemovePaymentMethod(at=LATER)],
    ),
    "a new subscription after the last one": (
        [deleted(JANUARY.end), created(MARCH.start + SECOND, id="sub_2", period=MARCH)],
        [Cancel(at=JANUARY.end - SECOND), ChoosePlan(PRO, 3, at=MARCH.start)],
    ),
}
STORIES: dict[str, tuple[list[Said], tuple[Action, ...]]] = {
    "nothing": ([], ()),
    "what is no business of ours": ([("product.updated", {"id": "prod_1"}, START)], ()),
    "a trial": ([TRIED], (BEGUN,)),
    "a trial about to end": ([TRIED, trial("trial_will_end", TRIAL.end - 3 * DAY)], (BEGUN,)),
    "a first payment that is still to come": ([CREATED], (StartFree(at=START),)),
    "a first payment that never came": (
        [CREATED, updated(START + DAY, status="incomplete_expired")],
        (StartFree(at=START),),
    ),
    "a first payment that is to come, of a period up to an anchor that was set": (
        [created(START, status="incomplete", created=unix(START), anchor=LATER)],
        (StartFree(at=START),),
    ),
    "a subscription that was over when it was created": (
        [created(LATER, **canceled(LATER))],
        (StartFree(at=START),),
    ),
    "a first payment": ([CREATED, PAID], BOUGHT),
    "a first payment, with a card attached before": (
        [attached(START - DAY), CREATED, PAID],
        BOUGHT,
    ),
    "a first payment, with a card attached between": (
        [CREATED, attached(START + SECOND), PAID],
        (*BOUGHT, AddPaymentMethod(at=START + SECOND)),
    ),
    "a card of its own": (
        [CREATED, updated(START + 5 * SECOND, default_payment_method="pm_1")],
        (*BOUGHT, AddPaymentMethod(at=START + 5 * SECOND)),
    ),
    "an event a second before what it tells": ([created(START - SECOND)], BOUGHT),
    "seats in the trial": (
        [TRIED, trial("updated", LATER, seats=5)],
        (BEGUN, ChangeSeats(5, at=LATER)),
    ),
    "a trial that went on, with a card that nobody reported": (
        [TRIED, ("customer.subscription.updated", converted(), TRIAL.end + SECOND)],
        (BEGUN, AddPaymentMethod(at=TRIAL.end - SECOND)),
    ),
    "a higher plan in the trial": (
        [TRIED, updated(LATER + SECOND, plan=ULTIMATE, period=month_from(LATER))],
        (BEGUN, AddPaymentMethod(at=LATER), ChoosePlan(ULTIMATE, 3, at=LATER)),
    ),
    "a trial that lapsed": ([TRIED, trial("deleted", TRIAL.end, **canceled(TRIAL.end))], (BEGUN,)),
    "a trial that lapsed, with a card that was of no use": (
        [TRIED, attached(LATER), trial("paused", TRIAL.end + SECOND, status="paused")],
        (BEGUN, AddPaymentMethod(at=LATER), RemovePaymentMethod(at=TRIAL.end - SECOND)),
    ),
    "a trial that was deleted": (
        [TRIED, trial("deleted", LATER + SECOND, **canceled(LATER))],
        (BEGUN, Cancel(at_once=True, at=LATER)),
    ),
    "a trial of another length": (
        [("customer.subscription.created", on_trial(Period(START, LATER)), START)],
        (BEGUN, MoveTrialEnd(LATER, at=START)),
    ),
    "a trial that was extended": (
        [
            TRIED,
            (
                "customer.subscription.updated",
                on_trial(Period(START, TRIAL.end + 30 * DAY)),
                LATER,
            ),
        ],
        (BEGUN, MoveTrialEnd(TRIAL.end + 30 * DAY, at=LATER)),
    ),
    "a trial's own plan before its end": (
        [TRIED, updated(LATER, period=month_from(LATER))],
        (BEGUN, AddPaymentMethod(at=LATER), MoveTrialEnd(LATER, at=LATER)),
    ),
    "a trial that was extended in the second before its end, and told of at its end": (
        [TRIED, (UPDATED, on_trial(Period(START, TRIAL.end + 30 * DAY)), TRIAL.end)],
        (BEGUN, MoveTrialEnd(TRIAL.end + 30 * DAY, at=TRIAL.end - SECOND)),
    ),
    "a trial that was ended, and that nobody paid for": (
        [TRIED, trial("deleted", LATER, trial_end=unix(LATER), **canceled(LATER))],
        (BEGUN, MoveTrialEnd(LATER, at=LATER)),
    ),
    "a trial that was ended, with a card that was of no use": (
        [
            TRIED,
            attached(START + DAY),
            trial("deleted", LATER, trial_end=unix(LATER), **canceled(LATER)),
        ],
        (
            BEGUN,
            AddPaymentMethod(at=START + DAY),
            RemovePaymentMethod(at=LATER - SECOND),
            MoveTrialEnd(LATER, at=LATER),
        ),
    ),
    "a trial that was ended in the second it began": (
        [TRIED, trial("deleted", START, trial_end=unix(START), **canceled(START))],
        (BEGUN, MoveTrialEnd(START, at=START)),
    ),
    "a trial that was ended in the second it began, with a card that was of no use": (
        [
            attached(START - DAY),
            TRIED,
            trial("deleted", START, trial_end=unix(START), **canceled(START)),
        ],
        (
            BEGUN,
            AddPaymentMethod(at=START),
            RemovePaymentMethod(at=START),
            MoveTrialEnd(START, at=START),
        ),
    ),
    "a trial and a purchase that ended in the second they began": (
        [CREATED, (UPDATED, subscription_object(), START), deleted(START)],
        (*BOUGHT, Cancel(at_once=True, at=START)),
    ),
    "a cancellation in the trial that was taken back, and nobody told": (
        [
            *(TRIED, attached(LATER)),
            trial("updated", LATER + DAY, cancel_at_period_end=True, cancel_at=unix(TRIAL.end)),
            (UPDATED, converted(), TRIAL.end + SECOND),
        ],
        (
            BEGUN,
            AddPaymentMethod(at=LATER),
            Cancel(at=LATER + DAY),
            ChoosePlan(PRO, 3, at=TRIAL.end),
        ),
    ),
    "a payment report after a trial that was never paid": (
        [TRIED, trial("deleted", TRIAL.end, **canceled(TRIAL.end)), failed(TRIAL.end + DAY)],
        (BEGUN,),
    ),
    "a payment report a second before the account": (
        [created(START - 2 * SECOND), failed(START - SECOND)],
        BOUGHT,
    ),
    "a card that is gone, of which nobody told that it was there": (
        [TRIED, detached(LATER)],
        (BEGUN,),
    ),
    "a card that is nobody's, before anything": ([detached(START - DAY), CREATED, PAID], BOUGHT),
    "a lower plan that a boundary brought, after the end of a subscription beside it": (
        [
            CREATED,
            updated(START + 5 * SECOND, plan=ULTIMATE),
            created(FEBRUARY.start, id="sub_9", plan=ULTIMATE, **canceled(FEBRUARY.start)),
            updated(FEBRUARY.start + SECOND, period=FEBRUARY, anchor=START),
        ],
        (*BOUGHT[:2], ChoosePlan(ULTIMATE, 3, at=START), ChoosePlan(PRO, at=JANUARY.end - SECOND)),
    ),
    "a payment report in a trial": (
        [TRIED, failed(LATER), paid(LATER + DAY)],
        (BEGUN,),
    ),
    "a cancellation inside the trial": (
        [TRIED, trial("updated", START, cancel_at=unix(LATER))],
        (BEGUN, MoveTrialEnd(LATER, at=START), Cancel(at=START)),
    ),
    "a trial that lapsed a second late, with a card that was of no use": (
        [
            TRIED,
            attached(LATER),
            trial("deleted", TRIAL.end + SECOND, **canceled(TRIAL.end + SECOND)),
        ],
        (BEGUN, AddPaymentMethod(at=LATER), RemovePaymentMethod(at=TRIAL.end - SECOND)),
    ),
    "a first payment of a start that was backdated": (
        [
            created(START + DAY, status="incomplete", created=unix(START + DAY)),
            updated(START + DAY + SECOND, created=unix(START + DAY)),
        ],
        BOUGHT,
    ),
    "a reminder in the second of a change": (
        [TRIED, trial("trial_will_end", LATER), trial("updated", LATER, seats=5)],
        (BEGUN, ChangeSeats(5, at=LATER)),
    ),
    "a payment of what was never bought": (
        [CREATED, failed(START, billing_reason="subscription_create")],
        (StartFree(at=START),),
    ),
    "a failure where nobody knows which invoice is the latest": (
        [CREATED, updated(START + 5 * SECOND, latest_invoice=None), failed(LATER)],
        (*BOUGHT, PaymentFailed(at=LATER)),
    ),
    "payments of others, and before anything": (
        [
            failed(START - DAY),
            CREATED,
            PAID,
            failed(LATER, subscription="sub_2"),
            failed(LATER, subscription=None),
        ],
        BOUGHT,
    ),
    "a failure in the trial": ([TRIED, failed(LATER)], (BEGUN,)),
    "a card of two, of which one is the default, is gone": (
        [
            CREATED,
            updated(START + 5 * SECOND, default_payment_method="pm_1"),
            attached(START + MINUTE, 2),
            detached(LATER, 2),
        ],
        (*BOUGHT, AddPaymentMethod(at=START + 5 * SECOND)),
    ),
    "a lower plan that a boundary brought": (
        [
            CREATED,
            updated(START + 5 * SECOND, plan=ULTIMATE),
            updated(FEBRUARY.start + SECOND, period=FEBRUARY, anchor=START),
        ],
        (*BOUGHT[:2], ChoosePlan(ULTIMATE, 3, at=START), ChoosePlan(PRO, at=JANUARY.end - SECOND)),
    ),
    "a trial of somebody who was on Free": (
        [CREATED, trial("created", START, id="sub_2")],
        (StartFree(at=START), BEGUN),
    ),
    **{
        name: ([CREATED, PAID, *said], (*BOUGHT, *found))
        for name, (said, found) in AFTER_A_PURCHASE.items()
    },
}


@pytest.mark.parametrize(("said", "expected"), STORIES.values(), ids=STORIES)
def test_what_a_log_says(said: list[Said], expected: tuple[Action, ...]) -> None:
    """P8, D1, R4: the actions, each with its instant, and no others."""
    assert actions(*said) == expected


@pytest.mark.parametrize("said", STORIES)
def test_what_comes_late_or_twice_adds_nothing(said: str) -> None:
    """Told backwards and twice over, it is the same log."""
    told_ = log(*STORIES[said][0])
    assert actions_from_events([*reversed(told_), *told_], PRICES) == actions(*STORIES[said][0])


# --- When a change was made ---
def test_a_change_stands_at_the_instant_that_its_invoice_prorates_from() -> None:
    """P8: the preview's, to which Stripe was pinned, though it took the payment minutes later."""
    asked = LATER - 5 * MINUTE
    lines = [
        proration(PRO, 3, asked, amount=-100),
        proration(ULTIMATE, 3, asked),
        proration(ULTIMATE, 4, asked - DAY),
        proration(ULTIMATE, 3, asked - DAY, subscription="sub_2"),
        proration(ULTIMATE, 3, LATER + DAY),
        proration(ULTIMATE, 3, START - DAY),
    ]
    bought = updated(LATER, plan=ULTIMATE)
    invoice = bill(lines={"data": lines, "has_more": True})
    told_ = ("invoice.paid", invoice, FEBRUARY.start)
    for each in (told_, ("invoice.created", invoice, asked)):
        assert actions(CREATED, PAID, bought, each) == (*BOUGHT, ChoosePlan(ULTIMATE, at=asked))
    cancelled = updated(asked + MINUTE, cancel_at_period_end=True)
    assert actions(CREATED, PAID, cancelled, bought, told_) == (
        *BOUGHT,
        ChoosePlan(ULTIMATE, at=asked),
        Cancel(at=asked + MINUTE),
        Resume(at=LATER),
    )
    others = [
        ("invoice.voided", bill(lines={"data": lines}, status="void"), LATER),
        paid(LATER, lines={"data": [{"id": None}]}),
        paid(LATER, lines={"data": lines}, subscription=None),
        paid(LATER, lines={"data": lines}, subscription="sub_2"),
        paid(LATER, lines={"data": lines}, currency="eur"),
    ]
    for other in others:
        assert actions(CREATED, PAID, bought, other) == (*BOUGHT, ChoosePlan(ULTIMATE, at=LATER))


# --- What waits in a schedule ---
ULTIMATE_BOUGHT = (*BOUGHT[:2], ChoosePlan(ULTIMATE, 3, at=START))
ON_ULTIMATE = [CREATED, updated(START + 5 * SECOND, plan=ULTIMATE)]
CHOSEN = ChoosePlan(PRO, at=LATER)
TO_PRO = schedule_updated(LATER, "price_pro", JANUARY.end)
TO_ULTIMATE = schedule_updated(LATER, "price_ultimate", JANUARY.end)


def with_schedule(at: Any, **fields: Any) -> Said:
    """An event about Ultimate with a schedule."""
    return updated(at, **{"plan": ULTIMATE, "schedule": "sub_sched_1", **fields})


OTHER = [created(LATER - DAY, id="sub_0", status="incomplete"), deleted(LATER - DAY, id="sub_0")]
NAMED = [*ON_ULTIMATE, with_schedule(LATER - DAY)]
DOWNGRADED = (*ULTIMATE_BOUGHT, CHOSEN)
IN_SCHEDULES: dict[str, tuple[list[Said], tuple[Action, ...]]] = {
    "told by the schedule, once it is named": ([*NAMED, TO_PRO], DOWNGRADED),
    "told by the schedule, which is named then": (
        [*ON_ULTIMATE, TO_PRO, with_schedule(LATER)],
        DOWNGRADED,
    ),
    "named by nobody": ([*ON_ULTIMATE, TO_PRO], ULTIMATE_BOUGHT),
    "before anything": ([TO_PRO], ()),
    "told by both": (
        [*ON_ULTIMATE, with_schedule(LATER - DAY), TO_PRO, with_schedule(LATER + DAY)],
        DOWNGRADED,
    ),
    "told after the end of another subscription": ([*NAMED, *OTHER, TO_PRO], DOWNGRADED),
    "released, and still named": (
        [
            *NAMED,
            TO_PRO,
            (
                "subscription_schedule.released",
                scheduled(
                    "price_pro",
                    JANUARY.end,
                    subscription=None,
                    released_subscription="sub_1",
                    status="released",
                ),
                LATER + DAY,
            ),
            with_schedule(LATER + 2 * DAY),
        ],
        (*DOWNGRADED, Resume(at=LATER + DAY)),
    ),
    "expanded in the subscription": (
        [*ON_ULTIMATE, with_schedule(LATER, schedule=scheduled("price_pro", JANUARY.end))],
        DOWNGRADED,
    ),
    "released": (
        [*NAMED, TO_PRO, updated(LATER + DAY, plan=ULTIMATE)],
        (*DOWNGRADED, Resume(at=LATER + DAY)),
    ),
    "that the log does not hold": (
        [*NAMED, TO_PRO, with_schedule(LATER + DAY, schedule="sub_sched_9")],
        DOWNGRADED,
    ),
    "when the period is over": ([*NAMED, (*TO_PRO[:2], FEBRUARY.start)], ULTIMATE_BOUGHT),
    "of another name": (
        [*NAMED, (TO_PRO[0], TO_PRO[1] | {"id": "sub_sched_9"}, LATER)],
        ULTIMATE_BOUGHT,
    ),
}


@pytest.mark.parametrize(("said", "expected"), IN_SCHEDULES.values(), ids=IN_SCHEDULES)
def test_what_waits_in_a_schedule(said: list[Said], expected: tuple[Action, ...]) -> None:
    """P3: a downgrade at the period's end is a schedule's next phase."""
    assert actions(*said) == expected


# --- What no action says ---
AFTER_PAID: dict[str, tuple[Said, str]] = {
    "two at a time": (created(LATER, id="sub_2", period=month_from(LATER)), "id"),
    "another anchor": (updated(LATER, period=month_from(LATER)), "billing_cycle_anchor"),
    "another anchor, with a higher plan": (
        updated(LATER, plan=ULTIMATE, period=month_from(LATER)),
        "billing_cycle_anchor",
    ),
    "a cancellation for a later period": (
        updated(LATER, cancel_at=unix(FEBRUARY.end)),
        "cancel_at",
    ),
    "a cancellation inside a period": (updated(LATER, cancel_at=unix(LATER + DAY)), "cancel_at"),
    "a pause of what was paid": (updated(LATER, status="paused"), "status"),
}
OF_THE_LAST_EVENT: dict[str, tuple[list[Said], str]] = {
    "a status of nobody's": ([created(START, status="asleep")], "status"),
    "another customer": ([CREATED, updated(START, customer="cus_2")], "customer"),
    "unpaid to the end of its period, and paid then": (
        [
            CREATED,
            PAID,
            updated(LATER, status="unpaid"),
            updated(FEBRUARY.start + DAY, period=FEBRUARY, anchor=START),
        ],
        "billing_cycle_anchor",
    ),
    "a test clock": ([created(START, test_clock="clock_1")], "test_clock"),
    "a status that is a list": ([created(START, status=["active"])], "status"),
    "a log that lacks its beginning": ([updated(LATER, plan=ULTIMATE)], "id"),
    "a creation that was told a period late": (
        [created(FEBRUARY.start, period=FEBRUARY, anchor=START)],
        "billing_cycle_anchor",
    ),
    "a trial of another plan": ([trial("created", START, plan=ULTIMATE)], "items"),
    "a second trial, after one that lapsed": (
        [
            TRIED,
            trial("deleted", TRIAL.end, **canceled(TRIAL.end)),
            (
                "customer.subscription.created",
                on_trial(trial_from(MARCH.start), id="sub_2"),
                MARCH.start,
            ),
        ],
        "",
    ),
    "a trial after what was paid": (
        [CREATED, PAID, (UPDATED, on_trial(Period(LATER, LATER + DAY)), LATER)],
        "trial_end",
    ),
    "a second trial": (
        [
            TRIED,
            (
                "customer.subscription.created",
                on_trial(trial_from(MARCH.start), id="sub_2"),
                MARCH.start,
            ),
        ],
        "id",
    ),
    "a downgrade inside a period": ([*ON_ULTIMATE, updated(LATER)], "items"),
    "a lower plan at a later boundary": (
        [*NAMED, schedule_updated(LATER, "price_pro", FEBRUARY.end)],
        "",
    ),
    "an end of a schedule at a later boundary": (
        [
            *NAMED,
            schedule_updated(
                LATER,
                "price_ultimate",
                START,
                end_behavior="cancel",
                phases=[
                    {
                        "start_date": unix(START),
                        "end_date": unix(FEBRUARY.end),
                        "items": [{"price": "price_ultimate", "quantity": 3}],
                    }
                ],
            ),
        ],
        "",
    ),
    "a higher plan that waits": (
        [CREATED, PAID, updated(LATER - DAY, schedule="sub_sched_1"), TO_ULTIMATE],
        "",
    ),
    "a higher plan that waited": (
        [
            CREATED,
            PAID,
            updated(FEBRUARY.start + SECOND, plan=ULTIMATE, period=FEBRUARY, anchor=START),
        ],
        "items",
    ),
    "bought anew where what was not paid has not ended": (
        [
            *(CREATED, PAID, updated(LATER, status="unpaid")),
            deleted(LATER + DAY, cancellation_details={"reason": "payment_failed"}),
            created(LATER + 2 * DAY, id="sub_2", period=month_from(LATER + 2 * DAY)),
        ],
        "id",
    ),
    "a start before the end of what was paid": (
        [
            ("customer.subscription.created", subscription_object("incomplete", id="sub_2"), START),
            created(START + DAY, period=month_from(START + DAY)),
            deleted(LATER, period=month_from(START + DAY)),
            updated(LATER + DAY, id="sub_2"),
        ],
        "billing_cycle_anchor",
    ),
    "a payment of nobody knows how much": ([CREATED, paid(START, amount_paid=None)], "amount_paid"),
    **{name: ([CREATED, PAID, said], field) for name, (said, field) in AFTER_PAID.items()},
}


def second() -> Json:
    """A second subscription, bought a day after the first one ended."""
    at = FEBRUARY.start + DAY
    return subscription_object(id="sub_2", period=month_from(at), anchor=at)


NO_ACTION: dict[str, tuple[list[Said], str]] = {
    "an end before the beginning": (
        [CREATED, PAID, deleted(LATER, ended_at=unix(START - DAY))],
        "[2].data.object",
    ),
    **{
        name: (said, f"[{len(said) - 1}].data.object.{field}".removesuffix("."))
        for name, (said, field) in OF_THE_LAST_EVENT.items()
    },
}


@pytest.mark.parametrize(("said", "path"), NO_ACTION.values(), ids=NO_ACTION)
def test_what_no_action_says_is_refused(said: list[Said], path: str) -> None:
    """P7: an error leads to the event, where a guess would write a wrong invoice."""
    with refused_at(f"events{path}"):
        actions(*said)


OVERDUE: dict[str, list[Said]] = {
    "more seats": [updated(LATER + DAY, status="past_due", seats=4)],
    "a higher plan": [updated(LATER + DAY, status="past_due", plan=ULTIMATE)],
    "a new start of one that left a bill behind": [
        updated(LATER + DAY, status="past_due", cancel_at_period_end=True),
        deleted(JANUARY.end, canceled_at=unix(LATER + DAY)),
        ("customer.subscription.created", second(), FEBRUARY.start + DAY),
    ],
}


@pytest.mark.parametrize("said", OVERDUE.values(), ids=OVERDUE)
def test_what_an_overdue_account_may_not_do_is_refused_of_a_log(said: list[Said]) -> None:
    """B11, D8: Stripe allows it and the library does not, so the log ends there, with the reason."""
    past_due = updated(LATER, status="past_due")
    with refused_at(f"events[{2 + len(said)}].data.object") as caught:
        actions(CREATED, PAID, past_due, *said)
    assert "a payment failed, and none has succeeded since" in caught.value.given


@pytest.mark.parametrize("shape", ["2018 plan", "2025 basil"])
def test_a_price_of_another_edition_is_refused_by_its_path(shape: str) -> None:
    """C5: a log is of one edition; what was bought from another is not in it."""
    dearer = evolve(dearer_pro().plan("pro"), key="pro_27")
    bought = updated(START + 5 * SECOND, plan=dearer, shape=shape)
    path = f"events[1].data.object.items.data[0].{'plan' if shape == '2018 plan' else 'price'}.id"
    with refused_at(path, f"a price of the edition {CHATIM.edition!r}"):
        actions_from_events(log(CREATED, bought), {**PRICES, "price_pro_27": dearer})


def test_a_schedule_that_cannot_be_read_is_refused_by_its_own_path() -> None:
    """It came with another event than the subscription."""
    told_ = (TO_PRO[0], scheduled("price_pro", JANUARY.end, status="asleep"), LATER)
    with refused_at("events[3].data.object.status"):
        actions(*NAMED, told_)


@pytest.mark.parametrize(
    ("events", "path"),
    [
        ([None], "events[0]"),
        ([{}], "events[0].object"),
        ([subscription_object()], "events[0].object"),
        ([{"object": "event", "data": []}], "events[0].data"),
        ([{"object": "event", "data": {}}], "events[0].data.object"),
        ([{"object": "event", "data": {"object": {}}}], "events[0].type"),
        ([event("x", {}, START) | {"created": True}], "events[0].created"),
        ([event("x", {}, START) | {"id": None}], "events[0].id"),
        (
            [event("customer.subscription.updated", {"status": "active"}, START)],
            "events[0].data.object.id",
        ),
    ],
)
def test_what_is_no_event_is_refused(events: list[Any], path: str) -> None:
    """Also one whose object is none of what it says."""
    with refused_at(path):
        actions_from_events(events, PRICES)


def test_events_in_a_list_object() -> None:
    """As Stripe's API gives them, whole."""
    rows = log(CREATED, PAID)
    assert actions_from_events({"object": "list", "data": rows}, PRICES) == BOUGHT
    with refused_at("events.has_more"):
        actions_from_events({"object": "list", "data": rows, "has_more": True}, PRICES)


def test_events_of_another_api_are_passed_over() -> None:
    """They tell nothing of subscriptions."""
    other = {"id": "evt_9", "object": "v2.core.event", "created": "2026-01-15T09:00:00Z"}
    assert actions_from_events([other, *log(CREATED, PAID)], PRICES) == BOUGHT


def seconds_later(at: Any, *changes: tuple[int, int], first: int = 10) -> list[Json]:
    """Events of one second, each of a change from so many seats to so many."""
    return [
        event(
            UPDATED,
            subscription_object(seats=after),
            at,
            number,
            items={"data": [{"quantity": before}]},
        )
        for number, (before, after) in enumerate(changes, start=first)
    ]


def seats_told(events: list[Json]) -> list[int]:
    """The seats that a log tells after a purchase, one after the other; nothing departs."""
    read = history_from_events([*log(CREATED, PAID), *events], PRICES)
    assert read.departures == ()
    return [action.seats for action in read.actions[3:] if isinstance(action, ChangeSeats)]


def test_a_circle_of_one_second_begins_at_what_was_told_before() -> None:
    """Three seats, five and three again; and of another second, from four."""
    circle = seconds_later(LATER, (5, 3), (3, 5))
    assert seats_told(circle) == [5, 3]
    four = seconds_later(LATER, (3, 4), first=20)
    again = seconds_later(LATER + DAY, (5, 4), (4, 5), first=30)
    assert seats_told([*four, *again]) == [4, 5, 4]


def test_changes_of_one_second_are_linked_where_nothing_was_told_before() -> None:
    """From a stored account on."""
    stored = replay(BOUGHT).account
    told_ = seconds_later(LATER, (5, 6), (3, 5))
    read = history_from_events(told_, PRICES, since=stored)
    assert read.departures == ()
    assert read.actions == tuple(ChangeSeats(seats, at=LATER) for seats in (5, 6))


def test_a_circle_in_the_second_of_a_beginning_begins_there() -> None:
    """A subscription that is created, and changed twice, in one second."""
    made = event("customer.subscription.created", subscription_object(), START, 9)
    read = history_from_events([*seconds_later(START, (5, 3), (3, 5)), made], PRICES)
    assert read.departures == ()
    assert [action.seats for action in read.actions if isinstance(action, ChangeSeats)] == [5, 3]


def test_one_ends_before_another_begins_in_one_second() -> None:
    """Whatever their ids, and whichever is listed first."""
    begun = event(
        "customer.subscription.created",
        subscription_object(id="sub_0", period=month_from(LATER)),
        LATER,
        2,
    )
    ended = event("customer.subscription.deleted", deleted(LATER)[1], LATER, 3)
    read = history_from_events([*log(CREATED, PAID), begun, ended], PRICES)
    assert read.departures == ()
    assert [type(action) for action in read.actions[3:]] == [Cancel, ChoosePlan]


def test_what_says_nothing_of_what_it_changed_is_linked_by_all_it_states() -> None:
    """The other event says of the metadata alone what changed, and does not begin there."""
    silent = event(UPDATED, subscription_object(seats=4, metadata={"a": "1"}), LATER, 8)
    other = event(
        UPDATED,
        subscription_object(seats=5, metadata={"a": "2"}),
        LATER,
        9,
        metadata={"a": "1"},
    )
    read = history_from_events([*log(CREATED, PAID), silent, other], PRICES)
    assert len(read.departures) == 1


ODD_BEFORE: list[Any] = [
    *(7, "seats", [], [1], True, {"items": []}, {"items": 7}, {"items": {"data": {}}}),
    *({"items": {"data": [[]]}}, {"items": {"data": [{"price": [1]}]}}, {"metadata": [1]}),
    *({"metadata": {"a": {"b": 1}}}, {"customer": {"id": 1}}, {"latest_invoice": [None]}),
    {"absent": [1]},
    {"metadata": {"a": frozenset()}},
    {"metadata": {"a": {1, 2}}},
]


@pytest.mark.parametrize("before", ODD_BEFORE, ids=repr)
def test_whatever_an_event_says_it_changed_is_read(before: Any) -> None:
    """Two of one second, of which one says what nothing could have been."""
    odd = event(UPDATED, subscription_object(seats=4, metadata={"a": set()}), LATER, 8)
    odd["data"]["previous_attributes"] = before
    told_ = [*log(CREATED, PAID), odd, *seconds_later(LATER, (3, 5))]
    read = history_from_events(told_, PRICES)
    reasons = {departure.reason for departure in read.departures}
    assert all(reason.startswith((ONE_SECOND, "expected an object, got")) for reason in reasons)
    assert read.account is not None
    assert read.account.subscription.seats in {4, 5}


ONE_SECOND = "expected events of one second in the one order that links them"


def with_trial(at: Any, number: int, end: Any, **previous: Any) -> list[Json]:
    """A trial up to an instant, and the schedule of the move to another edition at its end."""
    about = on_trial(Period(START, end), schedule="sub_sched_1")
    waits = scheduled("price_pro_2100", end)
    told_ = event(UPDATED, about, at, number, schedule=None, **previous)
    schedule = event("subscription_schedule.updated", waits, at, number + 1)
    return [schedule, told_]


def test_a_schedule_is_read_with_what_came_about_with_it() -> None:
    """A trial's end that is moved moves what waits for it, in two events of one second."""
    later = lived(repriced(pro=21_00))
    end = TRIAL.end + 30 * DAY
    moved = with_trial(LATER, 6, end, trial_end=unix(TRIAL.end))
    told_ = [*log(TRIED), *with_trial(START + DAY, 4, TRIAL.end), *moved]
    found = actions_from_events(told_, {**PRICES, **prices_of(later)}, editions=[later])
    assert found == (
        BEGUN,
        MoveToEdition(later, at=START + DAY),
        MoveTrialEnd(end, at=LATER),
    )


def test_an_invoice_prorates_from_the_very_start_of_a_period() -> None:
    """A change that was told of a minute later."""
    invoice = bill(billing_reason="subscription_update", lines={"data": [proration(PRO, 4, START)]})
    finalized = ("invoice.finalized", invoice, START + MINUTE)
    found = actions(CREATED, PAID, updated(START + MINUTE, seats=4), finalized)
    assert found == (*BOUGHT, ChangeSeats(4, at=START))


def test_an_invoice_of_a_change_before_says_nothing_of_a_later_one() -> None:
    """The same seats again, of which no invoice tells."""
    invoice = bill(billing_reason="subscription_update", lines={"data": [proration(PRO, 5, LATER)]})
    said = [
        *(CREATED, PAID, updated(LATER + MINUTE, seats=5)),
        ("invoice.finalized", invoice, LATER + MINUTE),
        *(updated(LATER + DAY), updated(LATER + 2 * DAY, seats=5)),
    ]
    told_ = [(5, LATER), (3, LATER + DAY), (5, LATER + 2 * DAY)]
    assert actions(*said) == (*BOUGHT, *(ChangeSeats(seats, at=at) for seats, at in told_))


def test_a_lower_plan_that_is_retired_is_refused_of_a_log() -> None:
    """C9: nobody chooses it, though Stripe may hold it."""
    large = evolve(ULTIMATE, key="large", price=Money(59_00, USD))
    shop = evolve(with_plans(large), retired=frozenset({"ultimate"}))
    renewed = updated(FEBRUARY.start + SECOND, plan=ULTIMATE, period=FEBRUARY, anchor=START)
    told_ = log(created(START, plan=large), renewed)
    with refused_at("events[1].data.object"):
        actions_from_events(told_, prices_of(shop), catalog=shop)


SMALL = evolve(PRO, key="small", price=Money(9_00, USD))
WITH_SMALL = evolve(CHATIM, edition="small", plans=(FREE, SMALL, PRO, ULTIMATE))


@pytest.mark.parametrize("waited", [False, True])
def test_a_trial_that_is_ended_for_a_lower_plan_had_it_waiting(*, waited: bool) -> None:
    """R6, R8: whether the schedule told of it or not."""
    prices = prices_of(WITH_SMALL)
    small = price_id(SMALL)
    paid_now = updated(LATER, plan=SMALL, period=month_from(LATER))
    waiting = [
        (UPDATED, trial_object(schedule="sub_sched_1"), START + DAY),
        schedule_updated(START + DAY, small, TRIAL.end),
    ]
    told_ = log(TRIED, attached(START), *(waiting if waited else []), paid_now)
    chosen = ChoosePlan(SMALL, at=START + DAY if waited else LATER)
    found = actions_from_events(told_, prices, catalog=WITH_SMALL)
    assert found == (BEGUN, AddPaymentMethod(at=START), chosen, MoveTrialEnd(LATER, at=LATER))


def test_of_two_that_are_told_none_is_the_greater() -> None:
    """They are told apart, and not compared."""
    nothing: Any = None
    told_: Any = [Told(nothing, nothing), Told(nothing, nothing)]
    with pytest.raises(TypeError):
        told_.sort()


# --- Another edition ---
DEARER = repriced(pro=21_00, ultimate=45_00)
NEW_PRO, NEW_ULTIMATE = DEARER.plan("pro"), DEARER.plan("ultimate")


def in_editions(*said: Said) -> StripeHistory:
    """What a log at the prices of two editions tells."""
    return history_from_events(log(*said), {**PRICES, **prices_of(DEARER)}, editions=[DEARER])


def moved_at(at: Any) -> MoveToEdition:
    """The move to the later edition."""
    return MoveToEdition(DEARER, at=at)


RENEWED = {"period": FEBRUARY, "anchor": START}
SAME_PRO = repriced(ultimate=45_00)
IN_EDITIONS: dict[str, tuple[list[Said], list[Action]]] = {
    "a trial of the later": (
        [trial("created", START, plan=NEW_PRO)],
        [StartFree(at=START), moved_at(START), BEGUN],
    ),
    "a purchase from the later": (
        [created(START, plan=NEW_PRO)],
        [
            StartFree(at=START),
            moved_at(START),
            AddPaymentMethod(at=START),
            ChoosePlan(NEW_PRO, 3, at=START),
        ],
    ),
    "a renewal at the later's price": (
        [CREATED, PAID, updated(FEBRUARY.start + SECOND, plan=NEW_PRO, **RENEWED)],
        [*BOUGHT, moved_at(FEBRUARY.start - SECOND)],
    ),
    "a trial that goes on at the later's price": (
        [TRIED, attached(LATER), (UPDATED, converted(plan=NEW_PRO), TRIAL.end + SECOND)],
        [BEGUN, AddPaymentMethod(at=LATER), moved_at(TRIAL.end - SECOND)],
    ),
    "a trial that is ended, and paid at the later's price": (
        [TRIED, updated(LATER + SECOND, plan=NEW_PRO, period=month_from(LATER))],
        [
            BEGUN,
            moved_at(LATER),
            AddPaymentMethod(at=LATER),
            MoveTrialEnd(LATER, at=LATER),
        ],
    ),
    "a higher plan of the later, at a renewal, and a lower one": (
        [
            CREATED,
            updated(START + SECOND, plan=ULTIMATE),
            updated(FEBRUARY.start + SECOND, plan=NEW_PRO, **RENEWED),
        ],
        [
            *BOUGHT[:2],
            ChoosePlan(ULTIMATE, 3, at=START),
            moved_at(FEBRUARY.start - SECOND),
            ChoosePlan(NEW_PRO, at=FEBRUARY.start - SECOND),
        ],
    ),
}


@pytest.mark.parametrize(("said", "expected"), IN_EDITIONS.values(), ids=IN_EDITIONS)
def test_what_a_log_says_of_editions(said: list[Said], expected: list[Action]) -> None:
    """C5: a boundary brings the later edition, and so does a start."""
    read = in_editions(*said)
    assert read.departures == ()
    assert list(read.actions) == expected


def test_one_that_ended_says_nothing_of_the_price_of_the_next() -> None:
    """Both begin in one second, so that their periods are the same."""
    again = created(START, id="sub_2", plan=NEW_PRO)
    read = in_editions(created(START), deleted(START), again)
    assert read.departures == ()
    chosen = ChoosePlan(NEW_PRO, 3, at=START)
    assert read.actions == (*BOUGHT, Cancel(at_once=True, at=START), moved_at(START), chosen)


def test_a_plan_of_two_editions_is_of_the_one_that_the_account_is_in() -> None:
    """Its price is the same in both."""
    later = repriced(pro=21_00)
    bought = [*BOUGHT[:2], ChoosePlan(ULTIMATE, 3, at=START)]
    stored = replay(bought, catalog=later).account
    more = log(updated(LATER, plan=ULTIMATE, seats=4))
    for editions in ([later], []):
        read = history_from_events(more, PRICES, editions=editions, since=stored)
        assert read.departures == ()
        assert read.account is not None
        assert read.account.subscription.catalog == later
        assert read.actions == (ChangeSeats(4, at=LATER),)


def test_another_editions_price_inside_a_period_departs() -> None:
    """C5: it holds from a boundary on."""
    read = in_editions(CREATED, PAID, updated(LATER, plan=NEW_PRO))
    (departure,) = read.departures
    assert departure.path == "events[2].data.object.items.data[0].price.id"
    assert departure.rule == "C5"
    assert departure.reason == (
        f"expected the price of the edition {CHATIM.edition!r}: "
        'what this library has an action for, got "price_pro_2100"'
    )
    assert read.account is not None
    assert read.account.subscription.plan == NEW_PRO


def test_a_price_of_no_edition_names_those_there_are() -> None:
    """Each by its name."""
    other = evolve(PRO, price=Money(25_00, USD))
    told_ = log(created(START, plan=other))
    prices = {**PRICES, **prices_of(DEARER), price_id(other): other}
    path = "events[0].data.object.items.data[0].price.id"
    with refused_at(path, f"a price of the edition {CHATIM.edition!r}, {DEARER.edition!r}"):
        actions_from_events(told_, prices, editions=[DEARER])


# --- Another interval ---
YEARLY = yearly()
LARGE = with_plans(YEARLY)
LARGE_PRICES = prices_of(LARGE)


def year_from(at: Any) -> Period:
    """The year that begins then."""
    return Period(at, at.replace(year=at.year + 1))


def in_years(*said: Said) -> tuple[Action, ...]:
    """The actions of a log at the prices of an edition with a plan by the year."""
    return actions_from_events(log(*said), LARGE_PRICES, catalog=LARGE)


def by_year(at: Any, began: Any, **fields: Any) -> Said:
    """An event about the subscription on the plan by the year."""
    return updated(at, plan=YEARLY, period=year_from(began), anchor=began, **fields)


BY_YEAR = created(START, plan=YEARLY, period=year_from(START))
YEAR_BOUGHT = (*BOUGHT[:2], ChoosePlan(YEARLY, 3, at=START))
BACK = updated(START.replace(year=2027) + SECOND, period=month_from(START.replace(year=2027)))


def test_a_plan_by_the_year_is_chosen_at_once() -> None:
    """P9: billing begins anew, with as many seats as before or with others."""
    for seats in (3, 5):
        found = in_years(CREATED, PAID, by_year(LATER + SECOND, LATER, seats=seats))
        chosen = ChoosePlan(YEARLY, None if seats == 3 else seats, at=LATER)
        assert found == (*BOUGHT, chosen)


def test_a_plan_by_the_month_comes_at_the_end_of_a_year() -> None:
    """P9, T5: so it was chosen before."""
    lower = ChoosePlan(PRO, at=START.replace(year=2027) - SECOND)
    assert in_years(BY_YEAR, BACK) == (*YEAR_BOUGHT, lower)


OVERDUE_ANOTHER = {
    "by the year": [
        CREATED,
        PAID,
        updated(LATER, status="past_due"),
        by_year(*(2 * [LATER + DAY])),
    ],
    "by the month": [BY_YEAR, by_year(LATER, START, status="past_due"), BACK],
}


@pytest.mark.parametrize("said", OVERDUE_ANOTHER.values(), ids=OVERDUE_ANOTHER)
def test_another_interval_of_who_has_not_paid_is_refused_of_a_log(said: list[Said]) -> None:
    """B11: by the event that tells of it."""
    with refused_at(f"events[{len(said) - 1}].data.object"):
        in_years(*said)


def test_an_anchor_that_is_kept_with_another_interval_departs() -> None:
    """P9: Stripe keeps it in flexible billing."""
    told_ = log(CREATED, PAID, by_year(LATER, START))
    (departure,) = history_from_events(told_, LARGE_PRICES, catalog=LARGE).departures
    assert departure.path == "events[2].data.object.billing_cycle_anchor"
    assert departure.rule == "P9"
    assert departure.reason == (
        "expected another anchor with another interval: what this library has an action for, "
        f"got {unix(START)}"
    )


def test_an_anchor_that_moved_departs_from_the_one_it_had() -> None:
    """T3."""
    told_ = log(CREATED, PAID, updated(LATER, period=month_from(LATER)))
    (departure,) = history_from_events(told_, PRICES).departures
    assert departure.rule == "T3"
    assert departure.reason == (
        f"expected the anchor of 3 x pro 19.00 USD, active, {START.isoformat()}: "
        f"what this library has an action for, got {unix(LATER)}"
    )


def test_a_log_that_begins_with_a_first_payment_has_its_beginning() -> None:
    """What was `incomplete` before had not happened."""
    told_ = [event(UPDATED, subscription_object(), START, 1, status="incomplete")]
    assert actions_from_events(told_, PRICES) == BOUGHT


def test_a_cent_is_a_payment() -> None:
    """Nothing is none."""
    found = actions(CREATED, PAID, failed(LATER), paid(LATER + DAY, amount_paid=1))
    assert found[-1] == PaymentSucceeded(at=LATER + DAY)


def test_the_editions_are_catalogues_in_a_collection() -> None:
    """Named as what they are."""
    with pytest.raises(InvalidTypeError) as caught:
        actions_from_events([], PRICES, editions=7)  # type: ignore[arg-type]
    assert caught.value.name == "editions"


def test_what_runs_beside_another_is_named() -> None:
    """By its id."""
    with refused_at(
        "events[2].data.object.id",
        "no other subscription than sub_1, which runs: what this library has an action for",
    ):
        actions(CREATED, PAID, created(LATER, id="sub_2", period=month_from(LATER)))


def test_a_refusal_of_the_library_is_named_with_its_rule() -> None:
    """P7: as what was expected, and what it says."""
    unpaid, grown = updated(LATER, status="unpaid"), updated(LATER + DAY, status="unpaid", seats=4)
    (departure,) = history_from_events(log(CREATED, PAID, unpaid, grown), PRICES).departures
    assert departure.rule == "P7"
    assert departure.reason.startswith(
        "expected what this library has an action for, got refused: the account is restricted"
    )


def test_an_instant_before_what_is_stored_is_named() -> None:
    """A purchase of which the stored account does not know, and that was before it."""
    stored = open_account(StartFree(at=LATER)).account
    begun = created(LATER + DAY)
    (departure,) = history_from_events(log(begun), PRICES, since=stored).departures
    assert departure.path == "events[0].data.object"
    assert departure.reason == (
        f"expected no instant before what is known of the account, got {START.isoformat()}"
    )


def test_a_stored_payment_method_is_on_file() -> None:
    """It goes with the account: nothing need tell of it again."""
    stored = replay([StartFree(at=START), AddPaymentMethod(at=START)]).account
    read = history_from_events(log(created(LATER, period=month_from(LATER))), PRICES, since=stored)
    assert read.actions == (ChoosePlan(PRO, 3, at=LATER),)


def test_what_is_nested_too_deep_to_compare_is_another() -> None:
    """Two events of one second, with metadata that no recursion reaches the end of."""
    deep: Json = {}
    for _ in range(5_000):
        deep = {"deeper": deep}
    told_ = [CREATED, PAID, *(updated(LATER, seats=n, metadata=deep) for n in (4, 5))]
    expected = (*BOUGHT, ChangeSeats(4, at=LATER), ChangeSeats(5, at=LATER))
    assert actions(*told_) == expected
    assert len(history_from_events(log(*told_), PRICES).departures) == 1
    assert [report.is_in_order for report in log_of(log(*told_))] == [True, True, True, False]


def test_a_log_that_is_none_is_refused() -> None:
    """The caller's own mistakes have the library's own errors."""
    wrong: Any = "evt_1"
    with pytest.raises(InvalidTypeError):
        actions_from_events(wrong, PRICES)
    with pytest.raises(InvalidTypeError):
        actions_from_events([], wrong)
    with pytest.raises(InvalidTypeError):
        actions_from_events([], PRICES, catalog=wrong)


def test_events_of_stripe_python() -> None:
    """As its client gives them."""
    stripe = pytest.importorskip("stripe", reason="needs stripe, to make its objects")
    events = [stripe.Event.construct_from(each, "key") for each in log(CREATED, PAID)]
    assert actions_from_events(events, PRICES) == BOUGHT


def test_events_of_one_second_are_put_in_order_by_what_they_changed() -> None:
    """Of one second Stripe promises no order, and times say none."""
    four = subscription_object(seats=4)["items"]
    three = subscription_object(seats=3)["items"]
    told_ = [
        event(*CREATED, 1),
        event(*PAID, 2, status="incomplete"),
        event(*updated(LATER, seats=4), 3, items={"data": three["data"]}),
        event(*updated(LATER, seats=5), 4, items={"data": four["data"]}),
    ]
    expected = (*BOUGHT, ChangeSeats(4, at=LATER), ChangeSeats(5, at=LATER))
    for order in permutations(told_):
        assert actions_from_events(order, PRICES) == expected
