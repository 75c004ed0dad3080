"""The fold of a history: what each step of the lifecycle bills, kept while it goes on.

A ledger is the one thing here that changes, and nobody outside this floor meets it: a function of
`histories` opens one, lets steps happen to it, and hands out the statement.
"""

from __future__ import annotations

from datetime import datetime
from typing import Never, assert_never

from attrs import evolve

from chatim_plans.billing.accounts import (
    CAUSES,
    Account,
    AccountEvent,
    Held,
    IssuedInvoice,
    Statement,
)
from chatim_plans.billing.invoices import (
    Invoice,
    Line,
    LineKind,
    invoice_for,
    period_line,
    remaining_line,
    unused_debit,
    unused_line,
)
from chatim_plans.catalog.catalogs import BillingMode
from chatim_plans.foundation.errors import OutOfOrderError
from chatim_plans.foundation.money import CurrencyMismatchError, Money
from chatim_plans.foundation.periods import Cycle, Period
from chatim_plans.foundation.rounding import Rounding
from chatim_plans.foundation.values import without_checks
from chatim_plans.subscriptions.actions import (
    Action,
    AdjustCredit,
    PaymentFailed,
    PaymentSucceeded,
    Refunded,
)
from chatim_plans.subscriptions.lifecycle import LIFECYCLE, crossed, taken
from chatim_plans.subscriptions.moves import Step
from chatim_plans.subscriptions.occurrences import (
    BillingStopped,
    CreditAdjusted,
    IntervalChanged,
    PeriodStarted,
    Rate,
    RateChanged,
    RefundGiven,
)
from chatim_plans.subscriptions.refusals import ActionRefusedError, Refusal
from chatim_plans.subscriptions.subscription import OnPaid, Subscription
from chatim_plans.subscriptions.timing import merely_renews

_ALWAYS_LISTED = (PaymentFailed, PaymentSucceeded, AdjustCredit, Refunded)


