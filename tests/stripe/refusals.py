"""Refusals of what Stripe wrote, told by the path that leads to the fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chatim_plans.stripe import InvalidStripeError


@contextmanager
def refused_at(path: str) -> Iterator[pytest.ExceptionInfo[InvalidStripeError]]:
    """What is read inside is refused, by this path."""
    with pytest.raises(InvalidStripeError) as caught:
        yield caught
    assert caught.value.path == path
