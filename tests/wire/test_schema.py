"""The JSON Schema of the wire form: generated, kept in the docs, as strict as shapes can be."""

from __future__ import annotations

import importlib
import json
import runpy
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chatim_plans import (
    PRO,
    AddPaymentMethod,
    ChoosePlan,
    LimitChange,
    PaymentFailed,
    Quota,
    StartFree,
    Subscription,
    replay,
)
from tests.wire.values import RUBBISH, Way, altered, golden, of_kind, parts

pytest.importorskip("cattrs", reason="documents need the extra `serialization`")
pytest.importorskip("jsonschema", reason="the tests validate with jsonschema")

from jsonschema import Draft202012Validator

from chatim_plans.wire import VERSION, InvalidWireError, WireFormat, json_schema
from chatim_plans.wire.forms import KINDS

KEPT = Path(__file__).parents[2] / "docs" / "reference" / "wire.schema.json"

each_kind = pytest.mark.parametrize("kind", KINDS)


@cache
def validator() -> Draft202012Validator:
    """What judges by the schema that is kept."""
    return Draft202012Validator(json.loads(KEPT.read_text("utf-8")))


def faults(document: object) -> set[str]:
    """The places of the faults that the schema finds."""
    return {fault.json_path for fault in validator().iter_errors(document)}


def a_document() -> dict[str, Any]:
    """Pro with three seats, paid, as a document."""
    at = datetime(2026, 1, 15, 9, tzinfo=UTC)
    acts = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, seats=3, at=at)]
    return WireFormat().document(replay(acts).account.subscription)


def test_the_schema_that_is_kept_is_the_one_generated() -> None:
    """`python -m chatim_plans.wire > docs/reference/wire.schema.json`."""
    assert json.loads(KEPT.read_text("utf-8")) == json_schema()


def test_the_schema_is_a_schema() -> None:
    """Of draft 2020-12."""
    Draft202012Validator.check_schema(json_schema())


def test_the_command_prints_the_schema(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To standard output, ready to be kept."""
    monkeypatch.delitem(sys.modules, "chatim_plans.wire.__main__", raising=False)
    runpy.run_module("chatim_plans.wire", run_name="__main__")
    assert capsys.readouterr().out == KEPT.read_text("utf-8")


def test_importing_the_command_prints_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool that imports every module is not answered with a schema."""
    monkeypatch.delitem(sys.modules, "chatim_plans.wire.__main__", raising=False)
    importlib.import_module("chatim_plans.wire.__main__")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("name", "document"), golden(VERSION).items())
def test_the_golden_documents_are_valid(name: str, document: object) -> None:
    """The schema is the schema of what was written."""
    assert faults(document) == set(), name


@each_kind
@given(data=st.data())
def test_a_document_is_valid_and_so_is_whatever_else_is_read(
    wire: WireFormat, kind: str, data: st.DataObject
) -> None:
    """The schema refuses nothing that the reader takes: a fault it finds is one."""
    document = wire.document(data.draw(of_kind(kind)))
    assert faults(document) == set()
    way = data.draw(st.sampled_from([way for way, _ in parts(document)][1:]))
    spoilt = altered(document, way, put=data.draw(RUBBISH))
    assume(spoilt["version"] not in range(1, VERSION))  # the schema is that of one version
    if faults(spoilt):
        with pytest.raises(InvalidWireError):
            wire.value(spoilt, KINDS[kind])


