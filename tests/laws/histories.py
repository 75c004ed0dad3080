"""Catalogues and histories aimed at the seams, and what they are in the model's terms.

The same drawn history feeds the library and the model. The library's account was its aim (where is
the next boundary?), so a library that is wrong aims worse, but it cannot make the two agree: what
is translated here, act by act and plan by plan, is only how a value is written down.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeAlias, assert_never

from attrs import evolve
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
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
    CurrencyMismatchError,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentSucceeded,
    Plan,
    Refunded,
    RemovePaymentMethod,
    Resume,
    Rounding,
    StartFree,
    StartTrial,
    apply,
    open_account,
    replay,
)
from chatim_plans.strategies import actions, catalogs
from chatim_plans.strategies.catalogs import Revision, revisions
from tests.laws.model import Act, ModelCatalog, ModelPlan

DAY = 86_400
_SECOND = timedelta(seconds=1)

Story: TypeAlias = tuple[Catalog, list[Action]]
_Moment: TypeAlias = Callable[[Account], datetime]
_Act: TypeAlias = Callable[[Account, datetime], Action]
_Scene: TypeAlias = tuple[_Moment, _Act]

KINDS: dict[type[Action], str] = {
    StartFree: "start_free",
    StartTrial: "start_trial",
    ChoosePlan: "choose_plan",
    ChangeSeats: "change_seats",
    Cancel: "cancel",
    Resume: "resume",
    AddPaymentMethod: "add_payment_method",
    RemovePaymentMethod: "remove_payment_method",
    MoveTrialEnd: "move_trial_end",
    PaymentFailed: "payment_failed",
    PaymentSucceeded: "payment_succeeded",
    AdjustCredit: "adjust_credit",
    Refunded: "refund",
    MoveToEdition: "move_to_edition",
}


# --- In the model's terms ---
def seconds(at: datetime) -> int:
    """The Unix second of an instant."""
    return int(at.timestamp())


def model_plan(plan: Plan) -> ModelPlan:
    """The model's plan for the library's."""
    return ModelPlan(
        plan.key,
        plan.price.amount,
        plan.interval_months,
        frozenset(map(str, plan.features)),
        {str(quota): None if limit is UNLIMITED else limit for quota, limit in plan.limits.items()},
    )


def model_catalog(catalog: Catalog) -> ModelCatalog:
    """The model's catalogue for the library's; the model knows no other rounding than B4's."""
    terms = catalog.terms
    assert terms.rounding is Rounding.ties_to_customer
    return ModelCatalog(
        catalog.edition,
        tuple(map(model_plan, catalog.plans)),
        terms.trial_plan,
        terms.trial_days,
        terms.refund_days,
        terms.smallest_charge.amount,
        terms.seat_lines_at_once,
        terms.billing_mode.value,
        terms.grace_days,
        catalog.retired,
        terms.smallest_charge.currency.code,
    )


def model_act(action: Action) -> Act:
    """The model's act for the library's action."""
    act = Act(KINDS[type(action)], seconds(action.at))
    match action:
        case ChoosePlan(plan=plan, seats=seats):
            return replace(act, plan=model_plan(plan), seats=seats)
        case StartTrial(seats=seats) | ChangeSeats(seats=seats):
            return replace(act, seats=seats)
        case Cancel(at_once=at_once):
            return replace(act, at_once=at_once)
        case MoveTrialEnd(to=to):
            return replace(act, to=seconds(to))
        case MoveToEdition(catalog=catalog):
            return replace(act, catalog=model_catalog(catalog))
        case _:
            return _with_money(act, action)


def _with_money(act: Act, action: Action) -> Act:
    """The rest of the acts: reports of payments, and money that was given or taken."""
    match action:
        case PaymentFailed(final=final, invoice=number):
            return replace(act, final=final, invoice=number)
        case PaymentSucceeded(invoice=number):
            return replace(act, invoice=number)
        case AdjustCredit(amount=money):
            return replace(act, amount=money.amount, currency=money.currency.code)
        case Refunded(invoice=number, amount=money):
            amount, currency = money.amount, money.currency.code
            return replace(act, invoice=number, amount=amount, currency=currency)
        case _:
            return act


