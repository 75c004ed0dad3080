"""Catalogues and terms: what cannot be built, and what a catalogue answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    BillingMode,
    Catalog,
    Currency,
    Feature,
    FeatureMatrix,
    InvalidCatalogError,
    InvalidTypeError,
    InvalidValueError,
    Money,
    PaymentFailed,
    Plan,
    Quota,
    Rounding,
    Terms,
    UnknownKeyError,
    apply,
)
from tests.accounts import on_plan, on_trial
from tests.instants import JULY, JUNE
from tests.refused import Small, error_of, said_of, values_of


def terms(**facts: Any) -> Terms:
    """Terms of a week's trial of Pro, unless other facts are given."""
    usual: dict[str, Any] = {
        "trial_plan": "pro",
        "trial_days": 7,
        "refund_days": 3,
        "smallest_charge": Money(50, USD),
    }
    return Terms(**{**usual, **facts})


def catalog(*plans: Plan, **facts: Any) -> Catalog:
    """A catalogue of these plans, with the usual terms unless others are given."""
    usual: dict[str, Any] = {"edition": "test", "plans": plans, "terms": terms()}
    return Catalog(**{**usual, **facts})


def yearly(price: int = 18_000, **facts: Any) -> Plan:
    """Pro for a large team, by the year (C6)."""
    return attrs.evolve(
        PRO, **{"key": "yearly", "price": Money(price, USD), "interval_months": 12, **facts}
    )


def test_terms_have_defaults_where_the_page_is_silent() -> None:
    """B4, S2, C7: ties to the customer, seat lines wait, no list of cards, no support."""
    assert terms().rounding == Rounding.ties_to_customer
    assert terms().seat_lines_at_once is False
    assert terms().accepted_cards == ()
    assert terms().support is None


def test_terms_keep_their_facts() -> None:
    """Terms hold what they were built from; a rounding's string becomes the rule."""
    held = terms(
        rounding="down",
        seat_lines_at_once=True,
        accepted_cards=["visa", "debit"],
        support="support@example.com",
    )
    assert attrs.astuple(held, recurse=False) == (
        "pro",
        7,
        3,
        Money(50, USD),
        Rounding.down,
        True,
        ("visa", "debit"),
        BillingMode.flexible,
        None,
        "support@example.com",
    )


@pytest.mark.parametrize(
    ("name", "value", "said", "expected", "shown"),
    [
        ("trial_plan", " ", "trial_plan", "a text that is not blank", " "),
        ("trial_days", 0, "trial_days", "a whole number of at least 1", 0),
        ("refund_days", -1, "refund_days", "a whole number of at least 0", -1),
        ("grace_days", 0, "grace_days", "a whole number of at least 1", 0),
        ("trial_days", 1_000_001, "trial_days", "at most 1000000 days", 1_000_001),
        ("refund_days", 1_000_001, "refund_days", "at most 1000000 days", 1_000_001),
        ("grace_days", 1_000_001, "grace_days", "at most 1000000 days", 1_000_001),
        ("trial_plan", "x" * 101, "trial_plan", "a text of at most 100 characters", "x" * 101),
        ("accepted_cards", ["visa", ""], "accepted card", "a text that is not blank", ""),
        ("support", " ", "support", "a text that is not blank", " "),
    ],
)
def test_terms_out_of_range_are_refused(
    name: str, value: Any, said: str, expected: str, shown: Any
) -> None:
    """A blank name, a long one, or a number too small or too great is refused."""
    assert values_of(InvalidValueError, terms, **{name: value}) == (said, shown, expected)


def test_negative_smallest_charge_is_refused() -> None:
    """B10: the smallest amount a card can be charged is not below zero."""
    values = values_of(InvalidValueError, terms, smallest_charge=Money(-1, USD))
    assert values == ("smallest_charge", -1, "a whole number of at least 0")


def test_longest_terms_are_allowed() -> None:
    """R1, F1, D6: no instant of the next thousands of years is out of their reach."""
    most = dict.fromkeys(("trial_days", "refund_days", "grace_days"), 1_000_000)
    catalogue = attrs.evolve(CHATIM, terms=terms(**most))
    paying = on_plan(PRO, JUNE, catalog=catalogue)
    failed = apply(paying, PaymentFailed(at=JUNE)).account.subscription.phase
    trial = on_trial(JUNE, catalog=catalogue).subscription.phase
    assert (failed.next_instant, trial.next_instant) == (JULY, JUNE + timedelta(days=1_000_000))


