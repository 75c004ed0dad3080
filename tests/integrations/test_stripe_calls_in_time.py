"""Whole histories told to a stand-in for Stripe: it holds at each step what the library holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import assert_never

import pytest

pytest.importorskip("stripe", reason="needs stripe-python")

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Account,
    Action,
    AddPaymentMethod,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Invoice,
    LineKind,
    Money,
    MoveToEdition,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentSucceeded,
    Plan,
    Resume,
    StartFree,
    StartTrial,
    advance,
    apply,
    open_account,
)
from chatim_plans.integrations.hypothesis_strategies import catalogs, histories
from chatim_plans.integrations.stripe_parameters import StripeIds, calls
from tests.integrations.stripe_stand_in import StandIn
from tests.integrations.stripe_typed_params import faults_of_call


def price_id(plan: Plan) -> str:
    """One price id for all plans that cost the same under one key."""
    return f"price_{plan.key.encode().hex()}_{plan.price.amount}_{plan.interval_months}"


def told(account: Account) -> tuple[object, ...] | None:
    """What Stripe should hold of an account now; None on Free."""
    facts = account.subscription
    match facts.phase:
        case OnFree():
            return None
        case OnTrial(trial_end=end):
            return price_id(facts.plan), facts.seats, None, end
        case OnPaid(cycle=cycle, period=period):
            return price_id(facts.plan), facts.seats, cycle, period.end
        case _ as never:
            assert_never(never)


def holds(stripe: StandIn) -> tuple[object, ...] | None:
    """What the stand-in holds."""
    held = stripe.held
    return None if held is None else (held.price, held.quantity, held.cycle, held.period.end)


def ids_at(stripe: StandIn, prices: dict[str, Plan]) -> StripeIds:
    """Where the account is in the stand-in."""
    if stripe.held is None:
        return StripeIds("cus_1", prices)
    return StripeIds("cus_1", prices, "sub_1", "si_1", stripe.schedule)


def retold(history: list[Action], catalog: Catalog) -> None:
    """Play a history twice, in the library and by its calls, and compare at every step."""
    editions = [
        catalog,
        *(action.catalog for action in history if isinstance(action, MoveToEdition)),
    ]
    sold = [plan for edition in editions for plan in edition.plans if not plan.is_free]
    prices = {price_id(plan): plan for plan in sold}
    months = {price: plan.interval_months or 0 for price, plan in prices.items()}
    opening, *rest = history
    stripe = StandIn(months, opening.at)
    account = open_account(opening, catalog).account
    if isinstance(account.subscription.phase, OnTrial):
        new = open_account(StartFree(at=opening.at), catalog).account.subscription
        stripe.perform(calls(opening, new, ids_at(stripe, prices)))
    full_periods: list[tuple[datetime, str, int]] = []
    for action in rest:
        stripe.let_go_by(action.at)
        made = calls(action, account.subscription, ids_at(stripe, prices))
        assert [fault for call in made for fault in faults_of_call(dict(call))] == []
        stripe.perform(made)
        statement = apply(account, action)
        account = statement.account
        stripe.has_card = account.subscription.payment_method
        full_periods += _full_periods(statement.invoices)
        assert holds(stripe) == told(account)
    later = stripe.now + timedelta(days=800)
    stripe.let_go_by(later)
    statement = advance(account, later)
    full_periods += _full_periods(statement.invoices)
    assert (holds(stripe), stripe.invoiced) == (told(statement.account), full_periods)


def _full_periods(invoices: tuple[Invoice, ...]) -> list[tuple[datetime, str, int]]:
    """The full periods that the library invoiced: when they began, at which price, for how many."""
    return [
        (line.period.start, price_id(line.plan), line.seats)
        for invoice in invoices
        for line in invoice.lines
        if line.kind is LineKind.subscription
    ]


def day(number: int) -> datetime:
    """A day of a year, at nine."""
    return datetime(2026, 1, 15, 9, tzinfo=UTC) + timedelta(days=number - 1)


def on(plan: Plan, *after_it: Action) -> list[Action]:
    """A history on a paid plan."""
    paid = [StartFree(at=day(1)), AddPaymentMethod(at=day(1)), ChoosePlan(plan, seats=5, at=day(1))]
    return [*paid, *after_it]


def dearer() -> Catalog:
    """An edition in which Pro costs more."""
    return evolve(
        CHATIM, edition="2027", plans=(FREE, evolve(PRO, price=Money(2100, USD)), ULTIMATE)
    )


STORIES: dict[str, Callable[[], list[Action]]] = {
    "a team that grows while a downgrade waits": lambda: on(
        ULTIMATE, ChoosePlan(PRO, at=day(5)), ChangeSeats(7, at=day(9)), ChangeSeats(6, at=day(40))
    ),
    "a downgrade in the last phase of another": lambda: on(
        ULTIMATE, ChoosePlan(PRO, at=day(5)), ChoosePlan(ULTIMATE, at=day(40)), Cancel(at=day(41))
    ),
    "a cancellation, then a downgrade, then neither": lambda: on(
        ULTIMATE, Cancel(at=day(3)), ChoosePlan(PRO, at=day(5)), Resume(at=day(9))
    ),
    "a restriction with a downgrade waiting, paid in time": lambda: on(
        ULTIMATE,
        ChoosePlan(PRO, at=day(5)),
        PaymentFailed(final=True, at=day(6)),
        PaymentSucceeded(at=day(9)),
    ),
    "a restriction that nobody settles": lambda: on(
        PRO, PaymentFailed(final=True, at=day(40)), ChangeSeats(2, at=day(41))
    ),
    "a trial that ends for a higher plan, once cancelled": lambda: [
        StartTrial(3, at=day(1)),
        Cancel(at=day(2)),
        AddPaymentMethod(at=day(3)),
        ChoosePlan(ULTIMATE, seats=4, at=day(3)),
    ],
    "another edition, and a team that grows": lambda: on(
        PRO, MoveToEdition(dearer(), at=day(5)), ChangeSeats(7, at=day(9))
    ),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_stripe_follows_each_story(story: Callable[[], list[Action]]) -> None:
    """P1, P3-P5, S5, D2, D3, R6, C5: what is rarely drawn, told by the calls alone."""
    retold(story(), CHATIM)


@given(histories())
def test_stripe_holds_what_the_library_holds(history: list[Action]) -> None:
    """P1-P8, R1-R6, S1, S5, C5, D3: told by the calls alone, at every step and long after."""
    retold(history, CHATIM)


@given(st.data())
def test_stripe_holds_what_the_library_holds_with_any_catalogue(data: st.DataObject) -> None:
    """C6, S2: the same with plans by the year, several paid plans and other terms."""
    catalog = data.draw(catalogs())
    retold(data.draw(histories(catalog)), catalog)
