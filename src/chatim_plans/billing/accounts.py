"""An account with its money, what happened to it, and the statement of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType

from attrs import field, frozen

from chatim_plans.billing.invoices import Invoice, InvoiceCause, Line, LineKind
from chatim_plans.catalog.catalogs import BillingMode
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import instant, iso
from chatim_plans.foundation.money import CurrencyMismatchError, Money
from chatim_plans.foundation.periods import Period
from chatim_plans.foundation.values import Value, counted, in_a_line, named
from chatim_plans.subscriptions import effects
from chatim_plans.subscriptions.actions import Action, ChangeSeats, ChoosePlan, StartTrial
from chatim_plans.subscriptions.lifecycle import Transition, transition_of
from chatim_plans.subscriptions.moves import EventKind, kinds_of
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.subscription import OnPaid, Status, Subscription


@frozen(order=False)
class IssuedInvoice(Value):
    """What an account keeps of an invoice: the `amount_due` on it, and what was `refunded` since.

    >>> from chatim_plans import *
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> account = replay([*paid, Refunded(1, Money(19_00, USD), at=utc("2026-01-20"))]).account
    >>> account.issued
    (IssuedInvoice(amount_due=57.00 USD, refunded=19.00 USD),)

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
    """A subscription with its money: `pending_lines`, which wait for the next invoice, oldest
    first, and the credit balance (positive: in the customer's favour; Stripe writes the opposite).

    `issued` has one entry for each numbered invoice, in their order. `standing_debit` is the line
    that pays for the rest of the period in flexible billing, of which a credit is a part; None in
    classic billing, off a paid plan, and where it is not known: then it is the latest charge that
    waits, or else the price of the seats for the period.

    >>> from chatim_plans import *
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> account = replay([*paid, ChangeSeats(5, at=utc("2026-01-20"))]).account
    >>> print(account.subscription, account.credit_balance, len(account.pending_lines), sep="; ")
    5 x pro 19.00 USD, active; 0.00 USD; 2

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
        if not pays or debit.period.end != phase.period.end or not self._is_of_plan(debit):
            raise InvalidValueError("standing_debit", debit, "a charge up to the period's end")
        for holds, expected in (
            (debit.period.start <= self.subscription.as_of, "a charge of the past"),
            (debit.seats >= self.subscription.seats, "a charge for all the seats"),
            (self.pending_lines[-1:] in ((), (debit,)), "the last line that waits"),
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
        for credit, charge in list(pairwise(changes))[::2]:
            self._check_line(credit, LineKind.unused_time, phase.period)
            self._check_line(charge, LineKind.remaining_time, phase.period)
            for holds, line, expected in _what_a_change_writes(before, credit, charge, phase):
                if not holds:
                    raise InvalidValueError("pending_lines", line, expected)
            before = charge
        if changes and changes[-1].seats < seats:
            expected = f"a charge for all {counted(seats, 'seat')} at last"
            raise InvalidValueError("pending_lines", changes[-1], expected)

    def _is_of_plan(self, line: Line) -> bool:
        held = self.subscription.plan
        return line.plan is held or line.plan == held  # by value: dearer than all the rest

    def _check_line(self, line: Line, kind: LineKind, period: Period) -> None:
        for holds, expected in (
            (line.kind is kind, "a credit before each charge"),
            (self._is_of_plan(line), "lines of the plan held"),
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
    """What an account held at an instant: a plan and its seats, and its `status` then.

    >>> from chatim_plans import *
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 5, at=at)]
    >>> cancelled = [*paid, Cancel(at=utc("2026-10-27 17:30"))]
    >>> change = replay(cancelled, until=utc("2026-11-15 09:00")).events[-1]
    >>> print(change.before, change.after, sep=" -> ")
    5 x pro 19.00 USD, active -> 5 x free 0.00 USD, free

    Raises:
        InvalidTypeError, InvalidValueError: seats below 1, or a status that the plan cannot have.

    Source: rule B14.
    """

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


CAUSES: Mapping[effects.Effect, InvoiceCause] = MappingProxyType({
    effects.start_paid: InvoiceCause.plan_started,
    effects.convert_trial: InvoiceCause.trial_converted,
    effects.renew: InvoiceCause.period_renewed,
    effects.upgrade: InvoiceCause.upgraded,
    effects.change_interval: InvoiceCause.interval_changed,
    effects.change_paid_seats: InvoiceCause.seats_changed,
    effects.fall_to_free: InvoiceCause.billing_stopped,
})
"""What an invoice is issued for, by the effect that issues it."""

# Nothing may be due: lines of seats can wait, and none need wait when billing stops.
_WITHOUT_INVOICE = (None, InvoiceCause.seats_changed, InvoiceCause.billing_stopped)

# After every other effect the plan is the one that was held.
_LEAD_TO_A_PLAN = frozenset({
    effects.start_trial,
    effects.start_paid,
    effects.convert_trial,
    effects.end_trial,
    effects.renew,
    effects.upgrade,
    effects.change_interval,
    effects.fall_to_free,
    effects.fall_unpaid,
    effects.cancel_at_once,
    effects.change_edition_now,
})


@frozen(order=False)
class AccountEvent(Value):
    """Something that happened to an account at the instant `at`: an action, or time itself.

    `kind` is the lifecycle's own word for it; `before` and `after` say what was held. `before` is
    None where it opened the account, `action` where time did it, and `invoice` where it issued
    none.

    >>> from chatim_plans import *
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> renewal = replay(paid, until=utc("2026-02-15 09:00")).events[-1]
    >>> renewal.kind.value, renewal.action, str(renewal.invoice.amount_due)
    ('period_renews', None, '57.00 USD')

    Raises:
        InvalidTypeError, InvalidValueError: a kind that the action cannot be of, or that cannot
            lead from what was held to what is; an invoice that it does not issue.

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
        for holds, name, expected in self._consistency():
            if not holds:
                raise InvalidValueError(name, getattr(self, name), expected)

    def _consistency(self) -> Iterator[tuple[bool, str, str]]:
        action, before = self.action, self.before
        yield action is None or action.at == self.at, "action", f"an action at {iso(self.at)}"
        held = self.after if before is None else before
        billed = not held.plan.is_free and held.status is not Status.trialing
        kinds = kinds_of(action, Rate(held.plan, held.seats), billed=billed)
        yield self.kind in kinds, "kind", " or ".join(kinds)
        transition = transition_of(self.kind, None if before is None else before.status)
        if transition is None:
            can = "opens an account" if before is None else f"can happen to {before}"
            yield False, "kind", f"what {can}"
        else:
            yield from self._what_is_held(transition)
            yield from self._what_is_issued(CAUSES.get(transition.effect))

    def _what_is_held(self, transition: Transition) -> Iterator[tuple[bool, str, str]]:
        action, before, after = self.action, self.before, self.after
        status, seats = transition.to, 1
        if before is not None:
            status, seats = status or before.status, before.seats
            stays = transition.effect not in _LEAD_TO_A_PLAN
            yield not stays or after.plan == before.plan, "after", f"the plan {before.plan}"
        yield after.status is status, "after", f"the status {status}"
        if isinstance(action, StartTrial | ChoosePlan | ChangeSeats):
            seats = action.seats or seats
        yield after.seats == seats, "after", counted(seats, "seat")
        if isinstance(action, ChoosePlan) and transition.effect in _LEAD_TO_A_PLAN:
            chosen = action.plan.key
            yield after.plan.key == chosen, "after", f"the plan {in_a_line(chosen)}"

    def _what_is_issued(self, cause: InvoiceCause | None) -> Iterator[tuple[bool, str, str]]:
        after, invoice = self.after, self.invoice
        if invoice is None:
            yield cause in _WITHOUT_INVOICE, "invoice", f"an invoice: {cause}"
            return
        yield invoice.issued_at == self.at, "invoice", f"an invoice issued at {iso(self.at)}"
        yield cause is not None, "invoice", f"None: {self.kind} issues none"
        yield invoice.cause is cause, "invoice", f"an invoice: {cause}"
        if cause is not InvoiceCause.billing_stopped:
            last = invoice.lines[-1]
            of = (last.plan, last.seats, last.period.start)
            charges = of == (after.plan, after.seats, self.at)
            yield charges, "invoice", f"a charge for {after} from {iso(self.at)} on"

    def _shown(self) -> Iterator[str]:
        yield iso(self.at)
        yield self.kind
        yield f"{self.after}" if self.before is None else f"{self.before} -> {self.after}"
        if self.invoice is not None:
            yield f"invoice of {self.invoice.amount_due}"


