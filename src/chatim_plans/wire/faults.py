"""Where a document is wrong, in words: paths, what was expected, and what stands there."""

from __future__ import annotations

from typing import Any, TypeVar

from attrs import define
from cattrs.errors import ClassValidationError

from chatim_plans.foundation.errors import PlansError
from chatim_plans.foundation.json_words import LONGEST, in_few_words


@define
class InvalidWireError(PlansError, ValueError):
    """A document that cannot be read, or a value that cannot be written as one.

    `path` leads to the fault from the document's top, `$`; `expected` says what would do, and
    `given` in words what stands there, because the thing itself may be of any size and depth.

    >>> from chatim_plans import USD, Money
    >>> from chatim_plans.wire import InvalidWireError, WireFormat
    >>> document = WireFormat().document(Money(57_00, USD))
    >>> document["value"]["amount"] = "57.00"
    >>> try:
    ...     WireFormat().value(document, Money)
    ... except InvalidWireError as fault:
    ...     print(fault.path, fault.expected, fault.given, sep="; ")
    $.value.amount; a whole number; "57.00"

    Source: `docs/reference/wire-form.md`.
    """

    path: str
    expected: str
    given: str

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, got {self.given}"


T = TypeVar("T")

_LONGEST_SENTENCE = 400


def must_be(given: object, kind: type[T], expected: str) -> T:
    """`given`, which must be a `kind`."""
    if not isinstance(given, kind):
        raise InvalidWireError("", expected, in_few_words(given))
    return given


def record(given: object) -> dict[str, Any]:
    """`given`, which must be an object; drivers of databases hand out dicts of their own."""
    kind: type[dict[str, Any]] = dict
    return must_be(given, kind, "an object")


def step(name: object) -> str:
    """The path from an object to what stands under `name`."""
    if isinstance(name, str) and len(name) <= LONGEST and name.isidentifier():
        return f".{name}"
    return f"[{in_few_words(name)}]"


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


def refused(path: str, error: PlansError) -> InvalidWireError:
    """What the library itself refuses: a fault of the document, at `path`."""
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 — what it holds may be too long to print
        said = type(error).__name__
    return InvalidWireError(path, "facts that can be true", f"what is refused: {said}")


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST_SENTENCE else f"{words[:_LONGEST_SENTENCE]}…"
