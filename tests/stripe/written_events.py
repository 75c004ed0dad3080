"""The log of events that Stripe would write of a history, told from the account step by step.

It writes objects where the code under test reads them, and shares no code with it. An account is
followed as the library lives it: after each action, and at each boundary that time crosses, the
subscription as Stripe would state it, and the invoices with their lines.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    Account,
    Action,
    AddPaymentMethod,
    AdjustCredit,
    Cancel,
    Catalog,
    ChoosePlan,
    EventKind,
    Invoice,
    LineKind,
    MoveTrialEnd,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentSucceeded,
    Period,
    PlansError,
    Refunded,
    RemovePaymentMethod,
    Status,
    Subscription,
    advance,
    apply,
    open_account,
)
from chatim_plans.strategies import catalogs, histories
from tests.stripe.written_objects import Json, event, price_id, subscription_object, unix

_STATUS = {
    Status.trialing: "trialing",
    Status.active: "active",
    Status.past_due: "past_due",
    Status.restricted: "unpaid",
}


@dataclass
class EventWriter:
    """Lives a history and keeps what Stripe would say of it, in `events`."""

    catalog: Catalog
    shape: str = "2025 basil"
    delay: int = 0
    """Seconds from a change to the event about it: never past the next thing that happens."""
    events: list[Json] = field(default_factory=list)
    account: Account | None = None
    invoices: list[Invoice] = field(default_factory=list)
    history: list[Action] = field(default_factory=list)
    _subscriptions: int = 0
    _methods: int = 0
    _last: Json = field(default_factory=dict)
    _schedule: Json | None = None
    _last_schedule: Json | None = None
    _asked: datetime | None = None
    _began: datetime | None = None
    _ended_trial: datetime | None = None
    _reason: str | None = None

    def live(self, actions: Iterable[Action], until: datetime) -> None:
        """Tell the whole of a history, up to an instant."""
        history = self.history = list(actions)
        for action, following in zip(history, [*history[1:], None], strict=True):
            room = (until if following is None else following.at) - action.at
            self._act(action, min(self.delay, max(0, round(room.total_seconds()) - 1)))
        self._let_go_by(until)

    def stated(self, facts: Subscription) -> tuple[Json, Json | None]:
        """The subscription as Stripe would state it, and its schedule."""
        self._subscriptions = max(self._subscriptions, 1)
        return self._object(facts), self._schedule

    # --- what happens ---
    def _act(self, action: Action, delay: int) -> None:
        if self.account is None:
            statement = open_account(action, self.catalog)
        else:
            self._let_go_by(action.at)
            assert self.account is not None
            statement = apply(self.account, action)
        before = None if self.account is None else self.account.subscription
        self.account = statement.account
        boundary = self.account.subscription.next_boundary
        if boundary is not None:
            delay = min(delay, round((boundary - action.at).total_seconds()) - 1)
        if isinstance(action, AddPaymentMethod):
            self._methods += 1
            self._tell("payment_method.attached", self._method(), action.at)
        if isinstance(action, RemovePaymentMethod) and self._methods:
            for number in range(1, self._methods + 1):
                about = self._method(number) | {"customer": None}
                self._tell("payment_method.detached", about, action.at, customer="cus_1")
            self._methods = 0
        if isinstance(action, Cancel) or (isinstance(action, ChoosePlan) and action.plan.is_free):
            self._asked = action.at
        self._reason = "cancellation_requested" if isinstance(action, Cancel) else None
        self._ended_trial = action.to if isinstance(action, MoveTrialEnd) else None
        self._follow(before, action.at, delay)
        self._ended_trial = self._reason = None
        for invoice in statement.invoices:
            self._invoice(invoice, "subscription_update", delay)
        if isinstance(action, PaymentFailed | PaymentSucceeded):
            self._payment(action)

    def _let_go_by(self, to: datetime) -> None:
        while self.account is not None:
            boundary = self.account.subscription.next_boundary
            if boundary is None or boundary > to:
                return
            before = self.account.subscription
            statement = advance(self.account, boundary)
            self.account = statement.account
            for invoice in statement.invoices:
                self._invoice(invoice, "subscription_cycle", 0)
            self._follow(before, boundary, 0)

    # --- what is said of it ---
    def _tell(self, kind: str, about: Json, at: datetime, **previous: Any) -> None:
        self.events.append(event(kind, about, at, len(self.events) + 1, **previous))

    def _runs(self) -> bool:
        assert self.account is not None
        return not isinstance(self.account.subscription.phase, OnFree)

    def _method(self, number: int | None = None) -> Json:
        made = {"id": f"pm_{number or self._methods}", "object": "payment_method"}
        return {**made, "customer": "cus_1"}

    def _follow(self, before: Subscription | None, at: datetime, delay: int) -> None:
        """Tell what became of the subscription."""
        assert self.account is not None
        facts = self.account.subscription
        told = at + timedelta(seconds=delay)
        was_running = before is not None and not isinstance(before.phase, OnFree)
        if not self._runs():
            if was_running and before is not None:
                self._deleted(before, at)
            return
        kind = "customer.subscription.updated"
        if not was_running:
            self._subscriptions += 1
            self._last, self._schedule, self._asked = {}, None, None
            self._began = at
            kind = "customer.subscription.created"
        about = self._object(facts)
        if not was_running and isinstance(facts.phase, OnPaid):
            # Before Stripe has taken the payment nothing has happened.
            self._tell(kind, about | {"status": "incomplete"}, at)
            self._last = about | {"status": "incomplete"}
            kind = "customer.subscription.updated"
        changed = {name: value for name, value in self._last.items() if about.get(name) != value}
        if changed or kind.endswith("created"):
            self._tell(kind, about, told, **changed)
        self._last = about
        if self._schedule is not None and about["schedule"] is not None:
            self._tell_schedule(self._schedule, told)

    def _tell_schedule(self, schedule: Json, at: datetime) -> None:
        known, self._last_schedule = self._last_schedule, schedule
        if known is None or known["id"] != schedule["id"]:
            self._tell("subscription_schedule.created", schedule, at)
            return
        changed = {name: known[name] for name, value in schedule.items() if known[name] != value}
        if changed:
            self._tell("subscription_schedule.updated", schedule, at, **changed)

    def _object(self, facts: Subscription) -> Json:
        phase = facts.phase
        fields: Json = {"id": f"sub_{self._subscriptions}", "latest_invoice": None}
        fields["created"] = unix(self._began or facts.as_of)
        fields |= self._waiting(facts)
        if isinstance(phase, OnTrial):
            start = self._began or facts.as_of
            period, anchor = Period(start, phase.trial_end), phase.trial_end
            fields |= {"trial_start": unix(start), "trial_end": unix(phase.trial_end)}
        else:
            assert isinstance(phase, OnPaid)
            period, anchor = phase.period, phase.cycle.anchor
        return subscription_object(
            _STATUS[facts.present_status],
            shape=self.shape,
            plan=facts.plan,
            seats=facts.seats,
            period=period,
            anchor=anchor,
            **fields,
        )

    def _waiting(self, facts: Subscription) -> Json:
        change = facts.scheduled_change
        if change is not None and change.plan.is_free:
            self._schedule = None
            end, asked = unix(change.at), self._asked or facts.as_of
            return {"cancel_at_period_end": True, "cancel_at": end, "canceled_at": unix(asked)}
        upcoming = facts.upcoming_catalog.plan((change or facts).plan.key)
        starts = facts.phase.end if change is None else change.at
        self._asked = None
        if starts is None or price_id(upcoming) == price_id(facts.plan):
            self._schedule = None
            return {}
        price, number = price_id(upcoming), f"sub_sched_{len(self.events)}"
        if self._schedule is not None and self._schedule["phases"][0]["items"][0]["price"] == price:
            number = self._schedule["id"]
        self._schedule = {
            "id": number,
            "object": "subscription_schedule",
            "subscription": f"sub_{self._subscriptions}",
            "customer": "cus_1",
            "status": "active",
            "end_behavior": "release",
            "phases": [
                {
                    "start_date": unix(starts),
                    "end_date": unix(starts + timedelta(days=28)),
                    "items": [{"price": price, "quantity": facts.seats}],
                }
            ],
        }
        return {"schedule": number}

    def _deleted(self, before: Subscription, at: datetime) -> None:
        asked = self._asked or at
        trial_end = self._last["trial_end"]
        if self._ended_trial is not None:
            trial_end = unix(self._ended_trial)
        unpaid = before.present_status is Status.restricted
        why = self._reason or ("payment_failed" if unpaid else None)
        about = self._last | {
            "status": "canceled",
            "ended_at": unix(at),
            "canceled_at": unix(asked),
            "cancellation_details": {"reason": why},
            "trial_end": trial_end,
        }
        self._tell("customer.subscription.deleted", about, at)
        self._asked = self._schedule = None

    def _invoice(self, invoice: Invoice, reason: str, delay: int) -> None:
        self.invoices.append(invoice)
        rows: list[Json] = []
        for line in invoice.lines:
            row: Json = {
                "id": f"il_{len(self.events)}_{len(rows)}",
                "object": "line_item",
                "amount": line.amount.amount,
                "currency": line.amount.currency.code.lower(),
                "description": {
                    LineKind.unused_time: "Unused time on",
                    LineKind.remaining_time: "Remaining time on",
                    LineKind.subscription: "1 ×",
                }[line.kind],
                "period": {"start": unix(line.period.start), "end": unix(line.period.end)},
                "quantity": line.seats,
            }
            proration = line.kind is not LineKind.subscription
            owner = f"sub_{self._subscriptions}"
            if self.shape in ("2018 plan", "2020 price"):
                row |= {"proration": proration, "subscription": owner, "type": "subscription"}
                row["price"] = price_id(line.plan)
            else:
                details = {"proration": proration, "subscription": owner}
                row["parent"] = {"subscription_item_details": details}
                row["pricing"] = {"price_details": {"price": price_id(line.plan)}}
            rows.append(row)
        about = self._bill(reason, invoice.amount_due.amount) | {
            "currency": invoice.total.currency.code.lower(),
            "lines": {"object": "list", "data": rows, "has_more": False},
            "total": invoice.total.amount,
            "starting_balance": -invoice.credit_before.amount,
            "ending_balance": -invoice.credit_after.amount,
            "amount_due": invoice.amount_due.amount,
        }
        self._tell("invoice.finalized", about, invoice.issued_at + timedelta(seconds=delay))

    def _payment(self, action: PaymentFailed | PaymentSucceeded) -> None:
        ending = "failed" if isinstance(action, PaymentFailed) else "succeeded"
        about = self._bill("subscription_cycle", 1) | {
            "currency": self.catalog.free_plan.price.currency.code.lower(),
            "lines": {"data": []},
            **dict.fromkeys(("total", "starting_balance", "amount_due"), 0),
        }
        self._tell(f"invoice.payment_{ending}", about, action.at)

    def _bill(self, reason: str, paid: int) -> Json:
        owner: Json = {"subscription": f"sub_{self._subscriptions}"}
        if self.shape not in ("2018 plan", "2020 price"):
            owner = {"parent": {"subscription_details": owner}}
        made = {"id": f"in_{len(self.events)}", "object": "invoice", "customer": "cus_1"}
        return {**made, "billing_reason": reason, "amount_paid": paid, **owner}


# --- histories that a log can tell, and their logs ---
def prices_of(catalog: Catalog) -> dict[str, Any]:
    """The prices of a catalogue's paid plans, as the writer names them."""
    return {price_id(plan): plan for plan in catalog.plans if not plan.is_free}


