"""The committed pictures are those that the library draws."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests import pictures

FILES = pictures.files()


@pytest.mark.parametrize("place", FILES, ids=lambda place: place.name)
def test_a_picture_is_as_it_is_drawn(place: Path) -> None:
    """`python -m tests.pictures` renews them."""
    assert place.read_text("utf-8") == f"{FILES[place]}\n"


def test_no_picture_is_left_over() -> None:
    """Each file of the two folders is drawn."""
    present = {*pictures.FOLDER.iterdir(), *pictures.PIECES.iterdir()}
    assert present == set(FILES)


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_a_picture_says_what_it_is(name: str) -> None:
    """Well formed, at most 20 KB, with a title and a description."""
    drawn = pictures.PICTURES[name]()
    title, told, *_ = ET.fromstring(drawn)
    assert len(drawn.encode()) <= 20_000
    assert title.text
    assert told.text
