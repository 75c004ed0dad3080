"""An OpenFeature provider whose flags are the features and the quotas of an account's plan.

A feature is a boolean flag and a quota an integer flag, each under its own name. The account comes
in the evaluation context: nothing is fetched, and the only clock is one that is handed in.
"""

# openfeature is a namespace package: its py.typed stands where pyright does not look.
# pyright: reportMissingTypeStubs=false
from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar

from chatim_plans.access.entitlements import Decision, Entitlements, entitlements
from chatim_plans.catalog.features import UNLIMITED, Feature, Quota
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError, PlansError
from chatim_plans.foundation.instants import instant
from chatim_plans.subscriptions.subscription import Subscription

try:
    from openfeature.evaluation_context import EvaluationContext
    from openfeature.exception import (
        FlagNotFoundError,
        GeneralError,
        InvalidContextError,
        OpenFeatureError,
        TypeMismatchError,
    )
    from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
    from openfeature.provider import AbstractProvider, Metadata
except ModuleNotFoundError as _missing:
    raise ImportError(
        "needs openfeature-sdk: pip install 'chatim-plans[openfeature]'", name=_missing.name
    ) from _missing

__all__ = [
    "AT",
    "ENTITLEMENTS",
    "PlansProvider",
    "SUBSCRIPTION",
    "UNLIMITED_VALUE",
    "account_context",
]

SUBSCRIPTION: Final = "subscription"
"""The context attribute that holds a `Subscription`.

>>> from chatim_plans import StartFree, open_account, utc
>>> from chatim_plans.openfeature import SUBSCRIPTION, account_context
>>> facts = open_account(StartFree(at=utc("2026-03-01 12:00"))).account.subscription
>>> account_context(facts).attributes[SUBSCRIPTION] is facts
True
"""
ENTITLEMENTS: Final = "entitlements"
"""The context attribute that holds ready `Entitlements`, in place of a subscription.

>>> from chatim_plans import StartFree, entitlements, open_account, utc
>>> from chatim_plans.openfeature import ENTITLEMENTS, account_context
>>> facts = open_account(StartFree(at=utc("2026-03-01 12:00"))).account.subscription
>>> may = entitlements(facts, at=utc("2026-03-20"))
>>> account_context(may).attributes[ENTITLEMENTS] is may
True
"""
AT: Final = "at"
"""The context attribute that holds the instant asked about, an aware datetime.

>>> from chatim_plans import StartFree, open_account, utc
>>> from chatim_plans.openfeature import AT, account_context
>>> facts = open_account(StartFree(at=utc("2026-03-01 12:00"))).account.subscription
>>> account_context(facts, utc("2026-03-20")).attributes[AT].isoformat()
'2026-03-20T00:00:00+00:00'
"""

UNLIMITED_VALUE: Final = 2**53 - 1
"""The integer that stands for `UNLIMITED`: the largest that every reader of JSON keeps exactly.

>>> from chatim_plans import StartTrial, open_account, utc
>>> from chatim_plans.openfeature import UNLIMITED_VALUE, PlansProvider, account_context
>>> at = utc("2026-03-01 12:00")
>>> context = account_context(open_account(StartTrial(at=at)).account.subscription, at)
>>> PlansProvider().resolve_integer_details("seats", 1, context).value == UNLIMITED_VALUE
True
"""

_Context: TypeAlias = EvaluationContext | None
_Object: TypeAlias = Sequence[FlagValueType] | Mapping[str, FlagValueType]
T = TypeVar("T")

_FLAGS: Mapping[str, Feature | Quota] = {flag.value: flag for flag in (*Feature, *Quota)}


