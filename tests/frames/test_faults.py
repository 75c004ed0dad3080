"""What frames refuse: each fault with its count and first rows, on every engine, and nothing more."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

pytest.importorskip("narwhals", reason="frames need the extra dataframes")
pytest.importorskip("polars", reason="frames are tested on polars, pandas, pyarrow and DuckDB")

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

from chatim_plans import CHATIM, InvalidTypeError
from chatim_plans.foundation.instants import unix_seconds
from chatim_plans.frames import (
    FrameFault,
    InvalidFrameError,
    billing_periods,
    entitled,
    invoice_batches,
    month_invoices,
    prorations,
)
from chatim_plans.frames.blocks import SLICE, _searched
from chatim_plans.frames.faults import rows_of
from chatim_plans.frames.months import _month_job
from tests.frames.engines import ENGINES, Made, Read, Row, each_engine, rows_of_duckdb, table_of
from tests.frames.rows import (
    ACCESS,
    AFTER,
    ANCHOR,
    BEFORE,
    BOUNDARY,
    FREE_ROW,
    LATER,
    MONTH,
    PAID,
    SECOND,
    SOON,
    TRIAL,
    YEARLY,
    adversarial,
    differences,
)
from tests.instants import utc

# Rows that cannot be meant, by the column that is named.
REFUSED_BY_COLUMNS: dict[str, dict[str, Row]] = {
    "price": {
        "no price": PAID | {"price": None},
        "negative price": PAID | {"price": -1},
        "price over the bound": PAID | {"price": 10**8 + 1},
        "price that would wrap": PAID | {"price": 2**62},
    },
    "seats": {
        "no seats": PAID | {"seats": None},
        "negative seats": PAID | {"seats": -1},
        "no seat": PAID | {"seats": 0},
        "seats over the bound": PAID | {"seats": 10**6 + 1},
    },
    "restricted": {"no flag": PAID | {"restricted": None}},
    "credit_balance": {
        "no balance": PAID | {"credit_balance": None},
        "balance over the bound": PAID | {"credit_balance": 10**14 + 1},
    },
    "interval_months": {
        "interval of 0 months": PAID | {"interval_months": 0},
        "interval of 13 months": PAID | {"interval_months": 13},
    },
    "pending": {"pending over the bound": PAID | {"pending": -(10**14) - 1}},
    "anchor": {"anchor before 1970": PAID | {"anchor": utc(1970, 1, 1) - SECOND}},
    "scheduled_price": {
        "scheduled price below 0": PAID | {"scheduled_price": -1, "scheduled_at": BOUNDARY}
    },
    "new_price": {
        "new price of 0": PAID | {"change_at": BOUNDARY, "new_price": 0},
        "new price as its own stand-in": PAID | {"change_at": BOUNDARY, "new_price": -1},
    },
    "new_seats": {"new seats of 0": PAID | {"change_at": BOUNDARY, "new_seats": 0}},
    "lines_wait": {"lines wait for nobody knows": PAID | {"lines_wait": None}},
}
"""What a column refuses by itself."""

REFUSED_BY_RULES: dict[str, dict[str, Row]] = {
    "interval_months": {
        "interval of 2 months": PAID | {"interval_months": 2},
        "interval of 11 months": PAID | {"interval_months": 11},
    },
    "anchor": {
        "anchor on Free": FREE_ROW | {"anchor": ANCHOR},
        "anchor in a trial": TRIAL | {"anchor": ANCHOR},
    },
    "trial_end": {"trial on Free": FREE_ROW | {"trial_end": BOUNDARY}},
    "price": {"price without an anchor": FREE_ROW | {"price": 1900}},
    "restricted": {
        "restricted on Free": FREE_ROW | {"restricted": True},
        "restricted in a trial": TRIAL | {"restricted": True},
        "restricted before its start": PAID | {"anchor": BOUNDARY, "restricted": True},
    },
    "pending": {
        "pending on Free": FREE_ROW | {"pending": 1},
        "pending in a trial": TRIAL | {"pending": -1},
        "pending before its start": PAID | {"anchor": MONTH.start, "pending": 1},
    },
    "lines_wait": {
        "lines wait on Free": FREE_ROW | {"lines_wait": True},
        "lines wait in a trial": TRIAL | {"lines_wait": True},
    },
    "scheduled_price": {
        "scheduled without an instant": PAID | {"scheduled_price": 0},
        "scheduled without a price": PAID | {"scheduled_at": BOUNDARY},
    },
    "scheduled_at": {
        "scheduled on Free": FREE_ROW | {"scheduled_price": 1900, "scheduled_at": AFTER},
        "scheduled off the boundary": PAID
        | {"scheduled_price": 0, "scheduled_at": BOUNDARY - SECOND},
        "scheduled just after the boundary": PAID
        | {"scheduled_price": 0, "scheduled_at": BOUNDARY + SECOND},
        "scheduled at the start": PAID
        | {"anchor": BOUNDARY, "scheduled_price": 0, "scheduled_at": BOUNDARY},
        "scheduled where no boundary is": YEARLY | {"scheduled_price": 0, "scheduled_at": BOUNDARY},
    },
    "change_at": {
        "change of nothing": PAID | {"change_at": BOUNDARY},
        "change at no instant": PAID | {"new_seats": 5},
        "upgrade at no instant": PAID | {"new_price": 3900},
        "change in an earlier period": PAID
        | {"anchor": utc(2025, 10, 31, 9), "change_at": BEFORE - SECOND, "new_seats": 5},
        "change before the anchor": PAID | {"change_at": ANCHOR - SECOND, "new_seats": 5},
        "change after the month": PAID | {"change_at": MONTH.end, "new_seats": 5},
        "change on Free": FREE_ROW | {"change_at": BOUNDARY, "new_seats": 5},
        "change in a trial": TRIAL | {"change_at": BOUNDARY - SECOND, "new_seats": 5},
        "change after a trial that lapsed": TRIAL
        | {"payment_method": False, "change_at": BOUNDARY, "new_seats": 5},
        "change after a restriction ended on Free": PAID
        | {"restricted": True, "change_at": BOUNDARY, "new_seats": 5},
        "change after a cancellation": PAID
        | {"scheduled_price": 0, "scheduled_at": BOUNDARY, "change_at": BOUNDARY, "new_seats": 5},
        "change before the start": PAID
        | {"anchor": MONTH.end, "change_at": BOUNDARY, "new_seats": 5},
        "change in an earlier year": YEARLY
        | {"anchor": utc(2020, 6, 1), "change_at": utc(2025, 5, 31), "new_seats": 5},
    },
}
"""What contradicts another column, or the month."""

BAD = {
    name: (column, row)
    for table in (REFUSED_BY_COLUMNS, REFUSED_BY_RULES)
    for column, rows in table.items()
    for name, row in rows.items()
}


GOOD: list[Row] = [
    FREE_ROW,
    PAID,
    TRIAL,
    YEARLY,
    PAID | {"change_at": BEFORE, "new_seats": 5},
    PAID | {"change_at": MONTH.end - SECOND, "new_price": 1},
    PAID
    | {
        "scheduled_price": 0,
        "scheduled_at": BOUNDARY,
        "change_at": BOUNDARY - SECOND,
        "new_seats": 5,
    },
    PAID | {"scheduled_price": 0, "scheduled_at": MONTH.end},
    TRIAL | {"scheduled_price": 0, "scheduled_at": BOUNDARY},
    PAID | {"restricted": True, "pending": 10**14, "credit_balance": -(10**14)},
    PAID | {"anchor": MONTH.start - SECOND, "pending": 1},
]


def with_all_columns(rows: list[Row]) -> pa.Table:
    """A table of the rows that has the optional column, too."""
    return table_of([{"lines_wait": False} | row for row in rows])


@pytest.mark.parametrize(("column", "row"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("engine", ["polars", "polars lazy"])
def test_a_row_that_cannot_be_meant_is_refused(engine: str, column: str, row: Row) -> None:
    """With its column, how many rows are such, and the first of them as they were given."""
    make, read = ENGINES[engine]
    table = with_all_columns([*GOOD, row, *GOOD, row])
    with pytest.raises(InvalidFrameError) as refused:
        read(month_invoices(make(table), MONTH))
    fault = next(fault for fault in refused.value.faults if fault.column == column)
    assert (fault.count, list(fault.rows)) == (
        2,
        read(make(table.take([len(GOOD), 2 * len(GOOD) + 1]))),
    )


@pytest.mark.parametrize("make", [make for make, _ in ENGINES.values()], ids=ENGINES)
def test_every_engine_refuses_the_same(make: Made) -> None:
    """All of these rows in two tables: what columns refuse, and what contradicts itself."""
    for by_column in (REFUSED_BY_COLUMNS, REFUSED_BY_RULES):
        bad = [row for rows in by_column.values() for row in rows.values()]
        table = with_all_columns([*GOOD, *bad])
        expected, told = (
            [
                (fault.column, fault.expected, fault.count, {str(row["id"]) for row in fault.rows})
                for fault in faults_with_rows(made)
            ]
            for made in (table, make(table))
        )
        assert told == expected
        assert all(int(number) >= len(GOOD) for *_, numbers in told for number in numbers)


@each_engine
def test_what_can_be_meant_is_not_refused(make: Made, read: Read) -> None:
    """The rows beside the bad ones are good, at their seams too."""
    assert len(read(month_invoices(make(table_of(GOOD)), MONTH))) == len(GOOD)


def test_every_fault_is_told_at_once() -> None:
    """Several columns at fault are all named, each with its own rows, three of them shown."""
    bad = [PAID | {"seats": 0}] * 5 + [PAID | {"price": -1, "seats": -1}]
    found = faults_with_rows(table_of(bad))
    told = [(fault.column, fault.count, len(fault.rows)) for fault in found]
    assert told == [("price", 1, 1), ("seats", 6, 3)]


def test_the_message_says_what_was_expected_and_shows_rows() -> None:
    """A sentence a fault, for people."""
    with pytest.raises(
        InvalidFrameError,
        match=r"^seats: expected a whole number from 1 to 1,000,000; not so in 1 row, the first: \{'seats': 0, 'id': 0, ",
    ):
        month_invoices(table_of([PAID | {"seats": 0}]), MONTH)


def test_rows_are_counted_over_all_slices() -> None:
    """A fault in the first and in the last slice is one fault; good slices between are no matter."""
    good = pl.DataFrame(table_of([PAID])).drop("id")
    bad = pl.DataFrame(table_of([PAID | {"seats": 0}])).drop("id")
    off = pl.DataFrame(table_of([PAID | {"change_at": MONTH.end, "new_seats": 1}])).drop("id")
    parts = [bad, pl.concat([good] * SLICE), off, pl.concat([good] * SLICE), bad, off]
    found = faults_with_rows(pl.concat(parts))
    told = {fault.column: (fault.count, len(fault.rows)) for fault in found}
    # The last slice has both: what rules compute with must be a fact first.
    assert told == {"seats": (2, 2), "change_at": (1, 1)}


def test_a_batch_that_is_refused_says_so_and_pickles() -> None:
    """As Spark's workers send it back."""
    batches = table_of([PAID, PAID | {"seats": 0}]).to_batches()
    with pytest.raises(InvalidFrameError) as refused:
        list(invoice_batches(batches, MONTH))
    (fault,) = pickle.loads(pickle.dumps(refused.value)).faults
    assert (fault.column, fault.count, fault.rows[0]["id"]) == ("seats", 1, 1)