def tellable(history: list[Action], catalog: Catalog) -> list[Action]:
    """A history without what no event tells: a balance that was adjusted, money given back.

    Nor can be told apart what happens in the very second of another action: a payment report from
    one before it, and another interval from one that keeps the anchor. What is refused without
    them is left out, too.
    """
    kept: list[Action] = []
    account: Account | None = None
    for action in history:
        is_new = account is None or action.at > account.subscription.as_of
        if isinstance(action, AdjustCredit | Refunded):
            continue
        if isinstance(action, PaymentFailed | PaymentSucceeded) and not is_new:
            continue
        with contextlib.suppress(PlansError):
            statement = apply(account, action) if account else open_account(action, catalog)
            kinds = {event.kind for event in statement.events}
            if is_new or EventKind.change_interval not in kinds:
                account = statement.account
                kept.append(action)
    return kept


def lived(catalog: Catalog) -> Catalog:
    """The catalogue without a grace: how long Stripe retries is its own setting, as it tells."""
    return evolve(catalog, terms=evolve(catalog.terms, grace_days=None))


@st.composite
def told(
    draw: st.DrawFn, moves_to: Catalog | None = None
) -> tuple[Catalog, EventWriter, Any, list[Json]]:
    """A catalogue, a history of it as told up to an instant, and its log in any order, in part
    twice. Moves are to one edition, of which every price is another, or there are none.
    """
    catalog = lived(CHATIM if moves_to else draw(st.just(CHATIM) | catalogs()))
    drawn = histories(catalog, editions=[moves_to] if moves_to else [catalog])
    history = tellable(draw(drawn), catalog)
    until = history[-1].at + timedelta(days=draw(st.integers(0, 70)))
    writer = EventWriter(
        catalog,
        shape=draw(st.sampled_from(["2020 price", "2025 basil"])),
        delay=draw(st.sampled_from([0, 1, 40])),
    )
    writer.live(history, until)
    log = draw(st.permutations(writer.events))
    again = draw(st.lists(st.sampled_from(log), max_size=3)) if log else []
    return catalog, writer, until, [*log, *again]
