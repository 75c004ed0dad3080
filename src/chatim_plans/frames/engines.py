"""The engines that frames are of: a job runs on the one that holds the table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, cast

import narwhals as nw
from narwhals.exceptions import DuplicateError

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError
from chatim_plans.frames.blocks import in_blocks, in_spark
from chatim_plans.frames.columns import Job
from chatim_plans.frames.expressions import as_expressions
from chatim_plans.frames.faults import FrameFault, faults_of_schema, raise_if_any
from chatim_plans.frames.tables import Frame

FrameT = TypeVar("FrameT")

_ENGINES = "a frame of polars, pandas or pyarrow, a relation of DuckDB, a data frame of PySpark"
_KNOWN = frozenset({
    nw.Implementation.POLARS,
    nw.Implementation.PANDAS,
    nw.Implementation.PYARROW,
    nw.Implementation.DUCKDB,
    nw.Implementation.PYSPARK,
})


def run(frame: FrameT, job: Job[Any], *, checked: bool) -> FrameT:
    """`frame` with the columns that `job` adds, of the same type.

    Raises:
        InvalidFrameError: columns or rows that the job refuses; rows of a lazy frame are searched
            at once, unless it was `checked`.
        InvalidTypeError: no frame of a known engine.
    """
    shapes.instance(checked, bool, "checked")
    table = _table_of(frame)
    raise_if_any(faults_of_schema(table.collect_schema(), job))
    raise_if_any(_faults_of_views(table, job))
    if isinstance(table, nw.DataFrame):
        result: Frame = in_blocks(table, job)
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
        raise_if_any(_faults_of_names(_names(frame), nw.Implementation.UNKNOWN))
    except TypeError:
        pass  # refused below, with what narwhals knows and this library does not
    if table is None or table.implementation not in _KNOWN:
        raise InvalidTypeError("frame", frame, _ENGINES)
    raise_if_any(_faults_of_names(_names(nw.to_native(table)), table.implementation))
    return table


def _faults_of_views(table: Frame, job: Job[Any]) -> Iterator[FrameFault]:
    """The texts that are read, are views, and stand in pandas: it cannot compare them itself."""
    if table.implementation.is_pandas():
        kinds = nw.to_native(table).dtypes
        for name in (column.name for column in job.columns if column.name in kinds):
            if str(kinds[name]) == "string_view[pyarrow]":
                yield FrameFault(name, "texts that pandas can compare, not views: cast to string")


def _names(native: Frame) -> list[object]:
    """The names of the columns as the engine has them, repeated ones too."""
    if hasattr(native, "column_names"):  # pyarrow
        return list(native.column_names)
    if hasattr(native, "collect_schema"):  # polars: its `columns` warns of the cost on a lazy frame
        return list(native.collect_schema())
    return list(native.columns)


def _faults_of_names(names: Sequence[object], engine: nw.Implementation) -> Iterator[FrameFault]:
    """Names that an engine would take for another column, for several, or for none."""
    folded = [str(name).lower() if engine in _FOLDING else name for name in names]
    for name, fold in zip(names, folded, strict=True):
        if not isinstance(name, str):
            yield FrameFault(str(name), "a column whose name is a text")
        elif folded.count(fold) > 1:
            yield FrameFault(name, "one column of this name: rename or drop the other")
        elif _PATTERN.fullmatch(name) or (engine.is_pyspark() and set(name) & set(".`")):
            yield FrameFault(name, "a column whose name no engine reads as a pattern or a path")


_FOLDING = frozenset({nw.Implementation.DUCKDB, nw.Implementation.PYSPARK})
_PATTERN = re.compile(r"\*|\^.*\$")
