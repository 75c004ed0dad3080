"""Documents: every value there and back, and nothing but what was written gets in."""

from __future__ import annotations

import copy
import importlib
import inspect
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import chatim_plans
from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    Action,
    Cancel,
    Catalog,
    ChangeScheduledNotice,
    ChangeSeats,
    ChoosePlan,
    Currency,
    Decision,
    Difference,
    Entitlements,
    FeatureMatrix,
    InvalidTypeError,
    InvalidValueError,
    Invoice,
    InvoiceCause,
    Limit,
    LimitChange,
    Money,
    MoveToEdition,
    Notice,
    OnFree,
    OnPaid,
    Phase,
    Plan,
    PlansError,
    Quota,
    Reason,
    SeatsOverLimitNotice,
    Statement,
    Subscription,
    TrialEligibility,
)
from tests.wire.values import (
    RUBBISH,
    Way,
    altered,
    anatomy,
    golden,
    golden_editions,
    kind_of,
    of_kind,
    parts,
)

pytest.importorskip("cattrs", reason="documents need the extra `serialization`")

from chatim_plans.foundation.shapes import MOST
from chatim_plans.foundation.values import without_checks
from chatim_plans.wire import FORMAT, VERSION, InvalidWireError, WireFormat
from chatim_plans.wire import documents as serialization
from chatim_plans.wire.forms import KINDS, LimitsForm, field_names

AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
END = datetime(2026, 2, 15, 9, tzinfo=UTC)
EUR = Currency("EUR", 2)
SOURCE = str(Path(chatim_plans.__file__).parents[1])

PLAIN = {dict, list, str, int, bool, type(None)}

each_kind = pytest.mark.parametrize("kind", KINDS)


@cache
def golden_wire() -> WireFormat:
    """The wire form among those who wrote the golden documents."""
    return WireFormat(golden_editions())


@cache
def published() -> WireFormat:
    """The wire form among those who know the published catalogue."""
    return WireFormat()


def a_statement() -> Statement:
    """Pro with three seats, paid; a cancellation waits."""
    start: list[Action] = [
        chatim_plans.StartFree(at=AT),
        chatim_plans.AddPaymentMethod(at=AT),
        ChoosePlan(PRO, seats=3, at=AT),
        ChangeSeats(4, at=AT + timedelta(days=3)),
        Cancel(at=AT + timedelta(days=4)),
    ]
    return chatim_plans.replay(start)


def a_document() -> dict[str, Any]:
    """That statement as a document."""
    return WireFormat().document(a_statement())


FACTS = ("value", "account", "subscription")
LINE = ("value", "invoices", 0, "lines", 0)
EVENT = ("value", "events", 2)
ISSUED = ("value", "account", "issued", 0)


def refusal(document: object, kind: Any = Statement) -> InvalidWireError:
    """The refusal of a document."""
    with pytest.raises(InvalidWireError) as caught:
        published().value(document, kind)
    return caught.value


# --- There and back ---
def test_every_public_type_of_values_has_a_kind() -> None:
    """A new public type cannot be forgotten: classes of values, vocabularies and `Limit`."""
    values = {
        name
        for name in chatim_plans.__all__
        if inspect.isclass(kind := getattr(chatim_plans, name))
        and (attrs.has(kind) or issubclass(kind, Enum))
        and not issubclass(kind, Exception)
    }
    unions = {name for name in chatim_plans.__all__ if getattr(chatim_plans, name) in UNIONS}
    assert unions == {"Action", "Limit", "Notice", "Phase"}
    assert set(KINDS) == values - {"Action"} | {"Limit"}


@each_kind
@given(data=st.data())
def test_a_value_comes_back_as_it_was(wire: WireFormat, kind: str, data: st.DataObject) -> None:
    """Through real JSON text, equal and of the same classes throughout; no float, no enum."""
    value = data.draw(of_kind(kind))
    document = wire.document(value)
    assert {type(part) for _, part in parts(document)} <= PLAIN
    text = json.dumps(document, allow_nan=False)
    back = wire.value(json.loads(text), KINDS[kind])
    assert anatomy(back) == anatomy(value)
    assert json.dumps(wire.document(back)) == text


UNIONS: tuple[Any, ...] = (Action, Phase, Notice, Limit)
MEMBERS: dict[str, Any] = {
    **{name: Action for name, kind in KINDS.items() if kind != Limit and issubclass(kind, Action)},
    **dict.fromkeys(("OnFree", "OnTrial", "OnPaid"), Phase),
    **{name: Notice for name in KINDS if name.endswith("Notice")},
    "Limit": Limit,
}


@given(data=st.data())
def test_a_union_reads_whichever_of_its_kinds(wire: WireFormat, data: st.DataObject) -> None:
    """Who asks for an action gets the action that the document names."""
    name = data.draw(st.sampled_from(sorted(MEMBERS)))
    value = data.draw(of_kind(name))
    assert anatomy(wire.value(wire.document(value), MEMBERS[name])) == anatomy(value)


@pytest.mark.parametrize("union", UNIONS)
def test_a_union_reads_no_other_kind(union: Any) -> None:
    """Who asks for an action is not given money."""
    assert refusal(published().document(Money(1, USD)), union).path == "$.kind"


@given(statement=of_kind("Statement"))
def test_an_accounts_plans_are_named_by_its_own_edition(
    wire: WireFormat, statement: Statement
) -> None:
    """Editions have plans in common; what was sold from one is not written as another's."""
    own = statement.account.subscription.catalog
    for value in (statement, statement.account, statement.account.subscription):
        for _, part in parts(wire.document(value)):
            if isinstance(part, dict) and {"edition", "key"} <= set(part):
                offered = (
                    own.edition
                    if any(
                        (plan.key, plan.price.amount) == (part["key"], part["price"]["amount"])
                        for plan in own.plans
                    )
                    else part["edition"]
                )
                assert part["edition"] == offered


def test_a_lone_plan_is_named_by_the_first_edition_that_has_it() -> None:
    """In the order in which the editions were given."""
    later = attrs.evolve(CHATIM, edition="2027")
    editions = [(CHATIM, later), (later, CHATIM)]
    assert [WireFormat(known).document(PRO)["value"]["edition"] for known in editions] == [
        "2026",
        "2027",
    ]


def test_a_key_of_somebodys_own_enum_is_written_as_its_text() -> None:
    """A plan's key may be a member of a StrEnum; JSON has only strings."""

    class Keys(StrEnum):
        pro = "pro"

    plan = attrs.evolve(PRO, key=Keys.pro)
    wire = WireFormat((Catalog("own", (FREE, plan), CHATIM.terms),))
    document = wire.document(plan)
    assert (type(document["value"]["key"]), wire.value(document, Plan)) == (str, plan)


@pytest.mark.parametrize("zone", [timezone(timedelta(hours=1)), UTC])
def test_an_instant_of_any_zone_is_written_in_utc(zone: timezone) -> None:
    """A notice that somebody built in Paris time names the same instant."""
    notice = ChangeScheduledNotice(FREE, AT.astimezone(zone))
    document = WireFormat().document(notice)
    assert document["value"]["at"] == "2026-01-15T09:00:00Z"
    assert WireFormat().value(document, ChangeScheduledNotice) == notice


@pytest.mark.parametrize("year", [1, 999, 9999])
def test_an_instant_has_four_digits_for_its_year(year: int) -> None:
    """Also long ago."""
    cancel = Cancel(at=AT.replace(year=year))
    document = WireFormat().document(cancel)
    assert document["value"] == {"at": f"{year:04}-01-15T09:00:00Z", "at_once": False}
    assert WireFormat().value(document, Cancel) == cancel


def test_utc_may_be_spelled_as_an_offset_of_zero() -> None:
    """`+00:00` is what `isoformat` writes; no other offset is read."""
    document = altered(a_document(), (*FACTS, "as_of"), put="2026-01-19T09:00:00+00:00")
    assert WireFormat().value(document, Statement) == a_statement()


