"""A job over a lazy frame: the rules make expressions, and only the search for faults runs."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, TypeAlias

import narwhals as nw

from chatim_plans.errors import FrameFault
from chatim_plans.integrations.frame_columns import MINE
from chatim_plans.integrations.frame_edges import facts_of, finished, prepared
from chatim_plans.integrations.frame_faults import (
    SAMPLE,
    Refusal,
    counts,
    raise_if_any,
    refusals_of_columns,
    shown,
)
from chatim_plans.integrations.frame_jobs import Job
from chatim_plans.integrations.frame_rules import Numbers, Whole

Lazy: TypeAlias = nw.LazyFrame[Any]


def as_expressions(table: Lazy, job: Job, *, checked: bool) -> Lazy:
    """`table` with the columns that `job` adds; searched for faults unless it was `checked`.

    Raises:
        InvalidFrameError: rows that the job refuses.
    """
    names = table.collect_schema().names()
    read = prepared(table, job.columns)
    facts = facts_of(job.columns)
    keep = _Kept(read.with_columns(**{f"{MINE}{name}": fact for name, fact in facts.items()}))
    ruled = job.rules(SimpleNamespace(**{name: nw.col(f"{MINE}{name}") for name in facts}), keep)
    if not checked:  # what columns refuse goes first, since rules compute with facts only
        raise_if_any(_faults(read, names, tuple(refusals_of_columns(job))))
        raise_if_any(_faults(keep.frame, names, ruled.refused))
    result: Lazy = finished(keep.frame.with_columns(**ruled.columns), names, job)
    return result


class _Kept(Numbers):
    """Keeps a value by making it a column, which an engine computes once."""

    def __init__(self, frame: Lazy) -> None:
        self.frame = frame
        self._count = 0

    def __call__(self, value: Whole) -> Whole:
        if not isinstance(value, nw.Expr):  # a constant of the job
            return value
        self._count += 1
        name = f"{MINE}{self._count}"
        self.frame = self.frame.with_columns(value.alias(name))
        return nw.col(name)

    def reached(self, value: Whole, mark: Whole) -> Whole:
        """A comparison, which every engine has, for less than the operators cost."""
        return (value >= mark).cast(nw.Int64)

    def least(self, a: Whole, b: Whole) -> Whole:
        """A function that every engine has."""
        return nw.min_horizontal(a, b)


def _faults(table: Lazy, names: list[str], refusals: tuple[Refusal, ...]) -> Iterator[FrameFault]:
    refused = _collected(table.select(*counts(refusals))).row(0)
    for (column, expected, condition), count in zip(refusals, refused, strict=True):
        if count:
            few = _collected(table.filter(condition).select(*names).head(SAMPLE))
            yield FrameFault(column, expected, int(count), shown(few))


def _collected(table: Lazy) -> nw.DataFrame[Any]:
    """The few rows of a search; polars streams it, so that memory stays bounded."""
    if table.implementation.is_polars():
        return table.collect(engine="streaming")
    return table.collect()
