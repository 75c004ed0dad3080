"""An account in time: open it, apply an action, let time go by, preview, replay a history.

Each function returns a `Statement`: the account afterwards and the invoices issued on the way.
What is refused raises, and the account given stays as it was (rule P7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise

from attrs import evolve

from chatim_plans.billing.accounts import Account, Statement, billed
from chatim_plans.billing.invoices import Invoice
from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import OutOfOrderError
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.money import Money
from chatim_plans.subscriptions.actions import Action
from chatim_plans.subscriptions.lifecycle import crossed, opened, taken
from chatim_plans.subscriptions.refusals import ActionRefusedError


def open_account(action: Action, catalog: Catalog = CHATIM) -> Statement:
    """The account that `StartTrial` or `StartFree` opens, sold from `catalog`.

    >>> from datetime import UTC
    >>> from chatim_plans import StartTrial
    >>> open_account(StartTrial(at=datetime(2026, 3, 1, tzinfo=UTC))).account.subscription.plan.key
    'pro'

    Raises:
        ActionRefusedError: any other action.
        InvalidTypeError: no catalogue.

    Source: rules P7, R1, C5.
    """
    subscription = opened(shapes.instance(action, Action, "action"), catalog)
    nothing = Money(0, subscription.plan.price.currency)
    return Statement(Account(subscription, (), nothing), ())


def advance(account: Account, to: datetime) -> Statement:
    """The account at the instant `to`, with every invoice that time issued on the way.

    One step or many, the invoices are the same. Going to the instant it stands at issues nothing.

    >>> from datetime import UTC
    >>> from chatim_plans import AddPaymentMethod, StartTrial, replay
    >>> start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> account = replay([StartTrial(4, at=start), AddPaymentMethod(at=start)]).account
    >>> statement = advance(account, datetime(2026, 5, 1, tzinfo=UTC))
    >>> [f"{invoice.issued_at:%d %b} {invoice.total}" for invoice in statement.invoices]
    ['31 Mar 76.00 USD', '30 Apr 76.00 USD']

    Raises:
        OutOfOrderError: `to` is before the instant that the account stands at.
        InvalidTypeError, InvalidValueError: no account, or no instant.

    Source: rules T3–T5, B2, B9.
    """
    shapes.instance(account, Account, "account")
    to = instant(to)
    _check_order(account.subscription.as_of, to)
    invoices: list[Invoice] = []
    for statement in _boundaries(account, to):
        account = statement.account
        invoices += statement.invoices
    subscription = evolve(account.subscription, as_of=to)
    return Statement(evolve(account, subscription=subscription), tuple(invoices))


def apply(account: Account, action: Action) -> Statement:
    """The account after `action`, once time has gone by up to its instant.

    >>> from datetime import UTC
    >>> from chatim_plans import *
    >>> start = datetime(2026, 10, 15, 9, tzinfo=UTC)
    >>> account = replay([
    ...     StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, seats=5, at=start)
    ... ]).account
    >>> upgrade = ChoosePlan(ULTIMATE, at=datetime(2026, 10, 27, 17, 30, tzinfo=UTC))
    >>> statement = apply(account, upgrade)
    >>> [str(line.amount) for line in statement.invoices[0].lines]
    ['-57.14 USD', '117.29 USD']

    Raises:
        ActionRefusedError: the action cannot apply; its subclasses say why (rule P7).
        OutOfOrderError: the action is before the instant that the account stands at.
        InvalidTypeError: no account or no action.

    Source: rules T4, T5, B2–B10, S1–S5, P1–P5, R1–R6, D1–D4, C5.
    """
    return _applied(account, action, ask_payment_method=True)


def preview(account: Account, action: Action) -> Statement:
    """What `apply` would return, without asking for a payment method: show it, throw it away.

    Like `apply`, it begins with the invoices of the time up to the action. What the action itself
    charges is the invoice issued at its instant, the last one.

    Raises:
        The errors of `apply`, except PaymentMethodRequiredError.

    Source: rules B8, P8.
    """
    return _applied(account, action, ask_payment_method=False)


def replay(
    actions: Iterable[Action], until: datetime | None = None, catalog: Catalog = CHATIM
) -> Statement:
    """The fold of a history: every action applied in order, then time up to `until`.

    Actions later than `until` are left out, so that a past instant is seen as it was. The
    statement holds every invoice of the history.

    >>> from datetime import UTC
    >>> from chatim_plans import StartFree, StartTrial
    >>> replay([StartTrial(at=datetime(2026, 3, 1, tzinfo=UTC))]).account.subscription.seats
    1

    Raises:
        ActionRefusedError: an empty history, one that starts with something else than StartTrial
            or StartFree, or an action that cannot apply.
        OutOfOrderError: an action before the one it follows, or `until` before the first.
        InvalidTypeError, InvalidValueError: no actions, or no instant.

    Source: rules P7, T4, B9.
    """
    history = [
        shapes.instance(action, Action, "action") for action in shapes.row(actions, "actions")
    ]
    if not history:
        because = "a history starts with StartTrial or StartFree, and this one is empty"
        raise ActionRefusedError(because, "open the account first")
    for before, after in pairwise(history):
        _check_order(before.at, after.at)
    first, *rest = history
    end = None if until is None else instant(until)
    if end is not None:
        _check_order(first.at, end)
    statement = open_account(first, catalog)
    invoices: list[Invoice] = []
    for action in rest:
        if end is None or action.at <= end:
            statement = apply(statement.account, action)
            invoices += statement.invoices
    if end is not None:
        statement = advance(statement.account, end)
        invoices += statement.invoices
    return Statement(statement.account, tuple(invoices))


def upcoming_invoice(account: Account) -> Invoice | None:
    """The next invoice that time alone will issue; None if it will issue none.

    >>> from datetime import UTC
    >>> from chatim_plans import StartTrial
    >>> account = open_account(StartTrial(at=datetime(2026, 3, 1, tzinfo=UTC))).account
    >>> upcoming_invoice(account) is None  # no payment method: nothing will be charged
    True

    Raises:
        InvalidTypeError: no account.

    Source: rules B2, B8, R4, P4, D3.
    """
    shapes.instance(account, Account, "account")
    issued = (invoice for step in _boundaries(account, None) for invoice in step.invoices)
    return next(issued, None)


def _applied(account: Account, action: Action, *, ask_payment_method: bool) -> Statement:
    before = advance(account, shapes.instance(action, Action, "action").at)
    subscription = before.account.subscription
    step = taken(subscription, action, ask_payment_method=ask_payment_method)
    after = billed(before.account, step)
    return Statement(after.account, before.invoices + after.invoices)


def _boundaries(account: Account, to: datetime | None) -> Iterator[Statement]:
    """What time does at each boundary up to `to`, or at all of them."""
    while (boundary := account.subscription.next_boundary) is not None:
        if to is not None and boundary > to:
            return
        statement = billed(account, crossed(account.subscription, boundary))
        yield statement
        account = statement.account


def _check_order(earlier: datetime, later: datetime) -> None:
    if later < earlier:
        raise OutOfOrderError(later, earlier)
