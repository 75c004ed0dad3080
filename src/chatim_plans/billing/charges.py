"""What a number of seats costs each month."""

from __future__ import annotations

from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.periods import Period
from chatim_plans.foundation.rounding import Rounding, rounded
from chatim_plans.subscriptions.refusals import IntervalMismatchError


def monthly_charge(plan: Plan, seats: int) -> Money:
    """What `seats` active seats cost on `plan` each month; nothing on Free.

    >>> from chatim_plans import PRO, monthly_charge
    >>> str(monthly_charge(PRO, 3))
    '57.00 USD'

    Raises:
        IntervalMismatchError: the plan is billed by a longer interval; use `plan.charge`.
        InvalidTypeError, InvalidValueError: no plan, or seats below 1.

    Source: rule B1; the page's example "19 $ × 3 = 57 $/mois".
    """
    if shapes.instance(plan, Plan, "plan").interval_months not in (None, 1):
        because = f"{plan.key!r} is billed every {plan.interval_months} months, not monthly"
        raise IntervalMismatchError(because, "use plan.charge(seats)", plan, 1)
    return plan.charge(seats)


def prorate(
    amount: Money, *, part: Period, whole: Period, rounding: Rounding = Rounding.ties_to_customer
) -> Money:
    """The share of `amount`, the price of the period `whole`, that falls to its `part`.

    Exact to the second until it is rounded once. A credit is the share of a negative amount.

    >>> from chatim_plans import USD, Money, Period, prorate, utc
    >>> month = Period(utc("2026-10-15 09:00"), utc("2026-11-15 09:00"))
    >>> rest = Period(utc("2026-10-27 17:30"), month.end)
    >>> [str(prorate(Money(price, USD), part=rest, whole=month)) for price in (-95_00, 195_00)]
    ['-57.14 USD', '117.29 USD']

    Raises:
        InvalidValueError: the part is not inside the whole.
        InvalidTypeError, UnknownKeyError: no money, no periods, or an unknown rounding.

    Source: rules B3, B4.
    """
    shapes.instance(amount, Money, "amount")
    check_part(part, whole)
    return Money(rounded(amount.amount * part.seconds, whole.seconds, rounding), amount.currency)


def check_part(part: Period, whole: Period) -> None:
    """Refuse a part that is not inside its whole (rule B3).

    Raises:
        InvalidTypeError, InvalidValueError: no periods, or the part begins before or ends after.
    """
    if not shapes.instance(whole, Period, "whole").encloses(part):
        expected = f"a period from {whole.start.isoformat()} to {whole.end.isoformat()}"
        raise InvalidValueError("part", part, expected)
