"""What a plan can grant: features, which are on or off, and quotas, which have a limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError, InvalidValueError
from chatim_plans.foundation.values import Value, named


class Feature(StrEnum):
    """A feature that a plan has or has not. Source: rule C2.

    >>> from chatim_plans import CHATIM, PRO, Feature
    >>> PRO.allows(Feature.visitor_export), PRO.allows("api_access")
    (True, False)
    >>> CHATIM.cheapest_with(Feature.api_access).key
    'ultimate'
    """

    javascript_sdk = "javascript_sdk"
    visitor_export = "visitor_export"
    custom_branding = "custom_branding"
    contact_buttons = "contact_buttons"
    advanced_analytics = "advanced_analytics"
    standard_support = "standard_support"
    white_label = "white_label"
    api_access = "api_access"
    ai_chatbot = "ai_chatbot"
    priority_support = "priority_support"


class Quota(StrEnum):
    """A thing that a plan allows up to a limit. Source: rule C2.

    >>> from chatim_plans import CHATIM, FREE, Quota
    >>> FREE.limit(Quota.seats), FREE.limit("seats")
    (1, 1)
    >>> CHATIM.cheapest_within(Quota.seats, 3).key
    'pro'
    """

    seats = "seats"
    chats = "chats"
    chatbot_flows = "chatbot_flows"


_PLACE_OF_QUOTA: Final = MappingProxyType({quota: place for place, quota in enumerate(Quota)})


class Unlimited(Enum):
    """The type of `UNLIMITED`: no number, so that it cannot be mistaken for one."""

    UNLIMITED = "unlimited"


UNLIMITED: Final = Unlimited.UNLIMITED
"""The limit that no count exceeds. Source: rule C1.

>>> from chatim_plans import FREE, PRO, UNLIMITED
>>> PRO.limit("seats") is UNLIMITED, FREE.limit("seats") is UNLIMITED
(True, False)
"""

Limit: TypeAlias = int | Literal[Unlimited.UNLIMITED]
"""The highest count a quota allows: a whole number, or `UNLIMITED`. Source: rule C2.

>>> from chatim_plans import FREE, PRO, UNLIMITED, Limit
>>> def has_room(used: int, limit: Limit) -> bool:
...     return limit is UNLIMITED or used < limit
>>> has_room(1, FREE.limit("seats")), has_room(1, PRO.limit("seats"))
(False, True)
"""


def within(count: int, limit: Limit) -> bool:
    """Whether `limit` allows `count`.

    >>> within(3, 1), within(3, UNLIMITED)
    (False, True)
    """
    return limit is UNLIMITED or count <= limit


def allows_all(limit: Limit, other: Limit) -> bool:
    """Whether `limit` allows every count that `other` allows.

    >>> allows_all(UNLIMITED, 5), allows_all(5, UNLIMITED)
    (True, False)
    """
    return limit is UNLIMITED if other is UNLIMITED else within(other, limit)


def features_in_order(features: Iterable[str]) -> tuple[Feature, ...]:
    """`features` in the page's order, each named once.

    >>> [feature.value for feature in features_in_order(["white_label", "visitor_export"])]
    ['visitor_export', 'white_label']

    Raises:
        InvalidTypeError, InvalidValueError, UnknownKeyError: no features, or one twice.

    Source: rule C2.
    """
    given = shapes.row(features, "features")
    known = frozenset(shapes.member(name, Feature, "feature") for name in given)
    if len(known) != len(given):
        raise InvalidValueError("features", given, "each feature once")
    return tuple(feature for feature in Feature if feature in known)


def seats_over(seats: int, limit: Limit) -> int:
    """How many of `seats` are over `limit`. Source: rule S4.

    >>> seats_over(3, 1), seats_over(3, UNLIMITED)
    (2, 0)
    """
    return 0 if limit is UNLIMITED else max(0, seats - limit)


def _limits_by_quota(given: Mapping[str, Limit]) -> tuple[Limit, ...]:
    """One limit for every quota, in the order of `Quota`."""
    if not isinstance(given, Mapping):
        raise InvalidTypeError("limits", given, "a mapping of quotas to limits")
    named = {shapes.member(key, Quota, "quota"): limit for key, limit in given.items()}
    missing = [quota for quota in Quota if quota not in named]
    if missing:
        raise InvalidValueError("limits", dict(given), f"a limit for {', '.join(missing)} too")
    return tuple(check_limit(quota, named[quota], quota) for quota in Quota)


def check_limit(quota: Quota, limit: Limit, name: str) -> Limit:
    """`limit`, which must be one that `quota` can have: a team has a seat at least.

    Raises:
        InvalidTypeError, InvalidValueError: neither `UNLIMITED` nor a whole number of at least 0,
            for seats of at least 1.
    """
    if limit is UNLIMITED:
        return limit
    return shapes.whole_number(limit, name, at_least=1 if quota is Quota.seats else 0)


@frozen(order=False, eq=False)
class Limits(Value, Mapping[str, Limit]):
    """An immutable, hashable mapping with a limit for every quota; equal to a dict of the same.

    >>> from chatim_plans import UNLIMITED, Limits, Quota
    >>> limits = Limits({"seats": 1, "chats": UNLIMITED, "chatbot_flows": UNLIMITED})
    >>> limits[Quota.seats]
    1

    Raises:
        InvalidTypeError, InvalidValueError, UnknownKeyError: a quota without a limit, an unknown
            quota, or a limit that is neither `UNLIMITED` nor a whole number of at least 0, for
            seats of at least 1.

    Source: rule C2.
    """

    _by_quota: tuple[Limit, ...] = field(converter=_limits_by_quota)

    def __getitem__(self, quota: str) -> Limit:
        return self._by_quota[_PLACE_OF_QUOTA[shapes.member(quota, Quota, "quota")]]

    def __iter__(self) -> Iterator[Quota]:
        return iter(Quota)

    def __len__(self) -> int:
        return len(Quota)

    def __hash__(self) -> int:
        return hash(self._by_quota)

    def __reduce__(self) -> tuple[type[Limits], tuple[dict[str, Limit]]]:
        return Limits, (dict(self),)

    def _shown(self) -> Iterator[str]:
        return (named(quota, limit) for quota, limit in self.items())
