"""What every public value has in common: it reads in a line, is built once, and copies by building.

attrs writes `__repr__`, `__getstate__` and `__setstate__` for each class. Here they are written
once: a value that is copied or unpickled goes through the checks of its constructor again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from gc import get_referents
from typing import Any, Never, TypeVar

from attrs import Attribute, fields

from chatim_plans.foundation.errors import InvalidValueError, shortened
from chatim_plans.foundation.instants import iso

V = TypeVar("V", bound="Value")

_WRITTEN_ONCE = ("__repr__", "__getstate__", "__setstate__")


def _check_new(value: Value) -> None:
    """Refuse to build a value again.

    Raises:
        InvalidValueError: a value that is built.
    """
    # A new object refers to its class alone. To look for a field that is not there yet would cost
    # as much as it costs to build a Money.
    try:
        (_,) = get_referents(value)
    except ValueError:
        raise built_already(value) from None


class Value:
    """The base of every public value.

    Raises:
        InvalidValueError: a value that is built is built again: `__init__` or `__setstate__` was
            called on it. It stays as it was.

    Source: the house style, "invalid values cannot exist".
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Give the class what stands here as its own, which attrs then does not write."""
        super().__init_subclass__()
        for name in _WRITTEN_ONCE:
            setattr(cls, name, getattr(cls, name))

    __attrs_pre_init__ = _check_new

    def __setstate__(self, state: object) -> Never:
        raise built_already(self)

    def __reduce__(self) -> tuple[Any, ...]:
        facts = {field.alias: getattr(self, field.name) for field in _given(self)}
        return _built, (type(self), facts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._shown())})"

    def _shown(self) -> Iterator[str]:
        """What the `repr` shows: every fact by its name; defaults and empty rows are left out."""
        for field in _given(self):
            value = getattr(self, field.name)
            if value not in (field.default, ()):
                yield named(field.name, value)


def without_checks(kind: type[V], *facts: object) -> V:
    """A value of `kind` from its facts in their order: the one door past the checks.

    It is for a function of this library whose facts follow from values that were checked, where
    checking them once more is what the function would cost. A test proves that what it lets
    through would pass.
    """
    value = object.__new__(kind)
    for write, fact in zip(_writes(kind), facts, strict=True):  # type: ignore[arg-type]
        write(value, fact)
    return value


@cache
def _writes(kind: type[Value]) -> tuple[Callable[[Value, object], None], ...]:
    return tuple(vars(kind)[name].__set__ for name in vars(kind)["__match_args__"])


def named(name: str, value: object) -> str:
    """A fact as a `repr` shows it.

    >>> named("seats", 3)
    'seats=3'
    """
    return f"{name}={in_a_line(value)}"


def in_a_line(value: Any) -> str:  # noqa: ANN401 — whatever a fact is
    """A fact in a few words of one line, the same on every run.

    >>> from chatim_plans import PRO, Feature, UNLIMITED
    >>> in_a_line(PRO), in_a_line(UNLIMITED), in_a_line("two words")
    ('pro 19.00 USD', 'unlimited', "'two words'")
    >>> in_a_line(frozenset({Feature.white_label, Feature.visitor_export}))
    '{visitor_export, white_label}'
    """
    match value:
        case Value():
            shown = str(value)
        case datetime():
            shown = iso(value)
        case Enum():
            shown = str(value.value)
        case str() if _WORD.fullmatch(value):
            shown = value
        case frozenset():
            shown = f"{{{_members(_in_order(value))}}}"  # pyright: ignore[reportUnknownArgumentType]
        case tuple():
            shown = f"({_members(value)})"  # pyright: ignore[reportUnknownArgumentType]
        case _:
            shown = shortened(value)
    return shown


_WORD = re.compile(r"[\w.+-]{1,60}")
_SHOWN = 3  # of what can be many; of more than these the first, and of a vocabulary two


def _members(members: Sequence[object]) -> str:
    if len(members) <= _SHOWN:
        return ", ".join(map(in_a_line, members))
    first = members[: 2 if isinstance(members[0], Enum) else 1]
    return f"{', '.join(map(in_a_line, first))}, … {len(members)} in all"


def _in_order(members: Collection[Any]) -> list[Any]:
    """The members of a set: those of a vocabulary in its own order, texts by the alphabet."""
    return sorted(members, key=_place)


def _place(member: object) -> int | str:
    return list(type(member)).index(member) if isinstance(member, Enum) else str(member)


def counted(count: int, what: str) -> str:
    """So many of something, in words.

    >>> counted(1, "seat"), counted(3, "seat"), counted(0, "invoice")
    ('1 seat', '3 seats', '0 invoices')
    """
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _given(value: Value) -> list[Attribute[Any]]:
    """The facts that the constructor takes."""
    return [field for field in fields(type(value)) if field.init]  # type: ignore[arg-type]


def _built(kind: type[Value], facts: Mapping[str, object]) -> Value:
    return kind(**facts)


def built_already(value: Value) -> InvalidValueError:
    """The error of a value that is built, and would be built again."""
    expected = "a new object: a value never changes, attrs.evolve makes another"
    return InvalidValueError(type(value).__name__, value, expected)