def test_a_batch_without_its_columns_is_refused() -> None:
    """Before anything is computed."""
    batches = table_of([{"seats": 1}]).to_batches()
    with pytest.raises(
        InvalidFrameError, match=r"^price: expected a column, in each row a whole number"
    ):
        list(invoice_batches(batches, MONTH))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            table_of([PAID], seats=pa.int32()),
            {
                "seats": "pyarrow.Field<seats: int64> as in the first batch, not pyarrow.Field<seats: int32>"
            },
        ),
        (
            table_of([PAID]).drop_columns(["credit_balance"]),
            {
                "credit_balance": "pyarrow.Field<credit_balance: int64> as in the first batch, not none"
            },
        ),
        (
            table_of([PAID | {"seen": 1}]),
            {"seen": "no column as in the first batch, not pyarrow.Field<seen: int64>"},
        ),
    ],
)
def test_batches_of_unlike_columns_are_refused(table: pa.Table, told: dict[str, str]) -> None:
    """Each column that is another, before pyarrow would fail to join them."""
    batches = [*table_of([PAID]).to_batches(), *table.to_batches()]
    with pytest.raises(InvalidFrameError) as refused:
        list(invoice_batches(batches, MONTH))
    assert {fault.column: fault.expected for fault in refused.value.faults} == told


