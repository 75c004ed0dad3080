"""Notices: the fields of each, and the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from attrs import evolve

from chatim_plans import (
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    Account,
    AccountRestrictedNotice,
    Cancel,
    ChangeScheduledNotice,
    ChangeSeats,
    ChoosePlan,
    Currency,
    InvalidTypeError,
    InvalidValueError,
    Money,
    MoveToEdition,
    Notice,
    PaymentRequiredBecause,
    PaymentRequiredNotice,
    Plan,
    PriceChangeNotice,
    RemovePaymentMethod,
    SeatsOverLimitNotice,
    TrialEndedNotice,
    TrialRunningNotice,
    notices,
)
from tests.accounts import (
    a_catalog,
    a_plan,
    after,
    on_free,
    on_plan,
    on_trial,
    past_due,
    repriced,
    restricted,
    usd,
    with_change,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, SEPTEMBER, TENTH, utc
from tests.refused import values_of


def bare(account: Account) -> Account:
    """The account without its payment method."""
    return after(account, RemovePaymentMethod(at=JUNE))


ENDED = TrialEndedNotice
AFTER_JULY = utc(2026, 7, 1, 0, 0, 1)


def pay(because: str) -> PaymentRequiredNotice:
    """Payment is required, for this reason."""
    return PaymentRequiredNotice(PaymentRequiredBecause(because))


def to(plan: Plan, at: datetime = JULY) -> ChangeScheduledNotice:
    """A change that waits."""
    return ChangeScheduledNotice(plan=plan, at=at)


def over(seats: int) -> SeatsOverLimitNotice:
    """A team over the one seat of Free."""
    return SeatsOverLimitNotice(seats=seats, limit=1, over=seats - 1)


def badge() -> TrialRunningNotice:
    """The trial of Pro on the tenth of June."""
    return TrialRunningNotice(plan=PRO, days_left=21, trial_end=JULY)


def limited() -> AccountRestrictedNotice:
    """An account on Ultimate that is restricted."""
    return AccountRestrictedNotice(held_plan=ULTIMATE)


Told = Callable[[], tuple[Notice, ...]]

STORIES: dict[str, tuple[Callable[[], Account], datetime, Told]] = {
    "on Free": (lambda: on_free(JUNE), HALF, lambda: ()),
    "in the trial": (lambda: on_trial(JUNE, seats=4), TENTH, lambda: (badge(),)),
    "in the trial, cancelled": (
        lambda: after(on_trial(JUNE, seats=4), Cancel(at=JUNE)),
        TENTH,
        lambda: (to(FREE), badge()),
    ),
    "after the trial": (
        lambda: on_trial(JUNE, seats=4),
        JULY,
        lambda: (pay("trial_ended"), ENDED(), over(4)),
    ),
    "after a trial of one seat": (
        lambda: on_trial(JUNE),
        JULY,
        lambda: (pay("trial_ended"), ENDED()),
    ),
    "after a trial that was cancelled": (
        lambda: after(on_trial(JUNE, seats=2), Cancel(at=JUNE)),
        JULY,
        lambda: (over(2),),
    ),
    "on Pro": (lambda: on_plan(PRO, JUNE, seats=4), HALF, lambda: ()),
    "on Pro, no card": (
        lambda: bare(on_plan(PRO, JUNE)),
        HALF,
        lambda: (pay("no_payment_method"),),
    ),
    "on Pro, no card, cancelled": (
        lambda: after(bare(on_plan(PRO, JUNE)), Cancel(at=JUNE)),
        HALF,
        lambda: (to(FREE),),
    ),
    "on Pro, no card, Free inside the period": (
        lambda: with_change(bare(on_plan(PRO, JUNE)), "free", HALF),
        TENTH,
        lambda: (to(FREE, HALF),),
    ),
    "on Pro, no card, Free after the next period": (
        lambda: with_change(bare(on_plan(PRO, JUNE)), "free", AUGUST),
        HALF,
        lambda: (pay("no_payment_method"), to(FREE, AUGUST)),
    ),
    "on Pro, no card, Free after the next period, in its last one": (
        lambda: with_change(bare(on_plan(PRO, JUNE)), "free", AUGUST),
        JULY,
        lambda: (to(FREE, AUGUST),),
    ),
    "on Pro, no card, Free a second after the period": (
        lambda: with_change(bare(on_plan(PRO, JUNE)), "free", AFTER_JULY),
        HALF,
        lambda: (pay("no_payment_method"), to(FREE, AFTER_JULY)),
    ),
    "on Ultimate, no card, Pro waiting": (
        lambda: after(bare(on_plan(ULTIMATE, JUNE)), ChoosePlan(PRO, at=JUNE)),
        HALF,
        lambda: (pay("no_payment_method"), to(PRO)),
    ),
    "on Ultimate, Pro waiting": (
        lambda: after(on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=JUNE)),
        HALF,
        lambda: (to(PRO),),
    ),
    "past due": (lambda: past_due(seats=3), HALF, lambda: (pay("standing"),)),
    "restricted": (
        lambda: restricted(ULTIMATE, seats=3),
        HALF,
        lambda: (limited(), pay("standing"), over(3), to(FREE)),
    ),
    "restricted, one seat, Pro waiting": (
        lambda: with_change(restricted(ULTIMATE), "pro", SEPTEMBER),
        HALF,
        lambda: (limited(), pay("standing"), to(FREE)),
    ),
    "restricted, Free inside the period": (
        lambda: with_change(restricted(ULTIMATE), "free", HALF),
        TENTH,
        lambda: (limited(), pay("standing"), to(FREE, HALF)),
    ),
    "restricted, then over": (lambda: restricted(ULTIMATE, seats=3), JULY, lambda: (over(3),)),
}


@pytest.mark.parametrize(("account", "at", "told"), STORIES.values(), ids=STORIES)
def test_what_is_told_in_which_order(
    account: Callable[[], Account], at: datetime, told: Told
) -> None:
    """D5: the most urgent first, each with its fields."""
    assert notices(account().subscription, at) == told()


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (AccountRestrictedNotice, ["held_plan"]),
        (PaymentRequiredNotice, ["because"]),
        (TrialEndedNotice, []),
        (SeatsOverLimitNotice, ["seats", "limit", "over"]),
        (ChangeScheduledNotice, ["plan", "at"]),
        (PriceChangeNotice, ["plan", "before", "after", "at"]),
        (TrialRunningNotice, ["plan", "days_left", "trial_end"]),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_the_fields_of_each_notice(kind: type[attrs.AttrsInstance], names: list[str]) -> None:
    """The values a page needs to say it, in this order."""
    assert [field.name for field in attrs.fields(kind)] == names


def test_all_at_once_but_the_two_that_exclude_one_another() -> None:
    """D5: over the limit, cancelled, in the trial: seats, change, badge."""
    catalog = a_catalog(a_plan("free", 0, seats=1), a_plan("pro", 19_00, seats=2))
    account = after(on_trial(JUNE, seats=2, catalog=catalog), Cancel(at=JUNE))
    big = evolve(account.subscription, seats=5)
    assert notices(big, TENTH) == (
        SeatsOverLimitNotice(seats=5, limit=2, over=3),
        ChangeScheduledNotice(plan=catalog.free_plan, at=JULY),
        TrialRunningNotice(plan=catalog.plan("pro"), days_left=21, trial_end=JULY),
    )


@pytest.mark.parametrize(("seats", "over"), [(2, []), (3, [1])])
def test_the_last_seat_is_not_over(seats: int, over: list[int]) -> None:
    """S4: at the limit there is nothing to tell."""
    catalog = a_catalog(a_plan("free", 0, seats=1), a_plan("pro", 19_00, seats=2))
    account = evolve(on_trial(JUNE, catalog=catalog).subscription, seats=seats)
    told = [
        notice.over for notice in notices(account, JUNE) if isinstance(notice, SeatsOverLimitNotice)
    ]
    assert told == over


def test_a_change_is_announced_in_the_edition_that_waits() -> None:
    """C5: Pro as it will be sold from the boundary on."""
    account = after(
        on_plan(ULTIMATE, JUNE),
        ChoosePlan(PRO, at=JUNE),
        MoveToEdition(repriced("2027", pro=21_00), at=JUNE),
    )
    assert notices(account.subscription, HALF) == (
        ChangeScheduledNotice(plan=repriced("2027", pro=21_00).plan("pro"), at=JULY),
        dearer(),
    )


def test_a_restricted_account_falls_to_free_of_the_edition_that_waits() -> None:
    """C5, D3: the free plan as it will be granted from the boundary on."""
    free = a_plan("free", 0, seats=2)
    catalog = evolve(repriced("2027"), plans=(free, *repriced().plans[1:]))
    catalog = evolve(catalog, plans=(evolve(free, features=FREE.features), *repriced().plans[1:]))
    account = after(restricted(ULTIMATE), MoveToEdition(catalog, at=TENTH))
    assert notices(account.subscription, HALF)[-1] == ChangeScheduledNotice(
        plan=catalog.free_plan, at=JULY
    )


def test_an_edition_that_waits_is_no_change_of_plan() -> None:
    """C5, D5: nothing is announced that nobody chose, but the price of what is held."""
    account = after(on_plan(PRO, JUNE), MoveToEdition(repriced("2027", pro=21_00), at=JUNE))
    assert notices(account.subscription, HALF) == (dearer(),)
    same = after(on_plan(PRO, JUNE), MoveToEdition(repriced("2027"), at=JUNE))
    assert notices(same.subscription, HALF) == ()


@pytest.mark.parametrize(
    ("make", "name", "value", "expected"),
    [
        (lambda: AccountRestrictedNotice(FREE), "held_plan", FREE, "a paid plan"),
        (lambda: TrialRunningNotice(FREE, 3, JULY), "plan", FREE, "a paid plan"),
        (lambda: TrialRunningNotice(PRO, 0, JULY), "days_left", 0, "a whole number of at least 1"),
        (lambda: SeatsOverLimitNotice(3, 1, 1), "over", 1, "2, the seats over the limit"),
        (lambda: SeatsOverLimitNotice(1, 3, 0), "over", 0, "a whole number of at least 1"),
        (lambda: SeatsOverLimitNotice(0, 1, 1), "seats", 0, "a whole number of at least 1"),
        (lambda: SeatsOverLimitNotice(3, 0, 3), "limit", 0, "a whole number of at least 1"),
        (lambda: SeatsOverLimitNotice(3, UNLIMITED, 3), "over", 3, "0, the seats over the limit"),
        (
            lambda: evolve(dearer(), after=usd(19_00)),
            *("after", usd(19_00), "21.00 USD, the plan's price"),
        ),
        (
            lambda: evolve(dearer(), before=usd(21_00)),
            *("before", usd(21_00), "another price than 21.00 USD"),
        ),
        (
            lambda: evolve(dearer(), before=usd(0)),
            *("before", usd(0), "another price than 21.00 USD"),
        ),
        (
            lambda: evolve(dearer(), before=Money(19_00, Currency("EUR", 2))),
            *("before", Money(19_00, Currency("EUR", 2)), "another price than 21.00 USD"),
        ),
        (lambda: evolve(dearer(), plan=FREE), "plan", FREE, "a paid plan"),
    ],
)
def test_a_notice_of_what_is_not_so_is_refused(
    make: Callable[[], object], name: str, value: object, expected: str
) -> None:
    """What a page would tell wrongly cannot be built."""
    assert values_of(InvalidValueError, make) == (name, value, expected)


@pytest.mark.parametrize(
    ("make", "name", "value", "expected"),
    [
        (AccountRestrictedNotice, "held_plan", "pro", "a Plan"),
        (PaymentRequiredNotice, "because", "standing", "a PaymentRequiredBecause"),
        (lambda v: SeatsOverLimitNotice(v, 1, 2), "seats", "3", "a whole number (int)"),
        (lambda v: SeatsOverLimitNotice(3, v, 2), "limit", None, "a whole number (int)"),
        (lambda v: SeatsOverLimitNotice(3, 1, v), "over", "2", "a whole number (int)"),
        (lambda v: ChangeScheduledNotice(v, JULY), "plan", "pro", "a Plan"),
        (lambda v: ChangeScheduledNotice(PRO, v), "instant", "July", "a datetime"),
        (lambda v: evolve(dearer(), plan=v), "plan", "pro", "a Plan"),
        (lambda v: evolve(dearer(), after=v), "after", 2100, "a Money"),
        (lambda v: evolve(dearer(), before=v), "before", 1900, "a Money"),
        (lambda v: TrialRunningNotice(v, 3, JULY), "plan", "pro", "a Plan"),
        (lambda v: TrialRunningNotice(PRO, v, JULY), "days_left", 3.0, "a whole number (int)"),
    ],
)
def test_a_notice_of_the_wrong_shape_is_refused(
    make: Callable[[Any], object], name: str, value: object, expected: str
) -> None:
    """A key for a plan, a number for an amount, a word for an instant."""
    assert values_of(InvalidTypeError, make, value) == (name, value, expected)


def test_a_cent_is_a_price_to_rise_from() -> None:
    """C6: any amount above nothing is a paid plan's."""
    assert evolve(dearer(), before=usd(1)).before == usd(1)


