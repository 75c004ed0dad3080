"""The lifecycle's table: what can be read has an effect, and what it says of a status is true."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Never, get_type_hints

import pytest
from attrs import evolve

from chatim_plans import (
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    AdjustCredit,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    Cycle,
    InvalidTypeError,
    MoveToEdition,
    MoveTrialEnd,
    OnFree,
    OnPaid,
    PaymentFailed,
    PaymentMethodRequiredError,
    PaymentSucceeded,
    Period,
    Refunded,
    RemovePaymentMethod,
    Resume,
    ScheduledChange,
    Standing,
    StartFree,
    StartTrial,
    Status,
    Subscription,
)
from chatim_plans.subscriptions.lifecycle import LIFECYCLE, crossed, opened, taken, transition_of
from chatim_plans.subscriptions.moves import EventKind, Move, Step, move_of, move_of_time
from chatim_plans.subscriptions.occurrences import (
    BillingStopped,
    IntervalChanged,
    PeriodStarted,
    Rate,
    RateChanged,
)
from tests.accounts import a_catalog, a_plan, usd, waiting
from tests.instants import AUGUST, HALF, JULY, JUNE, LAST_SECOND, TENTH, june, utc
from tests.refused import error_of
from tests.subscriptions.accounts import (
    cancelled,
    invoiced,
    ladder,
    plan,
    standing_at,
    with_grace,
)

# What each event does in each status: the status it leads to, "same", or the error it raises;
# "–" where nothing can be read as the event there.
OUTCOMES = """
                        trialing        trial_ended     free            active          past_due        restricted
