"""The cattrs converter that reads and writes the wire form, hook by hook, strictly both ways.

cattrs picks the hook of each field's type, builds the objects and keeps track of where a fault
is. What is let through is decided here: no type is ever coerced into another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import ClassValidationError
from cattrs.gen import make_dict_structure_fn

from chatim_plans import Phase
from chatim_plans.errors import InvalidWireError, PlansError
from chatim_plans.integrations.given import shown
from chatim_plans.integrations.wire_faults import (
    below,
    exactly,
    field_at_fault,
    located,
    record,
    refused,
    row,
    step,
)
from chatim_plans.integrations.wire_forms import STAND_INS, Editions, field_names
from chatim_plans.integrations.wire_scalars import Read, Write, register_scalars

TAG = "kind"
PHASES: dict[str, type[Any]] = {phase.__name__: phase for phase in get_args(Phase)}


def converter(editions: Editions) -> Converter:
    """A converter between public values and JSON-ready data that knows `editions`."""
    made = Converter(forbid_extra_keys=True, detailed_validation=True)
    register_scalars(made)
    made.register_structure_hook_factory(_is_collection, _reads_row)
    made.register_unstructure_hook_factory(_is_collection, _writes_row)
    made.register_structure_hook_factory(attrs.has, _reads_fields)
    made.register_unstructure_hook_factory(attrs.has, _writes_fields)
    for kind in STAND_INS:
        made.register_structure_hook(kind, _reads_stand_in(made, editions, kind))
        made.register_unstructure_hook(kind, _writes_stand_in(made, editions, kind))
    made.register_structure_hook_func(lambda kind: kind == Phase, _reads_phase(made))
    made.register_unstructure_hook_func(lambda kind: kind == Phase, _writes_phase(made))
    return made


# --- Lists ---
def _is_collection(kind: object) -> bool:
    return get_origin(kind) in (tuple, frozenset)


def _collection(kind: object) -> type[tuple[Any, ...] | frozenset[Any]]:
    return frozenset if get_origin(kind) is frozenset else tuple


def _reads_row(kind: object, made: Converter) -> Read:
    """Tuples and sets are lists; a set has each of its members, keys of a vocabulary, once."""
    collection, member = _collection(kind), get_args(kind)[0]
    read = made.get_structure_hook(member)
    is_set = collection is frozenset

    def read_row(given: object, _: object) -> object:
        items = row(given)
        if not is_set or len(items) <= len(member):
            values = collection(read_items(items))
            if len(values) == len(items):
                return values
        raise InvalidWireError("", "a list that names nothing twice", shown(given))

    def read_items(items: list[Any]) -> Iterator[Any]:
        for index, item in enumerate(items):
            try:
                yield read(item, member)
            except Exception as error:  # noqa: BLE001 — the first fault, whatever it is
                fault, cause = located(error, f"[{index}]")
                raise fault from cause

    return read_row


def _writes_row(kind: object, made: Converter) -> Write:
    collection = _collection(kind)
    write = made.get_unstructure_hook(get_args(kind)[0])

    def write_row(values: object) -> list[Any]:
        written: list[Any] = []
        for index, value in enumerate(exactly(values, collection, f"a {collection.__name__}")):
            try:
                written.append(write(value))
            except InvalidWireError as fault:
                raise below(f"[{index}]", fault) from None
        return sorted(written) if collection is frozenset else written

    return write_row


# --- Objects ---
def _reads_fields(kind: type[Any], made: Converter) -> Read:
    """Every key is there and no other, defaults or not: what is meant is written."""
    read: Read = make_dict_structure_fn(kind, made)
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
            raise refused(own[0], field_at_fault(own[0], kind, fields)) from own[0]

    return read_fields


def _writes_fields(kind: type[Any], made: Converter) -> Write:
    fields = attrs.fields_dict(attrs.resolve_types(kind))
    writers = [(name, made.get_unstructure_hook(fields[name].type)) for name in field_names(kind)]

    def write_fields(value: object) -> dict[str, object]:
        exactly(value, kind, f"the class {kind.__name__} itself")
        written: dict[str, object] = {}
        for name, write in writers:
            try:
                written[name] = write(getattr(value, name))
            except InvalidWireError as fault:
                raise below(f".{name}", fault) from None
        return written

    return write_fields


def _reads_stand_in(made: Converter, editions: Editions, kind: type) -> Read:
    of_stand_in, _, meaning = STAND_INS[kind]
    shape: type[Any] = of_stand_in

    def read_stand_in(given: object, _: object) -> object:
        form = made.structure(given, shape)
        try:
            return meaning(editions, form)
        except InvalidWireError:
            raise
        except PlansError as error:
            raise refused(error, field_at_fault(error, shape, record(given))) from error

    return read_stand_in


def _writes_stand_in(made: Converter, editions: Editions, kind: type) -> Write:
    form, expected = STAND_INS[kind][1], f"the class {kind.__name__} itself"
    return lambda value: made.unstructure(form(editions, exactly(value, kind, expected)))


# --- Unions ---
def _reads_phase(made: Converter) -> Read:
    def read_phase(given: object, _: object) -> object:
        fields = dict(record(given))
        tag = fields.pop(TAG, None)
        if type(tag) is not str or tag not in PHASES:
            raise InvalidWireError(f".{TAG}", f"one of {', '.join(PHASES)}", shown(tag))
        return made.structure(fields, PHASES[tag])

    return read_phase


def _writes_phase(made: Converter) -> Write:
    def write_phase(phase: object) -> dict[str, object]:
        name = type(phase).__name__
        if PHASES.get(name) is not type(phase):
            raise InvalidWireError("", f"one of {', '.join(PHASES)}", shown(phase))
        return {TAG: name, **made.unstructure(phase)}

    return write_phase
