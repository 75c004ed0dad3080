"""What a number of seats costs each month."""

from __future__ import annotations

from chatim_plans.catalog.plans import Plan
from chatim_plans.errors import IntervalMismatchError
from chatim_plans.foundation import shapes
from chatim_plans.foundation.money import Money


def monthly_charge(plan: Plan, seats: int) -> Money:
    """What `seats` active seats cost on `plan` each month; nothing on Free.

    >>> from chatim_plans import PRO
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