def test_batches_with_a_name_twice_are_refused() -> None:
    """Which of two columns is meant nobody can say."""
    table = table_of([PAID])
    twice = table.append_column("seats", table["seats"])
    with pytest.raises(InvalidFrameError, match=r"^seats: expected one column of this name"):
        list(invoice_batches(twice.to_batches(), MONTH))


def test_batches_of_another_order_are_refused() -> None:
    """A stream has one schema."""
    table = table_of([PAID])
    other = table.select(["price", "id", *table.column_names[2:]])
    with pytest.raises(InvalidFrameError, match="as in the first batch"):
        list(invoice_batches([*table.to_batches(), *other.to_batches()], MONTH))


def test_what_is_no_batch_is_refused() -> None:
    """A table is not one of its batches, and nothing is none."""
    table, wrong = table_of([PAID]), "expected record batches of pyarrow, one after the other"
    nothing: Any = None
    for given in (nothing, table):
        with pytest.raises(InvalidTypeError, match=f"^batches: {wrong}"):
            list(invoice_batches(given, MONTH))
    with pytest.raises(InvalidTypeError, match=r"^batch: expected a RecordBatch"):
        list(invoice_batches([table], MONTH))


# --- columns ---
def faults_of(table: Any) -> list[tuple[str, str]]:
    """The columns at fault, and what was expected of them."""
    faults = faults_with_rows(table)
    assert all((fault.count, fault.rows) == (0, ()) for fault in faults)
    return [(fault.column, fault.expected) for fault in faults]