class Ledger:
    """An account while steps happen to it, with the invoices and events since it was opened."""

    def __init__(self, account: Account) -> None:
        self.subscription: Subscription = account.subscription
        self._waiting = list(account.pending_lines)
        self._credit = account.credit_balance
        self._debit = account.standing_debit
        self._issued = list(account.issued)
        self._held = _held(account.subscription)
        self.invoices: list[Invoice] = []
        self.events: list[AccountEvent] = []

    @classmethod
    def opened(cls, step: Step) -> Ledger:
        """The ledger of the account that `step` opens."""
        subscription = step.subscription
        nothing = Money(0, subscription.plan.price.currency)
        ledger = cls(without_checks(Account, subscription, (), nothing, None, ()))
        move = step.move
        facts = move.at, move.event, None, ledger._held, None, move.action
        ledger.events.append(without_checks(AccountEvent, *facts))
        return ledger

    def statement(self) -> Statement:
        """The account as it now is, with all that was listed on the way."""
        # Past the checks, which look at every line that waits: with them a period of many changes
        # would cost the square of their number. What comes through here would pass, which
        # `test_accounts_of_the_ledger_pass_their_own_checks` proves.
        account = without_checks(
            Account,
            self.subscription,
            tuple(self._waiting),
            self._credit,
            self._debit,
            tuple(self._issued),
        )
        facts = account, tuple(self.invoices), tuple(self.events)
        return without_checks(Statement, *facts)

    def go_to(self, to: datetime) -> None:
        """Let time go by up to the instant `to`, every boundary crossed (rules T3–T5, B9).

        Raises:
            OutOfOrderError: `to` is before the instant that the account stands at.
            InvalidValueError: a period would end after the year 9999, said before any is billed.
        """
        self._cross_boundaries(to)
        if self.subscription.as_of != to:
            self.subscription = evolve(self.subscription, as_of=to)

    def _cross_boundaries(self, to: datetime) -> None:
        check_order(self.subscription.as_of, to)
        in_range = False
        while (boundary := self.subscription.next_boundary) is not None and boundary <= to:
            if not in_range and (cycle := self._renewing_for_ever()) is not None:
                cycle.boundary_after(to)
                in_range = True
            self._follow(crossed(self.subscription, boundary))

    def _renewing_for_ever(self) -> Cycle | None:
        """The cycle that bills the account to the end of time; None while it may come to more."""
        phase = merely_renews(self.subscription)
        waits = self.subscription.scheduled_change is not None
        return None if phase is None or waits else phase.cycle

    def cross_boundary(self) -> bool:
        """Let time do the next thing that it does; whether there was one."""
        boundary = self.subscription.next_boundary
        if boundary is None:
            return False
        self._follow(crossed(self.subscription, boundary))
        return True

    def take(self, action: Action, *, ask_payment_method: bool = True) -> None:
        """Let `action` happen, once time has gone by up to its instant.

        Raises:
            ActionRefusedError: the action cannot apply (rule P7); its subclasses say why.
        """
        self._cross_boundaries(action.at)
        self._check_money(action)
        self._follow(taken(self.subscription, action, ask_payment_method=ask_payment_method))

    def _check_money(self, action: Action) -> None:
        """An amount is of the account's currency, and a number is of one of its invoices."""
        if isinstance(action, AdjustCredit | Refunded):
            currency = self._credit.currency
            if action.amount.currency != currency:
                raise CurrencyMismatchError(currency, action.amount.currency)
        if not isinstance(action, PaymentFailed | PaymentSucceeded | Refunded):
            return
        if action.invoice is not None and action.invoice > len(self._issued):
            self._refuse_number(action.invoice)
        if isinstance(action, Refunded):
            issued = self._issued[action.invoice - 1]
            left = issued.amount_due - issued.refunded
            if action.amount > left:
                because = (
                    f"{action.amount} is more than the {left} left of invoice {action.invoice}"
                )
                raise ActionRefusedError(
                    because, "refund at most what was due on it", refusal=Refusal.refund_too_large
                )

    def _refuse_number(self, number: int) -> Never:
        if not self.subscription.was_invoiced:
            because, instead = "as it was never invoiced", "check which account was meant"
        elif not self._issued:
            because, instead = "as none of its own has a number", "report payments without one"
        else:
            because, instead = f"the last is {len(self._issued)}", "name one of its own by number"
        raise ActionRefusedError(
            f"the account has no invoice {number}, {because}",
            instead,
            refusal=Refusal.unknown_invoice,
        )

    def _follow(self, step: Step) -> None:
        before, move = self.subscription, step.move
        invoice = self._bill(step)
        self.subscription = step.subscription
        listed = move.action is None or isinstance(move.action, _ALWAYS_LISTED)
        if listed or not before.has_same_facts(self.subscription):
            held_before, self._held = self._held, _held(self.subscription)
            event = without_checks(
                AccountEvent,
                move.at,
                move.event,
                held_before,
                self._held,
                invoice,
                move.action,
            )
            self.events.append(event)

    def _bill(self, step: Step) -> Invoice | None:
        """The invoice for what has happened, if it makes one."""
        rounding = step.subscription.catalog.terms.rounding
        match step.occurrence:
            case None:
                return None
            case PeriodStarted(rate=rate, period=period):
                self._charge(period_line(rate, period), step)
            case RateChanged(at=at, period=whole) as change:
                part = Period(at, whole.end)
                self._waiting.append(self._unused(change.before, part, whole, rounding))
                self._charge(remaining_line(change.after, part, whole, rounding), step)
                if not change.at_once:
                    return None
            case IntervalChanged(at=at, period=whole) as change:
                part = Period(at, whole.end)
                self._waiting.append(self._unused(change.before, part, whole, rounding))
                self._charge(period_line(change.after, change.first), step)
            case BillingStopped(lines_dropped=dropped):
                self._debit = None
                if dropped:
                    self._waiting.clear()
            case CreditAdjusted(amount=amount):
                self._credit += amount
                return None
            case RefundGiven(invoice=number, amount=amount):
                issued = self._issued[number - 1]
                self._issued[number - 1] = evolve(issued, refunded=issued.refunded + amount)
                return None
            case _ as never:
                assert_never(never)
        return self._invoice(step) if self._waiting else None

    def _charge(self, line: Line, step: Step) -> None:
        self._waiting.append(line)
        self._debit = line if _is_flexible(step.subscription) else None

    def _unused(self, rate: Rate, part: Period, whole: Period, rounding: Rounding) -> Line:
        """The credit for the rest of the period that `rate` was charged for (rule B12)."""
        debit = self._debit
        if debit is None and _is_flexible(self.subscription):
            latest_first = reversed(self._waiting)
            charges = (line for line in latest_first if line.kind is LineKind.remaining_time)
            debit = next(charges, None)
        if debit is None:
            return unused_line(rate, part, whole, rounding)
        return unused_debit(debit, part, rounding)

    def _invoice(self, step: Step) -> Invoice:
        """The invoice of all the lines that wait, and what was due on it kept by its number."""
        transition = LIFECYCLE[self._held.status][step.move.event]
        invoice = invoice_for(
            step.move.at,
            tuple(self._waiting),
            self._credit,
            step.subscription.catalog.terms,
            number=len(self._issued) + 1,
            cause=CAUSES[transition.effect],
        )
        self._waiting.clear()
        self._credit = invoice.credit_after
        nothing = Money(0, invoice.amount_due.currency)
        self._issued.append(without_checks(IssuedInvoice, invoice.amount_due, nothing))
        self.invoices.append(invoice)
        return invoice


def check_order(earlier: datetime, later: datetime) -> None:
    """Time does not go back (rule T4).

    Raises:
        OutOfOrderError: `later` is before `earlier`.
    """
    if later < earlier:
        raise OutOfOrderError(later, earlier)


def _is_flexible(subscription: Subscription) -> bool:
    phase = subscription.phase
    return isinstance(phase, OnPaid) and phase.billing_mode is BillingMode.flexible


def _held(subscription: Subscription) -> Held:
    return without_checks(Held, subscription.plan, subscription.seats, subscription.phase.status)
