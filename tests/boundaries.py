"""How many boundaries of cycles are computed, which is what going through time costs."""

from __future__ import annotations

from datetime import datetime

import pytest

from chatim_plans import Cycle


def counted_boundaries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of every boundary that is computed from here on, in this test."""
    numbers: list[int] = []
    compute = Cycle.boundary

    def counting(cycle: Cycle, n: int) -> datetime:
        numbers.append(n)
        return compute(cycle, n)

    monkeypatch.setattr(Cycle, "boundary", counting)
    return numbers
