"""The mutation gate: every mutant is killed, or named in `equivalents.toml`.

    python tests/mutation/gate.py                  what the record does not know, and a share
    python tests/mutation/gate.py --all            the whole of it: at night, before a release
    python tests/mutation/gate.py --all --release  the same, and record what was judged

mutmut mutates what stands inside plain functions, cosmic-ray's operators the definitions: class
bodies, defaults, constants. `pieces.py` says which modules, and which tests judge them. A survivor
gets a test, or an entry in `equivalents.toml`: as `equivalent` with the reason why no test can kill
it, or, by hand or by `--list`, as `not_killed_yet`. Of these there may never be more than at the
last release of the whole.
"""

from __future__ import annotations

import argparse
import difflib
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path

import cosmic_ray.plugins
from attrs import evolve, frozen
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from mutmut.stats import status_by_exit_code

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.mutation import pieces
from tests.mutation.pieces import PARTS, Kind, Part, Piece

ROOT = pieces.ROOT
COPIED = ("src", "tests", "docs", "pyproject.toml", "README.md", "LICENSE")
TOOLS = {tool: version(tool) for tool in ("cosmic-ray", "mutmut")}
SNAPSHOT = "as-it-is"
WORKERS = 2
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "HYPOTHESIS_PROFILE": "mutate",
    "HYPOTHESIS_NO_PLUGINS": "1",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}


@frozen
class Job:
    """Pieces of one part that one tool mutates, in a folder of its own."""

    part: str
    kind: Kind
    pieces: Sequence[Piece]
    folder: Path

    @property
    def judged(self) -> Part:
        """The part with its tests."""
        return PARTS[self.part]

    @property
    def modules(self) -> list[str]:
        """The modules that the pieces are of."""
        return sorted({piece.module for piece in self.pieces})


@frozen
class Outcome:
    """How many mutants a job had, which survived, as changes, and what it took."""

    job: Job
    mutants: int
    survivors: Sequence[str]
    seconds: float


def main(arguments: Sequence[str]) -> int:
    """Judge what is asked for; the exit code is 1 if a mutant lives that is not named."""
    options = parsed(arguments)
    present = pieces.modules(ROOT / pieces.PACKAGE)
    if faults := pieces.faults_of_the_table(present):
        sys.exit("\n".join(faults))
    record, named = pieces.read_record(ROOT), pieces.read_named(ROOT)
    tests = {module: pieces.own_tests(ROOT, module) for module in present}
    parts = {name: list(all_pieces(part, present)) for name, part in PARTS.items()}
    asked = [piece for name in options.parts for piece in parts[name]]
    new = {piece for piece in asked if not record.knows(piece, tests[piece.module], TOOLS)}
    share = None if options.all else share_of_head()
    chosen = [piece for piece in asked if options.all or piece in new or piece.share == share]
    print(
        f"mutation gate: {len(chosen)} of {len(asked)} pieces: {len(new)} that the record does not"
        f" know, {'and all others' if share is None else f'and share {share} of {pieces.SHARES}'}",
        flush=True,
    )
    everything = [piece for found in parts.values() for piece in found]
    survivors: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for outcome in outcomes(chosen, Path(folder), () if options.all else named.changes):
            print(said_of(outcome), flush=True)
            survivors += outcome.survivors
            if options.list:
                named = listed(outcome.survivors, named)
            if options.release and named.changes.issuperset(outcome.survivors):
                done = set(outcome.job.pieces)
                record = record.renewed(everything, done, tests, TOOLS)
                pieces.write_record(ROOT, record)
    whole = options.all and set(options.parts) == set(PARTS)
    faults = pieces.faults_of(survivors, named, record.not_killed_yet, whole=whole)
    for fault in faults:
        print(fault)
    print(
        f"mutation gate: {len(survivors)} survived, {len(faults)} faults; named are"
        f" {len(named.equivalent)} equivalent and {len(named.not_killed_yet)} not killed yet"
    )
    if options.release and whole and not faults:  # from here on there may only be fewer
        record = evolve(record, not_killed_yet=len(named.not_killed_yet))
        pieces.write_record(ROOT, record)
    return 1 if faults else 0


def listed(survivors: Iterable[str], named: pieces.Named) -> pieces.Named:
    """What is named once these survivors are, too: as not killed yet."""
    alive = sorted(set(survivors) - named.changes)
    with (ROOT / pieces.NAMED).open("a", encoding="utf-8") as file:
        file.writelines(map(pieces.as_not_killed_yet, alive))
    return pieces.read_named(ROOT)


def all_pieces(part: Part, present: Iterable[str]) -> Iterator[Piece]:
    """All pieces of a part's modules."""
    for module in present:
        if pieces.is_in(module, part.modules):
            yield from pieces.pieces_of(module, text_of(ROOT, module))


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, and which parts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", help=f"only these of: {', '.join(PARTS)}")
    parser.add_argument("--all", action="store_true", help="every piece, known or not")
    parser.add_argument(
        "--release",
        action="store_true",
        help="record the pieces of which every mutant was killed or named",
    )
    parser.add_argument("--list", action="store_true", help="list survivors as not killed yet")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options.parts = options.parts or list(PARTS)
    return options


