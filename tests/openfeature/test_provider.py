"""The OpenFeature provider: each answer in each phase, each error, contexts of every kind."""

from __future__ import annotations

import asyncio
import importlib
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

pytest.importorskip("openfeature", reason="needs the extra openfeature")

from attrs import asdict, evolve, fields_dict
from hypothesis import given
from hypothesis import strategies as st
from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import (
    ErrorCode,
    FlagNotFoundError,
    GeneralError,
    InvalidContextError,
    OpenFeatureError,
    TypeMismatchError,
)
from openfeature.flag_evaluation import FlagResolutionDetails
from openfeature.hook import Hook
from openfeature.hook.logging_hook import LoggingHook
from openfeature.provider import ProviderStatus
from openfeature.telemetry import TelemetryAttribute, create_evaluation_event

import chatim_plans
from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    Cancel,
    Catalog,
    Entitlements,
    Feature,
    InvalidTypeError,
    InvalidValueError,
    MoveToEdition,
    OutOfOrderError,
    PaymentFailed,
    Plan,
    PlansError,
    Quota,
    Subscription,
    entitlements,
)
from chatim_plans.openfeature import (
    AT,
    ENTITLEMENTS,
    SUBSCRIPTION,
    UNLIMITED_VALUE,
    PlansProvider,
    account_context,
)
from tests.accounts import after, on_free, on_plan, on_trial
from tests.instants import utc

START = utc(2026, 1, 15, 9)
NOW = utc(2026, 1, 20, 9)
PERIOD_END = "2026-02-15T09:00:00+00:00"
TRIAL_END = "2026-02-14T09:00:00+00:00"
TYPES: dict[str, Any] = {"boolean": True, "integer": 7, "string": "x", "float": 0.5, "object": {}}


def account(phase: str) -> Subscription:
    """An account in this phase at `NOW`."""
    accounts = {
        "free": on_free(START),
        "trial": on_trial(START),
        "trial ended": on_trial(NOW - timedelta(days=40)),
        "pro": on_plan(PRO, START),
        "ultimate": on_plan(ULTIMATE, START),
        "past due": after(on_plan(PRO, START), PaymentFailed(at=START)),
        "restricted": after(on_plan(ULTIMATE, START), PaymentFailed(final=True, at=START)),
        "owing": after(
            on_plan(PRO, START), PaymentFailed(at=START), Cancel(at_once=True, at=START)
        ),
    }
    return accounts[phase].subscription


def resolve(kind: str, flag: Any, context: Any, now: Any = None, default: Any = None) -> Any:
    """What a provider's resolver for this type returns, called as the SDK calls it."""
    resolver = getattr(PlansProvider(now=now), f"resolve_{kind}_details")
    return resolver(flag_key=flag, default_value=default, evaluation_context=context)


def answer(flag: str, context: EvaluationContext) -> tuple[Any, Any, Any, dict[str, Any]]:
    """Value, variant, OpenFeature's reason and metadata of a feature or quota."""
    details = resolve("boolean" if flag in [*Feature] else "integer", flag, context)
    assert (details.error_code, details.error_message) == (None, None)
    return details.value, details.variant, details.reason, dict(details.flag_metadata)


def facts(*plan_and_reason: str, cheapest: str = "", until: str = "") -> dict[str, str]:
    """The metadata of an answer."""
    named = dict(zip(("plan", "reason"), plan_and_reason, strict=False))
    named |= {"cheapest_plan": cheapest} if cheapest else {}
    return named | ({"valid_until": until} if until else {})


YES, NO, ALL, ONE = (True, "on"), (False, "off"), (UNLIMITED_VALUE, "unlimited"), (1, "1")
STATIC, MATCH, DEFAULT = "STATIC", "TARGETING_MATCH", "DEFAULT"
BY_TRIAL = facts("pro", "granted_by_trial", until=TRIAL_END)
BY_PRO = facts("pro", "granted_by_plan", until=PERIOD_END)
BY_ULTIMATE = facts("ultimate", "granted_by_plan", until=PERIOD_END)
FOR_ULTIMATE = facts("pro", "not_in_plan", cheapest="ultimate")
UNPAID = facts("free", "restricted", until=PERIOD_END)

