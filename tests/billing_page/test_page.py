"""The billing page of the docs over HTTP: its words in every status, and who may see it."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

import attrs
import pytest
from attrs import evolve

pytest.importorskip("fastapi", reason="needs FastAPI")
pytest.importorskip("httpx2", reason="needs httpx2")
pytest.importorskip("jinja2", reason="needs Jinja2")

from fastapi.testclient import TestClient

import chatim_plans.words
from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    AddPaymentMethod,
    AdjustCredit,
    ChoosePlan,
    Money,
    StartFree,
    Status,
    comparison_table,
    replay,
    status,
    utc,
)
from chatim_plans.words import Language
from chatim_plans.words.phrases import Phrase
from docs.examples.billing_page.accounts import NAMES, statement_of
from docs.examples.billing_page.page import billing_page
from docs.examples.billing_page.texts import texts
from docs.examples.billing_page.web import app

LANGUAGES = ("fr", "en")


@pytest.fixture(scope="module")
def client() -> TestClient:
    """Who asks for pages."""
    return TestClient(app)


def plain(text: str) -> str:
    """A text whose spaces are all plain ones."""
    return re.sub(r"[^\S\n]", " ", text)


def read(page: str) -> str:
    """What a reader reads of a page: its texts, those of the picture too."""
    body = page.split("</head>")[1]
    without_styles = re.sub(r"<style>.*?</style>", " ", body, flags=re.DOTALL)
    return plain(unescape(re.sub(r"<[^>]*>", "\n", without_styles)))


WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("trialing", "fr"): ("Essai : 11 jours restants", "Aucune facture n'est prévue", "117,00 $US"),
    ("trialing", "en"): ("Trial: 11 days left", "No invoice is coming", "$117.00"),
    ("trial_ended", "fr"): ("Essai terminé", "Paiement requis", "2 de plus que la limite de 1"),
    ("trial_ended", "en"): ("Trial ended", "Payment required", "2 more than the limit of 1"),
    ("free", "fr"): ("Gratuit", "Passer au plan Pro", "À payer maintenant : 19,00 $US"),
    ("free", "en"): ("Free", "Move up to Pro", "Due now: $19.00"),
    ("active", "fr"): ("Actif", "95,00 $US", "À payer maintenant : 60,15 $US", "895/1488"),
    ("active", "en"): ("Active", "$95.00", "Due now: $60.15", "895/1488"),
    ("past_due", "fr"): ("Paiement en retard", "Paiement requis", "Paiement refusé"),
    ("past_due", "en"): ("Past due", "Payment required", "Payment failed"),
    ("restricted", "fr"): ("Limité", "Compte limité", "Votre compte passera au plan Gratuit"),
    ("restricted", "en"): ("Limited", "Account limited", "will move to the Free plan"),
    ("scheduled_downgrade", "fr"): ("Changement de plan à venir", "Marque blanche", "76,00 $US"),
    ("scheduled_downgrade", "en"): ("Change of plan ahead", "White Label", "$76.00"),
    ("waiting_seats", "fr"): ("-46,04 $US", "76,74 $US", "125,70 $US", "90,85 $US"),
    ("waiting_seats", "en"): ("-$46.04", "$76.74", "$125.70", "$90.85"),
}


@pytest.mark.parametrize(("name", "language"), WORDS)
def test_a_page_says_its_status_and_its_amounts(
    client: TestClient, name: str, language: str
) -> None:
    """The badge, the notices, the upcoming invoice, the moves and the history, in words."""
    answer = client.get(f"/{name}?lang={language}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language}">' in answer.text
    text = read(answer.text)
    assert [words for words in WORDS[name, language] if words not in text] == []


def test_there_is_an_account_in_every_status() -> None:
    """Each bears the name of its status; two more are there because something waits."""
    stands = {name: statement_of(name).account for name in NAMES}
    assert {name for name, language in WORDS} == set(NAMES)
    for each in Status:
        facts = stands[each.value].subscription
        assert status(facts, facts.as_of) is each
    assert stands["scheduled_downgrade"].subscription.scheduled_change is not None
    assert len(stands["waiting_seats"].pending_lines) == 2


# --- One language a page ---
def phrases(value: Any) -> Iterator[Phrase]:
    """The phrases of a table of words, however deep."""
    if isinstance(value, Phrase):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from phrases(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from phrases(each)
    elif attrs.has(type(value)) and not isinstance(value, type):
        for field in attrs.fields(type(value)):
            yield from phrases(getattr(value, field.name))


def sentences() -> Iterator[tuple[str, str]]:
    """What the library and the page can say, in French and in English."""
    for module in pkgutil.iter_modules(chatim_plans.words.__path__, "chatim_plans.words."):
        for table in vars(importlib.import_module(module.name)).values():
            for phrase in phrases(table):
                both = [
                    (each,) if isinstance(each, str) else each for each in (phrase.fr, phrase.en)
                ]
                yield from ((fr, en) for fr in both[0] for en in both[1])
    french, english = (texts(Language(language)) for language in LANGUAGES)
    yield from ((french[name], english[name]) for name in french)
    tables = (comparison_table(CHATIM, language) for language in LANGUAGES)
    for fr, en in zip(*tables, strict=True):
        yield from zip(fr, en, strict=True)


def said_only_in(language: str) -> list[re.Pattern[str]]:
    """Everything of two words or more that can be said in `language` and not in the other."""
    index = LANGUAGES.index(language)
    found: dict[str, None] = {}
    for both in sentences():
        template = plain(both[index])
        parts = re.split(r"\{[^{}]*\}", template)
        words = re.findall(r"\w{2,}", " ".join(parts))
        if template != plain(both[1 - index]) and len(words) > 1:
            found[r"[^\n]+?".join(map(re.escape, parts))] = None
    return [re.compile(rf"(?<!\w){each}(?!\w)") for each in found]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("language", "other"), [LANGUAGES, LANGUAGES[::-1]])
def test_a_page_speaks_one_language(
    client: TestClient, name: str, language: str, other: str
) -> None:
    """No sentence of the other, and many of its own: so the search would find one."""
    text = read(client.get(f"/{name}?lang={language}").text)
    assert [each.pattern for each in said_only_in(other) if each.search(text)] == []
    assert len([each for each in said_only_in(language) if each.search(text)]) > 25


# --- What does not come from us ---
def test_whatever_a_catalogue_says_is_escaped() -> None:
    """A plan's key, the page's way to support and a number of seats are texts, never markup."""
    key, support = "<b>&pro", '"><script>alert(1)</script>'
    pro = evolve(PRO, key=key)
    terms = evolve(CHATIM.terms, trial_plan=key, support=support)
    catalog = evolve(CHATIM, plans=(FREE, pro, ULTIMATE), terms=terms)
    start = utc("2026-10-15 09:00")
    actions = [StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(pro, 3, at=start)]
    statement = replay(actions, until=utc("2026-10-27 17:30"), catalog=catalog)
    for language in Language:
        page = billing_page(statement, language, "active")
        assert "<b>" not in page
        assert "<script" not in page
        assert page.count("&lt;b&gt;&amp;pro") > 10
        assert key in read(page)
        assert support in read(page)


def test_a_credit_balance_is_shown_where_there_is_one() -> None:
    """Rules B7 and B13: what Chatim holds for the customer."""
    start = utc("2026-10-15 09:00")
    granted = AdjustCredit(Money(1234, PRO.price.currency), at=start)
    statement = replay([StartFree(at=start), granted])
    assert "12,34 $US" in read(billing_page(statement, Language.fr, "free"))
    assert "Solde créditeur" not in read(billing_page(statement_of("free"), Language.fr, "free"))


# --- Who may see it, and what there is not ---
@pytest.mark.parametrize(
    ("name", "language", "heading", "shown", "hidden"),
    [
        ("trialing", "fr", "Page réservée aux administrateurs", "Essai : 11 jours restants", "Pro"),
        ("trialing", "en", "For admins only", "Trial: 11 days left", "Upcoming invoice"),
        ("past_due", "fr", "Page réservée aux administrateurs", "Demandez", "Paiement requis"),
        ("restricted", "en", "For admins only", "Account limited", "Payment required"),
    ],
)
def test_a_manager_is_told_why_there_is_no_page(
    client: TestClient, name: str, language: str, heading: str, shown: str, hidden: str
) -> None:
    """Rule A4: 403 in words, with the notices that are not for admins alone."""
    answer = client.get(f"/{name}?lang={language}&role=manager")
    text = read(answer.text)
    assert answer.status_code == 403
    assert heading in text
    assert shown in text
    assert f"\n{hidden}\n" not in text


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("/nobody", 404, "Aucun compte ne porte ce nom."),
        ("/nobody?lang=en", 404, "No account has this name."),
        ("/nobody?lang=en&role=manager", 404, "No account has this name."),
        ("/active?lang=de", 422, "La langue est fr ou en"),
        ("/active?lang=en&role=owner", 422, "The language is fr or en"),
    ],
)
def test_what_there_is_not_is_said_in_words(
    client: TestClient, address: str, code: int, words: str
) -> None:
    """An account, a language or a role that is unknown has a page that leads on."""
    answer = client.get(address)
    assert answer.status_code == code
    assert words in read(answer.text)
    assert 'href="/restricted?lang=' in answer.text


def test_the_root_leads_to_the_first_account(client: TestClient) -> None:
    """There is something to see at once."""
    answer = client.get("/")
    assert (answer.status_code, answer.url.path) == (200, "/trialing")
