"""`month_invoices` says of every row, on every engine, what the library says of that account."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("narwhals", reason="frames need the extra dataframes")
pytest.importorskip("polars", reason="frames are tested on polars, pandas, pyarrow and DuckDB")

from chatim_plans import CHATIM, Money, Period, Terms
from chatim_plans.foundation.instants import unix_seconds
from chatim_plans.frames import invoice_batches, month_invoices
from chatim_plans.frames.arithmetic import DAY, NEVER, PLAIN
from chatim_plans.frames.blocks import BLOCK, SLICE
from chatim_plans.frames.months import _month_job
from tests.frames.engines import ENGINES, INSTANT, Made, Read, each_engine, table_of
from tests.frames.rows import (
    EACH,
    FREE_ROW,
    MONTHS,
    Row,
    adversarial,
    differences,
    month_of,
    row_around,
    told_by_the_core,
)
from tests.instants import utc

AT_ONCE = evolve(CHATIM.terms, seat_lines_at_once=True)
FREE_OF_CARRYING = evolve(
    CHATIM.terms, smallest_charge=Money(0, CHATIM.terms.smallest_charge.currency)
)


@pytest.mark.parametrize(("year", "month"), MONTHS)
@each_engine
def test_every_engine_agrees_with_the_library_row_by_row(
    make: Made, read: Read, year: int, month: int
) -> None:
    """Month ends, leap days, halves of a cent, a second around each boundary, large totals."""
    given_rows, told = adversarial(year, month)
    got = read(month_invoices(make(table_of(given_rows)), month_of(year, month)))
    assert list(differences(got, given_rows, told)) == []


@each_engine
def test_lines_that_wait_and_sum_to_nothing_are_on_an_invoice(make: Made, read: Read) -> None:
    """Which collects what is owed from before, also where nothing else is on it (B7, B10)."""
    close, paid = month_of(2028, 2), ("anchor", "price")
    given_rows = [
        row | {"lines_wait": True, "pending": 0, "credit_balance": -60}
        for row in adversarial(2028, 2)[0]
        if all(row[name] for name in paid) and row["anchor"] < close.start
    ]
    told = [told_by_the_core(row, close) for row in given_rows]
    alone = [row for row in told if row["boundary_total"] == 0 and row["boundary_due"] == 60]
    assert len(alone) > 10
    got = read(month_invoices(make(table_of(given_rows)), close))
    assert list(differences(got, given_rows, told)) == []


@pytest.mark.parametrize(("year", "month"), MONTHS)
def test_the_rows_stand_where_rules_meet(year: int, month: int) -> None:
    """Among them is each case that a rule tells apart, many times."""
    given_rows, told = adversarial(year, month)
    close = month_of(year, month)
    seen: Counter[str] = Counter()
    for row, invoiced in zip(given_rows, told, strict=True):
        start, change = invoiced["period_start"], row["change_at"]
        seen["on Free"] += row["price"] == 0
        seen["trial over, with a card"] += (
            row["trial_end"] is not None and start == row["trial_end"]
        )
        seen["trial over, without a card"] += (
            row["trial_end"] is not None and row["trial_end"] in close and start is None
        )
        seen["renewed"] += start is not None and row["anchor"] not in {None, start}
        seen["begun"] += start is not None and row["anchor"] == start
        if close.seconds < 31 * DAY:
            seen["on the last day of a shorter month"] += (
                start is not None and row["anchor"] is not None and start.day < row["anchor"].day
            )
        seen["yearly"] += start is not None and row["interval_months"] == 12
        seen["dropped"] += row["restricted"] and start is None and row["interval_months"] == 1
        seen["cancelled, with lines that waited"] += (
            start is None and row["scheduled_price"] == 0 and invoiced["boundary_total"] != 0
        )
        seen["lower plan"] += start is not None and invoiced["unit_price"] == row["scheduled_price"]
        seen["change joins the invoice"] += (
            invoiced["unused_time"] < 0
            and invoiced["change_total"] == 0 == invoiced["pending_after"]
        )
        seen["change apart, before"] += (
            invoiced["change_total"] != 0 and start is not None and change < start
        )
        seen["change apart, after"] += (
            invoiced["change_total"] != 0 and start is not None and change >= start
        )
        seen["change at the boundary"] += change is not None and change == start
        seen["change waits"] += invoiced["pending_after"] != 0
        seen["carried"] += 0 < invoiced["boundary_total"] - row["credit_balance"] < 50
        seen["met from the balance"] += invoiced["boundary_total"] > 0 == invoiced["boundary_due"]
        seen["large"] += abs(invoiced["boundary_total"]) >= 10**14
        left, whole = invoiced["seconds_left"], invoiced["seconds_whole"]
        seats = row["price"] * row["seats"] * left
        seen["half a cent"] += left > 0 and 2 * seats % whole == 0 and seats % whole != 0
    rare = {name: count for name, count in seen.items() if count < 8}
    assert rare == {}


@pytest.mark.parametrize(("year", "month"), MONTHS)
def test_the_same_text_runs_on_whole_numbers(year: int, month: int) -> None:
    """The rules that columns go through give the same for a row of Python's own ints."""
    given_rows, told = adversarial(year, month)
    got = [by_hand(row, month_of(year, month), CHATIM.terms) for row in given_rows]
    assert list(differences(got, given_rows, told)) == []


