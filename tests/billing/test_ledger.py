"""What each step of a history bills, keeps and lists, seen through the public functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    Account,
    AccountEvent,
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    AdjustCredit,
    BillingMode,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Currency,
    CurrencyMismatchError,
    EventKind,
    Held,
    InvalidTypeError,
    InvalidValueError,
    InvoiceCause,
    IssuedInvoice,
    Line,
    LineKind,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    OnPaid,
    PaymentFailed,
    PaymentMethodRequiredError,
    PaymentSucceeded,
    Period,
    Refunded,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
    Statement,
    Status,
    advance,
    apply,
    open_account,
    preview,
    replay,
    statements,
    strategies,
    upcoming_invoice,
)
from tests.accounts import (
    a_catalog,
    a_plan,
    after,
    cents,
    dues,
    history,
    on_free,
    on_plan,
    on_trial,
    on_year,
    past_due,
    repriced,
    usd,
    waiting_cents,
    with_enterprise,
    with_plans,
    yearly,
)
from tests.boundaries import counted_boundaries
from tests.instants import AUGUST, HALF, JULY, JUNE, OCTOBER, SEPTEMBER, TENTH, TIE, june, utc
from tests.refused import error_of, values_of

OCT_15 = utc(2026, 10, 15, 9)
OCT_20 = utc(2026, 10, 20, 12)
OCT_27 = utc(2026, 10, 27, 9)


def rest() -> Period:
    """The second half of June."""
    return Period(HALF, JULY)


def classic(catalog: Catalog = CHATIM) -> Catalog:
    """The catalogue, whose plans start in the classic mode."""
    return evolve(catalog, terms=evolve(catalog.terms, billing_mode=BillingMode.classic))


def two_seats() -> Account:
    """On Pro in June, a second seat from half of it on."""
    return after(on_plan(PRO, JUNE), ChangeSeats(2, at=HALF))


def two_seats_lines() -> tuple[Line, ...]:
    """The lines of the second seat: the credit, then the charge."""
    return (
        Line(LineKind.unused_time, PRO, 1, rest(), june(), usd(-950)),
        Line(LineKind.remaining_time, PRO, 2, rest(), june(), usd(1900)),
    )


# --- Lines ---
def test_a_period_that_starts_is_invoiced_after_the_lines_that_waited() -> None:
    """B2, S2: the oldest first."""
    july = Period(JULY, AUGUST)
    (renewal,) = advance(two_seats(), JULY).invoices
    period = Line(LineKind.subscription, PRO, 2, july, july, usd(3800))
    assert renewal.lines == (*two_seats_lines(), period)


def test_a_change_that_waits_adds_its_lines_to_those_that_wait() -> None:
    """S2: no invoice, and the balance stays."""
    statement = apply(evolve(on_plan(PRO, JUNE), credit_balance=usd(70)), ChangeSeats(2, at=HALF))
    assert statement.invoices == ()
    assert statement.account.pending_lines == two_seats_lines()
    assert statement.account.credit_balance == usd(70)


def test_a_change_at_once_is_invoiced_with_the_lines_that_waited() -> None:
    """P1, S2: the lines that waited, the credit, the charge."""
    (upgrade,) = apply(two_seats(), ChoosePlan(ULTIMATE, at=HALF)).invoices
    assert upgrade.lines == (
        *two_seats_lines(),
        Line(LineKind.unused_time, PRO, 2, rest(), rest(), usd(-1900), usd(1900)),
        Line(LineKind.remaining_time, ULTIMATE, 2, rest(), june(), usd(3900)),
    )


def test_a_change_of_interval_credits_the_rest_and_charges_a_whole_period() -> None:
    """P9: the lines that waited come first; the first year is not prorated."""
    catalog = with_plans(yearly())
    account = after(on_plan(PRO, JUNE, catalog=catalog), ChangeSeats(2, at=HALF))
    year = Period(HALF, utc(2027, 6, 16))
    (changed,) = apply(account, ChoosePlan(catalog.plan("yearly"), at=HALF)).invoices
    assert changed.lines == (
        *two_seats_lines(),
        Line(LineKind.unused_time, PRO, 2, rest(), rest(), usd(-1900), usd(1900)),
        Line(LineKind.subscription, catalog.plan("yearly"), 2, year, year, usd(780_00)),
    )


def test_lines_that_wait_are_invoiced_when_billing_stops() -> None:
    """P4: the members of the last month are paid for, the balance taken off."""
    account = evolve(after(two_seats(), Cancel(at=HALF)), credit_balance=usd(-30))
    statement = advance(account, JULY)
    (last,) = statement.invoices
    assert (last.lines, last.amount_due) == (two_seats_lines(), usd(980))
    assert (statement.account.pending_lines, statement.account.credit_balance) == ((), usd(0))


DROPS: dict[str, Callable[[], Statement]] = {
    "still restricted at the end": lambda: advance(
        after(two_seats(), PaymentFailed(final=True, at=HALF)), JULY
    ),
    "cancelled at once": lambda: apply(two_seats(), Cancel(at_once=True, at=HALF)),
    "no lines, cancelled": lambda: advance(after(on_plan(PRO, JUNE), Cancel(at=HALF)), JULY),
}


@pytest.mark.parametrize("stopped", DROPS.values(), ids=DROPS)
def test_lines_that_are_dropped_are_never_invoiced(stopped: Callable[[], Statement]) -> None:
    """D3, P10: the lines are gone, nothing is invoiced, no debit stands."""
    statement = stopped()
    account = statement.account
    assert (statement.invoices, account.pending_lines, account.standing_debit) == ((), (), None)
    assert account.subscription.plan == FREE


def test_a_credit_balance_outlives_the_plan() -> None:
    """B7, P10: what was granted stays on Free, and meets the next invoice."""
    account = after(
        on_plan(PRO, JUNE), AdjustCredit(usd(500), at=TENTH), Cancel(at_once=True, at=HALF)
    )
    assert account.credit_balance == usd(500)
    assert dues(apply(account, ChoosePlan(PRO, at=HALF)).invoices) == [(HALF, 1400)]


def test_a_lower_amount_is_added_to_the_balance() -> None:
    """B7: fewer seats of a year's plan are credited at once, and nothing is due."""
    statement = apply(on_year(JUNE, seats=2), ChangeSeats(1, at=HALF))
    (credited,) = statement.invoices
    assert credited.amount_due == usd(0)
    assert statement.account.credit_balance == -credited.total
    assert credited.total < usd(0)