# --- Nothing else gets in ---
NO_NUMBERS: tuple[Any, ...] = (True, False, "3", 3.0, float("nan"), None, [], {}, b"3", UNLIMITED)
NO_INSTANTS: tuple[Any, ...] = (
    "2026-01-15T09:00:00",
    "2026-01-15 09:00:00Z",
    "2026-01-15T09:00:00z",
    "2026-01-15t09:00:00Z",
    "2026-01-15T09:00:00.5Z",
    "2026-01-15T09:00:00,0Z",
    "2026-01-15T09:00Z",
    "20260115T090000Z",
    "2026-W03-4T09:00:00Z",
    "2026-01-15T09:00:00+01:00",
    "2026-01-15T09:00:00-00:00",
    "2026-01-15T09:00:00+00",
    "2026-01-15T24:00:00Z",
    "2026-01-15T09:00:60Z",
    "2026-02-30T09:00:00Z",
    "2025-02-29T09:00:00Z",
    "0000-01-15T09:00:00Z",
    "2026-01-15T09:00:00Z\n",
    " 2026-01-15T09:00:00Z",
    "２０２６-01-15T09:00:00Z",
    "2026-01-15",
    "",
    1_768_467_600,
    True,
    None,
    AT,
    date(2026, 1, 15),
)
NO_BOOLS: tuple[Any, ...] = (0, 1, "true", None, [], 1.0)
NO_KEYS: tuple[Any, ...] = ("teleport", "GOOD", "good ", "", 1, True, None, [], {})

FAULTS: list[tuple[Way, Any, str]] = [
    *(((*FACTS, "seats"), bad, "$.value.account.subscription.seats") for bad in NO_NUMBERS),
    *(
        ((*LINE, "amount", "amount"), bad, "$.value.invoices[0].lines[0].amount.amount")
        for bad in NO_NUMBERS
    ),
    *(((*FACTS, "as_of"), bad, "$.value.account.subscription.as_of") for bad in NO_INSTANTS),
    *(
        ((*LINE, "period", "end"), bad, "$.value.invoices[0].lines[0].period.end")
        for bad in NO_INSTANTS
    ),
    *(
        ((*FACTS, "payment_method"), bad, "$.value.account.subscription.payment_method")
        for bad in NO_BOOLS
    ),
    *(
        ((*FACTS, "phase", "standing"), bad, "$.value.account.subscription.phase.standing")
        for bad in NO_KEYS
    ),
    *(
        ((*FACTS, "phase", "kind"), bad, "$.value.account.subscription.phase.kind")
        for bad in (*NO_KEYS, "StartTrial", ...)
    ),
    (("value", "invoices"), {}, "$.value.invoices"),
    (("value", "invoices"), "ab", "$.value.invoices"),
    (("value", "invoices"), None, "$.value.invoices"),
    (("value", "invoices"), [[]], "$.value.invoices[0]"),
    (("value", "events"), {}, "$.value.events"),
    (("value", "events", 2), [], "$.value.events[2]"),
    *(((*EVENT, "kind"), bad, "$.value.events[2].kind") for bad in NO_KEYS),
    *(((*EVENT, "at"), bad, "$.value.events[2].at") for bad in NO_INSTANTS),
    *(
        ((*EVENT, "invoice"), bad, "$.value.events[2].invoice")
        for bad in (*NO_NUMBERS, 0, 2, -1, ...)
        if bad is not None
    ),
    *(
        ((*EVENT, "action", "kind"), bad, "$.value.events[2].action.kind")
        for bad in (*NO_KEYS, "Action", "OnPaid", ...)
    ),
    ((*EVENT, "action"), [], "$.value.events[2].action"),
    ((*EVENT, "action"), ..., "$.value.events[2].action"),
    ((*EVENT, "action", "colour"), 1, "$.value.events[2].action.colour"),
    ((*EVENT, "action", "seats"), "3", "$.value.events[2].action.seats"),
    ((*EVENT, "before", "status"), "paying", "$.value.events[2].before.status"),
    ((*EVENT, "after"), None, "$.value.events[2].after"),
    (("value", "account", "issued"), None, "$.value.account.issued"),
    (("value", "account", "standing_debit"), 1, "$.value.account.standing_debit"),
    ((*LINE, "base"), None, "$.value.invoices[0].lines[0].base"),
    (("value", "invoices", 0, "cause"), "bought", "$.value.invoices[0].cause"),
    (("value", "invoices", 0, "number"), "1", "$.value.invoices[0].number"),
    (("value", "account"), [], "$.value.account"),
    (("value",), [], "$.value"),
    (("value",), ..., "$.value"),
    (("value", "colour"), 1, "$.value.colour"),
    (("value", "account", "of whom?"), 1, '$.value.account["of whom?"]'),
    (("value", 7), 1, "$.value[7]"),
    (("colour",), 1, "$.colour"),
    ((*FACTS, "seats"), ..., "$.value.account.subscription.seats"),
    ((*FACTS, "was_invoiced"), ..., "$.value.account.subscription.was_invoiced"),
    ((*FACTS, "next_catalog"), ..., "$.value.account.subscription.next_catalog"),
    ((*FACTS, "phase", "standing"), ..., "$.value.account.subscription.phase.standing"),
    ((*FACTS, "tried_plan"), 7, "$.value.account.subscription.tried_plan"),
    ((*FACTS, "catalog", "edition"), "2031", "$.value.account.subscription.catalog.edition"),
    ((*FACTS, "plan", "edition"), "2031", "$.value.account.subscription.plan.edition"),
    ((*FACTS, "plan", "key"), "gold", "$.value.account.subscription.plan.key"),
    ((*FACTS, "plan", "price", "amount"), 1901, "$.value.account.subscription.plan.price"),
    ((*FACTS, "plan", "price", "currency"), "EUR", "$.value.account.subscription.plan.price"),
    ((*FACTS, "plan", "price", "digits"), 0, "$.value.account.subscription.plan.price"),
    ((*FACTS, "plan", "interval_months"), 12, "$.value.account.subscription.plan.interval_months"),
    (
        (*FACTS, "plan", "interval_months"),
        None,
        "$.value.account.subscription.plan.interval_months",
    ),
    (("format",), "chatim", "$.format"),
    (("format",), ["chatim_plans"], "$.format"),
    (("format",), ..., "$.format"),
    (("version",), 0, "$.version"),
    (("version",), VERSION + 1, "$.version"),
    (("version",), 1.0, "$.version"),
    (("version",), True, "$.version"),
    (("version",), "1", "$.version"),
    (("version",), ..., "$.version"),
    (("kind",), "Account", "$.kind"),
    (("kind",), "Nothing", "$.kind"),
    (("kind",), [], "$.kind"),
    (("kind",), ..., "$.kind"),
]  # fmt: skip — a table


@pytest.mark.parametrize(("path", "put", "where"), FAULTS)
def test_a_fault_is_refused_where_it_stands(path: Way, put: Any, where: str) -> None:
    """Nothing is coerced, filled in or passed over, and the error leads to the place."""
    assert refusal(altered(a_document(), path, put=put)).path == where


@pytest.mark.parametrize("document", [None, True, 3, "{}", b"{}", [], (), object(), {1: 2}, {}])
def test_what_is_no_document_is_refused(document: object) -> None:
    """Whatever it is."""
    assert refusal(document).path in {"$", "$.format"}


def test_a_row_of_features_names_nothing_twice_and_nothing_unknown() -> None:
    """They are written in the page's order; any order is read."""
    report = chatim_plans.DowngradeReport(AT, PRO.features, (), 0, Money(0, USD))
    document = WireFormat().document(report)
    names = document["value"]["features_lost"]
    assert names == [feature for feature in chatim_plans.Feature if feature in PRO.features]
    backwards = altered(document, ("value", "features_lost"), put=names[::-1])
    assert WireFormat().value(backwards, type(report)) == report
    twice = altered(document, ("value", "features_lost"), put=[*names, names[0]])
    assert refusal(twice, type(report)).path == "$.value.features_lost"
    unknown = altered(document, ("value", "features_lost", 1), put="teleport")
    assert refusal(unknown, type(report)).path == "$.value.features_lost[1]"


