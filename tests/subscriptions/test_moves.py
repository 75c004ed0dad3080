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
    AdjustCredit,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    InvalidTypeError,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    PaymentFailed,
    PaymentSucceeded,
    Plan,
    PlanNotOfferedError,
    Refunded,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
    Status,
    Subscription,
)
from chatim_plans.subscriptions.moves import EventKind, Move, kinds_of, move_of, move_of_time
from chatim_plans.subscriptions.occurrences import Rate
from tests.accounts import a_plan, on_plan, waiting
from tests.instants import AUGUST, HALF, JULY, JUNE, TENTH, utc
from tests.refused import error_of, values_of
from tests.subscriptions.accounts import cancelled, ladder, plan, standing_at, with_grace

Make = Callable[[], Action]

ACTIONS: dict[str, Make] = {
    "StartTrial": lambda: StartTrial(5, at=HALF),
    "StartFree": lambda: StartFree(at=HALF),
    "ChoosePlan, Free": lambda: ChoosePlan(plan("free"), at=HALF),
    "ChoosePlan, the lower": lambda: ChoosePlan(plan("solo"), at=HALF),
    "ChoosePlan, the middle": lambda: ChoosePlan(plan("pro"), at=HALF),
    "ChoosePlan, the higher": lambda: ChoosePlan(plan("top"), at=HALF),
    "ChoosePlan with seats": lambda: ChoosePlan(plan("top"), 7, at=HALF),
    "ChoosePlan, the plan held and the seats": lambda: ChoosePlan(plan("pro"), 3, at=HALF),
    "ChoosePlan, the lower by the year": lambda: ChoosePlan(plan("solo_year"), at=HALF),
    "ChoosePlan, the higher by the year": lambda: ChoosePlan(plan("top_year"), at=HALF),
    "ChangeSeats, one more": lambda: ChangeSeats(4, at=HALF),
    "ChangeSeats, one less": lambda: ChangeSeats(2, at=HALF),
    "ChangeSeats, the same": lambda: ChangeSeats(3, at=HALF),
    "Cancel": lambda: Cancel(at=HALF),
    "Cancel, at once": lambda: Cancel(at_once=True, at=HALF),
    "Resume": lambda: Resume(at=HALF),
    "AddPaymentMethod": lambda: AddPaymentMethod(at=HALF),
    "RemovePaymentMethod": lambda: RemovePaymentMethod(at=HALF),
    "PaymentFailed": lambda: PaymentFailed(at=HALF),
    "PaymentFailed, finally": lambda: PaymentFailed(final=True, at=HALF),
    "PaymentSucceeded": lambda: PaymentSucceeded(at=HALF),
    "PaymentSucceeded, of an invoice": lambda: PaymentSucceeded(invoice=1, at=HALF),
    "MoveToEdition, the one held": lambda: MoveToEdition(ladder(), at=HALF),
    "MoveTrialEnd": lambda: MoveTrialEnd(AUGUST, at=HALF),
    "AdjustCredit": lambda: AdjustCredit(Money(500, USD), at=HALF),
    "Refunded": lambda: Refunded(1, Money(500, USD), at=HALF),
}

