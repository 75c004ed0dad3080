"""C. What is on sale, and what an account keeps of the edition it was sold from."""

from __future__ import annotations

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
    ActionRefusedError,
    AddPaymentMethod,
    Cancel,
    Catalog,
    ChangeScheduledNotice,
    ChangeSeats,
    ChoosePlan,
    Currency,
    Feature,
    InvalidCatalogError,
    InvalidValueError,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    PaymentFailed,
    Plan,
    PlanNotOfferedError,
    Quota,
    Resume,
    SeatLimitError,
    UnknownKeyError,
    advance,
    apply,
    comparison_table,
    entitlements,
    label,
    notices,
    price_table,
    upcoming_invoice,
)
from tests.accounts import (
    a_catalog,
    a_plan,
    after,
    cents,
    dues,
    granted,
    lived,
    on_free,
    on_plan,
    on_terms,
    on_trial,
    on_year,
    paid_phase,
    refusal,
    repriced,
    statuses,
    waiting_plan,
    with_enterprise,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, LAST_SECOND, TENTH, utc
from tests.published_tables import FEATURES, PRICES, cells
from tests.refused import error_of


class TestC1ThreePlans:
    """Free costs nothing and has one seat; Pro is $19 and Ultimate $39 per seat and month, in US
    dollars, with as many seats as the team needs; that is their rank order. C1.
    """

    def test_they_rank_free_pro_ultimate(self) -> None:
        """The catalogue lists the three plans from the lowest rank to the highest."""
        assert [plan.key for plan in CHATIM.plans] == ["free", "pro", "ultimate"]

    @pytest.mark.parametrize(("key", "price"), [("free", 0), ("pro", 1900), ("ultimate", 3900)])
    def test_prices_per_seat_and_month(self, key: str, price: int) -> None:
        """Each plan has its published price."""
        assert CHATIM.plan(key).price.amount == price

    def test_the_currency_is_the_us_dollar(self) -> None:
        """Every price is in US dollars, which count cents."""
        currencies = {plan.price.currency for plan in CHATIM.plans}
        assert {(currency.code, currency.digits) for currency in currencies} == {("USD", 2)}

    def test_seats(self) -> None:
        """Free has one seat, and the paid plans have no limit."""
        limits = [plan.limit("seats") for plan in (FREE, PRO, ULTIMATE)]
        assert limits == [1, UNLIMITED, UNLIMITED]

    @pytest.mark.parametrize(
        ("low", "high", "up"),
        [
            ("free", "pro", True),
            ("pro", "ultimate", True),
            ("free", "ultimate", True),
            ("pro", "free", False),
            ("ultimate", "pro", False),
            ("pro", "pro", False),
        ],
    )
    def test_moving_up_the_ranks_is_an_upgrade(self, low: str, high: str, up: bool) -> None:
        """Only a move to a higher rank is an upgrade."""
        assert CHATIM.is_upgrade(CHATIM.plan(low), CHATIM.plan(high)) is up


class TestC2TheMatrix:
    """Twelve published rows: three quotas, of which only Free's team seats are limited (to 1), and
    nine switches that begin with Free, Pro or Ultimate; standard support, which the table leaves
    out, is listed for Pro and so Ultimate has it too. C2.
    """

    @pytest.mark.parametrize(
        ("feature", "free", "pro", "ultimate"),
        [
            ("javascript_sdk", True, True, True),
            ("visitor_export", False, True, True),
            ("custom_branding", False, True, True),
            ("contact_buttons", False, True, True),
            ("advanced_analytics", False, True, True),
            ("standard_support", False, True, True),
            ("white_label", False, False, True),
            ("api_access", False, False, True),
            ("ai_chatbot", False, False, True),
            ("priority_support", False, False, True),
        ],
    )
    def test_switches(self, feature: str, free: bool, pro: bool, ultimate: bool) -> None:
        """Each switch is on from the plan on that the page lists it for."""
        assert CHATIM.matrix.row(feature) == {"free": free, "pro": pro, "ultimate": ultimate}

    def test_quotas(self) -> None:
        """Only the team seats of Free have a limit."""
        rows = {quota.value: list(CHATIM.matrix.row(quota).values()) for quota in Quota}
        assert rows == {
            "seats": [1, UNLIMITED, UNLIMITED],
            "chats": [UNLIMITED, UNLIMITED, UNLIMITED],
            "chatbot_flows": [UNLIMITED, UNLIMITED, UNLIMITED],
        }

    def test_there_are_ten_switches_and_three_quotas(self) -> None:
        """Nothing else is granted: nine published switches, standard support, three quotas."""
        assert (len(Feature), len(Quota)) == (10, 3)

    def test_standard_support_is_not_published(self) -> None:
        """The published table has twelve rows, none of them standard support."""
        rows = [row[0] for row in comparison_table(CHATIM, "en")[1:]]
        assert ("Standard Support" in rows, len(rows)) == (False, 12)

    def test_columns(self) -> None:
        """A plan's column says the same as the rows."""
        column = CHATIM.matrix.column("free")
        assert [column[quota] for quota in Quota] == [1, UNLIMITED, UNLIMITED]
        assert [feature for feature in Feature if column[feature]] == [Feature.javascript_sdk]


class TestC3EverythingBelowPlus:
    """Each plan grants at least what the plan below it grants; exactly one plan is free, and it
    ranks lowest; a catalogue that breaks this cannot be built. C3.
    """

    @pytest.mark.parametrize(("below", "above"), [("free", "pro"), ("pro", "ultimate")])
    def test_a_higher_plan_loses_nothing(self, below: str, above: str) -> None:
        """Moving up by one rank loses no feature and lowers no limit."""
        moved = CHATIM.matrix.difference(below, above)
        assert (set(moved.features_lost), list(moved.limits_lowered)) == (set(), [])

    def test_a_plan_that_drops_a_feature_is_refused(self) -> None:
        """A higher plan without a feature of the plan below cannot be on sale."""
        free = a_plan("free", 0, features=["javascript_sdk"])
        plans = free, a_plan("pro", 1900)
        assert (
            error_of(InvalidCatalogError, a_catalog, *plans, edition="broken").edition == "broken"
        )

    def test_equal_grants_are_enough(self) -> None:
        """A plan that grants exactly what the one below grants is on sale."""
        catalog = a_catalog(a_plan("free", 0), a_plan("pro", 1900))
        assert [plan.key for plan in catalog.plans] == ["free", "pro"]

    @pytest.mark.parametrize(
        "plans",
        [
            pytest.param([("free", 0, 2), ("pro", 1900, 1)], id="fewer seats than below"),
            pytest.param([("free", 0, None), ("pro", 1900, 10**6)], id="a limit, none below"),
            pytest.param([("pro", 1900, None), ("free", 0, None)], id="free above paid"),
            pytest.param(
                [("free", 0, None), ("gift", 0, None), ("pro", 1900, None)], id="two free"
            ),
            pytest.param([("pro", 1900, None), ("ultimate", 3900, None)], id="none free"),
        ],
    )
    def test_a_catalogue_that_breaks_it_is_refused(
        self, plans: list[tuple[str, int, int | None]]
    ) -> None:
        """A limit, however high, is less than none; one plan is free, and it ranks lowest."""
        built = [a_plan(key, price, seats=seats or UNLIMITED) for key, price, seats in plans]
        error_of(InvalidCatalogError, a_catalog, *built)


class TestC4WordsAndTables:
    """Plans have a name, a price line, a seat line and an audience, and plans and features have
    labels, in French and English; both tables of the page come out cell by cell. C4.
    """

    @pytest.mark.parametrize("language", ["fr", "en"])
    def test_the_tables_are_the_published_ones(self, language: str) -> None:
        """Plans and features, cell by cell, header first, in both languages."""
        assert price_table(CHATIM, language) == cells(PRICES[language])
        assert comparison_table(CHATIM, language) == cells(FEATURES[language])

    def test_standard_support_has_a_label_too(self) -> None:
        """The feature that the tables leave out is named in both languages."""
        labels = [label(Feature.standard_support, language) for language in ("fr", "en")]
        assert labels == ["Support standard", "Standard Support"]

    def test_plans_have_a_name_in_both_languages(self) -> None:
        """Only Free is called otherwise in French."""
        names = [(label(plan, "fr"), label(plan, "en")) for plan in CHATIM.plans]
        assert names == [("Gratuit", "Free"), ("Pro", "Pro"), ("Ultimate", "Ultimate")]

    def test_a_plan_without_wording_shows_its_key(self) -> None:
        """A negotiated plan stands in the table under its key."""
        names = [row[0] for row in price_table(with_enterprise(), "fr")]
        assert names == ["Plan", "Gratuit", "Pro", "Ultimate", "enterprise"]

    def test_there_is_no_third_language(self) -> None:
        """A language that the page is not written in is refused."""
        error = error_of(UnknownKeyError, price_table, CHATIM, "de")
        assert error.known == ("fr", "en")


class TestC5TheEditionSoldFrom:
    """An account keeps the prices, features and terms it was sold with until Chatim moves it, and
    then from its next boundary on, that invoice included (on Free at once); plans, a waiting one
    too, are matched by key. The new edition keeps every key, the currency, what is free and the
    intervals; `Resume` leaves the move, and moving to the edition held withdraws it. Until the
    boundary a choice is of a plan of the edition held, named by the value of either edition, at the
    price held until then and at the new one from it. C5.
    """

    def test_a_new_edition_alone_changes_nothing(self) -> None:
        """A customer who is not moved pays the old price while others buy at the new one."""
        new = repriced(pro=2500)
        other = on_plan(new.plan("pro"), JUNE, catalog=new)
        old = on_plan(PRO, JUNE)
        bills = [dues(advance(account, JULY).invoices) for account in (old, other)]
        assert bills == [[(JULY, 1900)], [(JULY, 2500)]]

    def test_the_move_starts_with_the_invoice_of_the_next_boundary(self) -> None:
        """Moved on 10 June, a customer pays the new price from the invoice of 1 July on."""
        move = MoveToEdition(repriced(pro=2500), at=TENTH)
        invoices = lived(on_plan(PRO, JUNE, seats=2), [move], AUGUST)
        assert dues(invoices) == [(JULY, 5000), (AUGUST, 5000)]

    def test_the_next_invoice_is_announced_at_the_new_price(self) -> None:
        """The upcoming invoice of an account that is being moved is the one it will get."""
        account = after(on_plan(PRO, JUNE), MoveToEdition(repriced(pro=2500), at=JUNE))
        upcoming = upcoming_invoice(account)
        assert upcoming is not None
        assert dues([upcoming]) == [(JULY, 2500)]

    def test_the_running_period_is_prorated_at_the_old_price(self) -> None:
        """A member who joins after the move, before the boundary, costs half of the old price."""
        account = on_plan(PRO, JUNE)
        move = MoveToEdition(repriced(pro=2500), at=TENTH)
        grown = ChangeSeats(2, at=HALF)
        (invoice,) = lived(account, [move, grown], JULY)
        assert cents(invoice) == [-950, 1900, 5000]

    def test_features_change_at_the_boundary(self) -> None:
        """A feature that the new edition adds to Pro is there from the boundary, not before."""
        richer = evolve(PRO, features=PRO.features | {Feature.white_label})
        new = evolve(CHATIM, edition="2027", plans=(FREE, richer, ULTIMATE))
        account = after(on_plan(PRO, JUNE), MoveToEdition(new, at=JUNE))
        held = granted(account, "white_label", JUNE, LAST_SECOND, JULY)
        assert held == [False, False, True]

    def test_terms_change_at_the_boundary(self) -> None:
        """The invoice of the boundary has the refund deadline of the new edition."""
        new = evolve(CHATIM, edition="2027", terms=evolve(CHATIM.terms, refund_days=30))
        account = on_plan(PRO, JUNE)
        (invoice,) = lived(account, [MoveToEdition(new, at=JUNE)], JULY)
        assert invoice.refundable_until == utc(2026, 7, 31)

    def test_on_free_it_is_at_once(self) -> None:
        """A Free account is in the new edition at the instant of the move."""
        account = after(on_free(JUNE, card=True), MoveToEdition(repriced(pro=2500), at=JUNE))
        assert account.subscription.catalog.edition == "2027"

    def test_on_free_the_new_price_is_the_one_to_choose(self) -> None:
        """A moved Free account buys at the new price, and the old one is off the table."""
        new = repriced(pro=2500)
        account = after(on_free(JUNE, card=True), MoveToEdition(new, at=JUNE))
        bought = apply(account, ChoosePlan(new.plan("pro"), at=JUNE))
        assert dues(bought.invoices) == [(JUNE, 2500)]
        assert refusal(account, ChoosePlan(PRO, at=JUNE), PlanNotOfferedError).edition == "2027"

    def test_a_trial_is_moved_at_its_end(self) -> None:
        """The first invoice after a trial is at the price of the edition that waited."""
        move = MoveToEdition(repriced(pro=2500), at=TENTH)
        invoices = lived(on_trial(JUNE, seats=3, card=True), [move], JULY)
        assert dues(invoices) == [(JULY, 7500)]

    def test_a_trial_cut_short_takes_the_waiting_edition(self) -> None:
        """An upgrade inside the trial is a boundary too, so Pro costs the new price afterwards."""
        new = repriced(pro=2500)
        account = after(on_trial(JUNE, card=True), MoveToEdition(new, at=JUNE))
        account = after(account, ChoosePlan(ULTIMATE, at=TENTH))
        assert account.subscription.catalog.edition == "2027"
        assert account.subscription.next_catalog is None

    def test_a_waiting_change_is_matched_by_key(self) -> None:
        """A downgrade to Pro that waits is billed at the new edition's price of Pro."""
        account = after(
            on_plan(ULTIMATE, JUNE, seats=3),
            ChoosePlan(PRO, at=utc(2026, 6, 5)),
            MoveToEdition(repriced(pro=2500), at=TENTH),
        )
        statement = advance(account, JULY)
        assert dues(statement.invoices) == [(JULY, 7500)]
        assert statement.account.subscription.plan.price.amount == 2500

    def test_a_waiting_change_is_announced_as_it_will_be(self) -> None:
        """The notice has the plan that will be held: Pro of the new edition."""
        new = repriced(pro=2500)
        account = after(
            on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=JUNE), MoveToEdition(new, at=JUNE)
        )
        told = notices(account.subscription, JUNE)
        assert told[0] == ChangeScheduledNotice(plan=new.plan("pro"), at=JULY)

    def test_a_waiting_cancellation_ends_on_the_new_free(self) -> None:
        """A cancelled account that is moved ends on Free, in the new edition."""
        account = after(
            on_plan(PRO, JUNE), Cancel(at=JUNE), MoveToEdition(repriced(pro=2500), at=TENTH)
        )
        statement = advance(account, JULY)
        ended = statement.account.subscription
        assert statement.invoices == ()
        assert (ended.plan.key, ended.catalog.edition) == ("free", "2027")

    def test_a_restricted_account_falls_into_the_new_edition(self) -> None:
        """The end of an unpaid period is a boundary like any other."""
        account = after(
            on_plan(PRO, JUNE),
            PaymentFailed(final=True, at=JUNE),
            MoveToEdition(repriced(pro=2500), at=JUNE),
        )
        assert advance(account, JULY).account.subscription.catalog.edition == "2027"

    def test_an_edition_may_add_plans(self) -> None:
        """A new edition with one more plan is a fair one."""
        account = after(on_plan(PRO, JUNE), MoveToEdition(with_enterprise(), at=JUNE))
        assert advance(account, JULY).account.subscription.catalog.edition == "large teams"

    @pytest.mark.parametrize(
        "fault", ["a plan is gone", "another currency", "free is paid", "pro is free", "interval"]
    )
    def test_an_edition_that_breaks_a_promise_is_refused(self, fault: str) -> None:
        """Every key, the currency, what is free and every interval must stay."""
        new = _unfair_edition(fault)
        for account in (on_plan(PRO, JUNE), on_trial(JUNE), on_free(JUNE)):
            refusal(account, MoveToEdition(new, at=JUNE), ActionRefusedError)

    @pytest.mark.parametrize("named_as", ["2026", "2027"])
    def test_meanwhile_a_choice_is_at_the_price_held_and_then_at_the_new_one(
        self, named_as: str
    ) -> None:
        """Ultimate, by either edition's value: half of $39 less half of $19, then $45 in July."""
        new = repriced(ultimate=4500)
        edition = new if named_as == new.edition else CHATIM
        account = after(on_plan(PRO, JUNE), MoveToEdition(new, at=JUNE))
        choice = ChoosePlan(edition.plan("ultimate"), at=HALF)
        assert dues(lived(account, [choice], JULY)) == [(HALF, 1000), (JULY, 4500)]

    def test_meanwhile_a_downgrade_waits_for_the_new_price(self) -> None:
        """Pro, named at its new price, takes over in July at that price."""
        new = repriced(pro=2500)
        account = after(on_plan(ULTIMATE, JUNE), MoveToEdition(new, at=JUNE))
        assert dues(lived(account, [ChoosePlan(new.plan("pro"), at=HALF)], JULY)) == [(JULY, 2500)]

    def test_meanwhile_a_price_of_neither_edition_cannot_be_chosen(self) -> None:
        """Ultimate at $1 is understood in no edition."""
        account = after(on_plan(PRO, JUNE), MoveToEdition(repriced(ultimate=4500), at=JUNE))
        bargain = evolve(ULTIMATE, price=Money(100, USD))
        error = refusal(account, ChoosePlan(bargain, at=JUNE), PlanNotOfferedError)
        assert (error.plan, error.edition) == (bargain, "2026")

    def test_meanwhile_rank_is_of_the_edition_held(self) -> None:
        """What the new edition ranks the other way round is still an upgrade until then."""
        free, pro, max_ = a_plan("free", 0), a_plan("pro", 1900), a_plan("max", 3900)
        held = a_catalog(free, pro, max_)
        turned = a_catalog(free, max_, pro, edition="turned")
        account = after(on_plan(pro, JUNE, catalog=held), MoveToEdition(turned, at=JUNE))
        assert dues(lived(account, [ChoosePlan(max_, at=HALF)])) == [(HALF, 1000)]

    def test_a_start_at_once_is_a_boundary(self) -> None:
        """A trial cut short, an interval changed, a trial ended now: the invoice is the new one's."""
        large = with_enterprise()
        new = evolve(large, edition="2027", plans=[_dearer(plan) for plan in large.plans])
        trial = after(on_trial(JUNE, card=True, catalog=large), MoveToEdition(new, at=JUNE))
        paid = after(on_plan(PRO, JUNE, catalog=large), MoveToEdition(new, at=JUNE))
        year = ChoosePlan(large.plan("enterprise"), at=JUNE)
        bills = [
            lived(trial, [ChoosePlan(ULTIMATE, at=TENTH)]),
            lived(trial, [MoveTrialEnd(TENTH, at=TENTH)]),
            lived(paid, [year]),
        ]
        assert [cents(bill[-1]) for bill in bills] == [[4000], [2000], [-1900, 36_100]]

    def test_the_end_of_a_grace_is_no_boundary(self) -> None:
        """The account is restricted in June, and moved in July."""
        held, new = on_terms(grace_days=7), repriced(pro=2500)
        account = after(on_plan(PRO, JUNE, catalog=held), MoveToEdition(new, at=JUNE))
        lapsed = advance(after(account, PaymentFailed(at=TENTH)), utc(2026, 6, 20)).account
        assert statuses(lapsed, utc(2026, 6, 20)) == ["restricted"]
        assert lapsed.subscription.catalog == held

    def test_meanwhile_a_plan_only_of_the_new_edition_cannot_be_chosen(self) -> None:
        """A plan that the edition held does not sell waits for the boundary."""
        new = evolve(CHATIM, edition="2027", plans=(*CHATIM.plans, evolve(ULTIMATE, key="max")))
        account = after(on_plan(PRO, JUNE), MoveToEdition(new, at=JUNE))
        refusal(account, ChoosePlan(new.plan("max"), at=JUNE), PlanNotOfferedError)

    def test_meanwhile_a_plan_that_stays_the_same_can_be_chosen(self) -> None:
        """Ultimate, which is the same in both editions, is bought in mid-period."""
        account = after(on_plan(PRO, JUNE), MoveToEdition(repriced(pro=2500), at=JUNE))
        upgrade = apply(account, ChoosePlan(ULTIMATE, at=HALF))
        assert dues(upgrade.invoices) == [(HALF, 1000)]

    @pytest.mark.parametrize("price", [1900, 2500, 7777])
    def test_meanwhile_the_plan_held_is_always_understood(self, price: int) -> None:
        """Naming the plan held, at whatever price, withdraws the change that waits."""
        account = after(
            on_plan(PRO, JUNE), Cancel(at=JUNE), MoveToEdition(repriced(pro=2500), at=JUNE)
        )
        kept = after(account, ChoosePlan(evolve(PRO, price=Money(price, USD)), at=JUNE))
        assert waiting_plan(kept) is None

    def test_meanwhile_cancelling_is_never_refused(self) -> None:
        """Even if the new edition's Free is another value, the customer can cancel."""
        roomier = evolve(FREE, limits={**FREE.limits, Quota.seats: 2})
        new = evolve(CHATIM, edition="2027", plans=(roomier, PRO, ULTIMATE))
        account = after(on_plan(PRO, JUNE), MoveToEdition(new, at=JUNE), Cancel(at=JUNE))
        assert waiting_plan(account) == ("free", JULY)
        assert advance(account, JULY).account.subscription.plan.limit("seats") == 2

    def test_resume_does_not_withdraw_the_move(self) -> None:
        """Resume withdraws the customer's change, never Chatim's."""
        move = MoveToEdition(repriced(pro=2500), at=JUNE)
        invoices = lived(on_plan(PRO, JUNE), [move, Cancel(at=JUNE), Resume(at=JUNE)], JULY)
        assert dues(invoices) == [(JULY, 2500)]

    def test_moving_to_the_edition_held_withdraws_the_move(self) -> None:
        """A move back before the boundary leaves everything as it was."""
        moves = [MoveToEdition(repriced(pro=2500), at=JUNE), MoveToEdition(CHATIM, at=JUNE)]
        account = on_plan(PRO, JUNE)
        assert dues(lived(account, moves, JULY)) == [(JULY, 1900)]
        assert after(account, *moves) == account

    def test_a_move_at_the_second_of_the_boundary_is_for_the_next_one(self) -> None:
        """The renewal comes before the move at its instant, so the old price holds once more."""
        move = MoveToEdition(repriced(pro=2500), at=JULY)
        invoices = lived(on_plan(PRO, JUNE), [move], AUGUST)
        assert dues(invoices) == [(JULY, 1900), (AUGUST, 2500)]


