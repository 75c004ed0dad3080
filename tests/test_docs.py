"""Every code block of the README and the docs runs, every docstring's example too."""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import os
import pkgutil
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import chatim_plans
from tests.lifecycle_page import ARCHITECTURE, with_generated_parts

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
HOW_TOS = [page for page in PAGES if page.parent.name == "how-to" and page.stem != "index"]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MODULES = [module.name for module in pkgutil.walk_packages(chatim_plans.__path__, "chatim_plans.")]


@contextlib.contextmanager
def extras_may_be_missing() -> Iterator[None]:
    """Skip, and say so, what imports a library that a bare install has not."""
    try:
        yield
    except ImportError as missing:
        if (missing.name or "").startswith("chatim_plans"):
            raise
        pytest.skip(f"an extra is not installed: {missing}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_a_page_runs(page: Path) -> None:
    """Blocks run in order, in one namespace a page; what they print stands in the next, as text."""
    names: dict[str, Any] = {"__name__": page.stem}
    text = page.read_text("utf-8")
    for block in BLOCK.finditer(text):
        language, code = block.groups()
        line = text[: block.start()].count("\n") + 1
        where = f"{page.name}:{line}"
        if language == "python":
            printed = io.StringIO()
            with extras_may_be_missing(), contextlib.redirect_stdout(printed):
                exec(compile("\n" * line + code, str(page), "exec"), names)
            shown = SHOWN.match(text, block.end())
            assert printed.getvalue() == (shown[1] if shown else ""), where
        elif language == "pycon":
            session = doctest.DocTestParser().get_doctest(code, names, where, str(page), line)
            session.globs = names  # one namespace a page
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
            report = io.StringIO()
            runner.run(session, out=report.write, clear_globs=False)
            assert runner.failures == 0, report.getvalue()
        else:
            assert language in {"sh", "text", "mermaid", "csv"}, f"{where}: {language!r} block"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """A relative link names a file that exists."""
    links = LINK.findall(page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_takes_the_first_of_several_invoices(page: Path) -> None:
    """It may be one of the way to an action: docs/pitfalls/history.md says what to write."""
    blocks = BLOCK.findall(page.read_text("utf-8"))
    assert [code for _, code in blocks if re.search(r"\binvoices\[0\]", code)] == []


@pytest.mark.parametrize("page", HOW_TOS, ids=lambda page: page.stem)
def test_every_how_to_ends_with_where_to_go_on(page: Path) -> None:
    """Its last paragraph names the next page, or two."""
    last = page.read_text("utf-8").rstrip().rpartition("\n\n")[2]
    assert last.startswith("**Next:** ")
    assert LINK.findall(last) != []


@pytest.mark.parametrize("module", ["chatim_plans", *MODULES])
def test_every_docstring_example_runs(module: str) -> None:
    """The examples in docstrings print what they say."""
    with extras_may_be_missing():
        failed, _ = doctest.testmod(importlib.import_module(module))
        assert failed == 0


def test_the_architecture_page_shows_the_lifecycle_as_it_is() -> None:
    """The diagram and the table are generated; `python -m tests.lifecycle_page` renews them."""
    page = ARCHITECTURE.read_text("utf-8")
    assert page == with_generated_parts(page)


def test_the_month_end_example_prints_every_invoice() -> None:
    """The finance script runs on its own file and prints Pro with 3 members as 57.00."""
    printed = io.StringIO()
    script = str(ROOT / "docs" / "examples" / "month_end.py")
    with contextlib.redirect_stdout(printed), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [script])
        runpy.run_path(script, run_name="__main__")
    lines = printed.getvalue().splitlines()
    assert lines[0] == "Acme: on pro with 3 seats"
    assert lines[2].split() == ["pro", "3", "x", "19.00,", "15", "Jan", "to", "15", "Feb", "57.00"]
    assert [line.split()[1] for line in lines if line.strip().startswith("all")] == [
        "1216.76",
        "1216.76",
    ]


MONTH_END = ROOT / "docs" / "examples" / "month_end.py"


def test_the_month_end_example_leaves_out_who_begins_later() -> None:
    """Books closed on 21 January know nobody who began after that."""
    printed = subprocess.run(
        [sys.executable, MONTH_END, MONTH_END.with_suffix(".csv"), "2026-01-21T00:00:00Z"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.findall(r"^(\w+): on", printed, re.MULTILINE) == ["Acme", "Bistro", "Echo"]


@pytest.mark.parametrize("options", [[], ["-u"]], ids=["buffered", "unbuffered"])
def test_the_month_end_example_ends_quietly_when_its_reader_goes(options: list[str]) -> None:
    """No traceback, and the exit code of a closed pipe, wherever in the output it is met."""
    reader, writer = os.pipe()
    os.close(reader)
    run = subprocess.run(
        [sys.executable, *options, MONTH_END], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (run.stderr, run.returncode) == (b"", 141)


def test_the_month_end_example_wants_to_know_the_zone() -> None:
    """Books are closed at an instant, and a day without a zone is none: a sentence says so."""
    command = [sys.executable, str(MONTH_END), str(MONTH_END.with_suffix(".csv")), "2026-05-01"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    said = "2026-05-01 names no time zone: say 2026-05-01T00:00:00Z, for example\n"
    assert (run.returncode, run.stdout, run.stderr) == (1, "", said)


def test_the_month_end_example_may_have_no_output() -> None:
    """Where the shell closed the output there is nothing to flush."""
    run = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' '{MONTH_END}' >&-"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_the_first_line_of_the_month_end_example_can_be_had() -> None:
    """`month_end.py | head -1` prints it, and nothing else."""
    pipe = f"'{sys.executable}' -u '{MONTH_END}' | head -1"
    run = subprocess.run(["sh", "-c", pipe], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("Acme: on pro with 3 seats\n", "")


def test_the_example_over_a_table_agrees_with_duckdb_and_with_histories() -> None:
    """The script over a million rows runs over fewer, and says that its figures are equal."""
    printed = io.StringIO()
    script = str(ROOT / "docs" / "examples" / "month_end_frames.py")
    with contextlib.redirect_stdout(printed), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [script, "20000"])
        with extras_may_be_missing(), pytest.raises(SystemExit) as ended:
            runpy.run_path(script, run_name="__main__")
    lines = printed.getvalue().splitlines()
    assert [line.split()[0] for line in lines[1:6]] == [
        "free",
        "pro",
        "ultimate",
        "enterprise",
        "all",
    ]
    assert lines[6:] == [
        "The totals of DuckDB are equal.",
        "500 of 500 rows agree with the fold of their histories.",
    ]
    assert ended.value.code == 0


FACADES = ("", ".stripe", ".wire", ".frames", ".strategies", ".openfeature")


@pytest.mark.parametrize("facade", FACADES)
def test_the_reference_has_a_row_for_every_public_name(facade: str) -> None:
    """Each name of a façade stands in the first cell of a row."""
    page = (ROOT / "docs" / "reference" / "index.md").read_text("utf-8")
    cells = re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
    with extras_may_be_missing():
        public = importlib.import_module(f"chatim_plans{facade}").__all__
        assert set(public) - set(re.findall(r"`(\w+)`", " ".join(cells))) == set()


@pytest.mark.parametrize(
    ("section", "last"),
    [("Try it", "month_end.py"), ("Test it", "auto"), ("Test everything", "auto")],
)
def test_the_readme_has_one_line_to_copy(section: str, last: str) -> None:
    """Trying and testing are one shell line each."""
    text = (ROOT / "README.md").read_text("utf-8")
    body = text.split(f"## {section}\n")[1].split("\n## ")[0]
    ((language, line),) = BLOCK.findall(body)
    assert language == "sh"
    assert line.count("\n") == 1
    assert line.rstrip().endswith(last)


@pytest.mark.parametrize("url", PROJECT["urls"].values())
def test_every_url_of_the_package_leads_somewhere(url: str) -> None:
    """It names a file of the checkout and of the sdist, as no public host holds the project yet."""
    assert (ROOT / url).is_file()


def test_the_readme_names_every_python_of_the_package() -> None:
    """The classifiers run from the first that is required to the last that is tested."""
    pythons = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if "Python :: 3." in name]
    first, *_, last = pythons
    assert pythons == [f"3.{minor}" for minor in range(11, 11 + len(pythons))]
    assert PROJECT["requires-python"] == f">={first}"
    assert f"Python {first} to {last}." in (ROOT / "README.md").read_text("utf-8")
