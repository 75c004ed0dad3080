"""The pictures of the docs, drawn by the library or from its own tables.

`python -m tests.pictures` writes `docs/pictures`, and beside them what notebooks show;
`tests/words/test_pictures.py` checks that all are as the library draws them today.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    AddPaymentMethod,
    ChangeSeats,
    ChoosePlan,
    Cycle,
    PaymentFailed,
    PaymentSucceeded,
    StartFree,
    StartTrial,
    Statement,
    downgrade_report,
    entitlements,
    open_account,
    replay,
    utc,
)
from chatim_plans.foundation.instants import seconds_between
from chatim_plans.subscriptions.lifecycle import LIFECYCLE
from chatim_plans.subscriptions.moves import EventKind
from chatim_plans.subscriptions.subscription import Status
from chatim_plans.words import date_text, html, matrix_svg, money_text, say, timeline_svg
from chatim_plans.words.drawings import _picture
from chatim_plans.words.markup import Element, element, written

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
PIECES = ROOT / "tests" / "words" / "shown"

OCTOBER = utc("2026-10-15 09:00")
MARCH = utc("2026-03-01 12:00")


def upgrade() -> Statement:
    """Example E3: Pro with 5 seats, and Ultimate on 27 October."""
    return replay([
        StartFree(at=OCTOBER),
        AddPaymentMethod(at=OCTOBER),
        ChoosePlan(PRO, seats=5, at=OCTOBER),
        ChoosePlan(ULTIMATE, at=utc("2026-10-27 17:30")),
    ])


def life() -> Statement:
    """A trial that goes on, a team that grows, an upgrade, trouble, and a downgrade that waits."""
    return replay([
        StartTrial(3, at=MARCH),
        AddPaymentMethod(at=utc("2026-03-20")),
        ChangeSeats(5, at=utc("2026-05-10 09:00")),
        ChoosePlan(ULTIMATE, at=utc("2026-06-12 17:30")),
        PaymentFailed(at=utc("2026-07-30 13:00")),
        PaymentFailed(final=True, at=utc("2026-08-10")),
        PaymentSucceeded(at=utc("2026-08-20")),
        ChoosePlan(PRO, at=utc("2026-08-25")),
    ])


# --- Drawn from the library's own tables ---
def text(said: str, x: int, y: int, kind: str = "m") -> Element:
    """A text at a place."""
    return element("text", said, class_=kind, x=x, y=y)


def box(x: int, y: int, width: int, height: int, kind: str) -> Element:
    """An area at a place."""
    return element("path", class_=kind, d=f"M{x} {y}h{width}v{height}h-{width}z")


def clamping() -> str:
    """Seven boundaries of a cycle from 31 January, a month a row, the last days at the right."""
    cycle = Cycle(utc("2026-01-31"))

    def parts() -> Iterator[Element]:
        for n in range(7):
            at = cycle.boundary(n)
            y = 30 + 34 * n
            length = (at.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            yield box(170, y, 16 * length.day, 18, "p0 o")
            yield box(170 + 16 * (at.day - 1), y, 16, 18, "p1")
            yield text(date_text(at, "en"), 158, y + 14, "e")
        yield text("the anchor's day, or the last day of a shorter month", 418, 18, "s m")

    told = "; ".join(date_text(cycle.boundary(n), "en") for n in range(7))
    title = "The boundaries of a cycle from January 31"
    return written(_picture(title, told, (700, 272), parts()))


def proration() -> str:
    """Example E3's two lines: the part of the period that each is for."""
    credit, charge = upgrade().invoices[-1].lines
    whole, part = credit.whole, credit.period
    left, width = 30, 640
    cut = left + width * seconds_between(whole.start, part.start) // whole.seconds

    def parts() -> Iterator[Element]:
        rows = (
            (credit, "c", 60, "unused time, credited"),
            (charge, "p2", 150, "remaining time, charged"),
        )
        for line, kind, y, what in rows:
            yield box(left, y, width, 34, "p0 o")
            yield box(cut, y, left + width - cut, 34, kind)
            price = money_text(line.plan.charge(line.seats), "en")
            yield text(f"{say(line.plan, 'en')}, {line.seats} seats: {price}", left, y - 8, "l")
            amount = money_text(line.amount, "en")
            yield text(f"{what}: {line.fraction} of it, {amount}", left + width, y + 52, "e")
        for at, x, kind in (
            (whole.start, left, "s"),
            (part.start, cut, "s m"),
            (whole.end, left + width, "s e"),
        ):
            yield text(f"{date_text(at, 'en')}", x, 24, kind)

    told = f"{say(credit, 'en')}\n{say(charge, 'en')}"
    return written(
        _picture("A proration: two lines for the rest of a period", told, (700, 220), parts())
    )


