"""What `st.from_type` draws each public value from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from hypothesis.strategies import SearchStrategy

from chatim_plans import (
    Account,
    AccountEvent,
    AccountRestrictedNotice,
    Action,
    Catalog,
    ChangeScheduledNotice,
    Currency,
    Cycle,
    Decision,
    Difference,
    DowngradeReport,
    Entitlements,
    FeatureMatrix,
    Held,
    Invoice,
    IssuedInvoice,
    LimitChange,
    Limits,
    Line,
    Money,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentRequiredNotice,
    Period,
    Plan,
    PriceChangeNotice,
    ScheduledChange,
    SeatsOverLimitNotice,
    Statement,
    Subscription,
    Terms,
    TrialEligibility,
    TrialEndedNotice,
    TrialRunningNotice,
)
from chatim_plans.strategies.accounts import (
    accounts,
    changes_of_limit,
    decisions,
    differences,
    downgrade_reports,
    entitlements_of_accounts,
    events_of_accounts,
    feature_matrices,
    free_phases,
    holdings,
    invoices,
    issued_invoices,
    lines,
    notices_of_accounts,
    paid_phases,
    scheduled_changes,
    subscriptions,
    trial_eligibilities,
    trial_phases,
)
from chatim_plans.strategies.catalogs import catalogs, plans, terms
from chatim_plans.strategies.histories import FIELDS, actions, statements
from chatim_plans.strategies.values import (
    amounts_of_money,
    currencies,
    cycles,
    limits_by_quota,
    periods,
)

_NOTICES = (
    AccountRestrictedNotice,
    PaymentRequiredNotice,
    TrialEndedNotice,
    SeatsOverLimitNotice,
    ChangeScheduledNotice,
    PriceChangeNotice,
    TrialRunningNotice,
)

STRATEGIES: Mapping[type[Any], Callable[[], SearchStrategy[Any]]] = MappingProxyType({
    Currency: currencies,
    Money: amounts_of_money,
    Period: periods,
    Cycle: cycles,
    Limits: limits_by_quota,
    Plan: plans,
    FeatureMatrix: feature_matrices,
    Difference: differences,
    LimitChange: changes_of_limit,
    Terms: terms,
    Catalog: catalogs,
    Action: actions,
    **{kind: partial(actions, kind) for kind in FIELDS},
    Subscription: subscriptions,
    OnFree: free_phases,
    OnTrial: trial_phases,
    OnPaid: paid_phases,
    ScheduledChange: scheduled_changes,
    TrialEligibility: trial_eligibilities,
    Line: lines,
    Invoice: invoices,
    IssuedInvoice: issued_invoices,
    Account: accounts,
    Held: holdings,
    AccountEvent: events_of_accounts,
    Statement: statements,
    Entitlements: entitlements_of_accounts,
    Decision: decisions,
    DowngradeReport: downgrade_reports,
    **{kind: partial(notices_of_accounts, kind) for kind in _NOTICES},
})
"""What `st.from_type` draws each public value from: by class, the function that makes its strategy.

>>> from hypothesis import find
>>> from chatim_plans import OnFree
>>> from chatim_plans.strategies import STRATEGIES
>>> find(STRATEGIES[OnFree](), lambda phase: phase.trial_ended)
OnFree(trial_ended=True)
"""
