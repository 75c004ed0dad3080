"""The types say what the library promises: mypy accepts `accepted.py`, and refuses each marked
line of `refused.py` with the codes named there, and no other line.
"""

from __future__ import annotations

import re
from pathlib import Path

import mypy.api
import pytest

import chatim_plans

HERE = Path(__file__).parent
ACCEPTED = HERE / "accepted.py"
REFUSED = HERE / "refused.py"
PACKAGE = Path(chatim_plans.__file__).parents[1]

Finding = tuple[str, int, str]

_MARK = re.compile(r"# E: ([a-z, -]+)$")
_ERROR = re.compile(r"^(?P<path>.+?):(?P<line>\d+): error: .*\[(?P<code>[a-z-]+)\]$")


@pytest.fixture(scope="module")
def findings() -> set[Finding]:
    """What one strict run of mypy finds in both files: file name, line and code."""
    with pytest.MonkeyPatch.context() as patch:
        if "site-packages" not in PACKAGE.parts:  # mypy finds an installed package by itself
            patch.setenv("MYPYPATH", str(PACKAGE))
        output, trouble, _ = mypy.api.run([
            "--strict",
            "--config-file=",
            "--show-error-codes",
            "--no-error-summary",
            "--no-pretty",
            "--follow-imports=silent",
            f"--cache-dir={HERE.parents[1] / '.mypy_cache' / 'typing'}",
            str(ACCEPTED),
            str(REFUSED),
        ])
    assert trouble == ""
    lines = [line for line in output.splitlines() if ": note: " not in line]
    found = [_ERROR.match(line) for line in lines]
    assert [line for line, match in zip(lines, found, strict=True) if match is None] == []
    return {
        (Path(match["path"]).name, int(match["line"]), match["code"])
        for match in found
        if match is not None
    }


def marked(path: Path) -> set[Finding]:
    """The line and code of every `# E: code, code` in the file."""
    return {
        (path.name, number, code.strip())
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if (mark := _MARK.search(line))
        for code in mark[1].split(",")
    }


def test_accepted_code_type_checks(findings: set[Finding]) -> None:
    """What callers write passes mypy --strict."""
    assert sorted(found for found in findings if found[0] == ACCEPTED.name) == []


def test_refused_code_is_refused_line_by_line(findings: set[Finding]) -> None:
    """Every marked line is refused for the reason it names, and no other line is."""
    assert sorted(found for found in findings if found[0] == REFUSED.name) == sorted(
        marked(REFUSED)
    )


def test_refused_code_is_marked() -> None:
    """The markers are read: there are as many as lines that end in one."""
    lines = REFUSED.read_text("utf-8").splitlines()
    expected = {number for number, line in enumerate(lines, start=1) if "# E:" in line}
    assert {number for _, number, _ in marked(REFUSED)} == expected
