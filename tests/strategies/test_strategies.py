"""The strategies that users get: for every public value, wide enough, and always replayable."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import subprocess
import sys
import tomllib
import typing
from collections import abc
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import pytest
from attrs import evolve

pytest.importorskip("hypothesis", reason="needs the extra hypothesis")

from hypothesis import HealthCheck, find, given, seed, settings
from hypothesis import Phase as HypothesisPhase
from hypothesis import strategies as st

import chatim_plans
from chatim_plans import (
    CHATIM,
    FREE,
    UNLIMITED,
    Account,
    Action,
    ActionRefusedError,
    BillingMode,
    Catalog,
    Decision,
    EventKind,
    Feature,
    IntervalMismatchError,
    Invoice,
    InvoiceCause,
    Line,
    LineKind,
    MoveToEdition,
    Notice,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentSucceeded,
    Phase,
    PlansError,
    Quota,
    Reason,
    Rounding,
    Standing,
    StartFree,
    StartTrial,
    Statement,
    Subscription,
    apply,
    open_account,
    replay,
)
from chatim_plans import _hypothesis_entry_point as hypothesis_entry_point
from chatim_plans.strategies import (
    STRATEGIES,
    actions,
    catalogs,
    editions_after,
    histories,
    instants,
    notices_of_accounts,
    periods,
    phases,
    statements,
)

ROOT = Path(__file__).parents[2]
PACKAGE = Path(chatim_plans.__file__).parent
NAMES = [
    name
    for name in chatim_plans.__all__
    if isinstance(getattr(chatim_plans, name), type)
    and not issubclass(getattr(chatim_plans, name), Enum | Exception)
]

OURS = {
    kind for kind in Action.__subclasses__() if getattr(chatim_plans, kind.__name__, None) is kind
}
"""The actions of the library; other tests have some of their own, and attrs made some twice."""


def reached(strategy: st.SearchStrategy[Any], marks: Any, wanted: set[object]) -> set[object]:
    """What of `wanted` the `marks` of drawn values show, in 40 runs of the profile at most."""
    seen: set[object] = set()

    @settings(phases=[HypothesisPhase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def look(value: Any) -> None:
        seen.update(marks(value))

    for turn in range(40):
        seed(turn)(look)()
        if wanted <= seen:
            break
    return seen & wanted


# --- every public value ---
def test_no_public_value_is_without_a_strategy() -> None:
    """The table, the entry point and `__all__` name the same classes."""
    public = {getattr(chatim_plans, name) for name in NAMES}
    assert (set(STRATEGIES), set(hypothesis_entry_point.public_values())) == (public, public)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_from_type_draws_every_public_value(name: str, data: st.DataObject) -> None:
    """`st.from_type` gives a value of the class; `Action` gives one of the fourteen."""
    kind = getattr(chatim_plans, name)
    value = data.draw(st.from_type(kind))
    assert type(value) in (OURS if kind is Action else {kind})


@given(st.from_type(Account), st.from_type(Catalog), st.from_type(Line), st.from_type(Invoice))
def test_values_are_hashable(
    account: Account, catalog: Catalog, line: Line, invoice: Invoice
) -> None:
    """What is drawn is a value like any other."""
    assert len({account, catalog, line, invoice}) == 4


@pytest.mark.parametrize("alias", ["Phase", "Notice"])
def test_from_type_draws_every_member_of_a_union(alias: str) -> None:
    """A union alias is drawn from its members."""
    union = getattr(chatim_plans, alias)
    members = {*get_args(union)}
    assert reached(st.from_type(union), lambda value: [type(value)], members) == members


@pytest.mark.parametrize(
    "abstract",
    [typing.Container[int], abc.Container, typing.Mapping[str, int], abc.Mapping, abc.Sized],
)
def test_no_other_type_is_drawn_otherwise(abstract: Any) -> None:
    """A period holds instants and limits are a mapping, but nobody who asks for any of those
    gets one.
    """

    @given(st.from_type(abstract))
    def look(value: object) -> None:
        assert not type(value).__module__.startswith("chatim_plans")

    look()


# --- width ---
def marks_of(account: Account) -> Iterator[object]:
    """What there is to see of an account."""
    facts = account.subscription
    change, phase = facts.scheduled_change, facts.phase
    yield type(phase)
    yield facts.present_status
    if isinstance(phase, OnPaid):
        yield f"every {phase.cycle.months} months"
        yield f"{phase.billing_mode} with{'out' if account.standing_debit is None else ''} a debit"
        if phase.standing_since is not None:
            yield phase.standing, "since"
        if phase.grace_end is not None:
            yield "a grace runs"
    if change is not None:
        yield "cancelled" if change.plan.is_free else "waits for a lower plan"
    found = {
        "tried and paid": facts.tried_plan is not None and facts.was_invoiced,
        "an edition waits": facts.next_catalog is not None,
        "another edition": "+" in facts.catalog.edition,
        "published": facts.catalog == CHATIM,
        "other currency": facts.plan.price.currency.code != "USD",
        "over its seats": facts.plan.limit("seats") in range(1, facts.seats),
        "paying without a payment method": isinstance(phase, OnPaid) and not facts.payment_method,
        "lines wait": bool(account.pending_lines),
        "credit": account.credit_balance.amount > 0,
        "owed": account.credit_balance.amount < 0,
        "owes": isinstance(phase, OnFree) and phase.owes,
        "holds what is retired": facts.plan.key in facts.catalog.retired,
        "what waits retires more": facts.retired != facts.catalog.retired,
        "many invoices": len(account.issued) > 3,
        "refunded in part": any(
            0 < i.refunded.amount < i.amount_due.amount for i in account.issued
        ),
        "refunded whole": any(0 < i.refunded.amount == i.amount_due.amount for i in account.issued),
    }
    yield from (mark for mark, there in found.items() if there)


def test_accounts_are_in_every_state() -> None:
    """Every phase, status and interval, and everything that can wait."""
    wanted: set[object] = {OnFree, OnTrial, OnPaid, *chatim_plans.Status}
    wanted |= {"every 1 months", "every 12 months", "cancelled", "waits for a lower plan"}
    wanted |= {"tried and paid", "an edition waits", "another edition", "published", "owed"}
    wanted |= {"other currency", "over its seats", "paying without a payment method"}
    wanted |= {"lines wait", "credit", "owes", "a grace runs", "classic without a debit"}
    wanted |= {
        "flexible with a debit",
        (Standing.past_due, "since"),
        (Standing.restricted, "since"),
    }
    wanted |= {"holds what is retired", "what waits retires more", "many invoices"}
    wanted |= {"refunded in part", "refunded whole"}
    assert reached(st.from_type(Account), marks_of, wanted) == wanted


@given(st.from_type(Account))
def test_flexible_billing_always_knows_its_debit(account: Account) -> None:
    """B12: it may be unknown where an account comes from elsewhere, not where a history leads."""
    unknown: set[object] = {"flexible without a debit", "classic with a debit"}
    assert unknown.isdisjoint(marks_of(account))


def test_histories_show_all_that_can_happen() -> None:
    """B14: every kind of event, of the actions and of time, with every cause of an invoice."""

    def marks(statement: Statement) -> Iterator[object]:
        for event in statement.events:
            yield event.kind
            yield type(event.action)
            if event.invoice is not None:
                yield event.invoice.cause

    wanted: set[object] = {*EventKind, *InvoiceCause, *OURS, type(None)}
    wanted -= {EventKind.keep_seats}  # changes nothing, so it is not listed
    assert reached(statements(), marks, wanted) == wanted


@given(statements())
def test_statements_hold_all_events_and_invoices(statement: Statement) -> None:
    """B14: numbered from 1, each with the event that issued it, in order."""
    assert [invoice.number for invoice in statement.invoices] == [
        number for number, _ in enumerate(statement.account.issued, 1)
    ]
    issued = tuple(event.invoice for event in statement.events if event.invoice is not None)
    assert issued == statement.invoices
    assert (statement.events[0].before, statement.events[-1].after.seats) == (
        None,
        statement.account.subscription.seats,
    )


def test_single_reports_name_an_invoice_or_none() -> None:
    """V4: a number is given where it is known."""

    def marks(action: Action) -> Iterator[object]:
        yield type(action), getattr(action, "invoice", None) is None

    wanted: set[object] = {
        (kind, unknown) for kind in (PaymentFailed, PaymentSucceeded) for unknown in (True, False)
    }
    assert reached(actions(PaymentFailed, PaymentSucceeded), marks, wanted) == wanted


def test_invoices_of_histories_show_every_kind_of_line_and_ties() -> None:
    """B4, B10: half cents, amounts met by credit or too small to collect."""

    def marks(statement: Statement) -> Iterator[object]:
        for invoice in statement.invoices:
            yield "collected" if invoice.amount_due else "carried over"
            for line in invoice.lines:
                yield line.kind
                yield line.exact.denominator

    wanted: set[object] = {*chatim_plans.LineKind, 1, 2, "collected", "carried over"}
    assert reached(statements(), marks, wanted) == wanted


def test_invoices_by_themselves_show_them_too() -> None:
    """B4, B12, B14: every kind and cause, whole cents and half cents, collected or not, with
    credits of prices and of debits.
    """

    def marks(invoice: Invoice) -> Iterator[object]:
        yield "collected" if invoice.amount_due else "carried over"
        yield invoice.cause
        yield "numbered" if invoice.number else "without a number"
        for line in invoice.lines:
            yield line.kind
            yield line.exact.denominator
            if line.kind is LineKind.unused_time:
                yield f"credit of the price: {line.base == line.plan.charge(line.seats)}"

    wanted: set[object] = {*chatim_plans.LineKind, 1, 2, "collected", "carried over"}
    wanted |= {*InvoiceCause, None, "numbered", "without a number"}
    wanted |= {"credit of the price: True", "credit of the price: False"}
    assert reached(st.from_type(Invoice), marks, wanted) == wanted


def test_decisions_are_of_every_reason_on_features_and_quotas() -> None:
    """A3: and say what was asked."""

    def marks(decision: Decision) -> Iterator[object]:
        yield decision.reason
        yield type(decision.asked), decision.allowed
        yield "a remedy" if decision.cheapest_plan else "no remedy"

    wanted: set[object] = {*Reason, "a remedy", "no remedy"}
    wanted |= {(kind, allowed) for kind in (Feature, Quota) for allowed in (True, False)}
    assert reached(st.from_type(Decision), marks, wanted) == wanted


def test_catalogues_sell_all_that_can_be_sold() -> None:
    """C5, C6, C9, S3: both intervals, limits on seats, every rounding and billing mode, both ways
    with seats, graces and retired plans.
    """

    def marks(catalog: Catalog) -> Iterator[object]:
        yield from (plan.interval_months for plan in catalog.plans)
        yield from (f"{plan.limit('seats') is UNLIMITED} limit" for plan in catalog.plans[1:])
        yield from (catalog.terms.rounding, f"at once: {catalog.terms.seat_lines_at_once}")
        yield f"{len(catalog.plans)} plans"
        yield from (catalog.terms.billing_mode, f"grace: {bool(catalog.terms.grace_days)}")
        yield f"retired: {bool(catalog.retired)}"

    wanted: set[object] = {
        None,
        1,
        12,
        *Rounding,
        "True limit",
        "False limit",
        "at once: True",
        "at once: False",
    }
    wanted |= {"2 plans", "3 plans", "4 plans", "5 plans", *BillingMode}
    wanted |= {"grace: True", "grace: False", "retired: True", "retired: False"}
    assert reached(catalogs(), marks, wanted) == wanted


def test_instants_fall_on_month_ends_leap_days_and_the_turn_of_a_day() -> None:
    """T3: the days that months do not share."""

    def marks(at: datetime) -> Iterator[str]:
        yield from (f"{at:%d}", f"{at:%m-%d}", f"{at:%H:%M:%S}")

    wanted: set[object] = {"28", "30", "31", "02-29", "02-28", "12-31", "00:00:00", "23:59:59"}
    assert reached(instants(), marks, wanted) == wanted


@given(catalogs(Rounding.down))
def test_catalogues_keep_the_rounding_asked_for(catalog: Catalog) -> None:
    """B4: one rule for all of them."""
    assert catalog.terms.rounding is Rounding.down


@given(actions(StartFree, StartTrial, first=2026, last=2027))
def test_actions_are_of_the_kinds_and_years_asked_for(action: Action) -> None:
    """Two kinds of the fourteen, two years."""
    assert (type(action) in {StartFree, StartTrial}, 2026 <= action.at.year <= 2027) == (True, True)


@given(notices_of_accounts(chatim_plans.TrialRunningNotice), phases(), periods())
def test_parts_are_drawn_by_themselves(notice: Notice, phase: Phase, period: object) -> None:
    """One kind of notice, any phase, any period."""
    assert isinstance(notice, chatim_plans.TrialRunningNotice)
    assert isinstance(phase, OnFree | OnTrial | OnPaid)
    assert isinstance(period, chatim_plans.Period)


def test_the_simplest_subscription_is_simple() -> None:
    """What a failing test is shrunk to: one seat on Free, of the published catalogue."""
    facts = find(st.from_type(Subscription), lambda _: True)
    assert (facts.catalog, facts.plan, facts.seats) == (CHATIM, FREE, 1)
    assert facts.scheduled_change is None


# --- histories ---
@given(histories())
def test_a_history_can_be_replayed(history: list[Action]) -> None:
    """P7: the published catalogue accepts it as it stands, from its first action on."""
    assert replay(history).account.subscription.as_of == history[-1].at


@given(st.data())
def test_a_history_can_be_replayed_with_its_catalogue(data: st.DataObject) -> None:
    """P7: and so does any other."""
    catalog = data.draw(catalogs())
    history = data.draw(histories(catalog))
    assert 1 <= len(history) <= 21
    assert replay(history, catalog=catalog).account.subscription.as_of == history[-1].at


def next_editions() -> list[Catalog]:
    """Two editions that follow the published one, with all of its plans."""
    return [evolve(CHATIM, edition=name) for name in ("2027", "2028")]


def editions_of(statement: Statement) -> set[object]:
    """The names of the edition held and the one that waits."""
    facts = statement.account.subscription
    return {facts.catalog.edition, facts.upcoming_catalog.edition}


def test_moves_lead_to_the_editions_that_are_given() -> None:
    """C5: each of them is reached."""
    wanted: set[object] = {"2026", "2027", "2028"}
    assert reached(statements(CHATIM, editions=next_editions()), editions_of, wanted) == wanted


@given(st.data())
def test_moves_lead_to_no_other_edition(data: st.DataObject) -> None:
    """C5: so that whoever knows these knows every plan of a history."""
    known = next_editions()
    moves = [
        action.catalog
        for action in data.draw(histories(editions=known))
        if isinstance(action, MoveToEdition)
    ]
    assert all(catalog in (CHATIM, *known) for catalog in moves)
    assert editions_of(data.draw(statements(CHATIM, editions=known))) <= {"2026", "2027", "2028"}


@given(histories(refused=True))
def test_refused_actions_can_be_kept(history: list[Action]) -> None:
    """P7: they come in order, and nothing but a refusal is in their way."""
    account = open_account(history[0]).account
    kept = []
    for action in history[1:]:
        try:
            account = apply(account, action).account
        except ActionRefusedError:
            continue
        kept.append(action)
    assert replay([history[0], *kept], until=account.subscription.as_of).account == account


def test_every_refusal_is_met() -> None:
    """P7: histories with refused actions meet every reason to refuse."""

    def marks(story: tuple[Catalog, list[Action]]) -> Iterator[type[PlansError]]:
        catalog, history = story
        account = open_account(history[0], catalog).account
        for action in history[1:]:
            try:
                account = apply(account, action).account
            except ActionRefusedError as refusal:
                yield type(refusal)

    wanted: set[object] = {ActionRefusedError, *ActionRefusedError.__subclasses__()}
    wanted -= {IntervalMismatchError}  # of `monthly_charge` alone, which is no action
    stories = catalogs().flatmap(lambda c: st.tuples(st.just(c), histories(c, refused=True)))
    assert reached(stories, marks, wanted) == wanted


@given(st.data())
def test_editions_after_a_catalogue_can_be_moved_to(data: st.DataObject) -> None:
    """C5: every account of the old edition may move there."""
    catalog = data.draw(catalogs())
    edition = data.draw(editions_after(catalog))
    start = data.draw(instants(2026, 2027))
    account = replay(
        [StartFree(at=start), MoveToEdition(edition, at=start)], catalog=catalog
    ).account
    assert account.subscription.catalog == edition


# --- the entry point ---
def entry_point() -> str:
    """What pyproject.toml tells Hypothesis to call."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (target,) = project["entry-points"]["hypothesis"].values()
    return str(target)


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that finds the package with its entry point, as installed."""
    metadata = tmp_path / "chatim_plans-0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: chatim-plans\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text(f"[hypothesis]\nchatim-plans = {entry_point()}\n")
    path = f"{tmp_path}{os.pathsep}{PACKAGE.parent}"
    return {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "error"}


def printed(code: str, environment: dict[str, str]) -> list[str]:
    """What a fresh process prints."""
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.split()


@pytest.mark.parametrize(
    "first",
    [
        "hypothesis",
        "hypothesis.strategies",
        "chatim_plans",
        "chatim_plans._hypothesis_entry_point",
        "chatim_plans.strategies.by_type",
        "chatim_plans.strategies.histories",
    ],
)
def test_any_import_may_come_first(first: str, installed: dict[str, str]) -> None:
    """Hypothesis calls the entry point half-way through its own import, whoever began it."""
    code = (
        f"import {first}\n"
        "import chatim_plans, hypothesis, hypothesis.strategies as st\n"
        "found = hypothesis.find(st.from_type(chatim_plans.Subscription), lambda _: True)\n"
        "print(found.plan.key)"
    )
    assert printed(code, installed) == ["free"]


def test_importing_hypothesis_makes_no_strategy(installed: dict[str, str]) -> None:
    """The strategies are imported when one is asked for, not in everybody's test run."""
    code = "import sys, hypothesis; print(*(name for name in sys.modules if 'chatim' in name))"
    loaded = printed(code, installed)
    assert "chatim_plans._hypothesis_entry_point" in loaded
    assert "chatim_plans.strategies.by_type" not in loaded


def test_the_installed_package_has_the_entry_point() -> None:
    """Where the package is installed, its metadata says what pyproject.toml says."""
    group = importlib.metadata.entry_points(group="hypothesis")
    ours = [entry.value for entry in group if entry.name == "chatim-plans"]
    try:
        importlib.metadata.distribution("chatim-plans")
    except importlib.metadata.PackageNotFoundError:
        assert ours == []  # run from the source
    else:
        assert ours == [entry_point()]


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing the strategies without Hypothesis says what to install."""
    for name in [name for name in sys.modules if name.startswith("chatim_plans.strategies")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(ImportError, match=r"pip install 'chatim-plans\[hypothesis\]'"):
        importlib.import_module("chatim_plans.strategies")
