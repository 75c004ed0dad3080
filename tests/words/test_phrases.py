"""Phrases: both languages whole, facts written in, one and many, as they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from fractions import Fraction
from string import Formatter
from types import ModuleType
from typing import Any

import pytest

from chatim_plans import PRO, UNLIMITED, USD, Feature, InvalidTypeError, Money, Quota, utc, words
from chatim_plans.words import (
    answers,
    bills,
    drawings,
    explaining,
    messages,
    names,
    notebooks,
    page,
    phrases,
    timelines,
)
from chatim_plans.words.phrases import Phrase, Writer, sentence
from tests.refused import error_of

MODULES = (
    *(answers, bills, drawings, explaining, messages, names, notebooks, page, phrases, timelines),
)
FRENCH, ENGLISH = Writer.of("fr", UTC), Writer.of("en", UTC)


def phrases_in(value: Any, where: str) -> Iterator[tuple[str, Phrase]]:
    """Every phrase in a table, however deep."""
    if isinstance(value, Phrase):
        yield where, value
    elif isinstance(value, messages._Wording):
        for name in ("title", "text", "what_to_do"):
            yield from phrases_in(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from phrases_in(each, f"{where}[{key}]")
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from phrases_in(each, f"{where}[{number}]")


def phrases_of(module: ModuleType) -> Iterator[tuple[str, Phrase]]:
    """Every phrase that a module keeps."""
    for name, value in vars(module).items():
        yield from phrases_in(value, f"{module.__name__.rpartition('.')[2]}.{name}")


ALL = dict(each for module in MODULES for each in phrases_of(module))
every_phrase = pytest.mark.parametrize("phrase", ALL.values(), ids=ALL)


def forms(template: Any) -> tuple[str, ...]:
    """The one form of a template, or both."""
    return (template,) if isinstance(template, str) else template


def facts(text: str) -> set[str | None]:
    """The names of the facts that a text has room for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_phrases_are_found() -> None:
    """There are many, and one of each kind is among them."""
    assert len(ALL) > 200
    assert {"names.NAMES[<enum 'Status'>][trialing]", "page._TAGLINES[pro]"} <= set(ALL)


@every_phrase
def test_a_phrase_says_the_same_facts_in_each_language(phrase: Phrase) -> None:
    """Whatever figure French tells, English tells, too; and none is empty."""
    both = [*forms(phrase.fr), *forms(phrase.en)]
    assert all(text.strip() == text and text for text in both)
    french, english = (facts(forms(template)[-1]) for template in (phrase.fr, phrase.en))
    assert french == english


@every_phrase
def test_a_phrase_stands_on_its_own(phrase: Phrase) -> None:
    """It is whole: it begins with a capital, a figure, a fact, a quotation, or is a unit's name."""
    for text in (*forms(phrase.fr), *forms(phrase.en)):
        assert re.match(
            r"[A-ZÉÀ«{-]|cent|unité|minor|illimité|unlimited|le support|support|maintenant|now",
            text,
        ), text


OF_THE_PAGE = {name for name in ALL if name.startswith("page.")}


@pytest.mark.parametrize("name", sorted(set(ALL) - OF_THE_PAGE))
def test_no_french_line_begins_with_a_sign(name: str) -> None:
    """The space before `:`, `;`, `!`, `?`, `»` and after `«` does not break; the page's own words
    keep its plain spaces.
    """
    for text in forms(ALL[name].fr):
        assert not re.search(r" [:;!?»]|« ", text)


@every_phrase
def test_english_has_no_space_before_a_sign(phrase: Phrase) -> None:
    """Nor a French quotation."""
    for text in forms(phrase.en):
        assert not re.search(r"\s[:;!?]|[«»]", text)


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        (0, "0 place", "0 seats"),
        (1, "1 place", "1 seat"),
        (2, "2 places", "2 seats"),
        (1_000, "1\u202f000 places", "1,000 seats"),
    ],
)
def test_nought_and_one_are_singular_in_french(count: int, french: str, english: str) -> None:
    """And one alone in English."""
    phrase = Phrase("{seats:seats}", "{seats:seats}")
    assert (FRENCH.write(phrase, seats=count), ENGLISH.write(phrase, seats=count)) == (
        french,
        english,
    )


@pytest.mark.parametrize("unit", ["seats", "members", "days", "hours", "minutes", "seconds"])
def test_a_unit_has_a_word_for_one_and_for_many(unit: str) -> None:
    """In both languages."""
    for writer in (FRENCH, ENGLISH):
        one, two = writer.fact(1, unit), writer.fact(2, unit)
        assert two == f"{one.replace('1', '2')}s"


@pytest.mark.parametrize(
    ("value", "how", "french", "english"),
    [
        ("as it is", "", "as it is", "as it is"),
        (1234, "", "1\u202f234", "1,234"),
        (Money(-1900, USD), "", "-19,00\xa0$US", "-$19.00"),
        (Fraction(-895, 1488), "", "-895/1488", "-895/1488"),
        (Fraction(4200), "", "4\u202f200", "4,200"),
        (PRO, "", "Pro", "Pro"),
        (Feature.white_label, "", "Marque blanche", "White Label"),
        (Quota.seats, "", "Places d'équipe", "Team Seats"),
        (UNLIMITED, "", "illimités", "unlimited"),
        (utc("2026-01-05 09:00"), "day", "5 janvier 2026", "January 5, 2026"),
        (utc("2026-01-05 09:00"), "short", "5 janv. 2026", "Jan 5, 2026"),
        (
            utc("2026-01-05 09:00"),
            "instant",
            "5 janvier 2026 à 09:00 UTC",
            "January 5, 2026 at 9:00\u202fAM UTC",
        ),
    ],
)
def test_a_fact_is_written_by_its_kind(value: Any, how: str, french: str, english: str) -> None:
    """Amounts, numbers, fractions, plans, features, quotas and instants."""
    assert (FRENCH.fact(value, how), ENGLISH.fact(value, how)) == (french, english)


def test_what_has_no_words_is_a_fault_of_the_phrase() -> None:
    """No phrase can print an object by accident."""
    for value in (None, object(), 1.5):
        error = error_of(InvalidTypeError, FRENCH.fact, value, "seats")
        assert (error.name, error.value) == ("fact", value)
        assert error.expected == "a fact that has words"


@pytest.mark.parametrize(
    ("members", "french", "english"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a et b", "a and b"),
        (["a", "b", "c"], "a, b et c", "a, b, and c"),
    ],
)
def test_members_stand_in_a_row(members: list[str], french: str, english: str) -> None:
    """As CLDR joins them."""
    assert (FRENCH.list_of(members), ENGLISH.list_of(members)) == (french, english)


def test_a_french_sentence_is_set_for_print() -> None:
    """No-break before `:` and inside quotation marks, narrow before the other signs."""
    phrase = sentence("« a » : b ; c ! d ?", "a")
    assert phrase.fr == "«\xa0a\xa0»\xa0: b\u202f; c\u202f! d\u202f?"
    assert phrase.en == "a"
    assert sentence(("a : b", "c ; d"), "a").fr == ("a\xa0: b", "c\u202f; d")


def test_the_languages_are_those_that_speak() -> None:
    """`Language` has one member for each field of a phrase."""
    assert [language.value for language in words.Language] == [
        field for field in ("fr", "en") if hasattr(Phrase("a", "b"), field)
    ]