def account_context(
    account: Subscription | Entitlements, at: datetime | None = None
) -> EvaluationContext:
    """The evaluation context of an account at the instant `at`.

    It sets both attributes that an account may stand under, one of them to None, so that nothing
    of another account is left when contexts are merged. Without `at`, the instant of the context
    it is merged into holds, or else the provider's `now`.

    >>> from chatim_plans import StartFree, open_account, utc
    >>> from chatim_plans.openfeature import account_context
    >>> facts = open_account(StartFree(at=utc("2026-03-01 12:00"))).account.subscription
    >>> sorted(account_context(facts, utc("2026-03-20")).attributes)
    ['at', 'entitlements', 'subscription']

    Raises:
        InvalidTypeError, InvalidValueError: neither a subscription nor entitlements, or no instant.

    Source: rules A1, T1.
    """
    # OpenFeature's type of an attribute knows plain values only; at run time any value passes.
    attributes: dict[str, Any] = {SUBSCRIPTION: None, ENTITLEMENTS: None}
    if isinstance(account, Subscription):
        attributes[SUBSCRIPTION] = account
    else:
        attributes[ENTITLEMENTS] = shapes.instance(account, Entitlements, "account")
    if at is not None:
        attributes[AT] = instant(at)
    return EvaluationContext(attributes=attributes)


class PlansProvider(AbstractProvider):
    """Answers each `Feature` as a boolean flag and each `Quota` as an integer flag.

    `now` gives the instant where the context has none; without it, such a question is an error.
    The provider keeps nothing else, so threads and tasks may share it.

    >>> from chatim_plans import StartTrial, open_account, utc
    >>> from chatim_plans.openfeature import PlansProvider, account_context
    >>> facts = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account.subscription
    >>> context = account_context(facts, utc("2026-03-20"))
    >>> PlansProvider().resolve_boolean_details("visitor_export", False, context).value
    True

    Raises:
        InvalidTypeError: `now` is no function.

    Source: rules A1–A3.
    """

    def __init__(self, *, now: Callable[[], datetime] | None = None) -> None:
        super().__init__()
        if now is not None and not callable(now):
            raise InvalidTypeError("now", now, "a function that returns an instant, or None")
        self._now = now

    def get_metadata(self) -> Metadata:
        """The provider's name."""
        return Metadata(name="chatim_plans")

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: _Context = None
    ) -> FlagResolutionDetails[bool]:
        """Whether the account may use the feature; why, and until when, is in the metadata.

        Raises:
            FlagNotFoundError, TypeMismatchError: no feature has this name.
            InvalidContextError, GeneralError: the context gives no account at an instant.

        Source: rules A1–A3.
        """
        feature = _flag(flag_key)
        if not isinstance(feature, Feature):
            raise _mismatch(feature, "boolean")
        with _only_openfeature_errors():
            may = self._entitlements(evaluation_context)
            decision = may.decide(feature)
            yes = decision.allowed
            static = all(plan.allows(feature) is yes for plan in may.catalog.plans)
            return _details(yes, "on" if yes else "off", decision, static=static)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: _Context = None
    ) -> FlagResolutionDetails[int]:
        """The limit of the quota; `UNLIMITED_VALUE`, variant "unlimited", where it has none.

        The metadata is that of the decision on one more than the limit.

        Raises:
            FlagNotFoundError, TypeMismatchError: no quota has this name.
            InvalidContextError, GeneralError: the context gives no account at an instant.

        Source: rules A1–A3.
        """
        quota = _flag(flag_key)
        if not isinstance(quota, Quota):
            raise _mismatch(quota, "integer")
        with _only_openfeature_errors():
            may = self._entitlements(evaluation_context)
            limit = may.limit(quota)
            value = UNLIMITED_VALUE if limit is UNLIMITED else limit
            variant = "unlimited" if limit is UNLIMITED else str(limit)
            static = all(plan.limit(quota) == limit for plan in may.catalog.plans)
            return _details(value, variant, may.decide_usage(quota, value + 1), static=static)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: _Context = None
    ) -> FlagResolutionDetails[str]:
        """Always an error: no flag is a string."""
        raise _mismatch(_flag(flag_key), "string")

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: _Context = None
    ) -> FlagResolutionDetails[float]:
        """Always an error: no flag is a float."""
        raise _mismatch(_flag(flag_key), "float")

    def resolve_object_details(
        self, flag_key: str, default_value: _Object, evaluation_context: _Context = None
    ) -> FlagResolutionDetails[_Object]:
        """Always an error: no flag is an object."""
        raise _mismatch(_flag(flag_key), "object")

    def _entitlements(self, context: _Context) -> Entitlements:
        """What the account of the context may do; an attribute that is None counts as absent."""
        given: Mapping[str, Any] = {} if context is None else context.attributes
        at = given.get(AT)
        if at is None and self._now is not None:
            at = instant(self._now())
        subscription, ready = given.get(SUBSCRIPTION), given.get(ENTITLEMENTS)
        if (subscription is None) == (ready is None):
            raise InvalidContextError(f"no account, or two: give {SUBSCRIPTION} or {ENTITLEMENTS}")
        if ready is not None:
            return _valid_at(_exactly(Entitlements, ready, ENTITLEMENTS), at)
        if at is None:
            raise InvalidContextError(f"no instant: put {AT!r} into the context, or give `now`")
        return entitlements(_exactly(Subscription, subscription, SUBSCRIPTION), at)


