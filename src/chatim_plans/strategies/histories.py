"""Strategies for what people do or report: single actions, at any instant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import Any, TypeAlias, assert_never

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from chatim_plans import (
    CHATIM,
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    MoveToEdition,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentSucceeded,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
    Statement,
    Subscription,
    apply,
    open_account,
)
from chatim_plans.strategies.catalogs import Revision, catalogs, plans, revisions
from chatim_plans.strategies.values import instants, seats


def _new_seats() -> SearchStrategy[int | None]:
    """The seats that come with a choice of plan: mostly none, else 1 to 6."""
    return st.sampled_from([None, None, *range(1, 7), None, None])


FIELDS: Mapping[type[Action], Mapping[str, Callable[[], SearchStrategy[Any]]]] = MappingProxyType({
    StartFree: {},
    StartTrial: {"seats": seats},
    AddPaymentMethod: {},
    ChoosePlan: {"plan": plans, "seats": _new_seats},
    ChangeSeats: {"seats": seats},
    Cancel: {},
    Resume: {},
    RemovePaymentMethod: {},
    PaymentFailed: {"final": st.booleans},
    PaymentSucceeded: {},
    MoveToEdition: {"catalog": catalogs},
})
"""Every kind of action, and what it holds besides its instant."""


def actions(*kinds: type[Action], first: int = 2000, last: int = 2100) -> SearchStrategy[Action]:
    """Actions of `kinds`, or of all eleven, each at any of `instants(first, last)`.

    They do not follow from one another; `histories` do.
    """
    return st.one_of([
        st.builds(kind, at=instants(first, last), **{name: of() for name, of in fields.items()})
        for kind, fields in FIELDS.items()
        if kind in kinds or not kinds
    ])


_Moment: TypeAlias = Callable[[Subscription], datetime]
_Act: TypeAlias = Callable[[Subscription, datetime], Action]
_Scene: TypeAlias = tuple[_Moment, _Act]
_Script: TypeAlias = tuple[Action, list[_Scene], list[_Scene]]


def histories(catalog: Catalog = CHATIM, *, refused: bool = False) -> SearchStrategy[list[Action]]:
    """Histories of 1 to 21 actions that `replay` accepts with `catalog`, begun in 2023 to 2028.

    Most steps come where something is about to happen: in the same second, a second before, at or
    a second after the account's next boundary, at a quarter, half or three quarters of its period
    (where half cents arise); the others anywhere in the next month, or up to 400 days on. Plans
    are of the edition held or of another; moves lead to `editions_after` the one held. The account
    that the library makes of each step is the aim of the next.

    With `refused`, actions that `apply` refuses where they stand are kept, as a caller would send
    them: such a history is to be applied one by one.
    """
    return _scripts().map(lambda script: _lived(script, catalog, refused=refused)[0])


def statements(catalog: Catalog | None = None) -> SearchStrategy[Statement]:
    """What histories with `catalog`, or with any of `catalogs()`, come to."""

    def statement(script: _Script, sold: Catalog) -> Statement:
        return _lived(script, sold)[1]

    sold = catalogs() if catalog is None else st.just(catalog)
    return st.builds(statement, _scripts(), sold)


def _lived(
    script: _Script, catalog: Catalog, *, refused: bool = False
) -> tuple[list[Action], Statement]:
    """The history that a script becomes with a catalogue, and its statement."""
    opening, *parts = script
    history, statement = [opening], open_account(opening, catalog)
    invoices = statement.invoices
    for moment, act in chain(*parts):
        facts = statement.account.subscription
        action = act(facts, moment(facts))
        try:
            statement = apply(statement.account, action)
        except ActionRefusedError:
            history += [action] if refused else []
        else:
            history.append(action)
            invoices += statement.invoices
    return history, Statement(statement.account, invoices)


@cache
def _scripts() -> SearchStrategy[_Script]:
    opening = actions(StartFree, StartTrial, first=2023, last=2028)
    step = st.tuples(_moments(), _acts())
    # Lists with a least size are longer on average.
    steps = st.lists(step, max_size=18) | st.lists(step, min_size=6, max_size=18)
    return st.tuples(opening, _beginnings(), steps)


# --- when ---
_SECOND = timedelta(seconds=1)


# Quarters of the period from its start on, and seconds after that.
_SEAMS = ((4, 0), (4, -1), (4, 1), (2, 0), (1, 0), (3, 0))


def _moments() -> SearchStrategy[_Moment]:
    def seam(n: int) -> _Moment:
        return lambda facts: _seams(facts)[n % len(_seams(facts))]

    def inside(share: int) -> _Moment:
        return lambda facts: min(facts.as_of + share * _SECOND, max(_seams(facts)))

    def later(days: int) -> _Moment:
        return lambda facts: facts.as_of + timedelta(days=days)

    return st.one_of(
        st.sampled_from(range(len(_SEAMS) + 1)).map(seam),
        st.integers(0, 31 * 86_400).map(inside),
        st.one_of(st.integers(1, 90), st.integers(1, 400)).map(later),
    )


def _seams(facts: Subscription) -> list[datetime]:
    """The instants that matter to the account from its own on."""
    start, length = _present(facts)
    ahead = [start + length * quarters // 4 + after * _SECOND for quarters, after in _SEAMS]
    return [facts.as_of, *(seam for seam in ahead if seam > facts.as_of)]


def _present(facts: Subscription) -> tuple[datetime, timedelta]:
    """Where the present period or trial starts, and how long it is; on Free nothing is to come."""
    match facts.phase:
        case OnFree():
            return facts.as_of, timedelta(0)
        case OnTrial(trial_end=end):
            length = timedelta(days=facts.catalog.terms.trial_days)
            return end - length, length
        case OnPaid(period=period):
            return period.start, period.end - period.start
        case _ as never:
            assert_never(never)


# --- what ---
def _acts() -> SearchStrategy[_Act]:
    """Any act, the ones that move money drawn most."""
    weights = {_choices(): 6, _as_drawn(ChangeSeats): 4, _as_drawn(PaymentFailed): 3}
    weights |= {st.just(_one_seat_more): 2, _moves(): 2}
    weights |= {_as_drawn(kind): 2 for kind in _FREQUENT}
    weights |= {_as_drawn(kind): 1 for kind in (RemovePaymentMethod, StartFree, StartTrial)}
    drawn = [act for act, weight in weights.items() for _ in range(weight)]
    # one_of would draw equals but once.
    return st.sampled_from(drawn).flatmap(lambda act: act)


_FREQUENT = (AddPaymentMethod, Cancel, PaymentSucceeded, Resume)


def _as_drawn(kind: type[Action]) -> SearchStrategy[_Act]:
    """Acts of one kind that read nothing of the account."""

    def act(**fields: Any) -> _Act:  # noqa: ANN401 — whatever the kind holds
        return lambda _facts, at: kind(at=at, **fields)

    return st.builds(act, **{name: of() for name, of in FIELDS[kind].items()})


def _one_seat_more(facts: Subscription, at: datetime) -> Action:
    return ChangeSeats(facts.seats + 1, at=at)


def _choices() -> SearchStrategy[_Act]:
    """Choices of a plan: of the edition held, now and then of one that is not held."""

    def choice(rank: int, count: int | None, revised: Revision | None) -> _Act:
        def act(facts: Subscription, at: datetime) -> Action:
            offered = (revised(facts.catalog) if revised else facts.catalog).plans
            return ChoosePlan(offered[rank % len(offered)], count, at=at)

        return act

    elsewhere = st.sampled_from([False, False, True]).flatmap(
        lambda other: revisions() if other else st.none()
    )
    return st.builds(choice, st.sampled_from(range(6)), _new_seats(), elsewhere)


def _moves() -> SearchStrategy[_Act]:
    """Moves to another edition, or back to the one held."""

    def move(revised: Revision | None) -> _Act:
        return lambda facts, at: MoveToEdition(
            revised(facts.catalog) if revised else facts.catalog, at=at
        )

    return st.builds(move, st.none() | revisions())


def _beginnings() -> SearchStrategy[list[_Scene]]:
    """Nothing more, or in the same second a payment method, or a paid plan with it."""

    def at_once(facts: Subscription) -> datetime:
        return facts.as_of

    def card(_facts: Subscription, at: datetime) -> Action:
        return AddPaymentMethod(at=at)

    def paid(rank: int) -> _Act:
        return lambda facts, at: ChoosePlan(
            facts.catalog.plans[1:][rank % len(facts.catalog.plans[1:])], at=at
        )

    paying = [[(at_once, card), (at_once, paid(rank))] for rank in range(4)]
    return st.sampled_from([[], [(at_once, card)], *paying])
