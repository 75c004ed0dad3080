"""The facts that a subscription of Stripe's states: where it is by its status, and what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType

from attrs import evolve, frozen

from chatim_plans.catalog.catalogs import BillingMode, Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import OutOfOrderError
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.periods import Cycle, Period
from chatim_plans.stripe.fields import Field, InvalidStripeError, argument, second_before
from chatim_plans.stripe.prices import (
    Prices,
    check_currency,
    checked_prices,
    currency_of,
    edition_of,
    own_item,
    rate_of,
)
from chatim_plans.stripe.schedules import schedule_of, with_what_waits
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.subscription import (
    OnFree,
    OnPaid,
    OnTrial,
    Phase,
    Standing,
    Subscription,
)
from chatim_plans.subscriptions.timing import at_instant


@frozen(order=False)
class Snapshot:
    """Stripe's subscription `top`, whose `item` of seats is billed at `rate`, as it is at `at`."""

    top: Field
    item: Field
    rate: Rate
    at: datetime

    @classmethod
    def of(cls, top: Field, at: datetime, prices: Prices) -> Snapshot:
        """The subscription `top` at the instant `at`, one item of it at one of `prices`."""
        item = own_item(top["items"], prices)
        currency = None if top["currency"].is_null else currency_of(top)
        rate = rate_of(item, prices, currency)
        if currency is not None:
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
        return evolve(self, at=max(start, min(self.at, second_before(end))))

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

    @property
    def cycle(self) -> Cycle:
        """The cycle of its boundaries: Stripe's, where the current period is a whole one of it.

        The last period before a cancellation ends with it. Any other is a part of one that ends
        where it does, such as the first one up to an anchor that was set.
        """
        period, months = self.period, self.rate.plan.interval_months or 1
        stated = Cycle(self.top["billing_cycle_anchor"].instant(), months)
        end, cancelled = self.bound("current_period_end"), self.scheduled_end
        try:
            whole = _period_from(period.start, stated)
            is_cut = whole is not None and cancelled == period.end < whole.end
            if whole == period or is_cut:
                return stated
            by_end = _cycle_ending(period.end, months)
        except ValueError as error:
            raise end.fault("a period of the years 1 to 9999") from error
        if period.start < by_end.period_holding(second_before(period.end)).start:
            raise end.fault(f"an end at most {months} months after the period's start")
        return by_end

    @property
    def not_modelled(self) -> Iterator[InvalidStripeError]:
        """What is read over here, because it takes no access away: other items, a part period."""
        for item in self.top["items"].rows():
            if item.path != self.item.path:
                yield item.fault("no item beside that of the seats")
        if _status_of(self.top) in _RUNNING - {"trialing"}:
            yield from self._part_period()

    def _part_period(self) -> Iterator[InvalidStripeError]:
        anchor, end = self.top["billing_cycle_anchor"], self.bound("current_period_end")
        period = self.period
        if period.start < anchor.instant():
            yield anchor.fault("an instant no later than the period's start")
        elif _period_from(period.start, Cycle(anchor.instant(), self.cycle.months)) != period:
            since = anchor.instant().isoformat()
            yield end.fault(f"the end of a whole period from the anchor {since} on")

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


def _period_from(start: datetime, cycle: Cycle) -> Period | None:
    """The whole period of `cycle` that starts at `start`; None if none does."""
    if start < cycle.anchor:
        return None
    period = cycle.period_holding(start)
    return period if period.start == start else None


def _cycle_ending(end: datetime, months: int) -> Cycle:
    """A cycle of which a period ends at `end`: its anchor is that day of an earlier year."""
    years = 1 if (end.month, end.day) != (2, 29) else 8 if (end.year - 4) % 100 == 0 else 4
    return Cycle(end.replace(year=end.year - years), months)


def bound_in(top: Field, item: Field, name: str) -> Field:
    """A bound of the current period, which stands on the item since 2025, before on top."""
    ours, above = item[name], top[name]
    if ours.is_null:
        return above
    if not above.is_null and above.instant() != ours.instant():
        raise above.fault(f"{ours.whole()}, as on the item")
    return ours


