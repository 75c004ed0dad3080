"""Refusals: the type of each, the values it carries, why, and what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from attrs import evolve

from chatim_plans import (
    FREE,
    PRO,
    UNLIMITED,
    USD,
    Account,
    AccountRestrictedError,
    Action,
    ActionRefusedError,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Currency,
    IntervalMismatchError,
    Money,
    MoveToEdition,
    PaymentFailed,
    PaymentMethodRequiredError,
    PaymentSucceeded,
    RemovePaymentMethod,
    SeatLimitError,
    StartFree,
    StartTrial,
    TrialRefusedError,
    advance,
    apply,
)
from tests.accounts import (
    a_catalog,
    a_plan,
    after,
    on_free,
    on_plan,
    on_trial,
    repriced,
    with_enterprise,
)
from tests.instants import HALF, JULY, JUNE


def restricted() -> Account:
    """On Pro with three seats, after the last retry failed."""
    return after(on_plan(PRO, JUNE, seats=3), PaymentFailed(final=True, at=JUNE))


def on_year(*, seats: int = 3) -> Account:
    """On a plan by the year, card removed."""
    catalog = with_enterprise()
    account = on_plan(catalog.plan("enterprise"), JUNE, seats=seats, catalog=catalog)
    return after(account, RemovePaymentMethod(at=JUNE))


def small() -> Catalog:
    """A catalogue whose paid plans have five and ten seats, the one with ten the dearer."""
    return a_catalog(
        a_plan("free", 0, seats=1), a_plan("pro", 19_00, seats=5), a_plan("max", 39_00, seats=10)
    )


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


Case = tuple[Callable[[], Account], Callable[[], Action], type[ActionRefusedError], Any, str]

NO_VALUES: Callable[[], dict[str, object]] = dict

REFUSALS: dict[str, Case] = {
    "a trial during the trial": (
        lambda: on_trial(JUNE),
        lambda: StartTrial(at=HALF),
        TrialRefusedError,
        lambda: {"reason": "had_trial"},
        (
            "refused: a trial is for new accounts, and this one is not (had_trial); "
            "choose a plan with ChoosePlan"
        ),
    ),
    "a trial after the trial": (
        lambda: advance(on_trial(JUNE), JULY).account,
        lambda: StartTrial(at=JULY),
        TrialRefusedError,
        lambda: {"reason": "had_trial"},
        (
            "refused: a trial is for new accounts, and this one is not (had_trial); "
            "choose a plan with ChoosePlan"
        ),
    ),
    "a trial of a customer": (
        lambda: on_plan(PRO, JUNE),
        lambda: StartTrial(at=HALF),
        TrialRefusedError,
        lambda: {"reason": "was_invoiced"},
        (
            "refused: a trial is for new accounts, and this one is not (was_invoiced); "
            "choose a plan with ChoosePlan"
        ),
    ),
    "a trial of a customer of before": (
        lambda: advance(restricted(), JULY).account,
        lambda: StartTrial(at=JULY),
        TrialRefusedError,
        lambda: {"reason": "was_invoiced"},
        (
            "refused: a trial is for new accounts, and this one is not (was_invoiced); "
            "choose a plan with ChoosePlan"
        ),
    ),
    "a second start": (
        lambda: on_free(JUNE),
        lambda: StartFree(at=HALF),
        ActionRefusedError,
        NO_VALUES,
        (
            "refused: StartFree opens a history, and this account has one; "
            "use Cancel to go back to Free"
        ),
    ),
    "growing while restricted": (
        restricted,
        lambda: ChangeSeats(4, at=HALF),
        AccountRestrictedError,
        lambda: {"held_plan": PRO},
        (
            "refused: the account is restricted until a payment succeeds; settle the open invoice "
            "first (PaymentSucceeded); shrinking and cancelling work"
        ),
    ),
    "an upgrade while restricted": (
        restricted,
        lambda: ChoosePlan(repriced().plan("ultimate"), at=HALF),
        AccountRestrictedError,
        lambda: {"held_plan": PRO},
        (
            "refused: the account is restricted until a payment succeeds; settle the open invoice "
            "first (PaymentSucceeded); shrinking and cancelling work"
        ),
    ),
    "a start without a card": (
        lambda: on_free(JUNE),
        lambda: ChoosePlan(PRO, at=HALF),
        PaymentMethodRequiredError,
        lambda: {"plan": PRO, "seats": 1},
        (
            "refused: 'pro' with 1 seats charges at once, and no payment method is on file; "
            "add one first (AddPaymentMethod)"
        ),
    ),
    "growing a year's plan without a card": (
        on_year,
        lambda: ChangeSeats(4, at=HALF),
        PaymentMethodRequiredError,
        lambda: {"plan": with_enterprise().plan("enterprise"), "seats": 4},
        (
            "refused: 'enterprise' with 4 seats charges at once, and no payment method is on file; "
            "add one first (AddPaymentMethod)"
        ),
    ),
    "seats with the plan held": (
        lambda: on_plan(PRO, JUNE),
        lambda: ChoosePlan(PRO, 2, at=HALF),
        ActionRefusedError,
        NO_VALUES,
        (
            "refused: a seat count can come only with a choice that starts a plan or upgrades it; "
            "choose the plan without seats, and use ChangeSeats"
        ),
    ),
    "a second seat on Free": (
        lambda: on_free(JUNE),
        lambda: ChangeSeats(2, at=HALF),
        SeatLimitError,
        lambda: {"seats": 2, "limit": 1, "plan": FREE, "cheapest_plan": PRO},
        "refused: 2 seats are more than the 1 of 'free'; choose 'pro' first",
    ),
    "a sixth seat of five": (
        lambda: on_plan(small().plan("pro"), JUNE, seats=5, catalog=small()),
        lambda: ChangeSeats(6, at=HALF),
        SeatLimitError,
        lambda: {
            "seats": 6,
            "limit": 5,
            "plan": small().plan("pro"),
            "cheapest_plan": small().plan("max"),
        },
        "refused: 6 seats are more than the 5 of 'pro'; choose 'max' first",
    ),
    "more seats than any plan has": (
        lambda: on_plan(small().plan("pro"), JUNE, seats=5, catalog=small()),
        lambda: ChangeSeats(11, at=HALF),
        SeatLimitError,
        lambda: {"seats": 11, "limit": 5, "plan": small().plan("pro"), "cheapest_plan": None},
        "refused: 11 seats are more than the 5 of 'pro'; no plan allows that many",
    ),
    "too many seats with a start": (
        lambda: on_free(JUNE, card=True, catalog=small()),
        lambda: ChoosePlan(small().plan("pro"), 6, at=HALF),
        SeatLimitError,
        lambda: {
            "seats": 6,
            "limit": 5,
            "plan": small().plan("pro"),
            "cheapest_plan": small().plan("max"),
        },
        "refused: 6 seats are more than the 5 of 'pro'; choose 'max' first",
    ),
    "too many seats with an upgrade": (
        lambda: on_plan(small().plan("pro"), JUNE, seats=5, catalog=small()),
        lambda: ChoosePlan(small().plan("max"), 11, at=HALF),
        SeatLimitError,
        lambda: {"seats": 11, "limit": 10, "plan": small().plan("max"), "cheapest_plan": None},
        "refused: 11 seats are more than the 10 of 'max'; no plan allows that many",
    ),
    "too many seats in the trial": (
        lambda: on_trial(JUNE, seats=5, catalog=small()),
        lambda: ChangeSeats(6, at=HALF),
        SeatLimitError,
        lambda: {
            "seats": 6,
            "limit": 5,
            "plan": small().plan("pro"),
            "cheapest_plan": small().plan("max"),
        },
        "refused: 6 seats are more than the 5 of 'pro'; choose 'max' first",
    ),
    "a year's plan inside a month": (
        lambda: on_plan(PRO, JUNE, catalog=with_enterprise()),
        lambda: ChoosePlan(with_enterprise().plan("enterprise"), at=HALF),
        IntervalMismatchError,
        lambda: {"plan": with_enterprise().plan("enterprise"), "expected_months": 1},
        (
            "refused: 'enterprise' is not billed by the interval that runs, 1 months; "
            "cancel, and choose it when the account is on Free"
        ),
    ),
    "a month's plan inside a year": (
        on_year,
        lambda: ChoosePlan(PRO, at=HALF),
        IntervalMismatchError,
        lambda: {"plan": PRO, "expected_months": 12},
        (
            "refused: 'pro' is not billed by the interval that runs, 12 months; "
            "cancel, and choose it when the account is on Free"
        ),
    ),
    "a failure on an account that was never invoiced": (
        lambda: on_free(JUNE),
        lambda: PaymentFailed(at=HALF),
        ActionRefusedError,
        NO_VALUES,
        (
            "refused: a payment was reported on an account that was never invoiced; "
            "check which account the report belongs to"
        ),
    ),
    "a success in a trial": (
        lambda: on_trial(JUNE),
        lambda: PaymentSucceeded(at=HALF),
        ActionRefusedError,
        NO_VALUES,
        (
            "refused: a payment was reported on an account that was never invoiced; "
            "check which account the report belongs to"
        ),
    ),
    "an edition without a plan of the old one": (
        lambda: on_plan(PRO, JUNE),
        lambda: MoveToEdition(without_ultimate(), at=HALF),
        ActionRefusedError,
        NO_VALUES,
        (
            "refused: an account of edition '2026' cannot move to 'poor': it has no plan 'ultimate'; "
            "keep every plan key, its interval and the currency"
        ),
    ),
    "an edition with another interval, on Free": (
        lambda: on_free(JUNE),
        lambda: MoveToEdition(by_the_year(), at=HALF),
        ActionRefusedError,
        NO_VALUES,
        (
            "refused: an account of edition '2026' cannot move to 'yearly': it bills 'pro' by "
            "another interval; keep every plan key, its interval and the currency"
        ),
    ),
    "an edition in another currency, in the trial": (
        lambda: on_trial(JUNE),
        lambda: MoveToEdition(in_euro(), at=HALF),
        ActionRefusedError,
        NO_VALUES,
        (
            "refused: an account of edition '2026' cannot move to 'euro': it sells in EUR, not USD; "
            "keep every plan key, its interval and the currency"
        ),
    ),
}


@pytest.mark.parametrize(
    ("account", "action", "kind", "values", "message"), REFUSALS.values(), ids=REFUSALS
)
def test_a_refusal_says_why_and_what_to_do_instead(
    account: Callable[[], Account],
    action: Callable[[], Action],
    kind: type[ActionRefusedError],
    values: Callable[[], dict[str, object]],
    message: str,
) -> None:
    """P7: the error's type, the values it carries beside its words, and the whole message."""
    with pytest.raises(ActionRefusedError) as caught:
        apply(account(), action())
    carried = attrs.asdict(caught.value, recurse=False)
    because, instead = carried.pop("because"), carried.pop("instead")
    assert type(caught.value) is kind
    assert carried == values()
    assert str(caught.value) == message
    assert f"refused: {because}; {instead}" == message


@pytest.mark.parametrize(
    ("account", "action", "kind", "values", "message"), REFUSALS.values(), ids=REFUSALS
)
def test_what_is_refused_leaves_the_account_as_it_was(
    account: Callable[[], Account],
    action: Callable[[], Action],
    kind: type[ActionRefusedError],
    values: Callable[[], dict[str, object]],
    message: str,
) -> None:
    """P7: the same facts before and after, so that the next action finds them."""
    held = account()
    with pytest.raises(kind):
        apply(held, action())
    assert held == account(), (values(), message)


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
        lambda: after(advance(on_trial(JUNE, seats=9, catalog=unlimited_trial()), JULY).account),
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
    assert apply(on_year(), ChoosePlan(FREE, at=HALF)).invoices == ()
