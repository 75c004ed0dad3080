"""Owns what an account owes: lines, proration, invoices, the credit balance, the fold of actions.

Does not own what an account may do: billing and access never meet. It decides nothing about plans
either: it prices what the lifecycle says has happened.
"""
