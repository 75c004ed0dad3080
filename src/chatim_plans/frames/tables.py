"""A month's invoices, periods, prorations and access of whole tables: what each reads and adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar

from chatim_plans.catalog.catalogs import Catalog, Terms
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation.periods import Period
from chatim_plans.frames.engines import RecordBatch, over_batches, run
from chatim_plans.frames.jobs import access_job, month_job, period_job, proration_job

FrameT = TypeVar("FrameT")


def month_invoices(
    frame: FrameT, month: Period, *, terms: Terms = CHATIM.terms, checked: bool = False
) -> FrameT:
    """What each subscription is invoiced in a calendar month: lines, totals, what is due.

    A row is a subscription just before its boundary in the month, save that price and seats are
    those from before its change. A change is an upgrade, a change of seats or both, in a paid
    period that the month holds or ends. Columns read, null only where it is said:

    - `price` (per seat and interval, 0 on Free, at most 10^8), `seats` (1 to 10^6),
      `interval_months` (1 or 12; 1 on Free);
    - `anchor`, null on Free and where a trial's end is given; `trial_end`, null but in a trial, or
      after one whose end became the anchor; `payment_method`: whether a usable one is on file,
      which is asked at a trial's end;
    - `restricted`: whether the last retry of a payment failed;
    - `scheduled_price` (0: Free) and `scheduled_at`: the plan that waits for the boundary in the
      month or for later, null where none does;
    - `change_at`, null where nothing changes; `new_price` of a plan of higher rank, null where it
      stays, and `new_seats`, null where they stay;
    - `pending`: the sum of the lines that wait for the first invoice of the month, without the
      change's (see `prorations`); 0 is taken for none, unless a column `lines_wait` is there and
      true: an invoice of lines that sum to 0 collects what is owed from before;
    - `credit_balance` before that invoice (positive: in the customer's favour).

    Columns added, none null but the first two:

    - `period_start`, `period_end`, `unit_price`, `billed_seats`, `subscription`: the line of the
      period that begins in the month; null or 0 where none does;
    - `unused_time`, `remaining_time`: the lines of the change, if an invoice of the month has them
      or they wait after it; `seconds_left` of `seconds_whole` is their part of the period;
    - `boundary_total`, `boundary_due`: of the invoice at the boundary; `change_total`,
      `change_due`: of the one that a change has which is invoiced at once; 0 where there is none;
    - `invoices`: how many of the two there are; `amount_due`: what they collect;
    - `pending_after`: the sum of the lines that wait when the month is over; `credit_after`.

    >>> import polars
    >>> from datetime import UTC
    >>> anchor = datetime(2026, 10, 15, 9, tzinfo=UTC)
    >>> facts = {"price": 19_00, "seats": 5, "interval_months": 1, "anchor": anchor}
    >>> facts |= {"trial_end": None, "payment_method": True, "restricted": False}
    >>> facts |= {"scheduled_price": None, "scheduled_at": None, "pending": 0, "credit_balance": 0}
    >>> facts |= {"change_at": datetime(2026, 10, 27, 17, 30, tzinfo=UTC), "new_price": 39_00}
    >>> instants = dict.fromkeys(["trial_end", "scheduled_at"], polars.Datetime("us", "UTC"))
    >>> wholes = dict.fromkeys(["scheduled_price", "new_seats"], polars.Int64)
    >>> table = polars.DataFrame([facts | {"new_seats": None}], schema_overrides=instants | wholes)
    >>> october = Period(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
    >>> month_invoices(table, october).select("boundary_due", "change_due", "amount_due").row(0)
    (9500, 6015, 15515)

    Raises:
        InvalidFrameError: columns that are missing, of the wrong type or in the way, and rows that
            contradict themselves; with counts and the first rows.
        InvalidTypeError, InvalidValueError: no frame of a known engine, no calendar month of the
            years 1970 to 9998 in UTC, or terms that round by another rule than B4's.

    Source: rules B1–B5, B7, B10, S1, S2, P1–P5, R3–R5, D3, T3, T5.
    """
    return run(frame, month_job(month, terms), checked=checked)


def invoice_batches(
    batches: Iterable[RecordBatch], month: Period, *, terms: Terms = CHATIM.terms
) -> Iterator[RecordBatch]:
    """`month_invoices` over batches of Arrow: for `mapInArrow`, or any stream of them.

    >>> from datetime import UTC
    >>> october = Period(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
    >>> list(invoice_batches([], october))
    []

    Raises:
        The errors of `month_invoices`; counts and rows are those of the batch.

    Source: as `month_invoices`.
    """
    return over_batches(batches, month_job(month, terms))


def billing_periods(frame: FrameT, at: datetime | str, *, checked: bool = False) -> FrameT:
    """The billing period of each row that holds `at`: an instant, or the name of a column of them.

    Reads `anchor` and `interval_months` (1 to 1,200), neither null; adds `period_start` and
    `period_end`.

    >>> import polars
    >>> from datetime import UTC
    >>> anchor = datetime(2026, 1, 31, tzinfo=UTC)
    >>> table = polars.DataFrame({"anchor": [anchor], "interval_months": [1]})
    >>> periods = billing_periods(table, datetime(2026, 3, 1, tzinfo=UTC))
    >>> [f"{instant:%d %b}" for instant in periods.select("period_start", "period_end").row(0)]
    ['28 Feb', '31 Mar']

    Raises:
        InvalidFrameError: as `month_invoices`; an anchor after the instant asked about.
        InvalidTypeError, InvalidValueError: no frame of a known engine, or no instant from 1970 on.

    Source: rules T2, T3.
    """
    return run(frame, period_job(at), checked=checked)


def prorations(frame: FrameT, *, checked: bool = False) -> FrameT:
    """The two lines of each change inside a period: where a subscription has several, a row each.

    Reads `price`, `seats`, `new_price`, `new_seats`, `period_start`, `period_end` and `change_at`,
    none of them null; adds `unused_time` (a credit, below zero), `remaining_time` and their sum
    `net`. What waits of several changes before a boundary is the sum of their `net`s, the `pending`
    of `month_invoices`; what comes after the boundary waits for the next.

    >>> import polars
    >>> change = {"price": 10_00, "seats": 1, "new_price": 18_00, "new_seats": 1}
    >>> period = {"period_start": 0, "period_end": 400, "change_at": 399}  # Unix seconds
    >>> lines = prorations(polars.DataFrame([change | period]))
    >>> lines.select("unused_time", "remaining_time", "net").row(0)
    (-3, 4, 1)

    Raises:
        InvalidFrameError: as `month_invoices`; a change outside its period.
        InvalidTypeError: no frame of a known engine.

    Source: rules B3–B5.
    """
    return run(frame, proration_job(), checked=checked)


def entitled(
    frame: FrameT, feature: str, at: datetime, *, catalog: Catalog = CHATIM, checked: bool = False
) -> FrameT:
    """Whether each subscription has `feature` at the instant `at`, as the boolean `entitled`.

    Reads `plan` (a key of the edition `catalog`), `as_of` (the instant the facts stand at),
    `trial_end` (null outside a trial), `payment_method`, `restricted`, and `scheduled_plan` with
    `scheduled_at` (both null where nothing waits). Time that went by is taken into account: a
    trial's end, a waiting change; a renewal is assumed paid.

    >>> import polars
    >>> from datetime import UTC
    >>> start, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC)
    >>> trial = {"plan": "pro", "as_of": start, "trial_end": end, "payment_method": False}
    >>> waiting = {"restricted": False, "scheduled_plan": None, "scheduled_at": None}
    >>> types = {"scheduled_plan": polars.String, "scheduled_at": polars.Datetime("us", "UTC")}
    >>> table = polars.DataFrame([trial | waiting], schema_overrides=types)
    >>> [entitled(table, "visitor_export", at).item(0, "entitled") for at in (start, end)]
    [True, False]

    Raises:
        InvalidFrameError: as `month_invoices`; facts later than `at`, an unknown plan.
        UnknownKeyError: no feature of this name.
        InvalidTypeError, InvalidValueError: no frame of a known engine, instant or catalogue.

    Source: rules A1, A2, A5, R4, R5, P3, P4, D2, D3.
    """
    return run(frame, access_job(feature, at, catalog), checked=checked)
