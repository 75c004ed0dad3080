"""Build the package, and see that what is built is the repository and nothing else.

    python tests/packaging/builds.py FOLDER    leaves sdist and wheel in FOLDER

Two builds are the same bytes, and the wheel of the sdist is the wheel of the checkout. The sdist
holds every file of the repository but those of its forge; the wheel holds the package and no more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
OF_THE_FORGE = ".ci/"
ADDED = {"PKG-INFO"}


def main(target: Path) -> None:
    """Build twice from the checkout and once from the sdist; exit with what is not as it should."""
    with tempfile.TemporaryDirectory() as folder:
        first, again, of_sdist = (Path(folder) / name for name in ("first", "again", "of_sdist"))
        sdist, wheel = build(ROOT, first, "sdist"), build(ROOT, first, "wheel")
        same(sdist, build(ROOT, again, "sdist"))
        same(wheel, build(ROOT, again, "wheel"))
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        unpacked = Path(folder) / sdist.name.removesuffix(".tar.gz")
        same(wheel, build(unpacked, of_sdist, "wheel"))

        kept = {path for path in tracked() if not path.startswith(OF_THE_FORGE)}
        equal("the sdist", files(unpacked) - ADDED, kept)
        with zipfile.ZipFile(wheel) as archive:
            names = {name for name in archive.namelist() if ".dist-info/" not in name}
        package = "src/chatim_plans/"
        equal("the wheel", names, {p.removeprefix("src/") for p in kept if p.startswith(package)})

        target.mkdir(parents=True, exist_ok=True)
        for built in (sdist, wheel):
            shutil.copy(built, target)
            print(f"{built.name}: {built.stat().st_size:,} bytes, reproducible")


def build(source: Path, target: Path, kind: str) -> Path:
    """What hatchling builds of a folder; times in it are those of the first moment of 2020."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1577836800"}
    subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
    (built,) = target.glob("*.tar.gz" if kind == "sdist" else "*.whl")
    return built


def tracked() -> set[str]:
    """The files of the repository."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return set(listed.rstrip("\0").split("\0"))


def files(folder: Path) -> set[str]:
    """The files of a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def same(one: Path, other: Path) -> None:
    """Exit unless two files are the same bytes."""
    if one.read_bytes() != other.read_bytes():
        sys.exit(f"{one.name}: two builds differ")


def equal(what: str, found: set[str], expected: set[str]) -> None:
    """Exit unless two sets of files are equal."""
    if found != expected:
        sys.exit(
            f"{what} lacks {sorted(expected - found)} and has beyond it {sorted(found - expected)}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
