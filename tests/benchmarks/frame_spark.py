"""The month's job on Spark with one core, from a Parquet file; needs Java."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from pyspark.sql import SparkSession, functions

from chatim_plans.frames import month_invoices
from tests.benchmarks import frame_tables as tables
from tests.benchmarks.frame_engines import MONTH_JOB, Engine, empty, kernel
from tests.benchmarks.frame_rounds import seconds_per_row

SPARK, READ_ONLY = "Spark, from Parquet", "Spark, only reading Parquet"


def seconds_on_spark(rows: int, folder: Path, rounds: int) -> dict[str, float]:
    """Seconds per row of the job, and of reading its file alone; what comes out is thrown away.

    By the clock on the wall, since Spark works in two processes of its own.

    Raises:
        AssertionError: sums of columns that are not the kernel's.
    """
    facts = tables.subscriptions(rows)
    file = str(folder / "subscriptions.parquet")
    tables.as_polars(facts).write_parquet(file)
    spark = _session()

    def billed() -> Any:
        return month_invoices(spark.read.parquet(file), tables.MONTH, checked=True)

    _compare(billed(), kernel(MONTH_JOB, facts, empty(MONTH_JOB, rows)))
    engines = {
        SPARK: Engine(lambda: _to_nowhere(billed()), rows),
        READ_ONLY: Engine(lambda: _to_nowhere(spark.read.parquet(file)), rows),
    }
    seconds = seconds_per_row(engines, rounds, perf_counter)
    spark.stop()
    return seconds


def _session() -> SparkSession:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[1]").appName("chatim_plans")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "2g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.log.level": "ERROR",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _to_nowhere(frame: Any) -> None:
    frame.write.format("noop").mode("overwrite").save()


def _compare(frame: Any, expected: tables.Facts) -> None:
    """See that sums are the kernel's."""
    column = functions.col
    sums = [
        functions.sum(functions.unix_seconds(column(name)) if name in MONTH_JOB.instants else name)
        for name in MONTH_JOB.added
    ]
    found = dict(zip(MONTH_JOB.added, frame.select(*sums).first(), strict=True))
    for name, values in expected.items():
        there = values[values < tables.NEVER] if name in MONTH_JOB.instants else values
        assert found[name] == int(np.sum(there)), f"Spark: {name} sums up to {found[name]}"
