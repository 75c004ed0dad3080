"""B. What is charged, how a part of a period is priced, and how an invoice is met."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Account,
    Action,
    AddPaymentMethod,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Currency,
    IntervalMismatchError,
    InvalidTypeError,
    InvalidValueError,
    Invoice,
    LineKind,
    Money,
    PaymentFailed,
    PaymentMethodRequiredError,
    Period,
    RemovePaymentMethod,
    Rounding,
    SeatLimitError,
    StartTrial,
    Statement,
    advance,
    apply,
    monthly_charge,
    preview,
    prorate,
    replay,
    upcoming_invoice,
)
from tests.accounts import (
    a_catalog,
    a_plan,
    after,
    cents,
    dues,
    lived,
    named,
    on_free,
    on_plan,
    on_ten,
    on_trial,
    on_year,
    refusal,
    restricted,
    to_eighteen,
    waiting_cents,
    with_enterprise,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, TIE, from_unix, utc
from tests.recordings.test_restated_figures import STRIPE_LINES
from tests.refused import error_of


class TestB1SeatPriceTimesSeats:
    """The monthly charge is the seat price times the active seats, which the caller counts. B1."""

    @pytest.mark.parametrize(
        ("key", "seats", "charge"),
        [
            ("free", 1, 0),
            ("free", 7, 0),
            ("pro", 1, 1900),
            ("pro", 3, 5700),
            ("pro", 1000, 1_900_000),
            ("ultimate", 1, 3900),
            ("ultimate", 12, 46_800),
        ],
    )
    def test_monthly_charges(self, key: str, seats: int, charge: int) -> None:
        """Pro with three members is $57, as the page says."""
        assert monthly_charge(CHATIM.plan(key), seats) == Money(charge, USD)

    @pytest.mark.parametrize("seats", [0, -1])
    def test_at_least_one_seat(self, seats: int) -> None:
        """A team has at least one active member."""
        error_of(InvalidValueError, monthly_charge, PRO, seats)

    @pytest.mark.parametrize("seats", [2.5, "3", True, None])
    def test_seats_are_whole(self, seats: object) -> None:
        """Half a member, a text, a truth and nothing are no seat counts."""
        error_of(InvalidTypeError, monthly_charge, PRO, seats)

    def test_a_yearly_plan_has_no_monthly_charge(self) -> None:
        """A plan that bills by the year is priced by its interval instead."""
        enterprise = with_enterprise().plan("enterprise")
        error = error_of(IntervalMismatchError, monthly_charge, enterprise, 3)
        assert (error.plan, error.expected_months) == (enterprise, 1)

    def test_the_invoice_charges_the_seats_it_is_told(self) -> None:
        """The account knows no invitations: the count of the choice is the count charged."""
        bought = apply(on_free(JUNE, card=True), ChoosePlan(PRO, 3, at=JUNE))
        assert dues(bought.invoices) == [(JUNE, 5700)]


class TestB2PaidInAdvance:
    """A paid period is invoiced in full at its start. B2."""

    def test_the_first_period(self) -> None:
        """Buying Pro writes one line for the whole month to come."""
        (invoice,) = apply(on_free(JUNE, card=True), ChoosePlan(PRO, 2, at=JUNE)).invoices
        (line,) = invoice.lines
        assert line.kind == LineKind.subscription
        assert line.period == Period(JUNE, JULY)
        assert line.whole == Period(JUNE, JULY)
        assert line.amount.amount == 3800

    def test_every_renewal(self) -> None:
        """Each renewal is issued at the start of the period it pays for."""
        invoices = advance(on_plan(PRO, JUNE), AUGUST).invoices
        paid_for = [(invoice.issued_at, invoice.lines[0].period) for invoice in invoices]
        assert paid_for == [(JULY, Period(JULY, AUGUST)), (AUGUST, Period(AUGUST, utc(2026, 9, 1)))]

    def test_nothing_a_second_before(self) -> None:
        """Until the last second of a period the next one is not invoiced."""
        assert advance(on_plan(PRO, JUNE), utc(2026, 6, 30, 23, 59, 59)).invoices == ()

    def test_the_next_one_is_known_ahead(self) -> None:
        """The upcoming invoice is the one that the next boundary issues."""
        account = on_plan(PRO, JUNE, seats=3)
        upcoming = upcoming_invoice(account)
        assert upcoming is not None
        assert dues([upcoming]) == [(JULY, 5700)]
        assert advance(account, JULY).invoices == (upcoming,)

    def test_a_free_account_has_no_next_invoice(self) -> None:
        """Time alone never charges Free."""
        assert upcoming_invoice(on_free(JUNE, card=True)) is None


class TestB3PartsOfAPeriod:
    """A part of a period costs price x seats x its seconds over the seconds of the real, clamped
    period that contains it, exact until the line is written. B3.
    """

    @pytest.mark.parametrize(
        ("anchor", "at", "fraction"),
        [
            (utc(2026, 6, 1), utc(2026, 6, 16), Fraction(1, 2)),
            (utc(2026, 2, 1), utc(2026, 2, 15), Fraction(1, 2)),
            (utc(2026, 7, 1), utc(2026, 7, 16, 12), Fraction(1, 2)),
            (utc(2026, 1, 31), utc(2026, 2, 14), Fraction(1, 2)),
            (utc(2028, 1, 31), utc(2028, 2, 14, 12), Fraction(1, 2)),
            (utc(2026, 6, 1), utc(2026, 6, 30, 23, 59, 59), Fraction(1, 2_592_000)),
            (utc(2026, 6, 1), utc(2026, 6, 1, 0, 0, 1), Fraction(2_591_999, 2_592_000)),
            (utc(2026, 6, 1), utc(2026, 6, 1), Fraction(1)),
        ],
    )
    def test_the_denominator_is_the_real_period(
        self, anchor: datetime, at: datetime, fraction: Fraction
    ) -> None:
        """Months of 28 to 31 days, clamped or not, each count their own seconds."""
        account = after(on_plan(PRO, anchor), ChangeSeats(2, at=at))
        assert [line.fraction for line in account.pending_lines] == [fraction, fraction]

    def test_the_period_after_a_clamped_boundary(self) -> None:
        """From 28 February to 31 March an anchor on the 31st has 31 days, half of them 15.5."""
        account = after(on_plan(PRO, utc(2026, 1, 31)), ChangeSeats(2, at=utc(2026, 3, 15, 12)))
        assert [line.fraction for line in account.pending_lines] == [Fraction(1, 2)] * 2
        assert waiting_cents(account) == [-950, 1900]

    def test_exact_until_the_line_is_written(self) -> None:
        """Seven seats for a third are 4433 and a third, not seven times a rounded third."""
        account = after(on_plan(PRO, JUNE), ChangeSeats(7, at=utc(2026, 6, 21)))
        assert account.pending_lines[1].exact == Fraction(1900 * 7, 3)
        assert waiting_cents(account) == [-633, 4433]

    def test_a_part_of_any_amount(self) -> None:
        """The share of $19 that falls to the last twenty of thirty days is $12.67."""
        part, whole = Period(utc(2026, 6, 11), JULY), Period(JUNE, JULY)
        assert prorate(Money(1900, USD), part=part, whole=whole) == Money(1267, USD)

    def test_an_interior_part(self) -> None:
        """A part need not touch the ends: three days of thirty are a tenth."""
        part, whole = Period(utc(2026, 6, 4), utc(2026, 6, 7)), Period(JUNE, JULY)
        assert prorate(Money(1900, USD), part=part, whole=whole) == Money(190, USD)

    @pytest.mark.parametrize(
        ("start", "end"),
        [(utc(2026, 5, 31, 23, 59, 59), JULY), (JUNE, utc(2026, 7, 1, 0, 0, 1)), (JULY, AUGUST)],
    )
    def test_the_part_lies_inside_its_whole(self, start: datetime, end: datetime) -> None:
        """A second too much on either side is refused."""
        part, whole = Period(start, end), Period(JUNE, JULY)
        error_of(InvalidValueError, prorate, Money(1900, USD), part=part, whole=whole)

    def test_a_yearly_period_is_its_own_denominator(self) -> None:
        """73 of 365 days are a fifth of a year."""
        account = on_year(utc(2027, 1, 1), seats=2)
        (invoice,) = apply(account, ChangeSeats(3, at=utc(2027, 10, 20))).invoices
        assert [line.fraction for line in invoice.lines] == [Fraction(1, 5), Fraction(1, 5)]
        assert cents(invoice) == [-14_400, 21_600]


class TestB4Rounding:
    """Each line is rounded once, to the nearest minor unit, an exact half towards minus infinity
    for charges and credits alike; the rule is a term of the catalogue. B4.
    """

    @pytest.mark.parametrize(
        ("amount", "rounded"),
        [
            (1000, 2),
            (-1000, -3),
            (1800, 4),
            (-1800, -5),
            (3000, 7),
            (-3000, -8),
            (200, 0),
            (-200, -1),
            (999, 2),
            (1001, 3),
            (-999, -2),
            (-1001, -3),
            (1600, 4),
            (-1600, -4),
            (0, 0),
        ],
    )
    def test_one_four_hundredth(self, amount: int, rounded: int) -> None:
        """Halves go down, all else to the nearest: 2.5, 4.5, 7.5 and 0.5, and beside 2.5."""
        part, whole = Period(TIE, JULY), Period(JUNE, JULY)
        assert prorate(Money(amount, USD), part=part, whole=whole).amount == rounded

    @pytest.mark.parametrize(
        ("rule", "lines"),
        [
            ("ties_to_customer", [-3, 4]),
            ("ties_to_even", [-2, 4]),
            ("ties_away_from_zero", [-3, 5]),
            ("down", [-3, 4]),
        ],
    )
    def test_it_is_a_term_of_the_catalogue(self, rule: str, lines: list[int]) -> None:
        """The same change is written otherwise by a catalogue with another rule."""
        account = on_ten(Rounding(rule))
        (invoice,) = apply(account, to_eighteen(account)).invoices
        assert cents(invoice) == lines

    def test_chatim_rounds_ties_to_the_customer(self) -> None:
        """The published terms have the rule that fits Stripe's records."""
        assert CHATIM.terms.rounding == Rounding.ties_to_customer

    @pytest.mark.parametrize(("price", "part", "whole", "recorded"), STRIPE_LINES)
    def test_lines_that_stripe_wrote(
        self, price: int, part: tuple[int, int], whole: tuple[int, int], recorded: int
    ) -> None:
        """Recorded lines of Stripe come out to the cent, halves and others."""
        within, of = Period(*map(from_unix, part)), Period(*map(from_unix, whole))
        assert prorate(Money(price, USD), part=within, whole=of).amount == recorded

    def test_each_line_is_rounded_on_its_own(self) -> None:
        """From $10 to $20 with a third left: -333 and 667 make 334, where the net rounds to 333."""
        ten, twenty = a_plan("pro", 10_00), a_plan("max", 20_00)
        catalog = a_catalog(a_plan("free", 0), ten, twenty)
        account = on_plan(ten, JUNE, catalog=catalog)
        (invoice,) = apply(account, ChoosePlan(twenty, at=utc(2026, 6, 21))).invoices
        assert (cents(invoice), invoice.total.amount) == ([-333, 667], 334)


