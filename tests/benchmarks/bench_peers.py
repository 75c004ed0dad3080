"""What people would use instead: a flag from memory, with no trial, period or change in it."""

from __future__ import annotations

from typing import Any

import casbin
from growthbook import GrowthBook
from openfeature import api
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider
from pytest_benchmark.fixture import BenchmarkFixture

from chatim_plans import PRO, Feature
from tests.benchmarks.timed import timed

FEATURE = Feature.visitor_export.value


def test_openfeature_in_memory(benchmark: BenchmarkFixture) -> None:
    """openfeature-sdk: the client, on the provider that holds its flags in memory."""
    flags: dict[str, InMemoryFlag[Any]] = {
        feature.value: InMemoryFlag("on", {"on": True, "off": False}) for feature in PRO.features
    }
    api.set_provider_and_wait(InMemoryProvider(flags))
    client = api.get_client()
    assert client.get_boolean_value(FEATURE, False)
    timed(benchmark, "client.get_boolean_value(key, False)", 100, client=client, key=FEATURE)


def test_casbin(benchmark: BenchmarkFixture) -> None:
    """casbin: role-based access, plans as roles."""
    model = casbin.Enforcer.new_model(text=_RBAC)
    enforcer = casbin.Enforcer(model)
    enforcer.add_role_for_user("acme", "pro")
    for feature in PRO.features:
        enforcer.add_permission_for_user("pro", feature.value, "use")
    assert enforcer.enforce("acme", FEATURE, "use")
    timed(benchmark, "enforce('acme', key, 'use')", 10, enforce=enforcer.enforce, key=FEATURE)


_RBAC = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
"""


def test_growthbook_local(benchmark: BenchmarkFixture) -> None:
    """growthbook: evaluated locally, by a rule on the plan."""
    rules = [{"condition": {"plan": {"$in": ["pro", "ultimate"]}}, "force": True}]
    features = {feature.value: {"defaultValue": False, "rules": rules} for feature in PRO.features}
    client = GrowthBook(attributes={"id": "acme", "plan": "pro"}, features=features)
    assert client.is_on(FEATURE)
    timed(benchmark, "client.is_on(key)", 100, client=client, key=FEATURE)
