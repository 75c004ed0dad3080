"""Why a line differs: each cause is recomputed, and the one that explains most is named.

A recomputation yields exact amounts, several where Stripe leaves room, none where it cannot apply.
Long because the causes stand in the order of preference, each beside those it is told from.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from functools import partial
from itertools import chain, islice, pairwise
from math import ceil, floor
from types import MappingProxyType
from typing import TypeAlias

from attrs import evolve, frozen

from chatim_plans.billing.invoices import Invoice, Line, LineKind
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.instants import seconds_between
from chatim_plans.foundation.money import Money
from chatim_plans.stripe.differences import Cause
from chatim_plans.stripe.invoices import StripeLine
from chatim_plans.stripe.matching import Pair, differing
from chatim_plans.stripe.prices import Prices
from chatim_plans.stripe.rounding_rules import ROUNDING_RULES, rules_fitting

_STATED = (Cause.instant, Cause.period, Cause.quantity, Cause.price)
"""What a line states besides its amount, and may so state otherwise than ours."""

_TIMES = frozenset({Cause.instant, Cause.period})


@frozen(order=False)
class Explanation:
    """A cause, and in words what exactly: which rule, which price. The words may be empty."""

    cause: Cause
    detail: str = ""


@frozen(order=False)
class Evidence:
    """The invoice in question, those issued before it, and the prices that are known."""

    invoice: Invoice
    earlier: tuple[Invoice, ...]
    prices: Prices

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans whose price may be meant: of the prices known and of every line."""
        currency = self.invoice.total.currency
        plans = [line.plan for each in (self.invoice, *self.earlier) for line in each.lines]
        by_price = {plan.price: plan for plan in (*self.prices.values(), *plans)}
        return tuple(plan for plan in by_price.values() if plan.price.currency == currency)


def explained(pairs: Sequence[Pair], evidence: Evidence) -> dict[int, Explanation]:
    """The explanation of each of `pairs` that does not agree, by its number."""
    if all(pair.agrees for pair in pairs):
        return {}
    hypotheses = list(_hypotheses(pairs, evidence))
    while True:
        found, chosen = _by_the_best(pairs, evidence.invoice, hypotheses)
        ruled_out = [
            each
            for each in chosen
            if each.is_rule and any(_rules_out(pairs[n], found.get(n)) for n in each.denied_by)
        ]
        if not ruled_out:
            return found
        hypotheses = [each for each in hypotheses if each not in ruled_out]


@frozen(order=False)
class _Hypothesis:
    """What one cause explains, by the numbers of pairs, and the pairs it would make otherwise.

    A rule is one of the whole invoice, and does not stand beside what it would make otherwise.
    """

    explains: Mapping[int, Explanation]
    denied_by: frozenset[int]
    is_rule: bool


def _by_the_best(
    pairs: Sequence[Pair], own: Invoice, hypotheses: Sequence[_Hypothesis]
) -> tuple[dict[int, Explanation], list[_Hypothesis]]:
    """The explanations by the best hypotheses, and those hypotheses."""
    first = min(line.whole.start for line in own.lines)
    last = max(line.whole.end for line in own.lines)
    found = {n: _alone(pair, first, last) for n, pair in enumerate(pairs) if not pair.agrees}
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


def _rules_out(pair: Pair, found: Explanation | None) -> bool:
    """Whether a pair denies a rule that would make it otherwise.

    One does that agrees, or that nothing explains, or another rule, or a fact that is stated; not
    one that was reached in another way, by days for instance, nor at a price that is not known.
    """
    if found is None or found.cause in (Cause.unknown, Cause.rounding):
        return True
    ours, theirs = pair.ours, pair.theirs
    if ours is None or theirs is None or theirs.is_unlisted:
        return False
    return found.cause in differing(ours, theirs)