def test_a_set_of_texts_names_nothing_twice() -> None:
    """What is retired is a set of keys, of no vocabulary, in any order."""
    edition = attrs.evolve(CHATIM, edition="2027", retired={"ultimate"})
    may = chatim_plans.entitlements(
        chatim_plans.open_account(chatim_plans.StartTrial(at=AT), edition).account.subscription, AT
    )
    wire = WireFormat((edition,))
    document = wire.document(attrs.evolve(may, retired=frozenset({"ultimate", "gold"})))
    assert document["value"]["retired"] == ["gold", "ultimate"]
    faults = {
        ("gold", "gold", "ultimate"): "$.value.retired",
        ("ultimate", 7): "$.value.retired[1]",
        (): "$.value.retired",  # less than the edition itself has retired
        ("ultimate", " "): "$.value.retired",
    }
    for retired, path in faults.items():
        wrong = altered(document, ("value", "retired"), put=list(retired))
        with pytest.raises(InvalidWireError) as caught:
            wire.value(wrong, Entitlements)
        assert caught.value.path == path, retired
    backwards = altered(document, ("value", "retired"), put=["ultimate", "gold"])
    assert wire.value(backwards, Entitlements).retired == {"gold", "ultimate"}


def test_a_statement_writes_each_invoice_once() -> None:
    """Its events name theirs by number, and get the very same invoice back."""
    document = a_document()
    assert [event["invoice"] for event in document["value"]["events"]] == [
        *(None, None, 1, None, None),
    ]
    read = published().value(document, Statement)
    assert read.events[2].invoice is read.invoices[0]
    assert (
        published().document(read.events[2])["value"]["invoice"]
        == (document["value"]["invoices"][0])
    )


@pytest.mark.parametrize("limit", [-1, MOST + 1, "UNLIMITED", "5", True, 5.0, None, []])
def test_a_limit_is_a_count_or_the_word(limit: Any) -> None:
    """And nothing else."""
    document = WireFormat().document(SeatsOverLimitNotice(3, 1, 2))
    wrong = altered(document, ("value", "limit"), put=limit)
    assert refusal(wrong, SeatsOverLimitNotice).path == "$.value.limit"


FALSE_FACTS: list[tuple[Way, Any, str, type[PlansError]]] = [
    ((*FACTS, "seats"), 0, "$.value.account.subscription.seats", InvalidValueError),
    (
        (*FACTS, "phase", "period", "start"),
        "2026-03-15T09:00:00Z",
        "$.value.account.subscription.phase.period.end",
        InvalidValueError,
    ),
    (
        (*FACTS, "was_invoiced"),
        False,
        "$.value.account.subscription.was_invoiced",
        InvalidValueError,
    ),
    (
        (*FACTS, "tried_plan"),
        "gold",
        "$.value.account.subscription.tried_plan",
        chatim_plans.UnknownKeyError,
    ),
    ((*LINE, "amount", "amount"), 5699, "$.value.invoices[0].lines[0].amount", InvalidValueError),
    (
        ("value", "account", "credit_balance", "currency"),
        "EUR",
        "$.value.account.credit_balance",
        chatim_plans.CurrencyMismatchError,
    ),
    (
        (*LINE, "amount", "currency"),
        "EUR",
        "$.value.invoices[0].lines[0]",
        chatim_plans.CurrencyMismatchError,
    ),
    (
        ("value", "account", "credit_balance", "currency"),
        "dollars",
        "$.value.account.credit_balance.currency",
        InvalidValueError,
    ),
    ((*LINE, "base", "amount"), -1, "$.value.invoices[0].lines[0].base", InvalidValueError),
    (("value", "invoices", 0, "number"), 0, "$.value.invoices[0].number", InvalidValueError),
    (
        (*ISSUED, "refunded", "amount"),
        5701,
        "$.value.account.issued[0].refunded",
        InvalidValueError,
    ),
    (
        (*ISSUED, "refunded", "currency"),
        "EUR",
        "$.value.account.issued[0]",
        chatim_plans.CurrencyMismatchError,
    ),
    (
        (*FACTS, "phase", "billing_mode"),
        "classic",
        "$.value.account.standing_debit",
        InvalidValueError,
    ),
    (
        (*FACTS, "phase", "standing_since"),
        "2026-01-15T09:00:00Z",
        "$.value.account.subscription.phase.standing_since",
        InvalidValueError,
    ),
    (
        (*FACTS, "phase", "grace_end"),
        "2026-01-25T09:00:00Z",
        "$.value.account.subscription.phase.grace_end",
        InvalidValueError,
    ),
    (
        ("value", "events", 3, "action", "seats"),
        0,
        "$.value.events[3].action.seats",
        InvalidValueError,
    ),
    *(
        (("value", *path), put, f"$.value.{where}", InvalidValueError)
        for path, put, where in (
            (("events", 2, "kind"), "grow", "events[2].kind"),
            (("events", 3, "kind"), "shrink", "events[3].kind"),
            (("events", 3, "action"), None, "events[3].kind"),
            (("events", 3, "before"), None, "events[3].kind"),
            (("events", 3, "after", "seats"), 99, "events[3].after"),
            (("events", 4, "at"), "2026-01-19T09:00:01Z", "events[4].action"),
            (("events", 2, "invoice"), None, "events[2].invoice"),
            (("events", 4, "invoice"), 1, "events[4].invoice"),
            (("invoices", 0, "cause"), "upgraded", "invoices[0].lines"),
            (("invoices", 0, "cause"), "period_renewed", "events[2].invoice"),
            (("invoices", 0, "cause"), None, "invoices[0].cause"),
            (("account", "issued"), [], "invoices"),
        )
    ),
    (
        (*FACTS, "scheduled_change", "at"),
        "9999-12-31T23:59:59Z",
        "$.value.account.subscription.scheduled_change",
        InvalidValueError,
    ),
]


@pytest.mark.parametrize(("path", "put", "where", "cause"), FALSE_FACTS)
def test_facts_that_cannot_be_are_refused_by_the_library_itself(
    path: Way, put: Any, where: str, cause: type[PlansError]
) -> None:
    """Its own error is the cause, and its sentence is in the message."""
    error = refusal(altered(a_document(), path, put=put))
    assert (error.path, type(error.__cause__)) == (where, cause)
    assert str(error.__cause__) in str(error)


@pytest.mark.parametrize(("nth", "where"), [(0, "events"), (2, "invoices"), (3, "events")])
def test_an_event_that_stands_twice_is_refused(nth: int, where: str) -> None:
    """B14: each begins with what the one before it led to, and issued its own invoice."""
    events = a_document()["value"]["events"]
    twice = altered(a_document(), ("value", "events"), put=[*events[: nth + 1], *events[nth:]])
    assert refusal(twice).path == f"$.value.{where}"


@pytest.mark.parametrize(("nth", "where"), [(2, "invoices"), (3, "events")])
def test_an_event_that_is_left_out_is_missed(nth: int, where: str) -> None:
    """B14: where it changed what was held, or issued an invoice."""
    events = a_document()["value"]["events"]
    rest = altered(a_document(), ("value", "events"), put=[*events[:nth], *events[nth + 1 :]])
    assert refusal(rest).path == f"$.value.{where}"


def test_events_stand_in_the_order_of_their_instants() -> None:
    """B14: the oldest first."""
    events = a_document()["value"]["events"]
    assert refusal(altered(a_document(), ("value", "events"), put=events[::-1])).path == (
        "$.value.events"
    )


SMALL_FALSEHOODS: list[tuple[object, str, Any, str]] = [
    (Money(1, USD), "digits", -1, "$.value.digits"),
    (Money(1, USD), "amount", MOST + 1, "$.value.amount"),
    (Money(1, USD), "amount", -MOST - 1, "$.value.amount"),
    (Money(1, USD), "currency", "usd", "$.value.currency"),
    (USD, "code", "usd", "$.value.code"),
    (USD, "digits", -1, "$.value.digits"),
    (PRO.limits, "seats", 0, "$.value.seats"),
]


