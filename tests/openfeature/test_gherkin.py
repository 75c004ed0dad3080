"""OpenFeature's own Gherkin suites, run on the provider as an application would set it up.

The suites' flags are mapped to the features and quotas of a catalogue made for them. A flag whose
value is static is a feature or quota that every plan of it treats alike; a targeted one differs by
plan, the e-mail address leads to an account by a hook, and whoever is unknown has the Free account
that stands in the context of the API. What cannot apply is named in `openfeature_suites.py`.
"""

# ruff: noqa: ARG002 — a hook and a provider take what OpenFeature gives them
from __future__ import annotations

import copy
import json
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

pytest.importorskip("openfeature", reason="needs the extra openfeature")
pytest.importorskip("pytest_bdd", reason="needs pytest-bdd")

from attrs import evolve
from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import GeneralError, OpenFeatureError, ProviderFatalError
from openfeature.flag_evaluation import (
    FlagEvaluationDetails,
    FlagEvaluationOptions,
    FlagResolutionDetails,
    Reason,
)
from openfeature.hook import Hook, HookContext, HookHints
from openfeature.transaction_context import ContextVarsTransactionContextPropagator
from pytest_bdd import given, parsers, scenarios, then, when
from pytest_bdd.scenario import scenario_wrapper_template_registry

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    AddPaymentMethod,
    Catalog,
    ChoosePlan,
    Feature,
    Limit,
    Quota,
    StartFree,
    Subscription,
    replay,
)
from chatim_plans.openfeature import PlansProvider, account_context
from tests.openfeature.suites import (
    CANNOT_APPLY,
    SUITES,
    Row,
    bind_what_applies,
    rows_of_the_files,
)

if not SUITES.is_dir():
    pytest.skip(
        f"OpenFeature's suites are not beside this clone: {SUITES}", allow_module_level=True
    )

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

# The suites' flags that are asked for a value, and what each is in the catalogue below.
FLAGS = {
    "boolean-flag": Feature.javascript_sdk,  # every plan grants it
    "boolean-zero-flag": Feature.white_label,  # no plan does
    "boolean-targeted-zero-flag": Feature.ai_chatbot,  # only the highest does
    "integer-flag": Quota.seats,  # 10 on every plan
    "integer-zero-flag": Quota.chats,  # 0 on every plan
    "integer-targeted-zero-flag": Quota.chatbot_flows,  # 0, but for the highest plan
    "string-flag": Quota.seats,  # asked for as a boolean: any flag of another type
    "wrong-flag": Feature.javascript_sdk,  # asked for as an integer: likewise
}
# A limit's variant is the limit in figures; the suites write this one in letters.
VARIANTS = {"ten": "10"}


def catalogue() -> Catalog:
    """Three plans that give the flags above the values that the suites expect."""
    switches = {Feature.javascript_sdk}
    limits: dict[str, Limit] = {Quota.seats: 10, Quota.chats: 0, Quota.chatbot_flows: 0}
    plans = (
        evolve(FREE, features=switches, limits=limits),
        evolve(PRO, features=switches, limits=limits),
        evolve(
            ULTIMATE,
            features=switches | {Feature.ai_chatbot},
            limits=limits | {Quota.chatbot_flows: 1},
        ),
    )
    return Catalog("openfeature", plans, CHATIM.terms)


def visitor() -> Subscription:
    """On Free: whoever is not known by an e-mail address."""
    return replay([StartFree(at=AT)], catalog=catalogue()).account.subscription


def customer() -> Subscription:
    """On the paid plan in the middle."""
    catalog = catalogue()
    actions = [StartFree(at=AT), AddPaymentMethod(at=AT), ChoosePlan(catalog.plan("pro"), at=AT)]
    return replay(actions, catalog=catalog).account.subscription


class AccountLookup(Hook):
    """What an application does before a flag is evaluated: from who asks, to their account."""

    def before(self, hook_context: HookContext, hints: HookHints) -> EvaluationContext | None:
        """The context of the account of this e-mail address, if there is one."""
        email = hook_context.evaluation_context.attributes.get("email")
        return account_context(customer()) if email == "ballmer@macrosoft.com" else None


class Entry(Hook):
    """A hook that adds one entry to the context."""

    def __init__(self, key: str, value: str) -> None:
        self.entry = EvaluationContext(attributes={key: value})

    def before(self, hook_context: HookContext, hints: HookHints) -> EvaluationContext:
        """The entry."""
        return self.entry


