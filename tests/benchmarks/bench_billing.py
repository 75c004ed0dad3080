"""Money and what is made of it; whole steps are reported, not judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
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
