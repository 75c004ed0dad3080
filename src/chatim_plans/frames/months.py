"""What a table of subscriptions is invoiced in a month: the rules of the library in whole numbers.

They are one text for every engine: see `arithmetic`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

from attrs import frozen

from chatim_plans.catalog.catalogs import Terms
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import UNIX_EPOCH
from chatim_plans.foundation.periods import Cycle, Period
from chatim_plans.foundation.rounding import Rounding
from chatim_plans.frames.arithmetic import (
    NEVER,
    Engine,
    Whole,
    amount_due,
    boundary,
    calendar_month,
    calendar_place,
    change_lines,
    chosen,
)
from chatim_plans.frames.blocks import RecordBatch, over_batches
from chatim_plans.frames.columns import (
    MOST_BALANCE,
    MOST_PRICE,
    MOST_SEATS,
    Flags,
    Instants,
    Job,
    Refusal,
    Ruled,
    Wholes,
    seconds_from_1970,
)
from chatim_plans.frames.engines import FrameT, run


def month_invoices(
    frame: FrameT, month: Period, *, terms: Terms = CHATIM.terms, checked: bool = False
) -> FrameT:
    """What each subscription is invoiced in a calendar month: lines, totals, what is due.

    A row is a subscription just before its boundary in the month, save that price and seats are
    those from before its change. A change is an upgrade, a change of seats or both, in a paid
    period that the month holds or ends. Columns read, null only where it is said:

    - `price` (per seat and interval, 0 on Free, at most 10^8), `seats` (1 to 10^6),
      `interval_months` (1 or 12; 1 on Free);
    - `anchor`, null on Free and where a trial's end is given; `trial_end`, null but in a trial, or
      after one whose end became the anchor; `payment_method`: whether a usable one is on file,
      which is asked at a trial's end;
    - `restricted`: whether the last retry of a payment failed;
    - `scheduled_price` (0: Free) and `scheduled_at`: the plan that waits for the boundary in the
      month or for later, null where none does;
    - `change_at`, null where nothing changes; `new_price` of a plan of higher rank, null where it
      stays, and `new_seats`, null where they stay;
    - `pending`: the sum of the lines that wait for the first invoice of the month, without the
      change's (see `prorations`); 0 is taken for none, unless a column `lines_wait` is there and
      true: an invoice of lines that sum to 0 collects what is owed from before;
    - `credit_balance` before that invoice (positive: in the customer's favour).

    Columns added, none null but the first two:

    - `period_start`, `period_end`, `unit_price`, `billed_seats`, `subscription`: the line of the
      period that begins in the month; null or 0 where none does;
    - `unused_time`, `remaining_time`: the lines of the change, if an invoice of the month has them
      or they wait after it; `seconds_left` of `seconds_whole` is their part of the period;
    - `boundary_total`, `boundary_due`: of the invoice at the boundary; `change_total`,
      `change_due`: of the one that a change has which is invoiced at once; 0 where there is none;
    - `invoices`: how many of the two there are; `amount_due`: what they collect;
    - `pending_after`: the sum of the lines that wait when the month is over; `credit_after`.

    >>> import polars
    >>> from chatim_plans import Period, utc
    >>> from chatim_plans.frames import month_invoices
    >>> facts = {"price": 19_00, "seats": 5, "interval_months": 1, "trial_end": None}
    >>> facts |= {"anchor": utc("2026-10-15 09:00"), "payment_method": True, "restricted": False}
    >>> facts |= {"scheduled_price": None, "scheduled_at": None, "pending": 0, "credit_balance": 0}
    >>> facts |= {"change_at": utc("2026-10-27 17:30"), "new_price": 39_00, "new_seats": None}
    >>> types = dict.fromkeys(["trial_end", "scheduled_at"], polars.Datetime("us", "UTC"))
    >>> types |= dict.fromkeys(["scheduled_price", "new_seats"], polars.Int64)
    >>> table = polars.DataFrame([facts], schema_overrides=types)
    >>> october = Period(utc("2026-10-01"), utc("2026-11-01"))
    >>> month_invoices(table, october).select("boundary_due", "change_due", "amount_due").row(0)
    (9500, 6015, 15515)

    Raises:
        InvalidFrameError: columns that are missing, of the wrong type or in the way, and rows that
            contradict themselves; with counts and the first rows.
        InvalidTypeError, InvalidValueError: no frame of a known engine, no calendar month of the
            years 1970 to 9998 in UTC, or terms that round by another rule than B4's.

    Source: rules B1–B5, B7, B10, S1, S2, P1–P5, R3–R5, D3, T3, T5.
    """
    return run(frame, _month_job(month, terms), checked=checked)


def invoice_batches(
    batches: Iterable[RecordBatch], month: Period, *, terms: Terms = CHATIM.terms
) -> Iterator[RecordBatch]:
    """`month_invoices` over batches of Arrow: for `mapInArrow`, or any stream of them.

    >>> from chatim_plans import Period, utc
    >>> from chatim_plans.frames import invoice_batches
    >>> list(invoice_batches([], Period(utc("2026-10-01"), utc("2026-11-01"))))
    []

    Raises:
        The errors of `month_invoices`; counts and rows are those of the batch.

    Source: as `month_invoices`.
    """
    return over_batches(batches, _month_job(month, terms))


_FIRST, _LAST = UNIX_EPOCH, datetime(9999, 1, 1, tzinfo=UTC)


def _month_job(month: Period, terms: Terms) -> Job[_MonthRow]:
    """The invoices of a calendar month.

    Raises:
        InvalidTypeError, InvalidValueError: no calendar month in UTC of the years 1970 to 9998, or
            terms that round by another rule than B4's.
    """
    start = shapes.instance(month, Period, "month").start
    first = start == start.replace(day=1, hour=0, minute=0, second=0)
    if not first or not _FIRST <= start < _LAST or month.end != Cycle(start).boundary(1):
        expected = "a calendar month in UTC of the years 1970 to 9998, from 00:00 to 00:00"
        raise InvalidValueError("month", month, expected)
    if shapes.instance(terms, Terms, "terms").rounding is not Rounding.ties_to_customer:
        raise InvalidValueError(
            "rounding", terms.rounding, "ties_to_customer, which frames round by"
        )
    close = _ClosedMonth(
        start=seconds_from_1970(start),
        end=seconds_from_1970(month.end),
        smallest=terms.smallest_charge.amount,
        at_once=int(terms.seat_lines_at_once),
    )
    return Job(
        columns=(
            Wholes("price", 0, MOST_PRICE),
            Wholes("seats", 1, MOST_SEATS),
            Wholes("interval_months", 1, 12),
            Instants("anchor", nullable=True),
            Instants("trial_end", nullable=True),
            Flags("payment_method"),
            Flags("restricted"),
            Wholes("scheduled_price", 0, MOST_PRICE, nullable=True),
            Instants("scheduled_at", nullable=True),
            Instants("change_at", nullable=True),
            Wholes("new_price", 1, MOST_PRICE, nullable=True),
            Wholes("new_seats", 1, MOST_SEATS, nullable=True),
            Wholes("pending", -MOST_BALANCE, MOST_BALANCE),
            Wholes("credit_balance", -MOST_BALANCE, MOST_BALANCE),
            Flags("lines_wait", optional=True),
        ),
        row=_MonthRow,
        rules=partial(_invoices_of, close),
        added=(
            "period_start",
            "period_end",
            "unit_price",
            "billed_seats",
            "subscription",
            "unused_time",
            "remaining_time",
            "seconds_left",
            "seconds_whole",
            "boundary_total",
            "boundary_due",
            "change_total",
            "change_due",
            "invoices",
            "amount_due",
            "pending_after",
            "credit_after",
        ),
        instants=("period_start", "period_end"),
        is_large=True,
    )


@frozen(order=False, eq=False)
class _MonthRow:
    """The facts of a subscription, or of a column of them, as whole numbers.

    An account as it stood just before its boundary in the month, save that price and seats are
    those from before its change; -1 and `NEVER` stand for what there is none of.
    """

    price: Whole
    seats: Whole
    interval_months: Whole
    anchor: Whole
    trial_end: Whole
    payment_method: Whole
    restricted: Whole
    scheduled_price: Whole
    scheduled_at: Whole
    change_at: Whole
    new_price: Whole
    new_seats: Whole
    pending: Whole
    credit_balance: Whole
    lines_wait: Whole


_InvoiceColumns: TypeAlias = tuple[Whole, Whole]
"""The total of an invoice, and 1 if there is one, else 0."""

_YEAR = 12


@frozen(order=False)
class _ClosedMonth:
    """What is closed: the month's `start` and `end` in Unix seconds, by terms of sale.

    `smallest` is the smallest amount collected (rule B10), `at_once` is 1 where a change of seats
    is invoiced at once on monthly plans too (rule S2).
    """

    start: int
    end: int
    smallest: int
    at_once: int


@frozen(order=False)
class _Timeline:
    """The boundaries around the month, and how a row goes through them.

    `start` is the last boundary up to the month's end, `end` the one after it, `before` the one
    ahead of it. The rest is 1 or 0: the boundary is `due` in the month; the account is `dropped`
    there because it is restricted (rule D3), its waiting change `waits` for it, and it `stays`
    billed after it; its own change, at `change_at` and to `new_seats`, is `early`, that is before
    the boundary, or `late`.
    """

    anchor: Whole
    before: Whole
    start: Whole
    end: Whole
    due: Whole
    dropped: Whole
    waits: Whole
    stays: Whole
    change_at: Whole
    new_seats: Whole
    early: Whole
    late: Whole


def _timeline_of(row: _MonthRow, close: _ClosedMonth, engine: Engine) -> _Timeline:
    """Where the row's boundaries lie, and what happens at the one in the month.

    Source: rules T3, R3, R4, P3–P5, P7, D3.
    """
    on_trial = engine.at_least(NEVER - 1, row.trial_end)
    bills = chosen(on_trial, row.payment_method, engine.at_least(row.price, 1))
    anchor = engine.once(engine.smaller(row.anchor, row.trial_end))
    month, day, second = (engine.once(part) for part in calendar_place(anchor, engine))
    here = calendar_month(close.start)
    elapsed = engine.once((here - month) * engine.at_least(here, month))
    month = engine.once(month + elapsed // row.interval_months * row.interval_months)
    start = engine.once(boundary(month, day, second, engine))
    due = engine.once(engine.at_least(start, close.start) * engine.at_least(close.end - 1, start))
    dropped = engine.once(due * row.restricted)
    waits = engine.once(due * engine.at_least(start, row.scheduled_at))
    new_seats = engine.once(chosen(engine.at_least(row.new_seats, 0), row.new_seats, row.seats))
    news = engine.at_least(row.new_price, 0) + engine.at_least(new_seats, row.seats + 1)
    news = engine.once(engine.at_least(news + engine.at_least(row.seats, new_seats + 1), 1))
    change_at = engine.once(chosen(news, row.change_at, NEVER))
    early = engine.once(1 - engine.at_least(change_at, start))
    return _Timeline(
        anchor=anchor,
        before=engine.once(boundary(month - row.interval_months, day, second, engine)),
        start=start,
        end=engine.once(boundary(month + row.interval_months, day, second, engine)),
        due=due,
        dropped=dropped,
        waits=waits,
        stays=engine.once(
            bills * (1 - dropped) * (1 - waits * engine.at_least(0, row.scheduled_price))
        ),
        change_at=change_at,
        new_seats=new_seats,
        early=early,
        late=engine.once(engine.at_least(close.end - 1, change_at) - early),
    )


def _invoices_of(close: _ClosedMonth, row: _MonthRow, engine: Engine) -> Ruled:
    """The columns that `month_invoices` adds, and what it refuses.

    Source: rules B2–B5, B7, B10, S1, S2, P1, P3, P4, R3, R4, D3, T5.
    """
    times = _timeline_of(row, close, engine)
    early, late, due = times.early, times.late, times.due

    # The rate before and after the change, and the one that the boundary begins with.
    upgraded = engine.once((early + late) * engine.at_least(row.new_price, 0))
    price = engine.once(chosen((1 - early) * times.waits, row.scheduled_price, row.price))
    new_price = engine.once(chosen(upgraded, row.new_price, price))
    begins = engine.once(due * times.stays)
    rate = chosen(times.waits, row.scheduled_price, chosen(early, new_price, price))
    unit_price = engine.once(begins * rate)
    billed_seats = engine.once(begins * chosen(early, times.new_seats, row.seats))
    subscription = engine.once(unit_price * billed_seats)

    # The lines of the change, unless an earlier month's invoice has them or they are dropped.
    monthly = 1 - engine.at_least(row.interval_months, 2)
    at_once = engine.once(1 - (1 - upgraded) * monthly * (1 - close.at_once))
    earlier = at_once * (1 - engine.at_least(times.change_at, close.start))
    lost = (1 - at_once) * early * times.dropped
    here = engine.once((early + late) * (1 - earlier - lost))
    left = engine.once(here * (chosen(early, times.start, times.end) - times.change_at))
    whole = engine.once(chosen(early, times.start - times.before, times.end - times.start))
    old_charge, new_charge = price * row.seats, new_price * times.new_seats
    unused, remaining = change_lines(
        engine.once(old_charge), engine.once(new_charge), left, whole, engine
    )
    unused, remaining = engine.once(unused), engine.once(remaining)
    lines = engine.once(unused + remaining)

    # Two invoices at most, the change's and the boundary's. What waited comes first on the first.
    apart = engine.once(here * at_once)
    joins = engine.once(here * (1 - at_once))
    takes = engine.once(apart * (1 - due * late))
    taken = engine.once(takes * row.pending)
    change_total = engine.once(apart * lines + taken)
    goes_on = engine.once(due * (1 - times.dropped))
    waited = engine.once(goes_on * (row.pending - taken))
    joined = engine.once(goes_on * early * joins)
    total = engine.once(waited + joined * lines + subscription)
    some_wait = goes_on * (1 - takes) * row.lines_wait + engine.at_least(waited, 1)
    some_lines = begins + joined + some_wait + engine.at_least(0, waited + 1)
    issued = engine.once(engine.at_least(some_lines, 1))

    change_first = engine.once(early * apart)
    of_boundary, of_change = (total, issued), (change_total, apart)
    boundary_due, change_due = _collected(
        of_boundary, of_change, change_first, row.credit_balance, close.smallest, engine
    )
    return Ruled(
        columns={
            "period_start": chosen(begins, times.start, NEVER),
            "period_end": chosen(begins, times.end, NEVER),
            "unit_price": unit_price,
            "billed_seats": billed_seats,
            "subscription": subscription,
            "unused_time": unused,
            "remaining_time": remaining,
            "seconds_left": left,
            "seconds_whole": here * whole,
            "boundary_total": total,
            "boundary_due": boundary_due,
            "change_total": change_total,
            "change_due": change_due,
            "invoices": issued + apart,
            "amount_due": boundary_due + change_due,
            "pending_after": (1 - due) * (row.pending - taken) + late * joins * lines,
            "credit_after": row.credit_balance + boundary_due + change_due - total - change_total,
        },
        refused=tuple(_refused(row, close, times)),
    )


def _collected(  # noqa: PLR0913, PLR0917 — two invoices, their order, and what meets them
    of_boundary: _InvoiceColumns,
    of_change: _InvoiceColumns,
    change_first: Whole,
    credit: Whole,
    smallest: int,
    engine: Engine,
) -> tuple[Whole, Whole]:
    """What each of the two collects, the second from the balance that the first left.

    Source: rules B7, B10.
    """
    (total, issued), (change_total, apart) = of_boundary, of_change
    total_1 = engine.once(chosen(change_first, change_total, total))
    issued_1 = engine.once(chosen(change_first, apart, issued))
    due_1 = engine.once(issued_1 * amount_due(total_1, credit, smallest, engine))
    left = engine.once(credit + due_1 - total_1)
    total_2 = engine.once(total + change_total - total_1)
    due_2 = engine.once((issued + apart - issued_1) * amount_due(total_2, left, smallest, engine))
    boundary_due = engine.once(chosen(change_first, due_2, due_1))
    return boundary_due, engine.once(due_1 + due_2 - boundary_due)


def _refused(row: _MonthRow, close: _ClosedMonth, times: _Timeline) -> Iterator[Refusal]:
    """What contradicts itself: the column, what it should be, and where it is not."""
    free, paid, on_trial = row.price < 1, row.anchor < NEVER, row.trial_end < NEVER
    not_begun = row.anchor >= close.start
    waiting, changing = row.scheduled_at < NEVER, row.change_at < NEVER
    elsewhere = (
        (times.due < 1) | (row.scheduled_at != times.start) | (paid & (row.anchor >= times.start))
    )
    outside = (times.change_at < times.anchor) | (times.change_at < times.before)
    ahead = (times.early > 0) & (times.due < 1)
    ended = (times.early < 1) & (times.stays < 1)
    between = (row.interval_months > 1) & (row.interval_months < _YEAR)
    yield "interval_months", "1 or 12", between
    yield "anchor", "null on Free and in a trial", paid & (free | on_trial)
    yield "trial_end", "null on Free", free & on_trial
    yield "price", "0 without anchor or trial_end", (row.price > 0) & (times.anchor >= NEVER)
    before = "before the month in which a period was running when it began"
    yield "restricted", f"false {before}", (row.restricted > 0) & not_begun
    yield "pending", f"0 {before}", (row.pending != 0) & not_begun
    yield "lines_wait", f"false {before}", (row.lines_wait > 0) & not_begun
    pair = "null exactly where scheduled_at is"
    yield "scheduled_price", pair, waiting != (row.scheduled_price >= 0)
    place = "the boundary in the month or an instant after the month; null on Free"
    off = free | ((row.scheduled_at < close.end) & elsewhere)
    yield "scheduled_at", place, waiting & off
    pair = "null exactly where both new_price and new_seats are"
    yield "change_at", pair, changing != ((row.new_price >= 0) | (row.new_seats >= 0))
    place = "an instant of a paid period that the month holds or ends, before the month's end"
    off = (times.change_at >= close.end) | outside | ahead | ended
    yield "change_at", place, (times.change_at < NEVER) & off
