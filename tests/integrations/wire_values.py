"""Strategies for the values of every kind that has a document, and ways to spoil a document."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeAlias

from hypothesis import strategies as st

import chatim_plans as cp
from tests.laws.histories import (
    CATALOGS,
    histories,
    library_action,
    library_catalog,
    paid_histories,
)

Way: TypeAlias = tuple[str | int, ...]


def editions() -> tuple[cp.Catalog, ...]:
    """Every catalogue of the histories, the published one first."""
    return tuple(library_catalog(catalog) for catalog in CATALOGS.values())


def of_kind(kind: str) -> st.SearchStrategy[Any]:
    """Values of the kind: the one place that says where they come from."""
    return _strategies()[kind]


@cache
def _strategies() -> dict[str, st.SearchStrategy[Any]]:
    at = st.datetimes(datetime(1, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC)).map(
        lambda at: at.replace(microsecond=0)
    )
    seats, count = st.integers(1, 10**6), st.integers(0, 10**12)
    catalogs = st.sampled_from(editions())
    plans = catalogs.flatmap(lambda catalog: st.sampled_from(catalog.plans))
    currency = st.builds(cp.Currency, st.from_regex("[A-Z]{3}", fullmatch=True), st.integers(0, 4))
    money = st.builds(cp.Money, st.integers(), currency)
    limit = st.one_of(st.just(cp.UNLIMITED), count)
    limits = st.builds(
        lambda seats, chats, flows: cp.Limits({
            "seats": seats,
            "chats": chats,
            "chatbot_flows": flows,
        }),
        st.one_of(st.just(cp.UNLIMITED), seats),
        limit,
        limit,
    )
    features = st.frozensets(st.sampled_from(cp.Feature))
    changes = st.builds(cp.LimitChange, st.sampled_from(cp.Quota), limit, limit)
    rows = st.lists(changes, max_size=3).map(tuple)
    period = st.builds(
        lambda start, seconds: cp.Period(start, start + timedelta(seconds=seconds)),
        at,
        st.integers(1, 10**9),
    )
    cycle = st.builds(cp.Cycle, at, st.integers(1, 24))
    free, paid = histories().map(_statement), paid_histories().map(_statement)
    some = st.one_of(free, paid)
    texts = st.text(min_size=1).filter(str.strip)
    later = st.one_of(st.none(), at)
    made: dict[str, st.SearchStrategy[Any]] = {
        "Currency": currency,
        "Money": money,
        "Period": period,
        "Cycle": cycle,
        "Limit": limit,
        "Limits": limits,
        "Plan": plans,
        "Catalog": catalogs,
        "FeatureMatrix": st.lists(plans, max_size=4).map(cp.FeatureMatrix),
        "LimitChange": changes,
        "Difference": st.builds(cp.Difference, features, features, rows, rows),
        "Terms": st.builds(
            cp.Terms,
            texts,
            seats,
            count,
            st.builds(cp.Money, count, currency),
            st.sampled_from(cp.Rounding),
            st.booleans(),
            st.lists(texts),
        ),
        "StartTrial": st.builds(cp.StartTrial, seats, at=at),
        "ChoosePlan": st.builds(cp.ChoosePlan, plans, st.one_of(st.none(), seats), at=at),
        "ChangeSeats": st.builds(cp.ChangeSeats, seats, at=at),
        "PaymentFailed": st.builds(cp.PaymentFailed, st.booleans(), at=at),
        "MoveToEdition": st.builds(cp.MoveToEdition, catalogs, at=at),
        "OnFree": st.builds(cp.OnFree, st.booleans()),
        "OnTrial": st.builds(cp.OnTrial, at),
        "OnPaid": st.builds(
            lambda cycle, standing: cp.OnPaid(cycle, cycle.period_holding(cycle.anchor), standing),
            cycle,
            st.sampled_from(cp.Standing),
        ),
        "ScheduledChange": st.builds(cp.ScheduledChange, plans, at),
        "TrialEligibility": st.builds(
            cp.TrialEligibility,
            st.booleans(),
            st.one_of(st.none(), st.sampled_from(cp.TrialRefusal)),
        ),
        "Statement": some,
        "Account": some.map(lambda statement: statement.account),
        "Subscription": some.map(lambda statement: statement.account.subscription),
        "Invoice": paid.map(lambda statement: statement.invoices[-1]),
        "Line": paid.map(lambda statement: statement.invoices[-1].lines[0]),
        "Entitlements": some.map(
            lambda made: cp.entitlements(
                made.account.subscription, made.account.subscription.as_of + timedelta(days=20)
            )
        ),
        "Decision": st.builds(
            cp.Decision,
            st.booleans(),
            st.sampled_from(cp.Reason),
            plans,
            st.one_of(st.none(), plans),
            later,
        ),
        "DowngradeReport": st.builds(cp.DowngradeReport, at, features, rows, count, money),
        "AccountRestrictedNotice": st.builds(cp.AccountRestrictedNotice, plans),
        "PaymentRequiredNotice": st.just(cp.PaymentRequiredNotice()),
        "TrialEndedNotice": st.just(cp.TrialEndedNotice()),
        "SeatsOverLimitNotice": st.builds(cp.SeatsOverLimitNotice, seats, limit, seats),
        "ChangeScheduledNotice": st.builds(cp.ChangeScheduledNotice, plans, at),
        "TrialRunningNotice": st.builds(cp.TrialRunningNotice, plans, seats, at),
    }
    plain = (cp.StartFree, cp.Cancel, cp.Resume, cp.AddPaymentMethod, cp.RemovePaymentMethod)
    for action in (*plain, cp.PaymentSucceeded):
        made[action.__name__] = st.builds(action, at=at)
    keys = (cp.Rounding, cp.Feature, cp.Quota, cp.Standing, cp.Status, cp.TrialRefusal)
    for enum in (*keys, cp.LineKind, cp.Reason, cp.Role):
        made[enum.__name__] = st.sampled_from(enum)
    return made


def _statement(drawn: Any) -> cp.Statement:
    """The statement of a drawn history; acts that are refused leave no trace."""
    catalog, acts = drawn
    first, *rest = map(library_action, acts)
    statement = cp.open_account(first, library_catalog(catalog))
    for action in rest:
        try:
            after = cp.apply(statement.account, action)
        except cp.PlansError:
            continue
        statement = cp.Statement(after.account, statement.invoices + after.invoices)
    return statement


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
