"""Public values as JSON-ready documents, and back. Needs the extra `serialization` (cattrs).

A document says its format, version and kind. It reads as a value equal to the one it was written
from, or it is refused: nothing is guessed, filled in or converted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType, UnionType
from typing import Any, Final, TypeAlias, TypeVar, cast, get_args, get_origin, overload

import attrs
from attrs import Factory, field, frozen
from cattrs import Converter

from chatim_plans import (
    CHATIM,
    UNLIMITED,
    Account,
    AccountEvent,
    AdjustCredit,
    BillingMode,
    Cancel,
    Catalog,
    Decision,
    Entitlements,
    EventKind,
    Held,
    Invoice,
    InvoiceCause,
    IssuedInvoice,
    Limit,
    Line,
    MoveTrialEnd,
    Notice,
    OnFree,
    OnPaid,
    PaymentFailed,
    PaymentRequiredBecause,
    PaymentRequiredNotice,
    PaymentSucceeded,
    PriceChangeNotice,
    Refunded,
    Refusal,
    Statement,
    Subscription,
    Terms,
)
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError, InvalidValueError
from chatim_plans.foundation.json_words import in_few_words
from chatim_plans.wire.faults import InvalidWireError, located, record, step
from chatim_plans.wire.forms import KINDS, TAG, UNIONS, Editions, shape_of
from chatim_plans.wire.hooks import converter

T = TypeVar("T")
_Json: TypeAlias = dict[str, Any]

FORMAT: Final = "chatim_plans"
"""What a document says under `format`: whose it is. Source: `docs/reference/wire-form.md`.

>>> from chatim_plans import PRO
>>> from chatim_plans.wire import FORMAT, WireFormat
>>> WireFormat().document(PRO)["format"] == FORMAT
True
"""
VERSION: Final = 3
"""The version that documents are written in; older ones are read too.

>>> from chatim_plans import PRO
>>> from chatim_plans.wire import VERSION, WireFormat
>>> WireFormat().document(PRO)["version"] == VERSION
True

