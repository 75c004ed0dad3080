"""What stands where on the site: its navigation, and the list of its pages for programs that read.

Both are taken from the links that the index pages show anyway. The root's index has a part for each
of its headings, with the pages of the root and the other indexes that are linked under it; another
index leads to the pages of its folder.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from docs.building.pages import OUTSIDE, linked

ROOT = "index.md"
WHAT_IT_IS = (
    "What a Chatim customer may do, what they owe, and what happens next: a Python library."
)

_IN_NO_CONTENTS = "---\norphan: true\n---\n"
_FEW_HEADINGS = "---\ntocdepth: 2\n---\n"
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_NO_SENTENCE = ("#", "|", "*", "-", "Accepted, ", "Source: ")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def with_navigation(pages: Mapping[str, str]) -> dict[str, str]:
    """The pages as Sphinx reads them: with hidden tables of contents."""
    made = {}
    for page, text in pages.items():
        if page == ROOT:
            trees = [_tree(page, tops, title) for title, tops in sections(pages).items()]
            made[page] = text + "".join(trees)
        elif page.endswith("/index.md"):
            made[page] = text + _tree(page, inside(page, text))
        elif page.endswith(".py.md"):
            made[page] = _IN_NO_CONTENTS + text
        else:
            made[page] = _FEW_HEADINGS + text if page.startswith("reference/") else text
    return made


def llms_txt(pages: Mapping[str, str]) -> str:
    """The list of pages in the form of llmstxt.org: each with its title and what it is about."""
    parts = [f"# chatim_plans\n\n> {WHAT_IT_IS}\n"]
    for title, tops in sections(pages).items():
        listed = [each for top in tops for each in (top, *_below(top, pages))]
        parts.append(_part(title, listed, pages))
    parts.append(_part("Optional", [each for each in pages if each.endswith(".py.md")], pages))
    return "\n".join(parts)


def sections(pages: Mapping[str, str]) -> dict[str, list[str]]:
    """The headings of the root's index, with the pages and indexes under each."""
    seen = {ROOT}
    found = {}
    for part in pages[ROOT].split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        tops = [
            each for each in linked(ROOT, body) if "/" not in each or each.endswith("/index.md")
        ]
        found[title] = [each for each in tops if each not in seen]
        seen.update(tops)
    return {**found, "Project": [each for each in OUTSIDE if each not in seen]}


def inside(index: str, text: str) -> list[str]:
    """The pages of an index's folder, in the order in which it leads to them."""
    folder = posixpath.dirname(index)
    return [each for each in linked(index, text) if posixpath.dirname(each) == folder]


def _below(top: str, pages: Mapping[str, str]) -> list[str]:
    return inside(top, pages[top]) if top.endswith("/index.md") else []


def _tree(page: str, entries: list[str], caption: str = "") -> str:
    here = posixpath.dirname(page) or "."
    listed = "".join(f"{posixpath.relpath(each, here)}\n" for each in entries)
    options = f":caption: {caption}\n" if caption else ""
    return f"\n```{{toctree}}\n:hidden:\n{options}\n{listed}```\n"


def _part(title: str, listed: list[str], pages: Mapping[str, str]) -> str:
    lines = ""
    for each in listed:
        about = _about(each, pages)
        lines += f"- [{_title(pages[each])}]({each}){': ' if about else ''}{about}\n"
    return f"## {title}\n\n{lines}"


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ").replace("`", "")


def _about(page: str, pages: Mapping[str, str]) -> str:
    """What its index says of a page in a table, if that is not its title, or its first sentence."""
    text = pages[page]
    folder, name = posixpath.split(page)
    index = pages.get(f"{folder}/index.md", "") if folder else ""
    row = re.search(rf"^\|(.*\]\({re.escape(name)}[#)].*)\|$", index, re.MULTILINE)
    cells = [each.strip() for each in row[1].split(" | ") if "](" not in each] if row else []
    if cells and cells[0].lower() not in text.partition("\n")[0].lower():
        return cells[0]
    paragraphs = _FENCED.sub("", text).split("\n\n")[1:]
    first = next((each for each in paragraphs if not each.startswith(_NO_SENTENCE)), "")
    sentence = re.match(r".+?[.](?= |$)|.*", " ".join(_LINK.sub(r"\1", first).split()))
    return sentence[0].rstrip(".:") if sentence else ""
