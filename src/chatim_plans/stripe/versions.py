"""Versions of Stripe's API: the newest that is known here, and the first that takes a parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError

API_VERSION: Final = "2026-10-28.endive"
"""The version that calls are written for, unless another is named: that of stripe-python 16.1.

>>> from chatim_plans.stripe import API_VERSION
>>> API_VERSION
'2026-10-28.endive'
"""

PARAMETERS_SINCE: Final[Mapping[str, str]] = MappingProxyType({
    "billing_mode": "2025-06-30.basil",
    "billing_cycle_anchor.type": "2026-09-30.endive",
    "subscription_update.billing_cycle_anchor": "2025-12-15.clover",
    "subscription_update.schedule_at_period_end": "2024-10-28.acacia",
    "subscription_update.trial_update_behavior": "2025-09-30.clover",
})
"""By parameter, the first version of Stripe's API that takes it; the others are older than all.

`subscription_update` is a feature of the portal. `billing_cycle_anchor` was a word before it was an
object with a `type`. Source: Stripe's changelog; the typed parameters of stripe-python 11 to 16.

>>> from chatim_plans.stripe import PARAMETERS_SINCE
>>> PARAMETERS_SINCE["billing_mode"]
'2025-06-30.basil'
"""

_VERSION = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([.][a-z]+)?")


def takes(api_version: str, parameter: str) -> bool:
    """Whether a version of Stripe's API takes a parameter."""
    day, since = day_of(api_version), PARAMETERS_SINCE.get(parameter)
    return since is None or day >= day_of(since)


def day_of(api_version: str) -> str:
    """The day of a version, by which versions are in order.

    Raises:
        InvalidTypeError, InvalidValueError: no version of Stripe's API.
    """
    found = _VERSION.fullmatch(shapes.text(api_version, "api_version"))
    if found is None:
        expected = f"a version of Stripe's API, such as {API_VERSION}"
        raise InvalidValueError("api_version", api_version, expected)
    return found[1]
