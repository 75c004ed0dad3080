"""The rules of columns, quickly: for the mutation gate, on an engine without threads.

The gate judges each mutant in a fork, and a fork leaves the threads of polars and DuckDB behind.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import pytest

pytest.importorskip("narwhals", reason="frames need the extra dataframes")
pytest.importorskip("polars", reason="frames are tested on polars, pandas, pyarrow and DuckDB")

from chatim_plans.frames import (
    InvalidFrameError,
    billing_periods,
    entitled,
    month_invoices,
    prorations,
)
from tests.frames.engines import Row, pandas_of_numpy, rows_of_pandas, table_of
from tests.frames.rows import (
    ACCESS,
    BOUNDARY,
    FREE_ROW,
    SECOND,
    TRIAL,
    month_of,
    rows,
    told_by_the_core,
)
from tests.instants import utc


def told(job: Callable[[], object]) -> list[tuple[str, str, int]]:
    """What a job that is refused says of each column."""
    with pytest.raises(InvalidFrameError) as refused:
        job()
    return [(fault.column, fault.expected, fault.count) for fault in refused.value.faults]


@cache
def around(year: int, month: int) -> tuple[list[Row], list[Row]]:
    """Rows around a month, and what the library says of each."""
    drawn = rows(month_of(year, month), Random(year + month), 300)
    return drawn, [told_by_the_core(row, month_of(year, month)) for row in drawn]


@pytest.mark.parametrize(("year", "month"), [(2026, 2), (2028, 3)])
def test_the_columns_say_what_the_library_says(year: int, month: int) -> None:
    """Every column added, row by row."""
    drawn, expected = around(year, month)
    got = rows_of_pandas(month_invoices(pandas_of_numpy(table_of(drawn)), month_of(year, month)))
    assert [{name: row[name] for name in expected[0]} for row in got] == expected


ANCHOR, NEXT = utc(2025, 1, 31, 9), utc(2026, 3, 31, 9)
START, END = utc(2026, 2, 1), utc(2026, 3, 1)
PAID: Row = FREE_ROW | {"price": 1900, "seats": 3, "anchor": ANCHOR, "payment_method": True}
WAITING: Row = {"scheduled_price": 1900, "scheduled_at": BOUNDARY}
SEATS: Row = {"new_seats": 4, "change_at": utc(2026, 2, 14)}
BEFORE = "before the month in which a period was running when it began"
PLACE = "the boundary in the month or an instant after the month; null on Free"
PAIR = "null exactly where scheduled_at is"
CHANGE = "null exactly where both new_price and new_seats are"
INSIDE = "an instant of a paid period that the month holds or ends, before the month's end"


@pytest.mark.parametrize(
    ("column", "expected", "row"),
    [
        ("interval_months", "1 or 12", PAID | {"interval_months": 2}),
        ("interval_months", "1 or 12", PAID | {"interval_months": 11}),
        ("anchor", "null on Free and in a trial", PAID | {"price": 0}),
        ("anchor", "null on Free and in a trial", TRIAL | {"anchor": ANCHOR}),
        ("trial_end", "null on Free", TRIAL | {"price": 0}),
        ("price", "0 without anchor or trial_end", FREE_ROW | {"price": 1}),
        ("restricted", f"false {BEFORE}", PAID | {"restricted": True, "anchor": START}),
        ("pending", f"0 {BEFORE}", PAID | {"pending": 1, "anchor": START}),
        ("pending", f"0 {BEFORE}", PAID | {"pending": -1, "anchor": START}),
        ("scheduled_price", PAIR, PAID | {"scheduled_price": 0}),
        ("scheduled_price", PAIR, PAID | {"scheduled_at": BOUNDARY}),
        ("scheduled_at", PLACE, FREE_ROW | WAITING),
        ("scheduled_at", PLACE, PAID | WAITING | {"scheduled_at": BOUNDARY - SECOND}),
        ("scheduled_at", PLACE, PAID | WAITING | {"scheduled_at": END - SECOND}),
        ("scheduled_at", PLACE, PAID | WAITING | {"anchor": BOUNDARY}),
        ("scheduled_at", PLACE, PAID | WAITING | {"interval_months": 12}),
        ("change_at", CHANGE, PAID | {"change_at": START}),
        ("change_at", CHANGE, PAID | {"new_price": 1}),
        ("change_at", CHANGE, PAID | {"new_seats": 3}),
        ("change_at", INSIDE, PAID | SEATS | {"change_at": END}),
        ("change_at", INSIDE, PAID | SEATS | {"change_at": utc(2026, 1, 31, 9) - SECOND}),
        ("change_at", INSIDE, PAID | SEATS | {"anchor": BOUNDARY}),
        (
            "change_at",
            INSIDE,
            PAID | SEATS | {"anchor": utc(2025, 6, 5), "interval_months": 12, "change_at": ANCHOR},
        ),
        ("change_at", INSIDE, PAID | SEATS | {"restricted": True, "change_at": BOUNDARY}),
    ],
)
def test_a_month_says_what_it_expects(column: str, expected: str, row: Row) -> None:
    """The column at fault, and what it should be."""
    assert (column, expected, 1) in told(
        lambda: month_invoices(pandas_of_numpy(table_of([PAID, row])), month_of(2026, 2))
    )


@pytest.mark.parametrize(
    "row",
    [
        PAID | {"interval_months": 12},
        PAID | {"restricted": True, "pending": 1, "anchor": START - SECOND},
        PAID | WAITING | {"scheduled_price": 0},
        PAID | WAITING | {"scheduled_at": END},
        TRIAL | WAITING,
        PAID | SEATS | {"change_at": END - SECOND},
        PAID | SEATS | {"change_at": utc(2026, 1, 31, 9)},
        PAID | SEATS | {"anchor": utc(2026, 2, 14)},
        PAID | SEATS | {"interval_months": 12},
    ],
)
def test_a_month_takes_the_row_beside(row: Row) -> None:
    """What stands at a seam, on its right side."""
    assert len(month_invoices(pandas_of_numpy(table_of([row])), month_of(2026, 2))) == 1


IN_TRIAL = ACCESS | {"trial_end": BOUNDARY}
TO_FREE = {"scheduled_plan": "free", "scheduled_at": BOUNDARY}
TO_PRO = {"scheduled_plan": "pro", "scheduled_at": BOUNDARY}
AS_OF = "an instant up to the one asked about"
TRIAL_END = "an instant after as_of on a paid plan, or null"
RESTRICTED = "false on Free and in a trial"
SCHEDULED = "null exactly where scheduled_at is, and on Free"
LATER = "an instant after as_of, in a trial its end (for Free a later one may be)"


@pytest.mark.parametrize(
    ("column", "expected", "row"),
    [
        ("as_of", AS_OF, ACCESS | {"as_of": END + SECOND}),
        ("trial_end", TRIAL_END, IN_TRIAL | {"trial_end": START}),
        ("trial_end", TRIAL_END, IN_TRIAL | {"plan": "free"}),
        ("restricted", RESTRICTED, IN_TRIAL | {"restricted": True}),
        ("restricted", RESTRICTED, ACCESS | {"plan": "free", "restricted": True}),
        ("scheduled_plan", SCHEDULED, ACCESS | {"scheduled_plan": "free"}),
        ("scheduled_plan", SCHEDULED, ACCESS | {"scheduled_at": BOUNDARY}),
        ("scheduled_plan", SCHEDULED, ACCESS | TO_FREE | {"plan": "free"}),
        ("scheduled_at", LATER, ACCESS | TO_FREE | {"scheduled_at": START}),
        ("scheduled_at", LATER, IN_TRIAL | TO_PRO | {"scheduled_at": BOUNDARY - SECOND}),
        ("scheduled_at", LATER, IN_TRIAL | TO_PRO | {"scheduled_at": BOUNDARY + SECOND}),
        ("scheduled_at", LATER, IN_TRIAL | TO_FREE | {"scheduled_at": BOUNDARY - SECOND}),
    ],
)
def test_access_says_what_it_expects(column: str, expected: str, row: Row) -> None:
    """The column at fault, and what it should be."""
    assert (column, expected, 1) in told(
        lambda: entitled(pandas_of_numpy(table_of([ACCESS, row])), "api_access", END)
    )


@pytest.mark.parametrize(
    "row",
    [
        ACCESS | {"as_of": END},
        ACCESS | {"restricted": True},
        ACCESS | TO_FREE | {"scheduled_at": START + SECOND},
        IN_TRIAL | {"trial_end": START + SECOND},
        IN_TRIAL | TO_PRO,
        IN_TRIAL | TO_FREE,
        IN_TRIAL | TO_FREE | {"scheduled_at": BOUNDARY + SECOND},
    ],
)
def test_access_takes_the_row_beside(row: Row) -> None:
    """What stands at a seam, on its right side."""
    assert len(entitled(pandas_of_numpy(table_of([row])), "api_access", END)) == 1


ANCHORED: Row = {"anchor": ANCHOR, "interval_months": 12}
PART: Row = {
    "price": 1900,
    "seats": 1,
    "new_price": 1900,
    "new_seats": 2,
    "period_start": BOUNDARY,
    "change_at": BOUNDARY,
    "period_end": NEXT,
}
PERIOD = "after period_start, by 366 days at most"
IN_PERIOD = "an instant in the period, from its start on and before its end"
DAYS_366 = timedelta(days=366)


@pytest.mark.parametrize(
    ("job", "column", "expected", "good", "bad"),
    [
        (
            lambda frame: billing_periods(frame, BOUNDARY),
            *("anchor", AS_OF, ANCHORED, ANCHORED | {"anchor": BOUNDARY + SECOND}),
        ),
        (
            lambda frame: billing_periods(frame, utc(9999, 1, 31, 9)),
            *("anchor", "one whose period ends before the year 10000"),
            *(ANCHORED | {"interval_months": 1}, ANCHORED),
        ),
        (prorations, "period_end", PERIOD, PART, PART | {"period_end": BOUNDARY}),
        (
            prorations,
            *("period_end", PERIOD, PART | {"period_end": BOUNDARY + DAYS_366}),
            PART | {"period_end": BOUNDARY + DAYS_366 + SECOND},
        ),
        (prorations, "change_at", IN_PERIOD, PART, PART | {"change_at": BOUNDARY - SECOND}),
        (
            prorations,
            *("change_at", IN_PERIOD, PART | {"change_at": NEXT - SECOND}),
            PART | {"change_at": NEXT},
        ),
    ],
)
def test_the_other_jobs_say_what_they_expect(
    job: Callable[[Any], object], column: str, expected: str, good: Row, bad: Row
) -> None:
    """The column at fault, and what it should be; the row beside is taken."""
    job(pandas_of_numpy(table_of([good])))
    assert (column, expected, 1) in told(lambda: job(pandas_of_numpy(table_of([good, bad]))))
