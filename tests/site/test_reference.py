"""The reference has everything that is public, as it is."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

import chatim_plans
from tests.test_docs import extras_may_be_missing

with extras_may_be_missing():
    from docs.building.reference import FLOORS, PACKAGES, reference_pages

RULES = Path(__file__).parents[2] / "docs" / "rules"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The pages of the reference, without the hand-written index."""
    with extras_may_be_missing():
        return reference_pages(RULES, "# Reference\n")


def entries(page: str) -> list[str]:
    """The names that have an entry on a page, in their order."""
    return re.findall(r"^## (?:class |enum )?(\w+)(?:\(\))?$", page, re.MULTILINE)


def entry(page: str, heading: str) -> str:
    """The text under a heading."""
    return page.split(f"\n## {heading}\n")[1].partition("\n## ")[0]


def test_every_public_name_of_the_core_has_its_entry(pages: dict[str, str]) -> None:
    """Each on the page of its floor, in the façade's order."""
    named = [name for floor in FLOORS for name in entries(pages[f"reference/{floor}.md"])]
    assert named == chatim_plans.__all__


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_of_a_package_has_its_entry(package: str, pages: dict[str, str]) -> None:
    """Each on the page of its package, in the façade's order."""
    named = entries(pages[f"reference/chatim_plans.{package}.md"])
    assert named == importlib.import_module(f"chatim_plans.{package}").__all__


def test_every_entry_shows_what_it_is(pages: dict[str, str]) -> None:
    """A block of code stands first under each heading, and names it."""
    for address, page in pages.items():
        for heading, shown in re.findall(r"^##+ (.*)\n\n(.*\n.*)", page, re.MULTILINE):
            name = re.findall(r"\w+", heading)[-1]
            assert re.match(rf"```python\n.*\b{name}\b", shown), (address, heading)


def test_a_name_that_is_on_no_floor_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would have no page; the build stops."""
    monkeypatch.setattr(chatim_plans, "__all__", [*chatim_plans.__all__, "forgotten"])
    with extras_may_be_missing(), pytest.raises(LookupError, match="on no floor: forgotten"):
        reference_pages(RULES, "")


def test_an_entry_has_fields_errors_source_example_and_methods(pages: dict[str, str]) -> None:
    """What a docstring and a class say stands there, and leads on."""
    plan = entry(pages["reference/catalog.md"], "class Plan")
    assert "| `price` | [Money](foundation.md#class-money) |  |" in plan
    assert "| `interval_months` | int \\| None |  |" in plan
    assert "```pycon\n>>> from chatim_plans import PRO\n" in plan
    assert "\n- [`InvalidTypeError`](foundation.md#class-invalidtypeerror), [`Inv" in plan
    assert "Source: rules [C1](../rules/c-catalogue.md#c1-three-plans-in-rank-order), " in plan
    assert "### Plan.is_free\n\n```python\nis_free: bool\n```\n\nWhether" in plan
    assert "### Plan.charge()\n\n```python\ndef charge(seats: int) -> Money\n```" in plan
    assert "_grants" not in plan


def test_defaults_enums_aliases_and_errors_are_shown(pages: dict[str, str]) -> None:
    """A default as a caller writes it, a member with its value, an alias with what it is made of."""
    subscriptions = pages["reference/subscriptions.md"]
    assert "\nclass StartTrial(seats: int = 1, *, at: datetime)\n" in subscriptions
    assert "\n    base: Money = ...,\n" in entry(pages["reference/billing.md"], "class Line")
    assert "| `Standing.past_due` | `'past_due'` |" in entry(subscriptions, "enum Standing")
    assert "Phase: TypeAlias = OnFree | OnTrial | OnPaid" in entry(subscriptions, "Phase")
    refused = entry(pages["reference/foundation.md"], "class InvalidValueError")
    assert "Can be caught as [`PlansError`](#class-planserror) or `ValueError`." in refused


def test_names_that_are_words_elsewhere_lead_to_their_own_page(pages: dict[str, str]) -> None:
    """`plans` is a strategy on one page, and a parameter on the others."""
    assert "chatim_plans.strategies.md#plans" not in pages["reference/catalog.md"]
    assert "[`plans`](#plans)" in pages["reference/chatim_plans.strategies.md"]


def test_the_examples_in_docstrings_run() -> None:
    """Those of the build's own modules."""
    for name in ("pages", "contents", "links", "reference"):
        with extras_may_be_missing():
            failed, _ = doctest.testmod(importlib.import_module(f"docs.building.{name}"))
            assert failed == 0


def test_the_index_leads_to_pages_and_entries() -> None:
    """Under a package's heading, names are the package's."""
    index = (
        "# Reference\n\n`billing`, `chatim_plans.stripe`\n\n## Billing\n\n`statements`\n\n"
        "## `chatim_plans.strategies`\n\n`statements`\n"
    )
    with extras_may_be_missing():
        text = reference_pages(RULES, index)["reference/index.md"]
    assert re.findall(r"\]\((.*?)\)", text) == [
        "billing.md",
        "chatim_plans.stripe.md",
        "billing.md#statements",
        "chatim_plans.strategies.md#statements",
    ]
