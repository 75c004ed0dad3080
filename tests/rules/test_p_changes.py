"""P. Changes of plan: which hold at once, which wait, and what is refused."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import datetime

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
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    AdjustCredit,
    Cancel,
    ChangeScheduledNotice,
    ChangeSeats,
    ChoosePlan,
    Currency,
    CurrencyMismatchError,
    LimitChange,
    LineKind,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    OutOfOrderError,
    PaymentFailed,
    PaymentMethodRequiredError,
    PaymentOverdueError,
    PaymentSucceeded,
    Period,
    PlanNotOfferedError,
    PlansError,
    Quota,
    Refunded,
    RemovePaymentMethod,
    Resume,
    SeatLimitError,
    StartFree,
    StartTrial,
    Status,
    TrialRefusedError,
    advance,
    apply,
    change_takes_effect,
    downgrade_report,
    entitlements,
    notices,
    open_account,
    preview,
    replay,
    status,
)
from tests.accounts import (
    PRO_ADDS,
    ULTIMATE_ADDS,
    a_catalog,
    a_plan,
    after,
    cents,
    dues,
    granted,
    lived,
    named,
    on_free,
    on_plan,
    on_terms,
    on_trial,
    on_year,
    paid_phase,
    past_due,
    refusal,
    repriced,
    restricted,
    statuses,
    usd,
    waiting_plan,
    with_enterprise,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, LAST_SECOND, TENTH, utc
from tests.refused import error_of


class TestP1Upgrade:
    """A higher plan holds at once, prorated and invoiced at once with any lines waiting; the anchor
    does not move; a payment method must be on file. P1.
    """

    def test_at_once_and_prorated(self) -> None:
        """Three seats from Pro to Ultimate at half of June: $30 now, Ultimate now."""
        statement = apply(on_plan(PRO, JUNE, seats=3), ChoosePlan(ULTIMATE, at=HALF))
        assert dues(statement.invoices) == [(HALF, 3000)]
        assert cents(statement.invoices[0]) == [-2850, 5850]
        assert statement.account.subscription.plan == ULTIMATE

    def test_the_anchor_does_not_move(self) -> None:
        """The next full charge is on the first of July."""
        invoices = lived(on_plan(PRO, JUNE), [ChoosePlan(ULTIMATE, at=HALF)], AUGUST)
        assert dues(invoices) == [(HALF, 1000), (JULY, 3900), (AUGUST, 3900)]

    def test_lines_that_wait_come_along_first(self) -> None:
        """A member who joined on the 11th is paid with the upgrade of the 16th."""
        actions: list[Action] = [ChangeSeats(2, at=utc(2026, 6, 11)), ChoosePlan(ULTIMATE, at=HALF)]
        (invoice,) = lived(on_plan(PRO, JUNE), actions)
        assert cents(invoice) == [-1267, 2533, -1900, 3900]

    def test_a_seat_count_may_come_with_it(self) -> None:
        """Five seats on Ultimate from one on Pro."""
        statement = apply(on_plan(PRO, JUNE), ChoosePlan(ULTIMATE, 5, at=HALF))
        assert dues(statement.invoices) == [(HALF, 8800)]
        assert statement.account.subscription.seats == 5

    def test_it_needs_a_payment_method(self) -> None:
        """Without one the account stays on Pro."""
        account = after(on_plan(PRO, JUNE), RemovePaymentMethod(at=JUNE))
        refusal(account, ChoosePlan(ULTIMATE, at=HALF), PaymentMethodRequiredError)

    @pytest.mark.parametrize(("at", "lines"), [(JUNE, [-1900, 3900]), (LAST_SECOND, [0, 0])])
    def test_the_first_and_the_last_second(self, at: datetime, lines: list[int]) -> None:
        """At the start of the period all of it is exchanged, in its last second nothing."""
        (invoice,) = apply(on_plan(PRO, JUNE), ChoosePlan(ULTIMATE, at=at)).invoices
        assert cents(invoice) == lines

    def test_a_past_due_account_pays_first(self) -> None:
        """It keeps its features, and may choose more of them once a payment succeeds (B11)."""
        account = after(on_plan(PRO, JUNE), PaymentFailed(at=JUNE))
        refusal(account, ChoosePlan(ULTIMATE, at=HALF), PaymentOverdueError)
        paid = after(account, PaymentSucceeded(at=HALF), ChoosePlan(ULTIMATE, at=HALF))
        assert paid.subscription.plan == ULTIMATE

    def test_it_takes_effect_now(self) -> None:
        """Asked when it would hold, the answer is the instant of the choice."""
        subscription = on_plan(PRO, JUNE).subscription
        assert change_takes_effect(subscription, ULTIMATE, HALF) == HALF


class TestP2FromFree:
    """From Free to a paid plan: at once, a new anchor, a full first period, no proration, and a
    payment method. P2.
    """

    @pytest.mark.parametrize(("key", "due"), [("pro", 5700), ("ultimate", 11_700)])
    def test_at_once_in_full(self, key: str, due: int) -> None:
        """One line for the whole first period, from the instant of the choice."""
        chosen = utc(2026, 6, 10, 15, 30)
        statement = apply(on_free(JUNE, card=True), ChoosePlan(CHATIM.plan(key), 3, at=chosen))
        (invoice,) = statement.invoices
        assert dues([invoice]) == [(chosen, due)]
        assert [line.kind for line in invoice.lines] == [LineKind.subscription]
        assert paid_phase(statement.account).cycle.anchor == chosen

    def test_a_second_start_has_an_anchor_of_its_own(self) -> None:
        """Back after a cancellation, the date of the new choice recurs."""
        account = after(on_plan(PRO, JUNE), Cancel(at=HALF))
        invoices = lived(account, [ChoosePlan(PRO, at=utc(2026, 7, 20))], utc(2026, 9, 1))
        assert dues(invoices) == [(utc(2026, 7, 20), 1900), (utc(2026, 8, 20), 1900)]

    def test_it_needs_a_payment_method(self) -> None:
        """Without one the account stays on Free."""
        refusal(on_free(JUNE), ChoosePlan(PRO, at=JUNE), PaymentMethodRequiredError)

    def test_without_a_count_the_team_on_record_is_charged(self) -> None:
        """A new Free account has one seat."""
        invoices = lived(on_free(JUNE, card=True), [ChoosePlan(PRO, at=JUNE)])
        assert dues(invoices) == [(JUNE, 1900)]


class TestP3Downgrade:
    """A lower plan waits for the end of the current period: no credit, the old plan's features
    until then, the new price from then. P3.
    """

    def test_nothing_now_and_the_new_price_then(self) -> None:
        """Ultimate to Pro on 16 June: no invoice, then Pro's price from July on."""
        account = on_plan(ULTIMATE, JUNE, seats=2)
        invoices = lived(account, [ChoosePlan(PRO, at=HALF)], AUGUST)
        assert dues(invoices) == [(JULY, 3800), (AUGUST, 3800)]
        assert cents(invoices[0]) == [3800]

    @pytest.mark.parametrize(("at", "granted"), [(HALF, True), (LAST_SECOND, True), (JULY, False)])
    def test_the_features_stay_to_the_last_second(self, at: datetime, granted: bool) -> None:
        """Ultimate's API is there until the period ends."""
        account = after(on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=HALF))
        assert entitlements(account.subscription, at).allows("api_access") is granted

    def test_what_waits_is_recorded_and_told(self) -> None:
        """The account knows the plan and the instant, and a notice says so."""
        account = after(on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=HALF))
        assert waiting_plan(account) == ("pro", JULY)
        assert notices(account.subscription, HALF) == (ChangeScheduledNotice(plan=PRO, at=JULY),)

    def test_it_needs_no_payment_method(self) -> None:
        """What charges nothing now asks for nothing now."""
        account = after(on_plan(ULTIMATE, JUNE), RemovePaymentMethod(at=JUNE))
        assert waiting_plan(after(account, ChoosePlan(PRO, at=HALF))) == ("pro", JULY)

    def test_when_it_would_take_effect(self) -> None:
        """Asked before, the answer is the end of the period."""
        subscription = on_plan(ULTIMATE, JUNE).subscription
        assert change_takes_effect(subscription, PRO, HALF) == JULY


