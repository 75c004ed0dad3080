"""What every public value has in common: its repr, that it is built once, and how it copies."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Account,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Cycle,
    Entitlements,
    InvalidValueError,
    Invoice,
    Line,
    Money,
    OnFree,
    Period,
    Plan,
    Rounding,
    Statement,
    Status,
    TrialEndedNotice,
    apply,
    difference,
    downgrade_report,
    entitlements,
    notices,
)
from chatim_plans.billing.invoices import (
    period_line,
    remaining_line,
    unused_debit,
    unused_line,
)
from chatim_plans.foundation.values import Value, counted, in_a_line, without_checks
from chatim_plans.strategies import STRATEGIES
from chatim_plans.subscriptions.occurrences import Rate
from tests.accounts import after, on_plan, on_trial, usd, with_enterprise
from tests.instants import HALF, JUNE, TENTH, utc
from tests.refused import error_of

# --- How each reads ---
GROWN: Callable[[], Account] = lambda: after(  # noqa: E731 — built inside tests
    on_plan(PRO, JUNE, seats=3), ChangeSeats(4, at=TENTH), ChangeSeats(7, at=HALF)
)

READS: dict[str, tuple[Callable[[], object], str]] = {
    "catalogue": (
        lambda: CHATIM,
        "Catalog(2026, plans=(free 0.00 USD, pro 19.00 USD, ultimate 39.00 USD))",
    ),
    "catalogue of many plans": (
        lambda: evolve(with_enterprise(), retired=["ultimate"]),
        "Catalog('large teams', plans=(free 0.00 USD, … 4 in all), retired={ultimate})",
    ),
    "free plan": (
        lambda: FREE,
        (
            "Plan(free 0.00 USD, features={javascript_sdk}, seats=1, chats=unlimited, "
            "chatbot_flows=unlimited)"
        ),
    ),
    "features in the page's order": (
        lambda: PRO,
        (
            "Plan(pro 19.00 USD, interval_months=1, features={javascript_sdk, visitor_export, "
            "… 6 in all}, seats=unlimited, chats=unlimited, "
            "chatbot_flows=unlimited)"
        ),
    ),
    "terms": (
        lambda: CHATIM.terms,
        (
            "Terms(trial_plan=pro, trial_days=30, refund_days=14, smallest_charge=0.50 USD, "
            "accepted_cards=(visa, … 6 in all))"
        ),
    ),
    "monthly cycle": (lambda: Cycle(JUNE), "Cycle(2026-06-01T00:00Z)"),
    "yearly cycle": (lambda: Cycle(JUNE, 12), "Cycle(2026-06-01T00:00Z, months=12)"),
    "an action": (
        lambda: ChoosePlan(PRO, at=utc(2026, 1, 15, 9, 0, 5)),
        "ChoosePlan(at=2026-01-15T09:00:05Z, plan=pro 19.00 USD)",
    ),
    "a phase of defaults": (OnFree, "OnFree()"),
    "change of a limit": (
        lambda: difference(PRO, FREE).limits_lowered[0],
        "LimitChange(seats unlimited -> 1)",
    ),
    "difference": (
        lambda: difference(PRO, ULTIMATE),
        ("Difference(features_gained=(white_label, api_access, … 4 in all))"),
    ),
    "line": (
        lambda: GROWN().pending_lines[1],
        (
            "Line(remaining_time, 4 x pro 19.00 USD, 53.20 USD, from 2026-06-10T00:00Z of "
            "2026-06-01T00:00Z/2026-07-01T00:00Z)"
        ),
    ),
    "line that is a part of a debit": (
        lambda: GROWN().pending_lines[2],
        (
            "Line(unused_time, 4 x pro, -38.00 USD, 2026-06-16T00:00Z/2026-07-01T00:00Z, "
            "5/7 of 53.20 USD)"
        ),
    ),
    "invoice": (
        lambda: apply(GROWN(), ChoosePlan(ULTIMATE, at=HALF)).invoices[0],
        (
            "Invoice(number=2, 2026-06-16T00:00Z, upgraded, 6 lines, amount_due=111.80 USD, "
            "total=111.80 USD, credit_before=0.00 USD, refundable_until=2026-06-30T00:00Z)"
        ),
    ),
    "entitlements": (
        lambda: entitlements(GROWN().subscription, HALF),
        (
            "Entitlements(catalog=2026, held_plan=pro 19.00 USD, active, seats=7, "
            "valid_from=2026-06-16T00:00Z, valid_until=2026-07-01T00:00Z)"
        ),
    ),
    "notice": (
        lambda: notices(on_trial(JUNE).subscription, JUNE)[0],
        "TrialRunningNotice(plan=pro 19.00 USD, days_left=30, trial_end=2026-07-01T00:00Z)",
    ),
}


@pytest.mark.parametrize(("make", "expected"), READS.values(), ids=READS)
def test_a_value_reads_in_a_line(make: Callable[[], object], expected: str) -> None:
    """Plans by key and price, money in major units, instants in ISO form, defaults left out."""
    assert repr(make()) == expected


AIMS: dict[type[Any], int] = {
    Line: 160,
    Invoice: 200,
    Account: 300,
    Statement: 200,
    Entitlements: 200,
    Catalog: 160,
    Plan: 200,
}


@pytest.mark.parametrize("kind", STRATEGIES)
@given(st.data())
def test_the_repr_of_any_value_is_one_short_line(kind: type[Any], data: st.DataObject) -> None:
    """Issue's aims hold for drawn values; what has no aim fits 400 characters."""
    shown = repr(data.draw(STRATEGIES[kind]()))
    assert len(shown) <= AIMS.get(kind, 400)
    assert shown.isprintable()


