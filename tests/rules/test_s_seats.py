"""S. Members who come and go, seat limits, and teams larger than their plan."""

from __future__ import annotations

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    Account,
    AddPaymentMethod,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    InvalidValueError,
    LineKind,
    MoveToEdition,
    PaymentMethodRequiredError,
    RemovePaymentMethod,
    SeatLimitError,
    SeatsOverLimitNotice,
    advance,
    apply,
    notices,
)
from tests.accounts import (
    a_catalog,
    a_plan,
    after,
    cents,
    dues,
    lived,
    on_free,
    on_plan,
    on_trial,
    on_year,
    paid_phase,
    refusal,
    repriced,
    trial_phase,
    waiting_cents,
    waiting_plan,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, utc
from tests.refused import error_of

YEAR = utc(2027, 1, 1)
A_FIFTH_LEFT = utc(2027, 10, 20)


class TestS1AtOnceWithProration:
    """Adding or removing a member of a paid plan takes effect at once, with proration. S1."""

    @pytest.mark.parametrize(("seats", "lines"), [(5, [-2850, 4750]), (2, [-2850, 1900])])
    def test_the_count_and_the_lines(self, seats: int, lines: list[int]) -> None:
        """From three seats at half of June, up or down: the new count at once, two lines."""
        account = after(on_plan(PRO, JUNE, seats=3), ChangeSeats(seats, at=HALF))
        assert account.subscription.seats == seats
        assert waiting_cents(account) == lines

    def test_the_renewal_bills_the_new_count(self) -> None:
        """The next period is charged for the members who are there."""
        account = after(on_plan(PRO, JUNE, seats=3), ChangeSeats(5, at=HALF))
        (invoice,) = advance(account, JULY).invoices
        assert invoice.lines[-1].seats == 5
        assert invoice.lines[-1].amount.amount == 9500

    def test_the_same_count_writes_nothing(self) -> None:
        """Three members who stay three cost no line."""
        account = after(on_plan(PRO, JUNE, seats=3), ChangeSeats(3, at=HALF))
        assert waiting_cents(account) == []


class TestS2WhenSeatLinesAreInvoiced:
    """On a monthly plan the lines wait for the next invoice, whatever causes it, and come first on
    it, oldest first; on a longer interval they are invoiced at once, and growing there needs a
    payment method. A term can ask for at once everywhere. S2.
    """

    @pytest.fixture
    def growing(self) -> Account:
        """A Pro team of one that became two at two thirds and four at half of June."""
        account = on_plan(PRO, JUNE)
        return after(account, ChangeSeats(2, at=utc(2026, 6, 11)), ChangeSeats(4, at=HALF))

    def test_they_wait(self, growing: Account) -> None:
        """Nothing is invoiced when the members join."""
        actions = [ChangeSeats(2, at=utc(2026, 6, 11)), ChangeSeats(4, at=HALF)]
        assert lived(on_plan(PRO, JUNE), actions) == []
        assert waiting_cents(growing) == [-1267, 2533, -1900, 3800]

    def test_the_renewal_sweeps_them_first(self, growing: Account) -> None:
        """July's invoice has them oldest first, then July, and nothing waits any more."""
        statement = advance(growing, JULY)
        (invoice,) = statement.invoices
        assert cents(invoice) == [-1267, 2533, -1900, 3800, 7600]
        assert invoice.lines[-1].kind == LineKind.subscription
        assert statement.account.pending_lines == ()

    def test_an_upgrade_sweeps_them_first(self, growing: Account) -> None:
        """An upgrade on 21 June has them oldest first, then its own two lines."""
        statement = apply(growing, ChoosePlan(ULTIMATE, at=utc(2026, 6, 21)))
        (invoice,) = statement.invoices
        assert cents(invoice) == [-1267, 2533, -1900, 3800, -2533, 5200]
        assert statement.account.pending_lines == ()

    def test_the_end_of_a_cancelled_period_sweeps_them(self, growing: Account) -> None:
        """With nothing else to bill they are invoiced alone."""
        (invoice,) = lived(growing, [Cancel(at=utc(2026, 6, 21))], JULY)
        assert (invoice.issued_at, cents(invoice)) == (JULY, [-1267, 2533, -1900, 3800])

    def test_the_renewal_of_a_downgrade_sweeps_them(self) -> None:
        """An Ultimate member who joined in June is paid with the first period of Pro."""
        account = after(on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=JUNE), ChangeSeats(2, at=HALF))
        (invoice,) = advance(account, JULY).invoices
        assert cents(invoice) == [-1950, 3900, 3800]

    def test_the_renewal_in_a_new_edition_sweeps_them(self) -> None:
        """Lines that wait keep the price of their edition."""
        account = after(
            on_plan(PRO, JUNE), ChangeSeats(2, at=HALF), MoveToEdition(repriced(pro=2500), at=HALF)
        )
        (invoice,) = advance(account, JULY).invoices
        assert cents(invoice) == [-950, 1900, 5000]

    def test_they_are_swept_once(self, growing: Account) -> None:
        """August's invoice knows nothing of June's members."""
        invoices = advance(growing, AUGUST).invoices
        assert cents(invoices[1]) == [7600]

    def test_growing_monthly_needs_no_card(self) -> None:
        """What waits is not charged at once, so no payment method is asked for."""
        account = after(on_plan(PRO, JUNE), RemovePaymentMethod(at=JUNE), ChangeSeats(2, at=HALF))
        assert account.subscription.seats == 2

    def test_a_year_is_invoiced_at_once(self) -> None:
        """A third member with a fifth of the year left costs $72 now."""
        account = _yearly()
        statement = apply(account, ChangeSeats(3, at=A_FIFTH_LEFT))
        assert dues(statement.invoices) == [(A_FIFTH_LEFT, 7200)]
        assert cents(statement.invoices[0]) == [-14_400, 21_600]
        assert statement.account.pending_lines == ()

    def test_growing_a_year_needs_a_card(self) -> None:
        """Without one it is refused, and the team stays as it was."""
        account = after(_yearly(), RemovePaymentMethod(at=YEAR))
        refusal(account, ChangeSeats(3, at=A_FIFTH_LEFT), PaymentMethodRequiredError)
        grown = after(account, AddPaymentMethod(at=A_FIFTH_LEFT), ChangeSeats(3, at=A_FIFTH_LEFT))
        assert grown.subscription.seats == 3

    def test_shrinking_a_year_needs_none(self) -> None:
        """A member who leaves is credited at once, card or no card."""
        account = after(_yearly(), RemovePaymentMethod(at=YEAR))
        statement = apply(account, ChangeSeats(1, at=A_FIFTH_LEFT))
        assert dues(statement.invoices) == [(A_FIFTH_LEFT, 0)]
        assert statement.account.credit_balance.amount == 7200

    def test_a_term_asks_for_at_once_everywhere(self) -> None:
        """With the term the two lines of a monthly team are invoiced at once."""
        terms = evolve(CHATIM.terms, seat_lines_at_once=True)
        catalog = evolve(CHATIM, terms=terms)
        statement = apply(on_plan(PRO, JUNE, catalog=catalog), ChangeSeats(2, at=HALF))
        assert dues(statement.invoices) == [(HALF, 950)]
        assert statement.account.pending_lines == ()

    def test_the_published_terms_do_not(self) -> None:
        """Chatim's own catalogue lets monthly lines wait."""
        assert CHATIM.terms.seat_lines_at_once is False

    def test_an_upgrade_invoiced_at_once_leaves_later_lines_waiting(self, growing: Account) -> None:
        """What is changed after the upgrade waits for the renewal again."""
        account = after(growing, ChoosePlan(ULTIMATE, at=HALF), ChangeSeats(5, at=utc(2026, 6, 21)))
        assert waiting_cents(account) == [-5200, 6500]


