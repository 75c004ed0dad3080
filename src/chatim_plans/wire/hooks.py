"""How each type of value is read and written: scalars, lists, objects and unions.

Each is read and written by its exact type: True is no 1, and 3.0 no 3. Whatever is wrong leads to
its place: each hook adds the step that it went down.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from math import inf
from operator import eq
from types import MappingProxyType, UnionType
from typing import Any, TypeAlias, TypeVar, Union, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import ClassValidationError
from cattrs.gen import make_dict_structure_fn

from chatim_plans import (
    UNLIMITED,
    Account,
    Currency,
    CurrencyMismatchError,
    Limit,
    Period,
    Subscription,
    UnknownKeyError,
)
from chatim_plans.foundation.errors import InvalidValueError, PlansError
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.json_words import in_few_words
from chatim_plans.foundation.shapes import MOST, WITHIN_BOUNDS
from chatim_plans.wire.faults import InvalidWireError, located, must_be, record, refused, step
from chatim_plans.wire.forms import (
    KEYS,
    STAND_INS,
    TAG,
    UNIONS,
    Editions,
    MoneyForm,
    field_names,
)

T = TypeVar("T")
_Read: TypeAlias = Callable[[Any, Any], Any]
_Write: TypeAlias = Callable[[Any], Any]

UNLIMITED_WORD = "unlimited"
INSTANT_PATTERN = (
    "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+]00:00)"
)


def converter(editions: Editions) -> Converter:
    """A converter between public values and JSON-ready data that knows `editions`."""
    made = Converter(forbid_extra_keys=True, detailed_validation=True)
    _register_scalars(made)
    made.register_structure_hook_factory(_is_word_of_several, _reads_word)
    made.register_unstructure_hook_factory(_is_word_of_several, _writes_word)
    made.register_structure_hook_factory(_is_collection, _reads_row)
    made.register_unstructure_hook_factory(_is_collection, _writes_row)
    made.register_structure_hook_factory(attrs.has, _reads_fields)
    made.register_unstructure_hook_factory(attrs.has, _writes_fields)
    for kind in STAND_INS:
        made.register_structure_hook(kind, _reads_stand_in(made, editions, kind))
        made.register_unstructure_hook(kind, _writes_stand_in(made, editions, kind))
    for union, members in UNIONS.items():
        made.register_structure_hook_func(partial(eq, union), _reads_tagged(members, made))
        made.register_unstructure_hook_func(partial(eq, union), _writes_tagged(members, made))
    return made


# --- Scalars ---
_SCALARS: dict[type[Any], str] = {int: "a whole number", bool: "true or false", str: "a text"}
_INSTANT = "an instant in UTC at whole seconds, such as 2026-01-15T09:00:00Z"
_LIMIT = f'{WITHIN_BOUNDS}, not below 0, or "{UNLIMITED_WORD}"'


def _register_scalars(made: Converter) -> None:
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


def _reads_exactly(kind: type[Any], expected: str) -> _Read:
    return lambda given, _: _exactly(given, kind, expected)


def _writes_exactly(kind: type[Any], expected: str) -> _Write:
    return lambda value: _exactly(value, kind, expected)


def _write_text(value: object) -> str:
    # A plan's key may be a member of somebody's StrEnum, which is equal to its text.
    return str.__str__(must_be(value, str, "a text"))


def _read_instant(given: object, _: object) -> datetime:
    text = _exactly(given, str, _INSTANT)
    if re.fullmatch(INSTANT_PATTERN, text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            pass  # no such day
    raise InvalidWireError("", _INSTANT, in_few_words(given))


def _write_instant(value: object) -> str:
    at = must_be(value, datetime, _INSTANT)
    if at.utcoffset() is None or at.microsecond:
        raise InvalidWireError("", _INSTANT, at.isoformat())
    try:
        return instant(at).replace(tzinfo=None).isoformat() + "Z"
    except InvalidValueError as error:  # of no year in UTC
        raise InvalidWireError("", _INSTANT, at.isoformat()) from error


def _read_member(given: object, kind: type[StrEnum]) -> StrEnum:
    if type(given) is not str or given not in tuple(kind):
        raise InvalidWireError("", f"one of {', '.join(kind)}", in_few_words(given))
    return kind(given)


def _writes_member(kind: type[StrEnum]) -> _Write:
    return lambda member: _exactly(member, kind, f"a {kind.__name__}").value


def _vocabularies(kind: object) -> tuple[type[StrEnum], ...]:
    return tuple(keys for keys in get_args(kind) if keys in KEYS)


def _is_word_of_several(kind: object) -> bool:
    return get_origin(kind) in (Union, UnionType) and len(_vocabularies(kind)) > 1


def _reads_word(kind: object, _: Converter) -> _Read:
    """A word of one of several vocabularies, none of which has a word of another; or None."""
    words = {str(member): member for keys in _vocabularies(kind) for member in keys}

    def read_word(given: object, _: object) -> StrEnum | None:
        if given is None:
            return None
        if type(given) is not str or given not in words:
            raise InvalidWireError("", f"one of {', '.join(words)}, or null", in_few_words(given))
        return words[given]

    return read_word


def _writes_word(kind: object, _: Converter) -> _Write:
    vocabularies = _vocabularies(kind)
    expected = f"{' or '.join(keys.__name__ for keys in vocabularies)}, or None"

    def write_word(member: object) -> str | None:
        if member is None:
            return None
        if type(member) not in vocabularies:
            raise InvalidWireError("", expected, in_few_words(member))
        return str(member)

    return write_word


def _read_limit(given: object, _: object) -> Limit:
    if given == UNLIMITED_WORD and type(given) is str:
        return UNLIMITED
    return _count(given)


def _write_limit(limit: object) -> int | str:
    return UNLIMITED_WORD if limit is UNLIMITED else _count(limit)


def _count(given: object) -> int:
    count = _exactly(given, int, _LIMIT)
    if not 0 <= count <= MOST:
        raise InvalidWireError("", _LIMIT, in_few_words(given))
    return count


# --- Lists ---
def _is_collection(kind: object) -> bool:
    return get_origin(kind) in (tuple, frozenset)


def names_each_once(kind: object) -> bool:
    """Whether a list is a set, or of the words of a vocabulary: it names nothing twice."""
    return get_origin(kind) is frozenset or get_args(kind)[0] in KEYS


def _collection(kind: object) -> type[tuple[Any, ...] | frozenset[Any]]:
    return frozenset if get_origin(kind) is frozenset else tuple


def _reads_row(kind: object, made: Converter) -> _Read:
    """Tuples and sets are lists. A set, and a row of a vocabulary, has each of its members once, so
    it is no longer than the vocabulary whose keys it holds.
    """
    collection, member = _collection(kind), get_args(kind)[0]
    read = made.get_structure_hook(member)
    longest = len(member) if member in KEYS else inf
    each_once = names_each_once(kind)

    def read_row(given: object, _: object) -> object:
        items = _row(given)
        if len(items) <= longest:
            values = collection(read_items(items))
            if not each_once or len(frozenset(values)) == len(items):
                return values
        raise InvalidWireError("", "a list that names nothing twice", in_few_words(given))

    def read_items(items: list[Any]) -> Iterator[Any]:
        for index, item in enumerate(items):
            try:
                yield read(item, member)
            except Exception as error:  # noqa: BLE001 — the first fault, whatever it is
                fault, cause = located(error, f"[{index}]")
                raise fault from cause

    return read_row


def _writes_row(kind: object, made: Converter) -> _Write:
    collection = _collection(kind)
    write = made.get_unstructure_hook(get_args(kind)[0])

    def write_row(values: object) -> list[Any]:
        written: list[Any] = []
        for index, value in enumerate(_exactly(values, collection, f"a {collection.__name__}")):
            try:
                written.append(write(value))
            except InvalidWireError as fault:
                raise _below(f"[{index}]", fault) from None
        return sorted(written) if collection is frozenset else written

    return write_row


# --- Objects ---
def _reads_fields(kind: type[Any], made: Converter) -> _Read:
    """Every key is there and no other, defaults or not: what is meant is written."""
    read: _Read = make_dict_structure_fn(kind, made)
    names = field_names(kind)

    def read_fields(given: object, _: object) -> object:
        fields = record(given)
        for name in names:
            if name not in fields:
                raise InvalidWireError(step(name), "this key", "an object without it")
        for key in fields:
            if key not in names:
                raise InvalidWireError(step(key), f"only the keys {', '.join(names)}", "this one")
        try:
            return read(fields, kind)
        except ClassValidationError as faults:
            of_fields, own = faults.group_exceptions()
            if of_fields or not isinstance(own[0], PlansError):
                raise
            raise _refused(own[0], kind, fields) from own[0]

    return read_fields


def _writes_fields(kind: type[Any], made: Converter) -> _Write:
    fields = attrs.fields_dict(attrs.resolve_types(kind))
    writers = [(name, made.get_unstructure_hook(fields[name].type)) for name in field_names(kind)]

    def write_fields(value: object) -> dict[str, object]:
        _exactly(value, kind, f"the class {kind.__name__} itself")
        written: dict[str, object] = {}
        for name, write in writers:
            try:
                written[name] = write(getattr(value, name))
            except InvalidWireError as fault:
                raise _below(f".{name}", fault) from None
        return written

    return write_fields


def _reads_stand_in(made: Converter, editions: Editions, kind: type) -> _Read:
    of_stand_in, _, meaning = STAND_INS[kind]
    shape: type[Any] = of_stand_in

    def read_stand_in(given: object, _: object) -> object:
        form = made.structure(given, shape)
        try:
            return meaning(editions, form)
        except InvalidWireError:
            raise
        except PlansError as error:
            raise _refused(error, shape, record(given)) from error

    return read_stand_in


def _writes_stand_in(made: Converter, editions: Editions, kind: type) -> _Write:
    form, expected = STAND_INS[kind][1], f"the class {kind.__name__} itself"
    return lambda value: made.unstructure(form(editions, _exactly(value, kind, expected)))


# --- Unions ---
def _reads_tagged(members: Mapping[str, type[Any]], made: Converter) -> _Read:
    def read_tagged(given: object, _: object) -> object:
        fields = dict(record(given))
        tag = fields.pop(TAG, None)
        if type(tag) is not str or tag not in members:
            raise InvalidWireError(f".{TAG}", f"one of {', '.join(members)}", in_few_words(tag))
        return made.structure(fields, members[tag])

    return read_tagged


def _writes_tagged(members: Mapping[str, type[Any]], made: Converter) -> _Write:
    def write_tagged(value: object) -> dict[str, object]:
        name = type(value).__name__
        if members.get(name) is not type(value):
            raise InvalidWireError("", f"one of {', '.join(members)}", in_few_words(value))
        return {TAG: name, **made.unstructure(value)}

    return write_tagged


# --- What must be so ---
def _exactly(given: object, kind: type[T], expected: str) -> T:
    """`given`, which must be of the class `kind` itself: neither True nor an IntEnum is an int."""
    if type(given) is not kind:
        raise InvalidWireError("", expected, in_few_words(given))
    return given


def _row(given: object) -> list[Any]:
    """`given`, which must be a list, likewise."""
    kind: type[list[Any]] = list
    return must_be(given, kind, "a list")


def _below(path: str, fault: InvalidWireError) -> InvalidWireError:
    """The same fault, seen from above: `path` leads to where its own path starts."""
    return InvalidWireError(path + fault.path, fault.expected, fault.given)


def _refused(error: PlansError, shape: type, fields: Mapping[str, Any]) -> InvalidWireError:
    """What the library itself refuses of `fields`, read as a `shape`: a fault of the document."""
    name = _field_at_fault(error, shape, fields)
    return refused(step(name) if name else "", error)


_FIELD_MEANT: Mapping[type, Mapping[str, str]] = MappingProxyType({
    Currency: {"currency code": "code", "currency digits": "digits"},
    MoneyForm: {"currency code": "currency", "currency digits": "digits"},
    Period: {"period end": "end"},
    # Of its facts, the change that waits is the one whose period may have no end.
    Subscription: {"instant": "scheduled_change"},
})
"""By shape: the field that an error of the library means, where its `name` is no field's own."""

_KEY_MEANT: Mapping[type, str] = MappingProxyType({Subscription: "tried_plan"})
"""By shape: the field whose key its edition may not have."""


def _field_at_fault(error: PlansError, shape: type, fields: Mapping[str, Any]) -> str | None:
    """The one of `fields`, read as a `shape`, that the library's `error` is about, or None."""
    match error:
        case UnknownKeyError():
            return _KEY_MEANT.get(shape)
        case CurrencyMismatchError(right=currency) if shape is Account:
            # A line that waits may be what is of this currency, too.
            balance = fields["credit_balance"]
            told = Currency(balance["currency"], balance["digits"])
            return "credit_balance" if told == currency else None
        case _:
            name: str = getattr(error, "name", "")
            meant = _FIELD_MEANT.get(shape, {}).get(name, name)
            return meant if meant in field_names(shape) else None