def _dearer(plan: Plan) -> Plan:
    return plan if plan.is_free else evolve(plan, price=plan.price + Money(100, USD))


def _unfair_edition(fault: str) -> Catalog:
    if fault == "a plan is gone":
        return evolve(CHATIM, edition="2027", plans=(FREE, PRO))
    if fault == "another currency":
        euro = Currency("EUR", 2)
        plans = [evolve(plan, price=Money(plan.price.amount, euro)) for plan in CHATIM.plans]
        return a_catalog(*plans, edition="2027")
    if fault == "free is paid":
        basic = evolve(FREE, key="basic")
        paid = evolve(FREE, price=Money(500, USD), interval_months=1)
        return evolve(CHATIM, edition="2027", plans=(basic, paid, PRO, ULTIMATE))
    if fault == "pro is free":
        gift = evolve(PRO, price=Money(0, USD), interval_months=None)
        paid = evolve(ULTIMATE, key="free")
        terms = evolve(CHATIM.terms, trial_plan="ultimate")
        return evolve(CHATIM, edition="2027", plans=(gift, paid, ULTIMATE), terms=terms)
    yearly = evolve(PRO, interval_months=12)
    return evolve(CHATIM, edition="2027", plans=(FREE, yearly, ULTIMATE))


class TestC6Intervals:
    """The public plans bill monthly; a negotiated plan may bill every twelve months, per seat and
    interval, and works everywhere; Free has no interval and a paid plan 1 or 12 months. How one
    moves between intervals inside a paid period is rule P9. C6.
    """

    def test_the_public_catalogue_is_monthly(self) -> None:
        """Free has no interval, Pro and Ultimate have one month."""
        assert [plan.interval_months for plan in CHATIM.plans] == [None, 1, 1]

    @pytest.mark.parametrize("months", [0, 2, 3, 6, 24, None])
    def test_a_paid_plan_has_1_or_12_months(self, months: int | None) -> None:
        """Any other interval, or none, is refused."""
        error_of(InvalidValueError, evolve, PRO, interval_months=months)

    @pytest.mark.parametrize("months", [1, 12])
    def test_free_has_no_interval(self, months: int) -> None:
        """A free plan with an interval is refused."""
        error_of(InvalidValueError, evolve, FREE, interval_months=months)

    def test_a_negotiated_plan_costs_its_price_per_seat_and_year(self) -> None:
        """Three seats at $360 are $1080, invoiced at the start of each year."""
        catalog = with_enterprise()
        account = on_free(JUNE, card=True, catalog=catalog)
        choice = ChoosePlan(catalog.plan("enterprise"), 3, at=JUNE)
        invoices = lived(account, [choice], utc(2028, 6, 1))
        assert dues(invoices) == [
            (JUNE, 108_000),
            (utc(2027, 6, 1), 108_000),
            (utc(2028, 6, 1), 108_000),
        ]

    def test_a_higher_yearly_plan_starts_inside_the_trial(self) -> None:
        """From the trial a higher plan of another interval starts at once, for a year."""
        catalog = with_enterprise()
        chosen = utc(2026, 6, 10, 15)
        account = on_trial(JUNE, seats=2, card=True, catalog=catalog)
        account = after(account, ChoosePlan(catalog.plan("enterprise"), at=chosen))
        assert paid_phase(account).period.end == utc(2027, 6, 10, 15)

    def test_a_lower_yearly_plan_waits_for_the_end_of_the_trial(self) -> None:
        """From the trial a lower plan of another interval can wait, and is billed for a year."""
        year = a_plan("year", 120_00, months=12)
        catalog = a_catalog(a_plan("free", 0), year, a_plan("pro", 1900))
        account = on_trial(JUNE, seats=2, card=True, catalog=catalog)
        invoices = lived(account, [ChoosePlan(year, at=JUNE)], utc(2027, 7, 1))
        assert dues(invoices) == [(JULY, 24_000), (utc(2027, 7, 1), 24_000)]

    def test_a_yearly_plan_can_be_cancelled(self) -> None:
        """Free has no interval, so it can be chosen inside a year and waits for its end."""
        account = on_year(JUNE)
        assert waiting_plan(after(account, Cancel(at=JULY))) == ("free", utc(2027, 6, 1))

    def test_another_yearly_plan_can_be_bought_inside_a_year(self) -> None:
        """With the same interval an upgrade is prorated by the year, here 73 of 365 days."""
        small, large = a_plan("pro", 365_00, months=12), a_plan("max", 730_00, months=12)
        catalog = a_catalog(a_plan("free", 0), small, large)
        account = on_plan(small, utc(2027, 1, 1), catalog=catalog)
        (invoice,) = apply(account, ChoosePlan(large, at=utc(2027, 10, 20))).invoices
        assert cents(invoice) == [-7300, 14_600]


