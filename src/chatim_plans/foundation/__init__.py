"""Owns exact arithmetic: whole minor units, rounding, UTC instants, half-open periods.

Does not own plans, customers or prices: nothing here knows what is sold.
Only `periods` knows dateutil.
"""

from chatim_plans.foundation.errors import (
    InvalidTypeError,
    InvalidValueError,
    OutOfOrderError,
    PlansError,
    UnknownKeyError,
)
from chatim_plans.foundation.instants import utc
from chatim_plans.foundation.money import USD, Currency, CurrencyMismatchError, Money
from chatim_plans.foundation.periods import Cycle, Period
from chatim_plans.foundation.rounding import Rounding

__all__ = [
    "Currency",
    "USD",
    "Money",
    "Rounding",
    "Period",
    "Cycle",
    "utc",
    "PlansError",
    "InvalidValueError",
    "InvalidTypeError",
    "CurrencyMismatchError",
    "UnknownKeyError",
    "OutOfOrderError",
]