def dearer() -> PriceChangeNotice:
    """Pro at 21 dollars from July on."""
    plan = repriced("2027", pro=21_00).plan("pro")
    return PriceChangeNotice(plan=plan, before=usd(19_00), after=usd(21_00), at=JULY)


def test_seats_are_told_as_they_are() -> None:
    """S4: a team that shrinks is told of those still over."""
    account = after(on_trial(JUNE, seats=4), ChangeSeats(2, at=JULY))
    assert notices(account.subscription, JULY)[-1] == SeatsOverLimitNotice(2, 1, 1)


def test_the_instant_may_come_in_any_zone() -> None:
    """T1: 2 in the morning in Paris is midnight in UTC, and the badge counts from there."""
    paris = timezone(timedelta(hours=2))
    at = datetime(2026, 6, 10, 2, 0, 0, 500_000, tzinfo=paris)
    assert notices(on_trial(JUNE).subscription, at) == (
        TrialRunningNotice(plan=PRO, days_left=21, trial_end=JULY),
    )


def test_the_price_of_what_a_trial_leads_to_is_told() -> None:
    """D5: in the edition that waits for the trial's end."""
    account = after(on_trial(JUNE, card=True), MoveToEdition(repriced("2027", pro=21_00), at=JUNE))
    assert notices(account.subscription, TENTH) == (dearer(), badge())


def test_who_leaves_before_the_edition_comes_is_told_no_price() -> None:
    """C5, D5: Free waits inside the period, so that nobody pays the edition's price."""
    waiting = after(on_plan(PRO, JUNE), MoveToEdition(repriced("2027", pro=21_00), at=JUNE))
    free = with_change(waiting, "free", HALF)
    assert notices(free.subscription, TENTH) == (to(FREE, HALF),)