@pytest.mark.parametrize(
    ("rounding", "expected"), [("ties_to_customer", [-3, 4]), ("ties_away_from_zero", [-3, 5])]
)
def test_lines_are_rounded_by_the_terms_of_the_account(rounding: str, expected: list[int]) -> None:
    """B4: by the terms of the edition that the step is in."""
    catalog = a_catalog(a_plan("free", 0), a_plan("pro", 5), a_plan("top", 9), smallest_charge=0)
    catalog = evolve(catalog, terms=evolve(catalog.terms, rounding=rounding))
    account = on_plan(catalog.plan("pro"), JUNE, catalog=catalog)
    (upgrade,) = apply(account, ChoosePlan(catalog.plan("top"), at=HALF)).invoices
    assert cents(upgrade) == expected


def test_the_smallest_charge_is_of_the_terms_of_the_account() -> None:
    """B10: owed through the balance, by the terms of the edition that the step is in."""
    dear = evolve(CHATIM, terms=evolve(CHATIM.terms, smallest_charge=usd(1001)))
    statement = apply(on_plan(PRO, JUNE, catalog=dear), ChoosePlan(ULTIMATE, at=HALF))
    assert statement.invoices[0].amount_due == usd(0)
    assert statement.account.credit_balance == usd(-1000)


# --- Overdue ---
@pytest.mark.parametrize("final", [False, True])
def test_a_team_that_owes_shrinks_without_a_line(final: bool) -> None:
    """B11: the lower count is charged from the next period on."""
    account = after(
        on_plan(PRO, JUNE, seats=1000),
        PaymentFailed(final=final, at=TENTH),
        ChangeSeats(1, at=HALF),
    )
    assert waiting_cents(account) == []
    paid = after(account, PaymentSucceeded(at=HALF))
    assert dues(advance(paid, JULY).invoices) == [(JULY, 1900)]