def facts_by_hand(row: Row) -> dict[str, int]:
    """The facts of a row as plain numbers, made here."""
    instants = {"anchor", "trial_end", "scheduled_at", "change_at"}
    facts = {"lines_wait": 0}
    for name, value in row.items():
        if name in instants:
            facts[name] = NEVER if value is None else unix_seconds(value)
        else:
            facts[name] = -1 if value is None else int(value)
    return facts


def by_hand(row: Row, month: Period, terms: Terms) -> Row:
    """What the rules say of one row of plain numbers."""
    ruled = _month_job(month, terms).ruled(facts_by_hand(row), PLAIN)
    assert [expected for _, expected, refused in ruled.refused if refused] == []
    period = {
        name: None if ruled.columns[name] == NEVER else utc_of(ruled.columns[name])
        for name in ("period_start", "period_end")
    }
    return {**ruled.columns, **period}


def utc_of(seconds: int) -> object:
    """An instant from its Unix seconds."""
    return utc(1970, 1, 1).fromtimestamp(seconds, utc(1970, 1, 1).tzinfo)


@given(
    st.sampled_from(MONTHS),
    st.randoms(use_true_random=False),
    st.sampled_from([CHATIM.terms, AT_ONCE, FREE_OF_CARRYING]),
)
def test_any_row_by_any_terms_is_what_the_library_says(
    month: tuple[int, int], random: Random, terms: Terms
) -> None:
    """Rows that Hypothesis draws, in memory and as expressions, by three sets of terms."""
    close = month_of(*month)
    given_rows = [row_around(close, random) for _ in range(5)]
    told = [told_by_the_core(row, close, terms) for row in given_rows]
    for engine in ("polars", "polars lazy"):
        make, read = ENGINES[engine]
        got = read(month_invoices(make(table_of(given_rows)), close, terms=terms))
        assert list(differences(got, given_rows, told)) == []


@each_engine
def test_the_result_is_of_the_callers_type_with_its_own_columns_first(
    make: Made, read: Read
) -> None:
    """Columns of the caller stay, the added ones follow in the order documented."""
    frame = make(table_of([FREE_ROW]))
    result = month_invoices(frame, month_of(2026, 2))
    added = _month_job(month_of(2026, 2), CHATIM.terms).added
    assert type(result) is type(frame)
    assert list(read(result)[0]) == ["id", *FREE_ROW, *added]


@each_engine
def test_a_table_without_rows_stays_one(make: Made, read: Read) -> None:
    """No row in, no row out, and every column is there."""
    empty = table_of([FREE_ROW]).slice(0, 0)
    assert read(month_invoices(make(empty), month_of(2026, 2))) == []


