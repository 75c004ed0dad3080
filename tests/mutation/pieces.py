"""What the mutation gate mutates, and what it makes of it: parts, pieces, record and verdict.

A piece is a function, or what stands outside of functions: a class without its functions, a
function with a decorator, the rest of a module. It is known by its module, its name and a hash of
its code, never by a line. `record.json` keeps the hash under which all mutants of a piece were
last killed or named. So a run makes the mutants of each piece that the record does not know, and
of a share of the rest that goes round with the commits.

A piece that calls changed code, or is judged by changed tests, keeps its hash. Only its module's
own test files are hashed beside it; for the others there are the share and the whole run.
"""

from __future__ import annotations

import ast
import hashlib
import json
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import field, frozen

ROOT = Path(__file__).parents[2]
PACKAGE = Path("src/chatim_plans")
RECORD = Path("tests/mutation/record.json")
NAMED = Path("tests/mutation/equivalents.toml")

CORE_TESTS = (
    *(f"tests/{floor}" for floor in ("foundation", "catalog", "subscriptions", "billing")),
    *("tests/access", "tests/rules", "tests/laws", "tests/test_errors.py"),
    "tests/recordings/test_restated_figures.py",
)


@frozen
class Part:
    """Modules or folders, and the tests that judge their mutants.

    `values` are asked first of definitions, being quick; `rest` judges what `tests` leave alive.
    """

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    values: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()


_VALUES = ("tests/test_hostile_calls.py", "-k", "test_value_")
PARTS: Mapping[str, Part] = {
    "upper core": Part(
        modules=("subscriptions/", "billing/", "access/"),
        tests=("tests/subscriptions", "tests/billing", "tests/access"),
        values=_VALUES,
        rest=CORE_TESTS,
    ),
    "lower core": Part(
        modules=("foundation/", "catalog/"),
        tests=("tests/test_errors.py", "tests/foundation", "tests/catalog"),
        values=_VALUES,
        rest=CORE_TESTS,
    ),
    "stripe": Part(
        modules=(
            *("stripe/calls.py", "stripe/requests.py", "stripe/checkout.py", "stripe/versions.py"),
            *("stripe/events.py", "stripe/following.py", "stripe/log_state.py"),
            *("stripe/inference.py", "stripe/linking.py"),
        ),
        tests=(
            *("tests/stripe/test_calls.py", "tests/stripe/test_checkout.py"),
            *(
                "tests/stripe/test_portal.py",
                "tests/stripe/test_ids.py",
                "tests/stripe/test_events.py",
                "tests/stripe/test_linking.py",
                "tests/stripe/test_histories.py",
            ),
        ),
    ),
    "words": Part(modules=("words/",), tests=("tests/words",)),
    "columns": Part(
        modules=(
            *("frames/arithmetic.py", "frames/months.py"),
            *("frames/periods.py", "frames/access.py"),
        ),
        tests=(
            *("tests/frames/test_arithmetic.py", "tests/frames/test_columns_to_the_letter.py"),
            *("tests/frames/test_jobs.py", "-k"),
            "(test_arithmetic or to_the_letter or NumPy) and not every_day",
        ),
    ),
}
_READ = "reads Stripe's objects: judged by recorded and spoilt objects, which take too long here"
_ENGINES = "drives the engines: judged on each of them, which takes too long here"
NOT_MUTATED: Mapping[str, str] = {
    "__init__.py": "a façade: imports and names",
    "_hypothesis_entry_point.py": "registers the strategies that draw what judges",
    "openfeature.py": "judged by the Gherkin suites of OpenFeature",
    "strategies/": "draws what judges",
    "wire/": "judged by golden documents and a schema",
    "stripe/__init__.py": "a façade: imports and names",
    "stripe/accounts.py": _READ,
    "stripe/customers.py": _READ,
    "stripe/books.py": _READ,
    "stripe/differences.py": "values of `explaining`",
    "stripe/explaining.py": "judged by re-computing written invoices, which takes too long here",
    "stripe/fields.py": _READ,
    "stripe/histories.py": "judged by a Stripe that follows no rule, which takes too long here",
    "stripe/ids.py": _READ,
    "stripe/invoices.py": _READ,
    "stripe/matching.py": "judged by re-computing written invoices, which takes too long here",
    "stripe/not_predicted.py": _READ,
    "stripe/pending.py": _READ,
    "stripe/portal.py": "judged by Stripe's typed parameters",
    "stripe/prices.py": _READ,
    "stripe/reconciliation.py": _READ,
    "stripe/rounding_rules.py": "judged by re-computing written invoices, which takes too long here",
    "stripe/schedules.py": _READ,
    "stripe/subscriptions.py": _READ,
    "stripe/webhooks.py": _READ,
    "frames/__init__.py": "a façade: imports and names",
    "frames/blocks.py": _ENGINES,
    "frames/columns.py": _ENGINES,
    "frames/engines.py": _ENGINES,
    "frames/expressions.py": _ENGINES,
    "frames/faults.py": _ENGINES,
    "frames/tables.py": _ENGINES,
}

