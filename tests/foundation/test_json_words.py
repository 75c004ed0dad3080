"""What somebody else's JSON reads like in an error: short, whatever its size."""

from __future__ import annotations

from typing import Any

import pytest

from chatim_plans.foundation.json_words import LONGEST, in_few_words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "null"),
        (True, "true"),
        (7, "7"),
        (-1.5, "-1.5"),
        ("pro", '"pro"'),
        ("é\n", '"\\u00e9\\n"'),
        ({"plan": "pro"}, "an object"),
        ([1, [2]], "a list"),
        (2**60 - 1, "1152921504606846975"),
        (2**60, "a whole number of 61 bits"),
        (b"pro", "a value of type bytes"),
    ],
)
def test_a_value_is_shown_in_few_words(given: Any, words: str) -> None:
    """As JSON where that is short, and else by what it is."""
    assert in_few_words(given) == words


def test_a_long_text_is_cut_and_says_so() -> None:
    """Up to sixty characters are shown, of a type's name too."""
    assert LONGEST == 60
    assert in_few_words("x" * 60) == f'"{"x" * 60}"'
    assert in_few_words("x" * 61) == f'"{"x" * 60}"…'
    long = type("N" * 61, (), {})
    assert in_few_words(long()) == f"a value of type {'N' * 60}"
