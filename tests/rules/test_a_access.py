"""A. What an account may do, why, and until when the answer holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from attrs import evolve

from chatim_plans import (
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    AddPaymentMethod,
    ChangeSeats,
    ChoosePlan,
    Feature,
    InvalidTypeError,
    InvalidValueError,
    OnFree,
    OnPaid,
    OutOfOrderError,
    PaymentFailed,
    PaymentSucceeded,
    Quota,
    Reason,
    Role,
    Status,
    Subscription,
    UnknownKeyError,
    advance,
    apply,
    can_manage_billing,
    days_left,
    downgrade_report,
    entitlements,
    notices,
    status,
)
from tests.accounts import (
    Decided,
    a_catalog,
    a_plan,
    after,
    decided,
    granted,
    named,
    on_free,
    on_plan,
    on_trial,
    paid_phase,
    restricted,
    with_enterprise,
)
from tests.instants import AUGUST, JULY, JUNE, LAST_SECOND, TENTH, utc
from tests.refused import error_of, values_of


class TestA1FactsAndAnInstant:
    """What an account may do is a function of its facts and the instant; time that has passed
    counts without anybody recording it, and a renewal is assumed paid until a failure is
    reported. A1.
    """

    @pytest.mark.parametrize(
        ("story", "at", "plan", "expected"),
        [
            ("trial", LAST_SECOND, "pro", "trialing"),
            ("trial", JULY, "free", "trial_ended"),
            ("trial", utc(2030, 1, 1), "free", "trial_ended"),
            ("trial, card", JULY, "pro", "active"),
            ("trial, card", utc(2030, 1, 1), "pro", "active"),
            ("trial, cancelled", JULY, "free", "free"),
            ("ultimate, pro waiting", LAST_SECOND, "ultimate", "active"),
            ("ultimate, pro waiting", JULY, "pro", "active"),
            ("ultimate, pro waiting", utc(2030, 1, 1), "pro", "active"),
            ("pro, cancelled", LAST_SECOND, "pro", "active"),
            ("pro, cancelled", JULY, "free", "free"),
            ("pro, restricted", LAST_SECOND, "free", "restricted"),
            ("pro, restricted", JULY, "free", "free"),
            ("pro, past due", utc(2030, 1, 1), "pro", "past_due"),
        ],
    )
    def test_time_that_passed_counts(
        self, story: str, at: datetime, plan: str, expected: str
    ) -> None:
        """Facts of June, asked later, know what time has done; recorded or not is the same."""
        account = named(story)
        may = entitlements(account.subscription, at)
        assert (may.plan.key, may.status) == (plan, Status(expected))
        assert entitlements(advance(account, at).account.subscription, at) == may

    def test_a_renewal_is_assumed_paid(self) -> None:
        """Without a report Pro goes on for years; a failure reported changes that."""
        account = on_plan(PRO, JUNE)
        later = utc(2036, 6, 1)
        failed = after(account, PaymentFailed(final=True, at=later))
        assert entitlements(account.subscription, later).allows("visitor_export") is True
        assert entitlements(failed.subscription, later).allows("visitor_export") is False

    def test_asking_changes_nothing(self) -> None:
        """The same question later in the day has the same answer."""
        subscription = on_trial(JUNE).subscription
        first = entitlements(subscription, TENTH)
        entitlements(subscription, utc(2030, 1, 1))
        assert entitlements(subscription, TENTH) == first
        assert subscription == on_trial(JUNE).subscription

    def test_every_reading_counts_time(self) -> None:
        """Notices, status and the days left agree that the trial is over."""
        subscription = on_trial(JUNE).subscription
        assert status(subscription, JULY) == Status.trial_ended
        assert days_left(subscription, JULY) is None
        assert [type(notice).__name__ for notice in notices(subscription, JULY)] == [
            "PaymentRequiredNotice",
            "TrialEndedNotice",
        ]


class TestA2FailsClosed:
    """An unknown feature, a status that cannot be read, an instant before the facts are errors,
    never a yes; a feature's string value works as the feature. A2.
    """

    @pytest.mark.parametrize(
        "ask",
        [
            pytest.param(lambda s: entitlements(s, JUNE).allows("time_travel"), id="allows"),
            pytest.param(lambda s: entitlements(s, JUNE).decide("time_travel"), id="decide"),
            pytest.param(lambda s: entitlements(s, JUNE).limit("elephants"), id="limit"),
            pytest.param(lambda s: entitlements(s, JUNE).decide_usage("elephants", 1), id="usage"),
            pytest.param(lambda s: entitlements(s, JUNE).allows("seats"), id="quota as feature"),
            pytest.param(lambda s: s.plan.allows("time_travel"), id="plan"),
            pytest.param(lambda s: s.catalog.matrix.allows("time_travel", s.plan), id="matrix"),
            pytest.param(lambda s: s.catalog.cheapest_with("time_travel"), id="cheapest"),
            pytest.param(lambda s: s.catalog.plan("platinum"), id="plan key"),
        ],
    )
    def test_unknown_names_are_errors(self, ask: Callable[[Subscription], object]) -> None:
        """Even on Ultimate nobody may do what nobody has heard of."""
        error_of(UnknownKeyError, ask, on_plan(ULTIMATE, JUNE).subscription)

    @pytest.mark.parametrize("feature", ["API_ACCESS", "api access", "", " api_access"])
    def test_nearly_the_name_is_not_the_name(self, feature: str) -> None:
        """A misspelt feature is an error, not a no."""
        may = entitlements(on_plan(ULTIMATE, JUNE).subscription, JUNE)
        error_of(UnknownKeyError, may.allows, feature)

    @pytest.mark.parametrize("feature", [None, 1, True, b"api_access"])
    def test_no_name_at_all_is_an_error(self, feature: object) -> None:
        """What is no text names nothing."""
        may = entitlements(on_plan(ULTIMATE, JUNE).subscription, JUNE)
        error_of(InvalidTypeError, may.allows, feature)

    def test_string_values_work(self) -> None:
        """The value of a feature asks the same question as the feature."""
        may = entitlements(on_plan(PRO, JUNE).subscription, JUNE)
        for feature in Feature:
            assert may.allows(feature.value) is may.allows(feature)
            assert may.decide(feature.value) == may.decide(feature)
        assert may.decide_usage("seats", 2) == may.decide_usage(Quota.seats, 2)

    @pytest.mark.parametrize(
        "ask",
        [
            pytest.param(entitlements, id="entitlements"),
            pytest.param(status, id="status"),
            pytest.param(notices, id="notices"),
            pytest.param(days_left, id="days_left"),
            pytest.param(lambda s, at: downgrade_report(s, FREE, at), id="downgrade_report"),
        ],
    )
    def test_an_instant_before_the_facts_is_an_error(
        self, ask: Callable[[Subscription, datetime], object]
    ) -> None:
        """One second before the last fact is too early to be known."""
        subscription = advance(on_plan(PRO, JUNE), TENTH).account.subscription
        early = utc(2026, 6, 9, 23, 59, 59)
        assert values_of(OutOfOrderError, ask, subscription, early) == (early, TENTH)

    def test_a_status_that_cannot_be_read_is_an_error(self) -> None:
        """Neither a phase nor a standing can be something else than the known ones."""
        subscription = on_plan(PRO, JUNE).subscription
        phase = paid_phase(on_plan(PRO, JUNE))
        error_of(InvalidTypeError, evolve, subscription, phase="paused")
        error_of(InvalidTypeError, OnPaid, phase.cycle, phase.period, "fine")

    def test_facts_that_contradict_one_another_are_an_error(self) -> None:
        """Nobody is on Pro and on Free at once."""
        subscription = on_plan(PRO, JUNE).subscription
        error_of(InvalidValueError, evolve, subscription, phase=OnFree())

    @pytest.mark.parametrize("no_subscription", [None, "pro", 1])
    def test_nobody_is_no_customer(self, no_subscription: object) -> None:
        """Without a subscription there is no answer."""
        error_of(InvalidTypeError, entitlements, no_subscription, JUNE)

    @pytest.mark.parametrize("used", [-1, -100])
    def test_a_count_below_nothing_is_an_error(self, used: int) -> None:
        """Nobody uses fewer than no seats."""
        may = entitlements(on_free(JUNE).subscription, JUNE)
        error_of(InvalidValueError, may.decide_usage, "seats", used)


class TestA3Decisions:
    """A decision has yes or no, why, the plan that decided, the cheapest plan (by price per seat
    and month) that would allow it where the held plan would not, and until when it holds: the
    next instant at which time does something, none on Free. A3.
    """

    @pytest.mark.parametrize(
        ("story", "asked", "expected"),
        [
            ("free", "javascript_sdk", (True, "granted_by_plan", "free", None, None)),
            ("free", "visitor_export", (False, "not_in_plan", "free", "pro", None)),
            ("free", "api_access", (False, "not_in_plan", "free", "ultimate", None)),
            ("trial", "javascript_sdk", (True, "granted_by_trial", "pro", None, JULY)),
            ("trial", "visitor_export", (True, "granted_by_trial", "pro", None, JULY)),
            ("trial", "api_access", (False, "not_in_plan", "pro", "ultimate", JULY)),
            ("trial ended", "javascript_sdk", (True, "granted_by_plan", "free", None, None)),
            ("trial ended", "visitor_export", (False, "trial_ended", "free", "pro", None)),
            ("trial ended", "api_access", (False, "not_in_plan", "free", "ultimate", None)),
            ("trial, declined", "visitor_export", (False, "not_in_plan", "free", "pro", None)),
            ("pro", "visitor_export", (True, "granted_by_plan", "pro", None, JULY)),
            ("pro", "api_access", (False, "not_in_plan", "pro", "ultimate", JULY)),
            ("pro, past due", "visitor_export", (True, "granted_by_plan", "pro", None, JULY)),
            ("pro, cancelled", "visitor_export", (True, "granted_by_plan", "pro", None, JULY)),
            ("pro, restricted", "javascript_sdk", (True, "granted_by_plan", "free", None, JULY)),
            ("pro, restricted", "visitor_export", (False, "restricted", "free", None, JULY)),
            ("pro, restricted", "api_access", (False, "not_in_plan", "free", "ultimate", JULY)),
            ("ultimate", "api_access", (True, "granted_by_plan", "ultimate", None, JULY)),
        ],
    )
    def test_features(self, story: str, asked: str, expected: Decided) -> None:
        """Feature by feature, for every way an account can stand."""
        account = named(story)
        decision = entitlements(account.subscription, account.subscription.as_of).decide(asked)
        assert decision == decided(*expected, asked)

    @pytest.mark.parametrize(
        ("story", "used", "expected"),
        [
            ("free", 0, (True, "granted_by_plan", "free", None, None)),
            ("free", 1, (True, "granted_by_plan", "free", None, None)),
            ("free", 2, (False, "over_limit", "free", "pro", None)),
            ("trial", 500, (True, "granted_by_trial", "pro", None, JULY)),
            ("trial ended", 1, (True, "granted_by_plan", "free", None, None)),
            ("trial ended", 2, (False, "trial_ended", "free", "pro", None)),
            ("trial, declined", 2, (False, "over_limit", "free", "pro", None)),
            ("pro", 500, (True, "granted_by_plan", "pro", None, JULY)),
            ("pro, restricted", 1, (True, "granted_by_plan", "free", None, JULY)),
            ("pro, restricted", 2, (False, "restricted", "free", None, JULY)),
        ],
    )
    def test_seats(self, story: str, used: int, expected: Decided) -> None:
        """A quota is asked with the count as it would be after the act."""
        account = named(story)
        may = entitlements(account.subscription, account.subscription.as_of)
        assert may.decide_usage("seats", used) == decided(*expected, "seats", used)

    @pytest.mark.parametrize("quota", ["chats", "chatbot_flows"])
    def test_what_is_unlimited_is_always_granted(self, quota: str) -> None:
        """A million chats are fine on Free, and while restricted."""
        for story in ("free", "pro, restricted"):
            account = named(story)
            may = entitlements(account.subscription, account.subscription.as_of)
            assert may.limit(quota) == UNLIMITED
            assert may.decide_usage(quota, 1_000_000).allowed is True

    def test_the_cheapest_plan_by_seat_and_month(self) -> None:
        """A year at $360 is $30 a month, cheaper than Ultimate's $39."""
        catalog = with_enterprise()
        subscription = on_plan(PRO, JUNE, catalog=catalog).subscription
        decision = entitlements(subscription, JUNE).decide("api_access")
        assert decision.cheapest_plan == catalog.plan("enterprise")

    @pytest.mark.parametrize(("yearly", "cheapest"), [(46_799, "year"), (46_801, "ultimate")])
    def test_a_cent_a_year_decides(self, yearly: int, cheapest: str) -> None:
        """$39 a month are $468 a year: a cent less or more changes the answer."""
        catalog = a_catalog(
            a_plan("free", 0),
            a_plan("pro", 1900),
            a_plan("ultimate", 3900, features=["api_access"]),
            a_plan("year", yearly, months=12, features=["api_access"]),
        )
        found = catalog.cheapest_with("api_access")
        assert found is not None
        assert found.key == cheapest

    def test_where_no_plan_would_do_none_is_named(self) -> None:
        """A feature that nobody sells has no cheapest plan."""
        catalog = a_catalog(a_plan("free", 0, seats=1), a_plan("pro", 1900, seats=5))
        may = entitlements(on_free(JUNE, catalog=catalog).subscription, JUNE)
        decisions = [may.decide("api_access"), may.decide_usage("seats", 6)]
        assert [(decision.reason, decision.cheapest_plan) for decision in decisions] == [
            (Reason.not_in_plan, None),
            (Reason.over_limit, None),
        ]

    @pytest.mark.parametrize(
        ("at", "until"),
        [(JUNE, JULY), (LAST_SECOND, JULY), (JULY, AUGUST), (utc(2026, 8, 15), utc(2026, 9, 1))],
    )
    def test_until_the_period_ends(self, at: datetime, until: datetime) -> None:
        """On a paid plan the answer holds up to the next boundary."""
        assert entitlements(on_plan(PRO, JUNE).subscription, at).valid_until == until

    def test_until_the_waiting_change_or_the_trials_end(self) -> None:
        """Both are the end of what runs now."""
        trial = on_trial(utc(2026, 3, 1, 12)).subscription
        lower = after(on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=TENTH)).subscription
        ends = [
            entitlements(trial, utc(2026, 3, 10)).valid_until,
            entitlements(lower, TENTH).valid_until,
        ]
        assert ends == [utc(2026, 3, 31, 12), JULY]

    def test_the_answer_changes_at_that_instant_and_not_before(self) -> None:
        """A trial's yes holds in the second before, and is a no at the instant."""
        subscription = on_trial(JUNE).subscription
        instants = (LAST_SECOND, JULY)
        reasons = [entitlements(subscription, at).decide("visitor_export") for at in instants]
        assert [decision.reason for decision in reasons] == [
            Reason.granted_by_trial,
            Reason.trial_ended,
        ]


