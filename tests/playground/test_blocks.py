"""The module that runs a page's blocks in the browser, here on CPython."""

from __future__ import annotations

import json

from docs.playground.blocks import ran


def results(*codes: str) -> list[tuple[str, str]]:
    """What each block printed, and how it failed."""
    told = json.loads(ran(json.dumps(codes)))
    return [(each["printed"], each["error"]) for each in told]


def test_blocks_share_their_names_and_print_below_themselves() -> None:
    """A later block sees what an earlier one made; each has its own output."""
    assert results("seats = 2", "print(seats)\nprint('x')") == [("", ""), ("2\nx\n", "")]


def test_every_run_begins_afresh() -> None:
    """A name of the run before is unknown."""
    results("seats = 2")
    assert results("print(seats)") == [
        ("", "Line 1: print(seats)\nNameError: name 'seats' is not defined")
    ]


def test_the_first_failure_ends_the_run_and_keeps_what_was_printed() -> None:
    """It says which line of its own block failed, even inside a function of an earlier one."""
    told = results("def part(n):\n    return 1 / n", "print('so far')\npart(0)", "print('never')")
    assert told == [
        ("", ""),
        ("so far\n", "Line 2: part(0)\nZeroDivisionError: division by zero"),
    ]


def test_a_failed_assert_shows_what_was_asserted() -> None:
    """Such a failure has no message of its own."""
    assert results("assert 1 + 1 == 3") == [("", "Line 1: assert 1 + 1 == 3\nAssertionError")]


def test_a_block_that_cannot_be_read_says_where() -> None:
    """Python's own words have line and place."""
    ((printed, error),) = results("seats = 2\nseats = = 3")
    assert printed == ""
    assert 'File "<block 0>", line 2' in error
    assert error.endswith("SyntaxError: invalid syntax")


def test_a_block_that_leaves_python_leaves_only_the_block() -> None:
    """`exit()` does not take the page's Python with it."""
    assert results("raise SystemExit(1)") == [("", "Line 1: raise SystemExit(1)\nSystemExit: 1")]
