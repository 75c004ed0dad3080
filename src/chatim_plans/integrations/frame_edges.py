"""The edges of a job: a table's columns become facts, and what the rules gave becomes columns."""

from __future__ import annotations

import narwhals as nw

from chatim_plans.integrations.frame_columns import Column, Instants
from chatim_plans.integrations.frame_instants import Table, with_seconds, with_timestamps
from chatim_plans.integrations.frame_jobs import Job


def prepared(table: Table, columns: tuple[Column, ...]) -> Table:
    """`table` with the Unix seconds of its instants beside them."""
    return with_seconds(table, [column.name for column in columns if isinstance(column, Instants)])


def facts_of(columns: tuple[Column, ...]) -> dict[str, nw.Expr]:
    """The facts that the rules read, by name, as expressions over a prepared table."""
    return {name: fact for column in columns for name, fact in column.facts().items()}


def finished(table: Table, names: list[str], job: Job) -> Table:
    """The caller's columns `names`, then the added ones, each of its own type."""
    table = table.with_columns(nw.col(name) > 0 for name in job.flags) if job.flags else table
    table = with_timestamps(table, job.instants) if job.instants else table
    return table.select(*names, *job.added)
