"""A log followed: each report leads from what the log has told to what it has told with it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import reduce
from types import MappingProxyType
from typing import assert_never

from attrs import evolve, frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.stripe.calls import falls_unpaid
from chatim_plans.stripe.events import Report, log_of, proration_instants
from chatim_plans.stripe.fields import Field, second_before
from chatim_plans.stripe.invoices import subscription_of
from chatim_plans.stripe.log_state import LogState, departs
from chatim_plans.stripe.prices import Prices, checked_prices, price_in
from chatim_plans.stripe.subscriptions import NOT_YET, Snapshot, facts_of, is_over, is_running
from chatim_plans.subscriptions.actions import (
    Action,
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    MoveToEdition,
    MoveTrialEnd,
    PaymentFailed,
    PaymentSucceeded,
    Resume,
    StartFree,
    StartTrial,
)
from chatim_plans.subscriptions.subscription import (
    OnFree,
    OnPaid,
    OnTrial,
    ScheduledChange,
    Standing,
    Subscription,
)

# A failure that is not final never lifts a restriction (rule D1).
_WORSE = MappingProxyType({
    Standing.good: frozenset({Standing.past_due, Standing.restricted}),
    Standing.past_due: frozenset({Standing.restricted}),
    Standing.restricted: frozenset(),
})


def actions_from_events(
    events: object,
    prices: Prices,
    *,
    catalog: Catalog = CHATIM,
    editions: Iterable[Catalog] = (),
) -> tuple[Action, ...]:
    """The actions of one customer, from the whole log of Stripe's `events` about it.

    `events` are a collection, or a list object with all its rows, in any order; one may come more
    than once. Their `replay` gives the invoices that Stripe issued. What is read: subscriptions
    and their schedules, payments of the latest invoice, payment methods attached and detached;
    other events are passed over. An account begins in the edition `catalog`; `editions` are others
    that `prices` sell, to which it may move (rule C5). A change stands at the instant that an
    invoice of the log prorates it from, else at its event's. A choice whose payment is still to
    come (`incomplete`, a pending update) is no action yet (rule P8).

    An empty log has no actions.

    >>> actions_from_events([], {})
    ()

    Raises:
        InvalidStripeError: an event that cannot be read, a plan of an edition that is not given,
            a change for which this library has no action, such as a downgrade inside a period;
            or a log that lacks
            renewals; `path` leads to it.
        InvalidTypeError: no collection, no prices or no catalogue.

    Source: rules P1–P8, S1, R1–R6, D1–D4.
    """
    log, state = begun(events, prices, (catalog, *shapes.row(editions, "editions")))
    return reduce(followed, log, state).actions


def begun(
    events: object, prices: Prices, editions: tuple[Catalog, ...]
) -> tuple[tuple[Report, ...], LogState]:
    """The events in order, and what is known before the first of them.

    Raises:
        InvalidStripeError: an event that cannot be read.
        InvalidTypeError: no collection, no prices or no catalogue.
    """
    first, *_ = (shapes.instance(edition, Catalog, "catalog") for edition in editions)
    log = tuple(log_of(events))
    instants = proration_instants(log, checked_prices(prices), first.free_plan.price.currency)
    return log, LogState(editions, prices, instants)


# --- one report after the other ---
def followed(state: LogState, report: Report) -> LogState:
    """What the log has told with `report`; a kind that the table does not know adds nothing."""
    read = _BY_KIND.get(report.kind) or _BY_KIND.get(report.domain)
    if read is None:
        return state
    state = _of_one_customer(state, report.about).hearing(report.at, report.created)
    if report.domain == "customer.subscription":
        _check_beginning(state, report)
    return read(learnt(state, report), report)


def learnt(state: LogState, report: Report) -> LogState:
    """With what `report` tells of Stripe's objects, whatever that means to the account."""
    about = report.about
    match report.domain:
        case "customer.subscription":
            default = about["default_payment_method"]
            known = MappingProxyType({**state.subscriptions, report.id: about})
            methods = state.methods if default.is_null else state.methods | {default.id()}
            state = reduce(learnt, report.beside, state)
            return evolve(state, subscriptions=known, methods=methods)
        case "subscription_schedule":
            return evolve(state, schedules=MappingProxyType({**state.schedules, report.id: about}))
        case "payment_method" if report.kind == "payment_method.attached":
            return evolve(state, methods=state.methods | {report.id})
        case "payment_method" if report.kind == "payment_method.detached":
            return evolve(state, methods=state.methods - {report.id})
        case _:
            return state


