"""The jobs that run over frames: which columns each reads, its rules, and which columns it adds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace

from attrs import frozen

from chatim_plans.catalog.catalogs import Catalog, Terms
from chatim_plans.catalog.features import Feature
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import instant, seconds_between
from chatim_plans.foundation.periods import Cycle, Period
from chatim_plans.foundation.rounding import Rounding
from chatim_plans.frames.arithmetic import Numbers, Ruled
from chatim_plans.frames.columns import Column, Flags, Instants, Keys, Wholes
from chatim_plans.frames.rules import (
    Close,
    entitled_of,
    month_invoices_of,
    period_of,
    proration_of,
)

MOST_PRICE = 10**8
MOST_SEATS = 10**6
MOST_BALANCE = 10**14
"""The product of price and seats, too: so that no sum of amounts comes near 2^51."""

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)

_MOST_MONTHS = 1_200


@frozen(order=False)
class Job:
    """Rules over a table: the columns it reads, its rules, and the columns it adds, in order.

    `instants` and `flags` name those added that are timestamps and booleans; the rest are int64.
    `is_large` tells that the rules, as one expression, are more than Spark's JIT compiles.
    """

    columns: tuple[Column, ...]
    rules: Callable[[SimpleNamespace, Numbers], Ruled]
    added: tuple[str, ...]
    instants: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    is_large: bool = False


def month_job(month: Period, terms: Terms) -> Job:
    """The invoices of a calendar month.

    Raises:
        InvalidTypeError, InvalidValueError: no calendar month in UTC of the years 1970 to 9998, or
            terms that round by another rule than B4's.
    """
    start = shapes.instance(month, Period, "month").start
    first = start == start.replace(day=1, hour=0, minute=0, second=0)
    if not first or not _FIRST <= start < _LAST or month.end != Cycle(start).boundary(1):
        expected = "a calendar month in UTC of the years 1970 to 9998, from 00:00 to 00:00"
        raise InvalidValueError("month", month, expected)
    if shapes.instance(terms, Terms, "terms").rounding is not Rounding.ties_to_customer:
        raise InvalidValueError(
            "rounding", terms.rounding, "ties_to_customer, which frames round by"
        )
    close = Close(
        start=unix_seconds(start),
        end=unix_seconds(month.end),
        smallest=terms.smallest_charge.amount,
        at_once=int(terms.seat_lines_at_once),
    )
    return Job(
        columns=(
            Wholes("price", 0, MOST_PRICE),
            Wholes("seats", 1, MOST_SEATS),
            Wholes("interval_months", 1, 12),
            Instants("anchor", nullable=True),
            Instants("trial_end", nullable=True),
            Flags("payment_method"),
            Flags("restricted"),
            Wholes("scheduled_price", 0, MOST_PRICE, nullable=True),
            Instants("scheduled_at", nullable=True),
            Instants("change_at", nullable=True),
            Wholes("new_price", 1, MOST_PRICE, nullable=True),
            Wholes("new_seats", 1, MOST_SEATS, nullable=True),
            Wholes("pending", -MOST_BALANCE, MOST_BALANCE),
            Wholes("credit_balance", -MOST_BALANCE, MOST_BALANCE),
            Flags("lines_wait", optional=True),
        ),
        rules=partial(month_invoices_of, close),
        added=(
            "period_start",
            "period_end",
            "unit_price",
            "billed_seats",
            "subscription",
            "unused_time",
            "remaining_time",
            "seconds_left",
            "seconds_whole",
            "boundary_total",
            "boundary_due",
            "change_total",
            "change_due",
            "invoices",
            "amount_due",
            "pending_after",
            "credit_after",
        ),
        instants=("period_start", "period_end"),
        is_large=True,
    )


def period_job(at: datetime | str) -> Job:
    """The billing period that holds `at`, an instant or the name of a column of them.

    Raises:
        InvalidTypeError, InvalidValueError: no instant, or one before 1970.
    """
    asked = at if isinstance(at, str) else unix_seconds(at)
    if asked == "interval_months":
        raise InvalidValueError("at", at, "an instant, or the name of a column of them")
    own = (Instants(asked),) if isinstance(asked, str) and asked != "anchor" else ()
    return Job(
        columns=(Instants("anchor"), Wholes("interval_months", 1, _MOST_MONTHS), *own),
        rules=partial(period_of, asked),
        added=("period_start", "period_end"),
        instants=("period_start", "period_end"),
        is_large=True,
    )


def proration_job() -> Job:
    """The two lines of a change inside a period."""
    return Job(
        columns=(
            Wholes("price", 0, MOST_PRICE),
            Wholes("seats", 1, MOST_SEATS),
            Wholes("new_price", 0, MOST_PRICE),
            Wholes("new_seats", 1, MOST_SEATS),
            Instants("period_start"),
            Instants("period_end"),
            Instants("change_at"),
        ),
        rules=proration_of,
        added=("unused_time", "remaining_time", "net"),
    )


def access_job(feature: str, at: datetime, catalog: Catalog) -> Job:
    """Whether the account has a feature at an instant.

    Raises:
        UnknownKeyError, InvalidTypeError, InvalidValueError: no feature, instant or catalogue.
    """
    known = shapes.member(feature, Feature, "feature")
    plans = shapes.instance(catalog, Catalog, "catalog").plans
    keys = tuple(plan.key for plan in plans)
    granting = tuple(plan.key for plan in plans if plan.allows(known))
    free_grants = int(catalog.free_plan.allows(known))
    return Job(
        columns=(
            Keys("plan", keys, granting),
            Instants("as_of"),
            Instants("trial_end", nullable=True),
            Flags("payment_method"),
            Flags("restricted"),
            Keys("scheduled_plan", keys, granting, nullable=True),
            Instants("scheduled_at", nullable=True),
        ),
        rules=partial(entitled_of, unix_seconds(at), free_grants),
        added=("entitled",),
        flags=("entitled",),
    )


def unix_seconds(at: datetime) -> int:
    """An instant as Unix seconds.

    Raises:
        InvalidTypeError, InvalidValueError: no instant, or one before 1970.
    """
    seconds = seconds_between(_FIRST, instant(at))
    if seconds < 0:
        raise InvalidValueError("instant", at, "an instant from 1970 on")
    return seconds
