"""Hostile calls on the whole public surface: each is refused with the error it deserves.

The table is built from places (a public function or field that takes one value) and values that do
not belong there. The refusals must not depend on attrs validators, which anybody may switch off, so
the whole table runs a second time without them. Last come the values themselves: immutable,
hashable, and the same after pickling and copying.
"""

# ruff: noqa: PLR0912, PLW0108 — no type fits a hostile value; a lambda delays what it builds
from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import partial
from typing import Any, Never, TypeAlias

import attrs
import pytest

import chatim_plans
from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    Account,
    AccountEvent,
    AccountRestrictedError,
    AccountRestrictedNotice,
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    AdjustCredit,
    Cancel,
    Catalog,
    ChangeScheduledNotice,
    ChangeSeats,
    ChoosePlan,
    Currency,
    CurrencyMismatchError,
    Cycle,
    Difference,
    Entitlements,
    EventKind,
    Feature,
    FeatureMatrix,
    Held,
    IntervalMismatchError,
    InvalidCatalogError,
    InvalidTypeError,
    InvalidValueError,
    Invoice,
    InvoiceCause,
    IssuedInvoice,
    LimitChange,
    Limits,
    Line,
    LineKind,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    OnFree,
    OnPaid,
    OnTrial,
    OutOfOrderError,
    PaymentFailed,
    PaymentMethodRequiredError,
    PaymentRequiredNotice,
    PaymentSucceeded,
    Period,
    Plan,
    PlanNotOfferedError,
    PlansError,
    PriceChangeNotice,
    Quota,
    Reason,
    Refunded,
    RemovePaymentMethod,
    Resume,
    Role,
    ScheduledChange,
    SeatLimitError,
    SeatsOverLimitNotice,
    Standing,
    StartFree,
    StartTrial,
    Statement,
    Status,
    TrialEligibility,
    TrialEndedNotice,
    TrialRefusal,
    TrialRefusedError,
    TrialRunningNotice,
    UnknownKeyError,
    advance,
    apply,
    can_manage_billing,
    change_takes_effect,
    comparison_table,
    days_left,
    difference,
    downgrade_report,
    entitlements,
    entitlements_after,
    label,
    monthly_charge,
    notices,
    open_account,
    preview,
    price_table,
    prorate,
    replay,
    statements,
    status,
    trial_eligibility,
    unlikely_rounding_gains,
    upcoming_invoice,
)
from tests.accounts import (
    ACTIONS,
    after,
    on_free,
    on_plan,
    on_trial,
    restricted,
    with_plans,
    yearly,
)
from tests.instants import OddZone, utc
from tests.refused import Small

Call: TypeAlias = Callable[[], object]
Place: TypeAlias = Callable[[Any], object]
Error: TypeAlias = type[PlansError]

AT = utc(2026, 1, 15, 9)
LATER = utc(2026, 1, 20, 9)
END = utc(2026, 2, 15, 9)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def _any(value: object) -> Any:
    """The value, about which mypy is told nothing."""
    return value


def changed(value: Any, **facts: Any) -> Any:
    """The value with other facts, about which mypy is told nothing."""
    return attrs.evolve(value, **facts)


def facts(who: Callable[[], Account], **others: Any) -> Any:
    """The subscription of an account, with other facts."""
    return changed(who().subscription, **others)


# --- Accounts to be hostile to; functions, so that nothing is built at import ---
def euro() -> Currency:
    """Another currency."""
    return Currency("EUR", 2)


def period() -> Period:
    """The paid account's first period."""
    return Period(AT, END)


def line() -> Line:
    """Three seats of Pro for a month."""
    return Line(LineKind.subscription, PRO, 3, period(), period(), Money(5700, USD))


def invoice() -> Invoice:
    """The invoice of that line."""
    nothing, due = Money(0, USD), Money(5700, USD)
    return Invoice(AT, (line(),), nothing, due, AT + timedelta(days=14))


def free() -> Account:
    """On Free, never had a trial."""
    return on_free(AT)


def trial() -> Account:
    """In the trial, with three seats and no payment method."""
    return on_trial(AT, seats=3)


def paid(catalog: Catalog = CHATIM) -> Account:
    """On Pro with three seats, in good standing."""
    return on_plan(PRO, AT, seats=3, catalog=catalog)


def top() -> Account:
    """On Ultimate with three seats, in good standing."""
    return on_plan(ULTIMATE, AT, seats=3)


def grown() -> Account:
    """On Pro, from three seats to four, the lines of which wait."""
    return after(paid(), ChangeSeats(4, at=LATER))


def waiting_lines() -> tuple[Line, ...]:
    """Those lines."""
    return grown().pending_lines


def dear() -> Plan:
    """Pro, at almost its price."""
    return attrs.evolve(PRO, features=ULTIMATE.features)


def happened() -> AccountEvent:
    """What happened when a fourth seat was added, which issued nothing."""
    three, four = Held(PRO, 3, Status.active), Held(PRO, 4, Status.active)
    return AccountEvent(AT, EventKind.grow, three, four, None, ChangeSeats(4, at=AT))


def told() -> Statement:
    """The history of a month on Pro that time renewed, with three seats."""
    return replay([StartFree(at=AT), AddPaymentMethod(at=AT), ChoosePlan(PRO, 3, at=AT)], until=END)


def numbered() -> Invoice:
    """The invoice of the purchase."""
    return told().invoices[0]


def bought() -> AccountEvent:
    """The purchase."""
    return told().events[2]


def renewed() -> AccountEvent:
    """The renewal."""
    return told().events[3]


def recorded(action: Action) -> AccountEvent:
    """What an action did to the account on Pro."""
    (event,) = apply(paid(), action).events
    return event


def dearer() -> PriceChangeNotice:
    """Pro a dollar dearer."""
    plan = changed(PRO, price=Money(20_00, USD))
    return PriceChangeNotice(plan, PRO.price, plan.price, END)


def owing() -> Account:
    """On Ultimate with three seats, restricted at this very instant."""
    return restricted(ULTIMATE, seats=3, bought=AT - timedelta(days=9))


def may() -> Entitlements:
    """What the account in its trial may do."""
    return entitlements(trial().subscription, AT)


def edition(**facts: Any) -> Catalog:
    """The published catalogue with other facts."""
    return attrs.evolve(CHATIM, **{"edition": "next", **facts})


def in_euro() -> Catalog:
    """The published plans, sold in euros."""
    plans = [changed(plan, price=Money(plan.price.amount, euro())) for plan in CHATIM.plans]
    terms = changed(CHATIM.terms, smallest_charge=Money(50, euro()))
    return edition(plans=plans, terms=terms)


def pro_by_the_year() -> Catalog:
    """The published plans, with Pro by the year."""
    return edition(plans=(FREE, changed(PRO, interval_months=12), ULTIMATE))


def small() -> Catalog:
    """A catalogue whose paid plan has at most five seats."""
    five = changed(PRO, limits={**PRO.limits, Quota.seats: 5})
    return Catalog("small", (FREE, five), CHATIM.terms)


# --- Values that do not belong ---
class Index:
    """A whole number as numpy spells it: no int, but it has `__index__`, and adds."""

    def __index__(self) -> int:
        return 1

    __int__ = __index__

    def __add__(self, other: int) -> int:
        return 1 + other

    def __lt__(self, other: int) -> bool:
        return other > 1

    def __repr__(self) -> str:
        return "Index()"


class Wide(int):
    """A subclass of int."""


class Boastful(str):
    """A text that says it equals every other."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("api_access")


class Hashless(Boastful):
    """A text that says so, and fails to hash."""

    __slots__ = ()

    def __hash__(self) -> int:
        raise RuntimeError


class Posing:
    """What is no text, but hashes as one and says that it equals all of them."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __hash__(self) -> int:
        return hash("api_access")

    def __eq__(self, other: object) -> bool:
        return True


class Claiming(Posing):
    """The same, and says that it is of the class of texts."""

    __class__ = _any(str)