@each_engine
def test_instants_may_be_unix_seconds(make: Made, read: Read) -> None:
    """Whole seconds are read as the timestamps that they are."""
    given_rows, told = adversarial(2026, 11)
    instants = ["anchor", "trial_end", "scheduled_at", "change_at"]
    in_seconds = [
        row | {name: None if row[name] is None else unix_seconds(row[name]) for name in instants}
        for row in given_rows[:200]
    ]
    table = table_of(in_seconds, **dict.fromkeys(instants, table_of([FREE_ROW])["price"].type))
    got = read(month_invoices(make(table), month_of(2026, 11)))
    assert list(differences(got, given_rows[:200], told[:200])) == []


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@each_engine
def test_an_instant_may_be_of_any_unit_and_null(make: Made, read: Read, unit: str) -> None:
    """Pandas' `NaT` is a null among seconds, too."""
    import pyarrow as pa

    given_rows, told = adversarial(2026, 11)
    instants = ["anchor", "trial_end", "scheduled_at", "change_at"]
    table = table_of(given_rows[:200], **dict.fromkeys(instants, pa.timestamp(unit, "UTC")))
    got = read(month_invoices(make(table), month_of(2026, 11)))
    assert list(differences(got, given_rows[:200], told[:200])) == []


@pytest.mark.parametrize("zone", ["Europe/Paris", "+05:30", "America/St_Johns"])
def test_an_instant_is_the_same_in_any_zone(zone: str) -> None:
    """A zone is how an instant is shown; boundaries are in UTC (rule T3)."""
    import pyarrow as pa

    given_rows, told = adversarial(2026, 11)
    instants = dict.fromkeys(
        ("anchor", "trial_end", "scheduled_at", "change_at"), pa.timestamp("ms", zone)
    )
    table = table_of(given_rows[:200], **instants)
    got = month_invoices(table, month_of(2026, 11)).to_pylist()
    assert list(differences(got, given_rows[:200], told[:200])) == []


def test_a_fraction_of_a_second_is_dropped() -> None:
    """As everywhere (rule T1)."""
    import pyarrow as pa

    anchor = utc(2026, 11, 15, 9)
    row = FREE_ROW | {"price": 1900, "anchor": anchor.replace(microsecond=999_999)}
    got = month_invoices(table_of([row], anchor=pa.timestamp("ns", "UTC")), month_of(2026, 11))
    assert got.to_pylist()[0]["period_start"] == anchor


def test_rows_are_read_in_slices_and_computed_in_blocks() -> None:
    """A table longer than a slice, whose last block is short, is one table."""
    given_rows, told = adversarial(2026, 2)
    count = SLICE + BLOCK + 3
    import pyarrow as pa

    times = count // EACH + 1
    table = pa.concat_tables([table_of(given_rows)] * times).slice(0, count)
    got = month_invoices(table, month_of(2026, 2)).to_pylist()
    assert list(differences(got, (given_rows * times)[:count], (told * times)[:count])) == []


def test_batches_give_what_their_table_gives() -> None:
    """The function for `mapInArrow` takes batches of any size, as they come."""
    given_rows, told = adversarial(2026, 2)
    batches = table_of(given_rows).to_batches(max_chunksize=700)
    got = [
        row for batch in invoice_batches(batches, month_of(2026, 2)) for row in batch.to_pylist()
    ]
    assert list(differences(got, given_rows, told)) == []


def test_a_column_may_be_of_any_width() -> None:
    """Small integers, unsigned ones, and categories are what they stand for."""
    import pyarrow as pa

    given_rows, told = adversarial(2026, 2)
    small = [(row, said) for row, said in zip(given_rows, told, strict=True) if row["seats"] < 400]
    table = table_of([row for row, _ in small], seats=pa.uint16(), interval_months=pa.int8())
    got = month_invoices(table, month_of(2026, 2)).to_pylist()
    assert list(differences(got, [row for row, _ in small], [said for _, said in small])) == []


def test_lazy_frames_are_not_collected() -> None:
    """What is lazy stays so: the plan of the result is there before any amount is."""
    import polars as pl

    frame = pl.DataFrame(table_of([FREE_ROW])).lazy()
    result = month_invoices(frame, month_of(2026, 2), checked=True)
    assert isinstance(result, pl.LazyFrame)
    assert result.collect_schema()["period_start"] == pl.Datetime("us", "UTC")
    assert pl.DataFrame(result.collect()).to_arrow().schema.field("period_start").type == INSTANT
