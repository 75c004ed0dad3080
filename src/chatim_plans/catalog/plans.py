"""A plan: what it costs per seat and interval, and what it grants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from attrs import Factory, field, frozen

from chatim_plans.catalog.features import Feature, Limit, Limits
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError, UnknownKeyError
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.values import Value, in_a_line, named

_INTERVALS = (1, 12)


def _feature_set(features: Iterable[str]) -> frozenset[Feature]:
    names = shapes.row(features, "features")
    return frozenset(shapes.member(name, Feature, "feature") for name in names)


def _key(key: str) -> str:
    return shapes.key(key, "plan key")


def _yes_or_no(plan: Plan) -> dict[str, bool]:
    return {feature: feature in plan.features for feature in Feature}


@frozen(order=False)
class Plan(Value):
    """A plan on offer: `price` per seat and interval of `interval_months` (None on a free plan).

    `key` names it in every edition. `features` are those it has, and `limits` has one for every
    quota.

    >>> from chatim_plans import PRO
    >>> PRO.allows("visitor_export"), PRO.allows("api_access")
    (True, False)

    Raises:
        InvalidTypeError, InvalidValueError, UnknownKeyError: a blank key or one of more than 100
            characters, a negative price, an interval other than 1 or 12 months on a paid plan or
            any on a free one, an unknown feature or quota, a quota without its limit.

    Source: rules C1, C2, C6.
    """

    key: str = field(converter=_key)
    price: Money
    interval_months: int | None
    features: frozenset[Feature] = field(converter=_feature_set)
    limits: Limits = field(converter=Limits)
    # What a gate looks into. It never changes; a view that says so would cost a tenth of a check.
    _grants: dict[str, bool] = field(
        init=False, eq=False, default=Factory(_yes_or_no, takes_self=True)
    )

    def __attrs_post_init__(self) -> None:
        price = shapes.instance(self.price, Money, "price")
        if price.amount < 0:
            raise InvalidValueError("price", price.amount, "a price of at least 0")
        if self.interval_months is not None:
            shapes.whole_number(self.interval_months, "interval_months")
        allowed = _INTERVALS if price else (None,)
        if self.interval_months not in allowed:
            expected = "1 or 12 months for a paid plan, None for a free one"
            raise InvalidValueError("interval_months", self.interval_months, expected)

    @property
    def is_free(self) -> bool:
        """Whether the plan costs nothing, and so has no interval."""
        return self.interval_months is None

    @property
    def price_per_year(self) -> int:
        """Minor units per seat and twelve months, by which plans of unlike intervals compare."""
        if self.interval_months is None:
            return 0
        return self.price.amount * 12 // self.interval_months

    @property
    def grants(self) -> Mapping[str, bool]:
        """Whether the plan has it, of every feature: the table that `allows` reads (rule C2)."""
        return MappingProxyType(self._grants)

    def allows(self, feature: str) -> bool:
        """Whether the plan has `feature`, a `Feature` or its string value.

        Raises:
            UnknownKeyError, InvalidTypeError: no feature of this name.

        Source: rules C2, A2.
        """
        try:
            # Only a text can be looked for in a text; what merely equals one would have an answer.
            if feature not in "":  # noqa: RUF060 — see above
                return self._grants[feature]
        except Exception:  # noqa: BLE001, S110 — a text may hash as it likes
            pass
        return self._grants[shapes.member(feature, Feature, "feature")]

    def limit(self, quota: str) -> Limit:
        """The highest count of `quota` that the plan allows, or `UNLIMITED`.

        >>> from chatim_plans import FREE, PRO
        >>> FREE.limit("seats"), PRO.limit("seats")
        (1, <Unlimited.UNLIMITED: 'unlimited'>)

        Raises:
            UnknownKeyError, InvalidTypeError: no quota of this name.

        Source: rules C1, C2, A2.
        """
        return self.limits[quota]

    def charge(self, seats: int) -> Money:
        """What one interval costs for `seats` active seats.

        >>> from chatim_plans import PRO
        >>> str(PRO.charge(3))
        '57.00 USD'

        Raises:
            InvalidTypeError, InvalidValueError: seats that are no whole number of at least 1.

        Source: rules B1, C6.
        """
        return self.price * shapes.whole_number(seats, "seats", at_least=1)

    def __str__(self) -> str:
        """The plan in a few words: its key and its price, `pro 19.00 USD`."""
        return f"{in_a_line(self.key)} {self.price}"

    def _shown(self) -> Iterator[str]:
        yield str(self)
        if self.interval_months is not None:
            yield named("interval_months", self.interval_months)
        yield named("features", self.features)
        yield from (named(quota, limit) for quota, limit in self.limits.items())


def plan_row(plans: Iterable[Plan]) -> tuple[Plan, ...]:
    """`plans` as a tuple, each of them a plan."""
    return tuple(shapes.instance(plan, Plan, "plan") for plan in shapes.row(plans, "plans"))


def plan_of_key(plans: tuple[Plan, ...], key: str) -> Plan:
    """The one of `plans` that has `key` (rule C8)."""
    known = shapes.plain(key, "plan")
    for plan in plans:
        if plan.key == known:
            return plan
    raise UnknownKeyError("plan", key, tuple(plan.key for plan in plans))
