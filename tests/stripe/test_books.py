"""A customer and a book reconciled: each invoice beside its own, and each without one named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    PRO,
    ULTIMATE,
    USD,
    Action,
    AddPaymentMethod,
    ChangeSeats,
    ChoosePlan,
    InvalidTypeError,
    Invoice,
    Line,
    Money,
    Period,
    StartFree,
    StartTrial,
    replay,
)
from chatim_plans.strategies import histories
from chatim_plans.stripe import (
    AmountDifference,
    Cause,
    CurrencyDifference,
    Figure,
    LoneInvoice,
    ReconciledInvoice,
    UnreadInvoice,
    reconcile_account,
    reconcile_accounts,
)
from tests.stripe.spoiling import paths, spoil
from tests.stripe.written_invoices import stripe_invoice, written
from tests.stripe.written_objects import PRICES, Json, unix, utc

START = utc("2026-01-15 09:00")


def year() -> list[Action]:
    """Twelve periods of Pro, seats that changed, and two upgrades to be told apart."""
    return [
        StartFree(at=START),
        AddPaymentMethod(at=START),
        ChoosePlan(PRO, seats=3, at=START),
        ChangeSeats(5, at=utc("2026-03-20 12:00")),
        ChangeSeats(4, at=utc("2026-05-02 08:30")),
        ChoosePlan(ULTIMATE, at=utc("2026-07-01 10:00")),
        ChangeSeats(6, at=utc("2026-07-03 11:00")),
    ]


UNTIL = utc("2026-12-20")


def issued() -> tuple[Invoice, ...]:
    """Its invoices: one to start, one for the upgrade, eleven renewals."""
    return replay(year(), UNTIL).invoices


def at_stripe(invoice: Invoice, **facts: Any) -> Json:
    """An invoice of ours as Stripe's, made some seconds later."""
    made = {"id": f"in_{invoice.number}", "created": unix(invoice.issued_at) + 7}
    return stripe_invoice(invoice, **{**made, "customer": "cus_1", "status": "paid", **facts})


def number_of(row: ReconciledInvoice) -> int | None:
    """The number of ours, if there is one."""
    return None if row.ours is None else row.ours.number


def found(rows: tuple[ReconciledInvoice, ...]) -> list[tuple[int | None, str | None, list[Cause]]]:
    """The number of ours, the id of Stripe's, and the causes, where something differs."""
    assert all(str(difference).endswith(".") for row in rows for difference in row.differences)
    return [
        (number_of(row), row.theirs, [each.cause for each in row.differences])
        for row in rows
        if row.differences
    ]


# --- which is which ---
@given(st.randoms())
def test_what_is_alike_stands_together_in_any_order(order: Any) -> None:
    """Thirteen invoices, the oldest first whatever the order; as actions, and as a statement."""
    ours = issued()
    theirs = [at_stripe(invoice) for invoice in ours]
    order.shuffle(theirs)
    expected = [ReconciledInvoice(i.issued_at, i, f"in_{i.number}", ()) for i in ours]
    assert len(expected) == 13
    assert reconcile_account(year(), theirs, PRICES) == tuple(expected)
    assert reconcile_account(replay(year(), UNTIL), iter(theirs)) == tuple(expected)
    listed = {"object": "list", "data": theirs, "has_more": False}
    assert reconcile_account(year(), listed, PRICES) == tuple(expected)


@given(st.sets(st.integers(1, 13)), st.sets(st.integers(1, 13)))
def test_one_without_a_partner_is_named_and_shifts_no_other(
    here: set[int], there: set[int]
) -> None:
    """Any invoices missing at Stripe, and any that only Stripe has: each is named, no other."""
    statement = replay(year(), UNTIL)
    theirs = [at_stripe(each) for each in statement.invoices if each.number not in there]
    account = evolve(statement.account, issued=())
    kept = tuple(
        evolve(each, number=None, cause=None)
        for each in statement.invoices
        if each.number not in here
    )
    ours = evolve(statement, account=account, invoices=kept, events=())
    rows = reconcile_account(ours, theirs, PRICES)
    lone = {
        each.issued_at: Cause.not_here if each.number in here else Cause.not_at_stripe
        for each in statement.invoices
        if (each.number in here) is not (each.number in there)
    }
    named = {row.at: row.differences[0].cause for row in rows if row.differences}
    assert {at: cause for at, cause in named.items() if cause is Cause.not_at_stripe} == {
        at: cause for at, cause in lone.items() if cause is Cause.not_at_stripe
    }
    seven = timedelta(seconds=7)
    assert {at - seven for at, cause in named.items() if at and cause is Cause.not_here} == {
        at for at, cause in lone.items() if cause is Cause.not_here
    }
    assert len(named) == len(lone)