def faults_with_rows(table: Any) -> tuple[FrameFault, ...]:
    """All that is refused."""
    with pytest.raises(InvalidFrameError) as refused:
        month_invoices(table, MONTH)
    return refused.value.faults


@pytest.mark.parametrize("name", FREE_ROW)
def test_no_column_may_be_missing(name: str) -> None:
    """A misspelt name would else be an account without its change: a wrong cent, in silence."""
    ((column, expected),) = faults_of(table_of([FREE_ROW]).drop_columns([name]))
    assert (column, expected.endswith(", and there is none")) == (name, True)


TIMESTAMPS = "timestamps with a time zone"


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("price", pa.float64(), "whole numbers, not Float64"),
        ("price", pa.string(), "whole numbers, not String"),
        ("price", pa.bool_(), "whole numbers, not Boolean"),
        ("price", pa.decimal128(12, 2), "whole numbers, not Decimal(precision=12, scale=2)"),
        ("new_seats", pa.null(), "whole numbers, not Unknown (cast what has no type)"),
        ("restricted", pa.int64(), "booleans, not Int64"),
        ("restricted", pa.string(), "booleans, not String"),
        ("anchor", pa.date32(), f"{TIMESTAMPS}, or whole Unix seconds, not Date"),
        ("anchor", pa.string(), f"{TIMESTAMPS}, or whole Unix seconds, not String"),
        ("anchor", pa.timestamp("us"), f"{TIMESTAMPS} (convert to UTC), not naive ones"),
        (
            "anchor",
            pa.timestamp("us", "Mars/Olympus"),
            "timestamps of a known time zone (convert to UTC), not 'Mars/Olympus'",
        ),
        (
            "anchor",
            pa.timestamp("us", "../etc/passwd"),
            "timestamps of a known time zone (convert to UTC), not '../etc/passwd'",
        ),
    ],
)
def test_a_column_of_the_wrong_type_is_refused(name: str, kind: pa.DataType, expected: str) -> None:
    """By what it is, not by what its rows hold."""
    table = table_of([FREE_ROW])
    column = pa.nulls(1, kind)
    table = table.set_column(table.schema.get_field_index(name), name, column)
    assert faults_of(table) == [(name, expected)]


@pytest.mark.parametrize("lazy", [False, True])
def test_naive_timestamps_are_refused_everywhere(lazy: bool) -> None:
    """Lazily as in memory, and on DuckDB (rule T1)."""
    naive = table_of([PAID], anchor=pa.timestamp("us"))
    frame: Any = duckdb.from_arrow(naive) if lazy else naive.to_pandas()
    naive_anchor = ("anchor", f"{TIMESTAMPS} (convert to UTC), not naive ones")
    assert naive_anchor in faults_of(frame)


def test_integers_of_pandas_that_became_floats_are_refused() -> None:
    """NumPy has no null among whole numbers, and a float holds no cents beyond 2^53."""
    frame = table_of([PAID]).to_pandas()
    assert ("new_price", "whole numbers, not Float64") in faults_of(frame)


@pytest.mark.parametrize("name", ["boundary_total", "Amount_Due", "period_start", "__chatim_price"])
def test_a_column_in_the_place_of_an_added_one_is_refused(name: str) -> None:
    """Nothing of the caller's is overwritten."""
    table = table_of([FREE_ROW | {name: 1}])
    assert faults_of(table) == [(name, "no column of this name, which is added: drop or rename it")]


@pytest.mark.parametrize("name", ["Lines_Wait", "LINES_WAIT"])
def test_an_optional_column_in_capitals_is_refused(name: str) -> None:
    """It would count as absent."""
    expected = "no column of this name beside lines_wait: rename it"
    assert faults_of(table_of([FREE_ROW | {name: 1}])) == [(name, expected)]


