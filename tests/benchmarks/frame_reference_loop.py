"""What a month's invoices cost in plain Python: slotted objects and a loop. FROZEN.

It stands for what a competent engineer would write without this library, and imports nothing of
it. It is frozen, so that ratios to it mean the same in every release, and so that a slow core of
the library earns nothing. It has the published terms: 0.50 is the least that is collected, and a
monthly plan's change of seats waits for the next invoice.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

SECOND = timedelta(seconds=1)
SMALLEST = 50


@dataclass(slots=True)
class Held:
    """A subscription just before its boundary in the month."""

    price: int
    seats: int
    interval_months: int
    anchor: datetime | None
    trial_end: datetime | None
    payment_method: bool
    restricted: bool
    scheduled_price: int | None
    scheduled_at: datetime | None
    change_at: datetime | None
    new_price: int | None
    new_seats: int | None
    pending: int
    credit_balance: int


@dataclass(slots=True)
class Billed:
    """What is invoiced in the month."""

    period_start: datetime | None = None
    period_end: datetime | None = None
    unit_price: int = 0
    billed_seats: int = 0
    subscription: int = 0
    unused_time: int = 0
    remaining_time: int = 0
    seconds_left: int = 0
    seconds_whole: int = 0
    boundary_total: int = 0
    boundary_due: int = 0
    change_total: int = 0
    change_due: int = 0
    invoices: int = 0
    amount_due: int = 0
    pending_after: int = 0
    credit_after: int = 0


@dataclass(slots=True)
class Changed:
    """A change inside a period."""

    price: int
    seats: int
    new_price: int
    new_seats: int
    period_start: datetime
    period_end: datetime
    change_at: datetime


@dataclass(slots=True)
class Prorated:
    """The two lines of a change, and their sum."""

    unused_time: int
    remaining_time: int
    net: int


def prorate(changes: list[Changed]) -> list[Prorated]:
    """The two lines of each change."""
    found = []
    for change in changes:
        left = (change.period_end - change.change_at) // SECOND
        whole = (change.period_end - change.period_start) // SECOND
        unused = -((2 * change.price * change.seats * left + whole) // (2 * whole))
        charge = change.new_price * change.new_seats
        remaining = (2 * charge * left + whole - 1) // (2 * whole)
        found.append(Prorated(unused, remaining, unused + remaining))
    return found


def close_month(rows: list[Held], start: datetime, end: datetime) -> list[Billed]:
    """What each subscription is invoiced in the month from `start` to `end`."""
    return [_billed(row, start, end) for row in rows]


def _boundary(anchor: datetime, months: int) -> datetime:
    """The boundary `months` after the anchor, on the month's last day if that is shorter."""
    if not months:
        return anchor
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    day = anchor.day
    if day > 28:
        day = min(day, monthrange(year, month + 1)[1])
    return anchor.replace(year=year, month=month + 1, day=day)


def _billed(  # noqa: PLR0912 — more functions would be slower
    row: Held, month_start: datetime, month_end: datetime
) -> Billed:
    billed = Billed()
    credit = row.credit_balance
    anchor = row.anchor or row.trial_end
    if anchor is None:  # on Free
        billed.credit_after = credit
        return billed
    interval = row.interval_months
    elapsed = (month_start.year - anchor.year) * 12 + month_start.month - anchor.month
    elapsed = elapsed // interval * interval if elapsed > 0 else 0
    start = _boundary(anchor, elapsed)
    end = _boundary(anchor, elapsed + interval)
    due = month_start <= start < month_end
    dropped = due and row.restricted
    waits = row.scheduled_at is not None and row.scheduled_at <= start
    bills = row.payment_method if row.trial_end is not None else True
    stays = bills and not dropped and not (waits and not row.scheduled_price)

    # The change, and the rate before and after it.
    new_seats = row.seats if row.new_seats is None else row.new_seats
    change_at = row.change_at
    if change_at is not None and row.new_price is None and new_seats == row.seats:
        change_at = None
    early = change_at is not None and change_at < start
    late = change_at is not None and not early and change_at < month_end
    price = row.price
    if waits and not early:
        price = row.scheduled_price or 0
    upgraded = (early or late) and row.new_price is not None
    new_price = row.new_price if upgraded and row.new_price is not None else price

    if due and stays:
        billed.period_start, billed.period_end = start, end
        billed.unit_price = new_price if early else price
        if waits:
            billed.unit_price = row.scheduled_price or 0
        billed.billed_seats = new_seats if early else row.seats
        billed.subscription = billed.unit_price * billed.billed_seats

    # Its lines, on an invoice of their own or waiting.
    lines, apart, joins = 0, False, False
    if change_at is not None and (early or late):
        at_once = upgraded or interval > 1
        if not (change_at < month_start if at_once else early and dropped):
            if early:
                left = (start - change_at) // SECOND
                whole = (start - _boundary(anchor, elapsed - interval)) // SECOND
            else:
                left = (end - change_at) // SECOND
                whole = (end - start) // SECOND
            billed.seconds_left, billed.seconds_whole = left, whole
            billed.unused_time = -((2 * price * row.seats * left + whole) // (2 * whole))
            charge = new_price * new_seats
            billed.remaining_time = (2 * charge * left + whole - 1) // (2 * whole)
            lines = billed.unused_time + billed.remaining_time
            apart, joins = at_once, not at_once

    # The invoices, in their order.
    pending = row.pending
    if apart and early:
        billed.change_total = lines + pending
        billed.change_due, credit = _met(billed.change_total, credit)
        billed.invoices += 1
        pending = 0
    if due:
        issued = stays
        if not dropped:
            joined = early and joins
            billed.boundary_total = pending + billed.subscription + (lines if joined else 0)
            issued = issued or joined or pending != 0
        if issued:
            billed.boundary_due, credit = _met(billed.boundary_total, credit)
            billed.invoices += 1
        pending = 0
    if apart and late:
        billed.change_total = lines + pending
        billed.change_due, credit = _met(billed.change_total, credit)
        billed.invoices += 1
        pending = 0
    if joins and late:
        pending += lines
    billed.amount_due = billed.boundary_due + billed.change_due
    billed.pending_after, billed.credit_after = pending, credit
    return billed


def _met(total: int, credit: int) -> tuple[int, int]:
    """What is collected of an invoice, and the balance after it."""
    owed = total - credit
    due = owed if owed >= SMALLEST else 0
    return due, credit + due - total
