"""Owns exact arithmetic: whole minor units, rounding, UTC instants, half-open periods.

Does not own plans, customers or prices: nothing here knows what is sold.
Only `periods` knows dateutil.
"""
