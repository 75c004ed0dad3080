"""Hypothesis strategies for every public value, and for histories. Extra: `hypothesis`.

Owns how values are drawn. Does not own what is right about them: that is for the tests.

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

try:
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
        phases,
        scheduled_changes,
        subscriptions,
        trial_eligibilities,
        trial_phases,
    )
    from chatim_plans.strategies.by_type import STRATEGIES
    from chatim_plans.strategies.catalogs import catalogs, editions_after, plans, terms
    from chatim_plans.strategies.histories import actions, histories, statements
    from chatim_plans.strategies.values import (
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
except ModuleNotFoundError as _missing:
    if (_missing.name or "").startswith("chatim_plans"):
        raise
    raise ImportError(
        "needs hypothesis: pip install 'chatim-plans[hypothesis]'", name=_missing.name
    ) from _missing

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
    "events_of_accounts",
    "feature_matrices",
    "free_phases",
    "histories",
    "holdings",
    "instants",
    "invoices",
    "issued_invoices",
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
