"""The rules of billing in whole numbers, by operators only: one text for every engine.

Each function takes and returns wholes: Python ints, NumPy arrays of int64, or expressions of a
column (narwhals, polars). Instants are Unix seconds, amounts minor units, yes and no are 1 and 0.
What an engine may do in a way of its own is asked of `keep`: see `Numbers`.
Engines differ on the floor of a negative quotient and in what `round` does with a half, so no
operand of `//` is ever negative and nothing is rounded but by `share`. No value passes 2^53, so a
quotient taken in floating point is exact too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from attrs import frozen

Whole: TypeAlias = Any
"""A whole number, or a column of them: anything that adds, multiplies and divides as ints do."""


DAY = 86_400
NEVER = 253_402_300_800
"""The first second of the year 10000: later than any instant (rule T1)."""


# Days are counted from 1 March of the year 0, so that a leap day ends its year and its month.
_EPOCH = 719_468
_CENTURIES = 146_097  # days in four of them
_YEARS = 1_461  # days in four of them
_FAR = 2**51


class Numbers:
    """What the rules leave to an engine: this one is of plain numbers, by operators alone."""

    def __call__(self, value: Whole) -> Whole:
        """Keep a value that is used more than once, so that it is computed once."""
        return value

    def reached(self, value: Whole, mark: Whole) -> Whole:
        """1 where `value` is at least `mark`, else 0; they differ by less than 2^51.

        >>> as_is.reached(5, 5), as_is.reached(4, 5)
        (1, 0)
        """
        return (value - mark + _FAR) // _FAR

    def least(self, a: Whole, b: Whole) -> Whole:
        """The smaller of two.

        >>> as_is.least(28, 31), as_is.least(31, 28)
        (28, 28)
        """
        return chosen(self.reached(a, b), b, a)

    def first_day(self, month: Whole) -> Whole:
        """The first day of a month: see the function of this name."""
        return first_day(month, self)


as_is: Final = Numbers()


@frozen(order=False, eq=False)
class Ruled:
    """What rules say of a row: the columns it gets, and what is refused.

    A refusal is the column at fault, what it should be, and the condition that holds where it is
    not. `columns` mean nothing in a row that is refused.
    """

    columns: Mapping[str, Whole]
    refused: tuple[tuple[str, str, Any], ...]


def chosen(condition: Whole, yes: Whole, no: Whole) -> Whole:
    """`yes` where the condition is 1, `no` where it is 0.

    >>> chosen(1, 19, 39)
    19
    """
    return no + condition * (yes - no)


def share(total: Whole, left: Whole, whole: Whole, *, credit: int, keep: Numbers = as_is) -> Whole:
    """The share of `total` for `left` seconds of `whole`, rounded to the nearest; never negative.

    An exact half goes down, or up for a `credit` (1), which is negated afterwards: towards minus
    infinity either way. `total` is at least 0 and `left` at most `whole`, which is at most 366
    days; the product of total and seconds, which may not fit 64 bits, is never formed.

    >>> share(1800, 1, 400, credit=0), -share(1000, 1, 400, credit=1)
    (4, -3)

    Source: rules B3, B4.
    """
    each = keep(total // whole)
    rest = total - each * whole
    return each * left + (2 * rest * left + whole - 1 + credit) // (2 * whole)


def calendar_place(at: Whole, keep: Numbers = as_is) -> tuple[Whole, Whole, Whole]:
    """The month that holds `at`, counted from March of the year 0; the day and second in it.

    >>> calendar_place(0)  # 1970-01-01
    (23638, 0, 0)
    """
    day = keep((at + _EPOCH * DAY) // DAY)
    second = at + _EPOCH * DAY - day * DAY
    number, month, day = _place_in_year(day, keep)
    return number, day - (153 * month + 2) // 5, second


def calendar_month(at: Whole, keep: Numbers = as_is) -> Whole:
    """The month that holds `at`, as `calendar_place` counts it.

    >>> calendar_month(31 * DAY)
    23639
    """
    number, _, _ = _place_in_year(keep((at + _EPOCH * DAY) // DAY), keep)
    return number


def _place_in_year(day: Whole, keep: Numbers) -> tuple[Whole, Whole, Whole]:
    """The number of the month that holds a day; the month and the day in their year."""
    century = keep((4 * day + 3) // _CENTURIES)
    day = keep((4 * day + 3 - century * _CENTURIES) // 4)
    year = keep((4 * day + 3) // _YEARS)
    day = keep((4 * day + 3 - year * _YEARS) // 4)
    month = keep((5 * day + 2) // 153)
    return century * 1200 + year * 12 + month, month, day


def first_day(month: Whole, keep: Numbers = as_is) -> Whole:
    """The first day of a month, both counted from March of the year 0.

    >>> first_day(23638) == 719468  # 1970-01-01
    True
    """
    year = keep(month // 12)
    century = keep(year // 100)
    leap_days = year // 4 - century + century // 4
    return 365 * year + leap_days + (153 * (month - 12 * year) + 2) // 5


def boundary(month: Whole, day: Whole, second: Whole, keep: Numbers = as_is) -> Whole:
    """The instant on `day` of `month`, or on the month's last day if it is shorter (rule T3).

    >>> january = 23638 + 12 * 56
    >>> day_after = boundary(january + 1, 30, 0) + DAY  # 28 February 2026
    >>> calendar_place(day_after) == (january + 2, 0, 0)
    True
    """
    wanted = keep(keep.first_day(month) + day)
    last = keep(keep.first_day(month + 1) - 1)
    return (keep.least(wanted, last) - _EPOCH) * DAY + second


def period_holding(
    anchor: Whole, months: Whole, at: Whole, keep: Numbers = as_is
) -> tuple[Whole, Whole]:
    """Start and end of the period that holds `at`, which is not before the anchor.

    >>> january_31, march_1 = 1_769_817_600, 1_772_323_200  # 2026
    >>> period_holding(january_31, 1, march_1) == (march_1 - DAY, march_1 + 30 * DAY)
    True

    Source: rules T2, T3.
    """
    month, day, second = (keep(part) for part in calendar_place(anchor, keep))
    elapsed = keep(calendar_month(at, keep) - month)
    month = keep(month + elapsed // months * months)
    near = keep(boundary(month, day, second, keep))  # where the period begins, or else ends
    begins = keep(keep.reached(at, near))
    other = keep(boundary(month + (2 * begins - 1) * months, day, second, keep))
    start = keep(chosen(begins, near, other))
    return start, near + other - start


def trial_end(start: Whole, days: Whole) -> Whole:
    """The end of a trial of `days` × 24 h, which is the anchor if it goes on (rules R1, R3).

    >>> trial_end(0, 30) == 30 * DAY
    True
    """
    return start + days * DAY


def amount_due(total: Whole, credit: Whole, smallest: Whole, keep: Numbers = as_is) -> Whole:
    """What is collected of an invoice: all that the balance does not meet, unless too small.

    >>> amount_due(5700, 700, 50), amount_due(49, 0, 50), amount_due(100, 500, 50)
    (5000, 0, 0)

    Source: rules B7, B10.
    """
    owed = keep(total - credit)
    return owed * keep.reached(owed, smallest)


def change_lines(
    before: Whole, after: Whole, left: Whole, whole: Whole, keep: Numbers = as_is
) -> tuple[Whole, Whole]:
    """The two lines of a change: the credit for unused time, the charge for remaining time.

    `before` and `after` are what the whole period costs for all seats.

    >>> change_lines(1000, 1800, 1, 400)
    (-3, 4)

    Source: rules B3–B5.
    """
    unused = share(before, left, whole, credit=1, keep=keep)
    return 0 - unused, share(after, left, whole, credit=0, keep=keep)
