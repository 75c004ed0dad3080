"""Code that must not type-check: each marked line is refused by mypy with the codes named.

Never run, only checked, by `test_typing.py`.
"""

# ruff: noqa: B015, B018, D103 — checked by mypy, never run
from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import assert_never

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    UNLIMITED,
    USD,
    Account,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Currency,
    Cycle,
    Feature,
    Limit,
    LineKind,
    Money,
    Notice,
    OnFree,
    OnTrial,
    PaymentFailed,
    Period,
    Phase,
    Plan,
    Quota,
    StartFree,
    StartTrial,
    Status,
    Subscription,
    TrialEndedNotice,
    advance,
    apply,
    can_manage_billing,
    days_left,
    entitlements,
    monthly_charge,
    open_account,
    prorate,
    replay,
    status,
    upcoming_invoice,
)
from chatim_plans.wire import WireFormat
from chatim_plans.words import say

AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
PRICE = Money(1900, USD)
PERIOD = Period(AT, AT)


def money() -> None:
    Money(1.5, USD)  # E: arg-type
    Money(Decimal(1), USD)  # E: arg-type
    Money("1", USD)  # E: arg-type
    Money(1)  # E: call-arg
    Money(1, "USD")  # E: arg-type
    Currency("USD", 2.0)  # E: arg-type
    PRICE / 2  # E: operator
    PRICE // 2  # E: operator
    PRICE % 2  # E: operator
    PRICE + 1  # E: operator
    PRICE - 1  # E: operator
    1 + PRICE  # E: operator
    1 - PRICE  # E: operator
    PRICE * 1.5  # E: operator
    1.5 * PRICE  # E: operator
    PRICE * PRICE  # E: operator
    PRICE < 5  # E: operator
    PRICE >= None  # E: operator
    sum([PRICE])  # E: list-item
    abs(PRICE)  # E: arg-type
    round(PRICE)  # E: call-overload
    int(PRICE)  # E: call-overload
    PRICE.amount = 5  # E: misc


def time() -> None:
    Period(AT)  # E: call-arg
    Period(date(2026, 1, 1), AT)  # E: arg-type
    Period("2026-01-01", AT)  # E: arg-type
    Cycle(AT, 1.0)  # E: arg-type
    Cycle(AT).boundary("1")  # E: arg-type
    PERIOD.end = AT  # E: misc
    5 in PERIOD  # E: operator
    PERIOD.encloses(AT)  # E: arg-type


def catalogue() -> None:
    Plan("x", 1900, 1, [], PRO.limits)  # E: arg-type
    Plan("x", PRICE, "month", [], PRO.limits)  # E: arg-type
    Plan("x", PRICE, 1, None, PRO.limits)  # E: arg-type
    Plan("x", PRICE, 1, [], {"seats": "many"})  # E: dict-item
    Catalog("x", PRO, CHATIM.terms)  # E: arg-type
    PRO.price = PRICE  # E: misc
    PRO.limits[Quota.seats] = 3  # E: index
    PRO.features.add(Feature.ai_chatbot)  # E: attr-defined
    PRO.charge(2.0)  # E: arg-type
    PRO.charge("3")  # E: arg-type
    PRO.has(Feature.ai_chatbot)  # E: attr-defined
    CHATIM.plan(PRO)  # E: arg-type
    CHATIM.is_upgrade("free", PRO)  # E: arg-type
    CHATIM.cheapest_with("ai_chatbot").key  # E: union-attr
    monthly_charge("pro", 3)  # E: arg-type
    PRO.limit("seats") + 1  # E: operator
    UNLIMITED + 1  # E: operator
    UNLIMITED > 5  # E: operator


def actions() -> None:
    StartTrial(3)  # E: call-arg
    StartFree(AT)  # E: call-arg
    StartFree()  # E: call-arg
    Cancel(AT)  # E: arg-type, call-arg
    ChoosePlan("pro", at=AT)  # E: arg-type
    ChoosePlan(PRO)  # E: call-arg
    ChoosePlan(PRO, 3, AT)  # E: call-arg
    ChoosePlan(PRO, seats=3.0, at=AT)  # E: arg-type
    ChangeSeats(at=AT)  # E: call-arg
    ChangeSeats("3", at=AT)  # E: arg-type
    PaymentFailed(final="yes", at=AT)  # E: arg-type
    Cancel(at="2026-01-15")  # E: arg-type
    Cancel(at=date(2026, 1, 15))  # E: arg-type
    Cancel(at=AT).at = AT  # E: misc


def accounts(account: Account, subscription: Subscription) -> None:
    open_account(CHATIM)  # E: arg-type
    apply(account, "cancel")  # E: arg-type
    apply(subscription, Cancel(at=AT))  # E: arg-type
    advance(account, 5)  # E: arg-type
    advance(account)  # E: call-arg
    replay(StartFree(at=AT))  # E: arg-type
    replay([StartFree(at=AT)], "2026-01-15")  # E: arg-type
    upcoming_invoice(account).total  # E: union-attr
    prorate(PRICE, PERIOD, PERIOD)  # E: call-arg
    prorate(PRICE, part=PERIOD, whole=PERIOD, rounding="down")  # E: arg-type
    prorate(1900, part=PERIOD, whole=PERIOD)  # E: arg-type
    account.credit_balance = PRICE  # E: misc
    subscription.seats += 1  # E: misc
    subscription.trial_end  # E: attr-defined
    subscription.phase.trial_end  # E: union-attr


def access(account: Account, subscription: Subscription) -> None:
    entitlements(account, AT)  # E: arg-type
    entitlements(subscription)  # E: call-arg
    status(subscription, "now")  # E: arg-type
    days_left(subscription, AT) + 1  # E: operator
    entitlements(subscription, AT).allows(None)  # E: arg-type
    entitlements(subscription, AT).decide_usage("seats", 1.5)  # E: arg-type
    entitlements(subscription, AT).plan = PRO  # E: misc
    can_manage_billing(None)  # E: arg-type


def missing_phase(phase: Phase) -> str:
    match phase:
        case OnFree():
            return "free"
        case OnTrial():
            return "trial"
        case _ as never:
            assert_never(never)  # E: arg-type


def missing_notice(notice: Notice) -> str:
    match notice:
        case TrialEndedNotice():
            return "choose a plan"
        case _ as never:
            assert_never(never)  # E: arg-type


def missing_kind(kind: LineKind) -> str:
    match kind:
        case LineKind.subscription | LineKind.unused_time:
            return "charge or credit"
        case _ as never:
            assert_never(never)  # E: arg-type


def missing_status(held: Status) -> bool:
    if held is Status.active or held is Status.trialing:
        return True
    assert_never(held)  # E: arg-type


def limit_taken_for_a_number(limit: Limit) -> int:
    return limit  # E: return-value


def plan_or_none() -> Plan:
    return CHATIM.cheapest_with("ai_chatbot")  # E: return-value


def kind_by_name(wire: WireFormat) -> object:
    return wire.value({}, "Subscription")  # E: call-overload


def kind_taken_for_another(wire: WireFormat) -> Plan:
    return wire.value({}, Money)  # E: return-value


def words_of_a_catalogue() -> str:
    return say(CHATIM, "fr")  # E: call-overload, no-any-return


def unknown_name() -> Plan:
    return FREE.next  # E: attr-defined, no-any-return
