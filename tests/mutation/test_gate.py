"""The mutation gate's own logic: pieces and their hashes, shares, the table, record and verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

import chatim_plans
from tests.mutation.pieces import (
    NOT_MUTATED,
    PARTS,
    ROOT,
    SHARES,
    Named,
    Piece,
    Record,
    as_not_killed_yet,
    faults_of,
    faults_of_the_table,
    modules,
    own_tests,
    pieces_of,
    read_named,
    read_record,
    write_record,
)

PACKAGE = Path(chatim_plans.__file__).parent

MODULE = '''
"""A module."""
from enum import Enum

LIMIT = 3


class Size(Enum):
    """A size."""

    small = 1

    def doubled(self) -> int:
        return self.value * 2

    @classmethod
    def first(cls) -> "Size":
        return cls.small

    @property
    def shown(self) -> str:
        return self.name


def plain(value: int) -> int:
    """A value."""
    return value + LIMIT


@cache
def kept(value: int) -> int:
    return plain(value)
'''

AGAIN = MODULE.replace("return value + LIMIT", "# Why.\n    return (value +\n        LIMIT)")
TOOLS = {"mutmut": "1"}


def codes(source: str) -> dict[str, str]:
    """The hash of each piece of a module."""
    return {piece.key: piece.code for piece in pieces_of("a.py", source)}


def changed(before: str, after: str) -> set[str]:
    """The pieces of `MODULE` that differ when a text in it is replaced."""
    old, new = codes(MODULE), codes(MODULE.replace(before, after))
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def test_every_tool_has_its_pieces() -> None:
    """Plain functions and lone class methods are mutmut's, all that is not plain cosmic-ray's."""
    assert set(codes(MODULE)) == {
        *("plain", "Size.doubled", "Size.first"),
        *("Size (definition)", "kept (definition)", "the rest (definition)"),
    }


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("value + LIMIT", "value - LIMIT", {"plain"}),
        ("self.value * 2", "self.value * 3", {"Size.doubled"}),
        ("cls.small", "cls.large", {"Size.first", "Size (definition)"}),
        ("small = 1", "small = 2", {"Size (definition)"}),
        ("return self.name", "return 'x'", {"Size (definition)"}),
        ("return plain", "return -plain", {"kept (definition)"}),
        ("@cache\n", "@other\n", {"kept (definition)"}),
        ("LIMIT = 3", "LIMIT = 4", {"the rest (definition)"}),
        ("@property\n    def shown", "def shown", {"Size (definition)", "Size.shown"}),
        ('"""A value."""', '"""Another."""', set()),
        ('"""A size."""', "", set()),
        ("LIMIT = 3", "# Why.\nLIMIT=3", set()),
    ],
)
def test_a_change_touches_the_pieces_that_it_is_in(
    before: str, after: str, pieces: set[str]
) -> None:
    """By their code, not by lines, layout, comments or docstrings."""
    assert changed(before, after) == pieces


def test_layout_is_no_code() -> None:
    """A comment and a line break change no hash."""
    assert codes(AGAIN) == codes(MODULE)


def test_pieces_of_one_name_are_one() -> None:
    """As overloads are: a change of any changes it."""
    twice = "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\n"
    (piece, _) = pieces_of("a.py", twice)
    (other, _) = pieces_of("a.py", twice.replace("a: str", "a: bytes"))
    assert (piece.name, piece.code == other.code) == ("f", False)


def test_as_many_commits_as_shares_judge_everything() -> None:
    """Each piece of the package is in one share, whatever its code; each share holds some."""
    shares = [
        piece.share
        for module in modules(PACKAGE)
        for piece in pieces_of(module, (PACKAGE / module).read_text("utf-8"))
    ]
    assert set(shares) == set(range(SHARES))
    one = Piece("catalog/plans.py", "Plan", "definitions", "0")
    assert one.share == Piece("catalog/plans.py", "Plan", "definitions", "1").share


def test_a_push_of_several_commits_skips_no_share() -> None:
    """The number of shares is a prime: no stride but its own multiple stays on a few of them."""
    assert all(
        {start * stride % SHARES for start in range(SHARES)} == set(range(SHARES))
        for stride in range(1, SHARES)
    )


def test_every_module_is_in_the_table_once() -> None:
    """Mutated by a part, or not mutated for a reason."""
    assert faults_of_the_table(modules(PACKAGE)) == []
    assert all(NOT_MUTATED.values())


def test_the_table_tells_what_is_missing_and_what_is_gone() -> None:
    """A new module, one in two places, a place without a module."""
    present = modules(PACKAGE)
    new = faults_of_the_table([*present, "stripe/new.py"])
    assert new == ["stripe/new.py stands in 0 places of PARTS and NOT_MUTATED, and belongs in one"]
    gone = faults_of_the_table(module for module in present if module != "stripe/calls.py")
    assert gone == ["stripe/calls.py is in PARTS or NOT_MUTATED, and has no module"]


def test_the_tests_that_judge_are_there() -> None:
    """Every path that a part names."""
    for part in PARTS.values():
        assert part.tests
        for test in (*part.tests, *part.rest):
            assert not test.startswith("tests/") or (ROOT / test).exists(), test


def test_tests_of_a_module_bear_its_name(tmp_path: Path) -> None:
    """They are hashed as code is: a changed assertion counts, a docstring does not."""
    folder = tmp_path / "tests/catalog"
    folder.mkdir(parents=True)
    none = own_tests(tmp_path, "catalog/plans.py")
    file = folder / "test_plans_at_length.py"
    hashes = []
    for text in ("def test() -> None:\n    assert 1\n", 'def test() -> None:\n    "A"; assert 1'):
        file.write_text(text, "utf-8")
        hashes.append(own_tests(tmp_path, "catalog/plans.py"))
    file.write_text("def test() -> None:\n    assert 2\n", "utf-8")
    assert hashes[0] == hashes[1] != none
    assert own_tests(tmp_path, "catalog/plans.py") != hashes[0]
    assert own_tests(tmp_path, "catalog/labels.py") == none


PIECE = Piece("a.py", "plain", "functions", "0")
OTHER = Piece("a.py", "other", "functions", "1")
NAMED = Named({"one": "a reason"}, frozenset({"two", "three"}))


def test_the_record_knows_what_was_judged() -> None:
    """The same code, by the same tests and tools; the definition of the same name is another piece."""
    record = Record().renewed([PIECE, OTHER], {PIECE}, {"a.py": "t"}, TOOLS)
    assert record.knows(PIECE, "t", TOOLS)
    assert not record.knows(OTHER, "t", TOOLS)
    assert not record.knows(Piece("a.py", "plain", "functions", "2"), "t", TOOLS)
    assert not record.knows(Piece("a.py", "plain", "definitions", "0"), "t", TOOLS)
    assert not record.knows(PIECE, "u", TOOLS)
    assert not record.knows(PIECE, "t", {"mutmut": "2"})


def test_the_record_keeps_what_it_knew_and_forgets_what_is_gone() -> None:
    """Known pieces stay while they are there as they were; those that changed are unknown."""
    tests = {"a.py": "t"}
    record = Record().renewed([PIECE, OTHER], {PIECE, OTHER}, tests, TOOLS)
    assert record.renewed([PIECE], (), tests, TOOLS).codes == {"a.py": {"plain": "0"}}
    assert record.renewed([PIECE], (), {"a.py": "u"}, TOOLS).codes == {}
    assert record.renewed([PIECE], (), tests, {}).codes == {}


def test_the_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Whole, and empty where there is none."""
    (tmp_path / "tests/mutation").mkdir(parents=True)
    assert read_record(tmp_path) == Record()
    record = Record().renewed([PIECE], {PIECE}, {"a.py": "t"}, TOOLS)
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record


