"""A log that always reads: what this library models of it as actions, and the rest as departures.

Stripe is the authority on facts. Where an event tells what no action leads to, the account is taken
from Stripe's own object as it then stands, the departure is named, and the log goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from attrs import evolve, field, frozen

from chatim_plans.billing.accounts import Account
from chatim_plans.billing.histories import advance, apply, open_account
from chatim_plans.billing.invoices import Invoice
from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError, PlansError
from chatim_plans.foundation.instants import instant, iso
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.values import Value, counted, named
from chatim_plans.stripe.events import Report, log_of, proration_instants
from chatim_plans.stripe.fields import InvalidStripeError
from chatim_plans.stripe.following import followed, learnt, stated
from chatim_plans.stripe.log_state import DepartureError, LogState
from chatim_plans.stripe.prices import Prices, checked_prices
from chatim_plans.stripe.subscriptions import OVER
from chatim_plans.subscriptions.actions import Action
from chatim_plans.subscriptions.subscription import OnFree, OnPaid, Status, Subscription
from chatim_plans.subscriptions.timing import at_instant

_SECOND = timedelta(seconds=1)


@frozen(order=False)
class Departure(Value):
    """Where a log departs from what this library models: which event, when, and why.

    `path` leads to what stands there, `reason` says what was expected and what it is, and `rule` is
    the rule it departs from, None where it is none of the rules.
    """

    event: str
    at: datetime = field(converter=instant)
    path: str
    reason: str
    rule: str | None = None

    def _shown(self) -> Iterator[str]:
        yield self.event
        yield iso(self.at)
        yield self.path
        yield self.reason
        if self.rule is not None:
            yield named("rule", self.rule)


@frozen(order=False)
class StripeHistory(Value):
    """What a log of one customer's events tells: its account, its actions, its departures.

    `account` stands at the last event or action; None where the log tells of no subscription.
    `actions` are all that were found, in order. `invoices` are those that they issue and Stripe
    would, and `not_predicted` those which a departure touched: Stripe's may differ.
    """

    account: Account | None
    actions: tuple[Action, ...]
    departures: tuple[Departure, ...]
    invoices: tuple[Invoice, ...]
    not_predicted: tuple[Invoice, ...]

    def _shown(self) -> Iterator[str]:
        if self.account is not None:
            yield str(self.account.subscription)
        yield counted(len(self.actions), "action")
        yield counted(len(self.departures), "departure")
        yield counted(len(self.invoices), "invoice")
        if self.not_predicted:
            yield f"{len(self.not_predicted)} not predicted"


def history_from_events(
    events: object,
    prices: Prices,
    *,
    catalog: Catalog = CHATIM,
    since: Account | None = None,
) -> StripeHistory:
    """What a log of Stripe's `events` about one customer tells, whatever it tells.

    It reads as `actions_from_events` does, and never stops: what no action says is a departure,
    from which the account is what Stripe's object says it is. `since` is an account that was
    stored: events before the instant it stands at are taken as known, because Stripe keeps events
    for thirty days only.

    >>> history_from_events([], {}).account is None
    True

    Raises:
        InvalidStripeError: what is no event, or a list that lacks some.
        InvalidTypeError: no collection, no prices, no catalogue or no account.

    Source: rules P1–P10, S1, R1–R8, D1–D8; Stripe's own objects.
    """
    shapes.instance(catalog, Catalog, "catalog")
    log = tuple(log_of(events))
    instants = proration_instants(log, checked_prices(prices), catalog.free_plan.price.currency)
    state = LogState(catalog, prices, instants)
    if since is not None:
        state = state.standing_on(shapes.instance(since, Account, "since"))
    told = _Told(state)
    for report in log:
        told.hear(report)
    return told.history()


class _Told:
    """A log while it is read: the actions that led on from what was known, and the departures."""

    def __init__(self, state: LogState) -> None:
        self._state = state
        self._actions: list[Action] = []
        self._invoices: list[Invoice] = []
        self._departures: list[Departure] = []
        self._touched: list[tuple[datetime, datetime]] = []
        known = state.account
        self._known_until = None if known is None else known.subscription.as_of
        self._at: datetime | None = None

    def hear(self, report: Report) -> None:
        """What the log tells with one more report."""
        if self._known_until is not None and report.at < self._known_until:
            self._state = learnt(self._state, report)
            return
        self._at = report.at
        try:
            state = followed(self._state, report)
            if not report.is_in_order:
                order = "events of one second in the one order that links them"
                raise report.about.fault(order)
        except InvalidStripeError as fault:
            self._depart(report, fault)
        else:
            self._state = state

    def _depart(self, report: Report, fault: InvalidStripeError) -> None:
        reason = f"expected {fault.expected}, got {fault.given}"
        rule = fault.rule if isinstance(fault, DepartureError) else None
        self._departures.append(Departure(report.event, report.at, fault.path, reason, rule))
        before = self._issue(report.at)
        self._state = _from_stripe(learnt(self._state, report), before, report)
        ends = [_period_of(each, report.at) for each in (before, self._state.account) if each]
        self._touched.append((min(start for start, _ in ends), ends[-1][1]))

    def _issue(self, until: datetime) -> Account | None:
        """The account at the instant `until`, and the invoices on the way kept."""
        account = self._state.accounts[0]
        for action in self._state.actions:
            opened = open_account(action, self._state.catalog) if account is None else None
            statement = opened or apply(account, action)  # type: ignore[arg-type]
            self._invoices += statement.invoices
            account = statement.account
        self._actions += self._state.actions
        if account is not None and account.subscription.as_of < until:
            statement = advance(account, until)
            self._invoices += statement.invoices
            account = statement.account
        return account

    def history(self) -> StripeHistory:
        """All that was told."""
        account = self._state.account if self._at is None else self._issue(self._at)
        touched = [each for each in self._invoices if self._is_touched(each)]
        invoices = [each for each in self._invoices if not self._is_touched(each)]
        return StripeHistory(
            account,
            tuple(self._actions),
            tuple(self._departures),
            tuple(invoices),
            tuple(touched),
        )

    def _is_touched(self, invoice: Invoice) -> bool:
        return any(start < invoice.issued_at <= end for start, end in self._touched)


def _period_of(account: Account, at: datetime) -> tuple[datetime, datetime]:
    """When the period that the account is in began, and when it ends."""
    phase = account.subscription.phase
    start = phase.period.start if isinstance(phase, OnPaid) else at - _SECOND
    return start, phase.end or at


def _from_stripe(state: LogState, before: Account | None, report: Report) -> LogState:
    """The account as Stripe's objects say it is, with what is known of it besides."""
    known = None if before is None else before.subscription
    held, facts = _most_entitling(state, known, report)
    if known is not None:
        facts = evolve(
            facts,
            tried_plan=facts.tried_plan or known.tried_plan,
            was_invoiced=facts.was_invoiced or known.was_invoiced,
        )
    facts = evolve(facts, payment_method=facts.payment_method or state.payment_method)
    state = evolve(state, held=held or state.held, held_facts=facts if held else None)
    return state.standing_on(_with_money(facts, before))


