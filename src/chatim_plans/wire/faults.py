"""Where a document is wrong, in words: paths, what was expected, and what stands there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs
from attrs import define
from cattrs.errors import ClassValidationError

from chatim_plans.foundation.errors import PlansError, UnknownKeyError
from chatim_plans.foundation.json_words import LONGEST, in_few_words
from chatim_plans.foundation.money import Currency, CurrencyMismatchError


@define
class InvalidWireError(PlansError, ValueError):
    """A document that cannot be read, or a value that cannot be written as one.

    `path` leads to the fault from the document's top, `$`; `given` says in words what stands
    there, because the thing itself may be of any size and depth.
    """

    path: str
    expected: str
    given: str

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, got {self.given}"


T = TypeVar("T")

_LONGEST_SENTENCE = 400


def exactly(given: object, kind: type[T], expected: str) -> T:
    """`given`, which must be of the class `kind` itself: neither True nor an IntEnum is an int."""
    if type(given) is not kind:
        raise InvalidWireError("", expected, in_few_words(given))
    return given


def instance(given: object, kind: type[T], expected: str) -> T:
    """`given`, which must be a `kind`."""
    if not isinstance(given, kind):
        raise InvalidWireError("", expected, in_few_words(given))
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
    if isinstance(name, str) and len(name) <= LONGEST and name.isidentifier():
        return f".{name}"
    return f"[{in_few_words(name)}]"


def below(path: str, fault: InvalidWireError) -> InvalidWireError:
    """The same fault, seen from above: `path` leads to where its own path starts."""
    return InvalidWireError(path + fault.path, fault.expected, fault.given)


def located(error: Exception, path: str) -> tuple[InvalidWireError, BaseException | None]:
    """The first fault in `error`, with its path from `path` on, and the error that caused it.

    cattrs reports a group for each object, with a note for each field. Steps into a document are
    bounded one by one; here the words are, whoever chose them.
    """
    match error:
        case ClassValidationError():
            fields, own = error.group_exceptions()
            if not fields:
                return located(own[0], path)
            inner, field = fields[0]
            return located(inner, path + step(field.name))
        case InvalidWireError(path=way, expected=expected, given=given):
            return InvalidWireError(path + way, _cut(expected), _cut(given)), error.__cause__
        case _:
            given = _cut(f"something that fails with {type(error).__name__}")
            return InvalidWireError(path, "plain JSON data", given), error


def refused(error: PlansError, way: str) -> InvalidWireError:
    """What the library itself refuses, `way` down from here, as a fault of the document."""
    return InvalidWireError(way, "facts that can be true", _refusal(error))


def field_at_fault(error: PlansError, shape: type, fields: Mapping[str, Any]) -> str:
    """The step to the one of `fields`, read as a `shape`, that the library's `error` is about.

    An error about an argument names it: as the field, or in words of which one is the field.
    """
    names = attrs.fields_dict(shape)
    match error:
        case UnknownKeyError(key=key):
            at_fault = [name for name in names if fields[name] == key]
        case CurrencyMismatchError(right=currency):
            at_fault = [name for name in names if name == _BALANCE and _is_in(currency, fields)]
        case _:
            said = str(getattr(error, "name", ""))
            at_fault = [name for name in (_MEANT.get(said), *said.split()[::-1]) if name in names]
    return step(at_fault[0]) if at_fault else ""


_BALANCE = "credit_balance"
_MEANT = {"boundary number": "scheduled_change"}
"""Of a subscription's facts, the change that waits is the one whose boundary may not exist."""


def _is_in(currency: Currency, fields: Mapping[str, Any]) -> bool:
    """Whether the balance is what is of this currency; a line that waits may be it, too."""
    balance = fields[_BALANCE]
    return (balance["currency"], balance["digits"]) == (currency.code, currency.digits)


def _refusal(error: PlansError) -> str:
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 — what it holds may be too long to print
        said = type(error).__name__
    if isinstance(error, CurrencyMismatchError) and error.left.code == error.right.code:
        left, right = in_few_words(error.left.digits), in_few_words(error.right.digits)
        said = f"{error.right.code} with {right} digits beside {error.left.code} with {left}"
    return f"what is refused: {said}"


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST_SENTENCE else f"{words[:_LONGEST_SENTENCE]}…"
