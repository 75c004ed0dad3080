"""Hypothesis profiles: `default` for a run at hand, `ci`, `nightly` (deep), `mutate` (fast).

And the strategies of every public value: where the package is installed, its entry point has
registered them already. And the last lines of a run: what was left out.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, Phase, settings

from chatim_plans import _hypothesis_entry_point as hypothesis_entry_point
from tests import left_out

hypothesis_entry_point.setup()
settings.register_profile("default", max_examples=60, deadline=None)
settings.register_profile(
    "ci",
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly",
    max_examples=5_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# For mutants: the same every time, and no shrinking, because only "it failed" is asked.
settings.register_profile(
    "mutate",
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default")
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None]:
    """Say at the very end what was left out and how to run it."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    told = list(left_out.lines(skipped, config.getoption("markexpr")))
    if told:
        terminalreporter.section("left out")
        terminalreporter.write("".join(f"{line}\n" for line in told))