ANSWERS = [
    # On Free: the fallback plan decides.
    ("free", "javascript_sdk", YES, STATIC, facts()),
    ("free", "visitor_export", NO, DEFAULT, facts("free", "not_in_plan", cheapest="pro")),
    ("free", "ai_chatbot", NO, DEFAULT, facts("free", "not_in_plan", cheapest="ultimate")),
    ("free", "seats", ONE, DEFAULT, facts("free", "over_limit", cheapest="pro")),
    ("free", "chats", ALL, STATIC, facts()),
    # In the trial: its plan decides, to its end.
    ("trial", "javascript_sdk", YES, STATIC, facts(until=TRIAL_END)),
    ("trial", "visitor_export", YES, MATCH, BY_TRIAL),
    ("trial", "ai_chatbot", NO, MATCH, FOR_ULTIMATE | facts(until=TRIAL_END)),
    ("trial", "seats", ALL, MATCH, BY_TRIAL),
    # After a trial that nobody followed up: Free, and the reason says what there was.
    ("trial ended", "javascript_sdk", YES, STATIC, facts()),
    ("trial ended", "visitor_export", NO, DEFAULT, facts("free", "trial_ended", cheapest="pro")),
    ("trial ended", "ai_chatbot", NO, DEFAULT, facts("free", "not_in_plan", cheapest="ultimate")),
    ("trial ended", "seats", ONE, DEFAULT, facts("free", "trial_ended", cheapest="pro")),
    # Paid for, or past due: the plan held decides.
    ("pro", "chats", ALL, STATIC, facts(until=PERIOD_END)),
    ("pro", "visitor_export", YES, MATCH, BY_PRO),
    ("pro", "ai_chatbot", NO, MATCH, FOR_ULTIMATE | facts(until=PERIOD_END)),
    ("pro", "seats", ALL, MATCH, BY_PRO),
    ("ultimate", "ai_chatbot", YES, MATCH, BY_ULTIMATE),
    ("past due", "visitor_export", YES, MATCH, BY_PRO),
    # Restricted: Free's features, and no plan is the remedy.
    ("restricted", "javascript_sdk", YES, STATIC, facts(until=PERIOD_END)),
    ("restricted", "ai_chatbot", NO, DEFAULT, UNPAID),
    ("restricted", "seats", ONE, DEFAULT, UNPAID),
    # Owing on Free: what Free grants, and a plan is the remedy once the bill is settled.
    ("owing", "javascript_sdk", YES, STATIC, facts()),
    ("owing", "visitor_export", NO, DEFAULT, facts("free", "not_in_plan", cheapest="pro")),
]


@pytest.mark.parametrize(("phase", "flag", "value", "reason", "metadata"), ANSWERS)
def test_every_answer_in_every_phase(
    phase: str, flag: str, value: tuple[Any, str], reason: str, metadata: dict[str, str]
) -> None:
    """Value, variant, reason and metadata, from the subscription and from ready entitlements."""
    expected = (*value, reason, metadata)
    subscription = account(phase)
    assert answer(flag, account_context(subscription, NOW)) == expected
    ready = entitlements(subscription, NOW)
    assert answer(flag, account_context(ready)) == expected
    assert answer(flag, account_context(ready, NOW)) == expected


def test_a_grace_that_lapses_takes_features_away_by_itself() -> None:
    """D6: to the second, without anybody having recorded it; ready entitlements end with it."""
    graceful = evolve(CHATIM, terms=evolve(CHATIM.terms, grace_days=7))
    overdue = after(on_plan(PRO, START, catalog=graceful), PaymentFailed(at=START)).subscription
    lapse = START + timedelta(days=7)
    last = lapse - timedelta(seconds=1)
    granted = (*YES, MATCH, facts("pro", "granted_by_plan", until="2026-01-22T09:00:00+00:00"))
    assert answer("visitor_export", account_context(overdue, last)) == granted
    assert answer("visitor_export", account_context(overdue, lapse)) == (*NO, DEFAULT, UNPAID)
    ready = entitlements(overdue, last)
    assert answer("visitor_export", account_context(ready, last)) == granted
    with pytest.raises(InvalidContextError, match="make them anew"):
        resolve("boolean", "visitor_export", account_context(ready, lapse))


