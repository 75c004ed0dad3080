"""E. The worked examples of the rule book, each told as it is written there."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    Account,
    Action,
    AddPaymentMethod,
    ChangeSeats,
    ChoosePlan,
    Feature,
    PaymentFailed,
    Period,
    SeatsOverLimitNotice,
    StartFree,
    StartTrial,
    Status,
    advance,
    apply,
    entitlements,
    notices,
    replay,
    status,
)
from tests.accounts import (
    a_plan,
    after,
    cents,
    dues,
    history,
    lived,
    on_plan,
    on_ten,
    on_terms,
    on_trial,
    to_eighteen,
    waiting_cents,
)
from tests.instants import utc


class TestE1ThreeProSeats:
    """Pro with 3 seats, paid from 15 January 2026 09:00Z, is 5700 on the 15th of each month. E1."""

    def test_the_invoices(self) -> None:
        """January, February, March and April, each at nine o'clock."""
        start = utc(2026, 1, 15, 9)
        statement = history(
            StartFree(at=start),
            AddPaymentMethod(at=start),
            ChoosePlan(PRO, 3, at=start),
            until=utc(2026, 5, 1),
        )
        assert dues(statement.invoices) == [
            (utc(2026, 1, 15, 9), 5700),
            (utc(2026, 2, 15, 9), 5700),
            (utc(2026, 3, 15, 9), 5700),
            (utc(2026, 4, 15, 9), 5700),
        ]


class TestE2AnchorOnThe31st:
    """An anchor of 31 January 2026 00:00Z has boundaries on 28 February, 31 March, 30 April and 31
    May. E2.
    """

    def test_the_boundaries(self) -> None:
        """The last days of the months, at midnight."""
        invoices = advance(on_plan(PRO, utc(2026, 1, 31)), utc(2026, 6, 1)).invoices
        assert [invoice.issued_at for invoice in invoices] == [
            utc(2026, 2, 28),
            utc(2026, 3, 31),
            utc(2026, 4, 30),
            utc(2026, 5, 31),
        ]


class TestE3AnUpgradeInMidPeriod:
    """Pro with 5 seats, anchor 15 October 2026 09:00Z, to Ultimate on 27 October 17:30Z: -5714 and
    +11729, so 6015 due at once (fraction 895/1488), and 19500 on 15 November. E3.
    """

    @pytest.fixture
    def account(self) -> Account:
        """The five Pro seats."""
        return on_plan(PRO, utc(2026, 10, 15, 9), seats=5)

    def test_due_at_once(self, account: Account) -> None:
        """Two lines, one fraction, one invoice."""
        at = utc(2026, 10, 27, 17, 30)
        (invoice,) = apply(account, ChoosePlan(ULTIMATE, at=at)).invoices
        assert cents(invoice) == [-5714, 11_729]
        assert dues([invoice]) == [(at, 6015)]
        assert [line.fraction for line in invoice.lines] == [Fraction(895, 1488)] * 2

    def test_on_15_november(self, account: Account) -> None:
        """Five Ultimate seats for the next period."""
        invoices = lived(
            account, [ChoosePlan(ULTIMATE, at=utc(2026, 10, 27, 17, 30))], utc(2026, 11, 15, 9)
        )
        assert dues(invoices)[1:] == [(utc(2026, 11, 15, 9), 19_500)]


class TestE4FreeInMidPeriod:
    """The same account that chooses Free on 27 October: nothing now, Pro until 15 November 09:00Z,
    then Free, and nothing charged. E4.
    """

    def test_nothing_is_charged(self) -> None:
        """Neither on the day nor ever after."""
        account = on_plan(PRO, utc(2026, 10, 15, 9), seats=5)
        choice = ChoosePlan(FREE, at=utc(2026, 10, 27, 17, 30))
        assert lived(account, [choice], utc(2028, 1, 1)) == []

    @pytest.mark.parametrize(
        ("at", "plan"),
        [
            (utc(2026, 10, 27, 17, 30), "pro"),
            (utc(2026, 11, 15, 8, 59, 59), "pro"),
            (utc(2026, 11, 15, 9), "free"),
        ],
    )
    def test_pro_until_the_end(self, at: datetime, plan: str) -> None:
        """To the last second before nine o'clock on 15 November."""
        account = on_plan(PRO, utc(2026, 10, 15, 9), seats=5)
        account = after(account, ChoosePlan(FREE, at=utc(2026, 10, 27, 17, 30)))
        assert entitlements(account.subscription, at).plan.key == plan


