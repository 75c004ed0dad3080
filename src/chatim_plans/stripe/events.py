"""A log of Stripe's events put in order: each once, the oldest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import cast

from attrs import define, frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.foundation.money import Currency
from chatim_plans.stripe.changes import Changes, History
from chatim_plans.stripe.fields import Field, InvalidStripeError, is_mapping, is_row
from chatim_plans.stripe.invoices import StripeLine, stripe_invoice_of, subscription_of
from chatim_plans.stripe.prices import Prices, checked_prices, currency_of
from chatim_plans.stripe.subscriptions import NOT_YET
from chatim_plans.subscriptions.actions import Action, PaymentFailed, PaymentSucceeded
from chatim_plans.subscriptions.occurrences import Rate


@frozen(order=False)
class Report:
    """An event: what kind it is of, when it happened, what it is about, and what changed there."""

    kind: str
    at: datetime
    about: Field
    previous: Field

    @property
    def id(self) -> str:
        """The id of what it is about; empty where that has none, as an upcoming invoice."""
        given = self.about["id"].value
        return given if isinstance(given, str) else ""

    @property
    def rank(self) -> int:
        """What comes first among the events of one second, of which Stripe promises no order.

        The others are about the subscription, which is stated whole.
        """
        return next(rank for kind, rank in _RANKS.items() if self.kind.startswith(kind))

    def steps_from(self, latest: object) -> int:
        """In how many fields its object, before what it changed, was another than `latest`."""
        before, changed = _fields(latest), _fields(self.previous.value)
        was = ((name, changed.get(name, value)) for name, value in self.about.object().items())
        return sum(not _agrees(value, before.get(name)) for name, value in was)


# A subscription has the last word, and its end the very last.
_RANKS: Mapping[str, int] = MappingProxyType({
    "payment_method.": 0,
    "invoice.": 1,
    "customer.subscription.created": 2,
    "customer.subscription.deleted": 5,
    "customer.subscription.": 3,
    "subscription_schedule.": 4,
    "": 6,
})


def log_of(events: object) -> Iterator[Report]:
    """The events in the order in which they happened, whatever order they came in.

    Raises:
        InvalidStripeError: an event that cannot be read, or a list that lacks some.
        InvalidTypeError: no collection.
    """
    once: dict[str, Report] = {}
    for event in _rows(events):
        top = Field(event.object(), event.path)
        if top["object"].value == "v2.core.event":
            continue  # of another API, which tells nothing of subscriptions
        if top["object"].value != "event":
            raise top["object"].fault('"event"')
        data = top["data"]
        about = Field(data["object"].object(), data["object"].path)
        kind, at = top["type"].text(), top["created"].instant()
        report = Report(kind, at, about, data["previous_attributes"])
        once.setdefault(top["id"].text(), report)
    in_time = sorted(once.values(), key=lambda report: (report.at, report.rank))
    latest: dict[str, object] = {}
    for _, alike in groupby(in_time, key=lambda report: (report.at, report.rank)):
        yield from _linked(list(alike), latest)


def _rows(events: object) -> Iterable[Field]:
    """The events of a list object of Stripe's, or of any collection."""
    given = Field(events, "events")
    if given.is_object:
        return given.rows()
    rows = enumerate(shapes.row(cast("Iterable[object]", events), "events"))
    return (Field(event, f"events[{number}]") for number, event in rows)


def proration_instants(
    reports: Iterable[Report], prices: Prices, currency: Currency
) -> Mapping[tuple[str, Rate], list[datetime]]:
    """When each subscription came to be billed at each rate, as the log's invoices say it.

    The charge for remaining time starts at the instant of the change. An invoice is only a hint
    here: one that was voided, or cannot be read, gives none, and one that holds a part of its
    lines gives those.
    """
    invoices = {report.id: report.about for report in reports if report.kind.startswith("invoice.")}
    instants: dict[tuple[str, Rate], list[datetime]] = {}
    for invoice in invoices.values():
        with suppress(InvalidStripeError):
            owner = subscription_of(invoice)
            for line in _charges(invoice, prices, currency):
                if owner and line.plan and line.quantity and not line.elsewhere:
                    rate = Rate(line.plan, line.quantity)
                    instants.setdefault((owner, rate), []).append(line.start)
    return instants


def _charges(invoice: Field, prices: Prices, currency: Currency) -> list[StripeLine]:
    """The charges for remaining time that an invoice holds, as far as it tells them."""
    if invoice["status"].value == "void" or currency_of(invoice) != currency.code:
        return []
    told = {**invoice.object(), "lines": {"data": invoice["lines"]["data"].value}}
    lines = stripe_invoice_of(Field(told, invoice.path), currency, prices).lines
    return [line for line in lines if line.is_proration and not line.is_credit]


def _linked(reports: list[Report], latest: dict[str, object]) -> Iterator[Report]:
    """Reports of one second and kind, each after the one whose outcome it changed."""
    while reports:
        report = min(reports, key=lambda report: report.steps_from(latest.get(report.id)))
        reports = [other for other in reports if other is not report]
        latest[report.id] = report.about.value
        yield report


def _fields(value: object) -> Mapping[str, object]:
    return value if is_mapping(value) else {}


def _agrees(part: object, whole: object) -> bool:
    """Whether `whole` says what `part` says, which may say less of it."""
    try:
        return _says(whole, part)
    except RecursionError:
        return False  # nested deeper than anything that Stripe says of a subscription


