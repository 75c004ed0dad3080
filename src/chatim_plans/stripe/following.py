"""A log followed: each report leads from what the log has told to what it has told with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import reduce
from types import MappingProxyType

from attrs import evolve

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.stripe.events import Report, log_of, proration_instants
from chatim_plans.stripe.fields import Field, InvalidStripeError
from chatim_plans.stripe.inference import told_of
from chatim_plans.stripe.invoices import subscription_of
from chatim_plans.stripe.log_state import LogState, departs
from chatim_plans.stripe.prices import Prices, checked_prices, is_of_another_product
from chatim_plans.stripe.subscriptions import NOT_YET, is_running, payer_of
from chatim_plans.subscriptions.actions import (
    Action,
    PaymentFailed,
    PaymentSucceeded,
)


def actions_from_events(
    events: object,
    prices: Prices,
    *,
    catalog: Catalog = CHATIM,
    editions: Iterable[Catalog] = (),
) -> tuple[Action, ...]:
    """The actions of one customer, from the whole log of Stripe's `events` about it.

    `events` are a collection, or a list object with all its rows, in any order; one may come more
    than once. Their `replay` gives the invoices that Stripe issued. What is read: subscriptions
    and their schedules, payments of the latest invoice, payment methods attached and detached;
    other events are passed over. An account begins in the edition `catalog`; `editions` are others
    that `prices` sell, to which it may move (rule C5). A change stands at the instant that an
    invoice of the log prorates it from, else at its event's. A choice whose payment is still to
    come (`incomplete`, a pending update) is no action yet (rule P8). An empty log has no actions.

    >>> from chatim_plans import PRO
    >>> from chatim_plans.stripe import actions_from_events
    >>> period = {"current_period_start": 1768467600, "current_period_end": 1771146000}
    >>> items = {"data": [{"id": "si_1", "price": "price_pro", "quantity": 3, **period}]}
    >>> obj = {"object": "subscription", "id": "sub_1", "customer": "cus_1", "status": "active",
    ...        "items": items, "billing_cycle_anchor": 1768467600, "cancel_at_period_end": False}
    >>> created = {"object": "event", "id": "evt_1", "created": 1768467600,
    ...            "type": "customer.subscription.created", "data": {"object": obj}}
    >>> [type(action).__name__ for action in actions_from_events([created], {"price_pro": PRO})]
    ['StartFree', 'AddPaymentMethod', 'ChoosePlan']

    Raises:
        InvalidStripeError: an event that cannot be read, a plan of an edition that is not given,
            a change for which this library has no action, such as a downgrade inside a period;
            or a log that lacks renewals; `path` leads to it.
        InvalidTypeError: no collection, no prices or no catalogue.

    Source: rules P1–P8, S1, R1–R6, D1–D4.
    """
    log, state = begun(events, prices, (catalog, *shapes.row(editions, "editions")))
    return reduce(followed, log, state).actions


def begun(
    events: object, prices: Prices, editions: tuple[Catalog, ...]
) -> tuple[tuple[Report, ...], LogState]:
    """The events in order, and what is known before the first of them.

    Raises:
        InvalidStripeError: an event that cannot be read.
        InvalidTypeError: no collection, no prices or no catalogue.
    """
    first, *_ = (shapes.instance(edition, Catalog, "catalog") for edition in editions)
    log = tuple(log_of(events))
    instants = proration_instants(log, checked_prices(prices), first.free_plan.price.currency)
    return log, LogState(editions, prices, instants)


# --- one report after the other ---
def followed(state: LogState, report: Report) -> LogState:
    """What the log has told with `report`; a kind that the table does not know adds nothing."""
    read = _BY_KIND.get(report.kind) or _BY_KIND.get(report.domain)
    if read is None or _is_of_another_product(state, report):
        return state
    _check_owner(state, report.about)
    state = state.hearing(report)
    if report.domain == "customer.subscription":
        _check_beginning(state, report)
    return read(learnt(state, report), report)


def learnt(state: LogState, report: Report) -> LogState:
    """With what `report` tells of Stripe's objects, whatever that means to the account.

    What is of another customer tells nothing.
    """
    about = report.about
    owner = payer_of(about)
    customer = state.customer or (_id_or_none(owner) or "")
    if not report.id or (not owner.is_null and _id_or_none(owner) != customer):
        return state
    state = evolve(state, customer=customer)
    match report.domain:
        case "customer.subscription" if not _is_of_another_product(state, report):
            method = _id_or_none(about["default_payment_method"])
            known = MappingProxyType({**state.subscriptions, report.id: about})
            methods = state.methods if method is None else state.methods | {method}
            state = reduce(learnt, report.beside, state)
            return evolve(state, subscriptions=known, methods=methods)
        case "subscription_schedule":
            return evolve(state, schedules=MappingProxyType({**state.schedules, report.id: about}))
        case "payment_method" if report.kind == "payment_method.attached":
            return evolve(state, methods=state.methods | {report.id})
        case "payment_method" if report.kind == "payment_method.detached":
            return evolve(state, methods=state.methods - {report.id})
        case _:
            return state


def _id_or_none(named: Field) -> str | None:
    """The id of an object; None where nothing can be read there."""
    with suppress(InvalidStripeError):
        return named.id()
    return None


def _is_of_another_product(state: LogState, report: Report) -> bool:
    is_subscription = report.domain == "customer.subscription"
    return is_subscription and is_of_another_product(report.about["items"], state.prices)


def _check_owner(state: LogState, about: Field) -> None:
    """Refuse what is of another customer than the log's, or lives by a clock of its own."""
    owner, clock = payer_of(about), about["test_clock"]
    if not owner.is_null and owner.id() != (state.customer or owner.id()):
        raise owner.fault(f"{state.customer}: a log is of one customer")
    if not clock.is_null:
        raise clock.fault("null: events of a test clock do not bear its time")


