"""Timestamps to Unix seconds and back: on engines of SQL in its words, elsewhere in narwhals'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import narwhals as nw
from attrs import frozen
from narwhals.dtypes import DType

from chatim_plans.integrations.frame_columns import seconds_of
from chatim_plans.integrations.frame_rules import NEVER

Table: TypeAlias = Any
"""A frame of narwhals, in memory or lazy: the same words serve both."""

_IN_UTC = nw.Datetime("us", "UTC")
_MICROS = 1_000_000


@frozen(order=False)
class _Dialect:
    """How an engine of SQL quotes a name, and its words for the seconds of a timestamp."""

    quote: str
    to_seconds: str
    from_seconds: str

    def quoted(self, name: str) -> str:
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote


# DuckDB's division truncates: one less keeps the last second before 1970 before it. Its infinity
# has no seconds, and would be taken for null: -1 is refused.
_DIALECTS: Mapping[nw.Implementation, _Dialect] = MappingProxyType({
    nw.Implementation.DUCKDB: _Dialect(
        '"',
        f"CASE WHEN NOT isfinite({{0}}) THEN -1"
        f" ELSE epoch_us({{0}}) // {_MICROS} - (epoch_us({{0}}) < 0)::BIGINT END",
        f"make_timestamptz({{}} * {_MICROS})",
    ),
    nw.Implementation.PYSPARK: _Dialect("`", "unix_seconds({})", "timestamp_seconds({})"),
})


def with_seconds(table: Table, names: Iterable[str]) -> Table:
    """`table` with the Unix seconds of its instants, named by `seconds_of`; nulls stay."""
    schema = table.collect_schema()
    timestamps = [name for name in names if _unit(schema[name]) not in {None, "s"}]
    whole = [  # so are seconds themselves, which a look at milliseconds would let wrap
        nw.col(name).cast(nw.Int64).alias(seconds_of(name))
        for name in names
        if name not in timestamps
    ]
    table = table.with_columns(*whole) if whole else table
    dialect = _DIALECTS.get(table.implementation)
    if dialect is None:
        milliseconds = ((nw.col(name).dt.timestamp("ms"), name) for name in timestamps)
        return table.with_columns((ms // 1000).alias(seconds_of(name)) for ms, name in milliseconds)
    return _selected(
        table, dialect, {seconds_of(name): (dialect.to_seconds, name) for name in timestamps}
    )


def with_timestamps(table: Table, names: Iterable[str]) -> Table:
    """`table` with its Unix seconds `names` as timestamps in UTC; null from `NEVER` on."""
    table = table.with_columns(
        nw.when(nw.col(name) < NEVER).then(nw.col(name)).alias(name) for name in names
    )
    dialect = _DIALECTS.get(table.implementation)
    if dialect is None:
        return table.with_columns((nw.col(name) * _MICROS).cast(_IN_UTC) for name in names)
    return _selected(table, dialect, {name: (dialect.from_seconds, name) for name in names})


def _unit(dtype: DType) -> str | None:
    return dtype.time_unit if isinstance(dtype, nw.Datetime) else None


def _selected(table: Table, dialect: _Dialect, made: Mapping[str, tuple[str, str]]) -> Table:
    """`table` with columns made by SQL: each from a template and the column it is filled with."""
    kept = [dialect.quoted(name) for name in table.collect_schema() if name not in made]
    texts = [
        f"{template.format(dialect.quoted(source))} AS {dialect.quoted(name)}"
        for name, (template, source) in made.items()
    ]
    native = nw.to_native(table)
    if table.implementation.is_pyspark():
        return nw.from_native(native.selectExpr(*kept, *texts))
    return nw.from_native(native.project(", ".join([*kept, *texts])))
