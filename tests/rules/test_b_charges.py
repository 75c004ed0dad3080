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
    AccountRestrictedError,
    Action,
    AddPaymentMethod,
    AdjustCredit,
    BillingMode,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Currency,
    CurrencyMismatchError,
    IntervalMismatchError,
    InvalidTypeError,
    InvalidValueError,
    Invoice,
    LineKind,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    PaymentFailed,
    PaymentMethodRequiredError,
    PaymentOverdueError,
    PaymentSucceeded,
    Period,
    Refunded,
    RemovePaymentMethod,
    Resume,
    Rounding,
    SeatLimitError,
    StartFree,
    StartTrial,
    Statement,
    UnknownKeyError,
    advance,
    apply,
    monthly_charge,
    preview,
    prorate,
    replay,
    upcoming_invoice,
)
from tests.accounts import (
    ACCOUNTS,
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
    on_terms,
    on_trial,
    on_year,
    paid_phase,
    past_due,
    refusal,
    restricted,
    to_eighteen,
    usd,
    waiting_cents,
    with_enterprise,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, TENTH, TIE, from_unix, utc
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

    def test_a_second_change_gets_two_lines_too(self) -> None:
        """One seat, two from the 11th, three from the 21st of June."""
        account = after(
            on_plan(PRO, JUNE),
            ChangeSeats(2, at=utc(2026, 6, 11)),
            ChangeSeats(3, at=utc(2026, 6, 21)),
        )
        assert waiting_cents(account) == [-1267, 2533, -1267, 1900]

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


class TestB11CreditsAreForTimeThatWasPaid:
    """Credits are for time that was paid. In good standing issued invoices count as paid. While the
    standing is not good a team may shrink, which writes no lines; a higher plan, a longer interval
    and growing are refused until a payment succeeds. B11.
    """

    def test_in_good_standing_an_invoice_counts_as_paid(self) -> None:
        """Nobody reported on June's invoice, and half of it is credited."""
        account = after(on_plan(PRO, JUNE, seats=3), ChangeSeats(1, at=HALF))
        assert waiting_cents(account) == [-2850, 950]

    @pytest.mark.parametrize("overdue", [past_due, restricted])
    def test_an_overdue_team_shrinks_without_lines(self, overdue: Callable[..., Account]) -> None:
        """One of three stays; July, if it comes, is for one."""
        shrunk = apply(overdue(seats=3), ChangeSeats(1, at=HALF))
        assert shrunk.invoices == ()
        assert shrunk.account.pending_lines == ()
        assert shrunk.account.subscription.seats == 1

    def test_the_lower_count_is_charged_from_the_next_period_on(self) -> None:
        """A past due team of one is billed $19 in July."""
        account = after(past_due(seats=3), ChangeSeats(1, at=HALF))
        assert dues(advance(account, JULY).invoices) == [(JULY, 1900)]

    def test_nobody_lives_on_the_credit_of_seats_that_were_never_paid(self) -> None:
        """A thousand unpaid seats shrink to one, and leave no balance behind."""
        account = after(past_due(seats=1000), ChangeSeats(1, at=HALF))
        assert advance(account, AUGUST).account.credit_balance.amount == 0

    def test_a_yearly_team_that_shrinks_is_issued_nothing(self) -> None:
        """Where lines are invoiced at once there is no invoice either."""
        account = after(on_year(JUNE, seats=3), PaymentFailed(at=TENTH))
        assert apply(account, ChangeSeats(1, at=HALF)).invoices == ()

    @pytest.mark.parametrize(
        "action",
        [
            lambda: ChangeSeats(4, at=HALF),
            lambda: ChoosePlan(ULTIMATE, at=HALF),
            lambda: ChoosePlan(with_enterprise().plan("enterprise"), at=HALF),
        ],
    )
    def test_more_is_refused(self, action: Callable[[], Action]) -> None:
        """Growing, a higher plan and a longer interval, in a preview too."""
        account = past_due(seats=3, catalog=with_enterprise())
        assert refusal(account, action(), PaymentOverdueError).held_plan == PRO
        error_of(PaymentOverdueError, preview, account, action())

    def test_on_a_restricted_account_the_error_is_its_own(self) -> None:
        """D2 speaks first."""
        refusal(restricted(seats=3), ChangeSeats(4, at=HALF), AccountRestrictedError)

    def test_a_payment_that_succeeds_makes_room(self) -> None:
        """Paid, the team grows and is credited as ever."""
        account = after(past_due(seats=3), PaymentSucceeded(at=HALF), ChangeSeats(4, at=HALF))
        assert waiting_cents(account) == [-2850, 3800]

    @pytest.mark.parametrize(("mode", "credit"), [("flexible", -2850), ("classic", -950)])
    def test_what_was_paid_after_all_is_credited_as_the_mode_has_it(
        self, mode: str, credit: int
    ) -> None:
        """Three debited, one left while overdue, paid, two: flexible credits the debit of three,
        classic the price of the one seat held.
        """
        account = after(
            past_due(seats=3, catalog=on_terms(billing_mode=mode)),
            ChangeSeats(1, at=TENTH),
            PaymentSucceeded(at=HALF),
            ChangeSeats(2, at=HALF),
        )
        assert waiting_cents(account) == [credit, 1900]


class TestB12BillingModes:
    """The billing mode is a fact of an account on a paid plan: its catalogue's term when the plan
    starts, kept until it is back on Free. Classic: the credit is a part of old price × old seats
    over the whole period. Flexible: of what was really debited for that time, over the period of
    that debit. B12.
    """

    def test_chatims_term_is_flexible(self) -> None:
        """As Stripe gives it to new subscriptions."""
        assert CHATIM.terms.billing_mode is BillingMode.flexible

    def test_an_unknown_mode_is_refused(self) -> None:
        """There are two."""
        error_of(UnknownKeyError, evolve, CHATIM.terms, billing_mode="mixed")

    @pytest.mark.parametrize(
        ("mode", "base", "whole", "exact"),
        [
            ("flexible", 2533, Period(utc(2026, 6, 11), JULY), Fraction(-2533, 2)),
            ("classic", 3800, Period(JUNE, JULY), Fraction(-3800, 3)),
        ],
    )
    def test_the_second_credit(self, mode: str, base: int, whole: Period, exact: Fraction) -> None:
        """From the 21st of June on: half of 2533 debited, or a third of two full seats."""
        account = after(
            on_plan(PRO, JUNE, catalog=on_terms(billing_mode=mode)),
            ChangeSeats(2, at=utc(2026, 6, 11)),
            ChangeSeats(3, at=utc(2026, 6, 21)),
        )
        credit = account.pending_lines[2]
        assert (credit.base.amount, credit.whole, credit.exact) == (base, whole, exact)

    @pytest.mark.parametrize("mode", BillingMode)
    def test_both_agree_on_the_first_change(self, mode: BillingMode) -> None:
        """What was debited for the whole period is its price."""
        account = on_plan(PRO, utc(2026, 10, 15, 9), seats=3, catalog=on_terms(billing_mode=mode))
        account = after(account, ChangeSeats(5, at=utc(2026, 10, 20, 12)))
        assert waiting_cents(account) == [-4758, 7929]

    def test_the_charge_is_of_the_whole_period_in_both(self) -> None:
        """A change leaves the charge as B5 has it."""
        account = after(on_plan(PRO, JUNE), ChangeSeats(2, at=TENTH), ChangeSeats(3, at=HALF))
        assert [line.whole for line in account.pending_lines[1::2]] == [Period(JUNE, JULY)] * 2

    def test_nothing_is_credited_twice_or_above_its_debit(self) -> None:
        """Changed thrice in one second, each credit takes back the very charge before it."""
        account = after(on_plan(PRO, JUNE), *(ChangeSeats(n, at=TENTH) for n in (2, 7, 1)))
        amounts = waiting_cents(account)
        assert [amounts[2], amounts[4]] == [-amounts[1], -amounts[3]]

    def test_the_account_keeps_the_line_that_pays(self) -> None:
        """Its subscription line, after a change the latest charge; none in classic or on Free."""
        bought = on_plan(PRO, JUNE)
        grown = after(bought, ChangeSeats(2, at=TENTH))
        assert bought.standing_debit is not None
        assert bought.standing_debit.kind is LineKind.subscription
        assert grown.standing_debit == grown.pending_lines[-1]
        classic = on_plan(PRO, JUNE, catalog=on_terms(billing_mode="classic"))
        assert [classic.standing_debit, on_free(JUNE).standing_debit] == [None, None]

    def test_where_the_debit_is_unknown_it_is_the_latest_charge_that_waits(self) -> None:
        """An account read without its debit."""
        account = after(on_plan(PRO, JUNE), ChangeSeats(2, at=utc(2026, 6, 11)))
        unknown = evolve(account, standing_debit=None)
        changed = after(unknown, ChangeSeats(3, at=utc(2026, 6, 21)))
        assert changed.pending_lines[2].base.amount == 2533

    def test_or_else_price_times_seats(self) -> None:
        """Nothing waits: three seats at $19 over the period."""
        unknown = evolve(on_plan(PRO, JUNE, seats=3), standing_debit=None)
        changed = after(unknown, ChangeSeats(1, at=HALF))
        assert changed.pending_lines[0].base.amount == 5700

    def test_it_is_the_term_when_the_plan_starts(self) -> None:
        """Bought, or converted from a trial, or from a trial cut short."""
        catalog = on_terms(billing_mode="classic")
        trial = on_trial(JUNE, card=True, catalog=catalog)
        accounts = [
            on_plan(PRO, JUNE, catalog=catalog),
            advance(trial, JULY).account,
            after(trial, ChoosePlan(ULTIMATE, at=TENTH)),
        ]
        assert [paid_phase(account).billing_mode for account in accounts] == ["classic"] * 3

    def test_an_edition_with_another_mode_moves_none(self) -> None:
        """The new edition's terms hold from the boundary, but the mode is kept."""
        account = after(on_plan(PRO, JUNE), MoveToEdition(_classic(), at=JUNE))
        renewed = advance(account, JULY).account
        assert renewed.subscription.catalog == _classic()
        assert paid_phase(renewed).billing_mode is BillingMode.flexible

    def test_until_it_is_back_on_free(self) -> None:
        """Left and bought again, the plan starts under the edition's own mode."""
        account = after(
            on_plan(PRO, JUNE),
            MoveToEdition(_classic(), at=JUNE),
            Cancel(at=JUNE),
            ChoosePlan(PRO, at=AUGUST),
        )
        assert paid_phase(account).billing_mode is BillingMode.classic

    def test_a_trial_that_ends_takes_the_mode_of_the_edition_that_waited(self) -> None:
        """Its end is the boundary, and the plan starts there."""
        account = after(on_trial(JUNE, card=True), MoveToEdition(_classic(), at=TENTH))
        assert paid_phase(advance(account, JULY).account).billing_mode is BillingMode.classic


def _classic() -> Catalog:
    return evolve(on_terms(billing_mode="classic"), edition="classic")


class TestB13Adjustments:
    """`AdjustCredit` records that Chatim granted or took balance; zero and another currency are
    refused. It issues nothing, is recorded in every status, and may turn the balance negative,
    which meets the next invoice. B13.
    """

    @pytest.mark.parametrize("who", sorted(ACCOUNTS))
    def test_in_every_status(self, who: str) -> None:
        """Ten dollars granted are ten dollars more, and nothing else."""
        account = named(who)
        at = account.subscription.as_of
        statement = apply(account, AdjustCredit(usd(1000), at=at))
        assert statement.invoices == ()
        granted = account.credit_balance + usd(1000)
        assert statement.account == evolve(account, credit_balance=granted)

    def test_what_was_granted_meets_the_next_invoice(self) -> None:
        """July is $19, and $9 of it are due."""
        account = after(on_plan(PRO, JUNE), AdjustCredit(usd(1000), at=TENTH))
        (invoice,) = advance(account, JULY).invoices
        assert (invoice.credit_before, invoice.amount_due) == (usd(1000), usd(900))

    def test_what_was_taken_is_owed_with_the_next_invoice(self) -> None:
        """Below zero the balance is debt: July costs $29."""
        account = after(on_plan(PRO, JUNE), AdjustCredit(usd(-1000), at=TENTH))
        assert account.credit_balance == usd(-1000)
        assert dues(advance(account, JULY).invoices) == [(JULY, 2900)]

    def test_a_preview_shows_the_same(self) -> None:
        """And keeps nothing."""
        account, action = on_plan(PRO, JUNE), AdjustCredit(usd(-5), at=TENTH)
        assert preview(account, action) == apply(account, action)

    def test_nothing_is_no_adjustment(self) -> None:
        """Zero is refused by its value."""
        error_of(InvalidValueError, AdjustCredit, usd(0), at=TENTH)

    def test_another_currency_is_refused(self) -> None:
        """Ten euros are no balance of an account in dollars."""
        error = error_of(
            CurrencyMismatchError,
            apply,
            on_free(JUNE),
            AdjustCredit(Money(1000, Currency("EUR", 2)), at=TENTH),
        )
        assert (error.left.code, error.right.code) == ("USD", "EUR")

    def test_the_sum_of_lines_counts_it(self) -> None:
        """Σ lines is Σ due and Σ adjustments, less the final balance: 3800 = 2800 + 1500 − 500."""
        account = after(on_plan(PRO, JUNE), AdjustCredit(usd(1000), at=TENTH))
        july = advance(account, JULY)
        final = after(july.account, AdjustCredit(usd(500), at=JULY)).credit_balance
        due = 1900 + july.invoices[0].amount_due.amount
        assert (due, final) == (2800, usd(500))
        assert 1900 + sum(cents(july.invoices[0])) == due + 1500 - final.amount


class TestB14WhatHappened:
    """An invoice has a number, 1, 2, 3 … within its account, and a cause. A statement lists what
    happened, in order: every action that changed something and every boundary, with its kind, what
    was held before and after, and the invoice it issued. B14.
    """

    def test_numbers_count_from_one(self) -> None:
        """Over the whole history of the account, whatever the steps."""
        account = on_plan(PRO, JUNE)
        upgrade = apply(account, ChoosePlan(ULTIMATE, at=HALF))
        later = advance(upgrade.account, AUGUST)
        numbers = [invoice.number for invoice in (*upgrade.invoices, *later.invoices)]
        assert numbers == [2, 3, 4]

    def test_a_preview_takes_no_number(self) -> None:
        """It shows the number the charge would have, and the charge has it."""
        account, action = on_plan(PRO, JUNE), ChoosePlan(ULTIMATE, at=HALF)
        shown = [preview(account, action).invoices[0].number for _ in range(2)]
        assert [*shown, apply(account, action).invoices[0].number] == [2, 2, 2]

    @pytest.mark.parametrize(
        ("story", "causes"),
        [
            ("bought", ["plan_started"]),
            ("bought in the trial", ["plan_started"]),
            ("trial converted", ["trial_converted"]),
            ("trial ended now", ["trial_converted"]),
            ("renewed", ["plan_started", "period_renewed"]),
            ("upgraded", ["plan_started", "upgraded"]),
            ("to a longer interval", ["plan_started", "interval_changed"]),
            ("to a shorter one at the end", ["plan_started", "period_renewed"]),
            ("grown by the year", ["plan_started", "seats_changed"]),
            ("shrunk by the year", ["plan_started", "seats_changed"]),
            ("left with lines waiting", ["plan_started", "billing_stopped"]),
        ],
    )
    def test_causes(self, story: str, causes: list[str]) -> None:
        """Each invoice says what it was issued for."""
        statement = _caused(story)
        assert [str(invoice.cause) for invoice in statement.invoices] == causes

    def test_a_statement_lists_what_happened(self) -> None:
        """A trial, a card, the trial's end, a member more, and what time did next."""
        statement = replay(
            [
                StartTrial(2, at=JUNE),
                AddPaymentMethod(at=TENTH),
                ChangeSeats(3, at=JULY),
                PaymentFailed(final=True, at=JULY),
            ],
            until=AUGUST,
        )
        told = [(e.at, e.kind.value, e.after.seats, str(e.after.status)) for e in statement.events]
        assert told == [
            (JUNE, "start_trial", 2, "trialing"),
            (TENTH, "add_payment_method", 2, "trialing"),
            (JULY, "trial_converts", 2, "active"),
            (JULY, "grow", 3, "active"),
            (JULY, "payment_failed_finally", 3, "restricted"),
            (AUGUST, "restriction_lapses", 3, "free"),
        ]

    def test_an_event_carries_its_action_and_time_none(self) -> None:
        """The opening has nothing before it, and a renewal carries its invoice."""
        start = StartFree(at=JUNE)
        card, choice = AddPaymentMethod(at=JUNE), ChoosePlan(PRO, at=JUNE)
        statement = replay([start, card, choice], until=JULY)
        assert [event.action for event in statement.events] == [start, card, choice, None]
        assert statement.events[0].before is None
        assert [event.invoice for event in statement.events[2:]] == [*statement.invoices]

    def test_what_changes_nothing_is_not_listed(self) -> None:
        """The same seats, the plan held, a second card, nothing to resume."""
        account = on_plan(PRO, JUNE)
        idle: list[Action] = [
            ChangeSeats(1, at=TENTH),
            ChoosePlan(PRO, at=TENTH),
            AddPaymentMethod(at=TENTH),
            Resume(at=TENTH),
        ]
        assert [apply(account, action).events for action in idle] == [()] * 4

    def test_reports_adjustments_and_refunds_are_always_listed(self) -> None:
        """A success in good standing changes nothing, and is an event."""
        account = on_plan(PRO, JUNE)
        listed: list[Action] = [
            PaymentSucceeded(at=TENTH),
            AdjustCredit(usd(1), at=TENTH),
            Refunded(1, usd(1), at=TENTH),
        ]
        kinds = [apply(account, action).events[0].kind.value for action in listed]
        assert kinds == ["payment_succeeded", "adjust_credit", "refund"]

    def test_a_trial_ended_now_is_one_event(self) -> None:
        """Of the kind that its end has, with the action that brought it."""
        action = MoveTrialEnd(TENTH, at=TENTH)
        (event,) = apply(on_trial(JUNE, card=True), action).events
        assert (event.kind.value, event.action) == ("trial_converts", action)

    def test_the_account_keeps_what_was_due_by_number(self) -> None:
        """Number 1 was $19, number 2 nothing, as it left a credit."""
        account = after(
            on_plan(PRO, JUNE, seats=20, catalog=on_terms(seat_lines_at_once=True)),
            ChangeSeats(1, at=HALF),
            Refunded(1, usd(500), at=HALF),
        )
        issued = [(each.amount_due.amount, each.refunded.amount) for each in account.issued]
        assert issued == [(38_000, 500), (0, 0)]


def _caused(story: str) -> Statement:
    catalog = with_enterprise()
    year = catalog.plan("enterprise")
    free: list[Action] = [StartFree(at=JUNE), AddPaymentMethod(at=JUNE)]
    pro: list[Action] = [*free, ChoosePlan(PRO, at=JUNE)]
    yearly: list[Action] = [*free, ChoosePlan(year, 2, at=JUNE)]
    trial: list[Action] = [StartTrial(at=JUNE), AddPaymentMethod(at=JUNE)]
    stories: dict[str, tuple[list[Action], datetime]] = {
        "bought": (pro, JUNE),
        "bought in the trial": ([*trial, ChoosePlan(ULTIMATE, at=TENTH)], TENTH),
        "trial converted": (trial, JULY),
        "trial ended now": ([*trial, MoveTrialEnd(TENTH, at=TENTH)], TENTH),
        "renewed": (pro, JULY),
        "upgraded": ([*pro, ChoosePlan(ULTIMATE, at=TENTH)], TENTH),
        "to a longer interval": ([*pro, ChoosePlan(year, at=TENTH)], TENTH),
        "to a shorter one at the end": (
            [*yearly, ChoosePlan(PRO, at=TENTH)],
            utc(2027, 6, 1),
        ),
        "grown by the year": ([*yearly, ChangeSeats(3, at=TENTH)], TENTH),
        "shrunk by the year": ([*yearly, ChangeSeats(1, at=TENTH)], TENTH),
        "left with lines waiting": ([*pro, ChangeSeats(2, at=TENTH), Cancel(at=TENTH)], JULY),
    }
    actions, until = stories[story]
    return replay(actions, until=until, catalog=catalog)