class TestB5TwoLines:
    """A change inside a period credits the unused time of all the old seats at the old price, then
    charges the remaining time of all the new seats at the new price; never a delta. B5.
    """

    def test_credit_first_then_charge(self) -> None:
        """From three to five seats on the 11th: 3 x $19 back, 5 x $19 on, for 20 of 30 days."""
        account = after(on_plan(PRO, JUNE, seats=3), ChangeSeats(5, at=utc(2026, 6, 11)))
        lines = [(line.kind, line.seats, line.amount.amount) for line in account.pending_lines]
        assert lines == [(LineKind.unused_time, 3, -3800), (LineKind.remaining_time, 5, 6333)]

    def test_both_lines_are_for_the_same_time(self) -> None:
        """The part goes from the change to the end of the period."""
        account = after(on_plan(PRO, JUNE), ChangeSeats(2, at=HALF))
        parts = [(line.period, line.whole) for line in account.pending_lines]
        assert parts == [(Period(HALF, JULY), Period(JUNE, JULY))] * 2

    def test_never_a_delta_of_seats(self) -> None:
        """From one to three $10 seats with 1/400 left is -3 and 7; two seats alone would be 5."""
        account = on_ten()
        account = after(account, ChangeSeats(3, at=TIE))
        assert waiting_cents(account) == [-3, 7]

    def test_plan_and_seats_in_one_choice(self) -> None:
        """Two Pro seats become five Ultimate seats in two lines."""
        account = on_plan(PRO, JUNE, seats=2)
        (invoice,) = apply(account, ChoosePlan(ULTIMATE, 5, at=HALF)).invoices
        lines = [(line.plan.key, line.seats, line.amount.amount) for line in invoice.lines]
        assert lines == [("pro", 2, -1900), ("ultimate", 5, 9750)]

    def test_a_shrinking_team_gets_two_lines_too(self) -> None:
        """From five to three seats at half: a credit for five, a charge for three."""
        account = after(on_plan(PRO, JUNE, seats=5), ChangeSeats(3, at=HALF))
        assert waiting_cents(account) == [-4750, 2850]

    def test_a_second_change_credits_the_price_not_the_amounts_debited(self) -> None:
        """Classic mode: the second credit is a third of two full seats, exactly."""
        account = after(
            on_plan(PRO, JUNE),
            ChangeSeats(2, at=utc(2026, 6, 11)),
            ChangeSeats(3, at=utc(2026, 6, 21)),
        )
        assert waiting_cents(account) == [-1267, 2533, -1267, 1900]
        assert account.pending_lines[2].exact == Fraction(-3800, 3)

    def test_there_and_back_at_one_instant_costs_nothing(self) -> None:
        """Seats changed and changed back at half of the period cancel out."""
        account = after(on_plan(PRO, JUNE), ChangeSeats(4, at=HALF), ChangeSeats(1, at=HALF))
        assert sum(waiting_cents(account)) == 0


