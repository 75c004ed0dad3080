"""An account with its money, and the statement of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Account,
    AccountEvent,
    Action,
    AddPaymentMethod,
    AdjustCredit,
    BillingMode,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    Currency,
    CurrencyMismatchError,
    EventKind,
    Held,
    InvalidTypeError,
    InvalidValueError,
    Invoice,
    InvoiceCause,
    IssuedInvoice,
    Line,
    LineKind,
    Money,
    MoveTrialEnd,
    PaymentFailed,
    PaymentSucceeded,
    Period,
    PlansError,
    RemovePaymentMethod,
    Rounding,
    StartFree,
    StartTrial,
    Statement,
    Status,
    advance,
    apply,
    open_account,
    preview,
    prorate,
    replay,
    upcoming_invoice,
)
from chatim_plans.billing.invoices import period_line, remaining_line
from chatim_plans.strategies import accounts, statements
from chatim_plans.subscriptions.occurrences import Rate
from tests.accounts import a_plan, after, on_free, on_plan, on_trial, usd
from tests.instants import HALF, JULY, JUNE, TENTH, june, utc
from tests.refused import error_of, values_of


def rest() -> Period:
    """The second half of June."""
    return Period(HALF, JULY)


def waiting_line() -> Line:
    """A charge for a seat that was added at half of June."""
    return Line(LineKind.remaining_time, PRO, 1, rest(), june(), usd(950))


def account(balance: int = 0) -> Account:
    """On Pro, with a balance."""
    return evolve(on_plan(PRO, JUNE), credit_balance=usd(balance))


def grown(mode: BillingMode = BillingMode.flexible) -> Account:
    """On Pro with three seats, four from the tenth, seven from the half of June."""
    catalog = evolve(CHATIM, terms=evolve(CHATIM.terms, billing_mode=mode))
    start = on_plan(PRO, JUNE, seats=3, catalog=catalog)
    return after(start, ChangeSeats(4, at=TENTH), ChangeSeats(7, at=HALF))


# --- The account ---
def test_a_new_account_has_no_lines_and_no_balance() -> None:
    """B7: nothing waits and nothing is owed, in dollars."""
    new = on_free(JUNE)
    assert (new.pending_lines, new.credit_balance) == ((), usd(0))


@pytest.mark.parametrize("balance", [-49, 0, 16_150])
def test_the_balance_may_be_on_either_side(balance: int) -> None:
    """B7, B10: in the customer's favour, or owed because it was too small to collect."""
    assert account(balance).credit_balance == usd(balance)


@pytest.mark.parametrize("who", ["free", "trial"])
def test_no_lines_wait_off_a_paid_plan(who: str) -> None:
    """S2: on Free and in the trial nothing is charged."""
    held = on_free(JUNE) if who == "free" else on_trial(JUNE)
    values = values_of(InvalidValueError, evolve, held, pending_lines=(waiting_line(),))
    assert values == ("pending_lines", (waiting_line(),), "none off a paid plan")


@pytest.mark.parametrize(
    ("facts", "name", "expected"),
    [
        (lambda: {"subscription": on_plan(PRO, JUNE)}, "subscription", "a Subscription"),
        (lambda: {"pending_lines": []}, "pending_lines", "a tuple"),
        (lambda: {"pending_lines": (usd(950),)}, "pending line", "a Line"),
        (lambda: {"credit_balance": 0}, "credit_balance", "a Money"),
        (lambda: {"standing_debit": usd(950)}, "standing_debit", "a Line"),
        (lambda: {"issued": []}, "issued", "a tuple"),
        (lambda: {"issued": (usd(950),)}, "issued invoice", "an IssuedInvoice"),
    ],
    ids=[
        *("an account", "a list", "an amount for a line", "a number"),
        *("an amount for a debit", "a list of invoices", "an amount for an invoice"),
    ],
)
def test_a_fact_of_the_wrong_type_is_refused(
    facts: Callable[[], dict[str, Any]], name: str, expected: str
) -> None:
    """The error names the fact, and says which type was expected."""
    error = error_of(InvalidTypeError, evolve, account(), **facts())
    assert (error.name, error.expected) == (name, expected)


def test_a_balance_of_another_currency_is_refused() -> None:
    """C1: the error holds the plan's currency, then the balance's."""
    error = error_of(
        CurrencyMismatchError, evolve, account(), credit_balance=Money(0, Currency("EUR", 2))
    )
    assert (error.left, error.right) == (USD, Currency("EUR", 2))


def test_a_line_of_another_currency_is_refused() -> None:
    """C1: the error holds the plan's currency, then the line's."""
    euro = Currency("EUR", 2)
    plan = a_plan("pro", 19_00, currency=euro)
    line = Line(LineKind.remaining_time, plan, 1, rest(), june(), Money(950, euro))
    error = error_of(CurrencyMismatchError, evolve, account(), pending_lines=(line, line))
    assert (error.left, error.right) == (USD, euro)


