"""What a notebook shows of a value."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    AddPaymentMethod,
    ChoosePlan,
    FeatureMatrix,
    StartFree,
    downgrade_report,
    entitlements,
)
from chatim_plans.words import html
from chatim_plans.words.markup import element, written
from tests.accounts import a_catalog, after, history, on_free, on_plan, on_trial, restricted
from tests.instants import HALF, JUNE, TENTH

STATEMENT = history(
    StartFree(at=JUNE),
    AddPaymentMethod(at=JUNE),
    ChoosePlan(PRO, 5, at=JUNE),
    ChoosePlan(ULTIMATE, at=HALF),
)
ACCOUNT = STATEMENT.account
SHOWN: dict[str, Any] = {
    "catalogue": CHATIM,
    "matrix": CHATIM.matrix,
    "account": ACCOUNT,
    "invoice": STATEMENT.invoices[-1],
    "statement": STATEMENT,
    "entitlements": entitlements(ACCOUNT.subscription, HALF),
    "downgrade report": downgrade_report(ACCOUNT.subscription, FREE, HALF),
}
VOID = {"path"}


class Reader(HTMLParser):
    """The texts of a piece of HTML, cell by cell, and whether its elements close in order."""

    def __init__(self, piece: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.tags: list[str] = []
        self.feed(piece)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        del attrs
        self.open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the one that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep a text outside of pictures."""
        if "svg" not in self.open:
            self.cells.append(data)


@pytest.mark.parametrize("value", SHOWN.values(), ids=SHOWN)
def test_a_notebook_shows_it(value: Any) -> None:
    """Small, well formed, the same as `html` in English and UTC."""
    piece = value._repr_html_()
    assert piece == html(value)
    assert len(piece.encode()) <= 20_000
    assert Reader(piece).cells != []


@pytest.mark.parametrize("value", SHOWN.values(), ids=SHOWN)
def test_it_is_shown_in_french_too(value: Any) -> None:
    """And differs from English."""
    assert Reader(html(value, "fr")).cells != Reader(html(value)).cells


def test_what_has_no_picture_shows_its_repr() -> None:
    """A notebook asks for a method that is not there."""
    for value in (PRO, PRO.price, STATEMENT.invoices[0].lines[0], ACCOUNT.subscription):
        assert not hasattr(value, "_repr_html_")


def test_an_invoice_is_its_table() -> None:
    """Its head, each line with its amount, then the sums."""
    cells = Reader(html(STATEMENT.invoices[-1])).cells
    assert cells == [
        "Invoice no. 2 of June 16, 2026 at 12:00\u202fAM UTC. Upgrade.",
        "Unused time of 5 seats of the Pro plan, Jun 16\u2009–\u2009Jul 1, 2026",
        "-$47.50",
        "Remaining time of 5 seats of the Ultimate plan, Jun 16\u2009–\u2009Jul 1, 2026",
        "$97.50",
        "Total",
        "$50.00",
        "Due",
        "$50.00",
    ]


def test_a_statement_has_its_timeline_up_to_the_next_periods_end() -> None:
    """One picture, then the account."""
    reader = Reader(html(STATEMENT))
    assert reader.tags.count("svg") == 1
    assert "Aug 1, 2026" in html(STATEMENT)
    assert reader.cells[:2] == ["Plan", "Ultimate"]
    assert Reader(html(history(StartFree(at=JUNE)))).tags.count("svg") == 1


def test_an_account_shows_its_facts_and_what_comes() -> None:
    """Its upcoming invoice where there is one."""
    assert Reader(html(ACCOUNT)).cells[:11] == [
        *("Plan", "Ultimate", "Seats", "5", "Status", "Active"),
        *("As of", "June 16, 2026 at 12:00\u202fAM UTC", "Balance", "$0.00", "Upcoming invoice"),
    ]
    assert "Upcoming invoice" not in Reader(html(on_free(JUNE))).cells


def test_entitlements_show_what_holds_and_until_when() -> None:
    """A restricted account has Free's features."""
    cells = Reader(html(entitlements(restricted().subscription, TENTH))).cells
    assert cells[:6] == [
        "Plan",
        "Free",
        "Status",
        "Limited",
        "Valid until",
        "July 1, 2026 at 12:00\u202fAM UTC",
    ]
    assert dict(zip(cells[::2], cells[1::2], strict=True))["Team Seats"] == "1"
    assert cells[-2:] == ["Priority Support", "No"]
    on_free_plan = Reader(html(entitlements(on_free(JUNE).subscription, JUNE))).cells
    assert "Valid until" not in on_free_plan
    trial = Reader(html(entitlements(on_trial(JUNE).subscription, JUNE))).cells
    assert tuple(trial[8:10]) == ("Chats", "unlimited")


def test_a_catalogue_shows_the_pages_tables() -> None:
    """Prices, then features; a matrix shows standard support too."""
    reader = Reader(html(CHATIM, "fr"))
    assert reader.tags.count("table") == 2
    assert reader.cells[:4] == ["Plan", "Prix", "Places", "Idéal pour"]
    assert reader.cells[-4:] == ["Support prioritaire", "Non", "Non", "Oui"]
    matrix = Reader(html(FeatureMatrix((FREE, PRO)), "en")).cells
    assert matrix[:5] == ["Free", "Pro", "Team Seats", "1", "unlimited"]
    assert "Standard Support" in matrix


def test_a_downgrade_report_is_a_list() -> None:
    """A row a sentence."""
    report = downgrade_report(on_plan(PRO, JUNE, seats=3).subscription, FREE, HALF)
    reader = Reader(html(report))
    assert reader.tags == ["ul", "li", "li", "li", "li", "li"]
    assert reader.cells[-1] == "From then on the plan costs nothing."


@pytest.mark.parametrize("key", ["<b>", "</td><td>", "&amp;", '"'])
def test_every_text_is_escaped(key: str) -> None:
    """Whatever a plan is called, it shows as it is."""
    own = a_catalog(FREE, evolve(PRO, key="pro"), evolve(ULTIMATE, key=key))
    held = after(on_free(JUNE, card=True, catalog=own), ChoosePlan(own.plan(key), at=JUNE))
    for value in (own, own.matrix, held, entitlements(held.subscription, JUNE)):
        assert key in Reader(html(value)).cells


def test_words_are_loaded_when_a_notebook_asks() -> None:
    """A gate does not pay for pictures."""
    code = (
        "import sys, chatim_plans; before = 'chatim_plans.words' in sys.modules;"
        "chatim_plans.CHATIM._repr_html_(); print(before, 'chatim_plans.words' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "False True\n"


def test_an_element_takes_texts_and_elements_in_their_order() -> None:
    """Texts between elements, too, one after another; and what is None is left out."""
    made = element("p", "1 < 2 ", element("b", "&"), " and ", "so on", class_="sum", id=None)
    assert written(made) == '<p class="sum">1 &lt; 2 <b>&amp;</b> and so on</p>'
    assert written(element("a", data_key="x")) == '<a data-key="x" />'
    assert written(element("a", data_key="x"), "html") == '<a data-key="x"></a>'