def test_a_retired_plan_is_kept_and_not_offered() -> None:
    """C9: who holds it has its features; nobody else is told to buy it, nor what waits retires."""
    without = evolve(CHATIM, edition="2027", retired={"ultimate"})
    held = after(on_plan(ULTIMATE, START), MoveToEdition(without, at=START)).subscription
    renewed = utc(2026, 2, 15, 9)
    until = "2026-03-15T09:00:00+00:00"
    assert answer("ai_chatbot", account_context(held, renewed)) == (
        *YES,
        *(MATCH, facts("ultimate", "granted_by_plan", until=until)),
    )
    offered = on_plan(PRO, START, catalog=without)
    leaving = after(on_plan(PRO, START), MoveToEdition(without, at=START))
    for account in (offered, leaving):
        assert answer("ai_chatbot", account_context(account.subscription, NOW)) == (
            *NO,
            *(MATCH, facts("pro", "not_in_plan", until=PERIOD_END)),
        )


def small_catalog() -> Catalog:
    """A catalogue with limits in figures, and features that none of its plans has."""
    features = {Feature.javascript_sdk}
    free = evolve(FREE, features=features, limits={"seats": 2, "chats": 0, "chatbot_flows": 5})
    paid = evolve(PRO, features=features, limits={"seats": 2, "chats": 40, "chatbot_flows": 5})
    return Catalog("small", (free, paid), CHATIM.terms)


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("white_label", (False, "off", "STATIC", {})),
        ("chatbot_flows", (5, "5", "STATIC", {})),
        ("seats", (2, "2", "STATIC", {})),
        ("chats", (0, "0", "DEFAULT", facts("free", "over_limit", cheapest="pro"))),
    ],
)
def test_what_all_plans_treat_alike_is_static(flag: str, expected: tuple[Any, ...]) -> None:
    """No plan decides what none of them would change, and none is offered."""
    account = on_free(START, catalog=small_catalog()).subscription
    assert answer(flag, account_context(account, NOW)) == expected


def test_no_value_depends_on_the_callers_default() -> None:
    """A no is a no and not the default; so is a limit."""
    context = account_context(account("free"), NOW)
    for default in (True, False):
        assert resolve("boolean", "api_access", context, default=default).value is False
    for number in (0, 99):
        assert resolve("integer", "seats", context, default=number).value == 1


def test_values_are_plain() -> None:
    """A bool and an int, no member of an enum; metadata of types that OpenFeature allows."""
    context = account_context(account("trial"), NOW)
    for kind, flag, plain in [("boolean", "api_access", bool), ("integer", "seats", int)]:
        details = resolve(kind, flag, context)
        assert (type(details.value), type(details.variant)) == (plain, str)
        assert {type(fact) for fact in details.flag_metadata.values()} == {str}


def test_valid_until_reads_back() -> None:
    """The text is the instant of the decision, in UTC."""
    details = resolve("boolean", "api_access", account_context(account("trial"), NOW))
    read = datetime.fromisoformat(details.flag_metadata["valid_until"])
    assert read == entitlements(account("trial"), NOW).valid_until


def test_unlimited_compares_as_a_limit() -> None:
    """The integer for unlimited is above any count, and any reader of JSON keeps it."""
    assert float(UNLIMITED_VALUE) == UNLIMITED_VALUE == 9_007_199_254_740_991
    assert float(UNLIMITED_VALUE + 1) == float(UNLIMITED_VALUE + 2)


# --- flags that are not there, or of another type ---
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("flag", ["", "nope", "API_ACCESS", "api_access ", "free", None, 1, [], {}])
def test_an_unknown_flag_is_not_found(kind: str, flag: Any) -> None:
    """Whatever is no name of a feature or quota; asked before the context is looked at."""
    with pytest.raises(FlagNotFoundError, match="use one of javascript_sdk, "):
        resolve(kind, flag, None)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("flag", [*Feature, *Quota])
def test_a_flag_has_one_type(kind: str, flag: Feature | Quota) -> None:
    """A feature is a boolean, a quota an integer; asked before the context is looked at."""
    own = "boolean" if isinstance(flag, Feature) else "integer"
    expected = InvalidContextError if kind == own else TypeMismatchError
    with pytest.raises(expected):
        resolve(kind, flag.value, None)


