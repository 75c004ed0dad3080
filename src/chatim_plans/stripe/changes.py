"""A history in the making: actions found in a log, each recorded in its place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import assert_never

from attrs import define

from chatim_plans.billing.accounts import Account
from chatim_plans.billing.histories import apply, replay
from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import PlansError
from chatim_plans.foundation.periods import Cycle
from chatim_plans.stripe.fields import Field, InvalidStripeError
from chatim_plans.stripe.prices import Prices
from chatim_plans.stripe.subscriptions import NOT_YET, bounds_of, facts_near
from chatim_plans.subscriptions.actions import (
    Action,
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    PaymentFailed,
    PaymentSucceeded,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
)
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.refusals import PaymentMethodRequiredError
from chatim_plans.subscriptions.subscription import OnFree, OnPaid, OnTrial, Standing, Subscription
from chatim_plans.subscriptions.timing import at_instant

EXPECTED = "what this library has an action for"


@define
class History:
    """The actions found so far, of an account sold from `catalog`, and where they lead.

    A payment method attached before the account was opened is on file when it is.
    """

    catalog: Catalog
    actions: list[Action]
    _account: Account | None = None
    _on_file: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the account was opened yet."""
        return self._account is not None

    def last(self, *kinds: type[Action]) -> datetime | None:
        """The instant of the latest action, or of the latest of these kinds."""
        found = (act.at for act in reversed(self.actions) if isinstance(act, kinds or Action))
        return next(found, None)

    def account_at(self, at: datetime) -> Subscription | None:
        """The account at the instant `at`; None before it was opened."""
        if self._account is None or at < self.actions[0].at:
            return None
        if at < self.actions[-1].at:
            return replay(self.actions, at, self.catalog).account.subscription
        return at_instant(self._account.subscription, at)

    def open(self, action: StartFree | StartTrial, where: Field) -> None:
        """Record the first action."""
        self.record(action, where)
        if self._on_file:
            self.record(AddPaymentMethod(at=action.at), where)

    def record(self, action: Action, where: Field) -> None:
        """Add `action`, in its place among the others.

        Raises:
            InvalidStripeError: the library refuses it; `where` is what it was read from.
        """
        try:
            self._insert(action)
        except PaymentMethodRequiredError:
            # Stripe took the payment, so there was one.
            self.record(AddPaymentMethod(at=action.at), where)
            self.record(action, where)
        except PlansError as error:
            raise InvalidStripeError(where.path, EXPECTED, str(error)) from error

    def note_payment_method(self, at: datetime, where: Field, *, on_file: bool) -> None:
        """Record that there is a payment method now, or none any more."""
        self._on_file = on_file
        ours = self.account_at(at)
        if ours is not None and ours.payment_method is not on_file:
            kind = AddPaymentMethod if on_file else RemovePaymentMethod
            self.record(kind(at=at), where)

    def note_payment(self, report: PaymentFailed | PaymentSucceeded, where: Field) -> None:
        """Record a payment report that says something new of a paid account."""
        ours = self.account_at(report.at)
        if ours is not None and isinstance(ours.phase, OnPaid):
            stands_well = ours.phase.standing is Standing.good
            if stands_well is isinstance(report, PaymentFailed):
                self.record(report, where)

    def _insert(self, action: Action) -> None:
        if self._account is not None and self.actions[-1].at <= action.at:
            self._account = apply(self._account, action).account
            self.actions.append(action)
            return
        place = bisect_right([other.at for other in self.actions], action.at)
        actions = [*self.actions[:place], action, *self.actions[place:]]
        self._account = replay(actions, catalog=self.catalog).account
        self.actions = actions


_SECOND = timedelta(seconds=1)


# A failure that is not final never lifts a restriction (rule D1).
_WORSE = MappingProxyType({
    Standing.good: frozenset({Standing.past_due, Standing.restricted}),
    Standing.past_due: frozenset({Standing.restricted}),
    Standing.restricted: frozenset(),
})