start_trial             TrialRefused    TrialRefused    trialing        TrialRefused    TrialRefused    TrialRefused
start_free              ActionRefused   ActionRefused   ActionRefused   ActionRefused   ActionRefused   ActionRefused
keep_plan               same            free            free            same            same            same
choose_higher           active          active          active          same            PaymentOverdue  AccountRestricted
choose_lower            same            –               –               same            same            AccountRestricted
choose_free             same            free            free            same            same            same
change_interval         –               –               –               same            PaymentOverdue  AccountRestricted
change_interval_later   –               –               –               same            PaymentOverdue  AccountRestricted
cancel_at_once          free            free            free            free            free            free
resume                  same            same            same            same            same            same
grow                    same            same            same            same            PaymentOverdue  AccountRestricted
shrink                  same            same            same            same            same            same
keep_seats              same            same            same            same            same            same
add_payment_method      same            same            same            same            same            same
remove_payment_method   same            same            same            same            same            same
payment_failed          same            same            same            past_due        past_due        same
payment_failed_finally  same            same            same            restricted      restricted      restricted
payment_succeeded       same            same            same            active          active          active
move_to_edition         same            same            same            same            same            same
move_trial_end          same            ActionRefused   ActionRefused   ActionRefused   ActionRefused   ActionRefused
adjust_credit           same            same            same            same            same            same
refund                  same            same            same            same            same            same
trial_converts          active          –               –               –               –               –
trial_lapses            trial_ended     –               –               –               –               –
period_renews           –               –               –               same            same            –
change_to_free_is_due   free            –               –               free            free            free
grace_lapses            –               –               –               –               restricted      –
restriction_lapses      –               –               –               –               –               free
"""

BY_PEOPLE: dict[str, Callable[[], Action]] = {
    "start_trial": lambda: StartTrial(at=HALF),
    "start_free": lambda: StartFree(at=HALF),
    "resume": lambda: Resume(at=HALF),
    "grow": lambda: ChangeSeats(4, at=HALF),
    "shrink": lambda: ChangeSeats(2, at=HALF),
    "keep_seats": lambda: ChangeSeats(3, at=HALF),
    "add_payment_method": lambda: AddPaymentMethod(at=HALF),
    "remove_payment_method": lambda: RemovePaymentMethod(at=HALF),
    "payment_failed": lambda: PaymentFailed(at=HALF),
    "payment_failed_finally": lambda: PaymentFailed(final=True, at=HALF),
    "payment_succeeded": lambda: PaymentSucceeded(at=HALF),
    "move_to_edition": lambda: MoveToEdition(ladder("next", pro=21_00), at=HALF),
    "choose_free": lambda: Cancel(at=HALF),
    "choose_lower": lambda: ChoosePlan(plan("solo"), at=HALF),
    "choose_higher": lambda: ChoosePlan(plan("top"), at=HALF),
    "change_interval": lambda: ChoosePlan(plan("top_year"), at=HALF),
    "change_interval_later": lambda: ChoosePlan(plan("solo_year"), at=HALF),
    "cancel_at_once": lambda: Cancel(at_once=True, at=HALF),
    "move_trial_end": lambda: MoveTrialEnd(AUGUST, at=HALF),
    "adjust_credit": lambda: AdjustCredit(usd(500), at=HALF),
    "refund": lambda: Refunded(1, usd(500), at=HALF),
}


def ends(account: Subscription) -> Subscription:
    """The account that is to end; a restricted one inside its period, at whose end D3 comes."""
    restricted = account.present_status is Status.restricted
    return waiting(account, "free", HALF) if restricted else cancelled(account)


BY_TIME: dict[str, Callable[[Subscription], Subscription]] = {
    "trial_converts": lambda account: evolve(account, payment_method=True),
    "trial_lapses": lambda account: evolve(account, payment_method=False),
    "period_renews": lambda account: account,
    "change_to_free_is_due": ends,
    "grace_lapses": lambda account: with_grace(account, HALF),
    "restriction_lapses": lambda account: account,
}

REPORTS = ("payment_failed", "payment_failed_finally", "payment_succeeded")


def _cells() -> list[tuple[str, str, str]]:
    header, *rows = (line.split() for line in OUTCOMES.strip().splitlines())
    return [
        (status, event, outcome)
        for event, *outcomes in rows
        for status, outcome in zip(header, outcomes, strict=True)
    ]


def _driven(account: Subscription, event: str) -> Subscription:
    """The account after the event; the caller has made sure that it can arise."""
    if event in BY_TIME:
        ready = BY_TIME[event](account)
        boundary = ready.next_boundary
        assert boundary is not None
        assert move_of_time(ready, boundary).event == event
        return crossed(ready, boundary).subscription
    if event in REPORTS:
        account = invoiced(account)
    action = ChoosePlan(account.plan, at=HALF) if event == "keep_plan" else BY_PEOPLE[event]()
    assert move_of(account, action).event == event
    return taken(account, action, ask_payment_method=False).subscription


@pytest.mark.parametrize(("status", "event", "outcome"), _cells())
def test_every_event_leads_where_the_table_says(status: str, event: str, outcome: str) -> None:
    """Each event in each status: the status it leads to, and `to` says the same."""
    row = LIFECYCLE[Status(status)]
    if outcome == "–":
        assert EventKind(event) not in row
        return
    account, to = standing_at(Status(status)), row[EventKind(event)].to
    if outcome[0].isupper():
        with pytest.raises(ActionRefusedError) as caught:
            _driven(account, event)
        assert (type(caught.value).__name__, to) == (f"{outcome}Error", None)
        return
    after = _driven(account, event).present_status
    assert (after, to in (None, after)) == (Status(status if outcome == "same" else outcome), True)


def test_the_outcomes_are_those_of_every_status_and_every_event() -> None:
    """The table of this module has every cell."""
    assert {(status, event) for status, event, _ in _cells()} == set(product(Status, EventKind))


def test_to_is_said_where_the_status_moves() -> None:
    """What leads to another status says so; the diagram in the docs is drawn from it."""
    arrows = [
        (status, event)
        for status, event, outcome in _cells()
        if outcome in tuple(Status) and outcome != status
    ]
    assert [
        (status, event)
        for status, event in arrows
        if not LIFECYCLE[Status(status)][EventKind(event)].to
    ] == []


def test_whatever_an_action_can_read_as_has_an_effect() -> None:
    """Every action on every account, cancelled or not: the table has the event."""
    actions = [make() for make in BY_PEOPLE.values()]
    actions += [ChoosePlan(each, at=HALF) for each in ladder().plans]
    accounts = [standing_at(status) for status in Status]
    accounts += [cancelled(account) for account in accounts]
    missing = [
        (account.present_status, move_of(account, action).event)
        for account, action in product(accounts, actions)
        if move_of(account, action).event not in LIFECYCLE[account.present_status]
    ]
    assert missing == []


def test_whatever_time_can_do_has_an_effect() -> None:
    """Every account that has a boundary, with a card or without, cancelled or not."""
    accounts = [standing_at(status) for status in Status]
    accounts += [cancelled(account) for account in accounts]
    accounts += [evolve(account, payment_method=True) for account in accounts]
    ending = [account for account in accounts if account.next_boundary is not None]
    missing = [
        account.present_status
        for account in ending
        if move_of_time(account, JULY).event not in LIFECYCLE[account.present_status]
    ]
    in_grace = with_grace(standing_at(Status.past_due), JULY)
    assert move_of_time(in_grace, JULY).event in LIFECYCLE[Status.past_due]
    assert (len(ending), missing) == (16, [])


def test_the_table_cannot_be_written_to() -> None:
    """One table, for everybody."""
    with pytest.raises(TypeError):
        LIFECYCLE[Status.free] = {}  # type: ignore[index]


# --- Opening ---
def test_free_opens_an_account_on_free() -> None:
    """P7: one seat on the free plan of the catalogue, and nothing else is known."""
    step, action = opened(StartFree(at=TENTH), ladder()), StartFree(at=TENTH)
    move = Move(EventKind.start_free, TENTH, ladder(), Rate(plan("free"), 1), action)
    assert step == Step(move, Subscription(ladder(), plan("free"), 1, TENTH, OnFree()))


def test_a_trial_opens_an_account_in_its_trial() -> None:
    """R1: the seats are the trial's."""
    account = opened(StartTrial(3, at=TENTH), ladder()).subscription
    assert account.present_status == Status.trialing
    assert account.plan.key == "pro"
    assert account.seats == 3
    assert account.as_of == TENTH


