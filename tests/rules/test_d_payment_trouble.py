"""D. Payments that fail, accounts that are limited, and what is told about them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    Account,
    AccountRestrictedError,
    AccountRestrictedNotice,
    ActionRefusedError,
    AddPaymentMethod,
    Cancel,
    ChangeScheduledNotice,
    ChangeSeats,
    ChoosePlan,
    Feature,
    InvalidValueError,
    MoveToEdition,
    PaymentFailed,
    PaymentOverdueError,
    PaymentRequiredBecause,
    PaymentRequiredNotice,
    PaymentSucceeded,
    PriceChangeNotice,
    Quota,
    RemovePaymentMethod,
    Resume,
    SeatsOverLimitNotice,
    Standing,
    StartFree,
    Status,
    TrialEndedNotice,
    TrialRunningNotice,
    advance,
    apply,
    change_takes_effect,
    downgrade_report,
    entitlements,
    entitlements_after,
    notices,
    open_account,
    preview,
    status,
    upcoming_invoice,
)
from tests.accounts import (
    ULTIMATE_ADDS,
    after,
    cents,
    dues,
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


class TestD1FailuresAndTheLastOne:
    """A failure makes the account past due: it keeps its features and is asked to update its
    payment method. The final failure restricts it until a payment succeeds. Retries are not
    counted here, and a failure that is not final never lifts a restriction. D1.
    """

    def test_past_due_keeps_its_features(self) -> None:
        """After a failed renewal Pro is still there, and payment is asked for."""
        subscription = past_due().subscription
        assert status(subscription, TENTH) == Status.past_due
        assert entitlements(subscription, TENTH).allows("visitor_export") is True
        assert notices(subscription, TENTH) == (PaymentRequiredNotice(STANDING),)

    def test_the_final_failure_restricts(self) -> None:
        """From that second on the account is restricted, and told so."""
        subscription = restricted().subscription
        assert status(subscription, TENTH) == Status.restricted
        assert AccountRestrictedNotice(held_plan=PRO) in notices(subscription, TENTH)

    def test_it_stays_so_until_a_payment_succeeds(self) -> None:
        """A new card is no payment."""
        account = after(restricted(), AddPaymentMethod(at=HALF))
        assert status(account.subscription, LAST_SECOND) == Status.restricted
        paid = after(account, PaymentSucceeded(at=LAST_SECOND))
        assert status(paid.subscription, LAST_SECOND) == Status.active

    def test_retries_are_not_counted(self) -> None:
        """Twenty failures that are not final leave the account past due."""
        account = on_plan(PRO, JUNE)
        for day in range(2, 22):
            account = after(account, PaymentFailed(at=utc(2026, 6, day)))
        assert status(account.subscription, utc(2026, 6, 21)) == Status.past_due

    def test_a_later_failure_does_not_lift_a_restriction(self) -> None:
        """Restricted, then a failure of another invoice: still restricted."""
        account = after(restricted(), PaymentFailed(at=HALF))
        assert status(account.subscription, HALF) == Status.restricted

    def test_past_due_renews(self) -> None:
        """A past due account is billed on: only a restriction ends it."""
        account = past_due()
        statement = advance(account, JULY)
        assert dues(statement.invoices) == [(JULY, 1900)]
        assert status(statement.account.subscription, JULY) == Status.past_due


class TestD2Limited:
    """A restricted account has Free's features and quotas; it can pay, shrink or cancel, not grow
    nor choose another paid plan; a payment restores everything at once; standing follows the
    latest report. D2.
    """

    def test_it_has_the_features_of_free(self) -> None:
        """Of Ultimate's ten features one is left."""
        may = entitlements(restricted(ULTIMATE).subscription, TENTH)
        assert {feature.value for feature in Feature if may.allows(feature)} == {"javascript_sdk"}

    def test_it_has_the_quotas_of_free(self) -> None:
        """One seat instead of any number; the plan held is remembered."""
        may = entitlements(restricted(seats=3).subscription, TENTH)
        assert (may.limit(Quota.seats), may.plan, may.held_plan) == (1, FREE, PRO)

    def test_the_features_were_there_until_then(self) -> None:
        """A second before the report they are granted."""
        subscription = on_plan(PRO, JUNE).subscription
        assert entitlements(subscription, utc(2026, 6, 9, 23, 59, 59)).allows("visitor_export")

    def test_it_can_shrink(self) -> None:
        """Two of three members may be removed, without lines (B11)."""
        account = after(restricted(seats=3), ChangeSeats(1, at=HALF))
        assert account.subscription.seats == 1
        assert account.pending_lines == ()

    @pytest.mark.parametrize("how", ["Cancel", "ChoosePlan(FREE)"])
    def test_it_can_cancel(self, how: str) -> None:
        """The cancellation waits for the end of the period, and a payment does not lift it."""
        action = Cancel(at=HALF) if how == "Cancel" else ChoosePlan(FREE, at=HALF)
        account = after(restricted(), action, PaymentSucceeded(at=HALF))
        assert waiting_plan(account) == ("free", JULY)

    def test_it_can_resume_and_name_its_own_plan(self) -> None:
        """Withdrawing a cancellation is no new paid choice."""
        cancelled = after(restricted(), Cancel(at=HALF))
        for action in (Resume(at=HALF), ChoosePlan(PRO, at=HALF)):
            assert waiting_plan(after(cancelled, action)) is None

    def test_it_cannot_grow(self) -> None:
        """One member more is refused until the payment is made."""
        error = refusal(restricted(seats=3), ChangeSeats(4, at=HALF), AccountRestrictedError)
        assert error.held_plan == PRO

    @pytest.mark.parametrize(("held", "chosen"), [("pro", "ultimate"), ("ultimate", "pro")])
    def test_it_cannot_choose_another_paid_plan(self, held: str, chosen: str) -> None:
        """Neither a higher one nor a lower one."""
        choice = ChoosePlan(CHATIM.plan(chosen), at=HALF)
        error = refusal(restricted(CHATIM.plan(held)), choice, AccountRestrictedError)
        assert error.held_plan.key == held

    def test_a_payment_restores_everything_at_once(self) -> None:
        """At the second of the payment the features are back and the next month is billed."""
        account = after(restricted(seats=3), PaymentSucceeded(at=HALF))
        may = entitlements(account.subscription, HALF)
        assert may.plan == PRO
        assert may.status == Status.active
        assert may.limit(Quota.seats) == PRO.limit(Quota.seats)
        assert notices(account.subscription, HALF) == ()
        assert dues(advance(account, JULY).invoices) == [(JULY, 5700)]

    def test_what_waited_is_restored_too(self) -> None:
        """A downgrade and lines from before the failure are still there."""
        account = after(
            on_plan(ULTIMATE, JUNE),
            ChangeSeats(2, at=JUNE),
            ChoosePlan(PRO, at=JUNE),
            PaymentFailed(final=True, at=TENTH),
            PaymentSucceeded(at=HALF),
        )
        (invoice,) = advance(account, JULY).invoices
        assert cents(invoice) == [-3900, 7800, 3800]

    @pytest.mark.parametrize(
        ("reports", "expected"),
        [
            ("f", "past_due"),
            ("fs", "active"),
            ("sf", "past_due"),
            ("ffs", "active"),
            ("F", "restricted"),
            ("fF", "restricted"),
            ("Fs", "active"),
            ("Fsf", "past_due"),
            ("FfF", "restricted"),
        ],
    )
    def test_standing_follows_the_latest_report(self, reports: str, expected: str) -> None:
        """Failures (f), final failures (F) and successes (s), one after the other."""
        account = on_plan(PRO, JUNE)
        for report in reports:
            if report == "s":
                account = after(account, PaymentSucceeded(at=TENTH))
            else:
                account = after(account, PaymentFailed(final=report == "F", at=TENTH))
        assert status(account.subscription, TENTH) == Status(expected)


