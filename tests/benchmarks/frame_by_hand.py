"""The month's job as people would write it in expressions of polars, for polars alone.

With polars' own nulls, and boundaries in one of two ways: by its own dates, or looked up in a list
of first days. It searches for no faults, has the published terms in it, and multiplies without a
guard: a very large amount would overflow.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tests.benchmarks.frame_tables import END, START

SMALLEST = 50
HERE = 2026 * 12 + 9
"""October 2026, in months."""

_MONTHS = np.arange("1970", "2101", dtype="M8[M]")
_DAYS = _MONTHS.astype("M8[D]").astype(np.int64)
_FIRST_DAYS, _LENGTHS = pl.Series(_DAYS[:-1]), pl.Series(np.diff(_DAYS))


def month_in_polars(table: pl.LazyFrame, *, look_up: bool) -> pl.LazyFrame:
    """A lazy frame with the columns of `month_invoices`."""
    names = table.collect_schema().names()
    table = _with_boundaries(table, look_up=look_up)
    table = _with_what_happens(table)
    table = _with_lines(table)
    table = _with_invoices(table)
    start, end = (
        pl.when("_begins").then(pl.col(name) * 1_000_000).cast(pl.Datetime("us", "UTC"))
        for name in ("_start", "_end")
    )
    added = ("unit_price", "billed_seats", "subscription", "unused_time", "remaining_time")
    parts = ("seconds_left", "seconds_whole")
    amounts = ("boundary_total", "boundary_due", "change_total", "change_due")
    sums = ("invoices", "amount_due", "pending_after", "credit_after")
    return table.select(
        *names,
        start.alias("period_start"),
        end.alias("period_end"),
        *added,
        *parts,
        *amounts,
        *sums,
    )


def _with_boundaries(table: pl.LazyFrame, *, look_up: bool) -> pl.LazyFrame:
    """The boundaries around the month, in Unix seconds."""
    table = table.with_columns(_anchor=pl.coalesce("anchor", "trial_end"))
    anchor = pl.col("_anchor")
    first = (anchor.dt.year() * 12 + anchor.dt.month() - 1).cast(pl.Int64)
    table = table.with_columns(
        _day=anchor.dt.day().cast(pl.Int64) - 1,
        _clock=anchor.dt.epoch("s") % 86_400,
        _month=pl
        .when(first >= HERE)
        .then(first)
        .when(pl.col("interval_months") == 1)
        .then(HERE)
        .otherwise(HERE - (HERE - first) % 12),
    )
    months = pl.col("interval_months")
    away = {"_before": -months, "_start": pl.lit(0), "_end": months}
    if look_up:
        places = {name: pl.col("_month") + n - 1970 * 12 for name, n in away.items()}
        return table.with_columns(
            _instant(pl.lit(_FIRST_DAYS).gather(place), pl.lit(_LENGTHS).gather(place)).alias(name)
            for name, place in places.items()
        )
    table = table.with_columns(
        pl.date((pl.col("_month") + n) // 12, (pl.col("_month") + n) % 12 + 1, 1).alias(name)
        for name, n in away.items()
    )
    return table.with_columns(
        _instant(pl.col(name).to_physical(), pl.col(name).dt.days_in_month()).alias(name)
        for name in away
    )


def _instant(first_day: pl.Expr, length: pl.Expr) -> pl.Expr:
    """The anchor's day and time in a month, on its last day if it is shorter."""
    return (first_day + pl.min_horizontal("_day", length - 1)) * 86_400 + pl.col("_clock")


def _with_what_happens(table: pl.LazyFrame) -> pl.LazyFrame:
    """Which boundary and which change there is."""
    c = pl.col
    due = c("_start").is_between(START, END - 1).fill_null(value=False)
    new_seats = pl.coalesce("new_seats", "seats")
    news = c("new_price").is_not_null() | (new_seats != c("seats"))
    on_trial = c("trial_end").is_not_null()
    table = table.with_columns(
        _due=due,
        _dropped=due & c("restricted"),
        _waits=(c("scheduled_at").dt.epoch("s") <= c("_start")).fill_null(value=False),
        _bills=pl.when(on_trial).then("payment_method").otherwise(c("price") > 0),
        _new_seats=new_seats,
        _change=pl.when(news).then(c("change_at").dt.epoch("s")),
    )
    early = (c("_change") < c("_start")).fill_null(value=False)
    to_free = c("_waits") & (c("scheduled_price") == 0)
    table = table.with_columns(
        _early=early,
        _late=(c("_change") < END).fill_null(value=False) & ~early,
        _stays=c("_bills") & ~c("_dropped") & ~to_free,
        _price=pl.when(~early & c("_waits")).then("scheduled_price").otherwise("price"),
    )
    upgraded = (c("_early") | c("_late")) & c("new_price").is_not_null()
    return table.with_columns(
        _begins=c("_due") & c("_stays"),
        _new_price=pl.when(upgraded).then("new_price").otherwise("_price"),
        _at_once=upgraded | (c("interval_months") > 1),
    )


