"""Why the rules are written as they are: what each engine does with the arithmetic they avoid.

Where a test here fails after an upgrade, an engine has changed its mind; the rules still hold.
"""

from __future__ import annotations

import ast
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("narwhals", reason="frames need the extra dataframes")
pytest.importorskip("polars", reason="frames are tested on polars, pandas, pyarrow and DuckDB")

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

import chatim_plans
from chatim_plans.frames import month_invoices, prorations
from chatim_plans.frames.arithmetic import DAY, share
from chatim_plans.frames.columns import MOST_BALANCE, MOST_PRICE, MOST_SEATS
from tests.frames.engines import Made, Read, each_engine, table_of
from tests.frames.rows import FREE_ROW, month_of
from tests.instants import utc

PRICE, SEATS, SECONDS = MOST_PRICE, MOST_SEATS, 366 * DAY
TRUE_PRODUCT = PRICE * SEATS * SECONDS


def in_duckdb(expression: str) -> Any:
    """What DuckDB computes."""
    relation = duckdb.sql(f"SELECT {expression}")
    assert relation is not None
    return relation.fetchall()[0][0]


# --- products that do not fit ---
def test_the_product_of_price_seats_and_seconds_does_not_fit() -> None:
    """By a factor of hundreds, within the bounds of the columns."""
    assert TRUE_PRODUCT > 300 * (2**63 - 1)


@pytest.mark.parametrize(
    "product",
    [
        lambda: int((np.array([PRICE * SEATS]) * np.array([SECONDS]))[0]),
        (pl.Series([PRICE * SEATS]) * pl.Series([SECONDS])).item,
        lambda: int((pd.Series([PRICE * SEATS]) * pd.Series([SECONDS]))[0]),
        pc.multiply(pa.array([PRICE * SEATS]), pa.array([SECONDS]))[0].as_py,
    ],
    ids=["numpy", "polars", "pandas", "pyarrow"],
)
def test_engines_in_memory_wrap_silently(product: Any) -> None:
    """The product of the naive formula is some other number, and nobody says so."""
    assert product() == (TRUE_PRODUCT + 2**63) % 2**64 - 2**63


def test_duckdb_raises_where_others_wrap() -> None:
    """Loudly, at least."""
    with pytest.raises(duckdb.OutOfRangeException):
        in_duckdb(f"{PRICE * SEATS}::BIGINT * {SECONDS}::BIGINT")


