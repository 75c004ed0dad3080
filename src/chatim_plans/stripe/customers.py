"""A customer of Stripe's, who may have several subscriptions: the facts of the one that counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeAlias

from attrs import evolve, frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError, OutOfOrderError
from chatim_plans.foundation.instants import UNIX_EPOCH, instant
from chatim_plans.stripe.fields import Field, InvalidStripeError
from chatim_plans.stripe.prices import Prices, checked_prices, is_of_another_product
from chatim_plans.stripe.subscriptions import (
    Snapshot,
    facts_from,
    has_begun,
    is_over,
    payer_of,
    with_what_was,
)
from chatim_plans.subscriptions.subscription import OnFree, Status, Subscription
from chatim_plans.subscriptions.timing import at_instant

_Weight: TypeAlias = tuple[float, ...]


def subscription_of_customer(
    objs: object,
    prices: Prices,
    *,
    at: datetime,
    before: Subscription | None = None,
    catalogs: Iterable[Catalog] = (CHATIM,),
) -> Subscription:
    """The facts of the one of a customer's subscriptions that entitles most at `at`.

    `objs` are Stripe's subscriptions of one customer, those that are over too, in a collection or
    a list object: a trial had on any of them was had. An object is read as it is at `at`. An event
    about one is read at its own instant, and time goes by from there; of several about one
    subscription the newest counts. So an `incomplete_expired` or cancelled one never takes away
    what another grants. Of two that run, the higher plan counts, then more seats, then the later
    end. With none at all, or none whose first payment was made, the account is what was known
    `before`, and of nobody it is on Free. The other arguments are as for
    `subscription_from_stripe`.

    What cannot be read is passed over where it is over, or where another one grants a plan. Give
    the prices of every edition, or a trial had is not known; and those of other things that you
    sell as prices of the free plan, so that a subscription to nothing else is passed over.

    >>> from chatim_plans import PRO, utc
    >>> from chatim_plans.stripe import subscription_of_customer
    >>> period = {"current_period_start": 1768467600, "current_period_end": 1771146000}
    >>> items = {"data": [{"id": "si_1", "price": "price_pro", "quantity": 3, **period}]}
    >>> obj = {"object": "subscription", "id": "sub_1", "customer": "cus_1", "status": "active",
    ...        "items": items, "billing_cycle_anchor": 1768467600, "cancel_at_period_end": False}
    >>> expired = obj | {"id": "sub_2", "status": "incomplete_expired"}
    >>> at = utc("2026-01-20")
    >>> str(subscription_of_customer([obj, expired], {"price_pro": PRO}, at=at))
    '3 x pro 19.00 USD, active'

    Raises:
        InvalidStripeError: one that runs cannot be read, and no other grants a plan; or objects of
            several customers. `path` leads to it.
        OutOfOrderError: `at` is before a period that counts, or before what is known.
        InvalidTypeError, InvalidValueError: no prices, catalogues, instant or facts.

    Source: rules A1, A2, P8, R2.
    """
    at, editions = instant(at), shapes.row(catalogs, "catalogs")
    checked_prices(prices)
    read: list[ReadSubscription] = []
    faults: list[InvalidStripeError | InvalidValueError | OutOfOrderError] = []
    is_over_unread = False
    for top, since in _newest(objs, at, prices):
        try:
            read.append(_read(top, since, at, prices, editions))
        except (InvalidStripeError, InvalidValueError, OutOfOrderError) as error:
            if has_begun(top) and not is_over(top):
                faults.append(error)
            is_over_unread = is_over_unread or has_begun(top)
    best = max(read, key=ReadSubscription.weight, default=None)
    if faults and (best is None or isinstance(best.facts.phase, OnFree)):
        raise faults[0]
    if best is None:
        return _without_any(before, at, editions, is_over=is_over_unread)
    others = [each.facts for each in read]
    tried = next((each.tried_plan for each in (best.facts, *others) if each.tried_plan), None)
    facts = evolve(
        best.facts, tried_plan=tried, was_invoiced=any(each.was_invoiced for each in others)
    )
    return facts if before is None else with_what_was(facts, before, best.top)


def _newest(objs: object, at: datetime, prices: Prices) -> Iterator[tuple[Field, datetime]]:
    """Each subscription once, as it was told last, with the instant that it is from."""
    newest: dict[str, tuple[Field, datetime]] = {}
    owner = ""
    for row in Field(objs, "subscriptions").rows():
        top = row.of_kind("subscription")
        is_event = row["object"].value == "event"
        since = min(row["created"].instant(), at) if is_event else at
        payer = payer_of(top)
        owner = owner or payer.id()
        if payer.id() != owner:
            raise payer.fault(f"{owner}: all are of one customer")
        key = top["id"].text()
        if is_of_another_product(top["items"], prices):
            continue
        if key not in newest or newest[key][1] <= since:
            newest[key] = top, since
    return iter(newest.values())


@frozen(order=False)
class ReadSubscription:
    """A subscription of Stripe's, and its facts."""

    top: Field
    facts: Subscription

    @property
    def begun(self) -> bool:
        """Whether anything happened with it: its first payment was made, or none was due."""
        return has_begun(self.top)

    def weight(self) -> tuple[_Weight, str]:
        """What entitles more weighs more; at last the id, so that the order given says nothing."""
        facts, catalog, phase = self.facts, self.facts.catalog, self.facts.phase
        held = (len(facts.plan.features), catalog.plans.index(facts.plan))
        restricted = phase.status is Status.restricted
        in_force = (len(catalog.free_plan.features), 0) if restricted else held
        last: _Weight
        if isinstance(phase, OnFree):
            created = self.top["created"]
            last = (self.begun, 0 if created.is_null else created.whole())
        else:
            change = facts.scheduled_change
            ends = None if change is None or not change.plan.is_free else change.at
            last = (facts.seats, ends is None, ((ends or phase.end) - UNIX_EPOCH).total_seconds())
        return (*in_force, *held, *last), self.top["id"].text()


def _read(
    top: Field, since: datetime, at: datetime, prices: Prices, editions: tuple[Catalog, ...]
) -> ReadSubscription:
    facts = facts_from(Snapshot.of(top, since, prices), None, prices, editions)
    return ReadSubscription(top, evolve(at_instant(facts, at), as_of=at))


def _without_any(
    before: Subscription | None, at: datetime, editions: tuple[Catalog, ...], *, is_over: bool
) -> Subscription:
    """What is known, or Free after what `is_over`; of nobody Free, in the first edition."""
    if before is not None:
        known = evolve(at_instant(shapes.instance(before, Subscription, "before"), at), as_of=at)
        if isinstance(known.phase, OnFree) or not is_over:
            return known
        free = Subscription(known.catalog, known.catalog.free_plan, known.seats, at, OnFree())
        return with_what_was(free, known, None)
    if not editions:
        raise InvalidValueError("catalogs", editions, "at least one catalogue")
    first = shapes.instance(editions[0], Catalog, "catalogs")
    return Subscription(first, first.free_plan, 1, at, OnFree())
