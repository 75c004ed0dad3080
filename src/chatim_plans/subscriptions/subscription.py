"""The facts about one account: what it holds, in which phase, and what waits to change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType
from typing import ClassVar, TypeAlias, assert_never

from attrs import converters, field, fields, frozen

from chatim_plans.catalog.catalogs import BillingMode, Catalog
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError, InvalidValueError
from chatim_plans.foundation.instants import instant, iso
from chatim_plans.foundation.periods import Cycle, Period
from chatim_plans.foundation.values import Value, named


class Status(StrEnum):
    """How an account stands, in one word. Source: rules R4, D1, D2.

    >>> from chatim_plans import StartTrial, Status, open_account, status, utc
    >>> account = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account
    >>> status(account.subscription, utc("2026-04-01")) is Status.trial_ended
    True
    """

    trialing = "trialing"
    trial_ended = "trial_ended"
    free = "free"
    active = "active"
    past_due = "past_due"
    restricted = "restricted"


class Standing(StrEnum):
    """What the latest payment report says of a paid account, whatever invoice it names.

    >>> from chatim_plans import *
    >>> at, failed = utc("2026-01-15 09:00"), utc("2026-02-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> account = replay([*paid, PaymentFailed(at=failed)]).account
    >>> account.subscription.phase.standing is Standing.past_due
    True

    Source: rules D1, D2, D4.
    """

    good = "good"
    past_due = "past_due"
    restricted = "restricted"


# Tables, because looking a member up through its enum class is slow on CPython 3.11.
_STATUS_OF_FREE = MappingProxyType({True: Status.trial_ended, False: Status.free})
_STATUS_OF_STANDING = MappingProxyType({
    Standing.good: Status.active,
    Standing.past_due: Status.past_due,
    Standing.restricted: Status.restricted,
})


@frozen(order=False)
class OnFree(Value):
    """On the free plan; `trial_ended` until a plan is chosen, and `owes` until a payment succeeds.

    >>> from chatim_plans import OnFree, StartTrial, replay, utc
    >>> account = replay([StartTrial(at=utc("2026-03-01 12:00"))], until=utc("2026-04-01")).account
    >>> account.subscription.phase, account.subscription.phase == OnFree(trial_ended=True)
    (OnFree(trial_ended=True), True)

    Raises:
        InvalidTypeError: a mark that is no bool.

    Source: rules R4, D8.
    """

    trial_ended: bool = False
    owes: bool = False

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.trial_ended, bool, "trial_ended")
        shapes.instance(self.owes, bool, "owes")

    @property
    def end(self) -> None:
        """Time alone never ends this phase."""
        return None

    next_instant = end

    @property
    def status(self) -> Status:
        """How an account in this phase stands."""
        return _STATUS_OF_FREE[self.trial_ended]


@frozen(order=False)
class OnTrial(Value):
    """In the free trial, which ends at the instant `trial_end`.

    >>> from chatim_plans import OnTrial, StartTrial, open_account, utc
    >>> account = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account
    >>> account.subscription.phase, isinstance(account.subscription.phase, OnTrial)
    (OnTrial(trial_end=2026-03-31T12:00Z), True)

    Raises:
        InvalidTypeError, InvalidValueError: no instant.

    Source: rules R1, R3.
    """

    status: ClassVar[Status] = Status.trialing

    trial_end: datetime = field(converter=instant)

    @property
    def end(self) -> datetime:
        """The instant at which time ends the trial."""
        return self.trial_end

    next_instant = end


@frozen(order=False)
class OnPaid(Value):
    """On a paid plan: the cycle of its boundaries, the period it is in, and its standing.

    `billing_mode` is the one that the plan started in, kept until it is back on Free.
    `standing_since` is the first failure since the account was last in good standing, or the
    instant of the restriction; None in good standing, and where it is not known. `grace_end` is
    the instant at which time restricts an account past due; None where no grace runs.

    >>> from chatim_plans import PRO, AddPaymentMethod, ChoosePlan, StartFree, replay, utc
    >>> at = utc("2026-01-31")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 3, at=at)]
    >>> phase = replay(paid, until=utc("2026-03-01")).account.subscription.phase
    >>> str(phase.period), f"{phase.cycle.anchor:%d %b}", phase.standing.value
    ('2026-02-28T00:00Z/2026-03-31T00:00Z', '31 Jan', 'good')

    Raises:
        InvalidTypeError, InvalidValueError: a period that is none of the cycle's, or instants that
            do not go with the standing.

    Source: rules T3, B2, B12, D1, D6.
    """

    cycle: Cycle
    period: Period
    standing: Standing = Standing.good
    billing_mode: BillingMode = BillingMode.flexible
    standing_since: datetime | None = field(default=None, converter=converters.optional(instant))
    grace_end: datetime | None = field(default=None, converter=converters.optional(instant))

    def __attrs_post_init__(self) -> None:
        cycle = shapes.instance(self.cycle, Cycle, "cycle")
        period = shapes.instance(self.period, Period, "period")
        shapes.instance(self.standing, Standing, "standing")
        shapes.instance(self.billing_mode, BillingMode, "billing_mode")
        if period.start < cycle.anchor or cycle.period_holding(period.start) != period:
            raise InvalidValueError("period", period, "a whole period of the cycle")
        if self.standing is Standing.good and self.standing_since is not None:
            raise InvalidValueError("standing_since", self.standing_since, "None in good standing")
        if self.grace_end is not None:
            if self.standing is not Standing.past_due:
                raise InvalidValueError("grace_end", self.grace_end, "None unless past due")
            if self.standing_since is not None and self.grace_end <= self.standing_since:
                raise InvalidValueError(
                    "grace_end", self.grace_end, "an instant after standing_since"
                )

    def _shown(self) -> Iterator[str]:
        yield str(self.period)
        if self.cycle != Cycle(self.period.start):
            yield repr(self.cycle)
        if self.standing is not Standing.good:
            yield self.standing
        if self.billing_mode is not BillingMode.flexible:
            yield self.billing_mode
        for name in ("standing_since", "grace_end"):
            if (at := getattr(self, name)) is not None:
                yield named(name, at)

    @property
    def end(self) -> datetime:
        """The instant at which time ends the period."""
        return self.period.end

    @property
    def next_instant(self) -> datetime:
        """The instant at which time ends the period, or before it the grace."""
        end, grace_end = self.period.end, self.grace_end
        return end if grace_end is None else min(end, grace_end)

    @property
    def status(self) -> Status:
        """How an account in this phase stands."""
        return _STATUS_OF_STANDING[self.standing]


Phase: TypeAlias = OnFree | OnTrial | OnPaid
"""Where an account is, with that phase's own facts: on Free, in its trial, or on a paid plan.

