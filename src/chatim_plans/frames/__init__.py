"""The rules over columns: a month's invoices, periods, prorations and access of whole tables.

With the extra `dataframes`. Every function takes a frame and returns one of the same type, with
columns added; the caller's own columns and the order of rows stay. Known are frames of polars,
pandas and pyarrow, lazy frames of polars, relations of DuckDB, data frames of PySpark, and what
narwhals makes of them. A column in the place of an added one is refused, in capitals too.

What is lazy stays lazy, but for the search for faults: it runs once, when the function is called,
over the columns it reads. Say `checked=True` where the same rows have passed it before.

Owns the rules written over columns, proved equal to the core's. Does not own who holds what: the
caller's table says that.

Instants are timestamps with a time zone, or Unix seconds in whole numbers; added ones are
timestamps in UTC. Amounts are minor units in whole numbers of any type; added ones are int64.
"""

try:
    from chatim_plans.frames.access import entitled
    from chatim_plans.frames.faults import FrameFault, InvalidFrameError
    from chatim_plans.frames.months import invoice_batches, month_invoices
    from chatim_plans.frames.periods import billing_periods, prorations
except ModuleNotFoundError as _missing:
    if (_missing.name or "").startswith("chatim_plans"):
        raise
    raise ImportError(
        "frames need narwhals and numpy: pip install 'chatim-plans[dataframes]'", name=_missing.name
    ) from _missing

__all__ = [
    "FrameFault",
    "InvalidFrameError",
    "billing_periods",
    "entitled",
    "invoice_batches",
    "month_invoices",
    "prorations",
]
