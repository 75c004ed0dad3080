"""Notices and refusals as messages: a title, a text, what to do, and who should see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from attrs import AttrsInstance, frozen

from chatim_plans.access.notices import (
    AccountRestrictedNotice,
    ChangeScheduledNotice,
    PaymentRequiredBecause,
    PaymentRequiredNotice,
    PriceChangeNotice,
    SeatsOverLimitNotice,
    TrialEndedNotice,
    TrialRunningNotice,
)
from chatim_plans.foundation import shapes
from chatim_plans.foundation.values import Value
from chatim_plans.subscriptions.refusals import (
    AccountRestrictedError,
    ActionRefusedError,
    IntervalMismatchError,
    PaymentMethodRequiredError,
    PaymentOverdueError,
    PlanNotOfferedError,
    Refusal,
    SeatLimitError,
    TrialRefusedError,
)
from chatim_plans.subscriptions.trials import TrialRefusal
from chatim_plans.words.phrases import Phrase, Writer, sentence


class Level(StrEnum):
    """How much a message matters: nothing to do, something to do, or something that is barred.

    >>> from chatim_plans import PRO, AccountRestrictedNotice
    >>> from chatim_plans.words import say
    >>> say(AccountRestrictedNotice(PRO), "en").level.value
    'blocking'
    """

    info = "info"
    warning = "warning"
    blocking = "blocking"


@frozen(order=False)
class Message(Value):
    """What people are told: a short `title`, a `text` of whole sentences, and `what_to_do`.

    `what_to_do` is empty where there is nothing to do. `admins_only` says that only who may open
    the billing page should see it (rule A4).

    >>> from chatim_plans import PaymentRequiredNotice
    >>> from chatim_plans.words import say
    >>> message = say(PaymentRequiredNotice(), "fr")
    >>> message.title, message.level.value, message.admins_only
    ('Paiement requis', 'warning', True)

    Raises:
        InvalidTypeError, InvalidValueError: a text that is none, or a title or text that is blank.

    Source: rules D5, A4, P7; the page's notices.
    """

    title: str
    text: str
    what_to_do: str
    level: Level
    admins_only: bool

    def __attrs_post_init__(self) -> None:
        shapes.text(self.title, "title")
        shapes.text(self.text, "text")
        shapes.plain(self.what_to_do, "what_to_do")
        shapes.instance(self.level, Level, "level")
        shapes.instance(self.admins_only, bool, "admins_only")

    def __str__(self) -> str:
        """All of it, in a line: the title, the text, and what to do."""
        return " ".join(filter(None, (f"{self.title}.", self.text, self.what_to_do)))


@frozen
class _Wording:
    """The phrases of a message; `count` is the name of the fact that says for how many."""

    title: Phrase
    text: Phrase
    what_to_do: Phrase | None = None
    level: Level = Level.blocking
    admins_only: bool = False
    count: str | None = None

    def about(self, value: AttrsInstance, writer: Writer) -> Message:
        count = None if self.count is None else getattr(value, self.count)
        return Message(
            title=writer.about(self.title, value, count),
            text=writer.about(self.text, value, count),
            what_to_do="" if self.what_to_do is None else writer.about(self.what_to_do, value),
            level=self.level,
            admins_only=self.admins_only,
        )


_PAYMENT_REQUIRED = Phrase("Paiement requis", "Payment required")
_OPEN_PORTAL = sentence(
    "Ouvrez le portail Stripe pour mettre à jour votre moyen de paiement et régler la facture.",
    "Open the Stripe portal to update your payment method and settle the invoice.",
)

_PAYMENT_REQUIRED_BECAUSE: Mapping[PaymentRequiredBecause | None, _Wording] = MappingProxyType({
    PaymentRequiredBecause.standing: _Wording(
        _PAYMENT_REQUIRED,
        sentence(
            "Un paiement a échoué, et aucun n'a abouti depuis.",
            "A payment failed, and none has succeeded since.",
        ),
        _OPEN_PORTAL,
        Level.warning,
        admins_only=True,
    ),
    PaymentRequiredBecause.trial_ended: _Wording(
        _PAYMENT_REQUIRED,
        sentence(
            "Votre essai gratuit est terminé, et aucun plan n'est choisi.",
            "Your free trial has ended, and no plan is chosen.",
        ),
        sentence(
            "Choisissez un plan, avec un moyen de paiement enregistré, ou gardez le plan gratuit.",
            "Choose a plan, with a payment method on file, or keep the free plan.",
        ),
        Level.warning,
        admins_only=True,
    ),
    PaymentRequiredBecause.no_payment_method: _Wording(
        _PAYMENT_REQUIRED,
        Phrase(
            "Votre moyen de paiement a peut-être expiré ou est manquant.",
            "Your payment method may have expired or is missing.",
        ),
        Phrase(
            "Mettez à jour votre carte pour éviter une interruption de service.",
            "Update your card to avoid an interruption of service.",
        ),
        Level.warning,
        admins_only=True,
    ),
    None: _Wording(
        _PAYMENT_REQUIRED,
        sentence(
            "Le compte ne peut pas continuer ainsi sans un paiement.",
            "The account cannot go on as it is without a payment.",
        ),
        Phrase(
            "Cliquez sur le lien pour ouvrir le portail Stripe et ajouter un moyen de paiement.",
            "Click the link to open the Stripe portal and add a payment method.",
        ),
        Level.warning,
        admins_only=True,
    ),
})

DAYS_LEFT = sentence(
    ("Essai : {count} jour restant", "Essai : {count} jours restants"),
    ("Trial: {count} day left", "Trial: {count} days left"),
)
"""The words of the yellow badge (rule R7)."""

_NOTICES: Mapping[type, _Wording] = MappingProxyType({
    AccountRestrictedNotice: _Wording(
        Phrase("Compte limité", "Account limited"),
        sentence(
            "Faute de paiement, votre plan {held_plan} est suspendu : vous avez les"
            " fonctionnalités du plan gratuit.",
            "As payments failed, your {held_plan} plan is suspended: you have the features of the"
            " free plan.",
        ),
        Phrase(
            "Mettez à jour votre moyen de paiement pour restaurer l'accès.",
            "Update your payment method to restore access.",
        ),
    ),
    TrialEndedNotice: _Wording(
        Phrase("Essai terminé", "Trial ended"),
        sentence(
            "Vous avez les fonctionnalités du plan gratuit.",
            "You have the features of the free plan.",
        ),
        sentence(
            "Choisissez un plan pour retrouver toutes vos fonctionnalités.",
            "Choose a plan to have all your features back.",
        ),
        Level.warning,
    ),
    SeatsOverLimitNotice: _Wording(
        Phrase("Trop de membres pour votre plan", "Too many members for your plan"),
        Phrase(
            (
                "L'équipe a {seats:members}, un de plus que la limite de {limit}.",
                "L'équipe a {seats:members}, {count} de plus que la limite de {limit}.",
            ),
            (
                "The team has {seats:members}, one more than the limit of {limit}.",
                "The team has {seats:members}, {count} more than the limit of {limit}.",
            ),
        ),
        sentence(
            "Réduisez l'équipe, ou passez (ou revenez) à un plan plus grand. Personne n'est"
            " supprimé.",
            "Make the team smaller, or move (back) to a larger plan. Nobody is deleted.",
        ),
        Level.warning,
        admins_only=True,
        count="over",
    ),
    ChangeScheduledNotice: _Wording(
        Phrase("Changement de plan à venir", "Change of plan ahead"),
        sentence(
            "Votre compte passera au plan {plan} le {at:day}.",
            "Your account will move to the {plan} plan on {at:day}.",
        ),
        level=Level.info,
        admins_only=True,
    ),
    PriceChangeNotice: _Wording(
        Phrase("Changement de prix", "Change of price"),
        sentence(
            "À partir du {at:day}, une place du plan {plan} coûtera {after} par période au lieu de"
            " {before}.",
            "From {at:day} on, a seat of the {plan} plan will cost {after} a period instead of"
            " {before}.",
        ),
        level=Level.info,
        admins_only=True,
    ),
    TrialRunningNotice: _Wording(
        DAYS_LEFT,
        sentence(
            "Votre essai gratuit du plan {plan} se termine le {trial_end:day}.",
            "Your free trial of the {plan} plan ends on {trial_end:day}.",
        ),
        sentence(
            "Sans moyen de paiement enregistré, le compte passe ensuite au plan gratuit.",
            "Without a payment method on file the account is then on the free plan.",
        ),
        Level.info,
        count="days_left",
    ),
})

_SETTLE_FIRST = sentence(
    "Réglez d'abord la facture en attente ; réduire l'équipe et annuler restent possibles.",
    "Settle the open invoice first; making the team smaller and cancelling still work.",
)
_NOT_POSSIBLE = Phrase("Action impossible", "Not possible")
_TRIAL_REFUSED = Phrase("Pas d'essai pour ce compte", "No trial for this account")
_CHOOSE_A_PLAN = Phrase("Choisissez un plan.", "Choose a plan.")
_CHECK_ACCOUNT = Phrase(
    "Vérifiez de quel compte il s'agit.", "Check which account this was meant for."
)

_REFUSALS: Mapping[Refusal | None, _Wording] = MappingProxyType({
    Refusal.seats_with_choice: _Wording(
        _NOT_POSSIBLE,
        sentence(
            "Le nombre de places ne peut pas changer avec ce choix de plan.",
            "The number of seats cannot change with this choice of plan.",
        ),
        Phrase(
            "Choisissez le plan seul, puis changez le nombre de places.",
            "Choose the plan alone, then change the number of seats.",
        ),
    ),
    Refusal.already_open: _Wording(
        _NOT_POSSIBLE,
        Phrase("Ce compte est déjà ouvert.", "This account is open already."),
        Phrase(
            "Pour revenir au plan gratuit, annulez l'abonnement.",
            "To go back to the free plan, cancel the subscription.",
        ),
    ),
    Refusal.not_open: _Wording(
        _NOT_POSSIBLE,
        Phrase("Ce compte n'est pas encore ouvert.", "This account is not open yet."),
        Phrase(
            "Commencez par l'essai gratuit ou par le plan gratuit.",
            "Begin with the free trial or with the free plan.",
        ),
    ),
    Refusal.not_lower: _Wording(
        _NOT_POSSIBLE,
        Phrase("Ce plan n'est pas inférieur au vôtre.", "This plan is not lower than yours."),
        Phrase("Choisissez un plan inférieur.", "Choose a lower plan."),
    ),
    Refusal.no_trial: _Wording(
        _NOT_POSSIBLE, Phrase("Aucun essai n'est en cours.", "No trial is running."), _CHECK_ACCOUNT
    ),
    Refusal.trial_end_past: _Wording(
        _NOT_POSSIBLE,
        Phrase(
            "La fin de l'essai ne peut pas être dans le passé.", "A trial cannot end in the past."
        ),
        Phrase("Choisissez une date à venir.", "Choose a day to come."),
    ),
    Refusal.never_invoiced: _Wording(
        _NOT_POSSIBLE,
        Phrase("Ce compte n'a jamais été facturé.", "This account was never invoiced."),
        _CHECK_ACCOUNT,
    ),
    Refusal.unknown_invoice: _Wording(
        _NOT_POSSIBLE,
        Phrase("Ce compte n'a pas cette facture.", "This account has no such invoice."),
        _CHECK_ACCOUNT,
    ),
    Refusal.refund_too_large: _Wording(
        _NOT_POSSIBLE,
        Phrase(
            "Le remboursement dépasse ce qui reste de la facture.",
            "The refund is more than what is left of the invoice.",
        ),
        Phrase(
            "Remboursez au plus ce qui n'a pas encore été remboursé.",
            "Give back at most what was not given back yet.",
        ),
    ),
    Refusal.edition_mismatch: _Wording(
        _NOT_POSSIBLE,
        Phrase(
            "Ces nouveaux tarifs ne conviennent pas à ce compte.",
            "These new prices do not fit this account.",
        ),
        Phrase(
            "Gardez chaque plan, son rythme de facturation et la devise.",
            "Keep each plan, its billing interval and the currency.",
        ),
    ),
})

_REFUSED = _Wording(
    _NOT_POSSIBLE,
    Phrase(
        "Cette action n'est pas possible maintenant, et rien n'a changé.",
        "This is not possible now, and nothing has changed.",
    ),
    Phrase(
        "Contactez le support si vous pensez que c'est une erreur.",
        "Contact support if you think that this is a mistake.",
    ),
)

_REFUSED_WITH_FACTS: Mapping[type[ActionRefusedError], _Wording] = MappingProxyType({
    AccountRestrictedError: _Wording(
        Phrase("Compte limité", "Account limited"),
        sentence(
            "Votre plan {held_plan} est suspendu tant qu'aucun paiement n'a abouti.",
            "Your {held_plan} plan is suspended until a payment succeeds.",
        ),
        _SETTLE_FIRST,
    ),
    PaymentOverdueError: _Wording(
        Phrase("Paiement en retard", "Payment overdue"),
        sentence(
            "Un paiement a échoué, et aucun n'a abouti depuis.",
            "A payment failed, and none has succeeded since.",
        ),
        sentence("Réglez d'abord la facture en attente.", "Settle the open invoice first."),
    ),
    PaymentMethodRequiredError: _Wording(
        Phrase("Moyen de paiement requis", "Payment method required"),
        sentence(
            "Le plan {plan} avec {seats:seats} se paie tout de suite, et aucun moyen de paiement"
            " n'est enregistré.",
            "The {plan} plan with {seats:seats} is paid at once, and no payment method is on file.",
        ),
        Phrase("Ajoutez d'abord un moyen de paiement.", "Add a payment method first."),
    ),
    PlanNotOfferedError: _Wording(
        Phrase("Plan non proposé", "Plan not on offer"),
        sentence(
            "Le plan {plan} n'est pas proposé à ce compte.",
            "The {plan} plan is not on offer to this account.",
        ),
        Phrase("Choisissez l'un des plans proposés.", "Choose one of the plans on offer."),
    ),
    IntervalMismatchError: _Wording(
        _NOT_POSSIBLE,
        sentence(
            "Le plan {plan} est facturé à un autre rythme.",
            "The {plan} plan is billed at another interval.",
        ),
        Phrase(
            "Demandez son prix pour son propre rythme.", "Ask for its price for its own interval."
        ),
    ),
})

_TRIALS_REFUSED: Mapping[TrialRefusal | None, _Wording] = MappingProxyType({
    TrialRefusal.had_trial: _Wording(
        _TRIAL_REFUSED,
        sentence(
            "L'essai gratuit est pour les nouveaux comptes, et celui-ci en a déjà eu un.",
            "The free trial is for new accounts, and this one has had it already.",
        ),
        _CHOOSE_A_PLAN,
    ),
    TrialRefusal.was_invoiced: _Wording(
        _TRIAL_REFUSED,
        sentence(
            "L'essai gratuit est pour les nouveaux comptes, et celui-ci a déjà été facturé.",
            "The free trial is for new accounts, and this one has been invoiced already.",
        ),
        _CHOOSE_A_PLAN,
    ),
    None: _Wording(
        _TRIAL_REFUSED,
        sentence(
            "L'essai gratuit est pour les nouveaux comptes.", "The free trial is for new accounts."
        ),
        _CHOOSE_A_PLAN,
    ),
})

_SEATS = Phrase("Limite de places atteinte", "Seat limit reached")
_TOO_MANY_SEATS = sentence(
    "Le plan {plan} permet {limit:seats}, et l'équipe en aurait {seats}.",
    "The {plan} plan has {limit:seats}, and the team would have {seats}.",
)
_LARGER_PLAN = _Wording(
    _SEATS,
    _TOO_MANY_SEATS,
    Phrase("Choisissez d'abord le plan {cheapest_plan}.", "Choose the {cheapest_plan} plan first."),
)
_NO_LARGER_PLAN = _Wording(
    _SEATS,
    _TOO_MANY_SEATS,
    sentence("Aucun plan n'en permet autant : contactez-nous.", "No plan has as many: contact us."),
)


def _of_payment_required(notice: PaymentRequiredNotice, writer: Writer) -> Message:
    return _PAYMENT_REQUIRED_BECAUSE[notice.because].about(notice, writer)


def _of_trial_refused(error: TrialRefusedError, writer: Writer) -> Message:
    wording = _TRIALS_REFUSED.get(error.reason, _TRIALS_REFUSED[None])
    return wording.about(error, writer)


def _of_seat_limit(error: SeatLimitError, writer: Writer) -> Message:
    wording = _NO_LARGER_PLAN if error.cheapest_plan is None else _LARGER_PLAN
    return wording.about(error, writer)


def _of_any_refusal(error: ActionRefusedError, writer: Writer) -> Message:
    return _REFUSALS.get(error.refusal, _REFUSED).about(error, writer)


MESSAGES: Mapping[type, Callable[[Any, Writer], Message]] = MappingProxyType({
    **{kind: wording.about for kind, wording in {**_NOTICES, **_REFUSED_WITH_FACTS}.items()},
    PaymentRequiredNotice: _of_payment_required,
    TrialRefusedError: _of_trial_refused,
    SeatLimitError: _of_seat_limit,
    ActionRefusedError: _of_any_refusal,
})
"""By class of what is told: how its message is written."""
