"""The account as time alone leaves it, at any instant, and at no cost that grows with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    PRO,
    ChoosePlan,
    Cycle,
    InvalidTypeError,
    InvalidValueError,
    MoveToEdition,
    OnFree,
    OnPaid,
    OutOfOrderError,
    PaymentMethodRequiredError,
    Period,
    Standing,
    Status,
    Subscription,
    advance,
    apply,
    change_takes_effect,
    days_left,
    status,
)
from chatim_plans.subscriptions.timing import at_instant, held_at, without_grace
from tests.accounts import after, on_plan, on_trial, waiting
from tests.boundaries import counted_boundaries
from tests.instants import AUGUST, HALF, JULY, JUNE, LAST_SECOND, SEPTEMBER, TENTH, utc
from tests.refused import error_of, values_of
from tests.subscriptions.accounts import cancelled, ladder, plan, standing_at, with_grace


def changing(key: str, at: datetime, held: Status = Status.active) -> Subscription:
    """An account with a change that waits."""
    return waiting(standing_at(held), key, at)


# --- At an instant ---
def test_before_the_next_boundary_nothing_happens() -> None:
    """A1: the very same facts, up to the last second."""
    account = standing_at(Status.active)
    assert at_instant(account, LAST_SECOND) is account


@pytest.mark.parametrize(
    ("at", "start", "end"),
    [
        (JULY, JULY, AUGUST),
        (utc(2026, 7, 31, 23, 59, 59), JULY, AUGUST),
        (AUGUST, AUGUST, SEPTEMBER),
        (utc(2126, 6, 17), utc(2126, 6, 1), utc(2126, 7, 1)),
    ],
)
def test_a_renewed_account_stands_at_the_start_of_its_period(
    at: datetime, start: datetime, end: datetime
) -> None:
    """A1, T3: `as_of` is the last boundary crossed, and nothing else has changed."""
    account = standing_at(Status.past_due)
    assert at_instant(account, at) == evolve(
        account,
        as_of=start,
        phase=OnPaid(Cycle(JUNE), Period(start, end), Standing.past_due, standing_since=TENTH),
    )


@pytest.mark.parametrize(
    ("at", "key", "as_of"),
    [
        (utc(2026, 7, 31, 23, 59, 59), "pro", JULY),
        (AUGUST, "solo", AUGUST),
        (utc(2030, 1, 20), "solo", utc(2030, 1, 1)),
    ],
)
def test_a_change_is_made_at_its_instant(at: datetime, key: str, as_of: datetime) -> None:
    """P3: not a second before, and the periods after it renew on the plan changed to."""
    account = at_instant(changing("solo", AUGUST), at)
    assert (account.plan.key, account.as_of) == (key, as_of)
    assert (account.scheduled_change is None) is (key == "solo")


def test_the_edition_that_waits_holds_from_the_boundary() -> None:
    """C5: years later it is still the one that waited for July."""
    account = evolve(standing_at(Status.active), next_catalog=ladder("next", pro=21_00))
    later = at_instant(account, utc(2030, 1, 20))
    assert later.catalog.edition == "next"
    assert later.plan.price.amount == 2100
    assert later.next_catalog is None


@pytest.mark.parametrize(
    ("status", "marked"), [(Status.restricted, False), (Status.trialing, True)]
)
def test_what_nobody_pays_for_ends_on_free(status: Status, marked: bool) -> None:
    """D3, R4: years later the account is on Free since July, marked after a trial."""
    account = at_instant(standing_at(status), utc(2030, 1, 20))
    assert (account.phase, account.as_of, account.plan.key) == (OnFree(marked), JULY, "free")


def test_a_trial_with_a_card_goes_on_from_its_end() -> None:
    """R3: the trial's end is the anchor of the periods, years later too."""
    account = on_trial(utc(2026, 1, 15), card=True).subscription
    phase = at_instant(account, utc(2030, 3, 1)).phase
    assert phase == OnPaid(
        Cycle(utc(2026, 2, 14)), Period(utc(2030, 2, 14), utc(2030, 3, 14)), Standing.good
    )


each_question = pytest.mark.parametrize(
    "ask",
    [
        at_instant,
        status,
        days_left,
        lambda account, at: change_takes_effect(account, plan("solo"), at),
    ],
    ids=["at_instant", "status", "days_left", "change_takes_effect"],
)


