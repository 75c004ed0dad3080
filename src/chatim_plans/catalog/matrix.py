"""The feature matrix: which plan grants what, by row, by column and as a difference."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from chatim_plans.catalog.features import Feature, Limit, Quota, allows_all
from chatim_plans.catalog.plans import Plan, plan_of_key, plan_row
from chatim_plans.foundation import shapes
from chatim_plans.foundation.values import Value, in_a_line


@frozen(order=False)
class LimitChange(Value):
    """A quota whose limit moves, from `before` to `after`."""

    quota: Quota
    before: Limit
    after: Limit

    def __str__(self) -> str:
        """The change in a few words: `seats unlimited -> 1`."""
        return f"{self.quota} {in_a_line(self.before)} -> {in_a_line(self.after)}"

    def _shown(self) -> Iterator[str]:
        yield str(self)


@frozen(order=False)
class Difference(Value):
    """What a move from one plan, or one account's entitlements, to another gains and loses."""

    features_gained: frozenset[Feature]
    features_lost: frozenset[Feature]
    limits_raised: tuple[LimitChange, ...]
    limits_lowered: tuple[LimitChange, ...]


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
        features_gained=b.features - a.features,
        features_lost=a.features - b.features,
        limits_raised=tuple(change for change in moved if allows_all(change.after, change.before)),
        limits_lowered=tuple(change for change in moved if allows_all(change.before, change.after)),
    )


@frozen(order=False)
class FeatureMatrix(Value):
    """Who grants what among `plans`, which stand in rank order; plans are told apart by key.

    >>> from chatim_plans import CHATIM, Feature, PRO
    >>> CHATIM.matrix.allows(Feature.ai_chatbot, PRO)
    False
    >>> CHATIM.matrix.row(Feature.visitor_export)
    {'free': False, 'pro': True, 'ultimate': True}

    Source: rules C2, C8.
    """

    plans: tuple[Plan, ...] = field(converter=plan_row)

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
        if grant in tuple(Quota):
            return {plan.key: plan.limit(grant) for plan in self.plans}
        feature = shapes.member(grant, Feature, "feature")
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