def _of_one_customer(state: LogState, about: Field) -> LogState:
    owner, clock = about["customer"], about["test_clock"]
    customer = state.customer
    if not owner.is_null:
        customer = customer or owner.id()
        if owner.id() != customer:
            raise owner.fault(f"{customer}: a log is of one customer")
    if not clock.is_null:
        raise clock.fault("null: events of a test clock do not bear its time")
    return evolve(state, customer=customer)


def _subscription(state: LogState, report: Report) -> LogState:
    """The whole of a subscription, whatever the event says of it."""
    about, known = report.about, state.subscriptions
    beside = (each for each in known if each != report.id and is_running(known[each]))
    other = next(beside, None)
    if other is not None and (is_running(about) or report.id == state.held):
        raise departs(about["id"], f"no other subscription than {other}, which runs", "P7")
    return _told_of(state, report.about, report.at)


def _check_beginning(state: LogState, report: Report) -> None:
    """What was before the first event of a subscription nobody can know from the log."""
    begins = report.kind == "customer.subscription.created"
    before = None if report.previous.is_null else report.previous["status"].value
    statuses = [before, report.about["status"].text()]
    was_not_yet = any(isinstance(each, str) and each in NOT_YET for each in statuses)
    is_known = report.id in state.subscriptions or state.accounts[0] is not None
    if not (is_known or begins or was_not_yet):
        raise report.about["id"].fault("one whose creation the log holds, too")


def _schedule(state: LogState, report: Report) -> LogState:
    """What waits in a schedule, for the subscription that names it."""
    subscription, facts = state.subscriptions.get(state.held), state.held_facts
    if subscription is None or subscription["schedule"].is_null:
        return state
    if subscription["schedule"].id() != report.id:
        return state
    end = None if facts is None else facts.phase.end
    speaks_of_it = end is not None and report.at < end
    return _told_of(state, subscription, report.at) if speaks_of_it else state


def _attached(state: LogState, report: Report) -> LogState:
    """A payment method that can be used from now on."""
    return state.with_payment_method(report.at, report.about, on_file=True)


def _detached(state: LogState, report: Report) -> LogState:
    """A payment method less; none is left once the last one is gone."""
    if state.methods:
        return state
    return state.with_payment_method(report.at, report.about, on_file=False)


def _failure(state: LogState, report: Report) -> LogState:
    """What time asked for was not paid; whether finally is the subscription's to say."""
    if report.about["billing_reason"].value != "subscription_cycle":
        return state
    return _payment_of_invoice(state, PaymentFailed(at=report.at), report)


def _success(state: LogState, report: Report) -> LogState:
    """More than nothing was paid."""
    paid = report.about["amount_paid"]
    if paid.is_null and report.about["paid"].value is True:
        paid = report.about["amount_due"]  # as it was said until 2018
    if paid.whole() <= 0:
        return state
    return _payment_of_invoice(state, PaymentSucceeded(at=report.at), report)


def _payment_of_invoice(
    state: LogState, payment: PaymentFailed | PaymentSucceeded, report: Report
) -> LogState:
    """Standing follows the latest invoice of the subscription held, and no other (rule D2)."""
    subscription = state.subscriptions.get(state.held)
    if subscription is None or subscription_of(report.about) != state.held:
        return state
    latest = subscription["latest_invoice"]
    is_latest = latest.is_null or latest.id() == report.id
    return state.with_payment(payment, report.about) if is_latest else state


