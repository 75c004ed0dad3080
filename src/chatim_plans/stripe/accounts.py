"""An account as Stripe keeps it: the subscription, the balance and the invoice items that wait."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve

from chatim_plans.billing.accounts import Account
from chatim_plans.billing.histories import advance
from chatim_plans.billing.invoices import Line
from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.money import Money
from chatim_plans.stripe.fields import Field, InvalidStripeError, argument
from chatim_plans.stripe.not_predicted import NotPredictedError, causes_in
from chatim_plans.stripe.pending import latest_debit, pending_lines
from chatim_plans.stripe.prices import (
    Prices,
    check_currency,
)
from chatim_plans.stripe.subscriptions import (
    has_begun,
    has_payment_method,
    payer_of,
    subscription_from_stripe,
)
from chatim_plans.subscriptions.subscription import Subscription


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

    >>> from chatim_plans import PRO, utc
    >>> from chatim_plans.stripe import account_from_stripe
    >>> period = {"current_period_start": 1768467600, "current_period_end": 1771146000}
    >>> items = {"data": [{"id": "si_1", "price": "price_pro", "quantity": 3, **period}]}
    >>> obj = {"object": "subscription", "id": "sub_1", "customer": "cus_1", "status": "active",
    ...        "items": items, "billing_cycle_anchor": 1768467600, "cancel_at_period_end": False}
    >>> owner = {"object": "customer", "id": "cus_1", "balance": -700}
    >>> account_from_stripe(obj, owner, [], {"price_pro": PRO}, at=utc("2026-01-20"))
    Account(3 x pro 19.00 USD, active, as_of=2026-01-20T00:00Z, credit_balance=7.00 USD)

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
        causes = tuple(causes_in(top, owner, waiting, plan_of, facts, prices))
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
    lines = pending_lines(waiting, facts, prices)
    try:
        read = Account(facts, lines, credit, latest_debit(lines, facts))
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
