"""An account in time: open it, apply an action, let time go by, preview, replay a history.

Each function returns a `Statement`: the account afterwards and the invoices issued on the way.
What is refused raises, and the account given stays as it was (rule P7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise

from chatim_plans.billing.accounts import Account, Statement
from chatim_plans.billing.invoices import Invoice
from chatim_plans.billing.ledger import Ledger, check_order
from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import instant
from chatim_plans.subscriptions.actions import Action
from chatim_plans.subscriptions.lifecycle import opened
from chatim_plans.subscriptions.refusals import ActionRefusedError, Refusal


def open_account(action: Action, catalog: Catalog = CHATIM) -> Statement:
    """The account that `StartTrial` or `StartFree` opens, sold from `catalog`.

    >>> from chatim_plans import StartTrial, open_account, utc
    >>> print(open_account(StartTrial(4, at=utc("2026-03-01 12:00"))).account.subscription)
    4 x pro 19.00 USD, trialing

    Raises:
        ActionRefusedError: any other action.
        InvalidTypeError: no catalogue.

    Source: rules P7, R1, C5.
    """
    return _opened(action, catalog).statement()


def advance(account: Account, to: datetime) -> Statement:
    """The account at the instant `to`, with every invoice that time issued on the way.

    One step or many, the invoices are the same. Going to the instant it stands at issues nothing.

    >>> from chatim_plans import AddPaymentMethod, StartTrial, advance, replay, utc
    >>> start = utc("2026-03-01 12:00")
    >>> account = replay([StartTrial(4, at=start), AddPaymentMethod(at=start)]).account
    >>> statement = advance(account, utc("2026-05-01"))
    >>> [f"{invoice.issued_at:%d %b} {invoice.total}" for invoice in statement.invoices]
    ['31 Mar 76.00 USD', '30 Apr 76.00 USD']

    Raises:
        OutOfOrderError: `to` is before the instant that the account stands at.
        InvalidTypeError, InvalidValueError: no account, or no instant.

    Source: rules T3–T5, B2, B9.
    """
    ledger = Ledger(shapes.instance(account, Account, "account"))
    ledger.go_to(instant(to))
    return ledger.statement()


def apply(account: Account, action: Action) -> Statement:
    """The account after `action`, once time has gone by up to its instant.

    >>> from chatim_plans import *
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 5, at=at)]
    >>> upgrade = ChoosePlan(ULTIMATE, at=utc("2026-10-27 17:30"))
    >>> [str(line.amount) for line in apply(replay(paid).account, upgrade).invoices[0].lines]
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

    >>> from chatim_plans import PRO, ChoosePlan, StartFree, open_account, preview, utc
    >>> free = open_account(StartFree(at=utc("2026-01-15 09:00"))).account  # and no payment method
    >>> invoice = preview(free, ChoosePlan(PRO, seats=3, at=utc("2026-01-15 09:00"))).invoices[-1]
    >>> str(invoice.amount_due)
    '57.00 USD'

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

    >>> from chatim_plans import *
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> statement = replay(paid, until=utc("2026-03-15 09:00"))
    >>> [f"{invoice.issued_at:%d %b} {invoice.amount_due}" for invoice in statement.invoices]
    ['15 Jan 57.00 USD', '15 Feb 57.00 USD', '15 Mar 57.00 USD']

    Raises:
        ActionRefusedError: an empty history, one that starts with something else than StartTrial
            or StartFree, or an action that cannot apply.
        OutOfOrderError: an action before the one it follows, or `until` before the first.
        InvalidTypeError, InvalidValueError: no actions, or no instant.

    Source: rules P7, T4, B9.
    """
    history = _history(actions)
    end = history[-1].at if until is None else instant(until)
    check_order(history[0].at, end)
    ((_, statement),) = _statements(history, [end], catalog)
    return statement


def statements(
    actions: Iterable[Action], instants: Iterable[datetime], catalog: Catalog = CHATIM
) -> tuple[Statement | None, ...]:
    """The statement at each of several instants, such as month ends, in one pass over a history.

    Each is what `replay(actions, until=at)` gives; None where the history has not begun by then.
    The instants may stand in any order, and the statements stand in theirs. The fold grows with
    the actions, the boundaries and the instants; each statement lists all that happened by its own.

    >>> from chatim_plans import AddPaymentMethod, StartTrial, statements, utc
    >>> start = utc("2026-03-01 12:00")
    >>> history = [StartTrial(4, at=start), AddPaymentMethod(at=start)]
    >>> months = [utc(f"2026-0{month}-01") for month in (3, 4, 5, 6)]
    >>> [found and len(found.invoices) for found in statements(history, months)]
    [None, 1, 2, 3]

    Raises:
        ActionRefusedError: an empty history, one that starts with something else than StartTrial
            or StartFree, or an action up to the last instant that cannot apply.
        OutOfOrderError: an action before the one it follows.
        InvalidTypeError, InvalidValueError: no actions, or no instants.

    Source: rules P7, T4, B9.
    """
    history = _history(actions)
    wanted = [instant(at) for at in shapes.row(instants, "instants")]
    begun = sorted({at for at in wanted if at >= history[0].at})
    found = dict(_statements(history, begun, catalog))
    return tuple(found.get(at) for at in wanted)


def upcoming_invoice(account: Account) -> Invoice | None:
    """The next invoice that time alone will issue; None if it will issue none.

    >>> from chatim_plans import AddPaymentMethod, StartTrial, replay, upcoming_invoice, utc
    >>> story = [StartTrial(4, at=utc("2026-03-01 12:00"))]
    >>> upcoming_invoice(replay(story).account) is None  # no payment method: nothing to charge
    True
    >>> story.append(AddPaymentMethod(at=utc("2026-03-10")))
    >>> print(upcoming_invoice(replay(story).account))
    2026-03-31 12:00Z                                                                USD
      pro 4 x 19.00, 31 Mar to 30 Apr                                              76.00
      due                                                                          76.00

    Raises:
        InvalidTypeError: no account.

    Source: rules B2, B8, R4, P4, D3.
    """
    ledger = Ledger(shapes.instance(account, Account, "account"))
    while not ledger.invoices and ledger.cross_boundary():
        pass
    return next(iter(ledger.invoices), None)


def _opened(action: Action, catalog: Catalog) -> Ledger:
    return Ledger.opened(opened(shapes.instance(action, Action, "action"), catalog))


def _applied(account: Account, action: Action, *, ask_payment_method: bool) -> Statement:
    ledger = Ledger(shapes.instance(account, Account, "account"))
    ledger.take(shapes.instance(action, Action, "action"), ask_payment_method=ask_payment_method)
    return ledger.statement()


def _history(actions: Iterable[Action]) -> list[Action]:
    history = [
        shapes.instance(action, Action, "action") for action in shapes.row(actions, "actions")
    ]
    if not history:
        because = "a history starts with StartTrial or StartFree, and this one is empty"
        raise ActionRefusedError(because, "open the account first", refusal=Refusal.not_open)
    for before, after in pairwise(history):
        check_order(before.at, after.at)
    return history


def _statements(
    history: list[Action], instants: list[datetime], catalog: Catalog
) -> Iterator[tuple[datetime, Statement]]:
    """Each of `instants`, in order and none before the history, and the statement at it."""
    ledger, taken = _opened(history[0], catalog), 1
    for at in instants:
        while taken < len(history) and history[taken].at <= at:
            ledger.take(history[taken])
            taken += 1
        ledger.go_to(at)
        yield at, ledger.statement()
