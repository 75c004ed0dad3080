"""An account in time: open, apply, advance, preview, replay, and the next invoice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Account,
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    AdjustCredit,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    Currency,
    CurrencyMismatchError,
    EventKind,
    InvalidTypeError,
    InvalidValueError,
    InvoiceCause,
    Money,
    OutOfOrderError,
    PaymentFailed,
    PaymentMethodRequiredError,
    PaymentSucceeded,
    Refunded,
    RemovePaymentMethod,
    ScheduledChange,
    StartFree,
    StartTrial,
    Statement,
    advance,
    apply,
    open_account,
    preview,
    replay,
    statements,
    upcoming_invoice,
)
from tests.accounts import (
    after,
    cents,
    dues,
    named,
    on_free,
    on_plan,
    on_trial,
    on_year,
    repriced,
    restricted,
    usd,
    with_change,
    with_enterprise,
)
from tests.boundaries import counted_boundaries
from tests.instants import AUGUST, HALF, JULY, JUNE, LAST_SECOND, SEPTEMBER, TENTH, utc
from tests.refused import error_of, values_of

MAY = utc(2026, 5, 1)


def story() -> list[Action]:
    """A customer who buys Pro in June, grows, and moves to Ultimate."""
    return [
        StartFree(at=JUNE),
        AddPaymentMethod(at=JUNE),
        ChoosePlan(PRO, 3, at=JUNE),
        ChangeSeats(4, at=HALF),
        ChoosePlan(ULTIMATE, at=JULY),
    ]


# --- Opening ---
def test_an_account_opens_without_money() -> None:
    """P7: no lines, no balance, no invoice, in the edition asked for."""
    statement = open_account(StartFree(at=JUNE), repriced("2027"))
    assert statement.account.pending_lines == ()
    assert statement.account.credit_balance == usd(0)
    assert statement.invoices == ()
    assert statement.account.subscription.catalog.edition == "2027"


def test_an_account_opens_in_the_published_catalogue() -> None:
    """C1: unless another is given."""
    account = open_account(StartTrial(at=JUNE)).account
    assert account.subscription.catalog.edition == "2026"


# --- Going forward ---
@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (JUNE, []),
        (LAST_SECOND, []),
        (JULY, [(JULY, 5700)]),
        (AUGUST, [(JULY, 5700), (AUGUST, 5700)]),
    ],
)
def test_time_issues_the_invoices_up_to_and_including_its_instant(
    to: datetime, expected: list[tuple[datetime, int]]
) -> None:
    """T4, B2: and the account stands where it was told to."""
    statement = advance(on_plan(PRO, JUNE, seats=3), to)
    assert (dues(statement.invoices), statement.account.subscription.as_of) == (expected, to)


def test_the_past_is_refused() -> None:
    """T4: the error holds both instants."""
    account = advance(on_plan(PRO, JUNE), HALF).account
    values = values_of(OutOfOrderError, advance, account, utc(2026, 6, 15, 23, 59, 59))
    assert values == (utc(2026, 6, 15, 23, 59, 59), HALF)


def test_an_action_of_the_past_is_refused() -> None:
    """T4: by apply and by preview alike."""
    account = advance(on_plan(PRO, JUNE), HALF).account
    for act in (apply, preview):
        assert values_of(OutOfOrderError, act, account, Cancel(at=JUNE)) == (JUNE, HALF)


def test_an_action_comes_after_the_time_before_it() -> None:
    """T5: two renewals, then the upgrade, in one statement, oldest first."""
    statement = apply(on_plan(PRO, JUNE), ChoosePlan(ULTIMATE, at=utc(2026, 8, 16, 12)))
    assert dues(statement.invoices) == [(JULY, 1900), (AUGUST, 1900), (utc(2026, 8, 16, 12), 1000)]


def test_a_preview_is_thrown_away_and_asks_for_no_card() -> None:
    """B8: the same statement as with a card, but for the card; the account is as it was."""
    bare = after(on_plan(PRO, JUNE), RemovePaymentMethod(at=JUNE))
    choice = ChoosePlan(ULTIMATE, at=HALF)
    shown = preview(bare, choice)
    charged = apply(after(bare, AddPaymentMethod(at=JUNE)), choice)
    error_of(PaymentMethodRequiredError, apply, bare, choice)
    assert (shown.invoices, bare.subscription.plan.key) == (charged.invoices, "pro")


# --- Replaying ---
@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_a_history_may_be_any_collection(kind: Callable[[list[Action]], Any]) -> None:
    """P7: a list, a tuple, an iterator."""
    assert dues(replay(kind(story())).invoices) == [(JUNE, 5700), (JULY, 8550), (JULY, 8000)]


def test_a_history_of_any_length_is_read_once() -> None:
    """P7: every action is taken from an iterator a single time."""
    taken: list[Action] = []

    def told() -> Iterator[Action]:
        for action in story():
            taken.append(action)
            yield action

    replay(told())
    assert taken == story()


@pytest.mark.parametrize(
    ("until", "invoices", "seats"),
    [
        (JUNE, [(JUNE, 5700)], 3),
        (utc(2026, 6, 15, 23, 59, 59), [(JUNE, 5700)], 3),
        (HALF, [(JUNE, 5700)], 4),
        (LAST_SECOND, [(JUNE, 5700)], 4),
    ],
)
def test_later_actions_are_left_out(
    until: datetime, invoices: list[tuple[datetime, int]], seats: int
) -> None:
    """T4: a past instant is seen as it was, its own actions included."""
    statement = replay(story(), until)
    subscription = statement.account.subscription
    assert dues(statement.invoices) == invoices
    assert subscription.seats == seats
    assert subscription.as_of == until


def test_time_goes_on_to_the_instant_asked_for() -> None:
    """B9: after the last action too."""
    statement = replay([StartTrial(2, at=MAY), AddPaymentMethod(at=MAY)], until=JULY)
    assert dues(statement.invoices) == [(utc(2026, 5, 31), 3800), (utc(2026, 6, 30), 3800)]


def test_without_an_instant_the_account_stands_at_the_last_action() -> None:
    """T4: time that nobody asked for has not gone by."""
    assert replay(story()).account.subscription.as_of == JULY


def test_a_replay_is_sold_from_the_catalogue_given() -> None:
    """C5: by position or by name."""
    start = [StartFree(at=JUNE)]
    statements = replay(start, None, repriced("2027")), replay(start, catalog=repriced("2027"))
    editions = [each.account.subscription.catalog.edition for each in statements]
    assert editions == ["2027", "2027"]


@pytest.mark.parametrize("kind", [list, tuple, iter])
@pytest.mark.parametrize("until", [None, JUNE])
def test_an_empty_history_is_refused(
    kind: Callable[[list[Action]], Any], until: datetime | None
) -> None:
    """P7: there is no account to show."""
    error = error_of(ActionRefusedError, replay, kind([]), until)
    assert error.because == "a history starts with StartTrial or StartFree, and this one is empty"
    assert error.instead == "open the account first"


def test_until_before_the_first_action_is_refused() -> None:
    """T4: the error holds the instant asked for, and the first one there is."""
    assert values_of(OutOfOrderError, replay, story(), MAY) == (MAY, JUNE)


@pytest.mark.parametrize("until", [None, JUNE, SEPTEMBER])
def test_a_history_out_of_order_is_refused(until: datetime | None) -> None:
    """T4: also where the action would be left out; the error holds both instants."""
    actions = [StartFree(at=JUNE), AddPaymentMethod(at=AUGUST), Cancel(at=JULY)]
    assert values_of(OutOfOrderError, replay, actions, until) == (JULY, AUGUST)


def test_actions_at_one_instant_are_in_order() -> None:
    """T4: equal instants apply in the order given."""
    statement = replay([
        StartFree(at=JUNE),
        AddPaymentMethod(at=JUNE),
        RemovePaymentMethod(at=JUNE),
    ])
    assert statement.account.subscription.payment_method is False


@pytest.mark.parametrize("actions", ["StartFree", None, 7])
def test_what_is_no_collection_is_refused(actions: Any) -> None:
    """P7: a text is no history."""
    error = error_of(InvalidTypeError, replay, actions)
    assert (error.name, error.value) == ("actions", actions)


CALLS: dict[str, tuple[Callable[[Any], object], str, str]] = {
    "open_account": (open_account, "action", "an Action"),
    "apply": (lambda v: apply(on_free(JUNE), v), "action", "an Action"),
    "preview": (lambda v: preview(on_free(JUNE), v), "action", "an Action"),
    "replay, first": (lambda v: replay([v]), "action", "an Action"),
    "replay, later": (lambda v: replay([StartFree(at=JUNE), v]), "action", "an Action"),
    "apply to": (lambda v: apply(v, Cancel(at=JUNE)), "account", "an Account"),
    "preview of": (lambda v: preview(v, Cancel(at=JUNE)), "account", "an Account"),
    "advance": (lambda v: advance(v, JUNE), "account", "an Account"),
    "upcoming_invoice": (upcoming_invoice, "account", "an Account"),
    "open_account in": (lambda v: open_account(StartFree(at=JUNE), v), "catalog", "a Catalog"),
    "replay in": (lambda v: replay([StartFree(at=JUNE)], None, v), "catalog", "a Catalog"),
}


@pytest.mark.parametrize(("call", "name", "expected"), CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("value", [None, "Cancel", Cancel], ids=["nothing", "a text", "a class"])
def test_an_argument_of_the_wrong_type_is_refused(
    call: Callable[[Any], object], name: str, expected: str, value: Any
) -> None:
    """The error names the argument, holds its value, and says what was expected."""
    assert values_of(InvalidTypeError, call, value) == (name, value, expected)


@pytest.mark.parametrize(
    "call",
    [lambda at: advance(on_free(JUNE), at), lambda at: replay([StartFree(at=JUNE)], at)],
    ids=["advance", "replay"],
)
def test_a_naive_instant_is_refused(call: Callable[[datetime], Statement]) -> None:
    """T1: also where it would lie ahead."""
    error = error_of(InvalidValueError, call, datetime(2026, 7, 1))
    assert (error.name, error.value) == ("instant", datetime(2026, 7, 1))


# --- The next invoice ---
def free_in_july() -> Account:
    """On Pro, to Free in the middle of July."""
    return with_change(on_plan(PRO, JUNE), "free", utc(2026, 7, 17))


def in_grace(*, days: int) -> Account:
    """On Pro, a payment failed on the tenth, in an edition whose grace is of so many days."""
    catalog = evolve(CHATIM, terms=evolve(CHATIM.terms, grace_days=days))
    return after(on_plan(PRO, JUNE, catalog=catalog), PaymentFailed(at=TENTH))


def ending_in_grace() -> Account:
    """On Pro, a seat added on the tenth, its grace over on the 13th, to Free at half of June."""
    catalog = evolve(CHATIM, terms=evolve(CHATIM.terms, grace_days=3))
    account = after(
        on_plan(PRO, JUNE, catalog=catalog), ChangeSeats(2, at=TENTH), PaymentFailed(at=TENTH)
    )
    ends = ScheduledChange(FREE, HALF)
    return evolve(account, subscription=evolve(account.subscription, scheduled_change=ends))


def seat_added(*later: Action) -> Account:
    """On Pro, a seat added at half of June, and then these actions."""
    return after(on_plan(PRO, JUNE), ChangeSeats(2, at=HALF), *later)


Next = tuple[datetime, list[int]] | None

NEXT: dict[str, tuple[Callable[[], Account], Next]] = {
    "on Free": (lambda: on_free(JUNE, card=True), None),
    "in a trial without a card": (lambda: on_trial(MAY), None),
    "with a card": (lambda: on_trial(MAY, seats=2, card=True), (utc(2026, 5, 31), [3800])),
    "cancelled in a trial": (lambda: after(on_trial(MAY, card=True), Cancel(at=MAY)), None),
    "on Pro": (lambda: named("pro"), (JULY, [1900])),
    "a seat added": (seat_added, (JULY, [-950, 1900, 3800])),
    "cancelled": (lambda: named("pro, cancelled"), None),
    "a seat added, cancelled": (lambda: seat_added(Cancel(at=HALF)), (JULY, [-950, 1900])),
    "a seat added, restricted": (lambda: seat_added(PaymentFailed(final=True, at=HALF)), None),
    "paid again": (lambda: after(restricted(), PaymentSucceeded(at=HALF)), (JULY, [1900])),
    "past due": (lambda: named("pro, past due"), (JULY, [1900])),
    "restricted by time before the end": (lambda: in_grace(days=20), None),
    "restricted by time at the end": (lambda: in_grace(days=21), None),
    "restricted by time, then to Free with lines waiting": (ending_in_grace, (HALF, [-1330, 2660])),
    "a grace beyond the end": (lambda: in_grace(days=22), (JULY, [1900])),
    "by the month from next June on": (
        lambda: after(on_year(JUNE), ChoosePlan(ULTIMATE, at=HALF)),
        (utc(2027, 6, 1), [3900]),
    ),
    "on Ultimate, Pro waiting": (lambda: named("ultimate, pro waiting"), (JULY, [1900])),
    "to Free in July": (free_in_july, (JULY, [1900])),
    "the same in July": (lambda: advance(free_in_july(), JULY).account, None),
    "the same in July, a seat added": (
        lambda: after(free_in_july(), ChangeSeats(2, at=JULY)),
        (utc(2026, 7, 17), [-1900, 3800]),
    ),
}


@pytest.mark.parametrize(("account", "expected"), NEXT.values(), ids=NEXT)
def test_upcoming_invoice(account: Callable[[], Account], expected: Next) -> None:
    """B2, R4, P4, D3: when it comes and its lines; None if time alone will issue none."""
    invoice = upcoming_invoice(account())
    assert (None if invoice is None else (invoice.issued_at, cents(invoice))) == expected


def test_the_next_invoice_is_met_from_the_balance() -> None:
    """B7: it is shown as it will be issued."""
    account = evolve(on_plan(PRO, JUNE), credit_balance=usd(500))
    invoice = upcoming_invoice(account)
    assert invoice is not None
    assert (invoice.credit_before, invoice.amount_due) == (usd(500), usd(1400))


# --- What it costs ---
def test_the_cost_is_linear_in_the_boundaries_crossed(monkeypatch: pytest.MonkeyPatch) -> None:
    """B9: every year costs what the first one cost, though each is counted from the anchor."""
    boundaries = counted_boundaries(monkeypatch)
    account = on_plan(PRO, JUNE)
    counts = []
    for years in (1, 2, 3, 10):
        boundaries.clear()
        statement = advance(account, JUNE.replace(year=2026 + years))
        counts.append((len(statement.invoices), len(boundaries)))
    in_range = 2  # once for all: the period that holds the instant asked for must have an end
    per_year = counts[0][1] - in_range
    assert counts == [(12 * years, years * per_year + in_range) for years in (1, 2, 3, 10)]


def test_an_action_in_every_month_costs_the_same_in_the_last_as_in_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """B9: a long history is folded, never started anew."""
    boundaries = counted_boundaries(monkeypatch)
    account, counts = on_plan(PRO, utc(2026, 1, 15)), []
    for year in range(2026, 2030):
        boundaries.clear()
        for month in range(1, 13):
            account = after(account, ChangeSeats(month, at=utc(year, month, 20)))
        counts.append(len(boundaries))
    assert counts[1:] == [counts[1]] * 3


@pytest.mark.parametrize("who", ["pro", "trial, card", "pro, past due"])
def test_an_instant_out_of_range_is_said_at_once(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """T3: a period that would end after the year 9999 is refused before any other is billed."""
    boundaries, account = counted_boundaries(monkeypatch), named(who)
    boundaries.clear()
    error_of(InvalidValueError, advance, account, utc(9999, 12, 15))
    assert len(boundaries) < 20


def test_an_account_that_ends_on_free_can_go_to_the_end_of_time() -> None:
    """P4: nothing is billed after the change that waits, so no period ends too late."""
    account = with_change(on_plan(PRO, JUNE), "free", utc(2026, 9, 1))
    statement = advance(account, utc(9999, 12, 31))
    assert (statement.account.subscription.plan, len(statement.invoices)) == (FREE, 2)


# --- What Chatim decides ---
def test_a_balance_that_is_adjusted_meets_the_next_invoice() -> None:
    """B13: granted and taken, it issues nothing by itself, and says so in the events."""
    granted = apply(on_plan(PRO, JUNE), AdjustCredit(usd(500), at=TENTH))
    taken = apply(granted.account, AdjustCredit(usd(-700), at=TENTH))
    assert (granted.invoices, taken.invoices) == ((), ())
    assert [granted.account.credit_balance, taken.account.credit_balance] == [usd(500), usd(-200)]
    assert [event.kind for event in taken.events] == [EventKind.adjust_credit]
    assert advance(taken.account, JULY).invoices[0].amount_due == usd(21_00)


def test_what_was_given_back_is_kept_by_the_invoices_number() -> None:
    """F2: it moves no balance, and only what is left can be given back."""
    once = apply(on_plan(PRO, JUNE), Refunded(1, usd(1000), at=TENTH)).account
    assert (once.issued[0].refunded, once.credit_balance) == (usd(1000), usd(0))
    assert repr(once.issued[0]) == "IssuedInvoice(amount_due=19.00 USD, refunded=10.00 USD)"
    error = error_of(ActionRefusedError, apply, once, Refunded(1, usd(901), at=TENTH))
    assert error.because == "9.01 USD is more than the 9.00 USD left of invoice 1"
    error = error_of(ActionRefusedError, apply, once, PaymentFailed(invoice=2, at=TENTH))
    assert error.because == "the account has no invoice 2, the last is 1"


def test_an_amount_of_another_currency_is_refused() -> None:
    """B13, F2: the error holds the account's currency, then the amount's."""
    euro = Currency("EUR", 2)
    for action in (AdjustCredit(Money(1, euro), at=JUNE), Refunded(1, Money(1, euro), at=JUNE)):
        error = error_of(CurrencyMismatchError, apply, on_plan(PRO, JUNE), action)
        assert (error.left, error.right) == (USD, euro)


def test_a_plan_of_another_interval_credits_what_was_debited() -> None:
    """P9: the unused half of Pro, then a full year."""
    catalog = with_enterprise()
    account = on_plan(PRO, JUNE, catalog=catalog)
    statement = apply(account, ChoosePlan(catalog.plan("enterprise"), at=HALF))
    assert cents(statement.invoices[0]) == [-950, 360_00]
    assert statement.invoices[0].cause is InvoiceCause.interval_changed


def test_many_instants_are_one_fold() -> None:
    """B9: the statement at each is that of a replay up to it; before the history there is none."""
    history = [StartFree(at=JUNE), AddPaymentMethod(at=JUNE), ChoosePlan(PRO, at=TENTH)]
    wanted = [AUGUST, utc(2026, 5, 1), JULY, JUNE]
    replayed = [None if at < JUNE else replay(history, at) for at in wanted]
    assert list(statements(history, wanted)) == replayed
