"""A run says last what it left out and how to run it."""

from __future__ import annotations

import pytest

from tests.left_out import NIGHTLY, Report, lines


def skipped_test(reason: str) -> Report:
    """The report of a test that skips as it starts."""
    where = ("tests/test_some.py", 1, f"Skipped: {reason}")
    return pytest.TestReport(
        "tests/test_some.py::test", where, {}, outcome="skipped", longrepr=where, when="setup"
    )


def skipped_module(reason: str) -> Report:
    """The report of a module that skips as it is collected."""
    where = ("tests/test_some.py", 1, f"Skipped: {reason}")
    return pytest.CollectReport("tests/test_some.py", "skipped", where, None)


def test_every_reason_is_counted_and_has_a_line_to_run() -> None:
    """Modules and tests apart; libraries, recordings and the night each say where to go."""
    skipped = [
        skipped_module("needs Spark"),
        skipped_test("needs Spark"),
        skipped_test("47 figures are not beside this clone"),
        skipped_test("47 figures are not beside this clone"),
        skipped_test("needs the dependency group `site`"),
    ]
    assert list(lines(skipped, NIGHTLY)) == [
        "2 tests: 47 figures are not beside this clone",
        "1 module: needs Spark",
        "1 test: needs Spark",
        "1 test: needs the dependency group `site`",
        "To run them: the line under `Test everything` in README.md.",
        "Recordings of third parties are read from ../shared; the build has them.",
        "What builds the site is installed as CONTRIBUTING.md says, under `Set up`.",
        "Left for the night: python -m pytest -m nightly (a Spark cluster on this machine).",
    ]


def test_nothing_left_out_is_nothing_said() -> None:
    """The run of everything at night has no such lines."""
    assert list(lines([], "")) == []
