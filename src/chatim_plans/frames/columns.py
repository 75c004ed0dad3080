"""The columns that a table of subscriptions has: what each may hold, and its facts as wholes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals as nw
from attrs import frozen
from narwhals.dtypes import DType

from chatim_plans.frames.arithmetic import NEVER

MINE = "__chatim_"
"""Begins the names of columns that exist only while the rules run."""

NONE = -1
"""Stands for a null whole number in the facts; an instant's is `NEVER`."""


def read(name: str) -> nw.Expr:
    """The values of a column as `with_values` reads them: int64, texts, or Unix seconds."""
    return nw.col(_value_of(name))


def _value_of(name: str) -> str:
    return f"{MINE}{name}_value"


@frozen(order=False)
class Wholes:
    """Whole numbers from `least` to `most`."""

    optional: ClassVar = False

    name: str
    least: int
    most: int
    nullable: bool = False

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        return f"a whole number from {self.least:,} to {self.most:,}"

    def fault_of_type(self, dtype: DType) -> str | None:
        """What is wrong with a column of this type; None if nothing is."""
        return None if dtype.is_integer() else f"whole numbers (int64), not {_shown(dtype)}"

    def value(self, dtype: DType | None) -> nw.Expr:
        """The values as int64."""
        return _as_int64(self.name, dtype, self.least, self.most)

    def is_missing(self) -> nw.Expr:
        """Where there is none."""
        return read(self.name).is_null()

    def is_fault(self) -> nw.Expr:
        """Where a value that is there cannot be meant."""
        return (read(self.name) < self.least) | (read(self.name) > self.most)

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: whole numbers without nulls."""
        value = read(self.name)
        return {self.name: value.fill_null(NONE) if self.nullable else value}


@frozen(order=False)
class Flags:
    """Yes or no; an `optional` column that is not there says no."""

    expected: ClassVar = "true or false"
    nullable: ClassVar = False

    name: str
    optional: bool = False

    def fault_of_type(self, dtype: DType) -> str | None:
        """What is wrong with a column of this type; None if nothing is."""
        return None if dtype == nw.Boolean else f"booleans, not {dtype}"

    def value(self, dtype: DType | None) -> nw.Expr:
        """The values as they are."""
        return nw.lit(value=False) if dtype is None else nw.col(self.name)

    def is_missing(self) -> nw.Expr:
        """Where there is none."""
        return read(self.name).is_null()

    def is_fault(self) -> None:
        """Nothing but null cannot be meant."""

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: 1 for yes, 0 for no."""
        return {self.name: read(self.name).cast(nw.Int64)}


