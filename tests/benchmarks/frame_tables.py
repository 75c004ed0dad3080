"""A table of subscriptions, made with NumPy, and as a frame of each library.

The same numbers on every run: most accounts pay monthly, some yearly, some are in a trial or on
Free; some change, have a plan waiting or lines pending, or are restricted. All rows are valid.
The calendar is NumPy's own, so that no column comes from the rules that are measured.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa

from tests.frames.rows import month_of

Array: TypeAlias = npt.NDArray[np.int64]
Facts: TypeAlias = dict[str, Array]
"""Columns as the rules read them: int64 without nulls."""

SEED = 20_261_001
MONTH = month_of(2026, 10)
START, END = int(MONTH.start.timestamp()), int(MONTH.end.timestamp())
DAY = 86_400
NONE = -1
NEVER = 253_402_300_800
"""The first second of the year 10000 stands for an instant that is null."""

INSTANTS = frozenset({
    "anchor",
    "trial_start",
    "trial_end",
    "scheduled_at",
    "change_at",
    "billed_from",
    "period_start",
    "period_end",
})
FLAGS = frozenset({"payment_method", "restricted"})
NULLABLE = frozenset({"scheduled_price", "new_price", "new_seats"})
_PRO, _ULTIMATE = 1900, 3900


def boundary(anchor: Array, months: Array) -> Array:
    """The boundary `months` after the anchor, on the month's last day if that is shorter."""
    days = anchor // DAY
    first = days.astype("M8[D]").astype("M8[M]")
    month_day = days - first.astype("M8[D]").astype(np.int64)
    then = first + months.astype("m8[M]")
    begins, ends = (month.astype("M8[D]").astype(np.int64) for month in (then, then + 1))
    at: Array = np.minimum(begins + month_day, ends - 1) * DAY + anchor % DAY
    return at


