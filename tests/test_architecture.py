"""The house: floors, façades, purity on paper and while running, names and their docs."""

from __future__ import annotations

import ast
import doctest
import enum
import gc
import importlib
import inspect
import io
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from importlinter import cli

import chatim_plans
from chatim_plans import (
    PRO,
    ULTIMATE,
    Account,
    Action,
    AddPaymentMethod,
    ChangeSeats,
    ChoosePlan,
    PaymentFailed,
    StartFree,
    downgrade_report,
    entitlements,
    notices,
    preview,
    replay,
    upcoming_invoice,
)
from tests.test_docs import extras_may_be_missing

ROOT = Path(__file__).parents[1]
PACKAGE = Path(chatim_plans.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
FLOORS = ("foundation", "catalog", "subscriptions", "billing", "access", "words")
PACKAGES = ("frames", "stripe", "strategies", "wire")
CORE = [module for floor in FLOORS for module in MODULES if module.parent.name == floor]
LONGEST = 500
NOT_LOADED = tuple(f"chatim_plans.{name}" for name in (*PACKAGES, "openfeature", "words"))
RULES = [f"C{n}" for n in range(1, 9)] + [f"T{n}" for n in range(1, 6)]
RULES += [f"B{n}" for n in range(1, 12)] + [f"S{n}" for n in range(1, 6)]
RULES += [f"R{n}" for n in range(1, 8)] + [f"P{n}" for n in range(1, 9)]
RULES += [f"D{n}" for n in range(1, 6)] + ["F1"] + [f"A{n}" for n in range(1, 6)]


def named(module: Path) -> str:
    """A module's path inside the package."""
    return str(module.relative_to(PACKAGE))


# --- floors and sizes ---
def test_every_floor_imports_only_from_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import contracts of pyproject.toml are kept."""
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(no_cache=True) == cli.EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_a_module_has_one_subject(module: Path) -> None:
    """Each says in its docstring what it is about; one over 500 lines says there why it is long."""
    source = module.read_text("utf-8")
    subject = ast.get_docstring(ast.parse(source))
    assert subject
    assert len(source.splitlines()) <= LONGEST or "Long because" in subject


@pytest.mark.parametrize("folder", [*FLOORS, *PACKAGES])
def test_a_folders_card_says_what_it_owns_and_nothing_else(folder: str) -> None:
    """Each `__init__` is an ownership card and a façade: imports and `__all__`, no code."""
    card = ast.parse((PACKAGE / folder / "__init__.py").read_text("utf-8"))
    assert re.search(r"\b[Oo]wns?\b", ast.get_docstring(card) or "")
    code = [node for node in card.body[1:] if not isinstance(node, ast.ImportFrom | ast.Try)]
    assert [type(node) for node in code] == [ast.Assign]


# A module that serves a single other one, or none, and why it is a subject of its own all the same.
SERVES_ONE = {
    "_hypothesis_entry_point.py": "Hypothesis calls it",
    "openfeature.py": "a package of one module is its own façade",
    "billing/ledger.py": "the fold itself, apart from the questions that are asked of it",
    "frames/expressions.py": "frames that stay lazy, one of the ways in which engines run a job",
    "stripe/linking.py": "an order of changes, which knows nothing of Stripe",
    "stripe/pending.py": "lines in their order, whatever account they wait for",
    "wire/__main__.py": "a command",
}


def uses_inside() -> dict[str, set[str]]:
    """By module and by each of its names: which other modules of the library use it."""
    used: dict[str, set[str]] = {}
    for module in MODULES:
        tree = ast.parse(module.read_text("utf-8"))
        imported: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chatim_plans"):
                for alias in node.names:
                    name = f"{node.module}.{alias.name}"
                    imported[alias.asname or alias.name] = name
                    used.setdefault(name, set()).add(named(module))
                    used.setdefault(str(node.module), set()).add(named(module))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                name = f"{imported.get(node.value.id)}.{node.attr}"
                used.setdefault(name, set()).add(named(module))
    return used


USES = uses_inside()


def dotted(module: Path) -> str:
    """A module's name as it is imported."""
    return ".".join(["chatim_plans", *module.relative_to(PACKAGE).with_suffix("").parts])


@pytest.mark.parametrize(
    "module", [module for module in MODULES if module.name != "__init__.py"], ids=named
)
def test_a_module_serves_two_others_or_stands_on_a_facade(module: Path) -> None:
    """What only one other module reads is a part of that one, but for those named with a reason."""
    readers = USES.get(dotted(module), set())
    facades = {reader for reader in readers if reader.endswith("__init__.py")}
    assert (len(readers) < 2 and not facades) is (named(module) in SERVES_ONE)


PROVED_BY_ITSELF = {"share"}
"""The rounding of the columns, which the tests and z3 hold against the core's."""


@pytest.mark.parametrize(
    "module", [module for module in MODULES if module.parent != PACKAGE], ids=named
)
def test_a_function_that_serves_nobody_is_private(module: Path) -> None:
    """Without an underscore stands what another module uses, or a façade has."""
    tree = ast.parse(module.read_text("utf-8"))
    names = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    serving = {name for name in names if USES.get(f"{dotted(module)}.{name}")}
    assert set(names) - serving - PROVED_BY_ITSELF == set()


@pytest.mark.parametrize(
    ("facade", "extra", "part"),
    [
        ("frames", "narwhals", "frames.arithmetic"),
        ("strategies", "hypothesis", "strategies.values"),
        ("wire", "cattrs", "foundation.json_words"),
    ],
)
def test_a_fault_of_our_own_is_no_missing_extra(
    facade: str, extra: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module of ours that cannot be imported is said by its name: there is nothing to install."""
    pytest.importorskip(extra, reason=f"{facade} needs its extra")
    for name in [name for name in sys.modules if name.startswith(f"chatim_plans.{facade}")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, f"chatim_plans.{part}", None)
    with pytest.raises(ModuleNotFoundError) as fault:
        importlib.import_module(f"chatim_plans.{facade}")
    assert fault.value.name == f"chatim_plans.{part}"


# --- purity on paper ---
BANNED_CALLS = {"open", "print", "input", "eval", "exec", "compile", "__import__", "float", "id"}
BANNED_ATTRIBUTES = {"now", "utcnow", "today", "fromtimestamp", "timestamp", "total_seconds"}
WORDS_OF_A_LOCALE = re.compile("%[aAbBcpxX]")  # in a format of dates


@pytest.mark.parametrize("module", CORE, ids=named)
def test_the_source_is_pure(module: Path) -> None:
    """No clock, no locale, no float, no true division, no global state, no I/O by name."""
    found = []
    nodes = list(ast.walk(ast.parse(module.read_text("utf-8"))))
    patterns = [node.cls for node in nodes if isinstance(node, ast.MatchClass)]  # `case float():`
    for node in nodes:
        match node:
            case ast.Name(id=name) if name in BANNED_CALLS and node not in patterns:
                found.append(name)
            case ast.Attribute(attr=name) if name in BANNED_ATTRIBUTES:
                found.append(name)
            case ast.FormattedValue(format_spec=ast.JoinedStr() as spec) if (
                WORDS_OF_A_LOCALE.search(ast.unparse(spec))
            ):
                found.append(ast.unparse(spec))
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                found.append("true division")
            case ast.Constant(value=float()):
                found.append("float")
            case ast.Global() | ast.Nonlocal() | ast.AsyncFunctionDef():
                found.append(type(node).__name__)
            case _:
                pass
    assert found == []


# --- purity while running ---
IMPURE_EVENTS = [
    "open",
    "os.",
    "socket.",
    "subprocess.",
    "shutil.",
    "glob.",
    "tempfile.",
    "urllib.",
    "http.",
    "ctypes.",
    "time.",
    "sqlite3.",
    "signal.",
    "mmap.",
    "fcntl.",
    "exec",
    "compile",
    "builtins.input",
    "_thread.",
    "import",
]
CLOCKS_AND_DICE = {
    *("now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "localtime"),
    *("gmtime", "random", "getrandbits", "urandom", "getenv", "fromtimestamp"),
}
watching = threading.local()
seen: list[str] = []


def audit(event: str, _arguments: tuple[Any, ...]) -> None:
    """Note what reaches outside; an audit hook cannot be taken off, hence the switch."""
    if getattr(watching, "on", False) and event.startswith(tuple(IMPURE_EVENTS)):
        seen.append(event)


sys.addaudithook(audit)


def profile(_frame: object, event: str, called: object) -> None:
    """Note calls of clocks and dice, which raise no audit event."""
    name = str(getattr(called, "__name__", ""))
    if event == "c_call" and name in CLOCKS_AND_DICE:
        seen.append(name)


@contextmanager
def nothing_outside() -> Iterator[None]:
    """Fail if the body reads a clock, draws a number, or touches anything outside."""
    seen.clear()
    gc.disable()  # Hypothesis has it timed, so that it reads a clock wherever it happens to run
    watching.on = True
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before)
        watching.on = False
        gc.enable()
    assert seen == []


def a_life() -> Account:
    """A history that meets every floor of the core."""
    start = datetime(2026, 1, 31, 9, tzinfo=UTC)
    actions: list[Action] = [
        StartFree(at=start),
        AddPaymentMethod(at=start),
        ChoosePlan(PRO, seats=3, at=start),
        ChangeSeats(5, at=start.replace(day=1, month=3)),
        ChoosePlan(ULTIMATE, at=start.replace(day=9, month=3)),
        PaymentFailed(at=start.replace(day=5, month=5)),
    ]
    account = replay(actions, until=start.replace(month=7)).account
    facts, later = account.subscription, start.replace(year=2030)
    preview(account, ChangeSeats(2, at=later))
    upcoming_invoice(account)
    may = entitlements(facts, later)
    may.decide("api_access")
    may.decide_usage("seats", 9)
    notices(facts, later)
    downgrade_report(facts, PRO, later)
    return account


def test_a_running_history_touches_nothing_outside() -> None:
    """Actions to invoices, entitlements and notices: no file, clock, dice or import."""
    first = a_life()
    with nothing_outside():
        second = a_life()
    assert (second, hash(second), repr(second)) == (first, hash(first), repr(first))


@pytest.mark.parametrize("effect", [lambda: Path(__file__).open().close(), datetime.now])
def test_the_watch_sees(effect: Callable[[], object]) -> None:
    """The watch that proves purity catches a file and a clock."""
    with pytest.raises(AssertionError, match=r"open|now"), nothing_outside():
        effect()


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_same_answer_in_any_process(seed: str) -> None:
    """Neither the hash seed nor the machine's time zone moves a figure."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "from tests.test_architecture import a_life; print(a_life())"
    )
    environment = {"PYTHONHASHSEED": seed, "TZ": "Asia/Kathmandu" if seed == "1" else "UTC"}
    if "src" in PACKAGE.parts:
        environment["PYTHONPATH"] = str(PACKAGE.parent)
    printed = subprocess.run(
        [sys.executable, "-c", code, str(ROOT)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    actual = sorted(re.findall(r"amount=-?\d+", printed))
    assert actual == sorted(re.findall(r"amount=-?\d+", str(a_life())))


def test_the_import_is_light() -> None:
    """Importing the library loads nothing heavy, no integration and nothing that one stands on."""
    code = "import sys; import chatim_plans; print(*sys.modules)"
    environment = {"PYTHONPATH": str(PACKAGE.parent)}
    loaded = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"asyncio", "babel", "decimal", "zoneinfo", "socket", "logging", "random", "tempfile"}
    extras = {"cattrs", "hypothesis", "narwhals", "numpy", "openfeature"}
    assert (heavy | extras) & set(loaded) == set()
    assert [name for name in loaded if name.startswith(NOT_LOADED)] == []


ALLOCATED = """
import tracemalloc
from datetime import UTC, datetime
from chatim_plans import Feature, StartTrial, entitlements, open_account
at = datetime(2026, 3, 1, tzinfo=UTC)
may = entitlements(open_account(StartTrial(at=at)).account.subscription, at)
asked = [*Feature, *(feature.value for feature in Feature)]
peaks = []
for _ in range(2):  # the first round warms up the interpreter
    for feature in asked:
        tracemalloc.start()
        may.allows(feature)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
print(max(peaks[len(asked):]))
"""


def test_asking_allocates_nothing() -> None:
    """A check on the hot path makes not even what it would throw away, for a yes or a no."""
    environment = {"PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-c", ALLOCATED]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert int(run.stdout) == 0


# --- names ---
def test_every_public_name_is_there_once() -> None:
    """`__all__` names what the package has, without a double."""
    names = chatim_plans.__all__
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(chatim_plans, name)] == []


PUBLIC = [
    name
    for name in chatim_plans.__all__
    if inspect.isclass(getattr(chatim_plans, name))
    or inspect.isfunction(getattr(chatim_plans, name))
]


SECTION = re.compile(r"^(Raises|Source): *(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
SOURCE = re.compile(rf"\b({'|'.join(RULES)}|page|Stripe|`docs/)")


def sections(documented: object) -> dict[str, str]:
    """What a docstring says under `Raises:` and `Source:`, where it has them."""
    return dict(SECTION.findall(inspect.getdoc(documented) or ""))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_documented(name: str) -> None:
    """Each has a docstring of its own, and so do public methods; a function states its source, a
    rule, the page or Stripe; whoever says what is raised names errors that there are.
    """
    value = getattr(chatim_plans, name)
    documented = [value]
    if inspect.isfunction(value):
        assert SOURCE.search(sections(value)["Source"])
    elif not issubclass(value, enum.Enum | Exception):
        members = vars(value).items()
        documented += [m for n, m in members if inspect.isfunction(m) and not n.startswith("_")]
    for each in documented:
        assert each.__doc__, each
        if "Raises" in sections(each):
            errors = re.findall(r"\w+Error\b", sections(each)["Raises"])
            assert errors, each
            assert {*errors} <= {*chatim_plans.__all__}, each


def source_of(module: str) -> ast.Module:
    """A module of ours, parsed: what it says below a constant no object keeps."""
    path = PACKAGE.joinpath(*module.split(".")[1:])
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text("utf-8"))


def public_names(facade: str) -> list[str]:
    """What a façade's `__all__` has, also where what it needs is not installed."""
    assigned = [node for node in source_of(facade).body if isinstance(node, ast.Assign)]
    (names,) = (node.value for node in assigned if ast.unparse(node.targets[0]) == "__all__")
    return list(ast.literal_eval(names))


def text_below(module: str, name: str) -> str:
    """The docstring of a constant, in the module that the façade has it from."""
    tree = source_of(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and name in [alias.name for alias in node.names]:
            return text_below(str(node.module), name)
    for node, below in pairwise(tree.body):
        match node, below:
            case (
                ast.Assign(targets=[ast.Name(id=assigned)])
                | ast.AnnAssign(target=ast.Name(id=assigned)),
                ast.Expr(value=ast.Constant(value=str() as text)),
            ) if assigned == name:
                return inspect.cleandoc(text)
            case _:
                pass
    return ""


FACADES = ("chatim_plans", *NOT_LOADED)


@pytest.mark.parametrize(
    ("facade", "name"), [(facade, name) for facade in FACADES for name in public_names(facade)]
)
def test_every_public_name_has_an_example(facade: str, name: str) -> None:
    """It shows what the name is for, and whoever copies it needs nothing else."""
    with extras_may_be_missing():
        value = getattr(importlib.import_module(facade), name)
    is_defined = inspect.isclass(value) or inspect.isroutine(inspect.unwrap(value))
    text = inspect.cleandoc(value.__doc__ or "") if is_defined else text_below(facade, name)
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    assert example.examples
    runner, report = doctest.DocTestRunner(), io.StringIO()
    runner.run(example, out=report.write)
    assert runner.failures == 0, report.getvalue()


@pytest.mark.parametrize("name", chatim_plans.__all__)
def test_every_public_name_is_in_the_reference(name: str) -> None:
    """The reference lists it."""
    assert f"`{name}" in (ROOT / "docs" / "reference" / "index.md").read_text("utf-8")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_proved_and_restated(rule: str) -> None:
    """A test class bears the rule's number, and a rule page states it under a heading."""
    tests = "".join(page.read_text("utf-8") for page in (ROOT / "tests/rules").glob("test_*.py"))
    pages = "".join(page.read_text("utf-8") for page in (ROOT / "docs/rules").glob("*.md"))
    assert re.search(rf"^class Test{rule}(?!\d)", tests, re.MULTILINE)
    assert re.search(rf"^## {rule}\b", pages, re.MULTILINE)