@frozen(order=False)
class Statement(Value):
    """An account, the invoices issued to bring it where it is, and what happened, oldest first.

    The invoices are those that the events issued; one without events, as in documents of the wire
    form's version 1, tells of invoices alone.

    >>> from chatim_plans import *
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> statement = replay(paid, until=utc("2026-03-15 09:00"))
    >>> [f"{invoice.issued_at:%d %b} {invoice.amount_due}" for invoice in statement.invoices]
    ['15 Jan 57.00 USD', '15 Feb 57.00 USD', '15 Mar 57.00 USD']
    >>> [event.kind.value for event in statement.events[2:]]
    ['choose_higher', 'period_renews', 'period_renews']

    Raises:
        InvalidTypeError, InvalidValueError: no account, invoices that are not the latest it keeps
            or that its events did not issue, events that do not lead from one to the next and to
            what it holds.

    Source: rule B14.
    """

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
        for holds, name, expected in self._consistency():
            if not holds:
                raise InvalidValueError(name, getattr(self, name), expected)

    def _consistency(self) -> Iterator[tuple[bool, str, str]]:
        facts, invoices, events = self.account.subscription, self.invoices, self.events
        for name, instants in (
            ("invoices", [invoice.issued_at for invoice in invoices]),
            ("events", [event.at for event in events]),
        ):
            in_order = sorted(instants) == instants and all(at <= facts.as_of for at in instants)
            yield in_order, name, f"the oldest first, none after {iso(facts.as_of)}"
        numbered = [(each.number, each.amount_due) for each in invoices if each.number is not None]
        kept = [(n, issued.amount_due) for n, issued in enumerate(self.account.issued, 1)]
        latest = kept[len(kept) - len(numbered) :]
        yield numbered == latest, "invoices", "the latest of those that the account keeps"
        if events:
            told = tuple(event.invoice for event in events if event.invoice is not None)
            yield told == invoices, "invoices", "those of its events, in their order"
            befores = [event.before for event in events]
            afters = [event.after for event in events]
            joined = befores[1:] == afters[:-1]
            yield joined, "events", "each from what the one before it led to"
            held = Held(facts.plan, facts.seats, facts.present_status)
            yield afters[-1] == held, "events", f"what leads to {held}"
            whole = befores[0] is not None or numbered == kept
            yield whole, "invoices", "all of an account that was opened here"

    def _shown(self) -> Iterator[str]:
        yield f"{self.account.subscription}"
        yield named("as_of", self.account.subscription.as_of)
        yield counted(len(self.invoices), "invoice")
        yield counted(len(self.events), "event")
