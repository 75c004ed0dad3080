"""The checks of a built site find what is wrong, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.building.links import dead_links, outside_requests


def site(folder: Path, page: str) -> Path:
    """A site of one page, and another for it to lead to."""
    (folder / "index.html").write_text(page, "utf-8")
    (folder / "other.html").write_text('<h1 id="there">Other</h1>', "utf-8")
    return folder


@pytest.mark.parametrize(
    "link", ["nowhere.html", "other.html#nowhere", "#nowhere", "folder/", "static/site.css"]
)
def test_a_link_to_nothing_is_dead(tmp_path: Path, link: str) -> None:
    """No such file, no such place in one, or a folder."""
    (tmp_path / "folder").mkdir()
    assert dead_links(site(tmp_path, f'<a href="{link}">')) == [f"index.html: {link}"]


@pytest.mark.parametrize(
    "link", ["other.html", "other.html#there", "#here", "https://example.org/nowhere", "data:,"]
)
def test_a_link_to_something_is_not(tmp_path: Path, link: str) -> None:
    """A file, a place in one, or an address elsewhere, which is not asked."""
    assert dead_links(site(tmp_path, f'<p id="here"><a href="{link}">')) == []


def test_a_picture_and_a_twin_are_held_to_their_links_too(tmp_path: Path) -> None:
    """`src` as `href`, and the links of Markdown."""
    (tmp_path / "twin.md").write_text("[a](other.html) [b](nowhere.md#there)\n", "utf-8")
    assert dead_links(site(tmp_path, '<img src="nowhere.svg">')) == [
        "index.html: nowhere.svg",
        "twin.md: nowhere.md#there",
    ]


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://example.org/a.js"></script>',
        '<script src="//example.org/a.js"></script>',
        '<link rel="stylesheet" href="http://example.org/a.css">',
        '<img src="https://example.org/a.png">',
        "<style>a { background: url(https://example.org/a.png) }</style>",
        "<p style=\"background: url('//example.org/a.png')\">",
    ],
)
def test_what_a_page_would_ask_elsewhere_is_found(tmp_path: Path, tag: str) -> None:
    """Scripts, styles and pictures."""
    (found,) = outside_requests(site(tmp_path, tag))
    assert "//example.org/a." in found


def test_a_style_sheet_is_read_too(tmp_path: Path) -> None:
    """A font that it would fetch, and another style sheet."""
    sheet = '@import "https://example.org/b.css"; a { src: url("https://example.org/a.woff2") }'
    (tmp_path / "site.css").write_text(sheet, "utf-8")
    assert outside_requests(tmp_path) == [
        "site.css: https://example.org/b.css",
        "site.css: https://example.org/a.woff2",
    ]


def test_what_a_reader_may_click_or_is_at_hand_is_no_request(tmp_path: Path) -> None:
    """A link elsewhere, a file of the site, and data in the page."""
    page = '<a href="https://example.org"></a><img src="a.png"><img src="data:image/png;base64,AA">'
    assert outside_requests(site(tmp_path, page)) == []
