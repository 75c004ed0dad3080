"""Strategies for what people do or report: single actions, and histories that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from operator import neg
from types import MappingProxyType
from typing import Any, TypeAlias, assert_never

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from chatim_plans import (
    CHATIM,
    Account,
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    AdjustCredit,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentSucceeded,
    Plan,
    Refunded,
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
from chatim_plans.strategies.values import currencies, instants, seats


def _new_seats() -> SearchStrategy[int | None]:
    """The seats that come with a choice of plan: mostly none, else 1 to 6."""
    return st.sampled_from([None, None, *range(1, 7), None, None])


def _numbers() -> SearchStrategy[int | None]:
    """The number of an invoice, or none."""
    return st.none() | st.integers(1, 40)


def _above_zero() -> SearchStrategy[int]:
    return st.sampled_from([1, 50, 1900]) | st.integers(1, 10**7)


def _granted_or_taken() -> SearchStrategy[int]:
    return _above_zero() | _above_zero().map(neg)


def _amounts(of: Callable[[], SearchStrategy[int]]) -> Callable[[], SearchStrategy[Money]]:
    return lambda: st.builds(Money, of(), currencies())


FIELDS: Mapping[type[Action], Mapping[str, Callable[[], SearchStrategy[Any]]]] = MappingProxyType({
    StartFree: {},
    StartTrial: {"seats": seats},
    AddPaymentMethod: {},
    ChoosePlan: {"plan": plans, "seats": _new_seats},
    ChangeSeats: {"seats": seats},
    Cancel: {"at_once": st.booleans},
    Resume: {},
    RemovePaymentMethod: {},
    PaymentFailed: {"final": st.booleans, "invoice": _numbers},
    PaymentSucceeded: {"invoice": _numbers},
    MoveToEdition: {"catalog": catalogs},
    MoveTrialEnd: {"to": instants},
    AdjustCredit: {"amount": _amounts(_granted_or_taken)},
    Refunded: {"invoice": lambda: st.integers(1, 40), "amount": _amounts(_above_zero)},
})
"""Every kind of action, and what it holds besides its instant."""


def actions(*kinds: type[Action], first: int = 2000, last: int = 2100) -> SearchStrategy[Action]:
    """Actions of `kinds`, or of all fourteen, each at any of `instants(first, last)`.

    They do not follow from one another; `histories` do.

    >>> from hypothesis import find
    >>> from chatim_plans import ChangeSeats
    >>> from chatim_plans.strategies import actions
    >>> find(actions(ChangeSeats), lambda action: action.seats == 3).seats
    3
    """
    return st.one_of([
        st.builds(kind, at=instants(first, last), **{name: of() for name, of in fields.items()})
        for kind, fields in FIELDS.items()
        if kind in kinds or not kinds
    ])


_Moment: TypeAlias = Callable[[Subscription], datetime]
_Act: TypeAlias = Callable[[Account, datetime], Action]
_Menu: TypeAlias = Callable[[Subscription], Sequence[Plan]]
_Scene: TypeAlias = tuple[_Moment, _Act]
_Script: TypeAlias = tuple[Action, list[_Scene], list[_Scene]]


def histories(
    catalog: Catalog = CHATIM, *, refused: bool = False, editions: Sequence[Catalog] = ()
) -> SearchStrategy[list[Action]]:
    """Histories of 1 to 21 actions that `replay` accepts with `catalog`, begun in 2023 to 2028.

    Most steps come where something is about to happen: in the same second, a second before, at or
    a second after the account's next boundary or the end of its period, at a quarter, half or three
    quarters of it (where half cents arise); the others anywhere in the next month, or up to 400
    days on. Plans are of the edition held or of another; moves lead to `editions`, or to
    `editions_after` the one held. The account that the library makes of each step is the aim of
    the next: reports and refunds are of its own invoices, amounts in its currency.

    With `refused`, actions that `apply` refuses where they stand are kept, as a caller would send
    them: such a history is to be applied one by one.

    >>> from hypothesis import given
    >>> from chatim_plans import replay
    >>> from chatim_plans.strategies import histories
    >>> @given(histories())
    ... def test_invoices_are_numbered(history):
    ...     invoices = replay(history).invoices
    ...     assert [invoice.number for invoice in invoices] == [*range(1, len(invoices) + 1)]
    >>> test_invoices_are_numbered()
    """
    scripts = _scripts(tuple(editions))
    return scripts.map(lambda script: _lived(script, catalog, refused=refused)[0])


def statements(
    catalog: Catalog | None = None, *, editions: Sequence[Catalog] = ()
) -> SearchStrategy[Statement]:
    """What histories with `catalog`, or with any of `catalogs()`, come to.

    Like those of `replay`, they hold every invoice and event of the history; see `histories`.

    >>> from hypothesis import given
    >>> from chatim_plans.strategies import statements
    >>> @given(statements())
    ... def test_each_invoice_has_its_event(statement):
    ...     issued = [event.invoice for event in statement.events if event.invoice]
    ...     assert issued == [*statement.invoices]
    >>> test_each_invoice_has_its_event()
    """

    def statement(script: _Script, sold: Catalog) -> Statement:
        return _lived(script, sold)[1]

    sold = catalogs() if catalog is None else st.just(catalog)
    return st.builds(statement, _scripts(tuple(editions)), sold)


def _lived(
    script: _Script, catalog: Catalog, *, refused: bool = False
) -> tuple[list[Action], Statement]:
    """The history that a script becomes with a catalogue, and its statement."""
    opening, *parts = script
    history, statement = [opening], open_account(opening, catalog)
    account, invoices, events = statement.account, statement.invoices, statement.events
    for moment, act in chain(*parts):
        action = act(account, moment(account.subscription))
        try:
            statement = apply(account, action)
        except ActionRefusedError:
            history += [action] if refused else []
        else:
            history.append(action)
            account = statement.account
            invoices += statement.invoices
            events += statement.events
    return history, Statement(account, invoices, events)


@cache
def _scripts(editions: tuple[Catalog, ...]) -> SearchStrategy[_Script]:
    opening = actions(StartFree, StartTrial, first=2023, last=2028)
    step = st.tuples(_moments(), _acts(_leading_to(editions) if editions else revisions()))
    # Lists with a least size are longer on average.
    steps = st.lists(step, max_size=18) | st.lists(step, min_size=6, max_size=18)
    return st.tuples(opening, _beginnings(), steps)


def _leading_to(editions: tuple[Catalog, ...]) -> SearchStrategy[Revision]:
    """Whatever is held, one of `editions` follows."""

    def revision(edition: Catalog) -> Revision:
        return lambda _held: edition

    return st.sampled_from(editions).map(revision)


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
        st.sampled_from(range(len(_SEAMS) + 4)).map(seam),
        st.integers(0, 31 * 86_400).map(inside),
        st.one_of(st.integers(1, 90), st.integers(1, 400)).map(later),
    )


def _seams(facts: Subscription) -> list[datetime]:
    """The instants that matter to the account from its own on: of its period, of its grace."""
    start, length = _present(facts)
    ahead = [start + length * quarters // 4 + after * _SECOND for quarters, after in _SEAMS]
    if (boundary := facts.next_boundary) is not None:
        ahead += [boundary + after * _SECOND for after in (0, -1, 1)]
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
def _acts(revised: SearchStrategy[Revision]) -> SearchStrategy[_Act]:
    """Any act, the ones that move money drawn most; other editions are `revised` ones."""
    weights = {_choices(revised): 6, _as_drawn(ChangeSeats): 4, _failures(): 3}
    weights |= {st.just(_one_seat_more): 2, _moves(revised): 2, _successes(): 2, _cancels(): 2}
    weights |= {_adjustments_of_credit(): 1, _refunds(): 2, _moves_of_trial_end(): 2}
    weights |= {_as_drawn(kind): 2 for kind in (AddPaymentMethod, Resume)}
    weights |= {_as_drawn(kind): 1 for kind in (RemovePaymentMethod, StartFree, StartTrial)}
    drawn = [act for act, weight in weights.items() for _ in range(weight)]
    # one_of would draw equals but once.
    return st.sampled_from(drawn).flatmap(lambda act: act)


def _as_drawn(kind: type[Action]) -> SearchStrategy[_Act]:
    """Acts of one kind that read nothing of the account."""

    def act(**fields: Any) -> _Act:  # noqa: ANN401 — whatever the kind holds
        return lambda _account, at: kind(at=at, **fields)

    return st.builds(act, **{name: of() for name, of in FIELDS[kind].items()})


def _one_seat_more(account: Account, at: datetime) -> Action:
    return ChangeSeats(account.subscription.seats + 1, at=at)


def _cancels() -> SearchStrategy[_Act]:
    """Mostly at the end of what is paid: a history that is cut short has little to say."""

    def cancel(at_once: bool) -> _Act:  # noqa: FBT001 — drawn
        return lambda _account, at: Cancel(at_once, at=at)

    return st.sampled_from([False, False, True]).map(cancel)


def _failures() -> SearchStrategy[_Act]:
    """Failures, the last ones or not, of an invoice or of nobody knows which."""

    def failure(final: bool, nth: int | None) -> _Act:  # noqa: FBT001 — drawn
        return lambda account, at: PaymentFailed(final, _number(account, nth), at=at)

    return st.builds(failure, st.booleans(), _nths())


def _successes() -> SearchStrategy[_Act]:
    def success(nth: int | None) -> _Act:
        return lambda account, at: PaymentSucceeded(_number(account, nth), at=at)

    return _nths().map(success)


def _nths() -> SearchStrategy[int | None]:
    """Which invoice, counted from the latest back; -1 is one that is not issued."""
    return st.sampled_from([None, None, 0, 0, 1, 2, -1])


def _number(account: Account, nth: int | None) -> int | None:
    if nth is None or (nth >= 0 and not account.issued):
        return None
    return max(1, len(account.issued) - nth)


def _refunds() -> SearchStrategy[_Act]:
    """All that is left of an invoice, a part, or more; also of one that is not issued."""

    def refund(nth: int, share: int) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            number = max(1, len(account.issued) - nth)
            issued = account.issued[number - 1 : number]
            left = sum(each.amount_due.amount - each.refunded.amount for each in issued)
            amount = Money(max(1, left * share // 4), account.credit_balance.currency)
            return Refunded(number, amount, at=at)

        return act

    return st.builds(refund, st.sampled_from([0, 0, 1, 2, -1]), st.sampled_from([4, 1, 2, 5]))


def _adjustments_of_credit() -> SearchStrategy[_Act]:
    def adjustment(amount: int) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            return AdjustCredit(Money(amount, account.credit_balance.currency), at=at)

        return act

    return _granted_or_taken().map(adjustment)


def _moves_of_trial_end() -> SearchStrategy[_Act]:
    """To the same second, earlier or later than planned, now and then to what has gone by."""
    return (st.sampled_from([0, 0, 14, -1]) | st.integers(0, 60)).map(_trial_end_moved)


def _trial_end_moved(days: int) -> _Act:
    return lambda _account, at: MoveTrialEnd(at + timedelta(days=days), at=at)


def _choices(revised: SearchStrategy[Revision]) -> SearchStrategy[_Act]:
    """Choices of a plan: of the edition held or the one that waits, or of one that is neither."""

    def choice(rank: int, count: int | None, menu: _Menu) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            offered = menu(account.subscription)
            return ChoosePlan(offered[rank % len(offered)], count, at=at)

        return act

    def elsewhere(revision: Revision) -> _Menu:
        return lambda facts: revision(facts.catalog).plans

    menus = st.sampled_from([
        _held,
        _of_another_interval,
        _of_another_interval,
        _upcoming,
        None,
    ]).flatmap(lambda menu: revised.map(elsewhere) if menu is None else st.just(menu))
    return st.builds(choice, st.sampled_from(range(6)), _new_seats(), menus)


def _held(facts: Subscription) -> Sequence[Plan]:
    return facts.catalog.plans


def _upcoming(facts: Subscription) -> Sequence[Plan]:
    return facts.upcoming_catalog.plans


def _of_another_interval(facts: Subscription) -> Sequence[Plan]:
    """The paid plans of another interval than the one held, where there are any."""
    _, *paid = facts.catalog.plans
    others = [plan for plan in paid if plan.interval_months != facts.plan.interval_months]
    return others or paid


def _moves(revised: SearchStrategy[Revision]) -> SearchStrategy[_Act]:
    """Moves to another edition, or back to the one held."""

    def move(elsewhere: Revision | None) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            held = account.subscription.catalog
            return MoveToEdition(elsewhere(held) if elsewhere else held, at=at)

        return act

    return st.builds(move, st.none() | revised)


def _beginnings() -> SearchStrategy[list[_Scene]]:
    """Nothing more, or in the same second a payment method, or a paid plan with it, or another end
    of the trial, where one runs.
    """

    def at_once(facts: Subscription) -> datetime:
        return facts.as_of

    def card(_account: Account, at: datetime) -> Action:
        return AddPaymentMethod(at=at)

    def paid(rank: int) -> _Act:
        def act(account: Account, at: datetime) -> Action:
            _, *offered = account.subscription.catalog.plans_on_offer
            return ChoosePlan(offered[rank % len(offered)], at=at)

        return act

    paying = [[(at_once, card), (at_once, paid(rank))] for rank in range(4)]
    moved = [[(at_once, card), (at_once, _trial_end_moved(days))] for days in (14, 45)]
    return st.sampled_from([[], [(at_once, card)], *paying, *moved])
