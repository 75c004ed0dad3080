"""Strategies for what is on offer: plans, terms, catalogues, and the editions that follow one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import accumulate
from typing import TypeAlias

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from chatim_plans import (
    CHATIM,
    UNLIMITED,
    USD,
    BillingMode,
    Catalog,
    Currency,
    Feature,
    Limits,
    Money,
    Plan,
    Quota,
    Rounding,
    Terms,
)
from chatim_plans.strategies.values import currencies, limits_by_quota, prices, sets_of_features

Revision: TypeAlias = Callable[[Catalog], Catalog]

_KEYS = ("pro", "ultimate", "starter", "team", "pro_yearly", "ultimate_yearly")


def plans() -> SearchStrategy[Plan]:
    """Free plans and paid ones by the month or the year, of any currency, features and limits.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import plans
    >>> @given(plans())
    ... def test_each_seat_has_its_price(plan):
    ...     assert plan.charge(3) == plan.price * 3
    >>> test_each_seat_has_its_price()
    """

    def plan(paid: Plan, currency: Currency, free: bool) -> Plan:  # noqa: FBT001 — drawn
        price = Money(0 if free else paid.price.amount, currency)
        return evolve(paid, price=price, interval_months=None if free else paid.interval_months)

    return st.builds(plan, paid_plans(), currencies(), st.booleans())


@cache
def paid_plans() -> SearchStrategy[Plan]:
    """Paid plans in dollars, by the month or the year, of any features and limits."""
    return st.builds(
        Plan,
        st.sampled_from(_KEYS),
        st.builds(Money, prices(), st.just(USD)),
        st.sampled_from([1, 1, 12]),
        sets_of_features(),
        limits_by_quota(),
    )


@cache
def terms() -> SearchStrategy[Terms]:
    """Trials of 1 to 60 days, refunds for up to 30, smallest charges of nothing to 5 dollars, any
    rounding and billing mode, seat lines at once or not, no grace or one of up to 40 days.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import terms
    >>> find(terms(), lambda terms: terms.grace_days).grace_days
    7
    """
    return st.builds(
        Terms,
        trial_plan=st.sampled_from(_KEYS),
        trial_days=st.just(30) | st.integers(1, 60),
        refund_days=st.just(14) | st.integers(0, 30),
        smallest_charge=st.builds(Money, st.sampled_from([50, 0, 500]), st.just(USD)),
        rounding=st.sampled_from(Rounding),
        seat_lines_at_once=st.booleans(),
        accepted_cards=st.lists(st.sampled_from(["visa", "amex"]), unique=True),
        billing_mode=st.sampled_from(BillingMode),
        grace_days=st.sampled_from([None, None, 7]) | st.integers(1, 40),
        support=st.sampled_from([None, "support@example.com"]),
    )


def catalogs(rounding: Rounding | None = None) -> SearchStrategy[Catalog]:
    """The published catalogue, editions that follow it, and any of one to four paid plans, in
    dollars or another currency; any may have retired plans, but the published one. All with one
    `rounding`, if it is given.

    >>> from hypothesis import given
    >>> from chatim_plans import StartFree, open_account, utc
    >>> from chatim_plans.strategies import catalogs
    >>> @given(catalogs())
    ... def test_everybody_starts_on_free(catalog):
    ...     opened = open_account(StartFree(at=utc("2026-10-15 09:00")), catalog)
    ...     assert opened.account.subscription.plan == catalog.free_plan
    >>> test_everybody_starts_on_free()
    """

    def rounded(catalog: Catalog) -> Catalog:
        agreed = evolve(catalog.terms, rounding=rounding or catalog.terms.rounding)
        return evolve(catalog, terms=agreed)

    made = st.builds(
        _made,
        limits_by_quota(),
        st.lists(paid_plans(), min_size=1, max_size=4, unique_by=lambda plan: plan.key),
        terms(),
        st.integers(0, 3),
        st.just(USD) | currencies(),
        _retirements(),
    )
    return st.one_of(st.just(CHATIM), editions_after(CHATIM), made).map(rounded)


def _made(  # noqa: PLR0913, PLR0917 — as many facts as a catalogue has
    free: Limits,
    paid: list[Plan],
    agreed: Terms,
    trial: int,
    currency: Currency,
    retired: frozenset[str],
) -> Catalog:
    """A catalogue of these plans, each of which also grants what the ones below it grant."""
    features = accumulate((plan.features for plan in (paid[0], *paid)), _both)
    by_quota = [
        sorted(
            (each[quota] for each in (free, *(plan.limits for plan in paid))),
            key=lambda limit: (limit is UNLIMITED, limit),
        )
        for quota in Quota
    ]
    lowest = evolve(paid[0], key="free", price=Money(0, USD), interval_months=None)
    offered = [
        evolve(
            _at_price(plan, plan.price.amount, currency),
            features=granted,
            limits=dict(zip(Quota, most, strict=True)),
        )
        for plan, granted, *most in zip([lowest, *paid], features, *by_quota, strict=True)
    ]
    chosen = paid[trial % len(paid)].key
    gone = _retired(offered, chosen, retired)
    return Catalog("made", offered, _terms_of(agreed, chosen, currency, agreed.rounding), gone)


def _retirements() -> SearchStrategy[frozenset[str]]:
    """The keys to retire, where a catalogue has them and may: mostly none."""
    return st.frozensets(st.sampled_from(_KEYS), max_size=2)


def _retired(plans: list[Plan], trial_plan: str, retired: frozenset[str]) -> frozenset[str]:
    """Of `retired`, the paid plans of a catalogue but its trial's (rule C9)."""
    return retired.intersection(plan.key for plan in plans) - {trial_plan}