class TestP4Cancel:
    """Cancelling is choosing Free: access to the end of the period, then Free; lines that wait are
    invoiced then. P4.
    """

    def test_cancelling_and_choosing_free_are_the_same(self) -> None:
        """Both leave the same account."""
        account = on_plan(PRO, JUNE)
        assert after(account, Cancel(at=HALF)) == after(account, ChoosePlan(FREE, at=HALF))

    def test_access_to_the_end_and_then_free(self) -> None:
        """Pro to the last second of June, Free from July, never charged again."""
        account = after(on_plan(PRO, JUNE), Cancel(at=HALF))
        subscription = account.subscription
        held = [entitlements(subscription, at).held_plan.key for at in (HALF, LAST_SECOND, JULY)]
        assert held == ["pro", "pro", "free"]
        assert advance(account, utc(2028, 1, 1)).invoices == ()
        assert status(subscription, JULY) == Status.free

    def test_lines_that_wait_are_invoiced_at_the_end(self) -> None:
        """A member who joined in June is paid on 1 July, though nothing else is billed."""
        actions: list[Action] = [ChangeSeats(2, at=HALF), Cancel(at=HALF)]
        (invoice,) = lived(on_plan(PRO, JUNE), actions, AUGUST)
        assert (invoice.issued_at, cents(invoice)) == (JULY, [-950, 1900])
        assert invoice.amount_due.amount == 950

    def test_lines_written_after_the_cancellation_too(self) -> None:
        """The order of the two makes no difference."""
        actions: list[Action] = [Cancel(at=JUNE), ChangeSeats(2, at=HALF)]
        assert dues(lived(on_plan(PRO, JUNE), actions, AUGUST)) == [(JULY, 950)]

    def test_a_credit_that_waits_stays_on_free(self) -> None:
        """A member who left in June is credited on 1 July, in the balance."""
        account = after(on_plan(PRO, JUNE, seats=2), ChangeSeats(1, at=HALF), Cancel(at=HALF))
        statement = advance(account, JULY)
        assert dues(statement.invoices) == [(JULY, 0)]
        assert statement.account.credit_balance.amount == 950


