"""Entitlements: the plan in force, and decisions that explain themselves."""

from __future__ import annotations

import copy
import pickle
import sys
from collections import UserString
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Barrier
from typing import Any, cast

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    Account,
    AddPaymentMethod,
    Catalog,
    ChoosePlan,
    Decision,
    Entitlements,
    Feature,
    InvalidTypeError,
    InvalidValueError,
    Limits,
    OutOfOrderError,
    Quota,
    Reason,
    Status,
    Subscription,
    UnknownKeyError,
    advance,
    entitlements,
)
from chatim_plans.strategies import decisions
from tests.accounts import (
    Decided,
    a_plan,
    after,
    decided,
    named,
    on_free,
    on_plan,
    on_trial,
    repriced,
    restricted,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, LAST_SECOND, utc
from tests.refused import error_of, values_of


def may(account: Account, at: datetime = HALF) -> Entitlements:
    """What the account may do at half of June, or at another instant."""
    return entitlements(account.subscription, at)


def facts_of_pro(**changes: Any) -> dict[str, Any]:
    """What entitlements of Pro until July are made of, but for these."""
    return {
        "catalog": CHATIM,
        "held_plan": PRO,
        "trial_plan": None,
        "status": Status.active,
        "valid_until": JULY,
        **changes,
    }


# --- The plan in force ---
@pytest.mark.parametrize(
    ("who", "at", "expected"),
    [
        ("free", HALF, ["free", "free", None, "free", None]),
        ("trial", HALF, ["pro", "pro", None, "trialing", JULY]),
        ("trial", JULY, ["free", "free", "pro", "trial_ended", None]),
        ("trial, card", JULY, ["pro", "pro", None, "active", AUGUST]),
        ("ultimate", HALF, ["ultimate", "ultimate", None, "active", JULY]),
        ("pro, past due", JULY, ["pro", "pro", None, "past_due", AUGUST]),
        ("ultimate, restricted", HALF, ["free", "ultimate", None, "restricted", JULY]),
        ("ultimate, restricted", JULY, ["free", "free", None, "free", None]),
        ("ultimate, pro waiting", HALF, ["ultimate", "ultimate", None, "active", JULY]),
        ("ultimate, cancelled", JULY, ["free", "free", None, "free", None]),
    ],
)
def test_the_plan_in_force(who: str, at: datetime, expected: list[Any]) -> None:
    """A1, D2: the plan in force, the one held, that of a trial that ended, the status, the end."""
    now = may(named(who), at)
    plans = [plan and plan.key for plan in (now.plan, now.held_plan, now.trial_plan)]
    assert [*plans, now.status.value, now.valid_until] == expected


def test_the_trials_plan_is_of_the_edition_held() -> None:
    """C5: the plan that a trial gave goes by its key."""
    account = on_trial(JUNE, catalog=repriced("2027", pro=21_00))
    trial = may(account, JULY).trial_plan
    assert trial == repriced("2027", pro=21_00).plan("pro")


# --- Keeping them ---
@pytest.mark.parametrize(
    ("who", "at", "expected"),
    [
        ("pro", HALF, True),
        ("pro", LAST_SECOND, True),
        ("pro", JULY, False),
        ("pro", AUGUST, False),
        ("free", utc(9999, 12, 31), True),
    ],
)
def test_entitlements_are_valid_before_the_next_boundary(
    who: str, at: datetime, expected: bool
) -> None:
    """A3: up to, not including, `valid_until`; on Free for good."""
    assert may(named(who)).is_valid_at(at) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [(HALF, True), (HALF - timedelta(seconds=1), False), (JUNE, False), (utc(1, 1, 1), False)],
)
def test_entitlements_are_valid_from_the_instant_they_were_read_at(
    at: datetime, expected: bool
) -> None:
    """A1: they know nothing of the past, where another plan may have been held."""
    for account in (on_free(JUNE), on_plan(PRO, JUNE)):
        assert may(account).valid_from == HALF
        assert may(account).is_valid_at(at) is expected