# How each action reads, and the rate it aims at: on Free, marked or not; then in the trial of Pro;
# then, where that is not the same, on Pro, whatever its standing. The account has three seats.
READINGS = """
StartTrial                              | start_trial            pro × 5        | start_trial            pro × 5
StartFree                               | start_free             free × 3       | start_free             pro × 3
ChoosePlan, Free                        | keep_plan              free × 3       | choose_free            free × 3
ChoosePlan, the lower                   | choose_higher          solo × 3       | choose_lower           solo × 3
ChoosePlan, the middle                  | choose_higher          pro × 3        | keep_plan              pro × 3
ChoosePlan, the higher                  | choose_higher          top × 3        | choose_higher          top × 3
ChoosePlan with seats                   | choose_higher          top × 7        | choose_higher          top × 7
ChoosePlan, the plan held and the seats | choose_higher          pro × 3        | keep_plan              pro × 3
ChoosePlan, the lower by the year       | choose_higher          solo_year × 3  | choose_lower           solo_year × 3 | change_interval_later solo_year × 3
ChoosePlan, the higher by the year      | choose_higher          top_year × 3   | choose_higher          top_year × 3  | change_interval       top_year × 3
ChangeSeats, one more                   | grow                   free × 4       | grow                   pro × 4
ChangeSeats, one less                   | shrink                 free × 2       | shrink                 pro × 2
ChangeSeats, the same                   | keep_seats             free × 3       | keep_seats             pro × 3
Cancel                                  | choose_free            free × 3       | choose_free            free × 3
Cancel, at once                         | cancel_at_once         free × 3       | cancel_at_once         free × 3
Resume                                  | resume                 free × 3       | resume                 pro × 3
AddPaymentMethod                        | add_payment_method     free × 3       | add_payment_method     pro × 3
RemovePaymentMethod                     | remove_payment_method  free × 3       | remove_payment_method  pro × 3
PaymentFailed                           | payment_failed         free × 3       | payment_failed         pro × 3
PaymentFailed, finally                  | payment_failed_finally free × 3       | payment_failed_finally pro × 3
PaymentSucceeded                        | payment_succeeded      free × 3       | payment_succeeded      pro × 3
PaymentSucceeded, of an invoice         | payment_succeeded      free × 3       | payment_succeeded      pro × 3
MoveToEdition, the one held             | move_to_edition        free × 3       | move_to_edition        pro × 3
MoveTrialEnd                            | move_trial_end         free × 3       | move_trial_end         pro × 3
AdjustCredit                            | adjust_credit          free × 3       | adjust_credit          pro × 3
Refunded                                | refund                 free × 3       | refund                 pro × 3
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in READINGS.strip().splitlines()]
PHASES = {Status.free: 1, Status.trial_ended: 1, Status.trialing: 2}


def read(move: Move) -> tuple[list[str], datetime, str]:
    """How a move reads, its instant, and its edition."""
    rate = f"{move.rate.plan.key} × {move.rate.seats}"
    return [str(move.event), *rate.split()], move.at, move.catalog.edition


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
@pytest.mark.parametrize("status", Status)
def test_how_an_action_reads(status: Status, row: list[str]) -> None:
    """On Free every paid plan is higher, and naming Free keeps what is held."""
    name, expected = row[0], row[min(PHASES.get(status, 3), len(row) - 1)]
    action = ACTIONS[name]()
    move = move_of(standing_at(status), action)
    assert read(move) == (expected.split(), HALF, "ladder")
    assert move.action is action


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
@pytest.mark.parametrize("status", Status)
def test_how_an_action_reads_is_one_of_its_kinds(status: Status, row: list[str]) -> None:
    """B14: whatever the edition; only a choice has two, and its rank decides."""
    account, action = standing_at(status), ACTIONS[row[0]]()
    billed = status not in PHASES
    kinds = kinds_of(action, Rate(account.plan, account.seats), billed=billed)
    assert move_of(account, action).event in kinds
    pairs = (
        (EventKind.choose_higher, EventKind.choose_lower),
        (
            EventKind.change_interval,
            EventKind.change_interval_later,
        ),
    )
    assert len(kinds) == 1 or kinds in pairs


def test_what_time_does_no_action_is() -> None:
    """B14, R8: but that a trial ended now has the kind that its end has."""
    held = Rate(plan("pro"), 3)
    of_time = set(kinds_of(None, held, billed=True))
    by_action = {kind for make in ACTIONS.values() for kind in kinds_of(make(), held, billed=True)}
    assert of_time.isdisjoint(by_action)
    ended = kinds_of(MoveTrialEnd(HALF, at=HALF), held, billed=False)
    assert set(ended) == {
        EventKind.trial_converts,
        EventKind.trial_lapses,
        EventKind.change_to_free_is_due,
    }
    assert set(ended) < of_time
    assert kinds_of(MoveTrialEnd(HALF, at=HALF), held, billed=True) == (EventKind.move_trial_end,)


def test_every_action_is_in_the_table() -> None:
    """No action is left without its reading."""
    assert [row[0] for row in ROWS] == list(ACTIONS)


@pytest.mark.parametrize("status", Status)
def test_the_tables_have_an_account_of_every_status(status: Status) -> None:
    """The accounts of this folder stand where they are said to."""
    account = standing_at(status)
    assert (account.present_status, account.seats, account.as_of) == (status, 3, TENTH)


@pytest.mark.parametrize("status", Status)
def test_a_move_to_another_edition_carries_it(status: Status) -> None:
    """C5: the edition that would hold is the move's, the rate is the one held."""
    account = standing_at(status)
    action = MoveToEdition(ladder("next", pro=21_00), at=HALF)
    move = move_of(account, action)
    assert move == Move(
        EventKind.move_to_edition, HALF, ladder("next", pro=21_00), Rate(account.plan, 3), action
    )


