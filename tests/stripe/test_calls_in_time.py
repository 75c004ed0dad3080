"""Whole histories told to a stand-in for Stripe: it holds at each step what the library holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import assert_never

import pytest

pytest.importorskip("stripe", reason="needs stripe-python")

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    PRO,
    ULTIMATE,
    USD,
    Account,
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    AdjustCredit,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    InvalidValueError,
    Invoice,
    LineKind,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentSucceeded,
    Plan,
    Resume,
    StartFree,
    StartTrial,
    Statement,
    Status,
    Subscription,
    advance,
    apply,
    open_account,
)
from chatim_plans.strategies import catalogs, histories
from chatim_plans.stripe import StripeIds, calls, ids_from_stripe, release_call
from tests.stripe.stand_in_stripe import StandIn
from tests.stripe.typed_params import faults_of_call
from tests.stripe.written_objects import dearer_pro


def price_id(plan: Plan) -> str:
    """One price id for all plans that cost the same under one key."""
    return f"price_{plan.key.encode().hex()}_{plan.price.amount}_{plan.interval_months}"


def sold_by(*editions: Catalog) -> dict[str, Plan]:
    """The paid plans of some editions, by their price ids."""
    plans = [plan for edition in editions for plan in edition.plans if not plan.is_free]
    return {price_id(plan): plan for plan in plans}


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


def waiting(facts: Subscription) -> Iterator[Action]:
    """The action that asks again for all that waits."""
    change = facts.scheduled_change
    if facts.next_catalog is not None:
        yield MoveToEdition(facts.next_catalog, at=facts.as_of)
    elif change is not None:
        free = change.plan.is_free
        yield Cancel(at=facts.as_of) if free else ChoosePlan(change.plan, at=facts.as_of)


class Told:
    """A history told twice, to the library and, by its calls alone, to the stand-in."""

    def __init__(self, opening: Action, catalog: Catalog, prices: dict[str, Plan]) -> None:
        """The account is opened; a trial is a subscription in Stripe."""
        self.prices = prices
        months = {price: plan.interval_months or 0 for price, plan in prices.items()}
        currency = catalog.free_plan.price.currency.code.lower()
        self.stripe = StandIn(months, opening.at, currency)
        self.account = open_account(opening, catalog).account
        self.full_periods: list[tuple[datetime, str, int]] = []
        self.granted = 0
        if isinstance(self.account.subscription.phase, OnTrial):
            new = open_account(StartFree(at=opening.at), catalog).account.subscription
            self.stripe.perform(calls(opening, new, self.ids))

    @property
    def ids(self) -> StripeIds:
        """Where the account is, as the stand-in itself tells it."""
        return ids_from_stripe(self.stripe.said(), self.prices)

    def go_on(self, to: datetime) -> None:
        """Time goes by for both; of a renewal that an overdue account meets, Stripe reports that it
        is not paid either.
        """
        while (renewal := self.overdue_renewal()) is not None and renewal <= to:
            self.let_go_by(renewal)
            if self.overdue_renewal() is not None:
                self.tell(PaymentFailed(at=renewal))
        self.let_go_by(to)

    def overdue_renewal(self) -> datetime | None:
        """The next renewal of an account that is past due."""
        facts = self.account.subscription
        return facts.phase.end if facts.present_status is Status.past_due else None

    def let_go_by(self, to: datetime) -> None:
        """Time goes by, and nobody reports anything."""
        self.stripe.let_go_by(to)
        self.keep(advance(self.account, to))

    def keep(self, statement: Statement) -> None:
        """The account is what the statement says."""
        self.account = statement.account
        self.stripe.has_card = self.account.subscription.payment_method
        self.full_periods += _full_periods(statement.invoices)

    def ask(self, action: Action) -> bool:
        """Make the calls of an action; whether every payment was taken."""
        made = calls(action, self.account.subscription, self.ids)
        assert [fault for call in made for fault in faults_of_call(dict(call))] == []
        return self.stripe.perform(made)

    def tell(self, action: Action, *, declined: bool = False) -> bool:
        """An action happens in both; or in neither, and what waited is asked for again."""
        self.stripe.declines = declined
        happens = self.ask(action)
        if happens:
            self.keep(apply(self.account, action))
            self.granted += action.amount.amount if isinstance(action, AdjustCredit) else 0
        else:
            for again in waiting(self.account.subscription):
                assert self.ask(again)
        self.stripe.declines = False
        self.assert_agree()
        return happens

    def assert_agree(self) -> None:
        """Both hold the same, invoiced the same periods, and were told the same of the balance."""
        assert holds(self.stripe) == told(self.account)
        assert self.stripe.invoiced == self.full_periods
        assert self.stripe.balance == -self.granted


def retold(history: list[Action], catalog: Catalog, declined: Collection[int] = ()) -> None:
    """Play a history twice and compare at every step; some payments are declined.

    What was declined has not happened, and what the library refuses after that is left out.
    """
    editions = [action.catalog for action in history if isinstance(action, MoveToEdition)]
    opening, *rest = history
    both, is_whole = Told(opening, catalog, sold_by(catalog, *editions)), True
    for number, action in enumerate(rest):
        both.go_on(action.at)
        try:
            apply(both.account, action)
        except ActionRefusedError:
            assert not is_whole, "the history itself is one that the library takes"
            continue
        if not both.tell(action, declined=number in declined):
            is_whole = False
    both.go_on(both.stripe.now + timedelta(days=800))
    both.assert_agree()


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
    "a trial that is longer than planned, once cancelled": lambda: [
        StartTrial(3, at=day(1)),
        Cancel(at=day(2)),
        MoveTrialEnd(day(50), at=day(3)),
        AddPaymentMethod(at=day(4)),
        Resume(at=day(45)),
    ],
    "a trial that ends early, with another edition waiting": lambda: [
        StartTrial(3, at=day(1)),
        AddPaymentMethod(at=day(2)),
        MoveToEdition(dearer_pro(), at=day(3)),
        MoveTrialEnd(day(12), at=day(5)),
        ChangeSeats(4, at=day(6)),
    ],
    "a trial that ends now, with another edition waiting": lambda: [
        StartTrial(3, at=day(1)),
        AddPaymentMethod(at=day(2)),
        MoveToEdition(dearer_pro(), at=day(3)),
        MoveTrialEnd(day(5), at=day(5)),
    ],
    "a trial that ends now, without a card": lambda: [
        StartTrial(3, at=day(1)),
        MoveTrialEnd(day(5), at=day(5)),
        AddPaymentMethod(at=day(6)),
        ChoosePlan(PRO, at=day(6)),
    ],
    "cancelled at once with a downgrade waiting, and bought again": lambda: on(
        ULTIMATE,
        ChoosePlan(PRO, at=day(3)),
        AdjustCredit(Money(500, USD), at=day(4)),
        Cancel(at_once=True, at=day(5)),
        ChoosePlan(PRO, at=day(9)),
    ),
    "another edition, and a team that grows": lambda: on(
        PRO, MoveToEdition(dearer_pro(), at=day(5)), ChangeSeats(7, at=day(9))
    ),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_stripe_follows_each_story(story: Callable[[], list[Action]]) -> None:
    """P1, P3-P5, S5, D2, D3, R6, C5: what is rarely drawn, told by the calls alone."""
    retold(story(), CHATIM)


def by_the_year(rank: int) -> Catalog:
    """The published plans, and one by the year at that rank, with the features of the one below."""
    below, price = CHATIM.plans[rank - 1], Money(180_00, USD)
    plan = evolve(below, key="yearly", price=price, interval_months=12)
    return evolve(CHATIM, plans=(*CHATIM.plans[:rank], plan, *CHATIM.plans[rank:]))


INTERVALS: dict[str, tuple[int, Callable[[Plan], list[Action]]]] = {
    "a year in the place of a month": (3, lambda year: on(ULTIMATE, ChoosePlan(year, at=day(9)))),
    "a year in the place of a month, once cancelled": (
        3,
        lambda year: on(ULTIMATE, Cancel(at=day(3)), ChoosePlan(year, seats=7, at=day(9))),
    ),
    "a year after the month": (
        2,
        lambda year: on(
            ULTIMATE, ChoosePlan(year, at=day(9)), ChangeSeats(6, at=day(12)), Resume(at=day(400))
        ),
    ),
    "a month in the place of a year": (
        2,
        lambda year: on(year, ChoosePlan(ULTIMATE, at=day(40)), ChangeSeats(7, at=day(370))),
    ),
    "a month after the year": (
        3,
        lambda year: on(
            year, ChoosePlan(PRO, at=day(40)), ChangeSeats(7, at=day(80)), Cancel(at=day(400))
        ),
    ),
}


@pytest.mark.parametrize(("rank", "story"), INTERVALS.values(), ids=INTERVALS)
def test_stripe_follows_each_interval(rank: int, story: Callable[[Plan], list[Action]]) -> None:
    """P9, E10: at once with a new anchor, or where the period ends."""
    catalog = by_the_year(rank)
    retold(story(catalog.plan("yearly")), catalog)


OVERDUE: dict[str, tuple[int, Callable[[], list[Action]]]] = {
    "that lapses": (7, lambda: on(PRO, PaymentFailed(at=day(5)))),
    "that ends with the period": (7, lambda: on(PRO, PaymentFailed(at=day(25)))),
    "that outlasts the period": (7, lambda: on(PRO, PaymentFailed(at=day(26)))),
    "that outlasts two periods": (70, lambda: on(PRO, PaymentFailed(at=day(5)))),
    "that is paid in": (
        7,
        lambda: on(PRO, PaymentFailed(at=day(5)), PaymentSucceeded(at=day(9))),
    ),
    "that outlasts the period, and is paid in": (
        7,
        lambda: on(PRO, PaymentFailed(at=day(26)), PaymentSucceeded(at=day(32))),
    ),
    "with a downgrade waiting, paid in": (
        7,
        lambda: on(
            ULTIMATE,
            ChoosePlan(PRO, at=day(3)),
            PaymentFailed(at=day(5)),
            PaymentSucceeded(at=day(9)),
        ),
    ),
    "with a downgrade chosen in it, paid in": (
        7,
        lambda: on(
            ULTIMATE,
            PaymentFailed(at=day(5)),
            ChoosePlan(PRO, at=day(6)),
            PaymentSucceeded(at=day(9)),
        ),
    ),
    "that outlasts the period, with a downgrade waiting": (
        7,
        lambda: on(ULTIMATE, ChoosePlan(PRO, at=day(3)), PaymentFailed(at=day(26))),
    ),
    "that outlasts the period, with another edition waiting": (
        7,
        lambda: on(PRO, MoveToEdition(dearer_pro(), at=day(3)), PaymentFailed(at=day(26))),
    ),
    "with another edition chosen in it": (
        7,
        lambda: on(
            PRO,
            PaymentFailed(at=day(5)),
            MoveToEdition(dearer_pro(), at=day(6)),
            PaymentSucceeded(at=day(9)),
        ),
    ),
    "in which a cancellation is withdrawn": (
        7,
        lambda: on(PRO, PaymentFailed(at=day(5)), Cancel(at=day(6)), Resume(at=day(7))),
    ),
    "that outlasts the period, once cancelled, and that withdrawn": (
        7,
        lambda: on(PRO, Cancel(at=day(3)), PaymentFailed(at=day(26)), Resume(at=day(27))),
    ),
    "cut short by the last failure, and paid after it": (
        7,
        lambda: on(
            PRO,
            PaymentFailed(at=day(5)),
            PaymentFailed(final=True, at=day(6)),
            PaymentSucceeded(at=day(9)),
        ),
    ),
    "in which the team shrinks": (
        7,
        lambda: on(PRO, PaymentFailed(at=day(5)), ChangeSeats(2, at=day(6))),
    ),
}


@pytest.mark.parametrize(("days", "story"), OVERDUE.values(), ids=OVERDUE)
def test_stripe_follows_each_grace(days: int, story: Callable[[], list[Action]]) -> None:
    """D6, D3: nobody acts when it lapses, and still the subscription ends with that period."""
    retold(story(), evolve(CHATIM, terms=evolve(CHATIM.terms, grace_days=days)))


DECLINED: dict[str, Callable[[], list[Action]]] = {
    "an upgrade": lambda: on(PRO, ChoosePlan(ULTIMATE, at=day(9))),
    "an upgrade once cancelled": lambda: on(
        PRO, Cancel(at=day(5)), ChoosePlan(ULTIMATE, at=day(9))
    ),
    "an upgrade with another edition waiting": lambda: on(
        PRO, MoveToEdition(dearer_pro(), at=day(5)), ChoosePlan(ULTIMATE, at=day(9))
    ),
    "a higher plan in a trial, once cancelled": lambda: [
        StartTrial(3, at=day(1)),
        AddPaymentMethod(at=day(2)),
        Cancel(at=day(3)),
        ChoosePlan(ULTIMATE, at=day(9)),
    ],
    "a trial that somebody ends, and a higher plan": lambda: [
        StartTrial(3, at=day(1)),
        AddPaymentMethod(at=day(2)),
        MoveTrialEnd(day(20), at=day(3)),
        ChoosePlan(ULTIMATE, at=day(9)),
    ],
    "a paid plan": lambda: [
        StartFree(at=day(1)),
        AddPaymentMethod(at=day(1)),
        ChoosePlan(PRO, at=day(9)),
    ],
}


def played(history: list[Action], catalog: Catalog) -> Told:
    """A history of which everything is paid."""
    both = Told(history[0], catalog, sold_by(catalog, dearer_pro()))
    for action in history[1:]:
        both.go_on(action.at)
        both.tell(action)
    return both


def assert_declined(both: Told, last: Action) -> None:
    """Its payment is declined: both stay as they were, then and long after."""
    both.go_on(last.at)
    before, was_scheduled = told(both.account), both.ids.schedule is not None
    both.tell(last, declined=True)
    assert (told(both.account), both.ids.schedule is not None) == (before, was_scheduled)
    both.go_on(both.stripe.now + timedelta(days=800))
    both.assert_agree()


def end_in(stripe: StandIn) -> datetime | None:
    """Where the subscription held is to end."""
    assert stripe.held is not None
    return stripe.held.ends


@pytest.mark.parametrize("story", DECLINED.values(), ids=DECLINED)
def test_what_is_declined_has_not_happened(story: Callable[[], list[Action]]) -> None:
    """P8: the account stays, what waited waits again, and the calls after it are not made."""
    *history, last = story()
    assert_declined(played(history, CHATIM), last)


def test_seats_that_are_declined_bring_the_downgrade_back() -> None:
    """S2, S5, P8: the schedule was released for them, and is made anew."""
    at_once = evolve(CHATIM, terms=evolve(CHATIM.terms, seat_lines_at_once=True))
    both = played(on(ULTIMATE, ChoosePlan(PRO, at=day(5))), at_once)
    assert_declined(both, ChangeSeats(9, at=day(9)))


def test_what_is_declined_can_be_asked_for_once_more() -> None:
    """P5, P8: until it is paid the account is to end; nothing of the first time is in the way."""
    both = played(on(PRO, Cancel(at=day(5))), CHATIM)
    both.go_on(day(9))
    both.tell(ChoosePlan(ULTIMATE, at=day(9)), declined=True)
    assert end_in(both.stripe) == day(32)
    both.tell(ChoosePlan(ULTIMATE, at=day(9)))
    assert end_in(both.stripe) is None


def test_what_others_set_is_taken_back_by_resume() -> None:
    """P5: the portal may write the period's end into `cancel_at`, of which the facts know nothing."""
    both = played(on(PRO), CHATIM)
    assert both.stripe.held is not None
    both.stripe.held.ends_at = both.stripe.held.period.end
    both.tell(Resume(at=day(1)))
    assert end_in(both.stripe) is None