def test_smallest_terms_are_allowed() -> None:
    """A trial of a day, no refunds, every cent collected, and a day of grace."""
    held = terms(trial_days=1, refund_days=0, smallest_charge=Money(0, USD), grace_days=1)
    days = (held.trial_days, held.refund_days, held.grace_days)
    assert (*days, held.smallest_charge.amount) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("name", "value", "said", "expected"),
    [
        ("trial_plan", None, "trial_plan", "a str"),
        ("trial_days", True, "trial_days", "a whole number (int)"),
        ("trial_days", 30.0, "trial_days", "a whole number (int)"),
        ("trial_days", Small.one, "trial_days", "a whole number (int)"),
        ("refund_days", "14", "refund_days", "a whole number (int)"),
        ("refund_days", None, "refund_days", "a whole number (int)"),
        ("grace_days", 7.0, "grace_days", "a whole number (int)"),
        ("smallest_charge", 50, "smallest_charge", "a Money"),
        ("rounding", None, "rounding", "a str"),
        ("billing_mode", None, "billing mode", "a str"),
        ("seat_lines_at_once", 1, "seat_lines_at_once", "a bool"),
        ("seat_lines_at_once", None, "seat_lines_at_once", "a bool"),
        ("accepted_cards", "visa", "accepted_cards", "a collection, such as a tuple"),
        ("accepted_cards", None, "accepted_cards", "a collection, such as a tuple"),
        ("support", 911, "support", "a str"),
    ],
)
def test_terms_of_another_type_are_refused(name: str, value: Any, said: str, expected: str) -> None:
    """Each term has its type, and the refusal names it."""
    assert values_of(InvalidTypeError, terms, **{name: value}) == (said, value, expected)


def test_card_that_is_no_text_is_refused() -> None:
    """C7: each means of payment is named."""
    error = error_of(InvalidTypeError, terms, accepted_cards=[4242])
    assert str(error) == "accepted card: expected a str, got int 4242"


@pytest.mark.parametrize(
    ("name", "kind", "known"),
    [("rounding", "rounding", Rounding), ("billing_mode", "billing mode", BillingMode)],
)
def test_unknown_member_of_a_vocabulary_is_refused(name: str, kind: str, known: Any) -> None:
    """B4, B12: a rounding rule, or a billing mode, nobody knows."""
    values = values_of(UnknownKeyError, terms, **{name: "bankers"})
    assert values == (kind, "bankers", tuple(known))


def test_catalogue_keeps_its_plans_in_order() -> None:
    """C1: any collection of plans becomes a tuple, in its order."""
    held = Catalog("test", iter([FREE, PRO]), terms())  # any iterable works
    assert (held.edition, held.plans, held.terms) == ("test", (FREE, PRO), terms())


def _refusal(*plans: Plan, **facts: Any) -> tuple[str, str, str]:
    error = error_of(InvalidCatalogError, lambda: catalog(*plans, **facts))
    return error.edition, error.fault, str(error)


def _refused(fault: str) -> tuple[str, str, str]:
    return "test", fault, f"catalogue 'test' cannot be built: {fault}"


ONE_FREE = "exactly one plan is free and ranks lowest, not "
FAULTS: dict[str, tuple[Callable[[], list[Plan]], str]] = {
    "C8: a key twice": (
        lambda: [FREE, PRO, attrs.evolve(ULTIMATE, key="pro")],
        "a plan key stands twice among ['free', 'pro', 'pro']",
    ),
    "C3: no free plan": (lambda: [PRO, ULTIMATE], ONE_FREE + "[] of ['pro', 'ultimate']"),
    "C3: two free plans": (
        lambda: [FREE, attrs.evolve(FREE, key="gratis"), PRO],
        ONE_FREE + "['free', 'gratis'] of ['free', 'gratis', 'pro']",
    ),
    "C3: a free plan that is not the lowest": (
        lambda: [PRO, attrs.evolve(PRO, key="f", price=FREE.price, interval_months=None)],
        ONE_FREE + "['f'] of ['pro', 'f']",
    ),
    "C3: no plans": (list, "the trial plan 'pro' is one of the paid plans []"),
    "R1: nothing to try": (lambda: [FREE], "the trial plan 'pro' is one of the paid plans []"),
    "C3: a feature less": (
        lambda: [FREE, PRO, poorer(features=ULTIMATE.features - {Feature.contact_buttons})],
        "'ultimate' grants less than 'pro' below it: contact_buttons",
    ),
    "C3: several things less, all named": (
        lambda: [
            FREE,
            PRO,
            poorer(
                features=ULTIMATE.features - {Feature.contact_buttons, Feature.advanced_analytics},
                limits={**ULTIMATE.limits, Quota.chats: 5},
            ),
        ],
        "'ultimate' grants less than 'pro' below it: contact_buttons, advanced_analytics, chats",
    ),
    "C1: two currencies": (
        lambda: [FREE, PRO, poorer(price=Money(3900, Currency("EUR", 2)))],
        "all amounts are of one currency, not of EUR, USD",
    ),
    "C1: one code in two digits": (
        lambda: [FREE, PRO, poorer(price=Money(39_000, Currency("USD", 3)))],
        "all amounts are of one currency, not of USD with 2 digits, USD with 3 digits",
    ),
}