Kind: TypeAlias = Literal["functions", "definitions"]
KINDS: tuple[Kind, ...] = ("functions", "definitions")
REST_OF_MODULE = "the rest"
SHARES = 17
"""A prime, so that every share comes up, however many commits are pushed at a time."""


@frozen
class Piece:
    """A piece of a module, as `catalog/plans.py` and `Plan.price`, and the hash of its code."""

    module: str
    name: str
    kind: Kind
    code: str = field(repr=False)

    @property
    def key(self) -> str:
        """What the record calls it, within its module."""
        return self.name if self.kind == "functions" else f"{self.name} (definition)"

    @property
    def share(self) -> int:
        """The share of the whole that it is in, by its name alone."""
        return int(hashed(f"{self.module} {self.key}"), 16) % SHARES


def hashed(text: str) -> str:
    """A short hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def modules(package: Path) -> list[str]:
    """Every module in the package's folder, as `catalog/plans.py`."""
    return sorted(path.relative_to(package).as_posix() for path in package.rglob("*.py"))


def is_in(module: str, places: Iterable[str]) -> bool:
    """Whether a module is one of these, or in one of these folders."""
    return any(module == each or (each[-1] == "/" and module.startswith(each)) for each in places)


def faults_of_the_table(present: Iterable[str]) -> list[str]:
    """What is wrong with the table: each module stands in one place, each place has a module."""
    present = list(present)
    places = [place for part in PARTS.values() for place in part.modules] + list(NOT_MUTATED)
    faults = [
        f"{module} stands in {found} places of PARTS and NOT_MUTATED, and belongs in one"
        for module in present
        if (found := sum(is_in(module, [place]) for place in places)) != 1
    ]
    gone = (place for place in places if not any(is_in(module, [place]) for module in present))
    return faults + [f"{place} is in PARTS or NOT_MUTATED, and has no module" for place in gone]


def pieces_of(module: str, source: str) -> list[Piece]:
    """The pieces of a module: mutmut mutates its functions, cosmic-ray all without a plain one."""
    tree = _Undocumented().visit(ast.parse(source))
    functions: list[Piece] = []
    definitions: list[Piece] = []
    rest: list[ast.stmt] = []
    for node in tree.body:
        match node:
            case ast.ClassDef():
                methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
                functions += [
                    Piece(module, f"{node.name}.{method.name}", "functions", _code([method]))
                    for method in methods
                    if by_mutmut(method)
                ]
                node.body = [item for item in node.body if not is_plain(item)]
                definitions.append(Piece(module, node.name, "definitions", _code([node])))
            case ast.FunctionDef() if is_plain(node):
                functions.append(Piece(module, node.name, "functions", _code([node])))
            case ast.FunctionDef():
                definitions.append(Piece(module, node.name, "definitions", _code([node])))
            case _:
                rest.append(node)
    definitions.append(Piece(module, REST_OF_MODULE, "definitions", _code(rest)))
    return [*_united(functions), *_united(definitions)]


def is_plain(node: ast.AST) -> bool:
    """Whether this is a function without a decorator, which is mutmut's alone."""
    return isinstance(node, ast.FunctionDef) and not node.decorator_list


def by_mutmut(function: ast.FunctionDef) -> bool:
    """Whether mutmut mutates a function: no decorator, or that of a class or static method."""
    names = [ast.unparse(decorator) for decorator in function.decorator_list]
    return names in ([], ["classmethod"], ["staticmethod"])


def plain_lines(source: str) -> set[int]:
    """The lines inside plain functions."""
    lines: set[int] = set()
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.FunctionDef) and is_plain(node):
                lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            else:
                waiting.append(node)
    return lines


def definition_at(source: str) -> Mapping[int, str]:
    """The name of the definition that each line of a module is in; no line of the rest."""
    return {
        line: node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        for first in [min([node.lineno, *(each.lineno for each in node.decorator_list)])]
        for line in range(first, (node.end_lineno or node.lineno) + 1)
    }


class _Undocumented(ast.NodeTransformer):
    """Takes docstrings away: no mutant touches them."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Nothing for a text that stands alone."""
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else node


