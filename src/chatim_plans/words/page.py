"""The billing page's own words: plans as cards, the trial, payment, refunds; and the badge.

French is the page's, word for word, its plain spaces too; English follows it.

Source: the page "Facturation et abonnement", rules C1–C4, C7, R1, R7, B1, F1, D1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen

from chatim_plans.catalog.catalogs import Catalog, Terms
from chatim_plans.catalog.features import UNLIMITED, Feature, Limit, Quota
from chatim_plans.catalog.labels import charge_line, label, price_line, short_price
from chatim_plans.catalog.matrix import difference_of_plans
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.values import Value
from chatim_plans.subscriptions.subscription import OnTrial, Status, Subscription
from chatim_plans.subscriptions.timing import at_instant
from chatim_plans.subscriptions.trials import trial_days_left
from chatim_plans.words.messages import DAYS_LEFT
from chatim_plans.words.names import CREDIT_CARDS, NAMES, payment_method_name
from chatim_plans.words.phrases import Phrase, Writer

# --- Plans as cards ---
_TITLE = Phrase("Plan {plan} — {price}", "{plan} Plan — {price}")

_TAGLINES: Mapping[str, Phrase] = MappingProxyType({
    "free": Phrase(
        "Parfait pour commencer et les projets personnels.",
        "Perfect for getting started and personal projects.",
    ),
    "pro": Phrase(
        "Le choix le plus populaire pour les entreprises en croissance.",
        "The most popular choice for growing businesses.",
    ),
    "ultimate": Phrase(
        "Plan complet pour les agences et les entreprises.",
        "The complete plan for agencies and enterprises.",
    ),
})

_INCLUDES = Phrase("Inclut :", "Includes:")
_EVERYTHING_PLUS = Phrase(
    "Tout ce qui est dans le plan {plan}, plus :", "Everything in the {plan} plan, plus:"
)

_FEATURE_BULLETS: Mapping[Feature, Phrase] = MappingProxyType({
    Feature.visitor_export: Phrase(
        "Exporter les visiteurs en CSV/Excel", "Export visitors to CSV/Excel"
    ),
    Feature.contact_buttons: Phrase(
        "Boutons de contact (WhatsApp, Telegram, téléphone, e-mail et plus)",
        "Contact buttons (WhatsApp, Telegram, phone, email and more)",
    ),
    Feature.advanced_analytics: Phrase(
        "Analyses et rapports avancés", "Advanced analytics and reports"
    ),
    Feature.white_label: Phrase(
        "Solution en marque blanche (supprimer toute la marque Chatim)",
        "White-label solution (remove all Chatim branding)",
    ),
    Feature.api_access: Phrase("Accès complet à l'API", "Full API access"),
    Feature.ai_chatbot: Phrase(
        "Chatbot IA (propulsé par Vertex AI et Claude)",
        "AI chatbot (powered by Vertex AI and Claude)",
    ),
})
"""Where a bullet says more than the feature's label."""

_UNLIMITED_BULLETS: Mapping[Quota, Phrase] = MappingProxyType({
    Quota.seats: Phrase("Places d'équipe illimitées", "Unlimited team seats"),
    Quota.chats: Phrase("Chats illimités", "Unlimited chats"),
    Quota.chatbot_flows: Phrase("Flux de chatbot illimités", "Unlimited chatbot flows"),
})

_LIMITED_BULLETS: Mapping[Quota, Phrase] = MappingProxyType({
    Quota.seats: Phrase("{count:seats} d'équipe", ("{count} team seat", "{count} team seats")),
    Quota.chats: Phrase(("{count} chat", "{count} chats"), ("{count} chat", "{count} chats")),
    Quota.chatbot_flows: Phrase(
        ("{count} flux de chatbot", "{count} flux de chatbot"),
        ("{count} chatbot flow", "{count} chatbot flows"),
    ),
})

_LIMITS_OF_FREE = Phrase(
    "Limitations : Un seul utilisateur, pas de fonctionnalités premium.",
    "Limitations: A single user, no premium features.",
)