@pytest.mark.parametrize(("value", "key", "put", "where"), SMALL_FALSEHOODS)
def test_the_path_leads_into_money_and_limits(
    value: object, key: str, put: Any, where: str
) -> None:
    """Their shape on the wire is not their class: the path is the wire's."""
    document = altered(published().document(value), ("value", key), put=put)
    error = refusal(document, type(value))
    assert (error.path, type(error.__cause__)) == (where, InvalidValueError)


def test_one_currency_in_two_digits_is_told_as_such() -> None:
    """`USD and USD do not mix` would help nobody."""
    error = refusal(altered(a_document(), ("value", "account", "credit_balance", "digits"), put=0))
    assert error.path == "$.value.account.credit_balance"
    assert "USD with 2 digits and USD with 0 digits do not mix" in error.given
    assert type(error.__cause__) is chatim_plans.CurrencyMismatchError


def test_a_waiting_line_of_another_currency_is_not_blamed_on_the_balance() -> None:
    """The path stops where the library's own error no longer tells."""
    plans = [attrs.evolve(plan, price=Money(plan.price.amount, EUR)) for plan in CHATIM.plans]
    terms = attrs.evolve(CHATIM.terms, smallest_charge=Money(50, EUR))
    wire = WireFormat((CHATIM, Catalog("euro", plans, terms)))
    period = chatim_plans.Period(AT, END)
    line = chatim_plans.Line(
        chatim_plans.LineKind.subscription, plans[1], 1, period, period, Money(1900, EUR)
    )
    document = wire.document(a_statement().account)
    document["value"]["pending_lines"] = [wire.document(line)["value"]]
    with pytest.raises(InvalidWireError) as caught:
        wire.value(document, chatim_plans.Account)
    assert caught.value.path == "$.value"
    assert "USD and EUR do not mix" in str(caught.value)


def entitled(status: str, plan: Plan, until: str | None, tried: Plan | None) -> dict[str, Any]:
    """A document of entitlements that says this."""
    start = chatim_plans.open_account(chatim_plans.StartTrial(at=AT)).account.subscription
    document = published().document(chatim_plans.entitlements(start, AT))
    document["value"] |= {
        "held_plan": published().document(plan)["value"],
        "trial_plan": tried and published().document(tried)["value"],
        "status": status,
        "valid_until": until,
    }
    return document


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        (("free", ULTIMATE, None, None), "$.value.status"),
        (("active", FREE, "2026-02-15T09:00:00Z", None), "$.value.status"),
        (("active", PRO, None, None), "$.value.valid_until"),
        (("active", PRO, "2026-01-15T09:00:00Z", None), "$.value.valid_from"),
        (("free", FREE, "2026-02-15T09:00:00Z", None), "$.value.valid_until"),
        (("active", ULTIMATE, "2026-02-15T09:00:00Z", PRO), "$.value.trial_plan"),
        (("trial_ended", FREE, None, None), "$.value.trial_plan"),
    ],
)
def test_entitlements_that_contradict_themselves_are_refused(
    facts: tuple[str, Plan, str | None, Plan | None], where: str
) -> None:
    """A cache that somebody wrote into grants nothing."""
    error = refusal(entitled(*facts), Entitlements)
    assert (error.path, type(error.__cause__)) == (where, InvalidValueError)


def test_entitlements_that_agree_are_read() -> None:
    """So it is the contradiction that is refused."""
    documents = [
        entitled("active", ULTIMATE, "2026-02-15T09:00:00Z", None),
        entitled("trial_ended", FREE, None, PRO),
    ]
    read = [published().value(document, Entitlements) for document in documents]
    assert [may.held_plan for may in read] == [ULTIMATE, FREE]


# --- Answers that contradict themselves ---
def decided(feature: str = "api_access") -> dict[str, Any]:
    """A document of what Pro answers."""
    facts = a_statement().account.subscription
    return published().document(chatim_plans.entitlements(facts, facts.as_of).decide(feature))


def counted(used: int) -> dict[str, Any]:
    """A document of what Free answers to so many seats."""
    may = chatim_plans.entitlements(_free(), AT)
    return published().document(may.decide_usage("seats", used))


def of(plan: Plan) -> Any:
    """A plan as it stands in documents."""
    return published().document(plan)["value"]


FALSE_DECISIONS: dict[str, tuple[Callable[[], dict[str, Any]], dict[str, Any], str]] = {
    "a yes for the reason of a no": (decided, {"allowed": True}, "reason"),
    "a no for the reason of a yes": (decided, {"reason": "granted_by_plan"}, "reason"),
    "a yes that the plan denies": (
        decided,
        {"allowed": True, "reason": "granted_by_plan", "cheapest_plan": None},
        "allowed",
    ),
    "a no to what the plan grants": (decided, {"plan": of(ULTIMATE)}, "allowed"),
    "a no to what everybody has": (decided, {"asked": "javascript_sdk"}, "allowed"),
    "a remedy that is none": (decided, {"cheapest_plan": of(PRO)}, "cheapest_plan"),
    "a plan where the remedy is to pay": (
        decided,
        {"reason": "restricted", "plan": of(FREE)},
        "cheapest_plan",
    ),
    "a paid plan for ever": (decided, {"valid_until": None}, "valid_until"),
    "restricted on a paid plan": (
        decided,
        {"reason": "restricted", "cheapest_plan": None},
        "plan",
    ),
    "restricted for ever": (
        decided,
        {"reason": "restricted", "plan": of(FREE), "cheapest_plan": None, "valid_until": None},
        "valid_until",
    ),
    "a trial ended on a paid plan": (decided, {"reason": "trial_ended"}, "plan"),
    "a trial that ended, until": (
        decided,
        {"reason": "trial_ended", "plan": of(FREE)},
        "valid_until",
    ),
    "a trial of Free": (
        lambda: decided("javascript_sdk"),
        {"reason": "granted_by_trial", "plan": of(FREE)},
        "plan",
    ),
    "the reason of a quota": (decided, {"reason": "over_limit"}, "reason"),
    "the reason of a feature": (lambda: counted(2), {"reason": "not_in_plan"}, "reason"),
    "a count of a feature": (decided, {"used": 1}, "used"),
    "a quota without a count": (lambda: counted(2), {"used": None}, "used"),
    "a count below nothing": (lambda: counted(2), {"used": -1}, "used"),
    "a count within the limit": (lambda: counted(2), {"used": 1}, "allowed"),
    "a count over the limit": (lambda: counted(1), {"used": 2}, "allowed"),
    "a count of nothing": (lambda: counted(2), {"asked": None}, "used"),
    "another quota": (lambda: counted(2), {"asked": "chats"}, "allowed"),
    "no quota": (lambda: counted(2), {"asked": "teleport"}, "asked"),
    "a number for a quota": (lambda: counted(2), {"asked": 1}, "asked"),
    "quotas": (lambda: counted(2), {"asked": ["seats"]}, "asked"),
}


@pytest.mark.parametrize(("make", "puts", "where"), FALSE_DECISIONS.values(), ids=FALSE_DECISIONS)
def test_decisions_that_contradict_themselves_are_refused(
    make: Callable[[], dict[str, Any]], puts: dict[str, Any], where: str
) -> None:
    """A3: an answer that somebody wrote into a cache grants nothing, and the path leads to it."""
    document = make()
    published().value(document, Decision)
    error = refusal({**document, "value": document["value"] | puts}, Decision)
    assert error.path == f"$.value.{where}"


def limit_change(quota: str, before: Any, after: Any) -> dict[str, Any]:
    """A change of a limit as it stands in documents."""
    return {"quota": quota, "before": before, "after": after}


LOWERED, RAISED = limit_change("seats", "unlimited", 1), limit_change("seats", 1, "unlimited")

