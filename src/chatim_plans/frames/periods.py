"""The billing periods of a table of subscriptions, and the lines of changes inside periods."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from attrs import frozen

from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.frames.arithmetic import (
    DAY,
    NEVER,
    Engine,
    Whole,
    change_lines,
    period_holding,
)
from chatim_plans.frames.columns import (
    MOST_PRICE,
    MOST_SEATS,
    Instants,
    Job,
    Ruled,
    Wholes,
    seconds_from_1970,
)
from chatim_plans.frames.engines import FrameT, run


def billing_periods(frame: FrameT, at: datetime | str, *, checked: bool = False) -> FrameT:
    """The billing period of each row that holds `at`: an instant, or the name of a column of them.

    Reads `anchor` and `interval_months` (1 to 1,200), neither null; adds `period_start` and
    `period_end`.

    >>> import polars
    >>> from chatim_plans import utc
    >>> from chatim_plans.frames import billing_periods
    >>> table = polars.DataFrame({"anchor": [utc("2026-01-31")], "interval_months": [1]})
    >>> periods = billing_periods(table, utc("2026-03-01")).select("period_start", "period_end")
    >>> [f"{instant:%d %b}" for instant in periods.row(0)]
    ['28 Feb', '31 Mar']

    Raises:
        InvalidFrameError: as `month_invoices`; an anchor after the instant asked about.
        InvalidTypeError, InvalidValueError: no frame of a known engine, or no instant from 1970 on.

    Source: rules T2, T3.
    """
    return run(frame, _period_job(at), checked=checked)


_MOST_MONTHS = 1_200


def _period_job(at: datetime | str) -> Job[_PeriodRow]:
    """The billing period that holds `at`, an instant or the name of a column of them.

    Raises:
        InvalidTypeError, InvalidValueError: no instant, or one before 1970.
    """
    asked = at if isinstance(at, str) else seconds_from_1970(at)
    if asked == "interval_months":
        raise InvalidValueError("at", at, "an instant, or the name of a column of them")
    own = (Instants(asked),) if isinstance(asked, str) and asked != "anchor" else ()
    return Job(
        columns=(Instants("anchor"), Wholes("interval_months", 1, _MOST_MONTHS), *own),
        row=partial(_period_row, asked),
        rules=_period_of,
        added=("period_start", "period_end"),
        instants=("period_start", "period_end"),
        is_large=True,
    )


@frozen(order=False, eq=False)
class _PeriodRow:
    """A cycle, and the instant asked about."""

    anchor: Whole
    interval_months: Whole
    at: Whole


def _period_row(at: int | str, /, **facts: Whole) -> _PeriodRow:
    """The row of facts that holds `at`: an instant, or the name of the fact that is one."""
    asked = facts[at] if isinstance(at, str) else at
    return _PeriodRow(facts["anchor"], facts["interval_months"], asked)


def _period_of(row: _PeriodRow, engine: Engine) -> Ruled:
    """The period of each row that holds its instant."""
    start, end = period_holding(row.anchor, row.interval_months, row.at, engine)
    end = engine.once(end)
    return Ruled(
        columns={"period_start": start, "period_end": end},
        refused=(
            ("anchor", "an instant up to the one asked about", row.anchor > row.at),
            ("anchor", "one whose period ends before the year 10000", end >= NEVER),
        ),
    )


def prorations(frame: FrameT, *, checked: bool = False) -> FrameT:
    """The two lines of each change inside a period: where a subscription has several, a row each.

    Reads `price`, `seats`, `new_price`, `new_seats`, `period_start`, `period_end` and `change_at`,
    none of them null; adds `unused_time` (a credit, below zero), `remaining_time` and their sum
    `net`. What waits of several changes before a boundary is the sum of their `net`s, the `pending`
    of `month_invoices`; what comes after the boundary waits for the next.

    >>> import polars
    >>> from chatim_plans.frames import prorations
    >>> change = {"price": 10_00, "seats": 1, "new_price": 18_00, "new_seats": 1}
    >>> period = {"period_start": 0, "period_end": 400, "change_at": 399}  # Unix seconds
    >>> lines = prorations(polars.DataFrame([change | period]))
    >>> lines.select("unused_time", "remaining_time", "net").row(0)
    (-3, 4, 1)

    Raises:
        InvalidFrameError: as `month_invoices`; a change outside its period.
        InvalidTypeError: no frame of a known engine.

    Source: rules B3–B5.
    """
    return run(frame, _PRORATIONS, checked=checked)


@frozen(order=False, eq=False)
class _ChangeRow:
    """A change inside a period: the rate before it and after it."""

    price: Whole
    seats: Whole
    new_price: Whole
    new_seats: Whole
    period_start: Whole
    period_end: Whole
    change_at: Whole


_LONGEST = 366 * DAY


def _proration_of(row: _ChangeRow, engine: Engine) -> Ruled:
    """The two lines of each row's change inside its period, and their sum (rule B5)."""
    left = engine.once(row.period_end - row.change_at)
    whole = engine.once(row.period_end - row.period_start)
    before, after = engine.once(row.price * row.seats), engine.once(row.new_price * row.new_seats)
    unused, remaining = change_lines(before, after, left, whole, engine)
    unused, remaining = engine.once(unused), engine.once(remaining)
    return Ruled(
        columns={"unused_time": unused, "remaining_time": remaining, "net": unused + remaining},
        refused=(
            (
                "period_end",
                "after period_start, by 366 days at most",
                (whole < 1) | (whole > _LONGEST),
            ),
            (
                "change_at",
                "an instant in the period, from its start on and before its end",
                (row.change_at < row.period_start) | (left < 1),
            ),
        ),
    )


_PRORATIONS = Job(
    columns=(
        Wholes("price", 0, MOST_PRICE),
        Wholes("seats", 1, MOST_SEATS),
        Wholes("new_price", 0, MOST_PRICE),
        Wholes("new_seats", 1, MOST_SEATS),
        Instants("period_start"),
        Instants("period_end"),
        Instants("change_at"),
    ),
    row=_ChangeRow,
    rules=_proration_of,
    added=("unused_time", "remaining_time", "net"),
)
