"""Jobs in blocks of NumPy: over frames in memory, batches of Arrow, and on the workers of Spark."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import narwhals as nw
import numpy as np

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError
from chatim_plans.frames.arithmetic import Engine, Whole, first_day
from chatim_plans.frames.columns import Job
from chatim_plans.frames.faults import (
    SAMPLE,
    FrameFault,
    counts,
    faults_of_schema,
    raise_if_any,
    rows_of,
)
from chatim_plans.frames.tables import finished, with_values

if TYPE_CHECKING:
    from pyspark.sql.types import StructType


_Eager: TypeAlias = nw.DataFrame[Any]
_Columns: TypeAlias = dict[str, Any]

BLOCK = 8_192
"""Rows that the rules take at a time: their arrays stay in the processor's cache."""

SLICE = 16 * BLOCK
"""Rows that are read from a frame at a time: enough to make the reading's own cost small."""


class _Arrays(Engine):
    """NumPy compares and looks up in less than half of the time that the operators take."""

    def at_least(self, value: Whole, bound: Whole) -> Whole:
        return (value >= bound).astype(np.int64)

    def smaller(self, a: Whole, b: Whole) -> Whole:
        return np.minimum(a, b)

    def first_day(self, month: Whole) -> Whole:
        return np.take(_FIRST_DAYS, month, mode="clip")


_ARRAYS = _Arrays()
_FIRST_DAYS = first_day(np.arange(12 * 10_200))
"""By the number of the month, past every period that begins before the year 10000."""


def in_blocks(table: _Eager, job: Job[Any]) -> _Eager:
    """`table` with the columns that `job` adds.

    Raises:
        InvalidFrameError: rows that the job refuses.
    """
    added, found = _computed(table, job)
    raise_if_any(found)
    series = (
        nw.new_series(name, column, nw.Int64, backend=table.implementation)
        for name, column in added.items()
    )
    result: _Eager = finished(table.with_columns(*series), table.columns, job)
    return result


def _computed(table: _Eager, job: Job[Any]) -> tuple[_Columns, _Found]:
    """The columns that `job` adds, as arrays, and what it refuses; then the arrays mean nothing."""
    added = {name: np.empty(len(table), np.int64) for name in job.added}
    found = _Found()
    for start in range(0, len(table), SLICE):
        part = table[start : start + SLICE]
        rows = with_values(part, job.columns)
        if _refused_by_columns(rows, part, job, found):
            continue  # the rules would compute with what is no fact
        facts = rows.select(**job.facts())
        arrays = {  # pandas makes floats of what was null
            name: facts[name].to_numpy().astype(np.int64, copy=False) for name in facts.columns
        }
        into = {name: column[start : start + SLICE] for name, column in added.items()}
        _compute(arrays, into, part, job, found)
    return added, found


def _refused_by_columns(rows: _Eager, part: _Eager, job: Job[Any], found: _Found) -> bool:
    refusals = tuple(job.refusals())
    refused = rows.select(*counts(refusals)).row(0)
    for (column, expected, condition), count in zip(refusals, refused, strict=True):
        if count:
            flags = rows.select(flag=condition.fill_null(value=False))["flag"].to_numpy()
            found.add(FrameFault(column, expected, int(count), _first_rows(part, flags)))
    return any(refused)


def _first_rows(part: _Eager, flags: Whole, start: int = 0) -> tuple[Mapping[str, object], ...]:
    """The first rows that are flagged, each cut out: pyarrow cannot take texts that are views."""
    places = (start + np.flatnonzero(flags)[:SAMPLE]).tolist()
    return tuple(row for place in places for row in rows_of(part[place : place + 1]))


