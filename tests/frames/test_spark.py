"""Frames on Spark: as the library row by row, on two threads and on a cluster of two workers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("narwhals", reason="frames need the extra dataframes")
pytest.importorskip("pyspark", reason="these tests run on Spark")

import narwhals as nw
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from chatim_plans import CHATIM
from chatim_plans.frames import (
    InvalidFrameError,
    billing_periods,
    entitled,
    invoice_batches,
    month_invoices,
    prorations,
)
from chatim_plans.frames.expressions import as_expressions
from chatim_plans.frames.months import _month_job
from tests.frames.engines import table_of
from tests.frames.rows import (
    ACCESS,
    LATER,
    MONTH,
    MONTHS,
    PAID,
    Row,
    adversarial,
    differences,
    month_of,
)
from tests.frames.spark import cluster, largest_method, needs_java, session, submitted
from tests.instants import utc

# PySpark's word about pandas 3, which is on no way that these tests go.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")

# Beyond this the JIT leaves a method to the interpreter, and a query takes ten times as long.
LARGEST_COMPILED = 8_000
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "month_end_spark.py"


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """One session for the module."""
    needs_java()
    with session() as made:
        yield made


def read(spark: Any, folder: Path, table: pa.Table) -> Any:
    """The table as Spark reads it from a file."""
    pq.write_table(table, folder / "table.parquet")
    return spark.read.parquet(str(folder / "table.parquet"))


def rows_of(frame: Any) -> list[Row]:
    """The rows of a data frame, in the order of their numbers."""
    rows: list[Row] = frame.orderBy("id").toArrow().to_pylist()
    return rows


@pytest.mark.parametrize(("year", "month"), MONTHS)
def test_spark_agrees_with_the_library_row_by_row(
    spark: Any, tmp_path: Path, year: int, month: int
) -> None:
    """The same adversarial rows as on every other engine."""
    given_rows, told = adversarial(year, month)
    frame = read(spark, tmp_path, table_of(given_rows))
    got = rows_of(month_invoices(frame, month_of(year, month)))
    assert list(differences(got, given_rows, told)) == []


def test_batches_in_map_in_arrow_are_the_same(spark: Any, tmp_path: Path) -> None:
    """Handed to Spark by the caller, with the schema of the frame that the library returns."""
    given_rows, told = adversarial(2028, 2)
    frame = read(spark, tmp_path, table_of(given_rows))
    schema = month_invoices(frame.limit(0), month_of(2028, 2)).schema
    batches = partial(invoice_batches, month=month_of(2028, 2))
    got = rows_of(frame.mapInArrow(batches, schema))
    assert list(differences(got, given_rows, told)) == []


def test_the_time_zone_of_the_session_is_no_matter(spark: Any, tmp_path: Path) -> None:
    """Instants are instants; only how they are shown depends on it."""
    given_rows, told = adversarial(2026, 11)
    frame = read(spark, tmp_path, table_of(given_rows[:300]))
    spark.conf.set("spark.sql.session.timeZone", "America/St_Johns")
    try:
        got = rows_of(month_invoices(frame, month_of(2026, 11)))
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert list(differences(got, given_rows[:300], told[:300])) == []


def changes() -> list[Row]:
    """Changes at the bounds, at halves and a second from the ends of their periods."""
    start, end = utc(2027, 3, 1), utc(2028, 3, 1)
    ats = [start, start.replace(second=1), utc(2027, 8, 31), end.replace(day=1, month=2)]
    prices, seats = [0, 1, 1900, 3333, 10**8], [1, 3, 999_999, 10**6]
    return [
        {
            "price": price,
            "seats": seats[n % 4],
            "new_price": prices[n % 5],
            "new_seats": 7,
            "period_start": start,
            "period_end": end,
            "change_at": at,
        }
        for n, (price, at) in enumerate((price, at) for price in prices for at in ats)
    ]


def test_small_jobs_are_expressions_of_spark(spark: Any, tmp_path: Path) -> None:
    """Prorations and access, whose quotients go through doubles there, are exact all the same."""
    table = table_of(changes())
    expected = prorations(table).to_pylist()
    assert rows_of(prorations(read(spark, tmp_path, table))) == expected
    table = table_of([ACCESS, ACCESS | {"plan": "ultimate"}, ACCESS | {"restricted": True}])
    got = rows_of(entitled(read(spark, tmp_path, table), "api_access", LATER))
    assert [row["entitled"] for row in got] == [False, True, False]


def test_periods_on_spark(spark: Any, tmp_path: Path) -> None:
    """The period of each row's own instant, clamped and yearly."""
    rows = [
        {"anchor": utc(2024, 2, 29, 9), "interval_months": months, "change_at": utc(2027, 3, day)}
        for months in (1, 2, 12)
        for day in (1, 28, 29, 30)
    ]
    table = table_of(rows)
    got = rows_of(billing_periods(read(spark, tmp_path, table), "change_at"))
    assert got == billing_periods(table, "change_at").to_pylist()


