"""What an import costs, in CPU of a fresh interpreter, beside the libraries it stands on."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

_CODE = "import time; before = time.process_time(); {}; print(time.process_time() - before)"


@pytest.mark.parametrize(
    "statement", ["import attrs, dateutil.relativedelta", "import chatim_plans"]
)
def test_import(benchmark: BenchmarkFixture, statement: str) -> None:
    """CPU seconds of the import alone; compiled files are there, as after an installation."""
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }

    def cpu() -> float:
        command = [sys.executable, "-c", _CODE.format(statement)]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return float(run.stdout)

    cpu()
    benchmark.extra_info["cpu"] = median(cpu() for _ in range(21))
    benchmark(cpu)