def _with_lines(table: pl.LazyFrame) -> pl.LazyFrame:
    """The line of the period, and the two of the change."""
    c = pl.col
    earlier = c("_at_once") & (c("_change") < START)
    lost = ~c("_at_once") & c("_early") & c("_dropped")
    here = (c("_early") | c("_late")) & ~earlier & ~lost
    unless_waiting = pl.when("_early").then("_new_price").otherwise("_price")
    rate = pl.when("_waits").then("scheduled_price").otherwise(unless_waiting)
    seats = pl.when("_early").then("_new_seats").otherwise("seats")
    until = pl.when("_early").then("_start").otherwise("_end")
    since = pl.when("_early").then("_before").otherwise("_start")
    table = table.with_columns(
        _here=here,
        unit_price=pl.when("_begins").then(rate).otherwise(0),
        billed_seats=pl.when("_begins").then(seats).otherwise(0),
        seconds_left=pl.when(here).then(until - c("_change")).otherwise(0),
        seconds_whole=pl.when(here).then(until - since).otherwise(0),
        _whole=pl.when(here).then(until - since).otherwise(1),
    )
    credit = 2 * c("_price") * c("seats") * c("seconds_left") + c("_whole")
    charge = 2 * c("_new_price") * c("_new_seats") * c("seconds_left") + c("_whole") - 1
    return table.with_columns(
        subscription=c("unit_price") * c("billed_seats"),
        unused_time=-(credit // (2 * c("_whole"))),
        remaining_time=charge // (2 * c("_whole")),
    )


def _with_invoices(table: pl.LazyFrame) -> pl.LazyFrame:
    """The invoices, each met from the balance that the one before it left."""
    c = pl.col
    apart, joins = c("_here") & c("_at_once"), c("_here") & ~c("_at_once")
    table = table.with_columns(
        _lines=c("unused_time") + c("remaining_time"),
        _apart=apart,
        _joins=joins,
        _goes_on=c("_due") & ~c("_dropped"),
        _taken=pl.when(apart & ~(c("_due") & c("_late"))).then("pending").otherwise(0),
    )
    joined = c("_goes_on") & c("_early") & c("_joins")
    waited = pl.when("_goes_on").then(c("pending") - c("_taken")).otherwise(0)
    late_lines = pl.when(c("_late") & c("_joins")).then("_lines").otherwise(0)
    table = table.with_columns(
        change_total=pl.when("_apart").then(c("_lines") + c("_taken")).otherwise(0),
        boundary_total=waited + pl.when(joined).then("_lines").otherwise(0) + c("subscription"),
        _issued=c("_begins") | joined | (waited != 0),
        _change_first=c("_early") & c("_apart"),
        pending_after=pl.when("_due").then(0).otherwise(c("pending") - c("_taken")) + late_lines,
    )
    first = pl.when("_change_first").then("change_total").otherwise("boundary_total")
    table = table.with_columns(
        _owed=first - c("credit_balance"),
        _second=pl.when("_change_first").then("boundary_total").otherwise("change_total"),
        _second_issued=pl.when("_change_first").then("_issued").otherwise("_apart"),
    )
    collected = (c("_change_first") | c("_issued")) & (c("_owed") >= SMALLEST)
    first_due = pl.when(collected).then("_owed").otherwise(0)
    table = table.with_columns(_first_due=first_due, _owed=c("_second") + c("_owed") - first_due)
    collected = c("_second_issued") & (c("_owed") >= SMALLEST)
    table = table.with_columns(_second_due=pl.when(collected).then("_owed").otherwise(0))
    return table.with_columns(
        boundary_due=pl.when("_change_first").then("_second_due").otherwise("_first_due"),
        change_due=pl.when("_change_first").then("_first_due").otherwise("_second_due"),
        invoices=c("_issued").cast(pl.Int64) + c("_apart").cast(pl.Int64),
        amount_due=c("_first_due") + c("_second_due"),
        credit_after=c("_second_due") - c("_owed"),
    )