class Timeless(datetime):
    """A datetime of which nothing can be asked."""

    def __getattribute__(self, name: str) -> Never:
        raise RuntimeError(name)


NO_INTS: tuple[Any, ...] = (
    1.0,
    1.5,
    float("nan"),
    float("inf"),
    True,
    False,
    "1",
    b"1",
    Decimal(1),
    Fraction(1),
    1j,
    Index(),
    Small.one,
    Wide(1),
    [1],
    UNLIMITED,
    object(),
)

NO_INSTANTS: dict[str, tuple[Any, Error]] = {
    "naive": (datetime(2026, 1, 20, 9), InvalidValueError),
    "naive max": (datetime.max, InvalidValueError),
    "max, west": (datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))), InvalidValueError),
    "min, east": (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), InvalidValueError),
    "a zone of a word": (datetime(2026, 1, 20, tzinfo=OddZone("+01:00")), InvalidValueError),
    "a zone of two days": (datetime(2026, 1, 20, tzinfo=OddZone(timedelta(2))), InvalidValueError),
    "a zone that is none": (datetime(2026, 1, 20, tzinfo=OddZone(RuntimeError)), InvalidValueError),
    "the base of zones": (datetime(2026, 1, 20, tzinfo=_any(tzinfo)()), InvalidValueError),
    "a datetime that raises": (Timeless(2026, 1, 20, tzinfo=UTC), InvalidValueError),
    "date": (date(2026, 1, 20), InvalidTypeError),
    "time": (time(9, tzinfo=UTC), InvalidTypeError),
    "number": (1_768_467_600, InvalidTypeError),
    "float": (1_768_467_600.0, InvalidTypeError),
    "string": ("2026-01-20T09:00:00Z", InvalidTypeError),
    "bool": (True, InvalidTypeError),
    "None": (None, InvalidTypeError),
    "class": (datetime, InvalidTypeError),
}

NO_OBJECTS: tuple[Any, ...] = (None, object(), "pro", 7, True, [], {}, AT, Plan, lambda: None)

UNKNOWN_KEYS = (
    "",
    "teleport",
    "SEATS",
    "Admin",
    " seats",
    "seats ",
    "nan",
    "\x00",
    Boastful("teleport"),
    Hashless("teleport"),
)
BEYOND_ALL_USE = (10**100, 10**5_000)
NO_KEYS: tuple[Any, ...] = (
    *(None, 7, 1.5, True, b"seats", [], {}, object(), UNLIMITED),
    *(Posing(), Claiming()),
)

# --- Places ---
# Where a whole number belongs, and the least it may be, if there is one.
WHOLE_NUMBERS: dict[str, tuple[Place, int | None]] = {
    "Money(amount)": (lambda v: Money(v, USD), None),
    "Money * factor": (lambda v: Money(1, USD) * v, None),
    "factor * Money": (lambda v: v * Money(1, USD), None),
    "Currency(digits)": (lambda v: Currency("USD", v), 0),
    "Cycle(months)": (lambda v: Cycle(AT, v), 1),
    "Cycle.boundary": (lambda v: Cycle(AT).boundary(v), 0),
    "Plan(interval_months)": (lambda v: changed(PRO, interval_months=v), 1),
    "Plan.charge": (lambda v: PRO.charge(v), 1),
    "Catalog.cheapest_within": (lambda v: CHATIM.cheapest_within("seats", v), 0),
    "Terms(trial_days)": (lambda v: changed(CHATIM.terms, trial_days=v), 1),
    "Terms(refund_days)": (lambda v: changed(CHATIM.terms, refund_days=v), 0),
    "StartTrial(seats)": (lambda v: StartTrial(v, at=AT), 1),
    "ChoosePlan(seats)": (lambda v: ChoosePlan(PRO, seats=v, at=AT), 1),
    "ChangeSeats(seats)": (lambda v: ChangeSeats(v, at=AT), 1),
    "Subscription(seats)": (lambda v: facts(free, seats=v), 1),
    "Line(seats)": (lambda v: changed(line(), seats=v), 1),
    "monthly_charge": (lambda v: monthly_charge(PRO, v), 1),
    "Entitlements.decide_usage": (lambda v: may().decide_usage("seats", v), 0),
    "Entitlements.decide_more": (lambda v: may().decide_more("seats", v), 0),
    "Decision(used)": (lambda v: changed(may().decide_usage("seats", 1), used=v), 0),
    "Entitlements(seats)": (
        lambda v: Entitlements(CHATIM, FREE, None, Status.free, None, None, v),
        1,
    ),
    "Held(seats)": (lambda v: Held(FREE, v, Status.free), 1),
    "Terms(grace_days)": (lambda v: changed(CHATIM.terms, grace_days=v), 1),
    "PaymentFailed(invoice)": (lambda v: PaymentFailed(invoice=v, at=AT), 1),
    "PaymentSucceeded(invoice)": (lambda v: PaymentSucceeded(invoice=v, at=AT), 1),
    "Refunded(invoice)": (lambda v: Refunded(v, Money(1, USD), at=AT), 1),
    "Invoice(number)": (lambda v: changed(numbered(), number=v), 1),
    "SeatsOverLimitNotice(seats)": (lambda v: SeatsOverLimitNotice(v, 1, 2), 1),
    "SeatsOverLimitNotice(over)": (lambda v: SeatsOverLimitNotice(3, 1, v), 1),
    "TrialRunningNotice(days_left)": (lambda v: TrialRunningNotice(PRO, v, END), 1),
    "DowngradeReport(seats_over)": (
        lambda v: changed(downgrade_report(trial().subscription, FREE, AT), seats_over=v),
        0,
    ),
}

# What holds a whole number, and the least that this may be.
HOLDERS: dict[str, tuple[Place, int]] = {
    "Plan(price)": (lambda v: changed(PRO, price=Money(v, USD)), 0),
    "Plan(seat limit)": (lambda v: changed(PRO, limits={**PRO.limits, "seats": v}), 1),
    "Plan(chat limit)": (lambda v: changed(PRO, limits={**PRO.limits, "chats": v}), 0),
    "Terms(smallest_charge)": (lambda v: changed(CHATIM.terms, smallest_charge=Money(v, USD)), 0),
    "LimitChange(before)": (lambda v: LimitChange(Quota.chats, v, 7), 0),
    "Invoice(amount_due)": (lambda v: changed(invoice(), amount_due=Money(v, USD)), 0),
}

INSTANTS: dict[str, Place] = {
    "Period(start)": lambda v: Period(v, END),
    "Period(end)": lambda v: Period(AT, v),
    "in Period": lambda v: v in period(),
    "Cycle(anchor)": lambda v: Cycle(v),
    "Cycle.period_holding": lambda v: Cycle(AT).period_holding(v),
    **ACTIONS,
    "MoveTrialEnd": lambda v: MoveTrialEnd(END, at=v),
    "MoveTrialEnd(to)": lambda v: MoveTrialEnd(v, at=AT),
    "AdjustCredit": lambda v: AdjustCredit(Money(1, USD), at=v),
    "Refunded": lambda v: Refunded(1, Money(1, USD), at=v),
    "statements": lambda v: statements([StartFree(at=AT)], [v]),
    "AccountEvent(at)": lambda v: changed(happened(), at=v),
    "DowngradeReport(takes_effect)": lambda v: changed(
        downgrade_report(trial().subscription, FREE, AT), takes_effect=v
    ),
    "ChangeScheduledNotice(at)": lambda v: ChangeScheduledNotice(FREE, v),
    "PriceChangeNotice(at)": lambda v: changed(dearer(), at=v),
    "TrialRunningNotice(trial_end)": lambda v: TrialRunningNotice(PRO, 30, v),
    "OnTrial(trial_end)": lambda v: OnTrial(v),
    "ScheduledChange(at)": lambda v: ScheduledChange(PRO, v),
    "Subscription(as_of)": lambda v: facts(free, as_of=v),
    "Invoice(issued_at)": lambda v: changed(invoice(), issued_at=v),
    "Invoice(refundable_until)": lambda v: changed(invoice(), refundable_until=v),
    "status": lambda v: status(trial().subscription, v),
    "days_left": lambda v: days_left(trial().subscription, v),
    "change_takes_effect": lambda v: change_takes_effect(trial().subscription, FREE, v),
    "entitlements": lambda v: entitlements(trial().subscription, v),
    "entitlements_after": lambda v: entitlements_after(trial().subscription, FREE, v),
    "Entitlements.is_valid_at": lambda v: may().is_valid_at(v),
    "downgrade_report": lambda v: downgrade_report(trial().subscription, FREE, v),
    "notices": lambda v: notices(trial().subscription, v),
    "advance": lambda v: advance(trial(), v),
}

