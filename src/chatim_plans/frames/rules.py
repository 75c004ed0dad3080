"""What one row is invoiced in a calendar month: the rules of the library in whole numbers.

The same text for every engine, as in `frame_rules`. A row is an account as it stood just before
its boundary in the month, save that price and seats are those from before its change; -1 and
`NEVER` stand for what there is none of.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TypeAlias

from attrs import frozen

from chatim_plans.frames.arithmetic import (
    DAY,
    NEVER,
    Numbers,
    Ruled,
    Whole,
    amount_due,
    boundary,
    calendar_month,
    calendar_place,
    change_lines,
    chosen,
    period_holding,
)

Invoice: TypeAlias = tuple[Whole, Whole]
"""The total of an invoice, and 1 if there is one, else 0."""

_YEAR = 12


@frozen(order=False)
class Close:
    """What is closed: the month's `start` and `end` in Unix seconds, by terms of sale.

    `smallest` is the smallest amount collected (rule B10), `at_once` is 1 where a change of seats
    is invoiced at once on monthly plans too (rule S2).
    """

    start: int
    end: int
    smallest: int
    at_once: int


@frozen(order=False)
class Course:
    """The boundaries around the month, and how a row goes through them.

    `start` is the last boundary up to the month's end, `end` the one after it, `before` the one
    ahead of it. The rest is 1 or 0: the boundary is `due` in the month; the account is `dropped`
    there because it is restricted (rule D3), its waiting change `waits` for it, and it `stays`
    billed after it; its own change, at `change_at` and to `new_seats`, is `early`, that is before
    the boundary, or `late`.
    """

    anchor: Whole
    before: Whole
    start: Whole
    end: Whole
    due: Whole
    dropped: Whole
    waits: Whole
    stays: Whole
    change_at: Whole
    new_seats: Whole
    early: Whole
    late: Whole


def course(row: SimpleNamespace, close: Close, keep: Numbers) -> Course:
    """Where the row's boundaries lie, and what happens at the one in the month.

    Source: rules T3, R3, R4, P3–P5, P7, D3.
    """
    on_trial = keep.reached(NEVER - 1, row.trial_end)
    bills = chosen(on_trial, row.payment_method, keep.reached(row.price, 1))
    anchor = keep(keep.least(row.anchor, row.trial_end))
    month, day, second = (keep(part) for part in calendar_place(anchor, keep))
    here = calendar_month(close.start)
    elapsed = keep((here - month) * keep.reached(here, month))
    month = keep(month + elapsed // row.interval_months * row.interval_months)
    start = keep(boundary(month, day, second, keep))
    due = keep(keep.reached(start, close.start) * keep.reached(close.end - 1, start))
    dropped = keep(due * row.restricted)
    waits = keep(due * keep.reached(start, row.scheduled_at))
    new_seats = keep(chosen(keep.reached(row.new_seats, 0), row.new_seats, row.seats))
    news = keep.reached(row.new_price, 0) + keep.reached(new_seats, row.seats + 1)
    news = keep(keep.reached(news + keep.reached(row.seats, new_seats + 1), 1))
    change_at = keep(chosen(news, row.change_at, NEVER))
    early = keep(1 - keep.reached(change_at, start))
    return Course(
        anchor=anchor,
        before=keep(boundary(month - row.interval_months, day, second, keep)),
        start=start,
        end=keep(boundary(month + row.interval_months, day, second, keep)),
        due=due,
        dropped=dropped,
        waits=waits,
        stays=keep(bills * (1 - dropped) * (1 - waits * keep.reached(0, row.scheduled_price))),
        change_at=change_at,
        new_seats=new_seats,
        early=early,
        late=keep(keep.reached(close.end - 1, change_at) - early),
    )


def month_invoices_of(close: Close, row: SimpleNamespace, keep: Numbers) -> Ruled:
    """The columns that `month_invoices` adds, and what it refuses.

    Source: rules B2–B5, B7, B10, S1, S2, P1, P3, P4, R3, R4, D3, T5.
    """
    way = course(row, close, keep)
    early, late, due = way.early, way.late, way.due

    # The rate before and after the change, and the one that the boundary begins with.
    upgraded = keep((early + late) * keep.reached(row.new_price, 0))
    price = keep(chosen((1 - early) * way.waits, row.scheduled_price, row.price))
    new_price = keep(chosen(upgraded, row.new_price, price))
    begins = keep(due * way.stays)
    rate = chosen(way.waits, row.scheduled_price, chosen(early, new_price, price))
    unit_price = keep(begins * rate)
    billed_seats = keep(begins * chosen(early, way.new_seats, row.seats))
    subscription = keep(unit_price * billed_seats)

    # The lines of the change, unless an earlier month's invoice has them or they are dropped.
    monthly = 1 - keep.reached(row.interval_months, 2)
    at_once = keep(1 - (1 - upgraded) * monthly * (1 - close.at_once))
    earlier = at_once * (1 - keep.reached(way.change_at, close.start))
    lost = (1 - at_once) * early * way.dropped
    here = keep((early + late) * (1 - earlier - lost))
    left = keep(here * (chosen(early, way.start, way.end) - way.change_at))
    whole = keep(chosen(early, way.start - way.before, way.end - way.start))
    old_charge, new_charge = price * row.seats, new_price * way.new_seats
    unused, remaining = change_lines(keep(old_charge), keep(new_charge), left, whole, keep)
    unused, remaining = keep(unused), keep(remaining)
    lines = keep(unused + remaining)

    # Two invoices at most, the change's and the boundary's. What waited comes first on the first.
    apart = keep(here * at_once)
    joins = keep(here * (1 - at_once))
    takes = keep(apart * (1 - due * late))
    taken = keep(takes * row.pending)
    change_total = keep(apart * lines + taken)
    goes_on = keep(due * (1 - way.dropped))
    waited = keep(goes_on * (row.pending - taken))
    joined = keep(goes_on * early * joins)
    total = keep(waited + joined * lines + subscription)
    some_wait = goes_on * (1 - takes) * row.lines_wait + keep.reached(waited, 1)
    some_lines = begins + joined + some_wait + keep.reached(0, waited + 1)
    issued = keep(keep.reached(some_lines, 1))

    change_first = keep(early * apart)
    of_boundary, of_change = (total, issued), (change_total, apart)
    boundary_due, change_due = _collected(
        of_boundary, of_change, change_first, row.credit_balance, close.smallest, keep
    )
    return Ruled(
        columns={
            "period_start": chosen(begins, way.start, NEVER),
            "period_end": chosen(begins, way.end, NEVER),
            "unit_price": unit_price,
            "billed_seats": billed_seats,
            "subscription": subscription,
            "unused_time": unused,
            "remaining_time": remaining,
            "seconds_left": left,
            "seconds_whole": here * whole,
            "boundary_total": total,
            "boundary_due": boundary_due,
            "change_total": change_total,
            "change_due": change_due,
            "invoices": issued + apart,
            "amount_due": boundary_due + change_due,
            "pending_after": (1 - due) * (row.pending - taken) + late * joins * lines,
            "credit_after": row.credit_balance + boundary_due + change_due - total - change_total,
        },
        refused=tuple(_refused(row, close, way)),
    )


def _collected(  # noqa: PLR0913, PLR0917 — two invoices, their order, and what meets them
    of_boundary: Invoice,
    of_change: Invoice,
    change_first: Whole,
    credit: Whole,
    smallest: int,
    keep: Numbers,
) -> tuple[Whole, Whole]:
    """What each of the two collects, the second from the balance that the first left.

    Source: rules B7, B10.
    """
    (total, issued), (change_total, apart) = of_boundary, of_change
    total_1 = keep(chosen(change_first, change_total, total))
    issued_1 = keep(chosen(change_first, apart, issued))
    due_1 = keep(issued_1 * amount_due(total_1, credit, smallest, keep))
    left = keep(credit + due_1 - total_1)
    total_2 = keep(total + change_total - total_1)
    due_2 = keep((issued + apart - issued_1) * amount_due(total_2, left, smallest, keep))
    boundary_due = keep(chosen(change_first, due_2, due_1))
    return boundary_due, keep(due_1 + due_2 - boundary_due)


def _refused(row: SimpleNamespace, close: Close, way: Course) -> Iterator[tuple[str, str, Whole]]:
    """What contradicts itself: the column, what it should be, and where it is not."""
    free, paid, on_trial = row.price < 1, row.anchor < NEVER, row.trial_end < NEVER
    not_begun = row.anchor >= close.start
    waiting, changing = row.scheduled_at < NEVER, row.change_at < NEVER
    elsewhere = (way.due < 1) | (row.scheduled_at != way.start) | (paid & (row.anchor >= way.start))
    outside = (way.change_at < way.anchor) | (way.change_at < way.before)
    ahead = (way.early > 0) & (way.due < 1)
    ended = (way.early < 1) & (way.stays < 1)
    between = (row.interval_months > 1) & (row.interval_months < _YEAR)
    yield "interval_months", "1 or 12", between
    yield "anchor", "null on Free and in a trial", paid & (free | on_trial)
    yield "trial_end", "null on Free", free & on_trial
    yield "price", "0 without anchor or trial_end", (row.price > 0) & (way.anchor >= NEVER)
    before = "before the month in which a period was running when it began"
    yield "restricted", f"false {before}", (row.restricted > 0) & not_begun
    yield "pending", f"0 {before}", (row.pending != 0) & not_begun
    yield "lines_wait", f"false {before}", (row.lines_wait > 0) & not_begun
    pair = "null exactly where scheduled_at is"
    yield "scheduled_price", pair, waiting != (row.scheduled_price >= 0)
    place = "the boundary in the month or an instant after the month; null on Free"
    off = free | ((row.scheduled_at < close.end) & elsewhere)
    yield "scheduled_at", place, waiting & off
    pair = "null exactly where both new_price and new_seats are"
    yield "change_at", pair, changing != ((row.new_price >= 0) | (row.new_seats >= 0))
    place = "an instant of a paid period that the month holds or ends, before the month's end"
    off = (way.change_at >= close.end) | outside | ahead | ended
    yield "change_at", place, (way.change_at < NEVER) & off


def entitled_of(at: int, free_grants: int, row: SimpleNamespace, keep: Numbers) -> Ruled:
    """The column that `entitled` adds, and what it refuses.

    `free_grants` is 1 where Free has the feature. An account is on Free's features while it is
    restricted, and from the end of a trial without a payment method on.

    Source: rules A1, A2, A5, R4, R5, P3, P4, D2, D3.
    """
    lapsed = keep.reached(at, row.trial_end) * (1 - row.payment_method)
    on_free = keep.reached(row.restricted + lapsed, 1)
    held = chosen(keep.reached(at, row.scheduled_at), row.scheduled_plan_grants, row.plan_grants)
    return Ruled({"entitled": chosen(on_free, free_grants, held)}, tuple(_refused_access(row, at)))


def _refused_access(row: SimpleNamespace, at: int) -> Iterator[tuple[str, str, Whole]]:
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


_LONGEST = 366 * DAY


def period_of(at: int | str, row: SimpleNamespace, keep: Numbers) -> Ruled:
    """The period of each row that holds `at`: an instant, or the name of a column of them."""
    held = getattr(row, at) if isinstance(at, str) else at
    start, end = period_holding(row.anchor, row.interval_months, held, keep)
    end = keep(end)
    return Ruled(
        columns={"period_start": start, "period_end": end},
        refused=(
            ("anchor", "an instant up to the one asked about", row.anchor > held),
            ("anchor", "one whose period ends before the year 10000", end >= NEVER),
        ),
    )


def proration_of(row: SimpleNamespace, keep: Numbers) -> Ruled:
    """The two lines of each row's change inside its period, and their sum (rule B5)."""
    left, whole = keep(row.period_end - row.change_at), keep(row.period_end - row.period_start)
    before, after = keep(row.price * row.seats), keep(row.new_price * row.new_seats)
    unused, remaining = change_lines(before, after, left, whole, keep)
    unused, remaining = keep(unused), keep(remaining)
    return Ruled(
        columns={"unused_time": unused, "remaining_time": remaining, "net": unused + remaining},
        refused=(
            (
                "period_end",
                "after period_start, by 366 days at most",
                (whole < 1) | (whole > _LONGEST),
            ),
            (
                "change_at",
                "an instant in the period, from its start on and before its end",
                (row.change_at < row.period_start) | (left < 1),
            ),
        ),
    )