# --- names ---
IN_DUCKDB = """
SELECT 900::BIGINT AS {first}, 1900::BIGINT AS price, 5::BIGINT AS seats, 1::BIGINT AS interval_months,
    TIMESTAMPTZ '2026-01-15 09:00+00' AS anchor, NULL::TIMESTAMPTZ AS trial_end,
    TRUE AS payment_method, FALSE AS restricted, NULL::BIGINT AS scheduled_price,
    NULL::TIMESTAMPTZ AS scheduled_at, NULL::TIMESTAMPTZ AS change_at, NULL::BIGINT AS new_price,
    NULL::BIGINT AS new_seats, 0::BIGINT AS pending, 0::BIGINT AS credit_balance
"""


@pytest.mark.parametrize("first", ["PRICE", "price", "x, 7 AS X", "x, 7 AS x"])
def test_names_that_duckdb_takes_for_one_are_refused(first: str) -> None:
    """They would be read one for the other, and one would be lost."""
    relation = duckdb.sql(IN_DUCKDB.format(first=first))
    told = {expected for _, expected in faults_of(relation)}
    assert told == {"one column of this name: rename or drop the other"}


def test_duckdb_reads_the_column_that_is_named() -> None:
    """With names of its own, the price is the price."""
    relation = duckdb.sql(IN_DUCKDB.format(first="other_price"))
    assert relation is not None
    result = month_invoices(relation, MONTH)
    assert result.project("other_price, price, amount_due").fetchall() == [(900, 1900, 9500)]


def test_duckdb_plans_no_more_for_a_wide_table() -> None:
    """The caller's own columns are carried as one, whatever they are called; a thousand took a minute."""
    others = {f"other {number}": number for number in range(50)} | {'we"ird': 1, "o'b": 2}
    relation = month_invoices(duckdb.from_arrow(table_of([PAID | others])), MONTH)
    assert relation.sql_query().count('"other 7"') <= 4
    ((row),) = rows_of_duckdb(relation)
    assert {name: row[name] for name in others} == others
    assert list(row)[: len(others) + len(PAID) + 1] == ["id", *PAID, *others]


@pytest.mark.parametrize("name", ["*", "^price$", "^.*$"])
def test_names_that_are_patterns_are_refused(name: str) -> None:
    """An engine would read them as other columns."""
    for engine in ("polars", "polars lazy", "pyarrow", "DuckDB"):
        make, _ = ENGINES[engine]
        expected = "a column whose name no engine reads as a pattern or a path"
        assert faults_of(make(table_of([FREE_ROW | {name: 1}]))) == [(name, expected)]


def test_names_that_are_no_texts_or_stand_twice_are_refused() -> None:
    """As pandas may have them."""
    frame = table_of([FREE_ROW]).to_pandas()
    assert faults_of(frame.rename(columns={"id": 7})) == [("7", "a column whose name is a text")]
    twice = pa.table([*table_of([FREE_ROW]).columns, pa.array([1])], names=["id", *FREE_ROW, "id"])
    for made in (twice, twice.to_pandas()):
        told = {expected for _, expected in faults_of(made)}
        assert told == {"one column of this name: rename or drop the other"}


# --- values at the edge of an engine ---
@pytest.mark.parametrize("kind", [pa.uint8(), pa.uint16(), pa.uint32()])
def test_small_unsigned_numbers_may_be_null(kind: pa.DataType) -> None:
    """A null stands beside them as beside any others."""
    rows = [PAID | {"change_at": BEFORE, "new_seats": 5}, PAID]
    for engine, (make, read) in ENGINES.items():
        got = read(month_invoices(make(table_of(rows, new_seats=kind)), MONTH))
        assert [row["billed_seats"] for row in got] == [5, 3], engine


IN_SQL = {"UInt64": "UBIGINT", "Int128": "HUGEINT", "UInt128": "UHUGEINT"}
OF_128_BITS = [
    (engine, kind)
    for engine in ("polars", "polars lazy", "DuckDB")
    for kind in ("Int128", "UInt128")
]
each_wide_type = pytest.mark.parametrize(
    ("engine", "kind"), [*((engine, "UInt64") for engine in ENGINES), *OF_128_BITS]
)


def with_wide_columns(engine: str, kind: str, rows: list[Row], names: list[str]) -> Any:
    """A table of an engine with whole numbers, or Unix seconds, of an integer wider than int64."""
    if kind == "UInt64":
        return ENGINES[engine][0](table_of(rows, **dict.fromkeys(names, pa.uint64())))
    texts = [
        row | {name: None if row[name] is None else str(row[name]) for name in names}
        for row in rows
    ]
    frame = ENGINES[engine][0](table_of(texts, **dict.fromkeys(names, pa.string())))
    if engine == "DuckDB":
        cast = ", ".join(f"{name}::{IN_SQL[kind]} AS {name}" for name in names)
        return frame.project(f"* REPLACE ({cast})")
    return frame.with_columns(pl.col(names).cast(getattr(pl, kind)))