def poorer(**facts: Any) -> Plan:
    """Ultimate, with other facts."""
    return attrs.evolve(ULTIMATE, **facts)


@pytest.mark.parametrize(("plans", "fault"), FAULTS.values(), ids=FAULTS)
def test_catalogue_that_breaks_a_rule_is_refused(
    plans: Callable[[], list[Plan]], fault: str
) -> None:
    """C1, C3, C8, R1: the error holds the edition and the fault, and says both."""
    assert _refusal(*plans()) == _refused(fault)


@pytest.mark.parametrize("quota", list(Quota))
def test_plan_that_lowers_a_limit_is_refused(quota: Quota) -> None:
    """C3: a limit is no lower than the one below, UNLIMITED least of all."""
    poor = attrs.evolve(ULTIMATE, limits={**ULTIMATE.limits, quota: 10**9})
    assert _refusal(FREE, PRO, poor) == _refused(
        f"'ultimate' grants less than 'pro' below it: {quota}"
    )


def test_plan_that_grants_the_same_is_allowed() -> None:
    """C3: at least as much is enough."""
    same = attrs.evolve(PRO, key="same", price=Money(2000, USD))
    assert catalog(FREE, PRO, same).rank(same) == 2


def test_smallest_charge_of_another_currency_is_refused() -> None:
    """B10: the smallest charge is of the prices' currency."""
    foreign = terms(smallest_charge=Money(50, Currency("EUR", 2)))
    assert _refusal(FREE, PRO, terms=foreign) == _refused(
        "all amounts are of one currency, not of EUR, USD"
    )


@pytest.mark.parametrize("trial", ["free", "gold", "PRO"])
def test_trial_of_no_paid_plan_is_refused(trial: str) -> None:
    """R1: a trial gives a paid plan of the catalogue."""
    assert _refusal(FREE, PRO, ULTIMATE, terms=terms(trial_plan=trial)) == _refused(
        f"the trial plan {trial!r} is one of the paid plans ['pro', 'ultimate']"
    )


@pytest.mark.parametrize(
    ("retired", "fault"),
    [
        (["pro", "gold", "best"], "only plans that stand in it are retired, not ['best', 'gold']"),
        (["pro", "free"], "neither the free plan nor the trial's is retired, as ['free', 'pro']"),
    ],
)
def test_retirement_that_breaks_a_rule_is_refused(retired: list[str], fault: str) -> None:
    """C9: of the plans that stand in it, neither Free nor what a trial gives is retired."""
    assert _refusal(FREE, PRO, ULTIMATE, retired=retired) == _refused(fault)
    assert catalog(FREE, PRO, ULTIMATE, retired=["ultimate"]).retired == {"ultimate"}


@pytest.mark.parametrize(
    ("facts", "name"),
    [({"edition": "e" * 101}, "edition"), ({"retired": ["e" * 101]}, "retired plan")],
)
def test_a_name_that_would_drown_every_message_is_refused(facts: Any, name: str) -> None:
    """C5, C9: an edition's name and a plan's key are a hundred characters at most."""
    values = values_of(InvalidValueError, catalog, FREE, PRO, **facts)
    assert values == (name, "e" * 101, "a text of at most 100 characters")
    assert catalog(FREE, PRO, edition="e" * 100).edition == "e" * 100


def test_blank_edition_is_refused() -> None:
    """C5: an edition has a name."""
    error = error_of(InvalidValueError, catalog, FREE, PRO, edition=" ")
    assert str(error) == "edition: expected a text that is not blank, got ' '"


