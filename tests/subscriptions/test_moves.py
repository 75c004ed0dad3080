"""How an action, or time, reads for an account: its event, and the rate it aims at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from attrs import evolve, frozen

from chatim_plans import (
    USD,
    Action,
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    InvalidTypeError,
    Money,
    MoveToEdition,
    PaymentFailed,
    PaymentSucceeded,
    Plan,
    PlanNotOfferedError,
    RemovePaymentMethod,
    Resume,
    ScheduledChange,
    StartFree,
    StartTrial,
    Status,
    Subscription,
)
from chatim_plans.subscriptions.moves import Event, Move, move_of, move_of_time
from chatim_plans.subscriptions.occurrences import Rate
from tests.accounts import a_plan, on_plan, on_trial
from tests.instants import AUGUST, HALF, JULY, JUNE, TENTH
from tests.refused import error_of, values_of
from tests.subscriptions.accounts import cancelled, ladder, plan, standing_at

Make = Callable[[], Action]

# The action, then how it reads on Free (marked or not), in the trial and on the paid plan Pro,
# each of three seats; and the plan and seats it aims at there.
READINGS: dict[str, tuple[Make, str, str, str, str]] = {
    "StartTrial": (
        lambda: StartTrial(5, at=HALF),
        "start_trial",
        "start_trial",
        "pro × 5",
        "pro × 5",
    ),
    "StartFree": (lambda: StartFree(at=HALF), "start_free", "start_free", "free × 3", "pro × 3"),
    "ChoosePlan, Free": (
        lambda: ChoosePlan(plan("free"), at=HALF),
        "keep_plan",
        "choose_free",
        "free × 3",
        "free × 3",
    ),
    "ChoosePlan, the lower": (
        lambda: ChoosePlan(plan("solo"), at=HALF),
        "choose_higher",
        "choose_lower",
        "solo × 3",
        "solo × 3",
    ),
    "ChoosePlan, the middle": (
        lambda: ChoosePlan(plan("pro"), at=HALF),
        "choose_higher",
        "keep_plan",
        "pro × 3",
        "pro × 3",
    ),
    "ChoosePlan, the higher": (
        lambda: ChoosePlan(plan("top"), at=HALF),
        "choose_higher",
        "choose_higher",
        "top × 3",
        "top × 3",
    ),
    "ChoosePlan with seats": (
        lambda: ChoosePlan(plan("top"), 7, at=HALF),
        "choose_higher",
        "choose_higher",
        "top × 7",
        "top × 7",
    ),
    "ChangeSeats, one more": (
        lambda: ChangeSeats(4, at=HALF),
        "grow",
        "grow",
        "free × 4",
        "pro × 4",
    ),
    "ChangeSeats, one less": (
        lambda: ChangeSeats(2, at=HALF),
        "shrink",
        "shrink",
        "free × 2",
        "pro × 2",
    ),
    "ChangeSeats, the same": (
        lambda: ChangeSeats(3, at=HALF),
        "keep_seats",
        "keep_seats",
        "free × 3",
        "pro × 3",
    ),
    "Cancel": (lambda: Cancel(at=HALF), "choose_free", "choose_free", "free × 3", "free × 3"),
    "Resume": (lambda: Resume(at=HALF), "resume", "resume", "free × 3", "pro × 3"),
    "AddPaymentMethod": (
        lambda: AddPaymentMethod(at=HALF),
        "add_payment_method",
        "add_payment_method",
        "free × 3",
        "pro × 3",
    ),
    "RemovePaymentMethod": (
        lambda: RemovePaymentMethod(at=HALF),
        "remove_payment_method",
        "remove_payment_method",
        "free × 3",
        "pro × 3",
    ),
    "PaymentFailed": (
        lambda: PaymentFailed(at=HALF),
        "payment_failed",
        "payment_failed",
        "free × 3",
        "pro × 3",
    ),
    "PaymentFailed, finally": (
        lambda: PaymentFailed(final=True, at=HALF),
        "payment_failed_finally",
        "payment_failed_finally",
        "free × 3",
        "pro × 3",
    ),
    "PaymentSucceeded": (
        lambda: PaymentSucceeded(at=HALF),
        "payment_succeeded",
        "payment_succeeded",
        "free × 3",
        "pro × 3",
    ),
    "MoveToEdition, the one held": (
        lambda: MoveToEdition(ladder(), at=HALF),
        "move_to_edition",
        "move_to_edition",
        "free × 3",
        "pro × 3",
    ),
}


def _rate(move: Move) -> str:
    return f"{move.rate.plan.key} × {move.rate.seats}"


@pytest.mark.parametrize(
    ("make", "event", "_event", "rate", "_rate_elsewhere"), READINGS.values(), ids=READINGS
)
@pytest.mark.parametrize("status", [Status.free, Status.trial_ended])
def test_how_an_action_reads_on_free(
    status: Status, make: Make, event: str, _event: str, rate: str, _rate_elsewhere: str
) -> None:
    """On Free every paid plan is higher; naming Free keeps what is held."""
    move = move_of(standing_at(status), make())
    assert move.event == Event(event)
    assert move.at == HALF
    assert move.catalog.edition == "ladder"
    assert _rate(move) == rate


@pytest.mark.parametrize(
    ("make", "_event", "event", "_rate_elsewhere", "rate"), READINGS.values(), ids=READINGS
)
@pytest.mark.parametrize(
    "status", [Status.trialing, Status.active, Status.past_due, Status.restricted]
)
def test_how_an_action_reads_on_a_paid_plan(
    status: Status, make: Make, _event: str, event: str, _rate_elsewhere: str, rate: str
) -> None:
    """In the trial of Pro and on Pro, whatever its standing, an action reads alike."""
    move = move_of(standing_at(status), make())
    assert move.event == Event(event)
    assert move.at == HALF
    assert move.catalog.edition == "ladder"
    assert _rate(move) == rate


@pytest.mark.parametrize("status", Status)
def test_the_tables_have_an_account_of_every_status(status: Status) -> None:
    """The accounts of this folder stand where they are said to."""
    account = standing_at(status)
    assert (account.present_status, account.seats, account.as_of) == (status, 3, TENTH)


@pytest.mark.parametrize("status", Status)
def test_a_move_to_another_edition_carries_it(status: Status) -> None:
    """C5: the edition that would hold is the move's, the rate is the one held."""
    account = standing_at(status)
    move = move_of(account, MoveToEdition(ladder("next", pro=21_00), at=HALF))
    assert move == Move(
        Event.move_to_edition, HALF, ladder("next", pro=21_00), Rate(account.plan, 3)
    )