@each_wide_type
def test_whole_numbers_may_be_wider_than_int64(engine: str, kind: str) -> None:
    """What they hold counts, not what they could: a sum in SQL is of 128 bits."""
    given_rows, told = adversarial(2026, 2)
    instants = ["anchor", "trial_end", "scheduled_at", "change_at"]
    rows = [
        row | {name: row[name] and unix_seconds(row[name]) for name in instants}
        for row in given_rows[:300]
    ]
    names = ["price", "seats", "interval_months", "scheduled_price", "new_price", "new_seats"]
    names += [*instants, *(["pending", "credit_balance"] if kind == "Int128" else [])]
    got = ENGINES[engine][1](month_invoices(with_wide_columns(engine, kind, rows, names), MONTH))
    assert list(differences(got, given_rows[:300], told[:300])) == []


@each_wide_type
@pytest.mark.parametrize("name", ["price", "new_seats", "pending", "anchor"])
def test_a_wide_number_out_of_range_is_refused(engine: str, kind: str, name: str) -> None:
    """With its count and row, as any other: it neither wraps nor fails in the engine's own way."""
    most = {"UInt64": 2**64 - 1, "Int128": 10**38 - 1, "UInt128": 10**38 - 1}[kind]
    rows = [FREE_ROW, FREE_ROW | {name: most}]
    ((fault),) = faults_with_rows(with_wide_columns(engine, kind, rows, [name]))
    assert (fault.column, fault.count, fault.rows[0]["id"]) == (name, 1, 1)
    assert fault.rows[0][name] == most


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_an_instant_that_would_wrap_is_refused(unit: str) -> None:
    """A number of seconds whose thousandfold is some other instant."""
    steps = {"s": -2_305_843_007_440_161_152, "ms": -9_000_000_000_000_000, "us": -1}[unit]
    anchor = pa.array([steps], pa.int64()).cast(pa.timestamp(unit, "UTC"))
    table = table_of([PAID]).drop_columns(["anchor"]).append_column("anchor", anchor)
    for engine in ("pyarrow", "pandas on Arrow", "pandas on NumPy"):
        make, _ = ENGINES[engine]
        with pytest.raises(InvalidFrameError, match=r"^anchor: expected an instant of the years"):
            month_invoices(make(table), MONTH)


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@each_engine
def test_a_missing_instant_is_refused_as_null(make: Made, read: Read, unit: str) -> None:
    """By every job that needs it, whatever an engine writes in its place."""
    kind = pa.timestamp(unit, "UTC")
    access = table_of([ACCESS, ACCESS | {"as_of": None}], as_of=kind, trial_end=kind)
    anchors = [{"anchor": utc(2026, 1, 1), "interval_months": 1}]
    periods = table_of([*anchors, anchors[0] | {"anchor": None}], anchor=kind)
    jobs: dict[str, Callable[[], Any]] = {
        "as_of": lambda: entitled(make(access), "api_access", LATER),
        "anchor": lambda: billing_periods(make(periods), LATER),
    }
    for column, job in jobs.items():
        with pytest.raises(InvalidFrameError) as refused:
            read(job())
        ((fault),) = refused.value.faults
        expected = "an instant of the years 1970 to 9999, not null"
        assert (fault.column, fault.expected, fault.count) == (column, expected, 1)


@pytest.mark.parametrize("name", ["anchor", "seen_at"])
@each_engine
def test_a_timestamp_beyond_pythons_years_does_not_hide_the_fault(
    make: Made, read: Read, name: str
) -> None:
    """In the column at fault or in another of the row, which is shown without its timestamps."""
    beyond = pa.array([253_402_300_800_000_000 * 2], pa.int64()).cast(pa.timestamp("us", "UTC"))
    table = table_of([PAID | {"seats": 0, "seen_at": None}], seen_at=beyond.type)
    table = table.set_column(table.schema.get_field_index(name), name, beyond)
    with pytest.raises(InvalidFrameError) as refused:
        read(month_invoices(make(table), MONTH))
    fault = next(fault for fault in refused.value.faults if fault.column == "seats")
    assert (fault.count, fault.rows[0]["seats"]) == (1, 0)
    assert "seats: expected a whole number from 1 to 1,000,000" in str(refused.value)


