"""The example's own command serves its pages on loopback, and Chromium opens them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "billing_page"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
"""Debian's, or the one that `$CHROMIUM` names; None where there is none."""


@contextmanager
def served() -> Iterator[str]:
    """Where the pages are, on a port that was free, as long as this lasts."""
    command = [sys.executable, str(EXAMPLE), "0"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr is not None
        try:
            found = None
            while found is None and (row := server.stderr.readline()):
                found = re.search(r"http://127\.0\.0\.1:\d+", row)
            assert found is not None, "the server ended before it said where it is"
            yield found[0]
        finally:
            server.terminate()
            server.stderr.read()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()
