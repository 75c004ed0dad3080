"""A job over batches of Arrow, as Spark's `mapInArrow` hands them to its workers.

A method of more than 8,000 bytes is never compiled by Spark's JIT: a large job as expressions runs
twenty times slower there than as blocks of NumPy on the workers.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import narwhals as nw

from chatim_plans.errors import InvalidTypeError
from chatim_plans.foundation import shapes
from chatim_plans.integrations.frame_blocks import SLICE, computed, in_blocks
from chatim_plans.integrations.frame_faults import Found, faults_of_schema, raise_if_any
from chatim_plans.integrations.frame_jobs import Job

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

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
    if not isinstance(batches, Iterable):
        raise InvalidTypeError("batches", batches, "record batches of pyarrow, one after the other")
    for batch in chain(batches, [None]):
        if batch is not None:
            some.append(shapes.instance(batch, arrow.RecordBatch, "batch"))
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
