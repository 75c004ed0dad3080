"""What a log of Stripe's events has told so far: one value, of the actions and what is known."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from attrs import define, evolve, frozen

from chatim_plans.billing.accounts import Account
from chatim_plans.billing.histories import apply, open_account
from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.foundation.errors import PlansError
from chatim_plans.stripe.events import Report
from chatim_plans.stripe.fields import Field, InvalidStripeError
from chatim_plans.stripe.prices import Prices
from chatim_plans.subscriptions.actions import (
    Action,
    AddPaymentMethod,
    PaymentFailed,
    PaymentSucceeded,
    RemovePaymentMethod,
    StartFree,
    StartTrial,
)
from chatim_plans.subscriptions.occurrences import Rate
from chatim_plans.subscriptions.refusals import PaymentMethodRequiredError
from chatim_plans.subscriptions.subscription import OnFree, OnTrial, Subscription
from chatim_plans.subscriptions.timing import at_instant

EXPECTED = "what this library has an action for"
"""What was expected of a change that cannot be said in actions."""


@define
class DepartureError(InvalidStripeError):
    """What an event says and no action leads to; `rule` is the rule that it departs from."""

    rule: str


def departs(where: Field, expected: str, rule: str) -> DepartureError:
    """The error that says what the rule would have had here."""
    fault = where.fault(f"{expected}: {EXPECTED}")
    return DepartureError(fault.path, fault.expected, fault.given, rule)


class SilenceError(DepartureError):
    """An event so long after the one before it that a log cannot be whole, or its instant wrong."""


_LONGEST_SILENCE = timedelta(days=3 * 366)
"""Stripe tells each renewal, and renews at least every three years."""


@frozen(order=False)
class LogState:
    """What a log has told so far of one customer, read with `prices` and `instants`.

    `editions` sell the prices; an account is opened in the first. `instants` tells when a
    subscription of Stripe's came to be billed at a rate, in order.
    `actions` are those found since `accounts[0]`, which is known or not opened yet (None); each led
    to the account after it. `methods` are the payment methods known by their ids; `payment_method`
    is whether there is one, known or not. `subscriptions` and `schedules` are each as they were
    told last. An account that was known from the start was stored at `stored_at`. The last report
    came at `heard`, and is about what stands at the path `told_by`. The account stands on the
    subscription `held`, an id, and `held_facts` are what was last read of it.
    """

    editions: tuple[Catalog, ...]
    prices: Prices
    instants: Mapping[tuple[str, Rate], Sequence[datetime]]
    actions: tuple[Action, ...] = ()
    accounts: tuple[Account | None, ...] = (None,)
    customer: str = ""
    methods: frozenset[str] = frozenset()
    payment_method: bool = False
    subscriptions: Mapping[str, Field] = MappingProxyType({})
    schedules: Mapping[str, Field] = MappingProxyType({})
    stored_at: datetime | None = None
    told_by: str = "events"
    heard: datetime | None = None
    held: str = ""
    held_facts: Subscription | None = None

    @property
    def catalog(self) -> Catalog:
        """The edition in which an account is opened."""
        return self.editions[0]

    @property
    def account(self) -> Account | None:
        """The account after the last action; None where it is not opened."""
        return self.accounts[-1]

    def hearing(self, report: Report) -> LogState:
        """With a report, by which whatever is recorded now is told.

        Raises:
            SilenceError: nothing was told for longer than a plan runs without a renewal.
        """
        since = self.heard
        if since is not None and report.at - since > _LONGEST_SILENCE:
            ours = self.account_at(since)
            if ours is not None and not isinstance(ours.phase, OnFree):
                expected = f"an event of every renewal since {since.isoformat()}"
                fault = departs(report.created, expected, "T3")
                raise SilenceError(fault.path, fault.expected, fault.given, fault.rule)
        return evolve(self, heard=report.at, told_by=report.about.path)

    def last(self, *kinds: type[Action]) -> datetime | None:
        """The instant of the latest action, or of the latest of these kinds."""
        found = (act.at for act in reversed(self.actions) if isinstance(act, kinds or Action))
        return next(found, None)

    def _place(self, at: datetime) -> int:
        """How many actions there were up to the instant `at`."""
        return bisect_right(self.actions, at, key=lambda action: action.at)

    def account_at(self, at: datetime) -> Subscription | None:
        """The account at the instant `at`; None before it was opened, or known."""
        account = self.accounts[self._place(at)]
        if account is None or at < account.subscription.as_of:
            return None
        return at_instant(account.subscription, at)

    def ours(self, at: datetime) -> Subscription:
        """The account at the instant `at`.

        Raises:
            InvalidStripeError: it is not opened, or not known, by then.
        """
        found = self.account_at(at)
        if found is None:
            expected = "no instant before what is known of the account"
            raise InvalidStripeError(self.told_by, expected, at.isoformat())
        return found

    def standing_on(self, account: Account) -> LogState:
        """With `account` as what is known, from which further actions lead on."""
        return evolve(
            self,
            actions=(),
            accounts=(account,),
            heard=account.subscription.as_of,
            payment_method=account.subscription.payment_method,
        )

    def opened(self, action: StartFree | StartTrial) -> LogState:
        """With `action` as the first, where there is none yet.

        A payment method attached before the account was opened is on file when it is.
        """
        if self.account is not None:
            return self
        state = self.recorded(action)
        on_file = AddPaymentMethod(at=action.at)
        return state.recorded(on_file) if self.payment_method else state

    def with_payment_method(self, at: datetime, *, on_file: bool) -> LogState:
        """With a payment method from now on, or without any."""
        state, ours = evolve(self, payment_method=on_file), self.account_at(at)
        if ours is None or ours.payment_method is on_file:
            return state
        kind = AddPaymentMethod if on_file else RemovePaymentMethod
        return state.recorded(kind(at=at))

    def with_payment(self, payment: PaymentFailed | PaymentSucceeded) -> LogState:
        """With a payment report, where it says something new of an account that was invoiced."""
        ours = self.account_at(payment.at)
        if ours is None or not ours.was_invoiced or isinstance(ours.phase, OnTrial):
            return self
        is_new = ours.is_overdue is isinstance(payment, PaymentSucceeded)
        return self.recorded(payment) if is_new else self

    def recorded(self, action: Action) -> LogState:
        """With `action` in its place among the others.

        Raises:
            InvalidStripeError: the library refuses it.
        """
        try:
            return self._with(action)
        except PaymentMethodRequiredError:
            # Stripe took the payment, so there was one.
            return self.recorded(AddPaymentMethod(at=action.at)).recorded(action)
        except PlansError as error:
            raise DepartureError(self.told_by, EXPECTED, str(error), "P7") from error

    def _with(self, action: Action) -> LogState:
        place = self._place(action.at)
        later = (action, *self.actions[place:])
        accounts = list(self.accounts[: place + 1])
        for each in later:
            before = accounts[-1]
            made = open_account(each, self.catalog) if before is None else apply(before, each)
            accounts.append(made.account)
        return evolve(self, actions=(*self.actions[:place], *later), accounts=tuple(accounts))
