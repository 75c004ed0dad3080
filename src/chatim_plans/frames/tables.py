"""The edges of a job: what the rules read of a table, and what they gave as columns of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import narwhals as nw
from attrs import frozen

from chatim_plans.frames.arithmetic import NEVER
from chatim_plans.frames.columns import MINE, Column, Job, value_of

Frame: TypeAlias = Any
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


def with_values(table: Frame, columns: Iterable[Column]) -> Frame:
    """`table` with the values of `columns` beside it as the rules read them; nulls stay."""
    schema = table.collect_schema()
    dialect = _DIALECTS.get(table.implementation)
    spoken = [
        column.name
        for column in columns
        if dialect is not None and isinstance(schema.get(column.name), nw.Datetime)
    ]
    table = table.with_columns(
        column.value(schema.get(column.name)).alias(value_of(column.name))
        for column in columns
        if column.name not in spoken
    )
    if dialect is None:
        return table
    return _selected(
        table, dialect, {value_of(name): (dialect.to_seconds, name) for name in spoken}
    )


def _with_timestamps(table: Frame, names: Iterable[str]) -> Frame:
    """`table` with its Unix seconds `names` as timestamps in UTC; null from `NEVER` on."""
    table = table.with_columns(
        nw.when(nw.col(name) < NEVER).then(nw.col(name)).alias(name) for name in names
    )
    dialect = _DIALECTS.get(table.implementation)
    if dialect is None:
        return table.with_columns((nw.col(name) * _MICROS).cast(_IN_UTC) for name in names)
    return _selected(table, dialect, {name: (dialect.from_seconds, name) for name in names})


def packed(table: Frame, names: list[str], read: list[str]) -> tuple[Frame, list[str]]:
    """`table` with all its columns `names` in one, on DuckDB, and those that are `read`.

    The second value is what to carry along: DuckDB binds every column anew at each step, and would
    take minutes to plan the steps of the rules over a wide table. The one is a list of a struct,
    because DuckDB would follow each field of a bare struct through all of the plan.
    """
    if not table.implementation.is_duckdb():
        return table, names
    quoted = _DIALECTS[nw.Implementation.DUCKDB].quoted
    fields = ", ".join(f"{quoted(name)} := {quoted(name)}" for name in names)
    texts = [f"[struct_pack({fields})] AS {_PACKED}", *map(quoted, read)]
    return nw.from_native(nw.to_native(table).project(", ".join(texts))), [_PACKED]


def unpacked(table: Frame, names: Iterable[str], others: Iterable[str]) -> Frame:
    """The columns `names`, from where they are packed, and `others`."""
    if not table.implementation.is_duckdb():
        return table.select(*names, *others)
    table = table.select(nw.col(_PACKED).list.get(0), *others)
    fields = (nw.col(_PACKED).struct.field(name).alias(name) for name in names)
    return table.select(*fields, *others)


_PACKED = f"{MINE}packed"


def _selected(table: Frame, dialect: _Dialect, made: Mapping[str, tuple[str, str]]) -> Frame:
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


def finished(table: Frame, names: list[str], job: Job[Any]) -> Frame:
    """The caller's columns `names`, then the added ones, each of its own type."""
    table = table.with_columns(nw.col(name) > 0 for name in job.flags) if job.flags else table
    table = _with_timestamps(table, job.instants) if job.instants else table
    return unpacked(table, names, job.added)