ASKED_OF_FACTS = (
    "status days_left change_takes_effect entitlements entitlements_after downgrade_report notices "
    "advance Cycle.period_holding"
)
FROM_THE_FACTS_ON: dict[str, Place] = {
    **{name: INSTANTS[name] for name in ASKED_OF_FACTS.split()},
    "apply": lambda v: apply(trial(), Cancel(at=v)),
    "preview": lambda v: preview(trial(), Cancel(at=v)),
    "replay(until)": lambda v: replay([StartTrial(at=AT)], v),
    "replay": lambda v: replay([StartTrial(at=AT), Cancel(at=v)]),
}

KEYS: dict[str, Place] = {
    "Plan(features)": lambda v: changed(PRO, features=[v]),
    "Plan.allows": lambda v: PRO.allows(v),
    "Plan.limit": lambda v: PRO.limit(v),
    "Limits[]": lambda v: PRO.limits[v],
    "Limits.get": lambda v: PRO.limits.get(v),
    "in Limits": lambda v: v in PRO.limits,
    "Catalog.plan": lambda v: CHATIM.plan(v),
    "Catalog.cheapest_with": lambda v: CHATIM.cheapest_with(v),
    "Catalog.cheapest_within": lambda v: CHATIM.cheapest_within(v, 1),
    "FeatureMatrix.allows": lambda v: CHATIM.matrix.allows(v, PRO),
    "FeatureMatrix.allows(plan)": lambda v: CHATIM.matrix.allows("ai_chatbot", v),
    "FeatureMatrix.limit": lambda v: CHATIM.matrix.limit(v, PRO),
    "FeatureMatrix.limit(plan)": lambda v: CHATIM.matrix.limit("seats", v),
    "FeatureMatrix.row": lambda v: CHATIM.matrix.row(v),
    "FeatureMatrix.column": lambda v: CHATIM.matrix.column(v),
    "FeatureMatrix.difference(a)": lambda v: CHATIM.matrix.difference(v, PRO),
    "FeatureMatrix.difference(b)": lambda v: CHATIM.matrix.difference(PRO, v),
    "Terms(rounding)": lambda v: changed(CHATIM.terms, rounding=v),
    "prorate(rounding)": lambda v: prorate(
        Money(1, USD), part=period(), whole=period(), rounding=v
    ),
    "price_table": lambda v: price_table(CHATIM, v),
    "comparison_table": lambda v: comparison_table(CHATIM, v),
    "label(language)": lambda v: label(PRO, v),
    "label": lambda v: label(v, "fr"),
    "Entitlements.allows": lambda v: may().allows(v),
    "Entitlements.limit": lambda v: may().limit(v),
    "Entitlements.decide": lambda v: may().decide(v),
    "Entitlements.decide_usage": lambda v: may().decide_usage(v, 1),
    "Entitlements.decide_more": lambda v: may().decide_more(v, 1),
    "Difference(features_gained)": lambda v: Difference([v], [], (), ()),
    "DowngradeReport(features_lost)": lambda v: changed(
        downgrade_report(trial().subscription, FREE, AT), features_lost=[v]
    ),
    "Terms(billing_mode)": lambda v: changed(CHATIM.terms, billing_mode=v),
    "can_manage_billing": lambda v: can_manage_billing(v),
}

MAPPING_KEYS: dict[str, Place] = {"Limits": lambda v: Limits({**PRO.limits, v: 1})}

OBJECTS: dict[str, Place] = {
    "Money(currency)": lambda v: Money(1, v),
    "Money + ": lambda v: Money(1, USD) + v,
    " + Money": lambda v: v + Money(1, USD),
    "Money - ": lambda v: Money(1, USD) - v,
    " - Money": lambda v: v - Money(1, USD),
    "Money < ": lambda v: Money(1, USD) < v,
    "Money <= ": lambda v: Money(1, USD) <= v,
    "Money > ": lambda v: Money(1, USD) > v,
    "Money >= ": lambda v: Money(1, USD) >= v,
    "Period.encloses": lambda v: period().encloses(v),
    "Plan(price)": lambda v: changed(PRO, price=v),
    "Terms(smallest_charge)": lambda v: changed(CHATIM.terms, smallest_charge=v),
    "Catalog(plans of)": lambda v: Catalog("x", [FREE, v], CHATIM.terms),
    "Catalog(terms)": lambda v: changed(CHATIM, terms=v),
    "Catalog.rank": lambda v: CHATIM.rank(v),
    "Catalog.is_upgrade(a)": lambda v: CHATIM.is_upgrade(v, PRO),
    "Catalog.is_upgrade(b)": lambda v: CHATIM.is_upgrade(PRO, v),
    "price_table": lambda v: price_table(v, "fr"),
    "comparison_table": lambda v: comparison_table(v, "fr"),
    "ChoosePlan(plan)": lambda v: ChoosePlan(v, at=AT),
    "MoveToEdition(catalog)": lambda v: MoveToEdition(v, at=AT),
    "ScheduledChange(plan)": lambda v: ScheduledChange(v, AT),
    "OnPaid(cycle)": lambda v: OnPaid(v, period()),
    "OnPaid(period)": lambda v: OnPaid(Cycle(AT), v),
    "OnPaid(standing)": lambda v: OnPaid(Cycle(AT), period(), v),
    "Subscription(catalog)": lambda v: facts(free, catalog=v),
    "Subscription(plan)": lambda v: facts(free, plan=v),
    "Subscription(phase)": lambda v: facts(free, phase=v),
    "trial_eligibility": lambda v: trial_eligibility(v),
    "status": lambda v: status(v, AT),
    "days_left": lambda v: days_left(v, AT),
    "change_takes_effect": lambda v: change_takes_effect(v, FREE, AT),
    "change_takes_effect(plan)": lambda v: change_takes_effect(trial().subscription, v, AT),
    "entitlements": lambda v: entitlements(v, AT),
    "entitlements_after": lambda v: entitlements_after(v, FREE, AT),
    "entitlements_after(plan)": lambda v: entitlements_after(trial().subscription, v, AT),
    "difference": lambda v: difference(v, FREE),
    "difference(after)": lambda v: difference(FREE, v),
    "downgrade_report": lambda v: downgrade_report(v, FREE, AT),
    "downgrade_report(plan)": lambda v: downgrade_report(trial().subscription, v, AT),
    "notices": lambda v: notices(v, AT),
    "monthly_charge": lambda v: monthly_charge(v, 1),
    "prorate": lambda v: prorate(v, part=period(), whole=period()),
    "prorate(part)": lambda v: prorate(Money(1, USD), part=v, whole=period()),
    "prorate(whole)": lambda v: prorate(Money(1, USD), part=period(), whole=v),
    "Line(kind)": lambda v: changed(line(), kind=v),
    "Line(plan)": lambda v: changed(line(), plan=v),
    "Line(period)": lambda v: changed(line(), period=v),
    "Line(whole)": lambda v: changed(line(), whole=v),
    "Line(amount)": lambda v: changed(line(), amount=v),
    "Invoice(lines of)": lambda v: changed(invoice(), lines=(v,)),
    "Invoice(credit_before)": lambda v: changed(invoice(), credit_before=v),
    "Invoice(amount_due)": lambda v: changed(invoice(), amount_due=v),
    "Account(subscription)": lambda v: changed(paid(), subscription=v),
    "Account(pending_lines of)": lambda v: changed(paid(), pending_lines=(v,)),
    "Account(issued of)": lambda v: changed(paid(), issued=(v,)),
    "IssuedInvoice(amount_due)": lambda v: IssuedInvoice(v, Money(0, USD)),
    "IssuedInvoice(refunded)": lambda v: IssuedInvoice(Money(0, USD), v),
    "Held(plan)": lambda v: Held(v, 1, Status.free),
    "Held(status)": lambda v: Held(FREE, 1, v),
    "AccountEvent(kind)": lambda v: changed(happened(), kind=v),
    "AccountEvent(after)": lambda v: changed(happened(), after=v),
    "Statement(invoices of)": lambda v: Statement(paid(), (v,)),
    "Statement(events of)": lambda v: Statement(paid(), (), (v,)),
    "AdjustCredit(amount)": lambda v: AdjustCredit(v, at=AT),
    "Refunded(amount)": lambda v: Refunded(1, v, at=AT),
    "Decision(plan)": lambda v: changed(may().decide("api_access"), plan=v),
    "Decision(reason)": lambda v: changed(may().decide("api_access"), reason=v),
    "Decision.grants": lambda v: may().decide("api_access").grants(v),
    "AccountRestrictedNotice(held_plan)": lambda v: AccountRestrictedNotice(v),
    "ChangeScheduledNotice(plan)": lambda v: ChangeScheduledNotice(v, END),
    "PriceChangeNotice(plan)": lambda v: changed(dearer(), plan=v),
    "PriceChangeNotice(before)": lambda v: changed(dearer(), before=v),
    "PriceChangeNotice(after)": lambda v: changed(dearer(), after=v),
    "TrialRunningNotice(plan)": lambda v: TrialRunningNotice(v, 30, END),
    "DowngradeReport(charge)": lambda v: changed(
        downgrade_report(trial().subscription, FREE, AT), charge=v
    ),
    "Account(credit_balance)": lambda v: changed(paid(), credit_balance=v),
    "open_account": lambda v: open_account(v),
    "open_account(catalog)": lambda v: open_account(StartFree(at=AT), v),
    "apply": lambda v: apply(v, Cancel(at=AT)),
    "apply(action)": lambda v: apply(paid(), v),
    "preview": lambda v: preview(v, Cancel(at=AT)),
    "preview(action)": lambda v: preview(paid(), v),
    "advance": lambda v: advance(v, AT),
    "replay(actions of)": lambda v: replay([v]),
    "replay(catalog)": lambda v: replay([StartFree(at=AT)], catalog=v),
    "upcoming_invoice": lambda v: upcoming_invoice(v),
    "unlikely_rounding_gains": lambda v: unlikely_rounding_gains(v),
}