def test_what_has_no_partner_says_what_it_is() -> None:
    """The side that has it, how much is due, and since when."""
    first = issued()[0]
    (here,) = reconcile_account(year()[:3], [])
    assert here.differences == (
        LoneInvoice(Cause.not_at_stripe, first, None, START, Money(57_00, USD)),
    )
    assert str(here.differences[0]) == (
        "Here 57.00 USD due, issued 2026-01-15 09:00:00 UTC; at Stripe no such invoice."
    )
    (there,) = reconcile_account(year()[:1], [at_stripe(first)])
    assert there.differences == (
        LoneInvoice(Cause.not_here, None, "in_1", START + timedelta(seconds=7), Money(57_00, USD)),
    )
    assert str(there.differences[0]) == (
        "Here no such invoice; at Stripe 57.00 USD due, issued 2026-01-15 09:00:07 UTC (in_1)."
    )


def test_a_difference_is_of_the_invoice_it_is_on() -> None:
    """A seat that one side missed in April, and nothing else."""
    theirs = [at_stripe(invoice) for invoice in issued()]
    theirs[3] = at_stripe(issued()[3], lines=[])
    april = issued()[3]
    line = evolve(written(april.lines[-1]), quantity=4, amount=76_00)
    waited = [written(each) for each in april.lines[:-1]]
    theirs[3] = at_stripe(april, lines=[*waited, line])
    assert found(reconcile_account(year(), theirs, PRICES)) == [(4, "in_4", [Cause.quantity])]


MOVED: dict[str, tuple[int, Json, list[Cause]]] = {
    "a period that starts a week later": (
        2,
        {"start": 7 * 86_400, "end": 7 * 86_400},
        [Cause.period],
    ),
    "a period of another length": (2, {"end": 86_400}, [Cause.period]),
    "an upgrade an hour later": (6, {"start": 3600}, [Cause.unknown, Cause.unknown]),
}


@pytest.mark.parametrize(("number", "by", "expected"), MOVED.values(), ids=MOVED)
def test_what_is_for_nearly_the_same_time_stands_together(
    number: int, by: Json, expected: list[Cause]
) -> None:
    """Its differences say what is otherwise."""
    theirs = [at_stripe(invoice) for invoice in issued()]
    lines = [
        evolve(line, **{name: getattr(line, name) + more for name, more in by.items()})
        for line in map(written, issued()[number].lines)
    ]
    theirs[number] = at_stripe(issued()[number], lines=lines)
    name = f"in_{number + 1}"
    ((ours, same, causes),) = found(reconcile_account(year(), theirs, PRICES))
    assert (ours, same) == (number + 1, name)
    assert len(causes) == len(expected)


def test_two_changes_of_one_day_stand_beside_their_own() -> None:
    """Each at Stripe a minute later: the nearer one first."""
    terms = evolve(CHATIM.terms, seat_lines_at_once=True)
    catalog = evolve(CHATIM, terms=terms)
    actions = [*year()[:3], *(ChangeSeats(n, at=START + timedelta(hours=n)) for n in (4, 5, 6))]
    ours = replay(actions, catalog=catalog).invoices
    theirs = [
        at_stripe(
            invoice,
            lines=[
                evolve(line, start=line.start + 60 * line.proration)
                for line in map(written, invoice.lines)
            ],
        )
        for invoice in ours
    ]
    rows = reconcile_account(actions, theirs, PRICES, catalog=catalog)
    assert [row.theirs for row in rows] == ["in_1", "in_2", "in_3", "in_4"]
    rows = reconcile_account(actions, [theirs[0], *theirs[2:]], PRICES, catalog=catalog)
    assert [row.theirs for row in rows] == ["in_1", None, "in_3", "in_4"]