def share_of_head() -> int:
    """The share whose turn it is, by the number of commits; in a shallow clone, by the hash."""
    shallow = said(ROOT, "git", "rev-parse", "--is-shallow-repository").strip() == "true"
    number = (
        int(said(ROOT, "git", "rev-parse", "HEAD"), 16)
        if shallow
        else int(said(ROOT, "git", "rev-list", "--count", "HEAD"))
    )
    return number % pieces.SHARES


def outcomes(chosen: Sequence[Piece], folder: Path, known: Collection[str]) -> Iterator[Outcome]:
    """What became of the mutants of these pieces, job by job as they end.

    A change that is known needs no second opinion. All jobs see the sources as they are now.
    """
    copied(ROOT, folder / SNAPSHOT)
    jobs = [
        Job(name, kind, found, folder / f"{name} {kind}".replace(" ", "-"))
        for kind in pieces.KINDS
        for name, part in PARTS.items()
        if (
            found := [
                each
                for each in chosen
                if each.kind == kind and pieces.is_in(each.module, part.modules)
            ]
        )
    ]
    with ThreadPoolExecutor(WORKERS) as pool:
        for done in as_completed([pool.submit(outcome_of, job, known) for job in jobs]):
            yield done.result()


def said_of(outcome: Outcome) -> str:
    """A line for an outcome."""
    job = outcome.job
    return (
        f"{job.part}, {job.kind}: {len(job.pieces)} pieces, {outcome.mutants} mutants,"
        f" {len(outcome.survivors)} survived, {outcome.seconds:.0f} s"
    )


def outcome_of(job: Job, known: Collection[str]) -> Outcome:
    """Make a job's mutants and judge them."""
    begin = time.monotonic()
    judge = functions if job.kind == "functions" else definitions
    mutants, survivors = judge(job, known)
    return Outcome(job, mutants, survivors, time.monotonic() - begin)


def functions(job: Job, known: Collection[str]) -> tuple[int, list[str]]:
    """How many mutants mutmut makes inside functions, and which survive.

    The part's own tests judge, which is quick; the rest judges again what they leave alive.
    """
    patterns = [mutmut_pattern(piece) for piece in job.pieces]
    states = mutmut_states(job, patterns, job.judged.tests)
    alive = mutmut_changes(job, states)
    unsure = [name for name, change in alive.items() if change not in known]
    if unsure and job.judged.rest:
        again = evolve(job, folder=job.folder.with_name(f"{job.folder.name}-again"))
        left = surviving(mutmut_states(again, unsure, job.judged.rest))
        alive = {name: each for name, each in alive.items() if name in left or each in known}
    return len(states), list(alive.values())


def mutmut_pattern(piece: Piece) -> str:
    """The names that mutmut gives to the mutants of a function."""
    owner, _, name = piece.name.rpartition(".")
    mangled = f"xǁ{owner}ǁ{name}" if owner else f"x_{name}"
    return f"{dotted(piece.module)}.{mangled}__mutmut_*"


def dotted(module: str) -> str:
    """A module's name as it is imported."""
    name = module.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    return f"{pieces.PACKAGE.name}.{name}"


def mutmut_states(job: Job, patterns: Sequence[str], tests: Iterable[str]) -> Mapping[str, str]:
    """What became of each mutant whose name is like one of these, by mutmut against these tests."""
    copy = copied(job.folder.with_name(SNAPSHOT), job.folder)
    settings = {
        "source_paths": ["src/"],
        "only_mutate": [f"{pieces.PACKAGE}/{module}" for module in job.modules],
        "also_copy": ["README.md", "LICENSE", "docs"],
        "pytest_add_cli_args_test_selection": tests,
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-p", "no:xdist"],
    }
    lines = (
        "".join([f"{name} =", *(f"\n  {each}" for each in settings[name])]) for name in settings
    )
    (copy / "setup.cfg").write_text("\n".join(["[mutmut]", *lines]), "utf-8")
    run = ran(copy, "mutmut", "run", "--max-children", "1", *patterns)
    failed = f"mutmut failed:\n{run.stdout[-4000:]}{run.stderr[-4000:]}"
    metas = [copy / "mutants" / pieces.PACKAGE / f"{module}.meta" for module in job.modules]
    if not all(meta.exists() for meta in metas):
        sys.exit(failed)
    states = {
        name: status_by_exit_code[code]
        for meta in metas
        for name, code in json.loads(meta.read_text("utf-8"))["exit_code_by_key"].items()
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    }
    # mutmut ends in an error too where none of the functions has anything to mutate.
    if (run.returncode and states) or "not checked" in states.values():
        sys.exit(failed)
    return states