def _alone(pair: Pair, first: datetime, last: datetime) -> Explanation:
    """The cause of a line by what it says of itself, where no amount shows one.

    Between `first` and `last` are the periods of the invoice.
    """
    line = pair.theirs
    if line is None:
        return Explanation(Cause.unknown)
    if pair.ours is not None:
        unlisted = Explanation(Cause.price, line.price or "")
        return unlisted if line.is_unlisted else Explanation(Cause.unknown)
    outside = line.end <= first or last <= line.start
    origin = line.elsewhere or ("another period" if outside else "")
    return Explanation(Cause.swept if origin else Cause.unknown, origin)


# --- all that could explain a pair ---
_Recomputation: TypeAlias = Callable[[Line, StripeLine], Iterator[Fraction]]
_Naming: TypeAlias = Callable[[Line, StripeLine], Explanation]


def _hypotheses(pairs: Sequence[Pair], evidence: Evidence) -> Iterator[_Hypothesis]:
    """All that could explain a pair, in the order of preference."""
    rules = rules_fitting(evidence.invoice.lines)
    debits = _Debits.among((*evidence.earlier, evidence.invoice))
    yield _of_lines(_always(Cause.billing_mode), partial(_credited, debits), rules, pairs)
    yield _of_unknown_debits(debits, rules, pairs, evidence)
    plain = set[int]()
    for fact in _STATED:
        at_fact = _of_lines(partial(_fact, fact, ""), partial(_restated, fact), rules, pairs)
        plain.update(at_fact.explains)
        yield at_fact
    yield _discounted(rules, pairs)
    for rule in ROUNDING_RULES:
        by_rule = _of_lines(_by_rule(rule), _as_stated, (rule,), pairs, is_rule=True)
        needed = {n: found for n, found in by_rule.explains.items() if n not in plain}
        yield evolve(by_rule, explains=needed)
    cut_share = _always(Cause.rounding, "the share cut to four decimals")
    yield _of_lines(cut_share, _cut, rules, pairs, is_rule=True)
    yield from _of_changes(rules, pairs)
    for count in _SHARES_BY_DAYS:
        yield _of_lines(_always(Cause.days, count), partial(_by_days, count), rules, pairs)
    each_seat = _always(Cause.rounding, "each seat on its own")
    yield _of_lines(each_seat, partial(_by_seat, rules), rules, pairs, is_rule=True)
    for plan in evidence.plans:
        priced = _always(Cause.price, f"that of {plan.key!r}")
        yield _of_lines(priced, partial(_at_price, plan.price.amount), rules, pairs)
    for days in _WHOLES:
        whole = _always(Cause.period, "the whole of it" if days is None else f"of {days} days")
        yield _of_lines(whole, partial(_of_whole, days), rules, pairs)


def _of_lines(
    named: _Naming,
    recomputed: _Recomputation,
    rules: Sequence[str],
    pairs: Sequence[Pair],
    *,
    is_rule: bool = False,
) -> _Hypothesis:
    """What a cause explains line by line; a line that it would make otherwise denies it."""
    explains, denied_by = dict[int, Explanation](), set[int]()
    for number, pair in _first_what_differs(pairs):
        if pair.agrees and not explains:
            break  # what explains nothing need not be denied
        if pair.ours is not None and pair.theirs is not None:
            exact = recomputed(pair.ours, pair.theirs)
            made = {ROUNDING_RULES[rule](amount) for amount in exact for rule in rules}
            if pair.theirs.amount.amount not in made:
                denied_by |= {number} if made else set()
            elif not pair.agrees:
                explains[number] = named(pair.ours, pair.theirs)
    return _Hypothesis(explains, frozenset(denied_by), is_rule)


def _first_what_differs(pairs: Sequence[Pair]) -> list[tuple[int, Pair]]:
    return sorted(enumerate(pairs), key=lambda numbered: numbered[1].agrees)


# --- in words ---
def _always(cause: Cause, detail: str = "") -> _Naming:
    return lambda _ours, _theirs: Explanation(cause, detail)