@frozen(order=False)
class PlanCard(Value):
    """A plan as the page shows it: its title with the price, its tagline, and what it includes.

    `tagline` and `limits` are empty where the page has none for this plan.

    >>> from chatim_plans.words import plan_cards
    >>> from chatim_plans import CHATIM
    >>> free, pro, _ = plan_cards(CHATIM, "fr")
    >>> pro.title
    'Plan Pro — 19 $/utilisateur/mois'
    >>> pro.tagline
    'Le choix le plus populaire pour les entreprises en croissance.'
    >>> pro.heading, pro.bullets[1]
    ('Tout ce qui est dans le plan Gratuit, plus :', 'Exporter les visiteurs en CSV/Excel')

    Source: rules C2–C4; the page's "Comparaison des plans".
    """

    title: str
    tagline: str
    heading: str
    bullets: tuple[str, ...]
    limits: str


def plan_cards(catalog: Catalog, language: str) -> tuple[PlanCard, ...]:
    """The plans on offer as cards, in rank order: each says what it adds to the one below it.

    >>> from chatim_plans.words import plan_cards
    >>> from chatim_plans import CHATIM
    >>> [card.title for card in plan_cards(CHATIM, "en")]
    ['Free Plan — $0/month', 'Pro Plan — $19/user/month', 'Ultimate Plan — $39/user/month']

    Raises:
        InvalidTypeError: no catalogue.
        UnknownKeyError: a language other than French and English.

    Source: rules C3, C4, C9; the page's "Comparaison des plans".
    """
    plans = shapes.instance(catalog, Catalog, "catalog").plans_on_offer
    writer = Writer.of(language, UTC)
    below = (None, *plans[:-1])
    return tuple(_card(plan, lower, writer) for plan, lower in zip(plans, below, strict=True))


def _card(plan: Plan, below: Plan | None, writer: Writer) -> PlanCard:
    tagline, price = _TAGLINES.get(plan.key), price_line(plan, writer.language)
    heading = _INCLUDES if below is None else _EVERYTHING_PLUS
    single = plan.is_free and plan.limits[Quota.seats] == 1
    return PlanCard(
        title=writer.write(_TITLE, plan=plan, price=price),
        tagline="" if tagline is None else writer.write(tagline),
        heading=writer.write(heading, plan=below or plan),
        bullets=tuple(_bullets(plan, below, writer)),
        limits=writer.write(_LIMITS_OF_FREE) if single else "",
    )


def _bullets(plan: Plan, below: Plan | None, writer: Writer) -> Iterator[str]:
    added = None if below is None else difference_of_plans(below, plan)
    raised = set(Quota) if added is None else {change.quota for change in added.limits_raised}
    for quota in (quota for quota in Quota if quota in raised):
        yield _limit_bullet(quota, plan.limits[quota], writer)
    gained = plan.features if added is None else set(added.features_gained)
    for feature in (feature for feature in Feature if feature in gained):
        phrase = _FEATURE_BULLETS.get(feature)
        yield label(feature, writer.language) if phrase is None else writer.write(phrase)


def _limit_bullet(quota: Quota, limit: Limit, writer: Writer) -> str:
    if limit is UNLIMITED:
        return writer.write(_UNLIMITED_BULLETS[quota])
    return writer.write(_LIMITED_BULLETS[quota], limit)


# --- The terms of sale ---
@frozen(order=False)
class TermsInWords(Value):
    """The terms of sale as the page says them, in whole sentences.

    >>> from chatim_plans.words import terms_in_words
    >>> from chatim_plans import CHATIM
    >>> said = terms_in_words(CHATIM, "fr")
    >>> said.trial
    "Les nouveaux utilisateurs bénéficient d'un essai gratuit de 30 jours du plan Pro :"
    >>> said.payment_methods[1]
    'Cartes de débit'

    Source: rules B1, R1, C7, F1, D1; the page's sections on them.
    """

    per_seat: str
    trial: str
    trial_bullets: tuple[str, ...]
    payment_methods: tuple[str, ...]
    payment_fails: tuple[str, ...]
    refund: str
    support: str


_SEATS_OF_EXAMPLE = 3

