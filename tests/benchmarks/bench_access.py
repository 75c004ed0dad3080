"""May this account do this, now? From ready entitlements, from facts, and by what else there is."""

from __future__ import annotations

from datetime import datetime

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from chatim_plans import Entitlements, Feature, entitlements
from chatim_plans.foundation.periods import _months_after
from tests.benchmarks.subjects import INSIDE, THREE_YEARS_ON, facts
from tests.benchmarks.timed import timed


@pytest.fixture
def may() -> Entitlements:
    """Ready entitlements of a paid account."""
    return entitlements(facts("paid"), INSIDE)


def test_floor(benchmark: BenchmarkFixture, may: Entitlements) -> None:
    """The least that any check can cost."""
    timed(benchmark, "feature in granted", feature=Feature.api_access, granted=may.plan.features)


@pytest.mark.parametrize("feature", [Feature.visitor_export, Feature.api_access])
def test_allows(benchmark: BenchmarkFixture, may: Entitlements, feature: Feature) -> None:
    """A yes and a no of ready entitlements."""
    timed(benchmark, "may.allows(feature)", may=may, feature=feature)


def test_decide(benchmark: BenchmarkFixture, may: Entitlements) -> None:
    """A reasoned no of ready entitlements."""
    timed(benchmark, "may.decide(feature)", may=may, feature=Feature.api_access)


def test_decide_for_the_first_time(benchmark: BenchmarkFixture, may: Entitlements) -> None:
    """A reasoned no that was not asked before."""
    again = "may._decisions.clear(); may.decide(feature)"
    timed(benchmark, again, may=may, feature=Feature.api_access)


@pytest.mark.parametrize("case", ["trial", "paid", "change waiting"])
def test_from_facts(benchmark: BenchmarkFixture, case: str) -> None:
    """Inside the current period."""
    timed_from_facts(benchmark, case, INSIDE)


OLD = ["paid", "change waiting", "trial", "lower plan waiting", "trial that converts"]


@pytest.mark.parametrize("case", OLD)
def test_from_facts_three_years_old(benchmark: BenchmarkFixture, case: str) -> None:
    """Nobody advanced anything for three years."""
    timed_from_facts(benchmark, case, THREE_YEARS_ON)


def test_from_facts_never_asked_before(benchmark: BenchmarkFixture) -> None:
    """Three years old, and no boundary of this account was computed before."""
    names = {"entitlements": entitlements, "facts": facts("paid"), "at": THREE_YEARS_ON}
    forget_and_ask = "forget(); entitlements(facts, at).allows(feature)"
    forget = _months_after.cache_clear
    timed(benchmark, forget_and_ask, 100, forget=forget, feature=Feature.visitor_export, **names)


def timed_from_facts(benchmark: BenchmarkFixture, case: str, at: datetime) -> None:
    """Time one check from facts alone."""
    names = {"entitlements": entitlements, "facts": facts(case), "at": at}
    expression = "entitlements(facts, at).allows(feature)"
    timed(benchmark, expression, 100, feature=Feature.visitor_export, **names)