class TestB6LinesExplainThemselves:
    """Every line keeps its plan, seats, unit price, part, whole period, exact fraction, and what
    rounding gave or took. B6.
    """

    def test_a_credit(self) -> None:
        """Five Pro seats back for 895/1488 of a month: 5714 and 17/372 of a cent to the house."""
        account = on_plan(PRO, utc(2026, 10, 15, 9), seats=5)
        at, end = utc(2026, 10, 27, 17, 30), utc(2026, 11, 15, 9)
        (invoice,) = apply(account, ChoosePlan(ULTIMATE, at=at)).invoices
        credit = invoice.lines[0]
        assert (credit.kind, credit.plan, credit.seats) == (LineKind.unused_time, PRO, 5)
        assert credit.unit_price == Money(1900, USD)
        assert credit.period == Period(at, end)
        assert credit.whole == Period(utc(2026, 10, 15, 9), end)
        assert credit.fraction == Fraction(895, 1488)
        assert credit.exact == Fraction(-2_125_625, 372)
        assert credit.amount == Money(-5714, USD)
        assert credit.rounding_difference == Fraction(17, 372)

    def test_a_charge(self) -> None:
        """Five Ultimate seats for the same time: rounded up by 21/124 of a cent."""
        account = on_plan(PRO, utc(2026, 10, 15, 9), seats=5)
        at = utc(2026, 10, 27, 17, 30)
        (invoice,) = apply(account, ChoosePlan(ULTIMATE, at=at)).invoices
        charge = invoice.lines[1]
        assert (charge.kind, charge.plan, charge.seats) == (LineKind.remaining_time, ULTIMATE, 5)
        assert charge.unit_price == Money(3900, USD)
        assert charge.exact == Fraction(1_454_375, 124)
        assert charge.rounding_difference == Fraction(21, 124)

    def test_a_whole_period(self) -> None:
        """A line for a whole period is exact: fraction one, nothing rounded."""
        (invoice,) = apply(on_free(JUNE, card=True), ChoosePlan(PRO, 2, at=JUNE)).invoices
        (line,) = invoice.lines
        kept = (line.fraction, line.exact, line.rounding_difference)
        assert kept == (Fraction(1), Fraction(3800), Fraction(0))

    def test_a_half_given_to_the_customer(self) -> None:
        """Of 2.5 back the customer gets 3, of 4.5 to pay 4: half a cent each."""
        account = on_ten()
        (invoice,) = apply(account, to_eighteen(account)).invoices
        given = [line.rounding_difference for line in invoice.lines]
        assert given == [Fraction(-1, 2), Fraction(-1, 2)]


