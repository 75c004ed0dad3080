"""The page's own headings, in both languages; what is said of an account is the library's."""

from chatim_plans.words import Language

_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Facturation et abonnement", "Billing and subscription"),
    "other_language": ("In English", "En français"),
    "plan": ("Votre plan", "Your plan"),
    "seats": ("Places", "Seats"),
    "balance": ("Solde créditeur", "Credit balance"),
    "upcoming": ("Prochaine facture", "Upcoming invoice"),
    "no_upcoming": (
        "Aucune facture n'est prévue\N{NO-BREAK SPACE}: le temps seul n'en émettra pas.",
        "No invoice is coming: time alone will issue none.",
    ),
    "why": ("D'où viennent ces montants", "How these amounts come about"),
    "move_up": ("Passer au plan {}", "Move up to {}"),
    "due_now": ("À payer maintenant\N{NO-BREAK SPACE}: {}", "Due now: {}"),
    "move_down": ("Passer au plan {}", "Move down to {}"),
    "history": ("Historique", "History"),
    "plans": ("Les plans", "Plans"),
    "terms": ("Conditions", "Terms"),
    "payment_methods": (
        "Moyens de paiement acceptés\N{NO-BREAK SPACE}:",
        "Payment methods accepted:",
    ),
    "payment_fails": ("Si un paiement échoue\N{NO-BREAK SPACE}:", "If a payment fails:"),
    "accounts": ("Comptes de l'exemple", "Accounts of the example"),
    "scheduled_downgrade": ("Passage à un plan inférieur prévu", "Downgrade scheduled"),
    "waiting_seats": ("Places en attente de facture", "Seats not invoiced yet"),
    "not_admin": ("Page réservée aux administrateurs", "For admins only"),
    "not_admin_text": (
        "Demandez à un administrateur de votre équipe d'ouvrir cette page.",
        "Ask an admin of your team to open this page.",
    ),
    "not_found": ("Compte introuvable", "No such account"),
    "not_found_text": (
        "Aucun compte ne porte ce nom. Choisissez-en un ci-dessous.",
        "No account has this name. Choose one below.",
    ),
    "not_understood": ("Adresse incomprise", "Address not understood"),
    "not_understood_text": (
        "La langue est fr ou en, et le rôle admin ou manager.",
        "The language is fr or en, and the role admin or manager.",
    ),
}


def texts(language: Language) -> dict[str, str]:
    """The texts of one language, by name."""
    return {name: both[language is Language.en] for name, both in _TEXTS.items()}
