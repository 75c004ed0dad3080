"""What rounding gains a customer who changes seats: by chance nothing, at chosen seconds a lot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    AddPaymentMethod,
    BillingMode,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    InvalidTypeError,
    LineKind,
    StartFree,
    Statement,
    advance,
    apply,
    replay,
    unlikely_rounding_gains,
)
from tests.accounts import on_plan, usd, with_plans, yearly
from tests.instants import AUGUST, JULY, JUNE, TIE, june
from tests.refused import error_of

SECOND = timedelta(seconds=1)
DAY = 86_400
JUNE_SECONDS = 30 * DAY

CLASSIC = BillingMode.classic

each_mode = pytest.mark.parametrize("mode", BillingMode)


def sold(mode: BillingMode, *, pro: int = 19_00) -> Catalog:
    """Chatim's catalogue in a billing mode, and at a price of Pro."""
    terms = evolve(CHATIM.terms, billing_mode=mode)
    return evolve(CHATIM, plans=(FREE, evolve(PRO, price=usd(pro)), ULTIMATE), terms=terms)


def changed(catalog: Catalog, seats: int, changes: list[tuple[datetime, int]]) -> Statement:
    """Pro of June, whose seats change so."""
    return replay(
        [
            StartFree(at=JUNE),
            AddPaymentMethod(at=JUNE),
            ChoosePlan(catalog.plan("pro"), seats, at=JUNE),
            *(ChangeSeats(count, at=at) for at, count in changes),
        ],
        catalog=catalog,
    )


def waits(statement: Statement) -> int:
    """The cents that wait."""
    return sum(line.amount.amount for line in statement.account.pending_lines)


# --- The figures ---
def toggled(times: int) -> list[tuple[datetime, int]]:
    """A seat more and a seat less by turns, at the second of a half: half a cent each time."""
    return [(TIE, 1 + n % 2) for n in range(1, times + 1)]


@pytest.mark.parametrize(("times", "gained"), [(10, None), (11, Fraction(11, 2)), (100, 50)])
def test_more_than_four_deviations_are_unlikely(times: int, gained: Fraction | None) -> None:
    """B4: the deviation of n changes is the root of n/6: 5 of 10 are fewer than 5.16…, 5.5 of 11
    more than 5.41….
    """
    found = unlikely_rounding_gains(changed(sold(CLASSIC, pro=10_00), 1, toggled(times)))
    assert found == ({} if gained is None else {june(): gained})


def test_each_billing_period_has_its_own() -> None:
    """B3: what was gained in June is not looked for in July, whatever invoice it is on."""
    catalog = sold(CLASSIC, pro=10_00)
    june_s = changed(catalog, 1, toggled(20))
    july = apply(june_s.account, ChangeSeats(2, at=JULY + timedelta(days=7)))
    whole = Statement(july.account, (*june_s.invoices, *july.invoices))
    assert unlikely_rounding_gains(whole) == {june(): 10}


def test_a_credit_whose_period_no_charge_tells_is_of_its_own() -> None:
    """B5: a document of version 1 may begin with one, as it looked at no line that waits."""
    catalog = sold(CLASSIC, pro=10_00)
    held = changed(catalog, 1, toggled(1)).account
    alone = evolve(held, pending_lines=held.pending_lines[:1])
    assert unlikely_rounding_gains(Statement(alone, ())) == {}


def test_whole_periods_gain_nothing() -> None:
    """B2: they are not rounded."""
    assert unlikely_rounding_gains(advance(on_plan(PRO, JUNE), AUGUST)) == {}


@each_mode
def test_a_change_of_interval_is_a_change_of_the_period_that_it_ends(mode: BillingMode) -> None:
    """P9: its credit is one more of June's, whatever it is a part of."""
    catalog = evolve(with_plans(yearly()), terms=sold(CLASSIC).terms)
    terms = evolve(catalog.terms, billing_mode=mode)
    cheap = evolve(PRO, price=usd(10_00))
    plans = [cheap if plan == PRO else plan for plan in catalog.plans]
    catalog = evolve(catalog, terms=terms, plans=plans)
    before = changed(catalog, 1, toggled(100))
    after_it = apply(before.account, ChoosePlan(catalog.plan("yearly"), at=TIE))
    (changed_interval,) = after_it.invoices
    whole = Statement(after_it.account, (*before.invoices, changed_interval))
    last = changed_interval.lines[-2]
    assert (last.kind, last.whole == june()) == (LineKind.unused_time, mode == "classic")
    # Fifty for the hundred changes, and half a cent for the last credit.
    found = {june(): Fraction(101, 2)} if mode == "classic" else {}
    assert unlikely_rounding_gains(whole) == found


def test_only_a_statement_is_asked() -> None:
    """An account has no invoices."""
    error = error_of(InvalidTypeError, unlikely_rounding_gains, on_plan(PRO, JUNE))
    assert (error.name, error.expected) == ("statement", "a Statement")


# --- What was sought, and what was not ---
def over_halves(seats: int, first: int, seconds: int) -> Iterator[int]:
    """The seconds at which what is left of the price of `seats` of $19 passes a half."""
    for second in range(first, first + seconds):
        here, there = (
            2 * 1900 * seats * (JUNE_SECONDS - each) // JUNE_SECONDS
            for each in (second, second + 1)
        )
        if here != there and here % 2:
            yield second


def day_of_halves(one: int, other: int, mode: BillingMode) -> Statement:
    """So many seats, and for a second at each half of what ten seats cost another number."""
    changes: list[tuple[datetime, int]] = []
    for second in over_halves(10, 10 * DAY, DAY):
        at = JUNE + second * SECOND
        changes += [(at, other), (at + SECOND, one)]
    assert len(changes) == 1268
    return changed(sold(mode), one, changes)


@pytest.mark.parametrize(("mode", "recovered"), [("classic", 634), ("flexible", 1)])
def test_stepping_over_each_half_of_a_day(mode: str, recovered: int) -> None:
    """B4, B12: ten seats cost 633 cents a day; classic billing gives 634 of them back."""
    statement = day_of_halves(10, 11, BillingMode(mode))
    assert waits(statement) == -recovered
    assert list(unlikely_rounding_gains(statement)) == ([june()] if mode == "classic" else [])


def test_what_rounding_costs_the_customer_is_no_gain() -> None:
    """B4: the same steps the other way round cost six dollars, and nobody seeks that."""
    statement = day_of_halves(11, 10, CLASSIC)
    assert waits(statement) == 600
    assert unlikely_rounding_gains(statement) == {}


@pytest.mark.parametrize(("mode", "gained"), [("classic", 50), ("flexible", 1)])
def test_toggling_in_the_second_of_a_half(mode: str, gained: int) -> None:
    """B4, B12: a cent for every two changes in classic billing, without end."""
    catalog = sold(BillingMode(mode), pro=10_00)
    statement = changed(catalog, 1, [(TIE, 2), (TIE, 1)] * 50)
    assert waits(statement) == -gained
    found = {june(): gained} if mode == "classic" else {}
    assert unlikely_rounding_gains(statement) == found


@each_mode
def test_what_people_do_is_within_chance(mode: BillingMode) -> None:
    """S1: a change every 97 minutes, at no chosen second, all month long."""
    changes = [(JUNE + timedelta(minutes=97 * n), 3 + n * 7 % 11) for n in range(1, 440)]
    assert unlikely_rounding_gains(changed(sold(mode), 3, changes)) == {}
