"""The facts about one account: which values can exist, and what they say when asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Account,
    AddPaymentMethod,
    BillingMode,
    Catalog,
    ChoosePlan,
    Cycle,
    InvalidTypeError,
    InvalidValueError,
    Money,
    MoveToEdition,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    Period,
    Plan,
    ScheduledChange,
    Standing,
    Status,
    Subscription,
    UnknownKeyError,
    advance,
    entitlements,
    upcoming_invoice,
)
from chatim_plans.foundation.values import without_checks
from tests.accounts import (
    a_catalog,
    a_plan,
    after,
    dues,
    on_free,
    on_plan,
    on_trial,
    repriced,
    statuses,
    waiting,
    waiting_plan,
    with_change,
    with_enterprise,
)
from tests.instants import (
    AUGUST,
    HALF,
    JULY,
    JUNE,
    LAST_SECOND,
    OCTOBER,
    SEPTEMBER,
    TENTH,
    june,
    utc,
)
from tests.refused import error_of, values_of

BEFORE_JUNE = utc(2026, 5, 31, 23, 59, 59)
A_SECOND_LATER = utc(2026, 6, 1, 0, 0, 1)

Facts = Callable[[], Any]


def free() -> Subscription:
    """On Free from June, never had a trial."""
    return on_free(JUNE).subscription


def trial() -> Subscription:
    """In the trial of Pro, from 1 June to 1 July."""
    return on_trial(JUNE).subscription


def paid() -> Subscription:
    """On Pro from June."""
    return on_plan(PRO, JUNE).subscription


def top() -> Subscription:
    """On Ultimate from June."""
    return on_plan(ULTIMATE, JUNE).subscription


def other_pro() -> Plan:
    """A plan that has Pro's key and another price."""
    return evolve(PRO, price=Money(2100, USD))


def without_pro() -> Catalog:
    """An edition that has no Pro."""
    return evolve(
        CHATIM,
        edition="poor",
        plans=(FREE, ULTIMATE),
        terms=evolve(CHATIM.terms, trial_plan="ultimate"),
    )


# --- What cannot be ---
def to(plan: Plan, at: datetime) -> ScheduledChange:
    """A change that waits."""
    return ScheduledChange(plan, at)


def enterprise() -> dict[str, Any]:
    """The catalogue and the plan by the year."""
    catalog = with_enterprise()
    return {"catalog": catalog, "plan": catalog.plan("enterprise")}


def by_year() -> OnPaid:
    """The first period of a cycle by the year."""
    return OnPaid(Cycle(JUNE, 12), Period(JUNE, utc(2027, 6, 1)))


# The account, the facts that it cannot have, which of them the error names, and what it expects;
# the error holds the value of that fact, the account's own where it was not given.
IMPOSSIBLE: list[tuple[Facts, Callable[[], dict[str, Any]], str, str]] = [
    (paid, lambda: {"plan": other_pro()}, "plan", "a plan of the catalogue held"),
    (free, lambda: {"plan": a_plan("gold", 0)}, "plan", "a plan of the catalogue held"),
    (
        paid,
        lambda: {"next_catalog": without_pro()},
        "next_catalog",
        "an edition to move to, but it has no plan 'pro'",
    ),
    (free, lambda: {"tried_plan": "free"}, "tried_plan", "the key of a paid plan"),
    (free, lambda: {"plan": PRO}, "phase", "OnTrial or OnPaid on a paid plan"),
    (
        free,
        lambda: {"scheduled_change": to(PRO, JULY)},
        "phase",
        "nothing waiting on the free plan",
    ),
    (free, lambda: {"next_catalog": repriced()}, "phase", "nothing waiting on the free plan"),
    (free, lambda: {"phase": OnFree(True)}, "tried_plan", "the plan of the trial that ended"),
    (trial, lambda: {"plan": FREE}, "phase", "OnFree on the free plan"),
    (trial, lambda: {"tried_plan": "ultimate"}, "tried_plan", "the plan held, in a trial"),
    (trial, lambda: {"tried_plan": None}, "tried_plan", "the plan held, in a trial"),
    (trial, lambda: {"as_of": JULY}, "as_of", "an instant before the trial's end"),
    (paid, enterprise, "phase", "a cycle of the plan's own interval"),
    (paid, lambda: {"phase": by_year()}, "phase", "a cycle of the plan's own interval"),
    (paid, lambda: {"plan": FREE}, "phase", "a cycle of the plan's own interval"),
    (paid, lambda: {"was_invoiced": False}, "was_invoiced", "True on a paid plan"),
    (paid, lambda: {"as_of": JULY}, "as_of", "an instant in the paid period"),
    (paid, lambda: {"as_of": BEFORE_JUNE}, "as_of", "an instant in the paid period"),
    (
        paid,
        lambda: {"scheduled_change": to(a_plan("gold", 900), JULY)},
        "scheduled_change",
        "a plan of the catalogue held",
    ),
    (
        top,
        lambda: {"scheduled_change": to(other_pro(), JULY)},
        "scheduled_change",
        "a plan of the catalogue held",
    ),
    (
        paid,
        lambda: {"as_of": HALF, "scheduled_change": to(FREE, HALF)},
        "scheduled_change",
        "an instant after as_of",
    ),
    *(
        (who, change, "scheduled_change", "an instant at which it can happen")
        for who, change in (
            (top, lambda: {"scheduled_change": to(PRO, HALF)}),
            (top, lambda: {"scheduled_change": to(PRO, utc(2026, 8, 2))}),
            (trial, lambda: {"scheduled_change": to(FREE, HALF)}),
            (trial, lambda: {"scheduled_change": to(ULTIMATE, AUGUST)}),
        )
    ),
    (paid, lambda: {"seats": 0}, "seats", "a whole number of at least 1"),
    (free, lambda: {"phase": OnFree(owes=True)}, "was_invoiced", "True on an account that owes"),
    (
        paid,
        lambda: {"as_of": HALF, "phase": standing("past_due", grace_end=HALF)},
        "as_of",
        "an instant before the grace's end",
    ),
    (
        paid,
        lambda: {"as_of": TENTH, "phase": standing("past_due", standing_since=HALF)},
        "as_of",
        "an instant since which the standing holds",
    ),
]


