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
    """What all actions have in common: the instant `at`. Source: rules T1, T4.

    An action that adds no fact only names itself: attrs would make the same class again, and an
    import pays for each.

    >>> from chatim_plans import ChoosePlan, PRO, utc
    >>> choice = ChoosePlan(PRO, seats=3, at=utc("2026-01-15 09:00"))
    >>> isinstance(choice, Action), choice.at.hour
    (True, 9)
    """

    at: datetime = field(converter=instant, kw_only=True)


@frozen(order=False)
class StartTrial(Action):
    """A new customer starts the free trial with a team of `seats`.

    >>> from chatim_plans import open_account, utc
    >>> account = open_account(StartTrial(seats=4, at=utc("2026-03-01 12:00"))).account
    >>> account.subscription.phase
    OnTrial(trial_end=2026-03-31T12:00Z)

    Source: rules R1, R2.
    """

    seats: int = 1

    def __attrs_post_init__(self) -> None:
        shapes.whole_number(self.seats, "seats", at_least=1)


class StartFree(Action):
    """A new customer starts on the free plan, with one seat.

    >>> from chatim_plans import open_account, utc
    >>> open_account(StartFree(at=utc("2026-01-15"))).account.subscription.plan.key
    'free'

    Source: rule P7.
    """

    __slots__ = ()


@frozen(order=False)
class ChoosePlan(Action):
    """The customer chooses `plan`; with `seats` only where the choice takes effect at once.

    >>> from datetime import UTC
    >>> from chatim_plans import PRO
    >>> ChoosePlan(PRO, seats=3, at=datetime(2026, 1, 15, 9, tzinfo=UTC)).plan.key
    'pro'

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
    """The team now has `seats` active members.

    >>> from chatim_plans import *
    >>> start = utc("2026-01-15 09:00")
    >>> begun = [StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, 3, at=start)]

    >>> replay([*begun, ChangeSeats(5, at=utc("2026-01-20"))]).account.pending_lines[-1].seats
    5

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
    >>> start = utc("2026-01-15 09:00")
    >>> begun = [StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, 3, at=start)]

    >>> replay([*begun, Cancel(at=utc("2026-01-20"))]).account.subscription.scheduled_change
    ScheduledChange(free 0.00 USD from 2026-02-15T09:00Z)

    Source: rules P4, P10, R5.
    """

    at_once: bool = False

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.at_once, bool, "at_once")


class Resume(Action):
    """The customer withdraws whatever change of plan waits.

    >>> from chatim_plans import *
    >>> start = utc("2026-01-15 09:00")
    >>> begun = [StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, 3, at=start)]

    >>> later = utc("2026-01-20")
    >>> resumed = replay([*begun, Cancel(at=later), Resume(at=later)]).account
    >>> resumed.subscription.scheduled_change is None
    True

    Source: rule P5.
    """

    __slots__ = ()


class AddPaymentMethod(Action):
    """There is now a usable payment method on file.

    >>> from chatim_plans import StartTrial, replay, upcoming_invoice, utc
    >>> start = utc("2026-03-01 12:00")
    >>> account = replay([StartTrial(4, at=start), AddPaymentMethod(at=start)]).account
    >>> str(upcoming_invoice(account).amount_due)
    '76.00 USD'

    Source: rules R4, D5.
    """

    __slots__ = ()


class RemovePaymentMethod(Action):
    """There is no usable payment method any more: removed or expired.

    >>> from chatim_plans import *
    >>> start = utc("2026-01-15 09:00")
    >>> begun = [StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, 3, at=start)]

    >>> facts = replay([*begun, RemovePaymentMethod(at=start)]).account.subscription
    >>> notices(facts, start)
    (PaymentRequiredNotice(because=no_payment_method),)

    Source: rule D5.
    """

    __slots__ = ()


@frozen(order=False)
class MoveTrialEnd(Action):
    """Chatim moves the end of the running trial to `to`; to the action's own instant, it ends now.

    >>> from chatim_plans import StartTrial, replay, utc
    >>> start = utc("2026-03-01")
    >>> account = replay([StartTrial(at=start), MoveTrialEnd(utc("2026-05-01"), at=start)]).account
    >>> account.subscription.phase
    OnTrial(trial_end=2026-05-01T00:00Z)

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
    >>> start = utc("2026-01-15 09:00")
    >>> begun = [StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, 3, at=start)]

    >>> later = utc("2026-02-28")
    >>> facts = replay([*begun, PaymentFailed(final=True, at=later)]).account.subscription
    >>> status(facts, later).value
    'restricted'

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
    >>> start = utc("2026-01-15 09:00")
    >>> begun = [StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, 3, at=start)]

    >>> later = utc("2026-02-28")
    >>> paid = replay([*begun, PaymentFailed(at=later), PaymentSucceeded(at=later)])
    >>> status(paid.account.subscription, later).value
    'active'

    Source: rules D2, D4, D8, V4.
    """

    invoice: int | None = None

    def __attrs_post_init__(self) -> None:
        _check_number(self.invoice)


@frozen(order=False)
class AdjustCredit(Action):
    """Chatim granted a credit balance of `amount` (positive), or took it (negative).

    >>> from chatim_plans import *
    >>> start = utc("2026-01-15 09:00")
    >>> begun = [StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, 3, at=start)]

    >>> account = replay([*begun, AdjustCredit(Money(20_00, USD), at=start)]).account
    >>> str(upcoming_invoice(account).amount_due)  # 57.00 less the 20.00
    '37.00 USD'

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
    >>> start = utc("2026-01-15 09:00")
    >>> begun = [StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, 3, at=start)]

    >>> replay([*begun, Refunded(1, Money(19_00, USD), at=start)]).account.issued
    (IssuedInvoice(amount_due=57.00 USD, refunded=19.00 USD),)

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
    >>> start = utc("2026-01-15 09:00")
    >>> dearer = evolve(PRO, price=Money(21_00, USD))
    >>> next_year = evolve(CHATIM, edition="2027", plans=(FREE, dearer, ULTIMATE))
    >>> account = replay([
    ...     StartTrial(at=start), AddPaymentMethod(at=start), MoveToEdition(next_year, at=start)
    ... ]).account
    >>> str(upcoming_invoice(account).amount_due)
    '21.00 USD'

    Source: rule C5.
    """

    catalog: Catalog

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.catalog, Catalog, "catalog")
