"""The page's own words: plans, features and prices in French and English.

Regenerates the two published tables, cell by cell. A plan that the wording does not know shows
its key. Source: rule C4; the page "Facturation et abonnement" and its English edition.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from attrs import frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.features import UNLIMITED, Feature, Limit, Quota
from chatim_plans.catalog.matrix import FeatureMatrix
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import UnknownKeyError
from chatim_plans.foundation.languages import Language, language_of
from chatim_plans.foundation.money import Money

Table: TypeAlias = tuple[tuple[str, ...], ...]

_SYMBOLS = MappingProxyType({"USD": "$"})


@frozen(order=False)
class _Wording:
    """One language. `{amount}`, `{symbol}`, `{price}`, `{count}` stand where a figure goes."""

    price_header: tuple[str, ...]
    comparison_header: str
    plan_names: Mapping[str, str]
    audiences: Mapping[str, str]
    labels: Mapping[str, str]
    decimal_mark: str
    symbol_from_code: str
    price: str
    totals: Mapping[int | None, str]
    price_lines: Mapping[int | None, str]
    seat_lines: tuple[str, str]
    unlimited_seats: str
    unlimited: str
    switch: tuple[str, str]


_FRENCH = _Wording(
    price_header=("Plan", "Prix", "Places", "Idéal pour"),
    comparison_header="Fonctionnalité",
    plan_names={"free": "Gratuit", "pro": "Pro", "ultimate": "Ultimate"},
    audiences={
        "free": "Projets personnels, tests",
        "pro": "Petites et moyennes entreprises",
        "ultimate": "Agences, grandes équipes",
    },
    labels={
        Quota.seats: "Places d'équipe",
        Quota.chats: "Chats",
        Quota.chatbot_flows: "Flux de chatbot",
        Feature.javascript_sdk: "JavaScript SDK",
        Feature.visitor_export: "Exporter les visiteurs",
        Feature.custom_branding: "Image de marque personnalisée",
        Feature.contact_buttons: "Boutons de contact",
        Feature.advanced_analytics: "Analyses avancées",
        Feature.standard_support: "Support standard",
        Feature.white_label: "Marque blanche",
        Feature.api_access: "Accès à l'API",
        Feature.ai_chatbot: "Chatbot IA",
        Feature.priority_support: "Support prioritaire",
    },
    decimal_mark=",",
    symbol_from_code="{code}",
    price="{amount} {symbol}",
    totals={None: "{price}/mois", 1: "{price}/mois", 12: "{price}/an"},
    price_lines={
        None: "{price}/mois",
        1: "{price}/utilisateur/mois",
        12: "{price}/utilisateur/an",
    },
    seat_lines=("{count} place", "{count} places"),
    unlimited_seats="Illimitées",
    unlimited="Illimités",
    switch=("Non", "Oui"),
)

_ENGLISH = _Wording(
    price_header=("Plan", "Price", "Seats", "Best For"),
    comparison_header="Feature",
    plan_names={"free": "Free", "pro": "Pro", "ultimate": "Ultimate"},
    audiences={
        "free": "Personal projects, testing",
        "pro": "Small to medium businesses",
        "ultimate": "Agencies, large teams",
    },
    labels={
        Quota.seats: "Team Seats",
        Quota.chats: "Chats",
        Quota.chatbot_flows: "Chatbot Flows",
        Feature.javascript_sdk: "JavaScript SDK",
        Feature.visitor_export: "Export Visitors",
        Feature.custom_branding: "Custom Branding",
        Feature.contact_buttons: "Contact Buttons",
        Feature.advanced_analytics: "Advanced Analytics",
        Feature.standard_support: "Standard Support",
        Feature.white_label: "White Label",
        Feature.api_access: "API Access",
        Feature.ai_chatbot: "AI Chatbot",
        Feature.priority_support: "Priority Support",
    },
    decimal_mark=".",
    symbol_from_code="{code} ",
    price="{symbol}{amount}",
    totals={None: "{price}/month", 1: "{price}/month", 12: "{price}/year"},
    price_lines={
        None: "{price}/month",
        1: "{price}/user/month",
        12: "{price}/user/year",
    },
    seat_lines=("{count} seat", "{count} seats"),
    unlimited_seats="Unlimited",
    unlimited="Unlimited",
    switch=("No", "Yes"),
)

_WORDINGS: Mapping[Language, _Wording] = MappingProxyType({
    Language.fr: _FRENCH,
    Language.en: _ENGLISH,
})

_UNPUBLISHED = frozenset({Feature.standard_support})


def label(of: Plan | Feature | Quota, language: str) -> str:
    """The name of a plan, feature or quota in `"fr"` or `"en"`, or a tag of either: `"fr-FR"`.

    >>> from chatim_plans import FREE, Feature, label
    >>> label(FREE, "fr"), label(Feature.white_label, "en")
    ('Gratuit', 'White Label')

    Raises:
        UnknownKeyError: another language, or nothing that has a label.

    Source: rule C4.
    """
    words = _words(language)
    if isinstance(of, Plan):
        return words.plan_names.get(of.key, of.key)
    known = shapes.plain(of, "feature or quota")
    if known not in words.labels:
        raise UnknownKeyError("feature or quota", of, tuple(words.labels))
    return words.labels[known]


def price_table(catalog: Catalog, language: str) -> Table:
    """The page's table of plans on offer: rows of strings, the header first.

    >>> from chatim_plans import CHATIM, price_table
    >>> price_table(CHATIM, "fr")[2]
    ('Pro', '19 $/utilisateur/mois', 'Illimitées', 'Petites et moyennes entreprises')

    Raises:
        InvalidTypeError: no catalogue.
        UnknownKeyError: a language other than French and English.

    Source: rules C4, C9.
    """
    words = _words(language)
    plans = shapes.instance(catalog, Catalog, "catalog").plans_on_offer
    return (
        words.price_header,
        *(
            (
                label(plan, language),
                price_line(plan, language),
                _seat_line(plan, words),
                words.audiences.get(plan.key, ""),
            )
            for plan in plans
        ),
    )


def comparison_table(catalog: Catalog, language: str) -> Table:
    """The page's table of features by plan on offer: rows of strings, the header first.

    >>> from chatim_plans import CHATIM, comparison_table
    >>> comparison_table(CHATIM, "en")[1]
    ('Team Seats', '1', 'Unlimited', 'Unlimited')

    Raises:
        InvalidTypeError: no catalogue.
        UnknownKeyError: a language other than French and English.

    Source: rules C2, C4, C9 (standard support is not among the published rows).
    """
    words = _words(language)
    matrix = FeatureMatrix(shapes.instance(catalog, Catalog, "catalog").plans_on_offer)
    published = [grant for grant in (*Quota, *Feature) if grant not in _UNPUBLISHED]
    return (
        (words.comparison_header, *(label(plan, language) for plan in matrix.plans)),
        *(
            (label(grant, language), *(_cell(cell, words) for cell in matrix.row(grant).values()))
            for grant in published
        ),
    )


def _words(language: str) -> _Wording:
    return _WORDINGS[language_of(language)]


def short_price(price: Money, language: str) -> str:
    """An amount as the page writes prices: `19 $`, with cents only where there are any."""
    words, code = _words(language), price.currency.code
    whole, _, minor = price.figure.partition(".")
    cents = price.amount % 10**price.currency.digits
    amount = f"{whole}{words.decimal_mark}{minor}" if cents else whole
    symbol = _SYMBOLS.get(code, words.symbol_from_code.format(code=code))
    return words.price.format(amount=amount, symbol=symbol)


def price_line(plan: Plan, language: str) -> str:
    """What a seat of the plan costs, as the page writes it: `19 $/utilisateur/mois`."""
    price = short_price(plan.price, language)
    return _words(language).price_lines[plan.interval_months].format(price=price)


def charge_line(plan: Plan, seats: int, language: str) -> str:
    """What a team costs, as the page writes it: `57 $/mois`."""
    price = short_price(plan.charge(seats), language)
    return _words(language).totals[plan.interval_months].format(price=price)


def _seat_line(plan: Plan, words: _Wording) -> str:
    limit = plan.limits[Quota.seats]
    if limit is UNLIMITED:
        return words.unlimited_seats
    return words.seat_lines[limit > 1].format(count=limit)


def _cell(cell: bool | Limit, words: _Wording) -> str:  # noqa: FBT001 — a cell, not a flag
    if isinstance(cell, bool):
        return words.switch[cell]
    return words.unlimited if cell is UNLIMITED else str(cell)