def test_naming_the_plan_held_with_seats_keeps_the_plan_and_says_the_seats() -> None:
    """P7: the lifecycle refuses the seats; the reading keeps them."""
    move = move_of(standing_at(Status.active), ChoosePlan(plan("pro"), 7, at=HALF))
    assert move == Move(Event.keep_plan, HALF, ladder(), Rate(plan("pro"), 7))


def test_naming_the_plan_held_is_understood_at_any_price() -> None:
    """C8: the plan held goes by its key, and it is the one held that goes on."""
    dearer = evolve(plan("pro"), price=Money(99_00, USD))
    move = move_of(standing_at(Status.active), ChoosePlan(dearer, at=HALF))
    assert move == Move(Event.keep_plan, HALF, ladder(), Rate(plan("pro"), 3))


def test_free_is_free_from_every_paid_plan() -> None:
    """P4: choosing Free is cancelling, not just choosing a lower plan."""
    account = on_plan(plan("solo"), JUNE, catalog=ladder()).subscription
    assert [
        move_of(account, action).event
        for action in (ChoosePlan(plan("free"), at=HALF), Cancel(at=HALF))
    ] == [Event.choose_free, Event.choose_free]


@frozen(order=False)
class Teleport(Action):
    """An action that this library does not know."""


def test_an_action_of_somebody_elses_is_refused() -> None:
    """A subclass from elsewhere has no reading."""
    action = Teleport(at=HALF)
    values = values_of(InvalidTypeError, move_of, standing_at(Status.free), action)
    assert values == ("action", action, "an action of this library")


def test_a_choice_that_the_edition_does_not_offer_is_refused() -> None:
    """C8: the error names the edition, the plan at its price, and what to do."""
    dearer = evolve(plan("top"), price=Money(49_00, USD))
    error = error_of(
        PlanNotOfferedError, move_of, standing_at(Status.active), ChoosePlan(dearer, at=HALF)
    )
    assert error.because == "edition 'ladder' does not offer this plan 'top', 49.00 USD"
    assert error.instead == "choose one of its own plans"
    assert error.plan == dearer
    assert error.edition == "ladder"


def test_a_plan_of_an_unknown_key_is_not_offered_either() -> None:
    """C8: a key that the edition does not have is refused with the same words."""
    error = error_of(
        PlanNotOfferedError,
        move_of,
        standing_at(Status.free),
        ChoosePlan(a_plan("gold", 1), at=HALF),
    )
    assert str(error) == (
        "refused: edition 'ladder' does not offer this plan 'gold', 0.01 USD; "
        "choose one of its own plans"
    )


