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
    Cancel,
    ChangeScheduledNotice,
    ChangeSeats,
    ChoosePlan,
    IntervalMismatchError,
    LimitChange,
    LineKind,
    Money,
    MoveToEdition,
    OutOfOrderError,
    PaymentFailed,
    PaymentMethodRequiredError,
    PaymentSucceeded,
    PlanNotOfferedError,
    PlansError,
    Quota,
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
    on_trial,
    paid_phase,
    refusal,
    repriced,
    restricted,
    statuses,
    waiting_plan,
    with_enterprise,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, LAST_SECOND, utc
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

    def test_a_past_due_account_may_upgrade(self) -> None:
        """It keeps its features, and may choose more of them."""
        account = after(on_plan(PRO, JUNE), PaymentFailed(at=JUNE), ChoosePlan(ULTIMATE, at=HALF))
        assert account.subscription.plan == ULTIMATE

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
    a choice that takes effect at once; a history starts with `StartTrial` or `StartFree`. P7.
    """

    @pytest.mark.parametrize(
        ("who", "action", "error"),
        [
            ("free", lambda: ChoosePlan(PRO, at=HALF), PaymentMethodRequiredError),
            ("free", lambda: ChangeSeats(2, at=HALF), SeatLimitError),
            ("free", lambda: StartFree(at=HALF), ActionRefusedError),
            ("free", lambda: ChoosePlan(FREE, 1, at=HALF), ActionRefusedError),
            ("free", lambda: PaymentFailed(at=HALF), ActionRefusedError),
            ("trial", lambda: StartTrial(at=HALF), TrialRefusedError),
            ("trial", lambda: StartFree(at=HALF), ActionRefusedError),
            ("trial", lambda: ChoosePlan(ULTIMATE, at=HALF), PaymentMethodRequiredError),
            ("trial", lambda: ChoosePlan(FREE, 1, at=HALF), ActionRefusedError),
            ("trial", lambda: PaymentSucceeded(at=HALF), ActionRefusedError),
            ("pro", lambda: StartTrial(at=HALF), TrialRefusedError),
            ("pro", lambda: StartFree(at=HALF), ActionRefusedError),
            ("pro", lambda: ChoosePlan(PRO, 5, at=HALF), ActionRefusedError),
            ("pro", lambda: ChoosePlan(FREE, 1, at=HALF), ActionRefusedError),
            ("pro", lambda: ChoosePlan(evolve(ULTIMATE, key="gold"), at=HALF), PlanNotOfferedError),
            (
                "pro",
                lambda: ChoosePlan(with_enterprise().plan("enterprise"), at=HALF),
                IntervalMismatchError,
            ),
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
            ("trial", lambda: Resume(at=HALF)),
            ("trial", lambda: ChoosePlan(PRO, at=HALF)),
            ("trial", lambda: ChangeSeats(3, at=HALF)),
            ("pro", lambda: Resume(at=HALF)),
            ("pro", lambda: ChoosePlan(PRO, at=HALF)),
            ("pro", lambda: AddPaymentMethod(at=HALF)),
            ("pro", lambda: ChangeSeats(3, at=HALF)),
            ("pro", lambda: PaymentSucceeded(at=HALF)),
            ("pro", lambda: MoveToEdition(with_enterprise(), at=HALF)),
            ("restricted", lambda: ChangeSeats(3, at=HALF)),
            ("restricted", lambda: ChoosePlan(PRO, at=HALF)),
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
        """With a choice that waits, or the plan held, even the present count is refused."""
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


def _someone(who: str) -> Account:
    if who == "free":
        return on_free(JUNE)
    if who == "trial":
        return on_trial(JUNE, seats=3)
    if who == "ultimate":
        return on_plan(ULTIMATE, JUNE, seats=3)
    if who == "restricted":
        return restricted(seats=3)
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
