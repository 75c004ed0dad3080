"""Messages: whole values, whose parts are what they are called."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from attrs import evolve

from chatim_plans import InvalidTypeError, InvalidValueError, PaymentRequiredNotice, words
from chatim_plans.words import Level, Message, say
from tests.refused import error_of

MESSAGE = Message("Title", "A text.", "Do it.", Level.info, admins_only=False)


def test_a_message_is_one_line() -> None:
    """Its title, its text, and what to do where there is anything."""
    assert str(MESSAGE) == "Title. A text. Do it."
    assert str(evolve(MESSAGE, what_to_do="")) == "Title. A text."


def test_a_message_is_a_value() -> None:
    """The same notice is the same message."""
    assert say(PaymentRequiredNotice(), "fr") == say(PaymentRequiredNotice(), "fr")
    assert hash(MESSAGE) == hash(evolve(MESSAGE))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", None),
        ("text", 7),
        ("what_to_do", None),
        ("level", "info"),
        ("admins_only", 1),
    ],
)
def test_a_part_of_another_type_is_refused_by_name(name: str, value: Any) -> None:
    """Texts, a level and a truth."""
    error = error_of(InvalidTypeError, evolve, MESSAGE, **{name: value})
    assert (error.name, error.value) == (name, value)


@pytest.mark.parametrize("name", ["title", "text"])
def test_a_blank_message_is_refused(name: str) -> None:
    """What to do alone may be empty."""
    error = error_of(InvalidValueError, evolve, MESSAGE, **{name: " "})
    assert (error.name, error.value) == (name, " ")


def test_no_value_of_words_has_an_order() -> None:
    """Messages, badges and time-lines are not compared by the alphabet."""
    kinds = [getattr(words, name) for name in words.__all__]
    ordered = [kind for kind in kinds if attrs.has(kind) and "__lt__" in vars(kind)]
    assert ordered == []