def _flag(key: object) -> Feature | Quota:
    if isinstance(key, str) and key in _FLAGS:
        return _FLAGS[key]
    raise FlagNotFoundError(f"no flag {key!r}: use one of {', '.join(_FLAGS)}")


def _mismatch(flag: Feature | Quota, asked: str) -> TypeMismatchError:
    return TypeMismatchError(f"{flag.value!r} is a {type(flag).__name__}, not of type {asked}")


def _exactly(kind: type[T], value: object, name: str) -> T:
    """`value`, which must be a `kind` and no look-alike: a mock would say yes to anything."""
    if type(value) is kind:
        return value
    found = type(value).__name__
    raise InvalidContextError(f"{name!r} in the context: expected {kind.__name__}, got {found}")


def _valid_at(may: Entitlements, at: datetime | None) -> Entitlements:
    """`may`, which must hold at `at`, or say from when it holds where no instant is given."""
    holds = may.valid_from is not None if at is None else may.is_valid_at(at)
    if holds:
        return may
    begins, ends = may.valid_from or "nobody knows when", may.valid_until or "the next action"
    asked = at or "an instant that is not given"
    raise InvalidContextError(
        f"the entitlements hold from {begins} until {ends}, and not at {asked}: "
        "make them anew from the subscription"
    )


def _details(
    value: T, variant: str, decision: Decision, *, static: bool
) -> FlagResolutionDetails[T]:
    """The answer in OpenFeature's words; a static one is no single plan's, and names none."""
    by_plan = Reason.DEFAULT if decision.plan.is_free else Reason.TARGETING_MATCH
    cheapest, ends = decision.cheapest_plan, decision.valid_until
    facts = {
        "plan": None if static else decision.plan.key,
        "reason": None if static else decision.reason.value,
        "cheapest_plan": None if cheapest is None else cheapest.key,
        "valid_until": None if ends is None else ends.isoformat(),
    }
    metadata = MappingProxyType({name: fact for name, fact in facts.items() if fact is not None})
    reason = Reason.STATIC if static else by_plan
    return FlagResolutionDetails(value, reason=reason, variant=variant, flag_metadata=metadata)


@contextmanager
def _only_openfeature_errors() -> Generator[None]:
    """Any other error would be logged by the SDK with a traceback, at every evaluation."""
    try:
        yield
    except OpenFeatureError:
        raise
    except PlansError as error:
        raise InvalidContextError(str(error)) from error
    except Exception as error:  # of the application's own code: `now`, a mapping, a time zone
        raise GeneralError(f"{type(error).__name__}: {error}") from error
