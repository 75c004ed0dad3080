"""T. Instants, periods, the days on which billing recurs, and what comes first."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from chatim_plans import (
    PRO,
    ULTIMATE,
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    Cycle,
    InvalidTypeError,
    InvalidValueError,
    OutOfOrderError,
    PaymentFailed,
    PaymentMethodRequiredError,
    PaymentSucceeded,
    Period,
    Resume,
    StartFree,
    StartTrial,
    Status,
    advance,
    apply,
    change_takes_effect,
    days_left,
    downgrade_report,
    entitlements,
    notices,
    open_account,
    replay,
    status,
)
from tests.accounts import (
    after,
    dues,
    lived,
    on_free,
    on_plan,
    on_trial,
    paid_phase,
    refusal,
    statuses,
    waiting_cents,
    waiting_plan,
)
from tests.instants import AUGUST, JULY, JUNE, LAST_SECOND, utc
from tests.refused import error_of, values_of

PARIS_IN_SUMMER = timezone(timedelta(hours=2))


class TestT1Instants:
    """An instant is an aware datetime, held in UTC at whole seconds, the fraction dropped; a naive
    one is refused; nothing reads a clock, so the instant is always an argument. T1.
    """

    def test_held_in_utc_at_whole_seconds(self) -> None:
        """Eleven o'clock and a bit in Paris in summer is nine o'clock sharp."""
        paris = datetime(2026, 6, 1, 11, 0, 0, 999_999, tzinfo=PARIS_IN_SUMMER)
        held = open_account(StartFree(at=paris)).account.subscription.as_of
        assert (held, held.tzinfo, held.microsecond) == (utc(2026, 6, 1, 9), UTC, 0)

    def test_the_fraction_is_dropped_never_rounded(self) -> None:
        """The last microsecond of a trial is still in the trial."""
        subscription = on_trial(JUNE).subscription
        last = datetime(2026, 6, 30, 23, 59, 59, 999_999, tzinfo=UTC)
        assert status(subscription, last) == Status.trialing

    def test_any_zone_asks_the_same_question(self) -> None:
        """The end of the trial is the same instant in Paris."""
        subscription = on_trial(JUNE).subscription
        end = datetime(2026, 7, 1, 2, tzinfo=PARIS_IN_SUMMER)
        answers = [status(subscription, at) for at in (end - timedelta(seconds=1), end)]
        assert answers == [Status.trialing, Status.trial_ended]

    @pytest.mark.parametrize(
        "ask",
        [
            pytest.param(lambda at: StartTrial(at=at), id="StartTrial"),
            pytest.param(lambda at: ChoosePlan(PRO, at=at), id="ChoosePlan"),
            pytest.param(lambda at: advance(on_free(JUNE), at), id="advance"),
            pytest.param(lambda at: replay([StartFree(at=JUNE)], at), id="replay"),
            pytest.param(lambda at: status(on_free(JUNE).subscription, at), id="status"),
            pytest.param(lambda at: entitlements(on_free(JUNE).subscription, at), id="access"),
            pytest.param(lambda at: notices(on_free(JUNE).subscription, at), id="notices"),
            pytest.param(lambda at: days_left(on_free(JUNE).subscription, at), id="days_left"),
            pytest.param(lambda at: Period(at, JULY), id="Period"),
            pytest.param(Cycle, id="Cycle"),
        ],
    )
    def test_a_naive_datetime_is_refused(self, ask: Callable[[datetime], object]) -> None:
        """Wherever an instant goes in, one without a zone is an error."""
        error_of(InvalidValueError, ask, datetime(2026, 6, 15))

    @pytest.mark.parametrize("no_instant", [date(2026, 6, 15), 1_780_000_000, "2026-06-15", None])
    def test_only_a_datetime_is_an_instant(self, no_instant: object) -> None:
        """A date, a number and a text are none."""
        error_of(InvalidTypeError, StartFree, at=no_instant)

    @pytest.mark.parametrize(
        ("question", "argument"),
        [
            (StartTrial, "at"),
            (ChoosePlan, "at"),
            (PaymentFailed, "at"),
            (advance, "to"),
            (status, "at"),
            (days_left, "at"),
            (entitlements, "at"),
            (notices, "at"),
            (downgrade_report, "at"),
            (change_takes_effect, "at"),
        ],
    )
    def test_the_instant_is_always_an_argument(
        self, question: Callable[..., object], argument: str
    ) -> None:
        """No question has an instant by default."""
        parameter = inspect.signature(question).parameters[argument]
        assert parameter.default is inspect.Parameter.empty

    @pytest.mark.parametrize("year", [1970, 2400, 9000])
    def test_any_year_will_do(self, year: int) -> None:
        """A trial of long ago or far ahead runs as it does today."""
        account = on_trial(utc(year, 6, 1))
        instants = (utc(year, 6, 30, 23, 59, 59), utc(year, 7, 1))
        assert statuses(account, *instants) == ["trialing", "trial_ended"]


class TestT2Periods:
    """A period holds its start and not its end, and is never empty. T2."""

    @pytest.mark.parametrize(
        ("at", "inside"),
        [(utc(2026, 5, 31, 23, 59, 59), False), (JUNE, True), (LAST_SECOND, True), (JULY, False)],
    )
    def test_half_open(self, at: datetime, inside: bool) -> None:
        """The first second is in, the end is out."""
        assert (at in Period(JUNE, JULY)) is inside

    @pytest.mark.parametrize("end", [JUNE, utc(2026, 5, 31, 23, 59, 59)])
    def test_never_empty(self, end: datetime) -> None:
        """A period that ends where it starts, or before, is refused."""
        error_of(InvalidValueError, Period, JUNE, end)

    def test_never_empty_after_dropping_fractions(self) -> None:
        """Less than a second is no period."""
        error_of(InvalidValueError, Period, JUNE, JUNE + timedelta(microseconds=999_999))

    def test_a_boundary_belongs_to_the_period_it_starts(self) -> None:
        """A second before the boundary the old period runs, at the boundary the new one."""
        account = on_plan(PRO, JUNE)
        ends = [paid_phase(advance(account, at).account).period.end for at in (LAST_SECOND, JULY)]
        assert ends == [JULY, AUGUST]


class TestT3Boundaries:
    """Billing recurs on the anchor's day of the month and time of day, in UTC, and on a shorter
    month's last day; every boundary is computed from the anchor, never from the one before. T3.
    """

    @pytest.mark.parametrize(
        ("anchor", "boundaries"),
        [
            (utc(2026, 1, 31), ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30", "07-31"]),
            (utc(2028, 1, 31), ["01-31", "02-29", "03-31", "04-30", "05-31", "06-30", "07-31"]),
            (utc(2026, 1, 30), ["01-30", "02-28", "03-30", "04-30", "05-30", "06-30", "07-30"]),
            (utc(2027, 12, 29), ["12-29", "01-29", "02-29", "03-29", "04-29", "05-29", "06-29"]),
            (utc(2026, 12, 29), ["12-29", "01-29", "02-28", "03-29", "04-29", "05-29", "06-29"]),
            (utc(2026, 8, 31), ["08-31", "09-30", "10-31", "11-30", "12-31", "01-31", "02-28"]),
            (utc(2026, 2, 28), ["02-28", "03-28", "04-28", "05-28", "06-28", "07-28", "08-28"]),
            (utc(2028, 2, 29), ["02-29", "03-29", "04-29", "05-29", "06-29", "07-29", "08-29"]),
            (utc(2026, 4, 30), ["04-30", "05-30", "06-30", "07-30", "08-30", "09-30", "10-30"]),
            (utc(2026, 1, 15), ["01-15", "02-15", "03-15", "04-15", "05-15", "06-15", "07-15"]),
        ],
    )
    def test_days_of_the_month(self, anchor: datetime, boundaries: list[str]) -> None:
        """A short month uses its last day, and the next long one is right again."""
        cycle = Cycle(anchor)
        assert [f"{cycle.boundary(n):%m-%d}" for n in range(7)] == boundaries

    def test_a_year_from_a_leap_day(self) -> None:
        """A yearly cycle from 29 February meets that day again four years later."""
        cycle = Cycle(utc(2028, 2, 29), 12)
        days = [f"{cycle.boundary(n):%Y-%m-%d}" for n in range(5)]
        assert days == ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]

    def test_century_years(self) -> None:
        """2100 is no leap year, 2400 is."""
        days = [f"{Cycle(utc(year, 1, 31)).boundary(1):%d}" for year in (2100, 2400)]
        assert days == ["28", "29"]

    def test_the_account_is_invoiced_on_these_days(self) -> None:
        """An account bought on 31 January at 17:45:30 keeps day and time of day."""
        account = on_plan(PRO, utc(2026, 1, 31, 17, 45, 30))
        assert dues(advance(account, utc(2026, 5, 1)).invoices) == [
            (utc(2026, 2, 28, 17, 45, 30), 1900),
            (utc(2026, 3, 31, 17, 45, 30), 1900),
            (utc(2026, 4, 30, 17, 45, 30), 1900),
        ]

    def test_the_day_is_that_of_utc(self) -> None:
        """Half past midnight of 1 March in Paris is billed on the 28th, summer time or not."""
        paris_in_winter = timezone(timedelta(hours=1))
        account = on_plan(PRO, datetime(2026, 3, 1, 0, 30, tzinfo=paris_in_winter))
        assert dues(advance(account, utc(2026, 5, 1)).invoices) == [
            (utc(2026, 3, 28, 23, 30), 1900),
            (utc(2026, 4, 28, 23, 30), 1900),
        ]

    @pytest.mark.parametrize(
        ("at", "start", "end"),
        [
            (utc(2026, 2, 27, 23, 59, 59), utc(2026, 1, 31), utc(2026, 2, 28)),
            (utc(2026, 2, 28), utc(2026, 2, 28), utc(2026, 3, 31)),
            (utc(2026, 3, 30, 23, 59, 59), utc(2026, 2, 28), utc(2026, 3, 31)),
            (utc(2026, 3, 31), utc(2026, 3, 31), utc(2026, 4, 30)),
        ],
    )
    def test_the_period_that_holds_an_instant(
        self, at: datetime, start: datetime, end: datetime
    ) -> None:
        """Around the clamped boundaries each second belongs to the right period."""
        assert Cycle(utc(2026, 1, 31)).period_holding(at) == Period(start, end)

    def test_a_downgrade_and_a_failure_do_not_move_the_anchor(self) -> None:
        """Whatever happens on the way, the 31st stays the anchor's day."""
        account = after(
            on_plan(ULTIMATE, utc(2026, 1, 31)),
            ChoosePlan(PRO, at=utc(2026, 2, 10)),
            PaymentFailed(at=utc(2026, 3, 1)),
            PaymentSucceeded(at=utc(2026, 3, 5)),
        )
        issued = [invoice.issued_at for invoice in advance(account, utc(2026, 6, 1)).invoices]
        assert issued == [utc(2026, 3, 31), utc(2026, 4, 30), utc(2026, 5, 31)]


