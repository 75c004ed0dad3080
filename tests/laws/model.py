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
    mode: str = "flexible"  # or "classic": the term for plans that start under it (B12)
    grace_days: int | None = None  # D6
    retired: frozenset[str] = frozenset()  # C9
    currency: str = "USD"

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
        """Whether an account may move here: keys, what is free, intervals, currency (C5)."""
        here = {(plan.key, plan.interval, plan.price == 0) for plan in self.plans}
        kept = all((plan.key, plan.interval, plan.price == 0) in here for plan in old.plans)
        return kept and self.currency == old.currency


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
    """One line and how it was reached (B6); `base` is the amount of `whole` that it is a part of."""

    kind: str
    plan_key: str
    unit_price: int
    seats: int
    part_start: int
    part_end: int
    whole_start: int
    whole_end: int
    base: int
    exact: Fraction
    amount: int


@dataclass(frozen=True)
class Invoice:
    """An invoice: what it is for, its lines, how the balance met its total (B7, B10, B14, F1)."""

    number: int
    cause: str
    issued_at: int
    lines: tuple[Line, ...]
    total: int
    credit_before: int
    amount_due: int
    credit_after: int
    refundable_until: int


# --- The account ---
Held = tuple[ModelPlan, int, str]
"""What is held: the plan, the seats, the status (B14)."""


@dataclass(frozen=True)
class Act:
    """Something that happens to an account: the action's name in snake case, and its values."""

    kind: str
    at: int
    plan: ModelPlan | None = None
    seats: int | None = None
    final: bool = False
    catalog: ModelCatalog | None = None
    to: int = 0
    amount: int = 0
    currency: str = ""
    invoice: int | None = None
    at_once: bool = False


class Event(NamedTuple):
    """What happened (B14): no act where time did it, nothing before where it opened the account."""

    at: int
    kind: str
    before: Held | None
    after: Held
    invoice: Invoice | None
    act: Act | None


Issued = tuple[list[Invoice], list[Event]]
"""The invoices that were issued, and what happened."""

ALWAYS_LISTED = {
    "payment_failed",
    "payment_failed_finally",
    "payment_succeeded",
    "adjust_credit",
    "refund",
}
"""What is an event even where it changes nothing (B14)."""