class TestB7CreditBalance:
    """An invoice is first met from the credit balance; a total below zero is added to it, never
    paid out. Over any history the lines sum to the amounts due less the final balance, and credit
    left on Free meets the next invoice. B7.
    """

    @pytest.fixture
    def shrunk(self) -> Account:
        """A team of twenty that became one at half of June: -19000 and +950 wait."""
        return after(on_plan(PRO, JUNE, seats=20), ChangeSeats(1, at=HALF))

    def test_a_total_below_zero_is_kept_not_paid_out(self, shrunk: Account) -> None:
        """July's invoice is -$161.50: nothing is due and the balance holds it."""
        statement = advance(shrunk, JULY)
        (invoice,) = statement.invoices
        assert (invoice.total.amount, invoice.amount_due.amount) == (-16_150, 0)
        assert (invoice.credit_before.amount, invoice.credit_after.amount) == (0, 16_150)
        assert statement.account.credit_balance == Money(16_150, USD)

    def test_the_next_invoice_is_met_from_it(self, shrunk: Account) -> None:
        """August's $19 come from the balance."""
        invoice = advance(shrunk, AUGUST).invoices[1]
        amounts = (invoice.credit_before, invoice.total, invoice.amount_due, invoice.credit_after)
        assert [amount.amount for amount in amounts] == [16_150, 1900, 0, 14_250]

    def test_credit_stays_on_free_and_meets_the_next_invoice(self, shrunk: Account) -> None:
        """Cancelled in August and back in October with four Ultimate seats: $13.50 to pay."""
        gone = advance(after(shrunk, Cancel(at=utc(2026, 8, 10))), utc(2026, 10, 5)).account
        assert (gone.subscription.plan.key, gone.credit_balance.amount) == ("free", 14_250)
        back = apply(gone, ChoosePlan(ULTIMATE, 4, at=utc(2026, 10, 5)))
        (invoice,) = back.invoices
        assert (invoice.total.amount, invoice.amount_due.amount) == (15_600, 1350)
        assert back.account.credit_balance.amount == 0

    def test_lines_sum_to_what_was_due_less_the_balance(self) -> None:
        """First 38000, then -16150, 1900 and 15600: 39350 of lines, 39350 collected, none left."""
        account = on_free(JUNE, card=True)
        actions: list[Action] = [
            ChoosePlan(PRO, 20, at=JUNE),
            ChangeSeats(1, at=HALF),
            Cancel(at=utc(2026, 8, 10)),
            ChoosePlan(ULTIMATE, 4, at=utc(2026, 10, 5)),
        ]
        invoices = lived(account, actions)
        assert [sum(cents(invoice)) for invoice in invoices] == [38_000, -16_150, 1900, 15_600]
        assert [due for _, due in dues(invoices)] == [38_000, 0, 0, 1350]

    def test_the_sum_holds_in_the_middle_too(self, shrunk: Account) -> None:
        """After August: lines 38000 - 16150 + 1900 are 38000 collected less a balance of 14250."""
        balance = advance(shrunk, AUGUST).account.credit_balance
        assert 38_000 - balance.amount == 38_000 - 16_150 + 1900

    def test_an_upgrade_is_met_from_the_balance_too(self, shrunk: Account) -> None:
        """In mid-July, with 15.5 of 31 days left, an upgrade for $10 costs nothing now."""
        statement = apply(shrunk, ChoosePlan(ULTIMATE, at=utc(2026, 7, 16, 12)))
        invoice = statement.invoices[-1]
        assert (cents(invoice), invoice.amount_due.amount) == ([-950, 1950], 0)
        assert invoice.credit_after.amount == 15_150

    def test_the_balance_starts_at_nothing(self) -> None:
        """A new account has neither credit nor debt, in the currency of its catalogue."""
        yen = Currency("JPY", 0)
        free, pro = a_plan("free", 0, currency=yen), a_plan("pro", 2900, currency=yen)
        account = on_free(JUNE, catalog=a_catalog(free, pro))
        assert account.credit_balance == Money(0, yen)