def _yearly() -> Account:
    return on_year(YEAR, seats=2)


class TestS3Limits:
    """Free has one seat. Growing past a plan's limit is refused, naming the cheapest plan that
    allows it; shrinking is always allowed, down to 1; a plan may be chosen by a team larger than
    its limit. S3.
    """

    def test_growing_on_free_is_refused(self) -> None:
        """A second member on Free is refused, with Pro as the way out."""
        error = refusal(on_free(JUNE), ChangeSeats(2, at=JUNE), SeatLimitError)
        assert (error.seats, error.limit, error.plan, error.cheapest_plan) == (2, 1, FREE, PRO)

    def test_the_cheapest_plan_goes_by_price_per_month(self) -> None:
        """Twelve months at $120 are cheaper than a month at $19."""
        catalog = _limited()
        account = on_plan(catalog.plan("solo"), JUNE, seats=2, catalog=catalog)
        error = refusal(account, ChangeSeats(3, at=HALF), SeatLimitError)
        assert error.cheapest_plan == catalog.plan("year")

    def test_where_no_plan_allows_it_none_is_named(self) -> None:
        """Two hundred seats are more than any plan of this catalogue has."""
        catalog = _limited()
        account = on_plan(catalog.plan("solo"), JUNE, catalog=catalog)
        error = refusal(account, ChangeSeats(200, at=HALF), SeatLimitError)
        assert error.cheapest_plan is None

    def test_the_limit_itself_is_allowed(self) -> None:
        """Growing to exactly the limit is no growth past it."""
        catalog = _limited()
        account = on_plan(catalog.plan("solo"), JUNE, catalog=catalog)
        assert after(account, ChangeSeats(2, at=HALF)).subscription.seats == 2

    @pytest.mark.parametrize("seats", [0, -3])
    def test_no_fewer_than_one(self, seats: int) -> None:
        """A team without members cannot even be asked for."""
        error_of(InvalidValueError, ChangeSeats, seats, at=JUNE)

    def test_shrinking_is_always_allowed(self) -> None:
        """To one on a paid plan, and from four to three on Free, though three are too many."""
        paid = after(on_plan(PRO, JUNE, seats=9), ChangeSeats(1, at=HALF))
        fallen = after(advance(on_trial(JUNE, seats=4), JULY).account, ChangeSeats(3, at=JULY))
        assert (paid.subscription.seats, fallen.subscription.seats) == (1, 3)

    def test_a_team_over_the_limit_cannot_grow(self) -> None:
        """Three members on Free cannot become four."""
        fallen = advance(on_trial(JUNE, seats=3), JULY).account
        assert refusal(fallen, ChangeSeats(4, at=JULY), SeatLimitError).limit == 1

    def test_a_larger_team_may_choose_the_plan(self) -> None:
        """A team of three, on Free since its trial, buys a plan of two seats and pays three."""
        catalog = _limited()
        fallen = advance(on_trial(JUNE, seats=3, catalog=catalog), JULY).account
        account = after(fallen, AddPaymentMethod(at=JULY))
        bought = apply(account, ChoosePlan(catalog.plan("solo"), at=JULY))
        assert dues(bought.invoices) == [(JULY, 3000)]

    def test_growing_with_a_choice_past_its_limit_is_refused(self) -> None:
        """A choice that brings three seats to a plan of two is growth past the limit."""
        catalog = _limited()
        account = on_free(JUNE, card=True, catalog=catalog)
        error = refusal(account, ChoosePlan(catalog.plan("solo"), 3, at=JUNE), SeatLimitError)
        assert (error.seats, error.limit, error.plan.key) == (3, 2, "solo")

    def test_a_trial_has_the_limit_of_its_plan(self) -> None:
        """In a Pro trial a team may grow to any size."""
        account = after(on_trial(JUNE), ChangeSeats(500, at=HALF))
        assert account.subscription.seats == 500


