"""Every figure that is said or drawn is one of the value's."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import Statement, advance, downgrade_report, entitlements, notices, replay
from chatim_plans.strategies import histories
from chatim_plans.words import explain, html, say, timeline, timeline_svg
from tests.words.figures import held, printed

languages = st.sampled_from(["fr", "en"])
zones = st.sampled_from([UTC, ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")])
statements = histories().map(replay)
"""Width: whole lives of every plan, seats, trials, credits, troubles and editions."""


@pytest.mark.parametrize(
    ("text", "language", "numbers"),
    [
        ("1\u202f234,50\xa0$US, règle B12", "fr", {"1234.50"}),
        ("$1,234,567.89 for 3 seats, 9:05\u202fAM", "en", {"1234567.89", "3", "9", "05"}),
        ("1\u202f234\u202f567 places à 128,375", "fr", {"1234567", "128.375"}),
        ("895/1488 of 15 days, 3 hours", "en", {"895", "1488", "15", "3"}),
    ],
)
def test_the_numbers_of_a_text_are_found(text: str, language: str, numbers: set[str]) -> None:
    """Thousands joined, decimals with a point, rules left out."""
    assert printed(text, language) == numbers


@given(statements, languages, zones)
def test_every_figure_said_is_in_the_value(statement: Statement, language: str, zone: Any) -> None:
    """Of events, invoices, lines, notices, decisions and reports, whole lives long."""
    facts = statement.account.subscription
    may = entitlements(facts, facts.as_of)
    said: list[Any] = [
        *statement.events,
        *statement.invoices,
        *(line for invoice in statement.invoices for line in invoice.lines),
        *notices(facts, facts.as_of),
        *(may.decide(feature) for feature in ("white_label", "visitor_export")),
        may.decide_usage("seats", facts.seats + 1),
    ]
    for value in said:
        text = say(value, language, zone)
        shown = text if isinstance(text, str) else str(text)
        assert printed(shown, language) <= held(value, zone)


@given(statements, languages, zones)
def test_every_figure_explained_is_in_the_value(
    statement: Statement, language: str, zone: Any
) -> None:
    """Of invoices, and of each of their lines alone."""
    for invoice in statement.invoices:
        assert printed(explain(invoice, language, zone), language) <= held(invoice, zone)
        for line in invoice.lines:
            assert printed(explain(line, language, zone), language) <= held(line, zone)


TEXTS = re.compile(r"<(?:text|title|desc)[^>]*>([^<]*)<")


@given(statements, languages, zones, st.integers(0, 900))
def test_every_figure_drawn_is_in_the_statement(
    statement: Statement, language: str, zone: Any, days: int
) -> None:
    """Of the time-line: all that it prints is of the events that happened or come, or of `until`."""
    facts = statement.account.subscription
    until = advance(statement.account, facts.as_of).account.subscription.as_of
    until = until.fromtimestamp(until.timestamp() + days * 86_400, UTC)
    drawn = timeline_svg(statement, until, language, zone)
    line = timeline(statement, until)
    charges = [span.held.plan.charge(span.held.seats) for span in line.spans]
    known = held((line, until, facts, tuple(charges)), zone)
    assert printed(" ".join(TEXTS.findall(drawn)), language) <= known
    assert len(drawn.encode()) <= 20_000
    shown = html(statement, language, zone)
    assert shown.count("<svg") == 1


@given(statements, languages)
def test_every_figure_of_a_downgrade_is_in_the_report(statement: Statement, language: str) -> None:
    """Said of the way to Free, wherever the account may go there."""
    facts = statement.account.subscription
    if not facts.plan.is_free:
        report = downgrade_report(facts, facts.catalog.free_plan, facts.as_of)
        assert printed(say(report, language), language) <= held(report, UTC)