@pytest.mark.parametrize("a", CHATIM.plans, ids=str)
@pytest.mark.parametrize("b", CHATIM.plans, ids=str)
def test_what_plans_differ_in_reads_in_a_short_line(a: Plan, b: Plan) -> None:
    """Of many features the first two are told, and how many there are."""
    held = on_plan(ULTIMATE, JUNE, seats=10**9).subscription
    report = downgrade_report(held, PRO if b is ULTIMATE else b, JUNE)
    assert max(len(repr(difference(a, b))), len(repr(report))) <= 200


@given(
    st.sampled_from(["ultimate", "ultimate_yearly", "enterprise_yearly"]),
    st.sampled_from([1, 12]),
    st.integers(1, 1800_00),
    st.integers(1, 10**9),
    st.integers(1, 28 * 86_400 - 1),
    st.integers(1, 28 * 86_400 - 1),
)
def test_a_line_is_short_at_a_billion_seats_and_odd_seconds(
    key: str, months: int, cents: int, seats: int, second: int, third: int
) -> None:
    """A charge, its credit, and in flexible billing the credit of a later charge."""
    plan = evolve(PRO, key=key, price=usd(cents), interval_months=months)
    year = Cycle(utc(2026, 1, 31, 9, 0, 1), months).period_holding(utc(2026, 2, 1))
    start, later = (year.start + timedelta(seconds=after) for after in sorted((second, third)))
    rate, how = Rate(plan, seats), Rounding.ties_to_customer
    rest = remaining_line(rate, Period(start, year.end), year, how)
    given_back = (
        unused_line(rate, rest.period, year, how),
        unused_debit(rest, Period(later, year.end), how),
    )
    for line in (period_line(rate, year), rest, *given_back):
        assert len(repr(line)) <= 160


def test_a_key_that_is_no_word_is_quoted_and_cut() -> None:
    """Nothing that an application calls its plans breaks the line."""
    assert in_a_line(evolve(PRO, key="pro,\n5 seats")) == "'pro,\\n5 seats' 19.00 USD"
    assert len(repr(evolve(PRO, key="x" * 100))) <= 400


def test_the_repr_is_the_same_on_every_run() -> None:
    """The order of a set does not show, whatever the texts hash to."""
    script = "from chatim_plans import *; print([PRO, evolve(CHATIM, retired={'ultimate'})])"
    script = f"from attrs import evolve; {script}"
    shown = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(shown) == 1