@pytest.mark.parametrize(("who", "facts", "name", "expected"), IMPOSSIBLE)
def test_facts_that_contradict_one_another_are_refused(
    who: Facts, facts: Callable[[], dict[str, Any]], name: str, expected: str
) -> None:
    """The error names the fact, holds its value, and says what was expected."""
    value = facts().get(name, getattr(who(), name))
    assert values_of(InvalidValueError, evolve, who(), **facts()) == (name, value, expected)


@pytest.mark.parametrize(("anchor", "end"), [(JUNE, HALF), (HALF, JULY), (JUNE, AUGUST)])
def test_a_period_is_a_whole_one_of_its_cycle(anchor: datetime, end: datetime) -> None:
    """T3: not a part of one, not one before the anchor, not two in one."""
    values = values_of(InvalidValueError, OnPaid, Cycle(anchor), Period(JUNE, end))
    assert values == ("period", Period(JUNE, end), "a whole period of the cycle")


@pytest.mark.parametrize(
    ("build", "name", "expected"),
    [
        (OnFree, "trial_ended", "a bool"),
        (lambda v: OnFree(owes=v), "owes", "a bool"),
        (lambda v: OnPaid(Cycle(JUNE), june(), billing_mode=v), "billing_mode", "a BillingMode"),
        (lambda v: OnPaid(v, june()), "cycle", "a Cycle"),
        (lambda v: OnPaid(Cycle(JUNE), v), "period", "a Period"),
        (lambda v: OnPaid(Cycle(JUNE), june(), v), "standing", "a Standing"),
        (lambda v: ScheduledChange(v, JULY), "plan", "a Plan"),
        (lambda v: evolve(free(), catalog=v), "catalog", "a Catalog"),
        (lambda v: evolve(free(), plan=v), "plan", "a Plan"),
        (lambda v: evolve(free(), seats=v), "seats", "a whole number (int)"),
        (lambda v: evolve(free(), phase=v), "phase", "OnFree, OnTrial or OnPaid"),
        (lambda v: evolve(paid(), scheduled_change=v), "scheduled_change", "a ScheduledChange"),
        (lambda v: evolve(paid(), next_catalog=v), "next_catalog", "a Catalog"),
        (lambda v: evolve(paid(), tried_plan=v), "tried_plan", "a str"),
        (lambda v: evolve(paid(), payment_method=v), "payment_method", "a bool"),
        (lambda v: evolve(paid(), was_invoiced=v), "was_invoiced", "a bool"),
    ],
)
@pytest.mark.parametrize("value", [0.5, b"good", ()], ids=["float", "bytes", "tuple"])
def test_a_fact_of_the_wrong_type_is_refused(
    build: Callable[[Any], object], name: str, expected: str, value: Any
) -> None:
    """The error names the fact, holds its value, and says which type was expected."""
    assert values_of(InvalidTypeError, build, value) == (name, value, expected)


