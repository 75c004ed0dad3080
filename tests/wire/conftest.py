"""The wire form that tests of documents share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.wire.values import editions

if TYPE_CHECKING:
    from chatim_plans.wire import WireFormat


@pytest.fixture(scope="session")
def wire() -> WireFormat:
    """The wire form among those who know every edition of the histories."""
    from chatim_plans.wire import WireFormat

    return WireFormat(editions())
