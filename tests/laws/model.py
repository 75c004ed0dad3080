"""An independent reference model of the rules of Chatim billing (RULES.md).

The model judges the library, so it shares nothing with it: instants are Unix seconds, money is
whole minor units, exact amounts are `fractions.Fraction`. It is naive on purpose. It walks from
boundary to boundary, finds each boundary by looking at one day after another, and answers a
question about a later instant by letting a copy of itself live until then. An account stores plan
keys only; which plan a key means is always asked of the edition held. A comment that starts with
`# Reading:` marks a place where the rules leave room.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import NamedTuple

DAY = 24 * 60 * 60
Decided = tuple[bool, str, str, str | None, int | None]
"""Allowed, reason, the plan that decided, the cheapest plan that would allow it, valid until."""


class Refused(Exception):  # noqa: N818 — a refusal is an answer of the model
    """What is refused (P7); `kind` is action_refused where no more special kind fits."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


# --- What is on offer (C) ---
@dataclass(frozen=True)
class ModelPlan:
    """A plan: price per seat and interval (None, 1 or 12 months, C6); a limit of None is none."""

    key: str
    price: int
    interval: int | None
    features: frozenset[str]
    limits: dict[str, int | None]

    def holds(self, quota: str, count: int) -> bool:
        """Whether a count is within the plan's limit (A3: the count as it would be after)."""
        limit = self.limits[quota]
        return limit is None or count <= limit


@dataclass(frozen=True)
class ModelCatalog:
    """One edition of the catalogue: plans in rank order, Free first (C3), and the terms."""

    edition: str
    plans: tuple[ModelPlan, ...]
    trial_plan: str
    trial_days: int
    refund_days: int
    smallest_charge: int
    seat_lines_at_once: bool = False

    @property
    def free(self) -> str:
        """The key of the only free plan, which ranks lowest (C3)."""
        return self.plans[0].key

    def rank(self, key: str) -> int:
        """The place of a plan, lowest first (C1)."""
        return [plan.key for plan in self.plans].index(key)

    def plan(self, key: str) -> ModelPlan:
        """The plan of this edition that a key means (C5, C8)."""
        return self.plans[self.rank(key)]

    def can_follow(self, old: ModelCatalog) -> bool:
        """Whether an account may move here from `old`: keys, what is free, intervals (C5)."""
        here = {(plan.key, plan.interval, plan.price == 0) for plan in self.plans}
        return all((plan.key, plan.interval, plan.price == 0) in here for plan in old.plans)

    def cheapest(self, allows: Callable[[ModelPlan], bool]) -> str | None:
        """The cheapest plan by price per seat and month that allows something (A3)."""
        # Reading: among equally cheap plans, the one that ranks lowest.
        able = sorted(filter(allows, self.plans), key=lambda p: Fraction(p.price, p.interval or 1))
        return able[0].key if able else None


_FREE = frozenset({"javascript_sdk"})
_PRO = _FREE | {"visitor_export", "custom_branding", "contact_buttons", "advanced_analytics"}
_PRO |= {"standard_support"}
_ULTIMATE = _PRO | {"white_label", "api_access", "ai_chatbot", "priority_support"}
_UNLIMITED: dict[str, int | None] = {"seats": None, "chats": None, "chatbot_flows": None}

_PLANS = (
    ModelPlan("free", 0, None, _FREE, _UNLIMITED | {"seats": 1}),
    ModelPlan("pro", 1900, 1, _PRO, _UNLIMITED),
    ModelPlan("ultimate", 3900, 1, _ULTIMATE, _UNLIMITED),
)
CHATIM = ModelCatalog("2026", _PLANS, "pro", trial_days=30, refund_days=14, smallest_charge=50)
"""The published catalogue (C1, C2)."""


