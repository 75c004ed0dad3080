"""Shapes: each check gives its value back, or says what was expected instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    InvalidTypeError,
    InvalidValueError,
    UnknownKeyError,
)
from chatim_plans.foundation import shapes
from tests.refused import Small, error_of, said_of, values_of


class Colour(StrEnum):
    """Keys of our own, so that nothing here depends on the catalogue."""

    red = "red"
    blue = "blue"


def test_instance_gives_the_value_back() -> None:
    """A value of the kind comes back as the object it was."""
    value = ["x"]
    assert shapes.instance(value, list, "things") is value


def test_instance_takes_a_subclass() -> None:
    """A member of a subclass is a member."""
    assert shapes.instance(Colour.red, str, "colour") is Colour.red


def test_instance_refuses_another_kind() -> None:
    """The refusal names the field, the kind and what was given."""
    error = error_of(InvalidTypeError, shapes.instance, 7, str, "colour")
    assert error.name == "colour"
    assert error.value == 7
    assert error.expected == "a str"
    assert str(error) == "colour: expected a str, got int 7"


@given(st.integers())
def test_whole_number_gives_any_int_back(number: int) -> None:
    """Every int is a whole number. Width: hypothesis' own, also beyond 64 bits."""
    assert shapes.whole_number(number, "seats") == number


@given(st.integers(), st.integers(-3, 3))
def test_whole_number_has_a_least(number: int, least: int) -> None:
    """The least is allowed, one below it is not. Width: offsets around it and any integer."""
    for candidate in (number, least - 1, least, least + 1):
        if candidate >= least:
            assert shapes.whole_number(candidate, "seats", at_least=least) == candidate
            continue
        error = error_of(InvalidValueError, shapes.whole_number, candidate, "seats", at_least=least)
        assert str(error) == (
            f"seats: expected a whole number of at least {least}, got {candidate}"
        )


@pytest.mark.parametrize("value", [True, False, 1.0, "1", Decimal(1), None, Small.one, b"1"])
def test_whole_number_is_an_int_and_nothing_else(value: object) -> None:
    """A bool would count as 1: it is refused, and so is every other relative of int."""
    error = error_of(InvalidTypeError, shapes.whole_number, value, "seats", at_least=0)
    assert str(error) == (f"seats: expected a whole number (int), got {said_of(value)}")


def _letters() -> Iterator[str]:
    yield "a"
    yield "b"


@pytest.mark.parametrize("values", [("a", "b"), ["a", "b"], {"a": 1, "b": 2}, _letters])
def test_row_is_a_tuple_of_any_collection(values: Any) -> None:
    """Lists, dicts and generators become tuples, in their order."""
    assert shapes.row(values() if callable(values) else values, "letters") == ("a", "b")


def test_row_may_be_empty() -> None:
    """No values make an empty tuple."""
    assert shapes.row([], "letters") == ()


@pytest.mark.parametrize("values", ["ab", "", Colour.red, None, 7, object])
def test_row_refuses_a_string_and_what_is_no_collection(values: Any) -> None:
    """A string would fall apart into letters."""
    error = error_of(InvalidTypeError, shapes.row, values, "letters")
    assert str(error) == (f"letters: expected a collection, such as a tuple, got {said_of(values)}")


def test_text_gives_the_text_back() -> None:
    """A text comes back as it is, blanks at its ends too."""
    assert shapes.text(" pro ", "key") == " pro "


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000"])
def test_text_is_not_blank(blank: str) -> None:
    """A text of blanks says nothing."""
    error = error_of(InvalidValueError, shapes.text, blank, "key")
    assert str(error) == f"key: expected a text that is not blank, got {blank!r}"


@pytest.mark.parametrize("value", [None, 7, b"pro", ["pro"]])
def test_text_is_a_str(value: object) -> None:
    """A text of another type is refused."""
    error = error_of(InvalidTypeError, shapes.text, value, "key")
    assert str(error) == f"key: expected a str, got {said_of(value)}"


def test_a_key_is_a_text_of_a_hundred_characters_at_most() -> None:
    """Every message that names a plan or an edition repeats it."""
    assert shapes.key("k" * 100, "plan") == "k" * 100
    for given_, expected in (
        ("k" * 101, "a text of at most 100 characters"),
        (" ", "a text that is not blank"),
    ):
        assert values_of(InvalidValueError, shapes.key, given_, "plan") == (
            "plan",
            given_,
            expected,
        )


@pytest.mark.parametrize("value", [Colour.blue, "blue"])
def test_key_is_a_member_or_its_string(value: str) -> None:
    """A2: the string value works as the member, and the member comes back."""
    assert shapes.member(value, Colour, "colour") is Colour.blue


@pytest.mark.parametrize("value", ["", "Blue", "BLUE", " blue", "green", Small.one.name])
def test_unknown_key_is_refused(value: str) -> None:
    """A2: an unknown key is an error that names the known ones, never a no."""
    error = error_of(UnknownKeyError, shapes.member, value, Colour, "colour")
    assert error.known == ("red", "blue")
    assert error.__cause__ is None
    assert str(error) == f"unknown colour {value!r}: use one of red, blue"


@pytest.mark.parametrize("value", [None, 7, True, b"blue", ["blue"], Colour])
def test_key_is_a_str(value: object) -> None:
    """A key of another type, hashable or not, is refused."""
    error = error_of(InvalidTypeError, shapes.member, value, Colour, "colour")
    assert str(error) == f"colour: expected a str, got {said_of(value)}"


class Apple:
    """A class whose name begins with a vowel."""


class Xylophone:
    """A class whose name begins with a consonant that begins few names."""


@pytest.mark.parametrize(("kind", "expected"), [(Apple, "an Apple"), (Xylophone, "a Xylophone")])
def test_a_kind_has_its_article(kind: type, expected: str) -> None:
    """What was expected reads as English."""
    error = error_of(InvalidTypeError, shapes.instance, 3, kind, "fruit")
    assert error.expected == expected


@pytest.mark.parametrize(
    "number", [10**100, -(10**100), 10**5_000, -(10**5_000)], ids=["over", "under", "far", "below"]
)
def test_whole_number_has_a_bound_far_above_any_use(number: int) -> None:
    """A message that holds the number can be printed, whatever its digits."""
    error = error_of(InvalidValueError, shapes.whole_number, number, "seats")
    assert error.expected == "a whole number of at most 100 digits"
    assert str(error).startswith("seats: expected a whole number of at most 100 digits, got ")
    assert shapes.whole_number(shapes.MOST, "seats") == 10**100 - 1
    assert shapes.whole_number(-shapes.MOST, "seats") == 1 - 10**100


class Boastful(str):
    """A text that equals everything."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __str__(self) -> str:
        return "red"


@pytest.mark.parametrize("shape", [shapes.plain, shapes.text, shapes.key])
def test_a_text_becomes_plain(shape: Callable[[object, str], str]) -> None:
    """Whatever its class says it equals, or reads as, what counts is its letters."""
    plain = shape(Boastful("blue"), "colour")
    assert (type(plain), plain) == (str, "blue")


def test_a_text_that_poses_as_a_member_is_none() -> None:
    """A2: its letters decide."""
    error_of(UnknownKeyError, shapes.member, Boastful("green"), Colour, "colour")
    assert shapes.member(Boastful("blue"), Colour, "colour") is Colour.blue
