"""See that what was tested is what is shipped.

    python tests/packaging/tested.py WHEEL COVERAGE

Every module that a run with coverage measured is an installed one, not the checkout's; each has
the bytes of the wheel, and none of the wheel's is missing.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from coverage import CoverageData


def main(wheel: str, measured: str) -> None:
    """Exit with what differs, if anything does."""
    data = CoverageData(measured)
    data.read()
    run = {
        f"chatim_plans{path.split('/site-packages/chatim_plans')[1]}": Path(path).read_bytes()
        for path in data.measured_files()
        if "/site-packages/" in path
    }
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name: archive.read(name) for name in archive.namelist() if name.endswith(".py")}
    elsewhere = [path for path in data.measured_files() if "/site-packages/" not in path]
    differing = sorted(
        name for name in run.keys() | shipped.keys() if run.get(name) != shipped.get(name)
    )
    if elsewhere or differing:
        sys.exit(f"tested is not shipped: measured {elsewhere}, differing {differing}")
    print(
        f"what was tested is what {Path(wheel).name} ships: {len(shipped)} modules, byte for byte"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