def test_a_set_of_texts_is_in_the_order_of_the_alphabet() -> None:
    """What is of no vocabulary has no other order; more than three of them are counted."""
    assert in_a_line(frozenset({"b", "a"})) == "{a, b}"
    assert in_a_line(frozenset("dcba")) == "{a, … 4 in all}"


@pytest.mark.parametrize(("count", "words"), [(0, "0 seats"), (1, "1 seat"), (2, "2 seats")])
def test_one_is_singular(count: int, words: str) -> None:
    """1 seat, not 1 seats."""
    assert counted(count, "seat") == words


TABLE = """\
2026-06-16 00:00Z                                                                USD
  unused pro 3 x 19.00, 10 Jun to 01 Jul, 7/10 of the period                  -39.90
  remaining pro 4 x 19.00, 10 Jun to 01 Jul, 7/10 of the period                53.20
  unused pro 4 x 19.00, 16 Jun to 01 Jul, 5/7 of 53.20                        -38.00
  remaining pro 7 x 19.00, 16 Jun to 01 Jul, 1/2 of the period                 66.50
  unused pro 7 x 19.00, 16 Jun to 01 Jul                                      -66.50
  remaining ultimate 7 x 39.00, 16 Jun to 01 Jul, 1/2 of the period           136.50
  from the credit balance                                                     -10.00
  due                                                                         101.80"""


def test_an_invoice_prints_as_its_table() -> None:
    """Line by line, the balance that met it where one did, down to what is due."""
    account = evolve(GROWN(), credit_balance=usd(1000))
    assert str(apply(account, ChoosePlan(ULTIMATE, at=HALF)).invoices[0]) == TABLE


# --- Built once ---
REBUILT: dict[str, tuple[Callable[[], Any], Callable[[], dict[str, Any]]]] = {
    "Money": (lambda: usd(5), lambda: {"amount": 6, "currency": USD}),
    "Plan": (
        lambda: PRO,
        lambda: {
            "key": "pro",
            "price": usd(1),
            "interval_months": 1,
            "features": (),
            "limits": PRO.limits,
        },
    ),
    "Account": (
        GROWN,
        lambda: {
            "subscription": on_trial(JUNE).subscription,
            "pending_lines": (),
            "credit_balance": usd(0),
        },
    ),
    "Entitlements": (
        lambda: entitlements(on_plan(PRO, JUNE).subscription, JUNE),
        lambda: {
            "catalog": CHATIM,
            "held_plan": FREE,
            "trial_plan": None,
            "status": Status.free,
            "valid_until": None,
        },
    ),
    "Action": (lambda: ChangeSeats(3, at=JUNE), lambda: {"seats": 4, "at": JUNE}),
}


@pytest.mark.parametrize(("make", "others"), REBUILT.values(), ids=REBUILT)
def test_a_value_that_is_built_is_not_built_again(
    make: Callable[[], Any], others: Callable[[], dict[str, Any]]
) -> None:
    """Neither `__init__` nor `__setstate__` writes other facts into it."""
    value, twin = make(), make()
    for again in (lambda: value.__init__(**others()), lambda: value.__setstate__(others())):
        error = error_of(InvalidValueError, again)
        assert (error.name, error.value) == (type(value).__name__, value)
        assert value == twin


def test_what_is_refused_says_what_to_do() -> None:
    """Another value is made by attrs.evolve."""
    money: Any = Money(5, USD)
    assert str(error_of(InvalidValueError, money.__init__, 6, USD)) == (
        "Money: expected a new object: a value never changes, attrs.evolve makes another, "
        "got Money(0.05 USD)"
    )


@pytest.mark.parametrize("facts", [(), (5,), (5, USD, None)])
def test_the_door_past_the_checks_takes_every_fact_and_no_more(facts: tuple[object, ...]) -> None:
    """A value that lacks a fact cannot exist."""
    with pytest.raises(ValueError, match=r"^zip\(\)"):
        without_checks(Money, *facts)
    assert without_checks(Money, 5, USD) == Money(5, USD)


