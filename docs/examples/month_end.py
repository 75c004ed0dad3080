"""Finance's month end: every customer's invoices line by line, what is unpaid, and the totals.

The history is a CSV file with a row an action: the customer, the action's name and its values. Who
begins after the books are closed is left out. Capitals mark an account in payment trouble, and an
invoice on which a failure was reported and no payment since.
"""

import argparse
import csv
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap
from typing import Any, TextIO, TypeAlias

import chatim_plans
from chatim_plans import CHATIM, EventKind, Line, LineKind, Money, Statement, replay
from chatim_plans.words import date_text, say

CURRENCY = CHATIM.terms.smallest_charge.currency
VALUES: dict[str, Callable[[str], Any]] = {
    "at": datetime.fromisoformat,
    "plan": CHATIM.plan,
    "seats": int,
    "final": "true".__eq__,
}
FAILURES = (EventKind.payment_failed, EventKind.payment_failed_finally)
Books: TypeAlias = Iterator[tuple[str, Statement]]


def closed_books(file: Path, until: datetime) -> Books:
    """The statement of each customer who began by `until`; a terminal sees how far a run is."""
    histories: dict[str, list[Any]] = defaultdict(list)
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            values = {name: read(row[name]) for name, read in VALUES.items() if row[name]}
            histories[row["customer"]].append(getattr(chatim_plans, row["action"])(**values))
    watched = sys.stderr is not None and sys.stderr.isatty()
    for number, (customer, actions) in enumerate(histories.items(), 1):
        if watched and number % 500 == 0:
            print(f"{number} of {len(histories)} customers", file=sys.stderr)
        if actions[0].at <= until:
            yield customer, replay(actions, until)


def unpaid(statement: Statement) -> set[int]:
    """The numbers of the invoices on which a failure was reported and no payment since.

    A report here names none: it speaks of the latest with an amount due (rule V4).
    """
    latest, waiting, given_up = 0, set[int](), set[int]()
    for event in statement.events:
        if event.invoice and event.invoice.amount_due:
            latest = event.invoice.number or 0
        if event.kind in FAILURES:
            waiting.add(latest)
        elif event.kind is EventKind.payment_succeeded:
            waiting.clear()
        elif event.kind is EventKind.restriction_lapses:  # refused for ever (rule D3)
            given_up |= waiting
    return waiting | given_up


COLUMNS = (
    *("customer", "invoice", "issued_at", "cause", "status", "kind", "plan", "seats", "from", "to"),
    *("seconds", "of_seconds", "of_amount", "amount", "currency"),
)


def write_lines(books: Books, file: TextIO) -> None:
    """Write every line, and what the credit balance did: together they are what is due."""
    write = csv.writer(file, lineterminator="\n").writerow
    write(COLUMNS)
    for customer, statement in books:
        open_ = unpaid(statement)
        for each in statement.invoices:
            status = "unpaid" if each.number in open_ else ""
            of = (customer, each.number, each.issued_at.isoformat(), each.cause, status)
            for line in each.lines:
                held = (line.kind, line.plan.key, line.seats)
                days = (line.period.start.isoformat(), line.period.end.isoformat())
                part = (line.period.seconds, line.whole.seconds, line.base.figure)
                write((*of, *held, *days, *part, line.amount.figure, CURRENCY.code))
            if met := each.credit_after - each.credit_before:
                write((*of, "credit_balance", *[""] * 7, met.figure, CURRENCY.code))


WIDTH = 84


def show(text: str, figure: str = "") -> None:
    """A row of the report; what is too long goes on in the next."""
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    *rows, last = wrap(text, WIDTH, subsequent_indent=indent)
    print(*rows, f"{last:{WIDTH}} {figure:>10}" if figure else last, sep="\n")


