"""A catalogue: one edition of the price list, with the terms of sale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import pairwise

from attrs import define, field, frozen

from chatim_plans.catalog.features import within
from chatim_plans.catalog.matrix import FeatureMatrix, difference_of_plans
from chatim_plans.catalog.plans import Plan, plan_of_key, plan_row
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError, PlansError
from chatim_plans.foundation.money import Money, told_apart
from chatim_plans.foundation.rounding import Rounding
from chatim_plans.foundation.values import Value, in_a_line, named


@define
class InvalidCatalogError(PlansError, ValueError):
    """A catalogue whose plans or terms contradict one another (rules C3, C5, C6).

    `edition` is its name, `fault` says in words what does not hold.

    >>> from chatim_plans import CHATIM, FREE, ULTIMATE, Catalog, InvalidCatalogError
    >>> try:
    ...     Catalog("2027", (FREE, ULTIMATE), CHATIM.terms)
    ... except InvalidCatalogError as error:
    ...     print(error.edition, "->", error.fault)
    2027 -> the trial plan 'pro' is one of the paid plans ['ultimate']
    """

    edition: str
    fault: str

    def __str__(self) -> str:
        return f"catalogue {self.edition!r} cannot be built: {self.fault}"


class BillingMode(StrEnum):
    """What the credit for unused time is a part of.

    `classic`: of price × seats, over the whole period. `flexible`: of what was really debited for
    that time, over the period of that debit.

    >>> from attrs import evolve
    >>> from chatim_plans import *
    >>> start, grown, up = utc("2026-10-15 09:00"), utc("2026-10-20 12:00"), utc("2026-10-27 09:00")
    >>> story = [StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, 3, at=start)]
    >>> story += [ChangeSeats(5, at=grown), ChoosePlan(ULTIMATE, at=up)]
    >>> for mode in BillingMode:
    ...     edition = evolve(CHATIM, terms=evolve(CHATIM.terms, billing_mode=mode))
    ...     print(mode, replay(story, catalog=edition).invoices[-1].amount_due)
    flexible 93.01 USD
    classic 93.00 USD

    Source: rule B12; Stripe's `billing_mode.type`.
    """

    flexible = "flexible"
    classic = "classic"


def _cards(cards: Iterable[str]) -> tuple[str, ...]:
    return tuple(shapes.text(card, "accepted card") for card in shapes.row(cards, "accepted_cards"))


def _trial_plan(key: str) -> str:
    return shapes.key(key, "trial_plan")


def _edition(name: str) -> str:
    return shapes.key(name, "edition")


def _rounding(rule: str) -> Rounding:
    return shapes.member(rule, Rounding, "rounding")


def _billing_mode(mode: str) -> BillingMode:
    return shapes.member(mode, BillingMode, "billing mode")


def _retired(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(shapes.key(key, "retired plan") for key in shapes.row(keys, "retired"))


def _support(way: str | None) -> str | None:
    return None if way is None else shapes.text(way, "support")


_MOST_DAYS = 1_000_000


def _check_days(days: int, name: str, *, at_least: int) -> None:
    if shapes.whole_number(days, name, at_least=at_least) > _MOST_DAYS:
        raise InvalidValueError(name, days, f"at most {_MOST_DAYS} days")


@frozen(order=False)
class Terms(Value):
    """The terms of sale of a catalogue.

    `trial_plan` is the key of the plan that a trial of `trial_days` × 24 h gives. `refund_days` ×
    24 h is how long after an invoice a refund may be asked for. An amount due below
    `smallest_charge` is carried over instead of collected. `rounding` makes lines whole.
    `seat_lines_at_once` invoices a change of seats at once on monthly plans too.
    `accepted_cards` are the means of payment taken. `billing_mode` is that of plans that start.
    `grace_days` × 24 h after a first failed payment an account is restricted by time alone; None:
    by a report alone. `support` is how to reach support, an address or a link; None: not said. Days
    are at most a million, so that they end before the year 10000.

    >>> from chatim_plans import CHATIM
    >>> CHATIM.terms.trial_plan, CHATIM.terms.trial_days, str(CHATIM.terms.smallest_charge)
    ('pro', 30, '0.50 USD')

    Raises:
        InvalidTypeError, InvalidValueError, UnknownKeyError: a term of the wrong shape.

    Source: rules R1, F1, B4, B10, B12, S2, C7, D6; the page's "Contactez le support".
    """

    trial_plan: str = field(converter=_trial_plan)
    trial_days: int
    refund_days: int
    smallest_charge: Money
    rounding: Rounding = field(default=Rounding.ties_to_customer, converter=_rounding)
    seat_lines_at_once: bool = False
    accepted_cards: tuple[str, ...] = field(default=(), converter=_cards)
    billing_mode: BillingMode = field(default=BillingMode.flexible, converter=_billing_mode)
    grace_days: int | None = None
    support: str | None = field(default=None, converter=_support)

    def __attrs_post_init__(self) -> None:
        _check_days(self.trial_days, "trial_days", at_least=1)
        _check_days(self.refund_days, "refund_days", at_least=0)
        smallest = shapes.instance(self.smallest_charge, Money, "smallest_charge")
        shapes.whole_number(smallest.amount, "smallest_charge", at_least=0)
        shapes.instance(self.seat_lines_at_once, bool, "seat_lines_at_once")
        if self.grace_days is not None:
            _check_days(self.grace_days, "grace_days", at_least=1)


@frozen(order=False)
class Catalog(Value):
    """An edition of the price list: `plans` in rank order, lowest first, and the terms.

    The plans whose keys are `retired` are on sale no more: who holds one keeps it and renews, and
    nobody else can choose it. They still count for rank.

    >>> from chatim_plans import CHATIM, PRO, ULTIMATE
    >>> [plan.key for plan in CHATIM.plans]
    ['free', 'pro', 'ultimate']
    >>> CHATIM.is_upgrade(PRO, ULTIMATE)
    True

    Raises:
        InvalidCatalogError: not exactly one free plan at the lowest rank, a plan that grants less
            than the one below it, a key twice, mixed currencies, a trial plan that is not a paid
            plan of the catalogue, a retired key that is Free's, the trial plan's or no plan's.
        InvalidTypeError, InvalidValueError: values of the wrong shape.

    Source: rules C1, C3, C5, C8, C9.
    """

    edition: str = field(converter=_edition)
    plans: tuple[Plan, ...] = field(converter=plan_row)
    terms: Terms
    retired: frozenset[str] = field(default=frozenset(), converter=_retired)

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.terms, Terms, "terms")
        for holds, fault in self._promises():
            if not holds:
                raise InvalidCatalogError(self.edition, fault)

    def __str__(self) -> str:
        """The edition's name."""
        return in_a_line(self.edition)

    def _shown(self) -> Iterator[str]:
        yield str(self)
        yield named("plans", self.plans)
        if self.retired:
            yield named("retired", self.retired)

    def _promises(self) -> Iterator[tuple[bool, str]]:
        keys = [plan.key for plan in self.plans]
        yield len(set(keys)) == len(keys), f"a plan key stands twice among {keys}"
        free = [plan.key for plan in self.plans if plan.is_free]
        yield free == keys[:1], f"exactly one plan is free and ranks lowest, not {free} of {keys}"
        for below, above in pairwise(self.plans):
            step = difference_of_plans(below, above)
            lowered = [change.quota for change in step.limits_lowered]
            less = ", ".join([*step.features_lost, *lowered])
            yield not less, f"{above.key!r} grants less than {below.key!r} below it: {less}"
        amounts = [plan.price for plan in self.plans] + [self.terms.smallest_charge]
        currencies = {amount.currency for amount in amounts}
        codes = ", ".join(sorted(told_apart(currencies)))
        yield len(currencies) == 1, f"all amounts are of one currency, not of {codes}"
        trial = self.terms.trial_plan
        yield trial in keys[1:], f"the trial plan {trial!r} is one of the paid plans {keys[1:]}"
        unknown = sorted(self.retired.difference(keys))
        yield not unknown, f"only plans that stand in it are retired, not {unknown}"
        kept = sorted(self.retired.intersection((keys[0], trial)))
        yield not kept, f"neither the free plan nor the trial's is retired, as {kept}"

    @property
    def free_plan(self) -> Plan:
        """The plan that costs nothing: the lowest rank (rule C3)."""
        return self.plans[0]

    @property
    def trial_plan(self) -> Plan:
        """The plan that a trial gives (rule R1)."""
        return self.plan(self.terms.trial_plan)

    @property
    def plans_on_offer(self) -> tuple[Plan, ...]:
        """The plans that are not retired, in rank order (rule C9)."""
        return tuple(plan for plan in self.plans if plan.key not in self.retired)

    @property
    def matrix(self) -> FeatureMatrix:
        """Which plan grants what (rule C2)."""
        return FeatureMatrix(self.plans)

    def plan(self, key: str) -> Plan:
        """The plan of this edition that has `key`.

        >>> from chatim_plans import CHATIM
        >>> str(CHATIM.plan("pro").price)
        '19.00 USD'

        Raises:
            UnknownKeyError, InvalidTypeError: no plan has this key.

        Source: rule C8.
        """
        return plan_of_key(self.plans, key)

    def rank(self, plan: Plan) -> int:
        """The place of the plan with this plan's key; Free's is 0.

        Raises:
            UnknownKeyError, InvalidTypeError: a plan that this edition does not have.

        Source: rules C1, C8.
        """
        return self.plans.index(self.plan(shapes.instance(plan, Plan, "plan").key))

    def is_upgrade(self, a: Plan, b: Plan) -> bool:
        """Whether moving from plan `a` to plan `b` is a move to a higher rank.

        Raises:
            UnknownKeyError, InvalidTypeError: a plan that this edition does not have.

        Source: rules C1, P1, P3.
        """
        return self.rank(b) > self.rank(a)

    def cheapest_with(self, feature: str) -> Plan | None:
        """The plan on offer that has `feature` at the lowest price per seat and month, or None.

        >>> from chatim_plans import CHATIM, Feature
        >>> CHATIM.cheapest_with(Feature.custom_branding).key
        'pro'

        Raises:
            UnknownKeyError, InvalidTypeError: no feature of this name.

        Source: rule A3.
        """
        return self.cheapest_where(lambda plan: plan.allows(feature))

    def cheapest_within(
        self, quota: str, count: int, without: frozenset[str] = frozenset()
    ) -> Plan | None:
        """The plan on offer that allows `count` of `quota`, at the lowest price per seat and month.

        None if none does.

        >>> from chatim_plans import CHATIM, Quota
        >>> CHATIM.cheapest_within(Quota.seats, 3).key
        'pro'

        Raises:
            UnknownKeyError, InvalidTypeError, InvalidValueError: no quota of this name, or a
                count that is no whole number of at least 0.

        Source: rules A3, S3, C9.
        """
        shapes.whole_number(count, "count", at_least=0)
        return self.cheapest_where(lambda plan: within(count, plan.limit(quota)), without)

    def fault_of_successor(self, new: Catalog) -> str | None:
        """Why an account of this edition cannot move to the edition `new`; None if it can.

        Source: rule C5.
        """
        plans = {plan.key: plan for plan in new.plans}
        for plan in self.plans:
            match = plans.get(plan.key)
            if match is None:
                return f"it has no plan {plan.key!r}"
            if match.price.currency != plan.price.currency:
                theirs, ours = told_apart((match.price.currency, plan.price.currency))
                return f"it sells in {theirs}, not {ours}"
            if match.interval_months != plan.interval_months:
                return f"it bills {plan.key!r} by another interval"
        return None

    def cheapest_where(
        self, suits: Callable[[Plan], bool], without: frozenset[str] = frozenset()
    ) -> Plan | None:
        """The plan on offer that `suits` at the lowest price per seat and month, or None.

        The plans whose keys are in `without` are left out: the edition that waits retires them.

        Source: rules A3, C9.
        """
        offered = (plan for plan in self.plans_on_offer if plan.key not in without)
        suitable = [plan for plan in offered if suits(plan)]
        return min(suitable, key=lambda plan: plan.price_per_year, default=None)