FALSEHOODS: dict[str, tuple[str, dict[str, Any], str]] = {
    "gained and lost": (
        "Difference",
        {"features_gained": ["visitor_export"]},
        "$.value.features_lost",
    ),
    "a purchase that keeps the plan": ("AccountEvent", {"kind": "keep_plan"}, "$.value.kind"),
    "a purchase by nobody": ("AccountEvent", {"action": None}, "$.value.kind"),
    "an opening by time": ("AccountEvent-opening", {"action": None}, "$.value.kind"),
    "a fall to Free from nowhere": ("AccountEvent-of-time", {"before": None}, "$.value.kind"),
    "an upgrade to a whole period": ("Invoice-numbered", {"cause": "upgraded"}, "$.value.lines"),
    "a cause without a number": ("Invoice-numbered", {"number": None}, "$.value.number"),
    "gained twice": (
        "Difference-up",
        {"features_gained": ["api_access"] * 2},
        "$.value.features_gained",
    ),
    "a raise among what is lowered": (
        "Difference",
        {"limits_lowered": [RAISED]},
        "$.value.limits_lowered",
    ),
    "a lowering among what is raised": (
        "Difference-up",
        {"limits_raised": [LOWERED]},
        "$.value.limits_raised",
    ),
    "a quota raised and lowered": (
        "Difference",
        {"limits_raised": [limit_change("seats", 1, 2)]},
        "$.value.limits_lowered",
    ),
    "no change": (
        "Difference",
        {"limits_lowered": [limit_change("seats", 1, 1)]},
        "$.value.limits_lowered[0].after",
    ),
    "no seat before": (
        "Difference",
        {"limits_lowered": [limit_change("seats", 0, 1)]},
        "$.value.limits_lowered[0].before",
    ),
    "no seat after": (
        "Difference",
        {"limits_lowered": [limit_change("seats", 1, 0)]},
        "$.value.limits_lowered[0].after",
    ),
    "a limit that no change moves": ("LimitChange", {"after": "unlimited"}, "$.value.after"),
    "a report of a raise": (
        "DowngradeReport",
        {"limits_lowered": [RAISED]},
        "$.value.limits_lowered",
    ),
    "a report of a quota twice": (
        "DowngradeReport",
        {"limits_lowered": [LOWERED] * 2},
        "$.value.limits_lowered",
    ),
    "fewer over than none": ("DowngradeReport", {"seats_over": -1}, "$.value.seats_over"),
    "less than nothing to pay": (
        "DowngradeReport",
        {"charge": {"amount": -1, "currency": "USD", "digits": 2}},
        "$.value.charge",
    ),
    "eligible for a reason": ("TrialEligibility", {"eligible": True}, "$.value.reason"),
    "not eligible for none": ("TrialEligibility", {"reason": None}, "$.value.reason"),
    "restricted on Free": ("AccountRestrictedNotice", {"held_plan": of(FREE)}, "$.value.held_plan"),
    "a trial of Free": ("TrialRunningNotice", {"plan": of(FREE)}, "$.value.plan"),
    "a trial of no days": ("TrialRunningNotice", {"days_left": 0}, "$.value.days_left"),
    "none over": ("SeatsOverLimitNotice", {"over": 0}, "$.value.over"),
    "more over than there are": ("SeatsOverLimitNotice", {"over": 3}, "$.value.over"),
    "no seat allowed": ("SeatsOverLimitNotice", {"limit": 0, "over": 3}, "$.value.limit"),
    "over no limit": ("SeatsOverLimitNotice", {"limit": "unlimited"}, "$.value.over"),
    "nobody over": ("SeatsOverLimitNotice", {"seats": 0}, "$.value.seats"),
    "a price of Free": ("PriceChangeNotice", {"plan": of(FREE)}, "$.value.plan"),
    "the same price": (
        "PriceChangeNotice",
        {"before": {"amount": 2500, "currency": "USD", "digits": 2}},
        "$.value.before",
    ),
    "a price in another currency": (
        "PriceChangeNotice",
        {"before": {"amount": 1900, "currency": "EUR", "digits": 2}},
        "$.value.before",
    ),
    "a price that is not the plan's": (
        "PriceChangeNotice",
        {"after": {"amount": 2600, "currency": "USD", "digits": 2}},
        "$.value.after",
    ),
}


@pytest.mark.parametrize(("name", "puts", "where"), FALSEHOODS.values(), ids=FALSEHOODS)
def test_answers_and_notices_that_contradict_themselves_are_refused(
    name: str, puts: dict[str, Any], where: str
) -> None:
    """P6, D5, R7, S4, B14: the path leads to what cannot be."""
    document = golden(VERSION)[name]
    golden_wire().value(document, KINDS[kind_of(name)])
    with pytest.raises(InvalidWireError) as caught:
        golden_wire().value({**document, "value": document["value"] | puts}, KINDS[kind_of(name)])
    assert caught.value.path == where


def test_what_is_asked_has_one_meaning() -> None:
    """No feature is called as a quota is."""
    assert set(chatim_plans.Feature).isdisjoint(Quota)


def test_a_lone_credit_is_of_classic_billing_alone() -> None:
    """B5: a charge follows each credit. What version 1 may have written without one is classic."""
    document = golden(VERSION)["Account-flexible"]
    lines = document["value"]["pending_lines"]
    assert len(lines) == 2
    lone = altered(document, ("value", "pending_lines"), put=lines[:1])
    lone = altered(lone, ("value", "standing_debit"), put=None)
    error = refusal(lone, chatim_plans.Account)
    assert (error.path, type(error.__cause__)) == ("$.value.pending_lines", InvalidValueError)
    assert "a classic credit alone" in error.given


def test_a_later_version_says_what_to_do() -> None:
    """Data of a newer release are not guessed at."""
    assert str(refusal(altered(a_document(), ("version",), put=4))) == (
        "$.version: expected at most 3, the latest known here "
        "(upgrade chatim-plans to read it), got 4"
    )


def of_version_1(**changes: Any) -> dict[str, Any]:
    """Entitlements as version 1 wrote them, but for these of their facts."""
    document = golden(1)["Entitlements"]
    return {**document, "value": document["value"] | changes}


def test_entitlements_of_version_1_are_read_and_valid_at_no_instant() -> None:
    """They do not say from when they hold; a cache makes them anew."""
    may = published().value(of_version_1(), Entitlements)
    assert (may.held_plan, may.valid_until, may.valid_from) == (ULTIMATE, END, None)
    assert may.is_valid_at(AT) is False


NEW_KEYS: list[tuple[int, str, Way, tuple[str, ...]]] = [
    (2, "Terms", (), ("billing_mode", "grace_days")),
    (2, "Cancel", (), ("at_once",)),
    (2, "PaymentFailed", (), ("invoice",)),
    (2, "PaymentSucceeded", (), ("invoice",)),
    (2, "OnFree", (), ("owes",)),
    (2, "OnPaid", (), ("billing_mode", "standing_since", "grace_end")),
    (2, "Subscription-on-free", ("phase",), ("owes",)),
    (2, "Subscription", ("phase",), ("billing_mode", "standing_since", "grace_end")),
    (2, "Line", (), ("base",)),
    (2, "Invoice", (), ("number", "cause")),
    (2, "Invoice", ("lines", 0), ("base",)),
    (2, "Account", (), ("standing_debit", "issued")),
    (2, "Account", ("pending_lines", 0), ("base",)),
    (2, "Account", ("subscription", "phase"), ("billing_mode",)),
    (2, "Statement", (), ("events",)),
    (2, "Statement", ("account",), ("standing_debit", "issued")),
    (2, "Statement", ("account", "subscription", "phase"), ("billing_mode", "grace_end")),
    (2, "Statement", ("account", "pending_lines", 0), ("base",)),
    (2, "Statement", ("invoices", 0), ("number", "cause")),
    (2, "Statement", ("invoices", 0, "lines", 0), ("base",)),
    (2, "Entitlements", (), ("valid_from", "seats", "retired")),
    (2, "Decision", (), ("asked", "used")),
    (2, "PaymentRequiredNotice", (), ("because",)),
    (3, "Terms", (), ("support",)),
]


