"""What is wrong with a frame: looked for in its schema, then in its rows, and told all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import narwhals as nw
from attrs import define, frozen

from chatim_plans.foundation.errors import PlansError, shortened
from chatim_plans.frames.columns import MINE, Job, Refusal


@frozen
class FrameFault:
    """What is wrong with a `column` of a frame: what is `expected` of it, the `count` of rows in
    which it is not so, and the first of these `rows`; none where the column itself is missing or
    of the wrong type.

    >>> import polars
    >>> from chatim_plans import utc
    >>> from chatim_plans.frames import InvalidFrameError, billing_periods
    >>> table = polars.DataFrame({"anchor": [0, 0], "interval_months": [1, 0]})
    >>> try:
    ...     billing_periods(table, utc("2026-03-01"))
    ... except InvalidFrameError as error:
    ...     (fault,) = error.faults
    >>> fault.column, fault.expected, fault.count
    ('interval_months', 'a whole number from 1 to 1,200', 1)

    Source: rule A2.
    """

    column: str
    expected: str
    count: int = 0
    rows: tuple[Mapping[str, object], ...] = ()

    def __str__(self) -> str:
        """The column at fault comes first in the rows shown, where a long row is cut."""
        told = f"{self.column}: expected {self.expected}"
        if not self.count:
            return told
        rows = (sorted(row.items(), key=lambda cell: cell[0] != self.column) for row in self.rows)
        shown = ", ".join(shortened(dict(row)) for row in rows)
        return f"{told}; not so in {self.count:,} row{'s' * (self.count > 1)}, the first: {shown}"


@define
class InvalidFrameError(PlansError, ValueError):
    """A frame that cannot be computed with: `faults` are all of them, with counts and first rows.

    >>> import polars
    >>> from chatim_plans.frames import InvalidFrameError, prorations
    >>> change = {"price": 10_00, "seats": 1, "new_price": 18_00, "new_seats": 1}
    >>> period = {"period_start": 0, "period_end": 400, "change_at": 400}  # Unix seconds
    >>> try:
    ...     prorations(polars.DataFrame([change | period]))
    ... except InvalidFrameError as error:
    ...     print(*(f"{fault.column}: {fault.expected}" for fault in error.faults))
    change_at: an instant in the period, from its start on and before its end

    Source: rule A2.
    """

    faults: tuple[FrameFault, ...]

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


SAMPLE = 3
"""Rows that an error shows of each fault."""


def raise_if_any(faults: Iterable[FrameFault]) -> None:
    """Refuse the frame for its `faults`, if it has any."""
    if found := tuple(faults):
        raise InvalidFrameError(found)


def faults_of_schema(schema: nw.Schema, job: Job[Any]) -> Iterator[FrameFault]:
    """Columns that are missing, of the wrong type, or in the place of those that are added."""
    for column in job.columns:
        if column.name not in schema:
            if not column.optional:
                expected = f"a column, in each row {column.expected}, and there is none"
                yield FrameFault(column.name, expected)
        elif fault := column.fault_of_type(schema[column.name]):
            yield FrameFault(column.name, fault)
    optional = {column.name for column in job.columns if column.optional}
    for name in schema:  # engines of SQL take no notice of case
        if name.lower() in job.added or name.lower().startswith(MINE):
            yield FrameFault(name, "no column of this name, which is added: drop or rename it")
        if name not in optional and name.lower() in optional:  # misspelt, it would count as absent
            yield FrameFault(name, f"no column of this name beside {name.lower()}: rename it")


def rows_of(table: nw.DataFrame[Any]) -> tuple[Mapping[str, object], ...]:
    """The rows of a small table; without timestamps, if one of them is beyond Python's years."""
    timed = [name for name, dtype in table.schema.items() if isinstance(dtype, nw.Datetime)]
    for left_out in ((), timed):
        try:
            rows = tuple(table.drop(*left_out).rows(named=True))
            repr(rows)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001, S112 — each engine fails in its way, polars by a panic
            continue
        return rows
    return ()


def counts(refusals: Iterable[Refusal]) -> list[nw.Expr]:
    """How many rows each condition refuses."""
    return [
        condition.cast(nw.Int64).sum().alias(f"{MINE}{place}")
        for place, (_, _, condition) in enumerate(refusals)
    ]
