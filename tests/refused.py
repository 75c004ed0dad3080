"""The error with which a call is refused, the values it carries, and what is refused often."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar

import attrs
import pytest

from chatim_plans import PlansError

Refusal = TypeVar("Refusal", bound=PlansError)


def error_of(
    kind: type[Refusal], call: Callable[..., object], /, *args: Any, **named: Any
) -> Refusal:
    """The error, of exactly this kind, that the call raises."""
    with pytest.raises(kind) as caught:
        call(*args, **named)
    assert type(caught.value) is kind
    return caught.value


def values_of(
    kind: type[PlansError], call: Callable[..., object], /, *args: Any, **named: Any
) -> tuple[object, ...]:
    """The values that the error of the call carries, in the order of its fields."""
    error: Any = error_of(kind, call, *args, **named)
    return attrs.astuple(error, recurse=False)


def said_of(value: object) -> str:
    """How a message shows a value of the wrong type."""
    return f"{type(value).__name__} {value!r}"


class Small(IntEnum):
    """An int that is more than an int."""

    one = 1
