"""What an account may do at an instant: entitlements, and decisions that explain themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum

from attrs import Factory, field, frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.features import Feature, Limit, Quota, within
from chatim_plans.catalog.plans import Plan
from chatim_plans.errors import InvalidValueError
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import instant
from chatim_plans.subscriptions.subscription import Status, Subscription
from chatim_plans.subscriptions.timing import at_instant


class Reason(StrEnum):
    """Why a decision says yes or no. Source: rule A3."""

    granted_by_plan = "granted_by_plan"
    granted_by_trial = "granted_by_trial"
    not_in_plan = "not_in_plan"
    over_limit = "over_limit"
    trial_ended = "trial_ended"
    restricted = "restricted"


@frozen(order=False)
class Decision:
    """A yes or a no with its reason, the plan that decided, and until when it holds.

    `cheapest_plan` is the one that would allow it, by price per seat and month, where the plan held
    would not; None for a yes, where the remedy is to pay, and where no plan would. The answer holds
    before `valid_until`, the next instant at which time does something to the account; None on
    Free. It also ends with the next action.

    Source: rule A3.
    """

    allowed: bool
    reason: Reason
    plan: Plan
    cheapest_plan: Plan | None
    valid_until: datetime | None


_ON_FREE = frozenset({Status.free, Status.trial_ended})


def _end(valid_until: datetime | None) -> datetime | None:
    return None if valid_until is None else instant(valid_until)


def _plan_in_force(may: Entitlements) -> Plan:
    free = shapes.instance(may.catalog, Catalog, "catalog").free_plan
    restricted = shapes.instance(may.status, Status, "status") is Status.restricted
    return free if restricted else may.held_plan


@frozen(order=False)
class Entitlements:
    """What an account may do, until the instant `valid_until` (None on Free) or its next action.

    `held_plan` is the plan it holds, `plan` the one whose features and limits hold: Free's while
    the account is restricted. `trial_plan` is the plan its trial gave, if it had one.

    >>> from datetime import UTC
    >>> from chatim_plans import Feature, StartTrial, open_account
    >>> start = datetime(2026, 3, 1, tzinfo=UTC)
    >>> subscription = open_account(StartTrial(at=start)).account.subscription
    >>> entitlements(subscription, start).decide(Feature.visitor_export).reason.value
    'granted_by_trial'

    Raises:
        InvalidTypeError, InvalidValueError: facts that contradict one another.

    Source: rules A1, A3, D2.
    """

    catalog: Catalog
    held_plan: Plan
    trial_plan: Plan | None
    status: Status
    valid_until: datetime | None = field(converter=_end)
    plan: Plan = field(init=False, default=Factory(_plan_in_force, takes_self=True))

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.held_plan, Plan, "held_plan")
        if self.trial_plan is not None:
            shapes.instance(self.trial_plan, Plan, "trial_plan")
        for holds, name, expected in self._consistency():
            if not holds:
                raise InvalidValueError(name, getattr(self, name), expected)

    def _consistency(self) -> Iterator[tuple[bool, str, str]]:
        on_free = self.held_plan.is_free
        yield self.held_plan in self.catalog.plans, "held_plan", "a plan of the catalogue"
        fits = on_free is (self.status in _ON_FREE)
        yield fits, "status", "free or trial_ended on Free, and only there"
        fits = on_free is (self.valid_until is None)
        yield fits, "valid_until", "None on Free, and only there"
        fits = self.trial_plan is not None or self.status is not Status.trial_ended
        yield fits, "trial_plan", "the plan of the trial that ended"

    def allows(self, feature: str) -> bool:
        """Whether the account may use `feature`, a `Feature` or its string value.

        Raises:
            UnknownKeyError, InvalidTypeError: no feature of this name.

        Source: rules A1, A2.
        """
        return self.plan.allows(feature)

    def limit(self, quota: str) -> Limit:
        """The highest count of `quota` that the account may reach, or `UNLIMITED`.

        Raises:
            UnknownKeyError, InvalidTypeError: no quota of this name.

        Source: rules A1, A2.
        """
        return self.plan.limit(quota)

    def decide(self, feature: str) -> Decision:
        """Whether the account may use `feature`, and why.

        Raises:
            UnknownKeyError, InvalidTypeError: no feature of this name.

        Source: rule A3.
        """
        known = shapes.member(feature, Feature, "feature")
        return self._decision(lambda plan: known in plan.features, Reason.not_in_plan)

    def decide_usage(self, quota: str, used: int) -> Decision:
        """Whether the count of `quota` may be `used`: the count as it would be after the act.

        >>> from datetime import UTC
        >>> from chatim_plans import StartFree, open_account
        >>> start = datetime(2026, 3, 1, tzinfo=UTC)
        >>> subscription = open_account(StartFree(at=start)).account.subscription
        >>> entitlements(subscription, start).decide_usage("seats", 2).cheapest_plan.key
        'pro'

        Raises:
            UnknownKeyError, InvalidTypeError, InvalidValueError: no quota of this name, or a count
                that is no whole number of at least 0.

        Source: rule A3.
        """
        known = shapes.member(quota, Quota, "quota")
        count = shapes.whole_number(used, "used", at_least=0)
        return self._decision(lambda plan: within(count, plan.limits[known]), Reason.over_limit)

    def _decision(self, grants: Callable[[Plan], bool], missing: Reason) -> Decision:
        """The decision on what `grants` asks of a plan; `missing` is the plain reason for a no."""
        reason = self._reason(grants, missing)
        remedy_is_a_plan = reason in (missing, Reason.trial_ended)
        return Decision(
            allowed=grants(self.plan),
            reason=reason,
            plan=self.plan,
            cheapest_plan=self.catalog.cheapest_where(grants) if remedy_is_a_plan else None,
            valid_until=self.valid_until,
        )

    def _reason(self, grants: Callable[[Plan], bool], missing: Reason) -> Reason:
        if grants(self.plan):
            trialing = self.status is Status.trialing
            return Reason.granted_by_trial if trialing else Reason.granted_by_plan
        if grants(self.held_plan):
            return Reason.restricted
        tried = self.trial_plan
        if self.status is Status.trial_ended and tried is not None and grants(tried):
            return Reason.trial_ended
        return missing


def entitlements(subscription: Subscription, at: datetime) -> Entitlements:
    """What the account may do at the instant `at`, from its last fact on.

    Time that went by is taken into account without anybody having recorded it: a trial's end, a
    renewal (assumed paid until a failure is reported), a waiting change, a restriction's end.

    Raises:
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, or no instant.

    Source: rules A1–A3, A5.
    """
    then = at_instant(subscription, at)
    tried = then.tried_plan
    return Entitlements(
        catalog=then.catalog,
        held_plan=then.plan,
        trial_plan=None if tried is None else then.catalog.plan(tried),
        status=then.present_status,
        valid_until=then.next_boundary,
    )