def test_what_was_paid_for_counts_again_once_the_team_has_settled() -> None:
    """B11, B12: after a shrink without lines the credit is a part of the debit that was paid."""
    account = after(
        on_plan(PRO, JUNE, seats=3),
        PaymentFailed(at=TENTH),
        ChangeSeats(2, at=TENTH),
        PaymentSucceeded(at=TENTH),
        ChangeSeats(4, at=HALF),
    )
    assert waiting_cents(account) == [-2850, 3800]


# --- The two modes ---
def e9(catalog: Catalog) -> list[Action]:
    """Pro for three from 15 October, five from the 20th, Ultimate on the 27th."""
    return [
        StartFree(at=OCT_15),
        AddPaymentMethod(at=OCT_15),
        ChoosePlan(catalog.plan("pro"), 3, at=OCT_15),
        ChangeSeats(5, at=OCT_20),
        ChoosePlan(catalog.plan("ultimate"), at=OCT_27),
    ]


@pytest.mark.parametrize(
    ("mode", "unused", "due"), [("flexible", -5822, 9301), ("classic", -5823, 9300)]
)
def test_the_second_credit_of_a_period_is_the_modes(mode: str, unused: int, due: int) -> None:
    """B12, E9: a part of what was debited, or of the price of the seats."""
    catalog = evolve(CHATIM, terms=evolve(CHATIM.terms, billing_mode=mode))
    upgrade = replay(e9(catalog), catalog=catalog).invoices[-1]
    assert cents(upgrade) == [-4758, 7929, unused, 11952]
    assert upgrade.amount_due == usd(due)


@pytest.mark.parametrize("catalog", [CHATIM, classic()], ids=["flexible", "classic"])
def test_both_modes_agree_on_the_first_change_of_a_period(catalog: Catalog) -> None:
    """B12: what was debited is then the price of the seats."""
    lines = replay(e9(catalog)[:4], catalog=catalog).account.pending_lines
    assert [line.amount.amount for line in lines] == [-4758, 7929]
    assert lines[0].base == usd(5700)
    assert lines[0].whole == Period(OCT_15, utc(2026, 11, 15, 9))


def debit_of(account: Account) -> Line | None:
    """The line that pays for the rest of the period."""
    return account.standing_debit


def test_the_standing_debit_is_the_latest_charge() -> None:
    """B12: the period's line, after a change the latest for remaining time, then the period's."""
    account = on_plan(PRO, JUNE)
    changed = after(account, ChangeSeats(2, at=HALF))
    renewed = advance(changed, JULY).account
    july = Period(JULY, AUGUST)
    assert [debit_of(each) for each in (account, changed, renewed)] == [
        Line(LineKind.subscription, PRO, 1, june(), june(), usd(1900)),
        Line(LineKind.remaining_time, PRO, 2, rest(), june(), usd(1900)),
        Line(LineKind.subscription, PRO, 2, july, july, usd(3800)),
    ]


@pytest.mark.parametrize(
    "account",
    [
        lambda: on_free(JUNE),
        lambda: on_trial(JUNE),
        lambda: on_plan(PRO, JUNE, catalog=classic()),
        lambda: after(on_plan(PRO, JUNE, catalog=classic()), ChangeSeats(2, at=HALF)),
        lambda: after(on_plan(PRO, JUNE), Cancel(at_once=True, at=HALF)),
    ],
    ids=["on Free", "in the trial", "classic", "classic, changed", "back on Free"],
)
def test_no_debit_stands_where_no_credit_is_a_part_of_it(
    account: Callable[[], Account],
) -> None:
    """B12: only flexible billing asks what was debited."""
    assert debit_of(account()) is None


def test_an_unknown_debit_is_the_latest_charge_that_waits() -> None:
    """B12: nobody said what was debited, but a line that waits did."""
    changed = replay(e9(CHATIM)[:4]).account
    unknown = evolve(changed, standing_debit=None)
    upgrades = [apply(each, e9(CHATIM)[-1]).invoices[0] for each in (changed, unknown)]
    assert upgrades[0] == upgrades[1]
    assert cents(upgrades[1]) == [-4758, 7929, -5822, 11952]


