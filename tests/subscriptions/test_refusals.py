"""Refusals: the type of each, the values it carries, why, and what to do instead."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest
from attrs import evolve

from chatim_plans import (
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    Account,
    AccountRestrictedError,
    Action,
    ActionRefusedError,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Currency,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    PaymentFailed,
    PaymentMethodRequiredError,
    PaymentOverdueError,
    PaymentSucceeded,
    Refunded,
    Refusal,
    RemovePaymentMethod,
    SeatLimitError,
    StartFree,
    StartTrial,
    TrialRefusedError,
    advance,
    apply,
    downgrade_report,
    monthly_charge,
    open_account,
    replay,
)
from chatim_plans.subscriptions import refusals
from tests.accounts import (
    a_catalog,
    a_plan,
    after,
    on_free,
    on_plan,
    on_trial,
    on_year,
    past_due,
    repriced,
    restricted,
    with_enterprise,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, TENTH
from tests.refused import error_of


def without_card() -> Account:
    """On the plan by the year with three seats, card removed."""
    return after(on_year(JUNE, seats=3), RemovePaymentMethod(at=JUNE))


def small() -> Catalog:
    """A catalogue whose paid plans have five and ten seats, the one with ten the dearer."""
    return a_catalog(
        a_plan("free", 0, seats=1), a_plan("pro", 19_00, seats=5), a_plan("max", 39_00, seats=10)
    )


def five() -> Account:
    """On the plan of five seats, with all of them."""
    return on_plan(small().plan("pro"), JUNE, seats=5, catalog=small())


def without_max() -> Catalog:
    """An edition of it that has retired the one of ten seats."""
    return evolve(small(), edition="next", retired=["max"])


def without_ultimate() -> Catalog:
    """An edition that has no Ultimate."""
    return evolve(repriced("poor"), plans=(FREE, PRO))


def by_the_year() -> Catalog:
    """An edition that bills Pro by the year."""
    return a_catalog(
        FREE,
        evolve(PRO, interval_months=12),
        a_plan("ultimate", 39_00, features=PRO.features),
        edition="yearly",
    )


def in_euro() -> Catalog:
    """An edition in euros."""
    euro = Currency("EUR", 2)
    return a_catalog(
        a_plan("free", 0, seats=1, currency=euro),
        a_plan("pro", 19_00, currency=euro),
        a_plan("ultimate", 39_00, currency=euro),
        edition="euro",
    )


Row = tuple[Callable[[], Account], Callable[[], Action], tuple[Any, ...]]

# The error, its word and its sentence; then who asks for what, and the values that the error carries,
# a plan by its key.
REFUSALS: list[tuple[type[ActionRefusedError], Refusal, str, dict[str, Row]]] = [
    (
        TrialRefusedError,
        Refusal.trial_refused,
        "a trial is for new accounts, and this one is not ({}); choose a plan with ChoosePlan",
        {
            "in the trial": (lambda: on_trial(JUNE), lambda: StartTrial(at=HALF), ("had_trial",)),
            "after the trial": (
                lambda: advance(on_trial(JUNE), JULY).account,
                lambda: StartTrial(at=JULY),
                ("had_trial",),
            ),
            "on Pro": (lambda: on_plan(PRO, JUNE), lambda: StartTrial(at=HALF), ("was_invoiced",)),
            "once on Pro": (
                lambda: advance(restricted(), JULY).account,
                lambda: StartTrial(at=JULY),
                ("was_invoiced",),
            ),
        },
    ),
    (
        ActionRefusedError,
        Refusal.already_open,
        "StartFree opens a history, and this account has one; use Cancel to go back to Free",
        {"a second start": (lambda: on_free(JUNE), lambda: StartFree(at=HALF), ())},
    ),
    (
        AccountRestrictedError,
        Refusal.account_restricted,
        "the account is restricted until a payment succeeds; settle the open invoice first (PaymentSucceeded); shrinking and cancelling work",
        {
            "growing": (lambda: restricted(seats=3), lambda: ChangeSeats(4, at=HALF), ("pro",)),
            "an upgrade": (restricted, lambda: ChoosePlan(ULTIMATE, at=HALF), ("pro",)),
            "a lower plan": (
                lambda: restricted(ULTIMATE),
                lambda: ChoosePlan(PRO, at=HALF),
                ("ultimate",),
            ),
            "a year": (
                lambda: restricted(catalog=with_enterprise()),
                lambda: ChoosePlan(with_enterprise().plan("enterprise"), at=HALF),
                ("pro",),
            ),
        },
    ),
    (
        PaymentOverdueError,
        Refusal.payment_overdue,
        "a payment failed, and none has succeeded since; settle the open invoice first (PaymentSucceeded); shrinking and cancelling work",
        {
            "growing": (lambda: past_due(seats=3), lambda: ChangeSeats(4, at=HALF), ("pro",)),
            "an upgrade": (past_due, lambda: ChoosePlan(ULTIMATE, at=HALF), ("pro",)),
            "a year": (
                lambda: past_due(catalog=with_enterprise()),
                lambda: ChoosePlan(with_enterprise().plan("enterprise"), at=HALF),
                ("pro",),
            ),
            "a month, in a year": (
                lambda: after(on_year(JUNE), PaymentFailed(at=JUNE)),
                lambda: ChoosePlan(PRO, at=HALF),
                ("enterprise",),
            ),
        },
    ),
    (
        PaymentOverdueError,
        Refusal.payment_overdue,
        "a payment failed, and none has succeeded since; settle the open invoice first (PaymentSucceeded)",
        {
            "a new start after leaving": (
                lambda: after(past_due(), Cancel(at_once=True, at=TENTH)),
                lambda: ChoosePlan(PRO, at=HALF),
                ("free",),
            ),
            "a new start after a late failure": (
                lambda: after(
                    on_plan(PRO, JUNE), Cancel(at_once=True, at=TENTH), PaymentFailed(at=TENTH)
                ),
                lambda: ChoosePlan(PRO, at=HALF),
                ("free",),
            ),
        },
    ),
    (
        ActionRefusedError,
        Refusal.no_trial,
        "the end of a trial was moved, and no trial runs; check which account it was meant for",
        {
            "on Free": (lambda: on_free(JUNE), lambda: MoveTrialEnd(JULY, at=HALF), ()),
            "on Pro, now": (lambda: on_plan(PRO, JUNE), lambda: MoveTrialEnd(HALF, at=HALF), ()),
            "at the trial's end": (
                lambda: on_trial(JUNE),
                lambda: MoveTrialEnd(AUGUST, at=JULY),
                (),
            ),
        },
    ),
    (
        ActionRefusedError,
        Refusal.trial_end_past,
        "the trial's end, 2026-06-10T00:00:00+00:00, would be before the action, 2026-06-16T00:00:00+00:00; move it to the action's instant to end the trial now",
        {"into the past": (lambda: on_trial(JUNE), lambda: MoveTrialEnd(TENTH, at=HALF), ())},
    ),
    (
        PaymentMethodRequiredError,
        Refusal.payment_method_required,
        "'{}' with {} seat charges at once, and no payment method is on file; add one first (AddPaymentMethod)",
        {"a start": (lambda: on_free(JUNE), lambda: ChoosePlan(PRO, at=HALF), ("pro", 1))},
    ),
    (
        PaymentMethodRequiredError,
        Refusal.payment_method_required,
        "'{}' with {} seats charges at once, and no payment method is on file; add one first (AddPaymentMethod)",
        {
            "growing by the year": (
                without_card,
                lambda: ChangeSeats(4, at=HALF),
                ("enterprise", 4),
            ),
        },
    ),
    (
        ActionRefusedError,
        Refusal.seats_with_choice,
        "a seat count can come only with a choice that starts a plan or upgrades it; choose the plan without seats, and use ChangeSeats",
        {
            "with the plan held": (
                lambda: on_plan(PRO, JUNE),
                lambda: ChoosePlan(PRO, 2, at=HALF),
                (),
            )
        },
    ),
    (
        SeatLimitError,
        Refusal.seat_limit,
        "{} seats are more than the {} of '{}'; choose '{}' first",
        {
            "on Free": (
                lambda: on_free(JUNE),
                lambda: ChangeSeats(2, at=HALF),
                (2, 1, "free", "pro"),
            ),
            "on a plan of five": (five, lambda: ChangeSeats(6, at=HALF), (6, 5, "pro", "max")),
            "with a start": (
                lambda: on_free(JUNE, card=True, catalog=small()),
                lambda: ChoosePlan(small().plan("pro"), 6, at=HALF),
                (6, 5, "pro", "max"),
            ),
            "in the trial": (
                lambda: on_trial(JUNE, seats=5, catalog=small()),
                lambda: ChangeSeats(6, at=HALF),
                (6, 5, "pro", "max"),
            ),
        },
    ),
    (
        SeatLimitError,
        Refusal.seat_limit,
        "{} seats are more than the {} of '{}'; no plan allows that many",
        {
            "that any plan has": (five, lambda: ChangeSeats(11, at=HALF), (11, 5, "pro", None)),
            "that any plan on offer has": (
                lambda: after(five(), MoveToEdition(without_max(), at=JUNE)),
                lambda: ChangeSeats(6, at=HALF),
                (6, 5, "pro", None),
            ),
            "with an upgrade": (
                five,
                lambda: ChoosePlan(small().plan("max"), 11, at=HALF),
                (11, 10, "max", None),
            ),
        },
    ),
    (
        ActionRefusedError,
        Refusal.never_invoiced,
        "a payment was reported on an account that was never invoiced; check which account the report belongs to",
        {
            "a failure on Free": (lambda: on_free(JUNE), lambda: PaymentFailed(at=HALF), ()),
            "a success in the trial": (
                lambda: on_trial(JUNE),
                lambda: PaymentSucceeded(at=HALF),
                (),
            ),
        },
    ),
    (
        ActionRefusedError,
        Refusal.edition_mismatch,
        "an account of edition '2026' cannot move to 'poor': it has no plan 'ultimate'; keep every plan key, its interval and the currency",
        {
            "on Pro": (
                lambda: on_plan(PRO, JUNE),
                lambda: MoveToEdition(without_ultimate(), at=HALF),
                (),
            )
        },
    ),
    (
        ActionRefusedError,
        Refusal.edition_mismatch,
        "an account of edition '2026' cannot move to 'yearly': it bills 'pro' by another interval; keep every plan key, its interval and the currency",
        {"on Free": (lambda: on_free(JUNE), lambda: MoveToEdition(by_the_year(), at=HALF), ())},
    ),
    (
        ActionRefusedError,
        Refusal.edition_mismatch,
        "an account of edition '2026' cannot move to 'euro': it sells in EUR, not USD; keep every plan key, its interval and the currency",
        {"in the trial": (lambda: on_trial(JUNE), lambda: MoveToEdition(in_euro(), at=HALF), ())},
    ),
]


@pytest.mark.parametrize(
    ("kind", "word", "sentence", "account", "action", "values"),
    [
        pytest.param(kind, word, sentence, *row, id=f"{kind.__name__}, {name}")
        for kind, word, sentence, rows in REFUSALS
        for name, row in rows.items()
    ],
)
def test_a_refusal_says_why_and_leaves_the_account_as_it_was(
    kind: type[ActionRefusedError],
    word: Refusal,
    sentence: str,
    account: Callable[[], Account],
    action: Callable[[], Action],
    values: tuple[Any, ...],
) -> None:
    """P7: the error's type and word, the whole message, the values beside its words; nothing has changed."""
    held = account()
    error = error_of(kind, apply, held, action())
    because, instead, refusal, *carried = attrs.astuple(error, recurse=False)
    plans = {plan.key: plan for plan in held.subscription.catalog.plans}
    assert refusal is word
    assert str(error) == f"refused: {because}; {instead}"
    assert str(error) == f"refused: {sentence.format(*values)}"
    assert carried == [plans.get(value, value) for value in values]
    assert held == account()