@pytest.mark.parametrize(
    ("facts", "name", "value", "expected"),
    [
        ({"edition": 2026}, "edition", 2026, "a str"),
        ({"terms": None}, "terms", None, "a Terms"),
        ({"plans": None}, "plans", None, "a collection, such as a tuple"),
        ({"plans": "pro"}, "plans", "pro", "a collection, such as a tuple"),
        ({"plans": ["pro"]}, "plan", "pro", "a Plan"),
        ({"plans": [None]}, "plan", None, "a Plan"),
        ({"retired": "pro"}, "retired", "pro", "a collection, such as a tuple"),
        ({"retired": [7]}, "retired plan", 7, "a str"),
    ],
)
def test_catalogue_of_other_types_is_refused(
    facts: dict[str, Any], name: str, value: Any, expected: str
) -> None:
    """Each field has its type."""
    assert values_of(InvalidTypeError, catalog, FREE, PRO, **facts) == (name, value, expected)


def test_plan_is_found_by_key() -> None:
    """C8: plans are found by key."""
    assert [CHATIM.plan(key) for key in ("ultimate", "free", "pro")] == [ULTIMATE, FREE, PRO]


def test_unknown_plan_is_refused() -> None:
    """C8: a key that the edition does not have."""
    error = error_of(UnknownKeyError, CHATIM.plan, "gold")
    assert str(error) == "unknown plan 'gold': use one of free, pro, ultimate"


@pytest.mark.parametrize("key", [None, 7, b"pro", []])
def test_plan_key_is_a_str(key: Any) -> None:
    """A key of another type is refused."""
    error = error_of(InvalidTypeError, CHATIM.plan, key)
    assert str(error) == f"plan: expected a str, got {said_of(key)}"


def test_free_and_trial_plans_are_named() -> None:
    """C3, R1: the free plan ranks lowest; the trial's plan is the terms'."""
    held = catalog(FREE, PRO, ULTIMATE, terms=terms(trial_plan="ultimate"))
    assert (held.free_plan, held.trial_plan) == (FREE, ULTIMATE)


def test_matrix_is_of_the_catalogues_plans() -> None:
    """C2: the matrix has the plans in rank order."""
    assert CHATIM.matrix == FeatureMatrix((FREE, PRO, ULTIMATE))


def test_rank_is_the_place_by_key() -> None:
    """C1, C8: ranks are 0, 1, 2; an old plan value ranks by its key."""
    old = attrs.evolve(PRO, price=Money(1500, USD))
    assert [CHATIM.rank(plan) for plan in (FREE, PRO, ULTIMATE, old)] == [0, 1, 2, 1]


def test_upgrade_is_a_higher_rank() -> None:
    """P1: every pair of plans; the same plan is no upgrade."""
    pairs = [(a.key, b.key) for a in CHATIM.plans for b in CHATIM.plans if CHATIM.is_upgrade(a, b)]
    assert pairs == [("free", "pro"), ("free", "ultimate"), ("pro", "ultimate")]


def test_rank_is_not_price() -> None:
    """C1: the order of the catalogue ranks, also where a higher plan costs less."""
    cheap = attrs.evolve(ULTIMATE, price=Money(1, USD))
    assert catalog(FREE, PRO, cheap).is_upgrade(PRO, cheap) is True


def test_rank_of_a_foreign_plan_is_refused() -> None:
    """C8: a plan whose key the edition does not have."""
    error = error_of(UnknownKeyError, CHATIM.is_upgrade, PRO, yearly())
    assert error.key == "yearly"


@pytest.mark.parametrize("plan", [None, "pro", 1])
def test_rank_asks_for_a_plan(plan: Any) -> None:
    """What is no plan has no rank."""
    error = error_of(InvalidTypeError, CHATIM.rank, plan)
    assert str(error) == f"plan: expected a Plan, got {said_of(plan)}"


def key_of(found: Plan | None) -> str | None:
    """The key of the plan found, if any."""
    return None if found is None else found.key


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        (Feature.javascript_sdk, "free"),
        ("visitor_export", "pro"),
        ("standard_support", "pro"),
        ("priority_support", "ultimate"),
    ],
)
def test_cheapest_plan_with_a_feature(feature: str, expected: str) -> None:
    """A3: by price per seat and month."""
    assert key_of(CHATIM.cheapest_with(feature)) == expected


def test_no_plan_has_the_feature() -> None:
    """A3: None where no plan grants it."""
    assert catalog(FREE, PRO).cheapest_with("white_label") is None