@pytest.mark.parametrize("falsy", [0, "", False], ids=["0", "empty", "False"])
@pytest.mark.parametrize("name", ["scheduled_change", "next_catalog"])
def test_only_none_means_that_nothing_waits(name: str, falsy: Any) -> None:
    """A falsy value is no change and no edition, and is refused as one."""
    error = error_of(InvalidTypeError, evolve, paid(), **{name: falsy})
    assert (error.name, error.value) == (name, falsy)


def test_a_trial_of_a_plan_that_the_catalogue_does_not_have_is_refused() -> None:
    """C8: the error holds the key, and the keys that are known."""
    values = values_of(UnknownKeyError, evolve, free(), tried_plan="gold")
    assert values == ("plan", "gold", ("free", "pro", "ultimate"))


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (free, "free"),
        (trial, "trialing"),
        (lambda: evolve(trial(), as_of=LAST_SECOND), "trialing"),
        (lambda: evolve(free(), tried_plan="pro", phase=OnFree(trial_ended=True)), "trial_ended"),
        (lambda: evolve(free(), tried_plan="pro"), "free"),
        (paid, "active"),
        (lambda: evolve(paid(), phase=standing("past_due")), "past_due"),
        (lambda: evolve(paid(), phase=standing("restricted")), "restricted"),
    ],
)
def test_present_status(account: Callable[[], Subscription], expected: str) -> None:
    """R1, R4, D1, D2: each phase reads as one status, a paid one as its standing."""
    assert account().present_status == Status(expected)


def standing(name: str, **facts: Any) -> OnPaid:
    """The first paid period, in this standing, with what is known of it."""
    return OnPaid(Cycle(JUNE), june(), Standing(name), **facts)


@pytest.mark.parametrize(
    ("name", "fact", "expected"),
    [
        ("good", "standing_since", "None in good standing"),
        ("good", "grace_end", "None unless past due"),
        ("restricted", "grace_end", "None unless past due"),
    ],
)
def test_a_standing_has_no_facts_of_another(name: str, fact: str, expected: str) -> None:
    """D6: in good standing nothing began, and only who is past due has a grace."""
    values = values_of(InvalidValueError, standing, name, **{fact: HALF})
    assert values == (fact, HALF, expected)


@pytest.mark.parametrize("end", [TENTH, HALF], ids=["before", "at once"])
def test_a_grace_ends_later_than_it_began(end: datetime) -> None:
    """D6: some days after the first failure."""
    facts = {"standing_since": HALF, "grace_end": end}
    values = values_of(InvalidValueError, standing, "past_due", **facts)
    assert values == ("grace_end", end, "an instant after standing_since")


@pytest.mark.parametrize("name", ["past_due", "restricted"])
def test_since_when_a_standing_holds_may_be_known_or_not(name: str) -> None:
    """D6: an account written before there were such facts does not know."""
    assert standing(name).standing_since is None
    assert standing(name, standing_since=HALF).standing_since == HALF


@pytest.mark.parametrize(
    ("account", "overdue"),
    [
        (free, False),
        (lambda: evolve(free(), phase=OnFree(owes=True), was_invoiced=True), True),
        (trial, False),
        (paid, False),
        (lambda: evolve(paid(), phase=standing("past_due")), True),
        (lambda: evolve(paid(), phase=standing("restricted")), True),
    ],
)
def test_who_is_overdue(account: Callable[[], Subscription], overdue: bool) -> None:
    """B11, D8: past due, restricted, or owing on Free."""
    assert account().is_overdue is overdue


FACTS: dict[str, tuple[Facts, Callable[[], dict[str, Any]], bool]] = {
    "an instant": (paid, lambda: {"as_of": HALF}, True),
    "seats": (paid, lambda: {"seats": 2}, False),
    "a plan": (lambda: on_plan(PRO, JUNE).subscription, lambda: {"plan": ULTIMATE}, False),
    "an edition": (free, lambda: {"catalog": evolve(CHATIM, edition="other")}, False),
    "a phase": (paid, lambda: {"phase": standing("past_due")}, False),
    "a change": (paid, lambda: {"scheduled_change": to(FREE, JULY)}, False),
    "an edition that waits": (paid, lambda: {"next_catalog": repriced()}, False),
    "a payment method": (paid, lambda: {"payment_method": False}, False),
    "a trial": (free, lambda: {"tried_plan": "pro"}, False),
    "an invoice": (free, lambda: {"was_invoiced": True}, False),
}


