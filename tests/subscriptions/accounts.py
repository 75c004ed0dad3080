"""One account for each status, on a catalogue with a plan below and a plan above the one held.

Nothing here computes an expected value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from attrs import evolve

from chatim_plans import (
    Account,
    Cancel,
    Catalog,
    ChangeSeats,
    OnPaid,
    Plan,
    Status,
    Subscription,
    advance,
)
from chatim_plans.subscriptions.lifecycle import taken
from tests.accounts import (
    a_catalog,
    a_plan,
    after,
    on_free,
    on_plan,
    on_trial,
    past_due,
    restricted,
)
from tests.instants import JUNE, TENTH, utc


def ladder(
    edition: str = "ladder",
    *,
    pro: int = 19_00,
    retired: Iterable[str] = (),
    grace_days: int | None = None,
) -> Catalog:
    """Free for nine seats, then three plans for any number; the trial is of the middle one.

    The lowest and the highest are sold by the year, too.
    """
    return a_catalog(
        a_plan("free", 0, seats=9),
        a_plan("solo", 9_00),
        a_plan("solo_year", 120_00, months=12),
        a_plan("pro", pro),
        a_plan("top", 39_00),
        a_plan("top_year", 480_00, months=12),
        edition=edition,
        retired=retired,
        grace_days=grace_days,
    )


def plan(key: str) -> Plan:
    """The plan of the ladder with this key."""
    return ladder().plan(key)


STANDING: dict[Status, Callable[[], Account]] = {
    Status.free: lambda: after(on_free(JUNE, catalog=ladder()), ChangeSeats(3, at=TENTH)),
    Status.trial_ended: lambda: on_trial(utc(2026, 5, 1), seats=3, catalog=ladder()),
    Status.trialing: lambda: on_trial(JUNE, seats=3, catalog=ladder()),
    Status.active: lambda: on_plan(plan("pro"), JUNE, seats=3, catalog=ladder()),
    Status.past_due: lambda: past_due(plan("pro"), seats=3, catalog=ladder()),
    Status.restricted: lambda: restricted(plan("pro"), seats=3, catalog=ladder()),
}


def standing_at(status: Status) -> Subscription:
    """An account of three seats in this status, standing at 10 June; on Pro where it can be."""
    return advance(STANDING[status](), TENTH).account.subscription


def cancelled(account: Subscription, at: datetime = TENTH) -> Subscription:
    """The account once it has chosen Free."""
    return taken(account, Cancel(at=at)).subscription


def invoiced(account: Subscription) -> Subscription:
    """The account, if there had been an invoice at some time."""
    return evolve(account, was_invoiced=True)


def with_grace(account: Subscription, until: datetime) -> Subscription:
    """The account past due, if its grace ends at `until`."""
    assert isinstance(account.phase, OnPaid)
    return evolve(account, phase=evolve(account.phase, grace_end=until))