@pytest.mark.parametrize(
    ("price", "expected"), [(12 * 1900 - 1, "yearly"), (12 * 1900, "pro"), (12 * 1900 + 1, "pro")]
)
def test_yearly_price_counts_per_month(price: int, expected: str) -> None:
    """A3: a yearly plan is cheapest only if a twelfth of it is; the lower rank wins a tie."""
    found = catalog(FREE, PRO, yearly(price)).cheapest_with("visitor_export")
    assert key_of(found) == expected


@pytest.mark.parametrize(
    ("quota", "count", "expected"),
    [
        ("seats", 0, "free"),
        ("seats", 1, "free"),
        (Quota.seats, 2, "pro"),
        ("seats", 10**9, "pro"),
        ("chats", 10**9, "free"),
    ],
)
def test_cheapest_plan_within_a_quota(quota: str, count: int, expected: str) -> None:
    """A3, S3: the plan that allows the count at the lowest price."""
    assert key_of(CHATIM.cheapest_within(quota, count)) == expected


def test_no_plan_allows_the_count() -> None:
    """S3: None where every plan has a limit below it."""
    small = attrs.evolve(PRO, limits={**PRO.limits, Quota.seats: 5})
    assert [catalog(FREE, small).cheapest_within("seats", n) for n in (5, 6)] == [small, None]


def test_plan_that_is_left_out_is_not_the_cheapest() -> None:
    """A3, C9: neither what this edition retires, nor what the one that waits does."""
    without = frozenset({"pro"})
    assert key_of(CHATIM.cheapest_within("seats", 2, without)) == "ultimate"
    retiring = attrs.evolve(CHATIM, retired=["ultimate"])
    assert retiring.cheapest_within("seats", 2, without) is None


def test_negative_count_is_refused() -> None:
    """A count is at least zero."""
    error = error_of(InvalidValueError, CHATIM.cheapest_within, "seats", -1)
    assert str(error) == "count: expected a whole number of at least 0, got -1"


@pytest.mark.parametrize("count", [1.0, True, "1", None, UNLIMITED, Small.one])
def test_count_is_an_int(count: Any) -> None:
    """A count of another type is refused."""
    error = error_of(InvalidTypeError, CHATIM.cheapest_within, "seats", count)
    assert (error.name, error.expected) == ("count", "a whole number (int)")


@pytest.mark.parametrize(
    "ask", [lambda: CHATIM.cheapest_with("teleport"), lambda: CHATIM.cheapest_within("teleport", 1)]
)
def test_cheapest_of_an_unknown_name_is_refused(ask: Any) -> None:
    """A2: it fails closed."""
    error = error_of(UnknownKeyError, ask)
    assert error.key == "teleport"


def test_edition_can_be_followed_by_one_that_keeps_its_promises() -> None:
    """C5: new prices, features and plans are no fault."""
    dearer = attrs.evolve(PRO, price=Money(2900, USD))
    new = catalog(FREE, dearer, ULTIMATE, yearly(50_000, features=list(Feature)))
    assert (CHATIM.fault_of_successor(new), CHATIM.fault_of_successor(CHATIM)) == (None, None)


def _in_euros(plan: Plan) -> Plan:
    return attrs.evolve(plan, price=Money(plan.price.amount, Currency("EUR", 2)))


def _in_mills(plan: Plan) -> Plan:
    return attrs.evolve(plan, price=Money(plan.price.amount * 10, Currency("USD", 3)))


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: catalog(FREE, PRO), "it has no plan 'ultimate'"),
        (
            lambda: catalog(
                *map(_in_euros, CHATIM.plans),
                terms=terms(smallest_charge=Money(50, Currency("EUR", 2))),
            ),
            "it sells in EUR, not USD",
        ),
        (
            lambda: catalog(
                *map(_in_mills, CHATIM.plans),
                terms=terms(smallest_charge=Money(500, Currency("USD", 3))),
            ),
            "it sells in USD with 3 digits, not USD with 2 digits",
        ),
        (
            lambda: catalog(FREE, attrs.evolve(PRO, interval_months=12), ULTIMATE),
            "it bills 'pro' by another interval",
        ),
    ],
    ids=["plan", "currency", "digits", "interval"],
)
def test_edition_cannot_be_followed_by_one_that_breaks_them(make: Any, fault: str) -> None:
    """C5: every plan key, the currency and the intervals stay."""
    assert CHATIM.fault_of_successor(make()) == fault
