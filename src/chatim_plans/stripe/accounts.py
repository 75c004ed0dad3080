"""An account as Stripe keeps it: the subscription, the balance and the invoice items that wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import chain
from types import MappingProxyType

from attrs import define, evolve

from chatim_plans.billing.accounts import Account
from chatim_plans.billing.histories import advance
from chatim_plans.billing.invoices import Line, LineKind
from chatim_plans.catalog.catalogs import BillingMode, Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError, PlansError
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.periods import Cycle, Period
from chatim_plans.stripe.fields import Field, InvalidStripeError, argument
from chatim_plans.stripe.invoices import CREDIT
from chatim_plans.stripe.prices import (
    Prices,
    check_currency,
    currency_of,
    own_item,
    price_in,
    rate_of,
)
from chatim_plans.stripe.schedules import items_of_phase, later_phases
from chatim_plans.stripe.subscriptions import (
    Snapshot,
    has_begun,
    has_payment_method,
    payer_of,
    subscription_from_stripe,
)
from chatim_plans.subscriptions.subscription import OnFree, OnPaid, Subscription


@define
class NotPredictedError(InvalidStripeError):
    """An account that reads, but whose next charge at Stripe is not what this library computes.

    `subscription` are its facts, and with them what it may do. `causes` are all that change the
    charge, each with its path; the error's own `path`, `expected` and `given` are the first one's.
    """

    subscription: Subscription
    causes: tuple[InvalidStripeError, ...]

    @classmethod
    def of(cls, facts: Subscription, causes: tuple[InvalidStripeError, ...]) -> NotPredictedError:
        """The error that names `causes`."""
        first = causes[0]
        return cls(first.path, first.expected, first.given, facts, causes)

    def __str__(self) -> str:
        return "not predicted: " + "; ".join(str(cause) for cause in self.causes)


def account_from_stripe(  # noqa: PLR0913 — Stripe keeps an account in three objects
    subscription: object,
    customer: object,
    pending_items: object,
    prices: Prices,
    *,
    at: datetime,
    schedule: object = None,
    before: Account | None = None,
    catalogs: Iterable[Catalog] = (CHATIM,),
) -> Account:
    """The account of Stripe's `customer`: its subscription, balance and pending invoice items.

    A `preview` on it equals what Stripe charges; where it would not, the account is refused by
    name, with its facts. `pending_items` are the invoice items that wait, in a list or a list
    object, newest first as Stripe lists them. Stripe's balance has the opposite sign: there, below
    zero is in the customer's favour. `before` is the account as known until now, which keeps the
    invoices issued, and where nothing changed what a credit is a part of.

    Raises:
        NotPredictedError: it reads, but its next charge is not what this library computes: a
            coupon, a tax, an item beside the seats, a pause; `causes` are all of them.
        InvalidStripeError: what cannot be read or held; `path` leads to it.
        OutOfOrderError: `at` is before the period that the subscription speaks of, or before what
            is known.
        InvalidTypeError, InvalidValueError: no prices, catalogues, instant or account.

    Source: rules B7, S2, B8, B12, B14; Stripe's `customer.balance`.
    """
    known = None if before is None else shapes.instance(before, Account, "before")
    facts = subscription_from_stripe(
        subscription,
        prices,
        at=at,
        schedule=schedule,
        before=None if known is None else known.subscription,
        catalogs=catalogs,
    )
    top, owner = argument(subscription, "subscription"), argument(customer, "customer")
    _check_owner(owner, top)
    facts = evolve(facts, payment_method=facts.payment_method or has_payment_method(owner))
    waiting = Field(pending_items, "pending_items")
    plan_of = top["schedule"] if schedule is None else argument(schedule, "subscription_schedule")
    try:
        causes = tuple(_causes(top, owner, waiting, plan_of, facts, prices))
        if not causes:
            return _account(top, owner, waiting, facts, prices, known)
    except InvalidStripeError as error:
        causes = (error,)
        raise NotPredictedError.of(facts, causes) from error
    raise NotPredictedError.of(facts, causes)


def _check_owner(owner: Field, top: Field) -> None:
    """Refuse another customer than the one that pays for the subscription."""
    payer = payer_of(top)
    own = owner["id"] if payer.path.endswith(".customer") else owner["customer_account"]
    # A customer says of which account it is only in the newest versions.
    if own.path.endswith("_account") and own.is_null:
        return
    if own.text() != payer.id():
        raise own.fault(f"{payer.id()}, the subscription's customer")


def _account(  # noqa: PLR0913, PLR0917 — as many parts as an account has
    top: Field,
    owner: Field,
    waiting: Field,
    facts: Subscription,
    prices: Prices,
    before: Account | None,
) -> Account:
    currency = facts.plan.price.currency
    if not owner["currency"].is_null:
        check_currency(owner, currency, repr(facts.plan.key))
    balances = [owner["balance"], owner["account_balance"]]  # its name until 2019
    balance = next((given for given in balances if not given.is_null), balances[0])
    credit = Money(-balance.whole(), currency)
    lines = _pending_lines(waiting, facts, prices)
    try:
        read = Account(facts, lines, credit, _latest_debit(lines, facts))
        if before is None:
            return read
        known = advance(before, facts.as_of).account
        if has_begun(top) and not _is_unchanged(known, read):
            return evolve(read, issued=known.issued)
        return evolve(known, subscription=facts, credit_balance=credit)
    except InvalidValueError as error:
        expected = "what changes of this account's seats left waiting"
        raise InvalidStripeError(waiting.path, expected, str(error)) from error


def _is_unchanged(known: Account, read: Account) -> bool:
    """Whether the period and its lines are those known, so that what they are parts of is, too."""
    ours, theirs = known.subscription, read.subscription
    held = (ours.plan, ours.seats, ours.phase.end) == (theirs.plan, theirs.seats, theirs.phase.end)
    return held and [_shown(line) for line in known.pending_lines] == [
        _shown(line) for line in read.pending_lines
    ]


def _shown(line: Line) -> tuple[object, ...]:
    """What Stripe shows of a line."""
    return line.kind, line.plan, line.seats, line.period, line.amount


# --- what is read, and not predicted ---
_NO_COUPONS = "none: this library knows no coupons"
_NO_TAXES = "none: amounts here are before taxes"
_CHANGES_A_CHARGE: Mapping[str, str] = MappingProxyType({
    "pause_collection": "null: while it is set, invoices are not collected",
    "pending_update": "null: a change waits there for its payment",
    "billing_thresholds": "null: an amount that is reached would be invoiced at once",
    "billing_schedules": "none: time would be billed in advance",
    "pending_invoice_item_interval": "null: lines wait for the next invoice",
    "add_invoice_items": "none: nothing but the plan is invoiced",
    "coupon": _NO_COUPONS,
    "discount": _NO_COUPONS,
    "discounts": _NO_COUPONS,
    "automatic_tax": _NO_TAXES,
    "managed_payments": _NO_TAXES,
    "default_tax_rates": _NO_TAXES,
    "tax_rates": _NO_TAXES,
    "tax_percent": _NO_TAXES,
})
"""By the name of a field, wherever it stands: what is expected there, and why."""


def _in_charge(holder: Field) -> Iterator[InvalidStripeError]:
    """What is set in `holder` that changes a charge."""
    for name, expected in _CHANGES_A_CHARGE.items():
        given = holder[name]
        if given.is_object and "enabled" in given.object():
            given = given["enabled"]
        if given.value not in (None, False, 0, [], ()):
            yield given.fault(expected)


def _causes(  # noqa: PLR0913, PLR0917 — as many parts as an account has
    top: Field,
    owner: Field,
    waiting: Field,
    schedule: Field,
    facts: Subscription,
    prices: Prices,
) -> Iterator[InvalidStripeError]:
    """All for which the next charge is not what this library computes."""
    if has_begun(top) and not isinstance(facts.phase, OnFree):
        snapshot = Snapshot.of(top, facts.as_of, prices)
        yield from snapshot.not_modelled
        yield from _in_charge(top)
        yield from _in_charge(snapshot.item)
        yield from _in_last_period(top, schedule, facts)
        yield from _in_schedule(schedule, facts, prices)
    yield from _in_charge(owner)
    yield from _in_waiting(waiting, facts, top["id"].text())


def _in_last_period(
    top: Field, schedule: Field, facts: Subscription
) -> Iterator[InvalidStripeError]:
    """A cancellation inside a period, which Stripe shortens and bills in part."""
    phase, change = facts.phase, facts.scheduled_change
    if change is None or not change.plan.is_free or change.at == phase.end:
        return
    months = facts.plan.interval_months or 1
    cycle = phase.cycle if isinstance(phase, OnPaid) else Cycle(phase.end or change.at, months)
    if not _is_boundary(change.at, cycle):
        own = top["cancel_at"]
        said_by = schedule if own.is_null or own.instant() != change.at else own
        yield said_by.fault("the end of a period: Stripe bills the part of one up to there")


def _is_boundary(at: datetime, cycle: Cycle) -> bool:
    try:
        return cycle.period_holding(at).start == at
    except InvalidValueError:  # in the last period before the year 10000
        return False


def _in_schedule(
    schedule: Field, facts: Subscription, prices: Prices
) -> Iterator[InvalidStripeError]:
    """What later phases bring but a change of plan; by its id a schedule says none of it."""
    if isinstance(schedule.value, str):
        yield schedule.fault("the schedule itself: expand it, or give it as schedule=")
        return
    for phase in later_phases(schedule, facts.as_of):
        yield from _in_charge(phase)
        items = items_of_phase(phase)
        own = own_item(items, prices)
        yield from _in_charge(own)
        for item in items.rows():
            if item.path != own.path:
                yield item.fault("no item beside that of the seats")
        if own["quantity"].value != facts.seats:
            yield own["quantity"].fault(f"{facts.seats}, the seats held: seats change at once")


def _in_waiting(
    items: Field, facts: Subscription, subscription_id: str
) -> Iterator[InvalidStripeError]:
    """What waits for an invoice, and is no proration of the subscription."""
    rows = list(items.rows())
    if rows and not isinstance(facts.phase, OnPaid):
        yield items.fault("an empty list: lines wait on a paid plan only")
        return
    for item in rows:
        if not item["invoice"].is_null:
            yield item["invoice"].fault("null: an item that waits for an invoice")
        if item["proration"].value is not True:
            yield item["proration"].fault("true: nothing else than prorations waits")
        parent = item["parent"]
        owner = item if parent.is_null else parent["subscription_details"]
        subscription = owner["subscription"]
        if subscription.is_null or subscription.id() != subscription_id:
            yield subscription.fault(f"{subscription_id}, the subscription read")
        yield from _in_charge(item)


# --- what waits ---
def _pending_lines(items: Field, subscription: Subscription, prices: Prices) -> tuple[Line, ...]:
    """The prorations among `items`, oldest first (rule S2); Stripe lists the newest first."""
    phase = subscription.phase
    if not isinstance(phase, OnPaid):
        return ()
    lines: tuple[Line, ...] = ()
    for row in _oldest_first(items.rows(), subscription.seats):
        debit = _latest_debit(lines, subscription)
        lines = (*lines, _line(row, phase.period, debit, prices))
    return lines


def _oldest_first(rows: Iterable[Field], seats: int) -> Iterator[Field]:
    """Stripe lists the newest change first; the lines of one `date` stand in any order there.

    Those are of the changes that lead from one to the next, and at last to the `seats` held.
    Where that leaves a choice, and where nothing leads on, they keep Stripe's order.
    """
    of_one_date: dict[tuple[datetime, datetime], list[Field]] = {}
    for row in rows:
        start = row["period"]["start"].instant()
        of_one_date.setdefault((start, row["date"].instant_or_none() or start), []).append(row)
    newest_first: list[list[Field]] = []
    led_to: object = seats
    for date in sorted(of_one_date, reverse=True):
        changes = max(_orders(of_one_date[date]), key=partial(_leads_on, led_to))
        newest_first.append(changes)
        led_to = changes[0]["quantity"].value
    return chain.from_iterable(reversed(newest_first))


def _orders(listed: list[Field]) -> Iterator[list[Field]]:
    """As Stripe lists the lines of one date; turned round; or turned round change by change."""
    yield listed
    yield listed[::-1]
    yield [row for change in reversed(range(0, len(listed), 2)) for row in listed[change:][:2]]


def _leads_on(seats: object, order: list[Field]) -> tuple[bool, bool]:
    """Whether lines are changes, each from where the one before it led; and end at `seats`."""
    if len(order) == 1:
        return True, True
    kinds = [_kind(row, row["amount"].whole()) for row in order]
    of_changes = kinds == [LineKind.unused_time, LineKind.remaining_time] * (len(order) // 2)
    rates = [(row["quantity"].value, price_in(row).value) for row in order]
    return of_changes and rates[1:-1:2] == rates[2::2], rates[-1][0] == seats


def _latest_debit(lines: tuple[Line, ...], subscription: Subscription) -> Line | None:
    """The latest charge that waits, of which a flexible credit is a part; None if none does.

    Then a debit earlier in the period is not known, as Stripe's objects do not say it (B12).
    """
    phase = subscription.phase
    if not isinstance(phase, OnPaid) or phase.billing_mode is BillingMode.classic:
        return None
    charges = (line for line in reversed(lines) if line.kind is LineKind.remaining_time)
    return next(charges, None)


def _line(item: Field, whole: Period, debit: Line | None, prices: Prices) -> Line:
    rate = rate_of(item, prices, currency_of(item))
    currency = rate.plan.price.currency
    check_currency(item, currency, repr(rate.plan.key))
    amount = item["amount"].whole()
    part = item["period"]
    start, end = part["start"].instant(), part["end"].instant()
    try:
        kind, money, time = _kind(item, amount), Money(amount, currency), Period(start, end)
        if kind is LineKind.remaining_time or debit is None:
            return Line(kind, rate.plan, rate.seats, time, whole, money)
        return Line(kind, rate.plan, rate.seats, time, debit.period, money, debit.amount)
    except PlansError as error:
        expected = "a proration of the period that the account is in"
        raise InvalidStripeError(item.path, expected, str(error)) from error


def _kind(item: Field, amount: int) -> LineKind:
    """A credit or a charge; where rounding left nothing, Stripe's own words tell."""
    words = item["description"]
    credit = amount < 0 if amount else words.text().startswith(CREDIT)
    return LineKind.unused_time if credit else LineKind.remaining_time