def subscriptions(rows: int) -> Facts:
    """The facts of `month_invoices`: what each of `rows` subscriptions is before its boundary."""
    draw = np.random.default_rng(SEED)
    kind = draw.random(rows)
    free, trial = kind < 0.10, (kind >= 0.10) & (kind < 0.15)
    paid, begins = kind >= 0.15, kind >= 0.985
    months = np.where(paid & (draw.random(rows) < 0.15), 12, 1)
    scale = np.where(months > 1, 10, 1)
    price = np.where(draw.random(rows) < 0.7, _PRO, _ULTIMATE) * scale
    seats = np.minimum(draw.geometric(0.2, rows), 400).astype(np.int64)
    ago = draw.integers(1, 5 * 365 * DAY, rows)
    ahead = draw.integers(0, END - START, rows)
    anchor = np.where(begins, START + ahead, np.where(trial, START + 2 * ahead, START - ago))

    # Where its boundaries lie; `due` says that one is in the month.
    first = (anchor // DAY).astype("M8[D]").astype("M8[M]").astype(np.int64)
    elapsed = np.maximum((2026 - 1970) * 12 + 9 - first, 0) // months * months
    start, end = boundary(anchor, elapsed), boundary(anchor, elapsed + months)
    before = np.maximum(boundary(anchor, elapsed - months), anchor)
    due = (start >= START) & (start < END)

    running = paid & ~begins
    restricted = running & (draw.random(rows) < 0.01)
    waiting = running & (draw.random(rows) < 0.03)
    to_free = waiting & (draw.random(rows) < 0.6)
    facts = {
        "price": np.where(free, 0, price),
        "seats": np.where(free, 1, seats),
        "interval_months": months,
        "anchor": np.where(paid, anchor, NEVER),
        "trial_end": np.where(trial, anchor, NEVER),
        "payment_method": ~free & (paid | (draw.random(rows) < 0.4)),
        "restricted": restricted,
        "scheduled_price": np.where(waiting, np.where(to_free, 0, _PRO * scale), NONE),
        "scheduled_at": np.where(waiting, np.where(due, start, end), NEVER),
    }

    # A change before the boundary in the month, or from it on if the account goes on.
    changes = paid & (draw.random(rows) < 0.10)
    stays = ~due | ~(restricted | to_free)
    early = changes & due & (anchor < start) & ((draw.random(rows) < 0.5) | ~stays)
    late = changes & ~early & stays
    low = np.where(early, before, np.where(due, start, START))
    high = np.where(early, start, np.minimum(end, END))
    change_at = low + (draw.random(rows) * (high - low)).astype(np.int64)
    upgrades = (price == _PRO * scale) & (draw.random(rows) < 0.4)
    more = np.where((seats > 1) & (draw.random(rows) < 0.3), -1, draw.integers(1, 6, rows))
    keeps = upgrades & (draw.random(rows) < 0.7)
    changes = early | late
    facts |= {
        "change_at": np.where(changes, change_at, NEVER),
        "new_price": np.where(changes & upgrades, _ULTIMATE * scale, NONE),
        "new_seats": np.where(changes & ~keeps, seats + more, NONE),
        "pending": _some(draw, running, 0.05, -5_000, 9_000),
        "credit_balance": _some(draw, ~free, 0.06, -100, 20_000),
    }
    return {name: np.ascontiguousarray(column, np.int64) for name, column in facts.items()}


def changes(rows: int) -> Facts:
    """The facts of `prorations`: a change inside a period, a row each."""
    draw = np.random.default_rng(SEED)
    yearly = draw.random(rows) < 0.15
    scale, seats = np.where(yearly, 10, 1), np.minimum(draw.geometric(0.2, rows), 400)
    whole = np.where(yearly, 365, draw.integers(28, 32, rows)) * DAY
    start = START - draw.integers(0, 28 * DAY, rows)
    facts = {
        "price": np.where(draw.random(rows) < 0.7, _PRO, _ULTIMATE) * scale,
        "seats": seats,
        "new_price": np.where(draw.random(rows) < 0.4, _PRO, _ULTIMATE) * scale,
        "new_seats": np.maximum(seats + draw.integers(-2, 6, rows), 1),
        "period_start": start,
        "period_end": start + whole,
        "change_at": start + (draw.random(rows) * whole).astype(np.int64),
    }
    return {name: np.ascontiguousarray(column, np.int64) for name, column in facts.items()}


def changes_of_all(rows: int) -> Facts:
    """The facts of `EVERY_ROW_JOB`: every row changes in the month, one in seven after a trial."""
    draw = np.random.default_rng(SEED)
    yearly, tried = draw.random(rows) < 0.15, draw.random(rows) < 0.15
    scale, seats = np.where(yearly, 10, 1), np.minimum(draw.geometric(0.2, rows), 400)
    anchor = START - draw.integers(1, 5 * 365 * DAY, rows)
    facts = {
        "price": np.where(draw.random(rows) < 0.7, _PRO, _ULTIMATE) * scale,
        "seats": seats,
        "interval_months": np.where(yearly, 12, 1),
        "anchor": np.where(tried, NEVER, anchor),
        "trial_start": np.where(tried, anchor - 30 * DAY, NEVER),
        "change_at": START + draw.integers(0, END - START, rows),
        "new_price": np.where(draw.random(rows) < 0.4, _PRO, _ULTIMATE) * scale,
        "new_seats": np.maximum(seats + draw.integers(-2, 6, rows), 1),
        "credit_balance": _some(draw, np.ones(rows, np.bool_), 0.06, -100, 20_000),
    }
    return {name: np.ascontiguousarray(column, np.int64) for name, column in facts.items()}


def _some(draw: np.random.Generator, where: Any, part: float, low: int, high: int) -> Array:
    """Amounts in a part of the rows where it may be, 0 elsewhere."""
    rows = len(where)
    return np.where(where & (draw.random(rows) < part), draw.integers(low, high, rows), 0)


def as_polars(facts: Facts) -> pl.DataFrame:
    """The facts as people hold them: timestamps, booleans and nulls."""
    return pl.DataFrame(facts).select(_typed(name) for name in facts)


def _typed(name: str) -> pl.Expr:
    column = pl.col(name)
    if name in INSTANTS:
        there = pl.when(column < NEVER).then(column * 1_000_000)
        return there.cast(pl.Datetime("us", "UTC")).alias(name)
    if name in FLAGS:
        return column.cast(pl.Boolean)
    return pl.when(column != NONE).then(column).alias(name) if name in NULLABLE else column


def as_pandas(table: pa.Table) -> pd.DataFrame:
    """A table on pandas' own dtypes: NumPy's, and masked integers where there are nulls."""
    frame: pd.DataFrame = table.to_pandas()
    for name in NULLABLE & set(table.column_names):
        column = table[name]
        absent = column.is_null().to_numpy()
        values = column.fill_null(0).to_numpy().copy()
        frame[name] = pd.arrays.IntegerArray(values, absent.copy())
    return frame


def as_pandas_on_arrow(table: pa.Table) -> pd.DataFrame:
    """A table on pandas' dtypes of Arrow."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def columns_of(table: pa.Table, names: tuple[str, ...]) -> Facts:
    """Columns of a result as the rules give them: int64, `NEVER` for an instant that is null."""
    found: Facts = {}
    for name in names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("s", column.type.tz)).cast(pa.int64())
            column = column.fill_null(NEVER)
        assert column.null_count == 0, name
        found[name] = column.cast(pa.int64()).to_numpy()
    return found
