"""The feature matrix: which plan grants what, by row, by column and as a difference."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from chatim_plans.catalog.features import (
    Feature,
    Limit,
    Quota,
    allows_all,
    check_limit,
    features_in_order,
)
from chatim_plans.catalog.plans import Plan, plan_of_key, plan_row
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.values import Value, in_a_line


@frozen(order=False)
class LimitChange(Value):
    """A quota whose limit moves, from `before` to `after`.

    >>> from chatim_plans import FREE, PRO, difference
    >>> (change,) = difference(PRO, FREE).limits_lowered
    >>> str(change), change.after, change.is_raise
    ('seats unlimited -> 1', 1, False)

    Raises:
        InvalidTypeError, InvalidValueError: no quota, no limits of it, or twice the same.

    Source: rules C2, P6.
    """

    quota: Quota
    before: Limit
    after: Limit

    def __attrs_post_init__(self) -> None:
        quota = shapes.instance(self.quota, Quota, "quota")
        before = check_limit(quota, self.before, "before")
        if check_limit(quota, self.after, "after") == before:
            raise InvalidValueError("after", self.after, "another limit than before")

    @property
    def is_raise(self) -> bool:
        """Whether the limit after allows all that the one before does, and more."""
        return allows_all(self.after, self.before)

    def __str__(self) -> str:
        """The change in a few words: `seats unlimited -> 1`."""
        return f"{self.quota} {in_a_line(self.before)} -> {in_a_line(self.after)}"

    def _shown(self) -> Iterator[str]:
        yield str(self)


@frozen(order=False)
class Difference(Value):
    """What a move from one plan, or one account's entitlements, to another gains and loses.

    `features_gained` and `features_lost` stand in the page's order, whatever the order they are
    given in; `limits_raised` and `limits_lowered` have a `LimitChange` for each quota that moves.

    >>> from chatim_plans import FREE, PRO, ULTIMATE, difference
    >>> [feature.value for feature in difference(PRO, ULTIMATE).features_gained]
    ['white_label', 'api_access', 'ai_chatbot', 'priority_support']
    >>> [str(change) for change in difference(PRO, FREE).limits_lowered]
    ['seats unlimited -> 1']

    Raises:
        InvalidTypeError, InvalidValueError, UnknownKeyError: a feature both gained and lost, a
            quota twice, or a limit that does not move the way it is filed under.

    Source: rules C2, P6.
    """

    features_gained: tuple[Feature, ...] = field(converter=features_in_order)
    features_lost: tuple[Feature, ...] = field(converter=features_in_order)
    limits_raised: tuple[LimitChange, ...]
    limits_lowered: tuple[LimitChange, ...]

    def __attrs_post_init__(self) -> None:
        both = set(self.features_gained).intersection(self.features_lost)
        if both:
            expected = "features that are not gained, too"
            raise InvalidValueError("features_lost", self.features_lost, expected)
        check_limit_changes(self.limits_raised, "limits_raised", raised=True)
        check_limit_changes(self.limits_lowered, "limits_lowered", raised=False)
        moved = [change.quota for change in self.limits_raised + self.limits_lowered]
        if len(set(moved)) != len(moved):
            raise InvalidValueError("limits_lowered", self.limits_lowered, "each quota once")


def check_limit_changes(changes: tuple[LimitChange, ...], name: str, *, raised: bool) -> None:
    """Refuse what is no tuple of changes that all move the way `raised` says.

    Raises:
        InvalidTypeError, InvalidValueError: something else than such a tuple.
    """
    shapes.instance(changes, tuple, name)
    for change in changes:
        if shapes.instance(change, LimitChange, "limit change").is_raise is not raised:
            raise InvalidValueError(
                name, change, f"limits that were {'raised' if raised else 'lowered'}"
            )


def difference_of_plans(a: Plan, b: Plan) -> Difference:
    """What a move from plan `a` to plan `b` gains and loses.

    >>> from chatim_plans import FREE, PRO
    >>> difference_of_plans(PRO, FREE).limits_lowered[0].after
    1

    Source: rules C2, P6.
    """
    moved = [
        LimitChange(quota, a.limits[quota], b.limits[quota])
        for quota in Quota
        if a.limits[quota] != b.limits[quota]
    ]
    return Difference(
        features_gained=tuple(b.features - a.features),
        features_lost=tuple(a.features - b.features),
        limits_raised=tuple(change for change in moved if change.is_raise),
        limits_lowered=tuple(change for change in moved if not change.is_raise),
    )


@frozen(order=False)
class FeatureMatrix(Value):
    """Who grants what among `plans`, which stand in rank order; plans are told apart by key.

    >>> from chatim_plans import CHATIM, Feature, PRO
    >>> CHATIM.matrix.allows(Feature.ai_chatbot, PRO)
    False
    >>> CHATIM.matrix.row(Feature.visitor_export)
    {'free': False, 'pro': True, 'ultimate': True}

    Raises:
        InvalidTypeError, InvalidValueError: no plans, or two of one key.

    Source: rules C2, C8.
    """

    plans: tuple[Plan, ...] = field(converter=plan_row)

    def __attrs_post_init__(self) -> None:
        if len({plan.key for plan in self.plans}) != max(1, len(self.plans)):
            raise InvalidValueError("plans", self.plans, "at least one plan, each key once")

    def allows(self, feature: str, plan: Plan | str) -> bool:
        """Whether `plan`, or the plan of that key, has `feature`.

        Raises:
            UnknownKeyError, InvalidTypeError: an unknown feature or plan.
        """
        return self._plan(plan).allows(feature)

    def limit(self, quota: str, plan: Plan | str) -> Limit:
        """The limit that `plan`, or the plan of that key, sets to `quota`.

        Raises:
            UnknownKeyError, InvalidTypeError: an unknown quota or plan.
        """
        return self._plan(plan).limit(quota)

    def row(self, grant: str) -> dict[str, bool | Limit]:
        """By plan key, in rank order, what each plan says of one feature or quota.

        Raises:
            UnknownKeyError, InvalidTypeError: neither a feature nor a quota.
        """
        named = shapes.plain(grant, "feature or quota")
        if named in tuple(Quota):
            return {plan.key: plan.limit(named) for plan in self.plans}
        feature = shapes.member(named, Feature, "feature")
        return {plan.key: feature in plan.features for plan in self.plans}

    def column(self, plan: Plan | str) -> dict[str, bool | Limit]:
        """By quota and feature, what one plan says of each.

        Raises:
            UnknownKeyError, InvalidTypeError: an unknown plan.
        """
        held = self._plan(plan)
        return {**held.limits, **{feature: held.allows(feature) for feature in Feature}}

    def difference(self, a: Plan | str, b: Plan | str) -> Difference:
        """What a move from plan `a` to plan `b` gains and loses.

        Raises:
            UnknownKeyError, InvalidTypeError: an unknown plan.
        """
        return difference_of_plans(self._plan(a), self._plan(b))

    def _plan(self, named: Plan | str) -> Plan:
        key = named if isinstance(named, str) else shapes.instance(named, Plan, "plan").key
        return plan_of_key(self.plans, key)
