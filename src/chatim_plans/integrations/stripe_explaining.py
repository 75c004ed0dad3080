"""Why lines differ: a cause counts only if recomputing by it gives Stripe's very amount.

Where several causes fit, the one is named that explains the most of the lines that differ, behind
it those that a line which agrees denies; between equals, the first in this order:

1. what Stripe states: a credit of what was debited, another instant, period, quantity, price;
2. another rounding rule, also of an amount at what Stripe states; one line for the seats added or
   removed, one net for the two lines;
3. days counted, each seat rounded; a price or a whole period that Stripe does not state.

A rounding rule is the rule of the whole invoice: a line that it would make otherwise, and that
nothing else explains, rules it out. Two causes rest on no amount: a line that only Stripe has is
swept by what it says of itself, and a price that sells no plan we know is another price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from attrs import evolve, frozen

from chatim_plans.billing.invoices import Invoice
from chatim_plans.billing.lines import Line, LineKind
from chatim_plans.catalog.plans import Plan
from chatim_plans.integrations.stripe_causes import FACTS, Cause, Finding
from chatim_plans.integrations.stripe_couples import Couple, couples
from chatim_plans.integrations.stripe_lines import StripeLine
from chatim_plans.integrations.stripe_matching import Pair, differing
from chatim_plans.integrations.stripe_prices import Prices
from chatim_plans.integrations.stripe_recomputing import (
    COUNTS,
    RULES,
    WHOLES,
    Exact,
    as_stated,
    at_price,
    by_days,
    by_seat,
    credited,
    cut,
    of_whole,
    restated,
    rules_of,
)

_Named: TypeAlias = Callable[[Line, StripeLine], Finding]


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
    """What one cause explains, by the numbers of pairs, and the pairs it would make otherwise.

    A rule is one of the whole invoice, and does not stand beside what it would make otherwise.
    """

    explains: Mapping[int, Finding]
    denied_by: frozenset[int]
    is_rule: bool


def causes(pairs: Sequence[Pair], books: Books) -> dict[int, Finding]:
    """The cause of each of `pairs` that does not agree, by its number."""
    hypotheses = [] if all(pair.agrees for pair in pairs) else list(_hypotheses(pairs, books))
    while True:
        found, chosen = _explained(pairs, books.invoice, hypotheses)
        ruled_out = [
            each
            for each in chosen
            if each.is_rule and any(_rules_out(pairs[n], found.get(n)) for n in each.denied_by)
        ]
        if not ruled_out:
            return found
        hypotheses = [each for each in hypotheses if each not in ruled_out]


def _explained(
    pairs: Sequence[Pair], own: Invoice, hypotheses: Sequence[_Hypothesis]
) -> tuple[dict[int, Finding], list[_Hypothesis]]:
    """The findings by the best hypotheses, and those hypotheses."""
    found = {n: _alone(pair, own) for n, pair in enumerate(pairs) if not pair.agrees}
    differ = unexplained = frozenset(found)

    def rank(each: _Hypothesis) -> tuple[bool, int]:
        return bool(each.denied_by - differ), -len(each.explains.keys() & unexplained)

    chosen: list[_Hypothesis] = []
    while fitting := [each for each in hypotheses if each.explains.keys() & unexplained]:
        best = min(fitting, key=rank)
        found |= {n: best.explains[n] for n in best.explains.keys() & unexplained}
        unexplained -= best.explains.keys()
        chosen.append(best)
    return found, chosen


def _rules_out(pair: Pair, finding: Finding | None) -> bool:
    """Whether a pair denies a rule that would make it otherwise.

    One does that agrees, or that nothing explains, or another rule, or a fact that is stated; not
    one that was reached in another way, by days for instance, nor at a price that is not known.
    """
    if finding is None or finding[0] in (Cause.unknown, Cause.rounding):
        return True
    ours, theirs = pair.ours, pair.theirs
    if ours is None or theirs is None or theirs.is_unlisted:
        return False
    return finding[0] in differing(ours, theirs)


def _alone(pair: Pair, own: Invoice) -> Finding:
    """The cause of a line by what it says of itself, where no amount shows one."""
    line = pair.theirs
    if line is None:
        return Cause.unknown, ""
    if pair.ours is not None:
        return (Cause.price, line.price or "") if line.is_unlisted else (Cause.unknown, "")
    first = min(ours.whole.start for ours in own.lines)
    last = max(ours.whole.end for ours in own.lines)
    outside = line.end <= first or last <= line.start
    origin = line.elsewhere or ("another period" if outside else "")
    return (Cause.swept if origin else Cause.unknown), origin


def _hypotheses(pairs: Sequence[Pair], books: Books) -> Iterator[_Hypothesis]:
    """All that could explain a pair, in the order of preference."""
    rules = rules_of(books.invoice.lines)
    lines = (line for invoice in (*books.earlier, books.invoice) for line in invoice.lines)
    debits = [line for line in lines if line.kind is not LineKind.unused_time]
    yield _of_lines(_always(Cause.billing_mode), partial(credited, debits), rules, pairs)
    plain = set[int]()
    for fact in FACTS:
        at_fact = _of_lines(partial(_stated, fact, ""), partial(restated, fact), rules, pairs)
        plain.update(at_fact.explains)
        yield at_fact
    for rule in RULES:
        by_rule = _of_lines(partial(_by_rule, rule), as_stated, (rule,), pairs, is_rule=True)
        needed = {n: finding for n, finding in by_rule.explains.items() if n not in plain}
        yield evolve(by_rule, explains=needed)
    cut_share = _always(Cause.rounding, "the share cut to four decimals")
    yield _of_lines(cut_share, cut, rules, pairs, is_rule=True)
    yield from _of_couples(rules, pairs)
    for count in COUNTS:
        yield _of_lines(_always(Cause.days, count), partial(by_days, count), rules, pairs)
    each_seat = _always(Cause.rounding, "each seat on its own")
    yield _of_lines(each_seat, partial(by_seat, rules), rules, pairs, is_rule=True)
    for plan in books.plans:
        priced = _always(Cause.price, f"that of {plan.key!r}")
        yield _of_lines(priced, partial(at_price, plan.price.amount), rules, pairs)
    for days in WHOLES:
        whole = _always(Cause.period, "the whole of it" if days is None else f"of {days} days")
        yield _of_lines(whole, partial(of_whole, days), rules, pairs)


def _of_lines(
    named: _Named,
    exact: Exact,
    rules: Sequence[str],
    pairs: Sequence[Pair],
    *,
    is_rule: bool = False,
) -> _Hypothesis:
    """What a cause explains line by line; a line that it would make otherwise denies it."""
    explains, denied_by = dict[int, Finding](), set[int]()
    for number, pair in enumerate(pairs):
        if pair.ours is not None and pair.theirs is not None:
            made = {RULES[rule](x) for x in exact(pair.ours, pair.theirs) for rule in rules}
            if pair.theirs.amount.amount not in made:
                denied_by |= {number} if made else set()
            elif not pair.agrees:
                explains[number] = named(pair.ours, pair.theirs)
    return _Hypothesis(explains, frozenset(denied_by), is_rule)


# --- the words ---
def _always(cause: Cause, detail: str = "") -> _Named:
    return lambda _ours, _theirs: (cause, detail)


def _stated(fact: Cause, rule: str, ours: Line, theirs: StripeLine) -> Finding:
    """A fact that Stripe states, and beside it what else is another one."""
    price = [theirs.price] if theirs.is_unlisted and theirs.price else []
    found = differing(ours, theirs)
    others = [f"and another {other}" for other in FACTS if other in found - {fact}]
    of_rule = [f"and another rounding rule: {rule}"] if rule else []
    return fact, ", ".join([*price, *others, *of_rule])


def _by_rule(rule: str, ours: Line, theirs: StripeLine) -> Finding:
    """A rounding rule, or the first fact that Stripe states otherwise and the rule beside it."""
    found = differing(ours, theirs)
    fact = next((each for each in FACTS if each in found), None)
    return (Cause.rounding, rule) if fact is None else _stated(fact, rule, ours, theirs)


def _of_couples(rules: Sequence[str], pairs: Sequence[Pair]) -> Iterator[_Hypothesis]:
    """What a change comes to as one line, or as two lines whose sum is rounded."""
    changes = list(couples(pairs))

    def covering(finding: Finding, meant: Iterable[Couple]) -> _Hypothesis:
        numbers = {n for couple in meant for n in (couple.number, couple.number + 1)}
        explains = {n: finding for n in numbers if not pairs[n].agrees}
        return _Hypothesis(explains, frozenset(), is_rule=False)

    deltas = [couple for couple in changes if couple.is_of_the_seats_changed]
    exact = (couple for couple in deltas if any(couple.is_net(rule) for rule in rules))
    yield covering((Cause.seat_delta, ""), exact)
    for rule in RULES:
        meant = (couple for couple in changes if couple.is_one_line or rule in rules)
        nets = (couple for couple in meant if couple.is_net(rule))
        yield covering((Cause.net_rounded, rule), nets)