class TestA4TheBillingPage:
    """Only an admin may open the billing page; managers may not. A4."""

    @pytest.mark.parametrize(("role", "may"), [("admin", True), ("manager", False)])
    def test_who_may(self, role: str, may: bool) -> None:
        """By the role and by its string value."""
        assert [can_manage_billing(Role(role)), can_manage_billing(role)] == [may, may]

    @pytest.mark.parametrize("role", ["owner", "Admin", ""])
    def test_an_unknown_role_may_not(self, role: str) -> None:
        """It is an error, never a yes."""
        error_of(UnknownKeyError, can_manage_billing, role)

    def test_there_are_two_roles(self) -> None:
        """Admin and manager."""
        assert {role.value for role in Role} == {"admin", "manager"}


class TestA5AtOnce:
    """The features of a plan that was paid for are there at once. A5."""

    @pytest.mark.parametrize("start", ["free", "trial", "pro"])
    def test_at_the_second_of_the_choice(self, start: str) -> None:
        """Ultimate's API is there at the instant at which Ultimate was bought."""
        account = after(named(start), AddPaymentMethod(at=TENTH))
        bought = apply(account, ChoosePlan(ULTIMATE, at=TENTH)).account
        assert granted(account, "api_access", TENTH) == [False]
        assert granted(bought, "api_access", TENTH) == [True]

    def test_at_the_second_of_the_payment_that_restores(self) -> None:
        """A restricted account that pays has its plan at that instant."""
        account = restricted()
        paid = after(account, PaymentSucceeded(at=utc(2026, 6, 20)))
        assert entitlements(paid.subscription, utc(2026, 6, 20)).plan == PRO

    def test_at_the_first_second_after_the_trial(self) -> None:
        """With a card on file there is no gap between the trial and the paid plan."""
        account = on_trial(JUNE, card=True)
        assert granted(account, "visitor_export", LAST_SECOND, JULY) == [True, True]

    def test_new_members_at_once(self) -> None:
        """A team that grew is allowed its new count at that instant."""
        account = after(on_plan(PRO, JUNE), ChangeSeats(9, at=TENTH))
        may = entitlements(account.subscription, TENTH)
        assert may.decide_usage("seats", 9).allowed is True
