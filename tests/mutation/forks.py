"""Judges mutated modules in forks of one process that has imported all but the package.

    python forks.py < work.json > alive.json

The process imports what the tests import, save the package and the tests themselves; then each
mutant costs a fork, the import of the package and the tests up to the first that fails. A mutant
is never written to disk: an importer hands the changed source out in the place of its module. The
unchanged code goes the same way first, and has to pass.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType, ModuleType

import pytest

PACKAGE = "chatim_plans"
OWN = (PACKAGE, "tests", "conftest")
IMPORTED = Path("imported.txt").absolute()
LOG = Path("tests.log").absolute()
OPTIONS = (
    *("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # plugins are imported before pytest asks
)
LEAST_SECONDS = 30.0
TIMES = 10
"""How many times as long as on unchanged code a mutant may run before it counts as killed."""


class Mutant(importlib.abc.MetaPathFinder):
    """Finds one module as another source than the one on disk."""

    def __init__(self, module: str, path: str, source: str) -> None:
        self.module = module
        self.path = path
        self.source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The changed module, under its own name and path."""
        del path, target
        if fullname != self.module:
            return None
        loader = _Loader(fullname, self.path)
        loader.source = self.source
        return importlib.util.spec_from_file_location(fullname, self.path, loader=loader)


class _Loader(importlib.machinery.SourceFileLoader):
    source = ""

    def get_code(self, fullname: str) -> CodeType:
        """The changed code, not kept anywhere."""
        del fullname
        return compile(self.source, self.path, "exec", dont_inherit=True)


def in_fork(work: Callable[[], int], seconds: float | None = None) -> int | None:
    """What a piece of work returns, done in a fork; None if it takes longer than that."""
    child = os.fork()
    if child == 0:
        code = int(pytest.ExitCode.INTERNAL_ERROR)
        try:
            code = int(work())
        except BaseException:  # noqa: BLE001 — a fork never goes on with its parent's work
            traceback.print_exc()
        os._exit(code)
    end = time.monotonic() + (float("inf") if seconds is None else seconds)
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def run_tests(stage: Sequence[str], *more: str) -> int:
    """Run pytest here, and keep what it says in a file."""
    log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    return pytest.main([*OPTIONS, *stage, *more])


def collect(stage: Sequence[str]) -> int:
    """Collect the tests, and write down what they import."""
    code = run_tests(stage, "--collect-only")
    foreign = [name for name in sys.modules if name.partition(".")[0] not in OWN]
    IMPORTED.write_text("\n".join(foreign), "utf-8")
    return code


def prepare(stage: Sequence[str]) -> float:
    """The longest that a mutant may take; what the stage's tests need is imported.

    Raises:
        SystemExit: the tests fail as they are, or the package is imported without them.
    """
    sys.dont_write_bytecode = False
    in_fork(lambda: collect(stage))
    for name in IMPORTED.read_text("utf-8").split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if PACKAGE in sys.modules:
        sys.exit("the package is imported ahead of its mutants: take it out of site-packages")
    begin = time.monotonic()
    if in_fork(lambda: run_tests(stage)) != pytest.ExitCode.OK:
        sys.exit(f"the tests fail without a mutant: {' '.join(stage)}\n{LOG.read_text('utf-8')}")
    sys.dont_write_bytecode = True  # what can be kept is written by now
    return max(LEAST_SECONDS, TIMES * (time.monotonic() - begin))


def killed(mutant: Mutant, stage: Sequence[str], seconds: float) -> bool:
    """Whether a test of the stage fails on a mutant, or never ends."""

    def judge() -> int:
        sys.meta_path.insert(0, mutant)
        return run_tests(stage)

    return in_fork(judge, seconds) != pytest.ExitCode.OK


def main() -> None:
    """Judge the mutants of standard input, and name those that are alive."""
    work = json.load(sys.stdin)
    alive = {name: Mutant(*mutant) for name, mutant in work["mutants"].items()}
    for stage in work["stages"]:
        if not alive:
            break
        seconds = prepare(stage)
        if PACKAGE in sys.modules:
            sys.exit("the package is imported before its mutants: take it out of site-packages")
        alive = {name: each for name, each in alive.items() if not killed(each, stage, seconds)}
    json.dump(sorted(alive), sys.stdout)


if __name__ == "__main__":
    main()