def subscription_from_stripe(  # noqa: PLR0913 — what is known goes in
    obj: object,
    prices: Prices,
    *,
    at: datetime,
    schedule: object = None,
    before: Subscription | None = None,
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

    `before` are the facts known of the account until now, of which an object says nothing: a trial
    had and invoices issued before, since when a payment is overdue. While a first payment is still
    to come, nothing has happened: they go on, with the seats of that start on Free (rule P8).

    What costs something else than this library says, a coupon, a tax, an item beside the seats or
    a part period, takes no access away: it is read over here, and named by `account_from_stripe`.

    >>> from chatim_plans import PRO, utc
    >>> from chatim_plans.stripe import subscription_from_stripe
    >>> period = {"current_period_start": 1768467600, "current_period_end": 1771146000}
    >>> items = {"data": [{"id": "si_1", "price": "price_pro", "quantity": 3, **period}]}
    >>> obj = {"object": "subscription", "id": "sub_1", "customer": "cus_1", "status": "active",
    ...        "items": items, "billing_cycle_anchor": 1768467600, "cancel_at_period_end": False}
    >>> facts = subscription_from_stripe(obj, {"price_pro": PRO}, at=utc("2026-01-20"))
    >>> str(facts), f"{facts.phase.end:%d %b}"
    ('3 x pro 19.00 USD, active', '15 Feb')

    Raises:
        InvalidStripeError: what cannot be read or held; `path` leads to it.
        OutOfOrderError: `at` is before the period that the object speaks of, or before what is
            known.
        InvalidTypeError, InvalidValueError: no prices, catalogues, instant or facts.

    Source: Stripe's eight statuses; rules A1, D1, D2, P4, P5, P8, R2, R4, R5.
    """
    editions = shapes.row(catalogs, "catalogs")
    top = argument(obj, "subscription")
    snapshot = Snapshot.of(top, instant(at), checked_prices(prices))
    given = None if schedule is None else Field(schedule, "subscription_schedule")
    facts = facts_from(snapshot, given, prices, editions)
    return facts if before is None else with_what_was(facts, before, top)


def facts_from(
    snapshot: Snapshot, schedule: Field | None, prices: Prices, editions: tuple[Catalog, ...]
) -> Subscription:
    """The facts that `snapshot` states, of an account sold from the first edition of its plan.

    Raises:
        InvalidStripeError, OutOfOrderError: as `facts_of`.
        InvalidTypeError, InvalidValueError: no catalogues, or none that sells its plan.
    """
    catalog = edition_of(snapshot.rate.plan, editions)
    return facts_of(snapshot, schedule, prices, catalog, editions)


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
    waiting = top["schedule"] if schedule is None else schedule_of(top, schedule)
    return with_what_waits(facts, snapshot.scheduled_end, waiting, prices, editions)


def with_what_was(facts: Subscription, before: Subscription, top: Field | None) -> Subscription:
    """The facts, and what was known before them of which Stripe's object `top` says nothing.

    Where its first payment is still to come, nothing has happened. None is no object at all.

    Raises:
        OutOfOrderError: the facts are of an earlier time than what is known.
        InvalidTypeError: what is known is no subscription.
    """
    at = facts.as_of
    known = at_instant(shapes.instance(before, Subscription, "before"), at)
    if top is not None and not has_begun(top):
        seats = facts.seats if isinstance(known.phase, OnFree) else known.seats
        return evolve(known, as_of=at, seats=seats)
    return evolve(
        facts,
        phase=_with_what_is_overdue(facts, before, known, top),
        tried_plan=facts.tried_plan or before.tried_plan,
        was_invoiced=facts.was_invoiced or before.was_invoiced,
    )


def _with_what_is_overdue(
    facts: Subscription, before: Subscription, known: Subscription, top: Field | None
) -> Phase:
    """Since when, how long a grace runs, and what is owed, which no object says (D6, D8).

    `known` is `before` at the instant of the facts.
    """
    phase, was = facts.phase, before.phase
    if isinstance(phase, OnFree):
        is_given_up = why_it_ended(top) == "payment_failed"  # nobody asked for the end (rule D3)
        return evolve(phase, owes=known.is_overdue and not is_given_up)
    if isinstance(phase, OnPaid) and isinstance(was, OnPaid) and phase.standing is was.standing:
        since, end = was.standing_since, was.grace_end
        if end is None or facts.as_of < end:
            return evolve(phase, standing_since=since, grace_end=end)
        return evolve(phase, standing=Standing.restricted, standing_since=end)
    return phase


def why_it_ended(top: Field | None) -> object:
    """What Stripe gives as the reason of an end; None where it gives none."""
    details = None if top is None else top["cancellation_details"]
    return None if details is None or details.is_null else details["reason"].value


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


def payer_of(top: Field) -> Field:
    """Where the customer stands: an account since the second version of Stripe's accounts."""
    account = top["customer_account"]
    return account if top["customer"].is_null and not account.is_null else top["customer"]


def has_payment_method(owner: Field) -> bool:
    """Whether a customer has a default that invoices are paid from."""
    settings = owner["invoice_settings"]
    owners = [owner] if settings.is_null else [owner, settings]
    names = ("default_payment_method", "default_source")
    return any(bool(own[name].id()) for own in owners for name in names if not own[name].is_null)


def _expanded(customer: Field) -> Field:
    """The customer where it stands expanded; else one of which nothing is known."""
    return Field({}, customer.path) if isinstance(customer.value, str | None) else customer


# --- where it is, by its status ---
def _status_of(top: Field) -> str:
    """The status of a subscription, one of Stripe's eight."""
    status = top["status"].text()
    if status not in _PHASE_OF:
        raise top["status"].fault(f"one of {', '.join(_PHASE_OF)}")
    return status


def has_begun(top: Field) -> bool:
    """Whether its first payment was made, or none was due: before that nothing happened."""
    return _status_of(top) not in NOT_YET


def is_running(top: Field) -> bool:
    """Whether the subscription is billed, as far as its status can be read."""
    return _is_among(top, _RUNNING)


def may_grant(top: Field) -> bool:
    """Whether the subscription may grant access, where nothing but its status can be read."""
    return not _is_among(top, _GRANT_NOTHING)


def _is_among(top: Field, statuses: frozenset[str]) -> bool:
    status = top["status"].value
    return isinstance(status, str) and status in statuses


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
    cycle = snapshot.cycle
    return OnPaid(cycle, cycle.period_holding(snapshot.period.start), standing), True


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
"""The statuses of a subscription whose first payment was not made: nothing has happened."""

_OVER = frozenset({"incomplete_expired", "canceled"})
_GRANT_NOTHING = frozenset({"canceled", "incomplete_expired", "paused", "unpaid"})