_BY_KIND: Mapping[str, Callable[[LogState, Report], LogState]] = MappingProxyType({
    "customer.subscription": _subscription,
    "subscription_schedule": _schedule,
    "payment_method.attached": _attached,
    "payment_method.detached": _detached,
    "invoice.payment_failed": _failure,
    "invoice.payment_succeeded": _success,
    "invoice.paid": _success,
})


# --- a subscription, as it is told ---
@frozen(order=False)
class Told:
    """A subscription as Stripe tells it, and the facts that it states."""

    snapshot: Snapshot
    facts: Subscription

    @property
    def top(self) -> Field:
        """Stripe's subscription itself."""
        return self.snapshot.top

    @property
    def at(self) -> datetime:
        """The instant of the facts."""
        return self.facts.as_of


def _told_of(state: LogState, top: Field, at: datetime) -> LogState:
    """What leads to the subscription `top` as it is at the instant `at`."""
    if top["status"].text() in NOT_YET:
        return _opened_free(state, top)
    told = stated(state, top.of_kind("subscription"), at)
    for fault in told.snapshot.not_modelled:
        raise fault
    match told.facts.phase:
        case OnFree():
            state = _over(state, told)
        case OnTrial():
            state = _on_trial(state, told)
        case OnPaid() as phase:
            state = _on_paid(state, told, phase)
        case _ as never:
            assert_never(never)
    return evolve(state, held_facts=told.facts) if top["id"].text() == state.held else state


def stated(state: LogState, top: Field, at: datetime) -> Told:
    """What Stripe's subscription states at the instant `at`, with the schedule known for it."""
    schedule = None if top["schedule"].is_null else state.schedules.get(top["schedule"].id())
    snapshot = Snapshot.of(top, at, state.prices).nearest
    known = state.account_at(snapshot.at)
    editions = state.editions if known is None else (known.catalog, *state.editions)
    sells = [edition for edition in editions if snapshot.rate.plan in edition.plans]
    if not sells:
        named = ", ".join(repr(edition.edition) for edition in state.editions)
        raise price_in(snapshot.item).own_id.fault(f"a price of the edition {named}")
    facts = facts_of(snapshot, schedule, state.prices, sells[0], editions)
    return Told(snapshot, facts)


def _opened_free(state: LogState, top: Field) -> LogState:
    if state.account is not None:
        return state
    since = [top["created"], top["billing_cycle_anchor"]]
    at = min(each.instant() for each in since if not each.is_null)
    return state.opened(StartFree(at=at), top)


# --- a subscription that runs ---
def _on_trial(state: LogState, told: Told) -> LogState:
    top = told.top
    start = StartTrial(told.facts.seats, at=top["trial_start"].instant())
    is_first = told.facts.catalog == state.catalog
    state = _taken_over(state.opened(start if is_first else StartFree(at=start.at), top), told)
    state = _in_edition(state, told, start.at)
    at = _while_on_trial(state, told)
    if isinstance(state.ours(at).phase, OnFree):
        state = state.recorded(start, top)
    ours, trial_end = state.ours(at), top["trial_end"]
    if not isinstance(ours.phase, OnTrial):
        raise departs(trial_end, f"no trial after {ours}", "R2")
    if ours.phase != told.facts.phase:
        end = shapes.instance(told.facts.phase, OnTrial, "phase").trial_end
        state = state.recorded(MoveTrialEnd(end, at=at), top)
    if ours.plan != told.facts.plan:
        raise departs(top["items"], f"{ours.plan.key!r} to the trial's end", "R1")
    state = _with_method_of(state, told)
    state = _with_seats(state, told)
    return _with_what_waits(state, told)


def _while_on_trial(state: LogState, told: Told) -> datetime:
    """The instant at which it is told; before the trial's end as told last, if that was moved."""
    known = state.held_facts
    if known is None or not isinstance(known.phase, OnTrial):
        return told.at
    return min(told.at, second_before(known.phase.trial_end))


