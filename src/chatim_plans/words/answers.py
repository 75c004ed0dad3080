"""What was asked and is answered: decisions, differences, downgrades, changes ahead, trials."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from chatim_plans.access.entitlements import Decision, Reason
from chatim_plans.access.what_if import DowngradeReport
from chatim_plans.catalog.features import Feature, Quota
from chatim_plans.catalog.labels import label
from chatim_plans.catalog.matrix import Difference, LimitChange
from chatim_plans.subscriptions.subscription import ScheduledChange
from chatim_plans.subscriptions.trials import TrialEligibility, TrialRefusal
from chatim_plans.words.phrases import Phrase, Writer, sentence

# --- Decisions ---
_OF_FEATURE: Mapping[Reason, Phrase] = MappingProxyType({
    Reason.granted_by_plan: sentence(
        "« {asked} » est inclus dans votre plan {plan}.",
        "{asked} is included in your {plan} plan.",
    ),
    Reason.granted_by_trial: sentence(
        "« {asked} » est inclus dans votre essai du plan {plan}.",
        "{asked} is included in your trial of the {plan} plan.",
    ),
    Reason.not_in_plan: sentence(
        "« {asked} » n'est pas inclus dans votre plan {plan}.",
        "{asked} is not included in your {plan} plan.",
    ),
    Reason.trial_ended: sentence(
        "« {asked} » faisait partie de votre essai, qui est terminé.",
        "{asked} was a part of your trial, which has ended.",
    ),
    Reason.restricted: sentence(
        "« {asked} » est suspendu : votre compte est limité faute de paiement.",
        "{asked} is suspended: your account is limited by failed payments.",
    ),
})

_OF_QUOTA: Mapping[Reason, Phrase] = MappingProxyType({
    Reason.granted_by_plan: sentence(
        "« {asked} » : {used}, dans la limite de votre plan {plan}.",
        "{asked}: {used} is within what your {plan} plan allows.",
    ),
    Reason.granted_by_trial: sentence(
        "« {asked} » : {used}, dans la limite de votre essai du plan {plan}.",
        "{asked}: {used} is within what your trial of the {plan} plan allows.",
    ),
    Reason.over_limit: sentence(
        "« {asked} » : votre plan {plan} permet {limit}, pas {used}.",
        "{asked}: your {plan} plan allows {limit}, not {used}.",
    ),
    Reason.trial_ended: sentence(
        "« {asked} » : l'essai permettait {used}, mais il est terminé, et votre plan {plan}"
        " permet {limit}.",
        "{asked}: the trial allowed {used}, but it has ended, and your {plan} plan allows {limit}.",
    ),
    Reason.restricted: sentence(
        "« {asked} » : {used}, au-delà de la limite tant que votre compte est limité faute de"
        " paiement.",
        "{asked}: {used} is over the limit while your account is limited by failed payments.",
    ),
})

# A document of the wire form's version 1 did not keep what was asked.
_OF_NOTHING_KEPT: Mapping[Reason, Phrase] = MappingProxyType({
    Reason.granted_by_plan: sentence(
        "C'est inclus dans votre plan {plan}.", "It is included in your {plan} plan."
    ),
    Reason.granted_by_trial: sentence(
        "C'est inclus dans votre essai du plan {plan}.",
        "It is included in your trial of the {plan} plan.",
    ),
    Reason.not_in_plan: sentence(
        "Ce n'est pas inclus dans votre plan {plan}.", "It is not included in your {plan} plan."
    ),
    Reason.over_limit: sentence(
        "C'est au-delà de la limite de votre plan {plan}.",
        "It is over the limit of your {plan} plan.",
    ),
    Reason.trial_ended: sentence(
        "C'était une partie de votre essai, qui est terminé.",
        "It was a part of your trial, which has ended.",
    ),
    Reason.restricted: sentence(
        "C'est suspendu : votre compte est limité faute de paiement.",
        "It is suspended: your account is limited by failed payments.",
    ),
})

_PLAN_HAS_IT = sentence("Le plan {cheapest_plan} l'inclut.", "The {cheapest_plan} plan has it.")
_PLAN_ALLOWS_IT = sentence(
    "Le plan {cheapest_plan} le permet.", "The {cheapest_plan} plan allows it."
)
_PAY = sentence(
    "Mettez à jour votre moyen de paiement pour restaurer l'accès.",
    "Update your payment method to restore access.",
)


def _decision(decision: Decision, writer: Writer) -> str:
    facts: dict[str, Any] = {"plan": decision.plan, "used": decision.used}
    match decision.asked:
        case Feature() as asked:
            phrases, remedy = _OF_FEATURE, _PLAN_HAS_IT
            facts["asked"] = asked
        case Quota() as asked:
            phrases, remedy = _OF_QUOTA, _PLAN_ALLOWS_IT
            facts |= {"asked": asked, "limit": decision.plan.limits[asked]}
        case _:
            phrases, remedy = _OF_NOTHING_KEPT, _PLAN_HAS_IT
    said = [writer.write(phrases[decision.reason], **facts)]
    if decision.cheapest_plan is not None:
        said.append(writer.write(remedy, cheapest_plan=decision.cheapest_plan))
    elif decision.reason is Reason.restricted:
        said.append(writer.write(_PAY))
    return " ".join(said)


# --- What a plan gains and loses ---
_GAINED = sentence("Fonctionnalités en plus : {features}.", "Features gained: {features}.")
_LOST = sentence("Fonctionnalités perdues : {features}.", "Features lost: {features}.")
_LIMIT_CHANGES = sentence("« {quota} » : {before} → {after}.", "{quota}: {before} → {after}.")
_NO_DIFFERENCE = sentence(
    "Les deux plans offrent les mêmes fonctionnalités.", "Both plans have the same features."
)


def _features(phrase: Phrase, features: Iterable[Feature], writer: Writer) -> list[str]:
    labels = [label(feature, writer.language) for feature in features]
    return [writer.write(phrase, features=writer.list_of(labels))] if labels else []


def _limits(changes: Iterable[LimitChange], writer: Writer) -> list[str]:
    return [writer.about(_LIMIT_CHANGES, change) for change in changes]


def _difference(difference: Difference, writer: Writer) -> str:
    said = [
        *_features(_GAINED, difference.features_gained, writer),
        *_limits(difference.limits_raised, writer),
        *_features(_LOST, difference.features_lost, writer),
        *_limits(difference.limits_lowered, writer),
    ]
    return "\n".join(said or [writer.write(_NO_DIFFERENCE)])


_TAKES_EFFECT = sentence(
    "Le changement prend effet le {takes_effect:instant}.",
    "The change takes effect on {takes_effect:instant}.",
)
_SEATS_OVER = sentence(
    (
        "{count} membre dépassera la limite de places ; personne n'est supprimé.",
        "{count} membres dépasseront la limite de places ; personne n'est supprimé.",
    ),
    (
        "{count} member will be over the seat limit; nobody is deleted.",
        "{count} members will be over the seat limit; nobody is deleted.",
    ),
)
_CHARGE_AFTER = sentence(
    "À partir de là, le plan coûtera {charge} par période.",
    "From then on the plan will cost {charge} a period.",
)
_NOTHING_AFTER = sentence(
    "À partir de là, le plan ne coûte plus rien.", "From then on the plan costs nothing."
)


def _downgrade(report: DowngradeReport, writer: Writer) -> str:
    said = [
        writer.about(_TAKES_EFFECT, report),
        *_features(_LOST, report.features_lost, writer),
        *_limits(report.limits_lowered, writer),
    ]
    if report.seats_over:
        said.append(writer.write(_SEATS_OVER, report.seats_over))
    said.append(writer.about(_CHARGE_AFTER if report.charge else _NOTHING_AFTER, report))
    return "\n".join(said)


# --- What waits, and who may try ---
_CHANGE = sentence(
    "Passage au plan {plan} le {at:instant}.", "Move to the {plan} plan on {at:instant}."
)


def _change(change: ScheduledChange, writer: Writer) -> str:
    return writer.about(_CHANGE, change)


_TRIALS: Mapping[TrialRefusal | None, Phrase] = MappingProxyType({
    None: sentence(
        "Ce compte peut commencer un essai gratuit.", "This account may start a free trial."
    ),
    TrialRefusal.had_trial: sentence(
        "Ce compte ne peut pas commencer un essai gratuit : il en a déjà eu un.",
        "This account may not start a free trial: it has had one already.",
    ),
    TrialRefusal.was_invoiced: sentence(
        "Ce compte ne peut pas commencer un essai gratuit : il a déjà été facturé.",
        "This account may not start a free trial: it has been invoiced already.",
    ),
})


def _trial(eligibility: TrialEligibility, writer: Writer) -> str:
    return writer.write(_TRIALS[eligibility.reason])


ANSWERS: Mapping[type, Callable[[Any, Writer], str]] = MappingProxyType({
    Decision: _decision,
    Difference: _difference,
    DowngradeReport: _downgrade,
    ScheduledChange: _change,
    TrialEligibility: _trial,
})
"""By class of an answer: how it is said."""