@pytest.mark.parametrize("sentinel", ["infinity", "-infinity", "1969-12-31 23:59:59.5+00"])
def test_what_duckdb_calls_infinity_is_no_instant(sentinel: str) -> None:
    """A sentinel of SQL is refused as what it is, and so is the half second before 1970."""
    named = IN_DUCKDB.format(first="other").replace("2026-01-15 09:00+00", sentinel)
    with pytest.raises(InvalidFrameError, match=r"^anchor: expected an instant of the years 1970"):
        month_invoices(duckdb.sql(named), MONTH)


def test_rows_that_no_engine_can_show_are_counted() -> None:
    """A fault is told without them."""

    class Unshowable:
        schema: ClassVar[dict[str, Any]] = {}

        def drop(self, *_names: str) -> Unshowable:
            return self

        def rows(self, *, named: bool) -> list[Row]:
            raise NotImplementedError(named)

    table: Any = Unshowable()
    assert rows_of(table) == ()


def test_an_interrupted_search_is_interrupted() -> None:
    """What a person stops is no fault of a row."""

    class Interrupted:
        schema: ClassVar[dict[str, Any]] = {}

        def drop(self, *_names: str) -> Interrupted:
            raise KeyboardInterrupt

    table: Any = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        rows_of(table)


def test_a_null_among_categories_gets_no_answer() -> None:
    """A plan that is there as a category and is null all the same is none (rule A2)."""
    encoded = pa.array([None], pa.string()).dictionary_encode(null_encoding="encode")
    frame = table_of([ACCESS]).to_pandas(types_mapper=pd.ArrowDtype)
    frame["plan"] = pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([encoded])))
    for made in (frame, pa.Table.from_pandas(frame)):
        with pytest.raises(InvalidFrameError, match=r"^plan: expected the key of a plan"):
            entitled(made, "visitor_export", LATER)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("engine", ["polars", "polars lazy", "pyarrow", "DuckDB"])
def test_a_text_is_a_text_of_any_kind(engine: str, kind: pa.DataType) -> None:
    """Also among the caller's own columns, in the result and in the rows that are shown."""
    make, read = ENGINES[engine]
    named = ACCESS | {"customer": "acme"}
    rows = [named, named | {"scheduled_plan": "ultimate", "scheduled_at": SOON}]
    types = dict.fromkeys(("plan", "scheduled_plan", "customer"), kind)
    got = read(entitled(make(table_of(rows, **types)), "api_access", LATER))
    assert [(row["customer"], row["entitled"]) for row in got] == [("acme", False), ("acme", True)]
    for column, wrong in (("plan", "gold"), ("as_of", LATER + SECOND)):
        table = table_of([*rows, named | {column: wrong}], **types)
        with pytest.raises(InvalidFrameError) as refused:
            read(entitled(make(table), "api_access", LATER))
        ((fault),) = refused.value.faults
        assert (fault.column, fault.count) == (column, 1)
        assert (fault.rows[0]["customer"], fault.rows[0][column]) == ("acme", wrong)


def test_views_in_pandas_are_refused() -> None:
    """Pandas holds texts that are views of Arrow's and can do nothing with them, not even compare."""
    table = table_of([ACCESS], plan=pa.string_view())
    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    with pytest.raises(InvalidFrameError, match=r"^plan: expected texts that pandas can compare"):
        entitled(frame, "api_access", LATER)


# --- the other jobs ---
def refusal(job: Any, row: Row, **types: pa.DataType) -> FrameFault:
    """The one fault of a table of one row, which every kind of engine finds."""
    faults = set()
    for engine in ("pyarrow", "polars lazy", "DuckDB"):
        make, read = ENGINES[engine]
        with pytest.raises(InvalidFrameError) as refused:
            read(job(make(table_of([row], **types))))
        ((fault),) = refused.value.faults
        faults.add((fault.column, fault.expected, fault.count))
    ((column, expected, count),) = faults
    return FrameFault(column, expected, count)


@pytest.mark.parametrize(
    ("facts", "column"),
    [
        ({"change_at": utc(2026, 2, 1) - SECOND}, "change_at"),
        ({"change_at": utc(2026, 3, 1)}, "change_at"),
        ({"period_end": utc(2026, 2, 1)}, "period_end"),
        ({"period_end": utc(2027, 2, 2) + SECOND}, "period_end"),
        ({"seats": -3}, "seats"),
        ({"new_price": None}, "new_price"),
    ],
)
def test_a_part_outside_its_period_is_refused(facts: Row, column: str) -> None:
    """Before it, at its end, in a period that is empty, or longer than any (rule B3)."""
    period = {"period_start": utc(2026, 2, 1), "period_end": utc(2026, 3, 1)}
    change = {"price": 1, "seats": 1, "new_price": 2, "new_seats": 1, "change_at": utc(2026, 2, 1)}
    row = period | change | facts
    with pytest.raises(InvalidFrameError) as refused:
        prorations(table_of([row]))
    assert refused.value.faults[0].column == column
    assert prorations(table_of([period | change])).num_rows == 1