def test_nothing_else_opens_an_account() -> None:
    """P7: the error says what kind of action was given."""
    with pytest.raises(ActionRefusedError) as caught:
        opened(Cancel(at=TENTH), ladder())
    assert type(caught.value) is ActionRefusedError
    assert caught.value.because == "a history starts with StartTrial or StartFree, not Cancel"
    assert caught.value.instead == "open the account first"


def test_an_account_is_opened_in_a_catalogue() -> None:
    """A plan is no catalogue."""
    error = error_of(InvalidTypeError, opened, StartFree(at=TENTH), plan("free"))
    assert (error.name, error.expected) == ("catalog", "a Catalog")


# --- What charges at once ---
CHARGES: dict[str, tuple[Status, Callable[[], Action], str | None]] = {
    "a start from Free": (
        Status.free,
        lambda: ChoosePlan(plan("solo"), at=HALF),
        "'solo' with 3 seats",
    ),
    "a start after the trial": (
        Status.trial_ended,
        lambda: ChoosePlan(plan("solo"), at=HALF),
        "'solo' with 3 seats",
    ),
    "a higher plan in the trial": (
        Status.trialing,
        lambda: ChoosePlan(plan("top"), 5, at=HALF),
        "'top' with 5 seats",
    ),
    "an upgrade": (Status.active, lambda: ChoosePlan(plan("top"), at=HALF), "'top' with 3 seats"),
    "a higher plan by the year": (
        Status.active,
        lambda: ChoosePlan(plan("top_year"), at=HALF),
        "'top_year' with 3 seats",
    ),
    "a lower plan by the year": (
        Status.active,
        lambda: ChoosePlan(plan("solo_year"), at=HALF),
        None,
    ),
    "a cancellation at once": (Status.active, lambda: Cancel(at_once=True, at=HALF), None),
    "the trial's end moved": (Status.trialing, lambda: MoveTrialEnd(AUGUST, at=HALF), None),
    "the trial's end, now": (Status.trialing, lambda: MoveTrialEnd(HALF, at=HALF), None),
    "a member more": (Status.active, lambda: ChangeSeats(4, at=HALF), None),
    "a downgrade": (Status.active, lambda: ChoosePlan(plan("solo"), at=HALF), None),
    "a cancellation": (Status.active, lambda: Cancel(at=HALF), None),
    "a member more on Free": (Status.free, lambda: ChangeSeats(4, at=HALF), None),
    "a trial": (Status.free, lambda: StartTrial(at=HALF), None),
}


@pytest.mark.parametrize(("status", "make", "charged"), CHARGES.values(), ids=CHARGES)
def test_what_charges_at_once_needs_a_payment_method(
    status: Status, make: Callable[[], Action], charged: str | None
) -> None:
    """P1, P2, R6: asked for only where an invoice is issued, and not of a preview."""
    account = evolve(standing_at(status), payment_method=False)
    previewed = taken(account, make(), ask_payment_method=False)
    if charged is None:
        assert taken(account, make()) == previewed
        return
    error = error_of(PaymentMethodRequiredError, taken, account, make())
    assert error.because == f"{charged} charges at once, and no payment method is on file"