class TestD3TheEndOfAnUnpaidPeriod:
    """An account still restricted at the end of its period falls to Free there, its waiting change
    and waiting lines dropped; until then reports and notices show Free at the period's end. D3.
    """

    def test_it_falls_to_free(self) -> None:
        """Restricted to the last second, plainly free from then on, never billed again."""
        account = restricted()
        assert statuses(account, LAST_SECOND, JULY) == ["restricted", "free"]
        assert advance(account, utc(2028, 1, 1)).invoices == ()

    def test_waiting_lines_are_dropped(self) -> None:
        """A member who joined in June is never invoiced."""
        account = after(
            on_plan(PRO, JUNE), ChangeSeats(2, at=JUNE), PaymentFailed(final=True, at=TENTH)
        )
        statement = advance(account, JULY)
        assert statement.invoices == ()
        assert statement.account.pending_lines == ()
        assert statement.account.credit_balance.amount == 0

    def test_lines_of_a_cancelled_restricted_account_are_dropped_too(self) -> None:
        """Nobody paid for the period, whether it was cancelled or not."""
        account = after(
            on_plan(PRO, JUNE, seats=3),
            ChangeSeats(1, at=JUNE),
            PaymentFailed(final=True, at=TENTH),
            Cancel(at=HALF),
        )
        statement = advance(account, JULY)
        assert statement.invoices == ()
        assert statement.account.pending_lines == ()

    def test_a_waiting_change_is_dropped(self) -> None:
        """Pro waited for Ultimate's end: it is Free that comes, and nothing waits."""
        account = after(
            on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=JUNE), PaymentFailed(final=True, at=TENTH)
        )
        fallen = advance(account, JULY).account
        assert fallen.subscription.plan.key == "free"
        assert waiting_plan(fallen) is None

    def test_credit_stays(self) -> None:
        """What the customer had in the balance is kept on Free."""
        account = after(on_plan(PRO, JUNE, seats=20), ChangeSeats(1, at=HALF))
        account = after(account, PaymentFailed(final=True, at=utc(2026, 7, 9)))
        assert advance(account, AUGUST).account.credit_balance.amount == 16_150

    def test_no_invoice_is_announced(self) -> None:
        """Time alone will issue none."""
        assert upcoming_invoice(restricted()) is None

    @pytest.mark.parametrize("waiting", [None, "pro", "free"])
    def test_notices_show_free_at_the_periods_end(self, waiting: str | None) -> None:
        """Whatever waits, the change announced is the one to Free."""
        account = on_plan(ULTIMATE, JUNE)
        if waiting is not None:
            account = after(account, ChoosePlan(CHATIM.plan(waiting), at=JUNE))
        account = after(account, PaymentFailed(final=True, at=TENTH))
        told = notices(account.subscription, TENTH)
        assert ChangeScheduledNotice(plan=FREE, at=JULY) in told
        assert len([notice for notice in told if isinstance(notice, ChangeScheduledNotice)]) == 1

    def test_reports_show_free_at_the_periods_end(self) -> None:
        """The report of a downgrade to Free is for then, and Pro cannot be asked for."""
        subscription = restricted(ULTIMATE, seats=3).subscription
        report = downgrade_report(subscription, FREE, HALF)
        assert (report.takes_effect, report.seats_over, report.charge.amount) == (JULY, 2, 0)
        assert change_takes_effect(subscription, FREE, HALF) == JULY
        error_of(AccountRestrictedError, downgrade_report, subscription, PRO, HALF)

    def test_a_yearly_account_falls_at_the_end_of_its_year(self) -> None:
        """Its period is the year."""
        catalog = with_enterprise()
        account = restricted(catalog.plan("enterprise"), catalog=catalog)
        instants = (utc(2027, 5, 31, 23, 59, 59), utc(2027, 6, 1))
        assert statuses(account, *instants) == ["restricted", "free"]

    def test_a_restriction_after_a_renewal_ends_that_period(self) -> None:
        """Failed in July, the account falls on 1 August, not before."""
        account = after(on_plan(PRO, JUNE), PaymentFailed(final=True, at=utc(2026, 7, 9)))
        told = notices(account.subscription, utc(2026, 7, 9))
        assert ChangeScheduledNotice(plan=FREE, at=AUGUST) in told


