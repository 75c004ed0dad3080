"""R. The free trial: who gets it, how it ends, and what can be chosen inside it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Feature,
    MoveToEdition,
    MoveTrialEnd,
    PaymentMethodRequiredError,
    RemovePaymentMethod,
    Resume,
    StartTrial,
    Status,
    TrialEndedNotice,
    TrialRefusal,
    TrialRefusedError,
    TrialRunningNotice,
    advance,
    apply,
    days_left,
    entitlements,
    notices,
    open_account,
    preview,
    status,
    trial_eligibility,
    upcoming_invoice,
)
from tests.accounts import (
    PRO_ADDS,
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
    statuses,
    trial_phase,
    waiting_plan,
)
from tests.instants import AUGUST, JULY, JUNE, LAST_SECOND, TENTH, utc

SECOND = timedelta(seconds=1)


class TestR1ThirtyDaysOfPro:
    """A new customer gets 30 x 24 hours of Pro, all its features, no card, nothing charged, however
    many seats; the end is stored when the trial starts. R1.
    """

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (utc(2026, 6, 1), utc(2026, 7, 1)),
            (utc(2026, 3, 1, 12), utc(2026, 3, 31, 12)),
            (utc(2026, 2, 1, 8, 30, 5), utc(2026, 3, 3, 8, 30, 5)),
            (utc(2028, 2, 1), utc(2028, 3, 2)),
            (utc(2026, 12, 15), utc(2027, 1, 14)),
        ],
    )
    def test_the_end_is_stored_at_the_start(self, start: datetime, end: datetime) -> None:
        """Thirty times 24 hours later, whatever the month."""
        assert trial_phase(on_trial(start)).trial_end == end

    @pytest.mark.parametrize("seats", [1, 2, 250])
    def test_nothing_is_charged_for_any_number_of_seats(self, seats: int) -> None:
        """No card, no invoice, all members at once."""
        statement = open_account(StartTrial(seats, at=JUNE))
        assert statement.invoices == ()
        assert statement.account.subscription.seats == seats
        assert advance(statement.account, LAST_SECOND).invoices == ()

    def test_all_the_features_of_pro(self) -> None:
        """Exactly Pro's features are there, and no card is on file."""
        subscription = on_trial(JUNE).subscription
        may = entitlements(subscription, JUNE)
        features = {feature for feature in Feature if may.allows(feature)}
        assert subscription.payment_method is False
        assert features == {Feature.javascript_sdk} | PRO_ADDS

    @pytest.mark.parametrize(
        ("at", "expected"), [(JUNE, "trialing"), (LAST_SECOND, "trialing"), (JULY, "trial_ended")]
    )
    def test_half_open(self, at: datetime, expected: str) -> None:
        """The last second is in the trial, its end is not."""
        assert status(on_trial(JUNE).subscription, at) == Status(expected)

    def test_a_longer_trial_in_a_new_edition_is_for_others(self) -> None:
        """The end that was stored stays, though the account is moved to sixty days."""
        longer = evolve(CHATIM, edition="2027", terms=evolve(CHATIM.terms, trial_days=60))
        account = after(on_trial(JUNE), MoveToEdition(longer, at=TENTH))
        assert trial_phase(account).trial_end == JULY
        assert status(account.subscription, JULY) == Status.trial_ended

    def test_plan_and_length_are_terms_of_the_catalogue(self) -> None:
        """A catalogue of our own may give ten days of its best plan."""
        terms = evolve(CHATIM.terms, trial_plan="ultimate", trial_days=10)
        account = on_trial(JUNE, catalog=evolve(CHATIM, terms=terms))
        assert account.subscription.plan.key == "ultimate"
        assert trial_phase(account).trial_end == utc(2026, 6, 11)


