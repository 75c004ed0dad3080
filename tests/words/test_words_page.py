"""The page of all words is current, and has every kind, status and language."""

from __future__ import annotations

import pytest

from chatim_plans import EventKind, InvoiceCause, LineKind, Reason, Refusal, Status
from chatim_plans.words import say
from tests import words_page


def test_the_page_says_what_the_library_says() -> None:
    """It is generated; `python -m tests.words_page` renews it."""
    assert words_page.PAGE.read_text("utf-8") == words_page.page()


def test_every_status_reason_refusal_and_event_is_on_the_page() -> None:
    """No member of a vocabulary is left without a sentence there."""
    reasons = {decision.reason for _, decision in words_page.decisions()}
    refusals = {words_page.refused(call).refusal for call in words_page.REFUSALS.values()}
    kinds = {event.kind for event in words_page.events().values()}
    lines = [line for invoice in words_page.bills().values() for line in invoice.lines]
    assert set(words_page.STANDING) == set(Status)
    assert reasons == set(Reason)
    assert refusals == set(Refusal)
    # The same count of seats changes nothing, and what changes nothing is not listed (rule P7).
    assert set(EventKind) - kinds == {EventKind.keep_seats}
    assert {line.kind for line in lines} == set(LineKind)


@pytest.mark.parametrize("cause", InvoiceCause)
def test_every_cause_is_the_head_of_an_invoice(cause: InvoiceCause) -> None:
    """An invoice of each cause begins with when it was issued, and its cause."""
    issued = [event.invoice for event in words_page.events().values() if event.invoice]
    issued += words_page.bills().values()
    heads = [say(each, "en").splitlines()[0] for each in issued if each.cause is cause]
    assert all(head.endswith(f" {say(cause, 'en')}.") for head in heads)


def test_the_page_is_read_by_a_reader_of_either_language() -> None:
    """Where French and English stand in a row, they are two texts."""
    rows = [row.split(" | ") for row in words_page.page().splitlines() if row.startswith("| ")]
    same = {row[-1] for row in rows if len(row) > 2 and row[-2] == row[-1].removesuffix(" |")}
    assert same == {"--- |"}
