"""Hypothesis profiles: `default` for a run at hand, `ci`, `nightly` (deep), `mutate` (fast).

And the strategies of every public value: where the package is installed, its entry point has
registered them already.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

from chatim_plans import _hypothesis_entry_point as hypothesis_entry_point

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