class TestR2NewCustomers:
    """New means that the account never had a trial and was never invoiced (a Free account may
    still start one); asked otherwise, the answer says why not. R2.
    """

    def test_a_free_account_may_start_one(self) -> None:
        """Months later on Free, the trial is still there to take."""
        account = on_free(JUNE)
        assert trial_eligibility(account.subscription).eligible is True
        assert trial_eligibility(account.subscription).reason is None
        started = after(account, StartTrial(4, at=utc(2026, 11, 1)))
        assert trial_phase(started).trial_end == utc(2026, 12, 1)
        assert started.subscription.seats == 4

    def test_a_card_on_file_is_no_invoice(self) -> None:
        """A Free account with a payment method is still new."""
        assert trial_eligibility(on_free(JUNE, card=True).subscription).eligible is True

    @pytest.mark.parametrize(
        ("story", "reason"),
        [
            ("trial", "had_trial"),
            ("trial ended", "had_trial"),
            ("trial, declined", "had_trial"),
            ("trial, cancelled, over", "had_trial"),
            ("pro", "was_invoiced"),
            ("pro, left", "was_invoiced"),
        ],
    )
    def test_who_is_not_new(self, story: str, reason: str) -> None:
        """The answer and the refusal name the same reason."""
        account = named(story)
        answer = trial_eligibility(account.subscription)
        assert (answer.eligible, answer.reason) == (False, TrialRefusal(reason))
        error = refusal(account, StartTrial(at=account.subscription.as_of), TrialRefusedError)
        assert error.reason == reason


class TestR3TheAnchor:
    """The first charge is at the end of the trial, and that instant is the billing anchor. R3."""

    def test_a_trial_from_15_january_is_billed_on_14_february(self) -> None:
        """The date that recurs is the 14th, at the trial's time of day."""
        account = on_trial(utc(2026, 1, 15, 9, 30), card=True)
        assert dues(advance(account, utc(2026, 4, 30)).invoices) == [
            (utc(2026, 2, 14, 9, 30), 1900),
            (utc(2026, 3, 14, 9, 30), 1900),
            (utc(2026, 4, 14, 9, 30), 1900),
        ]

    def test_the_anchor_is_the_end_of_the_trial(self) -> None:
        """A trial that ends on the 31st is clamped from there."""
        account = advance(on_trial(utc(2026, 3, 1, 12), card=True), utc(2026, 6, 1)).account
        assert paid_phase(account).cycle.anchor == utc(2026, 3, 31, 12)
        assert paid_phase(account).period.start == utc(2026, 5, 31, 12)