class TestD4NoStandingOffAPaidPlan:
    """There is no standing off a paid plan, but an account may owe (D8). On Free or in a trial a
    payment report is refused if the account was never invoiced, and changes no status if it was;
    a new paid start is in good standing. D4.
    """

    @pytest.mark.parametrize("report", ["failed", "failed finally", "succeeded"])
    @pytest.mark.parametrize("who", ["free", "trial", "trial ended"])
    def test_never_invoiced(self, who: str, report: str) -> None:
        """There is nothing to pay, so the report is for somebody else."""
        refusal(named(who), _report(report, JULY), ActionRefusedError)

    @pytest.mark.parametrize("report", ["failed", "failed finally", "succeeded"])
    def test_once_invoiced_the_status_stays(self, report: str) -> None:
        """A late report on a Free account that was a customer issues nothing and limits nothing."""
        reported = apply(named("pro, left"), _report(report, AUGUST))
        assert reported.invoices == ()
        assert status(reported.account.subscription, AUGUST) == Status.free

    @pytest.mark.parametrize("report", ["failed", "failed finally", "succeeded"])
    def test_in_a_trial_of_a_former_customer_it_changes_nothing(self, report: str) -> None:
        """Facts from elsewhere may hold a trial of an account that was invoiced before."""
        trial = on_trial(JUNE)
        account = evolve(trial, subscription=evolve(trial.subscription, was_invoiced=True))
        reported = apply(account, _report(report, TENTH))
        assert reported.account == advance(account, TENTH).account

    def test_a_late_success_changes_nothing(self) -> None:
        """It moves only the account's instant."""
        account = named("pro, left")
        reported = apply(account, PaymentSucceeded(at=AUGUST))
        assert reported.account == advance(account, AUGUST).account

    def test_a_new_paid_start_is_in_good_standing(self) -> None:
        """A customer who fell while restricted starts anew."""
        bought = after(restricted(), ChoosePlan(PRO, at=AUGUST))
        assert paid_phase(bought).standing == Standing.good
        assert status(bought.subscription, AUGUST) == Status.active