# What cannot be meant, one by one, under the error it deserves.
CASES: dict[Error, dict[str, Call]] = {
    CurrencyMismatchError: {
        "mixed +": lambda: Money(1, USD) + Money(1, euro()),
        "mixed -": lambda: Money(1, USD) - Money(1, euro()),
        "mixed <": lambda: Money(1, USD) < Money(1, euro()),
        "mixed <=": lambda: Money(1, USD) <= Money(1, euro()),
        "mixed >": lambda: Money(1, USD) > Money(1, euro()),
        "mixed >=": lambda: Money(1, USD) >= Money(1, euro()),
        "mixed sum": lambda: sum([Money(1, USD), Money(1, euro())], Money(0, USD)),
        "adjustment in euros": lambda: apply(paid(), AdjustCredit(Money(1, euro()), at=AT)),
        "refund in euros": lambda: apply(paid(), Refunded(1, Money(1, euro()), at=AT)),
        "code that equals all": lambda: Money(1, USD) + Money(1, Currency(Boastful("EUR"), 2)),
        "mixed max": lambda: max(Money(1, USD), Money(1, euro())),
        "same code, other digits": lambda: Money(1, USD) + Money(1, Currency("USD", 3)),
        "balance in euros": lambda: changed(paid(), credit_balance=Money(0, euro())),
        "line in euros": lambda: changed(line(), amount=Money(5700, euro())),
        "invoice of two currencies": lambda: changed(invoice(), credit_before=Money(0, euro())),
        "invoice due in euros": lambda: changed(invoice(), amount_due=Money(5700, euro())),
    },
    InvalidValueError: {
        "utc of no day": lambda: chatim_plans.utc("tomorrow"),
        "code in small letters": lambda: Currency("usd", 2),
        "no code": lambda: Currency("", 2),
        "empty period": lambda: Period(AT, AT),
        "period of a fraction": lambda: Period(AT, AT + timedelta(microseconds=1)),
        "reversed period": lambda: Period(END, AT),
        "part begins before": lambda: prorate(
            Money(1, USD), part=Period(AT - timedelta(seconds=1), END), whole=period()
        ),
        "part ends after": lambda: prorate(
            Money(1, USD), part=Period(AT, END + timedelta(seconds=1)), whole=period()
        ),
        "part elsewhere": lambda: prorate(
            Money(1, USD), part=Period(END, END + timedelta(1)), whole=period()
        ),
        "whole and part swapped": lambda: prorate(
            Money(1, USD), part=period(), whole=Period(AT, LATER)
        ),
        "line outside its period": lambda: changed(line(), whole=Period(LATER, END)),
        "subscription line for a part": lambda: changed(line(), period=Period(LATER, END)),
        "line a cent too dear": lambda: changed(line(), amount=Money(5701, USD)),
        "line a cent too cheap": lambda: changed(line(), amount=Money(5699, USD)),
        "line of the wrong sign": lambda: changed(line(), kind=LineKind.unused_time),
        "invoice of nothing": lambda: changed(invoice(), lines=()),
        "matrix of no plans": lambda: FeatureMatrix(()),
        "matrix with a key twice": lambda: FeatureMatrix((PRO, PRO)),
        "limit that stays": lambda: LimitChange(Quota.seats, 1, 1),
        "feature gained and lost": lambda: Difference(["api_access"], ["api_access"], (), ()),
        "yes that is not in the plan": lambda: changed(
            may().decide("visitor_export"), reason=Reason.not_in_plan
        ),
        "yes to what the plan lacks": lambda: changed(
            may().decide("visitor_export"), asked=Feature.api_access
        ),
        "no without a reason": lambda: TrialEligibility(eligible=False, reason=None),
        "more seats over than there are": lambda: SeatsOverLimitNotice(3, 1, 3),
        "trial of no days": lambda: TrialRunningNotice(PRO, 0, END),
        "free plan restricted": lambda: AccountRestrictedNotice(FREE),
        "price that stays": lambda: PriceChangeNotice(PRO, PRO.price, PRO.price, END),
        "line that waits alone": lambda: changed(paid(), pending_lines=(line(),)),
        "line of another plan waits": lambda: changed(
            grown(), pending_lines=tuple(changed(each, plan=dear()) for each in waiting_lines())
        ),
        "debit of another account": lambda: changed(free(), standing_debit=line()),
        "invoices of another account": lambda: changed(free(), issued=paid().issued),
        "more given back than was due": lambda: IssuedInvoice(Money(1, USD), Money(2, USD)),
        "active on Free": lambda: Held(FREE, 1, Status.active),
        "event of two instants": lambda: changed(happened(), action=ChangeSeats(4, at=END)),
        "growth by a card": lambda: changed(happened(), action=AddPaymentMethod(at=AT)),
        "growth by time": lambda: changed(happened(), action=None),
        "growth that shrinks": lambda: changed(happened(), kind=EventKind.shrink),
        "growth to 99 by one": lambda: changed(happened(), after=Held(PRO, 99, Status.active)),
        "growth to another plan": lambda: changed(
            happened(), after=Held(ULTIMATE, 4, Status.active)
        ),
        "growth of nobody": lambda: changed(happened(), before=None),
        "growth with somebody's invoice": lambda: changed(happened(), invoice=numbered()),
        "renewal of nothing": lambda: changed(renewed(), before=None),
        "renewal by a choice": lambda: changed(renewed(), action=ChoosePlan(ULTIMATE, at=END)),
        "renewal on Free": lambda: changed(renewed(), before=Held(FREE, 3, Status.free)),
        "renewal that converts a trial": lambda: changed(renewed(), kind=EventKind.trial_converts),
        "renewal that nobody was billed for": lambda: changed(renewed(), invoice=None),
        "renewal with the invoice of before": lambda: changed(renewed(), invoice=numbered()),
        "renewal with another cause": lambda: changed(
            renewed(), invoice=changed(renewed().invoice, cause=InvoiceCause.plan_started)
        ),
        "opening after something": lambda: changed(
            told().events[0], before=Held(FREE, 1, Status.free)
        ),
        "opening with nine seats": lambda: changed(
            told().events[0], after=Held(FREE, 9, Status.free)
        ),
        "opening on a paid plan": lambda: changed(
            told().events[0], after=Held(PRO, 1, Status.active)
        ),
        "purchase of another plan": lambda: changed(
            bought(), action=ChoosePlan(ULTIMATE, 3, at=AT)
        ),
        "purchase of other seats": lambda: changed(bought(), action=ChoosePlan(PRO, 9, at=AT)),
        "adjustment of nobody": lambda: changed(
            recorded(AdjustCredit(Money(1, USD), at=AT)), action=None
        ),
        "adjustment with an invoice": lambda: changed(
            recorded(AdjustCredit(Money(1, USD), at=AT)), invoice=numbered()
        ),
        "refund with an invoice": lambda: changed(
            recorded(Refunded(1, Money(1, USD), at=AT)), invoice=numbered()
        ),
        "failure that changes nothing": lambda: changed(
            recorded(PaymentFailed(at=AT)), after=Held(PRO, 3, Status.active)
        ),
        "failure that was the last one": lambda: changed(
            recorded(PaymentFailed(at=AT)), kind=EventKind.payment_failed_finally
        ),
        "events in reverse": lambda: changed(told(), events=told().events[::-1]),
        "events that do not join": lambda: changed(
            told(), events=(told().events[0], *told().events[2:]), account=grown()
        ),
        "events with one left out": lambda: changed(
            told(), events=(*told().events[:2], renewed()), invoices=told().invoices[1:]
        ),
        "events of another account": lambda: changed(told(), account=grown()),
        "invoice left out": lambda: changed(told(), invoices=told().invoices[1:]),
        "invoices left out": lambda: changed(told(), invoices=()),
        "invoices in reverse": lambda: changed(told(), invoices=told().invoices[::-1]),
        "invoice to come": lambda: changed(told(), account=paid()),
        "invoice of no account": lambda: Statement(free(), (numbered(),)),
        "invoice twice": lambda: Statement(told().account, told().invoices * 2),
        "invoice with a number and no cause": lambda: changed(numbered(), cause=None),
        "invoice with a cause and no number": lambda: changed(numbered(), number=None),
        "upgrade to a whole period": lambda: changed(numbered(), cause=InvoiceCause.upgraded),
        "adjustment of nothing": lambda: AdjustCredit(Money(0, USD), at=AT),
        "refund of nothing": lambda: Refunded(1, Money(0, USD), at=AT),
        "refund of less than nothing": lambda: Refunded(1, Money(-1, USD), at=AT),
        "grace of no days": lambda: changed(CHATIM.terms, grace_days=0),
        "more of an unknown count": lambda: may().decide_more("chats", 1),
        "free plan with interval": lambda: changed(FREE, interval_months=1),
        "paid plan without interval": lambda: changed(PRO, interval_months=None),
        "plan by the quarter": lambda: changed(PRO, interval_months=3),
        "blank key": lambda: changed(PRO, key=" "),
        "limit missing": lambda: Limits({"seats": 1}),
        "blank edition": lambda: changed(CHATIM, edition=""),
        "paid plan on Free": lambda: facts(free, plan=PRO),
        "free plan in a trial": lambda: facts(trial, plan=FREE),
        "trial of another plan": lambda: facts(trial, plan=ULTIMATE),
        "trial that ended already": lambda: facts(trial, phase=OnTrial(AT)),
        "mark without a trial": lambda: facts(free, phase=OnFree(trial_ended=True)),
        "paid and never invoiced": lambda: facts(paid, was_invoiced=False),
        "outside its period": lambda: facts(paid, as_of=END),
        "plan the catalogue lacks": lambda: facts(paid, plan=yearly()),
        "plan at another price": lambda: facts(paid, plan=changed(PRO, price=Money(1, USD))),
        "monthly plan in a yearly cycle": lambda: facts(
            paid, phase=OnPaid(Cycle(AT, 12), Cycle(AT, 12).period_holding(AT))
        ),
        "period of no cycle": lambda: OnPaid(Cycle(AT), Period(AT, LATER)),
        "period before the cycle": lambda: OnPaid(Cycle(LATER), Period(AT, END)),
        "change waits on Free": lambda: facts(free, scheduled_change=ScheduledChange(FREE, END)),
        "edition waits on Free": lambda: facts(free, next_catalog=with_plans(yearly())),
        "change in the past": lambda: facts(paid, scheduled_change=ScheduledChange(FREE, AT)),
        "change of plan in mid-period": lambda: facts(
            top, scheduled_change=ScheduledChange(PRO, LATER)
        ),
        "change in mid-trial": lambda: facts(trial, scheduled_change=ScheduledChange(FREE, LATER)),
        "change to an altered plan": lambda: facts(
            top, scheduled_change=ScheduledChange(changed(PRO, price=Money(1, USD)), END)
        ),
        "lines wait off a paid plan": lambda: changed(free(), pending_lines=(line(),)),
        "renewal after the end of time": lambda: entitlements(paid().subscription, END_OF_TIME),
        "trial ends after the end of time": lambda: open_account(StartTrial(at=END_OF_TIME)),
        "plan starts at the end of time": lambda: preview(free(), ChoosePlan(PRO, at=END_OF_TIME)),
        "until is naive": lambda: replay([StartFree(at=AT)], datetime(2026, 2, 1)),
    },
    InvalidCatalogError: {
        "no plans": lambda: edition(plans=()),
        "no free plan": lambda: edition(plans=(PRO, ULTIMATE)),
        "free alone": lambda: edition(plans=(FREE,)),
        "key twice": lambda: edition(plans=(FREE, PRO, PRO)),
        "ranks upside down": lambda: edition(plans=(FREE, ULTIMATE, PRO)),
        "trial of Free": lambda: edition(terms=changed(CHATIM.terms, trial_plan="free")),
        "Free retired": lambda: edition(retired=["free"]),
        "trial's plan retired": lambda: edition(retired=["pro"]),
        "no plan retired": lambda: edition(retired=["gold"]),
        "trial of nothing": lambda: edition(terms=changed(CHATIM.terms, trial_plan="gold")),
        "smallest charge in euros": lambda: edition(
            terms=changed(CHATIM.terms, smallest_charge=Money(50, euro()))
        ),
    },
    UnknownKeyError: {
        "rank of a foreign plan": lambda: CHATIM.rank(yearly()),
        "upgrade to a foreign plan": lambda: CHATIM.is_upgrade(PRO, yearly()),
        "matrix of a foreign plan": lambda: CHATIM.matrix.allows("ai_chatbot", yearly()),
        "quota as a feature": lambda: PRO.allows(Quota.seats),
        "feature as a quota": lambda: PRO.limit(Feature.ai_chatbot),
        "label of a role": lambda: label(_any(Role.admin), "fr"),
        "tried an unknown plan": lambda: facts(free, tried_plan="gold"),
    },
    IntervalMismatchError: {
        "monthly charge of a year": lambda: monthly_charge(yearly(), 1),
    },
    OutOfOrderError: {
        "history goes back": lambda: replay([StartFree(at=LATER), Cancel(at=AT)]),
        "history goes back after until": lambda: replay(
            [StartFree(at=AT), Cancel(at=END), Cancel(at=LATER)], AT
        ),
    },
    # An account where its subscription belongs, an occurrence of one action for another, and so on.
    InvalidTypeError: {
        "status(Account)": lambda: status(_any(paid()), AT),
        "entitlements(Account)": lambda: entitlements(_any(paid()), AT),
        "notices(Account)": lambda: notices(_any(paid()), AT),
        "trial_eligibility(Account)": lambda: trial_eligibility(_any(paid())),
        "apply(Subscription)": lambda: apply(_any(paid().subscription), Cancel(at=AT)),
        "apply(Statement)": lambda: apply(_any(open_account(StartFree(at=AT))), Cancel(at=AT)),
        "apply(class)": lambda: apply(paid(), _any(Cancel)),
        "advance(Statement)": lambda: advance(_any(open_account(StartFree(at=AT))), AT),
        "upcoming_invoice(Statement)": lambda: upcoming_invoice(
            _any(open_account(StartFree(at=AT)))
        ),
        "replay(action)": lambda: replay(_any(StartFree(at=AT))),
        "replay(string)": lambda: replay(_any("StartFree")),
        "replay(None)": lambda: replay(_any(None)),
        "replay(dict)": lambda: replay(_any({"at": AT})),
        "price_table(plans)": lambda: price_table(_any(CHATIM.plans), "fr"),
        "open_account(plan)": lambda: open_account(StartFree(at=AT), _any(PRO)),
        "Subscription(next_catalog)": lambda: facts(paid, next_catalog=PRO),
        "Subscription(scheduled_change)": lambda: facts(paid, scheduled_change=FREE),
        "Subscription(tried_plan)": lambda: facts(paid, tried_plan=PRO),
        "Subscription(payment_method)": lambda: facts(paid, payment_method=1),
        "Subscription(was_invoiced)": lambda: facts(paid, was_invoiced=1),
        "OnFree(trial_ended)": lambda: OnFree(_any("no")),
        "PaymentFailed(final)": lambda: PaymentFailed(final=_any(1), at=AT),
        "Terms(seat_lines_at_once)": lambda: changed(CHATIM.terms, seat_lines_at_once=0),
        "Terms(accepted_cards)": lambda: changed(CHATIM.terms, accepted_cards="visa"),
        "Terms(accepted_cards of)": lambda: changed(CHATIM.terms, accepted_cards=[4242]),
        "Terms(trial_plan)": lambda: changed(CHATIM.terms, trial_plan=PRO),
        "Currency(code)": lambda: Currency(_any(840), 2),
        "Plan(key)": lambda: changed(PRO, key=None),
        "Plan(features)": lambda: changed(PRO, features="ai_chatbot"),
        "Plan(features None)": lambda: changed(PRO, features=None),
        "Plan(limits)": lambda: changed(PRO, limits=None),
        "Limits(pairs)": lambda: Limits(_any([("seats", 1)])),
        "Catalog(edition)": lambda: changed(CHATIM, edition=2026),
        "Catalog(plans)": lambda: changed(CHATIM, plans="pro"),
        "Catalog(plans None)": lambda: changed(CHATIM, plans=None),
        "Invoice(lines)": lambda: changed(invoice(), lines=[line()]),
        "Account(pending_lines)": lambda: changed(paid(), pending_lines=[line()]),
        "sum without start": lambda: sum(_any([Money(1, USD), Money(1, USD)])),
        "OnPaid(standing string)": lambda: OnPaid(Cycle(AT), period(), _any("restricted")),
        "Line(kind string)": lambda: changed(line(), kind="unused_time"),
        "Subscription(phase class)": lambda: facts(free, phase=OnFree),
        # A2, it fails closed: what is no Status, no plan or no catalogue must not read as a yes.
        "Entitlements(status string)": lambda: Entitlements(
            CHATIM, PRO, None, _any("restricted"), None
        ).allows("ai_chatbot"),
        "Entitlements(catalog)": lambda: Entitlements(_any(None), PRO, None, Status.active, None),
        "Entitlements(held_plan)": lambda: Entitlements(
            CHATIM, _any(None), None, Status.free, None
        ),
        "FeatureMatrix(plans)": lambda: FeatureMatrix(_any(None)),
        "FeatureMatrix(plans of)": lambda: FeatureMatrix(_any(("pro",))),
        "apply(an action that only says when)": lambda: apply(paid(), Action(at=LATER)),
        "utc of an instant": lambda: chatim_plans.utc(_any(AT)),
        "label(list)": lambda: label(_any([]), "fr"),
        "label(dict)": lambda: label(_any({}), "fr"),
        "statements(action)": lambda: statements(_any(StartFree(at=AT)), [AT]),
        "statements(instant)": lambda: statements([StartFree(at=AT)], _any(AT)),
        "Catalog(retired)": lambda: changed(CHATIM, retired="ultimate"),
        "LimitChange(quota)": lambda: LimitChange(_any("seats"), 1, 2),
        "Difference(limits)": lambda: Difference([], [], _any([]), ()),
        "Cancel(at_once)": lambda: Cancel(at_once=_any(1), at=AT),
        "PaymentRequiredNotice(because)": lambda: PaymentRequiredNotice(_any("standing")),
        "Decision(asked)": lambda: changed(may().decide("api_access"), asked="api_access"),
        "Statement(None)": lambda: Statement(_any(None), ()),
        "until is a date": lambda: replay([StartFree(at=AT)], _any(date(2026, 2, 1))),
    },
    ActionRefusedError: {
        "empty history": lambda: replay([]),
        "history starts with a choice": lambda: replay([ChoosePlan(PRO, at=AT)]),
        "account opened by a cancellation": lambda: open_account(_any(Cancel(at=AT))),
        "second start": lambda: apply(free(), StartFree(at=AT)),
        "seats with a choice that waits": lambda: apply(top(), ChoosePlan(PRO, seats=2, at=AT)),
        "seats with the plan held": lambda: apply(paid(), ChoosePlan(PRO, seats=2, at=AT)),
        "payment on an account never invoiced": lambda: apply(free(), PaymentSucceeded(at=AT)),
        "failure in a first trial": lambda: apply(trial(), PaymentFailed(final=True, at=AT)),
        "edition without the plan": lambda: apply(
            top(), MoveToEdition(edition(plans=(FREE, PRO)), at=AT)
        ),
        "edition in euros": lambda: apply(paid(), MoveToEdition(in_euro(), at=AT)),
        "edition of another interval": lambda: apply(
            free(), MoveToEdition(pro_by_the_year(), at=AT)
        ),
        "trial's end in the past": lambda: apply(
            trial(), MoveTrialEnd(AT - timedelta(seconds=1), at=AT)
        ),
        "trial's end outside a trial": lambda: apply(paid(), MoveTrialEnd(END, at=AT)),
        "refund of no invoice": lambda: apply(paid(), Refunded(2, Money(1, USD), at=AT)),
        "refund of too much": lambda: apply(paid(), Refunded(1, Money(5701, USD), at=AT)),
        "failure of no invoice": lambda: apply(paid(), PaymentFailed(invoice=2, at=AT)),
        "success of no invoice": lambda: apply(paid(), PaymentSucceeded(invoice=2, at=AT)),
        "report of an upgrade": lambda: downgrade_report(paid().subscription, ULTIMATE, AT),
        "report of the plan held": lambda: downgrade_report(paid().subscription, PRO, AT),
        "report on Free": lambda: downgrade_report(free().subscription, FREE, AT),
    },
    TrialRefusedError: {
        "second trial, running": lambda: apply(trial(), StartTrial(at=AT)),
        "second trial, over": lambda: apply(trial(), StartTrial(at=AT + timedelta(days=60))),
        "trial on a paid plan": lambda: apply(paid(), StartTrial(at=AT)),
    },
    SeatLimitError: {
        "too many on Free": lambda: apply(free(), ChangeSeats(2, at=AT)),
        "too many on a small plan": lambda: apply(
            replay([StartTrial(at=AT)], catalog=small()).account, ChangeSeats(6, at=AT)
        ),
        "too many with a choice": lambda: preview(
            open_account(StartFree(at=AT), small()).account,
            ChoosePlan(small().plan("pro"), seats=6, at=AT),
        ),
    },
    PaymentMethodRequiredError: {
        "start without a card": lambda: apply(free(), ChoosePlan(PRO, at=AT)),
        "higher plan in the trial without a card": lambda: apply(
            trial(), ChoosePlan(ULTIMATE, at=AT)
        ),
        "upgrade without a card": lambda: apply(
            apply(paid(), RemovePaymentMethod(at=AT)).account, ChoosePlan(ULTIMATE, at=AT)
        ),
    },
    AccountRestrictedError: {
        "grow while restricted": lambda: apply(owing(), ChangeSeats(4, at=AT)),
        "downgrade while restricted": lambda: apply(owing(), ChoosePlan(PRO, at=AT)),
        "preview while restricted": lambda: preview(owing(), ChoosePlan(PRO, at=AT)),
        "when to upgrade while restricted": lambda: change_takes_effect(
            owing().subscription, PRO, AT
        ),
    },
    PlanNotOfferedError: {
        "plan of no edition": lambda: apply(paid(), ChoosePlan(yearly(), at=AT)),
        "plan at a price of one's own": lambda: apply(
            paid(), ChoosePlan(changed(ULTIMATE, price=Money(1, USD)), at=AT)
        ),
        "plan with features of one's own": lambda: apply(
            free(), ChoosePlan(changed(PRO, features=ULTIMATE.features), at=AT)
        ),
        "when to choose a foreign plan": lambda: change_takes_effect(
            paid().subscription, yearly(), AT
        ),
    },
}

