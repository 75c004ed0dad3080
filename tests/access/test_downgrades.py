"""What a downgrade costs, known before it is made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

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
    Catalog,
    DowngradeReport,
    Feature,
    IntervalMismatchError,
    InvalidTypeError,
    LimitChange,
    Limits,
    Money,
    MoveToEdition,
    OutOfOrderError,
    PaymentFailed,
    Plan,
    PlanNotOfferedError,
    Quota,
    downgrade_report,
)
from tests.rules.stories import (
    a_plan,
    after,
    on_free,
    on_plan,
    on_trial,
    repriced,
    utc,
    with_enterprise,
)

JUNE = utc(2026, 6, 1)
HALF = utc(2026, 6, 16)
JULY = utc(2026, 7, 1)
AUGUST = utc(2026, 8, 1)


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


def restricted() -> Account:
    """On Ultimate with three seats, after the last retry failed."""
    return after(on_plan(ULTIMATE, JUNE, seats=3), PaymentFailed(final=True, at=JUNE))


REPORTS: dict[str, tuple[Callable[[], Account], str, datetime, Callable[[], DowngradeReport]]] = {
    "Ultimate to Pro": (
        lambda: on_plan(ULTIMATE, JUNE, seats=3),
        "pro",
        HALF,
        lambda: DowngradeReport(
            takes_effect=JULY,
            features_lost=frozenset({
                Feature.white_label,
                Feature.api_access,
                Feature.ai_chatbot,
                Feature.priority_support,
            }),
            limits_lowered=(),
            seats_over=0,
            charge=Money(5700, USD),
        ),
    ),
    "Pro to Free, after a renewal": (
        lambda: on_plan(PRO, JUNE, seats=3),
        "free",
        JULY,
        lambda: DowngradeReport(
            takes_effect=AUGUST,
            features_lost=frozenset({
                Feature.visitor_export,
                Feature.custom_branding,
                Feature.contact_buttons,
                Feature.advanced_analytics,
                Feature.standard_support,
            }),
            limits_lowered=(LimitChange(Quota.seats, UNLIMITED, 1),),
            seats_over=2,
            charge=Money(0, USD),
        ),
    ),
    "the trial of Pro to Free": (
        lambda: on_trial(JUNE),
        "free",
        HALF,
        lambda: DowngradeReport(
            takes_effect=JULY,
            features_lost=frozenset({
                Feature.visitor_export,
                Feature.custom_branding,
                Feature.contact_buttons,
                Feature.advanced_analytics,
                Feature.standard_support,
            }),
            limits_lowered=(LimitChange(Quota.seats, UNLIMITED, 1),),
            seats_over=0,
            charge=Money(0, USD),
        ),
    ),
    "a restricted account to Free": (
        restricted,
        "free",
        HALF,
        lambda: DowngradeReport(
            takes_effect=JULY,
            features_lost=ULTIMATE.features - FREE.features,
            limits_lowered=(LimitChange(Quota.seats, UNLIMITED, 1),),
            seats_over=2,
            charge=Money(0, USD),
        ),
    ),
}


@pytest.mark.parametrize(("account", "key", "at", "report"), REPORTS.values(), ids=REPORTS)
def test_what_a_downgrade_takes_away(
    account: Callable[[], Account],
    key: str,
    at: datetime,
    report: Callable[[], DowngradeReport],
) -> None:
    """P6: the instant, the features, the limits, the seats over, the charge from then on."""
    assert downgrade_report(account().subscription, CHATIM.plan(key), at) == report()


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


REFUSED: dict[str, tuple[Callable[[], Account], Callable[[], Plan], type[Exception], str]] = {
    "an upgrade": (
        lambda: on_plan(PRO, JUNE),
        lambda: ULTIMATE,
        ActionRefusedError,
        (
            "refused: 'ultimate' does not rank below 'pro', which is held; "
            "report on a lower plan; preview shows an upgrade"
        ),
    ),
    "the plan held": (
        lambda: on_plan(PRO, JUNE),
        lambda: PRO,
        ActionRefusedError,
        (
            "refused: 'pro' does not rank below 'pro', which is held; "
            "report on a lower plan; preview shows an upgrade"
        ),
    ),
    "Free on Free": (
        lambda: on_free(JUNE),
        lambda: FREE,
        ActionRefusedError,
        (
            "refused: 'free' does not rank below 'free', which is held; "
            "report on a lower plan; preview shows an upgrade"
        ),
    ),
    "a start from Free": (
        lambda: on_free(JUNE),
        lambda: PRO,
        ActionRefusedError,
        (
            "refused: 'pro' does not rank below 'free', which is held; "
            "report on a lower plan; preview shows an upgrade"
        ),
    ),
    "a lower paid plan of a restricted account": (
        restricted,
        lambda: PRO,
        AccountRestrictedError,
        (
            "refused: the account is restricted until a payment succeeds; settle the open invoice "
            "first (PaymentSucceeded); shrinking and cancelling work"
        ),
    ),
}


@pytest.mark.parametrize(("account", "plan", "kind", "message"), REFUSED.values(), ids=REFUSED)
def test_only_a_lower_plan_is_reported_on(
    account: Callable[[], Account],
    plan: Callable[[], Plan],
    kind: type[Exception],
    message: str,
) -> None:
    """P3, D3: the error's type and its whole message."""
    with pytest.raises(ActionRefusedError) as caught:
        downgrade_report(account().subscription, plan(), HALF)
    assert (type(caught.value), str(caught.value)) == (kind, message)


def test_a_plan_that_cannot_be_chosen_is_refused_as_the_choice_would_be() -> None:
    """C6, C8: by interval, and by what is on offer."""
    catalog = with_enterprise()
    year = on_plan(catalog.plan("enterprise"), JUNE, catalog=catalog).subscription
    with pytest.raises(IntervalMismatchError):
        downgrade_report(year, PRO, HALF)
    with pytest.raises(PlanNotOfferedError) as caught:
        downgrade_report(year, a_plan("pro", 1), HALF)
    assert caught.value.edition == "large teams"


def test_an_instant_before_the_facts_is_refused() -> None:
    """A2: the error holds both instants."""
    with pytest.raises(OutOfOrderError) as caught:
        downgrade_report(on_plan(PRO, HALF).subscription, FREE, JUNE)
    assert (caught.value.given, caught.value.earliest) == (JUNE, HALF)


@pytest.mark.parametrize(
    ("call", "name", "expected"),
    [
        (lambda v: downgrade_report(v, FREE, HALF), "subscription", "a Subscription"),
        (
            lambda v: downgrade_report(on_plan(PRO, JUNE).subscription, v, HALF),
            "plan",
            "a Plan",
        ),
    ],
    ids=["no subscription", "no plan"],
)
@pytest.mark.parametrize("value", [None, "free"])
def test_an_argument_of_the_wrong_type_is_refused(
    call: Callable[[Any], object], name: str, expected: str, value: Any
) -> None:
    """The error names the argument, and says what was expected."""
    with pytest.raises(InvalidTypeError) as caught:
        call(value)
    assert (caught.value.name, caught.value.value, caught.value.expected) == (
        name,
        value,
        expected,
    )
