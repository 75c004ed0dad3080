"""Time-lines: what happened, what comes, and what was held from when to when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    FREE,
    PRO,
    ULTIMATE,
    AddPaymentMethod,
    ChangeSeats,
    ChoosePlan,
    Held,
    InvalidTypeError,
    InvalidValueError,
    OutOfOrderError,
    PaymentFailed,
    StartFree,
    StartTrial,
    Statement,
    Status,
    apply,
    replay,
)
from chatim_plans.strategies import histories
from chatim_plans.words import Span, Timeline, say, timeline
from tests.accounts import history, on_free, on_plan, on_trial
from tests.instants import AUGUST, HALF, JULY, JUNE, SEPTEMBER, TENTH
from tests.refused import error_of

LIFE = (
    StartFree(at=JUNE),
    AddPaymentMethod(at=JUNE),
    ChoosePlan(PRO, 3, at=JUNE),
    ChangeSeats(5, at=TENTH),
    ChoosePlan(ULTIMATE, at=HALF),
    PaymentFailed(at=JULY),
)


def held(line: Timeline) -> list[tuple[object, ...]]:
    """Its spans in short."""
    return [
        (span.start, span.end, span.held.plan.key, span.held.seats, span.held.status.value)
        for span in line.spans
    ]


def test_a_statement_tells_what_happened_and_time_what_comes() -> None:
    """B14, B9: events up to the statement's instant, then those of time alone."""
    line = timeline(history(*LIFE), SEPTEMBER)
    assert (line.start, line.as_of, line.until) == (JUNE, JULY, SEPTEMBER)
    assert [event.kind.value for event in line.happened] == [
        *("start_free", "add_payment_method", "choose_higher", "grow", "choose_higher"),
        *("period_renews", "payment_failed"),
    ]
    assert [(event.kind.value, event.at) for event in line.ahead] == [
        ("period_renews", AUGUST),
        ("period_renews", SEPTEMBER),
    ]
    assert [invoice.number for invoice in line.invoices] == [1, 2, 3, 4, 5]


def test_spans_are_what_was_held_and_lasted() -> None:
    """What lasted no time is left out; a renewal changes nothing."""
    assert held(timeline(history(*LIFE), SEPTEMBER)) == [
        (JUNE, TENTH, "pro", 3, "active"),
        (TENTH, HALF, "pro", 5, "active"),
        (HALF, JULY, "ultimate", 5, "active"),
        (JULY, SEPTEMBER, "ultimate", 5, "past_due"),
    ]


def test_an_account_alone_tells_what_comes() -> None:
    """Its history is not in it."""
    line = timeline(on_trial(JUNE), AUGUST)
    assert (line.happened, line.start, line.opening) == (
        (),
        JUNE,
        Held(PRO, 1, Status.trialing),
    )
    assert held(line) == [
        (JUNE, JULY, "pro", 1, "trialing"),
        (JULY, AUGUST, "free", 1, "trial_ended"),
    ]
    still = timeline(on_free(JUNE), AUGUST)
    assert (still.events, held(still)) == ((), [(JUNE, AUGUST, "free", 1, "free")])


def test_a_statement_of_one_step_begins_with_what_was_held_before() -> None:
    """As `apply` gives it, and one without events, as of documents of version 1."""
    step = apply(on_plan(PRO, JUNE, seats=3), ChoosePlan(ULTIMATE, at=TENTH))
    line = timeline(step, JULY)
    assert line.opening == Held(PRO, 3, Status.active)
    assert held(line)[0] == (TENTH, JULY, "ultimate", 3, "active")
    silent = timeline(evolve(step, events=(), invoices=()), JULY)
    assert (silent.opening, len(silent.happened)) == (Held(ULTIMATE, 3, Status.active), 0)


def test_nothing_lasts_where_no_time_goes_by() -> None:
    """Up to the instant it stands at, of an account alone."""
    line = timeline(on_free(JUNE), JUNE)
    assert (line.spans, line.start, line.until) == ((), JUNE, JUNE)