def _says(whole: object, part: object) -> bool:
    if is_mapping(part) and is_mapping(whole):
        return all(_says(whole.get(name), value) for name, value in part.items())
    if is_row(part) and is_row(whole):
        return len(part) == len(whole) and all(map(_says, whole, part))
    return part == whole


def actions_from_events(
    events: object, prices: Prices, *, catalog: Catalog = CHATIM
) -> tuple[Action, ...]:
    """The actions of one customer, from the whole log of Stripe's `events` about it.

    `events` are a collection, or a list object with all its rows, in any order; one may come more
    than once. Their `replay` gives the invoices that Stripe issued. What is read: subscriptions
    and their schedules, payments of the latest invoice, payment methods attached and detached;
    other events are passed over. A change stands at the instant that an invoice of the log
    prorates it from, else at its event's. A choice whose payment is still to come (`incomplete`, a
    pending update) is no action yet (rule P8).

    An empty log has no actions.

    >>> actions_from_events([], {})
    ()

    Raises:
        InvalidStripeError: an event that cannot be read, or a change for which this library has
            no action, such as a downgrade inside a period; `path` leads to it.
        InvalidTypeError: no collection, no prices or no catalogue.

    Source: rules P1–P8, S1, R1–R6, D1–D4.
    """
    shapes.instance(catalog, Catalog, "catalog")
    log = tuple(log_of(events))
    instants = proration_instants(log, checked_prices(prices), catalog.free_plan.price.currency)
    reader = _Reader(Changes(History(catalog, []), prices, instants), set(), {}, {})
    for report in log:
        reader.take(report)
    return tuple(reader.changes.history.actions)


@define
class _Reader:
    """Reads one event after the other: a table tells how, by the event's type."""

    changes: Changes
    methods: set[str]
    latest: dict[str, Report]
    schedules: dict[str, Field]
    customer: str = ""

    def take(self, report: Report) -> None:
        """Record what `report` adds; a type that the table does not know adds nothing."""
        domain = report.kind.rpartition(".")[0]
        read = _READ.get(report.kind) or _READ.get(domain)
        if read is not None:
            self._check_customer(report)
            read(self, report)

    def _check_customer(self, report: Report) -> None:
        owner = report.about["customer"]
        if not owner.is_null:
            self.customer = self.customer or owner.id()
            if owner.id() != self.customer:
                raise owner.fault(f"{self.customer}: a log is of one customer")
        if not report.about["test_clock"].is_null:
            clock = report.about["test_clock"]
            raise clock.fault("null: events of a test clock do not bear its time")

    def subscription(self, report: Report) -> None:
        """The whole of a subscription, whatever the event says of it."""
        self._check_beginning(report)
        self.latest[report.id] = report
        default = report.about["default_payment_method"]
        if not default.is_null:
            self.methods.add(default.id())
        schedule = report.about["schedule"]
        known = None if schedule.is_null else self.schedules.get(schedule.id())
        self.changes.follow(report.about, report.at, known)

    def _check_beginning(self, report: Report) -> None:
        """What was before the first event of a subscription nobody can know from the log."""
        begins = report.kind == "customer.subscription.created"
        before = None if report.previous.is_null else report.previous["status"].value
        was_not_yet = {before, report.about["status"].text()} & NOT_YET
        if report.id not in self.latest and not (begins or was_not_yet):
            raise report.about["id"].fault("one whose creation the log holds, too")

    def schedule(self, report: Report) -> None:
        """What waits in a schedule, for the subscription that names it."""
        self.schedules[report.id] = report.about
        held = self.latest.get(self.changes.held)
        named = None if held is None else held.about["schedule"]
        if held is None or named is None or named.is_null or named.id() != report.id:
            return
        if self.changes.speaks_of(report.at):
            self.changes.follow(held.about, report.at, report.about)

    def attached(self, report: Report) -> None:
        """A payment method that can be used from now on."""
        self.methods.add(report.id)
        self.changes.history.note_payment_method(report.at, report.about, on_file=True)

    def detached(self, report: Report) -> None:
        """A payment method less; none is left once the last one is gone."""
        self.methods.discard(report.id)
        if not self.methods:
            self.changes.history.note_payment_method(report.at, report.about, on_file=False)

    def failure(self, report: Report) -> None:
        """What time asked for was not paid; whether finally is the subscription's to say."""
        if report.about["billing_reason"].value == "subscription_cycle":
            self._payment(report, PaymentFailed(at=report.at))

    def success(self, report: Report) -> None:
        """More than nothing was paid."""
        if report.about["amount_paid"].whole() > 0:
            self._payment(report, PaymentSucceeded(at=report.at))

    def _payment(self, report: Report, action: PaymentFailed | PaymentSucceeded) -> None:
        """Standing follows the latest invoice of the subscription held, and no other (rule D2)."""
        held = self.latest.get(self.changes.held)
        if held is None or subscription_of(report.about) != self.changes.held:
            return
        latest = held.about["latest_invoice"]
        if latest.is_null or latest.id() == report.id:
            self.changes.history.note_payment(action, report.about)


_READ: Mapping[str, Callable[[_Reader, Report], None]] = MappingProxyType({
    "customer.subscription": _Reader.subscription,
    "subscription_schedule": _Reader.schedule,
    "payment_method.attached": _Reader.attached,
    "payment_method.detached": _Reader.detached,
    "invoice.payment_failed": _Reader.failure,
    "invoice.payment_succeeded": _Reader.success,
    "invoice.paid": _Reader.success,
})
