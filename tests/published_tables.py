"""The two tables of the public page in both languages, typed in full from the page."""

from __future__ import annotations

PRICES = {
    "fr": """
        Plan     | Prix                   | Places     | Idéal pour
        Gratuit  | 0 $/mois               | 1 place    | Projets personnels, tests
        Pro      | 19 $/utilisateur/mois  | Illimitées | Petites et moyennes entreprises
        Ultimate | 39 $/utilisateur/mois  | Illimitées | Agences, grandes équipes
    """,
    "en": """
        Plan     | Price          | Seats     | Best For
        Free     | $0/month       | 1 seat    | Personal projects, testing
        Pro      | $19/user/month | Unlimited | Small to medium businesses
        Ultimate | $39/user/month | Unlimited | Agencies, large teams
    """,
}
FEATURES = {
    "fr": """
        Fonctionnalité                | Gratuit   | Pro       | Ultimate
        Places d'équipe               | 1         | Illimités | Illimités
        Chats                         | Illimités | Illimités | Illimités
        Flux de chatbot               | Illimités | Illimités | Illimités
        JavaScript SDK                | Oui       | Oui       | Oui
        Exporter les visiteurs        | Non       | Oui       | Oui
        Image de marque personnalisée | Non       | Oui       | Oui
        Boutons de contact            | Non       | Oui       | Oui
        Analyses avancées             | Non       | Oui       | Oui
        Marque blanche                | Non       | Non       | Oui
        Accès à l'API                 | Non       | Non       | Oui
        Chatbot IA                    | Non       | Non       | Oui
        Support prioritaire           | Non       | Non       | Oui
    """,
    "en": """
        Feature            | Free      | Pro       | Ultimate
        Team Seats         | 1         | Unlimited | Unlimited
        Chats              | Unlimited | Unlimited | Unlimited
        Chatbot Flows      | Unlimited | Unlimited | Unlimited
        JavaScript SDK     | Yes       | Yes       | Yes
        Export Visitors    | No        | Yes       | Yes
        Custom Branding    | No        | Yes       | Yes
        Contact Buttons    | No        | Yes       | Yes
        Advanced Analytics | No        | Yes       | Yes
        White Label        | No        | No        | Yes
        API Access         | No        | No        | Yes
        AI Chatbot         | No        | No        | Yes
        Priority Support   | No        | No        | Yes
    """,
}


def cells(table: str) -> tuple[tuple[str, ...], ...]:
    """The cells of a table that is written out."""
    return tuple(tuple(map(str.strip, row.split("|"))) for row in table.strip().splitlines())