def _on_paid(state: LogState, told: Told, phase: OnPaid) -> LogState:
    state = _taken_over(state.opened(StartFree(at=phase.cycle.anchor), told.top), told)
    restricted = phase.standing is Standing.restricted
    if restricted and isinstance(state.ours(told.at).phase, OnFree):
        return state  # its period ended unpaid: nothing of it is used or owed any more (rule D3)
    state = _with_method_of(state, told)
    state = _in_edition(state, told, phase.period.start)
    state = _entered(state, told, phase)
    present = state.ours(told.at).phase
    if not isinstance(present, OnPaid):
        where = told.top["billing_cycle_anchor"]
        raise departs(where, "an instant after the end of what was paid before", "P2")
    if phase.standing is Standing.good:
        state = state.with_payment(PaymentSucceeded(at=told.at), told.top)
    state = _with_plan(state, told, phase)
    state = _with_seats(state, told)
    state = _with_what_waits(state, told)
    if phase.standing in _WORSE[present.standing]:
        state = state.recorded(PaymentFailed(restricted, at=told.at), told.top)
    return state


def _taken_over(state: LogState, told: Told) -> LogState:
    """The account stands on this subscription: its first, or one after another ended."""
    subscription = told.top["id"]
    if subscription.text() == state.held:
        return state
    if state.held and not isinstance(state.ours(told.at).phase, OnFree):
        held = state.subscriptions.get(state.held)
        if held is not None and is_over(held):
            raise departs(subscription, f"no start before {state.held} was paid", "D2")
        raise departs(subscription, f"{state.held}, which runs", "P7")
    return evolve(state, held=subscription.text(), held_facts=None)


def _with_method_of(state: LogState, told: Told) -> LogState:
    if not told.facts.payment_method:
        return state
    return state.with_payment_method(told.at, told.top, on_file=True)


def _in_edition(state: LogState, told: Told, since: datetime) -> LogState:
    """In the edition that sells the plan: moved there at the boundary `since` at the latest.

    Source: rule C5.
    """
    edition, ours = told.facts.catalog, state.ours(told.at)
    if ours.catalog == edition:
        return state
    if state.held_facts is not None and state.held_facts.phase.end == told.facts.phase.end:
        price = price_in(told.snapshot.item).own_id
        raise departs(price, f"the price of the edition {ours.catalog.edition!r}", "C5")
    before = state.account_at(second_before(since))
    is_due = before is not None and before.phase.end == since
    return state.recorded(
        MoveToEdition(edition, at=second_before(since) if is_due else since), told.top
    )


def _entered(state: LogState, told: Told, phase: OnPaid) -> LogState:
    """What is paid from the anchor on was started: a trial went on, or a plan was chosen."""
    present = state.ours(told.at).phase
    if isinstance(present, OnPaid) and present.cycle == phase.cycle:
        return state
    anchor, where = phase.cycle.anchor, told.top["billing_cycle_anchor"]
    before, ours = state.account_at(second_before(anchor)), state.ours(anchor)
    lapsed = ours.phase == OnFree(trial_ended=True)
    if isinstance(ours.phase, OnPaid):
        if isinstance(present, OnFree):
            raise departs(where, "Free, because its period ended unpaid", "D3")
        return _with_interval(state, told, ours, ours.phase)
    if lapsed and before is not None and before.phase.end == anchor:
        # The trial went on at its end, so there was a payment method in time (rule R4).
        return state.recorded(AddPaymentMethod(at=second_before(anchor)), told.top)
    if isinstance(ours.phase, OnTrial) and ours.plan.key == told.facts.plan.key:
        # It was ended now, and paid: so there was a payment method (rules R8, R4).
        state = state.with_payment_method(anchor, told.top, on_file=True)
        return state.recorded(MoveTrialEnd(anchor, at=anchor), told.top)
    if phase.period.start != anchor:
        begun = phase.period.start.isoformat()
        raise departs(where, f"{begun}: what was before ended", "P2")
    return state.recorded(ChoosePlan(told.facts.plan, told.facts.seats, at=anchor), told.top)