class TestP5OneChangeWaits:
    """One change waits at most, with its own instant, and the newest choice wins: the plan held and
    `Resume` withdraw it, an upgrade clears it, another downgrade replaces it. P5.
    """

    def test_choosing_the_plan_held_withdraws_it(self) -> None:
        """A cancelled Pro that chooses Pro renews."""
        actions: list[Action] = [Cancel(at=HALF), ChoosePlan(PRO, at=LAST_SECOND)]
        assert dues(lived(on_plan(PRO, JUNE), actions, JULY)) == [(JULY, 1900)]

    @pytest.mark.parametrize("waiting", ["pro", "free"])
    def test_resume_withdraws_whatever_waits(self, waiting: str) -> None:
        """A downgrade as well as a cancellation."""
        account = after(on_plan(ULTIMATE, JUNE), ChoosePlan(CHATIM.plan(waiting), at=HALF))
        resumed = after(account, Resume(at=LAST_SECOND))
        assert waiting_plan(resumed) is None
        assert dues(advance(resumed, JULY).invoices) == [(JULY, 3900)]

    def test_an_upgrade_clears_it(self) -> None:
        """A cancelled Pro that goes to Ultimate goes on with Ultimate."""
        account = after(on_plan(PRO, JUNE), Cancel(at=JUNE), ChoosePlan(ULTIMATE, at=HALF))
        assert waiting_plan(account) is None
        assert dues(advance(account, JULY).invoices) == [(JULY, 3900)]

    @pytest.mark.parametrize(("first", "second"), [("free", "pro"), ("pro", "free")])
    def test_another_downgrade_replaces_it(self, first: str, second: str) -> None:
        """The newest of two lower plans is the one that waits."""
        account = after(
            on_plan(ULTIMATE, JUNE),
            ChoosePlan(CHATIM.plan(first), at=JUNE),
            ChoosePlan(CHATIM.plan(second), at=HALF),
        )
        assert waiting_plan(account) == (second, JULY)

    def test_it_is_gone_once_it_has_happened(self) -> None:
        """After the boundary nothing waits, and the plan stays."""
        account = after(on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=HALF))
        settled = advance(account, JULY).account
        assert (waiting_plan(settled), settled.subscription.plan) == (None, PRO)

    def test_its_instant_is_the_end_of_the_clamped_period(self) -> None:
        """Chosen in a period from 31 January, it waits for 28 February."""
        account = after(on_plan(ULTIMATE, utc(2026, 1, 31)), ChoosePlan(PRO, at=utc(2026, 2, 3)))
        assert waiting_plan(account) == ("pro", utc(2026, 2, 28))


