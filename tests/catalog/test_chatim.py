"""The published price list, figure by figure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    Catalog,
    Feature,
    Limit,
    Money,
    Plan,
    Quota,
    Rounding,
    Terms,
)
from tests.accounts import PRO_ADDS, ULTIMATE_ADDS

BASIC = {Feature.javascript_sdk}


@pytest.mark.parametrize(
    ("plan", "key", "price", "months", "features", "seats"),
    [
        (lambda: FREE, "free", 0, None, BASIC, 1),
        (lambda: PRO, "pro", 1900, 1, BASIC | PRO_ADDS, UNLIMITED),
        (lambda: ULTIMATE, "ultimate", 3900, 1, BASIC | PRO_ADDS | ULTIMATE_ADDS, UNLIMITED),
    ],
    ids=["free", "pro", "ultimate"],
)
def test_plan_is_as_published(
    plan: Callable[[], Plan],
    key: str,
    price: int,
    months: int | None,
    features: set[Feature],
    seats: Limit,
) -> None:
    """C1, C2: every figure and feature of the three plans."""
    limits: dict[str, Limit] = {"seats": seats, "chats": UNLIMITED, "chatbot_flows": UNLIMITED}
    assert plan() == Plan(
        key=key, price=Money(price, USD), interval_months=months, features=features, limits=limits
    )


def test_terms_are_as_published() -> None:
    """R1, F1, B10, B4, S2, C7: 30 days of Pro, 14 to ask, 50 cents, ties to the customer."""
    assert CHATIM.terms == Terms(
        trial_plan="pro",
        trial_days=30,
        refund_days=14,
        smallest_charge=Money(50, USD),
        rounding=Rounding.ties_to_customer,
        seat_lines_at_once=False,
        accepted_cards=("visa", "mastercard", "amex", "discover", "debit", "regional"),
    )


def test_catalogue_is_the_three_plans_in_rank_order() -> None:
    """C1, C3: Free, Pro, Ultimate."""
    assert Catalog("2026", (FREE, PRO, ULTIMATE), CHATIM.terms) == CHATIM


def test_each_plan_grants_at_least_what_the_one_below_grants() -> None:
    """C3: "everything in the plan below, plus"."""
    assert (FREE.features < PRO.features < ULTIMATE.features, PRO.limits) == (True, ULTIMATE.limits)


def test_pro_with_three_members_is_57_dollars() -> None:
    """B1: the page's own example."""
    assert str(PRO.charge(3)) == "57.00 USD"


def test_seats_are_the_only_limit_on_free() -> None:
    """C2: everything else is unlimited everywhere."""
    assert [FREE.limit(quota) for quota in Quota] == [1, UNLIMITED, UNLIMITED]
