"""The two lines of one change, where Stripe rounds their net, or writes one line for both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from attrs import frozen

from chatim_plans.billing.lines import Line, LineKind
from chatim_plans.integrations.stripe_lines import StripeLine
from chatim_plans.integrations.stripe_matching import Pair, differing
from chatim_plans.integrations.stripe_recomputing import RULES


@frozen(order=False)
class Couple:
    """A credit of ours and the charge after it, of one change; the pair of the credit is `number`.

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
        return near and sum(line.amount.amount for line in self.theirs) == RULES[rule](exact)

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


def couples(pairs: Sequence[Pair]) -> Iterator[Couple]:
    """The changes among `pairs` that Stripe has a line for, for the very same time.

    One line for the two is another one than ours; else a line is missing, and nothing is netted.
    """
    for number, (first, second) in enumerate(pairwise(pairs)):
        credit, charge = first.ours, second.ours
        if credit is None or charge is None or not _is_change(credit, charge):
            continue
        theirs = tuple(pair.theirs for pair in (first, second) if pair.theirs is not None)
        time = (credit.period.start, credit.period.end)
        in_time = all((line.start, line.end) == time for line in theirs)
        if in_time and (len(theirs) == _BOTH or (theirs and not first.agrees | second.agrees)):
            yield Couple(number, credit, charge, theirs)


_BOTH = 2


def _is_change(credit: Line, charge: Line) -> bool:
    kinds = (credit.kind, charge.kind) == (LineKind.unused_time, LineKind.remaining_time)
    return kinds and (credit.period, credit.whole) == (charge.period, charge.whole)
