"""Finance's month end: read a history of actions per customer, print every invoice and the totals.

    python month_end.py [HISTORY.csv] [UNTIL]

The file has a row an action: customer, instant, action and its values. `UNTIL` is the instant the
books are closed at, 2026-05-01T00:00:00Z if left out; who begins later is left out.
"""

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from textwrap import indent

from chatim_plans import (
    CHATIM,
    Action,
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    Money,
    PaymentFailed,
    PaymentSucceeded,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
    replay,
)

PLAIN: dict[str, Callable[..., Action]] = {
    "start_free": StartFree,
    "cancel": Cancel,
    "resume": Resume,
    "add_payment_method": AddPaymentMethod,
    "remove_payment_method": RemovePaymentMethod,
    "payment_succeeded": PaymentSucceeded,
}


def action_of(row: dict[str, str]) -> Action:
    """The action that a row of the file records."""
    at = datetime.fromisoformat(row["at"])
    seats = int(row["seats"]) if row["seats"] else None
    match row["action"]:
        case "start_trial":
            return StartTrial(seats or 1, at=at)
        case "choose_plan":
            return ChoosePlan(CHATIM.plan(row["plan"]), seats, at=at)
        case "change_seats" if seats is not None:
            return ChangeSeats(seats, at=at)
        case "payment_failed":
            return PaymentFailed(row["final"] == "true", at=at)
        case plain:
            return PLAIN[plain](at=at)


def histories(file: Path) -> dict[str, list[Action]]:
    """The actions of each customer, in the order of the file."""
    actions: dict[str, list[Action]] = defaultdict(list)
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            actions[row["customer"]].append(action_of(row))
    return actions


def closing_instant(text: str) -> datetime:
    """The instant that `text` says, in a time zone that it names."""
    until = datetime.fromisoformat(text)
    if until.tzinfo is None:
        sys.exit(f"{text} names no time zone: say 2026-05-01T00:00:00Z, for example")
    return until


def main(file: Path, until: datetime) -> None:
    """Print every customer's invoices up to `until`, then the totals."""
    nothing = Money(0, CHATIM.terms.smallest_charge.currency)
    per_customer: dict[str, Money] = defaultdict(lambda: nothing)
    per_month: dict[str, Money] = defaultdict(lambda: nothing)
    for customer, actions in histories(file).items():
        if actions[0].at > until:
            continue
        statement = replay(actions, until)
        held = statement.account.subscription
        print(f"{customer}: on {held.plan.key} with {held.seats} seats")
        per_customer[customer] += nothing
        for invoice in statement.invoices:
            print(indent(str(invoice), "  "))
            per_customer[customer] += invoice.amount_due
            per_month[f"{invoice.issued_at:%Y-%m}"] += invoice.amount_due
        print()
    for title, totals in (("customer", per_customer), ("month", per_month)):
        print(f"Due per {title}, USD")
        for name, total in sorted(totals.items()):
            print(f"    {name}".ljust(76) + total.figure.rjust(10))
        print("    all".ljust(76) + sum(totals.values(), start=nothing).figure.rjust(10))
        print()


CLOSED_PIPE = 128 + 13
"""The exit code of a program whose reader has gone: `month_end.py | head`."""

if __name__ == "__main__":
    given = sys.argv[1:]
    try:
        main(
            Path(given[0]) if given else Path(__file__).with_suffix(".csv"),
            closing_instant(given[1] if len(given) > 1 else "2026-05-01T00:00:00Z"),
        )
        if sys.stdout is not None:  # it is None where the shell closed it
            sys.stdout.flush()
    except BrokenPipeError:
        # What is still in the buffer would fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CLOSED_PIPE)