_PER_SEAT = Phrase(
    "Les plans payants sont facturés par utilisateur actif. Par exemple, un plan {plan} avec"
    " {count} membres d'équipe coûte {price} × {count} = {charge}.",
    "Paid plans are billed per active user. For example, a {plan} plan with {count} team members"
    " costs {price} × {count} = {charge}.",
)
_TRIAL = Phrase(
    "Les nouveaux utilisateurs bénéficient d'un essai gratuit de {days:days} du plan {plan} :",
    "New users get a free trial of {days:days} of the {plan} plan:",
)
_IN_TRIAL = (
    Phrase(
        "Accès complet à toutes les fonctionnalités {plan}", "Full access to all {plan} features"
    ),
    Phrase("Aucune carte de crédit requise pour commencer", "No credit card required to start"),
    Phrase("Annulez à tout moment pendant l'essai", "Cancel at any time during the trial"),
)
_AFTER_TRIAL = Phrase(
    "Après {days:days}, ajoutez un moyen de paiement pour continuer sur {plan} ou basculer vers le"
    " plan {free}",
    "After {days:days}, add a payment method to continue on {plan} or switch to the {free} plan",
)
_AFTER_TRIAL_OR_HIGHER = Phrase(
    "Après {days:days}, ajoutez un moyen de paiement pour continuer sur {plan}, passer à {higher}"
    " ou basculer vers le plan {free}",
    "After {days:days}, add a payment method to continue on {plan}, move to {higher} or switch to"
    " the {free} plan",
)
_CREDIT_CARDS = Phrase("Cartes de crédit ({cards})", "Credit cards ({cards})")
_PAYMENT_FAILS = (
    Phrase(
        "Stripe réessaiera le paiement automatiquement", "Stripe retries the payment automatically"
    ),
    Phrase("Vous recevrez des notifications par e-mail", "You receive notifications by email"),
    Phrase(
        "Après plusieurs échecs, votre compte peut être limité",
        "After several failures your account may be limited",
    ),
    Phrase(
        "Mettez à jour votre moyen de paiement pour restaurer l'accès",
        "Update your payment method to restore access",
    ),
)
_REFUND = Phrase(
    fr=(
        (
            "Contactez {support} dans le jour suivant la facturation pour les demandes de"
            " remboursement. Nous les traitons au cas par cas."
        ),
        (
            "Contactez {support} dans les {count} jours suivant la facturation pour les demandes de"
            " remboursement. Nous les traitons au cas par cas."
        ),
    ),
    en=(
        (
            "Contact {support} within {count} day of billing to ask for a refund. Each request is"
            " decided case by case."
        ),
        (
            "Contact {support} within {count} days of billing to ask for a refund. Each request is"
            " decided case by case."
        ),
    ),
)
_SUPPORT = Phrase("le support", "support")
_CONTACT = Phrase("Contactez {support}.", "Contact {support}.")


def terms_in_words(catalog: Catalog, language: str) -> TermsInWords:
    """The terms of sale of a catalogue as the page says them.

    Support is reached as the terms say; where they do not, it is only named.

    >>> from chatim_plans.words import terms_in_words
    >>> from chatim_plans import CHATIM
    >>> terms_in_words(CHATIM, "en").payment_methods[0]
    'Credit cards (Visa, Mastercard, Amex, Discover)'

    Raises:
        InvalidTypeError: no catalogue.
        UnknownKeyError: a language other than French and English.

    Source: rules B1, R1, R4, C7, F1, D1; the page's sections on them.
    """
    terms = shapes.instance(catalog, Catalog, "catalog").terms
    writer = Writer.of(language, UTC)
    plan, seats = catalog.trial_plan, _SEATS_OF_EXAMPLE
    support = terms.support or writer.write(_SUPPORT)
    return TermsInWords(
        per_seat=writer.write(
            _PER_SEAT,
            seats,
            plan=plan,
            price=short_price(plan.price, language),
            charge=charge_line(plan, seats, language),
        ),
        trial=writer.write(_TRIAL, days=terms.trial_days, plan=plan),
        trial_bullets=(
            *(writer.write(bullet, plan=plan) for bullet in _IN_TRIAL),
            _after_trial(catalog, writer),
        ),
        payment_methods=tuple(_payment_methods(terms, writer)),
        payment_fails=tuple(writer.write(bullet) for bullet in _PAYMENT_FAILS),
        refund=writer.write(_REFUND, terms.refund_days, support=support),
        support=writer.write(_CONTACT, support=support),
    )


