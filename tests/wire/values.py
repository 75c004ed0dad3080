"""The values of every kind that has a document, and ways to spoil a document."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import attrs
from attrs import evolve
from hypothesis import strategies as st

import chatim_plans as cp
from chatim_plans.strategies import instants, limits, prices, seats, statements
from tests.accounts import a_plan, repriced

Way: TypeAlias = tuple[str | int, ...]


@cache
def editions() -> tuple[cp.Catalog, ...]:
    """What both ends know: the published catalogue, a dearer one with a grace, one with a yearly
    plan, which a trial and a retired plan rank below, and one by the classic mode.
    """
    free, pro, ultimate = cp.CHATIM.plans
    yearly = a_plan("yearly", 190_01, months=12, features=pro.features)
    starter = a_plan("starter", 9_01, features=free.features)
    dearer = repriced("dearer", pro=25_00)
    graceful = evolve(dearer, terms=evolve(dearer.terms, grace_days=7))
    negotiated = evolve(
        cp.CHATIM,
        edition="negotiated",
        plans=(free, starter, pro, yearly, ultimate),
        retired={"starter"},
    )
    classic = evolve(
        negotiated,
        edition="classic",
        terms=evolve(negotiated.terms, billing_mode=cp.BillingMode.classic),
        retired={"ultimate"},
    )
    return cp.CHATIM, graceful, negotiated, classic


@cache
def of_kind(kind: str) -> st.SearchStrategy[Any]:
    """Values of the kind: any at all, but that their plans and editions are ones both ends know."""
    named = _naming_plans()
    return named[kind] if kind in named else st.from_type(getattr(cp, kind))


@cache
def _naming_plans() -> dict[str, st.SearchStrategy[Any]]:
    catalogs = st.sampled_from(editions())
    plans = catalogs.flatmap(lambda catalog: st.sampled_from(catalog.plans))
    paid = catalogs.flatmap(lambda catalog: st.sampled_from(catalog.plans[1:]))
    sold = catalogs.flatmap(lambda catalog: statements(catalog, editions=editions()))
    nth = st.integers(0, 40)
    events = st.builds(lambda sold, n: sold.events[n % len(sold.events)], sold, nth)
    invoices = sold.filter(lambda statement: statement.invoices).map(
        lambda statement: statement.invoices[-1]
    )
    facts = sold.map(lambda statement: statement.account.subscription)
    allowed = facts.map(lambda facts: cp.entitlements(facts, facts.as_of))
    asked = st.sampled_from(cp.Feature) | st.tuples(st.sampled_from(cp.Quota), st.integers(0, 6))
    rows = st.lists(plans, min_size=1, max_size=4, unique_by=lambda plan: plan.key)
    amounts = prices().map(lambda amount: cp.Money(amount, cp.USD))
    return {
        "Limit": limits(),
        "Plan": plans,
        "Catalog": catalogs,
        "FeatureMatrix": rows.map(cp.FeatureMatrix),
        "ChoosePlan": st.builds(cp.ChoosePlan, plans, st.none() | seats(), at=instants()),
        "MoveToEdition": st.builds(cp.MoveToEdition, catalogs, at=instants()),
        "ScheduledChange": st.builds(cp.ScheduledChange, plans, instants()),
        "Statement": sold,
        "Account": sold.map(lambda statement: statement.account),
        "Subscription": facts,
        "AccountEvent": events,
        "Held": events.map(lambda event: event.after),
        "Invoice": invoices,
        "Line": st.builds(lambda invoice, n: invoice.lines[n % len(invoice.lines)], invoices, nth),
        "Entitlements": allowed,
        "Decision": st.builds(_decision, allowed, asked),
        "AccountRestrictedNotice": st.builds(cp.AccountRestrictedNotice, paid),
        "ChangeScheduledNotice": st.builds(cp.ChangeScheduledNotice, plans, instants()),
        "PriceChangeNotice": st.builds(_price_change, paid, amounts, instants()),
        "TrialRunningNotice": st.builds(
            cp.TrialRunningNotice, paid, st.integers(1, 60), instants()
        ),
    }


def _decision(may: cp.Entitlements, asked: cp.Feature | tuple[cp.Quota, int]) -> cp.Decision:
    return may.decide(asked) if isinstance(asked, cp.Feature) else may.decide_usage(*asked)


def _price_change(plan: cp.Plan, before: cp.Money, at: datetime) -> cp.PriceChangeNotice:
    higher = cp.Money(plan.price.amount + 1, plan.price.currency)
    return cp.PriceChangeNotice(plan, higher if before == plan.price else before, plan.price, at)


# --- What each version wrote ---
def dearer() -> cp.Catalog:
    """A second edition, of which Free and Ultimate are those of the first."""
    pro = evolve(cp.PRO, price=cp.Money(2500, cp.USD))
    return cp.Catalog("2027", (cp.FREE, pro, cp.ULTIMATE), cp.CHATIM.terms)


def by_the_year() -> cp.Catalog:
    """An edition with a plan of twelve months."""
    plan = cp.Plan(
        "enterprise", cp.Money(40_000, cp.USD), 12, cp.ULTIMATE.features, cp.ULTIMATE.limits
    )
    return cp.Catalog("large", (*cp.CHATIM.plans, plan), cp.CHATIM.terms)


def without_ultimate() -> cp.Catalog:
    """An edition that has retired Ultimate and gives a week of grace."""
    terms = evolve(cp.CHATIM.terms, grace_days=7)
    return evolve(dearer(), edition="2028", terms=terms, retired={"ultimate"})


def golden_editions() -> tuple[cp.Catalog, ...]:
    """What those know who wrote the golden documents: four editions."""
    return cp.CHATIM, dearer(), by_the_year(), without_ultimate()


_GOLDEN = Path(__file__).parent / "golden"


def folder(version: int) -> Path:
    """Where the documents stand whose form is new in that version."""
    return _GOLDEN / f"v{version}"


def kind_of(name: str) -> str:
    """The kind of an example: what stands before the dash."""
    return name.split("-", maxsplit=1)[0]


@cache
def golden(version: int) -> dict[str, Any]:
    """By example: the document that this version wrote, in the form of the last one to change it."""
    files = [file for each in range(1, version + 1) for file in folder(each).iterdir()]
    return {file.stem: json.loads(file.read_text("utf-8")) | {"version": version} for file in files}


# --- Comparing ---
def anatomy(value: Any) -> object:
    """A value with the classes of all its parts: to `==`, a StrEnum is a mere str."""
    if attrs.has(type(value)):
        fields = [getattr(value, field.name) for field in attrs.fields(type(value))]
        return type(value), [anatomy(part) for part in fields]
    if isinstance(value, tuple | frozenset):
        return type(value), sorted((anatomy(part) for part in value), key=repr)
    return type(value), value


# --- Spoilt documents ---
def parts(document: object, *path: str | int) -> Iterator[tuple[Way, object]]:
    """Everything in a document, with the way to it."""
    yield path, document
    inner: Any = ()
    if isinstance(document, dict):
        inner = document.items()
    elif isinstance(document, list):
        inner = enumerate(document)
    for name, part in inner:
        yield from parts(part, *path, name)


def altered(document: object, path: Way, *, put: Any) -> Any:
    """The document with something else at the end of the path; `...` takes the key away."""
    twin: Any = copy.deepcopy(document)
    holder = twin
    for step in path[:-1]:
        holder = holder[step]
    if put is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = put
    return twin


RUBBISH: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 5),
        st.floats(),
        st.text(max_size=3),
        st.sampled_from(["2026", "pro", "unlimited", "2026-01-15T09:00:00Z", "good", "kind"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(), inner, max_size=2)
    ),
    max_leaves=4,
)
