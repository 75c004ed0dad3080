"""Where one account is in Stripe: the ids that a call names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from attrs import field, frozen

from chatim_plans.catalog.plans import Plan
from chatim_plans.errors import InvalidTypeError, InvalidValueError, UnknownKeyError
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import instant

PriceRows: TypeAlias = tuple[tuple[str, Plan], ...]

# Ids stand in the paths of endpoints, where a slash or a question mark would lead elsewhere.
_ID = re.compile(r"[A-Za-z0-9_.-]+")


def price_rows(prices: Mapping[str, Plan] | Iterable[object]) -> PriceRows:
    """The rows of a mapping of price ids to plans, checked.

    Raises:
        InvalidTypeError, InvalidValueError: no mapping, a blank id, or no plan.
    """
    rows = prices.items() if isinstance(prices, Mapping) else shapes.row(prices, "prices")
    return tuple(dict(_price_row(row) for row in rows).items())


def _price_row(row: object) -> tuple[str, Plan]:
    match row:
        case (price, plan):
            return shapes.text(price, "price id"), shapes.instance(plan, Plan, "plan of a price")
        case _:
            raise InvalidTypeError("prices", row, "a price id and the plan it sells")


def price_that_sells(plan: Plan, prices: PriceRows) -> str:
    """The id of the first of `prices` that sells `plan`; features have no place in a price.

    Raises:
        UnknownKeyError: no price sells it.
    """
    wanted = _sold_as(shapes.instance(plan, Plan, "plan"))
    for price, sold in prices:
        if _sold_as(sold) == wanted:
            return price
    known = tuple(f"{price} ({sold.key}, {sold.price})" for price, sold in prices)
    raise UnknownKeyError("price of plan", f"{plan.key}, {plan.price}", known)


def _instant_or_none(at: datetime | None) -> datetime | None:
    return None if at is None else instant(at)


@frozen(order=False)
class StripeIds:
    """Where one account is in Stripe.

    `customer` is the customer's id. `prices` says by price id which plan a price sells, of every
    edition that matters; of two prices for one plan the first is used. `subscription` and `item`
    are the subscription in force and its one item, both None on Free, and `schedule` is the
    schedule that the subscription names. `phase_start` is the start of the period, or of the
    trial, as Stripe has it (the item's `current_period_start`); without it, the library's own.

    >>> from chatim_plans import PRO, ULTIMATE
    >>> ids = StripeIds("cus_1", {"price_pro": PRO, "price_ultimate": ULTIMATE})
    >>> ids.price(ULTIMATE)
    'price_ultimate'

    Raises:
        InvalidTypeError, InvalidValueError: an id that is none, an item without its subscription,
            a schedule or a start without a subscription.

    Source: rules B5, C5; Stripe's objects.
    """

    customer: str
    prices: PriceRows = field(converter=price_rows)
    subscription: str | None = None
    item: str | None = None
    schedule: str | None = None
    phase_start: datetime | None = field(default=None, converter=_instant_or_none)

    def __attrs_post_init__(self) -> None:
        stripe_id(self.customer, "customer")
        for name in ("subscription", "item", "schedule"):
            if getattr(self, name) is not None:
                stripe_id(getattr(self, name), name)
        if (self.subscription is None) != (self.item is None):
            raise InvalidValueError("item", self.item, "the subscription's item, with its id")
        for name in ("schedule", "phase_start"):
            given = getattr(self, name)
            if given is not None and self.subscription is None:
                raise InvalidValueError(name, given, "None where no subscription is in force")

    def price(self, plan: Plan) -> str:
        """The id of the first price that sells `plan`.

        Raises:
            UnknownKeyError: no price sells it.
        """
        return price_that_sells(plan, self.prices)

    def in_force(self) -> tuple[str, str]:
        """The ids of the subscription in force and of its item.

        Raises:
            InvalidValueError: none is named.
        """
        if self.subscription is None or self.item is None:
            expected = "the id of the subscription in force, and its item's"
            raise InvalidValueError("subscription", self.subscription, expected)
        return self.subscription, self.item


def stripe_id(value: object, name: str) -> str:
    """`value`, which must be fit for an id in the path of an endpoint.

    Raises:
        InvalidTypeError, InvalidValueError: no text, or one with other characters.
    """
    given = shapes.text(value, name)
    if not _ID.fullmatch(given):
        raise InvalidValueError(name, value, "an id of Stripe's: letters, digits, '_', '-' and '.'")
    return given


def _sold_as(plan: Plan) -> tuple[object, ...]:
    return plan.key, plan.price, plan.interval_months
