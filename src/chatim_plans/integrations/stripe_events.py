"""A log of Stripe's events read as the actions of this library.

Each event about a subscription holds the whole of it. The fold compares it with what the library
itself holds of the account at that instant, and records the actions that lead from one to the
other: an event that comes late or twice adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from attrs import define

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.chatim import CHATIM
from chatim_plans.foundation import shapes
from chatim_plans.integrations.stripe_changes import Changes
from chatim_plans.integrations.stripe_fields import Field
from chatim_plans.integrations.stripe_history import History
from chatim_plans.integrations.stripe_lines import subscription_of
from chatim_plans.integrations.stripe_log import Report, log_of, proration_instants
from chatim_plans.integrations.stripe_prices import Prices, checked_prices
from chatim_plans.integrations.stripe_statuses import NOT_YET
from chatim_plans.subscriptions.actions import Action, PaymentFailed, PaymentSucceeded


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