def test_a_period_before_its_anchor_or_after_9999_is_refused() -> None:
    """There is none."""
    row = {"anchor": utc(2026, 2, 1), "interval_months": 1}
    late = {"anchor": utc(9999, 12, 1), "interval_months": 1}
    early = refusal(lambda frame: billing_periods(frame, utc(2026, 2, 1) - SECOND), row)
    beyond = refusal(lambda frame: billing_periods(frame, utc(9999, 12, 2)), late)
    assert (early.column, early.expected) == ("anchor", "an instant up to the one asked about")
    assert beyond.expected == "one whose period ends before the year 10000"


@pytest.mark.parametrize(
    ("facts", "column"),
    [
        ({"plan": "gold"}, "plan"),
        ({"plan": None}, "plan"),
        ({"as_of": LATER + SECOND}, "as_of"),
        ({"trial_end": utc(2026, 2, 1)}, "trial_end"),
        ({"plan": "free", "trial_end": LATER}, "trial_end"),
        ({"plan": "free", "restricted": True}, "restricted"),
        ({"trial_end": LATER, "restricted": True}, "restricted"),
        ({"payment_method": None}, "payment_method"),
        ({"scheduled_plan": "gold", "scheduled_at": LATER}, "scheduled_plan"),
        ({"scheduled_plan": "free"}, "scheduled_plan"),
        ({"scheduled_at": LATER}, "scheduled_plan"),
        ({"plan": "free", "scheduled_plan": "pro", "scheduled_at": LATER}, "scheduled_plan"),
        ({"scheduled_plan": "free", "scheduled_at": utc(2026, 2, 1)}, "scheduled_at"),
        ({"trial_end": LATER, "scheduled_plan": "free", "scheduled_at": SOON}, "scheduled_at"),
        ({"trial_end": SOON, "scheduled_plan": "ultimate", "scheduled_at": LATER}, "scheduled_at"),
    ],
)
def test_access_fails_closed(facts: Row, column: str) -> None:
    """Facts that cannot be meant get no answer at all, never a yes (rule A2)."""
    found = refusal(lambda frame: entitled(frame, "api_access", LATER), ACCESS | facts)
    assert (found.column, found.count) == (column, 1)


def test_facts_of_access_at_their_seams_are_answered() -> None:
    """At the very instant they stand at, and with a cancellation after the trial's end."""
    rows = [
        ACCESS | {"as_of": LATER},
        ACCESS | {"trial_end": SOON, "scheduled_plan": "free", "scheduled_at": LATER},
        ACCESS | {"trial_end": SOON, "scheduled_plan": "ultimate", "scheduled_at": SOON},
    ]
    got = entitled(table_of(rows), "api_access", LATER).to_pylist()
    assert [row["entitled"] for row in got] == [False, False, True]


def test_categories_are_keys_too() -> None:
    """As pandas and polars keep texts of few kinds."""
    frame = table_of([ACCESS]).to_pandas()
    frame["plan"] = frame["plan"].astype("category")
    frame["scheduled_plan"] = pd.Series([None], dtype="string")
    assert entitled(frame, "visitor_export", LATER)["entitled"].tolist() == [True]


def test_what_was_checked_is_not_searched_again() -> None:
    """A lazy frame's rows are read once less; what is wrong then shows in no amount of others."""
    frame = pl.DataFrame(table_of([PAID, PAID | {"seats": None}])).lazy()
    got = month_invoices(frame, MONTH, checked=True).collect()
    assert got["amount_due"].to_list() == [5700, None]


def test_in_memory_checked_changes_nothing() -> None:
    """There the search is part of the reading."""
    with pytest.raises(InvalidFrameError):
        month_invoices(table_of([PAID | {"seats": 0}]), MONTH, checked=True)


def test_a_search_over_batches_gives_each_fault_for_the_driver_to_sum() -> None:
    """What Spark's workers do before anything is computed, and what they send."""
    job = _month_job(MONTH, CHATIM.terms)
    batches = table_of([PAID, PAID | {"seats": 0}, PAID | {"price": -1}]).to_batches()
    found = [row["fault"] for batch in _searched(batches, job) for row in batch.to_pylist()]
    faults = [pickle.loads(fault) for fault in found]
    assert [(fault.column, fault.count) for fault in faults] == [("price", 1), ("seats", 1)]
