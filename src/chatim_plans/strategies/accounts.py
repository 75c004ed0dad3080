"""Strategies for where an account is, what it owes and what it may do.

Subscriptions and accounts are what histories come to, so each can really be reached. Their parts
are also drawn by themselves, as wide as their classes allow.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from chatim_plans import (
    UNLIMITED,
    Account,
    AccountEvent,
    AccountRestrictedNotice,
    BillingMode,
    Catalog,
    ChangeScheduledNotice,
    Currency,
    Cycle,
    Decision,
    Difference,
    DowngradeReport,
    Entitlements,
    Feature,
    FeatureMatrix,
    Held,
    Invoice,
    InvoiceCause,
    IssuedInvoice,
    Limit,
    LimitChange,
    Line,
    LineKind,
    Money,
    Notice,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentRequiredBecause,
    PaymentRequiredNotice,
    Period,
    Phase,
    Plan,
    PriceChangeNotice,
    Quota,
    Rounding,
    ScheduledChange,
    SeatsOverLimitNotice,
    Standing,
    StartTrial,
    Statement,
    Status,
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
from chatim_plans.strategies.catalogs import catalogs, paid_plans, plans
from chatim_plans.strategies.histories import statements
from chatim_plans.strategies.values import currencies, cycles, instants, limits, prices, seats


# --- comparing plans ---
def feature_matrices() -> SearchStrategy[FeatureMatrix]:
    """The matrices of `catalogs()`.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import feature_matrices
    >>> @given(feature_matrices())
    ... def test_to_stay_loses_nothing(matrix):
    ...     free, *_ = matrix.plans
    ...     assert matrix.difference(free, free).features_lost == ()
    >>> test_to_stay_loses_nothing()
    """
    return catalogs().map(lambda catalog: catalog.matrix)


def differences() -> SearchStrategy[Difference]:
    """Between any two of `plans()`, in either direction.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import differences
    >>> @given(differences())
    ... def test_nothing_is_both(change):
    ...     assert not set(change.features_gained) & set(change.features_lost)
    >>> test_nothing_is_both()
    """

    def difference(pair: list[Plan]) -> Difference:
        return FeatureMatrix(pair).difference(*(plan.key for plan in pair))

    return _pairs_of_plans().map(difference)


def changes_of_limit() -> SearchStrategy[LimitChange]:
    """From one of `limits()` to another.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import changes_of_limit
    >>> str(find(changes_of_limit(), lambda change: change.is_raise))
    'seats 1 -> unlimited'
    """

    def change(quota: Quota, before: Limit, after: Limit) -> LimitChange:
        another = 1 if before is UNLIMITED else UNLIMITED
        return LimitChange(quota, before, another if after == before else after)

    return st.builds(change, st.sampled_from(Quota), limits(1), limits(1))


def _pairs_of_plans() -> SearchStrategy[list[Plan]]:
    return st.lists(plans(), min_size=2, max_size=2, unique_by=lambda plan: plan.key)


# --- where an account is ---
def accounts(catalog: Catalog | None = None) -> SearchStrategy[Account]:
    """Accounts that a history with `catalog`, or with any of `catalogs()`, leads to.

    In every phase, standing and billing mode, with plans by the month and by the year, waiting
    changes and editions, lines that wait, standing debits, credit balances, and invoices that were
    given back in part or whole; some owe, and in some a grace runs.

    >>> from hypothesis import given
    >>> from chatim_plans import advance
    >>> from chatim_plans.strategies import accounts
    >>> @given(accounts())
    ... def test_to_stand_still_costs_nothing(account):
    ...     assert advance(account, account.subscription.as_of).invoices == ()
    >>> test_to_stand_still_costs_nothing()
    """
    return statements(catalog).map(lambda statement: statement.account)


def subscriptions(catalog: Catalog | None = None) -> SearchStrategy[Subscription]:
    """The facts of `accounts(catalog)`.

    >>> from hypothesis import given
    >>> from chatim_plans import entitlements
    >>> from chatim_plans.strategies import subscriptions
    >>> @given(subscriptions())
    ... def test_access_knows_the_status(facts):
    ...     assert entitlements(facts, facts.as_of).status is facts.present_status
    >>> test_access_knows_the_status()
    """
    return accounts(catalog).map(lambda account: account.subscription)


def phases() -> SearchStrategy[Phase]:
    """Each of the three phases.

    >>> from hypothesis import find
    >>> from chatim_plans import OnTrial
    >>> from chatim_plans.strategies import phases
    >>> find(phases(), lambda phase: isinstance(phase, OnTrial))
    OnTrial(trial_end=2000-01-01T00:00Z)
    """
    return st.one_of(free_phases(), trial_phases(), paid_phases())


def free_phases() -> SearchStrategy[OnFree]:
    """On Free, with or without the mark "trial ended", owing or not.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import free_phases
    >>> find(free_phases(), lambda phase: phase.owes)
    OnFree(owes=True)
    """
    return st.builds(OnFree, st.booleans(), st.booleans())


def trial_phases() -> SearchStrategy[OnTrial]:
    """In a trial that ends at any of `instants()`.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import trial_phases
    >>> find(trial_phases(), lambda phase: True)
    OnTrial(trial_end=2000-01-01T00:00Z)
    """
    return st.builds(OnTrial, instants())


def paid_phases() -> SearchStrategy[OnPaid]:
    """In any standing and billing mode, in one of the first 40 periods of any of `cycles()`.

    Since when it is not good is known or not; where it is, a grace of up to 40 days may run.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import paid_phases
    >>> @given(paid_phases())
    ... def test_the_period_is_one_of_the_cycle(phase):
    ...     assert phase.cycle.period_holding(phase.period.start) == phase.period
    >>> test_the_period_is_one_of_the_cycle()
    """

    def paid(
        cycle: Cycle, n: int, mode: BillingMode, standing: Standing, trouble: tuple[int, int] | None
    ) -> OnPaid:
        period = cycle.period_holding(cycle.boundary(n))
        if standing is Standing.good or trouble is None:
            return OnPaid(cycle, period, standing, mode)
        hours, days = trouble
        since = period.start + timedelta(hours=hours)
        runs = standing is Standing.past_due and days
        grace_end = since + timedelta(days=days) if runs else None
        return OnPaid(cycle, period, standing, mode, since, grace_end)

    return st.builds(
        paid,
        cycles(),
        st.integers(0, 40),
        st.sampled_from(BillingMode),
        st.sampled_from(Standing),
        st.none() | st.tuples(st.integers(0, 27 * 24), st.just(0) | st.integers(1, 40)),
    )


def scheduled_changes() -> SearchStrategy[ScheduledChange]:
    """Any of `plans()`, at any of `instants()`.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import scheduled_changes
    >>> @given(scheduled_changes())
    ... def test_it_says_the_plan(change):
    ...     assert str(change).startswith(str(change.plan))
    >>> test_it_says_the_plan()
    """
    return st.builds(ScheduledChange, plans(), instants())


def trial_eligibilities() -> SearchStrategy[TrialEligibility]:
    """Eligible, or not for each of the reasons.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import trial_eligibilities
    >>> find(trial_eligibilities(), lambda eligibility: not eligibility)
    TrialEligibility(eligible=False, reason=had_trial)
    """
    reasons = st.none() | st.sampled_from(TrialRefusal)
    return reasons.map(lambda reason: TrialEligibility(eligible=reason is None, reason=reason))


# --- what it owes ---
def lines() -> SearchStrategy[Line]:
    """Lines of every kind and rounding, for whole periods, halves, quarters, or any part of one.

    With the prices and the halves come ties of half a minor unit. Credits are a part of the price,
    as in classic billing, or of another debit, as in flexible billing.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import lines
    >>> @given(lines())
    ... def test_less_than_a_cent_is_rounded(line):
    ...     assert abs(line.rounding_difference) < 1
    >>> test_less_than_a_cent_is_rounded()
    """

    def line(  # noqa: PLR0913, PLR0917 — as many facts as a line has
        kind: LineKind,
        plan: Plan,
        count: int,
        whole: Period,
        share: int,
        rounding: Rounding,
        debited: int | None,
    ) -> Line:
        gone = 0 if kind is LineKind.subscription else whole.seconds * share // 1000
        part = Period(whole.start + timedelta(seconds=gone), whole.end)
        price = plan.charge(count)
        if kind is not LineKind.unused_time:
            amount = prorate(price, part=part, whole=whole, rounding=rounding)
            return Line(kind, plan, count, part, whole, amount)
        base = price if debited is None else Money(debited, price.currency)
        amount = prorate(-base, part=part, whole=whole, rounding=rounding)
        return Line(kind, plan, count, part, whole, amount, base)

    shares = st.sampled_from([500, 250, 750]) | st.integers(0, 999)
    wholes = paid_phases().map(lambda phase: phase.period)
    kinds, roundings = st.sampled_from(LineKind), st.sampled_from(Rounding)
    debits = st.none() | st.sampled_from([0, 1, 7929]) | st.integers(0, 10**7)
    return st.builds(line, kinds, plans(), seats(), wholes, shares, roundings, debits)


def invoices() -> SearchStrategy[Invoice]:
    """Invoices of one to four lines, met by a credit balance or not, collected or carried over.

    Of any cause that such lines can have, with a number up to 40; some have neither, as those of
    the wire form's version 1.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import invoices
    >>> @given(invoices())
    ... def test_what_is_not_due_is_met(invoice):
    ...     met = invoice.credit_before - invoice.credit_after
    ...     assert invoice.total == invoice.amount_due + met
    >>> test_what_is_not_due_is_met()
    """

    def invoice(  # noqa: PLR0913, PLR0917 — as many facts as an invoice has
        drawn: list[Line],
        credit: int,
        at: datetime,
        days: int,
        collects: bool,  # noqa: FBT001 — drawn
        number: int | None,
        nth: int,
    ) -> Invoice:
        currency = drawn[0].amount.currency
        alike = [line for line in drawn if line.amount.currency == currency]
        changes = [line for line in alike if line.kind is not LineKind.subscription]
        wholes = [line for line in alike if line.kind is LineKind.subscription]
        told = (*changes, *wholes[:1])
        owed = sum((line.amount for line in told), Money(-credit, currency))
        due = max(owed, Money(0, currency)) if collects else Money(0, currency)
        causes = _CAUSES[told[-1].kind]
        cause = None if number is None else causes[nth % len(causes)]
        balance, deadline = Money(credit, currency), at + timedelta(days=days)
        return Invoice(at, told, balance, due, deadline, number, cause)

    balances = st.just(0) | st.integers(-101, 101) | st.integers(-(10**6), 10**6)
    days = st.just(14) | st.integers(0, 30)
    some = st.lists(lines(), min_size=1, max_size=4)
    numbers, nths = st.integers(1, 40) | st.none(), st.integers(0, 11)
    return st.builds(invoice, some, balances, instants(), days, st.booleans(), numbers, nths)


_CAUSES = MappingProxyType({
    LineKind.subscription: (
        InvoiceCause.plan_started,
        InvoiceCause.trial_converted,
        InvoiceCause.period_renewed,
        InvoiceCause.interval_changed,
    ),
    LineKind.remaining_time: (
        InvoiceCause.upgraded,
        InvoiceCause.seats_changed,
        InvoiceCause.billing_stopped,
    ),
    LineKind.unused_time: (InvoiceCause.billing_stopped,),
})
"""By the kind of the last line: what an invoice can have been issued for."""


def issued_invoices() -> SearchStrategy[IssuedInvoice]:
    """With nothing due, a few cents or up to 10**7, of which nothing, a part or all is refunded.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import issued_invoices
    >>> find(issued_invoices(), lambda issued: issued.refunded)
    IssuedInvoice(amount_due=0.01 USD, refunded=0.01 USD)
    """

    def issued(due: int, quarters: int, currency: Currency) -> IssuedInvoice:
        return IssuedInvoice(Money(due, currency), Money(due * quarters // 4, currency))

    dues = st.sampled_from([0, 1, 50, 1900]) | st.integers(0, 10**7)
    return st.builds(issued, dues, st.sampled_from([0, 4, 1, 2]), currencies())


# --- what happened to it ---
def holdings() -> SearchStrategy[Held]:
    """Any of `plans()` and of `seats()`, in any status that the plan can have.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import holdings
    >>> @given(holdings())
    ... def test_what_is_paid_for_is_not_free(held):
    ...     assert held.plan.is_free or held.status != "free"
    >>> test_what_is_paid_for_is_not_free()
    """
    return st.builds(_held, plans(), seats(), st.sampled_from(Status))


def _held(plan: Plan, count: int, status: Status) -> Held:
    on_free = status in (Status.free, Status.trial_ended)
    if plan.is_free and not on_free:
        return Held(plan, count, Status.free)
    return Held(plan, count, Status.active if on_free and not plan.is_free else status)


def events_of_accounts() -> SearchStrategy[AccountEvent]:
    """Any of what happened in `statements()`.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import events_of_accounts
    >>> @given(events_of_accounts())
    ... def test_an_event_is_of_its_action(event):
    ...     assert event.action is None or event.action.at == event.at
    >>> test_an_event_is_of_its_action()
    """

    def event(statement: Statement, nth: int) -> AccountEvent:
        return statement.events[nth % len(statement.events)]

    return st.builds(event, statements(), st.integers(0, 60))


# --- what it may do ---
def entitlements_of_accounts() -> SearchStrategy[Entitlements]:
    """What `subscriptions()` may do, from their own instant up to 400 days on.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import entitlements_of_accounts
    >>> @given(entitlements_of_accounts())
    ... def test_they_hold_when_they_are_read(may):
    ...     assert may.is_valid_at(may.valid_from)
    >>> test_they_hold_when_they_are_read()
    """

    def asked(facts: Subscription, days: int) -> Entitlements:
        return entitlements(facts, facts.as_of + timedelta(days=days))

    return st.builds(asked, subscriptions(), st.just(0) | st.integers(0, 400))


def decisions() -> SearchStrategy[Decision]:
    """Decisions of `entitlements_of_accounts()` on any feature, and on any quota with up to 6.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import decisions
    >>> @given(decisions())
    ... def test_another_plan_is_the_remedy(decision):
    ...     assert decision.allowed or decision.cheapest_plan != decision.plan
    >>> test_another_plan_is_the_remedy()
    """

    def decided(may: Entitlements, asked: Feature | tuple[Quota, int]) -> Decision:
        return may.decide(asked) if isinstance(asked, Feature) else may.decide_usage(*asked)

    usage = st.tuples(st.sampled_from(Quota), st.integers(0, 6))
    return st.builds(decided, entitlements_of_accounts(), st.sampled_from(Feature) | usage)


def downgrade_reports() -> SearchStrategy[DowngradeReport]:
    """From the trial's plan of any of `catalogs()` to any plan on offer below it.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import downgrade_reports
    >>> @given(downgrade_reports())
    ... def test_nobody_is_paid_to_leave(report):
    ...     assert report.charge.amount >= 0
    >>> test_nobody_is_paid_to_leave()
    """

    def report(opening: StartTrial, catalog: Catalog, rank: int) -> DowngradeReport:
        facts = open_account(opening, catalog).account.subscription
        below = [plan for plan in catalog.plans_on_offer if catalog.is_upgrade(plan, facts.plan)]
        return downgrade_report(facts, below[rank % len(below)], facts.as_of)

    opening = st.builds(StartTrial, seats(), at=instants())
    return st.builds(report, opening, catalogs(), st.integers(0, 4))


def notices_of_accounts(*kinds: type[Notice]) -> SearchStrategy[Notice]:
    """Notices of `kinds`, or of all seven: any of `plans()`, any seats over a limit of up to 4.

    >>> from hypothesis import given
    >>> from chatim_plans import SeatsOverLimitNotice
    >>> from chatim_plans.strategies import notices_of_accounts
    >>> @given(notices_of_accounts(SeatsOverLimitNotice))
    ... def test_the_figures_agree(notice):
    ...     assert notice.over == notice.seats - notice.limit
    >>> test_the_figures_agree()
    """

    def seats_over(limit: int, over: int) -> SeatsOverLimitNotice:
        return SeatsOverLimitNotice(limit + over, limit, over)

    def repriced(plan: Plan, drawn: int, at: datetime) -> PriceChangeNotice:
        amount = plan.price.amount
        before = drawn if drawn != amount else amount + 1
        return PriceChangeNotice(plan, Money(before, plan.price.currency), plan.price, at)

    reasons = st.none() | st.sampled_from(PaymentRequiredBecause)
    paid = paid_plans()
    drawn: dict[type[Notice], SearchStrategy[Notice]] = {
        PaymentRequiredNotice: st.builds(PaymentRequiredNotice, reasons),
        PriceChangeNotice: st.builds(repriced, paid_plans(), prices(), instants()),
        TrialEndedNotice: st.builds(TrialEndedNotice),
        TrialRunningNotice: st.builds(TrialRunningNotice, paid, st.integers(1, 60), instants()),
        ChangeScheduledNotice: st.builds(ChangeScheduledNotice, plans(), instants()),
        AccountRestrictedNotice: st.builds(AccountRestrictedNotice, paid),
        SeatsOverLimitNotice: st.builds(seats_over, st.integers(1, 4), seats()),
    }
    return st.one_of([of for kind, of in drawn.items() if kind in kinds or not kinds])