class TestP6WhatADowngradeCosts:
    """Known before it is made: the features lost, the seats over the limit, the instant, and the
    charge from then on. P6.
    """

    def test_from_ultimate_to_pro(self) -> None:
        """Four features go, no seat is over, and three seats cost $57 from July on."""
        report = downgrade_report(on_plan(ULTIMATE, JUNE, seats=3).subscription, PRO, HALF)
        assert report.takes_effect == JULY
        assert set(report.features_lost) == ULTIMATE_ADDS
        assert report.limits_lowered == ()
        assert report.seats_over == 0
        assert report.charge == Money(5700, USD)

    def test_from_pro_to_free(self) -> None:
        """Five features go, two of three seats are over the limit of one, nothing is charged."""
        report = downgrade_report(on_plan(PRO, JUNE, seats=3).subscription, FREE, HALF)
        assert set(report.features_lost) == PRO_ADDS
        lowered = (LimitChange(quota=Quota.seats, before=UNLIMITED, after=1),)
        assert report.limits_lowered == lowered
        assert (report.takes_effect, report.seats_over, report.charge.amount) == (JULY, 2, 0)

    def test_from_a_trial(self) -> None:
        """It would take effect at the end of the trial."""
        report = downgrade_report(on_trial(JUNE, seats=4).subscription, FREE, HALF)
        assert (report.takes_effect, report.seats_over) == (JULY, 3)

    def test_it_counts_the_time_that_has_passed(self) -> None:
        """Asked in September of an account last seen in June, it is the end of September."""
        report = downgrade_report(on_plan(PRO, JUNE).subscription, FREE, utc(2026, 9, 9))
        assert report.takes_effect == utc(2026, 10, 1)

    def test_a_yearly_charge_is_per_interval(self) -> None:
        """From one yearly plan to a lower one the charge is a year's."""
        small = a_plan("pro", 365_00, months=12)
        large = a_plan("max", 730_00, months=12, features=["api_access"])
        catalog = a_catalog(a_plan("free", 0), small, large)
        account = on_plan(large, utc(2027, 1, 1), seats=2, catalog=catalog)
        report = downgrade_report(account.subscription, small, utc(2027, 5, 5))
        assert (report.takes_effect, report.charge.amount) == (utc(2028, 1, 1), 73_000)

    @pytest.mark.parametrize("key", ["pro", "ultimate"])
    def test_what_is_no_downgrade_has_no_report(self, key: str) -> None:
        """Neither the plan held nor a higher one."""
        subscription = on_plan(PRO, JUNE).subscription
        error_of(ActionRefusedError, downgrade_report, subscription, CHATIM.plan(key), HALF)

    def test_making_it_does_what_was_reported(self) -> None:
        """The downgrade happens at the reported instant, for the reported charge."""
        account = on_plan(ULTIMATE, JUNE, seats=3)
        report = downgrade_report(account.subscription, PRO, HALF)
        invoices = lived(account, [ChoosePlan(PRO, at=HALF)], JULY)
        assert dues(invoices) == [(report.takes_effect, report.charge.amount)]


