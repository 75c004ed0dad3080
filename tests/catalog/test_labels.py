"""The wording: both published tables and every label, typed in full from the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import attrs
import pytest

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    Catalog,
    Currency,
    Feature,
    InvalidTypeError,
    Money,
    Plan,
    Quota,
    UnknownKeyError,
    comparison_table,
    label,
    price_table,
)
from chatim_plans.catalog import labels
from tests.published_tables import FEATURES, PRICES, cells
from tests.refused import error_of, said_of, values_of

SUPPORT = {"fr": "Support standard", "en": "Standard Support"}


def repriced(amount: int, currency: Currency) -> Catalog:
    """Free and Pro at another price."""
    return Catalog(
        "test",
        (
            attrs.evolve(FREE, price=Money(0, currency)),
            attrs.evolve(PRO, price=Money(amount, currency)),
        ),
        attrs.evolve(CHATIM.terms, smallest_charge=Money(50, currency)),
    )


def with_third(third: Plan, free: Plan | None = None) -> Catalog:
    """Free, Pro and a plan of the test's own."""
    return Catalog("test", (free or FREE, PRO, third), CHATIM.terms)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_both_tables_are_the_pages(language: str) -> None:
    """C2, C4: cell by cell; twelve rows of features, standard support is not published."""
    assert price_table(CHATIM, language) == cells(PRICES[language])
    assert comparison_table(CHATIM, language) == cells(FEATURES[language])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_retired_plan_is_in_neither_table(language: str) -> None:
    """C9: who holds it keeps it, and nobody else is shown it."""
    without = attrs.evolve(CHATIM, retired={"ultimate"})
    prices, features = cells(PRICES[language]), cells(FEATURES[language])
    assert price_table(without, language) == prices[:3]
    assert comparison_table(without, language) == tuple(row[:3] for row in features)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_feature_and_quota_has_its_label(language: str) -> None:
    """C4: all thirteen labels, the published ones and the one of standard support."""
    published = [row[0] for row in cells(FEATURES[language])[1:]]
    expected = [*published[:8], SUPPORT[language], *published[8:]]
    assert [label(of, language) for of in (*Quota, *Feature)] == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fr", ["Gratuit", "Pro", "Ultimate"]), ("en", ["Free", "Pro", "Ultimate"])],
)
def test_every_plan_has_its_name(language: str, expected: list[str]) -> None:
    """C4: the names of the three plans."""
    assert [label(plan, language) for plan in (FREE, PRO, ULTIMATE)] == expected


@pytest.mark.parametrize("language", ["fr", "en"])
def test_unknown_plan_shows_its_key(language: str) -> None:
    """C4: a plan that the wording does not know shows its key, and no audience."""
    gold = attrs.evolve(PRO, key="gold")
    table = price_table(with_third(gold), language)
    compared = comparison_table(with_third(gold), language)
    assert label(gold, language) == "gold"
    assert table[3][0] == "gold"
    assert table[3][3] == ""
    assert compared[0][3] == "gold"


@pytest.mark.parametrize(
    ("language", "expected"), [("fr", "190 $/utilisateur/an"), ("en", "$190/user/year")]
)
def test_yearly_plan_is_priced_by_the_year(language: str, expected: str) -> None:
    """C6: a negotiated plan of twelve months."""
    large = attrs.evolve(PRO, key="large", price=Money(190_00, USD), interval_months=12)
    assert price_table(with_third(large), language)[3][1] == expected


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        (1950, "19,50 $/utilisateur/mois", "$19.50/user/month"),
        (1905, "19,05 $/utilisateur/mois", "$19.05/user/month"),
        (5, "0,05 $/utilisateur/mois", "$0.05/user/month"),
        (123_400, "1234 $/utilisateur/mois", "$1234/user/month"),
        (1000, "10 $/utilisateur/mois", "$10/user/month"),
    ],
)
def test_cents_are_shown_when_there_are_any(amount: int, french: str, english: str) -> None:
    """C4: both cents or none, with the language's mark."""
    shown = repriced(amount, USD)
    assert (price_table(shown, "fr")[2][1], price_table(shown, "en")[2][1]) == (french, english)


@pytest.mark.parametrize(
    ("code", "digits", "amount", "french", "english"),
    [
        ("EUR", 2, 1950, "19,50 EUR/utilisateur/mois", "EUR 19.50/user/month"),
        ("JPY", 0, 1900, "1900 JPY/utilisateur/mois", "JPY 1900/user/month"),
        ("KWD", 3, 1905, "1,905 KWD/utilisateur/mois", "KWD 1.905/user/month"),
        ("KWD", 3, 2000, "2 KWD/utilisateur/mois", "KWD 2/user/month"),
    ],
)
def test_other_currencies_show_their_code(
    code: str, digits: int, amount: int, french: str, english: str
) -> None:
    """C4: no symbol is guessed, and the digits are the currency's own."""
    shown = repriced(amount, Currency(code, digits))
    assert (price_table(shown, "fr")[2][1], price_table(shown, "en")[2][1]) == (french, english)


