"""Every code block of the README and the docs runs, every docstring's example too."""

from __future__ import annotations

import contextlib
import csv
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
from decimal import Decimal
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


MONTH_END = ROOT / "docs" / "examples" / "month_end.py"


def month_end(*given: str | Path) -> str:
    """What the finance script prints."""
    command = [sys.executable, MONTH_END, *given]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_month_end_example_prints_every_invoice() -> None:
    """The finance script runs on its own file and prints Pro with 3 members as 57.00."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [str(MONTH_END)])
        runpy.run_path(str(MONTH_END), run_name="__main__")
    lines = printed.getvalue().splitlines()
    assert lines[:4] == [
        "Books closed on May 1, 2026 at 00:00 UTC, in USD",
        "",
        "Acme: Pro, 3 seats, Active",
        "  Invoice 1 of 2026-01-15 09:00 UTC, subscription started",
    ]
    assert re.split(r"\s{2,}", lines[4]) == [
        "",
        "3 seats of Pro, 2026-01-15 to 2026-02-15",
        "57.00",
    ]
    credit = "    Unused time, 5 seats of Pro, 8 days 19 h 30 min of 17 days 2 h at 57.96"
    assert [line.split()[-1] for line in lines if line.startswith(credit)] == ["-29.90"]


def test_the_month_end_example_has_one_sum_by_customer_by_month_and_by_plan() -> None:
    """Each table is the sum of its rows; the fourth says what of it is unpaid."""
    sums = {}
    for table in re.split(r"\n\n(?=Due |Unpaid )", month_end())[1:]:
        title, *rows = table.splitlines()
        *parts, whole = (Decimal(row.split()[-1]) for row in rows)
        assert sum(parts) == whole
        sums[title] = (len(parts), str(whole))
    assert sums == {
        "Due per customer": (6, "1216.76"),
        "Due per month": (4, "1216.76"),
        "Due per plan": (2, "1216.76"),
        "Unpaid of what is due": (2, "152.00"),
    }


def test_the_month_end_example_aligns_its_amounts(tmp_path: Path) -> None:
    """Every amount ends in the same column, in plain ASCII figures, however long a name is."""
    history = tmp_path / "history.csv"
    long_name = f"Acme {'of the long valley ' * 6}Limited"
    history.write_text(MONTH_END.with_suffix(".csv").read_text("utf-8").replace("Acme", long_name))
    for printed in (month_end(), month_end(history)):
        rows = [row for row in printed.splitlines() if re.search(r"\.\d\d$", row)]
        assert {len(row) for row in rows} == {95}
        assert len(rows) == 57  # 23 lines, 16 invoices, 18 rows of totals
        assert printed.isascii()


@pytest.mark.parametrize(
    ("story", "until", "stands", "unpaid"),
    [
        ([], "02-01", "Pro, 3 seats, Active", []),
        (["01-16,PaymentFailed,,,"], "02-01", "Pro, 3 seats, PAST DUE", [1]),
        (["01-16,PaymentFailed,,,true"], "02-01", "Pro, 3 seats, LIMITED", [1]),
        (
            ["01-16,PaymentFailed,,,", "01-17,PaymentSucceeded,,,"],
            "02-01",
            "Pro, 3 seats, Active",
            [],
        ),
        # A report speaks of the latest invoice: of the first before it was renewed, then of the second.
        (["02-16,PaymentFailed,,,"], "03-20", "Pro, 3 seats, PAST DUE", [2]),
        (
            ["01-16,PaymentFailed,,,", "02-16,PaymentFailed,,,"],
            "03-01",
            "Pro, 3 seats, PAST DUE",
            [1, 2],
        ),
        # Who cancelled owes; who fell to Free for want of payment does not, and it stays unpaid.
        (["01-16,PaymentFailed,,,", "01-17,Cancel,,,"], "03-01", "Free, 3 seats, OWES", [1]),
        (["02-16,PaymentFailed,,,true"], "04-01", "Free, 3 seats", [2]),
        (
            ["02-16,PaymentFailed,,,true", "03-20,PaymentSucceeded,,,"],
            "04-01",
            "Free, 3 seats",
            [2],
        ),
    ],
)
def test_the_month_end_example_marks_what_is_unpaid(
    tmp_path: Path, story: list[str], until: str, stands: str, unpaid: list[int]
) -> None:
    """Capitals for an account in trouble, and for an invoice that failed and was not paid since."""
    opened = ["01-15,StartFree,,,", "01-15,AddPaymentMethod,,,", "01-15,ChoosePlan,pro,3,"]
    told = [f"Acme,2026-{row.replace(',', 'T09:00:00Z,', 1)}" for row in (*opened, *story)]
    history = tmp_path / "history.csv"
    history.write_text("\n".join(["customer,at,action,plan,seats,final", *told]))
    printed = month_end(history, f"2026-{until}T00:00:00Z")
    assert f"\nAcme: {stands}\n" in printed
    invoices = re.findall(r"Invoice (\d+) (?:.*\n)+?    Due(, UNPAID)? ", printed)
    assert [int(number) for number, mark in invoices if mark] == unpaid
    lines = csv.DictReader(month_end(history, f"2026-{until}T00:00:00Z", "--csv", "-").splitlines())
    assert sorted({int(line["invoice"]) for line in lines if line["status"]}) == unpaid


def test_the_month_end_example_says_what_the_credit_balance_did(tmp_path: Path) -> None:
    """It stands in the report and in the table, so that lines sum to what is due."""
    history = tmp_path / "history.csv"
    history.write_text(
        "customer,at,action,plan,seats,final\n"
        "Acme,2026-01-15T09:00:00Z,StartFree,,,\n"
        "Acme,2026-01-15T09:00:00Z,AddPaymentMethod,,,\n"
        "Acme,2026-01-15T09:00:00Z,ChoosePlan,ultimate,9,\n"
        "Acme,2026-01-16T09:00:00Z,ChangeSeats,,1,\n"
    )
    printed = month_end(history)
    *balances, all_of_them = re.findall(r"^    Credit balances? +(.*)$", printed, re.MULTILINE)
    assert sum(map(Decimal, balances)) == Decimal(all_of_them) > 0
    lines = list(csv.DictReader(month_end(history, "--csv", "-").splitlines()))
    of_balance = [line["amount"] for line in lines if line["kind"] == "credit_balance"]
    assert of_balance == balances
    dues = re.findall(r"^    Due +(.*)$", printed, re.MULTILINE)
    for number, due in enumerate(dues, 1):
        parts = [Decimal(line["amount"]) for line in lines if line["invoice"] == str(number)]
        assert sum(parts) == Decimal(due)


def test_the_month_end_example_writes_every_line_as_csv(tmp_path: Path) -> None:
    """To a file or to the output, the same: all facts of a line, and the sum of what is due."""
    file = tmp_path / "lines.csv"
    assert month_end("--csv", file) == ""
    with file.open(encoding="utf-8", newline="") as opened:
        written = opened.read()
    assert month_end("--csv", "-") == written
    lines = list(csv.DictReader(written.splitlines()))
    assert sum(Decimal(line["amount"]) for line in lines) == Decimal("1216.76")
    assert [line for line in lines if line["amount"] == "-29.90"] == [
        {
            "customer": "Bistro",
            "invoice": "2",
            "issued_at": "2026-03-19T12:00:00+00:00",
            "cause": "period_renewed",
            "status": "",
            "kind": "unused_time",
            "plan": "pro",
            "seats": "5",
            "from": "2026-03-10T16:30:00+00:00",
            "to": "2026-03-19T12:00:00+00:00",
            "seconds": "761400",
            "of_seconds": "1476000",
            "of_amount": "57.96",
            "amount": "-29.90",
            "currency": "USD",
        }
    ]


def test_the_month_end_example_says_how_far_a_long_run_is(tmp_path: Path) -> None:
    """To a terminal alone, every 500 customers; a log gets the report and nothing else."""
    pty = pytest.importorskip("pty", reason="needs a terminal, which this system has not")
    history = tmp_path / "history.csv"
    rows = [f"C{number},2026-01-15T09:00:00Z,StartFree,,,\n" for number in range(1001)]
    history.write_text("customer,at,action,plan,seats,final\n" + "".join(rows))
    command = [sys.executable, str(MONTH_END), str(history)]
    quiet = subprocess.run(command, capture_output=True, text=True, check=True)
    screen, terminal = pty.openpty()
    watched = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=terminal, text=True, check=True
    )
    os.close(terminal)
    with os.fdopen(screen) as shown:
        said = [shown.readline(), shown.readline()]
    assert (watched.stdout, quiet.stderr) == (quiet.stdout, "")
    assert [row.strip() for row in said] == [
        "500 of 1001 customers",
        "1000 of 1001 customers",
    ]


def test_the_month_end_example_leaves_out_who_begins_later() -> None:
    """Books closed on 21 January know nobody who began after that."""
    printed = month_end(MONTH_END.with_suffix(".csv"), "2026-01-21T00:00:00Z")
    assert printed.startswith("Books closed on January 21, 2026 at 00:00 UTC, in USD\n")
    assert re.findall(r"^(\w+): ", printed, re.MULTILINE) == ["Acme", "Bistro", "Echo"]


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
    said = "until: 2026-05-01 names no time zone: say 2026-05-01T00:00:00Z, for example\n"
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.endswith(said)


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
    assert (run.stdout, run.stderr) == ("Books closed on May 1, 2026 at 00:00 UTC, in USD\n", "")


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


FACADES = ("", ".words", ".stripe", ".wire", ".frames", ".strategies", ".openfeature")


@pytest.mark.parametrize("facade", FACADES)
def test_the_reference_names_every_public_name(facade: str) -> None:
    """Each name stands under a heading of its façade; the site has an entry for each."""
    page = (ROOT / "docs" / "reference" / "index.md").read_text("utf-8")
    sections = page.split("\n## ")
    heading = f"`chatim_plans{facade}`\n"
    of_packages = [each for each in sections if each.startswith("`chatim_plans")]
    of_core = [each for each in sections if each not in of_packages]
    mine = [each for each in sections if each.startswith(heading)] if facade else of_core
    with extras_may_be_missing():
        public = importlib.import_module(f"chatim_plans{facade}").__all__
        assert set(public) - set(re.findall(r"`(\w+)`", "".join(mine))) == set()


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