def test_a_mismatch_says_what_the_flag_is() -> None:
    """The message names the flag, what it is, and the type asked for."""
    with pytest.raises(TypeMismatchError) as refusal:
        resolve("string", "seats", None)
    assert refusal.value.error_message == "'seats' is a Quota, not of type string"


# --- contexts ---
class ShiftyZone(tzinfo):
    """A time zone that does not know itself."""

    def utcoffset(self, _dt: datetime | None) -> timedelta:
        """Fails."""
        raise RuntimeError("no offset")

    dst = tzname = utcoffset  # type: ignore[assignment]


class Unreadable(dict[str, Any]):
    """A mapping that cannot be read."""

    def get(self, *_arguments: Any) -> Any:
        """Fails."""
        raise RuntimeError("no")


def lookalike(value: Any) -> Any:
    """A value of a subclass, which could answer anything."""
    own = {name for name, fact in fields_dict(type(value)).items() if fact.init}
    known = {name.lstrip("_"): getattr(value, name) for name in own}
    return type("Yes", (type(value),), {})(**known)


def faulty(**changes: Any) -> dict[str, Any]:
    """The attributes of a good context, but for these."""
    return {SUBSCRIPTION: account("pro"), AT: NOW, **changes}


def ready(**changes: Any) -> dict[str, Any]:
    """Attributes with ready entitlements that hold these facts."""
    return {ENTITLEMENTS: evolve(entitlements(account("pro"), NOW), **changes), AT: NOW}


HOSTILE: dict[str, tuple[Callable[[], Any], str]] = {
    "nothing": (dict, "no account"),
    "no account": (lambda: {AT: NOW}, "no account"),
    "None": (lambda: faulty(subscription=None), "no account"),
    "two accounts": (lambda: faulty() | ready(), "or two"),
    "no instant": (lambda: faulty(at=None), "no instant"),
    "a naive instant": (lambda: faulty(at=datetime(2026, 1, 20)), "aware"),
    "text": (lambda: faulty(at="2026-01-20T09:00:00Z"), "a datetime"),
    "a date": (lambda: faulty(at=date(2026, 1, 20)), "a datetime"),
    "a number": (lambda: faulty(at=1_768_899_600), "a datetime"),
    "before the facts": (lambda: faulty(at=START - timedelta(1)), "is before"),
    "no zone": (lambda: faulty(at=datetime(2026, 1, 20, tzinfo=ShiftyZone())), "aware datetime"),
    "a dict": (lambda: faulty(subscription=asdict(account("pro"))), "got dict"),
    "a key": (lambda: faulty(subscription="acct_1"), "got str"),
    "True": (lambda: faulty(subscription=True), "got bool"),
    "False": (lambda: faulty(subscription=False), "got bool"),
    "an account": (lambda: faulty(subscription=on_free(START)), "got Account"),
    "a mock": (lambda: faulty(subscription=Mock(spec=Subscription)), "got Mock"),
    "a subclass": (lambda: faulty(subscription=lookalike(account("pro"))), "got Yes"),
    "swapped": (lambda: {ENTITLEMENTS: account("pro"), AT: NOW}, "expected Entitlements"),
    "swapped back": (
        lambda: faulty(subscription=ready()[ENTITLEMENTS]),
        "expected Subscription",
    ),
    "a ready yes": (lambda: {ENTITLEMENTS: True}, "got bool"),
    "a ready mock": (lambda: {ENTITLEMENTS: Mock(spec=Entitlements)}, "got Mock"),
    "a ready subclass": (lambda: {ENTITLEMENTS: lookalike(ready()[ENTITLEMENTS])}, "got Yes"),
    "stale": (lambda: ready(valid_from=START, valid_until=NOW), "make them anew"),
    "too early": (lambda: ready() | {AT: NOW - timedelta(seconds=1)}, "make them anew"),
    "ready since nobody knows when": (
        lambda: ready(valid_from=None),
        "from nobody knows when until 2026",
    ),
    "ready since nobody knows when, and no instant": (
        lambda: ready(valid_from=None) | {AT: None},
        "and not at an instant that is not given",
    ),
    "free, too early": (
        lambda: {ENTITLEMENTS: entitlements(account("free"), NOW), AT: START},
        "until the next action, and not at 2026",
    ),
    "ready, naive": (lambda: ready() | {AT: datetime(2026, 1, 20)}, "aware"),
    "unreadable": (Unreadable, "RuntimeError: no"),
    "no attributes": (lambda: None, "AttributeError"),
}
GENERAL = {"unreadable", "no attributes"}
"""Where it is the application's own code that fails, and not the context that is wrong."""


