"""Measure the rules over columns, and print their ratios beside the goals.

    python -m tests.benchmarks.frames           measure; exit 1 if a goal is missed
    python -m tests.benchmarks.frames --quick   only see that everything works and agrees
    python -m tests.benchmarks.frames --write   put tables and plot into docs/explanation/scale.md

Everything runs on one core in one run, because machines differ and are busy. With `--spark`, Spark
too, which needs Java; `--rows` says how many.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks import frame_memory as memory
from tests.benchmarks import frame_rounds as rounds
from tests.benchmarks.frame_engines import (
    BY_DATES,
    BY_HAND,
    COPY,
    IN_SQL,
    KERNEL,
    LAZY,
    LOOP,
    MONTH_JOB,
    RELATION,
    SEARCHED,
    Engine,
    every_row_engines,
    month_engines,
    proration_engines,
)
from tests.benchmarks.frame_page import (
    Goal,
    engines_table,
    extrapolation_table,
    goals_table,
    shown,
    write,
)

# Read by each library when it is imported, so that it takes a process of its own.
ONE_THREAD = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
ROWS, LOOP_ROWS, CORE_ROWS = 2_000_000, 50_000, 2_000
FEW_ROWS = 100
MONTH_TITLE, PRORATION_TITLE = "`month_invoices`", "`prorations`"
EVERY_ROW_TITLE = "period, trial and proration on every row"
WHOLE_JOB = f"{MONTH_TITLE}, the whole job, whose loop skips what a row does not need"


def main(arguments: list[str]) -> int:
    """Measure in a process of one thread, print, and say by the exit code what was met."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        command = [sys.executable, "-m", "tests.benchmarks.frames", *arguments]
        return subprocess.run(command, env={**os.environ, **ONE_THREAD}, check=False).returncode
    parser = ArgumentParser(description="Measure the rules over columns.")
    parser.add_argument("--quick", action="store_true", help="a few thousand rows, no goals")
    parser.add_argument("--write", action="store_true", help="renew docs/explanation/scale.md")
    parser.add_argument("--spark", action="store_true", help="measure Spark too")
    parser.add_argument("--rows", type=int, default=ROWS)
    options = parser.parse_args(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return measured(
        rows=4_000 if options.quick else options.rows,
        times=1 if options.quick else 5,
        quick=options.quick,
        spark=options.spark,
        to_page=options.write,
    )


def measured(*, rows: int, times: int, quick: bool, spark: bool, to_page: bool) -> int:
    """Measure all, in the order that leaves memory as it was for what looks at it."""
    sizes = (1_000, 4_000, 10_000) if quick else (100_000, 1_000_000, 10_000_000)
    few, many = (400, 4_000) if quick else (200_000, 2_000_000)
    resident, held = memory.resident(many), memory.traced((few, many))
    by_size = rounds.kernel_by_size(sizes, times)
    loop_rows = min(rows, LOOP_ROWS)
    of_proration = compared_and_timed(proration_engines(rows, loop_rows), times)
    of_every_row = compared_and_timed(every_row_engines(rows, loop_rows), times)
    month = month_engines(rows, loop_rows, min(rows // 10, CORE_ROWS))
    of_month = compared_and_timed(month, times)
    del month
    once = seconds_once()
    if spark:
        of_month |= on_spark(rows, min(times, 3))
    goals = [
        *ratios(of_every_row, EVERY_ROW_TITLE, loop=60, copy=25),
        *ratios(of_proration, PRORATION_TITLE, loop=20, copy=10),
        *ratios(of_month, WHOLE_JOB, loop=None, copy=None),
        Goal(
            f"{MONTH_TITLE}: polars lazy / by hand, its own dates",
            of_month[LAZY] / of_month[BY_DATES],
            1.5,
        ),
        Goal(
            f"{MONTH_TITLE}: polars lazy / by hand, first days looked up",
            of_month[LAZY] / of_month[BY_HAND],
            1.5,
        ),
        Goal(
            f"kernel, a row's cost by size, {' / '.join(f'{size:,}' for size in sizes)}: most / least",
            max(by_size.values()) / min(by_size.values()),
            1.5,
        ),
        Goal(
            f"memory beyond input and output, {many:,} rows / {few:,}",
            held[many] / held[few],
            1.5,
        ),
    ]
    tables = [
        f"{machine()}; {rows:,} rows, best of {times}.",
        engines_table(MONTH_TITLE, of_month),
        engines_table(EVERY_ROW_TITLE, of_every_row),
        engines_table(PRORATION_TITLE, of_proration),
        also(of_month, once, by_size, held, resident),
    ]
    if to_page:
        write("\n\n".join(tables), of_month, rows)
    if not quick:
        tables += [goals_table(goals), extrapolation_table(of_month)]
    sys.stdout.write("\n\n".join(tables) + "\n")
    return 0 if quick or all(goal.is_met for goal in goals) else 1


def compared_and_timed(engines: Mapping[str, Engine], times: int) -> dict[str, float]:
    """Seconds per row by engine, once all of them found the same."""
    rounds.compare(engines)
    return rounds.seconds_per_row(engines, times)


def ratios(
    seconds: Mapping[str, float], title: str, *, loop: float | None, copy: float | None
) -> list[Goal]:
    """The two ratios of a kernel, with their goals or without."""
    each = seconds[KERNEL]
    return [
        Goal(
            f"{title}: kernel, times as fast as the loop", seconds[LOOP] / each, loop, at_least=True
        ),
        Goal(f"{title}: kernel / copy pass", each / seconds[COPY], copy),
    ]


def seconds_once() -> dict[str, float]:
    """What an engine takes for a table of a few rows, however few they are."""
    engines = month_engines(FEW_ROWS, 1, 1)
    asked = {name: engines[name] for name in (LAZY, BY_HAND, RELATION, IN_SQL)}
    return {name: each * FEW_ROWS for name, each in rounds.seconds_per_row(asked, 2).items()}


def on_spark(rows: int, times: int) -> dict[str, float]:
    """Spark, in rounds of its own: its process would be in the way of the others."""
    from tests.benchmarks.frame_spark import seconds_on_spark

    with tempfile.TemporaryDirectory() as folder:
        return seconds_on_spark(rows, Path(folder), times)


def also(
    seconds: Mapping[str, float],
    once: Mapping[str, float],
    by_size: Mapping[int, float],
    held: Mapping[int, int],
    resident: Mapping[str, float],
) -> str:
    """What is reported without a goal."""
    search = seconds[SEARCHED] - seconds[LAZY]
    sizes = ", ".join(f"{shown(each)} at {rows:,}" for rows, each in by_size.items())
    traced = ", ".join(f"{size / 1e6:.1f} MB at {rows:,}" for rows, size in held.items())
    plans = ", ".join(f"{shown(each)} on {name}" for name, each in once.items())
    lines = [
        f"* `month_invoices` of {FEW_ROWS} rows takes {plans}: all of it for the plan.",
        f"* The search for faults on polars lazy adds {shown(search)} a row.",
        f"* A row on the kernel takes {sizes} rows.",
        f"* Python and NumPy hold beyond input and output {traced} rows.",
    ]
    if resident:
        each = ", ".join(f"{size:.0f} bytes a row on {name}" for name, size in resident.items())
        output = len(MONTH_JOB.added) * 8
        lines.append(
            f"* The whole process holds at its peak beyond them {each}; output is {output}."
        )
    return "\n".join(lines)


def machine() -> str:
    """What it was measured on, and when."""
    libraries = ("numpy", "polars", "pyarrow", "pandas", "duckdb", "narwhals")
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    day = datetime.now(UTC)
    python = (
        f"CPython {platform.python_version()}, {platform.machine()}, one core of {os.cpu_count()}"
    )
    return f"{day.day} {day:%B %Y}, {python}; {versions}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
