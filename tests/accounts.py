"""Short ways to tell an account's story, and to read what came of it as plain numbers.

Nothing here computes an expected value: builders call the public functions, readers unwrap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar

from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    Account,
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    AdjustCredit,
    BillingMode,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Currency,
    Decision,
    Feature,
    Invoice,
    Limit,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentSucceeded,
    Plan,
    Quota,
    Reason,
    Refunded,
    RemovePaymentMethod,
    Resume,
    Rounding,
    ScheduledChange,
    StartFree,
    StartTrial,
    Statement,
    Subscription,
    Terms,
    advance,
    apply,
    entitlements,
    open_account,
    replay,
    status,
)
from tests.instants import JULY, JUNE, TENTH, TIE
from tests.refused import error_of

Refusal = TypeVar("Refusal", bound=ActionRefusedError)


# --- Who is where ---
def on_free(at: datetime, *, card: bool = False, catalog: Catalog = CHATIM) -> Account:
    """A customer who started on Free, with a payment method or without."""
    account = open_account(StartFree(at=at), catalog).account
    return after(account, AddPaymentMethod(at=at)) if card else account


def on_trial(
    at: datetime, *, seats: int = 1, card: bool = False, catalog: Catalog = CHATIM
) -> Account:
    """A customer whose trial started at `at`."""
    account = open_account(StartTrial(seats, at=at), catalog).account
    return after(account, AddPaymentMethod(at=at)) if card else account


def on_plan(plan: Plan, at: datetime, *, seats: int = 1, catalog: Catalog = CHATIM) -> Account:
    """A customer who bought `plan` from Free at `at`, payment method on file."""
    return after(on_free(at, card=True, catalog=catalog), ChoosePlan(plan, seats, at=at))


def on_year(at: datetime, *, seats: int = 1) -> Account:
    """A customer who bought the negotiated plan by the year."""
    catalog = with_enterprise()
    return on_plan(catalog.plan("enterprise"), at, seats=seats, catalog=catalog)


def on_ten(rounding: Rounding = Rounding.ties_to_customer) -> Account:
    """A customer of June on the plan of $10; at `TIE` both lines to $18 are exact halves."""
    catalog = ten_and_eighteen(rounding)
    return on_plan(catalog.plan("ten"), JUNE, catalog=catalog)


def to_eighteen(account: Account) -> ChoosePlan:
    """The choice of the plan of $18 when 1/400 of June is left."""
    return ChoosePlan(account.subscription.catalog.plan("eighteen"), at=TIE)


def past_due(plan: Plan = PRO, *, seats: int = 1, catalog: Catalog = CHATIM) -> Account:
    """A customer of June whose payment failed on the tenth, and is retried."""
    return after(on_plan(plan, JUNE, seats=seats, catalog=catalog), PaymentFailed(at=TENTH))


def restricted(
    plan: Plan = PRO, *, seats: int = 1, catalog: Catalog = CHATIM, bought: datetime = JUNE
) -> Account:
    """A customer whose last retry failed nine days after the purchase, on the tenth of June."""
    account = on_plan(plan, bought, seats=seats, catalog=catalog)
    return after(account, PaymentFailed(final=True, at=bought + timedelta(days=9)))


def with_change(account: Account, key: str, at: datetime) -> Account:
    """The account with a change of plan that waits for `at`, whatever the lifecycle agrees to."""
    return evolve(account, subscription=waiting(account.subscription, key, at))


def waiting(subscription: Subscription, key: str, at: datetime) -> Subscription:
    """The subscription with a change to the plan of its catalogue with this key."""
    change = ScheduledChange(subscription.catalog.plan(key), at)
    return evolve(subscription, scheduled_change=change)


ACCOUNTS: dict[str, Callable[[], Account]] = {
    "free": lambda: on_free(JUNE),
    "free, card": lambda: on_free(JUNE, card=True),
    "trial": lambda: on_trial(JUNE),
    "trial, card": lambda: on_trial(JUNE, card=True),
    "trial, cancelled": lambda: after(on_trial(JUNE), Cancel(at=JUNE)),
    "trial, declined": lambda: after(on_trial(JUNE), ChoosePlan(FREE, at=JULY)),
    "trial, cancelled, over": lambda: advance(named("trial, cancelled"), JULY).account,
    "trial ended": lambda: advance(on_trial(JUNE), JULY).account,
    "trial, converted": lambda: advance(on_trial(JUNE, card=True), JULY).account,
    "trial, converted, restricted": lambda: after(
        on_trial(JUNE, card=True), PaymentFailed(final=True, at=JULY)
    ),
    "pro": lambda: on_plan(PRO, JUNE),
    "pro, cancelled": lambda: after(on_plan(PRO, JUNE), Cancel(at=TENTH)),
    "pro, left": lambda: advance(named("pro, cancelled"), JULY).account,
    "pro, past due": past_due,
    "pro, restricted": restricted,
    "ultimate": lambda: on_plan(ULTIMATE, JUNE),
    "ultimate, cancelled": lambda: after(on_plan(ULTIMATE, JUNE), Cancel(at=TENTH)),
    "ultimate, pro waiting": lambda: after(on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=TENTH)),
    "ultimate, restricted": lambda: restricted(ULTIMATE),
}


def named(name: str) -> Account:
    """An account of one seat that began in June, by how it stands."""
    return ACCOUNTS[name]()


def after(account: Account, *actions: Action) -> Account:
    """The account after the actions, one by one."""
    for action in actions:
        account = apply(account, action).account
    return account


def lived(
    start: Account, actions: Iterable[Action], until: datetime | None = None
) -> list[Invoice]:
    """Every invoice from `start` on, through the actions and then up to `until`."""
    invoices: list[Invoice] = []
    for action in actions:
        statement = apply(start, action)
        start = statement.account
        invoices.extend(statement.invoices)
    if until is not None:
        invoices.extend(advance(start, until).invoices)
    return invoices


def history(
    *actions: Action, until: datetime | None = None, catalog: Catalog = CHATIM
) -> Statement:
    """The replay of a whole history."""
    return replay(actions, until, catalog)


ACTIONS: dict[str, Callable[[datetime], Action]] = {
    "StartTrial": lambda at: StartTrial(at=at),
    "StartFree": lambda at: StartFree(at=at),
    "ChoosePlan": lambda at: ChoosePlan(PRO, at=at),
    "ChangeSeats": lambda at: ChangeSeats(3, at=at),
    "Cancel": lambda at: Cancel(at=at),
    "Resume": lambda at: Resume(at=at),
    "AddPaymentMethod": lambda at: AddPaymentMethod(at=at),
    "RemovePaymentMethod": lambda at: RemovePaymentMethod(at=at),
    "PaymentFailed": lambda at: PaymentFailed(at=at),
    "PaymentSucceeded": lambda at: PaymentSucceeded(at=at),
    "MoveToEdition": lambda at: MoveToEdition(CHATIM, at=at),
    "MoveTrialEnd": lambda at: MoveTrialEnd(at, at=at),
    "AdjustCredit": lambda at: AdjustCredit(usd(100), at=at),
    "Refunded": lambda at: Refunded(1, usd(100), at=at),
}
"""One action of each kind, at an instant."""


# --- What is on sale ---
def usd(cents: int) -> Money:
    """So many cents."""
    return Money(cents, USD)


def a_plan(
    key: str,
    price: int,
    *,
    months: int = 1,
    features: Iterable[str] = (),
    seats: Limit = UNLIMITED,
    currency: Currency = USD,
) -> Plan:
    """A plan of our own; `months` counts for a paid plan only."""
    limits: dict[str, Limit] = {
        Quota.seats: seats,
        Quota.chats: UNLIMITED,
        Quota.chatbot_flows: UNLIMITED,
    }
    return Plan(key, Money(price, currency), months if price else None, features, limits)


def a_catalog(
    *plans: Plan,
    edition: str = "own",
    trial_plan: str = "pro",
    trial_days: int = 30,
    refund_days: int = 14,
    smallest_charge: int = 50,
    rounding: Rounding = Rounding.ties_to_customer,
    seat_lines_at_once: bool = False,
    billing_mode: BillingMode = BillingMode.flexible,
    grace_days: int | None = None,
    retired: Iterable[str] = (),
) -> Catalog:
    """A catalogue of our own, in the currency of its first plan."""
    terms = Terms(
        trial_plan,
        trial_days,
        refund_days,
        smallest_charge=Money(smallest_charge, plans[0].price.currency),
        rounding=rounding,
        seat_lines_at_once=seat_lines_at_once,
        billing_mode=billing_mode,
        grace_days=grace_days,
    )
    return Catalog(edition, plans, terms, retired)


def on_terms(catalog: Catalog = CHATIM, **terms: Any) -> Catalog:
    """A catalogue, Chatim's unless told, with some terms of our own."""
    return evolve(catalog, terms=evolve(catalog.terms, **terms))


