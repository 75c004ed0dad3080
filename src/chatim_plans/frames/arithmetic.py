"""The rules of billing in whole numbers, by operators only: one text for every engine.

Each function takes and returns wholes: Python ints, NumPy arrays of int64, or expressions of a
column (narwhals, polars). Instants are Unix seconds, amounts minor units, yes and no are 1 and 0.
What an engine may do in a way of its own is asked of its `Engine`.
Engines differ on the floor of a negative quotient and in what `round` does with a half, so no
operand of `//` is ever negative and nothing is rounded but by `share`. No value passes 2^53, so a
quotient taken in floating point is exact too.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

Whole: TypeAlias = Any
"""A whole number, or a column of them: anything that adds, multiplies and divides as ints do."""


DAY = 86_400
NEVER = 253_402_300_800
"""The first second of the year 10000: later than any instant (rule T1)."""


# Days are counted from 1 March of the year 0, so that a leap day ends its year and its month.
_DAYS_TO_1970 = 719_468
_DAYS_IN_400_YEARS = 146_097
_DAYS_IN_4_YEARS = 1_461
_FARTHEST = 2**51


class Engine:
    """What the rules leave to an engine, which may have a faster way: this one has operators alone.

    Yes and no are 1 and 0, as everywhere in the rules.
    """

    def once(self, value: Whole) -> Whole:
        """`value`, computed once: an engine that would copy its text to each use stages it."""
        return value

    def at_least(self, value: Whole, bound: Whole) -> Whole:
        """1 where `value` is at least `bound`, else 0; they differ by less than 2^51.

        >>> PLAIN.at_least(5, 5), PLAIN.at_least(4, 5)
        (1, 0)
        """
        return (value - bound + _FARTHEST) // _FARTHEST

    def smaller(self, a: Whole, b: Whole) -> Whole:
        """The smaller of two.

        >>> PLAIN.smaller(28, 31), PLAIN.smaller(31, 28)
        (28, 28)
        """
        return chosen(self.at_least(a, b), b, a)

    def first_day(self, month: Whole) -> Whole:
        """The first day of a month: see the function of this name."""
        return first_day(month, self)


PLAIN: Final = Engine()
"""Plain numbers: Python's ints, and columns of an engine that is not told apart."""


def chosen(condition: Whole, yes: Whole, no: Whole) -> Whole:
    """`yes` where the condition is 1, `no` where it is 0.

    >>> chosen(1, 19, 39)
    19
    """
    return no + condition * (yes - no)


