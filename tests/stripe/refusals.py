"""Refusals of what Stripe wrote, told by the path that leads to the fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chatim_plans.stripe import InvalidStripeError


@contextmanager
def refused_at(
    path: str, expected: str | None = None
) -> Iterator[pytest.ExceptionInfo[InvalidStripeError]]:
    """What is read inside is refused, by this path and with what was expected there."""
    with pytest.raises(InvalidStripeError) as caught:
        yield caught
    assert caught.value.path == path
    assert expected in (None, caught.value.expected)