def _report(report: str, at: datetime) -> PaymentFailed | PaymentSucceeded:
    if report == "succeeded":
        return PaymentSucceeded(at=at)
    return PaymentFailed(final=report == "failed finally", at=at)


STANDING = PaymentRequiredBecause.standing


class TestD5PaymentRequired:
    """A "payment required" notice is shown when standing is not good, when the trial ended without a
    choice, and when the next period will be charged with no usable payment method on file; lines
    that wait are not looked at. It says which, the first of these that holds. When the price of the
    paid plan that will be held changes at the next boundary, a notice says both prices and from
    when, after the one on a change that waits. D5.
    """

    @pytest.mark.parametrize(
        ("story", "because"),
        [
            ("Pro", None),
            ("Pro, card removed or expired", "no_payment_method"),
            ("Pro, card removed and replaced", None),
            ("Pro, card removed, cancelled", None),
            ("Pro, card removed, cancelled, lines waiting", None),
            ("Ultimate, card removed, Pro waiting", "no_payment_method"),
            ("a year, card removed", "no_payment_method"),
            ("past due", "standing"),
            ("past due, card removed", "standing"),
            ("past due, cancelled", "standing"),
            ("past due, cancelled, then on Free", "standing"),
            ("past due, paid", None),
            ("restricted", "standing"),
            ("restricted, cancelled", "standing"),
            ("restricted, then on Free", None),
            ("on Free, then a late failure", "standing"),
            ("trial running, no card", None),
            ("trial running, cancelled", None),
            ("trial ended", "trial_ended"),
            ("trial ended, card added", "trial_ended"),
            ("trial ended, Free chosen", None),
            ("trial ended, Pro chosen", None),
            ("trial cancelled and over", None),
            ("Free, no card", None),
        ],
    )
    def test_when_it_is_shown_and_why(self, story: str, because: str | None) -> None:
        """Story by story, at the instant the account stands at."""
        account = _told(story)
        told = notices(account.subscription, account.subscription.as_of)
        reasons = [notice.because for notice in told if isinstance(notice, PaymentRequiredNotice)]
        assert reasons == ([] if because is None else [because])

    @pytest.mark.parametrize(
        ("at", "shown"), [(HALF, False), (LAST_SECOND, False), (JULY, True), (AUGUST, True)]
    )
    def test_it_begins_with_the_end_of_the_trial(self, at: datetime, shown: bool) -> None:
        """Not during the trial, from its end on."""
        notice = PaymentRequiredNotice(PaymentRequiredBecause.trial_ended)
        assert (notice in notices(on_trial(JUNE).subscription, at)) is shown

    def test_a_restricted_team_is_told_in_order(self) -> None:
        """Restricted, payment required, seats over Free's limit, and Free at the period's end."""
        assert notices(restricted(seats=3).subscription, TENTH) == (
            AccountRestrictedNotice(held_plan=PRO),
            PaymentRequiredNotice(STANDING),
            SeatsOverLimitNotice(seats=3, limit=1, over=2),
            ChangeScheduledNotice(plan=FREE, at=JULY),
        )

    def test_a_team_whose_trial_ended_is_told_in_order(self) -> None:
        """Payment required, trial ended, seats over the limit."""
        assert notices(on_trial(JUNE, seats=4).subscription, JULY) == (
            PaymentRequiredNotice(PaymentRequiredBecause.trial_ended),
            TrialEndedNotice(),
            SeatsOverLimitNotice(seats=4, limit=1, over=3),
        )

    def test_a_past_due_account_that_cancelled_is_told_in_order(self) -> None:
        """Payment required, then the change that waits."""
        assert notices(_told("past due, cancelled").subscription, TENTH) == (
            PaymentRequiredNotice(STANDING),
            ChangeScheduledNotice(plan=FREE, at=JULY),
        )

    def test_a_cancelled_trial_is_told_in_order(self) -> None:
        """The change that waits, then the badge."""
        assert notices(_told("trial running, cancelled").subscription, TENTH) == (
            ChangeScheduledNotice(plan=FREE, at=JULY),
            TrialRunningNotice(plan=PRO, days_left=21, trial_end=JULY),
        )

    @pytest.mark.parametrize("price", [1500, 2500])
    def test_a_price_that_changes_is_told(self, price: int) -> None:
        """Lower or higher, from July on, because an edition waits."""
        new = repriced(pro=price)
        account = after(on_plan(PRO, JUNE), MoveToEdition(new, at=TENTH))
        told = (PriceChangeNotice(new.plan("pro"), usd(1900), usd(price), JULY),)
        assert notices(account.subscription, TENTH) == told

    def test_the_price_of_what_waits_is_told_after_the_change(self) -> None:
        """Ultimate held, Pro waiting: it is Pro's price, by key across the editions."""
        new = repriced(pro=2500, ultimate=4500)
        account = after(
            on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=JUNE), MoveToEdition(new, at=TENTH)
        )
        assert notices(account.subscription, TENTH) == (
            ChangeScheduledNotice(new.plan("pro"), JULY),
            PriceChangeNotice(new.plan("pro"), usd(1900), usd(2500), JULY),
        )

    def test_the_first_price_after_a_trial_is_told_before_its_badge(self) -> None:
        """With a card on file Pro will be held at $25."""
        account = after(on_trial(JUNE, card=True), MoveToEdition(repriced(pro=2500), at=TENTH))
        kinds = [type(notice) for notice in notices(account.subscription, TENTH)]
        assert kinds == [PriceChangeNotice, TrialRunningNotice]

    @pytest.mark.parametrize(
        "who", ["pro, cancelled", "pro, restricted", "trial", "trial, cancelled", "free"]
    )
    def test_there_is_none_if_free_will_be_held(self, who: str) -> None:
        """Cancelled, restricted, a trial without a card, or on Free."""
        account = after(named(who), MoveToEdition(repriced(pro=2500), at=TENTH))
        told = notices(account.subscription, TENTH)
        assert not any(isinstance(notice, PriceChangeNotice) for notice in told)

    def test_there_is_none_if_the_price_stays(self) -> None:
        """An edition with a dearer Ultimate is no news on Pro."""
        account = after(on_plan(PRO, JUNE), MoveToEdition(repriced(ultimate=4500), at=TENTH))
        assert notices(account.subscription, TENTH) == ()

    @pytest.mark.parametrize("story", ["Pro", "Free, no card"])
    def test_a_quiet_account_is_told_nothing(self, story: str) -> None:
        """No news is no notice."""
        account = _told(story)
        assert notices(account.subscription, account.subscription.as_of) == ()


