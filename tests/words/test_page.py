"""The billing page's own words: plans as cards, terms in sentences, the badge."""

from __future__ import annotations

import pytest
from attrs import evolve

from chatim_plans import CHATIM, PRO, InvalidTypeError, InvalidValueError, Limit, Quota, Status
from chatim_plans.words import Badge, Colour, badge, payment_method_text, plan_cards, terms_in_words
from tests.accounts import a_catalog, a_plan, on_terms, on_trial, with_enterprise, yearly
from tests.instants import JULY, JUNE, TENTH
from tests.refused import error_of
from tests.words_page import STANDING

CARDS_FR = (
    (
        "Plan Gratuit — 0 $/mois",
        "Parfait pour commencer et les projets personnels.",
        "Inclut :",
        ("1 place d'équipe", "Chats illimités", "Flux de chatbot illimités", "JavaScript SDK"),
        "Limitations : Un seul utilisateur, pas de fonctionnalités premium.",
    ),
    (
        "Plan Pro — 19 $/utilisateur/mois",
        "Le choix le plus populaire pour les entreprises en croissance.",
        "Tout ce qui est dans le plan Gratuit, plus :",
        (
            "Places d'équipe illimitées",
            "Exporter les visiteurs en CSV/Excel",
            "Image de marque personnalisée",
            "Boutons de contact (WhatsApp, Telegram, téléphone, e-mail et plus)",
            "Analyses et rapports avancés",
            "Support standard",
        ),
        "",
    ),
    (
        "Plan Ultimate — 39 $/utilisateur/mois",
        "Plan complet pour les agences et les entreprises.",
        "Tout ce qui est dans le plan Pro, plus :",
        (
            "Solution en marque blanche (supprimer toute la marque Chatim)",
            "Accès complet à l'API",
            "Chatbot IA (propulsé par Vertex AI et Claude)",
            "Support prioritaire",
        ),
        "",
    ),
)
"""The page's section "Comparaison des plans", word for word."""


def test_the_cards_are_the_pages() -> None:
    """C3, C4: title, tagline, what it includes, and the limits of Free."""
    cards = plan_cards(CHATIM, "fr")
    told = [(card.title, card.tagline, card.heading, card.bullets, card.limits) for card in cards]
    assert tuple(told) == CARDS_FR


def test_the_terms_are_the_pages() -> None:
    """B1, R1, C7, D1, F1: each section in its own words; support is named, its address is a term."""
    terms = terms_in_words(CHATIM, "fr")
    assert terms.per_seat == (
        "Les plans payants sont facturés par utilisateur actif. Par exemple, un plan Pro avec 3"
        " membres d'équipe coûte 19 $ × 3 = 57 $/mois."
    )
    assert terms.trial == (
        "Les nouveaux utilisateurs bénéficient d'un essai gratuit de 30 jours du plan Pro :"
    )
    assert terms.trial_bullets == (
        "Accès complet à toutes les fonctionnalités Pro",
        "Aucune carte de crédit requise pour commencer",
        "Annulez à tout moment pendant l'essai",
        "Après 30 jours, ajoutez un moyen de paiement pour continuer sur Pro, passer à Ultimate ou basculer vers le plan Gratuit",
    )
    assert terms.payment_methods == (
        "Cartes de crédit (Visa, Mastercard, Amex, Discover)",
        "Cartes de débit",
        "Certains moyens de paiement régionaux",
    )
    assert terms.payment_fails == (
        "Stripe réessaiera le paiement automatiquement",
        "Vous recevrez des notifications par e-mail",
        "Après plusieurs échecs, votre compte peut être limité",
        "Mettez à jour votre moyen de paiement pour restaurer l'accès",
    )
    assert terms.refund == (
        "Contactez le support dans les 14 jours suivant la facturation pour les demandes de"
        " remboursement. Nous les traitons au cas par cas."
    )
    assert terms.support == "Contactez le support."


def test_terms_of_another_catalogue_say_their_own_figures() -> None:
    """Days, prices, means of payment and support are terms."""
    catalog = on_terms(
        trial_days=1,
        refund_days=7,
        accepted_cards=("debit", "amex", "carte maison"),
        support="support@example.com",
    )
    terms = terms_in_words(catalog, "en")
    assert terms.trial == "New users get a free trial of 1 day of the Pro plan:"
    assert terms.payment_methods == ("Credit cards (Amex)", "Debit cards", "carte maison")
    assert terms.refund.startswith("Contact support@example.com within 7 days of billing")
    assert terms.support == "Contact support@example.com."
    assert terms_in_words(on_terms(accepted_cards=()), "en").payment_methods == ()