def error_of(context: str) -> type[GeneralError | InvalidContextError]:
    """The error that this hostile context meets."""
    return GeneralError if context in GENERAL else InvalidContextError


@pytest.mark.parametrize("context", HOSTILE)
def test_a_hostile_context_is_an_openfeature_error(context: str) -> None:
    """Whatever the context holds, what leaves the provider is the right OpenFeatureError."""
    attributes, message = HOSTILE[context]
    for kind, flag in [("boolean", "javascript_sdk"), ("integer", "chats")]:
        with pytest.raises(error_of(context)) as refusal:
            resolve(kind, flag, EvaluationContext(attributes=attributes()))
        assert message in str(refusal.value.error_message)


def test_no_context_is_no_account() -> None:
    """A question without any context is an error, also for what every plan grants."""
    with pytest.raises(InvalidContextError, match="no account"):
        resolve("boolean", "javascript_sdk", None)


@pytest.mark.parametrize(
    ("at", "cause"),
    [(START - timedelta(1), OutOfOrderError), (datetime(2026, 1, 20), InvalidValueError)],
)
def test_the_librarys_own_error_is_the_cause(at: datetime, cause: type[PlansError]) -> None:
    """The message and the values of the error are kept."""
    with pytest.raises(InvalidContextError) as refusal:
        resolve("boolean", "api_access", EvaluationContext(attributes=faulty(at=at)))
    assert isinstance(refusal.value.__cause__, cause)
    assert refusal.value.error_message == str(refusal.value.__cause__)


def test_entitlements_hold_to_their_end() -> None:
    """A second before their end they answer; at their end, and after, they are refused."""
    trial = account("trial")
    may = entitlements(trial, NOW)
    end = datetime.fromisoformat(TRIAL_END)
    last = account_context(may, end - timedelta(seconds=1))
    assert resolve("boolean", "visitor_export", last).value is True
    for late in (end, end + timedelta(days=9)):
        with pytest.raises(InvalidContextError, match="make them anew"):
            resolve("boolean", "visitor_export", account_context(may, late))
        with pytest.raises(InvalidContextError, match="make them anew"):
            resolve("boolean", "visitor_export", account_context(may), now=lambda at=late: at)
    assert resolve("boolean", "visitor_export", account_context(may)).value is True


# --- now ---
def test_now_gives_the_instant_where_the_context_has_none() -> None:
    """The function is asked at each question, and only if the context has no instant."""
    calls = iter([NOW, datetime.fromisoformat(TRIAL_END)])
    provider = PlansProvider(now=lambda: next(calls))
    context = account_context(account("trial"))
    dated = account_context(account("trial"), NOW)
    values = [
        provider.resolve_boolean_details("visitor_export", False, asked).value
        for asked in (context, dated, context)
    ]
    assert values == [True, True, False]


