"""The pictures of the billing page in the docs, as files."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from chatim_plans import Status

FOLDER = Path(__file__).parents[2] / "docs" / "how-to" / "billing-page"


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_small_picture_of_its_page(status: Status) -> None:
    """A PNG of 800 pixels across and under 60 KB, which the docs show."""
    picture = (FOLDER / f"{status}.png").read_bytes()
    kind, width = struct.unpack(">8s8xI", picture[:20])
    assert (kind, width) == (b"\x89PNG\r\n\x1a\n", 800)
    assert len(picture) < 60_000
    assert f"billing-page/{status}.png" in FOLDER.with_suffix(".md").read_text("utf-8")


def test_there_is_no_picture_that_nobody_sees() -> None:
    """One a status, and no other."""
    assert {picture.stem for picture in FOLDER.iterdir()} == set(Status)
