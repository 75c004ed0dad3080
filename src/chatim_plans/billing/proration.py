"""What a change of rate inside a paid period costs: two lines, never a difference of seats."""

from __future__ import annotations

from chatim_plans.billing.lines import Line, LineKind, line_for
from chatim_plans.foundation.periods import Period
from chatim_plans.foundation.rounding import Rounding
from chatim_plans.subscriptions.occurrences import PeriodStarted, RateChanged


def period_line(started: PeriodStarted, rounding: Rounding) -> Line:
    """The line that pays for a whole period. Source: rule B2."""
    rate, period = started.rate, started.period
    return line_for(LineKind.subscription, rate.plan, rate.seats, period, period, rounding)


def proration_lines(change: RateChanged, rounding: Rounding) -> tuple[Line, Line]:
    """A credit for the unused time of all old seats, then a charge for all new ones.

    Source: rules B3–B5; Stripe's classic billing mode.
    """
    part = Period(change.at, change.period.end)
    before, after = change.before, change.after
    return (
        line_for(LineKind.unused_time, before.plan, before.seats, part, change.period, rounding),
        line_for(LineKind.remaining_time, after.plan, after.seats, part, change.period, rounding),
    )