def share(total: Whole, left: Whole, whole: Whole, *, credit: int, engine: Engine = PLAIN) -> Whole:
    """The share of `total` for `left` seconds of `whole`, rounded to the nearest; never negative.

    An exact half goes down, or up for a `credit` (1), which is negated afterwards: towards minus
    infinity either way. `total` is at least 0 and `left` at most `whole`, which is at most 366
    days; the product of total and seconds, which may not fit 64 bits, is never formed.

    >>> share(1800, 1, 400, credit=0), -share(1000, 1, 400, credit=1)
    (4, -3)

    Source: rules B3, B4.
    """
    each = engine.once(total // whole)
    rest = total - each * whole
    return each * left + (2 * rest * left + whole - 1 + credit) // (2 * whole)


def calendar_place(at: Whole, engine: Engine = PLAIN) -> tuple[Whole, Whole, Whole]:
    """The month that holds `at`, counted from March of the year 0; the day and second in it.

    >>> calendar_place(0)  # 1970-01-01
    (23638, 0, 0)
    """
    day = engine.once((at + _DAYS_TO_1970 * DAY) // DAY)
    second = at + _DAYS_TO_1970 * DAY - day * DAY
    number, month, day = _place_in_year(day, engine)
    return number, day - (153 * month + 2) // 5, second


def calendar_month(at: Whole, engine: Engine = PLAIN) -> Whole:
    """The month that holds `at`, as `calendar_place` counts it.

    >>> calendar_month(31 * DAY)
    23639
    """
    number, _, _ = _place_in_year(engine.once((at + _DAYS_TO_1970 * DAY) // DAY), engine)
    return number


def _place_in_year(day: Whole, engine: Engine) -> tuple[Whole, Whole, Whole]:
    """The number of the month that holds a day; the month and the day in their year."""
    century = engine.once((4 * day + 3) // _DAYS_IN_400_YEARS)
    day = engine.once((4 * day + 3 - century * _DAYS_IN_400_YEARS) // 4)
    year = engine.once((4 * day + 3) // _DAYS_IN_4_YEARS)
    day = engine.once((4 * day + 3 - year * _DAYS_IN_4_YEARS) // 4)
    month = engine.once((5 * day + 2) // 153)
    return century * 1200 + year * 12 + month, month, day


def first_day(month: Whole, engine: Engine = PLAIN) -> Whole:
    """The first day of a month, both counted from March of the year 0.

    >>> first_day(23638) == 719468  # 1970-01-01
    True
    """
    year = engine.once(month // 12)
    century = engine.once(year // 100)
    leap_days = year // 4 - century + century // 4
    return 365 * year + leap_days + (153 * (month - 12 * year) + 2) // 5


def boundary(month: Whole, day: Whole, second: Whole, engine: Engine = PLAIN) -> Whole:
    """The instant on `day` of `month`, or on the month's last day if it is shorter (rule T3).

    >>> january = 23638 + 12 * 56
    >>> day_after = boundary(january + 1, 30, 0) + DAY  # 28 February 2026
    >>> calendar_place(day_after) == (january + 2, 0, 0)
    True
    """
    wanted = engine.once(engine.first_day(month) + day)
    last = engine.once(engine.first_day(month + 1) - 1)
    return (engine.smaller(wanted, last) - _DAYS_TO_1970) * DAY + second


def period_holding(
    anchor: Whole, months: Whole, at: Whole, engine: Engine = PLAIN
) -> tuple[Whole, Whole]:
    """Start and end of the period that holds `at`, which is not before the anchor.

    >>> january_31, march_1 = 1_769_817_600, 1_772_323_200  # 2026
    >>> period_holding(january_31, 1, march_1) == (march_1 - DAY, march_1 + 30 * DAY)
    True

    Source: rules T2, T3.
    """
    month, day, second = (engine.once(part) for part in calendar_place(anchor, engine))
    elapsed = engine.once(calendar_month(at, engine) - month)
    month = engine.once(month + elapsed // months * months)
    near = engine.once(
        boundary(month, day, second, engine)
    )  # where the period begins, or else ends
    begins = engine.once(engine.at_least(at, near))
    other = engine.once(boundary(month + (2 * begins - 1) * months, day, second, engine))
    start = engine.once(chosen(begins, near, other))
    return start, near + other - start


def amount_due(total: Whole, credit: Whole, smallest: Whole, engine: Engine = PLAIN) -> Whole:
    """What is collected of an invoice: all that the balance does not meet, unless too small.

    >>> amount_due(5700, 700, 50), amount_due(49, 0, 50), amount_due(100, 500, 50)
    (5000, 0, 0)

    Source: rules B7, B10.
    """
    owed = engine.once(total - credit)
    return owed * engine.at_least(owed, smallest)


def change_lines(
    before: Whole, after: Whole, left: Whole, whole: Whole, engine: Engine = PLAIN
) -> tuple[Whole, Whole]:
    """The two lines of a change: the credit for unused time, the charge for remaining time.

    `before` and `after` are what the whole period costs for all seats.

    >>> change_lines(1000, 1800, 1, 400)
    (-3, 4)

    Source: rules B3–B5.
    """
    unused = share(before, left, whole, credit=1, engine=engine)
    return 0 - unused, share(after, left, whole, credit=0, engine=engine)