class TestP7Refusals:
    """What is refused raises an error that says what to do instead and leaves the account as it
    was; choosing what already holds changes nothing but the instant. A seat count comes only with
    a choice that takes effect at once, but one that already holds, with the plan held, is
    understood as no count; a history starts with `StartTrial` or `StartFree`. P7.
    """

    @pytest.mark.parametrize(
        ("who", "action", "error"),
        [
            ("free", lambda: ChoosePlan(PRO, at=HALF), PaymentMethodRequiredError),
            ("free", lambda: ChangeSeats(2, at=HALF), SeatLimitError),
            ("free", lambda: StartFree(at=HALF), ActionRefusedError),
            ("free", lambda: ChoosePlan(FREE, 2, at=HALF), ActionRefusedError),
            ("free", lambda: MoveTrialEnd(JULY, at=HALF), ActionRefusedError),
            ("free", lambda: Refunded(1, usd(1), at=HALF), ActionRefusedError),
            ("free", lambda: AdjustCredit(_one_euro(), at=HALF), CurrencyMismatchError),
            ("free", lambda: PaymentFailed(at=HALF), ActionRefusedError),
            ("trial", lambda: StartTrial(at=HALF), TrialRefusedError),
            ("trial", lambda: StartFree(at=HALF), ActionRefusedError),
            ("trial", lambda: MoveTrialEnd(JUNE, at=HALF), ActionRefusedError),
            ("trial", lambda: ChoosePlan(ULTIMATE, at=HALF), PaymentMethodRequiredError),
            ("trial", lambda: ChoosePlan(FREE, 1, at=HALF), ActionRefusedError),
            ("trial", lambda: PaymentSucceeded(at=HALF), ActionRefusedError),
            ("pro", lambda: StartTrial(at=HALF), TrialRefusedError),
            ("pro", lambda: StartFree(at=HALF), ActionRefusedError),
            ("pro", lambda: ChoosePlan(PRO, 5, at=HALF), ActionRefusedError),
            ("pro", lambda: ChoosePlan(FREE, 1, at=HALF), ActionRefusedError),
            ("pro", lambda: ChoosePlan(evolve(ULTIMATE, key="gold"), at=HALF), PlanNotOfferedError),
            ("pro", lambda: MoveTrialEnd(JULY, at=HALF), ActionRefusedError),
            ("pro", lambda: Refunded(2, usd(1), at=HALF), ActionRefusedError),
            ("pro", lambda: Refunded(1, usd(5701), at=HALF), ActionRefusedError),
            ("pro", lambda: Refunded(1, _one_euro(), at=HALF), CurrencyMismatchError),
            ("pro", lambda: PaymentSucceeded(2, at=HALF), ActionRefusedError),
            ("past due", lambda: ChangeSeats(9, at=HALF), PaymentOverdueError),
            ("past due", lambda: ChoosePlan(ULTIMATE, at=HALF), PaymentOverdueError),
            (
                "pro",
                lambda: MoveToEdition(evolve(CHATIM, plans=(FREE, PRO)), at=HALF),
                ActionRefusedError,
            ),
            ("pro", lambda: Cancel(at=utc(2026, 5, 31)), OutOfOrderError),
            ("restricted", lambda: ChangeSeats(9, at=HALF), AccountRestrictedError),
            ("restricted", lambda: ChoosePlan(ULTIMATE, at=HALF), AccountRestrictedError),
        ],
    )
    def test_a_refusal_leaves_the_account_as_it_was(
        self, who: str, action: Callable[[], Action], error: type[PlansError]
    ) -> None:
        """The error is of its kind, and the account is equal to one that was never asked."""
        account = _someone(who)
        error_of(error, apply, account, action())
        assert account == _someone(who)

    @pytest.mark.parametrize(
        ("who", "action"),
        [
            ("free", lambda: ChoosePlan(PRO, at=HALF)),
            ("free", lambda: ChangeSeats(2, at=HALF)),
            ("trial", lambda: StartTrial(at=HALF)),
            ("pro", lambda: StartFree(at=HALF)),
            ("pro", lambda: ChoosePlan(PRO, 5, at=HALF)),
            ("restricted", lambda: ChangeSeats(9, at=HALF)),
        ],
    )
    def test_a_refusal_says_what_to_do_instead(
        self, who: str, action: Callable[[], Action]
    ) -> None:
        """The reason and the way out are values of the error, and stand in its message."""
        with pytest.raises(ActionRefusedError) as caught:
            apply(_someone(who), action())
        error = caught.value
        assert error.because.strip() != ""
        assert error.instead.strip() != ""
        assert str(error) == f"refused: {error.because}; {error.instead}"

    def test_the_errors_carry_their_values(self) -> None:
        """A seat limit names count, limit, plan and remedy, also after a trip through pickle."""
        error = refusal(_someone("free"), ChangeSeats(2, at=HALF), SeatLimitError)
        again = pickle.loads(pickle.dumps(error))
        assert (again.seats, again.limit, again.plan, again.cheapest_plan) == (2, 1, FREE, PRO)

    @pytest.mark.parametrize(
        ("who", "action"),
        [
            ("free", lambda: Cancel(at=HALF)),
            ("free", lambda: ChoosePlan(FREE, at=HALF)),
            ("free", lambda: Resume(at=HALF)),
            ("free", lambda: RemovePaymentMethod(at=HALF)),
            ("free", lambda: ChangeSeats(1, at=HALF)),
            ("free", lambda: ChoosePlan(FREE, 1, at=HALF)),
            ("free", lambda: Cancel(at_once=True, at=HALF)),
            ("trial", lambda: Resume(at=HALF)),
            ("trial", lambda: ChoosePlan(PRO, at=HALF)),
            ("trial", lambda: ChoosePlan(PRO, 3, at=HALF)),
            ("trial", lambda: MoveTrialEnd(JULY, at=HALF)),
            ("trial", lambda: ChangeSeats(3, at=HALF)),
            ("pro", lambda: Resume(at=HALF)),
            ("pro", lambda: ChoosePlan(PRO, at=HALF)),
            ("pro", lambda: ChoosePlan(PRO, 3, at=HALF)),
            ("pro", lambda: AddPaymentMethod(at=HALF)),
            ("pro", lambda: ChangeSeats(3, at=HALF)),
            ("pro", lambda: PaymentSucceeded(at=HALF)),
            ("pro", lambda: MoveToEdition(with_enterprise(), at=HALF)),
            ("restricted", lambda: ChangeSeats(3, at=HALF)),
            ("restricted", lambda: ChoosePlan(PRO, at=HALF)),
            ("restricted", lambda: ChoosePlan(PRO, 3, at=HALF)),
            ("past due", lambda: PaymentFailed(at=HALF)),
            ("restricted", lambda: PaymentFailed(final=True, at=HALF)),
        ],
    )
    def test_what_already_holds_changes_only_the_instant(
        self, who: str, action: Callable[[], Action]
    ) -> None:
        """No error, no invoice, and every other fact as it was."""
        account = _someone(who)
        statement = apply(account, action())
        moved = evolve(account, subscription=evolve(account.subscription, as_of=HALF))
        assert statement.account == moved
        assert statement.invoices == ()

    @pytest.mark.parametrize(
        ("who", "action"),
        [
            ("ultimate", lambda: ChoosePlan(PRO, 2, at=HALF)),
            ("ultimate", lambda: ChoosePlan(PRO, 3, at=HALF)),
            ("ultimate", lambda: ChoosePlan(FREE, 1, at=HALF)),
            ("ultimate", lambda: ChoosePlan(ULTIMATE, 4, at=HALF)),
            ("trial", lambda: ChoosePlan(PRO, 4, at=HALF)),
        ],
    )
    def test_seats_come_only_with_what_is_at_once(
        self, who: str, action: Callable[[], Action]
    ) -> None:
        """With a choice that waits even the present count is refused, and with the plan held
        another one.
        """
        refusal(_someone(who), action(), ActionRefusedError)

    def test_an_empty_history_is_refused(self) -> None:
        """Nobody has an account without a start."""
        error_of(ActionRefusedError, replay, [])

    @pytest.mark.parametrize(
        "action",
        [
            pytest.param(lambda: AddPaymentMethod(at=JUNE), id="AddPaymentMethod"),
            pytest.param(lambda: ChoosePlan(PRO, at=JUNE), id="ChoosePlan"),
            pytest.param(lambda: Cancel(at=JUNE), id="Cancel"),
            pytest.param(lambda: ChangeSeats(2, at=JUNE), id="ChangeSeats"),
            pytest.param(lambda: MoveToEdition(repriced(), at=JUNE), id="MoveToEdition"),
        ],
    )
    def test_a_history_starts_with_a_start(self, action: Callable[[], Action]) -> None:
        """Anything else in the first place is refused."""
        error_of(ActionRefusedError, replay, [action()])
        error_of(ActionRefusedError, open_account, action())

    def test_a_later_start_free_is_refused(self) -> None:
        """A history has one beginning."""
        error_of(ActionRefusedError, replay, [StartFree(at=JUNE), StartFree(at=JULY)])

    def test_a_later_start_trial_is_an_action(self) -> None:
        """On Free, for a new customer, it is no second beginning."""
        account = replay([StartFree(at=JUNE), StartTrial(at=JULY)]).account
        assert status(account.subscription, JULY) == Status.trialing


