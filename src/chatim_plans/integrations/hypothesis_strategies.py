"""Hypothesis strategies for every public value, and for histories. Extra: `hypothesis`.

Where the package is installed, `st.from_type(Subscription)` works by itself, and so does every
other public value; these functions are for those who want to say more. Each docstring says how
wide its strategy is and which seams it aims at; all shrink towards something simple.

>>> from hypothesis import given
>>> from chatim_plans import replay
>>> @given(histories())
... def test_nothing_negative_is_collected(history):
...     assert all(invoice.amount_due.amount >= 0 for invoice in replay(history).invoices)
>>> test_nothing_negative_is_collected()
"""

from __future__ import annotations

try:
    from hypothesis.strategies import SearchStrategy
except ModuleNotFoundError as missing:
    raise ImportError("needs hypothesis: pip install 'chatim-plans[hypothesis]'") from missing

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from chatim_plans import (
    Account,
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
    Invoice,
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
    ScheduledChange,
    SeatsOverLimitNotice,
    Statement,
    Subscription,
    Terms,
    TrialEligibility,
    TrialEndedNotice,
    TrialRunningNotice,
)
from chatim_plans.integrations.hypothesis_accounts import (
    accounts,
    changes_of_limit,
    decisions,
    differences,
    downgrade_reports,
    entitlements_of_accounts,
    feature_matrices,
    free_phases,
    invoices,
    lines,
    notices_of_accounts,
    paid_phases,
    phases,
    scheduled_changes,
    subscriptions,
    trial_eligibilities,
    trial_phases,
)
from chatim_plans.integrations.hypothesis_actions import FIELDS, actions
from chatim_plans.integrations.hypothesis_catalogs import catalogs, editions_after, plans, terms
from chatim_plans.integrations.hypothesis_histories import histories, statements
from chatim_plans.integrations.hypothesis_values import (
    amounts_of_money,
    currencies,
    cycles,
    instants,
    limits,
    limits_by_quota,
    periods,
    prices,
    seats,
    sets_of_features,
)

__all__ = [
    "STRATEGIES",
    "accounts",
    "actions",
    "amounts_of_money",
    "catalogs",
    "changes_of_limit",
    "currencies",
    "cycles",
    "decisions",
    "differences",
    "downgrade_reports",
    "editions_after",
    "entitlements_of_accounts",
    "feature_matrices",
    "free_phases",
    "histories",
    "instants",
    "invoices",
    "limits",
    "limits_by_quota",
    "lines",
    "notices_of_accounts",
    "paid_phases",
    "periods",
    "phases",
    "plans",
    "prices",
    "scheduled_changes",
    "seats",
    "sets_of_features",
    "statements",
    "subscriptions",
    "terms",
    "trial_eligibilities",
    "trial_phases",
]

_NOTICES = (
    AccountRestrictedNotice,
    PaymentRequiredNotice,
    TrialEndedNotice,
    SeatsOverLimitNotice,
    ChangeScheduledNotice,
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
    Account: accounts,
    Statement: statements,
    Entitlements: entitlements_of_accounts,
    Decision: decisions,
    DowngradeReport: downgrade_reports,
    **{kind: partial(notices_of_accounts, kind) for kind in _NOTICES},
})
"""What `st.from_type` draws each public value from."""
