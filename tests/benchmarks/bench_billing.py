"""Money and what is made of it; whole steps are reported, not judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from chatim_plans import (
    PRO,
    ULTIMATE,
    USD,
    Action,
    ChangeSeats,
    ChoosePlan,
    Money,
    advance,
    apply,
    monthly_charge,
    replay,
    statements,
    unlikely_rounding_gains,
)
from tests.benchmarks.subjects import INSIDE, ON_PRO
from tests.benchmarks.timed import timed


@attrs.frozen
class Bare:
    """What any frozen class of two fields costs."""

    amount: int
    currency: object


def test_bare_class(benchmark: BenchmarkFixture) -> None:
    """The floor of a value."""
    timed(benchmark, "kind(1900, usd)", 100, kind=Bare, usd=USD)


def test_money(benchmark: BenchmarkFixture) -> None:
    """An amount, checked."""
    timed(benchmark, "kind(1900, usd)", 100, kind=Money, usd=USD)


def test_monthly_charge(benchmark: BenchmarkFixture) -> None:
    """Three seats of Pro."""
    timed(benchmark, "monthly_charge(pro, 3)", 100, monthly_charge=monthly_charge, pro=PRO)


def test_apply_choose_plan(benchmark: BenchmarkFixture) -> None:
    """An upgrade inside the period, with its invoice of two lines."""
    account = replay(ON_PRO).account
    choice = ChoosePlan(ULTIMATE, at=INSIDE)
    assert len(apply(account, choice).invoices) == 1
    timed(benchmark, "apply(account, choice)", 10, apply=apply, account=account, choice=choice)


def test_replay_a_hundred_actions(benchmark: BenchmarkFixture) -> None:
    """Three that open the account, and 97 changes of seats."""
    days = range(1, 98)
    seats = [ChangeSeats(5 + day % 3, at=INSIDE + timedelta(days=day)) for day in days]
    history: list[Action] = [*ON_PRO, *seats]
    assert len(history) == 100
    timed(benchmark, "replay(history)", 1, replay=replay, history=history)


def test_advance_120_months(benchmark: BenchmarkFixture) -> None:
    """Ten years of invoices."""
    account = replay(ON_PRO).account
    to = datetime(2036, 1, 31, 9, tzinfo=UTC)
    assert len(advance(account, to).invoices) == 120
    timed(benchmark, "advance(account, to)", 1, advance=advance, account=account, to=to)


# --- How it grows: many times the work, beside once of it ---
def changing(times: int, every: timedelta) -> list[Action]:
    """Pro, whose seats change so many times."""
    seats = [ChangeSeats(6 + n % 2, at=INSIDE + n * every) for n in range(times)]
    return [*ON_PRO, *seats]


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize("times", [500, 4000])
def test_replay_a_period_of_changes(benchmark: BenchmarkFixture, times: int) -> None:
    """A change a minute, all in one period, whose lines wait."""
    history = changing(times, MINUTE)
    assert len(replay(history).account.pending_lines) == 2 * times
    timed(benchmark, "replay(history)", 1, replay=replay, history=history)


@pytest.mark.parametrize("times", [500, 4000])
def test_apply_a_period_of_changes(benchmark: BenchmarkFixture, times: int) -> None:
    """The same, one by one."""
    first, *rest = changing(times, MINUTE)

    def applied() -> None:
        account = replay([first]).account
        for action in rest:
            account = apply(account, action).account

    timed(benchmark, "applied()", 1, applied=applied)


@pytest.mark.parametrize("times", [1000, 8000])
def test_replay_hourly_changes(benchmark: BenchmarkFixture, times: int) -> None:
    """A change an hour, six weeks and a year long."""
    history = changing(times, HOUR)
    timed(benchmark, "replay(history)", 1, replay=replay, history=history)


@pytest.mark.parametrize("instants", [1, 100])
def test_statements_of_hourly_changes(benchmark: BenchmarkFixture, instants: int) -> None:
    """The statements of a year, one or a hundred of them: one fold."""
    history = changing(8000, HOUR)
    at = [history[-1].at - n * 80 * HOUR for n in range(instants)]
    names = {"statements": statements, "history": history, "at": at}
    timed(benchmark, "statements(history, at)", 1, **names)


def test_advance_1200_months(benchmark: BenchmarkFixture) -> None:
    """A hundred years of invoices."""
    account = replay(ON_PRO).account
    to = datetime(2126, 1, 31, 9, tzinfo=UTC)
    assert len(advance(account, to).invoices) == 1200
    timed(benchmark, "advance(account, to)", 1, advance=advance, account=account, to=to)


@pytest.mark.parametrize("times", [500, 4000])
def test_unlikely_rounding_gains(benchmark: BenchmarkFixture, times: int) -> None:
    """Finance's look at a history."""
    names = {"gains": unlikely_rounding_gains, "statement": replay(changing(times, MINUTE))}
    timed(benchmark, "gains(statement)", 1, **names)