def _one_euro() -> Money:
    return Money(100, Currency("EUR", 2))


def _someone(who: str) -> Account:
    if who == "free":
        return on_free(JUNE)
    if who == "trial":
        return on_trial(JUNE, seats=3)
    if who == "ultimate":
        return on_plan(ULTIMATE, JUNE, seats=3)
    if who == "restricted":
        return restricted(seats=3)
    if who == "past due":
        return past_due(seats=3)
    return on_plan(PRO, JUNE, seats=3, catalog=with_enterprise())


class TestP8RecordedWhenPaid:
    """A choice that charges at once is recorded when the payment was taken. Before that it has not
    happened: the preview is shown and what holds is kept. So what can fail to be paid is what time
    invoices. P8.
    """

    def test_before_the_payment_nothing_has_happened(self) -> None:
        """The preview shows the price; features, status and what comes next stay."""
        account = on_plan(PRO, JUNE)
        shown = preview(account, ChoosePlan(ULTIMATE, at=HALF))
        assert dues(shown.invoices) == [(HALF, 1000)]
        assert entitlements(account.subscription, HALF).allows("api_access") is False
        assert dues(advance(account, JULY).invoices) == [(JULY, 1900)]

    @pytest.mark.parametrize("start", ["free", "trial", "pro"])
    def test_once_recorded_it_is_paid_for(self, start: str) -> None:
        """After each of the three choices that charge at once the account is active."""
        paying = after(named(start), AddPaymentMethod(at=HALF))
        account = after(paying, ChoosePlan(ULTIMATE, at=HALF))
        assert statuses(account, HALF) == ["active"]
        assert granted(account, "api_access", HALF) == [True]

    def test_what_time_invoices_can_fail(self) -> None:
        """A renewal is assumed paid until its failure is reported."""
        account = advance(on_plan(PRO, JUNE), JULY).account
        failed = after(account, PaymentFailed(at=utc(2026, 7, 1, 1)))
        assert statuses(account, JULY) == ["active"]
        assert statuses(failed, utc(2026, 7, 1, 1)) == ["past_due"]


