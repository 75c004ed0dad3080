"""Scalars on the wire: whole numbers, bools, texts, instants, keys of vocabularies and limits.

Each is read and written by its exact type: True is no 1, and 3.0 no 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

from cattrs import Converter

from chatim_plans import UNLIMITED, Limit
from chatim_plans.errors import InvalidValueError, InvalidWireError
from chatim_plans.foundation.instants import instant
from chatim_plans.integrations.given import shown
from chatim_plans.integrations.wire_faults import exactly, instance
from chatim_plans.integrations.wire_forms import KEYS

Read: TypeAlias = Callable[[Any, Any], Any]
Write: TypeAlias = Callable[[Any], Any]

UNLIMITED_WORD = "unlimited"
INSTANT_PATTERN = (
    "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+]00:00)"
)

_SCALARS: dict[type[Any], str] = {int: "a whole number", bool: "true or false", str: "a text"}
_INSTANT = "an instant in UTC at whole seconds, such as 2026-01-15T09:00:00Z"
_LIMIT = f'a whole number of at least 0, or "{UNLIMITED_WORD}"'


def register_scalars(made: Converter) -> None:
    """Let `made` read and write every type of scalar."""
    for scalar, expected in _SCALARS.items():
        made.register_structure_hook(scalar, _reads_exactly(scalar, expected))
        made.register_unstructure_hook(scalar, _writes_exactly(scalar, expected))
    made.register_unstructure_hook(str, _write_text)
    made.register_structure_hook(datetime, _read_instant)
    made.register_unstructure_hook(datetime, _write_instant)
    for keys in KEYS:  # one by one: to cattrs, a StrEnum is first of all a str
        made.register_structure_hook(keys, _read_member)
        made.register_unstructure_hook(keys, _writes_member(keys))
    made.register_structure_hook_func(lambda kind: kind == Limit, _read_limit)
    made.register_unstructure_hook_func(lambda kind: kind == Limit, _write_limit)


def _reads_exactly(kind: type[Any], expected: str) -> Read:
    return lambda given, _: exactly(given, kind, expected)


def _writes_exactly(kind: type[Any], expected: str) -> Write:
    return lambda value: exactly(value, kind, expected)


def _write_text(value: object) -> str:
    # A plan's key may be a member of somebody's StrEnum, which is equal to its text.
    return str.__str__(instance(value, str, "a text"))


def _read_instant(given: object, _: object) -> datetime:
    text = exactly(given, str, _INSTANT)
    if re.fullmatch(INSTANT_PATTERN, text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            pass  # no such day
    raise InvalidWireError("", _INSTANT, shown(given))


def _write_instant(value: object) -> str:
    at = instance(value, datetime, _INSTANT)
    if at.utcoffset() is None or at.microsecond:
        raise InvalidWireError("", _INSTANT, at.isoformat())
    try:
        return instant(at).replace(tzinfo=None).isoformat() + "Z"
    except InvalidValueError as error:  # of no year in UTC
        raise InvalidWireError("", _INSTANT, at.isoformat()) from error


def _read_member(given: object, kind: type[StrEnum]) -> StrEnum:
    if type(given) is not str or given not in tuple(kind):
        raise InvalidWireError("", f"one of {', '.join(kind)}", shown(given))
    return kind(given)


def _writes_member(kind: type[StrEnum]) -> Write:
    return lambda member: exactly(member, kind, f"a {kind.__name__}").value


def _read_limit(given: object, _: object) -> Limit:
    if given == UNLIMITED_WORD and type(given) is str:
        return UNLIMITED
    return _count(given)


def _write_limit(limit: object) -> int | str:
    return UNLIMITED_WORD if limit is UNLIMITED else _count(limit)


def _count(given: object) -> int:
    count = exactly(given, int, _LIMIT)
    if count < 0:
        raise InvalidWireError("", _LIMIT, shown(given))
    return count
