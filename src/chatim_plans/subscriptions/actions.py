"""What somebody does, or reports: each action is a frozen value with its instant `at`.

`at` is keyword-only in every one. An action says what was done, not what follows from it: that is
the lifecycle's to say.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.values import Value


@frozen(order=False)
class Action(Value):
    """What all actions have in common: `at`, the instant at which they were done or reported.

    An action that adds no fact only names itself: attrs would make the same class again, and an
    import pays for each.

    >>> from chatim_plans import AddPaymentMethod, StartFree, utc
    >>> card, start = utc("2026-10-20 12:00"), utc("2026-10-15 09:00")
    >>> reported = [AddPaymentMethod(at=card), StartFree(at=start)]
    >>> sorted(reported, key=lambda action: action.at)
    [StartFree(at=2026-10-15T09:00Z), AddPaymentMethod(at=2026-10-20T12:00Z)]

    Raises:
        InvalidTypeError, InvalidValueError: no instant.

    Source: rules T1, T4.
    """

    at: datetime = field(converter=instant, kw_only=True)


@frozen(order=False)
class StartTrial(Action):
    """A new customer starts the free trial with a team of `seats`.

    >>> from chatim_plans import StartTrial, replay, utc
    >>> trial = [StartTrial(4, at=utc("2026-03-01 12:00"))]
    >>> for at in ("2026-03-31 11:59", "2026-03-31 12:00"):
    ...     print(replay(trial, until=utc(at)).account.subscription)
    4 x pro 19.00 USD, trialing
    4 x free 0.00 USD, trial_ended

    Raises:
        InvalidTypeError, InvalidValueError: seats below 1.

    Source: rules R1, R2.
    """

    seats: int = 1

    def __attrs_post_init__(self) -> None:
        shapes.whole_number(self.seats, "seats", at_least=1)


class StartFree(Action):
    """A new customer starts on the free plan, with one seat. Source: rule P7.

    >>> from chatim_plans import StartFree, open_account, utc
    >>> print(open_account(StartFree(at=utc("2026-10-15 09:00"))).account.subscription)
    1 x free 0.00 USD, free
    """

    __slots__ = ()


@frozen(order=False)
class ChoosePlan(Action):
    """The customer chooses `plan`; with `seats` only where the choice takes effect at once.

    >>> from chatim_plans import PRO, AddPaymentMethod, ChoosePlan, StartFree, replay, utc
    >>> at = utc("2026-01-15 09:00")
    >>> statement = replay([StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)])
    >>> print(statement.account.subscription, statement.invoices[0].amount_due, sep="; ")
    3 x pro 19.00 USD, active; 57.00 USD

    Raises:
        InvalidTypeError, InvalidValueError: no plan, or seats below 1.

    Source: rules P1–P5, R6, P7, C8.
    """

    plan: Plan
    seats: int | None = None

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.plan, Plan, "plan")
        if self.seats is not None:
            shapes.whole_number(self.seats, "seats", at_least=1)


@frozen(order=False)
class ChangeSeats(Action):
    """The team now has `seats` active members: the count as it is, not what is added to it.

    >>> from chatim_plans import *
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> grown = replay([*paid, ChangeSeats(5, at=utc("2026-10-20 12:00"))]).account
    >>> [str(line.amount) for line in grown.pending_lines]  # they wait for the next invoice
    ['-47.58 USD', '79.29 USD']

    Raises:
        InvalidTypeError, InvalidValueError: seats below 1.

    Source: rules S1–S5.
    """

    seats: int

    def __attrs_post_init__(self) -> None:
        shapes.whole_number(self.seats, "seats", at_least=1)


@frozen(order=False)
class Cancel(Action):
    """The customer cancels: chooses the free plan, at the end of what is paid, or `at_once`.

    At once there is no credit for unused time, and lines that wait are dropped.

    >>> from chatim_plans import *
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 5, at=at)]
    >>> held = replay([*paid, Cancel(at=utc("2026-10-27 17:30"))]).account.subscription
    >>> print(held, held.scheduled_change, sep="; ")
    5 x pro 19.00 USD, active; free 0.00 USD from 2026-11-15T09:00Z

    Raises:
        InvalidTypeError: `at_once` is no bool.

    Source: rules P4, P10, R5.
    """

    at_once: bool = False

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.at_once, bool, "at_once")


class Resume(Action):
    """The customer withdraws whatever change of plan waits. Source: rule P5.

    >>> from chatim_plans import Cancel, Resume, StartTrial, replay, utc
    >>> story = [StartTrial(at=utc("2026-03-01 12:00")), Cancel(at=utc("2026-03-09 12:00"))]
    >>> str(replay(story).account.subscription.scheduled_change)
    'free 0.00 USD from 2026-03-31T12:00Z'
    >>> story.append(Resume(at=utc("2026-03-10 12:00")))
    >>> replay(story).account.subscription.scheduled_change is None
    True
    """

    __slots__ = ()


class AddPaymentMethod(Action):
    """There is now a usable payment method on file. Source: rules R4, D5.

    >>> from chatim_plans import AddPaymentMethod, StartTrial, replay, utc
    >>> story = [StartTrial(4, at=utc("2026-03-01 12:00")), AddPaymentMethod(at=utc("2026-03-10"))]
    >>> [invoice] = replay(story, until=utc("2026-03-31 12:00")).invoices
    >>> str(invoice.amount_due), invoice.cause.value
    ('76.00 USD', 'trial_converted')
    """

    __slots__ = ()


class RemovePaymentMethod(Action):
    """There is no usable payment method any more: removed or expired. Source: rule D5.

    >>> from chatim_plans import *
    >>> at, expired = utc("2026-01-15 09:00"), utc("2026-02-01")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> account = replay([*paid, RemovePaymentMethod(at=expired)]).account
    >>> notices(account.subscription, expired)
    (PaymentRequiredNotice(because=no_payment_method),)
    """

    __slots__ = ()


@frozen(order=False)
class MoveTrialEnd(Action):
    """Chatim moves the end of the running trial to `to`; to the action's own instant, it ends now.

    >>> from chatim_plans import MoveTrialEnd, StartTrial, days_left, replay, utc
    >>> moved = MoveTrialEnd(utc("2026-04-10 12:00"), at=utc("2026-03-20 12:00"))
    >>> account = replay([StartTrial(at=utc("2026-03-01 12:00")), moved]).account
    >>> days_left(account.subscription, moved.at)
    21

    Raises:
        InvalidTypeError, InvalidValueError: no instant to move it to.

    Source: rule R8.
    """

    to: datetime = field(converter=instant)


def _check_number(invoice: int | None) -> None:
    if invoice is not None:
        shapes.whole_number(invoice, "invoice", at_least=1)


@frozen(order=False)
class PaymentFailed(Action):
    """A payment failed; `final` when it was the last retry.

    `invoice` is the number of the invoice it was for; None where that is not known.

    >>> from chatim_plans import *
    >>> at, last = utc("2026-01-15 09:00"), utc("2026-02-28")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> failed = [PaymentFailed(at=utc("2026-02-15 09:00")), PaymentFailed(final=True, at=last)]
    >>> account = replay([*paid, *failed]).account
    >>> str(account.subscription), entitlements(account.subscription, last).allows("visitor_export")
    ('3 x pro 19.00 USD, restricted', False)

    Raises:
        InvalidTypeError, InvalidValueError: no yes or no, or no number from 1.

    Source: rules D1, D4, D8, V4.
    """

    final: bool = False
    invoice: int | None = None

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.final, bool, "final")
        _check_number(self.invoice)


@frozen(order=False)
class PaymentSucceeded(Action):
    """A payment succeeded, for the invoice of the number `invoice` where that is known.

    >>> from chatim_plans import *
    >>> at, renewed = utc("2026-01-15 09:00"), utc("2026-02-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> failed = replay([*paid, PaymentFailed(invoice=2, at=renewed)]).account
    >>> settled = apply(failed, PaymentSucceeded(invoice=2, at=utc("2026-02-17"))).account
    >>> failed.subscription.present_status.value, settled.subscription.present_status.value
    ('past_due', 'active')

    Raises:
        InvalidTypeError, InvalidValueError: no number from 1.

    Source: rules D2, D4, D8, V4.
    """

    invoice: int | None = None

    def __attrs_post_init__(self) -> None:
        _check_number(self.invoice)


@frozen(order=False)
class AdjustCredit(Action):
    """Chatim granted a credit balance of `amount` (positive), or took it (negative).

    >>> from chatim_plans import *
    >>> at = utc("2026-01-15 09:00")
    >>> granted = [StartFree(at=at), AdjustCredit(Money(10_00, USD), at=at)]
    >>> paid = [*granted, AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> [invoice] = replay(paid).invoices
    >>> str(invoice.total), str(invoice.amount_due)
    ('57.00 USD', '47.00 USD')

    Raises:
        InvalidTypeError, InvalidValueError: no money, or nothing.

    Source: rule B13.
    """

    amount: Money

    def __attrs_post_init__(self) -> None:
        if not shapes.instance(self.amount, Money, "amount"):
            raise InvalidValueError("amount", self.amount, "more or less than nothing")


@frozen(order=False)
class Refunded(Action):
    """Chatim gave `amount` back on the invoice of the number `invoice`.

    >>> from chatim_plans import *
    >>> at = utc("2026-01-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> account = replay([*paid, Refunded(1, Money(19_00, USD), at=utc("2026-01-20"))]).account
    >>> print(account.issued[0].refunded, "of", account.issued[0].amount_due)
    19.00 USD of 57.00 USD

    Raises:
        InvalidTypeError, InvalidValueError: no number from 1, or an amount not above zero.

    Source: rule F2.
    """

    invoice: int
    amount: Money

    def __attrs_post_init__(self) -> None:
        shapes.whole_number(self.invoice, "invoice", at_least=1)
        if shapes.instance(self.amount, Money, "amount").amount <= 0:
            raise InvalidValueError("amount", self.amount, "more than nothing")


@frozen(order=False)
class MoveToEdition(Action):
    """Chatim moves the account to the edition `catalog` at its next boundary.

    >>> from attrs import evolve
    >>> from chatim_plans import *
    >>> dearer = evolve(PRO, price=Money(24_00, USD))
    >>> edition = evolve(CHATIM, edition="2027", plans=(FREE, dearer, ULTIMATE))
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> account = replay([*paid, MoveToEdition(edition, at=utc("2026-11-01"))]).account
    >>> str(account.subscription), str(upcoming_invoice(account).amount_due)
    ('3 x pro 19.00 USD, active', '72.00 USD')

    Raises:
        InvalidTypeError: no catalogue.

    Source: rule C5.
    """

    catalog: Catalog

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.catalog, Catalog, "catalog")