class TestC7MeansOfPayment:
    """Visa, Mastercard, Amex and Discover cards, debit cards and some regional methods are
    accepted; it is a term of the catalogue. C7.
    """

    def test_what_chatim_accepts(self) -> None:
        """The published terms list the six."""
        cards = set(CHATIM.terms.accepted_cards)
        assert cards == {"visa", "mastercard", "amex", "discover", "debit", "regional"}

    def test_another_catalogue_may_accept_others(self) -> None:
        """The list is a term like any other."""
        terms = evolve(CHATIM.terms, accepted_cards=["visa"])
        assert terms.accepted_cards == ("visa",)


class TestC8PlansByKey:
    """Plans are compared by key. What is chosen must be the plan of that key in the account's
    edition, value for value, except that naming the plan held, or a plan of the edition that waits,
    is understood. C8.
    """

    @pytest.fixture
    def cheap_pro(self) -> Account:
        """A Pro customer, who will name Pro at another price."""
        return on_plan(PRO, JUNE, seats=2)

    def test_a_plan_value_of_another_price_is_refused(self) -> None:
        """Pro at $1 is not on offer to a Free account, whatever its key says."""
        bargain = evolve(PRO, price=Money(100, USD))
        error = refusal(on_free(JUNE, card=True), ChoosePlan(bargain, at=JUNE), PlanNotOfferedError)
        assert (error.plan, error.edition) == (bargain, "2026")

    def test_a_plan_value_with_other_features_is_refused(self) -> None:
        """Ultimate without its API is not the Ultimate on offer."""
        poorer = evolve(ULTIMATE, features=PRO.features)
        refusal(on_plan(PRO, JUNE), ChoosePlan(poorer, at=JUNE), PlanNotOfferedError)

    def test_a_plan_of_an_unknown_key_is_refused(self) -> None:
        """A plan that the edition does not have cannot be chosen."""
        choice = ChoosePlan(evolve(ULTIMATE, key="platinum"), at=JUNE)
        refusal(on_trial(JUNE, card=True), choice, PlanNotOfferedError)

    def test_a_false_free_plan_is_refused(self) -> None:
        """Free with ten seats is not on offer either."""
        roomy = evolve(FREE, limits={**FREE.limits, Quota.seats: 10})
        refusal(on_plan(PRO, JUNE), ChoosePlan(roomy, at=JUNE), PlanNotOfferedError)

    def test_naming_the_plan_held_is_always_understood(self, cheap_pro: Account) -> None:
        """A Pro customer who names another value of Pro keeps Pro, at the price held."""
        other = evolve(PRO, price=Money(100, USD), features=FREE.features)
        statement = apply(cheap_pro, ChoosePlan(other, at=JUNE))
        assert statement.account == cheap_pro
        assert statement.invoices == ()

    def test_naming_a_plan_of_the_edition_that_waits_is_understood(self) -> None:
        """Chosen at its new price, Ultimate is Ultimate of the edition held until the boundary."""
        new = repriced(ultimate=4500)
        account = after(on_plan(PRO, JUNE), MoveToEdition(new, at=JUNE))
        chosen = after(account, ChoosePlan(new.plan("ultimate"), at=HALF))
        assert chosen.subscription.plan == ULTIMATE

    def test_an_equal_value_built_elsewhere_is_the_same_plan(self) -> None:
        """A plan read back from a store is on offer if its values are the edition's."""
        again = a_plan("pro", 1900, features=sorted(PRO.features))
        statement = apply(on_free(JUNE, card=True), ChoosePlan(again, at=JUNE))
        assert dues(statement.invoices) == [(JUNE, 1900)]

    def test_ranks_and_cells_go_by_key(self) -> None:
        """The matrix and the ranks look only at a plan's key."""
        dear = evolve(PRO, price=Money(9900, USD), features=ULTIMATE.features)
        assert CHATIM.is_upgrade(dear, ULTIMATE) is True
        assert CHATIM.matrix.allows("api_access", dear) is False

    def test_a_payment_method_does_not_make_an_offer(self) -> None:
        """What is not on offer is refused as such before a card is asked for."""
        choice = ChoosePlan(evolve(PRO, key="platinum"), at=JUNE)
        account = on_free(JUNE)
        refusal(account, choice, PlanNotOfferedError)
        refusal(after(account, AddPaymentMethod(at=JUNE)), choice, PlanNotOfferedError)


