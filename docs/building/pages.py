"""The pages of the repository as the site has them, with links that work there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

OUTSIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
"""The pages beside `docs` that are on the site too, at its root."""

_CODE_OR_LINK = re.compile(
    r"^```.*?^```$|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|(?<=\]\()(?P<target>[^)\s]+)(?=\))",
    re.MULTILINE | re.DOTALL,
)
_IN_NO_CONTENTS = "---\norphan: true\n---\n"
_ELSEWHERE = re.compile(r"[a-z]+:|#")


def pages_of(root: Path) -> tuple[dict[str, str], dict[str, Path]]:
    """The pages by their addresses on the site, and the files that they lead to.

    A page of `docs` has the address it has there. A link to a Python file leads to a page that
    shows it; one to any other file, to the file itself.

    Raises:
        LookupError: a link to what is not in the repository.
    """
    docs = (str(path.relative_to(root)) for path in (root / "docs").rglob("*.md"))
    waiting = [*OUTSIDE, *sorted(docs), *sorted(_examples(root))]
    pages: dict[str, str] = {}
    files: dict[str, Path] = {}
    while waiting:
        path = waiting.pop()
        text = (root / path).read_text("utf-8")
        if path.endswith(".py"):
            pages[address(path)] = _shown(path, text, _examples(root))
            continue
        pages[address(path)] = with_links(path, text, root)
        for target in map(_without_anchor, targets(text)):
            led_to = _joined(path, target)
            if led_to.endswith(".py") and address(led_to) not in pages:
                waiting.append(led_to)
            elif not led_to.endswith((".md", ".py")):
                files[address(led_to)] = root / led_to
    return pages, files


def address(path: str) -> str:
    """Where a file of the repository is on the site.

    >>> address("docs/how-to/month-end.md"), address("CHANGELOG.md"), address("src/a/b.py")
    ('how-to/month-end.md', 'CHANGELOG.md', 'src/a/b.py.md')
    """
    shown = path + ".md" if path.endswith(".py") else path
    return shown.removeprefix("docs/")


def with_links(path: str, text: str, root: Path) -> str:
    """A page's text, with each link to a file of the repository as the site has it."""

    def moved(found: re.Match[str]) -> str:
        target = found["target"]
        if target is None or _ELSEWHERE.match(target):
            return found[0]
        led_to = _joined(path, _without_anchor(target))
        if not (root / led_to).is_file():
            raise LookupError(f"{path}: {target} leads to no file")
        _, mark, anchor = target.partition("#")
        here = posixpath.dirname(address(path))
        return posixpath.relpath(address(led_to), here or ".") + mark + anchor

    return _CODE_OR_LINK.sub(moved, text)


def targets(text: str) -> Iterator[str]:
    """The targets of a page's links that lead to other files, in their order."""
    for found in _CODE_OR_LINK.finditer(text):
        target = found["target"]
        if target is not None and not _ELSEWHERE.match(target):
            yield target


def with_navigation(pages: Mapping[str, str]) -> dict[str, str]:
    """The pages with hidden tables of contents, made of the links that they show anyway.

    A folder's index leads to the pages of its folder, in the order in which it links to them. The
    root's has a part for each of its headings, with the pages and indexes linked under it.
    """
    return {
        each: _IN_NO_CONTENTS + text if each.endswith(".py.md") else text + _contents(each, text)
        for each, text in pages.items()
    }


def _contents(page: str, text: str) -> str:
    folder = posixpath.dirname(page)
    if page == "index.md":
        parts = [part.split("\n", 1) for part in text.split("\n## ")[1:]]
        named = [(title, _linked(page, body)) for title, body in parts]
        named.append(("Project", list(OUTSIDE)))
        seen = {page}
        contents = ""
        for title, linked in named:
            tops = [
                each
                for each in linked
                if each not in seen and ("/" not in each or each.endswith("/index.md"))
            ]
            seen.update(tops)
            contents += _toctree(page, tops, f":caption: {title}\n")
        return contents
    if page.endswith("/index.md"):
        inside = [each for each in _linked(page, text) if posixpath.dirname(each) == folder]
        return _toctree(page, [each for each in inside if each != page])
    return ""


def _toctree(page: str, entries: list[str], options: str = "") -> str:
    here = posixpath.dirname(page) or "."
    listed = "".join(f"{posixpath.relpath(each, here)}\n" for each in entries)
    return f"\n```{{toctree}}\n:hidden:\n{options}\n{listed}```\n"


def _linked(page: str, text: str) -> list[str]:
    """The pages that a page of the site links to, each once."""
    led_to = (_joined(page, _without_anchor(target)) for target in targets(text))
    return list(dict.fromkeys(each for each in led_to if each.endswith(".md")))


def _examples(root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in (root / "docs/examples").rglob("*.py")]


def _shown(path: str, text: str, beside: list[str]) -> str:
    """A page that shows a Python file, and leads to those beside it."""
    folder, name = posixpath.split(path)
    others = sorted(
        posixpath.basename(each) for each in beside if posixpath.dirname(each) == folder
    )
    links = " · ".join(f"[`{each}`]({each}.md)" for each in others if each != name)
    lead = f"`{path}`" + (f", beside {links}" if links else "")
    return f"# {name}\n\n{lead}\n\n```python\n{text.rstrip()}\n```\n"


def _joined(page: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), target))


def _without_anchor(target: str) -> str:
    return target.partition("#")[0]