@pytest.mark.parametrize("put", [None, "2026-01-15T09:00:00Z", 7, [], {}])
@pytest.mark.parametrize(
    ("version", "name", "way", "key"),
    [(version, name, way, key) for version, name, way, keys in NEW_KEYS for key in keys],
)
def test_a_version_has_no_key_of_the_next(
    version: int, name: str, way: Way, key: str, put: Any
) -> None:
    """A key that no writer of that version wrote is refused there, as any other, however deep."""
    place: Way = ("value", *way, key)
    earlier = golden(version - 1)[name] | {"version": version - 1}
    error = refusal(altered(earlier, place, put=put), KINDS[kind_of(name)])
    expected = f"only the keys of version {version - 1}"
    assert (error.path, error.expected) == (spelled(place), expected)


def spelled(place: Way) -> str:
    """The way to a place as errors tell it."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)


NEW_KINDS: dict[int, set[str]] = {
    2: {
        *("AccountEvent", "AdjustCredit", "BillingMode", "EventKind", "Held", "InvoiceCause"),
        *("IssuedInvoice", "MoveTrialEnd", "PaymentRequiredBecause", "PriceChangeNotice"),
        "Refunded",
    },
    3: {"Refusal"},
}


@pytest.mark.parametrize("version", NEW_KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_version_has_no_kind_of_the_next(version: int, kind: str) -> None:
    """Nor has it a kind that it did not know; whatever it wrote, it knew."""
    before, after = (set(map(kind_of, golden(each))) for each in (version - 1, version))
    assert (kind in NEW_KINDS[version]) is (kind in after - before)
    if kind in NEW_KINDS[version]:
        document = golden(VERSION)[kind] | {"version": version - 1}
        error = refusal(document, KINDS[kind])
        assert (error.path, error.expected) == ("$.kind", f"a kind of version {version - 1}")


def test_an_account_of_version_1_means_what_it_meant() -> None:
    """Classic, without numbers, nothing issued, nothing owed, and nothing known of what was not."""
    read = published().value(golden(1)["Statement"], Statement)
    account, phase = read.account, read.account.subscription.phase
    assert isinstance(phase, OnPaid)
    assert (phase.billing_mode, phase.standing_since, phase.grace_end) == ("classic", None, None)
    assert (account.standing_debit, account.issued, read.events) == (None, (), ())
    assert [(invoice.number, invoice.cause) for invoice in read.invoices] == [(None, None)]
    (line,) = account.pending_lines
    assert (line.base, line.seats) == (Money(3900, USD), 1)


def test_an_account_of_version_1_goes_on_in_classic_billing_until_free() -> None:
    """B12, B14: its next invoice is the first with a number; a plan bought anew is flexible."""
    account = published().value(golden(1)["Account"], chatim_plans.Account)
    start = account.subscription.as_of
    grown = chatim_plans.apply(account, ChangeSeats(5, at=start)).account
    assert [line.base for line in grown.pending_lines] == [
        *(Money(3900, USD), Money(11_700, USD), Money(19_500, USD)),
    ]
    assert published().value(published().document(grown), chatim_plans.Account) == grown
    assert grown.standing_debit is None
    stopped = chatim_plans.apply(grown, Cancel(at_once=True, at=start)).account
    anew = chatim_plans.apply(stopped, ChoosePlan(PRO, at=start))
    assert [invoice.number for invoice in anew.invoices] == [1]
    assert anew.account.standing_debit == anew.invoices[0].lines[0]


def tells_no_less(now: object, before: object) -> bool:
    """Whether a document says all that an earlier one said, and more only in keys of its own.

    Features, which version 1 had by name, stand in the page's order.
    """
    if isinstance(now, dict) and isinstance(before, dict):
        return all(
            key in now
            and (
                sorted(now[key]) == sorted(before[key])
                if key in {"features_gained", "features_lost"}
                else tells_no_less(now[key], before[key])
            )
            for key in before
        )
    if isinstance(now, list) and isinstance(before, list):
        return len(now) == len(before) and all(map(tells_no_less, now, before))
    return (type(now), now) == (type(before), before)


@pytest.mark.parametrize("name", golden(1))
@given(data=st.data())
def test_a_spoilt_document_of_version_1_is_refused_or_says_what_is_read(
    name: str, data: st.DataObject
) -> None:
    """The step from version to version repairs nothing, whatever stands at any place."""
    document, kind = golden(1)[name], KINDS[kind_of(name)]
    path = data.draw(
        st.sampled_from([path for path, _ in parts(document) if path[:1] == ("value",)])
    )
    put = data.draw(st.one_of(RUBBISH, st.just(...)))
    assume(not (put is ... and isinstance(path[-1], int)))
    spoilt = altered(document, path, put=put)
    try:
        value = golden_wire().value(spoilt, kind)
    except InvalidWireError:
        return
    assert tells_no_less(golden_wire().document(value), spoilt | {"version": VERSION})


@pytest.mark.parametrize("make", [lambda: deep(100_000), lambda: 10**5000, lambda: "x" * 10**6])
def test_hostile_data_of_version_1_meet_one_error(make: Callable[[], Any]) -> None:
    """At any place: what cannot be upgraded is left to the reader, who leads to it."""
    document, bad = golden(1)["Statement"], make()
    for path, _ in [*parts(document)][1:]:
        if path[0] not in {"version", "kind", "format"}:
            try:
                golden_wire().value(altered(document, path, put=bad), Statement)
            except InvalidWireError as error:
                assert error.path.startswith("$.value"), path  # noqa: PT017 — any place


def test_rubbish_of_version_1_is_refused_where_it_stands() -> None:
    """The step from version to version leaves it to the reader."""
    rubbish: Any
    for rubbish in (None, [], "valid_from", 3):
        document = {**of_version_1(), "value": rubbish}
        assert refusal(document, Entitlements).path == "$.value"
    assert refusal(of_version_1(status="good"), Entitlements).path == "$.value.status"


def test_an_earlier_version_is_upgraded_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the form of version 1 would be read once there is a version 3."""

    def renamed(top: dict[str, Any]) -> dict[str, Any]:
        return {**top, "kind": {"Cancelling": "Cancelled"}.get(top["kind"], top["kind"])}

    def renamed_again(top: dict[str, Any]) -> dict[str, Any]:
        return {**top, "kind": {"Cancelled": "Cancel"}.get(top["kind"], top["kind"])}

    monkeypatch.setattr(serialization, "UPGRADES", (renamed, renamed_again))
    monkeypatch.setattr(serialization, "VERSION", 3)
    value = {"at": "2026-01-15T09:00:00Z", "at_once": False}
    written = [(1, "Cancelling"), (2, "Cancelled"), (3, "Cancel")]
    read = [
        WireFormat().value(
            {"format": FORMAT, "version": version, "kind": kind, "value": value}, Cancel
        )
        for version, kind in written
    ]
    assert read == [Cancel(at=AT)] * 3


# --- Whatever is thrown in ---
def deep(levels: int) -> Any:
    """A list in a list in a list."""
    inner: Any = []
    for _ in range(levels):
        inner = [inner]
    return inner


