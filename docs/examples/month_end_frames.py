"""Finance's month end over a table: a million subscriptions invoiced by polars, and by DuckDB.

    python month_end_frames.py [ROWS]

The table is made up from the numbers of its rows, so every run sees the same one. February 2026 is
invoiced in parts by polars, lazily, and at once by DuckDB; their totals per plan must be equal.
Some rows are also told as a history of actions and folded, one account at a time, which must agree
to the cent. Needs `pip install '.[dataframes]' polars duckdb pyarrow`.
"""

import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import duckdb
import polars as pl
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Action,
    AddPaymentMethod,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Invoice,
    Money,
    PaymentFailed,
    Period,
    Plan,
    StartFree,
    StartTrial,
    advance,
    apply,
    replay,
)
from chatim_plans.frames import billing_periods, month_invoices, prorations

FEBRUARY = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
ENTERPRISE = Plan("enterprise", Money(400_00, USD), 12, ULTIMATE.features, ULTIMATE.limits)
EDITION = Catalog("2026, and a plan of twelve months", (*CHATIM.plans, ENTERPRISE), CHATIM.terms)
PLANS = {plan.key: plan for plan in EDITION.plans}
BY_PRICE = {plan.price.amount: plan for plan in EDITION.plans}

KEYS = [*["free"] * 6, *["pro"] * 9, *["ultimate"] * 4, "enterprise"]
EVENTS = ["trial", "trial with a card", "restricted", "falls", "upgraded", "upgraded"]
EVENTS += ["resized"] * 3 + ["nothing"] * 11

PARTS = 10
SAMPLE = 500
SECOND = timedelta(seconds=1)
MILLIONTHS = 1_000_000

Totals = dict[str, tuple[int, ...]]  # by plan: invoices, amount due, waiting
Row = dict[str, Any]


