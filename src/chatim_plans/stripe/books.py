"""A customer's invoices beside Stripe's, and a book of customers: which is which, and what differs.

Invoices are paired by what each is for: its own line, which stands after those that waited, says a
period, and where several fit, their order decides. One without a partner is named, and no other
takes its place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from operator import itemgetter
from typing import TypeAlias

from attrs import frozen

from chatim_plans.billing.accounts import Account, Statement
from chatim_plans.billing.histories import advance, replay
from chatim_plans.billing.invoices import Invoice, LineKind
from chatim_plans.catalog.catalogs import Catalog, Terms
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError
from chatim_plans.foundation.instants import seconds_between, unix_seconds
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.periods import Period
from chatim_plans.stripe.differences import (
    AmountDifference,
    Cause,
    CurrencyDifference,
    Figure,
    InvoiceDifference,
    LoneInvoice,
    UnreadInvoice,
)
from chatim_plans.stripe.explaining import Evidence
from chatim_plans.stripe.fields import Field, InvalidStripeError
from chatim_plans.stripe.invoices import StripeInvoice, stripe_invoice_of
from chatim_plans.stripe.prices import Prices, checked_prices, currency_of
from chatim_plans.stripe.reconciliation import differences
from chatim_plans.subscriptions.actions import Action

History: TypeAlias = Account | Statement | Iterable[Action]
"""What this library says of a customer: the actions, their statement, or an account as it stood."""

BookDifference: TypeAlias = InvoiceDifference | LoneInvoice | UnreadInvoice
"""What a book's row can differ by: as an invoice does, by having no partner, by being unreadable.

>>> from chatim_plans import *
>>> from chatim_plans.stripe import BookDifference, reconcile_account
>>> at = utc("2026-01-15 09:00")
>>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
>>> found: list[BookDifference] = [
...     difference for row in reconcile_account(paid, []) for difference in row.differences
... ]
>>> [difference.cause.value for difference in found]
['not_at_stripe']