def test_a_choice_that_the_edition_ahead_does_not_offer_is_refused() -> None:
    """C5: until the move a choice must be on offer in both editions; the error names the other."""
    ahead = evolve(
        ladder("next"),
        plans=[
            evolve(each, price=Money(49_00, USD)) if each.key == "top" else each
            for each in ladder().plans
        ],
    )
    account = evolve(standing_at(Status.active), next_catalog=ahead)
    error = error_of(PlanNotOfferedError, move_of, account, ChoosePlan(plan("top"), at=HALF))
    assert (error.because, error.instead, error.plan, error.edition) == (
        "edition 'next' does not offer this plan 'top', 39.00 USD",
        "choose once the account has moved there, or move it back first (MoveToEdition)",
        plan("top"),
        "next",
    )


# --- What time does ---
def _waiting(account: Subscription, key: str, at: datetime) -> Subscription:
    return evolve(account, scheduled_change=ScheduledChange(plan(key), at))


TIMES: dict[str, tuple[Callable[[], Subscription], str, str]] = {
    "a trial with a card": (
        lambda: evolve(standing_at(Status.trialing), payment_method=True),
        "trial_converts",
        "pro × 3",
    ),
    "a trial without one": (lambda: standing_at(Status.trialing), "trial_lapses", "free × 3"),
    "a trial with a card that was cancelled": (
        lambda: cancelled(evolve(standing_at(Status.trialing), payment_method=True)),
        "change_to_free_is_due",
        "free × 3",
    ),
    "a trial without one that was cancelled": (
        lambda: cancelled(standing_at(Status.trialing)),
        "change_to_free_is_due",
        "free × 3",
    ),
    "a trial with a card and a lower plan that waits": (
        lambda: _waiting(
            on_trial(JUNE, seats=3, card=True, catalog=ladder()).subscription, "solo", JULY
        ),
        "trial_converts",
        "solo × 3",
    ),
    "a trial without one and a lower plan that waits": (
        lambda: _waiting(on_trial(JUNE, seats=3, catalog=ladder()).subscription, "solo", JULY),
        "trial_lapses",
        "free × 3",
    ),
    "a paid period": (lambda: standing_at(Status.active), "period_renews", "pro × 3"),
    "a period that is past due": (lambda: standing_at(Status.past_due), "period_renews", "pro × 3"),
    "a period at whose end a lower plan waits": (
        lambda: _waiting(standing_at(Status.active), "solo", JULY),
        "period_renews",
        "solo × 3",
    ),
    "a period before the one at whose end a lower plan waits": (
        lambda: _waiting(standing_at(Status.active), "solo", AUGUST),
        "period_renews",
        "pro × 3",
    ),
    "a period before the one in which Free waits": (
        lambda: _waiting(standing_at(Status.active), "free", JULY.replace(day=2)),
        "period_renews",
        "pro × 3",
    ),
    "a period that was cancelled": (
        lambda: cancelled(standing_at(Status.past_due)),
        "change_to_free_is_due",
        "free × 3",
    ),
    "a restricted period": (
        lambda: standing_at(Status.restricted),
        "restriction_lapses",
        "free × 3",
    ),
    "a restricted period that was cancelled": (
        lambda: cancelled(standing_at(Status.restricted)),
        "restriction_lapses",
        "free × 3",
    ),
    "a restricted period at whose end a lower plan waits": (
        lambda: _waiting(standing_at(Status.restricted), "solo", JULY),
        "restriction_lapses",
        "free × 3",
    ),
}


@pytest.mark.parametrize(("account", "event", "rate"), TIMES.values(), ids=TIMES)
def test_what_time_does_at_the_end(
    account: Callable[[], Subscription], event: str, rate: str
) -> None:
    """R3–R5, P3, P4, D3: the event at the next boundary, and the rate from then on."""
    move = move_of_time(account(), JULY)
    assert move.event == Event(event)
    assert move.at == JULY
    assert move.catalog.edition == "ladder"
    assert _rate(move) == rate


def test_events_are_named_for_people() -> None:
    """Every event's key, first what people do, then what time does."""
    assert [str(event) for event in Event] == [
        "start_trial",
        "start_free",
        "keep_plan",
        "choose_higher",
        "choose_lower",
        "choose_free",
        "resume",
        "grow",
        "shrink",
        "keep_seats",
        "add_payment_method",
        "remove_payment_method",
        "payment_failed",
        "payment_failed_finally",
        "payment_succeeded",
        "move_to_edition",
        "trial_converts",
        "trial_lapses",
        "period_renews",
        "change_to_free_is_due",
        "restriction_lapses",
    ]


def test_a_trial_reads_as_one_of_the_catalogues_trial_plan() -> None:
    """R1: whoever asks, it is the plan that the terms name."""
    plans: list[Plan] = [
        move_of(standing_at(status), StartTrial(at=HALF)).rate.plan for status in Status
    ]
    assert [each.key for each in plans] == ["pro"] * 6
