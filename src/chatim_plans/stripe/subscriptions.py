"""The facts that a subscription of Stripe's states: where it is by its status, and what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

from attrs import evolve, frozen

from chatim_plans.catalog.catalogs import BillingMode, Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError, OutOfOrderError, UnknownKeyError
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.periods import Cycle, Period
from chatim_plans.stripe.fields import Field, InvalidStripeError, argument
from chatim_plans.stripe.prices import (
    Prices,
    check_currency,
    checked_prices,
    plan_of,
    price_in,
    rate_of,
)
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.subscription import (
    OnFree,
    OnPaid,
    OnTrial,
    Phase,
    ScheduledChange,
    Standing,
    Subscription,
)

_SECOND = timedelta(seconds=1)


@frozen(order=False)
class Snapshot:
    """Stripe's subscription `top`, whose one `item` is billed at `rate`, as it is at `at`."""

    top: Field
    item: Field
    rate: Rate
    at: datetime

    @classmethod
    def of(cls, top: Field, at: datetime, prices: Prices) -> Snapshot:
        """The subscription `top` at the instant `at`, its one item at one of `prices`."""
        item = top["items"].only_row()
        rate = rate_of(item, prices)
        if not top["currency"].is_null:
            check_currency(top, rate.plan.price.currency, repr(rate.plan.key))
        return cls(top, item, rate, at)

    @property
    def nearest(self) -> Snapshot:
        """The same at the nearest instant of which it speaks.

        Around a boundary Stripe's clock and its subscriptions are some seconds apart.
        """
        if _status_of(self.top) not in _RUNNING:
            return self
        start, end = (self.bound(f"current_period_{side}").instant() for side in ("start", "end"))
        return evolve(self, at=max(start, min(self.at, end - _SECOND)))

    def bound(self, name: str) -> Field:
        """A bound of the current period."""
        return bound_in(self.top, self.item, name)

    @property
    def period(self) -> Period:
        """The current period, which holds `at`: of a later time the object says nothing."""
        start, end = self.bound("current_period_start"), self.bound("current_period_end")
        if end.instant() <= start.instant():
            raise end.fault("an instant after the period's start")
        if self.at < start.instant():
            raise OutOfOrderError(self.at, start.instant())
        self.check_not_over(end)
        return Period(start.instant(), end.instant())

    def check_not_over(self, end: Field) -> None:
        """Refuse an object that is of an earlier time than `at`, because `end` is over."""
        if end.instant() <= self.at:
            raise end.fault(f"an instant after {self.at.isoformat()}: fetch the object anew")

    @property
    def scheduled_end(self) -> datetime | None:
        """The instant at which a cancellation that waits ends it; None if none waits."""
        ends = [self.top["cancel_at"]] if not self.top["cancel_at"].is_null else []
        if self.top["cancel_at_period_end"].flag():
            ends.append(self.bound("current_period_end"))
        for end in ends:
            self.check_not_over(end)
        return min((end.instant() for end in ends), default=None)

    @property
    def had_trial(self) -> bool:
        """Whether it began with a trial; `trial_end` outlives the trial."""
        return self.top["trial_end"].instant_or_none() is not None

    @property
    def is_in_trial_period(self) -> bool:
        """Whether its last period is the trial's own, so that nothing was ever charged."""
        trial_start = self.top["trial_start"].instant_or_none()
        if trial_start is None or not self.had_trial:
            return False
        return self.bound("current_period_start").instant_or_none() == trial_start


def bound_in(top: Field, item: Field, name: str) -> Field:
    """A bound of the current period, which stands on the item since 2025, before on top."""
    ours, above = item[name], top[name]
    if ours.is_null:
        return above
    if not above.is_null and above.instant() != ours.instant():
        raise above.fault(f"{ours.whole()}, as on the item")
    return ours


