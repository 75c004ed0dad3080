"""How frames are measured: results compared first, then rounds in turn, the best of each kept.

A time is the processor's, which this process took: what else runs on a machine has no part in it
but by the caches. It only adds to a time, so the best of some rounds is nearest to what the work
costs; and rounds in turn spread a busy minute over all engines.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from time import process_time

import numpy as np

from tests.benchmarks import frame_tables as tables
from tests.benchmarks.frame_engines import KERNEL, MONTH_JOB, Engine, empty, kernel

AT_LEAST = 0.5
"""Seconds that a round gives an engine: a run that is shorter is repeated."""


def compare(engines: Mapping[str, Engine]) -> None:
    """See that every engine found what the kernel found, in every row and in sum; else raise."""
    columns_of = engines[KERNEL].columns
    assert columns_of is not None
    expected = columns_of(engines[KERNEL].run())
    for name, engine in engines.items():
        if engine.columns is None:
            continue
        found = engine.columns(engine.run())
        assert found.keys() == expected.keys(), name
        for column, values in found.items():
            same = expected[column][: engine.rows]
            if not np.array_equal(values, same):
                differ = int(np.count_nonzero(values != same))
                raise AssertionError(
                    f"{name}: {column} differs in {differ} rows, sums {values.sum()} and {same.sum()}"
                )


def seconds_per_row(
    engines: Mapping[str, Engine], rounds: int, clock: Callable[[], float] = process_time
) -> dict[str, float]:
    """By engine, the best of `rounds` rounds in turn."""
    best = dict.fromkeys(engines, float("inf"))
    for _ in range(rounds):
        for name, engine in engines.items():
            best[name] = min(best[name], _seconds(engine, clock) / engine.rows)
    return best


def _seconds(engine: Engine, clock: Callable[[], float]) -> float:
    """The best run of a round, without the collector of garbage, which others' objects start."""
    gc.collect()
    gc.disable()
    best, over = float("inf"), clock() + AT_LEAST
    while True:
        before = clock()
        result = engine.run()
        now = clock()
        best = min(best, now - before)
        del result
        if now > over:
            break
    gc.enable()
    return best


def kernel_by_size(sizes: tuple[int, ...], rounds: int) -> dict[int, float]:
    """Seconds per row of the kernel, by how many rows there are.

    What is read repeats a table of at most a million rows; what is written is all there.
    """
    chunk = min(max(sizes), 1_000_000)
    facts = tables.subscriptions(chunk)
    into = empty(MONTH_JOB, max(sizes))

    def over(rows: int) -> float:
        before = process_time()
        for start in range(0, rows, chunk):
            end = min(start + chunk, rows)
            read = {name: column[: end - start] for name, column in facts.items()}
            kernel(MONTH_JOB, read, {name: column[start:end] for name, column in into.items()})
        return (process_time() - before) / rows

    best = dict.fromkeys(sizes, float("inf"))
    for _ in range(rounds):
        for rows in sizes:
            again = range(max(1, min(10, max(sizes) // rows)))
            best[rows] = min(best[rows], *(over(rows) for _ in again))
    return best