def _fact(fact: Cause, beside: str, ours: Line, theirs: StripeLine) -> Explanation:
    """A fact that Stripe states, and beside it what else is another one."""
    price = [theirs.price] if theirs.is_unlisted and theirs.price else []
    found = differing(ours, theirs)
    others = [f"and another {other}" for other in _STATED if other in found - {fact}]
    return Explanation(fact, ", ".join([*price, *others, *([beside] if beside else [])]))


def _or_beside_a_fact(
    alone: Explanation, beside: str, ours: Line, theirs: StripeLine
) -> Explanation:
    """An explanation, or the first fact that Stripe states otherwise and that one beside it."""
    found = differing(ours, theirs)
    fact = next((each for each in _STATED if each in found), None)
    return alone if fact is None else _fact(fact, beside, ours, theirs)


def _by_rule(rule: str) -> _Naming:
    beside = f"and another rounding rule: {rule}"
    return partial(_or_beside_a_fact, Explanation(Cause.rounding, rule), beside)


# --- at what Stripe states ---
@frozen(order=False)
class _Debits:
    """What was charged for a time, by the end of it and the seats; the oldest first."""

    of: Mapping[tuple[datetime, int], Sequence[Line]]

    @classmethod
    def among(cls, invoices: Iterable[Invoice]) -> _Debits:
        """Every charge on `invoices`."""
        found: dict[tuple[datetime, int], list[Line]] = {}
        for line in chain.from_iterable(invoice.lines for invoice in invoices):
            if line.kind is not LineKind.unused_time:
                found.setdefault((line.period.end, line.seats), []).append(line)
        return cls({of: sorted(lines, key=_start) for of, lines in found.items()})

    def latest(self, line: Line, theirs: StripeLine) -> Line | None:
        """The charge that a credit of Stripe's for ours is a part of: the latest before it.

        It is at the price and for the seats that Stripe states, else ours.
        """
        seats = line.seats if theirs.quantity is None else theirs.quantity
        debits = self.of.get((theirs.end, seats), ())
        before = reversed(range(bisect_left(debits, theirs.start, key=_start)))
        latest_first = (debits[number] for number in before)
        return next((each for each in latest_first if differing(each, theirs) <= _TIMES), None)


def _start(line: Line) -> datetime:
    return line.period.start


