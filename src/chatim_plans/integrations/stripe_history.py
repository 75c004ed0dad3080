"""A history in the making: actions found in a log, each recorded in its place."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime

from attrs import define

from chatim_plans.billing.accounts import Account
from chatim_plans.billing.histories import apply, replay
from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.errors import InvalidStripeError, PaymentMethodRequiredError, PlansError
from chatim_plans.integrations.stripe_fields import Field
from chatim_plans.subscriptions.actions import (
    Action,
    AddPaymentMethod,
    PaymentFailed,
    PaymentSucceeded,
    RemovePaymentMethod,
    StartFree,
    StartTrial,
)
from chatim_plans.subscriptions.subscription import OnPaid, Standing, Subscription
from chatim_plans.subscriptions.timing import at_instant

EXPECTED = "what this library has an action for"


@define
class History:
    """The actions found so far, of an account sold from `catalog`, and where they lead.

    A payment method attached before the account was opened is on file when it is.
    """

    catalog: Catalog
    actions: list[Action]
    _account: Account | None = None
    _on_file: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the account was opened yet."""
        return self._account is not None

    def last(self, *kinds: type[Action]) -> datetime | None:
        """The instant of the latest action, or of the latest of these kinds."""
        found = (act.at for act in reversed(self.actions) if isinstance(act, kinds or Action))
        return next(found, None)

    def account_at(self, at: datetime) -> Subscription | None:
        """The account at the instant `at`; None before it was opened."""
        if self._account is None or at < self.actions[0].at:
            return None
        if at < self.actions[-1].at:
            return replay(self.actions, at, self.catalog).account.subscription
        return at_instant(self._account.subscription, at)

    def open(self, action: StartFree | StartTrial, where: Field) -> None:
        """Record the first action."""
        self.record(action, where)
        if self._on_file:
            self.record(AddPaymentMethod(at=action.at), where)

    def record(self, action: Action, where: Field) -> None:
        """Add `action`, in its place among the others.

        Raises:
            InvalidStripeError: the library refuses it; `where` is what it was read from.
        """
        try:
            self._insert(action)
        except PaymentMethodRequiredError:
            # Stripe took the payment, so there was one.
            self.record(AddPaymentMethod(at=action.at), where)
            self.record(action, where)
        except PlansError as error:
            raise InvalidStripeError(where.path, EXPECTED, str(error)) from error

    def note_payment_method(self, at: datetime, where: Field, *, on_file: bool) -> None:
        """Record that there is a payment method now, or none any more."""
        self._on_file = on_file
        ours = self.account_at(at)
        if ours is not None and ours.payment_method is not on_file:
            kind = AddPaymentMethod if on_file else RemovePaymentMethod
            self.record(kind(at=at), where)

    def note_payment(self, report: PaymentFailed | PaymentSucceeded, where: Field) -> None:
        """Record a payment report that says something new of a paid account."""
        ours = self.account_at(report.at)
        if ours is not None and isinstance(ours.phase, OnPaid):
            stands_well = ours.phase.standing is Standing.good
            if stands_well is isinstance(report, PaymentFailed):
                self.record(report, where)

    def _insert(self, action: Action) -> None:
        if self._account is not None and self.actions[-1].at <= action.at:
            self._account = apply(self._account, action).account
            self.actions.append(action)
            return
        place = bisect_right([other.at for other in self.actions], action.at)
        actions = [*self.actions[:place], action, *self.actions[place:]]
        self._account = replay(actions, catalog=self.catalog).account
        self.actions = actions