@each_engine
def test_the_largest_change_is_exact(make: Made, read: Read) -> None:
    """All but a second of a leap year, at the bounds of price and seats."""
    start, end = utc(2027, 3, 1), utc(2028, 3, 1)
    row = {
        "price": MOST_PRICE,
        "seats": MOST_SEATS,
        "new_price": MOST_PRICE - 1,
        "new_seats": MOST_SEATS,
        "period_start": start,
        "period_end": end,
        "change_at": start.replace(second=1),
    }
    got = read(prorations(make(table_of([row]))))[0]
    left, whole = 366 * DAY - 1, 366 * DAY
    unused = -((2 * MOST_PRICE * MOST_SEATS * left + whole) // (2 * whole))
    after = (MOST_PRICE - 1) * MOST_SEATS
    assert (got["unused_time"], got["remaining_time"]) == (
        unused,
        (2 * after * left + whole - 1) // (2 * whole),
    )


@each_engine
def test_the_largest_amounts_of_a_month_are_exact(make: Made, read: Read) -> None:
    """Everything at its bound at once: sums stay far below 2^51."""
    row = FREE_ROW | {
        "price": MOST_PRICE,
        "seats": MOST_SEATS,
        "anchor": utc(2025, 12, 15),
        "pending": MOST_BALANCE,
        "credit_balance": -MOST_BALANCE,
        "change_at": utc(2026, 2, 14, 23, 59, 59),
        "new_price": 1,
        "new_seats": 1,
    }
    got = read(month_invoices(make(table_of([row])), month_of(2026, 2)))[0]
    full, whole = MOST_PRICE * MOST_SEATS, 31 * DAY
    credit = -((2 * full + whole) // (2 * whole))
    assert (got["unused_time"], got["remaining_time"]) == (credit, 0)
    assert (got["change_total"], got["change_due"]) == (
        MOST_BALANCE + credit,
        2 * MOST_BALANCE + credit,
    )
    assert (got["boundary_due"], got["credit_after"]) == (0, -1)


# --- quotients ---
def test_engines_differ_on_the_quotient_of_a_negative() -> None:
    """−7 // 2 is −4 by floor and −3 by truncation: no operand of the rules is ever negative."""
    floors = (-7 // 2, int(np.array([-7])[0] // 2), pl.select(pl.lit(-7) // 2).item())
    truncates = pc.divide(pa.array([-7]), 2)[0].as_py()
    assert (floors, truncates, in_duckdb("-7 // 2")) == ((-4, -4, -4), -3, -3)


def test_a_quotient_through_doubles_is_wrong_from_2_to_the_53_on() -> None:
    """As narwhals' own is on Spark: the bounds keep every operand below 2^51."""
    dividend, divisor = 2**53 + 1, 1
    assert int(np.floor(np.float64(dividend) / divisor)) != dividend // divisor


def test_a_precomputed_reciprocal_is_exact_below_2_to_the_51() -> None:
    """⌊(a + ½) · (1/b)⌋ on the multiples of b and their neighbours, where it would fail first."""
    random = np.random.default_rng(1)
    divisor = random.integers(1, 2 * SECONDS, 1_000_000)
    multiple = random.integers(0, 2**51 // divisor)
    for neighbour in (-1, 0, 1):
        dividend = np.clip(multiple * divisor + neighbour, 0, 2**51 - 1)
        quotient = np.floor((dividend + 0.5) * (1 / divisor)).astype(np.int64)
        assert (quotient == dividend // divisor).all()


class Watched(int):
    """An int that refuses to be part of a quotient below zero, and of any value from 2^53 on."""

    def _made(self, value: int) -> Watched:
        assert abs(value) < 2**53
        return Watched(value)

    def __add__(self, other: int) -> Watched:
        return self._made(int(self) + int(other))

    def __sub__(self, other: int) -> Watched:
        return self._made(int(self) - int(other))

    def __mul__(self, other: int) -> Watched:
        return self._made(int(self) * int(other))

    def __floordiv__(self, other: int) -> Watched:
        assert self >= 0
        assert other > 0
        return self._made(int(self) // int(other))

    def __rsub__(self, other: int) -> Watched:
        return self._made(int(other) - int(self))

    __radd__, __rmul__ = __add__, __mul__


def test_no_quotient_is_of_a_negative_and_no_value_reaches_2_to_the_53() -> None:
    """Over rows at the seams and at the bounds, watched operation by operation."""
    from chatim_plans import CHATIM
    from chatim_plans.frames.arithmetic import PLAIN
    from chatim_plans.frames.months import _month_job
    from tests.frames.rows import rows
    from tests.frames.test_month_invoices import facts_by_hand

    for year, month in ((2028, 2), (1981, 1), (9998, 12)):
        job = _month_job(month_of(year, month), CHATIM.terms)
        for row in rows(month_of(year, month), Random(7), 300):
            watched = {name: Watched(value) for name, value in facts_by_hand(row).items()}
            job.ruled(watched, PLAIN)


# --- halves ---
def test_round_breaks_a_half_in_another_way_on_each_engine() -> None:
    """2.5 is 2 here and 3 there: only `share` rounds."""
    halves = {
        "python": round(2.5),
        "numpy": float(np.round(2.5)),
        "polars": pl.select(pl.lit(2.5).round()).item(),
        "duckdb": in_duckdb("round(2.5::DOUBLE)"),
        "pandas": float(pd.Series([2.5]).round()[0]),
    }
    assert set(halves.values()) == {2, 3}


def test_the_rules_never_round_nor_divide_truly() -> None:
    """No `round`, no `/`, no float, and no function of an engine stands in their text."""
    folder = Path(chatim_plans.__file__).parent / "frames"
    for name in ("arithmetic.py", "months.py", "periods.py", "access.py"):
        tree = ast.parse((folder / name).read_text("utf-8"))
        called = {
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
        }
        assert called & {"round", "floor", "where", "when", "cast", "float", "div"} == set()
        assert not any(isinstance(node, ast.Div) for node in ast.walk(tree))
        assert not any(
            isinstance(node, ast.Constant) and isinstance(node.value, float)
            for node in ast.walk(tree)
        )


@each_engine
def test_a_half_goes_to_the_customer_on_every_engine(make: Made, read: Read) -> None:
    """Rule B4: 2.5 is credited as 3, 4.5 charged as 4."""
    row = {
        "price": 1000,
        "seats": 1,
        "new_price": 1800,
        "new_seats": 1,
        "period_start": 0,
        "period_end": 400,
        "change_at": 399,
    }
    types = dict.fromkeys(("period_start", "period_end", "change_at"), pa.int64())
    got = read(prorations(make(table_of([row], **types))))[0]
    assert (got["unused_time"], got["remaining_time"]) == (-3, 4)


# --- the same text ---
def test_the_same_text_runs_on_numbers_arrays_and_expressions() -> None:
    """One `share`: of Python's ints, NumPy, polars itself, and narwhals over DuckDB."""
    numbers = {
        "total": [1000, 1800, 5 * 1900],
        "left": [1, 1, 1_611_000],
        "whole": [400, 400, 2_678_400],
    }
    expected = [share(*row, credit=1) for row in zip(*numbers.values(), strict=True)]
    arrays = share(*(np.array(column) for column in numbers.values()), credit=1)
    frame = pl.DataFrame(numbers)
    polars = frame.select(share(*(pl.col(name) for name in numbers), credit=1)).to_series()
    relation = nw.from_native(duckdb.from_arrow(frame.to_arrow()))
    in_sql = relation.select(share=share(*(nw.col(name) for name in numbers), credit=1))
    assert arrays.tolist() == expected
    assert polars.to_list() == expected
    assert in_sql.collect()["share"].to_list() == expected