Source: rules B2–B10, B14.
"""


@frozen(order=False)
class ReconciledInvoice:
    """An invoice of ours and the one of Stripe's for the same, by its id; or one without the other.

    `at` is the instant of ours, else that of Stripe's, if it tells one. There are no `differences`
    where all is as predicted, and where Stripe's asks for nothing and needs no partner, as the one
    does that opens a trial.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import reconcile_account
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> (row,) = reconcile_account(paid, [])
    >>> f"{row.at:%d %b}", str(row.ours.amount_due), row.theirs, row.differences[0].cause.value
    ('15 Jan', '57.00 USD', None, 'not_at_stripe')

    Source: rules B2–B10, B14.
    """

    at: datetime | None
    ours: Invoice | None
    theirs: str | None
    differences: tuple[BookDifference, ...]


def reconcile_account(
    account: History,
    stripe_invoices: Iterable[object],
    prices: Prices | None = None,
    *,
    within: Period | None = None,
    catalog: Catalog = CHATIM,
) -> tuple[ReconciledInvoice, ...]:
    """Each invoice of an account beside Stripe's for the same, the oldest first.

    `account` is the customer's history: its actions, which are replayed from `catalog`, or their
    `Statement`. An `Account` tells no invoices of before: it is one as it stood before the first of
    `stripe_invoices`, and what time alone has issued since is compared. `stripe_invoices` are as
    `reconcile` takes them, in any order. `within` leaves the invoices of a month, ours by their
    issue; give Stripe's of some days around it too, whose clock is some seconds behind.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import reconcile_account
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> (row,) = reconcile_account(paid, [])
    >>> print(row.differences[0])
    Here 57.00 USD due, issued 2026-01-15 09:00:00 UTC; at Stripe no such invoice.

    Raises:
        InvalidTypeError: no history, no invoices, or no mapping of price ids to plans.
        ActionRefusedError, OutOfOrderError: a history that cannot be replayed.

    Source: rules B2–B10, B14.
    """
    given = _listed(stripe_invoices)
    known = checked_prices({} if prices is None else prices)
    return _reconciled(account, given, known, within, catalog)


def reconcile_accounts(
    accounts: Mapping[str, History],
    stripe_invoices: Iterable[object],
    prices: Prices | None = None,
    *,
    within: Period | None = None,
    catalog: Catalog = CHATIM,
) -> Iterator[tuple[str, tuple[ReconciledInvoice, ...]]]:
    """The same for each customer of a book, one after the other.

    `accounts` are the histories by the id of Stripe's customer, and `stripe_invoices` those of all
    of them in any order. After the customers of `accounts` come those that only Stripe knows; the
    id is empty where an invoice does not say whose it is.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import reconcile_accounts
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> for customer, rows in reconcile_accounts({"cus_1": paid}, []):
    ...     print(customer, [row.differences[0].cause.value for row in rows])
    cus_1 ['not_at_stripe']

    Raises:
        The errors of `reconcile_account`, when it comes to the customer.

    Source: rules B2–B10, B14.
    """
    known = checked_prices({} if prices is None else prices)
    by_customer: dict[str, list[Field]] = {}
    for each in _listed(stripe_invoices):
        by_customer.setdefault(_customer(each), []).append(each)
    if not isinstance(accounts, Mapping):
        raise InvalidTypeError("accounts", accounts, "a mapping of customers' ids to histories")
    for customer, account in accounts.items():
        theirs = by_customer.pop(customer, [])
        yield customer, _reconciled(account, theirs, known, within, catalog)
    for customer, theirs in by_customer.items():
        yield customer, _reconciled(None, theirs, known, within, catalog)


def _reconciled(
    account: History | None,
    given: Sequence[Field],
    prices: Prices,
    within: Period | None,
    catalog: Catalog,
) -> tuple[ReconciledInvoice, ...]:
    dated, unread = list[tuple[datetime, Field]](), list[ReconciledInvoice]()
    for each in given:
        try:
            dated.append((_issued_at(each), each))
        except InvalidStripeError as error:
            unread.append(_unread(None, error))
    dated.sort(key=itemgetter(0))
    ours, terms = _issued(account, [_billed_from(*each) for each in dated], within, catalog)
    rows = [*_rows(ours, dated, prices, terms.smallest_charge), *unread]
    if within is not None:
        rows = [row for row in rows if row.at is None or row.at in within]
    return tuple(sorted(rows, key=lambda row: row.at or _LAST))


_LAST = datetime.max.replace(tzinfo=UTC)


def _issued(
    account: History | None, at_stripe: Sequence[datetime], within: Period | None, catalog: Catalog
) -> tuple[tuple[Invoice, ...], Terms]:
    """The invoices that were issued up to the end of the month asked for, else up to the latest of
    Stripe's; and the terms they were issued by.
    """
    if account is None:
        return (), catalog.terms
    if isinstance(account, Statement):
        statement = account
    elif isinstance(account, Account):
        as_of = account.subscription.as_of
        until = _latest(as_of, at_stripe) if within is None else max(as_of, within.end)
        statement = advance(account, until)
    else:
        given = shapes.row(account, "account")
        history = [shapes.instance(action, Action, "action") for action in given]
        if within is not None and history and within.end < history[0].at:
            return (), catalog.terms
        statement = replay(history, _end_of(history, at_stripe, within), catalog)
    return statement.invoices, statement.account.subscription.catalog.terms


def _end_of(
    history: Sequence[Action], at_stripe: Sequence[datetime], within: Period | None
) -> datetime | None:
    """Up to when a history is replayed; None of an empty one, which `replay` refuses."""
    if within is not None:
        return within.end
    return _latest(history[-1].at, at_stripe) if history else None


def _latest(at: datetime, at_stripe: Iterable[datetime]) -> datetime:
    """The latest instant from `at` on; one far from all before it does not lead there.

    An invoice that Stripe dates in another century is at fault itself.
    """
    for each in at_stripe:
        if each > at and each - at <= _LONGEST:
            at = each
    return at


_LONGEST = timedelta(days=400)  # more than a year, so that no interval is longer


# --- Stripe's invoices ---
def _listed(stripe_invoices: Iterable[object]) -> list[Field]:
    """Each of Stripe's invoices, of any collection of them or of a list object of Stripe's."""
    whole = Field(stripe_invoices, "invoices")
    rows = whole if whole.is_object else Field(shapes.row(stripe_invoices, "invoices"), whole.path)
    return list(rows.rows())


def _customer(given: Field) -> str:
    """The id of the customer whose invoice it is; empty if it does not say, or cannot be read."""
    try:
        invoice = given.of_kind("invoice")
        named = (invoice[name] for name in ("customer", "customer_account"))
        return next((customer.id() for customer in named if not customer.is_null), "")
    except InvalidStripeError:
        return ""


def _issued_at(given: Field) -> datetime:
    """When Stripe made an invoice; a preview that does not say is of its latest line's time."""
    invoice = given.of_kind("invoice")
    created = invoice["date"] if invoice["created"].is_null else invoice["created"]  # until 2018
    if not created.is_null:
        return created.instant()
    starts = (row["period"]["start"].instant() for row in invoice["lines"].rows())
    latest = max(starts, default=None)
    return invoice["created"].instant() if latest is None else latest


