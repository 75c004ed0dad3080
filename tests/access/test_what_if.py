"""What an account would gain and lose by another plan, and what a downgrade costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    Account,
    AccountRestrictedError,
    ActionRefusedError,
    AddPaymentMethod,
    Cancel,
    Catalog,
    Difference,
    DowngradeReport,
    Feature,
    InvalidTypeError,
    InvalidValueError,
    LimitChange,
    Limits,
    Money,
    MoveToEdition,
    OutOfOrderError,
    Plan,
    PlanNotOfferedError,
    PlansError,
    Quota,
    change_takes_effect,
    difference,
    downgrade_report,
    entitlements,
    entitlements_after,
)
from tests.accounts import (
    PRO_ADDS,
    ULTIMATE_ADDS,
    a_plan,
    after,
    named,
    on_plan,
    on_trial,
    on_year,
    repriced,
    restricted,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, utc
from tests.refused import error_of, values_of


@pytest.mark.parametrize(
    ("who", "key", "expected"),
    [
        ("pro", "ultimate", ["ultimate", "ultimate", "active", JULY]),
        ("free", "pro", ["pro", "pro", "active", utc(2026, 7, 16)]),  # no payment method yet
        ("ultimate", "pro", ["pro", "pro", "active", AUGUST]),
        ("pro", "free", ["free", "free", "free", None]),
        ("trial", "free", ["free", "free", "free", None]),  # without the mark of a trial
        ("trial", "ultimate", ["ultimate", "ultimate", "active", utc(2026, 7, 16)]),
        ("trial", "pro", ["pro", "pro", "trialing", JULY]),
        ("ultimate, restricted", "free", ["free", "free", "free", None]),
    ],
)
def test_entitlements_after_a_choice(who: str, key: str, expected: list[Any]) -> None:
    """P1-P4, R6: what holds once the choice does."""
    then = entitlements_after(named(who).subscription, CHATIM.plan(key), HALF)
    assert [then.plan.key, then.held_plan.key, then.status.value, then.valid_until] == expected


def three_plans() -> Catalog:
    """An edition whose trial gives Ultimate, so that a trial can choose a lower paid plan."""
    return evolve(CHATIM, edition="trial", terms=evolve(CHATIM.terms, trial_plan="ultimate"))


def test_a_lower_plan_in_the_trial_supposes_a_payment_method() -> None:
    """B8: the question is what the plan would give, not whether it is paid for already."""
    subscription = on_trial(JUNE, catalog=three_plans()).subscription
    then = entitlements_after(subscription, PRO, HALF)
    assert (then.held_plan, then.status.value) == (PRO, "active")


def test_a_waiting_edition_holds_after_the_boundary() -> None:
    """C5: a downgrade is answered by the edition that holds by then."""
    dearer = repriced("2027", ultimate=99_00)
    account = after(on_plan(ULTIMATE, JUNE), MoveToEdition(dearer, at=JUNE))
    then = entitlements_after(account.subscription, PRO, HALF)
    assert (then.catalog, then.plan) == (dearer, PRO)


def test_it_begins_when_the_change_takes_effect() -> None:
    """P3: the entitlements after a choice are those that hold at that instant."""
    subscription = on_plan(ULTIMATE, JUNE).subscription
    starts = change_takes_effect(subscription, PRO, HALF)
    chosen = after(on_plan(ULTIMATE, JUNE), AddPaymentMethod(at=JUNE), Cancel(at=HALF))
    then = entitlements_after(subscription, FREE, HALF)
    assert then == entitlements(chosen.subscription, starts)


def test_asking_changes_nothing() -> None:
    """The subscription given stays as it was."""
    subscription = on_plan(ULTIMATE, JUNE).subscription
    entitlements_after(subscription, FREE, HALF)
    assert subscription == on_plan(ULTIMATE, JUNE).subscription


@pytest.mark.parametrize(
    ("who", "plan", "at", "error"),
    [
        ("ultimate, restricted", lambda: PRO, HALF, AccountRestrictedError),
        ("ultimate", lambda: a_plan("pro", 1), HALF, PlanNotOfferedError),
        ("pro", lambda: FREE, utc(2026, 5, 31), OutOfOrderError),
        ("pro", lambda: "free", HALF, InvalidTypeError),
    ],
    ids=["while restricted", "at a price of one's own", "before the facts", "a key for a plan"],
)
def test_what_cannot_be_chosen_is_refused(
    who: str, plan: Callable[[], Any], at: datetime, error: type[PlansError]
) -> None:
    """P7: the error is the one that the choice itself would meet."""
    error_of(error, entitlements_after, named(who).subscription, plan(), at)


def test_difference_of_two_entitlements() -> None:
    """P6: what today's account would lose by Free."""
    subscription = on_plan(ULTIMATE, JUNE).subscription
    today = entitlements(subscription, HALF)
    lost = difference(today, entitlements_after(subscription, FREE, HALF))
    assert lost == Difference(
        features_gained=(),
        features_lost=tuple(PRO_ADDS | ULTIMATE_ADDS),
        limits_raised=(),
        limits_lowered=(LimitChange(Quota.seats, UNLIMITED, 1),),
    )