>>> from chatim_plans import OnFree, OnPaid, OnTrial, StartTrial, open_account, utc
>>> match open_account(StartTrial(at=utc("2026-03-01 12:00"))).account.subscription.phase:
...     case OnFree():
...         print("on Free")
...     case OnTrial(end=end) | OnPaid(end=end):
...         print(f"until {end:%d %b}")
until 31 Mar

Source: rules R1, P2, P4.
"""


@frozen(order=False)
class ScheduledChange(Value):
    """The change that waits: `plan` will be held from the instant `at`.

    >>> from chatim_plans import *
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(ULTIMATE, 5, at=at)]
    >>> account = replay([*paid, ChoosePlan(PRO, at=utc("2026-10-27 17:30"))]).account
    >>> account.subscription.scheduled_change
    ScheduledChange(pro 19.00 USD from 2026-11-15T09:00Z)

    Raises:
        InvalidTypeError, InvalidValueError: no plan, or no instant.

    Source: rules P3–P5.
    """

    plan: Plan
    at: datetime = field(converter=instant)

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.plan, Plan, "plan")

    def __str__(self) -> str:
        """The change in a few words: the plan, and from when."""
        return f"{self.plan} from {iso(self.at)}"

    def _shown(self) -> Iterator[str]:
        yield str(self)


def _tried_plan(key: str | None) -> str | None:
    return None if key is None else shapes.plain(key, "tried_plan")


@frozen(order=False)
class Subscription(Value):
    """What is known of one account at the instant `as_of`; nothing here is derived.

    `catalog` is the edition it was sold from and `plan` the plan held, a plan of that edition.
    `seats` are the team's active members, whatever the plan's limit (rule S4). `phase` says where
    the account is and holds that phase's own facts. `scheduled_change` is the one change of plan
    that waits, `next_catalog` the edition it moves to at its next boundary. `payment_method` tells
    whether a usable one is on file, `tried_plan` the key of the plan that its trial gave (None: it
    never had a trial), `was_invoiced` whether an invoice was ever issued.

    Subscriptions come from `open_account` and change by `apply`; few callers build one.

    >>> from chatim_plans import StartTrial, open_account, utc
    >>> facts = open_account(StartTrial(4, at=utc("2026-03-01 12:00"))).account.subscription
    >>> facts.plan.key, facts.seats, facts.phase, facts.payment_method
    ('pro', 4, OnTrial(trial_end=2026-03-31T12:00Z), False)

    Raises:
        InvalidTypeError, InvalidValueError: facts that contradict one another.
        UnknownKeyError: a tried plan that the catalogue does not have.

    Source: rules C5, C8, S4, R2, T4, P5.
    """

    catalog: Catalog
    plan: Plan
    seats: int
    as_of: datetime = field(converter=instant)
    phase: Phase
    scheduled_change: ScheduledChange | None = None
    next_catalog: Catalog | None = None
    payment_method: bool = False
    tried_plan: str | None = field(default=None, converter=_tried_plan)
    was_invoiced: bool = False

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.catalog, Catalog, "catalog")
        shapes.instance(self.plan, Plan, "plan")
        shapes.whole_number(self.seats, "seats", at_least=1)
        if not isinstance(self.phase, Phase):
            raise InvalidTypeError("phase", self.phase, "OnFree, OnTrial or OnPaid")
        if self.scheduled_change is not None:
            shapes.instance(self.scheduled_change, ScheduledChange, "scheduled_change")
        if self.next_catalog is not None:
            shapes.instance(self.next_catalog, Catalog, "next_catalog")
        shapes.instance(self.payment_method, bool, "payment_method")
        shapes.instance(self.was_invoiced, bool, "was_invoiced")
        for holds, name, expected in self._consistency():
            if not holds:
                raise InvalidValueError(name, getattr(self, name), expected)

    def _consistency(self) -> Iterator[tuple[bool, str, str]]:
        plan, phase = self.plan, self.phase
        yield plan in self.catalog.plans, "plan", "a plan of the catalogue held"
        if self.next_catalog is not None:
            fault = self.catalog.fault_of_successor(self.next_catalog)
            yield fault is None, "next_catalog", f"an edition to move to, but {fault}"
        tried = self.tried_plan is None or not self.catalog.plan(self.tried_plan).is_free
        yield tried, "tried_plan", "the key of a paid plan"
        match phase:
            case OnFree():
                waits = self.scheduled_change or self.next_catalog
                yield plan.is_free, "phase", "OnTrial or OnPaid on a paid plan"
                yield waits is None, "phase", "nothing waiting on the free plan"
                yield (
                    self.tried_plan is not None or not phase.trial_ended,
                    "tried_plan",
                    "the plan of the trial that ended",
                )
                owes = self.was_invoiced or not phase.owes
                yield owes, "was_invoiced", "True on an account that owes"
            case OnTrial():
                yield not plan.is_free, "phase", "OnFree on the free plan"
                yield self.tried_plan == plan.key, "tried_plan", "the plan held, in a trial"
                yield self.as_of < phase.end, "as_of", "an instant before the trial's end"
            case OnPaid(cycle=cycle, period=period):
                interval = plan.interval_months == cycle.months
                yield interval, "phase", "a cycle of the plan's own interval"
                yield self.was_invoiced, "was_invoiced", "True on a paid plan"
                yield self.as_of in period, "as_of", "an instant in the paid period"
                begun = phase.standing_since is None or phase.standing_since <= self.as_of
                yield begun, "as_of", "an instant since which the standing holds"
                runs = phase.grace_end is None or self.as_of < phase.grace_end
                yield runs, "as_of", "an instant before the grace's end"
            case _ as never:
                assert_never(never)
        if self.scheduled_change is not None:
            change = self.scheduled_change
            known = change.plan in self.catalog.plans
            yield known, "scheduled_change", "a plan of the catalogue held"
            yield change.at > self.as_of, "scheduled_change", "an instant after as_of"
            yield self._may_wait(change), "scheduled_change", "an instant at which it can happen"

    def __str__(self) -> str:
        """What is held and how it stands, in a few words: `3 x pro 19.00 USD, active`."""
        return f"{self.seats} x {self.plan}, {self.present_status}"

    def _shown(self) -> Iterator[str]:
        yield named("catalog", self.catalog)
        yield f"{self.seats} x {self.plan}"
        yield named("as_of", self.as_of)
        yield repr(self.phase)
        for name, waits in (
            ("scheduled_change", self.scheduled_change),
            ("next_catalog", self.next_catalog),
            ("tried_plan", self.tried_plan),
        ):
            if waits is not None:
                yield named(name, waits)
        yield from (name for name in ("payment_method", "was_invoiced") if getattr(self, name))

    def _may_wait(self, change: ScheduledChange) -> bool:
        """A trial changes at its end, a paid plan at a boundary; either may end for Free later."""
        if not isinstance(self.phase, OnPaid):
            ends_later = change.plan.is_free and change.at != self.next_boundary
            return ends_later or change.at == self.phase.end
        on_boundary = self.phase.cycle.period_holding(change.at).start == change.at
        return change.plan.is_free or on_boundary

    @property
    def upcoming_catalog(self) -> Catalog:
        """The edition that holds from the next boundary on (rule C5)."""
        return self.next_catalog or self.catalog

    @property
    def retired(self) -> frozenset[str]:
        """The keys of the plans that nobody can choose any more, here or in what waits (C9)."""
        waiting = self.next_catalog
        return self.catalog.retired if waiting is None else self.catalog.retired | waiting.retired

    @property
    def next_boundary(self) -> datetime | None:
        """The next instant at which time does something to the account; None on Free (rule A3)."""
        end = self.phase.next_instant
        change = self.scheduled_change
        return end if end is None or change is None else min(end, change.at)

    @property
    def is_overdue(self) -> bool:
        """Whether an invoice is known to be unpaid: past due, restricted, or owing (B11, D8)."""
        match self.phase:
            case OnFree(owes=owes):
                return owes
            case OnTrial():
                return False
            case OnPaid(standing=Standing.good):
                return False
            case OnPaid():
                return True
            case _ as never:
                assert_never(never)

    def has_same_facts(self, other: Subscription) -> bool:
        """Whether nothing but the instant it stands at tells this account from `other`."""
        return bool(_all_but_when(self) == _all_but_when(other))

    def change_after(self, at: datetime) -> ScheduledChange | None:
        """The change that waits longer than the instant `at`; None if none does."""
        change = self.scheduled_change
        return None if change is None or change.at <= at else change

    @property
    def present_status(self) -> Status:
        """How the account stands at `as_of`."""
        return self.phase.status


_FACTS = [fact.name for fact in fields(Subscription)]
_FACTS.remove("as_of")
_all_but_when = attrgetter(*_FACTS)
