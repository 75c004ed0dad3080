"""The accounts that the benchmarks ask about, one a case of the goals."""

from __future__ import annotations

from datetime import UTC, datetime

from chatim_plans import (
    PRO,
    ULTIMATE,
    Action,
    AddPaymentMethod,
    Cancel,
    ChoosePlan,
    StartFree,
    StartTrial,
    Subscription,
    replay,
)

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
INSIDE = datetime(2026, 2, 10, 9, tzinfo=UTC)
THREE_YEARS_ON = datetime(2029, 2, 10, 9, tzinfo=UTC)

ON_PRO: tuple[Action, ...] = (
    StartFree(at=START),
    AddPaymentMethod(at=START),
    ChoosePlan(PRO, seats=5, at=START),
)
HISTORIES: dict[str, tuple[Action, ...]] = {
    "trial": (StartTrial(4, at=START),),
    "paid": ON_PRO,
    "change waiting": (*ON_PRO, Cancel(at=START)),
    "lower plan waiting": (
        StartFree(at=START),
        AddPaymentMethod(at=START),
        ChoosePlan(ULTIMATE, seats=5, at=START),
        ChoosePlan(PRO, at=START),
    ),
    "trial that converts": (StartTrial(4, at=START), AddPaymentMethod(at=START)),
}


def facts(case: str) -> Subscription:
    """The facts of one case, as they stand after its last action."""
    return replay(HISTORIES[case]).account.subscription