def test_difference_is_of_what_is_allowed_now() -> None:
    """D2: a restricted account has Free's features to lose, and its own to win back."""
    now = entitlements(restricted(ULTIMATE).subscription, HALF)
    assert difference(now, FREE).features_lost == ()
    assert set(difference(now, ULTIMATE).features_gained) == PRO_ADDS | ULTIMATE_ADDS


@pytest.mark.parametrize(
    ("before", "after_", "gained", "lost"),
    [
        (PRO, ULTIMATE, ULTIMATE_ADDS, set()),
        (ULTIMATE, PRO, set(), ULTIMATE_ADDS),
        (PRO, PRO, set(), set()),
    ],
)
def test_difference_of_two_plans(
    before: Plan, after_: Plan, gained: set[Feature], lost: set[Feature]
) -> None:
    """C2: plans are compared as entitlements are."""
    moved = difference(before, after_)
    assert (set(moved.features_gained), set(moved.features_lost)) == (gained, lost)


@pytest.mark.parametrize("name", ["before", "after"])
@pytest.mark.parametrize("value", [None, "pro", CHATIM, CHATIM.matrix])
def test_difference_of_anything_else_is_refused(name: str, value: Any) -> None:
    """A2: a key or a catalogue grants nothing by itself."""
    given = {"before": PRO, "after": FREE, name: value}
    assert values_of(
        InvalidTypeError, difference, cast("Plan", given["before"]), cast("Plan", given["after"])
    ) == (name, value, "a Plan or Entitlements")


# --- What a downgrade costs, known before it is made ---
def limited(key: str, price: int, limits: list[int | None]) -> Plan:
    """A plan with limits on seats, chats and flows; None is unlimited."""
    by_quota = {
        quota.value: UNLIMITED if limit is None else limit
        for quota, limit in zip(Quota, limits, strict=True)
    }
    return evolve(a_plan(key, price), limits=Limits(by_quota))


def three() -> Catalog:
    """Plans whose every limit rises."""
    plans = (
        limited("free", 0, [1, 0, 2]),
        limited("pro", 19_00, [5, 100, 2]),
        limited("ultimate", 39_00, [None, None, 3]),
    )
    return evolve(CHATIM, plans=plans)


@pytest.mark.parametrize(
    ("account", "key", "at", "takes_effect", "lost", "over", "cents"),
    [
        (lambda: on_plan(ULTIMATE, JUNE, seats=3), "pro", HALF, JULY, ULTIMATE_ADDS, 0, 5700),
        (lambda: on_plan(PRO, JUNE, seats=3), "free", JULY, AUGUST, PRO_ADDS, 2, 0),
        (lambda: on_trial(JUNE), "free", HALF, JULY, PRO_ADDS, 0, 0),
        (lambda: restricted(ULTIMATE, seats=3), "free", HALF, JULY, PRO_ADDS | ULTIMATE_ADDS, 2, 0),
    ],
    ids=["Ultimate to Pro", "after a renewal", "in the trial", "while restricted"],
)
def test_what_a_downgrade_takes_away(
    account: Callable[[], Account],
    key: str,
    at: datetime,
    takes_effect: datetime,
    lost: set[Feature],
    over: int,
    cents: int,
) -> None:
    """P6: the instant, the features, the limits, the seats over, the charge from then on."""
    lowered = (LimitChange(Quota.seats, UNLIMITED, 1),) if key == "free" else ()
    report = downgrade_report(account().subscription, CHATIM.plan(key), at)
    assert report == DowngradeReport(
        takes_effect, frozenset(lost), lowered, over, Money(cents, USD)
    )


@pytest.mark.parametrize(
    ("held", "lower", "lowered", "over"),
    [
        ("ultimate", "pro", [("seats", None, 5), ("chats", None, 100), ("chatbot_flows", 3, 2)], 2),
        ("ultimate", "free", [("seats", None, 1), ("chats", None, 0), ("chatbot_flows", 3, 2)], 6),
    ],
)
def test_the_limits_that_are_lowered(
    held: str, lower: str, lowered: list[tuple[str, int | None, int]], over: int
) -> None:
    """P6: in the order of the quotas, a limit from none included; seven members are too many."""
    catalog = three()
    account = on_plan(catalog.plan(held), JUNE, seats=7, catalog=catalog)
    report = downgrade_report(account.subscription, catalog.plan(lower), HALF)
    expected = tuple(
        LimitChange(Quota(quota), UNLIMITED if before is None else before, after_)
        for quota, before, after_ in lowered
    )
    assert (report.limits_lowered, report.seats_over) == (expected, over)


def test_a_limit_that_stays_is_not_lowered() -> None:
    """P6: from Pro to Free the flows stay at two."""
    catalog = three()
    account = on_plan(catalog.plan("pro"), JUNE, seats=5, catalog=catalog)
    report = downgrade_report(account.subscription, catalog.free_plan, HALF)
    assert (report.limits_lowered, report.seats_over) == (
        (LimitChange(Quota.seats, 5, 1), LimitChange(Quota.chats, 100, 0)),
        4,
    )