def test_a_timeline_reads_in_a_line() -> None:
    """Its repr says how much happened and how much comes."""
    line = timeline(history(*LIFE), SEPTEMBER)
    assert repr(line) == (
        "Timeline(as_of=2026-07-01T00:00Z, until=2026-09-01T00:00Z, 7 events, 2 ahead)"
    )
    assert repr(line.spans[0]) == (
        "Span(start=2026-06-01T00:00Z, end=2026-06-10T00:00Z, held=3 x pro 19.00 USD, active)"
    )


def test_a_timeline_is_said_in_rows() -> None:
    """What comes stands under a heading of its own, and none stands over nothing."""
    assert say(timeline(on_free(JUNE), AUGUST), "en") == "Nothing happened, and nothing comes."
    opened = history(StartTrial(at=JUNE))
    assert say(timeline(opened, JUNE), "fr").splitlines() == [
        "Ce qui s'est passé",
        "  1er juin 2026 à 00:00 UTC\xa0: Début de l'essai du plan Pro, 1 place.",
    ]
    assert say(timeline(opened.account, JULY), "en").splitlines() == [
        "What comes",
        "  July 1, 2026 at 12:00\u202fAM UTC: Trial over, move to the Free plan.",
    ]


@given(histories().map(replay), st.integers(0, 800))
def test_spans_tile_the_time_and_end_in_what_is_held(statement: Statement, days: int) -> None:
    """From the first event to `until`, without gap; the events are those of one fold."""
    facts = statement.account.subscription
    line = timeline(statement, facts.as_of + timedelta(days=days))
    assert line.happened == statement.events
    ends = [span.end for span in line.spans]
    assert [span.start for span in line.spans][1:] == ends[:-1]
    if line.spans:
        assert ends[-1] == line.until
        before = [event.after for event in line.events if event.at < line.until]
        assert line.spans[-1].held == before[-1]
        assert line.spans[0].start == line.start


def test_what_is_no_timeline_is_refused() -> None:
    """Neither a statement nor an account, or an instant before it."""
    error = error_of(InvalidTypeError, timeline, PRO, JULY)
    assert (error.name, error.value, error.expected) == ("of", PRO, "a Statement or an Account")
    error_of(OutOfOrderError, timeline, on_free(JULY), JUNE)
    error_of(InvalidTypeError, timeline, on_free(JUNE), "2026-07-01")


LINE = timeline(history(*LIFE), SEPTEMBER)


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        ({"until": TENTH}, "until", "an instant from 2026-07-01T00:00Z on"),
        ({"until": JULY}, "events", "the oldest first, none after 2026-07-01T00:00Z"),
        ({"events": LINE.events[::-1]}, "events", "the oldest first, none after 2026-09-01T00:00Z"),
        ({"events": ()}, "events", "at least one, or what was held before"),
    ],
)
def test_a_timeline_that_contradicts_itself_is_refused(
    changes: dict[str, object], name: str, expected: str
) -> None:
    """Events in their order, up to `until`."""
    error = error_of(InvalidValueError, evolve, LINE, **changes)
    given = changes.get(name, LINE.events)
    assert (error.name, error.value, error.expected) == (name, given, expected)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"events": [*LINE.events]}, "events: expected a tuple, got list"),
        ({"events": (PRO,)}, "event: expected an AccountEvent, got Plan"),
        ({"opening": FREE}, "opening: expected a Held, got Plan"),
        ({"as_of": "now"}, "instant: expected a datetime, got str 'now'"),
    ],
)
def test_a_timeline_of_something_else_is_refused(changes: dict[str, object], said: str) -> None:
    """Facts of the wrong type."""
    assert str(error_of(InvalidTypeError, evolve, LINE, **changes)).startswith(said)


def test_a_span_holds_something() -> None:
    """A plan alone is not what is held."""
    assert str(error_of(InvalidTypeError, Span, JUNE, JULY, PRO)).startswith(
        "held: expected a Held"
    )
    error = error_of(InvalidValueError, Span, JULY, JULY, Held(PRO, 1, Status.active))
    expected = "an instant after 2026-07-01T00:00Z"
    assert (error.name, error.value, error.expected) == ("end", JULY, expected)