def subscription_from_stripe(
    obj: object,
    prices: Prices,
    *,
    at: datetime,
    schedule: object = None,
    catalogs: Iterable[Catalog] = (CHATIM,),
) -> Subscription:
    """The facts that Stripe's subscription `obj`, or an event about one, states at `at`.

    `prices` maps the ids of Stripe's prices to plans, and `catalogs` are the editions that sell
    them: the first that has a plan is the one it was sold from. Read an object when it comes,
    with the instant it is from: it speaks of the period it is in, and no later. Later instants
    are for `entitlements` and the rest of the library to answer, from the facts read.

    `schedule` is the subscription's schedule, where it does not stand expanded in `obj`: without
    it, a change of plan that waits there is not known. A payment method is known of where it is
    the subscription's own, or where the customer stands expanded.

    >>> from datetime import UTC
    >>> from chatim_plans import PRO
    >>> price = {"id": "price_pro", "currency": "usd", "unit_amount": 1900,
    ...          "recurring": {"interval": "month", "interval_count": 1}}
    >>> item = {"price": price, "quantity": 3,
    ...         "current_period_start": 1768467600, "current_period_end": 1771146000}
    >>> obj = {"object": "subscription", "status": "past_due", "items": {"data": [item]},
    ...        "billing_cycle_anchor": 1768467600, "cancel_at_period_end": False}
    >>> at = datetime(2026, 1, 20, tzinfo=UTC)
    >>> read = subscription_from_stripe(obj, {"price_pro": PRO}, at=at)
    >>> read.plan.key, read.seats, read.present_status.value, read.phase.end.isoformat()
    ('pro', 3, 'past_due', '2026-02-15T09:00:00+00:00')

    Raises:
        InvalidStripeError: what cannot be read or held; `path` leads to it.
        OutOfOrderError: `at` is before the period that the object speaks of.
        InvalidTypeError, InvalidValueError: no prices, catalogues or instant.

    Source: Stripe's eight statuses; rules A1, D1, D2, P4, P5, P8, R4, R5.
    """
    editions = shapes.row(catalogs, "catalogs")
    top = argument(obj, "subscription")
    snapshot = Snapshot.of(top, instant(at), checked_prices(prices))
    given = None if schedule is None else Field(schedule, "subscription_schedule")
    return facts_of(snapshot, given, prices, _edition_of(snapshot.rate.plan, editions), editions)


def facts_of(
    snapshot: Snapshot,
    schedule: Field | None,
    prices: Prices,
    catalog: Catalog,
    editions: tuple[Catalog, ...],
) -> Subscription:
    """The facts that `snapshot` states, of an account sold from `catalog`, one of `editions`.

    Raises:
        InvalidStripeError: what cannot be held, by the path at which it stands.
        OutOfOrderError: the snapshot's instant is before the period that it speaks of.
    """
    top, rate = snapshot.top, snapshot.rate
    phase, was_invoiced = _phase_of(snapshot)
    if isinstance(phase, OnPaid):
        phase = evolve(phase, billing_mode=_billing_mode(top, catalog))
    facts = Subscription(
        catalog,
        catalog.free_plan if isinstance(phase, OnFree) else rate.plan,
        rate.seats,
        snapshot.at,
        phase,
        payment_method=_can_pay(top) or has_payment_method(_expanded(top["customer"])),
        tried_plan=rate.plan.key if snapshot.had_trial else None,
        was_invoiced=was_invoiced,
    )
    if isinstance(phase, OnFree):
        return facts
    waiting = top["schedule"] if schedule is None else _schedule_of(top, schedule)
    return _with_what_waits(facts, snapshot.scheduled_end, waiting, prices, editions)


def _can_pay(top: Field) -> bool:
    """Whether a subscription is paid by its own default, or by invoice (rule D7)."""
    method = top["collection_method"]
    return has_payment_method(top) or (not method.is_null and method.text() == "send_invoice")


def _billing_mode(top: Field, catalog: Catalog) -> BillingMode:
    """Stripe's own; its catalogue's, where an API version does not say it (rule B12)."""
    given = top["billing_mode"]
    if given.is_null:
        return catalog.terms.billing_mode
    kind = given["type"]
    if kind.text() not in tuple(BillingMode):
        raise kind.fault(f"one of {', '.join(BillingMode)}")
    return BillingMode(kind.text())


def has_payment_method(owner: Field) -> bool:
    """Whether a customer has a default that invoices are paid from."""
    settings = owner["invoice_settings"]
    owners = [owner] if settings.is_null else [owner, settings]
    names = ("default_payment_method", "default_source")
    return any(bool(own[name].id()) for own in owners for name in names if not own[name].is_null)


def _expanded(customer: Field) -> Field:
    """The customer where it stands expanded; else one of which nothing is known."""
    return Field({}, customer.path) if isinstance(customer.value, str | None) else customer