def _with_interval(state: LogState, told: Told, ours: Subscription, before: OnPaid) -> LogState:
    """Billing begins anew with a plan of another interval: higher at once, lower from a boundary.

    Source: rule P9.
    """
    facts, where = told.facts, told.top["billing_cycle_anchor"]
    anchor, kept = where.instant(), before.cycle.anchor
    if facts.plan.interval_months == ours.plan.interval_months:
        raise departs(where, f"the anchor of {ours}, {kept.isoformat()}", "T3")
    if anchor == kept:
        raise departs(where, "another anchor with another interval", "P9")
    if _is_higher(facts.plan, ours):
        seats = None if facts.seats == ours.seats else facts.seats
        return state.recorded(ChoosePlan(facts.plan, seats, at=anchor), told.top)
    return state.recorded(ChoosePlan(facts.plan, at=second_before(anchor)), told.top)


def _is_higher(plan: Plan, ours: Subscription) -> bool:
    """Whether a choice of the plan is an upgrade of the account."""
    return ours.catalog.is_upgrade(ours.plan, ours.catalog.plan(plan.key))


def _with_plan(state: LogState, told: Told, phase: OnPaid) -> LogState:
    facts, ours, boundary = told.facts, state.ours(told.at), phase.period.start
    if ours.plan == facts.plan:
        return state
    came_with_boundary = state.held_facts is not None and state.held_facts.as_of < boundary
    if _is_higher(facts.plan, ours):
        prorated_at = _prorated_at(state, told)
        if came_with_boundary and prorated_at is None:
            raise departs(told.top["items"], f"{ours.plan.key!r}, as no higher plan waits", "P1")
        seats = None if facts.seats == ours.seats else facts.seats
        choice = ChoosePlan(facts.plan, seats, at=prorated_at or told.at)
        state = state.recorded(choice, told.top)
    elif came_with_boundary:
        # A lower plan starts at a boundary, so it was chosen before it (rules P3, T5).
        state = state.recorded(ChoosePlan(facts.plan, at=second_before(boundary)), told.top)
    if state.ours(told.at).plan != facts.plan:
        raise departs(told.top["items"], f"{ours.plan.key!r} to the period's end", "P3")
    return state


def _with_seats(state: LogState, told: Told) -> LogState:
    seats = told.facts.seats
    if state.ours(told.at).seats == seats:
        return state
    at = _prorated_at(state, told) or told.at
    return state.recorded(ChangeSeats(seats, at=at), told.top)


def _with_what_waits(state: LogState, told: Told) -> LogState:
    """The choice that waits for the end of the trial or period, or that none does."""
    change = told.facts.scheduled_change
    if change is None and not _is_known(told.top["schedule"], state):
        return state
    state, ours = _with_waiting_edition(state, told), state.ours(told.at)
    if change == ours.scheduled_change:
        return state
    if change is None:
        return state.recorded(Resume(at=told.at), told.top)
    end, said_by = ours.phase.end, _said_by(change, told.top, state)
    if change.at != end:
        boundary = shapes.instance(end, datetime, "end of the phase").isoformat()
        raise departs(said_by, f"the end of the period, {boundary}", "P4")
    if change.plan.is_free:
        return _with_end(state, told, ours)
    if _is_higher(change.plan, ours):
        raise departs(said_by, "no higher plan that waits: it holds at once", "P1")
    return state.recorded(ChoosePlan(change.plan, at=told.at), told.top)


def _said_by(change: ScheduledChange, top: Field, state: LogState) -> Field:
    """Where a change that waits is told: as an end of the subscription, or in its schedule."""
    if change.plan.is_free and not top["cancel_at"].is_null:
        return top["cancel_at"]
    schedule = top["schedule"]
    is_id = isinstance(schedule.value, str)
    return state.schedules.get(schedule.id(), schedule) if is_id else schedule