@pytest.mark.parametrize(
    ("now", "error", "message"),
    [
        (lambda: None, InvalidContextError, "a datetime"),
        (lambda: datetime(2026, 1, 20), InvalidContextError, "aware"),
        (lambda: 1 // 0, GeneralError, "ZeroDivisionError"),
    ],
)
@pytest.mark.parametrize("may", [False, True])
def test_a_now_that_fails_is_an_error(
    now: Callable[[], Any], error: type[OpenFeatureError], message: str, may: bool
) -> None:
    """Never an answer without an instant, for ready entitlements either."""
    subscription = account("pro")
    context = account_context(entitlements(subscription, NOW) if may else subscription)
    with pytest.raises(error, match=message):
        resolve("boolean", "visitor_export", context, now=now)


@pytest.mark.parametrize("now", [NOW, "now", 0, False])
def test_now_is_a_function(now: Any) -> None:
    """An instant in place of a function would be a clock that stands still."""
    with pytest.raises(InvalidTypeError, match="now: expected a function"):
        PlansProvider(now=now)


# --- account_context ---
@pytest.mark.parametrize("wrong", [None, {}, "acct_1", True, PRO])
def test_account_context_takes_an_account(wrong: Any) -> None:
    """Neither a subscription nor entitlements: a typed error, before anything is asked."""
    with pytest.raises(InvalidTypeError, match="account: expected an Entitlements"):
        account_context(wrong)


def test_account_context_takes_an_instant() -> None:
    """A naive instant is refused; none is left out, so that a merge keeps another one."""
    with pytest.raises(InvalidValueError, match="aware"):
        account_context(account("pro"), datetime(2026, 1, 20))
    assert AT not in account_context(account("pro")).attributes


# --- the client, as an application uses it ---
@pytest.fixture
def client() -> Iterator[Any]:
    """A client of the provider; the SDK is as new afterwards."""
    api.set_provider_and_wait(PlansProvider())
    yield api.get_client()
    api.shutdown()


def test_a_client_sees_a_ready_provider_of_this_name(client: Any) -> None:
    """It is ready at once, has no hooks, and tracks nothing."""
    assert client.get_provider_status() is ProviderStatus.READY
    assert api.get_provider_metadata().name == "chatim_plans"
    assert client.provider.get_provider_hooks() == []
    client.track("checkout", account_context(account("pro"), NOW))


@pytest.mark.parametrize(
    "context", [name for name in HOSTILE if name not in ("no attributes", "unreadable")]
)
def test_the_client_returns_the_default_and_logs_nothing(
    client: Any, caplog: pytest.LogCaptureFixture, context: str
) -> None:
    """An error is the caller's default with a code: False for False, and True for True."""
    attributes, _ = HOSTILE[context]
    given = EvaluationContext(attributes=attributes())
    for default in (False, True):
        details = client.get_boolean_details("visitor_export", default, given)
        assert (details.value, details.reason) == (default, "ERROR")
        assert details.error_code is error_of(context)("").error_code
        assert (details.variant, dict(details.flag_metadata)) == (None, {})
    assert client.get_integer_value("seats", 1, given) == 1
    assert caplog.records == []


@pytest.mark.parametrize("kind", TYPES)
def test_the_client_reports_unknown_flags(client: Any, kind: str) -> None:
    """FLAG_NOT_FOUND and the default, for each type."""
    details = getattr(client, f"get_{kind}_details")("nope", TYPES[kind])
    assert (details.value, details.error_code) == (TYPES[kind], ErrorCode.FLAG_NOT_FOUND)


@pytest.mark.parametrize("kind", TYPES)
def test_the_asynchronous_methods_answer_alike(client: Any, kind: str) -> None:
    """Each asynchronous method returns what the other one returns."""
    context = account_context(account("trial"), NOW)
    for flag in ("visitor_export", "seats", "nope"):
        asked = getattr(client, f"get_{kind}_details_async")(flag, TYPES[kind], context)
        told = getattr(client, f"get_{kind}_details")(flag, TYPES[kind], context)
        assert asyncio.run(asked) == told


def test_contexts_merge_as_openfeature_says(client: Any) -> None:
    """The invocation's account replaces the client's, and that one the API's."""
    api.set_evaluation_context(account_context(account("free"), NOW))
    assert client.get_boolean_value("visitor_export", False) is False
    client.context = account_context(entitlements(account("pro"), NOW))
    assert client.get_boolean_value("visitor_export", False) is True
    assert client.get_boolean_value("ai_chatbot", False) is False
    invocation = account_context(account("ultimate"))
    assert client.get_boolean_value("ai_chatbot", False, invocation) is True
    late = account_context(account("trial"), datetime.fromisoformat(TRIAL_END))
    assert client.get_boolean_value("visitor_export", True, late) is False


def test_threads_share_a_provider(client: Any) -> None:
    """Questions about different accounts at the same time do not meet."""
    contexts = [account_context(account(phase), NOW) for phase in ("free", "pro", "ultimate")]
    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(client.get_boolean_value, "ai_chatbot", False, c) for c in contexts * 50
        ]
        assert [answer.result() for answer in asked] == [False, False, True] * 50


