"""Invoices as Stripe would write them: from ours, in the line shapes of three API versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import attrs

from chatim_plans import Invoice, Line, LineKind
from tests.stripe.written_objects import Json, unix

OWN = "sub_1"


@attrs.frozen
class Written:
    """What a line of Stripe's says, before it is put into a shape; `unit` only where it is told."""

    amount: int
    start: int
    end: int
    quantity: int | None
    price: str | None
    unit: int | None
    proration: bool
    credit: bool | None = None
    subscription: str | None = OWN
    one_off: bool = False


def written(line: Line) -> Written:
    """Our line, as Stripe's numbers."""
    return Written(
        line.amount.amount,
        unix(line.period.start),
        unix(line.period.end),
        line.seats,
        f"price_{line.plan.key}",
        line.plan.price.amount,
        line.kind is not LineKind.subscription,
        line.kind is LineKind.unused_time,
    )


def of_2018(line: Written, currency: str) -> Json:
    """With the whole plan, and flags of its own."""
    return {
        "id": "sli_1",
        "object": "line_item",
        "amount": line.amount,
        "currency": currency,
        "description": _description(line),
        "period": {"start": line.start, "end": line.end},
        "plan": line.price and {"id": line.price, "object": "plan", "amount": line.unit},
        "proration": line.proration,
        "quantity": line.quantity,
        "subscription": line.subscription,
        "type": "invoiceitem" if line.proration or line.one_off else "subscription",
    }


def of_2022(line: Written, currency: str) -> Json:
    """With the price beside the plan, and what a credit credits."""
    credited = {"invoice": "in_0", "invoice_line_items": ["il_0"]} if line.credit else None
    return {
        **of_2018(line, currency),
        "description": None,
        "price": line.price
        and {
            "id": line.price,
            "object": "price",
            "unit_amount": None,
            "unit_amount_decimal": None if line.unit is None else str(line.unit),
        },
        "proration_details": {"credited_items": credited},
    }


def of_2025(line: Written, currency: str) -> Json:
    """With a parent; a proration has the price by its id only, and no unit amount."""
    credited = {"invoice": "in_0", "invoice_line_items": ["il_0"]} if line.credit else None
    details = {
        "invoice_item": "ii_1",
        "proration": line.proration,
        "proration_details": {"credited_items": credited},
        "subscription": line.subscription,
    }
    kind = "invoice_item_details" if line.one_off else "subscription_item_details"
    unit = None if line.proration or line.unit is None else str(line.unit)
    return {
        "id": "il_1",
        "object": "line_item",
        "amount": line.amount,
        "currency": currency,
        "description": _description(line),
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": None,
            kind: details,
            "type": kind,
        },
        "period": {"start": line.start, "end": line.end},
        "pricing": {
            "price_details": {"price": line.price, "product": "prod_1"},
            "type": "price_details",
            "unit_amount_decimal": unit,
        },
        "quantity": line.quantity,
    }


def _description(line: Written) -> str | None:
    if not line.proration:
        return None
    return f"{'Unused' if line.credit else 'Remaining'} time on a plan after a day"


Shape: TypeAlias = Callable[[Written, str], Json]
SHAPES: MappingProxyType[str, Shape] = MappingProxyType({
    "2018": of_2018,
    "2022": of_2022,
    "2025": of_2025,
})


def stripe_invoice(
    invoice: Invoice, shape: str = "2025", lines: Sequence[Written] | None = None, **figures: Any
) -> Json:
    """Our invoice as Stripe's; or with other `lines` than ours, and what follows from them."""
    own = [written(line) for line in invoice.lines] if lines is None else list(lines)
    currency = invoice.total.currency.code.lower()
    total = sum(line.amount for line in own)
    starting = -invoice.credit_before.amount
    owed = max(0, total + starting)
    is_carried = not invoice.amount_due and 0 < owed <= (invoice.total.amount + starting)
    due = 0 if is_carried else owed
    parent = (
        {"parent": {"type": "subscription_details", "subscription_details": {"subscription": OWN}}}
        if shape == "2025"
        else {"subscription": OWN}
    )
    return {
        "id": "in_1",
        "object": "invoice",
        "currency": currency,
        "total": total,
        "starting_balance": starting,
        "amount_due": due,
        "ending_balance": total + starting - due,
        "lines": {
            "object": "list",
            "data": [SHAPES[shape](line, currency) for line in own],
            "has_more": False,
        },
        **parent,
        **figures,
    }