def _edition_of(plan: Plan, editions: tuple[Catalog, ...]) -> Catalog:
    """The first of `editions` that sells `plan`, by value."""
    for catalog in editions:
        if plan in shapes.instance(catalog, Catalog, "catalogs").plans:
            return catalog
    known = ", ".join(catalog.edition for catalog in editions)
    expected = f"catalogues of which one sells {plan.key!r} at {plan.price}"
    raise InvalidValueError("catalogs", known, expected)


# --- where it is, by its status ---
def _status_of(top: Field) -> str:
    """The status of a subscription, one of Stripe's eight."""
    status = top["status"].text()
    if status not in _PHASE_OF:
        raise top["status"].fault(f"one of {', '.join(_PHASE_OF)}")
    return status


def is_over(top: Field) -> bool:
    """Whether the subscription can never be changed again."""
    return _status_of(top) in _OVER


def _phase_of(snapshot: Snapshot) -> tuple[Phase, bool]:
    """Where the account is, and whether it was ever invoiced."""
    return _PHASE_OF[_status_of(snapshot.top)](snapshot)


def _trialing(snapshot: Snapshot) -> tuple[Phase, bool]:
    """In the trial; a cancellation before its end cuts it short."""
    _check_running(snapshot)
    trial_end = snapshot.top["trial_end"]
    if trial_end.instant() != snapshot.period.end:
        raise trial_end.fault("the end of the current period, in a trial")
    ends = snapshot.scheduled_end
    end = trial_end.instant()
    return OnTrial(end if ends is None else min(end, ends)), False


def _paid(snapshot: Snapshot, standing: Standing) -> tuple[Phase, bool]:
    _check_running(snapshot)
    period, anchor = snapshot.period, snapshot.top["billing_cycle_anchor"]
    cycle = Cycle(anchor.instant(), snapshot.rate.plan.interval_months or 1)
    if period.start < cycle.anchor:
        raise anchor.fault("an instant no later than the period's start")
    try:
        return OnPaid(cycle, period, standing), True
    except InvalidValueError as error:
        end = snapshot.bound("current_period_end")
        since = f"the end of a whole period from the anchor {cycle.anchor.isoformat()} on"
        raise end.fault(since) from error


def _check_running(snapshot: Snapshot) -> None:
    ended = snapshot.top["ended_at"]
    if not ended.is_null:
        raise ended.fault("null: it has not ended")


def _never_started(_: Snapshot) -> tuple[Phase, bool]:
    """Its first payment was not made: it has not happened (rule P8)."""
    return OnFree(), False


def _paused(snapshot: Snapshot) -> tuple[Phase, bool]:
    lapsed = snapshot.is_in_trial_period
    return OnFree(trial_ended=lapsed), not lapsed


def _canceled(snapshot: Snapshot) -> tuple[Phase, bool]:
    """It is over; where nobody asked for that at the trial's end, the trial lapsed (rule R4)."""
    unpaid = snapshot.is_in_trial_period
    ended, asked = (snapshot.top[name].instant_or_none() for name in ("ended_at", "canceled_at"))
    trial_end = snapshot.top["trial_end"].instant_or_none()
    late = ended is not None and asked is not None and trial_end is not None and trial_end <= asked
    return OnFree(trial_ended=unpaid and late), not unpaid


_PHASE_OF: Mapping[str, Callable[[Snapshot], tuple[Phase, bool]]] = MappingProxyType({
    "trialing": _trialing,
    "active": partial(_paid, standing=Standing.good),
    "past_due": partial(_paid, standing=Standing.past_due),
    "unpaid": partial(_paid, standing=Standing.restricted),
    "paused": _paused,
    "incomplete": _never_started,
    "incomplete_expired": _never_started,
    "canceled": _canceled,
})

_RUNNING = frozenset({"trialing", "active", "past_due", "unpaid"})

NOT_YET = frozenset({"incomplete", "incomplete_expired"})
OVER = frozenset({"canceled", "incomplete_expired", "paused", "unpaid"})
"""The statuses of a subscription whose first payment was not made: nothing has happened."""

_OVER = frozenset({"incomplete_expired", "canceled"})