ALLOWED: dict[str, tuple[Callable[[], Account], Callable[[], Action], int]] = {
    "the last seat that the plan has": (
        lambda: on_plan(small().plan("pro"), JUNE, seats=4, catalog=small()),
        lambda: ChangeSeats(5, at=HALF),
        5,
    ),
    "fewer seats, though still over the limit": (
        lambda: advance(on_trial(JUNE, seats=9, catalog=unlimited_trial()), JULY).account,
        lambda: ChangeSeats(8, at=JULY),
        8,
    ),
    "a plan smaller than the team": (
        lambda: advance(on_trial(JUNE, seats=9, catalog=unlimited_trial()), JULY).account,
        lambda: ChangeSeats(9, at=JULY),
        9,
    ),
    "any number of seats on a plan without a limit": (
        lambda: on_plan(PRO, JUNE),
        lambda: ChangeSeats(100_000, at=HALF),
        100_000,
    ),
}


def unlimited_trial() -> Catalog:
    """A catalogue whose Free has five seats, and the trial any number."""
    return a_catalog(a_plan("free", 0, seats=5), a_plan("pro", 19_00, seats=UNLIMITED))


@pytest.mark.parametrize(("account", "action", "seats"), ALLOWED.values(), ids=ALLOWED)
def test_there_is_room(
    account: Callable[[], Account], action: Callable[[], Action], seats: int
) -> None:
    """S3: up to the limit, and down from over it."""
    assert apply(account(), action()).account.subscription.seats == seats


