"""The columns that a job over a table reads: what each may hold, and its facts as wholes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals as nw
from attrs import frozen
from narwhals.dtypes import DType

from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import instant, unix_seconds
from chatim_plans.frames.arithmetic import NEVER, Engine, Whole

MINE = "__chatim_"
"""Begins the names of columns that exist only while the rules run."""

MOST_PRICE = 10**8
MOST_SEATS = 10**6
MOST_BALANCE = 10**14
"""The product of price and seats, too: so that no sum of amounts comes near 2^51."""


def seconds_from_1970(at: datetime) -> int:
    """An instant as Unix seconds, which no column counts from before 1970.

    Raises:
        InvalidTypeError, InvalidValueError: no instant, or one before 1970.
    """
    seconds = unix_seconds(instant(at))
    if seconds < 0:
        raise InvalidValueError("instant", at, "an instant from 1970 on")
    return seconds


_NONE = -1
"""Stands for a null whole number in the facts; an instant's is `NEVER`."""


def _read(name: str) -> nw.Expr:
    """The values of a column as the rules read them: int64, texts, or Unix seconds."""
    return nw.col(value_of(name))


def value_of(name: str) -> str:
    """The name under which a column's values are kept while the rules run."""
    return f"{MINE}{name}_value"


@frozen(order=False)
class Wholes:
    """Whole numbers from `least` to `most`."""

    optional: ClassVar[bool] = False

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
        return None if dtype.is_integer() else f"whole numbers, not {_shown(dtype)}"

    def value(self, dtype: DType | None) -> nw.Expr:
        """The values as int64."""
        return _as_int64(self.name, dtype, self.least, self.most)

    def is_missing(self) -> nw.Expr:
        """Where there is none."""
        return _read(self.name).is_null()

    def is_fault(self) -> nw.Expr:
        """Where a value that is there cannot be meant."""
        return (_read(self.name) < self.least) | (_read(self.name) > self.most)

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: whole numbers without nulls."""
        value = _read(self.name)
        return {self.name: value.fill_null(_NONE) if self.nullable else value}


@frozen(order=False)
class Flags:
    """Yes or no; an `optional` column that is not there says no."""

    expected: ClassVar[str] = "true or false"
    nullable: ClassVar[bool] = False

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
        return _read(self.name).is_null()

    def is_fault(self) -> None:
        """Nothing but null cannot be meant."""

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: 1 for yes, 0 for no."""
        return {self.name: _read(self.name).cast(nw.Int64)}


@frozen(order=False)
class Instants:
    """Aware timestamps, or whole Unix seconds; a fraction of a second is dropped (rule T1)."""

    expected: ClassVar[str] = "an instant of the years 1970 to 9999"
    optional: ClassVar[bool] = False

    name: str
    nullable: bool = False

    def fault_of_type(self, dtype: DType) -> str | None:
        """What is wrong with a column of this type; None if nothing is."""
        if dtype.is_integer():
            return None
        if not isinstance(dtype, nw.Datetime):
            return f"timestamps with a time zone, or whole Unix seconds, not {_shown(dtype)}"
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
        return _read(self.name).is_null()

    def is_fault(self) -> nw.Expr:
        """Where a value that is there cannot be meant."""
        return (_read(self.name) < 0) | (_read(self.name) >= NEVER)

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: Unix seconds, `NEVER` for a null."""
        seconds = _read(self.name)
        return {self.name: seconds.fill_null(NEVER) if self.nullable else seconds}


@frozen(order=False)
class Keys:
    """Keys of plans, Free's first; the facts say whether the plan is one of `granting`."""

    optional: ClassVar[bool] = False

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
        return _read(self.name).is_null()

    def is_fault(self) -> nw.Expr:
        """Where a value that is there cannot be meant."""
        return ~_read(self.name).is_null() & ~_read(self.name).is_in(self.known)

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: whether the plan grants, is Free, and is there at all."""
        key = _read(self.name)
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


Refusal: TypeAlias = tuple[str, str, Any]
"""A column, what it should be, and the condition that holds where it is not."""


@frozen(order=False, eq=False)
class Ruled:
    """What rules say of a row: the columns it gets, which mean nothing where it is refused."""

    columns: Mapping[str, Whole]
    refused: tuple[Refusal, ...]


RowT = TypeVar("RowT")


@frozen(order=False)
class Job(Generic[RowT]):
    """Rules over a table: the columns it reads, its rules, and the columns it adds, in order.

    `row` makes of the facts, by name, the row that `rules` read. `instants` and `flags` name those
    added that are timestamps and booleans; the rest are int64. `is_large` tells that the rules, as
    one expression, are more than Spark's JIT compiles.
    """

    columns: tuple[Column, ...]
    row: Callable[..., RowT]
    rules: Callable[[RowT, Engine], Ruled]
    added: tuple[str, ...]
    instants: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    is_large: bool = False

    def facts(self) -> dict[str, nw.Expr]:
        """The facts that the rules read, by name, as expressions over the values of the columns."""
        return {name: fact for column in self.columns for name, fact in column.facts().items()}

    def ruled(self, facts: Mapping[str, Whole], engine: Engine) -> Ruled:
        """What the rules say of a row of `facts`, or of columns of them."""
        return self.rules(self.row(**facts), engine)

    def refusals(self) -> Iterator[Refusal]:
        """What each column refuses by itself; a null condition refuses nothing."""
        for column in self.columns:
            if not column.nullable:
                yield column.name, f"{column.expected}, not null", column.is_missing()
            condition = column.is_fault()
            if condition is not None:
                yield column.name, column.expected, condition