# House style: "invalid values cannot exist". Each of these facts is refused as an action, and must
# not be possible as a value either; what they would lead to is a wrong invoice or a stuck account.
IMPOSSIBLE: dict[str, Call] = {
    "edition without the plan held": lambda: facts(top, next_catalog=edition(plans=(FREE, PRO))),
    "edition in another currency": lambda: facts(paid, next_catalog=in_euro()),
    "edition of another interval": lambda: facts(paid, next_catalog=pro_by_the_year()),
    "pending line in another currency": lambda: changed(
        paid(),
        pending_lines=(
            Line(
                LineKind.subscription,
                in_euro().plan("pro"),
                3,
                period(),
                period(),
                Money(5700, euro()),
            ),
        ),
    ),
    "refund deadline before the invoice": lambda: changed(
        invoice(), refundable_until=AT - timedelta(seconds=1)
    ),
    "more due than the lines": lambda: changed(invoice(), amount_due=Money(570_000, USD)),
    "trial that gave Free": lambda: facts(free, tried_plan="free", phase=OnFree(trial_ended=True)),
}


def _table() -> Iterator[tuple[str, Call, Error]]:
    for name, (place, _) in WHOLE_NUMBERS.items():
        for value in NO_INTS:
            yield f"{name} <- {value!r:.20}", partial(place, value), InvalidTypeError
    for name, (place, least) in {**WHOLE_NUMBERS, **HOLDERS}.items():
        for value in () if least is None else (least - 1, -(10**30)):
            yield f"{name} <- {value}", partial(place, value), InvalidValueError
    for name, (place, _) in {**WHOLE_NUMBERS, **HOLDERS}.items():
        for value in BEYOND_ALL_USE:
            said = f"{name} <- a number of {value.bit_length()} bits"
            yield said, partial(place, value), InvalidValueError
    for name, place in INSTANTS.items():
        for said, (value, error) in NO_INSTANTS.items():
            yield f"{name} <- {said}", partial(place, value), error
    for name, place in FROM_THE_FACTS_ON.items():
        for value in (AT - timedelta(seconds=1), datetime.min.replace(tzinfo=UTC)):
            yield f"{name} <- {value}", partial(place, value), OutOfOrderError
    for name, place in {**KEYS, **MAPPING_KEYS}.items():
        for key in UNKNOWN_KEYS:
            if name in MAPPING_KEYS and type(key) is Hashless:
                continue  # no mapping can hold it
            yield f"{name} <- {key!r}", partial(place, key), UnknownKeyError
    for name, place in KEYS.items():
        for value in NO_KEYS:
            yield f"{name} <- {value!r:.20}", partial(place, value), InvalidTypeError
    for name, place in OBJECTS.items():
        for value in NO_OBJECTS:
            yield f"{name} <- {value!r:.20}", partial(place, value), InvalidTypeError
    for error, calls in CASES.items():
        for name, call in calls.items():
            yield name, call, error