@define
class Changes:
    """Follows one customer's subscriptions and records in `history` what leads to each state.

    `instants` tells when a subscription of Stripe's came to be billed at a rate; `held` is the id
    of the one that the account stands on, and `seen` are its facts as they were last read.
    """

    history: History
    prices: Prices
    instants: Mapping[tuple[str, Rate], list[datetime]]
    held: str = ""
    seen: Subscription | None = None

    def follow(self, top: Field, at: datetime, schedule: Field | None = None) -> None:
        """Record what leads to the subscription `top` as it is at the instant `at`."""
        if top["status"].text() in NOT_YET:
            self._open_free(top)
            return
        theirs = facts_near(top, at, schedule, self.prices, self.history.catalog)
        match theirs.phase:
            case OnFree():
                self._over(top, theirs)
            case OnTrial():
                self._on_trial(top, theirs)
            case OnPaid():
                self._on_paid(top, theirs, theirs.phase)
            case _ as never:
                assert_never(never)
        if top["id"].text() == self.held:
            self.seen = theirs

    def speaks_of(self, at: datetime) -> bool:
        """Whether what was last read speaks of the instant `at`, too."""
        end = None if self.seen is None else self.seen.phase.end
        return end is not None and at < end

    def _open_free(self, top: Field) -> None:
        if not self.history.is_open:
            since = [top["created"], top["billing_cycle_anchor"]]
            at = min(each.instant() for each in since if not each.is_null)
            self.history.open(StartFree(at=at), top)

    # --- a subscription that runs ---
    def _on_trial(self, top: Field, theirs: Subscription) -> None:
        start = StartTrial(theirs.seats, at=top["trial_start"].instant())
        if not self.history.is_open:
            self.history.open(start, top)
        self._take_over(top, theirs)
        if isinstance(self._ours(theirs.as_of).phase, OnFree):
            self.history.record(start, top)
        ours = self._ours(theirs.as_of)
        if ours.phase != theirs.phase:
            raise top["trial_end"].fault(f"the end of a trial of this library: {EXPECTED}")
        if ours.plan != theirs.plan:
            raise top["items"].fault(f"{ours.plan.key!r} to the trial's end: {EXPECTED}")
        self._note_payment_method(top, theirs)
        self._change_seats(top, theirs)
        self._change_what_waits(top, theirs)

    def _on_paid(self, top: Field, theirs: Subscription, phase: OnPaid) -> None:
        at = theirs.as_of
        if not self.history.is_open:
            self.history.open(StartFree(at=phase.cycle.anchor), top)
        self._take_over(top, theirs)
        if phase.standing is Standing.restricted and isinstance(self._ours(at).phase, OnFree):
            return  # its period ended unpaid: nothing of it is used or owed any more (rule D3)
        self._note_payment_method(top, theirs)
        if not self._is_in(phase.cycle, at):
            self._enter(top, theirs, phase)
        ours = shapes.instance(self._ours(at).phase, OnPaid, "phase")
        if phase.standing is Standing.good:
            self.history.note_payment(PaymentSucceeded(at=at), top)
        self._change_plan(top, theirs, phase)
        self._change_seats(top, theirs)
        self._change_what_waits(top, theirs)
        if phase.standing in _WORSE[ours.standing]:
            final = phase.standing is Standing.restricted
            self.history.record(PaymentFailed(final, at=at), top)

    def _is_in(self, cycle: Cycle, at: datetime) -> bool:
        phase = self._ours(at).phase
        return isinstance(phase, OnPaid) and phase.cycle == cycle

    def _take_over(self, top: Field, theirs: Subscription) -> None:
        """Let the account stand on this subscription: its first, or one after another ended."""
        if top["id"].text() != self.held:
            if self.held and not isinstance(self._ours(theirs.as_of).phase, OnFree):
                kept = "runs, or ended before what it was paid for did, which is kept here"
                raise top["id"].fault(f"{self.held}, which {kept}: {EXPECTED}")
            self.held, self.seen = top["id"].text(), None

    def _note_payment_method(self, top: Field, theirs: Subscription) -> None:
        if theirs.payment_method:
            self.history.note_payment_method(theirs.as_of, top, on_file=True)

    def _enter(self, top: Field, theirs: Subscription, phase: OnPaid) -> None:
        """Start what is paid from the anchor on: a trial went on, or a plan was chosen."""
        anchor, where = phase.cycle.anchor, top["billing_cycle_anchor"]
        before, ours = self.history.account_at(anchor - _SECOND), self._ours(anchor)
        lapsed = ours.phase == OnFree(trial_ended=True)
        if isinstance(ours.phase, OnPaid):
            raise where.fault(f"{ours.phase.cycle.anchor.isoformat()}: {EXPECTED}")
        if lapsed and before is not None and before.phase.end == anchor:
            # The trial went on at its end, so there was a payment method in time (rule R4).
            self.history.record(AddPaymentMethod(at=anchor - _SECOND), top)
        elif isinstance(ours.phase, OnTrial) and ours.plan == theirs.plan:
            raise where.fault(f"the trial's end, because its own plan keeps its days: {EXPECTED}")
        elif phase.period.start != anchor:
            raise where.fault(
                f"{phase.period.start.isoformat()}: what was before ended: {EXPECTED}"
            )
        else:
            self.history.record(ChoosePlan(theirs.plan, theirs.seats, at=anchor), top)

    def _change_plan(self, top: Field, theirs: Subscription, phase: OnPaid) -> None:
        ours, boundary = self._ours(theirs.as_of), phase.period.start
        if ours.plan == theirs.plan:
            return
        if self.history.catalog.is_upgrade(ours.plan, theirs.plan):
            seats = None if theirs.seats == ours.seats else theirs.seats
            at = self._instant(top, theirs)
            self.history.record(ChoosePlan(theirs.plan, seats, at=at), top)
        elif self.seen is not None and self.seen.as_of < boundary:
            # A lower plan starts at a boundary, so it was chosen before it (rules P3, T5).
            self.history.record(ChoosePlan(theirs.plan, at=boundary - _SECOND), top)
        if self._ours(theirs.as_of).plan != theirs.plan:
            raise top["items"].fault(f"{ours.plan.key!r} to the period's end: {EXPECTED}")

    def _change_seats(self, top: Field, theirs: Subscription) -> None:
        if self._ours(theirs.as_of).seats != theirs.seats:
            self.history.record(ChangeSeats(theirs.seats, at=self._instant(top, theirs)), top)

    def _change_what_waits(self, top: Field, theirs: Subscription) -> None:
        """Record the choice that waits for the end of the trial or period, or that none does."""
        ours, at, change = self._ours(theirs.as_of), theirs.as_of, theirs.scheduled_change
        end = shapes.instance(ours.phase.end, datetime, "end of the phase")
        if change is not None and change.at < end:
            raise top["cancel_at"].fault(f"no instant before {end.isoformat()}: {EXPECTED}")
        wanted = change.plan if change is not None and change.at == end else None
        if wanted == (ours.scheduled_change and ours.scheduled_change.plan):
            return
        if wanted is None:
            self.history.record(Resume(at=at), top)
        elif wanted.is_free:
            asked = top["canceled_at"].instant_or_none() or at
            since = self.history.last() or at
            self.history.record(Cancel(at=asked if since <= asked <= at else at), top)
        elif not self.history.catalog.is_upgrade(ours.plan, wanted):
            self.history.record(ChoosePlan(wanted, at=at), top)

    def _instant(self, top: Field, theirs: Subscription) -> datetime:
        """When a change was made: as an invoice prorates it, else when the event says so."""
        told = self.instants.get((top["id"].text(), Rate(theirs.plan, theirs.seats)), ())
        known = [self.history.last(ChoosePlan, ChangeSeats), bounds_of(top)[0]]
        since = max(at for at in known if at is not None)
        return max((at for at in told if since <= at <= theirs.as_of), default=theirs.as_of)

    # --- a subscription that is over ---
    def _over(self, top: Field, theirs: Subscription) -> None:
        self._open_free(top)
        ends = [top["ended_at"].instant_or_none(), top["cancel_at"].instant_or_none()]
        ended = min((at for at in ends if at is not None), default=theirs.as_of)
        if top["id"].text() != self.held or isinstance(self._ours(ended).phase, OnFree):
            return
        if theirs.phase == OnFree(trial_ended=True):
            # Whatever had been attached, it was no payment method for Stripe (rule R4).
            last = top["trial_end"].instant() - _SECOND
            self.history.record(RemovePaymentMethod(at=last), top)
        elif top["status"].value == "paused":
            raise top["status"].fault(f"no pause of a paid plan: {EXPECTED}")
        else:
            self._stop(top, ended)

    def _stop(self, top: Field, ended: datetime) -> None:
        """It ended although it would have gone on: it was cancelled, or it was not paid."""
        before = self._ours(ended - _SECOND)
        phase, boundary = before.phase, before.next_boundary
        at = ended if boundary is None or ended < boundary else ended - _SECOND
        why = top["cancellation_details"]
        unpaid = not why.is_null and why["reason"].value == "payment_failed"
        if isinstance(phase, OnPaid) and (unpaid or phase.standing is not Standing.good):
            self.history.record(PaymentFailed(final=True, at=at), top)
        else:
            self.history.record(Cancel(at=at), top)

    def _ours(self, at: datetime) -> Subscription:
        found = self.history.account_at(at)
        if found is None:
            expected = "nothing before the customer's first action"
            raise InvalidStripeError("events", expected, at.isoformat())
        return found
