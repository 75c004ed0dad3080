"""Why a line differs: each cause is recomputed, and counts only if it gives Stripe's very amount.

Where several causes fit, the one is named that explains the most of the lines that differ, behind
it those that a line which agrees denies; between equals, the first in this order:

1. what Stripe states: a credit of what was debited, another instant, period, quantity, price;
2. another rounding rule, one line for the seats added or removed, one net for the two lines;
3. days counted; a price that Stripe does not state; a whole period that it does not state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from typing import TypeAlias

from attrs import frozen

from chatim_plans.billing.invoices import Invoice
from chatim_plans.billing.lines import LineKind
from chatim_plans.catalog.plans import Plan
from chatim_plans.integrations.stripe_couples import Couple, couples
from chatim_plans.integrations.stripe_matching import Fact, Pair
from chatim_plans.integrations.stripe_prices import Prices
from chatim_plans.integrations.stripe_recomputing import (
    COUNTS,
    RULES,
    WHOLES,
    Exact,
    at_price,
    by_days,
    credited,
    cut,
    of_whole,
    restated,
    rules_of,
    same,
)


class Cause(StrEnum):
    """Why Stripe's figure is another one than ours, as far as it can be recomputed."""

    rounding = "rounding"
    net_rounded = "net_rounded"
    days = "days"
    billing_mode = "billing_mode"
    seat_delta = "seat_delta"
    instant = "instant"
    period = "period"
    quantity = "quantity"
    price = "price"
    swept = "swept"
    balance = "balance"
    minimum_charge = "minimum_charge"
    currency = "currency"
    unknown = "unknown"


Finding: TypeAlias = tuple[Cause, str]
"""A cause, and in words what exactly: which rule, which price. The words may be empty."""


@frozen(order=False)
class Books:
    """The invoice in question, those issued before it, and the plans whose price may be meant."""

    invoice: Invoice
    earlier: tuple[Invoice, ...]
    plans: tuple[Plan, ...]

    @classmethod
    def of(cls, invoice: Invoice, earlier: tuple[Invoice, ...], prices: Prices) -> Books:
        """With the plans of `prices` and of every line, one for each price, in its currency."""
        currency = invoice.total.currency
        plans = [line.plan for each in (invoice, *earlier) for line in each.lines]
        by_price = {plan.price: plan for plan in (*prices.values(), *plans)}
        return cls(
            invoice, earlier, tuple(p for p in by_price.values() if p.price.currency == currency)
        )


@frozen(order=False)
class _Hypothesis:
    """A cause, the numbers of the pairs it explains, and whether a pair that agrees denies it."""

    finding: Finding
    explains: frozenset[int]
    is_denied: bool


def causes(pairs: Sequence[Pair], books: Books) -> dict[int, Finding]:
    """The cause of each of `pairs` that does not agree, by its number."""
    found = {n: _alone(pair, books.invoice) for n, pair in enumerate(pairs) if not pair.agrees}
    unexplained = frozenset(found)
    hypotheses = tuple(_hypotheses(pairs, books)) if found else ()
    while best := _best(hypotheses, unexplained):
        found |= dict.fromkeys(best.explains & unexplained, best.finding)
        unexplained -= best.explains
    return found


def _best(hypotheses: Sequence[_Hypothesis], unexplained: frozenset[int]) -> _Hypothesis | None:
    fitting = [each for each in hypotheses if each.explains & unexplained]

    def rank(each: _Hypothesis) -> tuple[bool, int]:
        return each.is_denied, -len(each.explains & unexplained)

    return min(fitting, key=rank, default=None)


def _alone(pair: Pair, own: Invoice) -> Finding:
    """The cause of a line that only Stripe has, by what it says of itself."""
    line = pair.theirs
    if line is None or pair.ours is not None:
        return Cause.unknown, ""
    first = min(ours.whole.start for ours in own.lines)
    last = max(ours.whole.end for ours in own.lines)
    outside = line.end <= first or last <= line.start
    origin = line.elsewhere or ("another period" if outside else "")
    return (Cause.swept if origin else Cause.unknown), origin


def _hypotheses(pairs: Sequence[Pair], books: Books) -> Iterator[_Hypothesis]:
    """All that could explain a pair, in the order of preference."""
    rules = rules_of(books.invoice.lines)
    for cause, detail, exact in _stated(books):
        yield _of_lines((cause, detail), exact, rules, pairs)
    for rule in RULES:
        yield _of_lines((Cause.rounding, rule), same, (rule,), pairs)
    yield _of_lines((Cause.rounding, "the share cut to four decimals"), cut, rules, pairs)
    yield from _of_couples(rules, pairs)
    for cause, detail, exact in _not_stated(books):
        yield _of_lines((cause, detail), exact, rules, pairs)


def _stated(books: Books) -> Iterator[tuple[Cause, str, Exact]]:
    lines = (line for invoice in (*books.earlier, books.invoice) for line in invoice.lines)
    debits = [line for line in lines if line.kind is not LineKind.unused_time]
    yield Cause.billing_mode, "", partial(credited, debits)
    for fact in Fact:
        yield Cause(fact.value), "", partial(restated, fact)


def _not_stated(books: Books) -> Iterator[tuple[Cause, str, Exact]]:
    for count in COUNTS:
        yield Cause.days, count, partial(by_days, count)
    for plan in books.plans:
        yield Cause.price, f"that of {plan.key!r}", partial(at_price, plan.price.amount)
    for days in WHOLES:
        detail = "the whole of it" if days is None else f"of {days} days"
        yield Cause.period, detail, partial(of_whole, days)


def _of_lines(
    finding: Finding, exact: Exact, rules: Sequence[str], pairs: Sequence[Pair]
) -> _Hypothesis:
    """What a cause explains line by line; a line that agrees, and that it would change, denies."""
    explains, is_denied = set[int](), False
    for number, pair in enumerate(pairs):
        if pair.ours is not None and pair.theirs is not None:
            made = {RULES[rule](x) for x in exact(pair.ours, pair.theirs) for rule in rules}
            if pair.theirs.amount.amount in made and not pair.agrees:
                explains.add(number)
            is_denied |= bool(made) and pair.agrees and pair.theirs.amount.amount not in made
    return _Hypothesis(finding, frozenset(explains), is_denied)


def _of_couples(rules: Sequence[str], pairs: Sequence[Pair]) -> Iterator[_Hypothesis]:
    """What a change comes to as one line, or as two lines whose sum is rounded."""
    changes = list(couples(pairs))
    agreed = frozenset(number for number, pair in enumerate(pairs) if pair.agrees)

    def covering(finding: Finding, meant: Iterable[Couple]) -> _Hypothesis:
        numbers = {n for couple in meant for n in (couple.number, couple.number + 1)}
        return _Hypothesis(finding, frozenset(numbers) - agreed, is_denied=False)

    deltas = [couple for couple in changes if couple.is_of_the_seats_changed]
    exact = (couple for couple in deltas if any(couple.is_net(rule) for rule in rules))
    yield covering((Cause.seat_delta, ""), exact)
    for rule in RULES:
        meant = (couple for couple in changes if couple.is_one_line or rule in rules)
        nets = (couple for couple in meant if couple.is_net(rule))
        yield covering((Cause.net_rounded, rule), nets)
