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
from chatim_plans.foundation.instants import instant


@frozen(order=False)
class Action:
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


class Cancel(Action):
    """The customer cancels: chooses the free plan. Source: rules P4, R5."""

    __slots__ = ()


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
class PaymentFailed(Action):
    """A payment failed; `final` when it was the last retry. Source: rules D1, D4."""

    final: bool = False

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.final, bool, "final")


class PaymentSucceeded(Action):
    """A payment succeeded. Source: rules D2, D4."""

    __slots__ = ()


@frozen(order=False)
class MoveToEdition(Action):
    """Chatim moves the account to the edition `catalog` at its next boundary. Source: rule C5."""

    catalog: Catalog

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.catalog, Catalog, "catalog")