class Treacherous(dict[str, Any]):
    """A dict that fails when it is looked into."""

    def __getitem__(self, key: str) -> Any:
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Lie about nothing but the rest."""
        return {"format": FORMAT, "version": VERSION}.get(key, default)


HOSTILE: dict[str, Callable[[], Any]] = {
    "deep": lambda: deep(100_000),
    "huge number": lambda: 10**5000,
    "infinite": lambda: float("inf"),
    "long text": lambda: "x" * 10**6,
    "lone surrogate": lambda: "\ud800",
    "nul": lambda: "\x00",
    "treacherous": lambda: Treacherous(a_document()),
    "class": lambda: Subscription,
    "recursive": lambda: [HOSTILE],
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_hostile_data_meet_one_error(make: Callable[[], Any]) -> None:
    """At any place: refused in a sentence of bounded length."""
    document, bad = a_document(), make()
    for path, _ in [*parts(document)][1:]:
        error = refusal(altered(document, path, put=bad))
        twin = pickle.loads(pickle.dumps(error))
        assert (len(str(error)) < 700, str(twin)) == (True, str(error)), path


def assert_short(error: InvalidWireError) -> None:
    """Path, words and sentence are bounded (decision 0009)."""
    lengths = {name: len(getattr(error, name)) for name in ("path", "expected", "given")}
    assert max(lengths.values()) < 500, lengths
    assert len(str(error)) < 1000


PRICE: Way = ("value", "plan", "price")
LONG_STORIES: dict[str, tuple[Way, Any, str]] = {
    "digits": ((*PRICE, "digits"), 10**12, "$.value.plan.price"),
    "many digits": ((*PRICE, "digits"), 10**30, "$.value.plan.price"),
    "amount": ((*PRICE, "amount"), 10**6000, "$.value.plan.price"),
    "shorter amount": ((*PRICE, "amount"), 10**4000, "$.value.plan.price"),
    "months": (("value", "plan", "interval_months"), 10**6000, "$.value.plan.interval_months"),
    "key": (("value", "a" * 10**6), 1, '$.value["aaa'),
    "top key": (("a" * 10**6,), 1, '$["aaa'),
    "odd key": (("value", "é " * 10**6), 1, "$.value["),
    "number as key": (("value", 10**6000), 1, "$.value[a whole number"),
    "edition": (("value", "plan", "edition"), "x" * 10**6, "$.value.plan.edition"),
    "class": (("value", "at"), type("A" * 10**6, (), {})(), "$.value.at"),
}


@pytest.mark.parametrize(("path", "put", "where"), LONG_STORIES.values(), ids=LONG_STORIES)
def test_words_are_bounded_whatever_came_in(path: Way, put: Any, where: str) -> None:
    """And the path still leads to the fault."""
    document = published().document(ChoosePlan(PRO, 1, at=AT))
    error = refusal(altered(document, path, put=put), Action)
    assert error.path.startswith(where)
    assert_short(error)


def test_an_unknown_tried_plan_of_any_length_is_told_briefly() -> None:
    """The library's own error quotes it whole."""
    error = refusal(altered(a_document(), (*FACTS, "tried_plan"), put="x" * 10**6))
    assert error.path == "$.value.account.subscription.tried_plan"
    assert_short(error)


def test_what_cannot_be_written_is_told_briefly() -> None:
    """Also where the words come from the writer's own values and editions."""
    plan = attrs.evolve(PRO, key="k" * 100, price=Money(MOST, USD))
    known = [attrs.evolve(CHATIM, edition=f"edition {n}") for n in range(1000)]
    with pytest.raises(InvalidWireError) as caught:
        WireFormat(known).document(plan)
    assert caught.value.path == "$.value"
    assert_short(caught.value)


def test_an_error_that_cannot_be_printed_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Printing an amount may take more memory than there is."""

    def fails(_: object) -> str:
        raise MemoryError

    monkeypatch.setattr(InvalidValueError, "__str__", fails)
    error = refusal(altered(a_document(), (*FACTS, "seats"), put=0))
    assert error.given == "what is refused: InvalidValueError"


def test_a_constructor_that_fails_as_nobody_meant_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever comes out of a class, one error comes out of the reader, with the path."""

    def fails(_: object) -> None:
        raise MemoryError

    document = a_document()
    monkeypatch.setattr(chatim_plans.Cycle, "__attrs_post_init__", fails)
    error = refusal(document)
    assert error.path == "$.value.account.subscription.phase.cycle"
    assert error.given == "something that fails with MemoryError"
    assert type(error.__cause__) is MemoryError


