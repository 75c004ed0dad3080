"""The one command builds a site with its twins, and stops at what is wrong with a page."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_docs import extras_may_be_missing

for needed in ("sphinx", "furo", "myst_parser"):
    pytest.importorskip(needed, reason="needs the dependency group `site`")
from sphinx.util.inventory import InventoryFile  # noqa: E402 — if it is there

with extras_may_be_missing():
    from docs.building.links import outside_requests
    from docs.building.reference import FLOORS, PACKAGES

ROOT = Path(__file__).parents[2]
REFERENCE = " ".join([
    *(f"`{each}`" for each in FLOORS),
    *(f"`chatim_plans.{each}`" for each in PACKAGES),
])
PAGES = {
    "README.md": "# Read me\n\n[Begin](docs/index.md).\n",
    "CONTRIBUTING.md": "# Contributing\n\nPlease do.\n",
    "CHANGELOG.md": "# Changelog\n\nMuch.\n",
    "docs/index.md": "# Documentation\n\nHere.\n\n## Learn\n\n[Tutorial](tutorial.md), [how-to](how-to/index.md)\n"
    "\n## Look up\n\n[Reference](reference/index.md)\n",
    "docs/tutorial.md": "# Tutorial\n\nStep by step. With care.\n\n[Run it](examples/run.py), "
    "[read its table](examples/run.csv), [contribute](../CONTRIBUTING.md).\n\n"
    "```python\nleft[0](right)\n```\n\n```mermaid\nA --> B\n```\n",
    "docs/how-to/index.md": "# How-to\n\n| To | Page |\n| --- | --- |\n| do a thing | [Do it](do.md) |\n",
    "docs/how-to/do.md": "# Do it\n\n## How\n\nBack to the [tutorial](../tutorial.md#tutorial).\n",
    "docs/examples/run.py": '"""Runs."""\n\nprint(1)\n',
    "docs/examples/run.csv": "a,b\n",
    "docs/reference/index.md": f"# Reference\n\n{REFERENCE}\n",
}


def repository(folder: Path, **changed: str) -> Path:
    """A small repository with this one's build and library, and some page changed."""
    for path, text in PAGES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(changed.get(Path(path).stem, text), "utf-8")
    shutil.copytree(ROOT / "docs" / "building", folder / "docs" / "building")
    shutil.copytree(ROOT / "docs" / "static", folder / "docs" / "static")
    for script in ("build.py", "conf.py"):
        shutil.copy(ROOT / "docs" / script, folder / "docs")
    (folder / "src").symlink_to(ROOT / "src")
    return folder


def built(root: Path) -> subprocess.CompletedProcess[str]:
    """What the command says."""
    command = [sys.executable, str(root / "docs" / "build.py"), str(root / "site")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small repository's site."""
    root = repository(tmp_path_factory.mktemp("repository"))
    run = built(root)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    return root / "site"


def test_every_page_has_its_twin(site: Path) -> None:
    """The same address with `.md`, for each page but the one that searches."""
    pages = {path.relative_to(site).with_suffix("") for path in site.rglob("*.html")}
    twins = {path.relative_to(site).with_suffix("") for path in site.rglob("*.md")}
    assert pages - {Path("search")} == twins


def test_a_twin_is_its_page_with_links_that_work(site: Path) -> None:
    """A file of Python is shown on a page, another is itself; code is left as it is."""
    assert (site / "tutorial.md").read_text("utf-8") == PAGES["docs/tutorial.md"].replace(
        "run.py", "run.py.md"
    ).replace("../CONTRIBUTING", "CONTRIBUTING")
    assert "# run.py\n\nRuns.\n\n`docs/examples/run.py`" in (
        site / "examples" / "run.py.md"
    ).read_text("utf-8")
    assert (site / "examples" / "run.csv").read_text("utf-8") == "a,b\n"


def test_the_list_for_programs_says_what_each_page_is_about(site: Path) -> None:
    """Title, one line, sections; a page's line is its index's, or its first sentence."""
    listed = (site / "llms.txt").read_text("utf-8")
    assert re.match(r"# chatim_plans\n\n> What a Chatim customer may do.*\n\n## Learn\n", listed)
    assert "- [Tutorial](tutorial.md): Step by step\n" in listed
    assert "- [Do it](how-to/do.md): do a thing\n" in listed
    assert "- [Billing](reference/billing.md): " in listed
    assert listed.endswith("## Optional\n\n- [run.py](examples/run.py.md): Runs\n")


def test_the_navigation_follows_the_indexes(site: Path) -> None:
    """The root's headings, the pages under them, and each index's own pages."""
    page = (site / "index.html").read_text("utf-8")
    shown = re.findall(r'class="caption-text">(.*?)<|toctree-l\d[^>]*><a[^>]*href="(.*?)"', page)
    assert [caption or link for caption, link in shown][:6] == [
        "Learn",
        "tutorial.html",
        "how-to/index.html",
        "how-to/do.html",
        "Look up",
        "reference/index.html",
    ]


def test_search_and_the_inventory_know_public_names(site: Path) -> None:
    """By the name that a reader imports; a class and its methods, functions and constants."""
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    known = {
        (kind, name): item.uri
        for kind, items in inventory.data.items()
        for name, item in items.items()
        if kind.startswith("py:")
    }
    assert known["py:class", "chatim_plans.Money"] == "reference/foundation.html#class-money"
    assert known["py:method", "chatim_plans.Plan.charge"] == "reference/catalog.html#plan-charge"
    assert known["py:property", "chatim_plans.Plan.is_free"]
    assert known["py:function", "chatim_plans.prorate"] == "reference/billing.html#prorate"
    assert known["py:data", "chatim_plans.stripe.EVENT_TYPES"]
    assert '"chatim_plans.wire"' in (site / "searchindex.js").read_text("utf-8")


def test_no_page_asks_another_host(site: Path) -> None:
    """No font, script or picture comes from elsewhere."""
    assert outside_requests(site) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"do": "# Do it\n\n[There](../tutorial.md#nowhere)\n"}, "nowhere"),
        ({"do": "# Do it\n\n[There](../tutorial.md#tutorial) <a href='a.html'>x</a>\n"}, "a.html"),
        ({"do": "# Do it\n\n[There](gone.md)\n"}, "docs/how-to/do.md: gone.md leads to no file"),
        ({"do": "# Do it\n\n#### Too deep\n"}, "Non-consecutive header level"),
        ({"tutorial": "# Tutorial\n\n```pithon\n1\n```\n"}, "Pygments lexer name 'pithon'"),
        ({"do": "# Do it\n\n<img src='https://example.org/a.png'>\n"}, "ask elsewhere"),
    ],
    ids=["anchor", "html", "file", "heading", "language", "elsewhere"],
)
def test_what_is_wrong_with_a_page_stops_the_build(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    """It is said on which page, and no site is left."""
    root = repository(tmp_path, **changed)
    run = built(root)
    assert run.returncode != 0
    assert said in run.stderr
    assert not (root / "site").exists()


def test_a_page_that_no_index_leads_to_stops_the_build(tmp_path: Path) -> None:
    """Nobody would find it."""
    root = repository(tmp_path)
    (root / "docs" / "how-to" / "lost.md").write_text("# Lost\n", "utf-8")
    assert "isn't included in any toctree" in built(root).stderr


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    """The folder to build into is emptied only where a site stood."""
    root = repository(tmp_path)
    (root / "site").mkdir()
    (root / "site" / "thesis.tex").write_text("", "utf-8")
    assert "name another folder" in built(root).stderr
    assert (root / "site" / "thesis.tex").exists()
