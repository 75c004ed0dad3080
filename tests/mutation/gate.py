"""The mutation gate: every mutant of the core is killed, or named equivalent with its reason.

    python tests/mutation/gate.py                  both halves
    python tests/mutation/gate.py functions        bodies of functions, by mutmut
    python tests/mutation/gate.py definitions      class bodies, defaults, constants, by cosmic-ray

mutmut mutates only what stands inside plain functions; cosmic-ray does the rest. Both run in
copies in a temporary folder, because cosmic-ray changes files in place. `equivalents.toml` names
the mutants that no test can kill, by their change, and says why.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkerOutcome, WorkItem, WorkResult

ROOT = Path(__file__).parents[2]
COPIED = ("src", "tests", "pyproject.toml", "README.md", "LICENSE")
MUTMUT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
TESTS = MUTMUT["pytest_add_cli_args_test_selection"]
HALVES = ("functions", "definitions")
MIRRORS = {
    ("errors", "foundation", "catalog"): (
        "tests/test_errors.py",
        "tests/foundation",
        "tests/catalog",
    ),
    ("subscriptions", "billing", "access"): (
        "tests/subscriptions",
        "tests/billing",
        "tests/access",
    ),
}
# The slowest first, so that the workers finish together.
PARTS = ("subscriptions", "catalog", "access", "foundation", "billing", "errors.py")
NOT_MUTATED = {"__init__.py", "__pycache__", "integrations", "py.typed"}
WORKERS = 2
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "HYPOTHESIS_PROFILE": "mutate",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}


def main(halves: list[str]) -> int:
    """Run the halves asked for; the exit code is 1 if a mutant lives without a reason."""
    core = {path.name for path in (ROOT / "src/chatim_plans").iterdir()} - NOT_MUTATED
    mirrored = {floor for floors in MIRRORS for floor in floors}
    if core != set(PARTS) or {part.removesuffix(".py") for part in PARTS} != mirrored:
        sys.exit(f"the core is {sorted(core)}: name each in MIRRORS and in PARTS")
    with tempfile.TemporaryDirectory() as folder:
        survivors = [
            change
            for half in halves
            for change in {"functions": functions, "definitions": definitions}[half](Path(folder))
        ]
    named = tomllib.loads((ROOT / "tests/mutation/equivalents.toml").read_text("utf-8"))
    reasons = {entry["change"].strip(): entry["reason"] for entry in named["equivalent"]}
    alive = [change for change in survivors if change not in reasons]
    stale = sorted(reasons.keys() - survivors) if tuple(halves) == HALVES else []
    for change in alive:
        print(f"survived without a reason:\n{change}\n")
    for change in stale:
        print(f"named equivalent, but killed or gone:\n{change}\n")
    print(f"mutation gate: {len(survivors)} survived, {len(alive)} without a reason")
    return 1 if alive or stale else 0


def functions(folder: Path) -> list[str]:
    """The mutants of function bodies that survive mutmut, each as the change it makes.

    Each floor is judged by the tests that mirror it, which is quick; whatever they leave alive is
    judged again by all tests.
    """
    alive: list[str] = []
    for number, (floors, tests) in enumerate(MIRRORS.items()):
        names = [f"chatim_plans.{floor}.*" for floor in floors]
        copy = mutated(folder / f"functions{number}", list(tests), names)
        alive += survivors_of(copy)
    if not alive:
        return []
    copy = mutated(folder / "functions", TESTS, alive)
    return [shown(said(copy, "mutmut", "show", name)) for name in survivors_of(copy)]


def mutated(folder: Path, tests: list[str], names: list[str]) -> Path:
    """A copy in which mutmut ran the mutants of these names against these tests."""
    copy = copied(folder)
    settings = copy / "pyproject.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace(json.dumps(TESTS), json.dumps(tests)), "utf-8")
    log = copy / "mutmut.log"
    command = ["mutmut", "run", "--max-children", str(WORKERS), *names]
    with log.open("w") as output:
        run = subprocess.run(
            command, cwd=copy, env=ENVIRONMENT, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    tally = log.read_text("utf-8", "replace").replace("\r", "\n").rstrip().splitlines()
    print(f"functions, by {' '.join(tests)}: {tally[-1].strip()}", flush=True)
    if run.returncode:
        sys.exit("\n".join(tally[-40:]))
    return copy


def survivors_of(copy: Path) -> list[str]:
    """The names of the mutants that mutmut ran here and no test killed."""
    results = [line.strip().split(": ") for line in said(copy, "mutmut", "results").splitlines()]
    return [name for name, state in results if state not in {"timeout", "not checked"}]


def definitions(folder: Path) -> list[str]:
    """The mutants outside plain functions that survive cosmic-ray, each as the change it makes."""
    with ThreadPoolExecutor(WORKERS) as pool:
        shares = pool.map(lambda part: session(folder / part.replace("/", "-"), part), PARTS)
        return [change for survivors in shares for change in survivors]


def session(folder: Path, part: str) -> list[str]:
    """The definitions of one part of the package: its own tests judge first, then all others."""
    copy = copied(folder)
    mirror = f"tests/{part.partition('/')[0].replace('errors.py', 'test_errors.py')}"
    stages = ["tests/test_hostile_calls.py -k test_value_", mirror, " ".join(TESTS)]
    pytest = "python -m pytest -x -q -p no:cacheprovider"
    command = " && ".join(f"{pytest} {stage}" for stage in stages)
    said(copy, "bash", "-c", command)  # they pass as they are, and the tests are compiled once
    (copy / "session.toml").write_text(
        "[cosmic-ray]\n"
        f'module-path = "src/chatim_plans/{part}"\n'
        "timeout = 120.0\n"
        "excluded-modules = []\n"
        f"test-command = \"bash -c 'export PYTHONDONTWRITEBYTECODE=1; {command}'\"\n"
        '[cosmic-ray.distributor]\nname = "local"\n'
    )
    said(copy, "cosmic-ray", "init", "session.toml", "session.sqlite")
    with use_db(copy / "session.sqlite", WorkDB.Mode.open) as db:
        items = list(db.pending_work_items)
        wanted = {item.job_id for item in items if is_definition(copy, item)}
        for item in items:
            if item.job_id not in wanted:
                skipped = WorkResult(output="", worker_outcome=WorkerOutcome.SKIPPED)
                db.set_result(item.job_id, skipped)
    said(copy, "cosmic-ray", "exec", "session.toml", "session.sqlite")
    with use_db(copy / "session.sqlite", WorkDB.Mode.open) as db:
        done = list(db.completed_work_items)
    results = [result for item, result in done if item.job_id in wanted]
    survived = [shown(result.diff or "") for result in results if not result.is_killed]
    print(f"definitions of {part}: {len(results)} mutants, {len(survived)} survived", flush=True)
    return survived


def is_definition(copy: Path, item: WorkItem) -> bool:
    """Whether a mutant is one that mutmut does not make, and means something.

    Unions of types and of sets are written with `|`; no other operator means anything there.
    """
    (mutation,) = item.mutations
    if mutation.operator_name.startswith("core/ReplaceBinaryOperator_BitOr"):
        return False
    return mutation.start_pos[0] not in inside_functions(copy / mutation.module_path)


def inside_functions(module: Path) -> set[int]:
    """The lines inside functions that mutmut mutates: those without a decorator."""
    lines: set[int] = set()
    waiting: list[ast.AST] = [ast.parse(module.read_text("utf-8"))]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.FunctionDef) and not node.decorator_list:
                lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            else:
                waiting.append(node)
    return lines


def copied(folder: Path) -> Path:
    """A copy of what the tests need."""
    folder.mkdir()
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return folder


def said(folder: Path, *command: str) -> str:
    """What a command prints."""
    environment = {**ENVIRONMENT, "PYTHONPATH": str(folder / "src")}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    ).stdout


def shown(diff: str) -> str:
    """A diff as its file's name and the lines it takes away and adds."""
    lines = diff.splitlines()
    heads = (line for line in lines if line.startswith("--- ") and "chatim_plans/" in line)
    file = next(heads, "?").rpartition("chatim_plans/")[2].strip()
    changed = [line for line in lines if line[:1] in "+-" and line[:3] not in {"---", "+++"}]
    return "\n".join([file, *changed])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(HALVES)))
