"""Rows for the frames, and what the library itself says of them, one account at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache, partial
from random import Random
from typing import Any, TypeAlias

from attrs import evolve, fields

from chatim_plans import (
    CHATIM,
    UNLIMITED,
    USD,
    Account,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Cycle,
    Invoice,
    Limit,
    Line,
    LineKind,
    Money,
    OnFree,
    OnPaid,
    OnTrial,
    Period,
    Plan,
    Quota,
    ScheduledChange,
    Standing,
    Statement,
    Subscription,
    Terms,
    advance,
    apply,
)
from tests.instants import utc

Row: TypeAlias = dict[str, Any]

SECOND = timedelta(seconds=1)
UNLIMITED_USE: dict[str, Limit] = dict.fromkeys(Quota, UNLIMITED)


def month_of(year: int, month: int) -> Period:
    """A calendar month."""
    return Cycle(utc(year, month, 1)).period_holding(utc(year, month, 1))


FREE_ROW: Row = {
    "price": 0,
    "seats": 1,
    "interval_months": 1,
    "anchor": None,
    "trial_end": None,
    "payment_method": False,
    "restricted": False,
    "scheduled_price": None,
    "scheduled_at": None,
    "change_at": None,
    "new_price": None,
    "new_seats": None,
    "pending": 0,
    "credit_balance": 0,
}
"""The columns of `month_invoices`, with an account on Free."""

MONTH = month_of(2026, 2)
ANCHOR = utc(2025, 12, 31, 9)
BOUNDARY, BEFORE, AFTER = utc(2026, 2, 28, 9), utc(2026, 1, 31, 9), utc(2026, 3, 31, 9)
PAID: Row = FREE_ROW | {"price": 1900, "seats": 3, "anchor": ANCHOR, "payment_method": True}
TRIAL: Row = FREE_ROW | {"price": 1900, "trial_end": BOUNDARY, "payment_method": True}
YEARLY: Row = PAID | {"interval_months": 12, "price": 19_000}

ACCESS: Row = {
    "plan": "pro",
    "as_of": utc(2026, 2, 1),
    "trial_end": None,
    "payment_method": True,
    "restricted": False,
    "scheduled_plan": None,
    "scheduled_at": None,
}
"""The columns of `entitled`, with an account on Pro."""

SOON, LATER = utc(2026, 2, 2), utc(2026, 3, 1)


# --- what the library says ---
def sold(key: str, price: int, months: int) -> Plan:
    """A plan at a price, or a free one."""
    interval = months if price else None
    return Plan(key, Money(price, USD), interval, frozenset(), UNLIMITED_USE)


def edition(row: Row, terms: Terms) -> Catalog:
    """A catalogue with the plans of a row, in an order that allows what the row tells."""
    months = row["interval_months"]
    prices = {"held": row["price"], "new": row["new_price"], "scheduled": row["scheduled_price"]}
    plans = [sold("free", 0, months)]
    plans += [sold(key, prices[key] or 1, months) for key in ("scheduled", "held", "new")]
    return Catalog("of a row", tuple(plans), evolve(terms, trial_plan="held"))


Step: TypeAlias = Callable[[Account], Statement]


def told_by_the_core(row: Row, month: Period, terms: Terms = CHATIM.terms) -> Row:
    """The columns that `month_invoices` adds to a row, by way of accounts and actions."""
    account, boundary = opened(row, month, edition(row, terms))
    steps: list[tuple[datetime, str, Step]] = []
    if boundary is not None:
        steps.append((boundary, "at boundary", partial(at_boundary, row=row, at=boundary)))
    if row["change_at"] is not None and (row["new_price"] or row["new_seats"] != row["seats"]):
        steps.append((row["change_at"], "change", partial(at_change, row=row)))
    issued: dict[str, Invoice] = {}
    for at, what, step in sorted(steps, key=lambda step: step[:2]):
        statement = step(account)
        account = statement.account
        if at >= month.start:
            issued.update((what, invoice) for invoice in statement.invoices)
        elif statement.invoices:  # an earlier month's: the row tells what it left
            account = with_money(account, row)
    return as_columns(account, issued.get("at boundary"), issued.get("change"))


def opened(row: Row, month: Period, catalog: Catalog) -> tuple[Account, datetime | None]:
    """The account ahead of what the row tells, and its boundary in the month, if there is one."""
    anchor, held = row["anchor"] or row["trial_end"], catalog.plan("held")
    start = min(month.start, anchor or month.start) - SECOND
    facts = Subscription(catalog, catalog.free_plan, row["seats"], start, OnFree())
    facts = evolve(facts, payment_method=row["payment_method"] or row["trial_end"] is None)
    if row["trial_end"] is not None:
        facts = evolve(facts, plan=held, phase=OnTrial(anchor), tried_plan="held")
    account = Account(facts, (), Money(0, USD))
    if anchor is None or anchor >= month.start:
        boundary = anchor if anchor is not None and anchor in month else None
        return with_money(account, row), boundary
    if row["trial_end"] is None:
        account = apply(account, ChoosePlan(held, row["seats"], at=anchor)).account
    account = advance(account, month.start - SECOND).account
    facts = account.subscription
    boundary = facts.phase.end if facts.phase.end is not None and facts.phase.end in month else None
    if isinstance(facts.phase, OnPaid):  # a change may come from the period's start on
        account = evolve(account, subscription=evolve(facts, as_of=facts.phase.period.start))
    return with_money(account, row), boundary


def with_money(account: Account, row: Row) -> Account:
    """The account with the row's waiting lines, two where they sum to 0, and its balance."""
    amounts = [row["pending"]] if row["pending"] else [1, -1] if row.get("lines_wait") else []
    lines = tuple(waiting_line(account, amount) for amount in amounts)
    balance = Money(row["credit_balance"], USD)
    return unchecked(account, pending_lines=lines, credit_balance=balance)