def _is_known(schedule: Field, state: LogState) -> bool:
    """Whether the log has told what waits in the schedule, if there is one."""
    return schedule.is_null or schedule.is_object or schedule.id() in state.schedules


def _with_waiting_edition(state: LogState, told: Told) -> LogState:
    ours, edition = state.ours(told.at), told.facts.next_catalog
    if edition == ours.next_catalog:
        return state
    return state.recorded(MoveToEdition(edition or ours.catalog, at=told.at), told.top)


def _with_end(state: LogState, told: Told, ours: Subscription) -> LogState:
    """A cancellation, if it was asked for: who is not paid falls to Free by itself (rules D3, D6).

    That end stands at Stripe, too, because this library's calls tell it.
    """
    top, at, phase = told.top, told.at, told.facts.phase
    if falls_unpaid(ours) or (isinstance(phase, OnPaid) and phase.standing is Standing.restricted):
        return state
    asked, since = top["canceled_at"].instant_or_none() or at, state.last() or at
    return state.recorded(Cancel(at=asked if since <= asked <= at else at), top)


def _prorated_at(state: LogState, told: Told) -> datetime | None:
    """When a change to the rate was made, as an invoice prorates it; None where none does."""
    start = told.snapshot.bound("current_period_start").instant()
    since = max(state.last(ChoosePlan, ChangeSeats) or start, start)
    instants = state.instants.get((told.top["id"].text(), told.snapshot.rate), ())
    known = bisect_right(instants, told.at)
    return instants[known - 1] if known and since <= instants[known - 1] else None


# --- a subscription that is over ---
def _over(state: LogState, told: Told) -> LogState:
    top, state = told.top, _opened_free(state, told.top)
    ends = [top["ended_at"].instant_or_none(), top["cancel_at"].instant_or_none()]
    ended = min((at for at in ends if at is not None), default=told.at)
    ours = state.ours(ended)
    if isinstance(ours.phase, OnFree) or not _stands_on(state, told, ours):
        return state
    if told.facts.phase == OnFree(trial_ended=True):
        return _lapsed(state, top)
    if top["status"].value == "paused":
        raise departs(top["status"], "no pause of a paid plan", "P7")
    return _stopped(state, top, ended)


def _stands_on(state: LogState, told: Told, ours: Subscription) -> bool:
    """Whether the account stands on this subscription; of one that was stored, by its period."""
    if state.held:
        return state.held == told.top["id"].text()
    return told.snapshot.bound("current_period_end").instant_or_none() == ours.phase.end


def _lapsed(state: LogState, top: Field) -> LogState:
    """A trial that ended, and that nobody paid for, though a card was on file or its end moved."""
    lapse = top["trial_end"].instant()
    before = second_before(lapse)
    at = lapse if state.account_at(before) is None else before
    # Whatever had been attached, it was no payment method for Stripe (rule R4).
    state = state.with_payment_method(at, top, on_file=False)
    if isinstance(state.ours(lapse).phase, OnTrial):
        return state.recorded(MoveTrialEnd(lapse, at=lapse), top)
    return state


def _stopped(state: LogState, top: Field, ended: datetime) -> LogState:
    """It ended although it would have gone on: it was cancelled, or it was not paid."""
    phase = (state.account_at(second_before(ended)) or state.ours(ended)).phase
    boundary = (phase if state.held_facts is None else state.held_facts.phase).end
    inside = boundary is None or ended < boundary
    at = ended if inside else second_before(ended)
    details = top["cancellation_details"]
    why = None if details.is_null else details["reason"].value
    if isinstance(phase, OnPaid) and phase.standing is not Standing.good and why is None:
        why = "payment_failed"
    if isinstance(phase, OnPaid) and why == "payment_failed":
        return state.recorded(PaymentFailed(final=True, at=at), top)
    return state.recorded(Cancel(at_once=inside, at=at), top)
