"""An account with its money, what happened to it, and the statement of both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import field, frozen

from chatim_plans.billing.invoices import Invoice, Line, LineKind
from chatim_plans.catalog.catalogs import BillingMode
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import instant, iso
from chatim_plans.foundation.money import CurrencyMismatchError, Money
from chatim_plans.foundation.periods import Period
from chatim_plans.foundation.values import Value, counted, named
from chatim_plans.subscriptions.actions import Action
from chatim_plans.subscriptions.moves import EventKind
from chatim_plans.subscriptions.subscription import OnPaid, Status, Subscription


@frozen(order=False)
class IssuedInvoice(Value):
    """What an account keeps of an invoice: what was due on it, and what was given back since.

    Raises:
        InvalidTypeError, InvalidValueError: no money, less than nothing, or more given back than
            was due.
        CurrencyMismatchError: two currencies.

    Source: rules B14, F2.
    """

    amount_due: Money
    refunded: Money

    def __attrs_post_init__(self) -> None:
        due = shapes.instance(self.amount_due, Money, "amount_due")
        refunded = shapes.instance(self.refunded, Money, "refunded")
        shapes.whole_number(due.amount, "amount_due", at_least=0)
        shapes.whole_number(refunded.amount, "refunded", at_least=0)
        if refunded > due:
            raise InvalidValueError("refunded", refunded.amount, f"at most {due.amount}, the due")


@frozen(order=False)
class Account(Value):
    """A subscription with its money: the lines that wait for the next invoice, oldest first, and
    the credit balance (positive: in the customer's favour; Stripe writes the opposite sign).

    `issued` has one entry for each numbered invoice, in their order. `standing_debit` is the line
    that pays for the rest of the period in flexible billing, of which a credit is a part; None in
    classic billing, off a paid plan, and where it is not known: then it is the latest charge that
    waits, or else the price of the seats for the period.

    Raises:
        InvalidTypeError, InvalidValueError: lines that wait off a paid plan, or that its facts
            cannot have.
        CurrencyMismatchError: an amount of another currency than the plan's.

    Source: rules S2, B7, B12, B14.
    """

    subscription: Subscription
    pending_lines: tuple[Line, ...]
    credit_balance: Money
    standing_debit: Line | None = None
    issued: tuple[IssuedInvoice, ...] = ()

    def __attrs_post_init__(self) -> None:
        subscription = shapes.instance(self.subscription, Subscription, "subscription")
        shapes.instance(self.pending_lines, tuple, "pending_lines")
        for line in self.pending_lines:
            shapes.instance(line, Line, "pending line")
        shapes.instance(self.credit_balance, Money, "credit_balance")
        shapes.instance(self.issued, tuple, "issued")
        for issued in self.issued:
            shapes.instance(issued, IssuedInvoice, "issued invoice")
        if self.issued and not subscription.was_invoiced:
            raise InvalidValueError("issued", self.issued, "none on an account never invoiced")
        currency = subscription.plan.price.currency
        amounts = (
            self.credit_balance,
            *(line.amount for line in self.pending_lines),
            *(issued.amount_due for issued in self.issued),
        )
        for amount in amounts:
            if amount.currency != currency:
                raise CurrencyMismatchError(currency, amount.currency)
        if self.standing_debit is not None:
            self._check_debit(shapes.instance(self.standing_debit, Line, "standing_debit"))
        if self.pending_lines:
            self._check_waiting(self.pending_lines)

    def _shown(self) -> Iterator[str]:
        yield str(self.subscription)
        yield named("as_of", self.subscription.as_of)
        if (change := self.subscription.scheduled_change) is not None:
            yield named("scheduled_change", change)
        yield named("credit_balance", self.credit_balance)
        if self.pending_lines:
            yield counted(len(self.pending_lines), "pending line")
        if self.standing_debit is not None:
            yield named("standing_debit", self.standing_debit.amount)
        if self.issued:
            yield f"{counted(len(self.issued), 'invoice')} issued"

    def _check_debit(self, debit: Line) -> None:
        phase = self.subscription.phase
        if not isinstance(phase, OnPaid) or phase.billing_mode is not BillingMode.flexible:
            raise InvalidValueError("standing_debit", debit, "None but in flexible billing")
        pays = debit.kind is not LineKind.unused_time and debit.whole == phase.period
        if not pays or debit.period.end != phase.period.end or debit.plan != self.subscription.plan:
            raise InvalidValueError("standing_debit", debit, "a charge up to the period's end")
        for holds, expected in (
            (debit.period.start <= self.subscription.as_of, "a charge of the past"),
            (debit.seats >= self.subscription.seats, "a charge for all the seats"),
            (
                debit in self.pending_lines[-1:] or not self.pending_lines,
                "the last line that waits",
            ),
        ):
            if not holds:
                raise InvalidValueError("standing_debit", debit, expected)

    def _check_waiting(self, lines: tuple[Line, ...]) -> None:
        """What waits came of changes of seats in the period: a credit and a charge for each.

        The first may be a credit alone, for no more seats than there were: documents of version 1
        can say so, and Stripe can. Changes of seats since then follow it.
        """
        phase, seats = self.subscription.phase, self.subscription.seats
        if not isinstance(phase, OnPaid):
            raise InvalidValueError("pending_lines", lines, "none off a paid plan")
        alone, changes = lines[: len(lines) % 2], lines[len(lines) % 2 :]
        for credit in alone:
            self._check_line(credit, LineKind.unused_time, phase.period)
            team = changes[0].seats if changes else seats
            if phase.billing_mode is not BillingMode.classic or credit.seats > team:
                expected = f"a classic credit alone for at most {counted(team, 'seat')}"
                raise InvalidValueError("pending_lines", credit, expected)
        before: Line | None = None
        for credit, charge in zip(changes[::2], changes[1::2], strict=True):
            self._check_line(credit, LineKind.unused_time, phase.period)
            self._check_line(charge, LineKind.remaining_time, phase.period)
            for holds, line, expected in _what_a_change_writes(before, credit, charge, phase):
                if not holds:
                    raise InvalidValueError("pending_lines", line, expected)
            before = charge
        if changes and changes[-1].seats < seats:
            expected = f"a charge for all {counted(seats, 'seat')} at last"
            raise InvalidValueError("pending_lines", changes[-1], expected)

    def _check_line(self, line: Line, kind: LineKind, period: Period) -> None:
        for holds, expected in (
            (line.kind is kind, "a credit before each charge"),
            (line.plan == self.subscription.plan, "lines of the plan held"),
            (line.period.end == period.end, "lines up to the period's end"),
            (line.period.start <= self.subscription.as_of, "lines of the past"),
            (period.encloses(line.whole), "lines of the period"),
        ):
            if not holds:
                raise InvalidValueError("pending_lines", line, expected)


def _what_a_change_writes(
    before: Line | None, credit: Line, charge: Line, phase: OnPaid
) -> Iterator[tuple[bool, Line, str]]:
    """What holds of the two lines of a change, `before` being the charge of the change before it.

    Seats may have fallen between two changes without lines, while a payment was overdue (B11).
    """
    period, whole = phase.period, credit.whole
    yield charge.period == credit.period, charge, "a charge for the time that was credited"
    yield charge.whole == period, charge, "a charge that is a part of the period"
    # Of what was debited for `whole`, rounded once, or of the price of the period itself.
    exact, rounded = credit.plan.charge(credit.seats).amount * whole.seconds, credit.base.amount
    explained = abs(rounded * period.seconds - exact) < period.seconds
    yield explained, credit, "a credit for what was debited"
    if phase.billing_mode is BillingMode.classic:
        yield whole == period, credit, "a credit that is a part of the period (classic billing)"
    if before is not None:
        yield before.period.start <= credit.period.start, credit, "the oldest first"
        most = counted(before.seats, "seat")
        yield credit.seats <= before.seats, credit, f"a credit for at most {most}"
        of_debit = whole == before.period and (credit.base, credit.seats) == (
            before.amount,
            before.seats,
        )
        yield whole == period or of_debit, credit, "a credit for what was debited last"


@frozen(order=False)
class Held(Value):
    """What an account held at an instant: a plan and its seats, and how it stood. Rule B14."""

    plan: Plan
    seats: int
    status: Status

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.plan, Plan, "plan")
        shapes.whole_number(self.seats, "seats", at_least=1)
        shapes.instance(self.status, Status, "status")
        if self.plan.is_free is not (self.status in (Status.free, Status.trial_ended)):
            raise InvalidValueError("status", self.status, f"a status on {self.plan.key!r}")

    def __str__(self) -> str:
        """What was held in a few words: `3 x pro 19.00 USD, active`."""
        return f"{self.seats} x {self.plan}, {self.status}"

    def _shown(self) -> Iterator[str]:
        yield str(self)


@frozen(order=False)
class AccountEvent(Value):
    """Something that happened to an account at the instant `at`: an action, or time itself.

    `before` is None where it opened the account, `action` where time did it, and `invoice` where
    it issued none.

    Source: rule B14.
    """

    at: datetime = field(converter=instant)
    kind: EventKind
    before: Held | None
    after: Held
    invoice: Invoice | None = None
    action: Action | None = None

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.kind, EventKind, "kind")
        shapes.instance(self.after, Held, "after")
        for value, kind, name in (
            (self.before, Held, "before"),
            (self.invoice, Invoice, "invoice"),
            (self.action, Action, "action"),
        ):
            if value is not None:
                shapes.instance(value, kind, name)
        if self.action is not None and self.action.at != self.at:
            raise InvalidValueError("action", self.action, f"an action at {iso(self.at)}")
        if self.invoice is not None and self.invoice.issued_at != self.at:
            raise InvalidValueError("invoice", self.invoice, f"an invoice issued at {iso(self.at)}")

    def _shown(self) -> Iterator[str]:
        yield iso(self.at)
        yield self.kind
        yield f"{self.after}" if self.before is None else f"{self.before} -> {self.after}"
        if self.invoice is not None:
            yield f"invoice of {self.invoice.amount_due}"


@frozen(order=False)
class Statement(Value):
    """An account, the invoices issued to bring it where it is, and what happened, oldest first."""

    account: Account
    invoices: tuple[Invoice, ...]
    events: tuple[AccountEvent, ...] = ()

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.account, Account, "account")
        shapes.instance(self.invoices, tuple, "invoices")
        for invoice in self.invoices:
            shapes.instance(invoice, Invoice, "invoice")
        shapes.instance(self.events, tuple, "events")
        for event in self.events:
            shapes.instance(event, AccountEvent, "event")

    def _shown(self) -> Iterator[str]:
        yield f"{self.account.subscription}"
        yield named("as_of", self.account.subscription.as_of)
        yield counted(len(self.invoices), "invoice")
        yield counted(len(self.events), "event")