def test_the_provider_keeps_nothing() -> None:
    """It is the same after a question, and so is the context."""
    provider = PlansProvider()
    before = dict(vars(provider))
    context = account_context(account("pro"), NOW)
    attributes = dict(context.attributes)
    provider.resolve_boolean_details("api_access", False, context)
    assert (vars(provider), context.attributes) == (before, attributes)


def test_metadata_is_read_only() -> None:
    """What a hook could change would be read as the provider's word."""
    details = resolve("boolean", "api_access", account_context(account("pro"), NOW))
    with pytest.raises(TypeError):
        details.flag_metadata["plan"] = "ultimate"


def test_the_sdks_own_hooks_can_read_it(
    client: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log writes the whole context as JSON, its telemetry reads the metadata: neither fails."""
    # import-linter, where it ran in this process, has switched off every logger that there was.
    monkeypatch.setattr(logging.getLogger("openfeature"), "disabled", False)
    told: list[Mapping[TelemetryAttribute, Any]] = []

    class Telemetry(Hook):
        def finally_after(self, hook_context: Any, details: Any, hints: Any) -> None:  # noqa: ARG002
            told.append(create_evaluation_event(hook_context, details).attributes)

    client.add_hooks([LoggingHook(include_evaluation_context=True), Telemetry()])
    context = account_context(account("pro"), NOW)
    with caplog.at_level("DEBUG", logger="openfeature"):
        details = client.get_boolean_details("visitor_export", False, context)
    assert (details.value, details.error_code) == (True, None)
    said = [record.levelname for record in caplog.records if record.name == "openfeature"]
    assert {*said} == {"DEBUG"}
    assert [event[TelemetryAttribute.VARIANT] for event in told] == ["on"]


# --- any history ---
@given(st.from_type(Subscription), st.integers(0, 500 * 86_400), st.booleans())
def test_the_provider_says_what_entitlements_say(
    account: Subscription, gap: int, default: bool
) -> None:
    """Over any history and at any instant: the same yes and no, the same limit, no other yes."""
    at = account.as_of + timedelta(seconds=gap)
    may = entitlements(account, at)
    plans = may.catalog.plans
    for context in (account_context(account, at), account_context(may, at), account_context(may)):
        for feature in Feature:
            told = resolve("boolean", feature.value, context, default=default)
            decision = may.decide(feature)
            assert told.value is may.allows(feature) is decision.allowed
            assert (told.reason == "STATIC") is (len({plan.allows(feature) for plan in plans}) == 1)
            check(told, may.plan, decision.reason)
        for quota in Quota:
            told = resolve("integer", quota.value, context, default=7)
            limit = may.limit(quota)
            assert told.value == (UNLIMITED_VALUE if limit is UNLIMITED else limit)
            assert (told.variant == "unlimited") is (limit is UNLIMITED)
            assert (told.reason == "STATIC") is (len({plan.limit(quota) for plan in plans}) == 1)
            check(told, may.plan, None)


def check(told: FlagResolutionDetails[Any], plan: Plan, reason: str | None) -> None:
    """A static answer names no plan; Free's is the default; every other one is a match."""
    metadata: Mapping[str, Any] = told.flag_metadata
    if told.reason == "STATIC":
        assert {"plan", "reason"}.isdisjoint(metadata)
        return
    assert told.reason == ("DEFAULT" if plan.is_free else "TARGETING_MATCH")
    assert metadata["plan"] == plan.key
    assert reason in (None, metadata["reason"])


# --- the extra ---
def test_without_the_extra_the_import_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where openfeature-sdk is missing, the error names the extra."""
    name = "chatim_plans.openfeature"
    monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "openfeature.evaluation_context", None)
    with pytest.raises(ImportError, match=r"pip install 'chatim-plans\[openfeature\]'"):
        importlib.import_module(name)


def test_the_library_does_not_import_the_integration() -> None:
    """`import chatim_plans` loads nothing of OpenFeature."""
    code = "import sys, chatim_plans; print([m for m in sys.modules if 'openfeature' in m])"
    environment = {"PYTHONPATH": str(Path(chatim_plans.__file__).parents[1])}
    loaded = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