def surviving(states: Mapping[str, str]) -> set[str]:
    """The mutants that no test killed; one that no test reaches is among them."""
    return {name for name, state in states.items() if state not in {"killed", "timeout"}}


SHOW = """
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.diff_apply import find_mutant
names = sys.stdin.read().split()
json.dump({name: get_diff_for_mutant(name, path=find_mutant(name).path) for name in names}, sys.stdout)
"""


def mutmut_changes(job: Job, states: Mapping[str, str]) -> dict[str, str]:
    """The changes that the survivors make."""
    if not (alive := surviving(states)):
        return {}
    diffs = json.loads(said(job.folder, sys.executable, "-c", SHOW, given="\n".join(alive)))
    return {name: shown(diff) for name, diff in sorted(diffs.items())}


@frozen
class Mutant:
    """A changed module, and the change."""

    module: str
    source: str
    change: str


def definitions(job: Job, known: Collection[str]) -> tuple[int, list[str]]:
    """How many mutants cosmic-ray's operators make outside plain functions, and which survive."""
    copy = copied(job.folder.with_name(SNAPSHOT), job.folder)
    mutants = [
        mutant
        for module in job.modules
        for mutant in mutants_of(
            module,
            text_of(copy, module),
            {piece.name for piece in job.pieces if piece.module == module},
        )
    ]
    part = job.judged
    alive = left_alive(copy, mutants, [stage for stage in (part.values, part.tests) if stage])
    unsure = [mutant for mutant in alive if mutant.change not in known]
    if unsure and part.rest:
        left = left_alive(copy, unsure, [part.rest])
        alive = [mutant for mutant in alive if mutant in left or mutant.change in known]
    return len(mutants), [mutant.change for mutant in alive]


def left_alive(
    copy: Path, mutants: Sequence[Mutant], stages: Sequence[Sequence[str]]
) -> list[Mutant]:
    """The mutants that pass all stages of tests."""
    names = {
        str(number): (
            dotted(mutant.module),
            str(copy / pieces.PACKAGE / mutant.module),
            mutant.source,
        )
        for number, mutant in enumerate(mutants)
    }
    work = json.dumps({"mutants": names, "stages": stages})
    alive = json.loads(said(copy, sys.executable, "tests/mutation/forks.py", given=work))
    return [mutants[int(number)] for number in alive]


def mutants_of(module: str, source: str, wanted: Collection[str]) -> Iterator[Mutant]:
    """The mutants of a module's definitions that mutmut does not make, and that mean something.

    Unions of types and of sets are written with `|`; no other operator means anything there.
    """
    plain = pieces.plain_lines(source)
    definition = pieces.definition_at(source)
    nodes = list(ast_nodes(get_ast(source)))
    for name in cosmic_ray.plugins.operator_names():
        kind = cosmic_ray.plugins.get_operator(name)
        if kind.arguments() or name.startswith("core/ReplaceBinaryOperator_BitOr"):
            continue
        operator = kind()
        places = (start for node in nodes for start, _ in operator.mutation_positions(node))
        for occurrence, (line, _) in enumerate(places):
            if line in plain or definition.get(line, pieces.REST_OF_MODULE) not in wanted:
                continue
            changed = mutate_code(source, operator, occurrence)
            if changed is None:
                sys.exit(f"cosmic-ray makes no mutant where it says so: {module}:{line}, {name}")
            path = f"{pieces.PACKAGE.name}/{module}"
            diff = difflib.unified_diff(source.split("\n"), changed.split("\n"), path, lineterm="")
            yield Mutant(module, changed, shown("\n".join(diff)))


def text_of(root: Path, module: str) -> str:
    """The source of a module."""
    return (root / pieces.PACKAGE / module).read_text("utf-8")


def copied(root: Path, folder: Path) -> Path:
    """A copy of what the tests need."""
    folder.mkdir()
    for name in COPIED:
        source = root / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return folder


def ran(folder: Path, *command: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """A command that ran, well or not."""
    environment = {**ENVIRONMENT, "PYTHONPATH": str(folder / "src")}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def said(folder: Path, *command: str, given: str = "") -> str:
    """What a command prints; it has to go well."""
    run = ran(folder, *command, given=given)
    if run.returncode:
        sys.exit(f"{command[0]} failed:\n{run.stdout[-4000:]}{run.stderr[-4000:]}")
    return run.stdout


def shown(diff: str) -> str:
    """A diff as its file's name and the lines it takes away and adds."""
    lines = diff.splitlines()
    heads = (line for line in lines if line.startswith("--- ") and "chatim_plans/" in line)
    file = next(heads, "?").rpartition("chatim_plans/")[2].strip()
    changed = [line for line in lines if line[:1] in "+-" and line[:3] not in {"---", "+++"}]
    return "\n".join([file, *changed])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
