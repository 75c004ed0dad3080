"""The picture of the sandbox's page, for those who run no scripts.

`python -m tests.playground.picture` writes it; `test_sandbox.py` checks that it is current.
"""

from __future__ import annotations

from pathlib import Path

from chatim_plans import utc
from chatim_plans.words import timeline_svg
from docs.sandbox.sandbox import STORIES, lived

PICTURE = Path(__file__).parents[2] / "docs" / "sandbox" / "timeline.svg"


def picture() -> str:
    """E3 on the day after its upgrade."""
    (story,) = (each for each in STORIES if each.key == "E3")
    statement, _ = lived(story, utc("2026-10-28"))
    assert statement is not None
    return timeline_svg(statement, story.until, "en") + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
