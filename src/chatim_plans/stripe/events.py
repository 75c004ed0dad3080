"""A log of Stripe's events put in order, each once, and what its invoices tell of instants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import cast

from attrs import frozen

from chatim_plans.foundation import shapes
from chatim_plans.foundation.money import Currency
from chatim_plans.stripe.fields import Field, InvalidStripeError, is_mapping, is_row
from chatim_plans.stripe.invoices import StripeLine, stripe_invoice_of, subscription_of
from chatim_plans.stripe.prices import Prices, currency_of
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