class TestP9AnotherInterval:
    """A choice of a plan of another interval, on a paid plan. Of higher rank: at once; the old
    plan's unused time is credited, then a full first period of the new plan charged, on one invoice
    after any lines waiting; the anchor becomes that instant; needs a payment method. Of lower rank:
    at the end of the period, where a new cycle starts with that instant as its anchor. Refused
    while the standing is not good. P9.
    """

    def test_a_higher_plan_holds_at_once(self) -> None:
        """From Ultimate to the year at half of June: $19.50 back and $360 for a year."""
        statement = apply(_monthly(), _year(HALF))
        (invoice,) = statement.invoices
        assert cents(invoice) == [-1950, 36_000]
        assert dues([invoice]) == [(HALF, 34_050)]
        assert [line.kind.value for line in invoice.lines] == ["unused_time", "subscription"]
        assert statement.account.subscription.plan.key == "enterprise"

    def test_the_anchor_becomes_that_instant(self) -> None:
        """The year runs from 16 June to 16 June."""
        account = after(_monthly(), _year(HALF))
        phase = paid_phase(account)
        assert (phase.cycle.anchor, phase.period.end) == (HALF, utc(2027, 6, 16))
        assert dues(advance(account, utc(2027, 6, 16)).invoices) == [(utc(2027, 6, 16), 36_000)]

    def test_lines_that_wait_come_first(self) -> None:
        """A second member who joined on the 11th, then the unused time of both, then the year."""
        account = after(_monthly(), ChangeSeats(2, at=utc(2026, 6, 11)))
        (invoice,) = apply(account, _year(HALF)).invoices
        assert cents(invoice) == [-2600, 5200, -3900, 72_000]

    def test_the_credit_is_the_billing_modes(self) -> None:
        """Flexible: of the 5200 that were debited for 20 days, three quarters."""
        account = after(_monthly(), ChangeSeats(2, at=utc(2026, 6, 11)))
        credit = apply(account, _year(HALF)).invoices[0].lines[2]
        assert (credit.base.amount, credit.whole) == (5200, Period(utc(2026, 6, 11), JULY))

    def test_a_seat_count_may_come_with_it(self) -> None:
        """One seat back, three for a year."""
        choice = evolve(_year(HALF), seats=3)
        assert cents(apply(_monthly(), choice).invoices[0]) == [-1950, 108_000]

    def test_it_clears_what_waited(self) -> None:
        """The newest choice wins."""
        account = after(_monthly(), ChoosePlan(PRO, at=JUNE), _year(HALF))
        assert waiting_plan(account) is None

    def test_it_needs_a_payment_method(self) -> None:
        """A preview shows it without one."""
        account = after(_monthly(), RemovePaymentMethod(at=JUNE))
        refusal(account, _year(HALF), PaymentMethodRequiredError)
        assert dues(preview(account, _year(HALF)).invoices) == [(HALF, 34_050)]

    def test_a_seat_limit_holds_there_too(self) -> None:
        """A yearly plan of two seats takes no team of three that grows into it."""
        small = a_plan("small year", 360_00, months=12, seats=2)
        catalog = a_catalog(a_plan("free", 0, seats=1), a_plan("pro", 1900, seats=2), small)
        account = on_plan(catalog.plan("pro"), JUNE, catalog=catalog)
        refusal(account, ChoosePlan(small, 3, at=HALF), SeatLimitError)

    def test_a_lower_plan_waits_for_the_end_of_the_period(self) -> None:
        """From the year to Pro: nothing now, and the year to its end."""
        account = on_year(utc(2028, 2, 29))
        chosen = apply(account, ChoosePlan(PRO, at=utc(2028, 3, 1)))
        assert chosen.invoices == ()
        assert waiting_plan(chosen.account) == ("pro", utc(2029, 2, 28))

    def test_there_a_new_cycle_starts(self) -> None:
        """Its anchor is 28 February, not the 29th of the year before."""
        account = after(on_year(utc(2028, 2, 29)), ChoosePlan(PRO, at=utc(2028, 3, 1)))
        invoices = advance(account, utc(2029, 4, 1)).invoices
        assert dues(invoices) == [(utc(2029, 2, 28), 1900), (utc(2029, 3, 28), 1900)]

    @pytest.mark.parametrize(
        ("held", "chosen"), [("ultimate", "enterprise"), ("enterprise", "pro")]
    )
    def test_it_is_refused_while_a_payment_is_overdue(self, held: str, chosen: str) -> None:
        """To a longer interval and to a shorter one."""
        catalog = with_enterprise()
        account = past_due(catalog.plan(held), catalog=catalog)
        refusal(account, ChoosePlan(catalog.plan(chosen), at=HALF), PaymentOverdueError)

    def test_on_a_restricted_account_the_error_is_its_own(self) -> None:
        """D2 speaks first."""
        account = restricted(ULTIMATE, catalog=with_enterprise())
        refusal(account, _year(HALF), AccountRestrictedError)

    @pytest.mark.parametrize("mode", ["flexible", "classic"])
    def test_the_mode_is_kept(self, mode: str) -> None:
        """The account is on a paid plan all along."""
        catalog = on_terms(with_enterprise(), billing_mode=mode)
        account = after(on_plan(ULTIMATE, JUNE, catalog=catalog), _year(HALF))
        assert paid_phase(account).billing_mode == mode

    def test_but_an_edition_that_waits_brings_its_own(self) -> None:
        """It holds from the start at once, its price and its billing mode included."""
        classic = evolve(on_terms(with_enterprise(), billing_mode="classic"), edition="classic")
        account = after(_monthly(), MoveToEdition(classic, at=JUNE), _year(HALF))
        assert account.subscription.catalog == classic
        assert paid_phase(account).billing_mode == "classic"

    def test_at_the_end_of_the_period_the_mode_is_kept(self) -> None:
        """A renewal in an edition that waited moves no mode, to another interval either."""
        classic = evolve(on_terms(with_enterprise(), billing_mode="classic"), edition="classic")
        account = after(on_year(JUNE), ChoosePlan(PRO, at=TENTH), MoveToEdition(classic, at=TENTH))
        renewed = advance(account, utc(2027, 6, 1)).account
        assert (renewed.subscription.plan, renewed.subscription.catalog) == (PRO, classic)
        assert paid_phase(renewed).billing_mode == "flexible"