class TestR4TheEnd:
    """At the end Pro goes on and is invoiced if a payment method is on file; else the account is on
    Free, marked "trial ended" until a plan is chosen (Free or a cancellation count), asked for a
    payment method, and not charged; a card added later starts nothing. R4.
    """

    def test_with_a_payment_method_pro_goes_on(self) -> None:
        """The first period is invoiced in full at the end of the trial."""
        statement = advance(on_trial(JUNE, seats=4, card=True), JULY)
        assert dues(statement.invoices) == [(JULY, 7600)]
        assert status(statement.account.subscription, JULY) == Status.active

    def test_its_invoice_is_announced(self) -> None:
        """The upcoming invoice of a trial with a card is the first one."""
        upcoming = upcoming_invoice(on_trial(JUNE, seats=4, card=True))
        assert upcoming is not None
        assert (dues([upcoming]), cents(upcoming)) == ([(JULY, 7600)], [7600])

    def test_without_one_the_account_is_on_free_and_marked(self) -> None:
        """Nothing is charged, now or later."""
        statement = advance(on_trial(JUNE, seats=4), utc(2027, 6, 1))
        subscription = statement.account.subscription
        assert statement.invoices == ()
        assert subscription.plan.key == "free"
        assert status(subscription, utc(2027, 6, 1)) == Status.trial_ended
        assert upcoming_invoice(on_trial(JUNE, seats=4)) is None

    def test_it_is_asked_for_a_payment_method(self) -> None:
        """The notices say "payment required" and that the trial ended."""
        kinds = [type(notice).__name__ for notice in notices(on_trial(JUNE).subscription, JULY)]
        assert kinds == ["PaymentRequiredNotice", "TrialEndedNotice"]

    def test_a_card_removed_before_the_end_is_none(self) -> None:
        """What counts is what is on file at the end."""
        account = after(on_trial(JUNE, card=True), RemovePaymentMethod(at=TENTH))
        assert advance(account, JULY).invoices == ()
        assert status(account.subscription, JULY) == Status.trial_ended

    @pytest.mark.parametrize("choice", ["Free", "cancel"])
    def test_choosing_free_or_cancelling_clears_the_mark(self, choice: str) -> None:
        """The account is plainly on Free afterwards, and the notices are gone."""
        action = ChoosePlan(FREE, at=AUGUST) if choice == "Free" else Cancel(at=AUGUST)
        subscription = after(on_trial(JUNE), action).subscription
        assert status(subscription, AUGUST) == Status.free
        assert notices(subscription, AUGUST) == ()

    def test_choosing_a_paid_plan_clears_the_mark(self) -> None:
        """With a card, Pro starts on a new anchor and nothing is marked."""
        account = after(on_trial(JUNE), AddPaymentMethod(at=AUGUST))
        bought = apply(account, ChoosePlan(PRO, at=AUGUST))
        assert dues(bought.invoices) == [(AUGUST, 1900)]
        assert status(bought.account.subscription, AUGUST) == Status.active

    def test_a_card_added_later_starts_nothing(self) -> None:
        """The account stays marked on Free, and is never charged."""
        account = after(on_trial(JUNE), AddPaymentMethod(at=AUGUST))
        assert status(account.subscription, AUGUST) == Status.trial_ended
        assert TrialEndedNotice() in notices(account.subscription, AUGUST)
        assert advance(account, utc(2027, 8, 1)).invoices == ()

    def test_resuming_and_seats_do_not_clear_the_mark(self) -> None:
        """Neither is a choice of plan."""
        account = after(on_trial(JUNE, seats=3), Resume(at=AUGUST), ChangeSeats(1, at=AUGUST))
        assert status(account.subscription, AUGUST) == Status.trial_ended

    def test_a_new_edition_does_not_clear_the_mark(self) -> None:
        """Chatim moved the account, the customer chose nothing."""
        new = evolve(CHATIM, edition="2027")
        subscription = after(on_trial(JUNE), MoveToEdition(new, at=AUGUST)).subscription
        assert subscription.catalog.edition == "2027"
        assert status(subscription, AUGUST) == Status.trial_ended

    def test_a_lower_plan_that_waited_without_a_card_is_marked_too(self) -> None:
        """A paid plan that nobody could charge does not start."""
        catalog = _with_starter()
        account = on_trial(JUNE, catalog=catalog)
        chosen = after(account, ChoosePlan(catalog.plan("starter"), at=TENTH))
        statement = advance(chosen, JULY)
        assert statement.invoices == ()
        assert status(statement.account.subscription, JULY) == Status.trial_ended


class TestR5Cancelling:
    """Cancelling during the trial keeps it to its end, then Free without the mark; nothing is ever
    charged. R5.
    """

    @pytest.mark.parametrize("card", [True, False])
    @pytest.mark.parametrize("how", ["Cancel", "ChoosePlan(FREE)"])
    def test_the_trial_is_kept_and_then_free(self, how: str, card: bool) -> None:
        """With a card or without, trialing to the last second, then free and never charged."""
        action = Cancel(at=TENTH) if how == "Cancel" else ChoosePlan(FREE, at=TENTH)
        account = after(on_trial(JUNE, card=card), action)
        assert statuses(account, TENTH, LAST_SECOND, JULY) == ["trialing", "trialing", "free"]
        assert advance(account, utc(2028, 1, 1)).invoices == ()

    def test_the_features_stay_to_the_end(self) -> None:
        """Pro's features end with the trial, not with the cancellation."""
        account = after(on_trial(JUNE), Cancel(at=TENTH))
        had = granted(account, "visitor_export", TENTH, LAST_SECOND, JULY)
        assert had == [True, True, False]

    def test_no_mark_and_no_notice(self) -> None:
        """A team of one that cancelled has nothing to be told afterwards."""
        subscription = after(on_trial(JUNE), Cancel(at=TENTH)).subscription
        assert notices(subscription, JULY) == ()

    def test_a_card_added_after_cancelling_charges_nothing(self) -> None:
        """The cancellation stands."""
        account = after(on_trial(JUNE), Cancel(at=TENTH), AddPaymentMethod(at=utc(2026, 6, 20)))
        assert advance(account, AUGUST).invoices == ()