def repriced(edition: str = "2027", *, pro: int = 19_00, ultimate: int = 39_00) -> Catalog:
    """Chatim's catalogue in a new edition, with other prices."""
    new_pro, new_ultimate = evolve(PRO, price=usd(pro)), evolve(ULTIMATE, price=usd(ultimate))
    return evolve(CHATIM, edition=edition, plans=(FREE, new_pro, new_ultimate))


def yearly(price: int = 390_00, *, key: str = "yearly") -> Plan:
    """A negotiated plan that bills Ultimate by the year."""
    return evolve(ULTIMATE, key=key, price=usd(price), interval_months=12)


def with_plans(*plans: Plan, edition: str = "large") -> Catalog:
    """Chatim's plans, and these above them, in an edition of their own."""
    return evolve(CHATIM, edition=edition, plans=(*CHATIM.plans, *plans))


def with_enterprise() -> Catalog:
    """Chatim's plans and a negotiated one: $360 a seat and year, that is $30 a month."""
    enterprise = a_plan("enterprise", 360_00, months=12, features=ULTIMATE.features)
    return with_plans(enterprise, edition="large teams")


def ten_and_eighteen(rounding: Rounding = Rounding.ties_to_customer) -> Catalog:
    """The plans of Stripe's recorded halves: $10 and $18."""
    return a_catalog(
        a_plan("free", 0, seats=1),
        a_plan("ten", 10_00),
        a_plan("eighteen", 18_00),
        trial_plan="ten",
        rounding=rounding,
    )


