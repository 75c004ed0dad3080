"""Whether a row's account has a feature at an instant: the rules of access in whole numbers.

The same text for every engine, as in `frame_rules`; `NEVER` stands for an instant there is none of.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

from chatim_plans.integrations.frame_rules import NEVER, Numbers, Ruled, Whole, chosen


def entitled_of(at: int, free_grants: int, row: SimpleNamespace, keep: Numbers) -> Ruled:
    """The column that `entitled` adds, and what it refuses.

    `free_grants` is 1 where Free has the feature. An account is on Free's features while it is
    restricted, and from the end of a trial without a payment method on.

    Source: rules A1, A2, A5, R4, R5, P3, P4, D2, D3.
    """
    lapsed = keep.reached(at, row.trial_end) * (1 - row.payment_method)
    on_free = keep.reached(row.restricted + lapsed, 1)
    held = chosen(keep.reached(at, row.scheduled_at), row.scheduled_plan_grants, row.plan_grants)
    return Ruled({"entitled": chosen(on_free, free_grants, held)}, tuple(_refused(row, at)))


def _refused(row: SimpleNamespace, at: int) -> Iterator[tuple[str, str, Whole]]:
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
