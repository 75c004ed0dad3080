"""The edges of a job: a table's columns become facts, and what the rules gave becomes columns."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import narwhals as nw
import numpy as np
from narwhals.exceptions import DuplicateError

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError
from chatim_plans.frames.arithmetic import Numbers, Whole, first_day
from chatim_plans.frames.columns import (
    MINE,
    Column,
    Table,
    packed,
    unpacked,
    with_timestamps,
    with_values,
)
from chatim_plans.frames.faults import (
    SAMPLE,
    Found,
    FrameFault,
    Refusal,
    counts,
    faults_of_batch,
    faults_of_names,
    faults_of_schema,
    raise_if_any,
    refusals_of_columns,
    shown,
)
from chatim_plans.frames.jobs import Job

if TYPE_CHECKING:
    from pyspark.sql.types import StructType


def facts_of(columns: tuple[Column, ...]) -> dict[str, nw.Expr]:
    """The facts that the rules read, by name, as expressions over a table with values."""
    return {name: fact for column in columns for name, fact in column.facts().items()}


def finished(table: Table, names: list[str], job: Job) -> Table:
    """The caller's columns `names`, then the added ones, each of its own type."""
    table = table.with_columns(nw.col(name) > 0 for name in job.flags) if job.flags else table
    table = with_timestamps(table, job.instants) if job.instants else table
    return unpacked(table, names, job.added)


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
        rows = with_values(part, job.columns)
        if _refused_by_columns(rows, part, job, found):
            continue  # the rules would compute with what is no fact
        facts = rows.select(**facts_of(job.columns))
        arrays = {  # pandas makes floats of what was null
            name: facts[name].to_numpy().astype(np.int64, copy=False) for name in facts.columns
        }
        into = {name: column[start : start + SLICE] for name, column in added.items()}
        _compute(arrays, into, part, job, found)
    return added, found


def _refused_by_columns(rows: Eager, part: Eager, job: Job, found: Found) -> bool:
    refusals = tuple(refusals_of_columns(job))
    refused = rows.select(*counts(refusals)).row(0)
    for (column, expected, condition), count in zip(refusals, refused, strict=True):
        if count:
            flags = rows.select(flag=condition.fill_null(value=False))["flag"].to_numpy()
            found.add(FrameFault(column, expected, int(count), _first_rows(part, flags)))
    return any(refused)


def _first_rows(part: Eager, flags: Whole, start: int = 0) -> tuple[Mapping[str, object], ...]:
    """The first rows that are flagged, each cut out: pyarrow cannot take texts that are views."""
    places = (start + np.flatnonzero(flags)[:SAMPLE]).tolist()
    return tuple(row for place in places for row in shown(part[place : place + 1]))


def _compute(arrays: Arrays, into: Arrays, part: Eager, job: Job, found: Found) -> None:
    for start in range(0, len(part), BLOCK):
        block = slice(start, start + BLOCK)
        facts = SimpleNamespace(**{name: array[block] for name, array in arrays.items()})
        with np.errstate(divide="ignore"):  # by an empty period, which is refused
            ruled = job.rules(facts, _ARRAYS)
        for column, expected, condition in ruled.refused:
            if count := int(np.count_nonzero(condition)):
                rows = _first_rows(part, condition, start)
                found.add(FrameFault(column, expected, count, rows))
        for name, values in ruled.columns.items():
            into[name][block] = values


RecordBatch: TypeAlias = Any
"""A record batch of pyarrow, which has no types."""

SparkFrame: TypeAlias = Any
"""A data frame of PySpark, whose types speak of pyarrow's."""


def over_batches(batches: Iterable[RecordBatch], job: Job) -> Iterator[RecordBatch]:
    """Each batch with the columns that `job` adds.

    Raises:
        InvalidFrameError: a batch that the job refuses; counts and rows are those of the batch.
    """
    for table in _tables(batches, job):
        yield from in_blocks(table, job).to_native().to_batches()


def in_spark(frame: SparkFrame, job: Job, *, checked: bool) -> SparkFrame:
    """A data frame of PySpark with the columns that `job` adds, computed on its workers.

    Raises:
        InvalidFrameError: rows that the job refuses.
    """
    if not checked:
        found = Found()
        for row in frame.mapInArrow(partial(searched, job=job), "fault binary").collect():
            found.add(pickle.loads(row.fault))  # noqa: S301 — written by `searched`, on our workers
        raise_if_any(found)
    return frame.mapInArrow(partial(over_batches, job=job), _schema_after(frame, job))


def searched(batches: Iterable[RecordBatch], job: Job) -> Iterator[RecordBatch]:
    """The faults of each batch, as pickles in a column `fault`."""
    arrow = _arrow()
    for table in _tables(batches, job):
        _, found = computed(table, job)
        faults = [pickle.dumps(fault) for fault in found]
        yield arrow.RecordBatch.from_pydict({"fault": arrow.array(faults, arrow.binary())})


