"""D. Payments that fail, accounts that are limited, and what is told about them."""

from __future__ import annotations

from datetime import datetime

import pytest

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
    PaymentFailed,
    PaymentRequiredNotice,
    PaymentSucceeded,
    Quota,
    RemovePaymentMethod,
    Resume,
    SeatsOverLimitNotice,
    Standing,
    Status,
    TrialEndedNotice,
    TrialRunningNotice,
    advance,
    apply,
    change_takes_effect,
    downgrade_report,
    entitlements,
    notices,
    status,
    upcoming_invoice,
)
from tests.accounts import (
    after,
    cents,
    dues,
    named,
    on_free,
    on_plan,
    on_trial,
    on_year,
    paid_phase,
    past_due,
    refusal,
    restricted,
    statuses,
    waiting_cents,
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
        assert notices(subscription, TENTH) == (PaymentRequiredNotice(),)

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
        """Two of three members may be removed, with the usual lines."""
        account = after(restricted(seats=3), ChangeSeats(1, at=HALF))
        assert account.subscription.seats == 1
        assert waiting_cents(account) == [-2850, 950]

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
        account = after(restricted(seats=3), ChangeSeats(1, at=HALF), Cancel(at=HALF))
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
    """On Free or in a trial a payment report changes nothing if the account was ever invoiced, and
    is refused if it never was; a new paid start is in good standing. D4.
    """

    @pytest.mark.parametrize("report", ["failed", "failed finally", "succeeded"])
    @pytest.mark.parametrize("who", ["free", "trial", "trial ended"])
    def test_never_invoiced(self, who: str, report: str) -> None:
        """There is nothing to pay, so the report is for somebody else."""
        refusal(named(who), _report(report, JULY), ActionRefusedError)

    @pytest.mark.parametrize("report", ["failed", "failed finally", "succeeded"])
    def test_once_invoiced_it_changes_nothing(self, report: str) -> None:
        """A late report on a Free account that was a customer moves only its instant."""
        account = named("pro, left")
        reported = apply(account, _report(report, AUGUST))
        assert reported.account == advance(account, AUGUST).account
        assert reported.invoices == ()
        assert status(reported.account.subscription, AUGUST) == Status.free

    def test_a_new_paid_start_is_in_good_standing(self) -> None:
        """A customer who fell while restricted and whose card failed since starts anew."""
        account = after(restricted(), PaymentFailed(final=True, at=JULY))
        bought = after(account, ChoosePlan(PRO, at=AUGUST))
        assert paid_phase(bought).standing == Standing.good
        assert status(bought.subscription, AUGUST) == Status.active


def _report(report: str, at: datetime) -> PaymentFailed | PaymentSucceeded:
    if report == "succeeded":
        return PaymentSucceeded(at=at)
    return PaymentFailed(final=report == "failed finally", at=at)


class TestD5PaymentRequired:
    """A "payment required" notice is shown when standing is not good, when the trial ended without a choice,
    and when the next period will be charged with no usable payment method on file; lines that wait
    are not looked at. Notices come the most urgent first. D5.
    """

    @pytest.mark.parametrize(
        ("story", "shown"),
        [
            ("Pro", False),
            ("Pro, card removed or expired", True),
            ("Pro, card removed and replaced", False),
            ("Pro, card removed, cancelled", False),
            ("Pro, card removed, cancelled, lines waiting", False),
            ("Ultimate, card removed, Pro waiting", True),
            ("a year, card removed", True),
            ("past due", True),
            ("past due, cancelled", True),
            ("past due, paid", False),
            ("restricted", True),
            ("restricted, cancelled", True),
            ("restricted, then on Free", False),
            ("trial running, no card", False),
            ("trial running, cancelled", False),
            ("trial ended", True),
            ("trial ended, card added", True),
            ("trial ended, Free chosen", False),
            ("trial ended, Pro chosen", False),
            ("trial cancelled and over", False),
            ("Free, no card", False),
        ],
    )
    def test_when_it_is_shown(self, story: str, shown: bool) -> None:
        """Story by story, at the instant the account stands at."""
        account = _told(story)
        told = notices(account.subscription, account.subscription.as_of)
        assert (PaymentRequiredNotice() in told) is shown

    @pytest.mark.parametrize(
        ("at", "shown"), [(HALF, False), (LAST_SECOND, False), (JULY, True), (AUGUST, True)]
    )
    def test_it_begins_with_the_end_of_the_trial(self, at: datetime, shown: bool) -> None:
        """Not during the trial, from its end on."""
        assert (PaymentRequiredNotice() in notices(on_trial(JUNE).subscription, at)) is shown

    def test_a_restricted_team_is_told_in_order(self) -> None:
        """Restricted, payment required, seats over Free's limit, and Free at the period's end."""
        assert notices(restricted(seats=3).subscription, TENTH) == (
            AccountRestrictedNotice(held_plan=PRO),
            PaymentRequiredNotice(),
            SeatsOverLimitNotice(seats=3, limit=1, over=2),
            ChangeScheduledNotice(plan=FREE, at=JULY),
        )

    def test_a_team_whose_trial_ended_is_told_in_order(self) -> None:
        """Payment required, trial ended, seats over the limit."""
        assert notices(on_trial(JUNE, seats=4).subscription, JULY) == (
            PaymentRequiredNotice(),
            TrialEndedNotice(),
            SeatsOverLimitNotice(seats=4, limit=1, over=3),
        )

    def test_a_past_due_account_that_cancelled_is_told_in_order(self) -> None:
        """Payment required, then the change that waits."""
        assert notices(_told("past due, cancelled").subscription, TENTH) == (
            PaymentRequiredNotice(),
            ChangeScheduledNotice(plan=FREE, at=JULY),
        )

    def test_a_cancelled_trial_is_told_in_order(self) -> None:
        """The change that waits, then the badge."""
        assert notices(_told("trial running, cancelled").subscription, TENTH) == (
            ChangeScheduledNotice(plan=FREE, at=JULY),
            TrialRunningNotice(plan=PRO, days_left=21, trial_end=JULY),
        )

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
