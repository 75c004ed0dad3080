"""Half-open periods, and the monthly or yearly cycle that cuts time into them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from attrs import field, frozen
from dateutil.relativedelta import relativedelta

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError, OutOfOrderError
from chatim_plans.foundation.instants import instant, iso, seconds_between
from chatim_plans.foundation.values import Value, named


@frozen(order=False)
class Period(Value):
    """The time from `start` up to, not including, `end`: both UTC instants, never empty.

    >>> from chatim_plans import Period, utc
    >>> january = Period(utc("2026-01-01"), utc("2026-02-01"))
    >>> january.seconds, january.end in january
    (2678400, False)

    Raises:
        InvalidTypeError, InvalidValueError: an end or start that is no instant, or an end that is
            not after the start.

    Source: rule T2.
    """

    start: datetime = field(converter=instant)
    end: datetime = field(converter=instant)

    def __attrs_post_init__(self) -> None:
        if self.end <= self.start:
            expected = f"an instant after the start, {self.start.isoformat()}"
            raise InvalidValueError("period end", self.end, expected)

    @property
    def seconds(self) -> int:
        """How long the period is, in whole seconds: the denominator of a proration (rule B3)."""
        return seconds_between(self.start, self.end)

    def __contains__(self, at: datetime) -> bool:
        return self.start <= instant(at) < self.end

    def __str__(self) -> str:
        """The period as an interval of ISO 8601: its start, a slash, its end."""
        return f"{iso(self.start)}/{iso(self.end)}"

    def _shown(self) -> Iterator[str]:
        yield str(self)

    def encloses(self, part: Period) -> bool:
        """Whether `part` lies wholly inside this period."""
        shapes.instance(part, Period, "part")
        return self.start <= part.start and part.end <= self.end


@frozen(order=False)
class Cycle(Value):
    """The boundaries at which billing recurs: the anchor, and every `months` months after it.

    Each boundary is computed from the anchor by arithmetic, never from the boundary before, so a
    month too short for the anchor's day uses its last day and the next month is right again.

    >>> from chatim_plans import Cycle, utc
    >>> cycle = Cycle(utc("2026-01-31"))
    >>> [f"{cycle.boundary(n):%d %b}" for n in range(4)]
    ['31 Jan', '28 Feb', '31 Mar', '30 Apr']

    Raises:
        InvalidTypeError, InvalidValueError: an anchor that is no instant, or months below 1.

    Source: rule T3; Stripe's billing cycle anchor.
    """

    anchor: datetime = field(converter=instant)
    months: int = 1

    def __attrs_post_init__(self) -> None:
        shapes.whole_number(self.months, "months", at_least=1)

    def _shown(self) -> Iterator[str]:
        yield iso(self.anchor)
        if self.months != 1:
            yield named("months", self.months)

    def boundary(self, n: int) -> datetime:
        """The start of period `n`; period 0 starts at the anchor.

        Raises:
            InvalidTypeError, InvalidValueError: n is no whole number of at least 0, or the
                boundary lies after the year 9999.

        Source: rule T3.
        """
        shapes.whole_number(n, "boundary number", at_least=0)
        try:
            return _months_after(self.anchor, n * self.months)
        except (ValueError, OverflowError):
            expected = f"a boundary before the year 10000, from {self.anchor.isoformat()}"
            raise InvalidValueError("boundary number", n, expected) from None

    def period_holding(self, at: datetime) -> Period:
        """The period of this cycle that holds the instant `at`.

        >>> from chatim_plans import Cycle, utc
        >>> str(Cycle(utc("2026-01-31")).period_holding(utc("2126-02-28")))
        '2126-02-28T00:00Z/2126-03-31T00:00Z'

        Raises:
            OutOfOrderError: `at` is before the anchor, where nothing is billed yet.
            InvalidTypeError, InvalidValueError: no instant, or a period that would end after the
                year 9999.

        Source: rules T2, T3.
        """
        at = instant(at)
        n = self._number_of_period_holding(at)
        return Period(self.boundary(n), self._end(n, at))

    def boundary_after(self, at: datetime) -> datetime:
        """The first boundary later than the instant `at`: the end of the period that holds it.

        Raises:
            OutOfOrderError: `at` is before the anchor, where nothing is billed yet.
            InvalidTypeError, InvalidValueError: no instant, or a period that would end after the
                year 9999.

        Source: rules T2, T3.
        """
        at = instant(at)
        return self._end(self._number_of_period_holding(at), at)

    def _end(self, n: int, at: datetime) -> datetime:
        try:
            return self.boundary(n + 1)
        except InvalidValueError:
            expected = "one whose period ends before the year 10000"
            raise InvalidValueError("instant", at, expected) from None

    def _number_of_period_holding(self, at: datetime) -> int:
        anchor = self.anchor
        if at < anchor:
            raise OutOfOrderError(at, anchor)
        months = (at.year - anchor.year) * 12 + at.month - anchor.month
        n = months // self.months
        # No boundary falls later in its month than the anchor does: most need no look.
        started = at.day > anchor.day or self.boundary(n) <= at
        return n if started else n - 1


# Kept, because both steps are slow, and one read asks for the same boundary several times.
@lru_cache(maxsize=4096)
def _months_after(anchor: datetime, months: int) -> datetime:
    return anchor + _months(months)


@lru_cache(maxsize=4096)
def _months(count: int) -> relativedelta:
    return relativedelta(months=count)