def test_naming_the_plan_held_with_seats_keeps_the_plan_and_says_the_seats() -> None:
    """P7: the lifecycle refuses the seats; the reading keeps them."""
    action = ChoosePlan(plan("pro"), 7, at=HALF)
    move = move_of(standing_at(Status.active), action)
    assert move == Move(EventKind.keep_plan, HALF, ladder(), Rate(plan("pro"), 7), action)


def test_naming_the_plan_held_is_understood_at_any_price() -> None:
    """C8: the plan held goes by its key, and it is the one held that goes on."""
    dearer = evolve(plan("pro"), price=Money(99_00, USD))
    action = ChoosePlan(dearer, at=HALF)
    move = move_of(standing_at(Status.active), action)
    assert move == Move(EventKind.keep_plan, HALF, ladder(), Rate(plan("pro"), 3), action)


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


# --- While an edition waits ---
def ahead(**prices: int) -> Catalog:
    """The edition that waits: the ladder at other prices, and a plan more at its top."""
    plans = [
        evolve(each, price=Money(prices.get(each.key, each.price.amount), USD))
        for each in ladder().plans
    ]
    return evolve(ladder("next"), plans=[*plans, a_plan("gold", 99_00)])


@pytest.mark.parametrize("named", ["of the edition held", "of the one that waits"])
@pytest.mark.parametrize("key", ["top", "solo", "free"])
def test_a_plan_of_either_edition_is_understood_as_its_key(named: str, key: str) -> None:
    """C5: whichever value is named, the plan is the one of the edition held, at its price."""
    account = evolve(standing_at(Status.active), next_catalog=ahead(top=49_00, solo=8_00))
    edition = account.upcoming_catalog if named == "of the one that waits" else ladder()
    move = move_of(account, ChoosePlan(edition.plan(key), at=HALF))
    assert (move.rate.plan, move.catalog) == (plan(key), ladder())


def test_a_key_that_only_the_edition_that_waits_has_is_refused_until_then() -> None:
    """C5: the edition held has no such plan, whose rank and price it would take."""
    account = evolve(standing_at(Status.active), next_catalog=ahead())
    gold = ahead().plan("gold")
    error = error_of(PlanNotOfferedError, move_of, account, ChoosePlan(gold, at=HALF))
    assert (error.because, error.instead, error.plan, error.edition) == (
        "edition 'ladder' does not offer this plan 'gold', 99.00 USD",
        "choose one of its own plans",
        gold,
        "ladder",
    )


def test_a_plan_of_a_third_price_is_refused() -> None:
    """C8: a value of neither edition is not guessed at."""
    account = evolve(standing_at(Status.active), next_catalog=ahead(top=49_00))
    strange = evolve(plan("top"), price=Money(44_00, USD))
    error = error_of(PlanNotOfferedError, move_of, account, ChoosePlan(strange, at=HALF))
    assert (error.plan, error.edition) == (strange, "ladder")