class TestR6ChoicesInTheTrial:
    """The trial's own plan keeps the free days and withdraws a cancellation; a higher plan starts
    at once with a full first period on a new anchor, payment method needed; a lower paid plan
    waits for the end. R6.
    """

    def test_its_own_plan_keeps_the_free_days(self) -> None:
        """Choosing Pro in a Pro trial charges nothing and ends nothing."""
        statement = apply(on_trial(JUNE, card=True), ChoosePlan(PRO, at=TENTH))
        assert statement.invoices == ()
        assert trial_phase(statement.account).trial_end == JULY

    def test_its_own_plan_withdraws_a_cancellation(self) -> None:
        """Cancelled and chosen again: Pro goes on at the end."""
        actions: list[Action] = [Cancel(at=TENTH), ChoosePlan(PRO, at=utc(2026, 6, 20))]
        assert dues(lived(on_trial(JUNE, card=True), actions, JULY)) == [(JULY, 1900)]

    def test_its_own_plan_needs_no_card(self) -> None:
        """Nothing is charged, so nothing is asked for."""
        account = after(on_trial(JUNE), Cancel(at=TENTH), ChoosePlan(PRO, at=TENTH))
        assert waiting_plan(account) is None

    def test_a_higher_plan_starts_at_once(self) -> None:
        """Ultimate on 10 June at 15:00 is invoiced in full, and 15:00 on the 10th recurs."""
        chosen = utc(2026, 6, 10, 15)
        account = on_trial(JUNE, seats=2, card=True)
        invoices = lived(account, [ChoosePlan(ULTIMATE, at=chosen)], utc(2026, 8, 1))
        assert dues(invoices) == [(chosen, 7800), (utc(2026, 7, 10, 15), 7800)]
        assert [cents(invoice) for invoice in invoices] == [[7800], [7800]]

    def test_the_trial_ends_then(self) -> None:
        """The account is active on Ultimate, with no days of trial left."""
        account = after(on_trial(JUNE, card=True), ChoosePlan(ULTIMATE, at=TENTH))
        assert status(account.subscription, TENTH) == Status.active
        assert days_left(account.subscription, TENTH) is None
        assert paid_phase(account).cycle.anchor == TENTH

    def test_a_higher_plan_may_bring_seats(self) -> None:
        """The choice takes effect at once, so a seat count may come with it."""
        account = on_trial(JUNE, card=True)
        assert dues(lived(account, [ChoosePlan(ULTIMATE, 5, at=TENTH)])) == [(TENTH, 19_500)]

    def test_a_higher_plan_needs_a_card(self) -> None:
        """Without one it is refused and the trial goes on."""
        account = on_trial(JUNE)
        refusal(account, ChoosePlan(ULTIMATE, at=TENTH), PaymentMethodRequiredError)
        assert status(account.subscription, LAST_SECOND) == Status.trialing

    def test_a_higher_plan_clears_a_cancellation(self) -> None:
        """The newest choice wins: nothing waits after it."""
        account = after(on_trial(JUNE, card=True), Cancel(at=TENTH))
        assert waiting_plan(after(account, ChoosePlan(ULTIMATE, at=TENTH))) is None

    def test_a_lower_paid_plan_waits_for_the_end(self) -> None:
        """Starter in a Pro trial: Pro's features to the end, then Starter is billed."""
        catalog = _with_starter()
        account = on_trial(JUNE, seats=2, card=True, catalog=catalog)
        chosen = apply(account, ChoosePlan(catalog.plan("starter"), at=TENTH))
        assert chosen.invoices == ()
        assert waiting_plan(chosen.account) == ("starter", JULY)
        assert entitlements(chosen.account.subscription, LAST_SECOND).allows("visitor_export")
        assert dues(advance(chosen.account, AUGUST).invoices) == [(JULY, 1800), (AUGUST, 1800)]

    def test_a_lower_paid_plan_needs_no_card_yet(self) -> None:
        """The card may come later in the trial."""
        catalog = _with_starter()
        account = on_trial(JUNE, catalog=catalog)
        actions: list[Action] = [
            ChoosePlan(catalog.plan("starter"), at=TENTH),
            AddPaymentMethod(at=LAST_SECOND),
        ]
        assert dues(lived(account, actions, JULY)) == [(JULY, 900)]

    def test_resume_withdraws_what_waits(self) -> None:
        """A lower plan that waits is withdrawn by Resume, and Pro goes on."""
        catalog = _with_starter()
        account = on_trial(JUNE, card=True, catalog=catalog)
        actions: list[Action] = [ChoosePlan(catalog.plan("starter"), at=TENTH), Resume(at=TENTH)]
        assert dues(lived(account, actions, JULY)) == [(JULY, 1900)]

    @pytest.mark.parametrize("key", ["pro", "starter", "free"])
    def test_seats_cannot_come_with_a_choice_that_waits(self, key: str) -> None:
        """What takes effect at the end of the trial brings no seat count."""
        catalog = _with_starter()
        account = on_trial(JUNE, card=True, catalog=catalog)
        refusal(account, ChoosePlan(catalog.plan(key), 2, at=TENTH), ActionRefusedError)