def _tables(batches: Iterable[RecordBatch], job: Job) -> Iterator[nw.DataFrame[Any]]:
    """The batches as tables, several in one where they are small: each has a cost of its own."""
    arrow = _arrow()
    some: list[RecordBatch] = []
    schema = None
    if not isinstance(batches, Iterable):
        raise InvalidTypeError("batches", batches, "record batches of pyarrow, one after the other")
    for batch in chain(batches, [None]):
        if batch is not None:
            some.append(shapes.instance(batch, arrow.RecordBatch, "batch"))
            schema = batch.schema if schema is None else schema
            raise_if_any(faults_of_batch(schema, batch.schema))
        if some and (batch is None or sum(map(len, some)) >= SLICE):
            table = nw.from_native(arrow.Table.from_batches(some))
            raise_if_any(faults_of_schema(table.schema, job))
            yield table
            some = []


def _arrow() -> Any:  # noqa: ANN401 — a module without types
    import pyarrow as pa  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] — only where batches are

    return cast("Any", pa)


def _schema_after(frame: SparkFrame, job: Job) -> StructType:
    from pyspark.sql.types import (  # noqa: PLC0415 — only where Spark is
        BooleanType,
        LongType,
        StructField,
        StructType,
        TimestampType,
    )

    of_added = {
        name: TimestampType() if name in job.instants else LongType() for name in job.added
    } | {name: BooleanType() for name in job.flags}
    fields = [StructField(name, kind) for name, kind in of_added.items()]
    return StructType([*frame.schema.fields, *fields])


Lazy: TypeAlias = nw.LazyFrame[Any]


def as_expressions(table: Lazy, job: Job, *, checked: bool) -> Lazy:
    """`table` with the columns that `job` adds; searched for faults unless it was `checked`.

    Raises:
        InvalidFrameError: rows that the job refuses.
    """
    names = table.collect_schema().names()
    there = [column.name for column in job.columns if column.name in names]
    table, own = packed(table, names, there)
    read = with_values(table, job.columns)
    facts = {f"{MINE}{name}": fact for name, fact in facts_of(job.columns).items()}
    keep = _Kept(read.select(*own, **facts))
    ruled = job.rules(
        SimpleNamespace(**{name.removeprefix(MINE): nw.col(name) for name in facts}), keep
    )
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
            few = _collected(unpacked(table.filter(condition).head(SAMPLE), names, ()))
            yield FrameFault(column, expected, int(count), shown(few))


def _collected(table: Lazy) -> nw.DataFrame[Any]:
    """The few rows of a search; polars streams it, so that memory stays bounded."""
    if table.implementation.is_polars():
        return table.collect(engine="streaming")
    return table.collect()


FrameT = TypeVar("FrameT")

_ENGINES = "a frame of polars, pandas or pyarrow, a relation of DuckDB, a data frame of PySpark"
_KNOWN = frozenset({
    nw.Implementation.POLARS,
    nw.Implementation.PANDAS,
    nw.Implementation.PYARROW,
    nw.Implementation.DUCKDB,
    nw.Implementation.PYSPARK,
})


def run(frame: FrameT, job: Job, *, checked: bool) -> FrameT:
    """`frame` with the columns that `job` adds, of the same type.

    Raises:
        InvalidFrameError: columns or rows that the job refuses; rows of a lazy frame are searched
            at once, unless it was `checked`.
        InvalidTypeError: no frame of a known engine.
    """
    shapes.instance(checked, bool, "checked")
    table = _table_of(frame)
    raise_if_any(faults_of_schema(table.collect_schema(), job))
    if isinstance(table, nw.DataFrame):
        result: Table = in_blocks(table, job)
    elif job.is_large and table.implementation.is_pyspark():
        result = nw.from_native(in_spark(nw.to_native(table), job, checked=checked))
    else:
        result = as_expressions(table, job, checked=checked)
    return cast("FrameT", result if table is frame else nw.to_native(result))


def _table_of(frame: object) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    """The frame as narwhals reads it; a frame of narwhals is read as it is."""
    table: nw.DataFrame[Any] | nw.LazyFrame[Any] | None = None
    try:
        table = nw.from_native(cast("Any", frame))
    except DuplicateError:
        raise_if_any(faults_of_names(_names(frame), nw.Implementation.UNKNOWN))
    except TypeError:
        pass  # refused below, with what narwhals knows and this library does not
    if table is None or table.implementation not in _KNOWN:
        raise InvalidTypeError("frame", frame, _ENGINES)
    raise_if_any(faults_of_names(_names(nw.to_native(table)), table.implementation))
    return table


def _names(native: Table) -> list[object]:
    """The names of the columns as the engine has them, repeated ones too."""
    if hasattr(native, "column_names"):  # pyarrow
        return list(native.column_names)
    if hasattr(native, "collect_schema"):  # polars: its `columns` warns of the cost on a lazy frame
        return list(native.collect_schema())
    return list(native.columns)
