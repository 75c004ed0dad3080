"""How a benchmark is timed: an expression inside a loop, so that no call is timed but its own."""

from __future__ import annotations

from itertools import repeat
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture


def timed(benchmark: BenchmarkFixture, expression: str, times: int = 1000, **names: Any) -> None:
    """Time `expression`, evaluated `times` times over `names` in each round.

    The report divides by `times`. An exception in the expression fails the benchmark.
    """
    arguments = ", ".join(names)
    code = f"def run({arguments}):\n    for _ in repeat(None, {times}):\n        {expression}\n"
    scope: dict[str, Any] = {"repeat": repeat}
    exec(code, scope)
    benchmark.extra_info["times"] = times
    benchmark.extra_info["expression"] = expression
    benchmark(scope["run"], **names)
