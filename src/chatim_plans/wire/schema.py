"""The JSON Schema (draft 2020-12) of the wire form, generated from the types themselves.

`python -m chatim_plans.wire` prints it; it is kept in `docs/reference/wire.schema.json`. A schema
sees shapes only: that a price is the edition's, that facts agree and that a day exists is for the
reader to check.
"""

from __future__ import annotations

from datetime import datetime
from inspect import isclass
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin

import attrs

from chatim_plans import Action, Limit, Phase
from chatim_plans.wire.documents import FORMAT, VERSION
from chatim_plans.wire.forms import KEYS, KINDS, TAG, UNIONS, field_names, shape_of
from chatim_plans.wire.hooks import INSTANT_PATTERN, UNLIMITED_WORD, names_each_once

_Schema: TypeAlias = dict[str, Any]

_SCALARS: dict[Any, _Schema] = {
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    str: {"type": "string"},
    NoneType: {"type": "null"},
}

_UNIONS: dict[str, Any] = {"Phase": Phase, "Action": Action}


def json_schema() -> _Schema:
    """The schema that every document of this version validates against.

    >>> from chatim_plans.wire import json_schema
    >>> json_schema()["$defs"]["Money"]["required"]
    ['amount', 'currency', 'digits']

    Source: `docs/reference/wire-form.md`.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A document of {FORMAT}, version {VERSION}",
        **_object({
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            "kind": {"enum": list(KINDS)},
            "value": {},
        }),
        "allOf": [_value_by_kind(kind) for kind in KINDS],
        "$defs": {
            "Instant": {
                "type": "string",
                "format": "date-time",
                "pattern": f"^{INSTANT_PATTERN}$",
            },
            **{name: {"oneOf": _tagged(union)} for name, union in _UNIONS.items()},
            "Limit": {"anyOf": [{"type": "integer", "minimum": 0}, {"const": UNLIMITED_WORD}]},
            **{keys.__name__: {"enum": list(keys)} for keys in KEYS},
            **{
                name: _object(_properties(kind))
                for name, kind in KINDS.items()
                if kind not in KEYS and kind != Limit
            },
        },
    }


def _value_by_kind(kind: str) -> _Schema:
    """One condition a kind, rather than a choice of whole documents, so that a fault has a path."""
    return {
        "if": {"properties": {"kind": {"const": kind}}},
        "then": {"properties": {"value": _reference(kind)}},
    }


def _tagged(union: object) -> list[_Schema]:
    members = UNIONS[union].items()
    return [_object({TAG: {"const": name}, **_properties(kind)}) for name, kind in members]


def _properties(kind: type[Any]) -> _Schema:
    shape = attrs.resolve_types(shape_of(kind))
    types = {field.name: field.type for field in attrs.fields(shape)}
    return {name: _of_type(types[name]) for name in field_names(shape)}


def _of_type(kind: object) -> _Schema:
    """The schema of a field of this type."""
    if kind in _SCALARS:
        return _SCALARS[kind]
    if kind is datetime:
        return _reference("Instant")
    for name, whole in {**_UNIONS, **KINDS}.items():
        if kind == whole:
            return _reference(name)
    if isclass(kind):
        return _object(_properties(kind))
    if get_origin(kind) in (Union, UnionType):
        return {"anyOf": [_of_type(member) for member in get_args(kind)]}
    rows = {"type": "array", "items": _of_type(get_args(kind)[0])}
    return {**rows, "uniqueItems": True} if names_each_once(kind) else rows


def _reference(name: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: _Schema) -> _Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
