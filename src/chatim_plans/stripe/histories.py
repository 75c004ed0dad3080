"""A log that always reads: what this library models of it as actions, and the rest as departures.

Stripe is the authority on facts. Where an event tells what no action leads to, the account is taken
from Stripe's own object as it then stands, the departure is named, and the log goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from attrs import evolve, field, frozen

from chatim_plans.billing.accounts import Account
from chatim_plans.billing.histories import advance, apply, open_account
from chatim_plans.billing.invoices import Invoice
from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError, PlansError
from chatim_plans.foundation.instants import UNIX_EPOCH, instant, iso
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.values import Value, counted, named
from chatim_plans.stripe.customers import ReadSubscription
from chatim_plans.stripe.events import Report
from chatim_plans.stripe.fields import Field, InvalidStripeError
from chatim_plans.stripe.following import begun, followed, learnt
from chatim_plans.stripe.inference import may_be_stored, stated
from chatim_plans.stripe.log_state import DepartureError, LogState, SilenceError
from chatim_plans.stripe.not_predicted import in_charge
from chatim_plans.stripe.prices import Prices, own_item
from chatim_plans.stripe.subscriptions import Snapshot, is_running, may_grant, with_what_was
from chatim_plans.subscriptions.actions import Action
from chatim_plans.subscriptions.subscription import OnFree, Subscription
from chatim_plans.subscriptions.timing import at_instant

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_AFTER_ALL = datetime.max.replace(tzinfo=UTC)


@frozen(order=False)
class Departure(Value):
    """Where a log departs from what this library models: which event, when, and why.

    `path` leads to what stands there, `reason` says what was expected and what it is, and `rule` is
    the rule it departs from, None where it is none of the rules.

    >>> from chatim_plans import PRO
    >>> from chatim_plans.stripe import history_from_events
    >>> period = {"current_period_start": 1768467600, "current_period_end": 1771146000}
    >>> items = {"data": [{"id": "si_1", "price": "price_pro", "quantity": 3, **period}]}
    >>> obj = {"object": "subscription", "id": "sub_1", "customer": "cus_1", "status": "active",
    ...        "items": items, "billing_cycle_anchor": 1768467600, "cancel_at_period_end": False}
    >>> event = {"object": "event", "type": "customer.subscription.created", "created": 1768467600}
    >>> paused = obj | {"pause_collection": {"behavior": "void"}}
    >>> log = [event | {"id": "evt_1", "data": {"object": paused}}]
    >>> (departure,) = history_from_events(log, {"price_pro": PRO}).departures
    >>> departure.path
    'events[0].data.object.pause_collection'
    >>> departure.reason
    'expected null: while it is set, invoices are not collected, got an object'

    Source: rules P1–P10, S1, R1–R8, D1–D8; Stripe's own objects.
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
    would, and `not_predicted` those which a departure touched: Stripe's may differ. Once Stripe
    holds something else than the library led to, what it credited is not known, and no later amount
    due is predicted, until you go on from an account that was read anew.

    >>> from chatim_plans import PRO
    >>> from chatim_plans.stripe import history_from_events
    >>> period = {"current_period_start": 1768467600, "current_period_end": 1771146000}
    >>> items = {"data": [{"id": "si_1", "price": "price_pro", "quantity": 3, **period}]}
    >>> obj = {"object": "subscription", "id": "sub_1", "customer": "cus_1", "status": "active",
    ...        "items": items, "billing_cycle_anchor": 1768467600, "cancel_at_period_end": False}
    >>> created = {"object": "event", "id": "evt_1", "created": 1768467600,
    ...            "type": "customer.subscription.created", "data": {"object": obj}}
    >>> history_from_events([created], {"price_pro": PRO})
    StripeHistory(3 x pro 19.00 USD, active, 3 actions, 0 departures, 1 invoice)

    Source: rules P1–P10, S1, R1–R8, D1–D8; Stripe's own objects.
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
    editions: Iterable[Catalog] = (),
    since: Account | None = None,
) -> StripeHistory:
    """What a log of Stripe's `events` about one customer tells, whatever it tells.

    It reads as `actions_from_events` does, and never stops: what no action says is a departure,
    from which the account is what Stripe's object says it is. Of several subscriptions that run it
    is the one that entitles most. A coupon, a tax or a pause is named once while it lasts, and the
    actions go on. `since` is an account that was stored: events before the instant it stands at are
    taken as known, because Stripe keeps events for thirty days only. It stands on the subscription
    that was there then. The price of another thing that you sell is given as one of the free plan.

    >>> from chatim_plans import PRO
    >>> from chatim_plans.stripe import history_from_events
    >>> period = {"current_period_start": 1768467600, "current_period_end": 1771146000}
    >>> items = {"data": [{"id": "si_1", "price": "price_pro", "quantity": 3, **period}]}
    >>> obj = {"object": "subscription", "id": "sub_1", "customer": "cus_1", "status": "active",
    ...        "items": items, "billing_cycle_anchor": 1768467600, "cancel_at_period_end": False}
    >>> created = {"object": "event", "id": "evt_1", "created": 1768467600,
    ...            "type": "customer.subscription.created", "data": {"object": obj}}
    >>> history = history_from_events([created], {"price_pro": PRO})
    >>> str(history.account.subscription), str(history.invoices[0].total), history.departures
    ('3 x pro 19.00 USD, active', '57.00 USD', ())

    Raises:
        InvalidStripeError: what is no event, or a list that lacks some.
        InvalidTypeError: no collection, no prices, no catalogue or no account.

    Source: rules P1–P10, S1, R1–R8, D1–D8; Stripe's own objects.
    """
    log, state = begun(events, prices, (catalog, *shapes.row(editions, "editions")))
    if since is not None:
        state = state.standing_on(shapes.instance(since, Account, "since"))
        state = evolve(state, stored_at=since.subscription.as_of)
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
        self._charged: frozenset[str] = frozenset()

    def hear(self, report: Report) -> None:
        """What the log tells with one more report."""
        stored_at = self._state.stored_at
        if stored_at is not None and report.at < stored_at:
            self._state = learnt(self._state, report)
            return
        since = self._state.heard
        try:
            state = followed(self._state, report)
            if not report.is_in_order:
                order = "events of one second in the one order that links them"
                raise report.about.fault(order)
        except SilenceError as fault:
            self._name(report, fault)
            if not _is_of_its_time(self._state, report):
                return
            self._go_on_from(report, self._issue(self._heard), since)
        except InvalidStripeError as fault:
            self._name(report, fault)
            self._go_on_from(report, self._issue(report.at), since)
        else:
            self._state = state
        self._hear_charges(report, since)

    def _hear_charges(self, report: Report, since: datetime | None) -> None:
        """What changes the charges of the subscription held: each is named once while it lasts."""
        about, facts = report.about, self._state.account_at(report.at)
        if report.domain != "customer.subscription" or report.id != self._state.held:
            return
        found = _charges(self._state, about)
        faults = {fault.path.removeprefix(about.path): fault for fault in found}
        for path, fault in faults.items():
            if path not in self._charged:
                self._name(report, fault)
        self._charged = frozenset(faults)
        if faults and facts is not None:
            until = facts.phase.end or report.at
            self._touched.append((since or _BEFORE_ALL, until))

    def _name(self, report: Report, fault: InvalidStripeError) -> None:
        reason = f"expected {fault.expected}, got {fault.given}"
        rule = fault.rule if isinstance(fault, DepartureError) else None
        self._departures.append(Departure(report.event, report.at, fault.path, reason, rule))

    def _go_on_from(self, report: Report, before: Account | None, since: datetime | None) -> None:
        """From Stripe's object, as it stands with the report.

        What happened since the report before it is not predicted, up to the end of the period: its
        invoice has what came of it. Where something else is held than this library leads to, what
        Stripe has credited for it is not known, and so no later amount due is.
        """
        self._state = _from_stripe(learnt(self._state, report), before, report)
        account = shapes.instance(self._state.account, Account, "account")
        facts, change = account.subscription, account.subscription.scheduled_change
        until = max(facts.phase.end or report.at, report.at if change is None else change.at)
        if before is not None and _held(before.subscription) != _held(facts):
            until = _AFTER_ALL
        self._touched.append((since or _BEFORE_ALL, until))

    @property
    def _heard(self) -> datetime:
        """The instant of the last report of the account; any, where there is none."""
        return self._state.heard or UNIX_EPOCH

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
        account = self._issue(self._heard)
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


