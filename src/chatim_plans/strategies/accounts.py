"""Strategies for where an account is, what it owes and what it may do.

Subscriptions and accounts are what histories come to, so each can really be reached. Their parts
are also drawn by themselves, as wide as their classes allow.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from chatim_plans import (
    Account,
    AccountRestrictedNotice,
    Catalog,
    ChangeScheduledNotice,
    Cycle,
    Decision,
    Difference,
    DowngradeReport,
    Entitlements,
    Feature,
    FeatureMatrix,
    Invoice,
    LimitChange,
    Line,
    LineKind,
    Money,
    Notice,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentRequiredNotice,
    Period,
    Phase,
    Plan,
    Quota,
    Rounding,
    ScheduledChange,
    SeatsOverLimitNotice,
    Standing,
    StartTrial,
    Subscription,
    TrialEligibility,
    TrialEndedNotice,
    TrialRefusal,
    TrialRunningNotice,
    downgrade_report,
    entitlements,
    open_account,
    prorate,
)
from chatim_plans.strategies.catalogs import catalogs, plans
from chatim_plans.strategies.histories import statements
from chatim_plans.strategies.values import cycles, instants, limits, seats


# --- comparing plans ---
def feature_matrices() -> SearchStrategy[FeatureMatrix]:
    """The matrices of `catalogs()`."""
    return catalogs().map(lambda catalog: catalog.matrix)


def differences() -> SearchStrategy[Difference]:
    """Between any two of `plans()`, in either direction."""

    def difference(pair: list[Plan]) -> Difference:
        return FeatureMatrix(pair).difference(*(plan.key for plan in pair))

    return _pairs_of_plans().map(difference)


def changes_of_limit() -> SearchStrategy[LimitChange]:
    """From one of `limits()` to another."""
    moves = st.tuples(st.sampled_from(Quota), limits(1), limits(1))
    return moves.filter(lambda move: move[1] != move[2]).map(lambda move: LimitChange(*move))


def _pairs_of_plans() -> SearchStrategy[list[Plan]]:
    return st.lists(plans(), min_size=2, max_size=2, unique_by=lambda plan: plan.key)


# --- where an account is ---
def accounts(catalog: Catalog | None = None) -> SearchStrategy[Account]:
    """Accounts that a history with `catalog`, or with any of `catalogs()`, leads to.

    In every phase and standing, with plans by the month and by the year, waiting changes and
    editions, lines that wait and credit balances.
    """
    return statements(catalog).map(lambda statement: statement.account)


def subscriptions(catalog: Catalog | None = None) -> SearchStrategy[Subscription]:
    """The facts of `accounts(catalog)`."""
    return accounts(catalog).map(lambda account: account.subscription)


def phases() -> SearchStrategy[Phase]:
    """Each of the three phases."""
    return st.one_of(free_phases(), trial_phases(), paid_phases())


def free_phases() -> SearchStrategy[OnFree]:
    """On Free, with or without the mark "trial ended"."""
    return st.builds(OnFree, st.booleans())


def trial_phases() -> SearchStrategy[OnTrial]:
    """In a trial that ends at any of `instants()`."""
    return st.builds(OnTrial, instants())


def paid_phases() -> SearchStrategy[OnPaid]:
    """In any standing, in one of the first 40 periods of any of `cycles()`."""

    def paid(cycle: Cycle, n: int, standing: Standing) -> OnPaid:
        return OnPaid(cycle, cycle.period_holding(cycle.boundary(n)), standing)

    return st.builds(paid, cycles(), st.integers(0, 40), st.sampled_from(Standing))


def scheduled_changes() -> SearchStrategy[ScheduledChange]:
    """Any of `plans()`, at any of `instants()`."""
    return st.builds(ScheduledChange, plans(), instants())


def trial_eligibilities() -> SearchStrategy[TrialEligibility]:
    """Eligible, or not for each of the reasons."""
    reasons = st.none() | st.sampled_from(TrialRefusal)
    return reasons.map(lambda reason: TrialEligibility(eligible=reason is None, reason=reason))


# --- what it owes ---
def lines() -> SearchStrategy[Line]:
    """Lines of every kind and rounding, for whole periods, halves, quarters, or any part of one.

    With the prices and the halves come ties of half a minor unit.
    """

    def line(  # noqa: PLR0913, PLR0917 — as many facts as a line has
        kind: LineKind, plan: Plan, count: int, whole: Period, share: int, rounding: Rounding
    ) -> Line:
        gone = 0 if kind is LineKind.subscription else whole.seconds * share // 1000
        part = Period(whole.start + timedelta(seconds=gone), whole.end)
        price = plan.charge(count) * (-1 if kind is LineKind.unused_time else 1)
        amount = prorate(price, part=part, whole=whole, rounding=rounding)
        return Line(kind, plan, count, part, whole, amount)

    shares = st.sampled_from([500, 250, 750]) | st.integers(0, 999)
    wholes = paid_phases().map(lambda phase: phase.period)
    kinds, roundings = st.sampled_from(LineKind), st.sampled_from(Rounding)
    return st.builds(line, kinds, plans(), seats(), wholes, shares, roundings)


def invoices() -> SearchStrategy[Invoice]:
    """Invoices of one to four lines, met by a credit balance or not, collected or carried over."""

    def invoice(
        drawn: list[Line],
        credit: int,
        at: datetime,
        days: int,
        collects: bool,  # noqa: FBT001 — drawn
    ) -> Invoice:
        currency = drawn[0].amount.currency
        alike = tuple(line for line in drawn if line.amount.currency == currency)
        owed = sum((line.amount for line in alike), Money(-credit, currency))
        due = max(owed, Money(0, currency)) if collects else Money(0, currency)
        return Invoice(at, alike, Money(credit, currency), due, at + timedelta(days=days))

    balances = st.just(0) | st.integers(-101, 101) | st.integers(-(10**6), 10**6)
    days = st.just(14) | st.integers(0, 30)
    some = st.lists(lines(), min_size=1, max_size=4)
    return st.builds(invoice, some, balances, instants(), days, st.booleans())


# --- what it may do ---
def entitlements_of_accounts() -> SearchStrategy[Entitlements]:
    """What `subscriptions()` may do, from their own instant up to 400 days on."""

    def asked(facts: Subscription, days: int) -> Entitlements:
        return entitlements(facts, facts.as_of + timedelta(days=days))

    return st.builds(asked, subscriptions(), st.just(0) | st.integers(0, 400))


def decisions() -> SearchStrategy[Decision]:
    """Decisions of `entitlements_of_accounts()` on any feature, and on any quota with up to 6."""

    def decided(may: Entitlements, asked: Feature | tuple[Quota, int]) -> Decision:
        return may.decide(asked) if isinstance(asked, Feature) else may.decide_usage(*asked)

    usage = st.tuples(st.sampled_from(Quota), st.integers(0, 6))
    return st.builds(decided, entitlements_of_accounts(), st.sampled_from(Feature) | usage)


def downgrade_reports() -> SearchStrategy[DowngradeReport]:
    """From the trial's plan of any of `catalogs()` to any plan below it."""

    def report(opening: StartTrial, catalog: Catalog, rank: int) -> DowngradeReport:
        facts = open_account(opening, catalog).account.subscription
        below = catalog.plans[: catalog.rank(facts.plan)]
        return downgrade_report(facts, below[rank % len(below)], facts.as_of)

    opening = st.builds(StartTrial, seats(), at=instants())
    return st.builds(report, opening, catalogs(), st.integers(0, 4))


def notices_of_accounts(*kinds: type[Notice]) -> SearchStrategy[Notice]:
    """Notices of `kinds`, or of all six: any of `plans()`, any seats over a limit of up to 4."""

    def seats_over(limit: int, over: int) -> SeatsOverLimitNotice:
        return SeatsOverLimitNotice(limit + over, limit, over)

    paid = plans().filter(lambda plan: not plan.is_free)
    drawn: dict[type[Notice], SearchStrategy[Notice]] = {
        PaymentRequiredNotice: st.builds(PaymentRequiredNotice),
        TrialEndedNotice: st.builds(TrialEndedNotice),
        TrialRunningNotice: st.builds(TrialRunningNotice, paid, st.integers(1, 60), instants()),
        ChangeScheduledNotice: st.builds(ChangeScheduledNotice, plans(), instants()),
        AccountRestrictedNotice: st.builds(AccountRestrictedNotice, paid),
        SeatsOverLimitNotice: st.builds(seats_over, st.integers(1, 4), seats()),
    }
    return st.one_of([of for kind, of in drawn.items() if kind in kinds or not kinds])