def _both(features: frozenset[Feature], more: frozenset[Feature]) -> frozenset[Feature]:
    return features | more


def editions_after(catalog: Catalog) -> SearchStrategy[Catalog]:
    """Editions to which an account of `catalog` can move (rule C5).

    Other prices and terms, more features from some rank on, perhaps one more plan or some that are
    retired; the currency, the rounding and the trial's plan stay.

    >>> from hypothesis import given
    >>> from chatim_plans import CHATIM
    >>> from chatim_plans.strategies import editions_after
    >>> @given(editions_after(CHATIM))
    ... def test_no_plan_goes(edition):
    ...     assert {plan.key for plan in CHATIM.plans} <= {plan.key for plan in edition.plans}
    >>> test_no_plan_goes()
    """
    return revisions().map(lambda revised: revised(catalog))


@cache
def revisions() -> SearchStrategy[Revision]:
    """What makes another edition of any catalogue; see `editions_after`."""
    return st.builds(
        _revision,
        st.lists(st.none() | prices(), min_size=5, max_size=5),
        st.none() | paid_plans(),
        sets_of_features(),
        st.integers(1, 5),
        terms(),
        _retirements(),
    )


def _revision(  # noqa: PLR0913, PLR0917 — as many as may be revised
    asked: list[int | None],
    added: Plan | None,
    more: frozenset[Feature],
    rank: int,
    agreed: Terms,
    retired: frozenset[str],
) -> Revision:
    def revised(catalog: Catalog) -> Catalog:
        free, *paid = catalog.plans
        offered = [
            plan if amount is None else _at_price(plan, amount, free.price.currency)
            for plan, amount in zip(paid, asked + [None] * len(paid), strict=False)
        ]
        if added is not None and added.key not in {plan.key for plan in paid}:
            below = [free, *offered][:rank][-1]
            new = evolve(added, features=below.features, limits=below.limits)
            offered.insert(rank - 1, _at_price(new, added.price.amount, free.price.currency))
        offered[rank:] = [evolve(plan, features=plan.features | more) for plan in offered[rank:]]
        kept = catalog.terms
        new_terms = _terms_of(agreed, kept.trial_plan, free.price.currency, kept.rounding)
        gone = _retired(offered, kept.trial_plan, retired)
        return Catalog(f"{catalog.edition}+", [free, *offered], new_terms, gone)

    return revised


def _at_price(plan: Plan, amount: int, currency: Currency) -> Plan:
    return evolve(plan, price=Money(amount, currency))


def _terms_of(agreed: Terms, trial_plan: str, currency: Currency, rounding: Rounding) -> Terms:
    smallest = Money(agreed.smallest_charge.amount, currency)
    return evolve(agreed, trial_plan=trial_plan, smallest_charge=smallest, rounding=rounding)