def test_entitlements_of_an_unknown_start_are_valid_at_no_instant() -> None:
    """A2: who does not say from when they hold, as documents of version 1, grants nothing."""
    unknown = Entitlements(CHATIM, PRO, None, Status.active, JULY)
    assert unknown.valid_from is None
    assert [unknown.is_valid_at(at) for at in (JUNE, HALF, JULY)] == [False, False, False]


def test_entitlements_may_hold_for_their_last_second_alone() -> None:
    """A3: the end is no part of the time for which they hold."""
    last = Entitlements(**facts_of_pro(valid_from=LAST_SECOND))
    assert [last.is_valid_at(at) for at in (HALF, LAST_SECOND, JULY)] == [False, True, False]


def test_start_and_end_are_held_in_utc() -> None:
    """T1: whatever zone they were given in."""
    zone = timezone(timedelta(hours=2))
    given = facts_of_pro(valid_from=HALF.astimezone(zone), valid_until=JULY.astimezone(zone))
    held = Entitlements(**given)
    assert repr([held.valid_from, held.valid_until]) == repr([HALF, JULY])


def test_the_start_is_no_part_of_what_entitlements_say() -> None:
    """A3: read twice before the boundary they are equal, and each keeps its own start."""
    early, late = may(on_plan(PRO, JUNE), JUNE), may(on_plan(PRO, JUNE), HALF)
    assert (early, hash(early)) == (late, hash(late))
    copies = [pickle.loads(pickle.dumps(early)), evolve(early), copy.deepcopy(early)]
    assert [each.valid_from for each in copies] == [JUNE, JUNE, JUNE]
    assert evolve(early, valid_from=HALF).valid_from == late.valid_from


def test_validity_is_asked_of_an_instant() -> None:
    """A2: a date or a naive datetime is an error, on Free too."""
    for at in (HALF.date(), HALF.replace(tzinfo=None), None):
        for account in (on_free(JUNE), on_plan(PRO, JUNE)):
            with pytest.raises((InvalidTypeError, InvalidValueError)):
                may(account).is_valid_at(cast("datetime", at))


def test_a_decision_is_made_once() -> None:
    """The answer is kept with the entitlements, by the feature and by its name alike."""
    now = may(on_plan(PRO, JUNE))
    first = now.decide(Feature.api_access)
    assert now.decide("api_access") is first
    assert now.decide(Feature.api_access) is first


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns as often as they can, where a global lock makes them take turns."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_threads_that_race_for_a_decision_are_given_the_same_one() -> None:
    """Eight at once, each with another feature first: the fresh answers, and one object of each."""
    threads, features = 8, list(Feature)
    expected = [may(on_plan(PRO, JUNE)).decide(feature) for feature in features]
    start = Barrier(threads)

    def ask(shared: Entitlements, first: int) -> dict[Feature, Decision]:
        start.wait()
        return {feature: shared.decide(feature) for feature in features[first:] + features[:first]}

    with ThreadPoolExecutor(threads) as pool:
        for _ in range(200):
            shared = [may(on_plan(PRO, JUNE))] * threads
            told = [
                [answers[feature] for feature in features]
                for answers in pool.map(ask, shared, range(threads), timeout=60)
            ]
            assert told[0] == expected
            assert {tuple(map(id, each)) for each in told} == {tuple(map(id, told[0]))}


def test_decisions_kept_are_no_part_of_the_value() -> None:
    """Asking changes neither equality nor hash, text nor pickle."""
    asked, fresh = may(on_plan(PRO, JUNE)), may(on_plan(PRO, JUNE))
    asked.decide(Feature.api_access)
    assert (asked, hash(asked), repr(asked)) == (fresh, hash(fresh), repr(fresh))
    assert pickle.dumps(asked) == pickle.dumps(fresh)


@pytest.mark.parametrize("name", ["decisions", "_decisions", "plan"])
def test_what_follows_from_the_facts_cannot_be_given(name: str) -> None:
    """D2: nobody slips a decision in, or hands a restricted account the features of its plan."""
    with pytest.raises(TypeError, match=name):
        Entitlements(**facts_of_pro(status=Status.restricted, **{name: {}}))