def _is_of_its_time(state: LogState, report: Report) -> bool:
    """Whether the report's instant lies in the period that the subscription in it speaks of."""
    with suppress(PlansError):
        top = report.about.of_kind("subscription")
        return report.at in Snapshot.of(top, report.at, state.prices).period
    return False


def _held(facts: Subscription) -> tuple[object, ...]:
    """What the account is billed for."""
    return facts.plan, facts.seats, facts.phase.end


def _charges(state: LogState, top: Field) -> Iterator[InvalidStripeError]:
    """All that changes what a subscription is charged, but a choice whose payment is to come."""
    if not is_running(top):
        return
    with suppress(InvalidStripeError):
        for holder in (top, own_item(top["items"], state.prices)):
            for fault in in_charge(holder):
                if fault.path != top["pending_update"].path:
                    yield fault


def _from_stripe(state: LogState, before: Account | None, report: Report) -> LogState:
    """The account as Stripe's objects say it is, with what is known of it besides.

    Where the subscription it stands on cannot be read, it is as it was, unless another grants a
    plan.
    """
    at, known = report.at, None
    if before is not None:
        at = max(at, before.subscription.as_of)
        known = evolve(at_instant(before.subscription, at), as_of=at)
    best, is_unread = _most_entitling(state, at)
    if best is not None and not (is_unread and isinstance(best.facts.phase, OnFree)):
        facts = best.facts if known is None else with_what_was(best.facts, known, best.top)
        if known is not None and _is_more(known, best, state):
            facts = known
        else:
            state = evolve(state, held=best.top["id"].text(), held_facts=facts)
    elif known is not None and is_unread:
        facts = known
    else:
        free = _on_free(state, known, at)
        facts = free if known is None else with_what_was(free, known, None)
    facts = evolve(facts, payment_method=facts.payment_method or state.payment_method)
    return state.standing_on(_with_money(facts, before))


