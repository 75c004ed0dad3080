"""Whether every link of a built site leads somewhere, and none is followed to show a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_FOLLOWED = {"href", "src"}
_IN_A_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?\s*((?:https?:)?//[^\"')\s]+)")


def dead_links(site: Path) -> list[str]:
    """Each link of a page to a file or a place in one that there is not, with its page."""
    pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    dead = []
    for path, page in pages.items():
        for _, link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            led_to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            places = pages[led_to].places if led_to in pages else None
            anchor = unquote(parts.fragment)
            if not led_to.is_file() or (anchor and places is not None and anchor not in places):
                dead.append(f"{path.relative_to(site)}: {link}")
    return dead


def outside_requests(site: Path) -> list[str]:
    """Each address elsewhere that a browser would ask to show a page, with its file.

    A link that a reader may click is none.
    """
    asked = []
    for path in sorted(site.rglob("*.html")):
        page = _read(path)
        asked += [
            f"{path.relative_to(site)}: {link}"
            for tag, link in page.links
            if tag != "a" and _is_elsewhere(link)
        ]
        asked += [f"{path.relative_to(site)}: {link}" for link in _IN_A_STYLE.findall(page.styles)]
    for path in sorted(site.rglob("*.css")):
        text = path.read_text("utf-8")
        asked += [f"{path.relative_to(site)}: {link}" for link in _IN_A_STYLE.findall(text)]
    return asked


def _is_elsewhere(link: str) -> bool:
    return urlsplit(link).scheme in {"http", "https"} or link.startswith("//")


class _Page(HTMLParser):
    """The links of a page with their tags, and the places that a link can lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.places = {"top"}
        self.styles = ""
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in _FOLLOWED and value is not None:
                self.links.append((tag, value))
            elif name == "id" and value is not None:
                self.places.add(value)
            elif name == "style" and value is not None:
                self.styles += value
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.styles += data


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text("utf-8"))
    return page