@pytest.mark.parametrize("change", [{"status": Status.restricted}, {"held_plan": ULTIMATE}])
def test_decisions_are_not_kept_by_other_entitlements(change: dict[str, Any]) -> None:
    """Evolved entitlements decide for themselves."""
    now = may(on_plan(PRO, JUNE))
    before = now.decide(Feature.visitor_export)
    assert evolve(now, **change).decide(Feature.visitor_export) != before


def test_entitlements_pickle_small() -> None:
    """They and their decisions fit into a cache entry of four thousand bytes."""
    now = may(on_plan(PRO, JUNE))
    assert len(pickle.dumps(now)) < 4_000
    assert len(pickle.dumps(now.decide(Feature.api_access))) < 4_000


def test_what_merely_equals_a_name_is_refused_whoever_asked_before() -> None:
    """A2: it hashes and compares as the name does, and is no text; also where the answer is kept."""
    now = may(on_plan(PRO, JUNE))
    now.decide("visitor_export")
    name = cast("str", UserString("visitor_export"))
    for ask in (now.allows, now.decide, PRO.allows, CHATIM.cheapest_with):
        error_of(InvalidTypeError, ask, name)
    error_of(InvalidTypeError, CHATIM.matrix.allows, name, PRO)


# --- Features ---
@pytest.mark.parametrize(
    ("who", "at", "feature", "expected"),
    [
        ("pro", HALF, "visitor_export", (True, "granted_by_plan", "pro", None, JULY)),
        ("free", HALF, "javascript_sdk", (True, "granted_by_plan", "free", None, None)),
        ("trial", HALF, "visitor_export", (True, "granted_by_trial", "pro", None, JULY)),
        ("trial", HALF, "javascript_sdk", (True, "granted_by_trial", "pro", None, JULY)),
        ("free", HALF, "visitor_export", (False, "not_in_plan", "free", "pro", None)),
        ("trial", HALF, "api_access", (False, "not_in_plan", "pro", "ultimate", JULY)),
        ("pro", HALF, "api_access", (False, "not_in_plan", "pro", "ultimate", JULY)),
        ("trial", JULY, "visitor_export", (False, "trial_ended", "free", "pro", None)),
        ("trial", JULY, "api_access", (False, "not_in_plan", "free", "ultimate", None)),
        ("trial", JULY, "javascript_sdk", (True, "granted_by_plan", "free", None, None)),
        ("trial, cancelled", JULY, "visitor_export", (False, "not_in_plan", "free", "pro", None)),
        ("pro, restricted", HALF, "visitor_export", (False, "restricted", "free", None, JULY)),
        ("pro, restricted", HALF, "api_access", (False, "not_in_plan", "free", "ultimate", JULY)),
        ("pro, restricted", HALF, "javascript_sdk", (True, "granted_by_plan", "free", None, JULY)),
        (
            "trial, converted, restricted",
            JULY,
            "visitor_export",
            (False, "restricted", "free", None, AUGUST),
        ),
        ("pro, past due", HALF, "visitor_export", (True, "granted_by_plan", "pro", None, JULY)),
    ],
)
def test_decide(who: str, at: datetime, feature: str, expected: Decided) -> None:
    """A3: yes or no, why, the plan that decided, the cheapest that would, and until when."""
    now = may(named(who), at)
    assert (now.decide(feature), now.allows(feature)) == (decided(*expected, feature), expected[0])


def test_where_no_plan_has_a_feature_none_is_named() -> None:
    """A3: the remedy is neither a plan nor a payment."""
    catalog = evolve(CHATIM, plans=(FREE, PRO))
    decision = may(on_plan(PRO, JUNE, catalog=catalog)).decide(Feature.api_access)
    assert decision == Decision(False, Reason.not_in_plan, PRO, None, JULY, Feature.api_access)