# --- what waits ---
def _schedule_of(top: Field, given: Field) -> Field:
    """The schedule given, which must be that of the subscription `top`."""
    schedule = given.of_kind("subscription_schedule")
    owners = [schedule["subscription"], schedule["released_subscription"]]
    owner = next((each for each in owners if not each.is_null), owners[0])
    if owner.id() != top["id"].text():
        raise owner.fault("the subscription read")
    return schedule


@frozen(order=False)
class _Waiting:
    """A change that waits, and what says so: the price of its phase, or the schedule."""

    change: ScheduledChange
    said_by: Field


def _with_what_waits(
    facts: Subscription,
    end: datetime | None,
    schedule: Field,
    prices: Prices,
    editions: tuple[Catalog, ...],
) -> Subscription:
    """The facts with the one change that waits: the cancellation at `end`, or the schedule's.

    A phase at the price of another of `editions` is a move there (rule C5).

    Raises:
        InvalidStripeError: more than one change waits, or one that cannot happen, by its price.
    """
    waiting = _change_in(schedule, facts, prices)
    if end is not None:
        if waiting is not None and waiting.change.at < end:
            raise schedule.fault("no change before the cancellation: one change waits at most")
        waiting = _Waiting(ScheduledChange(facts.catalog.free_plan, end), schedule)
    if waiting is None:
        return facts
    change = waiting.change
    try:
        if change.plan in facts.catalog.plans:
            return evolve(facts, scheduled_change=change)
        return _moving(facts, change, editions)
    except (InvalidValueError, UnknownKeyError) as error:
        given = f"{change.plan.key!r} from {change.at.isoformat()}"
        path = waiting.said_by.path
        raise InvalidStripeError(path, f"what can wait here ({error})", given) from error


def _moving(
    facts: Subscription, change: ScheduledChange, editions: tuple[Catalog, ...]
) -> Subscription:
    """The facts before a move to the edition that sells the changed plan, at the next boundary."""
    if change.at != facts.phase.end:
        raise InvalidValueError("move to another edition", change.at, f"{facts.phase.end}")
    own = evolve(change, plan=facts.catalog.plan(change.plan.key))
    waits = None if own.plan == facts.plan else own
    edition = _edition_of(change.plan, editions)
    return evolve(facts, scheduled_change=waits, next_catalog=edition)


def _change_in(schedule: Field, facts: Subscription, prices: Prices) -> _Waiting | None:
    """The change to another plan than the one held that waits; None if none does.

    A schedule that stands by its id says nothing of its phases. One that ends in a cancellation
    waits for Free. Seats of a later phase are no change of plan.
    """
    if schedule.is_null or isinstance(schedule.value, str):
        return None
    in_force = _IN_FORCE.get(schedule["status"].text())
    if in_force is None:
        raise schedule["status"].fault(f"one of {', '.join(_IN_FORCE)}")
    if not in_force:
        return None
    phases = list(schedule["phases"].rows())
    changes = list(_changes(phases, facts, prices))
    if phases and _ending(schedule) == "cancel":
        end = max(phase["end_date"].instant() for phase in phases)
        changes.append(_Waiting(ScheduledChange(facts.catalog.free_plan, end), schedule))
    if len(changes) > 1:
        raise schedule["phases"].fault("one change of plan at most: no more can wait")
    return changes[0] if changes else None


def _changes(phases: list[Field], facts: Subscription, prices: Prices) -> Iterator[_Waiting]:
    """The changes to another plan after the instant of the facts, one after the other."""
    starts = {phase["start_date"].instant(): phase for phase in phases}
    plan = facts.plan
    for start in sorted(start for start in starts if start > facts.as_of):
        price = _price_of_phase(starts[start])
        before, plan = plan, plan_of(price, prices)
        if plan != before:
            yield _Waiting(ScheduledChange(plan, start), price.own_id)


def _ending(schedule: Field) -> str:
    """What becomes of the subscription after the last phase; until 2019 it had another name."""
    before = schedule["renewal_behavior"]
    ending = schedule["end_behavior"]
    return before.text() if ending.is_null and not before.is_null else ending.text()


def _price_of_phase(phase: Field) -> Field:
    items = phase["plans"] if phase["items"].is_null else phase["items"]
    return price_in(items.only_row())


_IN_FORCE = {
    "not_started": True,
    "active": True,
    "completed": False,
    "released": False,
    "canceled": False,
}