def _monthly() -> Account:
    """A customer of June on Ultimate, where a plan by the year ranks above it."""
    return on_plan(ULTIMATE, JUNE, catalog=with_enterprise())


def _year(at: datetime) -> ChoosePlan:
    return ChoosePlan(with_enterprise().plan("enterprise"), at=at)


class TestP10CancelAtOnce:
    """`Cancel(at_once=True)`: Free at once, with no credit for unused time, and the lines waiting
    are dropped; what was waiting is over, and a waiting edition holds at once. Invoices that are
    open stay open; the balance stays. P10.
    """

    def test_free_at_once(self) -> None:
        """At half of June, with nothing billed and nothing given back."""
        statement = apply(on_plan(PRO, JUNE), Cancel(at_once=True, at=HALF))
        assert statement.invoices == ()
        assert statement.account.credit_balance.amount == 0
        assert statuses(statement.account, HALF) == ["free"]
        assert granted(statement.account, "visitor_export", HALF) == [False]

    def test_it_is_billed_no_more(self) -> None:
        """Neither in July nor ever after."""
        account = after(on_plan(PRO, JUNE), Cancel(at_once=True, at=HALF))
        assert advance(account, utc(2030, 1, 1)).invoices == ()

    def test_lines_that_wait_are_dropped(self) -> None:
        """As Stripe drops pending prorations."""
        account = after(on_plan(PRO, JUNE), ChangeSeats(5, at=TENTH), Cancel(at_once=True, at=HALF))
        assert account.pending_lines == ()
        assert advance(account, AUGUST).invoices == ()

    def test_the_balance_stays(self) -> None:
        """What was granted meets the next invoice, if there is one."""
        account = after(
            on_plan(PRO, JUNE), AdjustCredit(usd(500), at=TENTH), Cancel(at_once=True, at=HALF)
        )
        assert account.credit_balance == usd(500)
        assert dues(lived(account, [ChoosePlan(PRO, at=AUGUST)])) == [(AUGUST, 1400)]

    def test_what_waited_is_over(self) -> None:
        """A downgrade that waited happens no more."""
        account = after(
            on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=TENTH), Cancel(at_once=True, at=HALF)
        )
        assert waiting_plan(account) is None

    def test_a_waiting_edition_holds_at_once(self) -> None:
        """As on Free."""
        new = repriced(pro=2500)
        account = after(
            on_plan(PRO, JUNE), MoveToEdition(new, at=TENTH), Cancel(at_once=True, at=HALF)
        )
        assert (account.subscription.catalog, account.subscription.next_catalog) == (new, None)

    def test_a_trial_ends_without_a_mark(self) -> None:
        """It was cancelled, not forgotten, and nothing is charged at its end."""
        account = after(on_trial(JUNE, card=True), Cancel(at_once=True, at=TENTH))
        assert statuses(account, TENTH, JULY) == ["free", "free"]
        assert advance(account, AUGUST).invoices == ()

    def test_on_free_it_clears_the_mark(self) -> None:
        """As every cancellation does (R4)."""
        account = after(named("trial ended"), Cancel(at_once=True, at=JULY))
        assert statuses(account, JULY) == ["free"]

    def test_open_invoices_stay_open(self) -> None:
        """Who leaves past due owes (D8)."""
        account = after(past_due(), Cancel(at_once=True, at=HALF))
        refusal(account, ChoosePlan(PRO, at=HALF), PaymentOverdueError)

    def test_a_preview_shows_the_same(self) -> None:
        """No payment method is asked for either way."""
        account, action = on_plan(PRO, JUNE), Cancel(at_once=True, at=HALF)
        assert preview(account, action) == apply(account, action)
