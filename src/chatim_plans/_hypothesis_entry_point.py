"""What Hypothesis calls when it is imported (its entry point): `st.from_type` learns our types.

Nothing here imports Hypothesis or the strategies at the top: whichever of them is imported first,
the others are half imported when `setup` runs. So a type is registered with a function that finds
its strategy when somebody asks for one.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeVar, cast

import chatim_plans

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


Value = TypeVar("Value")


def public_values() -> list[type[object]]:
    """Every public class of values; enums and errors need no strategy of their own."""
    public = [getattr(chatim_plans, name) for name in chatim_plans.__all__]
    classes = [value for value in public if isinstance(value, type)]
    return [kind for kind in classes if not issubclass(kind, Enum | Exception)]


def setup() -> None:
    """Let `st.from_type` and `st.builds` draw every public value of `chatim_plans`.

    Hypothesis calls it by itself where the package is installed; calling it again changes nothing.
    """
    from hypothesis import strategies as st  # noqa: PLC0415 — see the module

    for kind in public_values():
        st.register_type_strategy(kind, _strategy_of)


def _strategy_of(kind: type[Value]) -> SearchStrategy[Value]:
    # Hypothesis also asks on behalf of what a value happens to be: `Container`, for a period.
    if kind not in public_values():
        return cast("SearchStrategy[Value]", NotImplemented)
    from chatim_plans.strategies import STRATEGIES  # noqa: PLC0415 — as above

    return STRATEGIES[kind]()