@pytest.mark.parametrize(("who", "changed", "same"), FACTS.values(), ids=FACTS)
def test_the_same_facts_are_all_but_the_instant(
    who: Facts, changed: Callable[[], dict[str, Any]], same: bool
) -> None:
    """B14, P7: by every fact but the instant it stands at, one account is told from another."""
    assert who().has_same_facts(evolve(who(), **changed())) is same


def test_every_fact_counts_among_the_same_facts() -> None:
    """B14: a fact that is added has its row in the table above."""
    changed = {name for _, facts, _ in FACTS.values() for name in facts()}
    assert changed == {fact.name for fact in attrs.fields(Subscription)}


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (OnFree, None),
        (lambda: OnFree(trial_ended=True), None),
        (lambda: OnTrial(JULY), JULY),
        (lambda: OnPaid(Cycle(JUNE), Period(JUNE, JULY)), JULY),
        (lambda: OnPaid(Cycle(JUNE), Period(JULY, AUGUST)), AUGUST),
        (lambda: standing("past_due", grace_end=HALF), JULY),
    ],
    ids=["free", "trial ended", "trial", "first period", "second period", "grace"],
)
def test_a_phase_knows_when_time_ends_it(
    phase: Callable[[], OnFree | OnTrial | OnPaid], expected: datetime | None
) -> None:
    """The trial's end, the period's end, and never on Free."""
    assert phase().end == expected


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (OnFree, None),
        (lambda: OnTrial(JULY), JULY),
        (lambda: standing("good"), JULY),
        (lambda: standing("past_due", grace_end=HALF), HALF),
        (lambda: standing("past_due", grace_end=AUGUST), JULY),
    ],
    ids=["free", "trial", "paid", "a grace inside the period", "a grace beyond it"],
)
def test_a_phase_knows_when_time_does_something_next(
    phase: Callable[[], OnFree | OnTrial | OnPaid], expected: datetime | None
) -> None:
    """A3, D6: its end, or before it the end of the grace."""
    assert phase().next_instant == expected


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 7, 1, 2, 0, 0, 750_000, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 7, 1, 0, 0, 0, 1, tzinfo=timezone(timedelta(0))),
    ],
)
def test_the_instants_of_facts_are_utc_whole_seconds(at: datetime) -> None:
    """T1: a trial's end, a change's instant, `as_of`, since when a standing holds and the end of
    its grace are held in UTC at whole seconds.
    """
    overdue = standing("past_due", standing_since=at, grace_end=at + timedelta(days=1))
    held = (
        OnTrial(at).trial_end,
        ScheduledChange(FREE, at).at,
        evolve(free(), as_of=at).as_of,
        overdue.standing_since,
    )
    assert [each and each.isoformat() for each in held] == ["2026-07-01T00:00:00+00:00"] * 4
    assert overdue.grace_end is not None
    assert overdue.grace_end.isoformat() == "2026-07-02T00:00:00+00:00"


def test_a_new_subscription_has_no_more_facts_than_it_is_given() -> None:
    """Nothing waits, no payment method, no trial, no invoice, and not marked "trial ended"."""
    account = Subscription(CHATIM, FREE, 1, JUNE, OnFree())
    assert account.scheduled_change is None
    assert account.next_catalog is None
    assert account.payment_method is False
    assert account.tried_plan is None
    assert account.was_invoiced is False
    assert account.present_status == Status.free


def test_a_new_paid_phase_is_in_good_standing() -> None:
    """D4, B12: standing is good unless a report says otherwise, and the mode flexible."""
    phase = OnPaid(Cycle(JUNE), june())
    assert (phase.standing, phase.standing_since, phase.grace_end) == (Standing.good, None, None)
    assert phase.billing_mode == "flexible"


def test_nobody_can_choose_what_either_edition_has_retired() -> None:
    """C9: what the edition held has retired, and what the one that waits has."""
    here = evolve(paid(), catalog=evolve(CHATIM, retired=["ultimate"]))
    both = evolve(here, next_catalog=evolve(CHATIM, edition="2027"))
    ahead = evolve(paid(), next_catalog=evolve(CHATIM, edition="2027", retired=["ultimate"]))
    retired = [account.retired for account in (paid(), here, both, ahead)]
    assert retired == [frozenset(), {"ultimate"}, {"ultimate"}, {"ultimate"}]