# --- Quotas ---
def limits() -> Catalog:
    """Free for 2 seats and no chat, Pro for 5 and 100, Ultimate for any number."""
    plans = [
        evolve(a_plan("free", 0), limits=Limits({"seats": 2, "chats": 0, "chatbot_flows": 1})),
        evolve(a_plan("pro", 19_00), limits=Limits({"seats": 5, "chats": 100, "chatbot_flows": 1})),
        a_plan("ultimate", 39_00),
    ]
    return evolve(CHATIM, plans=plans)


@pytest.mark.parametrize(
    ("held", "quota", "used", "allowed", "reason", "cheapest"),
    [
        ("free", "seats", 2, True, "granted_by_plan", None),
        ("free", "seats", 3, False, "over_limit", "pro"),
        ("free", "seats", 6, False, "over_limit", "ultimate"),
        ("free", "seats", 0, True, "granted_by_plan", None),
        ("free", "chats", 0, True, "granted_by_plan", None),
        ("free", "chats", 1, False, "over_limit", "pro"),
        ("pro", "seats", 5, True, "granted_by_plan", None),
        ("pro", "seats", 6, False, "over_limit", "ultimate"),
        ("pro", "chatbot_flows", 2, False, "over_limit", "ultimate"),
        ("trial", "seats", 5, True, "granted_by_trial", None),
        ("trial", "seats", 6, False, "over_limit", "ultimate"),
        ("ended", "seats", 2, True, "granted_by_plan", None),
        ("ended", "seats", 3, False, "trial_ended", "pro"),
        ("ended", "seats", 6, False, "over_limit", "ultimate"),
        ("restricted", "seats", 2, True, "granted_by_plan", None),
        ("restricted", "seats", 3, False, "restricted", None),
        ("restricted", "seats", 6, False, "over_limit", "ultimate"),
        ("ultimate", "seats", 1_000_000, True, "granted_by_plan", None),
    ],
)
def test_decide_usage(
    held: str, quota: str, used: int, allowed: bool, reason: str, cheapest: str | None
) -> None:
    """A3: asked with the count as it would be after the act."""
    catalog = limits()
    accounts: dict[str, Callable[[], Account]] = {
        "free": lambda: on_free(JULY, catalog=catalog),
        "pro": lambda: on_plan(catalog.plan("pro"), JULY, catalog=catalog),
        "ultimate": lambda: on_plan(catalog.plan("ultimate"), JULY, catalog=catalog),
        "trial": lambda: on_trial(JULY, catalog=catalog),
        "ended": lambda: on_trial(JUNE, catalog=catalog),
        "restricted": lambda: restricted(catalog.plan("pro"), catalog=catalog),
    }
    at = HALF if held == "restricted" else JULY
    decision = may(accounts[held](), at).decide_usage(quota, used)
    plan = decision.cheapest_plan
    assert decision.allowed == allowed
    assert decision.reason == Reason(reason)
    assert (plan and plan.key) == cheapest


@pytest.mark.parametrize(
    ("who", "limit"), [("free", 1), ("pro", UNLIMITED), ("pro, restricted", 1)]
)
def test_limit(who: str, limit: Any) -> None:
    """D2: the limit of the plan in force, by the quota or its string."""
    now = may(named(who))
    assert [now.limit(Quota.seats), now.limit("seats")] == [limit, limit]


# --- What is no question ---
ASKED: dict[str, tuple[Callable[[Entitlements, Any], object], str, tuple[str, ...]]] = {
    "allows": (Entitlements.allows, "feature", tuple(Feature)),
    "decide": (Entitlements.decide, "feature", tuple(Feature)),
    "limit": (Entitlements.limit, "quota", tuple(Quota)),
    "decide_usage": (lambda now, v: now.decide_usage(v, 1), "quota", tuple(Quota)),
    "decide_more": (lambda now, v: now.decide_more(v, 1), "quota", tuple(Quota)),
}


@pytest.mark.parametrize(("ask", "kind", "known"), ASKED.values(), ids=ASKED)
def test_what_is_no_key_is_refused(
    ask: Callable[[Entitlements, Any], object], kind: str, known: tuple[str, ...]
) -> None:
    """A2: an error, never a yes; of an unknown key it names the keys there are."""
    now = may(on_plan(ULTIMATE, JUNE))
    for unknown in ("teleport", ""):
        assert values_of(UnknownKeyError, ask, now, unknown) == (kind, unknown, known)
    for value in (None, True, 1):
        assert values_of(InvalidTypeError, ask, now, value) == (kind, value, "a str")