def test_a_trial_of_the_highest_plan_names_no_higher_one() -> None:
    """R6: there is none to move to; a retired one is none, either."""
    last = "After 30 days, add a payment method to continue on Pro or switch to the Free plan"
    alone = a_catalog(a_plan("free", 0, seats=1), a_plan("pro", 19_00))
    for catalog in (alone, evolve(CHATIM, retired={"ultimate"})):
        assert terms_in_words(catalog, "en").trial_bullets[-1] == last


def test_a_plan_of_ones_own_has_its_key_and_what_it_adds() -> None:
    """C4: no tagline, its own limits, and the price of its own interval."""
    many = a_plan("free", 0, seats=3)
    limits: dict[str, Limit] = {Quota.seats: 20, Quota.chats: 1, Quota.chatbot_flows: 1_000}
    limited = evolve(many, limits={**limits, Quota.seats: 3})
    team = evolve(yearly(1_234_50, key="pro"), features=(), limits=limits)
    free, own = plan_cards(a_catalog(limited, team), "en")
    assert (free.title, free.limits, free.heading) == ("Free Plan — $0/month", "", "Includes:")
    assert free.bullets == ("3 team seats", "1 chat", "1,000 chatbot flows")
    assert (own.title, own.bullets) == ("Pro Plan — $1234.50/user/year", ("20 team seats",))
    assert terms_in_words(a_catalog(limited, team), "en").per_seat.endswith("= $3703.50/year.")
    large = plan_cards(with_enterprise(), "fr")[-1]
    assert (large.title, large.tagline) == ("Plan enterprise — 360 $/utilisateur/an", "")


def test_only_plans_on_offer_have_a_card() -> None:
    """C9: who sees the page cannot choose the others."""
    cards = plan_cards(evolve(CHATIM, retired={"ultimate"}), "en")
    assert [card.title for card in cards] == ["Free Plan — $0/month", "Pro Plan — $19/user/month"]


@pytest.mark.parametrize("call", [plan_cards, terms_in_words])
def test_what_is_no_catalogue_is_refused(call: object) -> None:
    """A plan, a tuple of plans."""
    for value in (PRO, CHATIM.plans, None):
        assert error_of(InvalidTypeError, call, value, "fr").name == "catalog"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "french", "english"),
    [
        ("visa", "Visa", "Visa"),
        ("mastercard", "Mastercard", "Mastercard"),
        ("amex", "Amex", "Amex"),
        ("discover", "Discover", "Discover"),
        ("debit", "Cartes de débit", "Debit cards"),
        ("regional", "Certains moyens de paiement régionaux", "Some regional payment methods"),
        ("carte maison", "carte maison", "carte maison"),
    ],
)
def test_a_means_of_payment_has_its_name(key: str, french: str, english: str) -> None:
    """C7: or shows its key."""
    assert (payment_method_text(key, "fr"), payment_method_text(key, "en")) == (french, english)


def test_what_names_no_means_of_payment_is_refused() -> None:
    """Nothing, or a blank."""
    assert error_of(InvalidTypeError, payment_method_text, None, "fr").name == "payment method"
    assert error_of(InvalidValueError, payment_method_text, " ", "fr").name == "payment method"


BADGES = {
    Status.trialing: ("Trial: 21 days left", Colour.yellow),
    Status.trial_ended: ("Trial ended", Colour.yellow),
    Status.free: ("Free", Colour.grey),
    Status.active: ("Active", Colour.green),
    Status.past_due: ("Past due", Colour.yellow),
    Status.restricted: ("Limited", Colour.red),
}


@pytest.mark.parametrize("status", Status)
def test_each_status_has_its_badge(status: Status) -> None:
    """R7: yellow in a trial, as the page says."""
    at = JULY if status is Status.trial_ended else TENTH
    shown = badge(STANDING[status]().subscription, at, "en")
    assert (shown.text, shown.colour) == BADGES[status]
    assert shown == Badge(*BADGES[status])


def test_the_badge_is_of_the_instant_asked_for() -> None:
    """A1: a trial that has ended by then is over, though nobody recorded it."""
    facts = on_trial(JUNE, seats=3).subscription
    assert badge(facts, JUNE, "fr").text == "Essai\xa0: 30 jours restants"
    assert badge(facts, JULY, "fr").text == "Essai terminé"
