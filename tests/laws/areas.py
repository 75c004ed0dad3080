"""The area under price × seats over the time paid for, told from what was held alone (B14)."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from chatim_plans import AccountEvent, EventKind, Held, LineKind, Period

_DROPS_LINES = frozenset({EventKind.restriction_lapses, EventKind.cancel_at_once})
_ENDS_PERIOD = frozenset({EventKind.period_renews, EventKind.change_to_free_is_due})
_OVERDUE = frozenset({"past_due", "restricted"})


def _price(held: Held) -> int:
    return held.plan.price.amount * held.seats


class Area:
    """Price × seats of what is held, second by second, each period to its end.

    Three things make it differ from what is held. `excess` is what an overdue shrink leaves charged
    (B11): to the end of the period in classic mode, in flexible mode to the next change, whose
    credit is of what was debited. What D3 and P10 drop was never billed, so the rest of the period
    is paid for as it was when an invoice was last issued; P10 credits none of it.
    """

    def __init__(self) -> None:
        self._period: Period | None = None
        self._since = datetime.min
        self._area = Fraction(0)
        self._rate, self._excess = 0, 0
        self._invoiced = (self._since, self._area, self._rate, self._excess)

    def total(self) -> Fraction:
        """All of it, to the end of the period that runs."""
        if self._period is not None:
            self._go_to(self._period.end)
        return self._area

    def follow(self, event: AccountEvent, *, flexible: bool) -> None:
        """Go on to an event, which met an account billed in flexible mode or in classic."""
        rate = _price(event.after)
        if self._period is not None and event.before is not None:
            if event.kind in _DROPS_LINES:
                self._since, self._area, self._rate, self._excess = self._invoiced
                self._end(self._period)
            elif event.kind in _ENDS_PERIOD:
                self._end(self._period)
            elif rate != _price(event.before):
                self._go_to(event.at)
                if event.kind is EventKind.shrink and event.before.status in _OVERDUE:
                    self._excess += self._rate - rate
                elif flexible:
                    self._excess = 0
                self._rate = rate
        self._start(event, rate)

    def _start(self, event: AccountEvent, rate: int) -> None:
        if event.invoice is None:
            return
        last = event.invoice.lines[-1]
        if last.kind is LineKind.subscription:
            if self._period is not None:  # P9: the old period ends here, but for its excess
                self._rate = 0
                self._end(self._period)
            self._period, self._since, self._rate, self._excess = last.period, event.at, rate, 0
        self._invoiced = (self._since, self._area, self._rate, self._excess)

    def _end(self, period: Period) -> None:
        self._go_to(period.end)
        self._period = None

    def _go_to(self, at: datetime) -> None:
        assert self._period is not None
        seconds = int((at - self._since).total_seconds())
        self._area += Fraction((self._rate + self._excess) * seconds, self._period.seconds)
        self._since = at