TABLE = list(_table())
each_call = pytest.mark.parametrize(("name", "call", "error"), TABLE, ids=[c[0] for c in TABLE])


def outcome(call: Call) -> tuple[type[object], bool]:
    """The class that the call raised (or of what it gave back), and whether it says something."""
    try:
        given = call()
    except Exception as error:  # noqa: BLE001 — whatever it is, it is compared
        return type(error), bool(str(error))
    return type(given), False


@each_call
def test_hostile_call_is_refused(name: str, call: Call, error: Error) -> None:
    """P7, A2: the call raises exactly the error it deserves, with a message."""
    assert outcome(call) == (error, True), name


@each_call
def test_hostile_call_is_refused_without_validators(name: str, call: Call, error: Error) -> None:
    """The same when attrs validators are switched off: money does not depend on them."""
    with attrs.validators.disabled():
        assert outcome(call) == (error, True), name


@pytest.mark.parametrize("call", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_impossible_value_cannot_be_built(call: Call) -> None:
    """Facts that contradict one another are refused when the value is built."""
    raised, says = outcome(call)
    assert (issubclass(raised, PlansError), says) == (True, True)


@pytest.mark.parametrize(
    "name",
    [name for name in chatim_plans.__all__ if inspect.isfunction(getattr(chatim_plans, name))],
)
def test_every_public_function_is_in_the_table(name: str) -> None:
    """No public function is left without a hostile call."""
    assert any(name in case.split("(")[0].split(" ")[0] for case, _, _ in TABLE)


def test_refused_action_leaves_the_account_as_it_was() -> None:
    """P7: what is refused changes nothing of the account it was asked of."""
    accounts = [
        free(),
        trial(),
        paid(),
        top(),
        owing(),
    ]
    before = pickle.dumps(accounts)
    for account in accounts:
        for action in (StartFree(at=AT), ChoosePlan(yearly(), at=AT), _any(None)):
            with pytest.raises(PlansError):
                apply(account, action)
    assert pickle.loads(before) == accounts


# --- One value of every public class ---
VALUES: dict[str, Call] = {
    "Currency": lambda: Currency("EUR", 2),
    "Money": lambda: Money(5, USD),
    "Period": period,
    "Cycle": lambda: Cycle(AT, 12),
    "Limits": lambda: PRO.limits,
    "Plan": lambda: PRO,
    "FeatureMatrix": lambda: CHATIM.matrix,
    "Difference": lambda: CHATIM.matrix.difference("free", "pro"),
    "LimitChange": lambda: CHATIM.matrix.difference("free", "pro").limits_raised[0],
    "Terms": lambda: CHATIM.terms,
    "Catalog": lambda: CHATIM,
    "Action": lambda: Action(at=AT),
    "StartTrial": lambda: StartTrial(3, at=AT),
    "StartFree": lambda: StartFree(at=AT),
    "ChoosePlan": lambda: ChoosePlan(PRO, seats=3, at=AT),
    "ChangeSeats": lambda: ChangeSeats(3, at=AT),
    "Cancel": lambda: Cancel(at=AT),
    "Resume": lambda: Resume(at=AT),
    "AddPaymentMethod": lambda: AddPaymentMethod(at=AT),
    "RemovePaymentMethod": lambda: RemovePaymentMethod(at=AT),
    "PaymentFailed": lambda: PaymentFailed(final=True, at=AT),
    "PaymentSucceeded": lambda: PaymentSucceeded(at=AT),
    "MoveToEdition": lambda: MoveToEdition(with_plans(yearly()), at=AT),
    "MoveTrialEnd": lambda: MoveTrialEnd(END, at=AT),
    "AdjustCredit": lambda: AdjustCredit(Money(-5, USD), at=AT),
    "Refunded": lambda: Refunded(1, Money(5, USD), at=AT),
    "IssuedInvoice": lambda: IssuedInvoice(Money(5, USD), Money(2, USD)),
    "Held": lambda: Held(PRO, 3, Status.active),
    "AccountEvent": happened,
    "PriceChangeNotice": dearer,
    "Subscription": lambda: apply(paid(), Cancel(at=LATER)).account.subscription,
    "OnFree": lambda: OnFree(trial_ended=True),
    "OnTrial": lambda: OnTrial(END),
    "OnPaid": lambda: OnPaid(Cycle(AT), period(), Standing.past_due),
    "ScheduledChange": lambda: ScheduledChange(FREE, END),
    "TrialEligibility": lambda: TrialEligibility(False, TrialRefusal.had_trial),
    "Line": line,
    "Invoice": invoice,
    "Account": lambda: apply(paid(), ChangeSeats(4, at=LATER)).account,
    "Statement": lambda: apply(paid(), ChoosePlan(ULTIMATE, at=LATER)),
    "Entitlements": may,
    "Decision": lambda: may().decide("ai_chatbot"),
    "DowngradeReport": lambda: downgrade_report(trial().subscription, FREE, AT),
    "AccountRestrictedNotice": lambda: AccountRestrictedNotice(PRO),
    "PaymentRequiredNotice": lambda: PaymentRequiredNotice(),
    "TrialEndedNotice": lambda: TrialEndedNotice(),
    "SeatsOverLimitNotice": lambda: SeatsOverLimitNotice(3, 1, 2),
    "ChangeScheduledNotice": lambda: ChangeScheduledNotice(FREE, END),
    "TrialRunningNotice": lambda: TrialRunningNotice(PRO, 30, END),
}

each_value = pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)