def _credited(debits: _Debits, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The unused share of what the other billing mode than ours credits (rule B12).

    That is the amount that was debited, or the price of the seats: whichever ours is no part of.
    """
    if line.kind is LineKind.unused_time and not differing(line, theirs) & _TIMES:
        debit = debits.latest(line, theirs)
        if debit is not None:
            for amount, time in ((debit.amount, debit.period), (debit.base, debit.whole)):
                share = Fraction(-amount.amount * _length(theirs), time.seconds)
                if share != line.exact:
                    yield share


def _of_unknown_debits(
    debits: _Debits, rules: Sequence[str], pairs: Sequence[Pair], evidence: Evidence
) -> _Hypothesis:
    """What credits of the other billing mode may come to where no invoice given has the debit.

    Of ours in flexible mode the price is known, and the whole period by the charge beside it. Of
    Stripe's, the debit was rounded by less than one half: so its credit is less than a cent from
    the exact one, beside a charge that agrees. Only an invoice after a period's first two can have
    one: the debit that is missing stands on another than the period's own.
    """
    explains = dict[int, Explanation]()
    may_miss_one = not evidence.earlier and evidence.invoice.number not in (1, 2)
    for change in _changes(pairs):
        pair, credit, charge = pairs[change.number], change.credit, change.charge
        theirs = pair.theirs
        agrees = pairs[change.number + 1].agrees and not pair.agrees
        if not agrees or theirs is None or differing(credit, theirs):
            continue
        price = -Fraction(credit.plan.charge(credit.seats).amount * _length(theirs))
        by_price = price / charge.whole.seconds
        made = {ROUNDING_RULES[rule](by_price) for rule in rules}
        if credit.exact != by_price and theirs.amount.amount in made:
            explains[change.number] = Explanation(Cause.billing_mode)
        is_near = credit.exact == by_price and abs(theirs.amount.amount - by_price) < 1
        if is_near and may_miss_one and debits.latest(credit, theirs) is None:
            explains[change.number] = Explanation(Cause.billing_mode, "of a debit not given")
    return _Hypothesis(explains, frozenset(), is_rule=False)


def _restated(fact: Cause, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at the facts that Stripe states, where it states `fact` otherwise."""
    if fact in differing(line, theirs):
        yield from _as_stated(line, theirs)


def _as_stated(line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at the facts that Stripe states, and ours where it states none.

    Where its period ends elsewhere, the whole may be ours, ours with that end, or of any length.
    """
    found = differing(line, theirs)
    price = _price(line, theirs)
    if not theirs.is_proration:
        yield price
    yield price * Fraction(_length(theirs), line.whole.seconds)
    if Cause.period in found:
        if theirs.end > line.whole.start:
            yield price * Fraction(_length(theirs), seconds_between(line.whole.start, theirs.end))
        for days in _WHOLES:
            yield from _part_of_whole(days, line, theirs)


# --- net of discounts ---
@frozen(order=False)
class _Net:
    """A line of Stripe's that is net of discounts, for ours; `gross` is what its facts come to."""

    ours: Line
    theirs: StripeLine
    gross: Fraction

    @classmethod
    def of(cls, pair: Pair) -> Iterator[_Net]:
        """The line of Stripe's in `pair` that discounts explain: it lists some, and is less."""
        ours, theirs = pair.ours, pair.theirs
        if ours is not None and theirs is not None and theirs.discounts and not pair.agrees:
            amounts = (amount for amount in _as_stated(ours, theirs) if amount)
            less = (each for each in amounts if 0 <= theirs.amount.amount / each < 1)
            yield from (cls(ours, theirs, amount) for amount in islice(less, 1))

    def is_off(self, percent: Fraction, rules: Sequence[str]) -> bool:
        """Whether Stripe's is ours less `percent`, before or after ours is rounded."""
        left = 1 - percent / 100
        by = [ROUNDING_RULES[rule] for rule in rules]
        before, after = (
            {rule(self.gross * left) for rule in by},
            {rule(rule(self.gross) * left) for rule in by},
        )
        return self.theirs.amount.amount in before | after

    def explanation(self, percent: Fraction | None) -> Explanation:
        """The discount, or a fact that Stripe states otherwise and the discount beside it."""
        taken = abs(round(self.gross) - self.theirs.amount.amount)
        amount = Money(taken, self.theirs.amount.currency)
        off = f"{amount} off" if percent is None else f"{float(percent):g}% off"
        alone = Explanation(Cause.discount, off)
        return _or_beside_a_fact(alone, f"and a discount: {off}", self.ours, self.theirs)


def _discounted(rules: Sequence[str], pairs: Sequence[Pair]) -> _Hypothesis:
    """What discounts that Stripe lists took off the lines themselves.

    Stripe says which discount, not how much. Where one percentage makes all lines of the same
    discounts, that is named, else the amount.
    """
    nets = {number: net for number, pair in enumerate(pairs) for net in _Net.of(pair)}
    alike: dict[tuple[str, ...], list[_Net]] = {}
    for net in nets.values():
        alike.setdefault(net.theirs.discounts, []).append(net)
    percents = {discounts: _percent_off(of_them, rules) for discounts, of_them in alike.items()}
    explains = {n: net.explanation(percents[net.theirs.discounts]) for n, net in nets.items()}
    return _Hypothesis(explains, frozenset(), is_rule=False)


def _percent_off(nets: Sequence[_Net], rules: Sequence[str]) -> Fraction | None:
    """The percentage, of two decimals at most, that makes all of `nets`; None if none does."""
    largest = max(nets, key=lambda net: abs(net.gross))
    share = 100 * (1 - largest.theirs.amount.amount / largest.gross)
    percents = (round(share, digits) for digits in range(3))
    return next((each for each in percents if all(n.is_off(each, rules) for n in nets)), None)


# --- at the same facts ---
def _cut(line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at the share of the period cut to four decimals."""
    if not differing(line, theirs):
        yield _price(line, theirs) * Fraction(floor(line.fraction * 10_000), 10_000)


def _by_seat(rules: Iterable[str], line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount where each seat is rounded, and their sum is what is charged."""
    if not differing(line, theirs):
        for rule in rules:
            yield Fraction(ROUNDING_RULES[rule](line.exact / line.seats)) * line.seats


def _at_price(amount: int, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at a price of `amount`, where Stripe states none."""
    if theirs.unit_amount is None and not differing(line, theirs):
        yield line.fraction * line.seats * amount * _side(line) * _debited(line)


_WHOLES = MappingProxyType({None: None, 28: 1, 29: 1, 30: 1, 31: 1, 365: 12, 366: 12})
"""The days that a whole period may have, with the months of its interval; None: as many as the
line itself, which then is no part."""


def _of_whole(days: int | None, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount where the whole period has so many days."""
    if theirs.is_proration and not differing(line, theirs):
        yield from _part_of_whole(days, line, theirs)


def _part_of_whole(days: int | None, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    if days is None:
        yield _price(line, theirs)
    elif _WHOLES[days] == line.plan.interval_months:
        yield _price(line, theirs) * Fraction(_length(theirs), days * _DAY)


# --- by days ---
@frozen(order=False)
class _Days:
    """The days of a change: calendar days in UTC that were `used` and are `left`, and 30 for each
    month of the interval; `exactly` are the days left, of 24 hours each.
    """

    used: int
    left: int
    months: int
    exactly: Fraction


_SHARES_BY_DAYS: Mapping[str, Callable[[_Days], Fraction]] = MappingProxyType({
    "the day of the change included": lambda days: Fraction(days.left, days.used + days.left),
    "the day of the change left out": lambda days: Fraction(days.left - 1, days.used + days.left),
    "first and last day included": lambda days: Fraction(days.left + 1, days.used + days.left + 1),
    "days left, rounded up": lambda days: Fraction(ceil(days.exactly), days.used + days.left),
    "days used, of months of 30": lambda days: Fraction(days.months - days.used, days.months),
    "days left, of months of 30": lambda days: Fraction(days.left, days.months),
    "days left, rounded up, of months of 30": lambda days: Fraction(
        ceil(days.exactly), days.months
    ),
})
"""The share by days: of those used and those left, or of 30 for each month."""

_MONTH, _DAY = 30, 86_400


def _by_days(count: str, line: Line, theirs: StripeLine) -> Iterator[Fraction]:
    """The amount at a share by days; the period may start or end at another time of day."""
    used = (theirs.start.date() - line.whole.start.date()).days
    left = (line.whole.end.date() - theirs.start.date()).days
    is_part = theirs.is_proration and used >= 0 and used + left > 0
    if is_part and differing(line, theirs) <= _TIMES:
        exactly = Fraction(seconds_between(theirs.start, line.whole.end), _DAY)
        months = _MONTH * (line.plan.interval_months or 1)
        share = _SHARES_BY_DAYS[count](_Days(used, left, months, exactly))
        yield _price(line, theirs) * share


def _price(line: Line, theirs: StripeLine) -> Fraction:
    """What ours is a part of, with its sign, at the price and quantity that Stripe states."""
    unit = line.plan.price.amount if theirs.unit_amount is None else theirs.unit_amount
    seats = line.seats if theirs.quantity is None else theirs.quantity
    return unit * seats * _side(line) * _debited(line)


def _debited(line: Line) -> Fraction:
    """What ours is a part of, for each minor unit of its plan's price: 1 but in flexible mode."""
    priced = line.plan.charge(line.seats).amount
    return Fraction(line.base.amount, priced) if priced else Fraction(1)


def _side(line: Line) -> int:
    return -1 if line.kind is LineKind.unused_time else 1


def _length(theirs: StripeLine) -> int:
    return seconds_between(theirs.start, theirs.end)


# --- the two lines of a change ---
@frozen(order=False)
class _Change:
    """A credit of ours and the charge after it; the pair of the credit is `number`.

    `theirs` are the lines of Stripe's for the two: one or both.
    """

    number: int
    credit: Line
    charge: Line
    theirs: tuple[StripeLine, ...]

    def is_net(self, rule: str) -> bool:
        """Whether Stripe's lines sum to the exact net, rounded once by `rule`.

        Of two lines, each states what ours does and is rounded still: only then is it the net that
        leads astray.
        """
        ours, exact = (self.credit, self.charge), self.credit.exact + self.charge.exact
        near = self.is_one_line or all(
            not differing(line, their) and abs(their.amount.amount - line.exact) < 1
            for line, their in zip(ours, self.theirs, strict=True)
        )
        net = ROUNDING_RULES[rule](exact)
        return near and sum(line.amount.amount for line in self.theirs) == net

    @property
    def is_one_line(self) -> bool:
        """Whether Stripe has one line for the two."""
        return len(self.theirs) == 1

    @property
    def is_of_the_seats_changed(self) -> bool:
        """Whether Stripe has one line, for the seats added or removed only."""
        seats = abs(self.charge.seats - self.credit.seats)
        one_plan = self.credit.plan == self.charge.plan
        return one_plan and [line.quantity for line in self.theirs] == [seats]


def _of_changes(rules: Sequence[str], pairs: Sequence[Pair]) -> Iterator[_Hypothesis]:
    """What a change comes to as one line, or as two lines whose sum is rounded."""
    changes = list(_changes(pairs))

    def covering(explanation: Explanation, meant: Iterable[_Change]) -> _Hypothesis:
        numbers = {n for change in meant for n in (change.number, change.number + 1)}
        explains = {n: explanation for n in numbers if not pairs[n].agrees}
        return _Hypothesis(explains, frozenset(), is_rule=False)

    of_seats = [change for change in changes if change.is_of_the_seats_changed]
    exact = (change for change in of_seats if any(change.is_net(rule) for rule in rules))
    yield covering(Explanation(Cause.seat_delta), exact)
    for rule in ROUNDING_RULES:
        meant = (change for change in changes if change.is_one_line or rule in rules)
        nets = (change for change in meant if change.is_net(rule))
        yield covering(Explanation(Cause.net_rounded, rule), nets)


def _changes(pairs: Sequence[Pair]) -> Iterator[_Change]:
    """The changes among `pairs` that Stripe has a line for, for the very same time.

    One line for the two is another one than ours; else a line is missing, and nothing is netted.
    """
    for number, (first, second) in enumerate(pairwise(pairs)):
        credit, charge = first.ours, second.ours
        if credit is None or charge is None or not _are_of_one_change(credit, charge):
            continue
        theirs = tuple(pair.theirs for pair in (first, second) if pair.theirs is not None)
        time = (credit.period.start, credit.period.end)
        in_time = all((line.start, line.end) == time for line in theirs)
        if in_time and (len(theirs) == _BOTH or (theirs and not first.agrees | second.agrees)):
            yield _Change(number, credit, charge, theirs)


_BOTH = 2


def _are_of_one_change(credit: Line, charge: Line) -> bool:
    kinds = (credit.kind, charge.kind) == (LineKind.unused_time, LineKind.remaining_time)
    return kinds and credit.period == charge.period