# --- Time (T) ---
def day_of_month(day: int) -> int:
    """The day of the month of a day counted from 1 January 1970, in years that begin in March."""
    left = (day + 719_468) % 146_097  # days since 1 March of the 400-year era
    left -= min(left // 36_524, 3) * 36_524  # ... of the century
    left %= 1461  # ... of the four years
    left -= min(left // 365, 3) * 365  # ... of the year
    for length in (31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31):  # March to January
        if left < length:
            break
        left -= length
    return left + 1


@cache
def boundary_after(start: int, anchor: int, months: int) -> int:
    """The end of the period that starts at `start`: each month has one billing day (T3)."""
    wanted = day_of_month(anchor // DAY)
    day = start // DAY
    for _ in range(months):
        day += 1
        while day_of_month(day) != wanted and not (
            day_of_month(day) < wanted and day_of_month(day + 1) == 1
        ):
            day += 1
    return day * DAY + anchor % DAY


# --- Charges (B) ---
def to_minor_units(exact: Fraction) -> int:
    """The nearest whole number, an exact half towards minus infinity (B4)."""
    return math.ceil(exact - Fraction(1, 2))


class Line(NamedTuple):
    """One line and how it was reached (B6)."""

    kind: str
    plan_key: str
    unit_price: int
    seats: int
    part_start: int
    part_end: int
    whole_start: int
    whole_end: int
    exact: Fraction
    amount: int


@dataclass(frozen=True)
class Invoice:
    """An invoice: its lines, and how the credit balance met its total (B7, B10, F1)."""

    issued_at: int
    lines: tuple[Line, ...]
    total: int
    credit_before: int
    amount_due: int
    credit_after: int
    refundable_until: int


# --- The account ---
@dataclass(frozen=True)
class Act:
    """Something that happens to an account: the action's name in snake case, and its values."""

    kind: str
    at: int
    plan: ModelPlan | None = None
    seats: int | None = None
    final: bool = False
    catalog: ModelCatalog | None = None


@dataclass
class Model:
    """An account as the rules see it. Every field holds an immutable value."""

    catalog: ModelCatalog
    now: int
    held: str
    team: int = 1
    phase: str = "free"  # "free", "trial" or "paid"
    since: int = 0  # start of the trial or of the paid period
    until: int | None = None  # its end: the next instant at which time does something
    anchor: int = 0
    standing: str = "good"  # "good", "past_due" or "restricted"; looked at in "paid" only (D4)
    card: bool = False
    trialed: str | None = None  # the key of the plan that was tried
    marked: bool = False  # "trial ended" (R4)
    waiting: str | None = None  # the plan that takes over at `until` (P5)
    moving: ModelCatalog | None = None  # the edition that takes over at the next boundary (C5)
    pending: tuple[Line, ...] = ()
    credit: int = 0
    invoices: tuple[Invoice, ...] = field(default=(), repr=False)

    # --- What a caller does ---
    @classmethod
    def open(cls, act: Act, catalog: ModelCatalog) -> Model:
        """The account that a first action opens; it issues no invoice (P7)."""
        if act.kind not in ("start_trial", "start_free"):
            raise Refused("action_refused")
        model = cls(catalog=catalog, now=act.at, held=catalog.free)
        if act.kind == "start_trial":
            model._start_trial(act.seats)
        return model

    def act(self, act: Act) -> list[Invoice]:
        """Let time pass up to the action, then do it (T5). A refusal changes nothing (P7)."""
        return self._adopt(self._after(act, ask_card=True))

    def preview(self, act: Act) -> list[Invoice]:
        """What `act` would issue, without asking for a payment method (B8)."""
        # Reading: the invoices of the time that passes up to the action are part of the preview.
        return list(self._after(act, ask_card=False).invoices[len(self.invoices) :])

    def advance(self, to: int) -> list[Invoice]:
        """Let time pass (T4)."""
        return self._adopt(self._at(to))

    def _adopt(self, later: Model) -> list[Invoice]:
        issued = list(later.invoices[len(self.invoices) :])
        self.__dict__.update(later.__dict__)
        return issued

    def _at(self, at: int) -> Model:
        """A copy of this account that has lived until `at` (A1, A2, T4)."""
        if at < self.now:
            raise Refused("out_of_order")
        later = copy.copy(self)
        while later.until is not None and later.until <= at:
            later.now = later.until
            later._boundary()
        later.now = at
        return later

    def _after(self, act: Act, *, ask_card: bool) -> Model:
        later = self._at(act.at)
        if act.kind == "start_trial":
            later._start_trial(act.seats)
        elif act.kind == "choose_plan" and act.plan is not None:
            later._choose(act.plan, act.seats, ask_card=ask_card)
        elif act.kind == "change_seats" and act.seats is not None:
            later._change_seats(act.seats, ask_card=ask_card)
        elif act.kind == "cancel":
            later._cancel()
        elif act.kind == "resume":
            later.waiting = None  # P5; the mark of an ended trial stays: nothing was chosen
        elif act.kind in ("add_payment_method", "remove_payment_method"):
            later.card = act.kind == "add_payment_method"
        elif act.kind in ("payment_failed", "payment_succeeded"):
            later._report(failed=act.kind == "payment_failed", final=act.final)
        elif act.kind == "move_to_edition" and act.catalog is not None:
            later._move(act.catalog)
        else:
            raise Refused("action_refused")  # P7: a later start_free, or no action at all
        return later

    # --- What time does ---
    def _boundary(self) -> None:
        """The end of the trial or of the paid period, at `now` (T5)."""
        self._change_edition()
        following = self.waiting or self.held
        if self.phase == "trial" and self.card and following != self.catalog.free:
            self._start_paid(following)  # R3, R4, R6
        elif self.phase == "trial":
            self._fall_to_free()
            # Reading: not after a cancellation (R5), but also if a lower paid plan waited (R4).
            self.marked = following != self.catalog.free
        elif self.standing == "restricted":
            self.pending = ()  # D3
            self._fall_to_free()
        elif following == self.catalog.free:
            if self.pending:
                self._issue()  # P4
            self._fall_to_free()
        else:
            self._start_period(following)  # B2, P3

    def _change_edition(self) -> None:
        """The waiting edition takes over; keys now mean its plans (C5)."""
        self.catalog, self.moving = self.moving or self.catalog, None

    def _fall_to_free(self) -> None:
        """On Free: the seats stay recorded (S4), the credit too (B7)."""
        self.phase, self.held, self.waiting, self.until = "free", self.catalog.free, None, None

    def _start_paid(self, key: str) -> None:
        """A first paid period: this instant is the anchor (R3, P2), in good standing (D4)."""
        # Reading: a trial cut short (R6) meets a boundary there: a waiting edition takes over.
        self._change_edition()
        self.phase, self.anchor, self.standing, self.marked = "paid", self.now, "good", False
        self._start_period(key)

    def _start_period(self, key: str) -> None:
        """A paid period starts now and is invoiced in full (B2), waiting lines first (S2)."""
        plan = self.catalog.plan(key)
        self.held, self.waiting, self.since = key, None, self.now
        self.until = boundary_after(self.now, self.anchor, plan.interval or 1)
        self._issue(self._line("subscription", plan, self.team))

    # --- What actions do ---
    def _start_trial(self, seats: int | None) -> None:
        """A trial, for an account that never had one and was never invoiced (R1, R2)."""
        if self.trialed is not None or self.invoices:
            raise Refused("trial_refused")
        if seats is not None and seats < 1:
            raise Refused("action_refused")
        # Reading: no seat limit is looked at here (R1: "whatever the number of seats").
        self.phase, self.team = "trial", seats or 1
        self.trialed = self.held = self.catalog.trial_plan
        self.since, self.until = self.now, self.now + self.catalog.trial_days * DAY

    def _choose(self, plan: ModelPlan, seats: int | None, *, ask_card: bool) -> None:
        """A choice of plan (P1 to P5, R6)."""
        # Reading: refused in this order: offer, restriction, interval, count, limit, payment.
        again = plan.key == self.held  # Reading: held is a matter of keys, whatever the value (C8)
        # Reading: on offer (C5) is this very value in both; each old key is in both anyhow.
        editions = (self.catalog, self.moving or self.catalog)
        if not again and any(plan not in edition.plans for edition in editions):
            raise Refused("plan_not_offered")
        if not again and self.phase == "paid" and plan.key != self.catalog.free:
            if self.standing == "restricted":
                raise Refused("account_restricted")  # D2
            if plan.interval != self.catalog.plan(self.held).interval:
                raise Refused("interval_mismatch")  # C6
        if again or self.catalog.rank(plan.key) < self.catalog.rank(self.held):
            # Reading: the plan held does not take effect at once either, nor the present count.
            if seats is not None:
                raise Refused("action_refused")  # P7
            self.waiting = None if again else plan.key  # P3, P4, P5, R5, R6
            self.marked = False  # R4: it can only be there on Free
            return
        if seats is not None:
            self._check_seats(seats, plan)
        if ask_card and not self.card:
            raise Refused("payment_method_required")
        if self.phase == "paid":
            # Reading: an upgrade is no new paid start (D4): past due stays past due.
            self._issue(*self._change_rate(plan, seats or self.team))  # P1
            self.waiting = None  # P5
        else:
            self.team = seats or self.team
            self._start_paid(plan.key)  # P2, R6

    def _cancel(self) -> None:
        """Choosing Free, at the end of what runs (P4, R5)."""
        # Reading: it names no plan value, so it is never refused for an offer (C5, C8).
        self.marked = False
        if self.phase != "free":
            self.waiting = self.catalog.free

    def _change_seats(self, seats: int, *, ask_card: bool) -> None:
        """More or fewer members (S1 to S5)."""
        if seats == self.team:
            return  # P7
        growing = seats > self.team
        if growing and self.phase == "paid" and self.standing == "restricted":
            raise Refused("account_restricted")  # D2
        plan = self.catalog.plan(self.held)
        self._check_seats(seats, plan)
        if self.phase != "paid":
            self.team = seats
        elif plan.interval == 1 and not self.catalog.seat_lines_at_once:
            self.pending += self._change_rate(plan, seats)
        elif growing and ask_card and not self.card:
            # Reading: "growing there" (S2) is wherever lines are invoiced at once, by term too.
            raise Refused("payment_method_required")
        else:
            self._issue(*self._change_rate(plan, seats))

    def _check_seats(self, seats: int, plan: ModelPlan) -> None:
        """No fewer than one seat; growth stays within the plan's limit (S3)."""
        if seats < 1:
            raise Refused("action_refused")
        # Reading: a count that comes with a choice is growth if above the present one.
        if seats > self.team and not plan.holds("seats", seats):
            raise Refused("seat_limit")

    def _report(self, *, failed: bool, final: bool) -> None:
        """A payment report from Stripe (D1, D2, D4)."""
        if not self.invoices:
            raise Refused("action_refused")
        if self.phase == "paid":
            failure = "restricted" if final or self.standing == "restricted" else "past_due"
            self.standing = failure if failed else "good"

    def _move(self, catalog: ModelCatalog) -> None:
        """Another edition, from the next boundary; at once on Free (C5)."""
        # Reading: "the edition held" is equal by value; a newer move replaces one that waits.
        if not catalog.can_follow(self.catalog):
            raise Refused("action_refused")
        self.moving = None if catalog == self.catalog else catalog
        if self.phase == "free":
            self._change_edition()

    # --- Lines and invoices ---
    def _line(self, kind: str, plan: ModelPlan, seats: int) -> Line:
        """A line for what is left of the period: from now to its end (B3, B4)."""
        assert self.until is not None
        price = -plan.price if kind == "unused_time" else plan.price
        exact = Fraction(price * seats * (self.until - self.now), self.until - self.since)
        times = (self.now, self.until, self.since, self.until)
        return Line(kind, plan.key, plan.price, seats, *times, exact, to_minor_units(exact))

    def _change_rate(self, plan: ModelPlan, seats: int) -> tuple[Line, Line]:
        """The two lines of a change inside a period: all the old seats, all the new (B5)."""
        unused = self._line("unused_time", self.catalog.plan(self.held), self.team)
        self.held, self.team = plan.key, seats
        return unused, self._line("remaining_time", plan, seats)

    def _issue(self, *lines: Line) -> None:
        """An invoice of the lines that wait, oldest first, then of these (S2, B7, B10)."""
        every = self.pending + lines
        total = sum(line.amount for line in every)
        # Reading: what is owed from before joins the invoice even if its total is below zero.
        owed = total - self.credit
        due = owed if owed > 0 and owed >= self.catalog.smallest_charge else 0
        until = self.now + self.catalog.refund_days * DAY  # F1
        self.invoices += (Invoice(self.now, every, total, self.credit, due, due - owed, until),)
        self.credit, self.pending = due - owed, ()

    # --- What is true at an instant (A1): a copy lives until then ---
    def status(self, at: int) -> str:
        """trialing, trial_ended, free, active, past_due or restricted."""
        then = self._at(at)
        if then.phase == "trial":
            return "trialing"
        if then.phase == "free":
            return "trial_ended" if then.marked else "free"
        return "active" if then.standing == "good" else then.standing

    def plan_key(self, at: int) -> str:
        """The plan held."""
        return self._at(at).held

    def seats(self, at: int) -> int:
        """The seats of the team, a fact whatever the plan (S4)."""
        return self._at(at).team

    def effective_plan_key(self, at: int) -> str:
        """The plan whose features hold: Free's on a restricted account (D2)."""
        then = self._at(at)
        return then.catalog.free if then.status(at) == "restricted" else then.held

    def valid_until(self, at: int) -> int | None:
        """The next instant at which time does something to the account; none on Free (A3)."""
        return self._at(at).until

    def days_left(self, at: int) -> int | None:
        """The days left of a trial, counted up (R7); none outside a trial."""
        then = self._at(at)
        end = then.until if then.phase == "trial" else None
        return None if end is None else math.ceil(Fraction(end - at, DAY))

    def scheduled(self, at: int) -> tuple[str, int] | None:
        """The change recorded as waiting, and its instant (P5); D3 is not looked at."""
        then = self._at(at)
        return None if then.waiting is None or then.until is None else (then.waiting, then.until)

    def decide(self, feature: str, at: int) -> Decided:
        """Whether a feature may be used (A3)."""
        return self._at(at)._decided(lambda plan: feature in plan.features, "not_in_plan")

    def decide_usage(self, quota: str, used: int, at: int) -> Decided:
        """Whether a count, as it would be after the act, is within a quota (A3)."""
        return self._at(at)._decided(lambda plan: plan.holds(quota, used), "over_limit")

    def _decided(self, allows: Callable[[ModelPlan], bool], missing: str) -> Decided:
        decider, status = self.effective_plan_key(self.now), self.status(self.now)
        if allows(self.catalog.plan(decider)):
            granted = "granted_by_trial" if status == "trialing" else "granted_by_plan"
            return True, granted, decider, None, self.until
        if allows(self.catalog.plan(self.held)):  # so only paying is missing (D2)
            return False, "restricted", decider, None, self.until
        # Reading: the trial's plan is the one tried, by key; then choosing is the remedy.
        tried = self.trialed is not None and allows(self.catalog.plan(self.trialed))
        reason = "trial_ended" if status == "trial_ended" and tried else missing
        return False, reason, decider, self.catalog.cheapest(allows), self.until

    def notices(self, at: int) -> tuple[str, ...]:
        """What the account is told, the most pressing first."""
        then = self._at(at)
        status = then.status(at)
        plan_in_force = then.catalog.plan(then.effective_plan_key(at))
        # Reading: D5's "will be charged" is a fact: without a payment method a trial's end
        # charges nothing (R4), so a running trial never shows "payment required".
        unpayable = then.phase == "paid" and not then.card and then.waiting != then.catalog.free
        shown = {
            "restricted": status == "restricted",
            # Reading: a card added after the trial ended is no choice: still shown (R4, D5).
            "payment_required": unpayable or status in ("past_due", "restricted", "trial_ended"),
            "trial_ended": status == "trial_ended",
            # Reading: a restricted account has Free's quotas (D2), so Free's seat limit.
            "seats_over_limit": not plan_in_force.holds("seats", then.team),
            "change_scheduled": then.waiting is not None or status == "restricted",  # D3
            "trial_running": status == "trialing",
        }
        return tuple(name for name, is_shown in shown.items() if is_shown)