# --- What is on sale ---
_CHATIM_BY_THE_YEAR = evolve(
    CHATIM,
    edition="by the month and by the year",
    plans=(
        FREE,
        PRO,
        evolve(PRO, key="pro_yearly", price=PRO.price * 10, interval_months=12),
        ULTIMATE,
        evolve(ULTIMATE, key="ultimate_yearly", price=ULTIMATE.price * 10, interval_months=12),
    ),
)

_Sale: TypeAlias = Callable[[Catalog], Catalog]


def _sales() -> SearchStrategy[_Sale]:
    """A catalogue under other terms: a billing mode, a grace or none, plans that are retired.

    A grace of 28 to 31 days that begins with a period may end with it (D6).
    """

    def sale(mode: BillingMode, days: int | None, ranks: set[int]) -> _Sale:
        def sold(catalog: Catalog) -> Catalog:
            terms = evolve(catalog.terms, billing_mode=mode, grace_days=days)
            paid = [plan.key for plan in catalog.plans[1:] if plan.key != terms.trial_plan]
            retired = {key for rank, key in enumerate(paid) if rank in ranks}
            return evolve(catalog, terms=terms, retired=retired)

        return sold

    graces = st.sampled_from([None, None, 1, 7, 14, 28, 30, 31, 45])
    retired = st.sampled_from([set[int](), set[int](), {0}, {1}, {0, 2}])
    return st.builds(sale, st.sampled_from(BillingMode), graces, retired)


def _on_sale() -> SearchStrategy[Catalog]:
    """Catalogues of rule B4's rounding, some sold by the month and by the year, on any terms."""
    drawn = catalogs(Rounding.ties_to_customer)
    offers = st.booleans().flatmap(lambda any_: drawn if any_ else st.just(_CHATIM_BY_THE_YEAR))
    return _sales().flatmap(offers.map)


def _editions() -> SearchStrategy[Revision]:
    """What makes another edition: other prices, features and terms, other plans retired."""

    def edition(sale: _Sale, revised: Revision) -> Revision:
        return lambda catalog: sale(revised(catalog))

    return st.builds(edition, _sales(), revisions())


# --- When: where something is about to happen ---
def _moments() -> SearchStrategy[_Moment]:
    """Mostly the seams; else any second of the next nine days, or some days on."""

    def seam(n: int) -> _Moment:
        return lambda account: _seams(account)[n % len(_seams(account))]

    def inside(share: int) -> _Moment:
        return lambda account: min(
            account.subscription.as_of + share * _SECOND, max(_seams(account))
        )

    def later(days: int) -> _Moment:
        return lambda account: account.subscription.as_of + timedelta(days=days)

    now, seams = st.just(0).map(seam), st.integers(0, 15).map(seam)
    within = st.integers(0, 9 * DAY).map(inside)
    on = st.one_of(st.integers(1, 90), st.integers(1, 400)).map(later)
    # Mostly within the period: one_of would draw equals but once.
    drawn = st.sampled_from([now, now, seams, seams, within, within, within, on])
    return drawn.flatmap(lambda moment: moment)


