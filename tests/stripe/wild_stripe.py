"""A Stripe that lives some months and does what no rule says, and the log of events it writes.

It knows nothing of this library but its calendar. Up to three subscriptions of one customer begin,
change, stop being paid and end, also side by side. What it grants at any instant can be read off
its objects.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from hypothesis import strategies as st

from chatim_plans import Cycle, Period
from tests.stripe.written_objects import (
    PRICES,
    Json,
    event,
    from_unix,
    item_object,
    month_from,
    on_trial,
    subscription_object,
    unix,
    utc,
)

GIVE_ACCESS = frozenset({"trialing", "active", "past_due"})
_RUN = GIVE_ACCESS | {"unpaid"}
_DAY = timedelta(days=1)
_MOST = 3


Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]


class WildStripe:
    """What Stripe holds of one customer, and what it has told of it."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self.now = utc("2026-01-15T09:00")
        self.objects: dict[str, Json] = {}
        self.events: list[Json] = []

    def live(self, acts: int) -> None:
        """So many acts, and what time does between them."""
        for _ in range(acts):
            seconds = self._draw(st.integers(1, 120) | st.integers(1, 25 * 86_400))
            self._let_go_by(self.now + timedelta(seconds=seconds))
            self._act()

    def granted(self) -> str:
        """The key of the highest plan that a subscription grants now; "free" if none does."""
        held = {
            obj["items"]["data"][0]["price"]["id"]
            for obj in self.objects.values()
            if obj["status"] in GIVE_ACCESS
        }
        in_rank = [("price_ultimate", "ultimate"), ("price_pro", "pro")]
        return next((plan for price, plan in in_rank if price in held), "free")

    # --- what happens ---
    def _act(self) -> None:
        running = [obj for obj in self.objects.values() if obj["status"] in _RUN]
        unpaid = [obj for obj in self.objects.values() if obj["status"] == "incomplete"]
        if unpaid and self._draw(st.booleans()):
            status = self._draw(st.sampled_from(["active", "incomplete_expired"]))
            self._tell(unpaid[0], status=status)
        elif running and (len(self.objects) == _MOST or self._draw(st.integers(0, 5))):
            acts: list[Callable[[Json], None]] = [
                *(self._reprice, self._reprice, self._restand, self._stop, self._resume),
                *(self._move_anchor, self._burden, self._move_trial, self._delete),
            ]
            self._draw(st.sampled_from(acts))(self._draw(st.sampled_from(running)))
        elif len(self.objects) < _MOST:
            self._begin()

    def _begin(self) -> None:
        name, plan = f"sub_{len(self.objects) + 1}", self._draw(st.sampled_from([*PRICES.values()]))
        status = self._draw(st.sampled_from(["active", "trialing", "incomplete", "stub"]))
        facts: Json = {"id": name, "plan": plan, "seats": self._draw(st.integers(1, 4))}
        if status == "trialing":
            end = self.now + self._draw(st.integers(1, 40)) * _DAY
            obj = on_trial(Period(self.now, end), **facts)
        elif status == "stub":
            anchor = self.now + self._draw(st.integers(1, 27)) * _DAY
            obj = subscription_object(period=Period(self.now, anchor), anchor=anchor, **facts)
        else:
            obj = subscription_object(status, period=month_from(self.now), **facts)
        self.objects[name] = obj | {"created": unix(self.now)}
        self._say("created", self.objects[name])

    def _reprice(self, obj: Json) -> None:
        plan = self._draw(st.sampled_from([*PRICES.values()]))
        own = obj["items"]["data"][0]
        period = Period(
            from_unix(own["current_period_start"]), from_unix(own["current_period_end"])
        )
        item = item_object(plan, self._draw(st.integers(1, 4)), period)
        self._tell(obj, items=obj["items"] | {"data": [item, *obj["items"]["data"][1:]]})

    def _restand(self, obj: Json) -> None:
        if obj["status"] != "trialing":
            after = ["active"] if obj["status"] == "unpaid" else ["active", "past_due", "unpaid"]
            self._tell(obj, status=self._draw(st.sampled_from(after)))

    def _stop(self, obj: Json) -> None:
        days = self._draw(st.none() | st.integers(1, 80))
        if days is None:
            end = obj["items"]["data"][0]["current_period_end"]
            self._tell(obj, cancel_at_period_end=True, cancel_at=end, canceled_at=unix(self.now))
        else:
            end = unix(self.now + days * _DAY)
            self._tell(obj, cancel_at_period_end=False, cancel_at=end, canceled_at=unix(self.now))

    def _resume(self, obj: Json) -> None:
        self._tell(obj, cancel_at_period_end=False, cancel_at=None, canceled_at=None)

    def _move_anchor(self, obj: Json) -> None:
        if obj["status"] == "active":
            self._tell(obj, **self._billed(obj, month_from(self.now)))

    def _burden(self, obj: Json) -> None:
        addon = {"id": "si_9", "price": "price_addon", "quantity": 1}
        burdens: list[Json] = [
            {"items": obj["items"] | {"data": [*obj["items"]["data"][:1], addon]}},
            {"discounts": ["di_1"]},
            {"pause_collection": {"behavior": "void", "resumes_at": None}},
            {"automatic_tax": {"enabled": True}},
            {"test_clock": "clock_1"},
        ]
        self._tell(obj, **self._draw(st.sampled_from(burdens)))

    def _move_trial(self, obj: Json) -> None:
        if obj["status"] != "trialing":
            return
        days = self._draw(st.integers(0, 60))
        if days:
            end = self.now + days * _DAY
            period = Period(from_unix(obj["trial_start"]), end)
            self._tell(obj, trial_end=unix(end), **self._billed(obj, period, end))
        else:
            fields = self._billed(obj, month_from(self.now))
            self._tell(obj, status="active", trial_end=unix(self.now), **fields)

    def _delete(self, obj: Json) -> None:
        why = self._draw(st.sampled_from(["cancellation_requested", "payment_failed", None]))
        self._end(obj, self.now, why)

    # --- what time does ---
    def _let_go_by(self, to: datetime) -> None:
        while due := [each for obj in self.objects.values() for each in self._due(obj, to)]:
            self.now, name = min(due)
            self._cross(self.objects[name])
        self.now = to

    def _due(self, obj: Json, to: datetime) -> list[tuple[datetime, str]]:
        if obj["status"] not in _RUN:
            return []
        ends = [obj["items"]["data"][0]["current_period_end"], obj["cancel_at"]]
        at = from_unix(min(end for end in ends if end is not None))
        return [(max(at, self.now), obj["id"])] if at <= to else []

    def _cross(self, obj: Json) -> None:
        end = from_unix(obj["items"]["data"][0]["current_period_end"])
        if obj["cancel_at"] is not None and from_unix(obj["cancel_at"]) <= self.now:
            self._end(obj, self.now, "cancellation_requested")
        elif obj["status"] == "trialing":
            status = self._draw(st.sampled_from(["active", "past_due", "paused"]))
            fields = {} if status == "paused" else self._billed(obj, month_from(end))
            self._tell(obj, status=status, **fields)
        else:
            anchor = from_unix(obj["billing_cycle_anchor"])
            period = Cycle(anchor).period_holding(end)
            if obj["cancel_at"] is not None:
                period = Period(end, min(period.end, from_unix(obj["cancel_at"])))
            self._tell(obj, **self._billed(obj, period, anchor))

    def _end(self, obj: Json, at: datetime, why: str | None) -> None:
        obj |= {
            "status": "canceled",
            "ended_at": unix(at),
            "canceled_at": obj["canceled_at"] or unix(at),
            "cancellation_details": {"reason": why},
        }
        self._say("deleted", obj)

    # --- what is told ---
    def _billed(self, obj: Json, period: Period, anchor: datetime | None = None) -> Json:
        own, *others = obj["items"]["data"]
        bounds = {
            "current_period_start": unix(period.start),
            "current_period_end": unix(period.end),
        }
        items = obj["items"] | {"data": [own | bounds, *others]}
        return {"items": items, "billing_cycle_anchor": unix(anchor or period.start)}

    def _tell(self, obj: Json, **fields: object) -> None:
        changed = {name: obj.get(name) for name, value in fields.items() if obj.get(name) != value}
        obj |= fields
        if changed:
            self._say("updated", obj, **changed)

    def _say(self, kind: str, obj: Json, **previous: object) -> None:
        about, number = copy.deepcopy(obj), len(self.events) + 1
        told = event(f"customer.subscription.{kind}", about, self.now, number, **previous)
        self.events.append(told)