def test_a_schedule_that_is_done_goes_by_itself() -> None:
    """P3, S1: its last phase has begun, so a team grows as it would without."""
    both = played(on(ULTIMATE, ChoosePlan(PRO, at=day(5))), CHATIM)
    both.go_on(day(40))
    assert both.ids.schedule_is_done
    both.tell(ChangeSeats(7, at=day(40)))
    assert both.ids.schedule is None


def test_a_schedule_that_is_done_may_be_released_beforehand() -> None:
    """P3: whoever does not want to wait for the next change."""
    both = played(on(ULTIMATE, ChoosePlan(PRO, at=day(5))), CHATIM)
    both.go_on(day(40))
    both.stripe.perform((release_call(both.ids),))
    both.tell(ChangeSeats(7, at=day(40)))


def test_what_waits_in_a_schedule_unknown_to_the_facts_is_kept() -> None:
    """P3: nobody loses silently what others scheduled."""
    both = played(on(ULTIMATE, ChoosePlan(PRO, at=day(5))), CHATIM)
    both.account = played(on(ULTIMATE), CHATIM).account
    with pytest.raises(InvalidValueError, match="schedule: expected ids and facts that know"):
        both.ask(ChangeSeats(7, at=day(9)))


def test_an_upgrade_that_waits_for_its_payment_gives_way() -> None:
    """P5, P8: the newest choice wins, and a late payment of the older one changes nothing."""
    both = played(on(PRO), CHATIM)
    both.tell(ChoosePlan(ULTIMATE, at=day(1)), declined=True)
    assert both.ids.pending_invoice == "in_1"
    both.tell(ChangeSeats(7, at=day(1)))
    assert both.ids.pending_invoice is None