@each_question
def test_an_instant_before_the_facts_is_refused(
    ask: Callable[[Subscription, datetime], object],
) -> None:
    """A2: the error says what was asked, and from when on there are answers."""
    assert values_of(
        OutOfOrderError, ask, standing_at(Status.active), utc(2026, 6, 9, 23, 59, 59)
    ) == (utc(2026, 6, 9, 23, 59, 59), TENTH)


@each_question
def test_what_is_no_subscription_and_no_instant_is_refused(
    ask: Callable[[object, object], object],
) -> None:
    """A2: an account with its money is no subscription, a naive datetime no instant."""
    with pytest.raises(InvalidTypeError) as no_subscription:
        ask(on_plan(PRO, JUNE), HALF)
    error = error_of(InvalidValueError, ask, standing_at(Status.active), datetime(2026, 6, 16))
    assert no_subscription.value.name == "subscription"
    assert no_subscription.value.expected == "a Subscription"
    assert error.name == "instant"


# --- One stride ---
STRIDES: dict[str, Callable[[], Subscription]] = {
    "active": lambda: standing_at(Status.active),
    "past due": lambda: standing_at(Status.past_due),
    "past due, with a grace": lambda: in_grace(HALF),
    "a change of plan in August": lambda: changing("solo", AUGUST),
    "a change of interval in August": lambda: changing("solo_year", AUGUST),
    "a change of plan in 2100": lambda: changing("solo", utc(2100, 1, 1)),
    "a cancellation in 2100": lambda: changing("free", utc(2100, 1, 15)),
    "an edition that waits": lambda: evolve(
        standing_at(Status.active), next_catalog=ladder("next")
    ),
    "a trial with a card": lambda: on_trial(JUNE, card=True).subscription,
}