def test_a_start_without_a_payment_method_names_the_plan_that_would_be_charged() -> None:
    """C5, P2: a start holds the edition that waits, so its price is the one to show."""
    dearer = a_catalog(
        *(evolve(each, price=each.price * 2) for each in ladder().plans), edition="next"
    )
    account = evolve(standing_at(Status.trialing), payment_method=False, next_catalog=dearer)
    error = error_of(PaymentMethodRequiredError, taken, account, ChoosePlan(plan("top"), at=HALF))
    assert (error.plan, error.seats) == (dearer.plan("top"), 3)


@pytest.mark.parametrize(("seats", "refused"), [(4, True), (2, False), (3, False)])
def test_only_growing_needs_a_payment_method_where_seats_are_invoiced_at_once(
    seats: int, refused: bool
) -> None:
    """S2: a team that shrinks is credited at once, card or none."""
    account = evolve(
        standing_at(Status.active),
        payment_method=False,
        catalog=evolve(ladder(), terms=evolve(ladder().terms, seat_lines_at_once=True)),
    )
    if not refused:
        assert taken(account, ChangeSeats(seats, at=HALF)).subscription.seats == seats
        return
    error = error_of(PaymentMethodRequiredError, taken, account, ChangeSeats(seats, at=HALF))
    assert error.because == "'pro' with 4 seats charges at once, and no payment method is on file"
    assert error.plan == plan("pro")
    assert error.seats == 4


# --- Seats with a choice ---
SEATS_WITH: dict[str, tuple[Status, str, bool]] = {
    "a start": (Status.free, "solo", True),
    "an upgrade": (Status.active, "top", True),
    "a higher plan by the year": (Status.active, "top_year", True),
    "a lower plan by the year": (Status.active, "solo_year", False),
    "a higher plan in the trial": (Status.trialing, "top", True),
    "a downgrade": (Status.active, "solo", False),
    "the plan held": (Status.active, "pro", False),
    "Free": (Status.active, "free", False),
    "Free on Free": (Status.free, "free", False),
    "a lower plan in the trial": (Status.trialing, "solo", False),
    "the trial's own plan": (Status.trialing, "pro", False),
}


@pytest.mark.parametrize(("status", "key", "allowed"), SEATS_WITH.values(), ids=SEATS_WITH)
@pytest.mark.parametrize("seats", [3, 5])
def test_seats_come_only_with_a_choice_that_holds_at_once(
    status: Status, key: str, allowed: bool, seats: int
) -> None:
    """P7: the very seats of the account are a seat count too, but with the plan held."""
    account = evolve(standing_at(status), payment_method=True)
    choice = ChoosePlan(plan(key), seats, at=HALF)
    if allowed or (seats == 3 and key == account.plan.key):
        assert taken(account, choice).subscription.seats == seats
        return
    with pytest.raises(ActionRefusedError) as caught:
        taken(account, choice)
    assert (type(caught.value), str(caught.value)) == (
        ActionRefusedError,
        (
            "refused: a seat count can come only with a choice that starts a plan or upgrades it; "
            "choose the plan without seats, and use ChangeSeats"
        ),
    )


# --- Time ---
CROSSINGS: dict[str, tuple[Callable[[], Subscription], type[object] | None]] = {
    "a trial that converts": (
        lambda: evolve(standing_at(Status.trialing), payment_method=True),
        PeriodStarted,
    ),
    "a trial that lapses": (lambda: standing_at(Status.trialing), None),
    "a trial that was cancelled": (lambda: cancelled(standing_at(Status.trialing)), BillingStopped),
    "a renewal": (lambda: standing_at(Status.active), PeriodStarted),
    "a renewal on another interval": (
        lambda: waiting(standing_at(Status.active), "solo_year", JULY),
        PeriodStarted,
    ),
    "a grace's end": (lambda: with_grace(standing_at(Status.past_due), JULY), None),
    "a cancellation that is due": (lambda: cancelled(standing_at(Status.active)), BillingStopped),
    "a restriction's end": (lambda: standing_at(Status.restricted), BillingStopped),
}


@pytest.mark.parametrize(("account", "kind"), CROSSINGS.values(), ids=CROSSINGS)
def test_what_a_boundary_bills(
    account: Callable[[], Subscription], kind: type[object] | None
) -> None:
    """B2, P4, D3: a period starts, or billing stops, or nothing has a price."""
    occurrence = crossed(account(), JULY).occurrence
    assert (None if occurrence is None else type(occurrence)) == kind