FAULTS: list[tuple[Way, Any, str]] = [
    (("value", "seats"), True, "$.value.seats"),
    (("value", "seats"), "3", "$.value.seats"),
    (("value", "seats"), 3.5, "$.value.seats"),
    (("value", "seats"), None, "$.value.seats"),
    (("value", "seats"), ..., "$.value"),
    (("value", "colour"), 1, "$.value"),
    (("value", "plan", "colour"), 1, "$.value.plan"),
    (("value", "plan", "price", "amount"), True, "$.value.plan.price.amount"),
    (("value", "as_of"), "2026-01-15T09:00:00", "$.value.as_of"),
    (("value", "as_of"), "2026-01-15T09:00:00.5Z", "$.value.as_of"),
    (("value", "as_of"), "2026-01-15T09:00:00+01:00", "$.value.as_of"),
    (("value", "as_of"), "2026-01-15 09:00:00Z", "$.value.as_of"),
    (("value", "as_of"), "2026-13-15T09:00:00Z", "$.value.as_of"),
    (("value", "as_of"), 1_768_467_600, "$.value.as_of"),
    (("value", "payment_method"), 1, "$.value.payment_method"),
    (("value", "phase", "kind"), "OnFire", "$.value.phase"),
    (("value", "phase", "standing"), "GOOD", "$.value.phase"),
    (("value", "phase", "trial_end"), "2026-01-15T09:00:00Z", "$.value.phase"),
    (("kind",), "Nothing", "$.kind"),
    (("kind",), "Account", "$.value"),
    (("version",), VERSION + 1, "$.version"),
    (("version",), True, "$.version"),
    (("format",), "chatim", "$.format"),
    (("colour",), 1, "$"),
]


@pytest.mark.parametrize(("way", "put", "where"), FAULTS)
def test_the_schema_refuses_what_the_reader_refuses(way: Way, put: Any, where: str) -> None:
    """And finds it at the same place, or in the object around it."""
    spoilt = altered(a_document(), way, put=put)
    assert where in faults(spoilt)
    with pytest.raises(InvalidWireError) as caught:
        WireFormat().value(spoilt, Subscription)
    assert caught.value.path.startswith(where) or where == "$.value"


def test_a_limit_is_a_count_or_the_word() -> None:
    """Not below zero, and no other word."""
    document = WireFormat().document(LimitChange(Quota.chats, 0, 1))
    limits = (0, "unlimited", -1, "5", True, None)
    valid = [not faults(altered(document, ("value", "after"), put=limit)) for limit in limits]
    assert valid == [True, True, False, False, False, False]


def test_a_schema_sees_shapes_only() -> None:
    """What the reader alone refuses: another price, a day that is not, 3.0 for 3."""
    beyond: list[tuple[Way, Any]] = [
        (("value", "plan", "price", "amount"), 1901),
        (("value", "as_of"), "2026-02-30T09:00:00Z"),
        (("value", "seats"), 3.0),
    ]
    for way, put in beyond:
        spoilt = altered(a_document(), way, put=put)
        assert faults(spoilt) == set()
        with pytest.raises(InvalidWireError):
            WireFormat().value(spoilt, Subscription)


def test_a_failed_payment_says_whether_it_was_the_last() -> None:
    """A defaulted field is written, and required."""
    failed = WireFormat().document(PaymentFailed(at=datetime(2026, 1, 15, 9, tzinfo=UTC)))
    assert failed["value"] == {"at": "2026-01-15T09:00:00Z", "final": False, "invoice": None}
    assert faults(altered(failed, ("value", "final"), put=...)) == {"$.value"}


@pytest.mark.parametrize(
    ("way", "put"),
    [
        (("invoice",), "1"),
        (("invoice",), {}),
        (("action", "kind"), "OnFree"),
        (("action", "kind"), ...),
        (("action", "trial_end"), "2026-01-15T09:00:00Z"),
        (("kind",), "bought"),
        (("before",), []),
        (("after",), None),
        (("colour",), 1),
    ],
)
def test_an_event_of_a_statement_has_its_shape(way: Way, put: Any) -> None:
    """Its invoice is a number, and its action says which it is."""
    document = golden(VERSION)["Statement-with-events"]
    place: Way = ("value", "events", 2)
    assert faults(document) == set()
    found = faults(altered(document, (*place, *way), put=put))
    assert any(fault.startswith("$.value.events[2]") for fault in found)
