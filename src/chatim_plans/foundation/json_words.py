"""What stands in somebody else's JSON, in a few words: for errors about data from outside."""

from __future__ import annotations

import json

LONGEST = 60
"""The most characters of a text that an error repeats."""


def in_few_words(given: object) -> str:
    """`given` in a few words of JSON, whatever its size and depth.

    >>> in_few_words(True), in_few_words([[[]]]), in_few_words("x" * 100)[:9]
    ('true', 'a list', '"xxxxxxxx')
    """
    match given:
        case str():
            return json.dumps(given[:LONGEST]) + ("…" if len(given) > LONGEST else "")
        case dict():
            return "an object"
        case list():
            return "a list"
        case int() if given.bit_length() > LONGEST:
            return f"a whole number of {given.bit_length()} bits"
        case None | int() | float():
            return json.dumps(given)
        case _:
            return f"a value of type {type(given).__name__[:LONGEST]}"
