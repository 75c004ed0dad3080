"""Where an account is, by the status of its subscription in Stripe: one table for all eight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType

from attrs import frozen

from chatim_plans.errors import InvalidValueError, OutOfOrderError
from chatim_plans.foundation.periods import Cycle, Period
from chatim_plans.integrations.stripe_fields import Field
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.subscription import OnFree, OnPaid, OnTrial, Phase, Standing


@frozen(order=False)
class Snapshot:
    """Stripe's subscription `top`, whose one `item` is billed at `rate`, as it is at `at`."""

    top: Field
    item: Field
    rate: Rate
    at: datetime

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
        return self.had_trial and trial_start is not None and self._last_start == trial_start

    @property
    def _last_start(self) -> datetime | None:
        return self.bound("current_period_start").instant_or_none()


def bounds_of(top: Field) -> tuple[datetime | None, datetime | None]:
    """The bounds of the current period of a subscription that runs; of another there are none."""
    if top["status"].text() not in _RUNNING:
        return None, None
    item = next(top["items"].rows(), top)
    start, end = (bound_in(top, item, f"current_period_{side}") for side in ("start", "end"))
    return start.instant(), end.instant()


def bound_in(top: Field, item: Field, name: str) -> Field:
    """A bound of the current period, which stands on the item since 2025, before on top."""
    ours, above = item[name], top[name]
    if ours.is_null:
        return above
    if not above.is_null and above.instant() != ours.instant():
        raise above.fault(f"{ours.whole()}, as on the item")
    return ours


def status_of(top: Field) -> str:
    """The status of a subscription, one of Stripe's eight."""
    status = top["status"].text()
    if status not in _PHASE_OF:
        raise top["status"].fault(f"one of {', '.join(_PHASE_OF)}")
    return status


def phase_of(snapshot: Snapshot) -> tuple[Phase, bool]:
    """Where the account is, and whether it was ever invoiced."""
    return _PHASE_OF[status_of(snapshot.top)](snapshot)


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
"""The statuses of a subscription whose first payment was not made: nothing has happened."""

OVER = frozenset({"incomplete_expired", "canceled"})
"""The statuses of a subscription that can never be changed again."""
