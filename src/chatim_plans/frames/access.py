"""Whether the subscriptions of a table have a feature: the rules of access, in columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from attrs import frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.catalog.features import Feature
from chatim_plans.foundation import shapes
from chatim_plans.frames.arithmetic import NEVER, Engine, Whole, chosen
from chatim_plans.frames.columns import (
    Flags,
    Instants,
    Job,
    Keys,
    Refusal,
    Ruled,
    seconds_from_1970,
)
from chatim_plans.frames.engines import FrameT, run


def entitled(
    frame: FrameT, feature: str, at: datetime, *, catalog: Catalog = CHATIM, checked: bool = False
) -> FrameT:
    """Whether each subscription has `feature` at the instant `at`, as the boolean `entitled`.

    Reads `plan` (a key of the edition `catalog`), `as_of` (the instant the facts stand at),
    `trial_end` (null outside a trial), `payment_method`, `restricted`, and `scheduled_plan` with
    `scheduled_at` (both null where nothing waits). Time that went by is taken into account: a
    trial's end, a waiting change; a renewal is assumed paid.

    >>> import polars
    >>> from chatim_plans import utc
    >>> from chatim_plans.frames import entitled
    >>> start, end = utc("2026-03-01 12:00"), utc("2026-03-31 12:00")
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
    return run(frame, _access_job(feature, at, catalog), checked=checked)


def _access_job(feature: str, at: datetime, catalog: Catalog) -> Job[_AccessRow]:
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
        row=_AccessRow,
        rules=partial(_entitled_of, seconds_from_1970(at), free_grants),
        added=("entitled",),
        flags=("entitled",),
    )


@frozen(order=False, eq=False)
class _AccessRow:
    """What an account holds and what waits for it; `NEVER` where there is no instant."""

    plan_grants: Whole
    plan_is_free: Whole
    plan_is_given: Whole
    as_of: Whole
    trial_end: Whole
    payment_method: Whole
    restricted: Whole
    scheduled_plan_grants: Whole
    scheduled_plan_is_free: Whole
    scheduled_plan_is_given: Whole
    scheduled_at: Whole


def _entitled_of(at: int, free_grants: int, row: _AccessRow, engine: Engine) -> Ruled:
    """The column that `entitled` adds, and what it refuses.

    `free_grants` is 1 where Free has the feature. An account is on Free's features while it is
    restricted, and from the end of a trial without a payment method on.

    Source: rules A1, A2, A5, R4, R5, P3, P4, D2, D3.
    """
    lapsed = engine.at_least(at, row.trial_end) * (1 - row.payment_method)
    on_free = engine.at_least(row.restricted + lapsed, 1)
    held = chosen(engine.at_least(at, row.scheduled_at), row.scheduled_plan_grants, row.plan_grants)
    return Ruled({"entitled": chosen(on_free, free_grants, held)}, tuple(_refused_access(row, at)))


def _refused_access(row: _AccessRow, at: int) -> Iterator[Refusal]:
    free, trialing, waiting = row.plan_is_free > 0, row.trial_end < NEVER, row.scheduled_at < NEVER
    yield "as_of", "an instant up to the one asked about", row.as_of > at
    yield (
        "trial_end",
        "an instant after as_of on a paid plan, or null",
        trialing & (free | (row.trial_end <= row.as_of)),
    )
    yield "restricted", "false on Free and in a trial", (row.restricted > 0) & (free | trialing)
    yield (
        "scheduled_plan",
        "null exactly where scheduled_at is, and on Free",
        (waiting != (row.scheduled_plan_is_given > 0)) | (waiting & free),
    )
    later = (row.scheduled_at > row.trial_end) & (row.scheduled_plan_is_free < 1)
    yield (
        "scheduled_at",
        "an instant after as_of, in a trial its end (for Free a later one may be)",
        waiting
        & (
            (row.scheduled_at <= row.as_of)
            | (trialing & ((row.scheduled_at < row.trial_end) | later))
        ),
    )
