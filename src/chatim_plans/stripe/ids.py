"""Where one account is in Stripe: the ids that a call names."""

from __future__ import annotations

import re
from datetime import datetime

from attrs import field, frozen

from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import instant, unix_seconds
from chatim_plans.stripe.fields import Field, argument
from chatim_plans.stripe.prices import PriceRows, Prices, own_item, price_rows, price_that_sells
from chatim_plans.stripe.schedules import is_done, is_in_force, schedule_of
from chatim_plans.stripe.subscriptions import bound_in, is_over

# Ids stand in the paths of endpoints, where a slash or a question mark would lead elsewhere.
_ID = re.compile(r"[A-Za-z0-9_.-]+")
_EXPECTED = "an id of Stripe's: letters, digits, '_', '-' and '.'"


def _instant_or_none(at: datetime | None) -> datetime | None:
    return None if at is None else instant(at)


@frozen(order=False)
class StripeIds:
    """Where one account is in Stripe.

    `customer` is the id of who pays, a customer or an account (Accounts v2). `prices` says by price
    id which plan a price sells, of every edition that matters; of two prices for one plan the first
    is used. `subscription` and `item` are the subscription in force and its one item, both None on
    Free, and `schedule` is the schedule that the subscription names: None where it names none, and
    so nothing is to be released. `phase_start` is the start of the period, or of the trial, as
    Stripe has it (the item's `current_period_start`); without it, the library's own.

    `schedule_is_done` says that nothing waits in the schedule any more. `pending_invoice` is the
    invoice for whose payment a change of the subscription waits (its `pending_update`).
    `to_cancel` is a subscription under which the account is on Free, `incomplete` or `paused`: it
    must end before another starts. `ids_from_stripe` reads all of them.

    >>> from chatim_plans import PRO, ULTIMATE
    >>> from chatim_plans.stripe import StripeIds
    >>> ids = StripeIds("cus_1", {"price_pro": PRO, "price_ultimate": ULTIMATE})
    >>> ids.price(ULTIMATE)
    'price_ultimate'

    Raises:
        InvalidTypeError, InvalidValueError: an id that is none, an item without its subscription,
            what only a subscription in force has without one, or beside one what must end.

    Source: rules B5, C5; Stripe's objects.
    """

    customer: str
    prices: PriceRows = field(converter=price_rows)
    subscription: str | None = None
    item: str | None = None
    schedule: str | None = None
    phase_start: datetime | None = field(default=None, converter=_instant_or_none)
    schedule_is_done: bool = False
    pending_invoice: str | None = None
    to_cancel: str | None = None

    def __attrs_post_init__(self) -> None:
        stripe_id(self.customer, "customer")
        for name in _NAMED:
            if getattr(self, name) is not None:
                stripe_id(getattr(self, name), name)
        if (self.subscription is None) != (self.item is None):
            raise InvalidValueError("item", self.item, "the subscription's item, with its id")
        for name in ("schedule", "phase_start", "pending_invoice"):
            given = getattr(self, name)
            if given is not None and self.subscription is None:
                raise InvalidValueError(name, given, "None where no subscription is in force")
        if self.to_cancel is not None and self.subscription is not None:
            expected = "None beside a subscription in force"
            raise InvalidValueError("to_cancel", self.to_cancel, expected)
        is_done = shapes.instance(self.schedule_is_done, bool, "schedule_is_done")
        if is_done and self.schedule is None:
            expected = "False where no schedule is named"
            raise InvalidValueError("schedule_is_done", is_done, expected)

    def price(self, plan: Plan) -> str:
        """The id of the first price that sells `plan`.

        Raises:
            UnknownKeyError: no price sells it.
        """
        return price_that_sells(plan, self.prices)

    @property
    def payer(self) -> dict[str, str]:
        """The parameter that names who pays: a customer, or an account (Accounts v2)."""
        is_account = self.customer.startswith("acct_")
        return {"customer_account" if is_account else "customer": self.customer}

    def in_force(self) -> tuple[str, str]:
        """The ids of the subscription in force and of its item.

        Raises:
            InvalidValueError: none is named.
        """
        if self.subscription is None or self.item is None:
            expected = "the id of the subscription in force, and its item's"
            raise InvalidValueError("subscription", self.subscription, expected)
        return self.subscription, self.item

    def as_json(self) -> dict[str, str | int | bool | None]:
        """The ids as a document for JSON, instants in Unix seconds.

        Without the prices: those are the application's, and not one account's.
        """
        start = self.phase_start
        told = {name: getattr(self, name) for name in _IN_JSON}
        return told | {"phase_start": None if start is None else unix_seconds(start)}

    @classmethod
    def from_json(cls, document: object, prices: Prices | PriceRows) -> StripeIds:
        """The ids of a document that `as_json` wrote, and the prices of the application.

        >>> from chatim_plans.stripe import StripeIds
        >>> ids = StripeIds("cus_1", {}, "sub_1", "si_1")
        >>> StripeIds.from_json(ids.as_json(), {}) == ids
        True

        Raises:
            InvalidStripeError: what cannot be read, or a name that is none; `path` leads to it.
            InvalidTypeError, InvalidValueError: no prices, and what the ids themselves refuse.
        """
        top = Field(document, "ids")
        for name in top.object():
            if name not in _IN_JSON:
                raise top[name].fault(f"one of {', '.join(_IN_JSON)}")
        is_done = top["schedule_is_done"]
        named = {name: None if top[name].is_null else top[name].text() for name in _NAMED}
        return cls(
            top["customer"].text(),
            price_rows(prices),
            phase_start=top["phase_start"].instant_or_none(),
            schedule_is_done=not is_done.is_null and is_done.flag(),
            **named,
        )