class TestE5TwoExactHalves:
    """$10 with 1/400 of the period left, to $18: -3 (from -2.5) and +4 (from 4.5). E5."""

    def test_both_halves_go_down(self) -> None:
        """6480 of 2592000 seconds are left in June."""
        account = on_ten()
        (invoice,) = apply(account, to_eighteen(account)).invoices
        assert [line.exact for line in invoice.lines] == [Fraction(-5, 2), Fraction(9, 2)]
        assert cents(invoice) == [-3, 4]


class TestE6ATrialWithACard:
    """A trial of 4 seats from 1 March 2026 12:00Z, card added on day 10: nothing until 31 March
    12:00Z, then 7600; next on 30 April and 31 May 12:00Z. E6.
    """

    def test_the_invoices(self) -> None:
        """The anchor is the 31st, at noon."""
        statement = history(
            StartTrial(4, at=utc(2026, 3, 1, 12)),
            AddPaymentMethod(at=utc(2026, 3, 10, 12)),
            until=utc(2026, 6, 1),
        )
        assert dues(statement.invoices) == [
            (utc(2026, 3, 31, 12), 7600),
            (utc(2026, 4, 30, 12), 7600),
            (utc(2026, 5, 31, 12), 7600),
        ]

    def test_nothing_before(self) -> None:
        """To the last second before noon on 31 March."""
        actions: list[Action] = [
            StartTrial(4, at=utc(2026, 3, 1, 12)),
            AddPaymentMethod(at=utc(2026, 3, 10, 12)),
        ]
        assert replay(actions, utc(2026, 3, 31, 11, 59, 59)).invoices == ()


class TestE7ATrialWithoutACard:
    """The same without a card: Free from 31 March 12:00Z, marked trial ended, 3 seats over the
    limit, 0 charged. E7.
    """

    def test_free_and_marked(self) -> None:
        """Trialing to the last second, trial ended from noon."""
        subscription = on_trial(utc(2026, 3, 1, 12), seats=4).subscription
        instants = (utc(2026, 3, 31, 11, 59, 59), utc(2026, 3, 31, 12))
        found = [
            (status(subscription, at), entitlements(subscription, at).plan.key) for at in instants
        ]
        assert found == [(Status.trialing, "pro"), (Status.trial_ended, "free")]

    def test_three_seats_over_the_limit(self) -> None:
        """Four members, one seat."""
        subscription = on_trial(utc(2026, 3, 1, 12), seats=4).subscription
        told = notices(subscription, utc(2026, 3, 31, 12))
        assert SeatsOverLimitNotice(seats=4, limit=1, over=3) in told

    def test_nothing_charged(self) -> None:
        """No invoice, ever."""
        account = on_trial(utc(2026, 3, 1, 12), seats=4)
        assert advance(account, utc(2030, 1, 1)).invoices == ()


class TestE8ARenewalThatFails:
    """Pro with 3 seats from 15 January 2026 09:00Z; the renewal of 15 February fails, finally on 28
    February: Pro until then, Free's features from then on, on Free from 15 March 09:00Z, and two
    invoices of 5700. E8.
    """

    @pytest.fixture
    def account(self) -> Account:
        """The account after the last report."""
        return after(
            on_plan(PRO, utc(2026, 1, 15, 9), seats=3),
            PaymentFailed(at=utc(2026, 2, 15, 9)),
            PaymentFailed(final=True, at=utc(2026, 2, 28)),
        )

    def test_pro_until_the_final_failure(self) -> None:
        """While Stripe retries, everything is there."""
        account = after(
            on_plan(PRO, utc(2026, 1, 15, 9), seats=3), PaymentFailed(at=utc(2026, 2, 15, 9))
        )
        may = entitlements(account.subscription, utc(2026, 2, 27, 23, 59, 59))
        assert (may.plan.key, may.status) == ("pro", Status.past_due)

    @pytest.mark.parametrize(
        ("at", "held", "expected"),
        [
            (utc(2026, 2, 28), "pro", "restricted"),
            (utc(2026, 3, 15, 8, 59, 59), "pro", "restricted"),
            (utc(2026, 3, 15, 9), "free", "free"),
            (utc(2027, 3, 15, 9), "free", "free"),
        ],
    )
    def test_frees_features_and_then_free(
        self, account: Account, at: datetime, held: str, expected: str
    ) -> None:
        """Restricted to the end of the period, on Free afterwards."""
        may = entitlements(account.subscription, at)
        granted = {feature.value for feature in Feature if may.allows(feature)}
        assert granted == {"javascript_sdk"}
        assert (may.held_plan.key, may.status) == (held, Status(expected))

    def test_two_invoices(self) -> None:
        """January and the February that was never paid; none in March."""
        start = utc(2026, 1, 15, 9)
        statement = history(
            StartFree(at=start),
            AddPaymentMethod(at=start),
            ChoosePlan(PRO, 3, at=start),
            PaymentFailed(at=utc(2026, 2, 15, 9)),
            PaymentFailed(final=True, at=utc(2026, 2, 28)),
            until=utc(2027, 1, 1),
        )
        assert dues(statement.invoices) == [(start, 5700), (utc(2026, 2, 15, 9), 5700)]


