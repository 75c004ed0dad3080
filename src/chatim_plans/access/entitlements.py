"""What an account may do at an instant: entitlements, and decisions that explain themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum

from attrs import Factory, converters, field, fields, frozen

from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.features import Feature, Limit, Quota, within
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError, InvalidValueError
from chatim_plans.foundation.instants import instant
from chatim_plans.foundation.values import Value, named, without_checks
from chatim_plans.subscriptions.subscription import Status, Subscription
from chatim_plans.subscriptions.timing import held_at


class Reason(StrEnum):
    """Why a decision says yes or no. Source: rule A3.

    >>> from chatim_plans import StartTrial, entitlements, open_account, utc
    >>> facts = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account.subscription
    >>> for at in (utc("2026-03-20"), utc("2026-04-01")):
    ...     print(entitlements(facts, at).decide("visitor_export").reason)
    granted_by_trial
    trial_ended
    """

    granted_by_plan = "granted_by_plan"
    granted_by_trial = "granted_by_trial"
    not_in_plan = "not_in_plan"
    over_limit = "over_limit"
    trial_ended = "trial_ended"
    restricted = "restricted"


@frozen(order=False)
class Decision(Value):
    """A yes or a no (`allowed`) with its reason, the plan that decided, and until when it holds.

    `cheapest_plan` is the one that would allow it, by price per seat and month, where the plan held
    would not; None for a yes, where the remedy is to pay, and where no plan would. The answer holds
    before `valid_until`, the next instant at which time does something to the account; None on
    Free. It also ends with the next action.

    `asked` is what was asked, and `used` the count of a quota as it would be after the act; None
    where it was not kept: in a document of version 1. A decision is true where its answer is yes.

    >>> from chatim_plans import StartFree, entitlements, open_account, utc
    >>> facts = open_account(StartFree(at=utc("2026-03-01 12:00"))).account.subscription
    >>> decision = entitlements(facts, at=utc("2026-03-20")).decide("api_access")
    >>> bool(decision), decision.reason.value, decision.cheapest_plan.key
    (False, 'not_in_plan', 'ultimate')

    Raises:
        InvalidTypeError, InvalidValueError: an answer that does not follow from the plan.

    Source: rule A3.
    """

    allowed: bool
    reason: Reason
    plan: Plan
    cheapest_plan: Plan | None
    valid_until: datetime | None = field(converter=converters.optional(instant))
    asked: Feature | Quota | None = None
    used: int | None = None

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.allowed, bool, "allowed")
        shapes.instance(self.reason, Reason, "reason")
        shapes.instance(self.plan, Plan, "plan")
        if self.cheapest_plan is not None:
            shapes.instance(self.cheapest_plan, Plan, "cheapest_plan")
        if not isinstance(self.asked, Feature | Quota | None):
            raise InvalidTypeError("asked", self.asked, "a Feature or a Quota")
        if isinstance(self.asked, Quota):
            shapes.whole_number(self.used, "used", at_least=0)
        elif self.used is not None:
            raise InvalidValueError("used", self.used, "None but for a quota")
        for holds, name, expected in self._what_follows():
            if not holds:
                raise InvalidValueError(name, getattr(self, name), expected)

    def __bool__(self) -> bool:
        return self.allowed

    def grants(self, plan: Plan) -> bool:
        """Whether `plan` would allow what was asked; not asked of a decision that did not keep it.

        Raises:
            InvalidTypeError: no plan, or a decision that does not say what was asked.
        """
        shapes.instance(plan, Plan, "plan")
        match self.asked, self.used:
            case Quota() as quota, int(used):
                return within(used, plan.limits[quota])
            case _:
                return shapes.instance(self.asked, Feature, "asked") in plan.features

    def _what_follows(self) -> Iterator[tuple[bool, str, str]]:
        """What must hold, the fact to blame if it does not, and what was expected of it."""
        reason, ends, cheapest = self.reason, self.valid_until, self.cheapest_plan
        yes = reason in _GRANTED
        yield self.allowed is yes, "reason", "a reason for the answer"
        yield cheapest is None or reason in _REMEDY_IS_A_PLAN, "cheapest_plan", "None, as it stands"
        on_free = self.plan.is_free
        yield on_free or ends is not None, "valid_until", "an instant on a paid plan"
        yield on_free or reason not in _ON_FREE_ONLY, "plan", "the free plan, for this reason"
        yield not (on_free and reason is Reason.granted_by_trial), "plan", "the plan of the trial"
        ended = reason is Reason.trial_ended
        yield ends is None or not ended, "valid_until", "None once the trial ended"
        yield ends is not None or reason is not Reason.restricted, "valid_until", "an instant"
        if self.asked is not None:
            of_feature = isinstance(self.asked, Feature)
            other = Reason.over_limit if of_feature else Reason.not_in_plan
            yield reason is not other, "reason", "the reason for what was asked"
            yield self.grants(self.plan) is self.allowed, "allowed", "the answer of the plan"
            allows = cheapest is None or self.grants(cheapest)
            yield allows, "cheapest_plan", "a plan that allows what was asked"


_GRANTED = frozenset({Reason.granted_by_plan, Reason.granted_by_trial})
_REMEDY_IS_A_PLAN = frozenset({Reason.not_in_plan, Reason.over_limit, Reason.trial_ended})
_ON_FREE_ONLY = frozenset({Reason.trial_ended, Reason.restricted})


# Bound once: looking a member up through its enum class is slow on CPython 3.11.
_RESTRICTED, _TRIAL_ENDED = Status.restricted, Status.trial_ended
_ON_FREE = frozenset({Status.free, Status.trial_ended})


def _plan_in_force(may: Entitlements) -> Plan:
    return may.catalog.free_plan if may.status is _RESTRICTED else may.held_plan


@frozen(order=False, init=False)
class Entitlements(Value):
    """What an account may do from `valid_from` on, the instant they were read at, until the instant
    `valid_until` (None on Free) or its next action.

    Entitlements are equal where they say the same until the same instant, whenever they were read.
    Threads may share them, also where there is no global lock: a decision is kept once made, and
    two threads that ask for it at once are given the same one.

    Without a `valid_from` (a document of version 1 has none) nobody knows from when they hold, and
    they are valid at no instant: access is never granted on a guess.

    `seats` is how many members the team has; None where nobody knows. `retired` has the keys of the
    plans that nobody can choose, which are nobody's cheapest plan: those of the catalogue, unless
    an edition that waits retires more.

    `held_plan` is the plan it holds, `plan` the one whose features and limits hold: Free's while
    the account is restricted. `trial_plan` is the plan of the trial that ended, on an account
    marked "trial ended"; else None.

    >>> from chatim_plans import Feature, StartTrial, entitlements, open_account, utc
    >>> facts = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account.subscription
    >>> may = entitlements(facts, at=utc("2026-03-20"))
    >>> may.allows(Feature.visitor_export), may.status.value, f"until {may.valid_until:%d %b}"
    (True, 'trialing', 'until 31 Mar')

    Raises:
        InvalidTypeError, InvalidValueError: facts that contradict one another.

    Source: rules A1, A3, D2.
    """

    catalog: Catalog
    held_plan: Plan
    trial_plan: Plan | None
    status: Status
    valid_until: datetime | None
    valid_from: datetime | None = field(default=None, eq=False)
    seats: int | None = None
    retired: frozenset[str] = frozenset()
    plan: Plan = field(init=False, default=Factory(_plan_in_force, takes_self=True))
    # The one thing here that changes, behind `decide` alone: a look-up costs a tenth of a decision.
    _decisions: dict[str, Decision] = field(init=False, eq=False, factory=dict)  # pyright: ignore[reportUnknownVariableType]

    def __init__(  # noqa: PLR0913, PLR0917 — as many facts as there are
        self,
        catalog: Catalog,
        held_plan: Plan,
        trial_plan: Plan | None,
        status: Status,
        valid_until: datetime | None,
        valid_from: datetime | None = None,
        seats: int | None = None,
        retired: frozenset[str] | None = None,
    ) -> None:
        shapes.instance(catalog, Catalog, "catalog")
        shapes.instance(status, Status, "status")
        on_free = shapes.instance(held_plan, Plan, "held_plan").is_free
        ends = None if valid_until is None else instant(valid_until)
        begins = None if valid_from is None else instant(valid_from)
        if held_plan not in catalog.plans:
            raise InvalidValueError("held_plan", held_plan, "a plan of the catalogue")
        if on_free is not (status in _ON_FREE):
            expected = "free or trial_ended" if on_free else "the status of a paid plan"
            raise InvalidValueError("status", status, expected)
        if on_free is not (ends is None):
            expected = "None on Free" if on_free else "an instant on a paid plan"
            raise InvalidValueError("valid_until", ends, expected)
        if begins is not None and ends is not None and begins >= ends:
            expected = f"an instant before valid_until, {ends.isoformat()}"
            raise InvalidValueError("valid_from", begins, expected)
        if trial_plan is not None:
            shapes.instance(trial_plan, Plan, "trial_plan")
        if (trial_plan is None) is (status is _TRIAL_ENDED):
            expected = "None" if trial_plan else "the plan of the trial that ended"
            raise InvalidValueError("trial_plan", trial_plan, expected)
        if seats is not None:
            shapes.whole_number(seats, "seats", at_least=1)
        gone = catalog.retired
        if retired is not None:
            keys = shapes.row(retired, "retired")
            gone = frozenset(shapes.key(key, "retired") for key in keys)
        if not gone >= catalog.retired:
            expected = f"at least what the catalogue has retired, {sorted(catalog.retired)}"
            raise InvalidValueError("retired", sorted(gone), expected)
        self.__attrs_init__(  # pyright: ignore — attrs makes it, for init=False
            catalog, held_plan, trial_plan, status, ends, begins, seats, gone
        )

    def is_valid_at(self, at: datetime) -> bool:
        """Whether this holds at `at`: from `valid_from` on, before `valid_until`.

        Keep it for as long as it is valid and no action comes. Of the past it knows nothing: ask
        `entitlements` with the facts of that time.

        Raises:
            InvalidTypeError, InvalidValueError: no instant.

        Source: rule A3.
        """
        at = instant(at)
        if self.valid_from is None or at < self.valid_from:
            return False
        return self.valid_until is None or at < self.valid_until

    def allows(self, feature: str) -> bool:
        """Whether the account may use `feature`, a `Feature` or its string value.

        Raises:
            UnknownKeyError, InvalidTypeError: no feature of this name.

        Source: rules A1, A2.
        """
        try:
            # Only a text can be looked for in a text; what merely equals one would have an answer.
            if feature not in "":  # noqa: RUF060 — see above
                # The plan's own table, because a second call would double the cost. Its keys are
                # members of `Feature`, which compare as texts with a text of any class.
                return self.plan._grants[feature]  # noqa: SLF001 — see above  # pyright: ignore[reportPrivateUsage]
        except Exception:  # noqa: BLE001, S110 — a text may hash as it likes
            pass
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
        try:
            # As in `allows`: what merely equals a text has no decision.
            if feature not in "":  # noqa: RUF060 — see above
                return self._decisions[feature]
        except Exception:  # noqa: BLE001, S110 — not asked before, or a text of an odd hash
            pass
        known = shapes.member(feature, Feature, "feature")
        decision = self._decision(
            lambda plan: known in plan.features, Reason.not_in_plan, known, used=None
        )
        return self._decisions.setdefault(known, decision)  # another thread may have been first

    def decide_usage(self, quota: str, used: int) -> Decision:
        """Whether the count of `quota` may be `used`: the count as it would be after the act.

        >>> from chatim_plans import StartFree, entitlements, open_account, utc
        >>> facts = open_account(StartFree(at=utc("2026-03-01 12:00"))).account.subscription
        >>> entitlements(facts, at=utc("2026-03-20")).decide_usage("seats", 2).cheapest_plan.key
        'pro'

        Raises:
            UnknownKeyError, InvalidTypeError, InvalidValueError: no quota of this name, or a count
                that is no whole number of at least 0.

        Source: rule A3.
        """
        known = shapes.member(quota, Quota, "quota")
        count = shapes.whole_number(used, "used", at_least=0)
        return self._decision(
            lambda plan: within(count, plan.limits[known]), Reason.over_limit, known, count
        )

    def decide_more(self, quota: str, more: int) -> Decision:
        """Whether `more` of `quota` may be added to what the account has: seats, which it knows.

        >>> from chatim_plans import StartFree, entitlements, open_account, utc
        >>> facts = open_account(StartFree(at=utc("2026-03-01 12:00"))).account.subscription
        >>> entitlements(facts, at=utc("2026-03-20")).decide_more("seats", 1).allowed
        False

        Raises:
            UnknownKeyError, InvalidTypeError, InvalidValueError: no quota of this name, one whose
                count the account does not know, or `more` that is no whole number of at least 0.

        Source: rule A3.
        """
        known = shapes.member(quota, Quota, "quota")
        shapes.whole_number(more, "more", at_least=0)
        if known is not Quota.seats or self.seats is None:
            raise InvalidValueError("quota", quota, "a count that is known; else ask decide_usage")
        return self.decide_usage(known, self.seats + more)

    def _shown(self) -> Iterator[str]:
        yield named("catalog", self.catalog)
        yield named("held_plan", self.held_plan)
        yield self.status
        for name in ("trial_plan", "seats", "valid_from", "valid_until"):
            if (fact := getattr(self, name)) is not None:
                yield named(name, fact)
        if self.retired:
            yield named("retired", self.retired)

    def _decision(
        self,
        grants: Callable[[Plan], bool],
        missing: Reason,
        asked: Feature | Quota,
        used: int | None,
    ) -> Decision:
        """The decision on what `grants` asks of a plan; `missing` is the plain reason for a no."""
        reason = self._reason(grants, missing)
        remedy_is_a_plan = reason in _REMEDY_IS_A_PLAN
        cheapest = self.catalog.cheapest_where(grants, self.retired) if remedy_is_a_plan else None
        # Past the checks, because the answer is computed here from the plan itself. What comes
        # through here would pass, which `test_decisions_pass_their_own_checks` proves.
        return without_checks(
            Decision,
            reason in _GRANTED,
            reason,
            self.plan,
            cheapest,
            self.valid_until,
            asked,
            used,
        )

    def _reason(self, grants: Callable[[Plan], bool], missing: Reason) -> Reason:
        if grants(self.plan):
            trialing = self.status is Status.trialing
            return Reason.granted_by_trial if trialing else Reason.granted_by_plan
        if grants(self.held_plan):
            return Reason.restricted
        if self.trial_plan is not None and grants(self.trial_plan):
            return Reason.trial_ended
        return missing


def entitlements(subscription: Subscription, at: datetime) -> Entitlements:
    """What the account may do at the instant `at`, from its last fact on.

    Time that went by is taken into account without anybody having recorded it: a trial's end, a
    renewal (assumed paid until a failure is reported), a waiting change, a restriction's end.

    >>> from chatim_plans import StartTrial, entitlements, open_account, utc
    >>> facts = open_account(StartTrial(at=utc("2026-03-01 12:00"))).account.subscription
    >>> entitlements(facts, at=utc("2026-03-20")).allows("visitor_export")
    True
    >>> entitlements(facts, at=utc("2026-04-01")).allows("visitor_export")
    False

    Raises:
        OutOfOrderError: `at` is before the instant that the facts stand at.
        InvalidTypeError, InvalidValueError: no subscription, no instant, or one in a period that
            would end after the year 9999.

    Source: rules A1–A3, A5.
    """
    (catalog, plan, status, retired), since, until = held_at(subscription, at)
    tried = subscription.tried_plan
    ended = catalog.plan(tried) if tried and status is _TRIAL_ENDED else None
    # The one door past the checks of the constructor: a subscription has checked these facts, and a
    # gate pays for no second look. Written out, as for Money: what attrs makes takes a third more.
    # `test_entitlements_from_facts_pass_their_own_checks` proves that what comes here would pass.
    may = Entitlements.__new__(Entitlements)
    _set_catalog(may, catalog)
    _set_held_plan(may, plan)
    _set_trial_plan(may, ended)
    _set_status(may, status)
    _set_valid_until(may, until)
    _set_valid_from(may, since)
    _set_seats(may, subscription.seats)
    _set_retired(may, retired)
    _set_plan(may, catalog.free_plan if status is _RESTRICTED else plan)
    _set_decisions(may, {})
    return may


(
    _set_catalog,
    _set_held_plan,
    _set_trial_plan,
    _set_status,
    _set_valid_until,
    _set_valid_from,
    _set_seats,
    _set_retired,
    _set_plan,
    _set_decisions,
) = (vars(Entitlements)[fact.name].__set__ for fact in fields(Entitlements))