def _limited() -> Catalog:
    return a_catalog(
        a_plan("free", 0, seats=1),
        a_plan("solo", 10_00, seats=2),
        a_plan("pro", 19_00, seats=100),
        a_plan("year", 120_00, months=12, seats=100),
        trial_plan="pro",
    )


class TestS4TeamsOverTheLimit:
    """Seats are a fact about the team and the limit a fact about the plan: a team that falls back
    keeps its members and is told how many are over; on a paid plan all seats are charged. S4.
    """

    def test_a_team_that_falls_back_keeps_its_members(self) -> None:
        """Three members are still recorded on Free, two over the limit."""
        account = after(on_plan(PRO, JUNE, seats=3), Cancel(at=HALF))
        fallen = advance(account, JULY).account.subscription
        assert (fallen.plan.key, fallen.seats) == ("free", 3)
        assert notices(fallen, JULY) == (SeatsOverLimitNotice(seats=3, limit=1, over=2),)

    @pytest.mark.parametrize(("seats", "told"), [(1, False), (2, True)])
    def test_at_the_limit_nothing_is_told(self, seats: int, told: bool) -> None:
        """One member on Free is within its limit, two are not."""
        account = after(on_plan(PRO, JUNE, seats=seats), Cancel(at=HALF))
        kinds = [type(notice) for notice in notices(account.subscription, JULY)]
        assert (SeatsOverLimitNotice in kinds) is told

    def test_nothing_is_told_before_the_fall(self) -> None:
        """While Pro holds, three members are within its limit."""
        account = after(on_plan(PRO, JUNE, seats=3), Cancel(at=HALF))
        kinds = [type(notice) for notice in notices(account.subscription, HALF)]
        assert SeatsOverLimitNotice not in kinds

    def test_a_team_that_comes_back_pays_for_all(self) -> None:
        """The three members who were recorded on Free are charged on Pro."""
        account = after(on_plan(PRO, JUNE, seats=3), Cancel(at=HALF), ChoosePlan(PRO, at=AUGUST))
        assert account.subscription.seats == 3
        assert dues(lived(account, [], utc(2026, 9, 1))) == [(utc(2026, 9, 1), 5700)]

    def test_a_downgrade_charges_seats_over_its_limit(self) -> None:
        """Three seats on a plan of two are three charged, and one over."""
        catalog = _limited()
        account = on_plan(catalog.plan("pro"), JUNE, seats=3, catalog=catalog)
        statement = advance(after(account, ChoosePlan(catalog.plan("solo"), at=HALF)), JULY)
        assert dues(statement.invoices) == [(JULY, 3000)]
        told = notices(statement.account.subscription, JULY)
        assert told == (SeatsOverLimitNotice(seats=3, limit=2, over=1),)