COUNTED = [(Entitlements.decide_usage, "used"), (Entitlements.decide_more, "more")]


@pytest.mark.parametrize(("ask", "name"), COUNTED)
def test_a_count_below_nothing_is_refused(ask: Callable[..., object], name: str) -> None:
    """A3: counts begin at 0."""
    values = values_of(InvalidValueError, ask, may(on_free(JUNE)), "seats", -1)
    assert values == (name, -1, "a whole number of at least 0")


@pytest.mark.parametrize(("ask", "name"), COUNTED)
@pytest.mark.parametrize("count", [1.0, True, "1", None])
def test_a_count_is_a_whole_number(ask: Callable[..., object], name: str, count: Any) -> None:
    """A3: also where there is no limit."""
    values = values_of(InvalidTypeError, ask, may(on_plan(PRO, JUNE)), "seats", count)
    assert values == (name, count, "a whole number (int)")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("catalog", "a Catalog"), ("held_plan", "a Plan"), ("status", "a Status")],
)
@pytest.mark.parametrize("value", [None, "pro", 1])
def test_entitlements_of_the_wrong_types_are_refused(name: str, expected: str, value: Any) -> None:
    """A2: a status that cannot be read is an error, never a yes."""
    values = values_of(InvalidTypeError, Entitlements, **facts_of_pro(**{name: value}))
    assert values == (name, value, expected)


def test_entitlements_keep_the_facts_that_they_are_made_of() -> None:
    """A3: also the plan of a trial that ended, which a refusal names."""
    ended = {"held_plan": FREE, "status": Status.trial_ended, "valid_until": None}
    made = facts_of_pro(**ended, trial_plan=PRO, valid_from=JUNE)
    held = Entitlements(**made)
    assert {name: getattr(held, name) for name in made} == made


CONTRADICTIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a plan of no edition": (
        {"held_plan": repriced("2027", pro=1).plan("pro")},
        "held_plan",
        "a plan of the catalogue",
    ),
    "free on a paid plan": (
        {"status": Status.free, "valid_until": None},
        "status",
        "the status of a paid plan",
    ),
    "active on Free": ({"held_plan": FREE, "valid_until": None}, "status", "free or trial_ended"),
    "a paid plan for ever": ({"valid_until": None}, "valid_until", "an instant on a paid plan"),
    "a start after the end": (
        {"valid_from": AUGUST},
        "valid_from",
        "an instant before valid_until, 2026-07-01T00:00:00+00:00",
    ),
    "no time between start and end": (
        {"valid_from": JULY},
        "valid_from",
        "an instant before valid_until, 2026-07-01T00:00:00+00:00",
    ),
    "an end of Free": ({"held_plan": FREE, "status": Status.free}, "valid_until", "None on Free"),
    "a trial's plan on a paid plan": ({"trial_plan": PRO}, "trial_plan", "None"),
    "a trial that ended, of no plan": (
        {"held_plan": FREE, "status": Status.trial_ended, "valid_until": None},
        "trial_plan",
        "the plan of the trial that ended",
    ),
    "a team of nobody": ({"seats": 0}, "seats", "a whole number of at least 1"),
}


