"""What period, trial and proration of a row cost in plain Python: slotted objects, a loop. FROZEN.

As `frame_reference_loop`, and in whole numbers: instants are Unix seconds, amounts minor units.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

DAY = 86_400
EPOCH = date(1970, 1, 1).toordinal()
TRIAL_DAYS = 30
SMALLEST = 50


@dataclass(slots=True)
class Changing:
    """A subscription whose plan or seats change in a period that its anchor or its trial began."""

    price: int
    seats: int
    interval_months: int
    anchor: int | None
    trial_start: int | None
    change_at: int
    new_price: int
    new_seats: int
    credit_balance: int


@dataclass(slots=True)
class Charged:
    """The period of the change, the change's two lines, and what is collected of them."""

    billed_from: int
    period_start: int
    period_end: int
    charge: int
    unused_time: int
    remaining_time: int
    amount_due: int


def charge_changes(rows: list[Changing]) -> list[Charged]:
    """What each change is charged."""
    return [_charged(row) for row in rows]


def _charged(row: Changing) -> Charged:
    anchor = row.anchor
    if row.trial_start is not None:
        anchor = row.trial_start + TRIAL_DAYS * DAY
    assert anchor is not None
    start, end = _period_holding(anchor, row.interval_months, row.change_at)
    charge, new_charge = row.price * row.seats, row.new_price * row.new_seats
    left, whole = end - row.change_at, end - start
    unused = -((2 * charge * left + whole) // (2 * whole))
    remaining = (2 * new_charge * left + whole - 1) // (2 * whole)
    owed = unused + remaining - row.credit_balance
    due = owed if owed >= SMALLEST else 0
    return Charged(anchor, start, end, charge, unused, remaining, due)


def _period_holding(anchor: int, interval: int, at: int) -> tuple[int, int]:
    """Start and end of the period that holds `at`."""
    first, here = _date(anchor), _date(at)
    months = (here.year - first.year) * 12 + here.month - first.month
    months -= months % interval
    start = _boundary(anchor, months)
    if start > at:
        months -= interval
        start = _boundary(anchor, months)
    return start, _boundary(anchor, months + interval)


def _boundary(anchor: int, months: int) -> int:
    """The boundary `months` after the anchor, on the month's last day if that is shorter."""
    first = _date(anchor)
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    _, last = monthrange(year, month + 1)
    day = date(year, month + 1, min(first.day, last))
    return (day.toordinal() - EPOCH) * DAY + anchor % DAY


def _date(at: int) -> date:
    """The day that holds an instant."""
    return date.fromordinal(EPOCH + at // DAY)