def test_a_downgrade_is_reported_in_the_edition_that_waits() -> None:
    """C5: the charge from then on is the new edition's, the plan being on offer in both."""
    catalog = repriced("2027", ultimate=49_00)
    account = after(on_plan(ULTIMATE, JUNE, seats=3), MoveToEdition(catalog, at=JUNE))
    report = downgrade_report(account.subscription, PRO, HALF)
    assert (report.takes_effect, report.charge) == (JULY, Money(5700, USD))


@pytest.mark.parametrize(
    ("who", "held", "asked"),
    [
        ("pro", "pro", "ultimate"),
        ("pro", "pro", "pro"),
        ("free", "free", "free"),
        ("free", "free", "pro"),
    ],
)
def test_only_a_lower_plan_is_reported_on(who: str, held: str, asked: str) -> None:
    """P3: the error says which plan is held, and what to ask instead."""
    error = error_of(
        ActionRefusedError, downgrade_report, named(who).subscription, CHATIM.plan(asked), HALF
    )
    assert str(error) == (
        f"refused: '{asked}' does not rank below '{held}', which is held; "
        "report on a lower plan; preview shows an upgrade"
    )


def test_a_restricted_account_has_no_lower_paid_plan() -> None:
    """D2, D3: the error is that of the choice."""
    account = restricted(ULTIMATE).subscription
    error = error_of(AccountRestrictedError, downgrade_report, account, PRO, HALF)
    assert str(error) == (
        "refused: the account is restricted until a payment succeeds; settle the open invoice "
        "first (PaymentSucceeded); shrinking and cancelling work"
    )


def test_a_plan_that_cannot_be_chosen_is_refused_as_the_choice_would_be() -> None:
    """C8: by what is on offer."""
    year = on_year(JUNE).subscription
    error = error_of(PlanNotOfferedError, downgrade_report, year, a_plan("pro", 1), HALF)
    assert error.edition == "large teams"


def test_a_lower_plan_of_another_interval_waits_for_the_year_to_end() -> None:
    """P9: from the end of the period, at the lower plan's price for a month."""
    report = downgrade_report(on_year(JUNE).subscription, PRO, HALF)
    assert (report.takes_effect, str(report.charge)) == (utc(2027, 6, 1), "19.00 USD")


def test_an_instant_before_the_facts_is_refused() -> None:
    """A2: the error holds both instants."""
    assert values_of(
        OutOfOrderError, downgrade_report, on_plan(PRO, HALF).subscription, FREE, JUNE
    ) == (JUNE, HALF)


@pytest.mark.parametrize(
    ("call", "name", "expected"),
    [
        (lambda v: downgrade_report(v, FREE, HALF), "subscription", "a Subscription"),
        (lambda v: downgrade_report(on_plan(PRO, JUNE).subscription, v, HALF), "plan", "a Plan"),
    ],
    ids=["no subscription", "no plan"],
)
@pytest.mark.parametrize("value", [None, "free"])
def test_an_argument_of_the_wrong_type_is_refused(
    call: Callable[[Any], object], name: str, expected: str, value: Any
) -> None:
    """The error names the argument, and says what was expected."""
    assert values_of(InvalidTypeError, call, value) == (name, value, expected)


def report(**facts: Any) -> DowngradeReport:
    """Three seats from Pro to Free, with other facts."""
    usual: dict[str, Any] = {
        "takes_effect": JULY,
        "features_lost": PRO_ADDS,
        "limits_lowered": (LimitChange(Quota.seats, 5, 1),),
        "seats_over": 2,
        "charge": Money(0, USD),
    }
    return DowngradeReport(**{**usual, **facts})


@pytest.mark.parametrize(
    ("name", "value", "error", "expected"),
    [
        ("limits_lowered", None, InvalidTypeError, "a tuple"),
        (
            *("limits_lowered", (LimitChange(Quota.seats, 5, 1), LimitChange(Quota.seats, 4, 1))),
            *(InvalidValueError, "each quota once"),
        ),
        ("seats_over", "2", InvalidTypeError, "a whole number (int)"),
        ("seats_over", -1, InvalidValueError, "a whole number of at least 0"),
        ("charge", 19_00, InvalidTypeError, "a Money"),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    name: str, value: object, error: type[PlansError], expected: str
) -> None:
    """P6: the error names the fact, its value, and what was expected of it."""
    assert values_of(error, report, **{name: value}) == (name, value, expected)


def test_of_a_limit_or_a_charge_the_error_shows_what_is_wrong() -> None:
    """P6: the limit that rises, and the cents below nothing."""
    risen = LimitChange(Quota.seats, 1, 5)
    assert values_of(InvalidValueError, report, limits_lowered=(risen,)) == (
        *("limits_lowered", risen, "limits that were lowered"),
    )
    assert values_of(InvalidValueError, report, charge=Money(-1, USD)) == (
        *("charge", -1, "a whole number of at least 0"),
    )
