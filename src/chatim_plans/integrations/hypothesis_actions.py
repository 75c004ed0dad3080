"""Strategies for what people do or report: single actions, at any instant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from chatim_plans import (
    Action,
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    MoveToEdition,
    PaymentFailed,
    PaymentSucceeded,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
)
from chatim_plans.integrations.hypothesis_catalogs import catalogs, plans
from chatim_plans.integrations.hypothesis_values import instants, seats


def new_seats() -> SearchStrategy[int | None]:
    """The seats that come with a choice of plan: mostly none, else 1 to 6."""
    return st.sampled_from([None, None, *range(1, 7), None, None])


FIELDS: Mapping[type[Action], Mapping[str, Callable[[], SearchStrategy[Any]]]] = MappingProxyType({
    StartFree: {},
    StartTrial: {"seats": seats},
    AddPaymentMethod: {},
    ChoosePlan: {"plan": plans, "seats": new_seats},
    ChangeSeats: {"seats": seats},
    Cancel: {},
    Resume: {},
    RemovePaymentMethod: {},
    PaymentFailed: {"final": st.booleans},
    PaymentSucceeded: {},
    MoveToEdition: {"catalog": catalogs},
})
"""Every kind of action, and what it holds besides its instant."""


def actions(*kinds: type[Action], first: int = 2000, last: int = 2100) -> SearchStrategy[Action]:
    """Actions of `kinds`, or of all eleven, each at any of `instants(first, last)`.

    They do not follow from one another; `histories` do.
    """
    return st.one_of([
        st.builds(kind, at=instants(first, last), **{name: of() for name, of in fields.items()})
        for kind, fields in FIELDS.items()
        if kind in kinds or not kinds
    ])
