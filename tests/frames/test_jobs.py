"""Periods, prorations and access of whole tables, on every engine, beside the library's own."""

from __future__ import annotations

import importlib
import sys
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from attrs import evolve

pytest.importorskip("narwhals", reason="frames need the extra dataframes")
pytest.importorskip("polars", reason="frames are tested on polars, pandas, pyarrow and DuckDB")

import narwhals as nw
import pandas as pd
import polars as pl

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    Cycle,
    Feature,
    InvalidTypeError,
    InvalidValueError,
    Money,
    OnFree,
    OnPaid,
    OnTrial,
    Period,
    Plan,
    Rounding,
    ScheduledChange,
    Standing,
    Subscription,
    UnknownKeyError,
    entitlements,
    prorate,
)
from chatim_plans.frames import billing_periods, entitled, month_invoices, prorations
from tests.frames.engines import Made, Read, Row, each_engine, table_of
from tests.frames.rows import FREE_ROW, SECOND, anchor_around, month_of
from tests.instants import utc


# --- periods ---
@each_engine
def test_the_period_holding_an_instant_or_each_rows_own(make: Made, read: Read) -> None:
    """Months and years, clamped; an instant for all rows, or a column of them."""
    random = Random(1)
    close = month_of(2028, 2)
    anchors = [anchor_around(close, random, years=9) for _ in range(400)]
    months = [random.choice([1, 1, 2, 3, 12, 24]) for _ in anchors]
    at = max(anchors) + SECOND
    own = [anchor + timedelta(seconds=random.randrange(10**9)) for anchor in anchors]
    rows: list[Row] = [
        {"anchor": anchor, "interval_months": interval, "change_at": instant}
        for anchor, interval, instant in zip(anchors, months, own, strict=True)
    ]
    for asked, instants in ((at, [at] * len(rows)), ("change_at", own)):
        expected = [
            Cycle(row["anchor"], row["interval_months"]).period_holding(instant)
            for row, instant in zip(rows, instants, strict=True)
        ]
        got = read(billing_periods(make(table_of(rows)), asked))
        assert [Period(row["period_start"], row["period_end"]) for row in got] == expected


def test_a_period_of_the_anchor_itself_is_the_first() -> None:
    """The anchor's own column may be named, or one `at`; months are no instants."""
    table = table_of([{"anchor": utc(2026, 1, 31), "interval_months": 1}])
    got = billing_periods(table, "anchor").to_pylist()[0]
    assert (got["period_start"], got["period_end"]) == (utc(2026, 1, 31), utc(2026, 2, 28))
    named = table.append_column("at", table["anchor"])
    assert billing_periods(named, "at").drop_columns(["at"]) == billing_periods(table, "anchor")
    with pytest.raises(InvalidValueError, match=r"^at: expected an instant, or the name of"):
        billing_periods(table, "interval_months")


def test_the_period_of_an_instant_that_is_none_is_refused() -> None:
    """A naive instant, a date, an instant before 1970, pandas' instant that is none."""
    table = table_of([{"anchor": utc(2026, 1, 1), "interval_months": 1}])
    wrong: Any
    for wrong, error in (
        (datetime(2026, 1, 1), InvalidValueError),
        (utc(1969, 12, 31), InvalidValueError),
        (None, InvalidTypeError),
        (pd.NaT, InvalidValueError),
    ):
        with pytest.raises(error, match="instant"):
            billing_periods(table, wrong)


# --- prorations ---
@each_engine
def test_prorations_are_those_of_the_library(make: Made, read: Read) -> None:
    """Both lines and their sum, for parts and halves of months and years, and large totals."""
    random = Random(2)
    rows: list[Row] = []
    for _ in range(400):
        anchor = anchor_around(month_of(2028, 2), random, years=9)
        period = Cycle(anchor, random.choice([1, 12])).period_holding(anchor)
        left = random.choice([
            1,
            period.seconds // 2,
            period.seconds,
            random.randrange(1, period.seconds),
        ])
        rows.append({
            "price": random.choice([0, 999, 1900, 10**8]),
            "seats": random.choice([1, 3, 10**6]),
            "new_price": random.choice([0, 1, 3900, 10**8]),
            "new_seats": random.choice([1, 5, 10**6]),
            "period_start": period.start,
            "period_end": period.end,
            "change_at": period.end - timedelta(seconds=left),
        })
    currency = PRO.price.currency
    expected = []
    for row in rows:
        whole, part = (
            Period(row[name], row["period_end"]) for name in ("period_start", "change_at")
        )
        before = Money(-row["price"] * row["seats"], currency)
        after = Money(row["new_price"] * row["new_seats"], currency)
        lines = [prorate(amount, part=part, whole=whole).amount for amount in (before, after)]
        expected.append((*lines, sum(lines)))
    got = read(prorations(make(table_of(rows))))
    assert [(row["unused_time"], row["remaining_time"], row["net"]) for row in got] == expected