# --- The lines that wait ---
def other(index: int, **facts: Any) -> Callable[[Account], tuple[Line, ...]]:
    """The account's lines with other facts of one of them; a line's amount follows its part."""

    def lines(held: Account) -> tuple[Line, ...]:
        line = held.pending_lines[index]
        given = {name: fact() for name, fact in facts.items()}
        base = given.get("base", line.base if "seats" not in given else None)
        plan, seats = given.get("plan", line.plan), given.get("seats", line.seats)
        base = plan.charge(seats) if base is None or "plan" in given else base
        part, whole = given.get("period", line.period), given.get("whole", line.whole)
        kind = given.get("kind", line.kind)
        signed = -base if kind is LineKind.unused_time else base
        made = Line(kind, plan, seats, part, whole, prorate(signed, part=part, whole=whole), base)
        return (*held.pending_lines[:index], made, *held.pending_lines[index + 1 :])

    return lines


def tail() -> Period:
    """From the half of June to a second before its end."""
    return Period(HALF, utc(2026, 6, 30, 23, 59, 59))


CANNOT_WAIT: dict[str, tuple[BillingMode, Callable[[Account], tuple[Line, ...]], str]] = {
    "a credit alone for more seats than there are": (
        BillingMode.classic,
        lambda held: other(2, seats=lambda: 8)(held)[2:3],
        "a classic credit alone for at most 7 seats",
    ),
    "a charge alone": (
        BillingMode.flexible,
        lambda held: held.pending_lines[1:2],
        "a credit before each charge",
    ),
    "charges before credits": (
        BillingMode.classic,
        lambda held: held.pending_lines[::-1],
        "a credit before each charge",
    ),
    "a subscription line": (
        BillingMode.classic,
        other(1, kind=lambda: LineKind.subscription, period=june, whole=june),
        "a credit before each charge",
    ),
    "another plan": (
        BillingMode.classic,
        other(1, plan=lambda: ULTIMATE),
        "lines of the plan held",
    ),
    "another price": (
        BillingMode.classic,
        other(0, plan=lambda: evolve(PRO, price=usd(39_000_000_000))),
        "lines of the plan held",
    ),
    "another end": (BillingMode.classic, other(3, period=tail), "lines up to the period's end"),
    "of the future": (
        BillingMode.classic,
        other(3, period=lambda: Period(utc(2026, 6, 20), JULY)),
        "lines of the past",
    ),
    "of a longer period": (
        BillingMode.classic,
        other(2, whole=lambda: Period(utc(2026, 5, 1), JULY)),
        "lines of the period",
    ),
    "another time than its credit's": (
        BillingMode.classic,
        other(3, period=lambda: Period(TENTH, JULY)),
        "a charge for the time that was credited",
    ),
    "a charge that is a part of a part": (
        BillingMode.classic,
        other(3, whole=lambda: Period(TENTH, JULY)),
        "a charge that is a part of the period",
    ),
    "a credit that no debit explains": (
        BillingMode.flexible,
        other(0, base=lambda: usd(39_000_000_000)),
        "a credit for what was debited",
    ),
    "a credit of a cent more than was debited": (
        BillingMode.flexible,
        other(2, base=lambda: usd(53_21)),
        "a credit for what was debited",
    ),
    "a part of a debit in classic billing": (
        BillingMode.classic,
        other(2, whole=lambda: Period(TENTH, JULY), base=lambda: usd(53_20)),
        "a credit that is a part of the period (classic billing)",
    ),
    "the newest first": (
        BillingMode.classic,
        lambda held: (*held.pending_lines[2:], *held.pending_lines[:2]),
        "the oldest first",
    ),
    "more seats than were charged": (
        BillingMode.classic,
        other(2, seats=lambda: 5),
        "a credit for at most 4 seats",
    ),
    "another debit than the last": (
        BillingMode.flexible,
        other(2, seats=lambda: 3, base=lambda: usd(39_90)),
        "a credit for what was debited last",
    ),
    "fewer seats than there are": (
        BillingMode.classic,
        other(3, seats=lambda: 6),
        "a charge for all 7 seats at last",
    ),
}


@pytest.mark.parametrize(("mode", "lines", "expected"), CANNOT_WAIT.values(), ids=CANNOT_WAIT)
def test_lines_that_its_facts_cannot_have_are_refused(
    mode: BillingMode, lines: Callable[[Account], tuple[Line, ...]], expected: str
) -> None:
    """S2, B5, B12: what waits came of changes of seats in the period."""
    held = grown(mode)
    values = {"pending_lines": lines(held), "standing_debit": None}
    error = error_of(InvalidValueError, evolve, held, **values)
    assert (error.name, error.expected) == ("pending_lines", expected)
    assert error.value in lines(held)