@pytest.mark.parametrize(("code", "french", "english"), [("EUR", "0 EUR/mois", "EUR 0/month")])
def test_free_plan_in_another_currency(code: str, french: str, english: str) -> None:
    """C4: nothing is still priced in the catalogue's currency."""
    shown = repriced(1900, Currency(code, 2))
    assert (price_table(shown, "fr")[1][1], price_table(shown, "en")[1][1]) == (french, english)


@pytest.mark.parametrize(
    ("seats", "french", "english"),
    [
        (1, "1 place", "1 seat"),
        (2, "2 places", "2 seats"),
        (10, "10 places", "10 seats"),
        (UNLIMITED, "Illimitées", "Unlimited"),
    ],
)
def test_seat_line_agrees_with_its_number(seats: Any, french: str, english: str) -> None:
    """C4: one seat, several seats, no limit."""
    free = attrs.evolve(FREE, limits={**FREE.limits, "seats": seats})
    shown = with_third(ULTIMATE, free)
    assert (price_table(shown, "fr")[1][2], price_table(shown, "en")[1][2]) == (french, english)


def test_limit_is_shown_as_a_number() -> None:
    """C4: a quota with a limit shows it, zero and one included."""
    free = attrs.evolve(FREE, limits={"seats": 1, "chats": 0, "chatbot_flows": 250})
    table = comparison_table(with_third(ULTIMATE, free), "fr")
    assert [row[1] for row in table[1:4]] == ["1", "0", "250"]


ASK: dict[str, Callable[[Any], object]] = {
    "label": lambda language: label(PRO, language),
    "price_table": lambda language: price_table(CHATIM, language),
    "comparison_table": lambda language: comparison_table(CHATIM, language),
}


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
@pytest.mark.parametrize("language", ["de", "", "fr-", "-fr", "french", "fr FR", "fr-FR!", "e"])
def test_unknown_language_is_refused(ask: Callable[[Any], object], language: str) -> None:
    """C4: French and English, and nothing falls back on one of them."""
    error = error_of(UnknownKeyError, ask, language)
    assert str(error) == f"unknown language {language!r}: use one of fr, en"


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
@pytest.mark.parametrize(
    ("tag", "language"),
    [("fr-FR", "fr"), ("fr_CA", "fr"), ("FR", "fr"), ("en_US", "en"), ("en-Latn-GB", "en")],
)
def test_a_tag_of_a_language_reads_as_the_language(
    ask: Callable[[Any], object], tag: str, language: str
) -> None:
    """A browser's or a system's tag names its language, in letters of either case."""
    assert ask(tag) == ask(language)


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
@pytest.mark.parametrize("language", [None, 1, ["fr"], b"fr"])
def test_language_is_a_str(ask: Callable[[Any], object], language: Any) -> None:
    """A language of another type is refused."""
    error = error_of(InvalidTypeError, ask, language)
    assert str(error) == (f"language: expected a str, got {said_of(language)}")


@pytest.mark.parametrize("table", [price_table, comparison_table])
@pytest.mark.parametrize("value", [None, "2026", 7])
def test_table_asks_for_a_catalogue(table: Callable[[Any, str], object], value: Any) -> None:
    """A table is of a catalogue."""
    error = error_of(InvalidTypeError, table, value, "fr")
    assert str(error) == (f"catalog: expected a Catalog, got {said_of(value)}")


@pytest.mark.parametrize("of", ["teleport", "pro", ""])
def test_label_of_nothing_known_is_refused(of: str) -> None:
    """C4: what is no plan, feature or quota has no label."""
    values = values_of(UnknownKeyError, label, cast("Feature", of), "en")
    assert values == ("feature or quota", of, (*Quota, *Feature))


def test_label_of_a_string_value_is_the_features() -> None:
    """A2: a feature's string value works as the feature."""
    assert label("white_label", "fr") == "Marque blanche"  # type: ignore[arg-type]  # a string works


@pytest.mark.parametrize("of", [None, 7, UNLIMITED, []])
def test_label_of_no_text_is_refused(of: Any) -> None:
    """C4: a label is asked of a plan, or of a feature or quota, which are text."""
    error = error_of(InvalidTypeError, label, of, "en")
    assert (error.name, error.value) == ("feature or quota", of)


@pytest.mark.parametrize(
    ("language", "short", "line", "charge"),
    [
        ("fr", "19 $", "19 $/utilisateur/mois", "57 $/mois"),
        ("en", "$19", "$19/user/month", "$57/month"),
    ],
)
def test_prices_are_written_as_the_page_writes_them(
    language: str, short: str, line: str, charge: str
) -> None:
    """B1: alone, by the seat, and for a team."""
    assert labels.short_price(PRO.price, language) == short
    assert labels.price_line(PRO, language) == line
    assert labels.charge_line(PRO, 3, language) == charge


def test_a_team_by_the_year_pays_by_the_year() -> None:
    """C6: so its charge is written, as its price is."""
    large = attrs.evolve(PRO, interval_months=12)
    assert labels.charge_line(large, 3, "fr") == "57 $/an"
    assert labels.charge_line(large, 3, "en") == "$57/year"