def _compute(arrays: _Columns, into: _Columns, part: _Eager, job: Job[Any], found: _Found) -> None:
    for start in range(0, len(part), BLOCK):
        block = slice(start, start + BLOCK)
        facts = {name: array[block] for name, array in arrays.items()}
        with np.errstate(divide="ignore"):  # by an empty period, which is refused
            ruled = job.ruled(facts, _ARRAYS)
        for column, expected, condition in ruled.refused:
            if count := int(np.count_nonzero(condition)):
                rows = _first_rows(part, condition, start)
                found.add(FrameFault(column, expected, count, rows))
        for name, values in ruled.columns.items():
            into[name][block] = values


class _Found:
    """Faults that are found part by part."""

    def __init__(self) -> None:
        self._by_kind: dict[tuple[str, str], FrameFault] = {}

    def add(self, fault: FrameFault) -> None:
        """Note more rows; the first few of all are shown."""
        key = fault.column, fault.expected
        before = self._by_kind.get(key, FrameFault(*key))
        rows: tuple[Mapping[str, object], ...] = (*before.rows, *fault.rows)[:SAMPLE]
        self._by_kind[key] = FrameFault(*key, before.count + fault.count, rows)

    def __iter__(self) -> Iterator[FrameFault]:
        return iter(self._by_kind.values())


RecordBatch: TypeAlias = Any
"""A record batch of pyarrow, which has no types."""

_SparkFrame: TypeAlias = Any
"""A data frame of PySpark, whose types speak of pyarrow's."""


def over_batches(batches: Iterable[RecordBatch], job: Job[Any]) -> Iterator[RecordBatch]:
    """Each batch with the columns that `job` adds.

    Raises:
        InvalidFrameError: a batch that the job refuses; counts and rows are those of the batch.
    """
    for table in _tables(batches, job):
        yield from in_blocks(table, job).to_native().to_batches()


def in_spark(frame: _SparkFrame, job: Job[Any], *, checked: bool) -> _SparkFrame:
    """A data frame of PySpark with the columns that `job` adds, computed on its workers.

    Raises:
        InvalidFrameError: rows that the job refuses.
    """
    if not checked:
        found = _Found()
        for row in frame.mapInArrow(partial(_searched, job=job), "fault binary").collect():
            found.add(pickle.loads(row.fault))  # noqa: S301 — written by `_searched`, on our workers
        raise_if_any(found)
    return frame.mapInArrow(partial(over_batches, job=job), _schema_after(frame, job))


def _searched(batches: Iterable[RecordBatch], job: Job[Any]) -> Iterator[RecordBatch]:
    """The faults of each batch, as pickles in a column `fault`."""
    arrow = _arrow()
    for table in _tables(batches, job):
        _, found = _computed(table, job)
        faults = [pickle.dumps(fault) for fault in found]
        yield arrow.RecordBatch.from_pydict({"fault": arrow.array(faults, arrow.binary())})


def _tables(batches: Iterable[RecordBatch], job: Job[Any]) -> Iterator[nw.DataFrame[Any]]:
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
            raise_if_any(_faults_of_batch(schema, batch.schema))
        if some and (batch is None or sum(map(len, some)) >= SLICE):
            table = nw.from_native(arrow.Table.from_batches(some))
            raise_if_any(faults_of_schema(table.schema, job))
            yield table
            some = []


def _faults_of_batch(first: Iterable[Any], fields: Iterable[Any]) -> Iterator[FrameFault]:
    """Where the fields of a batch, in their order, are not those of the first one, or repeated."""
    names = [field.name for field in fields]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield FrameFault(name, "one column of this name: rename or drop the other")
    for before, after in zip_longest(first, fields):
        if str(before) != str(after):  # pyarrow cannot compare a field with None
            expected = f"{before or 'no column'} as in the first batch, not {after or 'none'}"
            yield FrameFault((before or after).name, expected)


def _arrow() -> Any:  # noqa: ANN401 — a module without types
    import pyarrow as pa  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] — only where batches are

    return cast("Any", pa)


def _schema_after(frame: _SparkFrame, job: Job[Any]) -> StructType:
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
