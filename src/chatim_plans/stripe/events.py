"""A log of Stripe's events put in order, each once, and what its invoices tell of instants."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import chain, groupby
from typing import cast

from attrs import evolve, frozen

from chatim_plans.foundation import shapes
from chatim_plans.foundation.money import Currency
from chatim_plans.stripe.fields import Field, InvalidStripeError, is_mapping, is_row
from chatim_plans.stripe.invoices import StripeLine, stripe_invoice_of, subscription_of
from chatim_plans.stripe.linking import Change, Order, in_order
from chatim_plans.stripe.prices import Prices, currency_of
from chatim_plans.subscriptions.occurrences import Rate


@frozen(order=False)
class Report:
    """An event by its id: its kind, when it happened, what it is about, and what changed there.

    `is_in_order` is False of the last of some of one second that stand in any order.
    `beside` are those of the same second about other objects, which came about with it.
    """

    event: str
    kind: str
    created: Field
    at: datetime
    about: Field
    previous: Field
    is_in_order: bool = True
    beside: tuple[Report, ...] = ()

    @property
    def id(self) -> str:
        """The id of what it is about; empty where that has none, as an upcoming invoice."""
        given = self.about["id"].value
        return given if isinstance(given, str) else ""

    @property
    def domain(self) -> str:
        """What kind of object it is about, as its kind names it."""
        return self.kind.rpartition(".")[0]

    @property
    def rank(self) -> int:
        """What comes first among the events of one second, of which Stripe promises no order."""
        return next(rank for rank, kind in enumerate(_ORDER) if self.kind.startswith(kind))

    @property
    def changed(self) -> Mapping[str, object]:
        """What it changed, as it was before; empty where it says nothing of that."""
        given = self.previous.value
        return given if is_mapping(given) else {}


# What is stated whole has the last word, but for what is no business of a log's.
_ORDER = (
    "payment_method.",
    "invoice.payment_failed",
    "invoice.",
    "customer.subscription.",
    "subscription_schedule.",
    "",
)
_SUBSCRIPTION = _ORDER.index("customer.subscription.")
_SCHEDULE = _ORDER.index("subscription_schedule.")
_BEGINS, _ENDS = "customer.subscription.created", "customer.subscription.deleted"


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
        kind, created = top["type"].text(), top["created"]
        previous = data["previous_attributes"]
        report = Report(top["id"].text(), kind, created, created.instant(), about, previous)
        once.setdefault(report.event, report)
    in_time = sorted(once.values(), key=lambda report: (report.at, report.rank, report.event))
    latest: dict[str, Mapping[str, object]] = {}
    for _, second in groupby(in_time, key=lambda report: report.at):
        yield from _of_a_second(list(second), latest)


def _of_a_second(
    reports: list[Report], latest: dict[str, Mapping[str, object]]
) -> Iterator[Report]:
    """The reports of one second in order; `latest` are the objects as they were told before."""
    by_rank = {rank: [*alike] for rank, alike in groupby(reports, key=lambda each: each.rank)}
    subscriptions = _stated_whole(by_rank.pop(_SUBSCRIPTION, []), latest)
    told = _stated_whole(by_rank.pop(_SCHEDULE, []), latest)
    # What waits for no more than a second is never due.
    schedules = list({report.id: report for report in told}.values())
    if subscriptions and schedules:
        subscriptions[-1] = evolve(subscriptions[-1], beside=tuple(schedules))
    return chain(*by_rank.values(), subscriptions, schedules)


def _stated_whole(reports: list[Report], latest: dict[str, Mapping[str, object]]) -> list[Report]:
    of_one: dict[str, list[Report]] = {}
    for report in reports:
        of_one.setdefault(report.id, []).append(report)
    told: list[Report] = []
    # One may end and another begin in one second, which leaves them side by side at no time.
    for one in sorted(of_one, key=lambda one: _ENDS not in {each.kind for each in of_one[one]}):
        told += _linked(of_one[one], latest.get(one))
        latest[one] = told[-1].about.object()
    return told


def _rows(events: object) -> Iterable[Field]:
    """The events of a list object of Stripe's, or of any collection."""
    given = Field(events, "events")
    if given.is_object:
        return given.rows()
    rows = enumerate(shapes.row(cast("Iterable[object]", events), "events"))
    return (Field(event, f"events[{number}]") for number, event in rows)


def _linked(reports: list[Report], latest: Mapping[str, object] | None) -> list[Report]:
    """Reports of one second about one object, from its beginning to its end."""
    begins = [report for report in reports if report.kind == _BEGINS]
    ends = [report for report in reports if report.kind == _ENDS]
    between = [report for report in reports if report.kind not in (_BEGINS, _ENDS)]
    if begins:
        latest = begins[-1].about.object()
    return [*begins, *_in_order(between, latest), *ends]


def _in_order(reports: list[Report], latest: Mapping[str, object] | None) -> list[Report]:
    """Reports of changes, each after the one whose outcome it changed.

    They are linked by the fields that any of them changed, and if one does not say what it changed,
    by all in which they differ.
    """
    if len(reports) <= 1:
        return reports
    names = {name for report in reports for name in report.changed}
    if not all(report.changed for report in reports):
        names.update(*(report.about.object() for report in reports))
    try:
        changes = [_change(report, names) for report in reports]
        order = in_order(changes, None if latest is None else _state(latest, names))
    except RecursionError:  # nested deeper than anything that Stripe says of a subscription
        order = Order(tuple(range(len(reports))), is_told=False)
    *others, last = (reports[number] for number in order.numbers)
    return [*others, evolve(last, is_in_order=order.is_told)]


def _change(report: Report, names: Iterable[str]) -> Change:
    after, changed = report.about.object(), report.changed
    before = {name: _before(was, after.get(name)) for name, was in changed.items()}
    return _state({**after, **before}, names), _state(after, names)


def _before(changed: object, after: object) -> object:
    """What stood where `after` stands now: `changed`, which may leave out what stayed."""
    if is_mapping(changed) and is_mapping(after):
        return {**after, **{name: _before(was, after.get(name)) for name, was in changed.items()}}
    if is_row(changed) and is_row(after) and len(changed) == len(after):
        return list(map(_before, changed, after))
    return changed


def _state(fields: Mapping[str, object], names: Iterable[str]) -> Hashable:
    return tuple(_told_apart(fields.get(name)) for name in names)


def _told_apart(value: object) -> Hashable:
    """A value of JSON as one that can be looked up."""
    if is_mapping(value):
        return frozenset((name, _told_apart(each)) for name, each in value.items())
    if is_row(value):
        return tuple(map(_told_apart, value))
    return value if isinstance(value, str | int | float) else None


def proration_instants(
    reports: Iterable[Report], prices: Prices, currency: Currency
) -> Mapping[tuple[str, Rate], list[datetime]]:
    """When each subscription came to be billed at each rate, as the log's invoices say it.

    The charge for remaining time starts at the instant of the change; the instants stand in order.
    An invoice is only a hint here: one that was voided, or cannot be read, gives none, and one that
    holds a part of its lines gives those.
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
    return {billed: sorted(starts) for billed, starts in instants.items()}


def _charges(invoice: Field, prices: Prices, currency: Currency) -> list[StripeLine]:
    """The charges for remaining time that an invoice holds, as far as it tells them."""
    if invoice["status"].value == "void" or currency_of(invoice) != currency.code:
        return []
    told = {**invoice.object(), "lines": {"data": invoice["lines"]["data"].value}}
    lines = stripe_invoice_of(Field(told, invoice.path), currency, prices).lines
    return [line for line in lines if line.is_proration and not line.is_credit]