def test_several_changes_of_one_period_wait_as_their_sum() -> None:
    """Summed by subscription, prorations are the `pending` of the month's invoice."""
    start, end = utc(2026, 10, 15, 9), utc(2026, 11, 15, 9)
    period = {"price": 1900, "new_price": 1900, "period_start": start, "period_end": end}
    changes = [
        {"account": 1, **period, "seats": 3, "new_seats": 5, "change_at": utc(2026, 10, 20)},
        {"account": 1, **period, "seats": 5, "new_seats": 4, "change_at": utc(2026, 10, 29, 12)},
    ]
    lines = prorations(pl.DataFrame(table_of(changes)))
    pending = lines.group_by("account").agg(pl.col("net").sum())["net"].item()
    facts = {"price": 1900, "seats": 4, "anchor": start, "pending": pending}
    invoiced = month_invoices(table_of([FREE_ROW | facts]), month_of(2026, 11)).to_pylist()[0]
    assert invoiced["boundary_total"] == 7600 + sum(lines["unused_time"]) + sum(
        lines["remaining_time"]
    )


# --- access ---
def subscriptions(random: Random, count: int) -> list[Subscription]:
    """Facts of every kind, at instants around February 2028."""
    return [subscription(random) for _ in range(count)]


def subscription(random: Random) -> Subscription:
    """One account: on Free, in a trial or paid, with or without a plan that waits."""
    as_of, plan = utc(2028, 2, random.randrange(1, 29)), random.choice([PRO, ULTIMATE])
    facts = Subscription(CHATIM, FREE, 1, as_of, OnFree())
    kind = random.choice(["free", "trial", "paid"])
    if kind == "free":
        return facts
    payment = random.random() < 0.5
    if kind == "trial":
        end = as_of + timedelta(days=random.randrange(1, 30))
        phase: OnTrial | OnPaid = OnTrial(end)
        facts = evolve(facts, plan=plan, phase=phase, tried_plan=plan.key, payment_method=payment)
    else:
        cycle = Cycle(utc(2020, 1, random.choice([1, 28, 31])))
        standing = random.choice([Standing.good, Standing.past_due, Standing.restricted])
        phase = OnPaid(cycle, cycle.period_holding(as_of), standing)
        facts = evolve(facts, plan=plan, phase=phase, was_invoiced=True, payment_method=payment)
    if random.random() < 0.5:
        return facts
    waiting: Plan = random.choice([FREE, PRO, ULTIMATE])
    return evolve(facts, scheduled_change=ScheduledChange(waiting, phase.end))


def as_row(facts: Subscription) -> Row:
    """The columns that `entitled` reads."""
    change = facts.scheduled_change
    return {
        "plan": facts.plan.key,
        "as_of": facts.as_of,
        "trial_end": facts.phase.trial_end if isinstance(facts.phase, OnTrial) else None,
        "payment_method": facts.payment_method,
        "restricted": facts.present_status == "restricted",
        "scheduled_plan": change and change.plan.key,
        "scheduled_at": change and change.at,
    }


@each_engine
@pytest.mark.parametrize("feature", ["javascript_sdk", "visitor_export", "api_access"])
def test_access_is_what_entitlements_say(make: Made, read: Read, feature: str) -> None:
    """A feature of every plan, of two, of one; at the facts, at a boundary, years on."""
    accounts = subscriptions(Random(3), 300)
    ends = {facts.phase.end for facts in accounts if facts.phase.end}
    at_ends = [max(utc(2028, 3, 1), end) for end in sorted(ends)[::20]]
    for at in [utc(2028, 2, 29), *at_ends, *(end - SECOND for end in at_ends), utc(2033, 1, 1)]:
        asked = [facts for facts in accounts if facts.as_of <= at]
        expected = [entitlements(facts, at).allows(feature) for facts in asked]
        got = read(entitled(make(table_of([as_row(facts) for facts in asked])), feature, at))
        assert [row["entitled"] for row in got] == expected