def given_to(value: Any) -> list[Any]:
    """The fields that the value's constructor takes."""
    return [field for field in attrs.fields(type(value)) if field.init]


def names_of(value: Any) -> Iterable[str]:
    """The names of the value's fields."""
    return [field.name for field in attrs.fields(type(value))]


def test_every_public_class_has_a_value_here() -> None:
    """No public class of values is left out of the table."""
    public = {
        name
        for name, value in vars(chatim_plans).items()
        if inspect.isclass(value) and not issubclass(value, Exception | Enum)
    }
    assert set(VALUES) == public


@each_value
def test_value_is_of_the_class_it_is_filed_under(
    make: Call, request: pytest.FixtureRequest
) -> None:
    """The table does not mix up its values."""
    assert f"[{type(make()).__name__}]" in request.node.name


@each_value
def test_value_is_equal_to_its_twin_and_hashes_alike(make: Call) -> None:
    """Two values of the same facts are one member of a set."""
    assert (make() == make(), len({make(), make()})) == (True, 1)


@each_value
@pytest.mark.parametrize(
    "again",
    [
        copy.copy,
        copy.deepcopy,
        *(lambda value, p=p: pickle.loads(pickle.dumps(value, p)) for p in range(2, 6)),
    ],
)
def test_value_survives_copies_and_pickles(make: Call, again: Callable[[object], object]) -> None:
    """A copy equals its original, hashes alike, and is of the same class."""
    value = make()
    twin = again(value)
    assert (twin == value, hash(twin), type(twin)) == (True, hash(value), type(value))