def test_a_team_over_the_limit_may_choose_a_plan_that_is_too_small() -> None:
    """S3, S4: seven members buy the plan for five and are all charged."""
    catalog = a_catalog(a_plan("free", 0, seats=1), a_plan("pro", 19_00, seats=5))
    account = after(on_trial(JUNE, seats=5, catalog=catalog))
    team = evolve(account, subscription=evolve(account.subscription, seats=7, payment_method=True))
    ended = advance(team, JULY)
    assert (ended.account.subscription.seats, ended.invoices[0].total) == (7, Money(13_300, USD))


def test_free_is_of_no_interval() -> None:
    """C6: inside a year's period Free can be chosen."""
    assert apply(without_card(), ChoosePlan(FREE, at=HALF)).invoices == ()


def test_a_trial_may_end_at_the_instant_it_is_moved() -> None:
    """R8: which ends it now; a second before would be the past."""
    refusals.check_trial_end(HALF, HALF)
    error_of(ActionRefusedError, refusals.check_trial_end, HALF, HALF - timedelta(seconds=1))


ELSEWHERE: dict[Refusal, Callable[[], object]] = {
    Refusal.not_open: lambda: replay([]),
    Refusal.not_lower: lambda: downgrade_report(on_plan(PRO, JUNE).subscription, PRO, HALF),
    Refusal.refund_too_large: lambda: apply(
        on_plan(PRO, JUNE), Refunded(1, Money(19_01, USD), at=HALF)
    ),
    Refusal.unknown_invoice: lambda: apply(on_plan(PRO, JUNE), PaymentFailed(invoice=2, at=HALF)),
    Refusal.interval_mismatch: lambda: monthly_charge(by_the_year().plan("pro"), 1),
    Refusal.plan_not_offered: lambda: apply(
        on_free(JUNE), ChoosePlan(by_the_year().plan("pro"), at=HALF)
    ),
}
"""What is refused by other modules, by its word."""