class TestB8Previews:
    """A preview is the same computation as the charge; it is thrown away and asks for no payment
    method, and differs in nothing else. B8.
    """

    @pytest.mark.parametrize(
        "action",
        [
            pytest.param(lambda: ChoosePlan(ULTIMATE, at=HALF), id="upgrade"),
            pytest.param(lambda: ChoosePlan(ULTIMATE, 7, at=HALF), id="upgrade with seats"),
            pytest.param(lambda: ChoosePlan(FREE, at=HALF), id="downgrade"),
            pytest.param(lambda: ChangeSeats(9, at=HALF), id="grow"),
            pytest.param(lambda: ChangeSeats(1, at=HALF), id="shrink"),
            pytest.param(lambda: Cancel(at=HALF), id="cancel"),
            pytest.param(lambda: PaymentFailed(final=True, at=HALF), id="final failure"),
            pytest.param(lambda: ChoosePlan(ULTIMATE, at=utc(2026, 9, 9)), id="much later"),
        ],
    )
    def test_it_is_what_apply_returns(self, action: Callable[[], Action]) -> None:
        """Account and invoices, those of the time in between included, are the same."""
        account = on_plan(PRO, JUNE, seats=3)
        assert preview(account, action()) == apply(account, action())

    @pytest.mark.parametrize(("start", "due"), [("free", 3900), ("trial", 3900), ("pro", 1000)])
    def test_it_asks_for_no_payment_method(self, start: str, due: int) -> None:
        """Ultimate's price is shown to whoever has no card yet, and is the charge once it is there."""
        account = after(named(start), RemovePaymentMethod(at=JUNE))
        choice = ChoosePlan(ULTIMATE, at=HALF)
        charged = apply(after(account, AddPaymentMethod(at=HALF)), choice)
        refusal(account, choice, PaymentMethodRequiredError)
        assert preview(account, choice).invoices == charged.invoices
        assert dues(charged.invoices) == [(HALF, due)]

    def test_the_account_stays_as_it_was(self) -> None:
        """What was previewed has not happened."""
        account = on_plan(PRO, JUNE)
        preview(account, ChoosePlan(ULTIMATE, at=HALF))
        assert account == on_plan(PRO, JUNE)

    def test_other_refusals_stay(self) -> None:
        """A preview of what is refused for another reason is refused for that reason."""
        account = on_free(JUNE)
        error_of(SeatLimitError, preview, account, ChangeSeats(2, at=JUNE))

    def test_growing_a_yearly_plan_can_be_previewed_without_a_card(self) -> None:
        """The other choice that charges at once shows its price as well."""
        account = on_year(utc(2027, 1, 1), seats=2)
        account = after(account, RemovePaymentMethod(at=utc(2027, 1, 1)))
        shown = preview(account, ChangeSeats(3, at=utc(2027, 10, 20)))
        assert dues(shown.invoices) == [(utc(2027, 10, 20), 7200)]


