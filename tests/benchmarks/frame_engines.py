"""What is measured beside each other: each engine's run of a job, and what it found as arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
from attrs import frozen

from chatim_plans import CHATIM
from chatim_plans.frames import month_invoices, prorations
from chatim_plans.frames.blocks import _ARRAYS, BLOCK
from chatim_plans.frames.columns import Job
from chatim_plans.frames.engines import run
from chatim_plans.frames.months import _month_job
from chatim_plans.frames.periods import _PRORATIONS
from tests.benchmarks import frame_tables as tables
from tests.benchmarks.frame_by_hand import month_in_polars
from tests.benchmarks.frame_by_hand_sql import MONTH_IN_SQL
from tests.benchmarks.frame_every_row import EVERY_ROW_JOB
from tests.benchmarks.frame_every_row_loop import Changing, charge_changes
from tests.benchmarks.frame_reference_loop import Changed, Held, close_month, prorate
from tests.frames.rows import told_by_the_core

MONTH_JOB = _month_job(tables.MONTH, CHATIM.terms)
PRORATION_JOB = _PRORATIONS

COPY, KERNEL, LOOP = "copy pass", "NumPy blocks (the kernel)", "plain Python loop"
CORE = "the core, an account at a time"
LAZY = "polars lazy"
BY_HAND, BY_DATES = "polars lazy, by hand", "polars lazy, by hand, its own dates"
SEARCHED = "polars lazy, with the search"
RELATION, IN_SQL = "DuckDB", "DuckDB, by hand"


@frozen(order=False, eq=False)
class Engine:
    """A way to do a job: a `run` over `rows` rows, and its result as the kernel's columns.

    The copy pass computes nothing and has no `columns` to compare.
    """

    run: Callable[[], Any]
    rows: int
    columns: Callable[[Any], tables.Facts] | None = None


def empty(job: Job[Any], rows: int) -> tables.Facts:
    """Room for the columns that a job adds, written to once so that it is there."""
    return {name: np.zeros(rows, np.int64) for name in job.added}


def copy_pass(facts: tables.Facts, into: tables.Facts) -> None:
    """The physical floor: read each column that is read, write each one that is written."""
    read = list(facts.values())
    for place, column in enumerate(into.values()):
        np.copyto(column, read[place % len(read)])
    for column in read[len(into) :]:
        column.sum()


def kernel(job: Job[Any], facts: tables.Facts, into: tables.Facts) -> tables.Facts:
    """The rules over blocks of arrays, with their search, as `frames.blocks` runs them."""
    rows = len(next(iter(facts.values())))
    optional = [column.name for column in job.columns if column.optional]
    left_out = {name: 0 for name in optional if name not in facts}
    for start in range(0, rows, BLOCK):
        block = slice(start, start + BLOCK)
        row = left_out | {name: column[block] for name, column in facts.items()}
        with np.errstate(divide="ignore"):
            ruled = job.ruled(row, _ARRAYS)
        for column, expected, condition in ruled.refused:
            if np.count_nonzero(condition):
                raise AssertionError(f"the table is not valid: {column} is not {expected}")
        for name, values in ruled.columns.items():
            into[name][block] = values
    return into


def by_numpy(job: Job[Any], facts: tables.Facts) -> dict[str, Engine]:
    """The copy pass and the kernel."""
    rows = len(next(iter(facts.values())))
    into, copied = empty(job, rows), empty(job, rows)
    return {
        COPY: Engine(lambda: copy_pass(facts, copied), rows),
        KERNEL: Engine(lambda: kernel(job, facts, into), rows, lambda found: found),
    }


def month_engines(rows: int, loop_rows: int, core_rows: int) -> dict[str, Engine]:
    """Every way to do the whole `month_invoices`."""
    facts = tables.subscriptions(rows)
    table = tables.as_polars(facts)
    arrow = table.to_arrow()
    lazy, pandas = table.lazy(), tables.as_pandas(arrow)
    on_arrow = tables.as_pandas_on_arrow(arrow)
    relation = _in_duckdb(arrow)
    dicts = table.head(loop_rows).to_dicts()
    held = [Held(**row) for row in dicts]
    month = tables.MONTH

    def of(frame: Any, *, checked: bool = False) -> Any:
        return month_invoices(frame, month, checked=checked)

    def columns(result: Any) -> tables.Facts:
        return tables.columns_of(_as_arrow(result), MONTH_JOB.added)

    engines = {
        "polars": lambda: of(table),
        LAZY: lambda: of(lazy, checked=True).collect(),
        SEARCHED: lambda: of(lazy).collect(),
        "polars streaming": lambda: of(lazy, checked=True).collect(engine="streaming"),
        BY_HAND: lambda: month_in_polars(lazy, look_up=True).collect(),
        BY_DATES: lambda: month_in_polars(lazy, look_up=False).collect(),
        "polars streaming, by hand": lambda: month_in_polars(lazy, look_up=True).collect(
            engine="streaming"
        ),
        "pyarrow": lambda: of(arrow),
        "pandas": lambda: of(pandas),
        "pandas on Arrow": lambda: of(on_arrow),
        RELATION: lambda: of(relation.table("subscriptions"), checked=True).to_arrow_table(),
        IN_SQL: lambda: relation.sql(MONTH_IN_SQL).to_arrow_table(),
    }
    return {
        **by_numpy(MONTH_JOB, facts),
        **{name: Engine(run, rows, columns) for name, run in engines.items()},
        LOOP: Engine(
            lambda: close_month(held, month.start, month.end),
            loop_rows,
            lambda found: columns([_as_dict(one) for one in found]),
        ),
        CORE: Engine(
            lambda: [told_by_the_core(row, month) for row in dicts[:core_rows]], core_rows, columns
        ),
    }


def proration_engines(rows: int, loop_rows: int) -> dict[str, Engine]:
    """Every way to do `prorations` alone that has a goal, and polars."""
    facts = tables.changes(rows)
    table = tables.as_polars(facts)
    changed = [Changed(**row) for row in table.head(loop_rows).to_dicts()]

    def columns(result: Any) -> tables.Facts:
        return tables.columns_of(_as_arrow(result), PRORATION_JOB.added)

    return {
        **by_numpy(PRORATION_JOB, facts),
        "polars": Engine(lambda: prorations(table), rows, columns),
        LAZY: Engine(lambda: prorations(table.lazy(), checked=True).collect(), rows, columns),
        LOOP: Engine(
            lambda: prorate(changed),
            loop_rows,
            lambda found: columns([_as_dict(one) for one in found]),
        ),
    }


def every_row_engines(rows: int, loop_rows: int) -> dict[str, Engine]:
    """Every way to do period, trial and proration on every row that has a goal, and polars lazy."""
    facts = tables.changes_of_all(rows)
    lazy = tables.as_polars(facts).lazy()
    few = pl.DataFrame({name: column[:loop_rows] for name, column in facts.items()})
    nulls = (pl.col(name).replace(tables.NEVER, None) for name in ("anchor", "trial_start"))
    changing = [Changing(**row) for row in few.with_columns(*nulls).to_dicts()]

    def as_columns(result: Any) -> tables.Facts:
        return tables.columns_of(_as_arrow(result), EVERY_ROW_JOB.added)

    return {
        **by_numpy(EVERY_ROW_JOB, facts),
        LAZY: Engine(lambda: run(lazy, EVERY_ROW_JOB, checked=True).collect(), rows, as_columns),
        LOOP: Engine(
            lambda: charge_changes(changing),
            loop_rows,
            lambda found: as_columns([_as_dict(one) for one in found]),
        ),
    }


def _in_duckdb(arrow: pa.Table) -> duckdb.DuckDBPyConnection:
    """A connection with the table in DuckDB's own storage, in memory."""
    connection = duckdb.connect()
    connection.execute("set threads = 1; set timezone = 'UTC'")
    connection.register("handed_over", arrow)
    connection.execute("create table subscriptions as select * from handed_over")
    connection.unregister("handed_over")
    return connection


def _as_dict(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}


def _as_arrow(result: Any) -> pa.Table:
    """A result of any engine."""
    if isinstance(result, list):
        return pl.DataFrame(result, infer_schema_length=None).to_arrow()
    if isinstance(result, pl.DataFrame):
        return result.to_arrow()
    return result if isinstance(result, pa.Table) else pa.Table.from_pandas(result)