@pytest.mark.parametrize(("word", "call"), ELSEWHERE.items())
def test_whatever_is_refused_has_a_word(word: Refusal, call: Callable[[], object]) -> None:
    """P7: also where another module than the lifecycle's refuses it."""
    with pytest.raises(ActionRefusedError) as caught:
        call()
    assert caught.value.refusal is word


def test_an_account_is_opened_by_a_start_alone() -> None:
    """P7: what opens no account has the same word as an empty history."""
    assert error_of(ActionRefusedError, open_account, Cancel(at=JUNE)).refusal is Refusal.not_open


def test_each_word_is_said_of_something() -> None:
    """No word of `Refusal` without a refusal here."""
    assert {word for _, word, _, _ in REFUSALS} | set(ELSEWHERE) == set(Refusal)


def test_a_word_of_ones_own_copies() -> None:
    """A refusal that an application makes has a word where it is given one, and keeps it."""
    error = ActionRefusedError("it is closed", "open another", refusal=Refusal.not_open)
    assert pickle.loads(pickle.dumps(error)).refusal is Refusal.not_open
    assert ActionRefusedError("it is closed", "open another").refusal is None
    with pytest.raises(TypeError):
        ActionRefusedError("it is closed", "open another", Refusal.not_open)  # type: ignore[call-arg]