def drawn(place: int, below: int) -> pl.Expr:
    """A whole number below `below`, from the number of the row; `place` tells draws apart."""
    once = (pl.col("number") * 1_103_515_245 + 12_345 * place) % 2**31
    twice = (once * once // 2**15 * 1_103_515_245 + place) % 2**31
    return twice * below // 2**31


def one_of(place: int, values: list[str]) -> pl.Expr:
    """One of these texts."""
    return drawn(place, len(values)).replace_strict(dict(enumerate(values)), return_dtype=pl.String)


def of_plan(values: dict[str, int]) -> pl.Expr:
    """A value for each plan."""
    return pl.col("plan").replace_strict(values, return_dtype=pl.Int64)


def between(start: str | datetime, end: str | datetime, place: int) -> pl.Expr:
    """An instant from `start` up to, not including, `end`; each a column or the same for all."""
    first, after = (pl.col(at) if isinstance(at, str) else pl.lit(at) for at in (start, end))
    length = (after - first).dt.total_seconds()
    return first + pl.duration(seconds=length * drawn(place, MILLIONTHS) // MILLIONTHS)


def subscriptions(first: int, after: int) -> pl.DataFrame:
    """The rows `first` up to `after`, as they stand in February, and what tells their history."""
    numbers = pl.DataFrame({"number": range(first, after)}, schema={"number": pl.Int64})
    table = numbers.with_columns(
        plan=one_of(0, KEYS),
        seats=1 + drawn(1, 30),
        event=one_of(2, EVENTS),
        anchor=between(datetime(2024, 1, 1, tzinfo=UTC), FEBRUARY.end - timedelta(days=1), 3),
    ).with_columns(
        price=of_plan({key: plan.price.amount for key, plan in PLANS.items()}),
        interval_months=of_plan({key: plan.interval_months or 1 for key, plan in PLANS.items()}),
    )
    return with_money(with_events(with_periods(table)))


def with_periods(table: pl.DataFrame) -> pl.DataFrame:
    """The period that runs when February begins, or the first one, and the last that it holds."""
    eve, last = FEBRUARY.start - SECOND, FEBRUARY.end - SECOND
    table = table.with_columns(asked=pl.max_horizontal("anchor", pl.lit(eve)))
    table = billing_periods(table, "asked").rename({
        "period_start": "running_start",
        "period_end": "running_end",
    })
    return billing_periods(table, last).rename({
        "period_start": "last_start",
        "period_end": "last_end",
    })


def with_events(table: pl.DataFrame) -> pl.DataFrame:
    """What the `event` of an account leaves in its row, and for some an earlier change of seats."""
    price, event = pl.col("price"), pl.col("event")
    on_trial = (pl.col("plan") == "pro") & event.str.starts_with("trial")
    paid = (price > 0) & ~on_trial
    running = paid & (pl.col("anchor") < FEBRUARY.start)
    monthly = pl.col("interval_months") == 1
    is_due = running & (pl.col("last_start") >= FEBRUARY.start)
    falls = paid & (event == "falls")
    to_pro = (pl.col("plan") == "ultimate") & (drawn(11, 3) > 0)
    lower = pl.when(to_pro).then(PRO.price.amount).otherwise(FREE.price.amount)
    upgraded = (pl.col("plan") == "pro") & paid & (event == "upgraded")
    resized = paid & (event == "resized")
    begin = pl.max_horizontal("anchor", pl.lit(FEBRUARY.start))
    # A row has one change of a period: of a second one, flexible billing credits what the first
    # one debited, which no row says. So no row here has two.
    only_change = pl.col("change_at").is_null() | (pl.col("change_at") >= pl.col("last_start"))
    return (
        table
        .with_columns(
            begin=begin,
            trial_end=pl.when(on_trial).then(
                between(FEBRUARY.start, FEBRUARY.end + timedelta(days=10), 4)
            ),
            payment_method=paid | (on_trial & (event == "trial with a card")),
            restricted=running & (event == "restricted"),
            scheduled_price=pl.when(falls).then(lower),
            scheduled_at=pl.when(falls).then(
                pl.when(is_due).then("last_start").otherwise("last_end")
            ),
        )
        .with_columns(
            change_at=pl.when(upgraded | resized).then(between("begin", FEBRUARY.end, 5)),
            new_price=pl.when(upgraded).then(ULTIMATE.price.amount),
            new_seats=pl.when(resized).then(1 + (pl.col("seats") + drawn(6, 28)) % 30),
            earlier_seats=1 + drawn(8, 30),
            anchor=pl.when(paid).then("anchor"),
            seats=pl.when(price > 0).then("seats").otherwise(1),
        )
        .with_columns(
            earlier_at=pl.when(running & monthly & only_change & (drawn(12, 3) == 0)).then(
                between("running_start", FEBRUARY.start, 7)
            )
        )
    )


def with_money(table: pl.DataFrame) -> pl.DataFrame:
    """What waits of an earlier change of seats, and a credit balance for some."""
    changes = table.filter(pl.col("earlier_at").is_not_null()).select(
        "number",
        "price",
        seats="earlier_seats",
        new_price="price",
        new_seats="seats",
        period_start="running_start",
        period_end="running_end",
        change_at="earlier_at",
    )
    waiting = prorations(changes).group_by("number").agg(pending=pl.col("net").sum())
    return (
        table
        .join(waiting, on="number", how="left", maintain_order="left")
        .with_columns(
            pl.col("pending").fill_null(0),
            credit_balance=pl.when(drawn(9, 10) == 0).then(drawn(10, 100_00)).otherwise(0),
        )
        .drop("asked", "begin", "running_start", "running_end", "last_start", "last_end")
    )


def summed_by_polars(part: pl.DataFrame, step: int) -> tuple[Totals, list[Row]]:
    """The totals of a part of the table, and every row that `step` divides, with its invoices."""
    invoiced = month_invoices(part.lazy(), FEBRUARY)
    totals = invoiced.group_by("plan").agg(pl.col("invoices", "amount_due", "pending_after").sum())
    some = invoiced.filter(pl.col("number") % step == 0)
    of_plans, rows = pl.collect_all([totals, some], engine="streaming")
    return {plan: tuple(figures) for plan, *figures in of_plans.iter_rows()}, rows.to_dicts()


def summed_by_duckdb(table: pl.DataFrame) -> Totals:
    """The totals of the whole table, in SQL."""
    invoiced = month_invoices(duckdb.from_arrow(table.to_arrow()), FEBRUARY)
    totals = invoiced.aggregate(
        "plan, sum(invoices)::BIGINT, sum(amount_due)::BIGINT, sum(pending_after)::BIGINT", "plan"
    )
    return {plan: tuple(figures) for plan, *figures in totals.fetchall()}


def history(row: Row) -> list[Action]:
    """What somebody did and reported, up to the end of February, in order."""
    plan, anchor = PLANS[row["plan"]], row["anchor"]
    if row["trial_end"]:
        start = row["trial_end"] - timedelta(days=EDITION.terms.trial_days)
        card = [AddPaymentMethod(at=start)] if row["payment_method"] else []
        return [StartTrial(row["seats"], at=start), *card]
    if not anchor:
        return [StartFree(at=FEBRUARY.start)]
    seats = row["earlier_seats"] if row["earlier_at"] else row["seats"]
    actions: list[Action] = [StartFree(at=anchor), AddPaymentMethod(at=anchor)]
    actions.append(ChoosePlan(plan, seats, at=anchor))
    if row["earlier_at"]:
        actions.append(ChangeSeats(row["seats"], at=row["earlier_at"]))
    eve = max(anchor, FEBRUARY.start - SECOND)
    if row["restricted"]:
        actions.append(PaymentFailed(final=True, at=eve))
    if row["scheduled_at"]:
        actions.append(ChoosePlan(BY_PRICE[row["scheduled_price"]], at=eve))
    if row["new_price"]:
        actions.append(ChoosePlan(BY_PRICE[row["new_price"]], at=row["change_at"]))
    if row["new_seats"]:
        actions.append(ChangeSeats(row["new_seats"], at=row["change_at"]))
    return actions


def is_agreed(row: Row) -> bool:
    """Whether the row says what the fold of its history says, to the cent."""
    actions = history(row)
    before = [action for action in actions if action.at < FEBRUARY.start] or actions[:1]
    account = replay(before, catalog=EDITION).account
    if account.subscription.as_of < FEBRUARY.start:
        account = advance(account, FEBRUARY.start - SECOND).account
    account = evolve(account, credit_balance=Money(row["credit_balance"], USD))
    invoices: list[Invoice] = []
    for action in actions[len(before) :]:
        statement = apply(account, action)
        account, invoices = statement.account, [*invoices, *statement.invoices]
    statement = advance(account, FEBRUARY.end - SECOND)
    account, invoices = statement.account, [*invoices, *statement.invoices]
    of_history = (
        len(invoices),
        sum(invoice.total.amount for invoice in invoices),
        sum(invoice.amount_due.amount for invoice in invoices),
        sum(line.amount.amount for line in account.pending_lines),
        account.credit_balance.amount,
    )
    return of_history == (
        row["invoices"],
        row["boundary_total"] + row["change_total"],
        row["amount_due"],
        row["pending_after"],
        row["credit_after"],
    )


def print_totals(totals: Totals) -> None:
    """The totals as a table, a line a plan in rank order, and their sum."""
    print(f"{'plan':12}{'invoices':>12}{'amount due':>18}{'waiting':>16}  USD")
    lines = [(plan, totals[plan]) for plan in PLANS if plan in totals]
    for plan, (invoices, due, waiting) in [*lines, ("all", added(*totals.values()))]:
        print(f"{plan:12}{invoices:>12}{figure(due):>18}{figure(waiting):>16}")


def added(*figures: tuple[int, ...]) -> tuple[int, ...]:
    """Figures of the same kinds as one."""
    return tuple(map(sum, zip(*figures, strict=True)))


def figure(cents: int) -> str:
    """An amount without its currency: `57.00`."""
    return str(Money(cents, USD)).removesuffix(" USD")


def main(rows: int) -> None:
    """Invoice February by both engines, and check some rows by their histories."""
    step = max(1, rows // SAMPLE)
    bounds = [rows * part // PARTS for part in range(PARTS + 1)]
    table: list[pl.DataFrame] = []
    totals: Totals = {}
    sample: list[Row] = []
    for first, after in pairwise(bounds):
        part = subscriptions(first, after)
        totals_of_part, rows_of_part = summed_by_polars(part, step)
        for plan, figures in totals_of_part.items():
            totals[plan] = added(totals[plan], figures) if plan in totals else figures
        table.append(part)
        sample += rows_of_part
        print(f"{after:>12,} of {rows:,} rows invoiced by polars", file=sys.stderr, flush=True)
    print_totals(totals)
    same = summed_by_duckdb(pl.concat(table)) == totals
    print(f"The totals of DuckDB are {'equal' if same else 'DIFFERENT'}.")
    agreed = sum(map(is_agreed, sample))
    print(f"{agreed} of {len(sample)} rows agree with the fold of their histories.")
    sys.exit(0 if same and agreed == len(sample) else 1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