def _billed_from(made_at: datetime, given: Field) -> datetime:
    """The latest instant that an invoice bills from; Stripe makes it some seconds later."""
    with suppress(InvalidStripeError):
        rows = given.of_kind("invoice")["lines"].rows()
        starts = [row["period"]["start"].instant() for row in rows]
        return max((start for start in starts if start <= made_at), default=made_at)
    return made_at


def _unread(at: datetime | None, error: InvalidStripeError) -> ReconciledInvoice:
    return ReconciledInvoice(at, None, None, (UnreadInvoice(Cause.unread, error),))


@frozen(order=False)
class _Own:
    """What an invoice is for: the line of its own, after those that waited, by its time."""

    is_whole: bool
    start: datetime
    end: datetime

    @classmethod
    def of(cls, invoice: Invoice) -> _Own:
        """What an invoice of ours is for."""
        last = invoice.lines[-1]
        is_whole = last.kind is LineKind.subscription
        return cls(is_whole, last.period.start, last.period.end)

    @classmethod
    def at_stripe(cls, invoice: StripeInvoice) -> _Own | None:
        """What an invoice of Stripe's is for; None if it has no line of the subscription."""
        lines = [line for line in invoice.lines if not line.elsewhere]
        last = max(lines, key=lambda line: (not line.is_proration, line.start), default=None)
        return None if last is None else cls(not last.is_proration, last.start, last.end)

    @property
    def reach(self) -> int:
        """How many seconds from its start the same may start at Stripe: fewer than the next period,
        and a day where it is a change inside a period, of which there may be several.
        """
        return seconds_between(self.start, self.end) // 2 if self.is_whole else _DAY


_DAY = 86_400


@frozen(order=False)
class _Theirs:
    """An invoice of Stripe's as it was read, and what it is for."""

    at: datetime
    id: str
    invoice: StripeInvoice
    own: _Own | None
    is_void: bool

    @property
    def asks_for_nothing(self) -> bool:
        """Whether nothing is missing where it has no partner."""
        amounts = (line.amount for line in self.invoice.lines)
        return self.is_void or not (self.invoice.total or any(amounts))