def _is_more(known: Subscription, best: ReadSubscription, state: LogState) -> bool:
    """Whether a stored account runs on another subscription, which entitles more than the best."""
    is_another = not state.held and not may_be_stored(state, best.top, known.as_of)
    runs = not isinstance(known.phase, OnFree)
    return is_another and runs and evolve(best, facts=known).weight() > best.weight()


def _on_free(state: LogState, known: Subscription | None, at: datetime) -> Subscription:
    catalog, seats = (state.catalog, 1) if known is None else (known.catalog, known.seats)
    return Subscription(catalog, catalog.free_plan, seats, at, OnFree())


def _with_money(facts: Subscription, before: Account | None) -> Account:
    """The account of these facts, with its balance, its invoices, and the lines it can have."""
    if before is None:
        return Account(facts, (), Money(0, facts.plan.price.currency))
    try:
        return evolve(before, subscription=facts)
    except InvalidValueError:
        return evolve(before, subscription=facts, pending_lines=(), standing_debit=None)


def _most_entitling(state: LogState, at: datetime) -> tuple[ReadSubscription | None, bool]:
    """The subscription that entitles most at the instant `at`, if any can be read.

    And whether the one that the account stands on cannot, and may grant something.
    """
    read, is_unread = list[ReadSubscription](), False
    for subscription, top in state.subscriptions.items():
        try:
            told = stated(state, top, at)
            facts = evolve(at_instant(told.facts, at), as_of=at)
            read.append(ReadSubscription(top, facts))
        except PlansError:
            is_unread = is_unread or (state.held in {"", subscription} and may_grant(top))
    return max(read, key=ReadSubscription.weight, default=None), is_unread