def counted(count: int, unit: str) -> str:
    """`1 seat`, `3 seats`."""
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def duration(seconds: int) -> str:
    """`17 days 2 h`: days of 24 hours, and what is left of one."""
    days, rest = divmod(seconds, 86_400)
    units = (("h", rest // 3600), ("min", rest // 60 % 60), ("s", rest % 60))
    told = [counted(days, "day")] if days else []
    return " ".join([*told, *(f"{count} {unit}" for unit, count in units if count)])


def line_text(line: Line) -> str:
    """What a line is for: seats and days, or the time it is a part of, and of which amount."""
    held = f"{counted(line.seats, 'seat')} of {say(line.plan, 'en')}"
    if line.kind is LineKind.subscription:
        return f"{held}, {line.period.start.date()} to {line.period.end.date()}"
    share = f"{duration(line.period.seconds)} of {duration(line.whole.seconds)}"
    return f"{say(line.kind, 'en')}, {held}, {share} at {line.base.figure}"


def report(books: Books, until: datetime) -> None:
    """Print each customer's invoices, then the totals, of which the first three are equal."""
    titles = ("Due per customer", "Due per month", "Due per plan", "Unpaid of what is due")
    nothing = Money(0, CURRENCY)
    tables: list[dict[str, Money]] = [defaultdict(lambda: nothing) for _ in titles]
    of_customer, of_month, of_plan, of_unpaid = tables
    until = until.astimezone(UTC)
    show(f"Books closed on {date_text(until, 'en')} at {until:%H:%M} UTC, in {CURRENCY.code}")
    for customer, statement in books:
        facts, open_ = statement.account.subscription, unpaid(statement)
        stands = say(facts.present_status, "en")
        if facts.is_overdue:
            stands = "OWES" if facts.plan.is_free else stands.upper()
        held = [say(facts.plan, "en"), counted(facts.seats, "seat"), stands]
        of_customer[customer] += nothing
        print()
        show(f"{customer}: {', '.join(dict.fromkeys(held))}")
        for each in statement.invoices:
            cause = f", {say(each.cause, 'en').lower()}" if each.cause else ""
            show(f"  Invoice {each.number} of {each.issued_at:%Y-%m-%d %H:%M} UTC{cause}")
            for line in each.lines:
                show(f"    {line_text(line)}", line.amount.figure)
                of_plan[say(line.plan, "en")] += line.amount
            if met := each.credit_after - each.credit_before:
                show("    Credit balance", met.figure)
                of_plan["Credit balances"] += met
            of_customer[customer] += each.amount_due
            of_month[f"{each.issued_at:%Y-%m}"] += each.amount_due
            if each.number in open_:
                of_unpaid[customer] += each.amount_due
            show(f"    Due{', UNPAID' * (each.number in open_)}", each.amount_due.figure)
    for title, amounts in zip(titles, tables, strict=True):
        print()
        show(title)
        for name, amount in sorted(amounts.items()):
            show(f"    {name}", amount.figure)
        show("    All", sum(amounts.values(), start=nothing).figure)


def closing_instant(text: str) -> datetime:
    """The instant that `text` says, in a time zone that it names."""
    until = datetime.fromisoformat(text)
    if until.tzinfo is None:
        message = f"{text} names no time zone: say 2026-05-01T00:00:00Z, for example"
        raise argparse.ArgumentTypeError(message)
    return until


def main() -> None:
    """Close the books that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history", nargs="?", type=Path, default=Path(__file__).with_suffix(".csv"))
    parser.add_argument("until", nargs="?", type=closing_instant, default="2026-05-01T00:00:00Z")
    parser.add_argument("--csv", metavar="FILE", help="only lines, there; - prints them")
    asked = parser.parse_args()
    books = closed_books(asked.history, asked.until)
    if asked.csv is None:
        report(books, asked.until)
    elif asked.csv == "-":
        write_lines(books, sys.stdout)
    else:
        with Path(asked.csv).open("w", encoding="utf-8", newline="") as file:
            write_lines(books, file)


CLOSED_PIPE = 128 + 13
"""The exit code of a program whose reader has gone: `month_end.py | head`."""

if __name__ == "__main__":
    try:
        main()
        if sys.stdout is not None:  # it is None where the shell closed it
            sys.stdout.flush()
    except BrokenPipeError:
        # What is still in the buffer would fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CLOSED_PIPE)