# --- Retired plans ---
@pytest.mark.parametrize(
    ("held", "waits", "edition"),
    [(["top"], None, "ladder"), ([], ["top"], "next"), (["top"], ["top"], "ladder")],
    ids=["in the edition held", "in the one that waits", "in both"],
)
def test_a_retired_plan_is_refused(held: list[str], waits: list[str] | None, edition: str) -> None:
    """C9: retired in the edition held or in the one that waits; the error says which."""
    ahead = None if waits is None else ladder("next", retired=waits)
    account = evolve(standing_at(Status.active), catalog=ladder(retired=held), next_catalog=ahead)
    error = error_of(PlanNotOfferedError, move_of, account, ChoosePlan(plan("top"), at=HALF))
    assert (error.because, error.instead, error.plan, error.edition) == (
        f"edition '{edition}' has retired the plan 'top'",
        "choose one of free, solo, solo_year, pro, top_year",
        plan("top"),
        edition,
    )


def test_a_retired_plan_is_refused_for_what_can_be_chosen() -> None:
    """C9: no plan that only the edition that waits has, and none that either has retired."""
    waits = evolve(ahead(), retired=["top", "gold"])
    account = evolve(
        standing_at(Status.active), catalog=ladder(retired=["solo"]), next_catalog=waits
    )
    error = error_of(PlanNotOfferedError, move_of, account, ChoosePlan(plan("top"), at=HALF))
    assert error.instead == "choose one of free, solo_year, pro, top_year"


def test_a_plan_that_only_the_edition_held_has_retired_is_refused_until_then() -> None:
    """C9: back on sale from the boundary on, and not before."""
    account = evolve(
        standing_at(Status.active), catalog=ladder(retired=["top"]), next_catalog=ladder("next")
    )
    error = error_of(PlanNotOfferedError, move_of, account, ChoosePlan(plan("top"), at=HALF))
    assert error.edition == "ladder"


def test_who_holds_a_retired_plan_keeps_it() -> None:
    """C9: naming it, and the renewal, are as of any other."""
    top = on_plan(plan("top"), JUNE, seats=3, catalog=ladder()).subscription
    account = evolve(top, catalog=ladder(retired=["top"]))
    assert move_of(account, ChoosePlan(plan("top"), at=HALF)).event is EventKind.keep_plan
    assert move_of_time(account, JULY).rate == Rate(plan("top"), 3)


def test_a_retired_plan_still_counts_for_rank() -> None:
    """C9: from the retired one, Pro is lower, and from Pro what stands above it is higher."""
    top = on_plan(plan("top"), JUNE, seats=3, catalog=ladder()).subscription
    account = evolve(top, catalog=ladder(retired=["top"]))
    assert move_of(account, ChoosePlan(plan("pro"), at=HALF)).event is EventKind.choose_lower


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
        ("active", [lambda s: waiting(s, "solo_year", JULY)], "period_renews", "solo_year × 3"),
        ("past_due", [lambda s: with_grace(s, JULY)], "grace_lapses", "pro × 3"),
        ("past_due", [cancelled, lambda s: with_grace(s, JULY)], "grace_lapses", "free × 3"),
        ("past_due", [lambda s: with_grace(s, AUGUST)], "period_renews", "pro × 3"),
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
        "start_trial start_free keep_plan choose_higher choose_lower choose_free change_interval "
        "change_interval_later cancel_at_once resume grow shrink keep_seats add_payment_method "
        "remove_payment_method payment_failed payment_failed_finally payment_succeeded "
        "move_to_edition move_trial_end adjust_credit refund"
    )
    time = (
        "trial_converts trial_lapses period_renews change_to_free_is_due grace_lapses "
        "restriction_lapses"
    )
    assert [str(event) for event in EventKind] == [*people.split(), *time.split()]


def test_a_trial_reads_as_one_of_the_catalogues_trial_plan() -> None:
    """R1: whoever asks, it is the plan that the terms name."""
    plans: list[Plan] = [
        move_of(standing_at(status), StartTrial(at=HALF)).rate.plan for status in Status
    ]
    assert [each.key for each in plans] == ["pro"] * 6
