"""Documents with a field gone wrong: the ways into one, and what may stand there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from hypothesis import strategies as st

Way: TypeAlias = tuple[Any, ...]


def paths(value: Any, here: Way = ()) -> Iterator[Way]:
    """The way to every field, however deep."""
    rows = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in rows:
        yield (*here, name)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*here, name))


def at_path(value: Any, path: Way) -> Any:
    """What stands there; None where the way leads nowhere."""
    for name in path:
        try:
            value = value[name]
        except (KeyError, IndexError, TypeError):
            return None
    return value


Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]


def spoil(draw: Draw, document: Any, way: Way, values: st.SearchStrategy[Any]) -> None:
    """Drop what stands there, or put one of the values in its place."""
    *above, name = way
    place = at_path(document, tuple(above))
    if draw(st.booleans()):
        del place[name]
    else:
        place[name] = draw(values)


WRONG_TYPES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 10**5_000, 1.5, float("nan"), float("inf"), "", "0", "active",
    "1900", [], {}, [[]], [None], {"id": None}, {"data": [None]}, {"data": [{}]}, "\ud800",
)  # fmt: skip