def _told(story: str) -> Account:
    pro = on_plan(PRO, JUNE)
    bare = after(pro, RemovePaymentMethod(at=TENTH))
    late = after(pro, PaymentFailed(at=TENTH))
    year = on_year(JUNE)
    lower = after(on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=JUNE))
    ended = advance(on_trial(JUNE), JULY).account
    card = AddPaymentMethod(at=JULY)
    stories = {
        "Pro": pro,
        "Pro, card removed or expired": bare,
        "Pro, card removed and replaced": after(bare, AddPaymentMethod(at=TENTH)),
        "Pro, card removed, cancelled": after(bare, Cancel(at=TENTH)),
        "Pro, card removed, cancelled, lines waiting": after(
            bare, ChangeSeats(5, at=TENTH), ChangeSeats(1, at=HALF), Cancel(at=HALF)
        ),
        "Ultimate, card removed, Pro waiting": after(lower, RemovePaymentMethod(at=TENTH)),
        "a year, card removed": after(year, RemovePaymentMethod(at=TENTH)),
        "past due": late,
        "past due, card removed": after(late, RemovePaymentMethod(at=TENTH)),
        "past due, cancelled, then on Free": advance(after(late, Cancel(at=TENTH)), JULY).account,
        "on Free, then a late failure": after(named("pro, left"), PaymentFailed(at=AUGUST)),
        "past due, cancelled": after(late, Cancel(at=TENTH)),
        "past due, paid": after(late, PaymentSucceeded(at=HALF)),
        "restricted": restricted(),
        "restricted, cancelled": after(restricted(), Cancel(at=TENTH)),
        "restricted, then on Free": advance(restricted(), JULY).account,
        "trial running, no card": on_trial(JUNE),
        "trial running, cancelled": after(on_trial(JUNE), Cancel(at=TENTH)),
        "trial ended": ended,
        "trial ended, card added": after(ended, card),
        "trial ended, Free chosen": after(ended, ChoosePlan(FREE, at=JULY)),
        "trial ended, Pro chosen": after(ended, card, ChoosePlan(PRO, at=JULY)),
        "trial cancelled and over": advance(after(on_trial(JUNE), Cancel(at=TENTH)), JULY).account,
        "Free, no card": on_free(JUNE),
    }
    return stories[story]


