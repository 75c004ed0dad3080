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
    StartFree,
    StartTrial,
    Status,
    Subscription,
)
from chatim_plans.subscriptions.moves import EventKind, Move, move_of, move_of_time
from chatim_plans.subscriptions.occurrences import Rate
from tests.accounts import a_plan, on_plan, waiting
from tests.instants import AUGUST, HALF, JULY, JUNE, TENTH, utc
from tests.refused import error_of, values_of
from tests.subscriptions.accounts import cancelled, ladder, plan, standing_at

Make = Callable[[], Action]

ACTIONS: dict[str, Make] = {
    "StartTrial": lambda: StartTrial(5, at=HALF),
    "StartFree": lambda: StartFree(at=HALF),
    "ChoosePlan, Free": lambda: ChoosePlan(plan("free"), at=HALF),
    "ChoosePlan, the lower": lambda: ChoosePlan(plan("solo"), at=HALF),
    "ChoosePlan, the middle": lambda: ChoosePlan(plan("pro"), at=HALF),
    "ChoosePlan, the higher": lambda: ChoosePlan(plan("top"), at=HALF),
    "ChoosePlan with seats": lambda: ChoosePlan(plan("top"), 7, at=HALF),
    "ChangeSeats, one more": lambda: ChangeSeats(4, at=HALF),
    "ChangeSeats, one less": lambda: ChangeSeats(2, at=HALF),
    "ChangeSeats, the same": lambda: ChangeSeats(3, at=HALF),
    "Cancel": lambda: Cancel(at=HALF),
    "Resume": lambda: Resume(at=HALF),
    "AddPaymentMethod": lambda: AddPaymentMethod(at=HALF),
    "RemovePaymentMethod": lambda: RemovePaymentMethod(at=HALF),
    "PaymentFailed": lambda: PaymentFailed(at=HALF),
    "PaymentFailed, finally": lambda: PaymentFailed(final=True, at=HALF),
    "PaymentSucceeded": lambda: PaymentSucceeded(at=HALF),
    "MoveToEdition, the one held": lambda: MoveToEdition(ladder(), at=HALF),
}

# How each action reads, and the rate it aims at: on Free, marked or not; then in the trial of Pro
# and on Pro, whatever its standing. The account has three seats.
READINGS = """
StartTrial                  | start_trial            pro × 5  | start_trial            pro × 5
StartFree                   | start_free             free × 3 | start_free             pro × 3
ChoosePlan, Free            | keep_plan              free × 3 | choose_free            free × 3
ChoosePlan, the lower       | choose_higher          solo × 3 | choose_lower           solo × 3
ChoosePlan, the middle      | choose_higher          pro × 3  | keep_plan              pro × 3
ChoosePlan, the higher      | choose_higher          top × 3  | choose_higher          top × 3
ChoosePlan with seats       | choose_higher          top × 7  | choose_higher          top × 7
ChangeSeats, one more       | grow                   free × 4 | grow                   pro × 4
ChangeSeats, one less       | shrink                 free × 2 | shrink                 pro × 2
ChangeSeats, the same       | keep_seats             free × 3 | keep_seats             pro × 3
Cancel                      | choose_free            free × 3 | choose_free            free × 3
Resume                      | resume                 free × 3 | resume                 pro × 3
AddPaymentMethod            | add_payment_method     free × 3 | add_payment_method     pro × 3
RemovePaymentMethod         | remove_payment_method  free × 3 | remove_payment_method  pro × 3
PaymentFailed               | payment_failed         free × 3 | payment_failed         pro × 3
PaymentFailed, finally      | payment_failed_finally free × 3 | payment_failed_finally pro × 3
PaymentSucceeded            | payment_succeeded      free × 3 | payment_succeeded      pro × 3
MoveToEdition, the one held | move_to_edition        free × 3 | move_to_edition        pro × 3
"""
ROWS = [tuple(map(str.strip, line.split("|"))) for line in READINGS.strip().splitlines()]


def read(move: Move) -> tuple[list[str], datetime, str]:
    """How a move reads, its instant, and its edition."""
    rate = f"{move.rate.plan.key} × {move.rate.seats}"
    return [str(move.event), *rate.split()], move.at, move.catalog.edition


@pytest.mark.parametrize(("name", "on_free", "elsewhere"), ROWS)
@pytest.mark.parametrize("status", Status)
def test_how_an_action_reads(status: Status, name: str, on_free: str, elsewhere: str) -> None:
    """On Free every paid plan is higher, and naming Free keeps what is held."""
    expected = on_free if status in {Status.free, Status.trial_ended} else elsewhere
    move = move_of(standing_at(status), ACTIONS[name]())
    assert read(move) == (expected.split(), HALF, "ladder")