def _with_starter() -> Catalog:
    return a_catalog(
        a_plan("free", 0, seats=1),
        a_plan("starter", 9_00),
        a_plan("pro", 19_00, features=["visitor_export"]),
    )


class TestR7DaysLeft:
    """The badge shows the days left, counted up: 29 days and a second read 30, and the last second
    reads 1. R7.
    """

    @pytest.mark.parametrize(
        ("at", "left"),
        [
            (JUNE, 30),
            (utc(2026, 6, 1, 0, 0, 1), 30),
            (utc(2026, 6, 1, 23, 59, 59), 30),
            (utc(2026, 6, 2), 29),
            (utc(2026, 6, 2, 0, 0, 1), 29),
            (utc(2026, 6, 29), 2),
            (utc(2026, 6, 29, 23, 59, 59), 2),
            (utc(2026, 6, 30), 1),
            (LAST_SECOND, 1),
            (JULY, None),
        ],
    )
    def test_counted_up(self, at: datetime, left: int | None) -> None:
        """A day that has begun counts, and after the end there is no count."""
        assert days_left(on_trial(JUNE).subscription, at) == left

    def test_the_badge(self) -> None:
        """The notice of a running trial has its plan, the days left and its end."""
        told = notices(on_trial(JUNE).subscription, LAST_SECOND)
        assert told == (TrialRunningNotice(plan=PRO, days_left=1, trial_end=JULY),)

    def test_no_badge_outside_a_trial(self) -> None:
        """Neither Free nor Pro counts days."""
        accounts = [on_free(JUNE), on_plan(PRO, JUNE)]
        assert [days_left(account.subscription, JUNE) for account in accounts] == [None, None]

    def test_a_cancelled_trial_still_counts(self) -> None:
        """The badge stays to the end, after the news of the change."""
        told = notices(after(on_trial(JUNE), Cancel(at=TENTH)).subscription, TENTH)
        kinds = [type(notice).__name__ for notice in told]
        assert kinds == ["ChangeScheduledNotice", "TrialRunningNotice"]