def test_the_charge_that_is_for_too_few_is_told() -> None:
    """S2: the last one."""
    held = grown(BillingMode.classic)
    lines = other(3, seats=lambda: 6)(held)
    error = error_of(InvalidValueError, evolve, held, pending_lines=lines, standing_debit=None)
    assert error.value == lines[-1]


def test_several_changes_of_one_second_wait() -> None:
    """S2: in the order they were made in."""
    bought = on_plan(PRO, JUNE)
    held = after(bought, ChangeSeats(3, at=HALF), ChangeSeats(2, at=HALF))
    assert evolve(held) == held


@pytest.mark.parametrize("mode", BillingMode)
def test_lines_that_wait_are_taken_as_they_were_written(mode: BillingMode) -> None:
    """S2: with the standing debit, and without, as Stripe tells it."""
    held = grown(mode)
    assert evolve(held) == held
    assert len(evolve(held, standing_debit=None).pending_lines) == 4
    read = tuple(evolve(line, plan=evolve(line.plan)) for line in held.pending_lines)
    assert evolve(held, pending_lines=read) == held


def test_a_lone_credit_of_classic_billing_is_followed_by_changes() -> None:
    """B5, B12: version 1 looked at no line that waits, and its accounts go on in classic billing."""
    held = grown(BillingMode.classic)
    alone = evolve(held, pending_lines=held.pending_lines[:1])
    later = after(alone, ChangeSeats(8, at=utc(2026, 6, 20)))
    for known in (alone, later):
        assert evolve(known) == known
    credit, *change = later.pending_lines
    assert ([line.seats for line in change], credit) == ([7, 8], held.pending_lines[0])


def test_a_lone_credit_is_for_no_more_seats_than_the_next_one() -> None:
    """B5: they were there when the seats changed again."""
    held = grown(BillingMode.classic)
    alone = evolve(held, pending_lines=held.pending_lines[:1])
    later = after(alone, ChangeSeats(8, at=utc(2026, 6, 20)))
    for_seven, for_eight = (other(0, seats=lambda n=n: n)(later) for n in (7, 8))
    assert evolve(later, pending_lines=for_seven).pending_lines == for_seven
    error = error_of(InvalidValueError, evolve, later, pending_lines=for_eight)
    assert (error.value, error.expected) == (
        for_eight[0],
        "a classic credit alone for at most 7 seats",
    )


@pytest.mark.parametrize(
    ("index", "expected"),
    [(1, "a credit before each charge"), (2, "lines of the period")],
    ids=["a charge alone", "of a longer period"],
)
def test_no_other_line_waits_alone(index: int, expected: str) -> None:
    """B5: a charge has its credit, and a credit is of the period."""
    held = grown(BillingMode.classic)
    lines = other(2, whole=lambda: Period(utc(2026, 5, 1), JULY))(held)
    error = error_of(InvalidValueError, evolve, held, pending_lines=lines[index : index + 1])
    assert (error.name, error.expected) == ("pending_lines", expected)


def test_a_debit_that_is_not_known_is_the_latest_charge_that_waits() -> None:
    """B12: as Stripe tells it; with no charge waiting, it is the price of the period."""
    change, told = ChangeSeats(2, at=utc(2026, 6, 20)), evolve(grown(), standing_debit=None)
    assert after(told, change) == after(grown(), change)
    start = evolve(on_plan(PRO, JUNE, seats=3), standing_debit=None)
    assert after(start, change) == after(on_plan(PRO, JUNE, seats=3), change)


@pytest.mark.parametrize("mode", BillingMode)
def test_seats_that_fell_while_a_payment_was_overdue_left_no_lines(mode: BillingMode) -> None:
    """B11: the lines that wait speak of more seats than there are, before and after."""
    seats = utc(2026, 6, 20), utc(2026, 6, 25)
    held = after(
        grown(mode),
        PaymentFailed(at=seats[0]),
        ChangeSeats(2, at=seats[0]),
        PaymentSucceeded(at=seats[0]),
    )
    assert evolve(held) == held
    later = after(held, ChangeSeats(3, at=seats[1]))
    assert evolve(later) == later
    credited = 2 if mode is BillingMode.classic else 7
    assert [line.seats for line in later.pending_lines] == [3, 4, 4, 7, credited, 3]


@given(accounts())
def test_accounts_of_the_ledger_pass_their_own_checks(held: Account) -> None:
    """What comes through the door past the checks is what the constructor would take."""
    twin = evolve(held)
    assert (twin, hash(twin)) == (held, hash(held))


