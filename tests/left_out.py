"""What a run of the tests left out, and what runs it: its last lines.

Nothing is skipped in silence. A test that needs what is not there skips with its reason; here the
reasons are counted, and the line to run is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

RECORDINGS = "beside this clone"
SITE = "dependency group `site`"
NIGHTLY = "not nightly"

Report = pytest.TestReport | pytest.CollectReport


def lines(skipped: Sequence[Report], marks: str) -> Iterator[str]:
    """What was skipped, by reason, and how to run it; what the marks left for the night."""
    counts = Counter((_reason(report), _kind(report)) for report in skipped)
    for (reason, kind), count in sorted(counts.items()):
        yield f"{count} {kind}{'s' if count > 1 else ''}: {reason}"
    reasons = {reason for reason, _ in counts}
    if any(RECORDINGS not in reason and SITE not in reason for reason in reasons):
        yield "To run them: the line under `Test everything` in README.md."
    if any(RECORDINGS in reason for reason in reasons):
        yield "Recordings of third parties are read from ../shared; the build has them."
    if any(SITE in reason for reason in reasons):
        yield "What builds the site is installed as CONTRIBUTING.md says, under `Set up`."
    if marks == NIGHTLY:
        yield "Left for the night: python -m pytest -m nightly (a Spark cluster on this machine)."


def _kind(report: Report) -> str:
    """A whole module is skipped when it is collected."""
    return "module" if isinstance(report, pytest.CollectReport) else "test"


def _reason(report: Report) -> str:
    """Why, in the words of the skip: its report holds path, line and reason."""
    assert isinstance(report.longrepr, tuple)
    return report.longrepr[2].removeprefix("Skipped: ")