PRO_ADDS = {
    Feature.visitor_export,
    Feature.custom_branding,
    Feature.contact_buttons,
    Feature.advanced_analytics,
    Feature.standard_support,
}
ULTIMATE_ADDS = {
    Feature.white_label,
    Feature.api_access,
    Feature.ai_chatbot,
    Feature.priority_support,
}


# --- What came of it ---
def dues(invoices: Iterable[Invoice]) -> list[tuple[datetime, int]]:
    """When each invoice was issued, and the cents it collects."""
    return [(invoice.issued_at, invoice.amount_due.amount) for invoice in invoices]


def cents(invoice: Invoice) -> list[int]:
    """The cents of each line."""
    return [line.amount.amount for line in invoice.lines]


def waiting_cents(account: Account) -> list[int]:
    """The cents of each line that waits for the next invoice."""
    return [line.amount.amount for line in account.pending_lines]


def waiting_plan(account: Account) -> tuple[str, datetime] | None:
    """The plan that waits, and for when."""
    change = account.subscription.scheduled_change
    return None if change is None else (change.plan.key, change.at)


Decided: TypeAlias = tuple[bool, str, str, str | None, datetime | None]
"""Yes or no, why, the key of the plan that decided and of the cheapest that would, until when."""


def decided(
    allowed: bool,
    reason: str,
    plan: str,
    cheapest: str | None,
    until: datetime | None,
    asked: str,
    used: int | None = None,
) -> Decision:
    """A decision among Chatim's plans, each by its key, on a feature or on a count of a quota."""
    remedy = None if cheapest is None else CHATIM.plan(cheapest)
    what = Feature(asked) if used is None else Quota(asked)
    return Decision(allowed, Reason(reason), CHATIM.plan(plan), remedy, until, what, used)


def statuses(account: Account, *instants: datetime) -> list[str]:
    """The account's status at each instant."""
    return [status(account.subscription, at).value for at in instants]


def granted(account: Account, feature: str, *instants: datetime) -> list[bool]:
    """Whether the account has the feature at each instant."""
    return [entitlements(account.subscription, at).allows(feature) for at in instants]


def paid_phase(account: Account) -> OnPaid:
    """The facts of an account on a paid plan."""
    phase = account.subscription.phase
    assert isinstance(phase, OnPaid)
    return phase


def trial_phase(account: Account) -> OnTrial:
    """The facts of an account in its trial."""
    phase = account.subscription.phase
    assert isinstance(phase, OnTrial)
    return phase


def refusal(account: Account, action: Action, error: type[Refusal]) -> Refusal:
    """The error of exactly this kind with which `action` is refused."""
    return error_of(error, apply, account, action)