@dataclass
class Model:
    """An account as the rules see it. Every field holds an immutable value."""

    catalog: ModelCatalog
    now: int
    held: str
    team: int = 1
    phase: str = "free"  # "free", "trial" or "paid"
    since: int = 0  # start of the trial or of the paid period
    until: int | None = None  # its end
    anchor: int = 0
    mode: str = ""  # the billing mode, in "paid" only (B12)
    debit: Line | None = None  # the line that pays for the rest of the period, in "paid" only (B12)
    standing: str = "good"  # "good", "past_due" or "restricted"; good outside "paid" (D4)
    standing_since: int | None = None  # since when it is not good (D6)
    grace_end: int | None = None  # when a past due account is restricted by time alone (D6)
    owes: bool = False  # on Free only (D8)
    card: bool = False
    trialed: str | None = None  # the key of the plan that was tried
    marked: bool = False  # "trial ended" (R4)
    waiting: str | None = None  # the plan that takes over at `until` (P5)
    leaves_at: int | None = None  # where Free waits for another instant, as in Stripe
    moving: ModelCatalog | None = None  # the edition that takes over at the next boundary (C5)
    pending: tuple[Line, ...] = ()
    credit: int = 0
    invoices: tuple[Invoice, ...] = field(default=(), repr=False)
    refunds: tuple[tuple[int, int], ...] = ()  # the number of an invoice, what was given back (F2)
    events: tuple[Event, ...] = field(default=(), repr=False)

    # --- What a caller does ---
    @classmethod
    def open(cls, act: Act, catalog: ModelCatalog) -> Model:
        """The account that a first action opens; it issues no invoice (P7)."""
        if act.kind not in ("start_trial", "start_free"):
            raise Refused("action_refused")
        model = cls(catalog=catalog, now=act.at, held=catalog.free)
        if act.kind == "start_trial":
            model._start_trial(act.seats)
        model.events = (Event(act.at, act.kind, None, model._held(), None, act),)
        return model

    def act(self, act: Act) -> Issued:
        """Let time pass up to the action, then do it (T5). A refusal changes nothing (P7)."""
        return self._adopt(self._after(act, ask_card=True))

    def preview(self, act: Act) -> Issued:
        """What `act` would issue, without asking for a payment method (B8)."""
        # Reading: the invoices of the time that passes up to the action are part of the preview.
        return self._since(self._after(act, ask_card=False))

    def advance(self, to: int) -> Issued:
        """Let time pass (T4)."""
        return self._adopt(self._at(to))

    def _since(self, later: Model) -> Issued:
        issued, events = later.invoices[len(self.invoices) :], later.events[len(self.events) :]
        return list(issued), list(events)

    def _adopt(self, later: Model) -> Issued:
        issued = self._since(later)
        self.__dict__.update(later.__dict__)
        return issued

    def upcoming(self) -> Invoice | None:
        """The next invoice that time alone issues, if it will issue one (D3, D6)."""
        later = copy.copy(self)
        while later.invoices == self.invoices and (ahead := later._next()) is not None:
            later._live(ahead)
        return later.invoices[-1] if later.invoices != self.invoices else None

    def _next(self) -> int | None:
        """The next instant at which time does something (A3, D6)."""
        ahead = [at for at in (self.until, self.grace_end, self.leaves_at) if at is not None]
        return min(ahead, default=None)

    def _live(self, at: int) -> None:
        """What time does at its next instant; a grace that lapses comes first (D6)."""
        self.now = at
        lives = {
            self.leaves_at: self._leave,
            self.until: self._boundary,
            self.grace_end: self._lapse,
        }
        self._happen(None, lives[at])

    def _wait(self, key: str | None) -> None:
        """What waits for the end of what runs, in the place of whatever waited (P5)."""
        self.waiting, self.leaves_at = key, None

    def leave_at(self, at: int) -> None:
        """Free waits for another instant than the end of what runs, which no action can ask."""
        self.waiting, self.leaves_at = self.catalog.free, None if at == self.until else at

    def _following(self, at: int) -> str:
        """The plan that is held if what waits up to an instant takes over."""
        later = self.leaves_at is not None and self.leaves_at > at
        return self.held if later else self.waiting or self.held

    def _at(self, at: int) -> Model:
        """A copy of this account that has lived until `at` (A1, A2, T4)."""
        if at < self.now:
            raise Refused("out_of_order")
        later = copy.copy(self)
        while (ahead := later._next()) is not None and ahead <= at:
            later._live(ahead)
        later.now = at
        return later

    def _held(self) -> Held:
        return self.catalog.plan(self.held), self.team, self._status()

    def _happen(self, act: Act | None, do: Callable[[], str]) -> None:
        """Do something, and list it if it changed anything or is always listed (B14)."""
        before, held = dict(vars(self)), self._held()
        issued = len(self.invoices)
        kind = do()
        invoice = self.invoices[-1] if len(self.invoices) > issued else None
        if act is None or kind in ALWAYS_LISTED or vars(self) != before:
            self.events += (Event(self.now, kind, held, self._held(), invoice, act),)

    def _after(self, act: Act, *, ask_card: bool) -> Model:
        later = self._at(act.at)
        later._happen(act, lambda: later._do(act, ask_card=ask_card))
        return later

    def _do(self, act: Act, *, ask_card: bool) -> str:
        """Do what the action says, and name it in the lifecycle's words (B14)."""
        if act.kind == "start_trial":
            self._start_trial(act.seats)
        elif act.kind == "choose_plan" and act.plan is not None:
            return self._choose(act.plan, act.seats, ask_card=ask_card)
        elif act.kind == "change_seats" and act.seats is not None:
            return self._change_seats(act.seats, ask_card=ask_card)
        elif act.kind == "cancel":
            return self._cancel(at_once=act.at_once)
        elif act.kind == "resume":
            self._wait(None)  # P5; the mark of an ended trial stays: nothing was chosen
        elif act.kind in ("add_payment_method", "remove_payment_method"):
            self.card = act.kind == "add_payment_method"
        elif act.kind in ("payment_failed", "payment_succeeded"):
            return self._report(act.invoice, failed=act.kind == "payment_failed", final=act.final)
        elif act.kind == "move_to_edition" and act.catalog is not None:
            self._move(act.catalog)
        elif act.kind == "move_trial_end":
            return self._move_trial_end(act.to)
        elif act.kind == "adjust_credit":
            self._check_currency(act.currency)
            self.credit += act.amount  # B13: in every status, and perhaps below zero
        elif act.kind == "refund":
            self._check_currency(act.currency)
            self._refund(act.invoice, act.amount)
        else:
            raise Refused("action_refused")  # P7: a later start_free, or no action at all
        return act.kind

    # --- What time does ---
    def _boundary(self) -> str:
        """The end of the trial or of the paid period, at `now` (T5)."""
        self._change_edition()
        following = self._following(self.now)
        if self.phase == "trial" and self.card and following != self.catalog.free:
            self._start_paid(following, "trial_converted")  # R3, R4, R6
            return "trial_converts"
        if self.phase == "trial":
            self._fall_to_free()
            # Reading: not after a cancellation (R5), but also if a lower paid plan waited (R4).
            self.marked = following != self.catalog.free
            return "trial_lapses" if self.marked else "change_to_free_is_due"
        if self.standing == "restricted":
            self.pending = ()  # D3
            self._fall_to_free()
            return "restriction_lapses"
        if following == self.catalog.free:
            return self._leave()
        if self.catalog.plan(following).interval != self.catalog.plan(self.held).interval:
            # Reading: the billing mode stays, an edition that waited or not (B12).
            self.anchor = self.now  # P9
        self._start_period(following, "period_renewed")  # B2, P3
        return "period_renews"

    def _leave(self) -> str:
        """The change to Free is due: lines that wait are invoiced, an unpaid bill stays (P4, D8)."""
        # Reading: so it is for a restricted account too, inside its period.
        self._change_edition()
        if self.pending:
            self._issue("billing_stopped")
        owes = self.standing != "good"
        self._fall_to_free()
        self.owes = owes
        return "change_to_free_is_due"

    def _lapse(self) -> str:
        """The grace is over: restricted by time alone (D6)."""
        self._stand("restricted")
        return "grace_lapses"

    def _stand(self, standing: str) -> None:
        """A standing, and since when; a grace runs only while past due (D6)."""
        if standing != self.standing:
            self.standing, self.grace_end = standing, None
            self.standing_since = None if standing == "good" else self.now
            if standing == "past_due" and self.catalog.grace_days is not None:
                self.grace_end = self.now + self.catalog.grace_days * DAY

    def _change_edition(self) -> None:
        """The waiting edition takes over; keys now mean its plans (C5)."""
        self.catalog, self.moving = self.moving or self.catalog, None

    def _fall_to_free(self) -> None:
        """On Free: the seats stay recorded (S4), the credit too (B7); no standing there (D4)."""
        self.phase, self.held, self.until = "free", self.catalog.free, None
        self._wait(None)
        self.mode, self.debit = "", None
        self._stand("good")

    def _start_paid(self, key: str, cause: str) -> None:
        """A first paid period: this instant is the anchor (R3, P2), in good standing (D4)."""
        # Reading: a trial cut short (R6) meets a boundary there: a waiting edition takes over.
        self._change_edition()
        self.phase, self.anchor, self.marked = "paid", self.now, False
        self.mode = self.catalog.mode  # B12
        self._start_period(key, cause)

    def _start_period(self, key: str, cause: str, *before: Line) -> None:
        """A paid period starts now and is invoiced in full (B2), waiting lines first (S2)."""
        plan = self.catalog.plan(key)
        self.held, self.since = key, self.now
        if self.leaves_at is None or self.leaves_at <= self.now:
            self._wait(None)
        self.until = boundary_after(self.now, self.anchor, plan.interval or 1)
        if self.leaves_at == self.until:
            self.leaves_at = None
        self.debit = self._charge("subscription")
        self._issue(cause, *before, self.debit)

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

    def _choose(self, plan: ModelPlan, seats: int | None, *, ask_card: bool) -> str:
        """A choice of plan (P1 to P5, P9, R6)."""
        # Reading: refused in this order: offer, standing, count, limit, payment.
        # Reading: held is a matter of keys, whatever the value (C8).
        if plan.key == self.held:
            if seats not in (None, self.team):
                raise Refused("action_refused")  # P7: it does not take effect at once
            self._wait(None)  # P5
            self.marked = False  # R4
            return "keep_plan"
        self._check_offer(plan)
        higher = self.catalog.rank(plan.key) > self.catalog.rank(self.held)
        paid = self.phase == "paid"
        other_interval = paid and plan.interval not in (None, self.catalog.plan(self.held).interval)
        self._check_standing(plan, higher=higher, other_interval=other_interval)
        if not higher:
            if seats is not None:
                raise Refused("action_refused")  # P7
            self._wait(plan.key)  # P3, P4, P9, R5, R6
            if plan.key == self.catalog.free:
                return "choose_free"
            return "change_interval_later" if other_interval else "choose_lower"
        starts = other_interval or not paid
        if seats is not None:
            # A start meets a boundary: its limits are of the edition that waits (C5).
            edition = (self.moving if starts else None) or self.catalog
            self._check_seats(seats, edition.plan(plan.key))
        if ask_card and not self.card:
            raise Refused("payment_method_required")
        self._take_higher(plan.key, seats or self.team, starts=starts)
        return "change_interval" if other_interval else "choose_higher"

    def _take_higher(self, key: str, seats: int, *, starts: bool) -> None:
        self._wait(None)  # P5
        if not starts:
            self._issue("upgraded", *self._change_rate(key, seats))  # P1
        elif self.phase == "paid":  # P9
            # Reading: the credit is of the old edition, the period and its mode of the new one.
            unused = self._credit()
            self.mode = self.moving.mode if self.moving else self.mode
            self._change_edition()
            self.anchor, self.team = self.now, seats
            self._start_period(key, "interval_changed", unused)
        else:
            self.team = seats
            self._start_paid(key, "plan_started")  # P2, R6

    def _check_standing(self, plan: ModelPlan, *, higher: bool, other_interval: bool) -> None:
        """What an account that has not paid cannot choose (B11, D2, D8, P9)."""
        if self.standing == "restricted" and plan.key != self.catalog.free:
            raise Refused("account_restricted")
        if self.standing == "past_due" and (higher or other_interval):
            raise Refused("payment_overdue")
        if self.owes:
            raise Refused("payment_overdue")

    def _check_offer(self, plan: ModelPlan) -> None:
        """A choice is of a plan on offer in the edition held, in the words of either (C5, C8)."""
        editions = [self.catalog, *([self.moving] if self.moving else [])]
        known = any(plan in edition.plans for edition in editions)
        here = plan.key in {each.key for each in self.catalog.plans}
        if not (known and here) or any(plan.key in edition.retired for edition in editions):
            raise Refused("plan_not_offered")  # C9: the edition that waits has a say in this

    def _cancel(self, *, at_once: bool) -> str:
        """Choosing Free, at the end of what runs (P4, R5), or at once (P10)."""
        # Reading: it names no plan value, so it is never refused for an offer (C5, C8).
        self.marked = False
        if at_once:
            self._change_edition()
            self.pending = ()
            owes = self.owes or self.standing != "good"  # D8
            self._fall_to_free()
            self.owes = owes
            return "cancel_at_once"
        if self.phase != "free":
            self._wait(self.catalog.free)
        return "choose_free"

    def _change_seats(self, seats: int, *, ask_card: bool) -> str:
        """More or fewer members (S1 to S5)."""
        if seats == self.team:
            return "keep_seats"  # P7
        growing = seats > self.team
        if growing and self.standing != "good":
            restricted = self.standing == "restricted"
            raise Refused("account_restricted" if restricted else "payment_overdue")  # D2, B11
        plan = self.catalog.plan(self.held)
        self._check_seats(seats, plan)
        if self.phase != "paid" or self.standing != "good":
            self.team = seats  # B11: an overdue shrink writes no lines
        elif plan.interval == 1 and not self.catalog.seat_lines_at_once:
            self.pending += self._change_rate(self.held, seats)
        elif growing and ask_card and not self.card:
            # Reading: "growing there" (S2) is wherever lines are invoiced at once, by term too.
            raise Refused("payment_method_required")
        else:
            self._issue("seats_changed", *self._change_rate(self.held, seats))
        return "grow" if growing else "shrink"

    def _check_seats(self, seats: int, plan: ModelPlan) -> None:
        """No fewer than one seat; growth stays within the plan's limit (S3)."""
        if seats < 1:
            raise Refused("action_refused")
        # Reading: a count that comes with a choice is growth if above the present one.
        if seats > self.team and not plan.holds("seats", seats):
            raise Refused("seat_limit")

    def _report(self, invoice: int | None, *, failed: bool, final: bool) -> str:
        """A payment report from Stripe (D1, D2, D4, D6, D8)."""
        if not self.invoices or (invoice is not None and not 1 <= invoice <= len(self.invoices)):
            raise Refused("action_refused")
        if self.phase != "paid":
            self.owes = failed
        elif not failed:
            self._stand("good")
        elif final or self.standing == "restricted":
            self._stand("restricted")
        else:
            self._stand("past_due")
        if not failed:
            return "payment_succeeded"
        return "payment_failed_finally" if final else "payment_failed"

    def _move_trial_end(self, to: int) -> str:
        """The trial ends at another instant, or now, as its end would (R8)."""
        if self.phase != "trial" or to < self.now:
            raise Refused("action_refused")
        self.until = to
        # Reading: an end of the account that the trial now outlasts moves with it.
        if self.leaves_at is not None and self.leaves_at <= to:
            self.leaves_at = None
        return self._boundary() if to == self.now else "move_trial_end"

    def _check_currency(self, currency: str) -> None:
        if currency != self.catalog.currency:
            raise Refused("currency_mismatch")

    def _refund(self, number: int | None, amount: int) -> None:
        """Money given back on an invoice: a fact for the books (F2)."""
        if number is None or not 1 <= number <= len(self.invoices):
            raise Refused("action_refused")
        if amount > self.invoices[number - 1].amount_due - self.given_back(number):
            raise Refused("action_refused")
        self.refunds += ((number, amount),)

    def given_back(self, number: int) -> int:
        """What was given back on the invoice of a number."""
        return sum(amount for invoice, amount in self.refunds if invoice == number)

    def _move(self, catalog: ModelCatalog) -> None:
        """Another edition, from the next boundary; at once on Free (C5)."""
        # Reading: "the edition held" is equal by value; a newer move replaces one that waits.
        if not catalog.can_follow(self.catalog):
            raise Refused("action_refused")
        self.moving = None if catalog == self.catalog else catalog
        if self.phase == "free":
            self._change_edition()

    # --- Lines and invoices ---
    def _line(self, kind: str, seats: int, base: int, start: int, end: int) -> Line:
        """For what is left of the period: a part of what was or is to be paid for a time (B3)."""
        assert self.until is not None
        plan, sign = self.catalog.plan(self.held), -1 if kind == "unused_time" else 1
        exact = Fraction(sign * base * (self.until - self.now), end - start)
        rate, times = (plan.key, plan.price, seats), (self.now, self.until, start, end)
        return Line(kind, *rate, *times, base, exact, to_minor_units(exact))

    def _charge(self, kind: str) -> Line:
        """All the seats for what is left of the period, a part of the whole of it (B5)."""
        assert self.until is not None
        base = self.catalog.plan(self.held).price * self.team
        return self._line(kind, self.team, base, self.since, self.until)

    def _credit(self) -> Line:
        """The unused time of all the old seats (B5), as the billing mode has it (B12)."""
        assert self.until is not None
        assert self.debit is not None
        if self.mode == "classic":
            base = self.catalog.plan(self.held).price * self.team
            return self._line("unused_time", self.team, base, self.since, self.until)
        # Reading: after an overdue shrink (B11) the old seats are those that were debited.
        debit = self.debit
        time = (debit.part_start, debit.part_end)
        return self._line("unused_time", debit.seats, debit.amount, *time)

    def _change_rate(self, key: str, seats: int) -> tuple[Line, Line]:
        """The two lines of a change inside a period: all the old seats, all the new (B5)."""
        unused = self._credit()
        self.held, self.team = key, seats
        self.debit = self._charge("remaining_time")
        return unused, self.debit

    def _issue(self, cause: str, *lines: Line) -> None:
        """An invoice of the lines that wait, oldest first, then of these (S2, B7, B10)."""
        every = self.pending + lines
        total = sum(line.amount for line in every)
        # Reading: what is owed from before joins the invoice even if its total is below zero.
        owed = total - self.credit
        due = owed if owed > 0 and owed >= self.catalog.smallest_charge else 0
        until = self.now + self.catalog.refund_days * DAY  # F1
        balance = (total, self.credit, due, due - owed)
        self.invoices += (Invoice(len(self.invoices) + 1, cause, self.now, every, *balance, until),)
        self.credit, self.pending = due - owed, ()

    # --- What is true at an instant (A1): a copy lives until then ---
    def status(self, at: int) -> str:
        """trialing, trial_ended, free, active, past_due or restricted."""
        return self._at(at)._status()

    def _status(self) -> str:
        if self.phase == "trial":
            return "trialing"
        if self.phase == "free":
            return "trial_ended" if self.marked else "free"
        return "active" if self.standing == "good" else self.standing

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
        return self._at(at)._next()

    def days_left(self, at: int) -> int | None:
        """The days left of a trial, counted up (R7); none outside a trial."""
        then = self._at(at)
        end = then.until if then.phase == "trial" else None
        return None if end is None else math.ceil(Fraction(end - at, DAY))

    def scheduled(self, at: int) -> tuple[str, int] | None:
        """The change recorded as waiting, and its instant (P5); D3 is not looked at."""
        then = self._at(at)
        turn = then.leaves_at or then.until
        return None if then.waiting is None or turn is None else (then.waiting, turn)

    def decide(self, feature: str, at: int) -> Decided:
        """Whether a feature may be used (A3)."""
        return self._at(at)._decided(lambda plan: feature in plan.features, "not_in_plan")

    def decide_usage(self, quota: str, used: int, at: int) -> Decided:
        """Whether a count, as it would be after the act, is within a quota (A3)."""
        return self._at(at)._decided(lambda plan: plan.holds(quota, used), "over_limit")

    def decide_more(self, more: int, at: int) -> Decided:
        """Whether so many more members are within the quota of seats (A3)."""
        return self.decide_usage("seats", self.seats(at) + more, at)

    def _decided(self, allows: Callable[[ModelPlan], bool], missing: str) -> Decided:
        decider, status = self.effective_plan_key(self.now), self.status(self.now)
        if allows(self.catalog.plan(decider)):
            granted = "granted_by_trial" if status == "trialing" else "granted_by_plan"
            return True, granted, decider, None, self._next()
        if allows(self.catalog.plan(self.held)):  # so only paying is missing (D2)
            return False, "restricted", decider, None, self._next()
        # Reading: the trial's plan is the one tried, by key; then choosing is the remedy.
        tried = self.trialed is not None and allows(self.catalog.plan(self.trialed))
        reason = "trial_ended" if status == "trial_ended" and tried else missing
        return False, reason, decider, self._cheapest(allows), self._next()

    def _cheapest(self, allows: Callable[[ModelPlan], bool]) -> str | None:
        """The cheapest plan by price per seat and month that allows something (A3, C9)."""
        # Reading: among equally cheap plans, the one that ranks lowest.
        retired = self.catalog.retired | (self.moving.retired if self.moving else frozenset())
        able = [plan for plan in self.catalog.plans if allows(plan) and plan.key not in retired]
        able.sort(key=lambda plan: Fraction(plan.price, plan.interval or 1))
        return able[0].key if able else None

    def notices(self, at: int) -> tuple[tuple[object, ...], ...]:
        """What the account is told, the most pressing first, with what is new to say (D5)."""
        then = self._at(at)
        status = then.status(at)
        plan_in_force = then.catalog.plan(then.effective_plan_key(at))
        # Reading: D5's "will be charged" is a fact: without a payment method a trial's end
        # charges nothing (R4), so a running trial never shows "payment required".
        renews = then.until is not None and then._following(then.until) != then.catalog.free
        unpayable = then.phase == "paid" and not then.card and renews
        # Reading: a card added after the trial ended is no choice: still shown (R4, D5).
        reasons = {
            "standing": then.standing != "good" or then.owes,
            "trial_ended": status == "trial_ended",
            "no_payment_method": unpayable,
        }
        because = next((reason for reason, holds in reasons.items() if holds), None)
        prices = then._prices()
        shown: dict[tuple[object, ...], bool] = {
            ("restricted",): status == "restricted",
            ("payment_required", because): because is not None,
            ("trial_ended",): status == "trial_ended",
            # Reading: a restricted account has Free's quotas (D2), so Free's seat limit.
            ("seats_over_limit",): not plan_in_force.holds("seats", then.team),
            ("change_scheduled",): then.waiting is not None or status == "restricted",  # D3
            ("price_change", *prices, then.until): len(set(prices)) == 2,
            ("trial_running",): status == "trialing",
        }
        return tuple(told for told, is_shown in shown.items() if is_shown)

    def _prices(self) -> tuple[int, ...]:
        """The price of the paid plan held from the boundary on, in the edition held and next."""
        following = self.held if self.until is None else self._following(self.until)
        # Reading: what ends in Free ends in Free: a trial without a card (R4), a restriction (D3).
        to_free = self.standing == "restricted" or (self.phase == "trial" and not self.card)
        if self.moving is None or following == self.catalog.free or to_free:
            return ()
        return self.catalog.plan(following).price, self.moving.plan(following).price