def test_of_one_time_the_one_that_comes_to_the_same_is_meant() -> None:
    """Two changes of one second, of which Stripe has the second only."""
    terms = evolve(CHATIM.terms, seat_lines_at_once=True)
    catalog = evolve(CHATIM, terms=terms)
    at = START + timedelta(days=3)
    actions = [*year()[:3], ChangeSeats(4, at=at), ChangeSeats(9, at=at)]
    ours = replay(actions, catalog=catalog).invoices
    rows = reconcile_account(
        actions, [at_stripe(ours[0]), at_stripe(ours[2])], PRICES, catalog=catalog
    )
    assert found(rows) == [(2, None, [Cause.not_at_stripe])]


# --- what Stripe has besides ---
def test_an_invoice_that_asks_for_nothing_needs_no_partner() -> None:
    """Stripe opens a trial with one; it is listed, and differs in nothing."""
    trial = [StartTrial(3, at=START)]
    nothing = stripe_invoice(
        issued()[0],
        lines=[evolve(written(issued()[0].lines[0]), amount=0)],
        id="in_0",
        created=unix(START),
    )
    assert reconcile_account(trial, [nothing]) == (ReconciledInvoice(START, None, "in_0", ()),)


def test_an_invoice_that_stripe_voided_collects_nothing() -> None:
    """It stands for ours only if no other does; without a partner it is missed by nobody."""
    ours = issued()[0]
    void = at_stripe(ours, id="in_0", status="void")
    (row,) = reconcile_account(year()[:3], [void])
    nothing = Money(0, USD)
    assert row.differences == (
        AmountDifference(Cause.voided, Figure.amount_due, ours.amount_due, nothing),
    )
    both = reconcile_account(year()[:3], [void, at_stripe(ours)])
    assert [(each.theirs, each.differences) for each in both] == [("in_1", ()), ("in_0", ())]
    line = evolve(written(ours.lines[0]), quantity=2, amount=38_00)
    other = reconcile_account(year()[:3], [void, at_stripe(ours, lines=[line])], PRICES)
    assert found(other) == [(1, "in_1", [Cause.quantity])]


def test_a_void_invoice_for_nothing_is_compared() -> None:
    """Nothing was due on ours either: it came to the customer's credit."""
    actions = [*year()[:3], ChangeSeats(1, at=START + timedelta(days=3))]
    terms = evolve(CHATIM.terms, seat_lines_at_once=True)
    catalog = evolve(CHATIM, terms=terms)
    first, second = replay(actions, catalog=catalog).invoices
    assert second.amount_due == Money(0, USD)
    theirs = [at_stripe(first), at_stripe(second, status="void")]
    assert found(reconcile_account(actions, theirs, PRICES, catalog=catalog)) == []


def test_an_invoice_that_is_told_twice_is_one() -> None:
    """When it was made, and when it was paid: as it was told last."""
    told = [at_stripe(issued()[0], status=status) for status in ("open", "void")]
    events = [{"object": "event", "data": {"object": made}} for made in told]
    (row,) = reconcile_account(year()[:3], events)
    assert [each.cause for each in row.differences] == [Cause.voided]


def test_an_invoice_of_another_century_leads_nowhere() -> None:
    """It has no partner, and a hundred years of renewals are not missed."""
    far = at_stripe(issued()[0], id="in_far", created=unix(utc("2126-01-01")))
    account = replay(year()[:3]).account
    for history in (year()[:3], account):
        rows = reconcile_account(history, [far])
        assert len(rows) <= 2
    year_0 = at_stripe(issued()[0], id="in_past", created=unix(utc("0001-01-01")))
    shifted = evolve(written(issued()[0].lines[0]), start=unix(utc("0001-01-01")))
    first = at_stripe(issued()[0], lines=[shifted], id="in_first")
    rows = reconcile_account(year()[:3], [year_0, first])
    assert len(rows) == 2


def test_what_cannot_be_read_is_named_and_the_rest_goes_on() -> None:
    """By its path; one that says no time comes last."""
    theirs: list[Any] = [at_stripe(invoice) for invoice in issued()[:4]]
    theirs[1]["total"] = "57.00"
    theirs[2] = 7
    rows = reconcile_account(year(), theirs, PRICES, within=Period(START, utc("2026-05-01")))
    unread = [each for row in rows for each in row.differences if isinstance(each, UnreadInvoice)]
    assert [each.error.path for each in unread] == ["invoices[1].total", "invoices[2]"]
    assert str(unread[1]) == (
        "An invoice of Stripe's cannot be read: invoices[2]: expected an object, got 7."
    )
    assert [(row.ours and row.ours.number, row.theirs) for row in rows] == [
        *((1, "in_1"), (2, None), (None, None), (3, None), (4, "in_4"), (None, None)),
    ]