@pytest.mark.parametrize("account", STRIDES.values(), ids=STRIDES)
def test_many_years_are_passed_at_the_cost_of_few(
    account: Callable[[], Subscription], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A1: seventy years or seven thousand, the same few boundaries are computed."""
    boundaries = counted_boundaries(monkeypatch)
    facts = account()
    counts = []
    for year in (2101, 2201, 9101):
        boundaries.clear()
        at_instant(facts, utc(year, 3, 20))
        counts.append(len(boundaries))
    assert (counts, counts[0] < 30) == ([counts[0]] * 3, True)


def test_one_stride_lands_on_the_period_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A1: of a plain renewal only the two ends of the period asked for are computed."""
    boundaries = counted_boundaries(monkeypatch)
    account = standing_at(Status.active)
    boundaries.clear()
    at_instant(account, utc(2126, 6, 17))
    assert sorted(set(boundaries)) == [1200, 1201]


def test_a_stride_stops_a_second_before_what_waits() -> None:
    """P3: whatever is asked, a change is made at its own instant, by the table."""
    facts = changing("free", utc(2100, 1, 15))
    account = at_instant(facts, utc(2100, 1, 15))
    assert (account.phase, account.as_of) == (OnFree(), utc(2100, 1, 15))


# --- Status ---
@pytest.mark.parametrize(
    ("account", "statuses"),
    [
        (lambda: standing_at(Status.free), ["free", "free", "free"]),
        (lambda: standing_at(Status.trial_ended), ["trial_ended"] * 3),
        (lambda: standing_at(Status.trialing), ["trialing", "trial_ended", "trial_ended"]),
        (lambda: on_trial(JUNE, card=True).subscription, ["trialing", "active", "active"]),
        (lambda: cancelled(standing_at(Status.trialing)), ["trialing", "free", "free"]),
        (lambda: standing_at(Status.active), ["active"] * 3),
        (lambda: standing_at(Status.past_due), ["past_due"] * 3),
        (lambda: cancelled(standing_at(Status.past_due)), ["past_due", "free", "free"]),
        (lambda: standing_at(Status.restricted), ["restricted", "free", "free"]),
        (lambda: changing("free", utc(2026, 7, 15)), ["active", "active", "free"]),
    ],
    ids=[
        "on Free",
        "trial ended",
        "trial",
        "trial with a card",
        "trial cancelled",
        "active",
        "past due",
        "past due and cancelled",
        "restricted",
        "cancelled for the middle of July",
    ],
)
def test_status(account: Callable[[], Subscription], statuses: list[str]) -> None:
    """A1: a second before the first of July, at it, and in September."""
    facts = account()
    assert [status(facts, at) for at in (LAST_SECOND, JULY, SEPTEMBER)] == statuses


# --- Days left ---
@pytest.mark.parametrize(
    ("at", "days"), [(TENTH, 21), (HALF, 15), (LAST_SECOND, 1), (JULY, None), (SEPTEMBER, None)]
)
def test_days_left(at: datetime, days: int | None) -> None:
    """R7: counted up during the trial, nothing to count from its end on."""
    assert days_left(standing_at(Status.trialing), at) == days


@pytest.mark.parametrize(
    "held", [Status.free, Status.trial_ended, Status.active, Status.past_due, Status.restricted]
)
def test_no_days_are_left_outside_a_trial(held: Status) -> None:
    """R7: None, not 0."""
    assert days_left(standing_at(held), HALF) is None


def test_a_fraction_of_a_second_is_no_day() -> None:
    """T1, R7: a fraction before 29 days are left, it is already dropped."""
    at = datetime(2026, 6, 10, 23, 59, 59, 999_999, tzinfo=JUNE.tzinfo)
    assert days_left(standing_at(Status.trialing), at) == 21


# --- When a change takes effect ---
EFFECTIVE: dict[str, tuple[Callable[[], Subscription], str, datetime, datetime]] = {
    "an upgrade": (lambda: standing_at(Status.active), "top", HALF, HALF),
    "a downgrade": (lambda: standing_at(Status.active), "solo", HALF, JULY),
    "a downgrade after a renewal": (lambda: standing_at(Status.active), "solo", JULY, AUGUST),
    "a cancellation": (lambda: standing_at(Status.past_due), "free", HALF, JULY),
    "a restricted account's": (lambda: standing_at(Status.restricted), "free", HALF, JULY),
    "the plan held": (lambda: standing_at(Status.active), "pro", HALF, HALF),
    "the plan held, a change waiting": (lambda: changing("solo", JULY), "pro", HALF, HALF),
    "another plan than the one waiting": (lambda: changing("solo", AUGUST), "free", HALF, JULY),
    "an upgrade, a change waiting": (lambda: changing("solo", JULY), "top", HALF, HALF),
    "a higher plan by the year": (lambda: standing_at(Status.active), "top_year", HALF, HALF),
    "a lower plan by the year": (lambda: standing_at(Status.active), "solo_year", HALF, JULY),
    "a cancellation in a grace": (lambda: in_grace(HALF), "free", HALF, JULY),
    "a paid plan after a grace": (lambda: in_grace(HALF), "top", AUGUST, AUGUST),
    "a start": (lambda: standing_at(Status.free), "solo", HALF, HALF),
    "Free on Free": (lambda: standing_at(Status.trial_ended), "free", HALF, HALF),
    "a higher plan in the trial": (lambda: standing_at(Status.trialing), "top", HALF, HALF),
    "a lower plan in the trial": (lambda: standing_at(Status.trialing), "solo", HALF, JULY),
    "Free in the trial": (lambda: standing_at(Status.trialing), "free", HALF, JULY),
    "the trial's plan": (lambda: standing_at(Status.trialing), "pro", HALF, HALF),
    "a paid plan after the trial": (lambda: standing_at(Status.trialing), "solo", JULY, JULY),
    "a plan of before the change": (lambda: changing("solo", JULY), "pro", JULY, JULY),
    "a paid plan after a restriction": (
        lambda: standing_at(Status.restricted),
        "top",
        AUGUST,
        AUGUST,
    ),
}


@pytest.mark.parametrize(("account", "key", "at", "expected"), EFFECTIVE.values(), ids=EFFECTIVE)
def test_change_takes_effect(
    account: Callable[[], Subscription], key: str, at: datetime, expected: datetime
) -> None:
    """P1–P5, R6: at once or at the end, as time has left the account by then."""
    assert change_takes_effect(account(), plan(key), at) == expected


def test_a_missing_payment_method_is_no_reason() -> None:
    """B8: people may know when before they give a card; the choice itself is refused."""
    account = on_trial(JUNE, catalog=ladder())
    error_of(PaymentMethodRequiredError, apply, account, ChoosePlan(plan("top"), at=HALF))
    assert change_takes_effect(account.subscription, plan("top"), HALF) == HALF


def test_what_is_asked_is_the_choice_itself() -> None:
    """P3: choosing does what was said, in the edition that waits too."""
    account = after(
        on_plan(plan("pro"), JUNE, catalog=ladder()), MoveToEdition(ladder("next"), at=TENTH)
    )
    said = change_takes_effect(account.subscription, plan("solo"), HALF)
    chosen = apply(account, ChoosePlan(plan("solo"), at=HALF)).account
    assert (said, advance(chosen, JULY).account.subscription.plan.key) == (JULY, "solo")


def test_the_instant_is_answered_in_utc_at_whole_seconds() -> None:
    """T1: the instant of a choice at once is the one that would be recorded."""
    at = datetime(2026, 6, 16, 0, 0, 0, 400_000, tzinfo=JUNE.tzinfo)
    effective = change_takes_effect(standing_at(Status.active), plan("top"), at)
    assert effective.isoformat() == "2026-06-16T00:00:00+00:00"


# --- A grace ---
def in_grace(until: datetime) -> Subscription:
    """Past due on Pro since the tenth, restricted by time alone at `until`."""
    return with_grace(standing_at(Status.past_due), until)


@pytest.mark.parametrize(
    ("grace_end", "told"),
    [
        (HALF, ["past_due", "restricted", "restricted", "free"]),
        (LAST_SECOND, ["past_due", "past_due", "restricted", "free"]),
        (JULY, ["past_due", "past_due", "past_due", "free"]),
        (utc(2026, 7, 2), ["past_due", "past_due", "past_due", "past_due"]),
    ],
    ids=["inside", "in the last second", "at the end", "after a renewal"],
)
def test_a_grace_restricts_by_time_alone(grace_end: datetime, told: list[str]) -> None:
    """D6, D3: whoever asks, and whether or not anybody went forward."""
    facts = in_grace(grace_end)
    instants = [TENTH, HALF, LAST_SECOND, JULY]
    assert [status(facts, at) for at in instants] == told
    assert [held_at(facts, at)[0][2] for at in instants] == told


def test_a_grace_can_be_looked_past() -> None:
    """D6: reports show what is held if somebody pays before it lapses."""
    facts = in_grace(HALF)
    kept = without_grace(facts)
    assert kept == standing_at(Status.past_due)
    assert status(kept, LAST_SECOND) == "past_due"
    for other in (standing_at(Status.past_due), standing_at(Status.trialing)):
        assert without_grace(other) is other


def test_a_grace_that_outlives_its_period_is_kept_through_the_renewal() -> None:
    """D6: the instant was stored at the first failure, and a renewal moves none."""
    facts = in_grace(utc(2026, 7, 2))
    renewed = at_instant(facts, JULY)
    assert renewed.phase == OnPaid(
        Cycle(JUNE),
        Period(JULY, AUGUST),
        Standing.past_due,
        standing_since=TENTH,
        grace_end=utc(2026, 7, 2),
    )
    assert [held_at(facts, at)[0][2] for at in (utc(2026, 7, 2), AUGUST)] == ["restricted", "free"]


@pytest.mark.parametrize(
    ("account", "at", "until"),
    [
        (lambda: in_grace(HALF), TENTH, HALF),
        (lambda: in_grace(HALF), HALF, JULY),
        (lambda: in_grace(JULY), TENTH, JULY),
        (lambda: in_grace(utc(2026, 7, 2)), TENTH, JULY),
        (lambda: in_grace(utc(2026, 7, 2)), JULY, utc(2026, 7, 2)),
        (lambda: in_grace(utc(2026, 7, 2)), utc(2026, 7, 2), AUGUST),
    ],
)
def test_an_answer_in_a_grace_holds_until_it_ends(
    account: Callable[[], Subscription], at: datetime, until: datetime
) -> None:
    """A3, D6: the grace's end is an instant at which time does something."""
    _, _, boundary = held_at(account(), at)
    assert boundary == until


# --- What is held ---
SEAMS = (TENTH, HALF, LAST_SECOND, JULY, utc(2026, 7, 2), AUGUST, utc(2027, 7, 1), utc(2028, 3, 1))


@st.composite
def waiting_facts(draw: st.DrawFn) -> Subscription:
    """An account with whatever can wait for it at once: a grace's end, a change of plan (of its
    own interval, of another, to Free), an edition that retires a plan, a payment method or none.

    Width: every status, each at the seams of two periods.
    """
    held = draw(st.sampled_from(Status))
    facts = evolve(standing_at(held), payment_method=draw(st.booleans()))
    if held is Status.past_due and (end := draw(st.none() | st.sampled_from(SEAMS[1:6]))):
        facts = with_grace(facts, end)
    if facts.plan.is_free:
        return facts
    if draw(st.booleans()):
        facts = evolve(facts, next_catalog=ladder("next", pro=21_00, retired=["top"]))
    key = draw(st.sampled_from([None, "free", "solo", "solo_year", "top_year"]))
    if key is None:
        return facts
    late = held is not Status.trialing or key == "free"
    return waiting(facts, key, draw(st.sampled_from([JULY, AUGUST]) if late else st.just(JULY)))


@given(
    st.from_type(Subscription) | waiting_facts(),
    st.integers(0, 1200 * 86_400) | st.sampled_from(SEAMS),
)
def test_what_is_held_is_what_the_facts_lead_to(facts: Subscription, later: int | datetime) -> None:
    """A1: read without building the facts on the way, and the same. Width: up to 1200 days on."""
    at = later if isinstance(later, datetime) else facts.as_of + timedelta(seconds=later)
    at = max(at, facts.as_of)
    then = at_instant(facts, at)
    held = (then.catalog, then.plan, then.phase.status, then.retired)
    assert held_at(facts, at) == (held, at, then.next_boundary)


@given(waiting_facts(), st.sampled_from(SEAMS), st.sampled_from(SEAMS))
def test_what_is_held_is_the_same_whether_or_not_time_was_recorded(
    facts: Subscription, one: datetime, other: datetime
) -> None:
    """A1, D6: asked of the facts of before, or of those that somebody went forward to."""
    earlier, at = sorted([one, other])
    recorded = at_instant(facts, earlier)
    assert held_at(recorded, at) == held_at(facts, at)


def test_an_edition_that_waits_says_what_nobody_can_choose() -> None:
    """C9: what either edition has retired, and from the boundary on what the new one has."""
    facts = evolve(
        standing_at(Status.active),
        catalog=ladder(retired=["solo"]),
        next_catalog=ladder("next", retired=["top"]),
    )
    assert [held_at(facts, at)[0][3] for at in (HALF, JULY)] == [{"solo", "top"}, {"top"}]


@pytest.mark.parametrize(
    ("at", "until"),
    [(LAST_SECOND, JULY), (JULY, utc(2027, 7, 1)), (utc(2027, 7, 1), utc(2028, 7, 1))],
)
def test_a_change_of_interval_that_waits_starts_a_cycle_of_its_own(
    at: datetime, until: datetime
) -> None:
    """P9: from the boundary on by the year, with that instant as the anchor."""
    _, _, boundary = held_at(changing("solo_year", JULY), at)
    assert boundary == until


@pytest.mark.parametrize("at", [HALF, JULY, AUGUST, LAST_SECOND, SEPTEMBER])
@pytest.mark.parametrize("key", ["free", "solo"])
def test_a_change_agreed_for_a_later_boundary_is_held_then(key: str, at: datetime) -> None:
    """P5: a change has its own instant, which may be more than one boundary away."""
    facts = changing(key, AUGUST)
    held = key if at >= AUGUST else facts.plan.key
    (_, there, _, _), _, _ = held_at(facts, at)
    assert there.key == held


@pytest.mark.parametrize(
    ("at", "held"),
    [
        (LAST_SECOND, "trialing on pro until 01 Jul"),
        (JULY, "active on pro until 01 Aug"),
        (AUGUST, "active on pro until 16 Aug"),
        (utc(2026, 8, 15, 23, 59, 59), "active on pro until 16 Aug"),
        (utc(2026, 8, 16), "free on free until None"),
    ],
)
def test_a_trial_that_goes_on_may_be_agreed_to_end_later(at: datetime, held: str) -> None:
    """P5: the cancellation waits through the trial's end and the renewals, and has its instant."""
    facts = changing("free", utc(2026, 8, 16), Status.trialing)
    (_, there, how, _), _, until = held_at(evolve(facts, payment_method=True), at)
    assert f"{how} on {there.key} until {until and format(until, '%d %b')}" == held


def test_a_trial_that_lapses_ends_what_was_agreed_for_later() -> None:
    """R4: without a payment method nothing goes on that could be cancelled."""
    facts = changing("free", utc(2026, 8, 16), Status.trialing)
    then = at_instant(evolve(facts, payment_method=False), JULY)
    assert (then.phase, then.scheduled_change) == (OnFree(trial_ended=True), None)


def test_what_is_held_keeps_the_anchor_through_a_change() -> None:
    """T3, P3: the lower plan goes on in the same cycle, whose day was too late for February."""
    account = on_plan(plan("top"), utc(2026, 1, 31), catalog=ladder())
    facts = after(account, ChoosePlan(plan("pro"), at=utc(2026, 2, 1))).subscription
    _, _, boundary = held_at(facts, utc(2026, 3, 1))
    assert boundary == utc(2026, 3, 31)