@pytest.mark.parametrize(("facts", "name", "expected"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_entitlements_that_cannot_be_are_refused(
    facts: dict[str, Any], name: str, expected: str
) -> None:
    """No facts lead to them, so nobody is to believe them."""
    given = facts_of_pro(**facts)
    assert values_of(InvalidValueError, Entitlements, **given) == (name, given[name], expected)


@pytest.mark.parametrize(
    ("facts", "kind", "field"),
    [
        ({"valid_until": "2026"}, InvalidTypeError, "instant"),
        ({"valid_until": datetime(2026, 7, 1)}, InvalidValueError, "instant"),
        (
            {"trial_plan": "pro", "held_plan": FREE, "status": Status.trial_ended},
            InvalidTypeError,
            "trial_plan",
        ),
        ({"valid_from": "2026"}, InvalidTypeError, "instant"),
        ({"valid_from": datetime(2026, 7, 1)}, InvalidValueError, "instant"),
    ],
)
def test_entitlements_of_other_shapes_are_refused(
    facts: dict[str, Any], kind: type[InvalidTypeError | InvalidValueError], field: str
) -> None:
    """A2: also where a field may be None."""
    error = error_of(kind, Entitlements, **facts_of_pro(**{"valid_until": None, **facts}))
    assert (error.name, error.value) == (field, next(iter(facts.values())))


def test_entitlements_know_all_that_is_retired() -> None:
    """C9: what the catalogue retired, and perhaps more that an edition which waits retires."""
    gone = evolve(CHATIM, edition="2027", retired={"ultimate"})
    of, more = facts_of_pro(catalog=gone), frozenset({"ultimate", "gold"})
    assert Entitlements(**of).retired == {"ultimate"}
    assert Entitlements(**of, retired=more).retired == more
    expected = "at least what the catalogue has retired, ['ultimate']"
    assert values_of(InvalidValueError, Entitlements, **of, retired={"gold"}) == (
        *("retired", ["gold"], expected),
    )
    odd: Any
    for odd in ("ultimate", 7):
        error = error_of(InvalidTypeError, Entitlements, **of, retired=odd)
        assert (error.name, error.value) == ("retired", odd)
    assert error_of(InvalidTypeError, Entitlements, **of, retired=[PRO]).value == PRO
    assert error_of(InvalidValueError, Entitlements, **of, retired=[" "]).name == "retired"


@given(st.from_type(Subscription), st.integers(0, 900))
def test_entitlements_from_facts_pass_their_own_checks(facts: Subscription, days: int) -> None:
    """What is made of facts without a second look would pass it."""
    at = facts.as_of + timedelta(days=days)
    now = entitlements(facts, at)
    assert (evolve(now), evolve(now).valid_from) == (now, at)


def test_an_instant_before_the_facts_is_refused() -> None:
    """A2: the error holds both instants."""
    values = values_of(OutOfOrderError, entitlements, on_free(HALF).subscription, JUNE)
    assert values == (JUNE, HALF)


def test_reasons() -> None:
    """A3: the six, as they are stored and shown."""
    assert [str(reason) for reason in Reason] == [
        "granted_by_plan",
        "granted_by_trial",
        "not_in_plan",
        "over_limit",
        "trial_ended",
        "restricted",
    ]


def test_a_paid_feature_is_there_at_once() -> None:
    """A5: at the very second of the purchase."""
    account = after(on_free(JUNE), AddPaymentMethod(at=JUNE), ChoosePlan(ULTIMATE, at=HALF))
    assert may(account, HALF).allows(Feature.api_access) is True


def test_recorded_or_not_time_gives_the_same_answer() -> None:
    """A1: the trial's end is taken into account without anybody recording it."""
    account = on_trial(JUNE)
    assert may(account, AUGUST) == may(advance(account, AUGUST).account, AUGUST)


# --- Decisions that contradict themselves ---
def yes(**facts: Any) -> Decision:
    """Visitor export on Pro, with other facts."""
    usual = {
        "allowed": True,
        "reason": Reason.granted_by_plan,
        "plan": PRO,
        "cheapest_plan": None,
        "valid_until": JULY,
        "asked": Feature.visitor_export,
    }
    return Decision(**{**usual, **facts})


def no(**facts: Any) -> Decision:
    """Two seats on Free, with other facts."""
    usual = {
        "allowed": False,
        "reason": Reason.over_limit,
        "plan": FREE,
        "cheapest_plan": PRO,
        "valid_until": None,
        "asked": Quota.seats,
        "used": 2,
    }
    return Decision(**{**usual, **facts})


UNTRUE: dict[str, tuple[Callable[[], Decision], str, object, str]] = {
    "a yes that is not in the plan": (
        lambda: yes(reason=Reason.not_in_plan),
        *("reason", Reason.not_in_plan, "a reason for the answer"),
    ),
    "a no that is granted": (
        lambda: no(reason=Reason.granted_by_plan),
        *("reason", Reason.granted_by_plan, "a reason for the answer"),
    ),
    "a yes with a remedy": (
        lambda: yes(cheapest_plan=ULTIMATE),
        *("cheapest_plan", ULTIMATE, "None, as it stands"),
    ),
    "restricted with a remedy": (
        lambda: no(reason=Reason.restricted, valid_until=JULY),
        *("cheapest_plan", PRO, "None, as it stands"),
    ),
    "a remedy that is none": (
        lambda: no(used=2, cheapest_plan=FREE),
        *("cheapest_plan", FREE, "a plan that allows what was asked"),
    ),
    "a yes to what the plan lacks": (
        lambda: yes(asked=Feature.api_access),
        *("allowed", True, "the answer of the plan"),
    ),
    "a yes over the limit": (
        lambda: no(allowed=True, reason=Reason.granted_by_plan, cheapest_plan=None),
        *("allowed", True, "the answer of the plan"),
    ),
    "a no to what the plan has": (
        lambda: no(used=1),
        *("allowed", False, "the answer of the plan"),
    ),
    "a yes on a paid plan for ever": (
        lambda: yes(valid_until=None),
        *("valid_until", None, "an instant on a paid plan"),
    ),
    "restricted for ever": (
        lambda: no(reason=Reason.restricted, cheapest_plan=None),
        *("valid_until", None, "an instant"),
    ),
    "a trial that ended, for a while": (
        lambda: no(reason=Reason.trial_ended, valid_until=JULY),
        *("valid_until", JULY, "None once the trial ended"),
    ),
    "a trial of Free": (
        lambda: yes(plan=FREE, asked=Feature.javascript_sdk, reason=Reason.granted_by_trial),
        *("plan", FREE, "the plan of the trial"),
    ),
    "restricted to a paid plan": (
        lambda: yes(allowed=False, reason=Reason.restricted, asked=Feature.api_access, plan=PRO),
        *("plan", PRO, "the free plan, for this reason"),
    ),
    "a feature over a limit": (
        lambda: no(asked=Feature.api_access, used=None, cheapest_plan=None),
        *("reason", Reason.over_limit, "the reason for what was asked"),
    ),
    "a quota that is not in the plan": (
        lambda: no(reason=Reason.not_in_plan),
        *("reason", Reason.not_in_plan, "the reason for what was asked"),
    ),
    "a count of a feature": (lambda: yes(used=1), "used", 1, "None but for a quota"),
    "fewer than none": (lambda: no(used=-1), "used", -1, "a whole number of at least 0"),
}


@pytest.mark.parametrize(("make", "name", "value", "expected"), UNTRUE.values(), ids=UNTRUE)
def test_a_decision_that_contradicts_itself_is_refused(
    make: Callable[[], Decision], name: str, value: object, expected: str
) -> None:
    """A3: the answer follows from the plan that decided, and the reason from the answer."""
    assert values_of(InvalidValueError, make) == (name, value, expected)


@pytest.mark.parametrize(
    ("facts", "name", "value", "expected"),
    [
        ({"allowed": 1}, "allowed", 1, "a bool"),
        ({"reason": "granted_by_plan"}, "reason", "granted_by_plan", "a Reason"),
        ({"plan": "pro"}, "plan", "pro", "a Plan"),
        ({"cheapest_plan": "pro"}, "cheapest_plan", "pro", "a Plan"),
        ({"valid_until": "July"}, "instant", "July", "a datetime"),
        ({"asked": "visitor_export"}, "asked", "visitor_export", "a Feature or a Quota"),
        ({"asked": Quota.seats}, "used", None, "a whole number (int)"),
        ({"asked": Quota.seats, "used": 1.0}, "used", 1.0, "a whole number (int)"),
    ],
)
def test_a_decision_of_the_wrong_shape_is_refused(
    facts: dict[str, Any], name: str, value: object, expected: str
) -> None:
    """A2: nothing that merely looks like an answer is one."""
    assert values_of(InvalidTypeError, yes, **facts) == (name, value, expected)


def test_what_a_document_of_version_1_kept_is_enough_for_a_decision() -> None:
    """Wire form: it did not say what was asked, so the plan cannot be asked again."""
    decision = no(asked=None, used=None)
    assert (decision.asked, decision.allowed) == (None, False)
    assert values_of(InvalidTypeError, decision.grants, PRO) == ("asked", None, "a Feature")


def test_a_decision_can_be_put_to_another_plan() -> None:
    """A3: the cheapest plan is one that would allow what was asked."""
    assert [no().grants(plan) for plan in CHATIM.plans] == [False, True, True]
    assert [yes().grants(plan) for plan in CHATIM.plans] == [False, True, True]
    assert values_of(InvalidTypeError, yes().grants, "pro") == ("plan", "pro", "a Plan")


def test_a_decision_is_true_where_its_answer_is_yes() -> None:
    """No yes by truthiness: `if may.decide(…)` asks what it seems to ask."""
    assert (bool(yes()), bool(no())) == (True, False)


@given(decisions())
def test_decisions_pass_their_own_checks(decision: Decision) -> None:
    """What comes through the door past the checks is what the constructor would take."""
    assert evolve(decision) == decision
    assert bool(decision) is decision.allowed


class Odd(str):
    """A text that equals everything, and fails to hash."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        raise RuntimeError


class Posing(str):
    """A text that says it is `api_access`."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("api_access")


def test_a_text_is_read_as_its_letters_whatever_it_says_it_equals() -> None:
    """A2: an unknown feature is no feature, though it claims to be one."""
    now = may(on_plan(ULTIMATE, JUNE))
    for ask in (now.allows, now.decide, ULTIMATE.allows):
        error_of(UnknownKeyError, ask, Posing("teleport"))
        error_of(UnknownKeyError, ask, Odd("teleport"))
        assert ask(Odd("api_access"))
        assert ask(Posing("visitor_export"))
    assert now.decide(Odd("api_access")) is now.decide("api_access")
    assert now.decide_usage(Odd("seats"), 1).asked is Quota.seats


def test_retired_keys_are_texts() -> None:
    """C9: what an application passes as retired is read as plain text."""
    held = Entitlements(CHATIM, FREE, None, Status.free, None, retired=frozenset({"pro"}))
    assert held.retired == {"pro"}
    error_of(InvalidTypeError, Entitlements, CHATIM, FREE, None, Status.free, None, retired="pro")
    error_of(InvalidTypeError, Entitlements, CHATIM, FREE, None, Status.free, None, retired=[7])


def test_what_is_retired_is_nobodys_cheapest_plan() -> None:
    """C9: also where the edition that waits retires it, and not the catalogue."""
    held = Entitlements(CHATIM, FREE, None, Status.free, None, retired=frozenset({"pro"}))
    assert held.decide("visitor_export").cheapest_plan == ULTIMATE


def test_seats_to_add_are_counted_from_those_there_are() -> None:
    """A3: the entitlements know the seats; of other quotas the caller knows the count."""
    now = may(on_free(JUNE))
    assert now.decide_more("seats", 1) == now.decide_usage("seats", 2)
    assert now.decide_more("seats", 0)
    unknown = Entitlements(CHATIM, FREE, None, Status.free, None)
    for asked, quota in ((now, "chats"), (unknown, "seats")):
        values = values_of(InvalidValueError, asked.decide_more, quota, 1)
        assert values == ("quota", quota, "a count that is known; else ask decide_usage")


def test_entitlements_show_what_is_retired() -> None:
    """C9: with the trial that ended, where one did."""
    retired = evolve(CHATIM, retired={"ultimate"})
    account = advance(on_trial(JUNE, catalog=retired), JULY).account
    assert repr(may(account, JULY)) == (
        "Entitlements(catalog=2026, held_plan=free 0.00 USD, trial_ended, "
        "trial_plan=pro 19.00 USD, seats=1, valid_from=2026-07-01T00:00Z, retired={ultimate})"
    )
