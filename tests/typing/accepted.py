"""Code that must type-check under `mypy --strict`: what callers of the library write.

Never run, only checked, by `test_typing.py`.
"""

# ruff: noqa: D103, T201 — checked by mypy, never run
from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, assert_never, assert_type

from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    Account,
    AccountEvent,
    AccountRestrictedNotice,
    Action,
    AddPaymentMethod,
    Cancel,
    Catalog,
    ChangeScheduledNotice,
    ChangeSeats,
    ChoosePlan,
    Currency,
    Cycle,
    Decision,
    Difference,
    DowngradeReport,
    Entitlements,
    Feature,
    FeatureMatrix,
    Invoice,
    Limit,
    Limits,
    Line,
    LineKind,
    Money,
    MoveToEdition,
    Notice,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentRequiredNotice,
    PaymentSucceeded,
    Period,
    Phase,
    Plan,
    PlansError,
    PriceChangeNotice,
    Quota,
    Reason,
    RemovePaymentMethod,
    Resume,
    Role,
    Rounding,
    SeatLimitError,
    SeatsOverLimitNotice,
    StartFree,
    StartTrial,
    Statement,
    Status,
    Subscription,
    Terms,
    TrialEligibility,
    TrialEndedNotice,
    TrialRefusal,
    TrialRunningNotice,
    advance,
    apply,
    can_manage_billing,
    change_takes_effect,
    comparison_table,
    days_left,
    downgrade_report,
    entitlements,
    label,
    monthly_charge,
    notices,
    open_account,
    preview,
    price_table,
    prorate,
    replay,
    status,
    trial_eligibility,
    upcoming_invoice,
)
from chatim_plans.wire import WireFormat
from chatim_plans.words import Message, explain, say, timeline, timeline_svg

AT = datetime(2026, 1, 15, 9, tzinfo=UTC)


def money(a: Money, b: Money) -> None:
    assert_type(a + b, Money)
    assert_type(a - b, Money)
    assert_type(-a, Money)
    assert_type(a * 3, Money)
    assert_type(3 * a, Money)
    assert_type(a < b or a <= b or a > b or a >= b or a == b, bool)
    assert_type(sum([a, b], Money(0, USD)), Money)
    assert_type(max(a, b), Money)
    assert_type(sorted([a, b]), list[Money])
    assert_type(a.amount, int)
    assert_type(a.currency, Currency)


def time(period: Period) -> None:
    cycle = Cycle(AT)
    assert_type(Cycle(AT, 12).months, int)
    assert_type(cycle.boundary(3), datetime)
    assert_type(cycle.period_holding(AT), Period)
    assert_type(AT in period, bool)
    assert_type(period.encloses(Period(start=AT, end=AT)), bool)
    assert_type(period.seconds, int)


def catalogue() -> Catalog:
    plan = Plan(
        key="team",
        price=Money(4900, USD),
        interval_months=12,
        features={Feature.javascript_sdk},
        limits={Quota.seats: 5, Quota.chats: 100, Quota.chatbot_flows: 3},
    )
    assert_type(plan.features, frozenset[Feature])
    assert_type(plan.limits, Limits)
    assert_type(plan.charge(3), Money)
    assert_type(plan.allows(Feature.ai_chatbot), bool)
    assert_type(plan.allows("ai_chatbot"), bool)
    limit = plan.limit("seats")
    if limit is UNLIMITED:
        print("as many as you like")
    else:
        assert_type(limit, int)
    terms = Terms("pro", 30, 14, Money(50, USD), Rounding.down, accepted_cards=["visa"])
    return Catalog("2027", [FREE, PRO, plan], terms)


def plans_by_string() -> tuple[Plan, Limits]:
    features = ["javascript_sdk", "visitor_export"]
    limits: dict[str, Limit] = {"seats": 5, "chats": UNLIMITED, "chatbot_flows": UNLIMITED}
    plan = Plan("team", Money(4900, USD), 1, features, limits)
    dearer = evolve(plan, price=Money(5900, USD), limits=PRO.limits)
    return dearer, Limits(limits)


def limits_as_documented() -> Limits:
    # The docstring's own example, and a plan's limits written in place.
    evolve(PRO, limits={Quota.seats: 5, Quota.chats: UNLIMITED, Quota.chatbot_flows: UNLIMITED})
    return Limits({"seats": 1, "chats": UNLIMITED, "chatbot_flows": UNLIMITED})


def limits_are_a_mapping(limits: Limits) -> Mapping[str, Limit]:
    return limits


def questions_to_a_catalogue(catalog: Catalog) -> None:
    assert_type(catalog.plan("pro"), Plan)
    assert_type(catalog.matrix, FeatureMatrix)
    assert_type(catalog.is_upgrade(PRO, ULTIMATE), bool)
    assert_type(catalog.cheapest_with(Feature.ai_chatbot), Plan | None)
    assert_type(catalog.matrix.difference("pro", FREE), Difference)
    assert_type(catalog.matrix.row("seats"), dict[str, bool | Limit])
    assert_type(price_table(catalog, "fr"), tuple[tuple[str, ...], ...])
    assert_type(comparison_table(catalog, "en"), tuple[tuple[str, ...], ...])
    assert_type(label(Feature.ai_chatbot, "fr"), str)