def test_a_boundary_is_crossed_in_the_edition_that_waited() -> None:
    """C5: the period that starts is priced by the new edition, and nothing waits any more."""
    account = evolve(standing_at(Status.active), next_catalog=ladder("next", pro=21_00))
    step = crossed(account, JULY)
    assert isinstance(step.occurrence, PeriodStarted)
    assert step.occurrence.rate.plan.price.amount == 2100
    assert step.subscription.catalog.edition == "next"
    assert step.subscription.next_catalog is None


def test_an_upgrade_stays_in_the_edition_held() -> None:
    """C5: inside the period the new edition does not hold yet."""
    account = evolve(standing_at(Status.active), next_catalog=ladder("next", pro=21_00))
    step = taken(account, ChoosePlan(plan("top"), at=HALF))
    assert isinstance(step.occurrence, RateChanged)
    assert step.occurrence.before.plan.price.amount == 1900
    assert step.subscription.catalog.edition == "ladder"


def test_a_start_holds_the_edition_that_waited() -> None:
    """C5, R6: a higher plan in the trial starts a new period, in the edition that waits."""
    account = evolve(
        standing_at(Status.trialing), payment_method=True, next_catalog=ladder("next", pro=21_00)
    )
    step = taken(account, ChoosePlan(plan("top"), at=HALF))
    assert (step.subscription.catalog.edition, step.subscription.next_catalog) == ("next", None)


def test_a_catalogue_of_one_paid_plan_will_do() -> None:
    """C3: Free and a paid plan make a lifecycle."""
    catalog = a_catalog(a_plan("free", 0, seats=1), a_plan("pro", 19_00))
    assert opened(StartTrial(at=TENTH), catalog).subscription.plan.key == "pro"


# --- A grace that ends, and the period's end with it ---
def test_a_grace_that_ends_with_the_period_comes_first() -> None:
    """D6, D3: two steps at one instant: restricted, then on Free, unpaid."""
    first = crossed(with_grace(standing_at(Status.past_due), JULY), JULY)
    restricted = first.subscription
    second = crossed(restricted, JULY)
    assert [step.move.event for step in (first, second)] == [
        EventKind.grace_lapses,
        EventKind.restriction_lapses,
    ]
    assert (first.move.at, second.move.at) == (JULY, JULY)
    since = restricted.as_of
    assert restricted.phase == OnPaid(
        Cycle(JUNE), june(), Standing.restricted, standing_since=since
    )
    assert since == LAST_SECOND
    assert (second.subscription.phase, second.subscription.as_of) == (OnFree(), JULY)
    assert second.occurrence == BillingStopped(lines_dropped=True)


def test_a_grace_that_ends_with_a_cancellation_comes_first() -> None:
    """D6: Stripe may end a subscription inside its period, at the very second of the grace's end."""
    past_due = with_grace(standing_at(Status.past_due), HALF)
    first = crossed(waiting(past_due, "free", HALF), HALF)
    assert (first.move.event, first.subscription.present_status) == (
        EventKind.grace_lapses,
        Status.restricted,
    )
    second = crossed(first.subscription, HALF)
    assert second.move.event == EventKind.change_to_free_is_due
    assert (second.subscription.phase, second.subscription.as_of) == (OnFree(owes=True), HALF)


def test_a_restricted_account_that_ends_inside_its_period_owes() -> None:
    """D3, D8: at the period's end its invoices are refused for ever; before that it leaves a bill."""
    restricted = standing_at(Status.restricted)
    inside = crossed(waiting(restricted, "free", HALF), HALF)
    assert inside.subscription.phase == OnFree(owes=True)
    assert inside.occurrence == BillingStopped(lines_dropped=False)
    assert crossed(cancelled(restricted), JULY).subscription.phase == OnFree()


def test_a_grace_that_ends_is_no_boundary_for_an_edition() -> None:
    """C5, D6: the edition waits on for the period's end."""
    moving = evolve(standing_at(Status.past_due), next_catalog=ladder("next"))
    step = crossed(with_grace(moving, HALF), HALF)
    assert step.subscription.catalog.edition == "ladder"
    assert step.subscription.next_catalog == ladder("next")
    assert step.subscription.as_of == HALF


# --- A trial that ends now ---
ENDS_NOW: dict[str, tuple[Callable[[Subscription], Subscription], str, str, str]] = {
    "with a card": (lambda s: evolve(s, payment_method=True), "trial_converts", "pro", "active"),
    "without": (lambda s: s, "trial_lapses", "free", "trial_ended"),
    "cancelled": (cancelled, "change_to_free_is_due", "free", "free"),
    "a lower plan waiting": (
        lambda s: waiting(evolve(s, payment_method=True), "solo", JULY),
        "trial_converts",
        "solo",
        "active",
    ),
    "cancelled for later than its end": (
        lambda s: waiting(evolve(s, payment_method=True), "free", AUGUST),
        "trial_converts",
        "pro",
        "active",
    ),
}