def test_a_list_is_read_up_to_its_first_fault() -> None:
    """What comes after it costs nothing."""

    class Watched(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            yield a_document()["value"]["invoices"][0]
            yield "no invoice"
            raise AssertionError("read on")

    error = refusal(altered(a_document(), ("value", "invoices"), put=Watched([1, 2, 3])))
    assert (error.path, error.given) == ("$.value.invoices[1]", '"no invoice"')


@pytest.mark.parametrize("feature", ["api_access", "teleport"])
def test_a_row_longer_than_its_vocabulary_is_refused_unread(feature: str) -> None:
    """It must name something twice, or something unknown."""

    class Unread(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            raise AssertionError("read")

    names = Unread([feature] * (len(chatim_plans.Feature) + 1))
    report = chatim_plans.DowngradeReport(AT, PRO.features, (), 0, Money(0, USD))
    document = WireFormat().document(report)
    document["value"]["features_lost"] = names
    error = refusal(document, type(report))
    assert (error.path, error.given) == ("$.value.features_lost", "a list")
    assert error.expected == "a list that names nothing twice"


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_and_values_meet_one_error(make: Callable[[], Any]) -> None:
    """At the top too, and on writing."""
    refusal(make())
    if type(make()) is not int:
        with pytest.raises(InvalidWireError):
            WireFormat().document(make())


@each_kind
@given(data=st.data())
def test_what_is_read_is_what_was_meant(wire: WireFormat, kind: str, data: st.DataObject) -> None:
    """A document with rubbish at any place is refused, or says the very thing it is read as.

    Rubbish may make an earlier version of it, which says the same.
    """
    document = wire.document(data.draw(of_kind(kind)))
    path = data.draw(st.sampled_from([path for path, _ in parts(document)][1:]))
    put = data.draw(st.one_of(RUBBISH, st.just(...)))
    assume(not (put is ... and isinstance(path[-1], int)))
    spoilt = altered(document, path, put=put)
    try:
        value = wire.value(spoilt, KINDS[kind])
    except InvalidWireError:
        return
    assert json.dumps(wire.document(value)) == json.dumps(spoilt | {"version": VERSION})


@pytest.mark.parametrize("kind", [int, dict, str, object, None, "Money", [], Enum, PlansError, {}])
def test_only_public_types_can_be_asked_for(kind: Any) -> None:
    """A wrong argument is the caller's fault, not the document's."""
    with pytest.raises(InvalidTypeError, match="kind: expected a public class or union"):
        WireFormat().value(a_document(), kind)


class Meddling(type):
    """The class of a class that is equal to nothing, with a bang."""

    def __eq__(cls, other: object) -> bool:
        raise ValueError("no comparison")

    def __hash__(cls) -> int:
        return hash(Money)


class Meddled(metaclass=Meddling):
    """A class that pretends to be found where `Money` is."""


class Agreeing:
    """Whatever it is compared with, it is."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]  # what is tested


@pytest.mark.parametrize("kind", [Meddled, Agreeing(), mock.ANY])
def test_a_kind_with_an_equality_of_its_own_is_no_public_type(kind: Any) -> None:
    """Its errors are not let out, nor its opinions in."""
    with pytest.raises(InvalidTypeError, match="kind: expected a public class or union"):
        WireFormat().value(a_document(), kind)


def test_a_union_may_be_spelled_anew() -> None:
    """Equal unions ask for the same."""
    document = published().document(OnFree())
    phases = chatim_plans.OnPaid | chatim_plans.OnFree | chatim_plans.OnTrial
    assert published().value(document, phases) == OnFree()


# --- Writing ---
def repriced() -> Plan:
    """Pro at a price of no known edition."""
    return attrs.evolve(PRO, price=Money(2500, USD))


UNWRITABLE: dict[str, tuple[Callable[[], object], str]] = {
    "unknown plan": (repriced, "$.value"),
    "inside": (lambda: ChoosePlan(repriced(), at=AT), "$.value.plan"),
    "in a list": (lambda: FeatureMatrix((FREE, repriced())), "$.value.plans[1]"),
    "unknown edition": (
        lambda: MoveToEdition(attrs.evolve(CHATIM, edition="2031"), at=AT),
        "$.value.catalog.edition",
    ),
    "another content": (
        lambda: MoveToEdition(attrs.evolve(CHATIM, plans=(FREE, PRO)), at=AT),
        "$.value.catalog.edition",
    ),
    "bare action": (lambda: Action(at=AT), "$.value"),
    "naive instant": (
        lambda: without_checks(ChangeScheduledNotice, FREE, datetime(2026, 1, 15)),
        "$.value.at",
    ),
    "part of a second": (
        lambda: without_checks(ChangeScheduledNotice, FREE, AT.replace(microsecond=1)),
        "$.value.at",
    ),
    "before all time": (
        lambda: without_checks(
            ChangeScheduledNotice, FREE, datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
        ),
        "$.value.at",
    ),
    "no instant": (lambda: without_checks(ChangeScheduledNotice, FREE, "2026"), "$.value.at"),
    "no bool": (lambda: without_checks(TrialEligibility, 1, None), "$.value.eligible"),
    "no count": (lambda: without_checks(SeatsOverLimitNotice, True, 1, 2), "$.value.seats"),
    "no limit": (lambda: without_checks(LimitChange, Quota.seats, -1, 1), "$.value.before"),
    "no key": (lambda: without_checks(LimitChange, "seats", 2, 1), "$.value.quota"),
    "no plan": (
        lambda: without_checks(
            Decision, True, Reason.granted_by_plan, "pro", None, None, None, None
        ),
        "$.value.plan",
    ),
    "no key of several": (
        lambda: without_checks(
            Decision, True, Reason.granted_by_plan, FREE, None, None, "seats", 1
        ),
        "$.value.asked",
    ),
    "no tuple": (lambda: without_checks(Difference, (), (), [], ()), "$.value.limits_raised"),
    "another invoice": (
        lambda: with_invoice(attrs.evolve(a_statement().invoices[0], number=2)),
        "$.value.events[2].invoice",
    ),
    "another invoice of that number": (
        lambda: with_invoice(
            attrs.evolve(a_statement().invoices[0], cause=InvoiceCause.period_renewed)
        ),
        "$.value.events[2].invoice",
    ),
    "an invoice without a number": (
        lambda: with_invoice(attrs.evolve(a_statement().invoices[0], number=None, cause=None)),
        "$.value.events[2].invoice",
    ),
    "no action": (
        lambda: unchecked(a_statement().events[2], action=Action(at=AT)),
        "$.value.action",
    ),
    "an action of their own": (
        lambda: unchecked(a_statement().events[2], action=OwnAction(at=AT)),
        "$.value.action",
    ),
    "an event of their own": (
        lambda: unchecked(
            a_statement(),
            events=(OwnEvent(*attrs.astuple(a_statement().events[0], recurse=False)),),
        ),
        "$.value.events[0]",
    ),
    "bool": (lambda: True, "$.value"),
    "negative limit": (lambda: -1, "$.value"),
    "limit above all": (lambda: MOST + 1, "$.value"),
    "text": (lambda: "pro", "$.value"),
    "none": (lambda: None, "$.value"),
    "many": (lambda: (PRO, FREE), "$.value"),
    "error": (lambda: InvalidTypeError("a", 1, "b"), "$.value"),
}


def _any(value: object) -> Any:
    return value


def unchecked(value: Any, **facts: Any) -> Any:
    """The value with other facts, which nobody checks."""
    names = [field.name for field in attrs.fields(type(value))]
    return without_checks(type(value), *(facts.get(n, getattr(value, n)) for n in names))


class OwnAction(Cancel):
    """An action that somebody made of one of ours."""


class OwnEvent(chatim_plans.AccountEvent):
    """An event that somebody made of one of ours."""


def with_invoice(invoice: Invoice) -> Statement:
    """That statement, whose purchase issued this invoice instead of its own."""
    statement = a_statement()
    opened, card, bought, *later = statement.events
    events = (opened, card, unchecked(bought, invoice=invoice), *later)
    return without_checks(Statement, statement.account, statement.invoices, events)


@pytest.mark.parametrize(("make", "path"), UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_could_not_be_read_is_not_written(make: Callable[[], object], path: str) -> None:
    """A typed error with the path to it, also where nobody checked the value."""
    with pytest.raises(InvalidWireError) as caught:
        WireFormat().document(make())
    assert caught.value.path == path


ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.0, "", "pro", "seats", [], {}, (), frozenset(), b"", object()),
    *(PRO, CHATIM, UNLIMITED, Quota.seats, AT, AT.replace(microsecond=1), date(2026, 1, 15)),
    *((PRO,), [LimitChange(Quota.seats, 1, 2)], {Quota.seats}, frozenset({"seats"})),
)


FIELDED = [kind for kind, made in KINDS.items() if attrs.has(made) and attrs.fields(made)]


@pytest.mark.parametrize("kind", FIELDED)
@given(data=st.data())
def test_what_is_written_can_be_read(wire: WireFormat, kind: str, data: st.DataObject) -> None:
    """A field that holds anything is refused, by its class or on writing, or comes back."""
    value = data.draw(of_kind(kind))
    name = data.draw(st.sampled_from([f.alias for f in attrs.fields(type(value)) if f.init]))
    try:
        odd = attrs.evolve(value, **{name: data.draw(st.sampled_from(ODD))})
        document = json.loads(json.dumps(wire.document(odd)))
    except PlansError:
        return
    assert wire.value(document, type(value)) == odd


def test_a_subclass_is_no_public_value() -> None:
    """It would come back as something else."""

    class Own(OnFree):
        pass

    with pytest.raises(InvalidWireError) as caught:
        WireFormat().document(attrs.evolve(_free(), phase=Own()))
    assert caught.value.path == "$.value.phase"


def _free() -> Subscription:
    return chatim_plans.open_account(chatim_plans.StartFree(at=AT)).account.subscription


# --- The wire form itself ---
def test_two_catalogues_of_one_name_are_refused() -> None:
    """Which of them a document means could not be told."""
    other = attrs.evolve(CHATIM, plans=(FREE, PRO))
    with pytest.raises(InvalidValueError, match="one catalogue of edition '2026'"):
        WireFormat((CHATIM, other))


@pytest.mark.parametrize("catalogs", [CHATIM, "2026", None, 3, ("2026",), (PRO,)])
def test_only_catalogues_are_known(catalogs: Any) -> None:
    """A catalogue without its brackets is no collection of catalogues."""
    with pytest.raises(InvalidTypeError):
        WireFormat(catalogs)


def test_at_least_one_catalogue_is_known() -> None:
    """A wire form that knows none could name no plan."""
    with pytest.raises(InvalidValueError, match="at least one catalogue"):
        WireFormat(())


def test_the_same_catalogue_twice_is_known_once() -> None:
    """Equal content under one name is no contradiction."""
    assert WireFormat((CHATIM, attrs.evolve(CHATIM))) == WireFormat()


def test_the_wire_form_is_a_value() -> None:
    """Equal by its catalogues, hashable, immutable, and it pickles."""
    wire = WireFormat()
    twins = {wire, WireFormat([CHATIM]), copy.deepcopy(wire), pickle.loads(pickle.dumps(wire))}
    assert (len(twins), repr(wire)) == (1, "WireFormat(catalogs=<2026>)")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        wire.catalogs = ()  # type: ignore[misc]  # what is tested


@pytest.mark.parametrize("time", range(5))
def test_threads_may_share_it(time: int) -> None:
    """From the first use on, when the hooks of the classes are still to be made."""
    wire, statements = WireFormat(), [a_statement()] * 16
    with ThreadPoolExecutor(8) as threads:
        written = list(threads.map(wire.document, statements))
        read = list(threads.map(wire.value, written, [Statement] * 16))
    assert read == statements, time


def test_the_form_of_limits_knows_every_quota() -> None:
    """A quota that is added needs its place, and a new version."""
    assert field_names(LimitsForm) == tuple(Quota)


def test_without_the_extra_the_import_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package says what to install."""
    for name in [name for name in sys.modules if name.startswith("chatim_plans.wire")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cattrs", None)
    with pytest.raises(ImportError, match=r"pip install 'chatim-plans\[serialization\]'"):
        importlib.import_module("chatim_plans.wire")


def test_the_package_imports_no_cattrs() -> None:
    """Who writes no documents does not pay for it."""
    code = "import sys; sys.modules['cattrs'] = None; import chatim_plans; print('works')"
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.strip() == "works"