def test_a_survivor_is_named_or_a_fault() -> None:
    """Of all that is named, only a run of the whole can say what is named in vain."""
    assert faults_of(["one", "two"], NAMED, 2, whole=False) == []
    (new,) = faults_of(["one", "four"], NAMED, 2, whole=False)
    assert new.startswith("survived:")
    assert "four" in new
    (stale,) = faults_of(["one", "two"], NAMED, 2, whole=True)
    assert stale.startswith("named, but killed or gone:\nthree")


def test_a_survivor_is_listed_as_it_is(tmp_path: Path) -> None:
    """Backslashes and quotes too."""
    change = 'a.py\n-    return "\\n"\n+    return """"""'
    path = tmp_path / "tests/mutation/equivalents.toml"
    path.parent.mkdir(parents=True)
    entry = '[[equivalent]]\nchange = "one"\nreason = "a reason"\n'
    path.write_text(entry + as_not_killed_yet(change), "utf-8")
    assert read_named(tmp_path) == Named({"one": "a reason"}, frozenset({change}))


def test_what_is_not_killed_yet_can_only_become_less() -> None:
    """The record says how many there may be; without a record there is no limit yet."""
    assert faults_of([], NAMED, 2, whole=False) == []
    assert faults_of([], NAMED, None, whole=False) == []
    assert faults_of([], NAMED, 1, whole=False) == [
        "2 are listed as not killed yet, and 1 may be: kill the new"
    ]


def test_what_is_named_is_committed_with_its_reason() -> None:
    """A change begins with the module it is in, and no change stands in both lists."""
    named = read_named(ROOT)
    assert all(named.equivalent.values())
    assert not named.not_killed_yet & named.equivalent.keys()
    present = set(modules(PACKAGE))
    assert {change.partition("\n")[0] for change in named.changes} <= present
    assert faults_of([], named, read_record(ROOT).not_killed_yet, whole=False) == []
