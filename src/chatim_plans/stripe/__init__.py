"""Stripe's objects, events, calls and invoices in this library's words, and back. No extra.

Owns translation between Stripe and the core. Does not own rules: none is decided a second time,
and nothing is sent or fetched.
"""

from chatim_plans.stripe.accounts import account_from_stripe
from chatim_plans.stripe.books import (
    BookDifference,
    ReconciledInvoice,
    reconcile_account,
    reconcile_accounts,
)
from chatim_plans.stripe.calls import calls, preview_call, release_call
from chatim_plans.stripe.checkout import checkout_calls
from chatim_plans.stripe.customers import subscription_of_customer
from chatim_plans.stripe.differences import (
    AmountDifference,
    Cause,
    CurrencyDifference,
    Figure,
    InvoiceDifference,
    LineDifference,
    LoneInvoice,
    UnreadInvoice,
)
from chatim_plans.stripe.fields import InvalidStripeError
from chatim_plans.stripe.following import actions_from_events
from chatim_plans.stripe.histories import Departure, StripeHistory, history_from_events
from chatim_plans.stripe.ids import StripeIds, ids_from_stripe
from chatim_plans.stripe.invoices import StripeLine
from chatim_plans.stripe.not_predicted import NotPredictedError
from chatim_plans.stripe.portal import (
    entitlement_features,
    portal_configuration,
    portal_session,
    product_features,
)
from chatim_plans.stripe.prices import Prices
from chatim_plans.stripe.reconciliation import reconcile
from chatim_plans.stripe.requests import SCHEDULE, Call, Params
from chatim_plans.stripe.subscriptions import subscription_from_stripe
from chatim_plans.stripe.versions import API_VERSION, PARAMETERS_SINCE
from chatim_plans.stripe.webhooks import EVENT_TYPES, customer_of

__all__ = [
    "API_VERSION",
    "AmountDifference",
    "BookDifference",
    "Call",
    "Cause",
    "CurrencyDifference",
    "Departure",
    "EVENT_TYPES",
    "Figure",
    "InvalidStripeError",
    "InvoiceDifference",
    "LineDifference",
    "LoneInvoice",
    "NotPredictedError",
    "PARAMETERS_SINCE",
    "Params",
    "Prices",
    "ReconciledInvoice",
    "SCHEDULE",
    "StripeHistory",
    "StripeIds",
    "StripeLine",
    "UnreadInvoice",
    "account_from_stripe",
    "actions_from_events",
    "calls",
    "checkout_calls",
    "customer_of",
    "entitlement_features",
    "history_from_events",
    "ids_from_stripe",
    "portal_configuration",
    "portal_session",
    "preview_call",
    "product_features",
    "reconcile",
    "reconcile_account",
    "reconcile_accounts",
    "release_call",
    "subscription_from_stripe",
    "subscription_of_customer",
]
