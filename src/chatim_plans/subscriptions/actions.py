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
    """

    at: datetime = field(converter=instant, kw_only=True)


@frozen(order=False)
class StartTrial(Action):
    """A new customer starts the free trial with a team of `seats`. Source: rules R1, R2."""

    seats: int = 1

    def __attrs_post_init__(self) -> None:
        shapes.whole_number(self.seats, "seats", at_least=1)


class StartFree(Action):
    """A new customer starts on the free plan, with one seat. Source: rule P7."""

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
    """The team now has `seats` active members. Source: rules S1–S5."""

    seats: int

    def __attrs_post_init__(self) -> None:
        shapes.whole_number(self.seats, "seats", at_least=1)


@frozen(order=False)
class Cancel(Action):
    """The customer cancels: chooses the free plan, at the end of what is paid, or `at_once`.

    At once there is no credit for unused time, and lines that wait are dropped.

    Source: rules P4, P10, R5.
    """

    at_once: bool = False

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.at_once, bool, "at_once")


class Resume(Action):
    """The customer withdraws whatever change of plan waits. Source: rule P5."""

    __slots__ = ()


class AddPaymentMethod(Action):
    """There is now a usable payment method on file. Source: rules R4, D5."""

    __slots__ = ()


class RemovePaymentMethod(Action):
    """There is no usable payment method any more: removed or expired. Source: rule D5."""

    __slots__ = ()


@frozen(order=False)
class MoveTrialEnd(Action):
    """Chatim moves the end of the running trial to `to`; to the action's own instant, it ends now.

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

    Source: rules D2, D4, D8, V4.
    """

    invoice: int | None = None

    def __attrs_post_init__(self) -> None:
        _check_number(self.invoice)


@frozen(order=False)
class AdjustCredit(Action):
    """Chatim granted a credit balance of `amount` (positive), or took it (negative).

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
    """Chatim moves the account to the edition `catalog` at its next boundary. Source: rule C5."""

    catalog: Catalog

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.catalog, Catalog, "catalog")