class TestB9OneStepOrMany:
    """Going forward in one step or in many issues the same invoices. B9."""

    @pytest.mark.parametrize(
        "stride",
        [
            timedelta(hours=7, minutes=13),
            timedelta(days=1),
            timedelta(days=28),
            timedelta(days=31),
            timedelta(days=400),
        ],
    )
    def test_a_paid_account(self, stride: timedelta) -> None:
        """From 31 January with a growth that waits: the same four invoices at any stride."""
        account = after(
            on_plan(PRO, utc(2026, 1, 31), seats=3), ChangeSeats(5, at=utc(2026, 2, 10))
        )
        statement = _strode(account, utc(2026, 6, 1), stride)
        assert dues(statement.invoices) == [
            (utc(2026, 2, 28), 11_943),
            (utc(2026, 3, 31), 9500),
            (utc(2026, 4, 30), 9500),
            (utc(2026, 5, 31), 9500),
        ]
        assert statement.account == advance(account, utc(2026, 6, 1)).account

    @pytest.mark.parametrize("stride", [timedelta(days=1), timedelta(days=45)])
    def test_an_account_that_ends(self, stride: timedelta) -> None:
        """After a trial and a cancelled month nothing more is issued, at any stride."""
        account = after(on_trial(JUNE, card=True, seats=2), ChangeSeats(3, at=HALF))
        account = after(account, Cancel(at=utc(2026, 7, 4)))
        statement = _strode(account, utc(2027, 1, 1), stride)
        assert statement.invoices == ()
        assert statement.account.subscription.plan.key == "free"
        assert statement.account == advance(account, utc(2027, 1, 1)).account

    def test_a_replay_is_the_fold(self) -> None:
        """A replay to an instant issues what the actions and the steps between them issue."""
        actions: list[Action] = [
            StartTrial(2, at=JUNE),
            AddPaymentMethod(at=HALF),
            ChoosePlan(ULTIMATE, at=utc(2026, 7, 16, 12)),
        ]
        statement = replay(actions, utc(2026, 9, 1))
        assert dues(statement.invoices) == [
            (JULY, 3800),
            (utc(2026, 7, 16, 12), 2000),
            (AUGUST, 7800),
            (utc(2026, 9, 1), 7800),
        ]

    def test_a_replay_leaves_out_what_comes_later(self) -> None:
        """Seen from 20 June, the upgrade of July has not happened."""
        actions: list[Action] = [
            StartTrial(2, at=JUNE),
            AddPaymentMethod(at=HALF),
            ChoosePlan(ULTIMATE, at=utc(2026, 7, 16)),
        ]
        account = after(on_trial(JUNE, seats=2), AddPaymentMethod(at=HALF))
        then = utc(2026, 6, 20)
        assert replay(actions, then).account == advance(account, then).account