def test_an_unknown_debit_is_else_the_price_of_the_seats() -> None:
    """B12: as in the classic mode, over the period."""
    account = evolve(on_plan(PRO, OCT_15, seats=5), standing_debit=None)
    changed = after(account, ChangeSeats(6, at=OCT_27))
    credit = changed.pending_lines[0]
    assert (credit.base, credit.whole) == (usd(9500), Period(OCT_15, utc(2026, 11, 15, 9)))
    assert debit_of(changed) == changed.pending_lines[1]


def test_an_account_in_the_classic_mode_stays_so_until_it_is_on_free() -> None:
    """B12: renewals, upgrades and an edition of the other mode change nothing; a new start does."""
    catalog = classic()
    account = after(
        on_plan(PRO, JUNE, catalog=catalog),
        MoveToEdition(evolve(CHATIM, edition="2027"), at=TENTH),
        ChoosePlan(ULTIMATE, at=AUGUST),
    )
    fresh = after(account, Cancel(at_once=True, at=AUGUST), ChoosePlan(PRO, at=AUGUST))
    assert [debit_of(each) is None for each in (account, fresh)] == [True, False]


# --- Numbers and causes ---
def told(statement: Statement) -> list[tuple[int | None, str | None]]:
    """The number and the cause of each invoice."""
    return [(invoice.number, invoice.cause) for invoice in statement.invoices]


CAUSES: dict[str, tuple[Callable[[], Statement], InvoiceCause]] = {
    "a start": (
        lambda: apply(on_free(JUNE, card=True), ChoosePlan(PRO, at=JUNE)),
        InvoiceCause.plan_started,
    ),
    "a higher plan in the trial": (
        lambda: apply(on_trial(JUNE, card=True), ChoosePlan(ULTIMATE, at=HALF)),
        InvoiceCause.plan_started,
    ),
    "the trial's end": (
        lambda: advance(on_trial(JUNE, card=True), JULY),
        InvoiceCause.trial_converted,
    ),
    "the trial ended now": (
        lambda: apply(on_trial(JUNE, card=True), MoveTrialEnd(HALF, at=HALF)),
        InvoiceCause.trial_converted,
    ),
    "a renewal": (lambda: advance(on_plan(PRO, JUNE), JULY), InvoiceCause.period_renewed),
    "a renewal on another interval": (
        lambda: advance(
            after(on_year(JUNE), ChoosePlan(with_enterprise().plan("ultimate"), at=HALF)),
            utc(2027, 6, 1),
        ),
        InvoiceCause.period_renewed,
    ),
    "an upgrade": (
        lambda: apply(on_plan(PRO, JUNE), ChoosePlan(ULTIMATE, at=HALF)),
        InvoiceCause.upgraded,
    ),
    "a change of interval": (
        lambda: apply(
            on_plan(PRO, JUNE, catalog=with_enterprise()),
            ChoosePlan(with_enterprise().plan("enterprise"), at=HALF),
        ),
        InvoiceCause.interval_changed,
    ),
    "more seats of a year's plan": (
        lambda: apply(on_year(JUNE), ChangeSeats(2, at=HALF)),
        InvoiceCause.seats_changed,
    ),
    "fewer": (
        lambda: apply(on_year(JUNE, seats=2), ChangeSeats(1, at=HALF)),
        InvoiceCause.seats_changed,
    ),
    "billing that stops": (
        lambda: advance(after(two_seats(), Cancel(at=HALF)), JULY),
        InvoiceCause.billing_stopped,
    ),
}


@pytest.mark.parametrize(("issue", "cause"), CAUSES.values(), ids=CAUSES)
def test_an_invoice_says_what_it_was_issued_for(
    issue: Callable[[], Statement], cause: InvoiceCause
) -> None:
    """B14: each has its number within the account, and its cause; the event carries the invoice."""
    statement = issue()
    (invoice,) = statement.invoices
    assert invoice.cause is cause
    assert invoice.number == len(statement.account.issued)
    assert [event.invoice for event in statement.events if event.invoice] == [invoice]