def _after_trial(catalog: Catalog, writer: Writer) -> str:
    plan, free, days = catalog.trial_plan, catalog.free_plan, catalog.terms.trial_days
    higher = [each for each in catalog.plans_on_offer if catalog.is_upgrade(plan, each)]
    if not higher:
        return writer.write(_AFTER_TRIAL, days=days, plan=plan, free=free)
    return writer.write(_AFTER_TRIAL_OR_HIGHER, days=days, plan=plan, free=free, higher=higher[0])


def _payment_methods(terms: Terms, writer: Writer) -> Iterator[str]:
    """The cards of a brand in one line, and every other means in one of its own."""
    cards = [card for card in terms.accepted_cards if card in CREDIT_CARDS]
    if cards:
        names = ", ".join(payment_method_name(card, writer) for card in cards)
        yield writer.write(_CREDIT_CARDS, cards=names)
    for key in terms.accepted_cards:
        if key not in CREDIT_CARDS:
            yield payment_method_name(key, writer)


def payment_method_text(key: str, language: str) -> str:
    """The name of a means of payment, a key of the terms' `accepted_cards` or a card's brand.

    One that has no word shows its key, as a plan does.

    >>> from chatim_plans.words import payment_method_text
    >>> payment_method_text("visa", "fr"), payment_method_text("debit", "en")
    ('Visa', 'Debit cards')

    Raises:
        InvalidTypeError, InvalidValueError: no text, or a blank one.
        UnknownKeyError: a language other than French and English.

    Source: rule C7.
    """
    return payment_method_name(shapes.text(key, "payment method"), Writer.of(language, UTC))


# --- The badge ---
class Colour(StrEnum):
    """The colour of a badge.

    >>> from chatim_plans.words import badge
    >>> from chatim_plans import StartTrial, open_account, utc
    >>> start = utc("2026-03-01")
    >>> badge(open_account(StartTrial(at=start)).account.subscription, start, "fr").colour.value
    'yellow'

    Source: rule R7 (yellow); the rest is ours.
    """

    green = "green"
    yellow = "yellow"
    red = "red"
    grey = "grey"


@frozen(order=False)
class Badge(Value):
    """How an account stands, in a word or two and a colour.

    >>> from chatim_plans.words import badge
    >>> from chatim_plans import StartFree, open_account, utc
    >>> start = utc("2026-03-01")
    >>> badge(open_account(StartFree(at=start)).account.subscription, start, "fr")
    Badge(text=Gratuit, colour=grey)
    """

    text: str
    colour: Colour


_COLOURS: Mapping[Status, Colour] = MappingProxyType({
    Status.trialing: Colour.yellow,
    Status.trial_ended: Colour.yellow,
    Status.free: Colour.grey,
    Status.active: Colour.green,
    Status.past_due: Colour.yellow,
    Status.restricted: Colour.red,
})


def badge(subscription: Subscription, at: datetime, language: str) -> Badge:
    """The badge of an account at the instant `at`: yellow in a trial, with the days left.

    >>> from chatim_plans.words import badge
    >>> from chatim_plans import StartTrial, open_account, utc
    >>> subscription = open_account(StartTrial(at=utc("2026-03-01"))).account.subscription
    >>> shown = badge(subscription, utc("2026-03-20"), "en")
    >>> shown.text, shown.colour.value
    ('Trial: 11 days left', 'yellow')

    Raises:
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, or no instant.
        UnknownKeyError: a language other than French and English.

    Source: rule R7; the page's "badge jaune".
    """
    writer = Writer.of(language, UTC)
    at = instant(at)
    then = at_instant(subscription, at)
    colour = _COLOURS[then.present_status]
    if isinstance(then.phase, OnTrial):
        return Badge(writer.write(DAYS_LEFT, trial_days_left(then.phase, at)), colour)
    return Badge(writer.write(NAMES[Status][then.present_status]), colour)
