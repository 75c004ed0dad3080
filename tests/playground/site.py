"""The built site with Python in it, on loopback: the one that `$SITE` names, or one built here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parents[2]
PYODIDE = "pyodide@314.0.7"


def built(folder: Path) -> Path:
    """The site; what it needs may be missing, and then the test is skipped with that reason."""
    if named := os.environ.get("SITE"):
        return Path(named)
    for needed in ("sphinx", "furo", "myst_parser"):
        pytest.importorskip(needed, reason="needs the site: its group, or a built one in $SITE")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm, or a built site in $SITE")
    command = [npm, "install", "--silent", "--prefix", str(folder), PYODIDE]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(f"npm cannot fetch {PYODIDE}")
    site = folder / "site"
    package = folder / "node_modules" / "pyodide"
    command = [sys.executable, str(ROOT / "docs/build.py"), str(site), "--pyodide", str(package)]
    subprocess.run(command, check=True)
    return site


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Where the site is, as long as this lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    """What browsers insist on: a script is JavaScript, and WebAssembly is itself."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_: object) -> None:
        """Nothing: a request that fails fails its test."""