@each_value
def test_value_that_is_built_is_not_built_again(make: Call) -> None:
    """Neither `__init__` nor `__setstate__` is a way round `attrs.evolve`."""
    value, twin = _any(make()), make()
    facts = {field.alias: getattr(value, field.name) for field in given_to(value)}
    if "by_quota" in facts:
        facts = {"by_quota": dict(value)}
    if facts:  # a value without facts has nothing that could change
        assert outcome(lambda: value.__init__(**facts)) == (InvalidValueError, True)
    assert outcome(lambda: value.__setstate__(facts)) == (InvalidValueError, True)
    assert (value, hash(value)) == (twin, hash(twin))


@each_value
def test_value_is_unpickled_and_copied_through_its_constructor(make: Call) -> None:
    """What somebody wrote into it behind its back is found there."""
    copies: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy]
    copies.append(lambda value: pickle.loads(pickle.dumps(value)))
    for again in copies:
        broken = _any(make())
        for field in given_to(broken):
            kept = getattr(broken, field.name)
            object.__setattr__(broken, field.name, (1.5, 1.5, 1.5))
            try:
                with pytest.raises(PlansError):
                    again(broken)
            finally:  # some of the values are the library's own
                object.__setattr__(broken, field.name, kept)


@each_value
def test_value_cannot_be_changed(make: Call) -> None:
    """No field can be set or deleted, and no attribute added."""
    value, twin = make(), make()
    for name in [*names_of(value), "anything"]:
        with pytest.raises(AttributeError):
            setattr(value, name, None)
        with pytest.raises(AttributeError):
            delattr(value, name)
    assert value == twin


@each_value
def test_value_has_no_dict(make: Call) -> None:
    """There is no `__dict__` through which a field could be set behind the class's back."""
    value = make()
    with pytest.raises(TypeError):
        vars(value)
    with pytest.raises(AttributeError):
        object.__setattr__(value, "anything", 1)
    assert hasattr(value, "__dict__") is False


@each_value
def test_value_holds_nothing_mutable(make: Call) -> None:
    """Every field, and every field of a field, is hashable: no list or dict hides inside.

    But for the tables behind `allows` and `decide`, which their values keep to themselves.
    """
    kept = {"_grants", "_decisions"}
    waiting: list[Any] = [make()]
    mutable = []
    while waiting:
        value = waiting.pop()
        if attrs.has(type(value)):
            waiting.extend(getattr(value, name) for name in names_of(value) if name not in kept)
        elif isinstance(value, tuple | frozenset):
            waiting.extend(value)
        elif isinstance(value, list | dict | set | bytearray):
            mutable.append(value)
    assert mutable == []


@each_value
def test_value_reads_as_its_class(make: Call) -> None:
    """The repr starts with the class's name, so that logs can be read."""
    value = make()
    assert repr(value).split("(")[0] == type(value).__name__


@each_value
def test_value_has_no_order(make: Call) -> None:
    """Values have no order but Money's, so that plans are not compared by the alphabet."""
    value: Any = make()
    if type(value) is Money:
        assert (value < value, value <= value) == (False, True)  # noqa: PLR0124 — what is tested
        return
    with pytest.raises(TypeError):
        value < make()  # noqa: B015 — the comparison is the test


FLOORS = tuple(
    f"chatim_plans.{floor}"
    for floor in ("foundation", "catalog", "subscriptions", "billing", "access", "words")
)


def test_value_classes_inside_have_no_order_either() -> None:
    """No class of the package has an order but Money, whose order is written out."""
    modules = []
    for module in pkgutil.walk_packages(chatim_plans.__path__, "chatim_plans."):
        try:
            modules.append(importlib.import_module(module.name))
        except ImportError:  # a bare install has not what the packages need
            if module.name.startswith(FLOORS):
                raise
    ordered = {
        value.__name__
        for module in modules
        for value in vars(module).values()
        if inspect.isclass(value) and attrs.has(value) and "__lt__" in vars(value)
    }
    assert ordered == {"Money"}