def test_the_upcoming_catalogue_is_the_one_held_unless_another_waits() -> None:
    """C5: the edition from the next boundary on."""
    moving = evolve(paid(), next_catalog=repriced("2027"))
    assert [account.upcoming_catalog.edition for account in (paid(), moving)] == ["2026", "2027"]


# --- Changes that wait for other instants than the period's end ---
@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (free, None),
        (trial, JULY),
        (paid, JULY),
        (lambda: waiting(paid(), "free", A_SECOND_LATER), A_SECOND_LATER),
        (lambda: waiting(paid(), "free", HALF), HALF),
        (lambda: waiting(paid(), "free", JULY), JULY),
        (lambda: waiting(paid(), "free", utc(2026, 8, 20)), JULY),
    ],
)
def test_next_boundary_is_the_earlier_of_the_change_and_the_phases_end(
    account: Callable[[], Subscription], expected: datetime | None
) -> None:
    """A3: time does something at whichever comes first, and nothing on Free."""
    assert account().next_boundary == expected


def to_free(at: datetime) -> Account:
    """An account on Pro whose change to Free waits for `at`."""
    return with_change(on_plan(PRO, JUNE, seats=3), "free", at)


def test_a_change_to_free_inside_the_period_takes_effect_there() -> None:
    """Pro to the second before, Free at it, and nothing is charged or given back."""
    account, second_before = to_free(HALF), utc(2026, 6, 15, 23, 59, 59)
    later = advance(account, OCTOBER)
    assert statuses(account, second_before, HALF) == ["active", "free"]
    assert entitlements(account.subscription, second_before).valid_until == HALF
    assert entitlements(account.subscription, HALF).plan.key == "free"
    assert (later.invoices, later.account.subscription.present_status) == ((), Status.free)


def test_a_change_to_free_several_periods_ahead_lets_the_periods_before_renew() -> None:
    """Pro is invoiced in July and August, and is Free in the middle of August."""
    account = to_free(utc(2026, 8, 20))
    statement = advance(account, OCTOBER)
    assert dues(statement.invoices) == [(JULY, 5700), (AUGUST, 5700)]
    assert statuses(account, utc(2026, 8, 19, 23, 59, 59), utc(2026, 8, 20)) == ["active", "free"]
    assert statement.account.subscription.scheduled_change is None


def test_a_change_to_free_that_waits_is_kept_through_a_renewal() -> None:
    """In July it still waits for 20 August."""
    renewed = advance(to_free(utc(2026, 8, 20)), JULY).account
    assert waiting_plan(renewed) == ("free", utc(2026, 8, 20))


def pro_in_september() -> Account:
    """An account on Ultimate whose change to Pro waits for the third boundary."""
    return with_change(on_plan(ULTIMATE, JUNE), "pro", SEPTEMBER)


def test_a_paid_change_may_wait_for_a_later_boundary() -> None:
    """Ultimate in July and August, Pro from September on."""
    assert dues(advance(pro_in_september(), OCTOBER).invoices) == [
        (JULY, 3900),
        (AUGUST, 3900),
        (SEPTEMBER, 1900),
        (OCTOBER, 1900),
    ]


@pytest.mark.parametrize(
    ("at", "plan", "expires"),
    [
        (JUNE, "ultimate", JULY),
        (utc(2026, 8, 31, 23, 59, 59), "ultimate", SEPTEMBER),
        (SEPTEMBER, "pro", OCTOBER),
    ],
)
def test_access_sees_a_paid_change_several_boundaries_ahead(
    at: datetime, plan: str, expires: datetime
) -> None:
    """A1: what holds at an instant is the same as if time had been recorded."""
    may = entitlements(pro_in_september().subscription, at)
    assert (may.plan.key, may.valid_until) == (plan, expires)


def test_the_next_invoice_is_of_the_plan_held_while_a_change_is_far() -> None:
    """July is billed for Ultimate."""
    invoice = upcoming_invoice(pro_in_september())
    assert invoice is not None
    assert (invoice.issued_at, invoice.total.amount) == (JULY, 3900)


def test_a_plan_of_another_interval_may_wait_for_a_boundary() -> None:
    """P9: the month's plan is invoiced up to it, then a year's cycle starts there."""
    catalog = with_enterprise()
    account = with_change(on_plan(PRO, JUNE, catalog=catalog), "enterprise", AUGUST)
    next_august = utc(2027, 8, 1)
    assert dues(advance(account, next_august).invoices) == [
        (JULY, 1900),
        (AUGUST, 36_000),
        (next_august, 36_000),
    ]


