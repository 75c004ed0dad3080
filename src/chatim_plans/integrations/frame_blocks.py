"""A job over a frame in memory: the rules take blocks of NumPy arrays.

The frame is read in slices, so that what is held beside input and output does not grow with rows.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np

from chatim_plans.errors import FrameFault
from chatim_plans.integrations.frame_edges import facts_of, finished, prepared
from chatim_plans.integrations.frame_faults import (
    SAMPLE,
    Found,
    counts,
    raise_if_any,
    refusals_of_columns,
    shown,
)
from chatim_plans.integrations.frame_jobs import Job
from chatim_plans.integrations.frame_rules import Numbers, Whole, first_day

Eager: TypeAlias = nw.DataFrame[Any]
Arrays: TypeAlias = dict[str, Any]

BLOCK = 8_192
"""Rows that the rules take at a time: their arrays stay in the processor's cache."""

SLICE = 16 * BLOCK
"""Rows that are read from a frame at a time: enough to make the reading's own cost small."""


class _Arrays(Numbers):
    """NumPy compares and looks up in less than half of the time that the operators take."""

    def reached(self, value: Whole, mark: Whole) -> Whole:
        return (value >= mark).astype(np.int64)

    def least(self, a: Whole, b: Whole) -> Whole:
        return np.minimum(a, b)

    def first_day(self, month: Whole) -> Whole:
        return np.take(_FIRST_DAYS, month, mode="clip")


_ARRAYS = _Arrays()
_FIRST_DAYS = first_day(np.arange(12 * 10_200))
"""By the number of the month, past every period that begins before the year 10000."""


def in_blocks(table: Eager, job: Job) -> Eager:
    """`table` with the columns that `job` adds.

    Raises:
        InvalidFrameError: rows that the job refuses.
    """
    added, found = computed(table, job)
    raise_if_any(found)
    series = (
        nw.new_series(name, column, nw.Int64, backend=table.implementation)
        for name, column in added.items()
    )
    result: Eager = finished(table.with_columns(*series), table.columns, job)
    return result


def computed(table: Eager, job: Job) -> tuple[Arrays, Found]:
    """The columns that `job` adds, as arrays, and what it refuses; then the arrays mean nothing."""
    added = {name: np.empty(len(table), np.int64) for name in job.added}
    found = Found()
    for start in range(0, len(table), SLICE):
        part = table[start : start + SLICE]
        rows = prepared(part, job.columns)
        if _refused_by_columns(rows, part.columns, job, found):
            continue  # the rules would compute with what is no fact
        facts = rows.select(**facts_of(job.columns))
        arrays = {  # pandas makes floats of what was null
            name: facts[name].to_numpy().astype(np.int64, copy=False) for name in facts.columns
        }
        into = {name: column[start : start + SLICE] for name, column in added.items()}
        _compute(arrays, into, part, job, found)
    return added, found


def _refused_by_columns(rows: Eager, names: list[str], job: Job, found: Found) -> bool:
    refusals = tuple(refusals_of_columns(job))
    refused = rows.select(*counts(refusals)).row(0)
    for (column, expected, condition), count in zip(refusals, refused, strict=True):
        if count:
            rows_shown = shown(rows.filter(condition).select(*names).head(SAMPLE))
            found.add(FrameFault(column, expected, int(count), rows_shown))
    return any(refused)


def _compute(arrays: Arrays, into: Arrays, part: Eager, job: Job, found: Found) -> None:
    for start in range(0, len(part), BLOCK):
        block = slice(start, start + BLOCK)
        facts = SimpleNamespace(**{name: array[block] for name, array in arrays.items()})
        with np.errstate(divide="ignore"):  # by an empty period, which is refused
            ruled = job.rules(facts, _ARRAYS)
        for column, expected, condition in ruled.refused:
            if count := int(np.count_nonzero(condition)):
                places = (start + np.flatnonzero(condition)[:SAMPLE]).tolist()
                found.add(FrameFault(column, expected, count, shown(part[places, :])))
        for name, values in ruled.columns.items():
            into[name][block] = values