def test_every_action_is_in_the_table() -> None:
    """No action is left without its reading."""
    assert [name for name, _, _ in ROWS] == list(ACTIONS)


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
        EventKind.move_to_edition, HALF, ladder("next", pro=21_00), Rate(account.plan, 3)
    )


def test_naming_the_plan_held_with_seats_keeps_the_plan_and_says_the_seats() -> None:
    """P7: the lifecycle refuses the seats; the reading keeps them."""
    move = move_of(standing_at(Status.active), ChoosePlan(plan("pro"), 7, at=HALF))
    assert move == Move(EventKind.keep_plan, HALF, ladder(), Rate(plan("pro"), 7))


def test_naming_the_plan_held_is_understood_at_any_price() -> None:
    """C8: the plan held goes by its key, and it is the one held that goes on."""
    dearer = evolve(plan("pro"), price=Money(99_00, USD))
    move = move_of(standing_at(Status.active), ChoosePlan(dearer, at=HALF))
    assert move == Move(EventKind.keep_plan, HALF, ladder(), Rate(plan("pro"), 3))


def test_free_is_free_from_every_paid_plan() -> None:
    """P4: choosing Free is cancelling, not just choosing a lower plan."""
    account = on_plan(plan("solo"), JUNE, catalog=ladder()).subscription
    assert [
        move_of(account, action).event
        for action in (ChoosePlan(plan("free"), at=HALF), Cancel(at=HALF))
    ] == [EventKind.choose_free, EventKind.choose_free]


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
def with_card(account: Subscription) -> Subscription:
    """The account with a payment method."""
    return evolve(account, payment_method=True)


def lower_waits(account: Subscription) -> Subscription:
    """The account with a lower plan that waits for July."""
    return waiting(account, "solo", JULY)


@pytest.mark.parametrize(
    ("status", "ready", "event", "rate"),
    [
        ("trialing", [with_card], "trial_converts", "pro × 3"),
        ("trialing", [], "trial_lapses", "free × 3"),
        ("trialing", [with_card, cancelled], "change_to_free_is_due", "free × 3"),
        ("trialing", [cancelled], "change_to_free_is_due", "free × 3"),
        ("trialing", [with_card, lower_waits], "trial_converts", "solo × 3"),
        ("trialing", [lower_waits], "trial_lapses", "free × 3"),
        ("active", [], "period_renews", "pro × 3"),
        ("past_due", [], "period_renews", "pro × 3"),
        ("active", [lower_waits], "period_renews", "solo × 3"),
        ("active", [lambda s: waiting(s, "solo", AUGUST)], "period_renews", "pro × 3"),
        ("active", [lambda s: waiting(s, "free", utc(2026, 7, 2))], "period_renews", "pro × 3"),
        ("past_due", [cancelled], "change_to_free_is_due", "free × 3"),
        ("restricted", [], "restriction_lapses", "free × 3"),
        ("restricted", [cancelled], "restriction_lapses", "free × 3"),
        ("restricted", [lower_waits], "restriction_lapses", "free × 3"),
    ],
)
def test_what_time_does_at_the_end(
    status: str, ready: list[Callable[[Subscription], Subscription]], event: str, rate: str
) -> None:
    """R3–R5, P3, P4, D3: the event at the next boundary, and the rate from then on."""
    account = standing_at(Status(status))
    for prepare in ready:
        account = prepare(account)
    assert read(move_of_time(account, JULY)) == ([event, *rate.split()], JULY, "ladder")


def test_events_are_named_for_people() -> None:
    """Every event's key, first what people do, then what time does."""
    people = (
        "start_trial start_free keep_plan choose_higher choose_lower choose_free resume grow shrink "
        "keep_seats add_payment_method remove_payment_method payment_failed payment_failed_finally "
        "payment_succeeded move_to_edition"
    )
    time = "trial_converts trial_lapses period_renews change_to_free_is_due restriction_lapses"
    assert [str(event) for event in EventKind] == [*people.split(), *time.split()]


def test_a_trial_reads_as_one_of_the_catalogues_trial_plan() -> None:
    """R1: whoever asks, it is the plan that the terms name."""
    plans: list[Plan] = [
        move_of(standing_at(status), StartTrial(at=HALF)).rate.plan for status in Status
    ]
    assert [each.key for each in plans] == ["pro"] * 6