def test_a_change_looks_at_no_line_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a change does not grow with the lines that wait; by hand, all are looked at."""
    held = on_plan(PRO, JUNE, seats=3)
    looks: list[object] = []
    monkeypatch.setattr(Account, "_check_line", lambda *of: looks.append(of))
    for minute in range(40):
        change = ChangeSeats(4 + minute % 2, at=JUNE + timedelta(minutes=minute))
        held = apply(held, change).account
    assert (len(held.pending_lines), len(looks)) == (80, 0)
    assert evolve(held) == held
    assert len(looks) == 80


# --- The standing debit ---
def debit(**facts: Any) -> Callable[[], Line]:
    """The charge for all seven seats, with other facts."""
    return lambda: evolve(grown().pending_lines[-1], **{k: f() for k, f in facts.items()})


STANDS_FOR_NOTHING: dict[str, tuple[Callable[[], Account], Callable[[], Line], str]] = {
    "in classic billing": (
        lambda: grown(BillingMode.classic),
        debit(),
        "None but in flexible billing",
    ),
    "on Free": (lambda: on_free(JUNE), debit(), "None but in flexible billing"),
    "a credit": (
        grown,
        lambda: grown().pending_lines[0],
        "a charge up to the period's end",
    ),
    "another line than waits": (
        grown,
        lambda: grown().pending_lines[1],
        "a charge for all the seats",
    ),
    "another line than the last": (
        lambda: evolve(grown(), subscription=evolve(grown().subscription, seats=4)),
        lambda: grown().pending_lines[1],
        "the last line that waits",
    ),
    "of the future": (
        lambda: on_plan(PRO, JUNE, seats=7),
        debit(),
        "a charge of the past",
    ),
    "another plan": (
        lambda: on_plan(PRO, JUNE),
        lambda: period_line(Rate(ULTIMATE, 1), june()),
        "a charge up to the period's end",
    ),
    "up to another instant": (
        lambda: advance(on_plan(PRO, JUNE), HALF).account,
        lambda: remaining_line(Rate(PRO, 1), tail(), june(), Rounding.ties_to_customer),
        "a charge up to the period's end",
    ),
}


@pytest.mark.parametrize(
    ("held", "line", "expected"), STANDS_FOR_NOTHING.values(), ids=STANDS_FOR_NOTHING
)
def test_a_debit_that_cannot_stand_is_refused(
    held: Callable[[], Account], line: Callable[[], Line], expected: str
) -> None:
    """B12: it is the charge that pays for the rest of the period."""
    error = error_of(InvalidValueError, evolve, held(), standing_debit=line())
    assert (error.name, error.value, error.expected) == ("standing_debit", line(), expected)


def test_no_invoice_was_issued_to_an_account_never_invoiced() -> None:
    """B14: what it kept of its invoices belongs to another account."""
    issued = (IssuedInvoice(usd(5), usd(0)),)
    error = error_of(InvalidValueError, evolve, on_free(JUNE), issued=issued)
    assert (error.name, error.value) == ("issued", issued)
    assert error.expected == "none on an account never invoiced"


# --- What happened ---
def test_what_was_held_stands_as_its_plan_can() -> None:
    """B14: nobody is on trial on the free plan, nor on Free on a paid one."""
    values = values_of(InvalidValueError, Held, FREE, 1, Status.active)
    assert values == ("status", Status.active, "a status on 'free'")
    error_of(InvalidValueError, Held, PRO, 1, Status.free)


@pytest.mark.parametrize(
    ("facts", "name", "error", "expected"),
    [
        ({"plan": "pro"}, "plan", InvalidTypeError, "a Plan"),
        ({"seats": 1.0}, "seats", InvalidTypeError, "a whole number (int)"),
        ({"seats": 0}, "seats", InvalidValueError, "a whole number of at least 1"),
        ({"status": "active"}, "status", InvalidTypeError, "a Status"),
    ],
)
def test_what_was_held_is_a_plan_some_seats_and_a_status(
    facts: dict[str, Any], name: str, error: type[PlansError], expected: str
) -> None:
    """B14: the names of a plan or a status are not what was held."""
    values = values_of(error, evolve, Held(PRO, 1, Status.active), **facts)
    assert values == (name, facts[name], expected)


@pytest.mark.parametrize(
    ("due", "refunded", "told"),
    [
        (19, usd(0), ("amount_due", 19, "a Money")),
        (usd(19), 0, ("refunded", 0, "a Money")),
        (usd(-1), usd(0), ("amount_due", -1, "a whole number of at least 0")),
        (usd(19), usd(-1), ("refunded", -1, "a whole number of at least 0")),
        (usd(19), usd(20), ("refunded", 20, "at most 19, the due")),
    ],
)
def test_an_issued_invoice_was_due_and_given_back_at_most(
    due: Any, refunded: Any, told: tuple[str, object, str]
) -> None:
    """B14, F2: money both, and never more than was due."""
    error = InvalidTypeError if told[2] == "a Money" else InvalidValueError
    assert values_of(error, IssuedInvoice, due, refunded) == told


def upgraded() -> AccountEvent:
    """What happened when Pro was left for Ultimate at half of June."""
    return apply(account(), ChoosePlan(ULTIMATE, at=HALF)).events[0]


def happened(held: Account, action: Action) -> AccountEvent:
    """What an action did."""
    (event,) = apply(held, action).events
    return event


def of_time(held: Account) -> AccountEvent:
    """What time did by the first of July."""
    return advance(held, JULY).events[-1]


def opening() -> AccountEvent:
    """What happened when a trial of three seats opened an account."""
    (event,) = open_account(StartTrial(3, at=JUNE)).events
    return event


def trialed() -> Account:
    """In the trial with three seats, a payment method on file."""
    return after(on_trial(JUNE, seats=3), AddPaymentMethod(at=JUNE))


def restricted() -> Account:
    """On Pro, restricted since the tenth."""
    return after(account(), PaymentFailed(final=True, at=TENTH))


def billed() -> Invoice:
    """The invoice of the upgrade."""
    invoice = upgraded().invoice
    assert invoice is not None
    return invoice


def changed_cause(held: Account, cause: InvoiceCause) -> Invoice:
    """The invoice that time issues next, as if it was issued for something else."""
    upcoming = upcoming_invoice(held)
    assert upcoming is not None
    return evolve(upcoming, cause=cause)


BY_TIME = [
    *("trial_converts", "trial_lapses", "change_to_free_is_due"),
    *("period_renews", "grace_lapses", "restriction_lapses"),
]

HELD = {"pro": lambda: Held(PRO, 1, Status.active), "free": lambda: Held(FREE, 1, Status.free)}

# An event, what somebody writes into it, the field that cannot be so, and what it should have been.
CONTRADICTIONS: dict[
    str, tuple[Callable[[], AccountEvent], Callable[[], dict[str, Any]], str, str]
] = {
    "an action of another instant": (
        upgraded,
        lambda: {"action": ChoosePlan(ULTIMATE, at=JULY)},
        "action",
        "an action at 2026-06-16T00:00Z",
    ),
    "a kind of another action": (
        lambda: happened(account(), RemovePaymentMethod(at=HALF)),
        lambda: {"kind": EventKind.grow},
        "kind",
        "remove_payment_method",
    ),
    "a choice of a plan that is no choice of it": (
        upgraded,
        lambda: {"kind": EventKind.keep_plan},
        "kind",
        "choose_higher or choose_lower",
    ),
    "another interval, and the same": (
        upgraded,
        lambda: {"kind": EventKind.change_interval},
        "kind",
        "choose_higher or choose_lower",
    ),
    "more seats that are less": (
        lambda: happened(grown(), ChangeSeats(9, at=HALF)),
        lambda: {"kind": EventKind.shrink},
        "kind",
        "grow",
    ),
    "a failure that is the last": (
        lambda: happened(account(), PaymentFailed(at=HALF)),
        lambda: {"kind": EventKind.payment_failed_finally},
        "kind",
        "payment_failed",
    ),
    "what time does by an action": (
        lambda: of_time(trialed()),
        lambda: {"action": ChoosePlan(ULTIMATE, at=JULY)},
        "kind",
        "choose_higher or choose_lower",
    ),
    "what an action does by itself": (
        lambda: happened(account(), AdjustCredit(usd(500), at=HALF)),
        lambda: {"action": None},
        "kind",
        " or ".join(BY_TIME),
    ),
    "a trial's end that was only moved": (
        lambda: happened(trialed(), MoveTrialEnd(HALF, at=HALF)),
        lambda: {"action": MoveTrialEnd(JULY, at=HALF)},
        "kind",
        "move_trial_end",
    ),
    "a trial's end where there was none": (
        lambda: of_time(after(account(), Cancel(at=HALF))),
        lambda: {"action": MoveTrialEnd(JULY, at=JULY)},
        "kind",
        "move_trial_end",
    ),
    "nothing before a renewal": (
        lambda: of_time(account()),
        lambda: {"before": None},
        "kind",
        "what opens an account",
    ),
    "something before the opening": (
        lambda: happened(on_free(JUNE), AddPaymentMethod(at=JUNE)),
        lambda: {"kind": EventKind.start_free, "action": StartFree(at=JUNE)},
        "kind",
        "what can happen to 1 x free 0.00 USD, free",
    ),
    "a trial on a paid plan": (
        lambda: happened(grown(), ChangeSeats(8, at=HALF)),
        lambda: {"kind": EventKind.start_trial, "action": StartTrial(8, at=HALF)},
        "kind",
        "what can happen to 7 x pro 19.00 USD, active",
    ),
    "a renewal while restricted": (
        lambda: of_time(restricted()),
        lambda: {"kind": EventKind.period_renews},
        "kind",
        "what can happen to 1 x pro 19.00 USD, restricted",
    ),
    "a failure that leaves good standing": (
        lambda: happened(account(), PaymentFailed(at=HALF)),
        lambda: {"after": HELD["pro"]()},
        "after",
        "the status past_due",
    ),
    "a card removed that leads to Free": (
        lambda: happened(account(), RemovePaymentMethod(at=HALF)),
        lambda: {"after": HELD["free"]()},
        "after",
        "the plan pro 19.00 USD",
    ),
    "a member more on another plan": (
        lambda: happened(account(), ChangeSeats(2, at=HALF)),
        lambda: {"after": Held(ULTIMATE, 2, Status.active)},
        "after",
        "the plan pro 19.00 USD",
    ),
    "a failure that leads to another plan": (
        lambda: happened(account(), PaymentFailed(at=HALF)),
        lambda: {"after": Held(ULTIMATE, 1, Status.past_due)},
        "after",
        "the plan pro 19.00 USD",
    ),
    "an end of the trial that is marked though it was cancelled": (
        lambda: of_time(after(trialed(), Cancel(at=HALF))),
        lambda: {"after": Held(FREE, 3, Status.trial_ended)},
        "after",
        "the status free",
    ),
    "other seats than were said": (
        lambda: happened(grown(), ChangeSeats(2, at=HALF)),
        lambda: {"after": Held(PRO, 99, Status.active)},
        "after",
        "2 seats",
    ),
    "other seats than there were": (
        lambda: of_time(grown()),
        lambda: {"after": Held(PRO, 8, Status.active)},
        "after",
        "7 seats",
    ),
    "other seats than the trial's": (
        opening,
        lambda: {"after": Held(PRO, 4, Status.trialing)},
        "after",
        "3 seats",
    ),
    "two seats from the start": (
        lambda: open_account(StartFree(at=JUNE)).events[0],
        lambda: {"after": Held(FREE, 2, Status.free)},
        "after",
        "1 seat",
    ),
    "another plan than was chosen": (
        upgraded,
        lambda: {"after": HELD["pro"]()},
        "after",
        "the plan ultimate",
    ),
    "an invoice of another instant": (
        upgraded,
        lambda: {"invoice": upcoming_invoice(account())},
        "invoice",
        "an invoice issued at 2026-06-16T00:00Z",
    ),
    "an upgrade that was not billed": (
        upgraded,
        lambda: {"invoice": None},
        "invoice",
        "an invoice: upgraded",
    ),
    "an adjustment that was billed": (
        lambda: happened(account(), AdjustCredit(usd(500), at=HALF)),
        lambda: {"invoice": billed()},
        "invoice",
        "None: adjust_credit issues none",
    ),
    "a shrink that was billed while overdue": (
        lambda: happened(after(grown(), PaymentFailed(at=HALF)), ChangeSeats(2, at=HALF)),
        lambda: {"invoice": billed()},
        "invoice",
        "None: shrink issues none",
    ),
    "an invoice without a cause": (
        upgraded,
        lambda: {"invoice": evolve(billed(), number=None, cause=None)},
        "invoice",
        "an invoice: upgraded",
    ),
    "an invoice of another cause": (
        upgraded,
        lambda: {"invoice": evolve(billed(), cause=InvoiceCause.seats_changed)},
        "invoice",
        "an invoice: upgraded",
    ),
    "lines that waited, billed as if for seats": (
        lambda: of_time(after(grown(), Cancel(at=HALF))),
        lambda: {
            "invoice": changed_cause(after(grown(), Cancel(at=HALF)), InvoiceCause.seats_changed)
        },
        "invoice",
        "an invoice: billing_stopped",
    ),
    "an invoice of the plan that was left": (
        upgraded,
        lambda: {
            "invoice": evolve(
                billed(), lines=(waiting_line(),), amount_due=usd(950), credit_before=usd(0)
            )
        },
        "invoice",
        "a charge for 1 x ultimate 39.00 USD, active from 2026-06-16T00:00Z on",
    ),
}


@pytest.mark.parametrize(
    ("event", "facts", "name", "expected"), CONTRADICTIONS.values(), ids=CONTRADICTIONS
)
def test_an_event_that_contradicts_itself_is_refused(
    event: Callable[[], AccountEvent], facts: Callable[[], dict[str, Any]], name: str, expected: str
) -> None:
    """B14: whoever counts movements counts what can have happened; the error names the field."""
    value = event()
    assert evolve(value) == value
    error = error_of(InvalidValueError, evolve, value, **facts())
    assert (error.name, error.expected) == (name, expected)
    assert error.value == facts().get(name, getattr(value, name))


def test_an_event_of_somebody_elses_action_is_refused() -> None:
    """B14: nobody knows what it can have done."""
    error = error_of(InvalidTypeError, evolve, upgraded(), action=Action(at=HALF))
    assert (error.name, error.expected) == ("action", "an action of this library")


@pytest.mark.parametrize(
    ("facts", "name", "expected"),
    [
        ({"kind": "upgraded"}, "kind", "an EventKind"),
        ({"before": PRO}, "before", "a Held"),
        ({"after": None}, "after", "a Held"),
        ({"invoice": 2}, "invoice", "an Invoice"),
        ({"action": "choose"}, "action", "an Action"),
    ],
)
def test_a_fact_of_an_event_of_the_wrong_type_is_refused(
    facts: dict[str, Any], name: str, expected: str
) -> None:
    """B14: nothing but what an account says can have happened to it."""
    error = error_of(InvalidTypeError, evolve, upgraded(), **facts)
    assert (error.name, error.expected) == (name, expected)


# --- The statement ---
@pytest.mark.parametrize(
    ("account", "invoices", "name", "expected"),
    [
        (lambda: on_free(JUNE).subscription, (), "account", "an Account"),
        (lambda: on_free(JUNE), [], "invoices", "a tuple"),
        (lambda: on_free(JUNE), (7,), "invoice", "an Invoice"),
    ],
    ids=["facts", "a list", "a number"],
)
def test_a_statement_is_an_account_and_its_invoices(
    account: Callable[[], Any], invoices: Any, name: str, expected: str
) -> None:
    """The error names the fact, and says which type was expected."""
    error = error_of(InvalidTypeError, Statement, account(), invoices)
    assert (error.name, error.expected) == (name, expected)


@pytest.mark.parametrize(
    ("events", "name", "expected"), [([], "events", "a tuple"), ((7,), "event", "an AccountEvent")]
)
def test_a_statement_lists_events(events: Any, name: str, expected: str) -> None:
    """B14: the error names the fact, and says which type was expected."""
    error = error_of(InvalidTypeError, Statement, on_free(JUNE), (), events)
    assert (error.name, error.expected) == (name, expected)


def bought() -> Statement:
    """Free from the first of June, Pro with three seats from the tenth; Ultimate since half June."""
    return replay([
        StartFree(at=JUNE),
        AddPaymentMethod(at=TENTH),
        ChoosePlan(PRO, 3, at=TENTH),
        ChoosePlan(ULTIMATE, at=HALF),
    ])


def other_dues() -> Account:
    """That account, which keeps another amount due on its first invoice."""
    first, second = bought().account.issued
    return evolve(bought().account, issued=(evolve(first, amount_due=usd(1)), second))


def unnumbered(told: Statement) -> Invoice:
    """Its first invoice, as it was before there were numbers."""
    return evolve(told.invoices[0], number=None, cause=None)


def renumbered(told: Statement) -> dict[str, Any]:
    """Its facts, as if an account had an invoice before it was opened."""
    events = [
        event if event.invoice is None else evolve(event, invoice=evolve(event.invoice, number=n))
        for n, event in enumerate(told.events)
    ]
    issued = told.account.issued
    return {
        "account": evolve(told.account, issued=(issued[0], *issued)),
        "invoices": tuple(event.invoice for event in events if event.invoice is not None),
        "events": tuple(events),
    }


# What somebody writes into that statement, the field that cannot be so, and what it should be.
INCONSISTENT: dict[str, tuple[Callable[[Statement], dict[str, Any]], str, str]] = {
    "events in reverse": (
        lambda told: {"events": told.events[::-1]},
        "events",
        "the oldest first, none after 2026-06-16T00:00Z",
    ),
    "events to come": (
        lambda told: {"events": (*told.events, *advance(told.account, utc(2026, 7, 10)).events)},
        "events",
        "the oldest first, none after 2026-06-16T00:00Z",
    ),
    "invoices in reverse": (
        lambda told: {"invoices": told.invoices[::-1]},
        "invoices",
        "the oldest first, none after 2026-06-16T00:00Z",
    ),
    "an invoice left out": (
        lambda told: {"invoices": told.invoices[1:]},
        "invoices",
        "those of its events, in their order",
    ),
    "the last invoice left out": (
        lambda told: {"invoices": told.invoices[:1], "events": ()},
        "invoices",
        "the latest of those that the account keeps",
    ),
    "no invoices": (
        lambda _told: {"invoices": ()},
        "invoices",
        "those of its events, in their order",
    ),
    "an invoice twice": (
        lambda told: {"invoices": (*told.invoices, told.invoices[1])},
        "invoices",
        "the latest of those that the account keeps",
    ),
    "more invoices than the account had": (
        lambda told: {"account": evolve(told.account, issued=())},
        "invoices",
        "the latest of those that the account keeps",
    ),
    "another amount due than the account keeps": (
        lambda _told: {"account": other_dues()},
        "invoices",
        "the latest of those that the account keeps",
    ),
    "an invoice that no event issued": (
        lambda told: {"invoices": (unnumbered(told), *told.invoices)},
        "invoices",
        "those of its events, in their order",
    ),
    "an event left out": (
        lambda told: {"events": (*told.events[:2], told.events[3]), "invoices": told.invoices[1:]},
        "events",
        "each from what the one before it led to",
    ),
    "opened twice": (
        lambda told: {"events": (told.events[0], *told.events)},
        "events",
        "each from what the one before it led to",
    ),
    "the last event left out": (
        lambda told: {
            "account": evolve(told.account, issued=told.account.issued[:1]),
            "invoices": told.invoices[:1],
            "events": told.events[:3],
        },
        "events",
        "what leads to 3 x ultimate 39.00 USD, active",
    ),
    "more invoices than since it was opened": (
        renumbered,
        "invoices",
        "all of an account that was opened here",
    ),
}


@pytest.mark.parametrize(("facts", "name", "expected"), INCONSISTENT.values(), ids=INCONSISTENT)
def test_a_statement_that_contradicts_itself_is_refused(
    facts: Callable[[Statement], dict[str, Any]], name: str, expected: str
) -> None:
    """B14: its events lead to its account and issued its invoices; the error names the field."""
    told = bought()
    assert evolve(told) == told
    error = error_of(InvalidValueError, evolve, told, **facts(told))
    assert (error.name, error.expected) == (name, expected)
    assert error.value == facts(told).get(name, getattr(told, name))


def test_a_statement_may_tell_of_invoices_alone() -> None:
    """B14: as one that was written before there were events, with numbers or without."""
    told = bought()
    assert Statement(told.account, told.invoices[1:]).events == ()
    assert Statement(told.account, (unnumbered(told),)).events == ()


@given(statements(), st.integers(0, 400))
def test_statements_of_the_ledger_pass_their_own_checks(told: Statement, days: int) -> None:
    """B14: what time, an action or its preview comes to is what the constructors would take."""
    held = told.account
    at = held.subscription.as_of + timedelta(days=days)
    found = [
        advance(held, at),
        preview(held, ChangeSeats(1, at=at)),
        preview(held, Cancel(at_once=True, at=at)),
        apply(held, PaymentSucceeded(at=at)) if held.issued else told,
    ]
    for statement in found:
        assert [evolve(event) for event in statement.events] == list(statement.events)
        assert evolve(statement) == statement


# --- How they read ---
def grown_to_seven() -> Account:
    """On Pro with three seats, then four, then seven, the lines of which wait."""
    return after(on_plan(PRO, JUNE, seats=3), ChangeSeats(4, at=TENTH), ChangeSeats(7, at=HALF))


READS: dict[str, tuple[Callable[[], object], str]] = {
    "account on Free": (
        lambda: on_free(JUNE),
        "Account(1 x free 0.00 USD, free, as_of=2026-06-01T00:00Z, credit_balance=0.00 USD)",
    ),
    "account with lines that wait": (
        grown_to_seven,
        (
            "Account(7 x pro 19.00 USD, active, as_of=2026-06-16T00:00Z, credit_balance=0.00 USD, "
            "4 pending lines, standing_debit=66.50 USD, 1 invoice issued)"
        ),
    ),
    "account that cancelled": (
        lambda: after(on_plan(PRO, JUNE), Cancel(at=HALF)),
        (
            "Account(1 x pro 19.00 USD, active, as_of=2026-06-16T00:00Z, scheduled_change=free "
            "0.00 USD from 2026-07-01T00:00Z, credit_balance=0.00 USD, standing_debit=19.00 USD, "
            "1 invoice issued)"
        ),
    ),
    "statement": (
        lambda: apply(grown_to_seven(), ChoosePlan(ULTIMATE, at=HALF)),
        "Statement(7 x ultimate 39.00 USD, active, as_of=2026-06-16T00:00Z, 1 invoice, 1 event)",
    ),
    "event": (
        lambda: apply(grown_to_seven(), ChoosePlan(ULTIMATE, at=HALF)).events[0],
        (
            "AccountEvent(2026-06-16T00:00Z, choose_higher, 7 x pro 19.00 USD, active -> "
            "7 x ultimate 39.00 USD, active, invoice of 111.80 USD)"
        ),
    ),
    "event that opened an account": (
        lambda: open_account(StartFree(at=JUNE)).events[0],
        "AccountEvent(2026-06-01T00:00Z, start_free, 1 x free 0.00 USD, free)",
    ),
    "what was held": (
        lambda: Held(PRO, 3, Status.past_due),
        "Held(3 x pro 19.00 USD, past_due)",
    ),
}


@pytest.mark.parametrize(("make", "expected"), READS.values(), ids=READS)
def test_how_it_reads_in_a_line(make: Callable[[], object], expected: str) -> None:
    """Plans by key and price, money in major units, instants in ISO form, defaults left out."""
    assert repr(make()) == expected