PLACES: dict[Status, tuple[int, int]] = {
    Status.trialing: (20, 40),
    Status.trial_ended: (20, 210),
    Status.free: (280, 210),
    Status.active: (280, 40),
    Status.past_due: (540, 40),
    Status.restricted: (540, 210),
}
SHADES = {
    Status.trialing: "t",
    Status.trial_ended: "t",
    Status.past_due: "d",
    Status.restricted: "x",
}


def lifecycle() -> str:
    """Each status as a box with the events that lead from it, and to which status."""

    def ways(status: Status) -> dict[Status, list[EventKind]]:
        to: dict[Status, list[EventKind]] = {}
        for event, transition in LIFECYCLE[status].items():
            if transition.to not in (None, status):
                to.setdefault(transition.to, []).append(event)
        return to

    def parts() -> Iterator[Element]:
        for status, (x, y) in PLACES.items():
            yield box(x, y, 230, 150, SHADES.get(status, "b"))
            yield text(status.value, x + 115, y + 18, "h")
            row = y + 36
            for to, events in ways(status).items():
                yield text(f"→ {to}", x + 10, row, "l")
                for event in events:
                    row += 13
                    yield text(event.replace("_", " "), x + 22, row, "s")
                row += 17

    told = "\n".join(
        f"{status} to {to}: {', '.join(events)}"
        for status in Status
        for to, events in ways(status).items()
    )
    return written(_picture("The life of an account", told, (790, 380), parts()))


def floors() -> str:
    """The house, from the import contract of pyproject.toml."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = contracts["tool"]["importlinter"]["contracts"][0]["layers"]
    rows = [layer.split(" | ") for layer in layers if not layer.startswith("_")]

    def parts() -> Iterator[Element]:
        for n, rooms in enumerate(rows):
            width = 680 // len(rooms)
            for m, room in enumerate(rooms):
                yield box(10 + width * m, 10 + 44 * n, width - 6, 38, "t" if n == 0 else "b")
                yield text(room, 10 + width * m + width // 2 - 3, 34 + 44 * n)

    told = "\n".join(", ".join(rooms) for rooms in rows)
    title = "The floors: each imports only from those below it"
    return written(_picture(title, told, (700, 16 + 44 * len(rows)), parts()))


PICTURES: dict[str, Callable[[], str]] = {
    "timeline": lambda: timeline_svg(upgrade(), utc("2026-12-20")),
    "life": lambda: timeline_svg(life(), utc("2026-11-15")),
    "vie": lambda: timeline_svg(life(), utc("2026-11-15"), "fr"),
    "matrix": lambda: matrix_svg(CHATIM),
    "clamping": clamping,
    "proration": proration,
    "lifecycle": lifecycle,
    "floors": floors,
}


SHOWN: dict[str, Any] = {
    "account": upgrade().account,
    "catalogue": CHATIM,
    "downgrade_report": downgrade_report(upgrade().account.subscription, FREE, utc("2026-10-28")),
    "entitlements": entitlements(upgrade().account.subscription, utc("2026-10-28")),
    "invoice": upgrade().invoices[-1],
    "matrix": CHATIM.matrix,
    "statement": life(),
    "free": open_account(StartFree(at=OCTOBER)),
}
"""What notebooks show."""


def files() -> dict[Path, str]:
    """Every picture and piece, by its place."""
    drawn = {FOLDER / f"{name}.svg": draw() for name, draw in PICTURES.items()}
    return drawn | {PIECES / f"{name}.html": html(value, "fr") for name, value in SHOWN.items()}


if __name__ == "__main__":
    for place, drawn in files().items():
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"{drawn}\n", "utf-8")
