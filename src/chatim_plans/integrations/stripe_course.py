"""What time will do to an account, as far as Stripe must be told of it beforehand.

The lifecycle itself is asked, boundary by boundary, until nothing waits.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from chatim_plans.errors import ActionRefusedError, InvalidValueError
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import days_after, seconds_between
from chatim_plans.integrations.stripe_ids import StripeIds
from chatim_plans.integrations.stripe_requests import Phase
from chatim_plans.subscriptions.lifecycle import crossed
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.subscription import OnFree, OnPaid, OnTrial, Status, Subscription

# Stripe's own limit is two years.
_LONGEST_TRIAL = 731 * 86_400


def rate_held(subscription: Subscription) -> Rate:
    """What the account is charged by, in a trial as if it were paid."""
    return Rate(subscription.plan, subscription.seats)


def foreseen(subscription: Subscription) -> tuple[object, ...]:
    """All that Stripe is told of an account: its rate, and when the plan changes or ends."""
    to_come = tuple((later.plan, later.as_of) for later in _course(subscription))
    return rate_held(subscription), to_come


def known_end(subscription: Subscription) -> datetime | None:
    """The instant at which the account falls to Free, by a choice or unpaid; None if it goes on.

    Source: rules P4, R5, D3.
    """
    course = _course(subscription)
    return course[-1].as_of if course and isinstance(course[-1].phase, OnFree) else None


def knows_what_waits(subscription: Subscription, ids: StripeIds) -> bool:
    """Whether the facts know of a change that a schedule can hold: of the plan, or of its price."""
    upcoming = subscription.upcoming_catalog.plan(subscription.plan.key)
    changes_price = ids.price(upcoming) != ids.price(subscription.plan)
    return subscription.scheduled_change is not None or changes_price


def check_start(subscription: Subscription, ids: StripeIds, at: datetime) -> None:
    """Refuse a start that, at `at`, cannot be the one of the phase that the account is in.

    Two starts of a period are two periods: what is prorated in one is other cents in the other.

    Raises:
        InvalidValueError: `ids.phase_start` is neither that period's nor that trial's.
    """
    start, phase = ids.phase_start, subscription.phase
    if start is None:
        return
    if isinstance(phase, OnPaid):
        fits = start == phase.period.start
        expected = f"{phase.period.start.isoformat()}, as in the facts: take the anchor from Stripe"
    else:
        end = shapes.instance(phase.end, datetime, "end of the trial")
        fits = start <= at and seconds_between(start, end) <= _LONGEST_TRIAL
        expected = f"the start of the trial: two years before {end.isoformat()} at most, and begun"
    if not fits:
        raise InvalidValueError("phase_start", start, expected)


def phases(subscription: Subscription, ids: StripeIds) -> tuple[Phase, ...]:
    """The phases of a schedule, the present one first; none where no change of price waits.

    The last ends with its first period; the schedule then lets go of the subscription.

    Raises:
        ActionRefusedError: the price changes at one boundary, and a later instant ends it all.
        InvalidValueError: the trial's start must be told: it did not last as long as the terms say.
        UnknownKeyError: no price sells a plan.

    Source: rules P3, R6, C5.
    """
    course, end = _course(subscription), known_end(subscription)
    rows = [_present(subscription, ids)]
    for later in course:
        phase, last = later.phase, rows[-1]
        if not isinstance(phase, OnPaid):
            continue
        if ids.price(later.plan) == ids.price(last.rate.plan):
            rows[-1] = evolve(last, end=phase.end)
        else:
            rows.append(Phase(rate_held(later), phase.period.start, phase.end))
    if len(rows) <= 1:
        return ()
    if end is not None:
        because = f"the price changes at {rows[1].start}, and the account ends at {end}"
        raise ActionRefusedError(because, "resume it, and cancel in the period that is to be last")
    if rows[0].start > subscription.as_of:
        expected = "the trial's start, from Stripe: it is no trial of the terms' length"
        raise InvalidValueError("phase_start", ids.phase_start, expected)
    return tuple(rows)


def _course(subscription: Subscription) -> tuple[Subscription, ...]:
    """The account after each boundary to come, until nothing waits, if its invoices are paid."""
    facts, course = evolve(subscription, payment_method=True), list[Subscription]()
    while _has_something_waiting(facts):
        boundary = shapes.instance(facts.next_boundary, datetime, "next boundary")
        facts = crossed(facts, boundary).subscription
        course.append(facts)
    return tuple(course)


def _has_something_waiting(facts: Subscription) -> bool:
    waits = facts.scheduled_change is not None or facts.next_catalog is not None
    return waits or facts.present_status is Status.restricted


def _present(subscription: Subscription, ids: StripeIds) -> Phase:
    phase = subscription.phase
    end = shapes.instance(phase.end, datetime, "end of the phase")
    if isinstance(phase, OnPaid):
        start = phase.period.start
    else:
        start = ids.phase_start or days_after(end, -subscription.catalog.terms.trial_days)
    return Phase(rate_held(subscription), start, end, is_trial=isinstance(phase, OnTrial))