def test_every_cause_has_its_story() -> None:
    """B14: no invoice without one of these."""
    assert {cause for _, cause in CAUSES.values()} == set(InvoiceCause)


def test_invoices_are_numbered_one_by_one() -> None:
    """B14: whatever the steps, and across them."""
    account = advance(on_plan(PRO, JUNE), AUGUST).account
    assert told(advance(account, OCTOBER)) == [(4, "period_renewed"), (5, "period_renewed")]


def test_a_preview_has_the_number_it_would_have_and_takes_none() -> None:
    """B14, B8: it equals the charge."""
    account = on_plan(PRO, JUNE)
    choice = ChoosePlan(ULTIMATE, at=HALF)
    shown = preview(account, choice)
    assert shown == apply(account, choice)
    assert told(shown) == [(2, "upgraded")]
    assert len(account.issued) == 1


def test_the_next_invoice_has_its_number() -> None:
    """B14: the one that it will be issued under."""
    upcoming = upcoming_invoice(on_plan(PRO, JUNE))
    assert upcoming is not None
    assert (upcoming.number, upcoming.cause) == (2, "period_renewed")


def test_an_account_from_before_there_were_numbers_counts_from_one() -> None:
    """B14: with what is issued next; its earlier invoices cannot be named."""
    account = evolve(on_plan(PRO, JUNE), issued=())
    assert told(advance(account, JULY)) == [(1, "period_renewed")]
    error = error_of(ActionRefusedError, apply, account, Refunded(1, usd(1), at=HALF))
    assert error.because == "the account has no invoice 1, as none of its own has a number"
    assert error.instead == "report payments without one"


# --- Adjustments and refunds ---
@pytest.mark.parametrize("amount", [500, -500])
def test_an_adjustment_moves_the_balance_and_issues_nothing(amount: int) -> None:
    """B13: in either direction, and the next invoice is met by it."""
    statement = apply(on_plan(PRO, JUNE), AdjustCredit(usd(amount), at=HALF))
    assert (statement.invoices, statement.account.credit_balance) == ((), usd(amount))
    assert dues(advance(statement.account, JULY).invoices) == [(JULY, 1900 - amount)]


def test_adjustments_of_any_status_add_up() -> None:
    """B13: on Free, in a trial and below nothing."""
    granted = AdjustCredit(usd(300), at=JUNE)
    taken = AdjustCredit(usd(-400), at=JUNE)
    for account in (on_free(JUNE), on_trial(JUNE)):
        assert after(account, granted, taken).credit_balance == usd(-100)


def test_a_refund_is_kept_by_the_number_of_its_invoice() -> None:
    """F2: it changes no balance and no access, and issues nothing."""
    account = advance(on_plan(PRO, JUNE), JULY).account
    statement = apply(account, Refunded(1, usd(700), at=HALF.replace(month=7)))
    assert statement.account.issued == (
        IssuedInvoice(usd(1900), usd(700)),
        IssuedInvoice(usd(1900), usd(0)),
    )
    assert (statement.invoices, statement.account.credit_balance) == ((), usd(0))
    again = after(statement.account, Refunded(1, usd(1200), at=AUGUST))
    assert again.issued[0] == IssuedInvoice(usd(1900), usd(1900))


def refunded(*amounts: int) -> Account:
    """On Pro, the first invoice given back in these parts."""
    return after(on_plan(PRO, JUNE), *[Refunded(1, usd(each), at=HALF) for each in amounts])


REFUSED: dict[str, tuple[Callable[[], Account], Callable[[], Action], str, str]] = {
    "a refund of more than was due": (
        refunded,
        lambda: Refunded(1, usd(1901), at=HALF),
        "19.01 USD is more than the 19.00 USD left of invoice 1",
        "refund at most what was due on it",
    ),
    "a refund of more than is left": (
        lambda: refunded(1000),
        lambda: Refunded(1, usd(901), at=HALF),
        "9.01 USD is more than the 9.00 USD left of invoice 1",
        "refund at most what was due on it",
    ),
    "a refund of an unknown invoice": (
        refunded,
        lambda: Refunded(2, usd(1), at=HALF),
        "the account has no invoice 2, the last is 1",
        "name one of its own by number",
    ),
    "a failure of an unknown invoice": (
        refunded,
        lambda: PaymentFailed(invoice=2, at=HALF),
        "the account has no invoice 2, the last is 1",
        "name one of its own by number",
    ),
    "a success of an unknown invoice": (
        lambda: on_trial(JUNE),
        lambda: PaymentSucceeded(invoice=1, at=HALF),
        "the account has no invoice 1, as it was never invoiced",
        "check which account was meant",
    ),
}


