"""Parameters judged by stripe-python's own typed definitions: what is misspelt is a fault.

The definitions leave a string open beside the values they list, so that a new value is no type
error; here a value that is not listed is a fault too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from stripe import RequestOptions, StripeContext, StripeObject
from stripe.params import (
    CustomerBalanceTransactionCreateParams,
    InvoiceCreatePreviewParams,
    InvoiceVoidInvoiceParams,
    ProductFeatureCreateParams,
    SubscriptionCancelParams,
    SubscriptionCreateParams,
    SubscriptionScheduleCreateParams,
    SubscriptionScheduleReleaseParams,
    SubscriptionScheduleUpdateParams,
    SubscriptionUpdateParams,
    WebhookEndpointCreateParams,
)
from stripe.params.billing_portal import ConfigurationCreateParams
from stripe.params.billing_portal import SessionCreateParams as PortalSessionCreateParams
from stripe.params.checkout import SessionCreateParams as CheckoutSessionCreateParams
from stripe.params.entitlements import FeatureCreateParams
from typing_extensions import is_typeddict

PARAMS: dict[str, Any] = {
    r"POST /v1/subscriptions": SubscriptionCreateParams,
    r"POST /v1/subscriptions/\w+": SubscriptionUpdateParams,
    r"DELETE /v1/subscriptions/\w+": SubscriptionCancelParams,
    r"POST /v1/subscription_schedules": SubscriptionScheduleCreateParams,
    r"POST /v1/subscription_schedules/(\w+|\{schedule\})": SubscriptionScheduleUpdateParams,
    r"POST /v1/subscription_schedules/\w+/release": SubscriptionScheduleReleaseParams,
    r"POST /v1/customers/\w+/balance_transactions": CustomerBalanceTransactionCreateParams,
    r"POST /v1/invoices/create_preview": InvoiceCreatePreviewParams,
    r"POST /v1/invoices/\w+/void": InvoiceVoidInvoiceParams,
    r"POST /v1/billing_portal/configurations": ConfigurationCreateParams,
    r"POST /v1/billing_portal/sessions": PortalSessionCreateParams,
    r"POST /v1/checkout/sessions": CheckoutSessionCreateParams,
    r"POST /v1/entitlements/features": FeatureCreateParams,
    r"POST /v1/webhook_endpoints": WebhookEndpointCreateParams,
    r"POST /v1/products/\w+/features": ProductFeatureCreateParams,
}
"""By endpoint, the definition of what it takes."""

# How a request is sent (its key, its version) is no part of what it says.
_OPTIONS = frozenset(RequestOptions.__annotations__)


def faults_of_call(call: Mapping[str, Any]) -> list[str]:
    """What is wrong with a call: one that Stripe has not, or parameters that it does not take."""
    if set(call) != {"endpoint", "params"}:
        return [f"not a call: {sorted(call)}"]
    kinds = [kind for path, kind in PARAMS.items() if re.fullmatch(path, call["endpoint"])]
    if len(kinds) != 1:
        return [f"no endpoint: {call['endpoint']}"]
    return list(faults(call["params"], kinds[0], "params"))


def faults(value: object, kind: Any, path: str) -> Iterator[str]:
    """Where `value` is not of `kind`, by the path that leads there."""
    if is_typeddict(kind):
        yield from _faults_of_object(value, kind, path)
    elif get_origin(kind) in {NotRequired, Required}:
        yield from faults(value, get_args(kind)[0], path)
    elif get_origin(kind) in {Union, UnionType}:
        yield from _faults_of_union(value, get_args(kind), path)
    elif get_origin(kind) is list:
        if isinstance(value, list):
            for place, row in enumerate(value):
                yield from faults(row, get_args(kind)[0], f"{path}[{place}]")
        else:
            yield f"{path}: no list"
    elif not _is_plain(value, kind):
        yield f"{path}: {value!r} is no {kind}"


def _faults_of_object(value: object, kind: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: no object"
        return
    hints = _hints(kind)
    for name in sorted(kind.__required_keys__ - value.keys()):
        yield f"{path}.{name}: missing"
    for name, held in value.items():
        if name not in hints or name in _OPTIONS:
            yield f"{path}.{name}: unknown"
        else:
            yield from faults(held, hints[name], f"{path}.{name}")


@cache
def _hints(kind: Any) -> dict[str, Any]:
    # Names that the definitions import for type checkers only.
    names = {"StripeContext": StripeContext, "Mapping": Mapping}
    return get_type_hints(kind, localns=names, include_extras=True)


def _faults_of_union(value: object, kinds: tuple[Any, ...], path: str) -> Iterator[str]:
    listed = [args for kind in kinds if get_origin(kind) is Literal if (args := get_args(kind))]
    if any(args != ("",) for args in listed):  # values are listed: no others, though str is there
        kinds = tuple(kind for kind in kinds if kind is not str)
    found = [list(faults(value, kind, path)) for kind in kinds]
    if all(found):
        yield from min(found, key=lambda one: (_shallowest(one), len(one)))


def _shallowest(found: list[str]) -> int:
    """Less is nearer: a fault deep inside means that the outside fitted."""
    return -max(fault.split(":")[0].count(".") + fault.split(":")[0].count("[") for fault in found)


def _is_plain(value: object, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return any(type(value) is type(one) and value == one for one in get_args(kind))
    if get_origin(kind) is dict:
        return isinstance(value, dict) and all(
            _is_plain(part, of)
            for pair in value.items()
            for part, of in zip(pair, get_args(kind), strict=True)
        )
    if kind in {str, int, bool, float}:
        return type(value) is kind or (kind is float and type(value) is int)
    origin = get_origin(kind)
    if kind is Decimal or (isinstance(origin, type) and issubclass(origin, StripeObject)):
        return False  # nothing that JSON knows
    raise NotImplementedError(kind)
