"""Renew the pictures of `docs/how-to/billing-page.md`: the page in each status, light, in English.

    python -m tests.billing_page.screenshots

It needs Pillow (the group `pictures`), which writes them small.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from chatim_plans import Status
from tests.billing_page.browser import chromium, served

FOLDER = Path(__file__).parents[2] / "docs" / "how-to" / "billing-page"
WIDTH, COLOURS, SECTIONS, MARGIN = 800, 128, 3, 16


def main() -> None:
    """Write a picture a status."""
    FOLDER.mkdir(exist_ok=True)
    with served() as site, chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": 600}, color_scheme="light")
        for status in Status:
            page.goto(f"{site}/{status}?lang=en")
            with Image.open(BytesIO(top(page))) as picture:
                small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
                small.save(FOLDER / f"{status}.png", optimize=True)


def top(page: Page) -> bytes:
    """The page down to the end of its first sections, which say how the account stands."""
    last = page.locator("main > section").nth(SECTIONS - 1).bounding_box()
    assert last is not None
    height = last["y"] + last["height"] + MARGIN
    return page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})


if __name__ == "__main__":
    main()