class TestR8AnotherEnd:
    """`MoveTrialEnd(to)`, inside a trial only: a later `to` ends the trial then, longer or shorter
    than planned, and what waits for its end waits for the new one; `to` at the action's instant
    ends it now, exactly as its end would. Earlier is refused. It is no second trial. R8.
    """

    @pytest.mark.parametrize("to", [utc(2026, 6, 20), AUGUST])
    def test_shorter_or_longer(self, to: datetime) -> None:
        """The first charge, and the anchor, are at the new end."""
        account = after(on_trial(JUNE, card=True), MoveTrialEnd(to, at=TENTH))
        assert trial_phase(account).trial_end == to
        assert [invoice.issued_at for invoice in advance(account, to).invoices] == [to]

    def test_the_days_left_are_counted_to_it(self) -> None:
        """From the tenth of June to the first of August."""
        account = after(on_trial(JUNE), MoveTrialEnd(AUGUST, at=TENTH))
        assert days_left(account.subscription, TENTH) == 52

    @pytest.mark.parametrize("how", ["Cancel", "ChoosePlan(FREE)"])
    def test_what_waits_for_the_end_waits_for_the_new_one(self, how: str) -> None:
        """A cancellation ends the trial then."""
        action: Action = Cancel(at=JUNE) if how == "Cancel" else ChoosePlan(FREE, at=JUNE)
        account = after(on_trial(JUNE, card=True), action, MoveTrialEnd(AUGUST, at=TENTH))
        assert waiting_plan(account) == ("free", AUGUST)
        assert statuses(account, JULY, AUGUST) == ["trialing", "free"]

    def test_now_with_a_card_the_plan_goes_on(self) -> None:
        """As at the end of the trial (R4): a full first period, and that instant is the anchor."""
        statement = apply(on_trial(JUNE, seats=3, card=True), MoveTrialEnd(TENTH, at=TENTH))
        assert dues(statement.invoices) == [(TENTH, 5700)]
        assert paid_phase(statement.account).cycle.anchor == TENTH

    def test_now_without_a_card_the_account_is_on_free_and_marked(self) -> None:
        """As at the end of the trial; a preview shows the same."""
        action = MoveTrialEnd(TENTH, at=TENTH)
        statement = apply(on_trial(JUNE), action)
        assert statuses(statement.account, TENTH) == ["trial_ended"]
        assert preview(on_trial(JUNE), action) == statement

    def test_now_after_a_cancellation_the_account_is_on_free_unmarked(self) -> None:
        """As at the end of a cancelled trial (R5)."""
        account = after(on_trial(JUNE, card=True), Cancel(at=TENTH), MoveTrialEnd(TENTH, at=TENTH))
        assert statuses(account, TENTH) == ["free"]

    def test_now_a_lower_plan_that_waits_starts(self) -> None:
        """Starter was to follow, and follows now."""
        catalog = _with_starter()
        account = on_trial(JUNE, seats=2, card=True, catalog=catalog)
        actions: list[Action] = [
            ChoosePlan(catalog.plan("starter"), at=JUNE),
            MoveTrialEnd(TENTH, at=TENTH),
        ]
        assert dues(lived(account, actions)) == [(TENTH, 1800)]

    def test_now_the_edition_that_waits_holds(self) -> None:
        """The invoice is at its price."""
        moved = MoveToEdition(repriced(pro=2500), at=JUNE)
        account = on_trial(JUNE, card=True)
        assert dues(lived(account, [moved, MoveTrialEnd(TENTH, at=TENTH)])) == [(TENTH, 2500)]

    def test_earlier_is_refused(self) -> None:
        """A trial does not end in the past."""
        refusal(on_trial(JUNE), MoveTrialEnd(TENTH - SECOND, at=TENTH), ActionRefusedError)

    @pytest.mark.parametrize("who", ["free", "trial ended", "pro"])
    def test_outside_a_trial_it_is_refused(self, who: str) -> None:
        """Later and now."""
        account = named(who)
        at = account.subscription.as_of
        refusal(account, MoveTrialEnd(AUGUST, at=at), ActionRefusedError)
        refusal(account, MoveTrialEnd(at, at=at), ActionRefusedError)

    def test_at_the_very_second_of_the_end_it_is_too_late(self) -> None:
        """Time comes first (T5)."""
        refusal(on_trial(JUNE), MoveTrialEnd(AUGUST, at=JULY), ActionRefusedError)

    def test_it_is_no_second_trial(self) -> None:
        """One that was moved and ended is the one that the account had."""
        account = after(on_trial(JUNE), MoveTrialEnd(TENTH, at=TENTH))
        assert trial_eligibility(account.subscription).reason == TrialRefusal.had_trial

    @pytest.mark.parametrize(
        ("to", "card", "kind"),
        [
            (AUGUST, True, "move_trial_end"),
            (TENTH, True, "trial_converts"),
            (TENTH, False, "trial_lapses"),
        ],
    )
    def test_it_is_one_event(self, to: datetime, card: bool, kind: str) -> None:
        """A moved end has its own kind; ended now, the kind that its end has."""
        (event,) = apply(on_trial(JUNE, card=card), MoveTrialEnd(to, at=TENTH)).events
        assert event.kind.value == kind