Source: `docs/reference/wire-form.md`.
"""


def _price_of_seats(line: _Json) -> _Json | None:
    """What a line of version 1 is a part of: the price of its seats, if its facts tell one."""
    match line:
        case {"plan": {"price": {"amount": int(amount)} as price}, "seats": int(seats)}:
            return {**price, "amount": amount * seats}
        case _:
            return None


@frozen(order=False)
class _Step:
    """What the version after `version` added: kinds, and keys in the kinds that there were.

    Each key stands beside what a document without it means, or how that follows from the rest.
    """

    version: int
    kinds: frozenset[type]
    keys: Mapping[type, Mapping[str, Any]]

    def upgraded(self, top: _Json) -> _Json:
        """A document of `version` as one of the next."""
        kind = KINDS.get(name) if type(name := top.get("kind")) is str else None
        if kind in self.kinds:
            raise InvalidWireError(".kind", f"a kind of version {self.version}", in_few_words(name))
        return {
            key: self._with_new_keys(part, kind, ".value") if key == "value" else part
            for key, part in top.items()
        }

    def _with_new_keys(self, given: object, kind: Any, path: str) -> object:  # noqa: ANN401 — of a field
        """`given`, which this version wrote as a `kind`, with all that the next added in it.

        What is no form of a `kind` is left as it is, for the reader to refuse in its place.
        """
        if get_origin(kind) is tuple and isinstance(given, list):
            (member, _), rows = get_args(kind), enumerate(cast("list[object]", given))
            return [self._with_new_keys(row, member, f"{path}[{index}]") for index, row in rows]
        if not isinstance(given, dict):
            return given
        fields = record(cast("object", given))
        meant = _class_of(fields, kind)
        if meant is None:
            return fields
        added = self.keys.get(meant, {})
        for key in added:
            if key in fields:
                expected = f"only the keys of version {self.version}"
                raise InvalidWireError(f"{path}.{key}", expected, "this one")
        shape = attrs.resolve_types(shape_of(meant))
        types: Mapping[str, Any] = {field.name: field.type for field in attrs.fields(shape)}
        return {
            **{
                key: self._with_new_keys(fields[key], types.get(key), path + step(key))
                for key in fields
            },
            **{
                key: meaning(fields) if callable(meaning) else meaning
                for key, meaning in added.items()
            },
        }


def _class_of(fields: _Json, kind: Any) -> type[Any] | None:  # noqa: ANN401 — of a field
    """The class whose form these are where a `kind` is expected; of several, they name theirs."""
    kinds: tuple[type[Any], ...] = get_args(kind) or (kind,)
    classes = [each for each in kinds if attrs.has(shape_of(each))]
    if len(classes) == 1:
        return classes[0]
    return next((each for each in classes if each.__name__ == fields.get(TAG)), None)


_TO_VERSION_2 = _Step(
    version=1,
    kinds=frozenset({
        AccountEvent,
        AdjustCredit,
        BillingMode,
        EventKind,
        Held,
        InvoiceCause,
        IssuedInvoice,
        MoveTrialEnd,
        PaymentRequiredBecause,
        PriceChangeNotice,
        Refunded,
    }),
    keys={
        Terms: {"billing_mode": "classic", "grace_days": None},
        Cancel: {"at_once": False},
        PaymentFailed: {"invoice": None},
        PaymentSucceeded: {"invoice": None},
        OnFree: {"owes": False},
        OnPaid: {"billing_mode": "classic", "standing_since": None, "grace_end": None},
        Line: {"base": _price_of_seats},
        Invoice: {"number": None, "cause": None},
        Account: {"standing_debit": None, "issued": []},
        Statement: {"events": []},
        Entitlements: {"valid_from": None, "seats": None, "retired": []},
        Decision: {"asked": None, "used": None},
        PaymentRequiredNotice: {"because": None},
    },
)

_TO_VERSION_3 = _Step(version=2, kinds=frozenset({Refusal}), keys={Terms: {"support": None}})

UPGRADES: tuple[Callable[[_Json], _Json], ...] = (_TO_VERSION_2.upgraded, _TO_VERSION_3.upgraded)
"""At place n - 1, the step that makes a document of version n one of version n + 1."""

_NAMES: Mapping[Any, tuple[str, ...]] = MappingProxyType({
    **{kind: (name,) for name, kind in KINDS.items()},
    **{union: tuple(members) for union, members in UNIONS.items()},
    Notice: tuple(kind.__name__ for kind in get_args(Notice)),
})

_UNIONS = frozenset({UnionType, type(Limit)})

_NAME_OF: Mapping[type, str] = MappingProxyType({
    **{kind: name for name, kind in KINDS.items() if kind != Limit},
    int: "Limit",
    type(UNLIMITED): "Limit",
})


@frozen(order=False)
class _Envelope:
    """What stands around every value on the wire."""

    format: str
    version: int
    kind: str
    value: Any


def _known(catalogs: Iterable[Catalog]) -> tuple[Catalog, ...]:
    known: dict[str, Catalog] = {}
    for catalog in shapes.row(catalogs, "catalogs"):
        edition = shapes.instance(catalog, Catalog, "catalog").edition
        if known.setdefault(edition, catalog) != catalog:
            expected = f"one catalogue of edition {edition!r}, not two that differ"
            raise InvalidValueError("catalogs", catalog, expected)
    if not known:
        raise InvalidValueError("catalogs", (), "at least one catalogue")
    return tuple(known.values())


def _converters(wire: WireFormat) -> Mapping[str, Converter]:
    """By edition: the converter that names plans by it where it can."""
    known = wire.catalogs
    return {own.edition: converter(Editions(known, own)) for own in known}


@frozen(order=False)
class WireFormat:
    """The wire form among those who know the same `catalogs`: every edition ever sold.

    Build it once, at the start of the program; it is immutable and safe to share.

    >>> from chatim_plans import USD, Money
    >>> from chatim_plans.wire import WireFormat
    >>> document = WireFormat().document(Money(57_00, USD))
    >>> document["value"]
    {'amount': 5700, 'currency': 'USD', 'digits': 2}
    >>> WireFormat().value(document, Money)
    Money(57.00 USD)

    Raises:
        InvalidTypeError, InvalidValueError: no catalogues, or two that differ under one name.

    Source: rules C5, T1, B1; `docs/reference/wire-form.md`.
    """

    catalogs: tuple[Catalog, ...] = field(
        default=(CHATIM,),
        converter=_known,
        repr=lambda known: f"<{', '.join(catalog.edition for catalog in known)}>",
    )
    _converters: Mapping[str, Converter] = field(
        init=False, eq=False, repr=False, default=Factory(_converters, takes_self=True)
    )

    def __reduce__(self) -> tuple[type[WireFormat], tuple[tuple[Catalog, ...]]]:
        return WireFormat, (self.catalogs,)

    def document(self, value: object) -> dict[str, Any]:
        """`value` as a dict of nothing but dicts, lists, strings, whole numbers, bools and None.

        Raises:
            InvalidWireError: no public value, or one that names a plan or an edition which none
                of `catalogs` is or holds.

        Source: rules C5, T1; `docs/reference/wire-form.md`.
        """
        try:
            name = _name_of(value)
            written = self._converter_for(value).unstructure(value, unstructure_as=KINDS[name])
        except Exception as error:  # noqa: BLE001 — whatever comes in, one error comes out
            fault, cause = located(error, "$.value")
        else:
            return {"format": FORMAT, "version": VERSION, "kind": name, "value": written}
        raise fault from cause

    @overload
    def value(self, document: object, kind: type[T]) -> T: ...
    @overload
    def value(self, document: object, kind: UnionType) -> Any: ...  # noqa: ANN401 — a member of it
    def value(self, document: object, kind: Any) -> Any:
        """The value of `document`, which must be of `kind`: a public class, or a public union of
        classes (`Action`, `Phase`, `Notice`, `Limit`), of which it may be any.

        >>> from datetime import UTC, datetime
        >>> from chatim_plans import Action, Cancel
        >>> wire = WireFormat()
        >>> document = wire.document(Cancel(at=datetime(2026, 1, 15, 9, tzinfo=UTC)))
        >>> type(wire.value(document, Action)).__name__
        'Cancel'

        Raises:
            InvalidWireError: no document, of an unknown version, of another kind, or with a
                fault, to which the error's `path` leads. Facts that the library itself refuses
                have its error as their `__cause__`.
            InvalidTypeError: `kind` is no public type of values.

        Source: rules C5, T1, B1; `docs/reference/wire-form.md`.
        """
        names = _names(kind)
        path = "$"
        try:
            read = next(iter(self._converters.values()))
            envelope = read.structure(_at_this_version(document), _Envelope)
            _check(envelope, names)
            path = "$.value"
            return read.structure(envelope.value, KINDS[envelope.kind])
        except Exception as error:  # noqa: BLE001 — whatever comes in, one error comes out
            fault, cause = located(error, path)
        raise fault from cause

    def _converter_for(self, value: object) -> Converter:
        """The converter of the edition from which `value` was sold; any, where none was."""
        anyone = next(iter(self._converters.values()))
        match value:
            case Statement(account=Account(subscription=Subscription(catalog=own))):
                return self._converters.get(own.edition, anyone)
            case Account(subscription=Subscription(catalog=own)):
                return self._converters.get(own.edition, anyone)
            case Subscription(catalog=own) | Entitlements(catalog=own):
                return self._converters.get(own.edition, anyone)
            case _:
                return anyone


def _name_of(value: object) -> str:
    """The name of the kind that `value` is."""
    name = _NAME_OF.get(type(value))
    if name is None:
        raise InvalidWireError("", "a public value of chatim_plans", in_few_words(value))
    return name


def _names(kind: object) -> tuple[str, ...]:
    """The names of the kinds that a reader who asks for `kind` can get."""
    with suppress(Exception):  # its equality is the caller's
        for known, names in _NAMES.items():
            if kind is known or (type(kind) in _UNIONS and kind == known):
                return names
    raise InvalidTypeError("kind", kind, "a public class or union of chatim_plans")


def _at_this_version(document: object) -> _Json:
    """`document`, which may be of an earlier version, as one of this."""
    top = record(document)
    given, version = top.get("format"), top.get("version")
    if type(given) is not str or given != FORMAT:
        raise InvalidWireError(".format", f'"{FORMAT}"', in_few_words(given))
    if type(version) is not int or version < 1:
        raise InvalidWireError(".version", "a whole number of at least 1", in_few_words(version))
    if version > VERSION:
        expected = f"at most {VERSION}, the latest known here (upgrade chatim-plans to read it)"
        raise InvalidWireError(".version", expected, in_few_words(version))
    for upgrade in UPGRADES[version - 1 :]:
        top = upgrade(top)
    return top


def _check(envelope: _Envelope, names: tuple[str, ...]) -> None:
    if envelope.kind not in names:
        raise InvalidWireError(".kind", " or ".join(names), in_few_words(envelope.kind))
