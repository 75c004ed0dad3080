"""Jobs as expressions: over lazy frames of polars, relations of DuckDB, and small ones on Spark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import narwhals as nw

from chatim_plans.frames.arithmetic import Engine, Whole
from chatim_plans.frames.columns import MINE, Job, Refusal
from chatim_plans.frames.faults import SAMPLE, FrameFault, counts, raise_if_any, rows_of
from chatim_plans.frames.tables import finished, packed, unpacked, with_values

_Lazy: TypeAlias = nw.LazyFrame[Any]


def as_expressions(table: _Lazy, job: Job[Any], *, checked: bool) -> _Lazy:
    """`table` with the columns that `job` adds; searched for faults unless it was `checked`.

    Raises:
        InvalidFrameError: rows that the job refuses.
    """
    names = table.collect_schema().names()
    there = [column.name for column in job.columns if column.name in names]
    table, own = packed(table, names, there)
    read = with_values(table, job.columns)
    facts = job.facts()
    engine = _Staged(read.select(*own, **{f"{MINE}{name}": fact for name, fact in facts.items()}))
    ruled = job.ruled({name: nw.col(f"{MINE}{name}") for name in facts}, engine)
    if not checked:  # what columns refuse goes first, since rules compute with facts only
        raise_if_any(_faults(read, names, tuple(job.refusals())))
        raise_if_any(_faults(engine.frame, names, ruled.refused))
    result: _Lazy = finished(engine.frame.with_columns(**ruled.columns), names, job)
    return result


class _Staged(Engine):
    """Makes a value that is used more than once a column, as narwhals copies it to each use."""

    def __init__(self, frame: _Lazy) -> None:
        self.frame = frame
        self._count = 0

    def once(self, value: Whole) -> Whole:
        """A column of the frame, which its engine computes once."""
        if not isinstance(value, nw.Expr):  # a constant of the job
            return value
        self._count += 1
        name = f"{MINE}{self._count}"
        self.frame = self.frame.with_columns(value.alias(name))
        return nw.col(name)

    def at_least(self, value: Whole, bound: Whole) -> Whole:
        """A comparison, which every engine has, for less than the operators cost."""
        return (value >= bound).cast(nw.Int64)

    def smaller(self, a: Whole, b: Whole) -> Whole:
        """A function that every engine has."""
        return nw.min_horizontal(a, b)


def _faults(table: _Lazy, names: list[str], refusals: tuple[Refusal, ...]) -> Iterator[FrameFault]:
    refused = _collected(table.select(*counts(refusals))).row(0)
    for (column, expected, condition), count in zip(refusals, refused, strict=True):
        if count:
            few = _collected(unpacked(table.filter(condition).head(SAMPLE), names, ()))
            yield FrameFault(column, expected, int(count), rows_of(few))


def _collected(table: _Lazy) -> nw.DataFrame[Any]:
    """The few rows of a search; polars streams it, so that memory stays bounded."""
    if table.implementation.is_polars():
        return table.collect(engine="streaming")
    return table.collect()
