"""The causes of a difference, by name and in words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias


class Cause(StrEnum):
    """Why Stripe's figure is another one than ours: recomputed, or as Stripe states."""

    rounding = "rounding"
    net_rounded = "net_rounded"
    days = "days"
    billing_mode = "billing_mode"
    seat_delta = "seat_delta"
    instant = "instant"
    period = "period"
    quantity = "quantity"
    price = "price"
    swept = "swept"
    discount = "discount"
    tax = "tax"
    balance = "balance"
    minimum_charge = "minimum_charge"
    currency = "currency"
    unknown = "unknown"


FACTS = (Cause.instant, Cause.period, Cause.quantity, Cause.price)
"""What a line states besides its amount, and may so state otherwise than ours."""

WORDS: Mapping[Cause, str] = MappingProxyType({
    Cause.rounding: "another rounding rule",
    Cause.net_rounded: "the net of the two lines was rounded, not each line",
    Cause.days: "days were counted, not seconds",
    Cause.billing_mode: "flexible billing mode, which credits a share of what was debited",
    Cause.seat_delta: "only the seats added or removed were prorated",
    Cause.instant: "another instant of the change",
    Cause.period: "another period",
    Cause.quantity: "another quantity",
    Cause.price: "another price",
    Cause.swept: "a line swept in from elsewhere",
    Cause.discount: "a discount that Stripe took off the lines",
    Cause.tax: "tax that Stripe put on top of the lines",
    Cause.balance: "another balance",
    Cause.minimum_charge: "another minimum charge, below which an amount is carried over",
    Cause.currency: "another currency",
    Cause.unknown: "no cause that recomputing shows",
})
"""What is likely to be behind a difference."""

Finding: TypeAlias = tuple[Cause, str]
"""A cause, and in words what exactly: which rule, which price. The words may be empty."""