@pytest.mark.parametrize(("account", "action", "because", "instead"), REFUSED.values(), ids=REFUSED)
def test_what_the_books_do_not_have_is_refused(
    account: Callable[[], Account], action: Callable[[], Action], because: str, instead: str
) -> None:
    """P7, F2, D6: the account stays as it was."""
    held = account()
    error = error_of(ActionRefusedError, apply, held, action())
    assert (error.because, error.instead) == (because, instead)
    assert held == account()


@pytest.mark.parametrize(
    "action",
    [
        lambda amount: AdjustCredit(amount, at=HALF),
        lambda amount: Refunded(1, amount, at=HALF),
        lambda amount: Refunded(9, amount, at=HALF),
    ],
    ids=["an adjustment", "a refund", "a refund of an unknown invoice"],
)
def test_money_of_another_currency_is_refused(action: Callable[[Money], Action]) -> None:
    """B13, F2: the error holds the account's currency, then the action's."""
    euro = Currency("EUR", 2)
    error = error_of(CurrencyMismatchError, apply, on_plan(PRO, JUNE), action(Money(1, euro)))
    assert (error.left, error.right) == (usd(0).currency, euro)


def test_a_report_may_name_its_invoice() -> None:
    """D6: standing follows the latest report, whatever invoice it names."""
    account = advance(on_plan(PRO, JUNE), JULY).account
    failed = after(account, PaymentFailed(invoice=1, at=JULY))
    paid = after(failed, PaymentSucceeded(invoice=2, at=JULY))
    statuses = [each.subscription.present_status for each in (failed, paid)]
    assert statuses == [Status.past_due, Status.active]


# --- What happened ---
def listed(statement: Statement) -> list[tuple[str, str, int | None]]:
    """Of each event: its kind, what brought it, and the number of the invoice it issued."""
    return [
        (
            event.kind,
            "time" if event.action is None else type(event.action).__name__,
            None if event.invoice is None else event.invoice.number,
        )
        for event in statement.events
    ]


def test_what_happened_is_listed_in_order() -> None:
    """B14: every action that changed something, and every boundary."""
    statement = history(
        StartTrial(2, at=JUNE),
        AddPaymentMethod(at=JUNE),
        ChangeSeats(3, at=HALF),
        ChoosePlan(ULTIMATE, at=utc(2026, 7, 16)),
        ChoosePlan(PRO, at=AUGUST),
        until=SEPTEMBER,
    )
    assert listed(statement) == [
        ("start_trial", "StartTrial", None),
        ("add_payment_method", "AddPaymentMethod", None),
        ("grow", "ChangeSeats", None),
        ("trial_converts", "time", 1),
        ("choose_higher", "ChoosePlan", 2),
        ("period_renews", "time", 3),
        ("choose_lower", "ChoosePlan", None),
        ("period_renews", "time", 4),
    ]
    assert [event.at for event in statement.events] == sorted(
        event.at for event in statement.events
    )


def test_an_event_says_what_was_held_before_and_after() -> None:
    """B14: plan, seats and status; the opening has nothing before it."""
    action = StartTrial(2, at=JUNE)
    opening, end = history(action, until=JULY).events
    trial = Held(PRO, 2, Status.trialing)
    assert opening == AccountEvent(JUNE, EventKind.start_trial, None, trial, None, action)
    ended = Held(FREE, 2, Status.trial_ended)
    assert end == AccountEvent(JULY, EventKind.trial_lapses, trial, ended)