class TestC9RetiredPlans:
    """A catalogue may retire plans by key. Who holds one keeps it and renews; nobody else can
    choose it; it is in no price table and nobody's cheapest plan, and still counts for rank and
    for C3. Free and the trial's plan cannot be retired; what a waiting edition has retired is
    nobody's cheapest plan either. C9.
    """

    def test_who_holds_one_renews(self) -> None:
        """Moved to the edition that retires Ultimate, its customer is billed for it in July."""
        account = after(on_plan(ULTIMATE, JUNE), MoveToEdition(_without_ultimate(), at=JUNE))
        assert dues(advance(account, JULY).invoices) == [(JULY, 3900)]

    def test_who_holds_one_may_keep_it(self) -> None:
        """Naming it withdraws a cancellation."""
        account = after(
            on_plan(ULTIMATE, JUNE),
            MoveToEdition(_without_ultimate(), at=JUNE),
            Cancel(at=JULY),
            ChoosePlan(ULTIMATE, at=JULY),
        )
        assert waiting_plan(account) is None

    def test_nobody_else_can_choose_it(self) -> None:
        """From Free, in a trial and on a lower plan; the error names plan and edition."""
        catalog = _without_ultimate()
        accounts = [
            on_free(JUNE, card=True, catalog=catalog),
            on_trial(JUNE, card=True, catalog=catalog),
            on_plan(PRO, JUNE, catalog=catalog),
        ]
        errors = [
            refusal(account, ChoosePlan(ULTIMATE, at=HALF), PlanNotOfferedError)
            for account in accounts
        ]
        assert [(e.plan, e.edition) for e in errors] == [(ULTIMATE, "without Ultimate")] * 3

    def test_nor_what_a_waiting_edition_retires(self) -> None:
        """The edition held offers it, the one that waits no more."""
        account = after(on_plan(PRO, JUNE), MoveToEdition(_without_ultimate(), at=JUNE))
        error = refusal(account, ChoosePlan(ULTIMATE, at=HALF), PlanNotOfferedError)
        assert error.edition == "without Ultimate"

    def test_a_change_that_waits_goes_through(self) -> None:
        """Pro was chosen before the move retired it; chosen anew it is refused."""
        catalog = evolve(on_terms(trial_plan="ultimate"), edition="without Pro", retired=["pro"])
        account = after(
            on_plan(ULTIMATE, JUNE), ChoosePlan(PRO, at=TENTH), MoveToEdition(catalog, at=HALF)
        )
        refusal(account, ChoosePlan(PRO, at=HALF), PlanNotOfferedError)
        settled = advance(account, JULY)
        assert dues(settled.invoices) == [(JULY, 1900)]
        assert settled.account.subscription.plan == PRO

    def test_it_is_in_no_price_table(self) -> None:
        """Free and Pro are left, in prices and in features."""
        catalog = _without_ultimate()
        assert price_table(catalog, "en")[1:] == price_table(CHATIM, "en")[1:3]
        assert comparison_table(catalog, "en")[0] == comparison_table(CHATIM, "en")[0][:3]

    def test_it_is_nobodys_cheapest_plan(self) -> None:
        """What only Ultimate has is no plan's to give, to an account of the edition that waits too."""
        catalog = _without_ultimate()
        moving = after(on_plan(PRO, JUNE), MoveToEdition(catalog, at=JUNE))
        decisions = [
            entitlements(account.subscription, JUNE).decide("white_label")
            for account in (on_plan(PRO, JUNE), on_plan(PRO, JUNE, catalog=catalog), moving)
        ]
        assert [decision.cheapest_plan for decision in decisions] == [ULTIMATE, None, None]
        assert catalog.cheapest_with("white_label") is None

    def test_a_seat_limit_names_another_remedy(self) -> None:
        """A second member on Free needs a paid plan, and Pro is none that can be chosen."""
        catalog = evolve(on_terms(trial_plan="ultimate"), retired=["pro"])
        error = refusal(on_free(JUNE, catalog=catalog), ChangeSeats(2, at=JUNE), SeatLimitError)
        assert error.cheapest_plan == ULTIMATE

    def test_it_still_counts_for_rank(self) -> None:
        """From Ultimate, Pro is a downgrade."""
        catalog = _without_ultimate()
        assert catalog.is_upgrade(PRO, ULTIMATE) is True

    def test_it_still_counts_for_what_a_catalogue_promises(self) -> None:
        """A plan ranked above it grants what it grants, on offer or not."""
        poor = evolve(PRO, key="poor", price=Money(9900, USD))
        plans = (*CHATIM.plans, poor)
        error_of(InvalidCatalogError, evolve, CHATIM, plans=plans, retired=["ultimate"])

    @pytest.mark.parametrize("key", ["free", "pro", "platinum"])
    def test_free_the_trials_plan_and_what_is_not_there_cannot_be_retired(self, key: str) -> None:
        """The catalogue cannot be built."""
        error_of(InvalidCatalogError, evolve, CHATIM, retired=[key])


def _without_ultimate() -> Catalog:
    return evolve(CHATIM, edition="without Ultimate", retired=["ultimate"])
