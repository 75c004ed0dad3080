"""What happens to an account that has a price: the lifecycle's word to billing."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from attrs import frozen

from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.periods import Period


@frozen(order=False)
class Rate:
    """What a paid account is charged by: a plan and its active seats."""

    plan: Plan
    seats: int


@frozen(order=False)
class PeriodStarted:
    """A paid period started: it is invoiced in full (rule B2)."""

    rate: Rate
    period: Period


@frozen(order=False)
class RateChanged:
    """Inside `period`, at `at`, the rate went from `before` to `after` (rule B5).

    `at_once` tells whether the two lines are invoiced now or wait for the next invoice (rule S2).
    """

    at: datetime
    period: Period
    before: Rate
    after: Rate
    at_once: bool


@frozen(order=False)
class IntervalChanged:
    """At `at`, inside `period`, a plan of another interval started in the place of `before` (P9).

    The unused time of `before` is credited, and the whole `first` period of `after` charged.
    """

    at: datetime
    period: Period
    before: Rate
    after: Rate
    first: Period


@frozen(order=False)
class BillingStopped:
    """The account fell to Free; lines that wait are invoiced or dropped (rules P4, D3)."""

    lines_dropped: bool


@frozen(order=False)
class CreditAdjusted:
    """Chatim granted, or took, credit balance (rule B13)."""

    amount: Money


@frozen(order=False)
class RefundGiven:
    """Chatim gave money back on the invoice of a number (rule F2)."""

    invoice: int
    amount: Money


Occurrence: TypeAlias = (
    PeriodStarted | RateChanged | IntervalChanged | BillingStopped | CreditAdjusted | RefundGiven
)