def test_a_start_that_was_not_paid_gives_way_to_another() -> None:
    """P8: nobody is charged for two."""
    both = played([StartFree(at=day(1)), AddPaymentMethod(at=day(1))], CHATIM)
    both.tell(ChoosePlan(PRO, at=day(1)), declined=True)
    assert both.ids.to_cancel == "sub_1"
    both.tell(ChoosePlan(ULTIMATE, at=day(1)))


@given(histories(), st.sets(st.integers(0, 12), min_size=1))
def test_stripe_holds_what_the_library_holds_whatever_is_declined(
    history: list[Action], declined: set[int]
) -> None:
    """P8: at every step and long after."""
    retold(history, CHATIM, declined)


@given(histories())
def test_stripe_holds_what_the_library_holds(history: list[Action]) -> None:
    """P1-P8, R1-R6, S1, S5, C5, D3, D6: told by the calls alone, at every step and long after."""
    retold(history, CHATIM)


@given(st.data())
def test_stripe_holds_what_the_library_holds_with_any_catalogue(data: st.DataObject) -> None:
    """C6, S2: the same with plans by the year, several paid plans and other terms."""
    catalog = data.draw(catalogs())
    declined = data.draw(st.sets(st.integers(0, 12), max_size=3))
    retold(data.draw(histories(catalog)), catalog, declined)