class Witness(Hook):
    """A hook that notes when it ran."""

    def __init__(self, name: str, seen: list[str]) -> None:
        self.name, self.seen = name, seen

    def before(self, hook_context: HookContext, hints: HookHints) -> None:
        """Before the evaluation."""
        self.seen.append(f"{self.name} before")

    def after(self, hook_context: HookContext, details: Any, hints: HookHints) -> None:
        """After a success."""
        self.seen.append(f"{self.name} after")

    def finally_after(self, hook_context: HookContext, details: Any, hints: HookHints) -> None:
        """At last."""
        self.seen.append(f"{self.name} finally")


class WatchedProvider(PlansProvider):
    """The provider, starting as the scenario says, and keeping the context it was given."""

    def __init__(self, start: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.start = start
        self.context = EvaluationContext()

    def initialize(self, evaluation_context: EvaluationContext) -> None:
        """As an application's subclass would load its editions first."""
        self.start()

    def resolve_boolean_details(
        self,
        flag_key: str,
        default_value: bool,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        """The provider's own answer."""
        self.context = evaluation_context or EvaluationContext()
        return super().resolve_boolean_details(flag_key, default_value, evaluation_context)


READ: dict[str, Callable[[str], Any]] = {
    "Boolean": lambda text: {"true": True, "false": False}[text],
    "String": str,
    "Integer": int,
    "Float": float,
    "Object": lambda text: json.loads(text.replace('\\"', '"')),
}


class Scene:
    """An application in one scenario: what it sets up, what it asks, and what it is told."""

    details: FlagEvaluationDetails[Any]

    def __init__(self) -> None:
        self.client = api.get_client()
        self.provider = WatchedProvider()
        self.kind = self.key = ""
        self.default: Any = None
        self.context: dict[str, Any] = {}
        self.options: FlagEvaluationOptions | None = None
        self.levels: list[str] = []
        self.seen: list[str] = []
        self.waited = True
        self.release = threading.Event()

    def register(self, provider: WatchedProvider) -> None:
        """Sets the provider, and waits until it is ready or has failed."""
        self.provider = provider
        api.set_provider_and_wait(provider)

    def ask(self, kind: str, key: str, default: Any, way: str = "details") -> Any:
        """The client's own method for this kind of flag, called with the flag's name here."""
        method = getattr(self.client, f"get_{kind.lower()}_{way}")
        context = EvaluationContext(attributes=self.context) if self.context else None
        return method(FLAGS.get(key, key), default, context, self.options)

    def add(self, level: str, key: str, value: str) -> None:
        """Adds an entry to the context at this level."""
        entry = EvaluationContext(attributes={key: value})
        match level:
            case "API":
                api.set_evaluation_context(api.get_evaluation_context().merge(entry))
            case "Transaction":
                api.set_transaction_context(api.get_transaction_context().merge(entry))
            case "Client":
                self.client.context = self.client.context.merge(entry)
            case "Invocation":
                self.context[key] = value
            case "Before Hooks":
                self.client.add_hooks([Entry(key, value)])
            case _:
                raise AssertionError(level)


@pytest.fixture
def scene() -> Iterator[Scene]:
    """An application that knows its visitors as Free accounts; the SDK as new afterwards."""
    scene = Scene()
    api.set_transaction_context_propagator(ContextVarsTransactionContextPropagator())
    api.set_transaction_context(EvaluationContext())
    api.set_evaluation_context(account_context(visitor(), AT))
    api.add_hooks([AccountLookup()])
    yield scene
    api.set_transaction_context(EvaluationContext())
    api.shutdown()
    scene.release.set()


# --- Given ---
@given("a stable provider")
@given("a stable provider with retrievable context is registered")
def _stable(scene: Scene) -> None:
    scene.register(WatchedProvider())


@given("a not ready provider")
def _not_ready(scene: Scene) -> None:
    api.set_provider(WatchedProvider(scene.release.wait))


@given(parsers.re("a (?P<status>error|fatal) provider"))
def _failed(scene: Scene, status: str) -> None:
    fault: OpenFeatureError = GeneralError() if status == "error" else ProviderFatalError()

    def fail() -> None:
        raise fault

    with pytest.raises(type(fault)):
        scene.register(WatchedProvider(fail))


@given("a stale provider")
def _stale(scene: Scene) -> None:
    scene.provider.emit_provider_stale(ProviderEventDetails())


@given(
    parsers.re(r'a (?P<kind>\w+)-flag with key "(?P<key>.*)" and a fallback value "(?P<text>.*)"')
)
def _flag(scene: Scene, kind: str, key: str, text: str) -> None:
    scene.kind, scene.key, scene.default = kind, key, READ[kind](text)


@given(
    parsers.re(
        r'a context containing a key "(?P<key>\w+)", with type "(?P<kind>\w+)" and with value "(?P<text>.*)"'
    )
)
def _context(scene: Scene, key: str, kind: str, text: str) -> None:
    scene.context[key] = READ[kind](text)


@given(parsers.re(r'a context containing a key "(?P<key>\w+)" with null value'))
def _null(scene: Scene, key: str) -> None:
    scene.context[key] = None


@given("evaluation options containing specific hooks")
def _options(scene: Scene) -> None:
    hooks: list[Hook] = [Witness("first", scene.seen), Witness("second", scene.seen)]
    scene.options = FlagEvaluationOptions(hooks=hooks)


@given("an evaluation context with modifiable data")
def _modifiable(scene: Scene) -> None:
    scene.context = {"list": ["a"], "mapping": {"of": ["lists"]}}


@given(
    parsers.re(
        r'A context entry with key "(?P<key>.+)" and value "(?P<value>.+)" is added to the "(?P<level>.+)" level'
    )
)
def _entry(scene: Scene, key: str, value: str, level: str) -> None:
    scene.add(level, key, value)


@given("A table with levels of increasing precedence")
def _levels(scene: Scene, datatable: list[list[str]]) -> None:
    scene.levels = [level for (level,) in datatable]


@given(
    parsers.re(
        r'Context entries for each level from API level down to the "(?P<last>.+)" level, with key "(?P<key>.+)" and value ".+"'
    )
)
def _entries(scene: Scene, last: str, key: str) -> None:
    for level in scene.levels[: scene.levels.index(last) + 1]:
        scene.add(level, key, level)


# --- When ---
@when("the flag was evaluated with details")
@when("the flag was evaluated with details using the evaluation options")
def _evaluated(scene: Scene) -> None:
    scene.details = scene.ask(scene.kind, scene.key, scene.default)


@when("the flag was evaluated with details asynchronously")
def _asynchronously(scene: Scene) -> None:
    asking: Coroutine[Any, Any, Any] = scene.ask(
        scene.kind, scene.key, scene.default, "details_async"
    )
    with pytest.raises(StopIteration) as done:
        asking.send(None)
    scene.details, scene.waited = done.value.value, False


@when("Some flag was evaluated")
def _some_flag(scene: Scene) -> None:
    scene.details = scene.ask("Boolean", "boolean-flag", default=False)
    assert scene.details.error_code is None


@when(
    parsers.re(
        r'an? (?P<kind>boolean|integer) flag with key "(?P<key>.+)" is evaluated with (?P<details>details and )?default value "?(?P<text>\w+)"?'
    )
)
def _evaluated_v1(scene: Scene, kind: str, key: str, details: str | None, text: str) -> None:
    default = READ[kind.capitalize()](text)
    scene.details = scene.ask(kind, key, default)
    if not details:
        assert scene.ask(kind, key, default, "value") == scene.details.value


@when(
    parsers.re(
        r'a non-existent string flag with key "(?P<key>.+)" is evaluated with details and a fallback value "(?P<text>.+)"'
    )
)
def _missing_v1(scene: Scene, key: str, text: str) -> None:
    scene.default = text
    scene.details = scene.ask("string", key, text)


@when(
    parsers.re(
        r'a string flag with key "(?P<key>.+)" is evaluated as an integer, with details and a fallback value (?P<text>\d+)'
    )
)
def _wrong_v1(scene: Scene, key: str, text: str) -> None:
    scene.default = int(text)
    scene.details = scene.ask("integer", key, scene.default)


# --- Then ---
@then(parsers.re(r'the resolved details value should be "(?P<text>.*)"'))
def _value(scene: Scene, text: str) -> None:
    expected = READ[scene.kind](text)
    assert (scene.details.value, type(scene.details.value)) == (expected, type(expected))


@then(parsers.re(r'the flag key should be "(?P<key>.+)"'))
def _key(scene: Scene, key: str) -> None:
    assert scene.details.flag_key == FLAGS[key]


@then(parsers.re(r'the variant should be "(?P<variant>\w+)"'))
def _variant(scene: Scene, variant: str) -> None:
    assert scene.details.variant == VARIANTS.get(variant, variant)


@then(parsers.re(r'the reason should be "(?P<reason>\w+)"'))
def _reason(scene: Scene, reason: str) -> None:
    assert scene.details.reason == reason


@then(parsers.re(r'the error-code should be "(?P<code>\w+)"'))
def _error_code(scene: Scene, code: str) -> None:
    assert scene.details.error_code == code


@then(parsers.re(r'the provider status should be "(?P<status>\w+)"'))
def _status(scene: Scene, status: str) -> None:
    assert scene.client.get_provider_status().value == status


@then("the resolved metadata is empty")
def _no_metadata(scene: Scene) -> None:
    assert (scene.details.error_code, dict(scene.details.flag_metadata)) == (None, {})


@then("the specified hooks should execute during evaluation")
def _hooks_ran(scene: Scene) -> None:
    assert Counter(call.split()[0] for call in scene.seen) == {"first": 3, "second": 3}


@then("the hook order should be maintained")
def _hook_order(scene: Scene) -> None:
    forth, back = ["first", "second"], ["second", "first"]
    expected = [f"{name} before" for name in forth] + [f"{name} after" for name in back]
    assert scene.seen == expected + [f"{name} finally" for name in back]


@then("the original evaluation context should remain unmodified")
def _context_unmodified(scene: Scene) -> None:
    given = copy.deepcopy(scene.context)
    scene.ask(scene.kind, scene.key, scene.default)
    assert scene.context == given == {"list": ["a"], "mapping": {"of": ["lists"]}}


@then("the evaluation details should be immutable")
def _details_immutable(scene: Scene) -> None:
    """All that the provider puts in cannot be changed; the SDK's own dataclass is not frozen."""
    held = {type(value) for value in vars(scene.details).values() if value is not None}
    assert held == {Feature, bool, str, Reason, MappingProxyType}
    with pytest.raises(TypeError):
        scene.details.flag_metadata["plan"] = "ultimate"  # type: ignore[index]


@then("the evaluation should complete without blocking")
def _without_blocking(scene: Scene) -> None:
    assert not scene.waited


@then(
    parsers.re(
        r'The merged context contains an entry with key "(?P<key>.+)" and value "(?P<value>.+)"'
    )
)
def _merged(scene: Scene, key: str, value: str) -> None:
    assert scene.provider.context.attributes[key] == value


@then(parsers.re(r'the resolved (?P<kind>boolean|integer) value should be "?(?P<text>\w+)"?'))
def _value_v1(scene: Scene, kind: str, text: str) -> None:
    expected = READ[kind.capitalize()](text)
    assert (scene.details.value, type(scene.details.value)) == (expected, type(expected))


@then(
    parsers.re(
        r'the resolved (?P<kind>boolean|integer) details value should be "?(?P<text>\w+)"?, the variant should be "(?P<variant>\w+)", and the reason should be "(?P<reason>\w+)"'
    )
)
def _details_v1(scene: Scene, kind: str, text: str, variant: str, reason: str) -> None:
    _value_v1(scene, kind, text)
    _variant(scene, variant)
    _reason(scene, reason)


@then(parsers.re(r"the default (string|integer) value should be returned"))
def _default_v1(scene: Scene) -> None:
    assert scene.details.value == scene.default


@then(
    parsers.re(
        r'the reason should indicate an error and the error code should indicate a (missing flag|type mismatch) with "(?P<code>\w+)"'
    )
)
def _error_v1(scene: Scene, code: str) -> None:
    assert (scene.details.reason, scene.details.error_code) == ("ERROR", code)


bind_what_applies()
scenarios(str(SUITES))


def rows_that_run() -> Iterator[Row]:
    """Every scenario and Examples row that this module has bound to a test."""
    for value in [*globals().values()]:
        template = scenario_wrapper_template_registry.get(value) if callable(value) else None
        if template is not None:
            file = template.feature.filename.rpartition("/")[2]
            marks = getattr(value, "pytestmark", [])
            rows = [row for mark in marks for row in mark.args[1]]
            for row in rows:
                yield file, template.name, row.values[0].get("key")
            if not rows:
                yield file, template.name, None


def test_every_scenario_runs_or_is_named() -> None:
    """What runs and what is named as inapplicable are together all that the files hold."""
    there, running = Counter(rows_of_the_files()), Counter(rows_that_run())
    assert there - running == Counter(CANNOT_APPLY.keys())
    assert running - there == Counter()
    assert (running.total(), len(CANNOT_APPLY), there.total()) == (82, 47, 129)


def test_the_decision_page_lists_what_cannot_apply() -> None:
    """Decision 0010 names every scenario of which something cannot run, and both numbers."""
    page = Path(__file__).parents[2] / "docs" / "decisions" / "0010-openfeature.md"
    text = page.read_text("utf-8")
    assert {scenario for _, scenario, _ in CANNOT_APPLY if scenario not in text} == set()
    assert (
        "Of the 129 scenarios and rows of the specification's four Gherkin files 82 run. These 47"
        in text
    )
