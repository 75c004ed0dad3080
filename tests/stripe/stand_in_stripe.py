"""A stand-in for Stripe that understands the calls of one account, and nothing else.

It holds one subscription and its schedule, lets time go by, and refuses what Stripe is known to
refuse, or what may come out differently there. It shares nothing with the code that builds the
calls but the arithmetic of a cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chatim_plans import Cycle, Period
from tests.stripe.written_objects import from_unix

Params = Mapping[str, Any]

# All that goes with `payment_behavior=pending_if_incomplete`.
_PENDING = {
    "items",
    "payment_behavior",
    "proration_behavior",
    "proration_date",
    "trial_end",
    "billing_cycle_anchor",
}


class DeclinedError(Exception):
    """A payment was declined, and what was to be paid for has not happened."""


@dataclass
class Subscription:
    """Stripe's subscription, with its one item; an end stands in either of two fields."""

    price: str
    quantity: int
    period: Period
    cycle: Cycle | None = None
    ends_with_period: bool = False
    ends_at: datetime | None = None
    phases: list[Params] | None = None

    @property
    def ends(self) -> datetime | None:
        """The instant at which it ends."""
        ends = [self.period.end] if self.ends_with_period else []
        return min([*ends, self.ends_at] if self.ends_at else ends, default=None)