def _with_money(facts: Subscription, before: Account | None) -> Account:
    """The account of these facts, with its balance, its invoices, and the lines it can have."""
    if before is None:
        return Account(facts, (), Money(0, facts.plan.price.currency))
    try:
        return evolve(before, subscription=facts)
    except InvalidValueError:
        return evolve(before, subscription=facts, pending_lines=(), standing_debit=None)


def _most_entitling(
    state: LogState, known: Subscription | None, report: Report
) -> tuple[str, Subscription]:
    """The subscription that entitles most now, by its id, and its facts; of none there is Free.

    One that cannot be read leaves the account as it was, unless it is over.
    """
    found: list[tuple[str, Subscription]] = []
    for subscription, top in state.subscriptions.items():
        try:
            told = stated(state, top, report.at)
            found.append((subscription, at_instant(told.facts, max(told.at, report.at))))
        except PlansError:
            if known is not None and top["status"].value not in OVER:
                found.append(("", known))
    free = Subscription(state.catalog, state.catalog.free_plan, 1, report.at, OnFree())
    return max(found, key=lambda each: _entitles(each[1]), default=("", known or free))


def _entitles(facts: Subscription) -> tuple[bool, int, int]:
    """How much: more, compared part by part, is more."""
    has_access = facts.present_status in (Status.trialing, Status.active, Status.past_due)
    return has_access, facts.catalog.plans.index(facts.plan), facts.seats
