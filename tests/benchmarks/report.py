"""Run the benchmarks and print their ratios beside the goals.

    python -m tests.benchmarks.report           measure; exit 1 if a goal is missed
    python -m tests.benchmarks.report --quick   only see that every benchmark works

Ratios are of medians in one run, because machines differ and are busy.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FLOOR, BARE, MONEY = "test_floor", "test_bare_class", "test_money"
BASE_IMPORT = "test_import[import attrs, dateutil.relativedelta]"

# What is measured, what it is a multiple of, and the goal; None where it is only reported.
RATIOS: dict[str, tuple[str, float | None]] = {
    "test_allows[visitor_export]": (FLOOR, 3),
    "test_allows[api_access]": (FLOOR, 3),
    "test_decide": (FLOOR, 8),
    "test_decide_for_the_first_time": (FLOOR, None),
    "test_from_facts[trial]": (FLOOR, 100),
    "test_from_facts[paid]": (FLOOR, 100),
    "test_from_facts[change waiting]": (FLOOR, 100),
    "test_from_facts_three_years_old[paid]": (FLOOR, 400),
    "test_from_facts_never_asked_before": (FLOOR, 400),
    "test_from_facts_three_years_old[change waiting]": (FLOOR, 400),
    "test_from_facts_three_years_old[trial]": (FLOOR, 400),
    "test_from_facts_three_years_old[lower plan waiting]": (FLOOR, 400),
    "test_from_facts_three_years_old[trial that converts]": (FLOOR, 400),
    "test_openfeature_in_memory": (FLOOR, None),
    "test_growthbook_local": (FLOOR, None),
    "test_casbin": (FLOOR, None),
    MONEY: (BARE, 1.5),
    "test_monthly_charge": (MONEY, 2),
    "test_import[import chatim_plans]": (BASE_IMPORT, 2.2),
    # Growth: eight times the work at eight times the cost, ten times at ten; a square would be 64.
    "test_replay_a_period_of_changes[4000]": ("test_replay_a_period_of_changes[500]", 12),
    "test_apply_a_period_of_changes[4000]": ("test_apply_a_period_of_changes[500]", 16),
    "test_replay_hourly_changes[8000]": ("test_replay_hourly_changes[1000]", 12),
    "test_statements_of_hourly_changes[100]": ("test_statements_of_hourly_changes[1]", 2),
    "test_advance_1200_months": ("test_advance_120_months", 15),
    "test_unlikely_rounding_gains[4000]": ("test_unlikely_rounding_gains[500]", 12),
}
REPORTED = ("test_apply_choose_plan", "test_replay_a_hundred_actions", "test_advance_120_months")


def main(arguments: list[str]) -> int:
    """Run, print, and say by the exit code whether every goal was met."""
    quick = arguments == ["--quick"]
    seconds = measured(quick=quick)
    missing = {*RATIOS, *REPORTED} - seconds.keys()
    if missing:
        sys.exit(f"not measured: {', '.join(sorted(missing))}")
    print("| benchmark | one takes | ratio | of | goal |\n| --- | --- | --- | --- | --- |")
    missed = 0
    for name, (base, goal) in RATIOS.items():
        ratio = seconds[name] / seconds[base]
        missed += goal is not None and ratio > goal
        goal_shown = "" if goal is None else f"{goal}"
        print(f"| {name} | {shown(seconds[name])} | {ratio:.2f} | {base} | {goal_shown} |")
    for name in REPORTED:
        print(f"| {name} | {shown(seconds[name])} | | | |")
    return 1 if missed and not quick else 0


def measured(*, quick: bool) -> dict[str, float]:
    """By benchmark, the median seconds that one evaluation takes."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        options = ["--benchmark-disable-gc", f"--benchmark-json={results}", "--benchmark-quiet"]
        if quick:
            options += ["--benchmark-min-rounds=1", "--benchmark-max-time=0.01"]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
        command += [*options, "-o", "python_files=bench_*.py", str(HERE)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            sys.exit(run.stdout + run.stderr)
        print(run.stdout.strip().splitlines()[-1])
        found = json.loads(results.read_text("utf-8"))["benchmarks"]
    return {benchmark["name"]: per_evaluation(benchmark) for benchmark in found}


def per_evaluation(benchmark: dict[str, Any]) -> float:
    """The median of one evaluation: a round holds many, and an import counts its own CPU."""
    extra = benchmark["extra_info"]
    if "cpu" in extra:
        return float(extra["cpu"])
    return float(benchmark["stats"]["median"]) / int(extra["times"])


def shown(seconds: float) -> str:
    """A time as people read it."""
    for unit, size in (("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds / 1e-9:.0f} ns"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