def _rows(
    ours: tuple[Invoice, ...],
    dated: Sequence[tuple[datetime, Field]],
    prices: Prices,
    smallest: Money,
) -> Iterator[ReconciledInvoice]:
    currency = smallest.currency
    by_id: dict[str, _Theirs] = {}  # one that is told twice, as by two events, is one
    for at, given in dated:
        try:
            top = given.of_kind("invoice")
            name = top["id"].text() if not top["id"].is_null else top.path
            if currency_of(top) != currency.code:
                other = CurrencyDifference(Cause.currency, currency, currency_of(top))
                yield ReconciledInvoice(at, None, name, (other,))
                continue
            read = stripe_invoice_of(top, currency, prices)
            is_void = top["status"].value == "void"
            by_id[name] = _Theirs(at, name, read, _Own.at_stripe(read), is_void)
        except InvalidStripeError as error:
            yield _unread(at, error)
    theirs = list(by_id.values())
    partners = _partners(ours, theirs)
    for number, invoice in enumerate(ours):
        at = invoice.issued_at
        if number not in partners:
            lone = LoneInvoice(Cause.not_at_stripe, invoice, None, at, invoice.amount_due)
            yield ReconciledInvoice(at, invoice, None, (lone,))
            continue
        partner = theirs[partners[number]]
        start = invoice.lines[0].period.start
        before = tuple(each for each in ours[:number] if each.lines[-1].period.end >= start)
        found = _between(Evidence(invoice, before, prices), partner, smallest)
        yield ReconciledInvoice(at, invoice, partner.id, found)
    for number in sorted({*range(len(theirs))} - {*partners.values()}):
        each = theirs[number]
        lone = LoneInvoice(Cause.not_here, None, each.id, each.at, each.invoice.amount_due)
        yield ReconciledInvoice(each.at, None, each.id, () if each.asks_for_nothing else (lone,))


def _between(evidence: Evidence, theirs: _Theirs, smallest: Money) -> tuple[InvoiceDifference, ...]:
    """What differs between two that stand for one another; one that is void collects nothing."""
    due = evidence.invoice.amount_due
    if theirs.is_void and due:
        return (AmountDifference(Cause.voided, Figure.amount_due, due, due * 0),)
    return differences(evidence, theirs.invoice, smallest)


# --- which is which ---
def _partners(ours: Sequence[Invoice], theirs: Sequence[_Theirs]) -> dict[int, int]:
    """By the number of ours, that of Stripe's for the same: the surest first, in their order.

    First what is for the same time and comes to the same, then what is for the same time; then the
    same of what is void. Of the rest, what is for nearly the same time.
    """
    owns = [_Own.of(invoice) for invoice in ours]
    match: dict[int, int] = {}
    for void, with_total in product((False, True), (True, False)):
        waiting: dict[Hashable, deque[int]] = {}
        taken = set(match.values())
        for number, each in enumerate(theirs):
            if number not in taken and each.is_void is void:
                total = each.invoice.total if with_total else None
                waiting.setdefault((each.own, total), deque()).append(number)
        for number, invoice in enumerate(ours):
            queue = waiting.get((owns[number], invoice.total if with_total else None))
            if queue and number not in match:
                match[number] = queue.popleft()
    taken = set(match.values())
    return match | _nearly(
        {number: own for number, own in enumerate(owns) if number not in match},
        [
            (each.own, number)
            for number, each in enumerate(theirs)
            if each.own is not None and not each.asks_for_nothing and number not in taken
        ],
    )


def _nearly(ours: Mapping[int, _Own], theirs: Iterable[tuple[_Own, int]]) -> dict[int, int]:
    """Those whose time starts near to one another, the nearest first."""
    by_kind: dict[bool, list[tuple[int, datetime, int]]] = {True: [], False: []}
    for own, number in theirs:
        insort(by_kind[own.is_whole], (unix_seconds(own.start), own.end, number))
    near: list[tuple[bool, int, int, int]] = []
    for number, own in ours.items():
        row, start = by_kind[own.is_whole], unix_seconds(own.start)
        first = bisect_left(row, start - own.reach, key=itemgetter(0))
        last = bisect_right(row, start + own.reach, key=itemgetter(0))
        near += [
            (end != own.end, abs(begins - start), number, other)
            for begins, end, other in row[first:last]
        ]
    match: dict[int, int] = {}
    taken: set[int] = set()
    for *_, number, other in sorted(near):
        if number not in match and other not in taken:
            match[number] = other
            taken.add(other)
    return match