UNLISTED: dict[str, tuple[Callable[[], Account], Callable[[], Action]]] = {
    "the plan held": (lambda: on_plan(PRO, JUNE), lambda: ChoosePlan(PRO, at=HALF)),
    "the seats held": (lambda: on_plan(PRO, JUNE), lambda: ChangeSeats(1, at=HALF)),
    "nothing to resume": (lambda: on_plan(PRO, JUNE), lambda: Resume(at=HALF)),
    "a second card": (lambda: on_plan(PRO, JUNE), lambda: AddPaymentMethod(at=HALF)),
    "a card removed twice": (lambda: on_free(JUNE), lambda: RemovePaymentMethod(at=HALF)),
    "cancelling on Free": (lambda: on_free(JUNE), lambda: Cancel(at=HALF)),
    "cancelling at once on Free": (lambda: on_free(JUNE), lambda: Cancel(at_once=True, at=HALF)),
    "the edition held": (lambda: on_plan(PRO, JUNE), lambda: MoveToEdition(CHATIM, at=HALF)),
    "the trial's end as it is": (lambda: on_trial(JUNE), lambda: MoveTrialEnd(JULY, at=HALF)),
}


@pytest.mark.parametrize(("account", "action"), UNLISTED.values(), ids=UNLISTED)
def test_what_changes_nothing_is_not_listed(
    account: Callable[[], Account], action: Callable[[], Action]
) -> None:
    """B14, P7: nothing but the instant the account stands at."""
    statement = apply(account(), action())
    assert (statement.events, statement.invoices) == ((), ())
    assert statement.account.subscription.as_of == HALF


ALWAYS: dict[str, tuple[Callable[[], Account], Callable[[], Action], str]] = {
    "a success in good standing": (
        lambda: on_plan(PRO, JUNE),
        lambda: PaymentSucceeded(at=HALF),
        "payment_succeeded",
    ),
    "a second failure": (past_due, lambda: PaymentFailed(at=HALF), "payment_failed"),
    "an adjustment": (
        lambda: on_free(JUNE),
        lambda: AdjustCredit(usd(1), at=HALF),
        "adjust_credit",
    ),
    "a refund": (lambda: on_plan(PRO, JUNE), lambda: Refunded(1, usd(1), at=HALF), "refund"),
}


@pytest.mark.parametrize(("account", "action", "kind"), ALWAYS.values(), ids=ALWAYS)
def test_reports_adjustments_and_refunds_are_always_listed(
    account: Callable[[], Account], action: Callable[[], Action], kind: str
) -> None:
    """B14: finance reads them, whatever they change."""
    (event,) = apply(account(), action()).events
    assert (event.kind, event.action) == (kind, action())
    assert event.before == event.after


def test_a_grace_that_lapses_with_the_period_is_two_events() -> None:
    """D6, D3, B14: restricted, then on Free, at one instant."""
    catalog = evolve(CHATIM, terms=evolve(CHATIM.terms, grace_days=21))
    account = after(on_plan(PRO, JUNE, catalog=catalog), PaymentFailed(at=TENTH))
    events = advance(account, AUGUST).events
    assert [(event.kind, event.at, event.after.status) for event in events] == [
        ("grace_lapses", JULY, "restricted"),
        ("restriction_lapses", JULY, "free"),
    ]


def test_an_opening_is_listed() -> None:
    """B14: on Free, too."""
    action = StartFree(at=JUNE)
    assert open_account(action).events == (
        AccountEvent(JUNE, EventKind.start_free, None, Held(FREE, 1, Status.free), None, action),
    )


# --- Many instants ---
def story() -> list[Action]:
    """A customer who buys Pro in June, grows, and moves to Ultimate."""
    return [
        StartFree(at=JUNE),
        AddPaymentMethod(at=JUNE),
        ChoosePlan(PRO, 3, at=JUNE),
        ChangeSeats(4, at=HALF),
        ChoosePlan(ULTIMATE, at=JULY),
        Cancel(at=SEPTEMBER),
    ]


def test_each_of_many_statements_is_the_replay_up_to_its_instant() -> None:
    """B9: in the order asked for, an instant twice if it was asked for twice."""
    instants = [JULY, JUNE, OCTOBER, JULY, HALF, utc(2027, 1, 1)]
    found = statements(story(), instants)
    assert list(found) == [replay(story(), at) for at in instants]