_NAMED = ("subscription", "item", "schedule", "pending_invoice", "to_cancel")
_IN_JSON = ("customer", *_NAMED, "phase_start", "schedule_is_done")


def ids_from_stripe(
    obj: object, prices: Prices | PriceRows, *, schedule: object = None
) -> StripeIds:
    """The ids that Stripe's subscription `obj`, or an event about one, states.

    `schedule` is the subscription's schedule, where it does not stand expanded in `obj`: without
    it nobody knows whether anything waits there. Of a subscription that is over only the customer
    remains. One that is `incomplete` or `paused` is named as what must end before another starts.

    >>> from chatim_plans import PRO
    >>> from chatim_plans.stripe import ids_from_stripe
    >>> item = {"id": "si_1", "current_period_start": 1768467600}
    >>> obj = {"object": "subscription", "id": "sub_1", "customer": "cus_1", "status": "active",
    ...        "items": {"data": [item]}, "schedule": None}
    >>> ids = ids_from_stripe(obj, {"price_pro": PRO})
    >>> ids.subscription, ids.item, ids.schedule, ids.phase_start.isoformat()
    ('sub_1', 'si_1', None, '2026-01-15T09:00:00+00:00')

    Raises:
        InvalidStripeError: what cannot be read, or is not one item; `path` leads to it.
        InvalidTypeError, InvalidValueError: no prices.

    Source: rules P3, P8, R4; Stripe's eight statuses, its schedules and pending updates.
    """
    rows = price_rows(prices)
    top = argument(obj, "subscription")
    payers = [top[name] for name in ("customer", "customer_account")]
    customer = _id(next((payer for payer in payers if not payer.is_null), payers[0]))
    if is_over(top):
        return StripeIds(customer, rows)
    if top["status"].text() in _ON_FREE:
        return StripeIds(customer, rows, to_cancel=_id(top["id"]))
    known = dict(rows)
    item, pending = own_item(top["items"], known), top["pending_update"]
    in_force = _schedule_in_force(top, schedule)
    return StripeIds(
        customer,
        rows,
        subscription=_id(top["id"]),
        item=_id(item["id"]),
        schedule=None if in_force is None else _id(in_force),
        phase_start=bound_in(top, item, "current_period_start").instant_or_none(),
        schedule_is_done=in_force is not None and in_force.is_object and is_done(in_force, known),
        pending_invoice=None if pending.is_null else _id(top["latest_invoice"]),
    )


_ON_FREE = frozenset({"incomplete", "paused"})
"""The statuses of a subscription that is not over, and under which the account is on Free."""


def _schedule_in_force(top: Field, given: object) -> Field | None:
    """The schedule that rules over the subscription, by its id or whole; None if none does."""
    schedule = top["schedule"]
    if given is not None:
        schedule = schedule_of(top, Field(given, "subscription_schedule"))
    if schedule.is_null or (schedule.is_object and not is_in_force(schedule)):
        return None
    return schedule


def _id(named: Field) -> str:
    """The id of an object that stands by it or expanded, fit for the path of an endpoint."""
    given = named.id()
    if not _ID.fullmatch(given):
        raise named.own_id.fault(_EXPECTED)
    return given


def stripe_id(value: object, name: str) -> str:
    """`value`, which must be fit for an id in the path of an endpoint.

    Raises:
        InvalidTypeError, InvalidValueError: no text, or one with other characters.
    """
    given = shapes.text(value, name)
    if not _ID.fullmatch(given):
        raise InvalidValueError(name, value, _EXPECTED)
    return given