class TestD6Grace:
    """A catalogue's term may give a grace of N days: an account past due is then restricted by time
    alone N × 24 h after the first failure since it was last in good standing, unless a payment
    succeeded. At the period's end it comes first, and D3 follows at once. The facts know since when
    an account is past due, and a restricted one since when. D6.
    """

    def test_chatims_own_term_is_none(self) -> None:
        """How long Stripe retries is Stripe's setting."""
        assert CHATIM.terms.grace_days is None

    @pytest.mark.parametrize("days", [0, -1])
    def test_a_grace_has_a_day_at_least(self, days: int) -> None:
        """No days and fewer are refused."""
        error_of(InvalidValueError, on_terms, grace_days=days)

    def test_time_alone_restricts(self) -> None:
        """Seven times 24 hours after the tenth of June, to the second."""
        lapse = utc(2026, 6, 17)
        account = _with_grace(7)
        assert statuses(account, lapse - SECOND, lapse, LAST_SECOND, JULY) == [
            "past_due",
            "restricted",
            "restricted",
            "free",
        ]

    def test_whether_or_not_anybody_went_there(self) -> None:
        """Asked from old facts or from facts brought forward, the answer is one."""
        account = _with_grace(7)
        lapsed = advance(account, HALF.replace(day=20)).account
        assert entitlements(account.subscription, LAST_SECOND) == entitlements(
            lapsed.subscription, LAST_SECOND
        )

    def test_it_counts_from_the_first_failure(self) -> None:
        """Stripe retries and fails again: the end of the grace stays."""
        account = after(_with_grace(7), PaymentFailed(at=HALF))
        assert paid_phase(account).grace_end == utc(2026, 6, 17)

    def test_a_payment_ends_it(self) -> None:
        """Paid a second before, and a new failure begins a new grace."""
        paid = after(_with_grace(7), PaymentSucceeded(at=utc(2026, 6, 16, 23, 59, 59)))
        assert statuses(paid, LAST_SECOND) == ["active"]
        failed = after(paid, PaymentFailed(at=utc(2026, 6, 20)))
        assert paid_phase(failed).grace_end == utc(2026, 6, 27)

    def test_a_payment_at_its_very_second_is_after_it(self) -> None:
        """Time comes first (T5); the payment then restores everything."""
        statement = apply(_with_grace(7), PaymentSucceeded(at=utc(2026, 6, 17)))
        assert [e.kind.value for e in statement.events] == ["grace_lapses", "payment_succeeded"]
        assert statuses(statement.account, utc(2026, 6, 17)) == ["active"]

    def test_a_final_failure_needs_no_grace(self) -> None:
        """Restricted by the report, a day after the first failure."""
        account = after(_with_grace(7), PaymentFailed(final=True, at=utc(2026, 6, 11)))
        phase = paid_phase(account)
        assert (phase.standing_since, phase.grace_end) == (utc(2026, 6, 11), None)

    def test_the_facts_know_since_when(self) -> None:
        """Past due since the first failure, restricted since the grace lapsed."""
        account = _with_grace(7)
        lapsed = advance(account, HALF.replace(day=20)).account
        since = [paid_phase(each).standing_since for each in (account, lapsed)]
        assert since == [TENTH, utc(2026, 6, 17)]

    def test_at_the_periods_end_it_comes_first(self) -> None:
        """Twenty-one days end with June: restricted there, and on Free at once."""
        statement = advance(_with_grace(21), JULY)
        assert [(e.at, e.kind.value) for e in statement.events] == [
            (JULY, "grace_lapses"),
            (JULY, "restriction_lapses"),
        ]
        assert statement.invoices == ()
        assert status(statement.account.subscription, JULY) == Status.free

    def test_a_second_later_the_period_renews_first(self) -> None:
        """Failed a second after, July is billed, and the account restricted in July."""
        late = on_plan(PRO, JUNE, catalog=on_terms(grace_days=21))
        statement = advance(after(late, PaymentFailed(at=TENTH + SECOND)), JULY + SECOND)
        assert dues(statement.invoices) == [(JULY, 1900)]
        assert status(statement.account.subscription, JULY + SECOND) == Status.restricted

    def test_answers_hold_until_the_lapse(self) -> None:
        """It is an instant at which time does something."""
        account = _with_grace(7)
        assert entitlements(account.subscription, TENTH).valid_until == utc(2026, 6, 17)

    def test_what_is_upcoming_counts_it(self) -> None:
        """No invoice is announced where the restriction comes before the period's end."""
        assert upcoming_invoice(_with_grace(7)) is None
        upcoming = upcoming_invoice(_with_grace(30))
        assert upcoming is not None
        assert upcoming.issued_at == JULY

    def test_notices_show_free_only_once_it_is_restricted(self) -> None:
        """Before, only that a payment is required."""
        subscription = _with_grace(7).subscription
        assert notices(subscription, TENTH) == (PaymentRequiredNotice(STANDING),)
        told = notices(subscription, utc(2026, 6, 17))
        assert ChangeScheduledNotice(plan=FREE, at=JULY) in told

    def test_reports_show_free_only_once_it_is_restricted(self) -> None:
        """While past due a downgrade to Pro is reported as one to Pro."""
        account = past_due(ULTIMATE, seats=3, catalog=on_terms(grace_days=7))
        report = downgrade_report(account.subscription, PRO, TENTH)
        assert (report.takes_effect, report.charge) == (JULY, usd(5700))
        assert set(report.features_lost) == ULTIMATE_ADDS
        after_it = entitlements_after(account.subscription, PRO, TENTH)
        assert after_it.plan == PRO

    def test_a_price_that_changes_is_told_until_then_too(self) -> None:
        """A grace that ends with the period would leave Free; somebody may pay before."""
        new = repriced(pro=2500)
        account = after(_with_grace(21), MoveToEdition(new, at=TENTH))
        told = notices(account.subscription, TENTH)
        assert PriceChangeNotice(new.plan("pro"), usd(1900), usd(2500), JULY) in told

    def test_an_edition_moves_none(self) -> None:
        """Another term that waits, or has come, leaves the stored instant."""
        account = after(
            _with_grace(40), MoveToEdition(evolve(on_terms(grace_days=1), edition="new"), at=TENTH)
        )
        renewed = advance(account, JULY).account
        assert paid_phase(renewed).grace_end == utc(2026, 7, 20)

    def test_the_latest_report_counts_whatever_invoice_it_names(self) -> None:
        """June's invoice failed; July's that succeeds puts the account in good standing."""
        account = after(advance(_with_grace(40), JULY).account, PaymentSucceeded(2, at=JULY))
        assert statuses(account, JULY) == ["active"]

    @pytest.mark.parametrize("report", [PaymentFailed, PaymentSucceeded])
    def test_a_number_that_was_not_issued_is_refused(
        self, report: type[PaymentFailed | PaymentSucceeded]
    ) -> None:
        """There is one invoice, so the second is somebody else's."""
        refusal(on_plan(PRO, JUNE), report(invoice=2, at=TENTH), ActionRefusedError)


