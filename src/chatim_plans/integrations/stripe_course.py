"""What time will do to an account, as far as Stripe must be told of it beforehand.

The lifecycle itself is asked, boundary by boundary, until nothing waits.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from chatim_plans.errors import ActionRefusedError, InvalidValueError
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import days_after
from chatim_plans.integrations.stripe_ids import StripeIds
from chatim_plans.integrations.stripe_requests import Phase
from chatim_plans.subscriptions.lifecycle import crossed
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.subscription import OnFree, OnPaid, OnTrial, Status, Subscription


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


def phases(subscription: Subscription, ids: StripeIds) -> tuple[Phase, ...]:
    """The phases of a schedule, the present one first; none where no change of price waits.

    The last ends with its first period; the schedule then lets go of the subscription.

    Raises:
        ActionRefusedError: the price changes at one boundary, and a later instant ends it all.
        InvalidValueError: the phase is said to start at or after its end.
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
    if len(rows) == 1:
        return ()
    if end is not None:
        because = f"the price changes at {rows[1].start}, and the account ends at {end}"
        raise ActionRefusedError(because, "resume it, and cancel in the period that is to be last")
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
        if ids.phase_start not in (None, start):
            expected = f"{start.isoformat()}, as in the facts: take the anchor from Stripe"
            raise InvalidValueError("phase_start", ids.phase_start, expected)
    else:
        start = ids.phase_start or days_after(end, -subscription.catalog.terms.trial_days)
    if not start <= subscription.as_of:
        expected = f"an instant up to {subscription.as_of.isoformat()}"
        raise InvalidValueError("phase_start", start, expected)
    return Phase(rate_held(subscription), start, end, is_trial=isinstance(phase, OnTrial))
