"""Measure this library beside another commit of it, in one run, and print the ratios.

    git worktree add ../before COMMIT
    python -m tests.benchmarks.beside ../before/src

Both are asked in turn, each time in a process of its own, and the least time of CPU counts: what
else the machine does can only add to it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parents[2] / "src"
ROUNDS = 15

SETTING = """
from attrs import evolve
from datetime import UTC, datetime, timedelta
from chatim_plans import *

start = datetime(2026, 1, 31, 9, tzinfo=UTC)
inside, later = datetime(2026, 2, 10, 9, tzinfo=UTC), datetime(2029, 2, 10, 9, tzinfo=UTC)
bought = [StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, seats=5, at=start)]
days = range(1, 98)
history = [*bought, *(ChangeSeats(5 + d % 3, at=inside + timedelta(days=d)) for d in days)]
account = replay(bought).account
facts = account.subscription
invoice = apply(account, ChoosePlan(ULTIMATE, at=inside)).invoices[0]
line = invoice.lines[0]
may = entitlements(facts, inside)
feature = Feature.api_access
ten_years = datetime(2036, 1, 31, 9, tzinfo=UTC)
"""

# What is measured, and how often it is asked in a row.
CASES: dict[str, int] = {
    "Money(1900, USD)": 20_000,
    "monthly_charge(PRO, 3)": 10_000,
    "evolve(line)": 2_000,
    "evolve(invoice)": 2_000,
    "evolve(account)": 1_000,
    "apply(account, ChangeSeats(6, at=inside))": 200,
    "apply(account, ChoosePlan(ULTIMATE, at=inside))": 200,
    "advance(account, ten_years)": 5,
    "replay(history)": 5,
    "may.allows(feature)": 50_000,
    "may.decide(feature)": 20_000,
    "entitlements(facts, inside)": 5_000,
    "entitlements(facts, later)": 2_000,
}

MEASURE = f"""
import json, sys, time, timeit
scope = {{}}
exec({SETTING!r}, scope)
times = {{}}
for case, number in json.load(sys.stdin).items():
    timer = timeit.Timer(case, timer=time.process_time, globals=scope)
    times[case] = min(timer.repeat(7, number)) / number
print(json.dumps(times))
"""


def measured(source: Path) -> dict[str, float]:
    """By case, the least seconds of CPU that one evaluation takes with the library of `source`."""
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE],
        input=json.dumps(CASES),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(source)},
        text=True,
    )
    return dict(json.loads(ran.stdout))


def main(arguments: list[str]) -> None:
    """Measure both in turn, and print what each takes and their ratio."""
    if len(arguments) != 1:
        sys.exit(__doc__)
    before, now = Path(arguments[0]).resolve(), HERE
    rounds = [(measured(before), measured(now)) for _ in range(ROUNDS)]
    print("| what | before | now | ratio |\n| --- | --- | --- | --- |")
    for case in CASES:
        old = min(one[case] for one, _ in rounds)
        new = min(one[case] for _, one in rounds)
        print(f"| `{case}` | {old * 1e6:.3g} µs | {new * 1e6:.3g} µs | {new / old:.2f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