def _seams(account: Account) -> list[datetime]:
    """The account's instant, the second before, at and after a period's and a grace's end, and
    quarters of the period, where half cents arise.
    """
    facts, length = account.subscription, _length(account)
    end, grace_end = facts.phase.end, facts.next_boundary
    if end is None or grace_end is None:
        return [facts.as_of]
    around = [at + shift * _SECOND for at in (end, grace_end) for shift in (0, -1, 1)]
    quarters = [end - length * part // 4 for part in (1, 2, 3)]
    return [facts.as_of, *(at for at in (*around, *quarters) if at > facts.as_of)]


def _length(account: Account) -> timedelta:
    """How long the present period is, or a trial as it was sold; on Free nothing ends."""
    match account.subscription.phase:
        case OnFree():
            return timedelta(0)
        case OnTrial():
            return timedelta(days=account.subscription.catalog.terms.trial_days)
        case OnPaid(period=period):
            return period.end - period.start
        case _ as never:
            assert_never(never)


def _last_chance(account: Account) -> datetime:
    """Where a grace would have to begin to end with the period (D6), if that is still to come."""
    facts = account.subscription
    days = facts.catalog.terms.grace_days
    if facts.phase.end is None or days is None:
        return facts.as_of
    return max(facts.as_of, facts.phase.end - timedelta(days=days))


# --- What ---
def _acts() -> SearchStrategy[_Act]:
    """Any act, the ones that move money drawn most."""
    weights = {
        _choices(): 3,
        _neighbours(): 9,
        _counts(): 9,
        _failures(): 3,
        _plain(AddPaymentMethod): 2,
        _plain(Resume): 2,
        _successes(): 3,
        st.builds(_cancelled, st.booleans()): 3,
        _moves(): 3,
        _trial_ends(): 3,
        _adjustments(): 2,
        _refunds(): 1,
        _plain(RemovePaymentMethod): 1,
        _plain(StartFree): 1,
        _plain(StartTrial): 1,
    }
    drawn = [act for act, weight in weights.items() for _ in range(weight)]
    # one_of would draw equals but once.
    return st.sampled_from(drawn).flatmap(lambda act: act)


def _plain(kind: type[Action]) -> SearchStrategy[_Act]:
    return st.just(lambda _account, at: kind(at=at))


def _choices() -> SearchStrategy[_Act]:
    """Choices of a plan: of the edition held, of the one that waits, or of one that is not sold."""

    def choice(rank: int, count: int | None, of: Revision | None, *, waits: bool) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            facts = account.subscription
            edition = facts.upcoming_catalog if waits else facts.catalog
            offered = (of(edition) if of else edition).plans
            seats = facts.seats if count == 0 else count
            return ChoosePlan(offered[rank % len(offered)], seats, at=at)

        return act

    elsewhere = st.sampled_from([0, 0, 0, 1]).flatmap(lambda n: _editions() if n else st.none())
    counts = st.sampled_from([None, None, None, 0, *range(1, 7), None])
    return st.builds(choice, st.integers(0, 5), counts, elsewhere, waits=st.booleans())


def _counts() -> SearchStrategy[_Act]:
    """A team of 1 to 6, one member more, or one less."""

    def changed(by: int) -> _Act:
        return lambda account, at: ChangeSeats(max(1, account.subscription.seats + by), at=at)

    def set_to(count: int) -> _Act:
        return lambda _account, at: ChangeSeats(count, at=at)

    return st.sampled_from([1, -1]).map(changed) | st.integers(1, 6).map(set_to)


def _neighbours() -> SearchStrategy[_Act]:
    """Choices of the plan on offer that ranks next above the one held, next below, or highest."""

    def step(by: int, count: int | None) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            catalog, held = account.subscription.catalog, account.subscription.plan
            above = [plan for plan in catalog.plans_on_offer if catalog.is_upgrade(held, plan)]
            below = [plan for plan in catalog.plans_on_offer if catalog.is_upgrade(plan, held)]
            chosen = {1: above[:1], 2: above[-1:], -1: below[-1:]}[by] or [held]
            return ChoosePlan(chosen[0], count if by > 0 else None, at=at)

        return act

    return st.builds(step, st.sampled_from([1, 1, 2, -1, -1]), st.sampled_from([None, None, 2, 3]))


_Number: TypeAlias = Callable[[Account], int | None]


def _numbers() -> SearchStrategy[_Number]:
    """No number, the latest invoice's, the first's, or one that the account does not have."""
    return st.sampled_from([
        lambda _account: None,
        lambda account: len(account.issued) or None,
        lambda account: 1 if account.issued else None,
        lambda account: len(account.issued) + 1,
    ])


def _failures() -> SearchStrategy[_Act]:
    def failure(number: _Number, *, final: bool) -> _Act:
        return lambda account, at: PaymentFailed(final=final, invoice=number(account), at=at)

    return st.builds(failure, _numbers(), final=st.sampled_from([False, False, True]))


def _successes() -> SearchStrategy[_Act]:
    def success(number: _Number) -> _Act:
        return lambda account, at: PaymentSucceeded(number(account), at=at)

    return st.builds(success, _numbers())


def _cancelled(at_once: bool) -> _Act:
    return lambda _account, at: Cancel(at_once, at=at)


def _moves() -> SearchStrategy[_Act]:
    """Moves to another edition, to the one held, or to one that sells in another currency."""

    def move(to: Revision | None) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            held = account.subscription.catalog
            return MoveToEdition(to(held) if to else held, at=at)

        return act

    return st.builds(move, st.one_of(st.none(), _editions(), _editions(), st.just(_elsewhere)))


_ELSEWHERE = Currency("XTS", 2)


def _elsewhere(catalog: Catalog) -> Catalog:
    """The same plans at the same figures of a currency that nobody else uses."""
    plans = [evolve(plan, price=Money(plan.price.amount, _ELSEWHERE)) for plan in catalog.plans]
    smallest = Money(catalog.terms.smallest_charge.amount, _ELSEWHERE)
    return evolve(catalog, plans=plans, terms=evolve(catalog.terms, smallest_charge=smallest))


def _trial_ends() -> SearchStrategy[_Act]:
    """The trial ends now, a second ago, in some days, or when it does anyhow (R8).

    Mostly where there is a trial: who had none yet starts one, and others grow.
    """

    def move(shift: int | None) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            facts = account.subscription
            if shift is None:
                return MoveTrialEnd(facts.phase.end or at, at=at)
            if isinstance(facts.phase, OnTrial):
                return MoveTrialEnd(at + shift * _SECOND, at=at)
            return ChangeSeats(facts.seats + 1, at=at) if facts.tried_plan else StartTrial(2, at=at)

        return act

    days = st.integers(1, 60).map(lambda count: count * DAY)
    return st.one_of(st.sampled_from([0, 0, 0, -1, 1, None]), days).map(move)


def _adjustments() -> SearchStrategy[_Act]:
    """Balance granted or taken, now and then in a currency that is not the account's (B13)."""

    def adjusted(amount: int, currency: Currency | None) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            money = Money(amount, currency or account.credit_balance.currency)
            return AdjustCredit(money, at=at)

        return act

    amounts = st.sampled_from([1, -1, 20, -49, 1900, -1900, 50_000]) | st.integers(1, 9999)
    return st.builds(adjusted, amounts, st.sampled_from([None, None, None, None, _ELSEWHERE]))


def _refunds() -> SearchStrategy[_Act]:
    """All that was due on one of the first invoices, a little of it, or a cent too much (F2)."""

    def refunded(rank: int, more: int | None, currency: Currency | None) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            number = 1 + rank % (len(account.issued) + 1)
            due = account.issued[number - 1].amount_due.amount if account.issued[rank:] else 0
            amount = 1 if more is None else max(1, due + more)
            money = Money(amount, currency or account.credit_balance.currency)
            return Refunded(number, money, at=at)

        return act

    more = st.sampled_from([None, 0, 0, -1, 1])
    foreign = st.sampled_from([None, None, None, None, _ELSEWHERE])
    return st.builds(refunded, st.integers(0, 4), more, foreign)


# --- Histories ---
def _scenes() -> SearchStrategy[_Scene]:
    """Any act at any moment, and now and then a failure whose grace may end with the period."""
    common = st.tuples(_moments(), _acts())
    rare = st.tuples(st.just(_last_chance), _failures())
    return st.integers(0, 11).flatmap(lambda n: common if n else rare)


def _beginnings() -> SearchStrategy[list[_Scene]]:
    """Nothing more, or in the same second a payment method, or a paid plan with it; and perhaps an
    edition that waits.
    """

    def at_once(account: Account) -> datetime:
        return account.subscription.as_of

    def card(_account: Account, at: datetime) -> Action:
        return AddPaymentMethod(at=at)

    def paid(rank: int) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            offered = account.subscription.catalog.plans_on_offer[1:]
            return ChoosePlan(offered[rank % len(offered)], at=at)

        return act

    def moved(to: Revision) -> _Act:
        return lambda account, at: MoveToEdition(to(account.subscription.catalog), at=at)

    paying = [[(at_once, card), (at_once, paid(rank))] for rank in (0, 0, 0, 1, 2)]
    first = st.sampled_from([[], [(at_once, card)], [(at_once, card)], *paying])
    moving = _editions().map(lambda to: [(at_once, moved(to))])
    return st.builds(operator.add, first, st.just([]) | moving)


def _lived(
    begun: list[Action], account: Account, scenes: Iterable[_Scene], *, refused: bool
) -> list[Action]:
    """The history, begun with what led to the account, that scenes become, each where the last
    one led.
    """
    history = [*begun]
    for moment, act in scenes:
        action = act(account, moment(account))
        try:
            account = apply(account, action).account
        except (ActionRefusedError, CurrencyMismatchError):
            history += [action] if refused else []
        else:
            history.append(action)
    return history


@st.composite
def stories(draw: st.DrawFn, refused: bool = False) -> Story:
    """A catalogue of rule B4's rounding, and a history of 1 to 21 actions with it.

    Most steps come where something is about to happen. With `refused`, actions that `apply` refuses
    where they stand are kept, as a caller would send them: such a history is applied one by one.
    """
    catalog = draw(_on_sale())
    opening = draw(actions(StartFree, StartTrial, first=2023, last=2028))
    account = open_account(opening, catalog).account
    step = _scenes()
    # Lists with a least size are longer on average.
    steps = st.lists(step, max_size=18) | st.lists(step, min_size=9, max_size=18)
    scenes = chain(draw(_beginnings()), draw(steps))
    return catalog, _lived([opening], account, scenes, refused=refused)


@st.composite
def paid_stories(draw: st.DrawFn) -> Story:
    """A story whose account ends on a paid plan in good standing, with a payment method."""
    catalog, history = draw(stories())
    facts = replay(history, catalog=catalog).account.subscription
    at, highest = facts.as_of, facts.catalog.plans_on_offer[-1]
    pay = AddPaymentMethod(at=at)
    match facts.phase:
        case OnFree(owes=owes):
            settled = [PaymentSucceeded(at=at)] if owes else []
            return catalog, [*history, pay, *settled, ChoosePlan(highest, at=at)]
        case OnTrial(trial_end=end):
            return catalog, [*history, pay, Resume(at=at), Resume(at=end)]
        case OnPaid():
            return catalog, [*history, pay, PaymentSucceeded(at=at)]
        case _ as never:
            assert_never(never)


@st.composite
def overdue_stories(draw: st.DrawFn) -> Story:
    """A story that ends with an account past due, whose grace runs."""
    catalog = draw(_on_sale().filter(lambda sold: sold.terms.grace_days is not None))
    start = draw(actions(StartFree, first=2023, last=2028))
    at, lowest = start.at, catalog.plans_on_offer[1]
    bought = [start, AddPaymentMethod(at=at), ChoosePlan(lowest, at=at)]
    scene = st.tuples(_moments(), st.one_of(_counts(), _neighbours(), _moves()))
    account = replay(bought, catalog=catalog).account
    history = _lived(bought, account, draw(st.lists(scene, max_size=6)), refused=False)
    account = replay(history, catalog=catalog).account
    failed = PaymentFailed(at=draw(_moments())(account))
    facts = apply(account, failed).account.subscription
    assume(isinstance(facts.phase, OnPaid) and facts.phase.grace_end is not None)
    return catalog, [*history, failed]