def _subscription(state: LogState, report: Report) -> LogState:
    """The whole of a subscription, whatever the event says of it."""
    about, known = report.about, state.subscriptions
    beside = (each for each in known if each != report.id and is_running(known[each]))
    other = next(beside, None)
    if other is not None and (is_running(about) or report.id == state.held):
        raise departs(about["id"], f"no other subscription than {other}, which runs", "P7")
    return told_of(state, report.about, report.at)


def _check_beginning(state: LogState, report: Report) -> None:
    """What was before the first event of a subscription nobody can know from the log."""
    begins = report.kind == "customer.subscription.created"
    before = None if report.previous.is_null else report.previous["status"].value
    statuses = [before, report.about["status"].text()]
    was_not_yet = any(isinstance(each, str) and each in NOT_YET for each in statuses)
    is_known = report.id in state.subscriptions or state.accounts[0] is not None
    if not (is_known or begins or was_not_yet):
        raise report.about["id"].fault("one whose creation the log holds, too")


def _schedule(state: LogState, report: Report) -> LogState:
    """What waits in a schedule, for the subscription that names it."""
    subscription, facts = state.subscriptions.get(state.held), state.held_facts
    if subscription is None or subscription["schedule"].is_null:
        return state
    if subscription["schedule"].id() != report.id:
        return state
    end = None if facts is None else facts.phase.end
    speaks_of_it = end is not None and report.at < end
    return told_of(state, subscription, report.at) if speaks_of_it else state


def _attached(state: LogState, report: Report) -> LogState:
    """A payment method that can be used from now on."""
    return state.with_payment_method(report.at, on_file=True)


def _detached(state: LogState, report: Report) -> LogState:
    """A payment method less; none is left once the last one is gone."""
    if state.methods:
        return state
    return state.with_payment_method(report.at, on_file=False)


def _failure(state: LogState, report: Report) -> LogState:
    """What time asked for was not paid; whether finally is the subscription's to say."""
    if report.about["billing_reason"].value != "subscription_cycle":
        return state
    return _payment_of_invoice(state, PaymentFailed(at=report.at), report)


def _success(state: LogState, report: Report) -> LogState:
    """More than nothing was paid."""
    paid = report.about["amount_paid"]
    if paid.is_null and report.about["paid"].value is True:
        paid = report.about["amount_due"]  # as it was said until 2018
    if paid.whole() <= 0:
        return state
    return _payment_of_invoice(state, PaymentSucceeded(at=report.at), report)


def _payment_of_invoice(
    state: LogState, payment: PaymentFailed | PaymentSucceeded, report: Report
) -> LogState:
    """Standing follows the latest invoice of the subscription held, and no other (rule D2)."""
    subscription = state.subscriptions.get(state.held)
    if subscription is None or subscription_of(report.about) != state.held:
        return state
    latest = subscription["latest_invoice"]
    is_latest = latest.is_null or latest.id() == report.id
    return state.with_payment(payment) if is_latest else state


_BY_KIND: Mapping[str, Callable[[LogState, Report], LogState]] = MappingProxyType({
    "customer.subscription": _subscription,
    "subscription_schedule": _schedule,
    "payment_method.attached": _attached,
    "payment_method.detached": _detached,
    "invoice.payment_failed": _failure,
    "invoice.payment_succeeded": _success,
    "invoice.paid": _success,
})