def test_no_generated_method_is_too_large_to_compile(spark: Any, tmp_path: Path) -> None:
    """Every query that the library makes stays under the limit of the JIT."""
    given_rows, _ = adversarial(2026, 2)
    accounts = read(spark, tmp_path, table_of(given_rows))
    sizes = {"month_invoices": largest_method(month_invoices(accounts, MONTH, checked=True))}
    of_changes = read(spark, tmp_path, table_of(changes()))
    sizes["prorations"] = largest_method(prorations(of_changes, checked=True))
    anchors = of_changes.withColumnRenamed("period_start", "anchor").drop("period_end")
    anchors = anchors.selectExpr("*", "1 AS interval_months")
    sizes["billing_periods"] = largest_method(billing_periods(anchors, LATER.replace(2028)))
    access = read(spark, tmp_path, table_of([ACCESS]))
    sizes["entitled"] = largest_method(entitled(access, "api_access", LATER, checked=True))
    too_large = {name: size for name, size in sizes.items() if size >= LARGEST_COMPILED}
    assert too_large == {}


def test_as_expressions_the_month_would_be_too_large(spark: Any, tmp_path: Path) -> None:
    """The reason why it runs by batches; the day this fails, it need not."""
    given_rows, told = adversarial(2026, 2)
    frame = nw.from_native(read(spark, tmp_path, table_of(given_rows[:50])))
    job = _month_job(month_of(2026, 2), CHATIM.terms)
    result = as_expressions(frame, job, checked=True).to_native()
    assert largest_method(result) > LARGEST_COMPILED
    assert list(differences(rows_of(result), given_rows[:50], told[:50])) == []


def test_what_spark_holds_is_refused_with_counts_and_rows(spark: Any, tmp_path: Path) -> None:
    """Over all partitions together, before anything is computed."""
    rows = [PAID, PAID | {"seats": 0}, PAID | {"change_at": MONTH.end, "new_seats": 1}] * 4
    frame = read(spark, tmp_path, table_of(rows)).repartition(3)
    with pytest.raises(InvalidFrameError) as refused:
        month_invoices(frame, MONTH)
    told = {fault.column: fault.count for fault in refused.value.faults}
    assert told["seats"] == 4
    assert {row["seats"] for fault in refused.value.faults for row in fault.rows} <= {0, 3}
    bad = [change | {"change_at": utc(2027, 2, 1)} for change in changes()[:2]]
    with pytest.raises(InvalidFrameError, match="change_at: expected an instant in the period"):
        prorations(read(spark, tmp_path, table_of(bad)))


def test_naive_timestamps_of_spark_are_refused(spark: Any, tmp_path: Path) -> None:
    """A timestamp without a time zone is no instant (rule T1)."""
    frame = read(spark, tmp_path, table_of([PAID]))
    naive = frame.withColumn("anchor", frame["anchor"].cast("timestamp_ntz"))
    with pytest.raises(InvalidFrameError, match=r"^anchor: expected timestamps with a time zone"):
        month_invoices(naive, MONTH)


def test_a_worker_refuses_what_nobody_searched(spark: Any, tmp_path: Path) -> None:
    """Where a caller said that rows were checked and they were not, no amount comes out."""
    frame = read(spark, tmp_path, table_of([PAID | {"seats": 0}]))
    with pytest.raises(Exception, match="seats: expected a whole number from 1 to 1,000,000"):
        month_invoices(frame, MONTH, checked=True).collect()


@pytest.mark.nightly
def test_a_cluster_of_two_workers_closes_a_month(tmp_path: Path) -> None:
    """The script of the how-to, submitted to a standalone master, against the rows in memory."""
    needs_java()
    given_rows, told = adversarial(2026, 11)
    source, target = tmp_path / "accounts", tmp_path / "invoices.parquet"
    source.mkdir()
    for number, start in enumerate(range(0, len(given_rows), 500)):
        part = table_of(given_rows).slice(start, 500)
        pq.write_table(part, source / f"{number}.parquet")
    with cluster(tmp_path) as master:
        printed = submitted(EXAMPLE, str(source), str(target), "2026-11", master=master)
        registered = (tmp_path / "master.log").read_text("utf-8").count("Launching executor")
    due = sum(row["amount_due"] for row in told)
    assert f"{len(told)} rows, {due // 100}.{due % 100:02} USD due" in printed
    assert registered >= 2
    written = pl.read_parquet(target / "*.parquet").sort("id")  # Spark writes instants in UTC, bare
    period = (
        pl.col("period_start", "period_end").dt.cast_time_unit("us").dt.replace_time_zone("UTC")
    )
    got = written.with_columns(period).to_dicts()
    assert list(differences(got, given_rows, told)) == []
