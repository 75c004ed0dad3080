"""Build the site: every page as HTML and as Markdown, searchable, and read without a network.

    python docs/build.py FOLDER [--pyodide PACKAGE]

With npm's package `pyodide` its examples run in the reader's browser. It fails on any warning of
Sphinx, on any link that leads nowhere, and on any page that would ask
another host for something. A site that stood in FOLDER goes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from sphinx.cmd.build import main as sphinx_build  # noqa: E402 — the root is found first

from docs.building import contents, links, pages, playground, reference  # noqa: E402 — as above


def main(site: Path, pyodide: Path | None = None) -> None:
    """Write the site; exit with what is wrong with it."""
    if site.exists() and not (site / "llms.txt").exists() and any(site.iterdir()):
        sys.exit(f"{site} holds something else than a site: name another folder")
    texts, files = pages.pages_of(ROOT)
    rules = ROOT / "docs" / "rules"
    texts |= reference.reference_pages(rules, texts[reference.INDEX])
    with tempfile.TemporaryDirectory() as folder:
        source, made, kept = (Path(folder) / name for name in ("source", "site", "doctrees"))
        write(source, contents.with_navigation(texts))
        copy(source, files)
        settings = ["-c", str(ROOT / "docs"), "-d", str(kept)]
        if sphinx_build(["-q", "-W", "--keep-going", *settings, str(source), str(made)]):
            sys.exit("Sphinx warned: see above")
        write(made, {**texts, "llms.txt": contents.llms_txt(texts)})
        copy(made, files)
        if pyodide is not None:
            playground.add(made, ROOT, pyodide)
        if dead := links.dead_links(made):
            sys.exit("\n".join(["links that lead nowhere:", *dead]))
        if asked := links.outside_requests(made):
            sys.exit("\n".join(["a page would ask elsewhere for:", *asked]))
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(made, site)


def write(folder: Path, texts: dict[str, str]) -> None:
    """Each page at its address."""
    for address, text in texts.items():
        path = folder / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def copy(folder: Path, files: dict[str, Path]) -> None:
    """Each file at its address."""
    for address, original in files.items():
        path = folder / address
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(original, path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path, metavar="FOLDER")
    parser.add_argument("--pyodide", type=Path, metavar="PACKAGE", help="npm's package `pyodide`")
    given = parser.parse_args()
    main(given.site.resolve(), given.pyodide)