def test_access_to_what_nobody_has_heard_of_is_refused() -> None:
    """An unknown feature, a naive instant, pandas' instant that is none, no catalogue."""
    table = table_of([as_row(subscriptions(Random(1), 1)[0])])
    wrong: Any = "CHATIM"
    with pytest.raises(UnknownKeyError, match="api_acces"):
        entitled(table, "api_acces", utc(2028, 3, 1))
    with pytest.raises(InvalidValueError, match="aware"):
        entitled(table, Feature.api_access, datetime(2028, 3, 1))
    with pytest.raises(InvalidValueError, match="aware"):
        entitled(table, Feature.api_access, pd.NaT)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="Catalog"):
        entitled(table, Feature.api_access, utc(2028, 3, 1), catalog=wrong)


# --- what is closed ---
@pytest.mark.parametrize(
    "period",
    [
        Period(utc(2026, 2, 2), utc(2026, 3, 2)),
        Period(utc(2026, 2, 1), utc(2026, 4, 1)),
        Period(utc(2026, 2, 1), utc(2026, 2, 28)),
        Period(utc(2026, 2, 1, 1), utc(2026, 3, 1, 1)),
        Period(utc(2026, 2, 1, 0, 1), utc(2026, 3, 1, 0, 1)),
        Period(utc(2026, 2, 1, 0, 0, 1), utc(2026, 3, 1, 0, 0, 1)),
        Period(utc(1969, 12, 1), utc(1970, 1, 1)),
        Period(utc(9999, 1, 1), utc(9999, 2, 1)),
    ],
)
def test_only_a_calendar_month_is_closed(period: Period) -> None:
    """In another period an account could meet two boundaries, or none."""
    with pytest.raises(InvalidValueError, match=r"^month: expected a calendar month in UTC"):
        month_invoices(table_of([FREE_ROW]), period)


@pytest.mark.parametrize("period", [month_of(1970, 1), month_of(9998, 12)])
def test_the_first_and_the_last_month_are_closed(period: Period) -> None:
    """The years 1970 to 9998, both included."""
    row = FREE_ROW | {"price": 1900, "anchor": period.end - SECOND}
    assert month_invoices(table_of([row]), period).to_pylist()[0]["amount_due"] == 1900


def test_terms_that_round_otherwise_are_refused() -> None:
    """Columns round by rule B4 alone, and say so."""
    terms = evolve(CHATIM.terms, rounding=Rounding.ties_to_even)
    with pytest.raises(InvalidValueError, match=r"^rounding: expected ties_to_customer"):
        month_invoices(table_of([FREE_ROW]), month_of(2026, 2), terms=terms)


@pytest.mark.parametrize("wrong", [None, [FREE_ROW], 5, "frame", pl.Series([1])])
def test_what_is_no_frame_is_refused(wrong: Any) -> None:
    """With a list of the engines that are known."""
    with pytest.raises(InvalidTypeError, match=r"^frame: expected a frame of polars"):
        month_invoices(wrong, month_of(2026, 2))


def test_a_wrong_month_terms_or_checked_is_refused() -> None:
    """Each with the type that is asked for."""
    wrong: Any = "2026-02"
    table = table_of([FREE_ROW])
    with pytest.raises(InvalidTypeError, match=r"^month: expected a Period"):
        month_invoices(table, wrong)
    with pytest.raises(InvalidTypeError, match=r"^terms: expected a Terms"):
        month_invoices(table, month_of(2026, 2), terms=wrong)
    with pytest.raises(InvalidTypeError, match=r"^checked: expected a bool"):
        month_invoices(table, month_of(2026, 2), checked=wrong)


def test_a_frame_of_narwhals_stays_one() -> None:
    """Those who write for any engine get back what they gave."""
    frame = nw.from_native(pl.DataFrame(table_of([FREE_ROW])))
    assert isinstance(month_invoices(frame, month_of(2026, 2)), nw.DataFrame)
    assert isinstance(month_invoices(frame.lazy(), month_of(2026, 2)), nw.LazyFrame)


def test_without_the_extra_the_import_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where narwhals is missing, the error says what to install."""
    for name in [name for name in sys.modules if name.startswith("chatim_plans.frames")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "narwhals", None)
    with pytest.raises(ImportError, match=r"pip install 'chatim-plans\[dataframes\]'"):
        importlib.import_module("chatim_plans.frames")
