"""Period, trial and proration on every row, and nothing else: a job made of the rules alone.

Every row changes in a period that began at its anchor, or at the end of its trial; so no row takes
less than the whole job, and a loop over rows has nothing to skip. Nothing is refused.
"""

from __future__ import annotations

from types import SimpleNamespace

from chatim_plans import CHATIM
from chatim_plans.frames.arithmetic import (
    Numbers,
    Ruled,
    amount_due,
    change_lines,
    period_holding,
    trial_end,
)
from chatim_plans.frames.columns import Instants, Wholes
from chatim_plans.frames.jobs import MOST_BALANCE, MOST_PRICE, MOST_SEATS, Job

_DAYS = CHATIM.terms.trial_days
_SMALLEST = CHATIM.terms.smallest_charge.amount


def _every_row_of(row: SimpleNamespace, keep: Numbers) -> Ruled:
    """The period that holds the change, its charge, the change's lines, what they leave to pay."""
    anchor = keep(keep.least(row.anchor, trial_end(row.trial_start, _DAYS)))
    start, end = period_holding(anchor, row.interval_months, row.change_at, keep)
    start, end = keep(start), keep(end)
    charge, after = keep(row.price * row.seats), keep(row.new_price * row.new_seats)
    left, whole = keep(end - row.change_at), keep(end - start)
    unused, remaining = change_lines(charge, after, left, whole, keep)
    unused, remaining = keep(unused), keep(remaining)
    return Ruled(
        columns={
            "billed_from": anchor,
            "period_start": start,
            "period_end": end,
            "charge": charge,
            "unused_time": unused,
            "remaining_time": remaining,
            "amount_due": amount_due(unused + remaining, row.credit_balance, _SMALLEST, keep),
        },
        refused=(),
    )


EVERY_ROW_JOB = Job(
    columns=(
        Wholes("price", 0, MOST_PRICE),
        Wholes("seats", 1, MOST_SEATS),
        Wholes("interval_months", 1, 12),
        Instants("anchor", nullable=True),
        Instants("trial_start", nullable=True),
        Instants("change_at"),
        Wholes("new_price", 0, MOST_PRICE),
        Wholes("new_seats", 1, MOST_SEATS),
        Wholes("credit_balance", -MOST_BALANCE, MOST_BALANCE),
    ),
    rules=_every_row_of,
    added=(
        "billed_from",
        "period_start",
        "period_end",
        "charge",
        "unused_time",
        "remaining_time",
        "amount_due",
    ),
    instants=("billed_from", "period_start", "period_end"),
)
"""`anchor` is null in rows that come from a trial, `trial_start` in all others."""
