"""Period, trial and proration on every row, and nothing else: a job made of the rules alone.

Every row changes in a period that began at its anchor, or at the end of its trial; so no row takes
less than the whole job, and a loop over rows has nothing to skip. Nothing is refused.
"""

from __future__ import annotations

from types import SimpleNamespace

from chatim_plans import CHATIM
from chatim_plans.frames.arithmetic import (
    DAY,
    Engine,
    amount_due,
    change_lines,
    period_holding,
)
from chatim_plans.frames.columns import (
    MOST_BALANCE,
    MOST_PRICE,
    MOST_SEATS,
    Instants,
    Job,
    Ruled,
    Wholes,
)

_DAYS = CHATIM.terms.trial_days
_SMALLEST = CHATIM.terms.smallest_charge.amount


def _every_row_of(row: SimpleNamespace, engine: Engine) -> Ruled:
    """The period that holds the change, its charge, the change's lines, what they leave to pay."""
    anchor = engine.once(engine.smaller(row.anchor, row.trial_start + _DAYS * DAY))
    start, end = period_holding(anchor, row.interval_months, row.change_at, engine)
    start, end = engine.once(start), engine.once(end)
    charge, after = engine.once(row.price * row.seats), engine.once(row.new_price * row.new_seats)
    left, whole = engine.once(end - row.change_at), engine.once(end - start)
    unused, remaining = change_lines(charge, after, left, whole, engine)
    unused, remaining = engine.once(unused), engine.once(remaining)
    return Ruled(
        columns={
            "billed_from": anchor,
            "period_start": start,
            "period_end": end,
            "charge": charge,
            "unused_time": unused,
            "remaining_time": remaining,
            "amount_due": amount_due(unused + remaining, row.credit_balance, _SMALLEST, engine),
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
    row=SimpleNamespace,
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