def test_a_new_kind_of_value_has_what_all_have() -> None:
    """Attrs writes none of it for the class."""

    @frozen(order=False)
    class Pair(Value):
        left: int
        right: int = 2

    assert (repr(Pair(1)), repr(copy.copy(Pair(1, 3)))) == ("Pair(left=1)", "Pair(left=1, right=3)")
    error_of(InvalidValueError, Pair(1).__setstate__, {"left": 2, "right": 2})


# --- Copies ---
COPIES: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    *(lambda value, p=p: pickle.loads(pickle.dumps(value, p)) for p in range(6)),
]


@pytest.mark.parametrize("again", COPIES)
def test_a_copy_is_checked_as_a_value_that_is_built(again: Callable[[Any], Any]) -> None:
    """What was written into a value behind its back does not come through a copy."""
    broken = Money(5, USD)
    object.__setattr__(broken, "amount", 5.5)
    with pytest.raises(TypeError, match="amount: expected a whole number"):
        again(broken)


@pytest.mark.parametrize("again", COPIES)
def test_a_copy_of_what_takes_other_arguments_than_it_has_fields(
    again: Callable[[Any], Any],
) -> None:
    """Limits, and entitlements with what follows from their facts."""
    may = entitlements(on_plan(PRO, JUNE).subscription, JUNE)
    assert (again(PRO.limits), again(may)) == (PRO.limits, may)
    assert again(may).plan == PRO


def test_every_public_value_is_a_value() -> None:
    """The strategies' kinds are all the public classes of values there are."""
    assert [kind for kind in STRATEGIES if not issubclass(kind, Value)] == []


COMPARISONS = '''
"""What fails in somebody's own tests."""
from attrs import evolve
from chatim_plans import *
from datetime import UTC, datetime

start, later = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 10, tzinfo=UTC)
bought = replay([StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, seats=3, at=start)])
grown = apply(bought.account, ChangeSeats(4, at=later))

def test_account():
    assert grown.account == evolve(grown.account, credit_balance=Money(5, USD))

def test_line():
    four = grown.account.pending_lines[1]
    assert four == evolve(four, seats=5, amount=Money(66_50, USD), base=PRO.charge(5))

def test_statement():
    assert grown == evolve(grown, account=evolve(grown.account, credit_balance=Money(7, USD)))
'''


def test_a_comparison_that_fails_says_what_differs(tmp_path: Path) -> None:
    """Pytest drills down through attrs' fields: it names the field, and shows both of its values."""
    tests = tmp_path / "test_comparisons.py"
    tests.write_text(COMPARISONS, "utf-8")
    options = ["-q", "--color=no", f"--rootdir={tmp_path}"]
    command = [sys.executable, "-m", "pytest", *options, str(tests)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    # Not inside the folder: what mutates the library looks for its settings where a process starts.
    ran = subprocess.run(command, capture_output=True, check=False, env=environment, text=True)
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED, ran.stdout + ran.stderr
    assert "3 failed" in ran.stdout
    for said in (
        "Drill down into differing attribute credit_balance:",
        "credit_balance: Money(0.00 USD) != Money(0.05 USD)",
        "Drill down into differing attribute seats:",
        "seats: 4 != 5",
        "Drill down into differing attribute account:",
        "credit_balance=0.00 USD, 2 pending lines, standing_debit=53.20 USD, 1 invoice issued) != ",
        "credit_balance=0.07 USD, ",
    ):
        assert said in ran.stdout


def test_an_instant_of_a_value_has_seconds_where_it_has_some() -> None:
    """2026-06-01T00:00Z, and a second later 2026-06-01T00:00:01Z."""
    assert in_a_line(JUNE + timedelta(seconds=1)) == "2026-06-01T00:00:01Z"
    assert (in_a_line(JUNE), in_a_line(None), in_a_line(3)) == ("2026-06-01T00:00Z", "None", "3")
    assert repr(TrialEndedNotice()) == "TrialEndedNotice()"