def history() -> Iterator[Action]:
    yield StartTrial(at=AT)
    yield StartTrial(4, at=AT)
    yield StartFree(at=AT)
    yield ChoosePlan(PRO, at=AT)
    yield ChoosePlan(PRO, seats=3, at=AT)
    yield ChangeSeats(4, at=AT)
    yield Cancel(at=AT)
    yield Resume(at=AT)
    yield AddPaymentMethod(at=AT)
    yield RemovePaymentMethod(at=AT)
    yield PaymentFailed(at=AT)
    yield PaymentFailed(final=True, at=AT)
    yield PaymentSucceeded(at=AT)
    yield MoveToEdition(CHATIM, at=AT)


def accounts(account: Account) -> None:
    assert_type(replay(history()), Statement)
    assert_type(replay([StartFree(at=AT)], until=AT, catalog=CHATIM), Statement)
    assert_type(open_account(StartFree(at=AT), catalog=CHATIM), Statement)
    assert_type(apply(account, Cancel(at=AT)), Statement)
    assert_type(preview(account, Cancel(at=AT)), Statement)
    assert_type(advance(account, AT), Statement)
    assert_type(upcoming_invoice(account), Invoice | None)
    assert_type(advance(account, AT).invoices, tuple[Invoice, ...])
    assert_type(advance(account, to=AT).account.pending_lines, tuple[Line, ...])
    assert_type(advance(account, AT).account.credit_balance, Money)


def charges(period: Period) -> None:
    assert_type(monthly_charge(PRO, 3), Money)
    assert_type(prorate(Money(1, USD), part=period, whole=period), Money)
    assert_type(prorate(Money(1, USD), part=period, whole=period, rounding=Rounding.down), Money)


def kinds(line: Line) -> str:
    match line.kind:
        case LineKind.subscription:
            return "the period"
        case LineKind.unused_time:
            return "a credit"
        case LineKind.remaining_time:
            return "the rest"
        case _ as never:
            assert_never(never)


def phases(phase: Phase) -> datetime | None:
    match phase:
        case OnFree():
            return None
        case OnTrial(trial_end=end):
            return end
        case OnPaid(period=period):
            return period.end
        case _ as never:
            assert_never(never)


def all_notices(notice: Notice) -> str:
    match notice:
        case AccountRestrictedNotice(held_plan=plan):
            return plan.key
        case PaymentRequiredNotice():
            return "pay"
        case TrialEndedNotice():
            return "choose"
        case SeatsOverLimitNotice(over=over):
            return str(over)
        case ChangeScheduledNotice(plan=plan, at=at) | PriceChangeNotice(plan=plan, at=at):
            return f"{plan.key} {at}"
        case TrialRunningNotice(days_left=days):
            return str(days)
        case _ as never:
            assert_never(never)


def access(subscription: Subscription) -> None:
    may = entitlements(subscription, AT)
    assert_type(may, Entitlements)
    assert_type(may.allows("ai_chatbot"), bool)
    assert_type(may.decide(Feature.ai_chatbot), Decision)
    assert_type(may.decide_usage(Quota.seats, 3).cheapest_plan, Plan | None)
    assert_type(may.decide("ai_chatbot").reason, Reason)
    assert_type(may.valid_until, datetime | None)
    assert_type(status(subscription, AT), Status)
    assert_type(days_left(subscription, AT), int | None)
    assert_type(change_takes_effect(subscription, FREE, AT), datetime)
    assert_type(change_takes_effect(subscription=subscription, plan=FREE, at=AT), datetime)
    assert_type(downgrade_report(subscription, FREE, AT), DowngradeReport)
    assert_type(notices(subscription, AT), tuple[Notice, ...])
    assert_type(trial_eligibility(subscription), TrialEligibility)
    assert_type(trial_eligibility(subscription).reason, TrialRefusal | None)
    assert_type(can_manage_billing(Role.admin) or can_manage_billing("manager"), bool)


def documents(wire: WireFormat, stored: object) -> None:
    assert_type(wire.document(PRO), dict[str, Any])
    assert_type(wire.value(stored, Subscription), Subscription)
    assert_type(wire.value(stored, Action), Action)
    assert_type(wire.value(stored, Status), Status)
    notice: Notice = wire.value(stored, Notice)
    limit: Limit = wire.value(stored, kind=Limit)
    print(notice, limit)


def in_words(notice: Notice, error: SeatLimitError, statement: Statement) -> None:
    assert_type(say(notice, "fr"), Message)
    assert_type(say(error, "fr").title, str)
    assert_type(say(Status.active, "fr", zone=UTC), str)
    assert_type(say(statement.invoices[0], "en"), str)
    assert_type(explain(statement.invoices[0].lines[0], "en"), str)
    assert_type(timeline(statement, AT).ahead, tuple[AccountEvent, ...])
    assert_type(timeline_svg(statement.account, AT), str)


def errors(error: PlansError) -> str:
    if isinstance(error, SeatLimitError):
        assert_type(error.seats, int)
        assert_type(error.limit, Limit)
        assert_type(error.cheapest_plan, Plan | None)
        return error.instead
    return str(error)