class TestT4Order:
    """An account stands at the latest instant it was given: an earlier one is refused, going to
    where it stands issues nothing, and equal instants apply in the order given. T4.
    """

    def test_it_stands_at_its_latest_instant(self) -> None:
        """Both an action and the mere passing of time move it."""
        account = after(on_free(JUNE), AddPaymentMethod(at=utc(2026, 6, 5)))
        standing = [account.subscription.as_of]
        standing.append(advance(account, utc(2026, 6, 9)).account.subscription.as_of)
        assert standing == [utc(2026, 6, 5), utc(2026, 6, 9)]

    def test_going_back_is_refused(self) -> None:
        """One second too early is refused, and the error holds both instants."""
        account = advance(on_plan(PRO, JUNE), utc(2026, 6, 9)).account
        early = utc(2026, 6, 8, 23, 59, 59)
        assert values_of(OutOfOrderError, advance, account, early) == (early, utc(2026, 6, 9))

    def test_an_action_of_the_past_is_refused(self) -> None:
        """An action before the instant the account stands at cannot be applied."""
        account = advance(on_plan(PRO, JUNE), utc(2026, 6, 9)).account
        error = error_of(OutOfOrderError, apply, account, Cancel(at=JUNE))
        assert error.earliest == utc(2026, 6, 9)

    def test_a_history_out_of_order_is_refused(self) -> None:
        """A replay does not sort its actions."""
        error_of(OutOfOrderError, replay, [StartFree(at=JULY), AddPaymentMethod(at=JUNE)])

    def test_going_to_where_it_stands_issues_nothing(self) -> None:
        """Even at a boundary, the second time nothing is issued and nothing changes."""
        once = advance(on_plan(PRO, JUNE), JULY)
        twice = advance(once.account, JULY)
        assert (len(once.invoices), twice.invoices) == (1, ())
        assert twice.account == once.account

    def test_equal_instants_apply_in_the_order_given(self) -> None:
        """Card then choice is a purchase, choice then card is refused."""
        card, choice = AddPaymentMethod(at=JUNE), ChoosePlan(PRO, at=JUNE)
        assert dues(lived(on_free(JUNE), [card, choice])) == [(JUNE, 1900)]
        refusal(on_free(JUNE), choice, PaymentMethodRequiredError)

    def test_two_seat_changes_at_one_instant(self) -> None:
        """To three and back to two at half of the period: each writes its lines, in order."""
        half = utc(2026, 6, 16)
        account = after(on_plan(PRO, JUNE), ChangeSeats(3, at=half), ChangeSeats(2, at=half))
        assert waiting_cents(account) == [-950, 2850, -2850, 1900]
        assert account.subscription.seats == 2


