"""Figures that Stripe and other engines recorded, all of them, read where they are kept.

They are third-party material and stay outside the project; a clone alone skips these tests and
proves the same rules with the dozen restated in `test_restated_figures.py`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatim_plans import USD, Currency, Cycle, Money, Period, prorate
from tests.instants import from_unix

SHARED = Path(__file__).parents[3] / "shared" / "data"


def recorded(file: str, key: str, count: int) -> list[dict[str, Any]]:
    """The `count` records of a file, or a skip that says how many are not there."""
    if not SHARED.is_dir():
        pytest.skip(f"{count} recorded figures ({file}) are not beside this clone; CI has them")
    records: list[dict[str, Any]] = json.loads((SHARED / file).read_text("utf-8"))[key]
    assert len(records) == count
    return records


def midnight(day: str) -> datetime:
    """The first instant of a day, in UTC."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_every_recorded_proration_line_is_reproduced() -> None:
    """Rules B3, B4: what Stripe wrote, to the cent, line by line."""
    wrong = []
    for line in recorded("stripe_proration_lines.json", "lines", 47):
        sign = -1 if line["kind"] == "credit" else 1
        amount = Money(
            sign * line["unit_amount"] * line["quantity"], Currency(line["currency"].upper(), 2)
        )
        part, whole = (Period(*map(from_unix, line[name])) for name in ("part", "whole"))
        if prorate(amount, part=part, whole=whole).amount != line["amount"]:
            wrong.append(line)
    assert wrong == []


def test_every_recorded_period_is_found_from_its_anchor() -> None:
    """Rule T3: Stripe's current period is the cycle's; R3: a trial ends at the anchor."""
    wrong = []
    for record in recorded("stripe_periods.json", "records", 116):
        start, end, anchor = (
            from_unix(record[name])
            for name in ("period_start", "period_end", "billing_cycle_anchor")
        )
        if record["status"] == "trialing":
            found = Period(from_unix(record["trial_start"]), Cycle(anchor).boundary(0))
        else:
            months = record["interval_count"] * {"month": 1, "year": 12}[record["interval"]]
            found = Cycle(anchor, months).period_holding(start)
        if found != Period(start, end):
            wrong.append(record)
    assert wrong == []


def test_every_peer_proration_is_reproduced() -> None:
    """Rules B3, B4: where other engines' rules and ours agree, so do the amounts."""
    wrong = []
    for case in recorded("peer_prorations.json", "cases", 58):
        part, whole = (Period(*map(midnight, case[name])) for name in ("part", "whole"))
        if (
            prorate(Money(case["whole_amount"], USD), part=part, whole=whole).amount
            != case["amount"]
        ):
            wrong.append(case)
    assert wrong == []