@frozen(order=False)
class Instants:
    """Aware timestamps, or whole Unix seconds; a fraction of a second is dropped (rule T1)."""

    expected: ClassVar = "an instant of the years 1970 to 9999"
    optional: ClassVar = False

    name: str
    nullable: bool = False

    def fault_of_type(self, dtype: DType) -> str | None:
        """What is wrong with a column of this type; None if nothing is."""
        if dtype.is_integer():
            return None
        if not isinstance(dtype, nw.Datetime):
            return f"timestamps with a time zone, or Unix seconds (int64), not {_shown(dtype)}"
        if dtype.time_zone is None:
            return "timestamps with a time zone (convert to UTC), not naive ones"
        if not _is_known(dtype.time_zone):
            return f"timestamps of a known time zone (convert to UTC), not {dtype.time_zone!r}"
        return None

    def value(self, dtype: DType | None) -> nw.Expr:
        """The values as Unix seconds, on an engine in memory or polars."""
        at = nw.col(self.name)
        if not isinstance(dtype, nw.Datetime):
            return _as_int64(self.name, dtype, 0, NEVER - 1)
        if (
            dtype.time_unit == "s"
        ):  # a look at milliseconds would wrap, and NumPy's null is a number
            return nw.when(~at.is_null()).then(at.cast(nw.Int64))
        return at.dt.timestamp("ms") // 1000

    def is_missing(self) -> nw.Expr:
        """Where there is none."""
        return read(self.name).is_null()

    def is_fault(self) -> nw.Expr:
        """Where a value that is there cannot be meant."""
        return (read(self.name) < 0) | (read(self.name) >= NEVER)

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: Unix seconds, `NEVER` for a null."""
        seconds = read(self.name)
        return {self.name: seconds.fill_null(NEVER) if self.nullable else seconds}


@frozen(order=False)
class Keys:
    """Keys of plans, Free's first; the facts say whether the plan is one of `granting`."""

    optional: ClassVar = False

    name: str
    known: tuple[str, ...]
    granting: tuple[str, ...]
    nullable: bool = False

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        return f"the key of a plan of the edition: {', '.join(self.known)}"

    def fault_of_type(self, dtype: DType) -> str | None:
        """What is wrong with a column of this type; None if nothing is."""
        fits = isinstance(dtype, nw.String | nw.Categorical | nw.Enum)
        return None if fits else f"texts, not {_shown(dtype)}"

    def value(self, _dtype: DType | None) -> nw.Expr:
        """The values as texts of one kind: a category of null is null."""
        return nw.col(self.name).cast(nw.String)

    def is_missing(self) -> nw.Expr:
        """Where there is none."""
        return read(self.name).is_null()

    def is_fault(self) -> nw.Expr:
        """Where a value that is there cannot be meant."""
        return ~read(self.name).is_null() & ~read(self.name).is_in(self.known)

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: whether the plan grants, is Free, and is there at all."""
        key = read(self.name)
        given = {
            f"{self.name}_grants": key.is_in(self.granting),
            f"{self.name}_is_free": key == self.known[0],
            f"{self.name}_is_given": ~key.is_null(),
        }
        return {name: flag.fill_null(value=False).cast(nw.Int64) for name, flag in given.items()}


Column: TypeAlias = Wholes | Flags | Instants | Keys


def _as_int64(name: str, dtype: DType | None, least: int, most: int) -> nw.Expr:
    """The whole numbers of a column as int64: where they would not fit, the nearest to refuse."""
    value = nw.col(name)
    if isinstance(dtype, nw.UInt64 | nw.UInt128 | nw.Int128):
        below = 0 if dtype.is_unsigned_integer() else least - 1
        value = value.clip(nw.lit(below, dtype), nw.lit(most + 1, dtype))
    return value.cast(nw.Int64)


def _shown(dtype: DType) -> str:
    # Nulls alone have no type; but so has what narwhals cannot read, and is not to be lost.
    return f"{dtype} (cast what has no type)" if dtype == nw.Unknown else str(dtype)


def _is_known(time_zone: str) -> bool:
    if re.fullmatch(r"(UTC)?[+-]\d\d:\d\d", time_zone):
        return True
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


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


def with_values(table: Table, columns: Iterable[Column]) -> Table:
    """`table` with the values of `columns` beside it as the rules read them; nulls stay."""
    schema = table.collect_schema()
    dialect = _DIALECTS.get(table.implementation)
    spoken = [
        column.name
        for column in columns
        if dialect is not None and isinstance(schema.get(column.name), nw.Datetime)
    ]
    table = table.with_columns(
        column.value(schema.get(column.name)).alias(_value_of(column.name))
        for column in columns
        if column.name not in spoken
    )
    if dialect is None:
        return table
    return _selected(
        table, dialect, {_value_of(name): (dialect.to_seconds, name) for name in spoken}
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


def packed(table: Table, names: list[str], read: list[str]) -> tuple[Table, list[str]]:
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


def unpacked(table: Table, names: Iterable[str], others: Iterable[str]) -> Table:
    """The columns `names`, from where they are packed, and `others`."""
    if not table.implementation.is_duckdb():
        return table.select(*names, *others)
    table = table.select(nw.col(_PACKED).list.get(0), *others)
    fields = (nw.col(_PACKED).struct.field(name).alias(name) for name in names)
    return table.select(*fields, *others)


_PACKED = f"{MINE}packed"


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
