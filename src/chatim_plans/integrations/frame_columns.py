"""The columns that a table of subscriptions has: what each may hold, and its facts as wholes."""

from __future__ import annotations

import re
from typing import ClassVar, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals as nw
from attrs import frozen
from narwhals.dtypes import DType

from chatim_plans.integrations.frame_rules import NEVER

MINE = "__chatim_"
"""Begins the names of columns that exist only while the rules run."""

NONE = -1
"""Stands for a null whole number in the facts; an instant's is `NEVER`."""


def seconds_of(name: str) -> str:
    """The name under which an instant's Unix seconds are kept while the rules run."""
    return f"{MINE}{name}_seconds"


@frozen(order=False)
class Wholes:
    """Whole numbers from `least` to `most`."""

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
        return None if _fits_int64(dtype) else f"whole numbers (int64), not {_shown(dtype)}"

    def is_missing(self) -> nw.Expr:
        """Where there is none."""
        return nw.col(self.name).is_null()

    def is_fault(self) -> nw.Expr:
        """Where a value that is there cannot be meant."""
        value = nw.col(self.name)
        return (value < self.least) | (value > self.most)

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: whole numbers without nulls."""
        value = nw.col(self.name).cast(nw.Int64)
        return {self.name: value.fill_null(NONE) if self.nullable else value}


@frozen(order=False)
class Flags:
    """Yes or no."""

    expected: ClassVar = "true or false"
    nullable: ClassVar = False

    name: str

    def fault_of_type(self, dtype: DType) -> str | None:
        """What is wrong with a column of this type; None if nothing is."""
        return None if dtype == nw.Boolean else f"booleans, not {dtype}"

    def is_missing(self) -> nw.Expr:
        """Where there is none."""
        return nw.col(self.name).is_null()

    def is_fault(self) -> None:
        """Nothing but null cannot be meant."""

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: 1 for yes, 0 for no."""
        return {self.name: nw.col(self.name).cast(nw.Int64)}


@frozen(order=False)
class Instants:
    """Aware timestamps, or whole Unix seconds; a fraction of a second is dropped (rule T1)."""

    expected: ClassVar = "an instant of the years 1970 to 9999"

    name: str
    nullable: bool = False

    def fault_of_type(self, dtype: DType) -> str | None:
        """What is wrong with a column of this type; None if nothing is."""
        if _fits_int64(dtype):
            return None
        if not isinstance(dtype, nw.Datetime):
            return f"timestamps with a time zone, or Unix seconds (int64), not {_shown(dtype)}"
        if dtype.time_zone is None:
            return "timestamps with a time zone (convert to UTC), not naive ones"
        if not _is_known(dtype.time_zone):
            return f"timestamps of a known time zone (convert to UTC), not {dtype.time_zone!r}"
        return None

    def is_missing(self) -> nw.Expr:
        """Where there is none."""
        return nw.col(self.name).is_null()

    def is_fault(self) -> nw.Expr:
        """Where a value that is there cannot be meant."""
        seconds = nw.col(seconds_of(self.name))
        return (seconds < 0) | (seconds >= NEVER)

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: Unix seconds, `NEVER` for a null."""
        seconds = nw.col(seconds_of(self.name))
        return {self.name: seconds.fill_null(NEVER) if self.nullable else seconds}


@frozen(order=False)
class Keys:
    """Keys of plans, Free's first; the facts say whether the plan is one of `granting`."""

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

    def is_missing(self) -> nw.Expr:
        """Where there is none: a category of null is one, too."""
        return nw.col(self.name).cast(nw.String).is_null()

    def is_fault(self) -> nw.Expr:
        """Where a value that is there cannot be meant."""
        key = nw.col(self.name).cast(nw.String)
        return ~key.is_null() & ~key.is_in(self.known)

    def facts(self) -> dict[str, nw.Expr]:
        """The facts, by name: whether the plan grants, is Free, and is there at all."""
        key = nw.col(self.name).cast(nw.String)
        given = {
            f"{self.name}_grants": key.is_in(self.granting),
            f"{self.name}_is_free": key == self.known[0],
            f"{self.name}_is_given": ~key.is_null(),
        }
        return {name: flag.fill_null(value=False).cast(nw.Int64) for name, flag in given.items()}


Column: TypeAlias = Wholes | Flags | Instants | Keys


def _fits_int64(dtype: DType) -> bool:
    return dtype.is_integer() and not isinstance(dtype, nw.UInt64 | nw.Int128 | nw.UInt128)


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
