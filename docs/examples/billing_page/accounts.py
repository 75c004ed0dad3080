"""The accounts of the example, each at an instant of its own: no clock, and no database.

Yours come from where you keep them: an `Account`, or the actions that `replay` folds.
"""

from collections.abc import Callable

from chatim_plans import (
    PRO,
    ULTIMATE,
    Action,
    AddPaymentMethod,
    ChangeSeats,
    ChoosePlan,
    PaymentFailed,
    Plan,
    StartFree,
    StartTrial,
    Statement,
    replay,
    utc,
)


def _bought(plan: Plan, seats: int, *, at: str) -> list[Action]:
    start = utc(at)
    return [
        StartFree(at=start),
        AddPaymentMethod(at=start),
        ChoosePlan(plan, seats, at=start),
    ]


def _trial() -> list[Action]:
    return [StartTrial(3, at=utc("2026-10-01 09:00"))]


def _failed(*, final: bool = False) -> list[Action]:
    bought = _bought(PRO, 3, at="2026-09-15 09:00")
    failed = [PaymentFailed(at=utc("2026-10-15 09:05"))]
    last = [PaymentFailed(final=True, at=utc("2026-10-24 09:05"))]
    return [*bought, *failed, *(last if final else [])]


_STORIES: dict[str, tuple[Callable[[], list[Action]], str]] = {
    "trialing": (_trial, "2026-10-20 14:00"),
    "trial_ended": (_trial, "2026-11-03 10:00"),
    "free": (lambda: [StartFree(at=utc("2026-10-01 09:00"))], "2026-10-20 14:00"),
    "active": (lambda: _bought(PRO, 5, at="2026-10-15 09:00"), "2026-10-27 17:30"),
    "past_due": (_failed, "2026-10-20 14:00"),
    "restricted": (lambda: _failed(final=True), "2026-10-27 17:30"),
    "scheduled_downgrade": (
        lambda: [
            *_bought(ULTIMATE, 4, at="2026-10-15 09:00"),
            ChoosePlan(PRO, at=utc("2026-10-25 11:00")),
        ],
        "2026-10-27 17:30",
    ),
    "waiting_seats": (
        lambda: [
            *_bought(PRO, 3, at="2026-10-15 09:00"),
            ChangeSeats(5, at=utc("2026-10-21 08:00")),
        ],
        "2026-10-27 17:30",
    ),
}

NAMES = tuple(_STORIES)
"""The accounts by name: one in each status, and two in which something waits."""


def statement_of(name: str) -> Statement:
    """The account of this name with all that happened to it, at its instant.

    Raises:
        KeyError: there is no account of this name.
    """
    actions, now = _STORIES[name]
    return replay(actions(), until=utc(now))
