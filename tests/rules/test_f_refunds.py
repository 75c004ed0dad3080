"""F. How long a refund may be asked for, and what was given back."""

from __future__ import annotations

from datetime import datetime

import pytest
from attrs import evolve

import chatim_plans
from chatim_plans import (
    CHATIM,
    PRO,
    ULTIMATE,
    ActionRefusedError,
    AdjustCredit,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    Currency,
    CurrencyMismatchError,
    InvalidValueError,
    Money,
    Refunded,
    Status,
    advance,
    apply,
    status,
)
from tests.accounts import after, lived, named, on_free, on_plan, on_trial, refusal, usd
from tests.instants import JULY, JUNE, utc
from tests.refused import error_of

HALF = utc(2026, 6, 16, 17, 30, 1)


class TestF1FourteenDays:
    """A refund may be asked for up to and including 14 x 24 hours after the invoice was issued; an
    invoice knows that instant, and the library grants and computes none. F1.
    """

    @pytest.mark.parametrize(
        ("bought", "deadline"),
        [
            (utc(2026, 6, 1), utc(2026, 6, 15)),
            (utc(2026, 2, 20, 9), utc(2026, 3, 6, 9)),
            (utc(2028, 2, 20, 9), utc(2028, 3, 5, 9)),
            (utc(2026, 12, 24, 23, 59, 59), utc(2027, 1, 7, 23, 59, 59)),
            (utc(2026, 3, 22, 12), utc(2026, 4, 5, 12)),
        ],
    )
    def test_the_deadline_of_a_purchase(self, bought: datetime, deadline: datetime) -> None:
        """Fourteen times 24 hours, over month ends and changes of the clock."""
        (invoice,) = apply(on_free(bought, card=True), ChoosePlan(PRO, at=bought)).invoices
        assert invoice.refundable_until == deadline

    def test_every_kind_of_invoice_has_one(self) -> None:
        """An upgrade, a renewal, the end of a trial and the last invoice of a cancelled account."""
        (upgrade,) = lived(on_plan(PRO, JUNE), [ChoosePlan(ULTIMATE, at=HALF)])
        (renewal,) = advance(on_plan(PRO, JUNE), JULY).invoices
        (first,) = advance(on_trial(JUNE, card=True), JULY).invoices
        leaving = after(on_plan(PRO, JUNE), ChangeSeats(2, at=HALF), Cancel(at=HALF))
        (last,) = advance(leaving, JULY).invoices
        deadlines = [invoice.refundable_until for invoice in (upgrade, renewal, first, last)]
        assert deadlines == [utc(2026, 6, 30, 17, 30, 1), *[utc(2026, 7, 15)] * 3]

    def test_fourteen_days_are_a_term(self) -> None:
        """Another catalogue may give thirty days, or none."""
        deadlines = []
        for days in (30, 0):
            catalog = evolve(CHATIM, terms=evolve(CHATIM.terms, refund_days=days))
            account = on_free(JUNE, card=True, catalog=catalog)
            (invoice,) = apply(account, ChoosePlan(PRO, at=JUNE)).invoices
            deadlines.append(invoice.refundable_until)
        assert (CHATIM.terms.refund_days, deadlines) == (14, [JULY, JUNE])

    def test_no_refund_is_ever_computed(self) -> None:
        """What is public about refunds records one, or what was given back."""
        public = [name for name in chatim_plans.__all__ if "refund" in name.lower()]
        assert public == ["Refunded"]


class TestF2WhatWasGivenBack:
    """`Refunded(invoice, amount)` records that Chatim gave money back on the invoice of that number:
    never more than was due on it and not yet given back, above zero, in the invoice's currency. It
    changes no access and no balance, and issues nothing. F2.
    """

    def test_it_changes_nothing_but_what_was_given_back(self) -> None:
        """Plan, seats, balance and lines stay; the account knows $5 of invoice 1."""
        account = on_plan(PRO, JUNE)
        statement = apply(account, Refunded(1, usd(500), at=JUNE))
        assert statement.invoices == ()
        issued = [(each.amount_due, each.refunded) for each in statement.account.issued]
        assert issued == [(usd(1900), usd(500))]
        assert evolve(statement.account, issued=account.issued) == account

    def test_in_parts_up_to_what_was_due(self) -> None:
        """$5 and $14, and not a cent more."""
        account = after(
            on_plan(PRO, JUNE), Refunded(1, usd(500), at=JUNE), Refunded(1, usd(1400), at=JUNE)
        )
        refusal(account, Refunded(1, usd(1), at=JUNE), ActionRefusedError)

    def test_more_than_was_due_is_refused(self) -> None:
        """What the balance met was not paid: of July's $19 only $9 were due."""
        account = after(on_plan(PRO, JUNE), AdjustCredit(usd(1000), at=JUNE))
        renewed = advance(account, JULY).account
        refusal(renewed, Refunded(2, usd(901), at=JULY), ActionRefusedError)
        assert after(renewed, Refunded(2, usd(900), at=JULY)).issued[1].refunded == usd(900)

    @pytest.mark.parametrize("number", [2, 99])
    def test_an_unknown_number_is_refused(self, number: int) -> None:
        """There is one invoice."""
        refusal(on_plan(PRO, JUNE), Refunded(number, usd(1), at=JUNE), ActionRefusedError)

    def test_an_account_that_was_never_invoiced_has_none(self) -> None:
        """Nothing was paid on Free."""
        refusal(on_free(JUNE), Refunded(1, usd(1), at=JUNE), ActionRefusedError)

    @pytest.mark.parametrize(("number", "amount"), [(0, 1), (-1, 1), (1, 0), (1, -5)])
    def test_what_its_values_alone_forbid(self, number: int, amount: int) -> None:
        """Numbers count from one, and nothing or less is no refund."""
        error_of(InvalidValueError, Refunded, number, usd(amount), at=JUNE)

    def test_another_currency_is_refused(self) -> None:
        """The invoice was in dollars."""
        euros = Money(1, Currency("EUR", 2))
        error_of(CurrencyMismatchError, apply, on_plan(PRO, JUNE), Refunded(1, euros, at=JUNE))

    def test_at_any_time_and_on_an_open_invoice(self) -> None:
        """After the window of F1, on Free, and while the payment is overdue."""
        left = advance(named("pro, left"), utc(2028, 1, 1)).account
        assert after(left, Refunded(1, usd(1900), at=utc(2028, 1, 1))).issued[0].refunded == usd(
            1900
        )
        late = after(named("pro, past due"), Refunded(1, usd(1900), at=utc(2026, 6, 20)))
        assert status(late.subscription, utc(2026, 6, 20)) == Status.past_due
