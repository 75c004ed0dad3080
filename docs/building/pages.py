"""The pages of the repository as the site has them, with links that work there."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

OUTSIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
"""The pages beside `docs` that are on the site too, at its root."""

_CODE_OR_LINK = re.compile(
    r"^```.*?^```$|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|(?<=\]\()(?P<target>[^)\s]+)(?=\))",
    re.MULTILINE | re.DOTALL,
)
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
        path = waiting.pop(0)
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


def _examples(root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in (root / "docs/examples").rglob("*.py")]


def _shown(path: str, text: str, beside: list[str]) -> str:
    """A page that shows a Python file, and leads to those beside it."""
    folder, name = posixpath.split(path)
    about = (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0]
    others = sorted(each for each in beside if posixpath.dirname(each) == folder and each != path)
    names = map(posixpath.basename, others)
    links = " · ".join(f"[`{each}`]({each}.md)" for each in names)
    where = f"`{path}`" + (f", beside {links}" if links else "")
    return f"# {name}\n\n{about}\n\n{where}\n\n```python\n{text.rstrip()}\n```\n"


def linked(page: str, text: str) -> list[str]:
    """The pages that a page of the site leads to, each once, in their order."""
    led_to = (_joined(page, _without_anchor(target)) for target in targets(text))
    return list(dict.fromkeys(each for each in led_to if each.endswith(".md")))


def _joined(page: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), target))


def _without_anchor(target: str) -> str:
    return target.partition("#")[0]