def unchecked(account: Account, **facts: object) -> Account:
    """The account with these facts, past its checks: a row's sum may be one that no lines have."""
    made = object.__new__(Account)
    for fact in fields(Account):
        object.__setattr__(made, fact.name, facts.get(fact.name, getattr(account, fact.name)))
    return made


def waiting_line(account: Account, amount: int) -> Line:
    """A line of `amount` that waits."""
    phase = account.subscription.phase
    assert isinstance(phase, OnPaid)
    kind = LineKind.remaining_time if amount > 0 else LineKind.unused_time
    plan = sold("waited", abs(amount), 1)
    return Line(kind, plan, 1, phase.period, phase.period, Money(amount, USD))


def at_boundary(account: Account, row: Row, at: datetime) -> Statement:
    """Time goes by up to the boundary, where a plan may wait and a restriction end."""
    facts = account.subscription
    if isinstance(facts.phase, OnFree):
        return apply(account, ChoosePlan(facts.catalog.plan("held"), row["seats"], at=at))
    if row["scheduled_at"] is not None:
        plan = facts.catalog.plan("scheduled" if row["scheduled_price"] else "free")
        facts = evolve(facts, scheduled_change=ScheduledChange(plan, row["scheduled_at"]))
    if row["restricted"]:
        assert isinstance(facts.phase, OnPaid)
        facts = evolve(facts, phase=evolve(facts.phase, standing=Standing.restricted))
    return advance(unchecked(account, subscription=facts), at)


def at_change(account: Account, row: Row) -> Statement:
    """The plan or the seats change."""
    if row["new_price"] is None:
        return apply(account, ChangeSeats(row["new_seats"], at=row["change_at"]))
    plan = account.subscription.catalog.plan("new")
    return apply(account, ChoosePlan(plan, row["new_seats"], at=row["change_at"]))


def as_columns(account: Account, boundary: Invoice | None, change: Invoice | None) -> Row:
    """An account after the month, and its invoices, as columns."""
    issued = [invoice for invoice in (boundary, change) if invoice is not None]
    lines = [line for invoice in issued for line in invoice.lines] + [*account.pending_lines]
    by_kind = {line.kind: line for line in lines if line.plan.key != "waited"}
    period, unused = by_kind.get(LineKind.subscription), by_kind.get(LineKind.unused_time)
    remaining = by_kind.get(LineKind.remaining_time)
    return {
        "period_start": period and period.period.start,
        "period_end": period and period.period.end,
        "unit_price": period.unit_price.amount if period else 0,
        "billed_seats": period.seats if period else 0,
        "subscription": period.amount.amount if period else 0,
        "unused_time": unused.amount.amount if unused else 0,
        "remaining_time": remaining.amount.amount if remaining else 0,
        "seconds_left": unused.period.seconds if unused else 0,
        "seconds_whole": unused.whole.seconds if unused else 0,
        "boundary_total": boundary.total.amount if boundary else 0,
        "boundary_due": boundary.amount_due.amount if boundary else 0,
        "change_total": change.total.amount if change else 0,
        "change_due": change.amount_due.amount if change else 0,
        "invoices": len(issued),
        "amount_due": sum(invoice.amount_due.amount for invoice in issued),
        "pending_after": sum(line.amount.amount for line in account.pending_lines),
        "credit_after": account.credit_balance.amount,
    }


# --- rows that stand where rules meet ---
def rows(month: Period, random: Random, count: int) -> list[Row]:
    """`count` valid rows around a month, drawn towards its seams."""
    return [row_around(month, random) for _ in range(count)]