def _code(nodes: Sequence[ast.AST]) -> str:
    """The hash of code, however it is laid out and explained."""
    return hashed("\n".join(map(ast.unparse, nodes)))


def _united(found: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces of one name, as overloads are, as one."""
    by_name: dict[str, list[Piece]] = {}
    for piece in found:
        by_name.setdefault(piece.name, []).append(piece)
    for first, *more in by_name.values():
        codes = " ".join(piece.code for piece in (first, *more))
        yield Piece(first.module, first.name, first.kind, hashed(codes)) if more else first


def own_tests(root: Path, module: str) -> str:
    """The hash of the test files that bear a module's name."""
    path = Path(module)
    files = sorted((root / "tests" / path.parent).glob(f"test_{path.stem}*.py"))
    trees = (_Undocumented().visit(ast.parse(file.read_text("utf-8"))) for file in files)
    return hashed("\n".join(map(ast.unparse, trees)))


@frozen
class Named:
    """The survivors that are named, by their change.

    `equivalent` with the reason why no test can kill them, and those `not_killed_yet`.
    """

    equivalent: Mapping[str, str]
    not_killed_yet: frozenset[str] = frozenset()

    @property
    def changes(self) -> frozenset[str]:
        """All of them."""
        return self.not_killed_yet.union(self.equivalent)


@frozen
class Record:
    """What was judged when the record was last released.

    `tools` by their versions; `tests` of each module; `codes` of each piece, by module; and how
    many survivors may be listed as not killed yet.
    """

    tools: Mapping[str, str] = field(factory=dict)
    tests: Mapping[str, str] = field(factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(factory=dict)
    not_killed_yet: int | None = None

    def knows(self, piece: Piece, tests: str, tools: Mapping[str, str]) -> bool:
        """Whether this very code was judged, by the same own tests and tools."""
        return (
            self.codes.get(piece.module, {}).get(piece.key) == piece.code
            and self.tests.get(piece.module) == tests
            and dict(self.tools) == dict(tools)
        )

    def renewed(
        self,
        present: Iterable[Piece],
        judged: Collection[Piece],
        tests: Mapping[str, str],
        tools: Mapping[str, str],
    ) -> Record:
        """The record after some pieces were judged: of all that are present, those it knows now."""
        codes: dict[str, dict[str, str]] = {}
        for piece in present:
            if piece in judged or self.knows(piece, tests[piece.module], tools):
                codes.setdefault(piece.module, {})[piece.key] = piece.code
        own = {module: tests[module] for module in codes}
        return Record(tools, own, codes, self.not_killed_yet)


def read_record(root: Path) -> Record:
    """The record as it is committed, or an empty one."""
    path = root / RECORD
    return Record(**json.loads(path.read_text("utf-8"))) if path.exists() else Record()


def write_record(root: Path, record: Record) -> None:
    """Write the record, a line for each piece."""
    text = json.dumps(
        {
            "tools": record.tools,
            "not_killed_yet": record.not_killed_yet,
            "tests": record.tests,
            "codes": record.codes,
        },
        indent=1,
        sort_keys=True,
        ensure_ascii=False,
    )
    (root / RECORD).write_text(f"{text}\n", "utf-8")


def read_named(root: Path) -> Named:
    """The survivors that `equivalents.toml` names."""
    text = tomllib.loads((root / NAMED).read_text("utf-8"))
    return Named(
        {each["change"].strip(): each["reason"] for each in text["equivalent"]},
        frozenset(each["change"].strip() for each in text.get("not_killed_yet", ())),
    )


def as_not_killed_yet(change: str) -> str:
    """The entry of `equivalents.toml` that lists a survivor."""
    return f"\n[[not_killed_yet]]\nchange = '''\n{change}'''\n"


def faults_of(
    survivors: Iterable[str], named: Named, limit: int | None, *, whole: bool
) -> list[str]:
    """What is wrong with what survived.

    A survivor that is not named; after a run of the whole, a name without a survivor; more names of
    what is not killed yet than the record allows, so that they can only become fewer.
    """
    survived = set(survivors)
    faults = [f"survived:\n{as_not_killed_yet(each)}" for each in sorted(survived - named.changes)]
    if whole:
        stale = sorted(named.changes - survived)
        faults += [f"named, but killed or gone:\n{change}\n" for change in stale]
    listed = len(named.not_killed_yet)
    if limit is not None and listed > limit:
        faults.append(f"{listed} are listed as not killed yet, and {limit} may be: kill the new")
    return faults