SECOND = timedelta(seconds=1)


def _with_grace(days: int) -> Account:
    """A customer of June whose payment failed on the tenth, under a grace of some days."""
    return past_due(catalog=on_terms(grace_days=days))


class TestD7AWayOfPaying:
    """A customer who pays by invoice has a way of paying on file: nothing asks for a card, nothing
    is refused for want of one. D7.
    """

    def test_what_is_on_file_is_a_way_of_paying(self) -> None:
        """Recorded as such, it buys, upgrades and renews, and no notice asks for a card."""
        account = after(
            open_account(StartFree(at=JUNE)).account,
            AddPaymentMethod(at=JUNE),
            ChoosePlan(PRO, at=JUNE),
            ChoosePlan(ULTIMATE, at=TENTH),
        )
        assert notices(account.subscription, TENTH) == ()
        assert dues(advance(account, JULY).invoices) == [(JULY, 3900)]


class TestD8Owing:
    """An account that leaves a paid plan while its standing is not good (by P4 or P10; not by D3),
    or of which a failure is reported on Free once it was ever invoiced, owes until a payment
    succeeds: it can start no paid plan, and "payment required" is shown. D8.
    """

    @pytest.mark.parametrize(
        ("story", "owes"),
        [
            ("left past due", True),
            ("left at once past due", True),
            ("left at once restricted", True),
            ("fell while restricted", False),
            ("cancelled, then fell while restricted", False),
            ("left in good standing", False),
            ("left at once in good standing", False),
            ("a failure on Free", True),
            ("a failure after the fall", True),
        ],
    )
    def test_who_owes(self, story: str, owes: bool) -> None:
        """Story by story; who owes is refused a plan and told so, and nobody else is."""
        account = _gone(story)
        told = notices(account.subscription, AUGUST)
        assert (PaymentRequiredNotice(STANDING) in told) is owes
        choice = ChoosePlan(PRO, at=AUGUST)
        if owes:
            assert refusal(account, choice, PaymentOverdueError).held_plan == FREE
            error_of(PaymentOverdueError, preview, account, choice)
        else:
            assert dues(apply(account, choice).invoices) == [(AUGUST, 1900)]

    def test_nobody_leaves_a_bill_behind_and_begins_anew(self) -> None:
        """A thousand unpaid seats, cancelled at once: one seat is not sold before they are paid."""
        account = after(past_due(seats=1000), Cancel(at_once=True, at=HALF))
        choice = ChoosePlan(PRO, 1, at=HALF)
        refusal(account, choice, PaymentOverdueError)
        paid = after(account, PaymentSucceeded(at=HALF))
        assert dues(apply(paid, choice).invoices) == [(HALF, 1900)]

    def test_a_payment_that_succeeds_settles_it(self) -> None:
        """The notice is gone, and every plan can be bought."""
        account = after(_gone("left past due"), PaymentSucceeded(at=AUGUST))
        assert notices(account.subscription, AUGUST) == ()

    def test_free_may_still_be_chosen(self) -> None:
        """It costs nothing, and leaves the debt where it is."""
        account = after(_gone("left past due"), ChoosePlan(FREE, at=AUGUST))
        refusal(account, ChoosePlan(PRO, at=AUGUST), PaymentOverdueError)

    def test_it_limits_nothing_that_free_has(self) -> None:
        """Free stays Free."""
        may = entitlements(_gone("left past due").subscription, AUGUST)
        assert (may.plan, may.status) == (FREE, Status.free)


def _gone(story: str) -> Account:
    late, last = past_due(), restricted()
    left = named("pro, left")
    stories = {
        "left past due": after(late, Cancel(at=TENTH)),
        "left at once past due": after(late, Cancel(at_once=True, at=TENTH)),
        "left at once restricted": after(last, Cancel(at_once=True, at=TENTH)),
        "fell while restricted": last,
        "cancelled, then fell while restricted": after(last, Cancel(at=TENTH)),
        "left in good standing": left,
        "left at once in good standing": after(on_plan(PRO, JUNE), Cancel(at_once=True, at=TENTH)),
        "a failure on Free": after(left, PaymentFailed(at=AUGUST)),
        "a failure after the fall": after(last, PaymentFailed(final=True, at=JULY)),
    }
    return advance(stories[story], AUGUST).account
