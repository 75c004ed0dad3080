"""Owns what an account owes: lines, proration, invoices, the credit balance, the fold of actions.

Does not own what an account may do: billing and access never meet. It decides nothing about plans
either: it prices what the lifecycle says has happened.
"""

from chatim_plans.billing.accounts import Account, AccountEvent, Held, IssuedInvoice, Statement
from chatim_plans.billing.charges import monthly_charge, prorate
from chatim_plans.billing.gains import unlikely_rounding_gains
from chatim_plans.billing.histories import (
    advance,
    apply,
    open_account,
    preview,
    replay,
    statements,
    upcoming_invoice,
)
from chatim_plans.billing.invoices import Invoice, InvoiceCause, Line, LineKind

__all__ = [
    "monthly_charge",
    "prorate",
    "Line",
    "LineKind",
    "Invoice",
    "InvoiceCause",
    "IssuedInvoice",
    "Account",
    "Held",
    "AccountEvent",
    "Statement",
    "open_account",
    "apply",
    "advance",
    "preview",
    "replay",
    "statements",
    "upcoming_invoice",
    "unlikely_rounding_gains",
]