class TestE9TwoChangesInOnePeriod:
    """Pro with 3 seats from 15 October 2026 09:00Z; 5 seats on 20 October 12:00Z; Ultimate on 27
    October 09:00Z: -4758 and +7929 wait, then -5822, a part of 7929 (classic: -5823), and +11952:
    9301 due on 27 October (classic: 9300). E9.
    """

    @pytest.mark.parametrize(
        ("mode", "credit", "due"), [("flexible", -5822, 9301), ("classic", -5823, 9300)]
    )
    def test_in_both_modes(self, mode: str, credit: int, due: int) -> None:
        """One invoice of four lines, a cent apart."""
        catalog, at = on_terms(billing_mode=mode), utc(2026, 10, 27, 9)
        account = on_plan(PRO, utc(2026, 10, 15, 9), seats=3, catalog=catalog)
        account = after(account, ChangeSeats(5, at=utc(2026, 10, 20, 12)))
        assert waiting_cents(account) == [-4758, 7929]
        (invoice,) = apply(account, ChoosePlan(ULTIMATE, at=at)).invoices
        assert cents(invoice) == [-4758, 7929, credit, 11_952]
        assert dues([invoice]) == [(at, due)]

    def test_the_flexible_credit_is_a_part_of_what_was_debited(self) -> None:
        """Of 7929, over the time from 20 October on."""
        account = on_plan(PRO, utc(2026, 10, 15, 9), seats=3)
        account = after(account, ChangeSeats(5, at=utc(2026, 10, 20, 12)))
        choice = ChoosePlan(ULTIMATE, at=utc(2026, 10, 27, 9))
        credit = apply(account, choice).invoices[0].lines[2]
        paid_for = Period(utc(2026, 10, 20, 12), utc(2026, 11, 15, 9))
        assert (credit.base.amount, credit.whole) == (7929, paid_for)


class TestE10ToALongerInterval:
    """Pro with 5 seats, anchor 15 October 2026 09:00Z; on 27 October 17:30Z a higher-ranked yearly
    plan at $180: -5714 and +90000, 84286 due; a new anchor; next 27 October 2027 17:30Z. E10.
    """

    def test_the_invoices(self) -> None:
        """The unused time back, a year charged, and the year after."""
        year = a_plan("pro_yearly", 180_00, months=12, features=PRO.features)
        catalog = evolve(CHATIM, edition="by the year", plans=(FREE, PRO, year, ULTIMATE))
        account = on_plan(PRO, utc(2026, 10, 15, 9), seats=5, catalog=catalog)
        at, next_year = utc(2026, 10, 27, 17, 30), utc(2027, 10, 27, 17, 30)
        first, second = lived(account, [ChoosePlan(year, at=at)], next_year)
        assert cents(first) == [-5714, 90_000]
        assert dues([first, second]) == [(at, 84_286), (next_year, 90_000)]


class TestE12AGraceThatLapses:
    """E8 with a first failure on 15 February 10:00Z, no final report, and a grace of 7 days: Pro
    until 22 February 10:00Z, then restricted; on Free from 15 March 09:00Z. E12.
    """

    @pytest.mark.parametrize(
        ("at", "plan", "expected"),
        [
            (utc(2026, 2, 15, 10), "pro", "past_due"),
            (utc(2026, 2, 22, 9, 59, 59), "pro", "past_due"),
            (utc(2026, 2, 22, 10), "free", "restricted"),
            (utc(2026, 3, 15, 8, 59, 59), "free", "restricted"),
            (utc(2026, 3, 15, 9), "free", "free"),
        ],
    )
    def test_which_features_hold(self, at: datetime, plan: str, expected: str) -> None:
        """By time alone, from the facts of 15 February."""
        may = entitlements(_failed_in_february().subscription, at)
        assert (may.plan.key, may.status) == (plan, Status(expected))

    def test_nothing_more_is_invoiced(self) -> None:
        """Two invoices of 5700 there are, and no third."""
        account = _failed_in_february()
        assert [each.amount_due.amount for each in account.issued] == [5700, 5700]
        assert advance(account, utc(2027, 1, 1)).invoices == ()


def _failed_in_february() -> Account:
    account = on_plan(PRO, utc(2026, 1, 15, 9), seats=3, catalog=on_terms(grace_days=7))
    return after(account, PaymentFailed(at=utc(2026, 2, 15, 10)))