class TestS5SeatsDisturbNothing:
    """A seat change never disturbs a change of plan that waits, nor ends a trial. S5."""

    @pytest.mark.parametrize("seats", [1, 7])
    def test_a_waiting_downgrade_stays(self, seats: int) -> None:
        """Pro still waits for 1 July, and is billed for the new count."""
        account = after(
            on_plan(ULTIMATE, JUNE, seats=3), ChoosePlan(PRO, at=JUNE), ChangeSeats(seats, at=HALF)
        )
        assert waiting_plan(account) == ("pro", JULY)
        assert advance(account, JULY).invoices[0].lines[-1].seats == seats

    def test_a_waiting_cancellation_stays(self) -> None:
        """A cancelled account that grows still ends."""
        account = after(on_plan(PRO, JUNE), Cancel(at=JUNE), ChangeSeats(2, at=HALF))
        assert waiting_plan(account) == ("free", JULY)

    def test_a_waiting_change_stays_where_lines_are_invoiced_at_once(self) -> None:
        """The invoice of a yearly team's growth does not clear what waits."""
        account = after(_yearly(), Cancel(at=YEAR), ChangeSeats(3, at=A_FIFTH_LEFT))
        assert waiting_plan(account) == ("free", utc(2028, 1, 1))

    @pytest.mark.parametrize("seats", [1, 40])
    def test_a_trial_goes_on(self, seats: int) -> None:
        """The end of the trial stays where it was, and nothing is charged."""
        statement = apply(on_trial(JUNE, seats=3, card=True), ChangeSeats(seats, at=HALF))
        assert trial_phase(statement.account).trial_end == JULY
        assert statement.invoices == ()

    def test_a_waiting_change_in_the_trial_stays(self) -> None:
        """A cancelled trial that grows still ends on Free, unmarked."""
        account = after(on_trial(JUNE), Cancel(at=JUNE), ChangeSeats(5, at=HALF))
        assert waiting_plan(account) == ("free", JULY)

    def test_the_anchor_stays(self) -> None:
        """A growth on the 16th does not move a billing day on the 1st."""
        account = after(on_plan(PRO, JUNE), ChangeSeats(2, at=HALF))
        assert paid_phase(account).cycle.anchor == JUNE