def row_around(month: Period, random: Random) -> Row:
    """One row: on Free, in a trial or on a paid plan, with or without a change."""
    kind = random.choice(["free", "trial", "paid", "paid", "paid", "paid"])
    row = {
        **FREE_ROW,
        "seats": random.choice([1, 1, 2, 3, 5, 7, 400, 10**6]),
        "interval_months": random.choice([1, 1, 1, 12]),
        "payment_method": random.random() < 0.7,
        "credit_balance": random.choice([0, 0, 0, 1, 49, 50, -49, -50, 1900, -7000, 10**14]),
    }
    if kind == "free":
        return row
    row["price"] = amount(random)
    anchor = anchor_around(month, random, years=1 if kind == "trial" else 9)
    row["anchor" if kind == "paid" else "trial_end"] = anchor
    lapsed = kind == "trial" and not row["payment_method"]
    cycle = Cycle(anchor, row["interval_months"])
    if anchor >= month.end:
        return with_a_plan_waiting(row, [anchor if kind == "trial" else cycle.boundary(1)], random)
    last = cycle.period_holding(month.end - SECOND)
    due = last.start if last.start in month else None
    running = kind == "paid" and anchor < month.start
    if running and random.random() < 0.3:
        row["pending"] = random.choice([-1, 1, 50, -1267, 1267, 10**14, -(10**14)])
    if running and random.random() < 0.15:
        row["restricted"] = True
    places = [last.end, *([due] if due else [])]
    if due == anchor:  # what waits in a trial waits for its end, in a paid plan for a later one
        places = [last.end] if kind == "paid" else [due]
    row = with_a_plan_waiting(row, places, random)
    return row if lapsed else with_a_change(row, month, cycle, last, due, random)


def with_a_plan_waiting(row: Row, places: list[datetime], random: Random) -> Row:
    """A lower plan or Free may wait for one of `places`."""
    if random.random() < 0.6:
        return row
    return {
        **row,
        "scheduled_price": random.choice([0, amount(random)]),
        "scheduled_at": random.choice(places),
    }


def with_a_change(
    row: Row, month: Period, cycle: Cycle, last: Period, due: datetime | None, random: Random
) -> Row:
    """An upgrade, a change of seats or both, in a period that the month holds or ends."""
    if random.random() < 0.2:
        return row
    places: list[Period] = []
    if due is not None and last.start > cycle.anchor:
        places.append(cycle.period_holding(last.start - SECOND))
    ends_on_free = row["scheduled_at"] == due and row["scheduled_price"] == 0
    if due is None or not (row["restricted"] or (row["scheduled_at"] is not None and ends_on_free)):
        places.append(Period(last.start, min(last.end, month.end)))
    if not places:
        return row
    place = random.choice(places)
    whole = cycle.period_holding(place.start)
    row = {**row, "change_at": instant_in(place, whole, month, random)}
    what = random.choice(["seats", "seats", "plan", "both"])
    if what != "seats":
        row["new_price"] = amount(random)
    if what != "plan":
        row["new_seats"] = random.choice([1, 2, 3, 6, 399, 10**6, row["seats"]])
    return row


def amount(random: Random) -> int:
    """A price per seat: the published ones, odd ones for halves, and the largest."""
    return random.choice([1900, 3900, 1000, 1, 49, 95, random.randrange(1, 10_000), 10**8])


def anchor_around(month: Period, random: Random, years: int) -> datetime:
    """An anchor late in a month, on a leap day, at midnight or a second from it, or anywhere."""
    year = random.randrange(month.start.year - years, month.start.year + 1)
    first = utc(year, random.randrange(1, 13), 1)
    if random.random() < 0.25:
        first = month.start
    day = random.choice([0, 0, 14, 27, 28, 29, 30, random.randrange(31)])
    clock = random.choice([0, 1, 86_399, 32_400, random.randrange(86_400)])
    seconds = random.choice([0, 0, 0, -1, 1])
    return first + timedelta(days=day, seconds=clock + seconds)


def instant_in(place: Period, whole: Period, month: Period, random: Random) -> datetime:
    """An instant of `place`: an end, a second from one, the month's seam, a half or anywhere."""
    halves = [whole.seconds // 2, whole.seconds // 4, whole.seconds * 399 // 400]
    candidates = [
        place.start,
        place.start + SECOND,
        place.end - SECOND,
        month.start,
        month.start - SECOND,
        whole.start + timedelta(seconds=random.choice(halves)),
        place.start + timedelta(seconds=random.randrange(place.seconds)),
    ]
    return random.choice([at for at in candidates if at in place])


# Months at the seams of the calendar: after a long one, a leap year's and a century's February.
MONTHS = [(2026, 2), (2026, 11), (2027, 3), (2028, 2), (2028, 3), (2100, 2), (2000, 2), (2024, 12)]
EACH = 2_500


@cache
def adversarial(year: int, month: int) -> tuple[list[Row], list[Row]]:
    """Rows around a month, and what the library says of each: 20,000 in all the months."""
    given_rows = rows(month_of(year, month), Random(year * 12 + month), EACH)
    return given_rows, [told_by_the_core(row, month_of(year, month)) for row in given_rows]


def differences(got: list[Row], rows_given: list[Row], told: list[Row]) -> Iterator[Row]:
    """The rows in which a column added is not what the library says."""
    for row, given_row, expected in zip(got, rows_given, told, strict=True):
        added = {name: row[name] for name in expected}
        if added != expected:
            yield given_row | {name: (added[name], expected[name]) for name in added}
