"""The committed pictures are those that the library draws."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests import pictures


def test_every_picture_is_as_it_is_drawn() -> None:
    """`python -m tests.pictures` renews them."""
    drawn = pictures.files()
    assert {place: place.read_text("utf-8") for place in drawn} == {
        place: f"{text}\n" for place, text in drawn.items()
    }


def test_no_picture_is_left_over() -> None:
    """Each file of the two folders is drawn."""
    present = {*pictures.FOLDER.iterdir(), *pictures.PIECES.iterdir()}
    assert present == set(pictures.files())


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_a_picture_says_what_it_is(name: str) -> None:
    """Well formed, at most 20 KB, with a title and a description."""
    drawn = pictures.PICTURES[name]()
    title, told, *_ = ET.fromstring(drawn)
    assert len(drawn.encode()) <= 20_000
    assert title.text
    assert told.text