def test_a_trial_may_be_followed_by_a_plan_of_another_interval() -> None:
    """C6: what waits at a trial's end may be billed by the year."""
    year = a_plan("year", 100_00, months=12)
    catalog = a_catalog(a_plan("free", 0, seats=1), year, a_plan("pro", 19_00))
    account = with_change(on_trial(JUNE, card=True, catalog=catalog), "year", JULY)
    next_july = utc(2027, 7, 1)
    assert dues(advance(account, next_july).invoices) == [(JULY, 10_000), (next_july, 10_000)]


# --- The same facts ---
DIFFERENT: dict[str, Callable[[Subscription], dict[str, Any]]] = {
    "catalog": lambda _: {"catalog": repriced()},
    "plan": lambda _: {"plan": other_pro()},
    "seats": lambda _: {"seats": 2},
    "phase": lambda _: {"phase": standing("past_due")},
    "scheduled_change": lambda _: {"scheduled_change": to(FREE, JULY)},
    "next_catalog": lambda _: {"next_catalog": repriced()},
    "payment_method": lambda held: {"payment_method": not held.payment_method},
    "tried_plan": lambda _: {"tried_plan": "pro"},
    "was_invoiced": lambda _: {"was_invoiced": False},
}


@pytest.mark.parametrize("name", [fact.name for fact in attrs.fields(Subscription)])
def test_facts_are_the_same_whenever_they_stand(name: str) -> None:
    """B14: an action changed something if any fact but the instant is another."""
    held = paid()
    if name == "as_of":
        assert held.has_same_facts(evolve(held, as_of=HALF))
        return
    other = without_checks(
        Subscription,
        *({**attrs.asdict(held, recurse=False), **DIFFERENT[name](held)}.values()),
    )
    assert not held.has_same_facts(other)


# --- How they read ---
def waiting_and_past_due() -> Subscription:
    """On Ultimate by a trial, past due, Pro and another edition waiting."""
    return after(
        on_trial(JUNE),
        AddPaymentMethod(at=JUNE),
        ChoosePlan(ULTIMATE, seats=3, at=TENTH),
        ChoosePlan(PRO, at=TENTH),
        MoveToEdition(repriced(), at=TENTH),
        PaymentFailed(at=TENTH),
    ).subscription


READS: dict[str, tuple[Callable[[], object], str]] = {
    "on Free": (
        free,
        "Subscription(catalog=2026, 1 x free 0.00 USD, as_of=2026-06-01T00:00Z, OnFree())",
    ),
    "all that can be said": (
        waiting_and_past_due,
        (
            "Subscription(catalog=2026, 3 x ultimate 39.00 USD, as_of=2026-06-10T00:00Z, "
            "OnPaid(2026-06-10T00:00Z/2026-07-10T00:00Z, past_due, "
            "standing_since=2026-06-10T00:00Z), scheduled_change=pro 19.00 USD from "
            "2026-07-10T00:00Z, next_catalog=2027, tried_plan=pro, payment_method, was_invoiced)"
        ),
    ),
    "a paid period": (
        lambda: OnPaid(Cycle(JUNE), june()),
        "OnPaid(2026-06-01T00:00Z/2026-07-01T00:00Z)",
    ),
    "one of an earlier anchor, in classic billing": (
        lambda: OnPaid(Cycle(utc(2026, 3, 1)), june(), billing_mode=BillingMode.classic),
        "OnPaid(2026-06-01T00:00Z/2026-07-01T00:00Z, Cycle(2026-03-01T00:00Z), classic)",
    ),
    "one in a grace": (
        lambda: standing("past_due", standing_since=TENTH, grace_end=HALF),
        (
            "OnPaid(2026-06-01T00:00Z/2026-07-01T00:00Z, past_due, "
            "standing_since=2026-06-10T00:00Z, grace_end=2026-06-16T00:00Z)"
        ),
    ),
    "a change that waits": (
        lambda: ScheduledChange(PRO, JULY),
        "ScheduledChange(pro 19.00 USD from 2026-07-01T00:00Z)",
    ),
}


@pytest.mark.parametrize(("make", "expected"), READS.values(), ids=READS)
def test_how_it_reads_in_a_line(make: Callable[[], object], expected: str) -> None:
    """Plans by key and price, instants in ISO form, defaults left out."""
    assert repr(make()) == expected
