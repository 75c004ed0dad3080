"""What stands in somebody else's JSON, in a few words, whatever its size and depth."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chatim_plans.foundation.json_words import in_few_words


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("pro", '"pro"'),
        ('a "b"\n', r'"a \"b\"\n"'),
        ("x" * 60, f'"{"x" * 60}"'),
        ("x" * 61, f'"{"x" * 60}"…'),
        ({"a": [1]}, "an object"),
        ([[[]]], "a list"),
        (2**60 - 1, "1152921504606846975"),
        (2**60, "a whole number of 61 bits"),
        (-(2**60), "a whole number of 61 bits"),
        (7, "7"),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        (Decimal(1), "a value of type Decimal"),
        (type("T" * 99, (), {})(), f"a value of type {'T' * 60}"),
    ],
)
def test_in_few_words(given: object, expected: str) -> None:
    """A scalar as JSON writes it, cut at sixty characters; of anything larger, what it is."""
    assert in_few_words(given) == expected