@dataclass
class StandIn:
    """Stripe, for one customer, who pays in `currency`. `months` says how long a price's interval is.

    `declines` is whether the next payment that is asked for is declined. What was declined waits for
    its payment for 23 hours, and a subscription of which nothing was paid is `incomplete` as long.
    """

    months: Mapping[str, int]
    now: datetime
    currency: str
    held: Subscription | None = None
    has_card: bool = False
    declines: bool = False
    schedules: int = 0
    is_incomplete: bool = False
    waits_until: datetime | None = None
    balance: int = 0
    invoiced: list[tuple[datetime, str, int]] = field(default_factory=list)

    # --- time ---
    def let_go_by(self, to: datetime) -> None:
        """Time goes by up to `to`."""
        while self.held is not None and self._next(self.held) <= to:
            self.now = self._next(self.held)
            self._cross(self.held)
        self.now = to
        if self.waits_until is not None and self.waits_until <= to:
            self._give_up()

    def _give_up(self) -> None:
        """What waited for its payment does not happen any more."""
        self.waits_until, self.is_incomplete = None, False

    @staticmethod
    def _next(held: Subscription) -> datetime:
        return min(held.period.end, held.ends or held.period.end)

    def _cross(self, held: Subscription) -> None:
        self._give_up()
        if held.ends == self.now or (held.cycle is None and not self.has_card):
            self.held = None
            return
        for phase in held.phases or []:
            if from_unix(phase["start_date"]) == self.now:
                (item,) = phase["items"]
                held.price, held.quantity = item["price"], item["quantity"]
                if phase.get("billing_cycle_anchor") == "phase_start":
                    held.cycle = None
        if held.phases and from_unix(held.phases[-1]["end_date"]) <= self.now:
            held.phases = None
        self._start_period(held)

    def _start_period(self, held: Subscription) -> None:
        held.cycle = held.cycle or Cycle(self.now, self.months[held.price])
        held.period = held.cycle.period_holding(self.now)
        self.invoiced.append((self.now, held.price, held.quantity))

    # --- calls ---
    def perform(self, made: Iterable[Mapping[str, Any]]) -> bool:
        """Each call in turn, up to one whose payment is declined; whether there was none."""
        for call in made:
            method, _, path = call["endpoint"].partition(" ")
            try:
                self._endpoint(method, path)(call["params"])
            except DeclinedError:
                return False
        return True

    def _ask_for_payment(self) -> None:
        assert self.waits_until is None, "another payment would change it, too"
        declined, self.declines = self.declines, False
        if declined:
            self.waits_until = self.now + timedelta(hours=23)
            raise DeclinedError

    def _endpoint(self, method: str, path: str) -> Callable[[Params], None]:
        schedules = "POST", "/v1/subscription_schedules"
        return {
            ("POST", "/v1/subscriptions"): self._create,
            ("POST", "/v1/subscriptions/sub_1"): self._update,
            ("DELETE", "/v1/subscriptions/sub_1"): self._end,
            ("POST", "/v1/invoices/in_1/void"): self._void,
            ("POST", "/v1/customers/cus_1/balance_transactions"): self._adjust,
            schedules: self._create_schedule,
            ("POST", f"{schedules[1]}/{{schedule}}"): self._update_schedule,
            ("POST", f"{schedules[1]}/{self.schedule}"): self._update_schedule,
            ("POST", f"{schedules[1]}/{self.schedule}/release"): self._release,
        }[method, path]

    @property
    def schedule(self) -> str | None:
        """The id of the schedule in force."""
        in_force = self.held is not None and self.held.phases is not None
        return f"sub_sched_{self.schedules}" if in_force else None

    def said(self) -> Params:
        """The subscription as Stripe tells it; one that has ended where none is held."""
        held = self.held
        item = {"id": "si_1", "current_period_start": held and int(held.period.start.timestamp())}
        status = "incomplete" if self.is_incomplete else "canceled"
        if held is not None:
            status = "active" if held.cycle else "trialing"
        return {
            "object": "subscription",
            "id": "sub_1",
            "customer": "cus_1",
            "status": status,
            "items": {"data": [item]},
            "schedule": self._said_schedule(),
            "latest_invoice": "in_1",
            "pending_update": None if self.waits_until is None else {},
        }

    def _said_schedule(self) -> Params | None:
        phases = None if self.held is None else self.held.phases
        if phases is None:
            return None
        begun = [phase for phase in phases if from_unix(phase["start_date"]) <= self.now]
        return {
            "object": "subscription_schedule",
            "id": self.schedule,
            "status": "active",
            "end_behavior": "release",
            "current_phase": {"start_date": begun[-1]["start_date"]},
            "phases": phases,
        }

    def _create(self, params: Params) -> None:
        first = self.held is None and not self.is_incomplete
        assert first, "a second subscription would be charged beside the first"
        assert params["billing_mode"]["type"] in {"classic", "flexible"}
        (item,) = params["items"]
        trial_end = params.get("trial_end")
        end = self.now + timedelta(seconds=1) if trial_end is None else from_unix(trial_end)
        made = Subscription(item["price"], item["quantity"], Period(self.now, end))
        if trial_end is None:
            assert params["payment_behavior"] in {"allow_incomplete", "default_incomplete"}
            self.is_incomplete = self.declines
            self._ask_for_payment()
        self.held = made
        if trial_end is None:
            self._start_period(made)
        else:
            assert params["trial_settings"]["end_behavior"] == {"missing_payment_method": "cancel"}

    def _update(self, params: Params) -> None:
        held = self._in_force()
        pending = params.get("payment_behavior") == "pending_if_incomplete"
        assert not pending or params.keys() <= _PENDING
        if "proration_date" in params:
            assert from_unix(params["proration_date"]) in held.period
            assert params["proration_behavior"] != "none"
        fields = {"cancel_at_period_end", "cancel_at"} & params.keys()
        if fields:
            assert held.phases is None, "the schedule rules over cancellations"
            assert len(fields) == 1, "one or the other"
        if "cancel_at_period_end" in params:
            held.ends_with_period = params["cancel_at_period_end"]
        if "cancel_at" in params:
            held.ends_at = from_unix(params["cancel_at"]) if params["cancel_at"] else None
        trial_end = params.get("trial_end")
        if trial_end is not None:
            assert held.cycle is None
            assert held.ends is None, "the trial's end is where it would end"
            assert held.phases is None, "the phase has an end of its own"
        if trial_end == "now":
            assert pending or self.has_card, "without a card, a trial's end is an end"
        elif trial_end is not None:
            held.period = Period(held.period.start, from_unix(trial_end))
        if pending:
            self._ask_for_payment()
        assert self.waits_until is None or "items" not in params, "it would be undone once paid"
        for item in params.get("items", []):
            assert held.phases is None, "the phase would be split"
            assert item["id"] == "si_1"
            held.price = item.get("price", held.price)
            held.quantity = item["quantity"]
        if "billing_cycle_anchor" in params:
            assert params["billing_cycle_anchor"] == {"type": "now"}
            assert params["proration_behavior"] == "always_invoice", "what is left is credited"
            held.cycle = None
        else:
            months = self.months[held.price]
            assert held.cycle is None or held.cycle.months == months, "the anchor would stay"
        if trial_end == "now" or "billing_cycle_anchor" in params:
            self._start_period(held)

    def _create_schedule(self, params: Params) -> None:
        held = self._in_force()
        assert params == {"from_subscription": "sub_1"}
        assert held.phases is None, "one schedule at a time"
        assert held.ends is None, "the schedule would end it"
        self.schedules += 1
        item = {"price": held.price, "quantity": held.quantity}
        start = int(held.period.start.timestamp())
        held.phases = [{"start_date": start, "end_date": start, "items": [item]}]

    def _update_schedule(self, params: Params) -> None:
        held = self._in_force()
        assert params["end_behavior"] == "release"
        assert params["proration_behavior"] == "none"
        first, *later = params["phases"]
        assert from_unix(first["start_date"]) == held.period.start, "the current phase has begun"
        assert first["items"] == [{"price": held.price, "quantity": held.quantity}]
        in_trial = held.cycle is None
        assert first.get("trial_end") == (first["end_date"] if in_trial else None)
        if in_trial:
            held.period = Period(held.period.start, from_unix(first["end_date"]))
        assert from_unix(first["end_date"]) >= held.period.end > self.now
        assert later
        for before, after in zip([first, *later], later, strict=False):
            assert before["end_date"] == after["start_date"] < after["end_date"]
            assert after["proration_behavior"] == "none"
            prices = [phase["items"][0]["price"] for phase in (before, after)]
            lengths = {self.months[price] for price in prices}
            # In flexible billing another interval alone would keep the anchor.
            assert len(lengths) == 1 or after["billing_cycle_anchor"] == "phase_start"
        held.phases = params["phases"]

    def _release(self, params: Params) -> None:
        assert params == {}
        self._in_force().phases = None

    def _void(self, params: Params) -> None:
        assert params == {}
        assert self.waits_until is not None, "only what waits for its payment is voided"
        self._give_up()

    def _end(self, params: Params) -> None:
        assert params == {"invoice_now": False, "prorate": False}
        assert self.is_incomplete or self._in_force().phases is None, "the schedule rules over ends"
        assert self.is_incomplete or self.waits_until is None, "an invoice would stay to be paid"
        self._give_up()
        self.held = None

    def _adjust(self, params: Params) -> None:
        assert params["currency"] == self.currency
        self.balance += params["amount"]

    def _in_force(self) -> Subscription:
        assert self.held is not None, "no subscription is in force"
        return self.held