def _strode(account: Account, to: datetime, stride: timedelta) -> Statement:
    invoices: list[Invoice] = []
    at = account.subscription.as_of
    while at < to:
        at = min(at + stride, to)
        statement = advance(account, at)
        account = statement.account
        invoices.extend(statement.invoices)
    return Statement(account, tuple(invoices))


class TestB10TooSmallToCollect:
    """An amount due above zero but below the smallest charge ($0.50, a term) is not collected but
    owed through the credit balance, and joins the next invoice if there is one. B10.
    """

    def test_the_published_term(self) -> None:
        """Fifty cents are the smallest charge."""
        assert CHATIM.terms.smallest_charge == Money(50, USD)

    @pytest.mark.parametrize(
        ("price", "due", "balance"), [(1, 0, -1), (49, 0, -49), (50, 50, 0), (51, 51, 0)]
    )
    def test_just_below_and_just_there(self, price: int, due: int, balance: int) -> None:
        """49 cents wait, 50 are collected."""
        catalog = _pennies(price)
        statement = apply(
            on_free(JUNE, card=True, catalog=catalog), ChoosePlan(catalog.plan("pro"), at=JUNE)
        )
        (invoice,) = statement.invoices
        assert (invoice.amount_due.amount, invoice.credit_after.amount) == (due, balance)
        assert statement.account.credit_balance.amount == balance

    def test_it_joins_the_next_invoice(self) -> None:
        """A plan of 30 cents is collected every second month, 60 cents at a time."""
        catalog = _pennies(30)
        account = on_free(JUNE, card=True, catalog=catalog)
        choice = ChoosePlan(catalog.plan("pro"), at=JUNE)
        invoices = lived(account, [choice], utc(2026, 9, 1))
        assert dues(invoices) == [(JUNE, 0), (JULY, 60), (AUGUST, 0), (utc(2026, 9, 1), 60)]
        assert [invoice.credit_before.amount for invoice in invoices] == [0, -30, 0, -30]

    def test_if_there_ever_is_one(self) -> None:
        """A customer who leaves is never asked for the 30 cents."""
        catalog = _pennies(30)
        account = after(on_plan(catalog.plan("pro"), JUNE, catalog=catalog), Cancel(at=HALF))
        statement = advance(account, utc(2030, 1, 1))
        assert statement.invoices == ()
        assert statement.account.credit_balance.amount == -30

    def test_what_credit_leaves_over_counts(self) -> None:
        """With 1870 cents of credit, $19 leave 30 cents, which are too small."""
        account = evolve(on_plan(PRO, JUNE), credit_balance=Money(1870, USD))
        (invoice,) = advance(account, JULY).invoices
        assert (invoice.amount_due.amount, invoice.credit_after.amount) == (0, -30)

    def test_nothing_due_is_not_too_small(self) -> None:
        """Credit of exactly $19 meets the invoice and leaves nothing."""
        account = evolve(on_plan(PRO, JUNE), credit_balance=Money(1900, USD))
        (invoice,) = advance(account, JULY).invoices
        assert (invoice.amount_due.amount, invoice.credit_after.amount) == (0, 0)

    def test_another_catalogue_may_collect_every_cent(self) -> None:
        """With a smallest charge of nothing a single cent is collected."""
        catalog = _pennies(1, smallest_charge=0)
        account = on_free(JUNE, card=True, catalog=catalog)
        assert dues(lived(account, [ChoosePlan(catalog.plan("pro"), at=JUNE)])) == [(JUNE, 1)]

    def test_with_no_smallest_charge_credit_is_still_not_paid_out(self) -> None:
        """A total below zero is due to nobody, however small the smallest charge."""
        terms = evolve(CHATIM.terms, smallest_charge=Money(0, USD))
        account = on_plan(PRO, JUNE, seats=20, catalog=evolve(CHATIM, terms=terms))
        (invoice,) = advance(after(account, ChangeSeats(1, at=HALF)), JULY).invoices
        assert (invoice.amount_due.amount, invoice.credit_after.amount) == (0, 16_150)

    def test_a_small_upgrade_in_the_last_seconds(self) -> None:
        """A real upgrade can be too small: one cent from -3 and +4 joins the renewal."""
        account = on_ten()
        assert dues(lived(account, [to_eighteen(account)], JULY)) == [(TIE, 0), (JULY, 1801)]


def _pennies(price: int, smallest_charge: int = 50) -> Catalog:
    return a_catalog(a_plan("free", 0), a_plan("pro", price), smallest_charge=smallest_charge)


class TestB11CreditsAssumePayment:
    """Credits assume that the invoices already issued are, or will be, paid. B11."""

    def test_a_past_due_account_is_credited_in_full(self) -> None:
        """An upgrade at half credits half of a month whose payment has just failed."""
        account = after(on_plan(PRO, JUNE), PaymentFailed(at=utc(2026, 6, 2)))
        (invoice,) = apply(account, ChoosePlan(ULTIMATE, at=HALF)).invoices
        assert cents(invoice) == [-950, 1950]

    def test_a_restricted_account_that_shrinks_is_credited_too(self) -> None:
        """Its lines wait as they would in good standing."""
        account = restricted(seats=3)
        assert waiting_cents(after(account, ChangeSeats(1, at=HALF))) == [-2850, 950]