@pytest.mark.parametrize(("ready", "event", "key", "status"), ENDS_NOW.values(), ids=ENDS_NOW)
def test_a_trial_that_is_ended_now_ends_as_its_end_would(
    ready: Callable[[Subscription], Subscription], event: str, key: str, status: str
) -> None:
    """R8: the kind of its end, the action beside it, and what its end would lead to."""
    action = MoveTrialEnd(HALF, at=HALF)
    step = taken(ready(standing_at(Status.trialing)), action)
    after = step.subscription
    assert (step.move.event, step.move.at, step.move.action) == (event, HALF, action)
    assert (after.plan.key, after.present_status, after.as_of) == (key, status, HALF)


def test_a_trial_that_is_ended_now_keeps_what_waits_for_longer() -> None:
    """R8: a cancellation for August is still for August."""
    trial = waiting(evolve(standing_at(Status.trialing), payment_method=True), "free", AUGUST)
    step = taken(trial, MoveTrialEnd(HALF, at=HALF))
    assert step.subscription.scheduled_change == ScheduledChange(plan("free"), AUGUST)


def test_a_trial_that_is_ended_now_enters_the_edition_that_waits() -> None:
    """C5, R8: its end is a boundary, whenever it is."""
    trial = evolve(
        standing_at(Status.trialing), payment_method=True, next_catalog=ladder("next", pro=21_00)
    )
    step = taken(trial, MoveTrialEnd(HALF, at=HALF))
    assert isinstance(step.occurrence, PeriodStarted)
    assert step.occurrence.rate.plan.price == usd(21_00)


def test_what_waits_beyond_a_trial_that_is_ended_now_is_of_the_edition_that_waited() -> None:
    """C5, R8: plans are matched by key, of a change that waits for longer too."""
    free = evolve(plan("free"), features={*plan("free").features, "visitor_export"})
    richer = evolve(
        ladder("next"),
        plans=(
            free,
            *(evolve(p, features={*p.features, "visitor_export"}) for p in ladder().plans[1:]),
        ),
    )
    trial = waiting(evolve(standing_at(Status.trialing), payment_method=True), "free", AUGUST)
    step = taken(evolve(trial, next_catalog=richer), MoveTrialEnd(HALF, at=HALF))
    assert step.subscription.scheduled_change == ScheduledChange(free, AUGUST)


@pytest.mark.parametrize("status", [status for status in Status if status != "trialing"])
def test_outside_a_trial_there_is_none_to_end(status: Status) -> None:
    """R8: now or later, with the same words."""
    account = standing_at(status)
    for to in (HALF, AUGUST):
        error = error_of(ActionRefusedError, taken, account, MoveTrialEnd(to, at=HALF))
        assert error.because == "the end of a trial was moved, and no trial runs"
        assert error.instead == "check which account it was meant for"


# --- Another interval ---
def test_a_change_of_interval_has_its_own_price() -> None:
    """P9: the rate that was, the period it was in, and the whole first period of the new one."""
    step = taken(standing_at(Status.active), ChoosePlan(plan("top_year"), 5, at=HALF))
    assert step.occurrence == IntervalChanged(
        HALF,
        june(),
        Rate(plan("pro"), 3),
        Rate(plan("top_year"), 5),
        Period(HALF, utc(2027, 6, 16)),
    )
    assert step.move.event is EventKind.change_interval


# --- What can happen, as whoever reads an event asks ---
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("kind", EventKind)
def test_what_is_refused_everywhere_cannot_happen(kind: EventKind, status: Status) -> None:
    """P7, R2, R8, D2, B11: nor can what the table does not have."""
    given = LIFECYCLE[status].get(kind)
    never = given is None or get_type_hints(given.effect)["return"] is Never
    assert transition_of(kind, status) is (None if never else given)


def test_an_account_is_opened_free_or_on_trial() -> None:
    """P7, R1: nothing else opens one."""
    found = {kind: transition_of(kind, None) for kind in EventKind}
    assert {kind: opens.to for kind, opens in found.items() if opens is not None} == {
        EventKind.start_free: Status.free,
        EventKind.start_trial: Status.trialing,
    }
