"""The page as it was recorded: the words of plans and terms are all on it, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatim_plans import CHATIM, PaymentRequiredBecause, PaymentRequiredNotice, comparison_table
from chatim_plans.catalog import price_table
from chatim_plans.words import plan_cards, say, terms_in_words

PAGE = Path(__file__).parents[3] / "shared" / "data" / "billing_page_fr.md"
pytestmark = pytest.mark.skipif(
    not PAGE.exists(), reason="the recording of the page does not lie beside this clone"
)


def recorded() -> set[str]:
    """The lines of the page, without the marks of lists."""
    lines = PAGE.read_text("utf-8").splitlines()
    return {line.strip().removeprefix("- ") for line in lines}


def said() -> Iterator[str]:
    """Every line that the library takes from it."""
    for card in plan_cards(CHATIM, "fr"):
        yield from (card.title, card.tagline, card.heading, *card.bullets)
        yield from filter(None, (card.limits,))
    terms = terms_in_words(CHATIM, "fr")
    yield from (terms.per_seat, terms.trial, *terms.trial_bullets)
    yield from (*terms.payment_methods, *terms.payment_fails)
    # The page names the address of support, which the recording leaves out.
    yield terms.refund.replace("le support", "(the support address)")
    for table in (price_table, comparison_table):
        yield from (f"| {' | '.join(row)} |" for row in table(CHATIM, "fr"))
    missing = say(PaymentRequiredNotice(PaymentRequiredBecause.no_payment_method), "fr")
    yield missing.text.rstrip(".")
    yield missing.what_to_do.rstrip(".")
    yield say(PaymentRequiredNotice(), "fr").what_to_do.rstrip(".")


def test_every_word_of_the_page_is_on_it() -> None:
    """C4: plans, bullets, limits, trial, payment and refunds, cell by cell."""
    assert [line for line in said() if line not in recorded()] == []


def test_the_page_says_what_the_notice_is_called() -> None:
    """D5: « Paiement requis »."""
    title = say(PaymentRequiredNotice(), "fr").title
    assert any(f"« {title} »" in line for line in recorded())
