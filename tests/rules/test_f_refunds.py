"""F. How long a refund may be asked for."""

from __future__ import annotations

from datetime import datetime

import pytest
from attrs import evolve

import chatim_plans
from chatim_plans import CHATIM, PRO, ULTIMATE, Cancel, ChangeSeats, ChoosePlan, advance, apply
from tests.accounts import after, lived, on_free, on_plan, on_trial
from tests.instants import JULY, JUNE, utc

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
        """Nothing public is about granting one."""
        assert [name for name in chatim_plans.__all__ if "refund" in name.lower()] == []