def test_another_currency_is_said() -> None:
    """An invoice in euros is nobody's partner."""
    (here, there) = reconcile_account(year()[:3], [at_stripe(issued()[0], currency="eur")])
    assert [each.cause for each in here.differences] == [Cause.not_at_stripe]
    assert there.differences == (CurrencyDifference(Cause.currency, USD, "EUR"),)


SAID: dict[str, Callable[[Json], Json]] = {
    "an event": lambda made: {"object": "event", "data": {"object": made}},
    "the date of before 2018": lambda made: {**made, "created": None, "date": made["created"]},
    "a preview that says no time": lambda made: {**made, "created": None},
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_an_invoice_says_when_it_was_made(said: Callable[[Json], Json]) -> None:
    """In each of Stripe's ways, or by its lines."""
    month = Period(START, utc("2026-02-01"))
    rows = reconcile_account(year(), [said(at_stripe(issued()[0]))], within=month)
    assert [(row.theirs, row.differences) for row in rows] == [("in_1", ())]


def test_an_invoice_without_an_id_is_known_by_its_place() -> None:
    """As a preview is; one without lines and a time cannot be read."""
    (row,) = reconcile_account(year()[:3], [at_stripe(issued()[0], id=None)])
    assert (row.theirs, row.differences) == ("invoices[0]", ())
    rows = reconcile_account(year()[:3], [at_stripe(issued()[0], lines=[], created=None)])
    assert found(rows) == [(1, None, [Cause.not_at_stripe]), (None, None, [Cause.unread])]


def test_an_invoice_of_items_of_their_own_is_only_stripes() -> None:
    """It is for no time of the subscription's, and stands beside none of ours."""
    fee = evolve(written(issued()[0].lines[0]), proration=False, one_off=True, amount=15_00)
    made = at_stripe(issued()[0], lines=[fee], id="in_fee")
    rows = reconcile_account(year()[:3], [made])
    assert found(rows) == [(1, None, [Cause.not_at_stripe]), (None, "in_fee", [Cause.not_here])]


# --- a month ---
def test_a_month_is_by_the_issue_of_ours() -> None:
    """A renewal in the last second of January, made at Stripe in February."""
    start = utc("2025-12-31 23:59:58")
    actions = [
        StartFree(at=start),
        AddPaymentMethod(at=start),
        ChoosePlan(PRO, seats=1, at=start),
    ]
    ours = replay(actions, utc("2026-03-02")).invoices
    theirs = [at_stripe(each) for each in ours]
    january = Period(utc("2026-01-01"), utc("2026-02-01"))
    rows = reconcile_account(actions, theirs, PRICES, within=january)
    assert [(row.theirs, row.differences) for row in rows] == [("in_2", ())]
    before = Period(utc("2025-01-01"), utc("2025-02-01"))
    assert reconcile_account(actions, theirs, PRICES, within=before) == ()
    none = reconcile_account(actions, [], PRICES, within=january)
    assert found(none) == [(2, None, [Cause.not_at_stripe])]


def test_an_account_tells_what_time_has_issued_since() -> None:
    """As it stood before the month: its renewals; with no invoices of Stripe's, none is due yet."""
    account = replay(year(), utc("2026-08-01")).account
    theirs = [at_stripe(each) for each in issued() if each.issued_at > utc("2026-08-01")]
    rows = reconcile_account(account, theirs, PRICES)
    assert [(row.ours and row.ours.number, row.theirs, row.differences) for row in rows] == [
        (number, f"in_{number}", ()) for number in range(9, 14)
    ]
    assert reconcile_account(account, []) == ()


def test_a_debit_of_before_explains_the_other_billing_mode() -> None:
    """B12: what an upgrade debited stands on the invoice before, which the history tells."""
    theirs = [at_stripe(invoice) for invoice in issued()]
    august = issued()[8 - 1]
    credit = august.lines[0]
    by_price = nearest_share(credit)
    assert by_price != credit.amount.amount
    lines = [evolve(written(credit), amount=by_price), *map(written, august.lines[1:])]
    theirs[7] = at_stripe(august, lines=lines)
    assert found(reconcile_account(year(), theirs, PRICES)) == [(8, "in_8", [Cause.billing_mode])]


def nearest_share(credit: Line) -> int:
    """The credit as a share of the price over the whole period, by whole numbers."""
    price = credit.plan.price.amount * credit.seats * credit.period.seconds
    whole = 30 * 86_400  # from 15 June to 15 July
    return -((whole + 2 * price) // (2 * whole))


# --- a book ---
def test_a_book_is_by_customer() -> None:
    """Those of the book in its order, then whom only Stripe knows; an id may stand expanded."""
    ours = issued()[0]
    book = {"cus_2": year()[:3], "cus_1": year()[:3], "cus_3": year()[:1]}
    theirs: list[Any] = [
        at_stripe(ours, customer={"id": "cus_1", "object": "customer"}),
        at_stripe(ours, id="in_4", customer="cus_4"),
        at_stripe(ours, id="in_5", customer=None, customer_account="acct_5"),
        at_stripe(ours, id="in_6", customer=None),
        None,
    ]
    rows = {customer: found(each) for customer, each in reconcile_accounts(book, theirs, PRICES)}
    assert list(rows) == ["cus_2", "cus_1", "cus_3", "cus_4", "acct_5", ""]
    assert rows == {
        "cus_2": [(1, None, [Cause.not_at_stripe])],
        "cus_1": [],
        "cus_3": [],
        "cus_4": [(None, "in_4", [Cause.not_here])],
        "acct_5": [(None, "in_5", [Cause.not_here])],
        "": [(None, "in_6", [Cause.not_here]), (None, None, [Cause.unread])],
    }


def test_a_renewal_between_a_change_and_its_invoice_is_not_missing_yet() -> None:
    """Stripe makes an invoice some seconds after the change, and a boundary may come between."""
    upgrade = ChoosePlan(ULTIMATE, at=utc("2026-02-15 08:59:59"))
    history = [*year()[:3], upgrade]
    theirs = [at_stripe(invoice) for invoice in replay(history).invoices]
    assert found(reconcile_account(history, theirs)) == []


@given(histories(), st.data())
def test_any_history_agrees_with_itself(history: list[Action], data: st.DataObject) -> None:
    """Whatever happened, every invoice finds its own, in any order."""
    ours = replay(history).invoices
    theirs = data.draw(st.permutations([at_stripe(invoice) for invoice in ours]))
    rows = reconcile_account(history, theirs)
    assert [row.ours for row in rows if row.ours] == list(ours)
    assert found(rows) == []


ODD: list[Any] = [
    *(None, True, 0, -1, 2**62, 2**70, 1.5, "", "1900", "void"),
    *([], {}, [[]], {"id": 3}, {"object": "list", "data": {}}, object(), b"1"),
]


@given(st.data())
def test_a_spoilt_invoice_spoils_no_other(data: st.DataObject) -> None:
    """Any field dropped, nulled or replaced: rows that print, and the other invoices as they were."""
    theirs = [copy.deepcopy(at_stripe(invoice)) for invoice in issued()[:3]]
    for _ in range(data.draw(st.integers(1, 2))):
        way = data.draw(st.sampled_from(list(paths(theirs[1]))))
        spoil(data.draw, theirs[1], way, st.sampled_from(ODD).map(copy.deepcopy))
    book = dict(reconcile_accounts({"cus_1": year()}, theirs, PRICES))
    rows = [row for of_customer in book.values() for row in of_customer]
    found(tuple(rows))
    alike = [(number_of(row), row.theirs) for row in book["cus_1"] if not row.differences]
    assert {(1, "in_1"), (3, "in_3")} <= set(alike)


def test_what_is_ours_must_be_ours() -> None:
    """A history, invoices, prices, and a book of them."""
    calls: list[Callable[[], Any]] = [
        lambda: reconcile_account(7, []),  # type: ignore[arg-type]
        lambda: reconcile_account([7], []),  # type: ignore[list-item]
        lambda: reconcile_account({"at": 7}, []),  # type: ignore[dict-item]
        lambda: reconcile_account(year(), 7),  # type: ignore[arg-type]
        lambda: reconcile_account(year(), [], [PRO]),  # type: ignore[arg-type]
        lambda: list(reconcile_accounts([year()], [])),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(InvalidTypeError):
            call()
