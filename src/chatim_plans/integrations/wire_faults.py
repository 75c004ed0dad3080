"""Where a document is wrong, in words: paths, what was expected, and what stands there."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import attrs
from cattrs.errors import ClassValidationError, IterableValidationError

from chatim_plans.errors import InvalidWireError, PlansError

T = TypeVar("T")

_LONGEST = 60
_LONGEST_SENTENCE = 400


def shown(given: object) -> str:
    """`given` in a few words of JSON, whatever its size and depth.

    >>> shown(True), shown([[[]]]), shown("x" * 100)[:9]
    ('true', 'a list', '"xxxxxxxx')
    """
    match given:
        case str():
            return json.dumps(given[:_LONGEST]) + ("…" if len(given) > _LONGEST else "")
        case dict():
            return "an object"
        case list():
            return "a list"
        case int() if given.bit_length() > _LONGEST:
            return f"a whole number of {given.bit_length()} bits"
        case None | int() | float():
            return json.dumps(given)
        case _:
            return f"a value of type {type(given).__name__}"


def exactly(given: object, kind: type[T], expected: str) -> T:
    """`given`, which must be of the class `kind` itself: neither True nor an IntEnum is an int."""
    if type(given) is not kind:
        raise InvalidWireError("", expected, shown(given))
    return given


def instance(given: object, kind: type[T], expected: str) -> T:
    """`given`, which must be a `kind`."""
    if not isinstance(given, kind):
        raise InvalidWireError("", expected, shown(given))
    return given


def record(given: object) -> dict[str, Any]:
    """`given`, which must be an object; drivers of databases hand out dicts of their own."""
    kind: type[dict[str, Any]] = dict
    return instance(given, kind, "an object")


def row(given: object) -> list[Any]:
    """`given`, which must be a list, likewise."""
    kind: type[list[Any]] = list
    return instance(given, kind, "a list")


def step(name: object) -> str:
    """The path from an object to what stands under `name`."""
    if isinstance(name, str) and name.isidentifier():
        return f".{name}"
    return f"[{shown(name)}]"


def below(path: str, fault: InvalidWireError) -> InvalidWireError:
    """The same fault, seen from above: `path` leads to where its own path starts."""
    return InvalidWireError(path + fault.path, fault.expected, fault.given)


def located(error: Exception, path: str) -> tuple[InvalidWireError, Exception | None]:
    """The first fault in `error`, with its path from `path` on, and the error that caused it.

    cattrs reports a tree: a group for each object and list, a note for each field and place.
    """
    match error:
        case ClassValidationError():
            fields, own = error.group_exceptions()
            if not fields:
                return located(own[0], path + _field_at_fault(own[0], error.cl))
            inner, field = fields[0]
            return located(inner, path + step(field.name))
        case IterableValidationError():
            items, _ = error.group_exceptions()  # every fault in a list has its place
            inner, place = items[0]
            return located(inner, f"{path}[{place.index}]")
        case InvalidWireError():
            return below(path, error), None
        case PlansError():
            return InvalidWireError(path, "facts that can be true", _refusal(error)), error
        case _:
            given = f"something that fails with {type(error).__name__}"
            return InvalidWireError(path, "plain JSON data", given), error


def _field_at_fault(error: Exception, kind: type) -> str:
    """The step to the field that `kind` refuses, where its error names one."""
    name = getattr(error, "name", None)
    return step(name) if name in attrs.fields_dict(kind) else ""


def _refusal(error: PlansError) -> str:
    try:
        said = str(error)
    except ValueError:  # it holds an int too long to print
        said = type(error).__name__
    return f"what is refused: {said[:_LONGEST_SENTENCE]}"