class TestT5TimeFirst:
    """What time does at an instant comes before any action at that instant. T5."""

    def test_a_cancellation_at_the_renewal_is_for_the_new_period(self) -> None:
        """At the very second of the renewal the new period is invoiced and then cancelled."""
        statement = apply(on_plan(PRO, JUNE), Cancel(at=JULY))
        assert dues(statement.invoices) == [(JULY, 1900)]
        assert waiting_plan(statement.account) == ("free", AUGUST)

    def test_a_cancellation_a_second_before_ends_there(self) -> None:
        """A second earlier it is still for the old period."""
        account = after(on_plan(PRO, JUNE), Cancel(at=LAST_SECOND))
        assert waiting_plan(account) == ("free", JULY)
        assert advance(account, AUGUST).invoices == ()

    def test_a_card_at_the_end_of_the_trial_is_too_late(self) -> None:
        """At the very second the trial ends, the account is on Free already."""
        statement = apply(on_trial(JUNE), AddPaymentMethod(at=JULY))
        assert statement.invoices == ()
        assert status(statement.account.subscription, JULY) == Status.trial_ended

    def test_a_card_a_second_before_is_in_time(self) -> None:
        """A second earlier Pro goes on."""
        account = after(on_trial(JUNE), AddPaymentMethod(at=LAST_SECOND))
        assert dues(advance(account, JULY).invoices) == [(JULY, 1900)]

    def test_a_payment_at_the_end_of_a_restricted_period_is_too_late(self) -> None:
        """The account has fallen to Free; a second earlier it renews."""
        account = after(on_plan(PRO, JUNE), PaymentFailed(final=True, at=utc(2026, 6, 9)))
        plans = [
            advance(after(account, PaymentSucceeded(at=at)), JULY).account.subscription.plan.key
            for at in (LAST_SECOND, JULY)
        ]
        assert plans == ["pro", "free"]

    def test_a_change_of_seats_at_the_renewal_is_for_the_whole_new_period(self) -> None:
        """The renewal bills one seat, and the lines that wait cover all of July."""
        statement = apply(on_plan(PRO, JUNE), ChangeSeats(2, at=JULY))
        assert dues(statement.invoices) == [(JULY, 1900)]
        assert waiting_cents(statement.account) == [-1900, 3800]

    def test_a_choice_at_the_instant_of_a_waiting_change_comes_after_it(self) -> None:
        """Ultimate chosen at the second at which it ends is an upgrade from Pro, for a period."""
        account = after(on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=JUNE))
        statement = apply(account, ChoosePlan(ULTIMATE, at=JULY))
        assert dues(statement.invoices) == [(JULY, 1900), (JULY, 2000)]

    def test_a_choice_at_the_second_a_cancellation_takes_effect_is_a_new_start(self) -> None:
        """Pro chosen at the end of a cancelled period is bought from Free, on a new anchor."""
        account = after(on_plan(PRO, utc(2026, 1, 31)), Cancel(at=utc(2026, 2, 10)))
        statement = apply(account, ChoosePlan(PRO, at=utc(2026, 2, 28)))
        assert paid_phase(statement.account).cycle.anchor == utc(2026, 2, 28)
        assert dues(statement.invoices) == [(utc(2026, 2, 28), 1900)]

    def test_resuming_at_the_second_of_the_change_is_too_late(self) -> None:
        """There is nothing left to withdraw: the account stays on Free."""
        account = after(on_plan(PRO, JUNE), Cancel(at=JUNE), Resume(at=JULY))
        assert account.subscription.plan.key == "free"
