"""The words of every vocabulary: statuses, reasons, causes, kinds, roles, means of payment."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from chatim_plans.access.entitlements import Reason
from chatim_plans.access.notices import PaymentRequiredBecause
from chatim_plans.access.roles import Role
from chatim_plans.billing.invoices import InvoiceCause, LineKind
from chatim_plans.subscriptions.moves import EventKind
from chatim_plans.subscriptions.subscription import Standing, Status
from chatim_plans.subscriptions.trials import TrialRefusal
from chatim_plans.words.phrases import Phrase, Writer

NAMES: Mapping[type[StrEnum], Mapping[StrEnum, Phrase]] = MappingProxyType({
    Status: {
        Status.trialing: Phrase("Essai gratuit", "Free trial"),
        Status.trial_ended: Phrase("Essai terminé", "Trial ended"),
        Status.free: Phrase("Gratuit", "Free"),
        Status.active: Phrase("Actif", "Active"),
        Status.past_due: Phrase("Paiement en retard", "Past due"),
        Status.restricted: Phrase("Limité", "Limited"),
    },
    Standing: {
        Standing.good: Phrase("À jour", "Paid up"),
        Standing.past_due: Phrase("Paiement en retard", "Past due"),
        Standing.restricted: Phrase("Limité", "Limited"),
    },
    Reason: {
        Reason.granted_by_plan: Phrase("Inclus dans votre plan", "Included in your plan"),
        Reason.granted_by_trial: Phrase("Inclus dans votre essai", "Included in your trial"),
        Reason.not_in_plan: Phrase("Non inclus dans votre plan", "Not included in your plan"),
        Reason.over_limit: Phrase("Au-delà de la limite de votre plan", "Over your plan's limit"),
        Reason.trial_ended: Phrase("Votre essai est terminé", "Your trial has ended"),
        Reason.restricted: Phrase("Votre compte est limité", "Your account is limited"),
    },
    Role: {
        Role.admin: Phrase("Administrateur", "Admin"),
        Role.manager: Phrase("Gestionnaire", "Manager"),
    },
    TrialRefusal: {
        TrialRefusal.had_trial: Phrase(
            "Ce compte a déjà eu un essai", "This account has had a trial"
        ),
        TrialRefusal.was_invoiced: Phrase(
            "Ce compte a déjà été facturé", "This account has been invoiced"
        ),
    },
    PaymentRequiredBecause: {
        PaymentRequiredBecause.standing: Phrase("Paiement en retard", "Payment overdue"),
        PaymentRequiredBecause.trial_ended: Phrase("Essai terminé", "Trial ended"),
        PaymentRequiredBecause.no_payment_method: Phrase(
            "Moyen de paiement manquant ou expiré", "Payment method missing or expired"
        ),
    },
    LineKind: {
        LineKind.subscription: Phrase("Abonnement", "Subscription"),
        LineKind.unused_time: Phrase("Temps non utilisé", "Unused time"),
        LineKind.remaining_time: Phrase("Temps restant", "Remaining time"),
    },
    InvoiceCause: {
        InvoiceCause.plan_started: Phrase("Début de l'abonnement", "Subscription started"),
        InvoiceCause.trial_converted: Phrase("Fin de l'essai gratuit", "Free trial ended"),
        InvoiceCause.period_renewed: Phrase("Renouvellement", "Renewal"),
        InvoiceCause.upgraded: Phrase("Mise à niveau", "Upgrade"),
        InvoiceCause.interval_changed: Phrase(
            "Changement de rythme de facturation", "Change of billing interval"
        ),
        InvoiceCause.seats_changed: Phrase("Changement de places", "Change of seats"),
        InvoiceCause.billing_stopped: Phrase("Fin de la facturation", "End of billing"),
    },
    EventKind: {
        EventKind.start_trial: Phrase("Début de l'essai gratuit", "Free trial started"),
        EventKind.start_free: Phrase("Ouverture du compte", "Account opened"),
        EventKind.keep_plan: Phrase("Plan gardé", "Plan kept"),
        EventKind.choose_higher: Phrase("Passage à un plan supérieur", "Move to a higher plan"),
        EventKind.choose_lower: Phrase(
            "Passage à un plan inférieur demandé", "Move to a lower plan requested"
        ),
        EventKind.choose_free: Phrase("Annulation demandée", "Cancellation requested"),
        EventKind.change_interval: Phrase(
            "Changement de rythme de facturation", "Change of billing interval"
        ),
        EventKind.change_interval_later: Phrase(
            "Changement de rythme de facturation demandé", "Change of billing interval requested"
        ),
        EventKind.cancel_at_once: Phrase("Annulation immédiate", "Cancelled at once"),
        EventKind.resume: Phrase("Changement prévu retiré", "Scheduled change withdrawn"),
        EventKind.grow: Phrase("Places ajoutées", "Seats added"),
        EventKind.shrink: Phrase("Places retirées", "Seats removed"),
        EventKind.keep_seats: Phrase("Places gardées", "Seats kept"),
        EventKind.add_payment_method: Phrase("Moyen de paiement ajouté", "Payment method added"),
        EventKind.remove_payment_method: Phrase(
            "Moyen de paiement retiré", "Payment method removed"
        ),
        EventKind.payment_failed: Phrase("Paiement refusé", "Payment failed"),
        EventKind.payment_failed_finally: Phrase(
            "Dernière tentative de paiement refusée", "Last payment attempt failed"
        ),
        EventKind.payment_succeeded: Phrase("Paiement reçu", "Payment received"),
        EventKind.move_to_edition: Phrase(
            "Autre grille tarifaire prévue", "Move to another price list"
        ),
        EventKind.move_trial_end: Phrase("Fin de l'essai déplacée", "Trial's end moved"),
        EventKind.adjust_credit: Phrase("Solde ajusté", "Balance adjusted"),
        EventKind.refund: Phrase("Remboursement", "Refund"),
        EventKind.trial_converts: Phrase(
            "Fin de l'essai, début du plan", "Trial over, plan started"
        ),
        EventKind.trial_lapses: Phrase("Fin de l'essai", "Trial over"),
        EventKind.period_renews: Phrase("Renouvellement", "Renewal"),
        EventKind.change_to_free_is_due: Phrase("Retour au plan gratuit", "Back to the free plan"),
        EventKind.grace_lapses: Phrase("Délai de paiement écoulé", "Time to pay ran out"),
        EventKind.restriction_lapses: Phrase(
            "Retour au plan gratuit, faute de paiement",
            "Back to the free plan after failed payments",
        ),
    },
})
"""By vocabulary and member: its name for a badge, a cell or a list. (Members of two vocabularies
can be equal texts.)
"""

CREDIT_CARDS = ("visa", "mastercard", "amex", "discover")
"""The keys of the cards that the page names together (rule C7)."""

_PAYMENT_METHODS: Mapping[str, Phrase] = MappingProxyType({
    "visa": Phrase("Visa", "Visa"),
    "mastercard": Phrase("Mastercard", "Mastercard"),
    "amex": Phrase("Amex", "Amex"),
    "discover": Phrase("Discover", "Discover"),
    "debit": Phrase("Cartes de débit", "Debit cards"),
    "regional": Phrase("Certains moyens de paiement régionaux", "Some regional payment methods"),
})


def payment_method_name(key: str, writer: Writer) -> str:
    """A means of payment; one that has no word shows its key, as a plan does."""
    phrase = _PAYMENT_METHODS.get(key)
    return key if phrase is None else writer.write(phrase)