def test_before_a_history_begins_there_is_no_statement() -> None:
    """B9: None, and no error."""
    before = JUNE - timedelta(seconds=1)
    first, second = statements(story(), [before, JUNE])
    assert first is None
    assert second == replay(story(), JUNE)


def test_no_instants_no_statements() -> None:
    """B9: and what comes later than the last of them is not looked at."""
    assert statements(story(), []) == ()
    refused = [StartFree(at=JUNE), ChoosePlan(PRO, at=JULY)]
    assert statements(refused, [HALF]) == (replay(refused, HALF),)
    error_of(PaymentMethodRequiredError, statements, refused, [HALF, JULY])


def test_many_statements_are_of_the_catalogue_given() -> None:
    """C5: as a replay is."""
    catalog = repriced("2027")
    assert statements(story()[:1], [JUNE], catalog) == (replay(story()[:1], JUNE, catalog),)


def test_many_statements_are_as_careful_as_one() -> None:
    """T1, P7: an empty history, no collections, a naive instant."""
    assert error_of(ActionRefusedError, statements, [], []).instead == "open the account first"
    assert error_of(InvalidTypeError, statements, None, []).name == "actions"
    assert error_of(InvalidTypeError, statements, story(), JUNE).name == "instants"
    assert error_of(InvalidTypeError, statements, story(), [JUNE], FREE).name == "catalog"
    naive = datetime(2026, 7, 1)
    assert values_of(InvalidValueError, statements, story(), [naive])[1] == naive


def test_many_instants_are_one_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    """B9: twelve month ends cost what the last of them costs, but for its share of each."""
    boundaries = counted_boundaries(monkeypatch)
    ends = [utc(2027, month, 1) for month in range(1, 13)]
    boundaries.clear()
    replay(story()[:5], ends[-1])
    one = len(boundaries)
    boundaries.clear()
    statements(story()[:5], ends)
    assert len(boundaries) - one <= 2 * len(ends)


# --- Far ahead ---
def test_an_instant_out_of_range_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """T3: no invoice is made up to a period that cannot end; the error holds the boundary."""
    boundaries = counted_boundaries(monkeypatch)
    account = on_plan(PRO, JUNE)
    boundaries.clear()
    error_of(InvalidValueError, advance, account, utc(9999, 12, 15))
    assert len(boundaries) < 10


def test_the_last_period_of_the_calendar_is_a_period() -> None:
    """T3: up to the last boundary that there is."""
    account = on_plan(PRO, JUNE)
    until = utc(9999, 11, 30)
    assert advance(evolve_to(account, utc(9999, 10, 1)), until).account.subscription.as_of == until


def evolve_to(account: Account, start: datetime) -> Account:
    """The account of June, as if it were in the period that starts at `start`."""
    phase = account.subscription.phase
    assert isinstance(phase, OnPaid)
    moved = evolve(phase, period=Period(start, start.replace(month=start.month + 1)))
    debit = None
    facts = evolve(account.subscription, as_of=start, phase=moved)
    return evolve(account, subscription=facts, standing_debit=debit)


def test_half_a_minor_unit_is_in_the_customers_favour_in_both_modes() -> None:
    """B4, B12: the first change of a period is the same in both."""
    for catalog in (CHATIM, classic()):
        plans = evolve(catalog, plans=(FREE, evolve(PRO, price=usd(10_00)), ULTIMATE))
        account = on_plan(plans.plan("pro"), JUNE, catalog=plans)
        assert waiting_cents(after(account, ChangeSeats(2, at=TIE))) == [-3, 5]


@given(strategies.statements())
def test_what_a_history_writes_passes_its_own_checks(told: Statement) -> None:
    """Lines, invoices, dues, events and what was held are those that the constructors would take."""
    account, twin = told.account, evolve(told)
    written: list[Any] = [*account.pending_lines, *told.invoices, *account.issued, *told.events]
    written += [line for invoice in told.invoices for line in invoice.lines]
    written += [event.after for event in told.events]
    for value in written:
        assert evolve(value) == value
    assert (twin, hash(twin)) == (told, hash(told))
