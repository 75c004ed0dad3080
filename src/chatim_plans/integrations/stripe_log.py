"""A log of Stripe's events put in order: each once, the oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby

from attrs import frozen

from chatim_plans.foundation import shapes
from chatim_plans.foundation.money import Currency
from chatim_plans.integrations.stripe_fields import Field, is_mapping, is_row
from chatim_plans.integrations.stripe_lines import stripe_invoice_of, subscription_of
from chatim_plans.integrations.stripe_prices import Prices, currency_of
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

        A subscription has the last word: it is stated whole, and it is what the others are about.
        """
        return next(n for n, kind in enumerate(_RANKS) if self.kind.startswith(kind))

    def steps_from(self, latest: object) -> int:
        """In how many fields its object, before what it changed, was another than `latest`."""
        before, changed = _fields(latest), _fields(self.previous.value)
        was = ((name, changed.get(name, value)) for name, value in self.about.object().items())
        return sum(not _agrees(value, before.get(name)) for name, value in was)


_RANKS = (
    "payment_method.",
    "invoice.",
    "customer.subscription.created",
    "customer.subscription.updated",
    "subscription_schedule.",
    "customer.subscription.deleted",
    "",
)


def log_of(events: Iterable[object]) -> Iterator[Report]:
    """The events in the order in which they happened, whatever order they came in.

    Raises:
        InvalidStripeError: an event that cannot be read.
        InvalidTypeError: no collection.
    """
    once: dict[str, Report] = {}
    for number, event in enumerate(shapes.row(events, "events")):
        given = Field(event, f"events[{number}]")
        top = Field(given.object(), given.path)
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


def proration_instants(
    reports: Iterable[Report], prices: Prices, currency: Currency
) -> Mapping[tuple[str, Rate], list[datetime]]:
    """When each subscription came to be billed at each rate, as the log's invoices say it.

    The charge for remaining time starts at the instant of the change; rates of others, and lines
    swept from elsewhere, are left out.
    """
    instants: dict[tuple[str, Rate], list[datetime]] = {}
    for report in reports:
        if report.about["object"].value != "invoice" or currency_of(report.about) != currency.code:
            continue
        owner = subscription_of(report.about)
        for line in stripe_invoice_of(report.about, currency, prices).lines:
            charges = line.is_proration and not (line.is_credit or line.elsewhere)
            if charges and owner and line.plan and line.quantity:
                rate = Rate(line.plan, line.quantity)
                instants.setdefault((owner, rate), []).append(line.start)
    return instants


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
    if is_mapping(part) and is_mapping(whole):
        return all(_agrees(value, whole.get(name)) for name, value in part.items())
    if is_row(part) and is_row(whole):
        return len(part) == len(whole) and all(map(_agrees, part, whole))
    return part == whole
