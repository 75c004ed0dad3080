"""The public surface is what its committed text says, and changes with the changelog alone."""

from __future__ import annotations

import pytest

from tests.public_surface import FACADES, recorded, surface_of, untold

RENEW = "run `python -m tests.public_surface`, and write the change into CHANGELOG.md"


@pytest.mark.parametrize("facade", FACADES)
def test_a_facade_offers_what_its_text_says(facade: str) -> None:
    """Names, parameters with defaults and annotations, fields, members of enums, bases."""
    pytest.importorskip(facade, reason=f"{facade} needs its extra", exc_type=ImportError)
    expected = {
        name: lines for name, lines in recorded().items() if facade == name.rpartition(".")[0]
    }
    assert surface_of(facade) == expected, RENEW


def test_the_text_speaks_of_facades_only() -> None:
    """A façade that is gone leaves nothing behind."""
    assert {name.rpartition(".")[0] for name in recorded()} == set(FACADES)


@pytest.mark.parametrize(
    ("before", "after", "unreleased", "expected"),
    [
        ({"p.f": ["def f()"]}, {"p.f": ["def f()"]}, "", []),
        ({"p.f": ["def f()"]}, {"p.f": ["def f(a)"]}, "", ["p.f"]),
        ({"p.f": ["def f()"]}, {"p.f": ["def f(a)"]}, "- `f(a)` takes an `a`.", []),
        ({"p.f": ["def f()"]}, {"p.f": ["def f(a)"]}, "- f has changed.", ["p.f"]),
        ({"p.f": ["def f()"]}, {}, "- `g` is new.", ["p.f"]),
        ({}, {"p.f": ["def f()"]}, "", ["p.f"]),
    ],
)
def test_a_change_is_told_in_the_changelog(
    before: dict[str, list[str]],
    after: dict[str, list[str]],
    unreleased: str,
    expected: list[str],
) -> None:
    """A name that came, went or changed stands in code type in `Unreleased`, not further down."""
    changelog = f"# Changelog\n\n## [Unreleased]\n\n{unreleased}\n\n## [0.1.0]\n\n- `f`.\n"
    assert untold(before, after, changelog) == expected
