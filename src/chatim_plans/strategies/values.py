"""Strategies for what everything else is made of: instants, periods, money, limits."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from string import ascii_uppercase

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from chatim_plans import (
    UNLIMITED,
    USD,
    Currency,
    Cycle,
    Feature,
    Limit,
    Limits,
    Money,
    Period,
    Quota,
)


def instants(first: int = 2000, last: int = 2100) -> SearchStrategy[datetime]:
    """Instants of the years `first` to `last`, in UTC at whole seconds.

    Half of them fall on the last days of a month, half in February, half on midnight, on noon or
    on the last second of a day.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import instants
    >>> str(find(instants(2026, 2026), lambda at: at.day == 31))
    '2026-01-31 00:00:00+00:00'
    """

    def instant(year: int, month: int, day: int, second: int) -> datetime:
        day = min(day, monthrange(year, month)[1])
        return datetime(year, month, day, tzinfo=UTC) + timedelta(seconds=second)

    return st.builds(
        instant,
        st.integers(first, last),
        st.sampled_from([*range(1, 13), *[2] * 10]),
        st.sampled_from([*range(1, 32), *[28, 29, 30, 31] * 6]),
        st.sampled_from([0, 43_200, 86_399]) | st.integers(0, 86_399),
    )


def cycles() -> SearchStrategy[Cycle]:
    """Cycles of a month or a year, which are sold, and of up to 30 months, from any instant.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import cycles
    >>> find(cycles(), lambda cycle: cycle.months == 12)
    Cycle(2000-01-01T00:00Z, months=12)
    """
    return st.builds(Cycle, instants(), st.sampled_from([1, 12]) | st.integers(1, 30))


def periods() -> SearchStrategy[Period]:
    """First periods of a cycle, and any of one second to 31 years.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import periods
    >>> @given(periods())
    ... def test_a_period_is_half_open(period):
    ...     assert period.start in period and period.end not in period
    >>> test_a_period_is_half_open()
    """

    def lasting(start: datetime, seconds: int) -> Period:
        return Period(start, start + timedelta(seconds=seconds))

    first = cycles().map(lambda cycle: cycle.period_holding(cycle.anchor))
    return first | st.builds(lasting, instants(), st.integers(1, 10**9))


def currencies() -> SearchStrategy[Currency]:
    """US dollars, and any three letters with up to 4 digits.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import currencies
    >>> find(currencies(), lambda currency: currency.digits == 0)
    Currency(AAA, digits=0)
    """
    letters = st.text(ascii_uppercase, min_size=3, max_size=3)
    return st.just(USD) | st.builds(Currency, letters, st.integers(0, 4))


def amounts_of_money(currency: Currency | None = None) -> SearchStrategy[Money]:
    """Amounts of `currency`, or of any, up to ±10**18 minor units.

    Half of them are within ±101, where signs and digits turn.

    >>> from hypothesis import find
    >>> from chatim_plans import USD
    >>> from chatim_plans.strategies import amounts_of_money
    >>> find(amounts_of_money(USD), lambda amount: amount.amount < 0)
    Money(-0.01 USD)
    """
    amounts = st.integers(-101, 101) | st.integers(-(10**18), 10**18)
    return st.builds(Money, amounts, currencies() if currency is None else st.just(currency))


def prices() -> SearchStrategy[int]:
    """Prices of a plan in minor units, above nothing.

    The published ones; odd ones, which leave half cents; a few cents, where totals stay below the
    smallest charge; and up to 10**7.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import prices
    >>> find(prices(), lambda cents: cents % 2)
    901
    """
    known = st.sampled_from([1900, 3900, 901, 1999, 19_001, 1, 7])
    return known | st.integers(1, 10**7)


def seats() -> SearchStrategy[int]:
    """Numbers of seats from 1 to 6: enough to grow, to shrink and to pass a limit.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import seats
    >>> find(seats(), lambda count: count > 1)
    2
    """
    return st.integers(1, 6)


def limits(at_least: int = 0) -> SearchStrategy[Limit]:
    """Limits up to 4, so that pairs are often equal, `UNLIMITED`, and up to 10**9.

    >>> from hypothesis import find
    >>> from chatim_plans import UNLIMITED
    >>> from chatim_plans.strategies import limits
    >>> find(limits(), lambda limit: limit is UNLIMITED)
    <Unlimited.UNLIMITED: 'unlimited'>
    """
    few, many = st.integers(at_least, 4), st.integers(at_least, 10**9)
    return st.one_of(few, st.just(UNLIMITED), many)


def limits_by_quota() -> SearchStrategy[Limits]:
    """A limit for every quota, for seats at least 1.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import limits_by_quota
    >>> find(limits_by_quota(), lambda limits: limits["seats"] == 2)
    Limits(seats=2, chats=unlimited, chatbot_flows=unlimited)
    """

    def by_quota(*drawn: Limit) -> Limits:
        return Limits(dict(zip(Quota, drawn, strict=True)))

    return st.builds(by_quota, *(limits(1 if quota is Quota.seats else 0) for quota in Quota))


def sets_of_features() -> SearchStrategy[frozenset[Feature]]:
    """Any of the 1024 sets.

    >>> from hypothesis import find
    >>> from chatim_plans.strategies import sets_of_features
    >>> len(find(sets_of_features(), lambda features: len(features) == 10))
    10
    """
    return st.frozensets(st.sampled_from(Feature))
