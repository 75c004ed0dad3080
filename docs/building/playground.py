"""What lets a reader run the examples of the site, and the sandbox, in the browser.

Python is Pyodide's, from npm's package `pyodide`, and comes from the site itself. The library
comes as it stands in the checkout, its dependencies as they are installed where the site is built.
"""

from __future__ import annotations

import posixpath
import shutil
import zipfile
from importlib import metadata
from pathlib import Path

FOLDER = "_static/playground"

RUN = (
    "tutorial",
    *(
        f"how-to/{page}"
        for page in (
            "billing-page",
            "gate-a-feature",
            "month-end",
            "negotiated-plan",
            "new-edition",
            "preview-a-change",
            "show-what-you-lose",
            "webhooks-to-actions",
            "why-was-this-refused",
        )
    ),
    *(
        f"rules/{page}"
        for page in (
            "a-access",
            "b-charges",
            "c-catalogue",
            "d-payment-trouble",
            "examples",
            "f-refunds",
            "p-changes",
            "r-trial",
            "s-seats",
            "t-time",
        )
    ),
    *(f"pitfalls/{page}" for page in ("access", "calendar", "cents", "history")),
    "explanation/access-and-billing",
    "explanation/lifecycle-in-words",
    "explanation/money-and-rounding",
    "explanation/time-and-periods",
)
"""The pages whose examples run in the browser: those that need no extra."""

SANDBOX = "sandbox"

_PYODIDE = (
    "package.json",  # its licence, and where its source is
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "pyodide-lock.json",
    "python_stdlib.zip",
)
_DEPENDENCIES = ("attrs", "python-dateutil", "six")


def add(site: Path, root: Path, pyodide: Path) -> None:
    """Put Python, the library and the scripts into a built site, and call them from its pages.

    Raises:
        FileNotFoundError: a page is not in the site, or a file not in npm's package.
    """
    folder = site / FOLDER
    (folder / "pyodide").mkdir(parents=True)
    for name in _PYODIDE:
        shutil.copy(pyodide / name, folder / "pyodide")
    for part in ("playground", "sandbox"):
        for path in (root / "docs" / part).glob("*.[cj]s*"):
            shutil.copy(path, folder)
    _pack(folder / "packages.zip", root)
    for page in RUN:
        _call(site, page, "playground")
    _call(site, SANDBOX, "sandbox")


def _pack(archive: Path, root: Path) -> None:
    """The library, what it depends on, and the two modules that the scripts call, in a ZIP."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in _DEPENDENCIES:
            for file in metadata.files(name) or ():
                if ".." not in file.parts and file.suffix != ".pyc":
                    packed.write(str(file.locate()), str(file))
        source = root / "src"
        for path in sorted((source / "chatim_plans").rglob("*.py")):
            packed.write(path, path.relative_to(source))
        for path in (root / "docs/playground/blocks.py", root / "docs/sandbox/sandbox.py"):
            packed.write(path, path.name)


def _call(site: Path, page: str, script: str) -> None:
    """Have a page load a script and its style."""
    path = site / f"{page}.html"
    beside = posixpath.relpath(FOLDER, posixpath.dirname(page) or ".")
    added = (
        '<link rel="icon" href="data:,">'
        f'<link rel="stylesheet" href="{beside}/{script}.css">'
        f'<script type="module" src="{beside}/{script}.js"></script>'
    )
    path.write_text(path.read_text("utf-8").replace("</head>", f"{added}</head>", 1), "utf-8")
