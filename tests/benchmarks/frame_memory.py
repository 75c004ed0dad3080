"""What a frame holds beyond input and output while the rules run over it.

`tracemalloc` sees Python and NumPy, byte by byte. What a library allocates by itself only the
system knows: the resident memory of a process that does nothing else, which only Linux tells.

    python -m tests.benchmarks.frame_memory FILE ENGINE    in such a process: print the bytes
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path

import polars as pl
import pyarrow as pa

from chatim_plans.frames import month_invoices
from tests.benchmarks import frame_tables as tables
from tests.benchmarks.frame_engines import MONTH_JOB

_RESET = Path("/proc/self/clear_refs")
_PEAK = "5"  # what `clear_refs` takes for: forget the peak
ENGINES = ("polars", "pyarrow")


def traced(sizes: tuple[int, ...]) -> dict[int, int]:
    """Bytes that Python and NumPy hold at most beyond input and output, by rows, on polars.

    The output is one column of int64 for each that the job adds.
    """
    month_invoices(tables.as_polars(tables.subscriptions(100)), tables.MONTH)
    found = {}
    for rows in sizes:
        table = tables.as_polars(tables.subscriptions(rows))
        gc.collect()
        tracemalloc.start()
        month_invoices(table, tables.MONTH)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        found[rows] = peak - _output_bytes(rows)
    return found


def resident(rows: int) -> dict[str, float]:
    """Resident bytes a row at the peak beyond input and output, by engine; nothing but on Linux."""
    if not os.access(_RESET, os.W_OK):
        return {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "subscriptions.arrow"
        tables.as_polars(tables.subscriptions(rows)).write_ipc(file, compression="uncompressed")
        command = [sys.executable, "-m", "tests.benchmarks.frame_memory", str(file)]
        runs = {
            engine: subprocess.run([*command, engine], capture_output=True, text=True, check=True)
            for engine in ENGINES
        }
    return {engine: int(run.stdout) / rows for engine, run in runs.items()}


def main(file: str, engine: str) -> int:
    """Resident bytes at the peak beyond input and output."""
    with pa.OSFile(file) as source:
        arrow = pa.ipc.open_file(source).read_all()
    table = pl.from_arrow(arrow) if engine == "polars" else arrow
    month_invoices(table[:100], tables.MONTH)  # what is loaded on first use is not counted
    gc.collect()
    _RESET.write_text(_PEAK, "ascii")
    before = _status_bytes("VmRSS")
    month_invoices(table, tables.MONTH)
    return _status_bytes("VmHWM") - before - _output_bytes(len(table))


def _output_bytes(rows: int) -> int:
    return rows * len(MONTH_JOB.added) * 8


def _status_bytes(field: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    (line,) = (line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    sys.stdout.write(f"{main(*sys.argv[1:])}\n")
