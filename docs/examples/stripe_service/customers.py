"""The customers: as Stripe has them now, as they are kept, and what they may do."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import stripe

from chatim_plans import (
    PRO,
    ULTIMATE,
    Account,
    Decision,
    Subscription,
    advance,
    entitlements,
)
from chatim_plans.stripe import StripeIds, subscription_of_customer

from .store import Kept, Store

PRICES = {"price_pro": PRO, "price_ultimate": ULTIMATE}  # price id → plan, of every edition


def present() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


class Customers:
    """Stripe's client and the store, and the clock that both are asked by."""

    def __init__(
        self, client: stripe.StripeClient, store: Store, clock: Callable[[], datetime] = present
    ) -> None:
        self.client, self.store, self.clock = client, store, clock

    def decide(self, customer: str, feature: str) -> Decision:
        """Whether a customer may use a feature now; Stripe is not asked."""
        facts = self.known(customer, self.clock())
        return entitlements(facts, facts.as_of).decide(feature)

    def known(self, customer: str, at: datetime) -> Subscription:
        """What is kept of a customer, with the time gone by until `at`; of nobody it is Free."""
        kept, _ = self.store.facts(customer)
        if kept is None:
            return subscription_of_customer([], PRICES, at=at)
        nothing_waits = Account(kept, (), kept.plan.price * 0)
        return advance(nothing_waits, _since(kept, at)).account.subscription

    def keep(self, customer: str, event: str | None = None) -> Subscription:
        """Keep the facts of a customer as they are now, and after them that an event is done."""
        while True:
            kept, facts = self.read(customer)
            # Where another delivery was faster, it may have read something newer: so read again.
            if self.store.keep(customer, facts, kept, event):
                return facts

    def read(self, customer: str) -> tuple[Kept, Subscription]:
        """What is kept of a customer, and the facts that Stripe states now, with that known."""
        kept = self.store.facts(customer)
        found = self.subscriptions(customer)
        at = _since(kept[0], self.clock())
        return kept, subscription_of_customer(found, PRICES, at=at, before=kept[0])

    def subscriptions(self, customer: str | None = None) -> list[stripe.Subscription]:
        """All subscriptions of one customer, or of all, those that are over too, page by page.

        Each has its customer with it, whose default payment method counts, and its schedule, in
        which a lower plan may wait.
        """
        whose = {} if customer is None else StripeIds(customer, PRICES).payer
        asked: Any = {"status": "all", "limit": 100, "expand": ["data.customer", "data.schedule"]}
        return list(self.client.v1.subscriptions.list(asked | whose).auto_paging_iter())


def _since(kept: Subscription | None, at: datetime) -> datetime:
    """`at`, or the instant of what is kept: the clock that it was kept by may be ahead of ours."""
    return at if kept is None else max(at, kept.as_of)
